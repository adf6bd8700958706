#include <fmt/format.h>

#include "tests/sql/parser_testing.h"

namespace weir::sql {
namespace {

using Data = Copy::Data;

/// "name", "name=value", "name=value#" for a number, "name=[a,b]", "name=*", each with "@position".
std::string Options(const std::string& text) {
  std::string shown;
  for (const postgres::CopyOption& option : Only<Copy>(text).options) {
    shown += (shown.empty() ? "" : " ") + option.name;
    if (option.list) {
      shown += fmt::format("=[{}]", fmt::join(*option.list, ","));
    } else if (option.value) {
      shown += fmt::format("={}{}", *option.value, option.number ? "#" : "");
    }
    shown += fmt::format("@{}", option.position);
  }
  return shown;
}

TEST(ParserCopy, ReadsTables) {
  const Copy from = Only<Copy>("COPY db.s.\"T\" (a, \"B\") FROM STDIN");
  EXPECT_TRUE(from.from);
  EXPECT_EQ(from.data, Data::kClient);
  EXPECT_EQ(from.table.database, "db");
  EXPECT_EQ(from.table.schema, "s");
  EXPECT_EQ(from.table.name, "T");
  EXPECT_EQ(from.table.position, 6);
  EXPECT_EQ(from.columns, (std::vector<std::string>{"a", "B"}));
  EXPECT_FALSE(from.query);
  EXPECT_FALSE(from.where);
  const Copy to = Only<Copy>("copy T to stdin");  // as PostgreSQL takes it
  EXPECT_FALSE(to.from);
  EXPECT_EQ(to.table.name, "t");
  EXPECT_TRUE(to.columns.empty());
}

TEST(ParserCopy, KnowsFilesAndPrograms) {
  EXPECT_EQ(Only<Copy>("COPY t FROM '/tmp/x' CSV").data, Data::kFile);
  EXPECT_EQ(Only<Copy>("COPY t TO ''").data, Data::kFile);
  EXPECT_EQ(Only<Copy>("COPY (SELECT 'to' FROM x) TO E'/tmp/x'").data, Data::kFile);
  EXPECT_EQ(Only<Copy>("COPY t FROM PROGRAM 'ls'").data, Data::kProgram);
  EXPECT_EQ(Only<Copy>("COPY t FROM stdin NULL 'x'").data, Data::kClient);
  EXPECT_EQ(Only<Copy>("COPY \"from\" TO STDOUT").table.name, "from");
}

TEST(ParserCopy, KeepsQueriesWithTheirPositions) {
  const Copy copy = Only<Copy>("COPY /* rows */ (WITH w AS (SELECT 'é)' AS x) SELECT x FROM w) TO STDOUT (HEADER)");
  EXPECT_EQ(copy.query->text, "     /* rows */  WITH w AS (SELECT 'é)' AS x) SELECT x FROM w");
  EXPECT_EQ(copy.query->command, "SELECT");
  EXPECT_TRUE(copy.query_gives_rows);
  EXPECT_EQ(Only<Copy>("COPY (VALUES (1)) TO STDOUT").query->command, "SELECT");
  const std::vector<std::pair<std::string, std::string>> changes = {{"INSERT INTO t VALUES (1)", "INSERT"},
                                                                    {"UPDATE t SET a = 1", "UPDATE"},
                                                                    {"WITH w AS (SELECT 1) DELETE FROM t", "DELETE"}};
  for (const auto& [query, command] : changes) {
    const Copy silent = Only<Copy>("COPY (" + query + ") TO STDOUT");
    EXPECT_EQ(silent.query->command, command);
    EXPECT_FALSE(silent.query_gives_rows) << query;
    EXPECT_TRUE(Only<Copy>("COPY (" + query + " RETURNING *) TO STDOUT").query_gives_rows) << query;
  }
  EXPECT_EQ(Only<Unsupported>("COPY (SELECT 1 INTO x UNION SELECT 2) TO STDOUT").what, "COPY (SELECT INTO)");
}

TEST(ParserCopy, ReadsOptionsInParentheses) {
  EXPECT_EQ(Options("COPY t FROM STDIN (FORMAT CSV, header, FREEZE 1, \"Null\" '')"),
            "format=csv@20 header@32 freeze=1#@40 Null=@50");
  EXPECT_EQ(Options("COPY t TO STDOUT WITH (force_quote (a, \"B\"), null 1.50, delimiter *, escape -2, quote true)"),
            "force_quote=[a,B]@24 null=1.50@46 delimiter=*@57 escape=-2#@70 quote=true@81");
  EXPECT_EQ(Only<Copy>("COPY t TO STDOUT (force_quote *)").options[0].star, true);
  EXPECT_EQ(Only<Copy>("COPY t TO STDOUT (force_null (a, b))").options[0].value, "a.b");
}

TEST(ParserCopy, ReadsTheOlderOptions) {
  EXPECT_EQ(Options("COPY t FROM STDIN"), "");
  EXPECT_EQ(Options("COPY BINARY t FROM STDIN"), "format=binary@6");
  EXPECT_EQ(Options("COPY t FROM STDIN USING DELIMITERS ','"), "delimiter=,@25");
  EXPECT_EQ(Options("COPY t FROM STDIN WITH DELIMITER AS ',' NULL AS 'n' CSV HEADER QUOTE '\"' ESCAPE '\\' FREEZE"),
            "delimiter=,@24 null=n@41 format=csv@53 header=true@57 quote=\"@64 escape=\\@74 freeze=true@85");
  EXPECT_EQ(Options("COPY t TO STDOUT CSV FORCE QUOTE a, b ENCODING 'utf8'"),
            "format=csv@18 force_quote=[a,b]@22 encoding=utf8@39");
  EXPECT_EQ(Options("COPY t TO STDOUT CSV FORCE QUOTE *"), "format=csv@18 force_quote=*@22");
  EXPECT_EQ(Options("COPY t FROM STDIN CSV FORCE NOT NULL a FORCE NULL b"),
            "format=csv@19 force_not_null=[a]@23 force_null=[b]@40");
}

TEST(ParserCopy, KeepsWhere) {
  const Copy copy = Only<Copy>("COPY t (\"where\") FROM STDIN (FORMAT csv) WHERE a > 1 AND b IN ('where')");
  ASSERT_TRUE(copy.where);
  EXPECT_EQ(copy.where->text, fmt::format("{:47}a > 1 AND b IN ('where')", ""));
  EXPECT_EQ(copy.where->position, 48);
}

TEST(ParserCopy, LeavesOutIgnoreExternalPartitions) {
  const Copy copy = Only<Copy>("COPY t TO STDOUT WITH (FORMAT csv) IGNORE EXTERNAL PARTITIONS");
  EXPECT_EQ(copy.table.name, "t");
  EXPECT_EQ(Options("COPY t TO STDOUT WITH (FORMAT csv) IGNORE EXTERNAL PARTITIONS"), "format=csv@24");
  EXPECT_EQ(Only<Copy>("COPY t FROM STDIN WHERE a > 1 IGNORE EXTERNAL PARTITIONS").where->text,
            "                        a > 1");
}

TEST(ParserCopy, ReportsPostgresMistakes) {
  ExpectMistakes({{"COPY t TO STDOUT WHERE a = 1", "42601", "WHERE clause not allowed with COPY TO", 18},
                  {"COPY (SELECT 1) FROM STDIN", "42601", "syntax error at or near \"FROM\"", 17},
                  {"COPY t TO STDOUT WITH nosuch", "42601", "syntax error at or near \"nosuch\"", 23},
                  {"COPY t TO STDOUT ()", "42601", "syntax error at or near \")\"", 19},
                  {"COPY t TO STDOUT (force_quote (a, 1))", "42601", "syntax error at or near \"1\"", 35},
                  {"SELECT 1; COPY ONLY t TO STDOUT", "42601", "syntax error at or near \"ONLY\"", 16},
                  {"COPY t", "42601", "syntax error at end of input", 7},
                  {"COPY", "42601", "syntax error at end of input", 5},
                  {"IGNORE EXTERNAL PARTITIONS", "42601", "syntax error at or near \"IGNORE\"", 1}});
}

}  // namespace
}  // namespace weir::sql
