#include <algorithm>
#include <chrono>
#include <set>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "postgres/catalog_name.h"
#include "sql/analyze/analyze.h"
#include "sql/catalog/fluss_tables.h"
#include "sql/catalog/foreign_key.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/parser.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/duckdb_health.h"
#include "sql/engine/errors.h"
#include "sql/engine/met_rows.h"
#include "sql/engine/result_pieces.h"
#include "sql/engine/types.h"
#include "sql/session/direct_plan.h"
#include "sql/session/engine_session.h"
#include "sql/session/explain.h"
#include "sql/session/run_pending.h"
#include "sql/session/session_routines.h"
#include "sql/system/catalog_names.h"

namespace weir::sql {
namespace {

bool IsSameView(const ViewDefinition& a, const ViewDefinition& b) {
  return a.query == b.query && a.switches == b.switches;
}

/// Whether what was planned with the one still holds for the other.
bool IsSameTable(const Relation& a, const Relation& b) {
  const auto same_column = [](const SqlColumn& x, const SqlColumn& y) {
    return x.name == y.name && x.type == y.type && x.not_null == y.not_null && x.default_value == y.default_value &&
           x.identity == y.identity && x.generated == y.generated;
  };
  const auto same_index = [](const RelationPtr& x, const RelationPtr& y) { return x->id == y->id; };
  return a.id == b.id && a.is_partitioned() == b.is_partitioned() && a.parent == b.parent &&
         a.inherited_by.empty() == b.inherited_by.empty() &&
         (a.is_view() ? b.is_view() && IsSameView(*a.view, *b.view) : !b.is_view()) &&
         a.functions == b.functions && a.is_materialized() == b.is_materialized() && a.populated == b.populated &&
         std::ranges::equal(a.indexes, b.indexes, same_index) &&  // ON CONFLICT knows those that are unique
         std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), same_column);
}

/// What a statement that has changed rows, or gives some, is called in its tag.
std::string TagOf(analyze::Query::Command command) {
  using Command = analyze::Query::Command;
  switch (command) {
    case Command::kSelect: return "SELECT";
    case Command::kInsert: return "INSERT 0";
    case Command::kUpdate: return "UPDATE";
    case Command::kDelete: return "DELETE";
    case Command::kMerge: return "MERGE";
  }
  return {};
}

/// Views, and what their queries and the bodies of functions with their owners' rights name: what else there is is
/// checked in DuckDB's plan (plan_access.h).
std::vector<analyze::RelationUse> ViewUsesOf(analyze::Query& query, const std::vector<RelationPtr>& found) {
  const auto has_rights = [](const RelationPtr& relation) { return relation->is_view() || relation->is_functions(); };
  if (std::ranges::none_of(found, has_rights)) return {};
  std::vector<analyze::RelationUse> uses = analyze::UsesOf(query);
  std::erase_if(uses, [](const auto& use) { return !use.of_view && !use.relation->is_view(); });
  return uses;
}

}  // namespace

// --- meaning

SystemSources EngineSession::SourcesHere() const {
  return {catalog(),     database_,     state_->temporary, parameters_,      Access(),
          current_role_, session_role_, state_->user,      &state_->sessions, state_->locality};
}

RelationNames EngineSession::NamesHere() { return RelationNames(SourcesHere()); }

