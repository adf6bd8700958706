#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/table_options.h"
#include "storage/merge_engine_aggregate.h"
#include "weir/table.h"

namespace weir {

/// What one KV batch's upserts and deletes do to the rows that exist (docs/fluss-formats.md, "What a batch does").
struct MergeRules {
  MergeEngine engine = MergeEngine::kNone;
  DeleteBehavior deletes = DeleteBehavior::kAllow;
  bool partial = false;
  // By position in the latest schema.
  std::vector<bool> is_target;  // all of them unless partial
  std::vector<bool> is_key;     // primary key with the partition columns
  int auto_increment = -1;      // position, -1: none
  int version = -1;             // position of the version column
  std::vector<Aggregate> aggregates;
  bool only_key_targets = false;
  std::optional<std::string> never_null;  // of a partial update: a target column that is NOT NULL

  /// Whether an upsert's own bytes are the new value.
  bool keeps_incoming_bytes() const {
    return !partial && auto_increment < 0 && engine != MergeEngine::kAggregation;
  }
};

/// `target_columns`: positions in the latest schema; absent: full rows. `overwrite`: agg_mode 1.
/// Code 35 when the rules of partial updates are broken.
Result<MergeRules> MakeMergeRules(const TableDescriptor& descriptor, const TableOptions& options,
                                  const std::optional<std::vector<int>>& target_columns, bool overwrite);

/// What becomes of a row.
enum class MergeOutcome { kKeep, kReplace, kRemove };

/// A new key: the row that is stored. Its auto-increment column is left to the caller.
void MergeInsert(const MergeRules& rules, RowView incoming, std::span<Datum> out);
/// Fills `out` for kReplace; kKeep leaves the old value as it is.
Result<MergeOutcome> MergeUpsert(const MergeRules& rules, RowView old, RowView incoming, Arena* arena,
                                 std::span<Datum> out);
/// A delete that the delete behaviour lets through. Code 35 where it would set a column that is NOT NULL to NULL.
Result<MergeOutcome> MergeDelete(const MergeRules& rules, RowView old, std::span<Datum> out);

}  // namespace weir
