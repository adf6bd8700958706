#include <limits>

#include "format/row_codec.h"
#include "tests/format/log_batch_test_util.h"

namespace weir {
namespace {

struct Decoded {
  BatchStatistics statistics;
  std::vector<Datum> min, max;
  Arena arena;
};

class LogStatisticsTest : public ::testing::Test {
 protected:
  std::shared_ptr<arrow::Buffer> Encode(const Schema& schema, const std::vector<std::vector<Datum>>& rows,
                                        std::vector<int> columns) {
    auto builder = Must(ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kUtc), schema.types()));
    for (const auto& row : rows) EXPECT_TRUE(builder.Append(row).ok());
    rows_ = Must(builder.Finish());
    LogBatchOptions options{.schema_id = 7, .writer_id = 42, .sequence = 5};
    options.statistics_columns = std::move(columns);
    return Must(EncodeLogBatch(*rows_, {}, schema, options));
  }

  /// The statistics of a batch, which must be whole and sound.
  std::unique_ptr<Decoded> Read(const std::shared_ptr<arrow::Buffer>& batch, const Schema& schema) {
    const LogBatchHeader header = Must(ParseLogBatchHeader(std::string_view(*batch)));
    EXPECT_TRUE(VerifyLogBatchCrc(header, std::string_view(*batch)).ok());
    auto found = Must(ParseBatchStatistics(header, std::string_view(*batch)));
    if (!found) return nullptr;
    auto decoded = std::make_unique<Decoded>();
    decoded->statistics = *found;
    std::vector<DataType> types;
    for (const ColumnStatistics& column : found->columns) types.push_back(schema.column(column.column).type);
    decoded->min.resize(types.size());
    decoded->max.resize(types.size());
    if (!found->min_row.empty()) {
      EXPECT_TRUE(DecodeAlignedRow(types, found->min_row, &decoded->arena, decoded->min).ok());
      EXPECT_TRUE(DecodeAlignedRow(types, found->max_row, &decoded->arena, decoded->max).ok());
    }
    return decoded;
  }

  std::shared_ptr<arrow::RecordBatch> rows_;
};

TEST_F(LogStatisticsTest, ExtremesOfEveryTypeThatHasThem) {
  const std::vector<DataType> types{
      DataType::Boolean(),    DataType::TinyInt(),      DataType::SmallInt(),      DataType::Int(),
      DataType::BigInt(),     DataType::Float(),        DataType::Double(),        DataType::String(),
      DataType::Decimal(9, 2), DataType::Decimal(30, 2), DataType::Date(),          DataType::Time(3),
      DataType::Timestamp(3), DataType::Timestamp(9),   DataType::TimestampLtz(6), DataType::Char(4)};
  const Schema schema = MakeSchema(types);
  const auto row = [](int64_t i) {
    return std::vector<Datum>{Datum::Bool(i > 0),
                              Datum::Int(i),
                              Datum::Int(i * 100),
                              Datum::Int(i * 100000),
                              Datum::Int(i * 10000000000),
                              Datum::Double(i * 0.5),
                              Datum::Double(i * 0.25),
                              Datum::Bytes(i > 0 ? "a longer text, beyond seven bytes" : i < 0 ? "" : "Z"),
                              Datum::Decimal(i * 1234),
                              Datum::Decimal(__int128{i} * 1000000000000000000),
                              Datum::Int(i * 365),
                              Datum::Int(1000 + i),
                              Datum::Timestamp(i * 86400000, 0),
                              Datum::Timestamp(i * 86400000, 999999),
                              Datum::Timestamp(i * 86400000, 123000),
                              Datum::Bytes(i > 0 ? "zz" : i < 0 ? "aa" : "mm")};
  };
  std::vector<int> columns(types.size());
  for (size_t i = 0; i < columns.size(); ++i) columns[i] = static_cast<int>(i);
  const auto batch = Encode(schema, {row(0), row(-3), std::vector<Datum>(types.size()), row(3), row(2)}, columns);
  const auto decoded = Read(batch, schema);
  ASSERT_NE(decoded, nullptr);
  ASSERT_EQ(decoded->statistics.columns.size(), types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    EXPECT_EQ(decoded->statistics.columns[i].column, static_cast<int>(i));
    EXPECT_EQ(decoded->statistics.columns[i].null_count, 1) << i;
    EXPECT_TRUE(decoded->min[i] == row(-3)[i]) << types[i].ToString();
    EXPECT_TRUE(decoded->max[i] == row(3)[i]) << types[i].ToString();
  }
  const auto rows = Must(DecodeLogBatch(batch, schema, {}));
  EXPECT_EQ(rows.header.magic, 1);
  EXPECT_EQ(rows.header.schema_id, 7);
  EXPECT_EQ(rows.header.writer_id, 42);
  EXPECT_EQ(rows.header.sequence, 5);
  EXPECT_TRUE(rows.rows->Equals(*rows_));
}

