#include "sql/transaction/row_holds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace weir::sql {
namespace {

using commitlog::Item;
using commitlog::Position;

constexpr Item kRow = 17;
constexpr std::array kStrengths = {kForKeyShare, kForShare, kForNoKeyUpdate, kForUpdate};

struct Effect {
  std::vector<Item> reads;
  std::vector<Item> writes;
};

Effect EffectOfLock(LockMode mode) {
  RowHolds holds;
  holds.Hold(kRow, mode, {1, 1});
  ReadItems reads;
  Effect effect;
  holds.AddTo(&reads, &effect.writes);
  effect.reads = reads.at({1, 1});
  return effect;
}

Effect EffectOfChange(bool taken) {
  Effect effect;
  NoteChange(kRow, taken, &effect.reads, &effect.writes);
  effect.writes.push_back(kRow);  // as the row's batch does
  return effect;
}

/// Whether a transaction is refused that has begun before another was committed.
bool IsRefusedBehind(const Effect& first, const Effect& later) {
  return std::ranges::any_of(later.reads, [&](Item item) { return std::ranges::count(first.writes, item) > 0; });
}

TEST(RowHolds, RefuseWhatCouldNotHaveHeldTheRowTogether) {
  for (const LockMode first : kStrengths) {
    for (const LockMode later : kStrengths) {
      const bool conflicts = (ConflictsOf(first) & BitOf(later)) != 0;
      EXPECT_EQ(IsRefusedBehind(EffectOfLock(first), EffectOfLock(later)), conflicts)
          << LockModeName(first) << " before " << LockModeName(later);
    }
  }
}

TEST(RowHolds, ChangesAreAsTheLocksThatTheyTake) {
  for (const auto& [taken, strength] : {std::pair(false, kForNoKeyUpdate), std::pair(true, kForUpdate)}) {
    for (const LockMode other : kStrengths) {
      const bool conflicts = (ConflictsOf(strength) & BitOf(other)) != 0;
      EXPECT_EQ(IsRefusedBehind(EffectOfLock(other), EffectOfChange(taken)), conflicts);
      EXPECT_EQ(IsRefusedBehind(EffectOfChange(taken), EffectOfLock(other)), conflicts);
    }
    EXPECT_TRUE(IsRefusedBehind(EffectOfChange(taken), EffectOfChange(false)));
    EXPECT_TRUE(IsRefusedBehind(EffectOfChange(taken), EffectOfChange(true)));
  }
}

TEST(RowHolds, KeysAreReadWhereTheyWereLookedUpLast) {
  KeyLookups lookups;
  lookups.Note(std::array<int64_t, 2>{0, 1}, {1, 3});
  lookups.Note(std::array<int64_t, 2>{1, 4}, {1, 8});
  lookups.Take(std::array<int64_t, 1>{1});
  EXPECT_EQ(lookups.At(0), (Position{1, 3}));
  EXPECT_EQ(lookups.At(1), (Position{1, 8}));
  EXPECT_EQ(lookups.At(4), (Position{1, 8}));
  EXPECT_FALSE(lookups.has_taken(0));
  EXPECT_TRUE(lookups.has_taken(1));
  EXPECT_FALSE(lookups.has_taken(4));
}

}  // namespace
}  // namespace weir::sql
