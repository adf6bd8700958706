#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sql/dialect/parser.h"
#include "sql/dialect/rewrite.h"

namespace weir::sql {
namespace {

std::string Rewritten(const std::string& text) { return ToDuckDb({.text = text, .command = "SELECT"}); }

void ExpectRewritten(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [text, expected] : cases) EXPECT_EQ(Rewritten(text), expected);
}

// The same without names for the results.
void ExpectExpressions(const std::vector<std::pair<std::string, std::string>>& cases) {
  for (const auto& [text, expected] : cases) EXPECT_EQ(ExpressionToDuckDb(text), expected);
}

TEST(ParserRewrite, LeavesAloneWhatBothRead) {
  for (const std::string text :
       {"select a, b.c as d, \"E\" from t b where a = $1 and s like 'x%' -- done",
        "insert into t values (1, 'it''s', $$q$$) returning a", "update only t set a = a + 1 where b is not null",
        "delete from t using u where t.a = u.a", "select * from t order by a fetch first 1 rows only",
        "select * from (values (1, 2)) v", "/* x */ select a\n  from t /* y */ "}) {
    EXPECT_EQ(Rewritten(text), text);
  }
  EXPECT_EQ(Rewritten(""), "");
  EXPECT_EQ(Rewritten("select 'open"), "select 'open");
}

TEST(ParserRewrite, FoldsNames) {
  ExpectRewritten({{"SELECT Id, \"Id\" AS MyName FROM Sales", "select id, \"Id\" as myname from sales"}});
}

TEST(ParserRewrite, WritesLiteralsPlainly) {
  ExpectExpressions({{"E'a\\n\\x41\\u00e9\\'b'", "'a\nAé''b'"},
                     {"U&'d\\0061t\\+000061'", "'data'"},
                     {"U&\"d\\0061t\"", "\"dat\""},
                     {"'a'\n'b'", "'ab'"},
                     {"E'\\\\'\n'x'", "'\\x'"},
                     {"B'101'", "'101'::BIT"},
                     {"X'1F'", "'00011111'::BIT"},
                     {"'two\nlines'", "'two\nlines'"}});
}

TEST(ParserRewrite, NamesTheMatchApartFromSimilarTo) {
  ExpectExpressions({{"a ~ '^x'", "a @~ '^x'"},
                     {"a !~ 'x'", "a !@~ 'x'"},
                     {"a ~* 'x'", "a ~* 'x'"},
                     {"a operator(pg_catalog.~) '^(x)$' COLLATE pg_catalog.default", "a @~ '^(x)$' "},
                     {"1 operator(pg_catalog.+) 2", "1 + 2"},
                     {"a similar to 'x'", "a similar to 'x'"},
                     {"~ 5", "@~ 5"}});
}

TEST(ParserRewrite, DropsTheCatalogsPrefixWhereDuckDbHasNone) {
  ExpectExpressions({{"pg_catalog.lower(a)", "lower(a)"},
                     {"a::pg_catalog.text", "a::text"},
                     {"a::pg_catalog.name", "a::VARCHAR"},
                     {"CAST(a AS pg_catalog.text)", "cast(a as text)"},
                     {"CAST(a AS pg_catalog.name)", "cast(a as VARCHAR)"},
                     {"c.oid::pg_catalog.regclass::pg_catalog.text", "c.oid::regclass::text"},
                     {"a COLLATE \"default\"", "a "}});
  EXPECT_EQ(Rewritten("select * from pg_catalog.pg_class"), "select * from pg_catalog.pg_class");
}

TEST(ParserRewrite, RenamesTypes) {
  ExpectExpressions({{"a::name", "a::VARCHAR"},
                     {"null::unknown", "null::VARCHAR"},
                     {"a::jsonb", "a::JSON"},
                     {"a::time(3)", "a::time"},
                     {"a::numeric(3)", "a::numeric(3)"}});
}

TEST(ParserRewrite, TranslatesClauses) {
  ExpectRewritten({{"select a from t for update of t, u nowait",
                    "SELECT weir_lock_rows('UPDATE', 'NOWAIT', 't', 'u'), a from t "},
                   {"select a from t for no key update skip locked",
                    "SELECT weir_lock_rows('NO KEY UPDATE', 'SKIP LOCKED'), a from t "},
                   {"select a from t for key share limit 1",
                    "SELECT weir_lock_rows('KEY SHARE', 'WAIT'), a from t  limit 1"},
                   {"select * from t tablesample system (10)", "select * from t tablesample system (10 PERCENT)"},
                   {"select a from t order by a using >", "select a from t order by a DESC"},
                   {"select substring(a for 2) as x from t", "select substring(a for 2) as x from t"}});
}

TEST(ParserRewrite, FindsNothingInOnlyAPartitionedTable) {
  const auto rewritten = [](const std::string& text) {
    return ToDuckDb({.text = text, .command = ""}, [](const QualifiedName& name) { return name.name == "root"; });
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"select a from only root", "select a from (SELECT * FROM root WHERE false) AS root"},
      {"select a from only (s.root) as r where a = 1",
       "select a from (SELECT * FROM s.root WHERE false) as r where a = 1"},
      {"select a from only root r, only leaf", "select a from (SELECT * FROM root WHERE false) r, only leaf"},
      {"update only root set a = 1", "update only root set a = 1 WHERE false"},
      {"update only root set a = 1 where a = 2 or b returning a",
       "update only root set a = 1 where false AND ( a = 2 or b) returning a"},
      {"delete from only root", "delete from only root WHERE false"},
      {"delete from only root where a > 1", "delete from only root where false AND ( a > 1)"},
      {"delete from only leaf where a > 1", "delete from only leaf where a > 1"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(rewritten(text), expected);
}

TEST(ParserRewrite, NamesResultsAsPostgresDoes) {
  const auto name_of = [](const std::string& result) {
    const std::string text = Rewritten("select " + result + " from t");
    const size_t as = text.rfind(" AS \"");
    return as == std::string::npos ? "" : text.substr(as + 5, text.rfind('"') - as - 5);
  };
  const std::vector<std::pair<std::string, std::string>> names = {
      {"count(*)", "count"},
      {"pg_catalog.lower(a)", "lower"},
      {"sum(a) filter (where a > 1) over (partition by b)", "sum"},
      {"row_number() over w", "row_number"},
      {"1", "?column?"},
      {"'x'", "?column?"},
      {"null", "?column?"},
      {"a + 1", "?column?"},
      {"a is distinct from b", "?column?"},
      {"not a", "?column?"},
      {"a is null", "?column?"},
      {"a between 1 and 2", "?column?"},
      {"true", "bool"},
      {"a::text", "a"},
      {"lower(a)::text", "lower"},
      {"'1'::int", "int4"},
      {"'t'::regclass::oid", "oid"},
      {"cast(1 as bigint)", "int8"},
      {"cast(a as bigint)", "a"},
      {"date '2024-01-01'", "date"},
      {"case when a then 1 end", "case"},
      {"coalesce(a, 1)", "coalesce"},
      {"exists(select 1)", "exists"},
      {"array[1, 2]", "array"},
      {"row(1, 2)", "row"},
      {"(a)", "a"},
      {"a[1]", "a"},
      {"trim(a)", "btrim"},
      {"extract(year from a)", "extract"},
      {"a at time zone 'UTC'", "timezone"},
      {"a collate \"C\"", "a"},
      {"$1::numeric", "numeric"},
      // These have their names.
      {"a", ""},
      {"t.a", ""},
      {"*", ""},
      {"t.*", ""},
      {"count(*) as n", ""},
      {"count(*) n", ""},
      {"1 \"X\"", ""},
      {"case when a then 1 end n", ""},
      {"null n", ""}};
  for (const auto& [result, name] : names) EXPECT_EQ(name_of(result), name) << result;
  ExpectRewritten({{"select distinct on (a) a, count(*) from t",
      "select distinct on (a) a, count(*) AS \"count\" from t"},
                   {"select q.count from (select count(*), 1 from t) q",
                    "select q.count from (select count(*) AS \"count\", 1 from t) q"},
                   {"insert into t values (1) returning a, a + 1",
                    "insert into t values (1) returning a, a + 1 AS \"?column?\""},
                   {"select 1 union select 2", "select 1 AS \"?column?\" union select 2 AS \"?column?\""}});
}

TEST(ParserRewrite, GivesWhatParsesAgain) {
  for (const std::string text :
       {"SELECT Count(*), a ~ lower(b), E'\\n' FROM t WHERE c.oid::regclass = 't'::regclass FOR UPDATE",
        "SELECT CASE WHEN a THEN 1 END, (SELECT max(a) FROM t), x::time(3), 'y'::name FROM t ORDER BY 1 USING <"}) {
    EXPECT_TRUE(Parse(Rewritten(text)).ok()) << Rewritten(text);
  }
}

}  // namespace
}  // namespace weir::sql
