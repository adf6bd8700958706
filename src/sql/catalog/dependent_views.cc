#include "sql/catalog/dependent_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>

#include "sql/catalog/catalog_impl.h"
#include "sql/catalog/ddl_names.h"
#include "sql/catalog/heirs.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

bool Names(const Relation& view, int64_t relation) {
  const ViewDefinition* definition = view.definition();
  if (definition == nullptr) return false;
  return std::ranges::find(definition->sources, relation, &ViewSource::relation) != definition->sources.end();
}

bool UsesColumn(const ViewDefinition& view, int64_t relation, int number) {
  return std::ranges::any_of(view.sources, [&](const ViewSource& source) {
    return source.relation == relation && std::ranges::any_of(source.columns, [&](const ViewSource::Column& one) {
             return one.number == number && one.used;
           });
  });
}

Result<std::vector<RelationPtr>> AllViews(CatalogDraft& draft) {
  std::vector<RelationPtr> views;
  WEIR_ASSIGN_OR_RETURN(const auto databases, draft.ListDatabases());
  for (const std::string& database : databases) {
    WEIR_ASSIGN_OR_RETURN(const auto relations, draft.ListRelations(database));
    std::ranges::copy_if(relations, std::back_inserter(views),
                         [](const RelationPtr& relation) { return relation->definition() != nullptr; });
  }
  return views;
}

/// Looks from what is dropped up to the views above it.
class Search {
 public:
  Search(CatalogDraft& draft, const DdlContext& context) : draft_(draft), context_(context) {}

  void Leave(const Relation& relation) { seen_.insert(relation.id); }

  Status Above(const Relation& relation) {
    WEIR_ASSIGN_OR_RETURN(const auto views, ViewsThatName(relation));
    for (const RelationPtr& view : views) WEIR_RETURN_NOT_OK(Add(view, Described(relation, context_)));
    return Status::OK();
  }

  Status AboveColumn(const Relation& relation, size_t column) {
    const std::string on = fmt::format("column {} of {}", relation.columns[column].name, Described(relation, context_));
    WEIR_ASSIGN_OR_RETURN(const auto views, ViewsThatName(relation));
    for (const RelationPtr& view : views) {
      const bool used = UsesColumn(*view->definition(), relation.id, relation.NumberOf(column));
      if (used) WEIR_RETURN_NOT_OK(Add(view, on));
    }
    return Status::OK();
  }

  std::vector<DependentView> Take() { return std::move(found_); }

 private:
  Status Add(const RelationPtr& view, const std::string& on) {
    if (!seen_.insert(view->id).second) return Status::OK();
    found_.push_back({view, fmt::format("{} depends on {}", Described(*view, context_), on)});
    return Above(*view);
  }

  Result<std::vector<RelationPtr>> ViewsThatName(const Relation& relation) {
    std::vector<RelationPtr> views;
    if (!CatalogImpl::IsSql(relation)) {
      if (!all_views_) {
        WEIR_ASSIGN_OR_RETURN(all_views_, AllViews(draft_));
      }
      const auto names = [&](const RelationPtr& view) { return Names(*view, relation.id); };
      std::ranges::copy_if(*all_views_, std::back_inserter(views), names);
      return views;
    }
    for (const int64_t id : relation.views) {
      WEIR_ASSIGN_OR_RETURN(RelationPtr view, draft_.FindById(id));
      if (view && Names(*view, relation.id)) views.push_back(std::move(view));
    }
    return views;
  }

  CatalogDraft& draft_;
  const DdlContext& context_;
  /// Once a table is looked at that SQL does not keep: nobody has noted the views that name it.
  std::optional<std::vector<RelationPtr>> all_views_;
  std::set<int64_t> seen_;
  std::vector<DependentView> found_;
};

}  // namespace

std::string Described(const Relation& relation, const DdlContext& context) {
  return fmt::format("{} {}", NameOfKind(relation), SeenName(relation.path.database, relation.path.table, context));
}

Result<std::vector<DependentView>> ViewsAbove(CatalogDraft& draft, const std::vector<RelationPtr>& dropped,
                                              const DdlContext& context) {
  Search search(draft, context);
  for (const RelationPtr& relation : dropped) search.Leave(*relation);
  for (const RelationPtr& relation : dropped) WEIR_RETURN_NOT_OK(search.Above(*relation));
  return search.Take();
}

