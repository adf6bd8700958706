#include "sql/catalog/relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/sql_marks.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/fluss_name.h"
#include "sql/catalog/index_ddl.h"
#include "sql/dialect/kept_call.h"

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
  if (relation.is_index()) return IndexTablePath(relation.id);
  if (!relation.fluss_name.empty()) return {FlussNameOf(relation.path.database), relation.fluss_name};
  std::string table = FlussNameOf(relation.path.table);
  if (relation.table_number > 0) table += fmt::format("-{}", relation.table_number);
  return {FlussNameOf(relation.path.database), std::move(table)};
}

const SqlIndex::Expression* SqlIndex::ExpressionAt(size_t part) const {
  if (part >= columns.size() || columns[part] != 0) return nullptr;
  const auto end = columns.begin() + static_cast<std::ptrdiff_t>(part);
  return &expressions[static_cast<size_t>(std::count(columns.begin(), end, 0))];
}

bool HoldsAllWith(const SqlIndex& index, const Relation& table, size_t columns) {
  if (!index.nulls_distinct) return true;
  const std::vector<int> key = KeyPositionsOf(index, table);
  const auto rest = key.begin() + static_cast<std::ptrdiff_t>(std::min(columns, key.size()));
  return std::all_of(rest, key.end(), [&](int column) {
    return column >= 0 && table.columns[static_cast<size_t>(column)].not_null;
  });
}

std::vector<int> KeyPositionsOf(const SqlIndex& index, const Relation& table) {
  std::vector<int> positions;
  for (const int number : index.columns) positions.push_back(table.ColumnNumbered(number));
  return positions;
}

std::vector<std::string> KeyColumnsOf(const SqlIndex& index, const Relation& table) {
  std::vector<std::string> names;
  for (size_t i = 0; i < index.columns.size(); ++i) {
    if (const SqlIndex::Expression* expression = index.ExpressionAt(i)) {
      names.push_back(TextInIndex(*expression));
      continue;
    }
    const int at = table.ColumnNumbered(index.columns[i]);
    names.push_back(at < 0 ? "" : table.columns[static_cast<size_t>(at)].name);
  }
  return names;
}

std::string TextInIndex(const SqlIndex::Expression& expression) {
  const std::string written = dialect::WithCallsAsWritten(expression.text);
  return expression.is_call ? written : "(" + written + ")";
}

bool SayTheSame(const SqlIndex& a, const Relation& table_of_a, const SqlIndex& b, const Relation& table_of_b) {
  return a.unique == b.unique && a.nulls_distinct == b.nulls_distinct && a.condition == b.condition &&
         a.exclusion == b.exclusion && KeyColumnsOf(a, table_of_a) == KeyColumnsOf(b, table_of_b);
}

std::string ExclusionText(const SqlConstraint& constraint, const Relation& table) {
  const RelationPtr found = IndexOfConstraint(table, constraint.name);
  if (!found) return "EXCLUDE";
  const SqlIndex& index = *found->index;
  const std::vector<std::string> columns = KeyColumnsOf(index, table);
  std::string parts;
  if (constraint.exclusion->key != '\0') {
    for (const std::string& column : columns) parts += (parts.empty() ? "" : ", ") + QuoteIdentifier(column);
    std::string included;
    for (const std::string& column : constraint.included) {
      included += (included.empty() ? " INCLUDE (" : ", ") + QuoteIdentifier(column);
    }
    return std::string(constraint.exclusion->key == 'p' ? "PRIMARY KEY" : "UNIQUE") +
           (constraint.nulls_distinct ? " (" : " NULLS NOT DISTINCT (") + parts + ")" + included +
           (included.empty() ? "" : ")") + " DEFERRABLE" +
           (constraint.exclusion->deferred ? " INITIALLY DEFERRED" : "");
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string part = index.ExpressionAt(i) == nullptr ? QuoteIdentifier(columns[i]) : columns[i];
    parts += (i ? ", " : "") + part + " WITH " + constraint.exclusion->operators[i];
  }
  const std::string where = index.condition.empty() ? "" : " WHERE (" + index.condition + ")";
  return "EXCLUDE USING " + constraint.exclusion->method + " (" + parts + ")" + where;
}

const SqlConstraint* DeferrablePrimaryKeyOf(const Relation& table) {
  const auto found = std::ranges::find_if(
      table.constraints, [](const SqlConstraint& one) { return one.exclusion && one.exclusion->key == 'p'; });
  return found == table.constraints.end() ? nullptr : &*found;
}

const SqlConstraint* OwnPrimaryKeyOf(const Relation& table) {
  const auto found = std::ranges::find(table.constraints, true, &SqlConstraint::primary);
  return found == table.constraints.end() ? DeferrablePrimaryKeyOf(table) : &*found;
}

bool ViewDefinition::IsOn(const std::string& option) const {
  const auto found = switches.find(option);
  if (found == switches.end()) return false;
  const char first = static_cast<char>(std::tolower(static_cast<unsigned char>(found->second[0])));
  return first == 't' || first == 'y' || first == '1' || (first == 'o' && found->second.size() == 2);  // "on"
}

}  // namespace weir::sql
