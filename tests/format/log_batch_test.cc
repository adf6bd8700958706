#include "format/log_batch.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "format/crc32c.h"
#include "tests/format/log_batch_test_util.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

std::string BytesOf(const arrow::Buffer& buffer) { return std::string(std::string_view(buffer)); }

std::shared_ptr<arrow::Buffer> ToBuffer(std::string bytes) { return arrow::Buffer::FromString(std::move(bytes)); }

template <typename T>
void Put(std::string* bytes, size_t at, T value) {
  std::memcpy(bytes->data() + at, &value, sizeof value);
}

/// Makes the CRC of a V0 batch right again after a change.
std::string Signed(std::string batch) {
  Put(&batch, 21, Crc32c(std::string_view(batch).substr(25)));
  return batch;
}

DecodedLogBatch Decode(const std::string& batch, const Schema& schema, const DecodeLogBatchOptions& options = {}) {
  return Must(DecodeLogBatch(ToBuffer(batch), schema, options));
}

Status DecodeError(const std::string& batch, const Schema& schema, const DecodeLogBatchOptions& options = {}) {
  return DecodeLogBatch(ToBuffer(batch), schema, options).status();
}

Schema ExampleSchema() {
  return Must(Schema::Make({{"a", DataType::Int(), {}, {}, -1}, {"b", DataType::String(), {}, {}, -1}}));
}

std::string Padded(std::string_view hex, size_t size) {
  std::string bytes = FromHex(hex);
  bytes.resize(size);
  return bytes;
}

/// The batch that a released client wrote: (1, "hello"), (2, null), uncompressed.
std::string ExampleBatch() {
  return FromHex(
             "0000000000000000 64020000 00 0000000000000000 cfcdc9d8 0100 01 01000000 0000000000000000 00000000"
             "02000000 ffffffff f8000000") +
         Padded(
             "100000000c001a0018001700040008000c000000200000004001000000000000000000000000000304000a0018000c00"
             "080004000a0000003c000000100000000200000000000000000000000200000002000000000000000000000000000000"
             "020000000000000001000000000000000000000005000000000000000000000001000000000000004000000000000000"
             "080000000000000080000000000000000100000000000000c0000000000000000c000000000000000001000000000000"
             "05",
             248) +
         Padded("ff", 64) + Padded("01000000 02000000", 64) + Padded("01", 64) +
         Padded("00000000 05000000 05000000", 64) + Padded("68656c6c6f", 64);
}

TEST(LogBatch, DecodesTheBatchOfAReleasedClient) {
  const std::string batch = ExampleBatch();
  ASSERT_EQ(batch.size(), 624u);
  const LogBatchHeader header = Must(ParseLogBatchHeader(batch));
  EXPECT_EQ(header.crc, 0xd8c9cdcfu);
  EXPECT_EQ(header.total_size(), 624);
  EXPECT_EQ(header.next_offset(), 2);
  EXPECT_EQ(header.writer_id, 0);
  EXPECT_EQ(header.sequence, 0);
  EXPECT_TRUE(header.append_only);

  const DecodedLogBatch decoded = Decode(batch, ExampleSchema());
  EXPECT_TRUE(decoded.change_types.empty());
  ASSERT_EQ(decoded.rows->num_rows(), 2);
  ASSERT_TRUE(decoded.rows->ValidateFull().ok());
  EXPECT_EQ(decoded.rows->column(0)->ToString(), "[\n  1,\n  2\n]");
  EXPECT_EQ(decoded.rows->column(1)->ToString(), "[\n  \"hello\",\n  null\n]");
}

TEST(LogBatch, ProjectionOfAReleasedClientsBatch) {
  const std::string batch = ExampleBatch();
  const std::string projected = Must(ProjectLogBatch(batch, ExampleSchema(), std::vector<int>{1}));
  const LogBatchHeader header = Must(ParseLogBatchHeader(projected));
  EXPECT_EQ(header.crc, 0xd8c9cdcfu);
  EXPECT_EQ(header.total_size(), static_cast<int64_t>(projected.size()));
  DecodeLogBatchOptions options;
  options.server_projection = {1};
  const DecodedLogBatch decoded = Decode(projected, ExampleSchema(), options);
  ASSERT_EQ(decoded.rows->num_columns(), 1);
  EXPECT_EQ(decoded.rows->column(0)->ToString(), "[\n  \"hello\",\n  null\n]");
}

