#pragma once

#include <functional>

#include "server/fluss/service.h"

namespace weir {

/// Gives `next` OK, or code 2 when the call is of version 0 and the table's keys are encoded in the
/// way of kv format version 2 that only clients of version 1 promise to know (docs/fluss-formats.md, "Frames").
/// Tables that do not exist are OK here: each bucket has its error.
void CheckKeyVersion(const std::shared_ptr<ServiceState>& state, const CallPtr& call, int64_t table_id,
                     std::function<void(const Status&)> next);

}  // namespace weir
