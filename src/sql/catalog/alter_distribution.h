#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

/// Cloudberry's SET DISTRIBUTED and SET WITH (REORGANIZE = true): the rows of the whole tree are written anew.
/// 42809 for a partition, and for ONLY a table that has some: a tree has one policy.
Status Alter(const alter::SetDistribution& action, const DdlContext& context, AlteredTree* tree);

}  // namespace weir::sql
