#pragma once

#include <string>

#include "weir/client.h"

namespace weir {

/// "nyc.flights"; a name without a database lies in `fluss`. Code -2 when it is none.
Result<TablePath> ParseTablePath(const std::string& text);

/// Code -2 unless `directory` holds a database: asking makes none.
Status RequireDatabase(const std::string& directory);

/// Whether this process may write into a directory: not on a medium that is read only.
bool IsWritable(const std::string& directory);

enum class DatabaseUse {
  kRead,    // where the directory cannot be written to, for reading only
  kWrite,
  kCreate,  // made when it is missing
};
/// Opens the database in `directory`.
Result<Connection> OpenDatabase(const std::string& directory, DatabaseUse use);

}  // namespace weir
