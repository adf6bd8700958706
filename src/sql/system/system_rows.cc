#include "sql/system/system_rows.h"

#include <algorithm>
#include <array>
#include <set>

#include "postgres/made_type.h"
#include "postgres/type.h"
#include "sql/access/targets.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/catalog/foreign_key.h"
#include "sql/catalog/index_ddl.h"
#include "sql/catalog/sequence_ddl.h"
#include "sql/catalog/sql_types.h"
#include "sql/catalog/table_definition.h"
#include "sql/dialect/column_reference.h"
#include "sql/dialect/tablespace.h"
#include "sql/engine/errors.h"
#include "sql/engine/parameters.h"
#include "sql/system/catalog_names.h"
#include "sql/system/column_statistics.h"
#include "sql/system/kwdb_tables.h"
#include "sql/system/made_functions.h"
#include "sql/system/relation_names.h"
#include "sql/system/set_functions.h"
#include "sql/system/shown_definitions.h"
#include "sql/system/system_activity.h"
#include "sql/system/system_cells.h"
#include "sql/system/system_definitions.h"
#include "sql/system/system_foreign.h"
#include "sql/system/system_oids.h"
#include "sql/system/system_partitions.h"
#include "sql/system/system_privileges.h"
#include "sql/system/system_schema.h"
#include "sql/system/system_settings.h"
#include "sql/system/system_types.h"
#include "sql/system/vocabulary_rows.h"

namespace weir::sql {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Int;
using cells::Oid;
using cells::Oids;
using cells::Small;
using cells::SmallIntegers;
using cells::Text;
using cells::Texts;

// --- who may do what

Value ColumnAclValue(const access::State& state, int64_t table, const std::string& column) {
  const auto object = state.objects.find(access::ObjectKey::Table(table));
  const Value none(LogicalType::LIST(LogicalType::VARCHAR));
  if (object == state.objects.end()) return none;
  const auto acl = object->second.columns.find(column);
  return acl == object->second.columns.end() ? none : AclValue(state, acl->second);
}

/// An index's table; any other relation itself.
RelationPtr TableOf(const SystemSources& sources, const RelationPtr& relation) {
  return relation->is_index() ? ValueOrThrow(sources.catalog.FindById(relation->index->table)) : relation;
}

int64_t OwnerOf(const SystemSources& sources, const Relation& relation) {
  return ValueOrThrow(TargetOf(*sources.access, sources.catalog, relation)).owner;
}

// --- relations

bool HasKey(const Relation& relation) { return !relation.PrimaryKey().empty(); }

int64_t SchemaOid(const SystemSources& sources, const Relation& relation) {
  return relation.path.database == sources.database ? kPublicSchema : DatabaseOid(relation.path.database);
}

const SqlConstraint* KeyOf(const Relation& relation) {
  for (const SqlConstraint& constraint : relation.constraints) {
    if (constraint.kind == SqlConstraint::Kind::kPrimaryKey) return &constraint;
  }
  return nullptr;
}

/// Fluss's own partitions are found by their table only.
void AddFlussPartitions(CatalogView& catalog, const RelationPtr& relation, std::vector<RelationPtr>* all) {
  if (relation->id < kFlussTableIds || !relation->is_partitioned()) return;
  for (const RelationPtr& child : ValueOrThrow(catalog.Children(*relation))->relations) all->push_back(child);
}

}  // namespace

std::vector<RelationPtr> AllRelations(const SystemSources& sources) {
  std::vector<RelationPtr> all;
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    for (RelationPtr& relation : ValueOrThrow(sources.catalog.ListRelations(database))) {
      if (relation->is_functions()) continue;  // which are pg_proc's
      all.push_back(relation);
      AddFlussPartitions(sources.catalog, relation, &all);
    }
  }
  return all;
}

namespace {

/// Those that a key of the name asks for, as a table's or an index's OID; else all.
std::vector<RelationPtr> Relations(const SystemSources& sources, const SystemKeys& keys, std::string_view key) {
  const auto asked = keys.find(key);
  if (asked == keys.end()) return AllRelations(sources);
  RelationPtr relation = RelationOfOid(sources, asked->second);
  return relation ? std::vector<RelationPtr>{relation} : std::vector<RelationPtr>();
}

/// Those that pg_class may have rows of under the keys.
std::vector<RelationPtr> RelationsOfClass(const SystemSources& sources, const SystemKeys& keys) {
  if (keys.contains("oid") || !keys.relname) return Relations(sources, keys, "oid");
  std::vector<RelationPtr> named;
  for (const std::string& database : ValueOrThrow(sources.catalog.ListDatabases())) {
    for (const RelationPtr& relation : ValueOrThrow(sources.catalog.ListNamed(database, *keys.relname))) {
      if (relation->is_functions()) continue;
      named.push_back(relation);
      AddFlussPartitions(sources.catalog, relation, &named);
    }
  }
  return named;
}

// --- pg_class

struct ClassRow {
  RelationPtr relation;
  int64_t schema;
  bool index;  // of the relation's primary key
  int64_t owner = kOwner;
  Value acl = Value(LogicalType::LIST(LogicalType::VARCHAR));
  bool has_references = false;  // psql looks for foreign keys of what has triggers, as they are in PostgreSQL

  bool is_index() const { return index || relation->is_index(); }
  bool is_partitioned() const {
    return relation->is_partitioned() || (relation->is_index() && relation->index->partitioned);
  }
  bool is_partition() const { return relation->parent || (relation->is_index() && relation->index->parent); }
  size_t columns() const {
    if (index) return relation->PrimaryKey().size();
    if (relation->is_index()) return relation->index->columns.size() + relation->index->included.size();
    return static_cast<size_t>(relation->LastNumber());
  }
};

Value OptionList(const Properties& options) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : options) texts.push_back(name + "=" + value);
  return Texts(texts);
}

Value OptionsOf(const ClassRow& row) {
  if (row.relation->is_view()) {
    const ViewDefinition& view = *row.relation->view;
    Properties options(view.switches.begin(), view.switches.end());
    if (view.check_option != '\0') options["check_option"] = view.check_option == 'l' ? "local" : "cascaded";
    return options.empty() ? Value(LogicalType::LIST(LogicalType::VARCHAR)) : OptionList(options);
  }
  if (row.index || row.relation->options.empty()) return Value(LogicalType::LIST(LogicalType::VARCHAR));
  return OptionList(row.relation->options);
}

Value KindOf(const ClassRow& row) {
  if (row.is_index()) return Text(row.is_partitioned() ? "I" : "i");
  if (row.relation->is_view()) return Text("v");
  if (row.relation->is_foreign()) return Text("f");
  if (row.relation->is_sequence()) return Text("S");
  if (row.relation->is_materialized()) return Text("m");
  return Text(row.relation->is_partitioned() ? "p" : "r");
}

bool HasFile(const ClassRow& row) {
  return !row.index && !row.is_partitioned() && !row.relation->is_view() && !row.relation->is_foreign();
}

/// Whether its rows have something by which they are replicated.
bool HasIdentity(const ClassRow& row) {
  return !row.is_index() && !row.relation->is_view() && !row.relation->is_sequence() && !row.relation->is_foreign();
}

Value PersistenceOf(const ClassRow& row) {
  if (IsTemporary(row.relation->path.database)) return Text("t");
  return Text(row.relation->marks.unlogged ? "u" : "p");
}

/// As many as ANALYZE found.
Value RowCountOf(const ClassRow& row) {
  if (row.relation->is_sequence()) return Value::FLOAT(1);
  if (row.relation->is_view()) return Value::FLOAT(0);
  if (row.is_index()) return Value::FLOAT(-1);
  return Value::FLOAT(row.relation->counted_rows ? static_cast<float>(*row.relation->counted_rows) : -1);
}

Value AccessMethodOf(const ClassRow& row) {
  if (row.is_index()) return Oid(kBtree);
  return Oid(row.relation->is_leaf() && !row.relation->is_foreign() ? kHeap : 0);
}

size_t CountChecks(const Relation& relation) {
  return static_cast<size_t>(std::count_if(relation.constraints.begin(), relation.constraints.end(), [](const auto& c) {
    return c.kind == SqlConstraint::Kind::kCheck;
  }));
}

