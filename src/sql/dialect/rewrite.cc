#include "sql/dialect/rewrite.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "sql/dialect/cursor.h"
#include "sql/dialect/postgres.h"
#include "sql/dialect/result_names.h"

namespace weir::sql {

namespace dialect {
namespace {

std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

// The tokens of the table behind ONLY, which may stand in parentheses.
std::pair<size_t, size_t> OnlyTable(Tokens tokens, size_t only) {
  const size_t begin = only + 1 < tokens.size() && tokens[only + 1].IsSymbol("(") ? only + 2 : only + 1;
  const auto is_name = [&](size_t i) {
    return i < tokens.size() && (tokens[i].kind == TokenKind::kWord || tokens[i].kind == TokenKind::kQuotedName);
  };
  size_t end = is_name(begin) ? begin + 1 : begin;
  while (end > begin && end + 1 < tokens.size() && tokens[end].IsSymbol(".") && is_name(end + 1)) end += 2;
  return {begin, end};
}

// name, schema.name or database.schema.name
QualifiedName NameOfTable(Tokens tokens) {
  QualifiedName name;
  name.name = NameOf(tokens.back());
  if (tokens.size() > 2) name.schema = NameOf(tokens[tokens.size() - 3]);
  if (tokens.size() > 4) name.database = NameOf(tokens[tokens.size() - 5]);
  return name;
}

// UPDATE ONLY and DELETE FROM ONLY of a partitioned table find no rows: a condition that none meets.
void NothingOf(Tokens tokens, const IsPartitioned& is_partitioned, std::map<size_t, std::string>* insertions) {
  const bool update = tokens.size() > 2 && tokens[0].Is("update") && tokens[1].Is("only");
  const bool erase = tokens.size() > 3 && tokens[0].Is("delete") && tokens[1].Is("from") && tokens[2].Is("only");
  if (!update && !erase) return;
  const auto [begin, end] = OnlyTable(tokens, update ? 1 : 2);
  if (begin == end || !is_partitioned(NameOfTable(tokens.subspan(begin, end - begin)))) return;
  const size_t last = FindWord(tokens, {"returning"}) - 1;
  const size_t where = FindWord(tokens, {"where"});
  if (where >= last) {
    (*insertions)[last] += " WHERE false";
    return;
  }
  (*insertions)[where] += " false AND (";
  (*insertions)[last] += ")";
}

class Rewriter {
 public:
  Rewriter(std::string_view text, Tokens tokens, std::map<size_t, std::string> names, IsPartitioned is_partitioned)
      : text_(text), tokens_(tokens), names_(std::move(names)), is_partitioned_(std::move(is_partitioned)) {}

  std::string Run() {
    if (tokens_.empty()) return std::string(text_);
    std::string out(text_.substr(0, tokens_.front().begin));
    out += Range(0, tokens_.size());
    out += text_.substr(tokens_.back().end);
    return out;
  }

 private:
  // Writes what stands for the tokens from `i` on into `out`; gives back how many tokens that were, 0 for none.
  using Rule = size_t (Rewriter::*)(size_t i, std::string* out) const;

  std::string Range(size_t begin, size_t end, bool named = true) const {
    std::string out;
    for (size_t i = begin; i < end;) {
      if (i > begin) out += text_.substr(tokens_[i - 1].end, tokens_[i].begin - tokens_[i - 1].end);
      const size_t taken = std::min(One(i, &out), end - i);
      for (size_t k = i; named && k < i + taken; ++k) {
        if (const auto name = names_.find(k); name != names_.end()) out += name->second;
      }
      i += taken;
    }
    return out;
  }

