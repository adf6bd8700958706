#include "sql/transaction/commit_history.h"

#include <gtest/gtest.h>

namespace weir::sql {
namespace {

const TableBucket kChangedBucket{7, {}, 0};

/// A commit that changes the row of one key.
CommitHistory::Changes ChangeOf(std::string_view key, std::optional<std::string> before) {
  auto replaced = std::make_shared<ReplacedRows>();
  replaced->keys.Insert(key);
  replaced->values.push_back(std::move(before));
  BucketChange change;
  change.replaced = std::move(replaced);
  return {{kChangedBucket, std::move(change)}};
}

class CommitHistoryTest : public testing::Test {
 protected:
  CommitHistoryTest() {
    history_.Follow([] { return Status::OK(); });  // so that it has no table of deleted rows to look at
  }
  CommitHistory::Snapshot Open() { return history_.Open().MoveValue(); }
  /// How many commits have replaced something since.
  size_t ReplacedSince(CommitHistory::Snapshot snapshot) { return history_.Replaced(kChangedBucket, snapshot)->size(); }

  CommitHistory history_{nullptr};
};

TEST_F(CommitHistoryTest, WhatIsAnnouncedIsReadWithoutWaitingForItsEnd) {
  const auto before = Open();
  ASSERT_TRUE(history_.BeginCommit({kChangedBucket}));
  const CommitHistory::Changes changes = ChangeOf("k", "old");
  history_.Announce(changes);
  EXPECT_EQ(ReplacedSince(before), 1u);
  const auto during = Open();
  EXPECT_EQ(during, before);
  history_.Close(before);
  EXPECT_EQ(ReplacedSince(during), 1u);
  history_.Close(during);
  const auto later = Open();  // none was left meanwhile
  EXPECT_EQ(ReplacedSince(later), 1u);
  history_.EndCommit(changes);
  EXPECT_EQ(ReplacedSince(later), 1u);
  const auto after = Open();
  EXPECT_GT(after, later);
  EXPECT_EQ(ReplacedSince(after), 0u);
  EXPECT_FALSE(history_.HasChanged(kChangedBucket, after));
  EXPECT_TRUE(history_.HasChanged(kChangedBucket, later));
}

TEST_F(CommitHistoryTest, WhatWasAnnouncedAndIsNotWrittenIsForgotten) {
  const auto before = Open();
  history_.BeginCommit({kChangedBucket});
  history_.Announce(ChangeOf("k", std::nullopt));
  EXPECT_TRUE(history_.HasChanged(kChangedBucket, before));
  history_.AbortCommit(false);
  EXPECT_FALSE(history_.HasChanged(kChangedBucket, before));
  EXPECT_EQ(ReplacedSince(before), 0u);
  EXPECT_EQ(Open(), before);
}

TEST_F(CommitHistoryTest, AFewRowsAreKeptForThoseWhoCameDuringTheLastCommits) {
  EXPECT_FALSE(history_.BeginCommit({kChangedBucket}, /*few=*/true));
  history_.EndCommit({});
  const auto before = Open();
  EXPECT_TRUE(history_.BeginCommit({kChangedBucket}, /*few=*/true));
  history_.Close(Open());
  history_.EndCommit({});
  history_.Close(before);
  EXPECT_TRUE(history_.BeginCommit({kChangedBucket}, /*few=*/true));
  history_.EndCommit({});
  EXPECT_FALSE(history_.BeginCommit({kChangedBucket}, /*few=*/false));
  history_.EndCommit({});
  int kept = 0;
  for (; history_.BeginCommit({kChangedBucket}, /*few=*/true) && kept < 1000; ++kept) history_.EndCommit({});
  EXPECT_LT(kept, 1000) << "nobody came";
}

}  // namespace
}  // namespace weir::sql
