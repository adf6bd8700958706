#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// WITH (bucket.num = …): of a leaf's Fluss table.
inline constexpr const char* kBucketOption = "bucket.num";

/// Storage parameters: PostgreSQL's and Cloudberry's, which are kept and shown, and Fluss's, whose names have dots.
/// 22023 for a name that none of them has and for a value that it does not take, with their texts. Fluss's own values
/// are checked where the table is made. An empty value is not looked at (RESET).
Status CheckOptions(const std::vector<std::pair<std::string, std::string>>& options);

/// 42704 for what neither PostgreSQL nor Cloudberry has.
Status CheckAccessMethod(std::string_view name);

}  // namespace weir::sql
