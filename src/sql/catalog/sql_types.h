#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "weir/data_type.h"
#include "weir/status.h"

namespace weir::sql {

/// Where values that are equal are held alike (postgres/value/one_form.h). kInKeys: a key's columns lose what does not
/// tell them apart, the last zeros of a numeric; kInIndexes: a unique index's entries alone, as the values would become
/// others ('24:00:00' is no '1 day' to a sum), so that an index keeps primary keys of them; kNever: there are no unique
/// keys.
enum class OneForm { kAlways, kInKeys, kInIndexes, kNever };

/// A type of PostgreSQL and how Weir holds it. Types that Fluss has nothing of its own for (uuid, json,
/// interval, inet, …) are held as text in PostgreSQL's output form.
struct SqlType {
  std::string name;         // canonical: "numeric(10,2)", "timestamp(3) without time zone", "text[]"
  DataType data_type = DataType::String();
  uint32_t oid = 25;
  int32_t modifier = -1;    // pg_attribute.atttypmod
  int16_t size = -1;        // pg_type.typlen
  bool ordered = true;      // has a btree operator class: may be a RANGE or LIST key
  bool hashable = true;     // has a hash operator class
  OneForm one_form = OneForm::kAlways;
  bool compared_by_value = false;  // what is held orders, equals or hashes otherwise than the values do
};

/// A type by its name: canonical or another spelling, of PostgreSQL's or KWDB's (INT8, TIMESTAMPTZ, NVARCHAR,
/// BYTES, …). Errors: 42704 for one that does not exist, 22023 for modifiers outside of what can be held.
/// numeric of up to 38 digits with a scale within them is a DECIMAL, all else of it a text.
Result<SqlType> ResolveType(std::string_view text, int position = 0);

/// By pg_type.oid, of a type that is held as text; kAlways for all others.
OneForm OneFormOf(uint32_t oid);
/// The same of a column that is held as `data_type`.
OneForm OneFormOf(std::string_view type, const DataType& data_type);

/// PostgreSQL's name for a column of a Fluss table that SQL did not make.
std::string SqlTypeName(const DataType& type);

}  // namespace weir::sql
