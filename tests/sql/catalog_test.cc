#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/catalog/bound_text.h"
#include "sql/catalog/catalog_store.h"
#include "sql/catalog/sql_types.h"
#include "sql/error.h"
#include "tests/sql/catalog_testing.h"

namespace weir::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Statements and their answers; letters and numbers name the cases.

TEST_F(CatalogFixture, B_RangePartitions) {
  Expect(R"sql(
CREATE TABLE r (k int, v text) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE r0 PARTITION OF r FOR VALUES FROM (0) TO (10) → CREATE TABLE
CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (10) TO (20) → CREATE TABLE
CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (15) TO (25)
→ ERROR 42P17: partition "r2" would overlap partition "r1"
CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (19) TO (20)
→ ERROR 42P17: partition "r2" would overlap partition "r1"
CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (MINVALUE) TO (1)
→ ERROR 42P17: partition "r2" would overlap partition "r0"
CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (30) TO (30)
→ ERROR 42P17: empty range bound specified for partition "r2"
   DETAIL: Specified lower bound (30) is greater than or equal to upper bound (30).
CREATE TABLE r2 PARTITION OF r FOR VALUES FROM (30) TO (20)
→ ERROR 42P17: empty range bound specified for partition "r2"
   DETAIL: Specified lower bound (30) is greater than or equal to upper bound (20).
CREATE TABLE rlow PARTITION OF r FOR VALUES FROM (MINVALUE) TO (0) → CREATE TABLE
CREATE TABLE rhigh PARTITION OF r FOR VALUES FROM (100) TO (MAXVALUE) → CREATE TABLE
CREATE TABLE rdef PARTITION OF r DEFAULT → CREATE TABLE
CREATE TABLE rbad PARTITION OF r FOR VALUES FROM (NULL) TO (5)
→ ERROR 42P17: cannot specify NULL in range bound
)sql");
  EXPECT_THAT(NamesInBoundOrder("r"), ElementsAre("rlow", "r0", "r1", "rhigh", "rdef"));
  has_row_["rdef"] = true;
  asked_.clear();
  Expect(R"sql(
CREATE TABLE rmid PARTITION OF r FOR VALUES FROM (40) TO (60)
→ ERROR 23514: updated partition constraint for default partition "rdef" would be violated by some row
   fields: table=rdef
)sql");
  EXPECT_THAT(asked_, ElementsAre("rdef: ((k IS NOT NULL) AND (k >= 40) AND (k < 60))"));
  has_row_["rdef"] = false;
  Expect("CREATE TABLE rmid PARTITION OF r FOR VALUES FROM (40) TO (60) → CREATE TABLE");
}

TEST_F(CatalogFixture, C_MultiColumnRanges) {
  Expect(R"sql(
CREATE TABLE mc (a int, b int, v text) PARTITION BY RANGE (a, b) → CREATE TABLE
CREATE TABLE mc1 PARTITION OF mc FOR VALUES FROM (1, 10) TO (2, 20) → CREATE TABLE
CREATE TABLE mc2 PARTITION OF mc FOR VALUES FROM (2, 20) TO (3, MINVALUE) → CREATE TABLE
CREATE TABLE mc3 PARTITION OF mc FOR VALUES FROM (3, MINVALUE) TO (3, MAXVALUE) → CREATE TABLE
CREATE TABLE mc4 PARTITION OF mc FOR VALUES FROM (MINVALUE, MINVALUE) TO (1, 10) → CREATE TABLE
CREATE TABLE mcx PARTITION OF mc FOR VALUES FROM (MINVALUE, 0) TO (0, 0)
→ ERROR 42804: every bound following MINVALUE must also be MINVALUE
CREATE TABLE mcx PARTITION OF mc FOR VALUES FROM (5, 0) TO (MAXVALUE, 7)
→ ERROR 42804: every bound following MAXVALUE must also be MAXVALUE
CREATE TABLE mcx PARTITION OF mc FOR VALUES FROM (5, 0) TO (MAXVALUE, MINVALUE)
→ ERROR 42804: every bound following MAXVALUE must also be MAXVALUE
CREATE TABLE mcx PARTITION OF mc FOR VALUES FROM (5) TO (6)
→ ERROR 42P16: FROM must specify exactly one value per partitioning column
CREATE TABLE mcx PARTITION OF mc FOR VALUES FROM (5,1) TO (6)
→ ERROR 42P16: TO must specify exactly one value per partitioning column
)sql");
  const auto constraint = [&](const char* name) {
    const auto text = PartitionConstraintText(*catalog_, *Get(name));
    return text.ok() ? *text : text.status().ToString();
  };
  EXPECT_EQ(constraint("mc1"),
            "((a IS NOT NULL) AND (b IS NOT NULL) AND ((a > 1) OR ((a = 1) AND (b >= 10))) AND ((a < 2) OR ((a = 2) "
            "AND (b < 20))))");
  EXPECT_EQ(constraint("mc2"),
            "((a IS NOT NULL) AND (b IS NOT NULL) AND ((a > 2) OR ((a = 2) AND (b >= 20))) AND (a < 3))");
  EXPECT_EQ(constraint("mc3"), "((a IS NOT NULL) AND (b IS NOT NULL) AND (a = 3))");
  EXPECT_EQ(constraint("mc4"), "((a IS NOT NULL) AND (b IS NOT NULL) AND ((a < 1) OR ((a = 1) AND (b < 10))))");
  EXPECT_EQ(Get("mc3")->bound_text, "FOR VALUES FROM (3, MINVALUE) TO (3, MAXVALUE)");
}

TEST_F(CatalogFixture, D_ListPartitions) {
  Expect(R"sql(
CREATE TABLE l (region text, v int) PARTITION BY LIST (region) → CREATE TABLE
CREATE TABLE l_eu PARTITION OF l FOR VALUES IN ('de','fr','it') → CREATE TABLE
CREATE TABLE l_us PARTITION OF l FOR VALUES IN ('us','ca') → CREATE TABLE
CREATE TABLE l_x PARTITION OF l FOR VALUES IN ('jp','us')
→ ERROR 42P17: partition "l_x" would overlap partition "l_us"
CREATE TABLE l_as PARTITION OF l FOR VALUES IN ('jp','cn','jp') → CREATE TABLE
CREATE TABLE l_null PARTITION OF l FOR VALUES IN (NULL) → CREATE TABLE
CREATE TABLE l_null2 PARTITION OF l FOR VALUES IN ('zz', NULL)
→ ERROR 42P17: partition "l_null2" would overlap partition "l_null"
CREATE TABLE lbad (a int, b int) PARTITION BY LIST (a, b)
→ ERROR 42P17: cannot use "list" partition strategy with more than one column
CREATE TABLE lbad PARTITION OF l FOR VALUES FROM ('a') TO ('b')
→ ERROR 42P16: invalid bound specification for a list partition
CREATE TABLE lbad PARTITION OF l FOR VALUES IN ()
→ ERROR 42601: syntax error at or near ")"
CREATE TABLE lbad PARTITION OF l FOR VALUES IN (MINVALUE)
→ ERROR 0A000: cannot use column reference in partition bound expression
CREATE TABLE lb (f boolean) PARTITION BY LIST (f) → CREATE TABLE
CREATE TABLE lb_t PARTITION OF lb FOR VALUES IN (true) → CREATE TABLE
CREATE TABLE lb_f PARTITION OF lb FOR VALUES IN ('false') → CREATE TABLE
CREATE TABLE lb_x PARTITION OF lb FOR VALUES IN (1)
→ ERROR 42804: specified value cannot be cast to type boolean for column "f"
)sql");
  EXPECT_EQ(Get("l_as")->bound_text, "FOR VALUES IN ('jp', 'cn')");
  EXPECT_EQ(Get("l_null")->bound_text, "FOR VALUES IN (NULL)");
  EXPECT_EQ(Get("lb_t")->bound_text, "FOR VALUES IN (true)");
}

TEST_F(CatalogFixture, E_HashPartitions) {
  Expect(R"sql(
CREATE TABLE h (id int, v text) PARTITION BY HASH (id) → CREATE TABLE
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 0) → CREATE TABLE
CREATE TABLE hx (id int) PARTITION BY HASH (id) → CREATE TABLE
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 0, REMAINDER 0)
→ ERROR 42P16: modulus for hash partition must be an integer value greater than zero
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 4)
→ ERROR 42P16: remainder for hash partition must be less than modulus
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER -1)
→ ERROR 42601: syntax error at or near "-"
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4)
→ ERROR 42601: remainder for hash partition must be specified
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (REMAINDER 1)
→ ERROR 42601: modulus for hash partition must be specified
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 1, MODULUS 4)
→ ERROR 42710: modulus for hash partition provided more than once
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 1, FOO 4)
→ ERROR 42601: unrecognized hash partition bound specification "foo"
CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 0) → CREATE TABLE
CREATE TABLE hx1 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 0)
→ ERROR 42P17: partition "hx1" would overlap partition "hx0"
CREATE TABLE hx1 PARTITION OF hx FOR VALUES WITH (MODULUS 6, REMAINDER 1)
→ ERROR 42P17: every hash partition modulus must be a factor of the next larger modulus
   DETAIL: The new modulus 6 is not divisible by 4, the modulus of existing partition "hx0".
