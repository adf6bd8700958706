#include "gateway/embedded/catalog_change.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "gateway/embedded/catalog_keys.h"
#include "model/table_json.h"

namespace weir {

using nlohmann::json;

namespace {

json AlterationToJson(const TableAlteration& alteration) {
  return {{"table", alteration.table_id},
          {"path", {alteration.path.database, alteration.path.table}},
          {"schemas", {alteration.old_schema_id, alteration.schema_id}},
          {"properties", alteration.properties},
          {"custom_properties", alteration.custom_properties}};
}

TableAlteration AlterationFromJson(const json& item) {
  TableAlteration alteration;
  item.at("table").get_to(alteration.table_id);
  item.at("path").at(0).get_to(alteration.path.database);
  item.at("path").at(1).get_to(alteration.path.table);
  item.at("schemas").at(0).get_to(alteration.old_schema_id);
  item.at("schemas").at(1).get_to(alteration.schema_id);
  item.at("properties").get_to(alteration.properties);
  item.at("custom_properties").get_to(alteration.custom_properties);
  return alteration;
}

/// Keys are named by columns, which may have other names in the new schema, at the same places.
std::vector<std::string> RenamedKeys(const std::vector<std::string>& keys, const Schema& from, const Schema& to) {
  std::vector<std::string> renamed;
  for (const std::string& key : keys) renamed.push_back(to.column(from.IndexOf(key)).name);
  return renamed;
}

Status CheckNewSchema(const CatalogTable& table, const Schema& schema) {
  const Schema& now = table.info.schema();
  const auto refuse = [&](std::string_view why) {
    return Status(ErrorCode::kInvalidAlterTable, fmt::format("table '{}': {}", table.info.path.ToString(), why));
  };
  if (schema.num_columns() < now.num_columns()) return refuse("a new schema has all columns of the one before");
  for (int i = 0; i < now.num_columns(); ++i) {
    const bool same = schema.column(i).id == now.column(i).id &&
                      schema.column(i).type.WithNullable(true) == now.column(i).type.WithNullable(true);
    if (!same) return refuse(fmt::format("column '{}' has another type or id in the new schema", now.column(i).name));
  }
  if (schema.primary_key().size() != now.primary_key().size()) return refuse("a primary key cannot be changed");
  if (table.schemas->rbegin()->first >= std::numeric_limits<int16_t>::max()) return refuse("it has too many schemas");
  return Status::OK();
}

}  // namespace

std::string EncodeCatalogChange(const CatalogChangeRecord& record) {
  json alterations = json::array();
  for (const TableAlteration& alteration : record.change.alter_tables) {
    alterations.push_back(AlterationToJson(alteration));
  }
  return json{{"number", record.number},
              {"time", record.time_ms},
              {"create_databases", record.change.create_databases},
              {"drop_databases", record.change.drop_databases},
              {"create_tables", record.change.create_tables},
              {"drop_tables", record.change.drop_tables},
              {"drop_partitions", record.change.drop_partitions},
              {"alter_tables", std::move(alterations)}}
      .dump();
}

Result<CatalogChangeRecord> DecodeCatalogChange(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    CatalogChangeRecord record;
    parsed.at("number").get_to(record.number);
    parsed.at("time").get_to(record.time_ms);
    parsed.at("create_databases").get_to(record.change.create_databases);
    parsed.at("drop_databases").get_to(record.change.drop_databases);
    parsed.at("create_tables").get_to(record.change.create_tables);
    parsed.at("drop_tables").get_to(record.change.drop_tables);
    parsed.at("drop_partitions").get_to(record.change.drop_partitions);
    for (const json& item : parsed.value("alter_tables", json::array())) {
      record.change.alter_tables.push_back(AlterationFromJson(item));
    }
    return record;
  } catch (const json::exception& error) {
    return Status(ErrorCode::kCorruptMessage,
                  fmt::format("the commit journal holds a broken change of metadata: {}", error.what()));
  }
}

std::vector<PendingDrop> CatalogChange::Drops() const {
  std::vector<PendingDrop> drops;
  for (const int64_t id : record_.change.drop_tables) drops.push_back({id, {}});
  for (const int64_t id : record_.change.drop_partitions) {
    const Result<std::optional<CatalogPartition>> partition = catalog_->FindPartition(id);
    if (partition.ok() && *partition) drops.push_back({(*partition)->table_id, id});
  }
  return drops;
}

