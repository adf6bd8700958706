#include "sql/analyze/view_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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

}  // namespace

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

namespace {

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

/// The query of the view that a query reads; null: it reads none.
Query* ViewBelow(const Query& query) {
  const RangeEntry* relation = OnlyRelation(query);
  if (relation == nullptr || !relation->view) return nullptr;
  const auto* subquery = std::get_if<RangeEntry::Subquery>(&relation->source);
  return subquery == nullptr ? nullptr : subquery->query.get();
}

/// Puts what the columns of an inner view are made of in the place of references to them.
class ViewSubstitution {
 public:
  explicit ViewSubstitution(const Expressions& values) : values_(values) {}

  void Apply(ExpressionPtr& expression) {
    const auto* column = std::get_if<ColumnReference>(&expression->node);
    if (column != nullptr && column->level == depth_) {
      read_.insert(column->column);
      const int position = expression->position;
      expression = Clone(*values_[static_cast<size_t>(column->column)], depth_);
      expression->position = position;
      return;
    }
    const auto* row = std::get_if<WholeRow>(&expression->node);
    has_whole_row_ = has_whole_row_ || (row != nullptr && row->level == depth_);
    ForEachChild(*expression, [this](ExpressionPtr& child) { Apply(child); }, [this](Query& inner) { Apply(inner); });
  }

  const std::set<int>& read() const { return read_; }
  bool has_whole_row() const { return has_whole_row_; }

 private:
  void Apply(Query& inner) {
    ++depth_;
    ForEachExpression(inner, [this](ExpressionPtr& one) { Apply(one); }, [this](Query& one) { Apply(one); });
    --depth_;
  }

  const Expressions& values_;
  std::set<int> read_;
  int depth_ = 0;
  bool has_whole_row_ = false;
};

/// A query that reads a view reads that view's table instead. False where it names the view's rows whole.
bool Flatten(Query* query) {
  RangeEntry& entry = query->relations[static_cast<size_t>(query->from[0].relation)];
  const QueryPtr inner = std::move(std::get<RangeEntry::Subquery>(entry.source).query);
  RangeEntry table = std::move(inner->relations[static_cast<size_t>(inner->from[0].relation)]);
  RangeEntry::InnerView view{.view = entry.view, .places = {}, .read = {}};
  Expressions values;
  for (Target& target : inner->targets) {
    if (target.hidden) continue;
    view.places.push_back(PlaceOf(table, target));
    values.push_back(std::move(target.expression));
  }
  ViewSubstitution substitution(values);
  if (query->where) substitution.Apply(query->where);
  view.read = substitution.read();
  for (Target& target : query->targets) substitution.Apply(target.expression);
  AddBefore(std::move(inner->where), &query->where);
  table.inner_views.insert(table.inner_views.begin(), std::move(view));
  table.alias = entry.alias;
  entry = std::move(table);
  return !substitution.has_whole_row();
}

/// Flattens all views that a view's query reads. What is wrong with one of them is said of it.
Status FlattenAll(const Scope& scope, Query* query, const std::string& view, bool* possible) {
  if (std::string why = WhyNotUpdatable(*query); !why.empty()) return NotUpdatable(scope, view, std::move(why));
  *possible = *possible && HasPlainColumns(*query);
  Query* below = ViewBelow(*query);
  if (below == nullptr) return Status::OK();
  const std::string& name = OnlyRelation(*query)->view->path.table;
  WEIR_RETURN_NOT_OK(FlattenAll(scope, below, name, possible));
  const bool plain = query->relations.size() == 1 && below->relations.size() == 1 && *possible;
  *possible = plain && ReadsOneTable(*below) && Flatten(query);
  return Status::OK();
}

/// The first view from above that holds rows that come in to a CHECK OPTION, its own and those below; 0: none does.
int64_t CheckingView(const RangeEntry& table, const RelationPtr& view) {
  const auto checks = [](const RelationPtr& one) { return one->view->check_option != '\0'; };
  if (checks(view)) return view->id;
  for (const RangeEntry::InnerView& inner : table.inner_views) {
    if (checks(inner.view)) return inner.view->id;
  }
  return 0;
}

}  // namespace

void AddBefore(ExpressionPtr condition, ExpressionPtr* where) {
  if (!condition) return;
  if (!*where) {
    *where = std::move(condition);
    return;
  }
  Logic both{.kind = Logic::Kind::kAnd, .arguments = {}};
  both.arguments.push_back(std::move(condition));
  both.arguments.push_back(std::move(*where));
  *where = MakeExpression(std::move(both), {postgres::oid::kBool, -1}, 0);
}

bool IsUpdatable(const Query& query) {
  if (!WhyNotUpdatable(query).empty() || !HasPlainColumns(query)) return false;
  const Query* below = ViewBelow(query);
  return below != nullptr ? IsUpdatable(*below) : ReadsOneTable(query);
}

std::vector<int> ComputedColumns(const Query& query) {
  const Query* below = ViewBelow(query);
  const std::vector<int> computed_below = below != nullptr ? ComputedColumns(*below) : std::vector<int>();
  const auto* table = std::get_if<RangeEntry::Table>(&OnlyRelation(query)->source);
  std::vector<int> computed;
  int place = 0;
  for (const Target& target : query.targets) {
    if (target.hidden) continue;
    const int column = IsColumn(target) ? std::get<ColumnReference>(target.expression->node).column : -1;
    const bool of_system = table != nullptr && column >= static_cast<int>(table->relation->columns.size());
    if (column < 0 || of_system || std::ranges::count(computed_below, column) > 0) computed.push_back(place);
    ++place;
  }
  return computed;
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
  bool possible = true;
  WEIR_RETURN_NOT_OK(FlattenAll(scope, query.get(), view, &possible));
  if (!possible || !ReadsOneTable(*query)) {
    return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported,
                   fmt::format("view \"{}\" cannot be changed", view),
                   "Change the table that it reads.",
                   "Rows are changed through views of one table, none of whose columns is a subquery.");
  }
  RangeEntry base = std::move(query->relations[static_cast<size_t>(query->from[0].relation)]);
  TakeColumns(scope, query.get(), target.columns, &base);
  std::get<RangeEntry::Table>(base.source).checking_view = CheckingView(base, target.view);
  auto& keys = scope.keys[static_cast<size_t>(scope.query->target_relation)];
  keys = scope.statement.names.KeysOf(*std::get<RangeEntry::Table>(base.source).relation);
  // The view may call the columns of the others differently, and it has no constraints of its own.
  std::erase_if(keys, [](const UniqueKey& key) { return !key.expressions.empty() || !key.condition.empty(); });
  for (UniqueKey& key : keys) key.name.clear();
  base.view = target.view;
  base.alias = target.alias;
  base.position = target.position;
  target = std::move(base);
  scope.view_condition = std::move(query->where);
  return Status::OK();
}

}  // namespace weir::sql::analyze
