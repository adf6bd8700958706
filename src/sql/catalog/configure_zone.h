#pragma once

#include <span>
#include <string>
#include <vector>

#include "placement/node.h"
#include "sql/catalog/catalog.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/dialect/zone_statement.h"

namespace weir::sql {

/// The objects of a table that zones are of: each with what it inherits from. Names are written in full, or as they are
/// within the database.
ZoneChain ZoneChainOfRange(const std::string& name);
ZoneChain ZoneChainOfDatabase(const std::string& name);
/// Of KWDB's own tables.
ZoneChain ZoneChainOfSystemTables();
ZoneChain ZoneChainOfTable(const Relation& table, bool full);
/// `index`: null for the primary one.
ZoneChain ZoneChainOfIndex(const Relation& table, const Relation* index, bool full);
/// `of_index`: called PARTITION p OF INDEX t@primary, and not OF TABLE t.
ZoneChain ZoneChainOfPartition(const Relation& table, const Relation& partition, bool of_index, bool full);
/// A partition of a secondary index.
ZoneChain ZoneChainOfIndexPartition(const Relation& table, const Relation& index, const std::string& partition,
                                    bool of_index, bool full);

/// What a target names; several of them, or none, for INDEX t@*. 3D000, 42P01, 42704, 23514 for a system table.
Result<std::vector<ZoneChain>> FindZoned(const ZoneTarget& target, const DdlContext& context, CatalogView& catalog);

/// Gives how many zones were written. `nodes`: NodesToMatch.
Result<int> Configure(const ConfigureZone& statement, std::span<const placement::Node> nodes, const DdlContext& context,
                      CatalogDraft* draft);

}  // namespace weir::sql
