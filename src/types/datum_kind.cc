#include "types/datum_kind.h"

namespace weir {

Datum::Kind KindOf(TypeId id) {
  switch (id) {
    case TypeId::kBoolean: return Datum::Kind::kBool;
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kDate:
    case TypeId::kTime: return Datum::Kind::kInt;
    case TypeId::kFloat:
    case TypeId::kDouble: return Datum::Kind::kDouble;
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kChar:
    case TypeId::kBinary: return Datum::Kind::kBytes;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return Datum::Kind::kTimestamp;
    case TypeId::kDecimal: return Datum::Kind::kDecimal;
    case TypeId::kArray: return Datum::Kind::kList;
    case TypeId::kMap: return Datum::Kind::kMap;
    case TypeId::kRow: return Datum::Kind::kRow;
  }
  return Datum::Kind::kNull;
}

}  // namespace weir
