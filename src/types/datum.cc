#include "weir/datum.h"

#include <algorithm>
#include <memory>

namespace weir {

bool Datum::operator==(const Datum& other) const {
  if (kind != other.kind) return false;
  switch (kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
      return i == other.i;
    case Kind::kDouble:
      return std::memcmp(&d, &other.d, sizeof d) == 0;
    case Kind::kBytes:
      return as_bytes() == other.as_bytes();
    case Kind::kDecimal:
      return as_decimal() == other.as_decimal();
    case Kind::kTimestamp:
      return time.millis == other.time.millis && time.nanos == other.time.nanos;
    case Kind::kList:
    case Kind::kMap:
    case Kind::kRow:
      return std::ranges::equal(as_items(), other.as_items());
  }
  return false;
}

std::string_view Arena::CopyBytes(std::string_view bytes) {
  if (bytes.empty()) return {};
  char* copy = static_cast<char*>(memory_.allocate(bytes.size(), 1));
  std::memcpy(copy, bytes.data(), bytes.size());
  return {copy, bytes.size()};
}

std::span<Datum> Arena::NewDatums(size_t count) {
  if (count == 0) return {};
  auto* datums = static_cast<Datum*>(memory_.allocate(count * sizeof(Datum), alignof(Datum)));
  std::uninitialized_default_construct_n(datums, count);
  return {datums, count};
}

Datum Arena::Copy(const Datum& datum) {
  Datum copy = datum;
  switch (datum.kind) {
    case Datum::Kind::kBytes: {
      const std::string_view bytes = CopyBytes(datum.as_bytes());
      copy.slice = {bytes.data(), bytes.size()};
      break;
    }
    case Datum::Kind::kList:
    case Datum::Kind::kMap:
    case Datum::Kind::kRow: {
      const std::span<Datum> items = CopyRow(datum.as_items());
      copy.slice = {items.data(), items.size()};
      break;
    }
    case Datum::Kind::kNull:
    case Datum::Kind::kBool:
    case Datum::Kind::kInt:
    case Datum::Kind::kDouble:
    case Datum::Kind::kDecimal:
    case Datum::Kind::kTimestamp:
      break;
  }
  return copy;
}

std::span<Datum> Arena::CopyRow(RowView row) {
  std::span<Datum> copy = NewDatums(row.size());
  for (size_t i = 0; i < row.size(); ++i) copy[i] = Copy(row[i]);
  return copy;
}

}  // namespace weir