Result<std::vector<CatalogTablePtr>> CatalogChange::AlteredTables() {
  WEIR_ASSIGN_OR_RETURN(altered_, catalog_->AlteredTables(record_));
  return altered_;
}

Status CatalogChange::Apply() {
  const Status applied = catalog_->Apply(record_, altered_);
  Release(applied);
  return applied;
}

void CatalogChange::Release(const Status& doubt) {
  if (!std::exchange(released_, true)) catalog_->EndChange(doubt);
}

// --- the catalog's part ---

Status Catalog::AwaitChange(MutexLock& lock) {
  change_ended_.wait(lock.native(), [&]() WEIR_REQUIRES(write_mutex_) { return !changing_; });
  return doubt_;
}

Result<std::shared_ptr<CatalogChange>> Catalog::BeginChange(const MetadataChange& change, int64_t now_ms) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_RETURN_NOT_OK(CheckChange(change));
  changing_ = true;
  return std::make_shared<CatalogChange>(this, CatalogChangeRecord{applied_change_ + 1, now_ms, change});
}

void Catalog::EndChange(const Status& doubt) {
  MutexLock lock(write_mutex_);
  changing_ = false;
  if (!doubt.ok()) {
    doubt_ = {ErrorCode::kUnknownServerError,
              "names cannot be changed before the database is opened again: " + doubt.message()};
  }
  change_ended_.notify_all();
}

Status Catalog::CheckChange(const MetadataChange& change) const {
  const std::set<int64_t> dropped(change.drop_tables.begin(), change.drop_tables.end());
  WEIR_RETURN_NOT_OK(CheckDatabases(change, dropped));
  return CheckNewTables(change, dropped);
}

Status Catalog::CheckDatabases(const MetadataChange& change, const std::set<int64_t>& dropped) const {
  WEIR_ASSIGN_OR_RETURN(const auto names, NewNames(change));
  for (const std::string& name : change.drop_databases) {
    const auto leaves = [&](int64_t id) {
      const auto moved = names.find(id);
      return dropped.contains(id) || (moved != names.end() && moved->second.database != name);
    };
    WEIR_ASSIGN_OR_RETURN(const auto database, store_->GetCatalog(DatabaseKey(name)));
    if (!database) return {ErrorCode::kDatabaseNotExist, fmt::format("database '{}' does not exist", name)};
    Status empty;
    const std::string prefix = PathPrefix(name);
    WEIR_RETURN_NOT_OK(store_->ScanCatalog(prefix, [&](std::string_view key, std::string_view value) {
      const Result<int64_t> id = ParseId(key, value);
      empty = id.status();
      if (id.ok() && !leaves(*id)) {
        empty = {ErrorCode::kDatabaseNotEmpty,
                 fmt::format("database '{}' is not empty: it holds table '{}'", name, key.substr(prefix.size()))};
      }
      return empty.ok();
    }));
    WEIR_RETURN_NOT_OK(empty);
  }
  const std::set<std::string> gone(change.drop_databases.begin(), change.drop_databases.end());
  for (const std::string& name : change.create_databases) {
    WEIR_ASSIGN_OR_RETURN(const auto database, store_->GetCatalog(DatabaseKey(name)));
    if (!database || gone.contains(name)) continue;
    return {ErrorCode::kDatabaseAlreadyExist, fmt::format("database '{}' exists already", name)};
  }
  return Status::OK();
}

/// The names that tables take with a change: new tables, and those that it calls otherwise.
Result<std::map<int64_t, TablePath>> Catalog::NewNames(const MetadataChange& change) const {
  std::map<int64_t, TablePath> names;
  for (const int64_t id : change.create_tables) {
    WEIR_ASSIGN_OR_RETURN(names[id], PendingPath(id));
  }
  for (const TableAlteration& alteration : change.alter_tables) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<TablePath> path, PathOf(alteration.table_id));
    if (!path)
      return Status(ErrorCode::kTableNotExist, fmt::format("there is no table with id {}", alteration.table_id));
    if (names.contains(alteration.table_id) || *path != alteration.path) names[alteration.table_id] = alteration.path;
  }
  return names;
}

