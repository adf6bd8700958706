#include "sql/analyze/walk.h"

#include <algorithm>
#include <type_traits>

#include "sql/analyze/equal_query.h"
#include "sql/overloaded.h"

namespace weir::sql::analyze {

namespace {

// Calls `one` with every ExpressionPtr of a node, in the order of the text; null ones left out.
template <typename Node, typename Visit>
void ForEachOf(Node& node, const Visit& visit) {
  const auto one = [&](auto& child) {
    if (child) visit(child);
  };
  const auto all = [&](auto& children) {
    for (auto& child : children) one(child);
  };
  const auto steps = [&](auto& subscripts) {
    for (auto& step : subscripts) {
      one(step.lower);
      one(step.upper);
    }
  };
  std::visit(
      Overloaded{
          [](auto&) {},  // leaves
          [&](std::conditional_t<std::is_const_v<Node>, const Call, Call>& n) { all(n.arguments); },
          [&](std::conditional_t<std::is_const_v<Node>, const Aggregate, Aggregate>& n) {
            all(n.direct_arguments);
            all(n.arguments);
            one(n.filter);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const WindowCall, WindowCall>& n) {
            all(n.arguments);
            one(n.filter);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Grouping, Grouping>& n) { all(n.arguments); },
          [&](std::conditional_t<std::is_const_v<Node>, const Logic, Logic>& n) { all(n.arguments); },
          [&](std::conditional_t<std::is_const_v<Node>, const NullTest, NullTest>& n) { one(n.argument); },
          [&](std::conditional_t<std::is_const_v<Node>, const BooleanTest, BooleanTest>& n) { one(n.argument); },
          [&](std::conditional_t<std::is_const_v<Node>, const DistinctTest, DistinctTest>& n) {
            one(n.left);
            one(n.right);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const NullIf, NullIf>& n) {
            one(n.left);
            one(n.right);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Case, Case>& n) {
            one(n.operand);
            for (auto& when : n.whens) {
              one(when.condition);
              one(when.result);
            }
            one(n.otherwise);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Coalesce, Coalesce>& n) { all(n.arguments); },
          [&](std::conditional_t<std::is_const_v<Node>, const Extreme, Extreme>& n) { all(n.arguments); },
          [&](std::conditional_t<std::is_const_v<Node>, const ArrayOf, ArrayOf>& n) { all(n.elements); },
          [&](std::conditional_t<std::is_const_v<Node>, const RowOf, RowOf>& n) { all(n.fields); },
          [&](std::conditional_t<std::is_const_v<Node>, const RowComparison, RowComparison>& n) {
            all(n.left);
            all(n.right);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const ArrayTest, ArrayTest>& n) {
            one(n.left);
            one(n.array);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Coercion, Coercion>& n) {
            one(n.argument);
            one(n.element);
            for (auto& test : n.tests) one(test.condition);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Subscript, Subscript>& n) {
            one(n.container);
            steps(n.steps);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const FieldOf, FieldOf>& n) { one(n.record); },
          [&](std::conditional_t<std::is_const_v<Node>, const SubqueryExpression, SubqueryExpression>& n) {
            all(n.left);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const ElementAssignment, ElementAssignment>& n) {
            one(n.container);
            steps(n.steps);
            one(n.value);
          },
          [&](std::conditional_t<std::is_const_v<Node>, const Collated, Collated>& n) { one(n.argument); },
      },
      node);
}

Expressions CloneAll(const Expressions& expressions, int levels);

// A node without its children, which Clone puts in.
struct Copier {
  int levels;

  ExpressionPtr One(const ExpressionPtr& expression) const {
    return expression ? Clone(*expression, levels) : nullptr;
  }
  Expressions All(const Expressions& expressions) const { return CloneAll(expressions, levels); }
  std::vector<Subscript::Step> Steps(const std::vector<Subscript::Step>& steps) const {
    std::vector<Subscript::Step> copies;
    for (const Subscript::Step& step : steps) copies.push_back({One(step.lower), One(step.upper), step.slice});
    return copies;
  }

