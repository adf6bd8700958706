#include "sql/transaction/commit_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace weir::sql {
namespace {

struct Item {
  int thread = 0;
  int number = 0;
  bool committed = false;
};

TEST(CommitQueue, EachIsCommittedOnceInTheOrderOfItsThread) {
  constexpr int kThreads = 8, kItems = 500;
  CommitQueue<Item> queue;
  std::vector<int> last(kThreads, -1);
  std::atomic<int> running{0};
  int committed = 0;
  // Takes three at most, and each third time the first alone.
  const auto commit = [&](const std::vector<Item*>& waiting) {
    EXPECT_EQ(running.fetch_add(1), 0);
    const size_t most = committed % 3 == 0 ? 1 : 3;
    const size_t size = std::min(most, waiting.size());
    for (size_t i = 0; i < size; ++i) {
      EXPECT_FALSE(waiting[i]->committed);
      EXPECT_EQ(waiting[i]->number, last[static_cast<size_t>(waiting[i]->thread)] + 1);
      last[static_cast<size_t>(waiting[i]->thread)] = waiting[i]->number;
      waiting[i]->committed = true;
      ++committed;
    }
    running.fetch_sub(1);
    return size;
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int number = 0; number < kItems; ++number) {
        Item item{thread, number};
        queue.Run(&item, commit);
        EXPECT_TRUE(item.committed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(committed, kThreads * kItems);
}

}  // namespace
}  // namespace weir::sql
