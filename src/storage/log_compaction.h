#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "storage/log.h"
#include "storage/log_segment.h"
#include "weir/status.h"

namespace weir {

struct TableContext;

/// Small batches of one schema that follow one another, as one batch in their place, with the time of the last; of a
/// log table in the ARROW format. Checksums are not looked at.
Result<std::shared_ptr<arrow::Buffer>> JoinSmallBatches(const TableContext& table,
                                                        std::span<const std::shared_ptr<arrow::Buffer>> batches);

/// How many small batches a segment has from `position` on.
Result<int64_t> CountSmallBatches(LogSegment* segment, int64_t position);

/// Writes a whole segment's batches to a new file, small ones joined as long as they were committed within a second of
/// each other. Gives the file's size; an error leaves no file.
Result<int64_t> WriteCompacted(LogSegment* segment, const std::string& path, const JoinBatches& join, bool sync);

}  // namespace weir
