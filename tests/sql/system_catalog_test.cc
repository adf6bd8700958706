#include "sql/system/system_definitions.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

class SystemCatalogTest : public SessionTest {
 protected:
  void SetUp() override {
    EXPECT_RUNS(
        "CREATE TABLE p (id int, d date NOT NULL, s varchar(20) DEFAULT 'x', PRIMARY KEY (id, d)) PARTITION BY RANGE "
        "(d);"
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');"
        "CREATE TABLE p2 PARTITION OF p DEFAULT PARTITION BY LIST (id);"
        "CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (1, 2);"
        "CREATE TABLE t (a numeric(10,2), b text[], CHECK (a > 0))");
  }
};

TEST_F(SystemCatalogTest, EveryViewHasTheColumnsThatItsQueryGives) {
  const auto check = [&](const std::string& schema, std::span<const SystemDefinition> views) {
    for (const SystemDefinition& view : views) {
      EXPECT_FALSE(ColumnsOfSystemView(schema, view.name).empty()) << schema << "." << view.name;
      EXPECT_OK(Run("SELECT * FROM " + schema + "." + std::string(view.name)).status());
    }
  };
  check("pg_catalog", CatalogViews());
  check("information_schema", InformationViews());
}

TEST_F(SystemCatalogTest, ClassesAreTablesAndTheirIndexes) {
  EXPECT_ROWS("SELECT relname, relkind, relispartition, relnatts FROM pg_class WHERE relname LIKE 'p%' ORDER BY 1",
              "p|p|false|3", "p1|r|true|3", "p1_pkey|i|true|2", "p2|p|true|3", "p2_pkey|I|true|2", "p2a|r|true|3",
              "p2a_pkey|i|true|2", "p_pkey|I|false|2", "SELECT 8");
  EXPECT_ROWS("SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 't'", "1", "SELECT 1");
  EXPECT_ROWS("SELECT relname FROM pg_class WHERE oid = 'p1_pkey'::regclass", "p1_pkey", "SELECT 1");
}

TEST_F(SystemCatalogTest, AttributesHaveTypesAndDefaults) {
  EXPECT_ROWS(
      "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attinhcount FROM pg_attribute "
      "WHERE attrelid = 'p1'::regclass ORDER BY attnum",
      "id|integer|true|1", "d|date|true|1", "s|character varying(20)|false|1", "SELECT 3");
  EXPECT_ROWS(
      "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass ORDER BY attnum",
      "numeric(10,2)", "text[]", "SELECT 2");
  EXPECT_ROWS("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'p'::regclass",
              "'x'::character varying", "SELECT 1");
}

TEST_F(SystemCatalogTest, ConstraintsAndIndexesAreShownAsPostgreSqlDoes) {
  EXPECT_ROWS("SELECT conname, contype, pg_get_constraintdef(oid), conislocal FROM pg_constraint ORDER BY conname",
              "p1_pkey|p|PRIMARY KEY (id, d)|false", "p2_pkey|p|PRIMARY KEY (id, d)|false",
              "p2a_pkey|p|PRIMARY KEY (id, d)|false", "p_pkey|p|PRIMARY KEY (id, d)|true",
              "t_a_check|c|CHECK ((a > (0)::numeric))|true", "SELECT 5");
  EXPECT_ROWS(
      "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('p'::regclass, 'p1'::regclass) ORDER BY 1",
      "CREATE UNIQUE INDEX p1_pkey ON public.p1 USING btree (id, d)",
      "CREATE UNIQUE INDEX p_pkey ON ONLY public.p USING btree (id, d)", "SELECT 2");
}

TEST_F(SystemCatalogTest, AShownCheckIsShownAlikeOnceItIsMadeAgain) {
  EXPECT_RUNS("CREATE TABLE again (a int, CONSTRAINT c1 CHECK (((a > 0))), CONSTRAINT c2 CHECK ((a) < (9)))");
  EXPECT_ROWS(
      "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'again'::regclass ORDER BY 1",
      "c1|CHECK ((a > 0))", "c2|CHECK ((a < 9))", "SELECT 2");
}

TEST_F(SystemCatalogTest, PartitionsAreInherited) {
  EXPECT_ROWS(
      "SELECT i.inhrelid::regclass, i.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i "
      "JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind IN ('r', 'p') ORDER BY 1::text, c.relname",
      "p1|p|FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')", "p2|p|DEFAULT", "p2a|p2|FOR VALUES IN (1, 2)",
      "SELECT 3");
  EXPECT_ROWS(
      "SELECT partrelid::regclass, partstrat, partattrs[0], partdefid::regclass FROM pg_partitioned_table ORDER BY 1",
      "p|r|2|p2", "p2|l|1|-", "SELECT 2");
  EXPECT_ROWS(
      "SELECT pg_get_partkeydef('p'::regclass), pg_get_partkeydef('p2'::regclass), pg_get_partkeydef('t'::regclass)",
      "RANGE (d)|LIST (id)|null", "SELECT 1");
}

