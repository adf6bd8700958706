#include "sql/dialect/column.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/dialect/create_table.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/foreign_key.h"
#include "sql/dialect/inline_index.h"
#include "sql/dialect/sequence.h"
#include "sql/dialect/table_layout.h"
#include "sql/dialect/type_name.h"
#include "sql/error.h"

namespace weir::sql::dialect {

namespace {

// --- what keys and constraints share

Status ParseBucketCount(Cursor& cursor, TableConstraint* constraint) {
  const Tokens clause = TryBucketCount(cursor);
  if (clause.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const int32_t count, ReadBucketCount(clause, cursor));
  if (constraint->kind != TableConstraint::Kind::kPrimaryKey) {
    return cursor.Refuse(clause.front(), "hash sharding of anything but a primary key");
  }
  constraint->shards = count;
  return Status::OK();
}

Status RefuseIfDeferrable(Cursor& cursor) {
  const Token& at = cursor.Peek();
  if (cursor.Try({"not", "deferrable"}) || cursor.Try({"initially", "immediate"})) return Status::OK();
  if (cursor.Try("deferrable") || cursor.Try({"initially", "deferred"})) {
    return cursor.Refuse(at, "deferrable constraints");
  }
  return Status::OK();
}

// What may follow a constraint and changes nothing here.
Status SkipConstraintAttributes(Cursor& cursor) {
  for (size_t before = cursor.at() + 1; before != cursor.at() && !cursor.AtEnd();) {
    before = cursor.at();
    WEIR_RETURN_NOT_OK(RefuseIfDeferrable(cursor));
  }
  return Status::OK();
}

// Behind the columns of PRIMARY KEY and UNIQUE.
Status ParseIndexClauses(Cursor& cursor, TableConstraint* constraint) {
  if (cursor.Try("include")) {
    WEIR_ASSIGN_OR_RETURN(constraint->included, cursor.Names());
  }
  WEIR_RETURN_NOT_OK(ParseBucketCount(cursor, constraint));
  if (cursor.Try("with")) {
    WEIR_RETURN_NOT_OK(cursor.Parenthesized().status());
  }
  if (cursor.Try({"using", "index", "tablespace"})) {
    WEIR_RETURN_NOT_OK(cursor.Name().status());
  }
  return Status::OK();
}

Status ParseCheck(Cursor& cursor, TableConstraint* constraint) {
  constraint->kind = TableConstraint::Kind::kCheck;
  WEIR_ASSIGN_OR_RETURN(const Tokens expression, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, expression, kCheckPlace));
  constraint->check = cursor.statement().ExpressionOf(WithoutParentheses(expression));
  for (size_t before = cursor.at() + 1; before != cursor.at();) {
    before = cursor.at();
    constraint->no_inherit = constraint->no_inherit || cursor.Try({"no", "inherit"});
    constraint->not_valid = constraint->not_valid || cursor.Try({"not", "valid"});
  }
  return Status::OK();
}

// PRIMARY KEY and UNIQUE that may be violated until a statement, or the transaction, ends.
Status MakeDeferrable(const Cursor& cursor, const Token& at, TableConstraint* constraint) {
  const bool primary = constraint->kind == TableConstraint::Kind::kPrimaryKey;
  if (constraint->shards > 0) return cursor.Refuse(at, "BUCKET_COUNT of a deferrable constraint");
  constraint->kind = TableConstraint::Kind::kExclusion;
  constraint->deferrable_key = primary ? 'p' : 'u';
  constraint->method = "btree";
  for (const std::string& column : constraint->columns) {  // USING INDEX: none are written
    constraint->exclusion.push_back({.column = IndexColumn{.name = column}, .op = "="});
  }
  return Status::OK();
}

// What may follow a constraint: DEFERRABLE, INITIALLY DEFERRED, NOT VALID and their like.
Status ParseAttributes(Cursor& cursor, const Token& at, TableConstraint* constraint) {
  switch (constraint->kind) {
    case TableConstraint::Kind::kForeignKey: return ParseForeignKeyAttributes(cursor, constraint);
    case TableConstraint::Kind::kPrimaryKey:
    case TableConstraint::Kind::kUnique:
      WEIR_RETURN_NOT_OK(ParseForeignKeyAttributes(cursor, constraint));
      return constraint->rules.deferrable ? MakeDeferrable(cursor, at, constraint) : Status::OK();
    case TableConstraint::Kind::kCheck:
    case TableConstraint::Kind::kExclusion: return SkipConstraintAttributes(cursor);
  }
  return Status::OK();
}

// --- columns

Status ColumnError(const Cursor& cursor, const Token& at, std::string_view what, const ColumnDefinition& column,
                   const CreateTable& table) {
  std::string message = fmt::format("{} for column \"{}\" of table \"{}\"", what, column.name, table.name.name);
  if (column.serial) return Error("42601", std::move(message));  // what serial stands for is written nowhere
  return cursor.ErrorAt(at, "42601", std::move(message));
}

struct ColumnState {
  ColumnDefinition column;
  bool null_written = false;
  bool not_null_written = false;
};

Status SetNullable(const Cursor& cursor, const Token& at, bool nullable, const CreateTable& table, ColumnState* state) {
  if (nullable ? state->not_null_written : state->null_written) {
    return ColumnError(cursor, at, "conflicting NULL/NOT NULL declarations", state->column, table);
  }
  (nullable ? state->null_written : state->not_null_written) = true;
  state->column.not_null = !nullable;
  return Status::OK();
}

bool EndsDefault(const Token& token) {
  for (const std::string_view word : {"constraint", "unique", "primary", "check", "default", "references", "collate",
                                      "generated", "deferrable", "initially"}) {
    if (token.Is(word)) return true;
  }
  return false;
}

// Whether NULL or NOT under the cursor is part of the expression: after an operator, AND the like, and in
// IS NOT DISTINCT FROM.
bool ContinuesExpression(Tokens before) {
  if (before.empty()) return true;
  const Token& last = before.back();
  if (last.kind == TokenKind::kSymbol) return !last.IsSymbol(")") && !last.IsSymbol("]");
  return last.Is("is") || last.Is("from") || (last.Is("not") && before.size() > 1);
}

/// Where a column gets its value from is said once.
Status CheckOneSource(const Cursor& cursor, const Token& at, const CreateTable& table, const ColumnDefinition& column) {
  const bool has_default = column.default_value || column.serial;
  const auto both = [&](std::string_view what) { return ColumnError(cursor, at, what, column, table); };
  if (column.identity && has_default) return both("both default and identity specified");
  if (column.generated && has_default) return both("both default and generation expression specified");
  if (column.generated && column.identity) return both("both identity and generation expression specified");
  return Status::OK();
}

Status ParseDefault(Cursor& cursor, const Token& at, const CreateTable& table, ColumnState* state) {
  if (state->column.default_value || state->column.serial) {
    return ColumnError(cursor, at, "multiple default values specified", state->column, table);
  }
  const Tokens expression = DefaultExpression(cursor);
  if (expression.empty()) return cursor.SyntaxError();
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, expression, kDefaultPlace));
  state->column.default_value = cursor.statement().ExpressionOf(expression);
  return CheckOneSource(cursor, at, table, state->column);
}

