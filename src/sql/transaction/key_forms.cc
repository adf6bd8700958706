#include "sql/transaction/key_forms.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/type.h>

#include <cmath>
#include <limits>

#include "postgres/made_type.h"
#include "postgres/value/one_form.h"
#include "sql/catalog/sql_types.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

template <typename ArrowType>
Result<std::shared_ptr<arrow::Array>> NumbersInOneForm(const std::shared_ptr<arrow::Array>& array) {
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

Result<std::shared_ptr<arrow::Array>> TextsInOneForm(const std::shared_ptr<arrow::Array>& array, postgres::Oid type) {
  const auto& texts = static_cast<const arrow::StringArray&>(*array);
  arrow::StringBuilder builder;
  WEIR_RETURN_NOT_OK(FromArrow(builder.Reserve(texts.length())));
  for (int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsNull(i)) {
      WEIR_RETURN_NOT_OK(FromArrow(builder.AppendNull()));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const std::string text, postgres::InOneForm(type, texts.GetView(i)));
    WEIR_RETURN_NOT_OK(FromArrow(builder.Append(text)));
  }
  return FromArrow(builder.Finish());
}

}  // namespace

Result<std::shared_ptr<arrow::Array>> InOneForm(std::shared_ptr<arrow::Array> array, const SqlColumn& column,
                                                bool unique) {
  const OneForm form = OneFormOf(column.type, column.data_type);
  if (form == OneForm::kInKeys || form == OneForm::kInIndexes) {
    WEIR_ASSIGN_OR_RETURN(const SqlType type, ResolveType(column.type));
    const postgres::Oid of = postgres::BaseTypeOf({type.oid}).oid;
    if (unique || of == postgres::oid::kNumeric) return TextsInOneForm(array, of);
  }
  if (array->type_id() == arrow::Type::FLOAT) return NumbersInOneForm<arrow::FloatType>(array);
  if (array->type_id() == arrow::Type::DOUBLE) return NumbersInOneForm<arrow::DoubleType>(array);
  return array;
}

}  // namespace weir::sql
