#include "sql/catalog/key_of_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/alter_constraint.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr const char* kSuchAnIndex = "Cannot create a primary key or unique constraint using such an index.";

Result<RelationPtr> FindIndexOf(const Relation& table, const TableConstraint& written, CatalogDraft* draft) {
  const auto own = std::ranges::find_if(
      table.indexes, [&](const RelationPtr& index) { return index->path.table == written.using_index; });
  if (own != table.indexes.end()) return *own;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr other, draft->Find({table.path.database, written.using_index}));
  if (other && other->is_index()) {
    return Error("55000", fmt::format("index \"{}\" does not belong to table \"{}\"", written.using_index,
                                      table.path.table),
                 {.position = written.position});
  }
  return Error("42704", fmt::format("index \"{}\" does not exist", written.using_index),
               {.position = written.position});
}

Status CheckMayBeKey(const Relation& found, const TableConstraint& written) {
  const SqlIndex& index = *found.index;
  const std::string& name = found.path.table;
  const auto unfit = [&](std::string message) {
    return Error("42809", std::move(message), {.detail = kSuchAnIndex, .position = written.position});
  };
  if (index.constraint) {
    return Error("55000", fmt::format("index \"{}\" is already associated with a constraint", name),
                 {.position = written.position});
  }
  if (index.parent || index.shards > 0 || index.declared) {
    return Error("0A000", fmt::format("a key of index \"{}\", which is a part of another, is not supported", name));
  }
  if (!index.unique) return unfit(fmt::format("\"{}\" is not a unique index", name));
  if (!index.expressions.empty()) return unfit(fmt::format("index \"{}\" contains expressions", name));
  if (!index.condition.empty()) return unfit(fmt::format("\"{}\" is a partial index", name));
  for (size_t i = 0; i < index.orders.size(); ++i) {
    if (index.orders[i] == SqlIndex::Order()) continue;
    return unfit(fmt::format("index \"{}\" column number {} does not have default sorting behavior", name, i + 1));
  }
  return Status::OK();
}

TableConstraint ConstraintOf(const RelationPtr& index, const TableConstraint& written, const Relation& table) {
  TableConstraint key = written;
  const IndexClause clause = ClauseOf(*index, table);
  key.columns = clause.columns;
  key.included = clause.included;
  key.nulls_not_distinct = !clause.nulls_distinct;
  if (key.name.empty()) key.name = index->path.table;
  return key;
}

struct IndexAndKey {
  RelationPtr index;
  TableConstraint key;
};

/// The index that the statement names, and the key that it becomes.
Result<IndexAndKey> FindKey(const TableConstraint& written, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  if (root.now.is_partitioned()) {
    return Error("0A000", "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables");
  }
  WEIR_ASSIGN_OR_RETURN(RelationPtr index, FindIndexOf(root.now, written, tree->draft()));
  WEIR_RETURN_NOT_OK(CheckMayBeKey(*index, written));
  TableConstraint key = ConstraintOf(index, written, root.now);
  if (root.now.FindConstraint(key.name) != nullptr) {
    return Error("42710", fmt::format("constraint \"{}\" for relation \"{}\" already exists", key.name, root.name()));
  }
  const std::string& before = index->path.table;
  if (key.name != before) {
    tree->Note(fmt::format("ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{}\" to \"{}\"", before,
                           key.name));
  }
  return IndexAndKey{std::move(index), std::move(key)};
}

}  // namespace

Status AddKeyOfIndex(const TableConstraint& written, AlteredTree* tree) {
  AlteredRelation& root = tree->root();
  WEIR_ASSIGN_OR_RETURN(IndexAndKey found, FindKey(written, tree));
  auto& [index, key] = found;
  if (key.kind == TableConstraint::Kind::kPrimaryKey) {
    RemoveIndexes({index}, tree->draft(), &root.now);
    return AddPrimaryKey(key, &root);
  }
  if (key.name != index->path.table) {
    WEIR_RETURN_NOT_OK(RenameIndexOf(*index, key.name, tree->draft(), &root.now));
    WEIR_ASSIGN_OR_RETURN(index, tree->draft()->FindById(index->id));
  }
  auto of_key = std::make_shared<Relation>(*index);
  of_key->index->constraint = true;
  PutIndex(std::move(of_key), tree->draft(), &root.now);
  return AddConstraint(key, &root.now);
}

Result<TableConstraint> DeferrableKeyOfIndex(const TableConstraint& written, AlteredTree* tree) {
  WEIR_ASSIGN_OR_RETURN(IndexAndKey found, FindKey(written, tree));
  RemoveIndexes({found.index}, tree->draft(), &tree->root().now);
  for (const std::string& column : found.key.columns) {
    found.key.exclusion.push_back({.column = {.name = column}, .op = "="});
  }
  return std::move(found.key);
}

}  // namespace weir::sql
