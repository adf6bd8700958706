#include <fmt/format.h>

#include "gateway/embedded/engine.h"
#include "gateway/partition_errors.h"
#include "model/partition.h"
#include "model/sql_marks.h"

namespace weir {
namespace {

constexpr int64_t kWriterIdsAtOnce = 1000;

// OK when the error is the one that the caller wants to be ignored.
Status Ignore(bool ignored, ErrorCode code, Status status) {
  return ignored && status.code() == code ? Status::OK() : status;
}

Result<std::vector<std::string>> InitialPartitions(const TableDescriptor& descriptor) {
  WEIR_ASSIGN_OR_RETURN(const TableOptions options, TableOptions::Parse(descriptor.properties));
  if (!options.auto_partition.enabled || descriptor.partition_keys.size() != 1) return std::vector<std::string>();
  return AutoPartitionsToCreate(options.auto_partition, NowMs());
}

Status AddDefaultCompression(const std::string& compression, TableDescriptor* table) {
  WEIR_ASSIGN_OR_RETURN(const TableOptions options, TableOptions::Parse(table->properties));
  if (!compression.empty() && options.log_format == LogFormat::kArrow) {
    table->properties.try_emplace("table.log.arrow.compression.type", compression);
  }
  return Status::OK();
}

Status CheckAutoPartition(const CatalogTable& table, const PartitionSpec& spec) {
  const AutoPartitionOptions& options = table.options().auto_partition;
  if (!options.enabled) return Status::OK();
  const std::string& key = options.key.empty() ? table.info.descriptor.partition_keys.front() : options.key;
  const auto value = spec.find(key);
  if (value == spec.end()) return Status::OK();
  return CheckAutoPartitionValue(options, value->second, NowMs());
}

Result<PartitionInfo> MakePartitionInfo(const CatalogTable& table, int64_t id, const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(PartitionSpec spec, PartitionSpecFromName(table.info.descriptor.partition_keys, name));
  return PartitionInfo{.partition_id = id, .partition_name = name, .spec = std::move(spec)};
}

}  // namespace

// --- databases ---

Status Engine::CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor, bool ignore_if_exists) {
  WEIR_RETURN_NOT_OK(ValidateDatabaseName(name));
  return Ignore(ignore_if_exists, ErrorCode::kDatabaseAlreadyExist,
                catalog_->CreateDatabase(name, descriptor, NowMs()));
}

Status Engine::DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) {
  if (cascade) {
    const Result<std::vector<std::string>> tables = catalog_->ListTables(name);
    if (!tables.ok()) return Ignore(ignore_if_not_exists, ErrorCode::kDatabaseNotExist, tables.status());
    for (const std::string& table : *tables) WEIR_RETURN_NOT_OK(DropTable({name, table}, true));
  }
  return Ignore(ignore_if_not_exists, ErrorCode::kDatabaseNotExist, catalog_->DropDatabase(name));
}

Result<std::vector<std::string>> Engine::ListTables(const std::string& database) {
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> names, catalog_->ListTables(database));
  std::erase_if(names, [&](const std::string& name) { return IsIndexTable({database, name}); });
  return names;
}

Result<bool> Engine::DatabaseExists(const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(const std::optional<DatabaseInfo> info, catalog_->FindDatabase(name));
  return info.has_value();
}

Result<DatabaseInfo> Engine::GetDatabaseInfo(const std::string& name) {
  WEIR_ASSIGN_OR_RETURN(std::optional<DatabaseInfo> info, catalog_->FindDatabase(name));
  if (!info) return DatabaseMissing(name);
  return *std::move(info);
}

Status Engine::AlterDatabase(const std::string& name, const DatabaseChange& change, bool ignore_if_not_exists) {
  const auto apply = [&](DatabaseDescriptor* descriptor) {
    for (const auto& [key, value] : change.set_properties) descriptor->custom_properties[key] = value;
    for (const std::string& key : change.reset_properties) descriptor->custom_properties.erase(key);
    if (change.comment) descriptor->comment = change.comment;
  };
  return Ignore(ignore_if_not_exists, ErrorCode::kDatabaseNotExist, catalog_->ChangeDatabase(name, apply, NowMs()));
}

Result<int64_t> Engine::CountBuckets() {
  constexpr size_t kTablesAtOnce = 1000;
  int64_t buckets = 0;
  for (int64_t first = 0;;) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, catalog_->ListTableIds(first, kTablesAtOnce));
    for (const int64_t id : ids) {
      WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(id));
      if (table == nullptr) continue;
      WEIR_ASSIGN_OR_RETURN(const int64_t parts, table->info.descriptor.is_partitioned() ? catalog_->CountPartitions(id)
                                                                                         : Result<int64_t>(1));
      buckets += parts * table->info.num_buckets();
    }
    if (ids.size() < kTablesAtOnce) return buckets;
    first = ids.back() + 1;
  }
}

