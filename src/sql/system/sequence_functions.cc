#include "sql/system/sequence_functions.h"

#include <algorithm>

#include "duckdb/catalog/catalog_transaction.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/parser/parsed_data/create_scalar_function_info.hpp"
#include "sql/access/targets.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

using access::Privileges;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Value;

RelationPtr SequenceOf(const SessionState& session, int64_t oid) {
  RelationPtr relation = ValueOrThrow(session.tables->FindById(oid));
  if (!relation) Throw(Error("42P01", "relation with OID " + std::to_string(oid) + " does not exist"));
  if (!relation->is_sequence()) Throw(Error("42809", "\"" + relation->path.table + "\" is not a sequence"));
  return relation;
}

/// The same, locked: it stays as it is until the transaction ends.
RelationPtr LockedSequence(duckdb::ClientContext& context, const SessionState& session, int64_t oid) {
  LockRelation(context, SequenceOf(session, oid)->id, LockMode::kRowExclusive);
  return SequenceOf(session, oid);
}

bool MayInsert(const SessionState& session, const Relation& relation) {
  const access::Target target = ValueOrThrow(TargetOf(*session.access, *session.tables, relation));
  return (access::PrivilegesOn(*session.access, session.role, target) & access::kInsert) != 0;
}

bool MayInsertThroughView(const SessionState& session, const Relation& table) {
  return std::ranges::any_of(table.views, [&](int64_t id) {
    const RelationPtr view = ValueOrThrow(session.tables->FindById(id));
    return view && view->is_view() && view->view->updatable && MayInsert(session, *view);
  });
}

/// Who may insert into a table with an identity column, or through a view of it, may have its values.
bool MayHaveIdentity(const SessionState& session, const Relation& sequence) {
  if (sequence.sequence->owner < 0) return false;
  const RelationPtr owner = ValueOrThrow(session.tables->FindById(sequence.sequence->owner));
  if (!owner || IdentityColumnOf(*owner, sequence.id) == nullptr) return false;
  return MayInsert(session, *owner) || MayInsertThroughView(session, *owner);
}

void CheckMayUse(const SessionState& session, const Relation& sequence, Privileges one_of) {
  if (!session.access || access::IsAdmin(*session.access, session.role)) return;
  const access::Target target = ValueOrThrow(TargetOf(*session.access, *session.tables, sequence));
  if (access::PrivilegesOn(*session.access, session.role, target) & one_of) return;
  if (MayHaveIdentity(session, sequence)) return;
  Throw(Error("42501", "permission denied for sequence " + sequence.path.table));
}

template <typename Body>
void EachRow(duckdb::DataChunk& arguments, duckdb::Vector& result, Body body) {
  for (idx_t row = 0; row < arguments.size(); ++row) {
    bool null = false;
    for (idx_t i = 0; i < arguments.ColumnCount(); ++i) null |= arguments.GetValue(i, row).IsNull();
    result.SetValue(row, null ? Value(result.GetType()) : Value::BIGINT(body(row)));
  }
}

int64_t IntegerAt(duckdb::DataChunk& arguments, idx_t column, idx_t row) {
  return arguments.GetValue(column, row).GetValue<int64_t>();
}

void Next(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  RelationPtr sequence;
  EachRow(arguments, result, [&](idx_t row) {
    const int64_t oid = IntegerAt(arguments, 0, row);
    if (!sequence || sequence->id != oid) {
      sequence = LockedSequence(state.GetContext(), session, oid);
      CheckMayUse(session, *sequence, access::kUsage | access::kUpdate);
      ThrowNotOk(session.check_may_change("nextval()"));
      ThrowNotOk(session.sequences->counters().Meet(*sequence->sequence));
    }
    const auto rest = static_cast<int64_t>(arguments.size() - row);
    SequenceCounters& counters = session.sequences->counters();
    const int64_t value = ValueOrThrow(counters.Next(*sequence->sequence, sequence->path.table, rest));
    session.sequences->Took(oid, value, true);
    return value;
  });
}

void Current(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  EachRow(arguments, result, [&](idx_t row) {
    const int64_t oid = IntegerAt(arguments, 0, row);
    const RelationPtr sequence = SequenceOf(session, oid);
    CheckMayUse(session, *sequence, access::kSelect | access::kUsage);
    const auto value = session.sequences->Current(oid);
    if (value) return *value;
    Throw(Error("55000", "currval of sequence \"" + sequence->path.table + "\" is not yet defined in this session"));
  });
}

void Last(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  const auto last = session.sequences->Last();
  const RelationPtr sequence = last ? ValueOrThrow(session.tables->FindById(*last)) : nullptr;
  if (!sequence) Throw(Error("55000", "lastval is not yet defined in this session"));
  CheckMayUse(session, *sequence, access::kSelect | access::kUsage);
  result.Reference(Value::BIGINT(*session.sequences->Current(*last)));
}

