#pragma once

#include <string>

#include "sql/engine/duckdb_headers.h"
#include "weir/status.h"

namespace weir::sql {

/// The value that PostgreSQL's input functions read from a text: arrays as `{1,NULL,"a b"}`, bytea as `\x` and
/// hexadecimal digits or with escapes, other types as DuckDB casts them. 22P02 for texts that are none; throws
/// what DuckDB throws.
Result<duckdb::Value> ValueOfText(duckdb::ClientContext& context, const std::string& text,
                                  const duckdb::LogicalType& type);

}  // namespace weir::sql
