#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <iterator>
#include <random>
#include <set>
#include <span>
#include <thread>

#include "commitlog/item.h"
#include "commitlog/judge.h"
#include "sql/error.h"
#include "sql/transaction/commit_decider.h"
#include "sql/transaction/commit_log_tables.h"
#include "sql/transaction/commit_queue.h"
#include "sql/transaction/log_application.h"
#include "types/mutex.h"

namespace weir::sql {
namespace {

using commitlog::Judge;
using commitlog::Judgement;
using commitlog::TransactionId;

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int64_t kEntriesOfEpoch = 100'000;
/// Of the writer's states in buckets, which are kept for seven days, an epoch needs only its own time.
constexpr std::chrono::milliseconds kTimeOfEpoch(std::chrono::hours(24));
constexpr int kMaxRounds = 50;
/// Commits that go together: more would let the first wait for the rest.
constexpr size_t kMostGrouped = 256;
constexpr std::chrono::milliseconds kPauseBehind(20);

TransactionId NewTransactionId() {
  std::random_device random;
  TransactionId id{};
  for (uint8_t& byte : id) byte = static_cast<uint8_t>(random());
  return id;
}

/// Commits by the log that SQL servers of a cluster share (docs/commit-log.md). Whoever needs to know follows it and
/// applies what others have not, so nothing runs in the background.
class LogDecider final : public CommitDecider {
 public:
  LogDecider(Connection connection, std::shared_ptr<DeletedRowsTable> deleted, std::shared_ptr<CommitHistory> history)
      : connection_(std::move(connection)), deleted_(std::move(deleted)), history_(std::move(history)) {
    history_->Follow([this] { return CatchUp(); });
  }

  Result<OpenedSnapshot> OpenSnapshot() override {
    const int64_t arrival = ++arrivals_;
    MutexLock lock(mutex_);
    WEIR_RETURN_NOT_OK(CatchUpFor(arrival));
    OpenedSnapshot snapshot;
    snapshot.definitions = Seen();
    WEIR_ASSIGN_OR_RETURN(snapshot.number, history_->Open());
    return snapshot;
  }

  Result<std::optional<DefinitionsSeen>> FollowDefinitions() override {
    const int64_t arrival = ++arrivals_;
    MutexLock lock(mutex_);
    WEIR_RETURN_NOT_OK(CatchUpFor(arrival));
    return std::optional(Seen());
  }
  bool is_shared() const override { return true; }

  Status Commit(CommitAttempt* attempt) override;

 private:
  /// Parts of a commit that has not come yet.
  struct Parts {
    uint32_t count = 0;
    std::string bytes;
  };

  /// A commit that its transaction waits for.
  struct Pending {
    commitlog::Commit commit;
    std::optional<Judgement> judgement;
    Status status;  // where there is no judgement
  };

  Status CatchUp() {
    const int64_t arrival = ++arrivals_;
    MutexLock lock(mutex_);
    return CatchUpFor(arrival);
  }

  DefinitionsSeen Seen() const WEIR_REQUIRES(mutex_) {
    return {definitions_changed_, table_ ? judge_.position() : commitlog::Position()};
  }
  Status CatchUpFor(int64_t arrival) WEIR_REQUIRES(mutex_);
  Status Open() WEIR_REQUIRES(mutex_);
  Result<std::optional<commitlog::Header>> HeaderOf(const EpochTable& table);
  Status OpenForWriting() WEIR_REQUIRES(mutex_);
  Status FollowToEnd() WEIR_REQUIRES(mutex_);
  Status GiveUpEpoch(const Status& status) WEIR_REQUIRES(mutex_);
  Status Take(const EpochTable::StoredEntry& stored) WEIR_REQUIRES(mutex_);
  Status TakeCommit(const commitlog::Commit& commit, const Judgement& judgement) WEIR_REQUIRES(mutex_);
  Status ApplyAll() WEIR_REQUIRES(mutex_);
  Status ApplyFirst(size_t count) WEIR_REQUIRES(mutex_);
  Status AppendHeader(EpochTable* table, const std::vector<int64_t>& refused);
  Status BeginNextEpoch() WEIR_REQUIRES(mutex_);
  Status SealWhenLong() WEIR_REQUIRES(mutex_);
  Status Append(std::span<Pending* const> group) WEIR_REQUIRES(mutex_);
  static std::span<Pending* const> GroupOf(std::span<Pending* const> waiting);
  Status DecideOnce(std::span<Pending* const> group) WEIR_REQUIRES(mutex_);
  size_t DecideTogether(std::span<Pending* const> waiting);

