// Foreign keys: what a statement has changed is held to them by statements of the session's own in its transaction,
// which are about all of its rows at once.
#include <algorithm>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/foreign_key_ddl.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/index_ddl.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/session/run_pending.h"
#include "sql/system/catalog_names.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

using Side = ForeignKeyQueries::Side;

/// The session may do all while this lives: what foreign keys do is their tables' owners' will.
class AsAdmin {
 public:
  AsAdmin(access::RoleId* role, SessionState* state)
      : role_(role), state_(state), before_(std::exchange(*role, access::kWeir)),
        state_before_(std::exchange(state->role, access::kWeir)) {}
  AsAdmin(const AsAdmin&) = delete;
  AsAdmin& operator=(const AsAdmin&) = delete;
  ~AsAdmin() {
    *role_ = before_;
    state_->role = state_before_;
  }

 private:
  access::RoleId* role_;
  SessionState* state_;
  const access::RoleId before_;
  const access::RoleId state_before_;
};

std::vector<std::string> TextsFrom(const duckdb::DataChunk& row, duckdb::idx_t first) {
  std::vector<std::string> texts;
  for (duckdb::idx_t i = first; i < row.ColumnCount(); ++i) texts.push_back(row.GetValue(i, 0).ToString());
  return texts;
}

std::optional<int64_t> LeafFrom(const duckdb::DataChunk& row, duckdb::idx_t column) {
  const duckdb::Value leaf = row.GetValue(column, 0);
  return leaf.IsNull() ? std::nullopt : std::optional(leaf.GetValue<int64_t>());
}

/// The error with the schema of its table, as PostgreSQL tells clients.
Status InSchema(const Status& failure, const std::string& schema) {
  ErrorFields fields = FieldsOf(failure);
  fields.schema = schema;
  return Error(std::move(fields));
}

}  // namespace

// --- the statements

/// Runs a statement of the session's own. `changed`: the rows of its WITH query; null: it has none.
Result<std::shared_ptr<duckdb::ColumnDataCollection>> EngineSession::RunOwn(
    const std::string& text, const std::shared_ptr<duckdb::ColumnDataCollection>& changed) {
  const AsAdmin admin(&current_role_, state_.get());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(text));
    if (const RelationPtr target = planned.plan->target()) WEIR_RETURN_NOT_OK(LockToWrite(target->path));
    WEIR_ASSIGN_OR_RETURN(const bool current, IsCurrent(planned));
    if (!current) continue;
    duck::Plan::Run run = planned.plan->Bind({});
    if (changed) duck::Plan::SetRows(changed, run.statement.get());
    if (planned.plan->locks_rows()) {
      LockRows(*run.statement, run.values, LockingHost());
      run.values.clear();
    }
    WEIR_ASSIGN_OR_RETURN(auto pending, Start(std::move(run), false));
    auto result = RunPending(*pending);
    if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
    auto rows = std::make_shared<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(), result->types);
    while (auto chunk = result->Fetch()) {
      if (chunk->size() == 0) break;
      rows->Append(*chunk);
    }
    return rows;
  }
}

/// The row that a query of ForeignKeyQueries finds.
Result<std::optional<ViolatingRow>> EngineSession::FindViolation(
    const std::string& text, const std::shared_ptr<duckdb::ColumnDataCollection>& changed) {
  WEIR_ASSIGN_OR_RETURN(const auto rows, RunOwn(text, changed));
  if (rows->Count() == 0) return std::optional<ViolatingRow>();
  duckdb::DataChunk row;
  rows->InitializeScanChunk(row);
  duckdb::ColumnDataScanState state;
  rows->InitializeScan(state);
  rows->Scan(state, row);
  return std::optional(ViolatingRow{LeafFrom(row, 0), LeafFrom(row, 1), TextsFrom(row, 2)});
}

/// The leaf, or whatever else it is, for messages; `otherwise` where it is not there any more.
Result<RelationPtr> EngineSession::LeafNamed(std::optional<int64_t> leaf, const RelationPtr& otherwise) {
  if (!leaf) return otherwise;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr found, catalog().FindById(*leaf));
  return found ? found : otherwise;
}