std::unique_ptr<SystemRows> ClassRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                      const SystemKeys& keys) {
  static const auto* getters = new Getters<ClassRow>{
      {"oid", [](const ClassRow& r) { return Oid(r.index ? IndexOid(r.relation->id) : r.relation->id); }},
      {"relname", [](const ClassRow& r) { return Text(r.index ? KeyOf(*r.relation)->name : r.relation->path.table); }},
      {"relnamespace", [](const ClassRow& r) { return Oid(r.schema); }},
      {"relowner", [](const ClassRow& r) { return Oid(r.owner); }},
      {"relacl", [](const ClassRow& r) { return r.acl; }},
      {"relam", AccessMethodOf},
      {"relfilenode", [](const ClassRow& r) { return Oid(HasFile(r) ? r.relation->id : 0); }},
      {"relhasrules", [](const ClassRow& r) { return Bool(!r.index && r.relation->definition() != nullptr); }},
      {"relpages", [](const ClassRow& r) { return Int(r.relation->is_sequence() ? 1 : 0); }},
      {"reltuples", RowCountOf},
      {"relhasindex",
       [](const ClassRow& r) { return Bool(!r.index && (HasKey(*r.relation) || !r.relation->indexes.empty())); }},
      {"relpersistence", PersistenceOf},
      {"relkind", KindOf},
      {"relnatts", [](const ClassRow& r) { return Small(r.columns()); }},
      {"relchecks", [](const ClassRow& r) { return Small(r.index ? 0 : CountChecks(*r.relation)); }},
      {"relhastriggers", [](const ClassRow& r) { return Bool(r.has_references); }},
      {"relhassubclass",
       [](const ClassRow& r) { return Bool(r.is_partitioned() || (!r.index && !r.relation->inherited_by.empty())); }},
      {"reloftype", [](const ClassRow& r) { return Oid(r.index ? 0 : r.relation->of_type); }},
      {"relispopulated", [](const ClassRow& r) { return Bool(r.index || r.relation->populated); }},
      {"relreplident",
       [](const ClassRow& r) {
         return Text(HasIdentity(r) ? std::string(1, r.relation->marks.replica_identity) : "n");
       }},
      {"relispartition", [](const ClassRow& r) { return Bool(r.is_partition()); }},
      {"reloptions", OptionsOf},
      {"relpartbound",
       [](const ClassRow& r) {
         return r.relation->parent && !r.index ? Text(r.relation->bound_text) : Value(LogicalType::VARCHAR);
       }},
  };
  const auto oid = keys.find("oid");
  std::vector<ClassRow> rows;
  for (const RelationPtr& relation : RelationsOfClass(sources, keys)) {
    const int64_t schema = SchemaOid(sources, *relation);
    const int64_t owner = OwnerOf(sources, *TableOf(sources, relation));
    if (oid == keys.end() || oid->second == relation->id) {
      const auto key = access::ObjectKey::Table(relation->id);
      const bool references = ValueOrThrow(HasReferences(sources.catalog, relation));
      rows.push_back({relation, schema, false, owner, SaidAcl(*sources.access, key), references});
    }
    if (HasKey(*relation) && (oid == keys.end() || oid->second != relation->id)) {
      rows.push_back({relation, schema, true, owner});
    }
  }
  return std::make_unique<GivenRows<ClassRow>>(std::move(rows), columns, *getters);
}

// --- pg_attribute, pg_attrdef

struct AttributeRow {
  RelationPtr relation;  // the table
  int64_t owner = 0;  // the table's or index's OID
  size_t number = 1;
  const SqlColumn* column = nullptr;  // null: it was dropped
  SqlType type;
  bool index = false;
  bool not_null = false;
  const access::State* access = nullptr;
  const SystemSources* sources = nullptr;
  std::string text = {};  // of its default
  std::string expression = {};  // of an index: what its part is called that is no column
  bool dropped() const { return column == nullptr && expression.empty(); }
};

SqlType TypeOf(const SqlColumn& column) {
  auto type = ResolveType(column.type);
  return type.ok() ? *type : SqlType{.name = column.type};
}

AttributeRow DroppedAttribute(const RelationPtr& relation, int number) {
  SqlType none;
  none.oid = 0;
  return {relation, relation->id, static_cast<size_t>(number), nullptr, none, false, false};
}

std::vector<AttributeRow> AttributesOf(const RelationPtr& relation, bool index) {
  std::vector<AttributeRow> rows;
  const std::vector<int> key = relation->PrimaryKey();
  const auto add = [&](int i, size_t number) {
    const SqlColumn& column = relation->columns[static_cast<size_t>(i)];
    const bool in_key = std::find(key.begin(), key.end(), i) != key.end();
    rows.push_back({relation, index ? IndexOid(relation->id) : relation->id, number, &column, TypeOf(column), index,
                    !index && (column.not_null || in_key)});
  };
  if (index) {
    for (int i : key) add(i, rows.size() + 1);
    return rows;
  }
  for (size_t i = 0; i < relation->columns.size(); ++i) {
    for (auto number = static_cast<int>(rows.size()) + 1; number < relation->NumberOf(i); ++number) {
      rows.push_back(DroppedAttribute(relation, number));
    }
    add(static_cast<int>(i), static_cast<size_t>(relation->NumberOf(i)));
  }
  for (auto number = static_cast<int>(rows.size()) + 1; number <= relation->LastNumber(); ++number) {
    rows.push_back(DroppedAttribute(relation, number));
  }
  return rows;
}

/// The columns of an index that is a relation of its own.
std::vector<AttributeRow> AttributesOfIndex(const Relation& index, const RelationPtr& table) {
  std::vector<int> numbers = index.index->columns;
  numbers.insert(numbers.end(), index.index->included.begin(), index.index->included.end());
  const std::vector<std::string> labels = LabelsOf(ClauseOf(index, *table));
  std::vector<AttributeRow> rows;
  for (size_t i = 0; i < numbers.size(); ++i) {
    AttributeRow& row = rows.emplace_back(AttributeRow{table, index.id, i + 1, nullptr, {}, true, false});
    if (const SqlIndex::Expression* expression = index.index->ExpressionAt(i)) {
      row.expression = labels[i];
      row.type = TypeOf({.name = row.expression, .type = expression->type});
      continue;
    }
    row.column = &table->columns[static_cast<size_t>(table->ColumnNumbered(numbers[i]))];
    row.type = TypeOf(*row.column);
  }
  return rows;
}

std::string NameOf(const AttributeRow& row) {
  if (!row.expression.empty()) return row.expression;
  return row.column == nullptr ? "........pg.dropped." + std::to_string(row.number) + "........" : row.column->name;
}

/// What values of a type are sorted by, under a collation of their own or none.
int64_t CollationOid(const std::string& own, int64_t type_oid) {
  if (own == "C") return 950;
  if (own == "POSIX") return 951;
  const postgres::Type* type = postgres::FindType(static_cast<postgres::Oid>(type_oid));
  return type == nullptr ? 0 : type->collation;
}

Value CollationOf(const AttributeRow& row) {
  if (row.dropped()) return Oid(0);
  return Oid(CollationOid(row.column == nullptr ? "" : row.column->collation, row.type.oid));
}

bool IsIdentity(const AttributeRow& row) {
  return !row.index && row.column != nullptr && row.column->identity != SqlColumn::Identity::kNone;
}

bool IsGenerated(const AttributeRow& row) { return !row.index && row.column != nullptr && row.column->generated; }

/// DEFAULT NULL is none.
bool IsNullWord(const std::string& expression) {
  return expression.size() == 4 && std::ranges::equal(expression, std::string_view("null"), {}, [](char c) {
           return static_cast<char>(c | 0x20);
         });
}

bool HasDefault(const AttributeRow& row) {
  if (IsGenerated(row)) return true;
  if (row.column != nullptr && row.column->default_value && IsNullWord(*row.column->default_value)) return false;
  return !row.index && row.column != nullptr && row.column->default_value.has_value() && !IsIdentity(row);
}

Value IdentityOf(const AttributeRow& row) {
  if (!IsIdentity(row)) return Text("");
  return Text(row.column->identity == SqlColumn::Identity::kAlways ? "a" : "d");
}

Value StorageOf(const AttributeRow& row) {
  const bool set = !row.index && row.column != nullptr && row.column->storage != '\0';
  if (set) return Text(std::string(1, row.column->storage));
  if (row.type.size > 0) return Text("p");
  return Text(row.type.oid == 1700 || row.type.oid == 869 || row.type.oid == 650 ? "m" : "x");
}

