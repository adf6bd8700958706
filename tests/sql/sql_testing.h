#pragma once

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/embedded/embedded_gateway.h"
#include "sql/catalog/relation.h"
#include "sql/error.h"
#include "sql/transaction/transaction.h"
#include "tests/testing/temp_directory.h"

namespace weir::sql {

/// The value of a future or result that must be a success.
template <typename T>
T Get(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return std::move(result).operator*();
}
template <typename T>
T Get(const Future<T>& future) {
  return Get(future.Wait());
}

inline Status StatusOf(const Status& status) { return status; }
template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}

#define EXPECT_OK(expr)                                         \
  do {                                                          \
    const ::weir::Status _status = ::weir::sql::StatusOf(expr); \
    EXPECT_TRUE(_status.ok()) << _status.ToString();            \
  } while (false)

/// An error of that SQLSTATE and message; gives its fields.
#define EXPECT_SQL_ERROR(expr, state, text)                                         \
  [&] {                                                                             \
    const ::weir::Status _status = ::weir::sql::StatusOf(expr);                     \
    EXPECT_FALSE(_status.ok());                                                     \
    const ::weir::sql::ErrorFields _fields =                                        \
        _status.ok() ? ::weir::sql::ErrorFields() : ::weir::sql::FieldsOf(_status); \
    EXPECT_EQ(_fields.sqlstate, state) << _status.ToString();                       \
    EXPECT_THAT(_fields.message, ::testing::HasSubstr(text));                       \
    return _fields;                                                                 \
  }()

inline std::shared_ptr<Gateway> OpenGateway(const std::string& directory, SyncMode sync = SyncMode::kNone) {
  EmbeddedOptions options;
  options.sync = sync;
  options.maintenance_interval_ms = 0;
  options.least_rows_as_columns = 4;  // so that small tables are read both ways
  return Get(OpenEmbedded(directory, options));
}

struct TableSpec {
  std::vector<Column> columns = {{"id", DataType::Int()}, {"name", DataType::String()}};
  std::vector<std::string> primary_key = {};
  int32_t buckets = 1;
  std::vector<std::string> bucket_keys = {};
  std::vector<std::string> partition_keys = {};
  Properties properties = {};
};

/// The relation of a table that is there.
inline RelationPtr FindRelation(Gateway& gateway, const std::string& name) {
  auto relation = std::make_shared<Relation>();
  relation->path = {"fluss", name};
  relation->table = std::make_shared<const TableInfo>(Get(gateway.GetTableInfo(relation->path)));
  relation->id = relation->table->table_id;
  for (const Column& column : relation->table->schema().columns()) {
    relation->columns.push_back({column.name, column.type.ToString(), column.type, !column.type.nullable(), {}});
  }
  const std::vector<std::string>& key = relation->table->schema().primary_key();
  if (!key.empty()) relation->constraints.push_back({SqlConstraint::Kind::kPrimaryKey, name + "_pkey", key, ""});
  return relation;
}

inline RelationPtr MakeTable(Gateway& gateway, const std::string& name, const TableSpec& spec) {
  TableDescriptor descriptor;
  descriptor.schema = Get(Schema::Make(spec.columns, spec.primary_key));
  descriptor.bucket_count = spec.buckets;
  descriptor.bucket_keys = spec.bucket_keys;
  descriptor.partition_keys = spec.partition_keys;
  descriptor.properties = spec.properties;
  Get(gateway.CreateTable({"fluss", name}, descriptor, false));
  return FindRelation(gateway, name);
}
/// (id INT, name STRING) without a key
inline RelationPtr MakeLog(Gateway& gateway, const std::string& name, int32_t buckets = 1) {
  return MakeTable(gateway, name, {.buckets = buckets});
}
/// (id INT, name STRING), primary key id
inline RelationPtr MakePk(Gateway& gateway, const std::string& name, int32_t buckets = 1) {
  return MakeTable(gateway, name, {.primary_key = {"id"}, .buckets = buckets});
}

/// The relation of one of a Fluss table's partitions, made if it is not there.
inline RelationPtr MakePartition(Gateway& gateway, const RelationPtr& table, const PartitionSpec& spec,
                                 const std::string& name) {
  Get(gateway.CreatePartition(table->path, spec, true));
  auto partition = std::make_shared<Relation>(*table);
  partition->fluss_partition = Get(gateway.GetPartition(table->path, name)).partition_id;
  return partition;
}

