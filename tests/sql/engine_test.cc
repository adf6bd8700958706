#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using testing::Contains;
using testing::HasSubstr;

class EngineTest : public SessionTest {
 protected:
  void MakeRange() {
    EXPECT_RUNS("CREATE TABLE u (k int, v text) PARTITION BY RANGE (k);"
                "CREATE TABLE u0 PARTITION OF u FOR VALUES FROM (0) TO (10);"
                "CREATE TABLE u1 PARTITION OF u FOR VALUES FROM (10) TO (20);"
                "INSERT INTO u VALUES (1,'a'),(2,'b'),(11,'c')");
  }
  void MakeTwoLevels() {
    EXPECT_RUNS("CREATE TABLE w (a int, b int) PARTITION BY LIST (a);"
                "CREATE TABLE w1 PARTITION OF w FOR VALUES IN (1) PARTITION BY LIST (b);"
                "CREATE TABLE w1_1 PARTITION OF w1 FOR VALUES IN (1);"
                "CREATE TABLE w1_2 PARTITION OF w1 FOR VALUES IN (2);"
                "CREATE TABLE w2 PARTITION OF w FOR VALUES IN (2);"
                "CREATE TABLE wd PARTITION OF w DEFAULT");
  }
};

TEST_F(EngineTest, AnUpdateMovesRowsToTheirNewLeaf) {
  MakeRange();
  EXPECT_ROWS("UPDATE u SET k = 15 WHERE k = 1 RETURNING tableoid::regclass AS part, *", "u1|15|a", "UPDATE 1");
  EXPECT_ROWS("UPDATE u SET k = k + 1 WHERE k = 2 RETURNING *", "3|b", "UPDATE 1");
  EXPECT_ROWS("UPDATE u SET k = k + 10 WHERE k < 10", "UPDATE 1");
  EXPECT_ROWS("SELECT tableoid::regclass AS part, * FROM u ORDER BY k", "u1|11|c", "u1|13|b", "u1|15|a", "SELECT 3");
}

TEST_F(EngineTest, RowsWithoutAHomeAreRefusedAndNothingMoves) {
  MakeRange();
  auto error = EXPECT_SQL_ERROR(Run("UPDATE u SET k = 99 WHERE v = 'c'"), "23514",
                                "no partition of relation \"u\" found for row");
  EXPECT_EQ(error.detail, "Partition key of the failing row contains (k) = (99).");
  EXPECT_EQ(error.table, "u");
  EXPECT_SQL_ERROR(Run("INSERT INTO u VALUES (5,'fits'),(20,'x')"), "23514", "no partition of relation");
  EXPECT_ROWS("SELECT count(*) FROM u", "3", "SELECT 1");
}

TEST_F(EngineTest, ALeafTakesOnlyItsOwnRows) {
  MakeRange();
  auto error = EXPECT_SQL_ERROR(Run("UPDATE u1 SET k = 1 WHERE v = 'c'"), "23514",
                                "new row for relation \"u1\" violates partition constraint");
  EXPECT_EQ(error.detail, "Failing row contains (1, c).");
  EXPECT_SQL_ERROR(Run("INSERT INTO u0 VALUES (15,'x')"), "23514", "violates partition constraint");
  EXPECT_ROWS("UPDATE u1 SET k = 19 WHERE v = 'c' RETURNING *", "19|c", "UPDATE 1");
}

TEST_F(EngineTest, RowsMoveOnlyBelowTheTableThatIsNamed) {
  MakeTwoLevels();
  EXPECT_RUNS("INSERT INTO w VALUES (1,1),(5,5),(NULL,1)");
  EXPECT_ROWS("SELECT tableoid::regclass, * FROM w", "w1_1|1|1", "wd|5|5", "wd|null|1", "SELECT 3");
  EXPECT_ROWS("UPDATE w1 SET b = 2 RETURNING *", "1|2", "UPDATE 1");
  EXPECT_SQL_ERROR(Run("UPDATE w1 SET a = 2"), "23514", "new row for relation \"w1\" violates partition constraint");
  EXPECT_ROWS("UPDATE w SET a = 2 WHERE a = 1 RETURNING *", "2|2", "UPDATE 1");
  auto error = EXPECT_SQL_ERROR(Run("INSERT INTO w VALUES (1,7)"), "23514", "no partition of relation \"w1\"");
  EXPECT_EQ(error.detail, "Partition key of the failing row contains (b) = (7).");
}

