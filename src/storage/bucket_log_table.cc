#include <arrow/buffer.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "format/log_batch.h"
#include "format/log_statistics.h"
#include "storage/bucket_kinds.h"
#include "storage/changelog.h"
#include "storage/log_compaction.h"
#include "types/arrow_status.h"
#include "types/mutex.h"

namespace weir {
namespace {

class LogTableWrite final : public BucketWrite {
 public:
  explicit LogTableWrite(std::unique_ptr<LogAppend> append) : append_(std::move(append)) {}
  const LogAppendResult& result() const override { return append_->result(); }
  LogAppend* log() override { return result().duplicate ? nullptr : append_.get(); }
  Status Publish() override {
    append_->Publish();
    return Status::OK();
  }

 private:
  const std::unique_ptr<LogAppend> append_;
};

class LogTableBucket : public Bucket {
 public:
  LogTableBucket(std::shared_ptr<const TableContext> table, std::unique_ptr<Log> log)
      : table_(std::move(table)), log_(std::move(log)) {}

  Log& log() override { return *log_; }
  void SetTable(std::shared_ptr<const TableContext> table) override {
    MutexLock lock(mutex_);
    table_ = std::move(table);
  }

  Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>& batches) override {
    WEIR_ASSIGN_OR_RETURN(const auto described, Checked(batches));
    return log_->Append(described);
  }
  Result<std::unique_ptr<BucketWrite>> PrepareAppend(const std::shared_ptr<arrow::Buffer>& batches) override {
    WEIR_ASSIGN_OR_RETURN(const auto described, Checked(batches));
    WEIR_ASSIGN_OR_RETURN(auto append, log_->Prepare(described));
    return std::unique_ptr<BucketWrite>(std::make_unique<LogTableWrite>(std::move(append)));
  }
  Result<std::unique_ptr<BucketWrite>> PreparePut(const KvBatchView&, const std::shared_ptr<arrow::Buffer>&,
                                                  const std::vector<int>&, int) override {
    return NoPrimaryKey();
  }

  Result<LogAppendResult> Put(const KvBatchView&, const std::vector<int>&, int) override { return NoPrimaryKey(); }
  Result<std::vector<std::optional<std::string>>> Lookup(const std::vector<std::string>&) override {
    return NoPrimaryKey();
  }
  Result<std::vector<std::optional<std::string>>> LookupOrInsert(const std::vector<std::string>&) override {
    return NoPrimaryKey();
  }
  Result<std::vector<std::string>> PrefixLookup(std::string_view) override { return NoPrimaryKey(); }
  Result<std::string> LimitScan(int32_t) override { return NoPrimaryKey(); }
  Result<Snapshot> OpenSnapshot() override { return NoPrimaryKey(); }
  Result<KvScan> Scan(int32_t) override { return NoPrimaryKey(); }
  Result<int64_t> RowCount() override { return log_->high_watermark() - log_->start_offset(); }
  Status ApplyRetention(int64_t timestamp, int64_t keep_from_offset) override {
    return log_->DropSegmentsBefore(timestamp, std::min(keep_from_offset, log_->high_watermark()));
  }
  Status Compact(const std::function<bool()>& stop) override {
    const std::shared_ptr<const TableContext> table = this->table();
    if (table->options.log_format != LogFormat::kArrow) return Status::OK();
    return log_->Compact([&](const auto& batches) { return JoinSmallBatches(*table, batches); }, stop);
  }
  Status Close() override { return log_->Close(); }

 private:
  std::shared_ptr<const TableContext> table() const {
    MutexLock lock(mutex_);
    return table_;
  }

  Status NoPrimaryKey() const {
    return {ErrorCode::kNonPrimaryKeyTable,
            fmt::format("table '{}' has no primary key: it has no rows to look up or upsert",
                        table()->path.ToString())};
  }

  /// The batches, with statistics where the table keeps them: released clients write none.
  Result<std::shared_ptr<arrow::Buffer>> Checked(const std::shared_ptr<arrow::Buffer>& batches) const {
    const std::shared_ptr<const TableContext> table = this->table();
    const bool describes = table->options.log_format == LogFormat::kArrow && !table->options.statistics_columns.empty();
    arrow::BufferVector described;
    for (int64_t at = 0; at < batches->size();) {
      const std::string_view rest = std::string_view(*batches).substr(static_cast<size_t>(at));
      WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(rest));
      WEIR_RETURN_NOT_OK(CheckBatch(*table, header, rest));
      if (describes) {
        WEIR_ASSIGN_OR_RETURN(const Schema schema, table->schema_by_id(header.schema_id));
        const std::vector<int> columns = StatisticsColumns(schema, table->options.statistics_columns);
        const auto batch = arrow::SliceBuffer(batches, at, header.total_size());
        WEIR_ASSIGN_OR_RETURN(described.emplace_back(), AddStatistics(batch, schema, columns));
      }
      at += header.total_size();
    }
    if (described.empty()) return batches;
    if (described.size() == 1) return described.front();
    return FromArrow(arrow::ConcatenateBuffers(described));
  }

  static Status CheckBatch(const TableContext& table, const LogBatchHeader& header, std::string_view batch) {
    WEIR_RETURN_NOT_OK(CheckSchemaId(table, header.schema_id));
    if (header.record_count == 0) return Status::OK();
    const bool is_arrow = StartsLikeArrow(header, batch);
    // Code 14 would fit as well, but writers send such a batch again.
    if (is_arrow != (table.options.log_format == LogFormat::kArrow)) {
      return {ErrorCode::kInvalidTable,
              fmt::format("a batch for table '{}' {} Arrow, but the table's log format {}", table.path.ToString(),
                          is_arrow ? "is" : "is not", is_arrow ? "is a row format" : "is ARROW")};
    }
    WEIR_ASSIGN_OR_RETURN(const bool appends, HoldsOnlyAppends(header, batch, is_arrow));
    if (appends) return Status::OK();
    return {ErrorCode::kInvalidTable, fmt::format("a batch for the log table '{}' holds changes of rows; log tables "
                                                  "only take appends",
                                                  table.path.ToString())};
  }

  // Arrow's continuation marker, after the change types if there are any. It would be a negative record length in the
  // row formats.
  static bool StartsLikeArrow(const LogBatchHeader& header, std::string_view batch) {
    const int64_t change_types = header.append_only ? 0 : header.record_count;
    const int64_t at = int64_t{header.header_size} + header.statistics_length + change_types;
    return at + 4 <= header.total_size() && std::memcmp(batch.data() + at, "\xFF\xFF\xFF\xFF", 4) == 0;
  }

  mutable Mutex mutex_;
  std::shared_ptr<const TableContext> table_ WEIR_GUARDED_BY(mutex_);
  std::unique_ptr<Log> log_;
};

}  // namespace

std::unique_ptr<Bucket> MakeLogTableBucket(std::shared_ptr<const TableContext> table,
                                           std::unique_ptr<Log> log) {
  return std::make_unique<LogTableBucket>(std::move(table), std::move(log));
}

}  // namespace weir
