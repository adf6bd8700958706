#include "server/fluss/sql_worker.h"

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <utility>

#include "postgres/value/text.h"
#include "sql/out_of_memory.h"

namespace weir {
namespace {

using sql::call::Request;
using sql::call::Response;

/// From so many bytes on rows go out.
constexpr int64_t kAnswerBytes = 1 << 20;
/// What a frame has room for.
constexpr size_t kMostBytes = (1 << 30) - (1 << 20);

Status SetRows(std::string rows, Response* response) {
  if (rows.size() > kMostBytes) return sql::Error("54000", "a row is too large to be sent");
  response->set_rows(std::move(rows));
  return Status::OK();
}

/// What fails without a word fails this call alone.
template <typename Run>
Status Caught(Run&& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return sql::OutOfMemory("The system has no more for the statement.");
  } catch (const std::exception& error) {
    return sql::Error("XX000", error.what());
  }
}

}  // namespace

SqlWorker::SqlWorker(std::unique_ptr<sql::Session> session)
    : session_(std::move(session)), sending_(session_->memory()) {}

Response SqlWorker::Greet() {
  Response response;
  Describe(&response);
  return response;
}

Response SqlWorker::Do(const Request& request) {
  for (const int64_t prepared : request.forget()) prepared_.erase(prepared);
  Response response;
  const Status status = Caught([&] { return Dispatch(request, &response); });
  if (!status.ok()) {
    CloseResult();
    session_->Fail();
    response.Clear();
    sql::ErrorFields fields = sql::FieldsOf(status);
    if (fields.position > 0) fields.position += offset_;
    sql::remote::Put(fields, response.mutable_error());
  }
  if (result_ == nullptr && copy_in_ == nullptr && copy_out_ == nullptr) session_->AwaitClient();
  Describe(&response);
  return response;
}

/// What goes with every answer.
void SqlWorker::Describe(Response* response) {
  for (const sql::ErrorFields& notice : session_->TakeNotices()) sql::remote::Put(notice, response->add_notices());
  response->set_status(static_cast<int32_t>(session_->transaction_status()));
  response->set_answer(++answers_);
  const uint64_t version = session_->parameters_version();
  if (std::exchange(reported_, version) == version) return;
  for (const char* name : sql::remote::kReported) {
    sql::call::Setting* setting = response->add_settings();
    setting->set_name(name);
    setting->set_value(session_->GetParameter(name).value_or(""));
  }
}

Status SqlWorker::Dispatch(const Request& request, Response* response) {
  switch (request.call_case()) {
    case Request::kRun: return RunText(request.run(), response);
    case Request::kPrepare: return Prepare(request.prepare(), response);
    case Request::kExecute: return Execute(request.execute(), response);
    case Request::kNext:
      if (request.next() != last_result_) return sql::Error("55000", "another statement has closed the result");
      return copy_out_ != nullptr ? SendCopy(response) : SendRows(response);
    case Request::kCloseResult:
      if (request.close_result() == last_result_) CloseResult();
      return Status::OK();
    case Request::kCopyIn: return StartCopyIn(request.copy_in(), response);
    case Request::kCopyData: {
      WEIR_ASSIGN_OR_RETURN(sql::CopyIn* const copy, Copying());
      return copy->Add(request.copy_data());
    }
    case Request::kCopyEnd: return EndCopyIn(response);
    case Request::kCopyFail: {
      WEIR_ASSIGN_OR_RETURN(sql::CopyIn* const copy, Copying());
      return copy->GiveUp(request.copy_fail());
    }
    case Request::kCopyOut: return StartCopyOut(request.copy_out(), response);
    case Request::kFail: session_->Fail(); return Status::OK();
    case Request::kOidOf:
    case Request::kParameter:
    case Request::kCursor: return Ask(request, response);
    case Request::kOpen:
    case Request::kCancel:
    case Request::kEnd:
    case Request::CALL_NOT_SET: break;
  }
  return sql::Error("08P01", "the call is none that a session takes");
}

// --- statements ---

Result<sql::Statement> SqlWorker::OnlyStatement(const std::string& text) {
  CloseResult();
  offset_ = 0;
  WEIR_RETURN_NOT_OK(postgres::CheckUtf8(text));
  WEIR_ASSIGN_OR_RETURN(std::vector<sql::Statement> statements, session_->Parse(text));
  if (statements.size() != 1) return sql::Error("42601", "a call runs one statement");
  offset_ = statements.front().offset;
  return std::move(statements.front());
}

Status SqlWorker::RunText(const std::string& text, Response* response) {
  WEIR_ASSIGN_OR_RETURN(const sql::Statement statement, OnlyStatement(text));
  WEIR_ASSIGN_OR_RETURN(auto result, session_->Run(statement));
  return Begin(std::move(result), response);
}

Status SqlWorker::Prepare(const sql::call::Prepare& prepare, Response* response) {
  CloseResult();
  offset_ = 0;  // positions count in the whole text
  WEIR_RETURN_NOT_OK(postgres::CheckUtf8(prepare.text()));
  WEIR_ASSIGN_OR_RETURN(auto prepared,
                        session_->Prepare(prepare.text(), {prepare.types().begin(), prepare.types().end()}));
  sql::remote::Put(prepared->columns(), response);
  for (const uint32_t type : prepared->parameter_types()) response->add_parameters(type);
  response->set_prepared(++last_prepared_);
  prepared_[last_prepared_] = std::move(prepared);
  return Status::OK();
}

