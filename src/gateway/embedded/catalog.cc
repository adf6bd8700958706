#include "gateway/embedded/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "gateway/embedded/catalog_keys.h"
#include "gateway/embedded/free_values.h"
#include "gateway/partition_errors.h"
#include "model/partition.h"
#include "model/table_json.h"

namespace weir {
namespace {

using nlohmann::json;

constexpr size_t kMaxAbsentTables = 4096;
constexpr size_t kMaxCachedSchemas = 256;
constexpr char kDefaultDatabase[] = "fluss";

Status TableMissing(const TablePath& path) {
  return {ErrorCode::kTableNotExist, fmt::format("table '{}' does not exist", path.ToString())};
}

std::string DatabaseValue(const DatabaseInfo& info) {
  return json{{"created", info.created_time},
              {"modified", info.modified_time},
              {"descriptor", json::parse(DatabaseDescriptorToJson(info.descriptor))}}
      .dump();
}

Result<DatabaseInfo> ParseDatabase(const std::string& key, const std::string& name, const std::string& value) {
  const json record = json::parse(value, nullptr, false);
  if (!record.is_object() || !record.contains("descriptor")) return Damaged(key, "no JSON object with a descriptor");
  DatabaseInfo info{.name = name};
  info.created_time = record.value("created", int64_t{0});
  info.modified_time = record.value("modified", int64_t{0});
  WEIR_ASSIGN_OR_RETURN(info.descriptor, DatabaseDescriptorFromJson(record["descriptor"].dump()));
  return info;
}

constexpr char kDescriptor[] = "descriptor";

/// `schema`: what the table's newest schema record says, whose text is `schema_text`. The descriptor repeats it, and it
/// is the largest part of a record: it is not read once more. Null: there is none.
Result<TableInfo> ParseTable(const std::string& key, int64_t id, const std::string& value,
                             const std::string& schema_text, const Schema* schema) {
  const std::string repeated = "\"schema\":" + schema_text + ",";
  const size_t place = schema == nullptr ? std::string::npos : value.find(repeated);
  if (place == std::string::npos) schema = nullptr;
  const std::string_view whole(value);
  const std::string_view after = schema == nullptr ? "" : whole.substr(place + repeated.size());
  const json record = schema == nullptr
                          ? json::parse(whole, nullptr, false)
                          : json::parse(std::string(whole.substr(0, place)).append(after), nullptr, false);
  if (!record.is_object() || !record.contains("descriptor")) return Damaged(key, "no JSON object with a descriptor");
  TableInfo info;
  info.table_id = id;
  info.path = {record.value("database", ""), record.value("table", "")};
  info.schema_id = record.value("schema_id", 0);
  info.created_time = record.value("created", int64_t{0});
  info.modified_time = record.value("modified", int64_t{0});
  WEIR_ASSIGN_OR_RETURN(info.descriptor, TableDescriptorFromJsonValue(record[kDescriptor], schema));
  return info;
}

/// Its descriptor is passed over.
Result<TablePath> ParsePath(const std::string& key, const std::string& value) {
  const auto is_wanted = [](int depth, json::parse_event_t event, const json& parsed) {
    return depth != 1 || event != json::parse_event_t::key || parsed != kDescriptor;
  };
  const json record = json::parse(value, is_wanted, false);
  if (!record.is_object()) return Damaged(key, "no JSON object");
  return TablePath{record.value("database", ""), record.value("table", "")};
}

// nlohmann's value() throws when a field has another type than expected.
template <typename F>
auto Guarded(const std::string& key, F parse) -> decltype(parse()) {
  try {
    return parse();
  } catch (const json::exception& error) {
    return Damaged(key, error.what());
  }
}

void PutAutoPartition(int64_t table_id, bool enabled, std::vector<KvStore::Change>* changes) {
  changes->push_back({AutoPartitionKey(table_id), enabled ? std::optional<std::string>("") : std::nullopt});
}

}  // namespace

Status DatabaseMissing(const std::string& name) {
  return {ErrorCode::kDatabaseNotExist, fmt::format("database '{}' does not exist", name)};
}

Result<std::unique_ptr<Catalog>> Catalog::Open(KvStore* store, int64_t now_ms, size_t most_tables) {
  std::unique_ptr<Catalog> catalog(new Catalog(store, most_tables));
  MutexLock lock(catalog->write_mutex_);
  WEIR_RETURN_NOT_OK(catalog->LoadCounters(now_ms));
  return catalog;
}

Status Catalog::LoadCounters(int64_t now_ms) {
  WEIR_ASSIGN_OR_RETURN(next_table_id_, ReadNumber(kNextTableId, -1));
  if (next_table_id_ < 0) {
    next_table_id_ = 0;
    return Write(
        {{kNextTableId, "0"}, {kNextPartitionId, "0"}, NewDatabase(kDefaultDatabase, {}, now_ms)});
  }
  WEIR_ASSIGN_OR_RETURN(next_partition_id_, ReadNumber(kNextPartitionId, 0));
  WEIR_ASSIGN_OR_RETURN(applied_change_, ReadNumber(kAppliedChange, 0));
  return Status::OK();
}

Result<int64_t> Catalog::ReadNumber(const std::string& key, int64_t if_missing) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store_->GetCatalog(key));
  if (!text) return if_missing;
  return ParseNumber<int64_t>(key, *text, 10);
}

