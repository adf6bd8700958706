#include "storage/auto_increment.h"

#include <fmt/format.h>

#include <limits>

namespace weir {

Result<int64_t> AutoIncrement::Next(const Column& column) {
  if (values_.empty()) {
    if (!reserve_) {
      return Status(ErrorCode::kUnknownServerError,
                    fmt::format("nothing hands out values of the auto-increment column '{}'", column.name));
    }
    WEIR_ASSIGN_OR_RETURN(values_, reserve_(segment_size_));
  }
  if (column.type.id() == TypeId::kInt && values_.first > std::numeric_limits<int32_t>::max()) {
    return Status(ErrorCode::kUnknownServerError,
                  fmt::format("the auto-increment column '{}' has used up its type: the next value {} is no INT",
                              column.name, values_.first));
  }
  return values_.first++;
}

}  // namespace weir
