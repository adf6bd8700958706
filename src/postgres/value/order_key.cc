#include "postgres/value/order_key.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/made_type.h"
#include "postgres/value/calendar.h"
#include "postgres/value/character.h"
#include "postgres/value/json_parser.h"
#include "postgres/value/nested.h"

namespace weir::postgres {
namespace {

/// Whole numbers: the sign's bit turned, the highest byte first.
template <typename T>
void AppendWhole(T value, std::string* out) {
  if constexpr (std::is_signed_v<T>) {
    using Unsigned = std::make_unsigned_t<T>;
    AppendBigEndian(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ (Unsigned{1} << (sizeof(T) * 8 - 1))), out);
  } else {
    AppendBigEndian(value, out);
  }
}

void AppendWhole128(Int128 value, std::string* out) {
  AppendWhole(static_cast<int64_t>(value >> 64), out);
  AppendWhole(static_cast<uint64_t>(value), out);
}

/// NaN above all, -0 as 0.
void AppendDoubleKey(double value, std::string* out) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0) value = 0;
  const auto bits = std::bit_cast<uint64_t>(value);
  constexpr uint64_t kSign = uint64_t{1} << 63;
  AppendBigEndian((bits & kSign) != 0 ? ~bits : bits | kSign, out);
}

/// Bytes of any length where more follows: a zero byte gets a mark, an unmarked one ends them.
void AppendDelimited(std::string_view bytes, std::string* out) {
  for (const char byte : bytes) {
    out->push_back(byte);
    if (byte == '\0') out->push_back('\xff');
  }
  out->append(2, '\0');
}

void AppendNumberKey(const Numeric& value, std::string* out) {
  AppendNumericKey(value, out);
  out->resize(out->size() - kNumericKeyScaleBytes);  // 1.0 equals 1.00
}

// --- jsonb ---

constexpr char kEmptyArray = 0;  // as a whole value; kinds come above

char TagOf(JsonValue::Kind kind) { return static_cast<char>(static_cast<int>(kind) + 1); }

Status AppendJsonKey(const JsonValue& value, std::string* out) {
  out->push_back(TagOf(value.kind));
  switch (value.kind) {
    case JsonValue::Kind::kNull: break;
    case JsonValue::Kind::kString: AppendDelimited(value.text, out); break;
    case JsonValue::Kind::kNumber: {
      WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(value.text));
      std::string key;
      AppendNumberKey(number, &key);
      AppendDelimited(key, out);
      break;
    }
    case JsonValue::Kind::kBool: out->push_back(value.truth ? 1 : 0); break;
    case JsonValue::Kind::kArray:
      AppendWhole(static_cast<uint32_t>(value.elements.size()), out);
      for (const JsonValue& element : value.elements) WEIR_RETURN_NOT_OK(AppendJsonKey(element, out));
      break;
    case JsonValue::Kind::kObject:
      AppendWhole(static_cast<uint32_t>(value.fields.size()), out);
      for (const auto& [name, field] : value.fields) {
        AppendDelimited(name, out);
        WEIR_RETURN_NOT_OK(AppendJsonKey(field, out));
      }
  }
  return Status::OK();
}

// --- the other types ---

/// Appends the key of each kind of value; what the same kind means in other types, `type` tells.
struct KeyWriter {
  Oid type;
  std::string* out;

