#include "postgres/error.h"

#include <gtest/gtest.h>

namespace weir::postgres {
namespace {

ErrorFields Whole() {
  return {.sqlstate = "23505",
          .message = "duplicate key",
          .detail = "Key (a)=(1) already exists.",
          .hint = "Take another one.",
          .position = 8,
          .context = "COPY t, line 2",
          .schema = "s",
          .table = "t",
          .column = "a",
          .constraint = "t_pkey",
          .row = 1};
}

TEST(Error, OfFieldsKeepsAllOfThem) { EXPECT_EQ(FieldsOf(Error(Whole())), Whole()); }

TEST(Error, AtAnotherPositionSaysEverythingElseAsBefore) {
  ErrorFields expected = Whole();
  expected.position = 0;
  EXPECT_EQ(FieldsOf(AtPosition(Error(Whole()), 0)), expected);
  expected.position = 21;
  EXPECT_EQ(FieldsOf(AtPosition(Error(Whole()), 21)), expected);
}

TEST(Error, SaysWhereItHappenedOnceForEachKindOfPlace) {
  EXPECT_EQ(FieldsOf(InContext(Error(Whole()), "COPY t, line 1")).context, "COPY t, line 2");
  EXPECT_EQ(FieldsOf(InContext(Error(Whole()), "SQL function \"f\"")).context, "COPY t, line 2\nSQL function \"f\"");
  EXPECT_EQ(FieldsOf(InContext(Error("22023", "wrong"), "elsewhere")).context, "elsewhere");
}

TEST(Error, OfFlussHasTheStateThatItsCodeStandsFor) {
  EXPECT_EQ(FieldsOf(Status(ErrorCode::kTableNotExist, "no such table")).sqlstate, "42P01");
  EXPECT_EQ(FieldsOf(AtPosition(Status(ErrorCode::kTableNotExist, "no such table"), 3)).sqlstate, "42P01");
}

}  // namespace
}  // namespace weir::postgres
