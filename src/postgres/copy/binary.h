#pragma once

#include <string_view>

namespace weir::postgres {

/// What COPY's data in binary format begins with; flags and the length of an extension follow, four bytes each.
inline constexpr std::string_view kCopySignature("PGCOPY\n\377\r\n\0", 11);

}  // namespace weir::postgres
