#include "sql/analyze/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "postgres/identifier.h"
#include "sql/analyze/shard_column.h"
#include "sql/analyze/walk.h"
#include "sql/dialect/postgres.h"

namespace weir::sql::analyze {

namespace sqlstate = postgres::sqlstate;

namespace {

// PostgreSQL's max_stack_depth is half of it, with smaller frames; threads have twice as much.
constexpr ptrdiff_t kMaxStackBytes = ptrdiff_t{4} << 20;

std::vector<postgres::TypeRef> TypesOf(const Context::Parameters& parameters) {
  std::vector<postgres::TypeRef> types = parameters.types;
  if (types.size() > kMaxParameters) types.resize(kMaxParameters);
  return types;
}

std::vector<bool> FixedOf(const std::vector<postgres::TypeRef>& types) {
  std::vector<bool> fixed;
  for (const postgres::TypeRef& type : types) fixed.push_back(type.oid != 0 && type.oid != postgres::oid::kUnknown);
  return fixed;
}

}  // namespace

Statement::Statement(const dialect::Source& text, size_t text_begin, const Context& context)
    : source(text),
      begin(text_begin),
      names(context.names),
      resolver(context.names.resolver()),
      settings(context.settings),
      parameters_allowed(context.parameters.allowed),
      noted(context.noted),
      keeps_calls(context.keeps_calls),
      function(context.function),
      fixed_parameters(FixedOf(context.parameters.types)),
      parameters(TypesOf(context.parameters)),
      stack_base(static_cast<const char*>(__builtin_frame_address(0))) {}

Status Statement::CheckStack() const {
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  return std::abs(stack_base - here) > kMaxStackBytes ? dialect::TooDeep(0) : Status::OK();
}

std::string_view NameOf(Clause clause) {
  switch (clause) {
    case Clause::kNone: return "expression";
    case Clause::kJoinOn: return "JOIN/ON";
    case Clause::kJoinUsing: return "JOIN/USING";
    case Clause::kFromSubquery: return "sub-SELECT in FROM";
    case Clause::kFromFunction: return "function in FROM";
    case Clause::kWhere: return "WHERE";
    case Clause::kHaving: return "HAVING";
    case Clause::kFilter: return "FILTER";
    case Clause::kWindowPartition: return "window PARTITION BY";
    case Clause::kWindowOrder: return "window ORDER BY";
    case Clause::kWindowRange: return "window RANGE";
    case Clause::kWindowRows: return "window ROWS";
    case Clause::kWindowGroups: return "window GROUPS";
    case Clause::kSelectTarget: return "SELECT";
    case Clause::kInsertTarget: return "INSERT";
    case Clause::kUpdateSource:
    case Clause::kUpdateTarget: return "UPDATE";
    case Clause::kMergeWhen: return "MERGE WHEN";
    case Clause::kGroupBy: return "GROUP BY";
    case Clause::kOrderBy: return "ORDER BY";
    case Clause::kDistinctOn: return "DISTINCT ON";
    case Clause::kLimit: return "LIMIT";
    case Clause::kOffset: return "OFFSET";
    case Clause::kReturning: return "RETURNING";
    case Clause::kValues:
    case Clause::kValuesSingle: return "VALUES";
    case Clause::kCheck: return "CHECK";
    case Clause::kDefault: return "DEFAULT";
    case Clause::kGenerated: return "GENERATED AS";
    case Clause::kPartitionKey: return "PARTITION BY";
    case Clause::kPartitionBound: return "partition bound";
    case Clause::kIndexExpression: return "index expression";
    case Clause::kIndexCondition: return "WHERE";
    case Clause::kUsing: return "USING";
    case Clause::kCopyWhere: return "WHERE";
  }
  return {};
}

Status ErrorAtPosition(int position, std::string_view state, std::string message, std::string hint,
                       std::string detail) {
  return postgres::Error(state, std::move(message),
                         {.detail = std::move(detail), .hint = std::move(hint), .position = position});
}

Status ErrorAt(const Scope& scope, int location, std::string_view state, std::string message, std::string hint,
               std::string detail) {
  return ErrorAtPosition(scope.statement.Position(location), state, std::move(message), std::move(hint),
                         std::move(detail));
}

Status WithPosition(const Status& status, int position) {
  if (status.ok() || position == 0) return status;
  return postgres::FieldsOf(status).position == 0 ? postgres::AtPosition(status, position) : status;
}

std::string TypeName(const Scope& scope, postgres::Oid type) { return scope.statement.resolver.NameOf(type); }

std::vector<std::string> NamesOf(const Nodes& nodes) {
  std::vector<std::string> names;
  for (const pg_query::Node& node : nodes) names.push_back(node.string().sval());
  return names;
}

std::string Dotted(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ".")); }

