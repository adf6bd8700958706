#include "sql/engine/distinct_keys.h"

#include "postgres/made_type.h"
#include "postgres/value/one_form.h"
#include "sql/catalog/sql_types.h"
#include "sql/engine/errors.h"
#include "sql/engine/index_values.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

/// A value of a key, equal ones alike.
std::string TextOfKey(const duckdb::Value& value, postgres::Oid of_one_form) {
  if (of_one_form != 0) return ValueOrThrow(postgres::InOneForm(of_one_form, duckdb::StringValue::Get(value)));
  const bool zero = value.type().IsFloating() && value.GetValue<double>() == 0;  // which may be -0
  return zero ? "0" : value.ToString();
}

/// The type of a key's part whose texts have one form in keys; 0 of any other.
postgres::Oid OfOneForm(const std::string& type, const DataType& data_type) {
  const OneForm form = OneFormOf(type, data_type);
  if (form != OneForm::kInKeys && form != OneForm::kInIndexes) return 0;
  return postgres::BaseTypeOf({ValueOrThrow(ResolveType(type)).oid}).oid;
}

}  // namespace

/// A column, or an expression over all of them.
struct DistinctKeys::Part {
  postgres::Oid of_one_form = 0;  // the type whose texts are brought into one
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
        key.parts.back().of_one_form = OfOneForm(column.type, column.data_type);
        continue;
      }
      const SqlIndex::Expression& expression = *wanted.index->index->ExpressionAt(i);
      const DataType data_type = ValueOrThrow(ResolveType(expression.type)).data_type;
      key.parts.push_back(prepare(BindIndexValue(context, table, expression)));
      key.parts.back().of_one_form = OfOneForm(expression.type, data_type);
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
    const std::string one = value.IsNull() ? "" : TextOfKey(value, part.of_one_form);
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
