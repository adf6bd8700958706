#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "format/big_endian.h"
#include "model/hash_bytes.h"
#include "postgres/error.h"
#include "postgres/value/numeric.h"
#include "postgres/value/numeric_integer.h"
#include "postgres/value/plain_numeric.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNan = 0xC000;
constexpr uint16_t kInfinity = 0xD000;
constexpr uint16_t kMinusInfinity = 0xF000;
constexpr size_t kHeaderBytes = 8;

Status BadText(std::string_view text) { return InvalidSyntax("numeric", text); }

/// "NaN", "Infinity" or "inf" with its sign taken off.
std::optional<Numeric> ReadSpecial(std::string_view word, char sign) {
  if (sign == 0 && EqualsIgnoringCase(word, "nan")) return Numeric::Nan();
  if (EqualsIgnoringCase(word, "infinity") || EqualsIgnoringCase(word, "inf")) return Numeric::Infinity(sign == '-');
  return std::nullopt;
}

/// Reads digits on behind those of `value`; false where there are other characters.
bool AppendDigitsTo(std::string_view digits, Int128* value) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (; digits.size() >= sizeof(uint64_t); digits.remove_prefix(sizeof(uint64_t))) {
    uint64_t eight = 0;
    std::memcpy(&eight, digits.data(), sizeof eight);
    eight ^= kOnes * '0';
    if ((((eight + kOnes * (0x80 - 10)) | eight) & (kOnes << 7)) != 0) return false;
    *value = *value * 100'000'000 + static_cast<int64_t>(NumberOfEight(eight));
  }
  for (const char c : digits) {
    if (!IsDigit(c)) return false;
    *value = *value * 10 + (c - '0');
  }
  return true;
}

/// A sign perhaps, and up to 38 digits with a point before, behind or among them; nothing for all other texts.
std::optional<Numeric> ReadSmallNumeric(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() > size_t{kSmallDigits} + 1) return std::nullopt;
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  const size_t digits = point + fraction.size();
  if (digits == 0 || digits > size_t{kSmallDigits}) return std::nullopt;
  Int128 unscaled = 0;
  if (!AppendDigitsTo(text.substr(0, point), &unscaled) || !AppendDigitsTo(fraction, &unscaled)) return std::nullopt;
  return Numeric(negative ? -unscaled : unscaled, static_cast<int>(fraction.size()));
}

/// A number's parts as they are written.
struct Literal {
  std::string digits;  // without the point
  int fraction = 0;    // of them after the point
  int exponent = 0;
};

/// The exponent behind an "e"; blanks may stand before it, as C's strtol has it.
Result<int> ReadExponent(std::string_view text, std::string_view whole) {
  text = WithoutLeadingSpace(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || !IsDigit(text[0])) return BadText(whole);
  constexpr int kLimit = std::numeric_limits<int>::max() / 2;
  int exponent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (read.ec != std::errc() || exponent >= kLimit) return NumericOverflow();
  if (read.ptr != text.data() + text.size()) return BadText(whole);
  return negative ? -exponent : exponent;
}

Result<Literal> ReadLiteral(std::string_view text, std::string_view whole) {
  Literal literal;
  const size_t e = std::min(text.find_first_of("eE"), text.size());
  bool point = false;
  for (const char c : text.substr(0, e)) {
    if (c == '.' && !point) {
      point = true;
    } else if (IsDigit(c)) {
      literal.digits.push_back(c);
      literal.fraction += point ? 1 : 0;
    } else {
      return BadText(whole);
    }
  }
  if (literal.digits.empty()) return BadText(whole);
  if (e < text.size()) {
    WEIR_ASSIGN_OR_RETURN(literal.exponent, ReadExponent(text.substr(e + 1), whole));
  }
  return literal;
}

/// With a modifier, a literal that is beyond the format may still round to a number that is not.
Status FitToModifier(Literal* literal, int32_t modifier) {
  const int64_t excess = int64_t{literal->fraction} - literal->exponent - Numeric::kMaxScale;
  if (excess > 0) {  // no such digit decides how any declared scale rounds
    const auto kept = literal->digits.size() - std::min(literal->digits.size(), static_cast<size_t>(excess));
    literal->digits.erase(kept);
    literal->fraction = Numeric::kMaxScale;
    literal->exponent = 0;
  }
  const size_t first = literal->digits.find_first_not_of('0');
  if (first == std::string::npos) {
    *literal = Literal{.digits = "0"};
    return Status::OK();
  }
  const int64_t whole = static_cast<int64_t>(literal->digits.size() - first) - literal->fraction + literal->exponent;
  if (whole <= Numeric::kMaxIntegerDigits) return Status::OK();
  return ApplyNumericModifier(Numeric(BigInteger{PowerOfTen(2 * Numeric::kMaxPrecision)}, 0), modifier).status();
}

