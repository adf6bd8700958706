#include "postgres/value/text.h"

#include <gtest/gtest.h>

#include "postgres/error.h"
#include "postgres/value.h"
#include "postgres/value/calendar.h"
#include "postgres/value/json.h"
#include "postgres/value/nested.h"

namespace weir::postgres {
namespace {

TEST(Utf8Test, OnlyWholeCharactersAreTaken) {
  for (const std::string_view text : {"", "a", "é", "€", "😀", "\xed\x9f\xbf"})
    EXPECT_TRUE(CheckUtf8(text).ok()) << text;
  for (const std::string_view text :
       {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x82"}) {
    EXPECT_FALSE(CheckUtf8(text).ok());
  }
}

TEST(CalendarTest, EveryDayOfEightCenturiesFollowsTheOneBefore) {
  for (int64_t day = -400 * 366; day < 400 * 366; ++day) {
    const CivilDate date = CivilOf(day);
    ASSERT_EQ(DaysOf(date.year, date.month, date.day), day);
    ASSERT_LE(date.day, DaysInMonth(date.year, date.month));
    ASSERT_EQ((WeekdayOf(day) + 1) % 7, WeekdayOf(day + 1));
  }
}

TEST(TimeZoneTest, ZonesByNameTextAndHours) {
  constexpr int64_t kJuly2050 = 2'540'246'400;
  EXPECT_EQ(TimeZone::Find("europe/berlin")->name(), "Europe/Berlin");
  EXPECT_EQ(TimeZone::Find("Europe/Berlin")->OffsetAt(kJuly2050), 7200);
  EXPECT_EQ(TimeZone::Find("CET-1CEST,M3.5.0,M10.5.0/3")->OffsetAt(kJuly2050), 7200);
  EXPECT_EQ(TimeZone::OfSetting("-3.5")->OffsetAt(0), -12'600);
  EXPECT_EQ(TimeZone::OfSetting("-3.5")->name(), "<-03:30>+03:30");
  EXPECT_EQ(TimeZone::OfSetting("-03:30")->OffsetAt(0), 12'600);  // POSIX counts westwards
  for (const char* name : {"", "No/Where", "../../etc/passwd", "/etc/passwd", "Europe", "Europe/", "posixrules/x"}) {
    EXPECT_EQ(TimeZone::Find(name), nullptr) << name;
  }
}

/// Values of a type in ascending order.
void ExpectOrder(Oid type, const std::vector<std::string>& texts) {
  std::vector<Value> values;
  for (const std::string& text : texts) {
    Result<Value> value = ReadText({.oid = type, .modifier = -1}, text, {});
    ASSERT_TRUE(value.ok()) << text << ": " << value.status().ToString();
    values.push_back(*std::move(value));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t j = 0; j < values.size(); ++j) {
      EXPECT_EQ(CompareValues(type, values[i], values[j]), i <=> j) << texts[i] << " " << texts[j];
    }
  }
}

// Each list is what ORDER BY gives in PostgreSQL 15.
TEST(ValueOrderTest, IsPostgresqls) {
  ExpectOrder(oid::kNumeric, {"-Infinity", "-1e40", "-1.5", "0", "0.001", "1.5", "1e40", "Infinity", "NaN"});
  ExpectOrder(oid::kFloat8, {"-Infinity", "-1", "0", "1e300", "Infinity", "NaN"});
  ExpectOrder(oid::kInterval, {"-1 mon", "-1 day", "00:00", "23:59", "1 day", "25:00", "1 mon", "31 days", "1 year"});
  ExpectOrder(oid::kTimetz, {"01:00+02", "01:00+01", "00:00+00", "01:00+00"});
  ExpectOrder(oid::kBit, {"0", "00", "01", "1", "10", "11"});
  ExpectOrder(oid::kInet,
              {"0.0.0.0/0", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/16", "10.0.0.0", "192.168.1.5/24", "::/0", "::1"});
  ExpectOrder(oid::kJsonb, {"[]", "null", "\"a\"", "\"b\"", "1", "1.5", "false", "true", "[1]", "[2]", "[1, 1]", "{}",
                            "{\"a\": 1}", "{\"b\": 1}", "{\"a\": 1, \"b\": 2}"});
  ExpectOrder(oid::kInt4Array, {"{}", "{1}", "{1,2}", "{1,NULL}", "{2}", "{NULL}"});
  ExpectOrder(oid::kInt4range, {"empty", "(,1)", "(,5)", "(,)", "[1,2)", "[1,5)", "[1,)", "[2,3)"});
}

TEST(InetKeyTest, SortsAsTheValuesDo) {
  const std::vector<const char*> texts = {"0.0.0.0/0",      "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/16", "10.0.0.0",
                                          "192.168.1.5/24", "::/0",       "::1/64",     "::1"};
  for (const char* left : texts) {
    for (const char* right : texts) {
      std::string a, b;
      AppendInetKey(*ReadInet(left, false), &a);
      AppendInetKey(*ReadInet(right, false), &b);
      EXPECT_EQ(a <=> b, *ReadInet(left, false) <=> *ReadInet(right, false)) << left << " " << right;
      EXPECT_EQ(*ReadInetKey(a), *ReadInet(left, false));
    }
  }
  EXPECT_FALSE(ReadInetKey("\x02").ok());
}

TEST(ModifierTest, CastsCutWhatAssignmentsRefuse) {
  const auto apply = [](TypeRef type, const std::string& text, bool is_explicit) {
    Result<Value> value = ApplyModifier(type, *ReadText({.oid = type.oid, .modifier = -1}, text, {}), is_explicit);
    std::string shown;
    if (!value.ok()) return value.status().message();
    WriteText(type.oid, *value, {}, &shown);
    return shown;
  };
  EXPECT_EQ(apply({.oid = oid::kVarchar, .modifier = 7}, "abcd", false),
            "value too long for type character varying(3)");
  EXPECT_EQ(apply({.oid = oid::kVarchar, .modifier = 7}, "äbcd", true), "äbc");
  EXPECT_EQ(apply({.oid = oid::kBpchar, .modifier = 7}, "a", true), "a  ");
  EXPECT_EQ(apply({.oid = oid::kBit, .modifier = 3}, "10101", true), "101");
  EXPECT_EQ(apply({.oid = oid::kBit, .modifier = 3}, "1", true), "100");
  EXPECT_EQ(apply({.oid = oid::kVarbit, .modifier = 3}, "10101", false), "bit string too long for type bit varying(3)");
}

TEST(RecordTest, ReadsAndWritesRows) {
  const std::vector<TypeRef> types = {{.oid = oid::kInt4, .modifier = -1}, {.oid = oid::kText, .modifier = -1}};
  const auto read = [&](const std::string& text) {
    const Result<Record> record = ReadRecord(types, text, {});
    if (!record.ok()) return FieldsOf(record.status()).detail;
    std::string shown;
    AppendRecord(*record, {}, &shown);
    std::string binary;
    EXPECT_TRUE(AppendRecordBinary(*record, {}, &binary).ok());
    EXPECT_EQ(*TextOfBinary({.oid = oid::kRecord, .modifier = -1}, binary, {}), shown);
    return shown;
  };
  EXPECT_EQ(read("(1,a)"), "(1,a)");
  EXPECT_EQ(read(R"( (,"a ""b\\,") )"), R"((,"a ""b\\,"))");
  EXPECT_EQ(read("(1,)"), "(1,)");
  EXPECT_EQ(read("1,a)"), "Missing left parenthesis.");
  EXPECT_EQ(read("(1)"), "Too few columns.");
  EXPECT_EQ(read("(1,a,b)"), "Too many columns.");
  EXPECT_EQ(read("(1,a"), "Unexpected end of input.");
  EXPECT_EQ(read("(1,a)x"), "Junk after right parenthesis.");
}

TEST(JsonTest, DeepNestingIsRefused) {
  EXPECT_EQ(FieldsOf(CheckJson(std::string(1'000'000, '['))).sqlstate, "54001");
}

}  // namespace
}  // namespace weir::postgres
