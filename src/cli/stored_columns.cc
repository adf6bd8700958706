#include "cli/stored_columns.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/extension_type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <utility>

#include "types/arrow_status.h"

namespace weir {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

TypePtr StoredType(const TypePtr& type);

TypePtr StoredDecimal(const TypePtr& type) {
  constexpr int kMostDigits = 38;
  const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
  return decimal.precision() > kMostDigits ? type : arrow::decimal128(decimal.precision(), decimal.scale());
}

TypePtr StoredMap(const arrow::MapType& map) {
  return std::make_shared<arrow::MapType>(StoredField(map.key_field()), StoredField(map.item_field()));
}

TypePtr StoredStruct(const arrow::DataType& type) {
  arrow::FieldVector fields;
  for (const auto& field : type.fields()) fields.push_back(StoredField(field));
  return arrow::struct_(std::move(fields));
}

TypePtr StoredType(const TypePtr& type) {
  switch (type->id()) {
    case arrow::Type::NA: return arrow::utf8();
    case arrow::Type::UINT8: return arrow::int16();
    case arrow::Type::UINT16: return arrow::int32();
    case arrow::Type::UINT32: return arrow::int64();
    case arrow::Type::UINT64: return arrow::decimal128(20, 0);
    case arrow::Type::HALF_FLOAT: return arrow::float32();
    case arrow::Type::DURATION: return arrow::int64();
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return arrow::utf8();
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW: return arrow::binary();
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL256: return StoredDecimal(type);
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::FIXED_SIZE_LIST: return arrow::list(StoredField(type->field(0)));
    case arrow::Type::MAP: return StoredMap(static_cast<const arrow::MapType&>(*type));
    case arrow::Type::STRUCT: return StoredStruct(*type);
    case arrow::Type::DICTIONARY: return StoredType(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case arrow::Type::RUN_END_ENCODED:
      return StoredType(static_cast<const arrow::RunEndEncodedType&>(*type).value_type());
    case arrow::Type::EXTENSION: return StoredType(static_cast<const arrow::ExtensionType&>(*type).storage_type());
    default: return type;  // what is left is kept as it is, or refused by name when a table is made
  }
}

/// The values without an encoding of their own: dictionaries, runs, extension types.
arrow::Result<ArrayPtr> Plain(const ArrayPtr& values) {
  switch (values->type_id()) {
    case arrow::Type::EXTENSION: return Plain(static_cast<const arrow::ExtensionArray&>(*values).storage());
    case arrow::Type::DICTIONARY: {
      // Arrow takes no values out of a dictionary of views.
      const auto& encoded = static_cast<const arrow::DictionaryArray&>(*values);
      const TypePtr stored = StoredType(encoded.dictionary()->type());
      ARROW_ASSIGN_OR_RAISE(ArrayPtr dictionary, Plain(encoded.dictionary()));
      if (!dictionary->type()->Equals(*stored)) {
        ARROW_ASSIGN_OR_RAISE(dictionary, arrow::compute::Cast(*dictionary, stored));
      }
      ARROW_ASSIGN_OR_RAISE(const arrow::Datum taken, arrow::compute::Take(dictionary, encoded.indices()));
      return taken.make_array();
    }
    case arrow::Type::RUN_END_ENCODED: {
      ARROW_ASSIGN_OR_RAISE(const arrow::Datum decoded, arrow::compute::RunEndDecode(values));
      return Plain(decoded.make_array());
    }
    default: return values;
  }
}

std::string UnitName(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return "seconds";
    case arrow::TimeUnit::MILLI: return "milliseconds";
    case arrow::TimeUnit::MICRO: return "microseconds";
    case arrow::TimeUnit::NANO: return "nanoseconds";
  }
  return "";
}

}  // namespace

std::shared_ptr<arrow::Field> StoredField(const std::shared_ptr<arrow::Field>& field) {
  auto stored = field->WithType(StoredType(field->type()));
  if (field->type()->id() != arrow::Type::DURATION) return stored;
  const auto unit = static_cast<const arrow::DurationType&>(*field->type()).unit();
  return stored->WithMetadata(arrow::key_value_metadata({"comment"}, {"duration in " + UnitName(unit)}));
}

std::shared_ptr<arrow::Schema> StoredSchema(const arrow::Schema& schema) {
  arrow::FieldVector fields;
  for (const auto& field : schema.fields()) fields.push_back(StoredField(field));
  return arrow::schema(std::move(fields));
}

Result<std::shared_ptr<arrow::RecordBatch>> ToStored(const arrow::RecordBatch& rows,
                                                     const std::shared_ptr<arrow::Schema>& schema) {
  std::vector<ArrayPtr> columns;
  for (int i = 0; i < rows.num_columns(); ++i) {
    const TypePtr& type = schema->field(i)->type();
    arrow::Result<ArrayPtr> column = Plain(rows.column(i));
    if (column.ok() && !(*column)->type()->Equals(*type)) column = arrow::compute::Cast(**column, type);
    if (!column.ok()) {
      return FromArrow(column.status()).WithContext(fmt::format("column '{}'", schema->field(i)->name()));
    }
    columns.push_back(*std::move(column));
  }
  return arrow::RecordBatch::Make(schema, rows.num_rows(), std::move(columns));
}

}  // namespace weir
