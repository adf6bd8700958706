#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/catalog/catalog_draft.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// A partition that a statement makes together with others.
struct NewPartition {
  Relation relation;
  int parent = -1;  // position of its parent; −1: the table whose partitions they are
};

/// 42P07 for a name that is taken, in `others` too, and 42602 for one that a table cannot have.
Status CheckNewNames(CatalogDraft& draft, const std::vector<NewPartition>& partitions,
                     std::set<std::string> others = {});

/// Takes them into the draft. `above`: the table whose partitions they are; parents come before their children.
Status PutPartitions(CatalogDraft& draft, const RelationPtr& above, std::vector<NewPartition> partitions);

}  // namespace weir::sql
