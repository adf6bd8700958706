#include <gmock/gmock.h>

#include <limits>

#include "storage/key_decoder.h"
#include "storage/merge_engine.h"
#include "tests/storage/bucket_fixture.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

Column Agg(std::string name, DataType type, std::string function, std::map<std::string, std::string> parameters = {}) {
  Column column{std::move(name), std::move(type)};
  column.agg_function = AggFunction{std::move(function), std::move(parameters)};
  return column;
}

std::string Combined(const Column& column, const Datum& a, const Datum& b) {
  Arena arena;
  const auto result = Combine(AggregateOf(column), a, b, &arena);
  return result.ok() ? ShowDatum(column.type, *result)
                     : "error " + std::to_string(static_cast<int>(result.status().code()));
}

std::string Hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

TEST_F(BucketTest, FirstRowOnlyEverInserts) {
  CreateDefaultTable({{"table.merge-engine", "first_row"}});
  ASSERT_OK(Put({Up({1, "a", 1}), Up({1, "b", 2}), Up({2, "c", 3})}));
  ASSERT_OK(Put({Up({1, "d", 4}), Del({1})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 1)", "1:+I(2, c, 3)", "2:empty"));
  EXPECT_EQ(Put({Up({1, "a", 1})}, {0, 1}).status().code(), ErrorCode::kInvalidTargetColumn);
}

TEST_F(BucketTest, VersionedKeepsTheNewestVersion) {
  CreateDefaultTable({{"table.merge-engine", "versioned"}, {"table.merge-engine.versioned.ver-column", "score"}});
  for (const Op& op : {Up({1, "a", 5}), Up({1, "b", 3}), Up({1, "c", 5}), Del({1}), Del({2}), Up({1, "d", 7})}) {
    ASSERT_OK(Put({op}));
  }
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, a, 5)", "1:empty", "2:-U(1, a, 5)", "3:+U(1, c, 5)", "4:empty",
                                            "5:empty", "6:-U(1, c, 5)", "7:+U(1, d, 7)"));
  ASSERT_OK(Put({Up({1, "null is the smallest", nullptr}), Up({3, "n", nullptr}), Up({3, "m", nullptr})}));
  EXPECT_EQ(Find({1}), "(1, d, 7)");
  EXPECT_EQ(Find({3}), "(3, m, null)");
}

TEST_F(BucketTest, VersionedByTimestamp) {
  CreateTable({{"id", DataType::Int()}, {"at", DataType::Timestamp(9)}, {"v", DataType::String()}},
              {{"table.merge-engine", "versioned"}, {"table.merge-engine.versioned.ver-column", "at"}});
  ASSERT_OK(Put({Up({1, Datum::Timestamp(10, 5), "a"}), Up({1, Datum::Timestamp(10, 4), "b"})}));
  EXPECT_EQ(Find({1}), "(1, 10ms, a)");
  ASSERT_OK(Put({Up({1, Datum::Timestamp(10, 6), "c"})}));
  EXPECT_EQ(Find({1}), "(1, 10ms, c)");
}

TEST_F(BucketTest, AggregationCombinesColumnByColumn) {
  CreateTable({{"id", DataType::Int()},
               Agg("total", DataType::BigInt(), "sum"),
               Agg("names", DataType::String(), "listagg", {{"delimiter", "|"}}),
               {"last", DataType::String()}},
              {{"table.merge-engine", "aggregation"}});
  ASSERT_OK(Put({Up({1, 2, "a", "x"}), Up({1, 3, "b", nullptr})}));
  ASSERT_OK(Put({Up({1, 10, nullptr, "y"}), Del({1})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, 2, a, x)", "1:-U(1, 2, a, x)", "2:+U(1, 5, a|b, x)",
                                            "3:-U(1, 5, a|b, x)", "4:+U(1, 15, a|b, y)"));
  ASSERT_OK(Put({Up({1, 1, "ignored", "ignored"})}, {0, 1}));
  EXPECT_EQ(Find({1}), "(1, 16, a|b, y)");
  ASSERT_OK(Put({Up({1, 7, "new", nullptr})}, {}, /*agg_mode=*/1));
  EXPECT_EQ(Find({1}), "(1, 7, new, null)");
  ASSERT_OK(Put({Del({1})}, {}, /*agg_mode=*/1));
  EXPECT_EQ(Find({1}), "none");
}

TEST_F(BucketTest, AggregationCanAllowDeletes) {
  CreateTable({{"id", DataType::Int()}, Agg("total", DataType::Int(), "sum")},
              {{"table.merge-engine", "aggregation"}, {"table.delete.behavior", "allow"}});
  ASSERT_OK(Put({Up({1, 2}), Del({1}), Up({1, 3})}));
  EXPECT_THAT(ChangelogFrom(0), ElementsAre("0:+I(1, 2)", "1:-D(1, 2)", "2:+I(1, 3)"));
}

