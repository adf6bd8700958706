#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "weir/datum.h"
#include "weir/schema.h"

namespace weir {

/// Builds Arrow record batches from rows, column by column.
class ArrowRowBuilder {
 public:
  /// `zone` decides the Arrow type of TIMESTAMP_LTZ columns.
  static Result<ArrowRowBuilder> Make(std::shared_ptr<arrow::Schema> arrow_schema, std::vector<DataType> types);
  ArrowRowBuilder(ArrowRowBuilder&&) noexcept;
  ArrowRowBuilder& operator=(ArrowRowBuilder&&) noexcept;
  ~ArrowRowBuilder();

  /// Copies the row. The row has one datum a column, of the kind its type asks for; a mismatch, a
  /// NULL in a NOT NULL column or a value that the type cannot hold is an error and adds nothing.
  Status Append(RowView row);
  int64_t num_rows() const { return num_rows_; }
  /// Bytes that the rows so far take in Arrow form, roughly.
  int64_t bytes() const { return bytes_; }
  /// The rows so far; the builder is empty afterwards.
  Result<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  struct Impl;
  explicit ArrowRowBuilder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
  int64_t num_rows_ = 0;
  int64_t bytes_ = 0;
};

/// Reads rows out of an Arrow record batch whose columns have the Arrow types of `types`.
class ArrowRowReader {
 public:
  static Result<ArrowRowReader> Make(std::shared_ptr<arrow::RecordBatch> batch, std::vector<DataType> types);
  ArrowRowReader(ArrowRowReader&&) noexcept;
  ArrowRowReader& operator=(ArrowRowReader&&) noexcept;
  ~ArrowRowReader();

  int64_t num_rows() const;
  int num_columns() const;
  /// Fills `out` (one datum a column). Bytes point into the batch, nested values into `arena`.
  void Read(int64_t row, Arena* arena, std::span<Datum> out) const;
  /// One cell, as Read.
  Datum ReadCell(int64_t row, int column, Arena* arena) const;

 private:
  struct Impl;
  explicit ArrowRowReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir
