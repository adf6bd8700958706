#include <gtest/gtest.h>

#include "format/wire/predicates.h"

namespace weir {
namespace {

using Op = Predicate::Op;

Schema AllTypes() {
  const std::vector<DataType> types{DataType::Boolean(), DataType::TinyInt(), DataType::SmallInt(), DataType::Int(),
                                    DataType::BigInt(), DataType::Float(), DataType::Double(), DataType::String(),
                                    DataType::Decimal(10, 2), DataType::Decimal(30, 2), DataType::Date(),
                                    DataType::Time(3), DataType::Timestamp(9), DataType::TimestampLtz(3),
                                    DataType::Bytes(), DataType::Array(DataType::Int())};
  std::vector<Column> columns;
  for (size_t i = 0; i < types.size(); ++i) columns.push_back({"c" + std::to_string(i), types[i], {}, {}, -1});
  return *Schema::Make(std::move(columns));
}

Predicate Compare(int column, Predicate::Literal literal, Op op = Op::kEqual) {
  return {.op = op, .column = "c" + std::to_string(column), .literals = {std::move(literal)}, .children = {}};
}

TEST(WirePredicate, EveryTypeComesBack) {
  const Schema schema = AllTypes();
  const __int128 large = static_cast<__int128>(12345678901234567LL) * 1000000007;
  const Predicate filters[] = {
      Compare(0, true), Compare(1, int64_t{-7}), Compare(2, int64_t{300}), Compare(3, int64_t{-70000}),
      Compare(4, int64_t{1} << 40), Compare(5, 1.5), Compare(6, 0.1), Compare(7, std::string("x")),
      Compare(8, Predicate::DecimalLiteral{1234, 2}), Compare(9, Predicate::DecimalLiteral{large, 2}),
      Compare(9, Predicate::DecimalLiteral{-large, 2}), Compare(9, Predicate::DecimalLiteral{-128, 2}),
      Compare(10, Predicate::DateLiteral{19000}), Compare(11, Predicate::TimeLiteral{1234}),
      Compare(12, Predicate::TimestampLiteral{-5, 123456, false}), Compare(13, Predicate::TimestampLiteral{5, 0, true}),
      Compare(14, Predicate::BytesLiteral{std::string("\0\xff", 2)}, Op::kNotIn),
      {.op = Op::kIsNull, .column = "c3", .literals = {}, .children = {}}};
  for (const Predicate& filter : filters) {
    const auto message = wire::PredicateToWire(filter, schema);
    ASSERT_TRUE(message.has_value()) << filter.column;
    const auto back = wire::PredicateFromWire(*message, schema);
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    EXPECT_EQ(wire::PredicateToWire(*back, schema)->SerializeAsString(), message->SerializeAsString()) << filter.column;
  }
}

TEST(WirePredicate, LiteralsTakeTheTypeOfTheirColumn) {
  const Schema schema = AllTypes();
  const auto scaled = wire::PredicateToWire(Compare(8, int64_t{12}), schema);
  EXPECT_EQ(scaled->leaf().literals(0).decimal_value(), 1200);
  EXPECT_EQ(wire::PredicateToWire(Compare(6, int64_t{12}), schema)->leaf().literals(0).double_value(), 12);
  // What would be another value is not said at all.
  EXPECT_FALSE(wire::PredicateToWire(Compare(1, std::string("x")), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(3, int64_t{1} << 40), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(5, 0.1), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(6, (int64_t{1} << 60) + 1), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(8, Predicate::DecimalLiteral{1, 3}), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(15, int64_t{1}), schema));
  EXPECT_FALSE(wire::PredicateToWire(Compare(99, int64_t{1}), schema));
}

TEST(WirePredicate, WhatCannotBeSaidIsLeftOutOfAnAndAlone) {
  const Schema schema = AllTypes();
  const Predicate plain = Compare(3, int64_t{1});
  const Predicate negated{.op = Op::kNot, .column = "", .literals = {}, .children = {plain}};
  const auto joined = [&](Op op) {
    return Predicate{.op = op, .column = "", .literals = {}, .children = {plain, negated}};
  };
  EXPECT_FALSE(wire::PredicateToWire(negated, schema));
  EXPECT_FALSE(wire::PredicateToWire(joined(Op::kOr), schema));
  EXPECT_EQ(wire::PredicateToWire(joined(Op::kAnd), schema)->compound().children_size(), 1);
}

TEST(WirePredicate, NonsenseIsAnError) {
  const Schema schema = AllTypes();
  const auto code = [&](const wire::PredicateNode& node) {
    return wire::PredicateFromWire(node, schema).status().code();
  };
  wire::PredicateNode node;
  node.set_type(2);
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage);
  node.set_type(1);
  node.mutable_compound()->set_function(1);
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage) << "an OR of nothing would match nothing";
  node.set_type(0);
  node.mutable_leaf()->set_field_id(schema.column(3).id);
  node.mutable_leaf()->set_function(13);
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage);
  node.mutable_leaf()->set_function(0);
  wire::LiteralValue* literal = node.mutable_leaf()->add_literals();
  literal->set_is_null(false);
  literal->set_literal_type(16);
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage);
  literal->set_literal_type(9);
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage) << "a decimal for an integer";
  node.mutable_leaf()->set_field_id(schema.column(9).id);
  literal->set_decimal_bytes(std::string(17, 'x'));
  EXPECT_EQ(code(node), ErrorCode::kCorruptMessage);
}

}  // namespace
}  // namespace weir
