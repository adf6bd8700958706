#include "sql/catalog/sql_types.h"
#include "sql/dialect/rewrite.h"
#include "sql/engine/engine_session.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string Quoted(const TablePath& path) { return Quoted(path.database) + "." + Quoted(path.table); }

}  // namespace

Result<duckdb::unique_ptr<duckdb::QueryResult>> EngineSession::RunAside(const std::string& sql) {
  auto statements = aside_->context->ParseStatements(sql);
  if (statements.size() != 1) return Error("42601", "one statement is expected: " + sql);
  ReplaceFunctions(*statements[0], Names());
  auto result = aside_->Query(std::move(statements[0]));
  if (result->HasError()) return StatusOf(result->GetErrorObject());
  return duckdb::unique_ptr<duckdb::QueryResult>(std::move(result));
}

DdlContext EngineSession::Context() {
  DdlContext context;
  context.database = database_;
  context.evaluate = [this](const auto& expressions) { return Guarded({}, [&] { return Evaluate(expressions); }); };
  context.has_row = [this](const Relation& relation, const std::string& expression) {
    return Guarded({}, [&] { return HasRow(relation, expression); });
  };
  context.type_of = [this](const auto& columns, const auto& expression) {
    return Guarded({}, [&] { return TypeOf(columns, expression); });
  };
  return context;
}

Result<std::string> EngineSession::TypeOf(const std::vector<SqlColumn>& columns, const Expression& expression) {
  std::string row;
  for (const SqlColumn& column : columns) {
    row += (row.empty() ? "CAST(NULL AS " : ", CAST(NULL AS ") + ToDuckType(column.data_type).ToString() + ") AS " +
           Quoted(column.name);
  }
  WEIR_ASSIGN_OR_RETURN(auto result, RunAside("SELECT (" + ExpressionToDuckDb(expression.text) + ") FROM (SELECT " +
                                              row + ")"));
  return PgTypeName(result->types[0]);
}

Result<std::vector<KeyValue>> EngineSession::Evaluate(const std::vector<ToEvaluate>& expressions) {
  std::vector<KeyValue> values;
  for (const ToEvaluate& wanted : expressions) {
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(wanted.type, wanted.position));
    auto result = RunAside("SELECT CAST((" + ExpressionToDuckDb(wanted.expression) + ") AS " +
                           ToDuckType(type.data_type).ToString() + ")");
    if (!result.ok()) {
      ErrorFields fields = FieldsOf(result.status());
      return Error(fields.sqlstate, fields.message,
                   {.detail = fields.detail, .hint = fields.hint, .position = wanted.position});
    }
    auto chunk = (*result)->Fetch();
    auto value = ToKeyValue(type.data_type, chunk->GetValue(0, 0));
    if (!value) return Error("22P02", "invalid value of type " + wanted.type, {.position = wanted.position});
    values.push_back(std::move(*value));
  }
  return values;
}

Result<bool> EngineSession::HasRow(const Relation& relation, const std::string& expression) {
  WEIR_ASSIGN_OR_RETURN(auto result, RunAside("SELECT EXISTS (SELECT 1 FROM " + Quoted(relation.path) + " WHERE " +
                                              ExpressionToDuckDb(expression) + ")"));
  auto chunk = result->Fetch();
  return duckdb::BooleanValue::Get(chunk->GetValue(0, 0));
}

TablePath EngineSession::PathOf(const QualifiedName& name) const { return sql::PathOf(name, database_); }

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

template <typename Ddl>
Result<Notices> EngineSession::ChangeCatalog(const Ddl& statement) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  WEIR_ASSIGN_OR_RETURN(Notices notices, sql::Execute(statement, Context(), Draft()));
  if constexpr (requires { OwnNew(statement); }) WEIR_RETURN_NOT_OK(OwnNew(statement));
  WEIR_RETURN_NOT_OK(routed_.Renew(catalog()));
  return notices;
}

/// A statement of its own that others were faster than is run again, on what they have made.
template <typename Ddl>
EngineSession::Outcome EngineSession::RunDdl(const Ddl& statement, const std::string& tag) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    auto notices = ChangeCatalog(statement);
    const Status status = notices.ok() ? FinishStatement() : notices.status();
    if (status.ok()) {
      for (const std::string& notice : *notices) Notice(notice);
      return NoRows(tag);
    }
    if (in_block() || attempt == kAttempts || FieldsOf(status).sqlstate != "40001") return status;
    AbandonStatement();
  }
}
template EngineSession::Outcome EngineSession::RunDdl(const AttachPartition&, const std::string&);
template EngineSession::Outcome EngineSession::RunDdl(const DropTable&, const std::string&);

