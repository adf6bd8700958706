#pragma once

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/connection_impl.h"
#include "gateway/embedded/embedded_gateway.h"
#include "weir/client.h"
#include "tests/testing/temp_directory.h"

namespace weir {

using std::chrono::milliseconds;

/// The value of a future or result that must be a success.
template <typename T>
T Get(const Result<T>& result) {
  if (!result.ok()) throw std::runtime_error(result.status().ToString());
  return *result;
}
template <typename T>
T Get(const Future<T>& future) {
  return Get(future.Wait());
}

template <typename T>
Status StatusOf(const Result<T>& result) {
  return result.status();
}
template <typename T>
Status StatusOf(const Future<T>& future) {
  return future.Wait().status();
}
inline Status StatusOf(const Status& status) { return status; }

#define EXPECT_OK(expr)                                    \
  do {                                                     \
    const ::weir::Status _status = ::weir::StatusOf(expr); \
    EXPECT_TRUE(_status.ok()) << _status.ToString();       \
  } while (false)

/// An error of that code whose text contains `text`.
#define EXPECT_ERROR(expr, error_code, text)                                 \
  do {                                                                       \
    const ::weir::Status _status = ::weir::StatusOf(expr);                   \
    EXPECT_EQ(_status.code(), ::weir::ErrorCode::error_code) << _status.ToString(); \
    EXPECT_THAT(_status.ToString(), ::testing::HasSubstr(text));             \
  } while (false)

/// Options that make a connection send at once: tests wait for no timer.
inline Config TestConfig(const Properties& properties = {}, const std::string& where = ":memory:") {
  Config config = Get(Config::FromProperties(properties));
  config.bootstrap_servers = where;
  return config;
}
/// Closes the connections of a test at its end: threads that read ahead may outlive its handles on them, and must not
/// outlive the program.
class CloseConnections : public testing::EmptyTestEventListener {
 public:
  static std::vector<Connection>& Open() {
    static std::vector<Connection> connections;
    return connections;
  }

 private:
  void OnTestEnd(const testing::TestInfo&) override {
    for (const Connection& connection : Open()) (void)connection.Close().Wait();
    Open().clear();
  }
};
inline const bool kConnectionsAreClosed = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new CloseConnections);
  return true;
}();

inline Connection OpenMemory(const Properties& properties = {}) {
  return CloseConnections::Open().emplace_back(Get(Connection::Open(TestConfig(properties))));
}

inline Table MakeTable(const Connection& connection, const std::string& name, const TableDescriptor& descriptor) {
  Get(connection.gateway().CreateTable({"fluss", name}, descriptor, false));
  return Get(connection.GetTable({"fluss", name}));
}

inline TableDescriptor Describe(std::vector<Column> columns, std::vector<std::string> primary_key, int32_t buckets,
                                std::vector<std::string> partition_keys = {},
                                std::vector<std::string> bucket_keys = {}) {
  TableDescriptor descriptor;
  descriptor.schema = Get(Schema::Make(std::move(columns), std::move(primary_key)));
  descriptor.bucket_count = buckets;
  descriptor.partition_keys = std::move(partition_keys);
  descriptor.bucket_keys = std::move(bucket_keys);
  return descriptor;
}

/// (id INT, name STRING)
inline TableDescriptor LogTable(int32_t buckets = 1) {
  return Describe({{"id", DataType::Int()}, {"name", DataType::String()}}, {}, buckets);
}
/// (id INT, name STRING), primary key id
inline TableDescriptor PkTable(int32_t buckets = 1) {
  return Describe({{"id", DataType::Int()}, {"name", DataType::String()}}, {"id"}, buckets);
}
/// (id INT, day STRING) partitioned by day
inline TableDescriptor DailyLog(int32_t buckets = 1) {
  return Describe({{"id", DataType::Int()}, {"day", DataType::String()}}, {}, buckets, {"day"});
}
/// (day STRING, id INT, score BIGINT) partitioned by day, primary key (day, id)
inline TableDescriptor DailyPk(int32_t buckets = 1) {
  return Describe({{"day", DataType::String()}, {"id", DataType::Int()}, {"score", DataType::BigInt()}}, {"day", "id"},
                  buckets, {"day"});
}

