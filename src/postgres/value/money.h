#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::postgres {

/// money in the C locale: dollars with two digits.
struct Money {
  int64_t cents = 0;
  auto operator<=>(const Money&) const = default;
};

/// "$1,234.50", "-12.3", "(5)". 22P02, 22003.
Result<Money> ReadMoney(std::string_view text);
/// "-$1,234.50"
void AppendMoney(Money value, std::string* out);

}  // namespace weir::postgres
