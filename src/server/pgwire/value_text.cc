#include "server/pgwire/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace weir::pgwire {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

template <typename T>
void AppendNumber(T value, std::string* out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out->append(digits, end);
}

void AppendPadded(int64_t value, size_t width, std::string* out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  const auto size = static_cast<size_t>(end - digits);
  if (size < width) out->append(width - size, '0');
  out->append(digits, size);
}

int64_t FloorDivide(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

struct CivilDate {
  int64_t year;
  int month;
  int day;
};

/// Gregorian date of a day since 1970. Counts in eras of 400 years that begin on a 1 March.
CivilDate CivilOf(int64_t days) {
  constexpr int64_t kEraDays = 146'097;
  const int64_t shifted = days + 719'468;  // since 0000-03-01
  const int64_t era = FloorDivide(shifted, kEraDays);
  const int64_t day_of_era = shifted - era * kEraDays;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1);
  const auto month = static_cast<int>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {.year = era * 400 + year_of_era + (month <= 2 ? 1 : 0), .month = month, .day = day};
}

/// Returns whether the year lies before Christ, which is said after the time.
bool AppendDay(int64_t days, std::string* out) {
  const CivilDate date = CivilOf(days);
  const bool before_christ = date.year <= 0;
  AppendPadded(before_christ ? 1 - date.year : date.year, 4, out);
  out->push_back('-');
  AppendPadded(date.month, 2, out);
  out->push_back('-');
  AppendPadded(date.day, 2, out);
  return before_christ;
}

void AppendClock(int64_t microseconds, std::string* out) {
  AppendPadded(microseconds / kHour, 2, out);
  out->push_back(':');
  AppendPadded(microseconds % kHour / kMinute, 2, out);
  out->push_back(':');
  AppendPadded(microseconds % kMinute / kSecond, 2, out);
  const int64_t fraction = microseconds % kSecond;
  if (fraction == 0) return;
  out->push_back('.');
  AppendPadded(fraction, 6, out);
  while (out->back() == '0') out->pop_back();
}

/// False for the infinities, which are written.
bool IsFinite(int64_t value, int64_t infinity, std::string* out) {
  if (value < infinity && value > -infinity) return true;
  *out += value > 0 ? "infinity" : "-infinity";
  return false;
}

bool AppendMoment(int64_t microseconds, std::string* out) {
  const int64_t day = FloorDivide(microseconds, kDay);
  const bool before_christ = AppendDay(day, out);
  out->push_back(' ');
  AppendClock(microseconds - day * kDay, out);
  return before_christ;
}

void AppendOffset(int32_t offset, std::string* out) {
  out->push_back(offset < 0 ? '-' : '+');
  const int32_t size = std::abs(offset);
  AppendPadded(size / 3600, 2, out);
  if (size % 3600 == 0) return;
  out->push_back(':');
  AppendPadded(size % 3600 / 60, 2, out);
  if (size % 60 == 0) return;
  out->push_back(':');
  AppendPadded(size % 60, 2, out);
}

/// `scientific` ("d.ddde±xx") as PostgreSQL lays it out: in full from 10^-4 to below 10^`digits`.
void AppendLaidOut(std::string_view scientific, int digits, std::string* out) {
  const size_t e = scientific.find('e');
  const int exponent = std::atoi(std::string(scientific.substr(e + 1)).c_str());
  if (exponent < -4 || exponent >= digits) {
    *out += scientific;
    return;
  }
  if (scientific[0] == '-') out->push_back('-');
  std::string all;
  for (const char c : scientific.substr(0, e)) {
    if (c >= '0' && c <= '9') all.push_back(c);
  }
  const auto whole = static_cast<size_t>(exponent + 1);
  if (exponent < 0) {
    *out += "0.";
    out->append(static_cast<size_t>(-exponent - 1), '0');
    *out += all;
  } else if (all.size() <= whole) {
    *out += all;
    out->append(whole - all.size(), '0');
  } else {
    out->append(all, 0, whole);
    out->push_back('.');
    out->append(all, whole);
  }
}

