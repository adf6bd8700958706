#include "storage/catalog_log.h"

#include <gmock/gmock.h>

#include "storage/kv_store.h"
#include "tests/storage/log_testing.h"

namespace weir {
namespace {

using testing::HasSubstr;
using Records = std::map<std::string, std::string>;

/// A key-value store with a copy of its catalog, without its rows.
class CatalogCopyTest : public testing::Test {
 protected:
  Result<std::unique_ptr<KvStore>> TryOpen(KvStore::Opening opening = KvStore::Opening::kCreate) {
    KvStore::Options options;
    options.opening = opening;
    options.catalog_copy = copy_;
    std::filesystem::create_directories(copy_);
    return KvStore::Open(kv_, options);
  }
  std::unique_ptr<KvStore> Open() {
    auto kv = TryOpen();
    EXPECT_TRUE(kv.ok()) << kv.status().ToString();
    return kv.MoveValue();
  }
  static void Write(KvStore& kv, const std::vector<KvStore::Change>& changes) {
    EXPECT_TRUE(kv.WriteCatalog(changes).ok());
  }
  static Records Read(KvStore& kv) {
    Records records;
    EXPECT_TRUE(kv.ScanCatalog("k", [&](std::string_view key, std::string_view value) {
                    records.emplace(key, value);
                    return true;
                  }).ok());
    return records;
  }
  /// Three changes, then closed.
  void Fill() {
    const auto kv = Open();
    Write(*kv, {{"k1", "a"}, {"k2", "b"}});
    Write(*kv, {{"k1", std::nullopt}, {"k3", std::string(3000, 'c')}});
    Write(*kv, {{"k4", ""}});
  }

  TempDirectory directory_;
  const std::string kv_ = directory_ / "kv";
  const std::string copy_ = directory_ / "catalog";
  const Records expected_{{"k2", "b"}, {"k3", std::string(3000, 'c')}, {"k4", ""}};
};

TEST_F(CatalogCopyTest, HasWhatTheCatalogHas) {
  Fill();
  const auto copy = ReadCatalogCopy(copy_);
  ASSERT_TRUE(copy.ok()) << copy.status().ToString();
  EXPECT_EQ(*copy, expected_);
}

TEST_F(CatalogCopyTest, GivesBackACatalogThatIsGone) {
  Fill();
  std::filesystem::remove_all(kv_);
  EXPECT_EQ(Read(*Open()), expected_);
  EXPECT_EQ(Read(*Open()), expected_);
}

TEST_F(CatalogCopyTest, GivesBackChangesThatAnOlderCatalogLacks) {
  {
    const auto kv = Open();
    Write(*kv, {{"k1", "a"}, {"k5", "x"}});
  }
  const std::string older = directory_ / "older";
  std::filesystem::copy(kv_, older, std::filesystem::copy_options::recursive);
  {
    const auto kv = Open();
    Write(*kv, {{"k5", std::nullopt}});
    Write(*kv, {{"k6", "y"}});
  }
  std::filesystem::remove_all(kv_);
  std::filesystem::rename(older, kv_);
  const auto kv = Open();
  EXPECT_EQ(Read(*kv), (Records{{"k1", "a"}, {"k6", "y"}}));
  Write(*kv, {{"k7", "z"}});
  EXPECT_EQ(ReadCatalogCopy(copy_)->at("k7"), "z");
}

TEST_F(CatalogCopyTest, IsMadeAnewWhenItIsDamagedOrGone) {
  Fill();
  for (const std::string suffix : {".log", ".base"}) {
    const std::string file = FilesOf(copy_, suffix).at(0);
    const std::string whole = ReadBytes(file);
    for (const size_t at : {size_t{0}, whole.size() / 2, whole.size() - 1}) {
      std::string broken = whole;
      broken[at] = static_cast<char>(broken[at] ^ 1);
      WriteBytes(file, broken);
      EXPECT_FALSE(ReadCatalogCopy(copy_).ok()) << suffix << at;
      WriteBytes(file, whole);
    }
  }
  WriteBytes(FilesOf(copy_, ".log").at(0), "");
  EXPECT_EQ(Read(*Open()), expected_);
  EXPECT_EQ(*ReadCatalogCopy(copy_), expected_);
  std::filesystem::remove_all(copy_);
  EXPECT_EQ(Read(*Open()), expected_);
  EXPECT_EQ(*ReadCatalogCopy(copy_), expected_);
}

TEST_F(CatalogCopyTest, WhatBothHaveLostIsAnError) {
  Fill();
  std::string log = ReadBytes(FilesOf(copy_, ".log").at(0));
  log.back() = static_cast<char>(log.back() ^ 1);
  WriteBytes(FilesOf(copy_, ".log").at(0), log);
  std::filesystem::remove_all(kv_);
  const auto kv = TryOpen();
  ASSERT_EQ(kv.status().code(), ErrorCode::kCorruptMessage);
  EXPECT_THAT(kv.status().message(), HasSubstr(FilesOf(copy_, ".log").at(0)));
}

TEST_F(CatalogCopyTest, AStoreThatShouldBeThereIsNotMade) {
  EXPECT_EQ(TryOpen(KvStore::Opening::kExisting).status().code(), ErrorCode::kKvStorageException);
  Fill();
  EXPECT_TRUE(TryOpen(KvStore::Opening::kExisting).ok());
}

TEST_F(CatalogCopyTest, ReadingOnlyWritesNothing) {
  Fill();
  const auto kv = TryOpen(KvStore::Opening::kReadOnly);
  ASSERT_TRUE(kv.ok()) << kv.status().ToString();
  EXPECT_EQ(Read(**kv), expected_);
  EXPECT_FALSE((*kv)->WriteCatalog({{"k9", "n"}}).ok());
  EXPECT_FALSE((*kv)->Apply({1, {}, 0}, {{"key", "row"}}, 1).ok());
}

}  // namespace
}  // namespace weir