Status Catalog::CheckNewTables(const MetadataChange& change, const std::set<int64_t>& dropped) const {
  const std::set<std::string> gone(change.drop_databases.begin(), change.drop_databases.end());
  const std::set<std::string> made(change.create_databases.begin(), change.create_databases.end());
  WEIR_ASSIGN_OR_RETURN(const auto names, NewNames(change));
  for (const auto& [id, path] : names) {
    WEIR_ASSIGN_OR_RETURN(const auto holder, store_->GetCatalog(PathKey(path)));
    if (holder) {
      WEIR_ASSIGN_OR_RETURN(const int64_t held_by, ParseId(PathKey(path), *holder));
      if (!dropped.contains(held_by) && !names.contains(held_by)) {
        return {ErrorCode::kTableAlreadyExist, fmt::format("table '{}' exists already", path.ToString())};
      }
    }
    if (made.contains(path.database)) continue;
    WEIR_ASSIGN_OR_RETURN(const auto database, store_->GetCatalog(DatabaseKey(path.database)));
    if (!database || gone.contains(path.database)) {
      return {ErrorCode::kDatabaseNotExist, fmt::format("database '{}' does not exist", path.database)};
    }
  }
  return Status::OK();
}

Result<TablePath> Catalog::PendingPath(int64_t table_id) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> path, store_->GetCatalog(PendingKey(table_id)));
  if (!path) {
    return Status(ErrorCode::kTableNotExist, fmt::format("there is no pending table with id {}", table_id));
  }
  const size_t slash = path->find('/');
  if (slash == std::string::npos) return Damaged(PendingKey(table_id), "it names no table");
  return TablePath{path->substr(0, slash), path->substr(slash + 1)};
}

// --- after the commit point ---

Status Catalog::Redo(std::string_view text) {
  WEIR_ASSIGN_OR_RETURN(const CatalogChangeRecord record, DecodeCatalogChange(text));
  {
    MutexLock lock(write_mutex_);
    if (record.number <= applied_change_) return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogTablePtr> altered, AlteredTables(record));
  return Apply(record, altered);
}

Result<bool> Catalog::IsApplied(std::string_view text) const {
  WEIR_ASSIGN_OR_RETURN(const CatalogChangeRecord record, DecodeCatalogChange(text));
  MutexLock lock(write_mutex_);
  return record.number <= applied_change_;
}

Status Catalog::Apply(const CatalogChangeRecord& record, const std::vector<CatalogTablePtr>& altered) {
  MutexLock lock(write_mutex_);
  const MetadataChange& change = record.change;
  Changes changes;
  WEIR_RETURN_NOT_OK(AddDrops(change, &changes));
  for (const std::string& name : change.drop_databases) changes.push_back({DatabaseKey(name), std::nullopt});
  for (const std::string& name : change.create_databases) {
    changes.push_back(NewDatabase(name, {}, record.time_ms));
  }
  WEIR_ASSIGN_OR_RETURN(const auto names, NewNames(change));
  WEIR_RETURN_NOT_OK(AddAlterations(altered, names, &changes));
  for (const auto& [id, path] : names) changes.push_back({PathKey(path), IdText(id)});
  for (const int64_t id : change.create_tables) changes.push_back({PendingKey(id), std::nullopt});
  changes.push_back({kAppliedChange, std::to_string(record.number)});
  WEIR_RETURN_NOT_OK(Write(changes));
  applied_change_ = record.number;
  for (const int64_t id : change.drop_tables) Forget(id);
  for (const TableAlteration& alteration : change.alter_tables) Forget(alteration.table_id);
  return Status::OK();
}

/// Names that tables leave, and the tables themselves; the names that they take come after all that are left.
Status Catalog::AddAlterations(const std::vector<CatalogTablePtr>& altered, const std::map<int64_t, TablePath>& names,
                               Changes* changes) {
  for (const CatalogTablePtr& table : altered) {
    const int64_t id = table->info.table_id;
    if (names.contains(id)) {
      WEIR_ASSIGN_OR_RETURN(const std::optional<TablePath> path, PathOf(id));
      WEIR_ASSIGN_OR_RETURN(const bool pending, IsPending(id));
      if (!pending && *path != table->info.path) changes->push_back({PathKey(*path), std::nullopt});
    }
    changes->push_back({TableKey(id), TableValue(table->info)});
  }
  return Status::OK();
}

Result<std::vector<CatalogTablePtr>> Catalog::AlteredTables(const CatalogChangeRecord& record) {
  std::vector<CatalogTablePtr> tables;
  for (const TableAlteration& alteration : record.change.alter_tables) {
    WEIR_ASSIGN_OR_RETURN(tables.emplace_back(), Altered(alteration, record.time_ms));
  }
  return tables;
}

