#include "client/column_cache.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

std::shared_ptr<arrow::Array> CountUp(int64_t rows) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < rows; ++i) EXPECT_TRUE(builder.Append(i).ok());
  return *builder.Finish();
}

LogBatchHeader BatchAt(int64_t offset, uint32_t crc = 1) {
  LogBatchHeader header;
  header.base_offset = offset;
  header.crc = crc;
  return header;
}

std::shared_ptr<MemoryBudget> BudgetOf(int64_t bytes) {
  return std::make_shared<MemoryBudget>(MemoryLimits{.memory = bytes, .spill_directory = {}, .spill = {}});
}

TEST(ColumnCache, FindsAColumnOfTheSameBatchAlone) {
  ColumnCache cache(BudgetOf(8 << 20));
  const TableBucket bucket{7, {}, 0};
  const auto column = CountUp(100);
  cache.Add(bucket, BatchAt(0), 2, column);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0), 2), column);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0), 1), nullptr);
  EXPECT_EQ(cache.Find(bucket, BatchAt(100), 2), nullptr);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0, 2), 2), nullptr) << "another batch may have taken its offset";
  EXPECT_EQ(cache.Find({7, 1, 0}, BatchAt(0), 2), nullptr);
  EXPECT_EQ(cache.Find({8, {}, 0}, BatchAt(0), 2), nullptr);
}

TEST(ColumnCache, TakesAnEighthOfTheMemoryAndLetsGoOfWhatWasUsedLongestAgo) {
  const auto budget = BudgetOf(8 * 10'000);
  {
    ColumnCache cache(budget);
    const TableBucket bucket{7, {}, 0};
    for (int64_t i = 0; i < 3; ++i) {
      cache.Add(bucket, BatchAt(i), 0, CountUp(500));
      EXPECT_LE(budget->reserved(), 10'000);
      EXPECT_NE(cache.Find(bucket, BatchAt(0), 0), nullptr) << "used between all others";
    }
    EXPECT_NE(cache.Find(bucket, BatchAt(2), 0), nullptr);
    EXPECT_EQ(cache.Find(bucket, BatchAt(1), 0), nullptr);
    cache.Add(bucket, BatchAt(9), 0, CountUp(2000));
    EXPECT_EQ(cache.Find(bucket, BatchAt(9), 0), nullptr) << "larger than all that it may take";
  }
  EXPECT_EQ(budget->reserved(), 0);
}

TEST(ColumnCache, HasOneColumnOfAPlace) {
  const auto budget = BudgetOf(8 << 20);
  ColumnCache cache(budget);
  const TableBucket bucket{7, {}, 0};
  cache.Add(bucket, BatchAt(0, 1), 0, CountUp(100));
  const int64_t once = budget->reserved();
  const auto longer = CountUp(100);
  cache.Add(bucket, BatchAt(0, 2), 0, longer);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0, 2), 0), longer);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0, 1), 0), nullptr) << "as it was when less was written";
  EXPECT_EQ(budget->reserved(), once);
}

TEST(ColumnCache, DropsWhatNobodyReadsAgain) {
  const auto budget = BudgetOf(8 << 20);
  ColumnCache cache(budget);
  cache.Add({7, {}, 0}, BatchAt(0), 0, CountUp(100));
  const int64_t once = budget->reserved();
  for (int64_t table = 8; table < 20; ++table) cache.Add({table, {}, 0}, BatchAt(0), 0, CountUp(100));
  cache.KeepOnly([](const TableBucket& bucket) { return bucket.table_id == 7; });
  EXPECT_NE(cache.Find({7, {}, 0}, BatchAt(0), 0), nullptr);
  EXPECT_EQ(cache.Find({8, {}, 0}, BatchAt(0), 0), nullptr);
  EXPECT_EQ(budget->reserved(), once);
}

TEST(ColumnCache, MakesRoomWhereOthersNeedTheMemory) {
  const auto budget = BudgetOf(8 * 100'000);
  ColumnCache cache(budget);
  const TableBucket bucket{7, {}, 0};
  cache.Add(bucket, BatchAt(0), 0, CountUp(1000));
  MemoryReservation other(budget);
  ASSERT_TRUE(other.Resize(8 * 100'000 - budget->reserved()));
  cache.Add(bucket, BatchAt(1), 0, CountUp(1000));
  EXPECT_EQ(cache.Find(bucket, BatchAt(1), 0), nullptr);
  EXPECT_EQ(cache.Find(bucket, BatchAt(0), 0), nullptr);
}

TEST(ColumnCache, KeepsNothingWhereNobodyCountsMemory) {
  ColumnCache cache(nullptr);
  cache.Add({7, {}, 0}, BatchAt(0), 0, CountUp(10));
  EXPECT_EQ(cache.Find({7, {}, 0}, BatchAt(0), 0), nullptr);
}

}  // namespace
}  // namespace weir
