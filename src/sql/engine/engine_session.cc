#include "sql/engine/engine_session.h"

#include <chrono>

#include "duckdb/parser/keyword_helper.hpp"
#include "sql/access/access_ddl.h"
#include "sql/dialect/parser.h"
#include "sql/dialect/rewrite.h"
#include "sql/engine/errors.h"
#include "sql/engine/explain.h"
#include "sql/engine/overloaded.h"
#include "sql/engine/positions.h"
#include "sql/engine/prepared.h"
#include "sql/engine/session_functions.h"
#include "sql/engine/show_catalog.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

bool Modifies(const std::string& command) { return command == "INSERT" || command == "UPDATE" || command == "DELETE"; }

bool IsRoleParameter(const std::string& name) { return name == "role" || name == "session_authorization"; }

Status Aborted() {
  return Error("25P02", "current transaction is aborted, commands ignored until end of transaction block");
}

bool EndsTransaction(const Statement& statement) {
  const auto* control = std::get_if<TransactionControl>(&statement.action);
  using Kind = TransactionControl::Kind;
  return control && (control->kind == Kind::kCommit || control->kind == Kind::kRollback || control->kind == Kind::kRollbackTo);
}

}  // namespace

EngineSession::EngineSession(std::shared_ptr<SharedEngine> engine, const SessionOptions& options)
    : engine_(std::move(engine)), database_(options.database), user_(options.user), routed_(*engine_->catalog) {}

EngineSession::~EngineSession() {
  if (open_) open_->Close();
  if (in_block()) (void)EndTransaction(false);
}

Result<std::unique_ptr<Session>> EngineSession::Connect(std::shared_ptr<SharedEngine> engine,
                                                        const SessionOptions& options) {
  std::unique_ptr<EngineSession> session(new EngineSession(std::move(engine), options));
  WEIR_RETURN_NOT_OK(Guarded({}, [&] { return session->Start(options); }));
  return std::unique_ptr<Session>(std::move(session));
}

Status EngineSession::Start(const SessionOptions& options) {
  WEIR_ASSIGN_OR_RETURN(auto databases, engine_->catalog->ListDatabases());
  if (std::find(databases.begin(), databases.end(), database_) == databases.end()) {
    return Error("3D000", "database \"" + database_ + "\" does not exist");
  }
  locks_ = engine_->transactions->locks().NewOwner();
  state_ = duckdb::make_shared_ptr<SessionState>();
  state_->locks = locks_.get();
  state_->holds_all_locks = !engine_->catalog->gateway().is_weir_server();
  state_->routed = &routed_;
  state_->warn = [this](const std::string& text) { Report("WARNING", "01000", text); };
  state_->database = database_;
  state_->tables = engine_->catalog.get();
  state_->parameters = &parameters_;
  for (auto* connection : {&connection_, &aside_}) {
    *connection = std::make_shared<duckdb::Connection>(*engine_->duckdb);
    auto& context = *(*connection)->context;
    context.registered_state->Insert(SessionState::kKey, state_);
    context.RunFunctionInTransaction([&] {
      duckdb::CatalogSearchEntry entry(kAttachedName, database_);
      duckdb::ClientData::Get(context).catalog_search_path->Set(entry, duckdb::CatalogSetPathType::SET_SCHEMA);
    });
  }
  WEIR_RETURN_NOT_OK(LogIn());
  for (const auto& [name, value] : options.parameters) WEIR_RETURN_NOT_OK(SetOne(name, value, false));
  WEIR_RETURN_NOT_OK(ShowModes());
  parameters_.KeepAsDefaults();
  return ApplyTimeZone();
}

Result<std::vector<Statement>> EngineSession::Parse(std::string_view text) {
  auto statements = Guarded(text, [&] { return sql::Parse(text); });
  if (!statements.ok()) Fail();
  return statements;
}

Result<std::unique_ptr<QueryResult>> EngineSession::Run(const Statement& statement) { return RunWith(statement, {}, nullptr); }

