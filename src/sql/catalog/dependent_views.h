#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// A view that cannot do without something.
struct DependentView {
  RelationPtr view;
  std::string reason;  // "view v depends on table t"
};

/// "table t", "view s.v", "sequence s": by its schema where that is not the session's database.
std::string Described(const Relation& relation, const DdlContext& context);

/// The views that name one of `dropped`, or such a view, and are not of them themselves: each behind what it depends
/// on.
Result<std::vector<DependentView>> ViewsAbove(CatalogDraft& draft, const std::vector<RelationPtr>& dropped,
                                              const DdlContext& context);
/// The same of one column.
Result<std::vector<DependentView>> ViewsAboveColumn(CatalogDraft& draft, const Relation& relation, int column,
                                                    const DdlContext& context);

/// 2BP01 where there are any and `cascade` is not said. `what`: "table t"; empty: more than one thing.
Status CheckNothingDepends(const std::string& what, const std::vector<std::string>& reasons, bool cascade);
/// The same of views alone.
Status CheckNothingDepends(const std::string& what, const std::vector<DependentView>& views, bool cascade);
/// The NOTICE of a drop that takes others with it, such as "view v".
void AddCascadeNotice(const std::vector<std::string>& others, Notices* notices);
/// The same of views alone.
void AddCascadeNotice(const std::vector<DependentView>& views, const DdlContext& context, Notices* notices);

/// Takes relations out of the draft. What their views name, and stays, forgets them.
Status RemoveAll(CatalogDraft* draft, const std::vector<RelationPtr>& relations);
/// Notes a view with what it names.
Status LinkView(CatalogDraft* draft, const Relation& view);
/// What a view has named forgets it, unless `now` names it too; null: it is gone.
Status UnlinkView(CatalogDraft* draft, const Relation& view, const Relation* now);

}  // namespace weir::sql
