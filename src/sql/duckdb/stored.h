#pragma once

#include "postgres/value.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// How values lie in the columns of tables. Types that Fluss has nothing of its own for lie there as their text,
/// whatever the session has set; numeric as a DECIMAL; arrays as lists of such.

/// A DECIMAL type, and what its numbers stay below without their point.
struct DecimalForm {
  explicit DecimalForm(const duckdb::LogicalType& type);
  int width;
  int scale;
  postgres::Int128 limit = 1;
};

/// A numeric's digits without the point. Of numeric without precision, which has no modifier that would round it, none
/// are lost: 22003 for a number of more of them than the form holds, 0A000 for NaN and the infinities.
Result<postgres::Int128> UnscaledOf(const postgres::Numeric& value, const DecimalForm& form);

/// A value as a column of `form` holds it. Throws; 0A000 for an array of several dimensions.
duckdb::Value ToStored(const postgres::Value& value, postgres::TypeRef type, const duckdb::LogicalType& form);
/// What a column holds, not NULL, as a value of `form`, its type's own (physical.h).
duckdb::Value FromStored(const duckdb::Value& stored, postgres::TypeRef type, const duckdb::LogicalType& form);

}  // namespace weir::sql::duck
