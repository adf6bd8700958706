#include "server/fluss/sql_sessions.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "server/fluss/sql_worker.h"

namespace weir {
namespace {

using sql::call::Request;
using sql::call::Response;

constexpr std::chrono::milliseconds kStopAgain(50);

void Reply(const CallPtr& call, const Response& response) {
  wire::Frame frame = wire::EncodeResponse(call->header().request_id, response);
  call->context()->Post([call, frame = std::move(frame)]() mutable { call->Reply(std::move(frame)); });
}

/// The answer of a session that is over.
void ReplyOver(const CallPtr& call, const Status& why) {
  Response response;
  sql::remote::Put(sql::FieldsOf(why), response.mutable_error());
  response.set_ended(true);
  Reply(call, response);
}

Status Gone() { return sql::Error("08003", "there is no SQL session on this connection"); }

sql::SessionOptions OptionsOf(const sql::call::Open& open, const std::string& user, const Peer& peer) {
  sql::SessionOptions options;
  options.database = open.database();
  options.user = user;
  for (const sql::call::Setting& setting : open.settings()) {
    options.parameters.emplace_back(setting.name(), setting.value());
  }
  options.client = sql::ClientSocket{.address = peer.address, .port = peer.port};
  return options;
}

}  // namespace

bool HasSqlSession(const CallContext& context) { return context.sql != nullptr && !context.sql->over(); }

FlussSqlSession::FlussSqlSession(SqlOpener opener, sql::SessionOptions options)
    : opener_(std::move(opener)), options_(std::move(options)) {}

FlussSqlSession::~FlussSqlSession() = default;

// --- from any thread ---

void FlussSqlSession::Take(const CallPtr& call) {
  Status over;
  {
    MutexLock lock(mutex_);
    over = over_;
    if (over.ok()) calls_.push_back(call);
  }
  if (!over.ok()) return ReplyOver(call, over);
  changed_.notify_all();
}

void FlussSqlSession::Cancel() {
  MutexLock lock(mutex_);
  if (running_ != nullptr) running_->Cancel();
}

void FlussSqlSession::End(const Status& reason) {
  {
    MutexLock lock(mutex_);
    if (over_.ok()) over_ = reason;
    if (running_ != nullptr) running_->Cancel();
  }
  changed_.notify_all();
}

bool FlussSqlSession::over() {
  MutexLock lock(mutex_);
  return !over_.ok();
}

// --- on the session's thread ---

void FlussSqlSession::Run() {
  options_.disconnect = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->End(sql::Error("57P01", "terminating connection due to administrator command"));
    }
  };
  std::unique_ptr<SqlWorker> worker;
  if (CallPtr opening = Next(nullptr)) {
    Result<std::unique_ptr<sql::Session>> session = opener_(options_);
    if (session.ok()) {
      worker = std::make_unique<SqlWorker>(session.MoveValue());
      MutexLock lock(mutex_);
      running_ = &worker->session();
    }
    if (worker != nullptr) {
      Reply(opening, worker->Greet());
    } else {
      End(session.status());
      ReplyOver(opening, session.status());
    }
  }
  while (const CallPtr call = Next(worker.get())) Answer(call, *worker);
  {
    MutexLock lock(mutex_);
    running_ = nullptr;
  }
  worker.reset();
  std::deque<CallPtr> left;
  Status why;
  {
    MutexLock lock(mutex_);
    left.swap(calls_);
    why = over_;
  }
  for (const CallPtr& call : left) ReplyOver(call, why);
}

