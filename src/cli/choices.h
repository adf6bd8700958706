#pragma once

#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace weir {

/// The option takes one of these words. Its error names them, and the nearest; help, completion and manual list them.
void TakeOneOf(CLI::Option* option, std::vector<std::string> words);

}  // namespace weir
