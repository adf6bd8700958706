#include <algorithm>
#include <set>
#include <vector>

#include "sql/transaction/commit_decider.h"
#include "sql/transaction/commit_queue.h"
#include "sql/transaction/leaf_writes.h"

namespace weir::sql {
namespace {

// What commits together: more would let the first wait for the rest.
constexpr size_t kMostTogether = 256;
constexpr int64_t kMostBytesTogether = 1 << 20;

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

/// A transaction at its end.
struct Commitment {
  CommitAttempt* attempt = nullptr;
  Status status;

  CommitWrites& writes() const { return attempt->writes(); }
  /// Takes what it needs of an answer, which may be to others as well.
  void Sent(const Result<CommitResult>& result) {
    status = result.status();
    if (!result.ok()) return;
    auto& changes = writes().changes;
    for (const ProducedBucket& bucket : result->log) {
      if (writes().alone || changes.contains(bucket.bucket)) changes[bucket.bucket].base_offset = bucket.base_offset;
    }
  }
};

/// How many of those that wait go together, the first of them in any case.
size_t SizeOfGroup(const std::vector<Commitment*>& waiting) {
  std::set<TableBucket> deleted;
  int64_t bytes = 0;
  size_t size = 0;
  for (; size < waiting.size() && size < kMostTogether; ++size) {
    const CommitWrites& next = waiting[size]->writes();
    bytes += BytesOf(next.request);
    if (size > 0 && (next.alone || waiting[0]->writes().alone || bytes > kMostBytesTogether)) break;
    // Each adds its deletions to those that are there, of which it must know.
    bool known = true;
    for (const auto& [bucket, rows] : waiting[size]->attempt->Deleted()) {
      known = deleted.insert(bucket).second && known;
    }
    if (!known && size > 0) break;
  }
  return size;
}

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
    commits_.Run(&own, [this](const std::vector<Commitment*>& waiting) { return CommitTogether(waiting); });
    return own.status;
  }

 private:
  /// By the thread of one of them, while those of the others wait. No two have changed the same rows: these are locked.
  size_t CommitTogether(const std::vector<Commitment*>& waiting) {
    std::vector<Commitment*> group(waiting.begin(), waiting.begin() + static_cast<ptrdiff_t>(SizeOfGroup(waiting)));
    const size_t size = group.size();
    std::set<TableBucket> buckets;
    for (Commitment* one : group) {
      one->status = Validate(one->attempt);
      for (const auto& [bucket, change] : one->writes().changes) buckets.insert(bucket);
    }
    const bool keep_replaced = history_->BeginCommit(std::move(buckets));
    for (Commitment* one : group) {
      if (one->status.ok()) one->status = one->attempt->CheckKeys(keep_replaced);
    }
    std::erase_if(group, [](const Commitment* one) { return !one->status.ok(); });
    SendAll(group);
    std::vector<std::pair<TableBucket, BucketChange>> changes;
    bool unknown = false;
    for (Commitment* one : group) {
      unknown = unknown || one->status.code() == ErrorCode::kUnknownServerError;
      if (one->status.ok()) std::ranges::move(one->writes().changes, std::back_inserter(changes));
    }
    history_->EndCommit(changes, unknown);
    return size;
  }

  /// What can be refused before anything is written.
  static Status Validate(CommitAttempt* attempt) {
    WEIR_RETURN_NOT_OK(attempt->CheckReads());
    attempt->CloseSnapshot();
    return attempt->MergeDeleted();
  }

  /// In one write where that can be; what fails for one of them then fails for it alone.
  void SendAll(const std::vector<Commitment*>& group) {
    if (group.size() > 1) {
      CommitRequest all;
      const auto join = [&](const Commitment* one) { return JoinWrites(one->writes().request, &all); };
      const bool joined = std::ranges::all_of(group, join);
      const auto result = joined ? Send(std::move(all)) : Result<CommitResult>(Status::Invalid("several writes"));
      if (result.ok() || result.status().code() == ErrorCode::kUnknownServerError) {
        for (Commitment* one : group) one->Sent(result);
        return;
      }
    }
    for (Commitment* one : group) one->Sent(Send(std::move(one->writes().request)));
  }

  Result<CommitResult> Send(CommitRequest request) {
    return HasWrites(request) ? gateway_->Commit(std::move(request)).Wait() : CommitResult();
  }

  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<CommitHistory> history_;
  CommitQueue<Commitment> commits_;
};

}  // namespace

std::shared_ptr<CommitDecider> DecideByJournal(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<CommitHistory> history) {
  return std::make_shared<JournalDecider>(std::move(gateway), std::move(history));
}

}  // namespace weir::sql
