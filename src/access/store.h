#pragma once

#include <functional>
#include <memory>

#include "access/state.h"
#include "gateway/gateway.h"

namespace weir::access {

/// The one store of who may do what, for all doors to a database: the PK table `weir.access`, made with the first
/// change, and what is committed of it in memory. Thread-safe.
class Store {
 public:
  /// The same for all gateways of this process to one database; it stays usable when `gateway` is closed.
  static Result<std::shared_ptr<Store>> Open(const std::shared_ptr<Gateway>& gateway);
  virtual ~Store() = default;

  virtual StatePtr current() const = 0;
  /// Reads what other servers of an Apache Fluss cluster may have changed; elsewhere nobody else changes anything.
  virtual Status Refresh() = 0;
  /// The same where `changes`, a count of what all servers have changed, is another than at the last call.
  virtual Status Follow(int64_t changes) = 0;

  /// Makes `changed`, which was made of `base`, what everybody sees: `write` commits what it is given, the change added
  /// to `request`, all or nothing. 40001: others have changed the same meanwhile.
  using Write = std::function<Status(CommitRequest)>;
  virtual Status Commit(const State& base, const State& changed, CommitRequest request, const Write& write) = 0;
  /// The same for a change alone; it is made again where others were faster.
  virtual Status Change(const std::function<Status(State*)>& change) = 0;

  /// Lets go of the target: what changes something fails from here on.
  virtual Status Close() = 0;
};

/// What one transaction has made of a state, step by step.
class Draft {
 public:
  explicit Draft(StatePtr base) : base_(std::move(base)) {}

  const StatePtr& base() const { return base_; }
  const StatePtr& now() const { return steps_.empty() ? base_ : steps_.back(); }
  void Put(State changed) { steps_.push_back(std::make_shared<const State>(std::move(changed))); }
  bool empty() const { return steps_.empty(); }
  /// A mark to which RollbackTo returns.
  size_t Savepoint() const { return steps_.size(); }
  void RollbackTo(size_t savepoint) { steps_.resize(savepoint); }

 private:
  const StatePtr base_;
  std::vector<StatePtr> steps_;
};

}  // namespace weir::access
