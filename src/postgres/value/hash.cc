#include "postgres/value/hash.h"

#include <fmt/format.h>

#include <string>

#include "format/big_endian.h"
#include "model/hash_bytes.h"
#include "postgres/error.h"
#include "postgres/made_type.h"
#include "postgres/value/character.h"
#include "postgres/value/json_parser.h"

namespace weir::postgres {
namespace {

/// Both halves turned by a bit.
uint64_t HalvesTurned(uint64_t hash) {
  return (hash << 1 & 0xFFFFFFFEFFFFFFFEull) | (hash >> 31 & 0x0000000100000001ull);
}

// --- jsonb ---

/// Marks of a container in PostgreSQL's storage of jsonb, in both halves; a scalar alone is an array there.
constexpr uint64_t kArrayMark = 0x4000000040000000ull;
constexpr uint64_t kObjectMark = 0x2000000020000000ull;

struct JsonbHasher {
  uint64_t seed;
  uint64_t hash = 0;

  void Add(uint64_t scalar) { hash = HalvesTurned(hash) ^ scalar; }

  Status Add(const JsonValue& value) {
    switch (value.kind) {
      case JsonValue::Kind::kNull: Add(seed + 1); break;
      case JsonValue::Kind::kString: Add(HashBytes(value.text, seed)); break;
      case JsonValue::Kind::kNumber: {
        WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(value.text));
        Add(HashNumeric(number, seed));
        break;
      }
      case JsonValue::Kind::kBool: Add(seed != 0 ? HashUint32(value.truth ? 1 : 0, seed) : value.truth ? 2 : 4); break;
      case JsonValue::Kind::kArray:
        hash ^= kArrayMark;
        for (const JsonValue& element : value.elements) WEIR_RETURN_NOT_OK(Add(element));
        break;
      case JsonValue::Kind::kObject:
        hash ^= kObjectMark;
        for (const auto& [name, field] : value.fields) {
          Add(HashBytes(name, seed));
          WEIR_RETURN_NOT_OK(Add(field));
        }
    }
    return Status::OK();
  }
};

/// By the canonical text.
Result<uint64_t> HashJsonb(std::string_view json, uint64_t seed) {
  WEIR_ASSIGN_OR_RETURN(const JsonValue value, ReadStoredJsonb(json));
  const bool array = value.kind == JsonValue::Kind::kArray;
  const bool object = value.kind == JsonValue::Kind::kObject;
  if ((array && value.elements.empty()) || (object && value.fields.empty())) return seed;
  JsonbHasher hasher{.seed = seed};
  if (!array && !object) hasher.hash = kArrayMark;
  WEIR_RETURN_NOT_OK(hasher.Add(value));
  return hasher.hash;
}

// --- ranges ---

/// As pg_range's flags have it.
uint32_t RangeFlags(const Range& range) {
  if (range.empty) return 0x01;
  return (range.lower_inclusive ? 0x02u : 0) | (range.upper_inclusive ? 0x04u : 0) | (range.lower.empty() ? 0x08u : 0) |
         (range.upper.empty() ? 0x10u : 0);
}

Result<uint64_t> HashRange(Oid element, const Range& range, uint64_t seed) {
  uint64_t lower = 0;
  uint64_t upper = 0;
  if (!range.lower.empty()) {
    WEIR_ASSIGN_OR_RETURN(lower, HashExtended(element, range.lower.front(), seed));
  }
  if (!range.upper.empty()) {
    WEIR_ASSIGN_OR_RETURN(upper, HashExtended(element, range.upper.front(), seed));
  }
  const uint64_t flags = HashUint32(RangeFlags(range), seed);
  return HalvesTurned(flags ^ lower) ^ upper;
}

// --- the other types ---

/// A "char" as the number that PostgreSQL hashes: with its sign.
uint32_t CharacterAsNumber(std::string_view value) {
  const auto byte = static_cast<signed char>(value.empty() ? '\0' : value.front());
  return static_cast<uint32_t>(int32_t{byte});
}

/// Hashes each kind of value; what the same kind means in other types, `type` tells.
struct ValueHasher {
  Oid type;
  uint64_t seed;

