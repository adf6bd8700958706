#include "sql/dialect/show.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/identifier.h"
#include "postgres/value/text.h"
#include "sql/dialect/expression.h"
#include "sql/dialect/zone.h"

namespace weir::sql::dialect {
namespace {

using Kind = ShowCatalog::Kind;

struct CatalogWord {
  std::string_view word;
  Kind kind;
};
constexpr CatalogWord kCatalogWords[] = {
    {"databases", Kind::kDatabases},     {"schemas", Kind::kSchemas},       {"tables", Kind::kTables},
    {"columns", Kind::kColumns},         {"index", Kind::kIndexes},         {"indexes", Kind::kIndexes},
    {"keys", Kind::kIndexes},            {"constraints", Kind::kConstraints}, {"constraint", Kind::kConstraints},
    {"create", Kind::kCreate},           {"partitions", Kind::kPartitions}, {"ranges", Kind::kRanges},
    {"grants", Kind::kGrants},           {"roles", Kind::kRoles},           {"users", Kind::kRoles},
};

// table@* and table@primary are the table.
Status ReadIndex(Cursor& cursor, ShowCatalog* show) {
  const Token& at = cursor.Peek();
  if (cursor.TrySymbol("@*")) return Status::OK();
  if (!cursor.TrySymbol("@") || cursor.TrySymbol("*")) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(show->index, cursor.AnyName());
  const bool ranges = show->kind == Kind::kRanges || show->kind == Kind::kRangeOfRow;
  const bool of_any = ranges || show->kind == Kind::kPartitions;
  if (show->index == "primary" || of_any) return Status::OK();
  return cursor.Refuse(at, "secondary indexes");
}

Status ReadShowTarget(Cursor& cursor, ShowCatalog* show) {
  const bool schemas = show->kind == Kind::kTables || show->kind == Kind::kSchemas;
  const bool database = !schemas && !cursor.Peek(1).IsSymbol(".") && cursor.Try("database");
  const bool index = !database && cursor.IsAt({"index"});
  if (!database && (cursor.IsAt({"table"}) || index)) cursor.Next();
  show->of = database || schemas ? ShowCatalog::Of::kDatabase : ShowCatalog::Of::kTable;
  WEIR_ASSIGN_OR_RETURN(show->target, cursor.Qualified());
  show->bare_index = index && !cursor.Peek().IsSymbol("@") && !cursor.Peek().IsSymbol("@*");
  if (show->bare_index) show->index = show->target.name;
  return ReadIndex(cursor, show);
}

Status ReadNames(Cursor& cursor, std::vector<std::string>* names) {
  do {
    WEIR_ASSIGN_OR_RETURN(std::string name, cursor.AnyName());
    names->push_back(std::move(name));
  } while (cursor.TrySymbol(","));
  return Status::OK();
}

Status ReadGrants(Cursor& cursor, ShowCatalog* show) {
  if (cursor.Try({"on", "role"})) {
    show->kind = Kind::kMemberships;
    if (!cursor.AtEnd() && !cursor.IsAt({"for"})) WEIR_RETURN_NOT_OK(ReadNames(cursor, &show->roles));
  } else if (cursor.Try("on")) {
    const bool database = cursor.Try("database");
    if (!database) cursor.Try("table");
    show->of = database ? ShowCatalog::Of::kDatabase : ShowCatalog::Of::kTable;
    WEIR_ASSIGN_OR_RETURN(show->target, cursor.Qualified());
  }
  return cursor.Try("for") ? ReadNames(cursor, &show->grantees) : Status::OK();
}

Status ReadShow(Cursor& cursor, ShowCatalog* show) {
  switch (show->kind) {
    case Kind::kRoles:
    case Kind::kDatabases: return Status::OK();
    case Kind::kMemberships:
    case Kind::kGrants: return ReadGrants(cursor, show);
    case Kind::kCreate: return ReadShowTarget(cursor, show);
    case Kind::kTables:
    case Kind::kSchemas:
      if (cursor.AtEnd() || cursor.IsAt({"with"})) return Status::OK();
      break;
    case Kind::kColumns:
    case Kind::kIndexes:
    case Kind::kConstraints:
    case Kind::kPartitions:
    case Kind::kRanges:
    case Kind::kRangeOfRow:
    case Kind::kZone:
    case Kind::kZones: break;
  }
  WEIR_RETURN_NOT_OK(cursor.Expect("from"));
  return ReadShowTarget(cursor, show);
}

Result<std::optional<ShowCatalog>> ShowZone(Cursor& cursor) {
  ShowCatalog show{.kind = Kind::kZone};
  WEIR_RETURN_NOT_OK(cursor.Expect("for"));
  WEIR_ASSIGN_OR_RETURN(show.zone, ParseZoneTarget(cursor));
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return std::optional(std::move(show));
}

// SHOW RANGE FROM TABLE t FOR ROW (…)
Result<std::optional<ShowCatalog>> ShowRangeOfRow(Cursor& cursor) {
  ShowCatalog show{.kind = Kind::kRangeOfRow};
  WEIR_RETURN_NOT_OK(ReadShowTarget(cursor, &show));
  WEIR_RETURN_NOT_OK(cursor.Expect({"for", "row"}));
  WEIR_ASSIGN_OR_RETURN(const Tokens values, cursor.Parenthesized());
  for (const Tokens value : SplitAtCommas(values)) {
    if (value.empty()) return cursor.SyntaxErrorAt(*value.data());
    show.row.emplace_back(cursor.statement().Slice(value));
  }
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return std::optional(std::move(show));
}

// --- [SHOW …]

// Where a query may stand: FROM, JOIN, or a comma in a list of tables.
bool BeginsShow(Tokens tokens, size_t at) {
  if (at == 0 || at + 1 >= tokens.size() || !tokens[at].IsSymbol("[") || !tokens[at + 1].Is("show")) return false;
  const Token& before = tokens[at - 1];
  return before.Is("from") || before.Is("join") || before.IsSymbol(",");
}

size_t ClosingBracket(Tokens tokens, size_t open) {
  int depth = 0;
  for (size_t i = open; i < tokens.size(); ++i) {
    depth += DepthChange(tokens[i]);
    if (depth == 0) return i;
  }
  return tokens.size();
}

// A parameter's value, in a column of its name.
Result<std::string> ParameterQuery(Cursor& cursor) {
  WEIR_ASSIGN_OR_RETURN(const std::string name, cursor.DottedName());
  WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
  return fmt::format("SELECT pg_catalog.current_setting({}) AS {}", postgres::QuoteLiteral(name),
                     postgres::QuoteIdentifier(name));
}

// What SHOW ZONE CONFIGURATION has besides, for who asks for it by name.
constexpr std::string_view kHiddenZoneColumns[] = {
    "zone_id",        "subzone_id",      "range_name",          "database_name",    "table_name",      "index_name",
    "partition_name", "raw_config_yaml", "raw_config_protobuf", "full_config_yaml", "full_config_sql"};

std::vector<std::string> HiddenColumnsIn(Tokens tokens) {
  std::vector<std::string> hidden;
  for (const std::string_view name : kHiddenZoneColumns) {
    if (std::ranges::any_of(tokens, [&](const Token& token) { return token.Is(name); })) hidden.emplace_back(name);
  }
  return hidden;
}

// ( query ) and a name where it has none. The range of a row is found when the statement runs.
Result<std::string> ExpandedShow(const StatementSource& statement, Tokens inside, bool named,
                                 std::vector<ShowCatalog>* rows) {
  Cursor cursor(statement, inside);
  WEIR_RETURN_NOT_OK(cursor.Expect("show"));
  WEIR_ASSIGN_OR_RETURN(std::optional<ShowCatalog> show, TryShowCatalog(cursor));
  std::string query;
  if (!show) {
    WEIR_ASSIGN_OR_RETURN(query, ParameterQuery(cursor));
  } else {
    if (show->kind == Kind::kRangeOfRow) {
      show->range_id = kFirstRangeMark + static_cast<int64_t>(rows->size());
      rows->push_back(*show);
    }
    if (show->kind == Kind::kZone) show->hidden = HiddenColumnsIn(statement.tokens);
    query = ShowQuery(*show);
  }
  return fmt::format("({}){}", query, named ? "" : " AS show");
}

}  // namespace

Result<std::optional<ShowCatalog>> TryShowCatalog(Cursor& cursor) {
  if (cursor.Try({"zone", "configuration"})) return ShowZone(cursor);
  if (cursor.Try({"range", "from"})) return ShowRangeOfRow(cursor);
  if (cursor.Try({"zone", "configurations"}) || cursor.Try({"all", "zone", "configurations"})) {
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return std::optional(ShowCatalog{.kind = Kind::kZones});
  }
  for (const CatalogWord& known : kCatalogWords) {
    if (!cursor.Try(known.word)) continue;
    ShowCatalog show{.kind = known.kind};
    WEIR_RETURN_NOT_OK(ReadShow(cursor, &show));
    cursor.Try({"with", "comment"});
    WEIR_RETURN_NOT_OK(cursor.ExpectEnd());
    return std::optional(std::move(show));
  }
  return std::optional<ShowCatalog>();
}

Result<std::optional<ExpandedText>> ExpandShows(const StatementSource& statement) {
  const Tokens tokens = statement.tokens;
  const std::string_view source = statement.source->text();
  ExpandedText expanded;
  size_t written = statement.begin();
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (!BeginsShow(tokens, i)) continue;
    const size_t close = ClosingBracket(tokens, i);
    if (close == tokens.size()) return std::optional<ExpandedText>();  // a syntax error to whoever reads it
    const bool named = close + 1 < tokens.size() && BeginsAlias(tokens[close + 1]);
    WEIR_ASSIGN_OR_RETURN(const std::string query,
                          ExpandedShow(statement, tokens.subspan(i + 1, close - i - 1), named, &expanded.rows));
    const size_t begin = tokens[i].begin;
    const size_t end = tokens[close].end;
    expanded.text += std::string(source.substr(written, begin - written)) + query;
    expanded.pieces.push_back({statement.Position(tokens[i]),
                               static_cast<int>(postgres::CountCharacters(source.substr(begin, end - begin))),
                               static_cast<int>(postgres::CountCharacters(query))});
    written = end;
    i = close;
  }
  if (expanded.pieces.empty()) return std::optional<ExpandedText>();
  expanded.text += source.substr(written, tokens.back().end - written);
  return std::optional(std::move(expanded));
}

}  // namespace weir::sql::dialect
