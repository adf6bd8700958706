#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// ALTER SCHEMA … RENAME and ALTER DATABASE … RENAME: what is in one goes along, and what names it goes on meaning the
/// same.
Result<Notices> Execute(const RenameDatabase& statement, const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
