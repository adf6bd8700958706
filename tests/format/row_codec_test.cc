#include "format/row_codec.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/format/row_testing.h"

namespace weir {
namespace {

using Types = std::vector<DataType>;
using Row = std::vector<Datum>;
using Bytes = std::string;

std::string Encode(RowFormat format, const Types& types, const Row& row) {
  Bytes out;
  const Status status = EncodeRow(format, types, row, &out);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return out;
}

std::string EncodedHex(RowFormat format, const Types& types, const Row& row) {
  return ToHex(Encode(format, types, row));
}

void ExpectDecodes(RowFormat format, const Types& types, std::string_view hex, const Row& expected) {
  const Bytes bytes = FromHex(hex);
  Arena arena;
  Row row(types.size());
  const Status status = DecodeRow(format, types, bytes, &arena, row);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(row, expected);
}

void ExpectVector(RowFormat format, const Types& types, const Row& row, std::string_view hex) {
  EXPECT_EQ(EncodedHex(format, types, row), Hex(hex));
  ExpectDecodes(format, types, hex, row);
}

const Types kScalars = {DataType::Int(),        DataType::String(),        DataType::BigInt(),
                        DataType::Boolean(),    DataType::Decimal(10, 2),  DataType::Decimal(20, 2),
                        DataType::Timestamp(3), DataType::TimestampLtz(6), DataType::Double(),
                        DataType::Bytes()};

Row ScalarRow() {
  return {Datum::Int(1),         Datum::Bytes("abc"),     Datum::Int(-1),
          Datum::Bool(true),     Datum::Decimal(1234),    Datum::Decimal(-1234),
          Datum::Timestamp(1704067200123, 0), Datum::Timestamp(1704067200123, 456000),
          Datum::Double(1.5),    Datum::Bytes("\x01\x02")};
}

Row ScalarRowWithNulls() {
  Row row = ScalarRow();
  row[1] = row[9] = Datum::Null();
  return row;
}

TEST(CompactedRow, ScalarVectors) {
  ExpectVector(RowFormat::kCompacted, kScalars, ScalarRow(),
               "0000 01 03616263 ffffffffffffffffff01 01 d209 02fb2e fbe8c792cc31 fbe8c792cc31c0ea1b "
               "000000000000f83f 020102");
  ExpectVector(RowFormat::kCompacted, kScalars, ScalarRowWithNulls(),
               "0202 01 ffffffffffffffffff01 01 d209 02fb2e fbe8c792cc31 fbe8c792cc31c0ea1b 000000000000f83f");
}

TEST(IndexedRow, ScalarVectors) {
  ExpectVector(RowFormat::kIndexed, kScalars, ScalarRow(),
               "0000 03000000 02000000 02000000 01000000 616263 ffffffffffffffff 01 d204000000000000 fb2e "
               "7bf451c28c010000 7bf451c28c010000 40f50600 000000000000f83f 0102");
  ExpectVector(RowFormat::kIndexed, kScalars, ScalarRowWithNulls(),
               "0202 02000000 00000000 00000000 01000000 ffffffffffffffff 01 d204000000000000 fb2e "
               "7bf451c28c010000 7bf451c28c010000 40f50600 000000000000f83f");
}

TEST(IndexedRow, CharIsPaddedAndComesBackWithoutPadding) {
  const Types types = {DataType::Int(), DataType::String(), DataType::Char(4)};
  const Row row = {Datum::Int(1), Datum::Bytes("hello"), Datum::Bytes("ab")};
  ExpectVector(RowFormat::kIndexed, types, row, "00 05000000 01000000 68656c6c6f 61620000");
  ExpectVector(RowFormat::kIndexed, types, {Datum::Int(2), {}, {}}, "06 00000000 02000000");
  ExpectVector(RowFormat::kCompacted, types, row, "00 01 0568656c6c6f 026162");
  ExpectVector(RowFormat::kCompacted, types, {Datum::Int(2), {}, {}}, "06 02");
}

TEST(CompactedRow, StoredRowVectors) {
  const Types types = {DataType::Int(), DataType::String(), DataType::BigInt()};
  ExpectVector(RowFormat::kCompacted, types, {Datum::Int(1), Datum::Bytes("Al"), Datum::Int(100)}, "00 01 02 416c 64");
  ExpectVector(RowFormat::kCompacted, types, {Datum::Int(2), {}, Datum::Int(-1)}, "02 02 ffffffffffffffffff01");
  ExpectVector(RowFormat::kCompacted, types, {Datum::Int(1), {}, Datum::Int(9)}, "02 01 09");
}

struct NestedCase {
  DataType type;
  Datum value;
  std::string payload;
};

TEST(NestedValues, Vectors) {
  const std::array<Datum, 3> ints = {Datum::Int(1), Datum::Null(), Datum::Int(3)};
  const std::array<Datum, 2> strings = {Datum::Bytes("ab"), Datum::Bytes("abcdefghij")};
  const std::array<Datum, 2> entry = {Datum::Bytes("k"), Datum::Int(5)};
  const std::vector<NestedCase> cases = {
      {DataType::Array(DataType::Int()), Datum::List(ints), "03000000 02000000 01000000 00000000 03000000 00000000"},
      {DataType::Array(DataType::String()), Datum::List(strings),
       "02000000 00000000 6162000000000082 0a00000018000000 6162636465666768696a000000000000"},
      {DataType::Map(DataType::String(), DataType::Int()), Datum::Map(entry),
       "10000000 | 01000000 00000000 6b00000000000081 | 01000000 00000000 05000000 00000000"},
  };
  const std::array<std::string, 3> lengths = {"18", "28", "24"};
  for (size_t i = 0; i < cases.size(); ++i) {
    const NestedCase& c = cases[i];
    SCOPED_TRACE(c.type.ToString());
    ExpectVector(RowFormat::kCompacted, {c.type}, {c.value}, "00 " + lengths[i] + c.payload);
    ExpectVector(RowFormat::kIndexed, {c.type}, {c.value}, "00 " + lengths[i] + "000000" + c.payload);
  }
  const DataType row_type = DataType::Row({{"a", DataType::Int()}, {"b", DataType::String()}});
  const std::array<Datum, 2> fields = {Datum::Int(9), Datum::Bytes("zz")};
  ExpectVector(RowFormat::kCompacted, {row_type}, {Datum::Row(fields)}, "00 05 | 00 09 02 7a7a");
  ExpectVector(RowFormat::kIndexed, {row_type}, {Datum::Row(fields)}, "00 0b000000 | 00 02000000 09000000 7a7a");
}

TEST(NestedValues, RowsWithinArraysUseTheFormatOfTheEnclosingRow) {
  const DataType element = DataType::Row({{"a", DataType::Int()}, {"b", DataType::String()}});
  const std::array<Datum, 2> fields = {Datum::Int(9), Datum::Bytes("zz")};
  const std::array<Datum, 1> items = {Datum::Row(fields)};
  const Types types = {DataType::Array(element)};
  ExpectVector(RowFormat::kCompacted, types, {Datum::List(items)},
               "00 18 01000000 00000000 0500000010000000 0009027a7a000000");
  ExpectVector(RowFormat::kIndexed, types, {Datum::List(items)},
               "00 20000000 01000000 00000000 0b00000010000000 00020000000900 00007a7a0000000000");
}

TEST(NestedValues, EmptyArraysAndMaps) {
  ExpectVector(RowFormat::kCompacted, {DataType::Array(DataType::Int())}, {Datum::List({})}, "00 08 0000000000000000");
  ExpectVector(RowFormat::kCompacted, {DataType::Map(DataType::Int(), DataType::Int())}, {Datum::Map({})},
               "00 14 08000000 0000000000000000 0000000000000000");
}

TEST(AlignedRow, SlotsOfEveryKind) {
  const Types types = {DataType::SmallInt(), DataType::String(), DataType::String(), DataType::Decimal(20, 2),
                       DataType::Timestamp(6), DataType::Int()};
  const Row row = {Datum::Int(258), Datum::Bytes("ab"), Datum::Bytes("fluss-key-0001"), Datum::Decimal(1234),
                   Datum::Timestamp(1704067200123, 456000), Datum::Null()};
  Bytes bytes;
  ASSERT_TRUE(EncodeAlignedRow(types, row, &bytes).ok());
  EXPECT_EQ(ToHex(bytes), Hex("0020000000000000 0201000000000000 6162000000000082 0e00000038000000 0200000048000000 "
                              "40f5060058000000 0000000000000000 666c7573732d6b65792d303030310000 "
                              "04d20000000000000000000000000000 7bf451c28c010000"));
  Arena arena;
  Row back(types.size());
  ASSERT_TRUE(DecodeAlignedRow(types, bytes, &arena, back).ok());
  EXPECT_EQ(back, row);
}

TEST(AlignedRow, NestedTypesAreAnError) {
  Bytes out = "before";
  const Types types = {DataType::Array(DataType::Int())};
  EXPECT_EQ(EncodeAlignedRow(types, Row{Datum::List({})}, &out).code(), ErrorCode::kClientError);
  EXPECT_EQ(out, "before");
}

struct BadValueCase {
  DataType type;
  Datum value;
};

TEST(EncodeRow, ValuesOutsideTheirTypeAreErrorsAndLeaveTheOutputAlone) {
  const std::array<Datum, 3> odd = {Datum::Int(1), Datum::Int(2), Datum::Int(3)};
  const std::array<Datum, 2> null_key = {Datum::Null(), Datum::Int(2)};
  const std::vector<BadValueCase> cases = {
      {DataType::Int(), Datum::Bytes("1")},
      {DataType::TinyInt(), Datum::Int(128)},
      {DataType::SmallInt(), Datum::Int(-32769)},
      {DataType::Date(), Datum::Int(int64_t{1} << 31)},
      {DataType::Decimal(18, 0), Datum::Decimal(static_cast<__int128>(1) << 64)},
      {DataType::Timestamp(6), Datum::Timestamp(0, 1'000'000)},
      {DataType::Char(2), Datum::Bytes("abc")},
      {DataType::Binary(2), Datum::Bytes("abc")},
      {DataType::Map(DataType::Int(), DataType::Int()), Datum::Map(odd)},
      {DataType::Map(DataType::Int(), DataType::Int()), Datum::Map(null_key)},
      {DataType::Row({{"a", DataType::Int()}}), Datum::Row(null_key)},
      {DataType::Array(DataType::String()), Datum::List(odd)},
  };
  for (const BadValueCase& c : cases) {
    SCOPED_TRACE(c.type.ToString());
    for (const RowFormat format : {RowFormat::kCompacted, RowFormat::kIndexed}) {
      Bytes out = "before";
      const Status status = EncodeRow(format, Types{DataType::Int(), c.type}, Row{Datum::Int(1), c.value}, &out);
      EXPECT_EQ(status.code(), ErrorCode::kClientError);
      EXPECT_NE(status.message().find("column 1"), std::string::npos) << status.ToString();
      EXPECT_EQ(out, "before");
    }
  }
}

TEST(EncodeRow, CharCountsCharactersInCompactedAndBytesInIndexedRows) {
  Bytes out;
  const Types types = {DataType::Char(2)};
  EXPECT_TRUE(EncodeRow(RowFormat::kCompacted, types, Row{Datum::Bytes("日本")}, &out).ok());
  EXPECT_FALSE(EncodeRow(RowFormat::kIndexed, types, Row{Datum::Bytes("日本")}, &out).ok());
}

TEST(EncodeRow, RowsOfTheWrongWidthAreErrors) {
  Bytes out;
  EXPECT_FALSE(EncodeRow(RowFormat::kCompacted, Types{DataType::Int()}, Row{}, &out).ok());
}

TEST(DecodeRow, MalformedRowsAreCorruptRecords) {
  struct Case {
    DataType type;
    std::string hex;
  };
  const std::vector<Case> cases = {
      {DataType::Int(), "00 ffffffff1f"},                                       // 33 bits
      {DataType::BigInt(), "00 ffffffffffffffffff02"},                          // 65 bits
      {DataType::BigInt(), "00 ffffffffffffffffffff01"},                        // 11 bytes
      {DataType::Int(), "00 01 00"},                                            // a byte too many
      {DataType::String(), "00 ffffffff0f"},                                    // length −1
      {DataType::Decimal(20, 0), "00 00"},                                      // no bytes
      {DataType::Decimal(38, 0), "00 11 0000000000000000000000000000000000"},   // 17 bytes
      {DataType::Timestamp(6), "00 00 c0843d"},                                 // 10⁶ nanoseconds
      {DataType::Array(DataType::TinyInt()), "00 08 ffffffff 00000000"},        // count
      {DataType::Array(DataType::String()), "00 10 01000000 00000000 08000000 00010000"},  // offset
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.hex);
    Arena arena;
    Row row(1);
    EXPECT_EQ(DecodeRow(RowFormat::kCompacted, Types{c.type}, FromHex(c.hex), &arena, row).code(),
              ErrorCode::kCorruptRecord);
  }
}

TEST(DecodeRow, NestedElementsMustNotShareBytes) {
  const DataType type = DataType::Array(DataType::Array(DataType::Int()));
  // Three elements that all point at the one inner array of 8 bytes; the outer array has 40.
  const std::string shared =
      "00 28 03000000 00000000 1000000020000000 1000000020000000 1000000020000000 00000000 00000000";
  Arena arena;
  Row row(1);
  EXPECT_EQ(DecodeRow(RowFormat::kCompacted, Types{type}, FromHex(shared), &arena, row).code(),
            ErrorCode::kCorruptRecord);
}

using Coder = std::pair<Status (*)(const Types&, const Row&, Bytes*),
                        Status (*)(const Types&, std::string_view, Arena*, Row*)>;

template <RowFormat kFormat>
Coder CoderOf() {
  return {[](const Types& types, const Row& row, Bytes* out) { return EncodeRow(kFormat, types, row, out); },
          [](const Types& types, std::string_view bytes, Arena* arena, Row* row) {
            return DecodeRow(kFormat, types, bytes, arena, *row);
          }};
}

Coder AlignedCoder() {
  return {[](const Types& types, const Row& row, Bytes* out) { return EncodeAlignedRow(types, row, out); },
          [](const Types& types, std::string_view bytes, Arena* arena, Row* row) {
            return DecodeAlignedRow(types, bytes, arena, *row);
          }};
}

// Damage may go unnoticed, as a row has no checksum; it must only not be read out of bounds.
void FlipBytes(const Coder& coder, const Types& types, Bytes bytes, RowGenerator* random) {
  for (int flip = 0; flip < 8; ++flip) {
    bytes[random->Below(bytes.size())] ^= static_cast<char>(1 + random->Below(255));
    Arena arena;
    Row row(types.size());
    const Status status = coder.second(types, bytes, &arena, &row);
    EXPECT_TRUE(status.ok() || status.code() == ErrorCode::kCorruptRecord) << status.ToString();
  }
}

void CheckRandomRows(const Coder& coder, int depth, uint32_t seed) {
  RowGenerator random(seed);
  for (int round = 0; round < 300; ++round) {
    const Types types = random.Types(depth);
    const Row row = random.Row(types);
    Bytes bytes;
    ASSERT_TRUE(coder.first(types, row, &bytes).ok());
    Arena arena;
    Row back(types.size());
    const Status status = coder.second(types, bytes, &arena, &back);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ASSERT_EQ(back, row) << "round " << round;
    for (size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 400) {
      // A copy of its own, so that a sanitizer sees a read past its end.
      const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(length));
      Arena cut_arena;
      ASSERT_EQ(coder.second(types, {cut.data(), cut.size()}, &cut_arena, &back).code(), ErrorCode::kCorruptRecord)
          << "round " << round << ", " << length << " of " << bytes.size() << " bytes";
    }
    FlipBytes(coder, types, bytes, &random);
  }
}

TEST(RandomRows, Compacted) { CheckRandomRows(CoderOf<RowFormat::kCompacted>(), 3, 1); }
TEST(RandomRows, Indexed) { CheckRandomRows(CoderOf<RowFormat::kIndexed>(), 3, 2); }
TEST(RandomRows, Aligned) { CheckRandomRows(AlignedCoder(), 0, 3); }

TEST(StoredValue, SchemaIdAndRow) {
  Bytes value;
  AppendSchemaId(1, &value);
  value += FromHex("00 01 02426f 09");
  EXPECT_EQ(ToHex(value), Hex("0100 00 01 02426f 09"));
  const auto stored = ParseStoredValue(value);
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->schema_id, 1);
  EXPECT_EQ(ToHex(stored->row), Hex("00 01 02426f 09"));
  EXPECT_EQ(ParseStoredValue("x").status().code(), ErrorCode::kCorruptRecord);
}

}  // namespace
}  // namespace weir
