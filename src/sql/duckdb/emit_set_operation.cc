#include "sql/duckdb/emit.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/scope.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;

constexpr const char* kOfRight = "of_right";
constexpr const char* kPlace = "place";
constexpr const char* kInRightSide = "in_right";

duckdb::SetOperationType TypeOf(tree::SetOperation::Kind kind) {
  switch (kind) {
    case tree::SetOperation::Kind::kUnion: return duckdb::SetOperationType::UNION;
    case tree::SetOperation::Kind::kIntersect: return duckdb::SetOperationType::INTERSECT;
    case tree::SetOperation::Kind::kExcept: return duckdb::SetOperationType::EXCEPT;
  }
  return duckdb::SetOperationType::NONE;
}

ParsedList KeysOf(const std::string& relation, const EmittedColumns& columns) {
  ParsedList keys;
  for (const EmittedColumn& column : columns) {
    keys.push_back(KeyOf({ColumnOf(relation, column.name), column.type, column.oid}));
  }
  return keys;
}

duckdb::unique_ptr<duckdb::SetOperationNode> SetOperationOf(duckdb::SetOperationType type, bool all, EmittedQuery left,
                                                            EmittedQuery right) {
  auto node = duckdb::make_uniq<duckdb::SetOperationNode>();
  node->setop_type = type;
  node->setop_all = all;
  node->children.push_back(std::move(left.node));
  node->children.push_back(std::move(right.node));
  return node;
}

/// What says of a row of the left side whether it stays: which one of those with its key it is, and how many the right
/// side has.
Parsed Stays(const tree::SetOperation& operation, const std::string& rows) {
  Parsed number = ColumnOf(rows, kPlace);
  Parsed in_right = ColumnOf(rows, kInRightSide);
  const bool intersect = operation.kind == tree::SetOperation::Kind::kIntersect;
  if (operation.all) {
    return Compare(intersect ? ExpressionType::COMPARE_LESSTHANOREQUALTO : ExpressionType::COMPARE_GREATERTHAN,
                   std::move(number), std::move(in_right));
  }
  Parsed first = Compare(ExpressionType::COMPARE_EQUAL, std::move(number), Literal(duckdb::Value::BIGINT(1)));
  Parsed there = Compare(intersect ? ExpressionType::COMPARE_GREATERTHAN : ExpressionType::COMPARE_EQUAL,
                         std::move(in_right), Literal(duckdb::Value::BIGINT(0)));
  return Conjunction(ExpressionType::CONJUNCTION_AND, std::move(first), std::move(there));
}

}  // namespace

EmittedQuery Emitter::WithSide(EmittedQuery query, bool right) {
  const EmittedColumns columns = query.columns;
  std::string inner;
  auto node = Around(std::move(query), &inner);
  for (const EmittedColumn& column : columns) node->select_list.push_back(ColumnOf(inner, column.name));
  node->select_list.push_back(Literal(duckdb::Value::BOOLEAN(right)));
  node->select_list.back()->SetAlias(kOfRight);
  return {std::move(node), columns};
}

EmittedQuery Emitter::ByKeys(const tree::SetOperation& operation, EmittedQuery left, EmittedQuery right) {
  const EmittedColumns columns = left.columns;
  EmittedQuery both{SetOperationOf(duckdb::SetOperationType::UNION, true, WithSide(std::move(left), false),
                                   WithSide(std::move(right), true)),
                    columns};
  std::string inner;
  auto counted = Around(std::move(both), &inner);
  auto number =
      duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_ROW_NUMBER, "system", "main", "row_number");
  number->partitions = KeysOf(inner, columns);
  number->partitions.push_back(ColumnOf(inner, kOfRight));
  number->end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  auto in_right =
      duckdb::make_uniq<duckdb::WindowExpression>(ExpressionType::WINDOW_AGGREGATE, "system", "main", "count_star");
  in_right->partitions = KeysOf(inner, columns);
  in_right->filter_expr = ColumnOf(inner, kOfRight);
  in_right->end = duckdb::WindowBoundary::UNBOUNDED_FOLLOWING;
  for (auto* window : {number.get(), in_right.get()}) window->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
  number->SetAlias(kPlace);
  in_right->SetAlias(kInRightSide);
  for (const EmittedColumn& column : columns) counted->select_list.push_back(ColumnOf(inner, column.name));
  counted->select_list.push_back(ColumnOf(inner, kOfRight));
  counted->select_list.push_back(std::move(number));
  counted->select_list.push_back(std::move(in_right));

  std::string rows;
  auto node = Around({std::move(counted), columns}, &rows);
  for (const EmittedColumn& column : columns) node->select_list.push_back(ColumnOf(rows, column.name));
  node->where_clause =
      Conjunction(ExpressionType::CONJUNCTION_AND, Not(ColumnOf(rows, kOfRight)), Stays(operation, rows));
  return {std::move(node), columns};
}

EmittedQuery Emitter::DistinctByKeys(EmittedQuery query) {
  const EmittedColumns columns = query.columns;
  std::string inner;
  auto node = Around(std::move(query), &inner);
  for (const EmittedColumn& column : columns) node->select_list.push_back(ColumnOf(inner, column.name));
  auto distinct = duckdb::make_uniq<duckdb::DistinctModifier>();
  distinct->distinct_on_targets = KeysOf(inner, columns);
  node->modifiers.push_back(std::move(distinct));
  return {std::move(node), columns};
}

EmittedQuery Emitter::SetOperation(const tree::Query& query) {
  const tree::SetOperation& operation = *query.set_operation;
  EmittedQuery left = Converted(operation.left);
  EmittedQuery right = Converted(operation.right);
  EmittedColumns forms = left.columns;
  bool keyed = false;
  for (size_t i = 0; i < forms.size(); ++i) {
    forms[i].type = CommonForm(forms[i].oid, left.columns[i].type, right.columns[i].type);
    keyed |= NeedsKey(forms[i].oid, forms[i].type);
  }
  left = InForms(std::move(left), forms);
  right = InForms(std::move(right), forms);
  EmittedQuery result;
  if (keyed && operation.kind != tree::SetOperation::Kind::kUnion) {
    left.columns = right.columns = forms;
    result = ByKeys(operation, std::move(left), std::move(right));
  } else {
    const bool distinct_after = keyed && !operation.all;
    result = {
        SetOperationOf(TypeOf(operation.kind), operation.all || distinct_after, std::move(left), std::move(right)),
        forms};
    if (distinct_after) result = DistinctByKeys(std::move(result));
  }
  if (query.order_by.empty() && !query.limit && !query.offset) return result;
  std::string inner;
  auto outer = Around(std::move(result), &inner);
  for (const EmittedColumn& column : forms) outer->select_list.push_back(ColumnOf(inner, column.name));
  if (forms.empty()) outer->select_list.push_back(Literal(duckdb::Value::BOOLEAN(true)));  // rows without columns
  if (!query.order_by.empty()) {
    auto order = duckdb::make_uniq<duckdb::OrderModifier>();
    for (const tree::SortKey& key : query.order_by) {
      const EmittedColumn& column = forms[key.target];
      order->orders.push_back(SortBy(key, KeyOf({ColumnOf(inner, column.name), column.type, column.oid})));
    }
    outer->modifiers.push_back(std::move(order));
  }
  result = {std::move(outer), forms};
  if (!NumbersRows(query)) Limit(query, &result);
  return result;
}

}  // namespace weir::sql::duck
