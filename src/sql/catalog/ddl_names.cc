#include "sql/catalog/ddl_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/table_rules.h"
#include "postgres/value/character.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/system_schemas.h"
#include "sql/error.h"

namespace weir::sql {

TablePath PathOf(const QualifiedName& name, const std::string& database, const TemporaryTables& temporary) {
  const bool own = name.schema == kTemporarySchema && !temporary.database.empty();
  if (own || (name.schema.empty() && name.database.empty() && temporary.names.contains(name.name))) {
    return {temporary.database, name.name};
  }
  if (!name.schema.empty() && name.schema != "public") return {name.schema, name.name};
  return {name.database.empty() ? database : name.database, name.name};
}

TablePath PathOf(const QualifiedName& name, const DdlContext& context) {
  return PathOf(name, context.database, context.temporary);
}

/// As errors show a name: with the schema when it was written.
std::string Shown(const QualifiedName& name) { return name.schema.empty() ? name.name : name.schema + "." + name.name; }

std::string SeenName(const std::string& database, const std::string& name, const DdlContext& context) {
  std::string quoted = QuoteIdentifier(name);
  bool seen = database == context.database;
  if (context.databases_of_path) {
    const Result<std::vector<std::string>> path = context.databases_of_path();
    seen = IsTemporary(database) || (path.ok() && std::ranges::find(*path, database) != path->end());
  }
  if (seen) return quoted;
  return (database == context.database ? "public" : QuoteIdentifier(database)) + "." + quoted;
}

const char* NameOfKind(const Relation& relation) {
  if (relation.is_foreign()) return "foreign table";
  if (relation.is_view()) return "view";
  if (relation.is_materialized()) return "materialized view";
  if (relation.is_index()) return "index";
  if (relation.is_functions()) return "function";
  return relation.is_sequence() ? "sequence" : "table";
}

std::string PluralOfKind(const Relation& relation) {
  return relation.is_index() ? "indexes" : NameOfKind(relation) + std::string("s");
}

std::string HowToDrop(const Relation& relation) {
  if (relation.is_foreign()) return "Use DROP FOREIGN TABLE to remove a foreign table.";
  if (relation.is_view()) return "Use DROP VIEW to remove a view.";
  if (relation.is_materialized()) return "Use DROP MATERIALIZED VIEW to remove a materialized view.";
  if (relation.is_index()) return "Use DROP INDEX to remove an index.";
  return relation.is_sequence() ? "Use DROP SEQUENCE to remove a sequence." : "Use DROP TABLE to remove a table.";
}

Status NoRelation(const QualifiedName& name, int position) {
  return Error("42P01", fmt::format("relation \"{}\" does not exist", Shown(name)), {.position = position});
}

Result<RelationPtr> FindNamed(CatalogDraft& draft, const QualifiedName& name, const DdlContext& context,
                              bool if_exists) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, draft.Find(PathOf(name, context)));
  if (!relation && !if_exists) return NoRelation(name);
  return relation;
}

Notices Skipped(const QualifiedName& name) {
  return {fmt::format("relation \"{}\" does not exist, skipping", Shown(name))};
}

Status NameIsTaken(const std::string& name) {
  return Error("42P07", fmt::format("relation \"{}\" already exists", name));
}

namespace {

/// A leaf that KWDB's PARTITION BY has made for `relation`, which is it or the part of an index on it; else null.
Result<RelationPtr> KwdbLeafOf(CatalogDraft& draft, const RelationPtr& relation) {
  RelationPtr leaf = relation;
  if (relation->is_index()) {
    if (!relation->index->parent) return RelationPtr();
    WEIR_ASSIGN_OR_RETURN(leaf, draft.FindById(relation->index->table));
  }
  if (!leaf || !leaf->parent) return RelationPtr();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr root, draft.FindById(*leaf->parent));
  return root && !root->declared_by.empty() ? leaf : RelationPtr();
}

/// To KWDB it is no relation, so that its name is anybody's: it takes another one.
Status GiveWay(const RelationPtr& relation, const RelationPtr& leaf, CatalogDraft* draft) {
  TablePath path = relation->path;
  for (RelationPtr taken = relation; taken;) {
    path.table += "_";
    WEIR_ASSIGN_OR_RETURN(taken, draft->Find(path));
  }
  auto now = std::make_shared<Relation>(*leaf);
  if (relation->is_index()) {
    WEIR_RETURN_NOT_OK(RenameIndexOf(*relation, path.table, draft, now.get()));
  } else {
    now->path = path;
  }
  draft->Put(std::move(now), leaf);
  return Status::OK();
}

}  // namespace

