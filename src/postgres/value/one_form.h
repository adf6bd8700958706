#pragma once

#include <string>
#include <string_view>

#include "postgres/type.h"
#include "weir/status.h"

namespace weir::postgres {

/// A text of a type, as all texts of values that equal its value are then: a numeric without the last zeros of its
/// fraction, also within jsonb, numrange and nummultirange; an interval in as many months and days as its length has.
/// Of other types it is the text itself. 22P02, 22007 and 22008 for a text that is none of the type.
Result<std::string> InOneForm(Oid type, std::string_view text);

}  // namespace weir::postgres
