#include <fmt/format.h>

#include "tests/sql/classic_testing.h"

namespace weir::sql {

/// Cloudberry's classic forms of ALTER TABLE on partitions.
class ClassicAlterTest : public PartitionTreeTest {
 protected:
  static constexpr const char* kMonths =
      "CREATE TABLE s (id int, d date) PARTITION BY RANGE (d) "
      "(START (date '2024-01-01') END (date '2024-04-01') EVERY (interval '1 month'))";
  static constexpr const char* kRegions =
      "CREATE TABLE t (r text, y int) PARTITION BY LIST (r) SUBPARTITION BY RANGE (y) "
      "SUBPARTITION TEMPLATE (START (1) END (3) EVERY (1)) (PARTITION eu VALUES ('eu', 'ch'), PARTITION us VALUES "
      "('us'))";

  /// What a text says: its NOTICEs, then its error.
  std::string Say(const std::string& text) {
    (void)session->TakeNotices();
    const auto ran = Run(text);
    std::string said;
    for (const ErrorFields& notice : session->TakeNotices()) said += notice.message + "\n";
    if (ran.ok()) return said;
    const ErrorFields fields = FieldsOf(ran.status());
    said += fields.sqlstate + " " + fields.message;
    return fields.hint.empty() ? said : said + " / " + fields.hint;
  }
};

using testing::ElementsAre;

// --- ADD ---

TEST_F(ClassicAlterTest, CB16_AddTakesTheKeptTemplate) {
  EXPECT_RUNS(kRegions);
  Reopen();
  EXPECT_EQ(Say("ALTER TABLE t ADD PARTITION asia VALUES ('jp')"), "");
  EXPECT_THAT(
      Tree("t"),
      ElementsAre("t_1_prt_eu FOR VALUES IN ('eu', 'ch')", "t_1_prt_eu_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "t_1_prt_eu_2_prt_2 FOR VALUES FROM (2) TO (3)", "t_1_prt_asia FOR VALUES IN ('jp')",
                  "t_1_prt_asia_2_prt_1 FOR VALUES FROM (1) TO (2)", "t_1_prt_asia_2_prt_2 FOR VALUES FROM (2) TO (3)",
                  "t_1_prt_us FOR VALUES IN ('us')", "t_1_prt_us_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "t_1_prt_us_2_prt_2 FOR VALUES FROM (2) TO (3)"));
  EXPECT_RUNS("INSERT INTO t VALUES ('jp', 2)");
  EXPECT_ROWS("SELECT y FROM t_1_prt_asia_2_prt_2", "2", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE t ADD PARTITION af VALUES ('ng') (SUBPARTITION x START (1) END (9))"),
            "42P16 subpartition configuration conflicts with subpartition template");
}

TEST_F(ClassicAlterTest, AddTakesMissingEndsFromThePartitionsThatAreThere) {
  EXPECT_RUNS(
      "CREATE TABLE r (k int) PARTITION BY RANGE (k) (PARTITION a START (0) END (10), PARTITION c START (20) END "
      "(30))");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION b START (12)"), "");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION low END (0)"), "");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION gap END (12)"), "");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION high START (30)"), "");
  EXPECT_THAT(Tree("r"),
              ElementsAre("r_1_prt_low FOR VALUES FROM (MINVALUE) TO (0)", "r_1_prt_a FOR VALUES FROM (0) TO (10)",
                          "r_1_prt_gap FOR VALUES FROM (10) TO (12)", "r_1_prt_b FOR VALUES FROM (12) TO (20)",
                          "r_1_prt_c FOR VALUES FROM (20) TO (30)", "r_1_prt_high FOR VALUES FROM (30) TO (MAXVALUE)"));
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION x END (25)"),
            "42P17 partition \"r_1_prt_x\" would overlap partition \"r_1_prt_low\"");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION x START (5) END (6)"),
            "42P17 partition \"r_1_prt_x\" would overlap partition \"r_1_prt_a\"");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION a START (90) END (91)"),
            "42P17 partition \"r_1_prt_a\" would overlap partition \"r_1_prt_high\"");
}

TEST_F(ClassicAlterTest, AddedPartitionsWithoutNamesAreNumbered) {
  EXPECT_RUNS("CREATE TABLE r (k int) PARTITION BY RANGE (k) (START (0) END (10))");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION START (10) END (20); ALTER TABLE r ADD PARTITION START (20) END (40) "
                "EVERY (10)"),
            "");
  EXPECT_EQ(Say("ALTER TABLE r ADD PARTITION p START (40) END (60) EVERY (10)"), "");
  EXPECT_THAT(Tree("r"),
              ElementsAre("r_1_prt_1 FOR VALUES FROM (0) TO (10)", "r_1_prt_11 FOR VALUES FROM (10) TO (20)",
                          "r_1_prt_12 FOR VALUES FROM (20) TO (30)", "r_1_prt_2 FOR VALUES FROM (30) TO (40)",
                          "r_1_prt_p_1 FOR VALUES FROM (40) TO (50)", "r_1_prt_p_2 FOR VALUES FROM (50) TO (60)"));
}

