#include "types/arrow_mapping.h"

#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

namespace weir {
namespace {

arrow::TimeUnit::type UnitOf(int precision) {
  if (precision == 0) return arrow::TimeUnit::SECOND;
  if (precision <= 3) return arrow::TimeUnit::MILLI;
  if (precision <= 6) return arrow::TimeUnit::MICRO;
  return arrow::TimeUnit::NANO;
}

int PrecisionOf(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return 0;
    case arrow::TimeUnit::MILLI: return 3;
    case arrow::TimeUnit::MICRO: return 6;
    case arrow::TimeUnit::NANO: return 9;
  }
  return 6;
}

std::shared_ptr<arrow::Field> ToArrowField(const std::string& name, const DataType& type, LtzZone zone) {
  return arrow::field(name, ToArrowType(type, zone), type.nullable());
}

Result<DataType> FromArrowField(const arrow::Field& field) {
  WEIR_ASSIGN_OR_RETURN(DataType type, FromArrowType(*field.type()));
  return type.WithNullable(field.nullable());
}

Result<DataType> FromArrowStruct(const arrow::DataType& type) {
  std::vector<Field> fields;
  for (const auto& field : type.fields()) {
    WEIR_ASSIGN_OR_RETURN(DataType field_type, FromArrowField(*field));
    fields.push_back({field->name(), std::move(field_type)});
  }
  return DataType::Row(std::move(fields));
}

Status Unsupported(const arrow::DataType& type) {
  return Status::Invalid("Cannot convert Arrow type to Fluss type: " + type.ToString());
}

}  // namespace

std::shared_ptr<arrow::DataType> ToArrowType(const DataType& type, LtzZone zone) {
  switch (type.id()) {
    case TypeId::kBoolean: return arrow::boolean();
    case TypeId::kTinyInt: return arrow::int8();
    case TypeId::kSmallInt: return arrow::int16();
    case TypeId::kInt: return arrow::int32();
    case TypeId::kBigInt: return arrow::int64();
    case TypeId::kFloat: return arrow::float32();
    case TypeId::kDouble: return arrow::float64();
    case TypeId::kChar:
    case TypeId::kString: return arrow::utf8();
    case TypeId::kBytes: return arrow::binary();
    case TypeId::kBinary: return arrow::fixed_size_binary(type.length());
    case TypeId::kDecimal: return arrow::decimal128(type.precision(), type.scale());
    case TypeId::kDate: return arrow::date32();
    case TypeId::kTime: {
      const auto unit = UnitOf(type.precision());
      return type.precision() <= 3 ? arrow::time32(unit) : arrow::time64(unit);
    }
    case TypeId::kTimestamp: return arrow::timestamp(UnitOf(type.precision()));
    case TypeId::kTimestampLtz:
      return zone == LtzZone::kUtc ? arrow::timestamp(UnitOf(type.precision()), "UTC")
                                   : arrow::timestamp(UnitOf(type.precision()));
    case TypeId::kArray: return arrow::list(ToArrowField("item", type.element_type(), zone));
    case TypeId::kMap:
      return std::make_shared<arrow::MapType>(ToArrowField("key", type.key_type(), zone),
                                              ToArrowField("value", type.value_type(), zone));
    case TypeId::kRow: {
      arrow::FieldVector fields;
      for (const Field& field : type.fields()) fields.push_back(ToArrowField(field.name, field.type, zone));
      return arrow::struct_(std::move(fields));
    }
  }
  return arrow::null();
}

std::shared_ptr<arrow::Schema> ToArrowSchema(const Schema& schema, LtzZone zone) {
  arrow::FieldVector fields;
  fields.reserve(schema.columns().size());
  for (const Column& column : schema.columns()) fields.push_back(ToArrowField(column.name, column.type, zone));
  return arrow::schema(std::move(fields));
}

Result<DataType> FromArrowType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::BOOL: return DataType::Boolean();
    case arrow::Type::INT8:
    case arrow::Type::UINT8: return DataType::TinyInt();
    case arrow::Type::INT16:
    case arrow::Type::UINT16: return DataType::SmallInt();
    case arrow::Type::INT32:
    case arrow::Type::UINT32: return DataType::Int();
    case arrow::Type::INT64:
    case arrow::Type::UINT64: return DataType::BigInt();
    case arrow::Type::FLOAT: return DataType::Float();
    case arrow::Type::DOUBLE: return DataType::Double();
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::STRING_VIEW: return DataType::String();
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::BINARY_VIEW: return DataType::Bytes();
    case arrow::Type::FIXED_SIZE_BINARY: {
      const int width = static_cast<const arrow::FixedSizeBinaryType&>(type).byte_width();
      if (width < 1) return Unsupported(type);
      return DataType::Binary(width);
    }
    case arrow::Type::DATE32:
    case arrow::Type::DATE64: return DataType::Date();
    case arrow::Type::TIME32:
    case arrow::Type::TIME64: return DataType::Time(PrecisionOf(static_cast<const arrow::TimeType&>(type).unit()));
    case arrow::Type::TIMESTAMP: {
      const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
      const int precision = PrecisionOf(timestamp.unit());
      return timestamp.timezone().empty() ? DataType::Timestamp(precision) : DataType::TimestampLtz(precision);
    }
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(type);
      if (decimal.scale() < 0 || decimal.scale() > decimal.precision()) return Unsupported(type);
      return DataType::Decimal(decimal.precision(), decimal.scale());
    }
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST: {
      WEIR_ASSIGN_OR_RETURN(DataType element, FromArrowField(*type.field(0)));
      return DataType::Array(std::move(element));
    }
    case arrow::Type::MAP: {
      const auto& map = static_cast<const arrow::MapType&>(type);
      WEIR_ASSIGN_OR_RETURN(DataType key, FromArrowField(*map.key_field()));
      WEIR_ASSIGN_OR_RETURN(DataType value, FromArrowField(*map.item_field()));
      return DataType::Map(std::move(key), std::move(value));
    }
    case arrow::Type::STRUCT: return FromArrowStruct(type);
    case arrow::Type::DICTIONARY: return FromArrowType(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default: return Unsupported(type);
  }
}

Result<std::vector<Column>> FromArrowSchema(const arrow::Schema& schema) {
  std::vector<Column> columns;
  columns.reserve(schema.num_fields());
  for (const auto& field : schema.fields()) {
    auto type = FromArrowField(*field);
    if (!type.ok()) return type.status().WithContext("Column '" + field->name() + "'");
    Column column{field->name(), type.MoveValue(), {}, {}, -1};
    if (field->metadata() != nullptr) {
      if (auto comment = field->metadata()->Get("comment"); comment.ok()) column.comment = *comment;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace weir
