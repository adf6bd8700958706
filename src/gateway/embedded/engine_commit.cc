#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "gateway/embedded/engine.h"
#include "storage/log_syncer.h"

namespace weir {

/// One bucket's write of a commit and where its answer goes.
struct Engine::CommitPart {
  const BucketRecords* records = nullptr;
  const PutKvRequest* put = nullptr;  // null: a log table's append
  size_t answer = 0;
};

namespace {

template <typename Parts, typename Answers, typename Request>
Status AddParts(const std::vector<Request>& requests, Answers* answers, Parts* parts) {
  for (const Request& request : requests) {
    for (const BucketRecords& records : request.buckets) {
      if (records.bucket.table_id != request.table_id) {
        return {ErrorCode::kUnknownTableOrBucket, fmt::format("{} is unknown: the request is for the table with id {}",
                                                              records.bucket.ToString(), request.table_id)};
      }
      if (records.records == nullptr) {
        return {ErrorCode::kCorruptMessage,
                fmt::format("the request holds no batch for {}", records.bucket.ToString())};
      }
      auto& part = parts->emplace_back();
      part.records = &records;
      if constexpr (std::is_same_v<Request, PutKvRequest>) part.put = &request;
      part.answer = answers->size();
      answers->emplace_back().bucket = records.bucket;
    }
  }
  return Status::OK();
}

/// What the answer of the only bucket means for the commit. Once it has an offset, or its rows failed, the log has the
/// write, and only the disk knows the end.
Status Outcome(const TableBucket& bucket, const Status& status, int64_t offset) {
  if (status.ok()) return status;
  if (offset < 0 && status.code() != ErrorCode::kKvStorageException) return status.WithContext(bucket.ToString());
  return Committer::InDoubt(status);
}

}  // namespace

Future<CommitResult> Engine::Commit(CommitRequest request) {
  CommitResult result;
  std::vector<CommitPart> parts;
  if (Status added = AddParts(request.log, &result.log, &parts); !added.ok()) return Future<CommitResult>::Ready(added);
  if (Status added = AddParts(request.kv, &result.kv, &parts); !added.ok()) return Future<CommitResult>::Ready(added);
  const bool rows_only = request.metadata.empty();
  if (parts.empty() && rows_only) return Future<CommitResult>::Ready(std::move(result));
  const bool defines = guard_->ChangesDefinitions(request);
  if (parts.size() == 1 && rows_only) return CommitOne(std::move(request), defines);
  std::shared_ptr<CatalogChange> change;
  std::vector<CatalogTablePtr> altered;
  if (!rows_only) {
    for (const std::string& name : request.metadata.create_databases) {
      if (Status valid = ValidateDatabaseName(name); !valid.ok()) return Future<CommitResult>::Ready(valid);
    }
    Result<std::shared_ptr<CatalogChange>> begun = catalog_->BeginChange(request.metadata, NowMs());
    if (!begun.ok()) return Future<CommitResult>::Ready(begun.status());
    change = begun.MoveValue();
    Result<std::vector<CatalogTablePtr>> tables = change->AlteredTables();
    if (!tables.ok()) return Future<CommitResult>::Ready(tables.status());
    altered = tables.MoveValue();
  }
  std::vector<int64_t> altered_ids;
  for (const CatalogTablePtr& table : altered) altered_ids.push_back(table->info.table_id);
  Result<std::vector<Committer::Write>> writes = PrepareCommit(altered, &parts, &result);
  if (!writes.ok()) {
    RenewTables(altered_ids);
    return Future<CommitResult>::Ready(writes.status());
  }
  std::vector<PendingDrop> drops = change == nullptr ? std::vector<PendingDrop>() : change->Drops();
  Promise<CommitResult> promise;
  committer_->Submit(writes.MoveValue(), std::move(change), /*waits=*/true,
                     [this, promise, result = std::move(result), drops = std::move(drops),
                      altered_ids = std::move(altered_ids), defines](const Status& status) {
                       RenewTables(altered_ids);
                       if (defines) guard_->Forget();
                       if (!status.ok()) return promise.Complete(status);
                       // Closing buckets may wait for those who use them: not here.
                       metadata_thread_.Post([this, drops] {
                         for (const PendingDrop& drop : drops) FinishMetadataDrop(drop);
                       });
                       promise.Complete(result);
                     });
  return promise.future();
}

/// A write to one bucket is all or nothing by itself. Who commits waits for it, so its thread may as well write.
Future<CommitResult> Engine::CommitOne(CommitRequest request, bool defines) {
  const SyncByAppender sync;
  Promise<CommitResult> promise;
  const auto complete = [this, promise, defines](const Status& status, CommitResult result) {
    if (defines) guard_->Forget();
    promise.Complete(status.ok() ? Result<CommitResult>(std::move(result)) : Result<CommitResult>(status));
  };
  for (ProduceLogRequest& append : request.log) {
    append.acks = -1;
    if (append.buckets.empty()) continue;
    ProduceLog(append, /*of_client=*/false).Then([complete](const Result<std::vector<ProducedBucket>>& answers) {
      if (!answers.ok()) return complete(answers.status(), {});
      const ProducedBucket& only = answers->front();
      complete(Outcome(only.bucket, only.status, only.base_offset), {{only}, {}});
    });
  }
  for (PutKvRequest& put : request.kv) {
    put.acks = -1;
    if (put.buckets.empty()) continue;
    PutKv(put, /*of_client=*/false).Then([complete](const Result<std::vector<PutBucket>>& answers) {
      if (!answers.ok()) return complete(answers.status(), {});
      const PutBucket& only = answers->front();
      complete(Outcome(only.bucket, only.status, only.log_end_offset), {{}, {only}});
    });
  }
  return promise.future();
}

Result<std::unique_ptr<BucketWrite>> Engine::Prepare(const CommitPart& part, Bucket* bucket) {
  const std::shared_ptr<arrow::Buffer>& bytes = part.records->records;
  if (part.put == nullptr) return bucket->PrepareAppend(bytes);
  WEIR_ASSIGN_OR_RETURN(KvBatchView batch, ParseKvBatch(std::string_view(*bytes)));
  batch.new_at = part.records->new_at;
  return bucket->PreparePut(batch, bytes, part.put->target_columns, part.put->agg_mode);
}

/// Everything that can be refused is refused here, and what was written is taken back.
Result<std::vector<Committer::Write>> Engine::PrepareCommit(const std::vector<CatalogTablePtr>& altered,
                                                            std::vector<CommitPart>* parts, CommitResult* result) {
  // One order for all who hold several buckets: nobody waits for somebody who waits for them.
  std::sort(parts->begin(), parts->end(),
            [](const CommitPart& a, const CommitPart& b) { return a.records->bucket < b.records->bucket; });
  std::vector<TableBucket> buckets;
  for (const CommitPart& part : *parts) {
    if (!buckets.empty() && buckets.back() == part.records->bucket) {
      return Status::Invalid(fmt::format("the commit names {} twice; put its rows into one batch",
                                         part.records->bucket.ToString()));
    }
    buckets.push_back(part.records->bucket);
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<BucketRegistry::Lease> leases, registry_->AcquireAll(buckets));
  std::vector<Committer::Write> writes;
  for (size_t i = 0; i < parts->size(); ++i) {
    const CommitPart& part = (*parts)[i];
    Bucket& bucket = *leases[i];
    // The rows have the columns that the commit gives the table.
    const auto table = std::ranges::find(altered, buckets[i].table_id,
                                         [](const CatalogTablePtr& other) { return other->info.table_id; });
    if (table != altered.end()) bucket.SetTable((*table)->context);
    auto prepared = Prepare(part, &bucket);
    if (!prepared.ok()) return prepared.status().WithContext(buckets[i].ToString());
    const LogAppendResult& place = (*prepared)->result();
    if (part.put == nullptr) {
      result->log[part.answer].base_offset = place.base_offset;
    } else {
      result->kv[part.answer].log_end_offset = place.end_offset;
    }
    writes.push_back({buckets[i], leases[i].bucket(), prepared.MoveValue()});
  }
  WEIR_RETURN_NOT_OK(Committer::WriteLogs(writes));
  return writes;
}

}  // namespace weir
