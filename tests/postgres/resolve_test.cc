#include "postgres/resolve.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "postgres/made_type.h"
#include "postgres/value.h"
#include "postgres/value/hash.h"
#include "postgres/value/order_key.h"
#include "tests/postgres/oracle_testing.h"

namespace weir::postgres {
namespace {

Oid OidOf(std::string_view name) {
  const Type* type = FindType(name);
  EXPECT_NE(type, nullptr) << name;
  return type == nullptr ? 0 : type->oid;
}

std::string NameOf(Oid type) { return std::string(FindType(type)->name); }

/// "OID:result type", "!" where several fit, nothing where none does: as the oracle's files have it.
template <typename Resolved>
std::string Answer(const Result<Resolved>& resolved, Oid chosen) {
  if (resolved.ok()) return fmt::format("{}:{}", chosen, NameOf(resolved->result));
  return FieldsOf(resolved.status()).sqlstate == sqlstate::kAmbiguousFunction ? "!" : "";
}

std::map<std::string, std::string> Answers(const OracleLine& line, size_t from) {
  std::map<std::string, std::string> answers;
  for (size_t i = from; i < line.size(); ++i) {
    const size_t split = line[i].find('=');
    answers[line[i].substr(0, split)] = split == std::string::npos ? "" : line[i].substr(split + 1);
  }
  return answers;
}

/// The types that the oracle was asked about.
std::vector<std::string> AskedTypes() {
  std::vector<std::string> types;
  for (const OracleLine& line : OracleLines("common_types.tsv")) types.push_back(line[0]);
  return types;
}

TEST(Resolve, EveryOperatorOfEveryPairOfTypesIsTheOneThatPostgresFinds) {
  const Resolver resolver;
  const auto types = AskedTypes();
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>> expected;
  std::set<std::string> names;
  for (const OracleLine& line : OracleLines("operators.tsv")) {
    expected[{line[0], line[1]}] = Answers(line, 2);
    names.insert(line[0]);
  }
  ASSERT_GT(names.size(), 40u);
  std::vector<std::string> lefts = types;
  lefts.push_back("-");
  for (const std::string& name : names) {
    for (const std::string& left : lefts) {
      auto& answers = expected[{name, left}];
      for (const std::string& right : types) {
        const auto resolved = resolver.ResolveOperator(name, left == "-" ? 0 : OidOf(left), OidOf(right));
        if (answers[right] == "?") continue;
        EXPECT_EQ(Answer(resolved, resolved.ok() ? resolved->op->oid : 0), answers[right])
            << left << " " << name << " " << right;
      }
    }
  }
}

std::vector<Oid> OidsOf(std::string_view names) {
  std::vector<Oid> oids;
  for (size_t at = 0; at <= names.size();) {
    const size_t comma = std::min(names.find(',', at), names.size());
    oids.push_back(OidOf(names.substr(at, comma - at)));
    at = comma + 1;
  }
  return oids;
}

TEST(Resolve, CallsAreTheFunctionsThatPostgresFinds) {
  const Resolver resolver;
  std::map<std::pair<std::string, std::string>, std::string> expected;
  std::set<std::string> unary;
  for (const OracleLine& line : OracleLines("functions.tsv")) {
    expected[{line[0], line[1]}] = line.size() == 3 ? line[2] : line[2] + ":" + line[3];
    if (line[1].find(',') == std::string::npos) unary.insert(line[0]);
  }
  ASSERT_GT(unary.size(), 100u);
  for (const std::string& name : unary) {
    for (const std::string& type : AskedTypes()) expected.try_emplace({name, type}, "");
  }
  for (const auto& [call, answer] : expected) {
    const auto& [name, arguments] = call;
    const auto resolved = resolver.ResolveCall({.name = name, .arguments = OidsOf(arguments)});
    const bool cast = resolved.ok() && resolved->function == nullptr;
    if (answer == "?" || cast) continue;
    EXPECT_EQ(Answer(resolved, resolved.ok() ? resolved->function->oid : 0), answer) << name << "(" << arguments << ")";
  }
}

TEST(Resolve, CastsAndAssignmentsGoWherePostgresAllowsThem) {
  const Resolver resolver;
  for (const OracleLine& line : OracleLines("casts.tsv")) {
    std::map<std::string, bool> assigned;
    for (size_t i = 1; i < line.size(); ++i) {
      const bool assigns = line[i].ends_with("=");
      assigned[line[i].substr(0, line[i].size() - (assigns ? 1 : 0))] = assigns;
    }
    for (const std::string& target : AskedTypes()) {
      if (target == "unknown") continue;
      const auto can = [&](CoercionContext context) {
        return resolver.CanCoerce(OidOf(line[0]), OidOf(target), context);
      };
      EXPECT_EQ(can(CoercionContext::kExplicit), assigned.contains(target)) << line[0] << " to " << target;
      EXPECT_EQ(can(CoercionContext::kAssignment), assigned.contains(target) && assigned[target])
          << line[0] << " to " << target;
    }
  }
}

TEST(Resolve, PairsHaveTheCommonTypeThatPostgresGivesThem) {
  const Resolver resolver;
  for (const OracleLine& line : OracleLines("common_types.tsv")) {
    auto answers = Answers(line, 1);
    for (const std::string& other : AskedTypes()) {
      const auto common = resolver.CommonType(std::array{OidOf(line[0]), OidOf(other)}, "COALESCE");
      EXPECT_EQ(common.ok() ? NameOf(*common) : "", answers[other]) << line[0] << " and " << other;
    }
  }
}

void ExpectError(const Status& status, std::string_view sqlstate, std::string_view message, std::string_view hint = "",
                 std::string_view detail = "") {
  const ErrorFields fields = FieldsOf(status);
  EXPECT_EQ(fields.sqlstate, sqlstate);
  EXPECT_EQ(fields.message, message);
  EXPECT_EQ(fields.hint, hint);
  EXPECT_EQ(fields.detail, detail);
}

TEST(Resolve, OperatorsThatDoNotExistSaySo) {
  const Resolver resolver;
  ExpectError(resolver.ResolveOperator(">", oid::kText, oid::kInt4).status(), "42883",
              "operator does not exist: text > integer",
              "No operator matches the given name and argument types. You might need to add explicit type casts.");
  ExpectError(resolver.ResolveOperator("-", 0, oid::kText).status(), "42883", "operator does not exist: - text",
              "No operator matches the given name and argument type. You might need to add an explicit type cast.");
  ExpectError(resolver.ResolveOperator("+", oid::kUnknown, oid::kUnknown).status(), "42725",
              "operator is not unique: unknown + unknown",
              "Could not choose a best candidate operator. You might need to add explicit type casts.");
  EXPECT_EQ(FieldsOf(resolver.ResolveOperator(">", oid::kText, oid::kInt4, 17).status()).position, 17);
}

TEST(Resolve, CallsThatDoNotExistSaySo) {
  const Resolver resolver;
  ExpectError(resolver.ResolveCall({.name = "lower", .arguments = std::array{oid::kInt4}}).status(), "42883",
              "function lower(integer) does not exist",
              "No function matches the given name and argument types. You might need to add explicit type casts.");
  ExpectError(resolver.ResolveCall({.name = "nosuch", .schema = "public"}).status(), "42883",
              "function public.nosuch() does not exist",
              "No function matches the given name and argument types. You might need to add explicit type casts.");
  const std::array<std::string_view, 1> names{"fortnights"};
  ExpectError(resolver
                  .ResolveCall({.name = "make_interval", .arguments = std::array{oid::kInt4}, .argument_names = names})
                  .status(),
              "42883", "function make_interval(fortnights => integer) does not exist",
              "No function matches the given name and argument types. You might need to add explicit type casts.");
  ExpectError(resolver.ResolveCall({.name = "abs", .arguments = std::array{oid::kUnknown, oid::kUnknown}}).status(),
              "42883", "function abs(unknown, unknown) does not exist",
              "No function matches the given name and argument types. You might need to add explicit type casts.");
}

TEST(Resolve, NamedArgumentsFindTheirParametersAndTheOthersTheirDefaults) {
  const Resolver resolver;
  const std::array<std::string_view, 2> names{"secs", "days"};
  const auto call = resolver.ResolveCall(
      {.name = "make_interval", .arguments = std::array{oid::kUnknown, oid::kInt2}, .argument_names = names});
  ASSERT_TRUE(call.ok()) << call.status().ToString();
  EXPECT_EQ(call->order, (std::vector<int>{-1, -1, -1, 1, -1, -1, 0}));
  EXPECT_EQ(call->arguments[6], oid::kFloat8);
  EXPECT_EQ(call->function->parameters[6].default_value, "0.0");
  EXPECT_EQ(call->result, oid::kInterval);
}

TEST(Resolve, VariadicArgumentsAreTakenOneByOneOrAsAnArray) {
  const Resolver resolver;
  const std::array arguments{oid::kUnknown, oid::kInt4, oid::kDate};
  const auto format = resolver.ResolveCall({.name = "format", .arguments = arguments});
  ASSERT_TRUE(format.ok()) << format.status().ToString();
  EXPECT_EQ(format->arguments, (std::vector<Oid>{oid::kText, oid::kInt4, oid::kDate}));
  EXPECT_EQ(format->variadic, 0);  // VARIADIC "any" makes no array

  const std::array path{oid::kJsonb, oid::kUnknown, oid::kVarchar};
  const auto extract = resolver.ResolveCall({.name = "jsonb_extract_path", .arguments = path});
  ASSERT_TRUE(extract.ok()) << extract.status().ToString();
  EXPECT_EQ(extract->arguments, (std::vector<Oid>{oid::kJsonb, oid::kText, oid::kText}));
  EXPECT_EQ(extract->variadic, 2);

  const std::array whole{oid::kJsonb, oid::kTextArray};
  const auto array = resolver.ResolveCall({.name = "jsonb_extract_path", .arguments = whole, .variadic_array = true});
  ASSERT_TRUE(array.ok()) << array.status().ToString();
  EXPECT_EQ(array->arguments[1], oid::kTextArray);
  EXPECT_EQ(array->variadic, 0);
  EXPECT_FALSE(
      resolver.ResolveCall({.name = "lower", .arguments = std::array{oid::kTextArray}, .variadic_array = true}).ok());
}

TEST(Resolve, ATypesNameIsACastWhereNoFunctionIsNeeded) {
  const Resolver resolver;
  const auto call = resolver.ResolveCall({.name = "text", .arguments = std::array{oid::kInt4}});
  ASSERT_TRUE(call.ok()) << call.status().ToString();
  EXPECT_EQ(call->function, nullptr);
  EXPECT_EQ(call->cast.path, CoercionPath::kIo);
  EXPECT_EQ(call->result, oid::kText);
  const auto literal = resolver.ResolveCall({.name = "date", .arguments = std::array{oid::kUnknown}});
  ASSERT_TRUE(literal.ok());
  EXPECT_EQ(literal->function, nullptr);
  EXPECT_EQ(literal->result, oid::kDate);
}

TEST(Resolve, PolymorphicTypesBecomeReal) {
  const Resolver resolver;
  const std::array appended{oid::kInt4Array, oid::kInt8};
  const auto append = resolver.ResolveCall({.name = "array_append", .arguments = appended});
  ASSERT_TRUE(append.ok()) << append.status().ToString();
  EXPECT_EQ(append->result, oid::kInt8Array);
  EXPECT_EQ(append->arguments, (std::vector<Oid>{oid::kInt8Array, oid::kInt8}));
  const auto unnest = resolver.ResolveCall({.name = "unnest", .arguments = std::array{oid::kTextArray}});
  ASSERT_TRUE(unnest.ok());
  EXPECT_EQ(unnest->result, oid::kText);
  ExpectError(resolver.ResolveCall({.name = "cardinality", .arguments = std::array{oid::kUnknown}}).status(), "42804",
              "could not determine polymorphic type because input has type unknown");
  const auto lower = resolver.ResolveCall({.name = "lower", .arguments = std::array{oid::kDaterange}});
  ASSERT_TRUE(lower.ok());
  EXPECT_EQ(lower->result, oid::kDate);
  const auto span = resolver.ResolveCall({.name = "range_merge", .arguments = std::array{oid::kDatemultirange}});
  ASSERT_TRUE(span.ok());
  EXPECT_EQ(span->result, oid::kDaterange);
  const auto several = resolver.ResolveCall({.name = "multirange", .arguments = std::array{oid::kNumrange}});
  ASSERT_TRUE(several.ok());
  EXPECT_EQ(several->result, oid::kNummultirange);

  std::array declared{oid::kAnyarray, oid::kAnyelement};
  ExpectError(resolver.ResolvePolymorphic(std::array{oid::kInt4Array, oid::kText}, declared, oid::kBool).status(),
              "42804", "argument declared anyarray is not consistent with argument declared anyelement", "",
              "integer[] versus text");
  std::array within{oid::kAnymultirange, oid::kAnyrange};
  ExpectError(
      resolver.ResolvePolymorphic(std::array{oid::kInt4multirange, oid::kNumrange}, within, oid::kBool).status(),
      "42804", "argument declared anymultirange is not consistent with argument declared anyrange", "",
      "int4multirange versus numrange");
  std::array alike{oid::kAnyelement, oid::kAnyelement};
  ExpectError(resolver.ResolvePolymorphic(std::array{oid::kInt4, oid::kText}, alike, oid::kBool).status(), "42804",
              "arguments declared \"anyelement\" are not all alike", "", "integer versus text");
}

TEST(Resolve, AnyAndAllResolveAgainstElements) {
  const Resolver resolver;
  const auto equal = resolver.ResolveArrayOperator("=", oid::kInt4, oid::kInt8Array);
  ASSERT_TRUE(equal.ok()) << equal.status().ToString();
  EXPECT_EQ(equal->op->oid, FindOperator("=", oid::kInt4, oid::kInt8)->oid);
  EXPECT_EQ(equal->right, oid::kInt8);
  const auto literal = resolver.ResolveArrayOperator("=", oid::kDate, oid::kUnknown);
  ASSERT_TRUE(literal.ok());
  EXPECT_EQ(literal->right, oid::kDate);
  ExpectError(resolver.ResolveArrayOperator("=", oid::kInt4, oid::kInt4).status(), "42809",
              "op ANY/ALL (array) requires array on right side");
  ExpectError(resolver.ResolveArrayOperator("+", oid::kInt4, oid::kInt4Array).status(), "42809",
              "op ANY/ALL (array) requires operator to yield boolean");
}

TEST(Resolve, CommonTypesPreferWhatAllBecomeUnasked) {
  const Resolver resolver;
  const auto common = [&](std::vector<Oid> types) { return resolver.CommonType(types, "CASE"); };
  EXPECT_EQ(*common({oid::kInt2, oid::kUnknown, oid::kNumeric, oid::kInt8}), oid::kNumeric);
  EXPECT_EQ(*common({oid::kUnknown, oid::kUnknown}), oid::kText);
  EXPECT_EQ(*common({oid::kVarchar, oid::kVarchar}), oid::kVarchar);
  EXPECT_EQ(*common({oid::kVarchar, oid::kText}), oid::kVarchar);  // each becomes the other unasked
  ExpectError(common({oid::kInt4, oid::kText}).status(), "42804", "CASE types integer and text cannot be matched");
  ExpectError(common({oid::kInt4Array, oid::kTextArray}).status(), "42846",
              "CASE could not convert type text[] to integer[]");
  const auto misfit = resolver.CommonType(std::array{oid::kInt4, oid::kText}, "UNION", std::array{8, 25});
  EXPECT_EQ(FieldsOf(misfit.status()).position, 25);
  EXPECT_EQ(resolver.CommonTypeOrNone(std::array{oid::kInt4, oid::kText}), 0u);
}

TEST(Resolve, CoercionsSayHow) {
  const Resolver resolver;
  const auto path = [&](Oid source, Oid target, CoercionContext context = CoercionContext::kExplicit) {
    return resolver.FindCoercion(source, target, context);
  };
  EXPECT_EQ(path(oid::kVarchar, oid::kText), Coercion{CoercionPath::kRelabel});
  EXPECT_EQ(path(oid::kInt4, oid::kInt8).path, CoercionPath::kFunction);
  EXPECT_EQ(FindFunction(path(oid::kInt4, oid::kInt8).function)->name, "int8");
  EXPECT_EQ(path(oid::kUnknown, oid::kDate, CoercionContext::kImplicit), Coercion{CoercionPath::kIo});
  EXPECT_EQ(path(oid::kDate, oid::kText, CoercionContext::kAssignment), Coercion{CoercionPath::kIo});
  EXPECT_EQ(path(oid::kDate, oid::kText, CoercionContext::kImplicit), Coercion{});
  EXPECT_EQ(path(oid::kText, oid::kDate, CoercionContext::kAssignment), Coercion{});
  const Coercion array = path(oid::kInt4Array, oid::kFloat8Array);
  EXPECT_EQ(array.path, CoercionPath::kArray);
  EXPECT_EQ(array.element, CoercionPath::kFunction);
  EXPECT_EQ(FindFunction(array.function)->name, "float8");
  EXPECT_EQ(path(oid::kInt4Array, oid::kTextArray).element, CoercionPath::kIo);
  EXPECT_EQ(FindFunction(resolver.ModifierFunction(oid::kVarcharArray))->name, "varchar");
  EXPECT_EQ(resolver.ModifierFunction(oid::kInt4), 0u);
}

/// An enum, a domain over integer, a row type, each with its arrays.
class MadeTypes : public ::testing::Test {
 protected:
  static constexpr Oid kMood = kFirstMadeOid + 20000, kMoods = kMood + 1, kCount = kMood + 2, kRow = kMood + 4,
                       kColour = kMood + 6;

