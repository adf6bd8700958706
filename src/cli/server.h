#pragma once

#include <string>

#include "weir/status.h"

namespace weir {

struct ServerOptions {
  std::string data;
  std::string listen = "127.0.0.1:9123";
  std::string advertise;  // host:port, or empty: the address that a client came in on
  int threads = 0;        // 0: one a processor
};

/// Serves the database in `data` to Fluss clients until SIGINT or SIGTERM, then finishes what is
/// under way. Prints a line when it listens.
Status RunServer(const ServerOptions& options);

}  // namespace weir