TEST_F(ClassicAlterTest, AddLooksAtTheDefaultPartition) {
  EXPECT_RUNS(std::string(kMonths) +
              "; ALTER TABLE s ADD DEFAULT PARTITION rest; INSERT INTO s VALUES (1, '2024-04-05')");
  EXPECT_EQ(Say("ALTER TABLE s ADD DEFAULT PARTITION more"),
            "42P17 partition \"s_1_prt_more\" conflicts with existing default partition \"s_1_prt_rest\"");
  EXPECT_EQ(Say("ALTER TABLE s ADD PARTITION apr START (date '2024-04-01') END (date '2024-05-01')"),
            "23514 updated partition constraint for default partition \"s_1_prt_rest\" would be violated by some row");
  EXPECT_EQ(Say("ALTER TABLE s ADD PARTITION may START (date '2024-05-01') END (date '2024-06-01')"), "");
  EXPECT_RUNS("INSERT INTO s VALUES (2, '2024-05-05')");
  EXPECT_ROWS("SELECT id FROM s_1_prt_may", "2", "SELECT 1");
}

TEST_F(ClassicAlterTest, AddCopiesTheDesignOfADeclarativeTree) {
  EXPECT_RUNS("CREATE TABLE p (a int, b int) PARTITION BY LIST (a);");
  EXPECT_EQ(
      Say("ALTER TABLE p ADD PARTITION x VALUES (1)"),
      "55000 table \"p\" has no partition whose design a new one could have / Make the first one with CREATE TABLE ... "
      "PARTITION OF.");
  EXPECT_RUNS(
      "CREATE TABLE b (b int, a int) DISTRIBUTED BY (a) PARTITION BY RANGE (b); CREATE TABLE b1 PARTITION OF b FOR "
      "VALUES FROM (0) TO (5);"
      "ALTER TABLE p ATTACH PARTITION b FOR VALUES IN (1)");
  EXPECT_EQ(Say("ALTER TABLE p ADD PARTITION x VALUES (2)"), "42P16 no partitions specified at depth 2");
  EXPECT_EQ(Say("ALTER TABLE p ADD PARTITION x VALUES (2) WITH (fillfactor=70) (SUBPARTITION y START (0) END (7))"),
            "");
  EXPECT_RUNS("INSERT INTO p VALUES (2, 6)");
  EXPECT_ROWS("SELECT a, b FROM p_1_prt_x_2_prt_y", "2|6", "SELECT 1");
  EXPECT_RUNS("CREATE TABLE h (a int) PARTITION BY HASH (a); CREATE TABLE m (a int, b int) PARTITION BY RANGE (a, b)");
  EXPECT_EQ(Say("ALTER TABLE h ADD PARTITION x VALUES (2)"),
            "0A000 HASH is not supported in the classic partitioning syntax / Use CREATE TABLE ... PARTITION OF.");
  EXPECT_EQ(Say("ALTER TABLE m ADD PARTITION x START (2)"),
            "42P16 too many columns for RANGE partition -- only one column is allowed");
}

TEST_F(ClassicAlterTest, AddGivesNewPartitionsKeysAndNoIdentity) {
  EXPECT_RUNS(
      "CREATE TABLE k (a int GENERATED ALWAYS AS IDENTITY, b int, UNIQUE (b)) DISTRIBUTED BY (b) PARTITION BY RANGE "
      "(b) (START (0) END (10))");
  EXPECT_EQ(Say("ALTER TABLE k ADD PARTITION p START (10) END (20)"), "");
  EXPECT_RUNS("INSERT INTO k (b) VALUES (11)");
  EXPECT_SQL_ERROR(Run("INSERT INTO k (b) VALUES (11)"), "23505", "k_1_prt_p_b_key");
}

// --- DROP, TRUNCATE, RENAME ---

TEST_F(ClassicAlterTest, CB17_CB18_DropUntilOneIsLeft) {
  EXPECT_RUNS(kMonths);
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION FOR (date '2024-02-10')"), "");
  EXPECT_THAT(Tree("s"), ElementsAre("s_1_prt_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                                     "s_1_prt_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"));
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION FOR ('2024-02-10')"),
            "42704 partition for specified value of s does not exist");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"2\""), "42704 partition \"2\" of \"s\" does not exist");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION IF EXISTS nosuch"),
            "partition \"nosuch\" of \"s\" does not exist, skipping\n");
  EXPECT_EQ(Say("ALTER TABLE s DROP DEFAULT PARTITION"), "42704 DEFAULT partition of relation \"s\" does not exist");
  EXPECT_EQ(Say("ALTER TABLE s DROP DEFAULT PARTITION IF EXISTS"),
            "DEFAULT partition of relation \"s\" does not exist, skipping\n");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"1\""), "");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"3\""),
            "2BP01 cannot drop partition \"s_1_prt_3\" of \"s\" -- only one remains / Use DROP TABLE \"s\" to remove "
            "the table "
            "and the final partition");
  EXPECT_EQ(Say("ALTER TABLE IF EXISTS nosuch DROP PARTITION a"), "relation \"nosuch\" does not exist, skipping\n");
  EXPECT_EQ(Say("ALTER TABLE nosuch DROP PARTITION a"), "42P01 relation \"nosuch\" does not exist");
  EXPECT_EQ(Say("ALTER TABLE s_1_prt_3 DROP PARTITION a"), "42P17 table \"s_1_prt_3\" is not partitioned");
}

