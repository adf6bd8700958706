#include "placement/zone.h"

#include <gtest/gtest.h>

#include "placement/zone_tree.h"
#include "tests/placement/placement_testing.h"

namespace weir::placement {
namespace {

const std::vector<Node> kThreeNodes = {MakeNode(1), MakeNode(2), MakeNode(3)};
const ZoneTarget kDefaultRange = ZoneTarget::Range("default");
const ZoneTarget kShop = ZoneTarget::Database("shop");
const ZoneTarget kOrders = {"shop", "public", "orders", {}, {}, ZoneTarget::Kind::kTable};
const ZoneTarget kPrimary = {"shop", "public", "orders", "primary", {}, ZoneTarget::Kind::kIndex};
const ZoneTarget kNorth = {"shop", "public", "orders", "primary", "north", ZoneTarget::Kind::kPartition};

std::string Configured(ZoneTree& zones, const ZoneTarget& target, std::vector<ZoneAssignment> assignments) {
  return ErrorOf(zones.Configure(target, assignments, kThreeNodes));
}

/// Of a partition without a zone before.
std::string OfPartition(std::vector<ZoneAssignment> assignments) {
  ZoneTree zones;
  return Configured(zones, kNorth, std::move(assignments));
}

ZoneAssignment Number(const char* variable, int64_t value) { return {variable, value}; }
ZoneAssignment Words(const char* variable, const char* value) { return {variable, std::string(value)}; }
ZoneAssignment Copied(const char* variable) { return {variable, CopyFromParent()}; }

TEST(ZoneRules, OfTheStatement) {
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Number("num_replicas", 3)}),
            "22023 duplicate zone config parameter: \"num_replicas\"");
  EXPECT_EQ(OfPartition({Number("foo", 1)}), "22023 unsupported zone config parameter: \"foo\"");
  EXPECT_EQ(OfPartition({{"num_replicas", std::monostate()}}), "22023 unsupported NULL value for \"num_replicas\"");
  EXPECT_EQ(OfPartition({Words("num_replicas", "x")}), "22P02 could not parse \"x\" as type int");
  EXPECT_EQ(OfPartition({Number("constraints", 1)}), "42804 argument of constraints must be type string, not type int");
  EXPECT_EQ(OfPartition({Words("num_replicas", "5")}), "OK");
  // What is NULL or not supported is told in the alphabetical order of the variables.
  EXPECT_EQ(OfPartition({{"num_replicas", std::monostate()}, {"gc.ttlseconds", std::monostate()}}),
            "22023 unsupported NULL value for \"gc.ttlseconds\"");
}

TEST(ZoneRules, ConstraintsArePartitionsOnly) {
  for (const ZoneTarget& target : {kDefaultRange, kShop, kOrders, kPrimary}) {
    for (const ZoneAssignment& assignment :
         {Words("constraints", "[+region=NODE1]"), Words("lease_preferences", "[]"), Copied("constraints")}) {
      ZoneTree zones;
      EXPECT_EQ(Configured(zones, target, {assignment}),
                "0A000 set zone config constraints and lease_preferences is not supported");
    }
  }
}

TEST(ZoneRules, OfNumbers) {
  const std::string invalid = "23514 could not validate zone config: ";
  EXPECT_EQ(OfPartition({Number("num_replicas", 0)}), invalid + "at least one replica is required");
  EXPECT_EQ(OfPartition({Number("num_replicas", -1)}), invalid + "at least one replica is required");
  EXPECT_EQ(OfPartition({Number("num_replicas", 2)}),
            invalid + "at least 3 replicas are required for multi-replica configurations");
  EXPECT_EQ(OfPartition({Number("num_replicas", 4)}), "OK");
  EXPECT_EQ(OfPartition({Number("range_max_bytes", 100), Number("range_min_bytes", 50)}),
            invalid + "RangeMaxBytes 100 less than minimum allowed 5242880");
  EXPECT_EQ(OfPartition({Number("range_max_bytes", 5'242'880), Number("range_min_bytes", 50)}),
            invalid + "RangeMinBytes 50 less than minimum allowed 1048576");
  EXPECT_EQ(OfPartition({Number("range_min_bytes", 6'000'000), Number("range_max_bytes", 6'000'000)}),
            invalid + "RangeMinBytes 6000000 is greater than or equal to RangeMaxBytes 6000000");
  EXPECT_EQ(OfPartition({Number("gc.ttlseconds", 0)}), invalid + "GC.TTLSeconds 0 less than minimum allowed 1");
  const std::string alone =
      "22023 could not validate zone config: range_min_bytes and range_max_bytes must be set together";
  EXPECT_EQ(OfPartition({Number("range_max_bytes", 40'000'000)}), alone);  // though it is less than what is inherited
  EXPECT_EQ(OfPartition({Number("range_max_bytes", 400'000'000)}), alone);
  EXPECT_EQ(OfPartition({Number("range_max_bytes", 400'000'000), Copied("range_min_bytes")}), "OK");
}

