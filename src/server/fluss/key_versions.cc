#include "server/fluss/key_versions.h"

#include <fmt/format.h>

namespace weir {
namespace {

bool NeedsVersionOne(const TableDescriptor& descriptor) {
  const auto version = descriptor.properties.find("table.kv.format-version");
  return descriptor.properties.contains("table.datalake.format") && version != descriptor.properties.end() &&
         version->second == "2" && !descriptor.HasDefaultBucketKey();
}

}  // namespace

void CheckKeyVersion(const std::shared_ptr<ServiceState>& state, const CallPtr& call, int64_t table_id,
                     std::function<void(const Status&)> next) {
  if (call->header().api_version > 0) return next(Status::OK());
  WhenDone(call, state->gateway->GetTableInfoById(table_id), [next = std::move(next)](const Result<TableInfo>& info) {
    if (!info.ok() || !NeedsVersionOne(info->descriptor)) return next(Status::OK());
    next({ErrorCode::kUnsupportedVersion,
          fmt::format("keys of table '{}' need version 1 of the request, this is version 0: use a newer client",
                      info->path.ToString())});
  });
}

}  // namespace weir