  size_t One(size_t i, std::string* out) const {
    static constexpr Rule kRules[] = {
        &Rewriter::Literal,          &Rewriter::Operator, &Rewriter::CatalogPrefix, &Rewriter::TypeName,
        &Rewriter::DefaultCollation, &Rewriter::Locking,  &Rewriter::LockingSelect, &Rewriter::SampleSize,
        &Rewriter::SortUsing,        &Rewriter::Only,     &Rewriter::Name,
    };
    for (const Rule rule : kRules) {
      if (const size_t taken = (this->*rule)(i, out); taken > 0) return taken;
    }
    *out += tokens_[i].text;
    return 1;
  }

  const Token& At(size_t i) const { return i < tokens_.size() ? tokens_[i] : end_; }
  bool Are(size_t i, std::initializer_list<std::string_view> words) const {
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) { return At(i++).Is(word); });
  }
  bool IsName(size_t i) const { return At(i).kind == TokenKind::kWord || At(i).kind == TokenKind::kQuotedName; }
  size_t BehindParenthesis(size_t open) const {
    int depth = 0;
    for (size_t i = open; i < tokens_.size(); ++i) {
      depth += DepthChange(tokens_[i]);
      if (depth == 0) return i + 1;
    }
    return tokens_.size();
  }

  // Escapes (E'\u00e9'), U&'' and literals continued on the next line are not DuckDB's; B'101' and X'1F' are bits.
  size_t Literal(size_t i, std::string* out) const {
    const Token& token = At(i);
    if (token.kind == TokenKind::kQuotedName && token.text.front() != '"') {
      *out += "\"" + NameOf(token) + "\"";
      return 1;
    }
    if (token.kind != TokenKind::kString || token.text.front() == '$') return 0;
    const char prefix = static_cast<char>(token.text.front() | 0x20);
    if (prefix == 'b' || prefix == 'x') {
      *out += Quoted(Bits(StringValue(token.text), prefix == 'x')) + "::BIT";
      return 1;
    }
    if (token.text.front() == '\'' && token.text.find("'\n") == std::string_view::npos &&
        token.text.find('\n') == std::string_view::npos) {
      return 0;
    }
    if (prefix == 'u' && At(i + 1).Is("uescape")) return 0;
    *out += Quoted(StringValue(token.text));
    return 1;
  }

  static std::string Bits(const std::string& digits, bool hexadecimal) {
    if (!hexadecimal) return digits;
    std::string bits;
    for (const char c : digits) {
      const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
      for (int bit = 3; bit >= 0; --bit) bits.push_back((digit >> bit & 1) != 0 ? '1' : '0');
    }
    return bits;
  }

  // ~ is SIMILAR TO to DuckDB: it gets a name of its own, which the parsed tree still has. OPERATOR(pg_catalog.~), as
  // psql writes it, is the operator.
  size_t Operator(size_t i, std::string* out) const {
    size_t taken = 1;
    std::string_view op = At(i).kind == TokenKind::kSymbol ? At(i).text : std::string_view();
    if (At(i).Is("operator") && At(i + 1).IsSymbol("(")) {
      const size_t behind = BehindParenthesis(i + 1);
      op = At(behind - 2).text;
      taken = behind - i;
    }
    if (op == "~") {
      *out += "@~";
    } else if (op == "!~") {
      *out += "!@~";
    } else if (taken > 1) {
      *out += op;
    } else {
      return 0;
    }
    return taken;
  }

  // A literal, a parameter, a column, a call or something in parentheses.
  size_t OperandEnd(size_t i) const {
    const TokenKind kind = At(i).kind;
    if (kind == TokenKind::kString || kind == TokenKind::kParameter) return i + 1;
    if (At(i).IsSymbol("(")) return BehindParenthesis(i);
    if (!IsName(i) || At(i).reserved == Reserved::kFully) return i;
    ++i;
    while (At(i).IsSymbol(".") && IsName(i + 1)) i += 2;
    return At(i).IsSymbol("(") ? BehindParenthesis(i) : i;
  }

