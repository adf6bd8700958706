#include "sql/engine/constraint_exclusion.h"

#include <algorithm>
#include <set>

#include "sql/engine/attached_catalog.h"
#include "sql/engine/index_values.h"
#include "sql/engine/key_lookup.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/parameters.h"

namespace weir::sql {
namespace {

/// Whether all of it compares columns as they are held, with values that are there: of such a condition it is certain
/// which values make it false, and not only NULL, with which a CHECK lets a row in.
bool ComparesValues(const Condition& condition) {
  if (condition.expression || condition.value_type != 0) return false;
  if (std::ranges::any_of(condition.values, [](const duckdb::Value& value) { return value.IsNull(); })) return false;
  return std::ranges::all_of(condition.children, ComparesValues);
}

void CollectColumns(const Condition& condition, std::set<int>* columns) {
  if (condition.kind == Condition::Kind::kTest && condition.column >= 0) columns->insert(condition.column);
  for (const Condition& child : condition.children) CollectColumns(child, columns);
}

KeyDomain DomainOfColumn(duckdb::ClientContext& context, const Condition& condition, int column, const DataType& type) {
  std::vector<KeyPart> key;
  KeyPart& part = key.emplace_back();
  part.column = column;
  part.type = type;
  return DomainsOf(context, condition, key).front();
}

}  // namespace

bool IsExcluded(duckdb::ClientContext& context, const Relation& heir, const Relation& scanned,
                const Condition& condition) {
  const Parameters* const parameters = SessionState::Of(context).parameters;
  const bool off = parameters != nullptr && parameters->Get("constraint_exclusion") == "off";
  if (condition.kind == Condition::Kind::kAnything || off) return false;
  std::set<int> columns;
  CollectColumns(condition, &columns);
  std::vector<Condition> checks;
  for (const SqlConstraint& constraint : heir.constraints) {
    if (columns.empty()) break;
    if (constraint.kind != SqlConstraint::Kind::kCheck || constraint.not_valid) continue;
    Condition check = ReadOverRelation(context, heir, BindIndexCondition(context, heir, constraint.check));
    if (ComparesValues(check)) checks.push_back(std::move(check));
  }
  if (checks.empty()) return false;
  return std::ranges::any_of(columns, [&](int column) {
    const SqlColumn& scanned_column = scanned.columns[static_cast<size_t>(column)];
    const DataType& type = scanned_column.data_type;
    if (!HasOneForm(type)) return false;
    const KeyDomain wanted = DomainOfColumn(context, condition, column, type);
    if (wanted.is_all() || wanted.nulls()) return false;
    const int own = PositionOf(heir, scanned_column.name);
    return std::ranges::any_of(checks, [&](const Condition& check) {
      return wanted.Intersect(DomainOfColumn(context, check, own, type)).empty();
    });
  });
}

}  // namespace weir::sql
