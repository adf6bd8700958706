#pragma once

#include <arrow/type_fwd.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/memory_budget.h"
#include "server/pgwire/channel.h"
#include "postgres/value/column_writer.h"
#include "sql/session.h"

namespace weir::pgwire {

/// A result on its way to the client.
class RowSender {
 public:
  /// `formats`: none, one for all, or one a column.
  /// The session is the one that gave the result.
  RowSender(std::unique_ptr<sql::QueryResult> result, std::vector<int16_t> formats, sql::Session& session);

  const std::vector<sql::ResultColumn>& columns() const { return result_->columns(); }
  bool gives_rows() const { return result_->gives_rows(); }
  /// Sends up to `limit` rows (0: all of them). False when it ended because of the limit.
  Result<bool> Send(int64_t limit, Channel& channel);
  /// Takes the rest of the rows to memory, so that the session can run another statement.
  Status Detach();
  /// Known when Send was true. A result sent in parts has the count of its last part, as in PostgreSQL.
  std::string tag() const;

  /// Goes to the next row: its batch's writers and its position in it; false at the end.
  Result<bool> NextRow();
  const std::vector<std::unique_ptr<postgres::ColumnWriter>>& writers() const { return writers_; }
  int64_t row() const { return row_; }

 private:
  Status Take(std::shared_ptr<arrow::RecordBatch> batch);

  const std::unique_ptr<sql::QueryResult> result_;
  const std::vector<int16_t> formats_;
  sql::Session& session_;
  const postgres::Settings settings_;
  MemoryReservation sending_;  // what the batch under way takes once more as messages
  MemoryReservation kept_;     // for detached_
  std::deque<std::shared_ptr<arrow::RecordBatch>> detached_;
  bool result_ended_ = false;
  std::vector<std::unique_ptr<postgres::ColumnWriter>> writers_;  // of the batch under way
  int64_t row_ = -1;
  int64_t rows_ = 0;  // of the batch under way
  int64_t sent_before_ = 0;
  int64_t sent_ = 0;
};

}  // namespace weir::pgwire