Result<Numeric> NumberOf(const Literal& literal, bool negative) {
  const int64_t scale = int64_t{literal.fraction} - literal.exponent;
  const size_t first = std::min(literal.digits.find_first_not_of('0'), literal.digits.size());
  const std::string_view digits = std::string_view(literal.digits).substr(first);
  if (scale > Numeric::kMaxScale) return NumericOverflow();
  if (digits.empty()) return Numeric(Int128{0}, static_cast<int>(std::max<int64_t>(scale, 0)));
  if (static_cast<int64_t>(digits.size()) - scale > Numeric::kMaxIntegerDigits) return NumericOverflow();
  if (scale >= 0 && digits.size() <= size_t{kSmallDigits}) {
    Int128 small = 0;
    for (const char c : digits) small = small * 10 + (c - '0');
    return Numeric(negative ? -small : small, static_cast<int>(scale));
  }
  mpz_class value(std::string(digits), 10);
  if (negative) value = -value;
  if (scale >= 0) return MakeNumeric(std::move(value), static_cast<int>(scale));
  return MakeNumeric(value * PowerOfTen(static_cast<int>(-scale)), 0);
}

/// The decimal digits of |unscaled|, at least one more than stand after the point.
std::string PaddedDigits(const mpz_class& unscaled, int scale) {
  std::string digits = mpz_class(abs(unscaled)).get_str();
  const auto least = static_cast<size_t>(scale) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  return digits;
}

Status BadBytes(std::string_view what) {
  return Error("22P03", fmt::format("invalid {} in external \"numeric\" value", what));
}

// A key: the class; for numbers other than 0 the exponent of the first digit, biased, and pairs of digits from it
// on, twice their value and one more in each but the last. Of negative numbers all that follows the class is
// complemented.
enum KeyClass : uint8_t { kKeyMinusInfinity, kKeyNegative, kKeyZero, kKeyPositive, kKeyInfinity, kKeyNan };
constexpr uint32_t kExponentBias = 1u << 20;
constexpr size_t kExponentBytes = 3;

KeyClass ClassOf(const Numeric& value) {
  switch (value.kind()) {
    case Numeric::Kind::kMinusInfinity: return kKeyMinusInfinity;
    case Numeric::Kind::kInfinity: return kKeyInfinity;
    case Numeric::Kind::kNan: return kKeyNan;
    case Numeric::Kind::kFinite: break;
  }
  return value.sign() < 0 ? kKeyNegative : value.sign() == 0 ? kKeyZero : kKeyPositive;
}

/// Of numbers whose unscaled integer fits 128 bits.
using SmallDigits = std::array<char, 39>;

/// The decimal digits of |value| at the end of `buffer`; of 0 none.
std::string_view DigitsOfSmall(Int128 value, SmallDigits* buffer) {
  auto left = value < 0 ? -static_cast<unsigned __int128>(value) : static_cast<unsigned __int128>(value);
  char* const end = buffer->data() + buffer->size();
  char* at = end;
  if (left > std::numeric_limits<uint64_t>::max()) {
    constexpr uint64_t kLow = 10'000'000'000'000'000'000u;  // of 19 digits
    auto low = static_cast<uint64_t>(left % kLow);
    left /= kLow;
    for (int i = 0; i < 19; ++i, low /= 10) *--at = static_cast<char>('0' + low % 10);
  }
  auto rest = static_cast<uint64_t>(left);
  for (; rest >= 100; rest /= 100) {
    const uint64_t pair = rest % 100;
    *--at = static_cast<char>('0' + pair % 10);
    *--at = static_cast<char>('0' + pair / 10);
  }
  for (; rest != 0; rest /= 10) *--at = static_cast<char>('0' + rest % 10);
  return {at, static_cast<size_t>(end - at)};
}

