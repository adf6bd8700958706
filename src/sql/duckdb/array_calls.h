#pragma once

#include <optional>

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// PostgreSQL's functions of arrays (its manual, section 9.19) that other expressions of DuckDB compute; nothing for
/// any other function.
std::optional<Emitted> ArrayCall(const postgres::Function& function, EmittedList* arguments, postgres::TypeRef result);

/// The elements' texts, as an array.
Parsed TextsOf(Emitted array);
/// They between delimiters; NULL ones are left out, or shown as `null_text` (which may be null).
Parsed JoinedTexts(Emitted array, Parsed delimiter, Parsed null_text);

}  // namespace weir::sql::duck
