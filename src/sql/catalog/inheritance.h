#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// Inheritance is there as partitions only: what PostgreSQL says where the two meet, and 0A000 for the rest.

/// CREATE TABLE … INHERITS (…).
Status CheckInherits(const std::vector<QualifiedName>& parents, const DdlContext& context, CatalogDraft& draft);
/// ALTER TABLE … INHERIT and NO INHERIT.
Status Alter(const alter::Inherit& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
