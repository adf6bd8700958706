// Long polls for log batches, with the projection that the gateway leaves to its callers.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "client/batch_ranges.h"
#include "client/table_impl.h"
#include "format/log_batch.h"
#include "format/wire/predicates.h"
#include "format/wire/translate.h"
#include "gateway/futures.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

constexpr int32_t kDefaultWaitMs = 100;  // when a request names bytes to wait for and no time
constexpr int32_t kMaxWaitMs = 60 * 1000;

using Fetched = std::vector<FetchedBucket>;
using SchemaPtr = std::shared_ptr<const Schema>;

/// A filter on one table's batches, by their statistics.
struct Pruning {
  SchemaPtr schema;  // whose columns it names
  BoundPredicate filter;
};

/// A fetch under way: one request to the gateway for each table.
struct Fetch {
  State state;
  CallPtr call;
  std::vector<int64_t> table_ids;
  std::vector<FetchLogRequest> requests;
  std::vector<FetchLogRequest> begun = {};            // as the client has sent them
  std::vector<std::optional<Pruning>> prunings = {};  // one a table
  std::vector<Result<Fetched>> results = {};
  int rounds_left = 64;  // of reading on where all batches were left out
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

bool HasRecords(const FetchedBucket& bucket) {
  return bucket.status.ok() && bucket.records != nullptr && bucket.records->size() > 0;
}

bool NeedsProjection(const FetchLogRequest& request, const FetchedBucket& bucket) {
  return request.projection && !bucket.projected && HasRecords(bucket);
}

/// The ids of the schemas that the batches to project, or to hold against a filter, were written with.
std::set<std::pair<int64_t, int32_t>> SchemasOfBatches(const Fetch& fetch) {
  std::set<std::pair<int64_t, int32_t>> ids;
  for (size_t i = 0; i < fetch.results.size(); ++i) {
    if (!fetch.results[i].ok()) continue;
    for (const FetchedBucket& bucket : *fetch.results[i]) {
      const bool needed = NeedsProjection(fetch.requests[i], bucket) || (fetch.prunings[i] && HasRecords(bucket));
      if (!needed) continue;
      // What is malformed shows when it is projected.
      (void)ForEachBatch(*bucket.records, [&](std::string_view, const LogBatchHeader& header) {
        ids.emplace(fetch.table_ids[i], header.schema_id);
        return Status::OK();
      });
    }
  }
  return ids;
}

Result<bool> MayMatch(const Pruning& pruning, std::string_view batch, const LogBatchHeader& header,
                      const Schemas& schemas) {
  const Result<SchemaPtr>& written = schemas.at(header.schema_id).Wait();
  if (!written.ok()) return written.status();
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const auto ranges, RangesOfBatch(header, batch, **written,
                                                         MapColumns(**written, *pruning.schema), &arena));
  return pruning.filter.MayMatch(ranges, header.record_count);
}

/// Leaves out the batches in which nothing can match, and says where the reader goes on when the last are among them.
/// (Where statistics make no sense, all stay.)
void Prune(const Pruning& pruning, const Schemas& schemas, FetchedBucket* bucket) {
  arrow::BufferVector kept;
  int64_t left_out = 0;
  std::optional<int64_t> end;
  int64_t at = 0;
  const auto look_at = [&](std::string_view batch, const LogBatchHeader& header) -> Status {
    WEIR_ASSIGN_OR_RETURN(const bool may_match, MayMatch(pruning, batch, header, schemas));
    if (may_match) {
      kept.push_back(arrow::SliceBuffer(bucket->records, at, header.total_size()));
      end.reset();
    } else {
      ++left_out;
      end = header.next_offset();
    }
    at += header.total_size();
    return Status::OK();
  };
  if (!ForEachBatch(*bucket->records, look_at).ok() || left_out == 0) return;
  auto records = arrow::ConcatenateBuffers(kept);
  if (!kept.empty() && !records.ok()) return;
  bucket->records = kept.empty() ? nullptr : kept.size() == 1 ? kept.front() : records.MoveValueUnsafe();
  bucket->filtered_end_offset = end;
}

