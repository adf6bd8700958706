#include "sql/system/kwdb_objects.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

#include "postgres/made_type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/configure_zone.h"
#include "sql/catalog/foreign_key.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/inline_partitions.h"
#include "sql/catalog/kwdb_text.h"
#include "sql/engine/errors.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_types.h"

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
    (KwdbPartitionName(*table, *child).empty() ? found.rest : found.partitions).push_back(child);
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

ZonedObject SystemTablesObject() {
  ZonedObject object{.kind = ZonedObject::Kind::kDatabase, .zone_id = 1, .database = kSystemTablesDatabase};
  object.chain = ZoneChainOfSystemTables();
  object.short_chain = object.chain;
  return object;
}

/// An index, then its partitions. `object`: of its table.
void AddIndexObjects(const Relation& table, const Relation& index, ZonedObject object,
                     std::vector<ZonedObject>* objects) {
  object.kind = ZonedObject::Kind::kIndex;
  object.index = index.path.table;
  object.subzone_id = objects->back().subzone_id + 1;
  object.chain = ZoneChainOfIndex(table, &index, true);
  object.short_chain = ZoneChainOfIndex(table, &index, false);
  objects->push_back(object);
  if (!index.index->declared) return;
  object.kind = ZonedObject::Kind::kPartition;
  for (const SqlIndex::Partition& partition : index.index->declared->partitions) {
    ++object.subzone_id;
    object.partition = partition.name;
    object.chain = ZoneChainOfIndexPartition(table, index, partition.name, true, true);
    object.short_chain = ZoneChainOfIndexPartition(table, index, partition.name, true, false);
    object.of_table = ZoneChainOfIndexPartition(table, index, partition.name, false, true).front().target;
    object.short_of_table = ZoneChainOfIndexPartition(table, index, partition.name, false, false).front().target;
    objects->push_back(object);
  }
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
  object.partition.clear();
  for (const RelationPtr& index : table.indexes) AddIndexObjects(table, *index, object, objects);
}

// --- ranges

/// A place among the keys of a table: before all (index 0), at an edge of an index (from 1 on), beyond all.
struct KeyPlace {
  size_t index = 0;
  std::vector<RangeEdge> edge;
};

/// One of a table's indexes, with its partitions.
struct KeyedIndex {
  Relation keyed;  // its columns as a partition key
  KeyOrder order;
  size_t number = 1;
};

/// The place of an edge, called as KWDB calls it: MINVALUE says no more than the values before it, and what is behind
/// all that begins with a whole number is the next number.
KeyPlace PlaceOf(const KeyedIndex& index, std::vector<RangeEdge> edge) {
  size_t values = 0;
  while (values < edge.size() && edge[values].kind == RangeEdge::Kind::kValue) ++values;
  const bool behind = values < edge.size() && edge[values].kind == RangeEdge::Kind::kMaxValue;
  edge.resize(values);
  if (!behind) return {index.number, std::move(edge)};
  if (values == 0) return {index.number + 1, {}};
  KeyTuple tuple;
  for (RangeEdge& part : edge) tuple.push_back(std::move(part.value));
  return {index.number, index.order.Around(tuple).to};
}

struct KeySpan {
  KeyPlace from;
  KeyPlace to;
};

/// The keys of a partition, whose bound is in the order of its index; DEFAULT has none of its own.
std::vector<KeySpan> SpansOf(const PartitionBound& bound, const KeyedIndex& index) {
  std::vector<KeySpan> spans;
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    spans.push_back({PlaceOf(index, range->from), PlaceOf(index, range->to)});
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) {
    for (const KeyTuple& tuple : list->values) {
      if (tuple.empty()) continue;
      const RangeBound around = index.order.Around(tuple);
      spans.push_back({{index.number, around.from}, {index.number, around.to}});
    }
  }
  return spans;
}

KeyedIndex PrimaryOf(const Relation& table) { return {table, PrimaryKeyOrder(table), 1}; }

