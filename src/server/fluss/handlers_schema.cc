// Databases, tables and partitions.
#include <fmt/format.h>

#include "format/wire/translate.h"
#include "gateway/futures.h"
#include "model/table_json.h"
#include "server/fluss/handlers.h"

namespace weir {
namespace {

constexpr int kColumnPositionLast = 0;

enum AlterOperation { kSet = 0, kDelete = 1 };

/// Clients make the partition's name from the values in the order they come in.
void AddPartitionInfo(const std::vector<std::string>& keys, const PartitionInfo& info, wire::PartitionInfo* message) {
  message->set_partition_id(info.partition_id);
  wire::PartitionSpec* spec = message->mutable_partition_spec();
  for (const std::string& key : keys) {
    wire::KeyValue* pair = spec->add_partition_key_values();
    pair->set_key(key);
    pair->set_value(info.spec.at(key));
  }
}

Result<Column> ToColumn(const wire::AddColumn& request) {
  if (request.column_position_type() != kColumnPositionLast) {
    return Status(ErrorCode::kInvalidAlterTable,
                  fmt::format("column '{}' can only be added as the last one", request.column_name()));
  }
  WEIR_ASSIGN_OR_RETURN(const DataType type, DataTypeFromJson(request.data_type_json()));
  Column column{.name = request.column_name(), .type = type, .comment = {}, .agg_function = {}};
  if (request.has_comment()) column.comment = request.comment();
  if (request.has_agg_function_type()) {
    column.agg_function.emplace().type = request.agg_function_type();
    for (const wire::KeyValue& parameter : request.agg_function_params()) {
      column.agg_function->parameters[parameter.key()] = parameter.value();
    }
  }
  return column;
}

/// The properties that a request sets and deletes. `of`: what has them.
template <typename Request, typename Change>
Status TakeConfigs(const Request& request, ErrorCode wrong, const char* of, Change* change) {
  for (const wire::AlterConfig& config : request.config_changes()) {
    if (config.op_type() == kSet) {
      change->set_properties[config.config_key()] = config.config_value();
    } else if (config.op_type() == kDelete) {
      change->reset_properties.push_back(config.config_key());
    } else {
      return {wrong, fmt::format("operation {} on property '{}' of a {} is neither 0 (set) nor 1 (delete)",
                                 config.op_type(), config.config_key(), of)};
    }
  }
  return Status::OK();
}

Result<TableChange> ToChange(const wire::AlterTableRequest& request) {
  // Programs compare these texts, which are Fluss's, with what they know.
  const char* const what = request.drop_columns_size() > 0     ? "drop"
                           : request.rename_columns_size() > 0 ? "rename"
                           : request.modify_columns_size() > 0 ? "modify"
                                                               : nullptr;
  if (what != nullptr) return Status(ErrorCode::kInvalidAlterTable, fmt::format("Not support {} column now.", what));
  TableChange change;
  WEIR_RETURN_NOT_OK(TakeConfigs(request, ErrorCode::kInvalidAlterTable, "table", &change));
  for (const wire::AddColumn& added : request.add_columns()) {
    WEIR_ASSIGN_OR_RETURN(Column column, ToColumn(added));
    change.add_columns.push_back(std::move(column));
  }
  return change;
}

struct DatabaseParts {
  std::vector<std::string> names;
  std::vector<Future<DatabaseInfo>> infos;
  std::vector<Future<std::vector<std::string>>> tables;
};

/// A database that was dropped meanwhile is left out.
wire::ListDatabasesResponse Summaries(const DatabaseParts& parts) {
  wire::ListDatabasesResponse response;
  for (size_t i = 0; i < parts.names.size(); ++i) {
    const Result<DatabaseInfo>& info = parts.infos[i].Wait();
    const Result<std::vector<std::string>>& tables = parts.tables[i].Wait();
    if (!info.ok() || !tables.ok()) continue;
    wire::DatabaseSummary* summary = response.add_database_summary();
    summary->set_database_name(parts.names[i]);
    summary->set_created_time(info->created_time);
    summary->set_table_count(static_cast<int32_t>(tables->size()));
  }
  return response;
}

void AnswerSummaries(const State& state, const std::vector<std::string>& names,
                     const Answer<wire::ListDatabasesResponse>& answer) {
  DatabaseParts parts{.names = names, .infos = {}, .tables = {}};
  for (const std::string& name : names) {
    parts.infos.push_back(state->gateway->GetDatabaseInfo(name));
    parts.tables.push_back(state->gateway->ListTables(name));
  }
  const std::vector<Future<Unit>> both = {AllDone(parts.infos), AllDone(parts.tables)};
  AnswerWith(answer, AllDone(both), [parts](const Unit&) { return Summaries(parts); });
}

}  // namespace

// --- databases ---

void CreateDatabase(const State& state, const wire::CreateDatabaseRequest& request,
                    const Answer<wire::CreateDatabaseResponse>& answer) {
  DatabaseDescriptor descriptor;
  if (request.has_database_json()) {
    Result<DatabaseDescriptor> parsed = DatabaseDescriptorFromJson(request.database_json());
    if (!parsed.ok()) return answer(parsed.status());
    descriptor = parsed.MoveValue();
  }
  AnswerEmpty(answer, state->gateway->CreateDatabase(request.database_name(), descriptor, request.ignore_if_exists()));
}

void DropDatabase(const State& state, const wire::DropDatabaseRequest& request,
                  const Answer<wire::DropDatabaseResponse>& answer) {
  AnswerEmpty(answer, state->gateway->DropDatabase(request.database_name(), request.ignore_if_not_exists(),
                                                   request.cascade()));
}

void AlterDatabase(const State& state, const wire::AlterDatabaseRequest& request,
                   const Answer<wire::AlterDatabaseResponse>& answer) {
  DatabaseChange change;
  const Status taken = TakeConfigs(request, ErrorCode::kInvalidConfig, "database", &change);
  if (!taken.ok()) return answer(taken);
  if (request.has_comment()) change.comment = request.comment();
  AnswerEmpty(answer, state->gateway->AlterDatabase(request.database_name(), change, request.ignore_if_not_exists()));
}

void ListDatabases(const State& state, const wire::ListDatabasesRequest& request,
                   const Answer<wire::ListDatabasesResponse>& answer) {
  const bool summary = request.include_summary();
  WhenDone(answer.call(), state->gateway->ListDatabases(),
           [state, summary, answer](const Result<std::vector<std::string>>& names) {
             if (!names.ok()) return answer(names.status());
             if (summary) return AnswerSummaries(state, *names, answer);
             wire::ListDatabasesResponse response;
             for (const std::string& name : *names) response.add_database_name(name);
             answer(std::move(response));
           });
}

void DatabaseExists(const State& state, const wire::DatabaseExistsRequest& request,
                    const Answer<wire::DatabaseExistsResponse>& answer) {
  AnswerWith(answer, state->gateway->DatabaseExists(request.database_name()), [](bool exists) {
    wire::DatabaseExistsResponse response;
    response.set_exists(exists);
    return response;
  });
}

void GetDatabaseInfo(const State& state, const wire::GetDatabaseInfoRequest& request,
                     const Answer<wire::GetDatabaseInfoResponse>& answer) {
  AnswerWith(answer, state->gateway->GetDatabaseInfo(request.database_name()), [](const DatabaseInfo& info) {
    wire::GetDatabaseInfoResponse response;
    response.set_database_json(DatabaseDescriptorToJson(info.descriptor));
    response.set_created_time(info.created_time);
    response.set_modified_time(info.modified_time);
    return response;
  });
}

// --- tables ---

void CreateTable(const State& state, const wire::CreateTableRequest& request,
                 const Answer<wire::CreateTableResponse>& answer) {
  const Result<TableDescriptor> descriptor = TableDescriptorFromJson(request.table_json());
  if (!descriptor.ok()) return answer(descriptor.status());
  AnswerEmpty(answer, state->gateway->CreateTable(ToPath(request.table_path()), *descriptor,
                                                  request.ignore_if_exists()));
}

void AlterTable(const State& state, const wire::AlterTableRequest& request,
                const Answer<wire::AlterTableResponse>& answer) {
  const Result<TableChange> change = ToChange(request);
  if (!change.ok()) return answer(change.status());
  AnswerEmpty(answer, state->gateway->AlterTable(ToPath(request.table_path()), *change,
                                                 request.ignore_if_not_exists()));
}

void DropTable(const State& state, const wire::DropTableRequest& request,
               const Answer<wire::DropTableResponse>& answer) {
  AnswerEmpty(answer, state->gateway->DropTable(ToPath(request.table_path()), request.ignore_if_not_exists()));
}

void GetTableInfo(const State& state, const wire::GetTableInfoRequest& request,
                  const Answer<wire::GetTableInfoResponse>& answer) {
  AnswerWith(answer, state->gateway->GetTableInfo(ToPath(request.table_path())), [](const TableInfo& info) {
    wire::GetTableInfoResponse response;
    response.set_table_id(info.table_id);
    response.set_schema_id(info.schema_id);
    response.set_table_json(TableDescriptorToJson(info.descriptor));
    response.set_created_time(info.created_time);
    response.set_modified_time(info.modified_time);
    return response;
  });
}

void ListTables(const State& state, const wire::ListTablesRequest& request,
                const Answer<wire::ListTablesResponse>& answer) {
  AnswerWith(answer, state->gateway->ListTables(request.database_name()), [](const std::vector<std::string>& names) {
    wire::ListTablesResponse response;
    for (const std::string& name : names) response.add_table_name(name);
    return response;
  });
}

void TableExists(const State& state, const wire::TableExistsRequest& request,
                 const Answer<wire::TableExistsResponse>& answer) {
  AnswerWith(answer, state->gateway->TableExists(ToPath(request.table_path())), [](bool exists) {
    wire::TableExistsResponse response;
    response.set_exists(exists);
    return response;
  });
}

void GetTableSchema(const State& state, const wire::GetTableSchemaRequest& request,
                    const Answer<wire::GetTableSchemaResponse>& answer) {
  const auto to_message = [](int32_t schema_id, const Schema& schema) {
    wire::GetTableSchemaResponse response;
    response.set_schema_id(schema_id);
    response.set_schema_json(SchemaToJson(schema));
    return response;
  };
  const TablePath path = ToPath(request.table_path());
  if (request.has_schema_id()) {
    const int32_t schema_id = request.schema_id();
    AnswerWith(answer, state->gateway->GetSchema(path, schema_id),
               [=](const Schema& schema) { return to_message(schema_id, schema); });
  } else {
    AnswerWith(answer, state->gateway->GetTableInfo(path),
               [=](const TableInfo& info) { return to_message(info.schema_id, info.schema()); });
  }
}

// --- partitions ---

void ListPartitionInfos(const State& state, const wire::ListPartitionInfosRequest& request,
                        const Answer<wire::ListPartitionInfosResponse>& answer) {
  const TablePath path = ToPath(request.table_path());
  const PartitionSpec partial = ToSpec(request.partial_partition_spec());
  WhenDone(answer.call(), state->gateway->GetTableInfo(path),
           [state, path, partial, answer](const Result<TableInfo>& table) {
             if (!table.ok()) return answer(table.status());
             AnswerWith(answer, state->gateway->ListPartitionInfos(path, partial),
                        [keys = table->descriptor.partition_keys](const std::vector<PartitionInfo>& infos) {
                          wire::ListPartitionInfosResponse response;
                          for (const PartitionInfo& info : infos) {
                            AddPartitionInfo(keys, info, response.add_partitions_info());
                          }
                          return response;
                        });
           });
}

void CreatePartition(const State& state, const wire::CreatePartitionRequest& request,
                     const Answer<wire::CreatePartitionResponse>& answer) {
  AnswerEmpty(answer, state->gateway->CreatePartition(ToPath(request.table_path()), ToSpec(request.partition_spec()),
                                                      request.ignore_if_exists()));
}

void DropPartition(const State& state, const wire::DropPartitionRequest& request,
                   const Answer<wire::DropPartitionResponse>& answer) {
  AnswerEmpty(answer, state->gateway->DropPartition(ToPath(request.table_path()), ToSpec(request.partition_spec()),
                                                    request.ignore_if_not_exists()));
}

}  // namespace weir
