#include "sql/session/engine_session.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "duckdb/parser/keyword_helper.hpp"
#include "postgres/value/text.h"
#include "sql/access/access_ddl.h"
#include "sql/catalog/fluss_name.h"
#include "sql/dialect/duckdb_text.h"
#include "sql/dialect/parser.h"
#include "sql/duckdb/statement_heap.h"
#include "sql/engine/duckdb_health.h"
#include "sql/engine/duckdb_memory.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "sql/engine/value_settings.h"
#include "sql/one_of.h"
#include "sql/overloaded.h"
#include "sql/session/prepared.h"
#include "sql/session/session_defaults.h"
#include "sql/system/catalog_names.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

bool IsRoleParameter(const std::string& name) { return name == "role" || name == "session_authorization"; }

/// Why a session's database is not in the list of all: a cluster lists what its user may describe.
Status NoDatabase(Gateway& gateway, const std::string& name) {
  const auto there = gateway.DatabaseExists(FlussNameOf(name)).Wait();
  if (!there.ok()) return there.status();
  if (!*there) return Error("3D000", "database \"" + name + "\" does not exist");
  return Error("42501", "permission denied for database \"" + name + "\"",
               {.detail = "The user of this server may not describe it on " + gateway.target() + "."});
}

}  // namespace

Status Aborted() {
  return Error("25P02", "current transaction is aborted, commands ignored until end of transaction block");
}

bool EndsTransaction(const Statement& statement) {
  const auto* control = std::get_if<TransactionControl>(&statement.action);
  using Kind = TransactionControl::Kind;
  return control &&
         (control->kind == Kind::kCommit || control->kind == Kind::kRollback || control->kind == Kind::kRollbackTo);
}

EngineSession::EngineSession(std::shared_ptr<SharedEngine> engine, const SessionOptions& options)
    : engine_(std::move(engine)), database_(options.database), user_(options.user), routed_(*engine_->catalog),
      sequences_(engine_->sequences), disconnect_(options.disconnect) {}

EngineSession::~EngineSession() {
  place_.reset();  // nobody cancels what is going
  if (open_) open_->Close();
  if (in_block()) (void)EndTransaction(false);
  if (state_ == nullptr) return;
  cancelled_ = false;  // what the session still has to do is not the statement that was cancelled
  if (locks_ != nullptr) locks_->ClearInterrupt();
  const Status dropped = Guarded({}, [&] { return DropTemporary(); });
  if (!dropped.ok()) spdlog::warn("a session's temporary tables stay until the next start: {}", dropped.ToString());
}

Result<std::unique_ptr<Session>> EngineSession::Connect(std::shared_ptr<SharedEngine> engine,
                                                        const SessionOptions& options) {
  std::unique_ptr<EngineSession> session(new EngineSession(std::move(engine), options));
  WEIR_RETURN_NOT_OK(Guarded({}, [&] { return session->Start(options); }));
  return std::unique_ptr<Session>(std::move(session));
}

