#include <fmt/format.h>

#include <arrow/record_batch.h>

#include <atomic>

#include "client/arrow_split.h"
#include "client/connection_impl.h"
#include "client/scan_plan.h"
#include "format/kv_batch.h"
#include "types/arrow_status.h"

namespace weir {

struct BatchScanner::Impl {
  std::shared_ptr<const ScanPlan> plan;
  TableBucket bucket;
  int32_t limit = 0;
  std::atomic<bool> spent{false};
};

namespace {

using Scanned = std::optional<ScannedBatch>;

Status CheckBucket(const Table::Impl& table, const TableBucket& bucket) {
  if (bucket.table_id != table.info.table_id) {
    return Status::Invalid(fmt::format("{} is not one of table '{}', whose id is {}", bucket.ToString(), table.name(),
                                       table.info.table_id));
  }
  const bool partitioned = table.info.descriptor.is_partitioned();
  if (partitioned != bucket.partition_id.has_value()) {
    return Status::Invalid(fmt::format("table '{}' is {}partitioned, {} names {} partition", table.name(),
                                       partitioned ? "" : "not ", bucket.ToString(), partitioned ? "no" : "a"));
  }
  if (bucket.bucket_id >= 0 && bucket.bucket_id < table.info.num_buckets()) return Status::OK();
  return Status::Invalid(fmt::format("there is no bucket {}: table '{}' has {} buckets, from 0", bucket.bucket_id,
                                     table.name(), table.info.num_buckets()));
}

/// The last `limit` rows of a log's newest batches, as one batch.
Result<Scanned> ReadLogRows(const ScanPlan& plan, const TableBucket& bucket, int32_t limit,
                            const std::vector<StoredBatch>& stored) {
  std::vector<ScannedBatch> batches;
  int64_t rows = 0;
  for (auto next = stored.rbegin(); next != stored.rend() && rows < limit; ++next) {
    WEIR_ASSIGN_OR_RETURN(Scanned batch, ReadStoredBatch(plan, bucket, *next, {}));
    if (!batch) continue;
    const int64_t count = std::min<int64_t>(batch->rows->num_rows(), limit - rows);
    batches.insert(batches.begin(), SliceScanned(*batch, batch->rows->num_rows() - count, count));
    rows += count;
  }
  if (batches.empty()) return Scanned();
  if (batches.size() == 1) return Scanned(std::move(batches.front()));
  ScannedBatch all;
  all.bucket = bucket;
  all.base_offset = batches.front().base_offset;
  all.last_offset = batches.back().last_offset;
  all.timestamp = batches.back().timestamp;
  arrow::RecordBatchVector parts;
  for (const ScannedBatch& batch : batches) {
    parts.push_back(batch.rows);
    for (int64_t i = 0; i < batch.rows->num_rows(); ++i) all.offsets.push_back(batch.offset_of(i));
  }
  WEIR_ASSIGN_OR_RETURN(all.rows, FromArrow(arrow::ConcatenateRecordBatches(parts)));
  return Scanned(std::move(all));
}

Result<Scanned> ReadRows(const ScanPlan& plan, const TableBucket& bucket, const std::vector<std::string_view>& values) {
  ScannedBatch batch;
  batch.bucket = bucket;
  WEIR_ASSIGN_OR_RETURN(batch.rows, ReadValues(plan, values));
  batch.last_offset = batch.rows->num_rows() - 1;
  return batch.rows->num_rows() == 0 ? Scanned() : Scanned(std::move(batch));
}

/// Reads an answer once the schemas it needs are there, on the connection's threads.
struct LimitAnswer {
  std::shared_ptr<BatchScanner::Impl> scanner;
  std::shared_ptr<arrow::Buffer> records;
  std::vector<StoredBatch> stored;
  std::vector<std::string_view> values;

  Status Parse(const LimitScanResult& result) {
    records = result.records;
    if (records == nullptr || records->size() == 0) return Status::OK();
    if (result.is_log_table) {
      WEIR_ASSIGN_OR_RETURN(stored, SplitBatches(records, false));
    } else {
      WEIR_ASSIGN_OR_RETURN(values, ParseValueBatch(std::string_view(*records)));
    }
    return Status::OK();
  }
  std::vector<int32_t> Schemas() const {
    std::vector<int32_t> ids = UnknownSchemas(*scanner->plan->table, values);
    for (const StoredBatch& batch : stored) ids.push_back(batch.header.schema_id);
    return ids;
  }
  Result<Scanned> Read() const {
    if (!values.empty()) return ReadRows(*scanner->plan, scanner->bucket, values);
    return ReadLogRows(*scanner->plan, scanner->bucket, scanner->limit, stored);
  }
};

}  // namespace

Result<BatchScanner> Table::NewLimitScanner(const TableBucket& bucket, int32_t limit,
                                            std::optional<std::vector<int>> projection) const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  if (limit <= 0) return Status::Invalid(fmt::format("the limit is {}, it must be positive", limit));
  WEIR_RETURN_NOT_OK(CheckBucket(*impl_, bucket));
  if (!impl_->info.descriptor.has_primary_key() && impl_->log_format() != PayloadFormat::kArrow) {
    return Status::Invalid(
        fmt::format("limit scans of log tables need the ARROW log format, which table '{}' has not", impl_->name()));
  }
  auto scanner = std::make_shared<BatchScanner::Impl>();
  ScanOptions options;
  options.projection = std::move(projection);
  WEIR_ASSIGN_OR_RETURN(scanner->plan, ScanPlan::Make(impl_, options));
  scanner->bucket = bucket;
  scanner->limit = limit;
  return BatchScanner(std::move(scanner));
}

Future<std::optional<ScannedBatch>> BatchScanner::Next() {
  if (impl_->spent.exchange(true)) return Future<Scanned>::Ready(Scanned());
  const Connection& connection = impl_->plan->connection();
  if (Status open = connection.impl()->CheckOpen(); !open.ok()) return Future<Scanned>::Ready(open);
  Promise<Scanned> promise;
  connection.impl()->threads->Post([promise, scanner = impl_] {
    LimitScanRequest request{scanner->bucket, scanner->limit};
    scanner->plan->connection().gateway().LimitScan(request).Then([=](const Result<LimitScanResult>& result) {
      auto answer = std::make_shared<LimitAnswer>();
      answer->scanner = scanner;
      const Status parsed = result.ok() ? answer->Parse(*result) : result.status();
      if (!parsed.ok()) return promise.Complete(parsed);
      LoadSchemas(scanner->plan->table, answer->Schemas()).Then([=](const Result<Unit>& loaded) {
        if (!loaded.ok()) return promise.Complete(loaded.status());
        scanner->plan->connection().impl()->threads->Post([=] { promise.Complete(answer->Read()); });
      });
    });
  });
  return promise.future();
}

const TableBucket& BatchScanner::bucket() const { return impl_->bucket; }
const std::shared_ptr<arrow::Schema>& BatchScanner::arrow_schema() const { return impl_->plan->arrow_schema; }

}  // namespace weir
