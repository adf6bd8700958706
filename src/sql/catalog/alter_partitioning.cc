// KWDB's ALTER TABLE … PARTITION BY: a plain table becomes the root of a tree, or the other way round, and its rows
// move with the same commit.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/table_definition.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using NewLeaves = std::vector<std::shared_ptr<Relation>>;

/// What a leaf declares follows what those before it do; the one of the rest declares nothing.
void AddDeclared(const Relation& leaf, std::vector<DeclaredPartition>* declared) {
  if (leaf.declared && !leaf.declared->name.empty()) declared->push_back(*leaf.declared);
}

bool HasSameKey(const Relation& a, const Relation& b) {
  const auto same = [](const SqlPartitionKeyPart& one, const SqlPartitionKeyPart& other) {
    return one.column == other.column && one.shard == other.shard;
  };
  return a.declared_by == b.declared_by && std::ranges::equal(a.partition_key->parts, b.partition_key->parts, same);
}

/// A partitioned table may be partitioned as it is, and no other way.
Status CheckSamePartitions(const Relation& table, const InlinePartitions& wanted, const DdlContext& context,
                           CatalogDraft* draft) {
  Relation other = table;
  WEIR_ASSIGN_OR_RETURN(const std::vector<Relation> leaves, DeclarePartitions(wanted, context, draft, &other));
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(table));
  std::vector<DeclaredPartition> declared;
  for (const Relation& leaf : leaves) AddDeclared(leaf, &declared);
  std::vector<DeclaredPartition> now;
  for (const RelationPtr& child : children->relations) AddDeclared(*child, &now);
  return HasSameKey(table, other) && now == declared ? Status::OK() : CheckNotDeclared(table);
}

Status CheckKeys(const Relation& root) {
  WEIR_RETURN_NOT_OK(CheckConstraints(root));
  for (const RelationPtr& index : root.indexes) {
    if (!index->index->unique) continue;
    WEIR_RETURN_NOT_OK(CheckUniqueHoldsPartitionKey(root, KeyColumnsOf(*index->index, root)));
  }
  return Status::OK();
}

Result<NewLeaves> MakeLeaves(std::vector<Relation> leaves, const Relation& root, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(int64_t id, draft->TakeIds(static_cast<int64_t>(leaves.size())));
  NewLeaves made;
  for (Relation& leaf : leaves) {
    made.push_back(std::make_shared<Relation>(std::move(leaf)));
    made.back()->id = id++;
    made.back()->parent = root.id;
    WEIR_RETURN_NOT_OK(AddIndexesOfNew(&root, draft, made.back().get()));
  }
  return made;
}

/// The rows of a table that has any go to the leaves that they belong to.
Status MoveRows(const RelationPtr& table, const Relation& root, const NewLeaves& leaves, const DdlContext& context,
                CatalogDraft* draft) {
  if (!CatalogDraft::IsMade(*table)) return Status::OK();
  std::vector<PartitionBound> bounds;
  for (const auto& leaf : leaves) bounds.push_back(leaf->bound);
  WEIR_ASSIGN_OR_RETURN(PartitionLevel level, PartitionLevel::Make(LevelKey(root), std::move(bounds)));
  WEIR_RETURN_NOT_OK(draft->MakeTables());
  WEIR_RETURN_NOT_OK(draft->MakeTablesOf(leaves));
  WEIR_RETURN_NOT_OK(draft->NoteRowsOf(*table));
  return context.spread_rows(table, root, {std::move(level), {leaves.begin(), leaves.end()}});
}

Status PartitionTable(const RelationPtr& table, const InlinePartitions& partitions, const DdlContext& context,
                      CatalogDraft* draft) {
  auto root = std::make_shared<Relation>(*table);
  root->table = nullptr;
  WEIR_ASSIGN_OR_RETURN(std::vector<Relation> declared, DeclarePartitions(partitions, context, draft, root.get()));
  WEIR_RETURN_NOT_OK(CheckKeys(*root));
  RenewIndexes(draft, root.get());
  WEIR_ASSIGN_OR_RETURN(const NewLeaves leaves, MakeLeaves(std::move(declared), *root, draft));
  WEIR_RETURN_NOT_OK(MoveRows(table, *root, leaves, context, draft));
  draft->Put(root, table);
  for (const auto& leaf : leaves) draft->Put(leaf, nullptr);
  return Status::OK();
}

/// The rows of all leaves go to the table, whose Fluss table is made for them.
Status GatherRows(const std::vector<RelationPtr>& leaves, const std::shared_ptr<Relation>& whole,
                  const DdlContext& context, CatalogDraft* draft) {
  const auto made = [](const RelationPtr& leaf) { return CatalogDraft::IsMade(*leaf); };
  if (std::ranges::none_of(leaves, made)) return Status::OK();
  WEIR_RETURN_NOT_OK(draft->MakeTables());
  WEIR_RETURN_NOT_OK(draft->MakeTablesOf({whole}));
  for (const RelationPtr& leaf : leaves) {
    WEIR_RETURN_NOT_OK(draft->NoteRowsOf(*leaf));
    WEIR_RETURN_NOT_OK(context.copy_rows(leaf, SameRows(whole->columns), whole).status());
  }
  return Status::OK();
}

Status UnpartitionTable(const RelationPtr& table, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft->Children(*table));
  auto whole = std::make_shared<Relation>(*table);
  whole->partition_key.reset();
  whole->declared_by.clear();
  RenewIndexes(draft, whole.get());
  WEIR_RETURN_NOT_OK(GatherRows(children->relations, whole, context, draft));
  for (const RelationPtr& leaf : children->relations) {
    for (const RelationPtr& index : leaf->indexes) draft->Remove(index);
    draft->Remove(leaf);
  }
  draft->Put(std::move(whole), table);
  return Status::OK();
}

Status CheckMayBePartitioned(const Relation& table) {
  if (table.is_foreign() || !table.is_table()) {
    return Error("42809", fmt::format("\"{}\" is not a table", table.path.table));
  }
  WEIR_RETURN_NOT_OK(CheckOwn(table));
  if (table.parent) return Error("0A000", "nested partitioning is not supported");
  if (!table.inherits.empty() || !table.inherited_by.empty()) {
    return Error("0A000", fmt::format("cannot partition \"{}\", which inherits from tables or is inherited from",
                                      table.path.table));
  }
  if (!table.is_partitioned() || !table.declared_by.empty()) return Status::OK();
  return Error("0A000", "modifying partitions after creation is not supported",
               {.detail = fmt::format("The partitions of \"{}\" were made one by one.", table.path.table),
                .hint = "Use ALTER TABLE ... ATTACH PARTITION and DETACH PARTITION."});
}

}  // namespace

Result<Notices> Execute(const AlterPartitioning& statement, const DdlContext& context, CatalogDraft* draft) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, FindNamed(*draft, statement.name, context, statement.if_exists));
  if (!table) return Skipped(statement.name);
  WEIR_RETURN_NOT_OK(CheckMayBePartitioned(*table));
  Status done;
  if (statement.partitions && table->is_partitioned()) {
    done = CheckSamePartitions(*table, *statement.partitions, context, draft);
  } else if (statement.partitions) {
    done = PartitionTable(table, *statement.partitions, context, draft);
  } else if (table->is_partitioned()) {
    done = UnpartitionTable(table, context, draft);
  }
  if (!done.ok()) return done;
  return Notices();
}

}  // namespace weir::sql
