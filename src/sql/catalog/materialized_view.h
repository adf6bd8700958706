#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// Materialized views: tables that hold what a query gave when they were last refreshed.

/// CREATE MATERIALIZED VIEW, but for its rows.
Result<Notices> CreateMaterializedView(const CreateView& statement, const DdlContext& context, CatalogDraft* draft);

/// Says whether a materialized view holds what its query gave.
void SetPopulated(const RelationPtr& view, bool populated, CatalogDraft* draft);

/// 42809 and the like for what cannot be refreshed so.
Status CheckMayRefresh(const RefreshMaterializedView& statement, const Relation& relation, const std::string& database);

}  // namespace weir::sql