Status EngineSession::Start(const SessionOptions& options) {
  WEIR_ASSIGN_OR_RETURN(auto databases, engine_->catalog->ListDatabases());
  const bool exists = std::find(databases.begin(), databases.end(), database_) != databases.end();
  if (!exists && !IsMaintenanceDatabase(database_)) return NoDatabase(engine_->catalog->gateway(), database_);
  locks_ = engine_->transactions->locks().NewOwner(options.process_id);
  state_ = duckdb::make_shared_ptr<SessionState>();
  state_->locks = locks_.get();
  state_->memory = engine_->memory;
  state_->routed = &routed_;
  state_->notice = [this](const std::string& text) { Notice(text); };
  state_->locality = options.locality;
  if (!options.files.empty()) {
    WEIR_ASSIGN_OR_RETURN(state_->files, FileFolder::Open(options.files));
  }
  state_->write_foreign = [this](const auto& table, const auto& rows) { return WriteForeign(table, rows); };
  state_->warn = [this](const std::string& text) { Report("WARNING", "01000", text); };
  state_->set_parameter = [this](const std::string& name, const std::string& value, bool local) {
    const Status may = CheckMaySet(name, *Access(), current_role_);
    return may.ok() ? SetOne(name, value, local && in_block()) : may;
  };
  state_->check_may_change = [this](const std::string& what) { return CheckMayChange(what); };
  state_->sequences = &sequences_;
  state_->sessions = ViewOfSessions(options.process_id);
  state_->changed_keys = &changed_keys_;
  state_->database = database_;
  state_->tables = engine_->catalog.get();
  state_->parameters = &parameters_;
  values_ = duckdb::make_shared_ptr<duck::SessionValues>();
  for (auto* connection : {&connection_, &aside_}) {
    *connection = std::make_shared<duckdb::Connection>(*engine_->duckdb);
    auto& context = *(*connection)->context;
    context.registered_state->Insert(SessionState::kKey, state_);
    context.registered_state->Insert(duck::SessionValues::kKey, values_);
    context.registered_state->Insert(duck::StatementHeap::kKey, duckdb::make_shared_ptr<duck::StatementHeap>());
    context.RunFunctionInTransaction([&] {
      duckdb::CatalogSearchEntry entry(kAttachedName, database_);
      duckdb::ClientData::Get(context).catalog_search_path->Set(entry, duckdb::CatalogSetPathType::SET_SCHEMA);
    });
  }
  index_values_ = std::make_unique<SessionIndexValues>(aside_);
  WEIR_RETURN_NOT_OK(LogIn());
  for (const auto& [name, value] : options.of_server) parameters_.Report(name, value);
  WEIR_RETURN_NOT_OK(TakeClusterSettings());
  TakeDefaultSettings();
  for (const auto& [name, value] : options.parameters) {
    WEIR_RETURN_NOT_OK(CheckMaySet(name, *Access(), current_role_));
    WEIR_RETURN_NOT_OK(SetOne(name, value, false));
  }
  WEIR_RETURN_NOT_OK(ShowModes());
  parameters_.KeepAsDefaults();
  WEIR_RETURN_NOT_OK(ApplyParameters());
  ShowToOthers(options);
  return Status::OK();
}

Result<std::vector<Statement>> EngineSession::Parsed(std::string_view text) const {
  return speaks_duckdb() ? ParseDuckDbText(text) : sql::Parse(text);
}

Result<std::vector<Statement>> EngineSession::Parse(std::string_view text) {
  if (auto known = KnownStatement(text)) return std::vector<Statement>{*std::move(known)};
  auto statements = Guarded(text, [&] { return Parsed(text); });
  if (!statements.ok()) Fail();
  if (statements.ok()) KeepControl(text, *statements);
  return statements;
}

Result<std::unique_ptr<QueryResult>> EngineSession::Run(const Statement& statement) {
  return RunWith(statement, {}, nullptr);
}

Status EngineSession::Enter(const Statement& statement) {
  if (open_) open_->Close();
  open_.reset();
  if (status_ == TransactionStatus::kFailed && !EndsTransaction(statement)) return Aborted();
  StartLimits();
  WEIR_RETURN_NOT_OK(EndedOr(Status::OK()));
  ShowStatement(statement);
  return FindTemporary();
}

EngineSession::Outcome EngineSession::RunWith(const Statement& statement, const Values& values,
                                              EnginePrepared* prepared) {
  WEIR_RETURN_NOT_OK(Enter(statement));
  auto outcome = Guarded(statement.text, [&]() -> Outcome {
    WEIR_ASSIGN_OR_RETURN(auto placed, Placed(statement.action));
    if (!placed) return RunEntered(statement, values, prepared);
    return RunEntered({.action = *std::move(placed), .text = statement.text, .offset = statement.offset}, values,
                      prepared);
  });
  const auto timer = std::exchange(timer_, nullptr);
  if (outcome.ok() && open_) open_->KeepUntilEnd(timer);
  if (!outcome.ok()) {
    AbandonStatement();
    Fail();
    const Status failure = WithSchemaSeen(WithoutHidden(outcome.status()), database_);
    const std::string& state = FieldsOf(failure).sqlstate;
    if (state == sqlstate::kOutOfMemory || state == sqlstate::kQueryCanceled) GiveBackMemory();
    return EndedOr(FailureOf(timer.get(), AsWritten(failure, statement.expanded, 0)));
  }
  return outcome;
}

