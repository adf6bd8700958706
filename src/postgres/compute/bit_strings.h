#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// Functions of bit strings (PostgreSQL's manual, section 9.6) as texts of 0 and 1. Places count from 1, bits from 0.

/// By `places` to the left, or to the right of a negative number; zeros come in.
std::string ShiftedBits(std::string_view bits, int32_t places);
/// 22011 for a negative length.
Result<std::string> SubstringOfBits(std::string_view bits, int32_t start, std::optional<int32_t> length);
/// 22011 for a start before 1.
Result<std::string> OverlayBits(std::string_view bits, std::string_view part, int32_t start, int32_t length);
int32_t PositionOfBits(std::string_view bits, std::string_view part);
/// 2202E outside of the bits, 22023 for another bit than 0 and 1.
Result<int32_t> BitAt(std::string_view bits, int32_t at);
Result<std::string> WithBit(std::string_view bits, int32_t at, int32_t bit);
/// Of at most `width` bits; 22003 for more. `type` names the integer.
Result<int64_t> IntegerOfBits(std::string_view bits, size_t width, std::string_view type);

}  // namespace weir::postgres