// --- tables ---

Result<CatalogTablePtr> Engine::RequireTable(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(CatalogTablePtr table, catalog_->FindTable(path));
  if (table == nullptr) {
    return Status(ErrorCode::kTableNotExist, fmt::format("table '{}' does not exist", path.ToString()));
  }
  return table;
}

Result<CatalogNewTable> Engine::CompleteTable(const NewTable& table) {
  WEIR_RETURN_NOT_OK(ValidateDatabaseName(table.path.database));
  WEIR_RETURN_NOT_OK(ValidateTableName(table.path.table));
  WEIR_ASSIGN_OR_RETURN(TableDescriptor complete, CompleteDescriptor(table.descriptor, settings_->limits()));
  WEIR_RETURN_NOT_OK(AddDefaultCompression(options_.log_compression, &complete));
  WEIR_ASSIGN_OR_RETURN(std::vector<std::string> partitions, InitialPartitions(complete));
  return CatalogNewTable{table.path, std::move(complete), std::move(partitions)};
}

Status Engine::CheckDatabaseOf(const TablePath& path) {
  WEIR_RETURN_NOT_OK(ValidateDatabaseName(path.database));
  WEIR_ASSIGN_OR_RETURN(const bool exists, DatabaseExists(path.database));
  return exists ? Status::OK() : DatabaseMissing(path.database);
}

Result<std::vector<CatalogNewTable>> Engine::CompleteTables(const std::vector<NewTable>& tables) {
  std::vector<CatalogNewTable> complete;
  for (const NewTable& table : tables) {
    Result<CatalogNewTable> one = CompleteTable(table);
    if (!one.ok()) return tables.size() == 1 ? one.status() : one.status().WithContext(table.path.ToString());
    complete.push_back(one.MoveValue());
  }
  return complete;
}

Status Engine::CreateTables(const std::vector<NewTable>& tables, bool ignore_if_exists) {
  for (const NewTable& table : tables) {
    const Status there = CheckDatabaseOf(table.path);
    if (!there.ok()) return tables.size() == 1 ? there : there.WithContext(table.path.ToString());
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogNewTable> complete, CompleteTables(tables));
  return catalog_->CreateTables(complete, ignore_if_exists, NowMs());
}

/// Their databases may be made by the commit that names them.
Result<std::vector<TableInfo>> Engine::CreatePendingTables(const std::vector<NewTable>& tables) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogNewTable> complete, CompleteTables(tables));
  return catalog_->CreatePending(complete, NowMs());
}

Status Engine::DropPendingTables(const std::vector<int64_t>& table_ids) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<PendingDrop> drops, catalog_->DropPending(table_ids));
  for (const PendingDrop& drop : drops) FinishMetadataDrop(drop);
  return Status::OK();
}

Result<std::vector<int32_t>> Engine::AddPendingSchemas(const std::vector<NewSchema>& schemas) {
  WEIR_ASSIGN_OR_RETURN(std::vector<int32_t> ids, catalog_->AddPendingSchemas(schemas));
  for (const NewSchema& schema : schemas) RenewTables({schema.table_id});
  return ids;
}

void Engine::RenewTables(const std::vector<int64_t>& table_ids) {
  MutexLock lock(renew_mutex_);  // what was read first is set first
  for (const int64_t id : table_ids) {
    if (!registry_->HasAny(id)) continue;  // what is opened from now on finds the table as it is
    const Result<CatalogTablePtr> table = catalog_->FindTable(id);
    if (table.ok() && *table != nullptr) registry_->SetTable((*table)->context);
  }
}

Status Engine::AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) {
  const Result<CatalogTablePtr> table = RequireTable(path);
  if (!table.ok()) return Ignore(ignore_if_not_exists, ErrorCode::kTableNotExist, table.status());
  WEIR_ASSIGN_OR_RETURN(const TableDescriptor descriptor, ApplyTableChange((*table)->info.descriptor, change));
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr altered,
                        catalog_->ReplaceTable((*table)->info.table_id, descriptor, NowMs()));
  RenewTables({altered->info.table_id});
  return MaintainAutoPartitions(*altered, NowMs());
}

Status Engine::DropTable(const TablePath& path, bool ignore_if_not_exists) {
  const Result<PendingDrop> drop = catalog_->DropTable(path);
  if (!drop.ok()) return Ignore(ignore_if_not_exists, ErrorCode::kTableNotExist, drop.status());
  FinishMetadataDrop(*drop);
  return Status::OK();
}

