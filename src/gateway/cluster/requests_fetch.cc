// Long polls for log batches.
#include <arrow/io/interfaces.h>
#include <arrow/util/thread_pool.h>
#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <map>
#include <utility>

#include "format/log_batch.h"
#include "format/wire/predicates.h"
#include "format/wire/records.h"
#include "format/wire/translate.h"
#include "gateway/cluster/bucket_call.h"
#include "gateway/cluster/remote_log.h"
#include "gateway/cluster/requests.h"
#include "types/arrow_status.h"

namespace weir {
namespace {

using wire::ApiKey;
using Answers = std::vector<FetchedBucket>;
using std::chrono::milliseconds;

/// A fetch under way.
struct Fetch {
  SessionPtr session;
  FetchLogRequest request;
  Promise<Answers> promise;
  Answers answers = {};  // by the request's buckets
  std::map<size_t, wire::RemoteLogFetchInfo> remote = {};  // of those whose records lie in remote storage
  bool finished = false;
  std::unordered_map<TableBucket, size_t> index = {};
  int32_t servers = 1;
};
using FetchPtr = std::shared_ptr<Fetch>;

bool Projects(const FetchLogRequest& request) { return request.projection && !request.projection->empty(); }

wire::GatheredMessage Encode(const Fetch& fetch, const std::vector<TableBucket>& buckets,
                             const std::vector<size_t>& indexes, bool waits) {
  const FetchLogRequest& request = fetch.request;
  wire::FetchLogRequest message;
  message.set_follower_server_id(-1);
  message.set_max_bytes(std::max(request.max_bytes / fetch.servers, 1));
  if (waits) {
    message.set_min_bytes(request.min_bytes);
    message.set_max_wait_ms(request.max_wait_ms);
  }
  wire::FetchLogReqForTable* table = message.add_tables_req();
  table->set_table_id(buckets.front().table_id);
  table->set_projection_pushdown_enabled(Projects(request));
  if (Projects(request)) {
    table->mutable_projected_fields()->Assign(request.projection->begin(), request.projection->end());
  }
  const std::shared_ptr<const FetchFilter>& filter = request.filter;
  if (auto node = filter ? wire::PredicateToWire(filter->predicate, filter->schema) : std::nullopt) {
    *table->mutable_filter_predicate() = std::move(*node);
    table->set_filter_schema_id(filter->schema_id);
  }
  for (const size_t i : indexes) {
    const FetchBucketRequest& from = request.buckets[fetch.index.at(buckets[i])];
    wire::FetchLogReqForBucket* bucket = table->add_buckets_req();
    SetBucket(from.bucket, bucket);
    bucket->set_fetch_offset(from.offset);
    bucket->set_max_fetch_bytes(from.max_bytes);
  }
  return wire::GatheredMessage(message);
}

/// Apache Fluss cuts a bucket's records off where a budget ends, in the middle of a batch, and only sees
/// to it that one batch of the answer is whole. An answer without any is broken, which its reader reports.
void KeepWholeBatches(std::vector<wire::FetchedTable>* tables) {
  bool any_whole = false;
  for (const wire::FetchedTable& table : *tables) {
    for (const auto& part : table.buckets) any_whole |= WholeBatchBytes(part.records) > 0;
  }
  if (!any_whole) return;
  for (wire::FetchedTable& table : *tables) {
    for (auto& part : table.buckets) {
      const int64_t whole = WholeBatchBytes(part.records);
      const bool cut_off = part.records != nullptr && whole < part.records->size();
      if (cut_off) part.records = arrow::SliceBuffer(part.records, 0, whole);
    }
  }
}

/// What the server says of one bucket.
void Take(Fetch* fetch, wire::FetchedBucketRecords* part, FetchedBucket* out) {
  const wire::FetchLogRespForBucket& bucket = part->bucket;
  out->status = wire::FromWire(bucket.error_code(), bucket.error_message());
  out->high_watermark = bucket.high_watermark();
  out->log_start_offset = bucket.log_start_offset();
  out->records = std::move(part->records);
  out->projected = Projects(fetch->request);
  if (bucket.has_filtered_end_offset()) out->filtered_end_offset = bucket.filtered_end_offset();
  if (!out->status.ok() || !bucket.has_remote_log_fetch_info()) return;
  fetch->remote[fetch->index.at(out->bucket)] = bucket.remote_log_fetch_info();
}

/// Reads what lies in remote storage, on one of Arrow's threads for that, and answers.
void FinishWithRemote(const FetchPtr& fetch) {
  const Status begun = FromArrow(arrow::io::default_io_context().executor()->Spawn([fetch] {
    Answers answers = fetch->answers;
    for (const auto& [i, info] : fetch->remote) {
      const FetchBucketRequest& from = fetch->request.buckets[i];
      FetchedBucket& answer = answers[i];
      const int64_t offset = from.offset == kEarliestOffset ? answer.log_start_offset : from.offset;
      auto records = ReadRemoteLog(info, offset, from.max_bytes);
      answer.projected = false;
      if (records.ok()) answer.records = records.MoveValue();
      answer.status = records.status().WithContext(answer.bucket.ToString()).WithContext(fetch->session->target());
    }
    asio::post(fetch->session->io(), [fetch, answers = std::move(answers)]() mutable {
      ClusterSession& session = *fetch->session;
      for (const auto& [i, info] : fetch->remote) {
        FetchedBucket& answer = answers[i];
        answer.status = session.remote_failures().Told(answer.bucket, answer.status,
                                                       session.options().read_retry_timeout);
      }
      fetch->promise.Complete(std::move(answers));
    });
  }));
  if (!begun.ok()) fetch->promise.Complete(begun);
}

/// The first time counts. Nothing changes the fetch afterwards.
void Finish(const FetchPtr& fetch) {
  if (std::exchange(fetch->finished, true)) return;
  if (fetch->remote.empty()) return fetch->promise.Complete(fetch->answers);
  FinishWithRemote(fetch);
}

Status Decode(const FetchPtr& fetch, BucketCall* call, const std::shared_ptr<arrow::Buffer>& message) {
  if (fetch->finished) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(std::vector<wire::FetchedTable> tables, wire::ParseFetchLogResponse(message));
  KeepWholeBatches(&tables);
  for (wire::FetchedTable& table : tables) {
    for (wire::FetchedBucketRecords& part : table.buckets) {
      const TableBucket bucket = ToBucket(table.table_id, part.bucket);
      if (call->IndexOf(bucket) < 0) continue;
      FetchedBucket& answer = fetch->answers[fetch->index.at(bucket)];
      Take(fetch.get(), &part, &answer);
      call->Settle(bucket, answer.status);
    }
  }
  return Status::OK();
}

/// Fetches some of the buckets. Callers retry: they know which offsets they still want.
void AskForLogs(const FetchPtr& fetch, std::vector<TableBucket> buckets, bool waits, std::function<void()> done) {
  auto call = std::make_shared<BucketCall>();
  call->key = ApiKey::kFetchLog;
  call->buckets = std::move(buckets);
  call->timeout = fetch->session->options().request_timeout + milliseconds(waits ? fetch->request.max_wait_ms : 0);
  call->retry = false;
  call->encode = [fetch, waits, of = call.get()](const std::vector<size_t>& indexes) {
    return Encode(*fetch, of->buckets, indexes, waits);
  };
  call->decode = [fetch](BucketCall* of, const Endpoint&, const std::shared_ptr<arrow::Buffer>& message) {
    return Decode(fetch, of, message);
  };
  call->done = [fetch, done = std::move(done)](BucketCall* of) {
    if (fetch->finished) return;
    for (size_t i = 0; i < of->buckets.size(); ++i) {
      fetch->answers[fetch->index.at(of->buckets[i])].status = of->statuses[i];
    }
    done();
  };
  RunBucketCall(fetch->session, std::move(call));
}

bool HasNews(const Fetch& fetch) {
  if (!fetch.remote.empty()) return true;
  return std::ranges::any_of(fetch.answers, [](const FetchedBucket& bucket) {
    const bool has_records = bucket.records != nullptr && bucket.records->size() > 0;
    return !bucket.status.ok() || bucket.filtered_end_offset || has_records;
  });
}

std::vector<TableBucket> AllBuckets(const Fetch& fetch) {
  std::vector<TableBucket> buckets;
  for (const FetchBucketRequest& bucket : fetch.request.buckets) buckets.push_back(bucket.bucket);
  return buckets;
}

std::map<int32_t, std::vector<TableBucket>> ByServer(const Fetch& fetch) {
  std::map<int32_t, std::vector<TableBucket>> by_server;
  for (const TableBucket& bucket : AllBuckets(fetch)) {
    by_server[fetch.session->metadata().Find(bucket).node].push_back(bucket);
  }
  return by_server;
}

/// Waits at all servers, and answers with what is there as soon as one of them has something: what the
/// others find later is found again by the next fetch.
void WaitForAny(const FetchPtr& fetch) {
  const auto by_server = ByServer(*fetch);
  const auto left = std::make_shared<size_t>(by_server.size());
  for (const auto& [server, buckets] : by_server) {
    AskForLogs(fetch, buckets, true, [fetch, left] {
      if (--*left == 0 || HasNews(*fetch)) Finish(fetch);
    });
  }
}

}  // namespace

void FetchLog(const SessionPtr& session, FetchLogRequest request, const Promise<Answers>& promise) {
  if (request.buckets.empty()) return promise.Complete(Answers{});
  const auto fetch =
      std::make_shared<Fetch>(Fetch{.session = session, .request = std::move(request), .promise = promise});
  std::set<BucketGroup> groups;
  for (const FetchBucketRequest& bucket : fetch->request.buckets) {
    fetch->index[bucket.bucket] = fetch->answers.size();
    fetch->answers.emplace_back().bucket = bucket.bucket;
    if (session->metadata().Find(bucket.bucket).kind == ClusterMetadata::Place::Kind::kUnknown) {
      groups.insert(GroupOf(bucket.bucket));
    }
  }
  const auto begin = [fetch](const Status& located) {
    if (!located.ok()) return fetch->promise.Complete(located);
    fetch->servers = static_cast<int32_t>(std::max<size_t>(ByServer(*fetch).size(), 1));
    const bool waits = fetch->request.min_bytes > 0 && fetch->request.max_wait_ms > 0;
    const auto answer = [fetch] { Finish(fetch); };
    if (fetch->servers == 1) return AskForLogs(fetch, AllBuckets(*fetch), waits, answer);
    AskForLogs(fetch, AllBuckets(*fetch), false, [fetch, waits, answer] {
      if (!waits || HasNews(*fetch)) return answer();
      WaitForAny(fetch);
    });
  };
  if (groups.empty()) return begin(Status::OK());
  session->Locate(groups, begin);
}

}  // namespace weir
