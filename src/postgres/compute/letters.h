#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::postgres {

/// Letters by Unicode, as PCRE2's tables and the C.UTF-8 locale have them; a code point without another case is
/// its own.
uint32_t LowerLetter(uint32_t code);
uint32_t UpperLetter(uint32_t code);
bool IsLetterOrDigit(uint32_t code);
/// UTF-8.
std::string LowerCase(std::string_view text);

}  // namespace weir::postgres