TEST(AggregateTest, SumAndProductKeepTheColumnType) {
  EXPECT_EQ(Combined(Agg("c", DataType::TinyInt(), "sum"), Datum::Int(127), Datum::Int(1)), "-128");
  EXPECT_EQ(Combined(Agg("c", DataType::SmallInt(), "product"), Datum::Int(300), Datum::Int(300)), "24464");
  EXPECT_EQ(Combined(Agg("c", DataType::Int(), "sum"), Datum::Int(std::numeric_limits<int32_t>::max()), Datum::Int(1)),
            "-2147483648");
  EXPECT_EQ(
      Combined(Agg("c", DataType::BigInt(), "sum"), Datum::Int(std::numeric_limits<int64_t>::max()), Datum::Int(1)),
      "-9223372036854775808");
  EXPECT_EQ(Combined(Agg("c", DataType::Double(), "product"), Datum::Double(1.5), Datum::Double(2)), "3");
  EXPECT_EQ(Combined(Agg("c", DataType::Float(), "sum"), Datum::Double(0.1f), Datum::Double(0.2f)),
            ShowDatum(DataType::Float(), Datum::Double(0.1f + 0.2f)));
  const DataType decimal = DataType::Decimal(5, 2);
  EXPECT_EQ(Combined(Agg("c", decimal, "sum"), Datum::Decimal(150), Datum::Decimal(-25)), "125e-2");
  EXPECT_EQ(Combined(Agg("c", decimal, "product"), Datum::Decimal(150), Datum::Decimal(250)), "375e-2");
  EXPECT_EQ(Combined(Agg("c", decimal, "product"), Datum::Decimal(15), Datum::Decimal(-10)), "-2e-2");
  EXPECT_EQ(Combined(Agg("c", decimal, "sum"), Datum::Decimal(99999), Datum::Decimal(1)), "error 14");
}

TEST(AggregateTest, MaxAndMin) {
  for (const auto& [a, b] : {std::pair(1, 2), std::pair(2, 1)}) {
    EXPECT_EQ(Combined(Agg("c", DataType::Int(), "max"), Datum::Int(a), Datum::Int(b)), "2");
    EXPECT_EQ(Combined(Agg("c", DataType::Date(), "MIN"), Datum::Int(a), Datum::Int(b)), "1");
  }
  EXPECT_EQ(Combined(Agg("c", DataType::String(), "max"), Datum::Bytes("a"), Datum::Bytes("\xC3\xA9")), "\xC3\xA9");
  EXPECT_EQ(Combined(Agg("c", DataType::Timestamp(3), "min"), Datum::Timestamp(5, 0), Datum::Timestamp(4, 9)), "4ms");
  EXPECT_EQ(Combined(Agg("c", DataType::Decimal(5, 1), "max"), Datum::Decimal(-5), Datum::Decimal(3)), "3e-1");
  EXPECT_EQ(Combined(Agg("c", DataType::Double(), "max"), Datum::Double(1),
                     Datum::Double(std::numeric_limits<double>::quiet_NaN())),
            "nan");
  EXPECT_EQ(Combined(Agg("c", DataType::Boolean(), "max"), Datum::Bool(true), Datum::Bool(false)), "error 15");
}

TEST(AggregateTest, ValuesBooleansAndNulls) {
  const Datum a = Datum::Bytes("a");
  const Datum b = Datum::Bytes("b");
  const Datum none;
  const DataType text = DataType::String();
  EXPECT_EQ(Combined(Agg("c", text, "last_value"), a, none), "null");
  EXPECT_EQ(Combined(Agg("c", text, "last-value-ignore-nulls"), a, none), "a");
  EXPECT_EQ(Combined(Agg("c", text, "first_value"), a, b), "a");
  EXPECT_EQ(Combined(Agg("c", text, "first_value"), none, b), "b");
  EXPECT_EQ(Combined(Agg("c", text, "first_value_ignore_nulls"), none, b), "b");
  EXPECT_EQ(Combined(Agg("c", text, "no such function"), a, b), "b");
  EXPECT_EQ(Combined(Agg("c", text, "string_agg"), a, b), "a,b");
  for (const char* function : {"sum", "product", "max", "min", "listagg", "bool_and", "bool_or", "rbm32", "rbm64"}) {
    EXPECT_EQ(Combined(Agg("c", text, function), a, none), "a") << function;
    EXPECT_EQ(Combined(Agg("c", text, function), none, a), "a") << function;
  }
  EXPECT_EQ(Combined(Agg("c", DataType::Boolean(), "bool_and"), Datum::Bool(true), Datum::Bool(false)), "false");
  EXPECT_EQ(Combined(Agg("c", DataType::Boolean(), "bool_or"), Datum::Bool(true), Datum::Bool(false)), "true");
}

// The portable format by hand: cookie 12346, one container, key, cardinality − 1, offset, values.
const std::string kOne = Hex("3a30000001000000" "00000000" "10000000" "0100");
const std::string kTwo = Hex("3a30000001000000" "00000000" "10000000" "0700");
const std::string kOneAndTwo = Hex("3a30000001000000" "00000100" "10000000" "01000700");

