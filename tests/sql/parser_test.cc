#include "tests/sql/parser_testing.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

namespace weir::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string TypeOf(const std::string& written) {
  const auto table = Only<CreateTable>("CREATE TABLE t (c " + written + ")");
  return table.columns.empty() ? "" : table.columns[0].type.text;
}

std::vector<std::string> TextsOf(const BoundTuple& tuple) {
  std::vector<std::string> texts;
  for (const BoundValue& value : tuple) texts.push_back(value.expression.text);
  return texts;
}

// --- texts

TEST(ParserText, SplitsStatementsAndLeavesOutEmptyOnes) {
  const auto statements = MustParse(" ; SELECT 1 ; /* a ; b */ ;SELECT ';' -- ;\n; SELECT $$;$$ ");
  ASSERT_EQ(statements.size(), 3u);
  EXPECT_EQ(statements[0].text, "SELECT 1");
  EXPECT_EQ(statements[0].offset, 3);
  EXPECT_EQ(statements[1].text, "SELECT ';'");
  EXPECT_EQ(statements[2].text, "SELECT $$;$$");
  EXPECT_THAT(MustParse(""), IsEmpty());
  EXPECT_THAT(MustParse("  -- nothing\n;; /* */ "), IsEmpty());
}

TEST(ParserText, KeepsAFunctionBodyInOneStatement) {
  const auto statements = MustParse(
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; "
      "END; SELECT 3");
  ASSERT_EQ(statements.size(), 2u);
  EXPECT_EQ(std::get<CreateFunction>(statements[0].action).body, "SELECT CASE WHEN true THEN 1 END; SELECT 2;");
  EXPECT_EQ(statements[1].text, "SELECT 3");
}

TEST(ParserText, CountsCharacters) {
  const auto statements = MustParse("SELECT 'äöü'; CREATE TABLE \"tä\" (ä int, b text)");
  ASSERT_EQ(statements.size(), 2u);
  EXPECT_EQ(statements[1].offset, 14);
  const auto& table = std::get<CreateTable>(statements[1].action);
  EXPECT_EQ(table.name.name, "tä");
  EXPECT_EQ(table.name.position, 14);
  EXPECT_EQ(table.columns[0].name, "ä");
  EXPECT_EQ(table.columns[1].position, 27);
  ExpectMistakes({{"SELECT 'äöü'; SELEC 2", "42601", "syntax error at or near \"SELEC\"", 15},
                  {"SELECT 'é' FRM x y", "42601", "syntax error at or near \"x\"", 16},
                  {"SELECT 'é' FROM", "42601", "syntax error at end of input", 16}});
  std::string many;
  for (int i = 0; i < 400; ++i) many += "SELECT 'ä';\n";
  EXPECT_EQ(ErrorOf(many + "SELEC 1").position, 400 * 12 + 1);
}

TEST(ParserText, RefusesWhatIsNoText) {
  ExpectMistakes({{"SELECT '\xff'", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff", 0},
                  {"SELECT '\xc0\x80'", "22021", "invalid byte sequence for encoding \"UTF8\": 0xc0", 0},
                  {"SELECT '\xed\xa0\x80'", "22021", "invalid byte sequence for encoding \"UTF8\": 0xed", 0},
                  {"SELECT '\xf4\x90\x80\x80'", "22021", "invalid byte sequence for encoding \"UTF8\": 0xf4", 0},
                  {"SELECT '\xe2\x82", "22021", "invalid byte sequence for encoding \"UTF8\": 0xe2", 0},
                  {std::string("SELECT 1\0", 9), "22021", "invalid byte sequence for encoding \"UTF8\": 0x00", 0}});
}

TEST(ParserText, ReportsWhatTheScannerRefuses) {
  ExpectMistakes({{"SELECT 'abc", "42601", "unterminated quoted string at or near \"'abc\"", 8},
                  {"SELECT /* a", "42601", "unterminated /* comment at or near \"/* a\"", 8},
                  {"SELECT $$a", "42601", "unterminated dollar-quoted string at or near \"$$a\"", 8},
                  {"SELECT \"\"", "42601", "zero-length delimited identifier at or near \"\"\"\"", 8},
                  {"SELECT E'\\u0000'", "42601", "invalid Unicode escape value at or near \"\\u0000\"", 10}});
}

TEST(ParserText, LimitsDepth) {
  const auto nested = [](int depth) {
    return "SELECT " + std::string(static_cast<size_t>(depth), '(') + "1" + std::string(static_cast<size_t>(depth),
        ')');
  };
  EXPECT_EQ(MustParse(nested(900)).size(), 1u);
  EXPECT_EQ(ErrorOf(nested(5000)).sqlstate, "54001");
  EXPECT_EQ(ErrorOf(nested(5000)).message, "stack depth limit exceeded");
  std::string cases;
  for (int i = 0; i < 3000; ++i) cases += "CASE WHEN ";
  EXPECT_EQ(ErrorOf("SELECT " + cases).sqlstate, "54001");
  std::string minus;
  for (int i = 0; i < 100000; ++i) minus += "- ";
  EXPECT_EQ(ErrorOf("SELECT " + minus + "1").sqlstate, "54001");
  std::string sum;
  for (int i = 0; i < 100000; ++i) sum += "1+";
  EXPECT_EQ(MustParse("SELECT " + sum + "1").size(), 1u);
  EXPECT_EQ(MustParse("CREATE TABLE t (a int DEFAULT " + sum + "1)").size(), 1u);
}

TEST(ParserText, WorksInThreadsThatEnd) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 20; ++k) {
        EXPECT_TRUE(Parse("SELECT 1; CREATE TABLE t (a int)").ok());
        EXPECT_FALSE(Parse("SELECT FROM FROM").ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// --- queries

TEST(ParserQuery, TellsTheCommand) {
  const std::vector<std::pair<std::string, std::string>> commands = {
      {"SELECT 1", "SELECT"},
      {"(SELECT 1) UNION SELECT 2", "SELECT"},
      {"VALUES (1)", "SELECT"},
      {"TABLE t", "SELECT"},
      {"WITH a AS (SELECT 1) SELECT * FROM a", "SELECT"},
      {"WITH RECURSIVE a (n) AS (SELECT 1), b AS NOT MATERIALIZED (SELECT 2) INSERT INTO t SELECT * FROM a", "INSERT"},
      {"WITH insert AS (SELECT 1) DELETE FROM t", "DELETE"},
      {"INSERT INTO t VALUES (1)", "INSERT"},
      {"UPDATE t SET a = 1", "UPDATE"},
      {"DELETE FROM t", "DELETE"},
      {"MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", "MERGE"}};
  for (const auto& [text, command] : commands) {
    const auto query = Only<Query>(text);
    EXPECT_EQ(query.command, command) << text;
    EXPECT_EQ(query.text, text);
  }
}

TEST(ParserQuery, SelectIntoMakesATable) {
  const auto into = Only<CreateTable>("SELECT a IS DISTINCT FROM 1 AS b INTO TEMP TABLE s.x FROM t");
  EXPECT_TRUE(into.select_into && into.temporary);
  EXPECT_EQ(into.name.schema + "." + into.name.name, "s.x");
  EXPECT_EQ(into.query, "SELECT a IS DISTINCT FROM 1 AS b" + std::string(21, ' ') + "FROM t");
  EXPECT_EQ(Only<CreateTable>("WITH w AS (SELECT 1) SELECT * INTO x FROM w").name.name, "x");
  EXPECT_EQ(Only<Query>("SELECT 1 UNION SELECT 2 INTO x").command, "SELECT");
  EXPECT_EQ(Only<Query>("SELECT (SELECT 1) FROM t").command, "SELECT");
}

TEST(ParserQuery, ReportsPostgresMistakes) {
  ExpectMistakes({{"SELECT 1 LIMIT 1, 2", "42601", "LIMIT #,# syntax is not supported", 10},
                  {"SELECT * FROM t WHERE", "42601", "syntax error at end of input", 22},
                  {"SELEC 1", "42601", "syntax error at or near \"SELEC\"", 1},
                  {"SELECT 1 'not yet implemented'", "42601", "syntax error at or near \"'not yet implemented'\"",
                   10}});
}

// --- CREATE TABLE

TEST(ParserCreateTable, ReadsColumns) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE IF NOT EXISTS db.s.t (id int NOT NULL, \"Name\" varchar(20) COLLATE \"C\" DEFAULT 'a b'::text NOT "
      "NULL, "
      "amount numeric(10,2) NULL DEFAULT -1.5 + 2, at timestamp DEFAULT now())");
  EXPECT_EQ(table.name.database, "db");
  EXPECT_EQ(table.name.schema, "s");
  EXPECT_EQ(table.name.name, "t");
  EXPECT_EQ(table.name.position, 28);
  EXPECT_TRUE(table.if_not_exists);
  EXPECT_FALSE(table.temporary);
  ASSERT_EQ(table.columns.size(), 4u);
  EXPECT_EQ(table.columns[0].name, "id");
  EXPECT_TRUE(table.columns[0].not_null);
  EXPECT_FALSE(table.columns[0].default_value);
  EXPECT_EQ(table.columns[0].position, 36);
  EXPECT_EQ(table.columns[0].type.position, 39);
  EXPECT_EQ(table.columns[1].name, "Name");
  EXPECT_EQ(table.columns[1].type.text, "character varying(20)");
  EXPECT_EQ(table.columns[1].collation, "C");
  EXPECT_EQ(table.columns[1].default_value->text, "'a b'::text");
  EXPECT_TRUE(table.columns[1].not_null);
  EXPECT_EQ(table.columns[2].default_value->text, "-1.5 + 2");
  EXPECT_FALSE(table.columns[2].not_null);
  EXPECT_EQ(table.columns[3].default_value->text, "now()");
}

TEST(ParserCreateTable, EndsDefaultsWhereTheNextConstraintBegins) {
  const auto default_of = [](const std::string& column) {
    const auto table = Only<CreateTable>("CREATE TABLE t (c int " + column + ")");
    return table.columns[0].default_value->text + (table.columns[0].not_null ? " | NOT NULL" : "");
  };
  EXPECT_EQ(default_of("DEFAULT NULL"), "NULL");
  EXPECT_EQ(default_of("DEFAULT NULL NOT NULL"), "NULL | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT 1 NULL"), "1");
  EXPECT_EQ(default_of("DEFAULT 1 + 2 NOT NULL"), "1 + 2 | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT CASE WHEN 1 IS NOT NULL THEN NULL ELSE 2 END NOT NULL"),
            "CASE WHEN 1 IS NOT NULL THEN NULL ELSE 2 END | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT (1 IS NOT NULL)::int NOT NULL"), "(1 IS NOT NULL)::int | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT 1 CHECK (c > 0) NOT NULL"), "1 | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT '1'::int UNIQUE"), "'1'::int");
  EXPECT_EQ(default_of("DEFAULT 1 /* one */ CONSTRAINT x NOT NULL"), "1 | NOT NULL");
  EXPECT_EQ(default_of("DEFAULT 2 IS NOT DISTINCT FROM 3 NOT NULL"), "2 IS NOT DISTINCT FROM 3 | NOT NULL");
}