Result<std::vector<std::string>> Catalog::ListNames(const std::string& prefix) const {
  std::vector<std::string> names;
  WEIR_RETURN_NOT_OK(store_->ScanCatalog(prefix, [&](std::string_view key, std::string_view) {
    names.emplace_back(key.substr(prefix.size()));
    return true;
  }));
  return names;
}

// --- databases ---

Status Catalog::CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor, int64_t now_ms) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> existing, store_->GetCatalog(DatabaseKey(name)));
  if (existing) return {ErrorCode::kDatabaseAlreadyExist, fmt::format("database '{}' exists already", name)};
  return Write({NewDatabase(name, descriptor, now_ms)});
}

KvStore::Change Catalog::NewDatabase(const std::string& name, const DatabaseDescriptor& descriptor, int64_t now_ms) {
  const DatabaseInfo info{.name = name, .descriptor = descriptor, .created_time = now_ms, .modified_time = now_ms};
  return {DatabaseKey(name), DatabaseValue(info)};
}

Status Catalog::ChangeDatabase(const std::string& name, const std::function<void(DatabaseDescriptor*)>& change,
                               int64_t now_ms) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_ASSIGN_OR_RETURN(std::optional<DatabaseInfo> info, FindDatabase(name));
  if (!info) return DatabaseMissing(name);
  change(&info->descriptor);
  info->modified_time = now_ms;
  return Write({{DatabaseKey(name), DatabaseValue(*info)}});
}

Status Catalog::DropDatabase(const std::string& name) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> existing, store_->GetCatalog(DatabaseKey(name)));
  if (!existing) return DatabaseMissing(name);
  std::string table;
  const std::string prefix = PathPrefix(name);
  WEIR_RETURN_NOT_OK(store_->ScanCatalog(prefix, [&](std::string_view key, std::string_view) {
    table = key.substr(prefix.size());
    return false;
  }));
  if (!table.empty()) {
    return {
        ErrorCode::kDatabaseNotEmpty,
        fmt::format("database '{}' is not empty: it holds table '{}'; drop with cascade removes both", name, table)};
  }
  return Write({{DatabaseKey(name), std::nullopt}});
}

Result<std::optional<DatabaseInfo>> Catalog::FindDatabase(const std::string& name) const {
  const std::string key = DatabaseKey(name);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->GetCatalog(key));
  if (!value) return std::optional<DatabaseInfo>();
  WEIR_ASSIGN_OR_RETURN(DatabaseInfo info, Guarded(key, [&] { return ParseDatabase(key, name, *value); }));
  return std::optional(std::move(info));
}

Result<std::vector<std::string>> Catalog::ListDatabases() const { return ListNames(DatabaseKey("")); }

// --- tables ---

