#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

/// A place in a segment file where it is not what the log wrote.
struct LogDamage {
  std::string path;      // of the segment; of the log's directory when the segment is missing
  int64_t position = 0;  // byte position in the file
  std::string what;
  int64_t from_offset = 0;  // of the records that are lost
  int64_t to_offset = -1;   // exclusive; -1: it is not known how many are lost
};

/// Sound batches back to back in one segment file.
struct LogPiece {
  int64_t segment = 0;  // its base offset
  int64_t position = 0;
  int64_t size = 0;
  int64_t from_offset = 0;
  int64_t to_offset = 0;
  int64_t last_timestamp = 0;
};

/// What the files of a bucket's log hold.
struct LogReport {
  int64_t start_offset = 0;
  int64_t end_offset = 0;  // exclusive
  int64_t first_kept = 0;  // where retention has had the log begin
  int64_t bytes = 0;       // of all files, indexes included
  int64_t segments = 0;
  /// Bytes after the last sound batch: of a write that was under way. The next open cuts them off.
  int64_t torn_bytes = 0;
  int64_t checked_batches = 0;     // with `verify`
  std::vector<LogDamage> damage;   // with `verify`; in file order, every damaged batch
  std::vector<LogPiece> pieces;    // with `verify`; in file order, what is whole
};

/// Reads the files of the log in `directory` without opening it: nothing is created, cut or repaired.
/// A directory that is missing is an empty log. Reads the headers after the last index entry only;
/// `verify` checks every batch of every segment, CRC included, and goes on after damage.
/// `durable_end`: everything below this offset is known to have been on disk; the log's own files may know of more.
/// Code 10 when a file cannot be read. A log that is being appended to may show a batch under way
/// as torn bytes.
Result<LogReport> InspectLog(const std::string& directory, bool verify, int64_t durable_end = 0);

}  // namespace weir
