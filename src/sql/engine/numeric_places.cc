#include "sql/engine/numeric_places.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/filter/expression_filter.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "sql/duckdb/numeric_text.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

using duckdb::ExpressionClass;
using duckdb::LogicalOperator;
using duckdb::LogicalType;
using postgres::Int128;
using postgres::Numeric;
using postgres::PlainNumeric;
using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;

constexpr char kPlacesName[] = "pg.numeric_places";
constexpr int kMostScale = 38;  // 10^38 fits 128 bits

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// A number that numerics are compared with, as those of each scale see it.
class ComparedNumber {
 public:
  /// Nothing for what is too long.
  static std::optional<ComparedNumber> Of(const Numeric& value) {
    const auto unscaled = value.small();
    if (!unscaled || value.scale() > kMostScale) return std::nullopt;
    ComparedNumber number(value);
    for (size_t scale = 0; scale < number.at_.size(); ++scale) {
      number.at_[scale] = AtScale(*unscaled, value.scale() - static_cast<int>(scale));
    }
    return number;
  }

  const Numeric& value() const { return value_; }
  /// How a column's value lies to it: below, at or above 0.
  int Compare(const duck::NumericText& other) const {
    if (const auto plain = other.AsPlain()) {
      const Bound& bound = at_[static_cast<size_t>(plain->scale)];
      if (plain->unscaled != bound.floor) return plain->unscaled < bound.floor ? -1 : 1;
      return bound.is_exact ? 0 : -1;
    }
    const auto order = other.AsAny() <=> value_;
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }

 private:
  /// Times the power of ten of the scale.
  struct Bound {
    int64_t floor = 0;
    bool is_exact = false;
  };

  explicit ComparedNumber(Numeric value) : value_(std::move(value)) {}

  /// `more`: so many digits it has more after the point.
  static Bound AtScale(Int128 unscaled, int more) {
    Int128 floor = unscaled;
    bool is_exact = true;
    if (more > 0) {
      const Int128 power = PowerOfTen(more);
      floor = unscaled / power;
      is_exact = floor * power == unscaled;
      if (unscaled < 0 && !is_exact) --floor;
    } else if (__builtin_mul_overflow(unscaled, PowerOfTen(-more), &floor)) {
      floor = unscaled < 0 ? std::numeric_limits<Int128>::min() : std::numeric_limits<Int128>::max();
    }
    constexpr Int128 kBeyond = std::numeric_limits<int64_t>::max();  // plain numerics have 16 digits
    if (floor > kBeyond) return {std::numeric_limits<int64_t>::max(), false};
    if (floor < -kBeyond) return {std::numeric_limits<int64_t>::min(), false};
    return {static_cast<int64_t>(floor), is_exact};
  }

  Numeric value_;
  std::array<Bound, PlainNumeric::kMostDigits + 1> at_;
};

struct PlacesData : public duckdb::FunctionData {
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override { return duckdb::make_uniq<PlacesData>(*this); }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& numbers_there = other.Cast<PlacesData>().numbers;
    return std::ranges::equal(numbers, numbers_there, {}, &ComparedNumber::value, &ComparedNumber::value);
  }

  std::vector<ComparedNumber> numbers;  // one, or the ends of BETWEEN
};

/// Twice the number of those that are below, and one more at the next of them.
int8_t PlaceAmong(const std::vector<ComparedNumber>& numbers, const duck::NumericText& value) {
  int8_t place = 0;
  for (const ComparedNumber& number : numbers) {
    const int order = number.Compare(value);
    if (order <= 0) return static_cast<int8_t>(place + order + 1);
    place += 2;
  }
  return place;
}

void FindPlaces(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& numbers = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<PlacesData>().numbers;
  const bool constant = chunk.data[0].GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  const duckdb::idx_t count = constant ? 1 : chunk.size();
  duckdb::UnifiedVectorFormat format;
  chunk.data[0].ToUnifiedFormat(count, format);
  const auto* const texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* const places = duckdb::FlatVector::GetData<int8_t>(result);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const duckdb::idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) {
      places[row] = PlaceAmong(numbers, {&texts[at]});
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  if (constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

const duckdb::BoundFunctionExpression* CallOf(const duckdb::Expression& expression, std::string_view name) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) return nullptr;
  const auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
  return call.function.name == name ? &call : nullptr;
}

