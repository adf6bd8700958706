#include "sql/dialect/view_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg_query.pb.h"
#include "postgres/identifier.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/cursor.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::dialect {

namespace {

using postgres::QuoteIdentifier;

/// Parts of a text that are replaced by others.
class Edits {
 public:
  explicit Edits(std::string_view text) : text_(text) {}

  void Replace(size_t begin, size_t end, std::string with) { edits_[begin] = {end, std::move(with)}; }
  /// What is between two bytes, after the edits.
  std::string Between(size_t begin, size_t end) const {
    std::string result;
    for (auto edit = edits_.lower_bound(begin); edit != edits_.end() && edit->first < end; ++edit) {
      result += text_.substr(begin, edit->first - begin) + edit->second.with;
      begin = edit->second.end;
    }
    return result + std::string(text_.substr(begin, end - begin));
  }

 private:
  struct Edit {
    size_t end = 0;
    std::string with;
  };
  const std::string text_;
  std::map<size_t, Edit> edits_;
};

/// The tokens from a byte on.
Tokens From(const std::vector<Token>& tokens, int place) {
  const auto first = std::ranges::lower_bound(tokens, static_cast<uint32_t>(place), {}, &Token::begin);
  return Tokens(tokens).subspan(static_cast<size_t>(first - tokens.begin()));
}

/// How many tokens a dotted name has.
size_t NameLength(Tokens tokens) {
  size_t length = std::min<size_t>(1, tokens.size());
  while (length + 1 < tokens.size() && tokens[length].IsSymbol(".")) length += 2;
  return length;
}

std::string ListOf(const std::vector<std::vector<std::string>>& columns) {
  std::string list;
  for (const auto& parts : columns) {
    list += list.empty() ? "" : ", ";
    for (size_t i = 0; i < parts.size(); ++i) list += (i ? "." : "") + QuoteIdentifier(parts[i]);
  }
  return list;
}

std::string ListInParentheses(const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> list;
  for (const std::string& column : columns) list.push_back({column});
  return list.empty() ? "" : "(" + ListOf(list) + ")";
}

/// Of a view whose query names the view itself.
std::string Recursive(const pg_query::ViewStmt& view, const std::string& query) {
  std::vector<std::vector<std::string>> columns;
  for (const pg_query::Node& column : view.aliases()) columns.push_back({column.string().sval()});
  const std::string name = QuoteIdentifier(view.view().relname());
  const std::string list = ListOf(columns);
  return fmt::format("WITH RECURSIVE {0}({1}) AS ({2}) SELECT {1} FROM {0}", name, list, query);
}

/// `name`: schema.relation and what follows it.
void EditRelation(Tokens name, const RenamedRelation& relation, Edits* edits) {
  std::string now = relation.new_schema.empty() ? "" : QuoteIdentifier(relation.new_schema) + ".";
  now += QuoteIdentifier(relation.new_name);
  const bool aliased = name.size() > 3 && BeginsAlias(name[3]);
  const bool renamed = relation.name != relation.new_name || !relation.columns.empty();
  if (renamed && !aliased) now += " " + QuoteIdentifier(relation.name) + ListInParentheses(relation.columns);
  edits->Replace(name[0].begin, name[2].end, now);
  if (!aliased || relation.columns.empty()) return;
  const size_t alias = name[3].Is("as") ? 4 : 3;
  const bool listed = alias + 1 < name.size() && name[alias + 1].IsSymbol("(");
  if (alias >= name.size() || listed) return;
  edits->Replace(name[alias].end, name[alias].end, ListInParentheses(relation.columns));
}

bool IsNameToken(const Token& token) { return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName; }

/// Every relation of the text has its schema, and nothing else has two parts that are called so.
void EditRelations(Tokens tokens, const std::vector<RenamedRelation>& relations, Edits* edits) {
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    const bool follows = i > 0 && tokens[i - 1].IsSymbol(".");
    const bool goes_on = i + 3 < tokens.size() && tokens[i + 3].IsSymbol(".");
    if (follows || goes_on || !IsNameToken(tokens[i]) || !tokens[i + 1].IsSymbol(".") || !IsNameToken(tokens[i + 2]))
      continue;
    const auto found = std::ranges::find_if(relations, [&](const RenamedRelation& one) {
      return one.schema == NameOf(tokens[i]) && one.name == NameOf(tokens[i + 2]);
    });
    if (found != relations.end()) EditRelation(tokens.subspan(i), *found, edits);
  }
}