std::string Catalog::TableValue(const TableInfo& info) {
  std::string value = json{{"database", info.path.database},
                           {"table", info.path.table},
                           {"schema_id", info.schema_id},
                           {"created", info.created_time},
                           {"modified", info.modified_time}}
                          .dump();
  value.pop_back();
  return fmt::format("{},\"{}\":{}}}", value, kDescriptor, TableDescriptorToJson(info.descriptor));
}

Status Catalog::CreateTables(const std::vector<CatalogNewTable>& tables, bool ignore_if_exists, int64_t now_ms) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  const int64_t first_partition_id = next_partition_id_;
  int64_t next_id = next_table_id_;
  std::set<TablePath> added;
  Changes changes;
  const auto add_all = [&]() WEIR_REQUIRES(write_mutex_) -> Status {
    for (const CatalogNewTable& table : tables) {
      WEIR_ASSIGN_OR_RETURN(const auto database, store_->GetCatalog(DatabaseKey(table.path.database)));
      if (!database) return DatabaseMissing(table.path.database);
      WEIR_ASSIGN_OR_RETURN(const auto existing, store_->GetCatalog(PathKey(table.path)));
      if (existing || !added.insert(table.path).second) {
        if (ignore_if_exists) continue;
        return {ErrorCode::kTableAlreadyExist, fmt::format("table '{}' exists already", table.path.ToString())};
      }
      changes.push_back({PathKey(table.path), IdText(next_id)});
      WEIR_RETURN_NOT_OK(AddTable(table, next_id++, now_ms, &changes).status());
    }
    return Status::OK();
  };
  if (Status status = add_all(); !status.ok()) {
    next_partition_id_ = first_partition_id;
    return status;
  }
  if (changes.empty()) return Status::OK();
  changes.push_back({kNextTableId, std::to_string(next_id)});
  WEIR_RETURN_NOT_OK(WriteNew(changes, first_partition_id));
  next_table_id_ = next_id;
  return Status::OK();
}

Result<std::vector<TableInfo>> Catalog::CreatePending(const std::vector<CatalogNewTable>& tables, int64_t now_ms) {
  MutexLock lock(write_mutex_);
  const int64_t first_partition_id = next_partition_id_;
  int64_t next_id = next_table_id_;
  std::vector<TableInfo> infos;
  Changes changes;
  const auto add_all = [&]() WEIR_REQUIRES(write_mutex_) -> Status {
    for (const CatalogNewTable& table : tables) {
      changes.push_back({PendingKey(next_id), table.path.database + "/" + table.path.table});
      WEIR_ASSIGN_OR_RETURN(infos.emplace_back(), AddTable(table, next_id++, now_ms, &changes));
    }
    return Status::OK();
  };
  if (Status status = add_all(); !status.ok()) {
    next_partition_id_ = first_partition_id;
    return status;
  }
  changes.push_back({kNextTableId, std::to_string(next_id)});
  WEIR_RETURN_NOT_OK(WriteNew(changes, first_partition_id));
  next_table_id_ = next_id;
  return infos;
}

Result<TableInfo> Catalog::AddTable(const CatalogNewTable& table, int64_t id, int64_t now_ms, Changes* changes) {
  TableInfo info{.path = table.path,
                       .table_id = id,
                       .schema_id = 1,
                       .descriptor = table.descriptor,
                       .created_time = now_ms,
                       .modified_time = now_ms};
  WEIR_ASSIGN_OR_RETURN(const TableOptions options, TableOptions::Parse(table.descriptor.properties));
  changes->push_back({TableKey(id), TableValue(info)});
  changes->push_back({SchemaKey(id, 1), SchemaToJson(table.descriptor.schema)});
  if (options.auto_partition.enabled) PutAutoPartition(id, true, changes);
  if (!table.partitions.empty()) {
    AddPartitions(id, table.partitions, changes);
    changes->push_back({PartitionCountKey(id), std::to_string(table.partitions.size())});
  }
  return info;
}

Status Catalog::WriteNew(const Changes& changes, int64_t first_partition_id) {
  const Status written = Write(changes);
  if (!written.ok()) next_partition_id_ = first_partition_id;
  return written;
}

