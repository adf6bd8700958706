#include "model/bound_index.h"

#include <gtest/gtest.h>

#include <random>

namespace weir {
namespace {

RangeEdge EdgeAt(int64_t value) { return {RangeEdge::Kind::kValue, KeyValue(value)}; }
PartitionBound RangeOf(int64_t from, int64_t to) { return RangeBound{{EdgeAt(from)}, {EdgeAt(to)}}; }
PartitionBound ListOf(std::initializer_list<int64_t> values) {
  ListBound bound;
  for (const int64_t value : values) bound.values.push_back({KeyValue(value)});
  return bound;
}

std::optional<int64_t> Child(const std::optional<BoundIndex::Overlap>& overlap) {
  return overlap ? std::optional(overlap->child) : std::nullopt;
}

TEST(BoundIndex, LeavesOutRanges) {
  BoundIndex index;
  for (int64_t child = 0; child < 5; ++child) index.Add(child, RangeOf(child * 10, child * 10 + 10));
  EXPECT_EQ(Child(index.FindOverlap(RangeOf(5, 45))), 0);
  EXPECT_EQ(Child(index.FindOverlap(RangeOf(5, 45), {0, 1})), 2);
  EXPECT_EQ(Child(index.FindOverlap(RangeOf(5, 45), {0, 1, 2, 3, 4})), std::nullopt);
  EXPECT_EQ(Child(index.FindOverlap(RangeOf(12, 13), {1})), std::nullopt);
}

TEST(BoundIndex, LeavesOutListsAndDefault) {
  BoundIndex index;
  index.Add(1, ListOf({1, 2}));
  index.Add(2, ListOf({3}));
  index.Add(3, DefaultBound{});
  EXPECT_EQ(Child(index.FindOverlap(ListOf({2, 3}), {1})), 2);
  EXPECT_EQ(Child(index.FindOverlap(ListOf({2}), {1})), std::nullopt);
  EXPECT_EQ(Child(index.FindOverlap(DefaultBound{})), 3);
  EXPECT_EQ(Child(index.FindOverlap(DefaultBound{}, {3})), std::nullopt);
}

TEST(BoundIndex, LeavingOutIsAsRemoving) {
  std::minstd_rand random(5);
  for (int round = 0; round < 200; ++round) {
    BoundIndex all, rest;
    BoundIndex::Without gone;
    for (int64_t child = 0; child < 8; ++child) {
      const int32_t modulus = int32_t{1} << random() % 4;
      const PartitionBound bound = HashBound{modulus, static_cast<int32_t>(random() % static_cast<uint32_t>(modulus))};
      if (all.FindOverlap(bound)) continue;
      all.Add(child, bound);
      if (random() % 2 == 0) {
        gone.insert(child);
      } else {
        rest.Add(child, bound);
      }
    }
    const HashBound asked{int32_t{1} << random() % 4, 0};
    EXPECT_EQ(Child(all.FindOverlap(asked, gone)), Child(rest.FindOverlap(asked)));
    const auto before = all.Before(asked, gone), after = all.After(asked, gone);
    const auto rest_before = rest.Before(asked), rest_after = rest.After(asked);
    EXPECT_EQ(before ? before->child : -1, rest_before ? rest_before->child : -1);
    EXPECT_EQ(after ? after->child : -1, rest_after ? rest_after->child : -1);
  }
}

}  // namespace
}  // namespace weir
