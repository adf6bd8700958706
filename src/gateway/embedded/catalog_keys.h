#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/embedded/catalog.h"

/// The keys of the catalog's records (docs/storage-format-catalog.md).
namespace weir {

inline constexpr char kNextTableId[] = "next/table";
inline constexpr char kNextPartitionId[] = "next/partition";
inline constexpr char kNextWriterId[] = "next/writer";
inline constexpr char kPathPrefix[] = "path/";
inline constexpr char kTablePrefix[] = "table/";
inline constexpr char kPartitionIdPrefix[] = "partition-id/";
inline constexpr char kAutoPartitionPrefix[] = "auto-partition/";
inline constexpr char kDropPrefix[] = "drop/";
inline constexpr char kPendingPrefix[] = "pending/";  // tables that no commit has named yet
inline constexpr char kAppliedChange[] = "applied-change";

// Sixteen digits, so that the order of keys is the order of ids.
inline std::string IdText(int64_t id) { return fmt::format("{:016x}", static_cast<uint64_t>(id)); }

inline std::string DatabaseKey(const std::string& name) { return "database/" + name; }
inline std::string PathPrefix(const std::string& database) { return kPathPrefix + database + "/"; }
inline std::string PathKey(const TablePath& path) { return PathPrefix(path.database) + path.table; }
inline std::string TableKey(int64_t id) { return kTablePrefix + IdText(id); }
inline std::string PendingKey(int64_t table_id) { return kPendingPrefix + IdText(table_id); }
inline std::string SchemaPrefix(int64_t table_id) { return "schema/" + IdText(table_id) + "/"; }
inline std::string SchemaKey(int64_t table_id, int32_t schema_id) { return SchemaPrefix(table_id) + IdText(schema_id); }
inline std::string PartitionPrefix(int64_t table_id) { return "partition/" + IdText(table_id) + "/"; }
inline std::string PartitionKey(int64_t table_id, const std::string& name) { return PartitionPrefix(table_id) + name; }
inline std::string PartitionIdKey(int64_t partition_id) { return kPartitionIdPrefix + IdText(partition_id); }
inline std::string PartitionCountKey(int64_t table_id) { return "partition-count/" + IdText(table_id); }
inline std::string AutoIncrementKey(int64_t table_id) { return "auto-increment/" + IdText(table_id); }
inline std::string AutoPartitionKey(int64_t table_id) { return kAutoPartitionPrefix + IdText(table_id); }
/// Of the offsets that a producer has put down.
inline std::string ProducerKey(const std::string& producer_id) { return "producer/" + producer_id; }
/// Of a setting that a client has changed.
inline std::string SettingKey(const std::string& name) { return "setting/" + name; }
inline std::string DropKey(const PendingDrop& drop) {
  std::string key = kDropPrefix + IdText(drop.table_id);
  if (drop.partition_id) key += "/" + IdText(*drop.partition_id);
  return key;
}

inline Status Damaged(std::string_view key, std::string_view what) {
  return {ErrorCode::kStorageException, fmt::format("catalog record '{}' is damaged: {}", key, what)};
}

template <typename Int>
Result<Int> ParseNumber(std::string_view key, std::string_view text, int base) {
  Int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Damaged(key, fmt::format("'{}' is not a number", text));
  }
  return value;
}

inline Result<int64_t> ParseId(std::string_view key, std::string_view text) {
  return ParseNumber<int64_t>(key, text, 16);
}

}  // namespace weir
