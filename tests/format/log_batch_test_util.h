#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "format/log_batch.h"
#include "tests/format/row_testing.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"

namespace weir {

template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return result.MoveValue();
}

inline Schema MakeSchema(const std::vector<DataType>& types) {
  std::vector<Column> columns;
  for (size_t i = 0; i < types.size(); ++i) columns.push_back({"c" + std::to_string(i), types[i], {}, {}, -1});
  return Must(Schema::Make(std::move(columns)));
}

/// Random values of any type, from a fixed seed.
class RandomRows {
 public:
  explicit RandomRows(uint32_t seed) : random_(seed) {}

  DataType Type(int depth) {
    const DataType type = RawType(depth);
    return Below(4) == 0 ? type.NotNull() : type;
  }

  std::shared_ptr<arrow::RecordBatch> Batch(const Schema& schema, int rows, LtzZone zone = LtzZone::kUtc) {
    auto builder = Must(ArrowRowBuilder::Make(ToArrowSchema(schema, zone), schema.types()));
    std::vector<Datum> row(schema.num_columns());
    for (int i = 0; i < rows; ++i) {
      for (int c = 0; c < schema.num_columns(); ++c) row[c] = Value(schema.column(c).type);
      const Status status = builder.Append(row);
      if (!status.ok()) throw std::runtime_error(status.ToString());
    }
    return Must(builder.Finish());
  }

  int Below(int n) { return static_cast<int>(random_() % n); }

 private:
  DataType RawType(int depth) {
    switch (Below(depth > 0 ? 19 : 16)) {
      case 0: return DataType::Boolean();
      case 1: return DataType::TinyInt();
      case 2: return DataType::SmallInt();
      case 3: return DataType::Int();
      case 4: return DataType::BigInt();
      case 5: return DataType::Float();
      case 6: return DataType::Double();
      case 7: return DataType::String();
      case 8: return DataType::Bytes();
      case 9: return DataType::Date();
      case 10: return DataType::Time(Below(4));
      case 11: return DataType::Timestamp(3 * Below(4));
      case 12: return DataType::TimestampLtz(3 * Below(4));
      case 13: return DataType::Decimal(1 + Below(38), 0);
      case 14: return DataType::Char(8);
      case 15: return DataType::Binary(1 + Below(12));
      case 16: return DataType::Array(Type(depth - 1));
      case 17: return DataType::Map(Type(0), Type(depth - 1));
      default: {
        std::vector<Field> fields;
        for (int i = 1 + Below(3); i > 0; --i) fields.push_back({"f" + std::to_string(i), Type(depth - 1), "", -1});
        return DataType::Row(std::move(fields));
      }
    }
  }

  Datum Value(const DataType& type) {
    if (type.nullable() && Below(5) == 0) return Datum::Null();
    switch (type.id()) {
      case TypeId::kBoolean: return Datum::Bool(Below(2) == 1);
      case TypeId::kTinyInt: return Datum::Int(Below(256) - 128);
      case TypeId::kSmallInt: return Datum::Int(Below(65536) - 32768);
      case TypeId::kInt:
      case TypeId::kDate: return Datum::Int(static_cast<int32_t>(random_()));
      case TypeId::kBigInt: return Datum::Int(static_cast<int64_t>(Bits()));
      case TypeId::kTime: return Datum::Int(Below(86400) * int64_t{1000});
      case TypeId::kFloat: return Datum::Double(static_cast<float>(Below(1000000)) / 7);
      case TypeId::kDouble: return Datum::Double(Below(1000000) / 7.0);
      case TypeId::kChar:
        return Datum::Bytes(arena_.CopyBytes(std::string(1 + Below(8), static_cast<char>('a' + Below(26)))));
      case TypeId::kString: return Datum::Bytes(arena_.CopyBytes(std::string(Below(12), 'x') + (Below(2) ? "é" : "")));
      case TypeId::kBytes: return Datum::Bytes(arena_.CopyBytes(std::string(Below(20), static_cast<char>(Below(256)))));
      case TypeId::kBinary:
        return Datum::Bytes(arena_.CopyBytes(std::string(type.length(), static_cast<char>(Below(256)))));
      case TypeId::kDecimal: return Datum::Decimal((Below(2) ? -1 : 1) * Below(10));
      case TypeId::kTimestamp:
      case TypeId::kTimestampLtz: return Datum::Timestamp((Below(1 << 30) - (1 << 29)) * int64_t{1000}, 0);
      case TypeId::kArray: return Datum::List(Items(Below(4), {&type.element_type()}));
      case TypeId::kMap: return Datum::Map(Items(2 * Below(3), {&type.key_type(), &type.value_type()}));
      case TypeId::kRow: {
        std::vector<const DataType*> types;
        for (const Field& field : type.fields()) types.push_back(&field.type);
        return Datum::Row(Items(static_cast<int>(types.size()), types));
      }
    }
    return Datum::Null();
  }

  std::span<Datum> Items(int count, const std::vector<const DataType*>& types) {
    const std::span<Datum> items = arena_.NewDatums(count);
    for (int i = 0; i < count; ++i) items[i] = Value(*types[i % types.size()]);
    return items;
  }

  uint64_t Bits() { return (uint64_t{random_()} << 32) | random_(); }

  std::mt19937 random_;
  Arena arena_;
};

}  // namespace weir
