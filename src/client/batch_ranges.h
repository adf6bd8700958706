#pragma once

#include <string_view>
#include <vector>

#include "client/predicate_eval.h"
#include "format/log_batch.h"
#include "weir/datum.h"

namespace weir {

/// What the statistics of a batch, written with the schema `written`, tell about the columns of another schema of the
/// table, which lie at `positions` in the batch's. Nothing is known of those that it lacks (−1).
Result<std::vector<BoundPredicate::Range>> RangesOfBatch(const LogBatchHeader& header, std::string_view batch,
                                                         const Schema& written, const std::vector<int>& positions,
                                                         Arena* arena);

}  // namespace weir
