#include "sql/transaction/commit_history.h"

#include <algorithm>

namespace weir::sql {

Result<CommitHistory::Snapshot> CommitHistory::Open() {
  int64_t begun;
  {
    std::lock_guard lock(mutex_);
    begun = writes_begun_;
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t version, table_->Version());
  Lock lock(mutex_);
  // A snapshot from before the end of this commit would need what it does not keep.
  committed_.wait(lock, [&] { return !writing_ || keeps_replaced_; });
  // While this process writes itself, the version tells nothing of others.
  if (!writing_ && begun == writes_begun_) {
    if (table_version_ && *table_version_ != version) DropDeleted();
    table_version_ = version;
  }
  snapshots_.insert(last_commit_);
  return last_commit_;
}

void CommitHistory::Close(Snapshot snapshot) {
  std::lock_guard lock(mutex_);
  const auto found = snapshots_.find(snapshot);
  if (found != snapshots_.end()) snapshots_.erase(found);
  Prune();
}

/// Drops what no snapshot needs any more.
void CommitHistory::Prune() {
  const Snapshot oldest = snapshots_.empty() ? kLatest : *snapshots_.begin();
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

void CommitHistory::WaitForCommit(Lock* lock, const TableBucket& bucket) {
  committed_.wait(*lock, [&] { return !writing_ || !writing_->contains(bucket); });
}

int64_t CommitHistory::EndOffset(const TableBucket& bucket, Snapshot snapshot, int64_t high_watermark) {
  Lock lock(mutex_);
  WaitForCommit(&lock, bucket);
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return high_watermark;
  for (const Version& version : found->second.versions) {
    if (version.commit > snapshot && version.base_offset) return std::min(high_watermark, *version.base_offset);
  }
  return high_watermark;
}

std::vector<std::shared_ptr<const ReplacedRows>> CommitHistory::Replaced(const TableBucket& bucket, Snapshot snapshot) {
  Lock lock(mutex_);
  WaitForCommit(&lock, bucket);
  std::vector<std::shared_ptr<const ReplacedRows>> replaced;
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return replaced;
  for (const Version& version : found->second.versions) {
    if (version.commit > snapshot && version.replaced != nullptr) replaced.push_back(version.replaced);
  }
  return replaced;
}

bool CommitHistory::HasChanged(const TableBucket& bucket, Snapshot snapshot) {
  std::lock_guard lock(mutex_);
  const auto found = buckets_.find(bucket);
  return found != buckets_.end() && !found->second.versions.empty() && found->second.versions.back().commit > snapshot;
}

DeletedRows CommitHistory::FindDeleted(const TableBucket& bucket, Snapshot snapshot) const {
  const auto found = buckets_.find(bucket);
  if (found == buckets_.end()) return nullptr;
  for (const Version& version : found->second.versions) {
    if (version.commit > snapshot && version.deleted_before != nullptr) return version.deleted_before;
  }
  return found->second.deleted;
}

Result<std::vector<DeletedRows>> CommitHistory::Deleted(const std::vector<TableBucket>& buckets, Snapshot snapshot) {
  while (true) {
    std::vector<DeletedRows> found;
    std::vector<TableBucket> missing;
    {
      Lock lock(mutex_);
      for (const TableBucket& bucket : buckets) {
        WaitForCommit(&lock, bucket);
        found.push_back(FindDeleted(bucket, snapshot));
        if (found.back() == nullptr) missing.push_back(bucket);
      }
    }
    if (missing.empty()) return found;
    WEIR_RETURN_NOT_OK(Load(missing));
  }
}

/// A commit has the buckets that it changes loaded before it begins. So what is read here and finds
/// its place still empty is what stood there before any commit that is not over.
Status CommitHistory::Load(const std::vector<TableBucket>& buckets) {
  int64_t epoch;
  {
    std::lock_guard lock(mutex_);
    epoch = deleted_epoch_;
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<OffsetSet> sets, table_->Load(buckets));
  std::lock_guard lock(mutex_);
  if (epoch != deleted_epoch_) return Status::OK();
  for (size_t i = 0; i < buckets.size(); ++i) {
    DeletedRows& deleted = buckets_[buckets[i]].deleted;
    if (deleted == nullptr) deleted = std::make_shared<const OffsetSet>(std::move(sets[i]));
  }
  return Status::OK();
}

bool CommitHistory::BeginCommit(std::set<TableBucket> buckets) {
  std::lock_guard lock(mutex_);
  ++writes_begun_;
  writing_ = std::move(buckets);
  keeps_replaced_ = !snapshots_.empty();
  return keeps_replaced_;
}

void CommitHistory::EndCommit(const std::vector<std::pair<TableBucket, BucketChange>>& changes, bool unknown) {
  // What the table of deleted rows is at now is this commit's doing.
  const auto deletes = [](const auto& change) { return change.second.deleted != nullptr; };
  const bool deleted = std::ranges::any_of(changes, deletes);
  const Result<int64_t> table_version = deleted ? table_->Version() : Result<int64_t>(Status::Invalid("not changed"));
  {
    std::lock_guard lock(mutex_);
    if (!changes.empty()) ++last_commit_;
    for (const auto& [id, change] : changes) {
      Bucket& bucket = buckets_[id];
      if (!snapshots_.empty()) {
        bucket.versions.push_back({last_commit_, change.base_offset, change.deleted_before, change.replaced});
        versions_.emplace_back(last_commit_, id);
      }
      if (change.deleted != nullptr) bucket.deleted = change.deleted;
      if (bucket.versions.empty() && bucket.deleted == nullptr) buckets_.erase(id);
    }
    writing_.reset();
    if (table_version.ok()) table_version_ = *table_version;
    if (unknown) DropDeleted();
  }
  committed_.notify_all();
}

}  // namespace weir::sql