Result<CatalogTablePtr> Catalog::ReplaceTable(int64_t table_id, const TableDescriptor& descriptor, int64_t now_ms) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr old, LoadTable(table_id));
  if (old == nullptr) {
    return Status(ErrorCode::kTableNotExist, fmt::format("the table with id {} does not exist", table_id));
  }
  TableInfo info = old->info;
  std::map<int32_t, Schema> schemas = *old->schemas;
  info.descriptor = descriptor;
  info.modified_time = now_ms;
  Changes changes;
  if (!(descriptor.schema == old->info.schema())) {
    info.schema_id = schemas.rbegin()->first + 1;
    schemas[info.schema_id] = descriptor.schema;
    changes.push_back({SchemaKey(table_id, info.schema_id), SchemaToJson(descriptor.schema)});
  }
  WEIR_ASSIGN_OR_RETURN(CatalogTablePtr table, MakeTable(info, std::move(schemas)));
  changes.push_back({TableKey(table_id), TableValue(info)});
  PutAutoPartition(table_id, table->options().auto_partition.enabled, &changes);
  WEIR_RETURN_NOT_OK(Write(changes));
  Forget(table_id);
  return table;
}

Result<PendingDrop> Catalog::DropTable(const TablePath& path) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> id_text, store_->GetCatalog(PathKey(path)));
  if (!id_text) return TableMissing(path);
  WEIR_ASSIGN_OR_RETURN(const int64_t table_id, ParseId(PathKey(path), *id_text));
  Changes changes{{PathKey(path), std::nullopt}};
  const PendingDrop drop = RemoveTable(table_id, &changes);
  WEIR_RETURN_NOT_OK(Write(changes));
  Forget(table_id);
  return drop;
}

PendingDrop Catalog::RemoveTable(int64_t table_id, Changes* changes) {
  const PendingDrop drop{.table_id = table_id, .partition_id = {}};
  changes->push_back({TableKey(table_id), std::nullopt});
  changes->push_back({AutoPartitionKey(table_id), std::nullopt});
  changes->push_back({DropKey(drop), ""});
  return drop;
}

Result<CatalogTablePtr> Catalog::FindTable(const TablePath& path) {
  uint64_t epoch;
  {
    MutexLock lock(cache_mutex_);
    epoch = cache_epoch_;
    if (const auto found = ids_by_path_.find(path); found != ids_by_path_.end()) {
      return *cache_.Find(found->second);
    }
    if (absent_.contains(path)) return CatalogTablePtr();
  }
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> id_text, store_->GetCatalog(PathKey(path)));
  if (!id_text) {
    KeepAbsent(path, epoch);
    return CatalogTablePtr();
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t table_id, ParseId(PathKey(path), *id_text));
  WEIR_ASSIGN_OR_RETURN(CatalogTablePtr table, FindTable(table_id));
  // Only here: a pending table is not found by the path that it will have.
  MutexLock lock(cache_mutex_);
  if (epoch == cache_epoch_ && cache_.Contains(table_id)) ids_by_path_[path] = table_id;
  return table;
}

Result<CatalogTablePtr> Catalog::FindTable(int64_t table_id) {
  uint64_t epoch;
  {
    MutexLock lock(cache_mutex_);
    if (const CatalogTablePtr* const found = cache_.Find(table_id)) return *found;
    epoch = cache_epoch_;
  }
  WEIR_ASSIGN_OR_RETURN(CatalogTablePtr table, LoadTable(table_id));
  if (table == nullptr) return table;
  MutexLock lock(cache_mutex_);
  if (epoch != cache_epoch_ || cache_.Contains(table_id)) return table;
  cache_.Add(table_id, table);
  if (cache_.size() > most_tables_) {
    ForgetPath(cache_.last().second->info);
    cache_.DropLast();
  }
  return table;
}

void Catalog::Forget(int64_t table_id) {
  MutexLock lock(cache_mutex_);
  ++cache_epoch_;
  const CatalogTablePtr* const found = cache_.Find(table_id);
  if (found == nullptr) return;
  ForgetPath((*found)->info);
  cache_.Erase(table_id);
}