TEST_F(ClassicAlterTest, ViewsKeepAPartitionUnlessTheyGoWithIt) {
  EXPECT_RUNS(std::string(kMonths) + "; CREATE VIEW v AS SELECT id FROM s_1_prt_1");
  EXPECT_THAT(Say("ALTER TABLE s DROP PARTITION \"1\""), testing::StartsWith("2BP01 cannot drop table s_1_prt_1"));
  EXPECT_THAT(Say("ALTER TABLE s SPLIT PARTITION \"1\" AT ('2024-01-16')"),
              testing::StartsWith("2BP01 cannot drop table s_1_prt_1"));
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"1\" CASCADE"), "drop cascades to view v\n");
}

TEST_F(ClassicAlterTest, AValueThatOnlyTheDefaultPartitionTakesNamesNone) {
  EXPECT_RUNS(std::string(kMonths) + "; ALTER TABLE s ADD DEFAULT PARTITION rest");
  EXPECT_EQ(
      Say("ALTER TABLE s DROP PARTITION IF EXISTS FOR (date '1999-01-01')"),
      "42809 FOR expression matches DEFAULT partition for specified value of relation \"s\" / FOR expression may only "
      "specify a non-default partition in this context.");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION FOR (1, 2)"), "42804 too many columns in boundary specification (2 > 1)");
  EXPECT_EQ(Say("ALTER TABLE s DROP DEFAULT PARTITION"), "");
}

TEST_F(ClassicAlterTest, CB22_RenamedPartitionsTakeTheirOwnAlong) {
  EXPECT_RUNS(kRegions);
  EXPECT_EQ(Say("ALTER TABLE t RENAME PARTITION eu TO europe"), "");
  EXPECT_THAT(
      Tree("t"),
      ElementsAre("t_1_prt_europe FOR VALUES IN ('eu', 'ch')", "t_1_prt_europe_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "t_1_prt_europe_2_prt_2 FOR VALUES FROM (2) TO (3)", "t_1_prt_us FOR VALUES IN ('us')",
                  "t_1_prt_us_2_prt_1 FOR VALUES FROM (1) TO (2)", "t_1_prt_us_2_prt_2 FOR VALUES FROM (2) TO (3)"));
  EXPECT_EQ(Say("ALTER TABLE t RENAME PARTITION FOR ('ch') TO us"), "42P07 relation \"t_1_prt_us\" already exists");
  const std::string longest(56, 'x');
  EXPECT_EQ(Say("ALTER TABLE t RENAME PARTITION us TO " + longest + "y"),
            "42P16 name \"" + longest + "y\" for child partition is too long");
  EXPECT_EQ(Say("ALTER TABLE t RENAME PARTITION us TO " + longest), "");
  EXPECT_EQ(Say("ALTER TABLE t DROP PARTITION " + longest), "");
}

