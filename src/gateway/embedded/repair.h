#pragma once

#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

/// One thing that repairing a database does.
struct RepairStep {
  std::string what;
  std::string lost;  // what is lost by the damage; empty: nothing
};

/// Finds what is damaged in the database in `directory`, and what can be done about it: sound batches of damaged logs
/// stay at their offsets, the catalog is taken from its copy, rows of primary-key tables are made again from their
/// changelogs, records of the commit journal that are whole are kept. Without `apply` nothing is changed. With it,
/// files that are replaced go to `<directory>/damaged/<time>`, and the database can be opened afterwards. The steps are
/// in the order in which they are done; none: nothing is damaged.
/// Code -2 when the database is in use; code 3 when nothing tells what its tables are.
Result<std::vector<RepairStep>> RepairDirectory(const std::string& directory, bool apply);

}  // namespace weir
