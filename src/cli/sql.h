#pragma once

#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

struct SqlOptions {
  std::string data;     // a database directory, made if missing …
  bool read_only = false;  // nothing is written into that
  std::string connect;  // … or HOST:PORT of a Fluss server
  std::string database = "fluss";
  std::string format = "table";
  std::vector<std::string> commands;
  std::string file;  // "-": standard input
};

/// Runs statements one after another and prints what they give. The first error ends it: it is printed as
/// psql prints it, and the status has no message.
Status RunSql(const SqlOptions& options);

}  // namespace weir