CREATE TABLE hx1 PARTITION OF hx FOR VALUES WITH (MODULUS 8, REMAINDER 4)
→ ERROR 42P17: partition "hx1" would overlap partition "hx0"
CREATE TABLE hx1 PARTITION OF hx FOR VALUES WITH (MODULUS 8, REMAINDER 5) → CREATE TABLE
CREATE TABLE hx2 PARTITION OF hx FOR VALUES WITH (MODULUS 2, REMAINDER 1)
→ ERROR 42P17: partition "hx2" would overlap partition "hx1"
CREATE TABLE hx2 PARTITION OF hx FOR VALUES WITH (MODULUS 12, REMAINDER 2)
→ ERROR 42P17: every hash partition modulus must be a factor of the next larger modulus
   DETAIL: The new modulus 12 is not divisible by 8, the modulus of existing partition "hx1".
CREATE TABLE hd PARTITION OF h DEFAULT
→ ERROR 42P16: a hash-partitioned table may not have a default partition
CREATE TABLE hd PARTITION OF h FOR VALUES IN (1)
→ ERROR 42P16: invalid bound specification for a hash partition
CREATE TABLE hd PARTITION OF h FOR VALUES FROM (1) TO (2)
→ ERROR 42P16: invalid bound specification for a hash partition
CREATE TABLE hp (p point) PARTITION BY HASH (p)
→ ERROR 42704: data type point has no default operator class for access method "hash"
   HINT: You must specify a hash operator class or define a default hash operator class for the data type.
CREATE TABLE hp (p point) PARTITION BY RANGE (p)
→ ERROR 42704: data type point has no default operator class for access method "btree"
   HINT: You must specify a btree operator class or define a default btree operator class for the data type.
CREATE TABLE hp (p json) PARTITION BY LIST (p)
→ ERROR 42704: data type json has no default operator class for access method "btree"
   HINT: You must specify a btree operator class or define a default btree operator class for the data type.
)sql");
  EXPECT_EQ(Get("h0")->bound_text, "FOR VALUES WITH (modulus 4, remainder 0)");
}

TEST_F(CatalogFixture, F_SeveralLevels) {
  Expect(R"sql(
CREATE TABLE ev (ts date NOT NULL, kind text, uid int) PARTITION BY RANGE (ts) → CREATE TABLE
CREATE TABLE ev_old PARTITION OF ev FOR VALUES FROM (MINVALUE) TO ('2025-01-01') → CREATE TABLE
CREATE TABLE ev_25 PARTITION OF ev FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (kind) → CREATE TABLE
CREATE TABLE ev_25_a PARTITION OF ev_25 FOR VALUES IN ('a') → CREATE TABLE
CREATE TABLE ev_25_o PARTITION OF ev_25 DEFAULT PARTITION BY HASH (uid) → CREATE TABLE
CREATE TABLE ev_25_o0 PARTITION OF ev_25_o FOR VALUES WITH (MODULUS 2, REMAINDER 0) → CREATE TABLE
CREATE TABLE ev_25_o1 PARTITION OF ev_25_o FOR VALUES WITH (MODULUS 2, REMAINDER 1) → CREATE TABLE
)sql");
  const auto check = [&] {
    EXPECT_EQ(
        *PartitionConstraintText(*catalog_, *Get("ev_25_a")),
        "((ts IS NOT NULL) AND (ts >= '2025-01-01'::date) AND (ts < '2026-01-01'::date) AND (kind IS NOT NULL) AND "
        "(kind = 'a'::text))");
    EXPECT_EQ(*PartitionConstraintText(*catalog_, *Get("ev_25_o")),
              "((ts IS NOT NULL) AND (ts >= '2025-01-01'::date) AND (ts < '2026-01-01'::date) AND (NOT ((kind IS NOT "
              "NULL) AND (kind = 'a'::text))))");
    EXPECT_EQ(*PartitionConstraintText(*catalog_, *Get("ev")), "");
    EXPECT_THAT(NamesInBoundOrder("ev"), ElementsAre("ev_old", "ev_25"));
    EXPECT_THAT(NamesInBoundOrder("ev_25"), ElementsAre("ev_25_a", "ev_25_o"));
    EXPECT_THAT(NamesInBoundOrder("ev_25_o"), ElementsAre("ev_25_o0", "ev_25_o1"));
    EXPECT_FALSE(Get("ev_25")->table);
    ASSERT_TRUE(Get("ev_25_o1")->table);
    EXPECT_EQ(Get("ev_25_o1")->table->schema().num_columns(), 3);
  };
  check();
  const int64_t id = Get("ev_25_o1")->id;
  const int64_t table = Get("ev_25_o1")->table->table_id;
  Reopen();
  check();
  EXPECT_EQ(Get("ev_25_o1")->id, id);
  EXPECT_EQ(Get("ev_25_o1")->table->table_id, table);
  EXPECT_EQ((*catalog_->FindById(id))->path.table, "ev_25_o1");
}

TEST_F(CatalogFixture, H_ColumnsOfPartitions) {
  Expect(R"sql(
CREATE TABLE p (a int NOT NULL, b int DEFAULT 5, c text) PARTITION BY RANGE (a) → CREATE TABLE
CREATE TABLE p0 PARTITION OF p (b DEFAULT 50, CONSTRAINT b_pos CHECK (b > 0)) FOR VALUES FROM (0) TO (10) → CREATE TABLE
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (10) TO (20) → CREATE TABLE
CREATE TABLE pbad PARTITION OF p (d int) FOR VALUES FROM (20) TO (30)
→ ERROR 42601: syntax error at or near "int"
CREATE TABLE pbad PARTITION OF p (d WITH OPTIONS DEFAULT 1) FOR VALUES FROM (20) TO (30)
→ ERROR 42703: column "d" does not exist
CREATE TABLE pbad PARTITION OF p (b WITH OPTIONS NOT NULL) FOR VALUES FROM (20) TO (30) → CREATE TABLE
DROP TABLE pbad → DROP TABLE
CREATE TABLE t1 (a int NOT NULL, b int) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t1 FOR VALUES FROM (20) TO (30)
→ ERROR 42804: child table is missing column "c"
CREATE TABLE t2 (a int NOT NULL, b int, c text, d int) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t2 FOR VALUES FROM (20) TO (30)
→ ERROR 42804: table "t2" contains column "d" not found in parent "p"
   DETAIL: The new partition may contain only the columns present in parent.
CREATE TABLE t3 (a int NOT NULL, b bigint, c text) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t3 FOR VALUES FROM (20) TO (30)
→ ERROR 42804: child table "t3" has different type for column "b"
CREATE TABLE t4 (a int, b int, c text) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t4 FOR VALUES FROM (20) TO (30)
→ ERROR 42804: column "a" in child table must be marked NOT NULL
CREATE TABLE t4b (a int NOT NULL, b int, c varchar) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t4b FOR VALUES FROM (20) TO (30)
→ ERROR 42804: child table "t4b" has different type for column "c"
CREATE TABLE t4c (a int NOT NULL, b int, c text COLLATE "C") → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t4c FOR VALUES FROM (20) TO (30)
→ ERROR 42P21: child table "t4c" has different collation for column "c"
CREATE TABLE t5 (c text, b int, a int NOT NULL) → CREATE TABLE
ALTER TABLE p ATTACH PARTITION t5 FOR VALUES FROM (20) TO (30) → ALTER TABLE
CREATE TABLE other (a int NOT NULL, b int, c text) PARTITION BY LIST (a) → CREATE TABLE
ALTER TABLE other ATTACH PARTITION p0 FOR VALUES IN (1)
→ ERROR 42809: "p0" is already a partition
ALTER TABLE other ATTACH PARTITION other FOR VALUES IN (1)
→ ERROR 42P07: circular inheritance not allowed
   DETAIL: "other" is already a child of "other".
)sql");
  EXPECT_EQ(Get("p0")->columns[1].default_value, "50");
  EXPECT_EQ(Get("p1")->columns[1].default_value, "5");
  ASSERT_THAT(Get("p0")->constraints, SizeIs(1));
  EXPECT_EQ(Get("p0")->constraints[0].name, "b_pos");
  Reopen();
  EXPECT_THAT(NamesInBoundOrder("p"), ElementsAre("p0", "p1", "t5"));
  EXPECT_EQ(Get("t5")->columns[0].name, "c");
  EXPECT_EQ(Get("t5")->table->schema().column(0).name, "c");
}

