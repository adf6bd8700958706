#include "postgres/bound_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "postgres/value/ordered_text.h"

namespace weir {
namespace {

PartitionBound Again(const PartitionBound& bound) {
  return *BoundFromJson(nlohmann::json::parse(BoundToJson(bound).dump()));
}

TEST(BoundJsonTest, RangesKeepTheirEdges) {
  const RangeBound bound{{{RangeEdge::Kind::kMinValue, {}}, {RangeEdge::Kind::kValue, KeyValue(int64_t{-7})}},
                         {{RangeEdge::Kind::kValue, KeyValue(0.1)}, {RangeEdge::Kind::kMaxValue, {}}}};
  EXPECT_EQ(BoundToJson(bound).dump(), R"({"from":[-1,[-7]],"to":[[{"double":"3fb999999999999a"}],1]})");
  const auto again = std::get<RangeBound>(Again(bound));
  EXPECT_EQ(CompareEdges(again.from, bound.from), std::weak_ordering::equivalent);
  EXPECT_EQ(CompareEdges(again.to, bound.to), std::weak_ordering::equivalent);
}

TEST(BoundJsonTest, ListsKeepValuesOfEveryKind) {
  __int128 large = std::numeric_limits<int64_t>::min();
  large *= 1000;
  ListBound bound;
  bound.values.push_back({KeyValue(), KeyValue(std::numeric_limits<int64_t>::min())});
  bound.values.push_back({KeyValue(large), KeyValue(-large)});
  bound.values.push_back({KeyValue(std::string("ü")), KeyValue(std::string("\xFF\x00", 2))});
  bound.values.push_back({KeyValue(std::numeric_limits<double>::quiet_NaN()), KeyValue(-0.0)});
  const auto again = std::get<ListBound>(Again(bound));
  ASSERT_EQ(again.values.size(), bound.values.size());
  for (size_t i = 0; i < bound.values.size(); ++i) {
    EXPECT_EQ(Compare(again.values[i], bound.values[i]), std::weak_ordering::equivalent) << i;
  }
}

TEST(BoundJsonTest, ValuesOfTypesKeepTheirOrder) {
  constexpr uint32_t kInterval = 1186;
  const auto bound = [](const char* text) {
    return ListBound{{{*postgres::ToOrderedText(kInterval, std::string(text))}}};
  };
  EXPECT_EQ(BoundToJson(bound("1 day")).dump(), R"({"in":[[{"ordered":[1186,"1 day"]}]]})");
  const auto again = std::get<ListBound>(Again(bound("1 day")));
  EXPECT_EQ(Compare(again.values[0], bound("24:00:00").values[0]), std::weak_ordering::equivalent);
  EXPECT_EQ(Compare(again.values[0], bound("2 days").values[0]), std::weak_ordering::less);
}

TEST(BoundJsonTest, HashesAndDefaults) {
  const auto hash = std::get<HashBound>(Again(HashBound{8, 3}));
  EXPECT_EQ(hash.modulus, 8);
  EXPECT_EQ(hash.remainder, 3);
  EXPECT_EQ(BoundToJson(DefaultBound{}).dump(), "\"default\"");
  EXPECT_TRUE(IsDefault(Again(DefaultBound{})));
}

TEST(BoundJsonTest, Strategies) {
  for (const auto strategy : {PartitionStrategy::kRange, PartitionStrategy::kList, PartitionStrategy::kHash}) {
    EXPECT_EQ(StrategyFromJson(StrategyToJson(strategy)), strategy);
  }
  EXPECT_EQ(StrategyToJson(PartitionStrategy::kHash).dump(), "\"hash\"");
}

TEST(BoundJsonTest, WhatIsNoBoundThrows) {
  EXPECT_THROW(BoundFromJson(nlohmann::json::parse(R"({"from":[[1]]})")), nlohmann::json::exception);
  EXPECT_THROW(BoundFromJson(nlohmann::json::parse(R"({"modulus":2})")), nlohmann::json::exception);
}

}  // namespace
}  // namespace weir
