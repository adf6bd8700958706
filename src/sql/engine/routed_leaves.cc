#include "sql/engine/routed_leaves.h"

#include <algorithm>

#include "sql/error.h"

namespace weir::sql {

Result<RoutedLeaves::Constraint> RoutedLeaves::ConstraintOf(CatalogView& view, RelationPtr relation) {
  Constraint constraint;
  while (relation) {
    Level& level = constraint.emplace_back();
    level.relation = relation->id;
    level.bound = relation->bound_text;
    if (!relation->parent) break;
    WEIR_ASSIGN_OR_RETURN(RelationPtr parent, view.FindById(*relation->parent));
    if (parent && IsDefault(relation->bound)) {
      WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, view.Children(*parent));
      for (const RelationPtr& child : children->relations) level.siblings.push_back(child->id);
      std::ranges::sort(level.siblings);
    }
    relation = std::move(parent);
  }
  return constraint;
}

Status RoutedLeaves::Add(CatalogView& view, const RelationPtr& leaf) {
  MutexLock lock(mutex_);
  if (leaves_.contains(leaf->id)) return Status::OK();
  if (leaves_.empty()) version_ = committed_.version();
  WEIR_ASSIGN_OR_RETURN(leaves_[leaf->id], ConstraintOf(view, leaf));
  return Status::OK();
}

Status RoutedLeaves::Renew(CatalogView& view) {
  MutexLock lock(mutex_);
  version_ = committed_.version();
  for (auto leaf = leaves_.begin(); leaf != leaves_.end();) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, view.FindById(leaf->first));
    if (!relation) {
      leaf = leaves_.erase(leaf);
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(leaf->second, ConstraintOf(view, relation));
    ++leaf;
  }
  return Status::OK();
}

Status RoutedLeaves::Check(CatalogView& view) {
  MutexLock lock(mutex_);
  // Of what others change on a cluster the version says nothing.
  const bool unchanged = committed_.gateway().is_embedded() && committed_.version() == version_;
  if (leaves_.empty() || unchanged) return Status::OK();
  for (const auto& [id, constraint] : leaves_) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, view.FindById(id));
    WEIR_ASSIGN_OR_RETURN(const Constraint now, ConstraintOf(view, relation));
    if (now == constraint) continue;
    return Error("40001", "could not serialize access: the partition that rows were written to was changed",
                 {.hint = "The transaction might succeed if retried."});
  }
  return Status::OK();
}

void RoutedLeaves::Forget(const std::function<bool(int64_t leaf)>& is_dropped) {
  MutexLock lock(mutex_);
  std::erase_if(leaves_, [&](const auto& leaf) { return is_dropped(leaf.first); });
}

void RoutedLeaves::Clear() {
  MutexLock lock(mutex_);
  leaves_.clear();
}

}  // namespace weir::sql
