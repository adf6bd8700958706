// EXCLUDE constraints: once a statement has run, no two rows of a leaf may be as its constraints exclude. Who else
// writes to the leaf waits until this is done, and sees these rows then.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/index_ddl.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

constexpr uint64_t kAllRows = UINT64_MAX;  // of a leaf, as a row's lock has it

using KeyTexts = std::vector<std::string>;

std::string Conjunction(const KeyTexts& conditions) { return fmt::format("{}", fmt::join(conditions, " AND ")); }

/// The queries that look for two rows that a constraint excludes.
class ExclusionQueries {
 public:
  /// `rows`: a query for those that are looked at, with the leaf's names of columns.
  ExclusionQueries(const SqlIndex& index, const SqlExclusion& exclusion, const Relation& leaf, std::string with,
                   const std::string& rows, const std::string& name)
      : operators_(exclusion.operators), with_(std::move(with)) {
    if (!index.nulls_distinct) equal_ = "IS NOT DISTINCT FROM";
    std::ranges::replace(operators_, "=", equal_);
    const KeyTexts columns = KeyColumnsOf(index, leaf);
    KeyTexts parts;
    for (size_t i = 0; i < columns.size(); ++i) {
      const SqlIndex::Expression* expression = index.ExpressionAt(i);
      const std::string value = expression == nullptr ? QuoteIdentifier(columns[i]) : "(" + expression->text + ")";
      parts.push_back(fmt::format("{} AS k{}", value, i));
      names_.push_back(fmt::format("k{}", i));
    }
    const std::string where = index.condition.empty() ? "" : " WHERE " + index.condition;
    new_ = fmt::format("(SELECT DISTINCT {} FROM {} s{}) x", fmt::join(parts, ", "), rows, where);
    all_ = fmt::format("(SELECT {} FROM {} s{}) y", fmt::join(parts, ", "), name, where);
  }

  /// A row, and one with other values that it may not be beside.
  std::string FindUnlike() const {
    return fmt::format("{}SELECT {} FROM {} JOIN {} ON {} WHERE NOT ({}) LIMIT 1", with_, Shown("y"), new_, all_,
                       Conjunction(Between("y")), Conjunction(Alike(" IS NOT DISTINCT FROM ")));
  }
  /// Two rows of the same values.
  std::string FindEqual() const {
    KeyTexts grouped;
    for (const std::string& name : names_) grouped.push_back("x." + name);
    return fmt::format("{}SELECT {} FROM {} JOIN {} ON {} WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT 1", with_,
                       Shown("x"), new_, all_, Conjunction(Alike(" " + equal_ + " ")), Conjunction(Between("x")),
                       fmt::join(grouped, ", "));
  }
  /// Whether the operators hold between equal values alone.
  bool only_equal() const {
    return std::ranges::all_of(operators_, [&](const std::string& op) { return op == equal_; });
  }

 private:
  KeyTexts Between(const char* other) const {
    KeyTexts conditions;
    for (size_t i = 0; i < names_.size(); ++i) {
      conditions.push_back(fmt::format("x.{0} {1} {2}.{0}", names_[i], operators_[i], other));
    }
    return conditions;
  }
  KeyTexts Alike(const std::string& op) const {
    KeyTexts conditions;
    for (const std::string& name : names_) conditions.push_back(fmt::format("x.{0}{1}y.{0}", name, op));
    return conditions;
  }
  /// As FindViolation reads it.
  std::string Shown(const char* other) const {
    std::string columns = "NULL::bigint, NULL::bigint";
    for (const std::string table : {"x", other}) {
      for (const std::string& name : names_) {
        columns += fmt::format(", CASE WHEN {0}.{1} IS NULL THEN 'null' ELSE concat({0}.{1}) END", table, name);
      }
    }
    return columns;
  }

  KeyTexts operators_;
  std::string equal_ = "=";
  const std::string with_;
  KeyTexts names_;
  std::string new_;
  std::string all_;
};