TEST_F(CatalogFixture, I_UniqueKeys) {
  Expect(R"sql(
CREATE TABLE q1 (id int PRIMARY KEY, d date) PARTITION BY HASH (d)
→ ERROR 0A000: unique constraint on partitioned table must include all partitioning columns
   DETAIL: PRIMARY KEY constraint on table "q1" lacks column "d" which is part of the partition key.
CREATE TABLE q2 (id int, a int, b int, UNIQUE (a, id)) PARTITION BY RANGE (a, b)
→ ERROR 0A000: unique constraint on partitioned table must include all partitioning columns
   DETAIL: UNIQUE constraint on table "q2" lacks column "b" which is part of the partition key.
CREATE TABLE q2 (id int, a int, b int, UNIQUE (b, id, a)) PARTITION BY RANGE (a, b) → CREATE TABLE
CREATE TABLE qe (id int, t timestamp, UNIQUE (id, t)) PARTITION BY RANGE (date_trunc('day', t))
→ ERROR 0A000: unsupported UNIQUE constraint with partition key definition
   DETAIL: UNIQUE constraints cannot be used when partition keys include expressions.
CREATE TABLE qe (id int, t timestamp) PARTITION BY RANGE (date_trunc('day', t)) → CREATE TABLE
CREATE TABLE qm (a int, b int, c int, UNIQUE (a, c)) PARTITION BY LIST (a) → CREATE TABLE
CREATE TABLE qm1 PARTITION OF qm FOR VALUES IN (1) PARTITION BY LIST (b)
→ ERROR 0A000: unique constraint on partitioned table must include all partitioning columns
   DETAIL: UNIQUE constraint on table "qm1" lacks column "b" which is part of the partition key.
CREATE TABLE qm1 PARTITION OF qm FOR VALUES IN (1) PARTITION BY LIST (c) → CREATE TABLE
CREATE TABLE q (id int, d date, v text, PRIMARY KEY (id, d)) PARTITION BY RANGE (d) → CREATE TABLE
CREATE TABLE q25 PARTITION OF q (UNIQUE (v)) FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') → CREATE TABLE
CREATE TABLE q26 PARTITION OF q (PRIMARY KEY (id, d)) FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
→ ERROR 42P16: multiple primary keys for table "q26" are not allowed
CREATE TABLE z (a int, PRIMARY KEY (nope))
→ ERROR 42703: column "nope" named in key does not exist
)sql");
  const RelationPtr leaf = Get("q25");
  ASSERT_THAT(leaf->constraints, SizeIs(2));
  EXPECT_EQ(leaf->constraints[0].name, "q25_pkey");
  EXPECT_EQ(leaf->constraints[1].name, "q25_v_key");
  EXPECT_THAT(leaf->PrimaryKey(), ElementsAre(0, 1));
  EXPECT_THAT(leaf->table->schema().primary_key(), ElementsAre("id", "d"));
  EXPECT_TRUE(leaf->columns[0].not_null);
}

TEST_F(CatalogFixture, J_InheritedConstraints) {
  Expect(R"sql(
CREATE TABLE pt (k int) PARTITION BY LIST (k) → CREATE TABLE
CREATE UNLOGGED TABLE ptu PARTITION OF pt FOR VALUES IN (7) → CREATE TABLE
CREATE TABLE ck (k int NOT NULL, v int, CONSTRAINT v_ok CHECK (v > 0)) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE ck1 PARTITION OF ck FOR VALUES FROM (0) TO (10) → CREATE TABLE
CREATE TABLE ckx (v int CHECK (v > 0) NO INHERIT) PARTITION BY LIST (v)
→ ERROR 42P16: cannot add NO INHERIT constraint to partitioned table "ckx"
CREATE TABLE ck2 (k int NOT NULL, v int) → CREATE TABLE
ALTER TABLE ck ATTACH PARTITION ck2 FOR VALUES FROM (10) TO (20)
→ ERROR 42804: child table is missing constraint "v_ok"
CREATE TABLE ck3 (k int NOT NULL, v int, CONSTRAINT v_ok CHECK (v >= 0)) → CREATE TABLE
ALTER TABLE ck ATTACH PARTITION ck3 FOR VALUES FROM (10) TO (20)
→ ERROR 42804: child table "ck3" has different definition for check constraint "v_ok"
CREATE TABLE ck4 (k int NOT NULL, v int, CONSTRAINT v_ok CHECK (v > 0)) → CREATE TABLE
ALTER TABLE ck ATTACH PARTITION ck4 FOR VALUES FROM (10) TO (20) → ALTER TABLE
CREATE TABLE own (k int CHECK (k > 1), CHECK (k < 9), v int CHECK (v > k)) → CREATE TABLE
)sql");
  ASSERT_THAT(Get("ck1")->constraints, SizeIs(1));
  EXPECT_EQ(Get("ck1")->constraints[0].check, "v > 0");
  std::vector<std::string> names;
  for (const auto& constraint : Get("own")->constraints) names.push_back(constraint.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("own_k_check", "own_k_check1", "own_check"));
}

TEST_F(CatalogFixture, K_DefaultPartitions) {
  Expect(R"sql(
CREATE TABLE df (k int) PARTITION BY LIST (k) → CREATE TABLE
CREATE TABLE df1 PARTITION OF df FOR VALUES IN (1) → CREATE TABLE
CREATE TABLE dfd PARTITION OF df DEFAULT → CREATE TABLE
CREATE TABLE dfd2 PARTITION OF df DEFAULT
→ ERROR 42P17: partition "dfd2" conflicts with existing default partition "dfd"
)sql");
  EXPECT_EQ(*PartitionConstraintText(*catalog_, *Get("dfd")), "(NOT ((k IS NOT NULL) AND (k = 1)))");
  has_row_["dfd"] = true;
  Expect(R"sql(
CREATE TABLE df2 PARTITION OF df FOR VALUES IN (2)
→ ERROR 23514: updated partition constraint for default partition "dfd" would be violated by some row
   fields: table=dfd
CREATE TABLE df2 (k int) → CREATE TABLE
ALTER TABLE df ATTACH PARTITION df2 FOR VALUES IN (2)
→ ERROR 23514: updated partition constraint for default partition "dfd" would be violated by some row
   fields: table=dfd
ALTER TABLE df DETACH PARTITION dfd → ALTER TABLE
ALTER TABLE df ATTACH PARTITION df2 FOR VALUES IN (2) → ALTER TABLE
)sql");
  asked_.clear();
  Expect(R"sql(
ALTER TABLE df ATTACH PARTITION dfd DEFAULT
→ ERROR 23514: partition constraint of relation "dfd" is violated by some row
   fields: table=dfd
)sql");
  EXPECT_THAT(asked_, ElementsAre("dfd: NOT (NOT ((k IS NOT NULL) AND (k = ANY (ARRAY[1, 2]))))"));
  has_row_.clear();
  Expect("ALTER TABLE df ATTACH PARTITION dfd DEFAULT → ALTER TABLE");
  EXPECT_THAT(NamesInBoundOrder("df"), ElementsAre("df1", "df2", "dfd"));
  EXPECT_EQ(Get("dfd")->bound_text, "DEFAULT");
}

