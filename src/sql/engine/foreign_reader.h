#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "postgres/value/settings.h"
#include "sql/catalog/foreign_files.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/engine/file_folder.h"
#include "sql/engine/rejected_rows.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// What the readers of a foreign table's files share.
struct ForeignScan {
  RelationPtr table;
  FileTable files;
  FileFolderPtr folder;
  std::vector<int> columns;          // wanted, in the order of the batches
  std::optional<Predicate> filter;   // groups of rows that cannot match may be left out
  postgres::Settings settings;
  std::function<void(const std::string&)> notice;  // tells the client; from any thread
  RejectionLog* rejections = nullptr;              // of LOG ERRORS
};
using ForeignScanPtr = std::shared_ptr<const ForeignScan>;

/// The readers of a foreign table, in the order of its files. 42501 where the files may not be reached, 0A000 for a
/// table that is only written, 58P01 where a pattern matches no file.
Result<std::vector<std::unique_ptr<LeafReader>>> ReadForeign(duckdb::ClientContext& context, const RelationPtr& table,
                                                             const LeafScanOptions& options);
/// The names of the files as they are told to clients; of a pattern, the pattern.
Result<std::string> ForeignFileNames(CatalogView& catalog, const Relation& table);

/// One file of text, CSV or COPY's binary form: fields become values as PostgreSQL's input functions read them, with
/// COPY's errors.
std::unique_ptr<LeafReader> ReadCopyFile(ForeignScanPtr scan, std::string file);
/// A Parquet file, in pieces that may be read at once. Columns are found by name; 42703 for one that the file lacks,
/// HV004 for one of a type that does not become the table's, 22003 for values that are none of the table's type.
Result<std::vector<std::unique_ptr<LeafReader>>> ReadParquetFile(const ForeignScanPtr& scan, const std::string& file);

/// Of the batches.
std::shared_ptr<arrow::Schema> BatchSchemaOf(const ForeignScan& scan);

}  // namespace weir::sql
