#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "weir/status.h"

namespace weir {

struct ServerOptions {
  std::string data;          // a database directory …
  std::string connect;       // … or the addresses of an Apache Fluss cluster, for `sql` alone
  std::string connect_user;  // empty: nobody
  bool read_only = false;
  std::string remote_data_dir;  // where snapshots are put for clients; empty: below `data`
  std::string listen;     // for Fluss clients; empty: 127.0.0.1:9123, or not at all where `sql` is given
  std::string sql;        // for SQL clients; empty: not at all
  bool trust_remote = false;  // lets clients of other hosts in while nobody has a password
  std::string sql_rules;      // a file of LoginRules; empty: none
  std::string files;          // a folder that foreign tables may be in; empty: none
  std::string locality;       // of the node, as KWDB's zones name it; empty: none
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_roots;
  std::string advertise;  // host:port, or empty: the address that a client came in on
  int threads = 0;        // 0: one a processor
  int64_t memory_limit = 0;            // bytes; 0: four fifths of the machine's
  std::optional<int64_t> spill_limit;  // bytes; nothing: nine tenths of what is free on the disk
};

/// Serves the database in `data`, or SQL on the cluster at `connect`, until SIGINT or SIGTERM, then finishes what is
/// under way; SIGHUP has it read the files of TLS again. Prints a line for each address when all of them listen.
Status RunServer(const ServerOptions& options);

}  // namespace weir
