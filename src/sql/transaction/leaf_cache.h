#pragma once

#include <cstddef>
#include <mutex>

#include "sql/transaction/leaf.h"
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
  std::mutex mutex_;
  RecentlyUsed<const Relation*, LeafPtr> leaves_;  // each keeps its relation, so that no other has its address
};

}  // namespace weir::sql
