#include "sql/engine/row_router.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/catalog/bound_text.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/foreign_changes.h"
#include "sql/engine/key_part_reader.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::SelectionVector;

constexpr size_t kNone = static_cast<size_t>(-1);

/// Never destroyed: a thread may still route while the process ends.
const SelectionVector& AllRows() {
  static const auto& all = *new SelectionVector(0, STANDARD_VECTOR_SIZE);
  return all;
}

/// What a condition says of each of the rows.
class Truths {
 public:
  Truths(duckdb::ExpressionExecutor& executor, DataChunk& rows) : vector_(duckdb::LogicalType::BOOLEAN) {
    executor.ExecuteExpression(rows, vector_);
    vector_.ToUnifiedFormat(rows.size(), format_);
  }
  /// False for NULL, too.
  bool Is(bool value, idx_t row) const {
    const idx_t at = format_.sel->get_index(row);
    return format_.validity.RowIsValid(at) && duckdb::UnifiedVectorFormat::GetData<bool>(format_)[at] == value;
  }

 private:
  duckdb::Vector vector_;
  duckdb::UnifiedVectorFormat format_;
};

ErrorExtras RowExtras(DataChunk& rows, idx_t row, const Relation& relation) {
  return {.detail = "Failing row contains " + RowText(rows, row) + ".",
          .schema = relation.path.database,
          .table = relation.path.table};
}

/// The length in "character varying(10)"; 0: none.
size_t LengthOf(const std::string& type) {
  if (!type.starts_with("character") && !type.starts_with("varchar") && !type.starts_with("char")) return 0;
  size_t open = type.find('(');
  return open == std::string::npos ? 0 : std::strtoull(type.c_str() + open + 1, nullptr, 10);
}

size_t Characters(const duckdb::string_t& text) {
  size_t characters = 0;
  for (idx_t i = 0; i < text.GetSize(); ++i) characters += (text.GetData()[i] & 0xC0) != 0x80;
  return characters;
}

}  // namespace

struct RowRouter::Key {
  int column = -1;  // of the table
  duckdb::unique_ptr<duckdb::Expression> expression;
  std::unique_ptr<duckdb::ExpressionExecutor> executor;
  std::string text;
  DataType type = DataType::Boolean();
  uint32_t value_type = 0;  // as SqlPartitionKeyPart has it
  std::optional<HashShards> shards;  // instead of a column or an expression
};

struct RowRouter::Node {
  RelationPtr relation;
  PartitionChildrenPtr children;
  std::vector<Key> key;
  std::unordered_map<size_t, std::unique_ptr<Node>> inner;  // children that are partitioned, as they are met
};

struct RowRouter::Check {
  std::string text;
  duckdb::unique_ptr<duckdb::Expression> expression;
  std::unique_ptr<duckdb::ExpressionExecutor> executor;
};

RowRouter::RowRouter(duckdb::ClientContext& context, const AttachedTable& table) : context_(context), table_(table) {
  if (table.relation()->is_partitioned()) root_ = MakeNode(table.relation());
  if (table.relation()->is_foreign()) CheckTakesRows(context, *table.relation());
  FindAncestors();
}

RowRouter::~RowRouter() = default;

std::unique_ptr<RowRouter::Node> RowRouter::MakeNode(const RelationPtr& relation) {
  auto node = std::make_unique<Node>();
  node->relation = relation;
  LockRelation(context_, relation->id, LockMode::kRowExclusive);
  node->children = ValueOrThrow(SessionState::ViewOf(context_).Children(*relation));
  for (const SqlPartitionKeyPart& part : relation->partition_key->parts) {
    Key key;
    key.type = part.type;
    key.value_type = part.value_type;
    if (part.column >= 0) {
      key.text = relation->columns[part.column].name;
      key.column = PositionOf(*table_.relation(), key.text);
    } else if (part.shard) {
      key.shards = HashShardsOf(*table_.relation());
      key.text = key.shards->column;
    } else {
      key.text = KeyPartText(*relation, node->key.size());
      const std::string held = part.value_type == 0 ? part.expression : "CAST((" + part.expression + ") AS text)";
      key.expression = BindOver(context_, table_, held, analyze::DefinitionPart::kPartitionKey);
      key.expression =
          duckdb::BoundCastExpression::AddCastToType(context_, std::move(key.expression), ToDuckType(part.type));
      key.executor = std::make_unique<duckdb::ExpressionExecutor>(context_, *key.expression);
    }
    node->key.push_back(std::move(key));
  }
  return node;
}