void Set(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  EachRow(arguments, result, [&](idx_t row) {
    const int64_t oid = IntegerAt(arguments, 0, row);
    const int64_t value = IntegerAt(arguments, 1, row);
    const bool is_called = arguments.ColumnCount() < 3 || duckdb::BooleanValue::Get(arguments.GetValue(2, row));
    const RelationPtr sequence = LockedSequence(state.GetContext(), session, oid);
    CheckMayUse(session, *sequence, access::kUpdate);
    ThrowNotOk(session.check_may_change("setval()"));
    ThrowNotOk(session.sequences->counters().Set(*sequence->sequence, sequence->path.table, value, is_called));
    if (is_called) session.sequences->Took(oid, value, false);
    return value;
  });
}

/// A part of what SELECT * FROM a sequence gives; NULL where there is no sequence. With a second argument a view's
/// query asks: what its owner may do is checked elsewhere (EngineSession::CheckViewUses).
template <Value (*part)(const SequenceState&)>
void Shown(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const SessionState& session = SessionState::Of(state.GetContext());
  const bool of_view = arguments.ColumnCount() > 1 && !session.in_duckdb_dialect;
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const Value oid = arguments.GetValue(0, row);
    RelationPtr sequence;
    if (!oid.IsNull()) sequence = ValueOrThrow(session.tables->FindById(oid.GetValue<int64_t>()));
    if (!sequence || !sequence->is_sequence()) {
      result.SetValue(row, Value(result.GetType()));
      continue;
    }
    if (!of_view) CheckMayUse(session, *sequence, access::kSelect);
    result.SetValue(row, part(ValueOrThrow(session.sequences->counters().Read(*sequence->sequence))));
  }
}

Value LastValue(const SequenceState& state) { return Value::BIGINT(state.last_value); }
Value ValuesAhead(const SequenceState& state) { return Value::BIGINT(state.values_ahead); }
Value IsCalled(const SequenceState& state) { return Value::BOOLEAN(state.is_called); }
/// pg_sequence_last_value
Value LastCalled(const SequenceState& state) {
  return state.is_called ? Value::BIGINT(state.last_value) : Value(LogicalType::BIGINT);
}

}  // namespace

void SessionSequences::Took(int64_t sequence, int64_t value, bool is_last) {
  MutexLock lock(mutex_);
  values_[sequence] = value;
  if (is_last) last_ = sequence;
}

std::optional<int64_t> SessionSequences::Current(int64_t sequence) const {
  MutexLock lock(mutex_);
  const auto value = values_.find(sequence);
  return value == values_.end() ? std::nullopt : std::optional(value->second);
}

std::optional<int64_t> SessionSequences::Last() const {
  MutexLock lock(mutex_);
  return last_;
}

void SessionSequences::Clear() {
  MutexLock lock(mutex_);
  values_.clear();
  last_.reset();
}

void RegisterSequenceFunctions(duckdb::DuckDB& database) {
  auto& system = duckdb::Catalog::GetSystemCatalog(*database.instance);
  const auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(*database.instance);
  const LogicalType number = LogicalType::BIGINT;
  const LogicalType flag = LogicalType::BOOLEAN;
  std::map<std::string, duckdb::ScalarFunctionSet> sets;
  const auto add = [&](const char* name, duckdb::vector<LogicalType> arguments, const LogicalType& result,
                       duckdb::scalar_function_t body) {
    duckdb::ScalarFunction function(name, std::move(arguments), result, std::move(body));
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetStability(duckdb::FunctionStability::VOLATILE);
    function.SetFallible();
    sets.try_emplace(name, name).first->second.AddFunction(std::move(function));
  };
  add("nextval", {number}, number, Next);
  add("currval", {number}, number, Current);
  add("lastval", {}, number, Last);
  add("setval", {number, number}, number, Set);
  add("setval", {number, number, flag}, number, Set);
  add("pg_sequence_last_value", {number}, number, Shown<LastCalled>);
  const duckdb::vector<LogicalType> forms[] = {{number}, {number, flag}};
  for (const auto& arguments : forms) {
    add("weir_sequence_last_value", arguments, number, Shown<LastValue>);
    add("weir_sequence_log_cnt", arguments, number, Shown<ValuesAhead>);
    add("weir_sequence_is_called", arguments, flag, Shown<IsCalled>);
  }
  for (auto& [name, set] : sets) {
    duckdb::CreateScalarFunctionInfo info(std::move(set));
    info.internal = true;
    info.on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    system.CreateFunction(transaction, info);
  }
}

}  // namespace weir::sql
