#include "client/open_gateway.h"

#include <fmt/format.h>

#include "gateway/embedded/embedded_gateway.h"

namespace weir {
namespace {

bool IsDirectoryPath(const std::string& text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") || text == "." || text == "..";
}

}  // namespace

Result<std::shared_ptr<Gateway>> OpenGateway(const Config& config) {
  const std::string& where = config.bootstrap_servers;
  EmbeddedOptions options;
  options.sync = config.local_sync == "none" ? SyncMode::kNone : SyncMode::kGroup;
  options.segment_bytes = config.local_segment_bytes;
  if (where == ":memory:" || where == "memory:") return OpenInMemory("", options);
  if (where.starts_with("memory:")) return OpenInMemory(where.substr(7), options);
  if (where.starts_with("file:")) return OpenEmbedded(where.substr(5), options);
  if (IsDirectoryPath(where)) return OpenEmbedded(where, options);
  return Status(ErrorCode::kUnsupportedVersion,
                fmt::format("cannot connect to '{}': this build serves embedded databases only; give a directory "
                            "('file:<directory>', '/path' or './path') or ':memory:'",
                            where));
}

}  // namespace weir
