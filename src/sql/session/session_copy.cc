#include <fmt/format.h>

#include <algorithm>

#include "postgres/copy/options.h"
#include "postgres/copy/writer.h"
#include "postgres/identifier.h"
#include "postgres/value/column_writer.h"
#include "sql/catalog/heirs.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/session/copy_from_writer.h"
#include "sql/session/engine_session.h"
#include "sql/system/catalog_names.h"

namespace weir::sql {
namespace {

using postgres::CopyOptions;

Status RefuseServerFiles(const Copy& copy) {
  std::string what;
  switch (copy.data) {
    case Copy::Data::kClient: return Status::OK();
    case Copy::Data::kProgram: what = "pg_execute_server_program role to COPY to or from an external program"; break;
    case Copy::Data::kFile:
      what =
          copy.from ? "pg_read_server_files role to COPY from a file" : "pg_write_server_files role to COPY to a file";
      break;
  }
  return Error("42501", "must be superuser or have privileges of the " + what,
               {.hint = "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone."});
}

Status NoTable(const QualifiedName& name) {
  const std::string shown = name.schema.empty() ? name.name : name.schema + "." + name.name;
  return Error("42P01", fmt::format("relation \"{}\" does not exist", shown));
}

/// Positions of the columns that are named; all that are not generated where none is.
Result<std::vector<int>> ColumnsOf(const Relation& relation, const std::vector<std::string>& names) {
  std::vector<int> columns;
  for (const std::string& name : names) {
    const int column = relation.ColumnIndex(name);
    if (column < 0) {
      return Error("42703", fmt::format("column \"{}\" of relation \"{}\" does not exist", name, relation.path.table));
    }
    if (std::ranges::count(columns, column) > 0) {
      return Error("42701", fmt::format("column \"{}\" specified more than once", name));
    }
    columns.push_back(column);
  }
  for (int i = 0; names.empty() && i < static_cast<int>(relation.columns.size()); ++i) {
    if (!relation.columns[static_cast<size_t>(i)].generated) columns.push_back(i);
  }
  return columns;
}

Status CheckMayCopy(const Relation& relation, const std::vector<int>& columns) {
  for (const int column : columns) {
    const SqlColumn& copied = relation.columns[static_cast<size_t>(column)];
    if (!copied.generated) continue;
    return Error("42P10", fmt::format("column \"{}\" is a generated column", copied.name),
                 {.detail = "Generated columns cannot be used in COPY."});
  }
  return Status::OK();
}

struct ForcedColumns {
  const char* option;
  const std::vector<std::string>& names;
};

std::array<ForcedColumns, 3> ForcedBy(const CopyOptions& options) {
  return {{{"FORCE_QUOTE", options.force_quote},
           {"FORCE_NOT_NULL", options.force_not_null},
           {"FORCE_NULL", options.force_null}}};
}

/// The columns that FORCE_… names are among those that are copied.
Status CheckForced(const Relation& relation, const std::vector<int>& copied, const CopyOptions& options) {
  for (const ForcedColumns& forced : ForcedBy(options)) {
    if (forced.names.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns, ColumnsOf(relation, forced.names));
    for (size_t i = 0; i < columns.size(); ++i) {
      if (std::ranges::count(copied, columns[i]) > 0) continue;
      return Error("42P10", fmt::format("{} column \"{}\" not referenced by COPY", forced.option, forced.names[i]));
    }
  }
  return Status::OK();
}

Status CheckForced(const std::vector<ResultColumn>& columns, const CopyOptions& options) {
  for (const std::string& name : options.force_quote) {
    const bool there = std::ranges::any_of(columns, [&](const ResultColumn& column) { return column.name == name; });
    if (!there) return Error("42703", fmt::format("column \"{}\" does not exist", name));
  }
  return Status::OK();
}

std::vector<std::string> NamesOf(const std::vector<ResultColumn>& columns) {
  std::vector<std::string> names;
  for (const ResultColumn& column : columns) names.push_back(column.name);
  return names;
}

/// COPY … TO STDOUT: a query's rows as COPY's data.
class QueryCopy final : public CopyOut {
 public:
  QueryCopy(Session& session, duckdb::shared_ptr<SessionState> state, std::unique_ptr<QueryResult> rows,
            const CopyOptions& options, postgres::Settings settings)
      : session_(session),
        state_(std::move(state)),
        result_(std::move(rows)),
        binary_(options.format == CopyOptions::Format::kBinary),
        writer_(options, NamesOf(result_->columns())),
        settings_(std::move(settings)) {}

