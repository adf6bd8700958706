#include "sql/catalog/foreign_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sql/catalog/bound_text.h"

namespace weir::sql {

std::vector<std::string> ReferencedColumns(const SqlForeignKey& key, const Relation& referenced) {
  std::vector<std::string> names;
  for (const int number : key.columns) {
    const int at = referenced.ColumnNumbered(number);
    if (at >= 0) names.push_back(referenced.columns[static_cast<size_t>(at)].name);
  }
  return names;
}

std::vector<ReferableKey> ReferableKeys(const Relation& table) {
  std::vector<ReferableKey> keys;
  for (const SqlConstraint& constraint : table.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    keys.push_back({.index = constraint.name, .columns = table.PrimaryKey(), .primary = true});
  }
  for (const RelationPtr& index : table.indexes) {
    if (!index->index->unique || !index->index->valid || !index->index->is_plain()) continue;
    const SqlConstraint* constraint = index->index->constraint ? table.FindConstraint(index->path.table) : nullptr;
    keys.push_back({.index = index->path.table,
                    .columns = KeyPositionsOf(*index->index, table),
                    .primary = constraint != nullptr && constraint->primary});
  }
  return keys;
}

Result<std::vector<RelationPtr>> WithAncestors(CatalogView& catalog, const RelationPtr& table) {
  std::vector<RelationPtr> line = {table};
  while (line.back()->parent) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr parent, catalog.FindById(*line.back()->parent));
    if (!parent) break;
    line.push_back(std::move(parent));
  }
  return line;
}

Result<std::vector<ForeignKey>> KeysReferringTo(CatalogView& catalog, const RelationPtr& table) {
  std::vector<ForeignKey> keys;
  WEIR_ASSIGN_OR_RETURN(const auto line, WithAncestors(catalog, table));
  for (const RelationPtr& referenced : line) {
    for (const int64_t id : referenced->referenced_by) {
      WEIR_ASSIGN_OR_RETURN(const RelationPtr referring, catalog.FindById(id));
      if (!referring) continue;
      for (const SqlConstraint& constraint : referring->constraints) {
        if (!constraint.foreign || constraint.foreign->table != referenced->id) continue;
        keys.push_back({.table = referring, .constraint = constraint, .referenced = referenced});
      }
    }
  }
  return keys;
}

Result<bool> HasReferences(CatalogView& catalog, const RelationPtr& table) {
  const auto is_foreign = [](const SqlConstraint& constraint) { return constraint.foreign.has_value(); };
  if (std::ranges::any_of(table->constraints, is_foreign)) return true;
  WEIR_ASSIGN_OR_RETURN(const auto line, WithAncestors(catalog, table));
  return std::ranges::any_of(line, [](const RelationPtr& one) { return !one->referenced_by.empty(); });
}

std::vector<int> ReferenceColumns(const Relation& table, bool referenced) {
  std::set<int> columns;
  for (const SqlConstraint& constraint : table.constraints) {
    if (!constraint.foreign) continue;
    for (const std::string& name : constraint.columns) columns.insert(table.ColumnIndex(name));
  }
  if (referenced) {
    for (const ReferableKey& key : ReferableKeys(table)) columns.insert(key.columns.begin(), key.columns.end());
  }
  columns.erase(-1);
  return {columns.begin(), columns.end()};
}

namespace {

std::string ActionText(const char* when, ReferentialAction action) {
  switch (action) {
    case ReferentialAction::kNoAction: return {};
    case ReferentialAction::kRestrict: return fmt::format(" ON {} RESTRICT", when);
    case ReferentialAction::kCascade: return fmt::format(" ON {} CASCADE", when);
    case ReferentialAction::kSetNull: return fmt::format(" ON {} SET NULL", when);
    case ReferentialAction::kSetDefault: return fmt::format(" ON {} SET DEFAULT", when);
  }
  return {};
}

std::string QuotedList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteIdentifier(name);
  return "(" + list + ")";
}

}  // namespace

std::string ForeignKeyText(const SqlConstraint& constraint, const Relation& referenced, const std::string& name) {
  const ForeignKeyRules& rules = constraint.foreign->rules;
  std::string text = fmt::format("FOREIGN KEY {} REFERENCES {}{}", QuotedList(constraint.columns), name,
                                 QuotedList(ReferencedColumns(*constraint.foreign, referenced)));
  if (rules.match_full) text += " MATCH FULL";
  text += ActionText("UPDATE", rules.on_update);
  text += ActionText("DELETE", rules.on_delete);
  if (!rules.set_columns.empty()) text += " " + QuotedList(rules.set_columns);
  if (rules.deferrable) text += " DEFERRABLE";
  if (rules.deferred) text += " INITIALLY DEFERRED";
  if (constraint.not_valid) text += " NOT VALID";
  return text;
}

}  // namespace weir::sql
