#include "sql/transaction/leaf_readers.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

#include "client/arrow_split.h"
#include "format/kv_batch.h"
#include "format/small_batches.h"
#include "sql/error.h"
#include "sql/transaction/leaf_writes.h"
#include "sql/transaction/selection.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

using Batch = std::optional<LeafBatch>;

// --- log leaves ---

class LogBucketReader final : public LeafReader {
 public:
  LogBucketReader(LeafScanPtr scan, const TableBucket& bucket, HighWatermarks high_watermarks, DeletedRows deleted)
      : scan_(std::move(scan)),
        bucket_(bucket),
        high_watermarks_(std::move(high_watermarks)),
        deleted_(std::move(deleted)) {
    // The first answer of a target that is far away comes while its user looks at other leaves.
    if (!scan_->gateway().is_embedded()) StartFetch();
  }
  LogBucketReader(LeafScanPtr scan, const TableBucket& bucket, int64_t begin, int64_t end, DeletedRows deleted)
      : scan_(std::move(scan)),
        bucket_(bucket),
        deleted_(std::move(deleted)),
        offset_(begin),
        begin_(begin),
        end_(end) {}

  Result<Batch> Next() override {
    if (high_watermarks_.valid()) {
      WEIR_RETURN_NOT_OK(Begin());
      if (scan_->last_first && scan_->gateway().is_embedded()) WEIR_RETURN_NOT_OK(TurnAround());
    }
    while (ready_.empty()) {
      const auto [run, ended] = FindRun();
      if (!ended && offset_ < end_) {
        WEIR_RETURN_NOT_OK(TakeFetched());
        continue;
      }
      if (run == 0) return Batch();
      WEIR_RETURN_NOT_OK(Read(run).WithContext(bucket_.ToString()));
      stored_.erase(stored_.begin(), stored_.begin() + run);
    }
    Batch batch(std::move(ready_.front()));
    ready_.pop_front();
    return batch;
  }

 private:
  static constexpr int32_t kFetchBytes = 8 << 20;
  static constexpr int kMaxEmptyAnswers = 20;
  static constexpr int64_t kRowsOfRun = 8192;

  Status Begin() {
    const auto& answer = high_watermarks_.Wait();
    if (!answer.ok()) return answer.status();
    const auto found = answer->find(bucket_.bucket_id);
    if (found == answer->end()) return Error("XX000", bucket_.ToString() + " has no high watermark");
    if (!found->second.ok()) return found->second.status().WithContext(bucket_.ToString());
    if (scan_->ends != nullptr) WEIR_RETURN_NOT_OK(scan_->ends->Follow(scan_->asked, *scan_->history));
    WEIR_ASSIGN_OR_RETURN(LogEnd end, scan_->history->EndOfLog(bucket_, scan_->snapshot, *found->second));
    end_ = end.offset;
    unseen_ = std::move(end.unseen);
    offset_ = 0;
    high_watermarks_ = {};
    return Status::OK();
  }

  /// The last batch comes first, unless some are small, which are read together as they lie.
  Status TurnAround() {
    while (offset_ < end_) WEIR_RETURN_NOT_OK(TakeFetched());  // as they are mapped
    const auto is_small = [](const StoredBatch& stored) { return IsSmallBatch(stored.header); };
    if (std::ranges::none_of(stored_, is_small)) std::ranges::reverse(stored_);
    return Status::OK();
  }

  void StartFetch() {
    FetchLogRequest request;
    request.max_bytes = kFetchBytes;
    const bool embedded = scan_->gateway().is_embedded();  // which maps whole batches, whatever is asked of them
    request.max_wait_ms = embedded ? 0 : 500;
    if (!embedded) request.projection = scan_->plan->pushed_columns;
    request.buckets.push_back({bucket_, offset_ == 0 ? kEarliestOffset : offset_, kFetchBytes});
    fetch_ = scan_->gateway().FetchLog(std::move(request));
  }

  Status TakeFetched() {
    if (!fetch_.valid()) StartFetch();
    const auto& answer = fetch_.Wait();
    if (!answer.ok()) return answer.status();
    if (answer->size() != 1) return Error("XX000", bucket_.ToString() + ": a fetch has no answer");
    const FetchedBucket& fetched = answer->front();
    WEIR_RETURN_NOT_OK(fetched.status.WithContext(bucket_.ToString()));
    const int64_t before = offset_;
    offset_ = std::max(offset_, fetched.log_start_offset);
    WEIR_ASSIGN_OR_RETURN(std::vector<StoredBatch> batches, SplitBatches(fetched.records, fetched.projected));
    for (StoredBatch& batch : batches) {
      if (batch.header.next_offset() <= offset_ || batch.header.base_offset >= end_) continue;
      offset_ = batch.header.next_offset();
      const auto unseen = unseen_.find(batch.header.writer_id);
      if (unseen != unseen_.end() && batch.header.sequence >= unseen->second) continue;
      stored_.push_back(std::move(batch));
    }
    offset_ = std::max(offset_, fetched.filtered_end_offset.value_or(0));
    empty_answers_ = offset_ > before ? 0 : empty_answers_ + 1;
    if (empty_answers_ > kMaxEmptyAnswers) {
      return Error("58030", fmt::format("{} gives no records from offset {}, although it has some up to {}",
                                        bucket_.ToString(), offset_, end_));
    }
    fetch_ = {};
    if (offset_ < end_) StartFetch();
    return Status::OK();
  }

