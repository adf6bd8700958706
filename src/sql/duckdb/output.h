#pragma once

#include "postgres/type.h"
#include "postgres/value/row_shape.h"
#include "sql/duckdb/build.h"

namespace weir::sql::duck {

/// The values of a result as they leave: in a form that Arrow has, or as their text.

/// Whether values of that type and form have to be made others.
bool NeedsOutput(postgres::Oid oid, const duckdb::LogicalType& type);
/// The fields of rows, and of arrays of them, whose type does not tell them; null for all else.
std::shared_ptr<const postgres::RowShape> ShapeOf(postgres::Oid oid, const duckdb::LogicalType& type);
/// `type`: the value's, whose modifier says how far char(n) is filled up. Values keep their type.
Emitted OutputOf(Emitted value, postgres::TypeRef type);

}  // namespace weir::sql::duck
