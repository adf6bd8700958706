#include "sql/system/hash_function.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "model/partition_level.h"
#include "postgres/value/ordered_text.h"
#include "sql/catalog/bound_text.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "sql/system/system_schema.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

constexpr idx_t kFirstKey = 3;  // of the arguments

[[noreturn]] void Refuse(const std::string& message) { Throw(Error("22023", message)); }

/// One of the numbers in front of the key.
class Numbers {
 public:
  Numbers(duckdb::Vector& vector, idx_t count) { vector.ToUnifiedFormat(count, format_); }
  std::optional<int64_t> At(idx_t row) const {
    const idx_t at = format_.sel->get_index(row);
    if (!format_.validity.RowIsValid(at)) return std::nullopt;
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(format_)[at];
  }

 private:
  duckdb::UnifiedVectorFormat format_;
};

/// One column of the keys.
class KeyColumn {
 public:
  KeyColumn(const SqlPartitionKeyPart& part, duckdb::Vector& values, idx_t count)
      : value_type_(part.value_type), values_(values), reader_(part.type, values, count) {}

  /// How values of the part's type lie in DuckDB.
  static LogicalType FormOf(const SqlPartitionKeyPart& part) {
    return part.value_type == 0 ? ToDuckType(part.type) : duck::PhysicalType({part.value_type});
  }

  KeyValue Read(idx_t row) const {
    if (value_type_ == 0) return reader_.Read(row);
    const duckdb::Value value = values_.GetValue(row);
    if (value.IsNull()) return {};
    return ValueOrThrow(postgres::ToOrderedText(value_type_, duck::FromDuck(value, {value_type_})));
  }

 private:
  uint32_t value_type_;
  duckdb::Vector& values_;
  KeyReader reader_;
};

/// Reads the keys of a chunk as those of one parent.
class Keys {
 public:
  Keys(const Relation& parent, duckdb::DataChunk& arguments) {
    if (!parent.is_partitioned() || parent.partition_key->strategy != PartitionStrategy::kHash) {
      Refuse(fmt::format("\"{}\" is not a hash partitioned table", parent.path.table));
    }
    const auto& parts = parent.partition_key->parts;
    const size_t given = arguments.ColumnCount() - kFirstKey;
    if (given != parts.size()) {
      Refuse(fmt::format("number of partitioning columns ({}) does not match number of partition keys provided ({})",
                         parts.size(), given));
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      duckdb::Vector& values = arguments.data[kFirstKey + i];
      if (values.GetType() != KeyColumn::FormOf(parts[i])) {
        Refuse(fmt::format("column {} of the partition key has type {}, but supplied value is of type {}", i + 1,
                           KeyPartType(parent, i), PgTypeName(values.GetType())));
      }
      types_.push_back(parts[i].type);
      columns_.emplace_back(parts[i], values, arguments.size());
    }
    key_.resize(parts.size());
  }

  uint64_t Hash(idx_t row) {
    for (size_t i = 0; i < key_.size(); ++i) key_[i] = columns_[i].Read(row);
    return PartitionHash(types_, key_);
  }

 private:
  std::vector<DataType> types_;
  std::vector<KeyColumn> columns_;
  KeyTuple key_;
};

void CheckNumbers(int64_t modulus, int64_t remainder) {
  if (modulus <= 0) Refuse("modulus for hash partition must be an integer value greater than zero");
  if (remainder < 0) Refuse("remainder for hash partition must be an integer value greater than or equal to zero");
  if (remainder >= modulus) Refuse("remainder for hash partition must be less than modulus");
}

void Satisfies(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  auto& catalog = SourcesOf(state.GetContext()).catalog;
  const idx_t count = arguments.size();
  const Numbers parents(arguments.data[0], count);
  const Numbers moduli(arguments.data[1], count);
  const Numbers remainders(arguments.data[2], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* answers = duckdb::FlatVector::GetData<bool>(result);
  std::optional<int64_t> last;
  std::optional<Keys> keys;  // of the last parent; none: there is no such table
  for (idx_t row = 0; row < count; ++row) {
    const auto parent = parents.At(row);
    const auto modulus = moduli.At(row);
    const auto remainder = remainders.At(row);
    const bool known = parent && modulus && remainder;
    if (known) CheckNumbers(*modulus, *remainder);
    if (known && parent != last) {
      last = parent;
      keys.reset();
      const RelationPtr relation = ValueOrThrow(catalog.FindById(*parent));
      if (relation) keys.emplace(*relation, arguments);
    }
    if (known && !keys) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    answers[row] = known && keys->Hash(row) % static_cast<uint64_t>(*modulus) == static_cast<uint64_t>(*remainder);
  }
  if (arguments.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

}  // namespace

duckdb::ScalarFunction SatisfiesHashPartition() {
  duckdb::ScalarFunction function("satisfies_hash_partition",
                                  {LogicalType::BIGINT, LogicalType::BIGINT, LogicalType::BIGINT}, LogicalType::BOOLEAN,
                                  Satisfies);
  function.varargs = LogicalType::ANY;
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetFallible();
  return function;
}

}  // namespace weir::sql
