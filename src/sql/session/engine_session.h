#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "access/store.h"
#include "gateway/memory_budget.h"
#include "sql/access/targets.h"
#include "sql/analyze/analyze.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/dialect/call_statement.h"
#include "sql/dialect/statement_shape.h"
#include "sql/duckdb/session_values.h"
#include "sql/engine/active_sessions.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/index_values.h"
#include "sql/engine/parameters.h"
#include "sql/engine/rejected_rows.h"
#include "sql/engine/results.h"
#include "sql/engine/row_locking.h"
#include "sql/engine/statement_timer.h"
#include "sql/session.h"
#include "sql/session/copy_from_writer.h"
#include "sql/session/foreign_key_checks.h"
#include "sql/session/kept_plans.h"
#include "sql/session/new_tables.h"
#include "sql/session/prepared.h"
#include "sql/session/query_plan.h"
#include "sql/session/session_cursors.h"
#include "sql/session/session_files.h"
#include "sql/system/relation_names.h"
#include "sql/system/sequence_functions.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

namespace analyze {
struct FunctionMatch;
}

/// 25P02, and what is taken in spite of it.
Status Aborted();
bool EndsTransaction(const Statement& statement);

/// What the sessions of one database share.
struct SharedEngine {
  std::shared_ptr<Catalog> catalog;
  std::shared_ptr<access::Store> access;
  std::shared_ptr<TransactionManager> transactions;
  std::shared_ptr<SequenceCounters> sequences;
  std::shared_ptr<ActiveSessions> sessions;
  std::shared_ptr<RejectionLog> rejections;
  std::shared_ptr<duckdb::DuckDB> duckdb;
  std::shared_ptr<MemoryBudget> memory;  // null: nothing but DuckDB counts
};

/// What a transaction is like, as BEGIN, SET TRANSACTION and the session's defaults say.
struct TransactionModes {
  std::string isolation;  // lower case
  bool read_only = false;
  bool deferrable = false;
};

class EngineSession : public Session {
 public:
  static Result<std::unique_ptr<Session>> Connect(std::shared_ptr<SharedEngine> engine, const SessionOptions& options);
  /// Drops the temporary tables of sessions that have not ended; for who knows that none is open.
  static Status DropAbandoned(std::shared_ptr<SharedEngine> engine);
  ~EngineSession() override;

  TransactionStatus transaction_status() const override { return status_; }
  Result<std::vector<Statement>> Parse(std::string_view text) override;
  Result<std::unique_ptr<QueryResult>> Run(const Statement& statement) override;
  Result<std::unique_ptr<CopyIn>> StartCopyIn(const Statement& statement) override;
  Result<std::unique_ptr<CopyOut>> StartCopyOut(const Statement& statement) override;
  Result<std::shared_ptr<PreparedStatement>> Prepare(std::string_view text,
                                                     const std::vector<uint32_t>& type_oids) override;
  Result<std::unique_ptr<QueryResult>> Execute(const std::shared_ptr<PreparedStatement>& prepared,
                                               const std::vector<ParameterValue>& values) override;
  const std::vector<ResultColumn>* CursorColumns(const std::string& name) const override;
  void Fail() override;
  void Cancel() override;
  void AwaitClient() override;
  std::chrono::milliseconds IdleLimit() const override;
  std::chrono::milliseconds ClientCheckInterval() const override {
    return parameters_.Time("client_connection_check_interval");
  }
  std::shared_ptr<MemoryBudget> memory() const override { return engine_->memory; }
  /// Those that client_min_messages lets through.
  std::vector<ErrorFields> TakeNotices() override;
  std::optional<std::string> GetParameter(const std::string& name) const override { return parameters_.Get(name); }
  uint64_t parameters_version() override;
  const postgres::Settings& settings() const override { return settings_; }

 private:
  using Outcome = Result<std::unique_ptr<QueryResult>>;
  using Values = std::vector<postgres::Value>;  // of the parameters $1, …
  using Rows = Result<duckdb::unique_ptr<duckdb::QueryResult>>;
  struct Savepoint {
    std::string name;
    size_t rows = 0;   // of the transaction
    size_t locks = 0;  // of the session
    size_t draft = 0;  // of the catalog's
    size_t access = 0;  // of the draft of who may do what
    size_t files = 0;   // of the transaction's
    DeferredForeignKeys references;
    Parameters parameters;        // as they were
    Parameters parameters_after;  // likewise
    TransactionModes modes;
  };

