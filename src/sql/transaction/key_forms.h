#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

/// The values of a key's column, which are compared byte by byte, with one form for equal ones: −0 is 0, every NaN the
/// same one, a numeric that is held as text without its last zeros. 22P02 for a text that is no numeric.
Result<std::shared_ptr<arrow::Array>> InOneForm(std::shared_ptr<arrow::Array> array, const SqlColumn& column);

}  // namespace weir::sql
