#include "format/kv_batch.h"

#include <gtest/gtest.h>

#include <random>

#include "format/crc32c.h"
#include "tests/format/row_testing.h"

namespace weir {
namespace {

constexpr std::string_view kFirst =
    "36000000 00 2720eb75 0100 00 0000000000000000 00000000 02000000 "
    "08000000 01 01 00 01 02 416c 64  0e000000 01 02 02 02 ffffffffffffffffff01";
constexpr std::string_view kSecond =
    "2a000000 00 bc72e2b6 0100 00 0000000000000000 01000000 02000000 | 08000000 01 01 00 01 02 426f 07 | 02000000 01 "
    "02";

std::string Key(int id) { return std::string(1, static_cast<char>(id)); }

// Puts a matching CRC into a batch that was tampered with.
std::string Seal(std::string batch) {
  const uint32_t crc = Crc32c(std::string_view(batch).substr(9));
  batch.replace(5, 4, reinterpret_cast<const char*>(&crc), 4);
  return batch;
}

TEST(KvBatch, WritesTheVectors) {
  KvBatchBuilder builder;
  builder.Upsert(Key(1), FromHex("00 01 02 416c 64"));
  builder.Upsert(Key(2), FromHex("02 02 ffffffffffffffffff01"));
  EXPECT_EQ(builder.num_records(), 2);
  EXPECT_EQ(builder.bytes(), 58u);
  EXPECT_EQ(ToHex(builder.Finish(1, 0, 0)), Hex(kFirst));
  EXPECT_EQ(builder.num_records(), 0);
  builder.Upsert(Key(1), FromHex("00 01 02 426f 07"));
  builder.Delete(Key(2));
  EXPECT_EQ(ToHex(builder.Finish(1, 0, 1)), Hex(kSecond));
}

TEST(KvBatch, GetsItsWriterLater) {
  KvBatchBuilder builder;
  builder.Upsert(Key(1), FromHex("00 01 02 426f 07"));
  builder.Delete(Key(2));
  std::string batch = builder.Finish(1, -1, -1);
  ASSERT_TRUE(SetKvBatchWriter(&batch, 0, 1).ok());
  EXPECT_EQ(ToHex(batch), Hex(kSecond));
  batch.pop_back();
  EXPECT_EQ(SetKvBatchWriter(&batch, 0, 1).code(), ErrorCode::kCorruptMessage);
}

TEST(KvBatch, PartialUpdateRecord) {
  KvBatchBuilder builder;
  builder.Upsert(Key(1), FromHex("02 01 09"));
  EXPECT_EQ(ToHex(builder.Finish(1, -1, -1).substr(28)), Hex("05000000 01 01 02 01 09"));
}

TEST(KvBatch, ReadsTheVectors) {
  const std::string bytes = FromHex(kSecond);
  const auto batch = ParseKvBatch(bytes);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->schema_id, 1);
  EXPECT_EQ(batch->writer_id, 0);
  EXPECT_EQ(batch->sequence, 1);
  ASSERT_EQ(batch->records.size(), 2u);
  EXPECT_EQ(batch->records[0].key, Key(1));
  ASSERT_TRUE(batch->records[0].row.has_value());
  EXPECT_EQ(ToHex(*batch->records[0].row), Hex("00 01 02 426f 07"));
  EXPECT_EQ(batch->records[1].key, Key(2));
  EXPECT_FALSE(batch->records[1].row.has_value());
}

TEST(KvBatch, LongKeysTakeLongerLengths) {
  const std::string key(300, 'k');
  KvBatchBuilder builder;
  builder.Upsert(key, "row");
  const std::string bytes = builder.Finish(7, 42, 3);
  const auto batch = ParseKvBatch(bytes);
  ASSERT_TRUE(batch.ok());
  EXPECT_EQ(batch->schema_id, 7);
  EXPECT_EQ(batch->writer_id, 42);
  EXPECT_EQ(batch->records[0].key, key);
  EXPECT_EQ(batch->records[0].row, "row");
}

TEST(KvBatch, EveryTruncationIsCorrupt) {
  const std::string bytes = FromHex(kFirst);
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::string cut = bytes.substr(0, length);
    EXPECT_EQ(ParseKvBatch(cut).status().code(), ErrorCode::kCorruptMessage) << length;
    if (length < 28) continue;
    const auto rest = static_cast<int32_t>(length - 4);
    cut.replace(0, 4, reinterpret_cast<const char*>(&rest), 4);
    EXPECT_EQ(ParseKvBatch(Seal(cut)).status().code(), ErrorCode::kCorruptRecord) << length;
  }
  EXPECT_EQ(ParseKvBatch(bytes + "x").status().code(), ErrorCode::kCorruptMessage);
}

