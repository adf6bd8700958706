#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "commitlog/item.h"
#include "sql/catalog/definition.h"
#include "sql/catalog/followed_definitions.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

IsolationLevel LevelOf(const std::string& name) {
  if (name == "serializable") return IsolationLevel::kSerializable;
  if (name == "repeatable read") return IsolationLevel::kRepeatableRead;
  return IsolationLevel::kReadCommitted;  // and READ UNCOMMITTED, as in PostgreSQL
}

Status NotInBlock(const char* what) {
  return Error("25P01", std::string(what) + " can only be used in transaction blocks");
}

}  // namespace

EngineSession::Outcome EngineSession::RunControl(const TransactionControl& control) {
  using Kind = TransactionControl::Kind;
  switch (control.kind) {
    case Kind::kBegin: return Begin(control);
    case Kind::kCommit: return Commit(control.chain);
    case Kind::kRollback: return Rollback(control.chain);
    case Kind::kRollbackTo: return RollbackTo(control.savepoint);
    case Kind::kSavepoint: {
      if (!in_block()) return NotInBlock("SAVEPOINT");
      savepoints_.push_back({control.savepoint, transaction_->Savepoint(), locks_->mark(),
                             draft_ ? draft_->Savepoint() : 0, access_draft_ ? access_draft_->Savepoint() : 0,
                             files_.Savepoint(), references_, parameters_, *parameters_after_, modes_});
      return NoRows("SAVEPOINT");
    }
    case Kind::kRelease: {
      if (!in_block()) return NotInBlock("RELEASE SAVEPOINT");
      auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                                [&](const Savepoint& savepoint) { return savepoint.name == control.savepoint; });
      if (found == savepoints_.rend()) return Error("3B001", "savepoint \"" + control.savepoint + "\" does not exist");
      savepoints_.erase(std::prev(found.base()), savepoints_.end());
      new_tables_.Release(savepoints_.size());
      for (auto& [name, cursor] : cursors_) cursor.savepoints = std::min(cursor.savepoints, savepoints_.size());
      return NoRows("RELEASE");
    }
  }
  return Error("XX000", "unknown transaction statement");
}

TransactionModes EngineSession::DefaultModes() const {
  return {.isolation = *parameters_.Get("default_transaction_isolation"),
          .read_only = parameters_.IsOn("default_transaction_read_only"),
          .deferrable = parameters_.IsOn("default_transaction_deferrable")};
}

TransactionModes EngineSession::Modes() const { return in_block() ? modes_ : DefaultModes(); }

/// What SHOW and current_setting say.
Status EngineSession::ShowModes() {
  const TransactionModes modes = Modes();
  const auto show = [&](const char* name, const std::string& value) {
    return parameters_.Get(name) == value ? Status::OK() : parameters_.Set(name, value);
  };
  WEIR_RETURN_NOT_OK(show("transaction_isolation", modes.isolation));
  WEIR_RETURN_NOT_OK(show("transaction_read_only", modes.read_only ? "on" : "off"));
  return show("transaction_deferrable", modes.deferrable ? "on" : "off");
}

EngineSession::Outcome EngineSession::Begin(const TransactionControl& control) {
  const char* tag = control.start ? "START TRANSACTION" : "BEGIN";
  if (in_block()) {
    Report("WARNING", "25001", "there is already a transaction in progress");
    return NoRows(tag);
  }
  TransactionModes modes = DefaultModes();
  if (!control.isolation.empty()) modes.isolation = control.isolation;
  modes.read_only = control.read_only.value_or(modes.read_only);
  modes.deferrable = control.deferrable.value_or(modes.deferrable);
  WEIR_RETURN_NOT_OK(BeginBlock(std::move(modes)));
  return NoRows(tag);
}

Status EngineSession::BeginBlock(TransactionModes modes) {
  parameters_before_ = parameters_;
  parameters_after_ = parameters_;
  modes_ = std::move(modes);
  status_ = TransactionStatus::kInTransaction;
  OpenTransaction();
  return ShowModes();
}

/// Of the block, or of one statement.
void EngineSession::OpenTransaction() {
  if (transaction_) return;
  transaction_ = engine_->transactions->Begin(locks_);
  transaction_->SetIndexValues(index_values_.get());
  transaction_->SetIsolation(LevelOf(Modes().isolation));
  routed_.Clear();
  new_tables_.Clear();
  references_ = {};
  state_->transaction_time = state_->statement_time;
  MutexLock lock(transaction_id_mutex_);
  transaction_id_.reset();
}

