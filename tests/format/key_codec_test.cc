#include "format/key_codec.h"

#include <gtest/gtest.h>

#include <numeric>

#include "format/hudi_key.h"
#include "tests/format/row_testing.h"

namespace weir {
namespace {

using Types = std::vector<DataType>;
using Row = std::vector<Datum>;

struct KeyVector {
  Types types;
  Row row;
  std::string compacted;
  int fluss_of_3, fluss_of_16;
  std::string paimon;
  int paimon_of_3, paimon_of_16;
  std::string iceberg;  // empty: no form
  int iceberg_of_3, iceberg_of_16;
};

std::vector<KeyVector> KeyVectors() {
  return {
      {{DataType::Int()}, {Datum::Int(0)},
       "00", 2, 8,
       "00000000000000000000000000000000", 0, 11,
       "0000000000000000", 1, 12},
      {{DataType::Int()}, {Datum::Int(1)},
       "01", 0, 12,
       "00000000000000000100000000000000", 1, 14,
       "0100000000000000", 2, 4},
      {{DataType::Int()}, {Datum::Int(-1)},
       "ffffffff0f", 0, 10,
       "0000000000000000ffffffff00000000", 2, 3,
       "ffffffffffffffff", 1, 8},
      {{DataType::Int()}, {Datum::Int(127)},
       "7f", 1, 10,
       "00000000000000007f00000000000000", 2, 7,
       "7f00000000000000", 2, 5},
      {{DataType::Int()}, {Datum::Int(128)},
       "8001", 1, 2,
       "00000000000000008000000000000000", 2, 14,
       "8000000000000000", 0, 2},
      {{DataType::Int()}, {Datum::Int(300)},
       "ac02", 1, 5,
       "00000000000000002c01000000000000", 0, 3,
       "2c01000000000000", 1, 6},
      {{DataType::Int()}, {Datum::Int(2147483647)},
       "ffffffff07", 0, 14,
       "0000000000000000ffffff7f00000000", 0, 9,
       "ffffff7f00000000", 1, 14},
      {{DataType::Int()}, {Datum::Int(-2147483648LL)},
       "8080808008", 1, 4,
       "00000000000000000000008000000000", 1, 3,
       "00000080ffffffff", 1, 8},
      {{DataType::BigInt()}, {Datum::Int(0)},
       "00", 2, 8,
       "00000000000000000000000000000000", 0, 11,
       "0000000000000000", 1, 12},
      {{DataType::BigInt()}, {Datum::Int(1)},
       "01", 0, 12,
       "00000000000000000100000000000000", 1, 14,
       "0100000000000000", 2, 4},
      {{DataType::BigInt()}, {Datum::Int(-1)},
       "ffffffffffffffffff01", 2, 7,
       "0000000000000000ffffffffffffffff", 1, 0,
       "ffffffffffffffff", 1, 8},
      {{DataType::BigInt()}, {Datum::Int(1234567890123)},
       "cb89ec8ff723", 0, 0,
       "0000000000000000cb04fb711f010000", 0, 12,
       "cb04fb711f010000", 2, 14},
      {{DataType::String()}, {Datum::Bytes("a")},
       "0161", 1, 11,
       "00000000000000006100000000000081", 0, 14,
       "61", 2, 2},
      {{DataType::String()}, {Datum::Bytes("hello")},
       "0568656c6c6f", 2, 15,
       "000000000000000068656c6c6f000085", 2, 2,
       "68656c6c6f", 1, 7},
      {{DataType::String()}, {Datum::Bytes("fluss-key-0001")},
       "0e666c7573732d6b65792d30303031", 1, 13,
       "00000000000000000e00000010000000666c7573732d6b65792d303030310000", 0, 4,
       "666c7573732d6b65792d30303031", 0, 9},
      {{DataType::String()}, {Datum::Bytes("日本")},
       "06e697a5e69cac", 1, 7,
       "0000000000000000e697a5e69cac0086", 2, 7,
       "e697a5e69cac", 0, 2},
      {{DataType::SmallInt()}, {Datum::Int(258)},
       "0201", 0, 12,
       "00000000000000000201000000000000", 0, 11,
       "", -1, -1},
      {{DataType::TinyInt()}, {Datum::Int(-2)},
       "fe", 1, 10,
       "0000000000000000fe00000000000000", 2, 15,
       "", -1, -1},
      {{DataType::Boolean()}, {Datum::Bool(true)},
       "01", 0, 12,
       "00000000000000000100000000000000", 1, 14,
       "", -1, -1},
      {{DataType::Double()}, {Datum::Double(1.5)},
       "000000000000f83f", 2, 2,
       "0000000000000000000000000000f83f", 0, 1,
       "000000000000f83f", 2, 11},
      {{DataType::Float()}, {Datum::Double(1.5)},
       "0000c03f", 1, 14,
       "00000000000000000000c03f00000000", 0, 11,
       "0000c03f", 2, 6},
      {{DataType::Date()}, {Datum::Int(19723)},
       "8b9a01", 0, 12,
       "00000000000000000b4d000000000000", 1, 5,
       "0b4d000000000000", 2, 11},
      {{DataType::Decimal(10, 2)}, {Datum::Decimal(1234)},
       "d209", 2, 6,
       "0000000000000000d204000000000000", 0, 5,
       "04d2", 2, 8},
      {{DataType::Decimal(20, 2)}, {Datum::Decimal(1234)},
       "0204d2", 2, 15,
       "0000000000000000020000001000000004d20000000000000000000000000000", 0, 9,
       "04d2", 2, 8},
      {{DataType::Timestamp(3)}, {Datum::Timestamp(1704067200123, 0)},
       "fbe8c792cc31", 1, 12,
       "00000000000000007bf451c28c010000", 0, 0,
       "78002310d70d0600", 2, 11},
      {{DataType::Timestamp(6)}, {Datum::Timestamp(1704067200123, 456000)},
       "fbe8c792cc31c0ea1b", 2, 13,
       "000000000000000040f50600100000007bf451c28c010000", 0, 13,
       "40022310d70d0600", 1, 6},
      {{DataType::Bytes()}, {Datum::Bytes("\xde\xad\xbe\xef")},
       "04deadbeef", 1, 2,
       "0000000000000000deadbeef00000084", 0, 12,
       "deadbeef", 2, 10},
      {{DataType::Int(), DataType::String(), DataType::BigInt()}, {Datum::Int(7), Datum::Bytes("ab"), Datum::Int(300)},
       "07026162ac02", 2, 4,
       "0000000000000000070000000000000061620000000000822c01000000000000", 2, 15,
       "", -1, -1},
      {{DataType::Int(), DataType::String()}, {Datum::Int(7), Datum::Bytes("ab")},
       "07026162", 0, 14,
       "000000000000000007000000000000006162000000000082", 2, 8,
       "", -1, -1},
  };
}

std::vector<int> AllColumns(const Types& types) {
  std::vector<int> columns(types.size());
  std::iota(columns.begin(), columns.end(), 0);
  return columns;
}

std::string Encode(KeyEncoding encoding, const Types& types, const Row& row) {
  std::string key;
  const Status status = EncodeKey(encoding, types, AllColumns(types), row, &key);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return key;
}

Status EncodeError(KeyEncoding encoding, const Types& types, const Row& row) {
  std::string key = "before";
  Status status = EncodeKey(encoding, types, AllColumns(types), row, &key);
  EXPECT_EQ(key, "before");
  return status;
}

int Bucket(BucketHash hash, std::string_view key, int num_buckets) {
  const auto bucket = BucketOf(hash, key, num_buckets);
  EXPECT_TRUE(bucket.ok()) << bucket.status().ToString();
  return bucket.ok() ? *bucket : -1;
}

TEST(EncodeKey, Vectors) {
  for (const KeyVector& v : KeyVectors()) {
    SCOPED_TRACE(v.compacted + " " + v.types[0].ToString());
    const std::string compacted = Encode(KeyEncoding::kCompacted, v.types, v.row);
    EXPECT_EQ(ToHex(compacted), v.compacted);
    EXPECT_EQ(Bucket(BucketHash::kFluss, compacted, 3), v.fluss_of_3);
    EXPECT_EQ(Bucket(BucketHash::kFluss, compacted, 16), v.fluss_of_16);
    const std::string paimon = Encode(KeyEncoding::kPaimon, v.types, v.row);
    EXPECT_EQ(ToHex(paimon), v.paimon);
    EXPECT_EQ(Bucket(BucketHash::kPaimon, paimon, 3), v.paimon_of_3);
    EXPECT_EQ(Bucket(BucketHash::kPaimon, paimon, 16), v.paimon_of_16);
    if (v.iceberg.empty()) {
      EXPECT_EQ(EncodeError(KeyEncoding::kIceberg, v.types, v.row).code(), ErrorCode::kInvalidTable);
      EXPECT_EQ(CheckKeyTypes(KeyEncoding::kIceberg, v.types).code(), ErrorCode::kInvalidTable);
      continue;
    }
    const std::string iceberg = Encode(KeyEncoding::kIceberg, v.types, v.row);
    EXPECT_EQ(ToHex(iceberg), v.iceberg);
    EXPECT_EQ(Bucket(BucketHash::kIceberg, iceberg, 3), v.iceberg_of_3);
    EXPECT_EQ(Bucket(BucketHash::kIceberg, iceberg, 16), v.iceberg_of_16);
  }
}

TEST(EncodeKey, TakesTheColumnsInTheOrderGiven) {
  const Types types = {DataType::BigInt(), DataType::Double(), DataType::Int()};
  const Row row = {Datum::Int(300), Datum::Double(0), Datum::Int(7)};
  std::string key = "prefix";
  ASSERT_TRUE(EncodeKey(KeyEncoding::kCompacted, types, {2, 0}, row, &key).ok());
  EXPECT_EQ(key, "prefix" + FromHex("07 ac02"));
}

TEST(EncodeKey, IcebergTimeIsMicroseconds) {
  EXPECT_EQ(ToHex(Encode(KeyEncoding::kIceberg, {DataType::Time()}, {Datum::Int(1)})), "e803000000000000");
}

TEST(EncodeKey, Errors) {
  const Types types = {DataType::Int(), DataType::String()};
  const Status null = EncodeError(KeyEncoding::kCompacted, types, {Datum::Int(1), Datum::Null()});
  EXPECT_EQ(null.code(), ErrorCode::kClientError);
  EXPECT_NE(null.message().find("column 1"), std::string::npos);
  EXPECT_FALSE(EncodeError(KeyEncoding::kCompacted, types, {Datum::Bytes("x"), Datum::Bytes("x")}).ok());
  EXPECT_EQ(EncodeError(KeyEncoding::kIceberg, types, {Datum::Int(1), Datum::Bytes("x")}).code(),
            ErrorCode::kInvalidTable);
  EXPECT_EQ(EncodeError(KeyEncoding::kPaimon, {DataType::Array(DataType::Int())}, {Datum::List({})}).code(),
            ErrorCode::kInvalidTable);
  std::string key;
  EXPECT_FALSE(EncodeKey(KeyEncoding::kCompacted, types, {2}, Row(2), &key).ok());
  EXPECT_TRUE(CheckKeyTypes(KeyEncoding::kCompacted, types).ok());
  EXPECT_EQ(CheckKeyTypes(KeyEncoding::kIceberg, {DataType::TimestampLtz()}).code(), ErrorCode::kInvalidTable);
}

TEST(HudiKey, HashesTheTextsLikeAJavaList) {
  // "a".hashCode() is 97, "ab".hashCode() 3105; a list starts at 1.
  EXPECT_EQ(ToHex(Encode(KeyEncoding::kHudi, {DataType::String()}, {Datum::Bytes("a")})), "00000080");
  EXPECT_EQ(ToHex(Encode(KeyEncoding::kHudi, {DataType::String(), DataType::String()},
                         {Datum::Bytes("a"), Datum::Bytes("ab")})),
            "00001ba1");
  EXPECT_EQ(Bucket(BucketHash::kHudi, FromHex("80000005"), 3), 2);
  // U+1F600 is the code units d83d and de00.
  EXPECT_EQ(ToHex(Encode(KeyEncoding::kHudi, {DataType::String()}, {Datum::Bytes("\xf0\x9f\x98\x80")})),
            "001b0d82");
}

TEST(HudiKey, NullAndMarkers) {
  EXPECT_EQ(Encode(KeyEncoding::kHudi, {DataType::Int()}, {Datum::Null()}),
            Encode(KeyEncoding::kHudi, {DataType::String()}, {Datum::Bytes("__null__")}));
  const Types two = {DataType::Int(), DataType::String()};
  EXPECT_EQ(ToHex(Encode(KeyEncoding::kHudi, two, {Datum::Null(), Datum::Null()})), "000003c1");
  EXPECT_FALSE(EncodeError(KeyEncoding::kHudi, two, {Datum::Int(1), Datum::Bytes("a,b")}).ok());
  EXPECT_FALSE(EncodeError(KeyEncoding::kHudi, two, {Datum::Int(1), Datum::Bytes("__null__")}).ok());
  EXPECT_EQ(EncodeError(KeyEncoding::kHudi, {DataType::Bytes()}, {Datum::Bytes("a")}).code(),
            ErrorCode::kInvalidTable);
}

TEST(HudiKey, Texts) {
  const auto text = [](const DataType& type, const Datum& value) { return HudiKeyText(type, value); };
  EXPECT_EQ(text(DataType::Boolean(), Datum::Bool(true)), "true");
  EXPECT_EQ(text(DataType::Int(), Datum::Int(-7)), "-7");
  EXPECT_EQ(text(DataType::Date(), Datum::Int(19655)), "19655");
  EXPECT_EQ(text(DataType::Decimal(10, 2), Datum::Decimal(12345)), "123.45");
  EXPECT_EQ(text(DataType::Decimal(10, 2), Datum::Decimal(-5)), "-0.05");
  EXPECT_EQ(text(DataType::Decimal(10, 0), Datum::Decimal(0)), "0");
  EXPECT_EQ(text(DataType::Double(), Datum::Double(1)), "1.0");
  EXPECT_EQ(text(DataType::Double(), Datum::Double(0.001)), "0.001");
  EXPECT_EQ(text(DataType::Double(), Datum::Double(1e7)), "1.0E7");
  EXPECT_EQ(text(DataType::Double(), Datum::Double(-1.25e-5)), "-1.25E-5");
  EXPECT_EQ(text(DataType::Float(), Datum::Double(0.1f)), "0.1");
  EXPECT_EQ(text(DataType::Timestamp(6), Datum::Timestamp(1698235273182, 123456)), "2023-10-25T12:01:13.182123456");
  EXPECT_EQ(text(DataType::Timestamp(6), Datum::Timestamp(0, 0)), "1970-01-01T00:00");
  EXPECT_EQ(text(DataType::TimestampLtz(6), Datum::Timestamp(0, 0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(DataType::TimestampLtz(6), Datum::Timestamp(-1, 0)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(text(DataType::Timestamp(6), Datum::Timestamp(951782400000, 0)), "2000-02-29T00:00");
}

TEST(Hash, CheckValues) {
  EXPECT_EQ(Murmur42("\x01"), -386724586);
  EXPECT_EQ(Murmur42("hello"), -1008564952);
  EXPECT_EQ(Murmur42("\xff\xff"), 1841382532);
  EXPECT_EQ(MixHash(1), 68075478);
  EXPECT_EQ(MixHash(-5), 1637461840);
}

/// What pyfluss 1.0.0 was seen to do with BIGINT keys and 8 buckets: ids up to 127 are where Java has them.
TEST(BucketOf, PyflussExtendsTheLastBytesWithoutSign) {
  const auto differing = [](int64_t first) {
    int count = 0;
    for (int64_t id = first; id < first + 100; ++id) {
      std::string key;
      const Datum value = Datum::Int(id);
      EXPECT_TRUE(EncodeKey(KeyEncoding::kCompacted, {DataType::BigInt()}, {0}, {&value, 1}, &key).ok());
      count += *BucketOf(BucketHash::kFluss, key, 8) != *BucketOf(BucketHash::kPyfluss, key, 8);
    }
    return count;
  };
  EXPECT_EQ(differing(0), 0);
  EXPECT_EQ(differing(128), 89);
  EXPECT_EQ(differing(20000), 89);
  EXPECT_EQ(differing(3000000), 0);
  EXPECT_EQ(differing(-100), 88);
}

TEST(BucketOf, Errors) {
  EXPECT_EQ(BucketOf(BucketHash::kFluss, "", 3).status().code(), ErrorCode::kClientError);
  EXPECT_EQ(BucketOf(BucketHash::kFluss, "a", 0).status().code(), ErrorCode::kClientError);
  EXPECT_EQ(BucketOf(BucketHash::kHudi, "abc", 3).status().code(), ErrorCode::kClientError);
}

}  // namespace
}  // namespace weir