Result<QueryPlan> EngineSession::PlanQuery(const std::string& text, std::vector<uint32_t> parameters,
                                           bool of_cursor) {
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(text));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  WEIR_ASSIGN_OR_RETURN(TypeMapPtr types, catalog().Types());
  RelationNames names = NamesHere();
  analyze::Context context{names, values_->settings, {.allowed = true}};
  context.function = body_of_;
  context.names_rows = of_cursor;
  names.SetCursors([this](const std::string& cursor, const Relation& table) { return FindCursorRow(cursor, table); });
  for (const uint32_t type : parameters) {
    context.parameters.types.push_back({type == postgres::oid::kUnknown ? 0 : type});
  }
  WEIR_ASSIGN_OR_RETURN(analyze::AnalyzedQuery query, analyze::AnalyzeStatement(source, tree, 0, context));
  duck::EmitContext session;
  session.user = NameOfUser(current_role_);
  session.session_user = NameOfUser(session_role_);
  session.database = database_;
  session.parameters = &query.parameters;
  session.shaped_parameters = shaped_parameters_;
  session.keeps_old_rows = [this](const RelationPtr& table) { return ValueOrThrow(HasReferences(catalog(), table)); };
  QueryPlan planned{.text = text,
                    .asked = std::move(parameters),
                    .plan = nullptr,
                    .relations = names.found(),
                    .types = std::move(types),
                    .of_views = ViewUsesOf(*query.query, names.found()),
                    .user = session.user,
                    .session_user = session.session_user,
                    .access = Access(),
                    .cursor_tables = query.cursor_tables};
  if (names.asked_for_cursor()) planned.cursor_moves = only_prepares_ ? -1 : cursor_moves_;
  WEIR_ASSIGN_OR_RETURN(planned.plan, duck::Plan::Make(query, session));
  return planned;
}

Result<bool> EngineSession::IsCurrent(const QueryPlan& planned) {
  if (planned.cursor_moves && *planned.cursor_moves != cursor_moves_) return false;
  if (planned.user != NameOfUser(current_role_) || planned.session_user != NameOfUser(session_role_)) return false;
  WEIR_ASSIGN_OR_RETURN(const TypeMapPtr types, catalog().Types());
  if (types != planned.types) return false;
  for (const RelationPtr& relation : planned.relations) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog().Find(relation->path));
    if (now != relation && (!now || !IsSameTable(*now, *relation))) return false;
    if (relation->is_functions() && planned.access != Access()) return false;
  }
  WEIR_ASSIGN_OR_RETURN(bool knows, KnowsForeignKeys(planned.plan->change()));
  for (const auto& change : planned.plan->changes()) {
    if (!knows || !change.change) continue;
    WEIR_ASSIGN_OR_RETURN(knows, KnowsForeignKeys(&*change.change));
  }
  return knows;
}

/// Whether a change gives the old rows where there are foreign keys now.
Result<bool> EngineSession::KnowsForeignKeys(const TableChange* change) {
  if (change == nullptr) return true;
  WEIR_ASSIGN_OR_RETURN(const RelationPtr now, catalog().FindById(change->target->id));
  WEIR_ASSIGN_OR_RETURN(const bool wanted, HasReferences(catalog(), now ? now : change->target));
  return wanted == change->keeps_old;
}

Status EngineSession::Renew(QueryPlan* planned) {
  WEIR_ASSIGN_OR_RETURN(const bool current, IsCurrent(*planned));
  if (current) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(*planned, PlanStatement(planned->text, planned->asked));
  return Status::OK();
}

/// Plans the statement again where values are arrays that its plan does not take.
Status EngineSession::TakeShapes(QueryPlan* planned, const Values& values) {
  if (planned->function || planned->plan->Takes(values)) return Status::OK();
  shaped_parameters_ = true;
  auto shaped = PlanStatement(planned->text, planned->asked);
  shaped_parameters_ = false;
  WEIR_ASSIGN_OR_RETURN(*planned, std::move(shaped));
  return Status::OK();
}

// --- execution

namespace {

/// Ends what has begun and is not wanted, and waits for its threads: the transaction that they read may be over then.
void StopQuery(duckdb::Connection& connection) {
  connection.Interrupt();
  connection.context->CancelTransaction();
}

}  // namespace

