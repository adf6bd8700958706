#include "weir/schema.h"

#include <algorithm>
#include <set>

namespace weir {
namespace {

Status InvalidTable(std::string message) { return {ErrorCode::kInvalidTable, std::move(message)}; }

std::string JoinNames(const std::vector<Column>& columns) {
  std::string text;
  for (const Column& column : columns) {
    if (!text.empty()) text += ", ";
    text += column.name;
  }
  return text;
}

Column* FindColumn(std::vector<Column>& columns, std::string_view name) {
  auto it = std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return it == columns.end() ? nullptr : &*it;
}

Status CheckNames(const std::vector<Column>& columns) {
  std::set<std::string_view> seen;
  for (const Column& column : columns) {
    if (column.name.empty()) return InvalidTable("a column has an empty name");
    if (!seen.insert(column.name).second) return InvalidTable("column name '" + column.name + "' occurs twice");
  }
  return Status::OK();
}

Status ApplyPrimaryKey(const std::vector<std::string>& primary_key, std::vector<Column>& columns) {
  std::set<std::string_view> seen;
  for (const std::string& name : primary_key) {
    Column* column = FindColumn(columns, name);
    if (column == nullptr) {
      return InvalidTable("primary key column '" + name + "' is none of the columns " + JoinNames(columns));
    }
    if (!seen.insert(column->name).second) {
      return InvalidTable("column '" + name + "' occurs twice in the primary key");
    }
    if (column->type.is_nested()) {
      return InvalidTable("primary key column '" + name + "' has type " + column->type.ToString() +
                          "; ARRAY, MAP and ROW cannot be keys");
    }
    column->type = column->type.NotNull();
  }
  return Status::OK();
}

Status CheckAutoIncrement(const std::string& name, const std::vector<std::string>& primary_key,
                          std::vector<Column>& columns) {
  const Column* column = FindColumn(columns, name);
  if (column == nullptr) {
    return InvalidTable("auto-increment column '" + name + "' is none of the columns " + JoinNames(columns));
  }
  if (primary_key.empty()) {
    return InvalidTable("auto-increment column '" + name + "' needs a table with a primary key");
  }
  if (std::find(primary_key.begin(), primary_key.end(), name) != primary_key.end()) {
    return InvalidTable("auto-increment column '" + name + "' must not be part of the primary key");
  }
  if (column->type.id() != TypeId::kInt && column->type.id() != TypeId::kBigInt) {
    return InvalidTable("auto-increment column '" + name + "' has type " + column->type.ToString() +
                        ", it must be INT or BIGINT");
  }
  return Status::OK();
}

/// Numbers the fields of nested rows, outermost first, after the column that holds them.
DataType WithFieldIds(const DataType& type, int* next_id) {
  if (type.id() == TypeId::kArray) {
    return DataType::Array(WithFieldIds(type.element_type(), next_id)).WithNullable(type.nullable());
  }
  if (type.id() == TypeId::kMap) {
    DataType key = WithFieldIds(type.key_type(), next_id);
    return DataType::Map(key, WithFieldIds(type.value_type(), next_id)).WithNullable(type.nullable());
  }
  if (type.id() != TypeId::kRow) return type;
  std::vector<Field> fields = type.fields();
  for (Field& field : fields) {
    if (field.field_id < 0) field.field_id = (*next_id)++;
    field.type = WithFieldIds(field.type, next_id);
  }
  return DataType::Row(std::move(fields)).WithNullable(type.nullable());
}

int HighestFieldId(const DataType& type) {
  if (type.id() == TypeId::kArray) return HighestFieldId(type.element_type());
  if (type.id() == TypeId::kMap) return std::max(HighestFieldId(type.key_type()), HighestFieldId(type.value_type()));
  int highest = -1;
  if (type.id() != TypeId::kRow) return highest;
  for (const Field& field : type.fields()) {
    highest = std::max({highest, field.field_id, HighestFieldId(field.type)});
  }
  return highest;
}

Status AssignIds(std::vector<Column>& columns, int* highest) {
  for (const Column& column : columns) *highest = std::max({*highest, column.id, HighestFieldId(column.type)});
  int next = *highest + 1;
  std::set<int> seen;
  for (Column& column : columns) {
    if (column.id < 0) {
      column.id = next++;
      column.type = WithFieldIds(column.type, &next);
    }
    if (!seen.insert(column.id).second) {
      return InvalidTable("column '" + column.name + "' has id " + std::to_string(column.id) +
                          ", which another column has");
    }
  }
  *highest = next - 1;
  return Status::OK();
}

}  // namespace

Result<Schema> Schema::Make(std::vector<Column> columns, std::vector<std::string> primary_key,
                            std::optional<std::string> auto_increment_column, int highest_field_id) {
  WEIR_RETURN_NOT_OK(CheckNames(columns));
  for (const Column& column : columns) {
    WEIR_RETURN_NOT_OK(column.type.Validate().WithContext("column '" + column.name + "'"));
  }
  WEIR_RETURN_NOT_OK(ApplyPrimaryKey(primary_key, columns));
  if (auto_increment_column) WEIR_RETURN_NOT_OK(CheckAutoIncrement(*auto_increment_column, primary_key, columns));
  WEIR_RETURN_NOT_OK(AssignIds(columns, &highest_field_id));

  Schema schema;
  schema.columns_ = std::move(columns);
  schema.primary_key_ = std::move(primary_key);
  schema.auto_increment_column_ = std::move(auto_increment_column);
  schema.highest_field_id_ = highest_field_id;
  return schema;
}

std::vector<DataType> Schema::types() const {
  std::vector<DataType> types;
  types.reserve(columns_.size());
  for (const Column& column : columns_) types.push_back(column.type);
  return types;
}

int Schema::IndexOf(std::string_view name) const {
  for (int i = 0; i < num_columns(); ++i) {
    if (columns_[i].name == name) return i;
  }
  return -1;
}

Result<std::vector<int>> Schema::IndexesOf(const std::vector<std::string>& names) const {
  std::vector<int> indexes;
  indexes.reserve(names.size());
  for (const std::string& name : names) {
    const int index = IndexOf(name);
    if (index < 0) return Status::Invalid("Column '" + name + "' not found. Expected one of: " + JoinNames(columns_));
    indexes.push_back(index);
  }
  return indexes;
}

bool Schema::operator==(const Schema& other) const {
  if (primary_key_ != other.primary_key_ || auto_increment_column_ != other.auto_increment_column_ ||
      highest_field_id_ != other.highest_field_id_ || columns_.size() != other.columns_.size()) {
    return false;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column &a = columns_[i], &b = other.columns_[i];
    if (a.name != b.name || !(a.type == b.type) || a.comment != b.comment || a.agg_function != b.agg_function ||
        a.id != b.id || a.initial_default != b.initial_default) {
      return false;
    }
  }
  return true;
}

}  // namespace weir