  EngineSession(std::shared_ptr<SharedEngine> engine, const SessionOptions& options);
  Status Start(const SessionOptions& options);
  Result<std::vector<Statement>> Parsed(std::string_view text) const;
  /// Makes what the parameters say hold for the values that are read and written.
  Status ApplyParameters();

  /// Before any statement: 25P02 for one that a failed block does not take.
  Status Enter(const Statement& statement);
  /// What ends a statement that takes too long, or waits too long for a lock.
  void StartLimits();
  /// `prepared`: a query whose meaning is known, and what the client was told of it; null for any other statement.
  Outcome RunWith(const Statement& statement, const Values& values, EnginePrepared* prepared);
  Outcome RunEntered(const Statement& statement, const Values& values, EnginePrepared* prepared);
  Outcome Dispatch(const Statement& statement, const Values& values, EnginePrepared* prepared);
  Outcome RunQuery(const Query& query);
  Outcome RunPlanned(QueryPlan* query, const Values& values);
  Outcome RunPlannedOnce(QueryPlan* query, const Values& values);
  /// Of the dialect that is DuckDB's own: reading only.
  Outcome RunDuckDbText(const std::string& text);
  bool speaks_duckdb() const;

  // session_kept_plans.cc
  /// A kept plan, and the literals of the text as its parameters' values.
  struct KeptQuery {
    std::shared_ptr<QueryPlan> plan;
    Values values;
  };
  /// Absent: the query is to be planned by itself.
  std::optional<KeptQuery> KeptOf(const Query& query);
  void PlanShape(const Query& query, const dialect::StatementShape& shape, KeptPlans::Kept* kept);
  /// A statement of which it is known what it is, without reading it.
  std::optional<Statement> KnownStatement(std::string_view text);
  void KeepControl(std::string_view text, const std::vector<Statement>& statements);
  Result<std::vector<Statement>> ParsedToPrepare(std::string_view text, const std::vector<uint32_t>& types);
  bool MayUseKept();
  /// The plan of the same text with the same types; null: there is none.
  std::shared_ptr<QueryPlan> KeptFor(const std::string& key);
  Result<std::shared_ptr<QueryPlan>> PlanToPrepare(const Query& query, const std::vector<uint32_t>& types);
  Outcome RunExplain(const Explain& explain);
  Outcome RunPrepare(const PrepareQuery& prepare, const std::string& text);
  Outcome RunExecute(const ExecutePrepared& execute);
  /// The prepared statement that EXECUTE names, and the values that it gives its parameters.
  struct Executed {
    EnginePrepared* prepared = nullptr;
    Values values;
  };
  Result<Executed> ReadExecute(const ExecutePrepared& execute);
  /// The query inside of EXPLAIN or CREATE TABLE AS: what is written there, or what EXECUTE names, with its values.
  struct InnerQuery {
    std::string text;
    std::vector<uint32_t> types;  // of its parameters
    Values values;
  };
  Result<InnerQuery> ReadInner(const std::string& text);
  Status DescribeInner(EnginePrepared* described, const std::vector<uint32_t>& type_oids);
  Status DescribeCall(EnginePrepared* described, const CallProcedure& call, const std::vector<uint32_t>& type_oids);
  Status BeginPreparing();
  /// With what stands before it.
  Result<QueryPlan> PlanInner(const InnerQuery& inner, const std::string& before);
  Outcome RunDiscard(const Discard& discard);
  Outcome RunDeallocate(const Deallocate& deallocate);
  Outcome RunDeclare(const DeclareCursor& declare, const std::string& text);
  Outcome RunFetch(const FetchCursor& fetch);
  Result<std::optional<analyze::CursorRow>> FindCursorRow(const std::string& name, const Relation& table);
  Outcome ReadCursor(const DeclareCursor& declare, const std::string& text, bool names_rows);
  Outcome RunClose(const CloseCursor& close);
  Result<ParameterValue> TextOf(const Expression& argument, uint32_t type);
  Result<uint32_t> OidOfName(uint32_t type_oid, const std::string& name) override;
  Result<std::vector<ParameterValue>> ReadNames(const EnginePrepared& prepared, std::vector<ParameterValue> values);
  void EndCursors(bool committed);
  void DescribeKept(EnginePrepared* described) const;
  Outcome RunControl(const TransactionControl& control);
  Outcome RunSet(const SetParameter& set);
  Outcome RunLock(const LockTable& lock);
  Status SetOne(const std::string& name, const std::optional<std::string>& value, bool local);
  Outcome RunShow(const ShowParameter& show);
  Outcome RunTruncate(const Truncate& truncate);
  Status RestartSequencesOf(const Relation& table);
  Outcome RunCreateTable(const CreateTable& create);
  Outcome RunCreateTableAs(const CreateTable& create);
  Outcome RunCreateIndex(const CreateIndex& create);
  Outcome RunDropIndexes(const DropIndexes& drop);
  Outcome RunDetach(const DetachPartition& detach);
  Status Empty(const RelationPtr& table, bool restart_identity);