  /// Small batches that are read together, always the same ones however answers were cut; another batch is one alone.
  struct Run {
    std::ptrdiff_t size = 0;
    bool ended = false;  // more that is fetched would not be part of it
  };
  Run FindRun() const {
    if (stored_.empty()) return {};
    if (!MayJoin(stored_.front())) return {1, true};
    std::ptrdiff_t size = 1;
    for (auto next = stored_.begin() + 1; next != stored_.end(); ++next, ++size) {
      if (!MayJoin(*next) || !Follows(*std::prev(next), *next)) return {size, true};
    }
    return {size, stored_.back().header.next_offset() % kRowsOfRun == 0};
  }

  bool MayJoin(const StoredBatch& stored) const {
    return IsSmallBatch(stored.header) && stored.header.base_offset >= begin_ && stored.header.next_offset() <= end_;
  }

  static bool Follows(const StoredBatch& before, const StoredBatch& next) {
    const bool same = before.header.schema_id == next.header.schema_id && before.projected == next.projected;
    const bool beside = before.header.next_offset() == next.header.base_offset;
    return same && beside && before.header.base_offset / kRowsOfRun == next.header.base_offset / kRowsOfRun;
  }

  Result<std::optional<ScannedBatch>> ReadStored(std::ptrdiff_t run) {
    ColumnCache* const before = scan_->read_before.get();
    if (run == 1) return ReadStoredBatch(*scan_->plan, bucket_, stored_.front(), {begin_, end_}, before);
    const auto first = std::make_move_iterator(stored_.begin());
    const std::vector<StoredBatch> batches(first, first + run);
    return ReadStoredRun(*scan_->plan, bucket_, batches, before);
  }

  /// Whether a batch may have rows that the scan's user still wants; of small ones it is not asked.
  Result<bool> MayCountNow(std::ptrdiff_t run) const {
    if (!scan_->filter_now || run > 1 || IsSmallBatch(stored_.front().header)) return true;
    const std::optional<Predicate> filter = scan_->filter_now();
    if (!filter) return true;
    const auto bound = BoundPredicate::Bind(*filter, scan_->leaf->table->info.schema());
    return bound.ok() ? MayMatch(*scan_->plan, *bound, stored_.front()) : Result<bool>(true);
  }

  /// Two rows in a batch's place, where these are enough and known; null: it has to be read.
  Result<std::shared_ptr<arrow::RecordBatch>> ReadExtremes(std::ptrdiff_t run) {
    const std::shared_ptr<arrow::RecordBatch> unknown;
    const StoredBatch& stored = stored_.front();
    const LogBatchHeader& header = stored.header;
    const bool whole = header.base_offset >= begin_ && header.next_offset() <= end_;
    if (!scan_->extremes_only || scan_->columns.empty() || run > 1 || !whole || !header.append_only || stored.projected)
      return unknown;
    gone_.clear();
    deleted_->AppendMembers(header.base_offset, header.next_offset(), &gone_);
    if (!gone_.empty()) return unknown;
    Arena arena;
    WEIR_ASSIGN_OR_RETURN(const auto ranges, RangesOfStored(*scan_->plan, stored, &arena));
    std::vector<DataType> types;
    std::vector<Datum> least;
    std::vector<Datum> greatest;
    for (const int column : scan_->columns) {
      const BoundPredicate::Range& range = ranges[static_cast<size_t>(column)];
      const bool is_null = range.null_count >= header.record_count;
      if (!range.known || (!is_null && (range.min.is_null() || range.max.is_null()))) return unknown;
      types.push_back(scan_->leaf->table->types[static_cast<size_t>(column)]);
      least.push_back(range.min);
      greatest.push_back(range.max);
    }
    WEIR_ASSIGN_OR_RETURN(ArrowRowBuilder builder, ArrowRowBuilder::Make(scan_->schema, std::move(types)));
    WEIR_RETURN_NOT_OK(builder.Append(least));
    WEIR_RETURN_NOT_OK(builder.Append(greatest));
    return builder.Finish();
  }

