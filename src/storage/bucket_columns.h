#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/bucket.h"
#include "storage/column_files.h"
#include "storage/key_layout.h"
#include "storage/row_buffer.h"
#include "storage/row_schemas.h"
#include "types/mutex.h"

namespace weir {

/// Where rows of a PK bucket are that are kept as columns.
struct ColumnPlaces {
  struct Place {
    int32_t batch = -1;  // −1: the row is not there as it is now, or there is none
    int32_t row = 0;
  };
  arrow::RecordBatchVector batches;  // the columns of the table's latest schema
  std::vector<Place> places;         // by the keys that were asked for
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
  /// The rows of these keys, for who lets nobody write to the bucket meanwhile: nothing where no columns are kept, or
  /// somebody is at them, who may be waiting for that. Keys in their order are found for a step each.
  std::optional<ColumnPlaces> Find(const Source& source, std::span<const std::string_view> keys);

 private:
  std::optional<ColumnPlaces> FindLocked(const Source& source, std::span<const std::string_view> keys)
      WEIR_REQUIRES(mutex_);
  Status SetTable(const std::shared_ptr<const TableContext>& table) WEIR_REQUIRES(mutex_);
  Status CatchUp(const Source& source) WEIR_REQUIRES(mutex_);
  Status Build(const Source& source) WEIR_REQUIRES(mutex_);
  bool IsWanted(int64_t log_offset) WEIR_REQUIRES(mutex_);
  int64_t PlaceOf(std::string_view key) const WEIR_REQUIRES(mutex_);
  ColumnPlaces::Place PlaceBehind(const ColumnPlaces::Place& before, std::string_view key) const
      WEIR_REQUIRES(mutex_);
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
