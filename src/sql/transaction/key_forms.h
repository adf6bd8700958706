#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

/// The values of a key's column, which are compared byte by byte, with one form for equal ones: −0 is 0, every NaN the
/// same one, and the texts of other types as postgres/value/one_form.h says. `unique`: the key holds values apart; one
/// that does not has all texts but those of numerics as they are. 22P02 for a text that is none of the type.
Result<std::shared_ptr<arrow::Array>> InOneForm(std::shared_ptr<arrow::Array> array, const SqlColumn& column,
                                                bool unique);

}  // namespace weir::sql