TEST(LogBatch, RowFormatVectors) {
  const Schema schema = MakeSchema({DataType::Int(), DataType::String(), DataType::Char(4)});
  auto builder = Must(ArrowRowBuilder::Make(ToArrowSchema(schema, LtzZone::kUtc), schema.types()));
  ASSERT_TRUE(builder.Append(std::vector{Datum::Int(1), Datum::Bytes("hello"), Datum::Bytes("ab")}).ok());
  ASSERT_TRUE(builder.Append(std::vector{Datum::Int(2), Datum::Null(), Datum::Null()}).ok());
  const auto rows = Must(builder.Finish());
  const std::pair<PayloadFormat, std::string> vectors[] = {
      {PayloadFormat::kIndexed,
       "13000000 00 00 05000000 01000000 68656c6c6f 61620000 0a000000 00 06 00000000 02000000"},
      {PayloadFormat::kCompacted, "0c000000 00 00 01 0568656c6c6f 026162 03000000 00 06 02"}};
  for (const auto& [format, hex] : vectors) {
    LogBatchOptions options;
    options.format = format;
    const std::string batch = BytesOf(*Must(EncodeLogBatch(*rows, {}, schema, options)));
    EXPECT_EQ(batch.substr(48), FromHex(hex));
    EXPECT_EQ(batch[27], 1);
    EXPECT_EQ(Decode(batch, schema, {.format = format}).rows->num_rows(), 2);
  }
}

class RoundTrip : public ::testing::TestWithParam<std::tuple<PayloadFormat, PayloadCompression>> {};

TEST_P(RoundTrip, RandomSchemas) {
  const auto [format, compression] = GetParam();
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomRows random(seed);
    std::vector<DataType> types;
    for (int i = 1 + random.Below(6); i > 0; --i) types.push_back(random.Type(3));
    const Schema schema = MakeSchema(types);
    const auto rows = random.Batch(schema, 1 + random.Below(40));
    std::vector<ChangeType> changes;
    if (seed % 2 == 1) {
      for (int i = 0; i < rows->num_rows(); ++i) changes.push_back(static_cast<ChangeType>(random.Below(5)));
    }
    LogBatchOptions options;
    options.format = format;
    options.compression = compression;
    options.writer_id = seed;
    options.sequence = 7;
    const std::string batch = BytesOf(*Must(EncodeLogBatch(*rows, changes, schema, options)));
    if (changes.empty() && format == PayloadFormat::kArrow) {
      EXPECT_EQ(batch.size() % 8, 0u);
    }

    const DecodedLogBatch decoded = Decode(batch + "next batch", schema, {.format = format});
    EXPECT_EQ(decoded.change_types, changes);
    EXPECT_EQ(decoded.header.writer_id, seed);
    EXPECT_TRUE(decoded.rows->ValidateFull().ok());
    EXPECT_TRUE(decoded.rows->Equals(*rows)) << decoded.rows->ToString() << rows->ToString();

    std::vector<int> order;
    for (int i = 0; i < schema.num_columns(); ++i) order.push_back(random.Below(schema.num_columns()));
    const DecodedLogBatch picked = Decode(batch, schema, {.format = format, .projection = order});
    for (size_t i = 0; i < order.size(); ++i) {
      EXPECT_TRUE(picked.rows->column(static_cast<int>(i))->Equals(rows->column(order[i])));
    }
    EXPECT_EQ(Decode(batch, schema, {.format = format, .projection = std::vector<int>{}}).rows->num_rows(),
              rows->num_rows());
  }
}

class ServerProjection : public ::testing::TestWithParam<PayloadCompression> {};