Result<RelationPtr> FindTaken(CatalogDraft& draft, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr taken, draft.Find(path));
  if (!taken) return taken;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, KwdbLeafOf(draft, taken));
  if (!leaf) return taken;
  WEIR_RETURN_NOT_OK(GiveWay(taken, leaf, &draft));
  return RelationPtr();
}

Status CheckNewName(CatalogDraft& draft, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr taken, draft.Find(path));
  return taken ? NameIsTaken(path.table) : CheckName(path);
}

Status RequiredBy(const std::string& what, const std::string& name) {
  return Error("2BP01", fmt::format("cannot drop {} because {} requires it", what, name),
               {.hint = fmt::format("You can drop {} instead.", name)});
}

Status CheckMayAlter(const Relation& relation) {
  if (CatalogImpl::IsSql(relation)) return Status::OK();
  return Error("0A000", fmt::format("\"{}\" is not SQL's to alter", relation.path.table),
               {.detail = "The table was made through Fluss, which keeps its definition."});
}

Status CheckPartitioned(const Relation& table) {
  if (table.is_partitioned()) return CheckOwn(table);
  return Error("42P17", fmt::format("table \"{}\" is not partitioned", table.path.table));
}

Status CheckOwn(const Relation& relation) {
  if (CatalogImpl::IsSql(relation)) return Status::OK();
  return Error("0A000", fmt::format("the partitions of \"{}\" are not SQL's to change", relation.path.table),
               {.detail = "The table was made through Fluss, which keeps its partitions."});
}

Status CheckNoKwdbLeaf(CatalogDraft& draft, const RelationPtr& relation) {
  if (!relation || relation->is_index()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, KwdbLeafOf(draft, relation));
  if (!leaf) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr root, draft.FindById(*leaf->parent));
  return CheckNotDeclared(*root);
}

Status CheckNotDeclared(const Relation& relation) {
  if (relation.declared_by.empty() && !relation.declared) return Status::OK();
  return Error("0A000", "modifying partitions after creation is not supported",
               {.hint = "use ALTER TABLE ... PARTITION BY NOTHING first"});
}

Status CheckDatabase(CatalogDraft& draft, const TablePath& path, const QualifiedName& name) {
  if (path.database == kSystemDatabase) {
    return Error("42501", fmt::format("permission denied: \"{}\" is a system database", kSystemDatabase));
  }
  WEIR_ASSIGN_OR_RETURN(const bool exists, draft.DatabaseExists(path.database));
  if (exists) return Status::OK();
  if (IsMaintenanceDatabase(path.database)) {
    draft.PutDatabase(path.database);
    return Status::OK();
  }
  const bool schema = !name.schema.empty() && name.schema != "public";
  return schema
             ? Error("3F000", fmt::format("schema \"{}\" does not exist", path.database), {.position = name.position})
             : Error("3D000", fmt::format("database \"{}\" does not exist", path.database));
}

Status CheckDatabaseName(const std::string& name, bool is_schema) {
  const char* kind = is_schema ? "schema" : "database";
  const bool prefixed = name.starts_with("pg_");
  if (prefixed || name == kSystemDatabase || name == kToolkitSchemaName) {
    return Error("42939", fmt::format("unacceptable {} name \"{}\"", kind, name),
                 {.detail = prefixed ? "The prefix \"pg_\" is reserved for system schemas."
                                     : "The name is reserved for the system."});
  }
  const Status valid = ValidateDatabaseName(FlussNameOf(name));
  return valid.ok() ? valid : Error("42602", valid.message());
}

Status CheckName(const TablePath& path) {
  const Status valid = ValidateTableName(FlussNameOf(path.table));
  return valid.ok() ? valid : Error("42602", valid.message());
}

std::string ObjectName(std::string_view table, std::string_view columns, std::string_view label) {
  constexpr size_t kMost = 63;
  const size_t room = kMost - label.size() - 1 - (columns.empty() ? 0 : 1);
  size_t of_table = table.size();
  size_t of_columns = columns.size();
  while (of_table + of_columns > room) --(of_table > of_columns ? of_table : of_columns);
  std::string name(postgres::Clipped(table, of_table));
  if (!columns.empty()) name.append("_").append(postgres::Clipped(columns, of_columns));
  return name.append("_").append(label);
}

}  // namespace weir::sql
