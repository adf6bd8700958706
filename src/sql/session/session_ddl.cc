#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "postgres/made_type.h"
#include "sql/access/targets.h"
#include "sql/catalog/composite_ddl.h"
#include "sql/catalog/domain_ddl.h"
#include "sql/catalog/foreign_ddl.h"
#include "sql/catalog/function_ddl.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/partition_place.h"
#include "sql/catalog/rename_database.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/type_ddl.h"
#include "sql/duckdb/definition.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/engine/row_types.h"
#include "sql/engine/types.h"
#include "sql/session/engine_session.h"
#include "sql/system/catalog_names.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

/// The value of one expression, which stands alone.
Result<duckdb::Value> EngineSession::ValueOf(duckdb::unique_ptr<duckdb::ParsedExpression> expression) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(std::move(expression));
  node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  return OneValue({std::move(select), {}});
}

Result<duckdb::Value> EngineSession::OneValue(duck::Plan::Run query) {
  const auto pending = aside_->context->PendingQuery(std::move(query.statement), query.values, false);
  if (pending->HasError()) return duck::RuntimeError(pending->GetErrorObject());
  const auto result = pending->Execute();
  if (result->HasError()) return duck::RuntimeError(result->GetErrorObject());
  return result->Fetch()->GetValue(0, 0);
}

DdlContext EngineSession::Context() {
  DdlContext context;
  context.database = database_;
  context.temporary = state_->temporary;
  context.databases_of_path = [this] { return DatabasesOfPath(); };
  context.role = current_role_;
  context.in_block = in_block();
  context.find_role = [this](const RoleName& role) { return FindRole(*Access(), role, AccessNow()); };
  context.evaluate = [this](const auto& expressions) { return Guarded({}, [&] { return Evaluate(expressions); }); };
  context.has_row = [this](const Relation& relation, const std::string& expression) {
    return Guarded({}, [&] { return HasRow(relation, expression); });
  };
  context.type_of = [this](const auto& columns, const auto& expression) {
    return Guarded({}, [&] { return TypeOf(columns, expression); });
  };
  context.has_new_row = [this](const auto& leaf, const auto& rows, const auto& condition) {
    return Guarded({}, [&] { return HasNewRow(leaf, rows, condition); });
  };
  context.copy_rows = [this](const auto& leaf, const auto& rows, const auto& to) {
    return Guarded({}, [&] { return CopyRows(leaf, rows, to); });
  };
  context.count_rows = [this](const Relation& relation) { return Guarded({}, [&] { return CountRows(relation); }); };
  context.empty = [this](const RelationPtr& table) { return Empty(table, false); };
  context.check_file = [this](const std::string& name) -> Status {
    WEIR_ASSIGN_OR_RETURN(const FileFolder* folder, FileFolder::Of(state_->files));
    return folder->Check(name);
  };
  context.warn = [this](const char* sqlstate, const std::string& text) { Report("WARNING", sqlstate, text); };
  context.lock = [this](const RelationPtr& relation, bool below) { return LockAlone(relation, below); };
  context.spread_rows = [this](const auto& leaf, const auto& table, const auto& partitions) {
    return Guarded({}, [&] { return SpreadRows(leaf, table, partitions); });
  };
  context.build_index = [this](const auto& leaf, const auto& index) { return transaction_->BuildIndex(leaf, index); };
  context.initial_default = [this](const auto& column, const auto& expression) {
    return Guarded({}, [&] { return InitialDefaultOf(column, expression); });
  };
  context.check_option = [this](const ViewDefinition& view) {
    return Guarded({}, [&] { return CheckCheckOption(view); });
  };
  context.define_view = [this](const CreateView& create) {
    return Guarded({}, [&] { return DefineView(create); });
  };
  context.check_type = [this](const postgres::MadeType& type) {
    return access::CheckPrivilege(*Access(), current_role_, TargetOfType(type), access::kUsage);
  };
  context.check_function = [this](const SqlFunction& function, int position) {
    return Guarded({}, [&] { return CheckFunction(function, position); });
  };
  context.sequence_state = [this](const Sequence& sequence) { return engine_->sequences->Read(sequence); };
  context.keep = [this](const DefinitionText& text) { return KeptDefinition(text); };
  context.hold_foreign_key = [this](const ForeignKey& key) { return Guarded({}, [&] { return HoldAllRows(key); }); };
  context.hold_exclusion = [this](const RelationPtr& table, const SqlConstraint& constraint) {
    return Guarded({}, [&] { return HoldAllToExclusion(table, constraint); });
  };
  context.hold_without_partition = [this](const ForeignKey& key, const RelationPtr& partition) {
    return Guarded({}, [&] { return HoldWithoutPartition(key, partition); });
  };
  return context;
}

