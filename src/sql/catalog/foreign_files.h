#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/copy/options.h"
#include "sql/catalog/catalog.h"

namespace weir::sql {

/// Where the rows of a foreign table are, as its options say it.
struct FileTable {
  enum class Format { kCopy, kParquet };
  Format format = Format::kCopy;
  /// Below the server's folder, or absolute within it; * and ? stand for what they do in a shell.
  std::vector<std::string> names;
  postgres::CopyOptions copy;     // kCopy: text, CSV and binary
  int64_t reject_limit = 0;       // rows with errors that are left out, at most less one; 0: none is
  bool reject_percent = false;    // … in percent of all
  bool logs_errors = false;       // LOG ERRORS
  bool writable = false;          // INSERT makes new files in the folder that is named; they are not read
};

/// The options that a wrapper's tables may have: PostgreSQL's errors, among them HV00D and HV002.
Result<FileTable> DescribeFiles(const ForeignTable& table, std::string_view wrapper,
                                const std::vector<std::string>& columns);
/// The same of a relation that is there. 42704 for a server that is gone.
Result<FileTable> FilesOf(CatalogView& catalog, const Relation& relation);

/// Among those that were made and those that are built in.
Result<std::optional<ForeignServer>> FindServer(CatalogView& catalog, const std::string& name);
/// Those that are built in.
const std::vector<ForeignServer>& BuiltInServers();
/// HV00D for an option that a wrapper's servers do not have: none has any.
Status CheckServerOptions(const ForeignOptions& options);
/// 42704
Status CheckWrapper(const std::string& name);

}  // namespace weir::sql
