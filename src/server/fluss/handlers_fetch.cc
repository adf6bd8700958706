// Long polls for log batches, with the projection that the gateway leaves to its callers.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "format/log_batch.h"
#include "format/wire/translate.h"
#include "gateway/futures.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

constexpr int32_t kDefaultWaitMs = 100;  // when a request names bytes to wait for and no time
constexpr int32_t kMaxWaitMs = 60 * 1000;

using Fetched = std::vector<FetchedBucket>;
using SchemaPtr = std::shared_ptr<const Schema>;

/// A fetch under way: one request to the gateway for each table.
struct Fetch {
  State state;
  CallPtr call;
  std::vector<int64_t> table_ids;
  std::vector<FetchLogRequest> requests;
  std::vector<Result<Fetched>> results;
};
using FetchPtr = std::shared_ptr<Fetch>;

FetchLogRequest ToGateway(const wire::FetchLogRequest& request, const wire::FetchLogReqForTable& table) {
  FetchLogRequest out;
  const int32_t tables = std::max(request.tables_req_size(), 1);
  out.max_bytes = std::max(request.max_bytes(), 0) / tables;
  out.min_bytes = request.has_min_bytes() ? std::max(request.min_bytes(), 0) : 0;
  out.max_wait_ms = std::clamp(request.has_max_wait_ms() ? request.max_wait_ms() : kDefaultWaitMs, 0, kMaxWaitMs);
  if (table.projection_pushdown_enabled()) {
    out.projection.emplace(table.projected_fields().begin(), table.projected_fields().end());
  }
  for (const wire::FetchLogReqForBucket& bucket : table.buckets_req()) {
    out.buckets.push_back({ToBucket(table.table_id(), bucket), bucket.fetch_offset(), bucket.max_fetch_bytes()});
  }
  return out;
}

/// Calls `next(batch, header)` for each batch of `records` until one is malformed or `next` fails.
template <typename Next>
Status ForEachBatch(const arrow::Buffer& records, Next next) {
  std::string_view rest(records);
  while (!rest.empty()) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(rest));
    const auto size = static_cast<size_t>(header.total_size());
    WEIR_RETURN_NOT_OK(next(rest.substr(0, size), header));
    rest.remove_prefix(size);
  }
  return Status::OK();
}

using Schemas = std::map<int32_t, Future<SchemaPtr>>;  // of one table, by id; all there

/// The batches with only the projection's columns: the one copy that a projected fetch takes.
Result<std::shared_ptr<arrow::Buffer>> Project(const arrow::Buffer& records, const std::vector<int>& projection,
                                               const Schemas& schemas) {
  std::string projected;
  WEIR_RETURN_NOT_OK(ForEachBatch(records, [&](std::string_view batch, const LogBatchHeader& header) -> Status {
    const Result<SchemaPtr>& schema = schemas.at(header.schema_id).Wait();
    if (!schema.ok()) return schema.status();
    WEIR_ASSIGN_OR_RETURN(const std::string selected, ProjectLogBatch(batch, **schema, projection));
    projected += selected;
    return Status::OK();
  }));
  return arrow::Buffer::FromString(std::move(projected));
}

bool NeedsProjection(const FetchLogRequest& request, const FetchedBucket& bucket) {
  return request.projection && !bucket.projected && bucket.status.ok() && bucket.records != nullptr &&
         bucket.records->size() > 0;
}

/// The ids of the schemas that the batches to project were written with.
std::set<std::pair<int64_t, int32_t>> SchemasToProject(const Fetch& fetch) {
  std::set<std::pair<int64_t, int32_t>> ids;
  for (size_t i = 0; i < fetch.results.size(); ++i) {
    if (!fetch.results[i].ok()) continue;
    for (const FetchedBucket& bucket : *fetch.results[i]) {
      if (!NeedsProjection(fetch.requests[i], bucket)) continue;
      // What is malformed shows when it is projected.
      (void)ForEachBatch(*bucket.records, [&](std::string_view, const LogBatchHeader& header) {
        ids.emplace(fetch.table_ids[i], header.schema_id);
        return Status::OK();
      });
    }
  }
  return ids;
}

wire::FetchedBucketRecords ToMessage(const FetchedBucket& bucket) {
  wire::FetchedBucketRecords out;
  SetBucket(bucket.bucket, &out.bucket);
  SetError(bucket.status, &out.bucket);
  if (!bucket.status.ok()) return out;
  out.bucket.set_high_watermark(bucket.high_watermark);
  out.bucket.set_log_start_offset(bucket.log_start_offset);
  if (bucket.filtered_end_offset) out.bucket.set_filtered_end_offset(*bucket.filtered_end_offset);
  out.records = bucket.records;
  return out;
}

