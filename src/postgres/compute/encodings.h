#pragma once

#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// Bytes in one of PostgreSQL's encodings (its manual, section 24.3): UTF8, SQL_ASCII, LATIN1, LATIN9 and WIN1252, by
/// any spelling of their names. Errors of all: 0A000 for another encoding, 22021 for bytes that are none of the
/// encoding's, 22P05 for a character that the other one lacks.

/// As UTF-8. `role`: "source " or "", for 22023 where there is no such encoding.
Result<std::string> TextOfBytes(std::string_view bytes, std::string_view encoding, std::string_view role);
/// From UTF-8.
Result<std::string> BytesOfText(std::string_view text, std::string_view encoding);
/// From one to another: 42883 where neither is UTF8 or SQL_ASCII.
Result<std::string> ConvertedBytes(std::string_view bytes, std::string_view from, std::string_view to);

}  // namespace weir::postgres
