#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <limits>
#include <map>
#include <span>

#include "oracle_testing.h"
#include "postgres/value/number.h"
#include "postgres/value/numeric.h"
#include "postgres/value/plain_numeric.h"

namespace weir::postgres {
namespace {

std::string Text(const Numeric& value) {
  std::string text;
  AppendNumeric(value, &text);
  return text;
}

template <typename T>
std::string InText(const Result<T>& result) {
  if (!result.ok()) return ErrorText(result.status());
  std::string text = "= ";
  if constexpr (std::is_same_v<T, Numeric>) AppendNumeric(*result, &text);
  else if constexpr (std::is_same_v<T, double>) AppendDouble(*result, 1, &text);
  else if constexpr (std::is_same_v<T, float>) AppendFloat(*result, 1, &text);
  else text += std::to_string(*result);
  return text;
}

Numeric Read(const std::string& text) {
  Result<Numeric> value = ReadNumeric(text);
  EXPECT_TRUE(value.ok()) << text;
  return value.ok() ? *value : Numeric::Nan();
}

using Arguments = std::span<const std::string>;
using NumericCall = std::function<std::string(Arguments)>;

NumericCall Unary(Result<Numeric> (*function)(const Numeric&)) {
  return [function](Arguments a) { return InText(function(Read(a[0]))); };
}
NumericCall Unary(Numeric (*function)(const Numeric&)) {
  return [function](Arguments a) { return InText(Result<Numeric>(function(Read(a[0])))); };
}
NumericCall Binary(Result<Numeric> (*function)(const Numeric&, const Numeric&)) {
  return [function](Arguments a) { return InText(function(Read(a[0]), Read(a[1]))); };
}
template <typename T>
NumericCall Whole(std::string_view type) {
  return [type](Arguments a) {
    return InText(IntegerOf(Read(a[0]), std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), type));
  };
}

std::string Compare(Arguments a) {
  const auto order = Read(a[0]) <=> Read(a[1]);
  return order < 0 ? "= -1" : order > 0 ? "= 1" : "= 0";
}

std::string ScaleOf(Arguments a) {
  const std::optional<int> scale = MinScale(Read(a[0]));
  return scale ? "= " + std::to_string(*scale) : "= None";
}

std::map<std::string, NumericCall> Functions() {
  return {
      {"add", Binary(&Add)},
      {"subtract", Binary(&Subtract)},
      {"multiply", Binary(&Multiply)},
      {"divide", Binary(&Divide)},
      {"mod", Binary(&Modulo)},
      {"div", Binary(&DivideWhole)},
      {"power", Binary(&Power)},
      {"log", Binary(&Log)},
      {"gcd", Binary(&Gcd)},
      {"lcm", Binary(&Lcm)},
      {"sqrt", Unary(&Sqrt)},
      {"ln", Unary(&Ln)},
      {"exp", Unary(&Exp)},
      {"ceil", Unary(&Ceil)},
      {"floor", Unary(&Floor)},
      {"abs", Unary(&Abs)},
      {"sign", Unary(&Sign)},
      {"trim_scale", Unary(&TrimScale)},
      {"compare", &Compare},
      {"min_scale", &ScaleOf},
      {"round", [](Arguments a) { return InText(Round(Read(a[0]), std::stoi(a[1]))); }},
      {"trunc", [](Arguments a) { return InText(Result<Numeric>(Truncate(Read(a[0]), std::stoi(a[1])))); }},
      {"to_double", [](Arguments a) { return InText(DoubleOf(Read(a[0]))); }},
      {"to_float", [](Arguments a) { return InText(FloatOf(Read(a[0]))); }},
      {"to_int8", Whole<int64_t>("bigint")},
      {"to_int4", Whole<int32_t>("integer")},
      {"to_int2", Whole<int16_t>("smallint")},
      {"hash", [](Arguments a) { return "= " + std::to_string(static_cast<int32_t>(HashNumeric(Read(a[0]), 0))); }},
      {"hash_extended",
       [](Arguments a) {
         return "= " + std::to_string(static_cast<int64_t>(HashNumeric(Read(a[0]), 8816678312871386365)));
       }},
      {"of_double",
       [](Arguments a) { return InText(Result<Numeric>(NumericOfDouble(std::strtod(a[0].c_str(), nullptr)))); }},
      {"of_float",
       [](Arguments a) { return InText(Result<Numeric>(NumericOfFloat(std::strtof(a[0].c_str(), nullptr)))); }},
      {"factorial", [](Arguments a) { return InText(Factorial(std::stoll(a[0]))); }},
      {"width_bucket",
       [](Arguments a) { return InText(WidthBucket(Read(a[0]), Read(a[1]), Read(a[2]), std::stoi(a[3]))); }},
  };
}

TEST(NumericTest, ComputesWhatPostgresqlComputes) {
  const std::map<std::string, NumericCall> functions = Functions();
  size_t asked = 0;
  for (const OracleLine& line : OracleLines("calls.tsv")) {
    const size_t count = std::stoul(line[2]);
    const Arguments arguments(line.begin() + 3, count);
    const bool good = line[3 + count] == "=";
    const std::string expected = good ? "= " + line[4 + count] : "! " + line[4 + count] + " " + line[5 + count];
    const auto function = functions.find(line[1]);
    ASSERT_NE(function, functions.end()) << line[1];
    EXPECT_EQ(function->second(arguments), expected)
        << line[1] << "(" << fmt::format("{}", fmt::join(arguments, ", ")) << ")";
    ++asked;
  }
  EXPECT_GT(asked, 5'000u);
}

TEST(NumericTest, KeysSortAsTheValuesDoAndGiveThemBack) {
  std::vector<Numeric> values = {Numeric::Nan(), Numeric::Infinity(), Numeric::Infinity(true)};
  for (const OracleLine& line : OracleLines("numeric.tsv")) {
    if (line[0] == "read" && line[4] == "=") values.push_back(Read(line[5]));
  }
  std::vector<std::string> keys;
  for (const Numeric& value : values) {
    AppendNumericKey(value, &keys.emplace_back());
    Result<Numeric> back = ReadNumericKey(keys.back());
    ASSERT_TRUE(back.ok()) << Text(value);
    EXPECT_EQ(Text(*back), Text(value));
  }
  for (size_t i = 0; i < values.size(); i += 3) {
    for (size_t j = 0; j < values.size(); ++j) {
      const auto body = [](const std::string& key) {
        return std::string_view(key).substr(0, key.size() - kNumericKeyScaleBytes);
      };
      const auto order = values[i] <=> values[j];
      EXPECT_EQ(body(keys[i]) <=> body(keys[j]), order) << Text(values[i]) << " " << Text(values[j]);
    }
  }
}

TEST(NumericTest, PlainTextsAreReadAsAllOthersAre) {
  size_t plain = 0;
  for (const std::string sign : {"", "-"}) {
    for (const std::string digits : {"0", "7", "00", "10", "100", "12345678", "123456789", "1000000000000000",
                                     "9999999999999999", "0000000000000001", "1230000000", "5050505050505050"}) {
      for (size_t point = 0; point <= digits.size() + 1; ++point) {
        const bool whole = point > digits.size();
        const std::string text = sign + (whole ? digits : digits.substr(0, point) + "." + digits.substr(point));
        const auto number = ReadPlainNumeric(text);
        ASSERT_EQ(number.has_value(), digits.size() + (whole ? 0 : 1) <= PlainNumeric::kMostDigits) << text;
        if (!number) continue;
        if (text.size() < 16) {
          const auto loaded = ReadPlainNumeric(LoadCharacters(text), text.size());
          ASSERT_TRUE(loaded) << text;
          EXPECT_EQ(std::pair(loaded->unscaled, loaded->scale), std::pair(number->unscaled, number->scale)) << text;
        }
        ++plain;
        const Numeric read(Int128{number->unscaled}, number->scale);
        EXPECT_EQ(Text(read), Text(*ReadNumeric(" " + text))) << text;  // the blank leads past the short way
        std::string key;
        AppendNumericKey(*ReadNumeric(" " + text), &key);
        char bytes[kLongestPlainKey];
        EXPECT_EQ(std::string_view(bytes, WritePlainKey(*number, bytes)), key) << text;
      }
    }
  }
  EXPECT_GT(plain, 100u);
  for (const std::string_view text : {"", "-", ".", "-.", "1.2.3", "+1", " 1", "1 ", "1e2", "--1", "1-", "NaN",
                                      "12345678901234567", "1/2", "1:2", "\x80" "1", "1\xff"}) {
    EXPECT_FALSE(ReadPlainNumeric(text)) << text;
    if (text.size() < 16) {
      EXPECT_FALSE(ReadPlainNumeric(LoadCharacters(text), text.size())) << text;
    }
  }
}

TEST(NumericTest, BytesThatAreNoKeyAreRefused) {
  for (const std::string_view key :
       {"", "\x06", "\x03\x10", "\x07\x00\x00", "\x03\x10\x00\x00\x01\x00\x00", "\x03\x10\x00\x00\xff\x00\x00"}) {
    EXPECT_FALSE(ReadNumericKey(key).ok());
  }
}

TEST(NumericTest, GivesItsDecimal) {
  EXPECT_EQ(DecimalOf(Read("12.345"), 2), Int128{1235});
  EXPECT_EQ(DecimalOf(Read("12"), 2), Int128{1200});
  EXPECT_EQ(DecimalOf(Read("1e40"), 2), std::nullopt);
  EXPECT_EQ(DecimalOf(Read("NaN"), 2), std::nullopt);
  EXPECT_EQ(Text(Numeric(Int128{-1200}, 3)), "-1.200");
}

}  // namespace
}  // namespace weir::postgres