  Status operator()(std::monostate) const { return Error("XX000", "a null has no order key"); }
  Status operator()(bool value) const { return Whole(static_cast<uint8_t>(value)); }
  Status operator()(int16_t value) const { return Whole(value); }
  Status operator()(int32_t value) const { return Whole(value); }
  Status operator()(int64_t value) const { return Whole(value); }
  Status operator()(uint32_t value) const { return Whole(value); }
  Status operator()(uint64_t value) const { return Whole(value); }
  Status operator()(float value) const { return (*this)(static_cast<double>(value)); }
  Status operator()(double value) const {
    AppendDoubleKey(value, out);
    return Status::OK();
  }
  Status operator()(const std::string& value) const {
    if (type == oid::kJson || type == oid::kJsonpath) return NoOrder();
    if (type == oid::kBpchar) return Raw(WithoutTrailingBlanks(value));
    if (const MadeType* made = FindMadeType(type)) return Label(*made, value);
    if (type != oid::kJsonb) return Raw(value);
    WEIR_ASSIGN_OR_RETURN(const std::string key, JsonbOrderKey(value));
    return Raw(key);
  }
  Status operator()(const Bytes& value) const { return Raw(value.bytes); }
  Status operator()(Date value) const { return Whole(value.days); }
  Status operator()(Time value) const { return Whole(value.microseconds); }
  /// The moment, then the zone, the eastern first.
  Status operator()(TimeTz value) const {
    AppendWhole(int64_t{value.microseconds - value.offset * kMicrosPerSecond}, out);
    return Whole(-value.offset);
  }
  Status operator()(Timestamp value) const { return Whole(value.microseconds); }
  Status operator()(const Interval& value) const {
    AppendWhole128(SpanOf(value), out);
    return Status::OK();
  }
  Status operator()(const Numeric& value) const {
    AppendNumberKey(value, out);
    return Status::OK();
  }
  Status operator()(const Uuid& value) const { return Array(value.bytes); }
  /// The bytes, then the length: a zero byte at the end makes a difference as PostgreSQL's order has it.
  Status operator()(const Bits& value) const {
    AppendDelimited(value.bytes, out);
    return Whole(value.length);
  }
  Status operator()(const Inet& value) const {
    AppendInetKey(value, out);
    return Status::OK();
  }
  Status operator()(const MacAddress& value) const { return Array(value); }
  Status operator()(const MacAddress8& value) const { return Array(value); }
  Status operator()(Money value) const { return Whole(value.cents); }
  Status operator()(RowPlace value) const {
    AppendWhole(value.block, out);
    return Whole(value.offset);
  }
  /// Element by element, NULL above all; then the shorter first, then dimensions, lengths and lower bounds.
  Status operator()(const postgres::Array& value) const {
    for (const Value& element : value.elements) WEIR_RETURN_NOT_OK(Part(value.element, element));
    out->push_back('\0');
    AppendWhole(static_cast<uint8_t>(value.dimensions.size()), out);
    for (const auto& dimension : value.dimensions) AppendWhole(dimension.length, out);
    for (const auto& dimension : value.dimensions) AppendWhole(dimension.lower_bound, out);
    return Status::OK();
  }
  Status operator()(const Record& value) const {
    for (const auto& [of_field, field] : value.fields) WEIR_RETURN_NOT_OK(Part(of_field, field));
    return Status::OK();
  }
  /// The empty range first; then the lower end, then the upper one. An exclusive bound lies a little inside.
  Status operator()(const Range& value) const {
    out->push_back(value.empty ? 0 : 1);
    if (value.empty) return Status::OK();
    WEIR_RETURN_NOT_OK(End(value.lower, 0, value.lower_inclusive ? 0 : 1));
    return End(value.upper, 2, value.upper_inclusive ? 1 : 0);
  }
  /// Range behind range: each one's key tells where it ends.
  Status operator()(const Multirange& value) const {
    for (const Range& range : value.ranges) WEIR_RETURN_NOT_OK((*this)(range));
    return Status::OK();
  }

  /// Of an array or a row.
  Status Part(Oid of_part, const Value& part) const {
    out->push_back(part.is_null() ? 2 : 1);
    if (part.is_null()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const std::string key, OrderKey(of_part, part));
    AppendDelimited(key, out);
    return Status::OK();
  }
  Status Label(const MadeType& made, std::string_view value) const {
    const EnumLabel* label = made.FindLabel(value);
    if (label == nullptr) return NoOrder();
    AppendDoubleKey(label->order, out);
    return Status::OK();
  }

  /// `infinite`: 0 below all values, 2 above them; `shift`: 1 for what lies above the others of the same value.
  Status End(const std::vector<Value>& bound, char infinite, char shift) const {
    out->push_back(bound.empty() ? infinite : 1);
    if (bound.empty()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const std::string key, OrderKey(RangeElement(type), bound.front()));
    AppendDelimited(key, out);
    out->push_back(shift);
    return Status::OK();
  }
  template <typename T>
  Status Whole(T value) const {
    AppendWhole(value, out);
    return Status::OK();
  }
  Status Raw(std::string_view bytes) const {
    *out += bytes;
    return Status::OK();
  }
  template <size_t size>
  Status Array(const std::array<uint8_t, size>& bytes) const {
    out->append(bytes.begin(), bytes.end());
    return Status::OK();
  }
  Status NoOrder() const {
    return Error("0A000", fmt::format("values of type {} have no order key", FormatType(type)));
  }
};

}  // namespace

Result<std::string> OrderKey(Oid type, const Value& value) {
  std::string key;
  const KeyWriter writer{.type = type, .out = &key};
  WEIR_RETURN_NOT_OK(std::visit(writer, static_cast<const Value::variant&>(value)));
  return key;
}

Result<std::string> JsonbOrderKey(std::string_view json) {
  WEIR_ASSIGN_OR_RETURN(const JsonValue value, ReadStoredJsonb(json));
  if (value.kind == JsonValue::Kind::kArray && value.elements.empty()) return std::string(1, kEmptyArray);
  std::string key;
  WEIR_RETURN_NOT_OK(AppendJsonKey(value, &key));
  return key;
}

}  // namespace weir::postgres
