#include "cli/memory_limits.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace weir {
namespace {

void MakeSize(CLI::Option* option) {
  const auto to_bytes = [](std::string& size) {
    const std::string written = size;
    const std::string no_size = fmt::format("'{}' is no size, such as 500mb or 2gb", written);
    try {
      if (!CLI::AsSizeValue(/*kb_is_1000=*/false)(size).empty()) return no_size;
    } catch (const CLI::ValidationError&) {  // of units that it does not know
      return no_size;
    }
    return size.starts_with('-') ? fmt::format("'{}' is below 0", written) : std::string();
  };
  option->transform(CLI::Validator(to_bytes, ""))->type_name("SIZE");
}

}  // namespace

void AddMemoryLimits(CLI::App& command, int64_t* memory, std::optional<int64_t>* spill) {
  MakeSize(command.add_option("--memory-limit", *memory,
                              "What queries, transactions and answers on their way may take together, e.g. 500mb "
                              "(default: four fifths of the machine's memory)"));
  MakeSize(command.add_option("--spill-limit", *spill,
                              "What queries may put into DIR/spill when memory does not suffice; 0: nothing (default: "
                              "nine tenths of what is free there)"));
}

}  // namespace weir