/// The bound of one of the table's own partitions, in the order of its primary key.
PartitionBound InKeyOrder(const KeyedIndex& primary, const Relation& partition) {
  const auto* range = std::get_if<RangeBound>(&partition.bound);
  if (range == nullptr) return partition.bound;
  return primary.order.FromAscending(*range, primary.keyed.partition_key->parts.size());
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

/// Where a table is split, in the order of its keys, and by whose zones.
class Splits {
 public:
  explicit Splits(const Relation& table) : table_(ZoneChainOfTable(table, true)) {
    indexes_.push_back(PrimaryOf(table));
    for (size_t i = 0; i < table.indexes.size(); ++i) {
      const SqlIndex& index = *table.indexes[i]->index;
      indexes_.push_back({KeyedByIndex(table, index), IndexKeyOrder(index), i + 2});
    }
  }

  const KeyedIndex& index(size_t number) const { return indexes_[number - 1]; }
  bool Less(const KeyPlace& a, const KeyPlace& b) const {
    if (a.index != b.index || a.index == 0 || a.index > indexes_.size()) return a.index < b.index;
    return index(a.index).order.Compare(a.edge, b.edge) < 0;
  }
  bool Same(const KeyPlace& a, const KeyPlace& b) const { return !Less(a, b) && !Less(b, a); }

  /// `chain`: of what the zone is of. An index is whole before its partitions come.
  void AddIndex(size_t number, ZoneChain chain) { Add({{number, {}}, {number + 1, {}}}, std::move(chain)); }
  /// What only says where rows of no other partition are splits nothing.
  void AddPartition(const PartitionBound& bound, size_t number, const ZoneChain& chain) {
    const std::vector<KeySpan> spans = SpansOf(bound, index(number));
    for (const KeySpan& span : spans) Add(span, chain);
    if (spans.empty()) zoned_.push_back({{{number, {}}, {number + 1, {}}}, chain});
  }

  std::vector<KeyPlace> Places() const {
    std::vector<KeyPlace> places = places_;
    std::ranges::sort(places, [&](const KeyPlace& a, const KeyPlace& b) { return Less(a, b); });
    const auto same = [&](const KeyPlace& a, const KeyPlace& b) { return Same(a, b); };
    places.erase(std::unique(places.begin(), places.end(), same), places.end());
    return places;
  }
  /// Whose zone holds from a place on: that of the most values before it.
  const ZoneChain& ZonedAt(const KeyPlace& place) const {
    const Zoned* found = nullptr;
    for (const Zoned& one : zoned_) {
      if (Less(place, one.span.from) || !Less(place, one.span.to)) continue;
      if (found == nullptr || one.span.from.edge.size() >= found->span.from.edge.size()) found = &one;
    }
    return found == nullptr ? table_ : found->chain;
  }

 private:
  struct Zoned {
    KeySpan span;
    ZoneChain chain;
  };

  void Add(KeySpan span, ZoneChain chain) {
    places_.push_back(span.from);
    places_.push_back(span.to);
    zoned_.push_back({std::move(span), std::move(chain)});
  }

  std::vector<KeyedIndex> indexes_;
  std::vector<KeyPlace> places_ = {KeyPlace{}};
  std::vector<Zoned> zoned_;
  ZoneChain table_;
};

/// Without zones of its own within, a table is not split.
Splits SplitsOf(const KwdbTable& found, const ZoneMap& zones) {
  const Relation& table = *found.table;
  Splits splits(table);
  const auto zoned = [&](const ZoneChain& chain) { return zones.contains(chain.front().key); };
  if (const ZoneChain chain = ZoneChainOfIndex(table, nullptr, true); zoned(chain)) splits.AddIndex(1, chain);
  for (const RelationPtr& partition : found.partitions) {
    const ZoneChain chain = ZoneChainOfPartition(table, *partition, true, true);
    if (zoned(chain)) splits.AddPartition(InKeyOrder(splits.index(1), *partition), 1, chain);
  }
  for (size_t i = 0; i < table.indexes.size(); ++i) {
    const Relation& index = *table.indexes[i];
    if (const ZoneChain chain = ZoneChainOfIndex(table, &index, true); zoned(chain)) splits.AddIndex(i + 2, chain);
    if (!index.index->declared) continue;
    for (const SqlIndex::Partition& partition : index.index->declared->partitions) {
      const ZoneChain chain = ZoneChainOfIndexPartition(table, index, partition.name, true, true);
      if (zoned(chain)) splits.AddPartition(partition.bound, i + 2, chain);
    }
  }
  return splits;
}

std::string PrettyKey(const Relation& table, const Splits& splits, const KeyPlace& place) {
  if (place.index == 0) return fmt::format("/Table/{}", table.id);
  const std::string edge = place.edge.empty() ? "" : EdgeInKey(splits.index(place.index).keyed, place.edge);
  return fmt::format("/Table/{}/{}{}", table.id, place.index, edge);
}

/// Whose rows are those between two places, and no other's.
RelationPtr LeafOf(const KwdbTable& found, const Splits& splits, const std::vector<KeyPlace>& places, size_t at) {
  if (at + 1 == places.size() || places[at].index != 1) return nullptr;
  for (const RelationPtr& partition : found.partitions) {
    const PartitionBound bound = InKeyOrder(splits.index(1), *partition);
    const auto* list = std::get_if<ListBound>(&bound);
    const size_t parts = found.table->partition_key->parts.size();
    if (list != nullptr && (list->values.size() != 1 || list->values.front().size() != parts)) continue;
    for (const KeySpan& span : SpansOf(bound, splits.index(1))) {
      if (!splits.Same(span.from, places[at]) || !splits.Same(span.to, places[at + 1])) continue;
      return partition->is_leaf() ? partition : nullptr;
    }
  }
  return nullptr;
}

/// Rows of leaves that are no range of their own lie in any of the other ranges.
void SpreadLeaves(const KwdbTable& found, std::span<KwdbRange> ranges) {
  std::vector<RelationPtr> rest = found.partitions;
  rest.insert(rest.end(), found.rest.begin(), found.rest.end());
  if (found.table->is_leaf()) rest = {found.table};
  const auto has_rest = [](const KwdbRange& range) { return range.leaves.empty() && range.index_number < 2; };
  for (const KwdbRange& range : ranges) {
    for (const RelationPtr& leaf : range.leaves) std::erase(rest, leaf);
  }
  const bool shared = std::ranges::count_if(ranges, has_rest) > 1;
  for (KwdbRange& range : ranges) {
    if (!has_rest(range)) continue;
    range.leaves = rest;
    range.shares_leaves = shared;
  }
}

void AddRangesOf(const KwdbTable& found, const ZoneMap& zones, std::vector<KwdbRange>* ranges) {
  const Relation& table = *found.table;
  const Splits splits = SplitsOf(found, zones);
  const std::vector<KeyPlace> places = splits.Places();
  const auto within = [&](const KeyPlace& place) -> std::optional<std::string> {
    if (place.edge.empty()) return std::nullopt;
    return EdgeInKey(splits.index(place.index).keyed, place.edge);
  };
  for (size_t i = 0; i < places.size(); ++i) {
    const bool last = i + 1 == places.size();
    KwdbRange range{.table = found.table};
    range.id = static_cast<int64_t>(ranges->size()) + 1;
    range.start_pretty = PrettyKey(table, splits, places[i]);
    range.end_pretty = last ? fmt::format("/Table/{}", table.id + 1) : PrettyKey(table, splits, places[i + 1]);
    range.index_number = places[i].index;
    if (range.index_number > 1 && range.index_number - 2 < table.indexes.size()) {
      range.index = table.indexes[range.index_number - 2]->path.table;
    }
    range.start = within(places[i]);
    if (!last) range.end = within(places[i + 1]);
    range.last_index_number = last ? table.indexes.size() + 1 : places[i + 1].index - (range.end ? 0 : 1);
    range.from = places[i].edge;
    range.zone = ZoneInForce(zones, splits.ZonedAt(places[i]));
    if (RelationPtr leaf = LeafOf(found, splits, places, i)) range.leaves = {std::move(leaf)};
    ranges->push_back(std::move(range));
  }
  SpreadLeaves(found, std::span(*ranges).last(places.size()));
}

// --- SHOW CREATE TABLE

std::string ColumnLine(const SqlColumn& column) {
  std::string value = column.default_value ? " DEFAULT " + WrittenText(*column.default_value) : "";
  if (column.generated) value = fmt::format(" AS ({}) STORED", WrittenText(*column.generated));
  return fmt::format("\t{} {} {}{}", QuoteIdentifier(column.name), KwdbTypeName(column.type),
                     column.not_null ? "NOT NULL" : "NULL", value);
}

std::string ConstraintLine(const SqlConstraint& constraint, const Relation& table, CatalogView& catalog) {
  switch (constraint.kind) {
    case SqlConstraint::Kind::kPrimaryKey:
      return fmt::format("\tCONSTRAINT \"primary\" PRIMARY KEY {}", KwdbKeyText(constraint));
    case SqlConstraint::Kind::kUnique:
      return fmt::format("\tCONSTRAINT {} {} ({})", QuoteIdentifier(constraint.name),
                         constraint.primary ? "PRIMARY KEY" : "UNIQUE", fmt::join(constraint.columns, ", "));
    case SqlConstraint::Kind::kForeignKey:
      return fmt::format("\tCONSTRAINT {} {}", QuoteIdentifier(constraint.name), ForeignKeyTextIn(catalog, constraint));
    case SqlConstraint::Kind::kExclusion:
      return fmt::format("\tCONSTRAINT {} {}", QuoteIdentifier(constraint.name), ExclusionText(constraint, table));
    case SqlConstraint::Kind::kCheck: break;
  }
  return fmt::format("\tCONSTRAINT {} CHECK ({})", QuoteIdentifier(constraint.name),
                     WrittenText(constraint.check));
}

/// " PARTITION BY LIST (a) (…)". `indent`: of its last line.
std::string DeclaredClause(const std::string& strategy, const std::string& columns,
                           const std::vector<SqlIndex::Partition>& partitions, const std::string& indent) {
  std::vector<std::string> lines;
  for (const SqlIndex::Partition& partition : partitions) {
    const std::string values = strategy == "RANGE" ? "FROM " + partition.values : "IN (" + partition.values + ")";
    lines.push_back(fmt::format("{}\tPARTITION {} VALUES {}", indent, QuoteIdentifier(partition.name), values));
  }
  return fmt::format(" PARTITION BY {} ({}) (\n{}\n{})", strategy, columns, fmt::join(lines, ", \n"), indent);
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
  const auto& declared = index.index->declared;
  const std::string partitions =
      declared ? DeclaredClause(declared->strategy, KeyPartsText(KeyedByIndex(table, *index.index)),
                                declared->partitions, "\t")
               : "";
  return fmt::format("\t{}INDEX {} ({}){}{}{}{}", clause.unique ? "UNIQUE " : "", QuoteIdentifier(index.path.table),
                     fmt::join(columns, ", "), sharded,
                     stored.empty() ? "" : fmt::format(" STORING ({})", fmt::join(stored, ", ")), partitions,
                     clause.condition.empty() ? "" : fmt::format(" WHERE ({})", clause.condition));
}

std::string PartitionClause(const KwdbTable& found) {
  const Relation& table = *found.table;
  if (!table.is_partitioned()) return {};
  if (table.declared_by.empty()) return " PARTITION BY " + PartitionKeyText(table);
  std::vector<SqlIndex::Partition> partitions;
  for (const RelationPtr& partition : found.partitions) {
    partitions.push_back({partition->declared->name, partition->declared->values, {}});
  }
  return DeclaredClause(table.declared_by, KeyPartsText(table), partitions, "");
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
  const bool partitioned =
      !found.partitions.empty() ||
      std::ranges::any_of(found.table->indexes, [](const auto& index) { return index->index->declared.has_value(); });
  if (!texts.empty() || !partitioned) return texts;
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
    const std::vector<std::string> databases = ValueOrThrow(sources.catalog.ListDatabases());
    for (const std::string& name : databases) objects.push_back(DatabaseObject(name));
    if (std::ranges::find(databases, kSystemTablesDatabase) == databases.end()) objects.push_back(SystemTablesObject());
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

int64_t RangeOfKey(const SystemSources& sources, const Relation& table, const KwdbKey& key) {
  int64_t found = 0;
  for (const KwdbRange& range : KwdbRangesOf(sources)) {
    if (range.table->id != table.id || range.index_number > key.index_number) continue;
    const bool begins_in_it = range.index_number == key.index_number;
    if (!begins_in_it || key.order.Compare(range.from, key.values) <= 0) found = range.id;
  }
  return found;
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
  for (const SqlConstraint& constraint : table.constraints) lines.push_back(ConstraintLine(constraint, table, catalog));
  for (const RelationPtr& index : table.indexes) {
    if (!index->index->constraint) lines.push_back(IndexLine(*index, table));
  }
  return fmt::format("CREATE TABLE {} (\n{}\n){}{}", QuoteIdentifier(table.path.table), fmt::join(lines, ",\n"),
                     PartitionClause(found), ZoneTexts(found, *zones));
}

}  // namespace weir::sql
