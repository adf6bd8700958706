#include "sql/dialect/maintenance.h"

#include <algorithm>

namespace weir::sql::dialect {

namespace {

Status SkipOptions(Cursor& cursor) {
  if (!cursor.AtEnd() && cursor.Peek().IsSymbol("(")) return cursor.Parenthesized().status();
  while (cursor.Try("full") || cursor.Try("freeze") || cursor.Try("verbose") || cursor.Try("analyze") ||
         cursor.Try("analyse")) {
  }
  return Status::OK();
}

/// Whether one of the words is among the options and not switched off.
bool Says(Tokens tokens, std::initializer_list<std::string_view> words) {
  for (size_t i = 1; i < tokens.size(); ++i) {  // behind VACUUM or ANALYZE itself
    const bool is_one = std::ranges::any_of(words, [&](std::string_view word) { return tokens[i].Is(word); });
    const bool off = i + 1 < tokens.size() && (tokens[i + 1].Is("false") || tokens[i + 1].Is("off"));
    if (is_one) return !off;
  }
  return false;
}

Result<NoEffect> ParseReindex(Cursor& cursor) {
  NoEffect nothing{.tag = "REINDEX"};
  WEIR_RETURN_NOT_OK(cursor.Expect("reindex"));
  WEIR_RETURN_NOT_OK(SkipOptions(cursor));
  const bool table = cursor.Try("table");
  if (!table) cursor.Next();  // of an index, schema or database there is nothing to be looked up
  cursor.Try("concurrently");
  WEIR_ASSIGN_OR_RETURN(QualifiedName name, cursor.Qualified());
  if (table) nothing.targets.push_back({.name = std::move(name)});
  return nothing;
}

}  // namespace

Result<NoEffect> ParseMaintenance(Cursor& cursor) {
  if (cursor.IsAt({"reindex"})) return ParseReindex(cursor);
  const size_t begin = cursor.at();
  NoEffect nothing{.tag = cursor.Next().Is("vacuum") ? "VACUUM" : "ANALYZE"};
  WEIR_RETURN_NOT_OK(SkipOptions(cursor));
  nothing.analyzes = nothing.tag == "ANALYZE" || Says(cursor.Since(begin), {"analyze", "analyse"});
  nothing.full = Says(cursor.Since(begin), {"full"});
  if (cursor.AtEnd()) return nothing;
  do {
    NoEffect::Target& target = nothing.targets.emplace_back();
    WEIR_ASSIGN_OR_RETURN(target.name, cursor.Qualified());
    if (cursor.AtEnd() || !cursor.Peek().IsSymbol("(")) continue;
    WEIR_ASSIGN_OR_RETURN(target.columns, cursor.Names());
  } while (cursor.TrySymbol(","));
  return nothing;
}

}  // namespace weir::sql::dialect
