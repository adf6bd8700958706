#pragma once

#include <string>
#include <vector>

#include "weir/status.h"

namespace weir {

struct ExportOptions {
  std::string directory;
  std::string table;
  std::string file;    // "-": standard output
  std::string format;     // empty: by extension; CSV on standard output
  std::string delimiter;  // empty: by extension
  std::string null;  // CSV text of NULL
  bool no_header = false;
  std::vector<std::string> columns;     // empty: all
  std::vector<std::string> partitions;  // "key=value", all of which must hold
  std::vector<std::string> where;       // see ParseWhere; all of them must hold
  bool offsets = false;
  bool json = false;
};

/// Writes a table's rows to a file. The file has its name only once it is whole; until then it is
/// FILE.part. A run that was cut short starts over when it is repeated.
Status RunExport(const ExportOptions& options);

}  // namespace weir
