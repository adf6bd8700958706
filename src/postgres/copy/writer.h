#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/copy/options.h"
#include "postgres/value/column_writer.h"

namespace weir::postgres {

/// Writes rows as COPY's data, field by field.
class CopyWriter {
 public:
  CopyWriter(CopyOptions options, std::vector<std::string> columns);

  /// What comes before the first row: the line of column names, or the binary header. Nothing where there is none.
  void Begin(std::string* out) const;
  void BeginRow(std::string* out);
  /// A value's text, or its bytes in binary format.
  void Field(std::string_view value, std::string* out);
  void Null(std::string* out);
  void EndRow(std::string* out) const;
  /// A whole row; `values` write as many columns as there are, in the format's form.
  void Row(std::span<const std::unique_ptr<ColumnWriter>> values, int64_t row, std::string* out);
  /// What comes after the last row.
  void End(std::string* out) const;

 private:
  void Separate(std::string* out);

  const CopyOptions options_;
  const std::vector<std::string> columns_;
  std::vector<bool> force_quote_;  // one a column
  size_t field_ = 0;               // of the row
  std::string value_;              // of the field under way
};

}  // namespace weir::postgres
