#include "sql/dialect/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace weir::sql::dialect {

namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kAggregates[] = {"sum",       "count",    "avg",      "min",      "max",       "array_agg",
                               "string_agg", "bool_and", "bool_or",  "every",    "json_agg",  "jsonb_agg",
                               "stddev",    "variance", "var_pop",  "var_samp", "stddev_pop", "stddev_samp"};
constexpr std::string_view kSetReturning[] = {"generate_series", "unnest", "regexp_split_to_table", "regexp_matches",
                                 "json_array_elements", "jsonb_array_elements", "generate_subscripts"};
constexpr std::string_view kRandom[] = {"random", "gen_random_uuid", "uuid_generate_v4", "clock_timestamp",
                           "timeofday", "unique_rowid", "nextval", "setval"};
constexpr std::string_view kStable[] = {"now", "transaction_timestamp", "statement_timestamp", "current_setting"};
constexpr std::string_view kStableWords[] = {"current_date", "current_time", "current_timestamp", "localtime",
                                              "localtimestamp"};
constexpr std::string_view kSystemColumns[] = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"};

bool IsOneOf(const Token& token, Names names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return token.Is(name); });
}

// A place where an operand may begin: after an operator, a comma, "(" or a reserved word such as AND.
bool OperandFollows(const Token& before) {
  if (before.kind == TokenKind::kSymbol) {
    return before.text != ")" && before.text != "]" && before.text != "::" && before.text != ".";
  }
  if (before.Is("as") || before.Is("collate") || before.Is("end") || before.Is("null")) return false;
  return before.kind == TokenKind::kWord && before.reserved == Reserved::kFully;
}

void Note(const Token& token, bool found, const Token** first) {
  if (found && *first == nullptr) *first = &token;
}

}  // namespace

bool IsName(const Token& token) {
  if (token.kind == TokenKind::kQuotedName) return true;
  if (token.kind != TokenKind::kWord) return false;
  return token.reserved == Reserved::kNot || token.reserved == Reserved::kColumnName;
}

// Operators that are words, but for those that are fully reserved.
constexpr std::string_view kBehindOperands[] = {"is",      "isnull",   "notnull", "like", "ilike",   "similar",
                                                "between", "overlaps", "collate", "at",   "operator"};

bool IsColumnReference(Tokens tokens, size_t i) {
  if (!IsName(tokens[i]) || (i > 0 && !OperandFollows(tokens[i - 1]))) return false;
  if (i + 1 == tokens.size()) return true;
  const Token& after = tokens[i + 1];
  if (after.IsSymbol(".")) {  // of a function's name?
    return i + 3 >= tokens.size() || !tokens[i + 3].IsSymbol("(");
  }
  if (after.kind == TokenKind::kWord) {
    return IsOneOf(after, kBehindOperands) || (after.reserved == Reserved::kFully && !after.Is("from"));
  }
  return after.kind == TokenKind::kSymbol && after.text != "(" && after.text != "=>" && after.text != ":=";
}

ExpressionParts PartsOf(Tokens tokens) {
  ExpressionParts parts;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const bool call = i + 1 < tokens.size() && tokens[i + 1].IsSymbol("(");
    Note(token, token.Is("select") || (token.Is("values") && call), &parts.subquery);
    Note(token, token.Is("over") && i > 0 && tokens[i - 1].IsSymbol(")"), &parts.window);
    Note(token, token.kind == TokenKind::kParameter, &parts.parameter);
    Note(token, call && IsOneOf(token, kAggregates), &parts.aggregate);
    Note(token, call && IsOneOf(token, kSetReturning), &parts.set_returning);
    Note(token, call && IsOneOf(token, kRandom), &parts.random);
    Note(token, (call && (IsOneOf(token, kRandom) || IsOneOf(token, kStable))) || IsOneOf(token, kStableWords),
         &parts.changing);
    const bool column = IsColumnReference(tokens, i);
    Note(token, column, &parts.column);
    Note(token, column && IsOneOf(token, kSystemColumns), &parts.system_column);
  }
  return parts;
}

namespace {

/// Its parenthesis, or the word in front of that: EXISTS (SELECT …).
const Token& BeginOfSubquery(Tokens expression, const Token* select) {
  const Token* begin = select;
  if (begin > expression.data() && begin[-1].IsSymbol("(")) --begin;
  const bool word =
      begin > expression.data() && (begin[-1].Is("exists") || begin[-1].Is("array") || begin[-1].Is("in"));
  return word ? begin[-1] : *begin;
}

}  // namespace

Status CheckExpression(const Cursor& cursor, Tokens expression, const ExpressionPlace& place) {
  const ExpressionParts parts = PartsOf(expression);
  if (parts.subquery != nullptr) {
    return cursor.ErrorAt(BeginOfSubquery(expression, parts.subquery), "0A000",
                          fmt::format("cannot use subquery in {}", place.one));
  }
  if (parts.window != nullptr) {
    return cursor.ErrorAt(*parts.window, "42P20", fmt::format("window functions are not allowed in {}", place.many));
  }
  if (parts.aggregate != nullptr) {
    return cursor.ErrorAt(*parts.aggregate, "42803",
                          fmt::format("aggregate functions are not allowed in {}", place.many));
  }
  if (parts.set_returning != nullptr) {
    return cursor.ErrorAt(*parts.set_returning, "0A000",
                          fmt::format("set-returning functions are not allowed in {}", place.many));
  }
  if (parts.column != nullptr && !place.column_reference.empty()) {
    return cursor.ErrorAt(*parts.column, "0A000",
                          fmt::format("cannot use column reference in {}", place.column_reference));
  }
  return Status::OK();
}

Tokens WithoutParentheses(Tokens expression) {
  const auto are_held = [](Tokens tokens) {
    if (tokens.size() < 3 || !tokens.front().IsSymbol("(") || !tokens.back().IsSymbol(")")) return false;
    int depth = 0;
    return std::ranges::none_of(tokens.first(tokens.size() - 1), [&](const Token& token) {
      depth += DepthChange(token);
      return depth == 0;  // what opens the first closes before the end
    });
  };
  while (are_held(expression)) expression = expression.subspan(1, expression.size() - 2);
  return expression;
}

}  // namespace weir::sql::dialect
