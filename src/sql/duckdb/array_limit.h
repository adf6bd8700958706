#pragma once

#include <cstdint>

#include "sql/error.h"

namespace weir::sql::duck {

/// PostgreSQL's arrays hold no more.
inline constexpr int64_t kMostArrayElements = 134'217'727;

inline Status TooManyArrayElements() {
  return Error("54000", "array size exceeds the maximum allowed (134217727)");
}

}  // namespace weir::sql::duck
