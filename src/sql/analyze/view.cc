#include "sql/analyze/view.h"

#include "sql/analyze/select.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;

Result<RangeEntry> ViewEntry(const Scope& scope, const NamedRelation& view) {
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  const RelationPtr relation = std::get<RangeEntry::Table>(view.source).relation;
  WEIR_ASSIGN_OR_RETURN(const dialect::Source source, dialect::Source::Of(relation->view->query));
  WEIR_ASSIGN_OR_RETURN(const dialect::ParseTree tree, dialect::ParseTree::Of(source));
  Statement statement(source, tree.begin(), {*view.of_view, scope.statement.settings});
  // The tables of one with security_invoker are the user's to name, wherever the view stands.
  const bool invoker = relation->view->IsOn("security_invoker");
  statement.of_view = !invoker;
  if (invoker) statement.definer = scope.statement.definer;
  statement.stack_base = scope.statement.stack_base;
  RangeEntry entry;
  WEIR_ASSIGN_OR_RETURN(QueryPtr query, AnalyzeQuery(statement, nullptr, tree.statement(0).stmt()));
  if (VisibleColumns(*query) != static_cast<int>(view.columns.size())) {
    return postgres::Error(sqlstate::kInternalError, "a view has other columns than its query");
  }
  for (const Target& target : query->targets) {
    if (target.hidden) continue;
    const OutputColumn& column = view.columns[entry.columns.size()];
    entry.columns.push_back({column.name, target.expression->type, column.hidden});
  }
  entry.source = RangeEntry::Subquery{std::move(query)};
  entry.view = relation;
  return entry;
}

void NoteStar(const Scope& scope, const pg_query::Node& star, const std::vector<ExpandedColumn>& columns) {
  if (scope.statement.noted == nullptr || !star.has_column_ref()) return;
  auto& noted = scope.statement.noted->stars[star.column_ref().location()];
  for (const ExpandedColumn& column : columns) {
    if (!column.join.empty()) {
      noted.push_back({column.join, column.name});
      continue;
    }
    const auto* reference = std::get_if<ColumnReference>(&column.value->node);
    if (reference == nullptr || reference->level > 0) {
      noted.push_back({column.name});
      continue;
    }
    noted.push_back({scope.query->relations[static_cast<size_t>(reference->relation)].alias, column.name});
  }
}

}  // namespace weir::sql::analyze