  template <typename Leaf>
    requires std::is_copy_constructible_v<Leaf>
  Expression::Node operator()(const Leaf& leaf) const {
    return leaf;
  }
  Expression::Node operator()(const ColumnReference& n) const {
    return ColumnReference{n.level + levels, n.relation, n.column};
  }
  Expression::Node operator()(const WholeRow& n) const { return WholeRow{n.level + levels, n.relation}; }
  Expression::Node operator()(const Call& n) const {
    return Call{n.function, All(n.arguments), n.form, n.variadic_array};
  }
  Expression::Node operator()(const Aggregate& n) const {
    return Aggregate{n.function, All(n.direct_arguments), All(n.arguments), n.star,           n.distinct,
                     n.order_by, n.num_arguments,         One(n.filter),    n.level + levels};
  }
  Expression::Node operator()(const WindowCall& n) const {
    return WindowCall{n.function, All(n.arguments), n.star, One(n.filter), n.window};
  }
  Expression::Node operator()(const Grouping& n) const {
    return Grouping{All(n.arguments), n.items, n.level + levels};
  }
  Expression::Node operator()(const Logic& n) const { return Logic{n.kind, All(n.arguments)}; }
  Expression::Node operator()(const NullTest& n) const { return NullTest{One(n.argument), n.negated, n.by_field}; }
  Expression::Node operator()(const BooleanTest& n) const { return BooleanTest{n.kind, One(n.argument)}; }
  Expression::Node operator()(const DistinctTest& n) const {
    return DistinctTest{n.equal, One(n.left), One(n.right), n.negated};
  }
  Expression::Node operator()(const NullIf& n) const { return NullIf{n.equal, One(n.left), One(n.right)}; }
  Expression::Node operator()(const Case& n) const {
    Case copy{One(n.operand), {}, One(n.otherwise)};
    for (const Case::When& when : n.whens) copy.whens.push_back({One(when.condition), One(when.result)});
    return copy;
  }
  Expression::Node operator()(const Coalesce& n) const { return Coalesce{All(n.arguments)}; }
  Expression::Node operator()(const Extreme& n) const { return Extreme{n.greatest, All(n.arguments)}; }
  Expression::Node operator()(const ArrayOf& n) const { return ArrayOf{All(n.elements), n.nested}; }
  Expression::Node operator()(const RowOf& n) const { return RowOf{All(n.fields), n.names}; }
  Expression::Node operator()(const RowComparison& n) const {
    return RowComparison{n.kind, n.functions, n.equal_functions, All(n.left), All(n.right)};
  }
  Expression::Node operator()(const ArrayTest& n) const {
    return ArrayTest{n.function, n.any, One(n.left), One(n.array)};
  }
  Expression::Node operator()(const Coercion& n) const {
    Coercion copy{n.kind, One(n.argument), One(n.element), n.explicit_cast, {}, n.changes};
    for (const DomainTest& test : n.tests) copy.tests.push_back({test.domain, test.constraint, One(test.condition)});
    return copy;
  }
  Expression::Node operator()(const Subscript& n) const { return Subscript{One(n.container), Steps(n.steps)}; }
  Expression::Node operator()(const FieldOf& n) const { return FieldOf{One(n.record), n.field, n.name}; }
  Expression::Node operator()(const SubqueryExpression&) const { return Constant{}; }  // Clone does not come here
  Expression::Node operator()(const ElementAssignment& n) const {
    return ElementAssignment{One(n.container), Steps(n.steps), One(n.value)};
  }
  Expression::Node operator()(const Collated& n) const { return Collated{One(n.argument), n.collation}; }
};

bool HoldsQuery(const Expression& expression) {
  if (std::holds_alternative<SubqueryExpression>(expression.node)) return true;
  bool holds = false;
  ForEachOf(expression.node, [&](const ExpressionPtr& child) { holds = holds || HoldsQuery(*child); });
  return holds;
}

Expressions CloneAll(const Expressions& expressions, int levels) {
  Expressions copies;
  copies.reserve(expressions.size());
  for (const ExpressionPtr& expression : expressions)
    copies.push_back(expression ? Clone(*expression, levels) : nullptr);
  return copies;
}

bool SameKeys(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SortKey& x, const SortKey& y) {
    return x.target == y.target && x.descending == y.descending && x.nulls_first == y.nulls_first && x.less == y.less;
  });
}

// Whether two nodes of the same kind say the same, their children left out.
struct SameLabel {
  const Expression::Node& other;

