#include "model/partition_level.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "model/partition_values.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr RangeEdge::Kind kMin = RangeEdge::Kind::kMinValue;
constexpr RangeEdge::Kind kMax = RangeEdge::Kind::kMaxValue;

KeyValue Int(int64_t value) { return value; }
KeyValue Text(const char* value) { return std::string(value); }
RangeEdge At(int64_t value) { return {RangeEdge::Kind::kValue, Int(value)}; }
PartitionBound Range(std::vector<RangeEdge> from, std::vector<RangeEdge> to) { return RangeBound{from, to}; }
PartitionBound List(std::vector<KeyValue> values) {
  ListBound bound;
  for (KeyValue& value : values) bound.values.push_back({std::move(value)});
  return bound;
}
PartitionBound Hash(int32_t modulus, int32_t remainder) { return HashBound{modulus, remainder}; }

PartitionLevel MakeLevel(PartitionStrategy strategy, size_t columns, std::vector<PartitionBound> bounds) {
  auto level = PartitionLevel::Make({strategy, std::vector<DataType>(columns, DataType::Int())}, std::move(bounds));
  EXPECT_TRUE(level.ok()) << level.status().ToString();
  return *level;
}

KeyDomain Between(std::optional<int64_t> low, std::optional<int64_t> high, bool low_in = true, bool high_in = true) {
  KeyInterval interval;
  if (low) interval.low = Int(*low);
  if (high) interval.high = Int(*high);
  interval.low_inclusive = low_in;
  interval.high_inclusive = high_in;
  return KeyDomain::Of(interval);
}

bool LiesInOne(const std::vector<KeyDomains>& values, const KeyTuple& key) {
  return std::ranges::any_of(values, [&](const KeyDomains& one) {
    for (size_t c = 0; c < key.size(); ++c) {
      if (!one[c].Contains(key[c])) return false;
    }
    return true;
  });
}

/// Ordered by `order`, whatever the text is.
KeyValue Ordered(const char* text, const char* order, uint64_t hash = 0) {
  return OrderedText{.type = 1, .text = text, .order = order, .hash = hash};
}

TEST(OrderedText, ComparesByItsOrder) {
  const PartitionLevel ranges = MakeLevel(
      PartitionStrategy::kRange, 1,
      {RangeBound{{{RangeEdge::Kind::kValue, Ordered("2", "b")}}, {{RangeEdge::Kind::kValue, Ordered("10", "d")}}}});
  EXPECT_EQ(ranges.Route(KeyTuple{Ordered("9", "c")}), 0u);
  EXPECT_FALSE(ranges.Route(KeyTuple{Ordered("10", "d")}));
  const PartitionLevel lists = MakeLevel(PartitionStrategy::kList, 1, {List({Ordered("1 day", "a")})});
  EXPECT_EQ(lists.Route(KeyTuple{Ordered("24:00:00", "a")}), 0u);
  EXPECT_EQ(lists.FindOverlap(List({Ordered("24:00:00", "a")})), 0u);
  EXPECT_FALSE(lists.Route(KeyTuple{Ordered("1 day", "b")}));
}

TEST(PartitionHash, TakesTheHashThatAnOrderedTextBrings) {
  constexpr uint64_t kOfUuidZero = static_cast<uint64_t>(-5281082146396728638);  // uuid_hash_extended
  const auto hash = PartitionHash(std::vector{DataType::String()}, KeyTuple{Ordered("0", "0", kOfUuidZero)});
  EXPECT_EQ(hash % 5, 0u);
}

