#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "storage/bucket_kinds.h"
#include "storage/key_decoder.h"
#include "storage/put_processor.h"

namespace weir {
namespace {

/// How many rows a bucket has: counted once, then kept up.
class RowCounter {
 public:
  void Add(std::optional<int64_t> new_rows) {
    if (new_rows) {
      added_ += *new_rows;
    } else {
      ++unknown_puts_;
    }
  }
  std::optional<int64_t> count() const {
    if (!counted_ || counted_->unknown_puts != unknown_puts_) return {};
    return counted_->base + added_;
  }

  /// Where the counter stood when the rows were looked at.
  struct Mark {
    int64_t added = 0;
    int64_t unknown_puts = 0;
  };
  Mark mark() const { return {added_, unknown_puts_}; }
  void Set(const Mark& mark, int64_t rows) { counted_ = Counted{rows - mark.added, mark.unknown_puts}; }

 private:
  struct Counted {
    int64_t base = 0;
    int64_t unknown_puts = 0;
  };
  std::optional<Counted> counted_;
  int64_t added_ = 0;
  int64_t unknown_puts_ = 0;
};

class PrimaryKeyBucket : public Bucket {
 public:
  PrimaryKeyBucket(const TableBucket& id, std::shared_ptr<const TableContext> table, std::unique_ptr<Log> log,
                   KvStore* kv)
      : id_(id),
        kv_(kv),
        log_(std::move(log)),
        table_(table),
        auto_increment_([this](int64_t count) { return Reserve(count); }, table->options.auto_increment_cache_size) {}

  Status Recover() {
    std::lock_guard lock(put_mutex_);
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    return CatchUp();
  }

  Log& log() override { return *log_; }

  void SetTable(std::shared_ptr<const TableContext> table) override {
    std::lock_guard lock(table_mutex_);
    table_ = std::move(table);
  }

  Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>&) override {
    return Status(ErrorCode::kInvalidTable,
                  fmt::format("table '{}' has a primary key: upsert into it instead of appending to its log",
                              table()->path.ToString()));
  }

  Result<LogAppendResult> Put(std::string_view kv_batch, const std::vector<int>& target_columns,
                              int agg_mode) override {
    WEIR_ASSIGN_OR_RETURN(const KvBatchView batch, ParseKvBatch(kv_batch));
    std::lock_guard lock(put_mutex_);
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    WEIR_RETURN_NOT_OK(CatchUp());
    if (batch.writer_id >= 0) {
      WEIR_ASSIGN_OR_RETURN(const auto original, log_->CheckSequence(batch.writer_id, batch.sequence));
      if (original) return *original;
    }
    WEIR_ASSIGN_OR_RETURN(const PutPlan plan,
                          processor_->Process(batch, target_columns, agg_mode, kv_, &auto_increment_));
    return Commit(plan);
  }

  Result<std::vector<std::optional<std::string>>> Lookup(const std::vector<std::string>& keys) override {
    return kv_->MultiGet(id_, keys);
  }

