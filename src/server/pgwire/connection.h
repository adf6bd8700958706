#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/pgwire/channel.h"
#include "server/pgwire/pg_server.h"
#include "sql/session.h"
#include "types/mutex.h"

namespace weir::pgwire {

class Connection;

/// What connections have in common.
class ConnectionHost {
 public:
  virtual ~ConnectionHost() = default;
  virtual sql::Database& database() = 0;
  virtual const PgServerOptions& options() const = 0;
  virtual access::LoginDelays& delays() = 0;
  /// A place among the sessions; 53300 when all are taken, or only superusers may have the others.
  virtual Status Admit(Connection& connection, bool superuser) = 0;
  /// Cancels what the connection with this id runs, if the secret is its own.
  virtual void Cancel(int32_t process_id, int32_t secret) = 0;
};

/// One client, on a thread of its own.
class Connection {
 public:
  Connection(asio::ip::tcp::socket socket, ConnectionHost& host, int32_t process_id);

  /// Serves the client to its end.
  void Run();

  // Any thread.
  int32_t process_id() const { return process_id_; }
  int32_t secret() const { return secret_; }
  /// Whether the client has proven who it is.
  bool logged_in() const { return logged_in_; }
  void CancelStatement();
  /// Cancels the statement whose client is gone, where the session wants that to be looked for. One thread.
  void CheckClient(std::chrono::steady_clock::time_point now);
  /// The client is told that the server stops, after what is running has been cancelled.
  void Stop();
  /// Whatever is under way with the client's socket ends.
  void Cut() { channel_.Shutdown(); }

 private:
  Result<bool> StartUp(StartupMessage* message);
  Status Serve();
  /// Answers a request for encryption.
  Status StartTls();
  Status LogIn(const sql::SessionOptions& options);
  Result<sql::SessionOptions> OptionsOf(const StartupMessage& message);
  sql::ClientSocket SocketOfClient() const;
  void SendFatal(const Status& status);
  bool stopping();

  ConnectionHost& host_;
  const int32_t process_id_;
  const int32_t secret_;
  const asio::ip::tcp::endpoint peer_;
  const asio::ip::tcp::endpoint local_;
  std::atomic<bool> logged_in_ = false;
  Channel channel_;
  Mutex mutex_;
  sql::Session* session_ WEIR_GUARDED_BY(mutex_) = nullptr;  // while there is one
  bool stopping_ WEIR_GUARDED_BY(mutex_) = false;
  std::chrono::steady_clock::time_point checked_;  // CheckClient's
};

}  // namespace weir::pgwire
