#include "cli/server.h"

#include <fmt/format.h>
#include <signal.h>

#include <charconv>
#include <cstdio>

#include "gateway/embedded/embedded_gateway.h"
#include "server/fluss/fluss_server.h"

namespace weir {
namespace {

/// "host:port", "[::1]:port".
Result<HostPort> ParseAddress(const std::string& option, const std::string& text) {
  const auto invalid = [&] {
    return Status::Invalid(fmt::format("--{} is '{}', it must be HOST:PORT, e.g. 127.0.0.1:9123", option, text));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return invalid();
  HostPort address{.host = text.substr(0, colon), .port = -1};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, address.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || address.port < 0 || address.port > 65535) return invalid();
  return address;
}

/// Blocks the signals in this thread and all that it starts from here on, and waits for them.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  void Wait() {
    int received = 0;
    while (sigwait(&signals_, &received) != 0) {
    }
  }

 private:
  sigset_t signals_;
  sigset_t before_;
};

}  // namespace

Status RunServer(const ServerOptions& options) {
  FlussServerOptions server_options;
  WEIR_ASSIGN_OR_RETURN(server_options.listen, ParseAddress("listen", options.listen));
  if (!options.advertise.empty()) {
    WEIR_ASSIGN_OR_RETURN(server_options.advertised, ParseAddress("advertise", options.advertise));
  }
  server_options.threads = options.threads;
  StopSignals signals;
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<Gateway> gateway, OpenEmbedded(options.data, EmbeddedOptions{.log_compression = ""}));
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<FlussServer> server,
                        FlussServer::Start(std::move(gateway), server_options));
  fmt::print("weir server: serving '{}' on {}:{}\n", options.data, server->address().host, server->address().port);
  std::fflush(stdout);
  signals.Wait();
  const Status stopped = server->Stop();
  fmt::print("weir server: stopped\n");
  return stopped;
}

}  // namespace weir
