#pragma once

#include <memory>
#include <vector>

#include "sql/system/system_rows.h"

namespace weir::sql {

// Cloudberry's own catalogs.

/// gp_toolkit.gp_partitions: all partitions below roots, each level in the order of bounds.
std::unique_ptr<SystemRows> GpPartitionRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);
/// gp_toolkit.gp_error_log: rows that LOG ERRORS has kept, of tables that the session may read.
std::unique_ptr<SystemRows> GpErrorRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);
/// gp_partition_template: the SUBPARTITION TEMPLATEs that roots keep.
std::unique_ptr<SystemRows> GpTemplateRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);
/// gp_distribution_policy: by what tables are spread, over how many buckets.
std::unique_ptr<SystemRows> GpPolicyRows(const SystemSources& sources, const std::vector<SystemColumn>& columns);

/// pg_attribute_encoding: columns with ENCODING (…).
std::unique_ptr<SystemRows> AttributeEncodingRows(const SystemSources& sources,
                                                  const std::vector<SystemColumn>& columns);

}  // namespace weir::sql
