#pragma once

#include <arrow/io/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/table_file.h"

namespace weir {

/// A field of a JSON object.
struct JsonLineField {
  enum class Kind { kNull, kBoolean, kNumber, kText, kNested };
  std::string name;
  Kind kind = Kind::kNull;
  std::string text;  // a text's characters, a number's digits as they are written, JSON of arrays and objects
};

/// The fields of the object that the line is, in their order. Code -2 for other lines and for a name that comes twice.
Result<std::vector<JsonLineField>> ReadJsonLine(std::string_view line);

/// JSON lines as TableFileReader and DescribeFile read them: an object a line. The columns that the reader gives are
/// texts, as the cells of CSV are.
Result<std::unique_ptr<TableFileReader>> OpenJsonLines(const std::string& path, const FileOptions& options,
                                                       const Schema& table);
Result<std::vector<Column>> DescribeJsonLines(const std::string& path, const FileOptions& options);

/// `schema`, `types`: of the columns.
Result<std::unique_ptr<TableFileWriter>> OpenJsonLinesWriter(std::shared_ptr<arrow::io::OutputStream> sink,
                                                             const std::shared_ptr<arrow::Schema>& schema,
                                                             const std::vector<DataType>& types);

}  // namespace weir
