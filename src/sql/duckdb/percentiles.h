#pragma once

#include <functional>
#include <string>

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// percentile_cont and percentile_disc, of one fraction or an array of them.
bool IsPercentile(const postgres::Function& function);
/// Whether DuckDB's quantiles compute it: of known fractions, of other values than intervals and those that are
/// compared by a key. Else it is computed of the sorted list of the values.
bool IsQuantile(const Emitted& value, const Emitted& fraction);
/// `arguments`: the fraction, the value. `make` calls an aggregate. Throws 22003 for a fraction that is none.
Emitted Percentile(const postgres::Function& function, EmittedList arguments, postgres::TypeRef result,
                   const std::function<Parsed(const std::string&, ParsedList)>& make);

}  // namespace weir::sql::duck