  ~QueryCopy() override { state_->ignores_foreign = false; }

  size_t columns() const override { return result_->columns().size(); }
  bool binary() const override { return binary_; }
  std::string command_tag() const override { return fmt::format("COPY {}", rows_); }

  /// As PostgreSQL cuts it: a text's header is a message of its own, a binary one stands before the first row.
  Result<bool> Next(std::string* data) override {
    const size_t before = data->size();
    if (!std::exchange(begun_, true)) {
      writer_.Begin(data);
      if (!binary_ && data->size() > before) return true;
    }
    while (!ended_ && row_ == batch_rows_) WEIR_RETURN_NOT_OK(NextBatch());
    if (!ended_) {
      writer_.Row(values_, row_++, data);
      ++rows_;
      return true;
    }
    if (!std::exchange(finished_, true)) writer_.End(data);
    return data->size() > before;
  }

 private:
  Status NextBatch() {
    WEIR_ASSIGN_OR_RETURN(const auto batch, result_->Next());
    ended_ = batch == nullptr;
    if (ended_) return Status::OK();
    values_.clear();
    const auto format = binary_ ? postgres::Format::kBinary : postgres::Format::kText;
    const auto read_name = [this](uint32_t type, const std::string& name) { return session_.OidOfName(type, name); };
    for (size_t i = 0; i < columns(); ++i) {
      WEIR_ASSIGN_OR_RETURN(auto values, postgres::MakeColumnWriter(batch->column(static_cast<int>(i)),
                                                                    result_->columns()[i].type_oid, format, settings_,
                                                                    read_name, result_->columns()[i].row));
      values_.push_back(std::move(values));
    }
    row_ = 0;
    batch_rows_ = batch->num_rows();
    return Status::OK();
  }

  Session& session_;
  const duckdb::shared_ptr<SessionState> state_;
  const std::unique_ptr<QueryResult> result_;
  const bool binary_;
  postgres::CopyWriter writer_;
  const postgres::Settings settings_;
  std::vector<std::unique_ptr<postgres::ColumnWriter>> values_;  // of the batch under way
  int64_t row_ = 0;
  int64_t batch_rows_ = 0;
  int64_t rows_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool finished_ = false;
};

}  // namespace

/// COPY … FROM STDIN: a statement that gets its rows from outside. Each step runs in a transaction of DuckDB's; the
/// session's own stays open between them.
class EngineSession::ClientCopy final : public CopyIn {
 public:
  explicit ClientCopy(EngineSession& session) : session_(session), timer_(std::exchange(session.timer_, nullptr)) {}
  ~ClientCopy() override {
    if (!ended_) (void)End(Status::OK());
  }

  Status Start(const Copy& copy) {
    return Step([&]() -> Status {
      WEIR_ASSIGN_OR_RETURN(const Copy placed, session_.Placed(copy));
      WEIR_ASSIGN_OR_RETURN(CopyFrom plan, session_.PlanCopyFrom(placed));
      rows_ = std::make_unique<CopyFromWriter>(*session_.connection_->context, std::move(plan));
      return Status::OK();
    });
  }

  size_t columns() const override { return rows_->columns(); }
  bool binary() const override { return rows_->binary(); }

  Status Add(std::string_view data) override {
    return Step([&] {
      rows_->Add(data);
      return Status::OK();
    });
  }