TEST(ZoneRules, OfConstraints) {
  const std::string invalid = "23514 could not validate zone config: ";
  EXPECT_EQ(
      OfPartition({Words("constraints", "[+region=NODE9]")}),
      "23514 constraint \"+region=NODE9\" matches no existing nodes within the cluster - did you enter it correctly?");
  EXPECT_EQ(OfPartition({Words("constraints", "[-region=NODE9]")}), "OK");
  EXPECT_EQ(OfPartition({Words("constraints", "[+region=NODE1]")}), "OK");
  EXPECT_EQ(OfPartition({Words("constraints", "[+region=NODE1, +region=NODE2]")}),
            "23514 incompatible zone constraints: \"+region=NODE1\" and \"+region=NODE2\"");
  EXPECT_EQ(OfPartition({Words("constraints", "[region=NODE1]")}),
            invalid + "constraints must either be required (prefixed with a '+') or prohibited (prefixed with a '-')");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Words("constraints", "{\"+region=NODE1\": 1, \" +ssd\": 1}")}),
            invalid + "constraints must either be required (prefixed with a '+') or prohibited (prefixed with a '-')");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Words("constraints", "{\"-region=NODE1\": 1}")}),
            invalid + "only required constraints (prefixed with a '+') can be applied to a subset of replicas");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Words("constraints", "{\"-region=NODE1\": 3}")}), "OK");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Words("constraints", "{\"+region=NODE1\": 0}")}),
            invalid + "constraints must apply to at least one replica");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3), Words("constraints", "{+region=NODE1: 2, +region=NODE2: 2}")}),
            invalid +
                "the number of replicas specified in constraints (4) cannot be greater than the number of replicas "
                "configured for the zone (3)");
  EXPECT_EQ(
      OfPartition({Words("constraints", "{+region=NODE1: 1}")}),
      "22023 could not validate zone config: when per-replica constraints are set, num_replicas must be set as well");
  EXPECT_EQ(OfPartition({Copied("num_replicas"), Words("constraints", "{+region=NODE1: 1}")}), "OK");
}

TEST(ZoneRules, OfLeasePreferences) {
  const std::string invalid = "23514 could not validate zone config: ";
  EXPECT_EQ(OfPartition({Words("lease_preferences", "[[+region=NODE2]]")}), "OK");  // without constraints
  EXPECT_EQ(OfPartition({Words("lease_preferences", "[]")}), "OK");
  EXPECT_EQ(OfPartition({Number("num_replicas", 3),
                         Words("constraints", "{\"+region=NODE3\": 1, \"+region=NODE1\": 1, \"+region=NODE2\": 1}"),
                         Words("lease_preferences", "[[+region=NODE1]]")}),
            "OK");
  EXPECT_EQ(OfPartition({Words("lease_preferences", "[[]]")}),
            invalid + "every lease preference must include at least one constraint");
  EXPECT_EQ(
      OfPartition({Words("lease_preferences", "[[+region=NODE9]]")}),
      "23514 constraint \"+region=NODE9\" matches no existing nodes within the cluster - did you enter it correctly?");
  EXPECT_EQ(OfPartition({Words("lease_preferences", "[[region=NODE1]]")}),
            invalid +
                "lease preference constraints must either be required (prefixed with a '+') or prohibited (prefixed "
                "with a '-')");
}