/// What PostgreSQL calls a foreign key as it refers to a partition of its table: each has a constraint of its own
/// there, named in the order in which they were made.
Result<std::string> EngineSession::NameAsReferringTo(const ForeignKey& key, int64_t table) {
  if (table == key.referenced->id) return key.constraint.name;
  std::vector<int64_t> below;
  std::vector<RelationPtr> waiting = {key.referenced};
  while (!waiting.empty()) {
    const RelationPtr relation = std::move(waiting.back());
    waiting.pop_back();
    if (!relation->is_partitioned()) continue;
    WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*relation));
    for (const RelationPtr& child : children->relations) {
      below.push_back(child->id);
      waiting.push_back(child);
    }
  }
  std::ranges::sort(below);
  auto left = std::ranges::find(below, table) - below.begin();
  std::string columns;
  for (const std::string& column : key.constraint.columns) columns += (columns.empty() ? "" : "_") + column;
  for (int number = 0;; ++number) {
    const std::string label = number == 0 ? "fkey" : "fkey" + std::to_string(number);
    std::string name = ObjectName(key.table->path.table, columns, label);
    if (key.table->FindConstraint(name) == nullptr && left-- == 0) return name;
  }
}

/// 40001 where others have changed a table since the snapshot of a transaction that sees one moment: what they have
/// committed counts for foreign keys, and cannot be seen.
Status EngineSession::CheckSeesAllOf(const RelationPtr& table) {
  if (Modes().isolation != "repeatable read" && Modes().isolation != "serializable") return Status::OK();
  if (!table->is_partitioned()) return table->table ? transaction_->CheckUnchanged(table) : Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*table));
  for (const RelationPtr& child : children->relations) WEIR_RETURN_NOT_OK(CheckSeesAllOf(child));
  return Status::OK();
}

// --- holding rows to a foreign key

/// Locks the table on the other side, which may change until then; false: the key is gone.
Result<bool> EngineSession::LockOtherSide(ForeignKeyCheck* check) {
  RelationPtr& other = check->side == Side::kReferring ? check->key.referenced : check->key.table;
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr found, catalog().FindById(other->id));
    if (!found) return false;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr locked,
                          LockNamed(found->path, LockMode::kRowShare, LockPolicy::kWait, false));
    const bool same = locked && locked->id == found->id;  // else it has got another name meanwhile
    if (!same) continue;
    other = locked;
    break;
  }
  if (check->side == Side::kReferring) return true;
  SqlConstraint& constraint = check->key.constraint;
  const auto now = std::ranges::find_if(other->constraints, [&](const SqlConstraint& one) {
    return one.foreign == constraint.foreign && (one.name == constraint.name || one.columns == constraint.columns);
  });
  if (now == other->constraints.end()) return false;
  constraint = *now;
  return true;
}

Status EngineSession::HoldToForeignKey(ForeignKeyCheck check) {
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  WEIR_ASSIGN_OR_RETURN(const bool there, LockOtherSide(&check));
  if (!there) return Status::OK();
  switch (check.action()) {
    case ReferentialAction::kNoAction:
    case ReferentialAction::kRestrict:
      return check.side == Side::kReferring ? HoldReferring(check) : HoldReferenced(check);
    case ReferentialAction::kCascade:
    case ReferentialAction::kSetNull:
    case ReferentialAction::kSetDefault: return ChangeReferring(check);
  }
  return Status::OK();
}

Status EngineSession::HoldReferring(const ForeignKeyCheck& check) {
  const auto name_of = [this](const Relation& relation) { return OnlyOf(relation) + NameHere(relation); };
  const ForeignKeyQueries queries(check.changed, check.key, check.side, name_of);
  const auto& rows = check.changed.rows;
  const std::string schema = SchemaSeenFrom(database_, check.key.table->path.database);
  if (check.key.rules().match_full && check.key.constraint.columns.size() > 1) {
    WEIR_ASSIGN_OR_RETURN(const auto mixed, FindViolation(queries.FindMixed(), rows));
    if (mixed) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LeafNamed(mixed->new_leaf, check.changed.table));
      return InSchema(MixesNulls(check.key, *leaf), schema);
    }
  }
  WEIR_RETURN_NOT_OK(RunOwn(queries.LockReferenced(), rows).status());
  WEIR_ASSIGN_OR_RETURN(auto missing, FindViolation(queries.FindMissing(false), rows));
  if (!missing) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(missing, FindViolation(queries.FindMissing(true), rows));
  if (!missing) return Status::OK();  // the row itself has been changed since
  WEIR_RETURN_NOT_OK(CheckSeesAllOf(check.key.referenced));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LeafNamed(missing->new_leaf, check.changed.table));
  return InSchema(RefersToNothing(check.key, *leaf, missing->values), schema);
}

