#pragma once

#include <utility>

#include "duckdb/optimizer/optimizer_extension.hpp"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

// DuckDB runs a step of Weir's over every plan that it optimizes, in the order in which they are added.

inline void AddStepBeforeOptimizer(duckdb::DBConfig* config, duckdb::pre_optimize_function_t step) {
  duckdb::OptimizerExtension extension;
  extension.pre_optimize_function = step;
  duckdb::OptimizerExtension::Register(*config, std::move(extension));
}

inline void AddStepAfterOptimizer(duckdb::DBConfig* config, duckdb::optimize_function_t step) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = step;
  duckdb::OptimizerExtension::Register(*config, std::move(extension));
}

}  // namespace weir::sql