TEST(ParserCreateTable, ReadsConstraints) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a int PRIMARY KEY, b int CONSTRAINT b_u UNIQUE CHECK (b > 0) NO INHERIT REFERENCES r (x) "
      "ON DELETE SET NULL ON UPDATE CASCADE, CONSTRAINT pair CHECK (a < b), UNIQUE (a, b) INCLUDE (c), "
      "FOREIGN KEY (a, b) REFERENCES s.r, c int)");
  using Kind = TableConstraint::Kind;
  ASSERT_EQ(table.constraints.size(), 7u);
  EXPECT_EQ(table.constraints[0].kind, Kind::kPrimaryKey);
  EXPECT_THAT(table.constraints[0].columns, ElementsAre("a"));
  EXPECT_EQ(table.constraints[0].position, 23);
  EXPECT_EQ(table.constraints[1].kind, Kind::kUnique);
  EXPECT_EQ(table.constraints[1].name, "b_u");
  EXPECT_EQ(table.constraints[2].kind, Kind::kCheck);
  EXPECT_EQ(table.constraints[2].check->text, "b > 0");
  EXPECT_TRUE(table.constraints[2].no_inherit);
  EXPECT_EQ(table.constraints[3].kind, Kind::kForeignKey);
  EXPECT_EQ(table.constraints[3].references->name, "r");
  EXPECT_THAT(table.constraints[3].referenced_columns, ElementsAre("x"));
  EXPECT_EQ(table.constraints[4].name, "pair");
  EXPECT_EQ(table.constraints[4].check->text, "a < b");
  EXPECT_THAT(table.constraints[5].columns, ElementsAre("a", "b"));
  EXPECT_EQ(table.constraints[6].kind, Kind::kForeignKey);
  EXPECT_EQ(table.constraints[6].references->schema, "s");
  EXPECT_EQ(table.columns.size(), 3u);
}

TEST(ParserCreateTable, ReadsWhatForeignKeysSay) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a int REFERENCES r ON DELETE SET NULL ON UPDATE CASCADE INITIALLY DEFERRED, b int REFERENCES r, "
      "FOREIGN KEY (a, b) REFERENCES s MATCH FULL ON DELETE SET DEFAULT (b) ON UPDATE RESTRICT DEFERRABLE)");
  ASSERT_EQ(table.constraints.size(), 3u);
  const ForeignKeyRules& first = table.constraints[0].rules;
  EXPECT_EQ(first.on_delete, ReferentialAction::kSetNull);
  EXPECT_EQ(first.on_update, ReferentialAction::kCascade);
  EXPECT_TRUE(first.deferrable && first.deferred && !first.match_full);
  EXPECT_EQ(table.constraints[1].rules, ForeignKeyRules());
  const ForeignKeyRules& pair = table.constraints[2].rules;
  EXPECT_EQ(pair.on_delete, ReferentialAction::kSetDefault);
  EXPECT_THAT(pair.set_columns, ElementsAre("b"));
  EXPECT_EQ(pair.on_update, ReferentialAction::kRestrict);
  EXPECT_TRUE(pair.match_full && pair.deferrable && !pair.deferred);
  ExpectMistakes({{"CREATE TABLE t (a int REFERENCES p NOT DEFERRABLE INITIALLY DEFERRED)", "42601",
                   "constraint declared INITIALLY DEFERRED must be DEFERRABLE", 51},
                  {"CREATE TABLE t (a int REFERENCES p ON UPDATE SET NULL (a))", "0A000",
                   "a column list with SET NULL is only supported for ON DELETE actions", 36}});
}

TEST(ParserCreateTable, ChecksColumnConstraints) {
  ExpectMistakes(
      {{"CREATE TABLE t (a int NULL NOT NULL)", "42601",
        "conflicting NULL/NOT NULL declarations for column \"a\" of table \"t\"", 28},
       {"CREATE TABLE t (a int NOT NULL NULL)", "42601",
        "conflicting NULL/NOT NULL declarations for column \"a\" of table \"t\"", 32},
       {"CREATE TABLE t (a int DEFAULT 1 DEFAULT 2)", "42601",
        "multiple default values specified for column \"a\" of table \"t\"", 33},
       {"CREATE TABLE t (a int DEFAULT (SELECT 1))", "0A000", "cannot use subquery in DEFAULT expression", 31},
       {"CREATE TABLE t (a int, b int DEFAULT a)", "0A000", "cannot use column reference in DEFAULT expression", 38},
       {"CREATE TABLE t (a int DEFAULT sum(1))", "42803", "aggregate functions are not allowed in DEFAULT expressions",
        31},
       {"CREATE TABLE t (a int CHECK (max(a) > 1))", "42803",
        "aggregate functions are not allowed in check constraints", 30},
       {"CREATE TABLE t (a int DEFAULT now() OVER ())", "42P20",
        "window functions are not allowed in DEFAULT expressions",
        37}});
}

TEST(ParserCreateTable, RefusesWhatWeirLacks) {
  ExpectMistakes(
      {{"CREATE TABLE t (a serial[])", "0A000", "array of serial is not implemented", 19},
       {"CREATE TABLE t (a int, CHECK (a > 0) DEFERRABLE)", "0A000", "CHECK constraints cannot be marked DEFERRABLE",
        0},
       {"CREATE TABLE t (a int, EXCLUDE USING gist (a int4_ops WITH =))", "0A000",
        "what follows a part of an exclusion constraint is not supported", 46},
       {"CREATE TABLE xc (k int, r int4range, EXCLUDE USING gist (r WITH &&)) PARTITION BY LIST (k)", "0A000",
        "exclusion constraints are not supported on partitioned tables", 38},
       {"CREATE TABLE bothways (a int) INHERITS (other) PARTITION BY LIST (a)", "42P17",
        "cannot create partitioned table as inheritance child", 0},
       {"CREATE TABLE t (a int, INDEX i (a) PARTITION BY LIST (a) (PARTITION x VALUES IN (1) garbage))", "42601",
        "syntax error at or near \"garbage\"", 85},
       {"CREATE TABLE t (a int, INDEX i (a) garbage)", "42601", "syntax error at or near \"garbage\"", 36},
       {"CREATE TABLE t (a jsonb, INVERTED INDEX i (a))", "0A000", "inverted indexes are not supported", 26},
       {"CREATE TABLE t (a int, FAMILY f (a))", "0A000", "column families are not supported", 24}});
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE kid () INHERITS (p, s.q)").inherits.size(), 2U);
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t OF some_type").of_type->name, "some_type");
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t (index int, exclude text, encoding text DEFAULT 'x')").columns.size(),
      3u);
}

TEST(ParserCreateTable, SpellsTypesAsPostgresDoes) {
  const std::vector<std::pair<std::string, std::string>> types = {
      {"int", "integer"},
      {"INT4", "integer"},
      {"bigint", "bigint"},
      {"int8", "bigint"},
      {"smallint", "smallint"},
      {"pg_catalog.int4", "integer"},
      {"numeric", "numeric"},
      {"decimal(5)", "numeric(5,0)"},
      {"numeric(10, 2)", "numeric(10,2)"},
      {"real", "real"},
      {"float", "double precision"},
      {"float(24)", "real"},
      {"float(25)", "double precision"},
      {"double precision", "double precision"},
      {"bool", "boolean"},
      {"char", "character(1)"},
      {"char(3)", "character(3)"},
      {"character varying", "character varying"},
      {"national character varying(4)", "character varying(4)"},
      {"varchar(20)", "character varying(20)"},
      {"text", "text"},
      {"bytea", "bytea"},
      {"date", "date"},
      {"time", "time without time zone"},
      {"time(3) with time zone", "time(3) with time zone"},
      {"timestamp", "timestamp without time zone"},
      {"timestamp(6) without time zone", "timestamp(6) without time zone"},
      {"timestamptz(3)", "timestamp(3) with time zone"},
      {"timestamp with time zone", "timestamp with time zone"},
      {"interval", "interval"},
      {"interval day to second(3)", "interval day to second(3)"},
      {"bit(3)", "bit(3)"},
      {"bit varying", "bit varying"},
      {"uuid", "uuid"},
      {"jsonb", "jsonb"},
      {"int[]", "integer[]"},
      {"text[3][4]", "text[][]"},
      {"int ARRAY[2]", "integer[]"},
      {"timestamptz[]", "timestamp with time zone[]"},
      {"STRING", "text"},
      {"STRING(5)", "character varying(5)"},
      {"BYTES", "bytea"},
      {"NVARCHAR(9)", "character varying(9)"}};
  for (const auto& [written, canonical] : types) EXPECT_EQ(TypeOf(written), canonical) << written;
}

TEST(ParserCreateTable, TakesClausesInAnyOrder) {
  for (const std::string text :
       {"CREATE TABLE t (a int) PARTITION BY RANGE (a) USING heap WITH (x = 1, y) TABLESPACE ts DISTRIBUTED BY (a)",
        "CREATE TABLE t (a int) DISTRIBUTED BY (a) WITH (x = 1, y) TABLESPACE ts USING heap PARTITION BY RANGE (a)",
        "CREATE TABLE t (a int) TABLESPACE ts PARTITION BY RANGE (a) DISTRIBUTED BY (a int4_ops) WITH (x=1, y) "
        "USING heap"}) {
    const auto table = Only<CreateTable>(text);
    ASSERT_TRUE(table.partition_by) << text;
    EXPECT_EQ(table.partition_by->strategy, "range");
    EXPECT_EQ(table.access_method, "heap");
    EXPECT_EQ(table.tablespace, "ts");
    EXPECT_THAT(table.options, ElementsAre(Pair("x", "1"), Pair("y", "true")));
    EXPECT_THAT(table.distribution->columns, ElementsAre("a"));
  }
  ExpectMistakes({{"CREATE TABLE t (a int) WITH (x = 1) PARTITION BY RANGE (a) WITH (y = 2)", "42601",
                   "syntax error at or near \"WITH\"", 60},
                  {"CREATE TABLE t (a int) TABLESPACE ts PARTITION BY RANGE (a + 1)", "42601",
                   "syntax error at or near \"+\"",
                   60},
                  {"CREATE TABLE t (a int,) TABLESPACE ts WITH (x)", "42601", "syntax error at or near \")\"", 23}});
}

TEST(ParserCreateTable, ReadsDistribution) {
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t (a int) DISTRIBUTED RANDOMLY").distribution->kind,
            Distribution::Kind::kRandomly);
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t (a int) DISTRIBUTED REPLICATED").distribution->kind,
            Distribution::Kind::kReplicated);
  ExpectMistakes({{"CREATE TABLE t (a int) PARTITION BY LIST (a) DISTRIBUTED REPLICATED", "0A000",
                   "PARTITION BY clause cannot be used with DISTRIBUTED REPLICATED clause", 0}});
}