ExpressionPtr ColumnOf(const Scope& scope, int level, int relation, int column, int position) {
  const OutputColumn& found =
      scope.query->relations[static_cast<size_t>(relation)].columns[static_cast<size_t>(column)];
  return MakeExpression(ColumnReference{level, relation, column}, found.type, position);
}

namespace {

// A relation that LATERAL may name but that a RIGHT or FULL join bars.
Status CheckLateral(const NamedItem& item, const Scope& owner, const Scope& scope, int location) {
  if (!item.lateral_only || item.lateral_ok) return Status::OK();
  const int relation = item.changed_view >= 0 ? item.changed_view : item.relation;
  const bool target = relation >= 0 && relation == owner.query->target_relation;
  return ErrorAt(scope, location, sqlstate::kInvalidColumnReference,
                 fmt::format("invalid reference to FROM-clause entry for table \"{}\"", item.name),
                 target ? fmt::format("There is an entry for table \"{}\", but it cannot be referenced from this part "
                                      "of the query.",
                                      item.name)
                        : "",
                 target ? "" : "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
}

bool IsNamed(const Scope& scope, const NamedItem& item, std::string_view schema, std::string_view name) {
  if (!item.name_visible || item.name != name || (item.lateral_only && !scope.lateral_active)) return false;
  return schema.empty() || item.schema == schema;
}

Status Ambiguous(const Scope& scope, std::string_view column, int location) {
  return ErrorAt(scope, location, sqlstate::kAmbiguousColumn,
                 fmt::format("column reference \"{}\" is ambiguous", column));
}

}  // namespace

Result<FoundItem> FindItem(Scope& scope, std::string_view schema, std::string_view name, int location) {
  int level = 0;
  for (Scope* at = &scope; at != nullptr; at = at->parent, ++level) {
    FoundItem found{nullptr, at, level};
    for (const NamedItem& item : at->names) {
      if (!IsNamed(*at, item, schema, name)) continue;
      if (found.item != nullptr) {
        return ErrorAt(scope, location, sqlstate::kAmbiguousAlias,
                       fmt::format("table reference \"{}\" is ambiguous", name));
      }
      WEIR_RETURN_NOT_OK(CheckLateral(item, *at, scope, location));
      found.item = &item;
    }
    if (found.item != nullptr) return found;
  }
  return FoundItem();
}

namespace {

// The shard column of a table, if that is the name; else null.
ExpressionPtr ShardNamed(const FoundItem& found, std::string_view name, int position) {
  const RangeEntry& entry = found.scope->query->relations[static_cast<size_t>(found.item->relation)];
  const RangeEntry::ShardColumn* shard = FindShardColumn(entry, name);
  if (shard == nullptr) return nullptr;
  Expressions key;
  for (const int column : shard->columns) {
    key.push_back(ColumnOf(*found.scope, found.level, found.item->relation, column, position));
  }
  return ShardOf(*shard, std::move(key), position);
}

}  // namespace

namespace {

// Who may read a column of a view that is changed is another question than who may read what it is made of.
void NoteRead(const FoundItem& found, size_t column) {
  if (found.item->changed_view < 0) return;
  RangeEntry& entry = found.scope->query->relations[static_cast<size_t>(found.item->changed_view)];
  size_t shown = 0;
  for (RangeEntry::ViewColumn& one : entry.view_columns) {
    if (!one.hidden && shown++ == column) one.is_read = true;
  }
}

}  // namespace

Result<ExpressionPtr> FindColumnOf(const Scope& scope, const FoundItem& found, std::string_view column, int location) {
  const int position = scope.statement.Position(location);
  ExpressionPtr result;
  if (found.item->relation >= 0) {
    const auto& columns = found.scope->query->relations[static_cast<size_t>(found.item->relation)].columns;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!postgres::IsMeant(column, columns[i].name)) continue;
      if (result) return Ambiguous(scope, column, location);
      result = ColumnOf(*found.scope, found.level, found.item->relation, static_cast<int>(i), position);
    }
    return result ? std::move(result) : ShardNamed(found, column, position);
  }
  for (size_t i = 0; i < found.item->columns.size(); ++i) {
    const NamedColumn& named = found.item->columns[i];
    if (!postgres::IsMeant(column, named.name)) continue;
    if (result) return Ambiguous(scope, column, location);
    NoteRead(found, i);
    result = Clone(*named.value, found.level);
    result->position = position;
  }
  return result;
}