/// The WITH query in whose place the changed rows come, and a query for them with the leaf's names of columns.
std::pair<std::string, std::string> ChangedRowsOf(const ChangedKeys& changed, const std::string& name) {
  KeyTexts names = {"ol", "nl"};
  KeyTexts columns = {"0::bigint", "0::bigint"};
  KeyTexts own;
  for (const char version : {'o', 'n'}) {
    for (size_t i = 0; i < changed.columns.size(); ++i) {
      const std::string column =
          QuoteIdentifier(changed.table->columns[static_cast<size_t>(changed.columns[i])].name);
      names.push_back(fmt::format("{}{}", version, i));
      columns.push_back("t." + column);
      if (version == 'n') own.push_back(fmt::format("c.n{} AS {}", i, column));
    }
  }
  return {fmt::format("WITH changed ({}) AS (SELECT {} FROM {} t WHERE false) ", fmt::join(names, ", "),
                      fmt::join(columns, ", "), name),
          fmt::format("(SELECT {} FROM changed c)", fmt::join(own, ", "))};
}

/// "Key (a)=(1) conflicts with existing key (a)=(1)."
std::string ConflictText(const KeyTexts& columns, const ViolatingRow& row, const char* existing) {
  const size_t width = columns.size();
  const KeyTexts mine(row.values.begin(), row.values.begin() + static_cast<std::ptrdiff_t>(width));
  const KeyTexts other(row.values.begin() + static_cast<std::ptrdiff_t>(width), row.values.end());
  const std::string key = fmt::format("{}", fmt::join(columns, ", "));
  return fmt::format("Key ({0})=({1}) conflicts with {2} ({0})=({3}).", key, fmt::join(mine, ", "), existing,
                     fmt::join(other, ", "));
}

/// Rows that are there already, or a statement's.
enum class Violators { kExisting, kNew };

/// 23P01; of a DEFERRABLE key 23505.
Status Excluded(Violators who, const Relation& table, const SqlConstraint& constraint, const ViolatingRow& found) {
  const KeyTexts columns = KeyColumnsOf(*IndexOfConstraint(table, constraint.name)->index, table);
  const bool is_new = who == Violators::kNew;
  ErrorExtras extras{.detail = ConflictText(columns, found, is_new ? "existing key" : "key"),
                     .schema = table.path.database,
                     .table = table.path.table,
                     .constraint = constraint.name};
  if (constraint.exclusion->key == '\0') {
    const char* failure = is_new ? "conflicting key value violates" : "could not create";
    return Error("23P01", fmt::format("{} exclusion constraint \"{}\"", failure, constraint.name), std::move(extras));
  }
  const KeyTexts values(found.values.begin(), found.values.begin() + static_cast<std::ptrdiff_t>(columns.size()));
  extras.detail = fmt::format("Key ({})=({}) {}.", fmt::join(columns, ", "), fmt::join(values, ", "),
                              is_new ? "already exists" : "is duplicated");
  const char* failure = is_new ? "duplicate key value violates unique constraint" : "could not create unique index";
  return Error("23505", fmt::format("{} \"{}\"", failure, constraint.name), std::move(extras));
}

/// One check for each key of a leaf: its rows are those of all that many statements have put off.
std::vector<DeferrableKeyCheck> KeysTogether(const std::vector<DeferrableKeyCheck>& checks) {
  std::vector<DeferrableKeyCheck> all;
  for (const DeferrableKeyCheck& check : checks) {
    auto same = std::ranges::find_if(all, [&](const DeferrableKeyCheck& one) {
      return one.constraint == check.constraint && one.changed.table->id == check.changed.table->id &&
             one.changed.columns == check.changed.columns &&
             one.changed.rows->Types() == check.changed.rows->Types();
    });
    if (same == all.end()) {
      same = all.insert(all.end(), check);
      same->changed.rows = std::make_shared<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(),
                                                                          check.changed.rows->Types());
    }
    for (duckdb::DataChunk& chunk : check.changed.rows->Chunks()) same->changed.rows->Append(chunk);
  }
  return all;
}

}  // namespace

