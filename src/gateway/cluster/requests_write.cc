// Writes: log batches, KV batches, writer ids.
#include <fmt/format.h>

#include <algorithm>

#include "format/wire/records.h"
#include "format/wire/translate.h"
#include "gateway/cluster/bucket_call.h"
#include "gateway/cluster/requests.h"

namespace weir {
namespace {

using wire::ApiKey;
using std::chrono::milliseconds;

/// The batches of some of a request's buckets; their bytes are shared.
std::vector<wire::BucketRecords> Select(const std::vector<BucketRecords>& buckets, const std::vector<size_t>& indexes) {
  std::vector<wire::BucketRecords> out;
  out.reserve(indexes.size());
  for (const size_t i : indexes) {
    out.push_back({buckets[i].bucket.partition_id, buckets[i].bucket.bucket_id, buckets[i].records});
  }
  return out;
}

/// A write under way. `Request` is ProduceLogRequest or PutKvRequest, `Answer` what a bucket has of it.
template <typename Request, typename Answer>
struct Write {
  Request request;
  std::vector<Answer> answers;
};

/// A call that does not repeat what a server may have done: the writer knows better, by its sequences.
template <typename Request, typename Answer>
std::shared_ptr<BucketCall> MakeWrite(const SessionPtr& session, ApiKey key,
                                      const std::shared_ptr<Write<Request, Answer>>& write,
                                      const Promise<std::vector<Answer>>& promise) {
  auto call = std::make_shared<BucketCall>();
  call->key = key;
  for (const BucketRecords& bucket : write->request.buckets) {
    call->buckets.push_back(bucket.bucket);
    write->answers.push_back({bucket.bucket, Status::OK(), -1});
  }
  call->timeout = std::max(session->options().request_timeout, milliseconds(write->request.timeout_ms));
  call->repeatable = false;
  call->partition_gone = ErrorCode::kPartitionNotExists;
  call->table_gone = ErrorCode::kTableNotExist;  // the writer need not try again
  call->done = [write, promise](BucketCall* done) {
    for (size_t i = 0; i < write->answers.size(); ++i) write->answers[i].status = done->statuses[i];
    promise.Complete(std::move(write->answers));
  };
  return call;
}

/// Takes each bucket's part of a response; `take` keeps what a success says.
template <typename Response, typename Take>
Status TakeBuckets(int64_t table_id, BucketCall* call, const std::shared_ptr<arrow::Buffer>& message, Take take) {
  Response response;
  WEIR_RETURN_NOT_OK(wire::ParseMessage(*message, &response));
  for (const auto& part : response.buckets_resp()) {
    const TableBucket bucket = ToBucket(table_id, part);
    const ptrdiff_t i = call->IndexOf(bucket);
    if (i < 0) continue;
    const Status status = wire::FromWire(part.error_code(), part.error_message());
    if (status.ok()) take(static_cast<size_t>(i), part);
    call->Settle(bucket, status);
  }
  return Status::OK();
}

}  // namespace

void InitWriter(const SessionPtr& session, const std::vector<TablePath>& tables, const Promise<int64_t>& promise) {
  wire::InitWriterRequest request;
  for (const TablePath& path : tables) SetPath(path, request.add_table_path());
  session->Ask(ClusterSession::Role::kTablet, ApiKey::kInitWriter, request, [session, promise](const Reply& reply) {
    if (!reply.status.ok()) return promise.Complete(reply.status);
    wire::InitWriterResponse response;
    const Status parsed = wire::ParseMessage(*reply.message, &response);
    if (!parsed.ok()) return promise.Complete(parsed.WithContext(session->target()));
    promise.Complete(response.writer_id());
  });
}

void ProduceLog(const SessionPtr& session, ProduceLogRequest request,
                const Promise<std::vector<ProducedBucket>>& promise) {
  using Produce = Write<ProduceLogRequest, ProducedBucket>;
  const auto write = std::make_shared<Produce>(Produce{std::move(request), {}});
  const auto call = MakeWrite(session, ApiKey::kProduceLog, write, promise);
  call->encode = [write](const std::vector<size_t>& indexes) {
    const ProduceLogRequest& from = write->request;
    return wire::EncodeProduceLogRequest({from.acks, from.table_id, from.timeout_ms, Select(from.buckets, indexes)});
  };
  call->decode = [write](BucketCall* of, const Endpoint&, const std::shared_ptr<arrow::Buffer>& message) {
    return TakeBuckets<wire::ProduceLogResponse>(
        write->request.table_id, of, message,
        [&](size_t i, const auto& part) { write->answers[i].base_offset = part.base_offset(); });
  };
  RunBucketCall(session, call);
}

void PutKv(const SessionPtr& session, PutKvRequest request, const Promise<std::vector<PutBucket>>& promise) {
  using Put = Write<PutKvRequest, PutBucket>;
  const auto write = std::make_shared<Put>(Put{std::move(request), {}});
  const auto call = MakeWrite(session, ApiKey::kPutKv, write, promise);
  call->encode = [write](const std::vector<size_t>& indexes) {
    const PutKvRequest& from = write->request;
    return wire::EncodePutKvRequest({from.acks, from.table_id, from.timeout_ms, from.target_columns, from.agg_mode,
                                     Select(from.buckets, indexes)});
  };
  call->decode = [write](BucketCall* of, const Endpoint&, const std::shared_ptr<arrow::Buffer>& message) {
    return TakeBuckets<wire::PutKvResponse>(
        write->request.table_id, of, message,
        [&](size_t i, const auto& part) { write->answers[i].log_end_offset = part.log_end_offset(); });
  };
  RunBucketCall(session, call);
}

namespace {

/// What a commit's only write ended with: an error that leaves open whether it was written is code -1.
Status OfCommit(const Status& status) {
  const ErrorCode code = status.code();
  const bool open = code == ErrorCode::kNetworkException || code == ErrorCode::kRequestTimeOut ||
                    code == ErrorCode::kNotEnoughReplicasAfterAppend;
  return open ? Status(ErrorCode::kUnknownServerError, status.message()) : status;
}

template <typename Answer>
void KeepCommit(const Future<std::vector<Answer>>& written, std::vector<Answer> CommitResult::*part,
                const Promise<CommitResult>& promise) {
  written.Then([part, promise](const Result<std::vector<Answer>>& answers) {
    const Status status = answers.ok() ? answers->front().status : answers.status();
    if (!status.ok()) return promise.Complete(OfCommit(status));
    CommitResult result;
    result.*part = *answers;
    promise.Complete(std::move(result));
  });
}

}  // namespace

void Commit(const SessionPtr& session, CommitRequest request, const Promise<CommitResult>& promise) {
  std::erase_if(request.log, [](const ProduceLogRequest& part) { return part.buckets.empty(); });
  std::erase_if(request.kv, [](const PutKvRequest& part) { return part.buckets.empty(); });
  size_t buckets = 0;
  for (const ProduceLogRequest& part : request.log) buckets += part.buckets.size();
  for (const PutKvRequest& part : request.kv) buckets += part.buckets.size();
  if (!request.metadata.empty()) {
    return promise.Complete(Status(ErrorCode::kUnsupportedVersion,
                                   fmt::format("{} cannot commit changes of metadata", session->target())));
  }
  if (buckets == 0) return promise.Complete(CommitResult{});
  if (buckets > 1) {
    return promise.Complete(Status(
        ErrorCode::kUnsupportedVersion,
        fmt::format("{} cannot commit writes to several buckets atomically ({} buckets)", session->target(), buckets)));
  }
  if (!request.log.empty()) {
    ProduceLogRequest& write = request.log.front();
    write.acks = -1;
    Promise<std::vector<ProducedBucket>> written;
    ProduceLog(session, std::move(write), written);
    return KeepCommit(written.future(), &CommitResult::log, promise);
  }
  PutKvRequest& write = request.kv.front();
  write.acks = -1;
  Promise<std::vector<PutBucket>> written;
  PutKv(session, std::move(write), written);
  KeepCommit(written.future(), &CommitResult::kv, promise);
}

}  // namespace weir
