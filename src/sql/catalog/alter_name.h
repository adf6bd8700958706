#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// ALTER TABLE's actions on a table itself: they leave its partitions as they are.
Status Alter(const alter::RenameTable& action, const DdlContext& context, CatalogDraft* draft, AlteredTree* tree);
Status Alter(const alter::SetSchema& action, const DdlContext& context, CatalogDraft* draft, AlteredTree* tree);
Status Alter(const alter::SetOwner& action);
Status Alter(const alter::SetOptions& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
