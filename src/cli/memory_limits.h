#pragma once

#include <cstdint>
#include <optional>

namespace CLI {
class App;
}

namespace weir {

/// --memory-limit and --spill-limit of a command that opens a database: sizes such as 500mb or 2GB, in bytes.
void AddMemoryLimits(CLI::App& command, int64_t* memory, std::optional<int64_t>* spill);

}  // namespace weir
