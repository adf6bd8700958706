#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/role.h"
#include "sql/session.h"
#include "types/mutex.h"

namespace weir::sql {

/// What others may see of a session (pg_stat_activity). Times are microseconds since 1970 UTC.
struct SessionActivity {
  enum class State { kActive, kIdle, kInTransaction, kInFailedTransaction };
  int32_t process_id = 0;
  std::string database;
  access::RoleId role = access::kWeir;  // who has logged in
  std::string user;                     // as that role has called itself
  std::string application_name = {};
  std::optional<ClientSocket> client = {};  // none: a session inside of this process
  State state = State::kIdle;
  std::string query = {};  // the last one
  int64_t started = 0;
  std::optional<int64_t> transaction_started = {};
  std::optional<int64_t> query_started = {};
  int64_t state_changed = 0;
  int32_t transactions = 0;                 // that it has begun
  std::optional<int64_t> transaction_id = {};  // of the one that is open, where it has a number
};

/// "idle in transaction"
std::string_view StateName(SessionActivity::State state);

/// The sessions of one target: what each is at, and how others end what it does. It belongs to the target, as the
/// locks do. Thread-safe.
class ActiveSessions {
 public:
  /// What others may have a session do. Called under the lock of the registry: they must not come back to it.
  struct Control {
    std::function<void()> cancel;     // its statement
    std::function<void()> terminate;  // the session
  };

  /// A session's place in the registry, for as long as it is there. It must end before the registry.
  class Place {
   public:
    Place(ActiveSessions& sessions, int32_t process_id) : sessions_(sessions), process_id_(process_id) {}
    ~Place() { sessions_.Leave(process_id_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void Update(const std::function<void(SessionActivity*)>& change) { sessions_.Update(process_id_, change); }

   private:
    ActiveSessions& sessions_;
    const int32_t process_id_;
  };

  ActiveSessions();

  /// `activity.process_id` is no other session's.
  std::unique_ptr<Place> Enter(SessionActivity activity, Control control);
  /// By process id.
  std::vector<SessionActivity> List() const;
  std::optional<SessionActivity> Find(int32_t process_id) const;

  /// False when there is no such session.
  bool Cancel(int32_t process_id);
  bool Terminate(int32_t process_id);
  /// Whether the session is gone by then.
  bool AwaitEnd(int32_t process_id, std::chrono::milliseconds timeout) const;

  /// Numbers of transactions grow, those of a later start of the same directory too: they begin with the clock.
  int64_t NewTransactionId() { return next_transaction_id_++; }
  /// When the target was opened, in microseconds since 1970 UTC.
  int64_t opened() const { return opened_; }

 private:
  struct Entry {
    SessionActivity activity;
    Control control;
  };
  void Leave(int32_t process_id);
  void Update(int32_t process_id, const std::function<void(SessionActivity*)>& change);

  mutable Mutex mutex_;
  mutable std::condition_variable left_;
  std::map<int32_t, Entry> entries_ WEIR_GUARDED_BY(mutex_);
  const int64_t opened_;
  std::atomic<int64_t> next_transaction_id_;
};

}  // namespace weir::sql
