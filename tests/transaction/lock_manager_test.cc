#include "sql/transaction/lock_manager.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <random>
#include <set>
#include <span>
#include <thread>

#include "tests/sql/sql_testing.h"

namespace weir::sql {
namespace {

using enum LockMode;

constexpr LockTag kTable = LockTag{.object = 1};
constexpr LockTag kOther = LockTag{.object = 2};

class LockManagerTest : public testing::Test {
 protected:
  using Waiting = std::future<Result<LockGrant>>;

  /// Asks for a lock on a thread of its own and comes back when the request stands in line.
  Waiting LockInLine(LockOwner& owner, const LockTag& tag, LockMode mode) {
    auto waiting = std::async(std::launch::async, [&owner, tag, mode] { return owner.Lock(tag, mode); });
    while (!IsInLine(owner)) std::this_thread::yield();
    return waiting;
  }
  bool IsInLine(const LockOwner& owner) const {
    return std::ranges::any_of(manager->List(),
                               [&](const auto& entry) { return !entry.granted && entry.owner == owner.number(); });
  }
  bool Takes(LockOwner& owner, const LockTag& tag, LockMode mode) {
    return Get(owner.Lock(tag, mode, LockPolicy::kNoWait)) != LockGrant::kNotAvailable;
  }

  std::shared_ptr<LockManager> manager = std::make_shared<LockManager>();
  std::shared_ptr<LockOwner> a = manager->NewOwner(1);
  std::shared_ptr<LockOwner> b = manager->NewOwner(2);
  std::shared_ptr<LockOwner> c = manager->NewOwner(3);
};

TEST_F(LockManagerTest, ModesConflictAsInPostgres) {
  // Rows: held; columns: asked for; both from ACCESS SHARE to ACCESS EXCLUSIVE.
  const std::vector<std::string> conflicts = {
      ".......X",  //
      "......XX",  //
      "....XXXX",  //
      "...XXXXX",  //
      "..XX.XXX",  //
      "..XXXXXX",  //
      ".XXXXXXX",  //
      "XXXXXXXX",
  };
  for (int held = 0; held < kLockModes; ++held) {
    for (int asked = 0; asked < kLockModes; ++asked) {
      EXPECT_TRUE(Takes(*a, kTable, static_cast<LockMode>(held)));
      EXPECT_EQ(Takes(*b, kTable, static_cast<LockMode>(asked)), conflicts[held][asked] == '.') << held << asked;
      a->EndTransaction();
      b->EndTransaction();
    }
  }
  EXPECT_THAT(manager->List(), testing::IsEmpty());
}

TEST_F(LockManagerTest, RowLocksConflictAsInPostgres) {
  const LockMode modes[] = {kForKeyShare, kForShare, kForNoKeyUpdate, kForUpdate};
  const std::vector<std::string> conflicts = {"...X", "..XX", ".XXX", "XXXX"};
  for (int held = 0; held < 4; ++held) {
    for (int asked = 0; asked < 4; ++asked) {
      EXPECT_TRUE(Takes(*a, LockTag::Row(7, 1), modes[held]));
      EXPECT_EQ(Takes(*b, LockTag::Row(7, 1), modes[asked]), conflicts[held][asked] == '.') << held << asked;
      a->EndTransaction();
      b->EndTransaction();
    }
  }
}

TEST_F(LockManagerTest, ManyLocksAreKeptApart) {
  std::mt19937 random(3);
  std::set<std::pair<uint64_t, LockOwner*>> held;
  std::map<LockOwner*, size_t> half;
  for (LockOwner* owner : {a.get(), b.get()}) {
    for (int i = 0; i < 5000; ++i) {
      if (i == 2500) half[owner] = owner->mark();
      const uint64_t row = random() % 8000;
      const bool free = !held.contains({row, owner == a.get() ? b.get() : a.get()});
      ASSERT_EQ(Takes(*owner, LockTag::Row(7, row), kForUpdate), free) << row;
      if (free) held.insert({row, owner});
    }
  }
  b->EndTransaction();
  std::erase_if(held, [&](const auto& lock) { return lock.second == b.get(); });
  for (uint64_t row = 0; row < 8000; ++row) {
    ASSERT_EQ(Takes(*c, LockTag::Row(7, row), kForUpdate), !held.contains({row, a.get()})) << row;
  }
  c->EndTransaction();
  a->ReleaseTo(half[a.get()]);
  a->EndTransaction();
  for (uint64_t row = 0; row < 8000; ++row) ASSERT_TRUE(Takes(*c, LockTag::Row(7, row), kForUpdate)) << row;
}

TEST_F(LockManagerTest, OwnLocksNeverConflict) {
  for (int mode = 0; mode < kLockModes; ++mode) EXPECT_TRUE(Takes(*a, kTable, static_cast<LockMode>(mode)));
  EXPECT_TRUE(Takes(*a, kTable, kAccessExclusive));
  EXPECT_FALSE(Takes(*b, kTable, kAccessShare));
  EXPECT_TRUE(Takes(*b, kOther, kAccessExclusive));
}

TEST_F(LockManagerTest, AWaiterGetsTheLockWhenItIsGivenBack) {
  EXPECT_EQ(Get(a->Lock(kTable, kRowExclusive)), LockGrant::kAtOnce);
  auto waiting = LockInLine(*b, kTable, kAccessExclusive);
  a->EndTransaction();
  EXPECT_EQ(Get(waiting.get()), LockGrant::kAfterWait);
  EXPECT_FALSE(Takes(*a, kTable, kAccessShare));
}

TEST_F(LockManagerTest, WhoComesLaterStandsInLine) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessShare));
  auto exclusive = LockInLine(*b, kTable, kAccessExclusive);
  // It does not conflict with what is held but with what is waited for.
  EXPECT_FALSE(Takes(*c, kTable, kAccessShare));
  // Who holds the table already does not wait for who waits for him.
  EXPECT_TRUE(Takes(*a, kTable, kRowExclusive));
  auto shared = LockInLine(*c, kTable, kAccessShare);
  a->EndTransaction();
  EXPECT_EQ(Get(exclusive.get()), LockGrant::kAfterWait);
  EXPECT_TRUE(IsInLine(*c));
  b->EndTransaction();
  EXPECT_EQ(Get(shared.get()), LockGrant::kAfterWait);
}

