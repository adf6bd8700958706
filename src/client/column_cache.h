#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "format/log_batch.h"
#include "gateway/memory_budget.h"
#include "types/mutex.h"
#include "types/recently_used.h"
#include "weir/table.h"

namespace weir {

/// Columns of log batches that were decompressed, those that were used last: batches do not change, and queries read
/// the same ones again. Of an offset and column there is one: where small batches are kept together, what is read after
/// some more were written takes the place of what was read before. Takes an eighth of the memory that all share at
/// most. Thread-safe.
class ColumnCache {
 public:
  explicit ColumnCache(std::shared_ptr<MemoryBudget> budget);

  /// Null: it is not there. `column`: a position in the schema that the batch was written with.
  std::shared_ptr<arrow::Array> Find(const TableBucket& bucket, const LogBatchHeader& batch, int column);
  void Add(const TableBucket& bucket, const LogBatchHeader& batch, int column, std::shared_ptr<arrow::Array> values);
  /// How many bytes the longest text of such a column has; nothing where it is not there, or holds no texts.
  std::optional<int32_t> LongestText(const TableBucket& bucket, int64_t base_offset, uint32_t crc, int column);
  /// Drops the columns of all other buckets.
  void KeepOnly(const std::function<bool(const TableBucket&)>& bucket);

 private:
  struct Key {
    TableBucket bucket;
    int64_t base_offset = 0;
    int32_t column = 0;
    bool operator==(const Key&) const = default;
  };
  struct HashOfKey {
    size_t operator()(const Key& key) const noexcept;
  };
  struct Column {
    uint32_t crc = 0;  // of the batch
    std::shared_ptr<arrow::Array> values;
    int64_t bytes = 0;
    std::optional<int32_t> longest_text;
  };

  void LetGo(const Column& column) WEIR_REQUIRES(mutex_);
  void DropLast() WEIR_REQUIRES(mutex_);

  Mutex mutex_;
  const int64_t most_;
  MemoryReservation memory_ WEIR_GUARDED_BY(mutex_);
  RecentlyUsed<Key, Column, HashOfKey> columns_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