TEST(ParserCreateTable, ReadsOptionsWithDottedNames) {
  const auto table = Only<CreateTable>(
      "CREATE TEMP TABLE t (a int ENCODING (compresstype=zlib) NOT NULL, COLUMN a ENCODING (blocksize=8192)) WITH "
      "(table.merge-engine = first_row, \"table.log.ttl\" = '7 d', table.kv.format = 'x', toast.fillfactor = 70, "
      "appendonly) "
      "ON COMMIT DELETE ROWS");
  EXPECT_TRUE(table.temporary);
  EXPECT_EQ(table.columns.size(), 1u);
  EXPECT_TRUE(table.columns[0].not_null);
  EXPECT_THAT(table.options,
              ElementsAre(Pair("table.merge-engine", "first_row"), Pair("table.log.ttl", "7 d"),
                  Pair("table.kv.format", "x"),
                          Pair("toast.fillfactor", "70"), Pair("appendonly", "true")));
  EXPECT_EQ(table.on_commit, CreateTable::OnCommit::kDeleteRows);
}

TEST(ParserCreateTable, ReadsAsQuery) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a, b) WITH (x = 1) AS SELECT 1, 2 WITH NO DATA DISTRIBUTED BY (a)");
  EXPECT_EQ(table.query, std::string(38, ' ') + "SELECT 1, 2");  // where it stands
  EXPECT_TRUE(table.with_no_data);
  EXPECT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[1].name, "b");
  EXPECT_EQ(table.columns[1].type.text, "");
  EXPECT_THAT(table.distribution->columns, ElementsAre("a"));
  const std::string before(18, ' ');
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t AS TABLE u WITH DATA").query, before + "TABLE u");
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t AS SELECT 1 AS distributed").query, before + "SELECT 1 AS distributed");
}

// --- declarative partitioning

TEST(ParserPartition, ReadsKeys) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a int, b text) PARTITION BY RANGE (a, (a + 1), lower(b) COLLATE \"C\" text_pattern_ops, (b), "
      "((extract(year FROM d))))");
  const auto& key = table.partition_by->key;
  ASSERT_EQ(key.size(), 5u);
  EXPECT_EQ(key[0].column, "a");
  EXPECT_EQ(key[0].position, 52);
  EXPECT_EQ(key[1].column, "");
  EXPECT_EQ(key[1].expression.text, "a + 1");
  EXPECT_EQ(key[2].expression.text, "lower(b)");
  EXPECT_EQ(key[2].collation, "C");
  EXPECT_EQ(key[2].operator_class, "text_pattern_ops");
  EXPECT_EQ(key[3].column, "b");
  EXPECT_EQ(key[4].expression.text, "extract(year FROM d)");
}

TEST(ParserPartition, ReadsBounds) {
  const auto range = Only<CreateTable>(
      "CREATE TABLE p PARTITION OF s.t FOR VALUES FROM (MINVALUE, 'a', 1 + 2) TO (maxvalue, \"maxvalue\", now())");
  EXPECT_EQ(range.parent->schema, "s");
  ASSERT_EQ(range.bound->from.size(), 3u);
  EXPECT_EQ(range.bound->kind, BoundClause::Kind::kRange);
  EXPECT_EQ(range.bound->from[0].kind, BoundValue::Kind::kMinValue);
  EXPECT_EQ(range.bound->from[2].expression.text, "1 + 2");
  EXPECT_EQ(range.bound->to[0].kind, BoundValue::Kind::kMaxValue);
  EXPECT_EQ(range.bound->to[1].kind, BoundValue::Kind::kMaxValue);
  EXPECT_EQ(range.bound->to[2].expression.text, "now()");

  const auto list = Only<CreateTable>("CREATE TABLE p PARTITION OF t FOR VALUES IN ('it''s', NULL, date '2024-01-01')");
  ASSERT_EQ(list.bound->values.size(), 3u);
  EXPECT_THAT(TextsOf(list.bound->values[0]), ElementsAre("'it''s'"));
  EXPECT_THAT(TextsOf(list.bound->values[1]), ElementsAre("NULL"));
  EXPECT_THAT(TextsOf(list.bound->values[2]), ElementsAre("date '2024-01-01'"));

  const auto hash = Only<CreateTable>("CREATE TABLE p PARTITION OF t FOR VALUES WITH (REMAINDER 1, modulus 4)");
  EXPECT_EQ(hash.bound->modulus, 4);
  EXPECT_EQ(hash.bound->remainder, 1);
  const auto rest = Only<CreateTable>("CREATE TABLE p PARTITION OF t DEFAULT PARTITION BY HASH (a, b)");
  EXPECT_EQ(rest.bound->kind, BoundClause::Kind::kDefault);
  EXPECT_EQ(rest.partition_by->strategy, "hash");
}

TEST(ParserPartition, ReadsThePartitionsOwnColumns) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE p0 PARTITION OF p (b DEFAULT 50, c WITH OPTIONS NOT NULL, CONSTRAINT b_pos CHECK (b > 0)) "
      "FOR VALUES FROM (0) TO (10)");
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[0].type.text, "");
  EXPECT_EQ(table.columns[0].default_value->text, "50");
  EXPECT_TRUE(table.columns[1].not_null);
  EXPECT_EQ(table.constraints[0].name, "b_pos");
}

// Refusals that need no catalog.
TEST(ParserPartition, AnswersAsPostgresDoes) {
  ExpectMistakes({
      {"CREATE TABLE lbad (a int, b int) PARTITION BY LIST (a, b);", "42P17",
       "cannot use \"list\" partition strategy with more than one column"},
      {"CREATE TABLE lbad PARTITION OF l FOR VALUES IN ();", "42601", "syntax error at or near \")\"", 49},
      {"CREATE TABLE lbad PARTITION OF l FOR VALUES IN (MINVALUE);", "0A000",
       "cannot use column reference in partition bound expression", 49},
      {"CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER -1);", "42601",
       "syntax error at or near \"-\"", 72},
      {"CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4);", "42601",
       "remainder for hash partition must be specified"},
      {"CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (REMAINDER 1);", "42601",
       "modulus for hash partition must be specified"},
      {"CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 1, MODULUS 4);", "42710",
       "modulus for hash partition provided more than once", 75},
      {"CREATE TABLE hx0 PARTITION OF hx FOR VALUES WITH (MODULUS 4, REMAINDER 1, FOO 4);", "42601",
       "unrecognized hash partition bound specification \"foo\"", 75},
      {"CREATE TABLE pbad PARTITION OF p (d int) FOR VALUES FROM (20) TO (30);", "42601",
       "syntax error at or near \"int\"",
       37},
      {"CREATE TABLE ONLY zz (k int) PARTITION BY LIST (k);", "42601", "syntax error at or near \"ONLY\"", 14},
      {"ALTER TABLE a ATTACH PARTITION x FOR VALUES IN (1), ADD COLUMN z int;", "42601",
       "syntax error at or near \",\"", 51},
      {"CREATE TABLE e3 (a int, b int) PARTITION BY RANGE (a + b);", "42601", "syntax error at or near \"+\"", 54},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ();", "42601", "syntax error at or near \")\"", 44},
      {"CREATE TABLE x (a int) PARTITION BY MAGIC (a);", "22023", "unrecognized partitioning strategy \"magic\""},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((random()));", "42P17",
       "functions in partition key expression must be marked IMMUTABLE", 45},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((sum(a)));", "42803",
       "aggregate functions are not allowed in partition key expressions", 45},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((row_number() OVER ()));", "42P20",
       "window functions are not allowed in partition key expressions", 58},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((SELECT 1));", "42601", "syntax error at or near \"SELECT\"", 45},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((generate_series(1, a)));", "0A000",
       "set-returning functions are not allowed in partition key expressions", 45},
      {"CREATE TABLE x (a int) PARTITION BY RANGE (xmin);", "42P17",
       "cannot use system column \"xmin\" in partition key", 44},
      {"CREATE TABLE x (a int) PARTITION BY RANGE ((tableoid));", "42P17",
       "partition key expressions cannot contain system column references", 45},
      {"CREATE TABLE x (a int) PARTITION BY RANGE (('unknown'));", "42P16",
       "partition key column 1 has pseudo-type unknown"},
      {"CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM ((SELECT 1)) TO (10);", "0A000",
       "cannot use subquery in partition bound", 51},
      {"CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (sum(1)) TO (10);", "42803",
       "aggregate functions are not allowed in partition bound", 51},
      {"CREATE TABLE bd1 PARTITION OF bd FOR VALUES FROM (generate_series(1, 2)) TO (10);", "0A000",
       "set-returning functions are not allowed in partition bound", 51},
      {"CREATE TABLE bd2 PARTITION OF bd FOR VALUES FROM (UNBOUNDED) TO (1);", "0A000",
       "cannot use column reference in partition bound expression", 51},
      {"CREATE TABLE bd2 PARTITION OF bd;", "42601", "syntax error at or near \";\"", 33},
      {"CREATE TABLE bd2 PARTITION OF bd", "42601", "syntax error at end of input", 33},
      {"CREATE TABLE ct PARTITION BY LIST (k) AS SELECT 1 AS k;", "42601", "syntax error at or near \"BY\"", 27},
      {"CREATE TABLE ofp PARTITION OF so (LIKE lk) FOR VALUES IN (5);", "42601", "syntax error at or near \"LIKE\"",
       35},
      {"CREATE FOREIGN TABLE expart (d date, v int) SERVER files PARTITION BY RANGE (d);", "42601",
       "syntax error at or near \"PARTITION\"", 58},
      {"CREATE TABLE a.b.c.d (i int)", "42601", "improper qualified name (too many dotted names): a.b.c.d", 14},
  });
  std::string columns = "a";
  for (int i = 0; i < 32; ++i) columns += ", a";
  ExpectMistakes({{"CREATE TABLE x (a int) PARTITION BY RANGE (" + columns + ")", "54011",
                   "cannot partition using more than 32 columns"}});
}

TEST(ParserPartition, ReadsAttachAndDetach) {
  const auto attach = Only<AttachPartition>("ALTER TABLE IF EXISTS ONLY a ATTACH PARTITION s.b FOR VALUES IN (1)");
  EXPECT_TRUE(attach.if_exists);
  EXPECT_EQ(attach.parent.name, "a");
  EXPECT_EQ(attach.partition.schema, "s");
  EXPECT_EQ(attach.partition.position, 47);
  EXPECT_EQ(attach.bound.kind, BoundClause::Kind::kList);
  EXPECT_EQ(Only<AttachPartition>("ALTER TABLE a ATTACH PARTITION b DEFAULT").bound.kind, BoundClause::Kind::kDefault);
  EXPECT_FALSE(Only<DetachPartition>("ALTER TABLE a DETACH PARTITION b").concurrently);
  EXPECT_TRUE(Only<DetachPartition>("ALTER TABLE a DETACH PARTITION b CONCURRENTLY").concurrently);
  EXPECT_TRUE(Only<DetachPartition>("ALTER TABLE a DETACH PARTITION b FINALIZE").finalize);
}