  Result<Judgement> Decide(commitlog::Commit commit);
  Result<commitlog::Commit> EntryOf(CommitAttempt* attempt);
  Status Refused(const Judgement& judgement, CommitAttempt* attempt);
  Gateway& gateway() const { return connection_.gateway(); }

  const Connection connection_;
  const std::shared_ptr<DeletedRowsTable> deleted_;
  const std::shared_ptr<CommitHistory> history_;
  std::atomic<int64_t> arrivals_{0};  // of calls that want to know the log's end

  CommitQueue<Pending> queue_;

  Mutex mutex_;
  int64_t definitions_changed_ WEIR_GUARDED_BY(mutex_) = 0;  // by commits that were followed, own ones too
  int64_t caught_up_ WEIR_GUARDED_BY(mutex_) = 0;            // the calls that the last follow was for
  std::optional<EpochTable> table_ WEIR_GUARDED_BY(mutex_);  // nothing: there is no log yet
  Judge judge_ WEIR_GUARDED_BY(mutex_);
  int64_t epoch_since_ms_ WEIR_GUARDED_BY(mutex_) = 0;  // epoch milliseconds
  std::map<TransactionId, Parts> parts_ WEIR_GUARDED_BY(mutex_);
  std::deque<LoggedCommit> made_ WEIR_GUARDED_BY(mutex_);  // not in the leaves yet, or not known to be
  // Buckets that others have written further.
  std::map<TableBucket, commitlog::Position> behind_ WEIR_GUARDED_BY(mutex_);
  std::map<TransactionId, std::optional<Judgement>> waiting_ WEIR_GUARDED_BY(mutex_);  // own commits
};

// --- following ---

/// One answer of the log's end serves all who came before it was asked for.
Status LogDecider::CatchUpFor(int64_t arrival) {
  if (caught_up_ >= arrival) return Status::OK();
  const int64_t covered = arrivals_;
  if (!table_) WEIR_RETURN_NOT_OK(Open());
  if (table_) WEIR_RETURN_NOT_OK(FollowToEnd());
  caught_up_ = covered;
  return Status::OK();
}

/// After a long sleep the epoch's table may be gone, and with it what came next in it. It is all in the leaves.
Status LogDecider::GiveUpEpoch(const Status& status) {
  const ErrorCode code = status.code();
  if (code != ErrorCode::kTableNotExist && code != ErrorCode::kUnknownTableOrBucket) return status;
  WEIR_ASSIGN_OR_RETURN(const int64_t last, EpochTable::Last(gateway()));
  if (last <= judge_.epoch() + 1) return status;
  table_.reset();
  made_.clear();
  parts_.clear();
  behind_.clear();
  history_->Lose();
  ++definitions_changed_;
  return Error("40001", "could not serialize access: the commit log has gone on without this server",
               {.hint = "The transaction might succeed if retried."});
}

Result<std::optional<commitlog::Header>> LogDecider::HeaderOf(const EpochTable& table) {
  std::optional<commitlog::Header> header;
  WEIR_ASSIGN_OR_RETURN(const int64_t end, table.End());
  constexpr int64_t kStep = 16;
  for (int64_t offset = 0; offset < end && !header; offset += kStep) {
    WEIR_RETURN_NOT_OK(table.Read(offset, std::min(end, offset + kStep), [&](const EpochTable::StoredEntry& stored) {
      const auto entry = commitlog::DecodeEntry(stored.bytes);
      const auto* const found = entry.ok() ? std::get_if<commitlog::Header>(&*entry) : nullptr;
      if (found != nullptr && found->epoch == table.epoch() && !header) header = *found;
      return Status::OK();
    }));
  }
  return header;
}

/// Begins with the last epoch that has a header, or the first one.
Status LogDecider::Open() {
  WEIR_ASSIGN_OR_RETURN(int64_t epoch, EpochTable::Last(gateway()));
  for (; epoch > 0; --epoch) {
    WEIR_ASSIGN_OR_RETURN(auto table, EpochTable::Find(connection_, epoch));
    if (!table) continue;
    WEIR_ASSIGN_OR_RETURN(const auto header, HeaderOf(*table));
    if (!header && epoch > 1) continue;
    judge_ = Judge(epoch);
    if (header && epoch > 1) {
      WEIR_ASSIGN_OR_RETURN(const auto before, EpochTable::Find(connection_, epoch - 1));
      if (!before) return Error("58030", fmt::format("epoch {} of the commit log is missing", epoch - 1));
      WEIR_ASSIGN_OR_RETURN(const int64_t end, before->End());
      WEIR_RETURN_NOT_OK(before->Read(0, end, [&](const EpochTable::StoredEntry& stored) WEIR_REQUIRES(mutex_) {
        judge_.Remember(*header, stored.offset, stored.bytes);
        return Status::OK();
      }));
    }
    table_ = std::move(table);
    return Status::OK();
  }
  return Status::OK();
}

Status LogDecider::FollowToEnd() {
  for (int round = 0; round < kMaxRounds; ++round) {
    const Result<int64_t> end = table_->End();
    if (!end.ok()) return GiveUpEpoch(end.status());
    const auto take = [this](const EpochTable::StoredEntry& stored) WEIR_REQUIRES(mutex_) {
      return judge_.sealed() ? Status::OK() : Take(stored);
    };
    WEIR_RETURN_NOT_OK(table_->Read(judge_.next_offset(), *end, take));
    WEIR_RETURN_NOT_OK(ApplyAll());
    std::erase_if(behind_, [applied = judge_.applied()](const auto& bucket) { return bucket.second <= applied; });
    if (!behind_.empty()) {
      std::this_thread::sleep_for(kPauseBehind);  // who is further has appended what it has applied
    } else if (judge_.sealed()) {
      WEIR_RETURN_NOT_OK(BeginNextEpoch());
    } else {
      return Status::OK();
    }
  }
  if (behind_.empty()) return Error("58030", "the commit log cannot be followed to its end");
  return Error("58030", fmt::format("{} does not know the commit log's writer any more",
                                    behind_.begin()->first.ToString()));
}

Status LogDecider::Take(const EpochTable::StoredEntry& stored) {
  const Result<Judgement> judgement = judge_.Take(stored.offset, stored.bytes);
  if (!judgement.ok()) return Error("0A000", judgement.status().message());
  const auto entry = commitlog::DecodeEntry(stored.bytes);
  if (judge_.applied().offset == stored.offset) epoch_since_ms_ = stored.time_ms;  // it is the header
  if (!entry.ok() || !judge_.has_header()) return Status::OK();
  if (const auto* part = std::get_if<commitlog::Part>(&*entry)) {
    Parts& parts = parts_[part->transaction];
    if (part->number != parts.count) return Status::OK();
    ++parts.count;
    parts.bytes += part->bytes;
  } else if (const auto* commit = std::get_if<commitlog::Commit>(&*entry)) {
    return TakeCommit(*commit, *judgement);
  }
  return Status::OK();
}

Status LogDecider::TakeCommit(const commitlog::Commit& commit, const Judgement& judgement) {
  Parts parts = std::move(parts_[commit.transaction]);
  parts_.erase(commit.transaction);
  const auto waiting = waiting_.find(commit.transaction);
  if (waiting != waiting_.end() && !waiting->second) waiting->second = judgement;
  if (judgement.made()) {
    LoggedCommit made{judge_.position(), judge_.header()->writer_id, {}, {}};
    if (auto writes = commitlog::DecodeBody(parts.bytes + commit.body); writes.ok()) made.writes = writes.MoveValue();
    for (size_t i = 0; i < commit.targets.size(); ++i) {
      made.sequences.emplace(commit.targets[i].bucket, judgement.sequences[i]);
    }
    made_.push_back(std::move(made));
    if (std::ranges::find(commit.writes, commitlog::DefinitionsItem()) != commit.writes.end()) ++definitions_changed_;
  }
  // What another server has in the leaves need not be kept until the end.
  while (!made_.empty() && made_.front().at <= judge_.applied()) {
    WEIR_RETURN_NOT_OK(ApplyFirst(1));
  }
  return Status::OK();
}

bool DeletesRows(const LoggedCommit& commit) {
  return std::ranges::any_of(commit.writes, [](const commitlog::LeafWrite& write) {
    return write.kind == commitlog::LeafWrite::Kind::kDeletions;
  });
}

Status LogDecider::ApplyAll() {
  while (!made_.empty()) {
    size_t count = 1;
    while (!DeletesRows(made_.front()) && count < std::min(made_.size(), kMostGrouped) && !DeletesRows(made_[count])) {
      ++count;
    }
    WEIR_RETURN_NOT_OK(ApplyFirst(count));
  }
  return Status::OK();
}

/// Those of the first commits that are not in the leaves. The history is told of all of them.
Status LogDecider::ApplyFirst(size_t count) {
  std::vector<CommitHistory::Changes> changes;
  std::vector<const LoggedCommit*> missing;
  std::set<TableBucket> buckets;
  for (size_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(const auto own, ChangesOf(made_[i]));
    for (const auto& [bucket, change] : own) buckets.insert(bucket);
    changes.emplace_back(own.begin(), own.end());
    if (made_[i].at > judge_.applied()) missing.push_back(&made_[i]);
  }
  history_->BeginCommit(buckets);
  if (!missing.empty()) {
    const auto behind = ApplyToLeaves(gateway(), *deleted_, missing);
    if (!behind.ok()) {
      history_->AbortCommit(true);
      return behind.status();
    }
    for (const LoggedCommit* const commit : missing) {
      for (const auto& [bucket, sequence] : commit->sequences) behind_.erase(bucket);
    }
    for (const auto& [bucket, at] : *behind) behind_[bucket] = at;
  }
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) history_->BeginCommit(buckets);
    history_->EndCommit(changes[i]);
    made_.pop_front();
  }
  return Status::OK();
}

