#pragma once

#include <vector>

#include "sql/catalog/catalog.h"
#include "sql/catalog/temporary.h"

namespace weir::sql {

class CatalogDraft;

// CREATE TABLE … INHERITS: the tables below a table that are no partitions of it. Temporary tables of other sessions
// are left out everywhere, as only their sessions see their rows.

/// The children of a table, by their ids.
Result<std::vector<RelationPtr>> HeirsOf(CatalogView& catalog, const Relation& table, const TemporaryTables& temporary);
/// A table, its children, theirs and so on: each once, behind all of its parents among them.
Result<std::vector<RelationPtr>> WithHeirs(CatalogView& catalog, const RelationPtr& table,
                                           const TemporaryTables& temporary);
/// What a query says before the name of a table of whose own rows it is: "ONLY ", where others inherit from it.
inline const char* OnlyOf(const Relation& table) { return table.inherited_by.empty() ? "" : "ONLY "; }
bool InheritsFrom(const Relation& table, const Relation& parent);

/// Lets a parent know of a child, or forget it. (The child names its parents itself.)
Status LinkHeir(CatalogDraft* draft, int64_t parent, int64_t child);
Status UnlinkHeir(CatalogDraft* draft, int64_t parent, int64_t child);

}  // namespace weir::sql
