#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

struct SqlOptions {
  std::string data;     // a database directory, made if missing …
  bool read_only = false;  // nothing is written into that
  int64_t memory_limit = 0;            // bytes; 0: four fifths of the machine's
  std::optional<int64_t> spill_limit;  // bytes; nothing: nine tenths of what is free on the disk
  std::string connect;  // … or HOST:PORT of a Fluss server
  std::string connect_user;  // empty: nobody
  std::string database = "fluss";
  std::string files;  // a folder that foreign tables may be in; empty: none
  std::string format = "table";
  std::vector<std::string> commands;
  std::string file;  // "-": standard input
};

/// Runs statements one after another and prints what they give. The first error ends it: it is printed as
/// psql prints it, and the status has no message.
Status RunSql(const SqlOptions& options);

}  // namespace weir
