#pragma once

#include <string>

#include "sql/error.h"

namespace weir::sql {

/// 53200 for what does not fit into what is left of the memory limit. `detail` says what that is.
inline Status OutOfMemory(std::string detail) {
  return Error(sqlstate::kOutOfMemory, "out of memory",
               {.detail = std::move(detail),
                .hint = "Ask for less at a time, or raise the limit (--memory-limit, local.memory-limit)."});
}

}  // namespace weir::sql
