#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/duckdb/plan.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

struct ExplainOptions {
  bool verbose = false;
  bool costs = true;
  bool json = false;
  bool summary = false;  // with the time from text to plan
};

/// The optimized plan of a query in PostgreSQL's form: a scan by the leaves that are read, with how many of the table's
/// were removed. The lines of the text, or one of JSON. `begin`: when planning began. Runs within a transaction;
/// throws.
std::vector<std::string> ExplainQuery(duckdb::ClientContext& context, CatalogView& catalog,
                                      duck::Plan::Run run, std::chrono::steady_clock::time_point begin,
                                      const ExplainOptions& options);

/// Adds to an explained plan what its run took: how many rows the statement gave, and milliseconds.
void AddExecution(const ExplainOptions& options, int64_t rows, double milliseconds, std::vector<std::string>* lines);

}  // namespace weir::sql
