#pragma once

#include <string>
#include <vector>

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// A bound that is to stand in a parent, as it was written and as it was resolved.
struct NewBound {
  const std::string& name;
  const PartitionBound& bound;
  const BoundClause& clause;
};

/// Whether the parent has room for a partition of this bound, its DEFAULT partition's rows included. 42P17, 54000,
/// 23514.
Status CheckPlace(CatalogDraft& draft, const Relation& parent, const NewBound& added, const DdlContext& context);

/// 42809: a tree is temporary as a whole, or permanent. `doing`: "create" or "attach".
Status CheckPersistence(const char* doing, const TablePath& partition, const Relation& parent);

/// The leaves below a relation, or itself.
Status CollectLeaves(CatalogDraft& draft, const RelationPtr& relation, std::vector<RelationPtr>* leaves);

}  // namespace weir::sql
