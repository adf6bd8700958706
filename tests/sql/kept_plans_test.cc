#include "sql/dialect/statement_shape.h"
#include "tests/sql/session_testing.h"

namespace weir::sql {
namespace {

using dialect::HasLastingMeaning;
using dialect::ShapeOf;

std::string Parameterized(const std::string& text) {
  const auto shape = ShapeOf(text);
  return shape ? shape->parameterized : "(none)";
}

TEST(StatementShape, LiteralsBecomeParameters) {
  EXPECT_EQ(Parameterized("SELECT v FROM t WHERE id = 7 AND s <> 'it''s'"),
            "SELECT v FROM t WHERE id = $1 AND s <> $2");
  EXPECT_EQ(Parameterized("update t set a=a+-1.5 where \"Id\"=3;"), "update t set a=a+-$1 where \"Id\"=$2;");
  const auto shape = ShapeOf("INSERT INTO t VALUES (1, 3000000000, 99999999999999999999, 1., .5, 'a''b')");
  ASSERT_TRUE(shape);
  std::vector<std::string> literals;
  for (const auto& literal : shape->literals) literals.push_back(literal.text + ":" + std::to_string(literal.type));
  EXPECT_EQ(literals, (std::vector<std::string>{"1:23", "3000000000:20", "99999999999999999999:1700", "1.:1700",
                                                ".5:1700", "a'b:0"}));
}

TEST(StatementShape, OnlyTextsThatDifferInLiteralsHaveOneKey) {
  const auto key = [](const std::string& text) { return ShapeOf(text)->key; };
  EXPECT_EQ(key("SELECT a FROM t WHERE id = 1"), key("SELECT a FROM t WHERE id = 22"));
  EXPECT_NE(key("SELECT a FROM t WHERE id = 1"), key("SELECT a FROM t WHERE id = 3000000000"));
  EXPECT_NE(key("SELECT a FROM t WHERE id = 1"), key("SELECT a FROM t WHERE id = '1'"));
  EXPECT_NE(key("SELECT a FROM t WHERE id = 1"), key("SELECT b FROM t WHERE id = 1"));
}

TEST(StatementShape, WhatNeedsTheGrammarHasNone) {
  for (const char* text : {"SELECT 1 ORDER BY 1",
                           "SELECT a FROM t WHERE id = 1 LIMIT 2",
                           "SELECT date '2024-01-01'",
                           "SELECT E'a\\n'",
                           "SELECT 'a' 'b'",
                           "SELECT $1 + 1",
                           "SELECT 1 -- one",
                           "SELECT /* one */ 1",
                           "SELECT 1; SELECT 2",
                           "SELECT a FROM t",
                           "CREATE TABLE t (a int DEFAULT 1)",
                           "SELECT 1e5",
                           "SELECT 0x1F",
                           "SELECT $$a$$",
                           "SELECT 'open",
                           "SELECT interval '1 day'",
                           "WITH w AS (SELECT 1) SELECT 2",
                           "",
                           ";",
                           "SELECT U&'a' || 'b'",
                           "SELECT f 1"}) {
    EXPECT_EQ(Parameterized(text), "(none)") << text;
  }
  EXPECT_TRUE(HasLastingMeaning("SELECT 'a' || $1"));
  EXPECT_FALSE(HasLastingMeaning("SELECT 'Now'::timestamp"));
}

/// The same statements with other literals, again and again: they must mean what each means by itself.
class KeptPlansTest : public SessionTest {};

TEST_F(KeptPlansTest, EachHasItsOwnLiterals) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n bigint, s text, d date)");
  for (int i = 1; i <= 4; ++i) {
    const std::string at = std::to_string(i);
    EXPECT_ROWS("INSERT INTO t VALUES (" + at + ", " + at + "0, 'v" + at + "', '2024-01-0" + at + "')", "INSERT 0 1");
  }
  for (int i = 1; i <= 4; ++i) {
    const std::string at = std::to_string(i);
    EXPECT_ROWS("SELECT s, n + 1, d FROM t WHERE id = " + at, "v" + at + "|" + at + "1|2024-01-0" + at, "SELECT 1");
    EXPECT_ROWS("UPDATE t SET n = n * 2.4 WHERE id = '" + at + "'", "UPDATE 1");
  }
  EXPECT_ROWS("SELECT n FROM t WHERE id = 3", "72", "SELECT 1");
  EXPECT_ROWS("DELETE FROM t WHERE id = 1", "DELETE 1");
  EXPECT_ROWS("DELETE FROM t WHERE id = 1", "DELETE 0");
  EXPECT_ROWS("DELETE FROM t WHERE id = 1", "DELETE 0");
}

