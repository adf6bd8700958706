#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "types/mutex.h"

namespace weir::sql {

/// The leaves that a transaction's rows were routed to, and the constraint that each stood under: its bounds up to the
/// root and, where one of them is DEFAULT, its siblings. Locks keep these as they are within this process; the check at
/// commit holds for who changes the tree elsewhere. Add may be called from many threads.
class RoutedLeaves {
 public:
  /// `committed`: whose version tells whether anybody has changed a tree.
  explicit RoutedLeaves(const Catalog& committed) : committed_(committed) {}

  /// `view`: the trees as the transaction sees them, its own changes included.
  Status Add(CatalogView& view, const RelationPtr& leaf);
  /// After the transaction has changed trees itself: they stand as it has left them.
  Status Renew(CatalogView& view);
  /// 40001 when one would not take its rows any more.
  Status Check(CatalogView& view);
  /// Those that the transaction itself has dropped are not looked at any more.
  void Forget(const std::function<bool(int64_t leaf)>& is_dropped);
  void Clear();

 private:
  struct Level {
    int64_t relation = 0;
    std::string bound;
    std::vector<int64_t> siblings;  // of DEFAULT, ascending
    bool operator==(const Level&) const = default;
  };
  using Constraint = std::vector<Level>;
  static Result<Constraint> ConstraintOf(CatalogView& view, RelationPtr relation);

  const Catalog& committed_;
  Mutex mutex_;
  uint64_t version_ WEIR_GUARDED_BY(mutex_) = 0;  // of the catalog, since when nothing was added or renewed
  std::map<int64_t, Constraint> leaves_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir::sql
