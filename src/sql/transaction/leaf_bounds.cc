#include "sql/transaction/leaf_bounds.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "client/connection_impl.h"
#include "client/value_order.h"
#include "sql/transaction/leaf_writes.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

constexpr int32_t kFetchBytes = 8 << 20;
constexpr int64_t kMostBatchesAtOnce = 4096;
constexpr int64_t kMostReadBatches = 1024;  // of a bucket
constexpr size_t kMostBuckets = 16384;

bool HoldsTexts(const DataType& type) { return type.id() == TypeId::kString || type.id() == TypeId::kChar; }

/// Of rows that have all columns of the table.
Result<std::vector<ColumnBounds>> BoundsOfRows(const Table::Impl& table,
                                               const std::shared_ptr<arrow::RecordBatch>& rows) {
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, table.types));
  std::vector<ColumnBounds> columns(table.types.size());
  Arena arena;
  for (int column = 0; column < static_cast<int>(columns.size()); ++column) {
    ColumnBounds& bounds = columns[static_cast<size_t>(column)];
    for (int64_t row = 0; row < rows->num_rows(); ++row) bounds.Add(reader.ReadCell(row, column, &arena));
  }
  return columns;
}

/// Few rows of SQL's come without statistics.
bool IsReadForBounds(const LogBatchHeader& header) {
  return header.statistics_length == 0 && header.record_count < kWorthStatistics;
}

}  // namespace

void ColumnBounds::Add(const Datum& value) {
  const bool is_scalar = value.kind < Datum::Kind::kList;
  const bool has_place = is_scalar && !(value.kind == Datum::Kind::kDouble && std::isnan(value.as_double()));
  Merge(BoundPredicate::Range{has_place, value.is_null() ? 1 : 0, value, value});
  if (value.kind == Datum::Kind::kBytes) AddLength(static_cast<int64_t>(value.as_bytes().size()));
}

void ColumnBounds::AddLength(int64_t bytes) {
  if (longest && bytes < kLongText) longest = std::max(*longest, static_cast<int32_t>(bytes));
  if (bytes >= kLongText) longest.reset();
}

void ColumnBounds::Merge(const ColumnBounds& other) {
  is_known &= other.is_known;
  has_nulls |= other.has_nulls;
  longest = longest && other.longest ? std::optional(std::max(*longest, *other.longest)) : std::nullopt;
  Merge(BoundPredicate::Range{other.is_known, 0, other.least, other.greatest});
  if (!other.has_texts) return;
  if (!has_texts || other.least_text < least_text) least_text = other.least_text;
  if (!has_texts || greatest_text < other.greatest_text) greatest_text = other.greatest_text;
  has_texts = true;
}

void ColumnBounds::Merge(const BoundPredicate::Range& range) {
  is_known &= range.known;
  has_nulls |= range.null_count != 0;
  if (range.min.is_null() || range.max.is_null()) return;
  if (range.min.kind != Datum::Kind::kBytes) {
    if (least.is_null() || CompareValues(range.min, least) < 0) least = range.min;
    if (greatest.is_null() || CompareValues(range.max, greatest) > 0) greatest = range.max;
    return;
  }
  if (!has_texts || range.min.as_bytes() < least_text) least_text = range.min.as_bytes();
  if (!has_texts || greatest_text < range.max.as_bytes()) greatest_text = range.max.as_bytes();
  has_texts = true;
}

std::shared_ptr<BucketBounds::Bucket> BucketBounds::Find(const TableBucket& bucket) {
  MutexLock lock(mutex_);
  if (const auto* const known = buckets_.Find(bucket)) return *known;
  if (buckets_.size() == kMostBuckets) buckets_.DropLast();
  return buckets_.Add(bucket, std::make_shared<Bucket>());
}

Result<bool> BucketBounds::AddTo(const ScanPlan& plan, const TableBucket& bucket, int64_t end,
                                 std::vector<ColumnBounds>* columns) {
  const std::shared_ptr<Bucket> state = Find(bucket);
  MutexLock lock(state->mutex);
  if (state->schema_id != plan.table->info.schema_id) {
    state->schema_id = plan.table->info.schema_id;
    state->next = 0;
    state->columns.assign(plan.table->types.size(), {});
    state->unseen.assign(plan.table->types.size(), {});
    state->read = state->start = state->records = 0;
  }
  WEIR_ASSIGN_OR_RETURN(const bool knows_all, Follow(plan, bucket, end, state.get()));
  if (!knows_all) return false;
  LookAtTexts(bucket, state.get());
  for (size_t i = 0; i < columns->size(); ++i) {
    ColumnBounds& column = (*columns)[i];
    column.Merge(state->columns[i]);
    if (!state->unseen[i].empty()) column.longest.reset();
  }
  return true;
}