  using Hash = Result<uint64_t>;
  Hash operator()(int16_t value) const { return HashUint32(static_cast<uint32_t>(int32_t{value}), seed); }
  Hash operator()(int32_t value) const { return HashUint32(static_cast<uint32_t>(value), seed); }
  Hash operator()(int64_t value) const { return HashInt64(value, seed); }
  Hash operator()(uint32_t value) const { return HashUint32(value, seed); }
  Hash operator()(const std::string& value) const {
    if (type == oid::kJsonb) return HashJsonb(value, seed);
    if (type == oid::kJson || type == oid::kJsonpath) return None();
    if (type == oid::kChar) return HashUint32(CharacterAsNumber(value), seed);
    if (const MadeType* made = FindMadeType(type)) {
      const EnumLabel* label = made->FindLabel(value);
      return label == nullptr ? None() : HashUint32(label->oid, seed);
    }
    return HashBytes(type == oid::kBpchar ? WithoutTrailingBlanks(value) : value, seed);
  }
  Hash operator()(const Bytes& value) const { return HashBytes(value.bytes, seed); }
  /// Dates and timestamps as PostgreSQL counts them, from 2000 on.
  Hash operator()(Date value) const {
    std::string bytes;
    AppendDateBinary(value, &bytes);
    return HashUint32(LoadBigEndian<uint32_t>(bytes), seed);
  }
  Hash operator()(Timestamp value) const {
    std::string bytes;
    AppendTimestampBinary(value, &bytes);
    return HashInt64(LoadBigEndian<int64_t>(bytes), seed);
  }
  Hash operator()(Time value) const { return HashInt64(value.microseconds, seed); }
  /// The zone counts to the west.
  Hash operator()(TimeTz value) const {
    return HashInt64(value.microseconds, seed) ^ HashUint32(static_cast<uint32_t>(-value.offset), seed);
  }
  Hash operator()(const Interval& value) const { return HashInt64(static_cast<int64_t>(SpanOf(value)), seed); }
  Hash operator()(const Numeric& value) const { return HashNumeric(value, seed); }
  Hash operator()(const Uuid& value) const { return Array(value.bytes); }
  Hash operator()(const MacAddress& value) const { return Array(value); }
  Hash operator()(const MacAddress8& value) const { return Array(value); }
  /// The family, the network's bits, the address.
  Hash operator()(const Inet& value) const {
    std::string bytes = {static_cast<char>(value.v6 ? 3 : 2), static_cast<char>(value.prefix)};
    bytes.append(value.address.begin(), value.address.begin() + static_cast<std::ptrdiff_t>(value.size()));
    return HashBytes(bytes, seed);
  }
  Hash operator()(const Range& value) const { return HashRange(RangeElement(type), value, seed); }
  Hash operator()(const Multirange& value) const {
    uint64_t hash = 1;
    for (const Range& range : value.ranges) {
      WEIR_ASSIGN_OR_RETURN(const uint64_t one, HashRange(RangeElement(type), range, seed));
      hash = hash * 31 + one;
    }
    return hash;
  }
  template <typename T>
  Hash operator()(const T&) const {
    return None();
  }

  template <size_t size>
  Hash Array(const std::array<uint8_t, size>& bytes) const {
    return HashBytes({reinterpret_cast<const char*>(bytes.data()), size}, seed);
  }
  Hash None() const { return Error("0A000", fmt::format("values of type {} have no hash here", FormatType(type))); }
};

}  // namespace

Result<uint64_t> HashExtended(Oid type, const Value& value, uint64_t seed) {
  return std::visit(ValueHasher{.type = type, .seed = seed}, static_cast<const Value::variant&>(value));
}

}  // namespace weir::postgres
