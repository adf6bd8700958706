#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "postgres/value/settings.h"
#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

/// Makes values of a foreign table's column of those that a Parquet file has.
class ParquetColumn {
 public:
  virtual ~ParquetColumn() = default;
  /// In the Arrow form that the column's type is stored in. 22003 and PostgreSQL's errors of its input functions for
  /// values that are none of the column's type.
  virtual Result<std::shared_ptr<arrow::Array>> Convert(const std::shared_ptr<arrow::Array>& values) const = 0;
};

/// `from`: the column's type in the file. HV004 where no value of it becomes one of the column's; `file` is for that.
Result<std::unique_ptr<ParquetColumn>> MakeParquetColumn(const SqlColumn& column, const arrow::DataType& from,
                                                         const std::string& file, const postgres::Settings& settings);

}  // namespace weir::sql
