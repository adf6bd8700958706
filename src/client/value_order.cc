#include "client/value_order.h"

#include <cmath>

namespace weir {
namespace {

template <typename T>
int Sign(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

int CompareValues(const Datum& a, const Datum& b) {
  switch (a.kind) {
    case Datum::Kind::kDouble: {
      const bool a_nan = std::isnan(a.d);
      const bool b_nan = std::isnan(b.d);
      return a_nan || b_nan ? Sign(a_nan, b_nan) : Sign(a.d, b.d);
    }
    case Datum::Kind::kBytes: return Sign(a.as_bytes(), b.as_bytes());
    case Datum::Kind::kDecimal: return Sign(a.as_decimal(), b.as_decimal());
    case Datum::Kind::kTimestamp:
      return a.time.millis != b.time.millis ? Sign(a.time.millis, b.time.millis) : Sign(a.time.nanos, b.time.nanos);
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kInt:
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow: break;
  }
  return Sign(a.i, b.i);
}

}  // namespace weir
