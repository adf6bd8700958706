#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// A relation of one column, as which VALUE is seen.
Result<Relation> ValueOfDomain(const postgres::MadeType& domain);

/// An action of ALTER DOMAIN that is none of every type's. `now` is `before` until then.
Status AlterDomain(const AlterType& statement, const postgres::MadeTypePtr& before, const DdlContext& context,
                   CatalogDraft* draft, postgres::MadeType* now, Notices* notices);

Result<Notices> Execute(const CreateDomain& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
