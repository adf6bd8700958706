#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postgres/value/numeric.h"
#include "weir/status.h"

namespace weir::postgres {

/// pg_size_pretty: bytes in the unit that leaves a short number.
Result<std::string> PrettySize(Numeric bytes);
/// pg_size_bytes: the other way. 22023 for what is no size.
Result<int64_t> BytesOfSize(std::string_view text);

/// PostgreSQL's encodings by number: an empty name for what is none, and -1 for a name that is none.
std::string_view EncodingName(int32_t number);
int32_t EncodingNumber(std::string_view name);

}  // namespace weir::postgres