/// `epoch` from before the catalog was asked.
void Catalog::KeepAbsent(const TablePath& path, uint64_t epoch) {
  MutexLock lock(cache_mutex_);
  if (epoch != cache_epoch_) return;
  if (absent_.size() == kMaxAbsentTables) absent_.clear();
  absent_.insert(path);
}

void Catalog::ForgetAbsent() {
  MutexLock lock(cache_mutex_);
  ++cache_epoch_;
  absent_.clear();
}

void Catalog::ForgetPath(const TableInfo& info) {
  const auto found = ids_by_path_.find(info.path);
  if (found != ids_by_path_.end() && found->second == info.table_id) ids_by_path_.erase(found);
}

Result<std::optional<TablePath>> Catalog::PathOf(int64_t table_id) const {
  const std::string key = TableKey(table_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->GetCatalog(key));
  if (!value) return std::optional<TablePath>();
  WEIR_ASSIGN_OR_RETURN(TablePath path, Guarded(key, [&] { return ParsePath(key, *value); }));
  return std::optional(std::move(path));
}

Result<CatalogTablePtr> Catalog::LoadTable(int64_t table_id) {
  const std::string key = TableKey(table_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->GetCatalog(key));
  if (!value) return CatalogTablePtr();

  std::map<int32_t, std::string> texts;
  const std::string prefix = SchemaPrefix(table_id);
  Status status;
  WEIR_RETURN_NOT_OK(store_->ScanCatalog(prefix, [&](std::string_view schema_key, std::string_view text) {
    const auto id = ParseNumber<int32_t>(schema_key, schema_key.substr(prefix.size()), 16);
    status = id.status();
    if (id.ok()) texts[*id] = text;
    return id.ok();
  }));
  WEIR_RETURN_NOT_OK(status);
  std::map<int32_t, Schema> schemas;
  for (const auto& [id, text] : texts) {
    WEIR_ASSIGN_OR_RETURN(schemas[id], ReadSchema(text));
  }
  const std::string newest_text = texts.empty() ? "" : texts.rbegin()->second;
  const Schema* const newest = schemas.empty() ? nullptr : &schemas.rbegin()->second;
  WEIR_ASSIGN_OR_RETURN(TableInfo info, Guarded(key, [&] {
    return ParseTable(key, table_id, *value, newest_text, newest);
  }));
  return MakeTable(std::move(info), std::move(schemas));
}

/// The leaves of a tree have the same schemas.
Result<Schema> Catalog::ReadSchema(const std::string& text) {
  {
    MutexLock lock(cache_mutex_);
    if (const Schema* const found = schemas_.Find(text)) return *found;
  }
  WEIR_ASSIGN_OR_RETURN(Schema schema, SchemaFromJson(text));
  MutexLock lock(cache_mutex_);
  if (!schemas_.Contains(text)) schemas_.Add(text, schema);
  if (schemas_.size() > kMaxCachedSchemas) schemas_.DropLast();
  return schema;
}

Result<CatalogTablePtr> Catalog::MakeTable(TableInfo info, std::map<int32_t, Schema> schemas) {
  auto context = std::make_shared<TableContext>();
  context->path = info.path;
  context->table_id = info.table_id;
  context->schema_id = info.schema_id;
  context->descriptor = info.descriptor;
  WEIR_ASSIGN_OR_RETURN(context->options, TableOptions::Parse(info.descriptor.properties));

  auto table = std::make_shared<CatalogTable>();
  table->schemas = std::make_shared<const std::map<int32_t, Schema>>(std::move(schemas));
  context->newest_schema_id = table->schemas->empty() ? info.schema_id : table->schemas->rbegin()->first;
  context->schema_by_id = [all = table->schemas, path = info.path](int32_t id) -> Result<Schema> {
    if (const auto found = all->find(id); found != all->end()) return found->second;
    return Status(ErrorCode::kSchemaNotExist,
                  fmt::format("table '{}' has no schema with id {}; its ids go from 1 to {}", path.ToString(), id,
                              all->empty() ? 0 : all->rbegin()->first));
  };
  context->reserve_auto_increment = [this, id = info.table_id](int64_t count) {
    return ReserveAutoIncrement(id, count);
  };
  context->return_auto_increment = [this, id = info.table_id](ValueRange values) {
    return ReturnAutoIncrement(id, values);
  };
  if (info.descriptor.is_partitioned()) {
    context->partition_spec = [this, keys = info.descriptor.partition_keys](int64_t id) -> Result<PartitionSpec> {
      WEIR_ASSIGN_OR_RETURN(const std::optional<CatalogPartition> partition, FindPartition(id));
      if (!partition)
        return Status(ErrorCode::kPartitionNotExists, fmt::format("there is no partition with id {}", id));
      return PartitionSpecFromName(keys, partition->name);
    };
  }
  if (info.descriptor.has_primary_key() && info.num_buckets() > 1) {
    Result<KeyLayout> layout = MakeKeyLayout(info.descriptor, context->options);
    if (layout.ok()) table->key_layout = std::make_shared<const KeyLayout>(layout.MoveValue());
  }
  table->info = std::move(info);
  table->context = std::move(context);
  return CatalogTablePtr(std::move(table));
}