TEST_F(CatalogFixture, L_AttachAndDetach) {
  has_row_["a1"] = true;
  Expect(R"sql(
CREATE TABLE a (k int NOT NULL, v int) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE a1 (k int NOT NULL, v int) → CREATE TABLE
ALTER TABLE a ATTACH PARTITION a1 FOR VALUES FROM (0) TO (10)
→ ERROR 23514: partition constraint of relation "a1" is violated by some row
   fields: table=a1
)sql");
  EXPECT_THAT(asked_, ElementsAre("a1: NOT ((k IS NOT NULL) AND (k >= 0) AND (k < 10))"));
  has_row_.clear();
  Expect(R"sql(
ALTER TABLE a ATTACH PARTITION a1 FOR VALUES FROM (0) TO (10) → ALTER TABLE
CREATE TABLE a2 (k int NOT NULL, v int) → CREATE TABLE
ALTER TABLE a ATTACH PARTITION a2 FOR VALUES FROM (10) TO (20) → ALTER TABLE
CREATE TABLE a3 (k int NOT NULL, v int) → CREATE TABLE
ALTER TABLE a ATTACH PARTITION a3 FOR VALUES FROM (20) TO (30) → ALTER TABLE
CREATE TABLE a4 (k int NOT NULL, v int) → CREATE TABLE
ALTER TABLE a ATTACH PARTITION a4 FOR VALUES FROM (25) TO (35)
→ ERROR 42P17: partition "a4" would overlap partition "a3"
ALTER TABLE a ATTACH PARTITION a4 FOR VALUES IN (1)
→ ERROR 42P16: invalid bound specification for a range partition
ALTER TABLE a ATTACH PARTITION nosuch FOR VALUES FROM (40) TO (50)
→ ERROR 42P01: relation "nosuch" does not exist
ALTER TABLE nosuch ATTACH PARTITION a4 FOR VALUES FROM (40) TO (50)
→ ERROR 42P01: relation "nosuch" does not exist
ALTER TABLE a4 ATTACH PARTITION a1 FOR VALUES FROM (40) TO (50)
→ ERROR 42P17: table "a4" is not partitioned
ALTER TABLE a ATTACH PARTITION a2 FOR VALUES FROM (40) TO (50)
→ ERROR 42809: "a2" is already a partition
CREATE TABLE asub (k int NOT NULL, v int) PARTITION BY LIST (v) → CREATE TABLE
CREATE TABLE asub1 PARTITION OF asub FOR VALUES IN (1) → CREATE TABLE
ALTER TABLE a ATTACH PARTITION asub FOR VALUES FROM (100) TO (200) → ALTER TABLE
ALTER TABLE asub ATTACH PARTITION a FOR VALUES IN (2)
→ ERROR 42P07: circular inheritance not allowed
   DETAIL: "asub" is already a child of "a".
ALTER TABLE a DETACH PARTITION a2 → ALTER TABLE
ALTER TABLE a DETACH PARTITION a2
→ ERROR 42P01: relation "a2" is not a partition of relation "a"
ALTER TABLE a DETACH PARTITION asub1
→ ERROR 42P01: relation "asub1" is not a partition of relation "a"
ALTER TABLE a4 DETACH PARTITION a1
→ ERROR 42P17: table "a4" is not partitioned
ALTER TABLE a DETACH PARTITION nosuch
→ ERROR 42P01: relation "nosuch" does not exist
CREATE TABLE adef PARTITION OF a DEFAULT → CREATE TABLE
ALTER TABLE a DETACH PARTITION a3 CONCURRENTLY
→ ERROR 55000: cannot detach partitions concurrently when a default partition exists
DROP TABLE adef → DROP TABLE
ALTER TABLE a DETACH PARTITION a3 CONCURRENTLY → ALTER TABLE
ALTER TABLE a DETACH PARTITION a1 FINALIZE
→ ERROR 55000: cannot complete detaching partition "a1"
   DETAIL: There's no pending concurrent detach.
)sql");
  const auto check = [&] {
    EXPECT_THAT(NamesInBoundOrder("a"), ElementsAre("a1", "asub"));
    EXPECT_FALSE(Get("a2")->parent.has_value());
    EXPECT_EQ(Get("a2")->bound_text, "");
    EXPECT_TRUE(Get("a2")->columns[0].not_null);
    ASSERT_THAT(Get("a3")->constraints, SizeIs(1));
    EXPECT_EQ(Get("a3")->constraints[0].name, "a3_k_check");
    EXPECT_EQ(Get("a3")->constraints[0].check, "((k IS NOT NULL) AND (k >= 20) AND (k < 30))");
    EXPECT_EQ(*PartitionConstraintText(*catalog_, *Get("asub1")),
              "((k IS NOT NULL) AND (k >= 100) AND (k < 200) AND (v IS NOT NULL) AND (v = 1))");
  };
  check();
  Reopen();
  check();
  Expect("ALTER TABLE a ATTACH PARTITION a2 FOR VALUES FROM (10) TO (20) → ALTER TABLE");
  EXPECT_THAT(NamesInBoundOrder("a"), ElementsAre("a1", "a2", "asub"));
}

TEST_F(CatalogFixture, N_KeysAndBounds) {
  Expect(R"sql(
CREATE TABLE e1 (t timestamp, s text) PARTITION BY RANGE ((extract(year FROM t))) → CREATE TABLE
CREATE TABLE e2 (t timestamp, s text) PARTITION BY LIST (lower(s)) → CREATE TABLE
CREATE TABLE e2_a PARTITION OF e2 FOR VALUES IN ('a') → CREATE TABLE
CREATE TABLE e3 (a int, b int) PARTITION BY RANGE (a + b)
→ ERROR 42601: syntax error at or near "+"
CREATE TABLE e3 (a int, b int) PARTITION BY RANGE ((a + b), a) → CREATE TABLE
CREATE TABLE x (a int) PARTITION BY RANGE (nosuch)
→ ERROR 42703: column "nosuch" named in partition key does not exist
CREATE TABLE x (a int) PARTITION BY RANGE ()
→ ERROR 42601: syntax error at or near ")"
CREATE TABLE x (a int) PARTITION BY MAGIC (a)
→ ERROR 22023: unrecognized partitioning strategy "magic"
CREATE TABLE x (a int) PARTITION BY RANGE ((42))
→ ERROR 42P17: cannot use constant expression as partition key
CREATE TABLE x (a int) PARTITION BY RANGE ((random()))
→ ERROR 42P17: functions in partition key expression must be marked IMMUTABLE
CREATE TABLE x (a int) PARTITION BY RANGE ((sum(a)))
→ ERROR 42803: aggregate functions are not allowed in partition key expressions
CREATE TABLE x (a int) PARTITION BY RANGE ((row_number() OVER ()))
→ ERROR 42P20: window functions are not allowed in partition key expressions
CREATE TABLE x (a int) PARTITION BY RANGE ((generate_series(1, a)))
→ ERROR 0A000: set-returning functions are not allowed in partition key expressions
CREATE TABLE x (a int) PARTITION BY RANGE (xmin)
→ ERROR 42P17: cannot use system column "xmin" in partition key
CREATE TABLE x (a int) PARTITION BY RANGE ((tableoid))
→ ERROR 42P17: partition key expressions cannot contain system column references
CREATE TABLE x (a int) PARTITION BY RANGE (('unknown'))
→ ERROR 42P16: partition key column 1 has pseudo-type unknown
CREATE TABLE x (a int) PARTITION BY RANGE (a, a) → CREATE TABLE
DROP TABLE IF EXISTS x → DROP TABLE
CREATE TABLE x (a int) PARTITION BY RANGE (a COLLATE "C")
→ ERROR 42804: collations are not supported by type integer
CREATE TABLE bd (a int) PARTITION BY RANGE (a) → CREATE TABLE
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (a) TO (10)
→ ERROR 0A000: cannot use column reference in partition bound expression
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (sum(1)) TO (10)
→ ERROR 42803: aggregate functions are not allowed in partition bound
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM ((SELECT 1)) TO (10)
→ ERROR 0A000: cannot use subquery in partition bound
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (generate_series(1, 2)) TO (10)
→ ERROR 0A000: set-returning functions are not allowed in partition bound
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM ('x') TO (10)
→ ERROR 22P02: invalid input syntax for type integer: "x"
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (date '2025-01-01') TO (10)
→ ERROR 42804: specified value cannot be cast to type integer for column "a"
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (1.6) TO (9.4) → CREATE TABLE
CREATE TABLE bd2 PARTITION OF bd FOR VALUES IN (1)
→ ERROR 42P16: invalid bound specification for a range partition
CREATE TABLE bd2 PARTITION OF bd FOR VALUES WITH (MODULUS 2, REMAINDER 0)
→ ERROR 42P16: invalid bound specification for a range partition
CREATE TABLE bd2 PARTITION OF bd FOR VALUES FROM (UNBOUNDED) TO (1)
→ ERROR 0A000: cannot use column reference in partition bound expression
CREATE TABLE bd2 PARTITION OF bd FOR VALUES FROM (99999999999) TO (MAXVALUE)
→ ERROR 22003: integer out of range
CREATE TABLE bd2 PARTITION OF nosuch FOR VALUES FROM (1) TO (2)
→ ERROR 42P01: relation "nosuch" does not exist
CREATE TABLE plain (a int) → CREATE TABLE
CREATE TABLE bd2 PARTITION OF plain FOR VALUES FROM (1) TO (2)
→ ERROR 42P17: "plain" is not partitioned
CREATE TABLE bd2 PARTITION OF bd1 FOR VALUES FROM (1) TO (2)
→ ERROR 42P17: "bd1" is not partitioned
CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (20) TO (30)
→ ERROR 42P07: relation "bd1" already exists
CREATE TABLE IF NOT EXISTS bd1 PARTITION OF bd FOR VALUES FROM (20) TO (30)
→ NOTICE: relation "bd1" already exists, skipping
→ CREATE TABLE
CREATE TABLE ty_d (k date) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE ty_d1 PARTITION OF ty_d FOR VALUES FROM ('2025-02-30') TO ('2025-03-01')
→ ERROR 22008: date/time field value out of range: "2025-02-30"
CREATE TABLE unknown (a nosuchtype)
→ ERROR 42704: type "nosuchtype" does not exist
CREATE TABLE twice (a int, a text)
→ ERROR 42701: column "a" specified more than once
)sql");
  EXPECT_EQ(Get("bd1")->bound_text, "FOR VALUES FROM (2) TO (9)");
  EXPECT_EQ(PartitionKeyText(*Get("e2")), "LIST (lower(s))");
  EXPECT_EQ(PartitionKeyText(*Get("e3")), "RANGE (((a + b)), a)");
}

