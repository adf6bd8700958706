#include <fmt/format.h>

#include <algorithm>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/dependent_views.h"
#include "sql/catalog/materialized_view.h"
#include "sql/catalog/type_ddl.h"
#include "sql/catalog/type_names.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

Status NotA(const char* kind, const Relation& relation, std::string hint) {
  return Error("42809", fmt::format("\"{}\" is not a {}", relation.path.table, kind), {.hint = std::move(hint)});
}

/// A view keeps the columns that it has; more may follow them.
Status CheckReplaced(const Relation& before, const std::vector<SqlColumn>& columns) {
  if (!before.is_view()) return NotA("view", before, {});
  if (columns.size() < before.columns.size()) return Error("42P16", "cannot drop columns from view");
  for (size_t i = 0; i < before.columns.size(); ++i) {
    const SqlColumn& old = before.columns[i];
    if (old.name != columns[i].name) {
      return Error("42P16",
                   fmt::format("cannot change name of view column \"{}\" to \"{}\"", old.name, columns[i].name),
                   {.hint = "Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead."});
    }
    if (old.type == columns[i].type) continue;
    return Error("42P16", fmt::format("cannot change data type of view column \"{}\" from {} to {}", old.name,
                                      postgres::WithTypeNames(old.type), postgres::WithTypeNames(columns[i].type)));
  }
  return Status::OK();
}

/// 42P17 for a view that would stand for itself.
Status CheckNotRecursive(CatalogDraft& draft, const RelationPtr& before, const ViewDefinition& definition,
                         const DdlContext& context) {
  WEIR_ASSIGN_OR_RETURN(const auto above, ViewsAbove(draft, {before}, context));
  for (const ViewSource& source : definition.sources) {
    bool recursive = source.relation == before->id;
    for (const DependentView& one : above) recursive = recursive || one.view->id == source.relation;
    if (!recursive) continue;
    return Error("42P17", fmt::format("infinite recursion detected in rules for relation \"{}\"", before->path.table));
  }
  return Status::OK();
}

Status ReplaceView(const RelationPtr& before, NewView made, const DdlContext& context, CatalogDraft* draft) {
  WEIR_RETURN_NOT_OK(CheckReplaced(*before, made.columns));
  WEIR_RETURN_NOT_OK(CheckNotRecursive(*draft, before, made.definition, context));
  auto now = std::make_shared<Relation>(*before);
  for (size_t i = 0; i < before->columns.size(); ++i) made.columns[i].comment = before->columns[i].comment;
  now->columns = std::move(made.columns);
  now->view = std::make_shared<const ViewDefinition>(std::move(made.definition));
  draft->Put(now, before);
  WEIR_RETURN_NOT_OK(UnlinkView(draft, *before, now.get()));
  return LinkView(draft, *now);
}

}  // namespace

Result<Notices> Execute(const CreateView& statement, const DdlContext& context, CatalogDraft* draft) {
  if (statement.materialized) return CreateMaterializedView(statement, context, draft);
  const TablePath path = PathOf(statement.name, context);
  WEIR_RETURN_NOT_OK(CheckDatabase(*draft, path, statement.name));
  WEIR_ASSIGN_OR_RETURN(NewView made, context.define_view(statement));
  WEIR_RETURN_NOT_OK(BindTypesIn(context, draft, &made.definition.query));
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, FindTaken(*draft, path));
  if (before && !statement.replace) return NameIsTaken(path.table);
  if (before) {
    WEIR_RETURN_NOT_OK(ReplaceView(before, std::move(made), context, draft));
    return Notices();
  }
  WEIR_RETURN_NOT_OK(CheckNoTypeIsCalled(*draft, path));
  WEIR_RETURN_NOT_OK(CheckName(path));
  auto view = std::make_shared<Relation>();
  WEIR_ASSIGN_OR_RETURN(view->id, draft->TakeIds(1));
  view->path = path;
  view->columns = std::move(made.columns);
  view->view = std::make_shared<const ViewDefinition>(std::move(made.definition));
  draft->Put(view, nullptr);
  WEIR_RETURN_NOT_OK(LinkView(draft, *view));
  return Notices();
}

Result<Notices> Execute(const DropView& statement, const DdlContext& context, CatalogDraft* draft) {
  Notices notices;
  const char* kind = statement.materialized ? "materialized view" : "view";
  std::vector<RelationPtr> views;
  for (const QualifiedName& name : statement.names) {
    WEIR_ASSIGN_OR_RETURN(RelationPtr view, draft->Find(PathOf(name, context)));
    const bool fits = !view || (statement.materialized ? view->is_materialized() : view->is_view());
    if (!fits) return NotA(kind, *view, HowToDrop(*view));
    if (view) {
      if (std::ranges::find(views, view) == views.end()) views.push_back(std::move(view));
    } else if (statement.if_exists) {
      notices.push_back(fmt::format("{} \"{}\" does not exist, skipping", kind, Shown(name)));
    } else {
      return Error("42P01", fmt::format("{} \"{}\" does not exist", kind, Shown(name)));
    }
  }
  WEIR_ASSIGN_OR_RETURN(const auto above, ViewsAbove(*draft, views, context));
  const std::string what = views.size() == 1 ? Described(*views[0], context) : "";
  WEIR_RETURN_NOT_OK(CheckNothingDepends(what, above, statement.cascade));
  AddCascadeNotice(above, context, &notices);
  for (const DependentView& one : above) views.push_back(one.view);
  WEIR_RETURN_NOT_OK(RemoveAll(draft, views));
  return notices;
}

}  // namespace weir::sql
