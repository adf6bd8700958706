#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include "weir/status.h"

namespace weir {

/// Arrow's errors as ours: always code `code`, Arrow's own text.
inline Status FromArrow(const arrow::Status& status, ErrorCode code = ErrorCode::kClientError) {
  return status.ok() ? Status::OK() : Status(code, status.ToString());
}

template <typename T>
Result<T> FromArrow(arrow::Result<T> result, ErrorCode code = ErrorCode::kClientError) {
  if (!result.ok()) return FromArrow(result.status(), code);
  return std::move(result).ValueUnsafe();
}

}  // namespace weir
