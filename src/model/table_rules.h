#pragma once

#include <string_view>

#include "weir/table.h"

namespace weir {

/// Limits that an engine sets (Fluss's defaults).
struct TableLimits {
  int32_t default_bucket_count = 1;
  int32_t max_buckets = 4096;
  int32_t max_partitions = 1000;
  int32_t live_servers = 1;
};

/// The custom property that says how a table's keys are hashed: as Java does, or as pyfluss 1.0.0
/// (docs/fluss-formats.md, "Buckets"). It stays as the table was made with.
inline constexpr const char* kBucketHashProperty = "bucket.hash";
inline constexpr const char* kJavaBucketHash = "java";
inline constexpr const char* kPyflussBucketHash = "pyfluss";

/// Names: 1 to 200 of ASCII letters, digits, '_' and '-', not "." or "..",
/// not starting with "__". Codes 16 and 15.
Status ValidateDatabaseName(std::string_view name);
Status ValidateTableName(std::string_view name);
/// Ids of producers are as names of tables are. Code 63.
Status ValidateProducerId(std::string_view id);

/// Key rules that hold before any engine sees the table (docs/fluss-formats.md, "Metadata"), with the default bucket
/// key filled in. Errors are code 15.
Result<TableDescriptor> NormalizeDescriptor(TableDescriptor descriptor);

/// The descriptor as the engine stores it: normalised, defaults merged in, everything validated
/// (codes 15, 17, 39, 49).
Result<TableDescriptor> CompleteDescriptor(TableDescriptor descriptor, const TableLimits& limits);

/// The descriptor after an ALTER TABLE. Codes 39 and 56.
Result<TableDescriptor> ApplyTableChange(const TableDescriptor& descriptor, const TableChange& change);

}  // namespace weir
