#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "weir/status.h"
#include "weir/table.h"

namespace weir {

/// Brings the rows of a file into the columns and types of a table, by column name. Values are cast
/// only where nothing is lost.
class BatchCaster {
 public:
  struct Options {
    std::string file;             // for errors
    bool text = false;            // cells are text as cell_text.h describes it
    bool ignore_unknown = false;  // file columns that the table lacks are left out
  };
  /// Code -2 for a file column that the table lacks, a NOT NULL column that the file lacks, and a
  /// value for an auto-increment column.
  static Result<BatchCaster> Make(const TableInfo& table, const arrow::Schema& file, const Options& options);

  /// `first_row`: number of the batch's first row in the file, from 1. Code -2 naming file, row, column
  /// and value.
  Result<std::shared_ptr<arrow::RecordBatch>> Cast(const arrow::RecordBatch& rows, int64_t first_row) const;
  /// Positions of the table's columns that the file fills, ascending.
  std::vector<int> filled_columns() const;

 private:
  BatchCaster() = default;
  Result<std::shared_ptr<arrow::Array>> CastColumn(int column, const std::shared_ptr<arrow::Array>& values,
                                                   int64_t first_row) const;
  Status BadValue(int column, const arrow::Array& values, int64_t row, int64_t first_row, const std::string& why) const;

  Options options_;
  std::vector<Column> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<int> sources_;  // of each table column: position in the file, -1: NULL
};

}  // namespace weir
