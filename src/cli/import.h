#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weir/status.h"
#include "weir/table.h"

namespace weir {

struct ImportOptions {
  std::string directory;
  std::string table;
  std::vector<std::string> files;
  std::string format;     // empty: by extension
  std::string delimiter;  // empty: by extension
  std::string encoding;   // empty: UTF-8, or what the file's byte order mark says
  std::vector<std::string> nulls;
  bool no_header = false;
  std::vector<std::string> columns;  // of the files; empty: all
  bool ignore_unknown = false;
  std::string rejects;  // the file that rows of text with a wrong number of cells go to; empty: they are errors
  bool again = false;
  bool create_partitions = false;
  bool json = false;

  bool create = false;  // make the table when it is missing
  std::vector<std::string> partition_by;
  std::vector<std::string> primary_key;
  std::optional<int> buckets;
  std::vector<std::string> bucket_by;
  std::vector<std::string> properties;  // "key=value"
};

/// Loads files into a table, each exactly once: a run that was cut short, however, goes on where it
/// stopped when it is repeated. A table that it made is gone again when it fails, unless a file is in it.
Status RunImport(const ImportOptions& options);

}  // namespace weir
