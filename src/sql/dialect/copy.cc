#include "sql/dialect/copy.h"

#include <fmt/format.h>

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/reject_limit.h"

namespace weir::sql::dialect {

namespace {

using pg_query::Node;
using postgres::CopyOption;

Tokens ExternalPartitions(const StatementSource& statement) {
  const Tokens tokens = statement.tokens;
  if (tokens.size() < 4) return {};
  const Tokens last = tokens.last(3);
  return Cursor(statement, last).IsAt({"ignore", "external", "partitions"}) ? last : Tokens();
}

/// Cloudberry's ON SEGMENT outside of parentheses; null: it is not there.
const Token* OnSegment(const StatementSource& statement) {
  int depth = 0;
  for (Cursor cursor(statement); !cursor.AtEnd(); cursor.Next()) {
    depth += DepthChange(cursor.Peek());
    if (depth == 0 && cursor.IsAt({"on", "segment"})) return &cursor.Peek();
  }
  return nullptr;
}

// Cloudberry's clause at the end; none: it is not there.
Tokens RejectTokens(const StatementSource& statement) {
  const Tokens tokens = statement.tokens;
  for (size_t i = 1; i + 3 < tokens.size(); ++i) {
    const Tokens rest = tokens.subspan(i);
    Cursor cursor(statement, rest);
    if (IsRejectLimit(cursor)) return rest;
  }
  return {};
}

Status TakeRejectLimit(const StatementSource& statement, Tokens clause, Copy* copy) {
  if (clause.empty()) return Status::OK();
  Cursor cursor(statement, clause);
  if (!copy->from) {
    return cursor.ErrorAt(clause.front(), "0A000", "COPY single row error handling only available using COPY FROM");
  }
  WEIR_ASSIGN_OR_RETURN(const RejectClause limit, ParseRejectLimit(cursor));
  copy->reject_limit = limit.limit;
  copy->reject_percent = limit.percent;
  copy->logs_errors = limit.logs;
  return cursor.ExpectEnd();
}

int PositionOf(const StatementSource& statement, int location) {
  if (location < 0) return 0;
  const Source& source = *statement.source;
  const size_t begin = statement.begin();
  return source.CharactersBefore(begin + static_cast<size_t>(location)) - source.CharactersBefore(begin) + 1;
}

std::vector<std::string> ListedNames(const google::protobuf::RepeatedPtrField<Node>& list) {
  std::vector<std::string> names;
  for (const Node& item : list) names.push_back(item.string().sval());
  return names;
}

void SetValue(const Node& written, CopyOption* option) {
  switch (written.node_case()) {
    case Node::kInteger:
      option->value = std::to_string(written.integer().ival());
      option->number = true;
      break;
    case Node::kFloat: option->value = written.float_().fval(); break;
    case Node::kBoolean: option->value = written.boolean().boolval() ? "true" : "false"; break;
    case Node::kAStar:
      option->value = "*";
      option->star = true;
      break;
    case Node::kList:
      option->list = ListedNames(written.list().items());
      option->value = fmt::format("{}", fmt::join(*option->list, "."));
      break;
    default: option->value = written.string().sval();  // the grammar has no other
  }
}

/// WITH's queries belong to the node of the statement behind them.
std::string_view CommandOf(const Node& query) {
  switch (query.node_case()) {
    case Node::kInsertStmt: return "INSERT";
    case Node::kUpdateStmt: return "UPDATE";
    case Node::kDeleteStmt: return "DELETE";
    case Node::kMergeStmt: return "MERGE";
    default: return "SELECT";
  }
}

bool GivesRows(const Node& query) {
  switch (query.node_case()) {
    case Node::kInsertStmt: return query.insert_stmt().returning_list_size() > 0;
    case Node::kUpdateStmt: return query.update_stmt().returning_list_size() > 0;
    case Node::kDeleteStmt: return query.delete_stmt().returning_list_size() > 0;
    default: return true;
  }
}

bool IsSelectInto(const Node& query) {
  const pg_query::SelectStmt* select = &query.select_stmt();
  while (select->has_larg()) select = &select->larg();
  return select->has_into_clause();
}

Copy::Data DataOf(const StatementSource& statement, bool program) {
  if (program) return Copy::Data::kProgram;
  const size_t direction = FindWord(statement.tokens, {"from", "to"}, 1);
  const bool named =
      direction + 1 < statement.tokens.size() && statement.tokens[direction + 1].kind == TokenKind::kString;
  return named ? Copy::Data::kFile : Copy::Data::kClient;
}

}  // namespace

Result<Action> ParseCopy(const StatementSource& statement) {
  BlankedText text(statement);
  if (const Token* segments = OnSegment(statement)) {
    return Cursor(statement).Refuse(*segments, "COPY ... ON SEGMENT", "There are no segments: COPY is of all rows.");
  }
  text.Blank(ExternalPartitions(statement));
  const Tokens reject = RejectTokens(statement);
  text.Blank(reject);
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(*statement.source, statement.begin(), text.text()));
  const pg_query::CopyStmt& written = tree.statement(0).stmt().copy_stmt();
  if (IsSelectInto(written.query())) return Action(Unsupported{"COPY (SELECT INTO)", {}});
  Copy copy{.from = written.is_from(), .data = DataOf(statement, written.is_program())};
  copy.ignores_external = !ExternalPartitions(statement).empty();
  WEIR_RETURN_NOT_OK(TakeRejectLimit(statement, reject, &copy));
  if (written.has_query()) {
    Cursor cursor(statement, statement.tokens.subspan(1));
    WEIR_ASSIGN_OR_RETURN(const Tokens query, cursor.Parenthesized());
    copy.query = Query{.text = TextInPlace(statement, query), .command = std::string(CommandOf(written.query()))};
    copy.query_gives_rows = GivesRows(written.query());
  } else {
    copy.table = RelationName(written.relation(), PositionOf(statement, written.relation().location()));
  }
  copy.columns = ListedNames(written.attlist());
  for (const Node& item : written.options()) {
    const pg_query::DefElem& option = item.def_elem();
    CopyOption& added = copy.options.emplace_back();
    added.name = option.defname();
    added.position = PositionOf(statement, option.location());
    if (option.has_arg()) SetValue(option.arg(), &added);
  }
  if (written.has_where_clause()) {
    const size_t additions = ExternalPartitions(statement).size() + reject.size();
    const Tokens tokens = statement.tokens.first(statement.tokens.size() - additions);
    const Tokens where = tokens.subspan(FindWord(tokens, {"where"}) + 1);
    copy.where = Expression{.text = TextInPlace(statement, where), .position = statement.Position(where.front())};
  }
  return Action(std::move(copy));
}

}  // namespace weir::sql::dialect
