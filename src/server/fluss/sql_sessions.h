#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "server/fluss/call.h"
#include "sql/session.h"
#include "types/mutex.h"

namespace weir {

class SqlWorker;

/// Opens a session of the server's SQL.
using SqlOpener = std::function<Result<std::unique_ptr<sql::Session>>(const sql::SessionOptions&)>;

/// The SQL session of one Fluss connection (sql/remote/call.proto), on a thread of its own: it runs one call after
/// another.
class FlussSqlSession : public std::enable_shared_from_this<FlussSqlSession> {
 public:
  FlussSqlSession(SqlOpener opener, sql::SessionOptions options);
  ~FlussSqlSession();

  /// Serves calls until the session is over.
  void Run();

  // Any thread.
  /// What was not taken before the session was over is answered with why it is.
  void Take(const CallPtr& call);
  void Cancel();
  /// Takes no more calls, and cancels what runs. The first reason counts.
  void End(const Status& reason);
  bool over();

 private:
  CallPtr Next(SqlWorker* worker);
  void Answer(const CallPtr& call, SqlWorker& worker);

  const SqlOpener opener_;
  sql::SessionOptions options_;
  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<CallPtr> calls_ WEIR_GUARDED_BY(mutex_);
  Status over_ WEIR_GUARDED_BY(mutex_);                      // why it is, once it is
  sql::Session* running_ WEIR_GUARDED_BY(mutex_) = nullptr;  // the session, while there is one
};

/// Whether the connection has one that goes on.
bool HasSqlSession(const CallContext& context);

/// The SQL sessions of all connections. Thread-safe.
class FlussSqlSessions {
 public:
  /// `opener`: null where the server has no SQL.
  FlussSqlSessions(SqlOpener opener, int most) : opener_(std::move(opener)), most_(most) {}
  ~FlussSqlSessions() { Stop(); }

  bool offered() const { return opener_ != nullptr; }
  /// One call, where the connection's requests are handled. `user`: whose a session is that it opens.
  void Handle(const CallPtr& call, const std::string& user);
  /// Ends all of them, and waits for their ends.
  void Stop();

 private:
  Status Start(CallContext& context, sql::SessionOptions options);
  void RunThread(const std::shared_ptr<FlussSqlSession>& session);
  void JoinFinished() WEIR_REQUIRES(mutex_);

  const SqlOpener opener_;
  const int most_;
  Mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ WEIR_GUARDED_BY(mutex_) = false;
  std::unordered_map<std::shared_ptr<FlussSqlSession>, std::thread> running_ WEIR_GUARDED_BY(mutex_);
  std::vector<std::thread> finished_ WEIR_GUARDED_BY(mutex_);
};

}  // namespace weir
