#include "sql/engine/kwdb_objects.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/configure_zone.h"
#include "sql/catalog/foreign_key.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/engine/errors.h"
#include "sql/engine/system_oids.h"

namespace weir::sql {
namespace {

bool MaySee(const SystemSources& sources, const Relation& table) {
  const access::Target target = ValueOrThrow(TargetOf(*sources.access, sources.catalog, table));
  return access::HasAnyPrivilege(*sources.access, sources.role, target);
}

KwdbTable WithPartitions(const SystemSources& sources, const RelationPtr& table) {
  KwdbTable found{table, {}};
  if (!table->is_partitioned()) return found;
  for (const RelationPtr& child : ValueOrThrow(sources.catalog.Children(*table))->relations) {
    if (!KwdbPartitionName(*table, *child).empty()) found.partitions.push_back(child);
  }
  return found;
}

bool IsWholeTable(const Relation& relation) {
  return !relation.parent && !relation.is_foreign() && (relation.is_leaf() || relation.is_partitioned());
}

// --- zones

ZonedObject RangeObject(std::string_view name) {
  static constexpr std::pair<std::string_view, int64_t> kIds[] = {
      {"default", 0}, {"meta", 16}, {"system", 17}, {"timeseries", 18}, {"liveness", 22}};
  ZonedObject object{.range = std::string(name)};
  for (const auto& [range, id] : kIds) {
    if (range == name) object.zone_id = id;
  }
  object.chain = ZoneChainOfRange(object.range);
  object.short_chain = object.chain;
  return object;
}

ZonedObject DatabaseObject(const std::string& name) {
  ZonedObject object{.kind = ZonedObject::Kind::kDatabase, .zone_id = DatabaseOid(name), .database = name};
  object.chain = ZoneChainOfDatabase(name);
  object.short_chain = object.chain;
  return object;
}

/// A table, then its primary index, its partitions and its other indexes.
void AddTableObjects(const KwdbTable& found, std::vector<ZonedObject>* objects) {
  const Relation& table = *found.table;
  ZonedObject object{.kind = ZonedObject::Kind::kTable, .zone_id = table.id};
  object.database = table.path.database;
  object.table = table.path.table;
  object.chain = ZoneChainOfTable(table, true);
  object.short_chain = ZoneChainOfTable(table, false);
  objects->push_back(object);
  object.kind = ZonedObject::Kind::kIndex;
  object.index = kPrimaryIndex;
  ++object.subzone_id;
  object.chain = ZoneChainOfIndex(table, nullptr, true);
  object.short_chain = ZoneChainOfIndex(table, nullptr, false);
  objects->push_back(object);
  object.kind = ZonedObject::Kind::kPartition;
  for (const RelationPtr& partition : found.partitions) {
    ++object.subzone_id;
    object.partition = KwdbPartitionName(table, *partition);
    object.chain = ZoneChainOfPartition(table, *partition, true, true);
    object.short_chain = ZoneChainOfPartition(table, *partition, true, false);
    object.of_table = ZoneChainOfPartition(table, *partition, false, true).front().target;
    object.short_of_table = ZoneChainOfPartition(table, *partition, false, false).front().target;
    objects->push_back(object);
  }
  object.kind = ZonedObject::Kind::kIndex;
  object.partition.clear();
  for (const RelationPtr& index : table.indexes) {
    ++object.subzone_id;
    object.index = index->path.table;
    object.chain = ZoneChainOfIndex(table, index.get(), true);
    object.short_chain = ZoneChainOfIndex(table, index.get(), false);
    objects->push_back(object);
  }
}

// --- ranges

/// A place among the keys of a table: before all (index 0), at an edge of an index (from 1 on), beyond all.
struct KeyPlace {
  size_t index = 0;
  std::vector<RangeEdge> edge;

