#include "sql/analyze/expression.h"

#include <fmt/format.h>

#include <charconv>

#include "postgres/made_type.h"
#include "sql/analyze/call.h"
#include "sql/analyze/coerce.h"
#include "sql/analyze/current_of.h"
#include "sql/analyze/operator.h"
#include "sql/analyze/type_name.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;
using postgres::CoercionContext;
using postgres::TypeRef;
using postgres::Value;

namespace {


// A number as the scanner could not hold it in an int: bigint if it fits, else numeric.
Result<ExpressionPtr> WideNumber(const Scope& scope, const std::string& text, int position) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return ReadLiteral(scope, text, {oid::kNumeric, -1}, position);
  }
  if (value == static_cast<int32_t>(value)) {
    return MakeExpression(Constant{Value(static_cast<int32_t>(value))}, {oid::kInt4, -1}, position);
  }
  return MakeExpression(Constant{Value(value)}, {oid::kInt8, -1}, position);
}

Result<ExpressionPtr> AnalyzeConstant(const Scope& scope, const pg_query::A_Const& constant) {
  const int position = scope.statement.Position(constant.location());
  switch (constant.val_case()) {
    case pg_query::A_Const::kIval:
      return MakeExpression(Constant{Value(int32_t{constant.ival().ival()})}, {oid::kInt4, -1}, position);
    case pg_query::A_Const::kFval: return WideNumber(scope, constant.fval().fval(), position);
    case pg_query::A_Const::kBoolval:
      return MakeExpression(Constant{Value(constant.boolval().boolval())}, {oid::kBool, -1}, position);
    case pg_query::A_Const::kSval:
      return MakeExpression(Constant{Value(constant.sval().sval())}, {oid::kUnknown, -1}, position);
    case pg_query::A_Const::kBsval: return ReadLiteral(scope, constant.bsval().bsval(), {oid::kBit, -1}, position);
    case pg_query::A_Const::VAL_NOT_SET: break;
  }
  return MakeExpression(Constant{}, {oid::kUnknown, -1}, position);  // NULL
}

Result<ExpressionPtr> AnalyzeParameter(const Scope& scope, const pg_query::ParamRef& reference) {
  Statement& statement = scope.statement;
  const int number = reference.number();
  const auto index = static_cast<size_t>(number) - 1;
  const bool none = statement.function != nullptr && index >= statement.parameters.size();  // of the function
  if (number <= 0 || number > kMaxParameters || !statement.parameters_allowed || none) {
    return ErrorAt(scope, reference.location(), sqlstate::kUndefinedParameter,
                   fmt::format("there is no parameter ${}", number));
  }
  if (index >= statement.parameters.size()) statement.parameters.resize(index + 1);
  TypeRef& type = statement.parameters[index];
  if (type.oid == 0) type.oid = oid::kUnknown;
  return MakeExpression(Parameter{number}, type, statement.Position(reference.location()));
}

Result<ExpressionPtr> AnalyzeCast(Scope& scope, const pg_query::TypeCast& cast) {
  if (cast.arg().has_param_ref() && cast.type_name().location() < cast.arg().param_ref().location() &&
      cast.location() < 0) {  // libpg_query takes date $1 for a cast, PostgreSQL does not
    return ErrorAt(scope, cast.arg().param_ref().location(), sqlstate::kSyntaxError,
                   fmt::format("syntax error at or near \"${}\"", cast.arg().param_ref().number()));
  }
  WEIR_ASSIGN_OR_RETURN(const TypeRef target, ResolveTypeName(scope, cast.type_name()));
  ExpressionPtr argument;
  const auto* element = scope.statement.resolver.Find(scope.statement.resolver.ElementOf(target.oid));
  if (cast.arg().has_a_array_expr() && element != nullptr) {
    const TypeRef array{scope.statement.resolver.BaseType(target.oid), target.modifier};  // not the domain over it
    WEIR_ASSIGN_OR_RETURN(argument, AnalyzeArray(scope, cast.arg().a_array_expr(), array));
  } else {
    WEIR_ASSIGN_OR_RETURN(argument, Analyze(scope, cast.arg()));
  }
  const int location = cast.location() >= 0 ? cast.location() : cast.type_name().location();
  const int position = scope.statement.Position(location);
  const postgres::Oid from = argument->type.oid;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value,
                        CoerceIfPossible(scope, std::move(argument), target, CoercionContext::kExplicit,
                                         CallForm::kExplicitCast, position));
  if (value) return value;
  return ErrorAtPosition(position, sqlstate::kCannotCoerce,
                         fmt::format("cannot cast type {} to {}", TypeName(scope, from), TypeName(scope, target.oid)));
}