TEST_P(ServerProjection, KeepsBuffersAsTheyAre) {
  const PayloadCompression compression = GetParam();
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomRows random(seed);
    std::vector<DataType> types;
    for (int i = 0; i < 5; ++i) types.push_back(random.Type(3));
    const Schema schema = MakeSchema(types);
    const auto rows = random.Batch(schema, 30);
    std::vector<ChangeType> changes(seed % 2 == 1 ? 30 : 0, ChangeType::kUpdateAfter);
    LogBatchOptions options;
    options.compression = compression;
    const auto batch = Must(EncodeLogBatch(*rows, changes, schema, options));
    std::vector<int> positions;
    for (int i = 0; i < 5; ++i) {
      if (i == static_cast<int>(seed % 5) || random.Below(2) == 0) positions.push_back(i);
    }
    const std::string projected = Must(ProjectLogBatch(std::string_view(*batch), schema, positions));
    const DecodedLogBatch decoded = Decode(projected, schema, {.server_projection = positions});
    EXPECT_EQ(decoded.change_types, changes);
    EXPECT_TRUE(decoded.rows->ValidateFull().ok());
    EXPECT_TRUE(decoded.rows->Equals(**rows->SelectColumns(positions)));
    const int last = positions.back();
    const DecodedLogBatch one = Decode(projected, schema, {.projection = {{last}}, .server_projection = positions});
    EXPECT_TRUE(one.rows->column(0)->Equals(rows->column(last)));
  }
}

INSTANTIATE_TEST_SUITE_P(LogBatch, ServerProjection,
                         ::testing::Values(PayloadCompression::kNone, PayloadCompression::kLz4Frame,
                                           PayloadCompression::kZstd));
INSTANTIATE_TEST_SUITE_P(LogBatch, RoundTrip,
                         ::testing::Combine(::testing::Values(PayloadFormat::kArrow),
                                            ::testing::Values(PayloadCompression::kNone, PayloadCompression::kLz4Frame,
                                                              PayloadCompression::kZstd)));
INSTANTIATE_TEST_SUITE_P(RowLogBatch, RoundTrip,
                         ::testing::Combine(::testing::Values(PayloadFormat::kIndexed, PayloadFormat::kCompacted),
                                            ::testing::Values(PayloadCompression::kNone)));

TEST(LogBatch, UncompressedColumnsReferToTheInput) {
  const Schema schema = MakeSchema({DataType::BigInt(), DataType::TimestampLtz(6), DataType::String()});
  const auto buffer = Must(EncodeLogBatch(*RandomRows(1).Batch(schema, 100), {}, schema, {}));
  ASSERT_EQ(buffer->address() % 8, 0u);
  const DecodedLogBatch decoded = Must(DecodeLogBatch(buffer, schema, {}));
  for (int i = 0; i < 3; ++i) {
    const uintptr_t at = decoded.rows->column_data(i)->buffers[1]->address();
    EXPECT_GE(at, buffer->address());
    EXPECT_LT(at, buffer->address() + buffer->size());
  }
  EXPECT_EQ(decoded.rows->schema()->field(1)->type()->ToString(), "timestamp[us, tz=UTC]");
}

TEST(LogBatch, MisalignedInputIsCopied) {
  const Schema schema = MakeSchema({DataType::BigInt(), DataType::Decimal(30, 2)});
  const auto rows = RandomRows(2).Batch(schema, 50);
  const std::string batch = BytesOf(*Must(EncodeLogBatch(*rows, {}, schema, {})));
  const auto shifted = arrow::SliceBuffer(ToBuffer("xxx" + batch), 3);
  const DecodedLogBatch decoded = Must(DecodeLogBatch(shifted, schema, {}));
  EXPECT_EQ(decoded.rows->column_data(0)->buffers[1]->address() % 8, 0u);
  EXPECT_TRUE(decoded.rows->Equals(*rows));
}

TEST(LogBatch, AcceptsSlicesAndBothZones) {
  const Schema schema = MakeSchema({DataType::TimestampLtz(3), DataType::Array(DataType::String())});
  for (const LtzZone zone : {LtzZone::kNone, LtzZone::kUtc}) {
    const auto slice = RandomRows(3).Batch(schema, 50, zone)->Slice(13, 20);
    const std::string batch = BytesOf(*Must(EncodeLogBatch(*slice, {}, schema, {})));
    const auto expected = RandomRows(3).Batch(schema, 50)->Slice(13, 20);
    EXPECT_TRUE(Decode(batch, schema).rows->Equals(*expected));
  }
}

