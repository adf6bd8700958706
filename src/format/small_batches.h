#pragma once

#include "format/log_batch.h"

namespace weir {

/// A batch of fewer rows takes more to find than to read.
inline constexpr int32_t kFewRows = 256;

/// Whether a batch is better read with its neighbours: it has few rows, one after the other, all appended.
inline bool IsSmallBatch(const LogBatchHeader& batch) {
  return batch.append_only && batch.record_count > 0 && batch.record_count < kFewRows &&
         batch.next_offset() == batch.base_offset + batch.record_count;
}

}  // namespace weir
