#pragma once

#include "sql/duckdb/build.h"
#include "postgres/type.h"

namespace weir::sql::duck {

/// What the emitter knows of forms: how a value goes from one to another, and what it is compared by.

/// The same value in another form of its type.
Emitted InForm(Emitted value, const duckdb::LogicalType& type);
/// In the form that our own functions take and give.
Emitted InOwnForm(Emitted value);
/// A numeric without precision, as the table's column holds it: its text; null where the value is anything else.
Parsed StoredNumeric(const Emitted& value);
/// One form for all, in which each value keeps its text: numerics of different scales take the big one.
duckdb::LogicalType CommonForm(postgres::Oid oid, const duckdb::LogicalType& left, const duckdb::LogicalType& right);
/// Brings all into one form, gives it.
duckdb::LogicalType Unify(EmittedList* values);

/// What DuckDB compares, sorts, groups and hashes in place of the value, where that differs from the value itself:
/// numeric's big form, timetz, jsonb, ranges, and arrays and rows that hold one of these.
bool NeedsKey(postgres::Oid oid, const duckdb::LogicalType& type);
Parsed KeyOf(Emitted value);
/// As a part of an array or a row.
Parsed KeyWithin(Emitted value);
/// left op right of one type, or of two that DuckDB compares as PostgreSQL does (int4 and int8, date and timestamp).
Parsed CompareValues(duckdb::ExpressionType op, Emitted left, Emitted right);

/// The form of numeric arithmetic on DECIMALs, if it has one: a DECIMAL that holds every result.
std::optional<duckdb::LogicalType> SumForm(const Emitted& left, const Emitted& right);
std::optional<duckdb::LogicalType> ProductForm(const Emitted& left, const Emitted& right);

}  // namespace weir::sql::duck
