#include "types/arrow_rows.h"

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "types/arrow_mapping.h"

namespace weir {
namespace {

using testing::HasSubstr;

Schema EveryType() {
  return *Schema::Make({{"bool", DataType::Boolean()},
                        {"i8", DataType::TinyInt()},
                        {"i16", DataType::SmallInt()},
                        {"i32", DataType::Int()},
                        {"i64", DataType::BigInt()},
                        {"f32", DataType::Float()},
                        {"f64", DataType::Double()},
                        {"str", DataType::String()},
                        {"chr", DataType::Char(4)},
                        {"byt", DataType::Bytes()},
                        {"bin", DataType::Binary(3)},
                        {"dec", DataType::Decimal(38, 4)},
                        {"dat", DataType::Date()},
                        {"t0", DataType::Time(0)},
                        {"t3", DataType::Time(3)},
                        {"t9", DataType::Time(9)},
                        {"ts0", DataType::Timestamp(0)},
                        {"ts3", DataType::Timestamp(3)},
                        {"ts9", DataType::Timestamp(9)},
                        {"ltz", DataType::TimestampLtz(6)},
                        {"arr", DataType::Array(DataType::Array(DataType::String()))},
                        {"map", DataType::Map(DataType::String(), DataType::Int())},
                        {"row", DataType::Row({{"x", DataType::Int()}, {"y", DataType::Array(DataType::Int())}})}});
}

std::vector<Datum> FullRow(Arena* arena) {
  const auto items = [&](std::initializer_list<Datum> values) {
    auto copy = arena->NewDatums(values.size());
    std::copy(values.begin(), values.end(), copy.begin());
    return copy;
  };
  const Datum inner = Datum::List(items({Datum::Bytes("a"), Datum::Null(), Datum::Bytes("")}));
  return {Datum::Bool(true),
          Datum::Int(-128),
          Datum::Int(32767),
          Datum::Int(std::numeric_limits<int32_t>::min()),
          Datum::Int(std::numeric_limits<int64_t>::max()),
          Datum::Double(0.5),
          Datum::Double(-1e300),
          Datum::Bytes("日本"),
          Datum::Bytes("ab"),
          Datum::Bytes(std::string_view("\0\xff", 2)),
          Datum::Bytes("xyz"),
          Datum::Decimal(-(static_cast<__int128>(1) << 100)),
          Datum::Int(-719162),
          Datum::Int(86399000),
          Datum::Int(86399999),
          Datum::Int(1),
          Datum::Timestamp(-1000, 0),
          Datum::Timestamp(1704067200123, 0),
          Datum::Timestamp(-1, 999999),
          Datum::Timestamp(1704067200123, 456000),
          Datum::List(items({inner, Datum::Null(), Datum::List({})})),
          Datum::Map(items({Datum::Bytes("k"), Datum::Int(5), Datum::Bytes("l"), Datum::Null()})),
          Datum::Row(items({Datum::Null(), Datum::List(items({Datum::Int(1), Datum::Null()}))}))};
}

TEST(ArrowRows, EveryTypeRoundTripsInSlicesToo) {
  const Schema schema = EveryType();
  Arena arena;
  const std::vector<Datum> full = FullRow(&arena), nulls(full.size());
  auto builder = ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kUtc), schema.types());
  ASSERT_TRUE(builder.ok());
  for (const auto& row : {nulls, full, nulls, full}) {
    const Status status = builder->Append(row);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  EXPECT_EQ(builder->num_rows(), 4);
  EXPECT_GT(builder->bytes(), 200);
  auto batch = builder->Finish();
  ASSERT_TRUE(batch.ok());
  ASSERT_TRUE((*batch)->ValidateFull().ok());
  EXPECT_EQ(builder->num_rows(), 0);

  for (int64_t offset : {0, 1, 2}) {
    auto reader = ArrowRowReader::Make((*batch)->Slice(offset), schema.types());
    ASSERT_TRUE(reader.ok()) << reader.status().ToString();
    for (int64_t i = 0; i < reader->num_rows(); ++i) {
      std::vector<Datum> row(full.size());
      reader->Read(i, &arena, row);
      const auto& expected = (offset + i) % 2 == 1 ? full : nulls;
      for (size_t c = 0; c < row.size(); ++c) EXPECT_EQ(row[c], expected[c]) << schema.column(c).name;
    }
  }
}

TEST(ArrowRows, NullsMayStandAnywhere) {
  const Schema schema = EveryType();
  Arena arena;
  const std::vector<Datum> full = FullRow(&arena);
  auto builder = ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kUtc), schema.types());
  ASSERT_TRUE(builder.ok());
  for (const int rows : {0, 1, 8, 9, 40}) {
    const auto is_null = [](int row, size_t column) { return row > 0 && (static_cast<size_t>(row) + column) % 7 == 0; };
    for (int row = 0; row < rows; ++row) {
      std::vector<Datum> values = full;
      for (size_t column = 0; column < values.size(); ++column) {
        if (is_null(row, column)) values[column] = Datum::Null();
      }
      ASSERT_TRUE(builder->Append(values).ok());
    }
    const auto batch = builder->Finish();
    ASSERT_TRUE(batch.ok());
    ASSERT_TRUE((*batch)->ValidateFull().ok());
    const auto reader = ArrowRowReader::Make(*batch, schema.types());
    ASSERT_TRUE(reader.ok());
    for (int row = 0; row < rows; ++row) {
      for (size_t column = 0; column < full.size(); ++column) {
        const Datum value = reader->ReadCell(row, static_cast<int>(column), &arena);
        EXPECT_EQ(value, is_null(row, column) ? Datum::Null() : full[column]) << "row " << row << " column " << column;
      }
    }
  }
}

