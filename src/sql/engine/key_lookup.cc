#include "sql/engine/key_lookup.h"

#include <algorithm>

#include "sql/catalog/sql_types.h"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/index_values.h"
#include "sql/engine/types.h"
#include "sql/transaction/transaction_on_log.h"

namespace weir::sql {
namespace {

constexpr size_t kMostKeys = 1024;  // more are found sooner by a scan

/// A part of a key: a column of the table, or an expression.
struct Part {
  int column = -1;
  duckdb::unique_ptr<duckdb::Expression> expression = nullptr;
  DataType type = DataType::Boolean();

  bool IsOf(const Condition& test) const {
    if (!expression) return column >= 0 && test.column == column && !test.expression;
    return test.expression && test.expression->Equals(*expression);
  }
};

/// The values that a part of a key must have one of, in its own type; null: the condition does not say.
const std::vector<duckdb::Value>* ValuesOf(const Condition& condition, const Part& part,
                                           const duckdb::LogicalType& type) {
  if (condition.kind == Condition::Kind::kAnd) {
    for (const Condition& child : condition.children) {
      if (const auto* values = ValuesOf(child, part, type)) return values;
    }
    return nullptr;
  }
  const bool equal = condition.op == Condition::Op::kEqual || condition.op == Condition::Op::kIn;
  if (condition.kind != Condition::Kind::kTest || !part.IsOf(condition) || !equal) return nullptr;
  const bool numeric = condition.value_type == postgres::oid::kNumeric;
  if (!numeric && OneFormOf(condition.value_type) != OneForm::kAlways) return nullptr;
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

const std::vector<duckdb::Value>* KeyValuesOf(const Condition& condition, const Part& part) {
  return HasOneForm(part.type) ? ValuesOf(condition, part, ToDuckType(part.type)) : nullptr;
}

using Parts = std::vector<Part>;

Parts PartsOfColumns(const std::vector<int>& columns, const Relation& relation) {
  Parts parts;
  for (const int column : columns) {
    parts.push_back({.column = column, .type = relation.columns[static_cast<size_t>(column)].data_type});
  }
  return parts;
}

Parts PartsOfIndex(duckdb::ClientContext& context, const SqlIndex& index, const Relation& relation) {
  Parts parts;
  const std::vector<int> columns = KeyPositionsOf(index, relation);
  for (size_t i = 0; i < columns.size(); ++i) {
    Part& part = parts.emplace_back();
    const SqlIndex::Expression* expression = index.ExpressionAt(i);
    if (expression == nullptr) {
      part.column = columns[i];
      part.type = relation.columns[static_cast<size_t>(part.column)].data_type;
      continue;
    }
    part.type = ValueOrThrow(ResolveType(expression->type)).data_type;
    part.expression = BindIndexExpression(context, relation, expression->text);
  }
  return parts;
}

/// `parts`: the first `known` of them.
std::shared_ptr<arrow::RecordBatch> KeysOf(const Condition& condition, const Parts& parts, size_t known) {
  std::vector<const std::vector<duckdb::Value>*> values;
  size_t count = 1;
  for (size_t i = 0; i < known; ++i) {
    values.push_back(KeyValuesOf(condition, parts[i]));
    if (values.back() == nullptr) return nullptr;
    count *= values.back()->size();
    if (count > kMostKeys) return nullptr;
  }
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  size_t repeated = count;  // each value of this column, one after the other
  for (size_t i = 0; i < known; ++i) {
    repeated /= values[i]->size();
    duckdb::Vector vector(ToDuckType(parts[i].type), count);
    for (size_t row = 0; row < count; ++row) vector.SetValue(row, (*values[i])[row / repeated % values[i]->size()]);
    columns.push_back(ToArray(parts[i].type, vector, count, *duckdb::FlatVector::IncrementalSelectionVector(), count));
    fields.push_back(arrow::field("k" + std::to_string(i), columns.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), static_cast<int64_t>(count), columns);
}

/// How many of a key's first parts the condition has values for.
size_t KnownOf(const Condition& condition, const Parts& parts) {
  const auto unknown = std::ranges::find_if(parts, [&](const Part& part) { return !KeyValuesOf(condition, part); });
  return static_cast<size_t>(unknown - parts.begin());
}

// --- what an index's condition lets in

/// Whether two tests are of one column, or expression.
bool IsOfTheSame(const Condition& a, const Condition& b) {
  if (a.expression || b.expression) return a.expression && b.expression && a.expression->Equals(*b.expression);
  return a.column == b.column;
}

bool SameTest(const Condition& a, const Condition& b) {
  const auto same = [](const duckdb::Value& x, const duckdb::Value& y) {
    return x.type() == y.type() && duckdb::Value::NotDistinctFrom(x, y);
  };
  return a.op == b.op && IsOfTheSame(a, b) && a.value_type == b.value_type &&
         std::ranges::equal(a.values, b.values, same);
}

/// Whether a value passes a comparison with another one of its type.
bool Passes(const duckdb::Value& value, Condition::Op op, const duckdb::Value& than) {
  using Op = Condition::Op;
  using duckdb::ValueOperations;
  if (value.IsNull() || than.IsNull() || value.type() != than.type()) return false;
  switch (op) {
    case Op::kEqual: return ValueOperations::Equals(value, than);
    case Op::kNotEqual: return ValueOperations::NotEquals(value, than);
    case Op::kLess: return ValueOperations::LessThan(value, than);
    case Op::kLessOrEqual: return ValueOperations::LessThanEquals(value, than);
    case Op::kGreater: return ValueOperations::GreaterThan(value, than);
    case Op::kGreaterOrEqual: return ValueOperations::GreaterThanEquals(value, than);
    case Op::kIn:
    case Op::kNotIn:
    case Op::kIsNull:
    case Op::kIsNotNull: return false;
  }
  return false;
}

/// Whether what passes a test passes another one of the same: DuckDB leaves out conditions that follow from others.
bool IsWithin(const Condition& test, const Condition& wanted) {
  using Op = Condition::Op;
  if (!IsOfTheSame(test, wanted) || test.value_type != 0 || wanted.value_type != 0 || test.values.empty()) return false;
  const auto passes = [&](const duckdb::Value& value) {
    if (wanted.op != Op::kIn) return wanted.values.size() == 1 && Passes(value, wanted.op, wanted.values[0]);
    return std::ranges::any_of(wanted.values, [&](const duckdb::Value& one) { return Passes(value, Op::kEqual, one); });
  };
  const bool points = test.op == Op::kEqual || test.op == Op::kIn;
  if (points) return std::ranges::all_of(test.values, passes);
  const bool below = test.op == Op::kLess || test.op == Op::kLessOrEqual;
  const bool above = test.op == Op::kGreater || test.op == Op::kGreaterOrEqual;
  const bool same_side = (below && (wanted.op == Op::kLess || wanted.op == Op::kLessOrEqual)) ||
                         (above && (wanted.op == Op::kGreater || wanted.op == Op::kGreaterOrEqual));
  return same_side && passes(test.values[0]);
}

/// A test that a NULL does not pass says that there is none.
bool SaysNotNull(const Condition& test, const Condition& wanted) {
  return wanted.op == Condition::Op::kIsNotNull && IsOfTheSame(test, wanted) && test.op != Condition::Op::kIsNull;
}

/// Whether every row that meets the condition meets the other one, which is understood as a whole.
bool Implies(const Condition& condition, const Condition& other) {
  using Kind = Condition::Kind;
  if (other.kind == Kind::kAnything) return false;
  if (other.kind == Kind::kAnd) {
    return std::ranges::all_of(other.children, [&](const Condition& part) { return Implies(condition, part); });
  }
  if (condition.kind == Kind::kAnd &&
      std::ranges::any_of(condition.children, [&](const Condition& part) { return Implies(part, other); })) {
    return true;
  }
  if (condition.kind == Kind::kOr) {
    return std::ranges::all_of(condition.children, [&](const Condition& part) { return Implies(part, other); });
  }
  if (other.kind == Kind::kOr) {
    return std::ranges::any_of(other.children, [&](const Condition& part) { return Implies(condition, part); });
  }
  return condition.kind == Kind::kTest &&
         (SameTest(condition, other) || SaysNotNull(condition, other) || IsWithin(condition, other));
}

bool LetsIn(duckdb::ClientContext& context, const SqlIndex& index, const Relation& relation,
            const Condition& condition) {
  if (index.condition.empty()) return true;
  auto bound = BindIndexCondition(context, relation, index.condition);
  return Implies(condition, ReadOverRelation(context, relation, std::move(bound)));
}

/// What is known of the key of an index by a condition; no keys where that is neither one row nor more than `most`
/// parts.
KeyLookup FindKeysOf(duckdb::ClientContext& context, const RelationPtr& own, const Condition& condition,
                     const Relation& relation, size_t most) {
  const SqlIndex& index = *own->index;
  const Parts parts = PartsOfIndex(context, index, relation);
  const size_t known = KnownOf(condition, parts);
  const bool whole = index.unique && index.nulls_distinct && known == parts.size();
  if (known == 0 || (!whole && known <= most) || !HoldsAllWith(index, relation, known)) return {};
  if (!LetsIn(context, index, relation, condition)) return {};
  KeyLookup lookup{.keys = KeysOf(condition, parts, known), .index = own, .unique = whole};
  for (size_t i = 0; i < known && index.is_plain(); ++i) lookup.columns.push_back(parts[i].column);
  return lookup;
}

}  // namespace

RelationPtr IndexOfLeaf(const Relation& index, const Relation& table, const Relation& leaf) {
  for (const RelationPtr& own : leaf.indexes) {
    if (SayTheSame(*own->index, leaf, *index.index, table)) return own;
  }
  return nullptr;
}

KeyLookup FindKeys(duckdb::ClientContext& context, const Condition& condition, const Relation& relation) {
  const std::vector<int> primary_key = relation.PrimaryKey();
  if (primary_key.empty() || condition.kind == Condition::Kind::kAnything) return {};
  const Parts parts = PartsOfColumns(primary_key, relation);
  const size_t known = KnownOf(condition, parts);
  KeyLookup best{.keys = known > 0 ? KeysOf(condition, parts, known) : nullptr, .unique = known == parts.size()};
  best.columns.assign(primary_key.begin(), primary_key.begin() + static_cast<std::ptrdiff_t>(known));
  if (best.unique && best.keys) return best;
  best.unique = false;
  // A cluster's clients write rows that are in no index.
  if (TransactionOnLog::Of(SessionState::Of(context).transaction) != nullptr) return best;
  size_t parts_of_best = best.keys ? known : 0;
  for (const RelationPtr& own : relation.indexes) {
    if (!own->index->valid) continue;
    KeyLookup found = FindKeysOf(context, own, condition, relation, parts_of_best);
    if (!found.keys) continue;
    parts_of_best = static_cast<size_t>(found.keys->num_columns());
    best = std::move(found);
    if (best.unique) break;
  }
  return best;
}

}  // namespace weir::sql