Result<std::vector<std::string>> Catalog::ListTables(const std::string& database) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> existing, store_->GetCatalog(DatabaseKey(database)));
  if (!existing) return DatabaseMissing(database);
  return ListNames(PathPrefix(database));
}

Result<std::vector<int64_t>> Catalog::ListAutoPartitionedTables() const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(kAutoPartitionPrefix));
  std::vector<int64_t> ids;
  for (const std::string& name : names) {
    WEIR_ASSIGN_OR_RETURN(const int64_t id, ParseId(kAutoPartitionPrefix + name, name));
    ids.push_back(id);
  }
  return ids;
}

Result<std::vector<int64_t>> Catalog::ListTableIds(int64_t first, size_t limit) const {
  // Ids are dense but for dropped tables, so counting up finds the next ones soon.
  std::vector<int64_t> ids;
  int64_t end;
  {
    MutexLock lock(write_mutex_);
    end = next_table_id_;
  }
  for (int64_t id = first; id < end && ids.size() < limit; ++id) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->GetCatalog(TableKey(id)));
    if (value) ids.push_back(id);
  }
  return ids;
}

// --- partitions ---

void Catalog::AddPartitions(int64_t table_id, const std::vector<std::string>& names, Changes* changes) {
  for (const std::string& name : names) {
    const int64_t id = next_partition_id_++;
    changes->push_back({PartitionKey(table_id, name), IdText(id)});
    changes->push_back({PartitionIdKey(id), IdText(table_id) + "/" + name});
  }
  changes->push_back({kNextPartitionId, std::to_string(next_partition_id_)});
}

Status Catalog::CreatePartitions(const CatalogTable& table, const std::vector<std::string>& names,
                                 bool ignore_if_exists, int32_t max_partitions) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  const int64_t table_id = table.info.table_id;
  const std::string path = table.info.path.ToString();
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> table_record, store_->GetCatalog(TableKey(table_id)));
  if (!table_record) return TableMissing(table.info.path);
  std::vector<std::string> added;
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    WEIR_ASSIGN_OR_RETURN(const auto existing, store_->GetCatalog(PartitionKey(table_id, name)));
    if (!existing && seen.insert(name).second) {
      added.push_back(name);
    } else if (!ignore_if_exists) {
      return {ErrorCode::kPartitionAlreadyExists,
              fmt::format("partition '{}' of table '{}' exists already", name, path)};
    }
  }
  if (added.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const int64_t count, ReadNumber(PartitionCountKey(table_id), 0));
  const int64_t new_count = count + static_cast<int64_t>(added.size());
  if (new_count > max_partitions) {
    return {ErrorCode::kPartitionMaxNum,
            fmt::format("table '{}' has {} partitions already, and {} is the most it may have; {} not created", path,
                        count, max_partitions,
                        added.size() == 1 ? fmt::format("partition '{}' was", added.front())
                                          : fmt::format("{} more were", added.size()))};
  }
  const int64_t first_partition_id = next_partition_id_;
  Changes changes{{PartitionCountKey(table_id), std::to_string(new_count)}};
  AddPartitions(table_id, added, &changes);
  return WriteNew(changes, first_partition_id);
}

