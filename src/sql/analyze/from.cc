#include "sql/analyze/from.h"

#include <fmt/format.h>

#include <algorithm>

#include "sql/analyze/coerce.h"
#include "sql/analyze/column_name.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/function.h"
#include "sql/analyze/join.h"
#include "sql/analyze/select.h"
#include "sql/analyze/sort.h"
#include "sql/analyze/type_name.h"
#include "sql/analyze/view.h"
#include "sql/analyze/walk.h"
#include "sql/analyze/with.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
namespace sqlstate = postgres::sqlstate;
using pg_query::Node;
using postgres::TypeRef;

namespace {

constexpr size_t kMaxColumns = 1600;

// AS name (column, …)
Status ApplyAlias(const Scope& scope, const pg_query::Alias& alias, RangeEntry* entry) {
  entry->alias = alias.aliasname();
  size_t visible = 0;
  for (const OutputColumn& column : entry->columns) visible += column.hidden ? 0 : 1;
  const auto given = static_cast<size_t>(alias.colnames_size());
  if (given > visible) {
    return ErrorAt(scope, -1, sqlstate::kInvalidColumnReference,
                   fmt::format("table \"{}\" has {} columns available but {} columns specified", entry->alias, visible,
                               given));
  }
  int next = 0;
  for (OutputColumn& column : entry->columns) {
    if (column.hidden || next >= alias.colnames_size()) continue;
    column.name = alias.colnames(next++).string().sval();
  }
  return Status::OK();
}

struct FromNode {
  FromItem item;
  std::vector<NamedItem> names;
};

FromNode NodeOf(const Scope& scope, int relation) {
  FromNode node;
  node.item.relation = relation;
  node.names.push_back(ItemOf(scope, relation));
  return node;
}

void SetLateral(std::vector<NamedItem>* items, bool only, bool ok) {
  for (NamedItem& item : *items) {
    item.lateral_only = only;
    item.lateral_ok = ok;
  }
}

Status MissingTable(const Scope& scope, const pg_query::RangeVar& name) {
  const std::string shown =
      name.schemaname().empty() ? name.relname() : fmt::format("{}.{}", name.schemaname(), name.relname());
  std::string detail;
  std::string hint;
  if (name.schemaname().empty() && IsLaterWith(scope, name.relname())) {
    detail = fmt::format(
        "There is a WITH item named \"{}\", but it cannot be referenced from this part of the query.", name.relname());
    hint = "Use WITH RECURSIVE, or re-order the WITH items to remove forward references.";
  }
  return ErrorAt(scope, name.location(), sqlstate::kUndefinedTable,
                 fmt::format("relation \"{}\" does not exist", shown), hint, detail);
}

Result<int> AddWith(Scope& scope, const FoundWith& found, const pg_query::RangeVar& name) {
  if (found.entry->columns.empty() && !found.entry->definition->ctequery().has_select_stmt()) {
    return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported,
                   fmt::format("WITH query \"{}\" does not have a RETURNING clause", found.entry->name));
  }
  RangeEntry entry;
  entry.source = RangeEntry::WithQuery{found.level, found.entry->index};
  entry.alias = name.relname();
  entry.columns = found.entry->columns;
  entry.position = scope.statement.Position(name.location());
  if (name.has_alias()) WEIR_RETURN_NOT_OK(ApplyAlias(scope, name.alias(), &entry));
  return AddRelation(scope, std::move(entry), {"", name.relname(), name.has_alias()});
}

Result<FromNode> AnalyzeRangeVar(Scope& scope, const pg_query::RangeVar& name) {
  if (name.schemaname().empty()) {
    WEIR_ASSIGN_OR_RETURN(const FoundWith found, FindWith(scope, name.relname(), name.location()));
    if (found.entry != nullptr) {
      WEIR_ASSIGN_OR_RETURN(const int relation, AddWith(scope, found, name));
      return NodeOf(scope, relation);
    }
  }
  WEIR_ASSIGN_OR_RETURN(const int relation, AddTable(scope, name));
  return NodeOf(scope, relation);
}

// Names that are only for LATERAL count while `lateral`.
class LateralActive {
 public:
  LateralActive(Scope& scope, bool lateral) : scope_(scope), before_(scope.lateral_active) {
    scope.lateral_active = lateral;
  }
  ~LateralActive() { scope_.lateral_active = before_; }
  LateralActive(const LateralActive&) = delete;
  LateralActive& operator=(const LateralActive&) = delete;