  Result<std::string> Finish() override {
    WEIR_RETURN_NOT_OK(Step([&] {
      rows_->Finish();
      return Status::OK();
    }));
    if (const Status applied = Apply(); !applied.ok()) return End(applied);
    ended_ = true;
    const int64_t rows = rows_->rows();
    rows_.reset();
    if (const Status finished = session_.FinishStatement(); !finished.ok()) return End(finished);
    return fmt::format("COPY {}", rows);
  }

  Status GiveUp(std::string_view reason) override {
    return End(rows_->Placed(Error("57014", fmt::format("COPY from stdin failed: {}", reason))));
  }

 private:
  template <typename Body>
  Status InTransaction(Body body) {
    return duck::GuardedRun([&] {
      Status status;
      if (session_.connection_->context->IsInterrupted()) throw duckdb::InterruptException();
      session_.connection_->context->RunFunctionInTransaction([&] { status = body(); });
      return status;
    });
  }

  template <typename Body>
  Status Step(Body body) {
    const Status done = InTransaction(std::move(body));
    return done.ok() ? done : End(done);
  }

  /// Again as often as a row that another transaction held turns out to have changed.
  Status Apply() {
    Transaction& transaction = *session_.transaction_;
    const size_t before = transaction.Savepoint();
    const size_t put_off = session_.references_.checks.size();
    const size_t files = session_.files_.Savepoint();
    while (true) {
      session_.changed_keys_.clear();
      session_.references_.checks.resize(put_off);
      Status applied = InTransaction([&] {
        rows_->Apply();
        return Status::OK();
      });
      if (applied.ok()) applied = duck::GuardedRun([&] { return session_.HoldReferences(); });
      if (applied.ok() || !transaction.must_run_again()) return applied;
      transaction.RollbackTo(before);
      session_.files_.RollbackTo(files);
      WEIR_RETURN_NOT_OK(session_.BeginStatement());
      WEIR_RETURN_NOT_OK(transaction.TakeSnapshot());
    }
  }

  /// Nothing of the statement stays.
  Status End(const Status& failure) {
    ended_ = true;
    rows_.reset();
    session_.AbandonStatement();
    session_.Fail();
    return FailureOf(timer_.get(), WithSchemaSeen(session_.WithoutHidden(failure), session_.database_));
  }

