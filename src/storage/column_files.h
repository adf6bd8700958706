#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "weir/status.h"

namespace weir {

/// Where columns of rows are kept: in files that are mapped, have no names, and go with their last user. Thread-safe.
class ColumnFiles {
 public:
  struct Options {
    std::string directory;  // made when it is needed
    std::optional<int64_t> most_bytes;  // in all files; nothing: a quarter of what is free on its disk
    int64_t least_rows = 16384;  // that a bucket must have: fewer are read as quickly one by one
    std::string prefix = "columns";  // of its files' names, which no other has in that directory
  };
  explicit ColumnFiles(Options options) : options_(std::move(options)) {}
  /// The directory goes if nothing else is in it.
  ~ColumnFiles();
  int64_t least_rows() const { return options_.least_rows; }

  class File {
   public:
    File(arrow::RecordBatchVector batches, int64_t bytes, std::shared_ptr<std::atomic<int64_t>> all_bytes)
        : batches_(std::move(batches)), bytes_(bytes), all_bytes_(std::move(all_bytes)) {
      *all_bytes_ += bytes_;
    }
    ~File() { *all_bytes_ -= bytes_; }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    const arrow::RecordBatchVector& batches() const { return batches_; }

   private:
    const arrow::RecordBatchVector batches_;  // views of the mapped file
    const int64_t bytes_;
    const std::shared_ptr<std::atomic<int64_t>> all_bytes_;
  };
  /// A file of record batches as `write` gives them, until it gives none. Null when there is no room.
  using Write = std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>;
  Result<std::shared_ptr<const File>> Make(const std::shared_ptr<arrow::Schema>& schema, const Write& write);

 private:
  int64_t Room() const;

  const Options options_;
  std::shared_ptr<std::atomic<int64_t>> bytes_ = std::make_shared<std::atomic<int64_t>>(0);
  std::atomic<int64_t> next_name_ = 0;
};

}  // namespace weir
