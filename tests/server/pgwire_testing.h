#pragma once

#include <arpa/inet.h>
#include <arrow/api.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "format/big_endian.h"
#include "server/pgwire/pg_server.h"
#include "sql/session.h"

namespace weir::pgwire {

template <typename T>
std::string Network(T value) {
  std::string out;
  AppendBigEndian(value, &out);
  return out;
}
inline std::string Int16(int value) { return Network(static_cast<int16_t>(value)); }
inline std::string Int32(int64_t value) { return Network(static_cast<int32_t>(value)); }
inline std::string CString(std::string_view text) { return std::string(text) + '\0'; }

/// A client that sends what it is told and puts what it gets into words.
class PgClient {
 public:
  explicit PgClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 30, .tv_usec = 0};  // so that a test that fails does not hang
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  }
  ~PgClient() { ::close(fd_); }
  PgClient(const PgClient&) = delete;
  PgClient& operator=(const PgClient&) = delete;

  void SendRaw(std::string_view bytes) {
    ASSERT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void SendPacket(std::string_view body) { SendRaw(Int32(static_cast<int64_t>(body.size()) + 4) + std::string(body)); }
  void SendStartup(const std::vector<std::pair<std::string, std::string>>& parameters, int32_t version = 3 << 16) {
    std::string body = Int32(version);
    for (const auto& [name, value] : parameters) body += CString(name) + CString(value);
    SendPacket(body + '\0');
  }

  static std::string Message(char type, std::string_view body) {
    return type + Int32(static_cast<int64_t>(body.size()) + 4) + std::string(body);
  }
  void Send(char type, std::string_view body = "") { SendRaw(Message(type, body)); }
  static std::string Query(std::string_view text) { return Message('Q', CString(text)); }
  static std::string Parse(std::string_view name, std::string_view text, const std::vector<uint32_t>& types = {}) {
    std::string body = CString(name) + CString(text) + Int16(static_cast<int>(types.size()));
    for (const uint32_t type : types) body += Int32(type);
    return Message('P', body);
  }
  /// `values` are text unless `formats` say otherwise.
  static std::string Bind(std::string_view portal, std::string_view statement,
                          const std::vector<std::optional<std::string>>& values = {},
                          const std::vector<int>& formats = {}, const std::vector<int>& result_formats = {}) {
    std::string body = CString(portal) + CString(statement) + Int16(static_cast<int>(formats.size()));
    for (const int format : formats) body += Int16(format);
    body += Int16(static_cast<int>(values.size()));
    for (const auto& value : values) body += value ? Int32(static_cast<int64_t>(value->size())) + *value : Int32(-1);
    body += Int16(static_cast<int>(result_formats.size()));
    for (const int format : result_formats) body += Int16(format);
    return Message('B', body);
  }
  static std::string Describe(char kind, std::string_view name) { return Message('D', kind + CString(name)); }
  static std::string Close(char kind, std::string_view name) { return Message('C', kind + CString(name)); }
  static std::string Execute(std::string_view portal, int max_rows = 0) {
    return Message('E', CString(portal) + Int32(max_rows));
  }
  static std::string Sync() { return Message('S', ""); }

  /// The next message in words; "closed" when there is none.
  std::string Receive() {
    const std::string head = ReceiveBytes(5);
    if (head.size() < 5) return "closed";
    const auto length = LoadBigEndian<int32_t>(std::string_view(head).substr(1));
    return InWords(head[0], ReceiveBytes(static_cast<size_t>(length) - 4));
  }
  /// Messages up to ReadyForQuery, or the end.
  std::vector<std::string> ReceiveAll() {
    std::vector<std::string> all;
    do {
      all.push_back(Receive());
    } while (all.back() != "closed" && !all.back().starts_with("Z "));
    return all;
  }
  std::vector<std::string> Ask(std::string_view messages) {
    SendRaw(messages);
    return ReceiveAll();
  }
  char ReceiveByte() {
    const std::string byte = ReceiveBytes(1);
    return byte.empty() ? '\0' : byte[0];
  }

  /// Starts a session and drops what the server tells of itself.
  void Login() {
    SendStartup({{"user", "tester"}, {"database", "fluss"}});
    const auto all = ReceiveAll();
    ASSERT_EQ(all.front(), "R 0");
    ASSERT_EQ(all.back(), "Z I");
  }

  int32_t process_id = 0;
  int32_t secret = 0;

 private:
  std::string ReceiveBytes(size_t size) {
    std::string out(size, 0);
    size_t have = 0;
    while (have < size) {
      const ssize_t got = ::recv(fd_, out.data() + have, size - have, 0);
      if (got <= 0) break;
      have += static_cast<size_t>(got);
    }
    out.resize(have);
    return out;
  }

  static std::string Visible(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
      if (c >= ' ' && c <= '~') out.push_back(c);
      else out += fmt::format("\\{:02x}", static_cast<uint8_t>(c));
    }
    return out;
  }

  static std::string TakeString(std::string_view* body) {
    const size_t end = body->find('\0');
    std::string text(body->substr(0, end));
    body->remove_prefix(end + 1);
    return text;
  }
  template <typename T>
  static T Take(std::string_view* body) {
    const T value = LoadBigEndian<T>(*body);
    body->remove_prefix(sizeof(T));
    return value;
  }

  static std::string Columns(std::string_view body) {
    std::string out = "T";
    for (int left = Take<int16_t>(&body); left > 0; --left) {
      out += " " + TakeString(&body);
      body.remove_prefix(6);
      out += fmt::format(":{}", Take<uint32_t>(&body));
      body.remove_prefix(6);
      if (Take<int16_t>(&body) == 1) out += "b";
    }
    return out;
  }
  static std::string Row(std::string_view body) {
    std::string out = "D ";
    const int count = Take<int16_t>(&body);
    for (int i = 0; i < count; ++i) {
      if (i > 0) out += "|";
      const auto length = Take<int32_t>(&body);
      if (length < 0) {
        out += "NULL";
        continue;
      }
      out += Visible(body.substr(0, static_cast<size_t>(length)));
      body.remove_prefix(static_cast<size_t>(length));
    }
    return out;
  }
  /// "E ERROR 42601 message", then the other fields as "P=3".
  static std::string Fields(char type, std::string_view body) {
    std::string severity, state, message, others;
    while (!body.empty() && body[0] != '\0') {
      const char code = Take<char>(&body);
      const std::string text = TakeString(&body);
      if (code == 'S') severity = text;
      else if (code == 'C') state = text;
      else if (code == 'M') message = text;
      else if (code != 'V') others += fmt::format(" {}={}", code, text);
    }
    return fmt::format("{} {} {} {}{}", type, severity, state, message, others);
  }

  std::string InWords(char type, std::string_view body) {
    switch (type) {
      case 'R': return fmt::format("R {}", Take<int32_t>(&body));
      case 'K':
        process_id = Take<int32_t>(&body);
        secret = Take<int32_t>(&body);
        return "K";
      case 'S': {
        const std::string name = TakeString(&body);
        return fmt::format("S {}={}", name, TakeString(&body));
      }
      case 'T': return Columns(body);
      case 'D': return Row(body);
      case 'E':
      case 'N': return Fields(type, body);
      case 'C': return "C " + TakeString(&body);
      case 't': {
        std::string out = "t";
        for (int left = Take<int16_t>(&body); left > 0; --left) out += fmt::format(" {}", Take<uint32_t>(&body));
        return out;
      }
      default: return body.empty() ? std::string(1, type) : std::string(1, type) + " " + Visible(body);
    }
  }

  const int fd_;
};