// [GENERATED …] AS (expression) STORED.
Status ParseExpressionOfColumn(Cursor& cursor, const Token& at, const CreateTable& table, ColumnState* state) {
  const bool generated = cursor.Try("generated");
  const Token& when = cursor.Peek();
  if (cursor.Try({"by", "default"})) {
    return cursor.ErrorAt(when, "42601", "for a generated column, GENERATED ALWAYS must be specified");
  }
  if (generated) WEIR_RETURN_NOT_OK(cursor.Expect("always"));
  WEIR_RETURN_NOT_OK(cursor.Expect("as"));
  WEIR_ASSIGN_OR_RETURN(const Tokens expression, cursor.Parenthesized());
  WEIR_RETURN_NOT_OK(CheckExpression(cursor, expression, kGenerationPlace));
  WEIR_RETURN_NOT_OK(cursor.Expect("stored"));
  if (state->column.generated) {
    return ColumnError(cursor, at, "multiple generation clauses specified", state->column, table);
  }
  state->column.generated = cursor.statement().ExpressionOf(WithoutParentheses(expression));
  return CheckOneSource(cursor, at, table, state->column);
}

bool IsExpressionOfColumn(const Cursor& cursor) {
  if (cursor.IsAt({"as"})) return cursor.Peek(1).IsSymbol("(");  // KWDB's
  if (cursor.IsAt({"generated", "always", "as"})) return cursor.Peek(3).IsSymbol("(");
  return cursor.IsAt({"generated", "by", "default", "as"}) && cursor.Peek(4).IsSymbol("(");
}

