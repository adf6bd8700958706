#include "sql/duckdb/emit_change.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/errors.h"

// MERGE: the source's rows are joined with the target's, each is given the number of the action that it takes, and
// those that take one become what shall stand there in the end.

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::SelectNode;
using Kind = tree::MergeAction::Kind;

constexpr const char* kNumber = "taken";

RowAction RowActionOf(Kind kind) {
  switch (kind) {
    case Kind::kInsert: return RowAction::kInsert;
    case Kind::kUpdate: return RowAction::kUpdate;
    case Kind::kDelete: return RowAction::kDelete;
    case Kind::kNothing: break;
  }
  Throw(Error("XX000", "DO NOTHING changes no row"));
}

Parsed Number(size_t action) { return Literal(duckdb::Value::INTEGER(static_cast<int32_t>(action))); }

/// CASE over the number of the action, of a value for each that changes a row; null where it has none.
Parsed ByAction(const tree::Query& query, const std::string& alias, const LogicalType& type,
                const std::function<Parsed(const tree::MergeAction&)>& value_of) {
  auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
  for (size_t i = 0; i < query.merge_actions.size(); ++i) {
    if (query.merge_actions[i].kind == Kind::kNothing) continue;
    Parsed value = value_of(query.merge_actions[i]);
    if (value == nullptr) continue;
    duckdb::CaseCheck check;
    check.when_expr = Compare(ExpressionType::COMPARE_EQUAL, ColumnOf(alias, kNumber), Number(i));
    check.then_expr = std::move(value);
    choice->case_checks.push_back(std::move(check));
  }
  if (choice->case_checks.empty()) return NullOf(type);
  choice->else_expr = NullOf(type);
  return choice;
}

void AddNames(const std::vector<tree::Assignment>& assignments, const sql::Relation& table,
              std::vector<std::string>* names) {
  for (const tree::Assignment& assignment : assignments) names->push_back(table.columns[assignment.column].name);
}

/// What the actions do, all together.
TableChange ChangeOf(const tree::Query& query, const sql::Relation& table) {
  TableChange change{.kind = TableChange::Kind::kMerge};
  for (const tree::MergeAction& action : query.merge_actions) {
    switch (action.kind) {
      case Kind::kInsert:
        change.inserts = change.writes = true;
        AddNames(action.assignments, table, &change.inserted);
        break;
      case Kind::kUpdate:
        change.writes = true;
        AddNames(action.assignments, table, &change.updated);
        break;
      case Kind::kDelete: change.deletes = true; break;
      case Kind::kNothing: break;
    }
  }
  return change;
}

}  // namespace

/// The number of the first action whose condition holds; NULL: none, or one that does nothing.
Parsed Emitter::ChosenAction(const tree::Query& query, bool matched) {
  auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
  for (size_t i = 0; i < query.merge_actions.size(); ++i) {
    const tree::MergeAction& action = query.merge_actions[i];
    if (action.matched != matched) continue;
    duckdb::CaseCheck check;
    check.when_expr = action.condition ? Condition(*action.condition) : Literal(duckdb::Value::BOOLEAN(true));
    check.then_expr = action.kind == Kind::kNothing ? NullOf(LogicalType::INTEGER) : Number(i);
    choice->case_checks.push_back(std::move(check));
  }
  if (choice->case_checks.empty()) return NullOf(LogicalType::INTEGER);
  choice->else_expr = NullOf(LogicalType::INTEGER);
  return choice;
}

/// The source's rows with the target's that match, and the number of the action that each takes.
duckdb::unique_ptr<SelectNode> Emitter::Matches(const tree::Query& query) {
  const bool alone = std::ranges::any_of(query.merge_actions, [](const tree::MergeAction& action) {
    return !action.matched && action.kind != Kind::kNothing;
  });
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::REGULAR);
  join->type = alone ? duckdb::JoinType::LEFT : duckdb::JoinType::INNER;
  join->left = From(query.from);
  join->right = Entry(query.target_relation);
  join->condition = Filter(*query.merge_condition);
  const std::string target = RelationAt(0, query.target_relation).alias;
  auto node = duckdb::make_uniq<SelectNode>();
  for (const char* column : kPlaceColumns) node->select_list.push_back(ColumnOf(target, column));
  node->select_list.push_back(
      If(IsNull(ColumnOf(target, kPlaceColumns[0])), ChosenAction(query, false), ChosenAction(query, true)));
  node->select_list.back()->SetAlias(kNumber);
  node->from_table = std::move(join);
  return node;
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Merge(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  Within within(this, query);
  SelectNode with;
  With(query, &with);
  Relations(query);
  auto matches = Matches(query);
  const std::string alias = NewAlias("m");
  Carry(query, matches.get(), alias, -1);
  auto rows = duckdb::make_uniq<SelectNode>();
  AddPlaceAndAction(alias, ByAction(query, alias, LogicalType::UTINYINT, [](const tree::MergeAction& action) {
                      return ActionOf(RowActionOf(action.kind));
                    }), rows.get());
  TableChange change = ChangeOf(query, table);
  std::vector<Parsed> values = change.writes ? OldRow(query) : std::vector<Parsed>();
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = ByAction(query, alias, ColumnType(table.columns[i]), [&](const tree::MergeAction& action) -> Parsed {
      if (action.kind == Kind::kDelete) return nullptr;
      for (const tree::Assignment& assignment : action.assignments) {
        if (assignment.column == static_cast<int>(i)) return Assigned(assignment, table.columns[i]);
      }
      return action.kind == Kind::kInsert ? DefaultOf(table.columns[i]) : values[i]->Copy();
    });
  }
  AddNewRow(std::move(values), rows.get());
  rows->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(matches)), alias);
  rows->where_clause = IsNotNull(ColumnOf(alias, kNumber));
  return Changing(query, std::move(change), std::move(rows), &with);
}

}  // namespace weir::sql::duck
