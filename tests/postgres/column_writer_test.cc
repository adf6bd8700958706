#include <arrow/api.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "postgres/error.h"
#include "postgres/oid.h"
#include "postgres/value.h"
#include "postgres/value/column_writer.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using namespace std::string_literals;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

std::string Write(const ArrayPtr& array, uint32_t oid, Format format, int64_t row = 0, const Settings& settings = {}) {
  const auto writer = MakeColumnWriter(array, oid, format, settings);
  if (!writer.ok()) return FieldsOf(writer.status()).sqlstate;
  if ((*writer)->IsNull(row)) return "NULL";
  std::string out;
  (*writer)->Write(row, &out);
  return out;
}
std::string Text(const ArrayPtr& array, uint32_t oid, int64_t row = 0, const Settings& settings = {}) {
  return Write(array, oid, Format::kText, row, settings);
}
std::string Hex(std::string_view bytes) {
  std::string out;
  AppendHex(bytes, &out);
  return out;
}
std::string Binary(const ArrayPtr& array, uint32_t oid, int64_t row = 0) {
  return Hex(Write(array, oid, Format::kBinary, row));
}
/// The parameter that the binary form of a value stands for.
std::string Back(const ArrayPtr& array, uint32_t oid, int64_t row = 0) {
  const auto text = TextOfBinary({.oid = oid, .modifier = -1}, Write(array, oid, Format::kBinary, row), {});
  return text.ok() ? *text : text.status().message();
}

template <typename Builder, typename... Values>
ArrayPtr Make(Builder builder, const Values&... values) {
  EXPECT_TRUE((builder.Append(values).ok() && ...));
  EXPECT_TRUE(builder.AppendNull().ok());
  return *builder.Finish();
}
template <typename Builder, typename... Values>
ArrayPtr Make(const Values&... values) {
  return Make(Builder(), values...);
}
template <typename Builder, typename... Values>
ArrayPtr MakeOf(const std::shared_ptr<arrow::DataType>& type, const Values&... values) {
  Builder builder(type, arrow::default_memory_pool());
  EXPECT_TRUE((builder.Append(values).ok() && ...));
  EXPECT_TRUE(builder.AppendNull().ok());
  return *builder.Finish();
}

// --- text ---

TEST(PgText, Scalars) {
  EXPECT_EQ(Text(Make<arrow::BooleanBuilder>(true, false), oid::kBool, 0), "t");
  EXPECT_EQ(Text(Make<arrow::BooleanBuilder>(true, false), oid::kBool, 1), "f");
  EXPECT_EQ(Text(Make<arrow::BooleanBuilder>(true, false), oid::kBool, 2), "NULL");
  EXPECT_EQ(Text(Make<arrow::Int64Builder>(std::numeric_limits<int64_t>::min()), oid::kInt8), "-9223372036854775808");
  EXPECT_EQ(Text(Make<arrow::UInt64Builder>(std::numeric_limits<uint64_t>::max()), oid::kNumeric),
            "18446744073709551615");
  EXPECT_EQ(Text(Make<arrow::StringBuilder>("né"), oid::kText), "né");
  EXPECT_EQ(Text(Make<arrow::BinaryBuilder>("\x00\xff"s), oid::kBytea), "\\x00ff");
  EXPECT_EQ(Text(Make<arrow::StringViewBuilder>("a string that is not inlined"), oid::kText),
            "a string that is not inlined");
  EXPECT_EQ(Text(MakeOf<arrow::Time64Builder>(arrow::time64(arrow::TimeUnit::MICRO), 86'399 * kSecond + 5), oid::kTime),
            "23:59:59.000005");
  EXPECT_EQ(Text(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::SECOND), 1), oid::kTimestamp),
            "1970-01-01 00:00:01");
  EXPECT_EQ(Text(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::NANO), -1), oid::kTimestamp),
            "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Text(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), 0), oid::kTimestamptz,
                 0, {.zone = TimeZone::Find("Europe/Berlin")}),
            "1970-01-01 01:00:00+01");
  EXPECT_EQ(Text(std::make_shared<arrow::NullArray>(1), oid::kText), "NULL");
}

