#include "sql.h"

#include <arrow/record_batch.h>

#include "arrow_exchange.h"
#include "gateway/gateway.h"
#include "sql_numbers.h"

namespace weir::python {
namespace {

/// The gateway of a connection, which stays open as long as the gateway is used.
std::shared_ptr<Gateway> GatewayOf(const Connection& connection) {
  auto keeper = std::make_shared<Connection>(connection);
  return {keeper, &keeper->gateway()};
}

/// Other libraries write parameters otherwise, which is a syntax error here.
Status WithParameterHint(const Status& status, const std::string& text) {
  sql::ErrorFields fields = sql::FieldsOf(status);
  const bool written_otherwise = text.find('$') == std::string::npos && text.find_first_of("?%:") != std::string::npos;
  if (fields.sqlstate != "42601" || !fields.hint.empty() || !written_otherwise) return status;
  return sql::Error(fields.sqlstate, fields.message,
                    {.detail = fields.detail, .hint = "Parameters are written $1, $2 and so on.",
                     .position = fields.position});
}

}  // namespace

Status AsSqlError(const Status& status, int offset) {
  sql::ErrorFields fields = sql::FieldsOf(status);
  const int position = fields.position > 0 ? fields.position + offset : 0;
  return sql::Error(fields.sqlstate, fields.message,
                    {.detail = fields.detail, .hint = fields.hint, .position = position, .schema = fields.schema,
                     .table = fields.table, .column = fields.column, .constraint = fields.constraint});
}

Future<SqlAnswerPtr> SqlRunner::Run(std::string text, SqlParameters parameters) {
  Promise<SqlAnswerPtr> promise;
  Enqueue([this, promise, text = std::move(text), parameters = std::move(parameters)] {
    promise.Complete(RunNow(text, parameters));
  });
  return promise.future();
}

void SqlRunner::Cancel() {
  std::shared_ptr<sql::Session> session;
  {
    MutexLock lock(mutex_);
    session = session_for_cancel_;
  }
  if (session != nullptr) session->Cancel();
}

Future<Unit> SqlRunner::Close() {
  Promise<Unit> promise;
  {
    MutexLock lock(mutex_);
    if (!draining_ && queue_.empty() && session_for_cancel_ == nullptr) {
      closed_ = true;
      return Future<Unit>::Ready(Unit{});
    }
  }
  Enqueue([this, promise] {
    std::shared_ptr<sql::Session> session;
    {
      MutexLock lock(mutex_);
      closed_ = true;
      session.swap(session_for_cancel_);
    }
    session.reset();
    session_.reset();
    database_.reset();
    promise.Complete(Unit{});
  });
  return promise.future();
}

void SqlRunner::Enqueue(std::function<void()> work) {
  {
    MutexLock lock(mutex_);
    queue_.push_back(std::move(work));
    if (draining_) return;
    draining_ = true;
  }
  RunUnbounded([self = shared_from_this()] { self->Drain(); });
}

void SqlRunner::Drain() {
  while (true) {
    std::function<void()> work;
    {
      MutexLock lock(mutex_);
      if (queue_.empty()) {
        draining_ = false;
        return;
      }
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

Status SqlRunner::Open() {
  {
    MutexLock lock(mutex_);
    if (closed_) return sql::Error("08003", "the connection is closed");
  }
  if (session_ != nullptr) return Status::OK();
  if (database_ == nullptr) {
    WEIR_ASSIGN_OR_RETURN(database_, sql::Database::Open(GatewayOf(connection_)));
  }
  WEIR_ASSIGN_OR_RETURN(session_, database_->Connect({}));
  MutexLock lock(mutex_);
  session_for_cancel_ = session_;
  return Status::OK();
}

Result<SqlAnswerPtr> SqlRunner::RunNow(const std::string& text, const SqlParameters& parameters) {
  const Status flushed = connection_.closed() ? sql::Error("08003", "the connection is closed")
                                              : connection_.Flush().Wait().status();
  if (!flushed.ok()) return AsSqlError(flushed);
  if (const Status opened = Open(); !opened.ok()) return AsSqlError(opened);
  Result<SqlAnswerPtr> answer = parameters.values.empty() ? RunScript(text) : RunPrepared(text, parameters);
  if (!answer.ok()) {
    session_->Fail();
    (void)session_->TakeNotices();
  }
  session_->AwaitClient();
  return answer;
}

Result<SqlAnswerPtr> SqlRunner::RunScript(const std::string& text) {
  const auto statements = session_->Parse(text);
  if (!statements.ok()) return AsSqlError(statements.status());
  SqlAnswerPtr last = std::make_shared<SqlAnswer>(SqlAnswer{.schema = arrow::schema(arrow::FieldVector())});
  for (const sql::Statement& statement : *statements) {
    const auto result = session_->Run(statement);
    Result<SqlAnswerPtr> answer = result.ok() ? Collect(**result) : result.status();
    if (!answer.ok()) return AsSqlError(answer.status(), statement.offset);
    last = *answer;
  }
  return last;
}

Result<SqlAnswerPtr> SqlRunner::RunPrepared(const std::string& text, const SqlParameters& parameters) {
  const auto prepared = session_->Prepare(text, parameters.types);
  if (!prepared.ok()) return AsSqlError(WithParameterHint(prepared.status(), text));
  const size_t wanted = (*prepared)->parameter_types().size();
  if (wanted != parameters.values.size()) {
    return sql::Error("08P01", "the statement has " + std::to_string(wanted) + " parameters, " +
                                   std::to_string(parameters.values.size()) + " values were given");
  }
  const int offset = (*prepared)->statement().offset;
  const auto result = session_->Execute(*prepared, parameters.values);
  Result<SqlAnswerPtr> answer = result.ok() ? Collect(**result) : result.status();
  if (!answer.ok()) return AsSqlError(answer.status(), offset);
  return answer;
}

Result<SqlAnswerPtr> SqlRunner::Collect(sql::QueryResult& result) {
  auto answer = std::make_shared<SqlAnswer>();
  answer->schema = result.arrow_schema();
  if (answer->schema == nullptr) answer->schema = arrow::schema(arrow::FieldVector());
  answer->has_rows = !result.columns().empty();
  while (true) {
    WEIR_ASSIGN_OR_RETURN(auto batch, result.Next());
    if (batch == nullptr) break;
    answer->batches.push_back(std::move(batch));
  }
  WEIR_RETURN_NOT_OK(MakeDecimals(result.columns(), &answer->schema, &answer->batches));
  answer->tag = result.command_tag();
  for (const sql::ErrorFields& notice : session_->TakeNotices()) {
    answer->notices.push_back(notice.severity + ": " + notice.message);
  }
  return SqlAnswerPtr(std::move(answer));
}

SqlParameters ToSqlParameters(nb::handle types, nb::handle values) {
  SqlParameters parameters;
  for (nb::handle type : nb::borrow<nb::iterable>(types)) parameters.types.push_back(nb::cast<uint32_t>(type));
  for (nb::handle value : nb::borrow<nb::iterable>(values)) {
    if (value.is_none()) parameters.values.emplace_back();
    else parameters.values.emplace_back(nb::borrow<nb::str>(value).c_str());
  }
  return parameters;
}

nb::object SqlAnswerToPython(const SqlAnswerPtr& answer) {
  nb::list notices;
  for (const std::string& notice : answer->notices) notices.append(ToPyStr(notice));
  return nb::make_tuple(nb::cast(ArrowTable{answer->schema, answer->batches}), ToPyStr(answer->tag), answer->has_rows,
                        notices);
}

}  // namespace weir::python
