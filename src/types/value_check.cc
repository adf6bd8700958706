#include "types/value_check.h"

#include <limits>
#include <string>

#include "types/datum_kind.h"
#include "types/stored_times.h"

namespace weir {
namespace {

std::string_view KindName(Datum::Kind kind) {
  switch (kind) {
    case Datum::Kind::kNull: return "NULL";
    case Datum::Kind::kBool: return "boolean";
    case Datum::Kind::kInt: return "integer";
    case Datum::Kind::kDouble: return "floating point";
    case Datum::Kind::kBytes: return "string or bytes";
    case Datum::Kind::kDecimal: return "decimal";
    case Datum::Kind::kTimestamp: return "timestamp";
    case Datum::Kind::kList: return "array";
    case Datum::Kind::kMap: return "map";
    case Datum::Kind::kRow: return "row";
  }
  return "unknown";
}

struct IntRange {
  int64_t min, max;
};

IntRange RangeOf(TypeId integer) {
  if (integer == TypeId::kTinyInt) return {-128, 127};
  if (integer == TypeId::kSmallInt) return {-32768, 32767};
  if (integer == TypeId::kTime) return {0, 86399999};
  if (integer == TypeId::kBigInt) return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  return {std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()};
}

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

Status CheckValue(const DataType& type, const Datum& value) {
  if (value.is_null()) return type.nullable() ? Status::OK() : Status::Invalid("NULL for a NOT NULL value");
  if (value.kind != KindOf(type.id())) {
    return Status::Invalid("a " + std::string(KindName(value.kind)) + " value cannot be stored as " + type.ToString());
  }
  switch (type.id()) {
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kTime: {
      const auto [min, max] = RangeOf(type.id());
      if (value.as_int() < min || value.as_int() > max) {
        return Status::Invalid("value " + std::to_string(value.as_int()) + " is out of range for " + type.ToString() +
                               " (" + std::to_string(min) + " to " + std::to_string(max) + ")");
      }
      return Status::OK();
    }
    case TypeId::kBinary:
      if (value.as_bytes().size() != static_cast<size_t>(type.length())) {
        return Status::Invalid("got " + std::to_string(value.as_bytes().size()) + " bytes, " + type.ToString() +
                               " takes exactly " + std::to_string(type.length()));
      }
      return Status::OK();
    case TypeId::kDecimal: {
      const __int128 limit = PowerOfTen(type.precision());
      if (value.as_decimal() >= limit || value.as_decimal() <= -limit) {
        return Status::Invalid("decimal value has more digits than " + type.ToString() + " holds");
      }
      return Status::OK();
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      int64_t units;
      if (!TimestampToUnits(value.time, type.precision(), &units)) {
        return Status::Invalid("timestamp " + std::to_string(value.time.millis) + " ms is out of range for " +
                               type.ToString());
      }
      return Status::OK();
    }
    case TypeId::kArray:
      for (const Datum& item : value.as_items()) WEIR_RETURN_NOT_OK(CheckValue(type.element_type(), item));
      return Status::OK();
    case TypeId::kMap: {
      const auto items = value.as_items();
      for (size_t i = 0; i + 1 < items.size(); i += 2) {
        WEIR_RETURN_NOT_OK(CheckValue(type.key_type(), items[i]).WithContext("map key"));
        WEIR_RETURN_NOT_OK(CheckValue(type.value_type(), items[i + 1]).WithContext("map value"));
      }
      return Status::OK();
    }
    case TypeId::kRow: {
      const auto items = value.as_items();
      if (items.size() != type.fields().size()) {
        return Status::Invalid("got " + std::to_string(items.size()) + " row fields, " + type.ToString() + " has " +
                               std::to_string(type.fields().size()));
      }
      for (size_t i = 0; i < items.size(); ++i) {
        const auto& field = type.fields()[i];
        WEIR_RETURN_NOT_OK(CheckValue(field.type, items[i]).WithContext("field '" + field.name + "'"));
      }
      return Status::OK();
    }
    case TypeId::kBoolean:
    case TypeId::kBigInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kChar: break;
  }
  return Status::OK();
}

}  // namespace weir
