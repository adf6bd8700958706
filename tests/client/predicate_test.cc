#include "client/predicate_eval.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weir {
namespace {

using Op = Predicate::Op;
using testing::HasSubstr;

Predicate Leaf(Op op, const std::string& column, std::vector<Predicate::Literal> literals) {
  Predicate predicate;
  predicate.op = op;
  predicate.column = column;
  predicate.literals = std::move(literals);
  return predicate;
}

Predicate Combine(Op op, std::vector<Predicate> children) {
  Predicate predicate;
  predicate.op = op;
  predicate.children = std::move(children);
  return predicate;
}

const Schema& TestSchema() {
  static const Schema schema = *Schema::Make({{"tiny", DataType::TinyInt()},
                                              {"number", DataType::BigInt()},
                                              {"real", DataType::Float()},
                                              {"text", DataType::String()},
                                              {"price", DataType::Decimal(5, 2)},
                                              {"at", DataType::Timestamp()},
                                              {"items", DataType::Array(DataType::Int())},
                                              {"flag", DataType::Boolean()},
                                              {"raw", DataType::Bytes()},
                                              {"day", DataType::Date()}});
  return schema;
}

enum Place { kTiny, kNumber, kReal, kText, kPrice, kAt, kItems, kFlag, kRaw, kDay };

std::string ErrorOf(const Predicate& predicate) {
  return BoundPredicate::Bind(predicate, TestSchema()).status().message();
}

/// Whether a row whose column `place` is `value`, and whose others are NULL, matches.
bool Matches(const Predicate& predicate, Place place, const Datum& value) {
  const Result<BoundPredicate> bound = BoundPredicate::Bind(predicate, TestSchema());
  EXPECT_TRUE(bound.ok()) << bound.status().ToString();
  if (!bound.ok()) return false;
  std::vector<Datum> row(TestSchema().num_columns());
  row[place] = value;
  return bound->Matches(row);
}

bool MayMatch(const Predicate& predicate, Place place, const BoundPredicate::Range& range, int64_t rows = 10) {
  const BoundPredicate bound = *BoundPredicate::Bind(predicate, TestSchema());
  std::vector<BoundPredicate::Range> ranges(TestSchema().num_columns());
  ranges[place] = range;
  return bound.MayMatch(ranges, rows);
}

TEST(Predicate, Comparisons) {
  const auto number = [](Op op, int64_t literal, int64_t value) {
    return Matches(Leaf(op, "number", {literal}), kNumber, Datum::Int(value));
  };
  EXPECT_TRUE(number(Op::kEqual, 5, 5));
  EXPECT_FALSE(number(Op::kEqual, 5, 6));
  EXPECT_TRUE(number(Op::kNotEqual, 5, 6));
  EXPECT_TRUE(number(Op::kLess, 5, 4));
  EXPECT_FALSE(number(Op::kLess, 5, 5));
  EXPECT_TRUE(number(Op::kLessOrEqual, 5, 5));
  EXPECT_TRUE(number(Op::kGreater, 5, 6));
  EXPECT_TRUE(number(Op::kGreaterOrEqual, 5, 5));
  EXPECT_FALSE(number(Op::kGreaterOrEqual, 5, 4));
  EXPECT_TRUE(Matches(Leaf(Op::kIn, "number", {int64_t{1}, int64_t{2}}), kNumber, Datum::Int(2)));
  EXPECT_TRUE(Matches(Leaf(Op::kNotIn, "number", {int64_t{1}, int64_t{2}}), kNumber, Datum::Int(3)));
  EXPECT_FALSE(Matches(Leaf(Op::kIn, "number", {}), kNumber, Datum::Int(2)));
  EXPECT_TRUE(Matches(Leaf(Op::kGreater, "real", {1.5}), kReal, Datum::Double(std::nan("")))) << "NaN is the largest";
  EXPECT_TRUE(Matches(Leaf(Op::kEqual, "flag", {true}), kFlag, Datum::Bool(true)));
  EXPECT_TRUE(Matches(Leaf(Op::kLess, "day", {Predicate::DateLiteral{100}}), kDay, Datum::Int(99)));
  EXPECT_TRUE(Matches(Leaf(Op::kLess, "at", {Predicate::TimestampLiteral{5, 10, false}}), kAt, Datum::Timestamp(5, 9)));
  EXPECT_TRUE(Matches(Leaf(Op::kEqual, "price", {Predicate::DecimalLiteral{15, 1}}), kPrice, Datum::Decimal(150)));
  EXPECT_TRUE(Matches(Leaf(Op::kEqual, "price", {int64_t{2}}), kPrice, Datum::Decimal(200)));
  EXPECT_TRUE(Matches(Leaf(Op::kGreater, "raw", {Predicate::BytesLiteral{"a"}}), kRaw, Datum::Bytes("\xff")));
}

TEST(Predicate, Strings) {
  const auto text = [](Op op, const char* literal, const char* value) {
    return Matches(Leaf(op, "text", {std::string(literal)}), kText, Datum::Bytes(value));
  };
  EXPECT_TRUE(text(Op::kStartsWith, "ab", "abc"));
  EXPECT_FALSE(text(Op::kStartsWith, "ab", "a"));
  EXPECT_TRUE(text(Op::kEndsWith, "bc", "abc"));
  EXPECT_TRUE(text(Op::kContains, "b", "abc"));
  EXPECT_FALSE(text(Op::kContains, "x", "abc"));
}

TEST(Predicate, NullIsNeitherTrueNorFalse) {
  const Predicate equal = Leaf(Op::kEqual, "number", {int64_t{5}});
  EXPECT_FALSE(Matches(equal, kNumber, Datum::Null()));
  EXPECT_FALSE(Matches(Combine(Op::kNot, {equal}), kNumber, Datum::Null()));
  EXPECT_TRUE(Matches(Combine(Op::kNot, {equal}), kNumber, Datum::Int(6)));
  EXPECT_TRUE(Matches(Leaf(Op::kIsNull, "number", {}), kNumber, Datum::Null()));
  EXPECT_FALSE(Matches(Leaf(Op::kIsNotNull, "number", {}), kNumber, Datum::Null()));
  EXPECT_FALSE(Matches(Leaf(Op::kNotIn, "number", {int64_t{1}}), kNumber, Datum::Null()));
  const Predicate is_null = Leaf(Op::kIsNull, "number", {});
  EXPECT_TRUE(Matches(Combine(Op::kOr, {equal, is_null}), kNumber, Datum::Null()));
  EXPECT_FALSE(Matches(Combine(Op::kAnd, {equal, is_null}), kNumber, Datum::Null()));
  EXPECT_TRUE(Matches(Combine(Op::kAnd, {}), kNumber, Datum::Null()));
  EXPECT_FALSE(Matches(Combine(Op::kOr, {}), kNumber, Datum::Null()));
}

TEST(Predicate, WhatCannotBeComparedIsAnError) {
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "nope", {int64_t{1}})), HasSubstr("nope"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "number", {std::string("x")})), HasSubstr("does not match column 'number'"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "text", {int64_t{1}})), HasSubstr("does not match"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "tiny", {int64_t{128}})), HasSubstr("out of range"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "price", {Predicate::DecimalLiteral{1, 3}})), HasSubstr("does not fit"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "price", {int64_t{1000}})), HasSubstr("does not fit"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "real", {0.1})), HasSubstr("cannot be represented exactly"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "number", {Predicate::Null{}})), HasSubstr("is_null"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kContains, "number", {std::string("x")})), HasSubstr("does not match"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kIsNull, "items", {})), HasSubstr("cannot be filtered"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "at", {Predicate::TimestampLiteral{1, 0, true}})), HasSubstr("does not match"));
  EXPECT_THAT(ErrorOf(Leaf(Op::kEqual, "number", {})), HasSubstr("0 literals"));
}

