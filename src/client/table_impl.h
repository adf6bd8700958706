#pragma once

#include <arrow/type_fwd.h>

#include <map>
#include <memory>
#include <vector>

#include "format/log_batch.h"
#include "format/row_codec.h"
#include "model/table_options.h"
#include "storage/key_layout.h"
#include "types/mutex.h"
#include "weir/client.h"

namespace weir {

/// The schemas of one table by their ids. Thread-safe.
class SchemaCache {
 public:
  SchemaCache(Connection connection, TablePath path) : connection_(std::move(connection)), path_(std::move(path)) {}
  void Put(int32_t id, Schema schema);
  /// Null when it was not loaded yet.
  std::shared_ptr<const Schema> Find(int32_t id) const;
  Future<std::shared_ptr<const Schema>> Load(int32_t id);

 private:
  const Connection connection_;
  const TablePath path_;
  mutable Mutex mutex_;
  std::map<int32_t, std::shared_ptr<const Schema>> schemas_ WEIR_GUARDED_BY(mutex_);
};

struct Table::Impl {
  explicit Impl(std::shared_ptr<const TableInfo> described) : shared_info(std::move(described)), info(*shared_info) {}

  Connection connection;
  std::shared_ptr<const TableInfo> shared_info;  // with whom the table is described to: leaves are many
  const TableInfo& info;
  TableOptions options;
  KeyLayout layout;
  std::vector<DataType> types;
  std::shared_ptr<arrow::Schema> arrow_schema;
  std::vector<int> partition_columns;
  std::vector<int> statistics_columns;  // whose extremes go into log batches
  std::shared_ptr<SchemaCache> schemas;
  std::vector<Datum> initial_defaults;         // of columns in rows whose schema lacks them
  std::shared_ptr<Arena> initial_default_values;  // what these refer to

  std::string name() const { return info.path.ToString(); }
  RowFormat row_format() const {
    return options.kv_format == KvFormat::kIndexed ? RowFormat::kIndexed : RowFormat::kCompacted;
  }
  PayloadFormat log_format() const;
  /// The partition that a row belongs to; empty when the table is not partitioned.
  Result<std::string> PartitionOf(RowView row) const;
};

Result<Table> MakeTable(const Connection& connection, std::shared_ptr<const TableInfo> info);
inline Result<Table> MakeTable(const Connection& connection, TableInfo info) {
  return MakeTable(connection, std::make_shared<const TableInfo>(std::move(info)));
}

/// Maps rows of another schema of the table onto the one it was opened with, by column id.
std::vector<int> MapColumns(const Schema& from, const Schema& to);

/// Decodes a KV value of any schema of the table to a row in the table's schema. The schema of the
/// value must be loaded. What the row refers to lives in `value` and `arena`.
Result<std::span<const Datum>> DecodeValue(const Table::Impl& table, std::string_view value, Arena* arena);

/// Loads those schemas of the values that are not there yet.
Future<Unit> LoadSchemas(const std::shared_ptr<const Table::Impl>& table, std::vector<int32_t> ids);

}  // namespace weir