TEST(PartitionHash, EqualsWhatPostgresGives) {
  const auto remainder = [](std::vector<DataType> types, KeyTuple key) { return PartitionHash(types, key) % 16; };
  const std::vector<int64_t> values = {0, 1, 2, 42, -1, 1000000};
  const std::vector<uint64_t> ints = {0, 8, 10, 2, 5, 11};
  const std::vector<uint64_t> texts = {9, 1, 6, 11, 8, 10};
  const std::vector<uint64_t> dates = {0, 8, 10, 2, 5, 11};
  const std::vector<uint64_t> pairs = {12, 8, 2, 13, 2, 0};
  for (size_t i = 0; i < values.size(); ++i) {
    const KeyValue text = std::to_string(values[i]);
    EXPECT_EQ(remainder({DataType::Int()}, {values[i]}), ints[i]);
    EXPECT_EQ(remainder({DataType::SmallInt()}, {values[i]}), ints[i]);
    EXPECT_EQ(remainder({DataType::BigInt()}, {values[i]}), ints[i]);
    EXPECT_EQ(remainder({DataType::String()}, {text}), texts[i]);
    EXPECT_EQ(remainder({DataType::Date()}, {values[i] + 10957}), dates[i]);
    EXPECT_EQ(remainder({DataType::Int(), DataType::String()}, {values[i], text}), pairs[i]);
  }
  // Without the combination's constant these are hashint4extended(1, seed) and hashtextextended('1', seed).
  constexpr uint64_t kCombined = 0x49A0F4DD15E5A8E3ull;
  EXPECT_EQ(PartitionHash(std::vector{DataType::Int()}, KeyTuple{Int(1)}) - kCombined, 5968994663651403477ull);
  EXPECT_EQ(PartitionHash(std::vector{DataType::String()}, KeyTuple{Text("1")}) - kCombined, 6737495735547171262ull);
  EXPECT_EQ(PartitionHash(std::vector{DataType::Int()}, KeyTuple{{}}), 0u);
}

