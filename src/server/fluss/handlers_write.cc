// Writes: log batches, KV batches, writer ids.
#include <fmt/format.h>

#include "format/wire/translate.h"
#include "model/table_options.h"
#include "server/fluss/handlers.h"
#include "server/fluss/key_versions.h"

namespace weir {
namespace {

constexpr int16_t kUnderstandsBackpressure = 2;  // version of PUT_KV

std::vector<BucketRecords> ToGateway(int64_t table_id, std::vector<wire::BucketRecords> buckets) {
  std::vector<BucketRecords> out;
  out.reserve(buckets.size());
  for (wire::BucketRecords& bucket : buckets) {
    out.push_back({{table_id, bucket.partition_id, bucket.bucket_id}, std::move(bucket.records)});
  }
  return out;
}

Status ForVersion(const Status& status, int16_t version) {
  if (status.code() != ErrorCode::kStorageBackpressure || version >= kUnderstandsBackpressure) return status;
  return {ErrorCode::kKvStorageException, status.message()};
}

void Put(const State& state, wire::PutKvView parsed, const Answer<wire::PutKvResponse>& answer) {
  PutKvRequest request;
  request.table_id = parsed.table_id;
  request.acks = parsed.acks;
  request.timeout_ms = parsed.timeout_ms;
  request.target_columns = std::move(parsed.target_columns);
  request.agg_mode = parsed.agg_mode;
  request.buckets = ToGateway(parsed.table_id, std::move(parsed.buckets));
  const int16_t version = answer.call()->header().api_version;
  AnswerWith(answer, state->gateway->PutKv(std::move(request)),
             [version](const std::vector<PutBucket>& buckets) {
               wire::PutKvResponse response;
               for (const PutBucket& bucket : buckets) {
                 wire::PutKvRespForBucket* out = response.add_buckets_resp();
                 SetBucket(bucket.bucket, out);
                 SetError(ForVersion(bucket.status, version), out);
                 if (bucket.status.ok()) out->set_log_end_offset(bucket.log_end_offset);
               }
               return response;
             });
}

}  // namespace

void InitWriter(const State& state, const wire::InitWriterRequest& request,
                const Answer<wire::InitWriterResponse>& answer) {
  std::vector<TablePath> tables;
  for (const wire::TablePath& path : request.table_path()) tables.push_back(ToPath(path));
  AnswerWith(answer, state->gateway->InitWriter(tables), [](int64_t writer_id) {
    wire::InitWriterResponse response;
    response.set_writer_id(writer_id);
    return response;
  });
}

void ProduceLog(const State& state, const CallPtr& call) {
  Result<wire::ProduceLogView> parsed = wire::ParseProduceLogRequest(call->message());
  if (!parsed.ok()) return call->Fail(parsed.status());
  ProduceLogRequest request;
  request.table_id = parsed->table_id;
  request.acks = parsed->acks;
  request.timeout_ms = parsed->timeout_ms;
  request.buckets = ToGateway(parsed->table_id, std::move(parsed->buckets));
  AnswerWith(Answer<wire::ProduceLogResponse>(call), state->gateway->ProduceLog(std::move(request)),
             [](const std::vector<ProducedBucket>& buckets) {
               wire::ProduceLogResponse response;
               for (const ProducedBucket& bucket : buckets) {
                 wire::ProduceLogRespForBucket* out = response.add_buckets_resp();
                 SetBucket(bucket.bucket, out);
                 SetError(bucket.status, out);
                 if (bucket.status.ok()) out->set_base_offset(bucket.base_offset);
               }
               return response;
             });
}

void PutKv(const State& state, const CallPtr& call) {
  Result<wire::PutKvView> parsed = wire::ParsePutKvRequest(call->message());
  if (!parsed.ok()) return call->Fail(parsed.status());
  const int64_t table_id = parsed->table_id;
  const Answer<wire::PutKvResponse> answer(call);
  CheckKeyVersion(state, call, table_id, [state, answer, request = parsed.MoveValue()](const Status& keys) {
    if (keys.ok()) return Put(state, request, answer);
    wire::PutKvResponse response;
    for (const wire::BucketRecords& bucket : request.buckets) {
      wire::PutKvRespForBucket* out = response.add_buckets_resp();
      SetBucket({request.table_id, bucket.partition_id, bucket.bucket_id}, out);
      SetError(keys, out);
    }
    answer(std::move(response));
  });
}

}  // namespace weir