// --- epochs ---

Status LogDecider::AppendHeader(EpochTable* table, const std::vector<int64_t>& refused) {
  const auto writer = gateway().InitWriter({table->path()}).Wait();
  if (!writer.ok()) return writer.status();
  return table->Append(commitlog::Header{table->epoch(), *writer, refused}).status();
}

/// Everything of the sealed one is in the leaves.
Status LogDecider::BeginNextEpoch() {
  const int64_t epoch = judge_.epoch() + 1;
  WEIR_ASSIGN_OR_RETURN(EpochTable next, EpochTable::FindOrCreate(connection_, epoch));
  WEIR_ASSIGN_OR_RETURN(const auto header, HeaderOf(next));
  if (!header) {
    WEIR_RETURN_NOT_OK(AppendHeader(&next, judge_.refused()));
    if (epoch > 2) EpochTable::Drop(gateway(), epoch - 2);
  }
  judge_ = Judge::After(judge_);
  table_ = std::move(next);
  parts_.clear();
  return Status::OK();
}

Status LogDecider::OpenForWriting() {
  if (!table_) WEIR_RETURN_NOT_OK(Open());
  if (!table_) {
    WEIR_ASSIGN_OR_RETURN(table_, EpochTable::FindOrCreate(connection_, 1));
    judge_ = Judge(1);
  }
  WEIR_RETURN_NOT_OK(FollowToEnd());
  if (judge_.has_header()) return SealWhenLong();
  WEIR_RETURN_NOT_OK(AppendHeader(&*table_, {}));
  return FollowToEnd();
}