Result<ExpressionPtr> AnalyzeCollate(Scope& scope, const pg_query::CollateClause& clause) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr argument, Analyze(scope, clause.arg()));
  const TypeRef type = argument->type;
  const postgres::Type* found = scope.statement.resolver.Find(type.oid);
  if (type.oid != oid::kUnknown && (found == nullptr || found->collation == 0)) {
    return ErrorAt(scope, clause.location(), sqlstate::kDatatypeMismatch,
                   fmt::format("collations are not supported by type {}", TypeName(scope, type.oid)));
  }
  const std::string name = NamesOf(clause.collname()).back();
  for (const std::string_view known : {"default", "C", "POSIX", "ucs_basic", "C.utf8", "C.UTF-8"}) {
    if (name != known) continue;
    return MakeExpression(Collated{std::move(argument), name}, type, scope.statement.Position(clause.location()));
  }
  return ErrorAt(scope, clause.location(), sqlstate::kUndefinedObject,
                 fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist",
                             Dotted(NamesOf(clause.collname()))));
}

Result<ExpressionPtr> AnalyzeLogic(Scope& scope, const pg_query::BoolExpr& expression) {
  Logic logic;
  std::string_view name = "AND";
  if (expression.boolop() == pg_query::OR_EXPR) {
    logic.kind = Logic::Kind::kOr;
    name = "OR";
  } else if (expression.boolop() == pg_query::NOT_EXPR) {
    logic.kind = Logic::Kind::kNot;
    name = "NOT";
  }
  for (const Node& node : expression.args()) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr argument, Analyze(scope, node));
    WEIR_ASSIGN_OR_RETURN(argument, CoerceToBoolean(scope, std::move(argument), name));
    logic.arguments.push_back(std::move(argument));
  }
  return MakeExpression(std::move(logic), {oid::kBool, -1}, scope.statement.Position(expression.location()));
}

// Functions that return sets do not stand in what may not be evaluated.
Status CheckNoSets(const Scope& scope, int before, std::string_view construct) {
  if (scope.set_returning == before) return Status::OK();
  return ErrorAtPosition(scope.set_returning_position, sqlstate::kFeatureNotSupported,
                         fmt::format("set-returning functions are not allowed in {}", construct),
                         "You might be able to move the set-returning function into a LATERAL FROM item.");
}

Result<Case::When> AnalyzeWhen(Scope& scope, const pg_query::CaseWhen& when, const Expression* operand) {
  Case::When result;
  WEIR_ASSIGN_OR_RETURN(result.condition, Analyze(scope, when.expr()));
  if (operand != nullptr) {
    ExpressionPtr stand_in = MakeExpression(CaseOperand{}, operand->type, 0);
    WEIR_ASSIGN_OR_RETURN(result.condition, MakeOperator(scope, {{"="}, when.location()}, std::move(stand_in),
                                                         std::move(result.condition)));
  }
  WEIR_ASSIGN_OR_RETURN(result.condition, CoerceToBoolean(scope, std::move(result.condition), "CASE/WHEN"));
  WEIR_ASSIGN_OR_RETURN(result.result, Analyze(scope, when.result()));
  return result;
}

Result<ExpressionPtr> AnalyzeCase(Scope& scope, const pg_query::CaseExpr& expression) {
  const int sets = scope.set_returning;
  Case result;
  if (expression.has_arg()) {
    WEIR_ASSIGN_OR_RETURN(result.operand, Analyze(scope, expression.arg()));
    WEIR_ASSIGN_OR_RETURN(result.operand, UnknownToText(scope, std::move(result.operand)));
  }
  for (const Node& node : expression.args()) {
    WEIR_ASSIGN_OR_RETURN(Case::When when, AnalyzeWhen(scope, node.case_when(), result.operand.get()));
    result.whens.push_back(std::move(when));
  }
  if (expression.has_defresult()) {
    WEIR_ASSIGN_OR_RETURN(result.otherwise, Analyze(scope, expression.defresult()));
  } else {
    result.otherwise = MakeExpression(Constant{}, {oid::kUnknown, -1}, 0);
  }
  std::vector<const Expression*> results = {result.otherwise.get()};
  for (const Case::When& when : result.whens) results.push_back(when.result.get());
  WEIR_ASSIGN_OR_RETURN(const postgres::Oid type, CommonType(scope, results, "CASE"));
  const int32_t modifier = CommonModifier(results, type);
  WEIR_ASSIGN_OR_RETURN(result.otherwise, CoerceToCommon(scope, std::move(result.otherwise), type, "CASE/ELSE"));
  for (Case::When& when : result.whens) {
    WEIR_ASSIGN_OR_RETURN(when.result, CoerceToCommon(scope, std::move(when.result), type, "CASE/WHEN"));
  }
  WEIR_RETURN_NOT_OK(CheckNoSets(scope, sets, "CASE"));
  return MakeExpression(std::move(result), {type, modifier}, scope.statement.Position(expression.location()));
}

