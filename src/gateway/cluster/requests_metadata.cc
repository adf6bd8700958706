// Databases, tables and partitions.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "format/wire/translate.h"
#include "gateway/cluster/ask.h"
#include "gateway/cluster/requests.h"
#include "gateway/cluster/table_search.h"
#include "gateway/partition_errors.h"
#include "model/partition.h"
#include "model/table_json.h"
#include "model/table_rules.h"

namespace weir {
namespace {

using wire::ApiKey;
using Role = ClusterSession::Role;

enum AlterOperation { kSet = 0, kDelete = 1 };
constexpr int kColumnPositionLast = 0;

void SetSpec(const PartitionSpec& spec, wire::PartitionSpec* out) {
  for (const auto& [key, value] : spec) {
    wire::KeyValue* pair = out->add_partition_key_values();
    pair->set_key(key);
    pair->set_value(value);
  }
}

void SetColumn(const Column& column, wire::AddColumn* out) {
  out->set_column_name(column.name);
  out->set_data_type_json(DataTypeToJson(column.type));
  out->set_column_position_type(kColumnPositionLast);
  if (column.comment) out->set_comment(*column.comment);
  if (!column.agg_function) return;
  out->set_agg_function_type(column.agg_function->type);
  for (const auto& [key, value] : column.agg_function->parameters) {
    wire::KeyValue* pair = out->add_agg_function_params();
    pair->set_key(key);
    pair->set_value(value);
  }
}

Result<std::vector<std::string>> ToNames(const google::protobuf::RepeatedPtrField<std::string>& names) {
  return std::vector<std::string>(names.begin(), names.end());
}

/// Servers send a partition's values in the order of the keys, of which its name is made.
PartitionInfo ToInfo(const wire::PartitionInfo& message) {
  PartitionInfo info{message.partition_id(), {}, ToSpec(message.partition_spec())};
  std::vector<std::string_view> values;
  for (const wire::KeyValue& pair : message.partition_spec().partition_key_values()) values.push_back(pair.value());
  info.partition_name = fmt::format("{}", fmt::join(values, "$"));
  return info;
}

}  // namespace

void OpenSession(const SessionPtr& session, const Promise<Unit>& promise) {
  session->Open([promise](const Status& status) { promise.Complete(status.ok() ? Result<Unit>(Unit{}) : status); });
}

namespace {

constexpr std::array kCallsOfAny{ApiKey::kDatabaseExists, ApiKey::kGetDatabaseInfo, ApiKey::kListDatabases,
                                 ApiKey::kListTables, ApiKey::kTableExists, ApiKey::kGetTableInfo,
                                 ApiKey::kGetTableSchema, ApiKey::kListPartitionInfos};
constexpr std::array kCallsOfCoordinator{ApiKey::kCreateDatabase, ApiKey::kDropDatabase, ApiKey::kCreateTable,
                                         ApiKey::kDropTable, ApiKey::kCreatePartition, ApiKey::kDropPartition};
constexpr std::array kCallsOfTablets{ApiKey::kInitWriter, ApiKey::kProduceLog, ApiKey::kFetchLog, ApiKey::kPutKv,
                                     ApiKey::kLookup, ApiKey::kPrefixLookup, ApiKey::kLimitScan, ApiKey::kListOffsets};

template <size_t kCalls>
std::vector<ApiKey> WithCallsOfAny(const std::array<ApiKey, kCalls>& calls) {
  std::vector<ApiKey> all(calls.begin(), calls.end());
  all.insert(all.end(), kCallsOfAny.begin(), kCallsOfAny.end());
  return all;
}

}  // namespace

void CheckCallsOfSql(const SessionPtr& session, const Promise<Unit>& promise) {
  const auto checked = [promise](const Status& status) {
    const Status told = status.WithContext("SQL on a cluster wants Apache Fluss 0.9.1 or a later one");
    promise.Complete(status.ok() ? Result<Unit>(Unit{}) : told);
  };
  session->CheckCalls(WithCallsOfAny(kCallsOfCoordinator), WithCallsOfAny(kCallsOfTablets), checked);
}

// --- databases ---

void CreateDatabase(const SessionPtr& session, const std::string& name, const DatabaseDescriptor& descriptor,
                    bool ignore_if_exists, const Promise<Unit>& promise) {
  wire::CreateDatabaseRequest request;
  request.set_database_name(name);
  request.set_ignore_if_exists(ignore_if_exists);
  request.set_database_json(DatabaseDescriptorToJson(descriptor));
  Change<wire::CreateDatabaseResponse>(session, ApiKey::kCreateDatabase, request, promise);
}

void DropDatabase(const SessionPtr& session, const std::string& name, bool ignore_if_not_exists, bool cascade,
                  const Promise<Unit>& promise) {
  wire::DropDatabaseRequest request;
  request.set_database_name(name);
  request.set_ignore_if_not_exists(ignore_if_not_exists);
  request.set_cascade(cascade);
  Change<wire::DropDatabaseResponse>(session, ApiKey::kDropDatabase, request, promise);
}

void ListDatabases(const SessionPtr& session, const Promise<std::vector<std::string>>& promise) {
  Ask<wire::ListDatabasesResponse>(
      session, Role::kAny, ApiKey::kListDatabases, wire::ListDatabasesRequest(), promise,
      [](const wire::ListDatabasesResponse& response) { return ToNames(response.database_name()); });
}

void DatabaseExists(const SessionPtr& session, const std::string& name, const Promise<bool>& promise) {
  wire::DatabaseExistsRequest request;
  request.set_database_name(name);
  Ask<wire::DatabaseExistsResponse>(
      session, Role::kAny, ApiKey::kDatabaseExists, request, promise,
      [](const wire::DatabaseExistsResponse& response) -> Result<bool> { return response.exists(); });
}

void GetDatabaseInfo(const SessionPtr& session, const std::string& name, const Promise<DatabaseInfo>& promise) {
  wire::GetDatabaseInfoRequest request;
  request.set_database_name(name);
  const auto convert = [name](const wire::GetDatabaseInfoResponse& response) -> Result<DatabaseInfo> {
    WEIR_ASSIGN_OR_RETURN(DatabaseDescriptor descriptor, DatabaseDescriptorFromJson(response.database_json()));
    return DatabaseInfo{name, std::move(descriptor), response.created_time(), response.modified_time()};
  };
  Ask<wire::GetDatabaseInfoResponse>(session, Role::kAny, ApiKey::kGetDatabaseInfo, request, promise, convert);
}

// --- tables ---

void CreateTable(const SessionPtr& session, const TablePath& path, const TableDescriptor& descriptor,
                 bool ignore_if_exists, const Promise<Unit>& promise) {
  const Result<TableDescriptor> normal = NormalizeDescriptor(descriptor);
  if (!normal.ok()) return promise.Complete(normal.status());
  wire::CreateTableRequest request;
  SetPath(path, request.mutable_table_path());
  request.set_table_json(TableDescriptorToJson(*normal));
  request.set_ignore_if_exists(ignore_if_exists);
  Change<wire::CreateTableResponse>(session, ApiKey::kCreateTable, request, promise);
}

namespace {

/// Several things to make on a cluster, which makes one at a time: all of them, or none.
struct Creation {
  size_t count;
  bool ignore_if_exists;
  ErrorCode exists;
  /// An error when it is there already: so this knows what it made itself.
  std::function<void(size_t, const Promise<Unit>&)> make;
  std::function<void(size_t, const Promise<Unit>&)> drop;
  Promise<Unit> promise;
  size_t next = 0;
  std::vector<size_t> made;
};
using CreationPtr = std::shared_ptr<Creation>;

void Undo(const CreationPtr& creation, const Status& reason) {
  if (creation->made.empty()) return creation->promise.Complete(reason);
  const size_t last = creation->made.back();
  creation->made.pop_back();
  Promise<Unit> dropped;
  creation->drop(last, dropped);
  dropped.future().Then([creation, reason](const Result<Unit>&) { Undo(creation, reason); });
}

void MakeNext(const CreationPtr& creation) {
  if (creation->next == creation->count) return creation->promise.Complete(Unit{});
  const size_t i = creation->next++;
  Promise<Unit> made;
  creation->make(i, made);
  made.future().Then([creation, i](const Result<Unit>& result) {
    const bool existed = result.status().code() == creation->exists;
    if (!result.ok() && !(existed && creation->ignore_if_exists)) return Undo(creation, result.status());
    if (result.ok()) creation->made.push_back(i);
    MakeNext(creation);
  });
}

}  // namespace

void CreateTables(const SessionPtr& session, const std::vector<NewTable>& tables, bool ignore_if_exists,
                  const Promise<Unit>& promise) {
  const auto make = [session, tables](size_t i, const Promise<Unit>& made) {
    CreateTable(session, tables[i].path, tables[i].descriptor, false, made);
  };
  const auto drop = [session, tables](size_t i, const Promise<Unit>& dropped) {
    DropTable(session, tables[i].path, true, dropped);
  };
  MakeNext(std::make_shared<Creation>(
      Creation{tables.size(), ignore_if_exists, ErrorCode::kTableAlreadyExist, make, drop, promise}));
}

void CreatePartitions(const SessionPtr& session, const TablePath& path, const std::vector<PartitionSpec>& specs,
                      bool ignore_if_exists, const Promise<Unit>& promise) {
  const auto make = [session, path, specs](size_t i, const Promise<Unit>& made) {
    CreatePartition(session, path, specs[i], false, made);
  };
  const auto drop = [session, path, specs](size_t i, const Promise<Unit>& dropped) {
    DropPartition(session, path, specs[i], true, dropped);
  };
  MakeNext(std::make_shared<Creation>(
      Creation{specs.size(), ignore_if_exists, ErrorCode::kPartitionAlreadyExists, make, drop, promise}));
}

void AlterTable(const SessionPtr& session, const TablePath& path, const TableChange& change,
                bool ignore_if_not_exists, const Promise<Unit>& promise) {
  wire::AlterTableRequest request;
  SetPath(path, request.mutable_table_path());
  request.set_ignore_if_not_exists(ignore_if_not_exists);
  for (const auto& [key, value] : change.set_properties) {
    wire::AlterConfig* config = request.add_config_changes();
    config->set_config_key(key);
    config->set_config_value(value);
    config->set_op_type(kSet);
  }
  for (const std::string& key : change.reset_properties) {
    wire::AlterConfig* config = request.add_config_changes();
    config->set_config_key(key);
    config->set_op_type(kDelete);
  }
  for (const Column& column : change.add_columns) SetColumn(column, request.add_add_columns());
  Change<wire::AlterTableResponse>(session, ApiKey::kAlterTable, request, promise);
}

void DropTable(const SessionPtr& session, const TablePath& path, bool ignore_if_not_exists,
               const Promise<Unit>& promise) {
  wire::DropTableRequest request;
  SetPath(path, request.mutable_table_path());
  request.set_ignore_if_not_exists(ignore_if_not_exists);
  session->metadata().ForgetPath(path);
  Change<wire::DropTableResponse>(session, ApiKey::kDropTable, request, promise);
}

void ListTables(const SessionPtr& session, const std::string& database,
                const Promise<std::vector<std::string>>& promise) {
  wire::ListTablesRequest request;
  request.set_database_name(database);
  Ask<wire::ListTablesResponse>(
      session, Role::kAny, ApiKey::kListTables, request, promise,
      [](const wire::ListTablesResponse& response) { return ToNames(response.table_name()); });
}

void TableExists(const SessionPtr& session, const TablePath& path, const Promise<bool>& promise) {
  wire::TableExistsRequest request;
  SetPath(path, request.mutable_table_path());
  Ask<wire::TableExistsResponse>(
      session, Role::kAny, ApiKey::kTableExists, request, promise,
      [](const wire::TableExistsResponse& response) -> Result<bool> { return response.exists(); });
}

void GetTableInfo(const SessionPtr& session, const TablePath& path, const Promise<TableInfo>& promise) {
  AskTableInfo(session, path, [promise](const Result<TableInfo>& info) { promise.Complete(info); });
}

void GetTableInfoById(const SessionPtr& session, int64_t table_id, const Promise<TableInfo>& promise) {
  SearchTable(session, table_id, [promise](const Result<TableInfo>& info) { promise.Complete(info); });
}

void GetSchema(const SessionPtr& session, const TablePath& path, int32_t schema_id, const Promise<Schema>& promise) {
  wire::GetTableSchemaRequest request;
  SetPath(path, request.mutable_table_path());
  request.set_schema_id(schema_id);
  Ask<wire::GetTableSchemaResponse>(
      session, Role::kAny, ApiKey::kGetTableSchema, request, promise,
      [](const wire::GetTableSchemaResponse& response) { return SchemaFromJson(response.schema_json()); });
}

// --- partitions ---

void CreatePartition(const SessionPtr& session, const TablePath& path, const PartitionSpec& spec,
                     bool ignore_if_exists, const Promise<Unit>& promise) {
  wire::CreatePartitionRequest request;
  SetPath(path, request.mutable_table_path());
  SetSpec(spec, request.mutable_partition_spec());
  request.set_ignore_if_exists(ignore_if_exists);
  Change<wire::CreatePartitionResponse>(session, ApiKey::kCreatePartition, request, promise);
}

void DropPartition(const SessionPtr& session, const TablePath& path, const PartitionSpec& spec,
                   bool ignore_if_not_exists, const Promise<Unit>& promise) {
  wire::DropPartitionRequest request;
  SetPath(path, request.mutable_table_path());
  SetSpec(spec, request.mutable_partition_spec());
  request.set_ignore_if_not_exists(ignore_if_not_exists);
  Change<wire::DropPartitionResponse>(session, ApiKey::kDropPartition, request, promise);
}

void ListPartitionInfos(const SessionPtr& session, const TablePath& path, const PartitionSpec& partial,
                        const Promise<std::vector<PartitionInfo>>& promise) {
  wire::ListPartitionInfosRequest request;
  SetPath(path, request.mutable_table_path());
  if (!partial.empty()) SetSpec(partial, request.mutable_partial_partition_spec());
  const auto convert = [](const wire::ListPartitionInfosResponse& response) -> Result<std::vector<PartitionInfo>> {
    std::vector<PartitionInfo> infos;
    for (const wire::PartitionInfo& info : response.partitions_info()) infos.push_back(ToInfo(info));
    std::ranges::sort(infos, {}, &PartitionInfo::partition_name);
    return infos;
  };
  Ask<wire::ListPartitionInfosResponse>(session, Role::kAny, ApiKey::kListPartitionInfos, request, promise, convert);
}

namespace {

/// A search for one partition, by name or id.
struct PartitionQuery {
  TablePath path;
  std::optional<std::string> name;
  int64_t id = -1;
  Promise<PartitionInfo> promise;
  bool asked_anew = false;  // for the table

