#include "format/log_batch.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {

class AlterTableTest : public SessionTest {
 protected:
  /// What a statement says: its error, or its NOTICEs, or nothing.
  std::string Say(const std::string& text) {
    const auto ran = Run(text);
    std::string said;
    for (const ErrorFields& notice : session->TakeNotices()) said += notice.message + "\n";
    if (ran.ok()) return said;
    const ErrorFields fields = FieldsOf(ran.status());
    said += fields.sqlstate + " " + fields.message;
    if (!fields.detail.empty()) said += " / " + fields.detail;
    if (!fields.hint.empty()) said += " / " + fields.hint;
    return said;
  }
  /// Names and positions of a table's columns as Fluss clients see them.
  std::string FlussColumns(const std::string& table) {
    std::string names;
    const TableInfo info = Get(gateway->GetTableInfo({"fluss", table}));
    for (const Column& column : info.schema().columns()) {
      names += (names.empty() ? "" : " ") + column.name + (column.type.nullable() ? "" : "!");
    }
    return names;
  }
};

// --- columns ---

TEST_F(AlterTableTest, OldRowsHaveTheDefaultOfANewColumn) {
  EXPECT_RUNS("CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b int DEFAULT 7, ADD c text");
  EXPECT_RUNS(
      "INSERT INTO t (a) VALUES (2); ALTER TABLE t ALTER b SET DEFAULT 9; INSERT INTO t (a, c) VALUES (3, 'x')");
  EXPECT_ROWS("SELECT a, b, c FROM t ORDER BY a", "1|7|null", "2|7|null", "3|9|x", "SELECT 3");
  EXPECT_ROWS("SELECT a FROM t WHERE b = 7 AND c IS NULL ORDER BY a", "1", "2", "SELECT 2");
  EXPECT_ROWS("SELECT a FROM t WHERE b > 8", "3", "SELECT 1");
  Reopen();
  EXPECT_ROWS("SELECT a, b, c FROM t ORDER BY a", "1|7|null", "2|7|null", "3|9|x", "SELECT 3");
  EXPECT_EQ(FlussColumns("t"), "a b c");
}

TEST_F(AlterTableTest, OldRowsOfAKeyedTableHaveTheDefaultToo) {
  EXPECT_RUNS("CREATE TABLE t (k int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN n numeric(6,2) NOT NULL DEFAULT 1.5, ADD d date DEFAULT date '2026-02-03'");
  EXPECT_RUNS("UPDATE t SET v = 'c' WHERE k = 2");
  EXPECT_ROWS("SELECT k, v, n, d::text FROM t ORDER BY k", "1|a|1.50|2026-02-03", "2|c|1.50|2026-02-03", "SELECT 2");
  Reopen();
  EXPECT_ROWS("SELECT n FROM t WHERE k = 1", "1.50", "SELECT 1");
}

TEST_F(AlterTableTest, ADefaultOfEveryTypeIsReadBack) {
  EXPECT_RUNS("CREATE TABLE t (k int); INSERT INTO t VALUES (1)");
  for (const char* column :
       {"boolean DEFAULT true", "smallint DEFAULT -3", "bigint DEFAULT 9000000000", "real DEFAULT 1.5",
        "double precision DEFAULT 'NaN'", "numeric(30,10) DEFAULT 12345678901234567890.5", "text DEFAULT 'ü''x'",
        "varchar(4) DEFAULT 'abcd'", "bytea DEFAULT '\\x00ff'", "time DEFAULT '12:34:56.789'",
        "timestamp DEFAULT '2026-01-02 03:04:05.678901'", "timestamptz DEFAULT '2026-01-02 03:04:05+02'",
        "int[] DEFAULT '{1,NULL,3}'", "text[] DEFAULT ARRAY['a','b']",
        "uuid DEFAULT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"}) {
    const std::string type(column, std::string(column).find(" DEFAULT"));
    const std::string value = std::string(column).substr(type.size() + 9);
    EXPECT_EQ(Say("ALTER TABLE t ADD COLUMN c " + std::string(column)), "") << column;
    EXPECT_ROWS("SELECT count(*) FROM t WHERE c::text = (CAST(" + value + " AS " + type + "))::text", "1", "SELECT 1");
    EXPECT_EQ(Say("ALTER TABLE t DROP COLUMN c"), "");
  }
}

TEST_F(AlterTableTest, ADefaultThatChangesIsComputedForEachRow) {
  EXPECT_RUNS("CREATE TABLE t (k int); INSERT INTO t SELECT * FROM generate_series(1, 20)");
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN r double precision DEFAULT random()");
  EXPECT_ROWS("SELECT count(DISTINCT r) > 10 FROM t", "true", "SELECT 1");
}

TEST_F(AlterTableTest, DroppedColumnsStayInOldRowsAndAreNoLongerSeen) {
  EXPECT_RUNS("CREATE TABLE t (a int, b text NOT NULL, c int, CHECK (a < c), CONSTRAINT only_a CHECK (a > 0))");
  EXPECT_RUNS("INSERT INTO t VALUES (1, 'x', 3); ALTER TABLE t DROP COLUMN b; INSERT INTO t VALUES (2, 4)");
  EXPECT_ROWS("SELECT * FROM t ORDER BY a", "1|3", "2|4", "SELECT 2");
  EXPECT_RUNS("ALTER TABLE t ADD COLUMN b int DEFAULT 5; INSERT INTO t VALUES (3, 9, 8); UPDATE t SET c = c + 10");
  EXPECT_ROWS("SELECT * FROM t ORDER BY a", "1|13|5", "2|14|5", "3|19|8", "SELECT 3");
  EXPECT_EQ(
      Say("UPDATE t SET a = a + 20"),
      "23514 new row for relation \"t\" violates check constraint \"t_check\" / Failing row contains (21, 13, 5).");
  EXPECT_ROWS(
      "SELECT attnum, attname, attisdropped FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 ORDER BY 1",
      "1|a|false", "2|........pg.dropped.2........|true", "3|c|false", "4|b|false", "SELECT 4");
  EXPECT_EQ(FlussColumns("t"), "a ........pg.dropped.2........ c b");
  EXPECT_RUNS("ALTER TABLE t DROP COLUMN c");
  EXPECT_ROWS("SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass", "only_a", "SELECT 1");
  Reopen();
  EXPECT_ROWS("SELECT * FROM t ORDER BY a", "1|5", "2|5", "3|8", "SELECT 3");
  EXPECT_EQ(Say("ALTER TABLE t DROP COLUMN b; ALTER TABLE t DROP COLUMN a"),
            "0A000 cannot drop column \"a\": \"t\" would be left without columns");
}