  Status Read(std::ptrdiff_t run) {
    const int32_t schema_id = stored_.front().header.schema_id;
    if (scan_->plan->table->schemas->Find(schema_id) == nullptr) {
      const auto loaded = LoadSchemas(scan_->plan->table, {schema_id}).Wait();
      if (!loaded.ok()) return loaded.status();
    }
    WEIR_ASSIGN_OR_RETURN(const bool may_count, MayCountNow(run));
    if (!may_count) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const auto extremes, ReadExtremes(run));
    if (extremes != nullptr) {
      ready_.emplace_back().rows = extremes;
      return Status::OK();
    }
    WEIR_ASSIGN_OR_RETURN(const auto batch, ReadStored(run));
    if (!batch) return Status::OK();
    gone_.clear();
    deleted_->AppendMembers(batch->base_offset, batch->last_offset + 1, &gone_);
    std::optional<int64_t> first;
    if (scan_->row_ids) first = PositionOf(bucket_.bucket_id, batch->base_offset);
    return AppendKept(batch->rows, gone_, first, &ready_);
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  HighWatermarks high_watermarks_;  // until they are known
  const DeletedRows deleted_;
  Future<std::vector<FetchedBucket>> fetch_;  // under way
  int64_t offset_ = 0;                        // next to fetch
  int64_t begin_ = 0;
  int64_t end_ = 0;
  std::map<int64_t, int32_t> unseen_;  // LogEnd
  int empty_answers_ = 0;
  std::deque<StoredBatch> stored_;
  std::deque<LeafBatch> ready_;
  std::vector<int32_t> gone_;
};

class AddedRowsReader final : public LeafReader {
 public:
  AddedRowsReader(LeafScanPtr scan, std::shared_ptr<const LogChanges::View> view)
      : scan_(std::move(scan)), view_(std::move(view)) {}

  Result<Batch> Next() override {
    while (ready_.empty()) {
      if (next_ == view_->added.size()) return Batch();
      const LogChanges::Rows& rows = view_->added[next_++];
      std::vector<int32_t> gone;
      view_->deleted_added.AppendMembers(rows.first, rows.first + rows.batch->num_rows(), &gone);
      std::optional<int64_t> first;
      if (scan_->row_ids) first = kFirstAddedPosition + rows.first;
      WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(*scan_->leaf, rows.batch));
      WEIR_RETURN_NOT_OK(AppendKept(SelectColumns(*whole, scan_->columns, scan_->schema), gone, first, &ready_));
    }
    Batch batch(std::move(ready_.front()));
    ready_.pop_front();
    return batch;
  }

 private:
  const LeafScanPtr scan_;
  const std::shared_ptr<const LogChanges::View> view_;
  size_t next_ = 0;
  std::deque<LeafBatch> ready_;
};

// --- PK leaves ---

Result<std::shared_ptr<const ScanPlan>> MakePlan(const Leaf& leaf, const std::vector<int>& columns,
                                                 const std::optional<Predicate>& filter) {
  Table::ScanOptions options;
  options.projection = columns.empty() ? std::vector<int>{0} : columns;
  options.filter = filter;
  Result<std::shared_ptr<const ScanPlan>> plan = ScanPlan::Make(leaf.table, options);
  if (!plan.ok() && filter) return MakePlan(leaf, columns, {});  // it only saves reading: do without it
  if (!plan.ok() || !columns.empty()) return plan;
  auto rows_only = std::make_shared<ScanPlan>(**plan);
  rows_only->columns.clear();
  rows_only->arrow_schema = arrow::schema({});
  return std::shared_ptr<const ScanPlan>(std::move(rows_only));
}

/// Takes values of a PK bucket to what a scan wants of them.
class ValueReader {
 public:
  ValueReader(LeafScanPtr scan, const TableBucket& bucket)
      : scan_(std::move(scan)), bucket_(bucket), encoder_(*scan_->leaf) {}

  /// The rows whose keys are not in `hidden` (null: all), nothing when there are none.
  Result<Batch> Read(std::span<const std::string_view> values, const KeyIndex* hidden) {
    LeafBatch batch;
    const bool keyed = scan_->row_ids || scan_->own_keys != nullptr || hidden != nullptr;
    if (keyed) WEIR_RETURN_NOT_OK(FindKeyedPlan());
    WEIR_ASSIGN_OR_RETURN(batch.rows, Decode(values, keyed ? *keyed_plan_ : *scan_->plan));
    if (keyed) {
      WEIR_ASSIGN_OR_RETURN(const auto kept, Keep(batch.rows, hidden, &batch.keys));
      std::vector<int> wanted(scan_->columns.size());
      std::iota(wanted.begin(), wanted.end(), 0);
      batch.rows = SelectColumns(*kept, wanted, scan_->schema);
    }
    return batch.rows->num_rows() == 0 ? Batch() : Batch(std::move(batch));
  }

  Result<std::shared_ptr<arrow::RecordBatch>> Decode(std::span<const std::string_view> values, const ScanPlan& plan) {
    if (plan.columns.empty()) {
      return arrow::RecordBatch::Make(scan_->schema, static_cast<int64_t>(values.size()), arrow::ArrayVector{});
    }
    const auto loaded = LoadSchemas(plan.table, UnknownSchemas(*plan.table, values)).Wait();
    if (!loaded.ok()) return loaded.status();
    return ReadValues(plan, values);
  }

