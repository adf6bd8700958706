#pragma once

#include "sql/catalog/classic_target.h"

namespace weir::sql {

/// SPLIT PARTITION: two new leaves take the rows of one, which goes.
Result<Notices> SplitClassicPartition(const ClassicTarget& target, const classic::SplitPartition& split,
                                      const DdlContext& context, CatalogDraft* draft);

}  // namespace weir::sql
