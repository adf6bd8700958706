#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "gateway/gateway.h"
#include "storage/bucket.h"
#include "types/mutex.h"

namespace weir {

/// Full scans of PK buckets that are under way: a consistent view each, which a scanner id names.
/// Thread-safe. Codes 66, 67, 68 and 69 as in docs/fluss-formats.md, "Scans".
class ScanSessions {
 public:
  static constexpr int64_t kIdleLimitMs = 10 * 60 * 1000;
  static constexpr size_t kMaxPerBucket = 8;
  static constexpr size_t kMaxInAll = 200;

  /// Starts a session and gives its first batch; an empty bucket needs none.
  Result<ScanKvResult> Open(const TableBucket& bucket, Bucket::Snapshot snapshot, int32_t batch_size_bytes,
                            int64_t now_ms);
  Result<ScanKvResult> Next(const std::string& scanner_id, int32_t batch_size_bytes, int64_t now_ms);
  void Close(const std::string& scanner_id);
  /// Ends those that were idle for too long.
  void Expire(int64_t now_ms);
  /// Ends those of a dropped table or partition.
  void Drop(int64_t table_id, std::optional<int64_t> partition_id);
  void CloseAll();

 private:
  struct Session {
    TableBucket bucket;
    std::unique_ptr<KvRows> rows;
    int64_t last_used_ms = 0;
  };
  void ExpireLocked(int64_t now_ms) WEIR_REQUIRES(mutex_);
  Status CheckLimits(const TableBucket& bucket) WEIR_REQUIRES(mutex_);

  Mutex mutex_;
  // A session in use is in the map without its state.
  std::map<std::string, std::optional<Session>> sessions_ WEIR_GUARDED_BY(mutex_);
  std::deque<std::string> expired_ WEIR_GUARDED_BY(mutex_);  // the latest, to tell "expired" from "never was"
};

}  // namespace weir
