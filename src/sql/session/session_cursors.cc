#include "sql/session/session_cursors.h"

#include <arrow/util/byte_size.h>

#include <algorithm>
#include <limits>
#include <set>

#include "pg_query.pb.h"
#include "postgres/made_type.h"
#include "postgres/sqlstate.h"
#include "postgres/value/column_writer.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/parser.h"
#include "sql/duckdb/runtime_error.h"
#include "sql/engine/errors.h"
#include "sql/out_of_memory.h"
#include "sql/session/engine_session.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

int64_t RowsInBatches(const Batches& batches) {
  int64_t rows = 0;
  for (const auto& batch : batches) rows += batch->num_rows();
  return rows;
}

Status NoCursor(const std::string& name) {
  return Error(sqlstate::kInvalidCursorName, "cursor \"" + name + "\" does not exist");
}

/// Without the columns that name the rows.
std::shared_ptr<arrow::RecordBatch> Shown(const SessionCursor& cursor, const arrow::RecordBatch& batch) {
  arrow::ArrayVector columns = batch.columns();
  columns.resize(cursor.columns.size());
  return arrow::RecordBatch::Make(cursor.schema, batch.num_rows(), std::move(columns));
}

const char* LockOf(const pg_query::SelectStmt& select) {
  if (select.locking_clause().empty()) return nullptr;
  switch (select.locking_clause(0).locking_clause().strength()) {
    case pg_query::LCS_FORKEYSHARE: return "FOR KEY SHARE";
    case pg_query::LCS_FORSHARE: return "FOR SHARE";
    case pg_query::LCS_FORNOKEYUPDATE: return "FOR NO KEY UPDATE";
    default: return "FOR UPDATE";  // the grammar has no others
  }
}

/// What PostgreSQL refuses of options, and of queries that lock or change rows. `locks`: whether it locks them.
Status CheckDeclare(const DeclareCursor& declare, bool* locks) {
  const auto invalid = [](std::string message, std::string detail = {}) {
    return Error(sqlstate::kInvalidCursorDefinition, std::move(message), {.detail = std::move(detail)});
  };
  if (declare.scroll && declare.forward) return invalid("cannot specify both SCROLL and NO SCROLL");
  if (declare.insensitive && declare.asensitive) return invalid("cannot specify both ASENSITIVE and INSENSITIVE");
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(declare.query));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  const pg_query::SelectStmt& select = tree.statement(0).stmt().select_stmt();
  for (const pg_query::Node& query : select.with_clause().ctes()) {
    if (query.common_table_expr().ctequery().has_select_stmt()) continue;
    return Error("0A000", "DECLARE CURSOR must not contain data-modifying statements in WITH");
  }
  const char* lock = LockOf(select);
  *locks = lock != nullptr;
  if (lock == nullptr) return Status::OK();
  const auto refused = [&](const std::string& kind, std::string detail) {
    return Error("0A000", "DECLARE " + kind + " ... " + lock + " is not supported", {.detail = std::move(detail)});
  };
  if (declare.hold) return refused("CURSOR WITH HOLD", "Holdable cursors must be READ ONLY.");
  if (declare.scroll) return refused("SCROLL CURSOR", "Scrollable cursors must be READ ONLY.");
  if (!declare.insensitive) return Status::OK();
  return invalid(std::string("DECLARE INSENSITIVE CURSOR ... ") + lock + " is not valid",
                 "Insensitive cursors must be READ ONLY.");
}

}  // namespace

Result<std::optional<analyze::CursorRow>> SessionCursor::CurrentRow(const std::string& name, const std::string& table,
                                                                    const std::set<int64_t>& ids,
                                                                    const postgres::Settings& settings) const {
  const auto refuse = [&](const std::string& why) {
    return Error(sqlstate::kInvalidCursorState, "cursor \"" + name + "\" " + why);
  };
  const bool locked = !tables.empty() && tables.front().locked;
  const auto is_meant = [&](const analyze::CursorTable& one) { return ids.contains(one.table->id); };
  const auto meant = std::ranges::find_if(tables, is_meant);
  if (meant == tables.end()) {
    return refuse((locked ? "does not have a FOR UPDATE/SHARE reference to table \""
                          : "is not a simply updatable scan of table \"") + table + "\"");
  }
  if (std::ranges::count_if(tables, is_meant) > 1) {
    return refuse("has multiple FOR UPDATE/SHARE references to table \"" + table + "\"");
  }
  const Batches here = Slice(position, position);
  if (here.empty()) return refuse("is not positioned on a row");
  analyze::CursorRow row;
  for (size_t i = 0; i < meant->columns.size(); ++i) {
    const size_t column = meant->first + i;
    WEIR_ASSIGN_OR_RETURN(const auto writer, postgres::MakeColumnWriter(here[0]->column(static_cast<int>(column)),
                                                                        naming[column - columns.size()].type_oid,
                                                                        postgres::Format::kText, settings));
    if (writer->IsNull(0)) return std::optional<analyze::CursorRow>();
    row.values.push_back({meant->columns[i], ""});
    std::string& text = row.values.back().text;
    writer->Write(0, &text);
    if (meant->table->ColumnIndex(meant->columns[i]) < 0 && meant->columns[i] == "ctid") {
      const int64_t place = std::stoll(text);
      text = "(" + std::to_string(place >> 16) + "," + std::to_string(place & 0xffff) + ")";
    }
  }
  return std::optional(std::move(row));
}

