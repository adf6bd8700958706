#include "sql/engine/row_locking.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "duckdb/parser/expression/parameter_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/query_node/set_operation_node.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/column_data_ref.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/fetch_chunk.h"
#include "sql/engine/table_change.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::ParsedExpressionIterator;
using ExpressionSlot = duckdb::unique_ptr<duckdb::ParsedExpression>;
using NodeSlot = duckdb::unique_ptr<duckdb::QueryNode>;
using Clauses = std::vector<LockingClause>;

/// Goes through a statement, inner SELECTs before those around them.
class Walk {
 public:
  std::function<void(ExpressionSlot&)> on_expression = [](ExpressionSlot&) {};
  std::function<void(NodeSlot&, Clauses)> on_locking = [](NodeSlot&, const Clauses&) {};

  void Statement(duckdb::SQLStatement& statement) {
    switch (statement.type) {
      case duckdb::StatementType::SELECT_STATEMENT:
        return Node(statement.Cast<duckdb::SelectStatement>().node);
      case duckdb::StatementType::INSERT_STATEMENT: {
        auto& insert = statement.Cast<duckdb::InsertStatement>();
        Ctes(insert.cte_map);
        if (insert.select_statement) Node(insert.select_statement->node);
        return All(insert.returning_list);
      }
      default: return;
    }
  }

