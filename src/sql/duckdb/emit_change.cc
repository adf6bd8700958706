#include "sql/duckdb/emit_change.h"

#include <set>

#include "sql/analyze/walk.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/scope.h"
#include "sql/engine/errors.h"

// UPDATE and DELETE, and what all changes of rows are made of: a SELECT for the rows, as TableChange wants its columns.

namespace weir::sql::duck {
namespace {

using duckdb::SelectNode;

Parsed Named(Parsed value, const std::string& name) {
  value->SetAlias(name);
  return value;
}

duckdb::unique_ptr<duckdb::TableRef> CrossJoined(duckdb::unique_ptr<duckdb::TableRef> left,
                                                 duckdb::unique_ptr<duckdb::TableRef> right) {
  auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::CROSS);
  join->left = std::move(left);
  join->right = std::move(right);
  return join;
}

}  // namespace

std::string NewColumnName(size_t column) { return "n" + std::to_string(column); }

std::string OldColumnName(size_t column) { return "o" + std::to_string(column); }

Parsed ActionOf(RowAction action) { return Literal(duckdb::Value::UTINYINT(static_cast<uint8_t>(action))); }

void AddPlaceAndAction(const std::string& alias, Parsed action, SelectNode* rows) {
  for (const char* column : kPlaceColumns) rows->select_list.push_back(Named(ColumnOf(alias, column), column));
  rows->select_list.push_back(Named(std::move(action), kActionColumn));
}

/// The target's rows beside those of FROM or USING, as WHERE leaves them.
duckdb::unique_ptr<SelectNode> Emitter::Beside(const tree::Query& query) {
  auto rows = duckdb::make_uniq<SelectNode>();
  rows->from_table = Entry(query.target_relation);
  if (!query.from.empty()) rows->from_table = CrossJoined(std::move(rows->from_table), From(query.from));
  if (query.where) rows->where_clause = Filter(*query.where);
  return rows;
}

/// The columns of the target's row as they are.
std::vector<Parsed> Emitter::OldRow(const tree::Query& query) {
  const Relation& target = RelationAt(0, query.target_relation);
  std::vector<Parsed> values;
  for (size_t i = 0; i < TargetRelation(query).columns.size(); ++i) {
    values.push_back(ColumnOf(target.alias, target.columns[i].name));
  }
  return values;
}

/// What SET gives a column, in its form.
Parsed Emitter::Assigned(const tree::Assignment& assignment, const SqlColumn& column) {
  if (std::holds_alternative<tree::DefaultValue>(assignment.value->node)) return DefaultOf(column);
  return ToColumn(Value(*assignment.value), ColumnType(column));
}

void AddNewRow(std::vector<Parsed> values, SelectNode* rows) {
  for (size_t i = 0; i < values.size(); ++i) rows->select_list.push_back(Named(std::move(values[i]), NewColumnName(i)));
}

namespace {

/// The columns of a query's relations that something in it names.
class NamedColumns {
 public:
  explicit NamedColumns(const tree::Query& query) { Visit(const_cast<tree::Query&>(query), 0); }

  bool Has(size_t relation, size_t column) const {
    return whole_.contains(relation) || columns_.contains({relation, column});
  }

 private:
  void Visit(tree::Query& query, int depth) {
    analyze::ForEachExpression(
        query, [&](tree::ExpressionPtr& child) { Visit(*child, depth); },
        [&](tree::Query& inner) { Visit(inner, depth + 1); });
  }
  void Visit(tree::Expression& expression, int depth) {
    if (const auto* column = std::get_if<tree::ColumnReference>(&expression.node); column && column->level == depth) {
      columns_.emplace(column->relation, column->column);
    } else if (const auto* row = std::get_if<tree::WholeRow>(&expression.node); row && row->level == depth) {
      whole_.insert(static_cast<size_t>(row->relation));
    }
    analyze::ForEachChild(
        expression, [&](tree::ExpressionPtr& child) { Visit(*child, depth); },
        [&](tree::Query& inner) { Visit(inner, depth + 1); });
  }

  std::set<std::pair<size_t, size_t>> columns_;
  std::set<size_t> whole_;
};

}  // namespace

/// Lets `rows`, which get `alias` as a subquery, give the columns of all relations but one, so that they can be named
/// above it, too: all of the target, of others those that are named, as nobody need be allowed to read more.
void Emitter::Carry(const tree::Query& query, SelectNode* rows, const std::string& alias, int but) {
  const NamedColumns named(query);
  for (size_t i = 0; i < scope_->relations.size(); ++i) {
    if (static_cast<int>(i) == but) continue;
    Relation& relation = scope_->relations[i];
    for (size_t k = 0; k < relation.columns.size(); ++k) {
      if (static_cast<int>(i) != query.target_relation && !named.Has(i, k)) continue;
      const std::string name = "r" + std::to_string(i) + "c" + std::to_string(k);
      rows->select_list.push_back(Named(ColumnOf(relation.alias, relation.columns[k].name), name));
      relation.columns[k].name = name;
    }
    relation.alias = alias;
  }
}