TEST(PgText, NestedValues) {
  const auto values = std::make_shared<arrow::StringBuilder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), values);
  ASSERT_TRUE(lists.Append().ok());
  for (const char* text : {"plain", "", "two words", "null", "a\"b\\c", "{x,y}"})
    ASSERT_TRUE(values->Append(text).ok());
  ASSERT_TRUE(values->AppendNull().ok());
  ASSERT_TRUE(lists.Append().ok());
  const ArrayPtr array = *lists.Finish();
  EXPECT_EQ(Text(array, 1009), R"({plain,"","two words","null","a\"b\\c","{x,y}",NULL})");
  EXPECT_EQ(Text(array, 1009, 1), "{}");
  EXPECT_EQ(Text(array->Slice(1), 1009), "{}");

  const ArrayPtr record =
      *arrow::StructArray::Make(arrow::ArrayVector{Make<arrow::Int32Builder>(1), Make<arrow::StringBuilder>("a \"b\"")},
                                std::vector<std::string>{"i", "s"});
  EXPECT_EQ(Text(record, 2249), R"((1,"a ""b"""))");
  EXPECT_EQ(Text(record, 2249, 1), "(,)");
}

TEST(PgText, DictionariesAreDecoded) {
  const ArrayPtr words = Make<arrow::StringBuilder>("red", "green");
  const ArrayPtr indices = Make<arrow::Int8Builder>(int8_t{1}, int8_t{0}, int8_t{2});
  const ArrayPtr array = *arrow::DictionaryArray::FromArrays(indices, words);
  EXPECT_EQ(Text(array, oid::kText, 0), "green");
  EXPECT_EQ(Text(array, oid::kText, 2), "NULL");
  EXPECT_EQ(Text(array, oid::kText, 3), "NULL");
}

// --- binary ---

TEST(PgBinary, Scalars) {
  EXPECT_EQ(Binary(Make<arrow::BooleanBuilder>(true), oid::kBool), "01");
  EXPECT_EQ(Binary(Make<arrow::Int16Builder>(int16_t{-2}), oid::kInt2), "fffe");
  EXPECT_EQ(Binary(Make<arrow::Int32Builder>(258), oid::kInt4), "00000102");
  EXPECT_EQ(Binary(Make<arrow::Int8Builder>(int8_t{-1}), oid::kInt2), "ffff");
  EXPECT_EQ(Binary(Make<arrow::Int64Builder>(1), oid::kInt8), "0000000000000001");
  EXPECT_EQ(Binary(Make<arrow::FloatBuilder>(1.5F), oid::kFloat4), "3fc00000");
  EXPECT_EQ(Binary(Make<arrow::DoubleBuilder>(-2.0), oid::kFloat8), "c000000000000000");
  EXPECT_EQ(Binary(Make<arrow::StringBuilder>("hi"), oid::kVarchar), "6869");
  EXPECT_EQ(Binary(Make<arrow::BinaryBuilder>("\x01\x02"), oid::kBytea), "0102");
  EXPECT_EQ(Binary(Make<arrow::StringBuilder>("{}"), oid::kJsonb), "017b7d");
  EXPECT_EQ(Binary(Make<arrow::StringBuilder>("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), oid::kUuid),
            "a0eebc999c0b4ef8bb6d6bb9bd380a11");
  EXPECT_EQ(Binary(Make<arrow::Date32Builder>(10'957), oid::kDate), "00000000");
  EXPECT_EQ(Binary(Make<arrow::Date32Builder>(std::numeric_limits<int32_t>::max()), oid::kDate), "7fffffff");
  EXPECT_EQ(Binary(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MICRO), 10'957 * kDay + 1),
                   oid::kTimestamp),
            "0000000000000001");
  EXPECT_EQ(Binary(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MICRO),
                                                   -std::numeric_limits<int64_t>::max()),
                   oid::kTimestamp),
            "8000000000000000");
  arrow::MonthDayNanoIntervalBuilder intervals;
  ASSERT_TRUE(intervals.Append({1, 2, 3000}).ok());
  EXPECT_EQ(Binary(*intervals.Finish(), oid::kInterval), "00000000000000030000000200000001");
}

TEST(PgBinary, Numerics) {
  const auto decimals = [](const char* value, int scale) {
    return MakeOf<arrow::Decimal128Builder>(arrow::decimal128(38, scale), arrow::Decimal128(value));
  };
  EXPECT_EQ(Binary(decimals("0", 0), oid::kNumeric), "0000000000000000");
  EXPECT_EQ(Binary(decimals("12345678", 2), oid::kNumeric), "0003000100000002000c0d801e78");  // 12 3456.7800
  EXPECT_EQ(Binary(decimals("-5", 4), oid::kNumeric), "0001ffff400000040005");
  EXPECT_EQ(Binary(decimals("12", -2), oid::kNumeric), "0001000000000000" "04b0");
  EXPECT_EQ(Text(decimals("12", -2), oid::kNumeric), "1200");
  EXPECT_EQ(Back(decimals("-1234", 3), oid::kNumeric), "-1.234");
}

TEST(PgBinary, Arrays) {
  const auto values = std::make_shared<arrow::Int32Builder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), values);
  ASSERT_TRUE(lists.Append().ok() && values->Append(5).ok() && values->AppendNull().ok() && lists.Append().ok());
  const ArrayPtr array = *lists.Finish();
  EXPECT_EQ(Binary(array, 1007),
            "00000001"
            "00000001"
            "00000017"
            "00000002"
            "00000001"
            "00000004"
            "00000005"
            "ffffffff");
  EXPECT_EQ(Binary(array, 1007, 1), "00000000" "00000000" "00000017");
  EXPECT_EQ(Back(array, 1007), "{5,NULL}");
  EXPECT_EQ(Back(array, 1007, 1), "{}");
}

ArrayPtr ListsOfLists(const std::vector<std::vector<int>>& row) {
  const auto values = std::make_shared<arrow::Int32Builder>();
  const auto inner = std::make_shared<arrow::ListBuilder>(arrow::default_memory_pool(), values);
  arrow::ListBuilder outer(arrow::default_memory_pool(), inner);
  EXPECT_TRUE(outer.Append().ok());
  for (const auto& list : row) {
    EXPECT_TRUE(inner->Append().ok());
    for (const int value : list) EXPECT_TRUE(values->Append(value).ok());
  }
  return *outer.Finish();
}

TEST(PgBinary, ArraysOfArraysAreRectangles) {
  const ArrayPtr square = ListsOfLists({{1, 2}, {3, 4}});
  EXPECT_EQ(Text(square, 1007), "{{1,2},{3,4}}");
  EXPECT_EQ(Back(square, 1007), "{{1,2},{3,4}}");
  const ArrayPtr ragged = ListsOfLists({{1, 2}, {3}});
  EXPECT_EQ(Text(ragged, 1007), "{{1,2},{3}}");
  EXPECT_EQ(Write(ragged, 1007, Format::kBinary), "0A000");
}

TEST(PgBinary, TypesWithoutAForm) {
  EXPECT_EQ(Write(Make<arrow::StringBuilder>("x"), oid::kInt4, Format::kBinary), "0A000");
  EXPECT_EQ(Write(Make<arrow::Int32Builder>(1), 600, Format::kBinary), "0A000");
}

TEST(PgBinary, ParametersReadBack) {
  EXPECT_EQ(Back(Make<arrow::BooleanBuilder>(true), oid::kBool), "t");
  EXPECT_EQ(Back(Make<arrow::Int32Builder>(-7), oid::kInt4), "-7");
  EXPECT_EQ(Back(Make<arrow::DoubleBuilder>(0.1), oid::kFloat8), "0.1");
  EXPECT_EQ(Back(Make<arrow::Date32Builder>(19'782), oid::kDate), "2024-02-29");
  EXPECT_EQ(Back(Make<arrow::BinaryBuilder>("\x01\xff"), oid::kBytea), "\\x01ff");
  EXPECT_EQ(
      Back(MakeOf<arrow::TimestampBuilder>(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), 1), oid::kTimestamptz),
      "1970-01-01 00:00:00.000001+00");
  EXPECT_EQ(Back(Make<arrow::StringBuilder>("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), oid::kUuid),
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
}

TEST(PgBinary, WhatIsNoValueIsRefused) {
  const auto state = [](uint32_t oid, std::string_view bytes) {
    return FieldsOf(TextOfBinary({.oid = oid, .modifier = -1}, bytes, {}).status()).sqlstate;
  };
  EXPECT_EQ(state(oid::kInt4, "123"), "08P01");
  EXPECT_EQ(state(oid::kInt4, "12345"), "22P03");
  EXPECT_EQ(state(oid::kTime, std::string(8, '\xff')), "22008");
  EXPECT_EQ(state(oid::kText, "\xc0\x80"), "22021");
  EXPECT_EQ(state(oid::kText, "a\0"s), "22021");
  EXPECT_EQ(state(oid::kNumeric, "\0\1"s), "08P01");
  EXPECT_EQ(state(oid::kJsonb, "{}"), "XX000");
  EXPECT_EQ(state(1007, "\0\0\0\7"s), "54000");
  EXPECT_EQ(state(1007, "\0\0\0\1\0\0\0\0\0\0\0\x17\0\0\0\x05\0\0\0\1"s), "08P01");
  EXPECT_EQ(state(600, std::string(16, '\0')), "0A000");
}

TEST(ColumnWriter, NamesOfTheCatalogAreNumbersInBinary) {
  const ArrayPtr names = Make<arrow::StringBuilder>("orders", "-", "orders");
  int asked = 0;
  const NameReader read = [&](uint32_t type, const std::string& name) -> Result<uint32_t> {
    ++asked;
    EXPECT_EQ(type, oid::kRegclass);
    if (name == "gone") return Error("42P01", "relation \"gone\" does not exist");
    return name == "orders" ? 16384u : 0u;
  };
  const auto writer = MakeColumnWriter(names, oid::kRegclass, Format::kBinary, {}, read);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  std::string out;
  for (int64_t row = 0; row < 3; ++row) (*writer)->Write(row, &out);
  EXPECT_EQ(Hex(out), "000040000000000000004000");
  EXPECT_TRUE((*writer)->IsNull(3));
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(Text(names, oid::kRegclass), "orders");
  const auto gone = MakeColumnWriter(Make<arrow::StringBuilder>("gone"), oid::kRegclass, Format::kBinary, {}, read);
  EXPECT_EQ(FieldsOf(gone.status()).sqlstate, "42P01");
  EXPECT_EQ(Write(names, oid::kRegclass, Format::kBinary), "0A000");
  EXPECT_EQ(Binary(Make<arrow::Int64Builder>(16384), oid::kRegrole), "00004000");
}

}  // namespace
}  // namespace weir::postgres
