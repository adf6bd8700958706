#pragma once

#include "postgres/type.h"
#include "postgres/value.h"
#include "sql/catalog/relation.h"
#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// How values of PostgreSQL's types lie in DuckDB's vectors.
///
///   numeric                     DECIMAL(p,s) where precision and scale are known and p <= 38, else the big form: BLOB,
///                               postgres::AppendNumericKey's bytes
///   char(n)                     VARCHAR without the blanks that fill it up, which mean nothing and are shown only
///   bit, varbit                 VARCHAR of 0 and 1, whose order is theirs
///   json, jsonb, (multi)ranges  VARCHAR: their text
///   enums                       ENUM of their labels, which it compares by their places
///   domains                     as what they are over
///   money, oid, reg…            BIGINT
///   inet, cidr, macaddr, bytea  BLOB
///   arrays                      LIST; of two dimensions LIST of LIST, …; where only the value tells its dimensions
///                               and bounds, it is shaped: VARCHAR, its text
///   rows, composite types       STRUCT, its fields named by FieldName
///
/// All others have a DuckDB type of their own.

/// Of values of `type` that have taken no other form on their way; numeric by its modifier.
duckdb::LogicalType PhysicalType(postgres::TypeRef type);
/// Of a statement's parameter; `shaped`: of one that is an array, so.
duckdb::LogicalType FormOfParameter(postgres::TypeRef type, bool shaped);
/// The form of numeric that holds every value.
inline duckdb::LogicalType BigNumericType() { return duckdb::LogicalType::BLOB; }
/// The type of an array's elements; 0 for what is no array.
postgres::Oid ElementOf(postgres::Oid array);
/// Whether that form of a type is the one of shaped arrays.
bool IsShaped(postgres::Oid type, const duckdb::LogicalType& form);
/// As the scan of a table gives the column.
duckdb::LogicalType ColumnType(const SqlColumn& column);
/// numeric's form for this precision and scale: DECIMAL if it fits, else the big one.
duckdb::LogicalType DecimalType(int precision, int scale);

/// Whether values of the type have blanks that their form lacks: char(n) and arrays of it.
bool HasBlanks(postgres::TypeRef type);

/// A field of a row: its name tells the type of its values, with the length of char(n), and, where it has one, the name
/// that SQL knows.
std::string FieldName(size_t index, postgres::TypeRef type, std::string_view label = {});
postgres::TypeRef FieldType(const std::string& name);
/// "f1", … where the field has no name of its own.
std::string FieldLabel(const std::string& name);

inline postgres::Int128 ToInt128(duckdb::hugeint_t value) {
  const auto upper = static_cast<unsigned __int128>(static_cast<uint64_t>(value.upper));
  return static_cast<postgres::Int128>((upper << 64) | value.lower);
}
inline duckdb::hugeint_t ToHugeint(postgres::Int128 value) {
  return duckdb::hugeint_t(static_cast<int64_t>(value >> 64), static_cast<uint64_t>(value));
}

/// A value in a form of its type: `type` may be any that a value of `of` takes. Throws for what does not fit.
duckdb::Value ToDuck(const postgres::Value& value, postgres::TypeRef of, const duckdb::LogicalType& type);
/// The smallest form that holds a numeric constant with its display scale.
duckdb::LogicalType TypeOfConstant(const postgres::Numeric& value);
/// How many dimensions an array of that form has; 0 for what is no array.
size_t DimensionsOf(const duckdb::LogicalType& form);
/// An array's form, in as many lists more as it takes to have the dimensions of another one; shaped as that is.
duckdb::LogicalType WithDimensionsOf(const duckdb::LogicalType& other, duckdb::LogicalType form);
/// Of a place that holds one dimension.
Status TooManyDimensions(size_t dimensions);
/// Whether lists alone cannot hold an array: its bounds are others than those that its type begins with.
bool HasOwnBounds(const postgres::Array& array);
/// Throws TooManyDimensions where an array of type `array` has more of them than `form`.
void CheckDimensions(const duckdb::LogicalType& array, const duckdb::LogicalType& form);
/// Back from any form.
postgres::Value FromDuck(const duckdb::Value& value, postgres::TypeRef of);

}  // namespace weir::sql::duck