  Result<std::vector<std::optional<std::string>>> LookupOrInsert(const std::vector<std::string>& keys) override {
    WEIR_ASSIGN_OR_RETURN(auto values, kv_->MultiGet(id_, keys));
    if (std::all_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); })) return values;
    std::lock_guard lock(put_mutex_);
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    WEIR_RETURN_NOT_OK(CatchUp());
    WEIR_RETURN_NOT_OK(InsertMissing(keys));
    return kv_->MultiGet(id_, keys);
  }

  Result<std::vector<std::string>> PrefixLookup(std::string_view prefix) override {
    std::vector<std::string> values;
    const auto rows = kv_->Scan(id_, prefix);
    for (; rows->Valid(); rows->Next()) values.emplace_back(rows->value());
    WEIR_RETURN_NOT_OK(rows->status());
    return values;
  }

  Result<std::string> LimitScan(int32_t limit) override {
    ValueBatchBuilder batch;
    const auto rows = kv_->Scan(id_, {});
    for (; batch.num_records() < limit && rows->Valid(); rows->Next()) batch.Add(rows->value());
    WEIR_RETURN_NOT_OK(rows->status());
    return batch.Finish();
  }

  Result<Snapshot> OpenSnapshot() override {
    std::lock_guard lock(put_mutex_);
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    WEIR_RETURN_NOT_OK(CatchUp());
    Snapshot snapshot{kv_->Scan(id_, {}), applied_};
    WEIR_RETURN_NOT_OK(snapshot.rows->status());
    return snapshot;
  }

  Result<int64_t> RowCount() override {
    RowCounter::Mark mark;
    std::unique_ptr<KvStore::Iterator> rows;
    {
      std::lock_guard lock(put_mutex_);
      if (const auto count = rows_.count()) return *count;
      mark = rows_.mark();
      rows = kv_->Scan(id_, {});
    }
    int64_t count = 0;
    for (; rows->Valid(); rows->Next()) ++count;
    WEIR_RETURN_NOT_OK(rows->status());
    std::lock_guard lock(put_mutex_);
    rows_.Set(mark, count);
    return rows_.count().value_or(count);
  }

  Status ApplyRetention(int64_t timestamp) override {
    WEIR_ASSIGN_OR_RETURN(const int64_t flushed, kv_->FlushedOffset(id_));
    return log_->DropSegmentsBefore(timestamp, std::min(flushed, log_->high_watermark()));
  }

  Status Close() override {
    std::lock_guard lock(put_mutex_);
    return log_->Close();
  }

 private:
  std::shared_ptr<const TableContext> table() const {
    std::lock_guard lock(table_mutex_);
    return table_;
  }

  Result<int64_t> Reserve(int64_t count) {
    const auto table = this->table();
    if (table->reserve_auto_increment) return table->reserve_auto_increment(count);
    return Status(ErrorCode::kUnknownServerError,
                  fmt::format("nothing hands out auto-increment values of table '{}'", table->path.ToString()));
  }

  Status RefreshProcessor() {
    auto table = this->table();
    if (processor_ != nullptr && processor_->shared_table() == table) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(processor_, PutProcessor::Make(id_, std::move(table)));
    return Status::OK();
  }

  // Replays at opening; later only when applying rows has failed after their changelog was written.
  Status CatchUp() {
    if (applied_ == log_->end_offset()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(applied_, ReplayChangelog(id_, processor_->layout(), processor_->schemas(),
                                                    processor_->table().options, log_.get(), kv_));
    rows_.Add(std::nullopt);
    return Status::OK();
  }

  Result<LogAppendResult> Commit(const PutPlan& plan) {
    WEIR_ASSIGN_OR_RETURN(const LogAppendResult appended, log_->Append(plan.changelog));
    if (appended.duplicate) return appended;
    WEIR_RETURN_NOT_OK(kv_->ApplyRows(id_, plan.changes, appended.end_offset));
    applied_ = appended.end_offset;
    rows_.Add(plan.new_rows);
    return appended;
  }

  /// Adds the partition columns' values, which keys do not carry.
  Status FillPartition(const TableContext& table, Arena* arena, std::span<Datum> row) const {
    if (!id_.partition_id) return Status::OK();
    if (!table.partition_spec) {
      return {ErrorCode::kPartitionNotExists, fmt::format("the partition of {} is not known", id_.ToString())};
    }
    WEIR_ASSIGN_OR_RETURN(const PartitionSpec spec, table.partition_spec(*id_.partition_id));
    const Schema& schema = table.descriptor.schema;
    for (const auto& [column, text] : spec) {
      const int position = schema.IndexOf(column);
      if (position < 0) continue;
      WEIR_ASSIGN_OR_RETURN(row[position],
                            PartitionValueFromText(schema.column(position).type, text, column, arena));
    }
    return Status::OK();
  }

  Status InsertMissing(const std::vector<std::string>& keys) {
    WEIR_ASSIGN_OR_RETURN(const auto values, kv_->MultiGet(id_, keys));
    const TableContext& table = processor_->table();
    const std::vector<DataType>& types = processor_->schemas()->latest().types;
    Arena arena;
    std::vector<Datum> row(types.size());
    WEIR_RETURN_NOT_OK(FillPartition(table, &arena, row));
    std::vector<KvRecordView> records;
    std::set<std::string_view> seen;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (values[i] || !seen.insert(keys[i]).second) continue;
      WEIR_RETURN_NOT_OK(DecodePrimaryKey(processor_->layout(), types, keys[i], &arena, row));
      std::string bytes;
      WEIR_RETURN_NOT_OK(EncodeRow(processor_->schemas()->format(), types, row, &bytes));
      records.push_back({keys[i], arena.CopyBytes(bytes)});
    }
    if (records.empty()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const PutPlan plan, processor_->InsertKeys(records, kv_, &auto_increment_));
    return Commit(plan).status();
  }

  const TableBucket id_;
  KvStore* const kv_;
  const std::unique_ptr<Log> log_;
  mutable std::mutex table_mutex_;
  std::shared_ptr<const TableContext> table_;  // guarded by table_mutex_

  std::mutex put_mutex_;  // serialises puts and guards what follows
  std::unique_ptr<PutProcessor> processor_;
  AutoIncrement auto_increment_;
  RowCounter rows_;
  int64_t applied_ = -1;
};

}  // namespace

Result<std::unique_ptr<Bucket>> OpenPrimaryKeyBucket(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                                     std::unique_ptr<Log> log, KvStore* kv) {
  auto bucket = std::make_unique<PrimaryKeyBucket>(id, std::move(table), std::move(log), kv);
  WEIR_RETURN_NOT_OK(bucket->Recover());
  return std::unique_ptr<Bucket>(std::move(bucket));
}

}  // namespace weir
