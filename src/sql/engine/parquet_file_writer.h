#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "sql/catalog/relation.h"
#include "sql/engine/file_folder.h"

namespace weir::sql {

/// Writes rows to a Parquet file, which has its name once all of them are there for good. A file that is not finished
/// is removed; a process that is killed meanwhile leaves one whose name begins with a point.
class ParquetFileWriter {
 public:
  virtual ~ParquetFileWriter() = default;
  /// Rows of the columns, in the forms that tables hold them in.
  virtual Status Write(const arrow::RecordBatch& rows) = 0;
  virtual Status Finish() = 0;
};
Result<std::unique_ptr<ParquetFileWriter>> CreateParquetFile(FileFolderPtr folder, std::string name,
                                                             const std::vector<SqlColumn>& columns);

/// The name that a file has until it is whole.
std::string NameUntilWhole(const std::string& name);

}  // namespace weir::sql