struct CommonList {
  Expressions expressions;
  TypeRef type;
};

Result<CommonList> AnalyzeCommonList(Scope& scope, const Nodes& nodes, std::string_view construct) {
  CommonList list;
  for (const Node& node : nodes) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr one, Analyze(scope, node));
    list.expressions.push_back(std::move(one));
  }
  const auto pointers = PointersTo(list.expressions);
  WEIR_ASSIGN_OR_RETURN(list.type.oid, CommonType(scope, pointers, construct));
  list.type.modifier = CommonModifier(pointers, list.type.oid);
  for (ExpressionPtr& one : list.expressions) {
    WEIR_ASSIGN_OR_RETURN(one, CoerceToCommon(scope, std::move(one), list.type.oid, construct));
  }
  return list;
}

Result<ExpressionPtr> AnalyzeCoalesce(Scope& scope, const pg_query::CoalesceExpr& expression) {
  const int sets = scope.set_returning;
  WEIR_ASSIGN_OR_RETURN(CommonList list, AnalyzeCommonList(scope, expression.args(), "COALESCE"));
  WEIR_RETURN_NOT_OK(CheckNoSets(scope, sets, "COALESCE"));
  return MakeExpression(Coalesce{std::move(list.expressions)}, list.type,
                        scope.statement.Position(expression.location()));
}

Result<ExpressionPtr> AnalyzeExtreme(Scope& scope, const pg_query::MinMaxExpr& expression) {
  const bool greatest = expression.op() == pg_query::IS_GREATEST;
  WEIR_ASSIGN_OR_RETURN(CommonList list,
                        AnalyzeCommonList(scope, expression.args(), greatest ? "GREATEST" : "LEAST"));
  const int position = scope.statement.Position(expression.location());
  return MakeExpression(Extreme{greatest, std::move(list.expressions)}, list.type, position);
}

struct SessionValueFacts {
  SessionValue::Kind kind;
  postgres::Oid type;
};
SessionValueFacts FactsOf(pg_query::SQLValueFunctionOp op) {
  using Kind = SessionValue::Kind;
  switch (op) {
    case pg_query::SVFOP_CURRENT_DATE: return {Kind::kCurrentDate, oid::kDate};
    case pg_query::SVFOP_CURRENT_TIME:
    case pg_query::SVFOP_CURRENT_TIME_N: return {Kind::kCurrentTime, oid::kTimetz};
    case pg_query::SVFOP_CURRENT_TIMESTAMP:
    case pg_query::SVFOP_CURRENT_TIMESTAMP_N: return {Kind::kCurrentTimestamp, oid::kTimestamptz};
    case pg_query::SVFOP_LOCALTIME:
    case pg_query::SVFOP_LOCALTIME_N: return {Kind::kLocalTime, oid::kTime};
    case pg_query::SVFOP_LOCALTIMESTAMP:
    case pg_query::SVFOP_LOCALTIMESTAMP_N: return {Kind::kLocalTimestamp, oid::kTimestamp};
    case pg_query::SVFOP_CURRENT_ROLE: return {Kind::kCurrentRole, oid::kName};
    case pg_query::SVFOP_CURRENT_USER: return {Kind::kCurrentUser, oid::kName};
    case pg_query::SVFOP_USER: return {Kind::kUser, oid::kName};
    case pg_query::SVFOP_SESSION_USER: return {Kind::kSessionUser, oid::kName};
    case pg_query::SVFOP_CURRENT_CATALOG: return {Kind::kCurrentCatalog, oid::kName};
    case pg_query::SVFOP_CURRENT_SCHEMA: return {Kind::kCurrentSchema, oid::kName};
    default: return {Kind::kCurrentUser, oid::kName};  // protobuf's own sentinels
  }
}

