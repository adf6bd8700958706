#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/schema.h"
#include "weir/status.h"

namespace weir {

class RejectedRows;

enum class FileFormat { kCsv, kJsonLines, kParquet, kArrow, kArrowStream };

/// The names that --format takes: csv, jsonl, parquet, arrow, arrows.
std::vector<std::string> FileFormatNames();
/// By `name`, or where it is empty by the path's extension (.csv, .tsv, .jsonl, .parquet, .arrow, …; text may have .gz,
/// .zst or .bz2 behind it).
Result<FileFormat> FileFormatOf(const std::string& path, const std::string& name);
/// What --delimiter says: one character, or `\t`; where it is empty a comma, and in .tsv files a tab.
Result<char> DelimiterOf(const std::string& path, const std::string& option);

struct FileOptions {
  FileFormat format = FileFormat::kCsv;
  char delimiter = ',';
  bool delimiter_given = false;  // nobody wonders whether it is another one
  /// Of text; empty: UTF-8, or what its byte order mark says.
  std::string encoding;
  /// Texts of unquoted CSV cells that stand for NULL, besides the empty one.
  std::vector<std::string> nulls;
  bool header = true;  // false: the first line of a CSV file is a row, and `columns` names its cells
  /// Columns to read, by name; empty: all.
  std::vector<std::string> columns;
  /// CSV rows with more or fewer cells than the header are left out, and go to `rejected` if that is not null.
  bool skip_ragged = false;
  std::shared_ptr<RejectedRows> rejected = {};
  /// Fields of JSON lines that are no columns are left out.
  bool ignore_unknown = false;
};

/// The columns of a table that is made for a file. Those of text get the types that keep all values of the file.
Result<std::vector<Column>> DescribeFile(const std::string& path, const FileOptions& options);

/// Reads the rows of a file piece by piece.
class TableFileReader {
 public:
  /// `table`: types to read CSV cells as, by name, and the fields of JSON lines.
  static Result<std::unique_ptr<TableFileReader>> Open(const std::string& path, const FileOptions& options,
                                                       const Schema& table);
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