 private:
  /// Of the scan's columns and after them what else makes keys.
  Status FindKeyedPlan() {
    if (keyed_plan_ != nullptr) return Status::OK();
    std::vector<int> columns = scan_->columns;
    for (const int column : encoder_.Columns()) {
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
    for (const int column : columns) types_.push_back(scan_->leaf->table->types[static_cast<size_t>(column)]);
    const bool same = columns == scan_->columns && !columns.empty();
    WEIR_ASSIGN_OR_RETURN(keyed_plan_, same ? scan_->plan : MakePlan(*scan_->leaf, columns, scan_->filter));
    return Status::OK();
  }

  Result<std::shared_ptr<arrow::RecordBatch>> Keep(const std::shared_ptr<arrow::RecordBatch>& rows,
                                                   const KeyIndex* hidden,
                                                   std::shared_ptr<arrow::BinaryArray>* keys) {
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, types_));
    const std::vector<int>& columns = keyed_plan_->columns;
    const std::vector<int> key_columns = encoder_.Columns();
    arrow::BinaryBuilder builder;
    std::vector<int32_t> kept;
    std::string row_key;
    Arena arena;
    for (int64_t i = 0; i < rows->num_rows(); ++i) {
      for (const int column : key_columns) {
        const auto at = std::ranges::find(columns, column) - columns.begin();
        encoder_.row()[column] = reader.ReadCell(i, static_cast<int>(at), &arena);
      }
      WEIR_ASSIGN_OR_RETURN(const std::string_view key, encoder_.Key());
      if (hidden != nullptr && hidden->Find(key) >= 0) continue;
      if (scan_->own_keys != nullptr && scan_->own_keys->Hides(key)) continue;
      kept.push_back(static_cast<int32_t>(i));
      if (!scan_->row_ids) continue;
      row_key.clear();
      AppendRowKey(bucket_.bucket_id, key, &row_key);
      WEIR_RETURN_NOT_OK(FromArrow(builder.Append(row_key)));
    }
    if (scan_->row_ids) WEIR_RETURN_NOT_OK(FromArrow(builder.Finish(keys)));
    if (static_cast<int64_t>(kept.size()) == rows->num_rows()) return rows;
    return TakeRows(rows, kept);
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  KeyEncoder encoder_;
  std::shared_ptr<const ScanPlan> keyed_plan_;  // null: not needed yet
  std::vector<DataType> types_;                 // of its columns
};

/// The names of a bucket's rows, of their encoded keys.
Result<std::shared_ptr<arrow::BinaryArray>> RowKeysOf(const arrow::BinaryArray& keys, int32_t bucket) {
  arrow::BinaryBuilder builder;
  const int64_t prefixes = keys.length() * static_cast<int64_t>(sizeof bucket);
  WEIR_RETURN_NOT_OK(FromArrow(builder.Reserve(keys.length())));
  WEIR_RETURN_NOT_OK(FromArrow(builder.ReserveData(keys.total_values_length() + prefixes)));
  std::string row_key;
  for (int64_t i = 0; i < keys.length(); ++i) {
    row_key.clear();
    AppendRowKey(bucket, keys.GetView(i), &row_key);
    builder.UnsafeAppend(row_key);
  }
  std::shared_ptr<arrow::BinaryArray> names;
  WEIR_RETURN_NOT_OK(FromArrow(builder.Finish(&names)));
  return names;
}

/// The rows of a PK bucket that are kept as columns, less those that are gone or hidden.
class ColumnReader {
 public:
  ColumnReader(LeafScanPtr scan, const TableBucket& bucket, KvColumns columns)
      : scan_(std::move(scan)), bucket_(bucket), columns_(std::move(columns)) {}

  /// `hidden`: keys that do not count; null: all do.
  Result<Batch> Next(const KeyIndex* hidden) {
    while (ready_.empty()) {
      if (next_ == columns_.batches.size()) return Batch();
      WEIR_RETURN_NOT_OK(Read(*columns_.batches[next_++], hidden));
    }
    Batch batch(std::move(ready_.front()));
    ready_.pop_front();
    return batch;
  }

  const std::shared_ptr<arrow::Buffer>& others() const { return columns_.others; }

 private:
  Status Read(const arrow::RecordBatch& batch, const KeyIndex* hidden) {
    const auto& keys = static_cast<const arrow::BinaryArray&>(*batch.column(batch.num_columns() - 1));
    FindGone(keys, hidden);
    first_row_ += batch.num_rows();
    auto rows = SelectColumns(batch, scan_->columns, scan_->schema);
    if (!scan_->row_ids) return AppendKept(rows, gone_, {}, &ready_);
    WEIR_ASSIGN_OR_RETURN(const auto names, RowKeysOf(keys, bucket_.bucket_id));
    const int place = rows->num_columns();
    WEIR_ASSIGN_OR_RETURN(rows, FromArrow(rows->AddColumn(place, arrow::field("", names->type()), names)));
    const size_t before = ready_.size();
    WEIR_RETURN_NOT_OK(AppendKept(rows, gone_, {}, &ready_));
    for (size_t i = before; i < ready_.size(); ++i) {
      LeafBatch& kept = ready_[i];
      kept.keys = std::static_pointer_cast<arrow::BinaryArray>(kept.rows->column(place));
      WEIR_ASSIGN_OR_RETURN(kept.rows, FromArrow(kept.rows->RemoveColumn(place)));
    }
    return Status::OK();
  }

