#include <fmt/format.h>

#include <set>

#include "client/connection_impl.h"
#include "client/list_offsets.h"
#include "client/log_reader.h"

namespace weir {

struct LogScanner::Impl {
  Table table;
  std::shared_ptr<const ScanPlan> plan;
  std::shared_ptr<LogFeed> feed;

  const Table::Impl& t() const { return *plan->table; }
  Status CheckKind(bool partitions, std::string_view right) const;
  Status CheckBucket(int32_t bucket_id) const;
  Future<Unit> Subscribe(const std::map<TableBucket, int64_t>& offsets) const;
};

namespace {

using Starts = std::map<TableBucket, LogFeed::Start>;

Status CheckStart(const TableBucket& bucket, int64_t offset) {
  if (offset >= 0 || offset == kEarliestOffset || offset == kLatestOffset) return Status::OK();
  return Status::Invalid(fmt::format("the start offset {} of {} is negative: give an offset, kEarliestOffset ({}) or "
                                     "kLatestOffset ({})",
                                     offset, bucket.ToString(), kEarliestOffset, kLatestOffset));
}

Status NoPartition(const Table::Impl& table, int64_t partition_id) {
  return Status::Invalid(fmt::format("table '{}' has no partition with id {}", table.name(), partition_id));
}

/// Code -2 for a partition that is not one of the table.
Future<Unit> CheckPartitions(const std::shared_ptr<const Table::Impl>& table, const std::set<int64_t>& ids) {
  if (ids.empty()) return Future<Unit>::Ready(Unit{});
  Promise<Unit> promise;
  Gateway& gateway = table->connection.gateway();
  if (ids.size() == 1) {
    gateway.GetPartitionById(table->info.path, *ids.begin()).Then([=](const Result<PartitionInfo>& info) {
      const bool missing = info.status().code() == ErrorCode::kPartitionNotExists;
      if (missing) return promise.Complete(NoPartition(*table, *ids.begin()));
      promise.Complete(info.ok() ? Result<Unit>(Unit{}) : Result<Unit>(info.status()));
    });
    return promise.future();
  }
  gateway.ListPartitionInfos(table->info.path, {}).Then([=](const Result<std::vector<PartitionInfo>>& infos) {
    if (!infos.ok()) return promise.Complete(infos.status());
    std::set<int64_t> unknown = ids;
    for (const PartitionInfo& info : *infos) unknown.erase(info.partition_id);
    if (!unknown.empty()) return promise.Complete(NoPartition(*table, *unknown.begin()));
    promise.Complete(Unit{});
  });
  return promise.future();
}

/// Turns kEarliestOffset or kLatestOffset (`special`) into numbers, in `starts`.
Future<Unit> Resolve(const std::shared_ptr<const Table::Impl>& table, const std::map<TableBucket, int64_t>& offsets,
                     int64_t special, const std::shared_ptr<Starts>& starts) {
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, offset] : offsets) {
    if (offset == special) buckets.push_back(bucket);
  }
  if (buckets.empty()) return Future<Unit>::Ready(Unit{});
  const bool earliest = special == kEarliestOffset;
  Promise<Unit> promise;
  ListBucketOffsets(table->connection, buckets, earliest ? OffsetSpec::Earliest() : OffsetSpec::Latest())
      .Then([=](const Result<BucketOffsets>& listed) {
        const auto all = listed.ok() ? AllOffsets(*listed) : Result<std::map<TableBucket, int64_t>>(listed.status());
        if (!all.ok()) return promise.Complete(all.status());
        for (const auto& [bucket, offset] : *all) (*starts)[bucket] = {offset, earliest};
        promise.Complete(Unit{});
      });
  return promise.future();
}

/// `next` once `first` has succeeded.
Future<Unit> AndThen(const Future<Unit>& first, std::function<Future<Unit>()> next) {
  Promise<Unit> promise;
  first.Then([promise, next = std::move(next)](const Result<Unit>& done) {
    if (!done.ok()) return promise.Complete(done);
    next().Then([promise](const Result<Unit>& result) { promise.Complete(result); });
  });
  return promise.future();
}

Future<Unit> ReadyWith(const Status& status) {
  return Future<Unit>::Ready(status.ok() ? Result<Unit>(Unit{}) : Result<Unit>(status));
}

}  // namespace

Status LogScanner::Impl::CheckKind(bool partitions, std::string_view right) const {
  const bool partitioned = t().info.descriptor.is_partitioned();
  if (partitioned == partitions) return Status::OK();
  return Status::Invalid(
      fmt::format("table '{}' is {}partitioned: use {}", t().name(), partitioned ? "" : "not ", right));
}

Status LogScanner::Impl::CheckBucket(int32_t bucket_id) const {
  if (bucket_id >= 0 && bucket_id < t().info.num_buckets()) return Status::OK();
  return Status::Invalid(fmt::format("there is no bucket {}: table '{}' has {} buckets, from 0", bucket_id, t().name(),
                                     t().info.num_buckets()));
}

Future<Unit> LogScanner::Impl::Subscribe(const std::map<TableBucket, int64_t>& offsets) const {
  const auto starts = std::make_shared<Starts>();
  std::set<int64_t> partitions;
  for (const auto& [bucket, offset] : offsets) {
    if (Status known = CheckBucket(bucket.bucket_id); !known.ok()) return ReadyWith(known);
    if (Status start = CheckStart(bucket, offset); !start.ok()) return ReadyWith(start);
    if (offset >= 0) (*starts)[bucket] = {offset, false};
    if (bucket.partition_id) partitions.insert(*bucket.partition_id);
  }
  if (Status open = plan->connection().impl()->CheckOpen(); !open.ok()) return ReadyWith(open);
  const auto table_impl = plan->table;
  return AndThen(CheckPartitions(table_impl, partitions), [=, log = feed] {
    return AndThen(Resolve(table_impl, offsets, kEarliestOffset, starts), [=] {
      return AndThen(Resolve(table_impl, offsets, kLatestOffset, starts),
                     [=] { return ReadyWith(log->Subscribe(*starts)); });
    });
  });
}