inline std::shared_ptr<arrow::Array> Ints(const std::vector<int>& values) {
  arrow::Int32Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return *builder.Finish();
}
inline std::shared_ptr<arrow::Array> Texts(const std::vector<std::string>& values) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return *builder.Finish();
}
inline std::shared_ptr<arrow::RecordBatch> Batch(const std::vector<std::string>& names,
                                                 const arrow::ArrayVector& columns) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < names.size(); ++i) fields.push_back(arrow::field(names[i], columns[i]->type()));
  return arrow::RecordBatch::Make(arrow::schema(fields), columns.front()->length(), columns);
}
/// Rows (id, "<prefix><id>").
inline std::shared_ptr<arrow::RecordBatch> Rows(const std::vector<int>& ids, const std::string& prefix = "n") {
  std::vector<std::string> names;
  for (const int id : ids) names.push_back(prefix + std::to_string(id));
  return Batch({"id", "name"}, {Ints(ids), Texts(names)});
}
/// `count` ids from `first`.
inline std::vector<int> Range(int first, int count) {
  std::vector<int> ids;
  for (int i = 0; i < count; ++i) ids.push_back(first + i);
  return ids;
}

inline std::vector<LeafBatch> ScanAll(Transaction& transaction, const RelationPtr& leaf,
                                      const LeafScanOptions& options) {
  std::vector<LeafBatch> batches;
  for (const auto& reader : Get(transaction.Scan(leaf, options))) {
    while (auto batch = Get(reader->Next())) {
      EXPECT_GT(batch->rows->num_rows(), 0);
      batches.push_back(std::move(*batch));
    }
  }
  return batches;
}

/// The leaf's rows as a statement of its own sees them: "id:name", sorted.
inline std::vector<std::string> TextRows(Transaction& transaction, const RelationPtr& leaf, bool new_statement = true) {
  if (new_statement) EXPECT_OK(transaction.BeginStatement());
  std::vector<std::string> rows;
  for (const LeafBatch& batch : ScanAll(transaction, leaf, {.columns = {0, 1}})) {
    for (int64_t i = 0; i < batch.rows->num_rows(); ++i) {
      rows.push_back((*batch.rows->column(0)->GetScalar(i))->ToString() + ":" +
                     (*batch.rows->column(1)->GetScalar(i))->ToString());
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

/// The leaf's ids as a statement of its own sees them, sorted.
inline std::vector<int> Ids(Transaction& transaction, const RelationPtr& leaf, bool new_statement = true) {
  if (new_statement) EXPECT_OK(transaction.BeginStatement());
  std::vector<int> ids;
  for (const LeafBatch& batch : ScanAll(transaction, leaf, {.columns = {0}})) {
    const auto& column = static_cast<const arrow::Int32Array&>(*batch.rows->column(0));
    for (int64_t i = 0; i < column.length(); ++i) ids.push_back(column.Value(i));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}
inline std::vector<int> Ids(TransactionManager& manager, const RelationPtr& leaf) {
  return Ids(*manager.Begin(), leaf);
}

/// Deletes the rows of these ids in a statement of its own; gives what Delete does.
inline Result<int64_t> DeleteIds(Transaction& transaction, const RelationPtr& leaf, const std::vector<int>& ids,
                                 bool new_statement = true) {
  if (new_statement) EXPECT_OK(transaction.BeginStatement());
  std::vector<RowPosition> positions;
  arrow::BinaryBuilder keys;
  for (const LeafBatch& batch : ScanAll(transaction, leaf, {.columns = {0}, .row_ids = true})) {
    const auto& column = static_cast<const arrow::Int32Array&>(*batch.rows->column(0));
    for (int64_t i = 0; i < column.length(); ++i) {
      if (std::find(ids.begin(), ids.end(), column.Value(i)) == ids.end()) continue;
      if (batch.keys != nullptr && !keys.Append(batch.keys->GetView(i)).ok()) return Status::Invalid("out of memory");
      if (batch.positions != nullptr) positions.push_back(batch.positions->Value(i));
    }
  }
  if (!leaf->table->schema().has_primary_key()) return transaction.Delete(leaf, positions);
  const auto array = *keys.Finish();
  return transaction.Delete(leaf, static_cast<const arrow::BinaryArray&>(*array));
}

/// Inserts in a transaction of its own.
inline void InsertAll(TransactionManager& manager, const RelationPtr& leaf,
                      const std::shared_ptr<arrow::RecordBatch>& rows) {
  const auto transaction = manager.Begin();
  EXPECT_OK(transaction->Insert(leaf, rows));
  EXPECT_OK(transaction->Commit());
}

}  // namespace weir::sql
