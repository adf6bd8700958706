#include "types/recently_used.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(RecentlyUsed, TheLastIsWhatWasNotUsedForLongest) {
  RecentlyUsed<std::string, int> values;
  values.Add("a", 1);
  values.Add("b", 2);
  values.Add("c", 3);
  EXPECT_EQ(values.last().first, "a");
  ASSERT_NE(values.Find("a"), nullptr);
  EXPECT_EQ(values.last().first, "b");
  values.DropLast();
  EXPECT_EQ(values.Find("b"), nullptr);
  EXPECT_EQ(values.size(), 2u);
  EXPECT_EQ(values.last(), (std::pair<const std::string, int>("c", 3)));
}

TEST(RecentlyUsed, ValuesCanBeChangedAndGo) {
  RecentlyUsed<std::string, int> values;
  values.Add("a", 1) = 5;
  EXPECT_EQ(*values.Find("a"), 5);
  values.Erase("b");
  EXPECT_TRUE(values.Contains("a"));
  values.Erase("a");
  EXPECT_FALSE(values.Contains("a"));
  values.Add("a", 7);
  values.Clear();
  EXPECT_EQ(values.size(), 0u);
  EXPECT_EQ(values.Find("a"), nullptr);
}

TEST(RecentlyUsed, ValuesGoByWhatTheyAre) {
  RecentlyUsed<std::string, int> values;
  for (int i = 0; i < 10; ++i) values.Add(std::to_string(i), i);
  values.EraseIf([](const auto& entry) { return entry.second % 2 == 0; });
  EXPECT_EQ(values.size(), 5u);
  EXPECT_FALSE(values.Contains("4"));
  EXPECT_EQ(values.last().first, "1");
  EXPECT_EQ(values.entries().front().first, "9");
}

}  // namespace
}  // namespace weir
