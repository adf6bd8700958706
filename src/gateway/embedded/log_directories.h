#pragma once

#include <filesystem>
#include <vector>

#include "weir/table.h"

namespace weir {

// The directories below a data directory's `log`, as BucketRegistry lays them out.

/// The highest id of a table that has a file; -1: there is none.
Result<int64_t> NewestTableOfLogs(const std::filesystem::path& logs);

/// Every bucket that has a directory, in the order of table, partition and bucket id.
Result<std::vector<TableBucket>> ListBucketLogs(const std::filesystem::path& logs);

/// Where the log of a bucket ends, without opening it.
Result<int64_t> FindLogEnd(const std::filesystem::path& logs, const TableBucket& bucket);

}  // namespace weir
