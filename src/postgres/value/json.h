#pragma once

#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// json is the text that was written, checked; jsonb is a canonical text: an object's keys once (the last of equal
/// ones), the shorter first and then by their bytes, numbers as numeric writes them, one blank behind ':' and ','.
/// Errors: 22P02 with PostgreSQL's DETAIL, 22P05 for \u0000 in jsonb, 54001 for values that are nested too deeply.

Status CheckJson(std::string_view text);
/// The canonical text of a jsonb.
Result<std::string> CanonicalJson(std::string_view text);
/// `text` in quotes, with JSON's escapes.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace weir::postgres