std::vector<AttributeRow> Attributes(const SystemSources& sources, const SystemKeys& keys, std::string_view key,
                                     bool indexes) {
  const auto asked = keys.find(key);
  std::vector<AttributeRow> rows;
  for (const RelationPtr& relation : Relations(sources, keys, key)) {
    for (const bool index : {false, true}) {
      if (index && !indexes) continue;
      if (asked != keys.end() && index != (asked->second != relation->id)) continue;
      const bool own = relation->is_index();
      if (own && (index || !indexes)) continue;
      for (AttributeRow& row : own ? AttributesOfIndex(*relation, TableOf(sources, relation))
                                   : AttributesOf(relation, index)) {
        row.access = sources.access.get();
        row.sources = &sources;
        rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

/// The dimensions that an array is declared with.
int CountOfBrackets(std::string_view type) {
  int count = 0;
  for (; type.ends_with("[]"); type.remove_suffix(2)) ++count;
  return count;
}

std::unique_ptr<SystemRows> AttributeRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                          const SystemKeys& keys) {
  using Row = AttributeRow;
  static const auto* getters = new Getters<Row>{
      {"attrelid", [](const Row& r) { return Oid(r.owner); }},
      {"attacl",
       [](const Row& r) {
         return r.index || r.column == nullptr ? Value(LogicalType::LIST(LogicalType::VARCHAR))
                        : ColumnAclValue(*r.access, r.relation->id, r.column->name);
       }},
      {"attname", [](const Row& r) { return Text(NameOf(r)); }},
      {"atttypid", [](const Row& r) { return Oid(r.type.oid); }},
      {"attstattarget", [](const Row& r) { return Int(r.index || r.column == nullptr ? -1 : r.column->statistics); }},
      {"attlen", [](const Row& r) { return Value::SMALLINT(r.type.size); }},
      {"attnum", [](const Row& r) { return Small(r.number); }},
      {"attndims", [](const Row& r) { return Int(CountOfBrackets(r.type.name)); }},
      {"attcacheoff", [](const Row&) { return Int(-1); }},
      {"atttypmod", [](const Row& r) { return Int(r.type.modifier); }},
      {"attbyval", [](const Row& r) { return Bool(r.type.size > 0 && r.type.size <= 8); }},
      {"attalign",
       [](const Row& r) {
         return Text(r.type.size == 8 ? "d" : r.type.size == 2 ? "s" : r.type.size == 1 ? "c" : "i");
       }},
      {"attstorage", StorageOf},
      {"attcompression",
       [](const Row& r) {
         const bool set = !r.index && r.column != nullptr && r.column->compression != '\0';
         return Text(set ? std::string(1, r.column->compression) : "");
       }},
      {"attoptions",
       [](const Row& r) {
         const bool set = !r.index && r.column != nullptr && !r.column->parameters.empty();
         return set ? OptionList(r.column->parameters) : Value(LogicalType::LIST(LogicalType::VARCHAR));
       }},
      {"attnotnull", [](const Row& r) { return Bool(r.not_null); }},
      {"atthasdef", [](const Row& r) { return Bool(HasDefault(r)); }},
      {"attidentity", IdentityOf},
      {"attgenerated", [](const Row& r) { return Text(IsGenerated(r) ? "s" : ""); }},
      {"attisdropped", [](const Row& r) { return Bool(r.dropped()); }},
      {"attislocal",
       [](const Row& r) {
         return Bool(r.index || (!r.relation->parent && (r.column == nullptr || r.column->is_local)));
       }},
      {"attinhcount",
       [](const Row& r) {
         if (r.index) return Int(0);
         return Int(r.relation->parent ? 1 : r.column != nullptr ? r.column->inherited : 0);
       }},
      {"attcollation", CollationOf},
  };
  return std::make_unique<GivenRows<Row>>(Attributes(sources, keys, "attrelid", true), columns, *getters);
}

/// Leaves of one tree say the same of the same columns: each is shown once.
class ShownOnce {
 public:
  template <typename Show>
  const std::string& Of(const Relation& table, const std::string& text, const Show& show) {
    std::string key = text;
    for (const SqlColumn& column : table.columns) key += '\0' + column.name + '\0' + column.type;
    const auto [found, added] = known_.try_emplace(std::move(key));
    if (added) found->second = show();
    return found->second;
  }

 private:
  std::map<std::string, std::string> known_;
};

std::string DefaultText(const AttributeRow& row, ShownOnce* shown) {
  const SqlColumn& column = *row.column;
  if (const auto sequence = IsGenerated(row) ? std::nullopt : SequenceOfDefault(*column.default_value)) {
    const std::string name = CatalogNameText(*row.sources, postgres::oid::kRegclass, *sequence);
    return "nextval(" + QuoteLiteral(name) + "::regclass)";
  }
  const auto place = static_cast<size_t>(row.column - row.relation->columns.data());
  const std::string& text = IsGenerated(row) ? *column.generated : *column.default_value;
  return shown->Of(*row.relation, text + '\0' + std::to_string(place),
                   [&] { return ShownColumnValue(*row.sources, *row.relation, place, false); });
}

std::unique_ptr<SystemRows> AttrdefRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                        const SystemKeys& keys) {
  using Row = AttributeRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(DefaultOid(r.owner, static_cast<int64_t>(r.number))); }},
      {"adrelid", [](const Row& r) { return Oid(r.owner); }},
      {"adnum", [](const Row& r) { return Small(r.number); }},
      {"adbin", [](const Row& r) { return Text(r.text); }},
  };
  std::vector<Row> rows = Attributes(sources, keys, "adrelid", false);
  std::erase_if(rows, [](const Row& row) { return !HasDefault(row); });
  ShownOnce shown;
  for (Row& row : rows) row.text = DefaultText(row, &shown);
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_index

std::vector<int> KeyNumbers(const Relation& relation, const std::vector<std::string>& names) {
  std::vector<int> numbers;
  for (const std::string& name : names) {
    numbers.push_back(relation.NumberOf(static_cast<size_t>(relation.ColumnIndex(name))));
  }
  return numbers;
}

struct IndexRow {
  RelationPtr table;
  RelationPtr index;  // null: that of the primary key
  std::string expressions = {};  // its parts that are computed, as they are shown
  std::string condition = {};

  int64_t oid() const { return index ? index->id : IndexOid(table->id); }
  size_t key_size() const { return index ? index->index->columns.size() : table->PrimaryKey().size(); }
  /// The attnums of the key, then of the columns that are only included.
  std::vector<int> numbers() const {
    std::vector<int> numbers = index ? index->index->columns : KeyNumbers(*table, KeyOf(*table)->columns);
    const std::vector<int> included = index ? index->index->included : KeyNumbers(*table, KeyOf(*table)->included);
    numbers.insert(numbers.end(), included.begin(), included.end());
    return numbers;
  }
  std::vector<int> options() const {
    std::vector<int> options(key_size(), 0);
    for (size_t i = 0; index && i < options.size(); ++i) {
      const SqlIndex::Order& order = index->index->orders[i];
      options[i] = (order.descending ? 1 : 0) | (order.nulls_first ? 2 : 0);
    }
    return options;
  }
};

/// 'p', 'u': it is that of a DEFERRABLE key.
char DeferrableKeyOf(const IndexRow& row) { return row.index ? DeferrableKeyOf(*row.index, *row.table) : '\0'; }

bool IsPrimary(const IndexRow& row) {
  if (!row.index || row.index->index->primary) return true;
  const SqlConstraint* key = OwnPrimaryKeyOf(*row.table);
  return key != nullptr && row.index->index->constraint && key->name == row.index->path.table;
}

/// Whether a table is marked by an index.
bool IsMarked(const IndexRow& row, std::string KeptMarks::*mark) {
  const std::string& name = row.index ? row.index->path.table : KeyOf(*row.table)->name;
  return row.table->marks.*mark == name;
}

Value KeyCollations(const IndexRow& row) {
  const std::vector<int> numbers = row.numbers();
  std::vector<int64_t> collations;
  for (size_t i = 0; i < row.key_size(); ++i) {
    const SqlIndex::Expression* expression = row.index ? row.index->index->ExpressionAt(i) : nullptr;
    if (expression != nullptr) {
      collations.push_back(CollationOid("", TypeOf({.name = {}, .type = expression->type}).oid));
      continue;
    }
    const SqlColumn& column = row.table->columns[static_cast<size_t>(row.table->ColumnNumbered(numbers[i]))];
    collations.push_back(CollationOid(column.collation, TypeOf(column).oid));
  }
  return Oids(collations);
}

Value KeyClasses(const IndexRow& row) {
  const std::vector<int> numbers = row.numbers();
  std::vector<int64_t> classes;
  for (size_t i = 0; i < row.key_size(); ++i) {
    const SqlIndex::Expression* expression = row.index ? row.index->index->ExpressionAt(i) : nullptr;
    const SqlColumn of_expression{.name = {}, .type = expression == nullptr ? "" : expression->type};
    const int column = row.table->ColumnNumbered(numbers[i]);
    classes.push_back(OperatorClassOid(
        TypeOf(expression == nullptr ? row.table->columns[static_cast<size_t>(column)] : of_expression).oid));
  }
  return Oids(classes);
}

IndexRow RowOfIndex(const SystemSources& sources, const RelationPtr& table, const RelationPtr& index) {
  IndexRow row{table, index};
  if (!table) return row;
  for (const SqlIndex::Expression& expression : index->index->expressions) {
    if (expression.text.empty()) continue;
    row.expressions += (row.expressions.empty() ? "" : ", ") + ShownExpressionOfKey(sources, *table, expression.text);
  }
  if (!index->index->condition.empty()) row.condition = ShownCondition(sources, *table, index->index->condition, false);
  return row;
}

Value ShownOrNull(const std::string& text) { return text.empty() ? Value(LogicalType::VARCHAR) : Text(text); }

/// By the key that is asked for, of an index or a table.
std::vector<IndexRow> IndexesAsked(const SystemSources& sources, const SystemKeys& keys) {
  const bool by_index = keys.contains("indexrelid");
  std::vector<IndexRow> rows;
  for (const RelationPtr& relation : Relations(sources, keys, by_index ? "indexrelid" : "indrelid")) {
    if (relation->is_index()) {
      if (by_index) rows.push_back(RowOfIndex(sources, TableOf(sources, relation), relation));
      continue;
    }
    if (HasKey(*relation)) rows.push_back({relation, nullptr});
    for (const RelationPtr& index : relation->indexes) rows.push_back(RowOfIndex(sources, relation, index));
  }
  return rows;
}

std::unique_ptr<SystemRows> IndexRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                      const SystemKeys& keys) {
  using Row = IndexRow;
  static const auto* getters = new Getters<Row>{
      {"indexrelid", [](const Row& r) { return Oid(r.oid()); }},
      {"indrelid", [](const Row& r) { return Oid(r.table->id); }},
      {"indnatts", [](const Row& r) { return Small(r.numbers().size()); }},
      {"indnkeyatts", [](const Row& r) { return Small(r.key_size()); }},
      {"indisunique", [](const Row& r) { return Bool(!r.index || r.index->index->unique || DeferrableKeyOf(r)); }},
      {"indnullsnotdistinct", [](const Row& r) { return Bool(r.index && !r.index->index->nulls_distinct); }},
      {"indexprs", [](const Row& r) { return ShownOrNull(r.expressions); }},
      {"indpred", [](const Row& r) { return ShownOrNull(r.condition); }},
      {"indisexclusion",
       [](const Row& r) { return Bool(r.index && r.index->index->exclusion && !DeferrableKeyOf(r)); }},
      {"indisclustered", [](const Row& r) { return Bool(IsMarked(r, &KeptMarks::clustered_on)); }},
      {"indisreplident", [](const Row& r) { return Bool(IsMarked(r, &KeptMarks::identity_index)); }},
      {"indisprimary", [](const Row& r) { return Bool(IsPrimary(r)); }},
      {"indimmediate", [](const Row& r) { return Bool(!DeferrableKeyOf(r)); }},
      {"indisvalid", [](const Row& r) { return Bool(!r.index || r.index->index->valid); }},
      {"indisready", [](const Row&) { return Bool(true); }},
      {"indislive", [](const Row&) { return Bool(true); }},
      {"indkey", [](const Row& r) { return SmallIntegers(r.numbers()); }},
      {"indcollation", KeyCollations},
      {"indclass", KeyClasses},
      {"indoption", [](const Row& r) { return SmallIntegers(r.options()); }},
  };
  return std::make_unique<GivenRows<Row>>(IndexesAsked(sources, keys), columns, *getters);
}

