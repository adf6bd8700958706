#include "cli/server.h"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/cluster_login.h"
#include "gateway/embedded/embedded_gateway.h"
#include "placement/node.h"
#include "server/fluss/fluss_server.h"
#include "server/pgwire/pg_server.h"
#include "sql/engine/file_folder.h"
#include "sql/session/client_drop.h"
#include "types/mutex.h"

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
    sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  int Wait() {
    int received = 0;
    while (sigwait(&signals_, &received) != 0) {
    }
    return received;
  }

 private:
  sigset_t signals_;
  sigset_t before_;
};

using GatewayPtr = std::shared_ptr<Gateway>;

Result<FlussServerOptions> FlussOptions(const ServerOptions& options) {
  FlussServerOptions server;
  server.threads = options.threads;
  server.trust_remote = options.trust_remote;
  if (!options.listen.empty()) {
    WEIR_ASSIGN_OR_RETURN(server.listen, ParseAddress("listen", options.listen));
  }
  if (!options.advertise.empty()) {
    WEIR_ASSIGN_OR_RETURN(server.advertised, ParseAddress("advertise", options.advertise));
  }
  return server;
}

Result<PgServerOptions> PgOptions(const ServerOptions& options) {
  PgServerOptions server;
  server.login.trust_remote = options.trust_remote;
  server.files = options.files;
  server.locality = options.locality;
  if (!options.locality.empty()) WEIR_RETURN_NOT_OK(placement::ParseLocality(options.locality).status());
  if (!options.files.empty()) WEIR_RETURN_NOT_OK(sql::FileFolder::Open(options.files).status());
  if (!options.sql_rules.empty()) {
    WEIR_ASSIGN_OR_RETURN(server.login.rules, LoginRuleFile::Open(options.sql_rules));
  }
  if (!options.tls_certificate.empty()) {
    WEIR_ASSIGN_OR_RETURN(server.tls,
                          TlsContext::Load({options.tls_certificate, options.tls_key, options.tls_client_roots}));
  }
  if (!options.sql.empty()) {
    WEIR_ASSIGN_OR_RETURN(server.listen, ParseAddress("sql", options.sql));
  }
  return server;
}

/// SQL on the target, from the first who asks for it on.
class ServedSql {
 public:
  explicit ServedSql(GatewayPtr gateway) : gateway_(std::move(gateway)) {}

  Result<std::shared_ptr<sql::Database>> database() {
    MutexLock lock(mutex_);
    if (database_ == nullptr) {
      WEIR_ASSIGN_OR_RETURN(database_, sql::Database::Open(gateway_));
    }
    return database_;
  }

 private:
  const GatewayPtr gateway_;
  Mutex mutex_;
  std::shared_ptr<sql::Database> database_ WEIR_GUARDED_BY(mutex_);
};

Result<std::unique_ptr<PgServer>> StartPg(ServedSql& sql, const PgServerOptions& options) {
  WEIR_ASSIGN_OR_RETURN(auto database, sql.database());
  return PgServer::Start(std::move(database), options);
}

/// Sessions of Fluss clients are as those of the SQL door.
SqlOpener OpenerOf(std::shared_ptr<ServedSql> sql, const PgServerOptions& options) {
  return [sql = std::move(sql), files = options.files, locality = options.locality](
             const sql::SessionOptions& wanted) -> Result<std::unique_ptr<sql::Session>> {
    WEIR_ASSIGN_OR_RETURN(const auto database, sql->database());
    sql::SessionOptions session = wanted;
    session.files = files;
    session.locality = locality;
    return database->Connect(session);
  };
}

/// Until the server is to stop.
void WaitForStop(StopSignals& signals, const PgServerOptions& options) {
  while (signals.Wait() == SIGHUP) {
    if (options.tls != nullptr) {
      const Status reloaded = options.tls->Reload();
      if (reloaded.ok()) spdlog::info("the files of TLS were read again");
      else spdlog::error("TLS goes on as it was: {}", reloaded.message());
    }
    if (options.login.rules != nullptr) {
      const Status reloaded = options.login.rules->Reload();
      if (reloaded.ok()) spdlog::info("the rules of logins were read again");
      else spdlog::error("logins go on by the rules as they were: {}", reloaded.message());
    }
  }
}

void PrintAddress(const ServerOptions& options, const char* kind, const HostPort& address) {
  const std::string& target = options.connect.empty() ? options.data : options.connect;
  fmt::print("weir server: serving '{}' on {}:{}{}\n", target, address.host, address.port, kind);
}

Result<GatewayPtr> OpenTarget(const ServerOptions& options) {
  if (!options.connect.empty()) {
    WEIR_ASSIGN_OR_RETURN(const GatewayPtr cluster, OpenServers(options.connect, options.connect_user));
    if (!cluster->is_weir_server()) return cluster;
    return Status::Invalid(fmt::format("'{}' is a weir server, which serves SQL itself: start it with --sql",
                                       options.connect));
  }
  if (options.data.empty()) return Status::Invalid("give --data DIR, or --connect HOST:PORT with --sql");
  const EmbeddedOptions embedded{.read_only = options.read_only,
                                 .log_compression = "",
                                 .remote_data_dir = options.remote_data_dir,
                                 .memory_limit = options.memory_limit,
                                 .spill_limit = options.spill_limit};
  WEIR_ASSIGN_OR_RETURN(const GatewayPtr gateway, OpenEmbedded(options.data, embedded));
  SetTableDropper(*gateway, sql::DropTableOfClient);
  return gateway;
}

}  // namespace

Status RunServer(const ServerOptions& options) {
  WEIR_ASSIGN_OR_RETURN(FlussServerOptions fluss_options, FlussOptions(options));
  WEIR_ASSIGN_OR_RETURN(PgServerOptions pg_options, PgOptions(options));
  StopSignals signals;
  WEIR_ASSIGN_OR_RETURN(const GatewayPtr gateway, OpenTarget(options));
  WEIR_ASSIGN_OR_RETURN(fluss_options.access, access::Store::Open(gateway));
  pg_options.login.access = fluss_options.access;
  std::unique_ptr<FlussServer> fluss;
  std::unique_ptr<PgServer> pg;
  const auto sql = std::make_shared<ServedSql>(gateway);
  if (!options.listen.empty() || options.sql.empty()) {
    fluss_options.sql = OpenerOf(sql, pg_options);
    WEIR_ASSIGN_OR_RETURN(fluss, FlussServer::Start(gateway, fluss_options));
  }
  if (!options.sql.empty()) {
    WEIR_ASSIGN_OR_RETURN(pg, StartPg(*sql, pg_options));
  }
  if (fluss != nullptr) PrintAddress(options, "", fluss->address());
  if (pg != nullptr) PrintAddress(options, " for SQL", pg->address());
  std::fflush(stdout);
  WaitForStop(signals, pg_options);
  pg.reset();  // its sessions use the gateway, which the other server closes
  if (fluss == nullptr) (void)fluss_options.access->Close();
  const Status stopped = fluss != nullptr ? fluss->Stop() : gateway->Close();
  fmt::print("weir server: stopped\n");
  return stopped;
}

}  // namespace weir
