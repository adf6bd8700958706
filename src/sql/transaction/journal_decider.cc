#include <algorithm>
#include <mutex>
#include <set>

#include "sql/transaction/commit_decider.h"

namespace weir::sql {
namespace {

bool HasWrites(const CommitRequest& request) {
  const auto has_buckets = [](const auto& part) { return !part.buckets.empty(); };
  return std::ranges::any_of(request.log, has_buckets) || std::ranges::any_of(request.kv, has_buckets) ||
         !request.metadata.empty();
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
    std::lock_guard one_at_a_time(commit_mutex_);
    CommitWrites& writes = attempt->writes();
    WEIR_RETURN_NOT_OK(attempt->CheckReads());
    attempt->CloseSnapshot();
    WEIR_RETURN_NOT_OK(attempt->MergeDeleted());
    std::set<TableBucket> buckets;
    for (const auto& [bucket, change] : writes.changes) buckets.insert(bucket);
    const bool keep_replaced = history_->BeginCommit(std::move(buckets));
    Status status = attempt->CheckKeys(keep_replaced);
    const bool sent = status.ok();
    if (sent) status = Send(&writes);
    if (status.ok()) {
      history_->EndCommit(writes.changes);
    } else {
      history_->AbortCommit(sent && status.code() == ErrorCode::kUnknownServerError);
    }
    return status;
  }

 private:
  Status Send(CommitWrites* writes) {
    if (!HasWrites(writes->request)) return Status::OK();
    const Result<CommitResult> result = gateway_->Commit(std::move(writes->request)).Wait();
    if (!result.ok()) return result.status();
    for (const ProducedBucket& bucket : result->log) writes->changes[bucket.bucket].base_offset = bucket.base_offset;
    return Status::OK();
  }

  const std::shared_ptr<Gateway> gateway_;
  const std::shared_ptr<CommitHistory> history_;
  std::mutex commit_mutex_;  // held from the check for conflicts to the end of the commit
};

}  // namespace

std::shared_ptr<CommitDecider> DecideByJournal(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<CommitHistory> history) {
  return std::make_shared<JournalDecider>(std::move(gateway), std::move(history));
}

}  // namespace weir::sql
