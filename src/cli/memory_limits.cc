#include "cli/memory_limits.h"

#include <CLI/CLI.hpp>
#include <string>

namespace weir {
namespace {

void MakeSize(CLI::Option* option) {
  CLI::AsSizeValue size(/*kb_is_1000=*/false);
  size.description("");
  const auto not_negative = [](const std::string& bytes) {
    return bytes.starts_with('-') ? bytes + " is below 0" : std::string();
  };
  option->transform(size)->check(CLI::Validator(not_negative, ""))->type_name("SIZE");
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
