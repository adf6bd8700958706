#pragma once

#include <asio/ip/tcp.hpp>
#include <fmt/format.h>

#include "server/host_port.h"
#include "weir/status.h"

namespace weir {

inline HostPort ToHostPort(const asio::ip::tcp::endpoint& endpoint) {
  return {endpoint.address().to_string(), endpoint.port()};
}

/// Has an acceptor that is not open yet listen on `address` (port 0: any free one) and gives the address that it got.
/// Code -2 names the address and what stood in the way.
template <typename Acceptor>
Result<HostPort> Listen(const HostPort& address, Acceptor& acceptor) {
  using asio::ip::tcp;
  asio::error_code error;
  tcp::resolver resolver(acceptor.get_executor());
  const auto found = resolver.resolve(address.host, std::to_string(address.port), tcp::resolver::passive, error);
  if (error) return Status::Invalid(fmt::format("cannot resolve '{}': {}", address.host, error.message()));
  const tcp::endpoint endpoint = found.begin()->endpoint();
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Status::Invalid(fmt::format("cannot listen on {}:{}: {}", address.host, address.port, error.message()));
  }
  return ToHostPort(acceptor.local_endpoint(error));
}

}  // namespace weir