 private:
  void Ctes(duckdb::CommonTableExpressionMap& ctes) {
    for (auto& entry : ctes.map) Node(entry.second->query->node);
  }
  void All(duckdb::vector<ExpressionSlot>& expressions) {
    for (auto& expression : expressions) Expression(expression);
  }
  void Expression(ExpressionSlot& slot) {
    if (!slot) return;
    ParsedExpressionIterator::EnumerateChildren(*slot, [this](ExpressionSlot& child) { Expression(child); });
    if (slot->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
      Node(slot->Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    on_expression(slot);
  }
  void Table(duckdb::TableRef& table) {
    if (table.type == duckdb::TableReferenceType::SUBQUERY) {
      Node(table.Cast<duckdb::SubqueryRef>().subquery->node);
    } else if (table.type == duckdb::TableReferenceType::JOIN) {
      auto& join = table.Cast<duckdb::JoinRef>();
      Table(*join.left);
      Table(*join.right);
      Expression(join.condition);
    } else {
      ParsedExpressionIterator::EnumerateTableRefChildren(table, [this](ExpressionSlot& slot) { Expression(slot); });
    }
  }

  void Node(NodeSlot& node) {
    Ctes(node->cte_map);
    ParsedExpressionIterator::EnumerateQueryNodeModifiers(*node, [this](ExpressionSlot& slot) { Expression(slot); });
    if (node->type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
      for (auto& child : node->Cast<duckdb::SetOperationNode>().children) {
        Node(child);
      }
      return;
    }
    if (node->type != duckdb::QueryNodeType::SELECT_NODE) return;
    auto& select = node->Cast<duckdb::SelectNode>();
    Clauses clauses = ClausesOf(*node);
    select.select_list.erase(select.select_list.begin(),
                             select.select_list.begin() + static_cast<long>(clauses.size()));
    if (select.from_table) Table(*select.from_table);
    All(select.select_list);
    All(select.groups.group_expressions);
    for (ExpressionSlot* slot : {&select.where_clause, &select.having, &select.qualify}) Expression(*slot);
    if (clauses.empty()) return;
    on_locking(node, std::move(clauses));
  }

  /// The calls of kLockingCall before the results.
  static Clauses ClausesOf(const duckdb::QueryNode& node) {
    Clauses clauses;
    if (node.type != duckdb::QueryNodeType::SELECT_NODE) return clauses;
    for (const auto& expression : node.Cast<duckdb::SelectNode>().select_list) {
      if (expression->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) break;
      const auto& call = expression->Cast<duckdb::FunctionExpression>();
      if (call.function_name != kLockingCall) break;
      const auto text = [&](size_t i) { return call.children[i]->Cast<duckdb::ConstantExpression>().value.ToString(); };
      LockingClause& clause = clauses.emplace_back();
      clause.strength = text(0);
      if (text(1) == "NOWAIT") clause.if_locked = LockingClause::IfLocked::kNoWait;
      if (text(1) == "SKIP LOCKED") clause.if_locked = LockingClause::IfLocked::kSkip;
      for (size_t i = 2; i < call.children.size(); ++i) clause.of.push_back(text(i));
    }
    return clauses;
  }
};

/// A table whose rows a SELECT locks.
struct LockedTable {
  std::string alias;
  TablePath path;
  const LockingClause* clause = nullptr;
};

/// One SELECT that locks rows.
class LockingSelect {
 public:
  LockingSelect(const RowLockingHost& host, NodeSlot& node, Clauses clauses)
      : host_(host), node_(node), select_(node->Cast<duckdb::SelectNode>()), clauses_(std::move(clauses)) {}

  void Run() {
    if (select_.from_table) Collect(*select_.from_table, false);
    TakeLimit();
    for (const LockedTable& table : tables_) host_.lock_table(*table.clause, table.path);
    AddRowIds();
    auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(node_);
    auto result = host_.run(std::move(statement));
    Replace(*result);
  }

 private:
  void Collect(const duckdb::TableRef& table, bool may_be_missing) {
    using duckdb::JoinType;
    switch (table.type) {
      case duckdb::TableReferenceType::BASE_TABLE:
        return CollectTable(table.Cast<duckdb::BaseTableRef>(), may_be_missing);
      case duckdb::TableReferenceType::JOIN: {
        const auto& join = table.Cast<duckdb::JoinRef>();
        const bool outer = join.type == JoinType::OUTER;
        Collect(*join.left, may_be_missing || outer || join.type == JoinType::RIGHT);
        return Collect(*join.right, may_be_missing || outer || join.type == JoinType::LEFT);
      }
      case duckdb::TableReferenceType::SUBQUERY:
        for (const LockingClause& clause : clauses_) {
          if (std::ranges::find(clause.of, table.alias) != clause.of.end()) {
            Throw(Error("0A000", "FOR " + clause.strength + " of a subquery is not supported",
                        {.hint = "Write the clause within the subquery, or name the tables that it is for with OF."}));
          }
        }
        return;
      default: return;  // functions and values have no rows to lock
    }
  }

  void CollectTable(const duckdb::BaseTableRef& table, bool may_be_missing) {
    for (const LockingClause& clause : clauses_) {
      if (std::ranges::find(clause.of, table.alias) == clause.of.end()) continue;
      if (may_be_missing) {
        Throw(Error("0A000", "FOR " + clause.strength + " cannot be applied to the nullable side of an outer join"));
      }
      std::string name = table.table_name;
      if (name.ends_with(kWithHeirs)) name.pop_back();
      if (name.ends_with(kOfView)) {
        Throw(Error("0A000", "FOR " + clause.strength + " is not supported for views"));
      }
      tables_.push_back({.alias = table.alias, .path = {table.schema_name, name}, .clause = &clause});
    }
  }

  /// The value of a LIMIT or OFFSET that is an integer, which may be a parameter's; nothing: it has to be computed.
  static std::optional<int64_t> WrittenCount(const duckdb::ParsedExpression& limit) {
    using duckdb::ExpressionClass;
    const duckdb::ParsedExpression* counted = limit.Cast<duckdb::FunctionExpression>().children[0].get();
    if (counted->GetExpressionClass() == ExpressionClass::CAST &&
        counted->Cast<duckdb::CastExpression>().cast_type == duckdb::LogicalType::BIGINT) {
      counted = counted->Cast<duckdb::CastExpression>().child.get();
    }
    if (counted->GetExpressionClass() != ExpressionClass::CONSTANT) return {};
    const duckdb::Value& value = counted->Cast<duckdb::ConstantExpression>().value;
    const bool is_integer = value.type() == duckdb::LogicalType::INTEGER || value.type() == duckdb::LogicalType::BIGINT;
    if (value.IsNull() || !is_integer || value.GetValue<int64_t>() < 0) return {};
    return value.GetValue<int64_t>();
  }

  /// How many rows a LIMIT or OFFSET, pg.row_count(value, …), comes to; `otherwise`: there is none, or it is null.
  int64_t CountOf(ExpressionSlot limit, int64_t otherwise) const {
    if (!limit) return otherwise;
    if (const auto written = WrittenCount(*limit)) return *written;
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    node->cte_map = select_.cte_map.Copy();
    node->from_table = duckdb::make_uniq<duckdb::EmptyTableRef>();
    node->select_list.push_back(std::move(limit));
    auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(node);
    const auto result = host_.run(std::move(statement));
    const auto chunk = ValueOrThrow(FetchChunk(*result));
    const duckdb::Value count = chunk->GetValue(0, 0);
    return count.IsNull() ? otherwise : count.GetValue<int64_t>();
  }

  /// LIMIT and OFFSET count the rows that are locked.
  void TakeLimit() {
    for (auto& modifier : select_.modifiers) {
      if (modifier->type != duckdb::ResultModifierType::LIMIT_MODIFIER) continue;
      auto& limit = modifier->Cast<duckdb::LimitModifier>();
      offset_ = CountOf(std::move(limit.offset), 0);
      limit_ = CountOf(std::move(limit.limit), limit_);
    }
    std::erase_if(select_.modifiers, [](const auto& modifier) {
      return modifier->type == duckdb::ResultModifierType::LIMIT_MODIFIER;
    });
  }

  void AddRowIds() {
    for (const LockedTable& table : tables_) {
      for (const char* column : kPlaceColumns) {
        select_.select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(column, table.alias));
      }
    }
  }

  /// Every table's row is locked before the next one is asked for.
  bool LockRow(duckdb::DataChunk& chunk, idx_t row, idx_t first_id) const {
    for (const LockedTable& table : tables_) {
      const duckdb::Value leaf = chunk.GetValue(first_id, row);
      const duckdb::Value position = chunk.GetValue(first_id + 1, row);
      const duckdb::Value key = chunk.GetValue(first_id + 2, row);
      if (!leaf.IsNull() && !host_.lock_row(*table.clause, leaf, position, key)) return false;
      first_id += 3;
    }
    return true;
  }

  void Replace(duckdb::QueryResult& result) {
    const idx_t columns = result.ColumnCount() - 3 * tables_.size();
    duckdb::vector<duckdb::LogicalType> types(result.types.begin(), result.types.begin() + static_cast<long>(columns));
    auto rows = duckdb::make_uniq<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(), types);
    int64_t left = limit_;
    while (left > 0) {
      const auto chunk = ValueOrThrow(FetchChunk(result));
      if (!chunk || chunk->size() == 0) break;
      duckdb::SelectionVector chosen(chunk->size());
      idx_t count = 0;
      for (idx_t row = 0; row < chunk->size() && left > 0; ++row) {
        if (!LockRow(*chunk, row, columns)) continue;
        if (offset_-- > 0) continue;
        chosen.set_index(count++, row);
        --left;
      }
      duckdb::DataChunk kept;
      kept.InitializeEmpty(types);
      for (idx_t i = 0; i < columns; ++i) kept.data[i].Reference(chunk->data[i]);
      kept.SetCardinality(chunk->size());
      kept.Slice(chosen, count);
      rows->Append(kept);
    }
    auto replaced = duckdb::make_uniq<duckdb::SelectNode>();
    duckdb::vector<std::string> names;
    for (idx_t i = 0; i < columns; ++i) {
      names.push_back("c" + std::to_string(i));  // results may share names
      replaced->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(names.back()));
      replaced->select_list.back()->SetAlias(result.names[i]);
    }
    replaced->from_table = duckdb::make_uniq<duckdb::ColumnDataRef>(
        duckdb::optionally_owned_ptr<duckdb::ColumnDataCollection>(std::move(rows)), std::move(names));
    replaced->from_table->alias = "locked";
    node_ = std::move(replaced);
  }

  const RowLockingHost& host_;
  NodeSlot& node_;
  duckdb::SelectNode& select_;
  const Clauses clauses_;
  std::vector<LockedTable> tables_;
  int64_t offset_ = 0;
  int64_t limit_ = std::numeric_limits<int64_t>::max();
};

}  // namespace

LockMode LockingClause::mode() const {
  if (strength == "KEY SHARE") return kForKeyShare;
  if (strength == "SHARE") return kForShare;
  return strength == "UPDATE" ? kForUpdate : kForNoKeyUpdate;
}

void LockRows(duckdb::SQLStatement& statement, const ParameterValues& values, const RowLockingHost& host) {
  Walk walk;
  walk.on_expression = [&](ExpressionSlot& slot) {
    if (slot->GetExpressionClass() != duckdb::ExpressionClass::PARAMETER) return;
    const auto found = values.find(slot->Cast<duckdb::ParameterExpression>().identifier);
    if (found == values.end()) return;
    const std::string alias = slot->GetAlias();
    slot = duckdb::make_uniq<duckdb::ConstantExpression>(found->second.GetValue());
    slot->SetAlias(alias);
  };
  walk.on_locking = [&](NodeSlot& node, Clauses clauses) { LockingSelect(host, node, std::move(clauses)).Run(); };
  walk.Statement(statement);
  statement.named_param_map.clear();
}

void DropLockingClauses(duckdb::SQLStatement& statement) { Walk().Statement(statement); }

}  // namespace weir::sql
