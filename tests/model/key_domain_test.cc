#include "model/key_domain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace weir {
namespace {

KeyValue Whole(int64_t value) { return value; }

KeyDomain Interval(int low, bool low_in, int high, bool high_in) {
  return KeyDomain::Of({Whole(low), Whole(high), low_in, high_in});
}

TEST(KeyValue, OrdersAsPostgresDoes) {
  EXPECT_TRUE(Compare(KeyValue{std::nan("")}, KeyValue{std::numeric_limits<double>::infinity()}) > 0);
  EXPECT_TRUE(Compare(KeyValue{std::nan("")}, KeyValue{-std::nan("")}) == 0);
  EXPECT_TRUE(Compare(KeyValue{-0.0}, KeyValue{0.0}) == 0);
  EXPECT_TRUE(Compare(KeyValue{}, Whole(std::numeric_limits<int64_t>::max())) > 0);
  EXPECT_TRUE(Compare(KeyValue{}, KeyValue{}) == 0);
  EXPECT_TRUE(Compare(KeyValue{std::string("\xC3\xA9")}, KeyValue{std::string("z")}) > 0);
  EXPECT_TRUE(Compare(KeyValue{static_cast<__int128>(-1)}, KeyValue{static_cast<__int128>(0)}) < 0);
  EXPECT_EQ(HashOf(KeyTuple{-0.0}), HashOf(KeyTuple{0.0}));
  EXPECT_EQ(HashOf(KeyTuple{std::nan("")}), HashOf(KeyTuple{-std::nan("")}));
  EXPECT_NE(HashOf(KeyTuple{Whole(1), Whole(2)}), HashOf(KeyTuple{Whole(2), Whole(1)}));
}

TEST(KeyValue, TakesDataOfEveryKind) {
  EXPECT_EQ(ToKeyValue(DataType::Int(), Datum::Int(-7)), Whole(-7));
  EXPECT_EQ(ToKeyValue(DataType::Boolean(), Datum::Bool(true)), Whole(1));
  EXPECT_EQ(ToKeyValue(DataType::Time(3), Datum::Int(1500)), Whole(1'500'000));
  EXPECT_EQ(ToKeyValue(DataType::Timestamp(), Datum::Timestamp(-1, 999'999)), Whole(-1));
  EXPECT_EQ(ToKeyValue(DataType::Double(), Datum::Double(2.5)), KeyValue{2.5});
  EXPECT_EQ(ToKeyValue(DataType::Decimal(10, 2), Datum::Decimal(123)), KeyValue{static_cast<__int128>(123)});
  EXPECT_EQ(ToKeyValue(DataType::String(), Datum::Bytes("x")), KeyValue{std::string("x")});
  EXPECT_TRUE(IsNull(ToKeyValue(DataType::String(), Datum::Null())));
}

TEST(KeyDomain, JoinsWhatTouches) {
  const KeyDomain joined = Interval(1, true, 3, false).Union(Interval(3, true, 5, true));
  ASSERT_EQ(joined.intervals().size(), 1u);
  EXPECT_TRUE(joined.Contains(Whole(3)));
  const KeyDomain apart = Interval(1, true, 3, false).Union(Interval(3, false, 5, true));
  EXPECT_EQ(apart.intervals().size(), 2u);
  EXPECT_FALSE(apart.Contains(Whole(3)));
  EXPECT_TRUE(KeyDomain::Except(Whole(3)).Union(KeyDomain::Points({Whole(3), {}})).is_all());
}

TEST(KeyDomain, KnowsWhenNothingPasses) {
  EXPECT_TRUE(Interval(5, true, 4, true).empty());
  EXPECT_TRUE(Interval(5, true, 5, false).empty());
  EXPECT_FALSE(Interval(5, true, 5, true).empty());
  EXPECT_TRUE(KeyDomain::Of({KeyValue{}, Whole(4)}).empty());
  EXPECT_TRUE(KeyDomain::Except({}).empty());
  EXPECT_TRUE(KeyDomain::Point(Whole(1)).Intersect(KeyDomain::Point(Whole(2))).empty());
  EXPECT_FALSE(KeyDomain::NotNull().empty());
  EXPECT_TRUE(KeyDomain::NotNull().Intersect(KeyDomain::NullOnly()).empty());
}

TEST(KeyDomain, GivesItsPoints) {
  const auto points = KeyDomain::Points({Whole(2), {}, Whole(1), Whole(2)}).AsPoints();
  ASSERT_TRUE(points.has_value());
  EXPECT_EQ(*points, (std::vector<KeyValue>{Whole(1), Whole(2), KeyValue{}}));
  EXPECT_FALSE(Interval(1, true, 2, true).AsPoints().has_value());
  EXPECT_EQ(Interval(1, true, 2, true).Intersect(Interval(2, true, 9, true)).AsPoints()->size(), 1u);
  EXPECT_TRUE(KeyDomain::None().AsPoints()->empty());
  EXPECT_EQ(*Interval(1, true, 4, false).AsPoints(3), (std::vector<KeyValue>{Whole(1), Whole(2), Whole(3)}));
  EXPECT_FALSE(Interval(1, true, 4, true).AsPoints(2).has_value());
  EXPECT_FALSE(KeyDomain::Except(Whole(3)).AsPoints(100).has_value());
}

TEST(KeyDomain, SetOperationsAgreeWithMembership) {
  std::mt19937 random(7);
  const auto draw = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  const auto any = [&] {
    KeyDomain domain = draw(0, 3) == 0 ? KeyDomain::NullOnly() : KeyDomain::None();
    for (int i = draw(0, 4); i > 0; --i) {
      const int low = draw(0, 20);
      domain = domain.Union(draw(0, 4) == 0 ? KeyDomain::Except(Whole(low))
                                            : Interval(low, draw(0, 1) == 1, low + draw(0, 6), draw(0, 1) == 1));
    }
    return domain;
  };
  for (int round = 0; round < 500; ++round) {
    const KeyDomain a = any();
    const KeyDomain b = any();
    for (int value = -1; value <= 30; ++value) {
      const KeyValue key = value < 0 ? KeyValue{} : Whole(value);
      ASSERT_EQ(a.Intersect(b).Contains(key), a.Contains(key) && b.Contains(key));
      ASSERT_EQ(a.Union(b).Contains(key), a.Contains(key) || b.Contains(key));
      ASSERT_NE(a.Complement().Contains(key), a.Contains(key));
    }
  }
}

}  // namespace
}  // namespace weir