TEST_F(ClassicAlterTest, PartitionsFollowTheNameOfTheirTable) {
  EXPECT_RUNS(std::string(kRegions) + "; INSERT INTO t VALUES ('us', 1); ALTER TABLE t RENAME TO u");
  EXPECT_THAT(
      Tree("u"),
      ElementsAre("u_1_prt_eu FOR VALUES IN ('eu', 'ch')", "u_1_prt_eu_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "u_1_prt_eu_2_prt_2 FOR VALUES FROM (2) TO (3)", "u_1_prt_us FOR VALUES IN ('us')",
                  "u_1_prt_us_2_prt_1 FOR VALUES FROM (1) TO (2)", "u_1_prt_us_2_prt_2 FOR VALUES FROM (2) TO (3)"));
  Reopen();
  EXPECT_ROWS("SELECT r FROM u_1_prt_us_2_prt_1", "us", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE u DROP PARTITION eu"), "");
  EXPECT_RUNS("CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
              "ALTER TABLE p ADD PARTITION x VALUES (2)");
  EXPECT_EQ(Say("ALTER TABLE p RENAME TO q"),
            "renamed 2 relations, skipped 1 child partitions as old parent name is not part of partition name\n");
  EXPECT_THAT(Tree("q"), ElementsAre("p1 FOR VALUES IN (1)", "q_1_prt_x FOR VALUES IN (2)"));
}

TEST_F(ClassicAlterTest, CB23_TruncateEmptiesAPartitionAndAllBelow) {
  EXPECT_RUNS(std::string(kRegions) + "; INSERT INTO t VALUES ('eu', 1), ('ch', 2), ('us', 1)");
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION us TRUNCATE PARTITION FOR (2)"), "");
  EXPECT_EQ(Say("BEGIN; ALTER TABLE t TRUNCATE PARTITION eu; ROLLBACK"), "");
  EXPECT_ROWS("SELECT count(*) FROM t", "3", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE t TRUNCATE PARTITION FOR ('ch')"), "");
  EXPECT_ROWS("SELECT r FROM t", "us", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE t TRUNCATE PARTITION asia"), "42704 partition \"asia\" of \"t\" does not exist");
}

TEST_F(ClassicAlterTest, CB24_NestedForms) {
  EXPECT_RUNS(kRegions);
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION eu DROP PARTITION FOR (1)"), "");
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION FOR ('us') ADD PARTITION more START (3) END (9)"), "");
  EXPECT_THAT(
      Tree("t"),
      ElementsAre("t_1_prt_eu FOR VALUES IN ('eu', 'ch')", "t_1_prt_eu_2_prt_2 FOR VALUES FROM (2) TO (3)",
                  "t_1_prt_us FOR VALUES IN ('us')", "t_1_prt_us_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "t_1_prt_us_2_prt_2 FOR VALUES FROM (2) TO (3)", "t_1_prt_us_2_prt_more FOR VALUES FROM (3) TO (9)"));
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION nosuch DROP PARTITION x"),
            "42704 partition \"nosuch\" of \"t\" does not exist");
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION us ALTER PARTITION more DROP PARTITION x"),
            "42P17 table \"t_1_prt_us_2_prt_more\" is not partitioned");
  EXPECT_EQ(
      Say("ALTER TABLE t ALTER PARTITION us RENAME PARTITION more TO most; ALTER TABLE t_1_prt_us DROP PARTITION most"),
      "");
}

// --- SPLIT ---

TEST_F(ClassicAlterTest, CB19_SplitKeepsTheRows) {
  EXPECT_RUNS(std::string(kMonths) + "; INSERT INTO s VALUES (1, '2024-01-05'), (2, '2024-01-16'), (3, '2024-02-01')");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT PARTITION FOR (date '2024-01-05') AT (date '2024-01-16') INTO (PARTITION a, "
                "PARTITION b)"),
            "moved 2 rows of \"s_1_prt_1\": 1 to \"s_1_prt_a\", 1 to \"s_1_prt_b\"\n");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT PARTITION \"2\" AT ('2024-02-15')"),
            "moved 1 rows of \"s_1_prt_2\": 1 to \"s_1_prt_1\", 0 to \"s_1_prt_2\"\n");
  EXPECT_THAT(Tree("s"), ElementsAre("s_1_prt_a FOR VALUES FROM ('2024-01-01') TO ('2024-01-16')",
                                     "s_1_prt_b FOR VALUES FROM ('2024-01-16') TO ('2024-02-01')",
                                     "s_1_prt_1 FOR VALUES FROM ('2024-02-01') TO ('2024-02-15')",
                                     "s_1_prt_2 FOR VALUES FROM ('2024-02-15') TO ('2024-03-01')",
                                     "s_1_prt_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"));
  Reopen();
  EXPECT_ROWS("SELECT id FROM s_1_prt_a", "1", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM s_1_prt_b", "2", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM s ORDER BY id", "1", "2", "3", "SELECT 3");
  EXPECT_ROWS("SELECT count(*) FROM pg_class WHERE relname LIKE 'pg_temp%'", "0", "SELECT 1");
}

TEST_F(ClassicAlterTest, CB20_SplitMovesRowsOutOfTheDefaultPartition) {
  EXPECT_RUNS(std::string(kMonths) + "; ALTER TABLE s ADD DEFAULT PARTITION rest;"
              "INSERT INTO s VALUES (1, '2025-01-10'), (2, '2030-01-01'), (3, NULL)");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT DEFAULT PARTITION START (date '2025-01-01') END (date '2025-01-31') INCLUSIVE "
                "INTO (PARTITION j, DEFAULT PARTITION)"),
            "moved 3 rows of \"s_1_prt_rest\": 1 to \"s_1_prt_j\", 2 to \"s_1_prt_rest\"\n");
  EXPECT_EQ(Tree("s")[3], "s_1_prt_j FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')");
  EXPECT_ROWS("SELECT id FROM s_1_prt_rest ORDER BY id", "2", "3", "SELECT 2");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT DEFAULT PARTITION START ('2030-01-01') END ('2031-01-01') INTO (PARTITION rest, "
                "PARTITION k)"),
            "moved 2 rows of \"s_1_prt_rest\": 1 to \"s_1_prt_k\", 1 to \"s_1_prt_rest\"\n");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT DEFAULT PARTITION AT ('2032-01-01')"),
            "42601 AT clause cannot be used when splitting a default RANGE partition");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT DEFAULT PARTITION START ('2032-01-01') END ('2033-01-01') INTO (PARTITION x, "
                "PARTITION y)"),
            "42601 default partition name missing from INTO clause");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT DEFAULT PARTITION START ('2024-01-05') END ('2024-01-06') INTO (PARTITION x, "
                "PARTITION rest)"),
            "42P17 partition \"s_1_prt_x\" would overlap partition \"s_1_prt_1\"");
  EXPECT_EQ(Say("ALTER TABLE s SPLIT PARTITION j AT ('2025-01-05') INTO (PARTITION j, PARTITION k)"),
            "42710 both INTO partitions already exist");
}

