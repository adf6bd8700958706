#include "sql/analyze/relation_uses.h"

#include <algorithm>

#include "sql/analyze/walk.h"

namespace weir::sql::analyze {
namespace {

class Walk {
 public:
  std::vector<RelationUse> Run(Query& query) {
    Visit(query, nullptr);
    return std::move(uses_);
  }

 private:
  struct Frame {
    Query* query;
    RelationPtr of_view;
    std::vector<int> uses;  // along Query::relations; −1: neither a table nor a view
  };

  void Visit(Query& query, RelationPtr of_view) {
    frames_.push_back({&query, of_view, {}});
    const RelationPtr before = changed_view_;
    if (query.target_relation >= 0) {
      changed_view_ = NamingView(query.relations[static_cast<size_t>(query.target_relation)], of_view);
    }
    for (const RangeEntry& entry : query.relations) frames_.back().uses.push_back(Open(entry, of_view));
    const int target = query.target_relation < 0 ? -1 : frames_.back().uses[static_cast<size_t>(query.target_relation)];
    if (target >= 0) Write(query, &uses_[static_cast<size_t>(target)]);
    ForEachExpression(
        query, [&](ExpressionPtr& expression) { Visit(*expression); },
        [&](Query& inner) { Visit(inner, ViewOf(query, inner, of_view)); });
    frames_.pop_back();
    changed_view_ = before;
    if (target >= 0) UseOfView(query.relations[static_cast<size_t>(query.target_relation)], target, of_view);
  }

  static void Write(const Query& query, RelationUse* use) {
    use->command = query.command;
    use->written.insert(query.insert_columns.begin(), query.insert_columns.end());
    for (const Assignment& assignment : query.assignments) use->written.insert(assignment.column);
  }

  /// The view whose owner's rights count within a view that `of_view` names; null: the session's do.
  static RelationPtr RightsWithin(const RelationPtr& view, const RelationPtr& of_view) {
    if (!view || !view->is_view()) return of_view;
    return view->view->IsOn("security_invoker") ? nullptr : view;
  }

  /// The view that names the table in whose place it stands.
  static RelationPtr NamingView(const RangeEntry& entry, const RelationPtr& of_view) {
    RelationPtr naming = RightsWithin(entry.view, of_view);
    for (const RangeEntry::InnerView& inner : entry.inner_views) naming = RightsWithin(inner.view, naming);
    return naming;
  }

  /// The same is done to the views in between, by the owners of those above them.
  void UseInnerViews(const RangeEntry& target, const RelationUse& table, const RelationPtr& of_view) {
    RelationPtr above = RightsWithin(target.view, of_view);
    for (const RangeEntry::InnerView& inner : target.inner_views) {
      RelationUse use{inner.view, above, {}, table.command, {}};
      if (table.command != Query::Command::kInsert) use.columns = inner.read;
      for (size_t i = 0; i < inner.places.size(); ++i) {
        if (table.written.contains(inner.places[i])) use.written.insert(static_cast<int>(i));
        const auto shown = std::ranges::find_if(target.view_columns, [&](const RangeEntry::ViewColumn& column) {
          return column.is_read && column.place >= 0 && column.place == inner.places[i];
        });
        if (shown != target.view_columns.end()) use.columns.insert(static_cast<int>(i));
      }
      uses_.push_back(std::move(use));
      above = RightsWithin(inner.view, above);
    }
  }

  /// A view whose table is changed: the same is done to it, to the columns that are the table's.
  void UseOfView(const RangeEntry& target, int of_table, const RelationPtr& of_view) {
    if (!target.view) return;
    const RelationUse table = uses_[static_cast<size_t>(of_table)];
    UseInnerViews(target, table, of_view);
    RelationUse use{target.view, of_view, {}, table.command, {}};
    for (size_t i = 0; i < target.view_columns.size(); ++i) {
      const RangeEntry::ViewColumn& column = target.view_columns[i];
      if (column.hidden) continue;
      if (column.is_read) use.columns.insert(static_cast<int>(i));
      if (table.written.contains(column.place)) use.written.insert(static_cast<int>(i));
    }
    uses_.push_back(std::move(use));
  }

  void Visit(Expression& expression) {
    if (const auto* column = std::get_if<ColumnReference>(&expression.node)) {
      Add(column->level, column->relation, column->column);
    } else if (const auto* row = std::get_if<WholeRow>(&expression.node)) {
      Add(row->level, row->relation, -1);
    }
    ForEachChild(
        expression, [&](ExpressionPtr& child) { Visit(*child); },
        [&](Query& inner) { Visit(inner, frames_.back().of_view); });
  }

  /// The view whose query `inner` is, or stands in, and whose owner's rights count there.
  static RelationPtr ViewOf(const Query& query, const Query& inner, const RelationPtr& of_view) {
    for (const RangeEntry& entry : query.relations) {
      const auto* subquery = std::get_if<RangeEntry::Subquery>(&entry.source);
      if (subquery != nullptr && subquery->query.get() == &inner && entry.view) {
        return RightsWithin(entry.view, of_view);
      }
    }
    return of_view;
  }

  int Open(const RangeEntry& entry, const RelationPtr& of_view) {
    const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
    if (table == nullptr && !entry.view) return -1;
    // What the query of a view that is changed names is the view's to use, and stands in the statement itself.
    const RelationPtr& of_query = table != nullptr && table->of_view && !of_view ? changed_view_ : of_view;
    uses_.push_back({table == nullptr ? entry.view : table->relation, entry.definer ? entry.definer : of_query, {}});
    return static_cast<int>(uses_.size()) - 1;
  }

  /// `column` −1: all of them; `relation` −1: the columns of a set operation's result.
  void Add(int level, int relation, int column) {
    const auto depth = static_cast<int>(frames_.size());
    if (level >= depth || relation < 0) return;
    const Frame& frame = frames_[static_cast<size_t>(depth - 1 - level)];
    if (relation >= static_cast<int>(frame.uses.size()) || frame.uses[static_cast<size_t>(relation)] < 0) return;
    RelationUse& use = uses_[static_cast<size_t>(frame.uses[static_cast<size_t>(relation)])];
    const auto width = static_cast<int>(use.relation->columns.size());  // behind them: system columns
    if (column >= 0) {
      if (column < width) use.columns.insert(column);
      return;
    }
    const auto& columns = frame.query->relations[static_cast<size_t>(relation)].columns;
    for (int i = 0; i < width; ++i) {
      if (!columns[static_cast<size_t>(i)].hidden) use.columns.insert(i);
    }
  }

  std::vector<Frame> frames_;
  RelationPtr changed_view_;  // through which the statement around changes a table; null: none
  std::vector<RelationUse> uses_;
};

}  // namespace

std::vector<RelationUse> UsesOf(Query& query) { return Walk().Run(query); }

}  // namespace weir::sql::analyze