Result<int64_t> Catalog::CountPartitions(int64_t table_id) const { return ReadNumber(PartitionCountKey(table_id), 0); }

Result<PendingDrop> Catalog::DropPartition(const CatalogTable& table, const std::string& name) {
  MutexLock lock(write_mutex_);
  WEIR_RETURN_NOT_OK(AwaitChange(lock));
  const int64_t table_id = table.info.table_id;
  const std::string key = PartitionKey(table_id, name);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> id_text, store_->GetCatalog(key));
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> table_record, store_->GetCatalog(TableKey(table_id)));
  if (!id_text || !table_record) return NoSuchPartition(table.info.path, name);
  WEIR_ASSIGN_OR_RETURN(const int64_t id, ParseId(key, *id_text));
  WEIR_ASSIGN_OR_RETURN(const int64_t count, ReadNumber(PartitionCountKey(table_id), 1));
  Changes changes{{PartitionCountKey(table_id), std::to_string(count - 1)}};
  const PendingDrop drop = RemovePartition({table_id, id, name}, &changes);
  WEIR_RETURN_NOT_OK(Write(changes));
  return drop;
}

PendingDrop Catalog::RemovePartition(const CatalogPartition& partition, Changes* changes) {
  const PendingDrop drop{.table_id = partition.table_id, .partition_id = partition.partition_id};
  changes->push_back({PartitionKey(partition.table_id, partition.name), std::nullopt});
  changes->push_back({PartitionIdKey(partition.partition_id), std::nullopt});
  changes->push_back({DropKey(drop), ""});
  return drop;
}

Result<std::optional<int64_t>> Catalog::FindPartition(int64_t table_id, const std::string& name) const {
  const std::string key = PartitionKey(table_id, name);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> id_text, store_->GetCatalog(key));
  if (!id_text) return std::optional<int64_t>();
  WEIR_ASSIGN_OR_RETURN(const int64_t id, ParseId(key, *id_text));
  return std::optional(id);
}

Result<std::optional<CatalogPartition>> Catalog::FindPartition(int64_t partition_id) const {
  const std::string key = PartitionIdKey(partition_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store_->GetCatalog(key));
  if (!value) return std::optional<CatalogPartition>();
  const size_t slash = value->find('/');
  if (slash == std::string::npos) return Damaged(key, "no table id and name");
  WEIR_ASSIGN_OR_RETURN(const int64_t table_id, ParseId(key, std::string_view(*value).substr(0, slash)));
  // Partitions of a dropped table are swept later than the table.
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> table, store_->GetCatalog(TableKey(table_id)));
  if (!table) return std::optional<CatalogPartition>();
  return std::optional(CatalogPartition{table_id, partition_id, value->substr(slash + 1)});
}

Result<std::vector<CatalogPartition>> Catalog::ListPartitions(int64_t table_id) const {
  std::vector<CatalogPartition> partitions;
  const std::string prefix = PartitionPrefix(table_id);
  Status status;
  WEIR_RETURN_NOT_OK(store_->ScanCatalog(prefix, [&](std::string_view key, std::string_view value) {
    const Result<int64_t> id = ParseId(key, value);
    status = id.status();
    if (id.ok()) partitions.push_back({table_id, *id, std::string(key.substr(prefix.size()))});
    return id.ok();
  }));
  WEIR_RETURN_NOT_OK(status);
  return partitions;
}

// --- counters and drops ---

int64_t Catalog::next_table_id() const {
  MutexLock lock(write_mutex_);
  return next_table_id_;
}

Status Catalog::SkipIds(int64_t table_id, int64_t partition_id, int64_t more) {
  MutexLock lock(write_mutex_);
  const int64_t next_table_id = std::max(next_table_id_, table_id + 1) + more;
  const int64_t next_partition_id = std::max(next_partition_id_, partition_id + 1) + more;
  WEIR_RETURN_NOT_OK(Write({{kNextTableId, std::to_string(next_table_id)},
                                           {kNextPartitionId, std::to_string(next_partition_id)}}));
  next_table_id_ = next_table_id;
  next_partition_id_ = next_partition_id;
  return Status::OK();
}

