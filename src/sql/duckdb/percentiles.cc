#include "sql/duckdb/percentiles.h"

#include <cmath>

#include "sql/duckdb/form.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/time_math.h"
#include "sql/duckdb/typed_calls.h"
#include "sql/duckdb/typed_function.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using pg::Array;
using pg::Value;
using Arguments = TypedArguments;

/// The fractions of a constant or an array of constants; none where one is NULL, an array, or not known.
std::vector<double> FractionsOf(const duckdb::ParsedExpression& written) {
  std::vector<double> fractions;
  switch (written.GetExpressionClass()) {
    case duckdb::ExpressionClass::CAST: return FractionsOf(*written.Cast<duckdb::CastExpression>().child);
    case duckdb::ExpressionClass::CONSTANT: {
      const auto& value = written.Cast<duckdb::ConstantExpression>().value;
      const bool many = !value.IsNull() && value.type().id() == LogicalTypeId::LIST;
      for (const auto& one : many ? duckdb::ListValue::GetChildren(value) : duckdb::vector<duckdb::Value>{value}) {
        if (one.IsNull() || one.type().id() == LogicalTypeId::LIST) return {};
        fractions.push_back(one.GetValue<double>());
      }
      return fractions;
    }
    case duckdb::ExpressionClass::FUNCTION:
      if (written.Cast<duckdb::FunctionExpression>().function_name != "list_value") return {};
      for (const auto& child : written.Cast<duckdb::FunctionExpression>().children) {
        const auto one = FractionsOf(*child);
        if (one.size() != 1) return {};
        fractions.push_back(one.front());
      }
      return fractions;
    default: return {};
  }
}

Status CheckFraction(double fraction) {
  if (fraction >= 0 && fraction <= 1) return Status::OK();
  char text[32];
  std::snprintf(text, sizeof(text), "%g", fraction);
  return Error("22003", "percentile value " + std::string(text) + " is not between 0 and 1");
}

Value Between(const Value& low, const Value& high, double share) {
  if (const auto* interval = std::get_if<pg::Interval>(&low)) {
    return Value(IntervalBetween(*interval, std::get<pg::Interval>(high), share));
  }
  const double first = std::get<double>(low);
  return Value(first + share * (std::get<double>(high) - first));
}

/// The value at a fraction of those that are not NULL, in their order.
using At = Value (*)(const std::vector<Value>& values, double fraction);

Value Continuous(const std::vector<Value>& values, double fraction) {
  const double place = fraction * static_cast<double>(values.size() - 1);
  const auto first = static_cast<size_t>(std::floor(place));
  const auto second = static_cast<size_t>(std::ceil(place));
  if (first == second) return values[first];
  return Between(values[first], values[second], place - static_cast<double>(first));
}

Value Discrete(const std::vector<Value>& values, double fraction) {
  const auto place = static_cast<size_t>(std::ceil(fraction * static_cast<double>(values.size())));
  return values[place > 0 ? place - 1 : 0];
}

Result<Value> OneAt(At at, const std::vector<Value>& values, const Value& fraction) {
  if (fraction.is_null()) return Value();
  WEIR_RETURN_NOT_OK(CheckFraction(std::get<double>(fraction)));
  return values.empty() ? Value() : at(values, std::get<double>(fraction));
}

/// (values in order, fraction or fractions)
template <At kAt>
Result<Value> Computed(const Arguments& a) {
  Array list = a.get<Array>(0);
  std::erase_if(list.elements, [](const Value& value) { return value.is_null(); });
  const Value given = a.value(1);
  const auto* fractions = std::get_if<Array>(&given);
  if (fractions == nullptr) return OneAt(kAt, list.elements, given);
  Array values{.element = list.element, .dimensions = fractions->dimensions};
  for (const Value& fraction : fractions->elements) {
    WEIR_ASSIGN_OR_RETURN(Value value, OneAt(kAt, list.elements, fraction));
    values.elements.push_back(std::move(value));
  }
  if (list.elements.empty()) return Value();
  return Value(std::move(values));
}

bool IsContinuous(const pg::Function& function) { return function.name == "percentile_cont"; }

}  // namespace

bool IsPercentile(const pg::Function& function) {
  return function.kind == pg::FunctionKind::kAggregate && function.name.starts_with("percentile_");
}

bool IsQuantile(const Emitted& value, const Emitted& fraction) {
  if (value.type.id() == LogicalTypeId::INTERVAL || NeedsKey(value.oid, value.type)) return false;
  return !FractionsOf(*fraction.expression).empty();
}

Emitted Percentile(const pg::Function& function, EmittedList arguments, pg::TypeRef result,
                   const std::function<Parsed(const std::string&, ParsedList)>& make) {
  Emitted fraction = std::move(arguments.front());
  Emitted value = std::move(arguments.back());
  const LogicalType type = value.type;
  if (!IsQuantile(value, fraction)) {
    const pg::Type* element = pg::FindType(value.oid);
    if (element == nullptr || element->array == 0) Throw(Error("0A000", "percentiles of this type are not supported"));
    EmittedList list;
    list.push_back({make("list", ListOf(std::move(value.expression))), LogicalType::LIST(type), element->array});
    list.push_back(std::move(fraction));
    return TypedHelper(IsContinuous(function) ? "pg.percentile_cont" : "pg.percentile_disc", std::move(list), result);
  }
  const bool many = fraction.type.id() == LogicalTypeId::LIST;
  for (const double one : FractionsOf(*fraction.expression)) {
    if (const Status checked = CheckFraction(one); !checked.ok()) Throw(checked);
  }
  Parsed quantile = make(IsContinuous(function) ? "quantile_cont" : "quantile_disc",
                         ListOf(std::move(value.expression), std::move(fraction.expression)));
  const LogicalType form = IsContinuous(function) ? PhysicalType({result.oid}) : many ? LogicalType::LIST(type) : type;
  return {CastTo(form, std::move(quantile)), form, result.oid};
}

void AddOrderedSets(FunctionList* list) {
  AddTypedHelper(list, "pg.percentile_cont", Computed<Continuous>);
  AddTypedHelper(list, "pg.percentile_disc", Computed<Discrete>);
}

}  // namespace weir::sql::duck