// --- pg_constraint

struct ConstraintRow {
  RelationPtr relation;
  int64_t schema;
  size_t number;
  int64_t parent;          // the parent's constraint that it is of; 0: none
  RelationPtr referenced;  // by a foreign key; null: it is none
  std::string check = {};  // as it is shown
  const SqlConstraint& constraint() const { return relation->constraints[number]; }
};

std::string ConstraintKind(const SqlConstraint& constraint) {
  switch (constraint.kind) {
    case SqlConstraint::Kind::kPrimaryKey: return "p";
    case SqlConstraint::Kind::kUnique: return constraint.primary ? "p" : "u";
    case SqlConstraint::Kind::kCheck: return "c";
    case SqlConstraint::Kind::kForeignKey: return "f";
    case SqlConstraint::Kind::kExclusion:
      return constraint.exclusion->key == '\0' ? "x" : std::string(1, constraint.exclusion->key);
  }
  return "";
}

/// "a", "r", …; " " for what is no foreign key.
std::string ActionCode(const SqlConstraint& constraint, ReferentialAction ForeignKeyRules::*action) {
  if (!constraint.foreign) return " ";
  switch (constraint.foreign->rules.*action) {
    case ReferentialAction::kNoAction: return "a";
    case ReferentialAction::kRestrict: return "r";
    case ReferentialAction::kCascade: return "c";
    case ReferentialAction::kSetNull: return "n";
    case ReferentialAction::kSetDefault: return "d";
  }
  return " ";
}

std::string MatchCode(const SqlConstraint& constraint) {
  if (!constraint.foreign) return " ";
  return constraint.foreign->rules.match_full ? "f" : "s";
}

bool IsDeferrable(const SqlConstraint& constraint) {
  return constraint.foreign ? constraint.foreign->rules.deferrable
                            : constraint.exclusion && constraint.exclusion->key != '\0';
}

bool IsDeferred(const SqlConstraint& constraint) {
  return constraint.foreign ? constraint.foreign->rules.deferred
                            : constraint.exclusion && constraint.exclusion->deferred;
}

/// The index that keeps the columns unique to which a foreign key refers; 0: there is none any more.
int64_t IndexReferredTo(const ConstraintRow& row) {
  if (!row.referenced) return 0;
  const Relation& table = *row.referenced;
  std::set<int> wanted;
  for (const int number : row.constraint().foreign->columns) wanted.insert(table.ColumnNumbered(number));
  const auto keeps = [&](const std::vector<int>& columns) {
    return std::set<int>(columns.begin(), columns.end()) == wanted;
  };
  if (HasKey(table) && keeps(table.PrimaryKey())) return IndexOid(table.id);
  for (const RelationPtr& index : table.indexes) {
    if (index->index->unique && index->index->is_plain() && keeps(KeyPositionsOf(*index->index, table)))
      return index->id;
  }
  return 0;
}

/// The index by which a key is kept, or that of the key which a foreign key refers to; 0: it is none.
int64_t IndexOf(const ConstraintRow& row) {
  switch (row.constraint().kind) {
    case SqlConstraint::Kind::kPrimaryKey: return IndexOid(row.relation->id);
    case SqlConstraint::Kind::kExclusion:
    case SqlConstraint::Kind::kUnique: {
      const RelationPtr index = IndexOfConstraint(*row.relation, row.constraint().name);
      return index ? index->id : 0;
    }
    case SqlConstraint::Kind::kForeignKey: return IndexReferredTo(row);
    case SqlConstraint::Kind::kCheck: return 0;
  }
  return 0;
}

/// The parent's constraint of the same kind and columns.
int64_t InheritedFrom(const SystemSources& sources, const Relation& relation, const SqlConstraint& constraint) {
  if (!relation.parent) return 0;
  RelationPtr parent = ValueOrThrow(sources.catalog.FindById(*relation.parent));
  for (size_t i = 0; parent && i < parent->constraints.size(); ++i) {
    if (SaysTheSame(parent->constraints[i], constraint)) return ConstraintOid(parent->id, i);
  }
  return 0;
}

/// The numbers of the columns that a CHECK is about, as they come in it.
std::vector<int> CheckedColumns(const Relation& relation, const std::string& check) {
  std::vector<std::pair<size_t, int>> found;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const size_t at = check.find(relation.columns[i].name);
    if (at == std::string::npos) continue;
    const auto refers = dialect::RefersTo(check, relation.columns[i].name);
    if (refers.ok() && *refers) found.emplace_back(at, relation.NumberOf(i));
  }
  std::ranges::sort(found);
  std::vector<int> numbers;
  for (const auto& [at, number] : found) numbers.push_back(number);
  return numbers;
}

std::unique_ptr<SystemRows> ConstraintRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                           const SystemKeys& keys) {
  using Row = ConstraintRow;
  static const auto is_key = [](const Row& r) { return r.constraint().kind != SqlConstraint::Kind::kCheck; };
  static const Value no_numbers(LogicalType::LIST(LogicalType::SMALLINT));
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(ConstraintOid(r.relation->id, r.number)); }},
      {"conname", [](const Row& r) { return Text(r.constraint().name); }},
      {"connamespace", [](const Row& r) { return Oid(r.schema); }},
      {"contype", [](const Row& r) { return Text(ConstraintKind(r.constraint())); }},
      {"convalidated", [](const Row& r) { return Bool(!r.constraint().not_valid); }},
      {"conrelid", [](const Row& r) { return Oid(r.relation->id); }},
      {"conindid", [](const Row& r) { return Oid(IndexOf(r)); }},
      {"conparentid", [](const Row& r) { return Oid(is_key(r) ? r.parent : 0); }},
      {"condeferrable", [](const Row& r) { return Bool(IsDeferrable(r.constraint())); }},
      {"condeferred", [](const Row& r) { return Bool(IsDeferred(r.constraint())); }},
      {"confrelid", [](const Row& r) { return Oid(r.referenced ? r.referenced->id : 0); }},
      {"confupdtype", [](const Row& r) { return Text(ActionCode(r.constraint(), &ForeignKeyRules::on_update)); }},
      {"confdeltype", [](const Row& r) { return Text(ActionCode(r.constraint(), &ForeignKeyRules::on_delete)); }},
      {"confmatchtype", [](const Row& r) { return Text(MatchCode(r.constraint())); }},
      {"confkey",
       [](const Row& r) { return r.referenced ? SmallIntegers(r.constraint().foreign->columns) : no_numbers; }},
      {"confdelsetcols",
       [](const Row& r) {
         const bool said = r.referenced && !r.constraint().foreign->rules.set_columns.empty();
         return said ? SmallIntegers(KeyNumbers(*r.relation, r.constraint().foreign->rules.set_columns)) : no_numbers;
       }},
      {"conislocal", [](const Row& r) { return Bool(r.parent == 0 && r.constraint().is_local); }},
      {"coninhcount", [](const Row& r) { return Int(r.parent == 0 ? r.constraint().inherited : 1); }},
      {"connoinherit",
       [](const Row& r) { return Bool(is_key(r) ? r.parent == 0 : r.constraint().no_inherit); }},
      {"conkey",
       [](const Row& r) {
         return SmallIntegers(is_key(r) ? KeyNumbers(*r.relation, r.constraint().columns)
                                        : CheckedColumns(*r.relation, r.constraint().check));
       }},
      {"conbin", [](const Row& r) { return ShownOrNull(r.check); }},
  };
  std::vector<Row> rows;
  ShownOnce shown;
  for (const RelationPtr& relation : Relations(sources, keys, "conrelid")) {
    for (size_t i = 0; i < relation->constraints.size(); ++i) {
      const int64_t parent = InheritedFrom(sources, *relation, relation->constraints[i]);
      const auto& foreign = relation->constraints[i].foreign;
      RelationPtr referenced = foreign ? ValueOrThrow(sources.catalog.FindById(foreign->table)) : nullptr;
      const SqlConstraint& constraint = relation->constraints[i];
      std::string check;
      if (constraint.kind == SqlConstraint::Kind::kCheck) {
        check = shown.Of(*relation, constraint.check,
                         [&] { return ShownCheck(sources, *relation, constraint.check, false); });
      }
      rows.push_back({relation, SchemaOid(sources, *relation), i, parent, std::move(referenced), std::move(check)});
    }
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_description

constexpr int64_t kConstraintsOid = 2606;

struct DescriptionRow {
  int64_t object;
  int64_t catalog;  // the OID of the one that lists it
  int number;       // of the column; 0: the object itself
  std::string text;
};

std::vector<DescriptionRow> DescriptionsOf(const Relation& relation) {
  std::vector<DescriptionRow> rows;
  rows.push_back({relation.id, kClassesOid, 0, relation.comment});
  if (relation.is_index()) return rows.back().text.empty() ? std::vector<DescriptionRow>() : rows;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    rows.push_back({relation.id, kClassesOid, relation.NumberOf(i), relation.columns[i].comment});
  }
  for (size_t i = 0; i < relation.constraints.size(); ++i) {
    rows.push_back({ConstraintOid(relation.id, i), kConstraintsOid, 0, relation.constraints[i].comment});
  }
  std::erase_if(rows, [](const DescriptionRow& row) { return row.text.empty(); });
  return rows;
}

std::optional<std::string> CommentUnder(const SystemSources& sources, const std::string& key) {
  const CommentMapPtr comments = ValueOrThrow(sources.catalog.Comments());
  const auto found = comments->find(key);
  return found == comments->end() ? std::nullopt : std::optional(found->second);
}

