// Reads of rows: lookups, scans with a limit, scans of primary key tables; offsets and statistics.
#include <fmt/format.h>

#include "format/log_batch.h"
#include "format/wire/translate.h"
#include "server/fluss/handlers.h"
#include "server/fluss/key_versions.h"

namespace weir {
namespace {

/// Keys by bucket, as both kinds of lookup send them.
template <typename Request>
std::vector<LookupBucketRequest> ToGateway(const Request& request) {
  std::vector<LookupBucketRequest> out;
  for (const wire::LookupReqForBucket& bucket : request.buckets_req()) {
    out.push_back({ToBucket(request.table_id(), bucket), {bucket.keys().begin(), bucket.keys().end()}});
  }
  return out;
}

template <typename Response, typename Request>
Response FailAll(const Request& request, const Status& error) {
  Response response;
  for (const wire::LookupReqForBucket& bucket : request.buckets_req()) {
    auto* out = response.add_buckets_resp();
    SetBucket(ToBucket(request.table_id(), bucket), out);
    SetError(error, out);
  }
  return response;
}

wire::LookupResponse ToMessage(const std::vector<LookedUpBucket>& buckets) {
  wire::LookupResponse response;
  for (const LookedUpBucket& bucket : buckets) {
    wire::LookupRespForBucket* out = response.add_buckets_resp();
    SetBucket(bucket.bucket, out);
    SetError(bucket.status, out);
    if (!bucket.status.ok()) continue;
    for (const std::optional<std::string>& value : bucket.values) {
      wire::Value* found = out->add_values();
      if (value) found->set_values(*value);
    }
  }
  return response;
}

wire::PrefixLookupResponse ToMessage(const std::vector<PrefixLookedUpBucket>& buckets) {
  wire::PrefixLookupResponse response;
  for (const PrefixLookedUpBucket& bucket : buckets) {
    wire::PrefixLookupRespForBucket* out = response.add_buckets_resp();
    SetBucket(bucket.bucket, out);
    SetError(bucket.status, out);
    if (!bucket.status.ok()) continue;
    for (const std::vector<std::string>& rows : bucket.values) {
      wire::ValueList* list = out->add_value_lists();
      for (const std::string& row : rows) list->add_values(row);
    }
  }
  return response;
}

std::string ToBytes(const std::shared_ptr<arrow::Buffer>& buffer) {
  return buffer == nullptr ? std::string() : buffer->ToString();
}

/// The step of a scan that a request asks for, checked against what a request may combine.
Result<ScanKvRequest> ToStep(const wire::ScanKvRequest& request) {
  const auto invalid = [](std::string message) { return Status(ErrorCode::kInvalidScanRequest, std::move(message)); };
  ScanKvRequest step;
  step.scanner_id = request.scanner_id();
  step.close = request.close_scanner();
  if (request.has_bucket_scan_req() == request.has_scanner_id()) {
    return invalid("a scan is either opened with bucket_scan_req or continued with scanner_id");
  }
  if (step.close) return step;
  if (!request.has_call_seq_id() || request.batch_size_bytes() <= 0) {
    return invalid("a scan's step needs call_seq_id, and batch_size_bytes above 0");
  }
  step.batch_size_bytes = request.batch_size_bytes();
  if (!request.has_bucket_scan_req()) return step;
  if (request.call_seq_id() != 0) {
    return invalid(fmt::format("call_seq_id of a scan's first step is 0, not {}", request.call_seq_id()));
  }
  step.bucket = ToBucket(request.bucket_scan_req().table_id(), request.bucket_scan_req());
  return step;
}

wire::ScanKvResponse ToMessage(const ScanKvResult& result) {
  wire::ScanKvResponse response;
  if (!result.scanner_id.empty()) response.set_scanner_id(result.scanner_id);
  response.set_has_more_results(result.has_more);
  if (result.records != nullptr) response.set_records(ToBytes(result.records));
  if (result.log_offset >= 0) response.set_log_offset(result.log_offset);
  return response;
}

template <typename Response>
void AnswerInside(const Answer<Response>& answer, const Status& error) {
  Response response;
  SetError(error, &response);
  answer(std::move(response));
}

}  // namespace

void Lookup(const State& state, const wire::LookupRequest& request, const Answer<wire::LookupResponse>& answer) {
  CheckKeyVersion(state, answer.call(), request.table_id(), [state, request, answer](const Status& keys) {
    if (!keys.ok()) return answer(FailAll<wire::LookupResponse>(request, keys));
    LookupRequest lookup;
    lookup.table_id = request.table_id();
    lookup.insert_if_not_exists = request.insert_if_not_exists();
    lookup.buckets = ToGateway(request);
    AnswerWith(answer, state->gateway->Lookup(std::move(lookup)),
               [](const std::vector<LookedUpBucket>& buckets) { return ToMessage(buckets); });
  });
}

void PrefixLookup(const State& state, const wire::PrefixLookupRequest& request,
                  const Answer<wire::PrefixLookupResponse>& answer) {
  CheckKeyVersion(state, answer.call(), request.table_id(), [state, request, answer](const Status& keys) {
    if (!keys.ok()) return answer(FailAll<wire::PrefixLookupResponse>(request, keys));
    PrefixLookupRequest lookup;
    lookup.table_id = request.table_id();
    lookup.buckets = ToGateway(request);
    AnswerWith(answer, state->gateway->PrefixLookup(std::move(lookup)),
               [](const std::vector<PrefixLookedUpBucket>& buckets) { return ToMessage(buckets); });
  });
}

void LimitScan(const State& state, const wire::LimitScanRequest& request,
               const Answer<wire::LimitScanResponse>& answer) {
  LimitScanRequest scan;
  scan.bucket = ToBucket(request.table_id(), request);
  scan.limit = request.limit();
  WhenDone(answer.call(), state->gateway->LimitScan(scan), [answer](const Result<LimitScanResult>& result) {
    if (!result.ok()) return AnswerInside(answer, result.status());
    wire::LimitScanResponse response;
    response.set_is_log_table(result->is_log_table);
    if (result->is_log_table && result->records != nullptr) {
      const auto readable = ToV0Batches(result->records);
      if (!readable.ok()) return AnswerInside(answer, readable.status());
      response.set_records(ToBytes(*readable));
    } else {
      response.set_records(ToBytes(result->records));
    }
    answer(std::move(response));
  });
}

void ScanKv(const State& state, const wire::ScanKvRequest& request, const Answer<wire::ScanKvResponse>& answer) {
  const Result<ScanKvRequest> step = ToStep(request);
  if (!step.ok()) return AnswerInside(answer, step.status());
  const std::string scanner_id = step->scanner_id;
  if (!scanner_id.empty() && !step->close) {
    const Status in_order = state->scan_steps->Take(scanner_id, request.call_seq_id());
    if (!in_order.ok()) return AnswerInside(answer, in_order);
  }
  const auto take = [state, scanner_id, answer](const Result<ScanKvResult>& result) {
    const bool goes_on = result.ok() && result->has_more;
    if (!goes_on) state->scan_steps->Close(scanner_id);
    if (!result.ok()) return AnswerInside(answer, result.status());
    if (goes_on && scanner_id.empty()) state->scan_steps->Open(result->scanner_id);
    answer(ToMessage(*result));
  };
  WhenDone(answer.call(), state->gateway->ScanKv(*step), take);
}

void ListOffsets(const State& state, const wire::ListOffsetsRequest& request,
                 const Answer<wire::ListOffsetsResponse>& answer) {
  const int32_t type = request.offset_type();
  if (type < 0 || type > static_cast<int32_t>(OffsetSpec::Kind::kTimestamp)) {
    return answer(
        Status::Invalid(fmt::format("offset type {} is none of 0 (earliest), 1 (latest), 2 (timestamp)", type)));
  }
  const OffsetSpec spec{static_cast<OffsetSpec::Kind>(type), request.start_timestamp()};
  if (spec.kind == OffsetSpec::Kind::kTimestamp && !request.has_start_timestamp()) {
    return answer(Status(ErrorCode::kInvalidTimestamp, "offsets by timestamp need a timestamp"));
  }
  std::optional<int64_t> partition_id;
  if (request.has_partition_id()) partition_id = request.partition_id();
  const std::vector<int32_t> bucket_ids(request.bucket_id().begin(), request.bucket_id().end());
  AnswerWith(answer, state->gateway->ListOffsets(request.table_id(), partition_id, bucket_ids, spec),
             [](const std::map<int32_t, Result<int64_t>>& offsets) {
               wire::ListOffsetsResponse response;
               for (const auto& [bucket_id, offset] : offsets) {
                 wire::ListOffsetsRespForBucket* out = response.add_buckets_resp();
                 out->set_bucket_id(bucket_id);
                 SetError(offset.status(), out);
                 if (offset.ok()) out->set_offset(*offset);
               }
               return response;
             });
}

void GetTableStats(const State& state, const wire::GetTableStatsRequest& request,
                   const Answer<wire::GetTableStatsResponse>& answer) {
  std::vector<TableBucket> buckets;
  for (const wire::TableStatsReqForBucket& bucket : request.buckets_req()) {
    buckets.push_back(ToBucket(request.table_id(), bucket));
  }
  AnswerWith(answer, state->gateway->GetTableStats(request.table_id(), buckets),
             [](const std::vector<BucketStats>& stats) {
               wire::GetTableStatsResponse response;
               for (const BucketStats& bucket : stats) {
                 wire::TableStatsRespForBucket* out = response.add_buckets_resp();
                 SetBucket(bucket.bucket, out);
                 SetError(bucket.status, out);
                 if (bucket.status.ok()) out->set_row_count(bucket.row_count);
               }
               return response;
             });
}

// --- what this server has none of ---

void GetLakeSnapshot(const State& state, const wire::GetLakeSnapshotRequest& request,
                     const Answer<wire::GetLakeSnapshotResponse>& answer) {
  AnswerWith(answer, state->gateway->GetTableInfo(ToPath(request.table_path())),
             [](const TableInfo& info) -> Result<wire::GetLakeSnapshotResponse> {
               return Status(ErrorCode::kLakeSnapshotNotExist,
                             fmt::format("table '{}' has no snapshot in a data lake", info.path.ToString()));
             });
}

/// Snapshots are local files, which need no token.
void GetFileSystemSecurityToken(const State&, const wire::GetFileSystemSecurityTokenRequest&,
                                const Answer<wire::GetFileSystemSecurityTokenResponse>& answer) {
  wire::GetFileSystemSecurityTokenResponse response;
  response.set_schema("file");
  response.set_token("");
  answer(std::move(response));
}

}  // namespace weir