TEST(PartitionHash, EqualsPostgresForEveryType) {
  constexpr int64_t kMidnight = 1'735'776'000'000'000;  // 2025-01-02
  const auto large = static_cast<__int128>(1'234'567'890'123'456'789) * 10'000'000'000 * 1'000'000'000 +
                     static_cast<__int128>(123'456'789'012'345'678);
  struct Case {
    DataType type;
    KeyValue value;
    uint64_t remainder;  // modulo 4096, from satisfies_hash_partition of PostgreSQL 15
  };
  const std::vector<Case> cases = {
      {DataType::Boolean(), Int(1), 4024},
      {DataType::Boolean(), Int(0), 2480},
      {DataType::SmallInt(), Int(7), 1303},
      {DataType::SmallInt(), Int(-7), 3290},
      {DataType::BigInt(), Int(-9'000'000'000), 33},
      {DataType::Float(), 1.5, 129},
      {DataType::Float(), static_cast<double>(0.1f), 716},
      {DataType::Double(), -0.0, 1504},
      {DataType::Double(), 0.1, 1526},
      {DataType::Double(), std::nan(""), 2152},
      {DataType::Decimal(10, 1), static_cast<__int128>(15), 2806},
      {DataType::Decimal(38, 9), static_cast<__int128>(1'500'000'000), 2806},
      {DataType::Decimal(10, 0), static_cast<__int128>(120'000), 1915},
      {DataType::Decimal(10, 4), static_cast<__int128>(1), 1668},
      {DataType::Decimal(10, 5), static_cast<__int128>(1), 1176},
      {DataType::Decimal(10, 2), static_cast<__int128>(10'000), 589},
      {DataType::Decimal(10, 2), static_cast<__int128>(0), 1503},
      {DataType::Decimal(38, 8), -large, 1304},  // -123456789012345678901234567890.12345678
      {DataType::Time(3), Int(45'296'789'000), 1699},
      {DataType::Timestamp(), Int(kMidnight + 11'045'678'901), 1875},
      {DataType::TimestampLtz(), Int(kMidnight + 11'045'678'901), 1875},
      {DataType::Timestamp(), Int(-364 * int64_t{86'400'000'000} + 11'045'000'000), 322},
      {DataType::Timestamp(), Int(std::numeric_limits<int64_t>::max()), 2678},
      {DataType::Timestamp(), Int(-std::numeric_limits<int64_t>::max()), 383},
      {DataType::Date(), Int(std::numeric_limits<int32_t>::max()), 383},
      {DataType::Char(5), Text("ab   "), 3104},
      {DataType::Bytes(), Text("ab"), 3104},
      {DataType::String(), Text("abcdefghijklmnopqrstuvwxyz"), 2619},
      {DataType::String(), Text("abcdefghijkl"), 105},
      {DataType::String(), Text("abcdefghijk"), 2907},
      {DataType::String(), Text(""), 2214},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(PartitionHash(std::vector{c.type}, KeyTuple{c.value}) % 4096, c.remainder)
        << c.type.ToString() << ", expecting " << c.remainder;
  }
}

TEST(PartitionHash, SpreadsTheRowsOfTheSpecification) {
  const PartitionLevel level =
      MakeLevel(PartitionStrategy::kHash, 1, {Hash(4, 0), Hash(4, 1), Hash(4, 2), Hash(4, 3)});
  std::vector<std::vector<int>> found(4);
  for (int id = 1; id <= 20; ++id) found[*level.Route(KeyTuple{Int(id)})].push_back(id);
  EXPECT_THAT(found[0], ElementsAre(1, 12, 14, 16, 17));
  EXPECT_THAT(found[1], ElementsAre(3, 5, 8, 9, 11, 19, 20));
  EXPECT_THAT(found[2], ElementsAre(2, 13, 18));
  EXPECT_THAT(found[3], ElementsAre(4, 6, 7, 10, 15));
  EXPECT_EQ(level.Route(KeyTuple{{}}), 0u);
}

TEST(PartitionHash, EqualValuesOfOneTypeHashAlike) {
  const std::vector<DataType> number = {DataType::Double()};
  EXPECT_EQ(PartitionHash(number, KeyTuple{0.0}), PartitionHash(number, KeyTuple{-0.0}));
  EXPECT_EQ(PartitionHash(number, KeyTuple{std::nan("1")}), PartitionHash(number, KeyTuple{-std::nan("2")}));
  // PostgreSQL hashes digits, not the scale: 1.5 and 1.50 are one key.
  const auto decimal = [](int scale, __int128 unscaled) {
    return PartitionHash(std::vector{DataType::Decimal(38, scale)}, KeyTuple{unscaled});
  };
  EXPECT_EQ(decimal(1, 15), decimal(9, 1'500'000'000));
  EXPECT_EQ(decimal(0, 120'000), decimal(5, static_cast<__int128>(12'000'000'000)));
  EXPECT_EQ(decimal(0, 0), decimal(7, 0));
  EXPECT_NE(decimal(0, 15), decimal(1, 15));
  EXPECT_NE(decimal(4, 1), decimal(0, 1));
  const __int128 greatest = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);
  EXPECT_NE(decimal(38, greatest), decimal(37, greatest));
  EXPECT_EQ(PartitionHash(std::vector{DataType::Char(3)}, KeyTuple{Text("ab ")}),
            PartitionHash(std::vector{DataType::Char(3)}, KeyTuple{Text("ab")}));
}

TEST(PartitionLevel, RoutesByTuples) {
  const PartitionLevel level =
      MakeLevel(PartitionStrategy::kRange, 2,
                {Range({At(1), At(10)}, {At(2), At(20)}), Range({At(2), At(20)}, {At(3), {kMin}}),
                 Range({At(3), {kMin}}, {At(3), {kMax}}), Range({{kMin}, {kMin}}, {At(1), At(10)})});
  const auto route = [&](int64_t a, int64_t b) { return level.Route(KeyTuple{Int(a), Int(b)}); };
  EXPECT_EQ(route(1, 10), 0u);
  EXPECT_EQ(route(2, 19), 0u);
  EXPECT_EQ(route(2, 20), 1u);
  EXPECT_EQ(route(3, -5), 2u);
  EXPECT_EQ(route(3, 999999), 2u);
  EXPECT_EQ(route(0, 500), 3u);
  EXPECT_EQ(route(1, 9), 3u);
  EXPECT_EQ(route(4, 0), std::nullopt);
  EXPECT_EQ(level.Route(KeyTuple{Int(1), {}}), std::nullopt);
  EXPECT_THAT(level.bound_order(), ElementsAre(3, 0, 1, 2));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(1)), KeyDomain::All()}), ElementsAre(3, 0));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(2)), KeyDomain::Point(Int(5))}), ElementsAre(0));
  EXPECT_THAT(level.Prune({KeyDomain::All(), KeyDomain::Point(Int(5))}), ElementsAre(3, 0, 1, 2));
}

TEST(PartitionLevel, PrunesRangesToWhatCanMatch) {
  const PartitionLevel level = MakeLevel(
      PartitionStrategy::kRange, 1,
      {Range({At(20)}, {At(30)}), Range({At(0)}, {At(10)}), Range({At(10)}, {At(20)}), DefaultBound{}});
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(15))}), ElementsAre(2));
  EXPECT_THAT(level.Prune({Between(5, 15)}), ElementsAre(1, 2));
  EXPECT_THAT(level.Prune({Between(5, 20, true, false)}), ElementsAre(1, 2));
  EXPECT_THAT(level.Prune({Between(25, 30)}), ElementsAre(0, 3));
  EXPECT_THAT(level.Prune({Between({}, 5)}), ElementsAre(1, 3));
  EXPECT_THAT(level.Prune({KeyDomain::NullOnly()}), ElementsAre(3));
  EXPECT_THAT(level.Prune({KeyDomain::NotNull()}), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(level.Prune({KeyDomain::Except(Int(15))}), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(level.Prune({KeyDomain::None()}), IsEmpty());
  EXPECT_THAT(level.Prune({KeyDomain::Points({Int(5), Int(25), Int(99)})}), ElementsAre(1, 0, 3));
}

TEST(PartitionLevel, PrunesListsByEachValue) {
  const PartitionLevel level = MakeLevel(
      PartitionStrategy::kList, 1,
      {List({Int(7), Int(3)}), List({Int(1)}), List({KeyValue{}}), DefaultBound{}, List({Int(5), KeyValue{9.5}})});
  EXPECT_THAT(level.bound_order(), ElementsAre(1, 0, 4, 2, 3));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(3))}), ElementsAre(0));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(4))}), ElementsAre(3));
  EXPECT_THAT(level.Prune({KeyDomain::NullOnly()}), ElementsAre(2));
  EXPECT_THAT(level.Prune({Between(1, 3, false)}), ElementsAre(0, 3));
  EXPECT_THAT(level.Prune({KeyDomain::Except(Int(1))}), ElementsAre(0, 4, 3));
  EXPECT_THAT(level.Prune({KeyDomain::NotNull()}), ElementsAre(1, 0, 4, 3));
}

