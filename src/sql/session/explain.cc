#include "sql/session/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "duckdb/optimizer/optimizer.hpp"
#include "duckdb/planner/operator/list.hpp"
#include "duckdb/planner/planner.hpp"
#include "postgres/value/numeric.h"
#include "sql/engine/errors.h"
#include "sql/engine/foreign_reader.h"
#include "sql/engine/key_lookup.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/numeric_places.h"
#include "sql/engine/result_pieces.h"
#include "sql/engine/scan.h"

namespace weir::sql {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

/// A node of the plan as it is shown.
struct PlanNode {
  std::string name;
  std::vector<std::pair<std::string, std::string>> details;
  std::vector<std::pair<std::string, size_t>> numbers;  // as JSON has them; texts have them in details
  std::vector<std::pair<std::string, std::string>> relation;  // for JSON
  std::vector<PlanNode> children;
};

using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;
using Expressions = duckdb::vector<ExpressionPtr>;

bool IsCallOf(const duckdb::Expression& expression, std::string_view function) {
  return expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION &&
         expression.Cast<duckdb::BoundFunctionExpression>().function.name == function;
}

/// DuckDB's functions that pack values which fit fewer bits, and unpack them.
bool IsPacking(const duckdb::Expression& expression) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_FUNCTION) return false;
  const std::string& name = expression.Cast<duckdb::BoundFunctionExpression>().function.name;
  return name.starts_with("__internal_compress_") || name.starts_with("__internal_decompress_");
}

ExpressionPtr Shown(const postgres::Numeric& number) {
  std::string text;
  postgres::AppendNumeric(number, &text);
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value(text));
}

/// The number that a key of one stands for, or a place among those that a call compares with.
void ShowNumber(const std::vector<postgres::Numeric>& numbers, ExpressionPtr* constant) {
  if ((*constant)->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CONSTANT) return;
  const duckdb::Value& value = (*constant)->Cast<duckdb::BoundConstantExpression>().value;
  if (value.IsNull()) return;
  if (value.type().id() == duckdb::LogicalTypeId::TINYINT && !numbers.empty()) {
    *constant = Shown(numbers[static_cast<size_t>(value.GetValue<int8_t>()) / 2]);
  } else if (value.type().id() == duckdb::LogicalTypeId::BLOB) {
    *constant = Shown(ValueOrThrow(postgres::ReadNumericOrder(duckdb::StringValue::Get(value))));
  }
}

/// The hidden column of a sharded key, by the call that computes it: its signature, the number of shards, the key.
duckdb::unique_ptr<duckdb::Expression> ShardColumnOf(const duckdb::BoundFunctionExpression& call) {
  std::vector<std::string> names;
  for (size_t i = 2; i < call.children.size(); ++i) names.push_back(call.children[i]->GetName());
  std::ranges::sort(names);
  const std::string name =
      fmt::format("kwdb_internal_{}_shard_{}", fmt::join(names, "_"), call.children[1]->ToString());
  return duckdb::make_uniq<duckdb::BoundColumnRefExpression>(name, call.return_type, duckdb::ColumnBinding());
}

/// Without the functions that read a value from how a column holds it, and make its key: they are nothing that a user
/// wrote.
void HideForms(duckdb::unique_ptr<duckdb::Expression>* expression) {
  bool by_key = false;
  std::vector<postgres::Numeric> numbers;
  duckdb::ExpressionIterator::EnumerateChildren(**expression, [&](const duckdb::Expression& child) {
    if (numbers.empty()) numbers = NumericsOfPlaces(child);
    by_key = by_key || IsCallOf(child, "pg.numeric_key") || !numbers.empty();
  });
  duckdb::ExpressionIterator::EnumerateChildren(**expression, [&](ExpressionPtr& child) {
    if (by_key) ShowNumber(numbers, &child);
    HideForms(&child);
  });
  if (IsCallOf(**expression, "pg.kwdb_shard(int4,any)")) {
    *expression = ShardColumnOf((*expression)->Cast<duckdb::BoundFunctionExpression>());
    return;
  }
  const bool of_form = IsCallOf(**expression, "pg.loaded") || IsCallOf(**expression, "pg.numeric_key") ||
                       IsCallOf(**expression, "pg.to_numeric") || IsPacking(**expression) ||
                       !NumericsOfPlaces(**expression).empty();
  if (!of_form) return;
  duckdb::unique_ptr<duckdb::Expression> inner =
      std::move((*expression)->Cast<duckdb::BoundFunctionExpression>().children[0]);
  *expression = std::move(inner);
}