EngineSession::Outcome EngineSession::RunWith(const Statement& statement, Values values,
                                              const EnginePrepared* prepared) {
  if (open_) open_->Close();
  open_.reset();
  if (status_ == TransactionStatus::kFailed && !EndsTransaction(statement)) return Aborted();
  StartLimits();
  auto outcome = Guarded(statement.text, [&]() -> Outcome {
    WEIR_RETURN_NOT_OK(CheckMayRun(statement.action));
    WEIR_RETURN_NOT_OK(CheckAccess(statement.action));
    WEIR_RETURN_NOT_OK(LockFor(statement.action));
    return Dispatch(statement, std::move(values), prepared);
  });
  const auto timer = std::exchange(timer_, nullptr);
  if (outcome.ok() && open_) open_->KeepUntilEnd(timer);
  if (!outcome.ok()) {
    AbandonStatement();
    Fail();
    const auto* query = std::get_if<Query>(&statement.action);
    const Status failure = FailureOf(timer.get(), outcome.status());
    return query ? PlacedIn(query->text, ToDuckDb(*query), failure) : failure;
  }
  return outcome;
}

void EngineSession::StartLimits() {
  locks_->ClearInterrupt();
  locks_->set_timeout(parameters_.Time("lock_timeout"));
  state_->statement_time = duckdb::timestamp_tz_t(duckdb::Timestamp::GetCurrentTimestamp());
  const auto limit = parameters_.Time("statement_timeout");
  if (limit.count() > 0) timer_ = std::make_shared<StatementTimer>(limit, [this] { Cancel(); });
}

namespace {

/// The command by which errors name a statement that changes something; empty for others.
std::string ChangeOf(const Action& action) {
  const Overloaded command{
      [](const Query& query) { return Modifies(query.command) ? query.command : std::string(); },
      [](const CreateTable& create) { return std::string(create.query ? "CREATE TABLE AS" : "CREATE TABLE"); },
      [](const AttachPartition&) { return std::string("ALTER TABLE"); },
      [](const DetachPartition&) { return std::string("ALTER TABLE"); },
      [](const AlterPartitioning&) { return std::string("ALTER TABLE"); },
      [](const DropTable&) { return std::string("DROP TABLE"); },
      [](const Truncate&) { return std::string("TRUNCATE TABLE"); },
      [](const AccessStatement& statement) { return CommandTag(statement); },
      [](const CreateDatabase& create) { return std::string(create.is_schema ? "CREATE SCHEMA" : "CREATE DATABASE"); },
      [](const DropDatabase& drop) { return std::string(drop.is_schema ? "DROP SCHEMA" : "DROP DATABASE"); },
      [](const auto&) { return std::string(); },
  };
  return std::visit(command, action);
}

}  // namespace

/// Two transaction managers on one database would not find each other's conflicts: a server's own is the one.
Status EngineSession::CheckMayChange(const std::string& command) const {
  if (Modes().read_only) return Error("25006", "cannot execute " + command + " in a read-only transaction");
  if (!engine_->catalog->gateway().is_weir_server()) return Status::OK();
  return Error("0A000", command + " is not supported over a Fluss connection to a weir server",
               {.hint = "Connect to the server's SQL door (weir server --sql HOST:PORT) with the PostgreSQL protocol. "
                        "Queries can be run here, and rows be written by the writers of tables."});
}

Status EngineSession::CheckMayRun(const Action& action) const {
  const bool locks = std::holds_alternative<LockTable>(action);
  const std::string change = locks && !Modes().read_only ? "LOCK TABLE" : ChangeOf(action);
  return change.empty() ? Status::OK() : CheckMayChange(change);
}

