#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "storage/log.h"
#include "weir/table.h"

namespace weir {

/// What tells a file from each that it was before and may become.
struct FileMark {
  int64_t size = 0;
  uint64_t inode = 0;
  int64_t changed_seconds = 0;
  int64_t changed_nanoseconds = 0;
  bool operator==(const FileMark&) const = default;

  /// Nothing: it is not there.
  static std::optional<FileMark> Of(const std::filesystem::path& path);
};

/// All of a log of few bytes, which lies in one segment. Nobody writes to it without opening its bucket.
struct QuietLog {
  std::shared_ptr<arrow::Buffer> records;
  int64_t start_offset = 0;
  int64_t end_offset = 0;
  FileMark segment;  // its file as it was when the log was closed

  /// With what it takes beside its records.
  int64_t bytes_kept() const;
};

/// Null where a log is large, holds nothing, or cannot be read. Its `segment` is yet to be told.
std::shared_ptr<QuietLog> CopyQuietLog(Log* log);

inline constexpr char kQuietFile[] = "QUIET";  // in the database's directory
inline constexpr char kEarlierQuietFile[] = "QUIET.earlier";  // beside it

/// What a process leaves for the next one to know of small logs: one file is read where each log would be opened. It is
/// there as long as no process writes to the database, so that it is never older than the logs. Who writes keeps it
/// under another name, where it tells of the logs alone that are as they were, after a process that could leave nothing
/// (docs/storage-format.md, "Quiet logs").
struct QuietLogs {
  std::map<TableBucket, std::shared_ptr<const QuietLog>> logs;
  std::set<TableBucket> unwritten;  // that nothing was ever written to

  std::string Encode() const;
  /// Nothing where the bytes are not what Encode has made. `bytes` is kept for the records.
  static std::optional<QuietLogs> Decode(const std::shared_ptr<arrow::Buffer>& bytes);
};

}  // namespace weir