/// "pg.lower(text)"(a) as lower(a): our own functions have their arguments' types in their names.
std::string WithPlainNames(std::string text) {
  constexpr std::string_view kBegin = "\"pg.";
  for (size_t at = text.find(kBegin); at != std::string::npos; at = text.find(kBegin, at + 1)) {
    const size_t end = text.find('"', at + 1);
    const size_t open = text.find('(', at);
    if (end == std::string::npos || open > end || text[end - 1] != ')') continue;
    const size_t name = at + kBegin.size();
    text.replace(at, end + 1 - at, text.substr(name, open - name));
  }
  return text;
}

/// The names that columns have in the tables they come from: a plan knows them by numbers.
class ColumnNames {
 public:
  void Add(const LogicalOperator& op) {
    for (const auto& child : op.children) Add(*child);
    if (op.type == LogicalOperatorType::LOGICAL_GET) {
      AddScan(op.Cast<duckdb::LogicalGet>());
    } else if (op.type == LogicalOperatorType::LOGICAL_PROJECTION) {
      AddAll(op.Cast<duckdb::LogicalProjection>().table_index, op.expressions);
    } else if (op.type == LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) {
      const auto& aggregate = op.Cast<duckdb::LogicalAggregate>();
      AddAll(aggregate.group_index, aggregate.groups);
      AddAll(aggregate.aggregate_index, aggregate.expressions);
    }
  }

  std::string Text(const duckdb::Expression& expression) const {
    auto named = expression.Copy();
    duckdb::ExpressionIterator::EnumerateExpression(named, [this](duckdb::Expression& part) {
      if (part.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return;
      const auto found = names_.find(Place(part.Cast<duckdb::BoundColumnRefExpression>().binding));
      if (found != names_.end()) part.SetAlias(found->second);
    });
    HideForms(&named);
    return WithPlainNames(named->ToString());
  }

  std::string Joined(const Expressions& expressions, const char* between) const {
    std::string text;
    for (const auto& expression : expressions) text += (text.empty() ? "" : between) + Text(*expression);
    return text;
  }

 private:
  using Key = std::pair<duckdb::idx_t, duckdb::idx_t>;
  static Key Place(const duckdb::ColumnBinding& binding) { return {binding.table_index, binding.column_index}; }

  void AddScan(const duckdb::LogicalGet& get) {
    const auto& ids = get.GetColumnIds();
    for (duckdb::idx_t i = 0; i < ids.size(); ++i) {
      if (!ids[i].IsVirtualColumn()) names_[{get.table_index, i}] = get.names[ids[i].GetPrimaryIndex()];
    }
  }
  void AddAll(duckdb::idx_t table, const Expressions& expressions) {
    for (duckdb::idx_t i = 0; i < expressions.size(); ++i) names_[{table, i}] = Text(*expressions[i]);
  }

  std::map<Key, std::string> names_;
};

class Shower {
 public:
  Shower(duckdb::ClientContext& context, CatalogView& catalog, const ExplainOptions& options)
      : context_(context), catalog_(catalog), options_(options) {}

  PlanNode ShowPlan(const LogicalOperator& op) {
    names_.Add(op);
    return Show(WithoutPieces(op));
  }

