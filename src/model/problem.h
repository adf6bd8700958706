#pragma once

#include <string>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir {

/// An option or a value of one that is not allowed: code 49.
inline Status InvalidConfig(std::string message) { return {ErrorCode::kInvalidConfig, std::move(message)}; }

/// "a, b", as messages list names.
inline std::string Join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace weir
