#include "sql/dialect/index.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg_query.pb.h"
#include "sql/dialect/blank.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/parse_tree.h"
#include "sql/dialect/table_layout.h"
#include "sql/dialect/tablespace.h"
#include "sql/dialect/unsupported.h"

namespace weir::sql::dialect {

namespace {

Status NotSupported(std::string what, std::string hint = {}) {
  return Error("0A000", std::move(what) + " are not supported", {.hint = std::move(hint)});
}

std::string LastOf(const google::protobuf::RepeatedPtrField<pg_query::Node>& names) {
  return names.empty() ? "" : names.rbegin()->string().sval();
}

// What PostgreSQL calls a result of the expression; empty: nothing of its own.
std::string LabelOf(const pg_query::Node& node) {
  if (node.has_column_ref()) return LastOf(node.column_ref().fields());
  if (node.has_func_call()) return LastOf(node.func_call().funcname());
  if (node.has_type_cast()) {
    const std::string inner = LabelOf(node.type_cast().arg());
    return inner.empty() ? LastOf(node.type_cast().type_name().names()) : inner;
  }
  if (node.has_collate_clause()) return LabelOf(node.collate_clause().arg());
  if (node.has_case_expr()) {
    const std::string otherwise = LabelOf(node.case_expr().defresult());
    return otherwise.empty() ? "case" : otherwise;
  }
  if (node.has_coalesce_expr()) return "coalesce";
  if (node.has_min_max_expr()) return node.min_max_expr().op() == pg_query::IS_GREATEST ? "greatest" : "least";
  if (node.has_a_expr() && node.a_expr().kind() == pg_query::AEXPR_NULLIF) return "nullif";
  return {};
}

bool LooksLikeCall(const pg_query::Node& node) {
  const bool null_if = node.has_a_expr() && node.a_expr().kind() == pg_query::AEXPR_NULLIF;
  return node.has_func_call() || node.has_coalesce_expr() || node.has_min_max_expr() || null_if;
}

IndexExpression ExpressionOf(const StatementSource& statement, Tokens tokens, const pg_query::Node& node) {
  const Expression written = statement.ExpressionOf(tokens);
  IndexExpression expression{.text = written.text, .position = written.position, .label = LabelOf(node)};
  if (expression.label.empty()) expression.label = "expr";
  expression.is_call = LooksLikeCall(node);
  return expression;
}

// Where the parenthesis that opens at a token closes.
size_t ClosingOf(Tokens tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth == 0) return i;
  }
  return tokens.size() - 1;
}

// Of an element that is an expression in parentheses, or a call.
Tokens ExpressionIn(Tokens element) {
  const auto open = std::ranges::find_if(element, [](const Token& token) { return token.IsSymbol("("); });
  if (open == element.end()) return element.first(1);
  const auto at = static_cast<size_t>(open - element.begin());
  const size_t close = ClosingOf(element, at);
  return at == 0 ? element.subspan(1, close - 1) : element.first(close + 1);
}

// The tokens of an index's definition.
struct IndexTokens {
  std::vector<Tokens> elements;
  Tokens condition;  // behind WHERE; none without
};

IndexTokens TokensOf(const StatementSource& statement) {
  IndexTokens parts;
  const Tokens all = statement.tokens;
  size_t open = FindWord(all, {"on"});
  while (open < all.size() && !all[open].IsSymbol("(")) ++open;
  if (open == all.size()) return parts;
  const size_t close = ClosingOf(all, open);
  parts.elements = SplitAtCommas(all.subspan(open + 1, close - open - 1));
  const size_t where = FindWord(all, {"where"}, close + 1);
  if (where < all.size()) parts.condition = all.subspan(where + 1);
  return parts;
}

Result<IndexColumn> ReadColumn(const StatementSource& statement, Tokens tokens, const pg_query::IndexElem& element) {
  if (!element.opclassopts().empty()) return NotSupported("options of operator classes");
  IndexColumn column{.name = element.name(),
                     .collation = LastOf(element.collation()),
                     .operator_class = LastOf(element.opclass()),
                     .descending = element.ordering() == pg_query::SORTBY_DESC};
  if (element.nulls_ordering() == pg_query::SORTBY_NULLS_FIRST) column.nulls_first = true;
  if (element.nulls_ordering() == pg_query::SORTBY_NULLS_LAST) column.nulls_first = false;
  if (!element.name().empty()) return column;
  // ((a)) is a column.
  const bool alone = element.expr().has_column_ref() && element.expr().column_ref().fields_size() == 1;
  if (alone && element.expr().column_ref().fields(0).has_string()) {
    column.name = element.expr().column_ref().fields(0).string().sval();
  } else {
    column.expression = ExpressionOf(statement, ExpressionIn(tokens), element.expr());
  }
  return column;
}

/// What an index of ours cannot be. A method that PostgreSQL does not have is 42704.
Status CheckSupported(const pg_query::IndexStmt& index) {
  const std::string& method = index.access_method();
  for (const std::string_view other : {"hash", "gist", "gin", "spgist", "brin"}) {
    if (method != other) continue;
    if (!index.unique()) return NotSupported(fmt::format("indexes of access method \"{}\"", method));
    return Error("0A000", fmt::format("access method \"{}\" does not support unique indexes", method));
  }
  if (!method.empty() && method != "btree") {
    return Error("42704", fmt::format("access method \"{}\" does not exist", method));
  }
  if (index.nulls_not_distinct() && !index.unique()) {
    return NotSupported("indexes with NULLS NOT DISTINCT that are not unique");
  }
  if (!index.options().empty()) return NotSupported("storage parameters of indexes");
  return index.table_space().empty() ? Status::OK() : CheckTablespaceOfTable(index.table_space());
}