TEST_F(CatalogFixture, N_AtMost32KeyColumns) {
  std::string columns, key;
  const auto add = [&](int i) {
    columns += (i == 1 ? "c" : ", c") + std::to_string(i) + " int";
    key += (i == 1 ? "c" : ", c") + std::to_string(i);
  };
  for (int i = 1; i <= 32; ++i) add(i);
  EXPECT_EQ(Run("CREATE TABLE x32 (" + columns + ") PARTITION BY RANGE (" + key + ")"), "CREATE TABLE");
  add(33);
  EXPECT_EQ(Run("CREATE TABLE x33 (" + columns + ") PARTITION BY RANGE (" + key + ")"),
            "ERROR 54011: cannot partition using more than 32 columns");
}

TEST_F(CatalogFixture, O_Drop) {
  Expect(R"sql(
CREATE TABLE dr (k int, v int) PARTITION BY LIST (k) → CREATE TABLE
CREATE TABLE dr1 PARTITION OF dr FOR VALUES IN (1) → CREATE TABLE
CREATE TABLE dr2 PARTITION OF dr FOR VALUES IN (2) PARTITION BY LIST (v) → CREATE TABLE
CREATE TABLE dr2_1 PARTITION OF dr2 FOR VALUES IN (1) → CREATE TABLE
DROP TABLE dr1 → DROP TABLE
DROP TABLE dr2 → DROP TABLE
CREATE TABLE dr3 PARTITION OF dr FOR VALUES IN (3) → CREATE TABLE
)sql");
  EXPECT_FALSE(Get("dr1"));
  EXPECT_FALSE(Get("dr2_1"));
  EXPECT_THAT(NamesInBoundOrder("dr"), ElementsAre("dr3"));
  Reopen();
  EXPECT_FALSE(Get("dr2_1"));
  EXPECT_THAT(NamesInBoundOrder("dr"), ElementsAre("dr3"));
  Expect(R"sql(
DROP TABLE dr → DROP TABLE
DROP TABLE dr
→ ERROR 42P01: table "dr" does not exist
DROP TABLE IF EXISTS dr
→ NOTICE: table "dr" does not exist, skipping
→ DROP TABLE
)sql");
  EXPECT_THAT(*catalog_->ListRelations("fluss"), IsEmpty());
  EXPECT_THAT(*gateway_->ListTables("fluss").Wait(), IsEmpty());
}

TEST_F(CatalogFixture, O_Schemas) {
  Expect(R"sql(
CREATE SCHEMA s2 → CREATE SCHEMA
CREATE SCHEMA s2
→ ERROR 42P06: schema "s2" already exists
CREATE SCHEMA IF NOT EXISTS s2
→ NOTICE: schema "s2" already exists, skipping
→ CREATE SCHEMA
CREATE TABLE s2.gnew (a int) PARTITION BY RANGE (a) → CREATE TABLE
CREATE TABLE gn1 PARTITION OF s2.gnew FOR VALUES FROM (0) TO (10) → CREATE TABLE
CREATE TABLE nosuch.x (a int)
→ ERROR 3F000: schema "nosuch" does not exist
DROP SCHEMA s2
→ ERROR 2BP01: cannot drop schema s2 because other objects depend on it
   DETAIL: table s2.gnew depends on schema s2
   HINT: Use DROP ... CASCADE to drop the dependent objects too.
)sql");
  EXPECT_EQ(Get("gnew", "s2")->path.database, "s2");
  EXPECT_EQ(Get("gn1")->parent, Get("gnew", "s2")->id);
  Expect(R"sql(
DROP SCHEMA s2 CASCADE
→ NOTICE: drop cascades to table s2.gnew
→ DROP SCHEMA
DROP SCHEMA s2
→ ERROR 3F000: schema "s2" does not exist
)sql");
  EXPECT_FALSE(Get("gn1"));
  EXPECT_THAT(*catalog_->ListDatabases(), ElementsAre("fluss"));
}

TEST_F(CatalogFixture, Y_ConstraintTexts) {
  Expect(R"sql(
CREATE TABLE ct (c text) PARTITION BY LIST (c) → CREATE TABLE
CREATE TABLE ct1 PARTITION OF ct FOR VALUES IN ('a', 'b') → CREATE TABLE
CREATE TABLE ct2 PARTITION OF ct FOR VALUES IN ('c') → CREATE TABLE
CREATE TABLE ct3 PARTITION OF ct FOR VALUES IN ('d', 'e', NULL) → CREATE TABLE
CREATE TABLE ct4 PARTITION OF ct FOR VALUES IN ('it''s') → CREATE TABLE
CREATE TABLE ct5 PARTITION OF ct DEFAULT → CREATE TABLE
CREATE TABLE ctr (k int) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE ctr1 PARTITION OF ctr FOR VALUES FROM (MINVALUE) TO (MAXVALUE) → CREATE TABLE
CREATE TABLE ctd (k int) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE ctd1 PARTITION OF ctd DEFAULT → CREATE TABLE
CREATE TABLE b1 (k int) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE b1a PARTITION OF b1 FOR VALUES FROM (-5) TO (5) → CREATE TABLE
CREATE TABLE b2 (k bigint) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE b2a PARTITION OF b2 FOR VALUES FROM (-5) TO (5) → CREATE TABLE
CREATE TABLE b4 (k float8) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE b4a PARTITION OF b4 FOR VALUES FROM (-5.5) TO (5) → CREATE TABLE
CREATE TABLE b6 (k bool) PARTITION BY LIST (k) → CREATE TABLE
CREATE TABLE b6a PARTITION OF b6 FOR VALUES IN (true, null) → CREATE TABLE
CREATE TABLE b12 (k numeric(10,2)) PARTITION BY LIST (k) → CREATE TABLE
CREATE TABLE b12a PARTITION OF b12 FOR VALUES IN (1, 2.5, -3) → CREATE TABLE
)sql");
  const auto constraint = [&](const char* name) { return *PartitionConstraintText(*catalog_, *Get(name)); };
  EXPECT_EQ(constraint("ct1"), "((c IS NOT NULL) AND (c = ANY (ARRAY['a'::text, 'b'::text])))");
  EXPECT_EQ(constraint("ct2"), "((c IS NOT NULL) AND (c = 'c'::text))");
  EXPECT_EQ(constraint("ct3"), "((c IS NULL) OR (c = ANY (ARRAY['d'::text, 'e'::text])))");
  EXPECT_EQ(constraint("ct4"), "((c IS NOT NULL) AND (c = 'it''s'::text))");
  EXPECT_EQ(constraint("ct5"),
            "(NOT ((c IS NULL) OR (c = ANY (ARRAY['a'::text, 'b'::text, 'c'::text, 'd'::text, 'e'::text, "
            "'it''s'::text]))))");
  EXPECT_EQ(constraint("ctr1"), "(k IS NOT NULL)");
  EXPECT_EQ(constraint("ctd1"), "");
  EXPECT_EQ(constraint("b1a"), "((k IS NOT NULL) AND (k >= '-5'::integer) AND (k < 5))");
  EXPECT_EQ(constraint("b2a"), "((k IS NOT NULL) AND (k >= '-5'::bigint) AND (k < '5'::bigint))");
  EXPECT_EQ(constraint("b6a"), "((k IS NULL) OR (k = true))");
  EXPECT_EQ(constraint("b12a"), "((k IS NOT NULL) AND (k = ANY (ARRAY[1.00::numeric(10,2), 2.50::numeric(10,2), "
                                "'-3.00'::numeric(10,2)])))");
  EXPECT_EQ(Get("b1a")->bound_text, "FOR VALUES FROM ('-5') TO (5)");
  EXPECT_EQ(Get("b2a")->bound_text, "FOR VALUES FROM ('-5') TO ('5')");
  EXPECT_EQ(Get("b4a")->bound_text, "FOR VALUES FROM ('-5.5') TO ('5')");
  EXPECT_EQ(Get("b12a")->bound_text, "FOR VALUES IN (1.00, 2.50, '-3.00')");
  Reopen();
  EXPECT_EQ(Get("b4a")->bound_text, "FOR VALUES FROM ('-5.5') TO ('5')");
  EXPECT_EQ(Get("b12a")->bound_text, "FOR VALUES IN (1.00, 2.50, '-3.00')");
  EXPECT_EQ(Get("ct3")->bound_text, "FOR VALUES IN ('d', 'e', NULL)");
}

