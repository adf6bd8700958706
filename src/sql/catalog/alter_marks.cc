#include "sql/catalog/alter_marks.h"

#include <fmt/format.h>

#include <charconv>

#include "postgres/made_type.h"
#include "sql/catalog/alter_column.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_options.h"
#include "sql/catalog/temporary.h"
#include "sql/dialect/tablespace.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status CheckParameter(const std::string& name, const std::string& value) {
  if (name != "n_distinct" && name != "n_distinct_inherited") {
    return Error("22023", fmt::format("unrecognized parameter \"{}\"", name));
  }
  if (value.empty()) return Status::OK();
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) {
    return Error("22023", fmt::format("invalid value for floating point option \"{}\": {}", name, value));
  }
  if (number >= -1) return Status::OK();
  return Error(
      "22023", fmt::format("value {} out of bounds for option \"{}\"", value, name),
      {.detail = "Valid values are between \"-1.000000\" and \"179769313486231570814527423731704356798070567525"
                 "84499659891747680315726078002853876058955863276687817154045895351438246423432132688946418276"
                 "84675467035375169860499105765512820762454900903893289440758685084551339423045832369032229481"
                 "6580855933212334774797926204144723168738177180919299881250404026184124858368.000000\"."});
}

/// What an index that a table is marked by is like; nothing: the table has none of that name.
struct MarkedIndex {
  const SqlIndex* index = nullptr;  // null: that of the primary key
};

std::optional<MarkedIndex> FindIndexToMark(const Relation& table, const std::string& name) {
  for (const RelationPtr& own : table.indexes) {
    if (own->path.table == name) return MarkedIndex{&*own->index};
  }
  const SqlConstraint* constraint = table.FindConstraint(name);
  const bool primary = constraint != nullptr && constraint->kind == SqlConstraint::Kind::kPrimaryKey;
  return primary ? std::optional(MarkedIndex{}) : std::nullopt;
}

Status NoIndexToMark(const Relation& table, const std::string& name) {
  return Error("42704", fmt::format("index \"{}\" for table \"{}\" does not exist", name, table.path.table));
}

/// Rows are told apart by it.
Status CheckIdentifies(const Relation& table, const std::string& name) {
  const auto found = FindIndexToMark(table, name);
  if (!found) return NoIndexToMark(table, name);
  if (found->index == nullptr) return Status::OK();
  const SqlIndex& index = *found->index;
  if (!index.unique) {
    return Error("42809", fmt::format("cannot use non-unique index \"{}\" as replica identity", name));
  }
  if (!index.expressions.empty()) {
    return Error("0A000", fmt::format("cannot use expression index \"{}\" as replica identity", name));
  }
  if (!index.condition.empty()) {
    return Error("0A000", fmt::format("cannot use partial index \"{}\" as replica identity", name));
  }
  for (const int at : KeyPositionsOf(index, table)) {
    const SqlColumn& column = table.columns[static_cast<size_t>(at)];
    if (column.not_null) continue;
    return Error("42809",
                 fmt::format("index \"{}\" cannot be used as replica identity because column \"{}\" is nullable", name,
                             column.name));
  }
  return Status::OK();
}

}  // namespace

Result<char> CompressionNamed(const std::string& method) {
  if (method == "default") return '\0';
  if (method == "pglz" || method == "lz4") return method.front();
  return Error("22023", fmt::format("invalid compression method \"{}\"", method));
}

Status CheckCompressible(const SqlColumn& column) {
  WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
  if (type.size < 0) return Status::OK();
  return Error("0A000", fmt::format("column data type {} does not support compression",
                                    postgres::WithTypeNames(column.type)));
}

Status Alter(const alter::SetCompression& action, const DdlContext&, AlteredTree* tree) {
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(SqlColumn* const column, ColumnOf(member, action.column));
    if (action.method != "default") WEIR_RETURN_NOT_OK(CheckCompressible(*column));
    WEIR_ASSIGN_OR_RETURN(column->compression, CompressionNamed(action.method));
  }
  return Status::OK();
}