TEST(PartitionLevel, TheLongestTupleThatAKeyBeginsWithTakesIt) {
  const auto tuples = [](std::vector<KeyTuple> values) { return PartitionBound(ListBound{std::move(values)}); };
  const PartitionLevel level = MakeLevel(PartitionStrategy::kList, 2,
                                         {tuples({{Int(1)}}), tuples({{Int(1), Int(2)}, {Int(3)}}), DefaultBound{}});
  const auto route = [&](int64_t a, int64_t b) { return level.Route(KeyTuple{Int(a), Int(b)}); };
  EXPECT_EQ(route(1, 2), 1u);
  EXPECT_EQ(route(1, 3), 0u);
  EXPECT_EQ(route(3, 2), 1u);
  EXPECT_EQ(route(2, 2), 2u);
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(1)), KeyDomain::Point(Int(5))}), ElementsAre(0));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(1)), KeyDomain::Point(Int(2))}), ElementsAre(1));
  EXPECT_THAT(level.Prune({KeyDomain::Point(Int(1)), KeyDomain::All()}), ElementsAre(0, 1, 2));
  EXPECT_THAT(level.Prune({KeyDomain::All(), KeyDomain::Point(Int(9))}), ElementsAre(0, 1, 2));
  EXPECT_THAT(level.Prune({Between(3, 4), KeyDomain::All()}), ElementsAre(1, 2));
}