Result<duckdb::unique_ptr<duckdb::PendingQueryResult>> EngineSession::Start(duck::Plan::Run run, bool streaming) {
  state_->change = run.change;
  state_->changing.clear();
  ResultsUnderWay::Of(*connection_->context).Begin(streaming);
  auto pending = connection_->context->PendingQuery(std::move(run.statement), run.values, streaming);
  state_->change = nullptr;
  if (cancelled_) connection_->Interrupt();  // what came before DuckDB began with it, it has forgotten
  if (pending->HasError()) return duck::RuntimeError(pending->GetErrorObject());
  // Its tables are locked: from here on it sees what is committed now.
  const Status snapshot = transaction_->TakeSnapshot();
  if (snapshot.ok()) return pending;
  StopQuery(*connection_);
  return snapshot;
}

RowLockingHost EngineSession::LockingHost() {
  RowLockingHost host;
  host.run = [this](duckdb::unique_ptr<duckdb::SQLStatement> select) {
    auto result = RunPending(*ValueOrThrow(Start({std::move(select), {}}, true)));
    if (result->HasError()) Throw(duck::RuntimeError(result->GetErrorObject()));
    return result;
  };
  host.lock_table = [this](const LockingClause& clause, const TablePath& path) {
    ThrowNotOk(CheckMayChange("SELECT FOR " + clause.strength));
    ThrowNotOk(CheckMayUseColumns(path, access::kUpdate, {}));
    (void)ValueOrThrow(LockNamed(path, LockMode::kRowShare, LockPolicy::kWait, false));
  };
  host.lock_row = [this, locked = std::set<int64_t>()](const LockingClause& clause, const duckdb::Value& leaf_id,
                                                       const duckdb::Value& position,
                                                       const duckdb::Value& key) mutable {
    const bool waits = clause.if_locked == LockingClause::IfLocked::kWait;
    const LockPolicy policy = waits ? LockPolicy::kWait : LockPolicy::kNoWait;
    const RelationPtr leaf = ValueOrThrow(catalog().FindById(leaf_id.GetValue<int64_t>()));
    if (!leaf) Throw(Error("40001", "could not serialize access: a partition was dropped meanwhile"));
    if (locked.insert(leaf->id).second) {
      ThrowNotOk(locks_->Lock(LockTag::Relation(leaf->id), LockMode::kRowShare).status());
    }
    const LockGrant grant = ValueOrThrow(
        position.IsNull() ? transaction_->LockRow(leaf, duckdb::StringValue::Get(key), clause.mode(), policy)
                          : transaction_->LockRow(leaf, position.GetValue<int64_t>(), clause.mode(), policy));
    if (grant != LockGrant::kNotAvailable) return true;
    if (clause.if_locked == LockingClause::IfLocked::kSkip) return false;
    Throw(Error("55P03", "could not obtain lock on row in relation \"" + leaf->path.table + "\""));
  };
  return host;
}

/// For what takes its time without DuckDB, which a cancel interrupts only when it has begun.
Status EngineSession::CheckNotCancelled() const {
  return cancelled_ ? Error("57014", "canceling statement due to user request") : Status::OK();
}

