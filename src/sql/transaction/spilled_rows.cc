#include "sql/transaction/spilled_rows.h"

#include <arrow/record_batch.h>

#include <limits>

namespace weir::sql {
namespace {

constexpr int64_t kPartsOfMemory = 4;  // of which the rows of one transaction may take one

}  // namespace

SpillFiles::SpillFiles(std::shared_ptr<MemoryBudget> budget) : most_in_memory_(std::numeric_limits<int64_t>::max()) {
  if (budget == nullptr || budget->limits().spill_directory.empty()) return;
  const MemoryLimits& limits = budget->limits();
  files_ = std::make_unique<ColumnFiles>(
      ColumnFiles::Options{.directory = limits.spill_directory, .most_bytes = limits.spill, .prefix = "rows"});
  most_in_memory_ = limits.memory / kPartsOfMemory;
}

Result<std::shared_ptr<const ColumnFiles::File>> SpillFiles::Put(const arrow::RecordBatchVector& batches) {
  if (files_ == nullptr || batches.empty()) return std::shared_ptr<const ColumnFiles::File>();
  size_t next = 0;
  return files_->Make(batches.front()->schema(), [&]() -> Result<std::shared_ptr<arrow::RecordBatch>> {
    return next < batches.size() ? batches[next++] : nullptr;
  });
}

}  // namespace weir::sql