EngineSession::Outcome EngineSession::Dispatch(const Statement& statement, Values values,
                                               const EnginePrepared* prepared) {
  const Overloaded run{
      [&](const Query& query) { return RunQuery(query, std::move(values), prepared); },
      [&](const Explain& explain) { return RunExplain(explain); },
      [&](const TransactionControl& control) { return RunControl(control); },
      [&](const SetParameter& set) { return RunSet(set); },
      [&](const ShowParameter& show) { return RunShow(show); },
      [&](const LockTable& lock) { return RunLock(lock); },
      [&](const Truncate& truncate) { return RunTruncate(truncate); },
      [&](const CreateTable& create) { return RunCreateTable(create); },
      [&](const DropTable& drop) { return RunDdl(drop, "DROP TABLE"); },
      [&](const AttachPartition& attach) { return RunDdl(attach, "ALTER TABLE"); },
      [&](const DetachPartition& detach) { return RunDetach(detach); },
      [&](const CreateDatabase& create) { return RunDatabaseDdl(create, "CREATE"); },
      [&](const DropDatabase& drop) { return RunDatabaseDdl(drop, "DROP"); },
      [&](const ShowCatalog& show) -> Outcome {
        WEIR_ASSIGN_OR_RETURN(Query query, CatalogQuery(show));
        return RunQuery(query, {});
      },
      [&](const AccessStatement& change) { return RunAccess(change); },
      [&](const NoEffect& nothing) { return RunNoEffect(nothing); },
      [&](const Unsupported& unsupported) -> Outcome {
        return Error("0A000", unsupported.what + " is not supported", {.hint = unsupported.hint});
      },
      [&](const auto&) -> Outcome { return Error("0A000", "this statement is not supported"); },
  };
  return std::visit(run, statement.action);
}

Status EngineSession::BeginStatement() {
  OpenTransaction();
  WEIR_RETURN_NOT_OK(transaction_->BeginStatement());
  engine_->catalog->Refresh();
  state_->transaction = transaction_.get();
  state_->access = Access();
  return Status::OK();
}

Status EngineSession::BeginRows() {
  WEIR_RETURN_NOT_OK(BeginStatement());
  return draft_ ? draft_->MakeTables() : Status::OK();
}

Status EngineSession::FinishStatement() {
  state_->transaction = nullptr;
  if (in_block()) return Status::OK();
  return transaction_ ? CommitAll() : Status::OK();
}

void EngineSession::AbandonStatement() {
  state_->transaction = nullptr;
  if (in_block() || !transaction_) return;
  transaction_->Rollback();
  transaction_.reset();
  TakeDraft();
  access_draft_.reset();
}

void EngineSession::Fail() {
  if (in_block()) status_ = TransactionStatus::kFailed;
}

void EngineSession::Cancel() {
  connection_->Interrupt();
  aside_->Interrupt();
  locks_->Interrupt();
}

