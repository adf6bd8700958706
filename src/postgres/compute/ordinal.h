#pragma once

#include <string_view>

namespace weir::postgres {

/// "st", "nd", "rd" or "th" as the number's last digits ask for; empty for what ends in no digit.
inline std::string_view OrdinalSuffix(std::string_view number, bool upper) {
  if (number.empty() || number.back() < '0' || number.back() > '9') return {};
  const bool teen = number.size() > 1 && number[number.size() - 2] == '1';
  switch (teen ? '0' : number.back()) {
    case '1': return upper ? "ST" : "st";
    case '2': return upper ? "ND" : "nd";
    case '3': return upper ? "RD" : "rd";
    default: return upper ? "TH" : "th";
  }
}

}  // namespace weir::postgres
