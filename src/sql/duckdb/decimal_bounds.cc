#include "sql/duckdb/decimal_bounds.h"

#include <algorithm>
#include <array>

#include "duckdb/storage/statistics/numeric_stats.hpp"

namespace weir::sql::duck {
namespace {

using duckdb::hugeint_t;
using duckdb::NumericStats;

std::optional<int64_t> AsWord(const hugeint_t& value) {
  const auto word = static_cast<int64_t>(value.lower);
  return value == hugeint_t(word) ? std::optional(word) : std::nullopt;
}

}  // namespace

std::optional<WordBounds> WordsWithin(const duckdb::BaseStatistics& statistics) {
  if (statistics.GetType().id() != duckdb::LogicalTypeId::DECIMAL || !NumericStats::HasMinMax(statistics)) return {};
  switch (statistics.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return WordBounds{NumericStats::GetMin<int16_t>(statistics), NumericStats::GetMax<int16_t>(statistics)};
    case duckdb::PhysicalType::INT32:
      return WordBounds{NumericStats::GetMin<int32_t>(statistics), NumericStats::GetMax<int32_t>(statistics)};
    case duckdb::PhysicalType::INT64:
      return WordBounds{NumericStats::GetMin<int64_t>(statistics), NumericStats::GetMax<int64_t>(statistics)};
    case duckdb::PhysicalType::INT128: break;
    default: return {};
  }
  const auto least = AsWord(NumericStats::GetMin<hugeint_t>(statistics));
  const auto greatest = AsWord(NumericStats::GetMax<hugeint_t>(statistics));
  if (!least || !greatest) return {};
  return WordBounds{*least, *greatest};
}

duckdb::unique_ptr<duckdb::BaseStatistics> BoundsOfProduct(duckdb::ClientContext&,
                                                           duckdb::FunctionStatisticsInput& input) {
  const auto a = WordsWithin(input.child_stats[0]);
  const auto b = WordsWithin(input.child_stats[1]);
  const duckdb::LogicalType& type = input.expr.return_type;
  if (!a || !b || type.InternalType() != duckdb::PhysicalType::INT128) return nullptr;
  std::array<hugeint_t, 4> corners;  // 126 bits at most
  auto corner = corners.begin();
  for (const int64_t left : {a->least, a->greatest}) {
    for (const int64_t right : {b->least, b->greatest}) *corner++ = hugeint_t(left) * hugeint_t(right);
  }
  const auto [least, greatest] = std::ranges::minmax(corners);
  const uint8_t width = duckdb::DecimalType::GetWidth(type);
  const uint8_t scale = duckdb::DecimalType::GetScale(type);
  auto product = NumericStats::CreateEmpty(type);
  product.CombineValidity(input.child_stats[0], input.child_stats[1]);
  NumericStats::SetMin(product, duckdb::Value::DECIMAL(least, width, scale));
  NumericStats::SetMax(product, duckdb::Value::DECIMAL(greatest, width, scale));
  return product.ToUnique();
}

}  // namespace weir::sql::duck
