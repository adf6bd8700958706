#pragma once

#include <cstddef>

namespace weir::postgres {

/// How much of the thread's stack a recursion may take before it ends with 54001: PostgreSQL's `max_stack_depth` as it
/// is set from the start, whatever a level takes in this build. It counts from the frame that makes the budget.
class StackBudget {
 public:
  static constexpr std::ptrdiff_t kBytes = 2 << 20;

  /// Whether the caller's frame lies beyond the budget.
  bool spent() const {
    const std::ptrdiff_t taken = base_ - static_cast<const char*>(__builtin_frame_address(0));
    return taken > kBytes || taken < -kBytes;
  }

 private:
  const char* base_ = static_cast<const char*>(__builtin_frame_address(0));
};

}  // namespace weir::postgres
