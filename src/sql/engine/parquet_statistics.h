#pragma once

#include <parquet/metadata.h>

#include "sql/catalog/relation.h"
#include "weir/predicate.h"

namespace weir::sql {

/// Whether a group of a Parquet file's rows may have some that a filter lets through, by the least and the greatest
/// value of each column. What is not known may. `table`: whose columns are compared, where a file's values are theirs
/// as they are.
bool MayHaveMatches(const Predicate& filter, const parquet::RowGroupMetaData& group, const Relation& table);

}  // namespace weir::sql
