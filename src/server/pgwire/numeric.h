#pragma once

#include <string>
#include <string_view>

#include "server/pgwire/value_text.h"
#include "weir/status.h"

namespace weir::pgwire {

/// PostgreSQL's binary numeric: counts of base-10000 digits, their weight, sign and display scale.

/// `value` / 10^`scale`; the scale is not negative.
void AppendBinaryNumeric(Int128 value, int scale, std::string* out);
/// The text of a binary numeric. 22P03 when the bytes are none.
Result<std::string> NumericText(std::string_view bytes);

}  // namespace weir::pgwire