Result<std::string> EngineSession::TypeOf(const std::vector<SqlColumn>& columns, const Expression& expression) {
  WEIR_ASSIGN_OR_RETURN(
      const auto definition,
      duck::EmitDefinition(expression.text, analyze::DefinitionPart::kPartitionKey, {}, columns, settings_));
  return postgres::KeptTypeText(definition.type);
}

Result<std::vector<KeyValue>> EngineSession::Evaluate(const std::vector<ToEvaluate>& expressions) {
  std::vector<KeyValue> values;
  for (const ToEvaluate& wanted : expressions) {
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(wanted.type, wanted.position));
    const SqlColumn column{.name = {}, .type = type.name, .data_type = type.data_type};
    auto definition =
        duck::EmitColumnValue(wanted.expression, analyze::DefinitionPart::kPartitionBound, column, settings_);
    auto value =
        definition.ok() ? ValueOf(std::move(definition->expression)) : Result<duckdb::Value>(definition.status());
    if (!value.ok()) return AtPosition(value.status(), wanted.position);
    auto key = ToKeyValue(type.data_type, *value);
    if (!key) return Error("22P02", "invalid value of type " + wanted.type, {.position = wanted.position});
    values.push_back(std::move(*key));
  }
  return values;
}

/// "public"."t"
std::string EngineSession::NameHere(const Relation& relation) const {
  return Quoted(SchemaSeenFrom(database_, relation.path.database)) + "." + Quoted(relation.path.table);
}

/// What a query of one value gives.
Result<duckdb::Value> EngineSession::QueryValue(const std::string& query) {
  WEIR_ASSIGN_OR_RETURN(const QueryPlan planned, PlanQuery(query));
  return OneValue(planned.plan->Bind({}));
}

namespace {

/// Locks do not keep other servers of a cluster from a table: its leaves become what the commit has read, which is
/// refused where one of them has got rows meanwhile.
Status ReadForCommit(const Relation& relation, CatalogDraft& draft, Transaction& transaction) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr found, draft.FindById(relation.id));
  if (!found) return Status::OK();
  std::vector<RelationPtr> leaves;
  WEIR_RETURN_NOT_OK(CollectLeaves(draft, found, &leaves));
  for (const RelationPtr& leaf : leaves) {
    if (!leaf->is_foreign() && CatalogDraft::IsMade(*leaf)) WEIR_RETURN_NOT_OK(transaction.CheckUnchanged(leaf));
  }
  return Status::OK();
}

}  // namespace

Result<bool> EngineSession::HasRow(const Relation& relation, const std::string& expression) {
  if (TransactionOnLog::Of(transaction_.get())) WEIR_RETURN_NOT_OK(ReadForCommit(relation, *Draft(), *transaction_));
  const std::string rows = OnlyOf(relation) + NameHere(relation);
  WEIR_ASSIGN_OR_RETURN(const duckdb::Value found,
                        QueryValue("SELECT EXISTS (SELECT 1 FROM " + rows + " WHERE " + expression + ")"));
  return duckdb::BooleanValue::Get(found);
}

Result<int64_t> EngineSession::CountRows(const Relation& relation) {
  const std::string rows = OnlyOf(relation) + NameHere(relation);
  WEIR_ASSIGN_OR_RETURN(const duckdb::Value count, QueryValue("SELECT count(*) FROM " + rows));
  return count.GetValue<int64_t>();
}

TablePath EngineSession::PathOf(const QualifiedName& name) const {
  return sql::PathOf(name, database_, state_->temporary);
}

Result<RelationPtr> EngineSession::Find(const QualifiedName& name) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, catalog().Find(PathOf(name)));
  if (!relation) return Error("42P01", "relation \"" + name.name + "\" does not exist", {.position = name.position});
  return relation;
}

CatalogDraft* EngineSession::Draft() {
  if (!draft_) {
    draft_ = engine_->catalog->NewDraft();
    state_->tables = draft_.get();
  }
  return draft_.get();
}

std::unique_ptr<CatalogDraft> EngineSession::TakeDraft() {
  state_->tables = engine_->catalog.get();
  return std::move(draft_);
}

