#include "sql/session/session_functions.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/system/system_oids.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;

// --- advisory locks

LockTag TagOf(const SessionState& session, duckdb::DataChunk& arguments, idx_t row) {
  const auto database = static_cast<uint32_t>(DatabaseOid(session.database));
  if (arguments.ColumnCount() == 1) return LockTag::Advisory(database, arguments.GetValue(0, row).GetValue<int64_t>());
  return LockTag::Advisory(database, arguments.GetValue(0, row).GetValue<int32_t>(),
                           arguments.GetValue(1, row).GetValue<int32_t>());
}

enum class Kept { kForSession, kForTransaction };

/// A NULL key locks nothing.
bool HasNull(duckdb::DataChunk& arguments, idx_t row) {
  for (idx_t i = 0; i < arguments.ColumnCount(); ++i) {
    if (arguments.GetValue(i, row).IsNull()) return true;
  }
  return false;
}

template <LockMode mode, Kept keep, LockPolicy policy>
void Lock(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  for (idx_t row = 0; row < arguments.size(); ++row) {
    Value value(result.GetType());
    if (!HasNull(arguments, row)) {
      const LockTag tag = TagOf(session, arguments, row);
      const LockGrant grant = ValueOrThrow(keep == Kept::kForSession ? session.locks->LockForSession(tag, mode, policy)
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

// --- the session

void SetConfig(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const Value name = arguments.GetValue(0, row);
    const Value value = arguments.GetValue(1, row);
    const Value local = arguments.GetValue(2, row);
    if (name.IsNull()) Throw(Error("22004", "SET requires parameter name"));
    const std::string text = value.IsNull() ? "" : duckdb::StringValue::Get(value);
    const bool only_here = !local.IsNull() && duckdb::BooleanValue::Get(local);
    ThrowNotOk(session.set_parameter(duckdb::StringValue::Get(name), text, only_here));
    result.SetValue(row, Value(text));
  }
}

/// In short steps, so that a cancelled statement ends soon.
void SleepUntil(duckdb::ClientContext& context, std::chrono::steady_clock::time_point end) {
  constexpr auto kStep = std::chrono::milliseconds(10);
  for (auto now = std::chrono::steady_clock::now(); now < end; now = std::chrono::steady_clock::now()) {
    if (context.interrupted) throw duckdb::InterruptException();
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(kStep, end - now));
  }
}

/// `seconds` of one argument's value.
template <double (*seconds)(const Value&)>
void Sleep(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const Value value = arguments.GetValue(0, row);
    result.SetValue(row, value.IsNull() ? Value(result.GetType()) : Value(""));
    if (value.IsNull()) continue;
    constexpr double kLongest = 1e9;  // about thirty years
    const std::chrono::duration<double> time(std::clamp(seconds(value), 0.0, kLongest));
    const auto ticks = std::chrono::duration_cast<std::chrono::steady_clock::duration>(time);
    SleepUntil(state.GetContext(), std::chrono::steady_clock::now() + ticks);
  }
}

double Seconds(const Value& value) { return value.GetValue<double>(); }
double SecondsOfInterval(const Value& value) {
  constexpr double kSecondsOfDay = 86'400;
  const auto interval = duckdb::IntervalValue::Get(value);
  return (interval.months * 30.0 + interval.days) * kSecondsOfDay + static_cast<double>(interval.micros) / 1e6;
}
double SecondsUntil(const Value& value) {
  const auto now = duckdb::Timestamp::GetCurrentTimestamp();
  return static_cast<double>(value.GetValueUnsafe<int64_t>() - now.value) / 1e6;
}

class SessionRegistrar {
 public:
  explicit SessionRegistrar(duckdb::DuckDB& database)
      : system_(duckdb::Catalog::GetSystemCatalog(*database.instance)),
        transaction_(duckdb::CatalogTransaction::GetSystemTransaction(*database.instance)) {}

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

void RegisterSessionFunctions(duckdb::DuckDB& database) {
  SessionRegistrar registrar(database);
  constexpr LockMode kShared = LockMode::kShare;
  constexpr LockMode kAlone = LockMode::kExclusive;
  constexpr LockPolicy kWait = LockPolicy::kWait;
  constexpr LockPolicy kTry = LockPolicy::kNoWait;
  const LogicalType none = LogicalType::VARCHAR;  // PostgreSQL's void
  const LogicalType flag = LogicalType::BOOLEAN;
  registrar.Advisory("pg_advisory_lock", none, Lock<kAlone, Kept::kForSession, kWait>);
  registrar.Advisory("pg_advisory_lock_shared", none, Lock<kShared, Kept::kForSession, kWait>);
  registrar.Advisory("pg_try_advisory_lock", flag, Lock<kAlone, Kept::kForSession, kTry>);
  registrar.Advisory("pg_try_advisory_lock_shared", flag, Lock<kShared, Kept::kForSession, kTry>);
  registrar.Advisory("pg_advisory_xact_lock", none, Lock<kAlone, Kept::kForTransaction, kWait>);
  registrar.Advisory("pg_advisory_xact_lock_shared", none, Lock<kShared, Kept::kForTransaction, kWait>);
  registrar.Advisory("pg_try_advisory_xact_lock", flag, Lock<kAlone, Kept::kForTransaction, kTry>);
  registrar.Advisory("pg_try_advisory_xact_lock_shared", flag, Lock<kShared, Kept::kForTransaction, kTry>);
  registrar.Advisory("pg_advisory_unlock", flag, Unlock<kAlone>);
  registrar.Advisory("pg_advisory_unlock_shared", flag, Unlock<kShared>);
  const LogicalType text = LogicalType::VARCHAR;
  registrar.Add("set_config", {SessionRegistrar::Volatile("set_config", {text, text, flag}, text, SetConfig)});
  registrar.Add("pg_sleep", {SessionRegistrar::Volatile("pg_sleep", {LogicalType::DOUBLE}, none, Sleep<Seconds>)});
  registrar.Add("pg_sleep_for",
                {SessionRegistrar::Volatile("pg_sleep_for", {LogicalType::INTERVAL}, none, Sleep<SecondsOfInterval>)});
  registrar.Add("pg_sleep_until",
                {SessionRegistrar::Volatile("pg_sleep_until", {LogicalType::TIMESTAMP_TZ}, none, Sleep<SecondsUntil>)});
  registrar.Add("pg_advisory_unlock_all", {SessionRegistrar::Volatile("pg_advisory_unlock_all", {}, none, UnlockAll)});
}

}  // namespace weir::sql