  // session_activity.cc
  void ShowToOthers(const SessionOptions& options);
  void ShowStatement(const Statement& statement);
  void Terminate();
  Status EndedOr(const Status& failure) const;
  /// Of rows that the client was reading.
  Status FailedRows(const Status& failure);
  std::optional<int64_t> TransactionId(bool assign);
  SessionView ViewOfSessions(int32_t process_id);

  // session_foreign_keys.cc
  using KeyRows = std::shared_ptr<duckdb::ColumnDataCollection>;
  Result<KeyRows> RunOwn(const std::string& text, const KeyRows& changed);
  Result<std::optional<ViolatingRow>> FindViolation(const std::string& text, const KeyRows& changed);
  Result<RelationPtr> LeafNamed(std::optional<int64_t> leaf, const RelationPtr& otherwise);
  Result<std::string> NameAsReferringTo(const ForeignKey& key, int64_t table);
  Status CheckSeesAllOf(const RelationPtr& table);
  Result<bool> LockOtherSide(ForeignKeyCheck* check);
  Status HoldToForeignKey(ForeignKeyCheck check);
  Status HoldReferring(const ForeignKeyCheck& check);
  Status HoldReferenced(const ForeignKeyCheck& check);
  Status ChangeReferring(const ForeignKeyCheck& check);
  Status HoldOrDefer(ForeignKeyCheck check);
  // session_exclusions.cc
  Status HoldToExclusions(const ChangedKeys& changed);
  Status HoldToExclusion(const RelationPtr& leaf, const SqlConstraint& constraint, const ChangedKeys& changed);
  Result<RelationPtr> LockToExclude(const Relation& leaf);
  Status HoldDeferredKeys(bool all);
  Result<std::optional<ViolatingRow>> FindExcluded(const RelationPtr& leaf, const SqlConstraint& constraint,
                                                   const ChangedKeys* changed);
  Status HoldAllToExclusion(const RelationPtr& table, const SqlConstraint& constraint);
  Status HoldChanged(const ChangedKeys& changed);
  /// Holds what the statement has changed to foreign keys, and does to other rows what these say. 23503.
  Status HoldReferences();
  /// The same for what was put off; `all`: even what is still to be.
  Status HoldDeferred(bool all);
  Status SetKeyBelow(const Relation& table, const std::string& name, bool deferred);
  Status SetConstraint(const QualifiedName& name, bool deferred);
  Outcome RunSetConstraints(const SetConstraints& set);
  Status CheckNothingIsDeferred(const RelationPtr& table, const std::string& command);
  Status HoldAllRows(const ForeignKey& key);
  Status HoldWithoutPartition(const ForeignKey& key, const RelationPtr& partition);
  Result<std::vector<RelationPtr>> TablesToEmpty(const std::vector<RelationPtr>& named, bool cascade);

