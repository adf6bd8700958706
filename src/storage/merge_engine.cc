#include "storage/merge_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

Status BadTargets(std::string message) { return {ErrorCode::kInvalidTargetColumn, std::move(message)}; }

Status CheckTargets(const Schema& schema, const MergeRules& rules) {
  for (int i = 0; i < schema.num_columns(); ++i) {
    const Column& column = schema.column(i);
    if (rules.is_key[i] && !rules.is_target[i]) {
      return BadTargets(fmt::format("the target columns must contain the primary key column '{}'", column.name));
    }
    if (!rules.is_target[i] && i != rules.auto_increment && !column.type.nullable()) {
      return BadTargets(
          fmt::format("a partial update needs every column that it leaves out to be nullable, but '{}' is {}",
                      column.name, column.type.ToString()));
    }
  }
  return Status::OK();
}

/// Whether the targets are all that a writer may set.
bool SetsEveryWritableColumn(const MergeRules& rules) {
  for (size_t i = 0; i < rules.is_target.size(); ++i) {
    if (!rules.is_target[i] && static_cast<int>(i) != rules.auto_increment) return false;
  }
  return true;
}

Status ApplyTargets(const Schema& schema, const std::optional<std::vector<int>>& targets, MergeRules* rules) {
  rules->is_target.assign(schema.num_columns(), !targets.has_value());
  for (const int target : targets.value_or(std::vector<int>())) rules->is_target[target] = true;
  if (rules->auto_increment >= 0 && rules->is_target[rules->auto_increment]) {
    return BadTargets(fmt::format("the auto-increment column '{}' must not be a target column; list the others",
                                  schema.column(rules->auto_increment).name));
  }
  rules->partial = std::find(rules->is_target.begin(), rules->is_target.end(), false) != rules->is_target.end();
  rules->only_key_targets = rules->is_target == rules->is_key;
  if (!rules->partial) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckTargets(schema, *rules));
  for (int i = 0; i < schema.num_columns(); ++i) {
    const bool kept = rules->is_target[i] && !rules->is_key[i] && !schema.column(i).type.nullable();
    if (kept) rules->never_null.emplace(schema.column(i).name);
  }
  const bool takes_whole_rows = rules->engine == MergeEngine::kFirstRow || rules->engine == MergeEngine::kVersioned;
  if (takes_whole_rows && !SetsEveryWritableColumn(*rules)) {
    return BadTargets("the first_row and versioned merge engines take no partial updates; write all columns");
  }
  return Status::OK();
}

/// NULL is the smallest version.
bool IsOlderVersion(const Datum& a, const Datum& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && !b.is_null();
  if (a.kind == Datum::Kind::kTimestamp) {
    return std::pair(a.time.millis, a.time.nanos) < std::pair(b.time.millis, b.time.nanos);
  }
  return a.as_int() < b.as_int();
}

void TakeTargets(const MergeRules& rules, RowView old, RowView incoming, std::span<Datum> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = rules.is_target[i] ? incoming[i] : old[i];
}

Status AggregateTargets(const MergeRules& rules, RowView old, RowView incoming, Arena* arena, std::span<Datum> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    if (rules.is_key[i] || !rules.is_target[i]) {
      out[i] = old[i];
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(out[i], Combine(rules.aggregates[i], old[i], incoming[i], arena));
  }
  return Status::OK();
}

}  // namespace

Result<MergeRules> MakeMergeRules(const TableDescriptor& descriptor, const TableOptions& options,
                                  const std::optional<std::vector<int>>& target_columns, bool overwrite) {
  const Schema& schema = descriptor.schema;
  MergeRules rules;
  rules.engine = overwrite ? MergeEngine::kNone : options.merge_engine;
  rules.deletes = overwrite ? DeleteBehavior::kAllow : options.delete_behavior;
  rules.is_key.assign(schema.num_columns(), false);
  for (const std::string& name : schema.primary_key()) rules.is_key[schema.IndexOf(name)] = true;
  if (schema.auto_increment_column()) rules.auto_increment = schema.IndexOf(*schema.auto_increment_column());
  WEIR_RETURN_NOT_OK(ApplyTargets(schema, target_columns, &rules));
  if (rules.engine == MergeEngine::kVersioned) {
    rules.version = schema.IndexOf(options.version_column);
    if (rules.version < 0) {
      return Status(ErrorCode::kInvalidTable,
                    fmt::format("the version column '{}' is no column of the table", options.version_column));
    }
  }
  if (rules.engine == MergeEngine::kAggregation) {
    for (const Column& column : schema.columns()) rules.aggregates.push_back(AggregateOf(column));
  }
  return rules;
}

void MergeInsert(const MergeRules& rules, RowView incoming, std::span<Datum> out) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = rules.is_target[i] ? incoming[i] : Datum::Null();
}

Result<MergeOutcome> MergeUpsert(const MergeRules& rules, RowView old, RowView incoming, Arena* arena,
                                 std::span<Datum> out) {
  if (rules.partial && rules.only_key_targets) return MergeOutcome::kKeep;
  switch (rules.engine) {
    case MergeEngine::kFirstRow:
      return MergeOutcome::kKeep;
    case MergeEngine::kVersioned:
      if (IsOlderVersion(incoming[rules.version], old[rules.version])) return MergeOutcome::kKeep;
      break;
    case MergeEngine::kAggregation:
      WEIR_RETURN_NOT_OK(AggregateTargets(rules, old, incoming, arena, out));
      return MergeOutcome::kReplace;
    case MergeEngine::kNone:
      break;
  }
  TakeTargets(rules, old, incoming, out);
  return MergeOutcome::kReplace;
}

Result<MergeOutcome> MergeDelete(const MergeRules& rules, RowView old, std::span<Datum> out) {
  if (!rules.partial) return MergeOutcome::kRemove;
  bool anything_left = false;
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = rules.is_target[i] && !rules.is_key[i] ? Datum::Null() : old[i];
    // The engine gave the auto-increment value, so that it alone is no reason to keep the row.
    const bool counts = !rules.is_key[i] && static_cast<int>(i) != rules.auto_increment;
    anything_left = anything_left || (counts && !out[i].is_null());
  }
  if (!anything_left) return MergeOutcome::kRemove;
  if (rules.never_null) {
    return BadTargets(fmt::format("a partial delete sets the columns that it names to NULL, but '{}' is NOT NULL",
                                  *rules.never_null));
  }
  return MergeOutcome::kReplace;
}

}  // namespace weir