void AppendKeyDigits(const Numeric& value, std::string* out) {
  const size_t start = out->size();
  SmallDigits buffer;
  std::string large;
  std::string_view digits;
  if (const auto small = value.small()) {
    digits = DigitsOfSmall(*small, &buffer);
  } else {
    large = mpz_class(abs(value.unscaled().value)).get_str();
    digits = large;
  }
  const auto exponent = static_cast<uint32_t>(static_cast<int>(digits.size()) - 1 - value.scale()) + kExponentBias;
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  out->resize(start + kExponentBytes + (digits.size() + 1) / 2);
  char* at = out->data() + start;
  for (size_t i = kExponentBytes; i-- > 0;) *at++ = static_cast<char>(exponent >> (8 * i));
  for (size_t i = 0; i < digits.size(); i += 2) {
    const int pair = (digits[i] - '0') * 10 + (i + 1 < digits.size() ? digits[i + 1] - '0' : 0);
    *at++ = static_cast<char>(pair * 2 + (i + 2 < digits.size() ? 1 : 0));
  }
  if (value.sign() > 0) return;
  for (size_t i = start; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
}

/// Of a number other than 0.
int DecimalDigits(uint64_t value) {
  int digits = 1;
  for (uint64_t power = 10; digits < 20 && value >= power; power *= 10) ++digits;
  return digits;
}

Status BadKey() { return Error("XX001", "not the key of a numeric"); }

/// The unscaled integer of a whole key where it is plain to see that it fits 128 bits; the long way knows what else it
/// is.
std::optional<Int128> SmallOfKey(std::string_view bytes, bool negative, int scale) {
  constexpr size_t kPairs = 19;
  if (bytes.size() <= kExponentBytes || bytes.size() > kExponentBytes + kPairs) return std::nullopt;
  const uint8_t mask = negative ? 0xFF : 0;
  const auto at = [&](size_t i) { return static_cast<uint8_t>(static_cast<uint8_t>(bytes[i]) ^ mask); };
  const int exponent = (at(0) << 16 | at(1) << 8 | at(2)) - static_cast<int>(kExponentBias);
  const int64_t count = int64_t{exponent} + 1 + scale;
  const auto read = static_cast<int64_t>(2 * (bytes.size() - kExponentBytes));
  if (count < read - 1 || count > kSmallDigits) return std::nullopt;
  Int128 value = 0;
  const size_t last = bytes.size() - 1;
  for (size_t i = kExponentBytes; i < last; ++i) {
    const uint8_t byte = at(i);
    if (byte >= 200 || byte % 2 == 0) return std::nullopt;
    value = value * 100 + byte / 2;
  }
  const uint8_t byte = at(last);
  if (byte >= 200 || byte % 2 != 0) return std::nullopt;
  if (count == read - 1) {  // a zero was added to the last digit
    if (byte / 2 % 10 != 0) return std::nullopt;
    value = value * 10 + byte / 20;
  } else {
    value = (value * 100 + byte / 2) * SmallPowerOfTen(static_cast<int>(count - read));
  }
  return negative ? -value : value;
}

/// What a key says of a number: 0.d₁d₂… · 10^(exponent + 1).
struct KeyDigits {
  int exponent = 0;
  std::string digits;
};

Result<KeyDigits> DigitsOfKey(std::string_view bytes, bool negative) {
  if (bytes.size() <= kExponentBytes) return BadKey();
  const auto at = [&](size_t i) {
    const auto byte = static_cast<uint8_t>(bytes[i]);
    return static_cast<uint8_t>(negative ? ~byte : byte);
  };
  uint32_t biased = 0;
  for (size_t i = 0; i < kExponentBytes; ++i) biased = biased << 8 | at(i);
  KeyDigits key{static_cast<int>(biased) - static_cast<int>(kExponentBias), {}};
  for (size_t i = kExponentBytes; i < bytes.size(); ++i) {
    const int byte = at(i);
    const bool more = i + 1 < bytes.size();
    if (byte >= 200 || (byte % 2 != 0) != more) return BadKey();
    key.digits.push_back(static_cast<char>('0' + byte / 20));
    key.digits.push_back(static_cast<char>('0' + byte / 2 % 10));
  }
  return key;
}

Result<Numeric> NumberOf(KeyDigits key, bool negative, int scale) {
  auto& [exponent, digits] = key;
  // The digits that the scale asks for: zeros were dropped, and one may have been added.
  const int64_t count = int64_t{exponent} + 1 + scale;
  if (count < 1 || count > Numeric::kMaxIntegerDigits + Numeric::kMaxScale) return BadKey();
  if (digits.find_first_not_of('0', std::min<size_t>(digits.size(), static_cast<size_t>(count))) != std::string::npos) {
    return BadKey();
  }
  digits.resize(static_cast<size_t>(count), '0');
  mpz_class value(digits, 10);
  return MakeNumeric(negative ? mpz_class(-value) : value, scale);
}

Numeric OfPrinted(double value, int digits) {
  if (std::isnan(value)) return Numeric::Nan();
  if (std::isinf(value)) return Numeric::Infinity(value < 0);
  Result<Numeric> read = ReadNumeric(fmt::format("{:.{}g}", value, digits));
  return read.ok() ? *std::move(read) : Numeric::Nan();  // every finite double is a numeric
}

}  // namespace

