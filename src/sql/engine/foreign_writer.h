#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>

#include "postgres/value/settings.h"
#include "sql/catalog/foreign_files.h"
#include "sql/engine/file_folder.h"

namespace weir::sql {

/// Writes rows of a foreign table, in the forms that tables hold them in, to a new file of the table's format. The file
/// is there for good under `name` then, or not at all.
Status WriteForeignFile(const FileFolderPtr& folder, const std::string& name, const Relation& table,
                        const FileTable& files, const postgres::Settings& settings, const arrow::RecordBatch& rows);

/// "csv", "txt", "bin" or "parquet".
std::string EndingOf(const FileTable& files);

}  // namespace weir::sql
