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
  /// Before a commit: the relations that its rows were held to since FollowDefinitions, and those that it changes
  /// itself.
  virtual void NoteRelations(std::vector<int64_t> held_to, std::vector<int64_t> changed) = 0;
};

}  // namespace weir::sql