TEST(LogBatch, RejectsRowsOfAnotherSchema) {
  const Schema schema = MakeSchema({DataType::Int().NotNull()});
  const auto other = RandomRows(4).Batch(MakeSchema({DataType::BigInt()}), 3);
  EXPECT_THAT(EncodeLogBatch(*other, {}, schema, {}).status().message(), HasSubstr("is int64, expected int32"));
  const auto nulls = arrow::RecordBatch::Make(arrow::schema({arrow::field("c0", arrow::int32())}), 2,
                                              {*arrow::MakeArrayOfNull(arrow::int32(), 2)});
  EXPECT_THAT(EncodeLogBatch(*nulls, {}, schema, {}).status().message(), HasSubstr("NOT NULL and has 2 nulls"));
  const std::vector<ChangeType> one(1, ChangeType::kInsert);
  EXPECT_FALSE(EncodeLogBatch(*RandomRows(4).Batch(schema, 3), one, schema, {}).ok());
}

TEST(LogBatch, EmptyBatchTakesOneOffset) {
  const Schema schema = ExampleSchema();
  std::string batch = BytesOf(*EncodeEmptyLogBatch(3, 9, 4));
  ASSERT_EQ(batch.size(), 48u);
  StampLogBatch(batch.data(), 77, 123);
  const DecodedLogBatch decoded = Decode(batch, schema);
  EXPECT_EQ(decoded.rows, nullptr);
  EXPECT_EQ(decoded.header.base_offset, 77);
  EXPECT_EQ(decoded.header.next_offset(), 78);
  EXPECT_EQ(decoded.header.commit_timestamp, 123);
  EXPECT_EQ(decoded.header.schema_id, 3);
  EXPECT_EQ(decoded.header.writer_id, 9);
  EXPECT_EQ(decoded.header.sequence, 4);
  EXPECT_EQ(Must(ProjectLogBatch(batch, schema, std::vector<int>{1})), batch);
}

TEST(LogBatch, ProjectionErrors) {
  const std::string batch = ExampleBatch();
  const std::vector<std::vector<int>> bad = {{}, {2}, {-1}, {1, 0}, {0, 0}};
  for (const std::vector<int>& positions : bad) {
    EXPECT_EQ(ProjectLogBatch(batch, ExampleSchema(), positions).status().code(), ErrorCode::kInvalidColumnProjection);
  }
  EXPECT_EQ(DecodeError(batch, ExampleSchema(), {.projection = {{5}}}).code(), ErrorCode::kInvalidColumnProjection);
}

/// The example batch with another magic, a statistics block and, for V2, a leader epoch.
std::string WithStatistics(int magic, const std::string& block) {
  const std::string v0 = ExampleBatch();
  std::string batch = v0.substr(0, 21);
  if (magic == 2) batch += FromHex("05000000");
  batch += v0.substr(21, 27) + std::string(4, '\0') + block + v0.substr(48);
  const size_t crc_at = magic == 2 ? 25 : 21;
  Put(&batch, 8, static_cast<int32_t>(batch.size() - 12));
  Put(&batch, 12, static_cast<int8_t>(magic));
  Put(&batch, crc_at + 27, static_cast<int32_t>(block.size()));
  Put(&batch, crc_at, Crc32c(std::string_view(batch).substr(crc_at + 4)));
  return batch;
}

TEST(LogBatch, StatisticsOfNewerBatches) {
  const std::string block = FromHex("01 0200 0000 0100 00000000 01000000 03000000 616263 00000000");
  for (const int magic : {1, 2}) {
    const std::string batch = WithStatistics(magic, block);
    const DecodedLogBatch decoded = Decode(batch, ExampleSchema());
    EXPECT_EQ(decoded.rows->num_rows(), 2);
    const auto statistics = Must(ParseBatchStatistics(decoded.header, batch));
    ASSERT_TRUE(statistics.has_value());
    ASSERT_EQ(statistics->columns.size(), 2u);
    EXPECT_EQ(statistics->columns[1].column, 1);
    EXPECT_EQ(statistics->columns[1].null_count, 1);
    EXPECT_EQ(statistics->min_row, "abc");
    EXPECT_EQ(statistics->max_row, "");

    const std::string projected = Must(ProjectLogBatch(batch, ExampleSchema(), std::vector<int>{0}));
    EXPECT_EQ(Must(ParseLogBatchHeader(projected)).statistics_length, 0);
    EXPECT_EQ(Decode(projected, ExampleSchema(), {.server_projection = {{0}}}).rows->num_columns(), 1);
  }
  for (size_t cut = 1; cut < block.size(); ++cut) {
    const std::string batch = WithStatistics(1, block.substr(0, cut));
    EXPECT_EQ(ParseBatchStatistics(Must(ParseLogBatchHeader(batch)), batch).status().code(),
              ErrorCode::kCorruptMessage);
  }
  const std::string plain = ExampleBatch();
  EXPECT_FALSE(Must(ParseBatchStatistics(Must(ParseLogBatchHeader(plain)), plain)).has_value());
}