/// Locks what goes with what a statement names, and the names that it gives. Says whether something of it may be
/// another now than the statement has found.
Result<bool> EngineSession::LockChanged(CatalogDraft* draft, size_t before) {
  bool is_old = false;
  for (const RelationPtr& taken : draft->TakenSince(before)) {
    const LockTag tag = LockTag::Relation(taken->id);
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(tag, LockMode::kAccessExclusive));
    is_old = is_old || grant == LockGrant::kAfterWait;
  }
  std::set<std::string> databases;
  for (const TablePath& path : draft->NamedSince(before)) {
    if (databases.insert(path.database).second) {
      WEIR_ASSIGN_OR_RETURN(const LockGrant grant, LockName({path.database, ""}, LockMode::kAccessShare));
      is_old = is_old || grant == LockGrant::kAfterWait;
    }
    WEIR_RETURN_NOT_OK(LockName(path).status());
    if (TransactionOnLog::Of(transaction_.get()) == nullptr) {  // else the log decides
      WEIR_ASSIGN_OR_RETURN(const RelationPtr committed, engine_->catalog->Find(path));
      is_old = is_old || (committed && !draft->entries().contains(committed->id));
    }
    WEIR_ASSIGN_OR_RETURN(const RelationPtr made, draft->Find(path));
    if (!made || made->definition() == nullptr) continue;
    for (const ViewSource& source : made->definition()->sources) {  // they stay there for the view
      const LockTag tag = LockTag::Relation(source.relation);
      WEIR_ASSIGN_OR_RETURN(const LockGrant grant, locks_->Lock(tag, LockMode::kAccessShare));
      is_old = is_old || grant == LockGrant::kAfterWait;
    }
  }
  return is_old;
}

/// Who gives something the same name waits for how this ends. A path without a table is its schema's.
Result<LockGrant> EngineSession::LockName(const TablePath& path, LockMode mode) {
  return locks_->Lock(LockTag::Name(path.ToString()), mode);
}

/// All that is in a schema, which nobody uses meanwhile, and its names.
Status EngineSession::LockToRename(const RenameDatabase& rename) {
  WEIR_RETURN_NOT_OK(LockName({rename.name, ""}).status());
  WEIR_RETURN_NOT_OK(LockName({rename.new_name, ""}).status());
  WEIR_ASSIGN_OR_RETURN(const bool exists, catalog().DatabaseExists(rename.name));
  if (!exists) return Status::OK();  // there is more to say of it
  WEIR_ASSIGN_OR_RETURN(const auto relations, catalog().ListRelations(rename.name));
  for (const RelationPtr& relation : relations) {
    WEIR_RETURN_NOT_OK(locks_->Lock(LockTag::Relation(relation->id), LockMode::kAccessExclusive).status());
  }
  return BeginStatement();
}

/// Who had what the statement changes may have changed it: then the statement is done anew, on what is there once it is
/// locked.
template <typename Ddl>
Result<Notices> EngineSession::ExecuteAlone(const Ddl& statement) {
  constexpr bool kMakesType = std::is_same_v<Ddl, CreateEnum> || std::is_same_v<Ddl, CreateRange> ||
                              std::is_same_v<Ddl, CreateComposite> || std::is_same_v<Ddl, CreateDomain>;
  if constexpr (kMakesType) WEIR_RETURN_NOT_OK(LockName(PathOf(statement.name)).status());
  if constexpr (std::is_same_v<Ddl, CreateDatabase> || std::is_same_v<Ddl, DropDatabase>) {
    WEIR_RETURN_NOT_OK(LockName({statement.name, ""}).status());
  }
  if constexpr (std::is_same_v<Ddl, DropDatabase>) {
    for (const std::string& other : statement.others) WEIR_RETURN_NOT_OK(LockName({other, ""}).status());
  }
  if constexpr (std::is_same_v<Ddl, RenameDatabase>) WEIR_RETURN_NOT_OK(LockToRename(statement));
  constexpr int kAttempts = 10;  // should others still be faster, the commit decides
  for (int attempt = 1;; ++attempt) {
    const size_t before = Draft()->Savepoint();
    const size_t rows = transaction_->Savepoint();
    WEIR_ASSIGN_OR_RETURN(Notices notices, sql::Execute(statement, Context(), Draft()));
    WEIR_ASSIGN_OR_RETURN(const bool is_old, LockChanged(Draft(), before));
    if (!is_old || attempt == kAttempts) return notices;
    transaction_->RollbackTo(rows);
    Draft()->RollbackTo(before);
    if (Draft()->empty()) TakeDraft();
    WEIR_RETURN_NOT_OK(BeginStatement());
  }
}