  EngineSession& session_;
  const std::shared_ptr<StatementTimer> timer_;
  std::unique_ptr<CopyFromWriter> rows_;
  bool ended_ = false;
};

Result<std::unique_ptr<CopyIn>> EngineSession::StartCopyIn(const Statement& statement) {
  WEIR_RETURN_NOT_OK(Enter(statement));
  auto copy = std::make_unique<ClientCopy>(*this);
  WEIR_RETURN_NOT_OK(copy->Start(std::get<Copy>(statement.action)));
  return std::unique_ptr<CopyIn>(std::move(copy));
}

Result<Copy> EngineSession::Placed(const Copy& written) {
  WEIR_ASSIGN_OR_RETURN(const auto placed, PlacedByPath(written));
  return placed ? std::get<Copy>(*placed) : written;
}

Result<CopyFrom> EngineSession::PlanCopyFrom(const Copy& copy) {
  if (copy.ignores_external) return Error("0A000", "COPY FROM with IGNORE EXTERNAL PARTITIONS is not supported");
  WEIR_RETURN_NOT_OK(RefuseServerFiles(copy));
  WEIR_RETURN_NOT_OK(CheckMayChange("COPY FROM"));
  WEIR_RETURN_NOT_OK(CheckAccess(copy));
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_RETURN_NOT_OK(LockToWrite(PathOf(copy.table)));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find(PathOf(copy.table)));
  if (!relation) return NoTable(copy.table);
  if (relation->is_view()) {
    return Error("42809", "cannot copy to view \"" + copy.table.name + "\"",
                 {.hint = "To enable copying to a view, provide an INSTEAD OF INSERT trigger."});
  }
  if (relation->is_index()) return CannotOpenIndex(*relation);
  if (relation->is_materialized()) {
    return Error("42809", fmt::format("cannot copy to materialized view \"{}\"", relation->path.table));
  }
  if (relation->is_sequence()) {
    return Error("42809", fmt::format("cannot copy to sequence \"{}\"", relation->path.table));
  }
  WEIR_RETURN_NOT_OK(transaction_->TakeSnapshot());
  auto& schema = duckdb::Catalog::GetSchema(*connection_->context, kAttachedName, relation->path.database);
  CopyFrom plan{.table = schema.Cast<AttachedSchema>().Entry(relation), .settings = values_->settings};
  WEIR_ASSIGN_OR_RETURN(plan.options, postgres::MakeCopyOptions(copy.options, true));
  WEIR_ASSIGN_OR_RETURN(plan.columns, ColumnsOf(*relation, copy.columns));
  WEIR_RETURN_NOT_OK(CheckMayCopy(*relation, plan.columns));
  WEIR_RETURN_NOT_OK(CheckForced(*relation, plan.columns, plan.options));
  if (copy.where) plan.where = copy.where->text;
  WEIR_RETURN_NOT_OK(CheckFreeze(plan));
  if (copy.reject_limit > 0 && plan.options.format == CopyOptions::Format::kBinary) {
    return Error("0A000", "SEGMENT REJECT LIMIT of COPY in binary format is not supported");
  }
  plan.reject = {copy.reject_limit, copy.reject_percent, copy.logs_errors};
  plan.rejections = engine_->rejections.get();
  plan.notice = state_->notice;
  plan.read_name = [this](postgres::Oid type, std::string_view name) {
    return ReadCatalogName(SourcesHere(), type, std::string(name));
  };
  return plan;
}

/// FREEZE marks rows that nobody else can know of yet; here nothing is to be done for them.
Status EngineSession::CheckFreeze(const CopyFrom& copy) const {
  if (!copy.options.freeze) return Status::OK();
  const Relation& relation = *copy.table->relation();
  if (relation.is_partitioned()) return Error("0A000", "cannot perform COPY FREEZE on a partitioned table");
  if (new_tables_.IsOf(relation.id, savepoints_.size())) return Status::OK();
  return Error("55000", "cannot perform COPY FREEZE because the table was not created or truncated in the current "
                        "subtransaction");
}

Result<std::unique_ptr<CopyOut>> EngineSession::StartCopyOut(const Statement& statement) {
  WEIR_RETURN_NOT_OK(Enter(statement));
  auto started = OpenCopyOut(std::get<Copy>(statement.action));
  if (started.ok()) return started;
  timer_.reset();
  if (open_) open_->Close();
  open_.reset();
  state_->ignores_foreign = false;
  Fail();
  return started;
}

Result<std::unique_ptr<CopyOut>> EngineSession::OpenCopyOut(const Copy& copy) {
  WEIR_RETURN_NOT_OK(RefuseServerFiles(copy));
  WEIR_ASSIGN_OR_RETURN(const CopyOptions options, postgres::MakeCopyOptions(copy.options, false));
  if (copy.query && copy.query->command == "MERGE") return Error("0A000", "MERGE not supported in COPY");
  if (!copy.query_gives_rows) return Error("0A000", "COPY query must have a RETURNING clause");
  if (copy.ignores_external && copy.query) {
    return Error("0A000", "COPY (query) TO with IGNORE EXTERNAL PARTITIONS is not supported",
                 {.hint = "Name the partitioned table."});
  }
  Query query = copy.query.value_or(Query());
  if (!copy.query) {
    WEIR_ASSIGN_OR_RETURN(const Copy placed, Placed(copy));
    WEIR_ASSIGN_OR_RETURN(query, QueryOfTable(placed, options));
  }
  const std::string text = query.text;
  auto rows = Run({.action = std::move(query), .text = text, .offset = 0});
  if (!rows.ok()) return copy.query ? rows.status() : AtPosition(rows.status(), 0);
  if (copy.query) WEIR_RETURN_NOT_OK(CheckForced((*rows)->columns(), options));
  return std::unique_ptr<CopyOut>(std::make_unique<QueryCopy>(*this, state_, rows.MoveValue(), options, settings_));
}