TEST_F(EngineTest, ExplainNamesTheLeavesAndCountsTheOthers) {
  MakeRange();
  EXPECT_ROWS("EXPLAIN (COSTS OFF) SELECT * FROM u WHERE k = 15", "Seq Scan on u1 u", "  Filter: (k = 15)",
              "  Partitions: 1 of 2 (1 removed)", "EXPLAIN");
  EXPECT_ROWS("EXPLAIN (COSTS OFF) SELECT * FROM u", "Append", "  Partitions: 2 of 2 (0 removed)",
              "  ->  Seq Scan on u0 u_1", "  ->  Seq Scan on u1 u_2", "EXPLAIN");
  EXPECT_ROWS("EXPLAIN (COSTS OFF) SELECT * FROM u WHERE k = 99", "Result", "  One-Time Filter: false",
              "  Partitions: 0 of 2 (2 removed)", "EXPLAIN");
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF, FORMAT JSON) SELECT * FROM u WHERE k = 15"))[0],
              HasSubstr("\"Relation Name\": \"u1\""));
  MakeTwoLevels();
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM w WHERE a = 1 AND b = 2")), Contains("Seq Scan on w1_2 w"));
}

struct PruningCase {
  std::string condition;
  std::string removed;
};
TEST_F(EngineTest, ConditionsLeaveOutLeaves) {
  EXPECT_RUNS("CREATE TABLE g (k int, v text) PARTITION BY RANGE (k);"
              "CREATE TABLE g0 PARTITION OF g FOR VALUES FROM (0) TO (10);"
              "CREATE TABLE g1 PARTITION OF g FOR VALUES FROM (10) TO (20);"
              "CREATE TABLE g2 PARTITION OF g FOR VALUES FROM (20) TO (30);"
              "CREATE TABLE g3 PARTITION OF g FOR VALUES FROM (30) TO (40);"
              "CREATE TABLE gd PARTITION OF g DEFAULT");
  const std::vector<PruningCase> cases = {
      {"k = 15", "1 of 5 (4 removed)"},
      {"15 = k", "1 of 5 (4 removed)"},
      {"k = 99", "1 of 5 (4 removed)"},
      {"k < 10", "2 of 5 (3 removed)"},
      {"k <= 10", "3 of 5 (2 removed)"},
      {"k >= 39", "2 of 5 (3 removed)"},
      {"k BETWEEN 12 AND 18", "1 of 5 (4 removed)"},
      {"k BETWEEN 5 AND 25", "3 of 5 (2 removed)"},
      {"k IN (1, 35)", "2 of 5 (3 removed)"},
      {"k = ANY (ARRAY[1, 2])", "1 of 5 (4 removed)"},
      {"k = 1 OR k = 35", "2 of 5 (3 removed)"},
      {"k = 1 OR v = 'x'", "5 of 5 (0 removed)"},
      {"(k = 1 AND v = 'a') OR (k = 12 AND v = 'b')", "2 of 5 (3 removed)"},
      {"k <> 1 AND k < 20", "3 of 5 (2 removed)"},
      {"k IS NULL", "1 of 5 (4 removed)"},
      {"NOT (k < 30)", "2 of 5 (3 removed)"},
      {"NOT (k >= 10 AND k < 40)", "2 of 5 (3 removed)"},
      {"NOT (k BETWEEN 10 AND 39)", "3 of 5 (2 removed)"},
      {"NOT (k = 1 OR v = 'x')", "5 of 5 (0 removed)"},
      {"NOT (k >= 10 OR v = 'x')", "2 of 5 (3 removed)"},
      {"(k < 10) IS TRUE", "2 of 5 (3 removed)"},
      {"(k < 30) IS NOT TRUE", "2 of 5 (3 removed)"},
      {"(k >= 10) IS FALSE", "2 of 5 (3 removed)"},
      {"(k < 10) IS NOT FALSE", "2 of 5 (3 removed)"},
      {"(k < 10) IS UNKNOWN", "1 of 5 (4 removed)"},
      {"(k < 10) IS NOT UNKNOWN", "5 of 5 (0 removed)"},
      {"((k < 30) IS NOT TRUE) IS TRUE", "2 of 5 (3 removed)"},
      {"(k >= 10) = false", "2 of 5 (3 removed)"},
      {"(k < 10) <> false", "2 of 5 (3 removed)"},
      {"k IS NOT DISTINCT FROM 15", "1 of 5 (4 removed)"},
      {"k IS DISTINCT FROM 15", "5 of 5 (0 removed)"},
  };
  for (const PruningCase& test : cases) {
    EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM g WHERE " + test.condition)),
                Contains(HasSubstr("Partitions: " + test.removed)))
        << test.condition;
  }
}