  MadeTypes() {
    Learn({.oid = kMood, .array = kMoods, .name = "mood", .array_name = "_mood"});
    Learn({.oid = kCount, .array = kCount + 1, .kind = TypeKind::kDomain, .name = "count_of", .array_name = "_count_of",
           .base = {oid::kInt4}});
    Learn({.oid = kRow, .array = kRow + 1, .kind = TypeKind::kComposite, .name = "pair", .array_name = "_pair"});
    Learn({.oid = kColour, .array = kColour + 1, .name = "colour", .array_name = "_colour"});
  }
  static void Learn(MadeType type) { LearnType(std::make_shared<const MadeType>(std::move(type))); }

  const Resolver resolver_;
};

TEST_F(MadeTypes, AreFoundByTheirOids) {
  EXPECT_EQ(FindType(kMood)->name, "mood");
  EXPECT_EQ(FindType(kMoods)->spelling, "mood[]");
  EXPECT_EQ(ArrayElement(kMoods), kMood);
  EXPECT_EQ(FindMadeType(kMoods), nullptr);
  EXPECT_EQ(FormatType({kMoods}), "mood[]");
  const std::string kept = KeptTypeText({kMoods});
  EXPECT_EQ(ParseType(kept)->oid, kMoods);
  EXPECT_EQ(WithTypeNames("'{}'::" + kept + " is null"), "'{}'::mood[] is null");
  EXPECT_EQ(TypesNamedIn("x::" + KeptTypeText({kMood})), std::vector<Oid>{kMood});
  EXPECT_EQ(BaseTypeOf({kCount}).oid, oid::kInt4);
}

TEST_F(MadeTypes, AreWrittenAndRead) {
  const MadeType mood{.oid = kMood, .array = kMoods, .schema = "s", .name = "mood", .array_name = "_mood", .owner = 3,
                      .labels = {{7, 1, "sad"}, {8, 1.5, "ok"}}};
  EXPECT_EQ(**ReadMadeType(WriteMadeType(mood)), mood);
  const MadeType domain{.oid = kCount, .array = kCount + 1, .kind = TypeKind::kDomain, .name = "d", .array_name = "_d",
                        .base = {oid::kNumeric, 655366}, .not_null = true, .default_value = "1",
                        .checks = {{9, "c", "value > 0", true}}};
  EXPECT_EQ(**ReadMadeType(WriteMadeType(domain)), domain);
  EXPECT_EQ(FieldsOf(ReadMadeType("{}").status()).sqlstate, "XX001");
}

TEST_F(MadeTypes, EnumsOrderByTheirLabels) {
  Learn({.oid = kMood, .array = kMoods, .name = "mood", .array_name = "_mood",
         .labels = {{7, 1, "sad"}, {9, 1.5, "fine"}, {8, 2, "angry"}}});
  ExpectError(ReadText({kMood}, "nix", {}).status(), "22P02", "invalid input value for enum mood: \"nix\"");
  const Value sad = *ReadText({kMood}, "sad", {});
  const Value angry = *ReadText({kMood}, "angry", {});
  EXPECT_TRUE(CompareValues(kMood, sad, angry) < 0);
  EXPECT_LT(*OrderKey(kMood, sad), *OrderKey(kMood, angry));
  EXPECT_NE(*HashExtended(kMood, sad, 1), *HashExtended(kMood, angry, 1));
}

TEST_F(MadeTypes, EnumsCompareWithThemselvesAndLiterals) {
  const auto less = resolver_.ResolveOperator("<", kMood, oid::kUnknown);
  ASSERT_TRUE(less.ok()) << less.status().ToString();
  EXPECT_EQ(FindFunction(less->op->function)->name, "enum_lt");
  EXPECT_EQ(less->right, kMood);
  ExpectError(resolver_.ResolveOperator("=", kMood, kColour).status(), "42883",
              "operator does not exist: mood = colour",
              "No operator matches the given name and argument types. You might need to add explicit type casts.");
  const auto first = resolver_.ResolveCall({.name = "enum_range", .arguments = std::array{kMood}});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->result, kMoods);
  EXPECT_NE(resolver_.OperatorClassOf(kMoods)->less, 0u);
}

TEST_F(MadeTypes, DomainsAreTakenForTheirBase) {
  const auto plus = resolver_.ResolveOperator("+", kCount, oid::kUnknown);
  ASSERT_TRUE(plus.ok()) << plus.status().ToString();
  EXPECT_EQ(FindFunction(plus->op->function)->name, "int4pl");
  EXPECT_EQ(resolver_.FindCoercion(kCount, oid::kInt8, CoercionContext::kImplicit).path, CoercionPath::kFunction);
  EXPECT_EQ(*resolver_.CommonType(std::array{kCount, kCount}, "CASE"), kCount);
  EXPECT_EQ(*resolver_.CommonType(std::array{kCount, oid::kInt4}, "CASE"), oid::kInt4);
}

TEST_F(MadeTypes, RowsCompareAsRecords) {
  const auto equal = resolver_.ResolveOperator("=", kRow, oid::kRecord);
  ASSERT_TRUE(equal.ok()) << equal.status().ToString();
  EXPECT_EQ(FindFunction(equal->op->function)->name, "record_eq");
  EXPECT_EQ(resolver_.FindCoercion(oid::kRecord, kRow, CoercionContext::kImplicit).path, CoercionPath::kRow);
  EXPECT_EQ(resolver_.FindCoercion(kRow, oid::kRecord, CoercionContext::kImplicit).path, CoercionPath::kRelabel);
}

TEST(OperatorClasses, AreWhatOrderByAndGroupByUse) {
  const Resolver resolver;
  EXPECT_EQ(resolver.OperatorClassOf(oid::kVarchar)->less, FindOperator("<", oid::kText, oid::kText)->oid);
  EXPECT_EQ(resolver.OperatorClassOf(oid::kCidr)->equal, FindOperator("=", oid::kInet, oid::kInet)->oid);
  EXPECT_EQ(resolver.OperatorClassOf(oid::kRegclass)->less, FindOperator("<", oid::kOid, oid::kOid)->oid);
  EXPECT_EQ(resolver.OperatorClassOf(oid::kXid)->less, 0u);
  EXPECT_NE(resolver.OperatorClassOf(oid::kXid)->hash_equal, 0u);
  EXPECT_FALSE(resolver.OperatorClassOf(oid::kJson));
  EXPECT_FALSE(resolver.OperatorClassOf(oid::kJsonArray));
  EXPECT_FALSE(resolver.OperatorClassOf(oid::kXml));
  EXPECT_EQ(resolver.OperatorClassOf(oid::kBitArray)->hash_equal, 0u);
  EXPECT_EQ(resolver.OperatorClassOf(oid::kMoney)->hash_equal, 0u);
}

}  // namespace
}  // namespace weir::postgres
