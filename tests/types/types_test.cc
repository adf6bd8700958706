#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "types/arrow_mapping.h"
#include "weir/schema.h"
#include "weir/table.h"

namespace weir {
namespace {

using testing::HasSubstr;

TEST(ErrorCode, NamesAndRetriableSet) {
  EXPECT_EQ(ErrorCodeName(ErrorCode::kTableNotExist), "TABLE_NOT_EXIST");
  EXPECT_EQ(ErrorCodeName(ErrorCode::kHistoricalPartitionThrottled), "HISTORICAL_PARTITION_THROTTLED");
  EXPECT_EQ(ErrorCodeName(static_cast<ErrorCode>(999)), "UNKNOWN");
  std::vector<int> retriable;
  for (int code = -2; code < 80; ++code) {
    if (IsRetriable(static_cast<ErrorCode>(code))) retriable.push_back(code);
  }
  EXPECT_THAT(retriable, testing::ElementsAre(1, 3, 9, 10, 11, 12, 14, 21, 25, 26, 28, 29, 44, 72));
}

TEST(Status, ContextKeepsTheCode) {
  const Status status = Status(ErrorCode::kPartitionNotExists, "partition 'US' does not exist").WithContext("table t");
  EXPECT_EQ(status.code(), ErrorCode::kPartitionNotExists);
  EXPECT_EQ(status.message(), "table t: partition 'US' does not exist");
  EXPECT_TRUE(Status::OK().WithContext("x").ok());
}

TEST(DataType, Text) {
  EXPECT_EQ(DataType::Int().NotNull().ToString(), "int NOT NULL");
  EXPECT_EQ(DataType::Timestamp().ToString(), "timestamp");
  EXPECT_EQ(DataType::Timestamp(3).ToString(), "timestamp(3)");
  EXPECT_EQ(DataType::TimestampLtz(9).ToString(), "timestamp_ltz(9)");
  EXPECT_EQ(DataType::Time(0).ToString(), "time");
  EXPECT_EQ(DataType::Decimal(10, 2).ToString(), "decimal(10,2)");
  EXPECT_EQ(DataType::Map(DataType::String(), DataType::Int()).ToString(), "map<string NOT NULL,int>");
  EXPECT_EQ(DataType::Row({{"a", DataType::Int()}, {"b", DataType::Array(DataType::String())}}).ToString(),
            "row<a: int, b: array<string>>");
}

TEST(DataType, ValidateNamesTheValue) {
  EXPECT_THAT(DataType::Decimal(39, 2).Validate().message(), HasSubstr("precision 39"));
  EXPECT_THAT(DataType::Array(DataType::Timestamp(12)).Validate().message(), HasSubstr("precision 12"));
  EXPECT_TRUE(DataType::Decimal(38, 38).Validate().ok());
}

TEST(Schema, KeysBecomeNotNullAndIdsRunThroughNestedFields) {
  auto schema = Schema::Make({{"a", DataType::Int()},
                              {"r", DataType::Row({{"x", DataType::Int()}, {"y", DataType::String()}})},
                              {"z", DataType::String()}},
                             {"a"});
  ASSERT_TRUE(schema.ok()) << schema.status().ToString();
  EXPECT_FALSE(schema->column(0).type.nullable());
  EXPECT_EQ(schema->column(1).id, 1);
  EXPECT_EQ(schema->column(1).type.fields()[0].field_id, 2);
  EXPECT_EQ(schema->column(1).type.fields()[1].field_id, 3);
  EXPECT_EQ(schema->column(2).id, 4);
  EXPECT_EQ(schema->highest_field_id(), 4);
}

TEST(Schema, Errors) {
  const auto message = [](Result<Schema> schema) {
    EXPECT_EQ(schema.status().code(), ErrorCode::kInvalidTable);
    return schema.status().message();
  };
  const Column a{"a", DataType::Int()}, b{"b", DataType::Array(DataType::Int())};
  EXPECT_THAT(message(Schema::Make({a, a})), HasSubstr("'a' occurs twice"));
  EXPECT_THAT(message(Schema::Make({a}, {"q"})), HasSubstr("'q'"));
  EXPECT_THAT(message(Schema::Make({a}, {"a", "a"})), HasSubstr("occurs twice in the primary key"));
  EXPECT_THAT(message(Schema::Make({a, b}, {"b"})), HasSubstr("cannot be keys"));
  EXPECT_THAT(message(Schema::Make({a, b}, {"a"}, "a")), HasSubstr("must not be part of the primary key"));
  EXPECT_THAT(message(Schema::Make({a, b}, {"a"}, "b")), HasSubstr("must be INT or BIGINT"));
  EXPECT_THAT(message(Schema::Make({a}, {}, "a")), HasSubstr("needs a table with a primary key"));
}

TEST(TableDescriptor, PhysicalPrimaryKey) {
  TableDescriptor descriptor;
  descriptor.schema =
      *Schema::Make({{"u", DataType::Int()}, {"r", DataType::String()}, {"v", DataType::Int()}}, {"u", "r"});
  descriptor.partition_keys = {"r"};
  descriptor.bucket_keys = {"u"};
  EXPECT_THAT(descriptor.PhysicalPrimaryKey(), testing::ElementsAre("u"));
  EXPECT_TRUE(descriptor.HasDefaultBucketKey());
}

TEST(ArrowMapping, UserTypes) {
  const auto text = [](const std::shared_ptr<arrow::DataType>& type) {
    auto result = FromArrowType(*type);
    return result.ok() ? result->ToString() : result.status().message();
  };
  EXPECT_EQ(text(arrow::uint8()), "tinyint");
  EXPECT_EQ(text(arrow::uint64()), "bigint");
  EXPECT_EQ(text(arrow::large_utf8()), "string");
  EXPECT_EQ(text(arrow::utf8_view()), "string");
  EXPECT_EQ(text(arrow::fixed_size_binary(16)), "binary(16)");
  EXPECT_EQ(text(arrow::date64()), "date");
  EXPECT_EQ(text(arrow::time32(arrow::TimeUnit::MILLI)), "time(3)");
  EXPECT_EQ(text(arrow::timestamp(arrow::TimeUnit::MICRO)), "timestamp");
  EXPECT_EQ(text(arrow::timestamp(arrow::TimeUnit::NANO, "Europe/Paris")), "timestamp_ltz(9)");
  EXPECT_EQ(text(arrow::dictionary(arrow::int32(), arrow::utf8())), "string");
  for (const auto& type : {arrow::null(), arrow::float16(), arrow::duration(arrow::TimeUnit::SECOND),
                           arrow::fixed_size_list(arrow::int32(), 2), arrow::decimal256(40, 2)}) {
    EXPECT_THAT(text(type), HasSubstr("Cannot convert Arrow type to Fluss type: " + type->ToString()));
  }
}

TEST(ArrowMapping, StorageTypesAndZones) {
  EXPECT_TRUE(ToArrowType(DataType::TimestampLtz(6), LtzZone::kUtc)
                  ->Equals(*arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")));
  EXPECT_TRUE(
      ToArrowType(DataType::TimestampLtz(6), LtzZone::kNone)->Equals(*arrow::timestamp(arrow::TimeUnit::MICRO)));
  EXPECT_TRUE(ToArrowType(DataType::Time(5), LtzZone::kNone)->Equals(*arrow::time64(arrow::TimeUnit::MICRO)));
  EXPECT_TRUE(ToArrowType(DataType::Char(3), LtzZone::kNone)->Equals(*arrow::utf8()));
  EXPECT_EQ(ToArrowType(DataType::Array(DataType::Int()), LtzZone::kNone)->field(0)->name(), "item");
}

}  // namespace
}  // namespace weir
