#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "gateway/gateway.h"
#include "server/fluss/call.h"

namespace weir {

/// Schemas by table and id, asked for once: a table's schema of one id never changes.
class SchemaCache {
 public:
  explicit SchemaCache(std::shared_ptr<Gateway> gateway) : gateway_(std::move(gateway)) {}
  Future<std::shared_ptr<const Schema>> Get(int64_t table_id, int32_t schema_id);

 private:
  using Key = std::pair<int64_t, int32_t>;
  static constexpr size_t kMaxSchemas = 4096;

  void Put(const Key& key, std::shared_ptr<const Schema> schema);

  const std::shared_ptr<Gateway> gateway_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Schema>> schemas_;
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

  std::mutex mutex_;
  std::map<std::string, int32_t> next_;
  std::deque<std::string> opened_;
};

/// What all handlers share.
struct ServiceState {
  std::shared_ptr<Gateway> gateway;
  SchemaCache schemas;
  ScanSteps scan_steps;
};

/// The Fluss protocol over a gateway: from the frame of a request to that of its response. Knows no
/// sockets. Thread-safe.
class FlussService {
 public:
  explicit FlussService(std::shared_ptr<Gateway> gateway);

  /// Handles one request. `reply` is called once, on the calling thread or where the context runs
  /// tasks. An error means that the stream of bytes makes no sense: the connection must be closed,
  /// and `reply` is not called.
  Status Handle(const std::shared_ptr<arrow::Buffer>& frame, std::shared_ptr<CallContext> context,
                std::function<void(wire::Frame)> reply);

 private:
  const std::shared_ptr<ServiceState> state_;
};

}  // namespace weir