TEST_F(CatalogFixture, DistributionAndOptions) {
  Expect(R"sql(
CREATE TABLE cb2 (a int) PARTITION BY LIST (a) DISTRIBUTED REPLICATED
→ ERROR 0A000: PARTITION BY clause cannot be used with DISTRIBUTED REPLICATED clause
CREATE TABLE t (a int, b int) DISTRIBUTED BY (b) PARTITION BY RANGE (a) → CREATE TABLE
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10) → CREATE TABLE
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20) DISTRIBUTED BY (a)
→ ERROR 42P16: distribution policy for "t2" must be the same as that for "t"
CREATE TABLE plain (a int, b int) → CREATE TABLE
ALTER TABLE t ATTACH PARTITION plain FOR VALUES FROM (30) TO (40)
→ ERROR 42P16: distribution policy for "plain" must be the same as that for "t"
CREATE TABLE cb4 (a int) DISTRIBUTED RANDOMLY PARTITION BY HASH (a) → CREATE TABLE
CREATE TABLE cb6 (a int, b int, UNIQUE (a)) DISTRIBUTED BY (b) PARTITION BY LIST (a)
→ ERROR 42P16: UNIQUE constraint and DISTRIBUTED BY definitions are incompatible
   HINT: With both, every column of DISTRIBUTED BY must be part of the UNIQUE: add "b".
CREATE TABLE cb7 (a int) PARTITION BY LIST (a) WITH (appendoptimized=true, orientation=column, compresstype=zstd) → CREATE TABLE
CREATE TABLE cb7a PARTITION OF cb7 FOR VALUES IN (1) WITH (compresstype=zlib, bucket.num=3) → CREATE TABLE
)sql");
  EXPECT_THAT(Get("t1")->table->descriptor.bucket_keys, ElementsAre("b"));
  EXPECT_EQ(Get("t1")->table->num_buckets(), 1);
  EXPECT_EQ(Get("cb7a")->options.at("orientation"), "column");
  EXPECT_EQ(Get("cb7a")->options.at("compresstype"), "zlib");
  EXPECT_EQ(Get("cb7a")->table->descriptor.custom_properties.at("compresstype"), "zlib");
  EXPECT_EQ(Get("cb7a")->table->num_buckets(), 3);
}

TEST_F(CatalogFixture, InlinePartitionsOfKwdb) {
  Expect(R"sql(
CREATE TABLE o (region text, id int, v int, PRIMARY KEY (region, id)) PARTITION BY LIST (region) (PARTITION eu VALUES IN ('de', 'fr'), PARTITION us VALUES IN ('us')) → CREATE TABLE
CREATE TABLE d (region text PRIMARY KEY) PARTITION BY LIST (region) (PARTITION eu VALUES IN ('de'), PARTITION rest VALUES IN (DEFAULT)) → CREATE TABLE
CREATE TABLE g (ts date, id int, PRIMARY KEY (ts, id)) PARTITION BY RANGE (ts) (PARTITION a VALUES FROM (MINVALUE) TO ('2025-01-01'), PARTITION b VALUES FROM ('2025-01-01') TO (MAXVALUE)) → CREATE TABLE
CREATE TABLE two (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((1, 2), (1, 3)), PARTITION y VALUES IN ((2, 2))) → CREATE TABLE
CREATE TABLE e1 (a int, b int, PRIMARY KEY (a)) PARTITION BY LIST (b) (PARTITION x VALUES IN (1))
→ ERROR 42601: declared partition columns (b) do not match first 1 columns in index being partitioned (a)
CREATE TABLE e1 (a int) PARTITION BY LIST (a) (PARTITION x VALUES IN (1))
→ ERROR 42601: declared partition columns (a) do not match first 1 columns in index being partitioned (rowid)
CREATE TABLE e3 (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((1, 2), (3)))
→ ERROR 42601: PARTITION x: partition has 2 columns but 1 values were supplied
CREATE TABLE e11 (a int, b int, PRIMARY KEY (a, b)) PARTITION BY RANGE (a, b) (PARTITION x VALUES FROM (MINVALUE, 1) TO (3, 3))
→ ERROR 42601: PARTITION x: non-MINVALUE value (1) not allowed after MINVALUE
CREATE TABLE e12 (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, 2), PARTITION y VALUES IN (2))
→ ERROR 42P16: (2) cannot be present in more than one partition
CREATE TABLE e13 (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1), PARTITION x VALUES IN (2))
→ ERROR 42P16: PARTITION x: name must be unique (used twice in index "primary")
CREATE TABLE e15 (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (1) TO (5), PARTITION y VALUES FROM (4) TO (9))
→ ERROR 42P16: partitions x and y overlap
CREATE TABLE e16 (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (5) TO (5))
→ ERROR 42P16: PARTITION x: empty range: lower bound (5) is equal to upper bound (5)
CREATE TABLE e17 (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (5) TO (1))
→ ERROR 42P16: PARTITION x: empty range: lower bound (5) is greater than upper bound (1)
CREATE TABLE e18 (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((DEFAULT, 2)))
→ ERROR 42601: PARTITION x: non-DEFAULT value (2) not allowed after DEFAULT
CREATE TABLE e19 (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (MINVALUE))
→ ERROR 42601: PARTITION x: MINVALUE cannot be used with PARTITION BY LIST
CREATE TABLE e20 (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (DEFAULT) TO (5))
→ ERROR 42601: PARTITION x: DEFAULT cannot be used with PARTITION BY RANGE
CREATE TABLE e21 (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b, c) (PARTITION x VALUES IN (0))
→ ERROR 42601: declared partition columns (a, b, c) exceed the number of columns in index being partitioned (a, b)
CREATE TABLE e22 (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, 1))
→ ERROR 42P16: (1) cannot be present in more than one partition
CREATE TABLE e23 (a int PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, DEFAULT), PARTITION y VALUES IN (DEFAULT))
→ ERROR 42P16: (DEFAULT) cannot be present in more than one partition
CREATE TABLE e24 (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION x VALUES FROM (0) TO (NULL))
→ ERROR 42P16: PARTITION x: empty range: lower bound (0) is greater than upper bound (NULL)
CREATE TABLE o_1_prt_eu_too (a int) → CREATE TABLE
DROP TABLE o_1_prt_eu
→ ERROR 0A000: modifying partitions after creation is not supported
   HINT: use ALTER TABLE ... PARTITION BY NOTHING first
ALTER TABLE o DETACH PARTITION o_1_prt_eu
→ ERROR 0A000: modifying partitions after creation is not supported
   HINT: use ALTER TABLE ... PARTITION BY NOTHING first
CREATE TABLE o_more PARTITION OF o FOR VALUES IN ('jp')
→ ERROR 0A000: modifying partitions after creation is not supported
   HINT: use ALTER TABLE ... PARTITION BY NOTHING first
)sql");
  EXPECT_THAT(NamesInBoundOrder("o"), ElementsAre("o_1_prt_eu", "o_1_prt_us", "o_1_prt_default"));
  EXPECT_THAT(NamesInBoundOrder("d"), ElementsAre("d_1_prt_eu", "d_1_prt_rest"));
  EXPECT_THAT(NamesInBoundOrder("g"), ElementsAre("g_1_prt_a", "g_1_prt_b", "g_1_prt_default"));
  const PartitionChildrenPtr two = ChildrenOf("two");
  EXPECT_EQ(two->relations[*two->level.Route(KeyTuple{int64_t{1}, int64_t{3}})]->path.table, "two_1_prt_x");
  EXPECT_EQ(two->relations[*two->level.Route(KeyTuple{int64_t{3}, int64_t{1}})]->path.table, "two_1_prt_default");
  EXPECT_EQ(Get("two_1_prt_x")->bound_text, "FOR VALUES IN ((1, 2), (1, 3))");
  EXPECT_FALSE(Get("e15"));
  EXPECT_FALSE(Get("e15_1_prt_x"));
  const int64_t root = Get("o")->id;
  Reopen();
  EXPECT_EQ(Get("o")->id, root);
  EXPECT_THAT(NamesInBoundOrder("o"), ElementsAre("o_1_prt_eu", "o_1_prt_us", "o_1_prt_default"));
  EXPECT_EQ(Get("o_1_prt_us")->constraints[0].name, "o_1_prt_us_pkey");
}

