#pragma once

#include <memory>

#include "storage/bucket.h"

namespace weir {

std::unique_ptr<Bucket> MakeLogTableBucket(std::shared_ptr<const TableContext> table, std::unique_ptr<Log> log);
/// Replays the changelog into the rows first.
Result<std::unique_ptr<Bucket>> OpenPrimaryKeyBucket(const TableBucket& id, std::shared_ptr<const TableContext> table,
                                                     std::unique_ptr<Log> log, KvStore* kv);

}  // namespace weir
