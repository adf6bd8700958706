#include "model/table_rules.h"

#include <algorithm>
#include <array>
#include <set>

#include "model/partition.h"
#include "model/problem.h"
#include "model/table_options.h"

namespace weir {
namespace {

using Names = std::vector<std::string>;

constexpr size_t kMaxNameLength = 200;
constexpr std::array<std::string_view, 6> kReservedColumns = {"__offset",    "__timestamp", "__bucket",
                                                              "_change_type", "_log_offset", "_commit_timestamp"};

constexpr std::array<std::string_view, 12> kAlterableOptions = {"table.datalake.enabled",
                                                                "table.datalake.freshness",
                                                                "table.datalake.auto-compaction",
                                                                "table.datalake.historical-partition.enabled",
                                                                "table.log.ttl",
                                                                "table.log.local-ttl",
                                                                "table.log.tiered.local-segments",
                                                                "table.auto-partition.enabled",
                                                                "table.auto-partition.num-retention",
                                                                "table.auto-partition.num-precreate",
                                                                "table.statistics.columns",
                                                                "table.kv.standby-replica.enabled"};

Status InvalidTable(std::string message) { return {ErrorCode::kInvalidTable, std::move(message)}; }
Status InvalidAlter(std::string message) { return {ErrorCode::kInvalidAlterTable, std::move(message)}; }

bool Contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <size_t N>
bool Contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status ValidateName(std::string_view what, std::string_view name, ErrorCode code) {
  const auto error = [&](std::string_view problem) {
    return Status(code, std::string(what) + " name '" + std::string(name.substr(0, kMaxNameLength)) + "' " +
                            std::string(problem));
  };
  if (name.empty()) return error("is empty");
  if (name == "." || name == "..") return error("is reserved");
  if (name.size() > kMaxNameLength) return error("is longer than 200 characters");
  if (name.starts_with("__")) return error("starts with '__', which is reserved for internal objects");
  const bool legal = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return legal ? Status::OK() : error("may only hold ASCII letters, digits, '_' and '-'");
}

Status CheckKeyNames(const Schema& schema, const Names& keys, std::string_view what) {
  std::set<std::string_view> seen;
  for (const std::string& key : keys) {
    if (schema.IndexOf(key) < 0) return InvalidTable(std::string(what) + " '" + key + "' is no column of the table");
    if (!seen.insert(key).second) return InvalidTable(std::string(what) + " '" + key + "' occurs twice");
  }
  return Status::OK();
}

Status CheckPartitionKeys(const TableDescriptor& descriptor) {
  const Schema& schema = descriptor.schema;
  WEIR_RETURN_NOT_OK(CheckKeyNames(schema, descriptor.partition_keys, "partition key"));
  for (const std::string& key : descriptor.partition_keys) {
    const DataType& type = schema.column(schema.IndexOf(key)).type;
    if (!CanPartitionBy(type)) {
      return InvalidTable("partition key '" + key + "' has type " + type.ToString() +
                          ", which cannot partition a table");
    }
    if (schema.has_primary_key() && !Contains(schema.primary_key(), key)) {
      return InvalidTable("partition key '" + key + "' must be part of the primary key (" + Join(schema.primary_key()) +
                          ")");
    }
  }
  return Status::OK();
}

Status CheckBucketKeys(const TableDescriptor& descriptor) {
  const Schema& schema = descriptor.schema;
  const Names physical_key = descriptor.PhysicalPrimaryKey();
  WEIR_RETURN_NOT_OK(CheckKeyNames(schema, descriptor.bucket_keys, "bucket key"));
  for (const std::string& key : descriptor.bucket_keys) {
    if (Contains(descriptor.partition_keys, key)) {
      return InvalidTable("bucket key '" + key + "' must not be a partition key");
    }
    if (schema.has_primary_key() && !Contains(physical_key, key)) {
      return InvalidTable("bucket key '" + key + "' must be one of the primary key columns that do not partition (" +
                          Join(physical_key) + ")");
    }
    const DataType& type = schema.column(schema.IndexOf(key)).type;
    if (type.is_nested()) {
      return InvalidTable("bucket key '" + key + "' has type " + type.ToString() +
                          "; ARRAY, MAP and ROW cannot be keys");
    }
  }
  return Status::OK();
}

Status CheckColumnNames(const std::vector<Column>& columns) {
  for (const Column& column : columns) {
    if (Contains(kReservedColumns, column.name)) return InvalidTable("column name '" + column.name + "' is reserved");
  }
  return Status::OK();
}

bool IsNumeric(TypeId id) {
  return (id >= TypeId::kTinyInt && id <= TypeId::kDouble) || id == TypeId::kDecimal;
}

bool FunctionTakes(std::string_view function, TypeId id) {
  if (function == "sum" || function == "product") return IsNumeric(id);
  if (function == "max" || function == "min") {
    return IsNumeric(id) || id == TypeId::kChar || id == TypeId::kString || id == TypeId::kDate ||
           id == TypeId::kTime || id == TypeId::kTimestamp || id == TypeId::kTimestampLtz;
  }
  if (function == "listagg") return id == TypeId::kString || id == TypeId::kChar;
  if (function == "bool_and" || function == "bool_or") return id == TypeId::kBoolean;
  if (function == "rbm32" || function == "rbm64") return id == TypeId::kBytes;
  return true;
}

Status CheckAggregateFunctions(const Schema& schema) {
  for (const Column& column : schema.columns()) {
    if (column.agg_function && !FunctionTakes(column.agg_function->type, column.type.id())) {
      return InvalidConfig("aggregate function '" + column.agg_function->type + "' cannot take column '" + column.name +
                           "' of type " + column.type.ToString());
    }
  }
  return Status::OK();
}

Status CheckVersionColumn(const Schema& schema, const std::string& name) {
  constexpr std::string_view key = "'table.merge-engine.versioned.ver-column'";
  if (name.empty()) return InvalidConfig("merge engine 'versioned' needs the option " + std::string(key));
  const int index = schema.IndexOf(name);
  if (index < 0)
    return InvalidConfig("invalid value '" + name + "' for " + std::string(key) + ": no column of the table");
  const DataType& type = schema.column(index).type;
  switch (type.id()) {
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return Status::OK();
    case TypeId::kBoolean:
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kString:
    case TypeId::kBytes:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kDecimal:
    case TypeId::kChar:
    case TypeId::kBinary:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: break;
  }
    return InvalidConfig("invalid value '" + name + "' for " + std::string(key) + ": the column has type " +
                         type.ToString() + ", it must be INT, BIGINT, TIMESTAMP or TIMESTAMP_LTZ");
}

Status CheckMergeEngine(const Schema& schema, const TableOptions& options) {
  const bool keeps_some_row =
      options.merge_engine == MergeEngine::kFirstRow || options.merge_engine == MergeEngine::kVersioned;
  if (keeps_some_row && options.delete_behavior == DeleteBehavior::kAllow) {
    return InvalidConfig(
        "'table.delete.behavior' must be ignore or disable with merge engines first_row and versioned");
  }
  if (options.merge_engine == MergeEngine::kVersioned) {
    WEIR_RETURN_NOT_OK(CheckVersionColumn(schema, options.version_column));
  }
  if (options.merge_engine != MergeEngine::kAggregation) return Status::OK();
  if (options.changelog_image == ChangelogImage::kWal) {
    return InvalidConfig("'table.changelog.image' must be FULL with merge engine aggregation");
  }
  return CheckAggregateFunctions(schema);
}

Status CheckKindOfTable(const TableDescriptor& descriptor, const TableOptions& options) {
  if (descriptor.has_primary_key()) {
    if (options.kv_format == KvFormat::kCompacted && options.log_format == LogFormat::kIndexed) {
      return InvalidConfig(
          "'table.log.format' must be ARROW or COMPACTED for a primary key table with 'table.kv.format' COMPACTED");
    }
    return CheckMergeEngine(descriptor.schema, options);
  }
  for (const char* key : {"table.merge-engine", "table.delete.behavior"}) {
    if (descriptor.properties.contains(key)) {
      return InvalidConfig("'" + std::string(key) + "' is for primary key tables only");
    }
  }
  return Status::OK();
}

Status CheckStatisticsColumns(const Schema& schema, const Names& columns) {
  if (columns == Names{"*"}) return Status::OK();
  for (const std::string& name : columns) {
    if (schema.IndexOf(name) < 0) {
      return InvalidConfig("'table.statistics.columns' names '" + name + "', which is no column of the table");
    }
  }
  return Status::OK();
}

Status CheckAutoPartitionType(const DataType& type, const AutoPartitionOptions& options, const std::string& key) {
  const TypeId id = type.id();
  if (id == TypeId::kString || id == TypeId::kChar || id == TypeId::kInt || id == TypeId::kBigInt) return Status::OK();
  if (id != TypeId::kDate) {
    return InvalidTable("auto partition key '" + key + "' has type " + type.ToString() +
                        ", whose values cannot stand for a time unit; use STRING");
  }
  if (options.unit == TimeUnit::kDay && options.format == "yyyy-MM-dd") return Status::OK();
  return InvalidConfig("auto partition key '" + key +
                       "' of type DATE needs 'table.auto-partition.time-unit' DAY and "
                       "'table.auto-partition.time-format' yyyy-MM-dd");
}

Status CheckAutoPartition(const TableDescriptor& descriptor, const AutoPartitionOptions& options) {
  const Names& keys = descriptor.partition_keys;
  // Also refuses formats and zones that nobody can read, enabled or not.
  WEIR_RETURN_NOT_OK(AutoPartitionValue(options, 0, 0).status());
  if (!options.enabled) return Status::OK();
  if (keys.empty()) return InvalidTable("'table.auto-partition.enabled' needs a partitioned table");
  if (!options.key.empty() && !Contains(keys, options.key)) {
    return InvalidTable("'table.auto-partition.key' is '" + options.key + "', the partition keys are " + Join(keys));
  }
  if (keys.size() > 1) {
    if (options.key.empty()) {
      return InvalidTable("'table.auto-partition.key' must be set for several partition keys (" + Join(keys) + ")");
    }
    if (options.num_precreate > 0) {
      return InvalidTable("'table.auto-partition.num-precreate' must be 0 for several partition keys");
    }
  }
  const std::string& key = options.key.empty() ? keys[0] : options.key;
  const Schema& schema = descriptor.schema;
  return CheckAutoPartitionType(schema.column(schema.IndexOf(key)).type, options, key);
}

Result<TableOptions> CheckProperties(const TableDescriptor& descriptor) {
  WEIR_ASSIGN_OR_RETURN(TableOptions options, TableOptions::Parse(descriptor.properties));
  WEIR_RETURN_NOT_OK(CheckKindOfTable(descriptor, options));
  WEIR_RETURN_NOT_OK(CheckStatisticsColumns(descriptor.schema, options.statistics_columns));
  WEIR_RETURN_NOT_OK(CheckAutoPartition(descriptor, options.auto_partition));
  return options;
}

void AddDefaults(const TableOptions& options, TableDescriptor& descriptor) {
  Properties& properties = descriptor.properties;
  properties.try_emplace("table.replication.factor", "1");
  if (descriptor.has_primary_key()) {
    properties.try_emplace("table.kv.format-version", "2");
    properties.try_emplace("table.kv.standby-replica.enabled", "true");
    if (options.merge_engine != MergeEngine::kNone) properties.try_emplace("table.delete.behavior", "IGNORE");
  }
  if (options.auto_partition.enabled && descriptor.partition_keys.size() > 1) {
    properties.try_emplace("table.auto-partition.num-precreate", "0");
  }
  // Released clients compare this value with upper-case names.
  const auto compression = properties.find("table.log.arrow.compression.type");
  if (compression == properties.end()) return;
  compression->second = options.compression == Compression::kNone       ? "NONE"
                        : options.compression == Compression::kLz4Frame ? "LZ4_FRAME"
                                                                        : "ZSTD";
}

/// What tiers rows to a lake is not there, and clients that read such a table look for the lake's part of it.
Status CheckLake(const TableOptions& options, ErrorCode code) {
  if (!options.lake_enabled) return Status::OK();
  return {code, "'table.datalake.enabled' cannot be true: nothing here moves rows to a lake"};
}

Status CheckReplication(int factor, int live_servers) {
  if (factor < 1 || factor > live_servers) {
    return {ErrorCode::kInvalidReplicationFactor,
            "'table.replication.factor' is " + std::to_string(factor) + ", it must be from 1 to the " +
                std::to_string(live_servers) + " live servers"};
  }
  return Status::OK();
}

/// A column that joins a table gets its numbers from the table, whatever it came with.
DataType WithoutFieldIds(const DataType& type) {
  if (type.id() == TypeId::kArray) {
    return DataType::Array(WithoutFieldIds(type.element_type())).WithNullable(type.nullable());
  }
  if (type.id() == TypeId::kMap) {
    return DataType::Map(WithoutFieldIds(type.key_type()), WithoutFieldIds(type.value_type()))
        .WithNullable(type.nullable());
  }
  if (type.id() != TypeId::kRow) return type;
  std::vector<Field> fields = type.fields();
  for (Field& field : fields) field = {field.name, WithoutFieldIds(field.type), field.description, -1};
  return DataType::Row(std::move(fields)).WithNullable(type.nullable());
}

Result<TableDescriptor> AddColumns(TableDescriptor descriptor, const std::vector<Column>& added) {
  const Schema& schema = descriptor.schema;
  std::vector<Column> columns = schema.columns();
  for (const Column& column : added) {
    const bool exists =
        std::any_of(columns.begin(), columns.end(), [&](const Column& other) { return other.name == column.name; });
    if (exists) return InvalidAlter("column '" + column.name + "' exists already");
    if (!column.type.nullable()) {
      return InvalidAlter("column '" + column.name + "' is NOT NULL; an added column must be nullable");
    }
    columns.push_back({column.name, WithoutFieldIds(column.type), column.comment, column.agg_function, -1});
  }
  WEIR_RETURN_NOT_OK(CheckColumnNames(added));
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make(std::move(columns), schema.primary_key(),
                                                        schema.auto_increment_column(), schema.highest_field_id()));
  return descriptor;
}

Status CheckAlterable(const std::string& key) {
  if (!key.starts_with("table.") || Contains(kAlterableOptions, key)) return Status::OK();
  // Unknown keys are told apart from the ones that are fixed when a table is created.
  const Status known = TableOptions::Parse({{key, ""}}).status();
  if (!known.ok() && known.message().ends_with("is no table option")) return known;
  return InvalidAlter("option '" + key + "' cannot be changed on an existing table");
}

Status CheckBucketHash(const Properties& custom) {
  const auto hash = custom.find(kBucketHashProperty);
  if (hash == custom.end() || hash->second == kJavaBucketHash || hash->second == kPyflussBucketHash)
    return Status::OK();
  return InvalidConfig("'" + std::string(kBucketHashProperty) + "' is '" + hash->second + "', it must be " +
                       kJavaBucketHash + " or " + kPyflussBucketHash);
}

Result<TableDescriptor> ChangeProperties(TableDescriptor descriptor, const TableChange& change) {
  for (const auto& [key, value] : change.set_properties) {
    WEIR_RETURN_NOT_OK(CheckAlterable(key));
    (key.starts_with("table.") ? descriptor.properties : descriptor.custom_properties)[key] = value;
  }
  for (const std::string& key : change.reset_properties) {
    WEIR_RETURN_NOT_OK(CheckAlterable(key));
    (key.starts_with("table.") ? descriptor.properties : descriptor.custom_properties).erase(key);
  }
  return descriptor;
}

}  // namespace

