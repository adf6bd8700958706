#include "sql/dialect/result_names.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

namespace weir::sql::dialect {

namespace {

constexpr const char* kUnnamed = "?column?";

bool IsOneOf(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.Is(word); });
}

bool IsIdentifier(const Token& token) {
  return token.kind == TokenKind::kQuotedName || token.kind == TokenKind::kWord;
}

bool EndsList(Tokens tokens, size_t i) {
  if (tokens[i].Is("from")) return i == 0 || !tokens[i - 1].Is("distinct");  // IS DISTINCT FROM
  if (tokens[i].IsSymbol(";")) return true;
  return IsOneOf(tokens[i], {"into", "where", "group", "having", "window", "union", "intersect", "except", "order",
                             "limit", "offset", "fetch", "for"});
}

// The results between `begin` and what follows the list.
Tokens ResultList(Tokens tokens, size_t begin) {
  int depth = 0;
  size_t end = begin;
  for (; end < tokens.size(); ++end) {
    depth += DepthChange(tokens[end]);
    if (depth < 0 || (depth == 0 && EndsList(tokens, end))) break;
  }
  return tokens.subspan(begin, end - begin);
}

// --- whether a result has a name already

// A word here ends an operand; it is not AND, IN or the like, behind which one must follow.
bool EndsOperand(const Token& token) {
  switch (token.kind) {
    case TokenKind::kQuotedName:
    case TokenKind::kString:
    case TokenKind::kNumber:
    case TokenKind::kParameter: return true;
    case TokenKind::kSymbol: return token.text == ")" || token.text == "]";
    case TokenKind::kWord: break;
    case TokenKind::kEnd: return false;
  }
  if (token.reserved == Reserved::kNot || token.reserved == Reserved::kColumnName) return true;
  return IsOneOf(token, {"end", "null", "true", "false", "current_date", "current_time", "current_timestamp",
                         "localtime", "localtimestamp", "user", "current_user", "session_user", "current_role", "current_catalog",
                         "current_schema"});
}

// In doubt it has one: a second would be a mistake of grammar.
bool HasName(Tokens result) {
  if (FindWord(result, {"as"}) < result.size()) return true;
  if (result.size() < 2 || !IsIdentifier(result.back())) return false;
  const Token& before = result[result.size() - 2];
  if (before.Is("over") || result.back().Is("end") || result.back().Is("null")) return false;
  if (IsOneOf(result.back(), {"true", "false", "unknown"}) && (before.Is("is") || before.Is("not"))) return false;
  return EndsOperand(before);
}

// --- PostgreSQL's choice

struct Spelling {
  std::string_view written;
  std::string_view name;
};

std::string TypeResultName(Tokens type) {
  static constexpr std::array<Spelling, 13> kNames = {{
      {"int", "int4"},      {"integer", "int4"},   {"bigint", "int8"},     {"smallint", "int2"}, {"real", "float4"},
      {"double", "float8"}, {"float", "float8"},   {"decimal", "numeric"}, {"dec", "numeric"},   {"boolean", "bool"},
      {"char", "bpchar"},   {"character", "bpchar"}, {"string", "text"},
  }};
  if (type.size() > 1 && type[1].Is("varying")) return "varchar";
  if (type.size() > 2 && type[1].IsSymbol(".")) type = type.subspan(2);
  if (type.empty() || !IsIdentifier(type[0])) return kUnnamed;
  for (const Spelling& known : kNames) {
    if (type[0].Is(known.written)) return std::string(known.name);
  }
  return NameOf(type[0]);
}

// The index behind the parenthesis that closes the one at `open`.
size_t BehindParenthesis(Tokens tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth == 0) return i + 1;
  }
  return tokens.size();
}

struct Name {
  std::string text;
  bool weak = false;    // a cast's type is better
  bool column = false;  // the column's own
};
Name NameOfResult(Tokens result);

// name.name … up to the index given back; 0: there is none.
size_t DottedEnd(Tokens tokens) {
  size_t i = 0;
  while (i < tokens.size() && IsIdentifier(tokens[i])) {
    ++i;
    if (i + 1 < tokens.size() && tokens[i].IsSymbol(".")) {
      ++i;
      continue;
    }
    return i;
  }
  return 0;
}

// FILTER (…), WITHIN GROUP (…) and OVER … behind a call.
size_t BehindCall(Tokens tokens, size_t i) {
  while (i < tokens.size()) {
    const bool named_window = tokens[i].Is("over") && i + 1 < tokens.size() && IsIdentifier(tokens[i + 1]);
    if (named_window) {
      i += 2;
    } else if (IsOneOf(tokens[i], {"filter", "over", "within", "group"})) {
      ++i;
      if (i < tokens.size() && tokens[i].IsSymbol("(")) i = BehindParenthesis(tokens, i);
    } else {
      break;
    }
  }
  return i;
}

Name NameOfCast(Tokens inner) {
  const size_t as = FindWord(inner, {"as"});
  Name name = NameOfResult(inner.first(as));
  if (name.weak && as < inner.size()) return {TypeResultName(inner.subspan(as + 1)), true};
  return {name.text};
}

