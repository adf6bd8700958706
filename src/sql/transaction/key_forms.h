#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "weir/status.h"

namespace weir::sql {

/// A column of a key, which is compared byte by byte, with one form for equal values: −0 is 0, every NaN the same one.
Result<std::shared_ptr<arrow::Array>> InOneForm(std::shared_ptr<arrow::Array> array);

}  // namespace weir::sql