 private:
  PlanNode Show(const LogicalOperator& op) {
    switch (op.type) {
      case LogicalOperatorType::LOGICAL_GET: return ShowScan(op.Cast<duckdb::LogicalGet>(), {});
      case LogicalOperatorType::LOGICAL_FILTER: return ShowFilter(op.Cast<duckdb::LogicalFilter>());
      case LogicalOperatorType::LOGICAL_PROJECTION:
        return op.children.empty() ? Named("Result", op) : Show(*op.children[0]);
      case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
        return ShowAggregate(op.Cast<duckdb::LogicalAggregate>());
      case LogicalOperatorType::LOGICAL_ORDER_BY: return ShowOrder(op, op.Cast<duckdb::LogicalOrder>().orders);
      case LogicalOperatorType::LOGICAL_TOP_N: {
        PlanNode limit;
        limit.name = "Limit";
        limit.children.push_back(ShowOrder(op, op.Cast<duckdb::LogicalTopN>().orders));
        return limit;
      }
      case LogicalOperatorType::LOGICAL_COMPARISON_JOIN: return ShowJoin(op.Cast<duckdb::LogicalComparisonJoin>());
      case LogicalOperatorType::LOGICAL_INSERT:
        return Named("Insert on " + op.Cast<duckdb::LogicalInsert>().table.name, op);
      case LogicalOperatorType::LOGICAL_EMPTY_RESULT: {
        PlanNode node;
        node.name = "Result";
        node.details.emplace_back("One-Time Filter", "false");
        return node;
      }
      case LogicalOperatorType::LOGICAL_DUMMY_SCAN: return Named("Result", op);
      case LogicalOperatorType::LOGICAL_EXPRESSION_GET: return Named("Values Scan", op);
      case LogicalOperatorType::LOGICAL_LIMIT: return Named("Limit", op);
      case LogicalOperatorType::LOGICAL_DISTINCT: return Named("Unique", op);
      case LogicalOperatorType::LOGICAL_WINDOW: return Named("WindowAgg", op);
      case LogicalOperatorType::LOGICAL_UNION: return Named("Append", op);
      case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
      case LogicalOperatorType::LOGICAL_ANY_JOIN: return Named("Nested Loop", op);
      default: return Named(op.GetName(), op);
    }
  }

  PlanNode Named(std::string name, const LogicalOperator& op) {
    PlanNode node;
    node.name = std::move(name);
    for (const auto& child : op.children) node.children.push_back(Show(*child));
    return node;
  }

  PlanNode ShowFilter(const duckdb::LogicalFilter& filter) {
    std::string text = names_.Joined(filter.expressions, " AND ");
    if (filter.children[0]->type == LogicalOperatorType::LOGICAL_GET) {
      return ShowScan(filter.children[0]->Cast<duckdb::LogicalGet>(), text);
    }
    PlanNode node = Show(*filter.children[0]);
    node.details.emplace_back("Filter", text);
    return node;
  }