 private:
  Scope& scope_;
  bool before_;
};

Result<FromNode> AnalyzeSubselect(Scope& scope, const pg_query::RangeSubselect& subselect) {
  const InClause in(scope, Clause::kFromSubquery);
  const LateralActive lateral(scope, subselect.lateral());
  RangeEntry entry;
  WEIR_ASSIGN_OR_RETURN(QueryPtr query, AnalyzeQuery(scope.statement, &scope, subselect.subquery()));
  for (const Target& target : query->targets) {
    if (!target.hidden) entry.columns.push_back({target.name, target.expression->type});
  }
  entry.source = RangeEntry::Subquery{std::move(query)};
  entry.lateral = subselect.lateral();
  WEIR_RETURN_NOT_OK(ApplyAlias(scope, subselect.alias(), &entry));
  return NodeOf(scope, AddRelation(scope, std::move(entry)));
}

// A function of FROM with what it is called in the text.
struct FromCall {
  ExpressionPtr call;
  std::string name;
  const Nodes* definitions = nullptr;  // AS (a int, …); null: none
};

Result<FromCall> AnalyzeFromCall(Scope& scope, const Node& node, const Nodes& definitions) {
  FromCall result;
  const int sets = scope.set_returning;
  WEIR_ASSIGN_OR_RETURN(result.call, Analyze(scope, node, Clause::kFromFunction));
  const auto* call = std::get_if<Call>(&result.call->node);
  const bool top = call != nullptr && call->function->returns_set;
  if (scope.set_returning != sets && !top) {
    return ErrorAtPosition(scope.set_returning_position, sqlstate::kFeatureNotSupported,
                           "set-returning functions must appear at top level of FROM");
  }
  result.name = ColumnName(node, *result.call);
  if (!definitions.empty()) result.definitions = &definitions;
  return result;
}

// unnest(a, b) is ROWS FROM (unnest(a), unnest(b)).
Result<std::vector<FromCall>> AnalyzeFromCalls(Scope& scope, const pg_query::RangeFunction& function) {
  std::vector<FromCall> calls;
  for (const Node& node : function.functions()) {
    const Node& call = node.list().items(0);
    const bool defined = node.list().items_size() > 1 && node.list().items(1).has_list();
    const Nodes& definitions = defined ? node.list().items(1).list().items() : function.coldeflist();
    const pg_query::FuncCall& written = call.func_call();
    const bool several = call.has_func_call() && written.funcname_size() == 1 && written.args_size() > 1 &&
                         written.funcname(0).string().sval() == "unnest" && !written.func_variadic() &&
                         definitions.empty();
    for (int i = 0; several && i < written.args_size(); ++i) {
      Node one = call;
      one.mutable_func_call()->clear_args();
      *one.mutable_func_call()->add_args() = written.args(i);
      WEIR_ASSIGN_OR_RETURN(FromCall analyzed, AnalyzeFromCall(scope, one, definitions));
      calls.push_back(std::move(analyzed));
    }
    if (several) continue;
    WEIR_ASSIGN_OR_RETURN(FromCall analyzed, AnalyzeFromCall(scope, call, definitions));
    calls.push_back(std::move(analyzed));
  }
  return calls;
}

Result<std::vector<OutputColumn>> DefinedColumns(const Scope& scope, const Nodes& definitions) {
  std::vector<OutputColumn> columns;
  for (const Node& node : definitions) {
    const pg_query::ColumnDef& definition = node.column_def();
    for (const OutputColumn& known : columns) {
      if (known.name != definition.colname()) continue;
      return ErrorAt(scope, -1, sqlstate::kDuplicateColumn,
                     fmt::format("column name \"{}\" specified more than once", known.name));
    }
    WEIR_ASSIGN_OR_RETURN(const TypeRef type, ResolveTypeName(scope, definition.type_name()));
    columns.push_back({definition.colname(), type});
  }
  return columns;
}

