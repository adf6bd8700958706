#include "sql/engine/position_set.h"

#include <gmock/gmock.h>

#include <random>
#include <set>
#include <vector>

namespace weir::sql {
namespace {

constexpr RowPosition kFirstAdded = -(RowPosition{1} << 62);  // of a transaction's own rows

TEST(PositionSet, KnowsEachPositionOnce) {
  PositionSet set;
  EXPECT_TRUE(set.empty());
  const RowPosition last = (RowPosition{3} << 40) + 1;
  for (const RowPosition position : std::vector<RowPosition>{5, 1023, 1024, last, kFirstAdded, kFirstAdded + 1}) {
    EXPECT_TRUE(set.Insert(position));
    EXPECT_FALSE(set.Insert(position));
  }
  EXPECT_EQ(set.size(), 6u);
  EXPECT_THAT(set.Ascending(), testing::ElementsAre(kFirstAdded, kFirstAdded + 1, 5, 1023, 1024, last));
}

TEST(PositionSet, IsASet) {
  std::mt19937_64 random(5);
  PositionSet set;
  std::set<RowPosition> model;
  for (int i = 0; i < 20000; ++i) {
    const auto position = static_cast<RowPosition>(random() % 30000) - (i % 2 == 0 ? RowPosition{1} << 62 : 0);
    EXPECT_EQ(set.Insert(position), model.insert(position).second);
  }
  EXPECT_THAT(set.Ascending(), testing::ElementsAreArray(model));
}

}  // namespace
}  // namespace weir::sql
