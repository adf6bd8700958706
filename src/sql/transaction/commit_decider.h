#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "commitlog/entry.h"
#include "gateway/gateway.h"
#include "sql/transaction/commit_history.h"
#include "sql/transaction/offset_set.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {

/// What a commit writes, and what the history is told of it.
struct CommitWrites {
  CommitRequest request;
  std::map<TableBucket, BucketChange> changes;
};

/// What a log of commits judges a transaction by.
struct Footprint {
  std::vector<commitlog::Reads> reads;
  std::vector<commitlog::Item> writes;
};

/// A transaction at its commit, as who decides it asks for things.
class CommitAttempt {
 public:
  virtual ~CommitAttempt() = default;
  virtual CommitWrites& writes() = 0;
  /// Whether no other may be part of the same commit: it has read what another writes, or does more than write rows.
  virtual bool is_alone() const = 0;
  /// 40001 when what a SERIALIZABLE transaction has read is not so any more, as far as the history knows.
  virtual Status CheckReads() = 0;
  /// Nothing is read at its snapshot any more.
  virtual void CloseSnapshot() = 0;
  /// The offsets of stored rows that it deletes, by bucket.
  virtual std::map<TableBucket, OffsetSet> Deleted() const = 0;
  /// Adds its deletions to those that are there now, and the write of both; 40001 for a row that is among both.
  virtual Status MergeDeleted() = 0;
  /// Whether each changed key still holds what the transaction has found there; `keep_replaced`: notes what that is.
  virtual Status CheckKeys(bool keep_replaced) = 0;
  virtual Footprint MakeFootprint() const = 0;
  /// Whether it is a definition that the item of its footprint stands for.
  virtual bool IsDefinition(commitlog::Item item) const = 0;
};

struct OpenedSnapshot {
  CommitHistory::Snapshot number = 0;
  DefinitionsSeen definitions;  // in the log, where there is one
};

/// Who decides which commits of a target are made, and in what order: this process with the target's journal, or a log
/// that servers share. Thread-safe.
class CommitDecider {
 public:
  virtual ~CommitDecider() = default;
  /// Sees every commit that was acknowledged before the call.
  virtual Result<OpenedSnapshot> OpenSnapshot() = 0;
  /// Hears of every commit that was acknowledged before the call, where others commit as well; nothing elsewhere.
  virtual Result<std::optional<DefinitionsSeen>> FollowDefinitions() { return std::optional<DefinitionsSeen>(); }
  virtual bool is_shared() const { return false; }
  /// All or nothing; the history has it when this is over. Code -1: it is unknown which.
  virtual Status Commit(CommitAttempt* attempt) = 0;
};

/// On a target that commits over several buckets at once (Gateway::Commit) and that nobody else commits to.
std::shared_ptr<CommitDecider> DecideByJournal(std::shared_ptr<Gateway> gateway,
                                               std::shared_ptr<CommitHistory> history);

/// On an Apache Fluss cluster (docs/commit-log.md).
std::shared_ptr<CommitDecider> DecideByLog(Connection connection, std::shared_ptr<DeletedRowsTable> deleted,
                                           std::shared_ptr<CommitHistory> history);

}  // namespace weir::sql