// The columns that one function of FROM gives. `scalar_name`: of a single value without a name of its own.
Result<std::vector<OutputColumn>> ColumnsOfCall(const Scope& scope, const FromCall& call,
                                                const std::string& scalar_name) {
  const TypeRef type = call.call->type;
  const int position = BeginOf(*call.call);
  const auto known = RecordColumns(scope, *call.call);
  if (call.definitions != nullptr) {
    const int at = scope.statement.Position((*call.definitions)[0].column_def().location());
    if (known) {
      return ErrorAtPosition(at, sqlstate::kSyntaxError,
                             "a column definition list is redundant for a function with OUT parameters");
    }
    if (type.oid != oid::kRecord) {
      return ErrorAtPosition(at, sqlstate::kSyntaxError,
                             "a column definition list is only allowed for functions returning \"record\"");
    }
    return DefinedColumns(scope, *call.definitions);
  }
  if (known) return *known;
  if (type.oid == oid::kRecord) {
    return ErrorAtPosition(position, sqlstate::kSyntaxError,
                           "a column definition list is required for functions returning \"record\"");
  }
  const auto* function = std::get_if<Call>(&call.call->node);
  if (function != nullptr) {
    std::vector<const postgres::Parameter*> outs;
    for (const postgres::Parameter& parameter : function->function->parameters) {
      if (postgres::IsOutput(parameter.mode)) outs.push_back(&parameter);
    }
    if (outs.size() == 1 && !outs[0]->name.empty())
      return std::vector<OutputColumn>{{std::string(outs[0]->name), type}};
  }
  return std::vector<OutputColumn>{{scalar_name, type}};
}

Result<FromNode> AnalyzeFunctions(Scope& scope, const pg_query::RangeFunction& function) {
  const LateralActive lateral(scope, true);
  WEIR_ASSIGN_OR_RETURN(std::optional<RangeEntry> made, MadeFunctionEntry(scope, function));
  if (made) {
    if (function.has_alias()) WEIR_RETURN_NOT_OK(ApplyAlias(scope, function.alias(), &*made));
    return NodeOf(scope, AddRelation(scope, std::move(*made)));
  }
  WEIR_ASSIGN_OR_RETURN(std::vector<FromCall> calls, AnalyzeFromCalls(scope, function));
  RangeEntry entry;
  RangeEntry::Functions source{.ordinality = function.ordinality()};
  entry.alias = function.has_alias() ? function.alias().aliasname() : calls[0].name;
  entry.position = BeginOf(*calls[0].call);
  const bool alone = calls.size() == 1 && function.has_alias();
  for (FromCall& call : calls) {
    WEIR_ASSIGN_OR_RETURN(std::vector<OutputColumn> columns,
                          ColumnsOfCall(scope, call, alone ? entry.alias : call.name));
    source.columns.push_back(static_cast<int>(columns.size()));
    for (OutputColumn& column : columns) {
      source.given.push_back(column);
      entry.columns.push_back(std::move(column));
    }
    WEIR_ASSIGN_OR_RETURN(call.call, UnknownToText(scope, std::move(call.call)));
    source.calls.push_back(std::move(call.call));
  }
  if (function.ordinality()) entry.columns.push_back({"ordinality", {oid::kInt8, -1}});
  for (const ExpressionPtr& call : source.calls) entry.lateral = entry.lateral || FindColumnOfLevel(*call) != nullptr;
  entry.source = std::move(source);
  if (function.has_alias()) WEIR_RETURN_NOT_OK(ApplyAlias(scope, function.alias(), &entry));
  if (entry.columns.size() > kMaxColumns) {
    return ErrorAt(scope, -1, sqlstate::kTooManyColumns, "functions in FROM can return at most 1600 columns");
  }
  return NodeOf(scope, AddRelation(scope, std::move(entry)));
}