namespace {

/// Whether rows that were written to a leaf, as a statement has found it, may still be there and are in its indexes.
bool HoldsFor(const Relation& now, const Relation& then) {
  if (&now == &then) return true;
  const auto id_of = [](const RelationPtr& index) { return index->id; };
  if (!std::ranges::is_permutation(now.indexes, then.indexes, {}, id_of, id_of)) return false;
  Relation alike = now;
  alike.views = then.views;
  alike.inherited_by = then.inherited_by;
  const bool same_table = now.table && then.table && now.table->table_id == then.table->table_id;
  return same_table && now.id == then.id && now.parent == then.parent &&
         WriteDefinition(alike, nullptr) == WriteDefinition(then, nullptr);
}

/// A leaf's rows are held to its own definition, and to the partitions of all that it lies below.
Status AddWithAncestors(CatalogView& catalog, const Relation& leaf, std::vector<int64_t>* relations) {
  relations->push_back(leaf.id);
  std::optional<int64_t> parent = leaf.parent;
  while (parent) {
    relations->push_back(*parent);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog.FindById(*parent));
    parent = relation ? relation->parent : std::nullopt;
  }
  return Status::OK();
}

/// Columns of types that were made have these by their OIDs.
bool HasMadeTypes(const Relation& relation) {
  const auto is_made = [](const SqlColumn& column) { return column.type.starts_with("\"type "); };
  return std::ranges::any_of(relation.columns, is_made);
}

/// What the rows of leaves are held to besides their definitions, and may have been since their first change: foreign
/// keys that refer to them, tables that they refer to, and types (0).
std::vector<commitlog::Item> RulesOf(const std::vector<RelationPtr>& leaves, const std::vector<int64_t>& held_to) {
  std::set<commitlog::Item> rules;
  for (const int64_t id : held_to) rules.insert(commitlog::RulesItem(id));
  for (const RelationPtr& leaf : leaves) {
    if (HasMadeTypes(*leaf)) rules.insert(commitlog::RulesItem(0));
    for (const SqlConstraint& constraint : leaf->constraints) {
      if (constraint.foreign) rules.insert(commitlog::ReferencedItem(constraint.foreign->table));
    }
  }
  return {rules.begin(), rules.end()};
}

/// Those that a draft changes.
Result<std::vector<commitlog::Item>> NewRulesOf(CatalogView& catalog, const CatalogDraft& draft) {
  std::set<commitlog::Item> rules;
  for (const auto& [id, entry] : draft.entries()) {
    if (!entry.base) continue;
    if (entry.now && entry.base->referenced_by != entry.now->referenced_by) rules.insert(commitlog::RulesItem(id));
    // Rows that are referred to may go with it.
    if (!entry.base->parent || (entry.now && entry.now->parent == entry.base->parent)) continue;
    std::vector<int64_t> above;
    WEIR_RETURN_NOT_OK(AddWithAncestors(catalog, *entry.base, &above));
    for (const int64_t relation : above) rules.insert(commitlog::ReferencedItem(relation));
  }
  const TypeMapPtr& before = draft.types_before();
  const TypeChanges changes = draft.type_changes();
  const auto was_there = [&](const auto& change) { return before && before->contains(change.first); };
  if (std::ranges::any_of(changes, was_there)) rules.insert(commitlog::RulesItem(0));
  return std::vector<commitlog::Item>(rules.begin(), rules.end());
}

/// The relations that are others then, or have other partitions.
std::vector<int64_t> ChangedBy(const CatalogDraft& draft) {
  std::set<int64_t> changed;
  for (const auto& [id, entry] : draft.entries()) {
    if (!entry.changed()) continue;
    changed.insert(id);
    if (entry.base && entry.base->parent) changed.insert(*entry.base->parent);
    if (entry.now && entry.now->parent) changed.insert(*entry.now->parent);
  }
  return {changed.begin(), changed.end()};
}

}  // namespace

/// What is looked up from now on, tables and roles, is as it is now or later.
Status EngineSession::FollowDefinitions() {
  if (engine_->catalog->gateway().commits_atomically()) {
    engine_->catalog->Refresh();
    return Status::OK();
  }
  const auto asking = transaction_ ? nullptr : engine_->transactions->Begin();
  TransactionOnLog* const shared = TransactionOnLog::Of(transaction_ ? transaction_.get() : asking.get());
  WEIR_ASSIGN_OR_RETURN(const DefinitionsSeen seen, shared->FollowDefinitions());
  RefreshTo(engine_->catalog.get(), seen.changes);
  return engine_->access->Follow(seen.changes);
}

