#pragma once

#include <functional>
#include <string>

#include "weir/status.h"

namespace CLI {
class App;
}

namespace weir {

/// What the command line asked for: set while it is parsed, run afterwards.
using Action = std::function<Status()>;

// Each adds one command to the tree that parsing, completion and the man page are made from.
void AddInspect(CLI::App& app, Action* action);
void AddRepair(CLI::App& app, Action* action);
void AddStatus(CLI::App& app, Action* action);
void AddImport(CLI::App& app, Action* action);
void AddExport(CLI::App& app, Action* action);
void AddSql(CLI::App& app, Action* action);
void AddPlacement(CLI::App& app, Action* action);
void AddDecommission(CLI::App& app, Action* action);
void AddCompletion(CLI::App& app, Action* action);
void AddManPage(CLI::App& app, Action* action);

}  // namespace weir