Status ParseGenerated(Cursor& cursor, const Token& at, const CreateTable& table, ColumnState* state) {
  if (IsExpressionOfColumn(cursor)) return ParseExpressionOfColumn(cursor, at, table, state);
  WEIR_ASSIGN_OR_RETURN(IdentityClause identity, ParseIdentity(cursor));
  if (state->column.identity) {
    return ColumnError(cursor, at, "multiple identity specifications", state->column, table);
  }
  if (state->null_written) {
    return ColumnError(cursor, at, "conflicting NULL/NOT NULL declarations", state->column, table);
  }
  state->column.identity = std::move(identity);
  state->column.not_null = state->not_null_written = true;
  return CheckOneSource(cursor, at, table, state->column);
}

/// The type of a column, which may be a serial one.
Status ParseColumnType(Cursor& cursor, ColumnState* state) {
  const Token& at = cursor.Peek();
  const int position = cursor.Position();
  std::string serial = TrySerial(cursor);
  if (serial.empty()) {
    WEIR_ASSIGN_OR_RETURN(state->column.type, ParseType(cursor));
    return Status::OK();
  }
  if (cursor.Peek().IsSymbol("[") || cursor.IsAt({"array"})) {
    return cursor.ErrorAt(at, "0A000", "array of serial is not implemented");
  }
  state->column.type = {std::move(serial), position};
  state->column.serial = state->column.not_null = state->not_null_written = true;
  return Status::OK();
}

// A constraint that stands with its column as it would stand with the table.
Status ParseColumnKey(Cursor& cursor, std::string name, const Token& at, const ColumnState& state, CreateTable* table,
                      bool* parsed) {
  TableConstraint constraint{
      .name = std::move(name), .columns = {state.column.name}, .position = cursor.statement().Position(at)};
  *parsed = true;
  if (cursor.Try({"primary", "key"}) || cursor.Try("unique")) {
    constraint.kind = at.Is("primary") ? TableConstraint::Kind::kPrimaryKey : TableConstraint::Kind::kUnique;
    constraint.nulls_not_distinct = cursor.Try({"nulls", "not", "distinct"});
    cursor.Try({"nulls", "distinct"});
    WEIR_RETURN_NOT_OK(ParseIndexClauses(cursor, &constraint));
  } else if (cursor.Try("check")) {
    WEIR_RETURN_NOT_OK(ParseCheck(cursor, &constraint));
    constraint.columns.clear();
  } else if (cursor.Try("references")) {
    WEIR_RETURN_NOT_OK(ParseReferences(cursor, &constraint));
  } else {
    *parsed = false;
    return Status::OK();
  }
  WEIR_RETURN_NOT_OK(ParseAttributes(cursor, at, &constraint));
  table->constraints.push_back(std::move(constraint));
  return Status::OK();
}

