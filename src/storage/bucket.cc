#include "storage/bucket.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/bucket_kinds.h"

namespace weir {

Status CheckSchemaId(const TableContext& table, int32_t schema_id) {
  const int32_t newest = std::max(table.schema_id, table.newest_schema_id);
  if (schema_id >= 1 && schema_id <= newest) return Status::OK();
  return {ErrorCode::kSchemaNotExist, fmt::format("table '{}' has no schema {}; its schemas are 1 to {}",
                                                  table.path.ToString(), schema_id, newest)};
}

Result<std::unique_ptr<Bucket>> Bucket::Open(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                             const std::string& directory, const LogOptions& log_options,
                                             std::shared_ptr<LogSyncer> syncer, KvStore* kv) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, Log::Open(directory, log_options, std::move(syncer)));
  return Open(id, std::move(table), std::move(log), kv);
}

Result<std::unique_ptr<Bucket>> Bucket::Open(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                             std::unique_ptr<Log> log, KvStore* kv) {
  if (!table->descriptor.has_primary_key()) return MakeLogTableBucket(std::move(table), std::move(log));
  return OpenPrimaryKeyBucket(id, std::move(table), std::move(log), kv);
}

}  // namespace weir