/// A table may change while its lock is waited for; then the query is planned again.
EngineSession::Rows EngineSession::RunOnce(QueryPlan* planned, const Values& values, bool streaming) {
  while (true) {
    WEIR_RETURN_NOT_OK(CheckNotCancelled());
    WEIR_RETURN_NOT_OK(Renew(planned));
    WEIR_RETURN_NOT_OK(TakeShapes(planned, values));
    if (planned->function) return Error("40001", "could not serialize access: a function was replaced meanwhile");
    for (const RelationPtr& relation : planned->relations) {
      if (!relation->is_view()) continue;  // tables are locked as DuckDB binds them
      WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation(relation->id), LockMode::kAccessShare).status());
    }
    WEIR_RETURN_NOT_OK(CheckViewUses(*planned));
    WEIR_RETURN_NOT_OK(CheckMaterialized(*planned));
    for (const auto& change : planned->plan->changes()) {
      if (change.target) WEIR_RETURN_NOT_OK(LockToWrite(change.target->path));
    }
    if (const RelationPtr target = planned->plan->target()) WEIR_RETURN_NOT_OK(LockToWrite(target->path));
    WEIR_ASSIGN_OR_RETURN(const bool unchanged, IsCurrent(*planned));
    if (!unchanged) continue;
    if (MakeDirect(planned)) {
      planned->direct->Lock();
      WEIR_ASSIGN_OR_RETURN(const bool locked, IsCurrent(*planned));
      if (!locked) continue;
      WEIR_RETURN_NOT_OK(transaction_->TakeSnapshot());
      Rows rows = planned->direct->Run(planned->plan->ValuesOf(values));
      WEIR_RETURN_NOT_OK(CheckNotCancelled());
      return rows;
    }
    const MetRows::Statement met(*connection_->context, !planned->plan->changes().empty());
    ChangedRows changed;
    for (const auto& change : planned->plan->changes())
      WEIR_RETURN_NOT_OK(RunChange(*planned->plan, change, values, &changed));
    duck::Plan::Run run = planned->plan->Bind(values);
    for (const auto& [alias, rows] : changed) duck::Plan::AddRows(alias, rows, run.statement.get());
    if (planned->plan->locks_rows()) {
      LockRows(*run.statement, run.values, LockingHost());
      run.values.clear();
    }
    auto pending = Start(std::move(run), streaming);
    const Result<bool> current = IsCurrent(*planned);
    if (!current.ok()) StopQuery(*connection_);
    if (!current.ok()) return current.status();
    if (!*current) continue;
    if (!pending.ok()) return pending.status();
    auto result = RunPending(**pending);
    if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
    changed_rows_ = std::move(changed);  // until the next statement
    return result;
  }
}

/// Whether the statement runs without a plan of DuckDB's.
bool EngineSession::MakeDirect(QueryPlan* planned) {
  const bool may_be = planned->plan->is_of_few_rows() && !planned->plan->locks_rows();
  if (!may_be || (planned->tried_direct && !planned->direct)) return false;
  if (!planned->direct || !planned->direct->IsCurrent()) {
    planned->tried_direct = true;
    state_->change = planned->plan->change();
    planned->direct = DirectPlan::Of(*connection_->context, planned->plan->statement());
    state_->change = nullptr;
  }
  return planned->direct != nullptr;
}

/// A query of WITH that runs before the statement.
Status EngineSession::RunChange(const duck::Plan& plan, const duck::Plan::Change& change, const Values& values,
                                ChangedRows* changed) {
  duck::Plan::Run run = plan.Bind(change, values);
  for (const auto& [alias, rows] : *changed) duck::Plan::AddRows(alias, rows, run.statement.get());
  if (plan.locks_rows()) {
    LockRows(*run.statement, run.values, LockingHost());
    run.values.clear();
  }
  WEIR_ASSIGN_OR_RETURN(auto pending, Start(std::move(run), false));
  auto result = RunPending(*pending);
  if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
  auto rows = std::make_shared<duckdb::ColumnDataCollection>(*connection_->context, result->types);
  while (auto chunk = result->Fetch()) {
    if (chunk->size() == 0) break;
    rows->Append(*chunk);
  }
  changed->emplace_back(change.alias, std::move(rows));
  return Status::OK();
}

namespace {

constexpr int kMostDeadlocks = 20;  // of one statement

}  // namespace

