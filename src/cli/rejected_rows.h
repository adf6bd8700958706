#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "types/mutex.h"
#include "weir/status.h"

namespace weir {

/// The rows of text files that an import leaves out, as a CSV file of its own: file, row, how many cells there are, how
/// many there should be, and the row's text. Made when it has its first one. Thread-safe.
class RejectedRows {
 public:
  explicit RejectedRows(std::string path) : path_(std::move(path)) {}
  ~RejectedRows();
  RejectedRows(const RejectedRows&) = delete;
  RejectedRows& operator=(const RejectedRows&) = delete;

  void Add(const std::string& file, int64_t row, int64_t cells, int64_t expected, std::string_view text);
  int64_t count() const;
  /// Writes what is left; the first error of all.
  Status Close();

 private:
  const std::string path_;
  mutable Mutex mutex_;
  std::FILE* out_ WEIR_GUARDED_BY(mutex_) = nullptr;
  int64_t count_ WEIR_GUARDED_BY(mutex_) = 0;
  Status failed_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