/// Errors about the relations of these statements have no position.
Result<QualifiedName> UnplacedName(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
  name.position = 0;
  return name;
}

// KWDB has partitions of indexes only where the table is made.
Status CheckIndexSyntax(const StatementSource& statement, const BlankedText& text) {
  const size_t at = FindWord(statement.tokens, {"partition"});
  if (at + 1 < statement.tokens.size() && statement.tokens[at + 1].Is("by")) {
    return Cursor(statement).ErrorAt(statement.tokens[at], "0A000",
                                     "partitioning of secondary indexes is only supported in CREATE TABLE");
  }
  return text.Check();
}

struct Sharded {
  int32_t count = 0;
  int position = 0;
};

// KWDB's USING HASH WITH BUCKET_COUNT = n, which PostgreSQL's grammar does not know.
Result<Sharded> BlankShards(const StatementSource& statement, BlankedText* text) {
  Sharded sharded;
  Cursor cursor(statement);
  cursor.Seek(FindWord(statement.tokens, {"using"}));
  while (!cursor.AtEnd()) {
    const Token& first = cursor.Peek();
    const Tokens clause = TryBucketCount(cursor);
    if (!clause.empty()) {
      text->Blank(clause);
      sharded.position = statement.Position(first);
      WEIR_ASSIGN_OR_RETURN(sharded.count, ReadBucketCount(clause, cursor));
      return sharded;
    }
    cursor.Next();
  }
  return sharded;
}

}  // namespace

bool IsCreateIndex(Cursor cursor) {
  return cursor.Try("create") && (cursor.IsAt({"index"}) || cursor.IsAt({"unique", "index"}));
}

Result<Action> ParseCreateIndex(const StatementSource& statement) {
  BlankedText text(statement);
  WEIR_ASSIGN_OR_RETURN(const Sharded sharded, BlankShards(statement, &text));
  WEIR_RETURN_NOT_OK(CheckIndexSyntax(statement, text));
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(*statement.source, statement.begin(), text.text()));
  const pg_query::IndexStmt& index = tree.statement(0).stmt().index_stmt();
  WEIR_RETURN_NOT_OK(CheckSupported(index));
  CreateIndex create{.table = RelationName(index.relation()),
                     .unique = index.unique(),
                     .nulls_not_distinct = index.nulls_not_distinct(),
                     .shards = sharded.count,
                     .position = sharded.position,
                     .if_not_exists = index.if_not_exists(),
                     .concurrently = index.concurrent(),
                     .only = !index.relation().inh()};
  if (!index.idxname().empty()) create.name = index.idxname();
  const IndexTokens tokens = TokensOf(statement);
  for (int i = 0; i < index.index_params_size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(IndexColumn column, ReadColumn(statement, tokens.elements.at(static_cast<size_t>(i)),
                                                         index.index_params(i).index_elem()));
    create.columns.push_back(std::move(column));
  }
  if (index.has_where_clause()) {
    create.condition = ExpressionOf(statement, WithoutParentheses(tokens.condition), index.where_clause());
  }
  for (const pg_query::Node& node : index.index_including_params()) {
    if (node.index_elem().name().empty()) return Error("0A000", "expressions are not supported in included columns");
    create.included.push_back(node.index_elem().name());
  }
  return Action(std::move(create));
}

Result<Action> ParseAlterIndex(const StatementSource& statement) {
  WEIR_RETURN_NOT_OK(CheckIndexSyntax(statement, BlankedText(statement)));
  Cursor cursor(statement);
  WEIR_RETURN_NOT_OK(cursor.Expect({"alter", "index"}));
  RenameIndex rename{.if_exists = cursor.Try({"if", "exists"})};
  if (cursor.IsAt({"all", "in"})) return Action(UnsupportedStatement(statement));
  WEIR_ASSIGN_OR_RETURN(rename.name, UnplacedName(cursor));
  if (cursor.Try({"attach", "partition"})) {
    AttachIndex attach{.name = std::move(rename.name), .partition = {}};
    WEIR_ASSIGN_OR_RETURN(attach.partition, UnplacedName(cursor));
    return Action(std::move(attach));
  }
  if (!cursor.Try({"rename", "to"})) return Action(Unsupported{"ALTER INDEX " + Upper(cursor.Peek().text), {}});
  WEIR_ASSIGN_OR_RETURN(rename.new_name, cursor.Name());
  return Action(std::move(rename));
}

Result<Action> ParseDropIndexes(Cursor& cursor) {
  DropIndexes drop{.concurrently = cursor.Try("concurrently")};
  drop.if_exists = cursor.Try({"if", "exists"});
  do {
    WEIR_ASSIGN_OR_RETURN(QualifiedName name, UnplacedName(cursor));
    drop.names.push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  drop.cascade = cursor.Try("cascade");
  return Action(std::move(drop));
}

}  // namespace weir::sql::dialect
