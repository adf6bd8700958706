#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

/// The files of a log's directory, by kind; offsets of their names, ascending.
struct LogFiles {
  std::vector<int64_t> segments;
  std::vector<int64_t> snapshots;  // .writers
  std::vector<int64_t> starts;     // .start
  std::vector<int64_t> orphans;    // indexes without a segment
  std::vector<int64_t> unfinished;  // .compacted: of a process that was killed meanwhile
  int64_t bytes = 0;               // of all files, with `with_sizes`; else 0

  /// Where records are kept from.
  int64_t start() const { return starts.empty() ? 0 : starts.back(); }
};
/// A directory that is missing is an empty log. Code 10 when it cannot be listed. `with_sizes`: fills `bytes`, which
/// takes a call a file.
Result<LogFiles> ListLogFiles(const std::string& directory, bool with_sizes = false);

/// What is known to have been on disk, from what lies beside the segments.
struct DurableMark {
  int64_t end = 0;     // exclusive; 0: nothing is known
  std::string source;  // the file that says so
};
/// The newest sound `.writers` file that was written when everything before it was on disk; `known_end`, which the list
/// of durable ends says, where it is greater.
Result<DurableMark> ReadDurableMark(const std::string& directory, const LogFiles& files, int64_t known_end);

/// Takes a log's first segment for its start where nothing says another: logs had no `.start` files, and no list of
/// durable ends, once. Whether it has done so.
bool NameOldStart(int64_t durable_end, LogFiles* files);

/// What says that a log is not whole at its ends, before any segment is read: segments that are missing at the start
/// (retention leaves a `.start` file) or altogether. Nothing: no such sign.
std::optional<std::string> FindMissingSegments(const std::string& directory, const LogFiles& files,
                                               const DurableMark& mark);

}  // namespace weir