TEST_F(ClassicAlterTest, SplitOfLists) {
  EXPECT_RUNS(
      "CREATE TABLE l (a int, b text) PARTITION BY LIST (b) (PARTITION p VALUES ('x', 'y', 'z'), DEFAULT PARTITION o);"
      "INSERT INTO l VALUES (1, 'x'), (2, 'y'), (3, 'w'), (4, 'v')");
  EXPECT_EQ(Say("ALTER TABLE l SPLIT PARTITION p AT ('y', 'z') INTO (PARTITION p, PARTITION q)"),
            "moved 2 rows of \"l_1_prt_p\": 1 to \"l_1_prt_p\", 1 to \"l_1_prt_q\"\n");
  EXPECT_EQ(Say("ALTER TABLE l SPLIT DEFAULT PARTITION AT ('w') INTO (PARTITION w, DEFAULT PARTITION)"),
            "moved 2 rows of \"l_1_prt_o\": 1 to \"l_1_prt_w\", 1 to \"l_1_prt_o\"\n");
  EXPECT_THAT(Tree("l"), ElementsAre("l_1_prt_w FOR VALUES IN ('w')", "l_1_prt_p FOR VALUES IN ('x')",
                                     "l_1_prt_q FOR VALUES IN ('y', 'z')", "l_1_prt_o DEFAULT"));
  EXPECT_EQ(Say("ALTER TABLE l SPLIT PARTITION q AT ('n')"),
            "42809 AT clause parameter is not a member of the target partition specification");
  EXPECT_EQ(Say("ALTER TABLE l SPLIT PARTITION q AT ('y', 'z')"),
            "42601 AT clause cannot contain all values in the partition to be split");
  EXPECT_EQ(Say("ALTER TABLE l SPLIT DEFAULT PARTITION START ('a') END ('b')"),
            "42601 cannot SPLIT LIST PARTITION with START / Use SPLIT with the AT clause instead.");
}

TEST_F(ClassicAlterTest, SplitOfBranchesKeysAndEmptyRanges) {
  EXPECT_RUNS(kRegions);
  EXPECT_EQ(Say("ALTER TABLE t SPLIT PARTITION eu AT ('ch')"),
            "0A000 cannot SPLIT PARTITION for relation \"t\" -- partition has children / Try splitting the child "
            "partitions.");
  EXPECT_RUNS(
      "CREATE TABLE k (a int, b text, PRIMARY KEY (a)) PARTITION BY RANGE (a) (PARTITION p START (0) END (10) WITH "
      "(fillfactor=70));"
      "CREATE UNIQUE INDEX kb ON k (a, b); INSERT INTO k VALUES (1, 'a'), (7, 'b')");
  EXPECT_EQ(Say("ALTER TABLE k SPLIT PARTITION p AT (5) INTO (PARTITION p, PARTITION q)"),
            "moved 2 rows of \"k_1_prt_p\": 1 to \"k_1_prt_p\", 1 to \"k_1_prt_q\"\n");
  EXPECT_SQL_ERROR(Run("INSERT INTO k VALUES (7, 'c')"), "23505", "k_1_prt_q_pkey");
  EXPECT_ROWS("SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relname = 'k_1_prt_q'", "fillfactor=70",
              "SELECT 1");
  EXPECT_THAT(Say("ALTER TABLE k SPLIT PARTITION q AT (5)"), testing::StartsWith("42P17 empty range bound specified"));
  EXPECT_EQ(Say("ALTER TABLE k SPLIT PARTITION q AT (NULL)"),
            "42P16 cannot use NULL with range partition specification");
}

// --- EXCHANGE ---

TEST_F(ClassicAlterTest, CB21_ExchangeSwapsRowsAndNames) {
  EXPECT_RUNS(std::string(kMonths) + "; CREATE TABLE x (id int, d date); INSERT INTO s VALUES (1, '2024-01-05');"
              "INSERT INTO x VALUES (7, '2024-01-06'), (8, '2024-01-07')");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION FOR (date '2024-01-05') WITH TABLE x"),
            "exchanged 1 rows of \"s_1_prt_1\" for 2 rows of \"x\"\n");
  Reopen();
  EXPECT_ROWS("SELECT id FROM s_1_prt_1 ORDER BY id", "7", "8", "SELECT 2");
  EXPECT_ROWS("SELECT id FROM s ORDER BY id", "7", "8", "SELECT 2");
  EXPECT_ROWS("SELECT id FROM x", "1", "SELECT 1");
  EXPECT_EQ(Tree("s")[0], "s_1_prt_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')");
  EXPECT_RUNS("INSERT INTO x VALUES (9, '2030-01-01')");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE x WITHOUT VALIDATION"),
            "23514 partition constraint of relation \"x\" is violated by some row");
  EXPECT_ROWS("SELECT id FROM x ORDER BY id", "1", "9", "SELECT 2");
  EXPECT_RUNS("DELETE FROM x WHERE id = 9");
  EXPECT_EQ(
      Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE x WITH VALIDATION"),
      "specifying \"WITH VALIDATION\" acts as no operation\nexchanged 2 rows of \"s_1_prt_1\" for 1 rows of \"x\"\n");
}