  bool operator<(const KeyPlace& other) const {
    if (index != other.index) return index < other.index;
    return CompareEdges(edge, other.edge) < 0;
  }
};

/// The cuts before and behind all keys that begin with a tuple. Behind a whole number comes the next one.
std::pair<std::vector<RangeEdge>, std::vector<RangeEdge>> CutsAround(const KeyTuple& tuple) {
  std::vector<RangeEdge> before;
  for (const KeyValue& value : tuple) before.push_back({RangeEdge::Kind::kValue, value});
  std::vector<RangeEdge> behind = before;
  const auto* last = std::get_if<int64_t>(&behind.back().value);
  if (last != nullptr && *last < std::numeric_limits<int64_t>::max()) {
    behind.back().value = *last + 1;
  } else {
    behind.push_back({RangeEdge::Kind::kMaxValue, {}});
  }
  return {std::move(before), std::move(behind)};
}

/// MINVALUE says no more than the values before it.
std::vector<RangeEdge> WithoutLowest(std::vector<RangeEdge> edge) {
  while (!edge.empty() && edge.back().kind == RangeEdge::Kind::kMinValue) edge.pop_back();
  return edge;
}

void AddCuts(const PartitionBound& bound, std::vector<KeyPlace>* places) {
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    places->push_back({1, WithoutLowest(range->from)});
    places->push_back({1, WithoutLowest(range->to)});
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) {
    for (const KeyTuple& tuple : list->values) {
      auto [before, behind] = CutsAround(tuple);
      places->push_back({1, std::move(before)});
      places->push_back({1, std::move(behind)});
    }
  }
}

/// "2025-04-01 00:00:00" as KWDB shows it in a key: "2025-04-01T00:00:00Z".
std::string MomentInKey(std::string text) {
  const size_t space = text.find(' ');
  if (space != std::string::npos) text[space] = 'T';
  if (text.ends_with("+00")) text.resize(text.size() - 3);
  return text + "Z";
}

std::string ValueInKey(const Relation& table, size_t part, const KeyValue& value) {
  if (IsNull(value)) return "NULL";
  const SqlPartitionKeyPart& key = table.partition_key->parts[part];
  const std::string type = KeyPartType(table, part);
  const std::string family = KwdbTypeFamily(type);
  const std::string text = KeyValueText(key.type, value);
  if (family == "timestamp" || family == "timestamptz") return MomentInKey(text);
  return family == "string" ? "\"" + text + "\"" : text;
}

/// "/1/5"
std::string EdgeInKey(const Relation& table, const std::vector<RangeEdge>& edge) {
  std::string text;
  for (size_t i = 0; i < edge.size(); ++i) {
    text += edge[i].kind == RangeEdge::Kind::kValue ? "/" + ValueInKey(table, i, edge[i].value) : "/PrefixEnd";
  }
  return text;
}

/// The places where a table is split. Without zones of its own within, it is not.
std::vector<KeyPlace> PlacesOf(const KwdbTable& found, const ZoneMap& zones) {
  const Relation& table = *found.table;
  std::vector<KeyPlace> places = {KeyPlace{}};
  if (zones.contains(ZoneKeyOfPrimaryIndex(table.id))) {
    places.push_back({1, {}});
    places.push_back({2, {}});
  }
  for (const RelationPtr& partition : found.partitions) {
    if (zones.contains(ZoneKeyOfRelation(partition->id))) AddCuts(partition->bound, &places);
  }
  for (size_t i = 0; i < table.indexes.size(); ++i) {
    if (!zones.contains(ZoneKeyOfRelation(table.indexes[i]->id))) continue;
    places.push_back({i + 2, {}});
    places.push_back({i + 3, {}});
  }
  std::ranges::sort(places, [](const KeyPlace& a, const KeyPlace& b) { return a < b; });
  const auto same = [](const KeyPlace& a, const KeyPlace& b) { return !(a < b) && !(b < a); };
  const auto [first, last] = std::ranges::unique(places, same);
  places.erase(first, last);
  return places;
}

std::string PrettyKey(const Relation& table, const KeyPlace& place) {
  if (place.index == 0) return fmt::format("/Table/{}", table.id);
  return fmt::format("/Table/{}/{}{}", table.id, place.index, EdgeInKey(table, place.edge));
}

/// Whether a partition's keys, of so many parts, are those between two edges, and no other's.
bool IsBetween(const PartitionBound& bound, size_t parts, const std::vector<RangeEdge>& from,
               const std::vector<RangeEdge>& to) {
  const auto same = [&](const std::vector<RangeEdge>& begin, const std::vector<RangeEdge>& end) {
    return CompareEdges(begin, from) == 0 && CompareEdges(end, to) == 0;
  };
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    return same(WithoutLowest(range->from), WithoutLowest(range->to));
  }
  const auto* list = std::get_if<ListBound>(&bound);
  if (list == nullptr || list->values.size() != 1 || list->values.front().size() != parts) return false;
  const auto [before, behind] = CutsAround(list->values.front());
  return same(before, behind);
}

RelationPtr LeafOf(const KwdbTable& found, const std::vector<KeyPlace>& places, size_t at) {
  if (places.size() == 1) return found.table->is_leaf() ? found.table : nullptr;
  const bool in_primary = places[at].index == 1 && at + 1 < places.size() && places[at + 1].index == 1;
  for (const RelationPtr& partition : found.partitions) {
    const size_t parts = found.table->partition_key->parts.size();
    const bool is_its = in_primary && IsBetween(partition->bound, parts, places[at].edge, places[at + 1].edge);
    if (is_its) return partition->is_leaf() ? partition : nullptr;
  }
  return nullptr;
}