TEST_F(EngineTest, AnExpressionCanBeTheKey) {
  EXPECT_RUNS("CREATE TABLE ex (ts timestamp, v int) PARTITION BY RANGE (date_trunc('day', ts));"
              "CREATE TABLE ex1 PARTITION OF ex FOR VALUES FROM ('2025-01-01') TO ('2025-01-02');"
              "CREATE TABLE ex2 PARTITION OF ex FOR VALUES FROM ('2025-01-02') TO ('2025-01-03');"
              "INSERT INTO ex VALUES ('2025-01-01 10:00', 1), ('2025-01-02 11:00', 2)");
  EXPECT_ROWS("SELECT tableoid::regclass, v FROM ex ORDER BY ts", "ex1|1", "ex2|2", "SELECT 2");
  EXPECT_THAT(Get(Run("EXPLAIN (COSTS OFF) SELECT * FROM ex WHERE date_trunc('day', ts) = '2025-01-02'")),
              Contains(HasSubstr("1 of 2 (1 removed)")));
  EXPECT_ROWS("SELECT v FROM ex WHERE date_trunc('day', ts) = '2025-01-02'", "2", "SELECT 1");
}

TEST_F(EngineTest, RowsAreCheckedAgainstTheirColumns) {
  EXPECT_RUNS(
      "CREATE TABLE c (a int NOT NULL, b varchar(3), n numeric(5,2), d int DEFAULT 7, CONSTRAINT pos CHECK (a > 0))");
  EXPECT_RUNS("INSERT INTO c (a, b, n) VALUES (1, 'abc', 1.5)");
  EXPECT_RUNS("INSERT INTO c VALUES (2)");
  EXPECT_ROWS("SELECT * FROM c ORDER BY a", "1|abc|1.50|7", "2|null|null|7", "SELECT 2");
  auto error = EXPECT_SQL_ERROR(Run("INSERT INTO c (a) VALUES (NULL)"), "23502",
                                "null value in column \"a\" of relation \"c\" violates not-null constraint");
  EXPECT_EQ(error.detail, "Failing row contains (null, null, null, 7).");
  EXPECT_EQ(error.column, "a");
  error = EXPECT_SQL_ERROR(Run("INSERT INTO c (a) VALUES (-1)"), "23514", "violates check constraint \"pos\"");
  EXPECT_EQ(error.constraint, "pos");
  EXPECT_SQL_ERROR(Run("INSERT INTO c (a, b) VALUES (1, 'abcd')"), "22001",
                   "value too long for type character varying(3)");
  EXPECT_SQL_ERROR(Run("INSERT INTO c (a, n) VALUES (1, 12345)"), "22003", "numeric field overflow");
  EXPECT_SQL_ERROR(Run("INSERT INTO c VALUES (99999999999)"), "22003", "integer out of range");
  EXPECT_SQL_ERROR(Run("INSERT INTO c VALUES ('x')"), "22P02", "invalid input syntax for type integer: \"x\"");
  EXPECT_SQL_ERROR(Run("INSERT INTO c VALUES (1, 'a', 2, 3, 4)"), "42601",
                   "INSERT has more expressions than target columns");
}

TEST_F(EngineTest, PrimaryKeyRowsAreReplacedMovedAndRemoved) {
  EXPECT_RUNS("CREATE TABLE pk (id int PRIMARY KEY, v text); INSERT INTO pk VALUES (1,'a'),(2,'b')");
  auto error = EXPECT_SQL_ERROR(Run("INSERT INTO pk VALUES (1,'again')"), "23505", "\"pk_pkey\"");
  EXPECT_EQ(error.detail, "Key (id)=(1) already exists.");
  EXPECT_ROWS("UPDATE pk SET v = 'c' WHERE id = 2", "UPDATE 1");
  EXPECT_ROWS("UPDATE pk SET id = 5 WHERE id = 2", "UPDATE 1");
  EXPECT_ROWS("DELETE FROM pk WHERE id = 1 RETURNING v", "a", "DELETE 1");
  EXPECT_ROWS("SELECT * FROM pk", "5|c", "SELECT 1");
  EXPECT_ROWS("INSERT INTO pk VALUES (5, 'd') ON CONFLICT (id) DO NOTHING", "INSERT 0 0");
  EXPECT_ROWS("TRUNCATE pk", "TRUNCATE TABLE");
  EXPECT_ROWS("SELECT count(*) FROM pk", "0", "SELECT 1");
}

TEST_F(EngineTest, ARowThatAJoinBringsTwiceIsUpdatedOnce) {
  EXPECT_RUNS("CREATE TABLE t (id int, v int); INSERT INTO t VALUES (1, 10);"
              "CREATE TABLE s (id int, n int); INSERT INTO s VALUES (1, 1), (1, 1)");
  EXPECT_ROWS("UPDATE t SET v = v + s.n FROM s WHERE t.id = s.id", "UPDATE 1");
  EXPECT_ROWS("SELECT * FROM t", "1|11", "SELECT 1");
}

