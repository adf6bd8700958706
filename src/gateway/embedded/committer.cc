#include "gateway/embedded/committer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <utility>

#include "gateway/embedded/engine_thread.h"
#include "types/mutex.h"

namespace weir {

Status Committer::InDoubt(const Status& why) {
  return {ErrorCode::kUnknownServerError,
          fmt::format("whether the commit is done shows when the database is opened again: {}", why.message())};
}

struct Committer::Commit {
  std::vector<Write> writes;
  std::shared_ptr<CatalogChange> change;
  std::function<void(const Status&)> done;
  Mutex mutex;  // of what follows, until it is queued
  size_t waits = 0;
  Status status;

  std::vector<JournaledAppend> Appends() const {
    std::vector<JournaledAppend> appends;
    appends.reserve(writes.size());
    for (const Write& write : writes) {
      const LogAppendResult& place = write.write->result();
      appends.push_back({write.id, place.base_offset, place.end_offset, write.write->log()->batches()});
    }
    if (change != nullptr) appends.push_back(CommitJournal::MetadataRecord(change->Encode()));
    return appends;
  }
  void Abandon(const Status& why) {
    for (Write& write : writes) write.write->log()->Abandon(why);
    if (change != nullptr) change->Doubt(why);
  }
};

Committer::Committer(Options options) : options_(std::move(options)), thread_([this] { Run(); }) {
  if (options_.journal != nullptr) upkeep_.Post([this] { Recover(); });
}

Committer::~Committer() { Close(); }

Status Committer::WriteLogs(const std::vector<Write>& writes) {
  for (const Write& write : writes) {
    if (write.write->log() == nullptr) continue;
    WEIR_RETURN_NOT_OK(write.write->log()->Write().WithContext(write.id.ToString()));
  }
  return Status::OK();
}

void Committer::Submit(std::vector<Write> writes, std::shared_ptr<CatalogChange> change, bool waits,
                       std::function<void(const Status&)> done) {
  auto commit = std::make_shared<Commit>();
  std::erase_if(writes, [](const Write& write) { return write.write->log() == nullptr; });
  commit->writes = std::move(writes);
  commit->change = std::move(change);
  commit->done = std::move(done);
  commit->waits = commit->writes.size() + 1;
  {
    MutexLock lock(mutex_);
    ++in_flight_;
  }
  // A journal's record goes on where the log ends: that must not be lost any more when the record counts.
  const auto arrive = [this, commit](const Status& status, bool here) {
    MutexLock lock(commit->mutex);
    if (commit->status.ok()) commit->status = status;
    if (--commit->waits > 0) return;
    lock.unlock();
    Enqueue(commit, here);
  };
  std::vector<Future<Unit>> durable;
  for (const Write& write : commit->writes) {
    durable.push_back(write.bucket->log().WhenDurable(write.write->result().base_offset));
  }
  for (const Future<Unit>& future : durable) {
    future.Then([arrive](const Result<Unit>& result) { arrive(result.status(), false); });
  }
  arrive(Status::OK(), waits);
}

void Committer::Enqueue(std::shared_ptr<Commit> commit, bool here) {
  MutexLock lock(mutex_);
  queue_.push_back(commit);
  if (here && !busy_) ProcessQueue(commit.get());
  if (!queue_.empty() || closed_) wake_.notify_all();
}

void Committer::ProcessQueue(const Commit* own) {
  busy_ = true;
  Group group;
  group.swap(queue_);
  mutex_.unlock();
  Process(group, own);
  mutex_.lock();
  in_flight_ -= group.size();
  busy_ = false;
}

void Committer::Run() {
  const EngineThreadScope scope;
  MutexLock lock(mutex_);
  while (true) {
    wake_.wait(lock.native(), [&]() WEIR_REQUIRES(mutex_) {
      return (!queue_.empty() && !busy_) || (closed_ && in_flight_ == 0);
    });
    if (queue_.empty()) return;
    ProcessQueue(nullptr);
  }
}

void Committer::Process(const Group& group, const Commit* own) {
  std::vector<JournaledAppend> appends;
  for (const auto& commit : group) {
    if (!commit->status.ok()) continue;
    std::vector<JournaledAppend> more = commit->Appends();
    std::move(more.begin(), more.end(), std::back_inserter(appends));
  }
  Status journaled;
  if (options_.journal != nullptr && !appends.empty()) {
    journaled = options_.journal->Write(appends);
    if (!journaled.ok() && options_.journal->in_doubt()) options_.journal->Bar(appends, journaled);
  }
  const bool in_doubt = !journaled.ok() && options_.journal->in_doubt();
  for (const auto& commit : group) {
    if (!commit->status.ok()) continue;
    if (journaled.ok()) {
      commit->status = MakeGood(commit.get());
    } else {
      if (in_doubt) commit->Abandon(journaled);
      commit->status = in_doubt ? InDoubt(journaled) : journaled;
    }
  }
  RotateJournal();
  for (const auto& commit : group) Complete(commit, commit.get() == own);
}

Status Committer::MakeGood(Commit* commit) {
  Status status = commit->change == nullptr ? Status::OK() : commit->change->Apply();
  if (!status.ok()) keep_journal_ = true;
  if (status.ok()) status = Seal(commit);
  if (status.ok()) return Publish(commit);
  // The record counts, and the next start makes it good.
  if (options_.journal != nullptr) options_.journal->Bar(commit->Appends(), status);
  commit->Abandon(status);
  return InDoubt(status);
}

Status Committer::Seal(Commit* commit) {
  for (Write& write : commit->writes) WEIR_RETURN_NOT_OK(write.write->log()->Seal());
  return Status::OK();
}

Status Committer::Publish(Commit* commit) {
  Status status;
  for (Write& write : commit->writes) {
    if (Status rows = write.write->Publish(); !rows.ok() && status.ok()) status = InDoubt(rows);
    if (options_.journal != nullptr) journaled_.insert(write.bucket);
  }
  return status;
}

void Committer::Complete(const std::shared_ptr<Commit>& commit, bool own) {
  commit->writes.clear();
  commit->change.reset();
  if (own) return commit->done(commit->status);
  options_.completions->Post([commit] { commit->done(commit->status); });
}

// --- the journal's upkeep ---

void Committer::RotateJournal() {
  // While the logs of one file are being synced, the next one grows: they are synced the less often.
  if (options_.journal == nullptr || retiring_) return;
  const std::optional<std::string> full = options_.journal->Rotate();
  if (!full) return;
  retiring_ = true;
  upkeep_.Post([this, file = *full, buckets = std::exchange(journaled_, {})] {
    Retire(file, buckets);
    retiring_ = false;
  });
}

void Committer::Retire(const std::string& file, const std::unordered_set<std::shared_ptr<Bucket>>& buckets) {
  if (keep_journal_) return;
  options_.start_sync(std::vector(buckets.begin(), buckets.end()));
  for (const std::shared_ptr<Bucket>& bucket : buckets) {
    const Status synced = options_.sync ? bucket->log().Sync() : Status::OK();
    if (synced.ok()) continue;
    spdlog::warn("commit journal '{}' is kept: {}", file, synced.message());
    keep_journal_ = true;
    return;
  }
  if (Status removed = options_.journal->Remove(file); !removed.ok()) spdlog::warn("{}", removed.message());
}

void Committer::Recover() {
  for (const TableBucket& bucket : options_.journal->Pending()) {
    if (closing_) return;
    const Status opened = options_.open_bucket(bucket);
    if (opened.code() == ErrorCode::kUnknownTableOrBucket) {
      options_.journal->Forget(bucket);
    } else if (!opened.ok()) {
      spdlog::warn("a commit is not restored in {} yet: {}", bucket.ToString(), opened.message());
    }
  }
}

void Committer::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  closing_ = true;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  upkeep_.Close();
}

Status Committer::Finish() {
  if (options_.journal == nullptr) return Status::OK();
  for (const std::shared_ptr<Bucket>& bucket : journaled_) {
    // A log that was closed in between tells here that it could not be synced.
    if (options_.sync && !bucket->log().Sync().ok()) keep_journal_ = true;
  }
  journaled_.clear();
  if (keep_journal_ || options_.journal->in_doubt() || !options_.journal->Pending().empty()) return Status::OK();
  return options_.journal->RemoveAll();
}

}  // namespace weir