TEST_F(LockManagerTest, WhoIsWaitedForIsKnown) {
  EXPECT_TRUE(Takes(*a, kTable, kShare));
  EXPECT_TRUE(Takes(*b, kTable, kShare));
  EXPECT_THAT(manager->BlockersOf(3), testing::IsEmpty());
  auto waiting = LockInLine(*c, kTable, kExclusive);
  EXPECT_THAT(manager->BlockersOf(3), testing::ElementsAre(1, 2));
  EXPECT_THAT(manager->BlockersOf(1), testing::IsEmpty());
  const auto locks = manager->List();
  EXPECT_EQ(std::ranges::count_if(locks, [](const auto& lock) { return lock.waits_since.has_value(); }), 1);
  a->EndTransaction();
  EXPECT_THAT(manager->BlockersOf(3), testing::ElementsAre(2));
  b->EndTransaction();
  EXPECT_OK(waiting.get());
  EXPECT_THAT(manager->BlockersOf(3), testing::IsEmpty());
}

TEST_F(LockManagerTest, RowsAreListedWhileSomebodyWaitsForThem) {
  const LockTag row = LockTag::Row(1, 5);
  EXPECT_TRUE(Takes(*a, row, kForUpdate));
  EXPECT_TRUE(Takes(*a, LockTag::Row(1, 6), kForUpdate));
  EXPECT_THAT(manager->List(), testing::IsEmpty());
  auto waiting = LockInLine(*b, row, kForShare);
  EXPECT_EQ(manager->List().size(), 2u);
  a->EndTransaction();
  EXPECT_OK(waiting.get());
  EXPECT_THAT(manager->List(), testing::IsEmpty());
}

TEST_F(LockManagerTest, LocksSinceAMarkAreGivenBack) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessShare));
  const size_t mark = a->mark();
  EXPECT_TRUE(Takes(*a, kTable, kAccessExclusive));
  EXPECT_TRUE(Takes(*a, kOther, kAccessExclusive));
  a->ReleaseTo(mark);
  EXPECT_TRUE(Takes(*b, kTable, kRowExclusive));
  EXPECT_FALSE(Takes(*b, kTable, kAccessExclusive));
  EXPECT_TRUE(Takes(*b, kOther, kAccessExclusive));
}

TEST_F(LockManagerTest, ADeadlockEndsWhoClosesIt) {
  EXPECT_TRUE(Takes(*a, kTable, kExclusive));
  EXPECT_TRUE(Takes(*b, kOther, kExclusive));
  auto waiting = LockInLine(*a, kOther, kAccessExclusive);
  const ErrorFields error = EXPECT_SQL_ERROR(b->Lock(kTable, kRowExclusive), "40P01", "deadlock detected");
  EXPECT_EQ(error.detail,
            "Process 2 waits for RowExclusiveLock on relation 1; blocked by process 1.\n"
            "Process 1 waits for AccessExclusiveLock on relation 2; blocked by process 2.");
  b->EndTransaction();
  EXPECT_OK(waiting.get());
}

