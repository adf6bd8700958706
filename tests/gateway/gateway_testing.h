#pragma once

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "format/key_codec.h"
#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "format/row_codec.h"
#include "gateway/embedded/embedded_gateway.h"
#include "tests/testing/temp_directory.h"

namespace weir {

inline int64_t TestNowMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The value of a future or result that must be a success; a default one after a failure.
template <typename T>
T Get(const Result<T>& result) {
  EXPECT_TRUE(result.ok()) << result.status().ToString();
  if constexpr (std::is_default_constructible_v<T>) {
    if (!result.ok()) return T{};
  }
  return *result;
}
template <typename T>
T Get(const Future<T>& future) {
  return Get(future.Wait());
}
template <typename T>
ErrorCode CodeOf(const Future<T>& future) {
  return future.Wait().status().code();
}
template <typename T>
std::string MessageOf(const Future<T>& future) {
  return future.Wait().status().message();
}

#define EXPECT_OK(future) EXPECT_TRUE((future).Wait().ok()) << (future).Wait().status().ToString()
#define EXPECT_CODE(future, error_code) EXPECT_EQ(CodeOf(future), ErrorCode::error_code) << MessageOf(future)

inline EmbeddedOptions TestOptions(SyncMode sync = SyncMode::kNone) {
  EmbeddedOptions options;
  options.sync = sync;
  options.maintenance_interval_ms = 0;
  return options;
}

inline std::shared_ptr<Gateway> OpenOrDie(const std::string& directory,
                                          const EmbeddedOptions& options = TestOptions()) {
  Result<std::shared_ptr<Gateway>> gateway = OpenEmbedded(directory, options);
  EXPECT_TRUE(gateway.ok()) << gateway.status().ToString();
  return gateway.ok() ? *gateway : nullptr;
}

/// (id INT, name STRING), without a primary key.
inline TableDescriptor LogTable(int32_t buckets = 1) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"name", DataType::String()}});
  descriptor.bucket_count = buckets;
  return descriptor;
}

/// (id INT, name STRING), primary key id.
inline TableDescriptor PkTable(int32_t buckets = 1) {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"name", DataType::String()}}, {"id"});
  descriptor.bucket_count = buckets;
  return descriptor;
}

/// (id INT, day STRING) partitioned by day.
inline TableDescriptor PartitionedTable() {
  TableDescriptor descriptor;
  descriptor.schema = *Schema::Make({{"id", DataType::Int()}, {"day", DataType::String()}});
  descriptor.partition_keys = {"day"};
  descriptor.bucket_count = 1;
  return descriptor;
}

inline std::shared_ptr<arrow::RecordBatch> Rows(int first_id, int count, const std::string& text = "row") {
  arrow::Int32Builder ids;
  arrow::StringBuilder texts;
  for (int i = 0; i < count; ++i) {
    (void)ids.Append(first_id + i);
    (void)texts.Append(text);
  }
  const auto schema = arrow::schema({arrow::field("id", arrow::int32()), arrow::field("name", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, count, {*ids.Finish(), *texts.Finish()});
}

inline std::shared_ptr<arrow::Buffer> LogBatch(const Schema& schema, int first_id, int count,
                                               const std::string& text = "row") {
  return Get(EncodeLogBatch(*Rows(first_id, count, text), {}, schema, LogBatchOptions{}));
}

inline ProduceLogRequest Produce(const TableBucket& bucket, std::shared_ptr<arrow::Buffer> records, int acks = -1) {
  ProduceLogRequest request;
  request.table_id = bucket.table_id;
  request.acks = acks;
  request.buckets.push_back({bucket, std::move(records)});
  return request;
}

inline std::string KeyOf(int id) {
  const std::vector<Datum> row{Datum::Int(id), Datum::Null()};
  std::string key;
  const Status encoded = EncodeKey(KeyEncoding::kCompacted, {DataType::Int(), DataType::String()}, {0}, row, &key);
  EXPECT_TRUE(encoded.ok()) << encoded.ToString();
  return key;
}

inline std::string RowOf(int id, const std::string& name) {
  const std::vector<DataType> types{DataType::Int().NotNull(), DataType::String()};
  const std::vector<Datum> row{Datum::Int(id), Datum::Bytes(name)};
  std::string bytes;
  const Status encoded = EncodeRow(RowFormat::kCompacted, types, row, &bytes);
  EXPECT_TRUE(encoded.ok()) << encoded.ToString();
  return bytes;
}

/// What a lookup gives for RowOf(id, name): the schema id before it.
inline std::string ValueOf(int id, const std::string& name, int16_t schema_id = 1) {
  std::string value;
  AppendSchemaId(schema_id, &value);
  return value + RowOf(id, name);
}

inline PutKvRequest Put(const TableBucket& bucket, int first_id, int count, const std::string& name) {
  KvBatchBuilder builder;
  for (int id = first_id; id < first_id + count; ++id) builder.Upsert(KeyOf(id), RowOf(id, name));
  PutKvRequest request;
  request.table_id = bucket.table_id;
  request.buckets.push_back({bucket, arrow::Buffer::FromString(builder.Finish(1, -1, -1))});
  return request;
}

inline FetchLogRequest Fetch(const TableBucket& bucket, int64_t offset, int max_wait_ms = 0) {
  FetchLogRequest request;
  request.max_wait_ms = max_wait_ms;
  request.buckets.push_back({bucket, offset, 1 << 20});
  return request;
}

/// The ids in a fetched buffer, batch by batch.
inline std::vector<int> IdsIn(const std::shared_ptr<arrow::Buffer>& records, const Schema& schema) {
  std::vector<int> ids;
  int64_t position = 0;
  while (records != nullptr && position < records->size()) {
    const auto rest = arrow::SliceBuffer(records, position);
    const Result<DecodedLogBatch> batch = DecodeLogBatch(rest, schema, {});
    EXPECT_TRUE(batch.ok()) << batch.status().ToString();
    if (!batch.ok()) break;
    if (batch->rows != nullptr) {
      const auto& column = static_cast<const arrow::Int32Array&>(*batch->rows->column(0));
      for (int64_t i = 0; i < column.length(); ++i) ids.push_back(column.Value(i));
    }
    position += batch->header.total_size();
  }
  return ids;
}

/// All ids in a bucket's log, from its start.
inline std::vector<int> AllIds(Gateway& gateway, const TableBucket& bucket, const Schema& schema) {
  std::vector<int> ids;
  int64_t offset = kEarliestOffset;
  while (true) {
    const std::vector<FetchedBucket> fetched = Get(gateway.FetchLog(Fetch(bucket, offset)));
    if (fetched.size() != 1 || !fetched[0].status.ok() || fetched[0].records == nullptr) break;
    const std::vector<int> more = IdsIn(fetched[0].records, schema);
    if (more.empty()) break;
    ids.insert(ids.end(), more.begin(), more.end());
    offset = fetched[0].log_start_offset + static_cast<int64_t>(ids.size());
  }
  return ids;
}

/// The log files below a directory, in path order.
inline std::vector<std::string> LogFilesBelow(const std::string& directory) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() == ".log") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

inline TableInfo MakeTable(Gateway& gateway, const std::string& name, const TableDescriptor& descriptor) {
  EXPECT_OK(gateway.CreateTable({"fluss", name}, descriptor, false));
  return Get(gateway.GetTableInfo({"fluss", name}));
}

}  // namespace weir
