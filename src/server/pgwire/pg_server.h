#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "server/host_port.h"
#include "server/pgwire/login.h"
#include "server/pgwire/tls.h"
#include "sql/session.h"

namespace weir {

struct PgServerOptions {
  HostPort listen{"127.0.0.1", 5432};  // port 0: any free one
  pgwire::LoginPolicy login;
  std::string files;  // the folder that foreign tables may be in; empty: none
  std::string locality;  // sql::SessionOptions::locality
  std::shared_ptr<TlsContext> tls;  // null: clients that insist on TLS go away
  int max_sessions = 100;
  int reserved_sessions = 3;  // of those: for superusers
  int32_t max_message_bytes = 64 << 20;
  /// For a client to say and to prove who it is.
  std::chrono::milliseconds startup_timeout = std::chrono::seconds(60);
  /// How long Stop lets statements end that it has cancelled.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(5);
};

/// Serves SQL over the PostgreSQL protocol 3.0: one thread a client.
class PgServer {
 public:
  /// Listens and accepts from here on. Code -2 when the address cannot be resolved or bound.
  static Result<std::unique_ptr<PgServer>> Start(std::shared_ptr<sql::Database> database,
                                                 const PgServerOptions& options);
  ~PgServer();

  /// Where it listens.
  HostPort address() const;

  /// Accepts no more, cancels what runs, tells the clients, and ends their sessions. Idempotent.
  void Stop();

 private:
  class Impl;
  explicit PgServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
