#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <cstdint>
#include <string_view>

namespace weir {

// What those who open a RocksDB share (docs/storage-format-kv.md).

inline constexpr const char* kRowsFamily = "rows";
/// In the catalog: the number of its last change, as an offset is encoded.
inline constexpr const char* kCatalogChangeKey = "last-change";

/// Eight bytes, big endian.
inline int64_t DecodeOffset(std::string_view bytes) {
  uint64_t offset = 0;
  for (const char c : bytes) offset = offset << 8 | static_cast<unsigned char>(c);
  return static_cast<int64_t>(offset);
}

/// Keeps RocksDB from writing its own log file.
class SilentLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace weir
