#include <fmt/format.h>

#include "sql/catalog/catalog.h"
#include "tests/sql/classic_testing.h"

namespace weir::sql {

/// Cloudberry's classic syntax.
class ClassicTest : public PartitionTreeTest {
 protected:
  void ExpectRefused(const std::string& partitions, const std::string& sqlstate, const std::string& message) {
    const std::string columns = "(a int, b text, d date, t time, n numeric(10,2), m time(3))";
    EXPECT_SQL_ERROR(Run(fmt::format("CREATE TABLE x {} {}", columns, partitions)), sqlstate, message);
    EXPECT_SQL_ERROR(Run("SELECT * FROM x"), "42P01", "does not exist");
  }
};

using testing::ElementsAre;

TEST_F(ClassicTest, CB11_EveryMonth) {
  EXPECT_RUNS(
      "CREATE TABLE s (id int, d date) PARTITION BY RANGE (d) "
      "(START (date '2024-01-01') END (date '2024-04-01') EVERY (interval '1 month'))");
  EXPECT_THAT(Tree("s"), ElementsAre("s_1_prt_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                                     "s_1_prt_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                                     "s_1_prt_3 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')"));
  EXPECT_RUNS("INSERT INTO s VALUES (1, '2024-02-29')");
  EXPECT_ROWS("SELECT id FROM s_1_prt_2", "1", "SELECT 1");
}

TEST_F(ClassicTest, CB12_EndsAreTheNeighbours) {
  EXPECT_RUNS(
      "CREATE TABLE s (id int, d date) DISTRIBUTED BY (id) PARTITION BY RANGE (d) (PARTITION jan START (date "
      "'2024-01-01'), "
      "PARTITION feb START (date '2024-02-01') END (date '2024-03-01'), DEFAULT PARTITION rest)");
  EXPECT_THAT(Tree("s"), ElementsAre("s_1_prt_jan FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                                     "s_1_prt_feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
                                     "s_1_prt_rest DEFAULT"));
  EXPECT_RUNS("CREATE TABLE e (k int) PARTITION BY RANGE (k) (END (5), PARTITION high START (9), END (9))");
  EXPECT_THAT(Tree("e"),
              ElementsAre("e_1_prt_1 FOR VALUES FROM (MINVALUE) TO (5)", "e_1_prt_3 FOR VALUES FROM (5) TO (9)",
                          "e_1_prt_high FOR VALUES FROM (9) TO (MAXVALUE)"));
}

TEST_F(ClassicTest, CB13_ExclusiveStartsAndInclusiveEnds) {
  EXPECT_RUNS("CREATE TABLE i (k int) PARTITION BY RANGE (k) (START (1) EXCLUSIVE END (10) INCLUSIVE)");
  EXPECT_THAT(Tree("i"), ElementsAre("i_1_prt_1 FOR VALUES FROM (2) TO (11)"));
  EXPECT_RUNS(
      "CREATE TABLE d (k date) PARTITION BY RANGE (k) (START (date '2024-02-28') EXCLUSIVE END ('2024-12-31') "
      "INCLUSIVE)");
  EXPECT_THAT(Tree("d"), ElementsAre("d_1_prt_1 FOR VALUES FROM ('2024-02-29') TO ('2025-01-01')"));
  EXPECT_RUNS("CREATE TABLE m (k int) PARTITION BY RANGE (k) (START (1) END (2147483647) INCLUSIVE)");
  EXPECT_THAT(Tree("m"), ElementsAre("m_1_prt_1 FOR VALUES FROM (1) TO (MAXVALUE)"));
}

TEST_F(ClassicTest, EverySteps) {
  EXPECT_RUNS(
      "CREATE TABLE i (k int) PARTITION BY RANGE (k) (DEFAULT PARTITION other, PARTITION p START (0) END (25) EVERY "
      "(10))");
  EXPECT_THAT(Tree("i"),
              ElementsAre("i_1_prt_p_1 FOR VALUES FROM (0) TO (10)", "i_1_prt_p_2 FOR VALUES FROM (10) TO (20)",
                          "i_1_prt_p_3 FOR VALUES FROM (20) TO (25)", "i_1_prt_other DEFAULT"));
  EXPECT_RUNS(
      "CREATE TABLE j (k smallint) PARTITION BY RANGE (k) (START (32000) END (32767) EVERY (500), DEFAULT PARTITION "
      "r)");
  EXPECT_THAT(Tree("j"), ElementsAre("j_1_prt_2 FOR VALUES FROM ('32000') TO ('32500')",
                                     "j_1_prt_3 FOR VALUES FROM ('32500') TO ('32767')", "j_1_prt_r DEFAULT"));
  EXPECT_RUNS("CREATE TABLE n (k numeric(10,2)) PARTITION BY RANGE (k) (START (0) END (1) EVERY (0.4))");
  EXPECT_THAT(Tree("n"), ElementsAre("n_1_prt_1 FOR VALUES FROM (0.00) TO (0.40)",
                                     "n_1_prt_2 FOR VALUES FROM (0.40) TO (0.80)",
                                     "n_1_prt_3 FOR VALUES FROM (0.80) TO (1.00)"));
  EXPECT_RUNS("CREATE TABLE w (k date) PARTITION BY RANGE (k) (START ('1999-12-25') END ('2000-01-05') EVERY (7))");
  EXPECT_THAT(Tree("w"), ElementsAre("w_1_prt_1 FOR VALUES FROM ('1999-12-25') TO ('2000-01-01')",
                                     "w_1_prt_2 FOR VALUES FROM ('2000-01-01') TO ('2000-01-05')"));
  EXPECT_RUNS(
      "CREATE TABLE t (k timestamp) PARTITION BY RANGE (k) "
      "(START ('1969-12-31 18:00') END ('1970-01-03') EVERY (interval '1 day 6 hours'))");
  EXPECT_THAT(Tree("t"), ElementsAre("t_1_prt_1 FOR VALUES FROM ('1969-12-31 18:00:00') TO ('1970-01-02 00:00:00')",
                                     "t_1_prt_2 FOR VALUES FROM ('1970-01-02 00:00:00') TO ('1970-01-03 00:00:00')"));
  EXPECT_RUNS(
      "CREATE TABLE l (k date) PARTITION BY RANGE (k) (START ('2024-01-31') END ('2024-04-30') EVERY (interval '1 "
      "month'))");
  EXPECT_THAT(Tree("l"), ElementsAre("l_1_prt_1 FOR VALUES FROM ('2024-01-31') TO ('2024-02-29')",
                                     "l_1_prt_2 FOR VALUES FROM ('2024-02-29') TO ('2024-03-29')",
                                     "l_1_prt_3 FOR VALUES FROM ('2024-03-29') TO ('2024-04-29')",
                                     "l_1_prt_4 FOR VALUES FROM ('2024-04-29') TO ('2024-04-30')"));
}

TEST_F(ClassicTest, EveryAddsAsTheTypeDoes) {
  EXPECT_RUNS("CREATE TABLE f (k double precision) PARTITION BY RANGE (k) (START (0) END (1) EVERY (0.4))");
  EXPECT_THAT(Tree("f"),
              ElementsAre("f_1_prt_1 FOR VALUES FROM ('0') TO ('0.4')", "f_1_prt_2 FOR VALUES FROM ('0.4') TO ('0.8')",
                          "f_1_prt_3 FOR VALUES FROM ('0.8') TO ('1')"));
  EXPECT_RUNS("CREATE TABLE i (k int) PARTITION BY RANGE (k) (START (1) END (3) EVERY (0.6))");
  EXPECT_THAT(Tree("i"), ElementsAre("i_1_prt_1 FOR VALUES FROM (1) TO (2)", "i_1_prt_2 FOR VALUES FROM (2) TO (3)"));
  EXPECT_RUNS("CREATE TABLE n (k numeric(10,2)) PARTITION BY RANGE (k) (START (1) END (1.3) EVERY (0.125))");
  EXPECT_THAT(Tree("n"),
              ElementsAre("n_1_prt_1 FOR VALUES FROM (1.00) TO (1.13)", "n_1_prt_2 FOR VALUES FROM (1.13) TO (1.26)",
                          "n_1_prt_3 FOR VALUES FROM (1.26) TO (1.30)"));
  EXPECT_RUNS("CREATE TABLE z (k timestamptz) PARTITION BY RANGE (k) "
              "(START ('2024-01-01 00:00+00') END ('2024-01-02 00:00+00') EVERY (interval '18 hours'))");
  EXPECT_THAT(Tree("z"),
              ElementsAre("z_1_prt_1 FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-01-01 18:00:00+00')",
                          "z_1_prt_2 FOR VALUES FROM ('2024-01-01 18:00:00+00') TO ('2024-01-02 00:00:00+00')"));
  EXPECT_RUNS(
      "CREATE TABLE t (k time) PARTITION BY RANGE (k) (START ('00:00') END ('20:00') EVERY (interval '10 hours'))");
  EXPECT_THAT(Tree("t"), ElementsAre("t_1_prt_1 FOR VALUES FROM ('00:00:00') TO ('10:00:00')",
                                     "t_1_prt_2 FOR VALUES FROM ('10:00:00') TO ('20:00:00')"));
  EXPECT_RUNS("CREATE TABLE x (k time) PARTITION BY RANGE (k) (START ('10:00') EXCLUSIVE END ('24:00') INCLUSIVE)");
  EXPECT_THAT(Tree("x"), ElementsAre("x_1_prt_1 FOR VALUES FROM ('10:00:00.000001') TO (MAXVALUE)"));
}

TEST_F(ClassicTest, CB15_Template) {
  EXPECT_RUNS(
      "CREATE TABLE t (r text, y int) PARTITION BY LIST (r) SUBPARTITION BY RANGE (y) "
      "SUBPARTITION TEMPLATE (START (1) END (3) EVERY (1)) (PARTITION eu VALUES ('eu', 'ch'), PARTITION us VALUES "
      "('us'))");
  EXPECT_THAT(
      Tree("t"),
      ElementsAre("t_1_prt_eu FOR VALUES IN ('eu', 'ch')", "t_1_prt_eu_2_prt_1 FOR VALUES FROM (1) TO (2)",
                  "t_1_prt_eu_2_prt_2 FOR VALUES FROM (2) TO (3)", "t_1_prt_us FOR VALUES IN ('us')",
                  "t_1_prt_us_2_prt_1 FOR VALUES FROM (1) TO (2)", "t_1_prt_us_2_prt_2 FOR VALUES FROM (2) TO (3)"));
  EXPECT_RUNS("INSERT INTO t VALUES ('ch', 2), ('us', 1)");
  EXPECT_ROWS("SELECT y FROM t_1_prt_eu_2_prt_2", "2", "SELECT 1");
}

TEST_F(ClassicTest, SubpartitionsOfTheirOwnOnThreeLevels) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int, b text, c int) PARTITION BY RANGE (a) SUBPARTITION BY LIST (b) "
      "SUBPARTITION BY RANGE (c) SUBPARTITION TEMPLATE (DEFAULT SUBPARTITION rest, SUBPARTITION few END (3)) "
      "(PARTITION one START (1) END (2) (SUBPARTITION x VALUES ('x')), "
      "START (2) END (4) EVERY (1) (SUBPARTITION y VALUES ('y', NULL), DEFAULT SUBPARTITION z))");
  EXPECT_THAT(
      Tree("t"),
      ElementsAre(
          "t_1_prt_one FOR VALUES FROM (1) TO (2)", "t_1_prt_one_2_prt_x FOR VALUES IN ('x')",
          "t_1_prt_one_2_prt_x_3_prt_few FOR VALUES FROM (MINVALUE) TO (3)", "t_1_prt_one_2_prt_x_3_prt_rest DEFAULT",
          "t_1_prt_2 FOR VALUES FROM (2) TO (3)", "t_1_prt_2_2_prt_y FOR VALUES IN ('y', NULL)",
          "t_1_prt_2_2_prt_y_3_prt_few FOR VALUES FROM (MINVALUE) TO (3)", "t_1_prt_2_2_prt_y_3_prt_rest DEFAULT",
          "t_1_prt_2_2_prt_z DEFAULT", "t_1_prt_2_2_prt_z_3_prt_few FOR VALUES FROM (MINVALUE) TO (3)",
          "t_1_prt_2_2_prt_z_3_prt_rest DEFAULT", "t_1_prt_3 FOR VALUES FROM (3) TO (4)",
          "t_1_prt_3_2_prt_y FOR VALUES IN ('y', NULL)",
          "t_1_prt_3_2_prt_y_3_prt_few FOR VALUES FROM (MINVALUE) TO (3)", "t_1_prt_3_2_prt_y_3_prt_rest DEFAULT",
          "t_1_prt_3_2_prt_z DEFAULT", "t_1_prt_3_2_prt_z_3_prt_few FOR VALUES FROM (MINVALUE) TO (3)",
          "t_1_prt_3_2_prt_z_3_prt_rest DEFAULT"));
  EXPECT_RUNS("INSERT INTO t VALUES (3, NULL, 9)");
  EXPECT_ROWS("SELECT c FROM t_1_prt_3_2_prt_y_3_prt_rest", "9", "SELECT 1");
}

