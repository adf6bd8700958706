#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "postgres/oid.h"
#include "postgres/value.h"
#include "sql/duckdb/physical.h"
#include "sql/system/system_rows.h"

/// What the rows of pg_catalog's tables are written with.
namespace weir::sql::cells {

using duckdb::LogicalType;
using duckdb::Value;

inline Value Oid(int64_t oid) { return Value::BIGINT(oid); }
inline Value Small(int64_t number) { return Value::SMALLINT(static_cast<int16_t>(number)); }
inline Value Int(int64_t number) { return Value::INTEGER(static_cast<int32_t>(number)); }
inline Value Bool(bool value) { return Value::BOOLEAN(value); }
inline Value Text(std::string text) { return Value(std::move(text)); }
/// An inet by its text; NULL for an empty one, and for what is no address.
inline Value Inet(const std::string& text) {
  const auto address = postgres::ReadText({postgres::oid::kInet}, text, {});
  return address.ok() ? duck::ToDuck(*address, {postgres::oid::kInet}, LogicalType::BLOB) : Value(LogicalType::BLOB);
}
inline Value Moment(const std::optional<int64_t>& microseconds) {
  return microseconds ? Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(*microseconds)) : Value(LogicalType::TIMESTAMP_TZ);
}
/// A "char".
inline Value Letter(char letter) { return Value(std::string(1, letter)); }

inline Value SmallIntegers(const std::vector<int>& numbers) {
  duckdb::vector<Value> values;
  for (const int number : numbers) values.push_back(Small(number));
  return Value::LIST(LogicalType::SMALLINT, std::move(values));
}
inline Value Oids(const std::vector<int64_t>& oids) {
  duckdb::vector<Value> values;
  for (const int64_t oid : oids) values.push_back(Oid(oid));
  return Value::LIST(LogicalType::BIGINT, std::move(values));
}
inline Value Texts(const std::vector<std::string>& texts) {
  duckdb::vector<Value> values;
  for (const std::string& text : texts) values.emplace_back(text);
  return Value::LIST(LogicalType::VARCHAR, std::move(values));
}

/// What a column holds that nothing is said of.
inline Value Nothing(const std::string& type) {
  if (type == "oid" || type == "xid" || type == "regproc" || type == "regclass") return Oid(0);
  if (type == "int2") return Small(0);
  if (type == "int4") return Int(0);
  if (type == "float4") return Value::FLOAT(0);
  if (type == "bool") return Bool(false);
  if (type == "name" || type == "char") return Text("");
  return Value(SystemType(type));
}

template <typename Row>
struct Getter {
  std::string_view column;
  Value (*get)(const Row&);
};
template <typename Row>
using Getters = std::vector<Getter<Row>>;

/// Rows whose columns getters give; those without one hold Nothing.
template <typename Row>
class GivenRows final : public SystemRows {
 public:
  GivenRows(std::vector<Row> rows, const std::vector<SystemColumn>& columns, const Getters<Row>& getters)
      : rows_(std::move(rows)) {
    for (const SystemColumn& column : columns) {
      auto found = std::find_if(getters.begin(), getters.end(), [&](const auto& g) { return g.column == column.name; });
      getters_.push_back(found == getters.end() ? nullptr : found->get);
      nothing_.push_back(Nothing(column.type));
    }
  }
  size_t size() const override { return rows_.size(); }
  Value Get(size_t row, size_t column) const override {
    return getters_[column] ? getters_[column](rows_[row]) : nothing_[column];
  }

 private:
  std::vector<Row> rows_;
  std::vector<Value (*)(const Row&)> getters_;
  std::vector<Value> nothing_;
};

}  // namespace weir::sql::cells
