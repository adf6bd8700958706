// The queries of views as PostgreSQL shows them.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "postgres/identifier.h"
#include "postgres/oid.h"
#include "postgres/operator.h"
#include "sql/analyze/shown_writer.h"

namespace weir::sql::analyze {

namespace oid = postgres::oid;
using postgres::QuoteIdentifier;

namespace {

constexpr int kClauseIndent = 8;
constexpr int kItemIndent = 4;
constexpr std::string_view kCatalogSchema = "pg_catalog";

/// Whether it stands in parentheses as a side of a set operation.
bool HasClausesOfItsOwn(const Query& query) {
  return !query.with.empty() || !query.order_by.empty() || query.limit || query.offset || !query.locks.empty();
}

/// VALUES as a query of its own; null: it is none.
const RangeEntry::Values* ValuesOf(const Query& query) {
  const bool alone = query.relations.size() == 1 && query.from.size() == 1 && query.from[0].relation == 0;
  return alone ? std::get_if<RangeEntry::Values>(&query.relations[0].source) : nullptr;
}

std::string_view NameOfJoin(FromItem::Join join) {
  switch (join) {
    case FromItem::Join::kInner: return " JOIN ";
    case FromItem::Join::kLeft: return " LEFT JOIN ";
    case FromItem::Join::kRight: return " RIGHT JOIN ";
    case FromItem::Join::kFull: return " FULL JOIN ";
    case FromItem::Join::kCross: return " CROSS JOIN ";
  }
  return "";
}

std::string_view NameOfOperation(SetOperation::Kind kind) {
  switch (kind) {
    case SetOperation::Kind::kUnion: return "UNION ";
    case SetOperation::Kind::kIntersect: return "INTERSECT ";
    case SetOperation::Kind::kExcept: return "EXCEPT ";
  }
  return "";
}

std::string_view NameOfLock(RowLock::Strength strength) {
  switch (strength) {
    case RowLock::Strength::kKeyShare: return " FOR KEY SHARE";
    case RowLock::Strength::kShare: return " FOR SHARE";
    case RowLock::Strength::kNoKeyUpdate: return " FOR NO KEY UPDATE";
    case RowLock::Strength::kUpdate: return " FOR UPDATE";
  }
  return "";
}

/// Whether the sets are those of ROLLUP over all items: all of them, then one less each time.
bool IsRollup(const std::vector<std::vector<int>>& sets, size_t items) {
  if (sets.size() != items + 1 || items == 0) return false;
  for (size_t i = 0; i < sets.size(); ++i) {
    if (sets[i].size() != items - i) return false;
    for (size_t j = 0; j < sets[i].size(); ++j) {
      if (sets[i][j] != static_cast<int>(j)) return false;
    }
  }
  return true;
}

const Expression& ExpressionOfItem(const Query& query, const GroupItem& item) {
  return item.target >= 0 ? *query.targets[static_cast<size_t>(item.target)].expression : *item.expression;
}

/// Whether a function's columns are named and typed where it is called.
bool IsDefinedByCaller(const Expression& expression) {
  const auto* call = std::get_if<Call>(&expression.node);
  if (call == nullptr || expression.type.oid != oid::kRecord) return false;
  return std::ranges::none_of(call->function->parameters,
                              [](const postgres::Parameter& parameter) { return postgres::IsOutput(parameter.mode); });
}

bool IsUnnest(const ExpressionPtr& expression) {
  const auto* call = std::get_if<Call>(&expression->node);
  return call != nullptr && call->function->name == "unnest" && call->arguments.size() == 1;
}

/// Whether a key sorts as its type does by itself.
bool IsUsualOrder(const SortKey& key, const Expression& by) {
  const postgres::OperatorClass* found = postgres::FindOperatorClass(by.type.oid);
  const postgres::Operator* less = found == nullptr ? nullptr : postgres::FindOperator(found->less);
  return less == nullptr || key.less == nullptr || less->function == key.less->oid;
}

}  // namespace

// --- names

/// Each relation's own, made different from those around the query.
std::vector<std::string> ShownWriter::AliasesOf(const Query& query) const {
  std::set<std::string> taken;
  // A view's query has these two before its own relations.
  if (levels_.empty()) taken = {"old", "new"};
  for (const Level& level : levels_) taken.insert(level.aliases.begin(), level.aliases.end());
  std::vector<std::string> aliases;
  for (const RangeEntry& entry : query.relations) {
    const RelationPtr relation = RelationOf(entry);
    std::string name = entry.alias;
    if (relation && name == names_.known_name(*relation)) name = relation->path.table;
    std::string alias = name;
    for (int i = 1; taken.contains(alias); ++i) alias = fmt::format("{}_{}", name, i);
    taken.insert(alias);
    aliases.push_back(std::move(alias));
  }
  return aliases;
}

/// Whether the text must tell what the columns are called.
bool ShownWriter::HasOwnColumnNames(const RangeEntry& entry) const {
  if (const auto* subquery = std::get_if<RangeEntry::Subquery>(&entry.source); subquery != nullptr && !entry.view) {
    size_t column = 0;
    for (const Target& target : subquery->query->targets) {
      if (target.hidden) continue;
      if (column >= entry.columns.size() || entry.columns[column++].name != target.name) return true;
    }
    return false;
  }
  if (const auto* with = std::get_if<RangeEntry::WithQuery>(&entry.source)) {
    const auto& columns = ItemOf(*with).columns;
    for (size_t i = 0; i < columns.size() && i < entry.columns.size(); ++i) {
      if (columns[i].name != entry.columns[i].name) return true;
    }
    return false;
  }
  const RelationPtr relation = RelationOf(entry);
  for (size_t i = 0; relation && i < relation->columns.size() && i < entry.columns.size(); ++i) {
    if (!entry.columns[i].hidden && ColumnNameOf(entry, i) != relation->columns[i].name) return true;
  }
  return false;
}

void ShownWriter::WriteAlias(const RangeEntry& entry, const std::string& alias) {
  const auto* system = std::get_if<RangeEntry::SystemTable>(&entry.source);
  const auto* with = std::get_if<RangeEntry::WithQuery>(&entry.source);
  const auto* functions = std::get_if<RangeEntry::Functions>(&entry.source);
  const RelationPtr relation = RelationOf(entry);
  std::string own;
  if (relation) own = relation->path.table;
  if (system != nullptr) own = system->name;
  if (with != nullptr) own = ItemOf(*with).name;
  const bool columns = functions != nullptr || HasOwnColumnNames(entry);
  if (alias == own && !columns) return;
  Put(" " + QuoteIdentifier(alias));
  if (!columns) return;
  const bool typed = functions != nullptr && IsDefinedByCaller(*functions->calls[0]);
  bool first = true;
  for (size_t i = 0; i < entry.columns.size(); ++i) {
    if (entry.columns[i].hidden) continue;
    Put(std::exchange(first, false) ? "(" : ", ");
    Put(QuoteIdentifier(ColumnNameOf(entry, i)));
    if (typed) Put(" " + names_.type(entry.columns[i].type));
  }
  Put(")");
}

// --- FROM

void ShownWriter::WriteFunctions(const RangeEntry::Functions& functions) {
  const bool defined = functions.calls.size() > 1 && std::ranges::any_of(functions.calls, [](const auto& call) {
    return IsDefinedByCaller(*call);
  });
  if (defined) return Fail();
  const bool unnest = functions.calls.size() > 1 && std::ranges::all_of(functions.calls, IsUnnest);
  if (unnest) {
    Put("unnest(");
    for (size_t i = 0; i < functions.calls.size(); ++i) {
      if (i > 0) Put(", ");
      Write(*std::get<Call>(functions.calls[i]->node).arguments[0], true);
    }
    Put(")");
  } else {
    Put(functions.calls.size() > 1 ? "ROWS FROM(" : "");
    WriteList(functions.calls, true);
    Put(functions.calls.size() > 1 ? ")" : "");
  }
  if (functions.ordinality) Put(" WITH ORDINALITY");
}

void ShownWriter::WriteValues(const RangeEntry::Values& values) {
  Put("VALUES ");
  for (size_t i = 0; i < values.rows.size(); ++i) {
    Put(i > 0 ? ", (" : "(");
    WriteList(values.rows[i], false, ",");
    Put(")");
  }
}

void ShownWriter::WriteRelation(const RangeEntry& entry, const std::string& alias) {
  if (entry.lateral) Put("LATERAL ");
  if (entry.view) {
    Put(names_.relation(*entry.view));
  } else if (const auto* table = std::get_if<RangeEntry::Table>(&entry.source)) {
    Put(table->only ? "ONLY " : "");
    Put(names_.relation(*table->relation));
  } else if (const auto* system = std::get_if<RangeEntry::SystemTable>(&entry.source)) {
    Put(system->schema == kCatalogSchema ? "" : QuoteIdentifier(system->schema) + ".");
    Put(QuoteIdentifier(system->name));
  } else if (const auto* subquery = std::get_if<RangeEntry::Subquery>(&entry.source)) {
    Put("(");
    WriteQuery(*subquery->query, {});
    Put(")");
  } else if (const auto* functions = std::get_if<RangeEntry::Functions>(&entry.source)) {
    WriteFunctions(*functions);
  } else if (const auto* with = std::get_if<RangeEntry::WithQuery>(&entry.source)) {
    Put(QuoteIdentifier(ItemOf(*with).name));
  } else {
    return Fail();
  }
  WriteAlias(entry, alias);
  if (!entry.sample) return;
  Put(entry.sample->system ? " TABLESAMPLE system (" : " TABLESAMPLE bernoulli (");
  Write(*entry.sample->percent, false);
  Put(")");
  if (!entry.sample->repeatable) return;
  Put(" REPEATABLE (");
  Write(*entry.sample->repeatable, false);
  Put(")");
}

void ShownWriter::WriteJoin(const Query& query, const FromItem& item) {
  PutOpen();
  WriteFromItem(query, *item.left);
  Line(NameOfJoin(item.join), -kClauseIndent, kClauseIndent, kItemIndent);
  const bool parentheses = form_.sparse && item.right->relation < 0;
  if (parentheses) Put("(");
  WriteFromItem(query, *item.right);
  if (parentheses) Put(")");
  const bool found = std::ranges::none_of(item.merged, [&](const auto& name) { return names_.renamed.contains(name); });
  if (!item.merged.empty() && found) {
    Put(" USING (");
    for (size_t i = 0; i < item.merged.size(); ++i) Put((i > 0 ? ", " : "") + QuoteIdentifier(item.merged[i]));
    Put(")");
  } else if (item.condition) {
    Put(" ON ");
    PutOpen();
    Write(*item.condition, false);
    PutClose();
  }
  PutClose();
}

void ShownWriter::WriteFromItem(const Query& query, const FromItem& item) {
  if (item.relation < 0) return WriteJoin(query, item);
  const auto relation = static_cast<size_t>(item.relation);
  WriteRelation(query.relations[relation], levels_.back().aliases[relation]);
}

void ShownWriter::WriteFrom(const Query& query) {
  for (size_t i = 0; i < query.from.size(); ++i) {
    if (i == 0) Line(" FROM ", -kClauseIndent, kClauseIndent, 2);
    if (i > 0) {
      Put(", ");
      Line("", -kClauseIndent, kClauseIndent, kItemIndent);
    }
    WriteFromItem(query, query.from[i]);
  }
}

// --- SELECT

void ShownWriter::WriteTargets(const Query& query, Naming naming) {
  size_t column = 0;
  for (const Target& target : query.targets) {
    if (target.hidden) continue;
    std::string before = std::exchange(out_, {});
    Write(*target.expression, true);
    const auto* reference = std::get_if<ColumnReference>(&target.expression->node);
    std::string known = naming.visible ? "" : "?column?";
    if (reference != nullptr) {
      const Level& level = LevelAt(reference->level);
      known = ColumnNameOf(level.query->relations[static_cast<size_t>(reference->relation)],
                           static_cast<size_t>(reference->column));
    }
    const bool named = naming.columns != nullptr && column < naming.columns->size();
    const std::string& name = named ? (*naming.columns)[column] : target.name;
    if (name != known) Put(" AS " + QuoteIdentifier(name));
    const std::string text = std::exchange(out_, std::move(before));
    Put(column++ > 0 ? ", " : " ");
    if (text.starts_with('\n')) {
      while (out_.ends_with(' ')) out_.pop_back();
    } else if (column > 1) {
      Line("", -kClauseIndent, kClauseIndent, kItemIndent);
    }
    Put(text);
  }
}

void ShownWriter::WriteDistinctOn(const Query& query) {
  if (query.distinct) Put(" DISTINCT");
  if (query.distinct_on.empty()) return;
  Put(" DISTINCT ON (");
  for (size_t i = 0; i < query.distinct_on.size(); ++i) {
    if (i > 0) Put(", ");
    WriteSortItem(*query.targets[static_cast<size_t>(query.distinct_on[i])].expression);
  }
  Put(")");
}

void ShownWriter::WriteSortItem(const Expression& expression) {
  if (std::holds_alternative<Constant>(expression.node)) {
    std::string before = std::exchange(out_, {});
    WriteConstant(expression, true);
    const std::string text = std::exchange(out_, std::move(before));
    Put(text.find("::") == std::string::npos ? text + "::" + names_.type(expression.type) : text);
    return;
  }
  const auto* call = std::get_if<Call>(&expression.node);
  const auto* coercion = std::get_if<Coercion>(&expression.node);
  const bool function = (call != nullptr && call->form != CallForm::kOperator) ||
                        (coercion != nullptr && coercion->kind == Coercion::Kind::kModifier) ||
                        std::holds_alternative<Aggregate>(expression.node) ||
                        std::holds_alternative<WindowCall>(expression.node);
  const bool parentheses = function || (form_.sparse && !std::holds_alternative<ColumnReference>(expression.node));
  if (parentheses) Put("(");
  Write(expression, true);
  if (parentheses) Put(")");
}

void ShownWriter::WriteSortKeys(const std::vector<SortKey>& keys, const std::vector<const Expression*>& by,
                                bool places) {
  for (size_t i = 0; i < keys.size(); ++i) {
    const SortKey& key = keys[i];
    const Expression& expression = *by[static_cast<size_t>(key.target)];
    if (!IsUsualOrder(key, expression)) return Fail();
    if (i > 0) Put(", ");
    if (places) Put(std::to_string(key.target + 1));
    else WriteSortItem(expression);
    if (key.descending) Put(" DESC");
    if (key.descending != key.nulls_first) Put(key.nulls_first ? " NULLS FIRST" : " NULLS LAST");
  }
}

void ShownWriter::WriteOrderBy(const Query& query) {
  if (query.order_by.empty()) return;
  std::vector<const Expression*> by;
  for (const Target& target : query.targets) by.push_back(target.expression.get());
  Line(" ORDER BY ", -kClauseIndent, kClauseIndent, 1);
  WriteSortKeys(query.order_by, by, query.set_operation.has_value());
}

void ShownWriter::WriteGroupItems(const Query& query, const std::vector<int>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Put(", ");
    WriteSortItem(ExpressionOfItem(query, query.group_by[static_cast<size_t>(items[i])]));
  }
}