// --- Cloudberry's classic syntax

TEST(ParserClassic, ReadsPartitionsAndTheirLevels) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a int, b text) DISTRIBUTED BY (a) PARTITION BY RANGE (a) SUBPARTITION BY LIST (b) "
      "SUBPARTITION TEMPLATE (SUBPARTITION x VALUES ('a', 'b'), DEFAULT SUBPARTITION r) "
      "(PARTITION p START (1) EXCLUSIVE END (10 + 1) INCLUSIVE EVERY (2) WITH (fillfactor=70) TABLESPACE pg_default, "
      "END (99))");
  EXPECT_EQ(table.partition_by->strategy, "range");
  ASSERT_TRUE(table.classic_partitions);
  const ClassicPartitions& classic = *table.classic_partitions;
  ASSERT_EQ(classic.levels.size(), 1);
  EXPECT_EQ(classic.levels[0].by.strategy, "list");
  ASSERT_EQ(classic.levels[0].pattern->size(), 2);
  EXPECT_EQ(classic.levels[0].pattern->at(0).values.at(1).text, "'b'");
  EXPECT_TRUE(classic.levels[0].pattern->at(1).is_default);
  ASSERT_EQ(classic.partitions.size(), 2);
  const ClassicPartition& first = classic.partitions[0];
  EXPECT_EQ(first.name, "p");
  EXPECT_EQ(first.start->text, "1");
  EXPECT_TRUE(first.start_exclusive);
  EXPECT_EQ(first.end->text, "10 + 1");
  EXPECT_TRUE(first.end_inclusive);
  EXPECT_EQ(first.every->text, "2");
  EXPECT_EQ(first.options.at(0).first, "fillfactor");
  EXPECT_EQ(first.tablespace, "pg_default");
  EXPECT_FALSE(classic.partitions[1].start);
}

template <typename T>
T ClassicAction(std::string_view text) {
  return std::get<T>(Only<AlterClassicPartition>(text).steps.at(0).action);
}

TEST(ParserClassic, ReadsActionsOnPartitions) {
  const auto add = Only<AlterClassicPartition>(
      "ALTER TABLE IF EXISTS s.t ALTER PARTITION p ALTER PARTITION FOR (1, 'x') ADD PARTITION START (3) END (5) "
      "EXCLUSIVE "
      "WITH (fillfactor=70) (SUBPARTITION y VALUES (1))");
  EXPECT_TRUE(add.if_exists);
  EXPECT_EQ(add.name.name, "t");
  ASSERT_EQ(add.steps[0].below.size(), 2);
  EXPECT_EQ(add.steps[0].below[0].name, "p");
  EXPECT_EQ(add.steps[0].below[1].kind, ClassicPartitionId::Kind::kValue);
  EXPECT_EQ(add.steps[0].below[1].values.at(1).text, "'x'");
  const ClassicPartition& added = std::get<classic::AddPartition>(add.steps[0].action).partition;
  EXPECT_EQ(added.name, "");
  EXPECT_EQ(added.end->text, "5");
  EXPECT_EQ(added.parts->at(0).name, "y");
  EXPECT_TRUE(ClassicAction<classic::AddPartition>("ALTER TABLE t ADD DEFAULT PARTITION o").partition.is_default);
  const auto drop = ClassicAction<classic::DropPartition>("ALTER TABLE t DROP DEFAULT PARTITION IF EXISTS CASCADE");
  EXPECT_EQ(drop.partition.kind, ClassicPartitionId::Kind::kDefault);
  EXPECT_TRUE(drop.if_exists && drop.cascade);
  const auto rename = ClassicAction<classic::RenamePartition>("ALTER TABLE t RENAME PARTITION \"For\" TO y");
  EXPECT_EQ(rename.partition.name, "For");
  EXPECT_EQ(rename.new_name, "y");
  const auto exchange = ClassicAction<classic::ExchangePartition>(
      "ALTER TABLE t EXCHANGE PARTITION x WITH TABLE s.u WITHOUT VALIDATION");
  EXPECT_EQ(exchange.table.schema, "s");
  EXPECT_EQ(exchange.validation, "WITHOUT VALIDATION");
}

TEST(ParserClassic, ReadsSplitsAndTemplates) {
  const auto split = ClassicAction<classic::SplitPartition>(
      "ALTER TABLE t SPLIT PARTITION x AT (3) INTO (PARTITION a, DEFAULT PARTITION)");
  EXPECT_EQ(split.at.at(0).text, "3");
  EXPECT_EQ(split.at.at(0).position, 37);
  EXPECT_EQ(split.into->first.name, "a");
  EXPECT_EQ(split.into->second.kind, ClassicPartitionId::Kind::kDefault);
  const auto range = ClassicAction<classic::SplitPartition>(
      "ALTER TABLE t SPLIT DEFAULT PARTITION START (1) EXCLUSIVE END (5)");
  EXPECT_TRUE(range.range->start_exclusive);
  EXPECT_FALSE(range.into);
  const auto set = ClassicAction<classic::SetTemplate>(
      "ALTER TABLE t SET SUBPARTITION TEMPLATE (SUBPARTITION a END ( 1 ), DEFAULT SUBPARTITION b)");
  EXPECT_EQ(set.pattern->size(), 2);
  EXPECT_EQ(set.text, "SUBPARTITION a END ( 1 ), DEFAULT SUBPARTITION b");
  EXPECT_FALSE(ClassicAction<classic::SetTemplate>("ALTER TABLE t SET SUBPARTITION TEMPLATE ()").pattern);
}

// --- KWDB

TEST(ParserKwdb, ReadsTheDocumentsList) {
  const auto table = Only<CreateTable>(R"(CREATE TABLE ecommerce_orders.regional_orders (
    order_id BIGINT, -- the order
    region_code INT, customer_id BIGINT, order_amount DECIMAL(10,2), order_status VARCHAR(20),
    created_at TIMESTAMP DEFAULT NOW(),
    PRIMARY KEY (region_code, order_id)
) PARTITION BY LIST (region_code) (
    PARTITION north_china VALUES IN (1), -- 北
    PARTITION east_china VALUES IN (2, 4),
    PARTITION rest VALUES IN (DEFAULT));)");
  EXPECT_EQ(table.name.schema, "ecommerce_orders");
  EXPECT_EQ(table.columns.size(), 6u);
  ASSERT_TRUE(table.inline_partitions);
  EXPECT_EQ(table.partition_by->strategy, "list");
  EXPECT_EQ(table.inline_partitions->by.key[0].column, "region_code");
  const auto& partitions = table.inline_partitions->partitions;
  ASSERT_EQ(partitions.size(), 3u);
  EXPECT_EQ(partitions[0].name, "north_china");
  EXPECT_EQ(partitions[1].bound.values.size(), 2u);
  EXPECT_THAT(TextsOf(partitions[1].bound.values[1]), ElementsAre("4"));
  EXPECT_EQ(partitions[2].bound.values[0][0].kind, BoundValue::Kind::kAnyValue);
}

TEST(ParserKwdb, ReadsRangesAndTuples) {
  const auto range = Only<CreateTable>(
      "CREATE TABLE r (a INT, b INT, PRIMARY KEY (a ASC, b)) PARTITION BY RANGE (a, b) (PARTITION lo VALUES FROM "
      "(MINVALUE, MINVALUE) TO (10, now() - '1d'), PARTITION hi VALUES FROM (10, 'x') TO (MAXVALUE, MAXVALUE))");
  const auto& partitions = range.inline_partitions->partitions;
  ASSERT_EQ(partitions.size(), 2u);
  EXPECT_EQ(partitions[0].bound.kind, BoundClause::Kind::kRange);
  EXPECT_EQ(partitions[0].bound.from[1].kind, BoundValue::Kind::kMinValue);
  EXPECT_EQ(partitions[0].bound.to[1].expression.text, "now() - INTERVAL '1d'");
  EXPECT_EQ(partitions[1].bound.to[0].kind, BoundValue::Kind::kMaxValue);

  const auto list = Only<CreateTable>(
      "CREATE TABLE l (a INT, b INT) PARTITION BY LIST (a, b) (PARTITION x VALUES IN ((1, 2), (NULL, 1 + 1)), "
      "PARTITION y VALUES IN ((1, DEFAULT)), PARTITION default VALUES IN ((DEFAULT, DEFAULT)))");
  EXPECT_THAT(TextsOf(list.inline_partitions->partitions[0].bound.values[1]), ElementsAre("NULL", "1 + 1"));
  EXPECT_EQ(list.inline_partitions->partitions[1].bound.values[0][1].kind, BoundValue::Kind::kAnyValue);
  EXPECT_EQ(list.inline_partitions->partitions[2].name, "default");
}

TEST(ParserKwdb, ReadsIndexesAmongTheColumns) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (INDEX (b), UNIQUE INDEX u (a, \"B c\" DESC), a int PRIMARY KEY, b int, \"B c\" text, "
      "INDEX i (b ASC NULLS FIRST) STORING (a), INDEX \"I\" (\"B c\"))");
  EXPECT_EQ(table.columns.size(), 3u);
  ASSERT_EQ(table.indexes.size(), 4u);
  EXPECT_FALSE(table.indexes[0].index.name);
  EXPECT_EQ(table.indexes[0].index.columns[0].name, "b");
  EXPECT_EQ(table.indexes[1].index.name, "u");
  EXPECT_TRUE(table.indexes[1].index.unique);
  EXPECT_EQ(table.indexes[1].index.columns[1].name, "B c");
  EXPECT_TRUE(table.indexes[1].index.columns[1].descending);
  EXPECT_THAT(table.indexes[2].index.included, ElementsAre("a"));
  EXPECT_EQ(table.indexes[2].index.columns[0].nulls_first, true);
  EXPECT_EQ(table.indexes[3].index.name, "I");
  EXPECT_EQ(Only<CreateTable>("CREATE TABLE t (a int, index varchar(20))").columns.size(), 2u);
  const auto of_index = Only<CreateTable>(
      "CREATE TABLE t (a int, INDEX i (a) PARTITION BY LIST (a) (PARTITION x VALUES IN (1, 2)))");
  EXPECT_FALSE(of_index.inline_partitions);
  EXPECT_EQ(of_index.indexes.at(0).partitions->partitions.at(0).bound.values.size(), 2u);
}

TEST(ParserKwdb, ReadsComputedColumns) {
  const auto table = Only<CreateTable>("CREATE TABLE t (a int, b int NULL AS (a + 1) STORED, CHECK (b > 0))");
  EXPECT_EQ(table.columns.at(1).generated->text, "a + 1");
  EXPECT_EQ(table.constraints.size(), 1u);
}