namespace {

template <typename Made>
Result<std::optional<Action>> AsAction(Result<Made> made) {
  if (!made.ok()) return made.status();
  return std::optional<Action>(made.MoveValue());
}

}  // namespace

/// A statement whose names say where they are; nothing where they do already.
Result<std::optional<Action>> EngineSession::Placed(const Action& written) {
  const Overloaded place{
      [&](const CreateTable& table) -> Result<std::optional<Action>> { return AsAction(Placed(table)); },
      [&](const CreateView& view) -> Result<std::optional<Action>> { return AsAction(Placed(view)); },
      [&](const CreateSequence& sequence) -> Result<std::optional<Action>> { return AsAction(Placed(sequence)); },
      [](const auto&) -> Result<std::optional<Action>> { return std::optional<Action>(); },
  };
  WEIR_ASSIGN_OR_RETURN(std::optional<Action> own, std::visit(place, written));
  if (!own) return PlacedByPath(written);
  WEIR_ASSIGN_OR_RETURN(auto placed, PlacedByPath(*own));
  return placed ? std::move(placed) : std::move(own);
}

EngineSession::Outcome EngineSession::RunEntered(const Statement& statement, const Values& values,
                                                 EnginePrepared* prepared) {
  WEIR_RETURN_NOT_OK(CheckMayRun(statement.action));
  WEIR_RETURN_NOT_OK(CheckAccess(statement.action));
  WEIR_RETURN_NOT_OK(LockFor(statement.action));
  return Dispatch(statement, values, prepared);
}

void EngineSession::StartLimits() {
  cancelled_ = false;
  StayUsable(*engine_->duckdb->instance);
  connection_->context->ClearInterrupt();
  locks_->ClearInterrupt();
  locks_->set_timeout(parameters_.Time("lock_timeout"));
  state_->statement_time = duckdb::timestamp_tz_t(duckdb::Timestamp::GetCurrentTimestamp());
  const auto limit = parameters_.Time("statement_timeout");
  if (limit.count() > 0) timer_ = std::make_shared<StatementTimer>(limit, [this] { Cancel(); });
}

