#pragma once

#include <optional>

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// Arrays whose dimensions and bounds only their values tell (physical.h).

/// The array in shaped form.
Emitted Shaped(Emitted array);
/// All elements of an array of any dimensions, as an array of one.
Emitted Flat(Emitted array);
/// A helper whose result is a shaped array.
Emitted ShapedHelper(const std::string& name, EmittedList arguments, postgres::TypeRef result);
/// Functions of arrays where one of them is shaped or has several dimensions; nothing for others.
std::optional<Emitted> ShapedCall(const postgres::Function& function, EmittedList* arguments, postgres::TypeRef result);

}  // namespace weir::sql::duck