TEST(PartitionLevel, HashNeedsAValueOfEveryColumn) {
  const PartitionLevel level = MakeLevel(PartitionStrategy::kHash, 2, {Hash(2, 1), Hash(4, 0), Hash(8, 2)});
  EXPECT_THAT(level.bound_order(), ElementsAre(0, 1, 2));
  EXPECT_EQ(level.Prune({KeyDomain::Point(Int(1)), KeyDomain::All()}).size(), 3u);
  EXPECT_EQ(level.Prune({Between(1, 5000), KeyDomain::Point(Int(1))}).size(), 3u);
  const std::vector<size_t> few = level.Prune({Between(1, 2), KeyDomain::Point(Int(1))});
  EXPECT_EQ(few, level.Prune({KeyDomain::Points({Int(1), Int(2)}), KeyDomain::Point(Int(1))}));
  EXPECT_THAT(level.Prune({KeyDomain::NullOnly(), KeyDomain::NullOnly()}), ElementsAre(1));
}

TEST(PartitionLevel, ThereAreTwoBooleans) {
  const auto level = PartitionLevel::Make({PartitionStrategy::kList, {DataType::Boolean()}},
                                          {ListBound{{{Int(1)}}}, ListBound{{{Int(0)}}}, DefaultBound{}});
  ASSERT_TRUE(level.ok());
  EXPECT_THAT(level->Prune({KeyDomain::Except(Int(1))}), ElementsAre(1));
  EXPECT_THAT(level->Prune({KeyDomain::Except(Int(1)).Union(KeyDomain::NullOnly())}), ElementsAre(1, 2));
}

TEST(PartitionLevel, SaysWhatAChildHolds) {
  const PartitionLevel ranges = MakeLevel(PartitionStrategy::kRange, 1,
                                          {Range({At(1)}, {At(5)}), Range({At(5)}, {At(9)}), DefaultBound{}});
  EXPECT_EQ(ValuesIn(ranges, 0)[0][0].AsPoints(9), KeyDomain::Points({Int(1), Int(2), Int(3), Int(4)}).AsPoints());
  const KeyDomain others = ValuesIn(ranges, 2)[0][0];
  for (const int value : {1, 4, 5, 8}) EXPECT_FALSE(others.Contains(Int(value))) << value;
  EXPECT_TRUE(others.Contains(Int(0)) && others.Contains(Int(9)) && others.nulls());
}

TEST(PartitionLevel, RefusesWhatCannotStandTogether) {
  const auto make = [](PartitionStrategy strategy, std::vector<PartitionBound> bounds) {
    return PartitionLevel::Make({strategy, {DataType::Int()}}, std::move(bounds)).ok();
  };
  EXPECT_FALSE(make(PartitionStrategy::kRange, {Range({At(0)}, {At(10)}), Range({At(9)}, {At(11)})}));
  EXPECT_FALSE(make(PartitionStrategy::kRange, {Range({At(3)}, {At(3)})}));
  EXPECT_FALSE(make(PartitionStrategy::kRange, {DefaultBound{}, DefaultBound{}}));
  EXPECT_FALSE(make(PartitionStrategy::kRange, {List({Int(1)})}));
  EXPECT_FALSE(make(PartitionStrategy::kList, {List({Int(1)}), List({Int(2), Int(1)})}));
  EXPECT_FALSE(make(PartitionStrategy::kHash, {Hash(4, 1), Hash(6, 0)}));
  EXPECT_FALSE(make(PartitionStrategy::kHash, {Hash(8, 5), Hash(2, 1)}));
  EXPECT_FALSE(make(PartitionStrategy::kHash, {Hash(4, 4)}));
  EXPECT_FALSE(make(PartitionStrategy::kHash, {DefaultBound{}}));
  EXPECT_TRUE(make(PartitionStrategy::kList, {List({Int(1), Int(1)})}));
}

