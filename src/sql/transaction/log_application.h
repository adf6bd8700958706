#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "commitlog/judge.h"
#include "sql/transaction/commit_decider.h"

namespace weir::sql {

/// A commit that the log has made, on its way into the leaves.
struct LoggedCommit {
  commitlog::Position at;
  int64_t writer_id = -1;
  std::vector<commitlog::LeafWrite> writes;
  std::map<TableBucket, int32_t> sequences;  // of the first batch for each bucket
};

/// The writes of a commit as its entry has them; `deletions`: where `weir.deleted_rows` is.
Result<std::vector<commitlog::LeafWrite>> WritesForLog(const CommitWrites& writes,
                                                       const std::map<TableBucket, OffsetSet>& deleted,
                                                       const TableBucket& deletions);

/// What the history is told of it.
Result<std::map<TableBucket, BucketChange>> ChangesOf(const LoggedCommit& commit);

/// Sends the batches of commits, which follow each other, to their buckets and waits for them to be there: buckets at
/// once, those of one bucket in their order. Repeated for what is there already, which changes nothing. Gives the
/// buckets that others have written further by now, so that they do not know the batches any more, and their last
/// commits. What is dropped is left out. A commit that deletes rows of log tables goes alone.
Result<std::map<TableBucket, commitlog::Position>> ApplyToLeaves(Gateway& gateway, DeletedRowsTable& deleted,
                                                                 std::span<const LoggedCommit* const> commits);

}  // namespace weir::sql
