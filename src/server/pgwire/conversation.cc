#include "server/pgwire/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "postgres/value.h"
#include "postgres/value/text.h"
#include "server/pgwire/copy.h"
#include "sql/out_of_memory.h"

namespace weir::pgwire {
namespace {

using sql::TransactionControl;
using sql::TransactionStatus;
using Kind = TransactionControl::Kind;

/// What PostgreSQL tells clients at the start and when it changes, and what it is where the session has none.
constexpr std::pair<const char*, const char*> kReported[] = {
    {"server_version", "14.0"},
    {"server_encoding", "UTF8"},
    {"client_encoding", "UTF8"},
    {"application_name", ""},
    {"is_superuser", "on"},
    {"session_authorization", "weir"},
    {"DateStyle", "ISO, MDY"},
    {"IntervalStyle", "postgres"},
    {"TimeZone", "UTC"},
    {"integer_datetimes", "on"},
    {"standard_conforming_strings", "on"},
    {"default_transaction_read_only", "off"},
    {"in_hot_standby", "off"},
};

bool IsBlank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v;") == std::string_view::npos; }

Status CheckFormats(const std::vector<int16_t>& formats) {
  for (const int16_t format : formats) {
    if (format != 0 && format != 1) return postgres::Error("22023", fmt::format("unsupported format code: {}", format));
  }
  return Status::OK();
}

bool FitsCount(const std::vector<int16_t>& formats, size_t count) {
  return formats.size() <= 1 || formats.size() == count;
}

Status CheckBind(const BindMessage& message, const std::vector<uint32_t>& types, size_t columns) {
  WEIR_RETURN_NOT_OK(CheckFormats(message.parameter_formats));
  WEIR_RETURN_NOT_OK(CheckFormats(message.result_formats));
  if (!FitsCount(message.parameter_formats, message.values.size())) {
    return postgres::Error("08P01", fmt::format("bind message has {} parameter formats but {} parameters",
                                           message.parameter_formats.size(), message.values.size()));
  }
  if (message.values.size() != types.size()) {
    return postgres::Error("08P01",
                      fmt::format("bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                                  message.values.size(), message.statement, types.size()));
  }
  if (columns > 0 && !FitsCount(message.result_formats, columns)) {
    return postgres::Error("08P01", fmt::format("bind message has {} result formats but query has {} columns",
                                           message.result_formats.size(), columns));
  }
  return Status::OK();
}

Result<sql::ParameterValue> ReadParameter(std::string_view bytes, Format format, uint32_t type) {
  if (format == Format::kBinary) {
    WEIR_ASSIGN_OR_RETURN(std::string text, postgres::TextOfBinary({.oid = type, .modifier = -1}, bytes, {}));
    return sql::ParameterValue(std::move(text));
  }
  WEIR_RETURN_NOT_OK(postgres::CheckUtf8(bytes));
  return sql::ParameterValue(std::string(bytes));
}

/// A statement that finds no memory fails, and the session goes on.
template <typename Run>
Status OrOutOfMemory(Run&& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return sql::OutOfMemory("The system has no more for the statement.");
  }
}

const TransactionControl* ControlOf(const sql::Statement& statement) {
  return std::get_if<TransactionControl>(&statement.action);
}

}  // namespace

Status Conversation::Run() {
  Ready();
  while (true) {
    WEIR_RETURN_NOT_OK(AwaitMessage());
    WEIR_ASSIGN_OR_RETURN(const std::optional<Channel::Frame> frame, channel_.Read());
    if (!frame) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const FrontendMessage message, DecodeMessage(frame->type, frame->body));
    if (std::holds_alternative<TerminateMessage>(message)) return Status::OK();
    if (std::holds_alternative<SyncMessage>(message)) {
      Sync();
    } else if (skip_to_sync_) {
      continue;
    } else if (const Status status = OrOutOfMemory([&] { return Handle(message); }); !status.ok()) {
      skip_to_sync_ = true;
      SendError(status);
    }
  }
}

/// A client may not do nothing for longer than it has said itself.
Status Conversation::AwaitMessage() {
  const auto limit = session_.IdleLimit();
  channel_.WatchClient(std::chrono::milliseconds(0));
  if (limit.count() == 0 || channel_.Await(std::chrono::steady_clock::now() + limit)) return Status::OK();
  if (session_.transaction_status() == TransactionStatus::kIdle) {
    return sql::Error("57P05", "terminating connection due to idle-session timeout");
  }
  return sql::Error("25P03", "terminating connection due to idle-in-transaction timeout");
}

Status Conversation::Handle(const FrontendMessage& message) {
  channel_.WatchClient(session_.ClientCheckInterval());
  if (const auto* query = std::get_if<QueryMessage>(&message)) {
    RunScript(query->text);
    return Status::OK();
  }
  if (const auto* parse = std::get_if<ParseMessage>(&message)) return Parse(*parse);
  if (const auto* bind = std::get_if<BindMessage>(&message)) return Bind(*bind);
  if (const auto* describe = std::get_if<DescribeMessage>(&message)) return Describe(*describe);
  if (const auto* execute = std::get_if<ExecuteMessage>(&message)) return Execute(*execute);
  if (const auto* close = std::get_if<CloseMessage>(&message)) return Close(*close);
  if (std::holds_alternative<FlushMessage>(message)) channel_.Flush();
  if (std::holds_alternative<FunctionCallMessage>(message)) {
    SendError(postgres::Error("0A000", "function calls of the protocol are not supported", {.hint = "Use SELECT."}));
    Ready();
  }
  return Status::OK();  // what is left of a COPY that failed is dropped
}

// --- the simple protocol ---

void Conversation::RunScript(std::string_view text) {
  statements_.erase("");
  portals_.erase("");
  const std::string copy(text);  // a COPY reads on
  Status status = postgres::CheckUtf8(copy);
  int offset = 0;
  if (status.ok()) {
    Result<std::vector<sql::Statement>> statements = session_.Parse(copy);
    status = statements.status();
    if (statements.ok() && statements->empty()) channel_.out().Plain('I');
    for (size_t i = 0; status.ok() && i < statements->size(); ++i) {
      offset = (*statements)[i].offset;
      const bool last = i + 1 == statements->size();
      const Place place = last ? (i == 0 ? Place::kAlone : Place::kLast) : Place::kBefore;
      status = OrOutOfMemory([&] { return RunStatement((*statements)[i], place); });
    }
  }
  if (status.ok()) status = EndImplicit(true);
  if (!status.ok()) {
    SendError(status, offset);
    (void)EndImplicit(false);
  }
  Ready();
}

Status Conversation::RunStatement(const sql::Statement& statement, Place place) {
  WEIR_RETURN_NOT_OK(PrepareToRun(statement, nullptr));
  if (const TransactionControl* control = ControlOf(statement)) {
    WEIR_ASSIGN_OR_RETURN(const bool done, TakeControl(*control));
    if (done) return Status::OK();
  } else if (place != Place::kAlone) {
    WEIR_RETURN_NOT_OK(BeginImplicit());
  }
  WEIR_ASSIGN_OR_RETURN(std::string tag, TakeOwn(statement));
  if (tag.empty()) {
    WEIR_ASSIGN_OR_RETURN(tag, TakeCopy(statement));
  }
  if (tag.empty()) {
    WEIR_ASSIGN_OR_RETURN(auto result, session_.Run(statement));
    WEIR_ASSIGN_OR_RETURN(tag, SendResult(std::move(result)));
  }
  if (place != Place::kBefore) WEIR_RETURN_NOT_OK(EndImplicit(true));  // before it is called complete
  SendNotices();
  channel_.out().CommandComplete(tag);
  return Status::OK();
}

Result<std::string> Conversation::SendResult(std::unique_ptr<sql::QueryResult> result) {
  RowSender rows(std::move(result), {}, session_);
  if (rows.gives_rows()) channel_.out().RowDescription(rows.columns(), {});
  WEIR_RETURN_NOT_OK(rows.Send(0, channel_).status());
  return rows.tag();
}

Result<std::string> Conversation::TakeCopy(const sql::Statement& statement) {
  const auto* copy = std::get_if<sql::Copy>(&statement.action);
  if (copy == nullptr) return std::string();
  if (copy->from) {
    WEIR_ASSIGN_OR_RETURN(const auto in, session_.StartCopyIn(statement));
    return ReceiveCopy(*in, channel_);
  }
  // What a query changes goes with rows that cannot be sent.
  if (copy->query && copy->query->command != "SELECT") WEIR_RETURN_NOT_OK(BeginImplicit());
  WEIR_ASSIGN_OR_RETURN(const auto out, session_.StartCopyOut(statement));
  return SendCopy(*out, channel_);
}

// --- the extended protocol ---

Result<Conversation::PreparedPtr> Conversation::FindStatement(std::string_view name) const {
  const auto found = statements_.find(name);
  if (found != statements_.end()) return found->second;
  if (name.empty()) return postgres::Error("26000", "unnamed prepared statement does not exist");
  return postgres::Error("26000", fmt::format("prepared statement \"{}\" does not exist", name));
}

Result<Conversation::Portal*> Conversation::FindPortal(std::string_view name) {
  const auto found = portals_.find(name);
  if (found == portals_.end()) return postgres::Error("34000", fmt::format("portal \"{}\" does not exist", name));
  return &found->second;
}

Status Conversation::Parse(const ParseMessage& message) {
  if (!message.name.empty() && statements_.contains(message.name)) {
    return postgres::Error("42P05", fmt::format("prepared statement \"{}\" already exists", message.name));
  }
  statements_.erase(std::string(message.name));
  WEIR_RETURN_NOT_OK(postgres::CheckUtf8(message.name));
  WEIR_RETURN_NOT_OK(postgres::CheckUtf8(message.text));
  PreparedPtr prepared;
  if (!IsBlank(message.text)) {
    WEIR_RETURN_NOT_OK(DetachPortals());
    WEIR_ASSIGN_OR_RETURN(prepared, session_.Prepare(message.text, message.parameter_types));
  }
  statements_[std::string(message.name)] = std::move(prepared);
  channel_.out().Plain('1');
  return Status::OK();
}

Status Conversation::Bind(const BindMessage& message) {
  WEIR_ASSIGN_OR_RETURN(PreparedPtr prepared, FindStatement(message.statement));
  const std::vector<uint32_t> types = prepared == nullptr ? std::vector<uint32_t>() : prepared->parameter_types();
  WEIR_RETURN_NOT_OK(CheckBind(message, types, prepared == nullptr ? 0 : prepared->columns().size()));
  if (!message.portal.empty() && portals_.contains(message.portal)) {
    return postgres::Error("42P03", fmt::format("cursor \"{}\" already exists", message.portal));
  }
  Portal portal{.prepared = std::move(prepared), .values = {}, .formats = message.result_formats, .rows = {}};
  for (size_t i = 0; i < message.values.size(); ++i) {
    const auto& bytes = message.values[i];
    if (!bytes) {
      portal.values.emplace_back();
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(auto value, ReadParameter(*bytes, FormatAt(message.parameter_formats, i), types[i]));
    portal.values.push_back(std::move(value));
  }
  portals_.insert_or_assign(std::string(message.portal), std::move(portal));
  channel_.out().Plain('2');
  return Status::OK();
}

Status Conversation::Describe(const DescribeMessage& message) {
  if (message.kind == 'P') {
    const auto* cursor = portals_.contains(message.name) ? nullptr : session_.CursorColumns(std::string(message.name));
    if (cursor != nullptr) {
      channel_.out().RowDescription(*cursor, {});
      return Status::OK();
    }
    WEIR_ASSIGN_OR_RETURN(const Portal* portal, FindPortal(message.name));
    DescribeColumns(portal->prepared, portal->formats);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(const PreparedPtr prepared, FindStatement(message.name));
  channel_.out().ParameterDescription(prepared == nullptr ? std::vector<uint32_t>() : prepared->parameter_types());
  DescribeColumns(prepared, {});
  return Status::OK();
}

void Conversation::DescribeColumns(const PreparedPtr& prepared, const std::vector<int16_t>& formats) {
  if (prepared == nullptr || !prepared->gives_rows()) channel_.out().Plain('n');
  else channel_.out().RowDescription(prepared->columns(), formats);
}

Status Conversation::Execute(const ExecuteMessage& message) {
  WEIR_ASSIGN_OR_RETURN(Portal* portal, FindPortal(message.portal));
  if (portal->prepared == nullptr) {
    channel_.out().Plain('I');
    return Status::OK();
  }
  if (portal->done) {
    if (!portal->prepared->gives_rows()) {
      return postgres::Error("55000", fmt::format("portal \"{}\" cannot be run", message.portal));
    }
    channel_.out().CommandComplete("SELECT 0");
    return Status::OK();
  }
  if (portal->rows == nullptr) WEIR_RETURN_NOT_OK(StartPortal(portal));
  if (portal->rows == nullptr) {  // it was answered already
    portal->done = true;
    return Status::OK();
  }
  const Result<bool> sent = portal->rows->Send(message.max_rows, channel_);
  portal->done = !sent.ok() || *sent;
  if (sent.ok()) {
    SendNotices();
    if (portal->done) channel_.out().CommandComplete(portal->rows->tag());
    else channel_.out().Plain('s');
  }
  if (portal->done) portal->rows.reset();
  return sent.status();
}

Status Conversation::StartPortal(Portal* portal) {
  const sql::Statement& statement = portal->prepared->statement();
  WEIR_RETURN_NOT_OK(PrepareToRun(statement, portal));
  if (const TransactionControl* control = ControlOf(statement)) {
    WEIR_ASSIGN_OR_RETURN(const bool done, TakeControl(*control));
    if (done) return Status::OK();
  } else if (channel_.PeekType() != 'S') {
    WEIR_RETURN_NOT_OK(BeginImplicit());  // more belongs to the same transaction
  }
  WEIR_ASSIGN_OR_RETURN(std::string tag, TakeOwn(statement));
  if (tag.empty()) {
    WEIR_ASSIGN_OR_RETURN(tag, TakeCopy(statement));
  }
  if (!tag.empty()) {
    SendNotices();
    channel_.out().CommandComplete(tag);
    return Status::OK();
  }
  WEIR_ASSIGN_OR_RETURN(auto result, session_.Execute(portal->prepared, portal->values));
  portal->rows = std::make_unique<RowSender>(std::move(result), portal->formats, session_);
  return Status::OK();
}

Status Conversation::Close(const CloseMessage& message) {
  if (message.kind == 'S') statements_.erase(std::string(message.name));
  else portals_.erase(std::string(message.name));
  channel_.out().Plain('3');
  return Status::OK();
}

void Conversation::Sync() {
  const Status ended = EndImplicit(!skip_to_sync_);
  if (!ended.ok()) SendError(ended);
  skip_to_sync_ = false;
  Ready();
}

// --- transactions ---

Status Conversation::PrepareToRun(const sql::Statement& statement, const Portal* running) {
  const TransactionControl* control = ControlOf(statement);
  const bool ends = control != nullptr && (control->kind == Kind::kCommit || control->kind == Kind::kRollback);
  if (ends) {
    std::erase_if(portals_, [&](const auto& entry) { return &entry.second != running; });
    return Status::OK();
  }
  return DetachPortals();
}

Status Conversation::DetachPortals() {
  for (auto& [name, portal] : portals_) {
    if (portal.rows != nullptr) WEIR_RETURN_NOT_OK(portal.rows->Detach());
  }
  return Status::OK();
}

Status Conversation::RunControl(Kind kind) {
  TransactionControl control;
  control.kind = kind;
  sql::Statement statement;
  statement.text = kind == Kind::kBegin ? "BEGIN" : kind == Kind::kCommit ? "COMMIT" : "ROLLBACK";
  statement.action = std::move(control);
  WEIR_ASSIGN_OR_RETURN(const auto result, session_.Run(statement));
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const auto batch, result->Next());
    if (batch == nullptr) return Status::OK();
  }
}

Status Conversation::BeginImplicit() {
  if (session_.transaction_status() != TransactionStatus::kIdle) return Status::OK();
  WEIR_RETURN_NOT_OK(RunControl(Kind::kBegin));
  implicit_ = true;
  return Status::OK();
}

Status Conversation::EndImplicit(bool succeeded) {
  if (!std::exchange(implicit_, false)) return Status::OK();
  portals_.clear();
  const bool commit = succeeded && session_.transaction_status() == TransactionStatus::kInTransaction;
  const Status ended = RunControl(commit ? Kind::kCommit : Kind::kRollback);
  if (!ended.ok() && session_.transaction_status() != TransactionStatus::kIdle) (void)RunControl(Kind::kRollback);
  return ended;
}

Result<bool> Conversation::TakeControl(const TransactionControl& control) {
  if (!implicit_) return false;
  switch (control.kind) {
    case Kind::kBegin:
      if (!control.isolation.empty() || control.read_only || control.deferrable) {
        return sql::Error("25001", "the modes of a transaction must be set before any query of it");
      }
      implicit_ = false;
      channel_.out().CommandComplete("BEGIN");
      return true;
    case Kind::kCommit:
    case Kind::kRollback:
      if (control.chain) {
        const char* command = control.kind == Kind::kCommit ? "COMMIT" : "ROLLBACK";
        return sql::Error("25P01", fmt::format("{} AND CHAIN can only be used in transaction blocks", command));
      }
      implicit_ = false;
      channel_.out().NoticeResponse(
          {.severity = "WARNING", .sqlstate = "25P01", .message = "there is no transaction in progress"});
      return false;
    case Kind::kSavepoint: return postgres::Error("25P01", "SAVEPOINT can only be used in transaction blocks");
    case Kind::kRelease: return postgres::Error("25P01", "RELEASE SAVEPOINT can only be used in transaction blocks");
    case Kind::kRollbackTo:
      return postgres::Error("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks");
  }
  return false;
}

Result<std::string> Conversation::TakeOwn(const sql::Statement& statement) {
  if (const auto* discard = std::get_if<sql::Discard>(&statement.action); discard && discard->what == "ALL") {
    statements_.clear();
  }
  const auto* deallocate = std::get_if<sql::Deallocate>(&statement.action);
  if (deallocate == nullptr) return std::string();
  if (deallocate->name.empty()) statements_.clear();
  return statements_.erase(deallocate->name) > 0 ? std::string("DEALLOCATE") : std::string();
}

// --- what goes with every answer ---

void Conversation::Ready() {
  if (channel_.stopped()) return;
  SendNotices();
  ReportParameters();
  const TransactionStatus status = session_.transaction_status();
  if (status == TransactionStatus::kIdle) portals_.clear();
  session_.AwaitClient();
  channel_.out().ReadyForQuery(static_cast<char>(status));
}

void Conversation::SendNotices() {
  for (const postgres::ErrorFields& notice : session_.TakeNotices()) channel_.out().NoticeResponse(notice);
}

/// Who is stopped hears of that alone.
void Conversation::SendError(const Status& status, int offset) {
  if (channel_.stopped()) return session_.Fail();
  SendNotices();
  postgres::ErrorFields fields = postgres::FieldsOf(status);
  if (fields.position > 0) fields.position += offset;
  channel_.out().ErrorResponse(fields);
  session_.Fail();
}

void Conversation::ReportParameters() {
  const uint64_t version = session_.parameters_version();
  if (std::exchange(reported_version_, version) == version) return;
  for (const auto& [name, fallback] : kReported) {
    const std::string value = session_.GetParameter(name).value_or(fallback);
    const auto known = reported_.find(name);
    if (known != reported_.end() && known->second == value) continue;
    reported_[name] = value;
    channel_.out().ParameterStatus(name, value);
  }
}

}  // namespace weir::pgwire
