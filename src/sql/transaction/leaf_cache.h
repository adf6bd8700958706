#pragma once

#include <cstddef>
#include <memory>

#include "client/column_cache.h"
#include "sql/transaction/leaf.h"
#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir::sql {

/// What transactions have made of relations that others will ask for again. Thread-safe.
class LeafCache {
 public:
  /// `columns`: of leaves; those of leaves that go from here go from there as well.
  LeafCache(Connection connection, std::shared_ptr<ColumnCache> columns);

  /// As MakeLeaf.
  Result<LeafPtr> Get(const RelationPtr& relation);

 private:
  /// Drops the leaves of relations that nobody else knows any more: they were changed or dropped.
  void Sweep() WEIR_REQUIRES(mutex_);

  const Connection connection_;
  const std::shared_ptr<ColumnCache> columns_;
  const size_t most_;
  Mutex mutex_;
  // Each keeps its relation, so that no other has its address.
  RecentlyUsed<const Relation*, LeafPtr> leaves_ WEIR_GUARDED_BY(mutex_);
  size_t added_ WEIR_GUARDED_BY(mutex_) = 0;  // since the last sweep
};

}  // namespace weir::sql