Batches SessionCursor::Slice(int64_t first, int64_t last) const {
  Batches slices;
  const int64_t low = std::max<int64_t>(std::min(first, last), 1);
  const int64_t high = std::min(std::max(first, last), rows);
  int64_t before = 0;
  for (const auto& batch : batches) {
    const int64_t begin = std::max(low - 1 - before, int64_t{0});
    const int64_t end = std::min(high - before, batch->num_rows());
    if (begin < end) slices.push_back(batch->Slice(begin, end - begin));
    before += batch->num_rows();
  }
  if (first <= last) return slices;
  Batches reversed;
  for (auto slice = slices.rbegin(); slice != slices.rend(); ++slice) {
    for (int64_t row = (*slice)->num_rows(); row-- > 0;) reversed.push_back((*slice)->Slice(row, 1));
  }
  return reversed;
}

Result<Batches> SessionCursor::Fetch(const FetchCursor& fetch) {
  using Direction = FetchCursor::Direction;
  const bool steps = fetch.direction == Direction::kForward || fetch.direction == Direction::kBackward;
  const int64_t count = fetch.direction == Direction::kBackward ? -fetch.count : fetch.count;
  const int64_t end = rows + 1;
  int64_t to = position;  // where it stands then
  switch (fetch.direction) {
    case Direction::kForward:
    case Direction::kBackward:
      if (count >= 0) to = count > end - position ? end : position + count;
      else to = -count > position ? 0 : position + count;
      break;
    case Direction::kAbsolute: to = count < 0 ? std::max(end + count, int64_t{0}) : std::min(count, end); break;
    case Direction::kRelative: to = std::clamp(position + std::clamp(count, -end, end), int64_t{0}, end); break;
  }
  const bool on_row = position >= 1 && position <= rows;
  const bool again = to == position && on_row && (count == 0 || fetch.direction == Direction::kAbsolute);
  if (forward_only && (to < position || again)) {
    return Error(sqlstate::kObjectNotInPrerequisiteState, "cursor can only scan forward",
                 {.hint = "Declare it with SCROLL option to enable backward scan."});
  }
  const int64_t from = std::exchange(position, to);
  if (!steps || count == 0) return to >= 1 && to <= rows ? Slice(to, to) : Batches();
  if (count > 0) return from < rows ? Slice(from + 1, std::min(to, rows)) : Batches();
  return from > 1 ? Slice(from - 1, std::max(to, int64_t{1})) : Batches();
}

EngineSession::Outcome EngineSession::RunDeclare(const DeclareCursor& declare, const std::string& text) {
  bool locks = false;
  WEIR_RETURN_NOT_OK(CheckDeclare(declare, &locks));
  if (!in_block() && !declare.hold) {
    return Error("25P01", "DECLARE CURSOR can only be used in transaction blocks");
  }
  if (cursors_.contains(declare.name)) {
    return Error(sqlstate::kDuplicateCursor, "cursor \"" + declare.name + "\" already exists");
  }
  WEIR_RETURN_NOT_OK(BeginRows());
  ++cursor_moves_;
  Outcome outcome = ReadCursor(declare, text, true);
  // Who may not read what names the rows may still read the others, and so where a partition's rows have no such names.
  const std::string state = outcome.ok() ? std::string() : FieldsOf(outcome.status()).sqlstate;
  if (state == sqlstate::kInsufficientPrivilege || state == sqlstate::kFeatureNotSupported) {
    outcome = ReadCursor(declare, text, false);
  }
  if (outcome.ok() && locks) cursors_.at(declare.name).forward_only = true;
  return outcome;
}