Status EngineSession::HoldReferenced(const ForeignKeyCheck& check) {
  const auto name_of = [this](const Relation& relation) { return OnlyOf(relation) + NameHere(relation); };
  const ForeignKeyQueries queries(check.changed, check.key, check.side, name_of);
  const bool anyhow = check.action() == ReferentialAction::kRestrict;
  WEIR_ASSIGN_OR_RETURN(const auto found,
                        FindViolation(queries.FindReferenced(check.deleted, anyhow), check.changed.rows));
  if (!found) return CheckSeesAllOf(check.key.table);
  // Who has changed a row that refers to it may be about to commit.
  WEIR_RETURN_NOT_OK(RunOwn(queries.LockReferring(check.deleted), check.changed.rows).status());
  const bool moved = found->new_leaf && found->new_leaf != found->old_leaf;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table,
                        LeafNamed(moved ? std::nullopt : found->old_leaf, check.key.referenced));
  WEIR_ASSIGN_OR_RETURN(const std::string constraint, NameAsReferringTo(check.key, table->id));
  return InSchema(IsStillReferenced(check.key, *table, constraint, found->values),
                  SchemaSeenFrom(database_, check.key.table->path.database));
}

Status EngineSession::ChangeReferring(const ForeignKeyCheck& check) {
  const auto name_of = [this](const Relation& relation) { return OnlyOf(relation) + NameHere(relation); };
  const ForeignKeyQueries queries(check.changed, check.key, check.side, name_of);
  WEIR_RETURN_NOT_OK(RunOwn(queries.ChangeReferring(check.deleted), check.changed.rows).status());
  WEIR_RETURN_NOT_OK(CheckSeesAllOf(check.key.table));
  if (check.action() != ReferentialAction::kSetDefault) return Status::OK();
  // A default may be the very key that is gone.
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  return HoldReferenced(check);
}

// --- holding a statement's rows

Status EngineSession::HoldOrDefer(ForeignKeyCheck check) {
  const bool may_wait = check.action() == ReferentialAction::kNoAction;
  if (!may_wait || !references_.IsDeferred(check.key)) return HoldToForeignKey(std::move(check));
  references_.checks.push_back(std::move(check));
  return Status::OK();
}

Status EngineSession::HoldChanged(const ChangedKeys& changed) {
  for (const SqlConstraint& constraint : changed.table->constraints) {
    if (!constraint.foreign || !(changed.inserts || changed.updates)) continue;
    WEIR_ASSIGN_OR_RETURN(const RelationPtr referenced, catalog().FindById(constraint.foreign->table));
    if (!referenced) continue;
    WEIR_RETURN_NOT_OK(HoldOrDefer({changed, {changed.table, constraint, referenced}, Side::kReferring}));
  }
  if (!changed.deletes && !changed.updates) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const std::vector<ForeignKey> keys, KeysReferringTo(catalog(), changed.table));
  for (const ForeignKey& key : keys) {
    if (changed.deletes) WEIR_RETURN_NOT_OK(HoldOrDefer({changed, key, Side::kReferenced, true}));
    if (changed.updates) WEIR_RETURN_NOT_OK(HoldOrDefer({changed, key, Side::kReferenced, false}));
  }
  return Status::OK();
}

Status EngineSession::HoldReferences() {
  while (!changed_keys_.empty()) {
    const std::vector<ChangedKeys> changed = std::exchange(changed_keys_, {});  // they may bring others
    for (const ChangedKeys& one : changed) {
      WEIR_RETURN_NOT_OK(one.exclusions ? HoldToExclusions(one) : HoldChanged(one));
    }
  }
  return Status::OK();
}

// --- what was put off

