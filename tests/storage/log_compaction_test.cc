#include "storage/log_compaction.h"

#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <limits>

#include "storage/bucket.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"

namespace weir {
namespace {

Schema JoinedSchema() {
  return *Schema::Make({{"bool", DataType::Boolean()},
                        {"i8", DataType::TinyInt()},
                        {"i64", DataType::BigInt()},
                        {"f64", DataType::Double()},
                        {"str", DataType::String()},
                        {"bin", DataType::Binary(3)},
                        {"dec", DataType::Decimal(38, 4)},
                        {"dat", DataType::Date()},
                        {"t3", DataType::Time(3)},
                        {"ts9", DataType::Timestamp(9)},
                        {"ltz", DataType::TimestampLtz(6)},
                        {"arr", DataType::Array(DataType::Array(DataType::String()))},
                        {"map", DataType::Map(DataType::String(), DataType::Int())},
                        {"row", DataType::Row({{"x", DataType::Int()}, {"y", DataType::Array(DataType::Int())}})}});
}

std::vector<Datum> RowOfEveryType(int i, Arena* arena) {
  const auto items = [&](std::initializer_list<Datum> values) {
    auto copy = arena->NewDatums(values.size());
    std::copy(values.begin(), values.end(), copy.begin());
    return copy;
  };
  const Datum text = Datum::Bytes(arena->CopyBytes("text " + std::to_string(i)));
  return {Datum::Bool(i % 2 == 0),
          Datum::Int(i - 64),
          Datum::Int(std::numeric_limits<int64_t>::max() - i),
          Datum::Double(i * -1e299),
          text,
          Datum::Bytes("xyz"),
          Datum::Decimal(-(static_cast<__int128>(1) << 100) + i),
          Datum::Int(-719162 + i),
          Datum::Int(86399999 - i),
          Datum::Timestamp(-1 - i, 999999),
          Datum::Timestamp(1704067200123 + i, 456000),
          Datum::List(items({Datum::List(items({text, Datum::Null()})), Datum::Null(), Datum::List({})})),
          Datum::Map(items({text, Datum::Int(i), Datum::Bytes("l"), Datum::Null()})),
          Datum::Row(items({Datum::Null(), Datum::List(items({Datum::Int(i), Datum::Null()}))}))};
}

/// Stamped batches of one row or two; every third row is NULL.
std::vector<std::shared_ptr<arrow::Buffer>> SmallBatches(const Schema& schema, int count, Arena* arena,
                                                         arrow::RecordBatchVector* rows) {
  std::vector<std::shared_ptr<arrow::Buffer>> batches;
  int64_t offset = 100;
  for (int i = 0; i < count; ++i) {
    auto builder = *ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kUtc), schema.types());
    for (int row = 0; row <= i % 2; ++row) {
      const std::vector<Datum> nulls(schema.num_columns());
      EXPECT_TRUE(builder.Append(i % 3 == 0 ? nulls : RowOfEveryType(i, arena)).ok());
    }
    rows->push_back(*builder.Finish());
    const LogBatchOptions options{.schema_id = 3, .writer_id = 7, .sequence = i};
    std::string bytes = (*EncodeLogBatch(*rows->back(), {}, schema, options))->ToString();
    StampLogBatch(bytes.data(), offset, 5000 + i);
    offset += rows->back()->num_rows();
    batches.push_back(arrow::Buffer::FromString(std::move(bytes)));
  }
  return batches;
}

TEST(LogCompaction, ABatchOfManyHoldsTheirRows) {
  const Schema schema = JoinedSchema();
  Arena arena;
  arrow::RecordBatchVector rows;
  const auto batches = SmallBatches(schema, 60, &arena, &rows);
  for (const Compression compression : {Compression::kNone, Compression::kLz4Frame, Compression::kZstd}) {
    TableContext table;
    table.options.compression = compression;
    table.schema_by_id = [&](int32_t id) -> Result<Schema> { return id == 3 ? schema : Schema(); };
    const auto joined = JoinSmallBatches(table, batches);
    ASSERT_TRUE(joined.ok()) << joined.status().ToString();
    const auto decoded = DecodeLogBatch(*joined, schema, {});
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    EXPECT_EQ(decoded->header.base_offset, 100);
    EXPECT_EQ(decoded->header.next_offset(), 190);
    EXPECT_EQ(decoded->header.commit_timestamp, 5059);
    EXPECT_EQ(decoded->header.writer_id, -1);
    EXPECT_EQ(decoded->header.schema_id, 3);
    EXPECT_TRUE(decoded->header.append_only);
    EXPECT_TRUE(decoded->change_types.empty());
    EXPECT_TRUE(decoded->rows->Equals(**arrow::ConcatenateRecordBatches(rows)));
    EXPECT_EQ((*joined)->size(), decoded->header.total_size());
  }
}

}  // namespace
}  // namespace weir
