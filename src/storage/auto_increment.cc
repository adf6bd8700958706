#include "storage/auto_increment.h"

#include <fmt/format.h>

#include <limits>

namespace weir {

Result<int64_t> AutoIncrement::Next(const Column& column) {
  if (next_ == end_) {
    if (!reserve_) {
      return Status(ErrorCode::kUnknownServerError,
                    fmt::format("nothing hands out values of the auto-increment column '{}'", column.name));
    }
    WEIR_ASSIGN_OR_RETURN(next_, reserve_(segment_size_));
    end_ = next_ + segment_size_;
  }
  if (column.type.id() == TypeId::kInt && next_ > std::numeric_limits<int32_t>::max()) {
    return Status(ErrorCode::kUnknownServerError,
                  fmt::format("the auto-increment column '{}' has used up its type: the next value {} is no INT",
                              column.name, next_));
  }
  return next_++;
}

}  // namespace weir
