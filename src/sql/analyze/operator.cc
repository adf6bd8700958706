#include "sql/analyze/operator.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "sql/analyze/coerce.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using postgres::Oid;

namespace {

// All operators are in pg_catalog.
Status CheckSchema(const Scope& scope, const WrittenOperator& op, Oid left, Oid right) {
  if (op.name.size() < 2 || op.name.front() == "pg_catalog") return Status::OK();
  const std::string& schema = op.name[op.name.size() - 2];
  WEIR_ASSIGN_OR_RETURN(const bool exists, scope.statement.names.HasSchema(schema));
  if (!exists) {
    return ErrorAt(scope, op.location, sqlstate::kUndefinedSchema,
                   fmt::format("schema \"{}\" does not exist", schema));
  }
  const std::string operand = left == 0 ? "" : TypeName(scope, left) + " ";
  return ErrorAt(scope, op.location, sqlstate::kUndefinedFunction,
                 fmt::format("operator does not exist: {}{} {}", operand, Dotted(op.name), TypeName(scope, right)),
                 left == 0 ? "No operator matches the given name and argument type. You might need to add an explicit "
                             "type cast."
                           : "No operator matches the given name and argument types. You might need to add explicit "
                             "type casts.");
}

struct ResolvedOperands {
  const postgres::Function* function = nullptr;
  Oid result = 0;
  ExpressionPtr left;
  ExpressionPtr right;
};

Result<ResolvedOperands> ResolveOperands(const Scope& scope, const WrittenOperator& op, ExpressionPtr left,
                                         ExpressionPtr right) {
  const Oid left_type = left ? left->type.oid : 0;
  WEIR_RETURN_NOT_OK(CheckSchema(scope, op, left_type, right->type.oid));
  WEIR_ASSIGN_OR_RETURN(const postgres::ResolvedOperator resolved,
                        scope.statement.resolver.ResolveOperator(op.name.back(), left_type, right->type.oid,
                                                                 scope.statement.Position(op.location)));
  ResolvedOperands operands;
  operands.function = postgres::FindFunction(resolved.op->function);
  operands.result = resolved.result;
  if (left) {
    WEIR_ASSIGN_OR_RETURN(operands.left, Coerce(scope, std::move(left), resolved.left));
  }
  WEIR_ASSIGN_OR_RETURN(operands.right, Coerce(scope, std::move(right), resolved.right));
  return operands;
}

struct ComparisonName {
  std::string_view name;
  RowComparison::Kind kind;
};
constexpr std::array<ComparisonName, 6> kComparisons = {{
    {"=", RowComparison::Kind::kEqual},
    {"<>", RowComparison::Kind::kNotEqual},
    {"<", RowComparison::Kind::kLess},
    {"<=", RowComparison::Kind::kLessEqual},
    {">=", RowComparison::Kind::kGreaterEqual},
    {">", RowComparison::Kind::kGreater},
}};

std::optional<RowComparison::Kind> ComparisonOf(std::string_view name) {
  for (const ComparisonName& known : kComparisons) {
    if (known.name == name) return known.kind;
  }
  return std::nullopt;
}

bool IsOrdered(RowComparison::Kind kind) {
  return kind != RowComparison::Kind::kEqual && kind != RowComparison::Kind::kNotEqual;
}

// What compares two rows column by column.
struct ColumnComparisons {
  RowComparison::Kind kind = RowComparison::Kind::kEqual;
  std::vector<const postgres::Function*> functions;
  std::vector<const postgres::Function*> equal_functions;
  Expressions left;
  Expressions right;
};

Result<ColumnComparisons> CompareColumns(const Scope& scope, const WrittenOperator& op, Expressions left,
                                         Expressions right) {
  if (left.size() != right.size()) {
    return ErrorAt(scope, op.location, sqlstate::kSyntaxError, "unequal number of entries in row expressions");
  }
  if (left.empty()) {
    return ErrorAt(scope, op.location, sqlstate::kFeatureNotSupported, "cannot compare rows of zero length");
  }
  ColumnComparisons all;
  for (size_t i = 0; i < left.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(ResolvedOperands one,
                          ResolveOperands(scope, op, std::move(left[i]), std::move(right[i])));
    if (one.result != oid::kBool) {
      return ErrorAt(scope, op.location, sqlstate::kDatatypeMismatch,
                     fmt::format("row comparison operator must yield type boolean, not type {}",
                                 TypeName(scope, one.result)));
    }
    if (one.function->returns_set) {
      return ErrorAt(scope, op.location, sqlstate::kDatatypeMismatch, "row comparison operator must not return a set");
    }
    all.functions.push_back(one.function);
    all.left.push_back(std::move(one.left));
    all.right.push_back(std::move(one.right));
  }
  return all;
}

// Of more than one column: the operator must be one of the six, and those that order need = beside it.
Status InterpretRow(const Scope& scope, const WrittenOperator& op, ColumnComparisons* all) {
  const auto kind = ComparisonOf(op.name.back());
  if (!kind) {
    return ErrorAt(scope, op.location, sqlstate::kFeatureNotSupported,
                   fmt::format("could not determine interpretation of row comparison operator {}", op.name.back()),
                   "Row comparison operators must be associated with btree operator families.");
  }
  all->kind = *kind;
  for (size_t i = 0; IsOrdered(*kind) && i < all->left.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const postgres::ResolvedOperator equal,
                          scope.statement.resolver.ResolveOperator("=", all->left[i]->type.oid,
                                                                   all->right[i]->type.oid));
    all->equal_functions.push_back(postgres::FindFunction(equal.op->function));
  }
  return Status::OK();
}

