#include "gateway/memory_budget.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

/// A pool that has other users.
class TakenPool final : public MemoryPool {
 public:
  explicit TakenPool(int64_t free) : free_(free) {}
  bool Take(int64_t bytes) override {
    if (bytes > free_) return false;
    free_ -= bytes;
    return true;
  }
  void Give(int64_t bytes) override { free_ += bytes; }
  int64_t free() const { return free_; }

 private:
  int64_t free_;
};

std::shared_ptr<MemoryBudget> BudgetOf(int64_t bytes) {
  return std::make_shared<MemoryBudget>(MemoryLimits{.memory = bytes, .spill_directory = {}, .spill = {}});
}

TEST(MemoryBudget, IsWhatTheMachineHasWhereNothingIsSaid) {
  const MemoryBudget budget{MemoryLimits()};
  EXPECT_GT(budget.limits().memory, 0);
}

TEST(MemoryBudget, IsSharedUpToItsLimit) {
  const auto budget = BudgetOf(100);
  MemoryReservation first(budget);
  EXPECT_TRUE(first.Resize(60));
  {
    MemoryReservation second(budget);
    EXPECT_FALSE(second.Resize(41));
    EXPECT_EQ(second.bytes(), 0);
    EXPECT_TRUE(second.Resize(40));
    EXPECT_EQ(budget->reserved(), 100);
    EXPECT_FALSE(first.Grow(1));
    EXPECT_EQ(first.bytes(), 60);
  }
  EXPECT_EQ(budget->reserved(), 60);
  EXPECT_TRUE(first.Grow(40));
  EXPECT_TRUE(first.Grow(-70));
  EXPECT_EQ(budget->reserved(), 30);
}

TEST(MemoryBudget, AReservationMovesWithWhatItHolds) {
  const auto budget = BudgetOf(100);
  MemoryReservation from(budget);
  ASSERT_TRUE(from.Resize(50));
  MemoryReservation to(std::move(from));
  EXPECT_EQ(to.bytes(), 50);
  to = MemoryReservation(budget);
  EXPECT_EQ(budget->reserved(), 0);
}

TEST(MemoryBudget, TakesFromAPoolThatOthersUseToo) {
  const auto budget = BudgetOf(100);
  MemoryReservation reservation(budget);
  ASSERT_TRUE(reservation.Resize(10));
  const auto pool = std::make_shared<TakenPool>(30);
  budget->TakeFrom(pool);
  EXPECT_EQ(pool->free(), 20);
  EXPECT_FALSE(reservation.Resize(31));
  EXPECT_EQ(budget->reserved(), 10);
  EXPECT_TRUE(reservation.Resize(30));
  EXPECT_EQ(pool->free(), 0);
  EXPECT_TRUE(reservation.Resize(0));
  EXPECT_EQ(pool->free(), 30);
}

TEST(MemoryBudget, WhereThereIsNoneNothingIsCounted) {
  MemoryReservation reservation(nullptr);
  EXPECT_TRUE(reservation.Resize(int64_t{1} << 50));
}

}  // namespace
}  // namespace weir
