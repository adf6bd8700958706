#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/data_type.h"

namespace weir {

/// How an aggregation table combines a column's values, e.g. {"sum", {}}.
struct AggFunction {
  std::string type;
  std::map<std::string, std::string> parameters;
  bool operator==(const AggFunction&) const = default;
};

/// A column. `id` is stable across schema changes; -1 until a schema gives it one.
struct Column {
  std::string name;
  DataType type;
  std::optional<std::string> comment;
  std::optional<AggFunction> agg_function;
  int id = -1;
  /// What the column holds in rows that were written before it was added: a COMPACTED row of this one column. Absent:
  /// NULL.
  std::optional<std::string> initial_default = {};
};

/// Columns, primary key and auto-increment column of a table. An immutable value.
class Schema {
 public:
  Schema() = default;

  /// Checks names and keys, makes key columns NOT NULL and hands out ids where none are given.
  /// Errors (code 15): duplicate or unknown names, a nested key column, a bad auto-increment column.
  static Result<Schema> Make(std::vector<Column> columns, std::vector<std::string> primary_key = {},
                             std::optional<std::string> auto_increment_column = {}, int highest_field_id = -1);

  const std::vector<Column>& columns() const { return columns_; }
  int num_columns() const { return static_cast<int>(columns_.size()); }
  const Column& column(int i) const { return columns_[i]; }
  std::vector<DataType> types() const;
  const std::vector<std::string>& primary_key() const { return primary_key_; }
  bool has_primary_key() const { return !primary_key_.empty(); }
  const std::optional<std::string>& auto_increment_column() const { return auto_increment_column_; }
  int highest_field_id() const { return highest_field_id_; }

  /// Position of a column, -1 when there is none of that name.
  int IndexOf(std::string_view name) const;
  /// Positions of `names`, in their order; an unknown name is code -2 and lists what exists.
  Result<std::vector<int>> IndexesOf(const std::vector<std::string>& names) const;

  bool operator==(const Schema& other) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::string> primary_key_;
  std::optional<std::string> auto_increment_column_;
  int highest_field_id_ = -1;
};

}  // namespace weir