EngineSession::Rows EngineSession::RunAgain(QueryPlan* planned, const Values& values, bool streaming) {
  const size_t before = transaction_->Savepoint();
  const size_t put_off = references_.checks.size();
  const size_t files = files_.Savepoint();
  const LockOwner::Kept kept = locks_->kept();
  const size_t locks = locks_->mark();
  std::string met;
  int deadlocks = 0;
  while (true) {
    changed_keys_.clear();
    references_.checks.resize(put_off);
    auto result = Guarded({}, [&]() -> Rows {
      auto rows = RunOnce(planned, values, streaming);
      if (rows.ok()) WEIR_RETURN_NOT_OK(HoldReferences());
      return rows;
    });
    // What it has begun would be part of the next statement that needs no plan of DuckDB's, and fail with it.
    if (!result.ok()) StopQuery(*connection_);
    const ErrorFields error = result.ok() ? ErrorFields() : FieldsOf(result.status());
    // The key is of somebody's row that the snapshot did not show. Met again, it is the statement's own, or of another
    // index than ON CONFLICT names.
    const std::string now = error.constraint + error.detail;
    const bool conflict =
        planned->plan->minds_conflicts() && error.sqlstate == "23505" && std::exchange(met, now) != now;
    // A statement that runs again has locks of rows that others find no more: without its own it may go on.
    const bool deadlock = error.sqlstate == "40P01" && modes_.isolation == "read committed" &&
                          locks_->mark() > locks && deadlocks++ < kMostDeadlocks;
    if (result.ok() || !(transaction_->must_run_again() || conflict || deadlock)) return result;
    if (conflict && modes_.isolation != "read committed" && in_block()) {
      return Error("40001", "could not serialize access due to concurrent update");
    }
    transaction_->RollbackTo(before);
    files_.RollbackTo(files);
    locks_->UnlockSince(kept);
    if (deadlock) locks_->ReleaseTo(locks);
    WEIR_RETURN_NOT_OK(BeginStatement());
  }
}

EngineSession::Outcome EngineSession::RunQuery(const Query& query) {
  if (speaks_duckdb()) return RunDuckDbText(query.text);
  WEIR_RETURN_NOT_OK(BeginRows());
  if (const auto kept = KeptOf(query)) return RunPlanned(kept->plan.get(), kept->values);
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanStatement(query.text));
  if (!planned.plan->parameters().empty()) return Error("42P02", "there is no parameter $1");
  return RunPlanned(&planned, {});
}

namespace {

bool Modifies(const QueryPlan& query) {
  return query.function || query.plan->target() != nullptr || !query.plan->changes().empty();
}

}  // namespace

Status EngineSession::CheckMayModify(const QueryPlan& query) const {
  if (!Modifies(query) || query.function) return Status::OK();  // its statements are asked one by one
  const auto command = query.plan->command();
  return CheckMayChange(command == analyze::Query::Command::kInsert ? "INSERT" : TagOf(command));
}

/// A statement of its own waits for nobody on another server of a cluster, nor for Fluss clients: what these have
/// changed first it finds at its commit, and is run again on what is there then.
EngineSession::Outcome EngineSession::RunPlanned(QueryPlan* query, const Values& values) {
  const bool alone = !in_block() && draft_ == nullptr && access_draft_ == nullptr && Modifies(*query) &&
                     Modes().isolation == "read committed";
  constexpr int kAttempts = 50;
  for (int attempt = 1;; ++attempt) {
    Outcome outcome = RunPlannedOnce(query, values);
    const bool late = !outcome.ok() && FieldsOf(outcome.status()).sqlstate == "40001";
    if (!late || !alone || attempt == kAttempts) return outcome;
    AbandonStatement();
    WEIR_RETURN_NOT_OK(BeginRows());
  }
}

EngineSession::Outcome EngineSession::RunPlannedOnce(QueryPlan* query, const Values& values) {
  if (query->function) return RunFunction(query, values);
  const bool modifies = Modifies(*query);
  WEIR_RETURN_NOT_OK(CheckMayModify(*query));
  WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(query, values, !modifies));
  TellOfLog(query->plan->change());
  for (const auto& change : query->plan->changes()) TellOfLog(change.change ? &*change.change : nullptr);
  const std::string tag = TagOf(query->plan->command());
  std::vector<ResultColumn> columns = DescribePlan(*query->plan);
  if (query->plan->target() != nullptr && columns.empty()) {
    auto chunk = result->Fetch();
    if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
    const int64_t rows = chunk && chunk->size() ? chunk->GetValue(0, 0).GetValue<int64_t>() : 0;
    result.reset();
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows(tag + " " + std::to_string(rows));
  }
  auto transaction = transaction_;
  if (modifies) {
    WEIR_RETURN_NOT_OK(FinishStatement());
  } else if (!in_block()) {
    transaction_.reset();  // the rows keep it; nothing is to be committed
  }
  open_ = std::make_shared<OpenRows>(connection_, std::move(result), std::move(columns), std::move(transaction),
                                     engine_->memory);
  return RowsOf(open_, tag, [this](const Status& failure) { return FailedRows(failure); });
}