Status ParseColumnConstraint(Cursor& cursor, CreateTable* table, ColumnState* state) {
  std::string name;
  if (cursor.Try("constraint")) {
    WEIR_ASSIGN_OR_RETURN(name, cursor.Name());
  }
  const Token& at = cursor.Peek();
  if (cursor.Try({"not", "null"})) return SetNullable(cursor, at, false, *table, state);
  if (cursor.Try("null")) return SetNullable(cursor, at, true, *table, state);
  if (cursor.Try("default")) return ParseDefault(cursor, at, *table, state);
  if (cursor.IsAt({"generated"}) || IsExpressionOfColumn(cursor)) return ParseGenerated(cursor, at, *table, state);
  if (cursor.Try("collate")) {
    do {
      WEIR_ASSIGN_OR_RETURN(state->column.collation, cursor.AnyName());
    } while (cursor.TrySymbol("."));
    return Status::OK();
  }
  if (cursor.Try("compression")) {
    WEIR_ASSIGN_OR_RETURN(state->column.compression, cursor.AnyName());
    return Status::OK();
  }
  if (const Tokens encoding = TryEncoding(cursor); !encoding.empty()) {
    state->column.encoding = OptionsOf(cursor.statement(), encoding.subspan(2, encoding.size() - 3));
    return Status::OK();
  }
  bool parsed = false;
  WEIR_RETURN_NOT_OK(ParseColumnKey(cursor, std::move(name), at, *state, table, &parsed));
  if (parsed) return Status::OK();
  const size_t before = cursor.at();
  WEIR_RETURN_NOT_OK(RefuseIfDeferrable(cursor));
  return cursor.at() == before ? cursor.SyntaxError() : Status::OK();
}

Status ParseColumn(Cursor& cursor, CreateTable* table, bool typed) {
  ColumnState state;
  state.column.position = cursor.Position();
  WEIR_ASSIGN_OR_RETURN(state.column.name, cursor.AnyName());
  if (typed) {
    WEIR_RETURN_NOT_OK(ParseColumnType(cursor, &state));
  } else {
    cursor.Try({"with", "options"});
  }
  while (!cursor.AtEnd()) {
    WEIR_RETURN_NOT_OK(ParseColumnConstraint(cursor, table, &state));
  }
  table->columns.push_back(std::move(state.column));
  return Status::OK();
}

// --- table constraints

// (a, b) and KWDB's (a ASC, b DESC)
Status ParseKeyColumns(Cursor& cursor, TableConstraint* constraint) {
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (const Tokens part : SplitAtCommas(list)) {
    Cursor column(cursor.statement(), part);
    WEIR_ASSIGN_OR_RETURN(std::string name, column.Name());
    if (!column.Try("asc") && column.Try("desc")) constraint->descending.push_back(name);
    constraint->columns.push_back(std::move(name));
    WEIR_RETURN_NOT_OK(column.ExpectEnd());
  }
  return Status::OK();
}

Status ParseTableKey(Cursor& cursor, TableConstraint* constraint) {
  if (cursor.Try({"using", "index"})) {
    WEIR_ASSIGN_OR_RETURN(constraint->using_index, cursor.Name());
    return Status::OK();
  }
  constraint->nulls_not_distinct = cursor.Try({"nulls", "not", "distinct"});
  cursor.Try({"nulls", "distinct"});
  WEIR_RETURN_NOT_OK(ParseKeyColumns(cursor, constraint));
  return ParseIndexClauses(cursor, constraint);
}

// A column, a call or (expression), as an index has it.
Result<IndexColumn> ParseExcludedPart(const Cursor& cursor, Tokens tokens) {
  if (tokens.size() == 1) return IndexColumn{.name = NameOf(tokens[0])};
  if (!tokens.back().IsSymbol(")"))
    return cursor.Refuse(tokens.back(), "what follows a part of an exclusion constraint");
  const bool call = !tokens.front().IsSymbol("(");
  const Expression written = cursor.statement().ExpressionOf(call ? tokens : tokens.subspan(1, tokens.size() - 2));
  const std::string label =
      tokens.size() > 2 && (call || tokens[2].IsSymbol("(")) ? NameOf(tokens[call ? 0 : 1]) : "expr";
  return IndexColumn{.name = {},
                     .expression = IndexExpression{.text = written.text, .position = written.position, .label = label,
                                                   .is_call = call}};
}