TEST(ArrowRows, BadValuesAreNamedAndAddNothing) {
  const Schema schema = *Schema::Make({{"id", DataType::Int().NotNull()},
                                       {"t", DataType::TinyInt()},
                                       {"d", DataType::Decimal(4, 2)},
                                       {"b", DataType::Binary(2)},
                                       {"ts", DataType::Timestamp(9)},
                                       {"r", DataType::Row({{"q", DataType::Int().NotNull()}})}});
  auto builder = *ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kNone), schema.types());
  const auto message = [&](std::vector<Datum> row) {
    row.resize(6);
    return builder.Append(row).message();
  };
  EXPECT_THAT(message({Datum::Null()}), HasSubstr("Field 'id': NULL"));
  EXPECT_THAT(message({Datum::Bytes("x")}), HasSubstr("Field 'id'"));
  EXPECT_THAT(message({Datum::Int(1LL << 31)}), HasSubstr("out of range for int NOT NULL"));
  EXPECT_THAT(message({Datum::Int(1), Datum::Int(128)}), HasSubstr("Field 't': value 128"));
  EXPECT_THAT(message({Datum::Int(1), Datum::Null(), Datum::Decimal(10000)}), HasSubstr("Field 'd'"));
  EXPECT_THAT(message({Datum::Int(1), Datum::Null(), Datum::Null(), Datum::Bytes("abc")}), HasSubstr("got 3 bytes"));
  EXPECT_THAT(message({Datum::Int(1), Datum::Null(), Datum::Null(), Datum::Null(),
                       Datum::Timestamp(std::numeric_limits<int64_t>::max(), 0)}),
              HasSubstr("out of range"));
  const Datum null_field[] = {Datum::Null()};
  EXPECT_THAT(message({Datum::Int(1), Datum::Null(), Datum::Null(), Datum::Null(), Datum::Null(),
                       Datum::Row(null_field)}),
              HasSubstr("field 'q'"));
  EXPECT_THAT(builder.Append(std::vector<Datum>(2)).message(), HasSubstr("Expected 6 values, got 2"));
  EXPECT_EQ(builder.num_rows(), 0);
}

TEST(ArrowRows, ReaderRefusesOtherTypes) {
  auto builder = *ArrowRowBuilder::Make(arrow::schema({arrow::field("a", arrow::int32())}), {DataType::Int()});
  auto batch = *builder.Finish();
  EXPECT_THAT(ArrowRowReader::Make(batch, {DataType::BigInt()}).status().message(), HasSubstr("column 'a'"));
  EXPECT_FALSE(ArrowRowReader::Make(batch, {}).ok());
}

}  // namespace
}  // namespace weir