Result<ExpressionPtr> FindColumn(Scope& scope, std::string_view name, bool local, int location) {
  int level = 0;
  for (Scope* at = &scope; at != nullptr; at = local ? nullptr : at->parent, ++level) {
    ExpressionPtr result;
    for (const NamedItem& item : at->names) {
      if (!item.columns_visible || (item.lateral_only && !at->lateral_active)) continue;
      WEIR_ASSIGN_OR_RETURN(ExpressionPtr found, FindColumnOf(scope, {&item, at, level}, name, location));
      if (!found) continue;
      if (result) return Ambiguous(scope, name, location);
      WEIR_RETURN_NOT_OK(CheckLateral(item, *at, scope, location));
      result = std::move(found);
    }
    if (result) return result;
  }
  return ExpressionPtr();
}

std::vector<ExpandedColumn> ExpandItem(const FoundItem& found, int position) {
  std::vector<ExpandedColumn> columns;
  if (found.item->relation < 0) {
    for (size_t i = 0; i < found.item->columns.size(); ++i) {
      const NamedColumn& column = found.item->columns[i];
      NoteRead(found, i);
      columns.push_back({column.name, Clone(*column.value, found.level), found.item->name});
      columns.back().value->position = position;
    }
    return columns;
  }
  const auto& relation = found.scope->query->relations[static_cast<size_t>(found.item->relation)].columns;
  columns.reserve(relation.size());
  for (size_t i = 0; i < relation.size(); ++i) {
    if (relation[i].hidden) continue;
    columns.push_back({relation[i].name, ColumnOf(*found.scope, found.level, found.item->relation,
                                                  static_cast<int>(i), position)});
  }
  return columns;
}

namespace {

// Levenshtein's distance, or something above `limit` if it is more.
int Distance(std::string_view a, std::string_view b, int limit) {
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = std::exchange(row[0], static_cast<int>(i));
    int least = row[0];
    for (size_t j = 1; j <= b.size(); ++j) {
      const int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
      least = std::min(least, row[j]);
    }
    if (least > limit) return limit + 1;
  }
  return row[b.size()];
}

// The nearest one or two columns to a name, as PostgreSQL looks for them.
class NearestColumns {
 public:
  struct Candidate {
    const RangeEntry* relation = nullptr;
    const std::string* column = nullptr;
  };

  NearestColumns(std::string_view relation, std::string_view column) : wanted_relation_(relation), wanted_(column) {}

  // True: the very column, out of reach; nothing else counts then.
  bool Add(const RangeEntry& relation) {
    const int penalty = wanted_relation_.empty() ? 0 : Distance(relation.alias, wanted_relation_, kMaxDistance + 1);
    for (const OutputColumn& column : relation.columns) {
      if (column.name == wanted_ && penalty == 0) {
        first_ = {&relation, nullptr};
        second_ = {};
        return true;
      }
      if (!column.hidden) Consider(penalty, relation, column.name);
    }
    return false;
  }

  std::string Hint() const {
    if (first_.relation == nullptr) return {};
    if (first_.column == nullptr) {
      return fmt::format(
          "There is a column named \"{}\" in table \"{}\", but it cannot be referenced from this part of the query.",
          wanted_, first_.relation->alias);
    }
    const std::string first = fmt::format("\"{}.{}\"", first_.relation->alias, *first_.column);
    if (second_.relation == nullptr) return fmt::format("Perhaps you meant to reference the column {}.", first);
    return fmt::format("Perhaps you meant to reference the column {} or the column \"{}.{}\".", first,
                       second_.relation->alias, *second_.column);
  }

