#pragma once

#include <chrono>
#include <compare>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir {

/// Where a server listens.
struct Endpoint {
  std::string host;
  int port = 0;
  std::string ToString() const;
  auto operator<=>(const Endpoint&) const = default;
};

/// "host:port[,host:port…]"; an IPv6 address stands in brackets. Code -2 for other texts.
Result<std::vector<Endpoint>> ParseEndpoints(std::string_view text);

struct SaslPlain {
  std::string username;
  std::string password;
};

struct ClusterOptions {
  std::vector<Endpoint> bootstrap;
  std::optional<SaslPlain> sasl;  // absent: no authentication
  /// For the TCP connection and what both sides say before the first request; 0: as long as a request may take.
  std::chrono::milliseconds connect_timeout{15000};
  /// For the answer to one request. Requests that let the server wait get that time in addition.
  std::chrono::milliseconds request_timeout{30000};
  /// How long a call goes on trying while a leader moves or a server cannot be reached.
  std::chrono::milliseconds retry_timeout{10000};
  /// The same for reads of rows and offsets, which may be made any number of times: as long as a cluster takes to miss
  /// a server and to elect other leaders.
  std::chrono::milliseconds read_retry_timeout{120000};
  /// How often a lookup is sent again at most.
  int lookup_retries = std::numeric_limits<int>::max();
  /// How long Close lets calls under way finish.
  std::chrono::milliseconds close_timeout{5000};

  /// What error texts call the cluster.
  std::string target() const;
};

}  // namespace weir
