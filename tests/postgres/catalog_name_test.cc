#include "postgres/catalog_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "postgres/error.h"
#include "postgres/function.h"
#include "postgres/operator.h"

namespace weir::postgres {
namespace {

using testing::ElementsAre;

std::vector<std::string> NamesIn(std::string_view text) {
  const auto names = SplitQualifiedName(text);
  return names.ok() ? *names : std::vector<std::string>{FieldsOf(names.status()).sqlstate};
}

/// An OID, or the SQLSTATE and message of the error.
std::string Found(Oid type, std::string_view text) {
  const auto has_schema = [](std::string_view schema) -> Result<bool> {
    return schema == "pg_catalog" || schema == "public";
  };
  const auto oid = FindRoutineName(type, text, {"here", has_schema});
  if (oid.ok()) return std::to_string(*oid);
  const ErrorFields fields = FieldsOf(oid.status());
  return fields.sqlstate + " " + fields.message;
}

TEST(CatalogName, NamesAreSplitAtPointsOutsideOfQuotes) {
  EXPECT_THAT(NamesIn("a"), ElementsAre("a"));
  EXPECT_THAT(NamesIn("A.\"B.c\".\"\"\"\""), ElementsAre("a", "B.c", "\""));
  EXPECT_THAT(NamesIn(" a . b "), ElementsAre("a", "b"));
  EXPECT_THAT(NamesIn(std::string(70, 'x')), ElementsAre(std::string(63, 'x')));
  for (const char* bad : {"", " ", "a.", ".a", "a b", "\"a", "a..b", "\"a\"b"}) {
    EXPECT_THAT(NamesIn(bad), ElementsAre("42602")) << bad;
  }
}

TEST(CatalogName, FunctionsAreFoundByTheirNames) {
  EXPECT_EQ(Found(oid::kRegproc, "now"), "1299");
  EXPECT_EQ(Found(oid::kRegproc, "pg_catalog.NOW"), "1299");
  EXPECT_EQ(Found(oid::kRegproc, "here.pg_catalog.now"), "1299");
  EXPECT_EQ(Found(oid::kRegproc, "round"), "42725 more than one function named \"round\"");
  EXPECT_EQ(Found(oid::kRegproc, "public.now"), "42883 function \"public.now\" does not exist");
  EXPECT_EQ(Found(oid::kRegproc, "nowhere.now"), "3F000 schema \"nowhere\" does not exist");
  EXPECT_EQ(Found(oid::kRegproc, "a.b.c"), "0A000 cross-database references are not implemented: a.b.c");
  EXPECT_EQ(Found(oid::kRegproc, "a.b.c.d"), "42601 improper qualified name (too many dotted names): a.b.c.d");
}

TEST(CatalogName, FunctionsAreFoundByTheirArguments) {
  EXPECT_EQ(Found(oid::kRegprocedure, "lower(text)"), "870");
  EXPECT_EQ(Found(oid::kRegprocedure, "pg_catalog.\"lower\" ( TEXT ) "), "870");
  EXPECT_EQ(Found(oid::kRegprocedure, "now()"), "1299");
  EXPECT_EQ(Found(oid::kRegprocedure, "format(text,\"any\")"), "3539");
  EXPECT_EQ(Found(oid::kRegprocedure, "round(numeric(10,2), int)"), "1707");
  EXPECT_EQ(Found(oid::kRegprocedure, "lower"), "22P02 expected a left parenthesis");
  EXPECT_EQ(Found(oid::kRegprocedure, "lower(text) x"), "22P02 expected a right parenthesis");
  EXPECT_EQ(Found(oid::kRegprocedure, "lower(text,)"), "22P02 expected a type name");
  EXPECT_EQ(Found(oid::kRegprocedure, "lower(none)").substr(0, 5), "42704");
}

TEST(CatalogName, OperatorsAreFoundByTheirOperands) {
  EXPECT_EQ(Found(oid::kRegoper, "||/"), "597");
  EXPECT_EQ(Found(oid::kRegoper, "+"), "42725 more than one operator named +");
  EXPECT_EQ(Found(oid::kRegoper, "==="), "42883 operator does not exist: ===");
  EXPECT_EQ(Found(oid::kRegoperator, "pg_catalog.+(int4, int4)"), "551");
  EXPECT_EQ(Found(oid::kRegoperator, "-(none, int8)"), "484");
  EXPECT_EQ(Found(oid::kRegoperator, "+(int4)"), "42P02 missing argument");
  EXPECT_EQ(Found(oid::kRegoperator, "+(int4,int4,int4)"), "54023 too many arguments");
}

TEST(CatalogName, EveryTextIsReadBackAsWhatItShows) {
  for (const Function& function : AllFunctions()) {
    const std::string shown = RoutineNameText(oid::kRegprocedure, function.oid);
    EXPECT_EQ(Found(oid::kRegprocedure, shown), std::to_string(function.oid)) << shown;
  }
  for (const Operator& op : AllOperators()) {
    EXPECT_EQ(Found(oid::kRegoperator, RoutineNameText(oid::kRegoperator, op.oid)), std::to_string(op.oid));
  }
}

TEST(CatalogName, WhatHasNoNameIsShownAsANumber) {
  EXPECT_EQ(RoutineNameText(oid::kRegproc, 0), "-");
  EXPECT_EQ(RoutineNameText(oid::kRegoper, 0), "0");
  EXPECT_EQ(RoutineNameText(oid::kRegprocedure, 99999), "99999");
  EXPECT_EQ(RoutineNameText(oid::kRegproc, 1299), "now");
  EXPECT_EQ(RoutineNameText(oid::kRegproc, 870), "pg_catalog.lower");
  EXPECT_EQ(RoutineNameText(oid::kRegoper, 96), "pg_catalog.=");
  EXPECT_EQ(RoutineNameText(oid::kRegoperator, 484), "-(NONE,bigint)");
}

}  // namespace
}  // namespace weir::postgres