// [USING method] (part WITH operator, …) [WHERE (condition)]
Status ParseExclusion(Cursor& cursor, TableConstraint* constraint) {
  constraint->kind = TableConstraint::Kind::kExclusion;
  constraint->method = "btree";
  if (cursor.Try("using")) {
    WEIR_ASSIGN_OR_RETURN(constraint->method, cursor.Name());
  }
  WEIR_ASSIGN_OR_RETURN(const Tokens list, cursor.Parenthesized());
  for (const Tokens part : SplitAtCommas(list)) {
    size_t with = part.size();
    while (with > 0 && !part[with - 1].Is("with")) --with;
    if (with < 2 || with == part.size()) return cursor.SyntaxError();
    ExclusionPart& excluded = constraint->exclusion.emplace_back();
    WEIR_ASSIGN_OR_RETURN(excluded.column, ParseExcludedPart(cursor, part.first(with - 1)));
    excluded.op = std::string(cursor.statement().Slice(part.subspan(with)));
  }
  if (!cursor.Try("where")) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const Tokens condition, cursor.Parenthesized());
  const Expression written = cursor.statement().ExpressionOf(WithoutParentheses(condition));
  constraint->condition = IndexExpression{.text = written.text, .position = written.position};
  return Status::OK();
}

Status ParseTableConstraint(Cursor& cursor, CreateTable* table) {
  TableConstraint constraint{.position = cursor.Position()};
  if (cursor.Try("constraint")) {
    WEIR_ASSIGN_OR_RETURN(constraint.name, cursor.Name());
  }
  const Token& at = cursor.Peek();
  if (cursor.Try({"primary", "key"})) {
    WEIR_RETURN_NOT_OK(ParseTableKey(cursor, &constraint));
  } else if (cursor.Try("unique")) {
    constraint.kind = TableConstraint::Kind::kUnique;
    WEIR_RETURN_NOT_OK(ParseTableKey(cursor, &constraint));
  } else if (cursor.Try("check")) {
    WEIR_RETURN_NOT_OK(ParseCheck(cursor, &constraint));
  } else if (cursor.Try({"foreign", "key"})) {
    WEIR_ASSIGN_OR_RETURN(constraint.columns, cursor.Names());
    WEIR_RETURN_NOT_OK(cursor.Expect("references"));
    WEIR_RETURN_NOT_OK(ParseReferences(cursor, &constraint));
  } else if (cursor.Try("exclude")) {
    if (table->partition_by) {
      return cursor.ErrorAt(at, "0A000", "exclusion constraints are not supported on partitioned tables");
    }
    WEIR_RETURN_NOT_OK(ParseExclusion(cursor, &constraint));
  } else {
    return cursor.SyntaxError();
  }
  WEIR_RETURN_NOT_OK(ParseAttributes(cursor, at, &constraint));
  cursor.Try({"not", "valid"});
  table->constraints.push_back(std::move(constraint));
  return cursor.ExpectEnd();
}

bool IsTableConstraint(const Cursor& cursor) {
  const Token& first = cursor.Peek();
  for (const std::string_view word : {"constraint", "primary", "unique", "check", "foreign"}) {
    if (first.Is(word)) return true;
  }
  return first.Is("exclude") && (cursor.Peek(1).IsSymbol("(") || cursor.Peek(1).Is("using"));
}

// KWDB's FAMILY name (column), which looks like a column of a type with a modifier.
Status RefuseFamilies(const Cursor& cursor) {
  const bool names_columns = cursor.Peek(2).IsSymbol("(") && cursor.Peek(3).kind == TokenKind::kWord;
  return names_columns && cursor.Peek().Is("family") ? cursor.Refuse(cursor.Peek(), "column families") : Status::OK();
}