TEST_F(LockManagerTest, ADeadlockMayGoThroughManyAndThroughTheLine) {
  const LockTag row = LockTag::Row(1, 5);
  const LockTag advisory = LockTag::Advisory(3, 7, -1);
  EXPECT_TRUE(Takes(*a, row, kForUpdate));
  EXPECT_TRUE(Takes(*b, advisory, kExclusive));
  EXPECT_TRUE(Takes(*c, kTable, kShare));
  auto first = LockInLine(*b, row, kForShare);
  auto second = LockInLine(*c, advisory, kExclusive);
  const ErrorFields error = EXPECT_SQL_ERROR(a->Lock(kTable, kExclusive), "40P01", "deadlock");
  EXPECT_EQ(error.detail,
            "Process 1 waits for ExclusiveLock on relation 1; blocked by process 3.\n"
            "Process 3 waits for ExclusiveLock on advisory lock [3,7,4294967295,2]; blocked by process 2.\n"
            "Process 2 waits for ShareLock on transaction 1; blocked by process 1.");
  a->EndTransaction();
  EXPECT_OK(first.get());
  b->EndTransaction();
  EXPECT_OK(second.get());
}

TEST_F(LockManagerTest, WithoutAWaitAllBeforeAHeldOneAreTaken) {
  const std::vector<LockTag> tags = {LockTag::Row(1, 1), LockTag::Row(1, 2), LockTag::Row(1, 3)};
  EXPECT_TRUE(Takes(*b, tags[1], kForUpdate));
  std::span<const LockTag> left(tags);
  EXPECT_EQ(Get(a->LockNext(&left, kForUpdate, LockPolicy::kNoWait)), LockGrant::kNotAvailable);
  EXPECT_EQ(left.size(), 2U);
  EXPECT_FALSE(Takes(*c, tags[0], kForUpdate));
  EXPECT_TRUE(Takes(*c, tags[2], kForUpdate));
  b->EndTransaction();
  c->EndTransaction();
  EXPECT_EQ(Get(a->LockNext(&left, kForUpdate, LockPolicy::kNoWait)), LockGrant::kAtOnce);
  EXPECT_TRUE(left.empty());
}

TEST_F(LockManagerTest, SomeLocksOfAStatementAreGivenBack) {
  const std::vector<LockTag> tags = {LockTag::Row(1, 1), LockTag::Row(1, 2), LockTag::Row(1, 3)};
  EXPECT_TRUE(Takes(*a, tags[0], kForUpdate));
  const size_t mark = a->mark();
  EXPECT_TRUE(Takes(*a, tags[1], kForUpdate));
  EXPECT_TRUE(Takes(*a, tags[2], kForUpdate));
  auto waiting = LockInLine(*b, tags[1], kForUpdate);
  a->ReleaseSince(mark, std::span(tags).first(2));
  EXPECT_EQ(Get(waiting.get()), LockGrant::kAfterWait);
  EXPECT_FALSE(Takes(*c, tags[0], kForUpdate));
  EXPECT_FALSE(Takes(*c, tags[2], kForUpdate));
  a->ReleaseTo(0);
  EXPECT_TRUE(Takes(*c, tags[0], kForUpdate));
  EXPECT_TRUE(Takes(*c, tags[2], kForUpdate));
}

TEST_F(LockManagerTest, TwoWhoBothWantMoreAreADeadlock) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessShare));
  EXPECT_TRUE(Takes(*b, kTable, kAccessShare));
  auto waiting = LockInLine(*a, kTable, kAccessExclusive);
  EXPECT_SQL_ERROR(b->Lock(kTable, kAccessExclusive), "40P01", "deadlock");
  b->EndTransaction();
  EXPECT_OK(waiting.get());
}

TEST_F(LockManagerTest, AWaitEndsWithTheTimeout) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessExclusive));
  b->set_timeout(std::chrono::milliseconds(5));
  EXPECT_SQL_ERROR(b->Lock(kTable, kAccessShare), "55P03", "canceling statement due to lock timeout");
  a->EndTransaction();
  EXPECT_OK(b->Lock(kTable, kAccessShare));
}

