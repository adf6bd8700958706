#include "sql/engine/parquet_statistics.h"

#include <arrow/scalar.h>
#include <arrow/type.h>
#include <parquet/arrow/reader.h>
#include <parquet/schema.h>
#include <parquet/statistics.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace weir::sql {
namespace {

/// What values are compared by here: whole numbers, days, microseconds; or texts, by their bytes. Floats are not among
/// them: the statistics leave NaN out, which is greater than all others.
using Comparable = std::variant<int64_t, std::string>;

template <typename ScalarType>
int64_t NumberOf(const arrow::Scalar& scalar) {
  return static_cast<int64_t>(static_cast<const ScalarType&>(scalar).value);
}

std::optional<int64_t> Micros(const arrow::TimestampScalar& scalar) {
  switch (static_cast<const arrow::TimestampType&>(*scalar.type).unit()) {
    case arrow::TimeUnit::MILLI: {
      int64_t micros = 0;
      if (__builtin_mul_overflow(scalar.value, int64_t{1000}, &micros)) return std::nullopt;
      return micros;
    }
    case arrow::TimeUnit::MICRO: return scalar.value;
    default: return std::nullopt;
  }
}

std::optional<Comparable> ComparableOf(const std::shared_ptr<arrow::Scalar>& scalar) {
  if (!scalar || !scalar->is_valid) return std::nullopt;
  switch (scalar->type->id()) {
    case arrow::Type::INT8: return NumberOf<arrow::Int8Scalar>(*scalar);
    case arrow::Type::INT16: return NumberOf<arrow::Int16Scalar>(*scalar);
    case arrow::Type::INT32: return NumberOf<arrow::Int32Scalar>(*scalar);
    case arrow::Type::INT64: return NumberOf<arrow::Int64Scalar>(*scalar);
    case arrow::Type::UINT8: return NumberOf<arrow::UInt8Scalar>(*scalar);
    case arrow::Type::UINT16: return NumberOf<arrow::UInt16Scalar>(*scalar);
    case arrow::Type::UINT32: return NumberOf<arrow::UInt32Scalar>(*scalar);
    case arrow::Type::DATE32: return NumberOf<arrow::Date32Scalar>(*scalar);
    case arrow::Type::TIMESTAMP: {
      const auto micros = Micros(static_cast<const arrow::TimestampScalar&>(*scalar));
      return micros ? std::optional<Comparable>(*micros) : std::nullopt;
    }
    case arrow::Type::STRING: return static_cast<const arrow::StringScalar&>(*scalar).value->ToString();
    default: return std::nullopt;
  }
}

std::optional<Comparable> ComparableOf(const Predicate::Literal& literal) {
  if (const auto* number = std::get_if<int64_t>(&literal)) return *number;
  if (const auto* text = std::get_if<std::string>(&literal)) return *text;
  if (const auto* date = std::get_if<Predicate::DateLiteral>(&literal)) return int64_t{date->days};
  if (const auto* moment = std::get_if<Predicate::TimestampLiteral>(&literal)) {
    int64_t micros = 0;
    if (moment->nanos % 1000 != 0 || __builtin_mul_overflow(moment->millis, int64_t{1000}, &micros))
      return std::nullopt;
    return micros + moment->nanos / 1000;
  }
  return std::nullopt;
}

/// Values of other types are rounded, or read as texts, and then compare as others do.
bool IsReadAsItIs(const Relation& table, const std::string& column) {
  static constexpr std::string_view kTypes[] = {
      "smallint", "integer", "bigint", "date", "text", "character varying", "timestamp without time zone",
      "timestamp with time zone"};
  const int at = table.ColumnIndex(column);
  return at >= 0 && std::ranges::find(kTypes, table.columns[static_cast<size_t>(at)].type) != std::end(kTypes);
}

struct Range {
  Comparable least;
  Comparable greatest;
};

/// Of a column with one leaf; nothing where the file does not say.
std::optional<Range> RangeOf(const parquet::RowGroupMetaData& group, const std::string& column) {
  const parquet::SchemaDescriptor& schema = *group.schema();
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (schema.Column(i)->path()->ToDotString() != column) continue;
    const auto chunk = group.ColumnChunk(i);
    const auto statistics = chunk->is_stats_set() ? chunk->statistics() : nullptr;
    if (!statistics || !statistics->HasMinMax()) return std::nullopt;
    std::shared_ptr<arrow::Scalar> least;
    std::shared_ptr<arrow::Scalar> greatest;
    if (!parquet::arrow::StatisticsAsScalars(*statistics, &least, &greatest).ok()) return std::nullopt;
    const auto low = ComparableOf(least);
    const auto high = ComparableOf(greatest);
    if (!low || !high) return std::nullopt;
    return Range{*low, *high};
  }
  return std::nullopt;
}

bool MayCompare(const Predicate& test, const Range& range) {
  const auto may = [&](const Predicate::Literal& literal, Predicate::Op op) {
    const auto value = ComparableOf(literal);
    if (!value || value->index() != range.least.index()) return true;
    switch (op) {
      case Predicate::Op::kEqual: return range.least <= *value && *value <= range.greatest;
      case Predicate::Op::kLess: return range.least < *value;
      case Predicate::Op::kLessOrEqual: return range.least <= *value;
      case Predicate::Op::kGreater: return range.greatest > *value;
      case Predicate::Op::kGreaterOrEqual: return range.greatest >= *value;
      case Predicate::Op::kNotEqual:
      case Predicate::Op::kIsNull:
      case Predicate::Op::kIsNotNull:
      case Predicate::Op::kStartsWith:
      case Predicate::Op::kContains:
      case Predicate::Op::kEndsWith:
      case Predicate::Op::kIn:
      case Predicate::Op::kNotIn:
      case Predicate::Op::kAnd:
      case Predicate::Op::kOr:
      case Predicate::Op::kNot: break;
    }
    return true;
  };
  if (test.op == Predicate::Op::kIn) {
    return std::ranges::any_of(test.literals, [&](const auto& one) { return may(one, Predicate::Op::kEqual); });
  }
  return test.literals.size() != 1 || may(test.literals.front(), test.op);
}

}  // namespace

bool MayHaveMatches(const Predicate& filter, const parquet::RowGroupMetaData& group, const Relation& table) {
  const auto may = [&](const Predicate& child) { return MayHaveMatches(child, group, table); };
  if (filter.op == Predicate::Op::kAnd) return std::ranges::all_of(filter.children, may);
  if (filter.op == Predicate::Op::kOr) return std::ranges::any_of(filter.children, may);
  if (filter.op == Predicate::Op::kNot || !IsReadAsItIs(table, filter.column)) return true;
  const auto range = RangeOf(group, filter.column);
  return !range || MayCompare(filter, *range);
}

}  // namespace weir::sql
