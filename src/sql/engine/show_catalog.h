#pragma once

#include "sql/dialect/statement.h"
#include "weir/status.h"

namespace weir::sql {

/// KWDB's SHOW DATABASES, TABLES, COLUMNS, … as a query on pg_catalog. 0A000 for those that are not there.
Result<Query> CatalogQuery(const ShowCatalog& show);

}  // namespace weir::sql