/// A row that turns out to have been changed is looked at as it is now: the check itself changes nothing.
Status EngineSession::HoldDeferred(bool all) {
  if (references_.checks.empty() && references_.keys.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_RETURN_NOT_OK(HoldDeferredKeys(all));
  std::vector<ForeignKeyCheck> kept;
  std::vector<ForeignKeyCheck> due;
  for (ForeignKeyCheck& check : references_.checks) {
    (!all && references_.IsDeferred(check.key) ? kept : due).push_back(std::move(check));
  }
  references_.checks.clear();
  for (const ForeignKeyCheck& check : Together(due)) {
    while (true) {
      const Status held = duck::GuardedRun([&] { return HoldToForeignKey(check); });
      if (held.ok()) break;
      if (!transaction_->must_run_again()) return held;
    }
  }
  references_.checks = std::move(kept);
  return Status::OK();
}

/// The names of a partitioned table's key in its partitions, which each choose their own.
Status EngineSession::SetKeyBelow(const Relation& table, const std::string& name, bool deferred) {
  references_.named[{table.path.database, name}] = deferred;
  const RelationPtr whole = IndexOfConstraint(table, name);
  if (!whole || !table.is_partitioned()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(table));
  for (const RelationPtr& child : children->relations) {
    for (const RelationPtr& part : child->indexes) {
      if (part->index->parent == whole->id) WEIR_RETURN_NOT_OK(SetKeyBelow(*child, part->path.table, deferred));
    }
  }
  return Status::OK();
}

Status EngineSession::SetConstraint(const QualifiedName& name, bool deferred) {
  std::vector<std::string> databases = {PathOf({.schema = name.schema, .name = {}}).database};
  if (name.schema.empty()) {
    WEIR_ASSIGN_OR_RETURN(databases, DatabasesOfPath());
  }
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, catalog().ListRelations(database));
    bool found = false;
    for (const RelationPtr& relation : relations) {
      const SqlConstraint* constraint = relation->FindConstraint(name.name);
      if (constraint == nullptr) continue;
      const bool key = constraint->exclusion && constraint->exclusion->key != '\0';
      if (!key && (!constraint->foreign || !constraint->foreign->rules.deferrable)) {
        return Error("42809", "constraint \"" + name.name + "\" is not deferrable");
      }
      found = true;
      if (key) WEIR_RETURN_NOT_OK(SetKeyBelow(*relation, name.name, deferred));
    }
    if (found) references_.named[{database, name.name}] = deferred;
    if (found) return Status::OK();
  }
  return Error("42704", "constraint \"" + name.name + "\" does not exist");
}

EngineSession::Outcome EngineSession::RunSetConstraints(const SetConstraints& set) {
  if (!in_block()) Report("WARNING", "25P01", "SET CONSTRAINTS can only be used in transaction blocks");
  if (set.names.empty()) {
    references_.all = set.deferred;
    references_.named.clear();
  }
  for (const QualifiedName& name : set.names) WEIR_RETURN_NOT_OK(SetConstraint(name, set.deferred));
  if (in_block() && !set.deferred) {
    WEIR_RETURN_NOT_OK(HoldDeferred(false));
    state_->transaction = nullptr;
  }
  return NoRows("SET CONSTRAINTS");
}

/// 55006 for a table of which rows are still to be checked.
Status EngineSession::CheckNothingIsDeferred(const RelationPtr& table, const std::string& command) {
  if (references_.checks.empty() && references_.keys.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto line, WithAncestors(catalog(), table));
  std::vector<RelationPtr> changed;
  for (const ForeignKeyCheck& check : references_.checks) changed.push_back(check.changed.table);
  for (const DeferrableKeyCheck& check : references_.keys) changed.push_back(check.changed.table);
  for (const RelationPtr& one : changed) {
    WEIR_ASSIGN_OR_RETURN(const auto other, WithAncestors(catalog(), one));
    if (line.back()->id != other.back()->id) continue;
    return Error("55006",
                 "cannot " + command + " \"" + table->path.table + "\" because it has pending trigger events");
  }
  return Status::OK();
}

// --- DDL

