#include "sql/catalog/partition_place.h"

#include <fmt/format.h>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/partition_bounds.h"
#include "sql/catalog/temporary.h"
#include "sql/error.h"

namespace weir::sql {

Status CollectLeaves(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* leaves) {
  if (relation->is_leaf()) {
    leaves->push_back(relation);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, draft.Children(*relation));
  for (const size_t child : children->level.bound_order()) {
    WEIR_RETURN_NOT_OK(CollectLeaves(draft, children->relations[child], leaves));
  }
  return Status::OK();
}

namespace {

/// 23514 when a DEFAULT sibling (none: nothing) has a row that belongs to a new partition of this bound.
Status CheckDefaultSibling(CatalogDraft& draft, const Relation& parent, std::optional<int64_t> default_child,
                           const PartitionBound& bound, const DdlContext& context) {
  if (!default_child || IsDefault(bound)) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr sibling, draft.FindById(*default_child));
  if (!sibling) return Error("XX000", fmt::format("the DEFAULT partition of \"{}\" is gone", parent.path.table));
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(draft, sibling, &leaves));
  const std::string condition = Conjunction(BoundConditions(parent, bound, {}));
  for (const RelationPtr& leaf : leaves) {
    if (leaf->is_foreign() && context.warn) {
      context.warn("23514", fmt::format("skipped scanning foreign table \"{}\" which is a partition of default "
                                        "partition \"{}\"", leaf->path.table, sibling->path.table));
    }
    if (!CatalogDraft::IsMade(*leaf)) continue;
    WEIR_ASSIGN_OR_RETURN(const bool found, context.has_row(*leaf, condition));
    if (!found) continue;
    return Error("23514",
                 fmt::format("updated partition constraint for default partition \"{}\" would be violated by some row",
                             leaf->path.table),
                 {.schema = leaf->path.database, .table = leaf->path.table});
  }
  return Status::OK();
}

}  // namespace

Status CheckPlace(CatalogDraft& draft, const Relation& parent, const NewBound& added, const DdlContext& context) {
  const auto name_of = [&draft](int64_t id) {
    const auto relation = draft.FindById(id);
    return relation.ok() && *relation ? (*relation)->path.table : std::to_string(id);
  };
  std::optional<int64_t> default_child;
  {
    WEIR_ASSIGN_OR_RETURN(const CatalogDraft::Siblings siblings, draft.SiblingsOf(parent));
    WEIR_RETURN_NOT_OK(CheckNewBound(parent, *siblings.own, added.name, added.bound, added.clause, name_of));
    if (siblings.committed) {
      WEIR_RETURN_NOT_OK(CheckNewBound(parent, *siblings.committed, added.name, added.bound, added.clause, name_of,
                                       *siblings.gone));
    }
    WEIR_RETURN_NOT_OK(CheckPartitionCount(parent, siblings.count + 1));
    default_child = siblings.default_child();
  }
  return CheckDefaultSibling(draft, parent, default_child, added.bound, context);
}

Status CheckPersistence(const char* doing, const TablePath& partition, const Relation& parent) {
  const bool temporary = IsTemporary(partition.database);
  if (temporary == IsTemporary(parent.path.database)) return Status::OK();
  return Error("42809", fmt::format("cannot {} a {} relation as partition of {} relation \"{}\"", doing,
                                    temporary ? "temporary" : "permanent", temporary ? "permanent" : "temporary",
                                    parent.path.table));
}

}  // namespace weir::sql
