#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

#include "client/connection_impl.h"
#include "client/list_offsets.h"
#include "client/log_reader.h"
#include "client/scan_plan.h"
#include "format/kv_batch.h"

namespace weir {
namespace {

/// One step of a bucket's scan.
struct KvStep {
  std::string scanner_id;
  bool has_more = false;
  bool gone = false;  // the partition was dropped
  std::shared_ptr<arrow::RecordBatch> rows;
};
using PlanPtr = std::shared_ptr<const ScanPlan>;

/// Decodes an answer once the schemas it needs are there.
void ReadStep(const PlanPtr& plan, const ScanKvResult& result, const Promise<KvStep>& promise) {
  KvStep step{result.scanner_id, result.has_more, false, nullptr};
  if (result.records == nullptr) return promise.Complete(std::move(step));
  const Result<std::vector<std::string_view>> values = ParseValueBatch(std::string_view(*result.records));
  if (!values.ok()) return promise.Complete(values.status());
  const auto read = [=, records = result.records, views = *values](const Result<Unit>& loaded) {
    if (!loaded.ok()) return promise.Complete(loaded.status());
    plan->connection().impl()->threads->Post([=] {
      Result<std::shared_ptr<arrow::RecordBatch>> rows = ReadValues(*plan, views);
      if (!rows.ok()) return promise.Complete(rows.status());
      promise.Complete(KvStep{step.scanner_id, step.has_more, false, *rows});
      (void)records;  // what the views point into
    });
  };
  LoadSchemas(plan->table, UnknownSchemas(*plan->table, *values)).Then(read);
}

/// A partition that is dropped while it is read ends; any other error is one.
void FailStep(const PlanPtr& plan, const TableBucket& bucket, const Status& status, const Promise<KvStep>& promise) {
  const bool may_be_gone =
      status.code() == ErrorCode::kUnknownTableOrBucket || status.code() == ErrorCode::kUnknownScannerId;
  if (!bucket.partition_id || !may_be_gone) return promise.Complete(status.WithContext(bucket.ToString()));
  plan->connection().gateway().GetPartitionById(plan->table->info.path, *bucket.partition_id)
      .Then([=](const Result<PartitionInfo>& info) {
        if (info.status().code() != ErrorCode::kPartitionNotExists) {
          return promise.Complete(status.WithContext(bucket.ToString()));
        }
        promise.Complete(KvStep{"", false, true, nullptr});
      });
}

Future<KvStep> StartStep(const PlanPtr& plan, const TableBucket& bucket, const std::string& scanner_id) {
  Promise<KvStep> promise;
  plan->connection().impl()->threads->Post([=] {
    ScanKvRequest request;
    request.bucket = bucket;
    request.scanner_id = scanner_id;
    plan->connection().gateway().ScanKv(std::move(request)).Then([=](const Result<ScanKvResult>& result) {
      if (!result.ok()) return FailStep(plan, bucket, result.status(), promise);
      ReadStep(plan, *result, promise);
    });
  });
  return promise.future();
}

/// The live rows of a PK table's buckets. Steps of a few buckets are under way while one is consumed.
class KvReader final : public arrow::RecordBatchReader {
 public:
  KvReader(PlanPtr plan, std::vector<TableBucket> buckets) : plan_(std::move(plan)), buckets_(std::move(buckets)) {
    OpenScans();
  }
  ~KvReader() override { (void)Close(); }

