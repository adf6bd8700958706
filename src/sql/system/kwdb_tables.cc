#include "sql/system/kwdb_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/configure_zone.h"
#include "sql/catalog/hash_shards.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/catalog/zone_rules.h"
#include "sql/engine/errors.h"
#include "sql/engine/parameters.h"
#include "sql/engine/session_view.h"
#include "sql/system/kwdb_objects.h"
#include "sql/system/kwdb_placement.h"
#include "sql/system/size_functions.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_types.h"

namespace weir::sql {
namespace {

using cells::Text;
using cells::Texts;
using duckdb::LogicalType;
using duckdb::Value;

constexpr auto kDefinitions = std::to_array<SystemDefinition>({
    {"ranges",
     "range_id int8, start_key bytea, start_pretty text, end_key bytea, end_pretty text, database_name text, "
     "table_name text, index_name text, replicas int8[], replica_localities text[], learner_replicas int8[], "
     "split_enforced_until timestamp, lease_holder int8, lease_holder_qps float8, range_size int8, violations text[]"},
    {"ranges_no_leases",
     "range_id int8, range_type text, start_key bytea, start_pretty text, end_key bytea, end_pretty text, "
     "database_name text, table_name text, table_id int8, index_name text, replicas int8[], replica_localities text[], "
     "learner_replicas int8[], split_enforced_until timestamp"},
    {"zones",
     "zone_id int8, subzone_id int8, target text, range_name text, database_name text, table_name text, "
     "index_name text, partition_name text, raw_config_yaml text, raw_config_sql text, raw_config_protobuf bytea, "
     "full_config_yaml text, full_config_sql text"},
    {"partitions",
     "table_id int8, index_id int8, parent_name text, name text, columns int8, column_names text, list_value text, "
     "range_value text, hash_value text, zone_id int8, subzone_id int8"},
    {"table_indexes",
     "descriptor_id int8, descriptor_name text, index_id int8, index_name text, index_type text, is_unique bool, "
     "is_inverted bool"},
    {"gossip_nodes",
     "node_id int8, network text, address text, advertise_address text, sql_network text, sql_address text, "
     "advertise_sql_address text, attrs text, locality text, start_mode text, cluster_name text, server_version text, "
     "build_tag text, started_at timestamp, is_live bool, ranges int8, leases int8"},
    {"gossip_liveness",
     "node_id int8, epoch int8, expiration text, draining bool, decommissioning bool, upgrading bool, "
     "updated_at timestamp"},
    {"kv_store_status",
     "node_id int8, store_id int8, attrs text, capacity int8, available int8, used int8, logical_bytes int8, "
     "range_count int8, lease_count int8, writes_per_second float8, bytes_per_replica text, writes_per_replica text, "
     "metrics text"},
    {"weir_partitions",
     "table_id oid, database_name text, table_name text, partition_name text, column_names text, index_name text, "
     "partition_value text, zone_config text, full_zone_config text"},
    {"weir_columns",
     "table_id oid, column_number int8, column_name text, data_type text, is_nullable bool, column_default text, "
     "indices text[], is_hidden bool"},
    {"weir_index_columns",
     "table_id oid, database_name text, table_name text, index_name text, non_unique bool, seq_in_index int8, "
     "column_name text, direction text, storing bool, implicit bool"},
    {"weir_constraints",
     "table_id oid, table_name text, constraint_name text, constraint_type text, details text, validated bool"},
    {"weir_create", "table_id oid, table_name text, create_statement text"},
    {"weir_ranges",
     "table_id oid, database_name text, table_name text, index_name text, start_key text, end_key text, range_id int8, "
     "lease_holder int8, replicas int8[], range_size int8, is_first bool, locality text, replica_localities text[]"},
    {"weir_zones",
     "table_id oid, kind text, range_name text, database_name text, index_name text, partition_name text, "
     "short_target text, short_sql text, full_target text, full_sql text, zone_target text"},
    {"weir_grants",
     "table_id oid, database_name text, schema_name text, table_name text, grantee text, privilege_type text"},
    {"weir_users", "username text, options text, member_of text[]"},
});

// --- values

using KwdbRow = duckdb::vector<Value>;

class ListedRows final : public SystemRows {
 public:
  explicit ListedRows(std::vector<KwdbRow> rows) : rows_(std::move(rows)) {}
  size_t size() const override { return rows_.size(); }
  Value Get(size_t row, size_t column) const override { return rows_[row][column]; }