Result<int64_t> Catalog::ReserveWriterIds(int64_t count) {
  MutexLock lock(write_mutex_);
  WEIR_ASSIGN_OR_RETURN(const int64_t first, ReadNumber(kNextWriterId, 0));
  WEIR_RETURN_NOT_OK(Write({{kNextWriterId, std::to_string(first + count)}}));
  return first;
}

Result<ValueRange> Catalog::ReserveAutoIncrement(int64_t table_id, int64_t count) {
  MutexLock lock(write_mutex_);
  const std::string key = AutoIncrementKey(table_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store_->GetCatalog(key));
  FreeValues unreserved;
  if (text) {
    WEIR_ASSIGN_OR_RETURN(unreserved, FreeValues::Parse(key, *text));
  }
  const ValueRange reserved = unreserved.Take(count);
  WEIR_RETURN_NOT_OK(Write({{key, unreserved.ToText()}}));
  return reserved;
}

Status Catalog::ReturnAutoIncrement(int64_t table_id, ValueRange values) {
  MutexLock lock(write_mutex_);
  const std::string key = AutoIncrementKey(table_id);
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> text, store_->GetCatalog(key));
  if (!text) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(FreeValues unreserved, FreeValues::Parse(key, *text));
  unreserved.Return(values);
  return Write({{key, unreserved.ToText()}});
}

Status Catalog::Write(const Changes& changes) {
  const Status written = store_->WriteCatalog(changes);
  const auto names_a_table = [](const KvStore::Change& change) {
    return change.value && change.key.starts_with(kPathPrefix);
  };
  if (std::ranges::any_of(changes, names_a_table)) ForgetAbsent();
  MutexLock lock(drops_mutex_);
  if (!written.ok()) drops_.reset();
  if (!drops_) return written;
  for (const KvStore::Change& change : changes) {
    if (!change.key.starts_with(kDropPrefix)) continue;
    if (change.value) {
      drops_->insert(change.key);
    } else {
      drops_->erase(change.key);
    }
  }
  return written;
}

Result<std::vector<PendingDrop>> Catalog::ListPendingDrops() {
  std::set<std::string> keys;
  {
    MutexLock lock(drops_mutex_);
    if (!drops_) {
      WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListNames(kDropPrefix));
      drops_.emplace();
      for (const std::string& name : names) drops_->insert(kDropPrefix + name);
    }
    keys = *drops_;
  }
  std::vector<PendingDrop> drops;
  for (const std::string& key : keys) {
    const std::string_view name = std::string_view(key).substr(std::string_view(kDropPrefix).size());
    const size_t slash = name.find('/');
    PendingDrop drop;
    WEIR_ASSIGN_OR_RETURN(drop.table_id, ParseId(key, name.substr(0, slash)));
    if (slash != std::string::npos) {
      WEIR_ASSIGN_OR_RETURN(drop.partition_id, ParseId(key, name.substr(slash + 1)));
    }
    drops.push_back(drop);
  }
  return drops;
}

Status Catalog::FinishDrop(const PendingDrop& drop) {
  MutexLock lock(write_mutex_);
  Changes changes;
  if (!drop.partition_id) {
    WEIR_ASSIGN_OR_RETURN(const std::vector<CatalogPartition> partitions, ListPartitions(drop.table_id));
    for (const CatalogPartition& partition : partitions) {
      changes.push_back({PartitionKey(drop.table_id, partition.name), std::nullopt});
      changes.push_back({PartitionIdKey(partition.partition_id), std::nullopt});
    }
    WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> schemas, ListNames(SchemaPrefix(drop.table_id)));
    for (const std::string& id : schemas) changes.push_back({SchemaPrefix(drop.table_id) + id, std::nullopt});
    changes.push_back({PartitionCountKey(drop.table_id), std::nullopt});
    changes.push_back({AutoIncrementKey(drop.table_id), std::nullopt});
  }
  changes.push_back({DropKey(drop), std::nullopt});
  return Write(changes);
}

}  // namespace weir