  std::shared_ptr<arrow::Schema> schema() const override { return plan_->arrow_schema; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override {
    out->reset();
    while (!scans_.empty()) {
      const Scan scan = std::move(scans_.front());
      scans_.pop_front();
      const Result<KvStep>& step = scan.step.Wait();
      if (!step.ok()) {
        (void)Close();
        return ToArrow(step.status());
      }
      if (step->has_more) scans_.push_back({scan.bucket, StartStep(plan_, scan.bucket, step->scanner_id)});
      OpenScans();
      if (step->rows == nullptr || step->rows->num_rows() == 0) continue;
      *out = step->rows;
      break;
    }
    return arrow::Status::OK();
  }

  arrow::Status Close() override {
    next_ = buckets_.size();
    for (const Scan& scan : std::exchange(scans_, {})) {
      scan.step.Then([plan = plan_, bucket = scan.bucket](const Result<KvStep>& step) {
        if (!step.ok() || !step->has_more) return;
        ScanKvRequest request;
        request.bucket = bucket;
        request.scanner_id = step->scanner_id;
        request.close = true;
        plan->connection().gateway().ScanKv(std::move(request));
      });
    }
    return arrow::Status::OK();
  }

 private:
  static constexpr size_t kScansAtOnce = 2;
  struct Scan {
    TableBucket bucket;
    Future<KvStep> step;
  };

  void OpenScans() {
    while (scans_.size() < kScansAtOnce && next_ < buckets_.size()) {
      const TableBucket& bucket = buckets_[next_++];
      scans_.push_back({bucket, StartStep(plan_, bucket, "")});
    }
  }

  const PlanPtr plan_;
  const std::vector<TableBucket> buckets_;
  size_t next_ = 0;
  std::deque<Scan> scans_;
};

/// The partitions to read, in the order of their names; nothing for a table that is not partitioned.
Result<std::vector<std::optional<int64_t>>> PartitionsToRead(const Table::Impl& table,
                                                             const std::optional<std::vector<int64_t>>& wanted) {
  if (!table.info.descriptor.is_partitioned()) {
    if (wanted) return Status::Invalid(fmt::format("table '{}' is not partitioned", table.name()));
    return std::vector<std::optional<int64_t>>{std::nullopt};
  }
  const Result<std::vector<PartitionInfo>> infos =
      table.connection.gateway().ListPartitionInfos(table.info.path, {}).Wait();
  if (!infos.ok()) return infos.status();
  std::set<int64_t> left;
  if (wanted) left.insert(wanted->begin(), wanted->end());
  std::vector<std::optional<int64_t>> partitions;
  for (const PartitionInfo& info : *infos) {
    if (!wanted || left.erase(info.partition_id) > 0) partitions.emplace_back(info.partition_id);
  }
  if (left.empty()) return partitions;
  return Status(ErrorCode::kPartitionNotExists,
                fmt::format("table '{}' has no partition with id {}", table.name(), *left.begin()));
}

Result<std::vector<TableBucket>> BucketsToRead(const Table::Impl& table,
                                               const std::optional<std::vector<int64_t>>& wanted) {
  WEIR_ASSIGN_OR_RETURN(const auto partitions, PartitionsToRead(table, wanted));
  std::vector<TableBucket> buckets;
  for (const std::optional<int64_t>& partition : partitions) {
    for (int32_t id = 0; id < table.info.num_buckets(); ++id) buckets.push_back({table.info.table_id, partition, id});
  }
  return buckets;
}

/// The records of a log table's buckets up to now.
Result<std::shared_ptr<arrow::RecordBatchReader>> ReadLogs(const PlanPtr& plan,
                                                           const std::vector<TableBucket>& buckets) {
  const Result<BucketOffsets> latest = ListBucketOffsets(plan->connection(), buckets, OffsetSpec::Latest()).Wait();
  if (!latest.ok()) return latest.status();
  std::map<TableBucket, LogFeed::Start> starts;
  std::map<TableBucket, int64_t> stops;
  for (const auto& [bucket, stop] : *latest) {
    const bool gone = bucket.partition_id && stop.status().code() == ErrorCode::kUnknownTableOrBucket;
    if (gone) continue;  // dropped since the partitions were listed
    if (!stop.ok()) return stop.status().WithContext(bucket.ToString());
    if (*stop == 0) continue;
    starts[bucket] = {0, true};
    stops[bucket] = *stop;
  }
  LogFeed::Options options;
  options.fetch_bytes = options.bucket_bytes = 16 << 20;
  options.buckets_per_fetch = 16;
  options.skip_dropped = true;
  auto feed = std::make_shared<LogFeed>(plan, options);
  WEIR_RETURN_NOT_OK(feed->Subscribe(starts));
  if (!starts.empty()) WEIR_RETURN_NOT_OK(feed->Reserve());
  feed->BeginBounded(stops);
  return std::shared_ptr<arrow::RecordBatchReader>(std::make_shared<LogReader>(plan, std::move(feed)));
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatchReader>> Table::ReadAll(const ScanOptions& options,
                                                                 std::optional<std::vector<int64_t>> partitions) const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  WEIR_ASSIGN_OR_RETURN(const PlanPtr plan, ScanPlan::Make(impl_, options));
  WEIR_ASSIGN_OR_RETURN(std::vector<TableBucket> buckets, BucketsToRead(*impl_, partitions));
  if (!impl_->info.descriptor.has_primary_key()) return ReadLogs(plan, buckets);
  return std::shared_ptr<arrow::RecordBatchReader>(std::make_shared<KvReader>(plan, std::move(buckets)));
}

}  // namespace weir
