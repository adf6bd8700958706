#include "client/open_gateway.h"

#include <algorithm>
#include <cctype>

#include "gateway/cluster/cluster_gateway.h"
#include "gateway/embedded/embedded_gateway.h"

namespace weir {
namespace {

bool IsDirectoryPath(const std::string& text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text == "." || text == "..";
}

bool UsesSasl(const std::string& protocol) {
  return std::ranges::equal(protocol, std::string_view("sasl"),
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
}

Result<std::shared_ptr<Gateway>> Connect(const Config& config) {
  ClusterOptions options;
  WEIR_ASSIGN_OR_RETURN(options.bootstrap, ParseEndpoints(config.bootstrap_servers));
  options.connect_timeout = std::chrono::milliseconds(std::min<uint64_t>(config.connect_timeout_ms, 24 * 3600 * 1000));
  options.request_timeout = std::chrono::milliseconds(config.request_timeout_ms);
  options.read_retry_timeout = std::chrono::milliseconds(config.retry_timeout_ms);
  options.lookup_retries = config.lookup_max_retries;
  if (UsesSasl(config.security_protocol)) {
    options.sasl = SaslPlain{config.security_sasl_username, config.security_sasl_password};
  }
  return OpenCluster(options);
}

}  // namespace

Result<std::shared_ptr<Gateway>> OpenGateway(const Config& config) {
  const std::string& where = config.bootstrap_servers;
  EmbeddedOptions options;
  options.sync = config.local_sync == "none" ? SyncMode::kNone : SyncMode::kGroup;
  options.segment_bytes = config.local_segment_bytes;
  options.read_only = config.local_read_only;
  options.memory_limit = config.local_memory_limit;
  if (config.local_spill_limit >= 0) options.spill_limit = config.local_spill_limit;
  if (where == ":memory:" || where == "memory:") return OpenInMemory("", options);
  if (where.starts_with("memory:")) return OpenInMemory(where.substr(7), options);
  if (where.starts_with("file:")) return OpenEmbedded(where.substr(5), options);
  if (IsDirectoryPath(where)) return OpenEmbedded(where, options);
  return Connect(config);
}

}  // namespace weir
