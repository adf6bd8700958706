#include "postgres/compute/datum_size.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/type.h"
#include "postgres/value/json_parser.h"

namespace weir::postgres {
namespace {

constexpr int64_t kLength = 4;  // of a value that varies in length, before it
constexpr int64_t kShort = 127;  // up to this much, with its length, one byte tells it
constexpr int64_t kSaved = 3;

int64_t AlignedTo(int64_t at, char align) {
  const int64_t unit = align == 'd' ? 8 : align == 'i' ? 4 : align == 's' ? 2 : 1;
  return (at + unit - 1) / unit * unit;
}

int64_t AsStored(int64_t size) { return size - kSaved <= kShort ? size - kSaved : size; }

/// Four digits a piece; a longer head where the exponent or the scale is great.
Result<int64_t> NumericSize(const Numeric& value) {
  std::string binary;
  WEIR_RETURN_NOT_OK(WriteBinary(oid::kNumeric, Value(value), {}, &binary));
  const auto at = [&](size_t place) { return LoadBigEndian<uint16_t>(std::string_view(binary).substr(2 * place)); };
  constexpr int kMostScale = 63;
  constexpr int kMostWeight = 63;
  const auto weight = static_cast<int16_t>(at(1));
  const bool near = at(3) <= kMostScale && weight >= -kMostWeight - 1 && weight <= kMostWeight;
  const bool is_short = !value.is_finite() || near;
  return kLength + (is_short ? 2 : 4) + int64_t{2} * (value.is_finite() ? at(0) : 0);
}

/// What a jsonb takes behind `at` bytes of its whole.
Result<int64_t> JsonbEnd(const JsonValue& value, int64_t at) {
  constexpr int64_t kEntry = 4;
  switch (value.kind) {
    case JsonValue::Kind::kNull:
    case JsonValue::Kind::kBool: return at;
    case JsonValue::Kind::kString: return at + static_cast<int64_t>(value.text.size());
    case JsonValue::Kind::kNumber: {
      WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(value.text));
      WEIR_ASSIGN_OR_RETURN(const int64_t size, NumericSize(number));
      return AlignedTo(at, 'i') + size;
    }
    case JsonValue::Kind::kArray:
      at = AlignedTo(at, 'i') + kEntry + kEntry * static_cast<int64_t>(value.elements.size());
      for (const JsonValue& element : value.elements) {
        WEIR_ASSIGN_OR_RETURN(at, JsonbEnd(element, at));
      }
      return at;
    case JsonValue::Kind::kObject:
      at = AlignedTo(at, 'i') + kEntry + 2 * kEntry * static_cast<int64_t>(value.fields.size());
      for (const auto& [name, field] : value.fields) at += static_cast<int64_t>(name.size());
      for (const auto& [name, field] : value.fields) {
        WEIR_ASSIGN_OR_RETURN(at, JsonbEnd(field, at));
      }
  }
  return at;
}

Result<int64_t> JsonbSize(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(JsonValue value, ReadStoredJsonb(json));
  if (value.kind != JsonValue::Kind::kArray && value.kind != JsonValue::Kind::kObject) {
    JsonValue around;  // a scalar lies in an array
    around.kind = JsonValue::Kind::kArray;
    around.elements.push_back(std::move(value));
    value = std::move(around);
  }
  return JsonbEnd(value, kLength);
}

/// Where a value ends that is one of several, as a row or a range holds them: short ones are not aligned.
Result<int64_t> PartEnd(Oid type, const Value& value, int64_t at) {
  const Type* row = FindType(type);
  WEIR_ASSIGN_OR_RETURN(const int64_t size, DatumSize(type, value, false));
  const bool varies = row != nullptr && row->length < 0;
  if (varies && AsStored(size) != size) return at + AsStored(size);
  return AlignedTo(at, row == nullptr ? 'i' : row->align) + size;
}

Result<int64_t> ArraySize(const Array& array) {
  constexpr int64_t kHead = 16;
  if (array.dimensions.empty()) return kHead;
  const bool nulls = std::ranges::any_of(array.elements, &Value::is_null);
  const auto count = static_cast<int64_t>(array.elements.size());
  int64_t at = kHead + 8 * static_cast<int64_t>(array.dimensions.size()) + (nulls ? (count + 7) / 8 : 0);
  at = AlignedTo(at, 'd');
  const Type* element = FindType(array.element);
  for (const Value& value : array.elements) {
    if (value.is_null()) continue;
    WEIR_ASSIGN_OR_RETURN(const int64_t size, DatumSize(array.element, value, false));
    at = AlignedTo(at + size, element == nullptr ? 'i' : element->align);
  }
  return at;
}

Result<int64_t> BoundsEnd(Oid element, const Range& range, int64_t at) {
  for (const auto* bound : {&range.lower, &range.upper}) {
    if (bound->empty()) continue;
    WEIR_ASSIGN_OR_RETURN(at, PartEnd(element, bound->front(), at));
  }
  return at;
}

constexpr int64_t kRangeHead = 8;

Result<int64_t> RangeSize(Oid element, const Range& range) {
  WEIR_ASSIGN_OR_RETURN(const int64_t end, BoundsEnd(element, range, kRangeHead));
  return end + 1;
}

Result<int64_t> MultirangeSize(Oid element, const Multirange& value) {
  constexpr int64_t kHead = 12;
  const auto count = static_cast<int64_t>(value.ranges.size());
  if (count == 0) return kHead;
  const Type* row = FindType(element);
  const char align = row == nullptr ? 'i' : row->align;
  int64_t at = AlignedTo(kHead + 4 * (count - 1) + count, align);
  for (const Range& range : value.ranges) {
    WEIR_ASSIGN_OR_RETURN(const int64_t size, RangeSize(element, range));
    at += AlignedTo(size - kRangeHead - 1, align);
  }
  return at;
}

Result<int64_t> RecordSize(const Record& record) {
  constexpr int64_t kHead = 23;
  const bool nulls = std::ranges::any_of(record.fields, [](const auto& field) { return field.second.is_null(); });
  const int64_t head = AlignedTo(kHead + (nulls ? (static_cast<int64_t>(record.fields.size()) + 7) / 8 : 0), 'd');
  int64_t at = 0;
  for (const auto& [type, value] : record.fields) {
    if (value.is_null()) continue;
    WEIR_ASSIGN_OR_RETURN(at, PartEnd(type, value, at));
  }
  return head + at;
}

/// The whole of a value that varies in length, with four bytes for it.
struct SizeOf {
  Oid type;
  using Size = Result<int64_t>;