Result<FromNode> AnalyzeSample(Scope& scope, const pg_query::RangeTableSample& sample) {
  const int location = sample.location();
  FromNode node;
  if (sample.relation().has_range_var()) {
    WEIR_ASSIGN_OR_RETURN(node, AnalyzeRangeVar(scope, sample.relation().range_var()));
  }
  RangeEntry* entry = node.item.relation < 0 ? nullptr
                                             : &scope.query->relations[static_cast<size_t>(node.item.relation)];
  if (entry == nullptr || !std::holds_alternative<RangeEntry::Table>(entry->source)) {
    return ErrorAt(scope, LocationOf(sample.relation()), sqlstate::kFeatureNotSupported,
                   "TABLESAMPLE clause can only be applied to tables and materialized views");
  }
  const std::vector<std::string> method = NamesOf(sample.method());
  if (method.back() != "system" && method.back() != "bernoulli") {
    return ErrorAt(scope, location, sqlstate::kUndefinedObject,
                   fmt::format("tablesample method {} does not exist", Dotted(method)));
  }
  if (sample.args_size() != 1) {
    return ErrorAt(scope, location, sqlstate::kInvalidTablesampleArgument,
                   fmt::format("tablesample method {} requires 1 argument, not {}", method.back(), sample.args_size()));
  }
  const LateralActive lateral(scope, true);
  RangeEntry::Sample result{.system = method.back() == "system"};
  WEIR_ASSIGN_OR_RETURN(result.percent, Analyze(scope, sample.args(0), Clause::kFromFunction));
  WEIR_ASSIGN_OR_RETURN(result.percent, CoerceToType(scope, std::move(result.percent), oid::kFloat4, "TABLESAMPLE"));
  if (sample.has_repeatable()) {
    WEIR_ASSIGN_OR_RETURN(result.repeatable, Analyze(scope, sample.repeatable(), Clause::kFromFunction));
    WEIR_ASSIGN_OR_RETURN(result.repeatable,
                          CoerceToType(scope, std::move(result.repeatable), oid::kFloat8, "REPEATABLE"));
  }
  scope.query->relations[static_cast<size_t>(node.item.relation)].sample = std::move(result);
  return node;
}

Result<FromNode> AnalyzeItem(Scope& scope, const Node& node);

FromItem::Join JoinKind(const pg_query::JoinExpr& join) {
  switch (join.jointype()) {
    case pg_query::JOIN_LEFT: return FromItem::Join::kLeft;
    case pg_query::JOIN_RIGHT: return FromItem::Join::kRight;
    case pg_query::JOIN_FULL: return FromItem::Join::kFull;
    default: break;  // the grammar makes no others but inner ones
  }
  const bool cross = !join.has_quals() && !join.is_natural() && join.using_clause_size() == 0;
  return cross ? FromItem::Join::kCross : FromItem::Join::kInner;
}

// Whether a side's rows may be missing from the result or be made up.
bool IsNullable(FromItem::Join kind, bool left) {
  return kind == FromItem::Join::kFull || kind == (left ? FromItem::Join::kRight : FromItem::Join::kLeft);
}

Result<FromNode> AnalyzeSide(Scope& scope, const Node& node, FromItem::Join kind, bool left) {
  const bool before = scope.in_outer_join;
  scope.in_outer_join = before || IsNullable(kind, left);
  Result<FromNode> side = AnalyzeItem(scope, node);
  scope.in_outer_join = before;
  return side;
}

Result<FromNode> AnalyzeJoin(Scope& scope, const pg_query::JoinExpr& join) {
  const FromItem::Join kind = JoinKind(join);
  WEIR_ASSIGN_OR_RETURN(FromNode left, AnalyzeSide(scope, join.larg(), kind, true));
  const bool lateral_ok = kind != FromItem::Join::kRight && kind != FromItem::Join::kFull;
  const size_t before = scope.names.size();
  for (const NamedItem& item : left.names) {
    scope.names.push_back(CopyItem(item));
    scope.names.back().lateral_only = true;
    scope.names.back().lateral_ok = lateral_ok;
  }
  Result<FromNode> analyzed = AnalyzeSide(scope, join.rarg(), kind, false);
  scope.names.resize(before);
  if (!analyzed.ok()) return analyzed.status();
  FromNode right = analyzed.MoveValue();
  WEIR_RETURN_NOT_OK(CheckNameConflicts(scope, left.names, right.names));
  JoinInput input{join, kind, std::move(left.names), std::move(right.names)};
  WEIR_ASSIGN_OR_RETURN(JoinOutput output, CombineJoin(scope, std::move(input)));
  FromNode node;
  node.item.join = kind;
  node.item.left = std::make_unique<FromItem>(std::move(left.item));
  node.item.right = std::make_unique<FromItem>(std::move(right.item));
  node.item.condition = std::move(output.condition);
  node.item.merged = std::move(output.merged);
  node.names = std::move(output.names);
  return node;
}