EngineSession::Outcome EngineSession::ReadCursor(const DeclareCursor& declare, const std::string& text,
                                                 bool names_rows) {
  const InnerQuery given = given_ != nullptr ? *given_ : InnerQuery();
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(declare.query, given.types, names_rows));
  WEIR_ASSIGN_OR_RETURN(const auto result, RunPlanned(&planned, given.values));
  SessionCursor cursor{.columns = result->columns(), .schema = result->arrow_schema(), .batches = {},
                       .hold = declare.hold, .forward_only = declare.forward, .committed = !in_block(),
                       .savepoints = savepoints_.size(), .statement = text, .created = state_->statement_time.value,
                       .tables = std::move(planned.cursor_tables), .memory = MemoryReservation(engine_->memory)};
  if (!cursor.tables.empty()) {
    const size_t shown = cursor.tables.front().first;
    cursor.naming.assign(cursor.columns.begin() + static_cast<long>(shown), cursor.columns.end());
    cursor.columns.resize(shown);
    arrow::FieldVector fields = cursor.schema->fields();
    fields.resize(shown);
    cursor.schema = arrow::schema(std::move(fields), cursor.schema->metadata());
  }
  while (true) {
    WEIR_ASSIGN_OR_RETURN(auto batch, result->Next());
    if (!batch) break;
    if (!cursor.memory.Grow(arrow::util::TotalBufferSize(*batch))) {
      return OutOfMemory("There is not enough for the rows of the cursor.");
    }
    cursor.batches.push_back(std::move(batch));
  }
  cursor.rows = RowsInBatches(cursor.batches);
  cursors_.emplace(declare.name, std::move(cursor));
  return NoRows("DECLARE CURSOR");
}

const std::vector<ResultColumn>* EngineSession::CursorColumns(const std::string& name) const {
  const auto cursor = cursors_.find(name);
  return cursor == cursors_.end() ? nullptr : &cursor->second.columns;
}

EngineSession::Outcome EngineSession::RunFetch(const FetchCursor& fetch) {
  const auto cursor = cursors_.find(fetch.name);
  if (cursor == cursors_.end()) return NoCursor(fetch.name);
  ++cursor_moves_;
  WEIR_ASSIGN_OR_RETURN(Batches batches, cursor->second.Fetch(fetch));
  for (auto& batch : batches) batch = Shown(cursor->second, *batch);
  const std::string rows = std::to_string(RowsInBatches(batches));
  if (fetch.move) return NoRows("MOVE " + rows);
  return BatchRows(cursor->second.columns, cursor->second.schema, std::move(batches), "FETCH " + rows);
}

/// The cursor of a parent stands on rows of what is below it, too.
Result<std::optional<analyze::CursorRow>> EngineSession::FindCursorRow(const std::string& name,
                                                                       const Relation& table) {
  if (only_prepares_) return std::optional<analyze::CursorRow>();
  const auto found = cursors_.find(name);
  if (found == cursors_.end()) return NoCursor(name);
  const SessionCursor& cursor = found->second;
  if (cursor.committed) {
    return Error(sqlstate::kInvalidCursorState, "cursor \"" + name + "\" is held from a previous transaction");
  }
  std::set<int64_t> tables = {table.id};
  for (std::optional<int64_t> parent = table.parent; parent;) {
    tables.insert(*parent);
    WEIR_ASSIGN_OR_RETURN(const RelationPtr above, catalog().FindById(*parent));
    parent = above ? above->parent : std::nullopt;
  }
  return cursor.CurrentRow(name, table.path.table, tables, values_->settings);
}

EngineSession::Outcome EngineSession::RunClose(const CloseCursor& close) {
  ++cursor_moves_;
  if (close.name.empty()) {
    cursors_.clear();
    return NoRows("CLOSE CURSOR ALL");
  }
  if (cursors_.erase(close.name) == 0) return NoCursor(close.name);
  return NoRows("CLOSE CURSOR");
}

/// Those of the transaction end with it, but for the held ones of one that was committed.
void EngineSession::EndCursors(bool committed) {
  ++cursor_moves_;
  for (auto at = cursors_.begin(); at != cursors_.end();) {
    SessionCursor& cursor = at->second;
    const bool stays = cursor.hold && (cursor.committed || committed);
    cursor.committed = true;
    cursor.savepoints = 0;
    at = stays ? std::next(at) : cursors_.erase(at);
  }
}

// --- PREPARE and EXECUTE

EngineSession::Outcome EngineSession::RunPrepare(const PrepareQuery& prepare, const std::string& text) {
  if (prepared_.contains(prepare.name)) {
    return Error("42P05", "prepared statement \"" + prepare.name + "\" already exists");
  }
  std::vector<uint32_t> types;
  for (const TypeName& type : prepare.types) {
    auto parsed = ReadTypeHere(SourcesHere(), type.text);
    if (!parsed.ok()) return AtPosition(parsed.status(), type.position);
    types.push_back(parsed->oid);
  }
  WEIR_ASSIGN_OR_RETURN(const auto described, Prepare(prepare.query, types));
  auto& kept = prepared_[prepare.name] = std::static_pointer_cast<EnginePrepared>(described);
  kept->SetOrigin({text, state_->statement_time.value});
  return NoRows("PREPARE");
}