void AddDescriptionsOfSchemas(const SystemSources& sources, std::vector<DescriptionRow>* rows) {
  const auto of_public = CommentUnder(sources, CommentKeyOfSchema(sources.database));
  rows->push_back({kPublicSchema, kSchemasOid, 0, of_public.value_or("standard public schema")});
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    const auto text = CommentUnder(sources, CommentKeyOfSchema(name));
    if (name != sources.database && text) rows->push_back({DatabaseOid(name), kSchemasOid, 0, *text});
  }
}

/// Of what all databases share.
std::unique_ptr<SystemRows> SharedDescriptionRows(const SystemSources& sources,
                                                  const std::vector<SystemColumn>& columns) {
  using Row = DescriptionRow;
  static const auto* getters = new Getters<Row>{
      {"objoid", [](const Row& r) { return Oid(r.object); }},
      {"classoid", [](const Row& r) { return Oid(r.catalog); }},
      {"description", [](const Row& r) { return Text(r.text); }},
  };
  std::vector<Row> rows;
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    const auto text = CommentUnder(sources, CommentKeyOfDatabase(name));
    if (text) rows.push_back({DatabaseOid(name), kDatabasesOid, 0, *text});
  }
  for (const auto& [id, role] : sources.access->roles) {
    const auto text = CommentUnder(sources, CommentKeyOfRole(id));
    if (text) rows.push_back({id, kRolesOid, 0, *text});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> DescriptionRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = DescriptionRow;
  static const auto* getters = new Getters<Row>{
      {"objoid", [](const Row& r) { return Oid(r.object); }},
      {"classoid", [](const Row& r) { return Oid(r.catalog); }},
      {"objsubid", [](const Row& r) { return Int(r.number); }},
      {"description", [](const Row& r) { return Text(r.text); }},
  };
  std::vector<Row> rows = {{kCatalogSchema, kSchemasOid, 0, "system catalog schema"}};
  AddDescriptionsOfSchemas(sources, &rows);
  for (const RelationPtr& relation : Relations(sources, {}, "objoid")) {
    for (Row& row : DescriptionsOf(*relation)) rows.push_back(std::move(row));
  }
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) {
    if (!type->comment.empty()) rows.push_back({oid, kTypesOid, 0, type->comment});
    for (const postgres::DomainCheck& check : type->checks) {
      if (!check.comment.empty()) rows.push_back({check.oid, kConstraintsOid, 0, check.comment});
    }
  }
  for (const SqlFunctionPtr& function : MadeFunctions(sources)) {
    if (!function->comment.empty()) rows.push_back({function->id, kFunctionsOid, 0, function->comment});
  }
  for (const ForeignServer& server : AllServers(sources)) {
    const auto text = CommentUnder(sources, CommentKeyOfServer(server.name));
    if (text) rows.push_back({server.id, kServersOid, 0, *text});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_sequence

struct SequenceRow {
  RelationPtr relation;
  const Sequence& sequence() const { return *relation->sequence; }
};

std::unique_ptr<SystemRows> SequenceRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                         const SystemKeys& keys) {
  using Row = SequenceRow;
  static const auto* getters = new Getters<Row>{
      {"seqrelid", [](const Row& r) { return Oid(r.relation->id); }},
      {"seqtypid", [](const Row& r) { return Oid(ValueOrThrow(postgres::ParseType(r.sequence().type)).oid); }},
      {"seqstart", [](const Row& r) { return Value::BIGINT(r.sequence().start); }},
      {"seqincrement", [](const Row& r) { return Value::BIGINT(r.sequence().increment); }},
      {"seqmax", [](const Row& r) { return Value::BIGINT(r.sequence().max_value); }},
      {"seqmin", [](const Row& r) { return Value::BIGINT(r.sequence().min_value); }},
      {"seqcache", [](const Row& r) { return Value::BIGINT(r.sequence().cache); }},
      {"seqcycle", [](const Row& r) { return Bool(r.sequence().cycle); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : Relations(sources, keys, "seqrelid")) {
    if (relation->is_sequence()) rows.push_back({relation});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- pg_rewrite, pg_depend: a view is a rule on a relation, which depends on what its query names; a sequence hangs on
// the column that owns it, a key on its columns, a foreign key on those and the index that it refers to

std::unique_ptr<SystemRows> RewriteRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                        const SystemKeys& keys) {
  static const auto* getters = new Getters<RelationPtr>{
      {"oid", [](const RelationPtr& view) { return Oid(RuleOid(view->id)); }},
      {"rulename", [](const RelationPtr&) { return Text("_RETURN"); }},
      {"ev_class", [](const RelationPtr& view) { return Oid(view->id); }},
      {"ev_type", [](const RelationPtr&) { return Text("1"); }},
      {"ev_enabled", [](const RelationPtr&) { return Text("O"); }},
      {"is_instead", [](const RelationPtr&) { return Bool(true); }},
  };
  std::vector<RelationPtr> views = Relations(sources, keys, "ev_class");
  std::erase_if(views, [](const RelationPtr& relation) { return relation->definition() == nullptr; });
  return std::make_unique<GivenRows<RelationPtr>>(std::move(views), columns, *getters);
}

constexpr int64_t kRulesOid = 2618;

struct DependRow {
  int64_t catalog;  // of the object: kClassesOid, kRulesOid, kDefaultsOid, kConstraintsOid
  int64_t object;
  int64_t on;  // a relation, or what is in on_catalog
  int column;
  const char* kind;
  int64_t on_catalog = kClassesOid;
};

void AddDependenciesOfView(const Relation& view, std::vector<DependRow>* rows) {
  const auto add = [&](int64_t on, int column, const char* kind) {
    rows->push_back({kRulesOid, RuleOid(view.id), on, column, kind});
  };
  add(view.id, 0, "i");
  add(view.id, 0, "n");
  for (const ViewSource& source : view.definition()->sources) {
    if (source.name.ends_with("()")) continue;  // functions
    bool used = false;
    for (const ViewSource::Column& column : source.columns) {
      if (column.used) add(source.relation, column.number, "n");
      used = used || column.used;
    }
    if (!used) add(source.relation, 0, "n");
  }
}

/// A default hangs on its column, and needs the sequence that it takes values from.
void AddDependenciesOfDefaults(const Relation& table, std::vector<DependRow>* rows) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const SqlColumn& column = table.columns[i];
    const bool shown = column.default_value && column.identity == SqlColumn::Identity::kNone;
    if (!shown && !column.generated) continue;
    const int number = table.NumberOf(i);
    const int64_t object = DefaultOid(table.id, number);
    rows->push_back({kDefaultsOid, object, table.id, number, "a"});
    const auto sequence = shown ? SequenceOfDefault(*column.default_value) : std::nullopt;
    if (sequence) {
      rows->push_back({kDefaultsOid, object, *sequence, 0, "n"});
    }
  }
}

void AddDependenciesOfForeignKeys(const SystemSources& sources, const RelationPtr& table,
                                  std::vector<DependRow>* rows) {
  for (size_t i = 0; i < table->constraints.size(); ++i) {
    const SqlConstraint& constraint = table->constraints[i];
    if (!constraint.foreign) continue;
    const ConstraintRow row{table, 0, i, 0, ValueOrThrow(sources.catalog.FindById(constraint.foreign->table))};
    if (!row.referenced) continue;
    const auto add = [&](int64_t on, int column, const char* kind) {
      rows->push_back({kConstraintsOid, ConstraintOid(table->id, i), on, column, kind});
    };
    for (const int number : KeyNumbers(*table, constraint.columns)) add(table->id, number, "a");
    for (const int number : constraint.foreign->columns) add(row.referenced->id, number, "n");
    if (const int64_t index = IndexReferredTo(row); index > 0) add(index, 0, "n");
  }
}

/// A key hangs on its columns, and its index on the key: a dump finds from the index that a foreign key refers to what
/// must be there before it.
void AddDependenciesOfKeys(const RelationPtr& table, std::vector<DependRow>* rows) {
  for (size_t i = 0; i < table->constraints.size(); ++i) {
    const SqlConstraint& constraint = table->constraints[i];
    if (!constraint.is_key() && !constraint.exclusion) continue;
    const int64_t key = ConstraintOid(table->id, i);
    for (const int number : KeyNumbers(*table, constraint.columns)) {
      rows->push_back({kConstraintsOid, key, table->id, number, "a"});
    }
    const int64_t index = IndexOf(ConstraintRow{table, 0, i, 0, nullptr});
    if (index > 0) rows->push_back({kClassesOid, index, key, 0, "i", kConstraintsOid});
  }
}

void AddDependenciesOfComposite(const postgres::MadeType& type, std::vector<DependRow>* rows) {
  rows->push_back({kClassesOid, type.relation, type.oid, 0, "i", kTypesOid});
  for (const postgres::Attribute& attribute : type.attributes) {
    const postgres::Oid element = postgres::ArrayElement(attribute.type.oid);
    const postgres::Oid used = element != 0 ? element : attribute.type.oid;
    if (postgres::FindMadeType(used) != nullptr) rows->push_back({kClassesOid, type.relation, used, 0, "n", kTypesOid});
  }
}

std::unique_ptr<SystemRows> DependRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<DependRow>{
      {"classid", [](const DependRow& r) { return Oid(r.catalog); }},
      {"objid", [](const DependRow& r) { return Oid(r.object); }},
      {"refclassid", [](const DependRow& r) { return Oid(r.on_catalog); }},
      {"refobjid", [](const DependRow& r) { return Oid(r.on); }},
      {"refobjsubid", [](const DependRow& r) { return Int(r.column); }},
      {"deptype", [](const DependRow& r) { return Text(r.kind); }},
  };
  std::vector<DependRow> rows;
  for (const ExtensionMember& member : ExtensionMembers()) {
    rows.push_back({member.catalog, member.object, member.extension, 0, "e", kExtensionsOid});
  }
  for (const auto& [oid, type] : *ValueOrThrow(sources.catalog.Types())) {
    if (type->kind == postgres::TypeKind::kComposite) AddDependenciesOfComposite(*type, &rows);
  }
  for (const RelationPtr& relation : AllRelations(sources)) {
    if (relation->is_foreign())
      rows.push_back({kClassesOid, relation->id, ServerOidOf(sources, *relation), 0, "n", kServersOid});
    if (relation->definition() != nullptr) AddDependenciesOfView(*relation, &rows);
    if (!relation->is_index()) AddDependenciesOfDefaults(*relation, &rows);
    AddDependenciesOfForeignKeys(sources, relation, &rows);
    AddDependenciesOfKeys(relation, &rows);
    for (const int64_t parent : relation->inherits) rows.push_back({kClassesOid, relation->id, parent, 0, "n"});
    for (const OwnedSequence& owned : relation->owned_sequences) {
      const char* kind = IdentityColumnOf(*relation, owned.sequence) != nullptr ? "i" : "a";
      rows.push_back({kClassesOid, owned.sequence, relation->id, owned.column, kind});
    }
  }
  return std::make_unique<GivenRows<DependRow>>(std::move(rows), columns, *getters);
}