  /// Ascending indices in the batch that begins at `first_row_`.
  void FindGone(const arrow::BinaryArray& keys, const KeyIndex* hidden) {
    gone_.clear();
    const KeyChanges::View* const own = scan_->own_keys.get();
    if (columns_.gone == nullptr && hidden == nullptr && own == nullptr) return;
    for (int64_t i = 0; i < keys.length(); ++i) {
      const int64_t row = first_row_ + i;
      const bool gone = columns_.gone != nullptr && ((*columns_.gone)[row / 64] >> (row % 64) & 1) != 0;
      const bool replaced = !gone && hidden != nullptr && hidden->Find(keys.GetView(i)) >= 0;
      const bool changed = !gone && !replaced && own != nullptr && own->Hides(keys.GetView(i));
      if (gone || replaced || changed) gone_.push_back(static_cast<int32_t>(i));
    }
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  const KvColumns columns_;
  size_t next_ = 0;
  int64_t first_row_ = 0;
  std::deque<LeafBatch> ready_;
  std::vector<int32_t> gone_;
};

/// The store's own snapshot may be younger than the statement's: what later commits have replaced since is put back.
class ReplacedSince {
 public:
  /// To be called after the store's snapshot was taken, so that it misses none.
  Status Load(const LeafScan& scan, const TableBucket& bucket) {
    WEIR_ASSIGN_OR_RETURN(commits_, scan.history->Replaced(bucket, scan.snapshot));
    for (const auto& commit : commits_) {
      for (int64_t i = 0; i < commit->keys.size(); ++i) {
        const bool first = keys_.Insert(commit->keys.key(i)).second;
        if (first && commit->values[i]) before_.push_back(*commit->values[i]);
      }
    }
    return Status::OK();
  }

  /// Null: none.
  const KeyIndex* keys() const { return keys_.size() == 0 ? nullptr : &keys_; }
  /// What stood there, once.
  Result<Batch> TakeBefore(ValueReader* values) {
    const std::vector<std::string_view> before = std::exchange(before_, {});
    return before.empty() ? Result<Batch>(Batch()) : values->Read(before, nullptr);
  }

 private:
  std::vector<std::shared_ptr<const ReplacedRows>> commits_;  // what `before_` points into
  KeyIndex keys_;
  std::vector<std::string_view> before_;
};

/// A PK bucket of an embedded database.
class OwnBucketReader final : public LeafReader {
 public:
  OwnBucketReader(LeafScanPtr scan, const TableBucket& bucket)
      : scan_(std::move(scan)), bucket_(bucket), values_(scan_, bucket) {}

  Result<Batch> Next() override {
    if (!std::exchange(begun_, true)) WEIR_RETURN_NOT_OK(Begin());
    if (columns_) {
      WEIR_ASSIGN_OR_RETURN(Batch batch, columns_->Next(replaced_.keys()));
      if (batch) return batch;
      const std::shared_ptr<arrow::Buffer> others = columns_->others();
      columns_.reset();
      if (others != nullptr) {
        WEIR_ASSIGN_OR_RETURN(const auto values, ParseValueBatch(std::string_view(*others)));
        WEIR_ASSIGN_OR_RETURN(batch, values_.Read(values, replaced_.keys()));
        if (batch) return batch;
      }
    }
    while (rows_ != nullptr) {
      WEIR_ASSIGN_OR_RETURN(Batch batch, ReadRows());
      if (batch) return batch;
    }
    return replaced_.TakeBefore(&values_);
  }

 private:
  static constexpr size_t kRowsAtOnce = 8192;
  static constexpr size_t kBytesAtOnce = 1 << 20;

  Status Begin() {
    Result<KvScan> opened = scan_->gateway().Scan(bucket_, scan_->leaf->table->info.schema_id).Wait();
    if (!opened.ok()) return opened.status().WithContext(bucket_.ToString());
    if (opened->columns) columns_.emplace(scan_, bucket_, *std::move(opened->columns));
    rows_ = std::move(opened->rows);
    return replaced_.Load(*scan_, bucket_);
  }

  /// Some of the rows that are decoded one by one; after the last there are no `rows_`.
  Result<Batch> ReadRows() {
    Arena arena;
    std::vector<std::string_view> values;
    arrow::BinaryBuilder keys;
    std::string row_key;
    size_t bytes = 0;
    for (; rows_->Valid() && values.size() < kRowsAtOnce && bytes < kBytesAtOnce; rows_->Next()) {
      const std::string_view key = rows_->key();
      if (replaced_.keys() != nullptr && replaced_.keys()->Find(key) >= 0) continue;
      if (scan_->own_keys != nullptr && scan_->own_keys->Hides(key)) continue;
      values.push_back(arena.CopyBytes(rows_->value()));
      bytes += values.back().size();
      if (!scan_->row_ids) continue;
      row_key.clear();
      AppendRowKey(bucket_.bucket_id, key, &row_key);
      WEIR_RETURN_NOT_OK(FromArrow(keys.Append(row_key)));
    }
    WEIR_RETURN_NOT_OK(rows_->status());
    if (!rows_->Valid()) rows_ = nullptr;
    if (values.empty()) return Batch();
    LeafBatch batch;
    WEIR_ASSIGN_OR_RETURN(batch.rows, values_.Decode(values, *scan_->plan));
    if (scan_->row_ids) WEIR_RETURN_NOT_OK(FromArrow(keys.Finish(&batch.keys)));
    return Batch(std::move(batch));
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  ValueReader values_;
  bool begun_ = false;
  std::optional<ColumnReader> columns_;  // as long as they have rows
  std::shared_ptr<KvRows> rows_;         // the same
  ReplacedSince replaced_;
};

/// A PK bucket of another server, step by step.
class KeyBucketReader final : public LeafReader {
 public:
  KeyBucketReader(LeafScanPtr scan, const TableBucket& bucket)
      : scan_(std::move(scan)), bucket_(bucket), values_(scan_, bucket) {
    step_ = StartStep("");
  }