TEST(ParserKwdb, ReadsHashShardedKeys) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE users (user_id BIGINT, created_at TIMESTAMP DEFAULT NOW(), PRIMARY KEY (user_id) USING HASH WITH "
      "BUCKET_COUNT = 8)");
  EXPECT_EQ(table.constraints[0].shards, 8);
  EXPECT_THAT(table.constraints[0].columns, ElementsAre("user_id"));
  const auto of_column = Only<CreateTable>("CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = 10)");
  EXPECT_EQ(of_column.constraints[0].shards, 10);
  constexpr const char* kMessage = "BUCKET_COUNT must be a strictly positive integer value";
  const std::string head = "CREATE TABLE h (k INT PRIMARY KEY USING HASH WITH BUCKET_COUNT = ";
  ExpectMistakes({{head + "-1)", "22023", kMessage, 67},
                  {head + "0)", "22023", kMessage, 66},
                  {head + "'x')", "22023", kMessage, 66},
                  {head + "2.32)", "22003", kMessage, 66},
                  {head + "99999999999)", "22003", kMessage, 66},
                  {"CREATE TABLE hp (k INT, PRIMARY KEY (k) USING HASH WITH BUCKET_COUNT = 4) PARTITION BY HASH "
                   "(kwdb_internal_k_shard_4) (PARTITION p0 VALUES IN (0))",
                   "0A000", "sharded indexes don't support partitioning"},
                  {"CREATE TABLE u (k INT, UNIQUE (k) USING HASH WITH BUCKET_COUNT = 4)", "0A000",
                   "hash sharding of anything but a primary key is not supported", 35}});
}

TEST(ParserKwdb, ReadsAlterTable) {
  const auto alter = Only<AlterPartitioning>(
      "ALTER TABLE IF EXISTS db.t PARTITION BY HASH (kwdb_internal_k_shard_4) (PARTITION low VALUES IN (0,1), "
      "PARTITION high "
      "VALUES IN (2,3))");
  EXPECT_TRUE(alter.if_exists);
  EXPECT_EQ(alter.name.name, "t");
  EXPECT_EQ(alter.partitions->by.strategy, "hash");
  EXPECT_EQ(alter.partitions->partitions.size(), 2u);
  EXPECT_FALSE(Only<AlterPartitioning>("ALTER TABLE t PARTITION BY NOTHING").partitions);
  EXPECT_FALSE(Only<CreateTable>("CREATE TABLE t (a int) PARTITION BY NOTHING").partition_by);
}

TEST(ParserKwdb, AnswersAsKwdbDoes) {
  const std::string list = "CREATE TABLE l (a INT, b INT) PARTITION BY LIST (a) (PARTITION x VALUES IN ";
  const std::string range = "CREATE TABLE r (a INT, b INT) PARTITION BY RANGE (a) (PARTITION x VALUES ";
  ExpectMistakes({
      {list + "(b))", "42601", "PARTITION x: variable sub-expressions are not allowed in partition", 77},
      {list + "($1))", "42601", "PARTITION x: variable sub-expressions are not allowed in partition", 77},
      {list + "(random()::INT))", "0A000", "PARTITION x: impure functions are not allowed in partition", 77},
      {list + "())", "42601", "syntax error at or near \")\"", 77},
      {list + "(1 +))", "42601", "syntax error at or near \")\"", 80},
      {list + "(1) PARTITION BY LIST (b) (PARTITION y VALUES IN (2)))", "0A000",
       "nested partitioning is not supported", 80},
      {range + "IN (1))", "42601", "syntax error at or near \"IN\"", 74},
      {"CREATE INDEX i ON t (b) PARTITION BY LIST (b) (PARTITION q VALUES IN (1))", "0A000",
       "partitioning of secondary indexes is only supported in CREATE TABLE", 25},
      {"ALTER INDEX t@i PARTITION BY NOTHING", "0A000",
       "partitioning of secondary indexes is only supported in CREATE TABLE", 17},
      {"ALTER TABLE t ADD PARTITION z VALUES IN (9)", "42601", "syntax error at or near \"VALUES\"", 31},
      {"ALTER TABLE t PARTITION BY HASHPOINT (a) (PARTITION x VALUES IN [1])", "0A000",
       "HASHPOINT partitioning is only supported on time-series tables", 28},
  });
  EXPECT_TRUE(Only<CreateTable>(list + "(1) PARTITION BY NOTHING)").inline_partitions);
}

TEST(ParserKwdb, ReadsZones) {
  const auto zone = Only<ConfigureZone>(
      "ALTER PARTITION p OF INDEX d.public.t@* CONFIGURE ZONE USING num_replicas = 1 + 2, "
      "gc.ttlseconds = COPY FROM PARENT, constraints = '[+region=NODE1, -ssd]'");
  EXPECT_EQ(zone.target.kind, ZoneTarget::Kind::kPartition);
  EXPECT_TRUE(zone.target.of_index);
  EXPECT_EQ(zone.target.partition, "p");
  EXPECT_EQ(zone.target.table.database, "d");
  EXPECT_EQ(zone.target.index, "*");
  ASSERT_EQ(zone.assignments.size(), 3u);
  EXPECT_EQ(zone.assignments[0].value, "1 + 2");
  EXPECT_EQ(zone.assignments[1].variable, "gc.ttlseconds");
  EXPECT_TRUE(zone.assignments[1].copy_from_parent);
  EXPECT_EQ(zone.assignments[2].value, "'[+region=NODE1, -ssd]'");
  EXPECT_EQ(Only<ConfigureZone>("ALTER RANGE default CONFIGURE ZONE USING DEFAULT").action,
            ConfigureZone::Action::kDefault);
  EXPECT_EQ(Only<ConfigureZone>("ALTER TABLE t CONFIGURE ZONE DISCARD").action, ConfigureZone::Action::kDiscard);
  EXPECT_EQ(Only<ConfigureZone>("ALTER DATABASE d CONFIGURE ZONE = NULL").target.name, "d");
  const auto whole = Only<ConfigureZone>("ALTER TABLE a CONFIGURE ZONE = 'gc: {ttlseconds: 42}'");
  EXPECT_EQ(whole.action, ConfigureZone::Action::kWhole);
  EXPECT_EQ(whole.whole, "'gc: {ttlseconds: 42}'");
  EXPECT_EQ(whole.whole_position, 32);
  EXPECT_EQ(Only<ConfigureZone>("ALTER INDEX t@primary CONFIGURE ZONE DISCARD").target.index, "primary");
  ExpectMistakes({
      {"ALTER PARTITION p OF TABLE t@i CONFIGURE ZONE DISCARD", "42601",
       "index name should not be specified in ALTER PARTITION ... OF TABLE", 28},
      {"ALTER PARTITION p OF TABLE t@* CONFIGURE ZONE DISCARD", "42601",
       "index wildcard unsupported in ALTER PARTITION ... OF TABLE", 28},
      {"ALTER TABLE t CONFIGURE ZONE", "42601", "syntax error at end of input", 29},
      {"ALTER TABLE t CONFIGURE ZONE USING num_replicas", "42601", "syntax error at end of input", 48},
      {"ALTER TABLE t CONFIGURE ZONE DISCARD now", "42601", "syntax error at or near \"now\"", 38},
  });
}

TEST(ParserKwdb, ReadsShowInQueries) {
  const auto query = Only<Query>("SELECT * FROM [SHOW USERS] WHERE a = 1");
  EXPECT_EQ(query.text,
            "SELECT * FROM (SELECT username, options, member_of FROM kwdb_internal.weir_users ORDER BY 1) AS show "
            "WHERE a = 1");
  EXPECT_EQ(Only<Query>("SELECT * FROM [SHOW USERS] AS u").text,
            "SELECT * FROM (SELECT username, options, member_of FROM kwdb_internal.weir_users ORDER BY 1) AS u");
  ExpectMistakes({{"SELECT 1; SELECT * FROM [SHOW USERS] WHERE (", "42601", "syntax error at end of input", 45},
                  {"SELECT * FROM [SHOW PARTITIONS FROM t x]", "42601", "syntax error at or near \"x\"", 39},
                  {"SELECT * FROM [SHOW timezone x]", "42601", "syntax error at or near \"x\"", 30}});
  EXPECT_EQ(Only<Query>("SELECT * FROM [SHOW timezone]").text,
            "SELECT * FROM (SELECT pg_catalog.current_setting('timezone') AS timezone) AS show");
  const auto range = Only<Query>("SELECT * FROM [SHOW RANGE FROM TABLE t FOR ROW (1, 'x')] AS r");
  ASSERT_EQ(range.ranges_of_rows.size(), 1u);
  EXPECT_EQ(range.ranges_of_rows[0].row, (std::vector<std::string>{"1", "'x'"}));
}

TEST(ParserKwdb, ReadsUpsert) {
  EXPECT_EQ(Only<Query>("UPSERT INTO t VALUES (1)").text,
            "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT \"weir.upsert\" DO NOTHING");
  EXPECT_EQ(Only<Query>("WITH v AS (SELECT 1) UPSERT INTO t SELECT * FROM v RETURNING a").command, "INSERT");
  ExpectMistakes({{"UPSERT INTO t VALUES (1) garbage", "42601", "syntax error at or near \"garbage\"", 26},
                  {"UPSERT t VALUES (1)", "42601", "syntax error at or near \"UPSERT\"", 1},
                  {"SELECT 1; UPSERT INTO t VALUES (", "42601", "syntax error at end of input", 33}});
}

TEST(ParserKwdb, ReadsClusterSettings) {
  using Kind = ClusterSetting::Action;
  EXPECT_EQ(Only<ClusterSetting>("SHOW CLUSTER SETTINGS").action, Kind::kShowAll);
  EXPECT_EQ(Only<ClusterSetting>("SHOW CLUSTER SETTING server.time_until_store_dead").name,
            "server.time_until_store_dead");
  EXPECT_EQ(Only<ClusterSetting>("SET CLUSTER SETTING a.b = '30m'").value, "30m");
  EXPECT_EQ(Only<ClusterSetting>("SET CLUSTER SETTING a.b TO DEFAULT").action, Kind::kReset);
  ExpectMistakes({{"SET CLUSTER SETTING a.b", "42601", "syntax error at end of input", 24}});
}

