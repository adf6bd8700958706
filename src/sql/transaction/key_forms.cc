#include "sql/transaction/key_forms.h"

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/type.h>

#include <cmath>
#include <limits>

#include "types/arrow_status.h"

namespace weir::sql {
namespace {

template <typename ArrowType>
Result<std::shared_ptr<arrow::Array>> OneForm(const std::shared_ptr<arrow::Array>& array) {
  using Number = typename ArrowType::c_type;
  const auto& values = static_cast<const arrow::NumericArray<ArrowType>&>(*array);
  arrow::NumericBuilder<ArrowType> builder;
  WEIR_RETURN_NOT_OK(FromArrow(builder.Reserve(values.length())));
  for (int64_t i = 0; i < values.length(); ++i) {
    const Number value = values.Value(i);
    const Number form = std::isnan(value) ? std::numeric_limits<Number>::quiet_NaN() : value + Number{0};
    if (values.IsNull(i)) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(form);
    }
  }
  return FromArrow(builder.Finish());
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> InOneForm(std::shared_ptr<arrow::Array> array) {
  if (array->type_id() == arrow::Type::FLOAT) return OneForm<arrow::FloatType>(array);
  if (array->type_id() == arrow::Type::DOUBLE) return OneForm<arrow::DoubleType>(array);
  return array;
}

}  // namespace weir::sql