void EngineSession::TellOfLog(const TableChange* change) {
  if (change == nullptr || change->target->id < kFlussTableIds || !change->target->PrimaryKey().empty()) return;
  if (!told_of_.insert(change->target->id).second) return;
  Notice("Fluss clients go on seeing the old rows of log table \"" + change->target->path.table + "\"");
}

bool EngineSession::speaks_duckdb() const { return parameters_.Get("weir.dialect") == "duckdb"; }

EngineSession::Outcome EngineSession::RunDuckDbText(const std::string& text) {
  WEIR_RETURN_NOT_OK(BeginRows());
  state_->in_duckdb_dialect = true;
  auto statements = connection_->context->ParseStatements(text);
  const bool reads = statements.size() == 1 && statements[0]->type == duckdb::StatementType::SELECT_STATEMENT;
  if (!reads)
    return Error("0A000", "the dialect of DuckDB is for one query at a time", {.hint = "RESET weir.dialect;"});
  WEIR_ASSIGN_OR_RETURN(auto pending, Start({std::move(statements[0]), {}}, true));
  auto result = RunPending(*pending);
  if (result->HasError()) return StatusOf(result->GetErrorObject(), text);
  std::vector<ResultColumn> columns;
  for (size_t i = 0; i < result->types.size(); ++i) {
    columns.push_back(DescribeColumn(result->names[i], result->types[i]));
  }
  auto transaction = transaction_;
  if (!in_block()) transaction_.reset();
  open_ = std::make_shared<OpenRows>(connection_, std::move(result), std::move(columns), std::move(transaction),
                                     engine_->memory);
  return RowsOf(open_, "SELECT", [this](const Status& failure) { return FailedRows(failure); });
}

EngineSession::Outcome EngineSession::RunExplain(const Explain& explain) {
  WEIR_RETURN_NOT_OK(BeginRows());
  ExplainOptions options;
  options.verbose = explain.verbose;
  options.costs = explain.costs;
  options.json = explain.json;
  options.summary = explain.summary.value_or(explain.analyze);
  const auto begin = std::chrono::steady_clock::now();
  WEIR_ASSIGN_OR_RETURN(const auto statements, sql::Parse(explain.query));
  const bool makes_table = std::holds_alternative<CreateTable>(statements.front().action);
  if (makes_table && explain.analyze) return Error("0A000", "EXPLAIN ANALYZE of CREATE TABLE AS is not supported");
  WEIR_ASSIGN_OR_RETURN(const InnerQuery inner, ReadInner(explain.query));
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanInner(inner, {}));
  WEIR_RETURN_NOT_OK(CheckViewUses(planned));
  std::vector<std::string> lines;
  connection_->context->RunFunctionInTransaction([&] {
    duck::Plan::Run run = planned.plan->Bind(inner.values);
    DropLockingClauses(*run.statement);
    state_->change = run.change;
    lines = ExplainQuery(*connection_->context, catalog(), std::move(run), begin, options);
    state_->change = nullptr;
  });
  if (explain.analyze) {
    WEIR_RETURN_NOT_OK(CheckMayModify(planned));
    const auto start = std::chrono::steady_clock::now();
    WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(&planned, inner.values, false));
    int64_t rows = 0;
    while (auto chunk = result->Fetch()) rows += static_cast<int64_t>(chunk->size());
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    AddExecution(options, rows, took.count(), &lines);
  }
  WEIR_RETURN_NOT_OK(FinishStatement());
  std::vector<std::vector<std::string>> rows;
  for (std::string& line : lines) rows.push_back({std::move(line)});
  return TextRows({"QUERY PLAN"}, std::move(rows), "EXPLAIN");
}