TEST_F(LockManagerTest, AWaitEndsWhenInterrupted) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessExclusive));
  auto waiting = LockInLine(*b, kTable, kAccessShare);
  b->Interrupt();
  EXPECT_SQL_ERROR(waiting.get(), "57014", "canceling statement due to user request");
  EXPECT_SQL_ERROR(b->Lock(kTable, kAccessShare), "57014", "canceling");  // the statement has no more to wait for
  b->ClearInterrupt();
  auto again = LockInLine(*b, kTable, kAccessShare);
  a->EndTransaction();
  EXPECT_OK(again.get());
}

TEST_F(LockManagerTest, WhoGivesUpLetsOthersForward) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessShare));
  auto exclusive = LockInLine(*b, kTable, kAccessExclusive);
  auto shared = LockInLine(*c, kTable, kAccessShare);
  b->Interrupt();
  EXPECT_SQL_ERROR(exclusive.get(), "57014", "canceling");
  EXPECT_EQ(Get(shared.get()), LockGrant::kAfterWait);
}

TEST_F(LockManagerTest, SessionLocksAreCountedAndOutliveTransactions) {
  const LockTag tag = LockTag::Advisory(1, int64_t{42});
  EXPECT_OK(a->LockForSession(tag, kExclusive, LockPolicy::kWait));
  EXPECT_OK(a->LockForSession(tag, kExclusive, LockPolicy::kWait));
  EXPECT_TRUE(Takes(*a, tag, kExclusive));
  a->EndTransaction();
  EXPECT_FALSE(Takes(*b, tag, kShare));
  EXPECT_TRUE(a->UnlockForSession(tag, kExclusive));
  EXPECT_FALSE(Takes(*b, tag, kShare));
  EXPECT_FALSE(a->UnlockForSession(tag, kShare));
  EXPECT_TRUE(a->UnlockForSession(tag, kExclusive));
  EXPECT_FALSE(a->UnlockForSession(tag, kExclusive));
  EXPECT_TRUE(Takes(*b, tag, kShare));
  EXPECT_NE(LockTag::Advisory(1, int64_t{42}), LockTag::Advisory(1, 0, 42));
}

TEST_F(LockManagerTest, WhatASessionHasTakenSinceIsGivenBack) {
  const auto tag = [](int64_t key) { return LockTag::Advisory(1, key); };
  const auto lock = [&](int64_t key) { EXPECT_OK(a->LockForSession(tag(key), kExclusive, LockPolicy::kWait)); };
  lock(1);
  lock(2);
  const LockOwner::Kept before = a->kept();
  lock(1);
  lock(3);
  EXPECT_TRUE(a->UnlockForSession(tag(2), kExclusive));
  a->UnlockSince(before);
  EXPECT_FALSE(a->UnlockForSession(tag(2), kExclusive)) << "what was given back stays so";
  EXPECT_FALSE(a->UnlockForSession(tag(3), kExclusive));
  EXPECT_TRUE(Takes(*b, tag(3), kExclusive));
  EXPECT_TRUE(a->UnlockForSession(tag(1), kExclusive));
  EXPECT_FALSE(a->UnlockForSession(tag(1), kExclusive));
}

TEST_F(LockManagerTest, AnOwnerWhoGoesLeavesNothing) {
  EXPECT_TRUE(Takes(*a, kTable, kAccessExclusive));
  EXPECT_OK(a->LockForSession(LockTag::Advisory(1, int64_t{1}), kExclusive, LockPolicy::kWait));
  auto waiting = LockInLine(*b, kTable, kShare);
  a = nullptr;
  EXPECT_OK(waiting.get());
  b->EndTransaction();
  EXPECT_THAT(manager->List(), testing::IsEmpty());
}

TEST_F(LockManagerTest, ManyThreadsKeepEachOtherOut) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 300;
  std::vector<int64_t> counters(4, 0);  // each guarded by a lock
  std::atomic<int64_t> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto owner = manager->NewOwner(0);
      for (int round = 0; round < kRounds; ++round) {
        const uint64_t first = static_cast<uint64_t>(t + round) % 4;
        const uint64_t second = static_cast<uint64_t>(t * 3 + round) % 4;
        const bool both = owner->Lock(LockTag::Row(1, first), kForUpdate).ok() &&
                          owner->Lock(LockTag::Row(1, second), kForUpdate).ok();
        if (both) {
          ++counters[first];
          ++counters[second];
          done += 2;
        }
        owner->EndTransaction();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters[0] + counters[1] + counters[2] + counters[3], done);
  EXPECT_GT(done, 0);
  EXPECT_THAT(manager->List(), testing::IsEmpty());
}

}  // namespace
}  // namespace weir::sql
