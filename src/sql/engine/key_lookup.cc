#include "sql/engine/key_lookup.h"

#include <algorithm>

#include "sql/catalog/sql_types.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

constexpr size_t kMostKeys = 1024;  // more are found sooner by a scan

/// The values that a column must have one of, in their column's own type; null: the condition does not say.
const std::vector<duckdb::Value>* ValuesOf(const Condition& condition, int column, const duckdb::LogicalType& type) {
  if (condition.kind == Condition::Kind::kAnd) {
    for (const Condition& child : condition.children) {
      if (const auto* values = ValuesOf(child, column, type)) return values;
    }
    return nullptr;
  }
  const bool equal = condition.op == Condition::Op::kEqual || condition.op == Condition::Op::kIn;
  if (condition.kind != Condition::Kind::kTest || condition.column != column || condition.expression || !equal) {
    return nullptr;
  }
  if (OneFormOf(condition.value_type) == OneForm::kNever) return nullptr;
  for (const duckdb::Value& value : condition.values) {
    if (value.IsNull() || value.type() != type) return nullptr;
  }
  return condition.values.empty() ? nullptr : &condition.values;
}

}  // namespace

bool HasOneForm(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kDecimal:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return true;
    case TypeId::kFloat:   // 0 and -0
    case TypeId::kDouble:
    case TypeId::kChar:    // blanks at the end
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return false;
  }
  return false;
}

namespace {

const std::vector<duckdb::Value>* KeyValuesOf(const Condition& condition, const Relation& relation, int column) {
  const DataType& type = relation.columns[static_cast<size_t>(column)].data_type;
  return HasOneForm(type) ? ValuesOf(condition, column, ToDuckType(type)) : nullptr;
}

std::shared_ptr<arrow::RecordBatch> KeysOf(const Condition& condition, const Relation& relation,
                                           const std::vector<int>& key) {
  std::vector<const std::vector<duckdb::Value>*> values;
  size_t count = 1;
  for (const int column : key) {
    values.push_back(KeyValuesOf(condition, relation, column));
    if (values.back() == nullptr) return nullptr;
    count *= values.back()->size();
    if (count > kMostKeys) return nullptr;
  }
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  size_t repeated = count;  // each value of this column, one after the other
  for (size_t i = 0; i < key.size(); ++i) {
    const SqlColumn& column = relation.columns[static_cast<size_t>(key[i])];
    repeated /= values[i]->size();
    duckdb::Vector vector(ToDuckType(column.data_type), count);
    for (size_t row = 0; row < count; ++row) vector.SetValue(row, (*values[i])[row / repeated % values[i]->size()]);
    columns.push_back(ToArray(column.data_type, vector, count, *duckdb::FlatVector::IncrementalSelectionVector(), count));
    fields.push_back(arrow::field(column.name, columns.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), static_cast<int64_t>(count), columns);
}

/// The first columns of a key that the condition has values for.
std::vector<int> KnownOf(const std::vector<int>& key, const Condition& condition, const Relation& relation) {
  const auto unknown = std::ranges::find_if(
      key, [&](int column) { return KeyValuesOf(condition, relation, column) == nullptr; });
  return {key.begin(), unknown};
}

}  // namespace

KeyLookup FindKeys(const Condition& condition, const Relation& relation) {
  const std::vector<int> primary_key = relation.PrimaryKey();
  if (primary_key.empty() || condition.kind == Condition::Kind::kAnything) return {};
  if (auto keys = KeysOf(condition, relation, primary_key)) return {std::move(keys), primary_key};
  KeyLookup best{.keys = nullptr, .columns = KnownOf(primary_key, condition, relation), .unique = false};
  for (const RelationPtr& index : relation.indexes) {
    if (!index->index->valid) continue;
    const std::vector<int> key = KeyPositionsOf(*index->index, relation);
    std::vector<int> known = KnownOf(key, condition, relation);
    if (!HoldsAllWith(*index->index, relation, known.size())) continue;
    const bool whole = index->index->unique && known.size() == key.size();
    if (whole || (!best.unique && known.size() > best.columns.size())) best = {nullptr, std::move(known), index, whole};
  }
  if (!best.columns.empty()) best.keys = KeysOf(condition, relation, best.columns);
  return best;
}

}  // namespace weir::sql
