#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "gateway/embedded/durable_answers.h"
#include "gateway/embedded/engine.h"
#include "storage/log_syncer.h"

namespace weir {
namespace {

Status Unknown(const TableBucket& bucket, std::string_view why) {
  return {ErrorCode::kUnknownTableOrBucket, fmt::format("{} is unknown: {}", bucket.ToString(), why)};
}

Status NoBatch(const TableBucket& bucket) {
  return {ErrorCode::kCorruptMessage, fmt::format("the request holds no batch for {}", bucket.ToString())};
}

void SetOffset(const LogAppendResult& written, ProducedBucket* answer) { answer->base_offset = written.base_offset; }
void SetOffset(const LogAppendResult& written, PutBucket* answer) { answer->log_end_offset = written.end_offset; }

Status CheckAcks(int acks) {
  if (acks >= -1 && acks <= 1) return Status::OK();
  return {ErrorCode::kInvalidRequiredAcks, fmt::format("acks is {}, it must be -1 (all), 0 or 1", acks)};
}

int64_t SizeOf(const std::shared_ptr<arrow::Buffer>& buffer) { return buffer == nullptr ? 0 : buffer->size(); }

/// Errors that a poll may wait out: the reader learns of them when its time is up.
bool MayPass(ErrorCode code) {
  return code == ErrorCode::kNotLeaderOrFollower || code == ErrorCode::kUnknownTableOrBucket;
}

}  // namespace

Result<std::shared_ptr<const TableContext>> Engine::FindBucketTable(const TableBucket& bucket) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(bucket.table_id));
  if (table == nullptr) return Unknown(bucket, fmt::format("there is no table with id {}", bucket.table_id));
  const std::string path = table->info.path.ToString();
  if (table->info.descriptor.is_partitioned() != bucket.partition_id.has_value()) {
    return Unknown(bucket, bucket.partition_id ? fmt::format("table '{}' is not partitioned", path)
                                               : fmt::format("table '{}' is partitioned", path));
  }
  if (bucket.partition_id) {
    WEIR_ASSIGN_OR_RETURN(const auto partition, catalog_->FindPartition(*bucket.partition_id));
    if (!partition || partition->table_id != bucket.table_id) {
      return Unknown(bucket, fmt::format("table '{}' has no partition with id {}", path, *bucket.partition_id));
    }
  }
  if (bucket.bucket_id < 0 || bucket.bucket_id >= table->info.num_buckets()) {
    return Unknown(bucket, fmt::format("table '{}' has {} buckets, from 0", path, table->info.num_buckets()));
  }
  return table->context;
}

Result<BucketRegistry::Lease> Engine::Acquire(int64_t table_id, const TableBucket& bucket) {
  if (bucket.table_id != table_id) {
    return Unknown(bucket, fmt::format("the request is for the table with id {}", table_id));
  }
  return registry_->Acquire(bucket);
}

// --- writes ---

template <typename Answer, typename Request, typename Write>
Future<std::vector<Answer>> Engine::WriteBuckets(const Request& request, const Write& write) {
  if (Status acks = CheckAcks(request.acks); !acks.ok()) return Future<std::vector<Answer>>::Ready(acks);
  auto answers = std::make_shared<DurableAnswers<Answer>>(request.buckets.size(), &completion_thread_);
  for (size_t i = 0; i < request.buckets.size(); ++i) {
    Answer& answer = answers->at(i);
    answer.bucket = request.buckets[i].bucket;
    const Result<Written> written = write(request.buckets[i]);
    answer.status = written.status();
    if (!written.ok()) continue;
    SetOffset(written->place, &answer);
    answers->WaitFor(i, written->done);
  }
  return answers->Finish();
}

Result<Engine::Written> Engine::Acknowledge(Bucket* bucket, const Result<LogAppendResult>& place, int acks) {
  SyncByAppender::Run();
  if (!place.ok()) return place.status();
  // Readers see what is durable: what was acknowledged before that, the next read might miss.
  return Written{*place, acks == 0 ? Future<Unit>::Ready(Unit{}) : bucket->log().WhenDurable(place->end_offset)};
}

