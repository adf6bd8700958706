#include "storage/merge_engine_aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

namespace weir {
namespace {

Status DoesNotFit(const Aggregate& aggregate, std::string_view function) {
  return {ErrorCode::kInvalidTable,
          fmt::format("the aggregate function {} does not work on type {}", function, aggregate.type.ToString())};
}

/// Java's arithmetic: what does not fit the column's width wraps around.
int64_t WrapTo(TypeId integer, uint64_t value) {
  if (integer == TypeId::kTinyInt) return static_cast<int8_t>(value);
  if (integer == TypeId::kSmallInt) return static_cast<int16_t>(value);
  if (integer == TypeId::kInt) return static_cast<int32_t>(value);
  return static_cast<int64_t>(value);
}

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

/// value / 10^scale, half away from zero.
__int128 DropScale(__int128 value, int scale) {
  const __int128 divisor = PowerOfTen(scale);
  const __int128 quotient = value / divisor;
  const __int128 rest = value % divisor;
  if ((rest < 0 ? -rest : rest) * 2 < divisor || divisor == 1) return quotient;
  return quotient + (value < 0 ? -1 : 1);
}

Result<Datum> DecimalOf(const Aggregate& aggregate, bool overflow, __int128 value) {
  const __int128 limit = PowerOfTen(aggregate.type.precision());
  if (overflow || value >= limit || value <= -limit) {
    return Status(ErrorCode::kCorruptRecord,
                  fmt::format("an aggregated value does not fit {}", aggregate.type.ToString()));
  }
  return Datum::Decimal(value);
}

Result<Datum> Sum(const Aggregate& aggregate, const Datum& a, const Datum& b) {
  switch (a.kind) {
    case Datum::Kind::kInt:
      return Datum::Int(
          WrapTo(aggregate.type.id(), static_cast<uint64_t>(a.as_int()) + static_cast<uint64_t>(b.as_int())));
    case Datum::Kind::kDouble:
      if (aggregate.type.id() == TypeId::kFloat) {
        return Datum::Double(static_cast<float>(a.as_double()) + static_cast<float>(b.as_double()));
      }
      return Datum::Double(a.as_double() + b.as_double());
    case Datum::Kind::kDecimal: {
      __int128 sum = 0;
      const bool overflow = __builtin_add_overflow(a.as_decimal(), b.as_decimal(), &sum);
      return DecimalOf(aggregate, overflow, sum);
    }
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kBytes:
    case Datum::Kind::kTimestamp:
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow: break;
  }
  return DoesNotFit(aggregate, "sum");
}

Result<Datum> Product(const Aggregate& aggregate, const Datum& a, const Datum& b) {
  switch (a.kind) {
    case Datum::Kind::kInt:
      return Datum::Int(
          WrapTo(aggregate.type.id(), static_cast<uint64_t>(a.as_int()) * static_cast<uint64_t>(b.as_int())));
    case Datum::Kind::kDouble:
      if (aggregate.type.id() == TypeId::kFloat) {
        return Datum::Double(static_cast<float>(a.as_double()) * static_cast<float>(b.as_double()));
      }
      return Datum::Double(a.as_double() * b.as_double());
    case Datum::Kind::kDecimal: {
      __int128 product = 0;
      const bool overflow = __builtin_mul_overflow(a.as_decimal(), b.as_decimal(), &product);
      return DecimalOf(aggregate, overflow, overflow ? 0 : DropScale(product, aggregate.type.scale()));
    }
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kBytes:
    case Datum::Kind::kTimestamp:
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow: break;
  }
  return DoesNotFit(aggregate, "product");
}

/// Java's order of doubles: NaN is above everything, -0.0 below 0.0.
bool LessDouble(double a, double b) {
  if (a != a || b != b) return a == a;
  if (a == 0 && b == 0) return std::signbit(a) && !std::signbit(b);
  return a < b;
}

Result<bool> Less(const Aggregate& aggregate, const Datum& a, const Datum& b) {
  switch (a.kind) {
    case Datum::Kind::kInt:
      return a.as_int() < b.as_int();
    case Datum::Kind::kDouble:
      return LessDouble(a.as_double(), b.as_double());
    case Datum::Kind::kDecimal:
      return a.as_decimal() < b.as_decimal();
    case Datum::Kind::kBytes:
      return a.as_bytes() < b.as_bytes();
    case Datum::Kind::kTimestamp:
      return std::pair(a.time.millis, a.time.nanos) < std::pair(b.time.millis, b.time.nanos);
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow: break;
  }
  return DoesNotFit(aggregate, "max or min");
}

Result<Datum> ListAgg(const Aggregate& aggregate, const Datum& a, const Datum& b, Arena* arena) {
  if (a.kind != Datum::Kind::kBytes) return DoesNotFit(aggregate, "listagg");
  std::string joined(a.as_bytes());
  joined.append(aggregate.delimiter).append(b.as_bytes());
  return Datum::Bytes(arena->CopyBytes(joined));
}

Result<Datum> Union(const Aggregate& aggregate, const Datum& a, const Datum& b, Arena* arena) {
  if (a.kind != Datum::Kind::kBytes) return DoesNotFit(aggregate, "rbm");
  WEIR_ASSIGN_OR_RETURN(std::string bytes, aggregate.kind == AggregateKind::kRbm32
                                               ? UnionRoaring32(a.as_bytes(), b.as_bytes())
                                               : UnionRoaring64(a.as_bytes(), b.as_bytes()));
  return Datum::Bytes(arena->CopyBytes(bytes));
}

std::string Normalised(std::string_view name) {
  std::string result;
  for (const char c : name) {
    result.push_back(c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return result;
}

AggregateKind KindOf(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, AggregateKind>, 14> kNames{{
      {"sum", AggregateKind::kSum},
      {"product", AggregateKind::kProduct},
      {"max", AggregateKind::kMax},
      {"min", AggregateKind::kMin},
      {"last_value", AggregateKind::kLastValue},
      {"last_value_ignore_nulls", AggregateKind::kLastValueIgnoreNulls},
      {"first_value", AggregateKind::kFirstValue},
      {"first_value_ignore_nulls", AggregateKind::kFirstValue},
      {"listagg", AggregateKind::kListAgg},
      {"string_agg", AggregateKind::kListAgg},
      {"bool_and", AggregateKind::kBoolAnd},
      {"bool_or", AggregateKind::kBoolOr},
      {"rbm32", AggregateKind::kRbm32},
      {"rbm64", AggregateKind::kRbm64},
  }};
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  return AggregateKind::kLastValueIgnoreNulls;
}

}  // namespace

Aggregate AggregateOf(const Column& column) {
  Aggregate aggregate;
  aggregate.type = column.type;
  if (!column.agg_function) return aggregate;
  aggregate.kind = KindOf(Normalised(column.agg_function->type));
  const auto& parameters = column.agg_function->parameters;
  if (const auto it = parameters.find("delimiter"); it != parameters.end()) aggregate.delimiter = it->second;
  return aggregate;
}

Result<Datum> Combine(const Aggregate& aggregate, const Datum& accumulated, const Datum& incoming, Arena* arena) {
  if (aggregate.kind == AggregateKind::kLastValue) return incoming;
  if (incoming.is_null()) return accumulated;
  if (accumulated.is_null()) return incoming;
  if (accumulated.kind != incoming.kind) return DoesNotFit(aggregate, "of the column");
  switch (aggregate.kind) {
    case AggregateKind::kSum:
      return Sum(aggregate, accumulated, incoming);
    case AggregateKind::kProduct:
      return Product(aggregate, accumulated, incoming);
    case AggregateKind::kMax: {
      WEIR_ASSIGN_OR_RETURN(const bool less, Less(aggregate, accumulated, incoming));
      return less ? incoming : accumulated;
    }
    case AggregateKind::kMin: {
      WEIR_ASSIGN_OR_RETURN(const bool less, Less(aggregate, incoming, accumulated));
      return less ? incoming : accumulated;
    }
    case AggregateKind::kLastValue:
    case AggregateKind::kLastValueIgnoreNulls:
      return incoming;
    case AggregateKind::kFirstValue:
      return accumulated;
    case AggregateKind::kListAgg:
      return ListAgg(aggregate, accumulated, incoming, arena);
    case AggregateKind::kBoolAnd:
      return Datum::Bool(accumulated.as_bool() && incoming.as_bool());
    case AggregateKind::kBoolOr:
      return Datum::Bool(accumulated.as_bool() || incoming.as_bool());
    case AggregateKind::kRbm32:
    case AggregateKind::kRbm64:
      return Union(aggregate, accumulated, incoming, arena);
  }
  return incoming;
}

}  // namespace weir