TEST(ParserKwdb, ReadsShow) {
  const auto show = Only<ShowCatalog>("SHOW PARTITIONS FROM TABLE db.t");
  EXPECT_EQ(show.kind, ShowCatalog::Kind::kPartitions);
  EXPECT_EQ(show.of, ShowCatalog::Of::kTable);
  EXPECT_EQ(show.target.schema, "db");
  EXPECT_EQ(Only<ShowCatalog>("SHOW PARTITIONS FROM DATABASE db").of, ShowCatalog::Of::kDatabase);
  EXPECT_EQ(Only<ShowCatalog>("SHOW PARTITIONS FROM INDEX t@primary").target.name, "t");
  EXPECT_EQ(Only<ShowCatalog>("SHOW PARTITIONS FROM INDEX t@*").target.name, "t");
  EXPECT_EQ(Only<ShowCatalog>("SHOW CREATE TABLE t").kind, ShowCatalog::Kind::kCreate);
  EXPECT_EQ(Only<ShowCatalog>("SHOW CREATE t").target.name, "t");
  EXPECT_EQ(Only<ShowCatalog>("SHOW INDEXES FROM t WITH COMMENT").kind, ShowCatalog::Kind::kIndexes);
  EXPECT_EQ(Only<ShowCatalog>("SHOW COLUMNS FROM t").kind, ShowCatalog::Kind::kColumns);
  EXPECT_EQ(Only<ShowCatalog>("SHOW TABLES").of, ShowCatalog::Of::kAll);
  EXPECT_EQ(Only<ShowCatalog>("SHOW TABLES FROM db").target.name, "db");
  EXPECT_EQ(Only<ShowCatalog>("SHOW DATABASES").kind, ShowCatalog::Kind::kDatabases);
  EXPECT_EQ(Only<ShowCatalog>("SHOW RANGES FROM TABLE t").kind, ShowCatalog::Kind::kRanges);
  EXPECT_EQ(Only<ShowCatalog>("SHOW RANGES FROM INDEX t@i").index, "i");
  EXPECT_EQ(Only<ShowCatalog>("SHOW ZONE CONFIGURATIONS").kind, ShowCatalog::Kind::kZones);
  EXPECT_EQ(Only<ShowCatalog>("SHOW ALL ZONE CONFIGURATIONS").kind, ShowCatalog::Kind::kZones);
  EXPECT_EQ(Only<ShowCatalog>("SHOW ZONE CONFIGURATION FOR TABLE t PARTITION p").zone.partition, "p");
  EXPECT_EQ(Only<ShowCatalog>("SHOW GRANTS ON DATABASE d FOR a, b").grantees.size(), 2u);
  EXPECT_EQ(Only<ShowCatalog>("SHOW USERS").kind, ShowCatalog::Kind::kRoles);
  EXPECT_EQ(Only<ShowParameter>("SHOW timezone").name, "timezone");
  ExpectMistakes({{"SHOW PARTITIONS FROM", "42601", "syntax error at end of input", 21},
                  {"SHOW INDEXES FROM t@i", "0A000", "secondary indexes are not supported", 20}});
  EXPECT_EQ(Only<ShowCatalog>("SHOW PARTITIONS FROM INDEX t@i").index, "i");
}

// --- other statements

TEST(ParserStatement, ReadsDropAndTruncate) {
  const auto drop = Only<DropTable>("DROP TABLE IF EXISTS a, s.b CASCADE");
  EXPECT_EQ(drop.names.size(), 2u);
  EXPECT_EQ(drop.names[1].schema, "s");
  EXPECT_TRUE(drop.if_exists);
  EXPECT_TRUE(drop.cascade);
  const auto truncate = Only<Truncate>("TRUNCATE TABLE ONLY a, ONLY b RESTART IDENTITY CASCADE");
  EXPECT_EQ(truncate.names.size(), 2u);
  EXPECT_TRUE(truncate.only);
  EXPECT_TRUE(truncate.restart_identity);
  EXPECT_FALSE(Only<Truncate>("TRUNCATE a").only);
  EXPECT_FALSE(Only<Truncate>("TRUNCATE a CONTINUE IDENTITY").restart_identity);
  EXPECT_TRUE(Only<DropView>("DROP MATERIALIZED VIEW v").materialized);
}

TEST(ParserStatement, ReadsSequences) {
  const auto create = Only<CreateSequence>(
      "CREATE SEQUENCE IF NOT EXISTS s.q AS int INCREMENT BY -2 MINVALUE -9 NO MAXVALUE START WITH -1 CACHE 5 NO CYCLE "
      "OWNED BY s.t.c");
  EXPECT_TRUE(create.if_not_exists);
  EXPECT_EQ(create.name.schema, "s");
  EXPECT_EQ(create.options.type->text, "integer");
  EXPECT_EQ(create.options.increment, -2);
  EXPECT_EQ(create.options.min_value->value, -9);
  ASSERT_TRUE(create.options.max_value.has_value());
  EXPECT_FALSE(create.options.max_value->value.has_value());
  EXPECT_EQ(create.options.start, -1);
  EXPECT_EQ(create.options.cache, 5);
  EXPECT_EQ(create.options.cycle, false);
  EXPECT_EQ(create.options.owner->table.schema, "s");
  EXPECT_EQ(create.options.owner->table.name, "t");
  EXPECT_EQ(create.options.owner->column, "c");
  const auto alter = Only<AlterSequence>("ALTER SEQUENCE IF EXISTS s RESTART WITH 7 OWNED BY NONE");
  EXPECT_TRUE(alter.if_exists);
  EXPECT_EQ(alter.options.restart->value, 7);
  EXPECT_EQ(alter.options.owner->column, "");
  EXPECT_EQ(Only<DropSequences>("DROP SEQUENCE IF EXISTS a, b CASCADE").names.size(), 2u);
  EXPECT_TRUE(Only<CreateSequence>("CREATE TEMP SEQUENCE s").temporary);
  EXPECT_EQ(Only<AlterSequence>("ALTER SEQUENCE s RENAME TO r").new_name, "r");
  EXPECT_EQ(Only<AlterSequence>("ALTER SEQUENCE s SET SCHEMA x").schema, "x");
}

TEST(ParserStatement, ReadsSerialAndIdentityColumns) {
  const auto table = Only<CreateTable>(
      "CREATE TABLE t (a bigserial, b int GENERATED BY DEFAULT AS IDENTITY (START 3), c int GENERATED ALWAYS AS "
      "IDENTITY)");
  EXPECT_TRUE(table.columns[0].serial);
  EXPECT_EQ(table.columns[0].type.text, "bigint");
  EXPECT_TRUE(table.columns[0].not_null);
  EXPECT_FALSE(table.columns[1].identity->always);
  EXPECT_EQ(table.columns[1].identity->options.start, 3);
  EXPECT_TRUE(table.columns[2].identity->always);
}

TEST(ParserStatement, ReadsDatabasesAndSchemas) {
  EXPECT_EQ(Only<CreateDatabase>("CREATE DATABASE d ENCODING 'UTF8'").name, "d");
  EXPECT_TRUE(Only<CreateDatabase>("CREATE DATABASE IF NOT EXISTS d").if_not_exists);
  EXPECT_TRUE(Only<CreateDatabase>("CREATE SCHEMA IF NOT EXISTS s AUTHORIZATION u").is_schema);
  EXPECT_EQ(Only<CreateDatabase>("CREATE SCHEMA AUTHORIZATION u").name, "u");
  EXPECT_TRUE(Only<DropDatabase>("DROP DATABASE IF EXISTS d").if_exists);
  EXPECT_TRUE(Only<DropDatabase>("DROP DATABASE d CASCADE").cascade);
  EXPECT_TRUE(Only<DropDatabase>("DROP SCHEMA s CASCADE").is_schema);
  EXPECT_THAT(Only<DropDatabase>("DROP SCHEMA a, b, c CASCADE").others, ElementsAre("b", "c"));
}

TEST(ParserStatement, ReadsTransactions) {
  using Kind = TransactionControl::Kind;
  const std::vector<std::pair<std::string, Kind>> kinds = {
      {"BEGIN", Kind::kBegin},         {"BEGIN WORK", Kind::kBegin},     {"START TRANSACTION", Kind::kBegin},
      {"COMMIT", Kind::kCommit},       {"END TRANSACTION", Kind::kCommit}, {"ROLLBACK", Kind::kRollback},
      {"ABORT", Kind::kRollback},      {"SAVEPOINT a", Kind::kSavepoint}, {"RELEASE SAVEPOINT a", Kind::kRelease},
      {"RELEASE savepoint", Kind::kRelease}, {"ROLLBACK TO SAVEPOINT a", Kind::kRollbackTo},
      {"ROLLBACK WORK TO a", Kind::kRollbackTo}};
  for (const auto& [text, kind] : kinds) EXPECT_EQ(Only<TransactionControl>(text).kind, kind) << text;
  EXPECT_EQ(Only<TransactionControl>("SAVEPOINT \"A b\"").savepoint, "A b");
  EXPECT_EQ(Only<TransactionControl>("RELEASE savepoint").savepoint, "savepoint");
  const auto begin = Only<TransactionControl>("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE");
  EXPECT_EQ(begin.read_only, true);
  EXPECT_EQ(begin.isolation, "repeatable read");
  EXPECT_TRUE(Only<TransactionControl>("COMMIT AND CHAIN").chain);
  EXPECT_FALSE(Only<TransactionControl>("ROLLBACK AND NO CHAIN").chain);
  EXPECT_EQ(Only<Unsupported>("COMMIT PREPARED 'x'").what, "two-phase commit");
  EXPECT_EQ(Only<Unsupported>("PREPARE TRANSACTION 'x'").what, "two-phase commit");
  EXPECT_EQ(Only<Unsupported>("CREATE RESOURCE QUEUE q WITH (active_statements = 3)").what, "CREATE RESOURCE QUEUE");
  EXPECT_EQ(Only<Unsupported>("DROP TAG t").what, "DROP TAG");
  ExpectMistakes({{"CREATE MATERIALIZED VIEW v AS SELECT 1 AS a DISTRIBUTED BY (a)", "0A000",
                   "DISTRIBUTED of CREATE MATERIALIZED VIEW is not supported", 45}});
  EXPECT_EQ(Only<Unsupported>("CREATE INCREMENTAL MATERIALIZED VIEW v AS SELECT 1").what,
            "CREATE INCREMENTAL MATERIALIZED VIEW");
  ExpectMistakes({{"CREATE RESOURCE q", "42601", "syntax error at or near \"RESOURCE\"", 8}});
}

TEST(ParserStatement, ReadsLockTable) {
  const auto lock = Only<LockTable>("LOCK TABLE ONLY a, s.b IN SHARE ROW EXCLUSIVE MODE NOWAIT");
  ASSERT_EQ(lock.items.size(), 2);
  EXPECT_TRUE(lock.items[0].only);
  EXPECT_EQ(lock.items[1].name.schema, "s");
  EXPECT_EQ(lock.mode, "share row exclusive");
  EXPECT_TRUE(lock.nowait);
  EXPECT_EQ(Only<LockTable>("LOCK t").mode, "access exclusive");
}

