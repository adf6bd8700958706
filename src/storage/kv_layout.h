#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/big_endian.h"
#include "weir/table.h"

namespace weir {

// What those who open a RocksDB share (docs/storage-format-kv.md).

inline constexpr const char* kRowsFamily = "rows";
/// In the catalog: the number of its last change, as an offset is encoded.
inline constexpr const char* kCatalogChangeKey = "last-change";

// Row keys: table id (8, big endian), 0 or 1 and partition id (8), bucket id (4), kind (1), primary key.
// Ids are not negative, so that big endian sorts them by value.
inline constexpr char kNoPartition = 0;
inline constexpr char kInPartition = 1;
inline constexpr char kAppliedOffsetKind = 0;
inline constexpr char kRowKind = 1;
inline constexpr size_t kPlainPrefixSize = 8 + 1 + 4 + 1;
inline constexpr size_t kPartitionPrefixSize = kPlainPrefixSize + 8;

inline std::string TablePrefix(int64_t table_id) {
  std::string prefix;
  AppendBigEndian(table_id, &prefix);
  return prefix;
}

inline std::string RowsPartitionPrefix(int64_t table_id, std::optional<int64_t> partition_id) {
  std::string prefix = TablePrefix(table_id);
  prefix.push_back(partition_id ? kInPartition : kNoPartition);
  if (partition_id) AppendBigEndian(*partition_id, &prefix);
  return prefix;
}

inline std::string BucketPrefix(const TableBucket& bucket, char kind) {
  std::string prefix = RowsPartitionPrefix(bucket.table_id, bucket.partition_id);
  AppendBigEndian(bucket.bucket_id, &prefix);
  prefix.push_back(kind);
  return prefix;
}

/// Eight bytes, big endian.
inline int64_t DecodeOffset(std::string_view bytes) { return LoadBigEndian<int64_t>(bytes); }

/// Keeps RocksDB from writing its own log file.
class SilentLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace weir
