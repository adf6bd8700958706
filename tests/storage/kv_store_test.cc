#include "storage/kv_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "tests/storage/kill_child.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Optional;

const TableBucket kPlain{1, std::nullopt, 0};
const TableBucket kPartitionZero{1, 0, 0};

class KvStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-kv-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    Open({});
  }
  void TearDown() override {
    kv_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Open(const KvStore::Options& options) {
    kv_.reset();
    auto kv = KvStore::Open(directory_, options);
    ASSERT_TRUE(kv.ok()) << kv.status().ToString();
    kv_ = kv.MoveValue();
  }
  std::string Get(const TableBucket& bucket, std::string_view key) {
    const auto value = kv_->Get(bucket, key);
    EXPECT_TRUE(value.ok());
    return value->value_or("none");
  }
  std::vector<std::string> Keys(const TableBucket& bucket, std::string_view prefix) {
    std::vector<std::string> keys;
    const auto it = kv_->Scan(bucket, prefix);
    for (; it->Valid(); it->Next()) keys.emplace_back(it->key());
    EXPECT_TRUE(it->status().ok());
    return keys;
  }

  std::filesystem::path directory_;
  std::unique_ptr<KvStore> kv_;
};

TEST_F(KvStoreTest, KeepsBucketsApart) {
  ASSERT_TRUE(kv_->Apply(kPlain, {{"k", "plain"}}, 1).ok());
  ASSERT_TRUE(kv_->Apply(kPartitionZero, {{"k", "partition 0"}}, 2).ok());
  ASSERT_TRUE(kv_->Apply({1, std::nullopt, 1}, {{"k", "bucket 1"}}, 3).ok());
  EXPECT_EQ(Get(kPlain, "k"), "plain");
  EXPECT_EQ(Get(kPartitionZero, "k"), "partition 0");
  EXPECT_EQ(Get({1, std::nullopt, 1}, "k"), "bucket 1");
  EXPECT_EQ(*kv_->AppliedOffset(kPartitionZero), 2);
  EXPECT_EQ(*kv_->AppliedOffset({9, std::nullopt, 0}), 0);
}

TEST_F(KvStoreTest, ScansAPrefixInKeyOrderFromAConsistentView) {
  ASSERT_TRUE(kv_->Apply(kPlain, {{"ab", "1"}, {"a", "2"}, {"a\xFF", "3"}, {"b", "4"}}, 4).ok());
  EXPECT_THAT(Keys(kPlain, "a"), ElementsAre("a", "ab", "a\xFF"));
  EXPECT_THAT(Keys(kPlain, ""), ElementsAre("a", "ab", "a\xFF", "b"));
  const auto it = kv_->Scan(kPlain, "b");
  ASSERT_TRUE(kv_->Apply(kPlain, {{"b", std::nullopt}}, 5).ok());
  ASSERT_TRUE(it->Valid());
  EXPECT_EQ(it->value(), "4");
}

TEST_F(KvStoreTest, ReadsManyKeysInTheirOrder) {
  std::vector<KvStore::Change> changes;
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) {
    keys.push_back(std::to_string(i * 7 % 200));
    if (i % 2 == 0) changes.push_back({keys.back(), "v" + keys.back()});
  }
  ASSERT_TRUE(kv_->Apply(kPlain, changes, 1).ok());
  const auto values = kv_->MultiGet(kPlain, keys);
  ASSERT_TRUE(values.ok());
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ((*values)[i], i % 2 == 0 ? std::optional("v" + keys[i]) : std::nullopt) << i;
  }
}

