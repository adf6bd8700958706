#include "sql/analyze/column_name.h"

namespace weir::sql::analyze {

using pg_query::Node;

namespace {

// How much a name says: a cast's type gives way to the name of what is cast.
enum class Strength { kNone, kWeak, kStrong };

struct Named {
  Strength strength = Strength::kNone;
  std::string name;
};

Named Strong(std::string name) { return {Strength::kStrong, std::move(name)}; }

const std::string* LastString(const Nodes& nodes) {
  const std::string* last = nullptr;
  for (const Node& node : nodes) {
    if (node.has_string()) last = &node.string().sval();
  }
  return last;
}

// The scalar subquery that an expression is, casts around it aside.
const SubqueryExpression* SubqueryOf(const Expression& expression) {
  const Expression* at = &expression;
  for (;;) {
    if (const auto* subquery = std::get_if<SubqueryExpression>(&at->node)) return subquery;
    if (const auto* coercion = std::get_if<Coercion>(&at->node)) {
      at = coercion->argument.get();
    } else if (const auto* collated = std::get_if<Collated>(&at->node)) {
      at = collated->argument.get();
    } else if (const auto* subscript = std::get_if<Subscript>(&at->node)) {
      at = subscript->container.get();
    } else if (const auto* call = std::get_if<Call>(&at->node); call && call->form == CallForm::kExplicitCast) {
      at = call->arguments[0].get();
    } else {
      return nullptr;
    }
  }
}

Named NameOfSubLink(const pg_query::SubLink& link, const Expression& analyzed) {
  if (link.sub_link_type() == pg_query::EXISTS_SUBLINK) return Strong("exists");
  if (link.sub_link_type() == pg_query::ARRAY_SUBLINK) return Strong("array");
  if (link.sub_link_type() != pg_query::EXPR_SUBLINK) return {};
  const SubqueryExpression* subquery = SubqueryOf(analyzed);
  if (subquery == nullptr) return {};
  for (const Target& target : subquery->query->targets) {
    if (!target.hidden) return Strong(target.name);
  }
  return {};
}

std::string NameOfSessionValue(pg_query::SQLValueFunctionOp op) {
  switch (op) {
    case pg_query::SVFOP_CURRENT_DATE: return "current_date";
    case pg_query::SVFOP_CURRENT_TIME:
    case pg_query::SVFOP_CURRENT_TIME_N: return "current_time";
    case pg_query::SVFOP_CURRENT_TIMESTAMP:
    case pg_query::SVFOP_CURRENT_TIMESTAMP_N: return "current_timestamp";
    case pg_query::SVFOP_LOCALTIME:
    case pg_query::SVFOP_LOCALTIME_N: return "localtime";
    case pg_query::SVFOP_LOCALTIMESTAMP:
    case pg_query::SVFOP_LOCALTIMESTAMP_N: return "localtimestamp";
    case pg_query::SVFOP_CURRENT_ROLE: return "current_role";
    case pg_query::SVFOP_CURRENT_USER: return "current_user";
    case pg_query::SVFOP_USER: return "user";
    case pg_query::SVFOP_SESSION_USER: return "session_user";
    case pg_query::SVFOP_CURRENT_CATALOG: return "current_catalog";
    case pg_query::SVFOP_CURRENT_SCHEMA: return "current_schema";
    default: return "?column?";  // protobuf's own sentinels
  }
}

Named Name(const Node& node, const Expression& analyzed);

Named NameOfCast(const pg_query::TypeCast& cast, const Expression& analyzed) {
  Named named = Name(cast.arg(), analyzed);
  if (named.strength == Strength::kStrong) return named;
  return {Strength::kWeak, *LastString(cast.type_name().names())};
}

Named NameOfCase(const pg_query::CaseExpr& expression, const Expression& analyzed) {
  const auto* node = std::get_if<Case>(&analyzed.node);
  Named named;
  if (expression.has_defresult()) named = Name(expression.defresult(), node ? *node->otherwise : analyzed);
  return named.strength == Strength::kStrong ? named : Named{Strength::kWeak, "case"};
}

Named Name(const Node& node, const Expression& analyzed) {
  switch (node.node_case()) {
    case Node::kColumnRef: {
      const std::string* name = LastString(node.column_ref().fields());
      return name == nullptr ? Named() : Strong(*name);
    }
    case Node::kAIndirection: {
      const std::string* name = LastString(node.a_indirection().indirection());
      return name == nullptr ? Name(node.a_indirection().arg(), analyzed) : Strong(*name);
    }
    case Node::kFuncCall: return Strong(*LastString(node.func_call().funcname()));
    case Node::kAExpr: return node.a_expr().kind() == pg_query::AEXPR_NULLIF ? Strong("nullif") : Named();
    case Node::kTypeCast: return NameOfCast(node.type_cast(), analyzed);
    case Node::kCollateClause: return Name(node.collate_clause().arg(), analyzed);
    case Node::kGroupingFunc: return Strong("grouping");
    case Node::kSubLink: return NameOfSubLink(node.sub_link(), analyzed);
    case Node::kCaseExpr: return NameOfCase(node.case_expr(), analyzed);
    case Node::kAArrayExpr: return Strong("array");
    case Node::kRowExpr: return Strong("row");
    case Node::kCoalesceExpr: return Strong("coalesce");
    case Node::kMinMaxExpr: return Strong(node.min_max_expr().op() == pg_query::IS_GREATEST ? "greatest" : "least");
    case Node::kSqlvalueFunction: return Strong(NameOfSessionValue(node.sqlvalue_function().op()));
    default: return {};  // operators and the like have none
  }
}

}  // namespace

std::string ColumnName(const Node& node, const Expression& analyzed) {
  const Named named = Name(node, analyzed);
  return named.strength == Strength::kNone ? "?column?" : named.name;
}

}  // namespace weir::sql::analyze