Status LogDecider::SealWhenLong() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const bool old = now - std::chrono::milliseconds(epoch_since_ms_) > kTimeOfEpoch;
  if (!old && judge_.next_offset() < kEntriesOfEpoch) return Status::OK();
  WEIR_RETURN_NOT_OK(table_->Append(commitlog::Seal{}).status());
  return FollowToEnd();
}

// --- committing ---

Status LogDecider::Append(std::span<Pending* const> group) {
  std::vector<commitlog::Entry> entries;
  for (const Pending* const pending : group) {
    commitlog::Commit commit = pending->commit;
    commit.applied = judge_.position();  // all that was made up to here is in the leaves
    std::ranges::move(commitlog::CutIntoEntries(std::move(commit), kPieceBytes), std::back_inserter(entries));
  }
  if (group.size() > 1) return table_->Append(entries).status();
  for (const commitlog::Entry& entry : entries) {
    const auto appended = table_->Append(entry);
    if (appended.ok()) continue;
    // Parts alone are nothing.
    const bool unknown = std::holds_alternative<commitlog::Commit>(entry);
    const ErrorCode code = appended.status().code();
    if (code != ErrorCode::kUnknownServerError || unknown) return appended.status();
    return Status(ErrorCode::kNetworkException, appended.status().message());
  }
  return Status::OK();
}

/// The first of those who wait, and those behind it that go into one batch with it.
std::span<LogDecider::Pending* const> LogDecider::GroupOf(std::span<Pending* const> waiting) {
  size_t bytes = 0;
  size_t size = 0;
  for (; size < std::min(waiting.size(), kMostGrouped); ++size) {
    const commitlog::Commit& commit = waiting[size]->commit;
    bytes += commit.body.size() + sizeof(commitlog::Item) * commit.writes.size();
    for (const commitlog::Reads& reads : commit.reads) bytes += sizeof(commitlog::Item) * reads.items.size();
    if (size > 0 && bytes > kPieceBytes) break;
  }
  return waiting.first(size);
}

