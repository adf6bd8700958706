#pragma once

#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// Takes away what cannot be without something that is dropped: parts of tables that stay, by `changes`, and whole
/// tables.
Status DropDependents(const std::vector<AlterTable>& changes, const std::vector<QualifiedName>& tables,
                      const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