TEST_F(LogStatisticsTest, TheBytesAreThoseOfTheSpecification) {
  const Schema schema = MakeSchema({DataType::Int(), DataType::String()});
  const auto batch = Encode(schema, {{Datum::Int(5), Datum::Bytes("b")}, {Datum::Int(-1), Datum::Null()}}, {0});
  const std::string_view bytes(*batch);
  EXPECT_EQ(bytes.substr(48, 4), FromHex("31000000"));
  EXPECT_EQ(bytes.substr(52, 49), FromHex("01 0100 0000 00000000"
                                          "10000000 0000000000000000 ffffffff00000000"
                                          "10000000 0000000000000000 0500000000000000"));
}

TEST_F(LogStatisticsTest, WhatHasNoOrderIsLeftOut) {
  const Schema schema = MakeSchema({DataType::Double(), DataType::String(), DataType::Bytes(),
                                    DataType::Array(DataType::Int()), DataType::Int()});
  const std::string longest(1024, 'x'), too_long(1025, 'x');
  const std::vector<int> all{0, 1, 2, 3, 4};
  const auto row = [](double number, const std::string& text) {
    return std::vector<Datum>{Datum::Double(number), Datum::Bytes(text), Datum::Bytes("b"), Datum::List({}),
                              Datum::Null()};
  };
  const auto columns_of = [](const Decoded& decoded) {
    std::vector<int> columns;
    for (const auto& column : decoded.statistics.columns) columns.push_back(column.column);
    return columns;
  };
  const auto fine = Read(Encode(schema, {row(1, longest), row(2, "a")}, all), schema);
  ASSERT_NE(fine, nullptr);
  EXPECT_EQ(columns_of(*fine), (std::vector<int>{0, 1, 4}));
  EXPECT_EQ(fine->statistics.columns[2].null_count, 2);
  EXPECT_TRUE(fine->min[2].is_null());
  const auto nan =
      Read(Encode(schema, {row(std::numeric_limits<double>::quiet_NaN(), too_long), row(2, "a")}, all), schema);
  ASSERT_NE(nan, nullptr);
  EXPECT_EQ(columns_of(*nan), (std::vector<int>{4}));
  EXPECT_TRUE(nan->statistics.min_row.empty());  // no column has a value

  const auto none = Encode(schema, {row(1, "a")}, {2, 3});
  EXPECT_EQ(Must(ParseLogBatchHeader(std::string_view(*none))).magic, 0);
}

TEST_F(LogStatisticsTest, ABatchWithoutThemGetsThem) {
  const Schema schema = MakeSchema({DataType::Int(), DataType::Array(DataType::Int()), DataType::String()});
  const std::vector<std::vector<Datum>> rows{{Datum::Int(5), Datum::Null(), Datum::Bytes("b")},
                                             {Datum::Int(-1), Datum::Null(), Datum::Null()}};
  const auto plain = Encode(schema, rows, {});
  const std::vector<int> columns{0, 1, 2};
  const auto described = Must(AddStatistics(plain, schema, columns));
  const LogBatchHeader header = Must(ParseLogBatchHeader(std::string_view(*described)));
  EXPECT_EQ(header.magic, 1);
  EXPECT_TRUE(VerifyLogBatchCrc(header, std::string_view(*described)).ok());
  const auto written = Encode(schema, rows, {0, 1, 2});
  const auto block = [](const arrow::Buffer& batch) {
    const LogBatchHeader of = Must(ParseLogBatchHeader(std::string_view(batch)));
    return batch.ToString().substr(of.header_size, of.statistics_length);
  };
  EXPECT_EQ(block(*described), block(*written));
  EXPECT_TRUE(Must(DecodeLogBatch(described, schema, {})).rows->Equals(*Must(DecodeLogBatch(plain, schema, {})).rows));
  EXPECT_EQ(Must(ToV0Batches(described))->ToString(), plain->ToString());
  EXPECT_EQ(Must(AddStatistics(described, schema, columns)), described);
  EXPECT_EQ(Must(AddStatistics(plain, schema, std::vector<int>{1})), plain) << "nested values have none";
  std::string broken = plain->ToString();
  broken.back() ^= 1;
  EXPECT_EQ(AddStatistics(arrow::Buffer::FromString(broken), schema, columns).status().code(),
            ErrorCode::kCorruptMessage);
}

TEST_F(LogStatisticsTest, BatchesBecomeV0ForClientsThatKnowNoOther) {
  const Schema schema = MakeSchema({DataType::Int(), DataType::String()});
  const std::vector<std::vector<Datum>> rows{{Datum::Int(5), Datum::Bytes("b")}, {Datum::Int(-1), Datum::Null()}};
  const auto plain = Encode(schema, rows, {});
  const auto with_statistics = Encode(schema, rows, {0, 1});
  EXPECT_EQ(Must(ToV0Batches(plain)), plain);
  const auto mixed = arrow::Buffer::FromString(plain->ToString() + with_statistics->ToString() + plain->ToString());
  std::string stamped = mixed->ToString();
  StampLogBatch(stamped.data() + plain->size(), 2, 77);
  std::string expected = plain->ToString() + plain->ToString() + plain->ToString();
  StampLogBatch(expected.data() + plain->size(), 2, 77);
  EXPECT_EQ(Must(ToV0Batches(arrow::Buffer::FromString(stamped)))->ToString(), expected);
  EXPECT_FALSE(ToV0Batches(arrow::Buffer::FromString(stamped.substr(0, stamped.size() - 1))).ok());
}

}  // namespace
}  // namespace weir
