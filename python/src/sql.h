#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core.h"
#include "operation.h"
#include "sql/session.h"
#include "types/mutex.h"
#include "weir/client.h"

namespace weir::python {

/// What a statement gave.
struct SqlAnswer {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  std::string tag;
  bool has_rows = false;
  std::vector<std::string> notices;  // "NOTICE: …"
};
using SqlAnswerPtr = std::shared_ptr<const SqlAnswer>;

/// A value of a parameter and the OID of its type, 0 where the statement decides.
struct SqlParameters {
  std::vector<uint32_t> types;
  std::vector<sql::ParameterValue> values;
};

/// The SQL session of a connection: opened by the first statement; statements run one after another, in the
/// order they were given, each when what was written on the connection before it is there.
class SqlRunner : public std::enable_shared_from_this<SqlRunner> {
 public:
  explicit SqlRunner(Connection connection) : connection_(std::move(connection)) {}

  /// Statements of a text; the answer is that of the last. One statement only where there are parameters.
  Future<SqlAnswerPtr> Run(std::string text, SqlParameters parameters);
  /// The running statement ends with SQLSTATE 57014.
  void Cancel();
  /// After the statements that were given before it: ends the session, rolling back what it left open.
  Future<Unit> Close();

 private:
  void Enqueue(std::function<void()> work);
  void Drain();
  Result<SqlAnswerPtr> RunNow(const std::string& text, const SqlParameters& parameters);
  Status Open();
  Result<SqlAnswerPtr> RunScript(const std::string& text);
  Result<SqlAnswerPtr> RunPrepared(const std::string& text, const SqlParameters& parameters);
  Result<SqlAnswerPtr> Collect(sql::QueryResult& result);

  Mutex mutex_;
  std::deque<std::function<void()>> queue_ WEIR_GUARDED_BY(mutex_);
  bool draining_ WEIR_GUARDED_BY(mutex_) = false;
  bool closed_ WEIR_GUARDED_BY(mutex_) = false;
  std::shared_ptr<sql::Session> session_for_cancel_ WEIR_GUARDED_BY(mutex_);

  // Of the thread that drains. The session ends before its database, and that before the connection.
  Connection connection_;
  std::shared_ptr<sql::Database> database_;
  std::shared_ptr<sql::Session> session_;
};

/// `status` as every error of SQL is told, with a SQLSTATE.
Status AsSqlError(const Status& status, int offset = 0);

SqlParameters ToSqlParameters(nb::handle types, nb::handle values);
nb::object SqlAnswerToPython(const SqlAnswerPtr& answer);

}  // namespace weir::python