// --- pg_inherits, pg_partitioned_table

struct InheritsRow {
  int64_t child;
  int64_t parent;
  int number = 1;  // among the child's parents
};

/// Of INHERITS.
void AddInheritedBy(const Relation& child, int64_t parent, std::vector<InheritsRow>* rows) {
  const auto found = std::ranges::find(child.inherits, parent);
  if (found == child.inherits.end()) return;
  rows->push_back({child.id, parent, static_cast<int>(found - child.inherits.begin()) + 1});
}

void AddInherits(const Relation& child, const Relation& parent, std::vector<InheritsRow>* rows) {
  rows->push_back({child.id, parent.id});
  if (HasKey(child) && HasKey(parent)) rows->push_back({IndexOid(child.id), IndexOid(parent.id)});
}

/// The parts of a partitioned table's index.
void AddParts(const SystemSources& sources, const Relation& index, std::vector<InheritsRow>* rows) {
  const RelationPtr table = ValueOrThrow(sources.catalog.FindById(index.index->table));
  if (!table || !table->is_partitioned()) return;
  for (const RelationPtr& child : ValueOrThrow(sources.catalog.Children(*table))->relations) {
    for (const RelationPtr& own : child->indexes) {
      if (own->index->parent == index.id) rows->push_back({own->id, index.id});
    }
  }
}

std::vector<InheritsRow> Inherits(const SystemSources& sources, const SystemKeys& keys) {
  std::vector<InheritsRow> rows;
  if (keys.contains("inhparent")) {
    for (const RelationPtr& parent : Relations(sources, keys, "inhparent")) {
      if (parent->is_index()) AddParts(sources, *parent, &rows);
      for (const int64_t heir : parent->inherited_by) {
        const RelationPtr child = ValueOrThrow(sources.catalog.FindById(heir));
        if (child) AddInheritedBy(*child, parent->id, &rows);
      }
      if (!parent->is_partitioned()) continue;
      for (const RelationPtr& child : ValueOrThrow(sources.catalog.Children(*parent))->relations) {
        AddInherits(*child, *parent, &rows);
      }
    }
    return rows;
  }
  for (const RelationPtr& child : Relations(sources, keys, "inhrelid")) {
    if (child->is_index() && child->index->parent) rows.push_back({child->id, *child->index->parent});
    RelationPtr parent = child->parent ? ValueOrThrow(sources.catalog.FindById(*child->parent)) : nullptr;
    if (parent) AddInherits(*child, *parent, &rows);
    for (const int64_t inherited : child->inherits) AddInheritedBy(*child, inherited, &rows);
  }
  return rows;
}

std::unique_ptr<SystemRows> InheritsRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                         const SystemKeys& keys) {
  static const auto* getters = new Getters<InheritsRow>{
      {"inhrelid", [](const InheritsRow& r) { return Oid(r.child); }},
      {"inhparent", [](const InheritsRow& r) { return Oid(r.parent); }},
      {"inhseqno", [](const InheritsRow& r) { return Int(r.number); }},
  };
  return std::make_unique<GivenRows<InheritsRow>>(Inherits(sources, keys), columns, *getters);
}

struct PartitionedRow {
  RelationPtr relation;
  int64_t default_partition = 0;
  std::string expressions = {};
};

std::string PartitionExpressions(const SystemSources& sources, const Relation& table) {
  std::string text;
  for (const SqlPartitionKeyPart& part : table.partition_key->parts) {
    if (part.column >= 0 || part.shard) continue;
    text += (text.empty() ? "" : ", ") + ShownExpressionOfKey(sources, table, part.expression);
  }
  return text;
}

Value PartitionColumns(const PartitionedRow& row) {
  std::vector<int> numbers;
  for (const SqlPartitionKeyPart& part : row.relation->partition_key->parts) {
    numbers.push_back(part.column < 0 ? 0 : row.relation->NumberOf(static_cast<size_t>(part.column)));
  }
  return SmallIntegers(numbers);
}

/// Those of btree; what hashes columns and the types of expressions are not listed: 0.
Value PartitionCollations(const PartitionedRow& row) {
  std::vector<int64_t> collations;
  for (const SqlPartitionKeyPart& part : row.relation->partition_key->parts) {
    const bool is_column = part.column >= 0;
    const SqlColumn computed{.name = {}, .type = part.sql_type};
    const SqlColumn& column = is_column ? row.relation->columns[static_cast<size_t>(part.column)] : computed;
    collations.push_back(CollationOid(column.collation, TypeOf(column).oid));
  }
  return Oids(collations);
}

Value PartitionClasses(const PartitionedRow& row) {
  const SqlPartitionKey& key = *row.relation->partition_key;
  std::vector<int64_t> classes;
  for (const SqlPartitionKeyPart& part : key.parts) {
    const bool known = part.column >= 0 && key.strategy != PartitionStrategy::kHash;
    const auto column = static_cast<size_t>(part.column);
    classes.push_back(known ? OperatorClassOid(TypeOf(row.relation->columns[column]).oid) : 0);
  }
  return Oids(classes);
}

Value StrategyOf(const PartitionedRow& row) {
  switch (row.relation->partition_key->strategy) {
    case PartitionStrategy::kRange: return Text("r");
    case PartitionStrategy::kList: return Text("l");
    case PartitionStrategy::kHash: break;
  }
  return Text("h");
}

