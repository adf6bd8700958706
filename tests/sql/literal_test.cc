#include <gtest/gtest.h>

#include <limits>

#include "sql/error.h"
#include "sql/literal/array_text.h"
#include "sql/literal/datetime_text.h"
#include "sql/literal/scalar_text.h"
#include "sql/literal/similar_pattern.h"
#include "sql/literal/time_zone_offset.h"

namespace weir::sql {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kNewYear2024 = 1'704'067'200 * kSecond;  // 2024-01-01 00:00:00

/// The session stands in Paris on 2024-11-28, 22:52:48 UTC.
const Clock kClock{.now = 1'732'834'368 * kSecond, .zone = "Europe/Paris"};

template <typename T>
std::string StateOf(const Result<T>& result) {
  return result.ok() ? "" : FieldsOf(result.status()).sqlstate;
}
template <typename T>
std::string MessageOf(const Result<T>& result) {
  return result.ok() ? "" : FieldsOf(result.status()).message;
}

/// The value, or an impossible one with the error's text in the test's output.
int64_t Value(const Result<int64_t>& result) {
  EXPECT_TRUE(result.ok()) << MessageOf(result);
  return result.ok() ? *result : std::numeric_limits<int64_t>::min();
}

TEST(LiteralText, ReadsDatesInTheirForms) {
  for (const char* text : {"2024-01-05", "01/05/2024", "1-5-2024", "20240105", "240105", "Jan 5, 2024", "5 January 2024",
                           "05-Jan-2024", "2024-Jan-05", "2024.005", "J2460315", "Fri Jan 5 2024", "2024-01-05 23:59+02",
                           " 2024-01-05 AD "}) {
    EXPECT_EQ(Value(ReadDate(text, kClock)), 19727) << text;
  }
  EXPECT_EQ(Value(ReadDate("epoch", kClock)), 0);
  EXPECT_EQ(Value(ReadDate("infinity", kClock)), kInfiniteDays);
  EXPECT_EQ(Value(ReadDate("-infinity", kClock)), -kInfiniteDays);
  EXPECT_EQ(Value(ReadDate("1/2/70", kClock)), 1);
  EXPECT_EQ(Value(ReadDate("1/2/69", kClock)), 36161);
}

TEST(LiteralText, CountsYearsBeforeChrist) {
  EXPECT_EQ(Value(ReadDate("0001-12-31 BC", kClock)) + 1, Value(ReadDate("0001-01-01", kClock)));
  EXPECT_EQ(Value(ReadDate("0044-03-15 BC", kClock)), -735'160);
  EXPECT_EQ(Value(ReadDate("4714-11-24 BC", kClock)), -2'440'588);
  EXPECT_EQ(Value(ReadDate("5874897-12-31", kClock)), 2'145'042'905);
  EXPECT_EQ(StateOf(ReadDate("4714-11-23 BC", kClock)), "22008");
  EXPECT_EQ(StateOf(ReadDate("0000-01-01", kClock)), "22008");
  EXPECT_EQ(StateOf(ReadDate("-2008-01-01", kClock)), "22009");
}

TEST(LiteralText, ReadsTimesInTheirForms) {
  for (const char* text : {"16:05", "04:05 PM", "16:05:00.0000001", "1605", "160500", "2024-01-01 16:05:00"}) {
    EXPECT_EQ(Value(ReadTime(text, kClock)), 16 * kHour + 300 * kSecond) << text;
  }
  EXPECT_EQ(Value(ReadTime("12:30 AM", kClock)), kHour / 2);
  EXPECT_EQ(Value(ReadTime("24:00", kClock)), 24 * kHour);
  EXPECT_EQ(Value(ReadTime("23:59:59.9999999", kClock)), 24 * kHour);
  EXPECT_EQ(Value(ReadTime("23:59:60", kClock)), 24 * kHour);
  EXPECT_EQ(Value(ReadTime("allballs", kClock)), 0);
  for (const char* text : {"24:00:01", "25:00", "12:60", "13:00 PM"}) {
    EXPECT_EQ(StateOf(ReadTime(text, kClock)), "22008") << text;
  }
  for (const char* text : {"2024-01-01", "x", ""}) EXPECT_EQ(StateOf(ReadTime(text, kClock)), "22007") << text;
}

TEST(LiteralText, ReadsTheWallClockWithoutItsZone) {
  const int64_t noon = kNewYear2024 + 12 * kHour;
  for (const char* text : {"2024-01-01 12:00", "2024-01-01T12:00:00Z", "20240101T120000", "2024-01-01 12:00+05:30",
                           "2024-01-01 12:00 PST", "Mon Jan 1 12:00:00 2024"}) {
    EXPECT_EQ(Value(ReadTimestamp(text, kClock)), noon) << text;
  }
  EXPECT_EQ(Value(ReadTimestamp("2024-01-01 00:00:00.1234565", kClock)), kNewYear2024 + 123'457);
  EXPECT_EQ(StateOf(ReadTimestamp("300000-01-01", kClock)), "22008");
}

TEST(LiteralText, BringsMomentsToUtc) {
  const auto at = [](const char* text) { return Value(ReadTimestamptz(text, kClock)) - kNewYear2024; };
  EXPECT_EQ(at("2024-01-01 12:00+02"), 10 * kHour);
  EXPECT_EQ(at("2024-01-01T12:00Z"), 12 * kHour);
  EXPECT_EQ(at("2024-01-01 12:00+05:30"), 6 * kHour + kHour / 2);
  EXPECT_EQ(at("2024-01-01 12:00 -8:00"), 20 * kHour);
  EXPECT_EQ(at("2024-01-01 12:00 PST"), 20 * kHour);
  EXPECT_EQ(at("2024-01-01 12:00 america/new_york"), 17 * kHour);
  EXPECT_EQ(at("2024-01-01 12:00"), 11 * kHour);
  EXPECT_EQ(at("2024-01-01+00"), 0);
}

TEST(LiteralText, ReadsTheHoursThatAClockSkipsAndRepeats) {
  EXPECT_EQ(OffsetOfLocal("Europe/Paris", 1'711'852'200), 3600);  // 2024-03-31 02:30 does not exist
  EXPECT_EQ(OffsetOfLocal("Europe/Paris", 1'729'996'200), 3600);  // 2024-10-27 02:30 is there twice
  EXPECT_EQ(OffsetOfLocal("+02", 0), 7200);
  EXPECT_EQ(OffsetOfLocal("-03:30", 0), -12'600);
  EXPECT_FALSE(OffsetOfLocal("Mars/Olympus", 0));
  EXPECT_EQ(OffsetAt("europe/paris", 1'720'000'000), 7200);
}

TEST(LiteralText, KnowsTheDaysAroundNow) {
  EXPECT_EQ(Value(ReadDate("today", kClock)), 20'055);
  EXPECT_EQ(Value(ReadDate("tomorrow", kClock)), 20'056);
  EXPECT_EQ(Value(ReadDate("yesterday", kClock)), 20'054);
  EXPECT_EQ(Value(ReadTimestamptz("now", kClock)), kClock.now);
  EXPECT_EQ(Value(ReadTimestamp("now", kClock)), kClock.now + kHour);
  EXPECT_EQ(Value(ReadTimestamptz("today 10:00", kClock)), 20'055 * 24 * kHour + 9 * kHour);
}

TEST(LiteralText, SaysWhatIsWrongWithADate) {
  EXPECT_EQ(MessageOf(ReadTimestamptz("garbage", kClock)), "invalid input syntax for type timestamp with time zone: \"garbage\"");
  EXPECT_EQ(StateOf(ReadTimestamptz("garbage", kClock)), "22007");
  EXPECT_EQ(MessageOf(ReadDate("2024-02-30", kClock)), "date/time field value out of range: \"2024-02-30\"");
  EXPECT_EQ(StateOf(ReadTimestamp("2024-13-01", kClock)), "22008");
  EXPECT_EQ(StateOf(ReadTimestamptz("2024-01-01 12:00+16", kClock)), "22009");
  EXPECT_EQ(MessageOf(ReadTimestamptz("2024-01-01 12:00 Foo/Bar", kClock)), "time zone \"foo/bar\" not recognized");
  for (const char* text : {"", "10:00", "2024-3", "2024-01-01 x", "2024-01-01-", "2024--01", "--", "1.2.3.4", "\xff", "j", "2024-01-01 :", "Jan Feb 2024"}) {
    EXPECT_FALSE(ReadDate(text, kClock).ok()) << text;
    EXPECT_FALSE(ReadTimestamptz(text, kClock).ok()) << text;
  }
}

TEST(LiteralText, ReadsBytes) {
  EXPECT_EQ(*ReadBytes("\\x0102 cAfE"), std::string("\x01\x02\xca\xfe"));
  EXPECT_EQ(*ReadBytes("a\\\\b\\001\\377"), std::string("a\\b\x01\xff"));
  EXPECT_EQ(*ReadBytes(""), "");
  EXPECT_EQ(StateOf(ReadBytes("\\x1")), "22023");
  EXPECT_EQ(MessageOf(ReadBytes("\\xzz")), "invalid hexadecimal digit: \"z\"");
  for (const char* text : {"\\", "\\4", "\\400", "\\1a1"}) EXPECT_EQ(StateOf(ReadBytes(text)), "22P02") << text;
}

TEST(LiteralText, ReadsBooleans) {
  for (const char* text : {"t", "TRUE", "tru", " yes ", "on", "1"}) EXPECT_EQ(*ReadBoolean(text), true) << text;
  for (const char* text : {"f", "fal", "n", "off", "of", "0"}) EXPECT_EQ(*ReadBoolean(text), false) << text;
  for (const char* text : {"", "o", "2", "truest", "nope"}) EXPECT_EQ(StateOf(ReadBoolean(text)), "22P02") << text;
}

TEST(LiteralText, ReadsNumbersExactly) {
  EXPECT_EQ(*ReadInteger(" -32768 ", 2, "smallint"), -32768);
  EXPECT_EQ(*ReadInteger("+7", 4, "integer"), 7);
  EXPECT_EQ(*ReadInteger("-9223372036854775808", 8, "bigint"), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(MessageOf(ReadInteger("32768", 2, "smallint")), "value \"32768\" is out of range for type smallint");
  for (const char* text : {"1.5", "", "+-1", "0x10", "1 2"}) EXPECT_EQ(StateOf(ReadInteger(text, 4, "integer")), "22P02") << text;
  EXPECT_EQ(*ReadDouble("0.4999999999999999999999"), 0.5);
  EXPECT_EQ(*ReadDouble("-inf"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(MessageOf(ReadFloat("1e39")), "\"1e39\" is out of range for type real");
  EXPECT_EQ(StateOf(ReadDouble("1e400")), "22003");
  for (const char* text : {"", ".", "1e", "+-1", "nanny", "0x1p3"}) EXPECT_EQ(StateOf(ReadDouble(text)), "22P02") << text;
}

TEST(LiteralText, ReadsDecimalsToTheirScale) {
  const auto unscaled = [](const char* text, int precision, int scale) {
    return static_cast<int64_t>(ReadDecimal(text, precision, scale)->unscaled);
  };
  EXPECT_EQ(unscaled("1.005", 10, 2), 101);
  EXPECT_EQ(unscaled("-1.005", 10, 2), -101);
  EXPECT_EQ(unscaled("12e-1", 10, 2), 120);
  EXPECT_EQ(unscaled(".5", 10, 0), 1);
  EXPECT_EQ(unscaled("0.0049", 10, 2), 0);
  EXPECT_TRUE(ReadDecimal("1.500", 10, 1)->exact);
  EXPECT_FALSE(ReadDecimal("0.0000000001", 38, 9)->exact);
  const __int128 large = ReadDecimal("1e20", 38, 9)->unscaled;
  EXPECT_TRUE(large == static_cast<__int128>(100'000'000'000'000) * 1'000'000'000'000'000);
  EXPECT_EQ(StateOf(ReadDecimal("99999999.995", 10, 2)), "22003");
  EXPECT_EQ(StateOf(ReadDecimal("1e30", 38, 9)), "22003");
  EXPECT_EQ(StateOf(ReadDecimal("1e999999999999", 38, 9)), "22P02");
  EXPECT_EQ(StateOf(ReadDecimal("NaN", 38, 9)), "0A000");
  for (const char* text : {"", ".", "1.2.3", "e5", "abc"}) EXPECT_EQ(StateOf(ReadDecimal(text, 10, 2)), "22P02") << text;
}

TEST(LiteralText, WritesTheFewestDigits) {
  EXPECT_EQ(FloatText(1e10, false), "10000000000");
  EXPECT_EQ(FloatText(1e15, false), "1e+15");
  EXPECT_EQ(FloatText(0.1 + 0.2, false), "0.30000000000000004");
  EXPECT_EQ(FloatText(5e-324, false), "5e-324");
  EXPECT_EQ(FloatText(0.0001, false), "0.0001");
  EXPECT_EQ(FloatText(0.1F, true), "0.1");
  EXPECT_EQ(FloatText(1e6, true), "1e+06");
  EXPECT_EQ(FloatText(-0.0, false), "-0");
}

TEST(LiteralText, TakesArraysApart) {
  const auto array = ReadArray(R"( {{1, NULL},{"NULL", "a\"b\\, "}} )");
  ASSERT_TRUE(array.ok()) << MessageOf(array);
  EXPECT_EQ(array->dimensions, (std::vector<size_t>{2, 2}));
  EXPECT_EQ(array->elements, (std::vector<std::optional<std::string>>{"1", std::nullopt, "NULL", "a\"b\\, "}));
  EXPECT_TRUE(ReadArray("{}")->dimensions.empty());
  EXPECT_EQ(ReadArray("{a b , c}")->elements, (std::vector<std::optional<std::string>>{"a b", "c"}));
  for (const char* text : {"", "1", "{", "{1", "{1,}", "{,1}", "{1}}", "{1}x", "{{1},2}", "{1,{2}}", "{{1},{2,3}}", "{\"a}",
                           "{a\\", "{a\"b\"}", "{{},{}}"}) {
    EXPECT_EQ(StateOf(ReadArray(text)), "22P02") << text;
  }
  EXPECT_EQ(StateOf(ReadArray("{{{{{{{1}}}}}}}")), "54000");
  EXPECT_EQ(StateOf(ReadArray("[0:1]={1,2}")), "0A000");
}

TEST(LiteralText, QuotesElementsThatNeedIt) {
  EXPECT_EQ(ArrayElement("a.b"), "a.b");
  EXPECT_EQ(ArrayElement("null"), "\"null\"");
  EXPECT_EQ(ArrayElement(""), "\"\"");
  EXPECT_EQ(ArrayElement("a b"), "\"a b\"");
  EXPECT_EQ(ArrayElement("\"\\"), "\"\\\"\\\\\"");
}

TEST(LiteralText, ReadsPatternsOfSimilarTo) {
  EXPECT_EQ(SimilarPattern("(a|b)%_"), "(?:(?:a|b).*.)");
  EXPECT_EQ(SimilarPattern("a.b^$"), "(?:a\\.b\\^\\$)");
  EXPECT_EQ(SimilarPattern("\\%[%_.]"), "(?:\\%[%_.])");
}

}  // namespace
}  // namespace weir::sql
