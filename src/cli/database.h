#pragma once

#include <string>

#include "weir/client.h"

namespace weir {

/// "nyc.flights"; a name without a database lies in `fluss`. Code -2 when it is none.
Result<TablePath> ParseTablePath(const std::string& text);

/// Code -2 unless `directory` holds a database: asking makes none.
Status RequireDatabase(const std::string& directory);

/// Opens the database in `directory`. `create`: made when it is missing.
Result<Connection> OpenDatabase(const std::string& directory, bool create);

}  // namespace weir