// LIKE source [INCLUDING what | EXCLUDING what] …
Status ParseLike(Cursor& cursor, CreateTable* table) {
  LikeTable like{.place = table->columns.size()};
  WEIR_ASSIGN_OR_RETURN(like.source, cursor.Qualified());
  while (!cursor.AtEnd()) {
    const bool including = cursor.Try("including");
    if (!including) WEIR_RETURN_NOT_OK(cursor.Expect("excluding"));
    const Token& what = cursor.Next();
    const bool all = what.Is("all");
    if (all || what.Is("comments")) like.comments = including;
    if (all || what.Is("constraints")) like.constraints = including;
    if (all || what.Is("defaults")) like.defaults = including;
    if (all || what.Is("generated")) like.generated = including;
    if (all || what.Is("identity")) like.identity = including;
    if (all || what.Is("indexes")) like.indexes = including;
  }
  table->likes.push_back(std::move(like));
  return Status::OK();
}

}  // namespace

// PostgreSQL's b_expr.
Tokens DefaultExpression(Cursor& cursor) {
  const size_t begin = cursor.at();
  int depth = 0;
  while (!cursor.AtEnd()) {
    const Token& token = cursor.Peek();
    const Tokens before = cursor.Since(begin);
    if (depth == 0 && !before.empty()) {
      const bool null_word = token.Is("null") || token.Is("not");
      if (EndsDefault(token) || (null_word && !ContinuesExpression(before))) break;
      if (token.Is("encoding") && cursor.Peek(1).IsSymbol("(")) break;
    }
    depth += DepthChange(token, true);
    cursor.Next();
  }
  return cursor.Since(begin);
}

bool IsEncodingElement(const Cursor& cursor) {
  return cursor.Peek().Is("column") || (cursor.Peek().Is("default") && cursor.Peek(1).Is("column"));
}

Result<ColumnEncoding> ParseEncodingElement(Cursor& cursor) {
  ColumnEncoding encoding{.position = cursor.Position()};
  const bool is_default = cursor.Try("default");
  WEIR_RETURN_NOT_OK(cursor.Expect("column"));
  if (!is_default) {
    WEIR_ASSIGN_OR_RETURN(encoding.column, cursor.AnyName());
  }
  WEIR_RETURN_NOT_OK(cursor.Expect("encoding"));
  WEIR_ASSIGN_OR_RETURN(const Tokens options, cursor.Parenthesized());
  encoding.options = OptionsOf(cursor.statement(), options);
  return encoding;
}

Status ParseColumnElement(const StatementSource& statement, Tokens element, CreateTable* table) {
  Cursor cursor(statement, element);
  return ParseColumn(cursor, table, true);
}

Status ParseTableElements(const StatementSource& statement, Tokens elements, CreateTable* table) {
  const bool typed = !table->parent && !table->query && !table->of_type;
  for (const Tokens element : SplitAtCommas(elements)) {
    Cursor cursor(statement, element);
    if (IsEncodingElement(cursor)) {
      WEIR_ASSIGN_OR_RETURN(ColumnEncoding encoding, ParseEncodingElement(cursor));
      WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
      table->encodings.push_back(std::move(encoding));
      continue;
    }
    if (cursor.Try("like")) {
      WEIR_RETURN_NOT_OK(ParseLike(cursor, table));
      continue;
    }
    if (IsInlineIndex(cursor)) {
      WEIR_ASSIGN_OR_RETURN(InlineIndex index, ParseInlineIndex(cursor));
      table->indexes.push_back(std::move(index));
      continue;
    }
    WEIR_RETURN_NOT_OK(RefuseFamilies(cursor));
    WEIR_RETURN_NOT_OK(IsTableConstraint(cursor) ? ParseTableConstraint(cursor, table)
                                                 : ParseColumn(cursor, table, typed));
  }
  return Status::OK();
}

}  // namespace weir::sql::dialect
