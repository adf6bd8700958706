#pragma once

#include <optional>
#include <string>

namespace weir {

struct KvChange {
  std::string key;
  std::optional<std::string> value;  // absent: delete
};

}  // namespace weir