std::optional<int64_t> BucketBounds::CountRecords(const TableBucket& bucket, int64_t start, int64_t end) {
  const std::shared_ptr<Bucket> state = Find(bucket);
  MutexLock lock(state->mutex);
  if (end == 0) return 0;
  return state->start == start && state->next == end ? std::optional(state->records) : std::nullopt;
}

/// Up to `end`, or as far as one look goes.
Result<bool> BucketBounds::Follow(const ScanPlan& plan, const TableBucket& bucket, int64_t end, Bucket* state) const {
  if (state->read > kMostReadBatches) return false;  // nothing is known any more
  int64_t seen = 0;
  while (state->next < end && seen < kMostBatchesAtOnce) {
    FetchLogRequest request;
    request.max_bytes = kFetchBytes;
    request.buckets.push_back({bucket, state->next == 0 ? kEarliestOffset : state->next, kFetchBytes});
    const auto answer = plan.connection().gateway().FetchLog(std::move(request)).Wait();
    if (!answer.ok()) return answer.status();
    if (answer->size() != 1 || !answer->front().status.ok()) return false;
    const FetchedBucket& fetched = answer->front();
    const int64_t before = state->next;
    if (state->next == 0) state->start = fetched.log_start_offset;
    state->next = std::max(state->next, fetched.log_start_offset);
    WEIR_ASSIGN_OR_RETURN(const std::vector<StoredBatch> batches, SplitBatches(fetched.records, fetched.projected));
    for (const StoredBatch& stored : batches) {
      if (stored.header.base_offset >= end) break;  // nobody reads it yet
      if (stored.header.next_offset() <= state->next) continue;
      WEIR_RETURN_NOT_OK(Add(plan, bucket, stored, state));
      state->next = stored.header.next_offset();
      state->records += stored.header.record_count;
      ++seen;
    }
    if (state->next == before) return false;
  }
  return state->next >= end;
}

Status BucketBounds::Add(const ScanPlan& plan, const TableBucket& bucket, const StoredBatch& stored,
                         Bucket* state) const {
  const Table::Impl& table = *plan.table;
  std::shared_ptr<const Schema> written = table.schemas->Find(stored.header.schema_id);
  if (written == nullptr) {
    const auto loaded = LoadSchemas(plan.table, {stored.header.schema_id}).Wait();
    if (!loaded.ok()) return loaded.status();
    written = table.schemas->Find(stored.header.schema_id);
  }
  if (!stored.header.append_only) state->start = -1;  // its records are no rows
  if (written == nullptr || !stored.header.append_only || stored.projected) {
    for (ColumnBounds& column : state->columns) column.is_known = false;
    return Status::OK();
  }
  if (stored.header.record_count == 0) return Status::OK();
  if (IsReadForBounds(stored.header) && ++state->read <= kMostReadBatches) {
    WEIR_ASSIGN_OR_RETURN(const auto whole, ScanPlan::Make(plan.table, {}));
    WEIR_ASSIGN_OR_RETURN(const auto batch, ReadStoredBatch(*whole, bucket, stored, {}));
    if (!batch) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const auto columns, BoundsOfRows(table, batch->rows));
    for (size_t i = 0; i < columns.size(); ++i) state->columns[i].Merge(columns[i]);
    return Status::OK();
  }
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const auto ranges, RangesOfStored(plan, stored, &arena));
  const std::vector<int> positions = MapColumns(*written, table.info.schema());
  for (size_t i = 0; i < state->columns.size(); ++i) {
    ColumnBounds& column = state->columns[i];
    const bool has_values = ranges[i].null_count < stored.header.record_count;
    if (has_values && (ranges[i].min.is_null() || ranges[i].max.is_null())) column.is_known = false;
    column.Merge(ranges[i]);
    if (!HoldsTexts(table.types[i]) || !column.longest) continue;
    if (positions[i] < 0) {
      column.longest.reset();
    } else {
      state->unseen[i].push_back({stored.header.base_offset, stored.header.crc, positions[i]});
    }
  }
  return Status::OK();
}

/// Who has read the columns meanwhile has left their lengths.
void BucketBounds::LookAtTexts(const TableBucket& bucket, Bucket* state) const {
  for (size_t i = 0; i < state->unseen.size(); ++i) {
    std::vector<UnseenTexts>& unseen = state->unseen[i];
    ColumnBounds& column = state->columns[i];
    while (!unseen.empty() && column.longest) {
      const UnseenTexts& texts = unseen.back();
      const auto longest = read_before_->LongestText(bucket, texts.base_offset, texts.crc, texts.column);
      if (!longest) break;
      unseen.pop_back();
      column.AddLength(*longest);
    }
    if (!column.longest) unseen.clear();
  }
}

}  // namespace weir::sql
