#pragma once

#include <optional>
#include <string>

namespace weir {

/// What is in a file that people write: rules, a topology. Nothing for one that cannot be read, as a folder.
std::optional<std::string> ReadWholeFile(const std::string& path);

}  // namespace weir
