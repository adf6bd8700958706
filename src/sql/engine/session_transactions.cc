#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"

namespace weir::sql {

EngineSession::Outcome EngineSession::RunControl(const TransactionControl& control) {
  using Kind = TransactionControl::Kind;
  switch (control.kind) {
    case Kind::kBegin: return Begin(control);
    case Kind::kCommit: return Commit();
    case Kind::kRollback: return Rollback();
    case Kind::kRollbackTo: return RollbackTo(control.savepoint);
    case Kind::kSavepoint: {
      if (!in_block()) return Error("25P01", "SAVEPOINT can only be used in transaction blocks");
      savepoints_.push_back({control.savepoint, transaction_->Savepoint(), draft_ ? draft_->Savepoint() : 0});
      return NoRows("SAVEPOINT");
    }
    case Kind::kRelease: {
      if (!in_block()) return Error("25P01", "RELEASE SAVEPOINT can only be used in transaction blocks");
      auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                                [&](const Savepoint& savepoint) { return savepoint.name == control.savepoint; });
      if (found == savepoints_.rend()) return Error("3B001", "savepoint \"" + control.savepoint + "\" does not exist");
      savepoints_.erase(std::prev(found.base()), savepoints_.end());
      return NoRows("RELEASE");
    }
  }
  return Error("XX000", "unknown transaction statement");
}

EngineSession::Outcome EngineSession::Begin(const TransactionControl& control) {
  if (in_block()) {
    Report("WARNING", "25001", "there is already a transaction in progress");
    return NoRows("BEGIN");
  }
  transaction_ = engine_->transactions->Begin();
  std::string isolation = control.isolation.empty() ? *parameters_.Get("default_transaction_isolation") : control.isolation;
  repeatable_ = isolation == "repeatable read" || isolation == "serializable";
  has_snapshot_ = false;
  parameters_before_ = parameters_;
  status_ = TransactionStatus::kInTransaction;
  return NoRows("BEGIN");
}

EngineSession::Outcome EngineSession::Commit() {
  if (!in_block()) {
    Report("WARNING", "25P01", "there is no transaction in progress");
    return NoRows("COMMIT");
  }
  if (status_ == TransactionStatus::kFailed) return Rollback();
  WEIR_RETURN_NOT_OK(EndTransaction(true));
  return NoRows("COMMIT");
}

EngineSession::Outcome EngineSession::Rollback() {
  if (!in_block()) {
    Report("WARNING", "25P01", "there is no transaction in progress");
    return NoRows("ROLLBACK");
  }
  WEIR_RETURN_NOT_OK(EndTransaction(false));
  return NoRows("ROLLBACK");
}

EngineSession::Outcome EngineSession::RollbackTo(const std::string& name) {
  if (!in_block()) return Error("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks");
  auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(),
                            [&](const Savepoint& savepoint) { return savepoint.name == name; });
  if (found == savepoints_.rend()) return Error("3B001", "savepoint \"" + name + "\" does not exist");
  transaction_->RollbackTo(found->rows);
  if (draft_) draft_->RollbackTo(found->draft);
  if (draft_ && draft_->empty()) TakeDraft();
  savepoints_.erase(found.base(), savepoints_.end());
  status_ = TransactionStatus::kInTransaction;
  return NoRows("ROLLBACK");
}

Status EngineSession::CommitAll(Transaction* transaction, CatalogDraft* draft) {
  if (draft == nullptr) return transaction->Commit();
  return engine_->catalog->Commit(
      draft, [transaction](CommitRequest request) { return transaction->Commit(std::move(request)); });
}

/// The block is over in any case.
Status EngineSession::EndTransaction(bool commit) {
  const auto transaction = std::exchange(transaction_, nullptr);
  const auto draft = TakeDraft();
  savepoints_.clear();
  repeatable_ = has_snapshot_ = false;
  status_ = TransactionStatus::kIdle;
  const Status status = commit ? CommitAll(transaction.get(), draft.get()) : Status::OK();
  if (commit && status.ok()) {
    parameters_before_.reset();
    return Status::OK();
  }
  transaction->Rollback();
  if (parameters_before_) parameters_ = *std::exchange(parameters_before_, std::nullopt);
  const Status zone = ApplyTimeZone();
  return status.ok() ? zone : status;
}

}  // namespace weir::sql
