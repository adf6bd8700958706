#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "types/mutex.h"
#include "weir/status.h"

namespace weir::sql {

// Cloudberry's SEGMENT REJECT LIMIT: rows of COPY's data with errors in their format are left out.

struct RejectLimit {
  int64_t rows = 0;      // so many are too many; 0: none is left out
  bool percent = false;  // … in percent of all
  bool logs = false;     // LOG ERRORS
};

/// What gp_read_error_log tells of a row.
struct RejectedRow {
  int64_t time = 0;  // microseconds since 1970 UTC
  std::string relation;
  std::string file;  // "<stdin>"
  int64_t line = 0;
  std::string message;
  std::string text;
};

/// The rows that LOG ERRORS keeps, by table, until the process ends: of each the last ones. Thread-safe.
class RejectionLog {
 public:
  void Add(int64_t table, RejectedRow row);
  struct Entry {
    int64_t table = 0;
    RejectedRow row;
  };
  std::vector<Entry> List() const;

 private:
  mutable Mutex mutex_;
  std::map<int64_t, std::deque<RejectedRow>> rows_ WEIR_GUARDED_BY(mutex_);
};

/// The rows of one reading.
class RowRejection {
 public:
  struct Source {
    int64_t table = 0;
    std::string relation;
    std::string file;
  };
  /// `log`: may be null.
  RowRejection(RejectLimit limit, Source source, RejectionLog* log)
      : limit_(limit), source_(std::move(source)), log_(log) {}

  /// One more row, with or without errors.
  void Met() { ++met_; }
  /// Whether a row that failed so is left out: else what is to be failed with, 22P04 where it is one too many. `line`:
  /// its number; `text`: of the row.
  Status Reject(const Status& failure, int64_t line, std::string_view text);
  /// Once all rows are read.
  void Tell(const std::function<void(const std::string&)>& notice) const;

 private:
  const RejectLimit limit_;
  const Source source_;
  RejectionLog* const log_;
  int64_t met_ = 0;
  int64_t rejected_ = 0;
  int64_t last_line_ = -1;
};

}  // namespace weir::sql
