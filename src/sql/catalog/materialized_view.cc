#include "sql/catalog/materialized_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

CreateTable TableOf(const CreateView& statement, const std::vector<SqlColumn>& columns) {
  CreateTable table;
  table.name = statement.name;
  for (const SqlColumn& column : columns) {
    ColumnDefinition& definition = table.columns.emplace_back();
    definition.name = column.name;
    definition.type.text = column.type;
  }
  return table;
}

bool HasUniqueIndex(const Relation& view) {
  return std::ranges::any_of(view.indexes, [](const RelationPtr& index) {
    return index->index->unique && index->index->valid && index->index->is_plain();
  });
}

}  // namespace

Result<Notices> CreateMaterializedView(const CreateView& statement, const DdlContext& context, CatalogDraft* draft) {
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr existing, FindTaken(*draft, path));
  if (existing) return NameIsTaken(path.table);
  WEIR_ASSIGN_OR_RETURN(NewView made, context.define_view(statement));
  WEIR_ASSIGN_OR_RETURN(Notices notices, Execute(TableOf(statement, made.columns), context, draft));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, draft->Find(path));
  auto view = std::make_shared<Relation>(*table);
  made.definition.updatable = false;
  view->materialized = std::make_shared<const ViewDefinition>(std::move(made.definition));
  view->populated = !statement.with_no_data;
  draft->Put(view, table);
  WEIR_RETURN_NOT_OK(LinkView(draft, *view));
  return notices;
}

void SetPopulated(const RelationPtr& view, bool populated, CatalogDraft* draft) {
  auto now = std::make_shared<Relation>(*view);
  now->populated = populated;
  draft->Put(std::move(now), view);
}

Status CheckMayRefresh(const RefreshMaterializedView& statement, const Relation& relation,
                       const std::string& database) {
  const std::string& name = relation.path.table;
  if (!relation.is_leaf() && !relation.is_partitioned()) {
    return Error("42809", fmt::format("\"{}\" is not a table or materialized view", name));
  }
  if (!relation.is_materialized()) return Error("0A000", fmt::format("\"{}\" is not a materialized view", name));
  if (!statement.concurrently) return Status::OK();
  if (!relation.populated) {
    return Error("0A000", "CONCURRENTLY cannot be used when the materialized view is not populated");
  }
  if (statement.with_no_data) {
    return Error("42601", "CONCURRENTLY and WITH NO DATA options cannot be used together");
  }
  if (HasUniqueIndex(relation)) return Status::OK();
  const std::string& schema = relation.path.database == database ? "public" : relation.path.database;
  return Error("55000", fmt::format("cannot refresh materialized view \"{}.{}\" concurrently", schema, name),
               {.hint = "Create a unique index with no WHERE clause on one or more columns of the materialized view."});
}

}  // namespace weir::sql