  Size operator()(const std::string& value) const {
    if (type == oid::kJsonb) return JsonbSize(value);
    if (type == oid::kUnknown) return static_cast<int64_t>(value.size()) + 1;
    if (type == oid::kJsonpath) return Unknown();
    return kLength + static_cast<int64_t>(value.size());
  }
  Size operator()(const Bytes& value) const { return kLength + static_cast<int64_t>(value.bytes.size()); }
  Size operator()(const Numeric& value) const { return NumericSize(value); }
  Size operator()(const Bits& value) const { return 2 * kLength + static_cast<int64_t>(value.bytes.size()); }
  Size operator()(const Inet& value) const { return kLength + 2 + static_cast<int64_t>(value.size()); }
  Size operator()(const Array& value) const { return ArraySize(value); }
  Size operator()(const Record& value) const { return RecordSize(value); }
  Size operator()(const Range& value) const { return RangeSize(RangeElement(type), value); }
  Size operator()(const Multirange& value) const { return MultirangeSize(RangeElement(type), value); }
  template <typename T>
  Size operator()(const T&) const {
    return Unknown();
  }
  Size Unknown() const {
    return Error("0A000", fmt::format("the size of values of type {} is not known", FormatType(type)));
  }
};

}  // namespace

Result<int64_t> DatumSize(Oid type, const Value& value, bool stored) {
  const Type* row = FindType(type);
  if (row != nullptr && row->length > 0) return int64_t{row->length};
  WEIR_ASSIGN_OR_RETURN(const int64_t size,
                        std::visit(SizeOf{.type = type}, static_cast<const Value::variant&>(value)));
  return stored && type != oid::kUnknown ? AsStored(size) : size;
}

}  // namespace weir::postgres
