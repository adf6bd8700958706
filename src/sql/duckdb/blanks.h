#pragma once

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// An argument of type `type` as the function takes it. char(n) lies without the blanks that fill it up; functions that
/// see them, as LIKE does, get them.
Emitted ArgumentOf(const postgres::Function& function, Emitted value, postgres::TypeRef type);

}  // namespace weir::sql::duck
