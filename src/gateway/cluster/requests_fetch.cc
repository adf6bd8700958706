// Long polls for log batches.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "format/log_batch.h"
#include "format/wire/records.h"
#include "format/wire/translate.h"
#include "gateway/cluster/bucket_call.h"
#include "gateway/cluster/requests.h"

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
  Answers answers;  // by the request's buckets
  std::unordered_map<TableBucket, size_t> index;
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
  for (const size_t i : indexes) {
    const FetchBucketRequest& from = request.buckets[fetch.index.at(buckets[i])];
    wire::FetchLogReqForBucket* bucket = table->add_buckets_req();
    SetBucket(from.bucket, bucket);
    bucket->set_fetch_offset(from.offset);
    bucket->set_max_fetch_bytes(from.max_bytes);
  }
  return wire::GatheredMessage(message);
}

/// How many of the bytes are whole batches. What cannot be a batch at all counts, for the reader to report.
int64_t WholeBatchBytes(const std::shared_ptr<arrow::Buffer>& records) {
  if (records == nullptr) return 0;
  const std::string_view bytes(*records);
  size_t end = 0;
  while (bytes.size() - end >= kLogBatchPrefixSize) {
    int32_t length = 0;  // little-endian, as this machine is
    std::memcpy(&length, bytes.data() + end + kLogBatchPrefixSize - sizeof(length), sizeof(length));
    if (length < 0) return records->size();
    if (static_cast<size_t>(length) > bytes.size() - end - kLogBatchPrefixSize) break;
    end += kLogBatchPrefixSize + static_cast<size_t>(length);
  }
  return static_cast<int64_t>(end);
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

/// What the server says of one bucket. Records that it moved to remote storage are out of Weir's reach.
void Take(const Fetch& fetch, wire::FetchedBucketRecords* part, FetchedBucket* out) {
  const wire::FetchLogRespForBucket& bucket = part->bucket;
  out->status = wire::FromWire(bucket.error_code(), bucket.error_message()).WithContext(fetch.session->target());
  out->high_watermark = bucket.high_watermark();
  out->log_start_offset = bucket.log_start_offset();
  out->records = std::move(part->records);
  out->projected = Projects(fetch.request);
  if (bucket.has_filtered_end_offset()) out->filtered_end_offset = bucket.filtered_end_offset();
  if (out->status.ok() && bucket.has_remote_log_fetch_info()) {
    const int64_t offset = fetch.request.buckets[fetch.index.at(out->bucket)].offset;
    out->status = fetch.session->Error(
        ErrorCode::kUnsupportedVersion,
        fmt::format("the records of {} from offset {} on lie in remote storage, which Weir does not read",
                    out->bucket.ToString(), offset));
  }
}

Status Decode(const FetchPtr& fetch, BucketCall* call, const std::shared_ptr<arrow::Buffer>& message) {
  WEIR_ASSIGN_OR_RETURN(std::vector<wire::FetchedTable> tables, wire::ParseFetchLogResponse(message));
  KeepWholeBatches(&tables);
  for (wire::FetchedTable& table : tables) {
    for (wire::FetchedBucketRecords& part : table.buckets) {
      const TableBucket bucket = ToBucket(table.table_id, part.bucket);
      if (call->IndexOf(bucket) < 0) continue;
      FetchedBucket& answer = fetch->answers[fetch->index.at(bucket)];
      Take(*fetch, &part, &answer);
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
    for (size_t i = 0; i < of->buckets.size(); ++i) {
      fetch->answers[fetch->index.at(of->buckets[i])].status = of->statuses[i];
    }
    done();
  };
  RunBucketCall(fetch->session, std::move(call));
}

bool HasNews(const Fetch& fetch) {
  return std::ranges::any_of(fetch.answers, [](const FetchedBucket& bucket) {
    return !bucket.status.ok() || (bucket.records != nullptr && bucket.records->size() > 0);
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
      if (--*left == 0 || HasNews(*fetch)) fetch->promise.Complete(fetch->answers);
    });
  }
}

}  // namespace

void FetchLog(const SessionPtr& session, FetchLogRequest request, const Promise<Answers>& promise) {
  if (request.buckets.empty()) return promise.Complete(Answers{});
  const auto fetch = std::make_shared<Fetch>(Fetch{session, std::move(request), promise, {}, {}});
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
    const auto answer = [fetch] { fetch->promise.Complete(std::move(fetch->answers)); };
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