  // pg_catalog.lower(…), ::pg_catalog.text: DuckDB keeps its functions and types elsewhere.
  size_t CatalogPrefix(size_t i, std::string* out) const {
    if (!At(i).Is("pg_catalog") || !At(i + 1).IsSymbol(".") || !IsName(i + 2)) return 0;
    const bool type = i > 0 && (At(i - 1).IsSymbol("::") || At(i - 1).Is("as"));
    if (!type && !At(i + 3).IsSymbol("(")) return 0;
    const size_t taken = type ? TypeName(i + 2, out) : 0;
    if (taken > 0) return taken + 2;
    *out += Folded(At(i + 2).text);
    return 3;
  }

  // Types that DuckDB calls otherwise, and precisions that it does not take.
  size_t TypeName(size_t i, std::string* out) const {
    const bool catalog = i > 2 && At(i - 1).IsSymbol(".") && At(i - 2).Is("pg_catalog") &&
                         (At(i - 3).IsSymbol("::") || At(i - 3).Is("as"));
    if (i == 0 || (!At(i - 1).IsSymbol("::") && !catalog)) return 0;
    if (At(i).Is("name") || At(i).Is("unknown") || At(i).Is("cstring")) {
      *out += "VARCHAR";
      return 1;
    }
    if (At(i).Is("jsonb")) {
      *out += "JSON";
      return 1;
    }
    const bool time = At(i).Is("time") || At(i).Is("timetz") || At(i).Is("interval");
    if (!time || !At(i + 1).IsSymbol("(")) return 0;
    *out += At(i).text;
    return BehindParenthesis(i + 1) - i;
  }

  // COLLATE "default", COLLATE pg_catalog.default: what is so anyway, under a name that DuckDB does not know.
  size_t DefaultCollation(size_t i, std::string*) const {
    if (!At(i).Is("collate")) return 0;
    const size_t name = At(i + 1).Is("pg_catalog") && At(i + 2).IsSymbol(".") ? i + 3 : i + 1;
    return IsName(name) && NameOf(At(name)) == "default" ? name + 1 - i : 0;
  }

  // A clause that locks rows, at `i`: its end, `i` when there is none. Tells it as a call's arguments.
  size_t LockingEnd(size_t i, std::string* arguments) const {
    if (!At(i).Is("for")) return i;
    static constexpr std::pair<std::string_view, size_t> kStrengths[] = {
        {"NO KEY UPDATE", 3}, {"KEY SHARE", 2}, {"UPDATE", 1}, {"SHARE", 1}};
    for (const auto& [strength, words] : kStrengths) {
      const bool written = words == 3   ? Are(i + 1, {"no", "key", "update"})
                           : words == 2 ? Are(i + 1, {"key", "share"})
                                        : At(i + 1).Is(Folded(strength));
      if (written) return LockingOptionsEnd(i + 1 + words, Quoted(strength), arguments);
    }
    return i;
  }

  size_t LockingOptionsEnd(size_t end, const std::string& strength, std::string* arguments) const {
    std::string names;
    if (At(end).Is("of")) {
      do {
        const size_t next = OperandEnd(end + 1);
        names += ", " + Quoted(NameOf(At(next - 1)));
        end = next;
      } while (At(end).IsSymbol(","));
    }
    std::string_view policy = "WAIT";
    if (At(end).Is("nowait")) policy = "NOWAIT";
    if (Are(end, {"skip", "locked"})) policy = "SKIP LOCKED";
    *arguments = strength + ", " + Quoted(policy) + names;
    return end + (policy == "WAIT" ? 0 : policy == "NOWAIT" ? 1 : 2);
  }

  // FOR UPDATE and its like: DuckDB knows no such clause.
  size_t Locking(size_t i, std::string*) const {
    std::string arguments;
    return LockingEnd(i, &arguments) - i;
  }

