#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "client/connection_impl.h"
#include "client/table_impl.h"
#include "format/initial_default.h"
#include "format/log_statistics.h"
#include "model/partition.h"
#include "model/table_rules.h"
#include "types/arrow_mapping.h"

namespace weir {

void SchemaCache::Put(int32_t id, Schema schema) {
  MutexLock lock(mutex_);
  schemas_[id] = std::make_shared<const Schema>(std::move(schema));
}

std::shared_ptr<const Schema> SchemaCache::Find(int32_t id) const {
  MutexLock lock(mutex_);
  const auto found = schemas_.find(id);
  return found == schemas_.end() ? nullptr : found->second;
}

PayloadFormat Table::Impl::log_format() const {
  switch (options.log_format) {
    case LogFormat::kIndexed: return PayloadFormat::kIndexed;
    case LogFormat::kCompacted: return PayloadFormat::kCompacted;
    case LogFormat::kArrow: break;
  }
  return PayloadFormat::kArrow;
}

Result<std::string> Table::Impl::PartitionOf(RowView row) const {
  std::string name;
  for (const int column : partition_columns) {
    if (!name.empty()) name += '$';
    WEIR_ASSIGN_OR_RETURN(const std::string text,
                          PartitionValueText(types[column], row[column], info.schema().column(column).name));
    name += text;
  }
  return name;
}

Result<Table> MakeTable(const Connection& connection, std::shared_ptr<const TableInfo> described) {
  auto impl = std::make_shared<Table::Impl>(std::move(described));
  const TableInfo& info = impl->info;
  impl->connection = connection;
  WEIR_ASSIGN_OR_RETURN(impl->options, TableOptions::Parse(info.descriptor.properties));
  WEIR_ASSIGN_OR_RETURN(impl->layout, MakeKeyLayout(info.descriptor, impl->options));
  const bool named = info.descriptor.custom_properties.contains(kBucketHashProperty);
  if (!named && impl->layout.bucket_hash == BucketHash::kFluss &&
      connection.config().bucket_hash == kPyflussBucketHash) {
    impl->layout.bucket_hash = BucketHash::kPyfluss;
  }
  impl->types = info.schema().types();
  impl->arrow_schema = ToArrowSchema(info.schema(), LtzZone::kUtc);
  WEIR_ASSIGN_OR_RETURN(impl->partition_columns, info.schema().IndexesOf(info.descriptor.partition_keys));
  impl->statistics_columns = StatisticsColumns(info.schema(), impl->options.statistics_columns);
  impl->schemas = std::make_shared<SchemaCache>(connection, info.path);
  impl->schemas->Put(info.schema_id, info.schema());
  impl->initial_default_values = std::make_shared<Arena>();
  WEIR_ASSIGN_OR_RETURN(impl->initial_defaults, InitialDefaults(info.schema(), impl->initial_default_values.get()));
  return Table(std::shared_ptr<const Table::Impl>(std::move(impl)));
}

std::vector<int> MapColumns(const Schema& from, const Schema& to) {
  std::vector<int> positions(to.num_columns(), -1);
  for (int i = 0; i < to.num_columns(); ++i) {
    for (int j = 0; j < from.num_columns(); ++j) {
      if (from.column(j).id == to.column(i).id) positions[i] = j;
    }
  }
  return positions;
}

Result<std::span<const Datum>> DecodeValue(const Table::Impl& table, std::string_view value, Arena* arena) {
  WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(value));
  if (stored.schema_id == table.info.schema_id) {
    const std::span<Datum> row = arena->NewDatums(table.types.size());
    WEIR_RETURN_NOT_OK(DecodeRow(table.row_format(), table.types, stored.row, arena, row));
    return std::span<const Datum>(row);
  }
  const std::shared_ptr<const Schema> schema = table.schemas->Find(stored.schema_id);
  if (schema == nullptr) {
    return Status(ErrorCode::kSchemaNotExist, fmt::format("a row of table '{}' has schema id {}, which is not known",
                                                          table.name(), stored.schema_id));
  }
  const std::vector<DataType> types = schema->types();
  const std::span<Datum> written = arena->NewDatums(types.size());
  WEIR_RETURN_NOT_OK(DecodeRow(table.row_format(), types, stored.row, arena, written));
  const std::vector<int> positions = MapColumns(*schema, table.info.schema());
  const std::span<Datum> row = arena->NewDatums(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    row[i] = positions[i] >= 0 ? written[positions[i]] : table.initial_defaults[i];
  }
  return std::span<const Datum>(row);
}

Future<std::shared_ptr<const Schema>> SchemaCache::Load(int32_t id) {
  using Loaded = std::shared_ptr<const Schema>;
  if (Loaded known = Find(id)) return Future<Loaded>::Ready(known);
  Promise<Loaded> promise;
  connection_.gateway().GetSchema(path_, id).Then(
      [this, promise, id, keep = connection_](const Result<Schema>& schema) {
        if (!schema.ok()) return promise.Complete(schema.status());
        Put(id, *schema);
        promise.Complete(Find(id));
      });
  return promise.future();
}

Future<Unit> LoadSchemas(const std::shared_ptr<const Table::Impl>& table, std::vector<int32_t> ids) {
  std::erase_if(ids, [&](int32_t id) { return table->schemas->Find(id) != nullptr; });
  if (ids.empty()) return Future<Unit>::Ready(Unit{});
  Promise<Unit> promise;
  table->schemas->Load(ids.back()).Then([promise, table, ids](const Result<std::shared_ptr<const Schema>>& loaded) {
    if (!loaded.ok()) return promise.Complete(loaded.status());
    LoadSchemas(table, ids).Then([promise](const Result<Unit>& rest) { promise.Complete(rest); });
  });
  return promise.future();
}

const TableInfo& Table::info() const { return impl_->info; }
const std::shared_ptr<arrow::Schema>& Table::arrow_schema() const { return impl_->arrow_schema; }
const Connection& Table::connection() const { return impl_->connection; }

}  // namespace weir
