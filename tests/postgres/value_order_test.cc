#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "oracle_testing.h"
#include "postgres/value.h"
#include "postgres/value/hash.h"
#include "postgres/value/order_key.h"

namespace weir::postgres {
namespace {

constexpr uint64_t kPartitionSeedOfPostgresql = 8816678312871386365ull;

/// A line of order.tsv.
struct Ordered {
  Oid type = 0;
  std::string text;
  int rank = 0;
  std::string hash;
  std::string partition_hash;
};

Ordered OrderedOf(const OracleLine& line) {
  return {static_cast<Oid>(std::stoul(line[0])), line[1], std::stoi(line[2]), line[3], line[4]};
}

int SignOf(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }
int SignOf(int number) { return number < 0 ? -1 : number > 0 ? 1 : 0; }

TEST(OrderKeyTest, ComparesAsPostgresqlComparesTheValues) {
  struct Seen {
    Ordered line;
    Value value;
    std::string key;
  };
  std::vector<Seen> seen;
  size_t compared = 0;
  for (const OracleLine& fields : OracleLines("order.tsv")) {
    const Ordered line = OrderedOf(fields);
    const auto value = ReadText({line.type}, line.text, Settings());
    ASSERT_TRUE(value.ok()) << line.text;
    const auto key = OrderKey(line.type, *value);
    ASSERT_TRUE(key.ok()) << line.text;
    for (const auto& [other, other_value, other_key] : seen) {
      if (other.type != line.type) continue;
      ++compared;
      EXPECT_EQ(SignOf(key->compare(other_key)), SignOf(line.rank - other.rank)) << line.text << " and " << other.text;
      EXPECT_EQ(SignOf(CompareValues(line.type, *value, other_value)), SignOf(line.rank - other.rank))
          << line.text << " and " << other.text;
    }
    seen.push_back({line, *value, *key});
  }
  EXPECT_GT(compared, 10'000u);
}

TEST(HashTest, IsPostgresqls) {
  size_t hashed = 0;
  for (const OracleLine& fields : OracleLines("order.tsv")) {
    const Ordered line = OrderedOf(fields);
    if (line.hash.empty()) continue;
    const auto value = ReadText({line.type}, line.text, Settings());
    ASSERT_TRUE(value.ok()) << line.text;
    const auto plain = HashExtended(line.type, *value, 0);
    const auto seeded = HashExtended(line.type, *value, kPartitionSeedOfPostgresql);
    ASSERT_TRUE(plain.ok() && seeded.ok()) << line.text;
    EXPECT_EQ(std::to_string(static_cast<int64_t>(*plain)), line.hash) << line.type << ": " << line.text;
    EXPECT_EQ(std::to_string(static_cast<int64_t>(*seeded)), line.partition_hash) << line.type << ": " << line.text;
    ++hashed;
  }
  EXPECT_GT(hashed, 500u);
}

TEST(OrderKeyTest, RefusesWhatHasNoOrderHere) {
  EXPECT_EQ(FieldsOf(OrderKey(oid::kJson, Value(std::string("1"))).status()).sqlstate, "0A000");
  const Array ones{.element = oid::kJson, .dimensions = {{.length = 1}}, .elements = {Value(std::string("1"))}};
  EXPECT_EQ(FieldsOf(OrderKey(FindType(oid::kJson)->array, Value(ones)).status()).sqlstate, "0A000");
  EXPECT_EQ(FieldsOf(JsonbOrderKey("{").status()).sqlstate, "XX001");
  EXPECT_EQ(FieldsOf(HashExtended(oid::kVarbit, Value(Bits{}), 0).status()).sqlstate, "0A000");
}

}  // namespace
}  // namespace weir::postgres