TEST_F(ClassicAlterTest, ExchangeAcrossSchemasAndOfTheDefaultPartition) {
  EXPECT_RUNS(std::string(kMonths) +
              "; ALTER TABLE s ADD DEFAULT PARTITION rest; CREATE SCHEMA other;"
              "CREATE TABLE other.x (id int, d date); INSERT INTO other.x VALUES (5, '2031-01-01'); INSERT INTO s "
              "VALUES (6, NULL)");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE DEFAULT PARTITION WITH TABLE other.x"),
            "exchanged 1 rows of \"s_1_prt_rest\" for 1 rows of \"x\"\n");
  Reopen();
  EXPECT_ROWS("SELECT id FROM s_1_prt_rest", "5", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM other.x", "6", "SELECT 1");
  EXPECT_RUNS("INSERT INTO other.x VALUES (7, '2024-01-01'); DELETE FROM other.x WHERE id = 6");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE DEFAULT PARTITION WITH TABLE other.x"),
            "23514 partition constraint of relation \"x\" is violated by some row");
}

TEST_F(ClassicAlterTest, WhatCannotBeExchanged) {
  EXPECT_RUNS(std::string(kMonths) + "; " + kRegions + "; CREATE TABLE x (id int); CREATE VIEW v AS SELECT 1 AS id");
  EXPECT_EQ(Say("ALTER TABLE t EXCHANGE PARTITION eu WITH TABLE x"),
            "0A000 cannot EXCHANGE PARTITION for relation \"t\" -- partition has children");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE x"), "42804 child table is missing column \"d\"");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE nosuch"),
            "42P01 relation \"nosuch\" does not exist");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE s_1_prt_1"),
            "42809 \"s_1_prt_1\" is already a partition");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE s"), "42P07 circular inheritance not allowed");
  EXPECT_THAT(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE v"), testing::StartsWith("42809 "));
}

// --- templates ---

TEST_F(ClassicAlterTest, CB25_TemplatesAreSetAndRemoved) {
  EXPECT_RUNS(kRegions);
  EXPECT_EQ(Say("ALTER TABLE t SET SUBPARTITION TEMPLATE ()"), "");
  EXPECT_EQ(Say("ALTER TABLE t SET SUBPARTITION TEMPLATE ()"),
            "42704 relation \"t\" does not have a level 1 subpartition template specification");
  EXPECT_EQ(Say("ALTER TABLE t ADD PARTITION asia VALUES ('jp')"), "42P16 no partitions specified at depth 2");
  EXPECT_EQ(Say("ALTER TABLE t ADD PARTITION asia VALUES ('jp') (SUBPARTITION own START (1) END (9))"), "");
  EXPECT_EQ(Say("ALTER TABLE t SET SUBPARTITION TEMPLATE (SUBPARTITION young END (5), DEFAULT SUBPARTITION rest)"), "");
  Reopen();
  EXPECT_EQ(Say("ALTER TABLE t ADD PARTITION af VALUES ('ng')"), "");
  EXPECT_THAT(Tree("t"), testing::IsSupersetOf({"t_1_prt_asia_2_prt_own FOR VALUES FROM (1) TO (9)",
                                                "t_1_prt_af_2_prt_young FOR VALUES FROM (MINVALUE) TO (5)",
                                                "t_1_prt_af_2_prt_rest DEFAULT"}));
  EXPECT_EQ(Say("ALTER TABLE t SET SUBPARTITION TEMPLATE (SUBPARTITION x VALUES (1))"),
            "42P16 invalid boundary specification for RANGE partition");
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION eu SET SUBPARTITION TEMPLATE (SUBPARTITION x START (1) END (2))"),
            "42P17 level 2 is not partitioned and hence can't set subpartition template for the same");
}

