#pragma once

#include <cstdint>
#include <optional>

#include "storage/log.h"
#include "storage/log_segment.h"
#include "weir/status.h"

namespace weir {

/// What the last segment of a log holds once its tail is in order.
struct RecoveredTail {
  int64_t size = 0;
  int64_t end_offset = 0;
  int64_t cut_bytes = 0;  // or passed over
};

/// Position of a sound batch after `position`, before `end`, with an offset above `offset`; -1: none.
/// Every byte is taken for a possible start, as the length of a broken batch cannot be trusted.
int64_t FindLaterBatch(const FileMapping& mapping, int64_t position, int64_t offset, int64_t end);

/// Checks the batches of a log's last segment from its last index entry on, completes its index
/// and cuts off a torn tail. A broken batch that a sound one follows, or that lies below
/// `durable_end` (what is known to have been on disk), is damage: code 3, nothing is cut. Batches
/// that were written but never sealed are no damage, nor is what a journal can restore. The tail of a segment that is
/// read only is passed over instead.
Result<RecoveredTail> RecoverTail(LogSegment* segment, int64_t file_size, int64_t durable_end,
                                  const std::optional<LogOptions::Journaled>& journaled = {});

/// The mark of a batch that is not sealed yet, in its header's magic.
void MarkUnsealed(char* batch);
inline constexpr int64_t kMagicPosition = 12;

}  // namespace weir
