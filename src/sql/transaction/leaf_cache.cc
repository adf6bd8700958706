#include "sql/transaction/leaf_cache.h"

#include <algorithm>
#include <set>

#include "gateway/gateway.h"
#include "gateway/memory_budget.h"

namespace weir::sql {
namespace {

constexpr size_t kFewestLeaves = 1024;
constexpr size_t kLeavesOfSweep = 64;
constexpr int64_t kBytesOfLeaf = 2 << 10;
constexpr int64_t kShareOfMemory = 64;

/// A scan of more leaves than are kept would find none of them.
size_t MostLeaves(const MemoryBudget* memory) {
  if (memory == nullptr) return kFewestLeaves;
  return std::max(kFewestLeaves, static_cast<size_t>(memory->limits().memory / kShareOfMemory / kBytesOfLeaf));
}

}  // namespace

LeafCache::LeafCache(Connection connection, std::shared_ptr<ColumnCache> columns)
    : connection_(std::move(connection)),
      columns_(std::move(columns)),
      most_(MostLeaves(connection_.gateway().memory().get())) {}

Result<LeafPtr> LeafCache::Get(const RelationPtr& relation) {
  {
    MutexLock lock(mutex_);
    if (const LeafPtr* const leaf = leaves_.Find(relation.get())) return *leaf;
  }
  WEIR_ASSIGN_OR_RETURN(LeafPtr leaf, MakeLeaf(connection_, relation));
  MutexLock lock(mutex_);
  if (leaves_.Contains(relation.get())) return leaf;
  leaves_.Add(relation.get(), leaf);
  if (leaves_.size() > most_) leaves_.DropLast();
  if (++added_ > std::max(kLeavesOfSweep, leaves_.size() / 2)) Sweep();
  return leaf;
}

void LeafCache::Sweep() {
  added_ = 0;
  leaves_.EraseIf([](const auto& entry) {
    return entry.second.use_count() == 1 && entry.second->relation.use_count() == 1;  // the cache's, the leaf's
  });
  std::set<LeafId> kept;
  for (const auto& [relation, leaf] : leaves_.entries()) kept.insert(leaf->id());
  columns_->KeepOnly([&](const TableBucket& bucket) { return kept.contains({bucket.table_id, bucket.partition_id}); });
}

}  // namespace weir::sql