 private:
  std::vector<KwdbRow> rows_;
};

Value Number(int64_t number) { return Value::BIGINT(number); }
Value NoWords() { return Value(LogicalType::VARCHAR); }
Value WordsOrNone(const std::string& text) { return text.empty() ? NoWords() : Text(text); }
Value NoNumber() { return Value(LogicalType::BIGINT); }
Value NoBytes() { return Value(LogicalType::BLOB); }
Value NoMoment() { return Value(LogicalType::TIMESTAMP); }
Value NumberList(const std::vector<int64_t>& numbers) {
  duckdb::vector<Value> values;
  for (const int64_t number : numbers) values.push_back(Number(number));
  return Value::LIST(LogicalType::BIGINT, std::move(values));
}

using PlaceOfRange = std::optional<KwdbPlace>;

Value Replicas(const PlaceOfRange& place) {
  return place ? NumberList(place->replicas) : Value(LogicalType::LIST(LogicalType::BIGINT));
}
Value LeaseHolder(const PlaceOfRange& place) {
  return place && place->lease_holder ? Number(*place->lease_holder) : NoNumber();
}
/// Along the replicas.
Value Localities(const PlaceOfRange& place, const KwdbPlacement& placement) {
  if (!place) return Value(LogicalType::LIST(LogicalType::VARCHAR));
  std::vector<std::string> localities;
  for (const int64_t node : place->replicas) localities.push_back(placement.LocalityOf(node));
  return Texts(localities);
}
Value Violated(const PlaceOfRange& place) {
  return place ? Texts(place->violations) : Value(LogicalType::LIST(LogicalType::VARCHAR));
}

// --- ranges and nodes

/// How much of a leaf lies in a part of its keys is not known, unless there is nothing in it.
Value SizeOfRange(const SystemSources& sources, const KwdbRange& range) {
  int64_t sum = 0;
  for (const RelationPtr& leaf : range.leaves) {
    const auto size = leaf->is_leaf() ? SizeOnDisk(sources, *leaf) : std::nullopt;
    if (!size) return NoNumber();
    sum += *size;
  }
  const bool known = !range.leaves.empty() && (sum == 0 || !range.shares_leaves);
  return known ? Number(sum) : NoNumber();
}

std::vector<KwdbRow> RangeRows(const SystemSources& sources) {
  KwdbPlacement placement(sources);
  std::vector<KwdbRow> rows;
  for (const KwdbRange& range : KwdbRangesOf(sources)) {
    const PlaceOfRange place = placement.PlaceOf(range);
    rows.push_back({Number(range.id), NoBytes(), Text(range.start_pretty), NoBytes(), Text(range.end_pretty),
                    Text(range.table->path.database), Text(range.table->path.table), Text(range.index),
                    Replicas(place), Localities(place, placement), NumberList({}), NoMoment(), LeaseHolder(place),
                    Value(LogicalType::DOUBLE), SizeOfRange(sources, range), Violated(place)});
  }
  return rows;
}

std::vector<KwdbRow> RangeRowsWithoutLeases(const SystemSources& sources) {
  KwdbPlacement placement(sources);
  std::vector<KwdbRow> rows;
  for (const KwdbRange& range : KwdbRangesOf(sources)) {
    const PlaceOfRange place = placement.PlaceOf(range);
    rows.push_back({Number(range.id), Text("default_range"), NoBytes(), Text(range.start_pretty), NoBytes(),
                    Text(range.end_pretty), Text(range.table->path.database), Text(range.table->path.table),
                    Number(range.table->id), Text(range.index), Replicas(place), Localities(place, placement),
                    NumberList({}), NoMoment()});
  }
  return rows;
}

/// The name of a table's index by its number, from 1 on; empty behind the last.
std::string IndexNumbered(const Relation& table, size_t number) {
  if (number == 1) return kPrimaryIndex;
  return number - 2 < table.indexes.size() ? table.indexes[number - 2]->path.table : std::string();
}

/// A range as each of the indexes sees it that have keys in it, beginning and end being its own only.
std::vector<KwdbRow> ShownRanges(const SystemSources& sources) {
  KwdbPlacement placement(sources);
  std::vector<KwdbRow> rows;
  for (const KwdbRange& range : KwdbRangesOf(sources)) {
    const PlaceOfRange place = placement.PlaceOf(range);
    const bool led = place && place->lease_holder;
    const size_t first = std::max<size_t>(range.index_number, 1);
    for (size_t number = first; number == first || number <= range.last_index_number; ++number) {
      const bool begins = number == range.index_number && range.start;
      const bool ends = number == range.last_index_number && range.end;
      rows.push_back({Number(range.table->id), Text(range.table->path.database), Text(range.table->path.table),
                      Text(IndexNumbered(*range.table, number)), begins ? Text(*range.start) : NoWords(),
                      ends ? Text(*range.end) : NoWords(), Number(range.id), LeaseHolder(place), Replicas(place),
                      SizeOfRange(sources, range), Value::BOOLEAN(number == first),
                      led ? Text(placement.LocalityOf(*place->lease_holder)) : NoWords(),
                      Localities(place, placement)});
    }
  }
  return rows;
}

/// What a node has.
struct NodeLoad {
  int64_t ranges = 0;
  int64_t leases = 0;
  int64_t lacking = 0;  // of the ranges, those that lack replicas
  int64_t bytes = 0;    // on disk, each of its leaves once
};

std::map<int64_t, NodeLoad> LoadsOf(const SystemSources& sources, KwdbPlacement* placement) {
  std::map<int64_t, NodeLoad> loads;
  std::set<int64_t> counted;  // leaves may be in several ranges
  for (const KwdbRange& range : KwdbRangesOf(sources)) {
    const PlaceOfRange place = placement->PlaceOf(range);
    if (!place) continue;
    int64_t bytes = 0;
    for (const RelationPtr& leaf : range.leaves) {
      if (counted.insert(leaf->id).second) bytes += SizeOnDisk(sources, *leaf).value_or(0);
    }
    const auto asked = range.zone.find("num_replicas");
    const bool lacking = asked != range.zone.end() && asked->second != std::to_string(place->replicas.size());
    for (const int64_t node : place->replicas) {
      NodeLoad& load = loads[node];
      ++load.ranges;
      load.leases += place->lease_holder == node ? 1 : 0;
      load.lacking += lacking ? 1 : 0;
      load.bytes += bytes;
    }
  }
  return loads;
}

std::vector<KwdbRow> NodeRows(const SystemSources& sources) {
  KwdbPlacement placement(sources);
  std::map<int64_t, NodeLoad> loads = LoadsOf(sources, &placement);
  std::vector<KwdbRow> rows;
  for (const ZoneNode& node : placement.nodes()) {
    const NodeLoad& load = loads[node.node.id];
    const Value address = WordsOrNone(node.address);
    rows.push_back({Number(node.node.id), Text("tcp"), address, address, Text("tcp"), NoWords(), NoWords(), Text("{}"),
                    Text(placement.LocalityOf(node.node.id)), NoWords(), Text(""),
                    Text(sources.parameters.Get("server_version").value_or("")), NoWords(), NoMoment(),
                    Value::BOOLEAN(true), Number(load.ranges), Number(load.leases)});
  }
  return rows;
}

/// A node is there for as long as it answers; nothing expires.
std::vector<KwdbRow> LivenessRows(const SystemSources& sources) {
  const Value no = Value::BOOLEAN(false);
  std::vector<KwdbRow> rows;
  const KwdbPlacement placement(sources);
  for (const ZoneNode& node : placement.nodes()) {
    rows.push_back({Number(node.node.id), Number(1), NoWords(), no, no, no, NoMoment()});
  }
  return rows;
}

/// What is not measured is NULL; a cluster does not tell how much room its tables take.
std::vector<KwdbRow> StoreRows(const SystemSources& sources) {
  KwdbPlacement placement(sources);
  std::map<int64_t, NodeLoad> loads = LoadsOf(sources, &placement);
  std::vector<KwdbRow> rows;
  for (const ZoneNode& node : placement.nodes()) {
    const NodeLoad& load = loads[node.node.id];
    const Value bytes = node.address.empty() ? Number(load.bytes) : NoNumber();
    const std::string metrics =
        fmt::format(R"({{"ranges.unavailable": 0, "ranges.underreplicated": {}}})", load.lacking);
    rows.push_back({Number(node.node.id), Number(node.node.id), Text("[]"), NoNumber(), NoNumber(), bytes, bytes,
                    Number(load.ranges), Number(load.leases), Value(LogicalType::DOUBLE), NoWords(), NoWords(),
                    Text(metrics)});
  }
  return rows;
}

// --- zones

/// A zone as YAML: "gc:" stands over its own variable.
std::string ZoneYaml(const ZoneFields& fields) {
  std::string yaml;
  for (const ZoneVariable& variable : ZoneVariables()) {
    const auto field = fields.find(variable.name);
    if (field == fields.end()) continue;
    const bool gc = variable.name.starts_with("gc.");
    yaml += fmt::format("{}{}: {}\n", gc ? "gc:\n  " : "", gc ? variable.name.substr(3) : variable.name, field->second);
  }
  return yaml;
}

std::vector<KwdbRow> ZoneRows(const SystemSources& sources) {
  const ZoneMapPtr zones = ValueOrThrow(sources.catalog.Zones());
  std::vector<KwdbRow> rows;
  for (const ZonedObject& object : ZonedObjects(sources, std::nullopt)) {
    const ZoneLevel& level = object.chain.front();
    const ZoneFields* own = OwnZone(*zones, level);
    if (own == nullptr) continue;
    const ZoneFields full = ZoneInForce(*zones, object.chain);
    rows.push_back({Number(object.zone_id), Number(object.subzone_id), Text(level.target), WordsOrNone(object.range),
                    WordsOrNone(object.database), WordsOrNone(object.table), WordsOrNone(object.index),
                    WordsOrNone(object.partition), Text(ZoneYaml(*own)), Text(ZoneSql(level.target, *own)), NoBytes(),
                    Text(ZoneYaml(full)), Text(ZoneSql(level.target, full))});
  }
  return rows;
}

const char* NameOf(ZonedObject::Kind kind) {
  switch (kind) {
    case ZonedObject::Kind::kRange: return "range";
    case ZonedObject::Kind::kDatabase: return "database";
    case ZonedObject::Kind::kTable: return "table";
    case ZonedObject::Kind::kIndex: return "index";
    case ZonedObject::Kind::kPartition: return "partition";
  }
  return "";
}

/// The nearest of the objects that has a zone, with all that holds there. `called`: the first, where it has.
KwdbRow ZoneInForceRow(const ZonedObject& object, const char* kind, const ZoneMap& zones, const std::string& called,
                       const std::string& short_called) {
  const ZoneFields full = ZoneInForce(zones, object.chain);
  const bool own = OwnZone(zones, object.chain.front()) != nullptr;
  const std::string& target = own ? called : NearestZone(zones, object.chain).target;
  const std::string& short_target = own ? short_called : NearestZone(zones, object.short_chain).target;
  return {Number(object.table.empty() ? 0 : object.zone_id), Text(kind), WordsOrNone(object.range),
          WordsOrNone(object.database), WordsOrNone(object.index), WordsOrNone(object.partition), Text(short_target),
          Text(ZoneSql(short_target, full)), Text(target), Text(ZoneSql(target, full)),
          Text(NearestZone(zones, object.chain).target)};
}

/// For SHOW ZONE CONFIGURATION FOR: partitions twice, as of their table and as of its index.
std::vector<KwdbRow> ZonesInForce(const SystemSources& sources, std::optional<int64_t> table_id) {
  const ZoneMapPtr zones = ValueOrThrow(sources.catalog.Zones());
  std::vector<KwdbRow> rows;
  for (const ZonedObject& object : ZonedObjects(sources, table_id)) {
    const bool partition = object.kind == ZonedObject::Kind::kPartition;
    const std::string& target = object.chain.front().target;
    const std::string& short_target = object.short_chain.front().target;
    const char* kind = partition ? "partition of index" : NameOf(object.kind);
    rows.push_back(ZoneInForceRow(object, kind, *zones, target, short_target));
    if (partition) {
      rows.push_back(ZoneInForceRow(object, NameOf(object.kind), *zones, object.of_table, object.short_of_table));
    }
  }
  return rows;
}

// --- partitions

/// "(1), (2)" or "(1) TO (2)"; of a partition that was made by itself, what PostgreSQL says of its bound.
std::string ValuesOf(const Relation& table, const Relation& partition) {
  if (partition.declared) return partition.declared->values;
  if (IsDefault(partition.bound)) return "(DEFAULT)";
  constexpr std::string_view kRange = "FOR VALUES FROM ";
  if (partition.bound_text.starts_with(kRange)) return partition.bound_text.substr(kRange.size());
  const auto* list = std::get_if<ListBound>(&partition.bound);
  if (list == nullptr) return partition.bound_text;
  std::string text;
  for (const std::string& value : ListValueTexts(table, *list)) {
    text += (text.empty() ? "" : ", ") + (value.starts_with('(') ? value : "(" + value + ")");
  }
  return text;
}

Value FieldLines(const ZoneFields& fields) {
  return fields.empty() ? NoWords() : Text(fmt::format("{}", fmt::join(ZoneFieldTexts(fields), ",\n")));
}

/// A partition of a table or of one of its indexes.
struct ShownPartition {
  std::string name;
  std::string index;
  int64_t index_number = 1;
  std::string columns;
  int64_t column_count = 0;
  std::string values;
  bool range = false;
  ZoneChain chain;
  int64_t subzone = 0;
};

void AddIndexPartitions(const Relation& table, const Relation& index, int64_t number, int64_t* subzone,
                        std::vector<ShownPartition>* shown) {
  ++*subzone;
  if (!index.index->declared) return;
  const SqlIndex::Partitioning& declared = *index.index->declared;
  for (const SqlIndex::Partition& partition : declared.partitions) {
    shown->push_back({.name = partition.name,
                      .index = index.path.table,
                      .index_number = number,
                      .columns = KeyPartsText(KeyedByIndex(table, *index.index)),
                      .column_count = static_cast<int64_t>(declared.columns),
                      .values = partition.values,
                      .range = declared.strategy == "RANGE",
                      .chain = ZoneChainOfIndexPartition(table, index, partition.name, true, true),
                      .subzone = ++*subzone});
  }
}

/// Subzones are numbered as AddTableObjects does: an index, then its partitions.
std::vector<ShownPartition> PartitionsOf(const KwdbTable& found) {
  const Relation& table = *found.table;
  std::vector<ShownPartition> shown;
  int64_t subzone = 1;
  for (const RelationPtr& partition : found.partitions) {
    shown.push_back({.name = KwdbPartitionName(table, *partition),
                     .index = kPrimaryIndex,
                     .columns = KeyPartsText(table),
                     .column_count = static_cast<int64_t>(table.partition_key->parts.size()),
                     .values = ValuesOf(table, *partition),
                     .range = table.partition_key->strategy == PartitionStrategy::kRange,
                     .chain = ZoneChainOfPartition(table, *partition, true, true),
                     .subzone = ++subzone});
  }
  int64_t number = 1;
  for (const RelationPtr& index : table.indexes) AddIndexPartitions(table, *index, ++number, &subzone, &shown);
  return shown;
}

std::vector<KwdbRow> ShownPartitions(const SystemSources& sources, std::optional<int64_t> table_id) {
  const ZoneMapPtr zones = ValueOrThrow(sources.catalog.Zones());
  std::vector<KwdbRow> rows;
  for (const KwdbTable& found : KwdbTablesOf(sources, table_id)) {
    const Relation& table = *found.table;
    for (const ShownPartition& partition : PartitionsOf(found)) {
      const ZoneFields* own = OwnZone(*zones, partition.chain.front());
      rows.push_back({Number(table.id), Text(table.path.database), Text(table.path.table), Text(partition.name),
                      Text(partition.columns), Text(table.path.table + "@" + partition.index),
                      Text(partition.values), own == nullptr ? NoWords() : FieldLines(*own),
                      FieldLines(ZoneInForce(*zones, partition.chain))});
    }
  }
  return rows;
}

std::vector<KwdbRow> PartitionRows(const SystemSources& sources, std::optional<int64_t> table_id) {
  const ZoneMapPtr zones = ValueOrThrow(sources.catalog.Zones());
  std::vector<KwdbRow> rows;
  for (const KwdbTable& found : KwdbTablesOf(sources, table_id)) {
    const Relation& table = *found.table;
    for (const ShownPartition& partition : PartitionsOf(found)) {
      const bool zoned = OwnZone(*zones, partition.chain.front()) != nullptr;
      const Value values = Text(partition.values);
      rows.push_back({Number(table.id), Number(partition.index_number), NoWords(), Text(partition.name),
                      Number(partition.column_count), Text(partition.columns), partition.range ? NoWords() : values,
                      partition.range ? values : NoWords(), NoWords(), zoned ? Number(table.id) : NoNumber(),
                      zoned ? Number(partition.subzone) : NoNumber()});
    }
  }
  return rows;
}

// --- tables

/// An index as KWDB shows it: the primary one, then the others.
struct ShownIndex {
  std::string name;
  IndexClause clause;
};

std::vector<ShownIndex> IndexesOf(const Relation& table) {
  std::vector<ShownIndex> indexes;
  for (const SqlConstraint& constraint : table.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    ShownIndex primary{kPrimaryIndex, {}};
    primary.clause.columns = KwdbKeyColumns(table);
    for (const std::string& column : primary.clause.columns) {
      const bool descending = std::ranges::find(constraint.descending, column) != constraint.descending.end();
      primary.clause.orders.push_back({.descending = descending});
    }
    primary.clause.included = constraint.included;
    indexes.push_back(std::move(primary));
  }
  for (const RelationPtr& index : table.indexes) {
    ShownIndex shown{index->path.table, ClauseOf(*index, table)};
    if (shown.clause.shards > 0) {  // an ascending column before the others
      shown.clause.columns.insert(shown.clause.columns.begin(),
                                  ShardColumnName(shown.clause.columns, shown.clause.shards));
      shown.clause.orders.insert(shown.clause.orders.begin(), SqlIndex::Order());
    }
    indexes.push_back(std::move(shown));
  }
  return indexes;
}

std::vector<KwdbRow> IndexRowsOf(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbRow> rows;
  for (const RelationPtr& found : VisibleTables(sources, table_id)) {
    int64_t number = 0;
    for (const ShownIndex& index : IndexesOf(*found)) {
      ++number;
      rows.push_back({Number(found->id), Text(found->path.table), Number(number), Text(index.name),
                      Text(index.name == "primary" ? "primary" : "secondary"), Value::BOOLEAN(index.clause.unique),
                      Value::BOOLEAN(false)});
    }
  }
  return rows;
}

/// What every index has besides: the columns by which rows are found.
std::vector<std::string> ImplicitColumns(const Relation& table, const ShownIndex& index) {
  std::vector<std::string> columns = KwdbKeyColumns(table);
  std::erase_if(columns, [&](const std::string& name) {
    return std::ranges::find(index.clause.columns, name) != index.clause.columns.end();
  });
  return columns;
}

std::vector<KwdbRow> ShownIndexColumns(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbRow> rows;
  for (const RelationPtr& found : VisibleTables(sources, table_id)) {
    const Relation& table = *found;
    for (const ShownIndex& index : IndexesOf(table)) {
      int64_t place = 0;
      const auto add = [&](const std::string& column, const char* direction, bool storing, bool implicit) {
        rows.push_back({Number(table.id), Text(table.path.database), Text(table.path.table), Text(index.name),
                        Value::BOOLEAN(!index.clause.unique), Number(++place), Text(column), Text(direction),
                        Value::BOOLEAN(storing), Value::BOOLEAN(implicit)});
      };
      for (size_t i = 0; i < index.clause.columns.size(); ++i) {
        const bool descending = i < index.clause.orders.size() && index.clause.orders[i].descending;
        add(index.clause.columns[i], descending ? "DESC" : "ASC", false, false);
      }
      for (const std::string& column : index.clause.included) add(column, "N/A", true, false);
      if (index.name == kPrimaryIndex) continue;
      for (const std::string& column : ImplicitColumns(table, index)) add(column, "ASC", false, true);
    }
  }
  return rows;
}

/// The hidden column of a sharded key.
SqlColumn ShardAsColumn(const HashShards& shards) {
  return {.name = shards.column, .type = HashShards::kType, .data_type = DataType::Int(), .not_null = true};
}

std::vector<KwdbRow> ShownColumns(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbRow> rows;
  for (const RelationPtr& found : VisibleTables(sources, table_id)) {
    const Relation& table = *found;
    int64_t place = 0;
    const std::vector<ShownIndex> indexes = IndexesOf(table);
    const auto add = [&](const SqlColumn& column, bool hidden) {
      std::vector<std::string> in;
      for (const ShownIndex& index : indexes) {
        const auto& columns = index.clause.columns;
        if (std::ranges::find(columns, column.name) != columns.end()) in.push_back(index.name);
      }
      rows.push_back({Number(table.id), Number(++place), Text(column.name), Text(KwdbTypeName(column.type)),
                      Value::BOOLEAN(!column.not_null),
                      column.default_value ? Text(WrittenText(*column.default_value)) : NoWords(),
                      Texts(in), Value::BOOLEAN(hidden)});
    };
    for (const SqlColumn& column : table.columns) add(column, false);
    for (const HashShards& shards : AllHashShardsOf(table)) add(ShardAsColumn(shards), true);
  }
  return rows;
}

KwdbRow ShownConstraint(const SystemSources& sources, const Relation& table, const SqlConstraint& constraint) {
  const auto row = [&](const std::string& name, const char* type, std::string details) -> KwdbRow {
    return {Number(table.id), Text(table.path.table),    Text(name),
            Text(type),      Text(std::move(details)), Value::BOOLEAN(!constraint.not_valid)};
  };
  switch (constraint.kind) {
    case SqlConstraint::Kind::kPrimaryKey:
      return row(kPrimaryIndex, "PRIMARY KEY", "PRIMARY KEY " + KwdbKeyText(constraint));
    case SqlConstraint::Kind::kUnique: {
      const char* type = constraint.primary ? "PRIMARY KEY" : "UNIQUE";
      return row(constraint.name, type, std::string(type) + " " + KwdbKeyText(constraint));
    }
    case SqlConstraint::Kind::kForeignKey:
      return row(constraint.name, "FOREIGN KEY", ForeignKeyTextIn(sources.catalog, constraint));
    case SqlConstraint::Kind::kExclusion:
      return row(constraint.name, "EXCLUDE", ExclusionText(constraint, table));
    case SqlConstraint::Kind::kCheck: break;
  }
  return row(constraint.name, "CHECK", "CHECK (" + WrittenText(constraint.check) + ")");
}

std::vector<KwdbRow> ShownConstraints(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbRow> rows;
  for (const RelationPtr& found : VisibleTables(sources, table_id)) {
    for (const SqlConstraint& constraint : found->constraints) {
      rows.push_back(ShownConstraint(sources, *found, constraint));
    }
    for (const HashShards& shards : AllHashShardsOf(*found)) {
      rows.push_back(ShownConstraint(sources, *found, ShardCheck(shards)));
    }
  }
  return rows;
}

std::vector<KwdbRow> CreateRows(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbRow> rows;
  for (const KwdbTable& found : KwdbTablesOf(sources, table_id)) {
    if (found.table->is_view()) continue;
    rows.push_back({Number(found.table->id), Text(found.table->path.table),
                    Text(KwdbCreateText(found, sources.catalog))});
  }
  return rows;
}

// --- who may do what

void AddGrants(const access::State& state, const access::Acl& acl, int64_t table, const TablePath& of,
               std::vector<KwdbRow>* rows) {
  for (const access::AclItem& item : acl) {
    const Value grantee = Text(item.grantee == access::kEverybody ? "public" : state.NameOf(item.grantee));
    for (access::Privileges bit = 1; bit <= access::kZoneConfig; bit <<= 1) {
      if (!(item.privileges & bit)) continue;
      rows->push_back({Number(table), Text(of.database), table == 0 ? NoWords() : Text("public"),
                       WordsOrNone(of.table), grantee, Text(access::NameOf(static_cast<access::Privilege>(bit)))});
    }
  }
}

std::vector<KwdbRow> GrantRows(const SystemSources& sources, std::optional<int64_t> table_id) {
  const access::State& state = *sources.access;
  std::vector<KwdbRow> rows;
  for (const RelationPtr& found : VisibleTables(sources, table_id)) {
    const Relation& table = *found;
    const access::Target target = ValueOrThrow(TargetOf(state, sources.catalog, table));
    AddGrants(state, state.AclOf(target), table.id, table.path, &rows);
  }
  if (table_id) return rows;
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    const access::Target target = DatabaseTarget(state, name);
    AddGrants(state, state.AclOf(target), 0, {name, ""}, &rows);
  }
  return rows;
}

std::string RoleOptions(const access::Role& role) {
  std::vector<std::string> options;
  if (role.create_db) options.emplace_back("CREATEDB");
  if (role.create_role) options.emplace_back("CREATEROLE");
  if (!role.login) options.emplace_back("NOLOGIN");
  return fmt::format("{}", fmt::join(options, ", "));
}

std::vector<KwdbRow> UserRows(const SystemSources& sources) {
  const access::State& state = *sources.access;
  std::vector<KwdbRow> rows;
  for (const auto& [id, role] : state.roles) {
    std::vector<std::string> member_of;
    for (const auto& [pair, membership] : state.memberships) {
      if (pair.second == id) member_of.push_back(state.NameOf(pair.first));
    }
    std::ranges::sort(member_of);
    rows.push_back({Text(role.name), Text(RoleOptions(role)), Texts(member_of)});
  }
  return rows;
}

}  // namespace