std::unique_ptr<SystemRows> PartitionedRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                            const SystemKeys& keys) {
  using Row = PartitionedRow;
  static const auto parts = [](const Row& r) { return r.relation->partition_key->parts.size(); };
  static const auto* getters = new Getters<Row>{
      {"partrelid", [](const Row& r) { return Oid(r.relation->id); }},
      {"partstrat", StrategyOf},
      {"partnatts", [](const Row& r) { return Small(parts(r)); }},
      {"partdefid", [](const Row& r) { return Oid(r.default_partition); }},
      {"partattrs", PartitionColumns},
      {"partclass", PartitionClasses},
      {"partcollation", PartitionCollations},
      {"partexprs", [](const Row& r) { return ShownOrNull(r.expressions); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& relation : Relations(sources, keys, "partrelid")) {
    if (!relation->is_partitioned()) continue;
    Row row{relation, 0, PartitionExpressions(sources, *relation)};
    for (const RelationPtr& child : ValueOrThrow(sources.catalog.Children(*relation))->relations) {
      if (IsDefault(child->bound)) row.default_partition = child->id;
    }
    rows.push_back(std::move(row));
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

// --- what every database has

struct Named {
  int64_t oid = 0;
  std::string name;
  int64_t owner = kOwner;
  std::string kind = {};
  Value acl = Value(LogicalType::LIST(LogicalType::VARCHAR));
};

/// As initdb grants it, always said: pg_dump takes none to mean that others may not use the schema. Where it belongs to
/// nobody else, its database's owner is in the place of pg_database_owner.
Value PublicAcl(const SystemSources& sources, access::RoleId owner) {
  const access::State& state = *sources.access;
  const access::Target target = SchemaTarget(state, sources.database, ContextOf(sources));
  const access::RoleId of_database = target.owner;
  access::Acl acl = state.AclOf(target);
  const auto of_role = [](const access::AclItem& item) { return item.grantee != access::kEverybody; };
  std::stable_partition(acl.begin(), acl.end(), of_role);
  std::vector<std::string> items;
  for (access::AclItem item : acl) {
    if (item.grantee == of_database) item.grantee = owner;
    if (item.grantor == of_database) item.grantor = owner;
    items.push_back(access::AclItemText(
        item, [&](access::RoleId id) { return id == kPublicOwner ? "pg_database_owner" : state.NameOf(id); }));
  }
  return Texts(items);
}

std::unique_ptr<SystemRows> NamespaceRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                          const SystemKeys&) {
  static const auto* getters = new Getters<Named>{
      {"oid", [](const Named& r) { return Oid(r.oid); }},
      {"nspname", [](const Named& r) { return Text(r.name); }},
      {"nspowner", [](const Named& r) { return Oid(r.owner); }},
      {"nspacl", [](const Named& r) { return r.acl; }},
  };
  const access::State& state = *sources.access;
  const int64_t public_owner = state.OwnerOf(access::ObjectKey::Schema(sources.database)).value_or(kPublicOwner);
  std::vector<Named> rows = {{kCatalogSchema, "pg_catalog"},
                             {kPublicSchema, "public", public_owner, {}, PublicAcl(sources, public_owner)},
                             {kInformationSchema, "information_schema"}};
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    if (name == sources.database) continue;
    const access::Target target = SchemaTarget(state, name, ContextOf(sources));
    const access::Acl acl = state.AclOf(target);
    const bool as_made = acl == access::AclAsMade(target.kind(), target.owner);
    rows.push_back({DatabaseOid(name), name, target.owner, {}, as_made ? Named().acl : AclValue(state, acl)});
  }
  return std::make_unique<GivenRows<Named>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> DatabaseRows(const SystemSources& sources, const std::vector<SystemColumn>& columns,
                                         const SystemKeys&) {
  static const auto* getters = new Getters<Named>{
      {"oid", [](const Named& r) { return Oid(r.oid); }},
      {"datname", [](const Named& r) { return Text(r.name); }},
      {"datdba", [](const Named& r) { return Oid(r.owner); }},
      {"datacl", [](const Named& r) { return r.acl; }},
      {"encoding", [](const Named&) { return Int(6); }},
      {"datlocprovider", [](const Named&) { return Text("c"); }},
      {"datallowconn", [](const Named&) { return Bool(true); }},
      {"datconnlimit", [](const Named&) { return Int(-1); }},
      {"dattablespace", [](const Named&) { return Oid(kDefaultTablespace); }},
      {"datcollate", [](const Named&) { return Text("C.UTF-8"); }},
      {"datctype", [](const Named&) { return Text("C.UTF-8"); }},
  };
  const access::State& state = *sources.access;
  std::vector<Named> rows;
  for (const std::string& name : ValueOrThrow(sources.catalog.ListDatabases())) {
    rows.push_back({DatabaseOid(name), name, DatabaseTarget(state, name).owner, {},
                    SaidAcl(state, access::ObjectKey::Database(name))});
  }
  return std::make_unique<GivenRows<Named>>(std::move(rows), columns, *getters);
}

// --- roles

Value ValidUntil(const access::Role& role) {
  return role.valid_until ? Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(*role.valid_until))
                          : Value(LogicalType::TIMESTAMP_TZ);
}

std::unique_ptr<SystemRows> RoleRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using access::Role;
  static const auto* getters = new Getters<Role>{
      {"oid", [](const Role& r) { return Oid(r.id); }},
      {"rolname", [](const Role& r) { return Text(r.name); }},
      {"rolsuper", [](const Role& r) { return Bool(r.superuser); }},
      {"rolinherit", [](const Role& r) { return Bool(r.inherit); }},
      {"rolcreaterole", [](const Role& r) { return Bool(r.create_role); }},
      {"rolcreatedb", [](const Role& r) { return Bool(r.create_db); }},
      {"rolcanlogin", [](const Role& r) { return Bool(r.login); }},
      {"rolreplication", [](const Role& r) { return Bool(r.replication); }},
      {"rolbypassrls", [](const Role& r) { return Bool(r.bypass_rls); }},
      {"rolconnlimit", [](const Role& role) { return Int(role.connection_limit); }},
      {"rolpassword",
       [](const Role& r) { return r.verifier.empty() ? Value(LogicalType::VARCHAR) : Text(r.verifier); }},
      {"rolvaliduntil", ValidUntil},
  };
  std::vector<Role> rows;
  for (const auto& [id, role] : sources.access->roles) rows.push_back(role);
  return std::make_unique<GivenRows<Role>>(std::move(rows), columns, *getters);
}

using MembershipRow = std::pair<std::pair<access::RoleId, access::RoleId>, access::Membership>;

std::unique_ptr<SystemRows> MembershipRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = MembershipRow;
  static const auto* getters = new Getters<Row>{
      {"roleid", [](const Row& r) { return Oid(r.first.first); }},
      {"member", [](const Row& r) { return Oid(r.first.second); }},
      {"grantor", [](const Row& r) { return Oid(r.second.grantor); }},
      {"admin_option", [](const Row& r) { return Bool(r.second.admin); }},
  };
  const auto& memberships = sources.access->memberships;
  return std::make_unique<GivenRows<Row>>(std::vector<Row>(memberships.begin(), memberships.end()), columns, *getters);
}

struct DefaultAclRow {
  int64_t oid = 0;
  access::DefaultKey key;
  int64_t schema = 0;
  Value acl;
};

const char* LetterOf(access::ObjectKind kind) {
  switch (kind) {
    case access::ObjectKind::kTable: return "r";
    case access::ObjectKind::kDatabase: return "d";
    case access::ObjectKind::kSchema: return "n";
    case access::ObjectKind::kSequence: return "S";
    case access::ObjectKind::kFunction: return "f";
    case access::ObjectKind::kType: return "T";
    case access::ObjectKind::kLanguage:
    case access::ObjectKind::kParameter:
    case access::ObjectKind::kServer:
    case access::ObjectKind::kWrapper:
    case access::ObjectKind::kTablespace: break;  // have no default privileges that could be altered
  }
  return "";
}