TEST(ParserStatement, ReadsSettings) {
  const auto value_of = [](const std::string& text) {
    const auto set = Only<SetParameter>(text);
    return set.name + "=" + set.value.value_or("(default)") + (set.local ? " local" : "") + (set.reset ? " reset" : "");
  };
  EXPECT_EQ(value_of("SET x TO 1"), "x=1");
  EXPECT_EQ(value_of("SET \"DateStyle\" = ISO, MDY"), "datestyle=iso, mdy");
  EXPECT_EQ(value_of("SET SESSION my.Var = 'A b'"), "my.var=A b");
  EXPECT_EQ(value_of("SET LOCAL x = -1.5"), "x=-1.5 local");
  EXPECT_EQ(value_of("SET x TO DEFAULT"), "x=(default)");
  EXPECT_EQ(value_of("SET enable_partition_pruning = OFF"), "enable_partition_pruning=off");
  EXPECT_EQ(value_of("SET search_path = a, 'B c', \"D\""), "search_path=a, \"B c\", \"D\"");
  EXPECT_EQ(value_of("SET SCHEMA 'x'"), "search_path=x");
  EXPECT_EQ(value_of("SET NAMES 'UTF8'"), "client_encoding=UTF8");
  EXPECT_EQ(value_of("SET TIME ZONE 'Europe/Rome'"), "timezone=Europe/Rome");
  EXPECT_EQ(value_of("SET TIME ZONE LOCAL"), "timezone=(default)");
  EXPECT_EQ(value_of("SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE"), "timezone=<+02>-02");
  EXPECT_EQ(value_of("SET ROLE alice"), "role=alice");
  EXPECT_EQ(value_of("SET SESSION AUTHORIZATION DEFAULT"), "session_authorization=(default)");
  EXPECT_EQ(value_of("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"), "transaction_isolation=serializable local");
  EXPECT_EQ(value_of("RESET x"), "x=(default) reset");
  EXPECT_EQ(value_of("RESET ALL"), "all=(default) reset");
  EXPECT_EQ(value_of("RESET TIME ZONE"), "timezone=(default) reset");
  const auto modes = Only<SetParameter>(
      "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY");
  EXPECT_EQ(modes.name, "default_transaction_isolation");
  EXPECT_EQ(modes.value, "read committed");
  EXPECT_THAT(modes.also, ElementsAre(Pair("default_transaction_read_only", "on")));
}

TEST(ParserStatement, ReadsShowOfParameters) {
  EXPECT_EQ(Only<ShowParameter>("SHOW search_path").name, "search_path");
  EXPECT_EQ(Only<ShowParameter>("SHOW ALL").name, "all");
  EXPECT_EQ(Only<ShowParameter>("SHOW TIME ZONE").name, "timezone");
  EXPECT_EQ(Only<ShowParameter>("SHOW TRANSACTION ISOLATION LEVEL").name, "transaction_isolation");
  EXPECT_EQ(Only<ShowParameter>("SHOW experimental_enable_hash_sharded_indexes").name,
            "experimental_enable_hash_sharded_indexes");
}

TEST(ParserStatement, ReadsExplain) {
  const auto plain = Only<Explain>("EXPLAIN ANALYZE VERBOSE SELECT 1");
  EXPECT_TRUE(plain.analyze);
  EXPECT_TRUE(plain.verbose);
  EXPECT_TRUE(plain.costs);
  EXPECT_EQ(plain.query, std::string(24, ' ') + "SELECT 1");
  const auto options = Only<Explain>("EXPLAIN (ANALYZE off, COSTS OFF, BUFFERS, FORMAT JSON) SELECT 1");
  EXPECT_FALSE(options.analyze);
  EXPECT_FALSE(options.costs);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(Only<Explain>("EXPLAIN (SELECT 1)").query, "        (SELECT 1)");
  ExpectMistakes(
      {{"EXPLAIN (FOO) SELECT 1", "42601", "unrecognized EXPLAIN option \"foo\"", 10},
       {"EXPLAIN (COSTS maybe) SELECT 1", "42601", "costs requires a Boolean value", 10},
       {"EXPLAIN (FORMAT foo) SELECT 1", "22023", "unrecognized value for EXPLAIN option \"format\": \"foo\"", 10},
       {"EXPLAIN (FORMAT xml) SELECT 1", "0A000", "EXPLAIN format xml is not supported", 10}});
}

TEST(ParserStatement, ReadsCompositeTypes) {
  const auto create = Only<CreateComposite>("CREATE TYPE s.addr AS (street text, size numeric(6, 2))");
  EXPECT_EQ(create.name.schema, "s");
  ASSERT_EQ(create.attributes.size(), 2u);
  EXPECT_EQ(create.attributes[1].name, "size");
  EXPECT_EQ(create.attributes[1].type.text, "numeric(6,2)");
  const auto add = Only<AlterType>("ALTER TYPE addr ADD ATTRIBUTE city text CASCADE");
  EXPECT_EQ(std::get<alter_type::AddAttribute>(add.action).attribute.name, "city");
  const auto drop = Only<AlterType>("ALTER TYPE addr DROP ATTRIBUTE IF EXISTS city");
  EXPECT_TRUE(std::get<alter_type::DropAttribute>(drop.action).if_exists);
  EXPECT_EQ(Only<Unsupported>("ALTER TYPE a ADD ATTRIBUTE x int, DROP ATTRIBUTE y").what, "ALTER TYPE ... ADD");
}

TEST(ParserStatement, NamesWhatIsNotSupported) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"ALTER INDEX i SET (fillfactor = 70)", "ALTER INDEX SET"},
      {"CREATE MATERIALIZED VIEW v USING heap AS SELECT 1", "USING of CREATE MATERIALIZED VIEW"},
      {"CREATE MATERIALIZED VIEW v WITH (fillfactor = 70) AS SELECT 1", "WITH of CREATE MATERIALIZED VIEW"},
      {"CREATE USER MAPPING FOR u SERVER s", "CREATE USER MAPPING"},
      {"COMMENT ON OPERATOR + (int, int) IS 'x'", "COMMENT ON"},
      {"LISTEN c", "LISTEN"}};
  for (const auto& [text, what] : names) EXPECT_EQ(Only<Unsupported>(text).what, what) << text;
}

TEST(ParserCreateTable, ReadsGeneratedColumns) {
  const auto table =
      Only<CreateTable>("CREATE TABLE t (a int, b int GENERATED ALWAYS AS ((a + 1) * 2) STORED NOT NULL)");
  ASSERT_TRUE(table.columns[1].generated.has_value());
  EXPECT_EQ(table.columns[1].generated->text, "(a + 1) * 2");
  EXPECT_TRUE(table.columns[1].not_null);
  EXPECT_FALSE(table.columns[1].identity.has_value());
  const auto alter = Only<AlterTable>("ALTER TABLE t ALTER b DROP EXPRESSION IF EXISTS");
  EXPECT_TRUE(std::get<alter::DropExpression>(alter.actions[0]).if_exists);
  EXPECT_TRUE(Only<CreateTable>("CREATE TABLE t (LIKE u INCLUDING GENERATED)").likes[0].generated);
  ExpectMistakes({{"CREATE TABLE t (a int, b int GENERATED BY DEFAULT AS (a) STORED)", "42601",
                   "for a generated column, GENERATED ALWAYS must be specified", 40},
                  {"CREATE TABLE t (a int, b int DEFAULT 1 GENERATED ALWAYS AS (a) STORED)", "42601",
                   "both default and generation expression specified for column \"b\" of table \"t\"", 40}});
}

TEST(ParserStatement, ReadsMaterializedViews) {
  const auto view = Only<CreateView>("CREATE MATERIALIZED VIEW IF NOT EXISTS s.m (a, b) AS SELECT 1, 2 WITH NO DATA");
  EXPECT_TRUE(view.materialized);
  EXPECT_TRUE(view.if_not_exists);
  EXPECT_TRUE(view.with_no_data);
  EXPECT_EQ(view.name.schema, "s");
  EXPECT_EQ(view.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(view.text, "CREATE              VIEW               s.m (a, b) AS SELECT 1, 2             ");
  EXPECT_FALSE(Only<CreateView>("CREATE MATERIALIZED VIEW m AS SELECT 1 WITH DATA").with_no_data);
  const auto refresh = Only<RefreshMaterializedView>("REFRESH MATERIALIZED VIEW CONCURRENTLY s.m");
  EXPECT_TRUE(refresh.concurrently);
  EXPECT_FALSE(refresh.with_no_data);
  EXPECT_TRUE(Only<RefreshMaterializedView>("REFRESH MATERIALIZED VIEW m WITH NO DATA").with_no_data);
  EXPECT_TRUE(Only<AlterTable>("ALTER MATERIALIZED VIEW m RENAME TO n").materialized);
  EXPECT_EQ(Only<CommentOn>("COMMENT ON MATERIALIZED VIEW m IS 'x'").kind, CommentOn::Kind::kMaterializedView);
}

TEST(ParserStatement, ReadsFunctions) {
  const auto create = Only<CreateFunction>(
      "CREATE OR REPLACE FUNCTION s.f(a int, INOUT b text DEFAULT 'x', c numeric(5,2)[] = NULL) "
      "LANGUAGE sql STRICT STABLE COST 3 AS $$ SELECT 1 $$");
  EXPECT_EQ(create.name.schema, "s");
  EXPECT_TRUE(create.replace);
  ASSERT_EQ(create.parameters.size(), 3u);
  EXPECT_EQ(create.parameters[0].type, "int4");
  EXPECT_EQ(create.parameters[1].mode, 'b');
  EXPECT_EQ(create.parameters[1].default_value, "'x'");
  EXPECT_EQ(create.parameters[2].type, "numeric[]");
  EXPECT_EQ(create.parameters[2].default_value, "NULL");
  EXPECT_EQ(create.volatility, 's');
  EXPECT_TRUE(create.strict);
  EXPECT_EQ(create.cost, 3);
  EXPECT_EQ(create.body, " SELECT 1 ");
  const auto expression = Only<CreateFunction>("CREATE FUNCTION f(a int) RETURNS SETOF int RETURN a + 1");
  EXPECT_EQ(expression.body, "SELECT a + 1");
  EXPECT_EQ(expression.standard, "RETURN a + 1");
  EXPECT_TRUE(expression.returns_set);
  const auto drop = Only<DropFunctions>("DROP FUNCTION IF EXISTS f(int), g CASCADE");
  ASSERT_EQ(drop.functions.size(), 2u);
  EXPECT_EQ(drop.functions[0].arguments, (std::vector<std::string>{"int4"}));
  EXPECT_FALSE(drop.functions[1].arguments.has_value());
  EXPECT_EQ(Only<AlterFunction>("ALTER FUNCTION f(int) RENAME TO g").value, "g");
  EXPECT_EQ(Only<AlterFunction>("ALTER PROCEDURE f SET SCHEMA s").change, AlterFunction::Change::kSetSchema);
  const auto call = Only<CallProcedure>("CALL s.p(1 + 2, b => f(3, 4))");
  ASSERT_EQ(call.arguments.size(), 2u);
  EXPECT_EQ(call.arguments[0].expression, "1 + 2");
  EXPECT_EQ(call.arguments[1].name, "b");
  EXPECT_EQ(call.arguments[1].expression, "f(3, 4)");
  ExpectMistakes({{"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS ''", "0A000",
                   "language \"plpgsql\" is not supported", 0},
                  {"CREATE FUNCTION f() RETURNS int AS ''", "42P13", "no language specified", 0}});
}

TEST(ParserStatement, ReadsViews) {
  const auto view = Only<CreateView>("CREATE OR REPLACE VIEW s.v (a, \"B\") AS SELECT 1, 2");
  EXPECT_EQ(view.name.schema, "s");
  EXPECT_EQ(view.name.name, "v");
  EXPECT_TRUE(view.replace);
  EXPECT_EQ(view.columns, (std::vector<std::string>{"a", "B"}));
  EXPECT_FALSE(Only<CreateView>("CREATE RECURSIVE VIEW v (n) AS SELECT 1").replace);
  const auto drop = Only<DropView>("DROP VIEW IF EXISTS v, s.w CASCADE");
  EXPECT_EQ(drop.names.size(), 2u);
  EXPECT_TRUE(drop.if_exists);
  EXPECT_TRUE(drop.cascade);
  EXPECT_TRUE(Only<AlterTable>("ALTER VIEW v RENAME TO w").view);
  EXPECT_FALSE(Only<AlterTable>("ALTER TABLE v RENAME TO w").view);
  EXPECT_EQ(Only<CommentOn>("COMMENT ON VIEW v IS 'x'").kind, CommentOn::Kind::kView);
  ExpectMistakes({{"CREATE VIEW v AS DELETE FROM t", "42601", "syntax error at or near \"DELETE\"", 18}});
}

TEST(ParserStatement, ReadsQueriesThatAreKept) {
  const auto prepare = Only<PrepareQuery>("PREPARE p (int, numeric(10,2)) AS SELECT $1");
  EXPECT_EQ(prepare.name, "p");
  ASSERT_EQ(prepare.types.size(), 2u);
  EXPECT_EQ(prepare.types[1].text, "numeric(10,2)");
  EXPECT_EQ(prepare.query, std::string(34, ' ') + "SELECT $1");
  EXPECT_EQ(Only<ExecutePrepared>("EXECUTE p (1, f(2, 3))").arguments.at(1).text, "f(2, 3)");
  const auto declare = Only<DeclareCursor>("DECLARE c NO SCROLL CURSOR WITH HOLD FOR SELECT 1");
  EXPECT_TRUE(declare.forward && declare.hold);
  EXPECT_EQ(declare.query, std::string(41, ' ') + "SELECT 1");
  EXPECT_EQ(Only<FetchCursor>("FETCH next").name, "next");
  EXPECT_EQ(Only<FetchCursor>("FETCH -2 FROM c").count, -2);
  const auto last = Only<FetchCursor>("MOVE LAST IN c");
  EXPECT_TRUE(last.move && last.direction == FetchCursor::Direction::kAbsolute && last.count == -1);
  EXPECT_EQ(Only<CloseCursor>("CLOSE ALL").name, "");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE PREPARE ALL").name, "");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE p").name, "p");
}