wire::FetchedTable ToMessage(const Fetch& fetch, size_t i, const std::map<int64_t, Schemas>& schemas) {
  wire::FetchedTable table{.table_id = fetch.table_ids[i], .buckets = {}};
  if (!fetch.results[i].ok()) {
    for (const FetchBucketRequest& bucket : fetch.requests[i].buckets) {
      FetchedBucket failed;
      failed.bucket = bucket.bucket;
      failed.status = fetch.results[i].status();
      table.buckets.push_back(ToMessage(failed));
    }
    return table;
  }
  for (FetchedBucket bucket : *fetch.results[i]) {
    if (NeedsProjection(fetch.requests[i], bucket)) {
      auto projected = Project(*bucket.records, *fetch.requests[i].projection, schemas.at(table.table_id));
      bucket.status = projected.status();
      if (projected.ok()) bucket.records = projected.MoveValue();
    }
    if (bucket.status.ok() && bucket.records != nullptr) {
      // Clients up to 1.0 read no batches but V0 (docs/fluss-formats.md, "Log batches").
      auto readable = ToV0Batches(bucket.records);
      bucket.status = readable.status();
      if (readable.ok()) bucket.records = readable.MoveValue();
    }
    table.buckets.push_back(ToMessage(bucket));
  }
  return table;
}

void AnswerFetch(const FetchPtr& fetch) {
  std::vector<Future<SchemaPtr>> asked;
  std::map<int64_t, Schemas> schemas;
  for (const auto& [table_id, schema_id] : SchemasToProject(*fetch)) {
    asked.push_back(fetch->state->schemas->Get(table_id, schema_id));
    schemas[table_id].emplace(schema_id, asked.back());
  }
  WhenDone(fetch->call, AllDone(asked), [fetch, schemas](const Result<Unit>&) {
    std::vector<wire::FetchedTable> tables;
    for (size_t i = 0; i < fetch->results.size(); ++i) tables.push_back(ToMessage(*fetch, i, schemas));
    fetch->call->Reply(wire::EncodeFetchLogResponse(fetch->call->header().request_id, tables));
  });
}

/// What lies there now, or after a wait, goes to `next` when all tables have answered.
void Read(const FetchPtr& fetch, bool wait, const std::function<void()>& next) {
  std::vector<Future<Fetched>> asked;
  for (FetchLogRequest request : fetch->requests) {
    if (!wait) request.max_wait_ms = 0;
    asked.push_back(fetch->state->gateway->FetchLog(std::move(request)));
  }
  WhenDone(fetch->call, AllDone(asked), [fetch, asked, next](const Result<Unit>&) {
    fetch->results.clear();
    for (const Future<Fetched>& table : asked) fetch->results.push_back(table.Wait());
    next();
  });
}

bool HasNews(const Fetch& fetch) {
  return std::ranges::any_of(fetch.results, [](const Result<Fetched>& result) {
    return !result.ok() || std::ranges::any_of(*result, [](const FetchedBucket& bucket) {
      return !bucket.status.ok() || (bucket.records != nullptr && bucket.records->size() > 0);
    });
  });
}

/// Waits until one of the tables has something, then reads them all.
void WaitForAny(const FetchPtr& fetch) {
  std::vector<Future<Fetched>> asked;
  for (const FetchLogRequest& request : fetch->requests) asked.push_back(fetch->state->gateway->FetchLog(request));
  WhenDone(fetch->call, AnyDone(asked),
           [fetch](const Result<Unit>&) { Read(fetch, false, [fetch] { AnswerFetch(fetch); }); });
}

}  // namespace

void FetchLog(const State& state, const CallPtr& call) {
  wire::FetchLogRequest request;
  const Status parsed = wire::ParseMessage(*call->message(), &request);
  if (!parsed.ok()) return call->Fail(parsed);
  const auto fetch = std::make_shared<Fetch>(Fetch{state, call, {}, {}, {}});
  for (const wire::FetchLogReqForTable& table : request.tables_req()) {
    fetch->table_ids.push_back(table.table_id());
    fetch->requests.push_back(ToGateway(request, table));
  }
  if (fetch->requests.size() <= 1) return Read(fetch, true, [fetch] { AnswerFetch(fetch); });
  Read(fetch, false, [fetch] {
    const bool waits = fetch->requests.front().min_bytes > 0;
    if (waits && !HasNews(*fetch)) return WaitForAny(fetch);
    AnswerFetch(fetch);
  });
}

}  // namespace weir
