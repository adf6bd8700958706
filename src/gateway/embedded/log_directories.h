#pragma once

#include <filesystem>
#include <vector>

#include "weir/table.h"

namespace weir {

// The directories below a data directory's `log`, as BucketRegistry lays them out.

/// The highest id of a table that has a file; -1: there is none.
Result<int64_t> NewestTableOfLogs(const std::filesystem::path& logs);

struct BucketLog {
  TableBucket bucket;
  std::filesystem::path directory;
};
/// The log of every bucket that has a directory, in the order of table, partition and bucket id.
Result<std::vector<BucketLog>> ListBucketLogs(const std::filesystem::path& logs);

}  // namespace weir