TEST(KvBatch, EveryFlippedBitBehindTheHeaderIsSeen) {
  for (size_t bit = 0; bit < FromHex(kFirst).size() * 8; ++bit) {
    std::string bytes = FromHex(kFirst);
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_EQ(ParseKvBatch(bytes).status().code(), ErrorCode::kCorruptMessage) << bit;
  }
}

TEST(KvBatch, HostileCountsAndLengths) {
  std::string huge = FromHex(kFirst);
  huge.replace(24, 4, FromHex("ffffff7f"));
  EXPECT_EQ(ParseKvBatch(Seal(huge)).status().code(), ErrorCode::kCorruptRecord);
  huge.replace(24, 4, FromHex("ffffffff"));
  EXPECT_EQ(ParseKvBatch(Seal(huge)).status().code(), ErrorCode::kCorruptRecord);
  std::string fewer = FromHex(kFirst);
  fewer.replace(24, 4, FromHex("01000000"));
  EXPECT_EQ(ParseKvBatch(Seal(fewer)).status().code(), ErrorCode::kCorruptRecord);
  std::string negative = FromHex(kFirst);
  negative.replace(28, 4, FromHex("ffffffff"));
  EXPECT_EQ(ParseKvBatch(Seal(negative)).status().code(), ErrorCode::kCorruptRecord);
  std::string key_too_long = FromHex(kFirst);
  key_too_long[32] = 9;
  EXPECT_EQ(ParseKvBatch(Seal(key_too_long)).status().code(), ErrorCode::kCorruptRecord);
  std::string empty_key = FromHex(kFirst);
  empty_key[32] = 0;
  EXPECT_EQ(ParseKvBatch(Seal(empty_key)).status().code(), ErrorCode::kCorruptRecord);
}

TEST(KvBatch, DamageBehindAMatchingCrcIsReadWithinBounds) {
  std::mt19937 random(7);
  size_t accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = FromHex(kFirst);
    for (int flip = 0; flip < 3; ++flip) bytes[24 + random() % (bytes.size() - 24)] = static_cast<char>(random());
    const std::string sealed = Seal(bytes);
    const auto batch = ParseKvBatch(sealed);
    if (!batch.ok()) {
      EXPECT_EQ(batch.status().code(), ErrorCode::kCorruptRecord);
      continue;
    }
    ++accepted;
    for (const KvRecordView& record : batch->records) {
      EXPECT_GE(record.key.data(), sealed.data());
      EXPECT_LE(record.key.data() + record.key.size(), sealed.data() + sealed.size());
    }
  }
  EXPECT_GT(accepted, 0u);
}

TEST(ValueBatch, Vector) {
  ValueBatchBuilder builder;
  builder.Add(FromHex("0100 00 01 02 426f 09"));
  EXPECT_EQ(builder.num_records(), 1);
  const std::string bytes = builder.Finish();
  EXPECT_EQ(ToHex(bytes), Hex("11000000 00 01000000 | 08000000 0100 00 01 02 426f 09"));
  const auto values = ParseValueBatch(bytes);
  ASSERT_TRUE(values.ok());
  ASSERT_EQ(values->size(), 1u);
  EXPECT_EQ(ToHex((*values)[0]), Hex("0100 00 01 02 426f 09"));
  EXPECT_EQ(ToHex(builder.Finish()), Hex("05000000 00 00000000"));
}

TEST(ValueBatch, DamageIsAnError) {
  const std::string bytes = FromHex("11000000 00 01000000 | 08000000 0100 00 01 02 426f 09");
  for (size_t length = 0; length < bytes.size(); ++length) {
    std::string cut = bytes.substr(0, length);
    EXPECT_EQ(ParseValueBatch(cut).status().code(), ErrorCode::kCorruptMessage) << length;
    if (length < 9) continue;
    cut[0] = static_cast<char>(length - 4);
    EXPECT_EQ(ParseValueBatch(cut).status().code(), ErrorCode::kCorruptRecord) << length;
  }
  std::string huge = bytes;
  huge.replace(5, 4, FromHex("ffffff7f"));
  EXPECT_EQ(ParseValueBatch(huge).status().code(), ErrorCode::kCorruptRecord);
}

}  // namespace
}  // namespace weir