TEST(LogBatch, HeaderFieldsOutOfRange) {
  const auto rejected = [](size_t at, auto value) {
    std::string batch = ExampleBatch();
    Put(&batch, at, value);
    return ParseLogBatchHeader(batch).status().code() == ErrorCode::kCorruptMessage;
  };
  EXPECT_TRUE(rejected(12, int8_t{3}));
  EXPECT_TRUE(rejected(12, int8_t{-1}));
  EXPECT_TRUE(rejected(8, int32_t{613}));
  EXPECT_TRUE(rejected(8, int32_t{35}));
  EXPECT_TRUE(rejected(8, int32_t{-1}));
  EXPECT_TRUE(rejected(0, int64_t{-1}));
  EXPECT_TRUE(rejected(0, INT64_MAX));
  EXPECT_TRUE(rejected(28, int32_t{0}));
  EXPECT_TRUE(rejected(44, int32_t{-1}));
  EXPECT_TRUE(rejected(44, INT32_MAX));
}

TEST(LogBatch, EveryFlippedByteAfterTheTimestampIsNoticed) {
  const std::string batch = ExampleBatch();
  for (size_t at = 21; at < batch.size(); ++at) {
    std::string flipped = batch;
    flipped[at] ^= 0x10;
    EXPECT_EQ(DecodeError(flipped, ExampleSchema()).code(), ErrorCode::kCorruptMessage) << at;
  }
}

/// Whatever decodes without an error must be safe to read.
void ReadAll(const Result<DecodedLogBatch>& decoded) {
  if (!decoded.ok() || decoded->rows == nullptr) return;
  for (const auto& column : decoded->rows->columns()) {
    for (int64_t i = 0; i < column->length(); ++i) ASSERT_TRUE(column->GetScalar(i).ok());
  }
}

TEST(LogBatch, TruncatedAndChangedBatchesAreErrorsOrSafe) {
  for (const PayloadFormat format : {PayloadFormat::kArrow, PayloadFormat::kIndexed, PayloadFormat::kCompacted}) {
    for (uint32_t seed = 0; seed < 6; ++seed) {
      RandomRows random(seed);
      const Schema schema = MakeSchema({DataType::Map(DataType::String(), DataType::Array(DataType::Int())),
                                        DataType::Row({{"x", DataType::Bytes(), "", -1}}), random.Type(2)});
      LogBatchOptions encode;
      encode.format = format;
      if (format == PayloadFormat::kArrow) encode.compression = static_cast<PayloadCompression>(seed % 3);
      const std::vector<ChangeType> changes(seed % 2 == 0 ? 5 : 0, ChangeType::kInsert);
      const std::string batch = BytesOf(*Must(EncodeLogBatch(*random.Batch(schema, 5), changes, schema, encode)));
      DecodeLogBatchOptions options;
      options.format = format;
      for (size_t size = 0; size < batch.size(); ++size) {
        EXPECT_FALSE(DecodeLogBatch(ToBuffer(batch.substr(0, size)), schema, options).ok());
        if (size < 48) continue;
        std::string cut = batch.substr(0, size);
        Put(&cut, 8, static_cast<int32_t>(size - 12));
        ReadAll(DecodeLogBatch(ToBuffer(Signed(cut)), schema, options));
      }
      for (size_t at = 27; at < batch.size(); ++at) {
        for (const int flip : {0x01, 0x80, 0xFF}) {
          std::string flipped = batch;
          flipped[at] = static_cast<char>(flipped[at] ^ flip);
          flipped = Signed(std::move(flipped));
          ReadAll(DecodeLogBatch(ToBuffer(flipped), schema, options));
          const auto projected = ProjectLogBatch(flipped, schema, std::vector<int>{1});
          if (projected.ok()) {
            ReadAll(DecodeLogBatch(ToBuffer(*projected), schema, {.server_projection = {{1}}}));
          }
        }
      }
    }
  }
}

