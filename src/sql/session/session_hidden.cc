// Errors show values of rows to those only who may read them.
#include <fmt/format.h>

#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

constexpr std::string_view kWholeRow = "Failing row contains (";
constexpr std::string_view kPartitionKey = "Partition key of the failing row contains (";
constexpr std::string_view kKey = "Key (";

/// The columns of "Key (a, b)=(1, 2) …": what stands before its values. An expression is no column, and is hidden.
std::vector<std::string> ColumnsIn(std::string_view detail, std::string_view before, std::string_view behind) {
  std::vector<std::string> columns;
  detail.remove_prefix(before.size());
  std::string_view list = detail.substr(0, detail.find(behind));
  while (!list.empty()) {
    const size_t end = list.find(", ");
    columns.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 2);
  }
  return columns;
}

/// What is left of a detail without its values.
std::string WithoutValues(const ErrorFields& error) {
  if (error.sqlstate == "23P01") return "Key conflicts with existing key.";
  for (const std::string_view said : {" is not present in table", " is still referenced from table"}) {
    const size_t at = error.detail.find(said);
    if (at != std::string::npos) return "Key" + error.detail.substr(at);
  }
  return {};
}

bool Names(const Relation& relation, const std::vector<std::string>& columns) {
  return std::ranges::all_of(columns, [&](const std::string& name) { return relation.ColumnIndex(name) >= 0; });
}

}  // namespace

/// The table whose values an error has: the referenced one where rows that are gone were referred to.
Result<RelationPtr> EngineSession::TableShownIn(const ErrorFields& error) {
  WEIR_ASSIGN_OR_RETURN(RelationPtr table, catalog().Find({error.schema, error.table}));
  if (!table || error.detail.find(" is still referenced from table") == std::string::npos) return table;
  for (const SqlConstraint& constraint : table->constraints) {
    if (constraint.foreign && constraint.name == error.constraint) return catalog().FindById(constraint.foreign->table);
  }
  return RelationPtr();
}

/// Whether the session's role may read the columns, of the table or of what it is a partition of; none: all of them.
Result<bool> EngineSession::MayRead(RelationPtr table, const std::vector<std::string>& columns) {
  while (table) {
    WEIR_ASSIGN_OR_RETURN(const access::Target target, TargetOf(*Access(), catalog(), *table));
    const bool named = !columns.empty() && Names(*table, columns);
    const auto may = [&](const std::string& column) {
      return (access::PrivilegesOnColumn(*Access(), current_role_, target, column) & access::kSelect) != 0;
    };
    if (access::PrivilegesOn(*Access(), current_role_, target) & access::kSelect) return true;
    if (named && std::ranges::all_of(columns, may)) return true;
    if (!table->parent) return false;
    WEIR_ASSIGN_OR_RETURN(table, catalog().FindById(*table->parent));
  }
  return false;
}

Status EngineSession::WithoutHidden(const Status& failure) {
  ErrorFields error = FieldsOf(failure);
  const bool row = error.detail.starts_with(kWholeRow);
  const bool partition = error.detail.starts_with(kPartitionKey);
  if (!row && !partition && !error.detail.starts_with(kKey)) return failure;
  if (access::IsAdmin(*Access(), current_role_)) return failure;
  std::vector<std::string> columns;
  if (partition) columns = ColumnsIn(error.detail, kPartitionKey, ") = (");
  if (!row && !partition) columns = ColumnsIn(error.detail, kKey, ")=(");
  WEIR_ASSIGN_OR_RETURN(const RelationPtr table, TableShownIn(error));
  WEIR_ASSIGN_OR_RETURN(const bool may, MayRead(table, columns));
  if (may) return failure;
  error.detail = WithoutValues(error);
  return Error(std::move(error));
}

}  // namespace weir::sql
