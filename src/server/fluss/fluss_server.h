#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "access/store.h"
#include "gateway/gateway.h"
#include "server/fluss/call.h"
#include "server/fluss/sql_sessions.h"

namespace weir {

struct FlussServerOptions {
  HostPort listen{"127.0.0.1", 9123};  // port 0: any free one
  /// What clients are told to connect to; an empty host: the address that they came in on.
  HostPort advertised;
  /// Who may do what; it is closed with the server. Null: nobody is asked for anything.
  std::shared_ptr<access::Store> access;
  /// Lets clients of other hosts in as long as nobody has a password.
  bool trust_remote = false;
  /// Opens sessions of SQL for clients (sql/remote); null: there are none.
  SqlOpener sql;
  int max_sql_sessions = 100;
  int threads = 0;  // 0: one a processor, at least 2
  int32_t max_frame_bytes = 100 << 20;
  int max_connections = 1000;
  /// Where a connection has this much under way it is not read from until some is answered.
  int max_requests_in_flight = 1000;  // a process with many scanners polls for each over one connection
  int64_t max_bytes_in_flight = 64 << 20;  // requests not answered, and answers not sent
  std::chrono::milliseconds idle_timeout = std::chrono::minutes(10);
  /// How long Stop lets requests under way finish.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(5);
};

/// Serves a gateway over the Fluss protocol: one listener, which is coordinator and tablet server at once.
class FlussServer {
 public:
  /// Listens and accepts from here on. Code -2 when the address cannot be resolved or bound.
  static Result<std::unique_ptr<FlussServer>> Start(std::shared_ptr<Gateway> gateway,
                                                    const FlussServerOptions& options);
  ~FlussServer();

  /// Where it listens.
  HostPort address() const;

  /// Accepts and reads no more, answers what is under way, closes the gateway, then the connections.
  /// The gateway's status. Idempotent.
  Status Stop();

 private:
  class Impl;
  explicit FlussServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
