#pragma once

#include "postgres/value.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// What functions need of the session that runs them. The session keeps one with its DuckDB connection and sets it
/// before each statement.
class SessionValues : public duckdb::ClientContextState {
 public:
  static constexpr const char* kKey = "weir_postgres";
  /// The session's; throws where the connection has none.
  static const SessionValues& Of(duckdb::ClientContext& context);

  postgres::Settings settings;  // `now` is the transaction's start
  int64_t statement_start = 0;  // microseconds since 1970
};

}  // namespace weir::sql::duck
