#pragma once

#include <atomic>
#include <cstdint>

#include "postgres/error.h"

namespace weir::postgres {

/// What says that nobody waits any more for what this thread computes; null: nothing does.
inline thread_local const std::atomic<bool>* stop_computing = nullptr;

/// For loops that may work long on one value.
class StopCheck {
 public:
  /// 57014 when the statement has been cancelled; looks after it now and then.
  Status Step() {
    if (++steps_ % kEvery != 0 || stop_computing == nullptr || !*stop_computing) return Status::OK();
    return Error(sqlstate::kQueryCanceled, "canceling statement due to user request");
  }

 private:
  static constexpr uint32_t kEvery = 1024;

  uint32_t steps_ = 0;
};

}  // namespace weir::postgres