template <typename Ddl>
Result<Notices> EngineSession::ChangeCatalog(const Ddl& statement) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  RelationPtr before;
  if constexpr (std::is_same_v<Ddl, CreateIndex>) {
    WEIR_RETURN_NOT_OK(CheckMayShard(statement, parameters_.IsOn("experimental_enable_hash_sharded_indexes")));
  }
  if constexpr (std::is_same_v<Ddl, CreateTable>) {
    WEIR_RETURN_NOT_OK(CheckMayShard(statement, parameters_.IsOn("experimental_enable_hash_sharded_indexes")));
    WEIR_ASSIGN_OR_RETURN(before, catalog().Find(PathOf(statement.name)));
  }
  if constexpr (requires { statement.temporary; }) {
    if (statement.temporary) WEIR_RETURN_NOT_OK(MakeTemporaryDatabase());
  }
  if constexpr (std::is_same_v<Ddl, CreateFunction>) {
    const std::string& own = state_->temporary.database;
    if (!own.empty() && statement.name.schema == own) WEIR_RETURN_NOT_OK(MakeTemporaryDatabase());
  }
  std::optional<MovedFunction> moved;
  if constexpr (std::is_same_v<Ddl, AlterFunction>) {
    WEIR_ASSIGN_OR_RETURN(moved, MoveOf(statement));
  }
  std::vector<RelationPtr> granted;
  if constexpr (std::is_same_v<Ddl, AlterTable>) {
    WEIR_ASSIGN_OR_RETURN(granted, WithGrantedColumns());
  }
  WEIR_ASSIGN_OR_RETURN(Notices notices, ExecuteAlone(statement));
  WEIR_RETURN_NOT_OK(KeepColumnPrivileges(granted));
  if (moved) WEIR_RETURN_NOT_OK(OwnMoved(*moved));
  if constexpr (requires { OwnNew(statement); }) WEIR_RETURN_NOT_OK(OwnNew(statement));
  WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
  if constexpr (std::is_same_v<Ddl, CreateTable>) {
    WEIR_ASSIGN_OR_RETURN(const RelationPtr made, Find(statement.name));
    const bool is_new = !before || before->id != made->id;  // a leaf of KWDB's may have given its name away
    if (is_new) new_tables_.Add(made->id, savepoints_.size());
    if (is_new && statement.temporary) {
      on_commit_.erase(made->path.table);
      if (statement.on_commit != CreateTable::OnCommit::kPreserveRows)
        on_commit_[made->path.table] = statement.on_commit;
    }
  }
  return notices;
}

template Result<Notices> EngineSession::ChangeCatalog(const CreateView&);
template Result<Notices> EngineSession::ChangeCatalog(const DropView&);
template Result<Notices> EngineSession::ChangeCatalog(const DropTable&);
template Result<Notices> EngineSession::ChangeCatalog(const DropSequences&);
template Result<Notices> EngineSession::ChangeCatalog(const DropFunctions&);
template Result<Notices> EngineSession::ChangeCatalog(const DropTypes&);
template Result<Notices> EngineSession::ChangeCatalog(const DropDatabase&);

/// A statement of its own that others were faster than is run again, on what they have made.
template <typename Ddl>
EngineSession::Outcome EngineSession::RunDdl(const Ddl& statement, const std::string& tag) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    auto notices = ChangeCatalog(statement);
    const Status status = notices.ok() ? FinishStatement() : notices.status();
    if (status.ok()) {
      for (const DdlNotice& notice : *notices) Notice(notice.text, notice.hint, notice.detail);
      return NoRows(tag);
    }
    if (in_block() || attempt == kAttempts || FieldsOf(status).sqlstate != "40001") return status;
    AbandonStatement();
  }
}
template EngineSession::Outcome EngineSession::RunDdl(const AttachPartition&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropTable&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterPartitioning&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterTable&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterClassicPartition&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateView&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropView&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateSequence&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterSequence&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropSequences&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateEnum&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateRange&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateComposite&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateDomain&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterType&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropTypes&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateIndex&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const RenameIndex&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AttachIndex&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropIndexes&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CommentOn&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateServer&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterServer&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropServers&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const ImportSchema&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateExtension&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const CreateFunction&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropFunctions&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const AlterFunction&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const RenameDatabase&, const std::string&);