TEST_F(ClassicTest, LongNamesLoseTheParentsEnd) {
  const std::string table(60, 'n');
  EXPECT_RUNS(fmt::format("CREATE TABLE {} (k int) PARTITION BY LIST (k) (PARTITION first VALUES (1))", table));
  EXPECT_THAT(Tree(table), ElementsAre(fmt::format("{:n>51}_1_prt_first FOR VALUES IN (1)", "")));
}

TEST_F(ClassicTest, KeysAndOptionsArePassedOn) {
  EXPECT_RUNS(
      "CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)) WITH (appendoptimized=true) DISTRIBUTED BY (b) PARTITION BY "
      "LIST (a) "
      "(PARTITION x VALUES (1) WITH (orientation=column) TABLESPACE pg_default, PARTITION y VALUES (2))");
  auto catalog = Get(Catalog::Open(gateway));
  const RelationPtr x = Get(catalog->Find({"fluss", "t_1_prt_x"}));
  EXPECT_EQ(x->options, (Properties{{"appendoptimized", "true"}, {"orientation", "column"}}));
  EXPECT_THAT(x->distributed_by.value(), ElementsAre("b"));
  EXPECT_THAT(x->PrimaryKey(), ElementsAre(0, 1));
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES (1, 1), (1, 1)"), "23505", "t_1_prt_x_pkey");
}

