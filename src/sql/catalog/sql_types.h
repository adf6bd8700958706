#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/data_type.h"
#include "weir/status.h"

namespace weir::sql {

/// A type of PostgreSQL and how Weir holds it. Types that Fluss has nothing of its own for (uuid, json,
/// interval, inet, …) are held as text in PostgreSQL's output form.
struct SqlType {
  std::string name;         // canonical: "numeric(10,2)", "timestamp(3) without time zone", "text[]"
  DataType data_type = DataType::String();
  uint32_t oid = 25;
  int32_t modifier = -1;    // pg_attribute.atttypmod
  int16_t size = -1;        // pg_type.typlen
  std::string duckdb_type;  // "DECIMAL(10,2)"
  bool ordered = true;      // has a btree operator class: may be a RANGE or LIST key
  bool hashable = true;     // has a hash operator class
  bool has_one_form = true;  // values that are equal are held alike: may be a primary or unique key
  bool compared_by_value = false;  // what is held orders, equals or hashes otherwise than the values do
};

/// A type by its name: canonical or another spelling, of PostgreSQL's or KWDB's (INT8, TIMESTAMPTZ, NVARCHAR,
/// BYTES, …). Errors: 42704 for one that does not exist, 22023 for modifiers outside of what can be held.
/// `numeric` without precision holds 38 digits, 9 of them after the point.
Result<SqlType> ResolveType(std::string_view text, int position = 0);

/// How numeric without precision is held.
DataType PlainNumeric();

/// PostgreSQL's name for a column of a Fluss table that SQL did not make.
std::string SqlTypeName(const DataType& type);

}  // namespace weir::sql
