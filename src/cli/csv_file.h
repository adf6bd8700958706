#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/table_file.h"

namespace weir {

/// CSV as TableFileReader and DescribeFile read it. A column without a name is called column1, column2, … by its place.
Result<std::unique_ptr<TableFileReader>> OpenCsvFile(const std::string& path, const FileOptions& options,
                                                     const Schema& table);
Result<std::vector<Column>> DescribeCsvFile(const std::string& path, const FileOptions& options);

}  // namespace weir