TEST_F(ClassicTest, MistakesAreNamed) {
  ExpectRefused("PARTITION BY RANGE (a, b) (START (1) END (2))", "42P16",
                "too many columns for RANGE partition -- only one column is allowed");
  ExpectRefused("PARTITION BY RANGE (a) (START (1), PARTITION p VALUES (1))", "42P16",
                "invalid boundary specification for RANGE partition");
  ExpectRefused("PARTITION BY LIST (a) (START (1) END (2))", "42P16",
                "invalid boundary specification for LIST partition");
  ExpectRefused("PARTITION BY LIST (a) (DEFAULT PARTITION d, PARTITION p)", "42P16",
                "missing boundary specification in partition \"p\" of type LIST");
  ExpectRefused("PARTITION BY RANGE (a) (START (NULL) END (2))", "42P16",
                "cannot use NULL with range partition specification");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) EVERY (2))", "42P16", "EVERY clause requires START and END");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) END (9) EVERY (0))", "42P16", "EVERY parameter too small");
  ExpectRefused("PARTITION BY RANGE (d) (START ('2024-01-01') END ('2024-02-01') EVERY (interval '-1 day'))", "42P16",
                "EVERY parameter too small");
  ExpectRefused("PARTITION BY RANGE (a) (START (2147483647) EXCLUSIVE)", "42P16", "START EXCLUSIVE is out of range");
  ExpectRefused("PARTITION BY RANGE (n) (START (1) EXCLUSIVE END (2))", "0A000",
                "START EXCLUSIVE not supported for partition key data type: numeric");
  ExpectRefused(
      "PARTITION BY RANGE (m) (START ('10:00') EXCLUSIVE)", "0A000",
      "START EXCLUSIVE not supported when partition key has precision specification: time(3) without time zone");
  ExpectRefused("PARTITION BY RANGE (b) (START ('a') END ('b') INCLUSIVE)", "0A000",
                "END INCLUSIVE not supported for partition key data type: text");
  ExpectRefused("PARTITION BY RANGE (b) (START ('a') END ('c') EVERY ('b'))", "0A000",
                "EVERY is not supported for partition key data type: text");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) END (9) EVERY (interval '1 day'))", "42883",
                "operator does not exist");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) END (9) EVERY (NULL))", "42P16", "plus-operator returned NULL");
  ExpectRefused("PARTITION BY RANGE (t) (START ('00:00') END ('20:00') EVERY (interval '8 hours'))", "42P16",
                "END parameter not reached before type overflows");
  ExpectRefused("PARTITION BY LIST (a) (PARTITION " + std::string(57, 'x') + " VALUES (1))", "42P16",
                "for child partition is too long");
  ExpectRefused("PARTITION BY LIST (a) (DEFAULT PARTITION c, DEFAULT PARTITION d)", "42P16",
                "multiple default partitions are not allowed");
  ExpectRefused("PARTITION BY LIST (a) SUBPARTITION BY LIST (b) (PARTITION p VALUES (1))", "42P16",
                "no partitions specified at depth 2");
  ExpectRefused("PARTITION BY LIST (a) SUBPARTITION BY LIST (b) SUBPARTITION TEMPLATE (SUBPARTITION s VALUES ('s')) "
                "(PARTITION p VALUES (1) (SUBPARTITION q VALUES ('q')))",
                "42P16", "subpartition configuration conflicts with subpartition template");
  ExpectRefused("PARTITION BY LIST (a) (PARTITION p VALUES (1) (SUBPARTITION q VALUES ('q')))", "42P16",
                "subpartition specification provided but table doesn't have SUBPARTITION BY clause");
  ExpectRefused("PARTITION BY RANGE (a) (PARTITION p START (1) END (5), PARTITION q START (4) END (6))", "42P17",
                "partition \"x_1_prt_q\" would overlap partition \"x_1_prt_p\"");
  ExpectRefused("PARTITION BY RANGE (a) (START (5) END (5))", "42P17",
                "empty range bound specified for partition \"x_1_prt_1\"");
  ExpectRefused("PARTITION BY LIST (a) (PARTITION p VALUES (1), PARTITION p VALUES (2))", "42P07",
                "relation \"x_1_prt_p\" already exists");
  ExpectRefused("PARTITION BY LIST (a) (PARTITION p VALUES (1) TABLESPACE fast)", "42704",
                "tablespace \"fast\" does not exist");
  ExpectRefused("PARTITION BY HASH (a) (PARTITION p START (1))", "0A000", "HASH is not supported in the classic");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) END (2) EVERY)", "42601", "syntax error");
  ExpectRefused("PARTITION BY RANGE (a) (START (1 +) END (2))", "42601", "syntax error");
  ExpectRefused("PARTITION BY RANGE (a) (START (1, 2) END (2))", "42601", "syntax error");
  ExpectRefused("PARTITION BY RANGE (a) (START (1) END (2), )", "42601", "syntax error");
  ExpectRefused("PARTITION BY RANGE (a) (START (b) END (2))", "0A000",
                "cannot use column reference in partition bound expression");
}

TEST_F(ClassicTest, CB1_ALevelHoldsSoMany) {
  EXPECT_SQL_ERROR(Run("CREATE TABLE t (k int) PARTITION BY RANGE (k) (START (1) END (32769) EVERY (1))"), "54000",
                   "\"t\" cannot have more than 32767 partitions");
  EXPECT_SQL_ERROR(
      Run("CREATE TABLE t (k int, l int) PARTITION BY RANGE (k) SUBPARTITION BY RANGE (l) SUBPARTITION TEMPLATE "
          "(START (1) END (32768) EVERY (1)) (START (1) END (32768) EVERY (1))"),
      "54000", "a statement cannot make more than 200000 partitions");
}

}  // namespace weir::sql
