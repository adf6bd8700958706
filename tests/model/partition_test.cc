#include "model/partition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weir {
namespace {

struct TextRow {
  DataType type;
  Datum value;
  const char* text;
};

TEST(PartitionValueText, EveryType) {
  const TextRow rows[] = {
      {DataType::String(), Datum::Bytes("US"), "US"},
      {DataType::Char(2), Datum::Bytes("ab"), "ab"},
      {DataType::Boolean(), Datum::Bool(true), "true"},
      {DataType::Boolean(), Datum::Bool(false), "false"},
      {DataType::TinyInt(), Datum::Int(-128), "-128"},
      {DataType::BigInt(), Datum::Int(std::numeric_limits<int64_t>::min()), "-9223372036854775808"},
      {DataType::Bytes(), Datum::Bytes(std::string_view("\x00\xAB\x7f", 3)), "00ab7f"},
      {DataType::Binary(1), Datum::Bytes("\x10"), "10"},
      {DataType::Date(), Datum::Int(0), "1970-01-01"},
      {DataType::Date(), Datum::Int(-1), "1969-12-31"},
      {DataType::Time(3), Datum::Int(3723004), "01-02-03_004"},
      {DataType::Timestamp(9), Datum::Timestamp(0, 0), "1970-01-01-00-00-00_"},
      {DataType::Timestamp(9), Datum::Timestamp(120, 0), "1970-01-01-00-00-00_12"},
      {DataType::TimestampLtz(9), Datum::Timestamp(-1, 1), "1969-12-31-23-59-59_999000001"},
  };
  for (const TextRow& row : rows) {
    const auto text = PartitionValueText(row.type, row.value, "c");
    ASSERT_TRUE(text.ok()) << text.status().ToString();
    EXPECT_EQ(*text, row.text);
  }
}

TEST(PartitionValueText, FloatsReadAsInJava) {
  const std::pair<double, const char*> rows[] = {
      {1.5, "1_5"},       {0.0, "0_0"},         {-0.0, "-0_0"},        {1e10, "1_0E10"},     {1234567.0, "1234567_0"},
      {1e7, "1_0E7"},     {0.001, "0_001"},     {0.00012, "1_2E-4"},   {-123.25, "-123_25"}, {100.0, "100_0"},
      {0.1, "0_1"},       {1.7976931348623157e308, "1_7976931348623157E308"},
      {std::nan(""), "NaN"}, {HUGE_VAL, "Inf"}, {-HUGE_VAL, "-Inf"}};
  for (const auto& [value, expected] : rows) {
    EXPECT_EQ(*PartitionValueText(DataType::Double(), Datum::Double(value), "c"), expected) << value;
  }
  EXPECT_EQ(*PartitionValueText(DataType::Float(), Datum::Double(0.1f), "c"), "0_1");
}

TEST(PartitionValueText, RefusesWhatCannotPartition) {
  for (const auto& text : {PartitionValueText(DataType::String(), Datum::Null(), "region"),
                           PartitionValueText(DataType::Decimal(5, 2), Datum::Decimal(1), "region"),
                           PartitionValueText(DataType::Int(), Datum::Bytes("x"), "region"),
                           PartitionValueText(DataType::Date(), Datum::Int(INT32_MAX), "region"),
                           PartitionValueText(DataType::Time(), Datum::Int(-1), "region")}) {
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.status().code(), ErrorCode::kPartitionSpecInvalid);
    EXPECT_NE(text.status().message().find("region"), std::string::npos);
  }
}

TEST(PartitionName, JoinsInKeyOrderAndSplitsBack) {
  const std::vector<std::string> keys = {"dt", "region"};
  const PartitionSpec spec = {{"region", "eu"}, {"dt", "20240101"}};
  EXPECT_EQ(*PartitionName(keys, spec), "20240101$eu");
  EXPECT_EQ(*PartitionSpecFromName(keys, "20240101$eu"), spec);
  EXPECT_EQ(PartitionSpecFromName(keys, "20240101").status().code(), ErrorCode::kPartitionSpecInvalid);
  EXPECT_EQ(PartitionSpecFromName(keys, "a$").status().code(), ErrorCode::kPartitionSpecInvalid);
}

TEST(PartitionName, RefusesWrongKeysAndValues) {
  const std::vector<std::string> keys = {"dt"};
  for (const PartitionSpec& spec :
       {PartitionSpec{}, PartitionSpec{{"other", "a"}}, PartitionSpec{{"dt", "a"}, {"x", "b"}},
        PartitionSpec{{"dt", ""}}, PartitionSpec{{"dt", ".."}}, PartitionSpec{{"dt", "a b"}},
        PartitionSpec{{"dt", "__historical__"}}, PartitionSpec{{"dt", std::string(201, 'a')}},
        PartitionSpec{{"dt", "a$b"}}}) {
    EXPECT_EQ(PartitionName(keys, spec).status().code(), ErrorCode::kPartitionSpecInvalid);
  }
  EXPECT_TRUE(PartitionName(keys, {{"dt", std::string(200, 'a')}}).ok());
}

