#pragma once

#include <functional>
#include <optional>
#include <span>

#include "postgres/function.h"
#include "sql/analyze/tree.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// PostgreSQL's functions of JSON that other expressions make.

/// json_agg, json_object_agg and jsonb's: of the list of their values. `make` calls DuckDB's aggregate of a name.
/// Nothing for another aggregate.
std::optional<Emitted> JsonAggregate(const postgres::Function& function, EmittedList* arguments,
                                     postgres::TypeRef result,
                                     const std::function<Parsed(const std::string&, ParsedList)>& make);

/// json_populate_record(set) and jsonb's: `arguments` are a row and JSON; a set is a list. Nothing for another
/// function; 0A000 where the row's fields are not known.
std::optional<Emitted> JsonIntoRow(const postgres::Function& function, EmittedList* arguments);

/// Whether the function makes rows of the columns that the query defines: json_to_record(set) and jsonb's.
bool MakesDefinedRows(const postgres::Function& function);
/// Its call; a set is unnested.
Emitted DefinedRows(const postgres::Function& function, Emitted json, std::span<const analyze::OutputColumn> columns);

}  // namespace weir::sql::duck