Result<bool> Engine::TableExists(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(path));
  return table != nullptr;
}

Result<TableInfo> Engine::GetTableInfo(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequireTable(path));
  return table->info;
}

Result<TableInfo> Engine::GetTableInfoById(int64_t table_id) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, catalog_->FindTable(table_id));
  WEIR_ASSIGN_OR_RETURN(const bool pending, catalog_->IsPending(table_id));
  if (table == nullptr || pending) {
    return Status(ErrorCode::kUnknownTableOrBucket, fmt::format("there is no table with id {}", table_id));
  }
  return table->info;
}

Result<Schema> Engine::GetSchema(const TablePath& path, int32_t schema_id) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequireTable(path));
  return table->context->schema_by_id(schema_id);
}

// --- partitions ---

Result<CatalogTablePtr> Engine::RequirePartitionedTable(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(CatalogTablePtr table, RequireTable(path));
  if (!table->info.descriptor.is_partitioned()) return NotPartitioned(path);
  return table;
}

Status Engine::CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs, bool ignore_if_exists) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequirePartitionedTable(path));
  std::vector<std::string> names;
  for (const PartitionSpec& spec : specs) {
    WEIR_ASSIGN_OR_RETURN(std::string name, PartitionName(table->info.descriptor.partition_keys, spec));
    WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> existing, catalog_->FindPartition(table->info.table_id, name));
    if (!existing) WEIR_RETURN_NOT_OK(CheckAutoPartition(*table, spec));
    names.push_back(std::move(name));
  }
  return catalog_->CreatePartitions(*table, names, ignore_if_exists, settings_->limits().max_partitions);
}

Status Engine::DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequirePartitionedTable(path));
  WEIR_ASSIGN_OR_RETURN(const std::string name, PartitionName(table->info.descriptor.partition_keys, spec));
  const Result<PendingDrop> drop = catalog_->DropPartition(*table, name);
  if (!drop.ok()) return Ignore(ignore_if_not_exists, ErrorCode::kPartitionNotExists, drop.status());
  FinishMetadataDrop(*drop);
  return Status::OK();
}

Result<std::vector<PartitionInfo>> Engine::ListPartitionInfos(const TablePath& path, const PartitionSpec& partial) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequirePartitionedTable(path));
  const std::vector<std::string>& keys = table->info.descriptor.partition_keys;
  // Also when there are no partitions: a key that is none is an error.
  WEIR_RETURN_NOT_OK(MatchesPartialSpec(keys, {}, partial).status());
  WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogPartition> all, catalog_->ListPartitions(table->info.table_id));
  std::vector<PartitionInfo> infos;
  for (const CatalogPartition& partition : all) {
    WEIR_ASSIGN_OR_RETURN(PartitionInfo info, MakePartitionInfo(*table, partition.partition_id, partition.name));
    WEIR_ASSIGN_OR_RETURN(const bool matches, MatchesPartialSpec(keys, info.spec, partial));
    if (matches) infos.push_back(std::move(info));
  }
  return infos;
}

Result<PartitionInfo> Engine::GetPartition(const TablePath& path, const std::string& partition_name) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequirePartitionedTable(path));
  WEIR_ASSIGN_OR_RETURN(const std::optional<int64_t> id, catalog_->FindPartition(table->info.table_id, partition_name));
  if (!id) return NoSuchPartition(path, partition_name);
  return MakePartitionInfo(*table, *id, partition_name);
}

Result<PartitionInfo> Engine::GetPartitionById(const TablePath& path, int64_t partition_id) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, RequirePartitionedTable(path));
  WEIR_ASSIGN_OR_RETURN(const std::optional<CatalogPartition> partition, catalog_->FindPartition(partition_id));
  if (!partition || partition->table_id != table->info.table_id) {
    return Status(ErrorCode::kPartitionNotExists,
                  fmt::format("table '{}' has no partition with id {}", path.ToString(), partition_id));
  }
  return MakePartitionInfo(*table, partition_id, partition->name);
}

Result<int64_t> Engine::InitWriter() {
  MutexLock lock(writer_ids_mutex_);
  if (next_writer_id_ == writer_ids_end_) {
    WEIR_ASSIGN_OR_RETURN(next_writer_id_, catalog_->ReserveWriterIds(kWriterIdsAtOnce));
    writer_ids_end_ = next_writer_id_ + kWriterIdsAtOnce;
  }
  return next_writer_id_++;
}

}  // namespace weir