TEST_F(SystemCatalogTest, TreesAreWalkedByFunctions) {
  EXPECT_ROWS("SELECT * FROM pg_partition_tree('p')", "p|null|false|0", "p1|p|true|1", "p2|p|false|1", "p2a|p2|true|2",
              "SELECT 4");
  EXPECT_ROWS(
      "SELECT c.relname, t.level FROM pg_class c, LATERAL pg_partition_tree(c.oid) t WHERE c.oid = 'p2'::regclass "
      "ORDER BY t.level",
      "p2|0", "p2|1", "SELECT 2");
  EXPECT_ROWS("SELECT relid FROM pg_partition_ancestors('p2a')", "p2a", "p2", "p", "SELECT 3");
  EXPECT_ROWS("SELECT pg_partition_root('p2a'), pg_partition_root('t')", "p|null", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM pg_partition_tree('t')", "0", "SELECT 1");
}

TEST_F(SystemCatalogTest, RegclassIsANumberShownAsAName) {
  EXPECT_ROWS("SELECT 'p'::regclass::oid = c.oid, c.oid::regclass::text || '!' FROM pg_class c WHERE c.relname = 'p'",
              "true|p!", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT 'nope'::regclass"), "42P01", "relation \"nope\" does not exist");
  EXPECT_ROWS("SELECT to_regclass('nope') IS NULL, 'integer'::regtype::oid, 1043::oid::regtype",
              "true|23|character varying", "SELECT 1");
  EXPECT_RUNS("CREATE DATABASE other; CREATE TABLE other.t (a int)");
  EXPECT_ROWS(
      "SELECT 'other.t'::regclass, pg_table_is_visible('other.t'::regclass), pg_table_is_visible('t'::regclass)",
      "other.t|false|true", "SELECT 1");
}

TEST_F(SystemCatalogTest, TheInformationSchemaIsOfPublic) {
  EXPECT_ROWS("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
              "p|BASE TABLE", "p1|BASE TABLE", "p2|BASE TABLE", "p2a|BASE TABLE", "t|BASE TABLE", "SELECT 5");
  EXPECT_ROWS(
      "SELECT column_name, data_type, is_nullable, column_default, character_maximum_length FROM "
      "information_schema.columns WHERE table_schema = 'public' AND table_name = 'p' ORDER BY ordinal_position",
      "id|integer|NO|null|null", "d|date|NO|null|null", "s|character varying|YES|'x'::character varying|20",
      "SELECT 3");
  EXPECT_ROWS(
      "SELECT numeric_precision, numeric_scale FROM information_schema.columns WHERE table_name = 't' AND column_name "
      "= 'a'",
      "10|2", "SELECT 1");
  EXPECT_ROWS(
      "SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage "
      "WHERE table_name = 'p' ORDER BY ordinal_position",
      "p_pkey|id|1", "p_pkey|d|2", "SELECT 2");
  EXPECT_ROWS(
      "SELECT constraint_name, constraint_type FROM information_schema.table_constraints WHERE table_name = 't'",
      "t_a_check|CHECK", "SELECT 1");
  EXPECT_ROWS("SELECT schema_name FROM information_schema.schemata WHERE catalog_name = current_database() ORDER BY 1",
              "information_schema", "pg_catalog", "public", "SELECT 3");
}

TEST_F(SystemCatalogTest, SettingsAreTheSessions) {
  EXPECT_RUNS("SET application_name = 'me'");
  EXPECT_ROWS("SELECT setting, current_setting('application_name') FROM pg_settings WHERE name = 'application_name'",
              "me|me", "SELECT 1");
  EXPECT_ROWS("SELECT current_setting('no.such', true) IS NULL", "true", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT current_setting('nosuch')"), "42704", "unrecognized configuration parameter \"nosuch\"");
}

TEST_F(SystemCatalogTest, ColumnsMayBeNamedWithTheirSchema) {
  EXPECT_ROWS("SELECT pg_catalog.pg_class.relname, pg_class.tableoid::regclass::oid FROM pg_catalog.pg_class "
              "WHERE pg_catalog.pg_class.relname = 't'", "t|1259", "SELECT 1");
  EXPECT_ROWS("SELECT public.t.a FROM public.t WHERE public.t.a = 1", "SELECT 0");
}

TEST_F(SystemCatalogTest, ShowListsWhatThereIs) {
  EXPECT_ROWS("SHOW DATABASES", "fluss", "SELECT 1");
  EXPECT_ROWS("SHOW TABLES", "p|BASE TABLE", "t|BASE TABLE", "SELECT 2");
  EXPECT_ROWS("SHOW TABLES FROM fluss", "p|BASE TABLE", "t|BASE TABLE", "SELECT 2");
  EXPECT_ROWS("SHOW INDEXES FROM p", "p|primary|false|1|id|ASC|false|false", "p|primary|false|2|d|ASC|false|false",
              "SELECT 2");
  EXPECT_EQ(Get(Run("SHOW COLUMNS FROM p")).size(), 4u);
  EXPECT_RUNS("CREATE TABLE k (id int, name text, PRIMARY KEY (name, id)) PARTITION BY LIST (name) ("
              "PARTITION one VALUES IN ('a,b', 'c'), PARTITION other VALUES IN ('d'))");
  const std::string shown =
      "SELECT database_name, table_name, partition_name, parent_partition, column_names, index_name, "
      "partition_value, zone_config FROM ";
  EXPECT_ROWS(shown + "[SHOW PARTITIONS FROM TABLE k]", "fluss|k|one|null|name|k@primary|('a,b'), ('c')|null",
              "fluss|k|other|null|name|k@primary|('d')|null", "SELECT 2");
  EXPECT_ROWS(shown + "[SHOW PARTITIONS FROM TABLE p]",
              "fluss|p|p1|null|d|p@primary|('2025-01-01') TO ('2026-01-01')|null",
              "fluss|p|p2|null|d|p@primary|(DEFAULT)|null", "SELECT 2");
  EXPECT_SQL_ERROR(Run("SHOW COLUMNS FROM nope"), "42P01", "relation \"nope\" does not exist");
  EXPECT_SQL_ERROR(Run("SHOW CREATE TABLE nope"), "42P01", "relation \"nope\" does not exist");
}

TEST_F(SystemCatalogTest, ABackslashEscapesInPatterns) {
  EXPECT_ROWS("SELECT relname FROM pg_class WHERE relname LIKE 'p1\\_%' OR relname LIKE 't\\%'", "p1_pkey", "SELECT 1");
  auto prepared = Get(session->Prepare("SELECT relname FROM pg_class WHERE relname LIKE $1", {}));
  std::vector<std::string> lines;
  EXPECT_OK(Collect(*Get(session->Execute(prepared, {"p1\\_%"})), &lines));
  EXPECT_THAT(lines, testing::ElementsAre("p1_pkey", "SELECT 1"));
}

TEST_F(SystemCatalogTest, EveryTableAndViewHasTheColumnsThatItIsSaidToHave) {
  const auto read = [&](const std::string& schema, std::span<const SystemDefinition> definitions) {
    for (const SystemDefinition& one : definitions)
      EXPECT_OK(Run("SELECT * FROM " + schema + "." + std::string(one.name)));
  };
  read("pg_catalog", CatalogTables());
  read("pg_catalog", CatalogViews());
  read("information_schema", InformationTables());
  read("information_schema", InformationViews());
}

TEST_F(SystemCatalogTest, FunctionsAndOperatorsReferToWhatIsListed) {
  for (const char* column : {"prorettype", "provariadic"}) {
    EXPECT_ROWS(std::string("SELECT count(*) FROM pg_proc WHERE ") + column + " <> 0 AND " + column +
                    " NOT IN (SELECT oid FROM pg_type)", "0", "SELECT 1");
  }
  EXPECT_ROWS("SELECT count(*) FROM pg_operator WHERE oprcode::oid NOT IN (SELECT oid FROM pg_proc)", "0", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM pg_cast WHERE castfunc <> 0 AND castfunc NOT IN (SELECT oid FROM pg_proc)", "0",
              "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM pg_aggregate a FULL JOIN (SELECT oid FROM pg_proc WHERE prokind = 'a') p "
              "ON p.oid = a.aggfnoid::oid WHERE p.oid IS NULL OR a.aggfnoid IS NULL", "0", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) > 1000 FROM pg_proc", "true", "SELECT 1");
}

TEST_F(SystemCatalogTest, NobodyWritesToIt) {
  for (const char* text :
       {"UPDATE pg_class SET relname = 'x'", "DELETE FROM pg_catalog.pg_class", "INSERT INTO pg_am (oid) VALUES (1)",
        "DELETE FROM information_schema.tables", "UPDATE pg_catalog.pg_roles SET rolname = 'x'"}) {
    EXPECT_SQL_ERROR(Run(text), "42501", "is a system catalog");
  }
  EXPECT_SQL_ERROR(Run("SELECT '99999999999999999999'::regclass"), "22003", "out of range for type oid");
  EXPECT_ROWS("SELECT count(*) FROM pg_class WHERE relname = 't'", "1", "SELECT 1");
}

TEST_F(SystemCatalogTest, SessionsOfTheProcessSeeOneAnother) {
  auto other = Connect();
  const std::string own = Get(Run("SELECT pg_backend_pid()"))[0];
  const std::string pid = Get(Run(*other, "SELECT pg_backend_pid()"))[0];
  EXPECT_NE(own, pid);
  EXPECT_ROWS("SELECT state, query, client_addr, pid <> pg_backend_pid() FROM pg_stat_activity WHERE pid = " + pid,
              "active|SELECT pg_backend_pid()|null|true", "SELECT 1");
  other->AwaitClient();
  EXPECT_ROWS("SELECT state, wait_event FROM pg_stat_activity WHERE pid = " + pid, "idle|ClientRead", "SELECT 1");
  EXPECT_OK(Run(*other, "BEGIN; LOCK TABLE t IN SHARE MODE"));
  EXPECT_ROWS("SELECT mode, granted, relation::regclass::text FROM pg_locks WHERE pid = " + pid, "ShareLock|true|t",
              "SELECT 1");
  EXPECT_ROWS("SELECT pg_terminate_backend(" + pid + ")", "true", "SELECT 1");
  EXPECT_SQL_ERROR(Run(*other, "SELECT 1"), "57P01", "terminating connection due to administrator command");
  other.reset();
  EXPECT_ROWS("SELECT count(*) FROM pg_stat_activity WHERE pid = " + pid, "0", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM pg_locks WHERE pid = " + pid, "0", "SELECT 1");
}

TEST_F(SystemCatalogTest, SizesGrowWithTheRows) {
  EXPECT_RUNS("CREATE TABLE sized (a int, b text); INSERT INTO sized VALUES (1, 'x'); CREATE TABLE before AS SELECT "
              "pg_relation_size('sized') AS one, pg_database_size(current_database()) AS whole;"
              "INSERT INTO sized SELECT i, 'text ' || i FROM generate_series(1, 5000) i");
  EXPECT_ROWS("SELECT one > 0, pg_relation_size('sized') > one + 1000, pg_total_relation_size('sized') = "
              "pg_relation_size('sized'), pg_database_size(current_database()) > whole FROM before",
              "true|true|true|true", "SELECT 1");
  EXPECT_ROWS("SELECT pg_relation_size('p'), pg_relation_size('p_pkey'), pg_size_pretty(pg_relation_size('p'))",
              "0|0|0 bytes", "SELECT 1");
}

TEST_F(SystemCatalogTest, PrivilegesOfTablesAreListed) {
  EXPECT_RUNS("CREATE ROLE reader; GRANT SELECT ON t TO reader WITH GRANT OPTION; GRANT UPDATE (b) ON t TO PUBLIC");
  EXPECT_ROWS("SELECT grantor, grantee, privilege_type, is_grantable, with_hierarchy FROM "
              "information_schema.table_privileges WHERE table_name = 't' AND grantee <> 'weir'",
              "weir|reader|SELECT|YES|YES", "SELECT 1");
  EXPECT_ROWS("SELECT count(*) FROM information_schema.role_table_grants WHERE table_name = 't' AND grantee = 'weir'",
              "7", "SELECT 1");
  EXPECT_ROWS("SELECT grantee, column_name, privilege_type, is_grantable FROM information_schema.column_privileges "
              "WHERE table_name = 't' AND grantee <> 'weir' ORDER BY 1, 2",
              "PUBLIC|b|UPDATE|NO", "reader|a|SELECT|YES", "reader|b|SELECT|YES", "SELECT 3");
  EXPECT_ROWS(
      "SELECT grantor::regrole::text, grantee, privilege_type FROM pg_class, aclexplode(relacl) "
      "WHERE relname = 't' AND grantee <> relowner",
      "weir|" + Get(Run("SELECT 'reader'::regrole::oid"))[0] + "|SELECT", "SELECT 1");
}

TEST_F(SystemCatalogTest, AFunctionsAliasNamesItsColumn) {
  EXPECT_ROWS("SELECT sum(s), max(x) FROM generate_series(1, 3) s, unnest(ARRAY[4, 5]) x", "12|5", "SELECT 1");
}

}  // namespace
}  // namespace weir::sql