Status ValidateDatabaseName(std::string_view name) {
  return ValidateName("database", name, ErrorCode::kInvalidDatabase);
}
Status ValidateTableName(std::string_view name) { return ValidateName("table", name, ErrorCode::kInvalidTable); }
Status ValidateProducerId(std::string_view id) { return ValidateName("producer", id, ErrorCode::kInvalidProducerId); }

Result<TableDescriptor> NormalizeDescriptor(TableDescriptor descriptor) {
  WEIR_RETURN_NOT_OK(CheckPartitionKeys(descriptor));
  if (descriptor.has_primary_key()) {
    const Names physical_key = descriptor.PhysicalPrimaryKey();
    if (physical_key.empty()) {
      return InvalidTable("the primary key (" + Join(descriptor.schema.primary_key()) +
                          ") must hold a column that is no partition key");
    }
    if (descriptor.bucket_keys.empty()) descriptor.bucket_keys = physical_key;
  }
  WEIR_RETURN_NOT_OK(CheckBucketKeys(descriptor));
  return descriptor;
}

Result<TableDescriptor> CompleteDescriptor(TableDescriptor descriptor, const TableLimits& limits) {
  WEIR_ASSIGN_OR_RETURN(descriptor, NormalizeDescriptor(std::move(descriptor)));
  if (descriptor.schema.num_columns() == 0) return InvalidTable("a table needs at least one column");
  WEIR_RETURN_NOT_OK(CheckColumnNames(descriptor.schema.columns()));
  if (!descriptor.bucket_count) descriptor.bucket_count = limits.default_bucket_count;
  if (*descriptor.bucket_count < 1) {
    return InvalidTable("bucket count " + std::to_string(*descriptor.bucket_count) + " must be at least 1");
  }
  if (*descriptor.bucket_count > limits.max_buckets) {
    return Status(ErrorCode::kBucketMaxNum, "bucket count " + std::to_string(*descriptor.bucket_count) +
                                                " is over the limit of " + std::to_string(limits.max_buckets));
  }
  WEIR_ASSIGN_OR_RETURN(const TableOptions given, TableOptions::Parse(descriptor.properties));
  AddDefaults(given, descriptor);
  WEIR_ASSIGN_OR_RETURN(const TableOptions options, CheckProperties(descriptor));
  WEIR_RETURN_NOT_OK(CheckLake(options, ErrorCode::kInvalidTable));
  WEIR_RETURN_NOT_OK(CheckBucketHash(descriptor.custom_properties));
  WEIR_RETURN_NOT_OK(CheckReplication(options.replication_factor, limits.live_servers));
  return descriptor;
}