  // … so its SELECT tells of it, before its results.
  size_t LockingSelect(size_t i, std::string* out) const {
    if (!At(i).Is("select")) return 0;
    std::string calls;
    int depth = 0;
    for (size_t k = i + 1; k < tokens_.size() && depth >= 0; ++k) {
      depth += DepthChange(tokens_[k]);
      std::string arguments;
      if (depth == 0 && LockingEnd(k, &arguments) > k) calls += fmt::format(" {}({}),", kLockingCall, arguments);
    }
    if (calls.empty()) return 0;
    size_t end = i + 1;
    if (At(end).Is("all")) ++end;
    if (At(end).Is("distinct")) end = Are(end, {"distinct", "on"}) ? BehindParenthesis(end + 2) : end + 1;
    *out += "SELECT";
    if (end > i + 1) *out += " " + Range(i + 1, end, false);
    *out += calls;
    return end - i;
  }

  // TABLESAMPLE SYSTEM (10) means per cent; to DuckDB it means rows.
  size_t SampleSize(size_t i, std::string* out) const {
    const bool closes = i > 3 && At(i).IsSymbol(")") && At(i - 1).kind == TokenKind::kNumber && At(i - 2).IsSymbol("(");
    if (!closes || !At(i - 4).Is("tablesample")) return 0;
    *out += " PERCENT)";
    return 1;
  }

  // ORDER BY x USING <
  size_t SortUsing(size_t i, std::string* out) const {
    if (!At(i).Is("using") || (!At(i + 1).IsSymbol("<") && !At(i + 1).IsSymbol(">"))) return 0;
    *out += At(i + 1).IsSymbol("<") ? "ASC" : "DESC";
    return 2;
  }

  // FROM ONLY t of a partitioned table, which DuckDB reads as FROM t. UPDATE and DELETE have got a condition that
  // nothing meets (NothingOf).
  size_t Only(size_t i, std::string* out) const {
    if (!At(i).Is("only") || !is_partitioned_ || i == 0 || At(i - 1).Is("update")) return 0;
    if (i == 2 && At(0).Is("delete")) return 0;
    const auto [begin, end] = OnlyTable(tokens_, i);
    if (begin == end || !is_partitioned_(NameOfTable(tokens_.subspan(begin, end - begin)))) return 0;
    const size_t behind = At(i + 1).IsSymbol("(") ? end + 1 : end;
    const bool alias = At(behind).Is("as") || (IsName(behind) && At(behind).reserved == Reserved::kNot);
    *out += fmt::format("(SELECT * FROM {} WHERE false)", Range(begin, end, false));
    if (!alias) *out += " AS " + Range(end - 1, end, false);
    return behind - i;
  }

  // Names without quotes are lower case; DuckDB would show them as they are written.
  size_t Name(size_t i, std::string* out) const {
    if (At(i).kind != TokenKind::kWord) return 0;
    *out += Folded(At(i).text);
    return 1;
  }

  std::string_view text_;
  Tokens tokens_;
  std::map<size_t, std::string> names_;
  IsPartitioned is_partitioned_;
  Token end_;
};

std::string Rewrite(std::string_view text, bool name_results, const IsPartitioned& is_partitioned) {
  const auto source = Source::Of(text);
  if (!source.ok()) return std::string(text);
  const auto tokens = Scan(*source);
  if (!tokens.ok()) return std::string(text);
  std::map<size_t, std::string> insertions;
  if (name_results) insertions = ResultNames(*tokens);
  if (is_partitioned) NothingOf(*tokens, is_partitioned, &insertions);
  return Rewriter(text, *tokens, std::move(insertions), is_partitioned).Run();
}

}  // namespace
}  // namespace dialect

std::string ToDuckDb(const Query& query) { return dialect::Rewrite(query.text, true, {}); }

std::string ToDuckDb(const Query& query, const IsPartitioned& is_partitioned) {
  return dialect::Rewrite(query.text, true, is_partitioned);
}

std::string ExpressionToDuckDb(std::string_view expression) { return dialect::Rewrite(expression, false, {}); }

}  // namespace weir::sql