inline int64_t AddPartition(const Table& table, const std::string& key, const std::string& value) {
  Gateway& gateway = table.connection().gateway();
  Get(gateway.CreatePartition(table.info().path, {{key, value}}, true));
  return Get(gateway.GetPartition(table.info().path, value)).partition_id;
}
inline void DropPartition(const Table& table, const std::string& key, const std::string& value) {
  Get(table.connection().gateway().DropPartition(table.info().path, {{key, value}}, false));
}

inline Datum Cell(int value) { return Datum::Int(value); }
inline Datum Cell(int64_t value) { return Datum::Int(value); }
inline Datum Cell(const char* value) { return Datum::Bytes(value); }
inline Datum Cell(std::nullptr_t) { return Datum::Null(); }
template <typename... T>
std::vector<Datum> Row(const T&... values) {
  return {Cell(values)...};
}

inline std::shared_ptr<arrow::Array> Ints(const std::vector<int32_t>& values) {
  arrow::Int32Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return *builder.Finish();
}
inline std::shared_ptr<arrow::Array> Longs(const std::vector<int64_t>& values) {
  arrow::Int64Builder builder;
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
  return arrow::RecordBatch::Make(arrow::schema(fields), columns[0]->length(), columns);
}

/// Ids `first`, `first + 1`, … and the names "n<id>".
inline std::shared_ptr<arrow::RecordBatch> IdBatch(int first, int count) {
  std::vector<int32_t> ids;
  std::vector<std::string> names;
  for (int id = first; id < first + count; ++id) {
    ids.push_back(id);
    names.push_back("n" + std::to_string(id));
  }
  return Batch({"id", "name"}, {Ints(ids), Texts(names)});
}

inline std::vector<int> Numbers(int first, int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(first + i);
  return numbers;
}

inline std::vector<int> IntsIn(const arrow::RecordBatch& rows, const std::string& column) {
  std::vector<int> values;
  const auto& array = static_cast<const arrow::Int32Array&>(*rows.GetColumnByName(column));
  for (int64_t i = 0; i < array.length(); ++i) values.push_back(array.Value(i));
  return values;
}
template <typename Batches>
std::vector<int> IdsIn(const Batches& batches) {
  std::vector<int> ids;
  for (const ScannedBatch& batch : batches) {
    for (const int id : IntsIn(*batch.rows, "id")) ids.push_back(id);
  }
  return ids;
}

inline std::shared_ptr<arrow::Table> ReadTable(const std::shared_ptr<arrow::RecordBatchReader>& reader) {
  return *reader->ToTable();
}
/// One cell of each row, as text; "-" for NULL.
inline std::vector<std::string> TextsOf(const arrow::Table& table, const std::string& column) {
  std::vector<std::string> texts;
  const auto& chunked = table.GetColumnByName(column);
  for (const auto& chunk : chunked->chunks()) {
    for (int64_t i = 0; i < chunk->length(); ++i) {
      texts.push_back(chunk->IsNull(i) ? "-" : (*chunk->GetScalar(i))->ToString());
    }
  }
  return texts;
}
inline std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// Polls until `count` records are there; gives up after a minute.
inline std::vector<ScannedBatch> PollRecords(LogScanner& scanner, size_t count, LogScanner::PollLimits limits = {}) {
  std::vector<ScannedBatch> all;
  size_t records = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (records < count && std::chrono::steady_clock::now() < end) {
    for (ScannedBatch& batch : Get(scanner.Poll(milliseconds(500), limits))) {
      records += batch.rows->num_rows();
      all.push_back(std::move(batch));
    }
  }
  return all;
}

}  // namespace weir