TEST_F(AlterTableTest, ARenamedColumnIsRenamedWhereverItIsUsed) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int, PRIMARY KEY (a), CONSTRAINT c CHECK (t.a > b AND abs(a) < 100)) "
              "DISTRIBUTED BY (a) PARTITION BY RANGE (a)");
  EXPECT_RUNS("CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (100); INSERT INTO t VALUES (5, 1)");
  EXPECT_RUNS("ALTER TABLE t RENAME COLUMN a TO \"The Key\"; INSERT INTO t VALUES (6, 2)");
  EXPECT_ROWS("SELECT \"The Key\", b FROM t1 ORDER BY 1", "5|1", "6|2", "SELECT 2");
  EXPECT_ROWS("SELECT pg_get_partkeydef('t'::regclass)", "RANGE (\"The Key\")", "SELECT 1");
  EXPECT_EQ(Say("INSERT INTO t VALUES (7, 70)"),
            "23514 new row for relation \"t1\" violates check constraint \"c\" / Failing row contains (7, 70).");
  EXPECT_EQ(Say("INSERT INTO t VALUES (6, 2)"),
            "23505 duplicate key value violates unique constraint \"t1_pkey\" / Key (The Key)=(6) already exists.");
  EXPECT_EQ(FlussColumns("t1"), "The Key! b");
  Reopen();
  EXPECT_ROWS("SELECT b FROM t WHERE \"The Key\" = 5", "1", "SELECT 1");
}

TEST_F(AlterTableTest, NotNullIsHeldAgainstTheRows) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, NULL)");
  EXPECT_EQ(Say("ALTER TABLE t ALTER b SET NOT NULL"), "23502 column \"b\" of relation \"t\" contains null values");
  EXPECT_RUNS("UPDATE t SET b = 2; ALTER TABLE t ALTER b SET NOT NULL");
  EXPECT_EQ(FlussColumns("t"), "a b!");
  EXPECT_EQ(Say("INSERT INTO t VALUES (2, NULL)"),
            "23502 null value in column \"b\" of relation \"t\" violates not-null constraint / Failing row contains "
            "(2, null).");
  EXPECT_RUNS("ALTER TABLE t ALTER COLUMN b DROP NOT NULL; INSERT INTO t VALUES (2, NULL)");
  EXPECT_ROWS("SELECT count(*) FROM t WHERE b IS NULL", "1", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE t ADD COLUMN c int NOT NULL"),
            "23502 column \"c\" of relation \"t\" contains null values");
}

TEST_F(AlterTableTest, ATypeIsChangedWithOrWithoutARewrite) {
  EXPECT_RUNS(
      "CREATE TABLE t (k int PRIMARY KEY, v varchar(3) DEFAULT 'd'); INSERT INTO t VALUES (1, '12'), (2, '345')");
  const int64_t table = Get(gateway->GetTableInfo({"fluss", "t"})).table_id;
  EXPECT_RUNS("ALTER TABLE t ALTER v TYPE varchar(5); ALTER TABLE t ALTER v TYPE text");
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).table_id, table);
  EXPECT_EQ(Say("ALTER TABLE t ALTER v TYPE varchar(2)"), "22001 value too long for type character varying(2)");
  EXPECT_EQ(Say("ALTER TABLE t ALTER v TYPE int"),
            "42804 column \"v\" cannot be cast automatically to type integer / You might need to specify \"USING "
            "v::integer\".");
  EXPECT_EQ(Say("ALTER TABLE t ALTER v TYPE int USING v::int"),
            "42804 default for column \"v\" cannot be cast automatically to type integer");
  EXPECT_RUNS("ALTER TABLE t ALTER v DROP DEFAULT, ALTER v TYPE int USING v::int * 2, ALTER k TYPE bigint");
  EXPECT_ROWS("SELECT k, v FROM t ORDER BY k", "1|24", "2|690", "SELECT 2");
  EXPECT_NE(Get(gateway->GetTableInfo({"fluss", "t"})).table_id, table);
  EXPECT_EQ(Say("INSERT INTO t VALUES (2, 1)"),
            "23505 duplicate key value violates unique constraint \"t_pkey\" / Key (k)=(2) already exists.");
  Reopen();
  EXPECT_ROWS("SELECT k, v FROM t ORDER BY k", "1|24", "2|690", "SELECT 2");
}

// --- constraints ---

TEST_F(AlterTableTest, ChecksAreValidatedUnlessTheyAreNot) {
  EXPECT_RUNS("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (NULL)");
  EXPECT_EQ(Say("ALTER TABLE t ADD CONSTRAINT big CHECK (a > 1)"),
            "23514 check constraint \"big\" of relation \"t\" is violated by some row");
  EXPECT_RUNS("ALTER TABLE t ADD CONSTRAINT big CHECK (a > 1) NOT VALID");
  EXPECT_ROWS("SELECT convalidated, pg_get_constraintdef(oid, true) FROM pg_constraint WHERE conname = 'big'",
              "false|CHECK (a > 1) NOT VALID", "SELECT 1");
  EXPECT_EQ(Say("INSERT INTO t VALUES (0)"),
            "23514 new row for relation \"t\" violates check constraint \"big\" / Failing row contains (0).");
  EXPECT_EQ(Say("ALTER TABLE t VALIDATE CONSTRAINT big"),
            "23514 check constraint \"big\" of relation \"t\" is violated by some row");
  EXPECT_RUNS("DELETE FROM t WHERE a = 1; ALTER TABLE t VALIDATE CONSTRAINT big");
  EXPECT_ROWS("SELECT convalidated FROM pg_constraint WHERE conname = 'big'", "true", "SELECT 1");
  EXPECT_RUNS(
      "ALTER TABLE t RENAME CONSTRAINT big TO large; ALTER TABLE t DROP CONSTRAINT large; INSERT INTO t VALUES (0)");
}