Result<EngineSession::Executed> EngineSession::ReadExecute(const ExecutePrepared& execute) {
  const auto found = prepared_.find(execute.name);
  if (found == prepared_.end()) {
    return Error("26000", "prepared statement \"" + execute.name + "\" does not exist");
  }
  EnginePrepared& prepared = *found->second;
  const auto& types = prepared.parameter_types();
  if (execute.arguments.size() != types.size()) {
    return Error(sqlstate::kSyntaxError, "wrong number of parameters for prepared statement \"" + execute.name + "\"",
                 {.detail = "Expected " + std::to_string(types.size()) + " parameters but got " +
                            std::to_string(execute.arguments.size()) + "."});
  }
  std::vector<ParameterValue> values;
  for (size_t i = 0; i < types.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(values.emplace_back(), TextOf(execute.arguments[i], types[i]));
  }
  WEIR_ASSIGN_OR_RETURN(const auto named, ReadNames(prepared, std::move(values)));
  WEIR_ASSIGN_OR_RETURN(Values read, prepared.Read(named, values_->settings));
  return Executed{&prepared, std::move(read)};
}

EngineSession::Outcome EngineSession::RunExecute(const ExecutePrepared& execute) {
  WEIR_RETURN_NOT_OK(BeginRows());
  WEIR_ASSIGN_OR_RETURN(const Executed executed, ReadExecute(execute));
  return Dispatch(executed.prepared->statement(), executed.values, executed.prepared);
}

Result<EngineSession::InnerQuery> EngineSession::ReadInner(const std::string& text) {
  WEIR_ASSIGN_OR_RETURN(const auto statements, sql::Parse(text));
  const Action& action = statements.front().action;
  if (const auto* create = std::get_if<CreateTable>(&action); create && create->query) return ReadInner(*create->query);
  if (const auto* declare = std::get_if<DeclareCursor>(&action)) return ReadInner(declare->query);
  if (const auto* unsupported = std::get_if<Unsupported>(&action)) {
    return Error("0A000", unsupported->what + " is not supported", {.hint = unsupported->hint});
  }
  const auto* execute = std::get_if<ExecutePrepared>(&action);
  if (execute == nullptr) {
    InnerQuery inner = given_ != nullptr ? *given_ : InnerQuery();
    inner.text = text;
    return inner;
  }
  WEIR_ASSIGN_OR_RETURN(Executed executed, ReadExecute(*execute));
  const auto& query = executed.prepared->query();
  if (!query) return Error("0A000", "EXECUTE of a statement that is no query is not supported here");
  return InnerQuery{
      .text = query->text, .types = executed.prepared->parameter_types(), .values = std::move(executed.values)};
}

Result<QueryPlan> EngineSession::PlanInner(const InnerQuery& inner, const std::string& before) {
  WEIR_ASSIGN_OR_RETURN(QueryPlan planned, PlanQuery(before + inner.text, inner.types));
  if (planned.plan->parameters().size() > inner.values.size()) return Error("42P02", "there is no parameter $1");
  return planned;
}

/// An argument's value as the text of a type's.
Result<ParameterValue> EngineSession::TextOf(const Expression& argument, uint32_t type) {
  const std::string begin = "SELECT CAST((";
  const InnerQuery given = given_ != nullptr ? *given_ : InnerQuery();
  auto planned =
      PlanQuery(begin + argument.text + ") AS " + postgres::KeptTypeText({type}) + ")::pg_catalog.text", given.types);
  if (!planned.ok()) {
    const int position = FieldsOf(planned.status()).position;
    const int place = position - static_cast<int>(begin.size());  // in the argument, from 1
    return AtPosition(planned.status(), position > 0 ? argument.position + place - 1 : 0);
  }
  WEIR_RETURN_NOT_OK(CheckViewUses(*planned));
  WEIR_ASSIGN_OR_RETURN(const duckdb::Value value, OneValue(planned->plan->Bind(given.values)));
  return value.IsNull() ? ParameterValue() : ParameterValue(duckdb::StringValue::Get(value));
}

EngineSession::Outcome EngineSession::RunDeallocate(const Deallocate& deallocate) {
  if (deallocate.name.empty()) {
    prepared_.clear();
    return NoRows("DEALLOCATE ALL");
  }
  if (prepared_.erase(deallocate.name) == 0) {
    return Error("26000", "prepared statement \"" + deallocate.name + "\" does not exist");
  }
  return NoRows("DEALLOCATE");
}

}  // namespace weir::sql