std::unique_ptr<SystemRows> DefaultAclRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  using Row = DefaultAclRow;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.oid); }},
      {"defaclrole", [](const Row& r) { return Oid(r.key.role); }},
      {"defaclnamespace", [](const Row& r) { return Oid(r.schema); }},
      {"defaclobjtype", [](const Row& r) { return Text(LetterOf(r.key.kind)); }},
      {"defaclacl", [](const Row& r) { return r.acl; }},
  };
  std::vector<Row> rows;
  for (const auto& [key, acl] : sources.access->defaults) {
    const bool is_public = key.schema == sources.database;
    const int64_t schema = key.schema.empty() ? 0 : is_public ? kPublicSchema : DatabaseOid(key.schema);
    rows.push_back({static_cast<int64_t>(rows.size()) + 1, key, schema, AclValue(*sources.access, acl)});
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> AccessMethodRows(const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<Named>{
      {"oid", [](const Named& r) { return Oid(r.oid); }},
      {"amname", [](const Named& r) { return Text(r.name); }},
      {"amtype", [](const Named& r) { return Text(r.kind); }},
  };
  std::vector<Named> rows = {{kHeap, "heap", kOwner, "t"}, {kBtree, "btree", kOwner, "i"}};
  return std::make_unique<GivenRows<Named>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> TablespaceRows(const SystemSources& sources, const std::vector<SystemColumn>& columns) {
  static const auto* getters = new Getters<Named>{
      {"oid", [](const Named& r) { return Oid(r.oid); }},
      {"spcname", [](const Named& r) { return Text(r.name); }},
      {"spcowner", [](const Named& r) { return Oid(r.owner); }},
      {"spcacl", [](const Named& r) { return r.acl; }},
  };
  std::vector<Named> rows;
  for (const auto& [oid, name] : {std::pair(kDefaultTablespace, kDefaultTablespaceName),
                                  std::pair(kGlobalTablespace, kGlobalTablespaceName)}) {
    const auto key = access::ObjectKey::Named(access::ObjectKind::kTablespace, std::string(name));
    rows.push_back({.oid = oid, .name = std::string(name), .acl = SaidAcl(*sources.access, key)});
  }
  return std::make_unique<GivenRows<Named>>(std::move(rows), columns, *getters);
}

std::unique_ptr<SystemRows> CollationRows(const std::vector<SystemColumn>& columns) {
  using Row = SystemCollation;
  static const auto* getters = new Getters<Row>{
      {"oid", [](const Row& r) { return Oid(r.oid); }},
      {"collname", [](const Row& r) { return Text(std::string(r.name)); }},
      {"collnamespace", [](const Row&) { return Oid(kCatalogSchema); }},
      {"collowner", [](const Row&) { return Oid(kOwner); }},
      {"collprovider", [](const Row& r) { return Text(r.oid == kDefaultCollation ? "d" : "c"); }},
      {"collisdeterministic", [](const Row&) { return Bool(true); }},
      {"collencoding", [](const Row&) { return Int(-1); }},
  };
  return std::make_unique<GivenRows<Row>>(std::vector<Row>(std::begin(kCollations), std::end(kCollations)), columns,
                                          *getters);
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + QuoteIdentifier(name);
  return text;
}

std::string QualifiedText(const SystemSources& sources, const TablePath& path) {
  return QuoteIdentifier(SchemaSeenFrom(sources.database, path.database)) + "." + QuoteIdentifier(path.table);
}

}  // namespace

Value AclValue(const access::State& state, const access::Acl& acl) {
  std::vector<std::string> items;
  for (const access::AclItem& item : acl) {
    items.push_back(access::AclItemText(item, [&](access::RoleId id) { return state.NameOf(id); }));
  }
  return Texts(items);
}

Value SaidAcl(const access::State& state, const access::ObjectKey& key) {
  const auto object = state.objects.find(key);
  const bool said = object != state.objects.end() && object->second.acl;
  return said ? AclValue(state, *object->second.acl) : Value(LogicalType::LIST(LogicalType::VARCHAR));
}

std::vector<SystemColumn> ReadColumns(std::string_view definition) {
  std::vector<SystemColumn> columns;
  while (!definition.empty()) {
    const size_t end = std::min(definition.find(", "), definition.size());
    const std::string_view column = definition.substr(0, end);
    const size_t space = column.find(' ');
    columns.push_back({std::string(column.substr(0, space)), std::string(column.substr(space + 1))});
    definition.remove_prefix(std::min(end + 2, definition.size()));
  }
  return columns;
}

LogicalType SystemType(const std::string& type) {
  if (type.ends_with("[]")) return LogicalType::LIST(SystemType(type.substr(0, type.size() - 2)));
  if (type == "int2vector") return LogicalType::LIST(LogicalType::SMALLINT);
  if (type == "oidvector") return LogicalType::LIST(LogicalType::BIGINT);
  if (type == "oid" || type == "regproc" || type == "regclass" || type == "regtype" || type == "xid" ||
      type == "int8") {
    return LogicalType::BIGINT;
  }
  if (type == "int4") return LogicalType::INTEGER;
  if (type == "int2") return LogicalType::SMALLINT;
  if (type == "bool") return LogicalType::BOOLEAN;
  if (type == "float4") return LogicalType::FLOAT;
  if (type == "float8") return LogicalType::DOUBLE;
  if (type == "timestamp") return LogicalType::TIMESTAMP;
  if (type.starts_with("timestamptz")) return LogicalType::TIMESTAMP_TZ;
  if (type == "interval") return LogicalType::INTERVAL;
  if (type == "numeric") return duck::PhysicalType({postgres::oid::kNumeric});
  if (type == "bytea" || type == "inet") return LogicalType::BLOB;
  return LogicalType::VARCHAR;
}

std::unique_ptr<SystemRows> RowsOfSystemTable(const SystemSources& sources, std::string_view table,
                                              const std::vector<SystemColumn>& columns, const SystemKeys& keys) {
  if (table == "pg_class") {
    return JoinedRows(ClassRows(sources, columns, keys), CompositeClassRows(sources, columns, keys));
  }
  if (table == "pg_attribute") {
    return JoinedRows(AttributeRows(sources, columns, keys), CompositeAttributeRows(sources, columns, keys));
  }
  if (table == "pg_attrdef") return AttrdefRows(sources, columns, keys);
  if (table == "pg_index") return IndexRows(sources, columns, keys);
  if (table == "pg_constraint") {
    return JoinedRows(ConstraintRows(sources, columns, keys), DomainConstraintRows(sources, columns, keys));
  }
  if (table == "pg_description") return DescriptionRows(sources, columns);
  if (table == "pg_shdescription") return SharedDescriptionRows(sources, columns);
  if (table == "pg_rewrite") return RewriteRows(sources, columns, keys);
  if (table == "pg_sequence") return SequenceRows(sources, columns, keys);
  if (table == "pg_depend") return DependRows(sources, columns);
  if (table == "pg_inherits") return InheritsRows(sources, columns, keys);
  if (table == "pg_partitioned_table") return PartitionedRows(sources, columns, keys);
  if (table == "pg_namespace") return NamespaceRows(sources, columns, keys);
  if (table == "pg_database") return DatabaseRows(sources, columns, keys);
  if (table == "pg_authid" || table == "weir_roles") return RoleRows(sources, columns);
  if (table == "pg_auth_members") return MembershipRows(sources, columns);
  if (table == "pg_default_acl") return DefaultAclRows(sources, columns);
  if (table == "pg_am") return AccessMethodRows(columns);
  if (table == "pg_tablespace") return TablespaceRows(sources, columns);
  if (table == "pg_collation") return CollationRows(columns);
  if (table == "pg_attribute_encoding") return AttributeEncodingRows(sources, columns);
  if (table == "gp_partitions") return GpPartitionRows(sources, columns);
  if (table == "pg_stats") return ColumnStatisticsRows(sources, columns);
  if (table == "gp_error_log") return GpErrorRows(sources, columns);
  if (table == "gp_partition_template") return GpTemplateRows(sources, columns);
  if (table == "gp_distribution_policy") return GpPolicyRows(sources, columns);
  if (table == "pg_settings") return SettingRows(sources, columns);
  if (auto rows = PrivilegeTableRows(sources, table, columns)) return rows;
  if (auto rows = TypeTableRows(sources, table, columns, keys)) return rows;
  if (auto rows = ActivityRows(sources, table, columns)) return rows;
  if (auto rows = SetFunctionRows(table, columns)) return rows;
  if (auto rows = ForeignRows(sources, table, columns)) return rows;
  if (auto rows = KwdbRows(sources, table, keys)) return rows;
  auto rows = RowsOfVocabulary(table, columns, keys, *ValueOrThrow(sources.catalog.Types()));
  return table == "pg_proc" ? WithMadeFunctions(sources, columns, keys, std::move(rows)) : std::move(rows);
}

RelationPtr RelationOfOid(const SystemSources& sources, int64_t oid) {
  const int64_t indexed = RelationOfIndex(oid);
  RelationPtr relation = ValueOrThrow(sources.catalog.FindById(indexed < 0 ? oid : indexed));
  return relation && (indexed < 0 || HasKey(*relation)) ? relation : nullptr;
}

std::vector<std::string> SearchPath(const SystemSources& sources) {
  // The session's own database is "public", and the system's no schema of anybody's.
  const bool none = sources.user == sources.database || sources.user == kSystemDatabase;
  return SchemasOf(sources.parameters.Get("search_path").value_or(""), none ? std::string() : sources.user);
}

bool IsInSearchPath(const SystemSources& sources, const std::string& database) {
  const std::vector<std::string> path = SearchPath(sources);
  return std::ranges::find(path, SchemaSeenFrom(sources.database, database)) != path.end();
}

bool IsVisible(const SystemSources& sources, const Relation& relation) {
  const auto& [database, name] = relation.path;
  if (sources.temporary.names.contains(name)) return database == sources.temporary.database;
  for (const std::string& schema : SearchPath(sources)) {
    const std::string& at = schema == "public" ? sources.database : schema;
    if (at == database) return true;
    if (IsSystemSchema(at) || !ValueOrThrow(sources.catalog.DatabaseExists(at))) continue;
    if (ValueOrThrow(sources.catalog.Find({at, name}))) return false;
  }
  return false;
}

namespace {

std::string OrderText(const SqlIndex::Order& order) {
  const std::string of_class = order.operator_class.empty() ? "" : " " + order.operator_class;
  if (order.descending) return of_class + (order.nulls_first ? " DESC" : " DESC NULLS LAST");
  return of_class + (order.nulls_first ? " NULLS FIRST" : "");
}

std::string IncludedText(const std::vector<std::string>& included) {
  return included.empty() ? "" : " INCLUDE (" + Joined(included) + ")";
}

}  // namespace

std::optional<std::string> IndexDefinition(const SystemSources& sources, int64_t oid, int64_t column,
                                           bool pretty) {
  const RelationPtr found = RelationOfOid(sources, oid);
  if (!found || (!found->is_index() && RelationOfIndex(oid) < 0)) return std::nullopt;
  const RelationPtr table = TableOf(sources, found);
  if (!table) return std::nullopt;
  const std::string& name = found->is_index() ? found->path.table : KeyOf(*table)->name;
  IndexClause index;
  if (found->is_index()) index = ClauseOf(*found, *table);
  if (!found->is_index()) index = {.name = {}, .columns = KeyOf(*table)->columns, .included = KeyOf(*table)->included};
  index.orders.resize(index.columns.size());
  std::vector<std::string> parts;
  for (size_t i = 0; i < index.columns.size(); ++i) {
    const SqlIndex::Expression* expression = found->is_index() ? found->index->ExpressionAt(i) : nullptr;
    parts.push_back(expression == nullptr ? QuoteIdentifier(index.columns[i])
                                          : ShownKeyPart(sources, *table, expression->text, index.columns[i], pretty));
  }
  if (column > 0) {
    for (const std::string& included : index.included) parts.push_back(QuoteIdentifier(included));
    return static_cast<size_t>(column) > parts.size() ? "" : parts[static_cast<size_t>(column) - 1];
  }
  std::string columns;
  for (size_t i = 0; i < parts.size(); ++i) columns += (i ? ", " : "") + parts[i] + OrderText(index.orders[i]);
  const bool unique = index.unique || DeferrableKeyOf({table, found->is_index() ? found : nullptr}) != '\0';
  return std::string(unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ") + QuoteIdentifier(name) +
         (table->is_partitioned() ? " ON ONLY " : " ON ") +
         (pretty && IsVisible(sources, *table) ? QuoteIdentifier(table->path.table)
                                               : QualifiedText(sources, table->path)) +
         " USING btree (" + columns + ")" + IncludedText(index.included) +
         (index.nulls_distinct ? "" : " NULLS NOT DISTINCT") +
         (index.condition.empty() ? "" : " WHERE " + ShownCondition(sources, *table, index.condition, pretty));
}

std::optional<std::string> ConstraintDefinition(const SystemSources& sources, int64_t constraint, bool pretty) {
  RelationPtr relation = ValueOrThrow(sources.catalog.FindById(constraint >> 8));
  const auto number = static_cast<size_t>(constraint & 255);
  if (!relation || number >= relation->constraints.size()) return DomainConstraintText(sources, constraint, pretty);
  const SqlConstraint& found = relation->constraints[number];
  const std::string columns = Joined(found.columns) + ")" + IncludedText(found.included);
  switch (found.kind) {
    case SqlConstraint::Kind::kPrimaryKey: return "PRIMARY KEY (" + columns;
    case SqlConstraint::Kind::kUnique:
      if (found.primary) return "PRIMARY KEY (" + columns;
      return (found.nulls_distinct ? "UNIQUE (" : "UNIQUE NULLS NOT DISTINCT (") + columns;
    case SqlConstraint::Kind::kForeignKey: {
      const RelationPtr referenced = ValueOrThrow(sources.catalog.FindById(found.foreign->table));
      if (!referenced) return std::nullopt;
      const bool visible = IsVisible(sources, *referenced);
      return ForeignKeyText(found, *referenced, visible ? QuoteIdentifier(referenced->path.table)
                                                        : QualifiedText(sources, referenced->path));
    }
    case SqlConstraint::Kind::kExclusion: return ShownExclusion(sources, *relation, found, pretty);
    case SqlConstraint::Kind::kCheck: break;
  }
  const std::string suffix = std::string(found.no_inherit ? " NO INHERIT" : "") + (found.not_valid ? " NOT VALID" : "");
  return "CHECK (" + ShownCheck(sources, *relation, found.check, pretty) + ")" + suffix;
}

}  // namespace weir::sql