// --- prepared statements

namespace {

std::optional<std::string> InnerTextOf(const Action& action) {
  if (const auto* declare = std::get_if<DeclareCursor>(&action)) return declare->query;
  if (const auto* explain = std::get_if<Explain>(&action)) return explain->query;
  const auto* create = std::get_if<CreateTable>(&action);
  return create == nullptr ? std::nullopt : create->query;
}

/// A flag that is up as long as it lives.
class Raised {
 public:
  explicit Raised(bool* flag) : flag_(flag) { *flag_ = true; }
  Raised(const Raised&) = delete;
  Raised& operator=(const Raised&) = delete;
  ~Raised() { *flag_ = false; }

 private:
  bool* flag_;
};

}  // namespace

Result<std::shared_ptr<PreparedStatement>> EngineSession::Prepare(std::string_view text,
                                                                  const std::vector<uint32_t>& type_oids) {
  StayUsable(*engine_->duckdb->instance);
  auto prepared = Guarded(text, [&]() -> Result<std::shared_ptr<PreparedStatement>> {
    WEIR_ASSIGN_OR_RETURN(auto statements, ParsedToPrepare(text, type_oids));
    if (statements.size() > 1) return Error("42601", "cannot insert multiple commands into a prepared statement");
    if (statements.empty()) statements.push_back(Statement{NoEffect{}, "", 0});
    if (status_ == TransactionStatus::kFailed && !EndsTransaction(statements[0])) return Aborted();
    if (const auto* show = std::get_if<ShowCatalog>(&statements[0].action)) {
      WEIR_ASSIGN_OR_RETURN(Query query, QueryOf(*show));
      statements[0].action = std::move(query);
    }
    if (const auto* ranges = std::get_if<Query>(&statements[0].action); ranges && !ranges->ranges_of_rows.empty()) {
      WEIR_ASSIGN_OR_RETURN(Query query, WithRanges(*ranges));
      statements[0].action = std::move(query);
    }
    auto described = std::make_shared<EnginePrepared>(std::move(statements[0]));
    const auto& expanded = described->statement().expanded;
    if (const auto* query = std::get_if<Query>(&described->statement().action)) {
      WEIR_RETURN_NOT_OK(BeginPreparing());
      const Raised prepares(&only_prepares_);
      auto planned = PlanToPrepare(*query, type_oids);
      if (!planned.ok()) return AsWritten(planned.status(), expanded, described->statement().offset);
      described->SetQuery(*std::move(planned));
    } else {
      described->DescribeOther(parameters_);
      DescribeKept(described.get());
      WEIR_RETURN_NOT_OK(DescribeInner(described.get(), type_oids));
    }
    return std::shared_ptr<PreparedStatement>(std::move(described));
  });
  if (!prepared.ok()) Fail();
  return prepared;
}

Status EngineSession::BeginPreparing() {
  WEIR_RETURN_NOT_OK(FollowDefinitions());
  WEIR_RETURN_NOT_OK(FindTemporary());
  state_->statement_time = duckdb::timestamp_tz_t(duckdb::Timestamp::GetCurrentTimestamp());
  if (!in_block()) state_->transaction_time = state_->statement_time;
  SetMoments();
  return Status::OK();
}

Status EngineSession::DescribeCall(EnginePrepared* described, const CallProcedure& call,
                                   const std::vector<uint32_t>& type_oids) {
  const auto may_have = [](const auto& argument) { return argument.expression.find('$') != std::string::npos; };
  if (std::ranges::none_of(call.arguments, may_have)) return Status::OK();
  WEIR_RETURN_NOT_OK(BeginPreparing());
  WEIR_ASSIGN_OR_RETURN(const analyze::FunctionMatch match, FindProcedure(call, type_oids));
  WEIR_ASSIGN_OR_RETURN(const std::string arguments, ArgumentsText(call, match));
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(arguments, type_oids));
  if (!planned.plan->parameters().empty()) described->SetInner(std::make_shared<QueryPlan>(std::move(planned)));
  return Status::OK();
}

