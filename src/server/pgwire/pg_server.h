#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "server/host_port.h"
#include "sql/session.h"

namespace weir {

struct PgServerOptions {
  HostPort listen{"127.0.0.1", 5432};  // port 0: any free one
  /// Nobody is asked for a password, so clients of other hosts are refused unless this is set.
  bool allow_remote = false;
  int max_sessions = 100;
  int32_t max_message_bytes = 64 << 20;
  /// For a client to say who it is.
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