Status Alter(const alter::SetParameters& action, const DdlContext&, AlteredTree* tree) {
  for (AlteredRelation& member : tree->members()) {
    WEIR_ASSIGN_OR_RETURN(SqlColumn* const column, ColumnOf(member, action.column));
    for (const auto& [name, value] : action.set) {
      WEIR_RETURN_NOT_OK(CheckParameter(name, value));
      column->parameters[name] = value;
    }
    for (const std::string& name : action.reset) {
      WEIR_RETURN_NOT_OK(CheckParameter(name, ""));
      column->parameters.erase(name);
    }
  }
  return Status::OK();
}

/// What crashes keep refers to nothing that they empty.
Status CheckReferences(const Relation& table, bool logged, CatalogDraft* draft) {
  std::vector<int64_t> others = table.referenced_by;
  if (logged) {
    others.clear();
    for (const SqlConstraint& constraint : table.constraints) {
      if (constraint.foreign) others.push_back(constraint.foreign->table);
    }
  }
  for (const int64_t id : others) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr other, draft->FindById(id));
    if (!other || id == table.id || other->marks.unlogged != logged) continue;
    return Error("42P16", fmt::format("could not change table \"{}\" to {} because it references {} table \"{}\"",
                                      table.path.table, logged ? "logged" : "unlogged",
                                      logged ? "unlogged" : "logged", other->path.table));
  }
  return Status::OK();
}

/// Of a partitioned table PostgreSQL changes nothing.
Status Alter(const alter::SetLogged& action, const DdlContext&, AlteredTree* tree) {
  Relation& table = tree->root().now;
  if (IsTemporary(table.path.database)) {
    return Error("42P16", fmt::format("cannot change logged status of table \"{}\" because it is temporary",
                                      table.path.table),
                 {.table = table.path.table});
  }
  WEIR_RETURN_NOT_OK(CheckReferences(table, action.logged, tree->draft()));
  if (!table.is_partitioned()) table.marks.unlogged = !action.logged;
  return Status::OK();
}

Status Alter(const alter::SetReplicaIdentity& action, const DdlContext&, AlteredTree* tree) {
  Relation& table = tree->root().now;
  if (action.identity == 'i') WEIR_RETURN_NOT_OK(CheckIdentifies(table, action.index));
  table.marks.replica_identity = action.identity;
  table.marks.identity_index = action.index;
  return Status::OK();
}

Status Alter(const alter::ClusterOn& action, const DdlContext&, AlteredTree* tree) {
  Relation& table = tree->root().now;
  if (!action.index.empty()) {
    const auto found = FindIndexToMark(table, action.index);
    if (!found) return NoIndexToMark(table, action.index);
    if (table.is_partitioned()) return Error("0A000", "cannot mark index clustered in partitioned table");
    if (found->index != nullptr && !found->index->condition.empty()) {
      return Error("0A000", fmt::format("cannot cluster on partial index \"{}\"", action.index));
    }
  }
  table.marks.clustered_on = action.index;
  return Status::OK();
}

Status Alter(const alter::SetStore& action, const DdlContext&, AlteredTree* tree) {
  if (action.tablespace.empty()) {
    if (!tree->root().now.is_partitioned()) return CheckAccessMethod(action.access_method);
    return Error("0A000", "cannot change access method of a partitioned table");
  }
  return CheckTablespaceOfTable(action.tablespace);
}

Status Alter(const alter::SwitchTriggers& action, const DdlContext&, AlteredTree* tree) {
  if (!action.trigger.empty()) {
    return Error("42704", fmt::format("trigger \"{}\" for table \"{}\" does not exist", action.trigger,
                                      tree->root().name()));
  }
  for (AlteredRelation& member : tree->members()) member.now.marks.triggers_off = !action.enable;
  return Status::OK();
}

void RenameInMarks(const std::string& from, const std::string& to, KeptMarks* marks) {
  for (std::string* name : {&marks->identity_index, &marks->clustered_on}) {
    if (*name == from) *name = to;
  }
}

}  // namespace weir::sql
