#pragma once

#include <cstddef>

#include "sql/transaction/leaf.h"
#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir::sql {

/// What transactions have made of relations that others will ask for again. Thread-safe.
class LeafCache {
 public:
  explicit LeafCache(Connection connection);

  /// As MakeLeaf.
  Result<LeafPtr> Get(const RelationPtr& relation);

 private:
  const Connection connection_;
  const size_t most_;
  Mutex mutex_;
  // Each keeps its relation, so that no other has its address.
  RecentlyUsed<const Relation*, LeafPtr> leaves_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir::sql
