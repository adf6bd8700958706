#include "sql/engine/positions.h"

#include <gtest/gtest.h>

#include "sql/error.h"

namespace weir::sql {
namespace {

int Placed(std::string_view original, std::string_view rewritten, std::string_view from) {
  const auto position = static_cast<int>(rewritten.find(from)) + 1;
  return FieldsOf(PlacedIn(original, rewritten, Error("42P01", "x", {.position = position}))).position;
}

TEST(Positions, AreThoseOfTheSameWord) {
  EXPECT_EQ(Placed("SELECT 1 FROM nowhere", "SELECT 1 AS \"?column?\" FROM nowhere", "nowhere"), 15);
  EXPECT_EQ(Placed("SELECT a, b, a FROM t", "SELECT a, (b), a FROM t", "a FROM"), 14);
  EXPECT_EQ(Placed("SELECT ab, b", "SELECT (ab), b", "ab"), 8);
  EXPECT_EQ(Placed("SELECT ab, b FROM t", "SELECT (ab), b FROM t", "b FROM"), 12);  // the b of ab is no word
  EXPECT_EQ(Placed("SELECT x", "SELECT made_up(x)", "made_up"), 0);
  EXPECT_EQ(Placed("SELECT 'é', y", "SELECT ('é'), y", "SELECT"), 1);
}

TEST(Positions, CountCharacters) {
  const std::string_view original = "SELECT 'é', y", rewritten = "SELECT 'é' AS \"?column?\", y";
  const Status status = Error("42703", "x", {.position = 27});  // of y; é is one character
  EXPECT_EQ(FieldsOf(PlacedIn(original, rewritten, status)).position, 13);
}

TEST(Positions, OtherFieldsStay) {
  const Status status = Error("42703", "m", {.detail = "d", .hint = "h", .position = 8, .table = "t"});
  const ErrorFields fields = FieldsOf(PlacedIn("SELECT  y", "SELECT y", status));
  EXPECT_EQ(fields.sqlstate + fields.message + fields.detail + fields.hint + fields.table, "42703mdht");
  EXPECT_EQ(fields.position, 9);
}

}  // namespace
}  // namespace weir::sql