Name NameOfCall(Tokens result, size_t open) {
  const size_t close = BehindParenthesis(result, open);
  if (BehindCall(result, close) != result.size()) return {kUnnamed, true};
  if (result[0].Is("cast")) return NameOfCast(result.subspan(open + 1, close - open - 2));
  if (result[0].Is("trim")) return {"btrim"};
  return {NameOf(result[open - 1])};
}

std::optional<Name> NameOfKeyword(Tokens result) {
  const Token& first = result[0];
  if (first.Is("case")) {
    const bool whole = result.back().Is("end");
    return whole ? Name{"case", true} : Name{kUnnamed, true};
  }
  if (first.Is("array") && result.size() > 1) return Name{"array"};
  if (first.Is("not") || first.Is("null")) return Name{kUnnamed, true};
  if (result.size() == 1 && (first.Is("true") || first.Is("false"))) return Name{"bool", true};
  return std::nullopt;
}

bool HasOperator(Tokens result) {
  int depth = 0;
  for (const Token& token : result) {
    depth += DepthChange(token, true);
    if (depth != 0) continue;
    if (token.kind == TokenKind::kSymbol && token.text != "." && token.text != ")" && token.text != "]") return true;
    if (IsOneOf(token, {"and", "or", "is", "in", "like", "ilike", "between", "similar", "isnull", "notnull"})) {
      return true;
    }
  }
  return false;
}

// Where the last cast at this level begins.
size_t FindCast(Tokens result) {
  int depth = 0;
  size_t found = result.size();
  for (size_t i = 0; i < result.size(); ++i) {
    depth += DepthChange(result[i], true);
    if (depth == 0 && result[i].IsSymbol("::")) found = i;
  }
  return found;
}

Name NameOfResult(Tokens result) {
  if (result.empty()) return {kUnnamed, true};
  if (const size_t cast = FindCast(result); cast < result.size()) {
    if (HasOperator(result.first(cast)) && FindCast(result.first(cast)) == cast) return {kUnnamed, true};
    if (HasOperator(result.subspan(cast + 1))) return {kUnnamed, true};
    Name name = NameOfResult(result.first(cast));
    return name.weak ? Name{TypeResultName(result.subspan(cast + 1)), true} : Name{name.text};
  }
  if (result[0].IsSymbol("(") && BehindParenthesis(result, 0) == result.size()) {
    Name inner = NameOfResult(result.subspan(1, result.size() - 2));
    return {inner.text, inner.weak};
  }
  if (const auto keyword = NameOfKeyword(result)) return *keyword;
  if (HasOperator(result)) return {kUnnamed, true};
  const size_t dotted = DottedEnd(result);
  if (dotted == 0) return {kUnnamed, true};
  if (dotted == result.size()) return {NameOf(result[dotted - 1]), false, true};
  if (result[dotted].Is("collate")) return {NameOf(result[dotted - 1])};
  if (const size_t at = FindWord(result, {"at"}); at + 2 < result.size() && result[at + 2].Is("zone")) {
    return {"timezone"};
  }
  if (result[dotted].IsSymbol("(")) return NameOfCall(result, dotted);
  if (result[dotted].IsSymbol("[")) return {NameOf(result[dotted - 1])};
  if (result[dotted].kind == TokenKind::kString) return {TypeResultName(result), true};
  return {kUnnamed, true};
}

// --- lists

bool IsStar(Tokens result) { return result.back().IsSymbol("*"); }

// A query in parentheses takes the name of its own first result; it has been given that already, but DuckDB does not
// pass it on.
bool IsSubquery(Tokens result) {
  return result.size() > 2 && result[0].IsSymbol("(") && IsOneOf(result[1], {"select", "with", "values", "table"});
}

std::string QuotedName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void NameResults(Tokens query, Tokens list, bool outermost, std::map<size_t, std::string>* names) {
  for (const Tokens result : SplitAtCommas(list)) {
    if (result.empty() || IsStar(result) || IsSubquery(result) || HasName(result)) continue;
    const Name name = NameOfResult(result);
    if (name.column) continue;
    if (name.text == kUnnamed && !outermost) continue;  // nothing can ask for it there
    names->emplace(static_cast<size_t>(&result.back() - query.data()), " AS " + QuotedName(name.text));
  }
}

// Where the results begin behind SELECT.
size_t BehindSelect(Tokens tokens, size_t select) {
  size_t i = select + 1;
  if (i < tokens.size() && tokens[i].Is("all")) ++i;
  if (i >= tokens.size() || !tokens[i].Is("distinct")) return i;
  ++i;
  if (i + 1 < tokens.size() && tokens[i].Is("on") && tokens[i + 1].IsSymbol("(")) {
    return BehindParenthesis(tokens, i + 1);
  }
  return i;
}

}  // namespace

std::map<size_t, std::string> ResultNames(Tokens query) {
  std::map<size_t, std::string> names;
  int depth = 0;
  for (size_t i = 0; i < query.size(); ++i) {
    depth += DepthChange(query[i]);
    const bool select = query[i].Is("select") && (i == 0 || !query[i - 1].IsSymbol("."));
    if (!select && !query[i].Is("returning")) continue;
    const Tokens list = ResultList(query, select ? BehindSelect(query, i) : i + 1);
    NameResults(query, list, depth == 0, &names);
  }
  return names;
}

}  // namespace weir::sql::dialect
