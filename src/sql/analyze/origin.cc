#include "sql/analyze/origin.h"

#include <algorithm>

namespace weir::sql::analyze {
namespace {

ColumnOrigin OriginIn(const Query& query, int column) {
  for (const Target& target : query.targets) {
    if (target.hidden) continue;
    if (column-- == 0) return OriginOf(query, *target.expression);
  }
  return {};
}

ColumnOrigin OriginIn(const Relation& relation, int column) {
  const auto at = static_cast<size_t>(column);
  if (at >= relation.columns.size()) return {};
  return {relation.id, relation.is_view() ? column + 1 : relation.NumberOf(at)};
}

}  // namespace

ColumnOrigin OriginOf(const Query& query, const Expression& expression) {
  const auto* reference = std::get_if<ColumnReference>(&expression.node);
  if (reference == nullptr || reference->level != 0 || reference->relation < 0) return {};
  const RangeEntry& entry = query.relations[static_cast<size_t>(reference->relation)];
  if (!entry.view_columns.empty()) {  // its table stands in the view's place
    const auto column = std::ranges::find(entry.view_columns, reference->column, &RangeEntry::ViewColumn::place);
    const auto at = static_cast<int>(column - entry.view_columns.begin());
    return column == entry.view_columns.end() ? ColumnOrigin() : OriginIn(*entry.view, at);
  }
  if (entry.view) return OriginIn(*entry.view, reference->column);
  if (const auto* table = std::get_if<RangeEntry::Table>(&entry.source)) {
    return OriginIn(*table->relation, reference->column);
  }
  if (const auto* subquery = std::get_if<RangeEntry::Subquery>(&entry.source)) {
    return OriginIn(*subquery->query, reference->column);
  }
  const auto* with = std::get_if<RangeEntry::WithQuery>(&entry.source);
  if (with == nullptr || with->level != 0) return {};
  return OriginIn(*query.with[static_cast<size_t>(with->index)].query, reference->column);
}

}  // namespace weir::sql::analyze
