#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

/// KWDB's partitions as its users write them.
class KwdbPartitionsTest : public SessionTest {
 protected:
  void MakeOrders() {
    EXPECT_RUNS("CREATE TABLE orders (a int, b int, v text, PRIMARY KEY (a, b));"
                "INSERT INTO orders SELECT i % 4, i, 'v' || i FROM generate_series(1, 5000) i");
  }
  static constexpr const char* kByLeaf =
      "SELECT tableoid::regclass::text, count(*), min(a), max(a) FROM orders GROUP BY 1 ORDER BY 1";
};

TEST_F(KwdbPartitionsTest, RowsMoveWithTheCommit) {
  MakeOrders();
  EXPECT_RUNS("ALTER TABLE orders PARTITION BY LIST (a) (PARTITION one VALUES IN (1), PARTITION 二 VALUES IN (2, 9))");
  EXPECT_ROWS(kByLeaf, "orders_1_prt_default|2500|0|3", "orders_1_prt_one|1250|1|1", "orders_1_prt_p2|1250|2|2",
              "SELECT 3");
  EXPECT_ROWS("SELECT v FROM orders WHERE a = 2 AND b = 10", "v10", "SELECT 1");
  EXPECT_SQL_ERROR(Run("INSERT INTO orders VALUES (1, 1, 'again')"), "23505", "duplicate key value");
  EXPECT_RUNS("INSERT INTO orders VALUES (9, 1, 'nine')");
  EXPECT_ROWS("SELECT tableoid::regclass::text FROM orders WHERE a = 9", "orders_1_prt_p2", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE orders PARTITION BY NOTHING");
  EXPECT_ROWS(kByLeaf, "orders|5001|0|9", "SELECT 1");
  EXPECT_SQL_ERROR(Run("INSERT INTO orders VALUES (9, 1, 'again')"), "23505", "duplicate key value");
}

TEST_F(KwdbPartitionsTest, GoWithARollback) {
  MakeOrders();
  EXPECT_RUNS("BEGIN; ALTER TABLE orders PARTITION BY RANGE (a) (PARTITION low VALUES FROM (MINVALUE) TO (2))");
  EXPECT_ROWS(kByLeaf, "orders_1_prt_default|2500|2|3", "orders_1_prt_low|2500|0|1", "SELECT 2");
  EXPECT_RUNS("ROLLBACK");
  EXPECT_ROWS(kByLeaf, "orders|5000|0|3", "SELECT 1");
}

TEST_F(KwdbPartitionsTest, OfATableOfTheSameTransaction) {
  EXPECT_RUNS("BEGIN; CREATE TABLE t (a int PRIMARY KEY);"
              "ALTER TABLE t PARTITION BY HASH (a) (PARTITION x VALUES IN (1)); INSERT INTO t VALUES (1), (2); COMMIT");
  EXPECT_ROWS("SELECT a, tableoid::regclass::text FROM t ORDER BY a", "1|t_1_prt_x", "2|t_1_prt_default", "SELECT 2");
}

TEST_F(KwdbPartitionsTest, OfKeysThatCompareByTheirValues) {
  EXPECT_RUNS(
      "CREATE TABLE t (u uuid PRIMARY KEY, v int);"
      "INSERT INTO t VALUES ('00000000-0000-0000-0000-000000000001', 1), ('f0000000-0000-0000-0000-000000000000', 2);"
      "ALTER TABLE t PARTITION BY RANGE (u) (PARTITION low VALUES FROM (MINVALUE) TO "
      "('80000000-0000-0000-0000-000000000000'))");
  EXPECT_ROWS("SELECT v, tableoid::regclass::text FROM t ORDER BY v", "1|t_1_prt_low", "2|t_1_prt_default", "SELECT 2");
  EXPECT_RUNS("ALTER TABLE t PARTITION BY NOTHING; ALTER TABLE t PARTITION BY LIST (u) "
              "(PARTITION x VALUES IN ('F0000000-0000-0000-0000-000000000000'))");
  EXPECT_ROWS("SELECT v, tableoid::regclass::text FROM t ORDER BY v", "1|t_1_prt_default", "2|t_1_prt_x", "SELECT 2");
}

TEST_F(KwdbPartitionsTest, AreChangedByNoOtherForm) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a) (PARTITION x VALUES IN (1))");
  for (const std::string form : {"RENAME PARTITION x TO y", "DROP PARTITION x", "TRUNCATE PARTITION x"}) {
    EXPECT_SQL_ERROR(Run("ALTER TABLE t " + form), "42601", "syntax error at or near \"PARTITION\"");
  }
  for (const std::string form : {"DROP PARTITION FOR (1)", "PARTITION BY LIST (a) (PARTITION x VALUES IN (2))"}) {
    EXPECT_SQL_ERROR(Run("ALTER TABLE t " + form), "0A000", "modifying partitions after creation is not supported");
  }
  EXPECT_SQL_ERROR(Run("ALTER TABLE t DROP COLUMN a"), "42P10", "column \"a\" is referenced by the primary key");
  EXPECT_RUNS("ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1))");
  EXPECT_ROWS("SELECT partition_name FROM [SHOW PARTITIONS FROM TABLE t] p", "x", "SELECT 1");
}

