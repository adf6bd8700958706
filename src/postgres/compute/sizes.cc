#include "postgres/compute/sizes.h"

#include <fmt/format.h>

#include <array>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

/// A unit is shown up to its limit; all but the first one are counted in halves and rounded.
struct SizeUnit {
  std::string_view name;
  int64_t limit;
  int bits;
};
constexpr std::array kSizeUnits = {SizeUnit{"bytes", 10 * 1024, 0},   SizeUnit{"kB", 20 * 1024 - 1, 10},
                                   SizeUnit{"MB", 20 * 1024 - 1, 20}, SizeUnit{"GB", 20 * 1024 - 1, 30},
                                   SizeUnit{"TB", 20 * 1024 - 1, 40}, SizeUnit{"PB", 20 * 1024 - 1, 50}};

Status InvalidSize(std::string_view text, std::string detail = {}, std::string hint = {}) {
  return Error("22023", fmt::format("invalid size: \"{}\"", text),
               {.detail = std::move(detail), .hint = std::move(hint)});
}

/// Sign, digits, fraction and exponent that the text begins with; 0 where it begins with no number.
size_t NumberLength(std::string_view text) {
  size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const size_t begin = at;
  while (at < text.size() && IsDigit(text[at])) ++at;
  bool digits = at > begin;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = ++at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    digits |= at > fraction;
  }
  if (!digits) return 0;
  if (at < text.size() && ToLower(text[at]) == 'e') {
    size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
    const size_t first = exponent;
    while (exponent < text.size() && IsDigit(text[exponent])) ++exponent;
    if (exponent > first) at = exponent;
  }
  return at;
}

constexpr std::array<std::string_view, 42> kEncodings = {
    "SQL_ASCII", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "EUC_JIS_2004", "UTF8", "MULE_INTERNAL", "LATIN1", "LATIN2",
    "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9", "LATIN10", "WIN1256", "WIN1258", "WIN866",
    "WIN874", "KOI8R", "WIN1251", "WIN1252", "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "WIN1250",
    "WIN1253", "WIN1254", "WIN1255", "WIN1257", "KOI8U", "SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB",
    "SHIFT_JIS_2004"};

std::string LettersAndDigits(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (IsLetter(c) || IsDigit(c)) plain += ToLower(c);
  }
  return plain;
}

}  // namespace

Result<std::string> PrettySize(Numeric bytes) {
  const Numeric two(int64_t{2});
  for (size_t i = 0;; ++i) {
    const SizeUnit& unit = kSizeUnits[i];
    if (i + 1 == kSizeUnits.size() || Abs(bytes) < Numeric(unit.limit)) {
      if (i > 0) {
        const Numeric one(int64_t{bytes.sign() < 0 ? -1 : 1});
        WEIR_ASSIGN_OR_RETURN(const Numeric twice, Add(bytes, one));
        WEIR_ASSIGN_OR_RETURN(bytes, DivideWhole(twice, two));
      }
      std::string text;
      AppendNumeric(bytes, &text);
      return fmt::format("{} {}", text, unit.name);
    }
    const int bits = kSizeUnits[i + 1].bits - unit.bits - 1 + (i > 0 ? 1 : 0);
    WEIR_ASSIGN_OR_RETURN(bytes, DivideWhole(bytes, Numeric(int64_t{1} << bits)));
  }
}

Result<int64_t> BytesOfSize(std::string_view text) {
  const std::string_view left = WithoutLeadingSpace(text);
  const size_t length = NumberLength(left);
  if (length == 0) return InvalidSize(text);
  WEIR_ASSIGN_OR_RETURN(Numeric number, ReadNumeric(left.substr(0, length)));
  const std::string_view name = Trimmed(left.substr(length));
  const SizeUnit* found = name.empty() ? &kSizeUnits[0] : nullptr;
  for (const SizeUnit& unit : kSizeUnits) {
    if (EqualsIgnoringCase(name, Lowered(unit.name))) found = &unit;
  }
  if (EqualsIgnoringCase(name, "b")) found = &kSizeUnits[0];
  if (found == nullptr) {
    return InvalidSize(text, fmt::format("Invalid size unit: \"{}\".", name),
                       "Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".");
  }
  WEIR_ASSIGN_OR_RETURN(number, Multiply(number, Numeric(int64_t{1} << found->bits)));
  return IntegerOf(number, INT64_MIN, INT64_MAX, "bigint");
}

std::string_view EncodingName(int32_t number) {
  const bool known = number >= 0 && number < static_cast<int32_t>(kEncodings.size());
  return known ? kEncodings[static_cast<size_t>(number)] : std::string_view();
}

int32_t EncodingNumber(std::string_view name) {
  std::string plain = LettersAndDigits(name);
  if (plain == "unicode") plain = "utf8";
  if (plain == "iso88591") plain = "latin1";
  if (plain.starts_with("windows")) plain = "win" + plain.substr(7);
  for (size_t i = 0; i < kEncodings.size(); ++i) {
    if (LettersAndDigits(kEncodings[i]) == plain) return static_cast<int32_t>(i);
  }
  return -1;
}

}  // namespace weir::postgres
