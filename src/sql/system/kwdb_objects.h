#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/partition_bound.h"
#include "sql/catalog/key_order.h"
#include "sql/catalog/zone.h"
#include "sql/system/system_rows.h"

namespace weir::sql {

/// A table that a session may see, with its partitions as KWDB has them: in the order of their declaration, without the
/// one for the rows of no partition.
struct KwdbTable {
  RelationPtr table;
  std::vector<RelationPtr> partitions;
  std::vector<RelationPtr> rest = {};  // what holds the rows outside of all partitions
};

inline constexpr const char* kPrimaryIndex = "primary";

/// The whole tables of all databases that the role may see; or the one of the id, which may be a partition or a view,
/// too. Throws.
std::vector<RelationPtr> VisibleTables(const SystemSources& sources, std::optional<int64_t> table_id);
/// The same with their partitions.
std::vector<KwdbTable> KwdbTablesOf(const SystemSources& sources, std::optional<int64_t> table_id);

/// An object that may have a zone.
struct ZonedObject {
  enum class Kind { kRange, kDatabase, kTable, kIndex, kPartition };
  Kind kind = Kind::kRange;
  int64_t zone_id = 0;     // of a table: its id; 0: RANGE default
  int64_t subzone_id = 0;  // within its table; 0: the table itself
  std::string range;
  std::string database;
  std::string table;
  std::string index;
  std::string partition;
  ZoneChain chain;        // with names in full
  ZoneChain short_chain;  // as names are within the database
  std::string of_table;   // of a partition: PARTITION p OF TABLE t
  std::string short_of_table;
};

/// All ranges and databases, unless one table is asked for, and tables with their indexes and partitions.
std::vector<ZonedObject> ZonedObjects(const SystemSources& sources, std::optional<int64_t> table_id);

/// A stretch of keys that one zone is for.
struct KwdbRange {
  RelationPtr table;
  std::string index;                 // empty: the primary one
  std::string start_pretty;          // "/Table/16385/1/2"
  std::string end_pretty;
  std::optional<std::string> start;  // within the index: "/2"; nothing: from before it on
  std::optional<std::string> end;
  int64_t id = 0;
  size_t index_number = 0;           // of the index that it begins in: 1 is the primary one; 0: before it
  size_t last_index_number = 0;      // of the last one of which it has keys
  std::vector<RangeEdge> from;       // where in that index; empty: before all its keys
  ZoneFields zone = {};              // that holds for it
  std::vector<RelationPtr> leaves = {};  // whose rows lie in it; none: it is an index's
  bool shares_leaves = false;            // with other ranges: some of their rows lie in those
};

/// The ranges of the visible tables in the order of their keys, ids being their places in all. A table is one range;
/// where partitions and indexes have zones of their own, it is split at their edges.
std::vector<KwdbRange> KwdbRangesOf(const SystemSources& sources);

/// A key of one of a table's indexes.
struct KwdbKey {
  size_t index_number = 1;
  KeyOrder order;
  std::vector<RangeEdge> values;
};
/// The id of the range that it lies in. Throws.
int64_t RangeOfKey(const SystemSources& sources, const Relation& table, const KwdbKey& key);

/// The parts of a partitioned table's key: "region, lower(note)".
std::string KeyPartsText(const Relation& table);
/// "(a ASC, b ASC) USING HASH WITH BUCKET_COUNT = 8": what follows PRIMARY KEY or UNIQUE.
std::string KwdbKeyText(const SqlConstraint& key);
/// SHOW CREATE TABLE. Throws.
std::string KwdbCreateText(const KwdbTable& table, CatalogView& catalog);
/// What a foreign key says, as pg_get_constraintdef shows it. Throws.
std::string ForeignKeyTextIn(CatalogView& catalog, const SqlConstraint& constraint);

}  // namespace weir::sql
