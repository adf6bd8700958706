#include "sql/engine/view_checks.h"

#include <map>

#include "sql/dialect/column_reference.h"
#include "sql/dialect/view_text.h"

namespace weir::sql {
namespace {

using NewNames = std::map<std::string, std::string>;  // of columns, and what the table calls them

/// All at once: one may be called now as another was.
Result<std::string> Renamed(std::string condition, const NewNames& names) {
  NewNames away;
  for (const auto& [name, now] : names) {
    if (name == now) continue;
    const std::string between = "weir renamed " + std::to_string(away.size());
    WEIR_ASSIGN_OR_RETURN(condition, dialect::WithColumnRenamed(condition, name, between));
    away.emplace(between, now);
  }
  for (const auto& [between, now] : away) {
    WEIR_ASSIGN_OR_RETURN(condition, dialect::WithColumnRenamed(condition, between, now));
  }
  return condition;
}

class Checks {
 public:
  explicit Checks(CatalogView& catalog) : catalog_(catalog) {}

  /// Gives what the view's query calls the table's columns.
  Result<NewNames> Add(const std::string& name, const ViewDefinition& view, bool cascaded) {
    NewNames columns;
    if (view.sources.empty()) return columns;
    const ViewSource& source = view.sources.front();
    WEIR_ASSIGN_OR_RETURN(const RelationPtr below, catalog_.FindById(source.relation));
    if (!below) return columns;
    NewNames of_below;
    if (below->is_view()) {
      WEIR_ASSIGN_OR_RETURN(const NewNames inside,
                            Add(below->path.table, *below->view, cascaded || view.check_option == 'c'));
      WEIR_ASSIGN_OR_RETURN(of_below, ShownNames(*below, inside));
    }
    for (const ViewSource::Column& column : source.columns) {
      const int place = below->ColumnNumbered(column.number);
      if (place < 0) continue;
      const std::string& now = below->columns[static_cast<size_t>(place)].name;
      if (!below->is_view()) {
        columns.emplace(column.name, now);
      } else if (const auto known = of_below.find(now); known != of_below.end()) {
        columns.emplace(column.name, known->second);
      }
    }
    if (!cascaded && view.check_option == '\0') return columns;
    WEIR_ASSIGN_OR_RETURN(std::string condition, dialect::ConditionOfQuery(view.query));
    if (condition.empty()) return columns;
    WEIR_ASSIGN_OR_RETURN(condition, Renamed(std::move(condition), columns));
    found_.push_back({name, std::move(condition)});
    return columns;
  }

  std::vector<ViewCheck> Take() { return std::move(found_); }

 private:
  /// The columns that a view shows as they are, and what the table calls them.
  static Result<NewNames> ShownNames(const Relation& view, const NewNames& inside) {
    NewNames shown;
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> targets, dialect::ColumnsOfQuery(view.view->query));
    for (size_t i = 0; i < targets.size() && i < view.columns.size(); ++i) {
      const auto known = inside.find(targets[i]);
      if (known != inside.end()) shown.emplace(view.columns[i].name, known->second);
    }
    return shown;
  }

  CatalogView& catalog_;
  std::vector<ViewCheck> found_;
};

}  // namespace

Result<std::vector<ViewCheck>> ViewChecksOf(CatalogView& catalog, const std::string& name,
                                            const ViewDefinition& view) {
  Checks checks(catalog);
  WEIR_RETURN_NOT_OK(checks.Add(name, view, false).status());
  return checks.Take();
}

}  // namespace weir::sql
