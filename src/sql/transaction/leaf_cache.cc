#include "sql/transaction/leaf_cache.h"

#include <cstddef>

namespace weir::sql {
namespace {

constexpr size_t kMaxCachedLeaves = 1024;

}  // namespace

Result<LeafPtr> LeafCache::Get(const RelationPtr& relation) {
  {
    std::lock_guard lock(mutex_);
    if (const LeafPtr* const leaf = leaves_.Find(relation.get())) return *leaf;
  }
  WEIR_ASSIGN_OR_RETURN(LeafPtr leaf, MakeLeaf(connection_, relation));
  std::lock_guard lock(mutex_);
  if (leaves_.Contains(relation.get())) return leaf;
  leaves_.Add(relation.get(), leaf);
  if (leaves_.size() > kMaxCachedLeaves) leaves_.DropLast();
  return leaf;
}

}  // namespace weir::sql