ExpressionPtr AnalyzeSessionValue(const Scope& scope, const pg_query::SQLValueFunction& function) {
  const SessionValueFacts facts = FactsOf(function.op());
  const bool who = facts.kind == SessionValue::Kind::kCurrentRole || facts.kind == SessionValue::Kind::kCurrentUser ||
                   facts.kind == SessionValue::Kind::kUser;
  if (who && scope.statement.definer) {
    return MakeExpression(Constant{postgres::Value(scope.statement.definer->role)}, {facts.type, -1},
                          scope.statement.Position(function.location()));
  }
  SessionValue value{.kind = facts.kind};
  TypeRef type = {facts.type, -1};
  if (function.op() == pg_query::SVFOP_CURRENT_TIME_N || function.op() == pg_query::SVFOP_CURRENT_TIMESTAMP_N ||
      function.op() == pg_query::SVFOP_LOCALTIME_N || function.op() == pg_query::SVFOP_LOCALTIMESTAMP_N) {
    value.precision = type.modifier = std::min(function.typmod(), 6);
  }
  return MakeExpression(value, type, scope.statement.Position(function.location()));
}

Result<ExpressionPtr> AnalyzeNullTest(Scope& scope, const pg_query::NullTest& test) {
  NullTest result{.negated = test.nulltesttype() == pg_query::IS_NOT_NULL};
  WEIR_ASSIGN_OR_RETURN(result.argument, Analyze(scope, test.arg()));
  const postgres::Oid tested = postgres::BaseTypeOf(result.argument->type).oid;
  result.by_field = tested == oid::kRecord || postgres::FindComposite(tested) != nullptr;
  return MakeExpression(std::move(result), {oid::kBool, -1}, scope.statement.Position(test.location()));
}

Result<ExpressionPtr> AnalyzeBooleanTest(Scope& scope, const pg_query::BooleanTest& test) {
  using Kind = BooleanTest::Kind;
  static constexpr std::pair<Kind, std::string_view> kTests[] = {
      {Kind::kTrue, "IS TRUE"},        {Kind::kNotTrue, "IS NOT TRUE"},   {Kind::kFalse, "IS FALSE"},
      {Kind::kNotFalse, "IS NOT FALSE"}, {Kind::kUnknown, "IS UNKNOWN"}, {Kind::kNotUnknown, "IS NOT UNKNOWN"},
  };
  const auto& [kind, name] = kTests[test.booltesttype() - pg_query::IS_TRUE];
  BooleanTest result{.kind = kind};
  WEIR_ASSIGN_OR_RETURN(result.argument, Analyze(scope, test.arg()));
  WEIR_ASSIGN_OR_RETURN(result.argument, CoerceToBoolean(scope, std::move(result.argument), name));
  return MakeExpression(std::move(result), {oid::kBool, -1}, scope.statement.Position(test.location()));
}

Status Unsupported(const Scope& scope, const Node& node) {
  if (node.has_set_to_default()) {
    return ErrorAt(scope, node.set_to_default().location(), sqlstate::kSyntaxError,
                   "DEFAULT is not allowed in this context");
  }
  return ErrorAt(scope, LocationOf(node), sqlstate::kFeatureNotSupported, "this form of expression is not supported");
}

}  // namespace