Result<TableDescriptor> ApplyTableChange(const TableDescriptor& descriptor, const TableChange& change) {
  const bool changes_properties = !change.set_properties.empty() || !change.reset_properties.empty();
  if (changes_properties && !change.add_columns.empty()) {
    return InvalidAlter("one ALTER TABLE changes either options or columns, not both");
  }
  WEIR_ASSIGN_OR_RETURN(TableDescriptor changed, changes_properties ? ChangeProperties(descriptor, change)
                                                                    : AddColumns(descriptor, change.add_columns));
  WEIR_ASSIGN_OR_RETURN(const TableOptions options, CheckProperties(changed));
  const auto hash_of = [](const TableDescriptor& of) {
    const auto hash = of.custom_properties.find(kBucketHashProperty);
    return hash == of.custom_properties.end() ? std::string(kJavaBucketHash) : hash->second;
  };
  if (hash_of(changed) != hash_of(descriptor)) {
    return InvalidAlter("'" + std::string(kBucketHashProperty) + "' cannot be altered: it says where the rows are");
  }
  if (change.set_properties.contains("table.datalake.enabled")) {
    WEIR_RETURN_NOT_OK(CheckLake(options, ErrorCode::kInvalidAlterTable));
  }
  return changed;
}

}  // namespace weir