/// Many keys are met by a walk where they lie close together, and looked up one by one where they do not.
TEST_F(KvStoreTest, ReadsManyKeysWhereverTheyLie) {
  const auto key = [](int i) { return fmt::format("{:06}", i); };
  std::set<int> stored;
  std::vector<KvStore::Change> changes;
  const auto put = [&](int i) {
    changes.push_back({key(i), "v" + key(i)});
    stored.insert(i);
  };
  for (int i = 0; i < 3000; ++i) put(i);                   // close together
  for (int i = 10'000; i < 60'000; i += 17) put(i);        // others between them
  ASSERT_TRUE(kv_->Apply(kPlain, changes, 1).ok());
  ASSERT_TRUE(kv_->Apply({1, std::nullopt, 1}, {{key(5), "another bucket's"}, {key(70'000), "too"}}, 1).ok());
  ASSERT_TRUE(kv_->Flush().ok());
  changes.clear();
  for (int i = 500; i < 2500; ++i) {  // more of them in a row than a walk goes past
    changes.push_back({key(i), std::nullopt});
    stored.erase(i);
  }
  put(2600);
  ASSERT_TRUE(kv_->Apply(kPlain, changes, 2).ok());
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_TRUE(kv_->Flush().ok());
    }
    for (const int step : {1, 7, 170, 999}) {
      std::vector<std::string> keys;
      for (int i = 80'000; i >= 0; i -= step) keys.push_back(key(i));
      const auto values = kv_->MultiGet(kPlain, keys);
      ASSERT_TRUE(values.ok());
      for (size_t i = 0; i < keys.size(); ++i) {
        const bool there = stored.contains(std::stoi(keys[i]));
        ASSERT_EQ((*values)[i], there ? std::optional("v" + keys[i]) : std::nullopt) << keys[i];
      }
      const auto none = kv_->MultiGet({1, std::nullopt, 2}, keys);
      ASSERT_TRUE(none.ok());
      ASSERT_TRUE(std::ranges::none_of(*none, [](const auto& value) { return value.has_value(); }));
    }
  }
}

TEST_F(KvStoreTest, ALargeCommitIsThereWhole) {
  constexpr int kRows = 3000;
  std::vector<KvStore::Change> changes;
  for (int i = 0; i < kRows; ++i) changes.push_back({fmt::format("{:06}", i), std::string(5000, 'a')});
  ASSERT_TRUE(kv_->Apply(kPlain, changes, 1).ok());
  EXPECT_EQ(Keys(kPlain, "").size(), kRows);
  for (KvStore::Change& change : changes) change.value->assign(5000, 'b');
  ASSERT_TRUE(kv_->Apply(kPlain, changes, 2).ok());
  ASSERT_TRUE(kv_->Flush().ok());
  EXPECT_EQ(*kv_->AppliedOffset(kPlain), 2);
  EXPECT_EQ(*kv_->FlushedOffset(kPlain), 2);
  const auto it = kv_->Scan(kPlain, "");
  int rows = 0;
  for (; it->Valid(); it->Next(), ++rows) EXPECT_EQ(it->value().front(), 'b');
  EXPECT_EQ(rows, kRows);
}

TEST_F(KvStoreTest, ARowIsTheSameWhereverItIsOnItsWayToDisk) {
  KvStore::Options options;
  options.row_buffer_bytes = 4 << 10;  // so that rows move on all the time
  Open(options);
  const TableBucket other{1, std::nullopt, 1};
  std::map<std::string, std::string> expected;
  for (int64_t round = 1; round <= 300; ++round) {
    std::vector<KvStore::Change> changes;
    for (int64_t i = 0; i < 20; ++i) {
      const std::string key = std::to_string((round * 31 + i * 17) % 200);
      if ((round + i) % 5 == 0) {
        changes.push_back({key, std::nullopt});
        expected.erase(key);
      } else {
        changes.push_back({key, std::string(static_cast<size_t>((round * i) % 90), 'x') + std::to_string(round)});
        expected[key] = *changes.back().value;
      }
    }
    ASSERT_TRUE(kv_->Apply(kPlain, changes, round).ok());
    ASSERT_TRUE(kv_->Apply(other, {{"k", std::to_string(round)}}, round).ok());
    ASSERT_EQ(*kv_->AppliedOffset(kPlain), round);
    ASSERT_LE(*kv_->FlushedOffset(kPlain), round);
    if (round % 7 == 0) {
      ASSERT_TRUE(kv_->Flush().ok());
    }
    std::vector<std::string> keys;
    for (int i = 0; i < 200; ++i) keys.push_back(std::to_string(i));
    const auto values = kv_->MultiGet(kPlain, keys);
    ASSERT_TRUE(values.ok());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto row = expected.find(keys[i]);
      ASSERT_EQ((*values)[i], row == expected.end() ? std::nullopt : std::optional(row->second)) << keys[i];
    }
    if (round % 11 != 0) continue;
    std::map<std::string, std::string> scanned;
    const auto it = kv_->Scan(kPlain, "");
    for (; it->Valid(); it->Next()) scanned.emplace(it->key(), it->value());
    ASSERT_EQ(scanned, expected);
  }
  EXPECT_EQ(Get(other, "k"), "300");
  ASSERT_TRUE(kv_->Close().ok());
  Open(options);
  EXPECT_EQ(*kv_->FlushedOffset(kPlain), 300);
  EXPECT_EQ(Keys(kPlain, "").size(), expected.size());
}

TEST_F(KvStoreTest, ReadersSeeEveryRowWhileRowsMoveOn) {
  KvStore::Options options;
  options.row_buffer_bytes = 4 << 10;
  Open(options);
  ASSERT_TRUE(kv_->Apply(kPlain, {{"a", "0"}, {"b", "0"}}, 1).ok());
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::thread reader([&] {
    int64_t newest = 0;
    while (!stop) {
      const auto values = kv_->MultiGet(kPlain, {"a", "gone"});
      const int64_t seen = values.ok() && (*values)[0] ? std::stoll(*(*values)[0]) : -1;
      if (seen < newest || (*values)[1]) ++wrong;
      newest = seen;
    }
  });
  std::thread scanner([&] {
    while (!stop) {
      std::vector<std::string> values;
      const auto it = kv_->Scan(kPlain, "");
      for (; it->Valid(); it->Next()) values.emplace_back(it->value());
      if (values.size() != 2 || values[0] != values[1]) ++wrong;  // a batch is seen whole or not at all
    }
  });
  for (int i = 1; i <= 3000; ++i) {
    const std::string value = std::to_string(i) + (i % 2 == 0 ? std::string(50, ' ') : "");
    ASSERT_TRUE(kv_->Apply(kPlain, {{"a", value}, {"b", value}, {"gone", std::nullopt}}, i).ok());
  }
  stop = true;
  reader.join();
  scanner.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(KvStoreTest, FlushedOffsetFollowsFlushesOnly) {
  ASSERT_TRUE(kv_->Apply(kPlain, {{"k", "1"}}, 10).ok());
  EXPECT_EQ(*kv_->FlushedOffset(kPlain), 0);
  ASSERT_TRUE(kv_->Flush().ok());
  ASSERT_TRUE(kv_->Apply(kPlain, {{"k", "2"}}, 20).ok());
  EXPECT_EQ(*kv_->FlushedOffset(kPlain), 10);
  EXPECT_EQ(*kv_->AppliedOffset(kPlain), 20);
}

TEST_F(KvStoreTest, RunsTheHookBeforeRowsAreFlushed) {
  std::atomic<int> calls = 0;
  KvStore::Options options;
  options.before_flush = [&] { ++calls; };
  Open(options);
  ASSERT_TRUE(kv_->WriteCatalog({{"c", "1"}}).ok());
  ASSERT_TRUE(kv_->Flush().ok());
  EXPECT_EQ(calls, 0);
  ASSERT_TRUE(kv_->Apply(kPlain, {{"k", "1"}}, 10).ok());
  ASSERT_TRUE(kv_->Flush().ok());
  EXPECT_EQ(calls, 1);
}

TEST_F(KvStoreTest, DropsATableOrAPartitionWithItsOffsets) {
  const TableBucket other{2, std::nullopt, 0};
  for (const auto& bucket : {kPlain, kPartitionZero, TableBucket{1, 1, 0}, other}) {
    ASSERT_TRUE(kv_->Apply(bucket, {{"k", "v"}}, 5).ok());
  }
  ASSERT_TRUE(kv_->DropPartition(1, 0).ok());
  EXPECT_EQ(Get(kPartitionZero, "k"), "none");
  EXPECT_EQ(*kv_->AppliedOffset(kPartitionZero), 0);
  EXPECT_EQ(Get({1, 1, 0}, "k"), "v");
  EXPECT_EQ(Get(kPlain, "k"), "v");
  ASSERT_TRUE(kv_->DropTable(1).ok());
  EXPECT_EQ(Get(kPlain, "k"), "none");
  EXPECT_EQ(Get({1, 1, 0}, "k"), "none");
  EXPECT_EQ(Get(other, "k"), "v");
  ASSERT_TRUE(kv_->Close().ok());
  Open({});
  EXPECT_EQ(Get({1, 1, 0}, "k"), "none");
  EXPECT_EQ(Get(other, "k"), "v");
}

TEST_F(KvStoreTest, ScansTheCatalogInOrderUntilToldToStop) {
  ASSERT_TRUE(kv_->WriteCatalog({{"t/2", "b"}, {"t/1", "a"}, {"u", "c"}, {"t/3", "d"}}).ok());
  ASSERT_TRUE(kv_->WriteCatalog({{"t/3", std::nullopt}}).ok());
  std::vector<std::string> seen;
  ASSERT_TRUE(kv_->ScanCatalog("t/", [&](auto key, auto value) {
                   seen.push_back(std::string(key) + "=" + std::string(value));
                   return true;
                 }).ok());
  EXPECT_THAT(seen, ElementsAre("t/1=a", "t/2=b"));
  int visits = 0;
  ASSERT_TRUE(kv_->ScanCatalog("", [&](auto, auto) { return ++visits < 2; }).ok());
  EXPECT_EQ(visits, 2);
  EXPECT_THAT(*kv_->GetCatalog("u"), Optional(Eq("c")));
}

bool WriteAndDrop(const std::string& directory) {
  auto kv = KvStore::Open(directory, {});
  if (!kv.ok()) return false;
  const TableBucket dropped{2, 4, 0};
  if (!(*kv)->Apply(kPlain, {{"a", "1"}}, 1).ok()) return false;
  if (!(*kv)->Apply(dropped, {{"a", "1"}}, 1).ok()) return false;
  if (!(*kv)->Flush().ok()) return false;
  if (!(*kv)->Apply(kPlain, {{"a", "2"}}, 2).ok()) return false;
  if (!(*kv)->WriteCatalog({{"c", "1"}}).ok()) return false;
  const bool ok = (*kv)->DropTable(2).ok();
  kv->release();  // no orderly close: the caller kills this process
  return ok;
}

TEST_F(KvStoreTest, AfterAKillTheCatalogAndDropsStandAndRowsMatchTheirOffset) {
  if (const char* directory = getenv(kChildDirectory)) {
    TearDown();
    if (WriteAndDrop(directory)) kill(getpid(), SIGKILL);
    FAIL();
  }
  kv_.reset();
  ASSERT_TRUE(
      RunUntilKilled("KvStoreTest.AfterAKillTheCatalogAndDropsStandAndRowsMatchTheirOffset", directory_.string()));
  Open({});
  EXPECT_THAT(*kv_->GetCatalog("c"), Optional(Eq("1")));
  EXPECT_EQ(Get({2, 4, 0}, "a"), "none");
  EXPECT_EQ(Get(kPlain, "a"), "1");
  EXPECT_EQ(*kv_->AppliedOffset(kPlain), 1);
}

TEST_F(KvStoreTest, OneOwnerPerDirectoryAndClearErrorsOnceClosed) {
  const auto second = KvStore::Open(directory_, {});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), ErrorCode::kKvStorageException);
  EXPECT_THAT(second.status().message(), ::testing::HasSubstr(directory_.string()));
  ASSERT_TRUE(kv_->Apply(kPlain, {{"a", "1"}}, 1).ok());
  const auto it = kv_->Scan(kPlain, "");
  ASSERT_TRUE(kv_->Close().ok());
  EXPECT_EQ(it->value(), "1") << "an iterator outlives the store";
  EXPECT_EQ(kv_->Apply(kPlain, {}, 1).code(), ErrorCode::kKvStorageException);
  EXPECT_FALSE(kv_->Scan(kPlain, "")->status().ok());
}

}  // namespace
}  // namespace weir