void ShownWriter::WriteGroupingSets(const Query& query) {
  const auto& sets = *query.grouping_sets;
  const bool rollup = IsRollup(sets, query.group_by.size());
  Put(rollup ? "ROLLUP(" : "GROUPING SETS (");
  if (rollup) WriteGroupItems(query, sets[0]);
  for (size_t i = 0; i < sets.size() && !rollup; ++i) {
    Put(i > 0 ? ", (" : "(");
    WriteGroupItems(query, sets[i]);
    Put(")");
  }
  Put(")");
}

void ShownWriter::WriteGroupBy(const Query& query) {
  if (query.group_by.empty() && !query.grouping_sets) return;
  Line(" GROUP BY ", -kClauseIndent, kClauseIndent, 1);
  if (query.group_distinct) Put("DISTINCT ");
  if (query.grouping_sets) return WriteGroupingSets(query);
  std::vector<int> all(query.group_by.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  WriteGroupItems(query, all);
}

void ShownWriter::WriteLimits(const Query& query) {
  if (query.offset) {
    Line(" OFFSET ", -kClauseIndent, kClauseIndent, 0);
    Write(*query.offset, false);
  }
  if (!query.limit) return;
  Line(query.with_ties ? " FETCH FIRST (" : " LIMIT ", -kClauseIndent, kClauseIndent, 0);
  Write(*query.limit, false);
  if (query.with_ties) Put(") ROWS WITH TIES");
}

void ShownWriter::WriteLocks(const Query& query) {
  for (const RowLock& lock : query.locks) {
    for (const int relation : lock.relations) {
      Line(NameOfLock(lock.strength), -kClauseIndent, kClauseIndent, 0);
      Put(" OF " + QuoteIdentifier(levels_.back().aliases[static_cast<size_t>(relation)]));
      if (lock.wait == RowLock::Wait::kNoWait) Put(" NOWAIT");
      if (lock.wait == RowLock::Wait::kSkipLocked) Put(" SKIP LOCKED");
    }
  }
}

// --- windows

void ShownWriter::WriteFrame(const Window& window) {
  const auto bound = [&](Window::Bound kind, const ExpressionPtr& offset) {
    if (offset) {
      Write(*offset, false);
      Put(" ");
    }
    switch (kind) {
      case Window::Bound::kUnboundedPreceding: return Put("UNBOUNDED PRECEDING");
      case Window::Bound::kPreceding: return Put("PRECEDING");
      case Window::Bound::kCurrentRow: return Put("CURRENT ROW");
      case Window::Bound::kFollowing: return Put("FOLLOWING");
      case Window::Bound::kUnboundedFollowing: return Put("UNBOUNDED FOLLOWING");
    }
  };
  switch (window.unit) {
    case Window::Unit::kRange: Put("RANGE "); break;
    case Window::Unit::kRows: Put("ROWS "); break;
    case Window::Unit::kGroups: Put("GROUPS "); break;
  }
  if (window.between) Put("BETWEEN ");
  bound(window.start, window.start_offset);
  if (window.between) {
    Put(" AND ");
    bound(window.end, window.end_offset);
  }
  switch (window.exclude) {
    case Window::Exclude::kNoOthers: return;
    case Window::Exclude::kCurrentRow: return Put(" EXCLUDE CURRENT ROW");
    case Window::Exclude::kGroup: return Put(" EXCLUDE GROUP");
    case Window::Exclude::kTies: return Put(" EXCLUDE TIES");
  }
}

void ShownWriter::WriteWindow(const Window& window) {
  std::vector<const Expression*> by;
  for (const ExpressionPtr& expression : window.expressions) by.push_back(expression.get());
  std::string_view gap;
  Put("(");
  for (size_t i = 0; i < window.partition_by.size(); ++i) {
    Put(i > 0 ? ", " : "PARTITION BY ");
    WriteSortItem(*by[static_cast<size_t>(window.partition_by[i])]);
    gap = " ";
  }
  if (!window.order_by.empty()) {
    Put(gap);
    Put("ORDER BY ");
    WriteSortKeys(window.order_by, by, false);
    gap = " ";
  }
  if (window.framed) {
    Put(gap);
    WriteFrame(window);
  }
  Put(")");
}

void ShownWriter::WriteWindows(const Query& query) {
  bool first = true;
  for (const Window& window : query.windows) {
    if (window.name.empty()) continue;
    if (first) Line(" WINDOW ", -kClauseIndent, kClauseIndent, 1);
    else Put(", ");
    first = false;
    Put(QuoteIdentifier(window.name) + " AS ");
    WriteWindow(window);
  }
}

// --- whole queries

void ShownWriter::WriteSetSide(const Query& parent, const ConvertedQuery& side, bool right, Naming naming) {
  const SetOperation& operation = *parent.set_operation;
  const Query& query = *side.query;
  if (!side.columns.empty()) return Fail();
  if (right) naming.visible = false;
  const bool own = HasClausesOfItsOwn(query);
  if (!query.set_operation || own) {
    if (right) Line("");
    if (own) Put("(");
    WriteQuery(query, naming);
    if (own) Put(")");
    if (!right) Line("");
    return;
  }
  const bool alike = query.set_operation->kind == operation.kind && query.set_operation->all == operation.all;
  const bool parentheses = right || !alike;
  const int indent = parentheses ? kClauseIndent : 0;
  if (parentheses) Put("(");
  if (parentheses || right) Line("", indent);
  levels_.push_back({&query, {}});
  WriteSetOperation(query, naming);
  levels_.pop_back();
  if (right) Line(")", -indent);
  else Line(parentheses ? ") " : "", -indent);
}

void ShownWriter::WriteSetOperation(const Query& query, Naming naming) {
  const SetOperation& operation = *query.set_operation;
  WriteSetSide(query, operation.left, false, naming);
  Put(NameOfOperation(operation.kind));
  if (operation.all) Put("ALL ");
  WriteSetSide(query, operation.right, true, naming);
}

void ShownWriter::WriteWith(const Query& query) {
  if (query.with.empty()) return;
  indent_ += form_.indented ? kClauseIndent : 0;
  Put(form_.indented ? " " : "");
  const bool recursive = std::ranges::any_of(query.with, &WithItem::may_recurse);
  for (size_t i = 0; i < query.with.size(); ++i) {
    const WithItem& item = query.with[i];
    if (item.traversed) return Fail();
    Put(i > 0 ? ", " : recursive ? "WITH RECURSIVE " : "WITH ");
    Put(QuoteIdentifier(item.name));
    std::vector<std::string> own;
    for (const Target& target : item.query->targets) {
      if (!target.hidden) own.push_back(target.name);
    }
    std::string columns;
    bool renamed = false;
    for (size_t column = 0; column < item.columns.size(); ++column) {
      columns += (column > 0 ? ", " : "") + QuoteIdentifier(item.columns[column].name);
      renamed = renamed || column >= own.size() || own[column] != item.columns[column].name;
    }
    if (renamed) Put("(" + columns + ")");
    Put(" AS ");
    if (item.materialized) Put(*item.materialized ? "MATERIALIZED " : "NOT MATERIALIZED ");
    Put("(");
    Line("");
    WriteQuery(*item.query, {});
    Line("");
    Put(")");
  }
  indent_ -= form_.indented ? kClauseIndent : 0;
  Line("");
}

void ShownWriter::WriteBody(const Query& query, Naming naming) {
  indent_ += kClauseIndent;
  Put(" ");
  if (const RangeEntry::Values* values = ValuesOf(query)) return WriteValues(*values);
  Put("SELECT");
  WriteDistinctOn(query);
  WriteTargets(query, naming);
  WriteFrom(query);
  if (query.where) {
    Line(" WHERE ", -kClauseIndent, kClauseIndent, 1);
    Write(*query.where, false);
  }
  WriteGroupBy(query);
  if (query.having) {
    Line(" HAVING ", -kClauseIndent, kClauseIndent, 0);
    Write(*query.having, false);
  }
  WriteWindows(query);
}

void ShownWriter::WriteQuery(const Query& query, Naming naming) {
  if (query.command != Query::Command::kSelect) return Fail();
  std::vector<std::string> aliases = AliasesOf(query);
  levels_.push_back({&query, std::move(aliases)});
  const int indent = indent_;
  WriteWith(query);
  if (query.set_operation) WriteSetOperation(query, naming);
  else WriteBody(query, naming);
  WriteOrderBy(query);
  WriteLimits(query);
  WriteLocks(query);
  indent_ = indent;
  levels_.pop_back();
}

void ShownWriter::WriteTop(const Query& query, const std::vector<std::string>& columns) {
  WriteQuery(query, {.columns = &columns});
}

std::optional<std::string> ShownQuery(const Query& query, const std::vector<std::string>& columns,
                                      const ShownNames& names, ShownForm form) {
  ShownWriter writer(names, form);
  writer.WriteTop(query, columns);
  if (writer.failed()) return std::nullopt;
  return writer.TakeText();
}

}  // namespace weir::sql::analyze
