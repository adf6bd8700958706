#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"
#include "sql/dialect/zone_statement.h"

namespace weir::sql {

/// After CONFIGURE ZONE on an Apache Fluss cluster, where a table has as many replicas as it was made with: leaves of
/// which another number is asked for now are written anew, with the transaction. That of a whole database, or of
/// RANGE default, is for tables that are made from then on.
Result<Notices> RewriteForReplicas(const ConfigureZone& statement, Gateway* gateway, const DdlContext& context,
                                   CatalogDraft* draft);

}  // namespace weir::sql
