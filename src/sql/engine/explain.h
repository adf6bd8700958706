#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/engine/session_functions.h"

namespace weir::sql {

struct ExplainOptions {
  bool verbose = false;
  bool costs = true;
  bool json = false;
  bool summary = false;  // with the time from text to plan
};

/// The optimized plan of a query of DuckDB's dialect in PostgreSQL's form: a scan by the leaves that are read, with
/// how many of the table's were removed. The lines of the text, or one of JSON. Runs within a transaction; throws.
std::vector<std::string> ExplainQuery(duckdb::ClientContext& context, CatalogView& catalog, const std::string& query,
                                      const SessionNames& names, const ExplainOptions& options);

}  // namespace weir::sql
