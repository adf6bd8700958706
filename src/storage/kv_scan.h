#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir {

/// Rows in key order, from a consistent view.
class KvRows {
 public:
  virtual ~KvRows() = default;
  virtual bool Valid() const = 0;
  // Good until the next step.
  virtual std::string_view key() const = 0;    // encoded primary key
  virtual std::string_view value() const = 0;  // schema id and row
  virtual void Next() = 0;
  virtual Status status() const = 0;
};

/// The live rows of a PK bucket as columns: those that stood there at some time and are still the same, and the others.
struct KvColumns {
  int32_t schema_id = 0;             // the table's latest
  arrow::RecordBatchVector batches;  // of the schema's columns in order, and after them the encoded primary key
  /// A bit for each row of all batches that is not there any more, or another one; null: none.
  std::shared_ptr<const std::vector<uint64_t>> gone;
  std::shared_ptr<arrow::Buffer> others;  // a value batch; null: none
  int64_t log_offset = 0;                 // that the rows stand at
};

/// All rows of a PK bucket: one of both is there.
struct KvScan {
  std::optional<KvColumns> columns;
  std::shared_ptr<KvRows> rows;
};

}  // namespace weir
