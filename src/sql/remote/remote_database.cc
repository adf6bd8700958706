#include "sql/remote/remote_database.h"

#include <arrow/record_batch.h>

#include <deque>

#include "sql/dialect/duckdb_text.h"
#include "sql/dialect/parser.h"
#include "sql/remote/calls.h"

namespace weir::sql {
namespace {

using remote::Calls;
using CallsPtr = std::shared_ptr<Calls>;

/// A result whose rows come in pieces: the next is on its way while one is read.
class RemoteResult final : public QueryResult {
 public:
  explicit RemoteResult(CallsPtr calls) : calls_(std::move(calls)) {}
  ~RemoteResult() override { Close(); }

  Status Begin(call::Response response) {
    columns_ = remote::ColumnsOf(response);
    gives_rows_ = response.gives_rows();
    return Store(std::move(response));
  }

  const std::vector<ResultColumn>& columns() const override { return columns_; }
  bool gives_rows() const override { return gives_rows_; }
  std::shared_ptr<arrow::Schema> arrow_schema() const override { return schema_; }
  std::string command_tag() const override { return tag_; }

  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (batches_.empty() && next_.valid()) {
      const auto answer = std::exchange(next_, {});
      WEIR_ASSIGN_OR_RETURN(call::Response response, calls_->Take(answer));
      WEIR_RETURN_NOT_OK(Store(std::move(response)));
    }
    if (batches_.empty()) return std::shared_ptr<arrow::RecordBatch>();
    auto batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

 private:
  Status Store(call::Response response) {
    if (response.more()) {
      number_ = response.result();
      call::Request request;
      request.set_next(number_);
      next_ = calls_->Send(std::move(request));
    }
    tag_ = response.tag();
    if (!response.has_rows()) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(remote::Rows rows, remote::Decode(std::move(*response.mutable_rows())));
    schema_ = std::move(rows.schema);
    for (auto& batch : rows.batches) batches_.push_back(std::move(batch));
    return Status::OK();
  }

  void Close() {
    if (!next_.valid()) return;
    const auto rest = calls_->Take(std::exchange(next_, {}));
    if (!rest.ok() || !rest->more() || calls_->session() == 0) return;
    call::Request request;
    request.set_close_result(number_);
    (void)calls_->Call(std::move(request));
  }

  const CallsPtr calls_;
  std::vector<ResultColumn> columns_;
  bool gives_rows_ = false;
  std::shared_ptr<arrow::Schema> schema_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t number_ = 0;
  Future<SqlLine::Answer> next_;  // not valid: there is no more
  std::string tag_;
};

class RemotePrepared final : public PreparedStatement {
 public:
  RemotePrepared(CallsPtr calls, const call::Response& response, Statement statement)
      : calls_(std::move(calls)),
        session_(calls_->session()),
        number_(response.prepared()),
        types_(response.parameters().begin(), response.parameters().end()),
        columns_(remote::ColumnsOf(response)),
        statement_(std::move(statement)) {}
  ~RemotePrepared() override {
    if (is_there()) calls_->Forget(number_);
  }

  const std::vector<uint32_t>& parameter_types() const override { return types_; }
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  const Statement& statement() const override { return statement_; }
  int64_t number() const { return number_; }
  /// Its session may have been lost.
  bool is_there() const { return calls_->session() == session_; }

 private:
  const CallsPtr calls_;
  const int64_t session_;
  const int64_t number_;
  const std::vector<uint32_t> types_;
  const std::vector<ResultColumn> columns_;
  const Statement statement_;
};

class RemoteCopyIn final : public CopyIn {
 public:
  RemoteCopyIn(CallsPtr calls, const call::Response& response)
      : calls_(std::move(calls)), columns_(response.copy_columns()), binary_(response.copy_binary()) {}
  ~RemoteCopyIn() override {
    if (!ended_) (void)GiveUp("");
  }

