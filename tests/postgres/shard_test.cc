#include "postgres/shard.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::postgres {
namespace {

int32_t ShardOfInt(int64_t number, int32_t buckets) {
  return ShardOf(std::vector{DataType::BigInt()}, std::vector<KeyValue>{number}, buckets);
}

TEST(Shard, IsKwdbs) {
  EXPECT_EQ(ShardOfInt(1, 10), 6);
  std::vector<int32_t> shards;
  for (int64_t id = 0; id <= 8; ++id) shards.push_back(ShardOfInt(id, 8));
  EXPECT_EQ(shards, (std::vector<int32_t>{7, 6, 5, 4, 3, 2, 1, 0, 7}));
  EXPECT_EQ(ShardOf(std::vector{DataType::Int(), DataType::Int()}, std::vector<KeyValue>{int64_t{1}, int64_t{2}}, 8),
            3);
}

TEST(Shard, OfNullIsThatOfNoText) {
  EXPECT_EQ(ShardOf(std::vector<std::string>{""}, 8), 5);
  EXPECT_EQ(ShardOf(std::vector{DataType::Int()}, std::vector<KeyValue>{KeyValue()}, 4), 1);
}

TEST(Shard, HashesTextsAsKwdbWritesThem) {
  const auto text = [](const DataType& type, KeyValue key) {
    const TypedValue typed = ValueOfKey(type, key);
    return ShardText(typed.type, typed.value);
  };
  EXPECT_EQ(text(DataType::Boolean(), int64_t{1}), "true");
  EXPECT_EQ(text(DataType::Int(), int64_t{-7}), "-7");
  EXPECT_EQ(text(DataType::Decimal(10, 2), static_cast<__int128>(-150)), "-1.50");
  EXPECT_EQ(text(DataType::Double(), 0.5), "0.5");
  EXPECT_EQ(text(DataType::String(), std::string("a'ü")), "a'ü");
  EXPECT_EQ(text(DataType::Char(4), std::string("ab  ")), "ab");
  EXPECT_EQ(text(DataType::String(), std::string("ab  ")), "ab  ");
  EXPECT_EQ(text(DataType::Bytes(), std::string("\x01\xff", 2)), "\\x01ff");
  EXPECT_EQ(text(DataType::Date(), int64_t{1}), "1970-01-02");
  EXPECT_EQ(text(DataType::Timestamp(), int64_t{1'500'000}), "1970-01-01 00:00:01.5+00:00");
  EXPECT_EQ(text(DataType::TimestampLtz(), int64_t{0}), "1970-01-01 00:00:00+00:00");
}

}  // namespace
}  // namespace weir::postgres
