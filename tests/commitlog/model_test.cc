#include "tests/commitlog/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_set>

namespace weir::commitlog {
namespace {

struct Explored {
  size_t worlds = 0;
  size_t ends = 0;      // where nothing more can happen
  int most_made = 0;    // commits
  std::string broken;
};

/// Tries every order of steps. Worlds that are alike are gone on from once.
Explored Explore(const Limits& limits) {
  Explored explored;
  std::unordered_set<std::string> seen;
  std::deque<World> next{World::Begin(limits)};
  while (!next.empty() && explored.broken.empty()) {
    const World world = std::move(next.back());
    next.pop_back();
    if (!seen.insert(world.Text()).second) continue;
    ++explored.worlds;
    explored.broken = BrokenInvariant(world);
    if (explored.broken.empty()) explored.broken = BrokenAtTheEnd(world);
    std::vector<World> steps = StepsFrom(world);
    explored.ends += steps.empty() ? 1 : 0;
    const auto made = std::ranges::count(world.outcomes, World::Outcome::kAcknowledged);
    explored.most_made = std::max(explored.most_made, static_cast<int>(made));
    std::ranges::move(steps, std::back_inserter(next));
  }
  return explored;
}

TEST(CommitLogModel, TwoServers) {
  const Explored all = Explore({.servers = 2, .transactions = 2});
  EXPECT_EQ(all.broken, "");
  EXPECT_EQ(all.most_made, 2);
  EXPECT_GT(all.ends, 0U);
  RecordProperty("worlds", std::to_string(all.worlds));
}

TEST(CommitLogModel, AServerDiesAtEveryPoint) {
  const Explored all = Explore({.servers = 2, .transactions = 2, .crashes = 1});
  EXPECT_EQ(all.broken, "");
  EXPECT_EQ(all.most_made, 2);
  RecordProperty("worlds", std::to_string(all.worlds));
}

TEST(CommitLogModel, AnAppendIsRepeated) {
  const Explored all = Explore({.servers = 2, .transactions = 2, .repeated_appends = 1});
  EXPECT_EQ(all.broken, "");
  RecordProperty("worlds", std::to_string(all.worlds));
}

TEST(CommitLogModel, TheEpochEnds) {
  const Explored all = Explore({.servers = 2, .transactions = 2, .seals = 1});
  EXPECT_EQ(all.broken, "");
  RecordProperty("worlds", std::to_string(all.worlds));
}

// The model is worth something only if it finds what the protocol is there for.
TEST(CommitLogModel, FindsWhatSequencesPrevent) {
  const Explored all = Explore({.servers = 2, .transactions = 2, .applies_without_sequences = true});
  EXPECT_NE(all.broken, "");
}

TEST(CommitLogModel, FindsWhatPuttingBackPrevents) {
  const Explored all = Explore({.servers = 2, .transactions = 2, .reads_without_putting_back = true});
  EXPECT_EQ(all.broken, "a transaction read what was never there at once");
}

}  // namespace
}  // namespace weir::commitlog