Result<std::optional<ViolatingRow>> EngineSession::FindExcluded(const RelationPtr& leaf,
                                                                const SqlConstraint& constraint,
                                                                const ChangedKeys* changed) {
  const RelationPtr index = IndexOfConstraint(*leaf, constraint.name);
  if (!index) return std::optional<ViolatingRow>();
  const std::string name = OnlyOf(*leaf) + NameHere(*leaf);
  auto [with, rows] =
      changed == nullptr ? std::pair<std::string, std::string>("", name) : ChangedRowsOf(*changed, name);
  const ExclusionQueries queries(*index->index, *constraint.exclusion, *leaf, std::move(with), rows, name);
  const auto given = changed == nullptr ? nullptr : changed->rows;
  WEIR_ASSIGN_OR_RETURN(auto found, FindViolation(queries.FindEqual(), given));
  if (found || queries.only_equal()) return found;
  return FindViolation(queries.FindUnlike(), given);
}

/// Nobody else writes to the leaf until the transaction ends; the leaf as it is now, null where it is gone.
Result<RelationPtr> EngineSession::LockToExclude(const Relation& leaf) {
  const LockTag all_rows = LockTag::Row(static_cast<uint32_t>(leaf.id), kAllRows);
  WEIR_RETURN_NOT_OK(locks_->Lock(all_rows, LockMode::kExclusive).status());
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  return catalog().FindById(leaf.id);
}

Status EngineSession::HoldToExclusion(const RelationPtr& leaf, const SqlConstraint& constraint,
                                      const ChangedKeys& changed) {
  TransactionOnLog* const shared = TransactionOnLog::Of(transaction_.get());
  if (shared != nullptr) WEIR_RETURN_NOT_OK(shared->HoldLeaf(leaf));
  WEIR_ASSIGN_OR_RETURN(const auto found, FindExcluded(leaf, constraint, &changed));
  return found ? Excluded(Violators::kNew, *leaf, constraint, *found) : CheckSeesAllOf(leaf);
}

Status EngineSession::HoldToExclusions(const ChangedKeys& changed) {
  std::vector<std::string> due;
  for (const SqlConstraint& constraint : changed.table->constraints) {
    if (constraint.kind != SqlConstraint::Kind::kExclusion) continue;
    if (references_.IsDeferred(changed.table->path.database, constraint)) {
      references_.keys.push_back({changed, constraint.name});
    } else {
      due.push_back(constraint.name);
    }
  }
  if (due.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LockToExclude(*changed.table));
  for (size_t i = 0; leaf && i < due.size(); ++i) {
    const SqlConstraint* constraint = leaf->FindConstraint(due[i]);
    if (constraint != nullptr) WEIR_RETURN_NOT_OK(HoldToExclusion(leaf, *constraint, changed));
  }
  return Status::OK();
}

Status EngineSession::HoldDeferredKeys(bool all) {
  std::vector<DeferrableKeyCheck> kept;
  std::vector<DeferrableKeyCheck> due;
  for (DeferrableKeyCheck& check : references_.keys) {
    const Relation& table = *check.changed.table;
    const SqlConstraint* constraint = table.FindConstraint(check.constraint);
    const bool stays = !all && constraint != nullptr && references_.IsDeferred(table.path.database, *constraint);
    (stays ? kept : due).push_back(std::move(check));
  }
  references_.keys = std::move(kept);
  for (const DeferrableKeyCheck& check : KeysTogether(due)) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LockToExclude(*check.changed.table));
    const SqlConstraint* constraint = leaf ? leaf->FindConstraint(check.constraint) : nullptr;
    if (constraint == nullptr || !constraint->exclusion) continue;
    WEIR_RETURN_NOT_OK(duck::GuardedRun([&] { return HoldToExclusion(leaf, *constraint, check.changed); }));
  }
  return Status::OK();
}

Status EngineSession::HoldAllToExclusion(const RelationPtr& table, const SqlConstraint& constraint) {
  if (draft_) WEIR_RETURN_NOT_OK(draft_->MakeTables());
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  TransactionOnLog* const shared = TransactionOnLog::Of(transaction_.get());
  if (shared != nullptr) WEIR_RETURN_NOT_OK(shared->HoldLeaf(table));
  WEIR_ASSIGN_OR_RETURN(const auto found, FindExcluded(table, constraint, nullptr));
  if (!found) return Status::OK();
  return Excluded(Violators::kExisting, *table, constraint, *found);
}

}  // namespace weir::sql
