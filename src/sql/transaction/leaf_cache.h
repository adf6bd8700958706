#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <unordered_map>

#include "sql/transaction/leaf.h"

namespace weir::sql {

/// What transactions have made of relations that others will ask for again. Thread-safe.
class LeafCache {
 public:
  explicit LeafCache(Connection connection) : connection_(std::move(connection)) {}

  /// As MakeLeaf.
  Result<LeafPtr> Get(const RelationPtr& relation);

 private:
  struct Cached {
    LeafPtr leaf;  // keeps its relation, so that no other has its address
    std::list<const Relation*>::iterator position;
  };

  LeafPtr Find(const Relation* relation);
  void Keep(const LeafPtr& leaf);

  const Connection connection_;
  std::mutex mutex_;
  std::unordered_map<const Relation*, Cached> leaves_;
  std::list<const Relation*> recently_used_;
};

}  // namespace weir::sql
