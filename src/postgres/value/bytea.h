#pragma once

#include <string>
#include <string_view>

#include "postgres/value/settings.h"
#include "weir/status.h"

namespace weir::postgres {

/// bytea's texts: "\x" and hexadecimal digits, with blanks between pairs, or escapes ("\\", "\001"). 22023 for bad
/// hexadecimal digits, 22P02 for bad escapes.
Result<std::string> ReadBytea(std::string_view text);
void AppendBytea(std::string_view bytes, ByteaOutput output, std::string* out);

}  // namespace weir::postgres
