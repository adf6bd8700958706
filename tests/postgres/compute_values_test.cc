#include <gtest/gtest.h>

#include "oracle_testing.h"
#include "postgres/compute/bit_strings.h"
#include "postgres/compute/digest.h"
#include "postgres/compute/json_path_query.h"
#include "postgres/compute/money_words.h"
#include "postgres/compute/network.h"
#include "postgres/compute/normal_form.h"
#include "postgres/compute/ranges.h"
#include "postgres/compute/sizes.h"
#include "postgres/value/nested.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Inet Address(std::string_view text) { return ReadInet(text, false).MoveValue(); }
std::string Shown(const Inet& value) {
  std::string text;
  AppendInet(value, false, &text);
  return text;
}

TEST(ComputeNetwork, FindsWhatAnAddressBelongsTo) {
  EXPECT_EQ(Shown(NetworkOf(Address("192.168.1.5/24"))), "192.168.1.0/24");
  EXPECT_EQ(Shown(BroadcastOf(Address("2001:db8::1/64"))), "2001:db8::ffff:ffff:ffff:ffff/64");
  EXPECT_TRUE(HasInside(Address("10.0.0.0/8"), Address("10.1.2.3")));
  EXPECT_FALSE(HasInside(Address("10.0.0.0/8"), Address("10.0.0.0/8")));
  EXPECT_EQ(AbbreviatedCidr(Address("2001:4f8:3:ba::/64")), "2001:4f8:3:ba/64");
}

TEST(ComputeNetwork, CountsWithinTheFamily) {
  EXPECT_EQ(Shown(*Plus(Address("192.168.1.255"), 1)), "192.168.2.0");
  EXPECT_EQ(ErrorText(Plus(Address("255.255.255.255"), 1).status()), "! 22003 result is out of range");
  EXPECT_EQ(*DistanceOf(Address("10.0.0.1"), Address("10.0.1.0")), -255);
  EXPECT_FALSE(DistanceOf(Address("ffff::"), Address("::1")).ok());
  EXPECT_FALSE(NarrowMac({1, 2, 3, 4, 5, 6, 7, 8}).ok());
}

Range Ints(std::string_view text) { return ReadRange(oid::kInt4, text, {}).MoveValue(); }
std::string Shown(const Result<Range>& range) {
  if (!range.ok()) return ErrorText(range.status());
  std::string text;
  AppendRange(oid::kInt4, *range, {}, &text);
  return text;
}

TEST(ComputeRanges, JoinsAndCuts) {
  EXPECT_EQ(Shown(UnionOf(oid::kInt4, Ints("[1,3]"), Ints("[4,6]"))), "[1,7)");
  EXPECT_EQ(Shown(UnionOf(oid::kInt4, Ints("[1,2]"), Ints("[5,6]"))),
            "! 22000 result of range union would not be contiguous");
  EXPECT_EQ(Shown(DifferenceOf(oid::kInt4, Ints("[1,10)"), Ints("(,5)"))), "[5,10)");
  EXPECT_EQ(Shown(IntersectionOf(oid::kInt4, Ints("[1,10)"), Ints("[20,30)"))), "empty");
  EXPECT_TRUE(IsAdjacent(oid::kInt4, Ints("[1,5)"), Ints("[5,8)")));
  EXPECT_TRUE(Contains(oid::kInt4, Ints("(,)"), Value(7)));
}

std::string Found(std::string_view path, std::string_view json) {
  const auto parsed = ParseJsonPath(path);
  if (!parsed.ok()) return ErrorText(parsed.status());
  const auto found = FindByPath(*parsed, json, "{}");
  if (!found.ok()) return ErrorText(found.status());
  std::string text;
  for (const std::string& item : found->items) text += item + ";";
  return found->error.ok() ? text : text + ErrorText(found->error);
}

TEST(ComputeJsonPath, KeepsWhatItFoundBeforeAnError) {
  EXPECT_EQ(Found("strict $[*].a", R"([{"a": 1}, {"b": 2}])"), R"(1;! 2203A JSON object does not contain key "a")");
}

TEST(ComputeJsonPath, RefusesTextsThatNestTooDeeply) {
  const auto repeated = [](std::string_view part, size_t times) {
    std::string text;
    for (size_t i = 0; i < times; ++i) text += part;
    return text;
  };
  const std::string too_deep = "! 54001 stack depth limit exceeded";
  EXPECT_EQ(Found(repeated("(", 100'000), "1"), too_deep);
  EXPECT_EQ(Found(repeated("$[", 100'000), "1"), too_deep);
  EXPECT_EQ(Found("$" + repeated(".a", 100'000), "1"), too_deep);
  EXPECT_EQ(Found("1" + repeated("+1", 100'000), "1"), too_deep);
  EXPECT_EQ(Found(repeated("-", 100'000) + "1", "1"), too_deep);
}

TEST(ComputeSizes, GoesThereAndBack) {
  EXPECT_EQ(*PrettySize(Numeric(int64_t{10'240})), "10 kB");
  EXPECT_EQ(*BytesOfSize("1.5 MB"), 1'572'864);
  EXPECT_EQ(EncodingName(EncodingNumber("utf-8")), "UTF8");
  EXPECT_EQ(EncodingName(42), "");
}

TEST(ComputeBits, StaysWithinTheBits) {
  EXPECT_EQ(ShiftedBits("1010", 9), "0000");
  EXPECT_EQ(ErrorText(BitAt("1010", 4).status()), "! 2202E bit index 4 out of valid range (0..3)");
  EXPECT_EQ(*SubstringOfBits("110101", -1, 3), "1");
}

TEST(ComputeTexts, DigestsAndNormalForms) {
  const std::string digest = DigestOf(Digest::kSha224, "abc").MoveValue();
  std::string hex;
  AppendHex(digest, &hex);
  EXPECT_EQ(hex, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  EXPECT_EQ(*Normalized("e\xCC\x81", NormalForm::kNfc), "\xC3\xA9");
  EXPECT_EQ(WordsOf({123'45}), "One hundred twenty three dollars and forty five cents");
}

}  // namespace
}  // namespace weir::postgres