/// The parameters of CALL, and of the query of a cursor, of a new table or of EXPLAIN.
Status EngineSession::DescribeInner(EnginePrepared* described, const std::vector<uint32_t>& type_oids) {
  if (const auto* call = std::get_if<CallProcedure>(&described->statement().action)) {
    return DescribeCall(described, *call, type_oids);
  }
  std::optional<std::string> text = InnerTextOf(described->statement().action);
  if (!text || text->find('$') == std::string::npos) return Status::OK();
  std::vector<Statement> inner;
  for (; text; text = InnerTextOf(inner.front().action)) {  // EXPLAIN CREATE TABLE AS: twice
    WEIR_ASSIGN_OR_RETURN(inner, sql::Parse(*text));
    if (inner.empty()) return Status::OK();
  }
  const auto* query = std::get_if<Query>(&inner.front().action);
  if (query == nullptr) return Status::OK();
  WEIR_RETURN_NOT_OK(BeginPreparing());
  const Raised prepares(&only_prepares_);
  WEIR_ASSIGN_OR_RETURN(auto planned, PlanToPrepare(*query, type_oids));
  if (!planned->plan->parameters().empty()) described->SetInner(std::move(planned));
  return Status::OK();
}

/// The columns of what a cursor or a prepared statement of the session gives.
void EngineSession::DescribeKept(EnginePrepared* described) const {
  const Action& action = described->statement().action;
  if (const auto* fetch = std::get_if<FetchCursor>(&action); fetch && !fetch->move) {
    const auto cursor = cursors_.find(fetch->name);
    if (cursor != cursors_.end()) described->SetColumns(cursor->second.columns);
  }
  if (const auto* execute = std::get_if<ExecutePrepared>(&action)) {
    const auto prepared = prepared_.find(execute->name);
    if (prepared != prepared_.end()) described->SetColumns(prepared->second->columns());
  }
}

Result<uint32_t> EngineSession::OidOfName(uint32_t type_oid, const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(const int64_t oid, ReadCatalogName(SourcesHere(), type_oid, name));
  return static_cast<uint32_t>(oid);
}

/// Parameters of regclass and its like: their names as the OIDs that they are of.
Result<std::vector<ParameterValue>> EngineSession::ReadNames(const EnginePrepared& prepared,
                                                             std::vector<ParameterValue> values) {
  const auto& types = prepared.parameter_types();
  for (size_t i = 0; i < values.size() && i < types.size(); ++i) {
    if (!values[i] || !postgres::NamesCatalog(types[i])) continue;
    WEIR_ASSIGN_OR_RETURN(const uint32_t oid, OidOfName(types[i], *values[i]));
    values[i] = std::to_string(oid);
  }
  return values;
}

Result<std::unique_ptr<QueryResult>> EngineSession::Execute(const std::shared_ptr<PreparedStatement>& prepared,
                                                            const std::vector<ParameterValue>& values) {
  auto& described = static_cast<EnginePrepared&>(*prepared);
  const auto named = ReadNames(described, values);
  const Result<Values> read = named.ok() ? described.Read(*named, values_->settings) : Result<Values>(named.status());
  if (!read.ok()) {
    Fail();
    return read.status();
  }
  if (!described.has_inner()) return RunWith(prepared->statement(), *read, &described);
  const InnerQuery given{.text = {}, .types = described.parameter_types(), .values = *read};
  given_ = &given;
  auto result = RunWith(prepared->statement(), {}, &described);
  given_ = nullptr;
  return result;
}

}  // namespace weir::sql