Status SqlWorker::Execute(const sql::call::Execute& execute, Response* response) {
  CloseResult();
  offset_ = 0;
  const auto found = prepared_.find(execute.prepared());
  if (found == prepared_.end()) return sql::Error("26000", "there is no such prepared statement");
  std::vector<sql::ParameterValue> values;
  for (const auto& value : execute.values()) {
    WEIR_RETURN_NOT_OK(postgres::CheckUtf8(value.text()));
    values.push_back(value.has_text() ? sql::ParameterValue(value.text()) : std::nullopt);
  }
  if (values.size() != found->second->parameter_types().size()) {
    return sql::Error("08P01", "the statement has another number of parameters");
  }
  WEIR_ASSIGN_OR_RETURN(auto result, session_->Execute(found->second, values));
  return Begin(std::move(result), response);
}

// --- results ---

void SqlWorker::CloseResult() {
  rest_.reset();
  result_.reset();
  copy_in_.reset();
  copy_out_.reset();
}

Status SqlWorker::Begin(std::unique_ptr<sql::QueryResult> result, Response* response) {
  result_ = std::move(result);
  ++last_result_;
  sql::remote::Put(result_->columns(), response);
  response->set_gives_rows(result_->gives_rows());
  return SendRows(response);
}

/// The next rows of the result, at most about as many as an answer takes; null at the end.
Result<std::shared_ptr<arrow::RecordBatch>> SqlWorker::NextRows() {
  if (rest_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(rest_, result_->Next());
    if (rest_ == nullptr) return std::shared_ptr<arrow::RecordBatch>();
    row_bytes_ = arrow::util::TotalBufferSize(*rest_) / std::max<int64_t>(rest_->num_rows(), 1);
  }
  const int64_t rows = std::max<int64_t>(kAnswerBytes / std::max<int64_t>(row_bytes_, 1), 1);
  if (rest_->num_rows() <= rows) return std::exchange(rest_, nullptr);
  auto first = rest_->Slice(0, rows);
  rest_ = rest_->Slice(rows);
  return first;
}

/// Rows until there are enough for an answer, or no more. The memory for them is given back with the next.
Status SqlWorker::SendRows(Response* response) {
  if (result_ == nullptr) return sql::Error("55000", "the result has no more rows");
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t bytes = 0;
  bool more = true;
  while (more && bytes < kAnswerBytes) {
    WEIR_ASSIGN_OR_RETURN(auto batch, NextRows());
    more = batch != nullptr;
    if (!more) break;
    bytes += row_bytes_ * batch->num_rows();
    if (!sending_.Resize(2 * bytes)) return sql::OutOfMemory("There is not enough to send more rows of the result.");
    batches.push_back(std::move(batch));
  }
  if (const auto schema = result_->arrow_schema(); schema != nullptr) {
    WEIR_ASSIGN_OR_RETURN(std::string rows, sql::remote::Encode(schema, batches));
    WEIR_RETURN_NOT_OK(SetRows(std::move(rows), response));
  }
  response->set_more(more);
  response->set_result(last_result_);
  if (!more) {
    response->set_tag(result_->command_tag());
    result_.reset();
  }
  return Status::OK();
}

// --- COPY ---

Result<sql::CopyIn*> SqlWorker::Copying() {
  if (copy_in_ == nullptr) return sql::Error("08P01", "no COPY FROM is under way");
  return copy_in_.get();
}

Status SqlWorker::StartCopyIn(const std::string& text, Response* response) {
  WEIR_ASSIGN_OR_RETURN(const sql::Statement statement, OnlyStatement(text));
  WEIR_ASSIGN_OR_RETURN(copy_in_, session_->StartCopyIn(statement));
  response->set_copy_columns(static_cast<uint32_t>(copy_in_->columns()));
  response->set_copy_binary(copy_in_->binary());
  return Status::OK();
}

Status SqlWorker::EndCopyIn(Response* response) {
  WEIR_ASSIGN_OR_RETURN(sql::CopyIn* const copy, Copying());
  WEIR_ASSIGN_OR_RETURN(const std::string tag, copy->Finish());
  copy_in_.reset();
  response->set_tag(tag);
  return Status::OK();
}

Status SqlWorker::StartCopyOut(const std::string& text, Response* response) {
  WEIR_ASSIGN_OR_RETURN(const sql::Statement statement, OnlyStatement(text));
  WEIR_ASSIGN_OR_RETURN(copy_out_, session_->StartCopyOut(statement));
  response->set_copy_columns(static_cast<uint32_t>(copy_out_->columns()));
  response->set_copy_binary(copy_out_->binary());
  response->set_result(++last_result_);
  return Status::OK();
}

Status SqlWorker::SendCopy(Response* response) {
  std::string data;
  bool more = true;
  while (more && static_cast<int64_t>(data.size()) < kAnswerBytes) {
    WEIR_ASSIGN_OR_RETURN(more, copy_out_->Next(&data));
  }
  WEIR_RETURN_NOT_OK(SetRows(std::move(data), response));
  response->set_more(more);
  if (more) return Status::OK();
  response->set_tag(copy_out_->command_tag());
  copy_out_.reset();
  return Status::OK();
}

// --- questions ---

Status SqlWorker::Ask(const Request& request, Response* response) {
  if (request.has_oid_of()) {
    WEIR_ASSIGN_OR_RETURN(const uint32_t oid, session_->OidOfName(request.oid_of().type(), request.oid_of().name()));
    response->set_oid(oid);
  } else if (request.has_parameter()) {
    const std::optional<std::string> value = session_->GetParameter(request.parameter());
    response->set_found(value.has_value());
    response->set_value(value.value_or(""));
  } else {
    const std::vector<sql::ResultColumn>* columns = session_->CursorColumns(request.cursor());
    response->set_found(columns != nullptr);
    if (columns != nullptr) sql::remote::Put(*columns, response);
  }
  return Status::OK();
}

}  // namespace weir