  // session_archive.cc
  Status WriteForeign(const RelationPtr& table, const arrow::RecordBatch& rows);
  Outcome RunArchive(const ArchivePartition& statement);
  Status ArchiveLeaf(const RelationPtr& leaf);
  Status RestoreLeaf(const RelationPtr& leaf);
  Result<int64_t> WriteLeaf(const RelationPtr& leaf, const std::string& name);
  Status CheckForeignRows(const RelationPtr& leaf);

  // session_zones.cc
  Outcome RunConfigureZone(const ConfigureZone& configure);
  Status CheckMayConfigure(const ZoneTarget& target);
  Result<Query> QueryOf(const ShowCatalog& show);
  Result<Query> WithRanges(const Query& query);
  Outcome RunClusterSetting(const ClusterSetting& setting);
  /// New sessions begin with what the cluster's settings say.
  Status TakeClusterSettings();
  Result<RelationPtr> ShownTable(const ShowCatalog& show);
  Result<int64_t> RangeOfRow(const ShowCatalog& show);
  Result<std::vector<RangeEdge>> SplitKeyOf(const Relation& keyed, const std::vector<std::string>& row);

  // session_names.cc
  Result<std::vector<std::string>> DatabasesOfPath();
  /// Nothing where the statement has no name without a schema.
  Result<std::optional<Action>> PlacedByPath(const Action& written);

  // session_temporary.cc
  Status FindTemporary();
  Result<std::optional<Action>> Placed(const Action& written);
  Result<Copy> Placed(const Copy& written);
  Result<CreateTable> Placed(CreateTable create);
  Result<CreateView> Placed(CreateView create);
  Result<CreateSequence> Placed(CreateSequence create);
  Result<bool> PlaceTemporary(bool temporary, QualifiedName* name);
  Result<bool> ReadsTemporary(const CreateView& create);
  Status MakeTemporaryDatabase();
  Status RunOnCommit();
  Status CheckEmptiedTogether(const RelationPtr& table);
  Status DropTemporary();
  Status DropTemporary(const std::string& database);

  template <typename DatabaseDdl>
  Outcome RunDatabaseDdl(const DatabaseDdl& statement, const char* verb);
  Outcome RunRenameDatabase(const RenameDatabase& rename);
  Status LockToRename(const RenameDatabase& rename);
  Outcome RunNoEffect(const NoEffect& nothing);
  Outcome RunReindex(const NoEffect& reindex);
  Outcome RunDropAbsent(const DropAbsent& drop);
  Result<std::vector<RelationPtr>> TablesNamed(const NoEffect& maintenance);
  Result<bool> MayMaintain(const Relation& table);
  Status Recount(std::vector<RelationPtr> tables, bool named, const std::string& verb, bool columns);
  Status WriteAnew(const std::vector<RelationPtr>& tables);
  Status WriteTableAnew(const Relation& table);
  Result<bool> HasMuchDeleted(const Relation& leaf);
  Status Reclaim(const std::vector<RelationPtr>& tables);
  Result<int64_t> RecountBelow(const RelationPtr& table, bool columns);
  Result<std::vector<ColumnStatistics>> StatisticsOfRows(const Relation& table, const std::string& from,
                                                         int64_t rows);
  Result<bool> MaySample(const Relation& tree, size_t* leaves);
  Result<std::vector<ColumnStatistics>> StatisticsOfTree(const Relation& table,
                                                         const std::vector<RelationPtr>& children, int64_t rows);
  bool MayCount() const;
  Status TellOfForeign(const RelationPtr& relation);
  class ClientCopy;  // COPY FROM STDIN
  Result<CopyFrom> PlanCopyFrom(const Copy& copy);
  Status CheckFreeze(const CopyFrom& copy) const;
  Result<std::unique_ptr<CopyOut>> OpenCopyOut(const Copy& copy);
  Status LeaveOutExternal(const RelationPtr& relation, const Copy& copy);
  Result<Query> QueryOfTable(const Copy& copy, const postgres::CopyOptions& options);
  /// Every statement that changes the catalog comes through here: it changes the draft of the statement's transaction.
  template <typename Ddl>
  Result<Notices> ChangeCatalog(const Ddl& statement);
  template <typename Ddl>
  Result<Notices> ExecuteAlone(const Ddl& statement);
  Result<bool> LockChanged(CatalogDraft* draft, size_t before);
  Result<LockGrant> LockName(const TablePath& path, LockMode mode = LockMode::kAccessExclusive);
  /// The whole of a statement that does nothing else.
  template <typename Ddl>
  Outcome RunDdl(const Ddl& statement, const std::string& tag);
  /// 25001 for a statement that no transaction could take back.
  Status RefuseInBlock(const std::string& statement) const;

