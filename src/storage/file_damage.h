#pragma once

#include <cstdint>
#include <string>

namespace weir {

/// A place in a file of a data directory where it is not what was written.
struct FileDamage {
  std::string path;
  int64_t position = -1;  // byte position in the file; -1: the file as a whole
  std::string what;
};

}  // namespace weir
