#pragma once

#include <map>
#include <memory>
#include <string>

#include "gateway/memory_budget.h"
#include "sql/remote/messages.h"
#include "sql/session.h"

namespace weir {

/// Does what the calls of one SQL session ask for (sql/remote/call.proto). One thread.
class SqlWorker {
 public:
  explicit SqlWorker(std::unique_ptr<sql::Session> session);

  sql::Session& session() { return *session_; }
  /// Whatever goes wrong is an error in the answer, and leaves an open transaction failed.
  sql::call::Response Do(const sql::call::Request& request);
  /// The first answer of the session.
  sql::call::Response Greet();

 private:
  using Request = sql::call::Request;
  using Response = sql::call::Response;

  Status Dispatch(const Request& request, Response* response);
  Status RunText(const std::string& text, Response* response);
  Status Prepare(const sql::call::Prepare& prepare, Response* response);
  Status Execute(const sql::call::Execute& execute, Response* response);
  Status Begin(std::unique_ptr<sql::QueryResult> result, Response* response);
  Result<std::shared_ptr<arrow::RecordBatch>> NextRows();
  Status SendRows(Response* response);
  Status StartCopyIn(const std::string& text, Response* response);
  Status EndCopyIn(Response* response);
  Status StartCopyOut(const std::string& text, Response* response);
  Status SendCopy(Response* response);
  Status Ask(const Request& request, Response* response);
  Result<sql::Statement> OnlyStatement(const std::string& text);
  Result<sql::CopyIn*> Copying();
  void CloseResult();
  void Describe(Response* response);

  const std::unique_ptr<sql::Session> session_;
  std::map<int64_t, std::shared_ptr<sql::PreparedStatement>> prepared_;
  int64_t last_prepared_ = 0;
  // At most one of these is under way.
  std::unique_ptr<sql::QueryResult> result_;
  std::unique_ptr<sql::CopyIn> copy_in_;
  std::unique_ptr<sql::CopyOut> copy_out_;
  int64_t last_result_ = 0;
  std::shared_ptr<arrow::RecordBatch> rest_;  // of the result's batch under way
  int64_t row_bytes_ = 0;                     // what a row of that takes
  int offset_ = 0;             // of the statement in the text that was sent
  MemoryReservation sending_;  // the rows of an answer
  int64_t answers_ = 0;
  std::optional<uint64_t> reported_;  // the version of the parameters that the client knows
};

}  // namespace weir