  ~KeyBucketReader() override {
    if (!step_.valid()) return;
    step_.Then([scan = scan_, bucket = bucket_](const Result<ScanKvResult>& step) {
      if (!step.ok() || !step->has_more) return;
      ScanKvRequest request;
      request.bucket = bucket;
      request.scanner_id = step->scanner_id;
      request.close = true;
      scan->gateway().ScanKv(std::move(request));
    });
  }

  Result<Batch> Next() override {
    while (step_.valid()) {
      const Result<ScanKvResult> step = step_.Wait();
      if (!std::exchange(begun_, true)) WEIR_RETURN_NOT_OK(replaced_.Load(*scan_, bucket_));
      if (!step.ok()) return step.status().WithContext(bucket_.ToString());
      step_ = step->has_more ? StartStep(step->scanner_id) : Future<ScanKvResult>();
      if (step->records == nullptr) continue;
      WEIR_ASSIGN_OR_RETURN(const auto values, ParseValueBatch(std::string_view(*step->records)));
      WEIR_ASSIGN_OR_RETURN(Batch batch, values_.Read(values, replaced_.keys()));
      if (batch) return batch;
    }
    return replaced_.TakeBefore(&values_);
  }

 private:
  static constexpr int32_t kStepBytes = 1 << 20;

  Future<ScanKvResult> StartStep(const std::string& scanner_id) {
    ScanKvRequest request;
    request.bucket = bucket_;
    request.scanner_id = scanner_id;
    request.batch_size_bytes = kStepBytes;
    return scan_->gateway().ScanKv(std::move(request));
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  ValueReader values_;
  Future<ScanKvResult> step_;  // under way
  bool begun_ = false;
  ReplacedSince replaced_;
};

/// Rows by their keys: each is looked up once.
class KeyLookupReader final : public LeafReader {
 public:
  KeyLookupReader(LeafScanPtr scan, const TableBucket& bucket, std::vector<std::string> keys)
      : scan_(std::move(scan)), bucket_(bucket), keys_(std::move(keys)), values_(scan_, bucket) {
    if (scan_->own_keys == nullptr) return;
    std::erase_if(keys_, [&](const std::string& key) { return scan_->own_keys->Hides(key); });
  }

  Result<Batch> Next() override {
    if (std::exchange(done_, true) || keys_.empty()) return Batch();
    LookupRequest request;
    request.table_id = scan_->leaf->table->info.table_id;
    request.buckets.push_back({bucket_, keys_});
    const Future<std::vector<LookedUpBucket>> looked_up = scan_->gateway().Lookup(std::move(request));
    const auto& answer = looked_up.Wait();
    if (!answer.ok()) return answer.status();
    if (answer->size() != 1) return Error("XX000", bucket_.ToString() + ": a lookup has no answer");
    if (!answer->front().status.ok()) return answer->front().status.WithContext(bucket_.ToString());
    const std::vector<std::optional<std::string>>& stored = answer->front().values;
    if (stored.size() != keys_.size()) return Error("XX000", bucket_.ToString() + ": a lookup has no answer");
    // After the lookup, so that nothing that it might have seen is missed: what was there at the snapshot.
    WEIR_ASSIGN_OR_RETURN(const auto replaced, scan_->history->Replaced(bucket_, scan_->snapshot));
    std::vector<std::string_view> rows;
    std::vector<size_t> found;  // their keys
    for (size_t i = 0; i < keys_.size(); ++i) {
      const std::optional<std::string>* row = &stored[i];
      for (const auto& commit : replaced) {
        const int64_t at = commit->keys.Find(keys_[i]);
        if (at < 0) continue;
        row = &commit->values[static_cast<size_t>(at)];
        break;  // the first after the snapshot has what it saw
      }
      if (!*row) continue;
      rows.emplace_back(**row);
      found.push_back(i);
      if (scan_->rows_read != nullptr) scan_->rows_read->Add(bucket_.bucket_id, keys_[i], HashOfStored(**row));
    }
    return rows.empty() ? Result<Batch>(Batch()) : Read(rows, found);
  }

