#include "sql/engine/distinct_keys.h"

#include "postgres/value/numeric.h"
#include "sql/catalog/sql_types.h"
#include "sql/engine/errors.h"
#include "sql/engine/index_values.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

/// A value of a key, equal ones alike.
std::string TextOfKey(const duckdb::Value& value, OneForm one_form) {
  if (one_form == OneForm::kInKeys) return ValueOrThrow(postgres::WithoutLastZeros(duckdb::StringValue::Get(value)));
  const bool zero = value.type().IsFloating() && value.GetValue<double>() == 0;  // which may be -0
  return zero ? "0" : value.ToString();
}

}  // namespace

/// A column, or an expression over all of them.
struct DistinctKeys::Part {
  OneForm one_form = OneForm::kAlways;
  duckdb::unique_ptr<duckdb::Expression> expression;
  std::unique_ptr<duckdb::ExpressionExecutor> executor;
  std::unique_ptr<duckdb::Vector> values;  // of the chunk
};

struct DistinctKeys::Key {
  std::vector<Part> parts;
  std::optional<Part> condition;
  bool nulls_distinct = true;
  std::unordered_set<std::string> taken;
};

DistinctKeys::DistinctKeys(duckdb::ClientContext& context, const Relation& table, const std::vector<UniqueKey>& keys) {
  const auto prepare = [&](duckdb::unique_ptr<duckdb::Expression> expression) {
    Part part;
    part.expression = std::move(expression);
    part.executor = std::make_unique<duckdb::ExpressionExecutor>(context, *part.expression);
    return part;
  };
  for (const UniqueKey& wanted : keys) {
    Key& key = keys_.emplace_back();
    for (size_t i = 0; i < wanted.columns.size(); ++i) {
      if (wanted.columns[i] >= 0) {
        const SqlColumn& column = table.columns[static_cast<size_t>(wanted.columns[i])];
        key.parts.push_back(prepare(duckdb::make_uniq<duckdb::BoundReferenceExpression>(
            ToDuckType(column.data_type), static_cast<duckdb::idx_t>(wanted.columns[i]))));
        key.parts.back().one_form = OneFormOf(column.type, column.data_type);
        continue;
      }
      const SqlIndex::Expression& expression = *wanted.index->index->ExpressionAt(i);
      const DataType data_type = ValueOrThrow(ResolveType(expression.type)).data_type;
      key.parts.push_back(prepare(BindIndexValue(context, table, expression)));
      key.parts.back().one_form = OneFormOf(expression.type, data_type);
    }
    if (!wanted.index) continue;
    const SqlIndex& index = *wanted.index->index;
    key.nulls_distinct = index.nulls_distinct;
    if (!index.condition.empty()) key.condition = prepare(BindIndexCondition(context, table, index.condition));
  }
}

DistinctKeys::~DistinctKeys() = default;

void DistinctKeys::Read(duckdb::DataChunk& rows) {
  const auto compute = [&](Part& part) {
    part.values = std::make_unique<duckdb::Vector>(part.expression->return_type);
    part.executor->ExecuteExpression(rows, *part.values);
  };
  for (Key& key : keys_) {
    for (Part& part : key.parts) compute(part);
    if (key.condition) compute(*key.condition);
  }
}

/// Nothing: the row is like no other.
std::optional<std::string> DistinctKeys::TextOf(const Key& key, duckdb::idx_t row) const {
  if (key.condition) {
    const duckdb::Value held = key.condition->values->GetValue(row);
    if (held.IsNull() || !held.GetValue<bool>()) return std::nullopt;
  }
  std::string text;
  for (const Part& part : key.parts) {
    const duckdb::Value value = part.values->GetValue(row);
    if (value.IsNull() && key.nulls_distinct) return std::nullopt;
    const std::string one = value.IsNull() ? "" : TextOfKey(value, part.one_form);
    text += (value.IsNull() ? "n" : std::to_string(one.size())) + ":" + one;
  }
  return text;
}

bool DistinctKeys::Take(duckdb::idx_t row) {
  std::vector<std::optional<std::string>> texts;
  for (const Key& key : keys_) {
    texts.push_back(TextOf(key, row));
    if (texts.back() && key.taken.contains(*texts.back())) return false;
  }
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (texts[i]) keys_[i].taken.insert(std::move(*texts[i]));
  }
  return true;
}

}  // namespace weir::sql