/// Appends those of the group that may be made, and follows the log past them.
Status LogDecider::DecideOnce(std::span<Pending* const> group) {
  std::vector<Pending*> appended;
  for (Pending* const pending : group) {
    if (pending->judgement) continue;
    const Judgement early = judge_.Check(pending->commit.reads);  // which saves an append
    if (early.made()) {
      appended.push_back(pending);
    } else {
      pending->judgement = early;
    }
  }
  if (appended.empty()) return Status::OK();
  for (const Pending* const pending : appended) waiting_[pending->commit.transaction] = std::nullopt;
  Status status = Append(appended);
  if (status.ok()) {
    status = FollowToEnd();
    if (!status.ok()) status = Status(ErrorCode::kUnknownServerError, status.message());
  }
  for (Pending* const pending : appended) {
    pending->judgement =
        waiting_[pending->commit.transaction];  // even if not all is in the leaves: who reads sees to it
    waiting_.erase(pending->commit.transaction);
  }
  return status;
}

/// Commits that come while others are decided are appended together by the next.
size_t LogDecider::DecideTogether(std::span<Pending* const> waiting) {
  MutexLock lock(mutex_);
  const std::span<Pending* const> group = GroupOf(waiting);
  const auto is_open = [](const Pending* pending) { return !pending->judgement; };
  Status status = OpenForWriting();
  // What has come behind a seal, where nothing counts, is appended again.
  while (status.ok() && std::ranges::any_of(group, is_open)) status = DecideOnce(group);
  for (Pending* const pending : group) pending->status = status;
  return group.size();
}

Result<Judgement> LogDecider::Decide(commitlog::Commit commit) {
  Pending own{std::move(commit), {}, {}};
  queue_.Run(&own, [this](const std::vector<Pending*>& waiting) { return DecideTogether(waiting); });
  if (own.judgement) return *std::move(own.judgement);
  return own.status;
}

Result<commitlog::Commit> LogDecider::EntryOf(CommitAttempt* attempt) {
  const std::map<TableBucket, OffsetSet> deleted = attempt->Deleted();
  TableBucket deletions;
  if (!deleted.empty()) {
    WEIR_ASSIGN_OR_RETURN(deletions, deleted_->Bucket());
  }
  WEIR_ASSIGN_OR_RETURN(const auto writes, WritesForLog(attempt->writes(), deleted, deletions));
  commitlog::Commit commit;
  commit.transaction = NewTransactionId();
  Footprint footprint = attempt->MakeFootprint();
  commit.reads = std::move(footprint.reads);
  commit.writes = std::move(footprint.writes);
  commit.targets = commitlog::TargetsOf(writes);
  commit.body = commitlog::EncodeBody(writes);
  return commit;
}

Status LogDecider::Commit(CommitAttempt* attempt) {
  WEIR_RETURN_NOT_OK(attempt->CheckReads());
  WEIR_RETURN_NOT_OK(attempt->CheckKeys(true));
  WEIR_ASSIGN_OR_RETURN(commitlog::Commit commit, EntryOf(attempt));
  if (commit.targets.empty() && commit.writes.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const Judgement judgement, Decide(std::move(commit)));
  return judgement.made() ? Status::OK() : Refused(judgement, attempt);
}

/// What the history has been told since says more exactly what has changed.
Status LogDecider::Refused(const Judgement& judgement, CommitAttempt* attempt) {
  WEIR_RETURN_NOT_OK(attempt->CheckReads());
  WEIR_RETURN_NOT_OK(attempt->CheckKeys(false));
  if (attempt->IsDefinition(judgement.item)) return DefinitionsChanged();
  const bool too_old = judgement.verdict == Judgement::Verdict::kTooOld;
  return Error("40001",
               too_old ? "could not serialize access: the transaction is older than what the commit log remembers"
                       : "could not serialize access due to concurrent update",
               {.hint = "The transaction might succeed if retried."});
}

}  // namespace

Status DefinitionsChanged() {
  return Error("40001", "could not serialize access: tables were changed meanwhile by another server",
               {.hint = "The transaction might succeed if retried."});
}

std::shared_ptr<CommitDecider> DecideByLog(Connection connection, std::shared_ptr<DeletedRowsTable> deleted,
                                           std::shared_ptr<CommitHistory> history) {
  return std::make_shared<LogDecider>(std::move(connection), std::move(deleted), std::move(history));
}

}  // namespace weir::sql
