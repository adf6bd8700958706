#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "weir/status.h"
#include "weir/table.h"

namespace weir {

/// How a connection behaves. Defaults and meanings are those of the Fluss client.
struct Config {
  /// "host:port[,host:port…]", "file:<directory>", a directory path (absolute or starting with
  /// "./" or "../"), ":memory:", "memory:" or "memory:<name>".
  std::string bootstrap_servers = "127.0.0.1:9123";
  uint64_t connect_timeout_ms = 15000;
  int64_t request_timeout_ms = 30000;  // for a server's answer
  /// How long reads go on trying while servers cannot be reached, are silent, or elect leaders. (Writes have
  /// writer_delivery_timeout_ms.)
  int64_t retry_timeout_ms = 120000;
  std::string security_protocol = "PLAINTEXT";
  std::string security_sasl_mechanism = "PLAIN";
  std::string security_sasl_username;
  std::string security_sasl_password;

  /// How keys of tables that do not say it (`bucket.hash`) find their buckets: "java", as the Java client does, or
  /// "pyfluss", as pyfluss 1.0.0.
  std::string bucket_hash = "java";

  std::string writer_acks = "all";
  int32_t writer_retries = std::numeric_limits<int32_t>::max();
  int32_t writer_batch_size = 2 << 20;                 // bytes
  bool writer_dynamic_batch_size_enabled = true;
  int32_t writer_dynamic_batch_size_min = 256 << 10;   // bytes
  int64_t writer_batch_timeout_ms = 100;
  int32_t writer_request_max_size = 10 << 20;          // bytes
  std::string writer_bucket_no_key_assigner = "sticky";  // or "round_robin"
  bool writer_enable_idempotence = true;
  int32_t writer_max_inflight_requests_per_bucket = 5;
  int64_t writer_buffer_memory_size = 64 << 20;        // bytes
  uint64_t writer_buffer_wait_timeout_ms = std::numeric_limits<uint64_t>::max();
  uint64_t writer_kv_backpressure_max_throttle_ms = 3000;
  /// A batch that is not acknowledged in this time fails (code 36 when its partition is missing); 0: never.
  uint64_t writer_delivery_timeout_ms = 0;
  bool writer_dynamic_create_partition_enabled = false;

  uint64_t scanner_log_max_poll_records = 500;
  int32_t scanner_log_fetch_max_bytes = 16 << 20;
  int32_t scanner_log_fetch_min_bytes = 1;
  int32_t scanner_log_fetch_wait_max_time_ms = 500;
  int32_t scanner_log_fetch_max_bytes_for_bucket = 1 << 20;
  bool scanner_log_check_crc = true;
  uint64_t scanner_remote_log_prefetch_num = 4;
  uint64_t scanner_remote_log_read_concurrency = 4;
  uint64_t remote_file_download_thread_num = 3;

  uint64_t lookup_queue_size = 25600;
  uint64_t lookup_max_batch_size = 128;
  uint64_t lookup_batch_timeout_ms = 100;
  uint64_t lookup_max_inflight_requests = 128;
  int32_t lookup_max_retries = std::numeric_limits<int32_t>::max();

  /// Embedded engine: "group" (an acknowledged write is on disk) or "none".
  std::string local_sync = "group";
  int64_t local_segment_bytes = 256LL << 20;
  bool local_read_only = false;  // nothing is written into the directory
  /// Bytes that queries, transactions' rows and answers on their way may take; 0: four fifths of the machine's memory.
  int64_t local_memory_limit = 0;
  /// Bytes that queries may put into the directory when memory does not suffice; 0: none, below: nine tenths of what is
  /// free on its disk.
  int64_t local_spill_limit = -1;

  /// Sets one option by its key. Words may be joined by '.', '-' or '_', a "client." prefix is
  /// dropped, older spellings ("request.max.size") and "weir.path" work. Sizes and durations take
  /// units ("2mb", "100ms"). Unknown key or bad value: code -2, with the nearest known key.
  Status Set(std::string_view key, std::string_view value);
  /// The value of a key as text; the same keys as Set.
  Result<std::string> Get(std::string_view key) const;
  /// Primary spelling of every key, in documentation order.
  static std::vector<std::string> Keys();
  static Result<Config> FromProperties(const Properties& properties);

  /// The checks that Fluss makes before it connects, in its order (security, scanner, writer).
  Status Validate() const;
};

}  // namespace weir