std::chrono::milliseconds EngineSession::IdleLimit() const {
  return in_block() ? parameters_.Time("idle_in_transaction_session_timeout") : std::chrono::milliseconds(0);
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> EngineSession::RunDuckDb(const std::string& sql, Values values,
                                                                         bool streaming) {
  auto statements = connection_->context->ParseStatements(sql);
  if (statements.size() != 1) return Error("42601", "cannot insert multiple commands into a prepared statement");
  if (sql.find(kLockingCall) != std::string::npos) {
    const Status locked = Guarded(sql, [&] {
      LockRows(*statements[0], values, LockingHost());
      return Status::OK();
    });
    WEIR_RETURN_NOT_OK(locked);
    values.clear();
  }
  if (const auto target = TargetOf(*statements[0])) WEIR_RETURN_NOT_OK(LockToWrite(PathOf(*target)));
  WEIR_ASSIGN_OR_RETURN(auto pending, Start(std::move(statements[0]), std::move(values), streaming, sql));
  auto result = pending->Execute();
  if (result->HasError()) return StatusOf(result->GetErrorObject(), sql);
  return result;
}

Result<duckdb::unique_ptr<duckdb::PendingQueryResult>> EngineSession::Start(
    duckdb::unique_ptr<duckdb::SQLStatement> statement, Values values, bool streaming, const std::string& sql) {
  ReplaceFunctions(*statement, Names());
  auto pending = connection_->context->PendingQuery(std::move(statement), values, streaming);
  if (pending->HasError()) return StatusOf(pending->GetErrorObject(), sql);
  // Its tables are locked: from here on it sees what is committed now.
  WEIR_RETURN_NOT_OK(transaction_->TakeSnapshot());
  return pending;
}

RowLockingHost EngineSession::LockingHost() {
  RowLockingHost host;
  host.run = [this](duckdb::unique_ptr<duckdb::SQLStatement> select) {
    auto result = ValueOrThrow(Start(std::move(select), {}, true, {}))->Execute();
    if (result->HasError()) Throw(StatusOf(result->GetErrorObject()));
    return result;
  };
  host.lock_table = [this](const LockingClause& clause, const QualifiedName& name) {
    ThrowNotOk(CheckMayChange("SELECT FOR " + clause.strength));
    ThrowNotOk(CheckHasOneOf(name, access::kUpdate));
    (void)ValueOrThrow(LockNamed(PathOf(name), LockMode::kRowShare, LockPolicy::kWait, false));
  };
  host.lock_row = [this](const LockingClause& clause, const duckdb::Value& leaf_id, const duckdb::Value& position,
                         const duckdb::Value& key) {
    const bool waits = clause.if_locked == LockingClause::IfLocked::kWait;
    const LockPolicy policy = waits ? LockPolicy::kWait : LockPolicy::kNoWait;
    const RelationPtr leaf = ValueOrThrow(catalog().FindById(leaf_id.GetValue<int64_t>()));
    if (!leaf) Throw(Error("40001", "could not serialize access: a partition was dropped meanwhile"));
    const LockGrant grant = ValueOrThrow(
        position.IsNull() ? transaction_->LockRow(leaf, duckdb::StringValue::Get(key), clause.mode(), policy)
                          : transaction_->LockRow(leaf, position.GetValue<int64_t>(), clause.mode(), policy));
    if (grant != LockGrant::kNotAvailable) return true;
    if (clause.if_locked == LockingClause::IfLocked::kSkip) return false;
    Throw(Error("55P03", "could not obtain lock on row in relation \"" + leaf->path.table + "\""));
  };
  return host;
}

Result<duckdb::unique_ptr<duckdb::QueryResult>> EngineSession::RunAgain(const std::string& sql, const Values& values,
                                                                        bool streaming) {
  const size_t before = transaction_->Savepoint();
  while (true) {
    auto result = Guarded(sql, [&] { return RunDuckDb(sql, values, streaming); });
    if (result.ok() || !transaction_->must_run_again()) return result;
    transaction_->RollbackTo(before);
    WEIR_RETURN_NOT_OK(BeginStatement());
  }
}

Status EngineSession::CheckShape(const EnginePrepared& prepared, const duckdb::QueryResult& result) {
  ResultShape shape;
  const bool gives_rows = result.properties.return_type == duckdb::StatementReturnType::QUERY_RESULT;
  if (gives_rows) shape = {result.names, result.types};
  if (shape == prepared.shape()) return Status::OK();
  // The values of parameters may have made the difference; then the rows are cast to what was said.
  EnginePrepared now(prepared.statement());
  WEIR_RETURN_NOT_OK(now.Describe(*aside_, Names(), prepared.asked()));
  if (gives_rows && now.shape() == prepared.shape()) return Status::OK();
  return Error("0A000", "cached plan must not change result type");
}

std::string EngineSession::Rewritten(const Query& query) const {
  return ToDuckDb(query, [&](const QualifiedName& name) {
    auto relation = catalog().Find(PathOf(name));
    return relation.ok() && *relation && (*relation)->is_partitioned();
  });
}

EngineSession::Outcome EngineSession::RunQuery(const Query& query, Values values, const EnginePrepared* prepared) {
  WEIR_RETURN_NOT_OK(BeginRows());
  bool modifies = Modifies(query.command);
  std::string text = Rewritten(query);
  WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(text, values, !modifies));
  // Only what has run can be taken back in peace: DuckDB's threads begin while a statement is still pending.
  if (const Status same = prepared ? CheckShape(*prepared, *result) : Status::OK(); !same.ok()) {
    result.reset();
    return same;
  }
  std::string command = query.command == "INSERT" ? "INSERT 0" : query.command;
  if (result->properties.return_type == duckdb::StatementReturnType::CHANGED_ROWS) {
    auto chunk = result->Fetch();
    std::string rows = chunk && chunk->size() ? chunk->GetValue(0, 0).ToString() : "0";
    result.reset();
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows(command + " " + rows);
  }
  if (result->properties.return_type == duckdb::StatementReturnType::NOTHING) {
    result.reset();
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows(command);
  }
  if (command != "INSERT 0" && !modifies) command = "SELECT";
  auto transaction = transaction_;
  if (modifies) {
    WEIR_RETURN_NOT_OK(FinishStatement());
  } else if (!in_block()) {
    transaction_.reset();  // the rows keep it; nothing is to be committed
  }
  const ResultShape* shape = prepared ? &prepared->shape() : nullptr;
  open_ = std::make_shared<OpenRows>(connection_, std::move(result), shape, std::move(transaction), text);
  return RowsOf(open_, command, [this] { Fail(); });
}