TEST_F(ClassicAlterTest, TemplatesOfThreeLevels) {
  EXPECT_RUNS(
      "CREATE TABLE w (a int, b text, c int) PARTITION BY RANGE (a) "
      "SUBPARTITION BY LIST (b) SUBPARTITION TEMPLATE (SUBPARTITION x VALUES ('x')) "
      "SUBPARTITION BY RANGE (c) SUBPARTITION TEMPLATE (SUBPARTITION f END (3)) (PARTITION one START (1) END (2))");
  EXPECT_EQ(Say("ALTER TABLE w ALTER PARTITION one SET SUBPARTITION TEMPLATE (SUBPARTITION g START (3))"), "");
  EXPECT_EQ(Say("ALTER TABLE w ADD PARTITION two START (2) END (3)"), "");
  EXPECT_EQ(Say("ALTER TABLE w ALTER PARTITION two ADD PARTITION y VALUES ('y')"), "");
  EXPECT_THAT(Tree("w"),
              ElementsAre("w_1_prt_one FOR VALUES FROM (1) TO (2)", "w_1_prt_one_2_prt_x FOR VALUES IN ('x')",
                          "w_1_prt_one_2_prt_x_3_prt_f FOR VALUES FROM (MINVALUE) TO (3)",
                          "w_1_prt_two FOR VALUES FROM (2) TO (3)", "w_1_prt_two_2_prt_x FOR VALUES IN ('x')",
                          "w_1_prt_two_2_prt_x_3_prt_g FOR VALUES FROM (3) TO (MAXVALUE)",
                          "w_1_prt_two_2_prt_y FOR VALUES IN ('y')",
                          "w_1_prt_two_2_prt_y_3_prt_g FOR VALUES FROM (3) TO (MAXVALUE)"));
  EXPECT_EQ(Say("ALTER TABLE w ALTER PARTITION one SET SUBPARTITION TEMPLATE ()"), "");
  EXPECT_EQ(
      Say("ALTER TABLE w SET SUBPARTITION TEMPLATE (SUBPARTITION z VALUES ('z'))"),
      "42P17 can't add sub-partition template at level 1 since next level template doesn't exist / Add sub-partition "
      "template for next level.");
}

// --- transactions and privileges ---

TEST_F(ClassicAlterTest, AllOfItIsInTheTransaction) {
  EXPECT_RUNS(std::string(kMonths) +
              "; CREATE TABLE x (id int, d date); INSERT INTO s VALUES (1, '2024-01-05'), (2, '2024-02-05')");
  const auto before = Tree("s");
  const std::string work =
      "BEGIN; INSERT INTO s VALUES (3, '2024-01-20'); INSERT INTO x VALUES (4, '2024-02-20');"
      "ALTER TABLE s SPLIT PARTITION \"1\" AT ('2024-01-16') INTO (PARTITION a, PARTITION b);"
      "ALTER TABLE s EXCHANGE PARTITION \"2\" WITH TABLE x; ALTER TABLE s DROP PARTITION \"3\";"
      "ALTER TABLE s ADD PARTITION apr START ('2024-04-01') END ('2024-05-01');"
      "ALTER TABLE s RENAME PARTITION a TO early; INSERT INTO s VALUES (5, '2024-04-04')";
  EXPECT_RUNS(work + "; ROLLBACK");
  EXPECT_EQ(Tree("s"), before);
  EXPECT_ROWS("SELECT id FROM s ORDER BY id", "1", "2", "SELECT 2");
  EXPECT_EQ(Say(work), "moved 2 rows of \"s_1_prt_1\": 1 to \"s_1_prt_a\", 1 to \"s_1_prt_b\"\n"
                       "exchanged 1 rows of \"s_1_prt_2\" for 1 rows of \"x\"\n");
  EXPECT_ROWS("SELECT id FROM s ORDER BY id", "1", "3", "4", "5", "SELECT 4");
  EXPECT_EQ(Tree("s"), before) << "seen by others before COMMIT";
  EXPECT_RUNS("COMMIT");
  Reopen();
  EXPECT_ROWS("SELECT id FROM s ORDER BY id", "1", "3", "4", "5", "SELECT 4");
  EXPECT_ROWS("SELECT id FROM s_1_prt_early", "1", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM x", "2", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM s_1_prt_apr", "5", "SELECT 1");
}

TEST_F(ClassicAlterTest, WritersWaitForIt) {
  EXPECT_RUNS(kMonths);
  auto other = Connect();
  EXPECT_OK(Run(*other, "BEGIN; INSERT INTO s VALUES (1, '2024-01-05')"));
  EXPECT_RUNS("SET lock_timeout = 50");
  EXPECT_SQL_ERROR(Run("ALTER TABLE s DROP PARTITION \"3\""), "55P03", "lock timeout");
  EXPECT_OK(Run(*other, "COMMIT; BEGIN; SELECT * FROM s_1_prt_2"));
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"3\""), "");
  EXPECT_SQL_ERROR(Run("ALTER TABLE s TRUNCATE PARTITION \"2\""), "55P03", "lock timeout");
  EXPECT_OK(Run(*other, "COMMIT"));
}

TEST_F(ClassicAlterTest, TheOwnerAltersAndKeepsWhatIsExchanged) {
  EXPECT_RUNS("CREATE ROLE ann; GRANT CREATE ON SCHEMA public TO ann; SET ROLE ann");
  EXPECT_RUNS(std::string(kMonths) + "; CREATE TABLE x (id int, d date); RESET ROLE; CREATE TABLE y (id int, d date)");
  EXPECT_RUNS("CREATE ROLE bob; SET ROLE bob");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"1\""), "42501 must be owner of table s");
  EXPECT_EQ(Say("ALTER TABLE s TRUNCATE PARTITION \"1\""), "42501 must be owner of table s");
  EXPECT_RUNS("SET ROLE ann");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE y"), "42501 must be owner of table y");
  EXPECT_EQ(Say("ALTER TABLE s EXCHANGE PARTITION \"1\" WITH TABLE x"),
            "exchanged 0 rows of \"s_1_prt_1\" for 0 rows of \"x\"\n");
  EXPECT_RUNS(
      "INSERT INTO x VALUES (1, NULL); DROP TABLE x; ALTER TABLE s DETACH PARTITION s_1_prt_2; DROP TABLE s_1_prt_2");
}

