#include "sql/engine/postgres_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <duckdb/common/re2_regex.hpp>

#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "sql/engine/errors.h"
#include "sql/engine/scalar_functions.h"
#include "sql/literal/similar_pattern.h"

namespace weir::sql {
namespace {

using duckdb::FunctionExpression;
using duckdb::idx_t;
using duckdb::list_entry_t;
using duckdb::LogicalType;
using duckdb::ParsedExpression;
using duckdb::string_t;
using duckdb::Value;
using Slot = duckdb::unique_ptr<ParsedExpression>;
using Slots = duckdb::vector<Slot>;

constexpr const char* kSeries = "weir_series";
constexpr const char* kMatches = "weir_regexp_matches";
constexpr const char* kRoundEven = "weir_round_even";

Slot Text(const std::string& text) { return duckdb::make_uniq<duckdb::ConstantExpression>(Value(text)); }

Slot Call(const std::string& name, Slots arguments) {
  return duckdb::make_uniq<FunctionExpression>(name, std::move(arguments));
}
Slot Call(const std::string& name, Slot argument) {
  Slots arguments;
  arguments.push_back(std::move(argument));
  return Call(name, std::move(arguments));
}

void Rename(FunctionExpression& function, const std::string& name) {
  function.function_name = name;
  function.schema.clear();
  function.is_operator = false;
}

/// A text that is written out and has no backslash.
bool IsWithoutEscapes(const ParsedExpression& pattern) {
  if (pattern.GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return false;
  const Value& value = pattern.Cast<duckdb::ConstantExpression>().value;
  return value.IsNull() || value.ToString().find('\\') == std::string::npos;
}

struct Renamed {
  const char* name;
  const char* to;
};

/// LIKE and its kin: to DuckDB the backslash escapes only where ESCAPE says so.
constexpr std::array kLike = {Renamed{"~~", "like_escape"}, Renamed{"!~~", "not_like_escape"},
                              Renamed{"~~*", "ilike_escape"}, Renamed{"!~~*", "not_ilike_escape"}};

bool UseLike(FunctionExpression& function) {
  for (const Renamed& like : kLike) {
    if (function.function_name != like.name || function.children.size() != 2) continue;
    if (IsWithoutEscapes(*function.children[1])) return true;
    Rename(function, like.to);
    function.children.push_back(Text("\\"));
    return true;
  }
  return false;
}

/// The operators ~, ~*, !~, !~*; the dialect writes ~ as @~ because DuckDB takes it for SIMILAR TO.
bool UseRegex(Slot& slot) {
  auto& function = slot->Cast<FunctionExpression>();
  const std::string name = function.function_name;
  if (name == "@~" && function.children.size() == 1) {
    Rename(function, "~");
    return true;
  }
  const bool matches = name == "@~" || name == "~*", differs = name == "!@~" || name == "!~*";
  if ((!matches && !differs) || function.children.size() != 2) return false;
  Rename(function, "regexp_matches");
  function.children.push_back(Text(name.back() == '*' ? "is" : "s"));
  if (differs) {
    const std::string alias = slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_NOT, std::move(slot));
    slot->SetAlias(alias);
  }
  return true;
}

/// SIMILAR TO, which DuckDB reads as a regular expression.
bool UseSimilar(FunctionExpression& function) {
  if (function.function_name != "regexp_full_match" || function.children.size() != 2) return false;
  function.children[1] = Call("weir_similar_pattern", std::move(function.children[1]));
  function.children.push_back(Text("s"));
  return true;
}

/// Functions that give rows stand in `unnest`, which spreads an array out wherever rows may come from.
bool UseSet(Slot& slot) {
  auto& function = slot->Cast<FunctionExpression>();
  const std::string name = function.function_name;
  if (name == "generate_series") {
    Rename(function, kSeries);
  } else if (name == "regexp_matches") {
    Rename(function, kMatches);
  } else if (name == "regexp_split_to_table") {
    Rename(function, "regexp_split_to_array");
  } else if (name == "string_to_table") {
    Rename(function, "string_to_array");
  } else {
    return false;
  }
  const std::string alias = slot->GetAlias().empty() ? name : slot->GetAlias();
  slot->SetAlias("");
  slot = Call("unnest", std::move(slot));
  slot->SetAlias(alias);
  return true;
}

/// extract(second from x) has the fraction; the function date_part has none of DuckDB's schema before it.
bool UseExtract(Slot& slot) {
  auto& function = slot->Cast<FunctionExpression>();
  if (function.function_name != "date_part" || function.children.size() != 2) return false;
  if (function.children[0]->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return false;
  const std::string field = duckdb::StringUtil::Lower(function.children[0]->Cast<duckdb::ConstantExpression>().value.ToString());
  const bool seconds = field == "second" || field == "seconds";
  const bool milliseconds = field == "millisecond" || field == "milliseconds";
  if (!seconds && !milliseconds) return false;
  const std::string alias = slot->GetAlias().empty() ? "extract" : slot->GetAlias();
  function.children[0] = Text("microseconds");
  slot = duckdb::make_uniq<duckdb::CastExpression>(LogicalType::DECIMAL(18, 0), std::move(slot));
  Slots factors;
  factors.push_back(std::move(slot));
  factors.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(seconds ? Value::DECIMAL(int64_t{1}, 18, 6)
                                                                          : Value::DECIMAL(int64_t{1}, 18, 3)));
  slot = Call("*", std::move(factors));
  slot->SetAlias(alias);
  return true;
}

/// array_agg(DISTINCT x) comes sorted, as PostgreSQL finds what is distinct.
bool UseSortedDistinct(FunctionExpression& function) {
  if (function.function_name != "array_agg" || !function.distinct || function.children.size() != 1) return false;
  if (function.order_bys && !function.order_bys->orders.empty()) return true;
  if (!function.order_bys) function.order_bys = duckdb::make_uniq<duckdb::OrderModifier>();
  function.order_bys->orders.emplace_back(duckdb::OrderType::ASCENDING, duckdb::OrderByNullType::NULLS_LAST,
                                          function.children[0]->Copy());
  return true;
}

bool UseOther(FunctionExpression& function) {
  const std::string& name = function.function_name;
  const size_t arguments = function.children.size();
  if (name == "mod" && arguments == 2) Rename(function, "weir_modulo");
  if (name == "round" && arguments == 1) Rename(function, "weir_round");
  if (name == "to_hex" && arguments == 1) Rename(function, "weir_to_hex");
  return true;
}

// generate_series over whole numbers: as integers where both ends are.

template <typename Integer>
void Series(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  auto* lists = duckdb::FlatVector::GetData<list_entry_t>(result);
  idx_t size = duckdb::ListVector::GetListSize(result);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    const Value from = arguments.GetValue(0, row), to = arguments.GetValue(1, row);
    const Value by = arguments.ColumnCount() > 2 ? arguments.GetValue(2, row) : Value::BIGINT(1);
    lists[row] = {size, 0};
    if (from.IsNull() || to.IsNull() || by.IsNull()) continue;
    const __int128 first = from.GetValue<int64_t>(), last = to.GetValue<int64_t>(), step = by.GetValue<int64_t>();
    if (step == 0) Throw(Error("22023", "step size cannot equal zero"));
    const __int128 count = (step > 0 ? last < first : last > first) ? 0 : (last - first) / step + 1;
    if (count > std::numeric_limits<int32_t>::max()) Throw(Error("54000", "generate_series gives too many rows"));
    lists[row].length = static_cast<idx_t>(count);
    duckdb::ListVector::Reserve(result, size + lists[row].length);
    auto* values = duckdb::FlatVector::GetData<Integer>(duckdb::ListVector::GetEntry(result)) + size;
    for (idx_t i = 0; i < lists[row].length; ++i) values[i] = static_cast<Integer>(first + step * static_cast<__int128>(i));
    size += lists[row].length;
    duckdb::ListVector::SetListSize(result, size);
  }
}

duckdb::unique_ptr<duckdb::Expression> BindSeries(duckdb::FunctionBindExpressionInput& input) {
  return BindFunction(input.context, "generate_series", std::move(input.children));
}

duckdb::ScalarFunctionSet SeriesFunctions() {
  duckdb::ScalarFunctionSet set(kSeries);
  const auto add = [&](duckdb::vector<LogicalType> arguments, const LogicalType& element,
                       duckdb::scalar_function_t function) {
    duckdb::ScalarFunction series(kSeries, std::move(arguments), LogicalType::LIST(element), std::move(function));
    series.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    series.SetVolatile();  // not to be made while the statement is planned
    series.SetFallible();
    set.AddFunction(std::move(series));
  };
  const auto integer = LogicalType::INTEGER, bigint = LogicalType::BIGINT;
  add({integer, integer}, integer, Series<int32_t>);
  add({integer, integer, integer}, integer, Series<int32_t>);
  add({bigint, bigint}, bigint, Series<int64_t>);
  add({bigint, bigint, bigint}, bigint, Series<int64_t>);
  for (const auto& moment : {LogicalType::TIMESTAMP, LogicalType::TIMESTAMP_TZ}) {
    duckdb::ScalarFunction series(kSeries, {moment, moment, LogicalType::INTERVAL}, LogicalType::LIST(moment), nullptr);
    series.bind_expression = BindSeries;
    set.AddFunction(std::move(series));
  }
  return set;
}

// regexp_matches(text, pattern [, flags]): the groups of the first match, with the flag g of all of them.

using Groups = std::vector<std::string>;

/// What a match captured: its groups, or the whole of it when the pattern has none. A group that took no part in the
/// match is empty: DuckDB's wrapper of RE2 does not tell the two apart.
Groups Captured(const duckdb_re2::Match& match) {
  Groups captured;
  for (size_t i = match.groups.size() > 1 ? 1 : 0; i < match.groups.size(); ++i) captured.push_back(match.groups[i].text);
  return captured;
}

std::vector<Groups> MatchesOf(const std::string& text, const std::string& pattern, const std::string& flags) {
  const bool any_case = flags.find('i') != std::string::npos;
  const duckdb_re2::Regex regex((any_case ? "(?si)" : "(?s)") + pattern);
  std::vector<Groups> matches;
  if (flags.find('g') != std::string::npos) {
    for (const auto& match : duckdb_re2::RegexFindAll(text, regex)) matches.push_back(Captured(match));
    return matches;
  }
  duckdb_re2::Match match;
  if (RegexSearch(text, match, regex)) matches.push_back(Captured(match));
  return matches;
}

void RegexpMatches(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  const LogicalType texts = LogicalType::LIST(LogicalType::VARCHAR);
  for (idx_t row = 0; row < arguments.size(); ++row) {
    duckdb::vector<Value> rows;
    bool null = false;
    for (idx_t i = 0; i < arguments.ColumnCount(); ++i) null |= arguments.GetValue(i, row).IsNull();
    const auto text = [&](idx_t i) { return duckdb::StringValue::Get(arguments.GetValue(i, row)); };
    if (!null) {
      for (const auto& match : MatchesOf(text(0), text(1), arguments.ColumnCount() > 2 ? text(2) : "")) {
        duckdb::vector<Value> groups;
        for (const auto& group : match) groups.push_back(Value(group));
        rows.push_back(Value::LIST(LogicalType::VARCHAR, std::move(groups)));
      }
    }
    result.SetValue(row, Value::LIST(texts, std::move(rows)));
  }
}

duckdb::ScalarFunctionSet RegexpMatchesFunctions() {
  duckdb::ScalarFunctionSet set(kMatches);
  const LogicalType text = LogicalType::VARCHAR, rows = LogicalType::LIST(LogicalType::LIST(LogicalType::VARCHAR));
  for (const size_t count : {size_t{2}, size_t{3}}) {
    duckdb::ScalarFunction function(kMatches, duckdb::vector<LogicalType>(count, text), rows, RegexpMatches);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetFallible();
    set.AddFunction(std::move(function));
  }
  return set;
}

// Functions of one argument

/// round of floating point numbers goes to the even one of two that are as near.
duckdb::unique_ptr<duckdb::Expression> BindRound(duckdb::FunctionBindExpressionInput& input) {
  const auto type = input.children[0]->return_type.id();
  if (type == duckdb::LogicalTypeId::UNKNOWN) throw duckdb::ParameterNotResolvedException();
  const bool floating = type == duckdb::LogicalTypeId::DOUBLE || type == duckdb::LogicalTypeId::FLOAT;
  return BindFunction(input.context, floating ? kRoundEven : "round", std::move(input.children));
}

void RoundEven(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<double, double>(arguments.data[0], result, arguments.size(),
                                                 [](double value) { return std::nearbyint(value); });
}

template <typename Integer>
void ToHex(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<Integer, string_t>(arguments.data[0], result, arguments.size(), [&](Integer value) {
    return duckdb::StringVector::AddString(result, fmt::format("{:x}", static_cast<std::make_unsigned_t<Integer>>(value)));
  });
}

duckdb::ScalarFunctionSet ToHexFunctions() {
  duckdb::ScalarFunctionSet set("weir_to_hex");
  set.AddFunction(duckdb::ScalarFunction({LogicalType::INTEGER}, LogicalType::VARCHAR, ToHex<int32_t>));
  set.AddFunction(duckdb::ScalarFunction({LogicalType::BIGINT}, LogicalType::VARCHAR, ToHex<int64_t>));
  return set;
}

void SimilarPatterns(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
  duckdb::UnaryExecutor::Execute<string_t, string_t>(arguments.data[0], result, arguments.size(), [&](string_t pattern) {
    return duckdb::StringVector::AddString(result, SimilarPattern({pattern.GetData(), pattern.GetSize()}));
  });
}

}  // namespace