  template <typename Node>
  const Node& Other() const {
    return std::get<Node>(other);
  }
  template <typename Node>
  bool operator()(const Node&) const {
    return true;
  }
  bool operator()(const Parameter& n) const { return n.number == Other<Parameter>().number; }
  bool operator()(const ColumnReference& n) const {
    const auto& o = Other<ColumnReference>();
    return n.level == o.level && n.relation == o.relation && n.column == o.column;
  }
  bool operator()(const WholeRow& n) const {
    return n.level == Other<WholeRow>().level && n.relation == Other<WholeRow>().relation;
  }
  bool operator()(const Call& n) const {
    return n.function == Other<Call>().function && n.variadic_array == Other<Call>().variadic_array;
  }
  bool operator()(const Aggregate& n) const {
    const auto& o = Other<Aggregate>();
    return n.function == o.function && n.direct_arguments.size() == o.direct_arguments.size() && n.star == o.star &&
           n.distinct == o.distinct && SameKeys(n.order_by, o.order_by) && n.num_arguments == o.num_arguments &&
           (n.filter == nullptr) == (o.filter == nullptr) && n.level == o.level;
  }
  bool operator()(const WindowCall& n) const {
    const auto& o = Other<WindowCall>();
    return n.function == o.function && n.star == o.star && (n.filter == nullptr) == (o.filter == nullptr) &&
           n.window == o.window;
  }
  bool operator()(const Grouping& n) const { return n.level == Other<Grouping>().level; }
  bool operator()(const Logic& n) const { return n.kind == Other<Logic>().kind; }
  bool operator()(const NullTest& n) const { return n.negated == Other<NullTest>().negated; }
  bool operator()(const BooleanTest& n) const { return n.kind == Other<BooleanTest>().kind; }
  bool operator()(const DistinctTest& n) const {
    return n.equal == Other<DistinctTest>().equal && n.negated == Other<DistinctTest>().negated;
  }
  bool operator()(const NullIf& n) const { return n.equal == Other<NullIf>().equal; }
  bool operator()(const Case& n) const { return (n.operand == nullptr) == (Other<Case>().operand == nullptr); }
  bool operator()(const Extreme& n) const { return n.greatest == Other<Extreme>().greatest; }
  bool operator()(const ArrayOf& n) const { return n.nested == Other<ArrayOf>().nested; }
  bool operator()(const RowComparison& n) const {
    return n.kind == Other<RowComparison>().kind && n.functions == Other<RowComparison>().functions;
  }
  bool operator()(const ArrayTest& n) const {
    return n.function == Other<ArrayTest>().function && n.any == Other<ArrayTest>().any;
  }
  bool operator()(const Coercion& n) const { return n.kind == Other<Coercion>().kind; }
  bool operator()(const Subscript& n) const { return SameSteps(n.steps, Other<Subscript>().steps); }
  bool operator()(const FieldOf& n) const { return n.field == Other<FieldOf>().field; }
  bool operator()(const SubqueryExpression& n) const {
    const auto& o = Other<SubqueryExpression>();
    const bool plain = n.columns.empty() && o.columns.empty();
    return plain && n.kind == o.kind && n.comparison == o.comparison && n.functions == o.functions &&
           SameQuery(*n.query, *o.query);
  }
  bool operator()(const SessionValue& n) const {
    return n.kind == Other<SessionValue>().kind && n.precision == Other<SessionValue>().precision;
  }
  bool operator()(const RowSubqueryField&) const { return false; }
  bool operator()(const ElementAssignment&) const { return false; }
  bool operator()(const Collated& n) const { return n.collation == Other<Collated>().collation; }

  static bool SameSteps(const std::vector<Subscript::Step>& a, const std::vector<Subscript::Step>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
      return x.slice == y.slice && (x.lower == nullptr) == (y.lower == nullptr) &&
             (x.upper == nullptr) == (y.upper == nullptr);
    });
  }
};

// Constants of one type by their text, which tells 1.0 from 1.00.
bool SameConstant(postgres::TypeRef type, const postgres::Value& a, const postgres::Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  if (const auto* text = std::get_if<std::string>(&a)) {
    const auto* other = std::get_if<std::string>(&b);
    return other != nullptr && *text == *other;
  }
  std::string left;
  std::string right;
  postgres::WriteText(type.oid, a, {}, &left);
  postgres::WriteText(type.oid, b, {}, &right);
  return left == right;
}

std::vector<const Expression*> ChildrenOf(const Expression& expression) {
  std::vector<const Expression*> children;
  ForEachOf(expression.node, [&](const ExpressionPtr& child) { children.push_back(child.get()); });
  return children;
}

// Which nodes begin where their first argument does.
bool BeginsWithArgument(const Expression& expression) {
  return std::visit(Overloaded{
                        [](const auto&) { return false; },
                        [](const Call&) { return true; },
                        [](const Logic&) { return true; },
                        [](const NullTest&) { return true; },
                        [](const BooleanTest&) { return true; },
                        [](const DistinctTest&) { return true; },
                        [](const NullIf&) { return true; },
                        [](const RowComparison&) { return true; },
                        [](const ArrayTest&) { return true; },
                        [](const Coercion&) { return true; },
                        [](const Subscript&) { return true; },
                        [](const FieldOf&) { return true; },
                        [](const SubqueryExpression&) { return true; },
                        [](const Collated&) { return true; },
                    },
                    expression.node);
}

}  // namespace

