#include "sql/analyze/identity.h"

#include <fmt/format.h>

#include "sql/analyze/coerce.h"
#include "sql/analyze/expression.h"
#include "sql/analyze/walk.h"

namespace weir::sql::analyze {

namespace {

using Identity = SqlColumn::Identity;

/// Null where the target is no table of the SQL catalog.
const Relation* TargetTable(const Scope& scope) {
  const RangeEntry& entry = scope.query->relations[static_cast<size_t>(scope.query->target_relation)];
  const auto* table = std::get_if<RangeEntry::Table>(&entry.source);
  return table == nullptr ? nullptr : table->relation.get();
}

Identity IdentityOf(const Relation& table, int column) {
  const auto at = static_cast<size_t>(column);
  return at < table.columns.size() ? table.columns[at].identity : Identity::kNone;
}

bool IsDefault(const ExpressionPtr& value) { return std::holds_alternative<DefaultValue>(value->node); }

bool IsGenerated(const Relation& table, int column) {
  const auto at = static_cast<size_t>(column);
  return at < table.columns.size() && table.columns[at].generated.has_value();
}

std::string AlwaysDetail(const Relation& table, int column) {
  const std::string& name = table.columns[static_cast<size_t>(column)].name;
  const char* what = "an identity column defined as GENERATED ALWAYS";
  return fmt::format("Column \"{}\" is {}.", name, IsGenerated(table, column) ? "a generated column" : what);
}

Status NotInserted(const Relation& table, int column) {
  const std::string& name = table.columns[static_cast<size_t>(column)].name;
  const char* hint = IsGenerated(table, column) ? "" : "Use OVERRIDING SYSTEM VALUE to override.";
  return postgres::Error(postgres::sqlstate::kGeneratedAlways,
                         fmt::format("cannot insert a non-DEFAULT value into column \"{}\"", name),
                         {.detail = AlwaysDetail(table, column), .hint = hint});
}

/// The values of VALUES for one of the target's columns, by its place in the source; none for another source.
std::vector<ExpressionPtr*> WrittenValues(ConvertedQuery& source, size_t place) {
  std::vector<ExpressionPtr*> values;
  if (!source.columns.empty()) return values;
  Query& query = *source.query;
  if (query.relations.empty()) {
    const bool one_row = !query.set_operation && !query.where && !query.having && !query.limit && !query.offset &&
                         query.group_by.empty() && query.order_by.empty() && query.with.empty();
    if (one_row) values.push_back(&query.targets[place].expression);
    return values;
  }
  auto* rows = std::get_if<RangeEntry::Values>(&query.relations[0].source);
  if (rows == nullptr || query.relations.size() > 1 || query.relations[0].alias != "*VALUES*") return values;
  for (Expressions& row : rows->rows) values.push_back(&row[place]);
  return values;
}

/// The column's values in the source do not count.
void Leave(Query& query, size_t place) {
  ConvertedQuery& source = query.insert_source;
  if (source.columns.empty()) {
    for (const Target& target : source.query->targets) {
      if (target.hidden) continue;
      const ColumnReference reference{0, 0, static_cast<int>(source.columns.size())};
      source.columns.push_back(MakeExpression(reference, target.expression->type, BeginOf(*target.expression)));
    }
  }
  source.columns.erase(source.columns.begin() + static_cast<std::ptrdiff_t>(place));
  query.insert_columns.erase(query.insert_columns.begin() + static_cast<std::ptrdiff_t>(place));
}

void GiveDefault(ExpressionPtr* value) {
  *value = MakeExpression(DefaultValue{}, (*value)->type, BeginOf(**value));
}

Status CheckWritten(const Relation& table, int column, const std::vector<ExpressionPtr*>& written) {
  if (written.empty()) return NotInserted(table, column);
  for (const ExpressionPtr* value : written) {
    if (!IsDefault(*value)) return NotInserted(table, column);
  }
  return Status::OK();
}

}  // namespace

Status CheckIsNoSequence(const Scope& scope) {
  const Relation* table = TargetTable(scope);
  if (table == nullptr || !table->is_sequence()) return Status::OK();
  return postgres::Error(postgres::sqlstate::kWrongObjectType,
                         fmt::format("cannot change sequence \"{}\"", table->path.table));
}

Status ApplyOverriding(Scope& scope) {
  Query& query = *scope.query;
  const Relation* table = TargetTable(scope);
  if (table == nullptr || !query.insert_source.query) return Status::OK();
  for (size_t place = query.insert_columns.size(); place-- > 0;) {
    const int column = query.insert_columns[place];
    const Identity identity = IdentityOf(*table, column);
    if (IsGenerated(*table, column)) {
      WEIR_RETURN_NOT_OK(CheckWritten(*table, column, WrittenValues(query.insert_source, place)));
    }
    if (identity == Identity::kNone || query.overriding == Query::Overriding::kSystem) continue;
    const std::vector<ExpressionPtr*> written = WrittenValues(query.insert_source, place);
    if (query.overriding == Query::Overriding::kNone) {
      if (identity == Identity::kAlways) WEIR_RETURN_NOT_OK(CheckWritten(*table, column, written));
      continue;
    }
    for (ExpressionPtr* value : written) GiveDefault(value);
    if (written.empty()) Leave(query, place);
  }
  return Status::OK();
}

Status CheckIdentityUpdates(const Scope& scope, const std::vector<Assignment>& assignments) {
  const Relation* table = TargetTable(scope);
  if (table == nullptr) return Status::OK();
  for (const Assignment& assignment : assignments) {
    const bool identity = IdentityOf(*table, assignment.column) == Identity::kAlways;
    const bool always = identity || IsGenerated(*table, assignment.column);
    if (!always || IsDefault(assignment.value)) continue;
    const std::string& name = table->columns[static_cast<size_t>(assignment.column)].name;
    return postgres::Error(postgres::sqlstate::kGeneratedAlways,
                           fmt::format("column \"{}\" can only be updated to DEFAULT", name),
                           {.detail = AlwaysDetail(*table, assignment.column)});
  }
  return Status::OK();
}

void LeaveIdentityToDefault(const Scope& scope, std::vector<Assignment>* assignments) {
  const Relation* table = TargetTable(scope);
  if (table == nullptr) return;
  std::erase_if(*assignments, [&](const Assignment& assignment) {
    return IdentityOf(*table, assignment.column) != Identity::kNone;
  });
}

Status CheckIdentityValues(const Scope& scope, const std::vector<Assignment>& assignments, bool overrides) {
  const Relation* table = TargetTable(scope);
  if (table == nullptr) return Status::OK();
  for (const Assignment& assignment : assignments) {
    const bool identity = !overrides && IdentityOf(*table, assignment.column) == Identity::kAlways;
    const bool always = identity || IsGenerated(*table, assignment.column);
    if (always && !IsDefault(assignment.value)) return NotInserted(*table, assignment.column);
  }
  return Status::OK();
}

}  // namespace weir::sql::analyze