/// The tokens of CREATE VIEW without WITH … CHECK OPTION.
Tokens WithoutCheckOption(Tokens tokens) {
  const size_t size = tokens.size();
  if (size < 3 || !tokens[size - 1].Is("option") || !tokens[size - 2].Is("check")) return tokens;
  return tokens.first(tokens[size - 3].Is("with") ? size - 3 : size - 4);
}

}  // namespace

Result<std::string> QualifiedQuery(const Source& source, const ParseTree& tree, const ViewNames& names) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  Edits edits(source.text());
  for (const auto& [place, schema] : names.schemas) {
    const Tokens name = From(tokens, place);
    const size_t length = NameLength(name);
    edits.Replace(name[0].begin, name[length - 1].begin, QuoteIdentifier(schema) + ".");
  }
  for (const auto& [place, columns] : names.stars) {
    const Tokens star = From(tokens, place);
    edits.Replace(star[0].begin, star[NameLength(star) - 1].end, ListOf(columns));
  }
  const size_t as = FindWord(tokens, {"as"});
  if (as + 1 >= tokens.size()) return SyntaxError("syntax error at end of input", 0, source, 0);
  const pg_query::ViewStmt& view = tree.statement(0).stmt().view_stmt();
  std::string query = edits.Between(tokens[as + 1].begin, WithoutCheckOption(tokens).back().end);
  const Tokens head = Tokens(tokens).first(as);
  const bool recursive = FindWord(head, {"recursive"}) < FindWord(head, {"view"});
  return recursive ? Recursive(view, query) : query;
}

Result<std::string> ConditionOfQuery(const std::string& query) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(query));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(source));
  const pg_query::SelectStmt& select = tree.statement(0).stmt().select_stmt();
  if (!select.has_where_clause()) return std::string();
  const pg_query::RangeVar& table = select.from_clause(0).range_var();
  size_t first = 0;
  size_t end = tokens.size();
  int depth = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth != 0) continue;
    if (tokens[i].Is("where")) first = i + 1;
    const bool ends = first > 0 && tokens[i].Is("order") && i + 1 < tokens.size() && tokens[i + 1].Is("by");
    if (ends) end = i;
  }
  const std::string condition = query.substr(tokens[first].begin, tokens[end - 1].end - tokens[first].begin);
  return WithoutTable(condition, table.has_alias() ? table.alias().aliasname() : table.relname());
}

Result<std::vector<std::string>> ColumnsOfQuery(const std::string& query) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(query));
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(source));
  std::vector<std::string> columns;
  for (const pg_query::Node& target : tree.statement(0).stmt().select_stmt().target_list()) {
    const pg_query::Node& value = target.res_target().val();
    const auto& fields = value.column_ref().fields();
    columns.push_back(value.has_column_ref() ? fields[fields.size() - 1].string().sval() : std::string());
  }
  return columns;
}

Result<std::string> CurrentQuery(const std::string& query, const std::vector<RenamedRelation>& relations,
                                 const std::vector<std::string>& columns) {
  WEIR_ASSIGN_OR_RETURN(const Source source, Source::Of(query));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Scan(source));
  Edits edits(query);
  EditRelations(tokens, relations, &edits);
  std::string now = edits.Between(0, query.size());
  return columns.empty() ? now : fmt::format("SELECT * FROM ({}) v{}", now, ListInParentheses(columns));
}

}  // namespace weir::sql::dialect
