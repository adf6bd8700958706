#pragma once

#include "postgres/function.h"
#include "postgres/type.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// The comparison that DuckDB makes in place of a function, if there is one: of the values, or of their keys.
std::optional<duckdb::ExpressionType> ComparisonOf(const postgres::Function& function);

/// The name under which a function of ours is registered: "pg.int4pl(int4,int4)".
std::string OwnName(const postgres::Function& function);

/// CASE and its like: one form for all branches, but for the NULL constants, which take any.
duckdb::LogicalType UnifyBranches(EmittedList* values, const std::vector<bool>& is_null);
/// A constant array's elements; empty for one of several dimensions and for none.
EmittedList ElementsOf(const Emitted& array);
/// All of one form that DuckDB compares without conversion.
bool AllOfForm(const Emitted& value, const EmittedList& others);

/// A column's value as its table gives it, in a form of its type: what lies as text there is read, elements of arrays
/// too.
Emitted FromColumn(Emitted value);
/// A value as a table's column of that form takes it. Throws 0A000 for an array of more dimensions than the form has.
Parsed ToColumn(Emitted value, const duckdb::LogicalType& form);

/// By the output function of the one type and the input function of the other.
Emitted ThroughText(Emitted value, postgres::TypeRef from, postgres::TypeRef to);
/// The value's text as its output function gives it.
Parsed TextOf(Emitted value, postgres::TypeRef type);

}  // namespace weir::sql::duck