 private:
  Result<Batch> Read(const std::vector<std::string_view>& rows, const std::vector<size_t>& found) {
    LeafBatch batch;
    WEIR_ASSIGN_OR_RETURN(batch.rows, values_.Decode(rows, *scan_->plan));
    if (!scan_->row_ids) return Batch(std::move(batch));
    arrow::BinaryBuilder names;
    std::string name;
    for (const size_t key : found) {
      name.clear();
      AppendRowKey(bucket_.bucket_id, keys_[key], &name);
      WEIR_RETURN_NOT_OK(FromArrow(names.Append(name)));
    }
    WEIR_RETURN_NOT_OK(FromArrow(names.Finish(&batch.keys)));
    return Batch(std::move(batch));
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  std::vector<std::string> keys_;  // that the transaction has not changed
  ValueReader values_;
  bool done_ = false;
};

/// Rows by what their keys begin with.
class KeyPrefixReader final : public LeafReader {
 public:
  KeyPrefixReader(LeafScanPtr scan, const TableBucket& bucket, std::vector<std::string> prefixes)
      : scan_(std::move(scan)), bucket_(bucket), prefixes_(std::move(prefixes)), values_(scan_, bucket) {
    std::ranges::sort(prefixes_);
  }

  Result<Batch> Next() override {
    if (!std::exchange(begun_, true)) WEIR_RETURN_NOT_OK(LookUp());
    while (next_ < stored_.size()) {
      const std::span<const std::string_view> some =
          std::span<const std::string_view>(stored_).subspan(next_, std::min(kValuesAtOnce, stored_.size() - next_));
      next_ += some.size();
      WEIR_ASSIGN_OR_RETURN(Batch batch, values_.Read(some, replaced_.size() == 0 ? nullptr : &replaced_));
      if (batch) return batch;
    }
    const std::vector<std::string_view> before = std::exchange(before_, {});
    return before.empty() ? Result<Batch>(Batch()) : values_.Read(before, nullptr);
  }

 private:
  static constexpr size_t kValuesAtOnce = 8192;

  Status LookUp() {
    PrefixLookupRequest request;
    request.table_id = scan_->leaf->table->info.table_id;
    request.buckets.push_back({bucket_, prefixes_});
    answer_ = scan_->gateway().PrefixLookup(std::move(request));
    const auto& answer = answer_.Wait();
    if (!answer.ok()) return answer.status();
    if (answer->size() != 1) return Error("XX000", bucket_.ToString() + ": a lookup has no answer");
    WEIR_RETURN_NOT_OK(answer->front().status.WithContext(bucket_.ToString()));
    for (const auto& values : answer->front().values) stored_.insert(stored_.end(), values.begin(), values.end());
    return PutBack();
  }

  /// What commits after the snapshot have replaced, after the lookup, which might have seen them.
  Status PutBack() {
    WEIR_ASSIGN_OR_RETURN(replaced_by_, scan_->history->Replaced(bucket_, scan_->snapshot));
    for (const auto& commit : replaced_by_) {
      for (int64_t i = 0; i < commit->keys.size(); ++i) {
        if (!IsWanted(commit->keys.key(i))) continue;
        const bool first = replaced_.Insert(commit->keys.key(i)).second;
        if (first && commit->values[i]) before_.push_back(*commit->values[i]);
      }
    }
    return Status::OK();
  }

  bool IsWanted(std::string_view key) const {
    const auto after = std::upper_bound(prefixes_.begin(), prefixes_.end(), key);
    return after != prefixes_.begin() && key.starts_with(*std::prev(after));
  }

  const LeafScanPtr scan_;
  const TableBucket bucket_;
  std::vector<std::string> prefixes_;  // sorted
  ValueReader values_;
  Future<std::vector<PrefixLookedUpBucket>> answer_;  // what `stored_` points into
  std::vector<std::string_view> stored_;
  size_t next_ = 0;
  bool begun_ = false;
  std::vector<std::shared_ptr<const ReplacedRows>> replaced_by_;  // what `before_` points into
  KeyIndex replaced_;
  std::vector<std::string_view> before_;
};

/// Rows that the transaction itself has put under keys: all, or those of some keys.
class AddedKeysReader final : public LeafReader {
 public:
  AddedKeysReader(LeafScanPtr scan, const std::optional<std::vector<std::string>>& keys) : scan_(std::move(scan)) {
    const KeyChanges::View& own = *scan_->own_keys;
    for (size_t layer = 0; layer < own.layers.size(); ++layer) parts_.push_back(RowsOf(layer, keys));
  }

  Result<Batch> Next() override {
    while (part_ < parts_.size()) {
      const KeyChanges::Layer& layer = *scan_->own_keys->layers[part_];
      const std::vector<Row>& rows = parts_[part_];
      if (next_row_ == rows.size()) {
        ++part_;
        next_row_ = 0;
        continue;
      }
      const auto added =
          std::ranges::upper_bound(layer.added, rows[next_row_].number, {}, &KeyChanges::Rows::first) - 1;
      return Read(layer, *added, rows);
    }
    return Batch();
  }

 private:
  using Row = KeyChanges::Layer::Row;