/// Where others commit, too: looks at the definitions once more, from which on the log tells whether they have changed.
Status EngineSession::FollowBeforeCommit() {
  TransactionOnLog* const shared = TransactionOnLog::Of(transaction_.get());
  if (shared == nullptr || !(draft_ || access_draft_ || transaction_->has_changes())) return Status::OK();
  if (draft_) WEIR_RETURN_NOT_OK(draft_->MakeTables());  // which takes its time
  WEIR_RETURN_NOT_OK(FollowDefinitions());
  NotedDefinitions noted;
  const std::vector<RelationPtr> leaves = shared->ChangedLeaves();
  for (const RelationPtr& leaf : leaves) {
    WEIR_RETURN_NOT_OK(AddWithAncestors(*engine_->catalog, *leaf, &noted.held_to));
    if (draft_) {
      const auto own = draft_->entries().find(leaf->id);
      const bool is_own = own != draft_->entries().end() && (own->second.changed() || !own->second.base);
      if (is_own) continue;  // the draft's commit looks at it, or it is gone again and nobody else knows it
    }
    WEIR_ASSIGN_OR_RETURN(const RelationPtr now, engine_->catalog->FindById(leaf->id));
    if (!now || !HoldsFor(*now, *leaf)) return DefinitionsChanged();
  }
  noted.rules = RulesOf(leaves, noted.held_to);
  if (draft_) {
    noted.changed = ChangedBy(*draft_);
    WEIR_ASSIGN_OR_RETURN(noted.new_rules, NewRulesOf(*engine_->catalog, *draft_));
  }
  shared->NoteDefinitions(std::move(noted));
  return Status::OK();
}

Status EngineSession::CommitAll() {
  Status left = HoldDeferred(true);
  if (left.ok() && !on_commit_.empty()) left = RunOnCommit();
  state_->transaction = nullptr;
  if (left.ok()) left = FollowBeforeCommit();
  Status routing = left.ok() ? routed_.Check(catalog()) : left;
  if (routing.ok()) routing = files_.Publish();
  if (draft_) ForgetDropped(*draft_);
  const auto draft = TakeDraft();
  const auto access = std::exchange(access_draft_, nullptr);
  const auto transaction = std::exchange(transaction_, nullptr);
  const auto write_rows = [&](CommitRequest request) { return transaction->Commit(std::move(request)); };
  const auto write = [&](CommitRequest request) {
    if (access == nullptr) return write_rows(std::move(request));
    return engine_->access->Commit(*access->base(), *access->now(), std::move(request), write_rows);
  };
  Status status = routing;
  if (routing.ok() && draft == nullptr) status = write({});
  if (routing.ok() && draft != nullptr) {
    locks_->EndLater();  // who waits for them finds the catalog as it is then
    status = engine_->catalog->Commit(draft.get(), write);
    locks_->EndNow();
  }
  if (!status.ok()) transaction->Rollback();
  if (status.ok()) files_.Committed();
  // After an error of the target's own it is not known whether it has committed: all files stay.
  if (status.code() == ErrorCode::kUnknownServerError) files_.Forget();
  files_.RollBack();
  if (draft) ForgetCounters(*draft, status.ok());
  return status;
}

void EngineSession::ForgetCounters(const CatalogDraft& draft, bool committed) {
  const auto counter_of = [](const Relation* relation) {
    return relation != nullptr && relation->sequence ? relation->sequence->counter : -1;
  };
  for (const auto& [id, entry] : draft.entries()) {
    const int64_t before = counter_of(entry.base.get());
    const int64_t after = counter_of(entry.now.get());
    const int64_t gone = committed ? before : after;
    // What cannot be removed is only a row that nobody looks for again.
    if (gone >= 0 && before != after) (void)engine_->sequences->Forget(gone);
  }
}

