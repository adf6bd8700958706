#include "format/initial_default.h"

#include "format/row_codec.h"

namespace weir {

Result<std::string> EncodeInitialDefault(const DataType& type, const Datum& value) {
  std::string bytes;
  WEIR_RETURN_NOT_OK(EncodeRow(RowFormat::kCompacted, {&type, 1}, {&value, 1}, &bytes));
  return bytes;
}

Result<std::vector<Datum>> InitialDefaults(const Schema& schema, Arena* arena) {
  std::vector<Datum> values(static_cast<size_t>(schema.num_columns()));
  for (int i = 0; i < schema.num_columns(); ++i) {
    const Column& column = schema.column(i);
    if (!column.initial_default) continue;
    const std::string_view bytes = arena->CopyBytes(*column.initial_default);
    WEIR_RETURN_NOT_OK(DecodeRow(RowFormat::kCompacted, {&column.type, 1}, bytes, arena, {&values[i], 1})
                           .WithContext("the initial default of column '" + column.name + "'"));
  }
  return values;
}

}  // namespace weir
