#include "gateway/embedded/free_values.h"

#include "tests/gateway/gateway_testing.h"

namespace weir {
namespace {

FreeValues Parsed(std::string_view text) {
  Result<FreeValues> values = FreeValues::Parse("auto-increment/1", text);
  EXPECT_TRUE(values.ok()) << values.status().ToString();
  return values.MoveValue();
}

TEST(FreeValues, StartAtOneAndGoOnWithoutGaps) {
  FreeValues values;
  EXPECT_EQ(values.Take(5), (ValueRange{1, 6}));
  EXPECT_EQ(values.Take(5), (ValueRange{6, 11}));
  EXPECT_EQ(values.ToText(), "11");
}

TEST(FreeValues, GiveOutWhatCameBackFirst) {
  FreeValues values = Parsed("11");
  values.Return({3, 6});
  EXPECT_EQ(values.ToText(), "11 3-6");
  EXPECT_EQ(values.Take(2), (ValueRange{3, 5}));
  EXPECT_EQ(values.Take(5), (ValueRange{5, 6}));
  EXPECT_EQ(values.Take(5), (ValueRange{11, 16}));
  EXPECT_EQ(values.ToText(), "16");
}

TEST(FreeValues, JoinRangesThatTouch) {
  FreeValues values = Parsed("21");
  values.Return({13, 16});
  values.Return({3, 6});
  values.Return({8, 9});
  EXPECT_EQ(values.ToText(), "21 3-6 8-9 13-16");
  values.Return({6, 8});
  EXPECT_EQ(values.ToText(), "21 3-9 13-16");
  values.Return({16, 21});
  EXPECT_EQ(values.ToText(), "13 3-9");
  values.Return({9, 13});
  EXPECT_EQ(values.ToText(), "3");
  values.Return({2, 2});
  EXPECT_EQ(Parsed("13 3-9").ToText(), "13 3-9");
}

TEST(FreeValues, DamagedTextIsNamed) {
  for (const std::string_view text : {"", "x", "11 ", "11 3", "11 3-", "11 -6", "11 3-6 x", "11 3-6-7"}) {
    const Result<FreeValues> values = FreeValues::Parse("auto-increment/1", text);
    ASSERT_FALSE(values.ok()) << text;
    EXPECT_THAT(values.status().message(), testing::HasSubstr("auto-increment/1"));
  }
}

}  // namespace
}  // namespace weir