TEST_F(KwdbPartitionsTest, KeepUniqueIndexesWhole) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int, PRIMARY KEY (a, b), UNIQUE (b, a)); INSERT INTO t VALUES (1, 1), (2, 2);"
              "CREATE UNIQUE INDEX more ON t (a, b DESC);"
              "ALTER TABLE t PARTITION BY LIST (a) (PARTITION x VALUES IN (1))");
  EXPECT_ROWS("SELECT a, tableoid::regclass::text FROM t ORDER BY a", "1|t_1_prt_x", "2|t_1_prt_default", "SELECT 2");
  EXPECT_RUNS("ALTER TABLE t PARTITION BY NOTHING");
  EXPECT_ROWS("SELECT count(*) FROM t", "2", "SELECT 1");
  EXPECT_RUNS("CREATE TABLE u (a int PRIMARY KEY, b int UNIQUE)");
  EXPECT_SQL_ERROR(Run("ALTER TABLE u PARTITION BY LIST (a) (PARTITION x VALUES IN (1))"), "0A000",
                   "unique constraint");
}

TEST_F(KwdbPartitionsTest, TheMostSpecificTupleWins) {
  EXPECT_RUNS(
      "CREATE TABLE l (a INT, b INT, PRIMARY KEY (a, b)) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((1, 2)), "
      "PARTITION y VALUES IN ((1, DEFAULT)), PARTITION z VALUES IN ((DEFAULT, DEFAULT)));"
      "INSERT INTO l VALUES (1, 2), (1, 3), (9, 9)");
  EXPECT_ROWS("SELECT a, b, tableoid::regclass::text FROM l ORDER BY a, b", "1|2|l_1_prt_x", "1|3|l_1_prt_y",
              "9|9|l_1_prt_z", "SELECT 3");
  EXPECT_ROWS("SELECT b FROM l WHERE a = 1 ORDER BY b", "2", "3", "SELECT 2");
  EXPECT_ROWS("SELECT b FROM l WHERE b = 3", "3", "SELECT 1");
}

TEST_F(KwdbPartitionsTest, BoundsSeeOneMoment) {
  EXPECT_RUNS("CREATE TABLE logs (ts TIMESTAMP, id INT, PRIMARY KEY (ts, id)) PARTITION BY RANGE (ts) ("
              "PARTITION recent VALUES FROM (now() - '1d') TO (MAXVALUE), "
              "PARTITION old VALUES FROM (MINVALUE) TO (now() - '1d'));"
              "INSERT INTO logs VALUES (now() - interval '2 days', 1), (now(), 2)");
  EXPECT_ROWS("SELECT id, tableoid::regclass::text FROM logs ORDER BY id", "1|logs_1_prt_old", "2|logs_1_prt_recent",
              "SELECT 2");
}

TEST_F(KwdbPartitionsTest, ValuesAreOfTheColumnsKind) {
  const std::string table = "CREATE TABLE e (a INT PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN ";
  EXPECT_SQL_ERROR(Run(table + "(1.5))"), "42804",
                   "PARTITION x: expected partition expression to have type int, but '1.5' has type decimal");
  EXPECT_SQL_ERROR(Run(table + "('abc'))"), "22P02", "PARTITION x: could not parse \"abc\" as type int");
  EXPECT_SQL_ERROR(Run(table + "(1/0))"), "22012", "PARTITION x: division by zero");
  EXPECT_SQL_ERROR(Run(table + "(b))"), "42601", "PARTITION x: variable sub-expressions are not allowed in partition");
  EXPECT_RUNS(table + "(1 + 1, NULL, '7'))");
  EXPECT_SQL_ERROR(Run("CREATE TABLE d (a DECIMAL PRIMARY KEY) PARTITION BY LIST (a) (PARTITION x VALUES IN (1), "
                       "PARTITION y VALUES IN (1.0))"),
                   "42P16", "(1.0) cannot be present in more than one partition");
}

}  // namespace
}  // namespace weir::sql
