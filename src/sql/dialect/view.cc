#include "sql/dialect/view.h"

#include "pg_query.pb.h"
#include "postgres/value/number.h"
#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {

namespace {

/// As it is written: a word or a text.
std::string OptionText(const pg_query::DefElem& option) {
  if (option.arg().has_string()) return option.arg().string().sval();
  if (option.arg().has_integer()) return std::to_string(option.arg().integer().ival());
  if (option.arg().has_boolean()) return option.arg().boolean().boolval() ? "true" : "false";
  const auto& names = option.arg().type_name().names();
  return names.empty() ? "" : names[names.size() - 1].string().sval();
}

}  // namespace

Result<char> CheckOptionNamed(const std::string& value) {
  const std::string word = Upper(value);
  if (word == "LOCAL") return 'l';
  if (word == "CASCADED") return 'c';
  return Error("22023", "invalid value for enum option \"check_option\": " + value,
               {.detail = "Valid values are \"local\" and \"cascaded\"."});
}

Result<bool> SecurityInvokerNamed(const std::string& value) {
  if (value.empty()) return true;
  if (const auto flag = postgres::ReadBool(value); flag.ok()) return *flag;
  return Error("22023", "invalid value for boolean option \"security_invoker\": " + value);
}

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
  CreateView create{.name = RelationName(name), .replace = written.replace(), .text = text};
  create.temporary = name.relpersistence() == "t";
  if (written.with_check_option() == pg_query::LOCAL_CHECK_OPTION) create.check_option = 'l';
  if (written.with_check_option() == pg_query::CASCADED_CHECK_OPTION) create.check_option = 'c';
  for (const pg_query::Node& node : written.options()) {
    const pg_query::DefElem& option = node.def_elem();
    if (option.defname() == "security_invoker") {
      WEIR_ASSIGN_OR_RETURN(create.security_invoker, SecurityInvokerNamed(OptionText(option)));
      continue;
    }
    if (option.defname() != "check_option") {
      return Action(Unsupported{"option \"" + option.defname() + "\" of views", {}});
    }
    WEIR_ASSIGN_OR_RETURN(create.check_option, CheckOptionNamed(OptionText(option)));
  }
  for (const pg_query::Node& column : written.aliases()) create.columns.push_back(column.string().sval());
  return Action(std::move(create));
}

}  // namespace weir::sql::dialect