  Outcome Begin(const TransactionControl& control);
  Status BeginBlock(TransactionModes modes);
  Outcome Commit(bool chain);
  Outcome Rollback(bool chain);
  Outcome RollbackTo(const std::string& savepoint);
  Status EndTransaction(bool commit);
  Status FollowDefinitions();
  Status FollowBeforeCommit();
  /// The transaction's rows and its draft, together; both are over in any case.
  Status CommitAll();

  TransactionModes DefaultModes() const;
  TransactionModes Modes() const;
  Status SetMode(const std::string& name, const std::string& value);
  Status ShowModes();
  /// 25006 for what a read-only transaction does not do, 0A000 for what only the target itself may do.
  Status CheckMayChange(const std::string& command) const;
  Status CheckMayModify(const QueryPlan& query) const;
  Status CheckNotCancelled() const;
  Status CheckMayRun(const Action& action) const;

  // session_access.cc
  /// Who may do what, as this session's transaction sees it.
  access::StatePtr Access() const;
  AccessContext AccessNow() const;
  Status LogIn();
  void ApplyRole();
  access::RoleId RoleNamed(const std::string& name, access::RoleId otherwise) const;
  std::string NameOfUser(access::RoleId role) const;
  Status CheckMayBe(const std::string& parameter, const std::string& name) const;
  Outcome RunAccess(const AccessStatement& statement);
  // session_defaults.cc
  Result<AccessStatement> WithParametersNamed(AccessStatement statement) const;
  /// New sessions begin with what ALTER ROLE and ALTER DATABASE … SET have said of them.
  void TakeDefaultSettings();
  // session_owned.cc
  Status DropOwnedBy(const DropOwned& statement, std::vector<ErrorFields>* notices);
  template <typename Drop>
  Status DropAlong(const Drop& drop, std::vector<ErrorFields>* notices);
  Status ReassignTypes(const ReassignOwned& statement);
  // session_access.cc
  void ChangeAccess(access::State state);
  Status OwnNew(const CreateTable& create);
  Status OwnNew(const CreateView& create);
  Status OwnNew(const QualifiedName& name);
  Status OwnNew(const CreateDatabase& create);
  Status OwnNew(const RenameDatabase& rename);
  Status OwnNew(const CreateSequence& create);
  Status OwnNew(const CreateFunction& create);
  Status OwnNew(const CreateEnum& create);
  Status OwnNew(const CreateRange& create);
  Status OwnNew(const CreateComposite& create);
  Status OwnNew(const CreateDomain& create);
  Status OwnNewType(const QualifiedName& name);
  Status OwnNew(const CreateServer& create);
  Status OwnNew(const AlterTable& alter);
  Status OwnNew(const DetachPartition& detach);
  Status OwnNew(const AlterClassicPartition& alter);
  /// A table that was a partition of another until now stays with its owner.
  Status KeepOwner(const TablePath& detached, const TablePath& parent);
  /// The sequences that a table's serial and identity columns have got.
  Status OwnSequencesOf(const TablePath& table);
  void OwnNew(const access::Target& made, const std::string& schema, access::RoleId owner);
  /// The relations some of whose columns are granted by themselves.
  Result<std::vector<RelationPtr>> WithGrantedColumns();
  /// These privileges go along with their columns, given what the relations were before.
  Status KeepColumnPrivileges(const std::vector<RelationPtr>& before);
  void ForgetDropped(const CatalogDraft& draft);
  /// A function that gets another name or schema, where it goes and whose it is.
  struct MovedFunction {
    TablePath to;
    access::RoleId owner = access::kWeir;
    bool first_of_name = true;
  };
  Result<std::optional<MovedFunction>> MoveOf(const AlterFunction& alter);
  Status OwnMoved(const MovedFunction& moved);
  /// Counters that no sequence has any more once a draft is committed, or given up.
  void ForgetCounters(const CatalogDraft& draft, bool committed);
  /// 42501 when the session's role may not run the statement. Queries are checked when they are planned.
  Status CheckAccess(const Action& action);
  Status CheckMayComment(const CommentOn& comment);
  Status CheckMayReferTo(const std::vector<TableConstraint>& constraints);
  Status CheckMayCreate(const CreateTable& create);
  Status CheckMayCreate(const CreateView& create);
  Status CheckMayCreateIn(const QualifiedName& name, bool kwdb);
  Status CheckMayPartition(const QualifiedName& name);
  Status CheckMayShow(const ShowCatalog& show);
  Result<std::optional<access::Target>> TargetNamed(const TablePath& path);
  Status CheckOwns(const QualifiedName& name, const char* kind = nullptr, const std::string& called = {});
  Status CheckOwnsHeirs(const QualifiedName& name);
  Status CheckOwnsRoutine(const QualifiedName& name, RoutineKind kind);
  Status CheckMayUse(access::ObjectKind kind, const std::string& name);
  Status CheckOwnsServer(const std::string& name);
  Status CheckOwnsAll(const std::vector<QualifiedName>& names);
  Status CheckOwnsTypes(const std::vector<QualifiedName>& names);
  Status CheckOwnsIndex(const QualifiedName& name);
  Status CheckHasOneOf(const TablePath& path, access::Privileges privileges);
  Status CheckMayUseColumns(const TablePath& path, access::Privilege privilege,
                            const std::vector<std::string>& columns);
  /// An error without the values of a row that the session's role may not read.
  Status WithoutHidden(const Status& failure);
  Result<RelationPtr> TableShownIn(const ErrorFields& error);
  Result<bool> MayRead(RelationPtr table, const std::vector<std::string>& columns);

