#pragma once

#include <string>

#include "weir/status.h"

namespace weir {

struct InspectOptions {
  std::string directory;
  std::string target;  // "", DATABASE, DATABASE.TABLE, or TABLE of `fluss`
  bool partitions = false;
  bool buckets = false;
  bool check = false;
  bool json = false;
  bool read_only = false;
};

/// Prints what a database holds. Code 3 when `check` found damage (all of it is printed first), also where the
/// database does not open.
Status RunInspect(InspectOptions options);

}  // namespace weir