Result<CatalogTablePtr> Catalog::Altered(const TableAlteration& alteration, int64_t now_ms) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, FindTable(alteration.table_id));
  if (table == nullptr) {
    return Status(ErrorCode::kTableNotExist, fmt::format("there is no table with id {}", alteration.table_id));
  }
  TableInfo info = table->info;
  if (info.schema_id != alteration.old_schema_id) {
    return Status(ErrorCode::kInvalidAlterTable,
                  fmt::format("the columns of table '{}' were changed meanwhile", info.path.ToString()));
  }
  WEIR_ASSIGN_OR_RETURN(Schema schema, table->context->schema_by_id(alteration.schema_id));
  TableDescriptor& descriptor = info.descriptor;
  descriptor.bucket_keys = RenamedKeys(descriptor.bucket_keys, descriptor.schema, schema);
  descriptor.schema = std::move(schema);
  descriptor.properties = alteration.properties;
  descriptor.custom_properties = alteration.custom_properties;
  info.path = alteration.path;
  info.schema_id = alteration.schema_id;
  info.modified_time = now_ms;
  return MakeTable(std::move(info), *table->schemas);
}

// --- pending schemas ---

Result<std::vector<int32_t>> Catalog::AddPendingSchemas(const std::vector<NewSchema>& schemas) {
  MutexLock lock(write_mutex_);
  std::vector<int32_t> ids;
  Changes changes;
  for (const NewSchema& added : schemas) {
    WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr table, FindTable(added.table_id));
    if (table == nullptr) {
      return Status(ErrorCode::kTableNotExist, fmt::format("there is no table with id {}", added.table_id));
    }
    WEIR_RETURN_NOT_OK(CheckNewSchema(*table, added.schema));
    ids.push_back(table->schemas->rbegin()->first + 1);
    changes.push_back({SchemaKey(added.table_id, ids.back()), SchemaToJson(added.schema)});
  }
  WEIR_RETURN_NOT_OK(Write(changes));
  for (const NewSchema& added : schemas) Forget(added.table_id);
  return ids;
}

Status Catalog::AddDrops(const MetadataChange& change, Changes* changes) {
  for (const int64_t id : change.drop_tables) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<TablePath> path, PathOf(id));
    if (!path) continue;
    WEIR_ASSIGN_OR_RETURN(const bool pending, IsPending(id));
    changes->push_back({pending ? PendingKey(id) : PathKey(*path), std::nullopt});
    RemoveTable(id, changes);
  }
  std::map<int64_t, int64_t> fewer;  // partitions, by table
  for (const int64_t id : change.drop_partitions) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<CatalogPartition> partition, FindPartition(id));
    if (!partition) continue;
    RemovePartition(*partition, changes);
    ++fewer[partition->table_id];
  }
  for (const auto& [table_id, count] : fewer) {
    WEIR_ASSIGN_OR_RETURN(const int64_t before, ReadNumber(PartitionCountKey(table_id), count));
    changes->push_back({PartitionCountKey(table_id), std::to_string(before - count)});
  }
  return Status::OK();
}

// --- pending tables ---

Result<bool> Catalog::IsPending(int64_t table_id) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> record, store_->GetCatalog(PendingKey(table_id)));
  return record.has_value();
}

Result<std::vector<int64_t>> Catalog::ListPending() const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(kPendingPrefix));
  std::vector<int64_t> ids;
  for (const std::string& name : names) {
    WEIR_ASSIGN_OR_RETURN(ids.emplace_back(), ParseId(kPendingPrefix + name, name));
  }
  return ids;
}

Result<std::vector<PendingDrop>> Catalog::DropPending(const std::vector<int64_t>& table_ids) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  std::vector<PendingDrop> drops;
  Changes changes;
  for (const int64_t id : table_ids) {
    WEIR_ASSIGN_OR_RETURN(const bool pending, IsPending(id));
    if (!pending) continue;
    changes.push_back({PendingKey(id), std::nullopt});
    drops.push_back(RemoveTable(id, &changes));
  }
  if (drops.empty()) return drops;
  WEIR_RETURN_NOT_OK(Write(changes));
  for (const PendingDrop& drop : drops) Forget(drop.table_id);
  return drops;
}

}  // namespace weir
