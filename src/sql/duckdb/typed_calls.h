#pragma once

#include <optional>

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// A call of a function that has to be told its types (typed_function.h); nothing for any other. What gives a set gives
/// a list.
std::optional<Emitted> TypedCall(const postgres::Function& function, EmittedList* arguments, postgres::TypeRef result,
                                 bool variadic_array = false);
/// The same of a helper.
Emitted TypedHelper(const std::string& name, EmittedList arguments, postgres::TypeRef result);

}  // namespace weir::sql::duck
