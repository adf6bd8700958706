#pragma once

#include "sql/duckdb/headers.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {

/// What a statement that was analysed has failed with while DuckDB planned and ran it. Our own functions say it in
/// PostgreSQL's words; of DuckDB's own errors those that a statement without a fault of ours can meet have a SQLSTATE,
/// and any other is an internal error (XX000).
Status RuntimeError(const duckdb::ErrorData& error);

/// Runs `body`, which may throw, and gives its Status or Result.
template <typename Body>
auto GuardedRun(Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& error) {
    return RuntimeError(duckdb::ErrorData(error));
  } catch (...) {
    return Error("XX000", "unknown failure while the statement ran");
  }
}

}  // namespace weir::sql::duck
