// What others see of a session, and how they end it.
#include "postgres/value/character.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

constexpr size_t kQueryBytes = 1023;  // of a query, as PostgreSQL's track_activity_query_size has it

SessionActivity::State StateOf(TransactionStatus status) {
  switch (status) {
    case TransactionStatus::kIdle: return SessionActivity::State::kIdle;
    case TransactionStatus::kInTransaction: return SessionActivity::State::kInTransaction;
    case TransactionStatus::kFailed: return SessionActivity::State::kInFailedTransaction;
  }
  return SessionActivity::State::kIdle;
}

int64_t Now() { return duckdb::Timestamp::GetCurrentTimestamp().value; }

}  // namespace

/// Sessions that Weir opens for itself have no process id, and are nobody's business.
void EngineSession::ShowToOthers(const SessionOptions& options) {
  if (options.process_id == 0) return;
  SessionActivity activity{.process_id = options.process_id, .database = database_, .role = login_role_, .user = user_};
  activity.application_name = parameters_.Get("application_name").value_or("");
  activity.client = options.client;
  activity.started = activity.state_changed = Now();
  place_ = engine_->sessions->Enter(std::move(activity), {[this] { Cancel(); }, [this] { Terminate(); }});
}

void EngineSession::ShowStatement(const Statement& statement) {
  if (place_ == nullptr) return;
  const int64_t now = state_->statement_time.value;
  place_->Update([&](SessionActivity* shown) {
    shown->state = SessionActivity::State::kActive;
    shown->query = postgres::Clipped(statement.text, kQueryBytes);
    shown->query_started = shown->state_changed = now;
    if (in_block()) return;
    shown->transaction_started = now;
    shown->transaction_id.reset();
    ++shown->transactions;
  });
}

void EngineSession::AwaitClient() {
  if (place_ == nullptr) return;
  place_->Update([&](SessionActivity* shown) {
    shown->state = StateOf(status_);
    shown->state_changed = Now();
    shown->application_name = parameters_.Get("application_name").value_or("");
    shown->transaction_started.reset();
    if (in_block()) shown->transaction_started = state_->transaction_time.value;
    if (!in_block()) shown->transaction_id.reset();
  });
}

void EngineSession::Terminate() {
  terminated_ = true;
  Cancel();
  if (disconnect_) disconnect_();
}

/// What a statement's failure is to the client: that of one which was cancelled for the session to end is the end.
Status EngineSession::EndedOr(const Status& failure) const {
  if (!terminated_) return failure;
  return Error("57P01", "terminating connection due to administrator command");
}

Status EngineSession::FailedRows(const Status& failure) {
  Fail();
  return EndedOr(failure);
}

/// From any thread of a statement.
std::optional<int64_t> EngineSession::TransactionId(bool assign) {
  MutexLock lock(transaction_id_mutex_);
  const bool changes = draft_ != nullptr || access_draft_ != nullptr ||
                       (state_->transaction != nullptr && state_->transaction->has_changes());
  if (transaction_id_ || !(assign || changes)) return transaction_id_;
  transaction_id_ = engine_->sessions->NewTransactionId();
  if (place_ != nullptr) place_->Update([id = transaction_id_](SessionActivity* shown) { shown->transaction_id = id; });
  return transaction_id_;
}

SessionView EngineSession::ViewOfSessions(int32_t process_id) {
  SessionView view{.process_id = process_id,
                   .sessions = engine_->sessions.get(),
                   .locks = &engine_->transactions->locks(),
                   .gateway = &engine_->catalog->gateway(),
                   .rejections = engine_->rejections.get(),
                   .cursors = {},
                   .prepared = {},
                   .warn = state_->warn,
                   .transaction_id = [this](bool assign) { return TransactionId(assign); }};
  view.cursors = [this] {
    std::vector<KnownCursor> cursors;
    for (const auto& [name, cursor] : cursors_) {
      cursors.push_back({name, cursor.statement, cursor.hold, !cursor.forward_only, cursor.created});
    }
    return cursors;
  };
  view.prepared = [this] {
    std::vector<KnownPrepared> prepared;
    for (const auto& [name, statement] : prepared_) {
      const auto& [text, created] = statement->origin();
      prepared.push_back({name, text, created, statement->parameter_types()});
    }
    return prepared;
  };
  return view;
}

}  // namespace weir::sql
