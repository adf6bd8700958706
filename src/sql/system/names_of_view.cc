#include "sql/system/names_of_view.h"

#include <algorithm>

#include "sql/system/system_schema.h"

namespace weir::sql {
namespace {

/// The columns as the view knows them; it does not see the others.
void NameColumns(const ViewSource& source, const Relation& relation, std::vector<analyze::OutputColumn>* columns) {
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    analyze::OutputColumn& column = (*columns)[i];
    const auto known = std::ranges::find(source.columns, relation.NumberOf(i), &ViewSource::Column::number);
    column.hidden = known == source.columns.end();
    column.name = column.hidden ? std::string() : known->name;
  }
}

}  // namespace

Result<std::optional<analyze::NamedRelation>> NamesOfView::FindRelation(std::string_view schema,
                                                                        std::string_view name) {
  if (IsSystemSchema(schema)) return session_.FindIn(schema, name);
  const auto& sources = view_->view->sources;
  const auto source = std::ranges::find_if(
      sources, [&](const ViewSource& one) { return one.schema == schema && one.name == name; });
  if (source == sources.end()) return std::optional<analyze::NamedRelation>();
  WEIR_ASSIGN_OR_RETURN(const RelationPtr relation, Find(*source));
  if (!relation) return std::optional<analyze::NamedRelation>();
  analyze::NamedRelation named = session_.Named(relation, schema);
  NameColumns(*source, *relation, &named.columns);
  return std::optional(std::move(named));
}

/// By its name, which is quick to find, unless that means another one now.
Result<RelationPtr> NamesOfView::Find(const ViewSource& source) {
  const std::string& database = source.schema == "public" ? view_->path.database : source.schema;
  WEIR_ASSIGN_OR_RETURN(RelationPtr relation, session_.catalog().Find({database, source.name}));
  if (relation && relation->id == source.relation) return relation;
  return session_.catalog().FindById(source.relation);
}

}  // namespace weir::sql