TEST(ParserStatement, KnowsWhatHasNoEffect) {
  const std::vector<std::pair<std::string, std::string>> tags = {
      {"VACUUM t", "VACUUM"},           {"ANALYZE", "ANALYZE"},
      {"CHECKPOINT", "CHECKPOINT"},     {"UNLISTEN *", "UNLISTEN"}};
  for (const auto& [text, tag] : tags) EXPECT_EQ(Only<NoEffect>(text).tag, tag) << text;
}

TEST(ParserStatement, ReadsSetConstraints) {
  const auto all = Only<SetConstraints>("SET CONSTRAINTS ALL DEFERRED");
  EXPECT_TRUE(all.names.empty() && all.deferred);
  const auto two = Only<SetConstraints>("SET CONSTRAINTS a, s.b IMMEDIATE");
  ASSERT_EQ(two.names.size(), 2u);
  EXPECT_EQ(two.names[1].schema, "s");
  EXPECT_EQ(two.names[1].name, "b");
  EXPECT_FALSE(two.deferred);
}

TEST(ParserStatement, ReadsDeallocateAndDiscard) {
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE P").name, "p");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE PREPARE \"P q\"").name, "P q");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE prepare").name, "prepare");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE ALL").name, "");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE PREPARE ALL").name, "");
  EXPECT_EQ(Only<Deallocate>("DEALLOCATE \"all\"").name, "all");
  for (const std::string what : {"ALL", "PLANS", "SEQUENCES", "TEMP"})
    EXPECT_EQ(Only<Discard>("DISCARD " + what).what, what);
  EXPECT_EQ(Only<Discard>("discard temporary").what, "TEMP");
}

// --- ALTER TABLE

template <typename T>
T OnlyAction(const std::string& text) {
  const auto alter = Only<AlterTable>(text);
  EXPECT_EQ(alter.actions.size(), 1u) << text;
  return std::get<T>(alter.actions.at(0));
}

TEST(ParserAlterTable, ReadsSeveralActions) {
  const auto alter = Only<AlterTable>(
      "ALTER TABLE IF EXISTS ONLY s.t ADD COLUMN a numeric(10, 2) DEFAULT round(1, 2) NOT NULL CHECK (a > 0), "
      "DROP IF EXISTS b CASCADE, ALTER c TYPE varchar(3) COLLATE \"C\" USING left(c, 3), ADD CONSTRAINT k PRIMARY KEY "
      "(a, c)");
  EXPECT_TRUE(alter.if_exists);
  EXPECT_TRUE(alter.only);
  EXPECT_EQ(alter.name.schema, "s");
  ASSERT_EQ(alter.actions.size(), 4u);
  const auto& add = std::get<alter::AddColumn>(alter.actions[0]);
  EXPECT_EQ(add.column.type.text, "numeric(10,2)");
  EXPECT_EQ(add.column.default_value->text, "round(1, 2)");
  EXPECT_TRUE(add.column.not_null);
  EXPECT_EQ(add.constraints.at(0).check->text, "a > 0");
  EXPECT_TRUE(std::get<alter::DropColumn>(alter.actions[1]).if_exists);
  const auto& type = std::get<alter::SetType>(alter.actions[2]);
  EXPECT_EQ(type.type.text, "character varying(3)");
  EXPECT_EQ(type.collation, "C");
  EXPECT_EQ(type.conversion->text, "left(c, 3)");
  EXPECT_THAT(std::get<alter::AddConstraint>(alter.actions[3]).constraint.columns, ElementsAre("a", "c"));
}

TEST(ParserAlterTable, ReadsEachAction) {
  EXPECT_TRUE(OnlyAction<alter::AddColumn>("ALTER TABLE t ADD IF NOT EXISTS \"check\" int").if_not_exists);
  EXPECT_EQ(OnlyAction<alter::RenameColumn>("ALTER TABLE t RENAME a TO \"B\"").new_name, "B");
  EXPECT_EQ(OnlyAction<alter::RenameConstraint>("ALTER TABLE t RENAME CONSTRAINT a TO b").name, "a");
  EXPECT_EQ(OnlyAction<alter::RenameTable>("ALTER TABLE t RENAME TO u").new_name, "u");
  EXPECT_EQ(OnlyAction<alter::SetDefault>("ALTER TABLE t ALTER COLUMN a SET DEFAULT 1 + 1").value->text, "1 + 1");
  EXPECT_FALSE(OnlyAction<alter::SetDefault>("ALTER TABLE t ALTER a DROP DEFAULT").value);
  EXPECT_TRUE(OnlyAction<alter::SetNotNull>("ALTER TABLE t ALTER a SET NOT NULL").not_null);
  EXPECT_FALSE(OnlyAction<alter::SetNotNull>("ALTER TABLE t ALTER a DROP NOT NULL").not_null);
  EXPECT_EQ(OnlyAction<alter::SetType>("ALTER TABLE t ALTER a SET DATA TYPE timestamp(3)").type.text,
            "timestamp(3) without time zone");
  const auto check =
      OnlyAction<alter::AddConstraint>("ALTER TABLE t ADD CHECK (a > 0) NO INHERIT NOT VALID").constraint;
  EXPECT_TRUE(check.no_inherit && check.not_valid);
  EXPECT_TRUE(OnlyAction<alter::DropConstraint>("ALTER TABLE t DROP CONSTRAINT IF EXISTS c RESTRICT").if_exists);
  EXPECT_EQ(OnlyAction<alter::ValidateConstraint>("ALTER TABLE t VALIDATE CONSTRAINT c").name, "c");
  EXPECT_EQ(OnlyAction<alter::SetSchema>("ALTER TABLE t SET SCHEMA s").schema, "s");
  EXPECT_TRUE(std::get<alter::SetOwner>(
                  Only<AlterTable>("ALTER TABLE t OWNER TO CURRENT_USER, SET (fillfactor = 70)").actions.at(0))
                  .keyword);
  const auto set = OnlyAction<alter::SetOptions>("ALTER TABLE t SET (fillfactor = 70, table.log.ttl = '3 d')");
  EXPECT_EQ(set.set.at(1), std::make_pair(std::string("table.log.ttl"), std::string("3 d")));
  EXPECT_THAT(OnlyAction<alter::SetOptions>("ALTER TABLE t RESET (fillfactor)").reset, ElementsAre("fillfactor"));
}

TEST(ParserStatement, ReadsCommentsAndMaintenance) {
  const auto column = Only<CommentOn>("COMMENT ON COLUMN s.t.c IS 'it''s'");
  EXPECT_EQ(column.table.schema, "s");
  EXPECT_EQ(column.name, "c");
  EXPECT_EQ(column.text, "it's");
  EXPECT_FALSE(Only<CommentOn>("COMMENT ON CONSTRAINT k ON t IS NULL").text);
  const auto routine = Only<CommentOn>("COMMENT ON PROCEDURE s.p(int, text) IS 'x'");
  EXPECT_EQ(routine.kind, CommentOn::Kind::kRoutine);
  EXPECT_EQ(routine.function.name.schema, "s");
  EXPECT_EQ(routine.function.arguments->size(), 2u);
  EXPECT_EQ(*routine.text, "x");
  EXPECT_EQ(Only<CommentOn>("COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'").kind, CommentOn::Kind::kDomainConstraint);
  EXPECT_EQ(Only<CommentOn>("COMMENT ON SCHEMA s IS 'x'").name, "s");
  EXPECT_THAT(Only<NoEffect>("VACUUM (FULL, ANALYZE) a (x, y), s.b").targets.at(0).columns, ElementsAre("x", "y"));
  EXPECT_EQ(Only<NoEffect>("ANALYZE VERBOSE t").targets.at(0).name.name, "t");
  const auto root = Only<NoEffect>("ANALYZE VERBOSE ROOTPARTITION \"T\" (a)");
  EXPECT_EQ(root.targets.at(0).name.name, "T");
  EXPECT_TRUE(root.verbose);
  EXPECT_TRUE(Only<NoEffect>("ANALYZE ROOTPARTITION ALL").targets.empty());
  EXPECT_EQ(Only<NoEffect>("ANALYZE rootpartition (a)").targets.at(0).name.name, "rootpartition");
  EXPECT_EQ(Only<NoEffect>("ANALYZE rootpartition").targets.size(), 1);
  const auto like =
      Only<CreateTable>("CREATE TABLE t (a int, LIKE s.u INCLUDING ALL EXCLUDING INDEXES, b int)").likes.at(0);
  EXPECT_EQ(like.place, 1u);
  EXPECT_TRUE(like.defaults && like.comments && like.constraints && !like.indexes);
}

}  // namespace
}  // namespace weir::sql