Status EngineSession::RefuseInBlock(const std::string& statement) const {
  if (!in_block()) return Status::OK();
  return Error("25001", statement + " cannot run inside a transaction block");
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

EngineSession::Outcome EngineSession::RunNoEffect(const NoEffect& nothing) {
  if (nothing.tag == "VACUUM") WEIR_RETURN_NOT_OK(RefuseInBlock(nothing.tag));
  return NoRows(nothing.tag);
}

namespace {

/// Nothing would hold rows against each other: only a primary key does.
Status RefuseUnique(const CreateTable& create) {
  for (const TableConstraint& constraint : create.constraints) {
    if (constraint.kind != TableConstraint::Kind::kUnique) continue;
    return Error("0A000", "UNIQUE constraints other than a primary key are not supported",
                 {.hint = "Make the columns the table's PRIMARY KEY.", .position = constraint.position});
  }
  return Status::OK();
}

/// CREATE TABLE AS with the columns that its query gives.
CreateTable WithColumnsOf(const CreateTable& create, const duckdb::QueryResult& query) {
  CreateTable table = create;
  table.query.reset();
  std::vector<ColumnDefinition> named = std::exchange(table.columns, {});
  for (size_t i = 0; i < query.types.size(); ++i) {
    ColumnDefinition column;
    column.name = i < named.size() ? named[i].name : query.names[i];
    const auto& type = query.types[i];
    column.type.text = PgTypeName(type);
    if (type.id() == duckdb::LogicalTypeId::DECIMAL) {
      column.type.text = "numeric(" + std::to_string(duckdb::DecimalType::GetWidth(type)) + "," +
                         std::to_string(duckdb::DecimalType::GetScale(type)) + ")";
    }
    if (type.id() == duckdb::LogicalTypeId::HUGEINT) column.type.text = "numeric(38,0)";
    table.columns.push_back(std::move(column));
  }
  return table;
}

}  // namespace

EngineSession::Outcome EngineSession::RunCreateTable(const CreateTable& create) {
  WEIR_RETURN_NOT_OK(RefuseUnique(create));
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
  WEIR_ASSIGN_OR_RETURN(auto empty, RunDuckDb("SELECT * FROM (" + ToDuckDb({*create.query, "SELECT"}) +
                                                  "\n) AS q LIMIT 0",
                                              {}, false));
  const CreateTable table = WithColumnsOf(create, *empty);
  empty.reset();
  WEIR_ASSIGN_OR_RETURN(const Notices notices, ChangeCatalog(table));
  for (const std::string& notice : notices) Notice(notice);
  if (create.with_no_data) {
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows("CREATE TABLE AS");
  }
  const Query insert{"INSERT INTO " + Quoted(PathOf(create.name)) + " " + *create.query, "INSERT"};
  WEIR_ASSIGN_OR_RETURN(const auto inserted, Guarded(insert.text, [&] { return RunQuery(insert, {}); }));
  const std::string tag = inserted->command_tag();
  return NoRows("SELECT" + tag.substr(tag.rfind(' ')));
}

EngineSession::Outcome EngineSession::RunTruncate(const Truncate& truncate) {
  WEIR_RETURN_NOT_OK(BeginRows());
  std::vector<RelationPtr> waiting;
  for (const QualifiedName& name : truncate.names) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr relation, Find(name));
    if (truncate.only && relation->is_partitioned()) {
      return Error("42809", "cannot truncate only a partitioned table",
                   {.hint = "Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions directly."});
    }
    waiting.push_back(std::move(relation));
  }
  while (!waiting.empty()) {
    RelationPtr relation = std::move(waiting.back());
    waiting.pop_back();
    if (relation->is_leaf()) {
      WEIR_RETURN_NOT_OK(transaction_->DeleteAll(relation));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(auto children, catalog().Children(*relation));
    waiting.insert(waiting.end(), children->relations.begin(), children->relations.end());
  }
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("TRUNCATE TABLE");
}

}  // namespace weir::sql
