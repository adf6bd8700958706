#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "postgres/error.h"
#include "postgres/type.h"

namespace weir::postgres {
namespace {

constexpr int32_t kLengthHeader = 4;  // PostgreSQL adds a varlena's header to lengths and precisions
constexpr int32_t kMaxNumericPrecision = 1000;
constexpr int32_t kMaxNumericScale = 1000;
constexpr int32_t kMaxLength = 10485760;
constexpr int32_t kMaxBits = kMaxLength * 8;
constexpr int32_t kMaxFraction = 6;
constexpr int32_t kScaleBits = 0x7FF;
constexpr int32_t kScaleSign = 0x400;
constexpr int32_t kPrecisionBits = 0xFFFF;

Status Invalid(std::string message, int position) {
  return Error(sqlstate::kInvalidParameterValue, std::move(message), {.position = position});
}

Result<int32_t> PackNumericModifiers(std::span<const int32_t> modifiers, int position) {
  if (modifiers.size() > 2) return Invalid("invalid NUMERIC type modifier", position);
  const NumericModifier numeric{modifiers[0], modifiers.size() > 1 ? modifiers[1] : 0};
  if (numeric.precision < 1 || numeric.precision > kMaxNumericPrecision) {
    return Invalid(
        fmt::format("NUMERIC precision {} must be between {} and {}", numeric.precision, 1, kMaxNumericPrecision),
        position);
  }
  if (numeric.scale < -kMaxNumericScale || numeric.scale > kMaxNumericScale) {
    return Invalid(fmt::format("NUMERIC scale {} must be between {} and {}", numeric.scale, -kMaxNumericScale,
                               kMaxNumericScale),
                   position);
  }
  return PackNumeric(numeric);
}

Result<int32_t> CheckedLength(std::span<const int32_t> modifiers, std::string_view type, int32_t limit, int position) {
  if (modifiers.size() != 1) return Invalid("invalid type modifier", position);
  const int32_t length = modifiers[0];
  if (length < 1) return Invalid(fmt::format("length for type {} must be at least 1", type), position);
  if (length > limit) return Invalid(fmt::format("length for type {} cannot exceed {}", type, limit), position);
  return length;
}

// More digits than a microsecond has become six, as PostgreSQL does with a warning.
Result<int32_t> PackFraction(std::span<const int32_t> modifiers, std::string_view name, std::string_view zone,
                             int position) {
  if (modifiers.size() != 1) return Invalid("invalid type modifier", position);
  if (modifiers[0] < 0) {
    return Invalid(fmt::format("{}({}){} precision must not be negative", name, modifiers[0], zone), position);
  }
  return std::min(modifiers[0], kMaxFraction);
}

enum IntervalField : int32_t {
  kMonth = 1 << 1,
  kYear = 1 << 2,
  kDay = 1 << 3,
  kHour = 1 << 10,
  kMinute = 1 << 11,
  kSecond = 1 << 12,
};

struct IntervalFields {
  int32_t fields;
  std::string_view text;
};

constexpr std::array kIntervalFields = {
    IntervalFields{kYear, " year"},
    IntervalFields{kMonth, " month"},
    IntervalFields{kDay, " day"},
    IntervalFields{kHour, " hour"},
    IntervalFields{kMinute, " minute"},
    IntervalFields{kSecond, " second"},
    IntervalFields{kYear | kMonth, " year to month"},
    IntervalFields{kDay | kHour, " day to hour"},
    IntervalFields{kDay | kHour | kMinute, " day to minute"},
    IntervalFields{kDay | kHour | kMinute | kSecond, " day to second"},
    IntervalFields{kHour | kMinute, " hour to minute"},
    IntervalFields{kHour | kMinute | kSecond, " hour to second"},
    IntervalFields{kMinute | kSecond, " minute to second"},
    IntervalFields{kIntervalAllFields, ""},
};

const IntervalFields* FindFields(int32_t fields) {
  const auto* found = std::ranges::find(kIntervalFields, fields, &IntervalFields::fields);
  return found == kIntervalFields.end() ? nullptr : found;
}

Result<int32_t> PackIntervalModifiers(std::span<const int32_t> modifiers, int position) {
  if (modifiers.size() > 2 || FindFields(modifiers[0]) == nullptr) {
    return Invalid("invalid INTERVAL type modifier", position);
  }
  if (modifiers.size() == 1) {
    if (modifiers[0] == kIntervalAllFields) return -1;
    return modifiers[0] << 16 | kIntervalFullPrecision;
  }
  if (modifiers[1] < 0) {
    return Invalid(fmt::format("INTERVAL({}) precision must not be negative", modifiers[1]), position);
  }
  return modifiers[0] << 16 | std::min(modifiers[1], kMaxFraction);
}

std::string IntervalText(int32_t modifier) {
  const IntervalModifier interval = UnpackInterval(modifier);
  const IntervalFields* fields = FindFields(interval.fields);
  std::string text(fields == nullptr ? "" : fields->text);
  if (interval.precision != kIntervalFullPrecision) text += fmt::format("({})", interval.precision);
  return text;
}

}  // namespace

Result<int32_t> PackModifiers(const Type& type, std::span<const int32_t> modifiers, int position) {
  if (modifiers.empty()) return -1;
  switch (type.oid) {
    case oid::kNumeric:
      return PackNumericModifiers(modifiers, position);
    case oid::kBpchar:
    case oid::kVarchar: {
      const std::string_view name = type.oid == oid::kBpchar ? "char" : "varchar";
      WEIR_ASSIGN_OR_RETURN(const int32_t length, CheckedLength(modifiers, name, kMaxLength, position));
      return PackLength(length);
    }
    case oid::kBit:
      return CheckedLength(modifiers, "bit", kMaxBits, position);
    case oid::kVarbit:
      return CheckedLength(modifiers, "varbit", kMaxBits, position);
    case oid::kTime:
      return PackFraction(modifiers, "TIME", "", position);
    case oid::kTimetz:
      return PackFraction(modifiers, "TIME", " WITH TIME ZONE", position);
    case oid::kTimestamp:
      return PackFraction(modifiers, "TIMESTAMP", "", position);
    case oid::kTimestamptz:
      return PackFraction(modifiers, "TIMESTAMP", " WITH TIME ZONE", position);
    case oid::kInterval:
      return PackIntervalModifiers(modifiers, position);
    default:  // OIDs are open
      return Error(sqlstate::kSyntaxError, fmt::format("type modifier is not allowed for type \"{}\"", type.name),
                   {.position = position});
  }
}

int32_t PackNumeric(NumericModifier numeric) {
  return (numeric.precision << 16 | (numeric.scale & kScaleBits)) + kLengthHeader;
}

int32_t PackLength(int32_t length) { return length + kLengthHeader; }

std::optional<NumericModifier> UnpackNumeric(int32_t modifier) {
  if (modifier < kLengthHeader) return std::nullopt;
  const int32_t packed = modifier - kLengthHeader;
  return NumericModifier{packed >> 16 & kPrecisionBits, ((packed & kScaleBits) ^ kScaleSign) - kScaleSign};
}

std::optional<int32_t> UnpackLength(int32_t modifier) {
  if (modifier < kLengthHeader) return std::nullopt;
  return modifier - kLengthHeader;
}

IntervalModifier UnpackInterval(int32_t modifier) {
  if (modifier < 0) return {kIntervalAllFields, kIntervalFullPrecision};
  return {modifier >> 16 & kIntervalAllFields, modifier & kPrecisionBits};
}

std::string FormatModifier(Oid type, int32_t modifier) {
  if (modifier < 0) return {};
  switch (type) {
    case oid::kNumeric: {
      const auto numeric = UnpackNumeric(modifier);
      return numeric ? fmt::format("({},{})", numeric->precision, numeric->scale) : "";
    }
    case oid::kBpchar:
    case oid::kVarchar: {
      const auto length = UnpackLength(modifier);
      return length && *length > 0 ? fmt::format("({})", *length) : "";
    }
    case oid::kBit:
    case oid::kVarbit:
    case oid::kTime:
    case oid::kTimetz:
    case oid::kTimestamp:
    case oid::kTimestamptz:
      return fmt::format("({})", modifier);
    case oid::kInterval:
      return IntervalText(modifier);
    case oid::kBool:
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kFloat4:
    case oid::kFloat8:
      return {};  // format_type() passes over theirs
    default:  // OIDs are open
      return fmt::format("({})", modifier);
  }
}

std::string FormatType(TypeRef type) {
  const Type* row = FindType(type.oid);
  if (row == nullptr) return type.oid == 0 ? "-" : "???";
  if (row->is_array() && row->storage != 'p') return FormatType({row->element, type.modifier}) + "[]";
  // Without a length these two are other types than what their spelling alone means.
  if (type.modifier < 0 && row->oid == oid::kBpchar) return "bpchar";
  if (type.modifier < 0 && row->oid == oid::kBit) return "\"bit\"";
  std::string spelling(row->spelling);
  const std::string modifier = FormatModifier(type.oid, type.modifier);
  const size_t zone = spelling.find(" with");  // "timestamp(3) without time zone"
  return zone == std::string::npos ? spelling + modifier : spelling.insert(zone, modifier);
}

std::string FormatType(Oid oid) {
  const Type* row = FindType(oid);
  if (row == nullptr) return oid == 0 ? "-" : "???";
  return std::string(row->spelling);
}

}  // namespace weir::postgres
