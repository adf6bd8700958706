#include "sql/engine/routed_leaves.h"

#include <algorithm>

#include "sql/error.h"

namespace weir::sql {

Result<RoutedLeaves::Constraint> RoutedLeaves::ConstraintOf(Catalog& catalog, RelationPtr relation) {
  Constraint constraint;
  while (relation) {
    Level& level = constraint.emplace_back();
    level.relation = relation->id;
    level.bound = relation->bound_text;
    if (!relation->parent) break;
    WEIR_ASSIGN_OR_RETURN(RelationPtr parent, catalog.FindById(*relation->parent));
    if (parent && IsDefault(relation->bound)) {
      WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(*parent));
      for (const RelationPtr& child : children->relations) level.siblings.push_back(child->id);
      std::ranges::sort(level.siblings);
    }
    relation = std::move(parent);
  }
  return constraint;
}

Status RoutedLeaves::Add(Catalog& catalog, const RelationPtr& leaf) {
  std::lock_guard lock(mutex_);
  if (leaves_.contains(leaf->id)) return Status::OK();
  if (leaves_.empty()) version_ = catalog.version();
  WEIR_ASSIGN_OR_RETURN(leaves_[leaf->id], ConstraintOf(catalog, leaf));
  return Status::OK();
}

Status RoutedLeaves::Renew(Catalog& catalog) {
  std::lock_guard lock(mutex_);
  version_ = catalog.version();
  for (auto leaf = leaves_.begin(); leaf != leaves_.end();) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog.FindById(leaf->first));
    if (!relation) {
      leaf = leaves_.erase(leaf);
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(leaf->second, ConstraintOf(catalog, relation));
    ++leaf;
  }
  return Status::OK();
}

Status RoutedLeaves::Check(Catalog& catalog) {
  std::lock_guard lock(mutex_);
  if (leaves_.empty() || catalog.version() == version_) return Status::OK();
  for (const auto& [id, constraint] : leaves_) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog.FindById(id));
    WEIR_ASSIGN_OR_RETURN(const Constraint now, ConstraintOf(catalog, relation));
    if (now == constraint) continue;
    return Error("40001", "could not serialize access: the partition that rows were written to was changed",
                 {.hint = "The transaction might succeed if retried."});
  }
  return Status::OK();
}

void RoutedLeaves::Clear() {
  std::lock_guard lock(mutex_);
  leaves_.clear();
}

}  // namespace weir::sql
