#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

/// Cloudberry's own catalogs and settings.
class GpCatalogTest : public SessionTest {};

TEST_F(GpCatalogTest, CB26_PartitionsOfATree) {
  EXPECT_RUNS(
      "CREATE TABLE s (a int, r text) DISTRIBUTED BY (a) PARTITION BY RANGE (a) SUBPARTITION BY LIST (r) "
      "SUBPARTITION TEMPLATE (SUBPARTITION eu VALUES ('de', 'fr')) "
      "(PARTITION high START (10), PARTITION low END (5), DEFAULT PARTITION rest)");
  EXPECT_ROWS(
      "SELECT partitiontablename, parentpartitiontablename::text, partitiontype, partitionlevel, partitionrank, "
      "partitionlistvalues, partitionrangestart, partitionrangeend, partitionisdefault, partitionboundary "
      "FROM gp_toolkit.gp_partitions WHERE schemaname = 'public' AND tablename = 's'",
      "s_1_prt_low|s|range|1|1|null|MINVALUE|5|false|FOR VALUES FROM (MINVALUE) TO (5)",
      "s_1_prt_low_2_prt_eu|s_1_prt_low|list|2|null|'de', 'fr'|null|null|false|FOR VALUES IN ('de', 'fr')",
      "s_1_prt_high|s|range|1|2|null|10|MAXVALUE|false|FOR VALUES FROM (10) TO (MAXVALUE)",
      "s_1_prt_high_2_prt_eu|s_1_prt_high|list|2|null|'de', 'fr'|null|null|false|FOR VALUES IN ('de', 'fr')",
      "s_1_prt_rest|s|range|1|null|null|null|null|true|DEFAULT",
      "s_1_prt_rest_2_prt_eu|s_1_prt_rest|list|2|null|'de', 'fr'|null|null|false|FOR VALUES IN ('de', 'fr')",
      "SELECT 6");
  EXPECT_ROWS(
      "SELECT DISTINCT partitionschemaname, parenttablespace, partitiontablespace FROM gp_toolkit.gp_partitions",
      "public|pg_default|pg_default", "SELECT 1");
  EXPECT_RUNS(
      "CREATE TABLE h (a int) PARTITION BY HASH (a); CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, "
      "REMAINDER 0)");
  EXPECT_ROWS("SELECT partitiontype, partitionboundary FROM gp_toolkit.gp_partitions WHERE tablename = 'h'",
              "hash|FOR VALUES WITH (modulus 2, remainder 0)", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SELECT * FROM gp_partitions"), "42P01", "relation \"gp_partitions\" does not exist");
  EXPECT_SQL_ERROR(Run("SELECT * FROM gp_toolkit.nosuch"), "42P01", "does not exist");
}

TEST_F(GpCatalogTest, TemplatesAreShown) {
  EXPECT_RUNS("CREATE TABLE t (r text, y int) PARTITION BY LIST (r) SUBPARTITION BY RANGE (y) "
              "SUBPARTITION TEMPLATE (START (1) END (3) EVERY (1)) (PARTITION eu VALUES ('eu'))");
  EXPECT_ROWS("SELECT relid::regclass::text, level, template FROM gp_partition_template",
              "t|1|START (1) END (3) EVERY (1)", "SELECT 1");
  EXPECT_RUNS("ALTER TABLE t SET SUBPARTITION TEMPLATE ()");
  EXPECT_ROWS("SELECT count(*) FROM pg_catalog.gp_partition_template", "0", "SELECT 1");
}

TEST_F(GpCatalogTest, DistributionPolicies) {
  EXPECT_RUNS(
      "CREATE TABLE a (x int, y int, z int) WITH (bucket.num=3) DISTRIBUTED BY (z, x); CREATE TABLE b (x json, y int);"
      "CREATE TABLE c (x int) DISTRIBUTED RANDOMLY; CREATE TABLE d (x int, y int PRIMARY KEY); CREATE VIEW v AS SELECT "
      "1");
  EXPECT_ROWS(
      "SELECT localoid::regclass::text, policytype, numsegments, distkey::text FROM gp_distribution_policy ORDER BY 1",
      "a|p|3|3 1", "b|p|1|2", "c|p|1|", "d|p|1|2", "SELECT 4");
}