Future<std::vector<ProducedBucket>> Engine::ProduceLog(const ProduceLogRequest& request, bool of_client) {
  const Status may = of_client ? guard_->CheckWrites(request.table_id) : Status::OK();
  if (!may.ok()) return Future<std::vector<ProducedBucket>>::Ready(may);
  const auto append = [&](const BucketRecords& records) -> Result<Written> {
    WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, Acquire(request.table_id, records.bucket));
    if (records.records == nullptr) return NoBatch(records.bucket);
    if (of_client) WEIR_RETURN_NOT_OK(guard_->CheckLog(request.table_id, records.records));
    return Acknowledge(&*bucket, bucket->Append(records.records), request.acks);
  };
  return WriteBuckets<ProducedBucket>(request, append);
}

Future<std::vector<PutBucket>> Engine::PutKv(const PutKvRequest& request, bool of_client) {
  const Status may = of_client ? guard_->CheckWrites(request.table_id) : Status::OK();
  if (!may.ok()) return Future<std::vector<PutBucket>>::Ready(may);
  Placement placement;
  // A commit says where its keys are.
  if (Status found = of_client ? FindPlacement(request.table_id, &placement) : Status::OK(); !found.ok()) {
    return Future<std::vector<PutBucket>>::Ready(found);
  }
  const auto put = [&](const BucketRecords& records) -> Result<Written> {
    std::map<int32_t, KvBatchView> parts;
    {
      WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, Acquire(request.table_id, records.bucket));
      if (records.records == nullptr) return NoBatch(records.bucket);
      const std::string_view bytes(*records.records);
      if (of_client) WEIR_RETURN_NOT_OK(guard_->CheckKv(request.table_id, bytes, request.target_columns));
      WEIR_ASSIGN_OR_RETURN(KvBatchView batch, ParseKvBatch(bytes));
      if (!of_client) batch.new_at = records.new_at;
      if (placement) {
        WEIR_ASSIGN_OR_RETURN(parts, placement->Split(batch, records.bucket.bucket_id));
      }
      if (parts.empty()) {
        return Acknowledge(&*bucket, bucket->Put(batch, request.target_columns, request.agg_mode), request.acks);
      }
    }
    return PutParts(request, records, parts);
  };
  return WriteBuckets<PutBucket>(request, put);
}

// --- fetch ---

Status Engine::CheckProjection(const FetchLogRequest& request) {
  if (!request.projection || request.buckets.empty()) return Status::OK();
  const std::vector<int>& positions = *request.projection;
  const auto invalid = [](std::string message) {
    return Status(ErrorCode::kInvalidColumnProjection, std::move(message));
  };
  if (positions.empty()) return invalid("the projection is empty; leave it out to read all columns");
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(request.buckets.front().bucket.table_id));
  if (table == nullptr) return Status::OK();  // each bucket says so
  const std::string path = table->info.path.ToString();
  if (table->options().log_format != LogFormat::kArrow) {
    return invalid(fmt::format("the log of table '{}' is not in ARROW format, so it cannot be projected", path));
  }
  // The latest of all: who changes the table reads by the schema that his commit is going to bring.
  const int columns = table->schemas->rbegin()->second.num_columns();
  int previous = -1;
  for (const int position : positions) {
    if (position <= previous || position >= columns) {
      return invalid(fmt::format("projection position {} of table '{}' is out of order or range; positions ascend from "
                                 "0 to {}",
                                 position, path, columns - 1));
    }
    previous = position;
  }
  return Status::OK();
}

Future<std::vector<FetchedBucket>> Engine::FetchLog(FetchLogRequest request) {
  using Answers = std::vector<FetchedBucket>;
  if (Status projection = CheckProjection(request); !projection.ok()) return Future<Answers>::Ready(projection);
  FetchAttempt first = Read(request);
  if (first.complete || request.min_bytes <= 0 || request.max_wait_ms <= 0) {
    return Future<Answers>::Ready(std::move(first.buckets));
  }
  std::vector<TableBucket> buckets;
  for (const FetchBucketRequest& bucket : request.buckets) buckets.push_back(bucket.bucket);
  const std::chrono::milliseconds max_wait(request.max_wait_ms);
  Promise<Answers> promise;
  Future<Answers> future = promise.future();
  waiters_.Add(buckets, max_wait, [this, promise, request = std::move(request)](FetchWaiters::Reason reason) {
    FetchAttempt attempt = Read(request);
    if (!attempt.complete && reason == FetchWaiters::Reason::kNewData) return false;
    promise.Complete(std::move(attempt.buckets));
    return true;
  });
  return future;
}