namespace {

std::string RoutineWord(RoutineKind kind) {
  switch (kind) {
    case RoutineKind::kFunction: return "FUNCTION";
    case RoutineKind::kProcedure: return "PROCEDURE";
    case RoutineKind::kRoutine: break;
  }
  return "ROUTINE";
}

/// The command by which errors name a statement that changes something; empty for others.
std::string ChangeOf(const Action& action) {
  const Overloaded command{
      [](const CreateTable& create) {
        if (create.select_into) return std::string("SELECT INTO");
        return std::string(create.query ? "CREATE TABLE AS" : "CREATE TABLE");
      },
      [](const OneOf<AttachPartition, DetachPartition, AlterPartitioning, AlterClassicPartition> auto&) {
        return std::string("ALTER TABLE");
      },
      [](const AlterTable& alter) {
        if (alter.foreign) return std::string("ALTER FOREIGN TABLE");
        return std::string(alter.materialized ? "ALTER MATERIALIZED VIEW" : alter.view ? "ALTER VIEW" : "ALTER TABLE");
      },
      [](const CreateView& create) {
        return std::string(create.materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW");
      },
      [](const DropView& drop) { return std::string(drop.materialized ? "DROP MATERIALIZED VIEW" : "DROP VIEW"); },
      [](const CreateFunction& create) {
        return std::string(create.procedure ? "CREATE PROCEDURE" : "CREATE FUNCTION");
      },
      [](const DropFunctions& drop) { return "DROP " + RoutineWord(drop.kind); },
      [](const AlterFunction& alter) { return "ALTER " + RoutineWord(alter.kind); },
      [](const RefreshMaterializedView&) { return std::string("REFRESH MATERIALIZED VIEW"); },
      [](const CommentOn&) { return std::string("COMMENT"); },
      [](const DropTable& drop) {
        if (drop.kind == DropTable::Kind::kTable) return std::string("DROP TABLE");
        return std::string(drop.kind == DropTable::Kind::kForeign ? "DROP FOREIGN TABLE" : "DROP EXTERNAL TABLE");
      },
      [](const CreateServer&) { return std::string("CREATE SERVER"); },
      [](const ArchivePartition&) { return std::string("CALL"); },
      [](const AlterServer&) { return std::string("ALTER SERVER"); },
      [](const DropServers&) { return std::string("DROP SERVER"); },
      [](const ImportSchema&) { return std::string("IMPORT FOREIGN SCHEMA"); },
      [](const CreateExtension&) { return std::string("CREATE EXTENSION"); },
      [](const CreateSequence&) { return std::string("CREATE SEQUENCE"); },
      [](const AlterSequence&) { return std::string("ALTER SEQUENCE"); },
      [](const DropSequences&) { return std::string("DROP SEQUENCE"); },
      [](const OneOf<CreateEnum, CreateRange, CreateComposite> auto&) { return std::string("CREATE TYPE"); },
      [](const CreateDomain&) { return std::string("CREATE DOMAIN"); },
      [](const AlterType& alter) { return std::string(alter.domain ? "ALTER DOMAIN" : "ALTER TYPE"); },
      [](const DropTypes& drop) { return std::string(drop.domain ? "DROP DOMAIN" : "DROP TYPE"); },
      [](const CreateIndex&) { return std::string("CREATE INDEX"); },
      [](const OneOf<RenameIndex, AttachIndex> auto&) { return std::string("ALTER INDEX"); },
      [](const DropIndexes&) { return std::string("DROP INDEX"); },
      [](const ConfigureZone&) { return std::string("CONFIGURE ZONE"); },
      [](const ClusterSetting& setting) {
        const bool shows = setting.action == ClusterSetting::Action::kShow ||
                           setting.action == ClusterSetting::Action::kShowAll;
        return std::string(shows ? "" : "SET CLUSTER SETTING");
      },
      [](const Truncate&) { return std::string("TRUNCATE TABLE"); },
      [](const AccessStatement& statement) { return CommandTag(statement); },
      [](const CreateDatabase& create) { return std::string(create.is_schema ? "CREATE SCHEMA" : "CREATE DATABASE"); },
      [](const DropDatabase& drop) { return std::string(drop.is_schema ? "DROP SCHEMA" : "DROP DATABASE"); },
      [](const DropAbsent& drop) { return drop.tag; },
      [](const RenameDatabase& rename) {
        return std::string(rename.is_schema ? "ALTER SCHEMA" : "ALTER DATABASE");
      },
      // Queries and COPY are held to it when they are planned; what CALL runs, by itself.
      [](const OneOf<Query, Copy, Explain, PrepareQuery, ExecutePrepared, DeclareCursor, CallProcedure> auto&) {
        return std::string();
      },
      [](const OneOf<TransactionControl, SetParameter, SetConstraints, ShowParameter, ShowCatalog, LockTable,
                     Deallocate, FetchCursor, CloseCursor, Discard, NoEffect, Unsupported> auto&) {
        return std::string();
      },
  };
  return std::visit(command, action);
}

}  // namespace

Status EngineSession::CheckMayChange(const std::string& command) const {
  const bool read_only = in_block() ? modes_.read_only : parameters_.IsOn("default_transaction_read_only");
  return read_only ? Error("25006", "cannot execute " + command + " in a read-only transaction") : Status::OK();
}

Status EngineSession::CheckMayRun(const Action& action) const {
  const bool locks = std::holds_alternative<LockTable>(action);
  const std::string change = locks && !Modes().read_only ? "LOCK TABLE" : ChangeOf(action);
  return change.empty() ? Status::OK() : CheckMayChange(change);
}

EngineSession::Outcome EngineSession::Dispatch(const Statement& statement, const Values& values,
                                               EnginePrepared* prepared) {
  const Overloaded run{
      [&](const Query& query) -> Outcome {
        if (!query.ranges_of_rows.empty()) {
          WEIR_ASSIGN_OR_RETURN(const Query known, WithRanges(query));
          return RunQuery(known);
        }
        if (prepared == nullptr || !prepared->query()) return RunQuery(query);
        WEIR_RETURN_NOT_OK(BeginRows());
        WEIR_RETURN_NOT_OK(Renew(prepared->query().get()));
        WEIR_RETURN_NOT_OK(prepared->CheckColumns());
        return RunPlanned(prepared->query().get(), values);
      },
      [&](const Explain& explain) { return RunExplain(explain); },
      [&](const TransactionControl& control) { return RunControl(control); },
      [&](const SetParameter& set) { return RunSet(set); },
      [&](const ShowParameter& show) { return RunShow(show); },
      [&](const ClusterSetting& setting) { return RunClusterSetting(setting); },
      [&](const LockTable& lock) { return RunLock(lock); },
      [&](const Truncate& truncate) { return RunTruncate(truncate); },
      [&](const CreateTable& create) { return RunCreateTable(create); },
      [&](const AlterPartitioning& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const AlterTable& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const AlterClassicPartition& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const CreateView& create) { return RunCreateView(create); },
      [&](const RefreshMaterializedView& refresh) { return RunRefresh(refresh); },
      [&](const CreateFunction& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const DropFunctions& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const AlterFunction& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const CallProcedure& call) { return RunCall(call); },
      [&](const DropView& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const CommentOn& comment) { return RunDdl(comment, ChangeOf(statement.action)); },
      [&](const DropTable& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const ArchivePartition& archive) { return RunArchive(archive); },
      [&](const CreateServer& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const AlterServer& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const DropServers& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const ImportSchema& import) { return RunDdl(import, ChangeOf(statement.action)); },
      [&](const CreateExtension& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const CreateSequence& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const AlterSequence& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const DropSequences& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const CreateEnum& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const CreateRange& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const CreateComposite& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const CreateDomain& create) { return RunDdl(create, ChangeOf(statement.action)); },
      [&](const AlterType& alter) { return RunDdl(alter, ChangeOf(statement.action)); },
      [&](const DropTypes& drop) { return RunDdl(drop, ChangeOf(statement.action)); },
      [&](const CreateIndex& create) { return RunCreateIndex(create); },
      [&](const RenameIndex& rename) { return RunDdl(rename, ChangeOf(statement.action)); },
      [&](const AttachIndex& attach) { return RunDdl(attach, ChangeOf(statement.action)); },
      [&](const DropIndexes& drop) { return RunDropIndexes(drop); },
      [&](const AttachPartition& attach) { return RunDdl(attach, ChangeOf(statement.action)); },
      [&](const DetachPartition& detach) { return RunDetach(detach); },
      [&](const ConfigureZone& configure) { return RunConfigureZone(configure); },
      [&](const CreateDatabase& create) { return RunDatabaseDdl(create, "CREATE"); },
      [&](const DropDatabase& drop) { return RunDatabaseDdl(drop, "DROP"); },
      [&](const RenameDatabase& rename) { return RunRenameDatabase(rename); },
      [&](const ShowCatalog& show) -> Outcome {
        WEIR_ASSIGN_OR_RETURN(const Query query, QueryOf(show));
        return RunQuery(query);
      },
      [&](const AccessStatement& change) { return RunAccess(change); },
      [&](const NoEffect& nothing) { return RunNoEffect(nothing); },
      [&](const DropAbsent& drop) { return RunDropAbsent(drop); },
      [&](const SetConstraints& set) { return RunSetConstraints(set); },
      [&](const PrepareQuery& prepare) { return RunPrepare(prepare, statement.text); },
      [&](const ExecutePrepared& execute) { return RunExecute(execute); },
      [&](const Deallocate& deallocate) { return RunDeallocate(deallocate); },
      [&](const DeclareCursor& declare) { return RunDeclare(declare, statement.text); },
      [&](const FetchCursor& fetch) { return RunFetch(fetch); },
      [&](const CloseCursor& close) { return RunClose(close); },
      [&](const Copy&) -> Outcome {
        return Error("0A000", "COPY is not supported here", {.hint = "Use a client of the PostgreSQL protocol."});
      },
      [&](const Discard& discard) { return RunDiscard(discard); },
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
  WEIR_RETURN_NOT_OK(FollowDefinitions());
  state_->transaction = transaction_.get();
  state_->change = nullptr;
  state_->in_duckdb_dialect = false;
  state_->access = Access();
  SetMoments();
  return Status::OK();
}

void EngineSession::SetMoments() {
  values_->settings = settings_;
  values_->settings.now = state_->transaction_time.value;
  values_->statement_start = state_->statement_time.value;
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
  files_.RollBack();
  transaction_->Rollback();
  transaction_.reset();
  if (const auto draft = TakeDraft()) ForgetCounters(*draft, false);
  access_draft_.reset();
}

/// What the block has done since its last savepoint is taken back at once: nobody waits for its ROLLBACK.
void EngineSession::Fail() {
  if (!in_block() || std::exchange(status_, TransactionStatus::kFailed) == TransactionStatus::kFailed) return;
  transaction_->RollbackTo(savepoints_.empty() ? 0 : savepoints_.back().rows);
  locks_->ReleaseTo(savepoints_.empty() ? 0 : savepoints_.back().locks);
}

void EngineSession::Cancel() {
  cancelled_ = true;
  connection_->Interrupt();
  aside_->Interrupt();
  locks_->Interrupt();
}

std::chrono::milliseconds EngineSession::IdleLimit() const {
  return parameters_.Time(in_block() ? "idle_in_transaction_session_timeout" : "idle_session_timeout");
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
  WEIR_RETURN_NOT_OK(CheckMaySet(set.name, *Access(), current_role_));
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
  WEIR_RETURN_NOT_OK(ApplyParameters());
  return in_block() && !local ? apply(*parameters_after_) : Status::OK();
}

uint64_t EngineSession::parameters_version() {
  if (!seen_.IsSame(parameters_)) ++seen_version_;
  seen_ = parameters_;
  return seen_version_;
}

Status EngineSession::ApplyParameters() {
  if (applied_ && applied_->IsSame(parameters_)) return Status::OK();
  Result<postgres::Settings> settings = ValueSettings(parameters_);
  if (!settings.ok()) {
    WEIR_RETURN_NOT_OK(parameters_.Set("TimeZone", time_zone_));
    return settings.status();
  }
  settings_ = settings.MoveValue();
  time_zone_ = *parameters_.Get("TimeZone");
  state_->holds_foreign_keys = parameters_.Get("session_replication_role") != "replica";
  applied_ = parameters_;
  kept_plans_.Clear();
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
  return TextRows({parameters_.NameOf(show.name)}, {{*value}}, "SHOW");
}

namespace {

/// How much a severity weighs, as client_min_messages compares them.
size_t WeightOf(std::string_view severity) {
  constexpr std::array kBySeverity = {"debug5", "debug4", "debug3",  "debug2", "debug1",
                                      "log",    "notice", "warning", "error"};
  const auto same = [&](std::string_view known) {
    return std::ranges::equal(known, severity, [](char a, unsigned char b) { return a == std::tolower(b); });
  };
  return static_cast<size_t>(std::ranges::find_if(kBySeverity, same) - kBySeverity.begin());  // INFO: above all
}

}  // namespace

std::vector<ErrorFields> EngineSession::TakeNotices() {
  std::vector<ErrorFields> notices;
  {
    MutexLock lock(notices_mutex_);
    notices = std::exchange(notices_, {});
  }
  const size_t least = notices.empty() ? 0 : WeightOf(parameters_.Get("client_min_messages").value_or("notice"));
  std::erase_if(notices, [&](const ErrorFields& notice) { return WeightOf(notice.severity) < least; });
  return notices;
}

void EngineSession::Report(const char* severity, const char* sqlstate, const std::string& text,
                           const std::string& hint, const std::string& detail) {
  ErrorFields notice;
  notice.severity = severity;
  notice.sqlstate = sqlstate;
  notice.message = text;
  notice.hint = hint;
  notice.detail = detail;
  MutexLock lock(notices_mutex_);
  notices_.push_back(std::move(notice));
}

}  // namespace weir::sql