Status EngineSession::RefuseInBlock(const std::string& statement) const {
  if (!in_block()) return Status::OK();
  return Error("25001", statement + " cannot run inside a transaction block");
}

EngineSession::Outcome EngineSession::RunCreateIndex(const CreateIndex& create) {
  if (create.concurrently) WEIR_RETURN_NOT_OK(RefuseInBlock("CREATE INDEX CONCURRENTLY"));
  return RunDdl(create, "CREATE INDEX");
}

EngineSession::Outcome EngineSession::RunDropIndexes(const DropIndexes& drop) {
  if (drop.concurrently) WEIR_RETURN_NOT_OK(RefuseInBlock("DROP INDEX CONCURRENTLY"));
  return RunDdl(drop, "DROP INDEX");
}

EngineSession::Outcome EngineSession::RunDetach(const DetachPartition& detach) {
  if (detach.concurrently) WEIR_RETURN_NOT_OK(RefuseInBlock("ALTER TABLE ... DETACH CONCURRENTLY"));
  return RunDdl(detach, "ALTER TABLE");
}

template <typename DatabaseDdl>
EngineSession::Outcome EngineSession::RunDatabaseDdl(const DatabaseDdl& statement, const char* verb) {
  const std::string tag = std::string(verb) + (statement.is_schema ? " SCHEMA" : " DATABASE");
  if (!statement.is_schema) WEIR_RETURN_NOT_OK(RefuseInBlock(tag));
  return RunDdl(statement, tag);
}
template EngineSession::Outcome EngineSession::RunDatabaseDdl(const CreateDatabase&, const char*);
template EngineSession::Outcome EngineSession::RunDatabaseDdl(const DropDatabase&, const char*);

/// Sessions keep the name of the database that they are of.
EngineSession::Outcome EngineSession::RunRenameDatabase(const RenameDatabase& rename) {
  const auto sessions = engine_->sessions->List();
  const auto others = std::ranges::count(sessions, rename.name, &SessionActivity::database);
  if (others > 0 && rename.name != database_) {
    const char* kind = rename.is_schema ? "schema" : "database";
    const std::string shown = others == 1 ? "is 1 other session" : fmt::format("are {} other sessions", others);
    return Error("55006", fmt::format("{} \"{}\" is being accessed by other users", kind, rename.name),
                 {.detail = fmt::format("There {} using the database.", shown)});
  }
  return RunDdl(rename, rename.is_schema ? "ALTER SCHEMA" : "ALTER DATABASE");
}

EngineSession::Outcome EngineSession::RunDiscard(const Discard& discard) {
  const std::string tag = "DISCARD " + discard.what;
  if (discard.what == "ALL") WEIR_RETURN_NOT_OK(RefuseInBlock(tag));
  if (discard.what == "ALL" || discard.what == "SEQUENCES") sequences_.Clear();
  if (discard.what == "TEMP") WEIR_RETURN_NOT_OK(DropTemporary());
  if (discard.what != "ALL") return NoRows(tag);
  cursors_.clear();
  prepared_.clear();
  WEIR_RETURN_NOT_OK(DropTemporary());
  locks_->UnlockAllForSession();
  WEIR_RETURN_NOT_OK(parameters_.Reset("all"));
  WEIR_RETURN_NOT_OK(ApplyParameters());
  return NoRows(tag);
}

namespace {

/// CREATE TABLE AS with the columns that its query gives.
Result<CreateTable> WithColumnsOf(const CreateTable& create, const duck::Plan& query) {
  if (create.columns.size() > query.columns().size()) return Error("42601", "too many column names were specified");
  CreateTable table = create;
  table.query.reset();
  std::vector<ColumnDefinition> named = std::exchange(table.columns, {});
  for (size_t i = 0; i < query.columns().size(); ++i) {
    ColumnDefinition column;
    column.name = i < named.size() ? named[i].name : query.columns()[i].name;
    WEIR_RETURN_NOT_OK(CheckMayBeKept(column.name, query.columns()[i].type.oid));
    column.type.text = postgres::KeptTypeText(query.columns()[i].type);
    if (query.columns()[i].shaped) column.type.text += "[]";  // which a column of one dimension would not hold
    table.columns.push_back(std::move(column));
  }
  return table;
}

}  // namespace

