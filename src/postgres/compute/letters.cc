#include "postgres/compute/letters.h"

#include <clocale>
#include <cwctype>

namespace weir::postgres {
namespace {

// Unicode's tables of the C library, whatever locale the process has set.
locale_t UnicodeLocale() {
  static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return kLocale;
}

bool IsAscii(uint32_t code) { return code < 0x80; }

}  // namespace

uint32_t LowerLetter(uint32_t code) {
  if (IsAscii(code)) return code >= 'A' && code <= 'Z' ? code + 32 : code;
  return static_cast<uint32_t>(towlower_l(static_cast<wint_t>(code), UnicodeLocale()));
}

uint32_t UpperLetter(uint32_t code) {
  if (IsAscii(code)) return code >= 'a' && code <= 'z' ? code - 32 : code;
  return static_cast<uint32_t>(towupper_l(static_cast<wint_t>(code), UnicodeLocale()));
}

bool IsLetterOrDigit(uint32_t code) {
  if (IsAscii(code)) return (code >= '0' && code <= '9') || ((code | 32) >= 'a' && (code | 32) <= 'z');
  return iswalnum_l(static_cast<wint_t>(code), UnicodeLocale()) != 0;
}

}  // namespace weir::postgres
