#pragma once

#include "sql/catalog/altered_tree.h"
#include "sql/catalog/index_ddl.h"

namespace weir::sql {

/// The index that a DEFERRABLE key is kept as. Errors: PostgreSQL's.
Result<IndexClause> ClauseOfDeferrableKey(const TableConstraint& written, const DdlContext& context,
                                          CatalogDraft* draft, const Relation& table);
/// Gives a table an EXCLUDE constraint, or a DEFERRABLE key, and the index that says of what parts it is. Errors:
/// PostgreSQL's.
Status AddExclusion(const TableConstraint& written, const DdlContext& context, CatalogDraft* draft, Relation* table);
/// Those that CREATE TABLE writes.
Status AddExclusionsOfNew(const std::vector<TableConstraint>& written, const DdlContext& context, CatalogDraft* draft,
                          Relation* table);
/// Holds the rows of a table, or of its leaves, to the constraints that it did not have before: 23P01, 23505.
Status HoldToExclusions(const Relation& before, int64_t table, const DdlContext& context, CatalogDraft* draft);
/// 0A000 for a column of a constraint, whose type is to be another.
Status CheckNoExclusionHolds(const Relation& table, const std::string& column);

}  // namespace weir::sql