TEST(PartitionLevel, FindsTheFirstOverlap) {
  const PartitionLevel ranges = MakeLevel(PartitionStrategy::kRange, 1,
                                          {Range({At(10)}, {At(20)}), Range({At(0)}, {At(10)}), DefaultBound{}});
  EXPECT_EQ(ranges.FindOverlap(Range({At(5)}, {At(15)})), 1u);
  EXPECT_EQ(ranges.FindOverlap(Range({{kMin}}, {{kMax}})), 1u);
  EXPECT_EQ(ranges.FindOverlap(Range({At(20)}, {{kMax}})), std::nullopt);
  EXPECT_EQ(ranges.FindOverlap(DefaultBound{}), 2u);
  const PartitionLevel hashes = MakeLevel(PartitionStrategy::kHash, 1, {Hash(4, 0), Hash(8, 5), Hash(8, 1)});
  EXPECT_EQ(hashes.FindOverlap(Hash(2, 1)), 2u);
  EXPECT_EQ(hashes.FindOverlap(Hash(8, 4)), 0u);
  EXPECT_EQ(hashes.FindOverlap(Hash(16, 13)), 1u);
  EXPECT_EQ(hashes.FindOverlap(Hash(4, 3)), std::nullopt);
}

/// Random levels against definitions written out plainly.
class RandomLevels : public testing::TestWithParam<int> {
 protected:
  int Draw(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool Chance(int percent) { return Draw(1, 100) <= percent; }

  static constexpr int kLeast = 0;
  static constexpr int kGreatest = 12;

  KeyValue AnyValue() { return Chance(10) ? KeyValue{} : Int(Draw(kLeast, kGreatest)); }

  std::vector<PartitionBound> RandomRanges(size_t columns) {
    std::set<std::vector<std::pair<int, int64_t>>> cuts;  // kind and value a column
    for (int i = Draw(2, 12); i > 0; --i) {
      std::vector<std::pair<int, int64_t>> cut;
      int special = 0;
      for (size_t c = 0; c < columns; ++c) {
        if (special == 0 && Chance(12)) special = Chance(50) ? -1 : 1;
        cut.emplace_back(special, special == 0 ? Draw(kLeast, kGreatest) : 0);
      }
      cuts.insert(cut);
    }
    std::vector<PartitionBound> bounds;
    const auto edge = [](const auto& cut) {
      std::vector<RangeEdge> parts;
      for (const auto& [kind, value] : cut) parts.push_back({static_cast<RangeEdge::Kind>(kind), Int(value)});
      return parts;
    };
    for (auto at = cuts.begin(); std::next(at) != cuts.end(); ++at) {
      if (Chance(70)) bounds.push_back(Range(edge(*at), edge(*std::next(at))));
    }
    return bounds;
  }

  std::vector<PartitionBound> RandomLists() {
    std::vector<PartitionBound> bounds(Draw(1, 5), ListBound{});
    std::vector<KeyValue> values = {{}};
    for (int value = kLeast; value <= kGreatest; ++value) values.push_back(Int(value));
    for (const KeyValue& value : values) {
      if (Chance(70))
        std::get<ListBound>(bounds[Draw(0, static_cast<int>(bounds.size()) - 1)]).values.push_back({value});
    }
    std::erase_if(bounds, [](const PartitionBound& bound) { return std::get<ListBound>(bound).values.empty(); });
    return bounds;
  }

  std::vector<PartitionBound> RandomHashes() {
    std::vector<PartitionBound> bounds;
    const auto split = [&](const auto& self, int modulus, int remainder) -> void {
      if (modulus < 24 && Chance(modulus == 1 ? 90 : 40)) {
        const int factor = modulus % 3 == 0 ? 4 : (modulus == 1 ? 3 : 2);
        for (int i = 0; i < factor; ++i) self(self, modulus * factor, remainder + i * modulus);
      } else if (Chance(80)) {
        bounds.push_back(Hash(modulus, remainder));
      }
    };
    split(split, 1, 0);
    return bounds;
  }

  KeyDomain RandomDomain() {
    switch (Draw(0, 7)) {
      case 0:
        return KeyDomain::All();
      case 1:
        return KeyDomain::Point(AnyValue());
      case 2:
        return KeyDomain::Points({AnyValue(), AnyValue(), AnyValue()});
      case 3:
        return KeyDomain::Except(Int(Draw(kLeast, kGreatest)));
      case 4:
        return KeyDomain::NullOnly();
      case 5:
        return RandomInterval().Union(RandomInterval());
      default:
        return RandomInterval();
    }
  }
  KeyDomain RandomInterval() {
    const int low = Draw(kLeast, kGreatest);
    return Between(Chance(20) ? std::nullopt : std::optional<int64_t>(low),
                   Chance(20) ? std::nullopt : std::optional<int64_t>(low + Draw(0, 4)), Chance(50), Chance(50));
  }

  std::mt19937 random_{static_cast<unsigned>(GetParam())};
};

bool IsBelow(const KeyTuple& key, const std::vector<RangeEdge>& edge) {
  for (size_t i = 0; i < key.size(); ++i) {
    if (edge[i].kind == kMin) return false;
    if (edge[i].kind == kMax) return true;
    if (std::get<int64_t>(key[i]) != std::get<int64_t>(edge[i].value)) {
      return std::get<int64_t>(key[i]) < std::get<int64_t>(edge[i].value);
    }
  }
  return false;
}

bool Takes(const PartitionLevel& level, size_t child, const KeyTuple& key) {
  const PartitionBound& bound = level.bounds()[child];
  const bool has_null = std::any_of(key.begin(), key.end(), IsNull);
  if (const auto* range = std::get_if<RangeBound>(&bound)) {
    return !has_null && !IsBelow(key, range->from) && IsBelow(key, range->to);
  }
  if (const auto* list = std::get_if<ListBound>(&bound)) {
    return std::any_of(list->values.begin(), list->values.end(), [&](const KeyTuple& value) { return value == key; });
  }
  if (const auto* hash = std::get_if<HashBound>(&bound)) {
    return PartitionHash(level.key().types, key) % hash->modulus == static_cast<uint64_t>(hash->remainder);
  }
  for (size_t other = 0; other < level.size(); ++other) {
    if (other != child && Takes(level, other, key)) return false;
  }
  return true;
}

TEST_P(RandomLevels, RouteAndPruneAgreeWithTheirDefinitions) {
  const int kind = Draw(0, 3);
  const size_t columns = kind == 0 ? 1 : (kind == 1 ? 2 : (kind == 2 ? 1 : Draw(1, 2)));
  std::vector<PartitionBound> bounds = kind <= 1 ? RandomRanges(columns) : (kind == 2 ? RandomLists() : RandomHashes());
  if (kind != 3 && Chance(50)) bounds.push_back(DefaultBound{});
  std::shuffle(bounds.begin(), bounds.end(), random_);
  const auto strategy = kind <= 1 ? PartitionStrategy::kRange
                                  : (kind == 2 ? PartitionStrategy::kList : PartitionStrategy::kHash);
  const PartitionLevel level = MakeLevel(strategy, columns, bounds);

  std::vector<KeyTuple> keys = {{}};
  for (size_t c = 0; c < columns; ++c) {
    std::vector<KeyTuple> longer;
    for (const KeyTuple& key : keys) {
      for (int value = kLeast - 2; value <= kGreatest + 2; ++value) {
        longer.push_back(key);
        longer.back().push_back(value == kLeast - 2 ? KeyValue{} : Int(value));
      }
    }
    keys = std::move(longer);
  }
  std::vector<std::optional<size_t>> homes;
  for (const KeyTuple& key : keys) {
    std::optional<size_t> home;
    for (size_t child = 0; child < level.size(); ++child) {
      if (Takes(level, child, key)) home = child;
    }
    homes.push_back(home);
    ASSERT_EQ(level.Route(key), home);
    EXPECT_TRUE(!home || LiesInOne(ValuesIn(level, *home), key));
  }

  for (int round = 0; round < 40; ++round) {
    KeyDomains domains;
    for (size_t c = 0; c < columns; ++c) domains.push_back(RandomDomain());
    const std::vector<size_t> pruned = level.Prune(domains);
    std::set<size_t> needed;
    for (size_t i = 0; i < keys.size(); ++i) {
      bool passes = true;
      for (size_t c = 0; c < columns; ++c) passes = passes && domains[c].Contains(keys[i][c]);
      if (passes && homes[i]) needed.insert(*homes[i]);
    }
    for (const size_t child : needed) EXPECT_THAT(pruned, testing::Contains(child));
    EXPECT_EQ(std::set<size_t>(pruned.begin(), pruned.end()).size(), pruned.size());
    const auto place = [&](size_t child) {
      return std::find(level.bound_order().begin(), level.bound_order().end(), child) - level.bound_order().begin();
    };
    EXPECT_TRUE(std::is_sorted(pruned.begin(), pruned.end(), [&](size_t a, size_t b) { return place(a) < place(b); }));
    const bool exact = strategy == PartitionStrategy::kList || (columns == 1 && domains[0].AsPoints());
    if (!exact) continue;
    for (const size_t child : pruned) {
      if (IsDefault(level.bounds()[child]) && !domains[0].AsPoints()) continue;
      EXPECT_THAT(needed, testing::Contains(child));
    }
  }
}

TEST_P(RandomLevels, ABoundTellsItsRowsFromThoseOfOtherRanges) {
  const auto columns = static_cast<size_t>(Draw(1, 3));
  std::vector<PartitionBound> bounds = RandomRanges(columns);
  if (Chance(50)) bounds.emplace_back(DefaultBound{});
  const PartitionLevel level = MakeLevel(PartitionStrategy::kRange, columns, std::move(bounds));
  std::vector<std::vector<KeyDomains>> values;
  for (size_t child = 0; child < level.size(); ++child) values.push_back(ValuesIn(level, child));
  for (int round = 0; round < 300; ++round) {
    KeyTuple key;
    for (size_t c = 0; c < columns; ++c) key.push_back(AnyValue());
    const auto home = level.Route(key);
    for (size_t child = 0; child < level.size(); ++child) {
      EXPECT_EQ(LiesInOne(values[child], key), home == child);
    }
  }
}

TEST_P(RandomLevels, IntervalsOfARangeKeyKeepNothingThatLiesOutside) {
  const PartitionLevel level = MakeLevel(PartitionStrategy::kRange, 1, RandomRanges(1));
  for (int round = 0; round < 40; ++round) {
    const int low = Draw(kLeast, kGreatest);
    const int high = low + Draw(0, 5);
    std::set<size_t> needed;
    for (int value = low; value <= high; ++value) {
      if (const auto child = level.Route(KeyTuple{Int(value)})) needed.insert(*child);
    }
    const auto pruned = level.Prune({Between(low, high)});
    EXPECT_EQ(std::set<size_t>(pruned.begin(), pruned.end()), needed);
  }
}

TEST_P(RandomLevels, AnOverlapIsFoundWhenAKeyIsShared) {
  const int kind = Draw(0, 2);
  const auto draw = [&] { return kind == 0 ? RandomRanges(1) : (kind == 1 ? RandomLists() : RandomHashes()); };
  const auto strategy = kind == 0 ? PartitionStrategy::kRange
                                  : (kind == 1 ? PartitionStrategy::kList : PartitionStrategy::kHash);
  const PartitionLevel level = MakeLevel(strategy, 1, draw());
  for (const PartitionBound& bound : draw()) {
    const PartitionLevel alone = MakeLevel(strategy, 1, {bound});
    bool shared = false;
    for (int value = kLeast - 2; value <= 400; ++value) {
      const KeyTuple key = {value == kLeast - 2 ? KeyValue{} : Int(value)};
      shared = shared || (level.Route(key) && alone.Route(key));
    }
    EXPECT_EQ(level.FindOverlap(bound).has_value(), shared);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomLevels, testing::Range(0, 200));

}  // namespace
}  // namespace weir