Result<ExpressionPtr> Analyze(Scope& scope, const Node& node) {
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  switch (node.node_case()) {
    case Node::kColumnRef: return AnalyzeColumnRef(scope, node.column_ref());
    case Node::kParamRef: return AnalyzeParameter(scope, node.param_ref());
    case Node::kAConst: return AnalyzeConstant(scope, node.a_const());
    case Node::kAIndirection: return AnalyzeIndirection(scope, node.a_indirection());
    case Node::kAArrayExpr: return AnalyzeArray(scope, node.a_array_expr(), {});
    case Node::kTypeCast: return AnalyzeCast(scope, node.type_cast());
    case Node::kCollateClause: return AnalyzeCollate(scope, node.collate_clause());
    case Node::kAExpr: return AnalyzeOperator(scope, node.a_expr());
    case Node::kBoolExpr: return AnalyzeLogic(scope, node.bool_expr());
    case Node::kFuncCall: return AnalyzeCall(scope, node.func_call());
    case Node::kGroupingFunc: return AnalyzeGrouping(scope, node.grouping_func());
    case Node::kSubLink: return AnalyzeSubLink(scope, node.sub_link());
    case Node::kCaseExpr: return AnalyzeCase(scope, node.case_expr());
    case Node::kRowExpr: return AnalyzeRow(scope, node.row_expr());
    case Node::kCoalesceExpr: return AnalyzeCoalesce(scope, node.coalesce_expr());
    case Node::kMinMaxExpr: return AnalyzeExtreme(scope, node.min_max_expr());
    case Node::kSqlvalueFunction: return AnalyzeSessionValue(scope, node.sqlvalue_function());
    case Node::kNullTest: return AnalyzeNullTest(scope, node.null_test());
    case Node::kCurrentOfExpr: return AnalyzeCurrentOf(scope, node.current_of_expr());
    case Node::kBooleanTest: return AnalyzeBooleanTest(scope, node.boolean_test());
    default: return Unsupported(scope, node);  // some 220 other kinds are no expressions
  }
}

Result<ExpressionPtr> AnalyzeCondition(Scope& scope, const Node& node, Clause clause) {
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr condition, Analyze(scope, node, clause));
  return CoerceToBoolean(scope, std::move(condition), clause == Clause::kMergeWhen ? "WHEN" : NameOf(clause));
}

Result<Expressions> AnalyzeList(Scope& scope, const Nodes& nodes, Clause clause, bool defaults) {
  const InClause in(scope, clause);
  defaults |= clause == Clause::kValues || clause == Clause::kValuesSingle;
  Expressions list;
  for (const Node& node : nodes) {
    if (IsStar(node)) {
      WEIR_ASSIGN_OR_RETURN(std::vector<ExpandedColumn> columns, ExpandStar(scope, node));
      for (ExpandedColumn& column : columns) list.push_back(std::move(column.value));
      continue;
    }
    if (node.has_set_to_default() && defaults) {
      list.push_back(MakeExpression(DefaultValue{}, {oid::kUnknown, -1},
                                    scope.statement.Position(node.set_to_default().location())));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr one, Analyze(scope, node));
    list.push_back(std::move(one));
  }
  return list;
}

int LocationOf(const Node& node) {
  switch (node.node_case()) {
    case Node::kColumnRef: return node.column_ref().location();
    case Node::kParamRef: return node.param_ref().location();
    case Node::kAConst: return node.a_const().location();
    case Node::kAIndirection: return LocationOf(node.a_indirection().arg());
    case Node::kAArrayExpr: return node.a_array_expr().location();
    case Node::kTypeCast: {
      const int begin = LocationOf(node.type_cast().arg());
      const int location = node.type_cast().location();
      return begin >= 0 && (location < 0 || begin < location) ? begin : location;
    }
    case Node::kCollateClause: return LocationOf(node.collate_clause().arg());
    case Node::kAExpr: {
      const int begin = node.a_expr().has_lexpr() ? LocationOf(node.a_expr().lexpr()) : -1;
      return begin >= 0 && begin < node.a_expr().location() ? begin : node.a_expr().location();
    }
    case Node::kBoolExpr: return node.bool_expr().location();
    case Node::kFuncCall: return node.func_call().location();
    case Node::kSubLink: return node.sub_link().location();
    case Node::kCaseExpr: return node.case_expr().location();
    case Node::kRowExpr: return node.row_expr().location();
    case Node::kCoalesceExpr: return node.coalesce_expr().location();
    case Node::kMinMaxExpr: return node.min_max_expr().location();
    case Node::kSqlvalueFunction: return node.sqlvalue_function().location();
    case Node::kXmlExpr: return node.xml_expr().location();
    case Node::kXmlSerialize: return node.xml_serialize().location();
    case Node::kNullTest: return LocationOf(node.null_test().arg());
    case Node::kBooleanTest: return LocationOf(node.boolean_test().arg());
    case Node::kGroupingFunc: return node.grouping_func().location();
    case Node::kSetToDefault: return node.set_to_default().location();
    case Node::kRangeVar: return node.range_var().location();
    case Node::kResTarget: return node.res_target().location();
    case Node::kList: return node.list().items_size() > 0 ? LocationOf(node.list().items(0)) : -1;
    default: return -1;  // the others have none that is asked for
  }
}

}  // namespace weir::sql::analyze