  size_t columns() const override { return columns_; }
  bool binary() const override { return binary_; }
  Status Add(std::string_view data) override {
    call::Request request;
    request.set_copy_data(std::string(data));
    const Status added = calls_->Call(std::move(request)).status();
    ended_ = !added.ok();
    return added;
  }
  Result<std::string> Finish() override {
    ended_ = true;
    call::Request request;
    request.mutable_copy_end();
    WEIR_ASSIGN_OR_RETURN(const call::Response response, calls_->Call(std::move(request)));
    return response.tag();
  }
  Status GiveUp(std::string_view reason) override {
    ended_ = true;
    call::Request request;
    request.set_copy_fail(std::string(reason));
    return calls_->Call(std::move(request)).status();
  }

 private:
  const CallsPtr calls_;
  const size_t columns_;
  const bool binary_;
  bool ended_ = false;
};

class RemoteCopyOut final : public CopyOut {
 public:
  RemoteCopyOut(CallsPtr calls, call::Response response) : calls_(std::move(calls)), response_(std::move(response)) {}

  size_t columns() const override { return response_.copy_columns(); }
  bool binary() const override { return response_.copy_binary(); }
  std::string command_tag() const override { return tag_; }
  Result<bool> Next(std::string* data) override {
    if (!more_) return false;
    call::Request request;
    request.set_next(response_.result());
    WEIR_ASSIGN_OR_RETURN(const call::Response piece, calls_->Call(std::move(request)));
    *data += piece.rows();
    more_ = piece.more();
    tag_ = piece.tag();
    return more_ || !piece.rows().empty();
  }

 private:
  const CallsPtr calls_;
  const call::Response response_;
  bool more_ = true;
  std::string tag_;
};

class RemoteSession final : public Session {
 public:
  explicit RemoteSession(CallsPtr calls) : calls_(std::move(calls)) {}

  TransactionStatus transaction_status() const override { return calls_->status(); }

  Result<std::vector<Statement>> Parse(std::string_view text) override {
    auto statements = calls_->Setting("weir.dialect") == "duckdb" ? ParseDuckDbText(text) : sql::Parse(text);
    if (!statements.ok()) Fail();
    return statements;
  }

  Result<std::unique_ptr<QueryResult>> Run(const Statement& statement) override {
    call::Request request;
    request.set_run(statement.text);
    return AsWritten(statement, ResultOf(std::move(request)));
  }

  Result<std::unique_ptr<CopyIn>> StartCopyIn(const Statement& statement) override {
    call::Request request;
    request.set_copy_in(statement.text);
    WEIR_ASSIGN_OR_RETURN(const auto response, AsWritten(statement, calls_->Call(std::move(request))));
    return std::unique_ptr<CopyIn>(std::make_unique<RemoteCopyIn>(calls_, response));
  }

  Result<std::unique_ptr<CopyOut>> StartCopyOut(const Statement& statement) override {
    call::Request request;
    request.set_copy_out(statement.text);
    WEIR_ASSIGN_OR_RETURN(auto response, AsWritten(statement, calls_->Call(std::move(request))));
    return std::unique_ptr<CopyOut>(std::make_unique<RemoteCopyOut>(calls_, std::move(response)));
  }

  Result<std::shared_ptr<PreparedStatement>> Prepare(std::string_view text,
                                                     const std::vector<uint32_t>& type_oids) override {
    call::Request request;
    request.mutable_prepare()->set_text(std::string(text));
    request.mutable_prepare()->mutable_types()->Assign(type_oids.begin(), type_oids.end());
    WEIR_ASSIGN_OR_RETURN(const call::Response response, calls_->Call(std::move(request)));
    WEIR_ASSIGN_OR_RETURN(std::vector<Statement> statements, Parse(text));
    if (statements.size() != 1) return Error("XX000", "the server prepared what is no statement here");
    return std::shared_ptr<PreparedStatement>(
        std::make_shared<RemotePrepared>(calls_, response, std::move(statements.front())));
  }

