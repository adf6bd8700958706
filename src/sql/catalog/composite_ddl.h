#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

Result<Notices> Execute(const CreateComposite& statement, const DdlContext& context, CatalogDraft* draft);

/// ADD, DROP, ALTER and RENAME ATTRIBUTE: 0A000 while something holds or names values of the type. `now` is `before`
/// until then.
Status AlterComposite(const AlterType& statement, const postgres::MadeTypePtr& before, const DdlContext& context,
                      CatalogDraft* draft, postgres::MadeType* now, Notices* notices);

}  // namespace weir::sql
