#pragma once

#include <vector>

#include "commitlog/entry.h"
#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

class Transaction;

/// 40001.
Status DefinitionsChanged();

/// Up to where the log of commits was followed, and how many changes of definitions have stood in it.
struct DefinitionsSeen {
  int64_t changes = 0;
  commitlog::Position at;
};

/// The definitions that a commit has to do with.
struct NotedDefinitions {
  std::vector<int64_t> held_to;            // relations, of its rows, since FollowDefinitions
  std::vector<commitlog::Item> rules;      // of its rows, since the first change
  std::vector<int64_t> changed;            // relations, by the commit itself
  std::vector<commitlog::Item> new_rules;  // likewise
};

/// What is asked besides of a transaction on a cluster whose servers share a log of commits (docs/commit-log.md).
class TransactionOnLog {
 public:
  virtual ~TransactionOnLog() = default;
  /// Null where nobody else commits.
  static TransactionOnLog* Of(Transaction* transaction);

  /// Definitions that are looked up from now on are those of now or later. A snapshot that others have changed some
  /// before is 40001, with must_run_again(), and so is a commit. To be called before a statement looks at any, and
  /// before a commit for which they are looked at again.
  virtual Result<DefinitionsSeen> FollowDefinitions() = 0;
  virtual std::vector<RelationPtr> ChangedLeaves() const = 0;
  /// Before a commit.
  virtual void NoteDefinitions(NotedDefinitions definitions) = 0;
  /// The transaction is made only if nobody else writes to the leaf between what it sees now and its commit.
  virtual Status HoldLeaf(const RelationPtr& leaf) = 0;
};

}  // namespace weir::sql
