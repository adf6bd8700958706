#include <gtest/gtest.h>

#include <algorithm>

#include "postgres/cast.h"
#include "postgres/function.h"
#include "postgres/identifier.h"
#include "postgres/operator.h"
#include "postgres/type.h"

namespace weir::postgres {
namespace {

TEST(Facts, EveryRowIsFoundByItsKeys) {
  for (const Type& type : AllTypes()) {
    EXPECT_EQ(FindType(type.oid), &type);
    EXPECT_EQ(FindType(type.name), &type);
  }
  for (const Function& function : AllFunctions()) {
    EXPECT_EQ(FindFunction(function.oid), &function);
    EXPECT_EQ(FindFunction(function.name, function.arguments), &function);
    EXPECT_TRUE(std::ranges::any_of(FindFunctions(function.name), [&](const Function& f) { return &f == &function; }));
  }
  for (const Operator& op : AllOperators()) {
    EXPECT_EQ(FindOperator(op.oid), &op);
    EXPECT_EQ(FindOperator(op.name, op.left, op.right), &op);
  }
  for (const Cast& cast : AllCasts()) EXPECT_EQ(FindCast(cast.source, cast.target), &cast);
  for (const Keyword& keyword : AllKeywords()) EXPECT_EQ(FindKeyword(keyword.word), &keyword);
}

TEST(Facts, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(FindType(Oid{0}), nullptr);
  EXPECT_EQ(FindType("int5"), nullptr);
  EXPECT_EQ(FindFunction(1), nullptr);
  EXPECT_TRUE(FindFunctions("nosuch").empty());
  EXPECT_EQ(FindOperator(1), nullptr);
  EXPECT_EQ(FindOperator("=", oid::kInt4, oid::kText), nullptr);
  EXPECT_EQ(FindCast(oid::kInt4, oid::kDate), nullptr);
  EXPECT_EQ(FindKeyword("nosuch"), nullptr);
  EXPECT_EQ(FindAggregate(1), nullptr);
}

TEST(Facts, TypesReferToTypesAndFunctionsOfTheTables) {
  for (const Type& type : AllTypes()) {
    for (const Oid other : {type.element, type.array, type.range_element}) {
      EXPECT_TRUE(other == 0 || FindType(other) != nullptr) << type.name;
    }
    for (const Oid function :
         {type.input, type.output, type.receive, type.send, type.modifier_input, type.modifier_output}) {
      EXPECT_TRUE(function == 0 || FindFunction(function) != nullptr) << type.name << " " << function;
    }
    EXPECT_TRUE(type.array == 0 || FindType(type.array)->element == type.oid) << type.name;
  }
}

TEST(Facts, FunctionsReferToTypesOfTheTable) {
  for (const Function& function : AllFunctions()) {
    EXPECT_NE(FindType(function.result), nullptr) << function.name;
    for (const Oid argument : function.arguments) EXPECT_NE(FindType(argument), nullptr) << function.name;
    EXPECT_EQ(function.kind == FunctionKind::kAggregate, FindAggregate(function.oid) != nullptr) << function.name;
    const bool named = function.computation == Computation::kDuckDb || function.computation == Computation::kOperator;
    EXPECT_EQ(named, !function.computed_by.empty()) << function.name;
    const auto defaults = std::ranges::count_if(
        function.parameters, [](const Parameter& parameter) { return parameter.default_value.data() != nullptr; });
    EXPECT_EQ(defaults, function.defaults) << function.name;
  }
}

TEST(Facts, OperatorsAndCastsReferToFunctionsOfTheTable) {
  for (const Operator& op : AllOperators()) {
    const Function* function = FindFunction(op.function);
    ASSERT_NE(function, nullptr) << op.name;
    EXPECT_EQ(function->arguments.size(), op.left == 0 ? 1u : 2u) << op.name;
    for (const Oid other : {op.commutator, op.negator}) {
      EXPECT_TRUE(other == 0 || FindOperator(other) != nullptr) << op.name;
    }
  }
  for (const Cast& cast : AllCasts()) {
    EXPECT_EQ(cast.method == CastMethod::kFunction, FindFunction(cast.function) != nullptr) << cast.source;
  }
}

TEST(Facts, RowsAreWhatPostgresHas) {
  const Type& numeric = *FindType(oid::kNumeric);
  EXPECT_EQ(numeric.name, "numeric");
  EXPECT_EQ(numeric.array, oid::kNumericArray);
  EXPECT_EQ(numeric.category, 'N');
  EXPECT_FALSE(numeric.preferred);
  EXPECT_TRUE(FindType(oid::kFloat8)->preferred);
  EXPECT_EQ(FindOperator("+", oid::kInt4, oid::kInt4)->oid, 551u);
  const Function& plus = *FindFunction(FindOperator("+", oid::kInt4, oid::kInt4)->function);
  EXPECT_EQ(plus.name, "int4pl");
  EXPECT_EQ(plus.computation, Computation::kOperator);
  EXPECT_EQ(plus.computed_by, "+");
  const auto counts = FindFunctions("count");
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(FindAggregate(counts[0].oid)->kind, AggregateKind::kNormal);
  EXPECT_EQ(FindAggregate(FindFunctions("percentile_cont")[0].oid)->direct_arguments, 1);
}

TEST(Identifiers, AreQuotedWhereQuoteIdentDoes) {
  EXPECT_EQ(QuoteIdentifier("plain_1"), "plain_1");
  EXPECT_EQ(QuoteIdentifier("Mixed"), "\"Mixed\"");
  EXPECT_EQ(QuoteIdentifier("1st"), "\"1st\"");
  EXPECT_EQ(QuoteIdentifier("a$b"), "\"a$b\"");
  EXPECT_EQ(QuoteIdentifier("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(QuoteIdentifier(""), "\"\"");
  EXPECT_EQ(QuoteIdentifier("größe"), "\"größe\"");
  EXPECT_EQ(QuoteIdentifier("select"), "\"select\"");  // reserved
  EXPECT_EQ(QuoteIdentifier("between"), "\"between\"");  // a column's name
  EXPECT_EQ(QuoteIdentifier("left"), "\"left\"");  // a function's name
  EXPECT_EQ(QuoteIdentifier("partition"), "partition");  // unreserved
}

TEST(Identifiers, LiteralsAreQuotedAsQuoteLiteralDoes) {
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteLiteral("a\\b'"), "E'a\\\\b'''");
  EXPECT_EQ(QuoteLiteral(""), "''");
}

TEST(Identifiers, FoldOnlyLettersOfAscii) {
  EXPECT_EQ(FoldIdentifier("AbcÄ1"), "abcÄ1");
}

}  // namespace
}  // namespace weir::postgres
