#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// Texts with a declared length, in characters; a modifier below 4 declares none (type.h, UnpackLength).
/// An assignment of a longer text is 22001 unless all that is cut off are blanks; an explicit cast cuts.

Result<std::string> ApplyVarcharModifier(std::string_view text, int32_t modifier, bool is_explicit);
/// Fills up with blanks.
Result<std::string> ApplyBpcharModifier(std::string_view text, int32_t modifier, bool is_explicit);
/// What counts when two char(n) are compared.
std::string_view WithoutTrailingBlanks(std::string_view text);

/// The first bytes of a UTF-8 text, at most so many, whole characters.
std::string_view Clipped(std::string_view text, size_t bytes);
/// What is left of a name: 63 bytes at most.
std::string_view CutToName(std::string_view text);

/// "char": one byte, of others than ASCII as "\ooo"; a zero byte is the empty text.
char ReadChar(std::string_view text);
void AppendChar(char value, std::string* out);

}  // namespace weir::postgres
