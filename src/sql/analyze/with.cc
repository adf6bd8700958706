#include "sql/analyze/with.h"

#include <fmt/format.h>

#include "sql/analyze/search_cycle.h"
#include "sql/analyze/select.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;
using State = WithEntry::State;

namespace {

Status AnalyzeEntry(WithEntry& entry) {
  Scope& owner = *entry.owner;
  const pg_query::CommonTableExpr& definition = *entry.definition;
  const pg_query::Node& node = definition.ctequery();
  if (!node.has_select_stmt() && owner.parent != nullptr) {
    return ErrorAt(owner, definition.location(), sqlstate::kFeatureNotSupported,
                   "WITH clause containing a data-modifying statement must be at the top level");
  }
  entry.state = State::kPlain;
  const Clause clause = std::exchange(owner.clause, Clause::kNone);
  std::vector<NamedItem> names = std::exchange(owner.names, {});  // an item sees what is around the query, not its FROM
  Result<QueryPtr> query = AnalyzeQuery(owner.statement, &owner, node, {.with = &entry});
  owner.names = std::move(names);
  owner.clause = clause;
  if (!query.ok()) return query.status();
  if (HasSearchOrCycle(entry) && !entry.referred) {
    return ErrorAt(owner, definition.location(), sqlstate::kSyntaxError, "WITH query is not recursive");
  }
  WithItem& item = owner.query->with[static_cast<size_t>(entry.index)];
  item.query = query.MoveValue();
  WEIR_ASSIGN_OR_RETURN(entry.columns, ColumnsOfWith(owner, entry, *item.query));
  item.columns = entry.columns;
  item.recursive = entry.referred;
  entry.state = State::kDone;
  return Status::OK();
}

std::optional<bool> MaterializedOf(pg_query::CTEMaterialize option) {
  if (option == pg_query::CTEMaterializeAlways) return true;
  if (option == pg_query::CTEMaterializeNever) return false;
  return std::nullopt;
}

Status RecursionError(const Scope& scope, const WithEntry& entry, int location, std::string_view where) {
  return ErrorAt(scope, location, sqlstate::kInvalidRecursion,
                 fmt::format("recursive reference to query \"{}\" must not appear {}", entry.name, where));
}

// A reference of an item to itself, from `scope` inside of its query.
Status CheckSelfReference(const Scope& scope, WithEntry& entry, int location) {
  if (entry.state == State::kPlain) {
    return ErrorAt(scope, entry.definition->location(), sqlstate::kInvalidRecursion,
                   fmt::format("recursive query \"{}\" does not have the form non-recursive-term UNION [ALL] "
                               "recursive-term",
                               entry.name));
  }
  if (entry.state == State::kLeft) return RecursionError(scope, entry, location, "within its non-recursive term");
  for (const Scope* at = &scope; at != entry.owner; at = at->parent) {
    if (at->in_outer_join) return RecursionError(scope, entry, location, "within an outer join");
    if (at->recursion_barred) return RecursionError(scope, entry, location, "within a subquery");
    if (!at->recursion_bar.empty()) return RecursionError(scope, entry, location, at->recursion_bar);
  }
  if (entry.referred) return RecursionError(scope, entry, location, "more than once");
  entry.referred = true;
  return Status::OK();
}

// The first item of a WITH that is being analysed; null: none.
const WithEntry* InProgress(const Scope& owner) {
  for (const auto& entry : owner.with) {
    if (entry->state != State::kWaiting && entry->state != State::kDone) return entry.get();
  }
  return nullptr;
}

Status MakeReady(const Scope& scope, WithEntry& entry, int location) {
  if (entry.state == State::kDone) return Status::OK();
  if (entry.state == State::kWaiting) return AnalyzeEntry(entry);
  int busy = 0;
  for (const auto& other : entry.owner->with) {
    busy += other->state != State::kWaiting && other->state != State::kDone ? 1 : 0;
  }
  if (busy > 1) {
    return ErrorAt(scope, InProgress(*entry.owner)->definition->location(), sqlstate::kFeatureNotSupported,
                   "mutual recursion between WITH items is not implemented");
  }
  return CheckSelfReference(scope, entry, location);
}

}  // namespace

Status AnalyzeWith(Scope& scope, const pg_query::WithClause& clause) {
  for (const pg_query::Node& node : clause.ctes()) {
    const pg_query::CommonTableExpr& definition = node.common_table_expr();
    if (definition.ctequery().has_merge_stmt()) {
      return ErrorAt(scope, definition.location(), sqlstate::kFeatureNotSupported, "MERGE not supported in WITH query");
    }
    for (const auto& known : scope.with) {
      if (known->name != definition.ctename()) continue;
      return ErrorAt(scope, definition.location(), sqlstate::kDuplicateAlias,
                     fmt::format("WITH query name \"{}\" specified more than once", known->name));
    }
    auto entry = std::make_shared<WithEntry>();
    entry->name = definition.ctename();
    entry->definition = &definition;
    entry->owner = &scope;
    entry->index = static_cast<int>(scope.query->with.size());
    entry->may_recurse = clause.recursive();
    WithItem item;
    item.name = entry->name;
    item.materialized = MaterializedOf(definition.ctematerialized());
    item.may_recurse = clause.recursive();
    item.traversed = definition.has_search_clause() || definition.has_cycle_clause();
    scope.query->with.push_back(std::move(item));
    scope.with.push_back(std::move(entry));
  }
  for (const auto& entry : scope.with) {
    if (entry->state == State::kWaiting) WEIR_RETURN_NOT_OK(AnalyzeEntry(*entry));
  }
  return Status::OK();
}

Result<FoundWith> FindWith(Scope& scope, const std::string& name, int location) {
  int level = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++level) {
    for (const auto& entry : at->with) {
      const bool visible = entry->state == State::kDone || entry->may_recurse;
      if (entry->name != name || !visible) continue;
      WEIR_RETURN_NOT_OK(MakeReady(scope, *entry, location));
      if (entry->state != State::kDone) scope.refers_to_itself = true;
      return FoundWith{entry.get(), level};
    }
  }
  return FoundWith();
}

bool IsLaterWith(const Scope& scope, const std::string& name) {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const auto& entry : at->with) {
      if (entry->name == name && !entry->may_recurse && entry->state != State::kDone) return true;
    }
  }
  return false;
}

Result<std::vector<OutputColumn>> ColumnsOfWith(const Scope& scope, const WithEntry& entry, const Query& query) {
  std::vector<OutputColumn> columns;
  for (const Target& target : query.targets) {
    if (!target.hidden) columns.push_back({target.name, target.expression->type});
  }
  const Nodes& names = entry.definition->aliascolnames();
  if (static_cast<size_t>(names.size()) > columns.size()) {
    return ErrorAt(scope, entry.definition->location(), sqlstate::kInvalidColumnReference,
                   fmt::format("WITH query \"{}\" has {} columns available but {} columns specified", entry.name,
                               columns.size(), names.size()));
  }
  for (int i = 0; i < names.size(); ++i) columns[static_cast<size_t>(i)].name = names[i].string().sval();
  return columns;
}

}  // namespace weir::sql::analyze