Expressions FieldsOf(ExpressionPtr row) { return std::move(std::get<RowOf>(row->node).fields); }

}  // namespace

Result<ExpressionPtr> MakeOperator(const Scope& scope, const WrittenOperator& op, ExpressionPtr left,
                                   ExpressionPtr right) {
  WEIR_ASSIGN_OR_RETURN(ResolvedOperands operands,
                        ResolveOperands(scope, op, std::move(left), std::move(right)));
  Call call{.function = operands.function, .form = CallForm::kOperator};
  if (operands.left) call.arguments.push_back(std::move(operands.left));
  call.arguments.push_back(std::move(operands.right));
  return MakeExpression(std::move(call), {operands.result, -1}, scope.statement.Position(op.location));
}

Result<ExpressionPtr> MakeArrayTest(const Scope& scope, const WrittenOperator& op, bool any, ExpressionPtr left,
                                    ExpressionPtr right) {
  WEIR_RETURN_NOT_OK(CheckSchema(scope, op, left->type.oid, right->type.oid));
  const int position = scope.statement.Position(op.location);
  WEIR_ASSIGN_OR_RETURN(const postgres::ResolvedOperator resolved,
                        scope.statement.resolver.ResolveArrayOperator(op.name.back(), left->type.oid, right->type.oid,
                                                                      position));
  if (resolved.result != oid::kBool) {
    return ErrorAtPosition(position, sqlstate::kWrongObjectType,
                           "op ANY/ALL (array) requires operator to yield boolean");
  }
  ArrayTest test{.function = postgres::FindFunction(resolved.op->function), .any = any};
  WEIR_ASSIGN_OR_RETURN(test.left, Coerce(scope, std::move(left), resolved.left));
  const Oid array = scope.statement.resolver.ArrayOf(resolved.right);
  WEIR_ASSIGN_OR_RETURN(test.array, Coerce(scope, std::move(right), array));
  return MakeExpression(std::move(test), {oid::kBool, -1}, position);
}

namespace {

Result<ExpressionPtr> DistinctValues(const Scope& scope, const WrittenOperator& op, bool negated, ExpressionPtr left,
                                     ExpressionPtr right) {
  WEIR_ASSIGN_OR_RETURN(ResolvedOperands operands,
                        ResolveOperands(scope, op, std::move(left), std::move(right)));
  if (operands.result != oid::kBool) {
    return ErrorAt(scope, op.location, sqlstate::kDatatypeMismatch,
                   "IS DISTINCT FROM requires = operator to yield boolean");
  }
  DistinctTest test{operands.function, std::move(operands.left), std::move(operands.right), negated};
  return MakeExpression(std::move(test), {oid::kBool, -1}, scope.statement.Position(op.location));
}

// Rows are distinct where one of their columns is.
Result<ExpressionPtr> DistinctRows(const Scope& scope, const WrittenOperator& op, bool negated, Expressions left,
                                   Expressions right) {
  if (left.size() != right.size()) {
    return ErrorAt(scope, op.location, sqlstate::kSyntaxError, "unequal number of entries in row expressions");
  }
  const int position = scope.statement.Position(op.location);
  if (left.empty()) {
    return MakeExpression(Constant{postgres::Value(negated)}, {oid::kBool, -1}, position);
  }
  Logic logic{.kind = negated ? Logic::Kind::kAnd : Logic::Kind::kOr};
  for (size_t i = 0; i < left.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(ExpressionPtr test,
                          DistinctValues(scope, op, negated, std::move(left[i]), std::move(right[i])));
    logic.arguments.push_back(std::move(test));
  }
  if (logic.arguments.size() == 1) return std::move(logic.arguments[0]);
  return MakeExpression(std::move(logic), {oid::kBool, -1}, position);
}

}  // namespace

