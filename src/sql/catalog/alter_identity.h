#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// ALTER COLUMN … ADD GENERATED, SET … and DROP IDENTITY, with PostgreSQL's errors. Identity is a table's own:
// partitions have none of their parent's.
Status Alter(const alter::AddIdentity& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetIdentity& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::DropIdentity& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