TEST(ZoneRules, AHintTellsHowToCompleteAZone) {
  ZoneTree zones;
  const std::vector<ZoneAssignment> counted = {Words("constraints", "{+region=NODE1: 1}")};
  const Status status = zones.Configure(kNorth, counted, kThreeNodes);
  EXPECT_EQ(postgres::FieldsOf(status).hint,
            "try ALTER ... CONFIGURE ZONE USING <field_name> = COPY FROM PARENT [, ...] to populate the field");
}

TEST(ZoneTree, InheritsFieldByField) {
  ZoneTree zones;
  const auto gc = [&] { return zones.InForce(kNorth).gc_ttl_seconds; };
  EXPECT_EQ(gc(), 90'000);
  int64_t seconds = 1'000;
  for (const ZoneTarget& target : {kShop, kOrders, kPrimary, kNorth}) {
    EXPECT_EQ(Configured(zones, target, {Number("gc.ttlseconds", seconds)}), "OK");
    EXPECT_EQ(gc(), seconds);
    seconds += 1'000;
  }
  EXPECT_EQ(Configured(zones, kShop, {Number("num_replicas", 5)}), "OK");
  EXPECT_EQ(zones.InForce(kNorth).num_replicas, 5);
  EXPECT_EQ(gc(), 4'000);
  std::vector<int64_t> left;
  for (const ZoneTarget& target : {kNorth, kPrimary, kOrders, kShop}) {
    EXPECT_EQ(*zones.Discard(target), 1);
    left.push_back(gc());
  }
  EXPECT_EQ(left, (std::vector<int64_t>{3'000, 2'000, 1'000, 90'000}));
  EXPECT_EQ(*zones.Discard(kNorth), 0);
}

TEST(ZoneTree, ACopyIsNoInheritance) {
  ZoneTree zones;
  EXPECT_EQ(Configured(zones, kOrders, {Copied("num_replicas")}), "OK");
  EXPECT_EQ(Configured(zones, kDefaultRange, {Number("num_replicas", 5)}), "OK");
  EXPECT_EQ(zones.InForce(kOrders).num_replicas, 3);
  EXPECT_EQ(zones.InForce(kShop).num_replicas, 5);
}

TEST(ZoneTree, ExplicitlyNoConstraintsHidesTheParents) {
  ZoneTree zones;
  EXPECT_EQ(Configured(zones, kNorth, {Words("constraints", "[]")}), "OK");
  EXPECT_EQ(zones.Find(kNorth)->constraints, Constraints());
}

TEST(ZoneTree, AnErrorChangesNothing) {
  ZoneTree zones;
  EXPECT_EQ(Configured(zones, kNorth, {Number("num_replicas", 5)}), "OK");
  const ZoneFields before = *zones.Find(kNorth);
  EXPECT_NE(Configured(zones, kNorth, {Number("gc.ttlseconds", 700), Number("num_replicas", 2)}), "OK");
  EXPECT_EQ(*zones.Find(kNorth), before);
}

TEST(ZoneTree, KnowsWhatIsBuiltIn) {
  ZoneTree zones;
  EXPECT_EQ(ErrorOf(zones.Discard(kDefaultRange).status()), "23514 cannot remove default zone");
  EXPECT_EQ(ErrorOf(zones.Discard(ZoneTarget::Range("foo")).status()), "42704 \"foo\" is not a built-in zone");
  EXPECT_EQ(*zones.Find(kDefaultRange),
            (ZoneFields{134'217'728, 536'870'912, 90'000, 3, Constraints(), LeasePreferences()}));
  EXPECT_EQ(zones.InForce(ZoneTarget::Range("meta")).num_replicas, 5);
  EXPECT_EQ(zones.InForce(ZoneTarget::Range("liveness")).gc_ttl_seconds, 600);
  EXPECT_EQ(zones.InForce(ZoneTarget::Range("timeseries")), Zone());
  EXPECT_EQ(zones.InForce(ZoneTarget::Database("system")).num_replicas, 5);
}

}  // namespace
}  // namespace weir::placement
