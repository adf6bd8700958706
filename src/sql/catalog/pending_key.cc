#include "sql/catalog/pending_key.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/alter_column.h"
#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

RelationPtr PendingKeyOf(const Relation& table) {
  const auto found = std::ranges::find_if(table.indexes, [](const RelationPtr& own) { return own->index->primary; });
  return found == table.indexes.end() ? nullptr : *found;
}

/// A table's primary key, there or awaited.
struct KeyOfTable {
  RelationPtr table;
  RelationPtr pending;  // null: it is there
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string> included;
};

std::optional<KeyOfTable> FindKey(const RelationPtr& table) {
  if (const RelationPtr pending = PendingKeyOf(*table)) {
    const IndexClause clause = ClauseOf(*pending, *table);
    return KeyOfTable{table, pending, pending->path.table, clause.columns, clause.included};
  }
  for (const SqlConstraint& constraint : table->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    return KeyOfTable{table, nullptr, constraint.name, constraint.columns, constraint.included};
  }
  return std::nullopt;
}

Result<bool> AllPartitionsHave(const KeyOfTable& key, CatalogDraft& draft) {
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*key.table));
  return std::ranges::all_of(children->relations, [&](const RelationPtr& child) {
    const auto own = FindKey(child);
    return own && own->pending == nullptr && own->columns == key.columns;
  });
}

/// The index makes room for the key once no partition lacks it; then a key above may be there, too.
Result<Notices> Complete(const KeyOfTable& key, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const bool all, AllPartitionsHave(key, *draft));
  if (!all) return Notices();
  WEIR_ASSIGN_OR_RETURN(AlteredTree tree, AlteredTree::Load(draft, key.table, true));
  RemoveIndexes({key.pending}, draft, &tree.root().now);
  TableConstraint definition;
  definition.kind = TableConstraint::Kind::kPrimaryKey;
  definition.name = key.name;
  definition.columns = key.columns;
  definition.included = key.included;
  WEIR_RETURN_NOT_OK(AddPrimaryKey(definition, &tree.root()));
  WEIR_ASSIGN_OR_RETURN(Notices notices, tree.Finish(context));
  if (!key.table->parent) return notices;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr parent, draft->FindById(*key.table->parent));
  const auto above = parent ? FindKey(parent) : std::nullopt;
  if (!above || above->pending == nullptr) return notices;
  WEIR_ASSIGN_OR_RETURN(const Notices more, Complete(*above, context, draft));
  notices.insert(notices.end(), more.begin(), more.end());
  return notices;
}

Status CannotAttachKey(const KeyOfTable& whole, const std::string& part, std::string_view sqlstate,
                       std::string detail) {
  return Error(sqlstate, fmt::format("cannot attach index \"{}\" as a partition of index \"{}\"", part, whole.name),
               {.detail = std::move(detail)});
}

Status CheckKeysFit(const KeyOfTable& whole, const KeyOfTable& part) {
  if (!whole.table->is_partitioned()) {
    return Error("42809",
                 fmt::format("ALTER action ATTACH PARTITION cannot be performed on relation \"{}\"", whole.name),
                 {.detail = "This operation is not supported for indexes."});
  }
  if (part.table->parent != whole.table->id) {
    return CannotAttachKey(whole, part.name, "55000",
                           fmt::format("Index \"{}\" is not an index on any partition of table \"{}\".", part.name,
                                       whole.table->path.table));
  }
  if (part.columns == whole.columns) return Status::OK();
  return CannotAttachKey(whole, part.name, "42P17", "The index definitions do not match.");
}

}  // namespace

Result<RelationPtr> TableOfKey(CatalogView& catalog, const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr named, catalog.Find(path));
  if (named) {
    const bool pending = named->is_index() && named->index->primary;
    return pending ? catalog.FindById(named->index->table) : RelationPtr();
  }
  WEIR_ASSIGN_OR_RETURN(const auto relations, catalog.ListRelations(path.database));
  for (const RelationPtr& relation : relations) {
    const auto key = FindKey(relation);
    if (key && key->name == path.table) return relation;
  }
  return RelationPtr();
}

Status AddPendingKey(const TableConstraint& definition, AlteredTree* tree) {
  Relation& root = tree->root().now;
  Relation checked = root;
  WEIR_RETURN_NOT_OK(AddConstraint(definition, &checked));
  WEIR_RETURN_NOT_OK(CheckConstraints(checked));
  if (PendingKeyOf(root) != nullptr) return MultiplePrimaryKeys(root, definition.position);
  for (const RelationPtr& partition : tree->left_out()) {
    for (const std::string& name : definition.columns) {
      WEIR_RETURN_NOT_OK(CheckIsNotNull(*partition, name));
    }
  }
  const IndexClause clause{.name = checked.constraints.back().name,
                           .columns = definition.columns,
                           .included = definition.included,
                           .position = definition.position};
  WEIR_ASSIGN_OR_RETURN(const auto index, AddIndex(clause, std::nullopt, tree->draft(), &root));
  index->index->valid = false;
  index->index->primary = true;
  return Status::OK();
}

Result<std::optional<Notices>> AttachKey(const AttachIndex& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr whole_table, TableOfKey(*draft, PathOf(statement.name, context)));
  if (!whole_table) return std::optional<Notices>();
  const KeyOfTable whole = *FindKey(whole_table);
  WEIR_ASSIGN_OR_RETURN(const RelationPtr part_table, TableOfKey(*draft, PathOf(statement.partition, context)));
  if (!part_table) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr other, FindNamed(*draft, statement.partition, context));
    return CannotAttachKey(whole, other->path.table, "42P17",
                           fmt::format("The index \"{}\" belongs to a constraint in table \"{}\" but no constraint "
                                       "exists for index \"{}\".",
                                       whole.name, whole_table->path.table, other->path.table));
  }
  WEIR_RETURN_NOT_OK(CheckKeysFit(whole, *FindKey(part_table)));
  if (whole.pending == nullptr) return std::optional(Notices());
  WEIR_ASSIGN_OR_RETURN(Notices notices, Complete(whole, context, draft));
  return std::optional(std::move(notices));
}

}  // namespace weir::sql
