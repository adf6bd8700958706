#include "sql/analyze/view_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;

namespace {

const RangeEntry* OnlyRelation(const Query& query) {
  if (query.from.size() != 1 || query.from[0].relation < 0) return nullptr;
  const RangeEntry& entry = query.relations[static_cast<size_t>(query.from[0].relation)];
  const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
  const bool named = entry.view || (table != nullptr && !table->relation->is_sequence()) ||
                     std::holds_alternative<RangeEntry::SystemTable>(entry.source);
  return named ? &entry : nullptr;
}

bool IsColumn(const Target& target) {
  const auto* column = std::get_if<ColumnReference>(&target.expression->node);
  return column != nullptr && column->level == 0;
}

/// PostgreSQL's DETAIL for a view through which nothing can be changed; empty: it can.
std::string WhyNotUpdatable(const Query& query) {
  std::string what;
  if (query.distinct || !query.distinct_on.empty()) {
    what = "Views containing DISTINCT";
  } else if (!query.group_by.empty() || query.grouping_sets) {
    what = "Views containing GROUP BY";
  } else if (query.having) {
    what = "Views containing HAVING";
  } else if (query.set_operation) {
    what = "Views containing UNION, INTERSECT, or EXCEPT";
  } else if (!query.with.empty()) {
    what = "Views containing WITH";
  } else if (query.limit || query.offset) {
    what = "Views containing LIMIT or OFFSET";
  } else if (query.has_aggregates) {
    what = "Views that return aggregate functions";
  } else if (!query.windows.empty()) {
    what = "Views that return window functions";
  } else if (query.has_set_returning) {
    what = "Views that return set-returning functions";
  } else if (const RangeEntry* relation = OnlyRelation(query); relation == nullptr) {
    what = "Views that do not select from a single table or view";
  } else if (relation->sample) {
    what = "Views containing TABLESAMPLE";
  } else if (std::ranges::none_of(query.targets, IsColumn)) {
    what = "Views that have no updatable columns";
  }
  return what.empty() ? what : what + " are not automatically updatable.";
}

struct Verb {
  const char* infinitive;
  const char* gerund;
  const char* command;
};

Verb VerbOf(Query::Command command) {
  switch (command) {
    case Query::Command::kUpdate: return {"update", "updating", "UPDATE"};
    case Query::Command::kDelete: return {"delete from", "deleting from", "DELETE"};
    case Query::Command::kInsert:
    case Query::Command::kMerge:
    case Query::Command::kSelect: break;
  }
  return {"insert into", "inserting into", "INSERT"};
}

Status NotUpdatable(const Scope& scope, const std::string& view, std::string detail) {
  const Verb verb = VerbOf(scope.query->command);
  return ErrorAt(scope, -1, sqlstate::kObjectNotInPrerequisiteState,
                 fmt::format("cannot {} view \"{}\"", verb.infinitive, view),
                 fmt::format("To enable {} the view, provide an INSTEAD OF {} trigger or an unconditional ON {} DO "
                             "INSTEAD rule.",
                             verb.gerund, verb.command, verb.command),
                 std::move(detail));
}

/// Of the table's column that the view's is; −1: it is none.
int PlaceOf(const RangeEntry& table, const Target& target) {
  if (!IsColumn(target)) return -1;
  const int column = std::get<ColumnReference>(target.expression->node).column;
  const auto width = std::get<RangeEntry::Table>(table.source).relation->columns.size();  // behind them: system columns
  return column < static_cast<int>(width) ? column : -1;
}

/// Whether what its columns are made of can stand in the statement; subqueries cannot.
bool HasPlainColumns(const Query& query) {
  return std::ranges::all_of(query.targets, [](const Target& target) { return Clone(*target.expression) != nullptr; });
}

void TakeColumns(Scope& scope, Query* query, const std::vector<OutputColumn>& view, RangeEntry* table) {
  for (OutputColumn& column : table->columns) {
    column.hidden = true;
    column.name.clear();
  }
  for (Target& target : query->targets) {
    if (target.hidden) continue;
    const OutputColumn& shown = view[table->view_columns.size()];
    const int place = PlaceOf(*table, target);
    table->view_columns.push_back({shown.name, shown.hidden, place});
    if (!shown.hidden) scope.view_values.push_back(std::move(target.expression));
    if (place < 0) continue;
    table->columns[static_cast<size_t>(place)].hidden = shown.hidden;
    table->columns[static_cast<size_t>(place)].name = shown.name;
  }
}

bool ReadsOneTable(const Query& query) {
  const RangeEntry* relation = OnlyRelation(query);
  return relation != nullptr && !relation->view && std::holds_alternative<RangeEntry::Table>(relation->source);
}

}  // namespace

bool IsUpdatable(const Query& query) {
  return WhyNotUpdatable(query).empty() && ReadsOneTable(query) && HasPlainColumns(query);
}

Status OpenViewTarget(Scope& scope, const pg_query::RangeVar& name) {
  RangeEntry& target = scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
  const std::string& view = target.view->path.table;
  if (scope.query->command == Query::Command::kMerge) {
    return ErrorAt(scope, -1, sqlstate::kWrongObjectType,
                   fmt::format("cannot execute MERGE on relation \"{}\"", view), {},
                   "This operation is not supported for views.");
  }
  const QueryPtr query = std::move(std::get<RangeEntry::Subquery>(target.source).query);
  if (std::string why = WhyNotUpdatable(*query); !why.empty()) return NotUpdatable(scope, view, std::move(why));
  if (!ReadsOneTable(*query) || !HasPlainColumns(*query)) {
    return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported,
                   fmt::format("view \"{}\" cannot be changed", view),
                   "Change the table that it reads.",
                   "Rows are changed through views of one table, none of whose columns is a subquery.");
  }
  RangeEntry base = std::move(query->relations[static_cast<size_t>(query->from[0].relation)]);
  TakeColumns(scope, query.get(), target.columns, &base);
  const ViewDefinition& definition = *target.view->view;
  if (definition.check_option != '\0' && !definition.check_condition.empty()) {
    std::get<RangeEntry::Table>(base.source).checking_view = target.view->id;
  }
  base.view = target.view;
  base.alias = target.alias;
  base.position = target.position;
  target = std::move(base);
  scope.view_condition = std::move(query->where);
  return Status::OK();
}

}  // namespace weir::sql::analyze
