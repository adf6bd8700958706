#pragma once

#include <arrow/type_fwd.h>

#include <deque>
#include <memory>

#include "cli/batch_cast.h"
#include "cli/table_file.h"

namespace weir {

/// Cuts the rows of a file, in the table's types, into chunks of a bounded size. The same file gives
/// the same chunks again.
class ChunkReader {
 public:
  ChunkReader(std::unique_ptr<TableFileReader> file, BatchCaster caster)
      : file_(std::move(file)), caster_(std::move(caster)) {}

  /// Null at the end.
  Result<std::shared_ptr<arrow::RecordBatch>> Next();
  const TableFileReader& file() const { return *file_; }

 private:
  Status Read();

  std::unique_ptr<TableFileReader> file_;
  BatchCaster caster_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> ready_;  // cast, none larger than a chunk
  int64_t next_row_ = 1;
  bool at_end_ = false;
};

}  // namespace weir