void Prune(const std::map<int64_t, Schemas>& schemas, Fetch* fetch) {
  for (size_t i = 0; i < fetch->results.size(); ++i) {
    if (!fetch->prunings[i] || !fetch->results[i].ok()) continue;
    Fetched buckets = *fetch->results[i];
    for (FetchedBucket& bucket : buckets) {
      if (HasRecords(bucket)) Prune(*fetch->prunings[i], schemas.at(fetch->table_ids[i]), &bucket);
    }
    fetch->results[i] = std::move(buckets);
  }
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

void Reply(const Fetch& fetch, const std::map<int64_t, Schemas>& schemas) {
  std::vector<wire::FetchedTable> tables;
  for (size_t i = 0; i < fetch.results.size(); ++i) tables.push_back(ToMessage(fetch, i, schemas));
  fetch.call->Reply(wire::EncodeFetchLogResponse(fetch.call->header().request_id, tables));
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

/// Whether nothing is left of what was read, and more is there behind it: the requests go on there.
bool ReadsOn(Fetch* fetch) {
  if (fetch->rounds_left-- <= 0 || HasNews(*fetch)) return false;
  bool more = false;
  for (size_t i = 0; i < fetch->results.size(); ++i) {
    const Fetched& buckets = *fetch->results[i];
    for (size_t k = 0; k < buckets.size(); ++k) {
      if (!buckets[k].filtered_end_offset) continue;
      fetch->requests[i].buckets[k].offset = *buckets[k].filtered_end_offset;
      more |= *buckets[k].filtered_end_offset < buckets[k].high_watermark;
    }
  }
  return more;
}

/// What has been passed over by earlier rounds, where the last one has found nothing.
void KeepPassedOver(const std::vector<FetchLogRequest>& asked, Fetch* fetch) {
  for (size_t i = 0; i < fetch->results.size(); ++i) {
    if (!fetch->prunings[i] || !fetch->results[i].ok()) continue;
    Fetched buckets = *fetch->results[i];
    for (size_t k = 0; k < buckets.size(); ++k) {
      const int64_t offset = fetch->requests[i].buckets[k].offset;
      const bool nothing = buckets[k].status.ok() && !HasRecords(buckets[k]) && !buckets[k].filtered_end_offset;
      if (nothing && offset > asked[i].buckets[k].offset) buckets[k].filtered_end_offset = offset;
    }
    fetch->results[i] = std::move(buckets);
  }
}

void AnswerFetch(const FetchPtr& fetch) {
  std::vector<Future<SchemaPtr>> asked;
  std::map<int64_t, Schemas> schemas;
  for (const auto& [table_id, schema_id] : SchemasOfBatches(*fetch)) {
    asked.push_back(fetch->state->schemas->Get(table_id, schema_id));
    schemas[table_id].emplace(schema_id, asked.back());
  }
  WhenDone(fetch->call, AllDone(asked), [fetch, schemas](const Result<Unit>&) {
    Prune(schemas, fetch.get());
    KeepPassedOver(fetch->begun, fetch.get());
    if (ReadsOn(fetch.get())) return Read(fetch, false, [fetch] { AnswerFetch(fetch); });
    Reply(*fetch, schemas);
  });
}

/// Waits until one of the tables has something, then reads them all.
void WaitForAny(const FetchPtr& fetch) {
  std::vector<Future<Fetched>> asked;
  for (const FetchLogRequest& request : fetch->requests) asked.push_back(fetch->state->gateway->FetchLog(request));
  WhenDone(fetch->call, AnyDone(asked),
           [fetch](const Result<Unit>&) { Read(fetch, false, [fetch] { AnswerFetch(fetch); }); });
}

void Begin(const FetchPtr& fetch) {
  if (fetch->requests.size() <= 1) return Read(fetch, true, [fetch] { AnswerFetch(fetch); });
  Read(fetch, false, [fetch] {
    const bool waits = fetch->requests.front().min_bytes > 0;
    if (waits && !HasNews(*fetch)) return WaitForAny(fetch);
    AnswerFetch(fetch);
  });
}

/// A filter that makes no sense here, of a newer client say, leaves nothing out: clients apply it to the rows
/// themselves.
std::optional<Pruning> ToPruning(const wire::FetchLogReqForTable& table, const Result<SchemaPtr>& schema) {
  if (!schema.ok()) return std::nullopt;
  const Result<Predicate> predicate = wire::PredicateFromWire(table.filter_predicate(), **schema);
  if (!predicate.ok()) return std::nullopt;
  Result<BoundPredicate> bound = BoundPredicate::Bind(*predicate, **schema);
  if (!bound.ok()) return std::nullopt;
  return Pruning{*schema, bound.MoveValue()};
}

}  // namespace

void FetchLog(const State& state, const CallPtr& call) {
  wire::FetchLogRequest request;
  const Status parsed = wire::ParseMessage(*call->message(), &request);
  if (!parsed.ok()) return call->Fail(parsed);
  const auto fetch = std::make_shared<Fetch>(Fetch{.state = state, .call = call, .table_ids = {}, .requests = {}});
  std::vector<Future<SchemaPtr>> asked;
  std::map<size_t, Future<SchemaPtr>> schemas;  // of the tables with filters
  for (const wire::FetchLogReqForTable& table : request.tables_req()) {
    if (table.has_filter_predicate() && table.has_filter_schema_id()) {
      asked.push_back(state->schemas->Get(table.table_id(), table.filter_schema_id()));
      schemas.emplace(fetch->requests.size(), asked.back());
    }
    fetch->table_ids.push_back(table.table_id());
    fetch->requests.push_back(ToGateway(request, table));
  }
  fetch->begun = fetch->requests;
  fetch->prunings.resize(fetch->requests.size());
  if (asked.empty()) return Begin(fetch);
  WhenDone(call, AllDone(asked), [fetch, schemas, request](const Result<Unit>&) {
    for (const auto& [i, schema] : schemas) {
      fetch->prunings[i] = ToPruning(request.tables_req(static_cast<int>(i)), schema.Wait());
    }
    Begin(fetch);
  });
}

}  // namespace weir