TEST(Predicate, RangesPrune) {
  const BoundPredicate::Range range{true, 2, Datum::Int(10), Datum::Int(20)};
  const auto may = [&](Op op, int64_t literal) { return MayMatch(Leaf(op, "number", {literal}), kNumber, range); };
  EXPECT_TRUE(may(Op::kEqual, 10));
  EXPECT_FALSE(may(Op::kEqual, 9));
  EXPECT_FALSE(may(Op::kEqual, 21));
  EXPECT_FALSE(may(Op::kLess, 10));
  EXPECT_TRUE(may(Op::kLess, 11));
  EXPECT_TRUE(may(Op::kLessOrEqual, 10));
  EXPECT_FALSE(may(Op::kGreater, 20));
  EXPECT_TRUE(may(Op::kGreaterOrEqual, 20));
  EXPECT_TRUE(may(Op::kNotEqual, 10));
  EXPECT_TRUE(MayMatch(Leaf(Op::kIn, "number", {int64_t{1}, int64_t{15}}), kNumber, range));
  EXPECT_FALSE(MayMatch(Leaf(Op::kIn, "number", {int64_t{1}, int64_t{25}}), kNumber, range));
  EXPECT_TRUE(MayMatch(Leaf(Op::kNotIn, "number", {int64_t{15}}), kNumber, range));
  EXPECT_TRUE(MayMatch(Leaf(Op::kIsNull, "number", {}), kNumber, range));
  const BoundPredicate::Range same{true, 0, Datum::Int(7), Datum::Int(7)};
  EXPECT_FALSE(MayMatch(Leaf(Op::kNotEqual, "number", {int64_t{7}}), kNumber, same));
  EXPECT_FALSE(MayMatch(Leaf(Op::kIsNull, "number", {}), kNumber, same));
  const BoundPredicate::Range nulls{true, 10, Datum::Null(), Datum::Null()};
  EXPECT_FALSE(MayMatch(Leaf(Op::kEqual, "number", {int64_t{7}}), kNumber, nulls));
  EXPECT_TRUE(MayMatch(Leaf(Op::kEqual, "number", {int64_t{7}}), kNumber, {})) << "nothing is known";
  EXPECT_FALSE(MayMatch(Leaf(Op::kIn, "number", {}), kNumber, {})) << "nothing is in an empty list";
  const BoundPredicate::Range words{true, 0, Datum::Bytes("banana"), Datum::Bytes("cherry")};
  const auto starts = [&](const char* prefix) {
    return MayMatch(Leaf(Op::kStartsWith, "text", {std::string(prefix)}), kText, words);
  };
  EXPECT_TRUE(starts("b"));
  EXPECT_TRUE(starts("ba"));
  EXPECT_TRUE(starts("bz"));
  EXPECT_TRUE(starts("cherry"));
  EXPECT_FALSE(starts("a"));
  EXPECT_FALSE(starts("d"));
  EXPECT_FALSE(starts("aa"));
}

