#include "sql/analyze/current_of.h"

#include <algorithm>
#include <iterator>

#include "sql/analyze/operator.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;

namespace {

bool ShowsRows(const Query& query) {
  return query.command == Query::Command::kSelect && !query.set_operation && query.group_by.empty() &&
         !query.grouping_sets && !query.having && !query.has_aggregates && !query.distinct &&
         query.distinct_on.empty() && query.windows.empty() && !query.has_set_returning;
}

/// Without a lock only one relation by itself is looked at, as in PostgreSQL.
std::vector<int> NamedRelations(const Query& query) {
  std::vector<int> relations;
  for (const RowLock& lock : query.locks) std::ranges::copy(lock.relations, std::back_inserter(relations));
  if (!query.locks.empty()) return relations;
  if (query.from.size() == 1 && query.from.front().relation >= 0) relations.push_back(query.from.front().relation);
  return relations;
}

/// The places of the columns that name a table's rows; none: nothing does.
std::vector<size_t> NamingColumns(const RangeEntry& entry) {
  const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
  if (table == nullptr || table->relation->is_sequence() || table->relation->is_foreign()) return {};
  std::vector<size_t> places;
  for (const int column : table->relation->PrimaryKey()) places.push_back(static_cast<size_t>(column));
  if (!places.empty()) return places;
  for (size_t i = table->relation->columns.size(); i < entry.columns.size(); ++i) places.push_back(i);
  return places;
}

/// Of the table, whatever a view calls it.
std::string NameOfColumn(const RangeEntry& entry, size_t place) {
  const auto& columns = std::get<RangeEntry::Table>(entry.source).relation->columns;
  return place < columns.size() ? columns[place].name : entry.columns[place].name;
}

}  // namespace

std::vector<CursorTable> NameRows(Query* query) {
  std::vector<CursorTable> tables;
  if (!ShowsRows(*query)) return tables;
  size_t shown = static_cast<size_t>(
      std::ranges::count_if(query->targets, [](const Target& target) { return !target.hidden; }));
  for (const int relation : NamedRelations(*query)) {
    const RangeEntry& entry = query->relations[static_cast<size_t>(relation)];
    const std::vector<size_t> places = NamingColumns(entry);
    if (places.empty()) continue;
    CursorTable table{.table = std::get<RangeEntry::Table>(entry.source).relation, .columns = {}, .first = shown,
                      .locked = !query->locks.empty()};
    for (const size_t place : places) {
      table.columns.push_back(NameOfColumn(entry, place));
      ColumnReference column{.level = 0, .relation = relation, .column = static_cast<int>(place)};
      query->targets.push_back({"", MakeExpression(column, entry.columns[place].type, 0)});
    }
    shown += places.size();
    tables.push_back(std::move(table));
  }
  return tables;
}

Result<ExpressionPtr> AnalyzeCurrentOf(Scope& scope, const pg_query::CurrentOfExpr& current) {
  const int relation = scope.query->target_relation;
  const RangeEntry& target = scope.query->relations[static_cast<size_t>(relation)];
  if (target.view) {
    return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported, "WHERE CURRENT OF on a view is not implemented");
  }
  const Relation& table = *std::get<RangeEntry::Table>(target.source).relation;
  WEIR_ASSIGN_OR_RETURN(const auto row, scope.statement.names.FindCursorRow(current.cursor_name(), table));
  if (!row) return MakeExpression(Constant{false}, {oid::kBool, -1}, 0);
  const WrittenOperator equals{.name = {"pg_catalog", "="}};
  Logic all{.kind = Logic::Kind::kAnd, .arguments = {}};
  for (const CursorRow::Value& value : row->values) {
    size_t place = 0;
    while (NameOfColumn(target, place) != value.column) ++place;
    ExpressionPtr text = MakeExpression(Constant{postgres::Value(value.text)}, {oid::kUnknown, -1}, 0);
    ExpressionPtr column = ColumnOf(scope, 0, relation, static_cast<int>(place), 0);
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr equal, MakeOperator(scope, equals, std::move(column), std::move(text)));
    all.arguments.push_back(std::move(equal));
  }
  if (all.arguments.size() == 1) return std::move(all.arguments.front());
  return MakeExpression(std::move(all), {oid::kBool, -1}, 0);
}

}  // namespace weir::sql::analyze
