#pragma once

#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/catalog_draft.h"

namespace weir::sql {

/// Whether a table may become a partition of another, its bound and its rows aside. 42809, 42P07, 42804, …
Status CheckAttachable(CatalogDraft& draft, const RelationPtr& parent, const RelationPtr& child);

/// Whether a table has the columns and the CHECKs that all below a parent have. 42804, 42P21, 42P17
Status CheckHasDefinition(const Relation& parent, const Relation& child);

/// Makes a table, which is attachable, a partition: holds the bound, written as `clause`, against the others and the
/// table's rows against the bound, and gives it the parent's keys.
Status AttachTable(const RelationPtr& parent, const RelationPtr& child, const PartitionBound& bound,
                   const BoundClause& clause, const DdlContext& context, CatalogDraft* draft);

/// Makes a partition a table of its own. 23503 where rows of other tables refer to some of its.
Status DetachTable(const RelationPtr& parent, const RelationPtr& child, Relation detached, const DdlContext& context,
                   CatalogDraft* draft);

}  // namespace weir::sql