// --- a session that does what its statements say ---

using sql::ResultColumn;

class FakeResult final : public sql::QueryResult {
 public:
  FakeResult(std::vector<ResultColumn> columns, std::vector<std::shared_ptr<arrow::RecordBatch>> batches,
             std::string tag, Status end = Status::OK())
      : columns_(std::move(columns)), batches_(std::move(batches)), tag_(std::move(tag)), end_(std::move(end)) {}
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  std::shared_ptr<arrow::Schema> arrow_schema() const override {
    return batches_.empty() ? arrow::schema(arrow::FieldVector()) : batches_[0]->schema();
  }
  Result<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (next_ < batches_.size()) return batches_[next_++];
    if (!end_.ok()) return end_;
    return std::shared_ptr<arrow::RecordBatch>();
  }
  std::string command_tag() const override { return tag_; }

 private:
  const std::vector<ResultColumn> columns_;
  const std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  const std::string tag_;
  const Status end_;
  size_t next_ = 0;
};

class FakePrepared final : public sql::PreparedStatement {
 public:
  FakePrepared(sql::Statement statement, std::vector<uint32_t> types, std::vector<ResultColumn> columns)
      : statement_(std::move(statement)), types_(std::move(types)), columns_(std::move(columns)) {}
  const std::vector<uint32_t>& parameter_types() const override { return types_; }
  const std::vector<ResultColumn>& columns() const override { return columns_; }
  const sql::Statement& statement() const override { return statement_; }

