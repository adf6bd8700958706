#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gateway/gateway.h"
#include "server/fluss/call.h"
#include "server/fluss/login.h"
#include "server/fluss/sql_sessions.h"
#include "types/mutex.h"

namespace weir {

/// Schemas by table and id, asked for once: a table's schema of one id never changes.
class ServedSchemas {
 public:
  explicit ServedSchemas(std::shared_ptr<Gateway> gateway) : gateway_(std::move(gateway)) {}
  Future<std::shared_ptr<const Schema>> Get(int64_t table_id, int32_t schema_id);

 private:
  using Key = std::pair<int64_t, int32_t>;
  static constexpr size_t kMaxSchemas = 4096;

  void Put(const Key& key, std::shared_ptr<const Schema> schema);

  const std::shared_ptr<Gateway> gateway_;
  Mutex mutex_;
  std::map<Key, std::shared_ptr<const Schema>> schemas_ WEIR_GUARDED_BY(mutex_);
};

/// The number that the next step of each open scan must carry. Thread-safe.
class ScanSteps {
 public:
  /// Code 67 for a scan that is not open, 68 for a step out of order.
  Status Take(const std::string& scanner_id, int32_t step);
  void Open(const std::string& scanner_id);
  void Close(const std::string& scanner_id);

 private:
  static constexpr size_t kMaxScans = 4096;  // the latest: the engine keeps far fewer open

  Mutex mutex_;
  std::map<std::string, int32_t> next_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::string> opened_ WEIR_GUARDED_BY(mutex_);
};

/// What the handlers of one peer's calls work on.
struct ServiceState {
  std::shared_ptr<Gateway> gateway;  // which does for the peer what it may do, and nothing else
  std::shared_ptr<ServedSchemas> schemas;
  std::shared_ptr<ScanSteps> scan_steps;
  std::shared_ptr<LoginPolicy> login;
  std::shared_ptr<FlussSqlSessions> sql;
};

/// The Fluss protocol over a gateway: from the frame of a request to that of its response. Knows no
/// sockets. Thread-safe.
class FlussService {
 public:
  /// `login`: null lets everybody do everything.
  /// `sql`: null where no sessions are served.
  explicit FlussService(std::shared_ptr<Gateway> gateway, std::shared_ptr<LoginPolicy> login = nullptr,
                        std::shared_ptr<FlussSqlSessions> sql = nullptr);

  /// What those who work on the database share; null: nobody counts.
  std::shared_ptr<MemoryBudget> memory() const { return state_->gateway->memory(); }

  /// Handles one request. `reply` is called once, on the calling thread or where the context runs
  /// tasks. An error means that the stream of bytes makes no sense: the connection must be closed,
  /// and `reply` is not called.
  Status Handle(const std::shared_ptr<arrow::Buffer>& frame, std::shared_ptr<CallContext> context,
                std::function<void(wire::Frame)> reply);

 private:
  /// What a peer's calls work on; an error for one that has yet to log in.
  Result<std::shared_ptr<ServiceState>> StateFor(Peer& peer) const;

  const std::shared_ptr<ServiceState> state_;  // of a peer that may do everything
};

}  // namespace weir