Result<FromNode> AnalyzeItem(Scope& scope, const Node& node) {
  WEIR_RETURN_NOT_OK(scope.statement.CheckStack());
  switch (node.node_case()) {
    case Node::kRangeVar: return AnalyzeRangeVar(scope, node.range_var());
    case Node::kRangeSubselect: return AnalyzeSubselect(scope, node.range_subselect());
    case Node::kRangeFunction: return AnalyzeFunctions(scope, node.range_function());
    case Node::kRangeTableSample: return AnalyzeSample(scope, node.range_table_sample());
    case Node::kJoinExpr: return AnalyzeJoin(scope, node.join_expr());
    default: break;  // XMLTABLE is left
  }
  return ErrorAt(scope, -1, sqlstate::kFeatureNotSupported, "XMLTABLE is not supported");
}

}  // namespace

NamedItem ItemOf(const Scope& scope, int relation) {
  NamedItem item;
  item.relation = relation;
  item.name = scope.query->relations[static_cast<size_t>(relation)].alias;
  const RelationName& name = scope.relation_names[static_cast<size_t>(relation)];
  if (!name.aliased) item.schema = name.schema;
  return item;
}

int AddRelation(Scope& scope, RangeEntry entry, RelationName name, std::vector<UniqueKey> keys) {
  scope.query->relations.push_back(std::move(entry));
  scope.relation_names.push_back(std::move(name));
  scope.keys.push_back(std::move(keys));
  return static_cast<int>(scope.query->relations.size()) - 1;
}

Result<int> AddTable(Scope& scope, const pg_query::RangeVar& name) {
  if (!name.catalogname().empty() && name.catalogname() != scope.statement.names.database()) {
    return ErrorAt(scope, name.location(), sqlstate::kFeatureNotSupported,
                   fmt::format("cross-database references are not implemented: \"{}.{}.{}\"", name.catalogname(),
                               name.schemaname(), name.relname()));
  }
  WEIR_RETURN_NOT_OK(CheckSchemaWritten(scope, name.schemaname(), name.location()));
  WEIR_ASSIGN_OR_RETURN(std::optional<NamedRelation> found,
                        scope.statement.names.FindRelation(name.schemaname(), name.relname()));
  if (!found) return MissingTable(scope, name);
  if (scope.statement.noted != nullptr) scope.statement.noted->schemas[name.location()] = found->schema;
  RangeEntry entry;
  if (found->of_view) {
    WEIR_ASSIGN_OR_RETURN(entry, ViewEntry(scope, *found));
  } else {
    entry.source = std::move(found->source);
    entry.columns = std::move(found->columns);
  }
  if (auto* table = std::get_if<RangeEntry::Table>(&entry.source)) {
    table->only = !name.inh();
    table->of_view = scope.statement.of_view || scope.statement.definer;
  }
  if (scope.statement.definer) entry.definer = scope.statement.definer->functions;
  entry.alias = name.relname();
  entry.position = scope.statement.Position(name.location());
  if (name.has_alias()) WEIR_RETURN_NOT_OK(ApplyAlias(scope, name.alias(), &entry));
  return AddRelation(scope, std::move(entry), {found->schema, name.relname(), name.has_alias()},
                     std::move(found->keys));
}

Status CheckNameConflicts(const Scope& scope, const std::vector<NamedItem>& before,
                          const std::vector<NamedItem>& added) {
  for (const NamedItem& a : added) {
    for (const NamedItem& b : before) {
      if (!a.name_visible || !b.name_visible || a.name != b.name) continue;
      const bool two_tables = !a.schema.empty() && !b.schema.empty() && a.schema != b.schema;
      if (two_tables) continue;  // s1.t and s2.t can be told apart
      return ErrorAt(scope, -1, sqlstate::kDuplicateAlias,
                     fmt::format("table name \"{}\" specified more than once", a.name));
    }
  }
  return Status::OK();
}

Status AnalyzeFrom(Scope& scope, const Nodes& items) {
  for (const Node& node : items) {
    WEIR_ASSIGN_OR_RETURN(FromNode one, AnalyzeItem(scope, node));
    WEIR_RETURN_NOT_OK(CheckNameConflicts(scope, scope.names, one.names));
    SetLateral(&one.names, true, true);
    for (NamedItem& item : one.names) scope.names.push_back(std::move(item));
    scope.query->from.push_back(std::move(one.item));
  }
  SetLateral(&scope.names, false, true);
  return Status::OK();
}

}  // namespace weir::sql::analyze