  /// Takes the locks that a statement needs before it looks at its tables; queries lock theirs as they meet them.
  Status LockFor(const Action& action);
  Result<RelationPtr> LockNamed(const TablePath& path, LockMode mode, LockPolicy policy, bool below);
  Result<TablePath> LockedPath(const QualifiedName& name, bool of_index);
  /// Nobody else uses the relation, nor where `below` is said one below it, from now on; null: it is gone.
  Result<RelationPtr> LockAlone(const RelationPtr& relation, bool below);
  Status LockSequencesOf(const Relation& table);
  Status LockBelow(const Relation& relation, LockMode mode, LockPolicy policy);
  Status LockHeirs(const RelationPtr& table, LockMode mode, LockPolicy policy);
  Status LockToWrite(const TablePath& path);

  void OpenTransaction();
  /// A statement's transaction: the open one, or one of its own that Finish commits.
  Status BeginStatement();
  /// What now() and its like are for the statement.
  void SetMoments();
  /// The same for one that may read or write rows: the tables of new leaves are there.
  Status BeginRows();
  Status FinishStatement();
  void AbandonStatement();
  bool in_block() const { return status_ != TransactionStatus::kIdle; }
  /// The catalog as this session sees it.
  CatalogView& catalog() const { return *state_->tables; }
  CatalogDraft* Draft();
  std::unique_ptr<CatalogDraft> TakeDraft();