  bool Matches(const wire::PartitionMetadata& partition) const {
    return name ? partition.partition_name() == *name : partition.partition_id() == id;
  }
  Status Missing() const {
    if (name) return NoSuchPartition(path, *name);
    return {ErrorCode::kPartitionNotExists, fmt::format("table '{}' has no partition with id {}", path.ToString(), id)};
  }
};
using QueryPtr = std::shared_ptr<PartitionQuery>;

void AskForPartition(const SessionPtr& session, const QueryPtr& query);

/// Looks the table up, whose keys name the partition's values, before the partition is asked for.
void AskForTableFirst(const SessionPtr& session, const QueryPtr& query) {
  query->asked_anew = true;
  AskTableInfo(session, query->path, [session, query](const Result<TableInfo>& info) {
    if (!info.ok()) return query->promise.Complete(info.status());
    AskForPartition(session, query);
  });
}

void TakePartition(const SessionPtr& session, const QueryPtr& query, int64_t table_id,
                   const std::vector<std::string>& keys, const Reply& reply) {
  const Status missing = query->Missing();
  if (reply.status.code() == ErrorCode::kPartitionNotExists) return query->promise.Complete(missing);
  if (!reply.status.ok()) {
    // It may be the table that is gone, which not all servers say clearly.
    if (query->asked_anew) return query->promise.Complete(reply.status);
    return AskForTableFirst(session, query);
  }
  wire::MetadataResponse response;
  const Status parsed = wire::ParseMessage(*reply.message, &response);
  if (!parsed.ok()) return query->promise.Complete(parsed.WithContext(session->target()));
  session->metadata().Apply(response);
  for (const wire::PartitionMetadata& partition : response.partition_metadata()) {
    if (!query->Matches(partition)) continue;
    if (partition.table_id() != table_id) {
      // The table was dropped and made again since it was looked up.
      if (query->asked_anew) return query->promise.Complete(missing);
      return AskForTableFirst(session, query);
    }
    const Result<PartitionSpec> spec = PartitionSpecFromName(keys, partition.partition_name());
    if (!spec.ok()) return query->promise.Complete(spec.status().WithContext(session->target()));
    return query->promise.Complete(PartitionInfo{partition.partition_id(), partition.partition_name(), *spec});
  }
  query->promise.Complete(missing);
}

void AskForPartition(const SessionPtr& session, const QueryPtr& query) {
  int64_t table_id = -1;
  const ClusterMetadata::Table* const table = session->metadata().FindTable(query->path, &table_id);
  if (table == nullptr) return AskForTableFirst(session, query);
  if (table->partition_keys.empty()) return query->promise.Complete(NotPartitioned(query->path));
  wire::MetadataRequest request;
  if (query->name) {
    wire::PhysicalTablePath* path = request.add_partitions_path();
    path->set_database_name(query->path.database);
    path->set_table_name(query->path.table);
    path->set_partition_name(*query->name);
  } else {
    SetPath(query->path, request.add_table_path());
    request.add_partitions_id(query->id);
  }
  session->Ask(Role::kAny, ApiKey::kGetMetadata, request,
               [session, query, table_id, keys = table->partition_keys](const Reply& reply) {
                 TakePartition(session, query, table_id, keys, reply);
               });
}

}  // namespace

void GetPartition(const SessionPtr& session, const TablePath& path, const std::string& name,
                  const Promise<PartitionInfo>& promise) {
  AskForPartition(session, std::make_shared<PartitionQuery>(PartitionQuery{path, name, -1, promise}));
}

void GetPartitionById(const SessionPtr& session, const TablePath& path, int64_t partition_id,
                      const Promise<PartitionInfo>& promise) {
  AskForPartition(session, std::make_shared<PartitionQuery>(PartitionQuery{path, std::nullopt, partition_id, promise}));
}

}  // namespace weir
