#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "storage/bucket_columns.h"
#include "storage/bucket_kinds.h"
#include "storage/handover_mutex.h"
#include "storage/key_decoder.h"
#include "storage/put_processor.h"
#include "types/mutex.h"

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
        columns_(id, kv->column_files()),
        auto_increment_([this](int64_t count) { return Reserve(count); }, table->options.auto_increment_cache_size) {}

  Status Recover() {
    std::lock_guard lock(put_mutex_);
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    return CatchUp();
  }

  Log& log() override { return *log_; }

  void SetTable(std::shared_ptr<const TableContext> table) override {
    MutexLock lock(table_mutex_);
    table_ = std::move(table);
  }

  Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>&) override {
    return Status(ErrorCode::kInvalidTable,
                  fmt::format("table '{}' has a primary key: upsert into it instead of appending to its log",
                              table()->path.ToString()));
  }

  Result<LogAppendResult> Put(const KvBatchView& batch, const std::vector<int>& target_columns,
                              int agg_mode) override {
    std::lock_guard lock(put_mutex_);
    WEIR_ASSIGN_OR_RETURN(const auto original, Ready(batch));
    if (original) return *original;
    WEIR_ASSIGN_OR_RETURN(const PutPlan plan,
                          processor_->Process(batch, target_columns, agg_mode, OldRowsOf(batch), &auto_increment_));
    return Commit(plan);
  }

  Result<std::unique_ptr<BucketWrite>> PrepareAppend(const std::shared_ptr<arrow::Buffer>& batches) override {
    return Append(batches).status();
  }
  Result<std::unique_ptr<BucketWrite>> PreparePut(const KvBatchView& batch,
                                                  const std::shared_ptr<arrow::Buffer>& bytes,
                                                  const std::vector<int>& target_columns, int agg_mode) override {
    std::unique_lock lock(put_mutex_);
    WEIR_ASSIGN_OR_RETURN(const auto original, Ready(batch));
    if (original) return std::unique_ptr<BucketWrite>(std::make_unique<DuplicateWrite>(*original));
    WEIR_ASSIGN_OR_RETURN(PutPlan plan,
                          processor_->Process(batch, target_columns, agg_mode, OldRowsOf(batch), &auto_increment_));
    WEIR_ASSIGN_OR_RETURN(auto append, log_->Prepare(plan.changelog));
    return std::unique_ptr<BucketWrite>(
        std::make_unique<PreparedPut>(this, std::move(lock), bytes, std::move(plan), std::move(append)));
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

  Result<KvScan> Scan(int32_t schema_id) override {
    BucketColumns::Source source{.log = log_.get(), .open_rows = [this] { return OpenSnapshot(); }};
    {
      std::lock_guard lock(put_mutex_);
      WEIR_RETURN_NOT_OK(RefreshProcessor());
      WEIR_RETURN_NOT_OK(CatchUp());
      source.table = processor_->shared_table();
      source.log_offset = applied_;
    }
    KvScan scan;
    if (source.table->schema_id == schema_id) {
      WEIR_ASSIGN_OR_RETURN(scan.columns, columns_.Read(source));
    }
    if (scan.columns) return scan;
    WEIR_ASSIGN_OR_RETURN(Snapshot snapshot, OpenSnapshot());
    scan.rows = std::move(snapshot.rows);
    return scan;
  }

  Result<int64_t> RowCount() override {
    RowCounter::Mark mark;
    std::unique_ptr<KvRows> rows;
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

  Status ApplyRetention(int64_t timestamp, int64_t keep_from_offset) override {
    WEIR_ASSIGN_OR_RETURN(const int64_t flushed, kv_->FlushedOffset(id_));
    return log_->DropSegmentsBefore(timestamp, std::min({keep_from_offset, flushed, log_->high_watermark()}));
  }

  Status Compact(const std::function<bool()>&) override { return Status::OK(); }
  Status Close() override {
    std::lock_guard lock(put_mutex_);
    const ValueRange unused = auto_increment_.TakeUnused();
    const auto table = this->table();
    // Values that cannot be given back are left out, no more.
    if (!unused.empty() && table->return_auto_increment) (void)table->return_auto_increment(unused);
    return log_->Close();
  }

 private:
  /// What a put needs while it waits for its commit.
  class PreparedPut final : public BucketWrite {
   public:
    PreparedPut(PrimaryKeyBucket* bucket, std::unique_lock<HandoverMutex> lock,
                std::shared_ptr<arrow::Buffer> bytes, PutPlan plan, std::unique_ptr<LogAppend> append)
        : bucket_(bucket), lock_(std::move(lock)), bytes_(std::move(bytes)), plan_(std::move(plan)),
          append_(std::move(append)) {}

    const LogAppendResult& result() const override { return append_->result(); }
    LogAppend* log() override { return append_.get(); }
    Status Publish() override {
      append_->Publish();
      const Status applied = bucket_->Apply(plan_, append_->result());
      lock_.unlock();
      return applied;
    }

   private:
    PrimaryKeyBucket* const bucket_;
    std::unique_lock<HandoverMutex> lock_;
    const std::shared_ptr<arrow::Buffer> bytes_;  // the plan refers to them
    const PutPlan plan_;
    const std::unique_ptr<LogAppend> append_;  // ends before the lock
  };

  /// A put that the bucket has had before.
  class DuplicateWrite final : public BucketWrite {
   public:
    explicit DuplicateWrite(const LogAppendResult& original) : original_(original) {}
    const LogAppendResult& result() const override { return original_; }
    LogAppend* log() override { return nullptr; }
    Status Publish() override { return Status::OK(); }

   private:
    const LogAppendResult original_;
  };

  std::shared_ptr<const TableContext> table() const {
    MutexLock lock(table_mutex_);
    return table_;
  }

  Result<ValueRange> Reserve(int64_t count) {
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

  PutProcessor::OldRows OldRowsOf(const KvBatchView& batch) {
    if (batch.new_at == applied_) return {};  // it is known that there are none
    return {.kv = kv_, .find_columns = [this](std::span<const std::string_view> keys) {
              return columns_.Find({.table = processor_->shared_table(), .log_offset = applied_, .log = log_.get()},
                                   keys);
            }};
  }

  Result<LogAppendResult> Commit(const PutPlan& plan) {
    WEIR_ASSIGN_OR_RETURN(const LogAppendResult appended, log_->Append(plan.changelog));
    WEIR_RETURN_NOT_OK(Apply(plan, appended));
    return appended;
  }

  Status Apply(const PutPlan& plan, const LogAppendResult& appended) {
    if (appended.duplicate) return Status::OK();
    WEIR_RETURN_NOT_OK(kv_->ApplyRows(id_, plan.changes, appended.end_offset));
    applied_ = appended.end_offset;
    rows_.Add(plan.new_rows);
    return Status::OK();
  }

  /// Brings the bucket to where it takes puts; the original's place when the batch is a duplicate.
  Result<std::optional<LogAppendResult>> Ready(const KvBatchView& batch) {
    WEIR_RETURN_NOT_OK(RefreshProcessor());
    WEIR_RETURN_NOT_OK(CatchUp());
    if (batch.writer_id < 0) return std::optional<LogAppendResult>();
    return log_->CheckSequence(batch.writer_id, batch.sequence);
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
  mutable Mutex table_mutex_;
  std::shared_ptr<const TableContext> table_ WEIR_GUARDED_BY(table_mutex_);

  BucketColumns columns_;

  HandoverMutex put_mutex_;  // serialises puts and guards what follows
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