TEST_F(GpCatalogTest, EncodingsAreKeptAndPassedOn) {
  const std::string encodings = "SELECT attrelid::regclass::text, attnum, array_to_string(attoptions, ' ') FROM "
                                "pg_attribute_encoding ORDER BY 1, 2";
  EXPECT_RUNS(
      "CREATE TABLE t (a int ENCODING (compresstype=zstd, compresslevel=3), b int, c int, "
      "DEFAULT COLUMN ENCODING (blocksize=8192), COLUMN b ENCODING (compresstype=none)) WITH (appendoptimized=true)");
  EXPECT_ROWS(encodings, "t|1|compresslevel=3 compresstype=zstd", "t|2|compresstype=none", "t|3|blocksize=8192",
              "SELECT 3");
  EXPECT_RUNS(
      "DROP TABLE t; CREATE TABLE p (a int, b int, COLUMN b ENCODING (compresstype=zlib)) PARTITION BY RANGE (a) "
      "(PARTITION x START (1) END (2) COLUMN a ENCODING (compresslevel=1), PARTITION y START (2) END (3), "
      "COLUMN a ENCODING (compresslevel=9), DEFAULT COLUMN ENCODING (blocksize=16384))");
  EXPECT_ROWS(encodings, "p|2|compresstype=zlib", "p_1_prt_x|1|compresslevel=1", "p_1_prt_x|2|compresstype=zlib",
              "p_1_prt_y|1|compresslevel=9", "p_1_prt_y|2|compresstype=zlib", "SELECT 5");
  EXPECT_RUNS("ALTER TABLE p ADD PARTITION z START (3) END (4) COLUMN a ENCODING (compresslevel=5);"
              "ALTER TABLE p ADD COLUMN c int ENCODING (compresslevel=2); DROP TABLE p_1_prt_x, p_1_prt_y");
  EXPECT_ROWS(encodings, "p|2|compresstype=zlib", "p|3|compresslevel=2", "p_1_prt_z|1|compresslevel=5",
              "p_1_prt_z|2|compresstype=zlib", "p_1_prt_z|3|compresslevel=2", "SELECT 5");
  EXPECT_SQL_ERROR(Run("CREATE TABLE e (a int ENCODING (nosuch=1))"), "22023", "unrecognized parameter \"nosuch\"");
  EXPECT_SQL_ERROR(Run("CREATE TABLE e (a int ENCODING (compresstype=nosuch))"), "22023",
                   "unknown compresstype \"nosuch\"");
  EXPECT_SQL_ERROR(Run("CREATE TABLE e (a int, COLUMN b ENCODING (blocksize=8192))"), "42703",
                   "column \"b\" does not exist");
  EXPECT_SQL_ERROR(Run("CREATE TABLE e (a int ENCODING (blocksize=8192), COLUMN a ENCODING (blocksize=8192))"), "42601",
                   "referenced in more than one COLUMN ENCODING clause");
}

TEST_F(GpCatalogTest, SettingsThatChangeNoAnswerAreKept) {
  EXPECT_ROWS("SHOW optimizer", "on", "SHOW");
  EXPECT_RUNS(
      "SET optimizer = off; SET enable_hashjoin TO 'false'; SET statement_mem = '200MB'; SET gp_role = 'dispatch'");
  EXPECT_ROWS("SHOW optimizer", "off", "SHOW");
  EXPECT_ROWS("SELECT current_setting('enable_hashjoin'), current_setting('statement_mem')", "off|200MB", "SELECT 1");
  EXPECT_RUNS("RESET statement_mem; RESET ALL");
  EXPECT_ROWS("SELECT current_setting('optimizer'), current_setting('statement_mem')", "on|125MB", "SELECT 1");
  EXPECT_SQL_ERROR(Run("SET optimizer = maybe"), "22023", "parameter \"optimizer\" requires a Boolean value");
  EXPECT_SQL_ERROR(Run("SET gp_default_storage_options = 'appendonly=true'"), "0A000",
                   "parameter \"gp_default_storage_options\" can only be \"\"");
  EXPECT_SQL_ERROR(Run("SET gp_role = utility"), "0A000", "can only be \"dispatch\"");
  EXPECT_SQL_ERROR(Run("SET optimizer_nosuch = on"), "42704", "unrecognized configuration parameter");
}

}  // namespace
}  // namespace weir::sql
