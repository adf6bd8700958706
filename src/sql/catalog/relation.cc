#include "sql/catalog/relation.h"

#include <algorithm>

#include "model/sql_marks.h"

namespace weir::sql {

bool Relation::HasGenerated() const {
  return std::ranges::any_of(columns, [](const SqlColumn& column) { return column.generated.has_value(); });
}

int Relation::ColumnIndex(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

const SqlConstraint* Relation::FindConstraint(std::string_view name) const {
  const auto found = std::ranges::find(constraints, name, &SqlConstraint::name);
  return found == constraints.end() ? nullptr : &*found;
}

int Relation::NumberOf(size_t column) const {
  return columns[column].number > 0 ? columns[column].number : static_cast<int>(column) + 1;
}

int Relation::ColumnNumbered(int number) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (NumberOf(i) == number) return static_cast<int>(i);
  }
  return -1;
}

int Relation::LastNumber() const {
  int last = dropped_number;
  for (size_t i = 0; i < columns.size(); ++i) last = std::max(last, NumberOf(i));
  return last;
}

std::vector<int> Relation::PrimaryKey() const {
  std::vector<int> positions;
  for (const SqlConstraint& constraint : constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    for (const std::string& column : constraint.columns) positions.push_back(ColumnIndex(column));
  }
  return positions;
}

TablePath FlussPathOf(const Relation& relation) {
  return relation.is_index() ? IndexTablePath(relation.id) : relation.path;
}

bool HoldsAllWith(const SqlIndex& index, const Relation& table, size_t columns) {
  const std::vector<int> key = KeyPositionsOf(index, table);
  const auto rest = key.begin() + static_cast<std::ptrdiff_t>(std::min(columns, key.size()));
  return std::all_of(rest, key.end(), [&](int column) { return table.columns[static_cast<size_t>(column)].not_null; });
}

std::vector<int> KeyPositionsOf(const SqlIndex& index, const Relation& table) {
  std::vector<int> positions;
  for (const int number : index.columns) positions.push_back(table.ColumnNumbered(number));
  return positions;
}

std::vector<std::string> KeyColumnsOf(const SqlIndex& index, const Relation& table) {
  std::vector<std::string> names;
  for (const int at : KeyPositionsOf(index, table)) {
    names.push_back(at < 0 ? "" : table.columns[static_cast<size_t>(at)].name);
  }
  return names;
}

}  // namespace weir::sql