EngineSession::Outcome EngineSession::RunExplain(const Explain& explain) {
  WEIR_RETURN_NOT_OK(BeginRows());
  std::string query = Rewritten(Query{explain.query, ""});
  ExplainOptions options;
  options.verbose = explain.verbose;
  options.costs = explain.costs;
  options.json = explain.json;
  options.summary = explain.summary.value_or(explain.analyze);
  std::vector<std::string> lines;
  connection_->context->RunFunctionInTransaction(
      [&] { lines = ExplainQuery(*connection_->context, catalog(), query, Names(), options); });
  if (explain.analyze) {
    auto begin = std::chrono::steady_clock::now();
    WEIR_ASSIGN_OR_RETURN(auto result, RunAgain(query, {}, false));
    int64_t rows = 0;
    while (auto chunk = result->Fetch()) rows += static_cast<int64_t>(chunk->size());
    std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    lines.push_back("Rows: " + std::to_string(rows));
    lines.push_back("Execution Time: " + std::to_string(took.count()) + " ms");
  }
  WEIR_RETURN_NOT_OK(FinishStatement());
  std::vector<std::vector<std::string>> rows;
  for (std::string& line : lines) rows.push_back({std::move(line)});
  return TextRows({"QUERY PLAN"}, std::move(rows), "EXPLAIN");
}

EngineSession::Outcome EngineSession::RunSet(const SetParameter& set) {
  if (set.transaction && !in_block()) {
    Report("WARNING", "25P01", "SET TRANSACTION can only be used in transaction blocks");
    return NoRows("SET");
  }
  if (set.local && !in_block()) {
    Report("WARNING", "25P01", "SET LOCAL can only be used in transaction blocks");
    return NoRows("SET");
  }
  WEIR_RETURN_NOT_OK(SetOne(set.name, set.value, set.local));
  for (const auto& [name, value] : set.also) WEIR_RETURN_NOT_OK(SetOne(name, value, set.local));
  WEIR_RETURN_NOT_OK(ShowModes());
  return NoRows(set.reset ? "RESET" : "SET");
}

/// No value: RESET. `local`: until the block ends.
Status EngineSession::SetOne(const std::string& name, const std::optional<std::string>& value, bool local) {
  const std::string transaction = "transaction_";
  const bool of_transaction = name == transaction + "isolation" || name == transaction + "read_only" ||
                              name == transaction + "deferrable";
  if (of_transaction && value && in_block()) return SetMode(name, *value);
  const bool names_role = IsRoleParameter(name);
  if (names_role && value) WEIR_RETURN_NOT_OK(CheckMayBe(name, *value));
  const auto apply = [&](Parameters& parameters) {
    return value ? parameters.Set(name, *value) : parameters.Reset(name);
  };
  WEIR_RETURN_NOT_OK(apply(parameters_));
  // Another session user has no role of the one before.
  if (name == "session_authorization") WEIR_RETURN_NOT_OK(SetOne("role", std::nullopt, local));
  if (names_role) ApplyRole();
  WEIR_RETURN_NOT_OK(ApplyTimeZone());
  return in_block() && !local ? apply(*parameters_after_) : Status::OK();
}

