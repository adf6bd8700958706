#pragma once

#include <arrow/type_fwd.h>

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "client/column_cache.h"
#include "client/predicate_eval.h"
#include "client/table_impl.h"
#include "gateway/gateway.h"

namespace weir {

/// What a reader wants of a table.
struct ScanPlan {
  std::shared_ptr<const Table::Impl> table;
  std::vector<int> columns;                     // positions in the table, in the user's order
  std::shared_ptr<arrow::Schema> arrow_schema;  // of these columns
  std::optional<BoundPredicate> filter;
  bool exact = false;                            // the filter is applied to rows, too
  std::shared_ptr<const FetchFilter> fetch_filter;  // the same, for the gateway; null: none
  std::vector<int> filter_columns;               // that an exact filter reads; else empty
  std::optional<std::vector<int>> pushed_columns;  // ascending: what is asked of the gateway; absent: all

  /// Code -2 for a bad projection or filter.
  static Result<std::shared_ptr<const ScanPlan>> Make(std::shared_ptr<const Table::Impl> table,
                                                      const Table::ScanOptions& options);
  const Connection& connection() const { return table->connection; }
};

/// A log batch as it was fetched.
struct StoredBatch {
  std::shared_ptr<arrow::Buffer> bytes;
  LogBatchHeader header;
  bool projected = false;  // it holds only the plan's pushed columns
};

/// Takes the batches in `records` apart. Code 3 when they do not follow one another to its end.
Result<std::vector<StoredBatch>> SplitBatches(const std::shared_ptr<arrow::Buffer>& records, bool projected);

/// What a batch's statistics tell about the table's columns, of those that it lacks their initial defaults. The batch's
/// schema must be loaded.
Result<std::vector<BoundPredicate::Range>> RangesOfStored(const ScanPlan& plan, const StoredBatch& stored,
                                                          Arena* arena);
/// Whether some row of a batch may satisfy a filter over the plan's table. The batch's schema must be loaded.
Result<bool> MayMatch(const ScanPlan& plan, const BoundPredicate& filter, const StoredBatch& stored);

/// Offsets from `begin` up to but not including `end`.
struct OffsetRange {
  int64_t begin = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
};

/// The rows of a batch that lie in `range` and that the plan wants; nothing when there are none. The
/// batch's schema must be loaded. `cache`: where columns are that were read before; null: nowhere.
Result<std::optional<ScannedBatch>> ReadStoredBatch(const ScanPlan& plan, const TableBucket& bucket,
                                                    const StoredBatch& stored, const OffsetRange& range,
                                                    ColumnCache* cache = nullptr);

/// The rows of small batches of one schema whose offsets follow one another, as one batch; the plan's filter leaves out
/// all or nothing. What they hold together is kept in `cache`, so that queries do not take each of them apart again.
Result<std::optional<ScannedBatch>> ReadStoredRun(const ScanPlan& plan, const TableBucket& bucket,
                                                  std::span<const StoredBatch> run, ColumnCache* cache);

/// A column of the table in so many rows that were written before it was added.
Result<std::shared_ptr<arrow::Array>> InitialValues(const Table::Impl& table, int column, int64_t rows);

/// Rows `begin` to `begin + count` of a batch.
ScannedBatch SliceScanned(const ScannedBatch& batch, int64_t begin, int64_t count);

/// KV values as rows that the plan wants. The values' schemas must be loaded.
Result<std::shared_ptr<arrow::RecordBatch>> ReadValues(const ScanPlan& plan, std::span<const std::string_view> values);

/// The schema ids of values that are not loaded yet.
std::vector<int32_t> UnknownSchemas(const Table::Impl& table, std::span<const std::string_view> values);

}  // namespace weir