Result<LogScanner> Table::NewLogScanner(const ScanOptions& options) const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  const Config& config = impl_->connection.config();
  auto scanner = std::make_shared<LogScanner::Impl>();
  scanner->table = *this;
  WEIR_ASSIGN_OR_RETURN(scanner->plan, ScanPlan::Make(impl_, options));
  LogFeed::Options feed;
  feed.fetch_bytes = config.scanner_log_fetch_max_bytes;
  feed.bucket_bytes = config.scanner_log_fetch_max_bytes_for_bucket;
  scanner->feed = std::make_shared<LogFeed>(scanner->plan, feed);
  return LogScanner(std::move(scanner));
}

Future<Unit> LogScanner::Subscribe(const std::map<int32_t, int64_t>& offsets) {
  if (Status kind = impl_->CheckKind(false, "SubscribePartitions (subscribe_partition in Python)"); !kind.ok()) {
    return ReadyWith(kind);
  }
  if (offsets.empty()) return ReadyWith(Status::Invalid("Bucket offsets are empty."));
  std::map<TableBucket, int64_t> buckets;
  for (const auto& [id, offset] : offsets) buckets[{impl_->t().info.table_id, {}, id}] = offset;
  return impl_->Subscribe(buckets);
}

Future<Unit> LogScanner::SubscribePartitions(const std::map<std::pair<int64_t, int32_t>, int64_t>& offsets) {
  if (Status kind = impl_->CheckKind(true, "Subscribe (subscribe in Python)"); !kind.ok()) return ReadyWith(kind);
  if (offsets.empty()) return ReadyWith(Status::Invalid("Partition bucket offsets are empty."));
  std::map<TableBucket, int64_t> buckets;
  for (const auto& [id, offset] : offsets) buckets[{impl_->t().info.table_id, id.first, id.second}] = offset;
  return impl_->Subscribe(buckets);
}

Status LogScanner::Unsubscribe(int32_t bucket_id) {
  WEIR_RETURN_NOT_OK(impl_->CheckKind(false, "UnsubscribePartition (unsubscribe_partition in Python)"));
  return impl_->feed->Unsubscribe({impl_->t().info.table_id, {}, bucket_id});
}

Status LogScanner::UnsubscribePartition(int64_t partition_id, int32_t bucket_id) {
  WEIR_RETURN_NOT_OK(impl_->CheckKind(true, "Unsubscribe (unsubscribe in Python)"));
  return impl_->feed->Unsubscribe({impl_->t().info.table_id, partition_id, bucket_id});
}

Future<std::vector<ScannedBatch>> LogScanner::Poll(std::chrono::milliseconds timeout, const PollLimits& limits) {
  return impl_->feed->Poll(timeout, limits);
}

void LogScanner::Return(std::vector<ScannedBatch> batches) { impl_->feed->Return(std::move(batches)); }

Result<std::shared_ptr<arrow::RecordBatchReader>> LogScanner::ReadToLatest() {
  if (impl_->t().info.descriptor.has_primary_key()) {
    return Status::Invalid(
        fmt::format("table '{}' has a primary key: its changelog cannot be read as a table; poll its "
                    "records, or read its rows with ReadAll",
                    impl_->t().name()));
  }
  WEIR_RETURN_NOT_OK(impl_->feed->Reserve());
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, position] : impl_->feed->Positions()) buckets.push_back(bucket);
  const Result<BucketOffsets> listed =
      ListBucketOffsets(impl_->plan->connection(), buckets, OffsetSpec::Latest()).Wait();
  const auto stops = listed.ok() ? AllOffsets(*listed) : Result<std::map<TableBucket, int64_t>>(listed.status());
  if (!stops.ok()) {
    impl_->feed->EndBounded(false);
    return stops.status();
  }
  impl_->feed->BeginBounded(*stops);
  return std::shared_ptr<arrow::RecordBatchReader>(std::make_shared<LogReader>(impl_->plan, impl_->feed));
}

std::map<TableBucket, int64_t> LogScanner::Positions() const { return impl_->feed->Positions(); }

Future<std::map<TableBucket, int64_t>> LogScanner::Lag() const {
  using Lags = std::map<TableBucket, int64_t>;
  const Lags positions = impl_->feed->Positions();
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, position] : positions) buckets.push_back(bucket);
  Promise<Lags> promise;
  ListBucketOffsets(impl_->plan->connection(), buckets, OffsetSpec::Latest())
      .Then([promise, positions](const Result<BucketOffsets>& listed) {
        Result<Lags> lags = listed.ok() ? AllOffsets(*listed) : Result<Lags>(listed.status());
        if (lags.ok()) {
          for (auto& [bucket, offset] : *lags) offset = std::max<int64_t>(offset - positions.at(bucket), 0);
        }
        promise.Complete(std::move(lags));
      });
  return promise.future();
}

Status LogScanner::Close() {
  impl_->feed->Stop(Status::Invalid("the scanner is closed"));
  return Status::OK();
}

const Table& LogScanner::table() const { return impl_->table; }
const std::shared_ptr<arrow::Schema>& LogScanner::arrow_schema() const { return impl_->plan->arrow_schema; }

}  // namespace weir