// --- names that are columns' too ---

TEST_F(ClassicAlterTest, AColumnMayBeCalledPartition) {
  EXPECT_RUNS(
      "CREATE TABLE c (a int); ALTER TABLE c ADD PARTITION int; ALTER TABLE c ALTER PARTITION SET DEFAULT 5;"
      "ALTER TABLE c RENAME PARTITION TO part; ALTER TABLE c RENAME part TO partition; INSERT INTO c VALUES (1)");
  EXPECT_ROWS("SELECT partition FROM c", "5", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE c ALTER PARTITION TYPE bigint; ALTER TABLE c DROP PARTITION");
  EXPECT_ROWS("SELECT * FROM c", "1", "SELECT 1");
}

TEST_F(ClassicAlterTest, OneStatementTakesSeveralActions) {
  EXPECT_RUNS(kMonths);
  EXPECT_RUNS("CREATE TABLE x (id int, d date); INSERT INTO x VALUES (7, '2024-04-02')");
  EXPECT_RUNS("INSERT INTO s VALUES (1, '2024-02-03'), (2, '2024-02-20')");
  EXPECT_EQ(Say("ALTER TABLE s DROP PARTITION \"1\", ADD PARTITION apr END (date '2024-05-01'), "
                "EXCHANGE PARTITION apr WITH TABLE x, RENAME PARTITION apr TO april, "
                "SPLIT PARTITION \"2\" AT (date '2024-02-15') INTO (PARTITION a, PARTITION b)"),
            "exchanged 0 rows of \"s_1_prt_apr\" for 1 rows of \"x\"\n"
            "moved 2 rows of \"s_1_prt_2\": 1 to \"s_1_prt_a\", 1 to \"s_1_prt_b\"\n");
  EXPECT_THAT(Tree("s"), ElementsAre("s_1_prt_a FOR VALUES FROM ('2024-02-01') TO ('2024-02-15')",
                                     "s_1_prt_b FOR VALUES FROM ('2024-02-15') TO ('2024-03-01')",
                                     "s_1_prt_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
                                     "s_1_prt_april FOR VALUES FROM ('2024-04-01') TO ('2024-05-01')"));
  EXPECT_ROWS("SELECT id, tableoid::regclass FROM s ORDER BY id", "1|s_1_prt_a", "2|s_1_prt_b",
              "7|s_1_prt_april", "SELECT 3");
  // All of them, or none: the second one fails.
  EXPECT_THAT(Say("ALTER TABLE s DROP PARTITION a, DROP PARTITION nosuch"), testing::StartsWith("42704 "));
  EXPECT_ROWS("SELECT count(*) FROM s", "3", "SELECT 1");
  EXPECT_RUNS(kRegions);
  EXPECT_EQ(Say("ALTER TABLE t ALTER PARTITION eu DROP PARTITION FOR (1), "
                "ALTER PARTITION us TRUNCATE PARTITION FOR (2)"),
            "");
}

TEST_F(ClassicAlterTest, WhatTheSyntaxDoesNotHave) {
  EXPECT_RUNS(kMonths);
  for (const char* text :
       {"ALTER TABLE s SPLIT PARTITION \"1\" START (1) END (2)", "ALTER TABLE s SPLIT DEFAULT PARTITION START (1)",
        "ALTER TABLE s SPLIT PARTITION \"1\" AT (1) INTO (PARTITION a)",
        "ALTER TABLE s EXCHANGE PARTITION \"1\" WITH x", "ALTER TABLE s ADD PARTITION p VALUES IN (1)",
        "ALTER TABLE s DROP PARTITION FOR ()", "ALTER TABLE s DROP PARTITION FOR (1 +)",
        "ALTER TABLE s TRUNCATE PARTITION", "ALTER TABLE s RENAME PARTITION a b", "ALTER TABLE s ALTER PARTITION a",
        "ALTER TABLE s SET SUBPARTITION TEMPLATE"}) {
    EXPECT_THAT(Say(text), testing::StartsWith("42601 syntax error")) << text;
  }
  EXPECT_THAT(Say("ALTER TABLE s DROP PARTITION \"1\","), testing::StartsWith("42601 syntax error"));
  EXPECT_SQL_ERROR(Run("ALTER TABLE ONLY s DROP PARTITION \"1\""), "0A000", "is not supported");
  EXPECT_SQL_ERROR(Run("ALTER TABLE s SET WITH (REORGANIZE = false)"), "0A000",
                   "SET WITH of anything but REORGANIZE = true is not supported");
}

}  // namespace weir::sql
