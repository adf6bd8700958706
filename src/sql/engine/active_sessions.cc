#include "sql/engine/active_sessions.h"

#include <utility>

namespace weir::sql {
namespace {

int64_t MicrosecondsOfClock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

}  // namespace

std::string_view StateName(SessionActivity::State state) {
  switch (state) {
    case SessionActivity::State::kActive: return "active";
    case SessionActivity::State::kIdle: return "idle";
    case SessionActivity::State::kInTransaction: return "idle in transaction";
    case SessionActivity::State::kInFailedTransaction: return "idle in transaction (aborted)";
  }
  return "";
}

ActiveSessions::ActiveSessions() : opened_(MicrosecondsOfClock()), next_transaction_id_(opened_) {}

std::unique_ptr<ActiveSessions::Place> ActiveSessions::Enter(SessionActivity activity, Control control) {
  const int32_t process_id = activity.process_id;
  MutexLock lock(mutex_);
  entries_[process_id] = {std::move(activity), std::move(control)};
  return std::make_unique<Place>(*this, process_id);
}

void ActiveSessions::Leave(int32_t process_id) {
  MutexLock lock(mutex_);
  entries_.erase(process_id);
  left_.notify_all();
}

void ActiveSessions::Update(int32_t process_id, const std::function<void(SessionActivity*)>& change) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(process_id);
  if (found != entries_.end()) change(&found->second.activity);
}

std::vector<SessionActivity> ActiveSessions::List() const {
  std::vector<SessionActivity> all;
  MutexLock lock(mutex_);
  for (const auto& [process_id, entry] : entries_) all.push_back(entry.activity);
  return all;
}

std::optional<SessionActivity> ActiveSessions::Find(int32_t process_id) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(process_id);
  return found == entries_.end() ? std::nullopt : std::optional(found->second.activity);
}

bool ActiveSessions::Cancel(int32_t process_id) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(process_id);
  if (found == entries_.end()) return false;
  found->second.control.cancel();
  return true;
}

bool ActiveSessions::Terminate(int32_t process_id) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(process_id);
  if (found == entries_.end()) return false;
  found->second.control.terminate();
  return true;
}

bool ActiveSessions::AwaitEnd(int32_t process_id, std::chrono::milliseconds timeout) const {
  MutexLock lock(mutex_);
  return left_.wait_for(lock.native(), timeout, [&]() WEIR_REQUIRES(mutex_) { return !entries_.contains(process_id); });
}

}  // namespace weir::sql
