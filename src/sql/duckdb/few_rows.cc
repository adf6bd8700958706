#include "sql/duckdb/few_rows.h"

#include <algorithm>

namespace weir::sql::duck {
namespace {

using analyze::Expression;
using analyze::Query;
using analyze::RangeEntry;

constexpr size_t kFewRows = 100;

/// The column that a side of a comparison is, coerced or not; −1: it is something else.
int NamedColumn(const Expression& side) {
  if (const auto* column = std::get_if<analyze::ColumnReference>(&side.node))
    return column->level == 0 ? column->column : -1;
  if (const auto* coercion = std::get_if<analyze::Coercion>(&side.node)) return NamedColumn(*coercion->argument);
  const auto* call = std::get_if<analyze::Call>(&side.node);
  const bool cast = call != nullptr && call->form == analyze::CallForm::kImplicitCast && call->arguments.size() == 1;
  return cast ? NamedColumn(*call->arguments[0]) : -1;
}

void AddCompared(const Expression& condition, std::vector<int>* columns) {
  if (const auto* logic = std::get_if<analyze::Logic>(&condition.node)) {
    if (logic->kind != analyze::Logic::Kind::kAnd) return;
    for (const auto& argument : logic->arguments) AddCompared(*argument, columns);
    return;
  }
  const auto* call = std::get_if<analyze::Call>(&condition.node);
  if (call == nullptr || call->form != analyze::CallForm::kOperator || call->arguments.size() != 2) return;
  for (const auto& side : call->arguments) {
    if (const int column = NamedColumn(*side); column >= 0) columns->push_back(column);
  }
}

bool NamesKey(const Query& query) {
  const auto* table =
      query.relations.size() == 1 ? std::get_if<RangeEntry::Table>(&query.relations[0].source) : nullptr;
  if (table == nullptr || query.where == nullptr) return false;
  std::vector<int> compared;
  AddCompared(*query.where, &compared);
  const std::vector<int> key = table->relation->PrimaryKey();
  return !key.empty() && std::ranges::all_of(key, [&](int column) {
    return std::ranges::find(compared, column) != compared.end();
  });
}

bool IsFewValues(const Query& query) {
  return std::ranges::all_of(query.relations, [](const RangeEntry& entry) {
    const auto* values = std::get_if<RangeEntry::Values>(&entry.source);
    return values != nullptr && values->rows.size() <= kFewRows;
  });
}

/// One scan, its rows as they come.
bool IsSimple(const Query& query) {
  return query.with.empty() && !query.set_operation && query.group_by.empty() && !query.grouping_sets &&
         query.having == nullptr && query.windows.empty() && !query.has_aggregates && !query.has_set_returning &&
         !query.distinct && query.distinct_on.empty() && query.order_by.empty() && query.limit == nullptr &&
         query.offset == nullptr && query.locks.empty() && !query.on_conflict;
}

}  // namespace

bool IsOfFewRows(const Query& query) {
  if (!IsSimple(query)) return false;
  switch (query.command) {
    case Query::Command::kSelect: return query.relations.empty() || NamesKey(query);
    case Query::Command::kUpdate:
    case Query::Command::kDelete: return NamesKey(query);
    case Query::Command::kInsert: {
      const Query* source = query.insert_source.query.get();
      return source == nullptr || (IsSimple(*source) && IsFewValues(*source));
    }
    case Query::Command::kMerge: return false;
  }
  return false;
}

}  // namespace weir::sql::duck