namespace {

/// On a cluster the commit is made only if no other server's writes to the table's leaves from now on.
Status HoldLeavesOf(const RelationPtr& table, CatalogView& catalog, Transaction* transaction) {
  TransactionOnLog* const shared = TransactionOnLog::Of(transaction);
  if (shared == nullptr) return Status::OK();
  if (!table->is_partitioned()) return shared->HoldLeaf(table);
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(*table));
  for (const RelationPtr& child : children->relations)
    WEIR_RETURN_NOT_OK(HoldLeavesOf(child, catalog, transaction));
  return Status::OK();
}

}  // namespace

Status EngineSession::HoldAllRows(const ForeignKey& key) {
  if (draft_) WEIR_RETURN_NOT_OK(draft_->MakeTables());
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  WEIR_RETURN_NOT_OK(HoldLeavesOf(key.table, catalog(), transaction_.get()));
  WEIR_RETURN_NOT_OK(HoldLeavesOf(key.referenced, catalog(), transaction_.get()));
  const std::string referring = OnlyOf(*key.table) + NameHere(*key.table);
  const std::string referenced = OnlyOf(*key.referenced) + NameHere(*key.referenced);
  const std::string schema = SchemaSeenFrom(database_, key.table->path.database);
  if (key.rules().match_full && key.constraint.columns.size() > 1) {
    WEIR_ASSIGN_OR_RETURN(const auto mixed, FindViolation(FindMixedRow(key, referring), nullptr));
    if (mixed) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LeafNamed(mixed->new_leaf, key.table));
      return InSchema(MixesNulls(key, *leaf), schema);
    }
  }
  WEIR_ASSIGN_OR_RETURN(const auto unheld,
                        FindViolation(FindUnheldRow(key, referring, referenced), nullptr));
  if (!unheld) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr leaf, LeafNamed(unheld->new_leaf, key.table));
  return InSchema(RefersToNothing(key, *leaf, unheld->values), schema);
}

Status EngineSession::HoldWithoutPartition(const ForeignKey& key, const RelationPtr& partition) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr locked,
                        LockNamed(key.table->path, LockMode::kShare, LockPolicy::kWait, false));
  if (!locked || locked->id != key.table->id) return Status::OK();
  if (draft_) WEIR_RETURN_NOT_OK(draft_->MakeTables());
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  WEIR_RETURN_NOT_OK(HoldLeavesOf(locked, catalog(), transaction_.get()));
  const std::string query = FindRowReferringTo(key, OnlyOf(*key.table) + NameHere(*key.table), NameHere(*partition));
  WEIR_ASSIGN_OR_RETURN(const auto found, FindViolation(query, nullptr));
  if (!found) return CheckSeesAllOf(locked);
  WEIR_ASSIGN_OR_RETURN(const std::string constraint, NameAsReferringTo(key, partition->id));
  return InSchema(PartitionIsReferenced(key, *partition, constraint, found->values),
                  SchemaSeenFrom(database_, key.table->path.database));
}

// --- TRUNCATE

/// The tables that are emptied with those that are named: what is below them, and with CASCADE what refers to them.
Result<std::vector<RelationPtr>> EngineSession::TablesToEmpty(const std::vector<RelationPtr>& named, bool cascade) {
  std::vector<RelationPtr> tops = named;
  std::vector<RelationPtr> all;
  for (size_t i = 0; i < tops.size(); ++i) {
    const size_t first = all.size();
    all.push_back(tops[i]);
    for (size_t k = first; k < all.size(); ++k) {
      if (!all[k]->is_partitioned()) continue;
      WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(*all[k]));
      all.insert(all.end(), children->relations.begin(), children->relations.end());
    }
    if (!cascade) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<ForeignKey> keys, KeysReferringTo(catalog(), tops[i]));
    for (const ForeignKey& key : keys) {
      const auto same = [&](const RelationPtr& one) { return one->id == key.table->id; };
      if (std::ranges::any_of(tops, same) || std::ranges::any_of(all, same)) continue;
      WEIR_ASSIGN_OR_RETURN(RelationPtr other, LockAlone(key.table, true));
      if (!other) continue;
      WEIR_RETURN_NOT_OK(CheckHasOneOf(other->path, access::kTruncate));
      Notice("truncate cascades to table \"" + other->path.table + "\"");
      tops.push_back(std::move(other));
    }
  }
  WEIR_RETURN_NOT_OK(CheckMayEmpty(catalog(), all));
  return tops;
}

}  // namespace weir::sql
