#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/schema.h"

namespace weir {

using Properties = std::map<std::string, std::string>;
/// Partition column → value text, e.g. {{"region", "US"}}.
using PartitionSpec = std::map<std::string, std::string>;

struct TablePath {
  std::string database;
  std::string table;
  /// "database.table"
  std::string ToString() const { return database + "." + table; }
  auto operator<=>(const TablePath&) const = default;
};

/// One bucket of a table, or of one of its partitions.
struct TableBucket {
  int64_t table_id = -1;
  std::optional<int64_t> partition_id;
  int32_t bucket_id = 0;
  std::string ToString() const;
  auto operator<=>(const TableBucket&) const = default;
};

enum class ChangeType : uint8_t { kAppendOnly = 0, kInsert = 1, kUpdateBefore = 2, kUpdateAfter = 3, kDelete = 4 };

/// The Fluss short form: "+A", "+I", "-U", "+U", "-D".
std::string_view ChangeTypeShortString(ChangeType type);

/// First offset still there; only understood where a start offset is asked for.
inline constexpr int64_t kEarliestOffset = -2;
/// The offset that the next record will get; clients resolve it when they subscribe.
inline constexpr int64_t kLatestOffset = -1;

struct OffsetSpec {
  enum class Kind : int32_t { kEarliest = 0, kLatest = 1, kTimestamp = 2 };
  Kind kind = Kind::kLatest;
  int64_t timestamp = 0;  // epoch milliseconds, for kTimestamp
  static OffsetSpec Earliest() { return {Kind::kEarliest, 0}; }
  static OffsetSpec Latest() { return {Kind::kLatest, 0}; }
  static OffsetSpec Timestamp(int64_t epoch_ms) { return {Kind::kTimestamp, epoch_ms}; }
};

/// What a user asks for when creating a table. `bucket_count` absent: the engine's default.
struct TableDescriptor {
  Schema schema;
  std::vector<std::string> partition_keys;
  std::vector<std::string> bucket_keys;
  std::optional<int32_t> bucket_count;
  std::optional<std::string> comment;
  Properties properties;         // `table.*` options
  Properties custom_properties;  // anything else

  bool has_primary_key() const { return schema.has_primary_key(); }
  bool is_partitioned() const { return !partition_keys.empty(); }
  /// Primary key columns less the partition keys, in primary key order.
  std::vector<std::string> PhysicalPrimaryKey() const;
  /// Whether the bucket keys are the physical primary key (for log tables: there are none).
  bool HasDefaultBucketKey() const;
};

/// What an ALTER TABLE changes: either properties or columns, never both (code 56).
struct TableChange {
  Properties set_properties;
  std::vector<std::string> reset_properties;
  std::vector<Column> add_columns;  // appended at the end, nullable
};

/// A table as an engine knows it; the descriptor has the engine's defaults filled in.
struct TableInfo {
  TablePath path;
  int64_t table_id = -1;
  int32_t schema_id = 0;
  TableDescriptor descriptor;
  int64_t created_time = 0;   // epoch milliseconds
  int64_t modified_time = 0;  // epoch milliseconds

  const Schema& schema() const { return descriptor.schema; }
  int32_t num_buckets() const { return descriptor.bucket_count.value_or(1); }
};

struct PartitionInfo {
  int64_t partition_id = -1;
  std::string partition_name;  // values joined by '$' in partition-key order
  PartitionSpec spec;
};

struct DatabaseDescriptor {
  std::optional<std::string> comment;
  Properties custom_properties;
};

struct DatabaseInfo {
  std::string name;
  DatabaseDescriptor descriptor;
  int64_t created_time = 0;
  int64_t modified_time = 0;
};

struct ServerNode {
  enum class Type : int32_t { kUnknown = 0, kCoordinator = 1, kTablet = 2 };
  int32_t id = 0;
  std::string host;
  int32_t port = 0;
  Type type = Type::kUnknown;
  /// "cs-0" or "ts-1"
  std::string uid() const;
};

}  // namespace weir

template <>
struct std::hash<weir::TableBucket> {
  size_t operator()(const weir::TableBucket& b) const noexcept {
    uint64_t h = static_cast<uint64_t>(b.table_id) * 0x9E3779B97F4A7C15ull;
    h ^= static_cast<uint64_t>(b.partition_id.value_or(-1)) + 0x9E3779B97F4A7C15ull + (h << 6) + (h >> 2);
    return h ^ (static_cast<uint64_t>(b.bucket_id) * 0xC2B2AE3D27D4EB4Full);
  }
};
