#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/engine/system_rows.h"

namespace weir::sql {

// --- values

inline duckdb::Value Oid(int64_t oid) { return duckdb::Value::BIGINT(oid); }
inline duckdb::Value Small(size_t number) { return duckdb::Value::SMALLINT(static_cast<int16_t>(number)); }
inline duckdb::Value Int(int64_t number) { return duckdb::Value::INTEGER(static_cast<int32_t>(number)); }
inline duckdb::Value Bool(bool value) { return duckdb::Value::BOOLEAN(value); }
inline duckdb::Value Text(std::string text) { return duckdb::Value(std::move(text)); }

inline duckdb::Value SmallIntegers(const std::vector<int>& numbers) {
  duckdb::vector<duckdb::Value> values;
  for (int number : numbers) values.push_back(duckdb::Value::SMALLINT(static_cast<int16_t>(number)));
  return duckdb::Value::LIST(duckdb::LogicalType::SMALLINT, std::move(values));
}
inline duckdb::Value Oids(const std::vector<int64_t>& oids) {
  duckdb::vector<duckdb::Value> values;
  for (int64_t oid : oids) values.push_back(Oid(oid));
  return duckdb::Value::LIST(duckdb::LogicalType::BIGINT, std::move(values));
}
inline duckdb::Value Texts(const std::vector<std::string>& texts) {
  duckdb::vector<duckdb::Value> values;
  for (const std::string& text : texts) values.emplace_back(text);
  return duckdb::Value::LIST(duckdb::LogicalType::VARCHAR, std::move(values));
}

/// What a column holds that nothing is said of.
inline duckdb::Value Nothing(const std::string& type) {
  if (type == "oid" || type == "xid") return Oid(0);
  if (type == "int2") return Small(0);
  if (type == "int4") return Int(0);
  if (type == "float4") return duckdb::Value::FLOAT(0);
  if (type == "bool") return Bool(false);
  if (type == "name" || type == "char") return Text("");
  if (type == "regproc") return Text("-");
  return duckdb::Value(SystemType(type));
}

// --- rows by getters

template <typename Row>
struct Getter {
  std::string_view column;
  duckdb::Value (*get)(const Row&);
};
template <typename Row>
using Getters = std::vector<Getter<Row>>;

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
  duckdb::Value Get(size_t row, size_t column) const override {
    return getters_[column] ? getters_[column](rows_[row]) : nothing_[column];
  }

 private:
  std::vector<Row> rows_;
  std::vector<duckdb::Value (*)(const Row&)> getters_;
  std::vector<duckdb::Value> nothing_;
};

}  // namespace weir::sql