Result<std::vector<DependentView>> ViewsAboveColumn(CatalogDraft& draft, const Relation& relation, int column,
                                                    const DdlContext& context) {
  Search search(draft, context);
  WEIR_RETURN_NOT_OK(search.AboveColumn(relation, static_cast<size_t>(column)));
  return search.Take();
}

Status CheckNothingDepends(const std::string& what, const std::vector<DependentView>& views, bool cascade) {
  std::vector<std::string> reasons;
  for (const DependentView& view : views) reasons.push_back(view.reason);
  return CheckNothingDepends(what, reasons, cascade);
}

Status CheckNothingDepends(const std::string& what, const std::vector<std::string>& reasons, bool cascade) {
  if (cascade || reasons.empty()) return Status::OK();
  std::string detail;
  for (const std::string& reason : reasons) detail += (detail.empty() ? "" : "\n") + reason;
  return Error("2BP01",
               what.empty() ? "cannot drop desired object(s) because other objects depend on them"
                            : fmt::format("cannot drop {} because other objects depend on it", what),
               {.detail = detail, .hint = "Use DROP ... CASCADE to drop the dependent objects too."});
}

void AddCascadeNotice(const std::vector<DependentView>& views, const DdlContext& context, Notices* notices) {
  std::vector<std::string> others;
  for (const DependentView& one : views) others.push_back(Described(*one.view, context));
  AddCascadeNotice(others, notices);
}

void AddCascadeNotice(const std::vector<std::string>& others, Notices* notices) {
  if (others.size() == 1) notices->push_back("drop cascades to " + others[0]);
  if (others.size() <= 1) return;
  std::string detail;
  for (const std::string& other : others) detail += (detail.empty() ? "" : "\n") + ("drop cascades to " + other);
  notices->push_back({fmt::format("drop cascades to {} other objects", others.size()), {}, std::move(detail)});
}

Status RemoveAll(CatalogDraft* draft, const std::vector<RelationPtr>& relations) {
  for (const RelationPtr& relation : relations) {
    if (relation->definition() != nullptr) WEIR_RETURN_NOT_OK(UnlinkView(draft, *relation, nullptr));
  }
  std::set<int64_t> ids;
  for (const RelationPtr& relation : relations) {
    ids.insert(relation->id);
    if (!relation->is_materialized()) continue;
    for (const RelationPtr& index : relation->indexes) ids.insert(index->id);
  }
  for (const RelationPtr& relation : relations) {
    for (const int64_t parent : relation->inherits) WEIR_RETURN_NOT_OK(UnlinkHeir(draft, parent, relation->id));
  }
  std::vector<RelationPtr> now;  // some may have forgotten views
  for (const int64_t id : ids) {
    WEIR_ASSIGN_OR_RETURN(now.emplace_back(), draft->FindById(id));
  }
  for (const RelationPtr& relation : now) {
    if (relation) draft->Remove(relation);
  }
  return Status::OK();
}

namespace {

/// Puts a relation that names its views anew.
Status PutViews(CatalogDraft* draft, int64_t id, const std::function<void(std::vector<int64_t>*)>& change) {
  WEIR_ASSIGN_OR_RETURN(const RelationPtr before, draft->FindById(id));
  if (!before || !CatalogImpl::IsSql(*before)) return Status::OK();
  auto now = std::make_shared<Relation>(*before);
  change(&now->views);
  if (now->views != before->views) draft->Put(std::move(now), before);
  return Status::OK();
}

}  // namespace

Status LinkView(CatalogDraft* draft, const Relation& view) {
  for (const ViewSource& source : view.definition()->sources) {
    WEIR_RETURN_NOT_OK(PutViews(draft, source.relation, [&](std::vector<int64_t>* views) {
      if (std::ranges::find(*views, view.id) == views->end()) views->push_back(view.id);
    }));
  }
  return Status::OK();
}

Status UnlinkView(CatalogDraft* draft, const Relation& view, const Relation* now) {
  for (const ViewSource& source : view.definition()->sources) {
    if (now != nullptr && Names(*now, source.relation)) continue;
    const auto forget = [&](std::vector<int64_t>* views) { std::erase(*views, view.id); };
    WEIR_RETURN_NOT_OK(PutViews(draft, source.relation, forget));
  }
  return Status::OK();
}

}  // namespace weir::sql