Result<ExpressionPtr> MakeDistinctTest(const Scope& scope, const WrittenOperator& op, bool negated, ExpressionPtr left,
                                       ExpressionPtr right) {
  if (std::holds_alternative<RowOf>(left->node) && std::holds_alternative<RowOf>(right->node)) {
    return DistinctRows(scope, op, negated, FieldsOf(std::move(left)), FieldsOf(std::move(right)));
  }
  return DistinctValues(scope, op, negated, std::move(left), std::move(right));
}

Result<ExpressionPtr> MakeRowComparison(const Scope& scope, const WrittenOperator& op, ExpressionPtr left,
                                        ExpressionPtr right) {
  WEIR_ASSIGN_OR_RETURN(ColumnComparisons all,
                        CompareColumns(scope, op, FieldsOf(std::move(left)), FieldsOf(std::move(right))));
  const int position = scope.statement.Position(op.location);
  if (all.left.size() == 1) {
    Call call{.function = all.functions[0], .form = CallForm::kOperator};
    call.arguments.push_back(std::move(all.left[0]));
    call.arguments.push_back(std::move(all.right[0]));
    return MakeExpression(std::move(call), {oid::kBool, -1}, position);
  }
  WEIR_RETURN_NOT_OK(InterpretRow(scope, op, &all));
  RowComparison comparison{all.kind, std::move(all.functions), std::move(all.equal_functions), std::move(all.left),
                           std::move(all.right)};
  return MakeExpression(std::move(comparison), {oid::kBool, -1}, position);
}

Result<ExpressionPtr> MakeSubqueryComparison(const Scope& scope, const WrittenOperator& op, SubqueryExpression test,
                                             Expressions left) {
  Expressions columns;
  for (size_t i = 0; i < test.query->targets.size(); ++i) {
    const Target& target = test.query->targets[i];
    if (target.hidden) continue;
    columns.push_back(MakeExpression(ColumnReference{0, 0, static_cast<int>(columns.size())},
                                     target.expression->type, 0));
  }
  if (left.size() != columns.size()) {
    return ErrorAt(scope, op.location, sqlstate::kSyntaxError,
                   left.size() < columns.size() ? "subquery has too many columns" : "subquery has too few columns");
  }
  WEIR_ASSIGN_OR_RETURN(ColumnComparisons all, CompareColumns(scope, op, std::move(left), std::move(columns)));
  if (all.left.size() > 1) WEIR_RETURN_NOT_OK(InterpretRow(scope, op, &all));
  bool converted = false;
  for (const ExpressionPtr& column : all.right) {
    converted = converted || !std::holds_alternative<ColumnReference>(column->node);
  }
  test.left = std::move(all.left);
  test.functions = std::move(all.functions);
  test.equal_functions = std::move(all.equal_functions);
  test.comparison = all.kind;
  if (converted) test.columns = std::move(all.right);
  return MakeExpression(std::move(test), {oid::kBool, -1}, scope.statement.Position(op.location));
}

Result<const postgres::Function*> LessFunction(const Scope& scope, Oid type, int position) {
  const auto found = scope.statement.resolver.OperatorClassOf(type);
  const postgres::Operator* less = found ? postgres::FindOperator(found->less) : nullptr;
  if (less != nullptr) return postgres::FindFunction(less->function);
  return ErrorAtPosition(position, sqlstate::kUndefinedFunction,
                         fmt::format("could not identify an ordering operator for type {}", TypeName(scope, type)),
                         "Use an explicit ordering operator or modify the query.");
}

Status CheckHasEquality(const Scope& scope, Oid type, int position) {
  const auto found = scope.statement.resolver.OperatorClassOf(type);
  if (found && (found->equal != 0 || found->hash_equal != 0)) return Status::OK();
  return ErrorAtPosition(position, sqlstate::kUndefinedFunction,
                         fmt::format("could not identify an equality operator for type {}", TypeName(scope, type)));
}

}  // namespace weir::sql::analyze
