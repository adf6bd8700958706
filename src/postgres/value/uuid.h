#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

struct Uuid {
  std::array<uint8_t, 16> bytes = {};
  auto operator<=>(const Uuid&) const = default;
};

/// 32 hexadecimal digits of either case, a dash after any four, braces around all. 22P02 for another text.
Result<Uuid> ReadUuid(std::string_view text);
/// 8-4-4-4-12 digits. `bytes` are 16.
void AppendUuid(std::string_view bytes, std::string* out);

}  // namespace weir::postgres
