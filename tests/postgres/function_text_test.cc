#include "postgres/function_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "postgres/cast.h"
#include "postgres/listing.h"
#include "postgres/operator.h"
#include "postgres/type.h"

namespace weir::postgres {
namespace {

const Function& Of(std::string_view name, size_t which = 0) { return FindFunctions(name)[which]; }

TEST(FunctionText, ArgumentsAreAsDeclared) {
  EXPECT_EQ(FunctionArgumentsText(Of("now"), true), "");
  EXPECT_EQ(FunctionArgumentsText(Of("concat_ws"), true), "text, VARIADIC \"any\"");
  EXPECT_EQ(FunctionArgumentsText(Of("json_each"), true), "from_json json, OUT key text, OUT value json");
  EXPECT_EQ(FunctionArgumentsText(Of("jsonb_path_query"), true),
            "target jsonb, path jsonpath, vars jsonb DEFAULT '{}'::jsonb, silent boolean DEFAULT false");
  EXPECT_EQ(FunctionArgumentsText(Of("jsonb_path_query"), false),
            "target jsonb, path jsonpath, vars jsonb, silent boolean");
}

TEST(FunctionText, OrderedSetAggregatesHaveOrderBy) {
  EXPECT_EQ(FunctionArgumentsText(Of("mode"), true), "ORDER BY anyelement");
  EXPECT_EQ(FunctionArgumentsText(*FindFunction(3974), true), "double precision ORDER BY double precision");
  EXPECT_EQ(FunctionArgumentsText(*FindFunction(3986), true), "VARIADIC \"any\" ORDER BY VARIADIC \"any\"");
}

TEST(FunctionText, ResultsAndDefaults) {
  EXPECT_EQ(FunctionResultText(Of("now")), "timestamp with time zone");
  EXPECT_EQ(FunctionResultText(Of("json_each")), "SETOF record");
  EXPECT_EQ(FunctionDefaultsText(Of("make_interval")), "0, 0, 0, 0, 0, 0, 0.0");
  EXPECT_EQ(FunctionDefaultsText(Of("now")), "");
  EXPECT_EQ(FunctionDefaultText(Of("make_interval"), 7), "0.0");
  EXPECT_EQ(FunctionDefaultText(Of("make_interval"), 8), "");
  EXPECT_EQ(FunctionDefaultText(Of("jsonb_path_query"), 3), "'{}'::jsonb");
  EXPECT_EQ(FunctionDefaultText(Of("jsonb_path_query"), 1), "");
}

TEST(Listing, EveryFunctionHasOne) {
  for (const Function& function : AllFunctions()) {
    ASSERT_NE(FindFunctionListing(function.oid), nullptr) << function.name;
    EXPECT_EQ(FindFunctionListing(function.oid)->rows > 0, function.returns_set) << function.name;
  }
  EXPECT_EQ(FindFunctionListing(1), nullptr);
}

TEST(Listing, OperatorClassesAreThoseOfTheTypesOperators) {
  for (const OperatorClassListing& listing : AllOperatorClassListings()) {
    EXPECT_EQ(FindOperatorClassListing(listing.type), &listing) << listing.name;
  }
  EXPECT_EQ(FindOperatorClassListing(oid::kInt4)->oid, 1978u);
  EXPECT_EQ(FindOperatorClassListing(oid::kVarchar), FindOperatorClassListing(oid::kText));
  EXPECT_EQ(FindOperatorClassListing(oid::kInt4Array)->type, oid::kAnyarray);
  EXPECT_EQ(FindOperatorClassListing(oid::kInt4range)->type, oid::kAnyrange);
  EXPECT_EQ(FindOperatorClassListing(oid::kJson), nullptr);
}

TEST(Listing, CastsHaveTheirOwnNumbers) {
  std::vector<Oid> oids;
  for (const Cast& cast : AllCasts()) oids.push_back(cast.oid);
  std::sort(oids.begin(), oids.end());
  EXPECT_EQ(std::adjacent_find(oids.begin(), oids.end()), oids.end());
  EXPECT_NE(oids.front(), 0u);
}

}  // namespace
}  // namespace weir::postgres