TEST(Predicate, PruningNeverLosesAMatch) {
  // Every operator against every range and every value inside of it.
  for (const Op op : {Op::kEqual, Op::kNotEqual, Op::kLess, Op::kLessOrEqual, Op::kGreater, Op::kGreaterOrEqual,
                      Op::kIn, Op::kNotIn}) {
    for (int64_t literal = 0; literal < 6; ++literal) {
      const Predicate leaf = Leaf(op, "number", {literal});
      for (int64_t min = 0; min < 6; ++min) {
        for (int64_t max = min; max < 6; ++max) {
          for (int64_t value = min; value <= max; ++value) {
            if (!Matches(leaf, kNumber, Datum::Int(value))) continue;
            EXPECT_TRUE(MayMatch(leaf, kNumber, {true, 0, Datum::Int(min), Datum::Int(max)}))
                << leaf.ToString() << " " << min << ".." << max;
          }
        }
      }
    }
  }
}

TEST(Predicate, Text) {
  const Predicate leaf = Leaf(Op::kEqual, "x", {int64_t{1}});
  EXPECT_EQ(leaf.ToString(), "Leaf { field: \"x\", function: Equal, literals: [Int64(1)] }");
  EXPECT_EQ(Combine(Op::kAnd, {leaf, Leaf(Op::kIsNull, "y", {})}).ToString(),
            "Compound { function: And, children: [Leaf { field: \"x\", function: Equal, literals: [Int64(1)] }, "
            "Leaf { field: \"y\", function: IsNull, literals: [] }] }");
}

}  // namespace
}  // namespace weir