TEST(PartitionName, PartialSpecs) {
  const std::vector<std::string> keys = {"dt", "region"};
  const PartitionSpec spec = {{"dt", "1"}, {"region", "eu"}};
  EXPECT_TRUE(*MatchesPartialSpec(keys, spec, {}));
  EXPECT_TRUE(*MatchesPartialSpec(keys, spec, {{"region", "eu"}}));
  EXPECT_FALSE(*MatchesPartialSpec(keys, spec, {{"region", "us"}}));
  EXPECT_EQ(MatchesPartialSpec(keys, spec, {{"x", "us"}}).status().code(), ErrorCode::kPartitionSpecInvalid);
}

AutoPartitionOptions Options(TimeUnit unit, std::string zone = "UTC", std::string format = "") {
  return {.enabled = true, .unit = unit, .format = std::move(format), .time_zone = std::move(zone)};
}

constexpr int64_t kNow = 1706702400000;  // 2024-01-31T12:00:00Z

TEST(AutoPartition, Units) {
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kHour), kNow, 12), "2024020100");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kDay), kNow, 29), "20240229");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kMonth), kNow, 1), "202402");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kQuarter), kNow, -1), "20234");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kYear), kNow, -1), "2023");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kDay, "Asia/Shanghai"), kNow + 4 * 3600000, 0), "20240201");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kHour, "GMT-03:30"), kNow, 0), "2024013108");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kHour, "+8"), kNow, 0), "2024013120");
}

TEST(AutoPartition, Formats) {
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kDay, "UTC", "yyyy-MM-dd"), kNow, 0), "2024-01-31");
  EXPECT_EQ(*AutoPartitionValue(Options(TimeUnit::kQuarter, "UTC", "yyyy-'Q'Q"), kNow, 0), "2024-Q1");
  for (const char* bad : {"MMddyyyy", "yyyyMM", "yyyyMMddHH", "yyyyMMd", "yyyy/MM/dd", "yyyyMMdd'", "yyMMdd"}) {
    EXPECT_EQ(AutoPartitionValue(Options(TimeUnit::kDay, "UTC", bad), kNow, 0).status().code(),
              ErrorCode::kInvalidConfig)
        << bad;
  }
  EXPECT_EQ(AutoPartitionValue(Options(TimeUnit::kDay, "Mars/Base"), kNow, 0).status().code(),
            ErrorCode::kInvalidConfig);
}

TEST(AutoPartition, ClockChangesNeitherRepeatNorSkip) {
  // 2024-03-10 in New York has no 02:00; 2024-11-03 runs through 01:00 twice.
  auto hours = Options(TimeUnit::kHour, "America/New_York");
  hours.num_precreate = 3;
  EXPECT_EQ(*AutoPartitionsToCreate(hours, 1710053400000),  // 01:50 EST
            (std::vector<std::string>{"2024031001", "2024031003", "2024031004"}));
  EXPECT_EQ(*AutoPartitionsToCreate(hours, 1730612400000),  // 01:40 EDT
            (std::vector<std::string>{"2024110301", "2024110302"}));
  auto days = Options(TimeUnit::kDay, "America/New_York");
  days.num_precreate = 2;
  EXPECT_EQ(*AutoPartitionsToCreate(days, 1730606400000 + 23 * 3600000 + 1800000),  // 2024-11-03 22:30 EST
            (std::vector<std::string>{"20241103", "20241104"}));
}

TEST(AutoPartition, RetentionAndChecks) {
  auto options = Options(TimeUnit::kDay);
  options.num_retention = 2;
  EXPECT_TRUE(*IsExpiredAutoPartition(options, "20240128", kNow));
  EXPECT_FALSE(*IsExpiredAutoPartition(options, "20240129", kNow));
  EXPECT_TRUE(CheckAutoPartitionValue(options, "20240129", kNow).ok());
  for (const char* bad : {"20240128", "2024013", "202401311", "20240230", "2024ab01", ""}) {
    EXPECT_EQ(CheckAutoPartitionValue(options, bad, kNow).code(), ErrorCode::kPartitionSpecInvalid) << bad;
  }
  options.num_retention = -1;
  EXPECT_FALSE(*IsExpiredAutoPartition(options, "00010101", kNow));
  options.num_retention = std::numeric_limits<int>::max();
  EXPECT_FALSE(*IsExpiredAutoPartition(options, "00010101", kNow));
  options.num_precreate = 0;
  EXPECT_TRUE(AutoPartitionsToCreate(options, kNow)->empty());
}

}  // namespace
}  // namespace weir