/// What stands in a column for the numerics whose keys an expression gives; null: it is another one.
const duckdb::Expression* StoredBehindKey(const duckdb::Expression& expression) {
  const auto* const key = CallOf(expression, "pg.numeric_key");
  const auto* const loaded = key == nullptr ? nullptr : CallOf(*key->children[0], "pg.loaded");
  const bool as_text = loaded != nullptr && loaded->children[0]->return_type.id() == duckdb::LogicalTypeId::VARCHAR;
  return as_text ? loaded->children[0].get() : nullptr;
}

std::optional<ComparedNumber> NumberOfKey(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return std::nullopt;
  const duckdb::Value& key = expression.Cast<duckdb::BoundConstantExpression>().value;
  if (key.IsNull() || key.type().id() != duckdb::LogicalTypeId::BLOB) return std::nullopt;
  return ComparedNumber::Of(ValueOrThrow(postgres::ReadNumericOrder(duckdb::StringValue::Get(key))));
}

ExpressionPtr PlacesOf(const duckdb::Expression& stored, std::vector<ComparedNumber> numbers) {
  const duckdb::ScalarFunction function(kPlacesName, {LogicalType::VARCHAR}, LogicalType::TINYINT, FindPlaces);
  auto data = duckdb::make_uniq<PlacesData>();
  data->numbers = std::move(numbers);
  duckdb::vector<ExpressionPtr> arguments;
  arguments.push_back(stored.Copy());
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(LogicalType::TINYINT, function, std::move(arguments),
                                                            std::move(data));
}

ExpressionPtr Place(int8_t place) {
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::TINYINT(place));
}

void ComparePlaces(ExpressionPtr* keys, ExpressionPtr* constant) {
  const duckdb::Expression* const stored = StoredBehindKey(**keys);
  const auto number = stored == nullptr ? std::nullopt : NumberOfKey(**constant);
  if (!number) return;
  *keys = PlacesOf(*stored, {*number});
  *constant = Place(1);
}

void ComparePlaces(duckdb::BoundBetweenExpression* between) {
  const duckdb::Expression* const stored = StoredBehindKey(*between->input);
  const auto lower = stored == nullptr ? std::nullopt : NumberOfKey(*between->lower);
  const auto upper = stored == nullptr ? std::nullopt : NumberOfKey(*between->upper);
  if (!lower || !upper) return;
  between->input = PlacesOf(*stored, {*lower, *upper});
  between->lower = Place(1);
  between->upper = Place(3);
}

void Change(duckdb::Expression* expression) {
  if (expression->GetExpressionClass() == ExpressionClass::BOUND_COMPARISON) {
    auto& comparison = expression->Cast<duckdb::BoundComparisonExpression>();
    ComparePlaces(&comparison.left, &comparison.right);
    ComparePlaces(&comparison.right, &comparison.left);
  } else if (expression->GetExpressionClass() == ExpressionClass::BOUND_BETWEEN) {
    ComparePlaces(&expression->Cast<duckdb::BoundBetweenExpression>());
  }
  duckdb::ExpressionIterator::EnumerateChildren(*expression, [](ExpressionPtr& child) { Change(child.get()); });
}

void ChangeFilters(duckdb::TableFilterSet* filters) {
  for (auto& [column, filter] : filters->filters) {
    if (filter->filter_type != duckdb::TableFilterType::EXPRESSION_FILTER) continue;
    Change(filter->Cast<duckdb::ExpressionFilter>().expr.get());
  }
}

void ChangeAll(LogicalOperator* plan) {
  if (plan->type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    ChangeFilters(&plan->Cast<duckdb::LogicalGet>().table_filters);
  }
  duckdb::LogicalOperatorVisitor::EnumerateExpressions(*plan, [](ExpressionPtr* one) { Change(one->get()); });
  for (const auto& child : plan->children) ChangeAll(child.get());
}

}  // namespace

void RegisterNumericPlaces(duckdb::DBConfig* config) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = [](duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) {
    ChangeAll(plan.get());
  };
  duckdb::OptimizerExtension::Register(*config, std::move(extension));
}

std::vector<Numeric> NumericsOfPlaces(const duckdb::Expression& expression) {
  const auto* const call = CallOf(expression, kPlacesName);
  std::vector<Numeric> numerics;
  if (call == nullptr) return numerics;
  for (const ComparedNumber& number : call->bind_info->Cast<PlacesData>().numbers) numerics.push_back(number.value());
  return numerics;
}

}  // namespace weir::sql
