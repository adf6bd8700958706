#include "sql/engine/duckdb_health.h"

#include <spdlog/spdlog.h>

#include "duckdb/main/valid_checker.hpp"

namespace weir::sql {
namespace {

using Flag = duckdb::atomic<bool> duckdb::ValidChecker::*;

/// The checker can be told that a database is lost and never that it is not: its flag is reached by name, which an
/// explicit instantiation may.
template <Flag kFlag>
struct FlagOf {
  friend duckdb::atomic<bool>& GivenUp(duckdb::ValidChecker& checker) { return checker.*kFlag; }
};
duckdb::atomic<bool>& GivenUp(duckdb::ValidChecker& checker);
template struct FlagOf<&duckdb::ValidChecker::is_invalidated>;

}  // namespace

void StayUsable(duckdb::DatabaseInstance& database) {
  auto& checker = duckdb::ValidChecker::Get(database);
  if (!checker.IsInvalidated()) return;
  spdlog::error("a statement has failed within DuckDB: {}", checker.InvalidatedMessage());
  GivenUp(checker) = false;
}

}  // namespace weir::sql
