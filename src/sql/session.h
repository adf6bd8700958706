#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/gateway.h"
#include "gateway/memory_budget.h"
#include "postgres/value/row_shape.h"
#include "postgres/value/settings.h"
#include "sql/dialect/statement.h"
#include "sql/error.h"

namespace weir::sql {

/// A column of a result.
struct ResultColumn {
  std::string name;
  uint32_t type_oid = 25;  // PostgreSQL's
  int32_t type_modifier = -1;
  int16_t type_size = -1;
  std::shared_ptr<const postgres::RowShape> row;  // of rows whose type does not tell their fields
  uint32_t table = 0;  // whose column it shows; 0: it is none's
  int16_t number = 0;  // of that column: pg_attribute.attnum
};

/// A running statement's rows.
class QueryResult {
 public:
  virtual ~QueryResult() = default;
  /// Empty for a statement without rows.
  virtual const std::vector<ResultColumn>& columns() const = 0;
  /// Whether the statement gives rows, though they may have no columns (SELECT FROM t).
  virtual bool gives_rows() const { return !columns().empty(); }
  virtual std::shared_ptr<arrow::Schema> arrow_schema() const = 0;
  /// Next rows; null at the end.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
  /// "SELECT 3", "INSERT 0 1", "CREATE TABLE": known when Next has given null.
  virtual std::string command_tag() const = 0;
};

/// A parameter value: PostgreSQL's text form, or NULL.
using ParameterValue = std::optional<std::string>;

/// A parsed and described statement.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  virtual const std::vector<uint32_t>& parameter_types() const = 0;  // type OIDs
  virtual const std::vector<ResultColumn>& columns() const = 0;
  virtual const Statement& statement() const = 0;
  /// As that of a QueryResult.
  bool gives_rows() const {
    const auto* query = std::get_if<Query>(&statement().action);
    return !columns().empty() || (query != nullptr && query->command == "SELECT");
  }
};

/// COPY … FROM STDIN under way. What is taken is there once Finish has succeeded; when anything fails, or this goes
/// before its end, nothing of it stays. The session runs nothing else meanwhile.
class CopyIn {
 public:
  virtual ~CopyIn() = default;
  virtual size_t columns() const = 0;
  virtual bool binary() const = 0;
  /// The next piece of the data, cut anywhere.
  virtual Status Add(std::string_view data) = 0;
  /// After the last piece. Gives the command tag.
  virtual Result<std::string> Finish() = 0;
  /// The client will not go on. Gives the error that the statement ends with.
  virtual Status GiveUp(std::string_view reason) = 0;
};

/// COPY … TO STDOUT under way. It must end before the session's next statement.
class CopyOut {
 public:
  virtual ~CopyOut() = default;
  virtual size_t columns() const = 0;
  virtual bool binary() const = 0;
  /// Appends the next message's data: a row, the header, the trailer. False when there is none.
  virtual Result<bool> Next(std::string* data) = 0;
  /// Known when Next has given false.
  virtual std::string command_tag() const = 0;
};

enum class TransactionStatus : char { kIdle = 'I', kInTransaction = 'T', kFailed = 'E' };

/// One client's conversation: settings, transaction and statements. Used from one thread at a time;
/// Cancel may come from any.
class Session {
 public:
  virtual ~Session() = default;

