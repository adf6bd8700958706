#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/bucket.h"
#include "storage/key_layout.h"
#include "storage/row_buffer.h"
#include "storage/row_schemas.h"
#include "types/mutex.h"

namespace weir {

/// Where columns of rows are kept: in files that are mapped, have no names, and go with their last user. Thread-safe.
class ColumnFiles {
 public:
  struct Options {
    std::string directory;  // made when it is needed
    std::optional<int64_t> most_bytes;  // in all files; nothing: a quarter of what is free on its disk
    int64_t least_rows = 16384;  // that a bucket must have: fewer are read as quickly one by one
  };
  explicit ColumnFiles(Options options) : options_(std::move(options)) {}
  /// The directory goes if nothing else is in it.
  ~ColumnFiles();
  int64_t least_rows() const { return options_.least_rows; }

  class File;
  /// A file of record batches as `write` gives them, until it gives none. Null when there is no room.
  using Write = std::function<Result<std::shared_ptr<arrow::RecordBatch>>()>;
  Result<std::shared_ptr<const File>> Make(const std::shared_ptr<arrow::Schema>& schema, const Write& write);

 private:
  int64_t Room() const;

  const Options options_;
  std::shared_ptr<std::atomic<int64_t>> bytes_ = std::make_shared<std::atomic<int64_t>>(0);
  std::atomic<int64_t> next_name_ = 0;
};

/// Keeps the rows of one PK bucket as columns: a file of them as they stood at one time, made when scans ask for it
/// more than once, and what the changelog has changed since. When that is too much, the file goes. Thread-safe.
class BucketColumns {
 public:
  /// `files`: null: nothing is kept.
  BucketColumns(const TableBucket& id, ColumnFiles* files) : id_(id), files_(files) {}

  /// The bucket as it is at the time of a call.
  struct Source {
    std::shared_ptr<const TableContext> table;
    int64_t log_offset = 0;  // that the rows stand at
    Log* log = nullptr;
    std::function<Result<Bucket::Snapshot>()> open_rows;
  };
  /// Nothing where none are kept. The rows stand at the source's offset or a later one.
  Result<std::optional<KvColumns>> Read(const Source& source);

 private:
  Status SetTable(const std::shared_ptr<const TableContext>& table) WEIR_REQUIRES(mutex_);
  Status CatchUp(const Source& source) WEIR_REQUIRES(mutex_);
  Status Build(const Source& source) WEIR_REQUIRES(mutex_);
  bool IsWanted(int64_t log_offset) WEIR_REQUIRES(mutex_);
  int64_t PlaceOf(std::string_view key) const WEIR_REQUIRES(mutex_);
  void Change(const KvChange& change, std::vector<uint64_t>* gone) WEIR_REQUIRES(mutex_);
  void Forget() WEIR_REQUIRES(mutex_);

  const TableBucket id_;
  ColumnFiles* const files_;

  Mutex mutex_;
  std::shared_ptr<const TableContext> table_ WEIR_GUARDED_BY(mutex_);
  std::unique_ptr<RowSchemas> schemas_ WEIR_GUARDED_BY(mutex_);
  KeyLayout layout_ WEIR_GUARDED_BY(mutex_);
  std::shared_ptr<const ColumnFiles::File> file_ WEIR_GUARDED_BY(mutex_);  // null: there are none
  std::vector<int64_t> first_rows_ WEIR_GUARDED_BY(mutex_);                // of its batches
  int64_t num_rows_ WEIR_GUARDED_BY(mutex_) = 0;
  std::shared_ptr<const std::vector<uint64_t>> gone_ WEIR_GUARDED_BY(mutex_);
  RowBuffer changed_ WEIR_GUARDED_BY(mutex_);
  std::shared_ptr<arrow::Buffer> changed_values_ WEIR_GUARDED_BY(mutex_);
  int64_t log_offset_ WEIR_GUARDED_BY(mutex_) = 0;
  int asked_ WEIR_GUARDED_BY(mutex_) = 0;  // without there being columns
  std::optional<int64_t> too_few_at_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