/// Rows go there: it stays what it is until the transaction ends, and the commit makes sure of it.
const RelationPtr& RowRouter::UseLeaf(const RelationPtr& found) {
  RelationPtr& leaf = used_[found->id];
  if (leaf) return leaf;
  if (root_) {
    leaf = LockLeaf(context_, found->id, LockMode::kRowExclusive);
  } else {  // the statement has it as it is since it was locked
    LockRelation(context_, found->id, LockMode::kRowExclusive);
    leaf = found;
  }
  if (leaf->is_foreign()) CheckTakesRows(context_, *leaf);
  ThrowNotOk(SessionState::Of(context_).routed->Add(SessionState::ViewOf(context_), leaf));
  return leaf;
}

void RowRouter::FindAncestors() {
  RelationPtr below = table_.relation();
  while (below->parent) {
    RelationPtr parent = ValueOrThrow(SessionState::ViewOf(context_).FindById(*below->parent));
    if (!parent) return;
    ancestors_.emplace(ancestors_.begin(), MakeNode(parent), below->id);
    below = parent;
  }
}

std::vector<RoutedRows> RowRouter::Route(DataChunk& rows) {
  Groups groups;
  CheckDomains(rows);
  CheckLengths(rows);
  if (root_) {
    Descend(*root_, rows, AllRows(), rows.size(), &groups);
  } else {
    groups.push_back({UseLeaf(table_.relation()), AllRows(), rows.size()});
  }
  for (const RoutedRows& group : groups) CheckLeaf(rows, group);
  for (const RoutedRows& group : groups) NoteExclusions(rows, group);
  CheckAncestors(rows);
  CheckView(rows);
  return groups;
}

std::vector<size_t> RowRouter::ChildrenOf(Node& node, DataChunk& rows, const SelectionVector& chosen, idx_t count) {
  std::vector<duckdb::Vector> computed;
  std::vector<KeyPartReader> readers;
  computed.reserve(node.key.size());
  for (Key& key : node.key) {
    if (key.shards) {
      readers.emplace_back(*key.shards, rows);
      continue;
    }
    duckdb::Vector* values = key.column >= 0 ? &rows.data[key.column] : nullptr;
    if (!values) {
      computed.emplace_back(ToDuckType(key.type));
      key.executor->ExecuteExpression(rows, computed.back());
      values = &computed.back();
    }
    readers.emplace_back(KeyReader(key.type, *values, rows.size(), key.value_type));
  }
  std::vector<size_t> children(count);
  std::vector<KeyValue> key(node.key.size());
  std::vector<KeyValue> last;
  for (idx_t i = 0; i < count; ++i) {
    for (size_t part = 0; part < key.size(); ++part) key[part] = readers[part].Read(chosen.get_index(i));
    if (i > 0 && key == last) {
      children[i] = children[i - 1];
      continue;
    }
    children[i] = node.children->level.Route(key).value_or(kNone);
    last = key;
    if (children[i] == kNone && !IsAncestor(node)) NoHome(node, key);
  }
  return children;
}

void RowRouter::Descend(Node& node, DataChunk& rows, const SelectionVector& chosen, idx_t count, Groups* groups) {
  auto children = ChildrenOf(node, rows, chosen, count);
  std::unordered_map<size_t, RoutedRows> by_child;
  std::vector<size_t> met;  // in the order of their first rows
  for (idx_t i = 0; i < count; ++i) {
    RoutedRows& group = by_child[children[i]];
    if (group.count == 0) {
      group.rows.Initialize(count);
      met.push_back(children[i]);
    }
    group.rows.set_index(group.count++, chosen.get_index(i));
  }
  for (size_t child : met) {
    RoutedRows& group = by_child[child];
    group.leaf = node.children->relations[child];
    if (group.leaf->is_leaf()) {
      group.leaf = UseLeaf(group.leaf);
      groups->push_back(std::move(group));
      continue;
    }
    auto& inner = node.inner[child];
    if (!inner) inner = MakeNode(group.leaf);
    Descend(*inner, rows, group.rows, group.count, groups);
  }
}