  virtual TransactionStatus transaction_status() const = 0;
  /// The statements of a text (simple protocol), each to be run by Run in its order.
  virtual Result<std::vector<Statement>> Parse(std::string_view text) = 0;
  virtual Result<std::unique_ptr<QueryResult>> Run(const Statement& statement) = 0;
  /// COPY … FROM, and TO, STDIN or STDOUT, which Run and Execute refuse.
  virtual Result<std::unique_ptr<CopyIn>> StartCopyIn(const Statement& statement) = 0;
  virtual Result<std::unique_ptr<CopyOut>> StartCopyOut(const Statement& statement) = 0;
  /// `type_oids`: 0 where the client leaves the type open. One statement only (42601).
  virtual Result<std::shared_ptr<PreparedStatement>> Prepare(std::string_view text,
                                                             const std::vector<uint32_t>& type_oids) = 0;
  virtual Result<std::unique_ptr<QueryResult>> Execute(const std::shared_ptr<PreparedStatement>& prepared,
                                                       const std::vector<ParameterValue>& values) = 0;
  /// The columns of an open cursor, which clients may describe as the portal that it is in PostgreSQL; null: none has
  /// the name.
  virtual const std::vector<ResultColumn>* CursorColumns(const std::string& name) const = 0;
  /// Marks an open transaction as failed, as an error does in PostgreSQL: only ROLLBACK is taken then (25P02).
  virtual void Fail() = 0;
  /// The session has answered and waits for its client: that is what others see of it until the next statement.
  virtual void AwaitClient() {}
  /// How long the client may say nothing now (idle_in_transaction_session_timeout within a block, idle_session_timeout
  /// outside of one); 0: for ever.
  virtual std::chrono::milliseconds IdleLimit() const = 0;
  /// How often to look whether the client is still there while a statement runs; 0: never.
  virtual std::chrono::milliseconds ClientCheckInterval() const = 0;
  /// The running statement ends with 57014.
  virtual void Cancel() = 0;

  /// The OID that a result's value of regclass or its like (postgres::NamesCatalog) stands for, by its name there.
  virtual Result<uint32_t> OidOfName(uint32_t type_oid, const std::string& name) = 0;

  /// The memory that it shares with others; null: nobody counts.
  virtual std::shared_ptr<MemoryBudget> memory() const = 0;

  /// NOTICEs and WARNINGs since the last call.
  virtual std::vector<ErrorFields> TakeNotices() = 0;
  /// A run-time parameter as SHOW gives it; what the server reports at start and on change.
  virtual std::optional<std::string> GetParameter(const std::string& name) const = 0;
  /// Another number than before when a parameter may have changed.
  virtual uint64_t parameters_version() = 0;
  /// What the parameters say of how values are written.
  virtual const postgres::Settings& settings() const = 0;
};

/// A client's connection, as the server sees it.
struct ClientSocket {
  std::string address;  // "127.0.0.1"
  int32_t port = 0;
  std::string server_address;
  int32_t server_port = 0;
  std::string tls_version = {};  // "TLSv1.3"; empty: there is no TLS
  std::string tls_cipher = {};
  int32_t tls_bits = 0;
  std::string tls_client = {};  // the subject of the client's certificate, where it has shown one
};

struct SessionOptions {
  std::string database = "fluss";
  std::string user = "weir";
  std::vector<std::pair<std::string, std::string>> parameters;  // as SET
  int32_t process_id = 0;                                       // what pg_backend_pid gives; 0: one of the database's
  /// What the server that the client is connected to has been started with, as SHOW gives it: "max_connections".
  std::vector<std::pair<std::string, std::string>> of_server = {};
  std::optional<ClientSocket> client = {};
  /// The folder whose files foreign tables read and write; empty: none.
  std::string files = {};
  /// Where the node is, as KWDB says it, "region=NODE1"; empty: nowhere. Valid (placement::ParseLocality).
  std::string locality = {};
  /// Ends the client's connection (pg_terminate_backend). From any thread; null: there is none to be ended.
  std::function<void()> disconnect = {};
};

/// SQL on one target. Sessions share the catalog, the caches, the locks and the order of commits. Thread-safe.
class Database {
 public:
  /// The same for all gateways of this process to one database; it stays usable when `gateway` is closed.
  static Result<std::shared_ptr<Database>> Open(std::shared_ptr<Gateway> gateway);
  virtual ~Database() = default;
  /// What sessions are known by to one another: no two have the same. From 1.
  int32_t NewProcessId() { return ++last_process_id_; }
  /// 3D000 when the database does not exist.
  virtual Result<std::unique_ptr<Session>> Connect(const SessionOptions& options) = 0;

 private:
  std::atomic<int32_t> last_process_id_ = 0;
};

}  // namespace weir::sql
