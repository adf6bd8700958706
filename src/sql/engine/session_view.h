#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weir {
class Gateway;
}

namespace weir::sql {

class ActiveSessions;
class LockManager;
class RejectionLog;

/// A cursor of the session that asks (pg_cursors). Times are microseconds since 1970 UTC.
struct KnownCursor {
  std::string name;
  std::string statement;
  bool hold = false;
  bool scrollable = false;
  int64_t created = 0;
};

/// What PREPARE has made in the session that asks (pg_prepared_statements).
struct KnownPrepared {
  std::string name;
  std::string statement;
  int64_t created = 0;
  std::vector<uint32_t> parameter_types;
};

/// What the system catalogs show of the target's sessions, and of the one that asks.
struct SessionView {
  int32_t process_id = 0;  // as pg_backend_pid gives it
  ActiveSessions* sessions = nullptr;
  LockManager* locks = nullptr;
  Gateway* gateway = nullptr;
  RejectionLog* rejections = nullptr;
  std::function<std::vector<KnownCursor>()> cursors;
  std::function<std::vector<KnownPrepared>()> prepared;
  std::function<void(const std::string&)> warn;  // tells the client beside the result
  /// The number of the transaction that is open; `assign`: it gets one where it has none.
  std::function<std::optional<int64_t>(bool assign)> transaction_id;
};

}  // namespace weir::sql