EngineSession::Outcome EngineSession::RunCreateTable(const CreateTable& create) {
  if (create.foreign)
    return RunDdl(create, create.foreign->external ? "CREATE EXTERNAL TABLE" : "CREATE FOREIGN TABLE");
  return create.query ? RunCreateTableAs(create) : RunDdl(create, "CREATE TABLE");
}

/// The columns come from the query's types; the rows follow as an INSERT of the same transaction.
EngineSession::Outcome EngineSession::RunCreateTableAs(const CreateTable& create) {
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, catalog().Find(PathOf(create.name)));
  if (before && create.if_not_exists) {
    WEIR_RETURN_NOT_OK(FinishStatement());
    Notice("relation \"" + create.name.name + "\" already exists, skipping");
    return NoRows("CREATE TABLE AS");
  }
  WEIR_ASSIGN_OR_RETURN(const InnerQuery inner, ReadInner(*create.query));
  WEIR_ASSIGN_OR_RETURN(const QueryPlan query, PlanInner(inner, {}));
  WEIR_ASSIGN_OR_RETURN(const CreateTable table, WithColumnsOf(create, *query.plan));
  WEIR_ASSIGN_OR_RETURN(const Notices notices, ChangeCatalog(table));
  for (const DdlNotice& notice : notices) Notice(notice.text, notice.hint, notice.detail);
  if (create.with_no_data) {
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows("CREATE TABLE AS");
  }
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const RelationPtr made, Find(create.name));
  WEIR_ASSIGN_OR_RETURN(QueryPlan filling, PlanInner(inner, "INSERT INTO " + NameHere(*made) + " "));
  WEIR_ASSIGN_OR_RETURN(const auto inserted, Guarded({}, [&] { return RunPlanned(&filling, inner.values); }));
  const std::string tag = inserted->command_tag();
  return NoRows("SELECT" + tag.substr(tag.rfind(' ')));
}

Status EngineSession::RestartSequencesOf(const Relation& table) {
  if (table.owned_sequences.empty()) return Status::OK();
  WEIR_RETURN_NOT_OK(LockSequencesOf(table));
  return RestartSequences(Draft(), table);
}

EngineSession::Outcome EngineSession::RunTruncate(const Truncate& truncate) {
  WEIR_RETURN_NOT_OK(BeginRows());
  std::vector<RelationPtr> tables;
  for (const QualifiedName& name : truncate.names) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, Find(name));
    if (!relation->is_table()) {
      return Error("42809", "\"" + relation->path.table + "\" is not a table");
    }
    if (truncate.only && relation->is_partitioned()) {
      return Error("42809", "cannot truncate only a partitioned table",
                   {.hint = "Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly."});
    }
    std::vector<RelationPtr> all = {relation};
    if (!truncate.only) {
      WEIR_ASSIGN_OR_RETURN(all, WithHeirs(catalog(), relation, state_->temporary));
    }
    for (RelationPtr& one : all) {
      const auto same = [&](const RelationPtr& known) { return known->id == one->id; };
      if (std::ranges::none_of(tables, same)) tables.push_back(std::move(one));
    }
  }
  WEIR_ASSIGN_OR_RETURN(tables, TablesToEmpty(tables, truncate.cascade));
  for (const RelationPtr& table : tables) WEIR_RETURN_NOT_OK(Empty(table, truncate.restart_identity));
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("TRUNCATE TABLE");
}

/// Deletes the rows of a table and of all below it.
Status EngineSession::Empty(const RelationPtr& table, bool restart_identity) {
  std::vector<RelationPtr> waiting = {table};
  while (!waiting.empty()) {
    RelationPtr relation = std::move(waiting.back());
    waiting.pop_back();
    if (restart_identity) WEIR_RETURN_NOT_OK(RestartSequencesOf(*relation));
    if (relation->is_foreign()) {
      return Error("0A000", "cannot truncate foreign table \"" + relation->path.table + "\"");
    }
    if (relation->is_leaf()) {
      WEIR_RETURN_NOT_OK(transaction_->DeleteAll(relation));
      new_tables_.Add(relation->id, savepoints_.size());
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(auto children, catalog().Children(*relation));
    waiting.insert(waiting.end(), children->relations.begin(), children->relations.end());
  }
  return Status::OK();
}

}  // namespace weir::sql