TEST(LogBatch, HostileCounts) {
  const Schema schema = ExampleSchema();
  std::string many = ExampleBatch();
  Put(&many, 44, INT32_MAX);
  Put(&many, 28, INT32_MAX - 1);
  EXPECT_EQ(DecodeError(Signed(many), schema).code(), ErrorCode::kCorruptRecord);
  many[27] = 0;
  EXPECT_EQ(DecodeError(Signed(many), schema).code(), ErrorCode::kCorruptRecord);
  EXPECT_EQ(DecodeError(Signed(many), schema, {.format = PayloadFormat::kIndexed}).code(), ErrorCode::kCorruptRecord);

  std::string offsets = ExampleBatch();
  Put(&offsets, 56 + 248 + 192 + 4, int32_t{1000});
  EXPECT_EQ(DecodeError(Signed(offsets), schema).code(), ErrorCode::kCorruptRecord);

  std::string text = ExampleBatch();
  Put(&text, 56 + 248 + 256, int8_t{-1});
  EXPECT_THAT(DecodeError(Signed(text), schema).message(), HasSubstr("not UTF-8"));

  // Two halves of one character: the bytes are UTF-8, the values are not.
  std::string halves = ExampleBatch();
  Put(&halves, 56 + 248 + 192, std::array<int32_t, 3>{0, 1, 2});
  Put(&halves, 56 + 248 + 256, std::array<uint8_t, 2>{0xC3, 0xA9});
  EXPECT_THAT(DecodeError(Signed(halves), schema).message(), HasSubstr("not UTF-8"));

  const std::vector<ChangeType> changes(2, ChangeType::kInsert);
  std::string types = BytesOf(*Must(EncodeLogBatch(*RandomRows(5).Batch(schema, 2), changes, schema, {})));
  types[48] = 5;
  EXPECT_THAT(DecodeError(Signed(types), schema).message(), HasSubstr("unknown change type 5"));
}

TEST(LogBatch, AGapTakesOffsetsWithoutRecords) {
  const std::string gap = EncodeGap(70, 30, 1234, /*append_only=*/true);
  const LogBatchHeader header = Must(ParseLogBatchHeader(gap));
  EXPECT_TRUE(VerifyLogBatchCrc(header, gap).ok());
  EXPECT_EQ(header.base_offset, 70);
  EXPECT_EQ(header.next_offset(), 100);
  EXPECT_EQ(header.record_count, 0);
  EXPECT_EQ(header.commit_timestamp, 1234);
  EXPECT_TRUE(header.append_only);
  const Schema schema = MakeSchema({DataType::BigInt()});
  EXPECT_EQ(Must(DecodeLogBatch(arrow::Buffer::FromString(gap), schema, {})).rows, nullptr);

  std::string negative = gap;
  Put(&negative, 28, int32_t{-2});
  EXPECT_THAT(DecodeError(Signed(negative), schema).message(), HasSubstr("last offset delta"));
}

TEST(LogBatch, GetsItsWriterLater) {
  const Schema schema = MakeSchema({DataType::BigInt().NotNull()});
  const auto rows = RandomRows(6).Batch(schema, 4);
  for (const std::vector<int>& statistics : {std::vector<int>{}, std::vector<int>{0}}) {
    LogBatchOptions options;
    options.statistics_columns = statistics;
    std::string batch = BytesOf(*Must(EncodeLogBatch(*rows, {}, schema, options)));
    options.writer_id = 77;
    options.sequence = 5;
    ASSERT_TRUE(SetLogBatchWriter(&batch, 77, 5).ok());
    EXPECT_EQ(batch, BytesOf(*Must(EncodeLogBatch(*rows, {}, schema, options))));
  }
  std::string none = "no batch";
  EXPECT_EQ(SetLogBatchWriter(&none, 77, 5).code(), ErrorCode::kCorruptMessage);
}

TEST(LogBatch, CompressedBufferCannotClaimMoreThanItCouldHold) {
  const Schema schema = MakeSchema({DataType::BigInt().NotNull()});
  LogBatchOptions options;
  options.compression = PayloadCompression::kZstd;
  std::string batch = BytesOf(*Must(EncodeLogBatch(*RandomRows(6).Batch(schema, 4), {}, schema, options)));
  const size_t body = 56 + static_cast<uint8_t>(batch[52]);
  Put(&batch, body, int64_t{1} << 40);
  EXPECT_THAT(DecodeError(Signed(batch), schema).message(), HasSubstr("claims to hold 1099511627776"));
}

}  // namespace
}  // namespace weir