TEST_F(AlterTableTest, APrimaryKeyComesAndGoes) {
  EXPECT_RUNS("CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (1, 'y'), (NULL, 'z')");
  EXPECT_EQ(Say("ALTER TABLE t ADD PRIMARY KEY (a)"), "23502 column \"a\" of relation \"t\" contains null values");
  EXPECT_RUNS("DELETE FROM t WHERE a IS NULL");
  EXPECT_EQ(Say("ALTER TABLE t ADD PRIMARY KEY (a)"),
            "23505 could not create unique index \"t_pkey\" / Key (a)=(1) is duplicated.");
  EXPECT_RUNS("DELETE FROM t WHERE b = 'y'; ALTER TABLE t ADD PRIMARY KEY (a)");
  EXPECT_EQ(Say("ALTER TABLE t ADD PRIMARY KEY (b)"), "42P16 multiple primary keys for table \"t\" are not allowed");
  EXPECT_EQ(Say("INSERT INTO t VALUES (1, 'again')"),
            "23505 duplicate key value violates unique constraint \"t_pkey\" / Key (a)=(1) already exists.");
  EXPECT_EQ(Say("ALTER TABLE t ALTER a DROP NOT NULL"), "42P16 column \"a\" is in a primary key");
  EXPECT_RUNS("ALTER TABLE t DROP CONSTRAINT t_pkey; INSERT INTO t VALUES (1, 'again')");
  EXPECT_ROWS("SELECT b FROM t ORDER BY b", "again", "x", "SELECT 2");
  EXPECT_RUNS("DELETE FROM t; ALTER TABLE t ADD CONSTRAINT pk PRIMARY KEY (a, b); ALTER TABLE t DROP COLUMN a");
  EXPECT_ROWS("SELECT count(*) FROM pg_constraint WHERE conrelid = 't'::regclass", "0", "SELECT 1");
}

// --- names and options ---

TEST_F(AlterTableTest, ATableIsRenamedForEverybody) {
  EXPECT_RUNS(
      "CREATE TABLE r (k int) PARTITION BY LIST (k); CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1); INSERT INTO r "
      "VALUES (1)");
  EXPECT_RUNS("ALTER TABLE r RENAME TO s; ALTER TABLE r1 RENAME TO s1; INSERT INTO s VALUES (1)");
  EXPECT_EQ(Say("SELECT * FROM r"), "42P01 relation \"r\" does not exist");
  EXPECT_SQL_ERROR(Run("SELECT * FROM r1"), "42P01", "does not exist");
  EXPECT_ROWS("SELECT count(*) FROM s", "2", "SELECT 1");
  EXPECT_FALSE(Get(gateway->TableExists({"fluss", "r1"})));
  EXPECT_EQ(FlussColumns("s1"), "k");
  EXPECT_EQ(Say("ALTER TABLE s RENAME TO s1"), "42P07 relation \"s1\" already exists");
  EXPECT_RUNS("CREATE SCHEMA other; ALTER TABLE s SET SCHEMA other; ALTER TABLE s1 SET SCHEMA other");
  EXPECT_ROWS("SELECT count(*) FROM other.s1", "2", "SELECT 1");
  Reopen();
  EXPECT_ROWS("SELECT count(*) FROM other.s", "2", "SELECT 1");
  EXPECT_EQ(Say("ALTER TABLE other.s SET SCHEMA nosuch"), "3F000 schema \"nosuch\" does not exist");
}

TEST_F(AlterTableTest, NamesAreSwappedInOneTransaction) {
  EXPECT_RUNS("CREATE TABLE a (x int); CREATE TABLE b (y text); INSERT INTO a VALUES (1); INSERT INTO b VALUES ('b')");
  EXPECT_RUNS("BEGIN; ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b; COMMIT");
  EXPECT_ROWS("SELECT y FROM a", "b", "SELECT 1");
  EXPECT_ROWS("SELECT x FROM b", "1", "SELECT 1");
  Reopen();
  EXPECT_ROWS("SELECT y FROM a", "b", "SELECT 1");
  EXPECT_EQ(FlussColumns("b"), "x");
}

TEST_F(AlterTableTest, OptionsAreSetAndReset) {
  EXPECT_RUNS("CREATE TABLE t (a int) WITH (fillfactor=70); ALTER TABLE t SET (fillfactor=90, table.log.ttl='3 d')");
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).descriptor.properties.at("table.log.ttl"), "3 d");
  EXPECT_ROWS("SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relname = 't'",
              "fillfactor=90 table.log.ttl=3 d", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE t RESET (table.log.ttl, fillfactor)");
  EXPECT_EQ(Get(gateway->GetTableInfo({"fluss", "t"})).descriptor.properties.at("table.log.ttl"), "0 ms");
  EXPECT_EQ(Say("ALTER TABLE t SET (nosuch=1)"), "22023 unrecognized parameter \"nosuch\"");
  EXPECT_EQ(Say("ALTER TABLE t SET (fillfactor=5)"),
            "22023 value 5 out of bounds for option \"fillfactor\" / Valid values are between \"10\" and \"100\".");
  EXPECT_EQ(Say("ALTER TABLE t SET (bucket.num=3)"),
            "0A000 option \"bucket.num\" cannot be changed on a table that is there");
  EXPECT_SQL_ERROR(Run("ALTER TABLE t SET (table.log.format=indexed)"), "22023", "table.log.format");
  EXPECT_EQ(Say("ALTER TABLE t OWNER TO nosuch"), "42704 role \"nosuch\" does not exist");
  EXPECT_RUNS("ALTER TABLE t OWNER TO weir");
}

