#include "sql/catalog/relation.h"

namespace weir::sql {

int Relation::ColumnIndex(std::string_view name) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<int> Relation::PrimaryKey() const {
  std::vector<int> positions;
  for (const SqlConstraint& constraint : constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    for (const std::string& column : constraint.columns) positions.push_back(ColumnIndex(column));
  }
  return positions;
}

}  // namespace weir::sql