void AddRangesOf(const KwdbTable& found, const ZoneMap& zones, std::vector<KwdbRange>* ranges) {
  const Relation& table = *found.table;
  const std::vector<KeyPlace> places = PlacesOf(found, zones);
  for (size_t i = 0; i < places.size(); ++i) {
    const bool last = i + 1 == places.size();
    KwdbRange range{.table = found.table};
    range.id = static_cast<int64_t>(ranges->size()) + 1;
    range.start_pretty = PrettyKey(table, places[i]);
    range.end_pretty = last ? fmt::format("/Table/{}", table.id + 1) : PrettyKey(table, places[i + 1]);
    const size_t index = places[i].index;
    if (index > 1 && index - 2 < table.indexes.size()) range.index = table.indexes[index - 2]->path.table;
    if (!places[i].edge.empty()) range.start = EdgeInKey(table, places[i].edge);
    if (!last && !places[i + 1].edge.empty()) range.end = EdgeInKey(table, places[i + 1].edge);
    range.of_primary = index <= 1;
    range.from = places[i].edge;
    range.leaf = LeafOf(found, places, i);
    ranges->push_back(std::move(range));
  }
}

// --- SHOW CREATE TABLE

std::string ColumnLine(const SqlColumn& column) {
  std::string value = column.default_value ? " DEFAULT " + postgres::WithTypeNames(*column.default_value) : "";
  if (column.generated) value = fmt::format(" AS ({}) STORED", postgres::WithTypeNames(*column.generated));
  return fmt::format("\t{} {} {}{}", QuoteIdentifier(column.name), KwdbTypeName(column.type),
                     column.not_null ? "NOT NULL" : "NULL", value);
}

std::string ConstraintLine(const SqlConstraint& constraint, CatalogView& catalog) {
  switch (constraint.kind) {
    case SqlConstraint::Kind::kPrimaryKey:
      return fmt::format("\tCONSTRAINT \"primary\" PRIMARY KEY {}", KwdbKeyText(constraint));
    case SqlConstraint::Kind::kUnique:
      return fmt::format("\tCONSTRAINT {} UNIQUE ({})", QuoteIdentifier(constraint.name),
                         fmt::join(constraint.columns, ", "));
    case SqlConstraint::Kind::kForeignKey:
      return fmt::format("\tCONSTRAINT {} {}", QuoteIdentifier(constraint.name), ForeignKeyTextIn(catalog, constraint));
    case SqlConstraint::Kind::kCheck: break;
  }
  return fmt::format("\tCONSTRAINT {} CHECK ({})", QuoteIdentifier(constraint.name),
                     postgres::WithTypeNames(constraint.check));
}

std::string IndexLine(const Relation& index, const Relation& table) {
  const IndexClause clause = ClauseOf(index, table);
  std::vector<std::string> columns;
  for (size_t i = 0; i < clause.columns.size(); ++i) {
    const bool descending = i < clause.orders.size() && clause.orders[i].descending;
    const bool expression = clause.ExpressionAt(i) != nullptr;
    columns.push_back((expression ? clause.columns[i] : QuoteIdentifier(clause.columns[i])) +
                      (descending ? " DESC" : " ASC"));
  }
  std::vector<std::string> stored;
  for (const std::string& column : clause.included) stored.push_back(QuoteIdentifier(column));
  const std::string sharded = clause.shards > 0 ? fmt::format(" USING HASH WITH BUCKET_COUNT = {}", clause.shards) : "";
  return fmt::format("\t{}INDEX {} ({}){}{}{}", clause.unique ? "UNIQUE " : "", QuoteIdentifier(index.path.table),
                     fmt::join(columns, ", "), sharded,
                     stored.empty() ? "" : fmt::format(" STORING ({})", fmt::join(stored, ", ")),
                     clause.condition.empty() ? "" : fmt::format(" WHERE ({})", clause.condition));
}

std::string PartitionClause(const KwdbTable& found) {
  const Relation& table = *found.table;
  if (!table.is_partitioned()) return {};
  if (table.declared_by.empty()) return " PARTITION BY " + PartitionKeyText(table);
  std::vector<std::string> partitions;
  for (const RelationPtr& partition : found.partitions) {
    const DeclaredPartition& declared = *partition->declared;
    const bool range = table.declared_by == "RANGE";
    partitions.push_back(fmt::format("\tPARTITION {} VALUES {}", QuoteIdentifier(declared.name),
                                     range ? "FROM " + declared.values : "IN (" + declared.values + ")"));
  }
  return fmt::format(" PARTITION BY {} ({}) (\n{}\n)", table.declared_by, KeyPartsText(table),
                     fmt::join(partitions, ", \n"));
}