  Result<std::unique_ptr<QueryResult>> Execute(const std::shared_ptr<PreparedStatement>& prepared,
                                               const std::vector<ParameterValue>& values) override {
    const auto& own = static_cast<const RemotePrepared&>(*prepared);
    if (!own.is_there()) return Error("26000", "the prepared statement went with the session that was lost");
    call::Request request;
    request.mutable_execute()->set_prepared(own.number());
    for (const ParameterValue& value : values) {
      auto* added = request.mutable_execute()->add_values();
      if (value) added->set_text(*value);
    }
    return ResultOf(std::move(request));
  }

  const std::vector<ResultColumn>* CursorColumns(const std::string& name) const override {
    call::Request request;
    request.set_cursor(name);
    const auto response = calls_->Call(std::move(request));
    if (!response.ok() || !response->found()) return nullptr;
    cursor_columns_ = remote::ColumnsOf(*response);
    return &cursor_columns_;
  }

  /// The server knows of its own errors.
  void Fail() override {
    if (calls_->status() != TransactionStatus::kInTransaction) return;
    call::Request request;
    request.mutable_fail();
    (void)calls_->Call(std::move(request));
  }

  // The server watches its client.
  std::chrono::milliseconds IdleLimit() const override { return std::chrono::milliseconds(0); }
  std::chrono::milliseconds ClientCheckInterval() const override { return std::chrono::milliseconds(0); }
  void Cancel() override { calls_->Cancel(); }

  Result<uint32_t> OidOfName(uint32_t type_oid, const std::string& name) override {
    call::Request request;
    request.mutable_oid_of()->set_type(type_oid);
    request.mutable_oid_of()->set_name(name);
    WEIR_ASSIGN_OR_RETURN(const call::Response response, calls_->Call(std::move(request)));
    return response.oid();
  }

  std::shared_ptr<MemoryBudget> memory() const override { return nullptr; }
  std::vector<ErrorFields> TakeNotices() override { return calls_->TakeNotices(); }

  std::optional<std::string> GetParameter(const std::string& name) const override {
    call::Request request;
    request.set_parameter(name);
    const auto response = calls_->Call(std::move(request));
    return response.ok() && response->found() ? std::optional(response->value()) : std::nullopt;
  }
  uint64_t parameters_version() override { return calls_->settings_version(); }
  const postgres::Settings& settings() const override { return calls_->settings(); }

 private:
  Result<std::unique_ptr<QueryResult>> ResultOf(call::Request request) {
    WEIR_ASSIGN_OR_RETURN(call::Response response, calls_->Call(std::move(request)));
    auto result = std::make_unique<RemoteResult>(calls_);
    WEIR_RETURN_NOT_OK(result->Begin(std::move(response)));
    return std::unique_ptr<QueryResult>(std::move(result));
  }

  template <typename T>
  static Result<T> AsWritten(const Statement& statement, Result<T> outcome) {
    if (outcome.ok() || statement.expanded.empty()) return outcome;
    return sql::AsWritten(outcome.status(), statement.expanded, 0);
  }

  const CallsPtr calls_;
  mutable std::vector<ResultColumn> cursor_columns_;
};

class RemoteDatabase final : public Database {
 public:
  explicit RemoteDatabase(std::shared_ptr<Gateway> gateway) : gateway_(std::move(gateway)) {}

  /// The session is that of whom the connection has logged in as.
  Result<std::unique_ptr<Session>> Connect(const SessionOptions& options) override {
    if (!options.files.empty()) {
      return Error("0A000", "foreign tables of " + gateway_->target() + " are in the server's own folder",
                   {.hint = "weir server --files names it."});
    }
    WEIR_ASSIGN_OR_RETURN(auto line, OpenSqlLine(gateway_));
    const auto calls = std::make_shared<Calls>(std::move(line), gateway_->target(), options);
    WEIR_RETURN_NOT_OK(calls->Open());
    return std::unique_ptr<Session>(std::make_unique<RemoteSession>(calls));
  }

 private:
  const std::shared_ptr<Gateway> gateway_;
};

}  // namespace

std::shared_ptr<Database> MakeRemoteDatabase(std::shared_ptr<Gateway> gateway) {
  return std::make_shared<RemoteDatabase>(std::move(gateway));
}

}  // namespace weir::sql