/// Null: the session is over. A client may not say nothing for longer than it has said itself.
CallPtr FlussSqlSession::Next(SqlWorker* worker) {
  const auto limit = worker == nullptr ? std::chrono::milliseconds(0) : worker->session().IdleLimit();
  MutexLock lock(mutex_);
  const auto ready = [this]() WEIR_REQUIRES(mutex_) { return !calls_.empty() || !over_.ok(); };
  if (limit.count() == 0) {
    changed_.wait(lock.native(), ready);
  } else if (!changed_.wait_for(lock.native(), limit, ready)) {
    const bool idle = worker->session().transaction_status() == sql::TransactionStatus::kIdle;
    over_ = idle ? sql::Error("57P05", "terminating connection due to idle-session timeout")
                 : sql::Error("25P03", "terminating connection due to idle-in-transaction timeout");
  }
  if (!over_.ok()) return nullptr;
  CallPtr call = std::move(calls_.front());
  calls_.pop_front();
  return call;
}

void FlussSqlSession::Answer(const CallPtr& call, SqlWorker& worker) {
  Request request;
  if (const Status parsed = wire::ParseMessage(*call->message(), &request); !parsed.ok()) {
    return call->context()->Post([call, parsed] { call->Fail(parsed); });
  }
  if (request.has_end()) {
    End(Gone());
    MutexLock lock(mutex_);
    calls_.push_front(call);  // answered when the session is gone
    return;
  }
  const Response response = worker.Do(request);
  Status over;
  {
    MutexLock lock(mutex_);
    over = over_;
  }
  if (!over.ok() && response.has_error()) return ReplyOver(call, over);
  Reply(call, response);
}

// --- all sessions ---

void FlussSqlSessions::Handle(const CallPtr& call, const std::string& user) {
  Request request;
  if (const Status parsed = wire::ParseMessage(*call->message(), &request); !parsed.ok()) return call->Fail(parsed);
  CallContext& context = *call->context();
  if (request.has_cancel()) {
    if (context.sql != nullptr) context.sql->Cancel();
    return Reply(call, {});
  }
  if (request.has_open()) {
    if (HasSqlSession(context)) return ReplyOver(call, sql::Error("08P01", "the connection has a session already"));
    const Status started = Start(context, OptionsOf(request.open(), user, context.peer));
    if (!started.ok()) return ReplyOver(call, started);
  }
  if (context.sql == nullptr) return ReplyOver(call, Gone());
  context.sql->Take(call);
}

Status FlussSqlSessions::Start(CallContext& context, sql::SessionOptions options) {
  const auto session = std::make_shared<FlussSqlSession>(opener_, std::move(options));
  MutexLock lock(mutex_);
  JoinFinished();
  if (stopped_) return sql::Error("57P03", "the database system is shutting down");
  if (static_cast<int>(running_.size()) >= most_) return sql::Error("53300", "sorry, too many clients already");
  try {
    running_[session] = std::thread([this, session] { RunThread(session); });
  } catch (const std::system_error& error) {
    running_.erase(session);
    return sql::Error("53000", std::string("the system has no thread for a session: ") + error.what());
  }
  context.sql = session;
  return Status::OK();
}

void FlussSqlSessions::RunThread(const std::shared_ptr<FlussSqlSession>& session) {
  try {
    session->Run();
  } catch (const std::exception& error) {
    spdlog::error("an SQL session of a Fluss client failed: {}", error.what());
  }
  MutexLock lock(mutex_);
  finished_.push_back(std::move(running_.extract(session).mapped()));
  changed_.notify_all();
}

void FlussSqlSessions::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  // Again and again: what is between two steps of a statement does not hear of it.
  do {
    for (const auto& [session, thread] : running_) {
      session->End(sql::Error("57P01", "terminating connection due to administrator command"));
    }
  } while (!changed_.wait_for(lock.native(), kStopAgain, [this]() WEIR_REQUIRES(mutex_) { return running_.empty(); }));
  JoinFinished();
}

/// Lets go of the mutex meanwhile: they need it to end.
void FlussSqlSessions::JoinFinished() {
  std::vector<std::thread> finished = std::exchange(finished_, {});
  mutex_.unlock();
  for (std::thread& thread : finished) thread.join();
  mutex_.lock();
}

}  // namespace weir