TEST_F(EngineTest, ExplainShowsWhatAChangeReads) {
  MakeRange();
  EXPECT_RUNS("CREATE TABLE s (k int, v text)");
  EXPECT_ROWS("EXPLAIN (COSTS OFF) UPDATE u SET v = 'x' WHERE k = 15", "Update on u", "  ->  Seq Scan on u1 u",
              "        Filter: (k = 15)", "        Partitions: 1 of 2 (1 removed)", "EXPLAIN");
  EXPECT_ROWS("EXPLAIN (COSTS OFF) DELETE FROM u WHERE k = 15", "Delete on u", "  ->  Seq Scan on u1 u",
              "        Filter: (k = 15)", "        Partitions: 1 of 2 (1 removed)", "EXPLAIN");
  const auto merge = Get(Run("EXPLAIN (COSTS OFF) MERGE INTO u USING s ON u.k = s.k WHEN MATCHED THEN DELETE"));
  EXPECT_EQ(merge[0], "Merge on u");
  EXPECT_THAT(merge, Contains(HasSubstr("Hash Join")));
  EXPECT_THAT(merge, Contains(HasSubstr("Seq Scan on s")));
  EXPECT_THAT(merge, Contains(HasSubstr("Seq Scan on u1")));
  EXPECT_ROWS("MERGE INTO u USING s ON u.k = s.k WHEN MATCHED THEN DELETE", "MERGE 0");
}

TEST_F(EngineTest, AMergeIsOneStatementOfItsTransaction) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 10), (2, 20), (3, 30);"
              "CREATE TABLE s (id int, v int); INSERT INTO s VALUES (1, 1), (2, -20), (4, 40), (5, null)");
  const std::string merge =
      "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND t.v + s.v = 0 THEN DELETE"
      " WHEN MATCHED THEN UPDATE SET v = t.v + s.v WHEN NOT MATCHED AND s.v > 0 THEN INSERT VALUES (s.id, s.v)";
  EXPECT_ROWS("BEGIN; " + merge, "MERGE 3");
  EXPECT_ROWS("SELECT * FROM t ORDER BY id", "1|11", "3|30", "4|40", "SELECT 3");
  EXPECT_ROWS("ROLLBACK; SELECT count(*), sum(v) FROM t", "3|60", "SELECT 1");
  EXPECT_SQL_ERROR(Run("MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED AND s.id = 5 THEN INSERT (v) VALUES (1)"
                       " WHEN MATCHED THEN DELETE"),
                   "23502", "null value in column \"id\"");
  EXPECT_ROWS("SELECT count(*), sum(v) FROM t", "3|60", "SELECT 1");
  EXPECT_ROWS(merge, "MERGE 3");
  EXPECT_ROWS("SELECT * FROM t ORDER BY id", "1|11", "3|30", "4|40", "SELECT 3");
}

TEST_F(EngineTest, ColumnsHoldArraysOfOneDimension) {
  EXPECT_RUNS("CREATE TABLE t (id int, a int[], m money[]); INSERT INTO t VALUES (1, '{1}', '{}')");
  for (const char* statement :
       {"INSERT INTO t VALUES (2, '{{1,2},{3,4}}')", "INSERT INTO t VALUES (2, ARRAY[[1], [2]])",
        "INSERT INTO t (m) VALUES ('{{1},{2}}')",
        "INSERT INTO t (m) SELECT ARRAY[ARRAY[v::money], ARRAY[v::money]] FROM (VALUES (1)) x (v)",
        "UPDATE t SET a = '{{1}}'", "INSERT INTO t (a) SELECT (v || '{{1},{2}}')::int[] FROM (VALUES ('')) x (v)"}) {
    EXPECT_SQL_ERROR(Run(statement), "0A000", "dimensions is not supported here");
  }
  EXPECT_SQL_ERROR(Run("INSERT INTO t (a) VALUES ('[0:1]={1,2}')"), "0A000",
                   "arrays that do not begin with 1 are not supported");
  EXPECT_ROWS("SELECT id, a::text, m::text FROM t", "1|{1}|{}", "SELECT 1");
  EXPECT_ROWS("SELECT '{{1,2},{3,4}}'::int[]::text, ARRAY[[1, 2]]::text", "{{1,2},{3,4}}|{{1,2}}", "SELECT 1");
}

