#pragma once

#include <string>
#include <string_view>

#include "weir/status.h"

namespace weir::sql::dialect {

/// Whether an expression refers to a column of that name, alone or behind its table's.
Result<bool> RefersTo(std::string_view expression, std::string_view column);

/// The expression as it reads once a column is called otherwise.
Result<std::string> WithColumnRenamed(std::string_view expression, std::string_view from, std::string_view to);

/// The expression without the table's name before its columns: a definition goes on meaning the same when the table is
/// called otherwise, and for its partitions.
Result<std::string> WithoutTable(std::string_view expression, std::string_view table);

}  // namespace weir::sql::dialect