/// SET TRANSACTION and its like: parameters that are the transaction's own.
Status EngineSession::SetMode(const std::string& name, const std::string& value) {
  Parameters checked = parameters_;
  WEIR_RETURN_NOT_OK(checked.Set(name, value));
  const std::string text = *checked.Get(name);
  const bool begun = transaction_->has_snapshot();
  const bool in_subtransaction = !savepoints_.empty();
  if (name == "transaction_isolation") {
    if (text == modes_.isolation) return Status::OK();
    if (begun) return Error("25001", "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    if (in_subtransaction) {
      return Error("25001", "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction");
    }
    modes_.isolation = text;
    transaction_->SetIsolation(LevelOf(text));
  } else if (name == "transaction_read_only") {
    if (modes_.read_only && text == "off" && in_subtransaction) {
      return Error("25001", "cannot set transaction read-write mode inside a read-only transaction");
    }
    if (modes_.read_only && text == "off" && begun) {
      return Error("25001", "transaction read-write mode must be set before any query");
    }
    modes_.read_only = text == "on";
  } else {
    if (in_subtransaction) {
      return Error("25001", "SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction");
    }
    if (begun) return Error("25001", "SET TRANSACTION [NOT] DEFERRABLE must be called before any query");
    modes_.deferrable = text == "on";
  }
  return ShowModes();
}

EngineSession::Outcome EngineSession::Commit(bool chain) {
  if (!in_block()) {
    if (chain) return NotInBlock("COMMIT AND CHAIN");
    Report("WARNING", "25P01", "there is no transaction in progress");
    return NoRows("COMMIT");
  }
  if (status_ == TransactionStatus::kFailed) return Rollback(chain);
  TransactionModes modes = modes_;
  WEIR_RETURN_NOT_OK(EndTransaction(true));
  if (chain) WEIR_RETURN_NOT_OK(BeginBlock(std::move(modes)));
  return NoRows("COMMIT");
}

EngineSession::Outcome EngineSession::Rollback(bool chain) {
  if (!in_block()) {
    if (chain) return NotInBlock("ROLLBACK AND CHAIN");
    Report("WARNING", "25P01", "there is no transaction in progress");
    return NoRows("ROLLBACK");
  }
  TransactionModes modes = modes_;
  WEIR_RETURN_NOT_OK(EndTransaction(false));
  if (chain) WEIR_RETURN_NOT_OK(BeginBlock(std::move(modes)));
  return NoRows("ROLLBACK");
}

EngineSession::Outcome EngineSession::RollbackTo(const std::string& name) {
  if (!in_block()) return NotInBlock("ROLLBACK TO SAVEPOINT");
  auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                            [&](const Savepoint& savepoint) { return savepoint.name == name; });
  if (found == savepoints_.rend()) return Error("3B001", "savepoint \"" + name + "\" does not exist");
  transaction_->RollbackTo(found->rows);
  files_.RollbackTo(found->files);
  if (draft_) draft_->RollbackTo(found->draft);
  if (draft_ && draft_->empty()) TakeDraft();
  if (access_draft_) access_draft_->RollbackTo(found->access);
  if (access_draft_ && access_draft_->empty()) access_draft_.reset();
  WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
  references_ = found->references;
  parameters_ = found->parameters;
  parameters_after_ = found->parameters_after;
  modes_ = found->modes;
  ApplyRole();
  WEIR_RETURN_NOT_OK(ApplyParameters());
  locks_->ReleaseTo(found->locks);
  savepoints_.erase(found.base(), savepoints_.end());
  new_tables_.RollbackTo(savepoints_.size());
  std::erase_if(cursors_, [&](const auto& one) { return one.second.savepoints >= savepoints_.size(); });
  ++cursor_moves_;
  status_ = TransactionStatus::kInTransaction;
  return NoRows("ROLLBACK");
}

/// The block is over in any case.
Status EngineSession::EndTransaction(bool commit) {
  savepoints_.clear();
  Status status;
  if (commit) {
    status = CommitAll();
  } else {
    files_.RollBack();
    if (const auto draft = TakeDraft()) ForgetCounters(*draft, false);
    access_draft_.reset();
    std::exchange(transaction_, nullptr)->Rollback();
  }
  status_ = TransactionStatus::kIdle;
  EndCursors(commit && status.ok());
  // SET holds when the block is committed, SET LOCAL until it ends.
  parameters_ = commit && status.ok() ? *parameters_after_ : *parameters_before_;
  parameters_before_.reset();
  parameters_after_.reset();
  ApplyRole();
  const Status modes = ShowModes();
  const Status zone = ApplyParameters();
  if (!status.ok()) return status;
  return modes.ok() ? zone : modes;
}

}  // namespace weir::sql
