#pragma once

#include <arrow/type_fwd.h>

#include "weir/status.h"

namespace weir {

/// Checks that nothing in `data`, as read from untrusted bytes, leads a reader out of bounds: buffer
/// sizes, offsets, child lengths, null counts, UTF-8. Unlike Arrow's own validation it works before
/// an Array is made of the data, and leaves value ranges alone. Code 14.
Status CheckArrayData(const arrow::ArrayData& data);

}  // namespace weir
