#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "gateway/memory_budget.h"
#include "storage/column_files.h"

namespace weir::sql {

/// Where rows of transactions lie that do not fit into the memory that they may take: in files, which their batches are
/// views of from then on. One for all transactions of a target. Thread-safe.
class SpillFiles {
 public:
  /// `budget`: null, as of a target that is far away: nothing is counted, and nothing need be spilled.
  explicit SpillFiles(std::shared_ptr<MemoryBudget> budget);

  /// What rows of one transaction may take before they are spilled: the memory is there for queries, too. Where nothing
  /// can be spilled, all there is.
  int64_t most_in_memory() const { return most_in_memory_; }
  /// The same rows; none where there is no room for them. `batches` have one schema.
  Result<std::shared_ptr<const ColumnFiles::File>> Put(const arrow::RecordBatchVector& batches);

 private:
  std::unique_ptr<ColumnFiles> files_;  // null: nothing can be spilled
  int64_t most_in_memory_;
};

}  // namespace weir::sql