TEST_F(KeptPlansTest, ErrorsTellWhereTheyStand) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int)");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("INSERT INTO t VALUES ('" + std::to_string(i) + "', 1)", "INSERT 0 1");
  const auto failed = Run("INSERT INTO t VALUES ('x', 1)");
  EXPECT_SQL_ERROR(failed, "22P02", "invalid input syntax for type integer: \"x\"");
  EXPECT_SQL_ERROR(Run("INSERT INTO t VALUES ('1', 1)"), "23505", "t_pkey");
  EXPECT_ROWS("INSERT INTO t VALUES ('7', 1)", "INSERT 0 1");
}

TEST_F(KeptPlansTest, TablesAndSettingsMayChange) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, d date); INSERT INTO t VALUES (1, '2024-02-03'), (2, '2024-02-04')");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("SELECT id FROM t WHERE id = 1 AND d = '02/03/2024'", "1", "SELECT 1");
  EXPECT_RUNS("SET DateStyle = 'ISO, DMY'");
  EXPECT_ROWS("SELECT id FROM t WHERE id = 1 AND d = '02/03/2024'", "SELECT 0");
  EXPECT_RUNS("ALTER TABLE t ALTER COLUMN id TYPE text");
  EXPECT_SQL_ERROR(Run("SELECT id FROM t WHERE id = 1 AND d = '03/02/2024'"), "42883", "operator does not exist");
  EXPECT_RUNS("DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, d text); INSERT INTO t VALUES (1, '03/02/2024')");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("SELECT id FROM t WHERE id = 1 AND d = '03/02/2024'", "1", "SELECT 1");
}

TEST_F(KeptPlansTest, ATransactionsOwnTablesAreItsOwn) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 10)");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("SELECT n FROM t WHERE id = 1", "10", "SELECT 1");
  EXPECT_RUNS("BEGIN; DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, n text); INSERT INTO t VALUES (1, 'new')");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("SELECT n FROM t WHERE id = 1", "new", "SELECT 1");
  EXPECT_RUNS("ROLLBACK");
  EXPECT_ROWS("SELECT n FROM t WHERE id = 1", "10", "SELECT 1");
  EXPECT_RUNS("CREATE TEMP TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 11)");
  for (int i = 0; i < 3; ++i) EXPECT_ROWS("SELECT n FROM t WHERE id = 1", "11", "SELECT 1");
  EXPECT_RUNS("DROP TABLE t");
  EXPECT_ROWS("SELECT n FROM t WHERE id = 1", "10", "SELECT 1");
}

TEST_F(KeptPlansTest, PreparedTextsAreSharedAndHoldTheirTypes) {
  EXPECT_RUNS("CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t VALUES (1, 10), (2, 20)");
  for (int i = 1; i <= 2; ++i) {
    const auto one = Get(session->Prepare("SELECT n FROM t WHERE id = $1", {}));
    EXPECT_EQ(one->parameter_types(), std::vector<uint32_t>{23});
    const auto wide = Get(session->Prepare("SELECT n FROM t WHERE id = $1", {20}));
    EXPECT_EQ(wide->parameter_types(), std::vector<uint32_t>{20});
    auto result = Get(session->Execute(one, {std::to_string(i)}));
    std::vector<std::string> lines;
    ASSERT_TRUE(Collect(*result, &lines).ok());
    EXPECT_EQ(lines, (std::vector<std::string>{std::to_string(i) + "0", "SELECT 1"}));
  }
  EXPECT_RUNS("ALTER TABLE t ALTER COLUMN n TYPE text");
  EXPECT_EQ(Get(session->Prepare("SELECT n FROM t WHERE id = $1", {}))->columns()[0].type_oid, 25u);
}

}  // namespace
}  // namespace weir::sql