  /// The conditions of a filter, without those by which a sort tells the scan what it does not want any more.
  static void AddConditions(const duckdb::TableFilter& filter, const duckdb::Expression& column,
                            std::vector<std::string>* conditions) {
    if (filter.filter_type == duckdb::TableFilterType::OPTIONAL_FILTER) return;
    if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) {
      conditions->push_back(filter.ToExpression(column)->ToString());
      return;
    }
    for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
      AddConditions(*child, column, conditions);
    }
  }

  std::string FilterOf(const duckdb::LogicalGet& get, const std::string& above) {
    std::vector<std::string> parts;
    for (const auto& [column, filter] : get.table_filters.filters) {
      if (duckdb::IsVirtualColumn(column)) continue;
      const duckdb::BoundColumnRefExpression reference(get.names[column], get.returned_types[column],
                                                       duckdb::ColumnBinding());
      AddConditions(*filter, reference, &parts);
    }
    if (!above.empty()) parts.push_back(above);
    if (parts.empty()) return {};
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : " AND ") + part;
    return parts.size() == 1 ? text : "(" + text + ")";
  }

  /// The leaf's index by which rows of the table are looked up; empty: they are not.
  static std::string IndexUsed(const Relation& leaf, const Relation& table, const KeyLookup& lookup) {
    if (!lookup.keys) return {};
    const auto key = std::ranges::find(leaf.constraints, SqlConstraint::Kind::kPrimaryKey, &SqlConstraint::kind);
    if (!lookup.index) return key == leaf.constraints.end() ? "" : key->name;
    const RelationPtr own = IndexOfLeaf(*lookup.index, table, leaf);
    return own ? own->path.table : "";
  }

  /// `index`: by which its rows are looked up; empty: they are scanned.
  PlanNode LeafScan(const Relation& leaf, const std::string& alias, const std::string& filter,
                    const std::string& index) {
    PlanNode node;
    const bool by_key = !index.empty();
    const std::string type = by_key ? "Index Scan" : leaf.is_foreign() ? "Foreign Scan" : "Seq Scan";
    const std::string name = options_.verbose ? leaf.path.database + "." + leaf.path.table : leaf.path.table;
    node.name =
        type + (index.empty() ? "" : " using " + index) + " on " + name + (alias == leaf.path.table ? "" : " " + alias);
    node.relation = {{"Node Type", type}, {"Relation Name", leaf.path.table}, {"Alias", alias}};
    if (!index.empty()) node.relation.emplace_back("Index Name", index);
    if (!filter.empty()) node.details.emplace_back(by_key ? "Index Cond" : "Filter", filter);
    if (leaf.is_foreign()) node.details.emplace_back("Foreign File", ValueOrThrow(ForeignFileNames(catalog_, leaf)));
    return node;
  }

  PlanNode ShowScan(const duckdb::LogicalGet& get, const std::string& above) {
    if (get.function.name != kScanName) {
      PlanNode node;
      node.name = "Function Scan on " + get.function.name;
      return node;
    }
    const auto& data = get.bind_data->Cast<ScanData>();
    std::vector<Condition> conditions = {data.condition};
    for (const auto& [column, filter] : get.table_filters.filters) {
      if (!duckdb::IsVirtualColumn(column)) conditions.push_back(ReadTableFilter(static_cast<int>(column), *filter));
    }
    LeafCursor cursor(context_, data.table, Condition::And(conditions));
    std::vector<RelationPtr> leaves;
    while (RelationPtr leaf = cursor.Next()) leaves.push_back(std::move(leaf));
    const RelationPtr& table = data.table.relation();
    const KeyLookup lookup = FindKeys(context_, Condition::And(conditions), *data.table.relation());
    std::string filter = FilterOf(get, above);
    const std::string& alias = table->path.table;
    if (!data.table.with_heirs() && table->is_leaf()) {
      return LeafScan(*table, alias, filter, IndexUsed(*table, *table, lookup));
    }

    PlanNode node;
    if (leaves.empty()) {
      node.name = "Result";
      node.details.emplace_back("One-Time Filter", "false");
    } else if (leaves.size() == 1) {
      node = LeafScan(*leaves[0], alias, filter, IndexUsed(*leaves[0], *table, lookup));
    } else {
      node.name = "Append";
      for (size_t i = 0; i < leaves.size(); ++i) {
        node.children.push_back(LeafScan(*leaves[i], alias + "_" + std::to_string(i + 1), filter,
                                         IndexUsed(*leaves[i], *table, lookup)));
      }
    }
    if (table->is_leaf()) return node;
    size_t total = CountLeaves(catalog_, table);
    node.details.emplace_back("Partitions", std::to_string(leaves.size()) + " of " + std::to_string(total) + " (" +
                                                std::to_string(total - leaves.size()) + " removed)");
    node.numbers = {{"Partitions Scanned", leaves.size()}, {"Partitions Removed", total - leaves.size()}};
    return node;
  }

  PlanNode ShowAggregate(const duckdb::LogicalAggregate& aggregate) {
    PlanNode node = Named(aggregate.groups.empty() ? "Aggregate" : "HashAggregate", aggregate);
    if (!aggregate.groups.empty()) node.details.emplace_back("Group Key", names_.Joined(aggregate.groups, ", "));
    return node;
  }

  PlanNode ShowOrder(const LogicalOperator& op, const duckdb::vector<duckdb::BoundOrderByNode>& orders) {
    PlanNode node = Named("Sort", op);
    std::string key;
    for (const auto& order : orders) {
      key += (key.empty() ? "" : ", ") + names_.Text(*order.expression);
      if (order.type == duckdb::OrderType::DESCENDING) key += " DESC";
    }
    node.details.emplace_back("Sort Key", key);
    return node;
  }

  PlanNode ShowJoin(const duckdb::LogicalComparisonJoin& join) {
    static const std::unordered_map<int, const char*> kinds = {
        {static_cast<int>(duckdb::JoinType::LEFT), "Hash Left Join"},
        {static_cast<int>(duckdb::JoinType::RIGHT), "Hash Right Join"},
        {static_cast<int>(duckdb::JoinType::OUTER), "Hash Full Join"},
        {static_cast<int>(duckdb::JoinType::SEMI), "Hash Semi Join"},
        {static_cast<int>(duckdb::JoinType::ANTI), "Hash Anti Join"},
        {static_cast<int>(duckdb::JoinType::MARK), "Hash Semi Join"}};
    auto kind = kinds.find(static_cast<int>(join.join_type));
    PlanNode node = Named(kind == kinds.end() ? "Hash Join" : kind->second, join);
    std::string condition;
    for (const auto& part : join.conditions) {
      condition += (condition.empty() ? "" : " AND ") + names_.Text(*part.left) + " " +
                   duckdb::ExpressionTypeToOperator(part.comparison) + " " + names_.Text(*part.right);
    }
    node.details.emplace_back("Hash Cond", "(" + condition + ")");
    return node;
  }

  duckdb::ClientContext& context_;
  CatalogView& catalog_;
  const ExplainOptions& options_;
  ColumnNames names_;
};

