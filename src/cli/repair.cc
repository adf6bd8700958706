#include "gateway/embedded/repair.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "cli/database.h"
#include "cli/text.h"

namespace weir {
namespace {

struct RepairOptions {
  std::string directory;
  bool apply = false;
};

Status RunRepair(const RepairOptions& options) {
  WEIR_RETURN_NOT_OK(RequireDatabase(options.directory));
  WEIR_ASSIGN_OR_RETURN(const std::vector<RepairStep> steps, RepairDirectory(options.directory, options.apply));
  if (steps.empty()) {
    fmt::print("'{}' is not damaged: there is nothing to repair\n", options.directory);
    return Status::OK();
  }
  for (const RepairStep& step : steps) {
    fmt::print("{}: {}\n", options.apply ? "done" : "to do", step.what);
    if (!step.lost.empty()) fmt::print("  lost: {}\n", step.lost);
  }
  if (options.apply) {
    fmt::print("\n{} done; the files that were replaced are in '{}/damaged'\n",
               Counted(static_cast<int64_t>(steps.size()), "step"), options.directory);
  } else {
    fmt::print("\nnothing was changed; 'weir repair {} --apply' does this\n", options.directory);
  }
  return Status::OK();
}

}  // namespace

void AddRepair(CLI::App& app, Action* action) {
  CLI::App* command = app.add_subcommand("repair", "Tells what can be saved of a damaged database, and saves it.");
  const auto options = std::make_shared<RepairOptions>();
  command->add_option("directory", options->directory, "Database directory")->required()->type_name("DIR");
  command->add_flag("--apply", options->apply, "Does it; without this nothing is changed");
  command->callback([options, action] { *action = [options] { return RunRepair(*options); }; });
}

}  // namespace weir