std::span<const SystemDefinition> KwdbTables() { return kDefinitions; }

bool IsForAdmins(std::string_view table) {
  constexpr std::array kTables = {"ranges", "ranges_no_leases", "weir_ranges", "gossip_nodes", "gossip_liveness",
                                  "kv_store_status"};
  return std::ranges::find(kTables, table) != kTables.end();
}

std::unique_ptr<SystemRows> KwdbRows(const SystemSources& sources, std::string_view table, const SystemKeys& keys) {
  const auto key = keys.find("table_id");
  const std::optional<int64_t> id = key == keys.end() ? std::nullopt : std::optional(key->second);
  const auto listed = [](std::vector<KwdbRow> rows) { return std::make_unique<ListedRows>(std::move(rows)); };
  if (table == "ranges") return listed(RangeRows(sources));
  if (table == "ranges_no_leases") return listed(RangeRowsWithoutLeases(sources));
  if (table == "gossip_nodes") return listed(NodeRows(sources));
  if (table == "gossip_liveness") return listed(LivenessRows(sources));
  if (table == "kv_store_status") return listed(StoreRows(sources));
  if (table == "zones") return listed(ZoneRows(sources));
  if (table == "partitions") return listed(PartitionRows(sources, id));
  if (table == "table_indexes") return listed(IndexRowsOf(sources, std::nullopt));
  if (table == "weir_partitions") return listed(ShownPartitions(sources, id));
  if (table == "weir_columns") return listed(ShownColumns(sources, id));
  if (table == "weir_index_columns") return listed(ShownIndexColumns(sources, id));
  if (table == "weir_constraints") return listed(ShownConstraints(sources, id));
  if (table == "weir_create") return listed(CreateRows(sources, id));
  if (table == "weir_ranges") return listed(ShownRanges(sources));
  if (table == "weir_grants") return listed(GrantRows(sources, id));
  if (table == "weir_users") return listed(UserRows(sources));
  if (table == "weir_zones") return listed(ZonesInForce(sources, id));
  return nullptr;
}

}  // namespace weir::sql