void Print(const PlanNode& node, size_t indent, bool root, std::vector<std::string>* lines) {
  lines->push_back(std::string(indent, ' ') + (root ? "" : "->  ") + node.name);
  size_t inner = indent + (root ? 2 : 6);
  for (const auto& [name, text] : node.details) lines->push_back(std::string(inner, ' ') + name + ": " + text);
  for (const PlanNode& child : node.children) Print(child, inner, false, lines);
}

nlohmann::ordered_json ToJson(const PlanNode& node) {
  nlohmann::ordered_json json;
  if (node.relation.empty()) json["Node Type"] = node.name;
  for (const auto& [name, text] : node.relation) json[name] = text;
  json["Parallel Aware"] = false;
  json["Async Capable"] = false;
  for (const auto& [name, text] : node.details) {
    if (name != "Partitions") json[name] = text;
  }
  for (const auto& [name, number] : node.numbers) json[name] = number;
  for (const PlanNode& child : node.children) json["Plans"].push_back(ToJson(child));
  return json;
}

}  // namespace

std::vector<std::string> ExplainQuery(duckdb::ClientContext& context, CatalogView& catalog,
                                      duck::Plan::Run run, std::chrono::steady_clock::time_point begin,
                                      const ExplainOptions& options) {
  duckdb::Planner planner(context);
  planner.parameter_data = std::move(run.values);
  planner.CreatePlan(std::move(run.statement));
  duckdb::Optimizer optimizer(*planner.binder, context);
  auto plan = optimizer.Optimize(std::move(planner.plan));
  const std::chrono::duration<double, std::milli> planning = std::chrono::steady_clock::now() - begin;

  PlanNode node = Shower(context, catalog, options).ShowPlan(*plan);
  if (options.json) {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    document.push_back({{"Plan", ToJson(node)}});
    if (options.summary) document[0]["Planning Time"] = planning.count();
    return {document.dump(2)};
  }
  std::vector<std::string> lines;
  Print(node, 0, true, &lines);
  if (options.summary) lines.push_back(fmt::format("Planning Time: {:.3f} ms", planning.count()));
  return lines;
}

void AddExecution(const ExplainOptions& options, int64_t rows, double milliseconds, std::vector<std::string>* lines) {
  if (!options.json) {
    lines->push_back(fmt::format("Rows: {}", rows));
    if (options.summary) lines->push_back(fmt::format("Execution Time: {:.3f} ms", milliseconds));
    return;
  }
  auto document = nlohmann::ordered_json::parse(lines->front());
  document[0]["Plan"]["Actual Rows"] = rows;
  if (options.summary) document[0]["Execution Time"] = milliseconds;
  lines->front() = document.dump(2);
}

}  // namespace weir::sql
