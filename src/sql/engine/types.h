#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/key_value.h"
#include "sql/catalog/relation.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/session.h"

namespace weir::sql {

/// The DuckDB type that holds a Fluss type. Zoned timestamps are microseconds; plain ones of more than six
/// digits nanoseconds.
duckdb::LogicalType ToDuckType(const DataType& type);

/// PostgreSQL's name of a DuckDB type as its error texts have it: "integer", "timestamp without time zone".
std::string PgTypeName(const duckdb::LogicalType& type);
/// Of regclass and its like: numbers that are shown as names, which a cast to text gives.
bool IsNameType(const duckdb::LogicalType& type);

ResultColumn DescribeColumn(const std::string& name, const duckdb::LogicalType& type);

/// A value of DuckDB's as a partition key of `type`. Nothing when a key of that type cannot be equal to it.
std::optional<KeyValue> ToKeyValue(const DataType& type, const duckdb::Value& value);

/// A value as PostgreSQL's output functions write it; "null" for NULL.
std::string PgText(const duckdb::Value& value);
std::string PgText(const DataType& type, const KeyValue& value);

/// Reads the values of a key's part as the part compares them, row by row, without a DuckDB Value between.
class KeyReader {
 public:
  /// `vector` holds `count` values of ToDuckType(type); `value_type` as SqlPartitionKeyPart has it.
  KeyReader(const DataType& type, duckdb::Vector& vector, duckdb::idx_t count, uint32_t value_type = 0);
  KeyValue Read(duckdb::idx_t row) const;

 private:
  KeyValue AsHeld(duckdb::idx_t row) const;

  DataType type_;
  uint32_t value_type_;
  duckdb::LogicalType duck_type_;
  duckdb::UnifiedVectorFormat format_;
};

}  // namespace weir::sql