Result<Numeric> ReadNumeric(std::string_view text, int32_t modifier) {
  if (modifier < 0) {
    if (const auto plain = ReadPlainNumeric(text)) return Numeric(Int128{plain->unscaled}, plain->scale);
    if (auto small = ReadSmallNumeric(text)) return *std::move(small);
  }
  std::string_view body = Trimmed(text);
  char sign = 0;
  if (body.starts_with('-') || body.starts_with('+')) {
    sign = body[0];
    body.remove_prefix(1);
  }
  if (const std::optional<Numeric> special = ReadSpecial(body, sign)) return ApplyNumericModifier(*special, modifier);
  WEIR_ASSIGN_OR_RETURN(Literal literal, ReadLiteral(body, text));
  if (modifier >= 0) WEIR_RETURN_NOT_OK(FitToModifier(&literal, modifier));
  WEIR_ASSIGN_OR_RETURN(const Numeric value, NumberOf(literal, sign == '-'));
  return ApplyNumericModifier(value, modifier);
}

void AppendDecimal(Int128 unscaled, int scale, std::string* out) {
  char reversed[64];
  int size = 0;
  auto left = unscaled < 0 ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  while (left > std::numeric_limits<uint64_t>::max()) {
    reversed[size++] = static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  }
  for (auto low = static_cast<uint64_t>(left); low != 0; low /= 10) {
    reversed[size++] = static_cast<char>('0' + static_cast<int>(low % 10));
  }
  if (size == 0) reversed[size++] = '0';
  if (unscaled < 0) out->push_back('-');
  if (size <= scale) {
    *out += "0.";
    out->append(static_cast<size_t>(scale - size), '0');
    scale = 0;  // the point is written
  }
  while (size > 0) {
    out->push_back(reversed[--size]);
    if (size == scale && scale > 0) out->push_back('.');
  }
  if (scale < 0 && unscaled != 0) out->append(static_cast<size_t>(-scale), '0');
}

void AppendNumeric(const Numeric& value, std::string* out) {
  switch (value.kind()) {
    case Numeric::Kind::kNan: *out += "NaN"; return;
    case Numeric::Kind::kInfinity: *out += "Infinity"; return;
    case Numeric::Kind::kMinusInfinity: *out += "-Infinity"; return;
    case Numeric::Kind::kFinite: break;
  }
  if (const auto small = value.small()) return AppendDecimal(*small, value.scale(), out);
  const std::string digits = PaddedDigits(value.unscaled().value, value.scale());
  const size_t whole = digits.size() - static_cast<size_t>(value.scale());
  if (value.sign() < 0) out->push_back('-');
  out->append(digits, 0, whole);
  if (value.scale() == 0) return;
  out->push_back('.');
  out->append(digits, whole);
}

NumericDigits DigitsOf(const Numeric& finite) {
  NumericDigits result{.negative = finite.sign() < 0, .weight = 0, .digits = {}};
  if (finite.sign() == 0) return result;
  std::string digits = PaddedDigits(finite.unscaled().value, finite.scale());
  const size_t whole = digits.size() - static_cast<size_t>(finite.scale());
  const size_t before = (kDigitsPerWord - whole % kDigitsPerWord) % kDigitsPerWord;
  digits.insert(0, before, '0');
  result.weight = static_cast<int>((whole + before) / kDigitsPerWord) - 1;
  digits.append((kDigitsPerWord - digits.size() % kDigitsPerWord) % kDigitsPerWord, '0');
  for (size_t at = 0; at < digits.size(); at += kDigitsPerWord) {
    int word = 0;
    for (const char c : std::string_view(digits).substr(at, kDigitsPerWord)) word = word * 10 + (c - '0');
    if (word == 0 && result.digits.empty()) --result.weight;
    else result.digits.push_back(static_cast<int16_t>(word));
  }
  while (result.digits.back() == 0) result.digits.pop_back();
  return result;
}

