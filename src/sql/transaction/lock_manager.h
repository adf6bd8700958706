#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sql/transaction/lock_mode.h"
#include "sql/transaction/locked_objects.h"
#include "types/mutex.h"
#include "weir/status.h"

namespace weir::sql {

enum class LockPolicy { kWait, kNoWait };
enum class LockGrant { kAtOnce, kAfterWait, kNotAvailable };

class LockOwner;
struct LockWaiter;

/// The locks of one database, in memory. Who asks stands in line for each object: a request waits for
/// holders and earlier requests that conflict with it, unless its owner holds the object already.
/// Deadlocks are looked for when a wait begins, the only moment at which one can come to be.
/// Knows nothing of what is locked. Thread-safe.
class LockManager : public std::enable_shared_from_this<LockManager> {
 public:
  /// `number`: the process id of the owner's session; 0: it is no session's.
  std::shared_ptr<LockOwner> NewOwner(int64_t number);

  /// A lock that is held or waited for (pg_locks).
  struct Entry {
    LockTag tag;
    LockMode mode = LockMode::kAccessShare;
    int64_t owner = 0;
    bool granted = false;
    std::optional<std::chrono::system_clock::time_point> waits_since = {};
  };
  /// Of rows only those that somebody waits for.
  std::vector<Entry> List() const;
  /// The owners that an owner waits for, each once.
  std::vector<int64_t> BlockersOf(int64_t owner) const;

 private:
  friend class LockOwner;
  friend struct LockWaiter;
  /// What an owner keeps a lock for.
  enum class For { kTransaction, kSession };
  struct Holder {
    LockOwner* owner = nullptr;
    LockModes for_transaction = 0;
    LockModes for_session = 0;
    LockModes modes() const { return for_transaction | for_session; }
    LockModes& kept(For keeper) { return keeper == For::kSession ? for_session : for_transaction; }
  };
  /// Nearly every row lock has one holder and nobody in line: nothing more is allocated for it.
  struct Crowd {
    std::vector<Holder> holders;
    std::vector<LockWaiter*> line;
  };
  struct Object {
    Holder first;
    std::unique_ptr<Crowd> crowd;  // the other holders, and who waits
    bool unused() const { return first.owner == nullptr && crowd == nullptr; }
  };

  Result<LockGrant> Acquire(MutexLock& guard, LockOwner& owner, const LockTag& tag, LockMode mode, For keeper,
                            LockPolicy policy) WEIR_REQUIRES(mutex_);
  Result<LockGrant> Wait(MutexLock& guard, LockWaiter& waiter) WEIR_REQUIRES(mutex_);
  static void Grant(Object& object, LockOwner& owner, const LockTag& tag, LockMode mode, For keeper);
  void Release(LockOwner& owner, const LockTag& tag, LockMode mode, For keeper) WEIR_REQUIRES(mutex_);
  /// After something was given back: whoever can have what he waits for gets it; forgets an object that nobody needs.
  void Settle(LockTag tag, Object& object) WEIR_REQUIRES(mutex_);
  void Leave(LockWaiter& waiter) WEIR_REQUIRES(mutex_);

  static Holder* Find(Object& object, const LockOwner& owner);
  static const Holder* Find(const Object& object, const LockOwner& owner);
  static std::vector<LockOwner*> Blockers(const Object& object, const LockOwner& owner, LockMode mode,
                                          const LockWaiter* place);
  std::vector<LockWaiter*> FindCycle(LockWaiter& start) WEIR_REQUIRES(mutex_);

  mutable Mutex mutex_;
  LockedObjects<Object> objects_ WEIR_GUARDED_BY(mutex_);
};

/// One session as a holder of locks: those of its transaction, which end with it, and those that it
/// keeps until it gives them back (advisory locks). A lock that the owner holds never blocks itself.
/// Any thread of the session's statement may ask for locks; the rest is for one thread at a time.
class LockOwner {
 public:
  /// `number` names the owner in messages ("Process 7").
  LockOwner(std::shared_ptr<LockManager> manager, int64_t number);
  ~LockOwner();
  LockOwner(const LockOwner&) = delete;
  LockOwner& operator=(const LockOwner&) = delete;

  /// Takes a lock for the rest of the transaction. With kNoWait what others hold is kNotAvailable.
  /// Else it waits: 40P01 when the wait would never end, 55P03 after the lock timeout, 57014 when interrupted.
  Result<LockGrant> Lock(const LockTag& tag, LockMode mode, LockPolicy policy = LockPolicy::kWait);
  /// All of them, one after the other as they stand; locks got before an error are kept.
  Result<LockGrant> Lock(std::span<const LockTag> tags, LockMode mode);
  /// The first of them, up to one that it has waited for, or with kNoWait before one that others hold. What it has
  /// got is gone from `tags`.
  Result<LockGrant> LockNext(std::span<const LockTag>* tags, LockMode mode, LockPolicy policy = LockPolicy::kWait);

  /// A place in the transaction to which ReleaseTo returns: locks taken since are given back.
  size_t mark() const;
  void ReleaseTo(size_t mark);
  /// Gives back those of some objects' locks that were taken since `mark`. `tags`: ascending.
  void ReleaseSince(size_t mark, std::span<const LockTag> tags);
  void EndTransaction() {
    if (!std::exchange(ends_later_, false)) return ReleaseTo(0);
    ended_ = true;
  }
  /// The transaction's next end keeps its locks until EndNow: what it has changed is not in sight for all before.
  void EndLater() {
    ends_later_ = true;
    ended_ = false;
  }
  void EndNow() {
    ends_later_ = false;
    if (std::exchange(ended_, false)) ReleaseTo(0);
  }

  /// Locks that outlive transactions; as many unlocks as locks give it back.
  Result<LockGrant> LockForSession(const LockTag& tag, LockMode mode, LockPolicy policy);
  /// False when the session does not hold it.
  bool UnlockForSession(const LockTag& tag, LockMode mode);
  void UnlockAllForSession();
  /// What the session keeps, and how often.
  using Kept = std::map<std::pair<LockTag, LockMode>, int64_t>;
  Kept kept() const;
  /// Gives back what it has taken since, but for what it had then: a statement that runs again takes it again.
  void UnlockSince(const Kept& before);

  /// How long later waits may take; 0: for ever.
  void set_timeout(std::chrono::milliseconds timeout) { timeout_ = timeout; }
  int64_t number() const { return number_; }

  /// Ends present and later waits with 57014, until the next statement. From any thread.
  void Interrupt();
  void ClearInterrupt();

 private:
  friend class LockManager;
  struct Taken {
    LockTag tag;
    LockMode mode;
  };

  const std::shared_ptr<LockManager> manager_;
  const int64_t number_;
  std::chrono::milliseconds timeout_{0};
  bool ends_later_ = false;
  bool ended_ = false;

  // The manager's mutex guards these; in the manager's functions clang cannot see that it is the owner's.
  std::vector<Taken> taken_;  // by the transaction, in order
  Kept kept_;                 // by the session: how often
  std::vector<LockWaiter*> waiting_;  // one for each thread that waits
  bool interrupted_ = false;
};

}  // namespace weir::sql