TEST(AggregateTest, RoaringBitmapsAreUnited) {
  EXPECT_EQ(*UnionRoaring32(kOne, kTwo), kOneAndTwo);
  EXPECT_EQ(*UnionRoaring32(kOneAndTwo, kTwo), kOneAndTwo);
  const std::string count = Hex("0100000000000000");
  const std::string a = count + Hex("05000000") + kOne;
  const std::string b = count + Hex("05000000") + kTwo;
  const std::string c = count + Hex("02000000") + kTwo;
  EXPECT_EQ(*UnionRoaring64(a, b), count + Hex("05000000") + kOneAndTwo);
  EXPECT_EQ(*UnionRoaring64(a, c), Hex("0200000000000000") + Hex("02000000") + kTwo + Hex("05000000") + kOne);
  for (size_t size = 0; size < kOne.size(); ++size) {
    EXPECT_EQ(UnionRoaring32(kOne.substr(0, size), kTwo).status().code(), ErrorCode::kCorruptRecord) << size;
  }
  for (size_t size = 0; size < a.size(); ++size) {
    EXPECT_EQ(UnionRoaring64(b, a.substr(0, size)).status().code(), ErrorCode::kCorruptRecord) << size;
  }
  EXPECT_EQ(UnionRoaring32(kOne + "x", kTwo).status().code(), ErrorCode::kCorruptRecord);
}

TEST(KeyLayoutTest, FollowsFormatVersionAndLake) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"p", DataType::String()}, {"a", DataType::Int()}, {"b", DataType::Int()}},
                                    {"b", "p", "a"});
  descriptor.partition_keys = {"p"};
  descriptor.bucket_keys = {"b"};
  TableOptions options;
  options.lake_format = LakeFormat::kPaimon;
  options.kv_format_version = 2;
  KeyLayout layout = *MakeKeyLayout(descriptor, options);
  EXPECT_THAT(layout.primary_key, ElementsAre(2, 1));
  EXPECT_THAT(layout.bucket_key, ElementsAre(2));
  EXPECT_EQ(layout.primary_key_encoding, KeyEncoding::kCompacted);
  EXPECT_EQ(layout.bucket_key_encoding, KeyEncoding::kPaimon);
  EXPECT_EQ(layout.bucket_hash, BucketHash::kPaimon);
  options.kv_format_version = 1;
  EXPECT_EQ(MakeKeyLayout(descriptor, options)->primary_key_encoding, KeyEncoding::kPaimon);
  options.lake_format = LakeFormat::kHudi;
  EXPECT_EQ(MakeKeyLayout(descriptor, options)->primary_key_encoding, KeyEncoding::kCompacted);
  descriptor.bucket_keys = {"b", "a"};
  options.lake_format = LakeFormat::kPaimon;
  options.kv_format_version = 2;
  EXPECT_TRUE(MakeKeyLayout(descriptor, options)->bucket_key_is_primary_key);
}

TEST(KeyDecoderTest, ReadsBackEveryEncoding) {
  const std::vector<DataType> types{DataType::Timestamp(6).NotNull(), DataType::String().NotNull()};
  const std::vector<Datum> row{Datum::Timestamp(-1, 999000), Datum::Bytes("key")};
  for (const auto& [encoding, columns] : std::vector<std::pair<KeyEncoding, std::vector<int>>>{
           {KeyEncoding::kCompacted, {1, 0}}, {KeyEncoding::kPaimon, {0, 1}}, {KeyEncoding::kIceberg, {0}},
           {KeyEncoding::kIceberg, {1}}}) {
    KeyLayout layout;
    layout.primary_key = columns;
    layout.primary_key_encoding = encoding;
    std::string key;
    ASSERT_OK(EncodeKey(encoding, types, columns, row, &key));
    Arena arena;
    std::vector<Datum> decoded(2);
    ASSERT_OK(DecodePrimaryKey(layout, types, key, &arena, decoded));
    for (const int column : columns) EXPECT_EQ(decoded[column], row[column]);
    if (encoding == KeyEncoding::kCompacted) {
      EXPECT_FALSE(DecodePrimaryKey(layout, types, key + "x", &arena, decoded).ok());
    }
  }
}

TEST(PartitionValueTest, ReadsBackTheTextOfEveryType) {
  Arena arena;
  const std::vector<std::pair<DataType, std::string>> values = {
      {DataType::String(), "eu"},          {DataType::Boolean(), "true"},
      {DataType::Int(), "-12"},            {DataType::Date(), "2024-02-29"},
      {DataType::Double(), "1_5"},         {DataType::Time(3), "01-02-03_004"},
      {DataType::Bytes(), "00ff"},         {DataType::Timestamp(6), "2024-01-02-03-04-05_000006"},
  };
  for (const auto& [type, text] : values) {
    const auto value = PartitionValueFromText(type, text, "p", &arena);
    ASSERT_OK(value);
  }
  EXPECT_EQ(PartitionValueFromText(DataType::Date(), "2023-02-29", "p", &arena).status().code(),
            ErrorCode::kPartitionSpecInvalid);
  EXPECT_EQ(PartitionValueFromText(DataType::Int(), "012", "p", &arena).status().code(),
            ErrorCode::kPartitionSpecInvalid);
}

}  // namespace
}  // namespace weir