void UsePostgresFunction(Slot& slot) {
  if (slot->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return;
  auto& function = slot->Cast<FunctionExpression>();
  (void)(UseLike(function) || UseRegex(slot) || UseSimilar(function) || UseSet(slot) || UseExtract(slot) ||
         UseSortedDistinct(function) || UseOther(function));
}

Slot LongSeries(const FunctionExpression& unnest) {
  constexpr int64_t kLong = 1'000'000;
  if (unnest.function_name != "unnest" || unnest.children.size() != 1) return nullptr;
  if (unnest.children[0]->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return nullptr;
  const auto& series = unnest.children[0]->Cast<FunctionExpression>();
  if (series.function_name != kSeries) return nullptr;
  const bool is_long = std::any_of(series.children.begin(), series.children.end(), [&](const Slot& argument) {
    if (argument->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return false;
    const Value& value = argument->Cast<duckdb::ConstantExpression>().value;
    return !value.IsNull() && value.type().IsIntegral() && value > Value::BIGINT(kLong);
  });
  if (!is_long) return nullptr;
  auto function = unnest.children[0]->Copy();
  function->Cast<FunctionExpression>().function_name = "generate_series";
  return function;
}

void RegisterPostgresFunctions(duckdb::DuckDB& database) {
  AddFunctions(database, SeriesFunctions());
  AddFunctions(database, RegexpMatchesFunctions());
  AddFunctions(database, ToHexFunctions());
  duckdb::ScalarFunction round("weir_round", {LogicalType::ANY}, LogicalType::ANY, nullptr);
  round.bind_expression = BindRound;
  AddFunction(database, std::move(round));
  AddFunction(database, duckdb::ScalarFunction(kRoundEven, {LogicalType::DOUBLE}, LogicalType::DOUBLE, RoundEven));
  AddFunction(database, duckdb::ScalarFunction("weir_similar_pattern", {LogicalType::VARCHAR}, LogicalType::VARCHAR,
                                               SimilarPatterns));
}

}  // namespace weir::sql