void RowRouter::NoHome(const Node& node, const std::vector<KeyValue>& key) const {
  std::string names;
  std::string values;
  for (size_t i = 0; i < key.size(); ++i) {
    names += (i ? ", " : "") + node.key[i].text;
    values += (i ? ", " : "") + PgText(node.key[i].type, key[i]);
  }
  const TablePath& path = node.relation->path;
  Throw(Error("23514", "no partition of relation \"" + path.table + "\" found for row",
              {.detail = "Partition key of the failing row contains (" + names + ") = (" + values + ").",
               .schema = path.database,
               .table = path.table}));
}

void RowRouter::CheckLengths(DataChunk& rows) const {
  const auto& columns = table_.relation()->columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    size_t length = columns[i].type.ends_with("[]") ? 0 : LengthOf(columns[i].type);
    if (length == 0 || rows.data[i].GetType().id() != duckdb::LogicalTypeId::VARCHAR) continue;
    duckdb::UnifiedVectorFormat format;
    rows.data[i].ToUnifiedFormat(rows.size(), format);
    const auto* texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (idx_t row = 0; row < rows.size(); ++row) {
      idx_t at = format.sel->get_index(row);
      if (!format.validity.RowIsValid(at) || texts[at].GetSize() <= length) continue;
      if (Characters(texts[at]) > length) Throw(Error("22001", "value too long for type " + columns[i].type));
    }
  }
}

void RowRouter::CheckDomains(DataChunk& rows) {
  if (!tests_) {
    tests_.emplace();
    for (const SqlColumn& column : table_.relation()->columns) {
      for (ColumnTest& test : ValueOrThrow(DomainTestsOf(column))) tests_->push_back(std::move(test));
    }
  }
  for (const ColumnTest& test : *tests_) {
    const Truths violated(*CheckOf(test.violated).executor, rows);
    for (idx_t row = 0; row < rows.size(); ++row) {
      if (violated.Is(true, row)) Throw(test.error);
    }
  }
}

const RowRouter::Check& RowRouter::CheckOf(const std::string& text) {
  for (const auto& check : checks_) {
    if (check->text == text) return *check;
  }
  auto check = std::make_unique<Check>();
  check->text = text;
  check->expression = duckdb::BoundCastExpression::AddCastToType(
      context_, BindOver(context_, table_, text, analyze::DefinitionPart::kCheck), duckdb::LogicalType::BOOLEAN);
  check->executor = std::make_unique<duckdb::ExpressionExecutor>(context_, *check->expression);
  return *checks_.emplace_back(std::move(check));
}

ErrorExtras RowRouter::ExtrasOf(DataChunk& rows, idx_t row, const Relation& leaf) const {
  if (shown_.empty()) return RowExtras(rows, row, leaf);
  duckdb::vector<duckdb::LogicalType> types;
  for (const int column : shown_) types.push_back(rows.data[static_cast<size_t>(column)].GetType());
  DataChunk shown;
  shown.InitializeEmpty(types);
  for (size_t i = 0; i < shown_.size(); ++i) shown.data[i].Reference(rows.data[static_cast<size_t>(shown_[i])]);
  shown.SetCardinality(rows.size());
  return RowExtras(shown, row, leaf);
}

void RowRouter::CheckLeaf(DataChunk& rows, const RoutedRows& group) {
  const Relation& leaf = *group.leaf;
  for (const SqlColumn& column : leaf.columns) {
    if (!column.not_null) continue;
    int at = PositionOf(*table_.relation(), column.name);
    if (at < 0) continue;
    duckdb::UnifiedVectorFormat format;
    rows.data[at].ToUnifiedFormat(rows.size(), format);
    if (format.validity.AllValid()) continue;
    for (idx_t i = 0; i < group.count; ++i) {
      idx_t row = group.rows.get_index(i);
      if (format.validity.RowIsValid(format.sel->get_index(row))) continue;
      ErrorExtras extras = ExtrasOf(rows, row, leaf);
      extras.column = column.name;
      Throw(Error("23502", "null value in column \"" + column.name + "\" of relation \"" + leaf.path.table +
                               "\" violates not-null constraint", extras));
    }
  }
  for (const SqlConstraint& constraint : leaf.constraints) {
    if (constraint.kind != SqlConstraint::Kind::kCheck) continue;
    const Truths held(*CheckOf(constraint.check).executor, rows);
    for (idx_t i = 0; i < group.count; ++i) {
      const idx_t row = group.rows.get_index(i);
      if (!held.Is(false, row)) continue;
      ErrorExtras extras = ExtrasOf(rows, row, leaf);
      extras.constraint = constraint.name;
      Throw(Error("23514", "new row for relation \"" + leaf.path.table + "\" violates check constraint \"" +
                               constraint.name + "\"", extras));
    }
  }
}