  /// Gives a query its meaning. Errors: PostgreSQL's, with their positions in the text.
  /// `of_cursor`: its rows name those of its tables too.
  Result<QueryPlan> PlanQuery(const std::string& text, std::vector<uint32_t> parameters = {}, bool of_cursor = false);
  SystemSources SourcesHere() const;
  RelationNames NamesHere();
  // session_views.cc
  Result<NewView> DefineView(const CreateView& create);
  Status CheckCheckOption(const ViewDefinition& view);
  /// 42501 unless the session's role may use the views, and their owners what the views' queries name.
  Status CheckViewUses(const QueryPlan& planned) const;
  // session_routines.cc
  Status CheckFunction(const SqlFunction& function, int position);
  /// `parameters`: the types of the statement's, as far as they are known.
  Result<analyze::FunctionMatch> FindProcedure(const CallProcedure& call, const std::vector<uint32_t>& parameters);
  Result<Values> ArgumentsOfCall(const CallProcedure& call, const analyze::FunctionMatch& match);
  /// What the last statement gives, or `instead` in its place where that is said; null: there is no statement.
  Rows RunBody(const SqlFunction& routine, const Values& values, const std::string& instead);
  Result<access::RoleId> OwnerOf(const CallProcedure& call, const SqlFunction& procedure);
  Rows RunWithRights(const SqlFunction& routine, access::RoleId owner, const Values& values,
                     const std::string& instead);
  /// The types of a call's arguments; unknown for bare literals and for parameters that nothing tells the types of.
  Result<std::vector<uint32_t>> TypesOfArguments(const CallProcedure& call, const std::vector<uint32_t>& parameters);
  // session_function_calls.cc
  /// The same as PlanQuery for a whole statement, which may be a call of a function whose statements are run.
  Result<QueryPlan> PlanStatement(const std::string& text, std::vector<uint32_t> parameters = {});
  Result<QueryPlan> PlanCall(const dialect::CallStatement& statement, const std::string& text,
                             const std::vector<uint32_t>& parameters);
  Result<Values> ArgumentsOf(QueryPlan* planned, const Values& parameters);
  Outcome RunFunction(QueryPlan* planned, const Values& values);
  Outcome RunCall(const CallProcedure& call);
  // session_materialized.cc
  Status CheckMaterialized(const QueryPlan& planned) const;
  Result<std::string> Fill(const RelationPtr& view);
  Outcome RunCreateView(const CreateView& create);
  Outcome RunRefresh(const RefreshMaterializedView& refresh);
  /// The same again where a table is not what it was; `planned` then has new columns, perhaps.
  Status Renew(QueryPlan* planned);
  Status TakeShapes(QueryPlan* planned, const Values& values);
  Result<bool> IsCurrent(const QueryPlan& planned);
  Result<bool> KnowsForeignKeys(const TableChange* change);

  /// On the second connection, in the statement's transaction.
  Result<duckdb::Value> ValueOf(duckdb::unique_ptr<duckdb::ParsedExpression> expression);
  using ChangedRows = std::vector<std::pair<std::string, std::shared_ptr<duckdb::ColumnDataCollection>>>;
  Status RunChange(const duck::Plan& plan, const duck::Plan::Change& change, const Values& values,
                   ChangedRows* changed);
  bool MakeDirect(QueryPlan* planned);
  Rows RunOnce(QueryPlan* planned, const Values& values, bool streaming);
  /// The same, again as often as a row that it changes or locks has changed since the statement began.
  Rows RunAgain(QueryPlan* planned, const Values& values, bool streaming);
  Result<duckdb::unique_ptr<duckdb::PendingQueryResult>> Start(duck::Plan::Run run, bool streaming);
  RowLockingHost LockingHost();
  DdlContext Context();
  Result<std::vector<KeyValue>> Evaluate(const std::vector<ToEvaluate>& expressions);
  Result<std::string> TypeOf(const std::vector<SqlColumn>& columns, const Expression& expression);
  std::string NameHere(const Relation& relation) const;
  Result<duckdb::Value> QueryValue(const std::string& query);
  Result<duckdb::Value> OneValue(duck::Plan::Run query);
  Result<bool> HasRow(const Relation& relation, const std::string& expression);
  Result<int64_t> CountRows(const Relation& relation);
  Result<bool> HasNewRow(const RelationPtr& leaf, const NewRows& rows, const std::string& condition);
  Status ForNewRows(const RelationPtr& leaf, const NewRows& rows,
                    const std::function<Status(duckdb::DataChunk&)>& visit);
  Result<int64_t> CopyRows(const RelationPtr& leaf, const NewRows& rows, const RelationPtr& to);
  Status SpreadRows(const RelationPtr& leaf, const Relation& table, const PartitionChildren& partitions);
  Result<InitialDefault> InitialDefaultOf(const SqlColumn& column, const std::string& expression);
  Result<std::string> KeptDefinition(const DefinitionText& text);
  Result<std::string> WithCalls(const Status& failure, const std::string& text,
                                const analyze::DefinitionExpression& definition);
  TablePath PathOf(const QualifiedName& name) const;
  Result<RelationPtr> Find(const QualifiedName& name);
  /// Something that the client is told beside the result.
  void Report(const char* severity, const char* sqlstate, const std::string& text, const std::string& hint = {},
              const std::string& detail = {});
  void Notice(const std::string& text, const std::string& hint = {}, const std::string& detail = {}) {
    Report("NOTICE", "00000", text, hint, detail);
  }
  /// Once a table: that the Fluss clients who made it, a log, go on seeing what the change has taken from its rows.
  void TellOfLog(const TableChange* change);

