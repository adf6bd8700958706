#pragma once

#include <string>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// Gives a table or partition another name, and its partitions theirs after it. 42P07, 42602.
Result<Notices> RenameTree(const RelationPtr& table, const std::string& name, CatalogDraft* draft);

/// After a table was renamed or moved in the draft: the rows of its partitions in the catalog name it, and partitions
/// that are called after it, `<old name>_<level>_prt_…`, are called after its new name. A NOTICE counts those that are
/// not, where others are.
Result<Notices> FollowName(const RelationPtr& table, const std::string& old_name, CatalogDraft* draft);

}  // namespace weir::sql
