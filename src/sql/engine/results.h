#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sql/engine/duckdb_headers.h"
#include "sql/engine/statement_timer.h"
#include "sql/session.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// What a vector's values take, strings of arrays included.
int64_t BytesOf(duckdb::Vector& vector, duckdb::idx_t count);

/// How rows of these types are shown.
std::shared_ptr<arrow::Schema> ArrowSchemaOf(const duckdb::vector<duckdb::LogicalType>& types,
                                             const duckdb::vector<std::string>& names,
                                             duckdb::ClientProperties& properties);

/// Rows that DuckDB is still making. The session closes it when its next statement begins.
class OpenRows {
 public:
  /// `transaction`: what the rows are read in, kept until they end.
  /// `memory` (null: nobody counts) is taken for the batch that was given last.
  OpenRows(std::shared_ptr<duckdb::Connection> connection, duckdb::unique_ptr<duckdb::QueryResult> rows,
           std::vector<ResultColumn> columns, std::shared_ptr<Transaction> transaction,
           std::shared_ptr<MemoryBudget> memory);

  const std::vector<ResultColumn>& columns() const { return columns_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// Null at the end. 34000 when the session has gone on to another statement.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  int64_t rows() const { return rows_; }
  void Close();
  /// What watches how long the statement takes.
  void KeepUntilEnd(std::shared_ptr<StatementTimer> timer) { timer_ = std::move(timer); }

 private:
  Result<std::shared_ptr<arrow::RecordBatch>> Fetch();
  Status TakeMemory(duckdb::DataChunk& chunk);

  std::shared_ptr<duckdb::Connection> connection_;
  std::shared_ptr<Transaction> transaction_;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  std::shared_ptr<StatementTimer> timer_;
  duckdb::ClientProperties properties_;
  std::vector<ResultColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  MemoryReservation memory_;
  int64_t rows_ = 0;
  bool drained_ = false;  // DuckDB has given its last chunk and takes no more calls
  bool ended_ = false;
  bool closed_ = false;
};

/// What a statement failed with, in the words of statement_timeout where its timer (null: it has none) has ended it.
Status FailureOf(const StatementTimer* timer, const Status& status);

/// A result without rows.
std::unique_ptr<QueryResult> NoRows(std::string command_tag);
/// Lines of text in columns.
std::unique_ptr<QueryResult> TextRows(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows,
                                      std::string command_tag);
/// Rows that are there already.
std::unique_ptr<QueryResult> BatchRows(std::vector<ResultColumn> columns, std::shared_ptr<arrow::Schema> schema,
                                       std::vector<std::shared_ptr<arrow::RecordBatch>> batches,
                                       std::string command_tag);
/// `on_failure` is told when the rows end with an error, and gives the one that the client is told. The tag's number of
/// rows follows `command`.
std::unique_ptr<QueryResult> RowsOf(std::shared_ptr<OpenRows> rows, std::string command,
                                    std::function<Status(const Status&)> on_failure);

}  // namespace weir::sql
