#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "sql/transaction/commit_decider.h"
#include "sql/transaction/commit_queue.h"
#include "sql/transaction/leaf_writes.h"

namespace weir::sql {
namespace {

// What commits together: more would let the first wait for the rest.
constexpr size_t kMostTogether = 256;
constexpr int64_t kMostBytesTogether = 1 << 20;
constexpr int64_t kFewBytes = 64 << 10;

/// A transaction at its end.
struct Commitment {
  CommitAttempt* attempt = nullptr;
  Status status;
};
using Group = std::vector<Commitment*>;

bool HasWrites(const CommitRequest& request) {
  const auto has_buckets = [](const auto& part) { return !part.buckets.empty(); };
  return std::ranges::any_of(request.log, has_buckets) || std::ranges::any_of(request.kv, has_buckets) ||
         !request.metadata.empty();
}

int64_t BytesOf(const CommitRequest& request) {
  int64_t bytes = 0;
  const auto add = [&](const auto& table) {
    for (const BucketRecords& bucket : table.buckets) bytes += bucket.records->size();
  };
  std::ranges::for_each(request.log, add);
  std::ranges::for_each(request.kv, add);
  return bytes;
}

/// How many of those that wait go together, the first of them in any case.
size_t SizeOfGroup(const Group& waiting) {
  const bool alone = waiting[0]->attempt->is_alone();
  std::set<TableBucket> deleted;
  int64_t bytes = 0;
  size_t size = 0;
  for (; size < waiting.size() && size < kMostTogether; ++size) {
    CommitAttempt& next = *waiting[size]->attempt;
    bytes += BytesOf(next.writes().request);
    if (size > 0 && (alone || next.is_alone() || bytes > kMostBytesTogether)) break;
    // Each adds its deletions to those that are there, of which it must know.
    bool first = true;
    for (const auto& [bucket, rows] : next.Deleted()) first = deleted.insert(bucket).second && first;
    if (size > 0 && !first) break;
  }
  return size;
}

/// Commits that come while one is being written are written together by the next. No two of them have changed the same
/// rows: these are locked until their transactions are over.
class JournalDecider final : public CommitDecider {
 public:
  JournalDecider(std::shared_ptr<Gateway> gateway, std::shared_ptr<CommitHistory> history)
      : gateway_(std::move(gateway)), history_(std::move(history)) {}

  Result<OpenedSnapshot> OpenSnapshot() override {
    OpenedSnapshot snapshot;
    WEIR_ASSIGN_OR_RETURN(snapshot.number, history_->Open());
    return snapshot;
  }

  Status Commit(CommitAttempt* attempt) override {
    Commitment own{attempt, Status::OK()};
    queue_.Run(&own, [this](const Group& waiting) {
      const size_t size = SizeOfGroup(waiting);
      CommitTogether({waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(size)});
      return size;
    });
    return own.status;
  }

 private:
  void CommitTogether(Group group) {
    std::set<TableBucket> buckets;
    int64_t bytes = 0;
    for (Commitment* one : group) {
      one->status = Validate(one->attempt);
      bytes += BytesOf(one->attempt->writes().request);
      for (const auto& [bucket, change] : one->attempt->writes().changes) buckets.insert(bucket);
    }
    const bool keep_replaced = history_->BeginCommit(std::move(buckets), bytes <= kFewBytes);
    for (Commitment* one : group) {
      if (one->status.ok()) one->status = one->attempt->CheckKeys(keep_replaced);
    }
    std::erase_if(group, [](const Commitment* one) { return !one->status.ok(); });
    history_->Announce(ChangesOf(group));
    SendAll(group);
    const bool unknown = std::ranges::any_of(
        group, [](const Commitment* one) { return one->status.code() == ErrorCode::kUnknownServerError; });
    const CommitHistory::Changes changes = ChangesOf(group);
    if (!changes.empty()) history_->EndCommit(changes);
    if (changes.empty() || unknown) history_->AbortCommit(unknown);
  }

  /// Of those that have not failed.
  static CommitHistory::Changes ChangesOf(const Group& group) {
    CommitHistory::Changes changes;
    for (const Commitment* one : group) {
      const auto& own = one->attempt->writes().changes;
      if (one->status.ok()) changes.insert(changes.end(), own.begin(), own.end());
    }
    return changes;
  }

  static Status Validate(CommitAttempt* attempt) {
    WEIR_RETURN_NOT_OK(attempt->CheckReads());
    attempt->CloseSnapshot();
    return attempt->MergeDeleted();
  }

  /// In one write where that can be; otherwise what fails for one of them fails for it alone.
  void SendAll(const Group& group) {
    std::vector<const CommitRequest*> writes;
    for (const Commitment* one : group) writes.push_back(&one->attempt->writes().request);
    std::optional<CommitRequest> joined = group.size() > 1 ? JoinWrites(writes) : std::nullopt;
    if (joined) {
      const Result<CommitResult> result = Send(*std::move(joined));
      const bool over = result.ok() || result.status().code() == ErrorCode::kUnknownServerError;
      if (over) {
        for (Commitment* one : group) one->status = Sent(result, *one->attempt);
        return;
      }
    }
    for (Commitment* one : group) {
      one->status = Sent(Send(std::move(one->attempt->writes().request)), *one->attempt);
    }
  }

  Result<CommitResult> Send(CommitRequest request) {
    return HasWrites(request) ? gateway_->Commit(std::move(request)).Wait() : Result<CommitResult>(CommitResult());
  }

  /// Takes what a transaction needs of an answer, which may be to others as well.
  static Status Sent(const Result<CommitResult>& result, CommitAttempt& attempt) {
    if (!result.ok()) return result.status();
    auto& changes = attempt.writes().changes;
    for (const ProducedBucket& bucket : result->log) {
      const bool own = attempt.is_alone() || changes.contains(bucket.bucket);
      if (own) changes[bucket.bucket].base_offset = bucket.base_offset;
    }
    return Status::OK();
  }

  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<CommitHistory> history_;
  CommitQueue<Commitment> queue_;
};

}  // namespace

std::shared_ptr<CommitDecider> DecideByJournal(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<CommitHistory> history) {
  return std::make_shared<JournalDecider>(std::move(gateway), std::move(history));
}

}  // namespace weir::sql
