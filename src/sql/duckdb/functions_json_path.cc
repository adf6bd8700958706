#include "postgres/compute/json_path_query.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Value;
using Arguments = TypedArguments;

/// The path that a thread has used last: paths are constant more often than not.
Result<const pg::JsonPath*> ParsedPath(std::string_view text) {
  struct Last {
    std::string text;
    pg::JsonPath path;
  };
  thread_local Last last;
  if (!last.path.root || last.text != text) {
    WEIR_ASSIGN_OR_RETURN(pg::JsonPath path, pg::ParseJsonPath(text));
    last = {std::string(text), std::move(path)};
  }
  return &last.path;
}

/// The operators have none, and say nothing of errors.
std::string_view VariablesOf(const Arguments& a) { return a.size() > 2 ? a.text(2) : ""; }
bool IsSilent(const Arguments& a) { return a.size() <= 3 || duckdb::BooleanValue::Get(a.raw(3)); }

Result<Value> Told(Result<std::optional<bool>> truth) {
  if (!truth.ok()) return truth.status();
  return *truth ? Value(**truth) : Value();
}

Result<Value> Exists(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  return Told(pg::ExistsByPath(*path, a.text(0), VariablesOf(a), IsSilent(a)));
}

Result<Value> Matches(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  return Told(pg::MatchesByPath(*path, a.text(0), VariablesOf(a), IsSilent(a)));
}

/// What is found until an error, if that is not to be told.
Result<std::vector<std::string>> Found(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  WEIR_ASSIGN_OR_RETURN(auto found, pg::FindByPath(*path, a.text(0), VariablesOf(a)));
  if (!found.error.ok() && !IsSilent(a)) return found.error;
  return std::move(found.items);
}

Result<Value> Query(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(auto items, Found(a));
  pg::Array set{.element = pg::oid::kJsonb};
  if (!items.empty()) set.dimensions.push_back({.length = static_cast<int32_t>(items.size()), .lower_bound = 1});
  for (std::string& item : items) set.elements.emplace_back(std::move(item));
  return Value(std::move(set));
}

Result<Value> QueryArray(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const auto items, Found(a));
  std::string array = "[";
  for (const std::string& item : items) {
    if (array.size() > 1) array += ", ";
    array += item;
  }
  return Value(array + "]");
}

Result<Value> QueryFirst(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(auto items, Found(a));
  return items.empty() ? Value() : Value(std::move(items.front()));
}

}  // namespace

void AddJsonPath(FunctionList* list) {
  for (const std::string zoned : {"", "_tz"}) {  // they differ in times with zones only
    const std::string types = zoned + "(jsonb,jsonpath,jsonb,bool)";
    AddTypedFunction(list, "jsonb_path_exists" + types, Exists);
    AddTypedFunction(list, "jsonb_path_match" + types, Matches);
    AddTypedFunction(list, "jsonb_path_query" + types, Query);
    AddTypedFunction(list, "jsonb_path_query_array" + types, QueryArray);
    AddTypedFunction(list, "jsonb_path_query_first" + types, QueryFirst);
  }
  AddTypedFunction(list, "jsonb_path_exists_opr(jsonb,jsonpath)", Exists);
  AddTypedFunction(list, "jsonb_path_match_opr(jsonb,jsonpath)", Matches);
}

}  // namespace weir::sql::duck
