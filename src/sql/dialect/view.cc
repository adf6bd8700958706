#include "sql/dialect/view.h"

#include "pg_query.pb.h"
#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {

bool IsCreateView(Cursor cursor) {
  if (!cursor.Try("create")) return false;
  cursor.Try({"or", "replace"});
  if (!cursor.Try("global")) cursor.Try("local");
  if (!cursor.Try("temporary")) cursor.Try("temp");
  cursor.Try("recursive");
  return cursor.IsAt({"view"});
}

Result<Action> ParseCreateView(const StatementSource& statement) {
  const std::string text(statement.text());
  WEIR_ASSIGN_OR_RETURN(const ParseTree tree, ParseTree::Of(*statement.source, statement.begin(), text));
  const pg_query::ViewStmt& written = tree.statement(0).stmt().view_stmt();
  const pg_query::RangeVar& name = written.view();
  if (name.relpersistence() == "t") return Action(Unsupported{"CREATE TEMPORARY VIEW", {}});
  if (written.options_size() > 0) return Action(Unsupported{"WITH of CREATE VIEW", {}});
  const bool checks = written.with_check_option() != pg_query::NO_CHECK_OPTION &&
                      written.with_check_option() != pg_query::VIEW_CHECK_OPTION_UNDEFINED;
  if (checks) return Action(Unsupported{"WITH CHECK OPTION", {}});
  CreateView create{.name = RelationName(name), .replace = written.replace(), .text = text};
  for (const pg_query::Node& column : written.aliases()) create.columns.push_back(column.string().sval());
  return Action(std::move(create));
}

}  // namespace weir::sql::dialect
