#include "gateway/cluster/bucket_call.h"

#include <fmt/format.h>

#include <utility>

namespace weir {
namespace {

using Clock = ClusterSession::Clock;
using Progress = BucketCall::Progress;
using Kind = ClusterMetadata::Place::Kind;
using Indexes = std::vector<size_t>;

constexpr std::chrono::milliseconds kFirstRetry(10);

/// Errors that say that the bucket is elsewhere, or not ready yet.
bool IsOfLeadership(ErrorCode code) {
  return code == ErrorCode::kNotLeaderOrFollower || code == ErrorCode::kUnknownTableOrBucket ||
         code == ErrorCode::kLeaderNotAvailable;
}

/// A call under way: in rounds, each with the buckets that the one before has not settled.
class Run : public std::enable_shared_from_this<Run> {
 public:
  Run(std::shared_ptr<ClusterSession> session, std::shared_ptr<BucketCall> call)
      : session_(std::move(session)),
        call_(std::move(call)),
        give_up_(Clock::now() + (call_->repeatable ? session_->options().read_retry_timeout
                                                   : session_->options().retry_timeout)),
        backoff_(kFirstRetry) {}

  void Round() {
    std::set<BucketGroup> unknown;
    for (const size_t i : Open()) {
      const TableBucket& bucket = call_->buckets[i];
      if (session_->metadata().Find(bucket).kind == Kind::kUnknown) unknown.insert(GroupOf(bucket));
    }
    if (unknown.empty()) return Send(Status::OK());
    session_->Locate(unknown, [self = shared_from_this()](const Status& located) { self->Send(located); });
  }

 private:
  Indexes Open() const {
    Indexes open;
    for (size_t i = 0; i < call_->buckets.size(); ++i) {
      if (call_->progress[i] == Progress::kOpen) open.push_back(i);
    }
    return open;
  }

  void Settle(size_t i, Status status, bool passes = false) {
    call_->statuses[i] = std::move(status);
    call_->progress[i] = passes ? Progress::kPasses : Progress::kSettled;
  }

  /// One request to each server that leads some of the open buckets.
  void Send(const Status& located) {
    std::map<int32_t, Indexes> by_node;
    for (const size_t i : Open()) {
      const ClusterMetadata::Place place = session_->metadata().Find(call_->buckets[i]);
      if (place.kind == Kind::kLeader) {
        by_node[place.node].push_back(i);
      } else {
        SettleUnplaced(i, place.kind, located);
      }
    }
    left_ = by_node.size();
    if (left_ == 0) return EndRound();
    for (auto& [node, indexes] : by_node) {
      const Endpoint server = *session_->metadata().AddressOf(node);
      session_->SendTo(server, call_->key, call_->encode(indexes), call_->timeout,
                       [self = shared_from_this(), node = node, server, indexes = indexes](const Reply& reply) {
                         self->Take(node, server, indexes, reply);
                       });
    }
  }

  void SettleUnplaced(size_t i, Kind kind, const Status& located) {
    const TableBucket& bucket = call_->buckets[i];
    const auto* table = session_->metadata().FindTable(bucket.table_id);
    const std::string name = table == nullptr ? fmt::format("table with id {}", bucket.table_id)
                                              : fmt::format("table '{}'", table->path.ToString());
    switch (kind) {
      case Kind::kTableGone:
        return Settle(i, session_->Error(table == nullptr ? call_->table_gone : ErrorCode::kTableNotExist,
                                         fmt::format("{} does not exist", name)));
      case Kind::kPartitionGone:
        return Settle(i, session_->Error(call_->partition_gone, fmt::format("{} has no partition with id {}", name,
                                                                            bucket.partition_id.value_or(-1))));
      case Kind::kNoSuchBucket:
        return Settle(i, session_->Error(ErrorCode::kUnknownTableOrBucket,
                                         fmt::format("{} has no bucket {}", name, bucket.ToString())));
      case Kind::kUnknown:
      case Kind::kLeader: break;
    }
    if (!located.ok()) return Settle(i, located, located.code() == ErrorCode::kNetworkException);
    const std::string leaderless = fmt::format("{} has no leader now", bucket.ToString());
    Settle(i, session_->Error(ErrorCode::kLeaderNotAvailable, leaderless), true);
  }

  void Take(int32_t node, const Endpoint& server, const Indexes& indexes, const Reply& reply) {
    Status whole = reply.status;
    if (whole.ok()) whole = call_->decode(call_.get(), server, reply.message).WithContext(session_->target());
    for (const size_t i : indexes) {
      if (!whole.ok()) {
        Settle(i, whole);
      } else if (call_->progress[i] == Progress::kOpen) {
        Settle(i, session_->Error(ErrorCode::kUnknownServerError,
                                  fmt::format("{} is missing in the answer", call_->buckets[i].ToString())));
      }
      const ErrorCode code = call_->statuses[i].code();
      const bool unreached = code == ErrorCode::kNetworkException;
      const bool silent = code == ErrorCode::kRequestTimeOut && call_->repeatable;
      if (!IsOfLeadership(code) && !unreached && !silent) continue;
      session_->metadata().Forget(call_->buckets[i], node);
      if (!unreached || call_->repeatable || !reply.sent) call_->progress[i] = Progress::kPasses;
    }
    if (--left_ == 0) EndRound();
  }

  void EndRound() {
    const auto delay = backoff_.Next();
    const bool again = call_->retry && call_->retries-- > 0 && !session_->aborted() && Clock::now() + delay <= give_up_;
    bool open = false;
    for (Progress& progress : call_->progress) {
      if (progress != Progress::kPasses || !again) continue;
      progress = Progress::kOpen;
      open = true;
    }
    if (!open) return call_->done(call_.get());
    session_->After(delay, [self = shared_from_this()] { self->Round(); });
  }

  const std::shared_ptr<ClusterSession> session_;
  const std::shared_ptr<BucketCall> call_;
  const Clock::time_point give_up_;
  Backoff backoff_;
  size_t left_ = 0;  // requests of this round without an answer
};

}  // namespace

ptrdiff_t BucketCall::IndexOf(const TableBucket& bucket) const {
  const auto found = index.find(bucket);
  return found == index.end() ? -1 : static_cast<ptrdiff_t>(found->second);
}

void BucketCall::Settle(const TableBucket& bucket, const Status& status) {
  const ptrdiff_t i = IndexOf(bucket);
  if (i < 0) return;
  statuses[static_cast<size_t>(i)] = status;
  progress[static_cast<size_t>(i)] = Progress::kSettled;
}

void RunBucketCall(const std::shared_ptr<ClusterSession>& session, std::shared_ptr<BucketCall> call) {
  call->statuses.assign(call->buckets.size(), Status::OK());
  call->progress.assign(call->buckets.size(), Progress::kOpen);
  for (size_t i = 0; i < call->buckets.size(); ++i) call->index[call->buckets[i]] = i;
  std::make_shared<Run>(session, std::move(call))->Round();
}

}  // namespace weir
