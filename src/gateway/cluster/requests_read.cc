// Reads of rows: lookups and scans; offsets and statistics.
#include <fmt/format.h>

#include <limits>

#include "format/wire/translate.h"
#include "gateway/cluster/bucket_call.h"
#include "gateway/cluster/requests.h"

namespace weir {
namespace {

using wire::ApiKey;
using MessageBytes = std::shared_ptr<arrow::Buffer>;

constexpr int32_t kInsertTimeoutMs = 30000;

/// The status that a part of a response, or a response of one bucket, carries.
template <typename Message>
Status StatusIn(const Message& message) {
  return wire::FromWire(message.error_code(), message.error_message());
}

std::shared_ptr<BucketCall> MakeCall(const SessionPtr& session, ApiKey key, std::vector<TableBucket> buckets) {
  auto call = std::make_shared<BucketCall>();
  call->key = key;
  call->buckets = std::move(buckets);
  call->timeout = session->options().request_timeout;
  return call;
}

/// Keeps the promise of a call about a single bucket, whose answer comes as `result`.
template <typename T>
void KeepSingle(BucketCall* call, const std::shared_ptr<T>& result, const Promise<T>& promise) {
  call->done = [result, promise](BucketCall* done) {
    const Status& status = done->statuses.front();
    promise.Complete(status.ok() ? Result<T>(std::move(*result)) : Result<T>(status));
  };
}

std::shared_ptr<arrow::Buffer> TakeBytes(std::string* bytes) { return arrow::Buffer::FromString(std::move(*bytes)); }

/// Keys by bucket, and what is found for them: both kinds of lookups.
template <typename Answer>
struct Lookups {
  std::vector<LookupBucketRequest> buckets;
  std::vector<Answer> answers;
};

/// `take` moves a part's values into the bucket's answer and gives their number, one for each key.
template <typename Message, typename Response, typename Answer, typename Take>
void RunLookups(const SessionPtr& session, ApiKey key, int64_t table_id, std::vector<LookupBucketRequest> keys,
                Message request, const Promise<std::vector<Answer>>& promise, Take take) {
  const auto lookups = std::make_shared<Lookups<Answer>>(Lookups<Answer>{std::move(keys), {}});
  std::vector<TableBucket> buckets;
  for (const LookupBucketRequest& bucket : lookups->buckets) {
    buckets.push_back(bucket.bucket);
    lookups->answers.push_back({bucket.bucket, Status::OK(), {}});
  }
  const auto call = MakeCall(session, key, std::move(buckets));
  call->retries = session->options().lookup_retries;
  call->encode = [lookups, request = std::move(request)](const std::vector<size_t>& indexes) {
    Message message = request;
    for (const size_t i : indexes) {
      wire::LookupReqForBucket* bucket = message.add_buckets_req();
      SetBucket(lookups->buckets[i].bucket, bucket);
      for (const std::string& bytes : lookups->buckets[i].keys) bucket->add_keys(bytes);
    }
    return wire::GatheredMessage(message);
  };
  call->decode = [session, lookups, table_id, take](BucketCall* of, const Endpoint&, const MessageBytes& message) {
    Response response;
    WEIR_RETURN_NOT_OK(wire::ParseMessage(*message, &response));
    for (auto& part : *response.mutable_buckets_resp()) {
      const TableBucket bucket = ToBucket(table_id, part);
      const ptrdiff_t i = of->IndexOf(bucket);
      if (i < 0) continue;
      Status status = StatusIn(part);
      const size_t wanted = lookups->buckets[static_cast<size_t>(i)].keys.size();
      const size_t found = status.ok() ? take(&part, &lookups->answers[static_cast<size_t>(i)]) : wanted;
      if (found != wanted) {
        status = session->Error(ErrorCode::kCorruptMessage,
                                fmt::format("{} values came back for {} keys", found, wanted));
      }
      of->Settle(bucket, status);
    }
    return Status::OK();
  };
  call->done = [lookups, promise](BucketCall* done) {
    for (size_t i = 0; i < lookups->answers.size(); ++i) {
      lookups->answers[i].status = done->statuses[i];
      if (!done->statuses[i].ok()) lookups->answers[i].values.clear();
    }
    promise.Complete(std::move(lookups->answers));
  };
  RunBucketCall(session, call);
}

}  // namespace

void Lookup(const SessionPtr& session, LookupRequest request, const Promise<std::vector<LookedUpBucket>>& promise) {
  wire::LookupRequest message;
  message.set_table_id(request.table_id);
  if (request.insert_if_not_exists) {
    message.set_insert_if_not_exists(true);
    message.set_acks(-1);
    message.set_timeout_ms(kInsertTimeoutMs);
  }
  const auto take = [](wire::LookupRespForBucket* part, LookedUpBucket* answer) {
    answer->values.clear();
    for (wire::Value& value : *part->mutable_values()) {
      answer->values.emplace_back();
      if (value.has_values()) answer->values.back() = std::move(*value.mutable_values());
    }
    return answer->values.size();
  };
  RunLookups<wire::LookupRequest, wire::LookupResponse>(session, ApiKey::kLookup, request.table_id,
                                                        std::move(request.buckets), std::move(message), promise, take);
}

void PrefixLookup(const SessionPtr& session, PrefixLookupRequest request,
                  const Promise<std::vector<PrefixLookedUpBucket>>& promise) {
  wire::PrefixLookupRequest message;
  message.set_table_id(request.table_id);
  const auto take = [](wire::PrefixLookupRespForBucket* part, PrefixLookedUpBucket* answer) {
    answer->values.clear();
    for (wire::ValueList& list : *part->mutable_value_lists()) {
      auto& rows = answer->values.emplace_back();
      for (std::string& row : *list.mutable_values()) rows.push_back(std::move(row));
    }
    return answer->values.size();
  };
  RunLookups<wire::PrefixLookupRequest, wire::PrefixLookupResponse>(
      session, ApiKey::kPrefixLookup, request.table_id, std::move(request.buckets), std::move(message), promise, take);
}

void LimitScan(const SessionPtr& session, LimitScanRequest request, const Promise<LimitScanResult>& promise) {
  const auto call = MakeCall(session, ApiKey::kLimitScan, {request.bucket});
  const auto result = std::make_shared<LimitScanResult>();
  call->encode = [request](const std::vector<size_t>&) {
    wire::LimitScanRequest message;
    message.set_table_id(request.bucket.table_id);
    SetBucket(request.bucket, &message);
    message.set_limit(request.limit);
    return wire::GatheredMessage(message);
  };
  call->decode = [result, request](BucketCall* of, const Endpoint&, const MessageBytes& message) {
    wire::LimitScanResponse response;
    WEIR_RETURN_NOT_OK(wire::ParseMessage(*message, &response));
    result->is_log_table = response.is_log_table();
    if (!response.records().empty()) result->records = TakeBytes(response.mutable_records());
    of->Settle(request.bucket, StatusIn(response));
    return Status::OK();
  };
  KeepSingle(call.get(), result, promise);
  RunBucketCall(session, call);
}

void ListOffsets(const SessionPtr& session, int64_t table_id, std::optional<int64_t> partition_id,
                 const std::vector<int32_t>& bucket_ids, OffsetSpec spec,
                 const Promise<std::map<int32_t, Result<int64_t>>>& promise) {
  using Offsets = std::map<int32_t, Result<int64_t>>;
  std::vector<TableBucket> buckets;
  for (const int32_t id : std::set<int32_t>(bucket_ids.begin(), bucket_ids.end())) {
    buckets.push_back({table_id, partition_id, id});
  }
  const auto call = MakeCall(session, ApiKey::kListOffsets, std::move(buckets));
  const auto offsets = std::make_shared<std::map<int32_t, int64_t>>();
  call->encode = [table_id, partition_id, spec, of = call.get()](const std::vector<size_t>& indexes) {
    wire::ListOffsetsRequest message;
    message.set_follower_server_id(-1);
    message.set_offset_type(static_cast<int32_t>(spec.kind));
    message.set_table_id(table_id);
    if (partition_id) message.set_partition_id(*partition_id);
    for (const size_t i : indexes) message.add_bucket_id(of->buckets[i].bucket_id);
    if (spec.kind == OffsetSpec::Kind::kTimestamp) message.set_start_timestamp(spec.timestamp);
    return wire::GatheredMessage(message);
  };
  call->decode = [=](BucketCall* of, const Endpoint&, const MessageBytes& message) {
    wire::ListOffsetsResponse response;
    WEIR_RETURN_NOT_OK(wire::ParseMessage(*message, &response));
    for (const wire::ListOffsetsRespForBucket& part : response.buckets_resp()) {
      (*offsets)[part.bucket_id()] = part.offset();
      of->Settle({table_id, partition_id, part.bucket_id()}, StatusIn(part));
    }
    return Status::OK();
  };
  call->done = [offsets, promise](BucketCall* done) {
    Offsets results;
    for (size_t i = 0; i < done->buckets.size(); ++i) {
      const int32_t id = done->buckets[i].bucket_id;
      const Status& status = done->statuses[i];
      results.emplace(id, status.ok() ? Result<int64_t>((*offsets)[id]) : Result<int64_t>(status));
    }
    promise.Complete(std::move(results));
  };
  RunBucketCall(session, call);
}

void GetTableStats(const SessionPtr& session, int64_t table_id, const std::vector<TableBucket>& buckets,
                   const Promise<std::vector<BucketStats>>& promise) {
  const auto call = MakeCall(session, ApiKey::kGetTableStats, buckets);
  const auto stats = std::make_shared<std::vector<BucketStats>>();
  for (const TableBucket& bucket : buckets) stats->push_back({bucket, Status::OK(), 0});
  call->encode = [table_id, buckets](const std::vector<size_t>& indexes) {
    wire::GetTableStatsRequest message;
    message.set_table_id(table_id);
    for (const size_t i : indexes) SetBucket(buckets[i], message.add_buckets_req());
    return wire::GatheredMessage(message);
  };
  call->decode = [stats, table_id](BucketCall* of, const Endpoint&, const MessageBytes& message) {
    wire::GetTableStatsResponse response;
    WEIR_RETURN_NOT_OK(wire::ParseMessage(*message, &response));
    for (const wire::TableStatsRespForBucket& part : response.buckets_resp()) {
      const TableBucket bucket = ToBucket(table_id, part);
      const ptrdiff_t i = of->IndexOf(bucket);
      if (i < 0) continue;
      (*stats)[static_cast<size_t>(i)].row_count = part.row_count();
      of->Settle(bucket, StatusIn(part));
    }
    return Status::OK();
  };
  call->done = [stats, promise](BucketCall* done) {
    for (size_t i = 0; i < stats->size(); ++i) (*stats)[i].status = done->statuses[i];
    promise.Complete(std::move(*stats));
  };
  RunBucketCall(session, call);
}

// --- full scans of primary key tables ---

namespace {

using ScansPtr = std::shared_ptr<OpenScans>;

Status TakeStep(const ClusterSession& session, const MessageBytes& message, wire::ScanKvResponse* response) {
  const Status parsed = wire::ParseMessage(*message, response);
  return parsed.ok() ? StatusIn(*response) : parsed.WithContext(session.target());
}

ScanKvResult ToScanResult(wire::ScanKvResponse* response) {
  ScanKvResult result;
  result.has_more = response->has_more_results();
  if (!response->records().empty()) result.records = TakeBytes(response->mutable_records());
  if (response->has_log_offset()) result.log_offset = response->log_offset();
  return result;
}

/// All rows at once. The offset is asked for first: changes since then are in the rows or in the
/// changelog after it, or in both, and applying one twice does no harm.
void ScanAtOnce(const SessionPtr& session, const TableBucket& bucket, const Promise<ScanKvResult>& promise) {
  using Offsets = std::map<int32_t, Result<int64_t>>;
  Promise<Offsets> asked;
  ListOffsets(session, bucket.table_id, bucket.partition_id, {bucket.bucket_id}, OffsetSpec::Latest(), asked);
  asked.future().Then([session, bucket, promise](const Result<Offsets>& offsets) {
    const Result<int64_t> offset = offsets.ok() ? offsets->begin()->second : Result<int64_t>(offsets.status());
    if (!offset.ok()) return promise.Complete(offset.status());
    Promise<LimitScanResult> scanned;
    LimitScan(session, {bucket, std::numeric_limits<int32_t>::max()}, scanned);
    scanned.future().Then([promise, offset](const Result<LimitScanResult>& rows) {
      if (!rows.ok()) return promise.Complete(rows.status());
      promise.Complete(ScanKvResult{"", false, rows->records, *offset});
    });
  });
}

void OpenScan(const SessionPtr& session, const ScansPtr& scans, const ScanKvRequest& request,
              const Promise<ScanKvResult>& promise) {
  const auto call = MakeCall(session, ApiKey::kScanKv, {request.bucket});
  const auto result = std::make_shared<ScanKvResult>();
  call->encode = [request](const std::vector<size_t>&) {
    wire::ScanKvRequest message;
    wire::ScanReqForBucket* bucket = message.mutable_bucket_scan_req();
    bucket->set_table_id(request.bucket.table_id);
    SetBucket(request.bucket, bucket);
    message.set_call_seq_id(0);
    message.set_batch_size_bytes(request.batch_size_bytes);
    return wire::GatheredMessage(message);
  };
  call->decode = [session, scans, result, request](BucketCall* of, const Endpoint& server,
                                                   const MessageBytes& message) {
    wire::ScanKvResponse response;
    of->Settle(request.bucket, TakeStep(*session, message, &response));
    *result = ToScanResult(&response);
    if (!result->has_more) return Status::OK();
    result->scanner_id = fmt::format("{}/{}", server.ToString(), scans->next_id++);
    scans->scans[result->scanner_id] = {server, response.scanner_id()};
    return Status::OK();
  };
  call->done = [session, request, result, promise](BucketCall* done) {
    const Status& status = done->statuses.front();
    if (status.code() == ErrorCode::kUnsupportedVersion) return ScanAtOnce(session, request.bucket, promise);
    promise.Complete(status.ok() ? Result<ScanKvResult>(std::move(*result)) : Result<ScanKvResult>(status));
  };
  RunBucketCall(session, call);
}

}  // namespace

void ScanKv(const SessionPtr& session, const ScansPtr& scans, ScanKvRequest request,
            const Promise<ScanKvResult>& promise) {
  if (request.scanner_id.empty()) return OpenScan(session, scans, request, promise);
  const auto found = scans->scans.find(request.scanner_id);
  if (found == scans->scans.end()) {
    if (request.close) return promise.Complete(ScanKvResult{});
    return promise.Complete(
        session->Error(ErrorCode::kUnknownScannerId, "the scan is not open: it ended, or never began"));
  }
  OpenScans::Scan& scan = found->second;
  wire::ScanKvRequest message;
  message.set_scanner_id(scan.scanner_id);
  if (request.close) {
    message.set_close_scanner(true);
  } else {
    message.set_call_seq_id(scan.next_step++);
    message.set_batch_size_bytes(request.batch_size_bytes);
  }
  const auto replied = [session, scans, id = request.scanner_id, promise](const Reply& reply) {
    wire::ScanKvResponse response;
    const Status status = reply.status.ok() ? TakeStep(*session, reply.message, &response) : reply.status;
    if (!status.ok() || !response.has_more_results()) scans->scans.erase(id);
    if (!status.ok()) return promise.Complete(status);
    ScanKvResult result = ToScanResult(&response);
    if (result.has_more) result.scanner_id = id;
    promise.Complete(std::move(result));
  };
  session->SendTo(scan.server, ApiKey::kScanKv, wire::GatheredMessage(message), session->options().request_timeout,
                  replied);
}

}  // namespace weir
