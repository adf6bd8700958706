#pragma once

#include "postgres/value.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// Appends a value as JSON shows it: arrays and rows with all that they hold, whose fields' names (FieldName) are keys.
/// `lines`: each element, or field, of the outermost on a line of its own.
void AppendJson(const duckdb::Value& value, postgres::Oid type, const postgres::Settings& settings, bool lines,
                std::string* out);

}  // namespace weir::sql::duck
