#include "sql/system/view_query_text.h"

#include <algorithm>

#include "sql/dialect/view_text.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/shown_definitions.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

/// The columns that an alias has to name so that the query's names mean what they did: all that are there now, under
/// what the view calls them; empty where nothing has changed.
std::vector<std::string> AliasedColumns(const ViewSource& source, const Relation& relation) {
  std::vector<std::string> names;
  bool renamed = false;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const auto known = std::ranges::find(source.columns, relation.NumberOf(i), &ViewSource::Column::number);
    names.push_back(known == source.columns.end() ? relation.columns[i].name : known->name);
    renamed = renamed || names.back() != relation.columns[i].name;
  }
  return renamed ? names : std::vector<std::string>();
}

}  // namespace

std::string WrittenViewQuery(const SystemSources& sources, const Relation& view) {
  std::vector<dialect::RenamedRelation> relations;
  for (const ViewSource& source : view.definition()->sources) {
    const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(source.relation));
    if (!relation || relation->is_functions()) continue;
    const bool visible = IsVisible(sources, *relation);
    const std::string schema = visible ? "" : SchemaSeenFrom(sources.database, relation->path.database);
    relations.push_back({source.schema, source.name, schema, relation->path.table, AliasedColumns(source, *relation)});
  }
  std::vector<std::string> columns;
  for (const SqlColumn& column : view.columns) columns.push_back(column.name);
  if (columns == view.definition()->columns) columns.clear();
  const std::string query = ValueOrThrow(dialect::CurrentQuery(view.definition()->query, relations, columns));
  std::string text = TextHere(sources, query);
  text.erase(text.find_last_not_of("; \t\r\n") + 1);  // what stood where WITH NO DATA was
  return " " + text;
}

std::string ViewQueryText(const SystemSources& sources, const RelationPtr& view, bool pretty) {
  const std::optional<std::string> shown = ShownView(sources, view, pretty);
  return (shown ? *shown : WrittenViewQuery(sources, *view)) + ";";
}

}  // namespace weir::sql