  std::shared_ptr<SharedEngine> engine_;
  std::string database_;
  const std::string user_;  // as it has logged in
  bool is_nobody_ = false;  // under a name that is no role's
  access::RoleId login_role_ = access::kWeir;
  access::RoleId session_role_ = access::kWeir;
  access::RoleId current_role_ = access::kWeir;
  Parameters parameters_;
  std::string time_zone_;        // the last that was one
  postgres::Settings settings_;  // what parameters_ say of values
  std::optional<Parameters> applied_;  // that settings_ were made of
  Parameters seen_;                    // those of seen_version_
  uint64_t seen_version_ = 0;
  duckdb::shared_ptr<SessionState> state_;
  duckdb::shared_ptr<duck::SessionValues> values_;
  std::shared_ptr<duckdb::Connection> connection_;
  std::shared_ptr<duckdb::Connection> aside_;
  std::unique_ptr<SessionIndexValues> index_values_;
  std::shared_ptr<OpenRows> open_;
  ChangedRows changed_rows_;  // that the rows of open_ are made of
  std::shared_ptr<StatementTimer> timer_;  // of the statement that runs
  TransactionStatus status_ = TransactionStatus::kIdle;
  std::shared_ptr<LockOwner> locks_;
  std::shared_ptr<Transaction> transaction_;
  RoutedLeaves routed_;
  NewTables new_tables_;    // of the transaction
  SessionFiles files_;      // likewise
  TransactionModes modes_;  // of the block
  std::vector<Savepoint> savepoints_;
  std::vector<ChangedKeys> changed_keys_;  // of the statement, still to be held to foreign keys
  DeferredForeignKeys references_;         // of the transaction
  std::unique_ptr<CatalogDraft> draft_;          // null: the transaction has not changed the catalog
  std::unique_ptr<access::Draft> access_draft_;  // null: nor who may do what
  std::map<std::string, CreateTable::OnCommit> on_commit_;  // of temporary tables, by name
  std::optional<Parameters> parameters_before_;  // as ROLLBACK restores them
  std::optional<Parameters> parameters_after_;   // as COMMIT leaves them
  std::map<std::string, std::shared_ptr<EnginePrepared>> prepared_;  // by PREPARE
  std::map<std::string, SessionCursor> cursors_;
  int64_t cursor_moves_ = 0;  // how often one was made, moved or closed
  bool shaped_parameters_ = false;  // while a statement is planned for arrays of any dimensions
  bool only_prepares_ = false;  // where cursors stand is not looked at
  const InnerQuery* given_ = nullptr;  // what the statement that runs was bound to, for the query in it; null: nothing
  std::vector<ErrorFields> notices_;
  std::mutex notices_mutex_;  // of theirs: scans have some to tell
  std::set<int64_t> told_of_;  // TellOfLog's tables
  KeptPlans kept_plans_;
  std::map<std::string, Statement, std::less<>> controls_;  // BEGIN, COMMIT and their like, by their texts
  const SqlFunction* body_of_ = nullptr;  // the procedure whose statements are run; null: none's
  int64_t filled_ = -1;        // the materialized view whose rows are being written; −1: none
  SessionSequences sequences_;
  std::mutex transaction_id_mutex_;
  std::optional<int64_t> transaction_id_;  // of the transaction, once it has one
  std::atomic<bool> cancelled_ = false;    // the statement that runs
  std::atomic<bool> terminated_ = false;   // by another session
  const std::function<void()> disconnect_;
  std::unique_ptr<ActiveSessions::Place> place_;  // among the target's sessions; null: it is not shown
};

}  // namespace weir::sql
