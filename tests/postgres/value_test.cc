#include "postgres/value.h"

#include <gtest/gtest.h>

#include <set>

#include "model/hex.h"
#include "oracle_testing.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

void Set(const OracleLine& line, Settings* settings) {
  const std::string& name = line[1];
  const std::string& value = line[2];
  if (name == "now") settings->now = std::stoll(value);
  else if (name == "DateStyle") ASSERT_TRUE(SetDateStyle(value, settings).ok());
  else if (name == "IntervalStyle") ASSERT_TRUE(SetIntervalStyle(value, settings).ok());
  else if (name == "TimeZone") ASSERT_TRUE(SetTimeZone(value, settings).ok()) << value;
  else if (name == "bytea_output") ASSERT_TRUE(SetByteaOutput(value, settings).ok());
  else if (name == "extra_float_digits") settings->extra_float_digits = std::stoi(value);
  else FAIL() << name;
}

/// What the readers and writers make of a question, in the form of the answer.
OracleLine Answer(TypeRef type, const std::string& input, const Settings& settings) {
  const Result<Value> value = ReadText(type, input, settings);
  if (!value.ok()) {
    const ErrorFields fields = FieldsOf(value.status());
    return {"!", fields.sqlstate, fields.message, fields.detail, fields.hint};
  }
  OracleLine answer = {"=", "", ""};
  WriteText(type.oid, *value, settings, &answer[1]);
  std::string binary;
  const Status written = WriteBinary(type.oid, *value, settings, &binary);
  EXPECT_TRUE(written.ok()) << written.ToString();
  answer[2] = HexOf(binary);
  return answer;
}

/// Reads the binary form back and writes it as text.
std::string ThroughBinary(TypeRef type, const std::string& hex, const Settings& settings) {
  const Result<Value> value = ReadBinary(type, FromHex(hex), settings);
  if (!value.ok()) return ErrorText(value.status());
  std::string text;
  WriteText(type.oid, *value, settings, &text);
  return text;
}

class OracleTest : public testing::TestWithParam<const char*> {};

TEST_P(OracleTest, ReadsAndWritesAsPostgresqlDoes) {
  Settings settings;
  size_t asked = 0;
  for (const OracleLine& line : OracleLines(std::string(GetParam()) + ".tsv")) {
    if (line[0] == "set") {
      Set(line, &settings);
      continue;
    }
    const TypeRef type{.oid = static_cast<Oid>(std::stoul(line[1])), .modifier = std::stoi(line[2])};
    const OracleLine expected(line.begin() + 4, line.end());
    EXPECT_EQ(Answer(type, line[3], settings), expected)
        << FormatType(type) << " '" << line[3] << "' " << ShowDateStyle(settings) << " " << ShowIntervalStyle(settings);
    // A zone's offset may be larger than those that are taken in binary form.
    const bool far = type.oid == oid::kTimetz &&
                     ErrorText(ReadBinary(type, FromHex(expected.back()), settings).status()).starts_with("! 22009");
    if (expected[0] == "=" && !far) {
      EXPECT_EQ(ThroughBinary(type, expected[2], settings), expected[1]) << FormatType(type) << " '" << line[3] << "'";
    }
    ++asked;
  }
  EXPECT_GT(asked, 100u);
}

INSTANTIATE_TEST_SUITE_P(Values, OracleTest,
                         testing::Values("numeric", "date", "time", "timestamp", "interval", "number", "text", "bits",
                                         "address", "json", "nested"),
                         [](const auto& family) { return std::string(family.param); });

}  // namespace
}  // namespace weir::postgres
