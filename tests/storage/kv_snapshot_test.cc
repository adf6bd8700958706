#include "storage/kv_snapshot.h"

#include <gmock/gmock.h>

#include "tests/testing/kv_snapshot_reader.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

using RowMap = std::map<std::string, std::string>;

class RowsInMemory final : public KvRows {
 public:
  explicit RowsInMemory(const RowMap& rows, Status end = Status::OK())
      : rows_(rows), at_(rows_.begin()), end_(std::move(end)) {}
  bool Valid() const override { return at_ != rows_.end(); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }
  void Next() override { ++at_; }
  Status status() const override { return Valid() ? Status::OK() : end_; }

 private:
  const RowMap& rows_;
  RowMap::const_iterator at_;
  const Status end_;
};

bool GoOn() { return false; }

RowMap SomeRows(int count) {
  RowMap rows;
  for (int i = 0; i < count; ++i) rows["key" + std::to_string(i)] = "value" + std::to_string(i);
  rows[std::string("\0\xff", 2)] = std::string("\1\0", 2);
  return rows;
}

class KvSnapshotTest : public ::testing::Test {
 protected:
  std::vector<std::pair<std::string, std::string>> FilesOf(const KvSnapshotContent& content) const {
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& name : content.files) files.emplace_back(directory_ / name, name);
    return files;
  }
  std::vector<std::string> Listed() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  TempDirectory directory_;
};

TEST_F(KvSnapshotTest, ItsFilesAreADatabaseOfTheRows) {
  const RowMap rows = SomeRows(10000);
  RowsInMemory all(rows);
  const auto content = WriteKvSnapshot(&all, directory_.path(), GoOn);
  ASSERT_TRUE(content.ok()) << content.status().ToString();
  EXPECT_THAT(content->files, Contains("CURRENT"));
  EXPECT_THAT(content->files, Contains(StartsWith("MANIFEST-")));
  EXPECT_THAT(content->files, Contains(EndsWith(".sst")));
  EXPECT_THAT(Listed(), UnorderedElementsAreArray(content->files));
  int64_t bytes = 0;
  for (const std::string& name : content->files) {
    bytes += static_cast<int64_t>(std::filesystem::file_size(directory_ / name));
  }
  EXPECT_EQ(content->bytes, bytes);
  EXPECT_EQ(ReadKvSnapshot(FilesOf(*content)), rows);
}

TEST_F(KvSnapshotTest, ABucketWithoutRowsHasASnapshotToo) {
  const RowMap none;
  RowsInMemory all(none);
  const auto content = WriteKvSnapshot(&all, directory_.path(), GoOn);
  ASSERT_TRUE(content.ok()) << content.status().ToString();
  EXPECT_TRUE(ReadKvSnapshot(FilesOf(*content)).empty());
}

TEST_F(KvSnapshotTest, ItIsGivenUpWhenItShallStop) {
  const RowMap rows = SomeRows(10000);
  RowsInMemory all(rows);
  const auto content = WriteKvSnapshot(&all, directory_.path(), [] { return true; });
  EXPECT_EQ(content.status().code(), ErrorCode::kKvStorageException);
  EXPECT_TRUE(all.Valid());
}

TEST_F(KvSnapshotTest, RowsThatCannotAllBeReadAreNoSnapshot) {
  const RowMap rows = SomeRows(10);
  RowsInMemory some(rows, Status(ErrorCode::kKvStorageException, "the disk is gone"));
  const auto content = WriteKvSnapshot(&some, directory_.path(), GoOn);
  EXPECT_EQ(content.status().message(), "the disk is gone");
}

TEST_F(KvSnapshotTest, ADirectoryThatIsMissingIsAnError) {
  const RowMap rows = SomeRows(10);
  RowsInMemory all(rows);
  const Status missing = WriteKvSnapshot(&all, directory_ / "nowhere/deeper", GoOn).status();
  EXPECT_EQ(missing.code(), ErrorCode::kLogStorageException);  // as the disk's other errors are
  EXPECT_NE(missing.message().find("nowhere/deeper"), std::string::npos) << missing.message();
}

}  // namespace
}  // namespace weir