void AppendNumericBinary(const Numeric& value, std::string* out) {
  uint16_t sign = 0;
  switch (value.kind()) {
    case Numeric::Kind::kNan: sign = kNan; break;
    case Numeric::Kind::kInfinity: sign = kInfinity; break;
    case Numeric::Kind::kMinusInfinity: sign = kMinusInfinity; break;
    case Numeric::Kind::kFinite: sign = value.sign() < 0 ? kNegative : 0; break;
  }
  const NumericDigits number = value.is_finite() ? DigitsOf(value) : NumericDigits();
  AppendBigEndian(static_cast<uint16_t>(number.digits.size()), out);
  AppendBigEndian(static_cast<int16_t>(number.weight), out);
  AppendBigEndian(sign, out);
  // PostgreSQL sends the infinities with a scale of 32 (0x20), which is a piece of its storage's header.
  AppendBigEndian(static_cast<uint16_t>(value.is_infinite() ? 0x20 : value.scale()), out);
  for (const int16_t digit : number.digits) AppendBigEndian(digit, out);
}

Result<Numeric> ReadNumericBinary(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Error("08P01", "insufficient data left in message");
  const auto count = LoadBigEndian<uint16_t>(bytes);
  const int weight = LoadBigEndian<int16_t>(bytes.substr(2));
  const auto sign = LoadBigEndian<uint16_t>(bytes.substr(4));
  const auto scale = LoadBigEndian<uint16_t>(bytes.substr(6));
  if (sign != 0 && sign != kNegative && sign != kNan && sign != kInfinity && sign != kMinusInfinity) {
    return BadBytes("sign");
  }
  if (scale > Numeric::kMaxScale) return BadBytes("scale");
  if (bytes.size() < kHeaderBytes + 2 * size_t{count}) return Error("08P01", "insufficient data left in message");
  if (bytes.size() > kHeaderBytes + 2 * size_t{count}) return Error("22P03", "incorrect binary data format");
  std::string digits;
  for (size_t i = 0; i < count; ++i) {
    const auto digit = LoadBigEndian<int16_t>(bytes.substr(kHeaderBytes + 2 * i));
    if (digit < 0 || digit > 9999) return BadBytes("digit");
    for (int by = 1000; by > 0; by /= 10) digits.push_back(static_cast<char>('0' + digit / by % 10));
  }
  if (sign == kNan) return Numeric::Nan();
  if (sign == kInfinity || sign == kMinusInfinity) return Numeric::Infinity(sign == kMinusInfinity);
  if (digits.empty()) return Numeric(Int128{0}, scale);
  // The digits have this scale; the one that is said cuts them.
  const int written = (count - 1 - weight) * kDigitsPerWord;
  mpz_class value(digits, 10);
  if (scale >= written) value *= PowerOfTen(scale - written);
  else value /= PowerOfTen(written - scale);
  return MakeNumeric(sign == kNegative ? mpz_class(-value) : value, scale);
}

void AppendNumericKey(const Numeric& value, std::string* out) {
  const KeyClass of = ClassOf(value);
  out->push_back(static_cast<char>(of));
  if (of == kKeyNegative || of == kKeyPositive) AppendKeyDigits(value, out);
  AppendBigEndian(static_cast<uint16_t>(value.scale()), out);
}

size_t WritePlainKey(const PlainNumeric& number, char* out) {
  char* at = out;
  const bool negative = number.unscaled < 0;
  auto left = static_cast<uint64_t>(negative ? -number.unscaled : number.unscaled);
  *at++ = left == 0 ? kKeyZero : negative ? kKeyNegative : kKeyPositive;
  if (left != 0) {
    const auto exponent = static_cast<uint32_t>(DecimalDigits(left) - 1 - number.scale) + kExponentBias;
    for (size_t i = kExponentBytes; i-- > 0;) *at++ = static_cast<char>(exponent >> (8 * i));
    while (left % 10 == 0) left /= 10;
    const int digits = DecimalDigits(left);
    if (digits % 2 != 0) left *= 10;
    const int pairs = (digits + 1) / 2;
    for (int i = pairs; i-- > 0; left /= 100) at[i] = static_cast<char>(left % 100 * 2 + (i + 1 < pairs ? 1 : 0));
    at += pairs;
    if (negative) std::transform(out + 1, at, out + 1, [](char byte) { return static_cast<char>(~byte); });
  }
  *at++ = static_cast<char>(number.scale >> 8);
  *at++ = static_cast<char>(number.scale);
  return static_cast<size_t>(at - out);
}