/// The zones of a table and what it is made of, ordered by index, then partition.
std::string ZoneTexts(const KwdbTable& found, const ZoneMap& zones) {
  std::vector<ZonedObject> objects;
  AddTableObjects(found, &objects);
  std::ranges::stable_sort(objects, [](const ZonedObject& a, const ZonedObject& b) {
    return std::tie(a.index, a.partition) < std::tie(b.index, b.partition);
  });
  std::string texts;
  for (const ZonedObject& object : objects) {
    const ZoneFields* own = OwnZone(zones, object.chain.front());
    if (own != nullptr) texts += ";\n" + ZoneSql(object.chain.front().target, *own);
  }
  if (!texts.empty() || found.partitions.empty()) return texts;
  return "\n-- Warning: Partitioned table with no zone configurations.";
}

}  // namespace

std::vector<RelationPtr> VisibleTables(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<RelationPtr> tables;
  const bool sees_all = access::IsAdmin(*sources.access, sources.role);
  if (table_id) {
    const RelationPtr found = ValueOrThrow(sources.catalog.FindById(*table_id));
    const bool has_columns = found && !found->is_index() && !found->is_sequence() && !found->is_functions();
    if (has_columns && (sees_all || MaySee(sources, *found))) tables.push_back(found);
    return tables;
  }
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    for (const RelationPtr& relation : ValueOrThrow(sources.catalog.ListRelations(database))) {
      if (IsWholeTable(*relation) && (sees_all || MaySee(sources, *relation))) tables.push_back(relation);
    }
  }
  return tables;
}

std::vector<KwdbTable> KwdbTablesOf(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<KwdbTable> tables;
  for (const RelationPtr& table : VisibleTables(sources, table_id)) tables.push_back(WithPartitions(sources, table));
  return tables;
}

std::vector<ZonedObject> ZonedObjects(const SystemSources& sources, std::optional<int64_t> table_id) {
  std::vector<ZonedObject> objects;
  if (!table_id) {
    for (const std::string_view range : BuiltInRanges()) objects.push_back(RangeObject(range));
    for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
      objects.push_back(DatabaseObject(name));
    }
  }
  for (const KwdbTable& table : KwdbTablesOf(sources, table_id)) AddTableObjects(table, &objects);
  return objects;
}

std::vector<KwdbRange> KwdbRangesOf(const SystemSources& sources) {
  std::vector<KwdbTable> tables = KwdbTablesOf(sources, std::nullopt);
  std::ranges::sort(tables, {}, [](const KwdbTable& found) { return found.table->id; });
  const ZoneMapPtr zones = ValueOrThrow(sources.catalog.Zones());
  std::vector<KwdbRange> ranges;
  for (const KwdbTable& table : tables) AddRangesOf(table, *zones, &ranges);
  if (!ranges.empty()) ranges.back().end_pretty = "/Max";
  return ranges;
}

std::string ForeignKeyTextIn(CatalogView& catalog, const SqlConstraint& constraint) {
  const RelationPtr referenced = ValueOrThrow(catalog.FindById(constraint.foreign->table));
  return referenced ? ForeignKeyText(constraint, *referenced, QuoteIdentifier(referenced->path.table)) : "FOREIGN KEY";
}

std::string KeyPartsText(const Relation& table) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < table.partition_key->parts.size(); ++i) parts.push_back(KeyPartText(table, i));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string KwdbKeyText(const SqlConstraint& key) {
  std::vector<std::string> columns;
  for (const std::string& column : key.columns) {
    const bool descending = std::ranges::find(key.descending, column) != key.descending.end();
    columns.push_back(QuoteIdentifier(column) + (descending ? " DESC" : " ASC"));
  }
  const std::string sharded = key.shards > 0 ? fmt::format(" USING HASH WITH BUCKET_COUNT = {}", key.shards) : "";
  return fmt::format("({}){}", fmt::join(columns, ", "), sharded);
}

std::string KwdbCreateText(const KwdbTable& found, CatalogView& catalog) {
  const ZoneMapPtr zones = ValueOrThrow(catalog.Zones());
  const Relation& table = *found.table;
  std::vector<std::string> lines;
  for (const SqlColumn& column : table.columns) lines.push_back(ColumnLine(column));
  for (const SqlConstraint& constraint : table.constraints) lines.push_back(ConstraintLine(constraint, catalog));
  for (const RelationPtr& index : table.indexes) {
    if (!index->index->constraint) lines.push_back(IndexLine(*index, table));
  }
  return fmt::format("CREATE TABLE {} (\n{}\n){}{}", QuoteIdentifier(table.path.table), fmt::join(lines, ",\n"),
                     PartitionClause(found), ZoneTexts(found, *zones));
}

}  // namespace weir::sql