// --- the tree ---

TEST_F(AlterTableTest, ChangesGoDownTheTree) {
  EXPECT_RUNS(
      "CREATE TABLE p (a int NOT NULL, b int DEFAULT 5, c text) PARTITION BY RANGE (a);"
      "CREATE TABLE p0 PARTITION OF p (b DEFAULT 50) FOR VALUES FROM (0) TO (10);"
      "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY LIST (c);"
      "CREATE TABLE p1x PARTITION OF p1 FOR VALUES IN ('x');"
      "CREATE TABLE t5 (c text, b int, a int NOT NULL); ALTER TABLE p ATTACH PARTITION t5 FOR VALUES FROM (20) TO (30);"
      "INSERT INTO p VALUES (1, 1, 'q'), (12, 2, 'x'), (25, 3, 'order')");
  EXPECT_RUNS("ALTER TABLE p ADD COLUMN z int DEFAULT 7");
  EXPECT_ROWS("SELECT a, z FROM p ORDER BY a", "1|7", "12|7", "25|7", "SELECT 3");
  EXPECT_RUNS("ALTER TABLE p RENAME COLUMN z TO zz; ALTER TABLE p ALTER zz TYPE bigint");
  EXPECT_ROWS(
      "SELECT attrelid::regclass::text, atttypid::regtype::text, attinhcount, attislocal FROM pg_attribute "
      "WHERE attname = 'zz' ORDER BY 1",
      "p|bigint|0|true", "p0|bigint|1|false", "p1|bigint|1|false", "p1x|bigint|1|false", "t5|bigint|1|false",
      "SELECT 5");
  EXPECT_RUNS("INSERT INTO p VALUES (2, 1, 'q', 9000000000); ALTER TABLE p DROP COLUMN b");
  EXPECT_ROWS("SELECT * FROM p ORDER BY a", "1|q|7", "2|q|9000000000", "12|x|7", "25|order|7", "SELECT 4");
  EXPECT_ROWS("SELECT * FROM t5", "order|25|7", "SELECT 1");
  EXPECT_RUNS("CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (30) TO (40); INSERT INTO p VALUES (31, 'n', 1)");
  EXPECT_ROWS("SELECT attnum FROM pg_attribute WHERE attrelid = 'p3'::regclass AND attname = 'zz'", "3", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE p ALTER zz SET DEFAULT 77; INSERT INTO p0 (a) VALUES (5)");
  EXPECT_ROWS("SELECT zz FROM p WHERE a = 5", "77", "SELECT 1");
  Reopen();
  EXPECT_ROWS("SELECT a, zz FROM p ORDER BY a", "1|7", "2|9000000000", "5|77", "12|7", "25|7", "31|1", "SELECT 6");
}

TEST_F(AlterTableTest, APartitionsColumnsAreItsParents) {
  EXPECT_RUNS("CREATE TABLE p (a int NOT NULL, b int, c text, CONSTRAINT v_ok CHECK (b > 0)) PARTITION BY RANGE (a);"
              "CREATE TABLE p0 PARTITION OF p FOR VALUES FROM (0) TO (10)");
  const std::vector<std::pair<const char*, const char*>> errors = {
      {"ALTER TABLE p0 ADD COLUMN z int", "42809 cannot add column to a partition"},
      {"ALTER TABLE p0 DROP COLUMN c", "42P16 cannot drop inherited column \"c\""},
      {"ALTER TABLE p0 RENAME COLUMN c TO cc", "42P16 cannot rename inherited column \"c\""},
      {"ALTER TABLE p0 ALTER COLUMN c TYPE varchar", "42P16 cannot alter inherited column \"c\""},
      {"ALTER TABLE ONLY p ADD COLUMN z int", "42P16 column must be added to child tables too"},
      {"ALTER TABLE ONLY p DROP COLUMN c",
       "42P16 cannot drop column from only the partitioned table when partitions exist / Do not specify the ONLY "
       "keyword."},
      {"ALTER TABLE ONLY p RENAME COLUMN c TO cc", "42P16 inherited column \"c\" must be renamed in child tables too"},
      {"ALTER TABLE ONLY p ALTER COLUMN c TYPE varchar",
       "42P16 type of inherited column \"c\" must be changed in child tables too"},
      {"ALTER TABLE p DROP COLUMN a",
       "42P16 cannot drop column \"a\" because it is part of the partition key of relation \"p\""},
      {"ALTER TABLE p ALTER COLUMN a TYPE bigint",
       "42P16 cannot alter column \"a\" because it is part of the partition key of relation \"p\""},
      {"ALTER TABLE p0 DROP CONSTRAINT v_ok", "42P16 cannot drop inherited constraint \"v_ok\" of relation \"p0\""},
      {"ALTER TABLE p0 ALTER a DROP NOT NULL", "42P16 column \"a\" is marked NOT NULL in parent table"},
      {"ALTER TABLE p0 RENAME CONSTRAINT v_ok TO v_fine", "42P16 cannot rename inherited constraint \"v_ok\""},
      {"ALTER TABLE p ADD CONSTRAINT ni CHECK (b < 100) NO INHERIT",
       "42P16 cannot add NO INHERIT constraint to partitioned table \"p\""},
      {"ALTER TABLE ONLY p ADD CONSTRAINT c1 CHECK (b > 0)", "42P16 constraint must be added to child tables too"},
      {"ALTER TABLE ONLY p DROP CONSTRAINT v_ok",
       "42P16 cannot remove constraint from only the partitioned table when partitions exist / Do not specify the ONLY "
       "keyword."},
      {"ALTER TABLE ONLY p ALTER b SET NOT NULL",
       "42P16 constraint must be added to child tables too / Column \"b\" of relation \"p0\" is not already NOT NULL. "
       "/ Do not "
       "specify the ONLY keyword."},
      {"ALTER TABLE ONLY p ALTER a DROP NOT NULL",
       "42P16 cannot remove constraint from only the partitioned table when partitions exist / Do not specify the ONLY "
       "keyword."}};
  for (const auto& [statement, error] : errors) EXPECT_EQ(Say(statement), error) << statement;
  EXPECT_EQ(Say("ALTER TABLE p0 ADD CONSTRAINT own CHECK (b < 1000), ADD CONSTRAINT ni CHECK (b < 100) NO INHERIT"),
            "");
  EXPECT_EQ(Say("ALTER TABLE p ADD CONSTRAINT own CHECK (b < 1000)"),
            "merging constraint \"own\" with inherited definition\n");
  EXPECT_EQ(Say("ALTER TABLE ONLY p ALTER b SET DEFAULT 6"), "");
  EXPECT_EQ(Say("ALTER TABLE p DROP CONSTRAINT own"), "");
  EXPECT_ROWS("SELECT conname FROM pg_constraint WHERE conrelid = 'p0'::regclass ORDER BY 1", "ni", "v_ok", "SELECT 2");
}

TEST_F(AlterTableTest, WhatIsNotThereIsSaid) {
  EXPECT_RUNS("CREATE TABLE t (a int, d int)");
  const std::vector<std::pair<const char*, const char*>> said = {
      {"ALTER TABLE IF EXISTS nosuch ADD COLUMN a int", "relation \"nosuch\" does not exist, skipping\n"},
      {"ALTER TABLE nosuch ADD COLUMN a int", "42P01 relation \"nosuch\" does not exist"},
      {"ALTER TABLE t RENAME a TO d", "42701 column \"d\" of relation \"t\" already exists"},
      {"ALTER TABLE t RENAME nope TO x", "42703 column \"nope\" does not exist"},
      {"ALTER TABLE t RENAME CONSTRAINT nope TO x", "42704 constraint \"nope\" for table \"t\" does not exist"},
      {"ALTER TABLE t ADD COLUMN a int", "42701 column \"a\" of relation \"t\" already exists"},
      {"ALTER TABLE t ADD COLUMN IF NOT EXISTS a int", "column \"a\" of relation \"t\" already exists, skipping\n"},
      {"ALTER TABLE t DROP COLUMN IF EXISTS nope", "column \"nope\" of relation \"t\" does not exist, skipping\n"},
      {"ALTER TABLE t DROP COLUMN nope", "42703 column \"nope\" of relation \"t\" does not exist"},
      {"ALTER TABLE t DROP COLUMN ctid", "0A000 cannot drop system column \"ctid\""},
      {"ALTER TABLE t ADD COLUMN xmin int", "42701 column name \"xmin\" conflicts with a system column name"},
      {"ALTER TABLE t ALTER COLUMN ctid SET DEFAULT 1", "0A000 cannot alter system column \"ctid\""},
      {"ALTER TABLE t ALTER COLUMN nope SET DEFAULT 1", "42703 column \"nope\" of relation \"t\" does not exist"},
      {"ALTER TABLE t ALTER COLUMN a SET DEFAULT 'x'", "22P02 invalid input syntax for type integer: \"x\""},
      {"ALTER TABLE t DROP CONSTRAINT nope", "42704 constraint \"nope\" of relation \"t\" does not exist"},
      {"ALTER TABLE t DROP CONSTRAINT IF EXISTS nope",
       "constraint \"nope\" of relation \"t\" does not exist, skipping\n"},
      {"ALTER TABLE t VALIDATE CONSTRAINT nope", "42704 constraint \"nope\" of relation \"t\" does not exist"},
      {"ALTER TABLE t ADD CHECK (nope > 1)", "42703 column \"nope\" does not exist"},
      {"ALTER TABLE t ADD CHECK (a)", "42804 argument of CHECK must be type boolean, not type integer"},
      {"ALTER TABLE t ADD g int DEFAULT a", "0A000 cannot use column reference in DEFAULT expression"},
      {"ALTER TABLE t ADD g int DEFAULT getenv('x')",
       "42883 function getenv(unknown) does not exist / No function matches the given name and argument types. You "
       "might "
       "need to add explicit type casts."},
      {"ALTER TABLE t ADD g varchar(2) DEFAULT 'abc'", "22001 value too long for type character varying(2)"},
      {"ALTER TABLE t ALTER a TYPE date",
       "42804 column \"a\" cannot be cast automatically to type date / You might need to specify \"USING a::date\"."},
      {"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t", "42704 there is no primary key for referenced table \"t\""}};
  for (const auto& [statement, answer] : said) EXPECT_EQ(Say(statement), answer) << statement;
}

// --- transactions ---

TEST_F(AlterTableTest, RowsOfTheTransactionHaveTheNewColumns) {
  for (const char* key : {"", " PRIMARY KEY"}) {
    EXPECT_RUNS("CREATE TABLE t (a int" + std::string(key) + ", b text); INSERT INTO t VALUES (1, 'old')");
    EXPECT_RUNS(
        "BEGIN; INSERT INTO t VALUES (2, 'before'); ALTER TABLE t ADD COLUMN c int DEFAULT 4; INSERT INTO t VALUES (3, "
        "'after', 5);"
        "UPDATE t SET c = 9 WHERE a = 1; ALTER TABLE t DROP COLUMN b; INSERT INTO t VALUES (4, 6)");
    EXPECT_ROWS("SELECT a, c FROM t ORDER BY a", "1|9", "2|4", "3|5", "4|6", "SELECT 4");
    EXPECT_ROWS("COMMIT", "COMMIT");
    EXPECT_ROWS("SELECT a, c FROM t ORDER BY a", "1|9", "2|4", "3|5", "4|6", "SELECT 4");
    Reopen();
    EXPECT_ROWS("SELECT a, c FROM t ORDER BY a", "1|9", "2|4", "3|5", "4|6", "SELECT 4");
    EXPECT_RUNS("DROP TABLE t");
  }
}

TEST_F(AlterTableTest, OthersSeeTheChangeWhenItCommits) {
  auto other = Connect();
  EXPECT_RUNS("CREATE TABLE t (a int); INSERT INTO t VALUES (1); BEGIN; ALTER TABLE t ADD COLUMN b int DEFAULT 2");
  EXPECT_EQ(FlussColumns("t"), "a");
  EXPECT_OK(Run(*other, "SET lock_timeout = '50ms'"));
  EXPECT_SQL_ERROR(Run(*other, "SELECT * FROM t"), "55P03", "lock timeout");
  EXPECT_ROWS("COMMIT", "COMMIT");
  EXPECT_THAT(Get(Run(*other, "SELECT * FROM t")), testing::ElementsAre("1|2", "SELECT 1"));
}

struct AlterCase {
  const char* statement;
  const char* look;
  std::vector<std::string> done;
};

std::vector<AlterCase> EachAlter() {
  return {
      {"ALTER TABLE t ADD COLUMN z int DEFAULT 3", "SELECT z FROM t ORDER BY a", {"3", "3", "SELECT 2"}},
      {"ALTER TABLE t ADD COLUMN z double precision DEFAULT random()", "SELECT count(z) FROM t", {"2", "SELECT 1"}},
      {"ALTER TABLE t DROP COLUMN b", "SELECT * FROM t ORDER BY a", {"1|x", "11|y", "SELECT 2"}},
      {"ALTER TABLE t RENAME b TO q", "SELECT q FROM t ORDER BY a", {"10", "20", "SELECT 2"}},
      {"ALTER TABLE t ALTER b TYPE numeric(6,1)", "SELECT b || '!' FROM t ORDER BY a", {"10.0!", "20.0!", "SELECT 2"}},
      {"ALTER TABLE t ALTER b SET DEFAULT 5; INSERT INTO t (a) VALUES (2)",
       "SELECT b FROM t WHERE a = 2",
       {"5", "SELECT 1"}},
      {"ALTER TABLE t ALTER b SET NOT NULL",
       "SELECT attnotnull FROM pg_attribute WHERE attrelid = 't1'::regclass AND attname = 'b'",
       {"true", "SELECT 1"}},
      {"ALTER TABLE t ADD CONSTRAINT n CHECK (b < 100)",
       "SELECT count(*) FROM pg_constraint WHERE conname = 'n'",
       {"3", "SELECT 1"}},
      {"ALTER TABLE t DROP CONSTRAINT pos; INSERT INTO t VALUES (3, -1)",
       "SELECT b FROM t WHERE a = 3",
       {"-1", "SELECT 1"}},
      {"ALTER TABLE t RENAME CONSTRAINT pos TO plus",
       "SELECT count(*) FROM pg_constraint WHERE conname = 'plus'",
       {"3", "SELECT 1"}},
      {"ALTER TABLE t ADD PRIMARY KEY (a)",
       "SELECT count(*) FROM pg_constraint WHERE contype = 'p' AND conrelid = 't2'::regclass",
       {"1", "SELECT 1"}},
      {"ALTER TABLE t RENAME TO u", "SELECT count(*) FROM u", {"2", "SELECT 1"}},
      {"ALTER TABLE t1 RENAME TO u1", "SELECT count(*) FROM u1", {"1", "SELECT 1"}},
      {"ALTER TABLE t1 SET SCHEMA s", "SELECT count(*) FROM s.t1", {"1", "SELECT 1"}},
      {"ALTER TABLE t1 SET (fillfactor=50)",
       "SELECT reloptions[1] FROM pg_class WHERE relname = 't1'",
       {"fillfactor=50", "SELECT 1"}},
      {"COMMENT ON COLUMN t.b IS 'bees'", "SELECT col_description('t'::regclass, 2)", {"bees", "SELECT 1"}},
  };
}

constexpr const char* kTree =
    "CREATE SCHEMA s; CREATE TABLE t (a int, b int, c text, CONSTRAINT pos CHECK (b > 0)) PARTITION BY RANGE (a);"
    "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) "
    "TO (20);"
    "INSERT INTO t VALUES (1, 10, 'x'), (11, 20, 'y')";
constexpr const char* kWhole = "SELECT tableoid::regclass::text, * FROM t ORDER BY a";

TEST_F(AlterTableTest, EachActionIsGivenBack) {
  EXPECT_RUNS(kTree);
  const auto rows = Get(Run(kWhole));
  const auto definitions =
      "SELECT attrelid::regclass::text, attnum, attname, atttypid, attnotnull, atthasdef FROM pg_attribute "
      "WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE relname LIKE 't%') ORDER BY 1, 2";
  const auto columns = Get(Run(definitions));
  for (const AlterCase& change : EachAlter()) {
    EXPECT_EQ(Say("BEGIN; " + std::string(change.statement)), "") << change.statement;
    EXPECT_EQ(Get(Run(change.look)), change.done) << change.statement;
    EXPECT_RUNS("ROLLBACK");
    EXPECT_EQ(Get(Run(kWhole)), rows) << change.statement;
    EXPECT_EQ(Say("BEGIN; INSERT INTO t VALUES (4, 40, 'mine'); SAVEPOINT sp; " + std::string(change.statement)), "");
    EXPECT_EQ(Say("ROLLBACK TO sp; INSERT INTO t VALUES (5, 50, 'too')"), "") << change.statement;
    EXPECT_ROWS("SELECT b, c FROM t1 WHERE a IN (4, 5) ORDER BY a", "40|mine", "50|too", "SELECT 2");
    EXPECT_RUNS("COMMIT; DELETE FROM t WHERE a IN (4, 5)");
    EXPECT_EQ(Get(Run(kWhole)), rows) << change.statement;
    EXPECT_EQ(Get(Run(definitions)), columns) << change.statement;
    EXPECT_EQ(FlussColumns("t1"), "a b c") << change.statement;
  }
}

TEST_F(AlterTableTest, EachActionIsKept) {
  for (const AlterCase& change : EachAlter()) {
    EXPECT_RUNS("DROP SCHEMA IF EXISTS s CASCADE; DROP TABLE IF EXISTS t, t1, t2, u");
    EXPECT_RUNS(kTree);
    session->TakeNotices();
    EXPECT_EQ(Say(change.statement), "") << change.statement;
    EXPECT_EQ(Get(Run(change.look)), change.done) << change.statement;
    Reopen();
    EXPECT_EQ(Get(Run(change.look)), change.done) << change.statement;
  }
}

// --- LIKE and COMMENT ---

TEST_F(AlterTableTest, LikeCopiesWhatItIncludes) {
  EXPECT_RUNS("CREATE TABLE src (a int PRIMARY KEY, b text NOT NULL DEFAULT 'x', c int CONSTRAINT pos CHECK (c > 0)) ;"
              "COMMENT ON COLUMN src.b IS 'a text'; COMMENT ON TABLE src IS 'the source'");
  EXPECT_RUNS(
      "CREATE TABLE plain (LIKE src); CREATE TABLE whole (z int, LIKE src INCLUDING ALL EXCLUDING COMMENTS, y int)");
  EXPECT_RUNS("INSERT INTO plain VALUES (1, 'b', -1), (1, 'b', -1)");
  EXPECT_SQL_ERROR(Run("INSERT INTO plain (a) VALUES (2)"), "23502", "null value in column \"b\"");
  EXPECT_RUNS("INSERT INTO whole (z, a) VALUES (1, 2)");
  EXPECT_ROWS("SELECT * FROM whole", "1|2|x|null|null", "SELECT 1");
  EXPECT_ROWS("SELECT conname FROM pg_constraint WHERE conrelid = 'whole'::regclass ORDER BY 1", "pos", "whole_pkey",
              "SELECT 2");
  EXPECT_RUNS("CREATE TABLE root (LIKE src INCLUDING COMMENTS) PARTITION BY RANGE (a)");
  EXPECT_ROWS("SELECT description, objsubid FROM pg_description WHERE objoid = 'root'::regclass", "a text|2",
              "SELECT 1");
  EXPECT_EQ(Say("CREATE TABLE n (LIKE nosuch)"), "42P01 relation \"nosuch\" does not exist");
}

TEST_F(AlterTableTest, CommentsAreKept) {
  EXPECT_RUNS("CREATE TABLE t (a int, b int CONSTRAINT pos CHECK (b > 0)); COMMENT ON TABLE t IS 'it''s a table';"
              "COMMENT ON COLUMN t.b IS 'bees'; COMMENT ON CONSTRAINT pos ON t IS 'more than none'");
  Reopen();
  EXPECT_ROWS(
      "SELECT obj_description('t'::regclass, 'pg_class'), col_description('t'::regclass, 2), "
      "col_description('t'::regclass, 1)",
      "it's a table|bees|null", "SELECT 1");
  EXPECT_ROWS("SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE conname = 'pos'", "more than none",
              "SELECT 1");
  EXPECT_RUNS("ALTER TABLE t DROP COLUMN a; COMMENT ON TABLE t IS NULL");
  EXPECT_ROWS("SELECT description FROM pg_description WHERE objoid = 't'::regclass", "bees", "SELECT 1");
  EXPECT_EQ(Say("COMMENT ON COLUMN t.nope IS 'x'"), "42703 column \"nope\" of relation \"t\" does not exist");
  EXPECT_EQ(Say("COMMENT ON CONSTRAINT nope ON t IS 'x'"), "42704 constraint \"nope\" for table \"t\" does not exist");
  EXPECT_EQ(Say("COMMENT ON TABLE nope IS 'x'"), "42P01 relation \"nope\" does not exist");
}

// --- what is refused ---

TEST_F(AlterTableTest, WhatDoesNotExistIsNotAccepted) {
  const std::vector<std::pair<const char*, const char*>> said = {
      {"CREATE TABLE n (a int) WITH (nosuchoption=1)", "22023 unrecognized parameter \"nosuchoption\""},
      {"CREATE TABLE n (a int) WITH (appendonly=true, compresstype=nosuch)", "22023 unknown compresstype \"nosuch\""},
      {"CREATE TABLE n (a int) WITH (compresslevel=99)",
       "22023 value 99 out of bounds for option \"compresslevel\" / Valid values are between \"0\" and \"19\"."},
      {"CREATE TABLE n (a int) WITH (blocksize=1)",
       "22023 block size must be between 8KB and 2MB and be an 8KB multiple, got 1"},
      {"CREATE TABLE n (a int) WITH (oids=true)", "0A000 tables declared WITH OIDS are not supported"},
      {"CREATE TABLE n (a int) USING nosuch_am", "42704 access method \"nosuch_am\" does not exist"},
      {"CREATE TABLE n (a text COLLATE \"nosuch\")", "42704 collation \"nosuch\" for encoding \"UTF8\" does not exist"},
      {"CREATE TABLE n (a int) PARTITION BY HASH (a nosuch_ops)",
       "42704 operator class \"nosuch_ops\" does not exist for access method \"hash\""},
      {"CREATE TABLE n (a text DEFAULT getenv('HOME'))",
       "42883 function getenv(unknown) does not exist / No function matches the given name and argument types. You "
       "might "
       "need to add explicit type casts."},
      {"CREATE TABLE n (a int REFERENCES m (a))", "42P01 relation \"m\" does not exist"},
      {"CREATE TABLE n (a timestamptz) PARTITION BY RANGE ((a::date))",
       "42P17 functions in partition key expression must be marked IMMUTABLE"},
      {"CREATE TABLE n (a int CHECK (b > 0))", "42703 column \"b\" does not exist"},
      {"VACUUM nosuch", "42P01 relation \"nosuch\" does not exist"},
      {"ANALYZE nosuch", "42P01 relation \"nosuch\" does not exist"}};
  for (const auto& [statement, answer] : said) EXPECT_EQ(Say(statement), answer) << statement;
  EXPECT_RUNS(
      "CREATE TABLE n (a text COLLATE \"C\", d date) WITH (oids=false, fillfactor=70) PARTITION BY RANGE (lower(a), (d "
      "+ 1)); VACUUM (VERBOSE) n; ANALYZE n (a)");
  EXPECT_EQ(Say("ANALYZE n (b)"), "42703 column \"b\" of relation \"n\" does not exist");
}

// --- ATTACH and the classic syntax ---

TEST_F(AlterTableTest, AttachBuildsTheParentsKey) {
  EXPECT_RUNS(
      "CREATE TABLE p (a int PRIMARY KEY, b int) PARTITION BY RANGE (a); CREATE TABLE s (b int, a int NOT NULL);"
      "INSERT INTO s VALUES (1, 5), (2, 5)");
  const std::string attach = "ALTER TABLE p ATTACH PARTITION s FOR VALUES FROM (0) TO (10)";
  EXPECT_EQ(Say(attach), "23505 could not create unique index \"s_pkey\" / Key (a)=(5) is duplicated.");
  EXPECT_RUNS("DELETE FROM s WHERE b = 2; " + attach);
  EXPECT_EQ(Say("INSERT INTO p VALUES (5, 3)"),
            "23505 duplicate key value violates unique constraint \"s_pkey\" / Key (a)=(5) already exists.");
  EXPECT_RUNS("INSERT INTO p VALUES (6, 3); CREATE TABLE other (a int, b int NOT NULL PRIMARY KEY)");
  EXPECT_ROWS("SELECT * FROM p ORDER BY a", "5|1", "6|3", "SELECT 2");
  EXPECT_EQ(Say("ALTER TABLE p ATTACH PARTITION other FOR VALUES FROM (10) TO (20)"),
            "42804 column \"a\" in child table must be marked NOT NULL");
  EXPECT_RUNS("ALTER TABLE other ALTER a SET NOT NULL");
  EXPECT_EQ(Say("ALTER TABLE p ATTACH PARTITION other FOR VALUES FROM (10) TO (20)"),
            "42P16 multiple primary keys for table \"other\" are not allowed");
}

TEST_F(AlterTableTest, ATableIsSpreadByItsFirstColumnUnlessItSaysOtherwise) {
  EXPECT_RUNS("CREATE TABLE p (a int, b int) DISTRIBUTED BY (a) PARTITION BY RANGE (b); CREATE TABLE s (a int, b int);"
              "ALTER TABLE p ATTACH PARTITION s FOR VALUES FROM (0) TO (10)");
  EXPECT_RUNS("CREATE TABLE q (a int, b int) PARTITION BY RANGE (b); CREATE TABLE r (a int, b int) DISTRIBUTED BY (a);"
              "ALTER TABLE q ATTACH PARTITION r FOR VALUES FROM (0) TO (10)");
  EXPECT_RUNS("CREATE TABLE x (a int, b int) DISTRIBUTED BY (b); CREATE TABLE y (a int, b int) DISTRIBUTED RANDOMLY");
  for (const char* table : {"x", "y"}) {
    EXPECT_EQ(Say(std::string("ALTER TABLE q ATTACH PARTITION ") + table + " FOR VALUES FROM (10) TO (20)"),
              std::string("42P16 distribution policy for \"") + table + "\" must be the same as that for \"q\"");
  }
  EXPECT_EQ(Say("ALTER TABLE x DROP COLUMN b"),
            "dropping a column that is part of the distribution policy forces a random distribution policy\n");
  EXPECT_RUNS("INSERT INTO x VALUES (1)");
}

TEST_F(AlterTableTest, BoundsOfTheClassicSyntaxMayBeOpen) {
  EXPECT_EQ(Say("CREATE TABLE n (a int) PARTITION BY RANGE (a) (PARTITION p)"),
            "42P16 missing boundary specification in partition \"p\" of type RANGE");
  EXPECT_RUNS(
      "CREATE TABLE n (a int) PARTITION BY RANGE (a) (PARTITION low START (MINVALUE) END (0), PARTITION high START (0) "
      "END (MAXVALUE))");
  EXPECT_ROWS("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname LIKE 'n_1_%' ORDER BY relname",
              "FOR VALUES FROM (0) TO (MAXVALUE)", "FOR VALUES FROM (MINVALUE) TO (0)", "SELECT 2");
  EXPECT_RUNS("CREATE TABLE b (f boolean) PARTITION BY LIST (f)");
  EXPECT_EQ(Say("CREATE TABLE b1 PARTITION OF b FOR VALUES IN (1)"),
            "42804 specified value cannot be cast to type boolean for column \"f\"");
}

TEST_F(AlterTableTest, RowsThatFlussClientsHaveWrittenMeanwhileAreNotLost) {
  EXPECT_RUNS("CREATE TABLE t (a int); INSERT INTO t VALUES (1); BEGIN; ALTER TABLE t ALTER a TYPE bigint");
  const TableInfo table = Get(gateway->GetTableInfo({"fluss", "t"}));
  const auto batch = Get(EncodeLogBatch(*Batch({"a"}, {Ints({2})}), {}, table.schema(), LogBatchOptions{}));
  ProduceLogRequest append{.table_id = table.table_id, .buckets = {{{table.table_id, {}, 0}, batch}}};
  EXPECT_OK(Get(gateway->ProduceLog(append)).at(0).status);
  EXPECT_SQL_ERROR(Run("COMMIT"), "40001", "could not change \"t\" due to concurrent changes");
  EXPECT_ROWS("SELECT a FROM t ORDER BY a", "1", "2", "SELECT 2");
}

}  // namespace weir::sql
