#include "commitlog/entry.h"

#include <gtest/gtest.h>

#include "commitlog/item.h"

namespace weir::commitlog {
namespace {

TransactionId Id(uint8_t first) {
  TransactionId id{};
  id[0] = first;
  id[15] = 0xFF;
  return id;
}

Commit SomeCommit() {
  Commit commit;
  commit.transaction = Id(7);
  commit.applied = {3, 41};
  commit.reads = {{{3, 40}, {1, UINT64_MAX}}, {{2, -1}, {}}};
  commit.writes = {0, 5};
  commit.targets = {{{12, 4, 1}, 2}, {{13, {}, 0}, 1}};
  commit.body = "the end";
  return commit;
}

std::vector<LeafWrite> SomeWrites() {
  LeafWrite rows;
  rows.bucket = {12, 4, 1};
  rows.batches = {"one", std::string(300, 'x')};
  LeafWrite keys;
  keys.kind = LeafWrite::Kind::kKeys;
  keys.bucket = {13, {}, 0};
  keys.batches = {"batch"};
  keys.replaced = {std::nullopt, "", "before"};
  LeafWrite deletions;
  deletions.kind = LeafWrite::Kind::kDeletions;
  deletions.bucket = {5, {}, 0};
  deletions.chunks = {{{12, 4, 1}, 9, "bitmap"}};
  return {rows, keys, deletions};
}

TEST(CommitLogEntry, ComesBackAsItWas) {
  const std::vector<Entry> entries = {Header{4, 17, {2, 3, 900}}, Header{1, 0, {}}, Part{Id(1), 3, "piece"},
                                      Part{Id(1), 0, ""},         SomeCommit(),     Commit{},
                                      Seal{}};
  for (const Entry& entry : entries) {
    const std::string bytes = EncodeEntry(entry);
    const Result<Entry> back = DecodeEntry(bytes);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(*back, entry);
  }
}

TEST(CommitLogEntry, BodyComesBackAsItWas) {
  const Result<std::vector<LeafWrite>> back = DecodeBody(EncodeBody(SomeWrites()));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, SomeWrites());
}

TEST(CommitLogEntry, TargetsNameEachBucketOnce) {
  std::vector<LeafWrite> writes = SomeWrites();
  writes.push_back(writes.front());
  const std::vector<Target> targets = TargetsOf(writes);
  EXPECT_EQ(targets, (std::vector<Target>{{{5, {}, 0}, 1}, {{12, 4, 1}, 4}, {{13, {}, 0}, 1}}));
}

TEST(CommitLogEntry, WhatIsCutOffIsNone) {
  const std::string bytes = EncodeEntry(Entry(Header{4, 17, {2, 3, 900}}));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeEntry(std::string_view(bytes).substr(0, size)).status().code(), ErrorCode::kCorruptRecord);
  }
  EXPECT_EQ(DecodeEntry(bytes + "x").status().code(), ErrorCode::kCorruptRecord);
  const std::string body = EncodeBody(SomeWrites());
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(DecodeBody(std::string_view(body).substr(0, size)).ok());
  }
}

TEST(CommitLogEntry, OfALaterVersionIsNotPassedOver) {
  std::string bytes = EncodeEntry(Entry(Seal{}));
  bytes[0] = 3;
  EXPECT_EQ(DecodeEntry(bytes).status().code(), ErrorCode::kUnsupportedVersion);
}

TEST(CommitLogEntry, LongBodiesAreCutAndJoined) {
  Commit commit = SomeCommit();
  commit.body = EncodeBody(SomeWrites());
  for (const size_t piece : {size_t{1}, size_t{7}, commit.body.size() - 1, commit.body.size(), size_t{1} << 20}) {
    const std::vector<Entry> entries = CutIntoEntries(commit, piece);
    std::string joined;
    for (size_t i = 0; i + 1 < entries.size(); ++i) {
      const Part& part = std::get<Part>(entries[i]);
      EXPECT_EQ(part.number, i);
      EXPECT_EQ(part.transaction, commit.transaction);
      EXPECT_LE(part.bytes.size(), piece);
      joined += part.bytes;
    }
    const Commit& last = std::get<Commit>(entries.back());
    EXPECT_LE(last.body.size(), piece);
    EXPECT_EQ(last.num_parts, entries.size() - 1);
    EXPECT_EQ(joined + last.body, commit.body);
  }
}

// Servers of all versions must come to the same numbers.
TEST(CommitLogItem, NumbersStay) {
  EXPECT_EQ(KeyItem(1, {}, "key"), KeyItem(1, {}, "key"));
  EXPECT_NE(KeyItem(1, {}, "key"), KeyItem(1, 0, "key"));
  EXPECT_NE(KeyItem(1, {}, ""), LeafItem(1, {}));
  EXPECT_NE(LeafItem(1, {}), DefinitionsItem());
  EXPECT_NE(RowItem({1, {}, 0}, 5), RowItem({1, {}, 5}, 0));
  EXPECT_EQ(KeyItem(1, 2, "key"), 0x7DEAC22C86A1AFB6ULL);
  EXPECT_EQ(RowItem({1, 2, 3}, 4), 0xC2EB39F29DFAEA31ULL);
  EXPECT_EQ(LeafItem(1, 2), 0x7F49DEBEF29E3A86ULL);
  EXPECT_EQ(DefinitionsItem(), 0x07BAD7FF1B795B61ULL);
  EXPECT_EQ(RelationItem(7), 0xD2CBADE8CD759074ULL);
  EXPECT_EQ(RulesItem(7), 0x5757C5B312FC9FE1ULL);
  EXPECT_EQ(ReferencedItem(7), 0x7A6A2583FD3F34AAULL);
  EXPECT_EQ(ItemOfRow(RowItemKind::kTaken, 5), 0x7AFB57209117CBBBULL);
  EXPECT_EQ(ItemOfRow(RowItemKind::kKept, 5), 0x298B5BF183265ED0ULL);
  EXPECT_EQ(ItemOfRow(RowItemKind::kShared, 5), 0x6831767A1F456956ULL);
}

}  // namespace
}  // namespace weir::commitlog
