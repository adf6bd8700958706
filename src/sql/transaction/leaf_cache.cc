#include "sql/transaction/leaf_cache.h"

namespace weir::sql {
namespace {

constexpr size_t kMaxCachedLeaves = 1024;

}  // namespace

Result<LeafPtr> LeafCache::Get(const RelationPtr& relation) {
  if (LeafPtr leaf = Find(relation.get())) return leaf;
  WEIR_ASSIGN_OR_RETURN(LeafPtr leaf, MakeLeaf(connection_, relation));
  Keep(leaf);
  return leaf;
}

LeafPtr LeafCache::Find(const Relation* relation) {
  std::lock_guard lock(mutex_);
  const auto found = leaves_.find(relation);
  if (found == leaves_.end()) return nullptr;
  recently_used_.splice(recently_used_.begin(), recently_used_, found->second.position);
  return found->second.leaf;
}

void LeafCache::Keep(const LeafPtr& leaf) {
  const Relation* const relation = leaf->relation.get();
  std::lock_guard lock(mutex_);
  if (leaves_.contains(relation)) return;
  recently_used_.push_front(relation);
  leaves_[relation] = {leaf, recently_used_.begin()};
  if (leaves_.size() <= kMaxCachedLeaves) return;
  leaves_.erase(recently_used_.back());
  recently_used_.pop_back();
}

}  // namespace weir::sql
