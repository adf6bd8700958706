#include "sql/analyze/arbiter.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "sql/analyze/assign.h"
#include "sql/analyze/definition.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;

namespace {

/// What ON CONFLICT (…) WHERE … says.
struct Inference {
  std::vector<int> columns;
  Expressions expressions;
  Expressions conditions;  // that are joined by AND
};

const RangeEntry& InsertTarget(const Scope& scope) {
  return scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
}

/// The parts that AND joins.
void AddConditions(ExpressionPtr condition, Expressions* conditions) {
  auto* logic = std::get_if<Logic>(&condition->node);
  if (logic == nullptr || logic->kind != Logic::Kind::kAnd) {
    conditions->push_back(std::move(condition));
    return;
  }
  for (ExpressionPtr& argument : logic->arguments) AddConditions(std::move(argument), conditions);
}

Result<Inference> Infer(Scope& scope, const pg_query::InferClause& infer) {
  Inference inference;
  for (const pg_query::Node& node : infer.index_elems()) {
    const pg_query::IndexElem& element = node.index_elem();
    if (element.name().empty()) {
      WEIR_ASSIGN_OR_RETURN(inference.expressions.emplace_back(),
                            Analyze(scope, element.expr(), Clause::kIndexExpression));
      continue;
    }
    const Result<int> column = TargetColumn(scope, element.name(), infer.location());
    if (!column.ok()) return MissingColumn(scope, {}, element.name(), infer.location());
    if (std::ranges::find(inference.columns, *column) == inference.columns.end()) inference.columns.push_back(*column);
  }
  if (!infer.has_where_clause()) return inference;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr condition,
                        AnalyzeCondition(scope, infer.where_clause(), Clause::kIndexCondition));
  AddConditions(std::move(condition), &inference.conditions);
  return inference;
}

/// What an index says, over the target's columns as the statement has them.
Result<ExpressionPtr> OfIndex(const Scope& scope, const std::string& text, DefinitionPart part) {
  const RangeEntry& target = InsertTarget(scope);
  const DefinitionExpression definition{.part = part, .relation = target.alias, .columns = target.columns};
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr value, AnalyzeDefinition(text, definition, {}));
  return value;
}

bool Has(const Expressions& expressions, const Expression& wanted) {
  return std::ranges::any_of(expressions, [&](const ExpressionPtr& one) { return Equal(*one, wanted); });
}

Result<bool> HasSameExpressions(const Scope& scope, const UniqueKey& key, const Inference& inference) {
  Expressions own;
  for (const std::string& text : key.expressions) {
    WEIR_ASSIGN_OR_RETURN(own.emplace_back(), OfIndex(scope, text, DefinitionPart::kIndexExpression));
  }
  const auto in = [](const Expressions& all) { return [&](const ExpressionPtr& one) { return Has(all, *one); }; };
  return std::ranges::all_of(own, in(inference.expressions)) && std::ranges::all_of(inference.expressions, in(own));
}

/// Whether the rows that the inference speaks of are all held apart by the key.
Result<bool> HoldsRowsOf(const Scope& scope, const UniqueKey& key, const Inference& inference) {
  if (key.condition.empty()) return true;
  WEIR_ASSIGN_OR_RETURN(ExpressionPtr condition, OfIndex(scope, key.condition, DefinitionPart::kIndexCondition));
  Expressions own;
  AddConditions(std::move(condition), &own);
  return std::ranges::all_of(own, [&](const ExpressionPtr& one) { return Has(inference.conditions, *one); });
}

std::vector<int> PlainColumns(const UniqueKey& key) {
  std::vector<int> columns = key.columns;
  std::erase(columns, -1);
  return columns;
}

void Take(const UniqueKey& key, OnConflict* conflict) {
  conflict->key = PlainColumns(key);
  conflict->index = key.index;
}

/// 55000 where the rows would be told apart by a key that may be violated for a while. `is_meant`: whether one is.
Status RefuseDeferrable(const Scope& scope, const std::function<bool(const SqlConstraint&)>& is_meant) {
  const auto* table = std::get_if<RangeEntry::Table>(&InsertTarget(scope).source);
  for (size_t i = 0; table != nullptr && i < table->relation->constraints.size(); ++i) {
    const SqlConstraint& constraint = table->relation->constraints[i];
    if (!constraint.exclusion || constraint.exclusion->key == '\0' || !is_meant(constraint)) continue;
    return ErrorAt(scope, -1, sqlstate::kObjectNotInPrerequisiteState,
                   "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters");
  }
  return Status::OK();
}

Status RefuseDeferrable(const Scope& scope, const Inference& inference) {
  std::vector<std::string> names;
  for (const int column : inference.columns) {
    names.push_back(InsertTarget(scope).columns[static_cast<size_t>(column)].name);
  }
  return RefuseDeferrable(scope, [&](const SqlConstraint& constraint) {
    return std::ranges::is_permutation(constraint.columns, names);
  });
}

}  // namespace

Status CheckNoneIsDeferrable(const Scope& scope) {
  return RefuseDeferrable(scope, [](const SqlConstraint&) { return true; });
}

Status FindArbiter(Scope& scope, const pg_query::InferClause& infer, OnConflict* conflict) {
  const auto target = static_cast<size_t>(scope.query->target_relation);
  const std::vector<UniqueKey>& keys = scope.keys[target];
  if (!infer.conname().empty()) {
    for (const UniqueKey& key : keys) {
      if (key.name != infer.conname()) continue;
      conflict->constraint = key.name;
      Take(key, conflict);
      return Status::OK();
    }
    WEIR_RETURN_NOT_OK(RefuseDeferrable(
        scope, [&](const SqlConstraint& constraint) { return constraint.name == infer.conname(); }));
    return ErrorAt(scope, -1, sqlstate::kUndefinedObject,
                   fmt::format("constraint \"{}\" for table \"{}\" does not exist", infer.conname(),
                               scope.relation_names[target].table));
  }
  WEIR_ASSIGN_OR_RETURN(const Inference inference, Infer(scope, infer));
  for (const UniqueKey& key : keys) {
    const std::vector<int> columns = PlainColumns(key);
    if (!std::is_permutation(columns.begin(), columns.end(), inference.columns.begin(), inference.columns.end()))
      continue;
    WEIR_ASSIGN_OR_RETURN(const bool same, HasSameExpressions(scope, key, inference));
    if (!same) continue;
    WEIR_ASSIGN_OR_RETURN(const bool holds, HoldsRowsOf(scope, key, inference));
    if (!holds) continue;
    Take(key, conflict);
    return Status::OK();
  }
  WEIR_RETURN_NOT_OK(RefuseDeferrable(scope, inference));
  return ErrorAt(scope, -1, sqlstate::kInvalidColumnReference,
                 "there is no unique or exclusion constraint matching the ON CONFLICT specification");
}

}  // namespace weir::sql::analyze