TEST_F(CatalogFixture, DeclaredPartitionsKeepTheirWords) {
  Expect(R"sql(
CREATE TABLE p_1_prt_x (a int) → CREATE TABLE
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((1, 2)), PARTITION "华 北" VALUES IN ((1, DEFAULT), (2, 3)), PARTITION rest VALUES IN ((7, 7), (DEFAULT, DEFAULT))) → CREATE TABLE
CREATE TABLE low (a int PRIMARY KEY) PARTITION BY RANGE (a) (PARTITION l VALUES FROM (NULL) TO (0), PARTITION h VALUES FROM (0) TO (MAXVALUE)) → CREATE TABLE
)sql");
  const auto look = [&] {
    const PartitionChildrenPtr p = ChildrenOf("p");
    const auto at = [&](int64_t a, int64_t b) { return *p->relations[*p->level.Route(KeyTuple{a, b})]->declared; };
    EXPECT_EQ(at(1, 2), (DeclaredPartition{"x", "(1, 2)"}));
    EXPECT_EQ(at(1, 3), (DeclaredPartition{"华 北", "(1, DEFAULT), (2, 3)"}));
    EXPECT_EQ(at(2, 3).name, "华 北");
    EXPECT_EQ(at(7, 7), (DeclaredPartition{"rest", "(7, 7), (DEFAULT, DEFAULT)"}));
    EXPECT_EQ(at(2, 4).name, "rest");
    EXPECT_EQ(Get("p")->declared_by, "LIST");
    const PartitionChildrenPtr low = ChildrenOf("low");
    EXPECT_EQ(low->relations[*low->level.Route(KeyTuple{int64_t{-5}})]->declared->values, "(NULL) TO (0)");
    EXPECT_EQ(low->relations[*low->level.Route(KeyTuple{int64_t{0}})]->declared->values, "(0) TO (MAXVALUE)");
    EXPECT_EQ(low->relations[2]->declared->name, "");
  };
  look();
  Reopen();
  look();
}

TEST_F(CatalogFixture, PartitionsAnExistingTableAndTakesThatBack) {
  Expect(R"sql(
CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)) → CREATE TABLE
ALTER TABLE t PARTITION BY NOTHING → ALTER TABLE
ALTER TABLE nosuch PARTITION BY NOTHING
→ ERROR 42P01: relation "nosuch" does not exist
ALTER TABLE IF EXISTS nosuch PARTITION BY NOTHING
→ NOTICE: relation "nosuch" does not exist, skipping
→ ALTER TABLE
ALTER TABLE t PARTITION BY LIST (b) (PARTITION x VALUES IN (1))
→ ERROR 42601: declared partition columns (b) do not match first 1 columns in index being partitioned (a)
ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (2)) → ALTER TABLE
ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (2)) → ALTER TABLE
ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1))
→ ERROR 0A000: modifying partitions after creation is not supported
   HINT: use ALTER TABLE ... PARTITION BY NOTHING first
ALTER TABLE t PARTITION BY HASH (a) (PARTITION x VALUES IN (1), PARTITION y VALUES IN (2))
→ ERROR 0A000: modifying partitions after creation is not supported
   HINT: use ALTER TABLE ... PARTITION BY NOTHING first
)sql");
  const int64_t id = Get("t")->id;
  EXPECT_THAT(NamesInBoundOrder("t"), ElementsAre("t_1_prt_x", "t_1_prt_y", "t_1_prt_default"));
  EXPECT_FALSE(Get("t")->table);
  Reopen();
  EXPECT_EQ(Get("t")->id, id);
  EXPECT_THAT(NamesInBoundOrder("t"), ElementsAre("t_1_prt_x", "t_1_prt_y", "t_1_prt_default"));
  EXPECT_EQ(Run("ALTER TABLE t PARTITION BY NOTHING"), "ALTER TABLE");
  EXPECT_FALSE(Get("t")->is_partitioned());
  EXPECT_FALSE(Get("t_1_prt_x"));
  Reopen();
  EXPECT_TRUE(Get("t")->table);
  EXPECT_EQ(Run("ALTER TABLE t PARTITION BY RANGE (a) (PARTITION l VALUES FROM (MINVALUE) TO (5))"), "ALTER TABLE");
  EXPECT_THAT(NamesInBoundOrder("t"), ElementsAre("t_1_prt_l", "t_1_prt_default"));
}

TEST_F(CatalogFixture, NothingIsWrittenBeforeTheFirstTable) {
  EXPECT_FALSE(Get("none"));
  EXPECT_THAT(*catalog_->ListRelations("fluss"), IsEmpty());
  EXPECT_FALSE(*gateway_->DatabaseExists(kSystemDatabase).Wait());
  Expect("CREATE TABLE t (a int) → CREATE TABLE");
  EXPECT_TRUE(*gateway_->DatabaseExists(kSystemDatabase).Wait());
  EXPECT_THAT(*catalog_->ListDatabases(), ElementsAre("fluss"));
  EXPECT_EQ(Run("CREATE TABLE weir.t (a int)"), "ERROR 42501: permission denied: \"weir\" is a system database");
  EXPECT_TRUE(Get("relations", "weir"));
}

TEST_F(CatalogFixture, AFailedStatementLeavesNothing) {
  Expect(R"sql(
CREATE TABLE r (k int) PARTITION BY RANGE (k) → CREATE TABLE
CREATE TABLE r0 PARTITION OF r FOR VALUES FROM (0) TO (10) → CREATE TABLE
)sql");
  const uint64_t version = catalog_->version();
  EXPECT_THAT(Run("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (5) TO (15)"), testing::HasSubstr("42P17"));
  EXPECT_THAT(Run("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (10) TO (15) WITH (table.nosuch = 1)"),
              testing::HasSubstr("22023"));
  EXPECT_THAT(Run("CREATE TABLE r1 PARTITION OF r FOR VALUES FROM (10) TO (15) WITH (bucket.num = x)"),
              testing::HasSubstr("22023"));
  EXPECT_EQ(catalog_->version(), version);
  EXPECT_FALSE(Get("r1"));
  EXPECT_THAT(NamesInBoundOrder("r"), ElementsAre("r0"));
  EXPECT_THAT(*gateway_->ListTables("fluss").Wait(), ElementsAre("r0"));
}

TEST_F(CatalogFixture, RemnantsAreNoTablesAndAreReplaced) {
  Expect("CREATE TABLE before (a int) → CREATE TABLE");
  // What a CREATE TABLE leaves that is cut short before its rows are written.
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"a", DataType::Int()}});
  descriptor.bucket_count = 1;
  descriptor.custom_properties[kRelationProperty] = "20000";
  const auto pending = gateway_->CreatePendingTables({{{"fluss", "cut"}, descriptor}}).Wait();
  ASSERT_TRUE(pending.ok()) << pending.status().ToString();
  CommitRequest commit;
  commit.metadata.create_tables = {pending->front().table_id};
  ASSERT_TRUE(gateway_->Commit(std::move(commit)).Wait().ok());
  EXPECT_FALSE(Get("cut"));
  EXPECT_THAT(*catalog_->ListRelations("fluss"), SizeIs(1));
  Expect("CREATE TABLE cut (b text) → CREATE TABLE");
  EXPECT_EQ(Get("cut")->table->schema().column(0).name, "b");
}

TEST_F(CatalogFixture, FlussTablesAppearAsTheyAre) {
  TableDescriptor daily;
  daily.schema = *Schema::Make(
      {{"id", DataType::Int()}, {"day", DataType::String()}, {"n", DataType::Decimal(10, 2)}}, {"day", "id"});
  daily.bucket_count = 2;
  daily.partition_keys = {"day"};
  const TablePath path{"fluss", "daily"};
  ASSERT_TRUE(gateway_->CreateTable(path, daily, false).Wait().ok());
  ASSERT_TRUE(gateway_->CreatePartition(path, {{"day", "mon"}}, false).Wait().ok());
  const RelationPtr root = Get("daily");
  ASSERT_TRUE(root);
  EXPECT_EQ(root->columns[2].type, "numeric(10,2)");
  EXPECT_TRUE(root->columns[0].not_null);
  EXPECT_EQ(root->constraints[0].name, "daily_pkey");
  EXPECT_EQ(PartitionKeyText(*root), "LIST (day)");
  EXPECT_THAT(NamesInBoundOrder("daily"), ElementsAre("daily$mon"));
  const RelationPtr leaf = Get("daily$mon");
  ASSERT_TRUE(leaf && leaf->fluss_partition);
  EXPECT_EQ(leaf->table->path, path);
  EXPECT_EQ(leaf->bound_text, "FOR VALUES IN ('mon')");
  EXPECT_EQ(*catalog_->FindById(leaf->id), leaf);
  EXPECT_EQ(*PartitionConstraintText(*catalog_, *leaf), "((day IS NOT NULL) AND (day = 'mon'::text))");

  ASSERT_TRUE(gateway_->CreatePartition(path, {{"day", "tue"}}, false).Wait().ok());
  EXPECT_THAT(NamesInBoundOrder("daily"), ElementsAre("daily$mon"));
  catalog_->Refresh();
  EXPECT_THAT(NamesInBoundOrder("daily"), ElementsAre("daily$mon", "daily$tue"));
  EXPECT_EQ(Get("daily"), root);  // unchanged, so the same one
  EXPECT_THAT(Run("CREATE TABLE x PARTITION OF daily FOR VALUES IN ('wed')"), testing::HasSubstr("0A000"));
  Expect("DROP TABLE \"daily$mon\" → DROP TABLE");
  EXPECT_THAT(NamesInBoundOrder("daily"), ElementsAre("daily$tue"));

  TableDescriptor log;
  log.schema = *Schema::Make({{"k", DataType::Int()}, {"v", DataType::String()}});
  log.bucket_count = 1;
  ASSERT_TRUE(gateway_->CreateTable({"fluss", "log"}, log, false).Wait().ok());
  const int64_t table = Get("log")->table->table_id;
  Expect(R"sql(
CREATE TABLE tree (k int, v text) PARTITION BY RANGE (k) → CREATE TABLE
ALTER TABLE tree ATTACH PARTITION log FOR VALUES FROM (0) TO (10) → ALTER TABLE
)sql");
  Reopen();
  EXPECT_THAT(NamesInBoundOrder("tree"), ElementsAre("log"));
  EXPECT_EQ(Get("log")->table->table_id, table);
  EXPECT_EQ(Get("public_is_no_name"), nullptr);
  Expect(R"sql(
DROP TABLE daily, tree → DROP TABLE
)sql");
  EXPECT_THAT(*gateway_->ListTables("fluss").Wait(), IsEmpty());
}

