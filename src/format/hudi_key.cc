#include "format/hudi_key.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "format/row_bytes.h"

namespace weir {
namespace {

constexpr std::string_view kNullText = "__null__";
constexpr std::string_view kEmptyText = "__empty__";

// Reads one character; malformed UTF-8 counts as U+FFFD, a byte at a time.
uint32_t NextCharacter(std::string_view* text) {
  const auto first = static_cast<uint8_t>(text->front());
  const int length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  uint32_t character = length == 1 ? first : first & (0xFFu >> (length + 1));
  bool valid = length > 0 && text->size() >= static_cast<size_t>(length);
  for (int i = 1; valid && i < length; ++i) {
    const auto byte = static_cast<uint8_t>((*text)[i]);
    valid = byte >> 6 == 2;
    character = character << 6 | (byte & 0x3F);
  }
  text->remove_prefix(valid ? length : 1);
  return valid ? character : 0xFFFD;
}

// Java's String.hashCode counts UTF-16 code units.
uint32_t JavaHash(std::string_view utf8) {
  uint32_t hash = 0;
  while (!utf8.empty()) {
    const uint32_t character = NextCharacter(&utf8);
    if (character < 0x10000) {
      hash = 31 * hash + character;
    } else {
      hash = 31 * hash + (0xD800 + ((character - 0x10000) >> 10));
      hash = 31 * hash + (0xDC00 + ((character - 0x10000) & 0x3FF));
    }
  }
  return hash;
}

std::string DecimalText(__int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  std::string text;
  for (int digits = 0; rest != 0 || digits <= scale; ++digits, rest /= 10) {
    if (digits == scale && scale > 0) text += '.';
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (negative) text += '-';
  std::ranges::reverse(text);
  return text;
}

// Java writes plain digits from 1e-3 up to 1e7 and a mantissa with exponent elsewhere.
template <typename T>
std::string FloatText(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const T magnitude = std::fabs(value);
  const bool plain = value == 0 || (magnitude >= T{1e-3} && magnitude < T{1e7});
  char buffer[64];
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;
  const size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return mantissa + "E" + std::to_string(std::stoi(text.substr(e + 1)));
}

std::string Padded(int64_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

std::string DateText(int64_t days_since_epoch) {
  // Years start in March here, so that the leap day is their last; 400 of them have 146,097 days.
  const int64_t days = days_since_epoch + 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * march_month + 2) / 5 + 1;
  const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  const int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  const std::string_view sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return std::string(sign) + Padded(std::abs(year), 4) + "-" + Padded(month, 2) + "-" + Padded(day, 2);
}

std::string FractionText(int64_t nanos) {
  if (nanos == 0) return "";
  if (nanos % 1'000'000 == 0) return "." + Padded(nanos / 1'000'000, 3);
  if (nanos % 1000 == 0) return "." + Padded(nanos / 1000, 6);
  return "." + Padded(nanos, 9);
}

std::string TimestampText(const Datum::Time& time, bool instant) {
  constexpr int64_t kMillisPerDay = 86'400'000;
  int64_t days = time.millis / kMillisPerDay;
  int64_t millis = time.millis % kMillisPerDay;
  if (millis < 0) {
    --days;
    millis += kMillisPerDay;
  }
  const int64_t seconds = millis / 1000;
  const int64_t nanos = millis % 1000 * 1'000'000 + time.nanos;
  std::string text = DateText(days) + "T" + Padded(seconds / 3600, 2) + ":" + Padded(seconds / 60 % 60, 2);
  // A local time leaves seconds out when there are none, an instant never does.
  if (instant || seconds % 60 != 0 || nanos != 0) text += ":" + Padded(seconds % 60, 2) + FractionText(nanos);
  return instant ? text + "Z" : text;
}

Status CheckCompositeText(int column, std::string_view text) {
  if (text.find(',') == std::string_view::npos && text != kNullText && text != kEmptyText) return Status::OK();
  return Status::Invalid("key column " + std::to_string(column) + " is '" + std::string(text) +
                         "': a Hudi key of several columns holds no ',' and neither '__null__' nor '__empty__'");
}

}  // namespace

std::string HudiKeyText(const DataType& type, const Datum& value) {
  switch (type.id()) {
    case TypeId::kBoolean: return value.as_bool() ? "true" : "false";
    case TypeId::kFloat: return FloatText(static_cast<float>(value.as_double()));
    case TypeId::kDouble: return FloatText(value.as_double());
    case TypeId::kDecimal: return DecimalText(value.as_decimal(), type.scale());
    case TypeId::kTimestamp: return TimestampText(value.time, false);
    case TypeId::kTimestampLtz: return TimestampText(value.time, true);
    case TypeId::kChar:
    case TypeId::kString: return std::string(value.as_bytes());
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
  return std::to_string(value.as_int());
}

Status EncodeHudiKey(const std::vector<DataType>& types, const std::vector<int>& columns, RowView row,
                     std::string* out) {
  const bool composite = columns.size() > 1;
  uint32_t hash = 1;
  for (const int column : columns) {
    const Datum& value = row[column];
    uint32_t element = 0;
    if (!value.is_null()) {
      const std::string text = HudiKeyText(types[column], value);
      if (composite) WEIR_RETURN_NOT_OK(CheckCompositeText(column, text));
      element = JavaHash(text);
    } else if (!composite) {
      element = JavaHash(kNullText);
    }
    hash = 31 * hash + element;
  }
  char bytes[4];
  StoreAs(bytes, __builtin_bswap32(hash));
  out->append(bytes, sizeof bytes);
  return Status::OK();
}

}  // namespace weir
