#include "gateway/cluster/cluster_options.h"

#include <fmt/format.h>

#include <charconv>

namespace weir {
namespace {

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Result<Endpoint> ParseEndpoint(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    int port = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (!host.empty() && error == std::errc() && rest == end && port > 0 && port <= 65535) {
      return Endpoint{std::string(host), port};
    }
  }
  return Status::Invalid(fmt::format("'{}' is no address of a server: write host:port", text));
}

}  // namespace

std::string Endpoint::ToString() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Result<std::vector<Endpoint>> ParseEndpoints(std::string_view text) {
  std::vector<Endpoint> endpoints;
  while (true) {
    const size_t comma = text.find(',');
    WEIR_ASSIGN_OR_RETURN(Endpoint endpoint, ParseEndpoint(Trim(text.substr(0, comma))));
    endpoints.push_back(std::move(endpoint));
    if (comma == std::string_view::npos) return endpoints;
    text.remove_prefix(comma + 1);
  }
}

std::string ClusterOptions::target() const {
  std::string addresses;
  for (const Endpoint& endpoint : bootstrap) {
    addresses += (addresses.empty() ? "" : ",") + endpoint.ToString();
  }
  return fmt::format("Fluss cluster at '{}'", addresses);
}

}  // namespace weir