 private:
  static constexpr int kMaxDistance = 3;

  void Consider(int penalty, const RangeEntry& relation, const std::string& column) {
    if (penalty > distance_ || column.empty()) return;
    int distance = Distance(column, wanted_, distance_ + 1 - penalty);
    if (distance > static_cast<int>(wanted_.size()) / 2) return;
    distance += penalty;
    if (distance < distance_) {
      distance_ = distance;
      first_ = {&relation, &column};
      second_ = {};
    } else if (distance == distance_) {
      Tie(relation, column);
    }
  }

  void Tie(const RangeEntry& relation, const std::string& column) {
    if (second_.relation != nullptr) {  // too many are as near
      first_ = second_ = {};
      --distance_;
    } else if (first_.relation != nullptr) {
      second_ = {&relation, &column};
    } else if (distance_ <= kMaxDistance) {
      first_ = {&relation, &column};
    }
  }

  std::string_view wanted_relation_;
  std::string_view wanted_;
  int distance_ = kMaxDistance + 1;
  Candidate first_;
  Candidate second_;
};

std::string NearestHint(const Scope& scope, std::string_view relation, std::string_view column) {
  NearestColumns nearest(relation, column);
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const RangeEntry& entry : at->query->relations) {
      if (nearest.Add(entry)) return nearest.Hint();
    }
  }
  return nearest.Hint();
}

}  // namespace

namespace {

/// Whether a name would be a system column's in PostgreSQL: of the table `relation`, or of any where that is empty.
bool IsSystemColumn(const Scope& scope, std::string_view relation, std::string_view column) {
  constexpr std::string_view kSystemColumns[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "gp_segment_id"};
  if (std::ranges::find(kSystemColumns, column) == std::end(kSystemColumns)) return false;
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const RangeEntry& entry : at->query->relations) {
      const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
      const bool has_rows = table != nullptr ? !entry.view && !table->relation->is_view()
                                             : std::holds_alternative<RangeEntry::SystemTable>(entry.source);
      if (has_rows && (relation.empty() || relation == entry.alias)) return true;
    }
  }
  return false;
}

}  // namespace

Status MissingColumn(Scope& scope, std::string_view relation, std::string_view column, int location) {
  if (IsSystemColumn(scope, relation, column)) {
    return ErrorAt(scope, location, sqlstate::kFeatureNotSupported,
                   fmt::format("system column \"{}\" is not supported", column),
                   column == "ctid" ? "The primary key of a table names its rows." : "");
  }
  const std::string message = relation.empty() ? fmt::format("column \"{}\" does not exist", column)
                                               : fmt::format("column {}.{} does not exist", relation, column);
  return ErrorAt(scope, location, sqlstate::kUndefinedColumn, message, NearestHint(scope, relation, column));
}

Status MissingRelation(Scope& scope, std::string_view schema, std::string_view relation, int location) {
  for (Scope* at = &scope; at != nullptr; at = at->parent) {
    for (size_t i = 0; i < at->query->relations.size(); ++i) {
      const RangeEntry& entry = at->query->relations[i];
      const RelationName name = i < at->relation_names.size() ? at->relation_names[i] : RelationName();
      const bool by_table = name.table == relation && (schema.empty() || schema == name.schema);
      if (!by_table && (entry.alias != relation || !schema.empty())) continue;
      std::string hint = fmt::format(
          "There is an entry for table \"{}\", but it cannot be referenced from this part of the query.", entry.alias);
      if (name.aliased && entry.alias != relation) {
        const Result<FoundItem> visible = FindItem(scope, {}, entry.alias, location);
        if (visible.ok() && visible->item != nullptr && visible->item->relation == static_cast<int>(i)) {
          hint = fmt::format("Perhaps you meant to reference the table alias \"{}\".", entry.alias);
        }
      }
      return ErrorAt(scope, location, sqlstate::kUndefinedTable,
                     fmt::format("invalid reference to FROM-clause entry for table \"{}\"", relation), hint);
    }
  }
  return ErrorAt(scope, location, sqlstate::kUndefinedTable,
                 fmt::format("missing FROM-clause entry for table \"{}\"", relation));
}

}  // namespace weir::sql::analyze
