#pragma once

#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// The leaves of a table whose partitions are written inside of CREATE TABLE, as KWDB has it: relations
/// `<table>_1_prt_<name>` and, since rows outside of all partitions are legal there, a DEFAULT one when none is
/// written. Values are checked as KWDB does, with its texts.
Result<std::vector<Relation>> InlineChildren(const Relation& root, const InlinePartitions& partitions,
                                             const DdlContext& context);

}  // namespace weir::sql