void ForEachChild(Expression& expression, const std::function<void(ExpressionPtr&)>& visit,
                  const std::function<void(Query&)>& visit_query) {
  ForEachOf(expression.node, visit);
  if (auto* subquery = std::get_if<SubqueryExpression>(&expression.node)) visit_query(*subquery->query);
}

namespace {

void ForEachInFrom(FromItem& item, const std::function<void(ExpressionPtr&)>& visit) {
  if (item.left) ForEachInFrom(*item.left, visit);
  if (item.right) ForEachInFrom(*item.right, visit);
  if (item.condition) visit(item.condition);
}

void ForEachInRelation(RangeEntry& relation, const std::function<void(ExpressionPtr&)>& visit,
                       const std::function<void(Query&)>& visit_query) {
  if (auto* subquery = std::get_if<RangeEntry::Subquery>(&relation.source)) visit_query(*subquery->query);
  if (auto* functions = std::get_if<RangeEntry::Functions>(&relation.source)) {
    for (ExpressionPtr& call : functions->calls) visit(call);
  }
  if (auto* values = std::get_if<RangeEntry::Values>(&relation.source)) {
    for (Expressions& row : values->rows) {
      for (ExpressionPtr& value : row) visit(value);
    }
  }
  if (relation.sample && relation.sample->percent) visit(relation.sample->percent);
  if (relation.sample && relation.sample->repeatable) visit(relation.sample->repeatable);
}

void ForEachInModify(Query& query, const std::function<void(ExpressionPtr&)>& visit,
                     const std::function<void(Query&)>& visit_query) {
  const auto assignments = [&](std::vector<Assignment>& all) {
    for (Assignment& assignment : all) visit(assignment.value);
  };
  if (query.insert_source.query) visit_query(*query.insert_source.query);
  for (QueryPtr& source : query.row_subqueries) visit_query(*source);
  assignments(query.assignments);
  if (query.on_conflict) {
    assignments(query.on_conflict->assignments);
    if (query.on_conflict->where) visit(query.on_conflict->where);
  }
  if (query.merge_condition) visit(query.merge_condition);
  for (MergeAction& action : query.merge_actions) {
    if (action.condition) visit(action.condition);
    assignments(action.assignments);
  }
}

}  // namespace

void ForEachExpression(Query& query, const std::function<void(ExpressionPtr&)>& visit,
                       const std::function<void(Query&)>& visit_query) {
  for (WithItem& item : query.with) visit_query(*item.query);
  for (RangeEntry& relation : query.relations) ForEachInRelation(relation, visit, visit_query);
  for (FromItem& item : query.from) ForEachInFrom(item, visit);
  if (query.where) visit(query.where);
  for (Target& target : query.targets) visit(target.expression);
  for (GroupItem& item : query.group_by) {
    if (item.expression) visit(item.expression);
  }
  if (query.having) visit(query.having);
  for (Window& window : query.windows) {
    for (ExpressionPtr& expression : window.expressions) visit(expression);
    if (window.start_offset) visit(window.start_offset);
    if (window.end_offset) visit(window.end_offset);
  }
  if (query.set_operation) {
    visit_query(*query.set_operation->left.query);
    visit_query(*query.set_operation->right.query);
  }
  if (query.limit) visit(query.limit);
  if (query.offset) visit(query.offset);
  ForEachInModify(query, visit, visit_query);
}

ExpressionPtr Clone(const Expression& expression, int levels) {
  if (HoldsQuery(expression)) return nullptr;
  return std::make_unique<Expression>(
      Expression{std::visit(Copier{levels}, expression.node), expression.type, expression.position,
                 expression.called});
}

bool Equal(const Expression& a, const Expression& b) {
  if (&a == &b) return true;
  if (a.node.index() != b.node.index() || a.type != b.type) return false;
  if (const auto* constant = std::get_if<Constant>(&a.node)) {
    return SameConstant(a.type, constant->value, std::get<Constant>(b.node).value);
  }
  if (!std::visit(SameLabel{b.node}, a.node)) return false;
  const auto left = ChildrenOf(a);
  const auto right = ChildrenOf(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Expression* x, const Expression* y) { return Equal(*x, *y); });
}

int VisibleColumns(const Query& query) {
  int columns = 0;
  for (const Target& target : query.targets) columns += target.hidden ? 0 : 1;
  return columns;
}

int BeginOf(const Expression& expression) {
  int begin = expression.position;
  if (!BeginsWithArgument(expression)) return begin;
  for (const Expression* child : ChildrenOf(expression)) {
    const int position = BeginOf(*child);
    if (position > 0 && (begin == 0 || position < begin)) begin = position;
  }
  return begin;
}

}  // namespace weir::sql::analyze
