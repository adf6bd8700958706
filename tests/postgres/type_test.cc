#include "postgres/type.h"

#include <gtest/gtest.h>

#include "postgres/error.h"

namespace weir::postgres {
namespace {

std::string Canonical(std::string_view text) {
  const auto type = ParseType(text);
  if (type.ok()) return FormatType(*type);
  const ErrorFields fields = FieldsOf(type.status());
  return fields.sqlstate + " " + fields.message;
}

TEST(ParseType, KnowsEverySpellingOfPostgres) {
  const std::pair<std::string_view, std::string_view> kSpellings[] = {
      {"int", "integer"},
      {"INTEGER", "integer"},
      {"int4", "integer"},
      {"pg_catalog.int4", "integer"},
      {"smallint", "smallint"},
      {"bigint", "bigint"},
      {"int8", "bigint"},
      {"real", "real"},
      {"float", "double precision"},
      {"float(24)", "real"},
      {"float(25)", "double precision"},
      {"double  precision", "double precision"},
      {"boolean", "boolean"},
      {"decimal", "numeric"},
      {"dec(5)", "numeric(5,0)"},
      {"numeric(10,2)", "numeric(10,2)"},
      {" numeric ( 10 , -2 ) ", "numeric(10,-2)"},
      {"numeric(1000,1000)", "numeric(1000,1000)"},
      {"char", "character(1)"},
      {"character(9)", "character(9)"},
      {"nchar(3)", "character(3)"},
      {"national character varying(3)", "character varying(3)"},
      {"char varying", "character varying"},
      {"varchar(20)", "character varying(20)"},
      {"bpchar", "bpchar"},
      {"\"char\"", "\"char\""},
      {"pg_catalog.char", "\"char\""},
      {"bit", "bit(1)"},
      {"bit(8)", "bit(8)"},
      {"\"bit\"", "\"bit\""},
      {"bit varying(8)", "bit varying(8)"},
      {"varbit", "bit varying"},
      {"timestamp", "timestamp without time zone"},
      {"timestamp(3)", "timestamp(3) without time zone"},
      {"timestamp (3) with time zone", "timestamp(3) with time zone"},
      {"timestamptz(0)", "timestamp(0) with time zone"},
      {"timestamp(9)", "timestamp(6) without time zone"},
      {"time without time zone", "time without time zone"},
      {"time(2) with time zone", "time(2) with time zone"},
      {"timetz", "time with time zone"},
      {"interval", "interval"},
      {"interval(3)", "interval(3)"},
      {"interval year to month", "interval year to month"},
      {"interval day to second(2)", "interval day to second(2)"},
      {"interval minute", "interval minute"},
      {"int[]", "integer[]"},
      {"int[3][4]", "integer[]"},
      {"int array", "integer[]"},
      {"int array[4]", "integer[]"},
      {"varchar(5)[]", "character varying(5)[]"},
      {"timestamp(3)[]", "timestamp(3) without time zone[]"},
      {"_int4", "integer[]"},
      {"uuid", "uuid"},
      {"regclass", "regclass"},
      {"oidvector", "oidvector"},
      {"\"any\"", "\"any\""},
  };
  for (const auto& [written, canonical] : kSpellings) {
    EXPECT_EQ(Canonical(written), canonical) << written;
    EXPECT_EQ(Canonical(canonical), canonical);
  }
}

TEST(ParseType, KnowsKwdbsSpellings) {
  EXPECT_EQ(Canonical("STRING"), "text");
  EXPECT_EQ(Canonical("string(9)"), "character varying(9)");
  EXPECT_EQ(Canonical("CLOB"), "text");
  EXPECT_EQ(Canonical("BYTES"), "bytea");
  EXPECT_EQ(Canonical("bytes(100)"), "bytea");
  EXPECT_EQ(Canonical("varbytes(8)"), "bytea");
  EXPECT_EQ(Canonical("blob"), "bytea");
  EXPECT_EQ(Canonical("int64"), "bigint");
  EXPECT_EQ(Canonical("nvarchar(7)"), "character varying(7)");
  EXPECT_EQ(Canonical("double"), "double precision");
  EXPECT_EQ(Canonical("string[]"), "text[]");
}

TEST(ParseType, RefusesAsPostgresDoes) {
  EXPECT_EQ(Canonical("nosuch"), "42704 type \"nosuch\" does not exist");
  EXPECT_EQ(Canonical("public.int4"), "42704 type \"public.int4\" does not exist");
  EXPECT_EQ(Canonical("pg_catalog.string"), "42704 type \"pg_catalog.string\" does not exist");
  EXPECT_EQ(Canonical("\"Int4\""), "42704 type \"Int4\" does not exist");
  EXPECT_EQ(Canonical("unknown[]"), "42704 type \"unknown[]\" does not exist");
  EXPECT_EQ(Canonical("int4(3)"), "42601 type modifier is not allowed for type \"int4\"");
  EXPECT_EQ(Canonical("numeric(0)"), "22023 NUMERIC precision 0 must be between 1 and 1000");
  EXPECT_EQ(Canonical("numeric(3,1001)"), "22023 NUMERIC scale 1001 must be between -1000 and 1000");
  EXPECT_EQ(Canonical("numeric(1,2,3)"), "22023 invalid NUMERIC type modifier");
  EXPECT_EQ(Canonical("varchar(0)"), "22023 length for type varchar must be at least 1");
  EXPECT_EQ(Canonical("char(10485761)"), "22023 length for type char cannot exceed 10485760");
  EXPECT_EQ(Canonical("bit(0)"), "22023 length for type bit must be at least 1");
  EXPECT_EQ(Canonical("float(0)"), "22023 precision for type float must be at least 1 bit");
  EXPECT_EQ(Canonical("float(54)"), "22023 precision for type float must be less than 54 bits");
  EXPECT_EQ(Canonical("timestamp(-1)"), "22023 TIMESTAMP(-1) precision must not be negative");
  EXPECT_EQ(Canonical(""), "42601 syntax error at end of input");
  EXPECT_EQ(Canonical("int4 int4"), "42601 syntax error at or near \"int4\"");
  EXPECT_EQ(Canonical("numeric(10"), "42601 syntax error at end of input");
  EXPECT_EQ(Canonical("interval month to day"), "42601 syntax error at or near \"to\"");
  EXPECT_EQ(Canonical("interval day to year"), "42601 syntax error at or near \"year\"");
  EXPECT_EQ(Canonical("int4[x]"), "42601 syntax error at or near \"x\"");
}

TEST(MakeType, TakesWhatTheGrammarGives) {
  EXPECT_EQ(*MakeType("numeric", std::array{10, 2}, false), (TypeRef{oid::kNumeric, 655366}));
  EXPECT_EQ(*MakeType("varchar", std::array{5}, true), (TypeRef{oid::kVarcharArray, 9}));
  EXPECT_EQ(*MakeType("interval", std::array{kIntervalAllFields, 3}, false), (TypeRef{oid::kInterval, 0x7FFF0003}));
  const ErrorFields fields = FieldsOf(MakeType("nosuch", {}, true, 8).status());
  EXPECT_EQ(fields.message, "type \"nosuch[]\" does not exist");
  EXPECT_EQ(fields.position, 8);
}

TEST(Modifiers, AreUnpackedAsTheyWerePacked) {
  const auto numeric = UnpackNumeric(PackNumeric({7, -3}));
  ASSERT_TRUE(numeric);
  EXPECT_EQ(numeric->precision, 7);
  EXPECT_EQ(numeric->scale, -3);
  EXPECT_FALSE(UnpackNumeric(-1));
  EXPECT_EQ(UnpackLength(PackLength(12)), 12);
  EXPECT_FALSE(UnpackLength(-1));
  EXPECT_EQ(UnpackInterval(-1).fields, kIntervalAllFields);
  EXPECT_EQ(UnpackInterval(ParseType("interval second(2)")->modifier).precision, 2);
}

TEST(FormatType, WithoutAModifierIsNotWithoutALength) {
  EXPECT_EQ(FormatType(oid::kBpchar), "character");
  EXPECT_EQ(FormatType(TypeRef{oid::kBpchar}), "bpchar");
  EXPECT_EQ(FormatType(TypeRef{oid::kBpcharArray}), "bpchar[]");
  EXPECT_EQ(FormatType(TypeRef{oid::kInt4, 3}), "integer");
  EXPECT_EQ(FormatType(Oid{0}), "-");
  EXPECT_EQ(FormatType(Oid{99999}), "???");
}

TEST(Storage, KeepsEveryValueOfAType) {
  const auto stored = [](std::string_view type) { return StorageType(*ParseType(type)).ToString(); };
  EXPECT_EQ(stored("int2"), "smallint");
  EXPECT_EQ(stored("numeric(10,2)"), "decimal(10,2)");
  EXPECT_EQ(stored("numeric(39,2)"), "string");
  EXPECT_EQ(stored("numeric(3,5)"), "string");
  EXPECT_EQ(stored("numeric"), "string");
  EXPECT_EQ(stored("char(4)"), "char(4)");
  EXPECT_EQ(stored("varchar(4)"), "string");
  EXPECT_EQ(stored("uuid"), "binary(16)");
  EXPECT_EQ(stored("time(3)"), "time(3)");
  EXPECT_EQ(stored("time"), "string");
  EXPECT_EQ(stored("timestamp(3)"), "timestamp(3)");
  EXPECT_EQ(stored("timestamptz"), "timestamp_ltz");
  EXPECT_EQ(stored("numeric(10,2)[]"), "array<decimal(10,2)>");
  EXPECT_EQ(stored("jsonb"), "string");
  EXPECT_EQ(stored("oid"), "bigint");
}

TEST(Storage, OfFlussTablesHasATypeOfPostgres) {
  const auto seen = [](const DataType& type) { return FormatType(TypeOfStorage(type)); };
  EXPECT_EQ(seen(DataType::TinyInt()), "smallint");
  EXPECT_EQ(seen(DataType::Decimal(9, 3)), "numeric(9,3)");
  EXPECT_EQ(seen(DataType::Char(7)), "character(7)");
  EXPECT_EQ(seen(DataType::Binary(16)), "bytea");
  EXPECT_EQ(seen(DataType::Time(3)), "time(3) without time zone");
  EXPECT_EQ(seen(DataType::TimestampLtz(9)), "timestamp with time zone");
  EXPECT_EQ(seen(DataType::Array(DataType::Decimal(5, 1))), "numeric(5,1)[]");
  EXPECT_EQ(seen(DataType::Array(DataType::Array(DataType::Int()))), "jsonb");
  EXPECT_EQ(seen(DataType::Map(DataType::Int(), DataType::String())), "jsonb");
}

}  // namespace
}  // namespace weir::postgres
