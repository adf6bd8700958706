#include "storage/durable_ends.h"

#include "tests/storage/log_testing.h"

namespace weir {
namespace {

class DurableEndsTest : public testing::Test {
 protected:
  std::unique_ptr<DurableEnds> Open(bool read_only = false) {
    auto ends = DurableEnds::Open(path_, copy_, read_only);
    EXPECT_TRUE(ends.ok()) << ends.status().ToString();
    return ends.MoveValue();
  }

  TempDirectory directory_;
  const std::string path_ = directory_ / "ENDS";
  const std::string copy_ = directory_ / "ENDS.copy";
  const TableBucket plain_{3, {}, 1};
  const TableBucket partition_{3, 7, 1};
};

TEST_F(DurableEndsTest, ComeBackAndNeverGoDown) {
  {
    const auto ends = Open();
    EXPECT_EQ(ends->Find(plain_), 0);
    ends->Set(plain_, 10);
    ends->Set(partition_, 20);
    ends->Set(plain_, 30);
    ends->Set(plain_, 5);
  }
  const auto ends = Open();
  EXPECT_EQ(ends->Find(plain_), 30);
  EXPECT_EQ(ends->Find(partition_), 20);
  EXPECT_EQ(ReadBytes(path_).size(), 2 * 32u);
}

TEST_F(DurableEndsTest, PlacesOfDroppedBucketsAreUsedAgain) {
  {
    const auto ends = Open();
    ends->Set(plain_, 10);
    ends->Set(partition_, 20);
    ends->Forget(3, 7);
    EXPECT_EQ(ends->Find(partition_), 0);
    EXPECT_EQ(ends->Find(plain_), 10);
    ends->Set({4, {}, 0}, 40);
    ends->Forget(3, {});
  }
  const auto ends = Open();
  EXPECT_EQ(ends->Find(plain_), 0);
  EXPECT_EQ(ends->Find({4, {}, 0}), 40);
  EXPECT_EQ(ReadBytes(path_).size(), 2 * 32u);
}

TEST_F(DurableEndsTest, ABrokenRecordTellsNothingAndIsCounted) {
  {
    const auto ends = Open();
    ends->Set(plain_, 10);
    ends->Set(partition_, 20);
  }
  const std::string whole = ReadBytes(path_);
  for (size_t at = 0; at < 32; ++at) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x20);
    WriteBytes(path_, broken);
    WriteBytes(copy_, broken);
    const auto content = DurableEnds::Read(path_);
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(content->damaged_records, 1) << at;
    EXPECT_EQ(Open(/*read_only=*/true)->Find(plain_), 0) << at;
    EXPECT_EQ(ReadBytes(path_), broken);
    const auto ends = Open();
    EXPECT_EQ(ends->Find(plain_), 0) << at;
    EXPECT_EQ(ends->Find(partition_), 20) << at;
    EXPECT_EQ(DurableEnds::Read(path_)->damaged_records, 0) << at;
  }
}

TEST_F(DurableEndsTest, WhatOneFileHasLostTheOtherTells) {
  {
    const auto ends = Open();
    ends->Set(plain_, 10);
    ends->Set(partition_, 20);
  }
  const std::string whole = ReadBytes(path_);
  EXPECT_EQ(ReadBytes(copy_), whole);
  for (const std::string& lost : {path_, copy_}) {
    for (const std::string& left : {std::string(), whole.substr(0, 32), whole.substr(0, 40), "?" + whole}) {
      WriteBytes(lost, left);
      EXPECT_EQ(Open(/*read_only=*/true)->Find(partition_), 20);
      EXPECT_EQ(ReadBytes(lost), left);
      EXPECT_EQ(Open()->Find(plain_), 10);
      EXPECT_EQ(ReadBytes(path_), whole);
      EXPECT_EQ(ReadBytes(copy_), whole);
    }
    std::filesystem::remove(lost);
    EXPECT_TRUE(DurableEnds::Read(lost)->missing);
    EXPECT_EQ(Open()->Find(partition_), 20);
    EXPECT_EQ(ReadBytes(lost), whole);
  }
}

TEST_F(DurableEndsTest, TheGreaterEndOfBothCounts) {
  Open()->Set(plain_, 10);
  const std::string before = ReadBytes(path_);
  Open()->Set(plain_, 30);
  WriteBytes(path_, before);
  EXPECT_EQ(Open()->Find(plain_), 30);
  Open()->Forget(3, {});
  EXPECT_EQ(Open()->Find(plain_), 0);
}

TEST_F(DurableEndsTest, ReadingOnlyMakesNoFile) {
  const auto ends = Open(/*read_only=*/true);
  ends->Set(plain_, 10);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(copy_));
}

}  // namespace
}  // namespace weir
