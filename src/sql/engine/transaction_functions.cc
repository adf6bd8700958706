#include "sql/engine/transaction_functions.h"

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;

// --- times

template <duckdb::timestamp_tz_t SessionState::*time>
void SessionTime(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  result.Reference(Value::TIMESTAMPTZ(SessionState::Of(state.GetContext()).*time));
}

void ClockTime(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  for (idx_t row = 0; row < arguments.size(); ++row) {
    result.SetValue(row, Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(duckdb::Timestamp::GetCurrentTimestamp())));
  }
}

// --- advisory locks

LockTag TagOf(const SessionState& session, duckdb::DataChunk& arguments, idx_t row) {
  const auto database = static_cast<uint32_t>(std::hash<std::string>()(session.database));
  if (arguments.ColumnCount() == 1) return LockTag::Advisory(database, arguments.GetValue(0, row).GetValue<int64_t>());
  return LockTag::Advisory(database, arguments.GetValue(0, row).GetValue<int32_t>(),
                           arguments.GetValue(1, row).GetValue<int32_t>());
}

enum class Keep { kForSession, kForTransaction };

/// A NULL key locks nothing.
bool HasNull(duckdb::DataChunk& arguments, idx_t row) {
  for (idx_t i = 0; i < arguments.ColumnCount(); ++i) {
    if (arguments.GetValue(i, row).IsNull()) return true;
  }
  return false;
}

void CheckLocksHold(const SessionState& session) {
  if (session.holds_all_locks) return;
  Throw(Error("0A000", "advisory locks are not supported over a Fluss connection to a weir server",
              {.hint = "Connect to the server's SQL door with the PostgreSQL protocol."}));
}

template <LockMode mode, Keep keep, LockPolicy policy>
void Lock(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  CheckLocksHold(session);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    Value value(result.GetType());
    if (!HasNull(arguments, row)) {
      const LockTag tag = TagOf(session, arguments, row);
      const LockGrant grant = ValueOrThrow(keep == Keep::kForSession ? session.locks->LockForSession(tag, mode, policy)
                                                                     : session.locks->Lock(tag, mode, policy));
      value = policy == LockPolicy::kWait ? Value("") : Value::BOOLEAN(grant != LockGrant::kNotAvailable);
    }
    result.SetValue(row, value);
  }
}

template <LockMode mode>
void Unlock(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  SessionState& session = SessionState::Of(state.GetContext());
  for (idx_t row = 0; row < arguments.size(); ++row) {
    Value value(result.GetType());
    if (!HasNull(arguments, row)) {
      const bool held = session.locks->UnlockForSession(TagOf(session, arguments, row), mode);
      if (!held && session.warn) {
        session.warn("you don't own a lock of type " + std::string(LockModeName(mode)));
      }
      value = Value::BOOLEAN(held);
    }
    result.SetValue(row, value);
  }
}

void UnlockAll(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  SessionState::Of(state.GetContext()).locks->UnlockAllForSession();
  result.Reference(Value(""));
}

class Registrar {
 public:
  explicit Registrar(duckdb::DuckDB& database)
      : system_(duckdb::Catalog::GetSystemCatalog(*database.instance)),
        transaction_(duckdb::CatalogTransaction::GetSystemTransaction(*database.instance)) {}

  void Time(const char* name, duckdb::scalar_function_t body, bool is_volatile = false) {
    duckdb::ScalarFunction function(name, {}, LogicalType::TIMESTAMP_TZ, body);
    function.SetStability(is_volatile ? duckdb::FunctionStability::VOLATILE
                                      : duckdb::FunctionStability::CONSISTENT_WITHIN_QUERY);
    Add(name, {std::move(function)});
  }

  /// By one bigint and by two integers.
  void Advisory(const char* name, const LogicalType& result, duckdb::scalar_function_t body) {
    std::vector<duckdb::ScalarFunction> overloads;
    for (const duckdb::vector<LogicalType>& keys : {duckdb::vector<LogicalType>{LogicalType::BIGINT},
                                                    {LogicalType::INTEGER, LogicalType::INTEGER}}) {
      overloads.push_back(Volatile(name, keys, result, body));
    }
    Add(name, std::move(overloads));
  }

  static duckdb::ScalarFunction Volatile(const char* name, const duckdb::vector<LogicalType>& arguments,
                                         const LogicalType& result, duckdb::scalar_function_t body) {
    duckdb::ScalarFunction function(name, arguments, result, body);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetStability(duckdb::FunctionStability::VOLATILE);
    function.SetFallible();
    return function;
  }

  void Add(const char* name, std::vector<duckdb::ScalarFunction> overloads) {
    duckdb::ScalarFunctionSet set(name);
    for (auto& function : overloads) set.AddFunction(std::move(function));
    duckdb::CreateScalarFunctionInfo info(std::move(set));
    info.internal = true;
    info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    system_.CreateFunction(transaction_, info);
  }

 private:
  duckdb::Catalog& system_;
  duckdb::CatalogTransaction transaction_;
};

}  // namespace

void RegisterTransactionFunctions(duckdb::DuckDB& database) {
  Registrar registrar(database);
  for (const char* name : {"now", "get_current_timestamp", "transaction_timestamp"}) {
    registrar.Time(name, SessionTime<&SessionState::transaction_time>);
  }
  registrar.Time("statement_timestamp", SessionTime<&SessionState::statement_time>);
  registrar.Time("clock_timestamp", ClockTime, true);

  constexpr LockMode kShared = LockMode::kShare;
  constexpr LockMode kAlone = LockMode::kExclusive;
  constexpr LockPolicy kWait = LockPolicy::kWait;
  constexpr LockPolicy kTry = LockPolicy::kNoWait;
  const LogicalType none = LogicalType::VARCHAR;  // PostgreSQL's void
  const LogicalType flag = LogicalType::BOOLEAN;
  registrar.Advisory("pg_advisory_lock", none, Lock<kAlone, Keep::kForSession, kWait>);
  registrar.Advisory("pg_advisory_lock_shared", none, Lock<kShared, Keep::kForSession, kWait>);
  registrar.Advisory("pg_try_advisory_lock", flag, Lock<kAlone, Keep::kForSession, kTry>);
  registrar.Advisory("pg_try_advisory_lock_shared", flag, Lock<kShared, Keep::kForSession, kTry>);
  registrar.Advisory("pg_advisory_xact_lock", none, Lock<kAlone, Keep::kForTransaction, kWait>);
  registrar.Advisory("pg_advisory_xact_lock_shared", none, Lock<kShared, Keep::kForTransaction, kWait>);
  registrar.Advisory("pg_try_advisory_xact_lock", flag, Lock<kAlone, Keep::kForTransaction, kTry>);
  registrar.Advisory("pg_try_advisory_xact_lock_shared", flag, Lock<kShared, Keep::kForTransaction, kTry>);
  registrar.Advisory("pg_advisory_unlock", flag, Unlock<kAlone>);
  registrar.Advisory("pg_advisory_unlock_shared", flag, Unlock<kShared>);
  registrar.Add("pg_advisory_unlock_all", {Registrar::Volatile("pg_advisory_unlock_all", {}, none, UnlockAll)});
}

}  // namespace weir::sql
