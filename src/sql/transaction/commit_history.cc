#include "sql/transaction/commit_history.h"

#include <algorithm>

#include "sql/error.h"

namespace weir::sql {
namespace {

constexpr int kCommitsExpected = 64;

}  // namespace

Result<CommitHistory::Snapshot> CommitHistory::Open() {
  int64_t begun;
  {
    MutexLock lock(mutex_);
    begun = writes_begun_;
  }
  int64_t version = -1;
  if (!catch_up_) {
    WEIR_ASSIGN_OR_RETURN(version, table_->Version());
  }
  MutexLock lock(mutex_);
  if (writing_) expecting_ = kCommitsExpected;
  // A snapshot from before the end of this commit would need what it does not keep.
  committed_.wait(lock.native(), [&]() WEIR_REQUIRES(mutex_) { return !writing_ || keeps_replaced_; });
  // While this process writes itself, the version tells nothing of others.
  if (!catch_up_ && !writing_ && begun == writes_begun_) {
    if (table_version_ && *table_version_ != version) DropDeleted();
    table_version_ = version;
  }
  snapshots_.insert(last_commit_);
  return last_commit_;
}

void CommitHistory::Close(Snapshot snapshot) {
  MutexLock lock(mutex_);
  const auto found = snapshots_.find(snapshot);
  if (found != snapshots_.end()) snapshots_.erase(found);
  Prune();
}

/// Drops what no snapshot needs any more; what was announced they are going to.
void CommitHistory::Prune() {
  const Snapshot oldest = snapshots_.empty() ? last_commit_ : *snapshots_.begin();
  for (; !versions_.empty() && versions_.front().first <= oldest; versions_.pop_front()) {
    const auto& [commit, id] = versions_.front();
    const auto bucket = buckets_.find(id);
    if (bucket == buckets_.end()) continue;
    std::erase_if(bucket->second.versions,
                  [commit = commit](const Version& version) { return version.commit <= commit; });
    if (bucket->second.versions.empty() && bucket->second.deleted == nullptr) buckets_.erase(bucket);
  }
}

void CommitHistory::DropDeleted() {
  ++deleted_epoch_;
  std::erase_if(buckets_, [](const auto& entry) { return entry.second.versions.empty(); });
  for (auto& [id, bucket] : buckets_) bucket.deleted = nullptr;
}

Status CommitHistory::WaitForCommit(MutexLock* lock, const TableBucket& bucket, Snapshot snapshot) {
  committed_.wait(lock->native(), [&]() WEIR_REQUIRES(mutex_) { return !writing_ || !writing_->contains(bucket); });
  if (snapshot >= lost_before_) return Status::OK();
  return Error("40001", "could not serialize access: what others have committed since is not known any more",
               {.hint = "The transaction might succeed if retried."});
}

Result<LogEnd> CommitHistory::EndOfLog(const TableBucket& bucket, Snapshot snapshot, int64_t high_watermark) {
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(WaitForCommit(&lock, bucket, snapshot));
  LogEnd end{.offset = high_watermark, .unseen = {}};
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return end;
  for (const Version& version : found->second.versions) {
    if (version.commit <= snapshot) continue;
    if (version.batches) end.unseen.emplace(version.batches->writer_id, version.batches->first_sequence);
    if (version.base_offset) end.offset = std::min(end.offset, *version.base_offset);
  }
  return end;
}

Result<CommitHistory::AllReplaced> CommitHistory::Replaced(const TableBucket& bucket, Snapshot snapshot) {
  WEIR_RETURN_NOT_OK(CatchUp());
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(WaitForCommit(&lock, bucket, snapshot));
  AllReplaced replaced;
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return replaced;
  for (const Version& version : found->second.versions) {
    if (version.commit > snapshot && version.replaced != nullptr) replaced.push_back(version.replaced);
  }
  return replaced;
}

bool CommitHistory::HasChanged(const TableBucket& bucket, Snapshot snapshot) {
  MutexLock lock(mutex_);
  const auto found = buckets_.find(bucket);
  return found != buckets_.end() && !found->second.versions.empty() && found->second.versions.back().commit > snapshot;
}

DeletedRows CommitHistory::FindDeleted(const TableBucket& bucket, Snapshot snapshot) const {
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return nullptr;
  const DeletedRows& now = found->second.deleted;
  std::shared_ptr<OffsetSet> then;
  for (const Version& version : found->second.versions) {
    if (version.commit <= snapshot) continue;
    if (version.deleted_before != nullptr) return version.deleted_before;
    if (version.deleted_also == nullptr || now == nullptr) continue;
    if (then == nullptr) then = std::make_shared<OffsetSet>(*now);
    then->Remove(*version.deleted_also);
  }
  return then != nullptr ? DeletedRows(std::move(then)) : now;
}

Result<std::vector<DeletedRows>> CommitHistory::Deleted(const std::vector<TableBucket>& buckets, Snapshot snapshot) {
  while (true) {
    std::vector<DeletedRows> found;
    std::vector<TableBucket> missing;
    {
      MutexLock lock(mutex_);
      for (const TableBucket& bucket : buckets) {
        WEIR_RETURN_NOT_OK(WaitForCommit(&lock, bucket, snapshot));
        found.push_back(FindDeleted(bucket, snapshot));
        if (found.back() == nullptr) missing.push_back(bucket);
      }
    }
    if (missing.empty()) return found;
    WEIR_RETURN_NOT_OK(Load(missing));
    // What was loaded may be further than what was told.
    WEIR_RETURN_NOT_OK(CatchUp());
  }
}

/// A commit has the buckets that it changes loaded before it begins. So what is read here and finds
/// its place still empty is what stood there before any commit that is not over.
Status CommitHistory::Load(const std::vector<TableBucket>& buckets) {
  int64_t epoch;
  {
    MutexLock lock(mutex_);
    epoch = deleted_epoch_;
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<OffsetSet> sets, table_->Load(buckets));
  MutexLock lock(mutex_);
  if (epoch != deleted_epoch_) return Status::OK();
  for (size_t i = 0; i < buckets.size(); ++i) {
    DeletedRows& deleted = buckets_[buckets[i]].deleted;
    if (deleted == nullptr) deleted = std::make_shared<const OffsetSet>(std::move(sets[i]));
  }
  return Status::OK();
}

bool CommitHistory::BeginCommit(std::set<TableBucket> buckets, bool few) {
  MutexLock lock(mutex_);
  ++writes_begun_;
  writing_ = std::move(buckets);
  keeps_replaced_ = !snapshots_.empty() || (few && expecting_ > 0);
  if (expecting_ > 0) --expecting_;
  return keeps_replaced_;
}

void CommitHistory::AddVersion(Snapshot commit, const TableBucket& id, const BucketChange& change) {
  buckets_[id].versions.push_back({commit, change.base_offset, change.batches, change.deleted_before,
                                   change.deleted_also, change.replaced});
  versions_.emplace_back(commit, id);
}

void CommitHistory::Announce(const Changes& changes) {
  {
    MutexLock lock(mutex_);
    std::set<TableBucket> told;
    for (const auto& [id, change] : changes) {
      if (change.replaced == nullptr) continue;
      AddVersion(last_commit_ + 1, id, change);
      told.insert(id);
    }
    for (const auto& [id, change] : changes) {
      if (change.replaced == nullptr) told.erase(id);
    }
    for (const TableBucket& id : told) writing_->erase(id);
  }
  committed_.notify_all();
}

/// Takes back what was announced.
void CommitHistory::Withdraw() {
  for (; !versions_.empty() && versions_.back().first > last_commit_; versions_.pop_back()) {
    const auto bucket = buckets_.find(versions_.back().second);
    if (bucket == buckets_.end()) continue;
    std::erase_if(bucket->second.versions,
                  [last = last_commit_](const Version& version) { return version.commit > last; });
    if (bucket->second.versions.empty() && bucket->second.deleted == nullptr) buckets_.erase(bucket);
  }
}

void CommitHistory::EndCommit(const Changes& changes) {
  // What the table of deleted rows is at now is this commit's doing.
  const bool deleted = std::ranges::any_of(changes, [](const auto& one) { return one.second.deleted != nullptr; });
  const bool counts = deleted && !catch_up_;
  const Result<int64_t> table_version = counts ? table_->Version() : Result<int64_t>(Status::Invalid("it stays"));
  {
    MutexLock lock(mutex_);
    Withdraw();
    ++last_commit_;
    for (const auto& [id, change] : changes) {
      if (!snapshots_.empty()) AddVersion(last_commit_, id, change);
      Bucket& bucket = buckets_[id];
      if (change.deleted != nullptr) bucket.deleted = change.deleted;
      if (change.deleted_also != nullptr && bucket.deleted != nullptr) {
        auto both = std::make_shared<OffsetSet>(*bucket.deleted);
        both->Add(*change.deleted_also);
        bucket.deleted = std::move(both);
      }
      if (bucket.versions.empty() && bucket.deleted == nullptr) buckets_.erase(id);
    }
    writing_.reset();
    if (table_version.ok()) table_version_ = *table_version;
  }
  committed_.notify_all();
}

void CommitHistory::Lose() {
  MutexLock lock(mutex_);
  lost_before_ = ++last_commit_;
  DropDeleted();
}

void CommitHistory::AbortCommit(bool unknown) {
  {
    MutexLock lock(mutex_);
    Withdraw();
    writing_.reset();
    if (unknown) DropDeleted();
  }
  committed_.notify_all();
}

}  // namespace weir::sql