namespace {

bool Excludes(const Relation& leaf) {
  return std::ranges::any_of(leaf.constraints, [](const SqlConstraint& one) { return one.exclusion.has_value(); });
}

/// The columns that the leaf's EXCLUDE constraints are of, by their places.
std::vector<int> ExcludedColumns(const Relation& leaf) {
  std::set<int> places;
  for (const RelationPtr& index : leaf.indexes) {
    if (!index->index->exclusion) continue;
    for (const int number : index->index->columns) places.insert(leaf.ColumnNumbered(number));
    for (const int number : index->index->uses) places.insert(leaf.ColumnNumbered(number));
  }
  places.erase(-1);
  return {places.begin(), places.end()};
}

}  // namespace

void RowRouter::NoteExclusions(DataChunk& rows, const RoutedRows& group) {
  if (!Excludes(*group.leaf)) return;
  ChangedKeys& noted = excluded_[group.leaf->id];
  if (!noted.rows) {
    noted.table = group.leaf;
    noted.columns = ExcludedColumns(*group.leaf);
    noted.exclusions = true;
  }
  std::vector<idx_t> places;
  duckdb::vector<duckdb::LogicalType> types_of_values;
  for (const int column : noted.columns) {
    const std::string& name = group.leaf->columns[static_cast<size_t>(column)].name;
    places.push_back(static_cast<idx_t>(PositionOf(*table_.relation(), name)));
    types_of_values.push_back(rows.data[places.back()].GetType());
  }
  if (!noted.rows) noted.rows = MakeChangedRows(types_of_values);
  const auto& types = noted.rows->Types();
  DataChunk chunk;
  chunk.InitializeEmpty(types);
  chunk.data[0].Reference(duckdb::Value(types[0]));
  chunk.data[1].Reference(duckdb::Value::BIGINT(group.leaf->id));
  for (size_t i = 0; i < places.size(); ++i) {
    chunk.data[2 + i].Reference(duckdb::Value(types[2 + i]));
    chunk.data[2 + places.size() + i].Slice(rows.data[places[i]], group.rows, group.count);
  }
  chunk.SetCardinality(group.count);
  noted.rows->Append(chunk);
}

void RowRouter::Give() {
  std::vector<ChangedKeys>* given = SessionState::Of(context_).changed_keys;
  for (auto& [leaf, noted] : excluded_) {
    if (given != nullptr) given->push_back(std::move(noted));
  }
  excluded_.clear();
}

/// The rows of a view that has a CHECK OPTION are those that it shows.
void RowRouter::CheckView(DataChunk& rows) {
  const RelationPtr& view = table_.checking();
  if (!view) return;
  if (!view_checks_) {
    view_checks_ = ValueOrThrow(ViewChecksOf(SessionState::ViewOf(context_), view->path.table, *view->view));
  }
  for (const ViewCheck& check : *view_checks_) {
    const Truths held(*CheckOf(check.condition).executor, rows);
    for (idx_t row = 0; row < rows.size(); ++row) {
      if (held.Is(true, row)) continue;
      Throw(Error("44000", "new row violates check option for view \"" + check.view + "\"",
                  {.detail = ExtrasOf(rows, row, *table_.relation()).detail}));
    }
  }
}

bool RowRouter::IsAncestor(const Node& node) const {
  return std::any_of(ancestors_.begin(), ancestors_.end(),
                     [&](const auto& entry) { return entry.first.get() == &node; });
}

void RowRouter::CheckAncestors(DataChunk& rows) {
  for (auto& [node, expected] : ancestors_) {
    auto children = ChildrenOf(*node, rows, AllRows(), rows.size());
    for (idx_t row = 0; row < rows.size(); ++row) {
      if (children[row] != kNone && node->children->relations[children[row]]->id == expected) continue;
      const Relation& relation = *table_.relation();
      Throw(Error("23514", "new row for relation \"" + relation.path.table + "\" violates partition constraint",
                  RowExtras(rows, row, relation)));
    }
  }
}

std::string RowText(DataChunk& rows, idx_t row) {
  std::string text = "(";
  for (idx_t i = 0; i < rows.ColumnCount(); ++i) {
    if (i) text += ", ";
    text += PgText(rows.data[i].GetValue(row));
  }
  return text + ")";
}

}  // namespace weir::sql
