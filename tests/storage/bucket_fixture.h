#pragma once

#include <arrow/buffer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "format/kv_batch.h"
#include "format/row_codec.h"
#include "storage/bucket.h"
#include "storage/bucket_columns.h"
#include "storage/changelog.h"
#include "storage/key_layout.h"
#include "types/arrow_rows.h"

#define ASSERT_OK(expr)                            \
  do {                                             \
    const auto& _s = (expr);                       \
    ASSERT_TRUE(_s.ok()) << TestStatus(_s);        \
  } while (false)

namespace weir {

inline std::string TestStatus(const Status& status) { return status.ToString(); }
template <typename T>
std::string TestStatus(const Result<T>& result) {
  return result.status().ToString();
}

/// A value for tests: a number, a text or NULL. `nanos` of a timestamp stay 0.
struct Cell {
  Datum datum;
  Cell(std::nullptr_t) {}                                     // NOLINT
  Cell(int value) : datum(Datum::Int(value)) {}               // NOLINT
  Cell(const char* text) : datum(Datum::Bytes(text)) {}       // NOLINT
  Cell(std::string_view text) : datum(Datum::Bytes(text)) {}  // NOLINT
  Cell(Datum value) : datum(value) {}                         // NOLINT
};
using Cells = std::vector<Cell>;

std::string ShowDatum(const DataType& type, const Datum& datum);
std::string ShowRow(const std::vector<DataType>& types, RowView row);

/// An upsert of `row`, or a delete of the row with its key.
struct Op {
  bool erase = false;
  Cells row;
};
inline Op Up(Cells row) { return {false, std::move(row)}; }
inline Op Del(Cells row) { return {true, std::move(row)}; }

/// A data directory with one bucket in it.
class BucketTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Opens the table's bucket; `columns` e.g. {{"id", DataType::Int()}}, the first one the key.
  void CreateTable(std::vector<Column> columns, const Properties& properties,
                   std::vector<std::string> primary_key = {"id"}, std::vector<std::string> bucket_keys = {},
                   std::optional<std::string> auto_increment = {});
  void CreateDefaultTable(const Properties& properties = {});
  /// Adds nullable columns: a new latest schema.
  void AddColumns(std::vector<Column> columns);
  void OpenStore();
  void OpenBucket();
  /// Closes log and rows.
  void CloseAll();

  std::string Key(const Cells& row) const;
  std::string KvBatch(const std::vector<Op>& ops, int64_t writer_id, int32_t sequence, int32_t schema_id = -1) const;
  Result<LogAppendResult> Put(const std::vector<Op>& ops, const std::vector<int>& targets = {}, int agg_mode = 0);
  /// What KvBatch gives.
  Result<LogAppendResult> PutBytes(std::string_view batch, const std::vector<int>& targets = {}, int agg_mode = 0);
  /// The changelog from `offset` as "offset:+I(1, a)", batches without records as "offset:empty".
  std::vector<std::string> ChangelogFrom(int64_t offset);
  /// The stored row as "(1, a)" in the latest schema, or "none".
  std::string Find(const Cells& key_row);
  std::string ShowValue(std::string_view value);

  std::filesystem::path directory_;
  std::shared_ptr<TableContext> table_;
  std::map<int32_t, Schema> schemas_;
  KeyLayout layout_;
  TableBucket id_{7, std::nullopt, 0};
  std::shared_ptr<LogSyncer> syncer_;
  std::unique_ptr<KvStore> kv_;
  std::unique_ptr<Bucket> bucket_;
  std::atomic<int64_t> next_auto_{1};
  ValueRange returned_auto_;  // the last that the bucket gave back
  LogOptions log_options_;
  ColumnFiles::Options column_files_{.directory = {}, .most_bytes = {}, .least_rows = 4};
};

}  // namespace weir
