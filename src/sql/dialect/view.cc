#include "sql/dialect/view.h"

#include "pg_query.pb.h"
#include "sql/dialect/parse_tree.h"

namespace weir::sql::dialect {

namespace {

/// As it is written: a word, a text or a number.
std::string OptionText(const pg_query::DefElem& option) {
  if (!option.has_arg()) return "true";
  if (option.arg().has_string()) return option.arg().string().sval();
  if (option.arg().has_integer()) return std::to_string(option.arg().integer().ival());
  if (option.arg().has_float_()) return option.arg().float_().fval();
  if (option.arg().has_boolean()) return option.arg().boolean().boolval() ? "true" : "false";
  const auto& names = option.arg().type_name().names();
  return names.empty() ? "" : names[names.size() - 1].string().sval();
}

}  // namespace

Status SetViewOption(const std::string& name, const std::string& value, char* check_option,
                     std::map<std::string, std::string>* switches) {
  const std::string word = Upper(value);
  if (name == "check_option") {
    *check_option = word == "LOCAL" ? 'l' : 'c';
    if (word == "LOCAL" || word == "CASCADED") return Status::OK();
    return Error("22023", "invalid value for enum option \"check_option\": " + value,
                 {.detail = "Valid values are \"local\" and \"cascaded\"."});
  }
  if (name != "security_barrier" && name != "security_invoker") {
    return Error("22023", "unrecognized parameter \"" + name + "\"");
  }
  constexpr std::string_view kWords = " TRUE FALSE ON OFF YES NO T F Y N 1 0 ";
  if (kWords.find(" " + word + " ") == std::string_view::npos) {
    return Error("22023", "invalid value for boolean option \"" + name + "\": " + value);
  }
  (*switches)[name] = value;
  return Status::OK();
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
  for (const pg_query::Node& option : written.options()) {
    const pg_query::DefElem& one = option.def_elem();
    WEIR_RETURN_NOT_OK(SetViewOption(one.defname(), OptionText(one), &create.check_option, &create.switches));
  }
  for (const pg_query::Node& column : written.aliases()) create.columns.push_back(column.string().sval());
  return Action(std::move(create));
}

}  // namespace weir::sql::dialect
