#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/table.h"

namespace weir {

enum class LogFormat { kArrow, kIndexed, kCompacted };
enum class KvFormat { kCompacted, kIndexed };
enum class Compression { kNone, kLz4Frame, kZstd };
enum class MergeEngine { kNone, kFirstRow, kVersioned, kAggregation };
enum class DeleteBehavior { kAllow, kIgnore, kDisable };
enum class ChangelogImage { kFull, kWal };
enum class LakeFormat { kNone, kPaimon, kIceberg, kLance, kHudi };
enum class TimeUnit { kHour, kDay, kMonth, kQuarter, kYear };

struct AutoPartitionOptions {
  bool enabled = false;
  std::string key;  // the partition column that carries the time
  TimeUnit unit = TimeUnit::kDay;
  std::string format;     // Java date pattern; empty: by unit
  std::string time_zone;  // IANA name; empty: the system's zone
  int num_precreate = 2;  // includes the current unit
  int num_retention = 7;  // negative: keep all
};

/// The `table.*` properties, parsed.
struct TableOptions {
  int replication_factor = 1;
  LogFormat log_format = LogFormat::kArrow;
  Compression compression = Compression::kZstd;
  int zstd_level = 3;
  KvFormat kv_format = KvFormat::kCompacted;
  int kv_format_version = 1;
  MergeEngine merge_engine = MergeEngine::kNone;
  std::string version_column;  // of the versioned merge engine
  DeleteBehavior delete_behavior = DeleteBehavior::kAllow;
  ChangelogImage changelog_image = ChangelogImage::kFull;
  LakeFormat lake_format = LakeFormat::kNone;
  bool lake_enabled = false;
  int64_t log_ttl_ms = 7LL * 24 * 3600 * 1000;  // 0 or less: keep for ever
  int64_t auto_increment_cache_size = 100000;
  AutoPartitionOptions auto_partition;
  std::vector<std::string> statistics_columns;  // "*" stands for all

  /// Parses and checks; unknown `table.*` keys and bad values are code 39 and named.
  static Result<TableOptions> Parse(const Properties& properties);
};

/// "7d", "100 ms", "3min", "2000" (ms) → milliseconds (code 39 when it does not parse).
Result<int64_t> ParseDurationMs(std::string_view text);

}  // namespace weir
