#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::sql {

// Texts of single values as PostgreSQL's input functions read them. Blanks around a value do not count.

/// Any beginning of true, false, yes, no, and on, off, 1, 0, in any case; 22P02 for others.
Result<bool> ReadBoolean(std::string_view text);

/// A whole number of `bytes` (2, 4 or 8) bytes; `type` names it in errors. 22P02 for what is none, 22003 outside.
Result<int64_t> ReadInteger(std::string_view text, int bytes, std::string_view type);

/// float8 and float4: 22P02 for what is no number, 22003 for one that the type cannot hold.
Result<double> ReadDouble(std::string_view text);
Result<float> ReadFloat(std::string_view text);

/// A floating point number with the fewest digits that read back as the same; `single`: as a float4.
std::string FloatText(double value, bool single);

/// A decimal number in units of 10^-scale.
struct ScaledDecimal {
  __int128 unscaled = 0;
  bool exact = true;  // no digit that counts was rounded away
};
/// numeric(precision, scale), rounded half away from zero. 22P02 for what is no number, 22003 for one with too many
/// digits before the point, 0A000 for NaN and Infinity.
Result<ScaledDecimal> ReadDecimal(std::string_view text, int precision, int scale);

/// bytea: `\x` and hexadecimal digits (blanks between the bytes do not count), or characters with `\\` and `\ooo`.
/// 22P02 for a malformed escape, 22023 for other characters than hexadecimal digits.
Result<std::string> ReadBytes(std::string_view text);

}  // namespace weir::sql
