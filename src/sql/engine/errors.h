#pragma once

#include <string>
#include <string_view>

#include "sql/engine/duckdb_headers.h"
#include "sql/error.h"

namespace weir::sql {

/// Carries a Status through DuckDB: thrown here, given back by StatusOf. `position`: byte of DuckDB's text.
[[noreturn]] void Throw(const Status& status, duckdb::optional_idx position = {});
inline void ThrowNotOk(const Status& status) {
  if (!status.ok()) Throw(status);
}
template <typename T>
T ValueOrThrow(Result<T> result) {
  if (!result.ok()) Throw(result.status());
  return result.MoveValue();
}

/// The Status that was thrown, or what DuckDB itself says with the SQLSTATE of its kind. `query` is what DuckDB was
/// given: the position counts its characters.
Status StatusOf(const duckdb::ErrorData& error, std::string_view query = {});

/// Runs `body`, which may throw, and gives its Status or Result; nothing gets past.
template <typename Body>
auto Guarded(std::string_view query, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& error) {
    return StatusOf(duckdb::ErrorData(error), query);
  } catch (...) {
    return Error("XX000", "unknown failure while the statement ran");
  }
}

}  // namespace weir::sql