Result<Numeric> ReadNumericKey(std::string_view key) {
  if (key.size() < 1 + kNumericKeyScaleBytes) return BadKey();
  const int scale = LoadBigEndian<uint16_t>(key.substr(key.size() - kNumericKeyScaleBytes));
  const std::string_view digits = key.substr(1, key.size() - 1 - kNumericKeyScaleBytes);
  const auto of = static_cast<uint8_t>(key[0]);
  if (scale > Numeric::kMaxScale || of > kKeyNan) return BadKey();
  if (of == kKeyNegative || of == kKeyPositive) {
    if (const auto small = SmallOfKey(digits, of == kKeyNegative, scale)) return Numeric(*small, scale);
    WEIR_ASSIGN_OR_RETURN(KeyDigits read, DigitsOfKey(digits, of == kKeyNegative));
    return NumberOf(std::move(read), of == kKeyNegative, scale);
  }
  if (!digits.empty() || (of != kKeyZero && scale != 0)) return BadKey();
  if (of == kKeyZero) return Numeric(Int128{0}, scale);
  return of == kKeyNan ? Numeric::Nan() : Numeric::Infinity(of == kKeyMinusInfinity);
}

Result<Numeric> ReadNumericOrder(std::string_view order) {
  const auto of = order.empty() ? uint8_t{0} : static_cast<uint8_t>(order[0]);
  if (of != kKeyNegative && of != kKeyPositive) {
    return ReadNumericKey(std::string(order) + std::string(kNumericKeyScaleBytes, '\0'));
  }
  WEIR_ASSIGN_OR_RETURN(KeyDigits read, DigitsOfKey(order.substr(1), of == kKeyNegative));
  const int decimals = static_cast<int>(read.digits.size()) - read.exponent - 1;
  WEIR_ASSIGN_OR_RETURN(const Numeric number, NumberOf(std::move(read), of == kKeyNegative, std::max(decimals, 0)));
  return TrimScale(number);
}

Result<std::string> WithoutLastZeros(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const Numeric number, ReadNumeric(text));
  std::string shortest;
  AppendNumeric(TrimScale(number), &shortest);
  return shortest;
}

uint64_t HashNumeric(const Numeric& value, uint64_t seed) {
  if (!value.is_finite()) return seed;
  const NumericDigits number = DigitsOf(value);
  if (number.digits.empty()) return seed - 1;
  const std::string_view bytes(reinterpret_cast<const char*>(number.digits.data()),
                               number.digits.size() * sizeof(int16_t));
  return HashBytes(bytes, seed) ^ static_cast<uint64_t>(int64_t{number.weight});
}

Numeric NumericOfDouble(double value) { return OfPrinted(value, std::numeric_limits<double>::digits10); }
Numeric NumericOfFloat(float value) { return OfPrinted(value, std::numeric_limits<float>::digits10); }

Result<double> DoubleOf(const Numeric& value) {
  constexpr Int128 kExact = Int128{1} << 53;
  constexpr int kExactPower = 22;  // both sides of the quotient are doubles, so it is the nearest one
  const auto small = value.small();
  if (small && *small <= kExact && *small >= -kExact && value.scale() <= kExactPower) {
    return static_cast<double>(*small) / static_cast<double>(SmallPowerOfTen(value.scale()));
  }
  std::string text;
  AppendNumeric(value, &text);
  const double result = std::strtod(text.c_str(), nullptr);
  const bool overflow = std::isinf(result) && value.is_finite();
  const bool underflow = result == 0 && value.sign() != 0;
  if (overflow || underflow)
    return Error("22003", fmt::format("\"{}\" is out of range for type double precision", text));
  return result;
}

Result<float> FloatOf(const Numeric& value) {
  std::string text;
  AppendNumeric(value, &text);
  const float result = std::strtof(text.c_str(), nullptr);
  const bool overflow = std::isinf(result) && value.is_finite();
  const bool underflow = result == 0 && value.sign() != 0;
  if (overflow || underflow) return Error("22003", fmt::format("\"{}\" is out of range for type real", text));
  return result;
}

}  // namespace weir::postgres
