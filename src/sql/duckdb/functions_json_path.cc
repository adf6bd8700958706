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

/// The _tz functions take the session's time zone for times that have none.
template <bool kZoned>
const pg::Settings* ZoneFor(const Arguments& a) {
  return kZoned ? &a.settings() : nullptr;
}

template <bool kZoned>
Result<Value> Exists(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  return Told(pg::ExistsByPath(*path, a.text(0), VariablesOf(a), IsSilent(a), ZoneFor<kZoned>(a)));
}

template <bool kZoned>
Result<Value> Matches(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  return Told(pg::MatchesByPath(*path, a.text(0), VariablesOf(a), IsSilent(a), ZoneFor<kZoned>(a)));
}

/// What is found until an error, if that is not to be told.
template <bool kZoned>
Result<std::vector<std::string>> Found(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const pg::JsonPath* path, ParsedPath(a.text(1)));
  WEIR_ASSIGN_OR_RETURN(auto found, pg::FindByPath(*path, a.text(0), VariablesOf(a), ZoneFor<kZoned>(a)));
  if (!found.error.ok() && !IsSilent(a)) return found.error;
  return std::move(found.items);
}

template <bool kZoned>
Result<Value> Query(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(auto items, Found<kZoned>(a));
  pg::Array set{.element = pg::oid::kJsonb};
  if (!items.empty()) set.dimensions.push_back({.length = static_cast<int32_t>(items.size()), .lower_bound = 1});
  for (std::string& item : items) set.elements.emplace_back(std::move(item));
  return Value(std::move(set));
}

template <bool kZoned>
Result<Value> QueryArray(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(const auto items, Found<kZoned>(a));
  std::string array = "[";
  for (const std::string& item : items) {
    if (array.size() > 1) array += ", ";
    array += item;
  }
  return Value(array + "]");
}

template <bool kZoned>
Result<Value> QueryFirst(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(auto items, Found<kZoned>(a));
  return items.empty() ? Value() : Value(std::move(items.front()));
}

template <bool kZoned>
void AddPathFunctions(FunctionList* list) {
  const std::string types = std::string(kZoned ? "_tz" : "") + "(jsonb,jsonpath,jsonb,bool)";
  AddTypedFunction(list, "jsonb_path_exists" + types, Exists<kZoned>);
  AddTypedFunction(list, "jsonb_path_match" + types, Matches<kZoned>);
  AddTypedFunction(list, "jsonb_path_query" + types, Query<kZoned>);
  AddTypedFunction(list, "jsonb_path_query_array" + types, QueryArray<kZoned>);
  AddTypedFunction(list, "jsonb_path_query_first" + types, QueryFirst<kZoned>);
}

}  // namespace

void AddJsonPath(FunctionList* list) {
  AddPathFunctions<false>(list);
  AddPathFunctions<true>(list);
  AddTypedFunction(list, "jsonb_path_exists_opr(jsonb,jsonpath)", Exists<false>);
  AddTypedFunction(list, "jsonb_path_match_opr(jsonb,jsonpath)", Matches<false>);
}

}  // namespace weir::sql::duck