TEST_F(CatalogFixture, ManyPartitionsOfOneLevel) {
  constexpr int kChildren = 300;
  Expect("CREATE TABLE m (k int) PARTITION BY RANGE (k) → CREATE TABLE");
  for (int i = 0; i < kChildren; ++i) {
    const std::string from = std::to_string(i * 10);
    const std::string to = std::to_string(i * 10 + 10);
    ASSERT_EQ(
        Run("CREATE TABLE m" + std::to_string(i) + " PARTITION OF m FOR VALUES FROM (" + from + ") TO (" + to + ")"),
        "CREATE TABLE");
  }
  const auto check = [&] {
    const PartitionChildrenPtr children = ChildrenOf("m");
    ASSERT_THAT(children->relations, SizeIs(kChildren));
    for (int k = 0; k < kChildren * 10; k += 7) {
      const auto child = children->level.Route(KeyTuple{int64_t{k}});
      ASSERT_TRUE(child.has_value());
      ASSERT_EQ(children->relations[*child]->path.table, "m" + std::to_string(k / 10));
      ASSERT_EQ(children->relations[*child]->table->path.table, "m" + std::to_string(k / 10));
    }
  };
  check();
  Reopen();
  check();
  EXPECT_EQ(ChildrenOf("m"), ChildrenOf("m"));
  for (const RelationPtr& child : ChildrenOf("m")->relations) {
    const auto info = gateway_->GetTableInfo(child->path).Wait();
    ASSERT_EQ(child->table->table_id, info->table_id);
  }
  EXPECT_THAT(*catalog_->ListRelations("fluss"), SizeIs(kChildren + 1));
}

TEST(SqlTypes, AreKnownByEverySpelling) {
  struct Spelling {
    const char* written;
    const char* name;
    DataType data_type;
    uint32_t oid;
    int32_t modifier;
  };
  const std::vector<Spelling> cases = {
      {"INT8", "bigint", DataType::BigInt(), 20, -1},
      {"int2", "smallint", DataType::SmallInt(), 21, -1},
      {"integer", "integer", DataType::Int(), 23, -1},
      {"FLOAT4", "real", DataType::Float(), 700, -1},
      {"double precision", "double precision", DataType::Double(), 701, -1},
      {"numeric(10, 2)", "numeric(10,2)", DataType::Decimal(10, 2), 1700, 655366},
      {"decimal(5)", "numeric(5,0)", DataType::Decimal(5, 0), 1700, 327684},
      {"STRING", "text", DataType::String(), 25, -1},
      {"NVARCHAR(20)", "character varying(20)", DataType::String(), 1043, 24},
      {"nchar(3)", "character(3)", DataType::Char(3), 1042, 7},
      {"char", "character(1)", DataType::Char(1), 1042, 5},
      {"VARBYTES", "bytea", DataType::Bytes(), 17, -1},
      {"timestamptz", "timestamp with time zone", DataType::TimestampLtz(6), 1184, -1},
      {"timestamp(3) without time zone", "timestamp(3) without time zone", DataType::Timestamp(3), 1114, 3},
      {"time", "time without time zone", DataType::String(), 1083, -1},
      {"time(3)", "time(3) without time zone", DataType::Time(3), 1083, 3},
      {"time(1)[]", "time(1) without time zone[]", DataType::Array(DataType::Time(1)), 1183, 1},
      {"int[][]", "integer[][]", DataType::String(), 1007, -1},
      {"numeric[][][]", "numeric[][][]", DataType::String(), 1231, -1},
      {"char(3)[][]", "character(3)[]", DataType::Array(DataType::Char(3)), 1014, 7},
      {"uuid", "uuid", DataType::String(), 2950, -1},
      {"interval year to month", "interval year to month", DataType::String(), 1186, 458751},
      {"interval(2)", "interval(2)", DataType::String(), 1186, 2147418114},
      {"bit", "bit(1)", DataType::String(), 1560, 1},
      {"\"bit\"", "\"bit\"", DataType::String(), 1560, -1},
      {"bit(3)[]", "bit(3)[]", DataType::Array(DataType::String()), 1561, 3},
      {"varbit(5)", "bit varying(5)", DataType::String(), 1562, 5},
      {"timetz(1)", "time(1) with time zone", DataType::String(), 1266, 1},
      {"bpchar", "bpchar", DataType::String(), 1042, -1},
      {"text[]", "text[]", DataType::Array(DataType::String()), 1009, -1},
      {"numeric", "numeric", DataType::String(), 1700, -1},
      {"decimal(39,2)", "numeric(39,2)", DataType::String(), 1700, (39 << 16 | 2) + 4},
      {"numeric(3,5)", "numeric(3,5)", DataType::String(), 1700, (3 << 16 | 5) + 4},
      {"numeric(5,-2)", "numeric(5,-2)", DataType::String(), 1700, (5 << 16 | (-2 & 2047)) + 4},
      {"numeric[]", "numeric[]", DataType::Array(DataType::String()), 1231, -1},
      {"numeric(4,1)[]", "numeric(4,1)[]", DataType::Array(DataType::Decimal(4, 1)), 1231, 262149},
  };
  for (const Spelling& c : cases) {
    const auto type = ResolveType(c.written);
    ASSERT_TRUE(type.ok()) << c.written << ": " << type.status().ToString();
    EXPECT_EQ(type->name, c.name);
    EXPECT_EQ(type->data_type, c.data_type) << c.written;
    EXPECT_EQ(type->oid, c.oid) << c.written;
    EXPECT_EQ(type->modifier, c.modifier) << c.written;
    EXPECT_EQ(ResolveType(type->name)->data_type, type->data_type) << c.written;
  }
  const auto state = [](const char* text) { return FieldsOf(ResolveType(text).status()).sqlstate; };
  EXPECT_EQ(state("nosuch"), "42704");
  EXPECT_EQ(state("numeric(1001)"), "22023");
  EXPECT_EQ(state("numeric(0)"), "22023");
  EXPECT_EQ(state("numeric(5,1001)"), "22023");
  EXPECT_EQ(state("varchar(0)"), "22023");
  EXPECT_EQ(state("numeric(1"), "42704");
  EXPECT_EQ(state(""), "42704");
}

TEST(SqlTypes, OfFlussColumns) {
  EXPECT_EQ(SqlTypeName(DataType::TinyInt()), "smallint");
  EXPECT_EQ(SqlTypeName(DataType::Timestamp(9)), "timestamp without time zone");
  EXPECT_EQ(SqlTypeName(DataType::TimestampLtz(3)), "timestamp(3) with time zone");
  EXPECT_EQ(SqlTypeName(DataType::Array(DataType::Int())), "integer[]");
  EXPECT_EQ(SqlTypeName(DataType::Map(DataType::String(), DataType::Int())), "jsonb");
}

TEST(SqlErrors, SayWhatTheyAre) {
  const Status status = Error("42P17", "text", {.detail = "d", .hint = "h", .position = 7, .table = "t"});
  const ErrorFields fields = FieldsOf(status.WithContext("where"));
  EXPECT_EQ(fields.sqlstate, "42P17");
  EXPECT_EQ(fields.message, "where: text");
  EXPECT_EQ(fields.detail, "d");
  EXPECT_EQ(fields.hint, "h");
  EXPECT_EQ(fields.position, 7);
  EXPECT_EQ(fields.table, "t");
  EXPECT_EQ(status.code(), ErrorCode::kClientError);
  EXPECT_EQ(FieldsOf(Status(ErrorCode::kTableNotExist, "x")).sqlstate, "42P01");
  EXPECT_EQ(FieldsOf(Status(ErrorCode::kDatabaseNotExist, "x")).sqlstate, "3D000");
  EXPECT_EQ(FieldsOf(Status(ErrorCode::kUnknownServerError, "x")).sqlstate, "XX000");
  EXPECT_EQ(FieldsOf(Status::Invalid("x")).sqlstate, "22023");
}

}  // namespace
}  // namespace weir::sql
