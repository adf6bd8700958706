#include "gateway/embedded/client_guard.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/sql_marks.h"

namespace weir {
namespace {

constexpr size_t kMostKeptRules = 10'000;

Status SystemTable(const TablePath& path) {
  return {ErrorCode::kAuthorization,
          fmt::format("table '{}' is kept by Weir itself: clients can read it and not change it", path.ToString())};
}

/// `what`: of a change that its own statement in SQL makes.
Status ThroughSql(const TablePath& path, std::string_view what) {
  return {ErrorCode::kAuthorization,
          fmt::format("table '{}' is defined in SQL: {} it there", path.ToString(), what)};
}

Status CheckNoMark(const std::string& property) {
  if (!property.starts_with(kSqlMarkPrefix)) return Status::OK();
  return {ErrorCode::kInvalidConfig,
          fmt::format("property '{}' is one of SQL's own marks: clients cannot set any that begin with '{}'", property,
                      kSqlMarkPrefix)};
}

}  // namespace

Status ClientGuard::CheckCreate(const std::vector<NewTable>& tables) {
  for (const NewTable& table : tables) {
    if (IsSystemTable(table.path)) return SystemTable(table.path);
    for (const auto& [property, value] : table.descriptor.custom_properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
    for (const auto& [property, value] : table.descriptor.properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
    WEIR_ASSIGN_OR_RETURN(const auto relation, definitions_.Find(table.path));
    if (!relation || relation->table_id() >= 0) continue;  // the Fluss table is there, which its creation says
    return {ErrorCode::kTableAlreadyExist,
            fmt::format("'{}' is a relation of SQL that has no table of its own", table.path.ToString())};
  }
  return Status::OK();
}

Status ClientGuard::CheckAlter(const TablePath& path, const TableChange& change) {
  if (IsSystemTable(path)) return SystemTable(path);
  for (const auto& [property, value] : change.set_properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
  for (const std::string& property : change.reset_properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
  if (change.add_columns.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto relation, definitions_.Find(path));
  return relation ? ThroughSql(path, "ALTER") : Status::OK();
}

Status ClientGuard::CheckDrop(const TablePath& path) {
  if (IsSystemTable(path)) return SystemTable(path);
  WEIR_ASSIGN_OR_RETURN(const bool defined, IsDefined(path));
  return defined ? ThroughSql(path, "DROP") : Status::OK();
}

Result<bool> ClientGuard::IsDefined(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const auto relation, definitions_.Find(path));
  return relation.has_value() && relation->table_id() >= 0;
}

Status ClientGuard::CheckDropDatabase(const std::string& name) {
  if (name == kSystemDatabase) {
    return {ErrorCode::kAuthorization, fmt::format("database '{}' is Weir's own and stays", name)};
  }
  WEIR_ASSIGN_OR_RETURN(const bool used, definitions_.HasRelations(name));
  if (!used) return Status::OK();
  return {ErrorCode::kDatabaseNotEmpty,
          fmt::format("database '{}' holds relations that SQL has made: drop them, or it, through SQL", name)};
}

Status ClientGuard::CheckAlterDatabase(const std::string& name, const DatabaseChange& change) {
  if (name == kSystemDatabase) {
    return {ErrorCode::kAuthorization, fmt::format("database '{}' is Weir's own and stays as it is", name)};
  }
  for (const auto& [property, value] : change.set_properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
  for (const std::string& property : change.reset_properties) WEIR_RETURN_NOT_OK(CheckNoMark(property));
  return Status::OK();
}

Status ClientGuard::CheckWrites(int64_t table_id) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(table_id));
  if (table == nullptr) return Status::OK();  // each bucket says so
  const TableInfo& info = table->info;
  if (IsSystemTable(info.path)) return SystemTable(info.path);
  if (!info.descriptor.custom_properties.contains(kIndexedProperty)) return Status::OK();
  return {ErrorCode::kAuthorization,
          fmt::format("the rows of table '{}' are kept unique by SQL: write to it through SQL", info.path.ToString())};
}

Status ClientGuard::CheckInsertsOfLookup(int64_t table_id) {
  WEIR_RETURN_NOT_OK(CheckWrites(table_id));
  WEIR_ASSIGN_OR_RETURN(const RowRulesPtr rules, RulesOf(table_id));
  if (rules == nullptr || rules->TakeKeysAlone()) return Status::OK();
  return {ErrorCode::kAuthorization, fmt::format("table '{}' is defined in SQL: a lookup cannot insert rows into it",
                                                 rules->table->info.path.ToString())};
}

Status ClientGuard::CheckLog(int64_t table_id, const std::shared_ptr<arrow::Buffer>& batches) {
  WEIR_ASSIGN_OR_RETURN(const RowRulesPtr rules, RulesOf(table_id));
  const bool is_log = rules != nullptr && !rules->schema().has_primary_key();
  return is_log ? CheckLogRecords(*rules, batches) : Status::OK();  // what is wrong for the bucket it says itself
}

Status ClientGuard::CheckKv(int64_t table_id, std::string_view batch, const std::vector<int>& target_columns) {
  WEIR_ASSIGN_OR_RETURN(const RowRulesPtr rules, RulesOf(table_id));
  const bool has_rows = rules != nullptr && rules->schema().has_primary_key();
  return has_rows ? CheckKvRecords(*rules, batch, target_columns) : Status::OK();
}

void ClientGuard::Forget() {
  MutexLock lock(mutex_);
  ++generation_;
  rules_.clear();
}

bool ClientGuard::ChangesDefinitions(const CommitRequest& request) {
  if (!request.metadata.empty()) return true;
  return std::ranges::any_of(request.kv, [&](const PutKvRequest& put) {
    const auto table = catalog_->FindTable(put.table_id);
    return table.ok() && *table != nullptr && SqlDefinitions::IsIn((*table)->info.path);
  });
}

Result<RowRulesPtr> ClientGuard::RulesOf(int64_t table_id) {
  uint64_t generation = 0;
  {
    MutexLock lock(mutex_);
    if (const auto known = rules_.find(table_id); known != rules_.end()) return known->second;
    generation = generation_;
  }
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(table_id));
  if (table == nullptr) return RowRulesPtr();
  WEIR_ASSIGN_OR_RETURN(RowRulesPtr rules, FindRowRules(table, &definitions_));
  MutexLock lock(mutex_);
  if (generation == generation_) {
    if (rules_.size() >= kMostKeptRules) rules_.clear();
    rules_.emplace(table_id, rules);
  }
  return rules;
}

}  // namespace weir