TEST_F(EngineTest, NumericArraysWithoutPrecisionLoseNoDigits) {
  EXPECT_RUNS("CREATE TABLE t (id int, a numeric[]); INSERT INTO t VALUES (1, '{1.5,NULL}')");
  EXPECT_RUNS("INSERT INTO t VALUES (2, ARRAY[1, 2.25]); "
              "INSERT INTO t SELECT 3, array_append(a, 7) FROM t WHERE id = 1");
  EXPECT_RUNS("INSERT INTO t VALUES (4, '{1.0123456789,1e40,NaN}')");
  EXPECT_ROWS("SELECT a::text FROM t WHERE id = 4", "{1.0123456789,10000000000000000000000000000000000000000,NaN}",
              "SELECT 1");
  EXPECT_ROWS("SELECT id FROM t WHERE a = '{1.5,NULL}'", "1", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM t WHERE a = '{1,2.25}'", "2", "SELECT 1");
  EXPECT_ROWS("SELECT id FROM t WHERE a[1] = 1.5 AND a[3] = 7", "3", "SELECT 1");
}

TEST_F(EngineTest, DefaultsThatComputeElementsAreRefused) {
  EXPECT_SQL_ERROR(Run("CREATE TABLE t (a bigint[] DEFAULT '{1}'::int[])"), "0A000",
                   "a DEFAULT that computes elements of an array is not supported");
  EXPECT_RUNS(
      "CREATE TABLE t (id int, a bigint[] DEFAULT ARRAY[1], b varchar(2)[] DEFAULT '{a}'); INSERT INTO t VALUES (1)");
  EXPECT_ROWS("SELECT id, a::text, b::text FROM t", "1|{1}|{a}", "SELECT 1");
}

TEST_F(EngineTest, QueriesOfDuckDbChangeNothing) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)");
  EXPECT_RUNS("SET weir.dialect = 'duckdb'");
  EXPECT_SQL_ERROR(Run("SELECT * FROM weir_change((SELECT weir_leaf, weir_position, weir_key, 2::UTINYINT FROM t))"),
                   "0A000", "weir_change is no function for queries");
  EXPECT_RUNS("RESET weir.dialect");
  EXPECT_ROWS("SELECT * FROM t", "1", "SELECT 1");
}

TEST_F(EngineTest, ColumnsOfEveryTypeComeBack) {
  EXPECT_RUNS("CREATE TABLE types (b boolean, i2 smallint, i4 int, i8 bigint, r real, f double precision,"
              " n numeric(30,3), s text, d date, t timestamp, z timestamptz, a int[])");
  EXPECT_RUNS("INSERT INTO types VALUES (true, 2, 4, 8, 1.5, 2.25, 12345678901234567890.123, 'text longer than twelve',"
              " '2025-02-03', '2025-02-03 04:05:06.789012', '2025-02-03 04:05:06+00', ARRAY[1,NULL,3])");
  EXPECT_RUNS("INSERT INTO types (i4) VALUES (NULL)");
  EXPECT_ROWS(
      "SELECT b, i2, i4, i8, r, f, n, s, d, t, a[3] FROM types WHERE b",
      "true|2|4|8|1.5|2.25|12345678901234567890.123|text longer than twelve|2025-02-03|2025-02-03 04:05:06.789012|3",
      "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM types WHERE b IS NULL AND s IS NULL AND a IS NULL AND z IS NULL", "1", "SELECT 1");
  EXPECT_ROWS("SELECT z = '2025-02-03 04:05:06+00' FROM types WHERE b", "true", "SELECT 1");
}

TEST_F(EngineTest, RowsOfManyLeavesGoToTheirs) {
  std::string ddl = "CREATE TABLE m (k int, v int) PARTITION BY RANGE (k);";
  for (int i = 0; i < 50; ++i) {
    ddl += "CREATE TABLE m" + std::to_string(i) + " PARTITION OF m FOR VALUES FROM (" + std::to_string(i * 10) +
           ") TO (" + std::to_string(i * 10 + 10) + ");";
  }
  EXPECT_RUNS(ddl);
  EXPECT_ROWS("INSERT INTO m SELECT i % 500, i FROM generate_series(0, 9999) t(i)", "INSERT 0 10000");
  EXPECT_ROWS("SELECT count(*), sum(v) FROM m", "10000|49995000", "SELECT 1");
  EXPECT_ROWS("SELECT count(*), min(k), max(k) FROM m7", "200|70|79", "SELECT 1");
  EXPECT_ROWS("DELETE FROM m WHERE k BETWEEN 100 AND 199", "DELETE 2000");
  EXPECT_ROWS("SELECT count(*) FROM m", "8000", "SELECT 1");
}

}  // namespace
}  // namespace weir::sql