template <typename T>
void AppendFloating(T value, int extra_digits, int digits, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
  } else if (std::isinf(value)) {
    *out += value > 0 ? "Infinity" : "-Infinity";
  } else if (extra_digits < 1) {
    char text[64];
    const int size = std::snprintf(text, sizeof(text), "%.*g", std::max(1, digits + extra_digits), double{value});
    out->append(text, static_cast<size_t>(size));
  } else {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
    AppendLaidOut({text, static_cast<size_t>(end - text)}, digits, out);
  }
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool EqualsNull(std::string_view text) {
  constexpr std::string_view kNull = "null";
  return text.size() == 4 && std::equal(text.begin(), text.end(), kNull.begin(), [](char a, char b) { return (a | 32) == b; });
}

}  // namespace

void AppendInteger(int64_t value, std::string* out) { AppendNumber(value, out); }
void AppendUnsigned(uint64_t value, std::string* out) { AppendNumber(value, out); }
void AppendDouble(double value, int extra_digits, std::string* out) { AppendFloating(value, extra_digits, 15, out); }
void AppendFloat(float value, int extra_digits, std::string* out) { AppendFloating(value, extra_digits, 6, out); }

void AppendDecimal(Int128 value, int scale, std::string* out) {
  char reversed[64];
  int size = 0;
  unsigned __int128 left = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  while (left > std::numeric_limits<uint64_t>::max()) {
    reversed[size++] = static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  }
  for (auto low = static_cast<uint64_t>(left); low != 0; low /= 10) {
    reversed[size++] = static_cast<char>('0' + static_cast<int>(low % 10));
  }
  while (size <= scale) reversed[size++] = '0';
  if (value < 0) out->push_back('-');
  while (size > 0) {
    out->push_back(reversed[--size]);
    if (size == scale && scale > 0) out->push_back('.');
  }
  if (scale < 0 && value != 0) out->append(static_cast<size_t>(-scale), '0');
}

void AppendHexBytes(std::string_view bytes, std::string* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : bytes) {
    out->push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    out->push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
}

void AppendDate(int64_t days, std::string* out) {
  if (!IsFinite(days, std::numeric_limits<int32_t>::max(), out)) return;
  if (AppendDay(days, out)) *out += " BC";
}

void AppendTime(int64_t microseconds, std::string* out) { AppendClock(microseconds, out); }

void AppendTimestamp(int64_t microseconds, std::string* out) {
  if (!IsFinite(microseconds, std::numeric_limits<int64_t>::max(), out)) return;
  if (AppendMoment(microseconds, out)) *out += " BC";
}

void AppendTimestamptz(int64_t microseconds, const TimeZone* zone, std::string* out) {
  if (!IsFinite(microseconds, std::numeric_limits<int64_t>::max(), out)) return;
  const int32_t offset = zone == nullptr ? 0 : zone->OffsetAt(FloorDivide(microseconds, kSecond));
  int64_t local = 0;
  if (__builtin_add_overflow(microseconds, offset * kSecond, &local)) local = microseconds;
  const bool before_christ = AppendMoment(local, out);
  AppendOffset(local == microseconds ? 0 : offset, out);
  if (before_christ) *out += " BC";
}

void AppendInterval(int32_t months, int32_t days, int64_t microseconds, std::string* out) {
  bool first = true;
  bool after_negative = false;
  const auto part = [&](int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (!first) out->push_back(' ');
    if (after_negative && value > 0) out->push_back('+');
    AppendInteger(value, out);
    out->push_back(' ');
    *out += unit;
    if (value != 1) out->push_back('s');
    first = false;
    after_negative = value < 0;
  };
  part(months / 12, "year");
  part(months % 12, "mon");
  part(days, "day");
  if (microseconds == 0 && !first) return;
  if (!first) out->push_back(' ');
  if (microseconds < 0) out->push_back('-');
  else if (after_negative) out->push_back('+');
  // The smallest number has no negative of its own.
  const int64_t size = microseconds == std::numeric_limits<int64_t>::min() ? std::numeric_limits<int64_t>::max()
                                                                           : std::abs(microseconds);
  AppendClock(size, out);
}

void AppendUuid(std::string_view bytes, std::string* out) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out->push_back('-');
    AppendHexBytes(bytes.substr(i, 1), out);
  }
}

void AppendArrayElement(std::string_view text, std::string* out) {
  const bool plain = !text.empty() && !EqualsNull(text) && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || IsSpace(c);
  });
  if (plain) {
    *out += text;
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    out->push_back(c);
  }
  out->push_back('"');
}

void AppendRecordField(std::string_view text, std::string* out) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || IsSpace(c);
  });
  if (plain) {
    *out += text;
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back(c);
    out->push_back(c);
  }
  out->push_back('"');
}

}  // namespace weir::pgwire
