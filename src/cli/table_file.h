#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

enum class FileFormat { kCsv, kParquet, kArrow, kArrowStream };

/// The names that --format takes: csv, parquet, arrow, arrows.
std::vector<std::string> FileFormatNames();
/// By `name`, or where it is empty by the path's extension (.csv, .csv.gz, .parquet, .arrow, .arrows, …).
Result<FileFormat> FileFormatOf(const std::string& path, const std::string& name);

struct FileOptions {
  FileFormat format = FileFormat::kCsv;
  char delimiter = ',';
  /// Texts of unquoted CSV cells that stand for NULL, besides the empty one.
  std::vector<std::string> nulls;
  bool header = true;  // false: the first line of a CSV file is a row, and `columns` names its cells
  /// Columns to read, by name; empty: all.
  std::vector<std::string> columns;
};

/// Reads the rows of a file piece by piece.
class TableFileReader {
 public:
  /// `table`: types to read CSV cells as, by name; null: they are guessed from the first megabytes.
  static Result<std::unique_ptr<TableFileReader>> Open(const std::string& path, const FileOptions& options,
                                                       const Schema* table);
  virtual ~TableFileReader() = default;

  /// Of the columns that are read.
  virtual const arrow::Schema& schema() const = 0;
  /// Null at the end. Errors name file, row and column. The same file gives the same pieces again.
  virtual Result<std::shared_ptr<arrow::RecordBatch>> Next() = 0;
  /// Bytes of the file that were read so far, of all.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes() const = 0;
};

/// Writes rows to a stream.
class TableFileWriter {
 public:
  /// `types`: of the columns of `schema`.
  static Result<std::unique_ptr<TableFileWriter>> Open(std::shared_ptr<arrow::io::OutputStream> sink,
                                                       const FileOptions& options,
                                                       const std::shared_ptr<arrow::Schema>& schema,
                                                       const std::vector<DataType>& types);
  virtual ~TableFileWriter() = default;
  virtual Status Write(const std::shared_ptr<arrow::RecordBatch>& rows) = 0;
  /// Writes what is left; the stream stays open.
  virtual Status Finish() = 0;
};

}  // namespace weir
