#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// Texts of truth values, integers and floating-point numbers. Errors: 22P02, 22003.

/// true, yes, on, 1, their opposites, and what begins like one of them alone.
Result<bool> ReadBool(std::string_view text);

/// Blanks may stand around the digits. `type`: "integer" and so on, for the errors.
Result<int16_t> ReadInt16(std::string_view text);
Result<int32_t> ReadInt32(std::string_view text);
Result<int64_t> ReadInt64(std::string_view text);
/// oid, regclass' numbers: 0 to 2^32-1; a negative number counts from 2^32 down, as C's strtoul has it.
Result<uint32_t> ReadOid(std::string_view text, std::string_view type = "oid");
/// xid and cid: the number that the text begins with, in decimal, octal or hexadecimal; 0 where it begins with none.
uint32_t ReadXid(std::string_view text);
uint64_t ReadXid8(std::string_view text);

Result<float> ReadFloat(std::string_view text);
Result<double> ReadDouble(std::string_view text);

/// The fewest digits that read back as the same number; with `extra_digits` (extra_float_digits) below 1 that many
/// more than 15, or than 6 of a float.
void AppendDouble(double value, int extra_digits, std::string* out);
void AppendFloat(float value, int extra_digits, std::string* out);

}  // namespace weir::postgres
