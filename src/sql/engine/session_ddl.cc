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

Catalog::DdlContext EngineSession::Context() {
  Catalog::DdlContext context;
  context.database = database_;
  context.evaluate = [this](const auto& expressions) { return Guarded({}, [&] { return Evaluate(expressions); }); };
  context.has_row = [this](const Relation& relation, const std::string& expression) {
    return Guarded({}, [&] { return HasRow(relation, expression); });
  };
  context.type_of = [this](const auto& columns, const auto& expression) {
    return Guarded({}, [&] { return TypeOf(columns, expression); });
  };
  if (in_block()) context.pending = &pending_;
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

Result<std::vector<KeyValue>> EngineSession::Evaluate(const std::vector<Catalog::ToEvaluate>& expressions) {
  std::vector<KeyValue> values;
  for (const Catalog::ToEvaluate& wanted : expressions) {
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

TablePath EngineSession::PathOf(const QualifiedName& name) const {
  bool own = name.schema.empty() || name.schema == "public";
  return {own ? (name.database.empty() ? database_ : name.database) : name.schema, name.name};
}

Result<RelationPtr> EngineSession::Find(const QualifiedName& name) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, engine_->catalog->Find(PathOf(name)));
  if (!relation) return Error("42P01", "relation \"" + name.name + "\" does not exist", {.position = name.position});
  return relation;
}

template <typename Ddl>
EngineSession::Outcome EngineSession::RunDdl(const Ddl& statement, std::string tag, std::function<Status()> undo) {
  WEIR_RETURN_NOT_OK(BeginStatement());
  WEIR_ASSIGN_OR_RETURN(auto notices, engine_->catalog->Execute(statement, Context()));
  WEIR_RETURN_NOT_OK(FinishStatement());
  for (const std::string& notice : notices) Notice(notice);
  if (in_block() && undo) undo_.push_back(std::move(undo));
  return NoRows(std::move(tag));
}
template EngineSession::Outcome EngineSession::RunDdl(const AttachPartition&, std::string, std::function<Status()>);
template EngineSession::Outcome EngineSession::RunDdl(const DetachPartition&, std::string, std::function<Status()>);
template EngineSession::Outcome EngineSession::RunDdl(const CreateDatabase&, std::string, std::function<Status()>);
template EngineSession::Outcome EngineSession::RunDdl(const DropDatabase&, std::string, std::function<Status()>);

namespace {
/// Nothing would hold rows against each other: only a primary key does.
Status UniqueRefused(int position) {
  return Error("0A000", "UNIQUE constraints other than a primary key are not supported",
               {.hint = "Make the columns the table's PRIMARY KEY.", .position = position});
}
}  // namespace

EngineSession::Outcome EngineSession::RunCreateTable(const CreateTable& create) {
  if (create.query) return RunCreateTableAs(create);
  for (const TableConstraint& constraint : create.constraints) {
    if (constraint.kind == TableConstraint::Kind::kUnique) return UniqueRefused(constraint.position);
  }
  auto outcome = RunDdl(create, "CREATE TABLE", nullptr);
  NoteCreated();
  return outcome;
}

Status EngineSession::WritePending() {
  if (pending_.empty()) return Status::OK();
  Status status = engine_->catalog->Write(&pending_);
  NoteCreated();
  return status;
}

void EngineSession::NoteCreated() {
  for (const TablePath& path : pending_.TakeWritten()) {
    undo_.push_back([this, path] {
      DropTable drop;
      drop.names.push_back({path.database, {}, path.table});
      drop.if_exists = true;
      drop.cascade = true;
      return engine_->catalog->Execute(drop, Context()).status();
    });
  }
}

/// The columns come from the query's types; the rows follow as an INSERT.
EngineSession::Outcome EngineSession::RunCreateTableAs(const CreateTable& create) {
  WEIR_RETURN_NOT_OK(WritePending());
  WEIR_ASSIGN_OR_RETURN(RelationPtr before, engine_->catalog->Find(PathOf(create.name)));
  if (before && create.if_not_exists) {
    Notice("relation \"" + create.name.name + "\" already exists, skipping");
    return NoRows("CREATE TABLE AS");
  }
  WEIR_RETURN_NOT_OK(BeginStatement());
  WEIR_ASSIGN_OR_RETURN(auto empty, RunDuckDb("SELECT * FROM (" + ToDuckDb({*create.query, "SELECT"}) + "\n) AS q LIMIT 0", {}, false));
  CreateTable table = create;
  table.query.reset();
  std::vector<ColumnDefinition> named = std::exchange(table.columns, {});
  for (size_t i = 0; i < empty->types.size(); ++i) {
    ColumnDefinition column;
    column.name = i < named.size() ? named[i].name : empty->names[i];
    const auto& type = empty->types[i];
    column.type.text = PgTypeName(type);
    if (type.id() == duckdb::LogicalTypeId::DECIMAL) {
      column.type.text = "numeric(" + std::to_string(duckdb::DecimalType::GetWidth(type)) + "," +
                         std::to_string(duckdb::DecimalType::GetScale(type)) + ")";
    }
    if (type.id() == duckdb::LogicalTypeId::HUGEINT) column.type.text = "numeric(38,0)";
    table.columns.push_back(std::move(column));
  }
  empty.reset();
  WEIR_RETURN_NOT_OK(FinishStatement());
  WEIR_ASSIGN_OR_RETURN(auto created, RunCreateTable(table));
  WEIR_RETURN_NOT_OK(WritePending());
  if (create.with_no_data) return NoRows("CREATE TABLE AS");

  TablePath path = PathOf(create.name);
  Query insert{"INSERT INTO " + Quoted(path) + " " + *create.query, "INSERT"};
  auto inserted = Guarded(insert.text, [&] { return RunQuery(insert, {}); });
  if (inserted.ok()) {
    std::string tag = (*inserted)->command_tag();
    return NoRows("SELECT" + tag.substr(tag.rfind(' ')));
  }
  if (!in_block()) {
    AbandonStatement();
    DropTable drop;
    drop.names = {create.name};
    (void)engine_->catalog->Execute(drop, Context());
  }
  return inserted.status();
}

/// In a block, tables that are dropped go at COMMIT: until then the block's statements still find them.
EngineSession::Outcome EngineSession::RunDrop(const DropTable& drop) {
  auto run = [this, drop]() -> Status {
    WEIR_ASSIGN_OR_RETURN(auto notices, engine_->catalog->Execute(drop, Context()));
    for (const std::string& notice : notices) Notice(notice);
    return Status::OK();
  };
  if (!in_block()) {
    WEIR_RETURN_NOT_OK(BeginStatement());
    WEIR_RETURN_NOT_OK(run());
    WEIR_RETURN_NOT_OK(FinishStatement());
    return NoRows("DROP TABLE");
  }
  if (!drop.if_exists) {
    for (const QualifiedName& name : drop.names) {
      WEIR_ASSIGN_OR_RETURN(RelationPtr relation, engine_->catalog->Find(PathOf(name)));
      if (!relation) return Error("42P01", "table \"" + name.name + "\" does not exist", {.position = name.position});
    }
  }
  at_commit_.push_back(run);
  return NoRows("DROP TABLE");
}

EngineSession::Outcome EngineSession::RunTruncate(const Truncate& truncate) {
  WEIR_RETURN_NOT_OK(BeginStatement());
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
    WEIR_ASSIGN_OR_RETURN(auto children, engine_->catalog->Children(*relation));
    waiting.insert(waiting.end(), children->relations.begin(), children->relations.end());
  }
  WEIR_RETURN_NOT_OK(FinishStatement());
  return NoRows("TRUNCATE TABLE");
}

}  // namespace weir::sql