 private:
  const sql::Statement statement_;
  const std::vector<uint32_t> types_;
  const std::vector<ResultColumn> columns_;
};

/// What the sessions of a server did, in their order.
class Journal {
 public:
  void Add(std::string line) {
    std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> Take() {
    std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Takes data of two columns; "bad" in it is an error.
class FakeCopyIn final : public sql::CopyIn {
 public:
  FakeCopyIn(Journal& journal, bool binary) : journal_(journal), binary_(binary) {}
  ~FakeCopyIn() override { journal_.Add("copy ends"); }
  size_t columns() const override { return 2; }
  bool binary() const override { return binary_; }
  Status Add(std::string_view data) override {
    journal_.Add("data " + std::string(data));
    if (data.find("bad") == std::string_view::npos) return Status::OK();
    return postgres::InContext(postgres::Error("22P04", "it is bad"), "COPY t, line 1");
  }
  Result<std::string> Finish() override {
    journal_.Add("finish");
    return std::string("COPY 2");
  }
  Status GiveUp(std::string_view reason) override {
    journal_.Add("give up");
    return postgres::Error("57014", "COPY from stdin failed: " + std::string(reason));
  }

 private:
  Journal& journal_;
  const bool binary_;
};

/// Gives two messages, then an error where it is to.
class FakeCopyOut final : public sql::CopyOut {
 public:
  FakeCopyOut(bool binary, bool fails) : binary_(binary), fails_(fails) {}
  size_t columns() const override { return 1; }
  bool binary() const override { return binary_; }
  Result<bool> Next(std::string* data) override {
    if (fails_ && given_ == 2) return postgres::Error("22012", "division by zero");
    if (given_ == 2) return false;
    *data += std::to_string(given_++) + "\n";
    return true;
  }
  std::string command_tag() const override { return "COPY 2"; }

 private:
  const bool binary_;
  const bool fails_;
  int given_ = 0;
};

inline std::vector<std::string> WordsIn(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

/// "rows N", "break N" (N rows, then an error), "fail STATE", "notice TEXT", "wait" (until it is cancelled),
/// "set NAME VALUE", "echo …" (its parameters as text columns), "copyin …" and "copyout …" (with "binary", "fails"),
/// "deallocate NAME", "discard", "insert …", begin, commit, rollback.
class FakeSession final : public sql::Session {
 public:
  explicit FakeSession(Journal& journal) : journal_(journal) { journal_.Add("connect"); }
  ~FakeSession() override { journal_.Add("disconnect"); }

  sql::TransactionStatus transaction_status() const override { return status_; }

  Result<std::vector<sql::Statement>> Parse(std::string_view text) override {
    std::vector<sql::Statement> statements;
    size_t begin = 0;
    while (begin < text.size()) {
      const size_t end = std::min(text.find(';', begin), text.size());
      const size_t first = std::min(text.find_first_not_of(' ', begin), end);
      if (first < end)
        statements.push_back(Make(std::string(text.substr(first, end - first)), static_cast<int>(first)));
      begin = end + 1;
    }
    if (text.find("unparsable") != std::string_view::npos) {
      return postgres::Error("42601", "syntax error", {.position = static_cast<int>(text.find("unparsable")) + 1});
    }
    return statements;
  }

  Result<std::unique_ptr<sql::QueryResult>> Run(const sql::Statement& statement) override {
    return RunWith(statement, {});
  }

  Result<std::unique_ptr<sql::CopyIn>> StartCopyIn(const sql::Statement& statement) override {
    journal_.Add(statement.text);
    return std::unique_ptr<sql::CopyIn>(std::make_unique<FakeCopyIn>(journal_, Says(statement, "binary")));
  }
  Result<std::unique_ptr<sql::CopyOut>> StartCopyOut(const sql::Statement& statement) override {
    journal_.Add(statement.text);
    return std::unique_ptr<sql::CopyOut>(
        std::make_unique<FakeCopyOut>(Says(statement, "binary"), Says(statement, "fails")));
  }

  Result<std::shared_ptr<sql::PreparedStatement>> Prepare(std::string_view text,
                                                          const std::vector<uint32_t>& oids) override {
    WEIR_ASSIGN_OR_RETURN(const auto statements, Parse(text));
    const std::vector<std::string> words = WordsIn(statements[0].text);
    std::vector<uint32_t> types = oids;
    std::vector<ResultColumn> columns;
    if (words[0] == "rows") columns = {{.name = "i", .type_oid = 23, .type_size = 4}};
    if (words[0] == "echo") {
      for (size_t i = 1; i < words.size(); ++i) {
        if (types.size() < i) types.push_back(25);
        columns.push_back({.name = words[i]});
      }
    }
    return std::shared_ptr<sql::PreparedStatement>(
        std::make_shared<FakePrepared>(statements[0], std::move(types), std::move(columns)));
  }
  Result<std::unique_ptr<sql::QueryResult>> Execute(const std::shared_ptr<sql::PreparedStatement>& prepared,
                                                    const std::vector<sql::ParameterValue>& values) override {
    return RunWith(prepared->statement(), values);
  }

  const std::vector<ResultColumn>* CursorColumns(const std::string& name) const override {
    return name == "cursor" ? &cursor_ : nullptr;
  }
  void Fail() override {
    if (status_ == sql::TransactionStatus::kInTransaction) status_ = sql::TransactionStatus::kFailed;
  }
  std::chrono::milliseconds IdleLimit() const override { return std::chrono::milliseconds(0); }
  std::chrono::milliseconds ClientCheckInterval() const override { return std::chrono::milliseconds(1); }
  std::shared_ptr<MemoryBudget> memory() const override { return nullptr; }
  Result<uint32_t> OidOfName(uint32_t, const std::string& name) override { return static_cast<uint32_t>(name.size()); }
  void Cancel() override {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }
  std::vector<postgres::ErrorFields> TakeNotices() override { return std::exchange(notices_, {}); }
  std::optional<std::string> GetParameter(const std::string& name) const override {
    const auto found = parameters_.find(name);
    return found == parameters_.end() ? std::nullopt : std::optional(found->second);
  }
  uint64_t parameters_version() override { return parameters_version_; }
  const postgres::Settings& settings() const override { return settings_; }

 private:
  using ResultPtr = std::unique_ptr<sql::QueryResult>;
  using Kind = sql::TransactionControl::Kind;

  static bool Says(const sql::Statement& statement, const std::string& word) {
    return statement.text.find(word) != std::string::npos;
  }

  static sql::Statement Make(std::string text, int offset) {
    sql::Statement statement;
    const std::string word = WordsIn(text)[0];
    const std::vector<std::pair<std::string, Kind>> controls{{"begin", Kind::kBegin},
                                                             {"commit", Kind::kCommit},
                                                             {"rollback", Kind::kRollback},
                                                             {"savepoint", Kind::kSavepoint}};
    statement.action = sql::Query{.text = text, .command = word == "insert" ? "INSERT" : "SELECT"};
    if (word == "copyin" || word == "copyout") statement.action = sql::Copy{.from = word == "copyin"};
    if (word == "deallocate") statement.action = sql::Deallocate{WordsIn(text).back()};
    if (word == "discard") statement.action = sql::Discard{"ALL"};
    for (const auto& [name, kind] : controls) {
      if (word == name) {
        sql::TransactionControl control;
        control.kind = kind;
        statement.action = control;
      }
    }
    if (word == "deallocate") statement.action = sql::Deallocate{.name = WordsIn(text)[1]};
    statement.text = std::move(text);
    statement.offset = offset;
    return statement;
  }

  Result<ResultPtr> RunWith(const sql::Statement& statement, const std::vector<sql::ParameterValue>& values) {
    std::string line = statement.text;
    for (const auto& value : values) line += " <" + value.value_or("NULL") + ">";
    journal_.Add(line);
    if (const auto* control = std::get_if<sql::TransactionControl>(&statement.action)) return Control(control->kind);
    if (status_ == sql::TransactionStatus::kFailed) return postgres::Error("25P02", "current transaction is aborted");
    if (std::holds_alternative<sql::Deallocate>(statement.action)) return postgres::Error("26000", "no such statement");
    if (const auto* nothing = std::get_if<sql::NoEffect>(&statement.action)) return Tag(nothing->tag);
    if (const auto* discard = std::get_if<sql::Discard>(&statement.action)) return Tag("DISCARD " + discard->what);
    return RunWords(statement.text, values);
  }

  Result<ResultPtr> Control(Kind kind) {
    const bool ends = kind == Kind::kCommit || kind == Kind::kRollback;
    const bool failed = status_ == sql::TransactionStatus::kFailed;
    if (kind == Kind::kBegin) status_ = sql::TransactionStatus::kInTransaction;
    if (ends) status_ = sql::TransactionStatus::kIdle;
    if (kind == Kind::kCommit && fail_commit_) {
      fail_commit_ = false;
      return postgres::Error("40001", "could not serialize access");
    }
    return Tag(kind == Kind::kBegin ? "BEGIN" : kind == Kind::kCommit && !failed ? "COMMIT" : "ROLLBACK");
  }

  Result<ResultPtr> RunWords(const std::string& text, const std::vector<sql::ParameterValue>& values) {
    const std::vector<std::string> words = WordsIn(text);
    if (words[0] == "rows") return Rows(std::stoi(words[1]), Status::OK());
    if (words[0] == "break") return Rows(std::stoi(words[1]), postgres::Error("22012", "division by zero"));
    if (words[0] == "fail") {
      return postgres::Error(words[1], "it failed",
                             {.detail = "a detail",
                              .hint = "a hint",
                              .position = 6,
                              .schema = "s",
                              .table = "t",
                              .column = "c",
                              .constraint = "n"});
    }
    if (words[0] == "notice") {
      notices_.push_back({.severity = "NOTICE", .sqlstate = "00000", .message = words[1]});
      return Tag("DO");
    }
    if (words[0] == "fail-commit") {
      fail_commit_ = true;
      return Tag("DO");
    }
    if (words[0] == "set") {
      parameters_[words[1]] = words[2];
      ++parameters_version_;
      return Tag("SET");
    }
    if (words[0] == "wait") return Wait();
    if (words[0] == "echo") return Echo(words, values);
    return Tag("INSERT 0 1");
  }

  static Result<ResultPtr> Tag(std::string tag) {
    return ResultPtr(std::make_unique<FakeResult>(std::vector<ResultColumn>(),
                                                  std::vector<std::shared_ptr<arrow::RecordBatch>>(), std::move(tag)));
  }

  Result<ResultPtr> Wait() {
    std::unique_lock lock(mutex_);
    journal_.Add("waiting");
    changed_.wait(lock, [&] { return cancelled_; });
    cancelled_ = false;
    return postgres::Error("57014", "canceling statement due to user request");
  }

  /// In batches of three.
  static Result<ResultPtr> Rows(int count, Status end) {
    std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
    const auto schema = arrow::schema({arrow::field("i", arrow::int32())});
    for (int begin = 0; begin < count; begin += 3) {
      arrow::Int32Builder builder;
      for (int i = begin; i < std::min(count, begin + 3); ++i) EXPECT_TRUE(builder.Append(i).ok());
      const int64_t rows = builder.length();
      batches.push_back(arrow::RecordBatch::Make(schema, rows, {*builder.Finish()}));
    }
    return ResultPtr(std::make_unique<FakeResult>(
        std::vector<ResultColumn>{{.name = "i", .type_oid = 23, .type_size = 4}}, std::move(batches),
        fmt::format("SELECT {}", count), std::move(end)));
  }

  static Result<ResultPtr> Echo(const std::vector<std::string>& words, const std::vector<sql::ParameterValue>& values) {
    std::vector<ResultColumn> columns;
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (size_t i = 0; i < values.size(); ++i) {
      arrow::StringBuilder builder;
      EXPECT_TRUE((values[i] ? builder.Append(*values[i]) : builder.AppendNull()).ok());
      columns.push_back({.name = words[i + 1]});
      fields.push_back(arrow::field(words[i + 1], arrow::utf8()));
      arrays.push_back(*builder.Finish());
    }
    auto batch = arrow::RecordBatch::Make(arrow::schema(fields), 1, arrays);
    return ResultPtr(std::make_unique<FakeResult>(std::move(columns), std::vector{std::move(batch)}, "SELECT 1"));
  }

  Journal& journal_;
  const std::vector<ResultColumn> cursor_ = {{.name = "i", .type_oid = 23, .type_size = 4}};
  sql::TransactionStatus status_ = sql::TransactionStatus::kIdle;
  std::vector<postgres::ErrorFields> notices_;
  std::map<std::string, std::string> parameters_;
  uint64_t parameters_version_ = 0;
  postgres::Settings settings_;
  bool fail_commit_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
};

class FakeDatabase final : public sql::Database {
 public:
  Result<std::unique_ptr<sql::Session>> Connect(const sql::SessionOptions& options) override {
    if (options.database == "missing") return postgres::Error("3D000", "database \"missing\" does not exist");
    std::string line = options.user + "@" + options.database;
    for (const auto& [name, value] : options.parameters) line += " " + name + "=" + value;
    journal.Add(line);
    return std::unique_ptr<sql::Session>(std::make_unique<FakeSession>(journal));
  }

  Journal journal;
};

}  // namespace weir::pgwire