Engine::FetchAttempt Engine::Read(const FetchLogRequest& request) {
  FetchAttempt attempt;
  attempt.buckets.resize(request.buckets.size());
  int64_t bytes = 0;
  bool failed = false;
  for (size_t i = 0; i < request.buckets.size(); ++i) {
    FetchedBucket& answer = attempt.buckets[i];
    ReadBucket(request.buckets[i], request.max_bytes - bytes, bytes == 0, &answer);
    bytes += SizeOf(answer.records);
    failed |= !answer.status.ok() && !MayPass(answer.status.code());
  }
  attempt.complete = failed || bytes >= std::max(request.min_bytes, 1) || request.buckets.empty();
  return attempt;
}

void Engine::ReadBucket(const FetchBucketRequest& request, int64_t bytes_left, bool first, FetchedBucket* out) {
  out->bucket = request.bucket;
  const int64_t budget = std::max<int64_t>(std::min<int64_t>(request.max_bytes, bytes_left), 0);
  const auto read_log = [&]() -> Result<LogReadResult> {
    const auto quiet = registry_->FindQuiet(request.bucket);
    const bool from_start =
        quiet != nullptr && (request.offset == kEarliestOffset || request.offset == quiet->start_offset);
    if (from_start && quiet->records->size() <= budget) {
      return LogReadResult{quiet->records, quiet->end_offset, quiet->start_offset};
    }
    WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, registry_->Acquire(request.bucket));
    return lease->log().Read(request.offset, budget);
  };
  Result<LogReadResult> read = read_log();
  out->status = read.status();
  if (!read.ok()) return;
  out->high_watermark = read->high_watermark;
  out->log_start_offset = read->log_start_offset;
  // A batch larger than the bucket's budget is handed out all the same, one larger than what is
  // left of the answer only as the first.
  if (first || SizeOf(read->records) <= bytes_left) out->records = std::move(read->records);
}

// --- scans ---

Result<LimitScanResult> Engine::LimitScan(const LimitScanRequest& request) {
  if (request.limit <= 0) return Status::Invalid(fmt::format("limit is {}, it must be positive", request.limit));
  WEIR_ASSIGN_OR_RETURN(const auto table, FindBucketTable(request.bucket));
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, registry_->Acquire(request.bucket));
  LimitScanResult result;
  result.is_log_table = !table->descriptor.has_primary_key();
  if (result.is_log_table) {
    WEIR_ASSIGN_OR_RETURN(result.records, bucket->log().ReadLast(request.limit));
  } else {
    WEIR_ASSIGN_OR_RETURN(std::string batch, bucket->LimitScan(request.limit));
    result.records = arrow::Buffer::FromString(std::move(batch));
  }
  return result;
}

Result<ScanKvResult> Engine::ScanKv(const ScanKvRequest& request) {
  if (request.close) {
    sessions_.Close(request.scanner_id);
    return ScanKvResult{.scanner_id = request.scanner_id, .has_more = false, .records = nullptr, .log_offset = -1};
  }
  if (!request.scanner_id.empty()) return sessions_.Next(request.scanner_id, request.batch_size_bytes, NowMs());
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, registry_->Acquire(request.bucket));
  WEIR_ASSIGN_OR_RETURN(Bucket::Snapshot snapshot, bucket->OpenSnapshot());
  return sessions_.Open(request.bucket, std::move(snapshot), request.batch_size_bytes, NowMs());
}

Result<KvScan> Engine::Scan(const TableBucket& id, int32_t schema_id) {
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, registry_->Acquire(id));
  return bucket->Scan(schema_id);
}

// --- offsets and statistics ---

Result<std::map<int32_t, Result<int64_t>>> Engine::ListOffsets(int64_t table_id, std::optional<int64_t> partition_id,
                                                               const std::vector<int32_t>& bucket_ids,
                                                               OffsetSpec spec) {
  const int64_t now_ms = NowMs();
  const auto offset_of = [&](const TableBucket& id) -> Result<int64_t> {
    const bool in_future = spec.kind == OffsetSpec::Kind::kTimestamp && spec.timestamp > now_ms;
    if (const auto quiet = registry_->FindQuiet(id); quiet != nullptr && spec.kind != OffsetSpec::Kind::kTimestamp) {
      return spec.kind == OffsetSpec::Kind::kEarliest ? quiet->start_offset : quiet->end_offset;
    }
    WEIR_ASSIGN_OR_RETURN(const bool unwritten, registry_->IsUnwritten(id));
    if (unwritten && !in_future) return int64_t{0};
    WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease bucket, registry_->Acquire(id));
    switch (spec.kind) {
      case OffsetSpec::Kind::kEarliest: return bucket->log().start_offset();
      case OffsetSpec::Kind::kLatest: return bucket->log().high_watermark();
      case OffsetSpec::Kind::kTimestamp: break;
    }
    if (in_future) {
      return Status(ErrorCode::kInvalidTimestamp,
                    fmt::format("timestamp {} lies in the future: it is {} now", spec.timestamp, now_ms));
    }
    return bucket->log().OffsetForTimestamp(spec.timestamp);
  };
  std::map<int32_t, Result<int64_t>> offsets;
  for (const int32_t bucket_id : bucket_ids) {
    offsets.emplace(bucket_id, offset_of(TableBucket{table_id, partition_id, bucket_id}));
  }
  return offsets;
}