  /// What stands in a layer and in none behind it.
  std::vector<Row> RowsOf(size_t number, const std::optional<std::vector<std::string>>& keys) const {
    const KeyChanges::Layer& layer = *scan_->own_keys->layers[number];
    std::vector<Row> rows;
    if (!keys) {
      rows = layer.rows;
    } else {
      for (const std::string& key : *keys) {
        const int64_t found = layer.keys.Find(key);
        if (found >= 0 && layer.row_of[found] >= 0) rows.push_back({layer.row_of[found], found});
      }
      std::ranges::sort(rows, {}, &Row::number);
    }
    std::erase_if(rows, [&](const Row& row) { return scan_->own_keys->IsOlder(number, layer.keys.key(row.key)); });
    return rows;
  }

  /// The rows from the next on that are in one batch.
  Result<Batch> Read(const KeyChanges::Layer& layer, const KeyChanges::Rows& added, const std::vector<Row>& rows) {
    std::vector<int32_t> indices;
    arrow::BinaryBuilder keys;
    const int64_t end = added.first + added.batch->num_rows();
    for (; next_row_ < rows.size() && rows[next_row_].number < end; ++next_row_) {
      const Row& row = rows[next_row_];
      indices.push_back(static_cast<int32_t>(row.number - added.first));
      if (!scan_->row_ids) continue;
      row_key_.clear();
      AppendRowKey(layer.buckets[row.key], layer.keys.key(row.key), &row_key_);
      WEIR_RETURN_NOT_OK(FromArrow(keys.Append(row_key_)));
    }
    LeafBatch batch;
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(*scan_->leaf, added.batch));
    const auto projected = SelectColumns(*whole, scan_->columns, scan_->schema);
    if (projected->num_columns() == 0) {
      batch.rows = projected->Slice(0, static_cast<int64_t>(indices.size()));
    } else {
      WEIR_ASSIGN_OR_RETURN(batch.rows, TakeRows(projected, indices));
    }
    if (scan_->row_ids) WEIR_RETURN_NOT_OK(FromArrow(keys.Finish(&batch.keys)));
    return Batch(std::move(batch));
  }

  const LeafScanPtr scan_;
  std::vector<std::vector<Row>> parts_;  // by layer
  size_t part_ = 0;
  size_t next_row_ = 0;
  std::string row_key_;
};

}  // namespace

Result<std::shared_ptr<LeafScan>> MakeLeafScan(const LeafPtr& leaf, const LeafScanOptions& options) {
  auto scan = std::make_shared<LeafScan>();
  scan->leaf = leaf;
  scan->row_ids = options.row_ids;
  scan->filter = options.filter;
  scan->filter_now = options.filter_now;
  scan->last_first = options.last_first;
  scan->extremes_only = options.extremes_only;
  for (const int column : options.columns) {
    if (column < 0 || column >= leaf->num_columns()) {
      return Error("42703", fmt::format("column {} of relation \"{}\" does not exist: it has {}, from 0", column,
                                        leaf->relation->path.table, leaf->num_columns()));
    }
    scan->columns.push_back(leaf->PlaceOf(column));
  }
  WEIR_ASSIGN_OR_RETURN(scan->plan, MakePlan(*leaf, scan->columns, options.filter));
  scan->schema = scan->plan->arrow_schema;
  return scan;
}

std::unique_ptr<LeafReader> ReadLogBucket(LeafScanPtr scan, const TableBucket& bucket, HighWatermarks high_watermarks,
                                          DeletedRows deleted) {
  return std::make_unique<LogBucketReader>(std::move(scan), bucket, std::move(high_watermarks), std::move(deleted));
}
std::unique_ptr<LeafReader> ReadLogRange(LeafScanPtr scan, const TableBucket& bucket, int64_t begin, int64_t end,
                                         DeletedRows deleted) {
  return std::make_unique<LogBucketReader>(std::move(scan), bucket, begin, end, std::move(deleted));
}
std::unique_ptr<LeafReader> ReadKeyBucket(LeafScanPtr scan, const TableBucket& bucket) {
  if (scan->gateway().is_embedded()) return std::make_unique<OwnBucketReader>(std::move(scan), bucket);
  return std::make_unique<KeyBucketReader>(std::move(scan), bucket);
}
std::unique_ptr<LeafReader> ReadKeys(LeafScanPtr scan, const TableBucket& bucket, std::vector<std::string> keys) {
  return std::make_unique<KeyLookupReader>(std::move(scan), bucket, std::move(keys));
}
std::unique_ptr<LeafReader> ReadKeyPrefixes(LeafScanPtr scan, const TableBucket& bucket,
                                            std::vector<std::string> prefixes) {
  return std::make_unique<KeyPrefixReader>(std::move(scan), bucket, std::move(prefixes));
}
std::unique_ptr<LeafReader> ReadAddedRows(LeafScanPtr scan, std::shared_ptr<const LogChanges::View> added) {
  return std::make_unique<AddedRowsReader>(std::move(scan), std::move(added));
}
std::unique_ptr<LeafReader> ReadAddedKeys(LeafScanPtr scan, const std::optional<std::vector<std::string>>& keys) {
  return std::make_unique<AddedKeysReader>(std::move(scan), keys);
}

}  // namespace weir::sql