namespace {

Result<bool> HasForeignLeaf(CatalogView& catalog, const RelationPtr& relation) {
  if (relation->is_foreign()) return true;
  if (!relation->is_partitioned()) return false;
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog.Children(*relation));
  for (const RelationPtr& child : children->relations) {
    WEIR_ASSIGN_OR_RETURN(const bool has, HasForeignLeaf(catalog, child));
    if (has) return true;
  }
  return false;
}

}  // namespace

/// As in Cloudberry, which copies whole partitioned tables: 42809 for leaves that are foreign tables, unless the
/// statement ignores them.
Status EngineSession::LeaveOutExternal(const RelationPtr& relation, const Copy& copy) {
  WEIR_ASSIGN_OR_RETURN(const bool foreign, HasForeignLeaf(catalog(), relation));
  if (!foreign) return Status::OK();
  constexpr const char* kHint = "Try the COPY (SELECT ...) TO variant.";
  const std::string& name = relation->path.table;
  if (relation->is_foreign()) {
    return Error("42809", fmt::format("cannot copy from foreign table \"{}\"", name), {.hint = kHint});
  }
  if (!copy.ignores_external) {
    return Error("42809", fmt::format("cannot copy from relation \"{}\" which has external partition(s)", name),
                 {.hint = kHint});
  }
  Notice("COPY ignores external partition(s)");
  state_->ignores_foreign = true;  // until all rows are there
  return Status::OK();
}

/// The query that reads a table whose rows are copied.
Result<Query> EngineSession::QueryOfTable(const Copy& copy, const postgres::CopyOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, catalog().Find(PathOf(copy.table)));
  if (relation && relation->is_view()) {
    return Error("42809", "cannot copy from view \"" + copy.table.name + "\"",
                 {.hint = "Try the COPY (SELECT ...) TO variant."});
  }
  if (relation && relation->is_index()) return CannotOpenIndex(*relation);
  if (relation && relation->is_materialized()) {
    return Error("42809", fmt::format("cannot copy from materialized view \"{}\"", relation->path.table),
                 {.hint = "Try the COPY (SELECT ...) TO variant."});
  }
  if (relation && relation->is_sequence()) {
    return Error("42809", fmt::format("cannot copy from sequence \"{}\"", relation->path.table));
  }
  std::vector<std::string> names = copy.columns;
  if (relation) {  // else it may be a system table
    WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns, ColumnsOf(*relation, copy.columns));
    WEIR_RETURN_NOT_OK(CheckMayCopy(*relation, columns));
    WEIR_RETURN_NOT_OK(CheckForced(*relation, columns, options));
    const bool names_them = relation->HasGenerated() && copy.columns.empty();
    for (size_t i = 0; names_them && i < columns.size(); ++i) {
      names.push_back(relation->columns[static_cast<size_t>(columns[i])].name);
    }
  }
  if (relation) WEIR_RETURN_NOT_OK(LeaveOutExternal(relation, copy));
  const bool nothing = relation && relation->HasGenerated() && names.empty();
  std::string columns = names.empty() && !nothing ? "*" : "";
  for (const std::string& column : names) {
    columns += (columns.empty() ? "" : ", ") + postgres::QuoteIdentifier(column);
  }
  std::string table = postgres::QuoteIdentifier(copy.table.name);
  if (!copy.table.schema.empty()) table = postgres::QuoteIdentifier(copy.table.schema) + "." + table;
  const char* const only = relation ? OnlyOf(*relation) : "";
  return Query{.text = fmt::format("SELECT {} FROM {}{}", columns, only, table), .command = "SELECT"};
}

}  // namespace weir::sql