/// RETURNING beside the rows that it is about: new ones if the change `writes`, else the old ones. What the change
/// needs comes before it.
duckdb::unique_ptr<SelectNode> Emitter::WithReturning(const tree::Query& query, duckdb::unique_ptr<SelectNode> rows,
                                                      const TableChange& change) {
  const std::string alias = NewAlias("u");
  const size_t width = TargetRelation(query).columns.size();
  Carry(query, rows.get(), alias, change.writes ? query.target_relation : -1);
  if (change.writes) rows = WithGenerated(TargetRelation(query), std::move(rows), NewColumnName);
  auto node = duckdb::make_uniq<SelectNode>();
  AddPlaceAndAction(alias, ColumnOf(alias, kActionColumn), node.get());
  if (change.writes) {
    Relation& target = RelationAt(0, query.target_relation);
    target.alias = alias;
    for (size_t i = 0; i < width; ++i) target.columns[i].name = NewColumnName(i);
    AddNewRow(OldRow(query), node.get());
  }
  for (size_t i = 0; change.keeps_old && i < width; ++i) {
    node->select_list.push_back(Named(ColumnOf(alias, OldColumnName(i)), OldColumnName(i)));
  }
  node->from_table = duckdb::make_uniq<duckdb::SubqueryRef>(AsStatement(std::move(rows)), alias);
  for (Parsed& value : Returning(query)) node->select_list.push_back(std::move(value));
  return node;
}

/// The statement that makes a change of `rows`. `with`: holds the queries of WITH.
duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Changing(const tree::Query& query, TableChange change,
                                                           duckdb::unique_ptr<SelectNode> rows, SelectNode* with) {
  const sql::Relation& table = TargetRelation(query);
  const auto& target = std::get<tree::RangeEntry::Table>(query.relations[query.target_relation].source);
  change.target = target.relation;
  change.of_view = target.of_view;
  change.checking_view = target.checking_view;
  change.returns = !query.targets.empty();
  change.keeps_old = context_.keeps_old_rows && context_.keeps_old_rows(target.relation);
  if (change.keeps_old) {
    std::vector<Parsed> old_row = OldRow(query);
    for (size_t i = 0; i < old_row.size(); ++i) {
      rows->select_list.push_back(Named(std::move(old_row[i]), OldColumnName(i)));
    }
  }
  if (change.returns) {
    rows = WithReturning(query, std::move(rows), change);
  } else if (change.writes) {
    rows = WithGenerated(table, std::move(rows), NewColumnName);
  }
  for (const SqlColumn& column : table.columns) {
    if (column.generated && !change.updated.empty()) change.computed.push_back(column.name);
  }
  for (int column : scope_->read) {
    if (column < static_cast<int>(table.columns.size())) change.read.push_back(table.columns[column].name);
  }
  auto subquery = duckdb::make_uniq<duckdb::SubqueryExpression>();
  subquery->subquery_type = duckdb::SubqueryType::SCALAR;
  subquery->subquery = AsStatement(std::move(rows));
  auto call = duckdb::make_uniq<duckdb::TableFunctionRef>();
  call->function = Function(kChangeFunction, std::move(subquery));
  call->alias = NewAlias("g");
  auto node = duckdb::make_uniq<SelectNode>();
  for (const EmittedColumn& column : columns_) node->select_list.push_back(ColumnOf(call->alias, column.name));
  if (!change.returns) node->select_list.push_back(ColumnOf(call->alias, "rows"));
  node->from_table = std::move(call);
  node->cte_map = std::move(with->cte_map);
  change_ = std::move(change);
  return AsStatement(std::move(node));
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Update(const tree::Query& query) {
  const sql::Relation& table = TargetRelation(query);
  Within within(this, query);
  SelectNode with;
  With(query, &with);
  Relations(query);
  auto rows = Beside(query);
  AddPlaceAndAction(RelationAt(0, query.target_relation).alias, ActionOf(RowAction::kUpdate), rows.get());
  std::vector<Parsed> values = OldRow(query);
  TableChange change{.kind = TableChange::Kind::kUpdate, .writes = true};
  for (const tree::Assignment& assignment : query.assignments) {
    const SqlColumn& column = table.columns[assignment.column];
    values[assignment.column] = Assigned(assignment, column);
    change.updated.push_back(column.name);
  }
  AddNewRow(std::move(values), rows.get());
  return Changing(query, std::move(change), std::move(rows), &with);
}

duckdb::unique_ptr<duckdb::SQLStatement> Emitter::Delete(const tree::Query& query) {
  (void)TargetRelation(query);
  Within within(this, query);
  SelectNode with;
  With(query, &with);
  Relations(query);
  auto rows = Beside(query);
  AddPlaceAndAction(RelationAt(0, query.target_relation).alias, ActionOf(RowAction::kDelete), rows.get());
  TableChange change{.kind = TableChange::Kind::kDelete, .deletes = true};
  return Changing(query, std::move(change), std::move(rows), &with);
}

}  // namespace weir::sql::duck