Result<std::vector<BucketStats>> Engine::GetTableStats(int64_t table_id, const std::vector<TableBucket>& buckets) {
  std::vector<BucketStats> answers;
  for (const TableBucket& id : buckets) {
    BucketStats& stats = answers.emplace_back();
    stats.bucket = id;
    const auto quiet = id.table_id == table_id ? registry_->FindQuiet(id) : nullptr;
    if (quiet != nullptr) {
      stats.row_count = quiet->end_offset - quiet->start_offset;
      continue;
    }
    const Result<bool> unwritten = registry_->IsUnwritten(id);
    if (id.table_id == table_id && unwritten.ok() && *unwritten) continue;
    const Result<BucketRegistry::Lease> bucket = Acquire(table_id, id);
    stats.status = bucket.status();
    if (!bucket.ok()) continue;
    const Result<int64_t> rows = (*bucket)->RowCount();
    stats.status = rows.status();
    if (rows.ok()) stats.row_count = *rows;
  }
  return answers;
}

namespace {

/// Of the files in a directory; 0 where there is none, or it goes meanwhile.
int64_t BytesOfFiles(const std::filesystem::path& directory) {
  int64_t bytes = 0;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(directory, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    const auto size = entry->file_size(gone);
    if (!gone) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

}  // namespace

Result<int64_t> Engine::GetBytesOnDisk(int64_t table_id, const std::vector<TableBucket>& buckets) {
  int64_t bytes = 0;
  for (const TableBucket& bucket : buckets) {
    if (bucket.table_id != table_id) continue;
    bytes += BytesOfFiles(directory_ / "log" / BucketRegistry::BucketDirectory(bucket));
    WEIR_ASSIGN_OR_RETURN(const int64_t rows, kv_->BytesInFiles(bucket));
    bytes += rows;
  }
  return bytes;
}

// --- snapshots ---

Result<std::vector<TableBucket>> Engine::PrimaryKeyBuckets(int64_t table_id, std::optional<int64_t> partition_id) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(table_id));
  if (table == nullptr) return Status(ErrorCode::kTableNotExist, fmt::format("there is no table {}", table_id));
  const std::string path = table->info.path.ToString();
  if (!table->info.descriptor.has_primary_key()) {
    return Status(ErrorCode::kNonPrimaryKeyTable,
                  fmt::format("table '{}' has no primary key, so it has no snapshots", path));
  }
  if (table->info.descriptor.is_partitioned() != partition_id.has_value()) {
    return partition_id ? Status(ErrorCode::kTableNotPartitioned, fmt::format("table '{}' is not partitioned", path))
                        : Status(ErrorCode::kPartitionNotExists,
                                 fmt::format("table '{}' is partitioned: name the partition", path));
  }
  std::vector<TableBucket> buckets;
  for (int32_t id = 0; id < table->info.num_buckets(); ++id) buckets.push_back({table_id, partition_id, id});
  return buckets;
}

Future<std::vector<std::optional<KvSnapshot>>> Engine::GetLatestKvSnapshots(int64_t table_id,
                                                                            std::optional<int64_t> partition_id) {
  Result<std::vector<TableBucket>> buckets = PrimaryKeyBuckets(table_id, partition_id);
  if (!buckets.ok()) return Future<std::vector<std::optional<KvSnapshot>>>::Ready(buckets.status());
  return snapshots_->Latest(buckets.MoveValue(), NowMs());
}

Result<std::vector<KvSnapshot>> Engine::ListKvSnapshots(int64_t table_id, std::optional<int64_t> partition_id) {
  WEIR_RETURN_NOT_OK(PrimaryKeyBuckets(table_id, partition_id).status());
  return snapshots_->List(table_id, partition_id);
}

}  // namespace weir
