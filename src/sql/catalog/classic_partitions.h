#pragma once

#include <vector>

#include "sql/catalog/catalog_ddl.h"

namespace weir::sql {

/// A partition that Cloudberry's classic syntax stands for.
struct ClassicMember {
  Relation relation;
  int parent = -1;  // position of its parent; −1: the root
};

/// All partitions of a table in the classic syntax, parents before their children, with the names and bounds that the
/// declarative form would give them: `<parent>_<level>_prt_<name>`.
Result<std::vector<ClassicMember>> ClassicChildren(const Relation& root, const ClassicPartitions& classic,
                                                   const DdlContext& context);

}  // namespace weir::sql
