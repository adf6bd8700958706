// What a transaction sees, statement by statement, and how it ends or goes back to a savepoint.
#include <algorithm>

#include "commitlog/item.h"
#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"

namespace weir::sql {

Status TransactionImpl::BeginStatement() {
  MutexLock lock(mutex_);
  if (over_) return Error("25P01", "the transaction is over");
  ++statement_;
  must_run_again_ = false;
  if (keeps_snapshot()) return Status::OK();
  CloseSnapshot();
  leaf_snapshots_.clear();
  return Status::OK();
}

Status TransactionImpl::EnsureSnapshot() {
  if (over_) return Error("25P01", "the transaction is over");
  if (snapshot_) return Status::OK();
  if (is_on_log()) ends_ = std::make_shared<AskedEnds>();
  WEIR_ASSIGN_OR_RETURN(const OpenedSnapshot opened, target_->decider->OpenSnapshot());
  snapshot_ = opened.number;
  snapshot_at_ = opened.definitions.at;
  if (definitions_ && opened.definitions.changes != definitions_->changes) {
    CloseSnapshot();
    must_run_again_ = true;
    return DefinitionsChanged();
  }
  return Status::OK();
}

Result<DefinitionsSeen> TransactionImpl::FollowDefinitions() {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(definitions_, target_->decider->FollowDefinitions());
  return definitions_.value_or(DefinitionsSeen());
}

std::vector<RelationPtr> TransactionImpl::ChangedLeaves() const {
  MutexLock lock(mutex_);
  std::vector<RelationPtr> leaves;
  for (const auto& [id, state] : leaves_) {
    if (state.changed() && !state.indexed) leaves.push_back(state.leaf->relation);
  }
  return leaves;
}

void TransactionImpl::Read(LeafState* state) const {
  if (!std::exchange(state->read, true)) state->read_at = snapshot_at_;
}

Status TransactionImpl::HoldLeaf(const RelationPtr& leaf) {
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(EnsureSnapshot());
  if (leaf->table) {
    held_leaves_[snapshot_at_].push_back(commitlog::LeafItem(leaf->table->table_id, leaf->fluss_partition));
  }
  return Status::OK();
}

/// A lock that was waited for may be behind what another server's transactions see of who had it: the statement begins
/// again.
Status TransactionImpl::CheckSeesHolder(LockGrant grant, const Leaf& leaf) {
  if (grant != LockGrant::kAfterWait || !is_on_log() || keeps_snapshot()) return Status::OK();
  return ChangedSinceSnapshot(ConcurrentUpdate(leaf));
}

void TransactionImpl::NoteFirstChange() {
  if (!changed_at_) changed_at_ = snapshot_at_;
}

void TransactionImpl::CloseSnapshot() {
  if (snapshot_) target_->history->Close(*std::exchange(snapshot_, {}));
}

/// A row that the statement has read is no longer what it was.
Status TransactionImpl::ChangedSinceSnapshot(const Status& error) {
  must_run_again_ = !keeps_snapshot();
  return error;
}

Result<LeafState*> TransactionImpl::Find(const RelationPtr& relation) {
  WEIR_RETURN_NOT_OK(EnsureSnapshot());
  if (relation != nullptr && relation->table != nullptr) {
    const auto known = leaves_.find({relation->table->table_id, relation->fluss_partition});
    if (known != leaves_.end()) {
      LeafState& state = known->second;
      if (state.leaf->relation == relation) return &state;
      if (state.leaf->table->info.schema_id == relation->table->schema_id) {
        state.leaf = std::make_shared<const Leaf>(Leaf{relation, state.leaf->table, state.leaf->places});
      } else {
        // Rows that were added before the columns changed get the others when they are read.
        WEIR_ASSIGN_OR_RETURN(state.leaf, target_->leaves->Get(relation));
      }
      return &state;
    }
  }
  WEIR_ASSIGN_OR_RETURN(const LeafPtr leaf, target_->leaves->Get(relation));
  LeafState& state = leaves_[leaf->id()];
  state.leaf = leaf;
  return &state;
}

bool TransactionImpl::has_changes() const {
  MutexLock lock(mutex_);
  return changed();
}

Status TransactionImpl::CheckUnchanged(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  Read(state);
  return ChangedByOthers(*state->leaf) ? ConcurrentUpdate(*state->leaf) : Status::OK();
}

bool TransactionImpl::ChangedByOthers(const Leaf& leaf) const {
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) {
    if (target_->history->HasChanged(leaf.bucket(id), *snapshot_)) return true;
  }
  return false;
}

void TransactionImpl::RollbackTo(size_t savepoint) {
  MutexLock lock(mutex_);
  UndoTo(savepoint);
  ++statement_;  // what is left is there to see
}

void TransactionImpl::UndoTo(size_t savepoint) {
  while (journal_.size() > savepoint) {
    const Undo undo = std::move(journal_.back());
    journal_.pop_back();
    if (std::holds_alternative<AddedBatch>(undo.change)) {
      undo.state->log.RemoveLast();
      undo.state->spilled = std::min(undo.state->spilled, undo.state->log.added().size());
      spillable_ -= undo.bytes;
    } else if (const auto* deletions = std::get_if<LogChanges::Deletions>(&undo.change)) {
      undo.state->log.Restore(*deletions);
    } else {
      undo.state->keys.RollbackTo(std::get<KeyChanges::Mark>(undo.change));
    }
    (void)rows_memory_.Grow(-undo.bytes);
  }
}

void TransactionImpl::End() {
  CloseSnapshot();
  leaf_snapshots_.clear();
  journal_.clear();
  leaves_.clear();
  spilled_.clear();
  rows_memory_.Release();
  keys_memory_.Release();
  spillable_ = 0;
  if (!over_) owner_->EndTransaction();
  over_ = true;
}

void TransactionImpl::Rollback() {
  MutexLock lock(mutex_);
  End();
}

}  // namespace weir::sql