/// Texts of timestamps with time zone are DuckDB's, so it must know the zone.
Status EngineSession::ApplyTimeZone() {
  std::string zone = *parameters_.Get("TimeZone");
  if (zone == time_zone_) return Status::OK();
  for (auto& connection : {connection_, aside_}) {
    auto set = connection->Query("SET TimeZone = " + duckdb::KeywordHelper::WriteQuoted(zone));
    if (!set->HasError()) continue;
    WEIR_RETURN_NOT_OK(parameters_.Set("TimeZone", time_zone_));
    return Error("22023", "invalid value for parameter \"TimeZone\": \"" + zone + "\"");
  }
  time_zone_ = zone;
  return Status::OK();
}

EngineSession::Outcome EngineSession::RunShow(const ShowParameter& show) {
  if (show.name == "all") {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, value] : parameters_.All()) rows.push_back({name, value, ""});
    return TextRows({"name", "setting", "description"}, std::move(rows), "SHOW");
  }
  auto value = parameters_.Get(show.name);
  if (!value) return Error("42704", "unrecognized configuration parameter \"" + show.name + "\"");
  return TextRows({show.name}, {{*value}}, "SHOW");
}

Result<std::shared_ptr<PreparedStatement>> EngineSession::Prepare(std::string_view text,
                                                                  const std::vector<uint32_t>& type_oids) {
  locks_->ClearInterrupt();
  auto prepared = Guarded(text, [&]() -> Result<std::shared_ptr<PreparedStatement>> {
    WEIR_ASSIGN_OR_RETURN(auto statements, sql::Parse(text));
    if (statements.size() > 1) return Error("42601", "cannot insert multiple commands into a prepared statement");
    if (statements.empty()) return std::shared_ptr<PreparedStatement>(std::make_shared<EnginePrepared>(Statement{NoEffect{}, "", 0}));
    if (status_ == TransactionStatus::kFailed && !EndsTransaction(statements[0])) return Aborted();
    if (const auto* show = std::get_if<ShowCatalog>(&statements[0].action)) {
      WEIR_ASSIGN_OR_RETURN(Query query, CatalogQuery(*show));
      statements[0].action = std::move(query);
    }
    auto described = std::make_shared<EnginePrepared>(std::move(statements[0]));
    if (std::holds_alternative<Query>(described->statement().action)) {
      if (open_) open_->Close();
      open_.reset();
      WEIR_RETURN_NOT_OK(BeginRows());
      Status status = described->Describe(*connection_, Names(), type_oids);
      AbandonStatement();
      const Query& query = std::get<Query>(described->statement().action);
      WEIR_RETURN_NOT_OK(PlacedIn(query.text, ToDuckDb(query), status));
    } else {
      described->DescribeOther(parameters_);
    }
    return std::shared_ptr<PreparedStatement>(std::move(described));
  });
  if (!prepared.ok()) {
    AbandonStatement();
    Fail();
  }
  return prepared;
}

Result<std::unique_ptr<QueryResult>> EngineSession::Execute(const std::shared_ptr<PreparedStatement>& prepared,
                                                            const std::vector<ParameterValue>& values) {
  const auto& described = static_cast<const EnginePrepared&>(*prepared);
  Values bound;
  Status status = Guarded({}, [&] { return described.Bind(*connection_, values, &bound); });
  if (!status.ok()) {
    Fail();
    return status;
  }
  return RunWith(prepared->statement(), std::move(bound), &described);
}

void EngineSession::Report(const char* severity, const char* sqlstate, const std::string& text) {
  ErrorFields notice;
  notice.severity = severity;
  notice.sqlstate = sqlstate;
  notice.message = text;
  notices_.push_back(std::move(notice));
}

}  // namespace weir::sql
