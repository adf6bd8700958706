#include "types/arrow_rows.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "types/arrow_mapping.h"
#include "types/arrow_status.h"
#include "types/flat_column.h"
#include "types/floor_div.h"
#include "types/stored_times.h"
#include "types/value_check.h"

namespace weir {
namespace {

Datum UnitsToTimestamp(int64_t units, int precision) {
  switch (UnitsPerSecond(precision)) {
    case 1: {
      // Seconds beyond what milliseconds can count saturate rather than wrap.
      constexpr int64_t kLimit = std::numeric_limits<int64_t>::max() / 1000;
      return Datum::Timestamp(std::clamp(units, -kLimit, kLimit) * 1000, 0);
    }
    case 1000:
      return Datum::Timestamp(units, 0);
    case 1000000:
      return Datum::Timestamp(FloorDiv(units, 1000), static_cast<int32_t>(FloorMod(units, 1000) * 1000));
    default:
      return Datum::Timestamp(FloorDiv(units, kNanosPerMilli), static_cast<int32_t>(FloorMod(units, kNanosPerMilli)));
  }
}

/// What is in columns goes past it, but for nested values.
class Appender {
 public:
  /// Appends a checked value; `*bytes` grows by what it takes.
  static arrow::Status Append(const DataType& type, const Datum& value, arrow::ArrayBuilder* builder, int64_t* bytes) {
    *bytes += BytesInArrow(type);
    if (value.is_null() && type.id() != TypeId::kRow) return builder->AppendNull();
    switch (type.id()) {
      case TypeId::kBoolean: return As<arrow::BooleanBuilder>(builder)->Append(value.as_bool());
      case TypeId::kTinyInt: return As<arrow::Int8Builder>(builder)->Append(static_cast<int8_t>(value.as_int()));
      case TypeId::kSmallInt: return As<arrow::Int16Builder>(builder)->Append(static_cast<int16_t>(value.as_int()));
      case TypeId::kInt: return As<arrow::Int32Builder>(builder)->Append(static_cast<int32_t>(value.as_int()));
      case TypeId::kBigInt: return As<arrow::Int64Builder>(builder)->Append(value.as_int());
      case TypeId::kFloat: return As<arrow::FloatBuilder>(builder)->Append(static_cast<float>(value.as_double()));
      case TypeId::kDouble: return As<arrow::DoubleBuilder>(builder)->Append(value.as_double());
      case TypeId::kChar:
      case TypeId::kString:
      case TypeId::kBytes:
        *bytes += static_cast<int64_t>(value.as_bytes().size());
        return As<arrow::BinaryBuilder>(builder)->Append(value.as_bytes());
      case TypeId::kBinary: return As<arrow::FixedSizeBinaryBuilder>(builder)->Append(value.as_bytes());
      case TypeId::kDate: return As<arrow::Date32Builder>(builder)->Append(static_cast<int32_t>(value.as_int()));
      case TypeId::kTime: return AppendTime(type.precision(), value.as_int(), builder);
      case TypeId::kTimestamp:
      case TypeId::kTimestampLtz: {
        int64_t units = 0;
        TimestampToUnits(value.time, type.precision(), &units);
        return As<arrow::TimestampBuilder>(builder)->Append(units);
      }
      case TypeId::kDecimal: return As<arrow::Decimal128Builder>(builder)->Append(
          arrow::Decimal128(static_cast<int64_t>(value.words[1]), value.words[0]));
      case TypeId::kArray: return AppendList(type, value, As<arrow::ListBuilder>(builder), bytes);
      case TypeId::kMap: return AppendMap(type, value, As<arrow::MapBuilder>(builder), bytes);
      case TypeId::kRow: return AppendStruct(type, value, As<arrow::StructBuilder>(builder), bytes);
    }
    return arrow::Status::OK();
  }

 private:
  template <typename Builder>
  static Builder* As(arrow::ArrayBuilder* builder) {
    return static_cast<Builder*>(builder);
  }

  static arrow::Status AppendTime(int precision, int64_t millis, arrow::ArrayBuilder* builder) {
    const int64_t units = TimeToUnits(millis, precision);
    if (precision > 3) return As<arrow::Time64Builder>(builder)->Append(units);
    return As<arrow::Time32Builder>(builder)->Append(static_cast<int32_t>(units));
  }

  static arrow::Status AppendList(const DataType& type, const Datum& value, arrow::ListBuilder* builder,
                                  int64_t* bytes) {
    ARROW_RETURN_NOT_OK(builder->Append());
    for (const Datum& item : value.as_items()) {
      ARROW_RETURN_NOT_OK(Append(type.element_type(), item, builder->value_builder(), bytes));
    }
    return arrow::Status::OK();
  }

  static arrow::Status AppendMap(const DataType& type, const Datum& value, arrow::MapBuilder* builder, int64_t* bytes) {
    ARROW_RETURN_NOT_OK(builder->Append());
    const auto items = value.as_items();
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      ARROW_RETURN_NOT_OK(Append(type.key_type(), items[i], builder->key_builder(), bytes));
      ARROW_RETURN_NOT_OK(Append(type.value_type(), items[i + 1], builder->item_builder(), bytes));
    }
    return arrow::Status::OK();
  }

  static arrow::Status AppendStruct(const DataType& type, const Datum& value, arrow::StructBuilder* builder,
                                    int64_t* bytes) {
    if (value.is_null()) return builder->AppendNull();
    ARROW_RETURN_NOT_OK(builder->Append());
    const auto items = value.as_items();
    for (size_t i = 0; i < items.size(); ++i) {
      ARROW_RETURN_NOT_OK(Append(type.fields()[i].type, items[i], builder->field_builder(static_cast<int>(i)), bytes));
    }
    return arrow::Status::OK();
  }
};

class Reader {
 public:
  static Datum Read(const DataType& type, const arrow::Array& array, int64_t row, Arena* arena) {
    if (array.IsNull(row)) return Datum::Null();
    switch (type.id()) {
      case TypeId::kBoolean: return Datum::Bool(As<arrow::BooleanArray>(array).Value(row));
      case TypeId::kTinyInt: return Datum::Int(As<arrow::Int8Array>(array).Value(row));
      case TypeId::kSmallInt: return Datum::Int(As<arrow::Int16Array>(array).Value(row));
      case TypeId::kInt: return Datum::Int(As<arrow::Int32Array>(array).Value(row));
      case TypeId::kBigInt: return Datum::Int(As<arrow::Int64Array>(array).Value(row));
      case TypeId::kFloat: return Datum::Double(As<arrow::FloatArray>(array).Value(row));
      case TypeId::kDouble: return Datum::Double(As<arrow::DoubleArray>(array).Value(row));
      case TypeId::kChar:
      case TypeId::kString:
      case TypeId::kBytes: return Datum::Bytes(As<arrow::BinaryArray>(array).GetView(row));
      case TypeId::kBinary: return Datum::Bytes(As<arrow::FixedSizeBinaryArray>(array).GetView(row));
      case TypeId::kDate: return Datum::Int(As<arrow::Date32Array>(array).Value(row));
      case TypeId::kTime: return Datum::Int(ReadTime(type.precision(), array, row));
      case TypeId::kTimestamp:
      case TypeId::kTimestampLtz:
        return UnitsToTimestamp(As<arrow::TimestampArray>(array).Value(row), type.precision());
      case TypeId::kDecimal: {
        __int128 value;
        std::memcpy(&value, As<arrow::FixedSizeBinaryArray>(array).GetValue(row), sizeof value);
        return Datum::Decimal(value);
      }
      case TypeId::kArray: return ReadList(type, As<arrow::ListArray>(array), row, arena);
      case TypeId::kMap: return ReadMap(type, As<arrow::MapArray>(array), row, arena);
      case TypeId::kRow: return ReadStruct(type, As<arrow::StructArray>(array), row, arena);
    }
    return Datum::Null();
  }

 private:
  template <typename Array>
  static const Array& As(const arrow::Array& array) {
    return static_cast<const Array&>(array);
  }

  static int64_t ReadTime(int precision, const arrow::Array& array, int64_t row) {
    switch (UnitsPerSecond(precision)) {
      case 1: return As<arrow::Time32Array>(array).Value(row) * int64_t{1000};
      case 1000: return As<arrow::Time32Array>(array).Value(row);
      case 1000000: return As<arrow::Time64Array>(array).Value(row) / 1000;
      default: return As<arrow::Time64Array>(array).Value(row) / kNanosPerMilli;
    }
  }

  static Datum ReadList(const DataType& type, const arrow::ListArray& array, int64_t row, Arena* arena) {
    const int32_t begin = array.value_offset(row), size = array.value_length(row);
    const std::span<Datum> items = arena->NewDatums(size);
    for (int32_t i = 0; i < size; ++i) items[i] = Read(type.element_type(), *array.values(), begin + i, arena);
    return Datum::List(items);
  }

  static Datum ReadMap(const DataType& type, const arrow::MapArray& array, int64_t row, Arena* arena) {
    const int32_t begin = array.value_offset(row), size = array.value_length(row);
    const std::span<Datum> items = arena->NewDatums(2 * static_cast<size_t>(size));
    for (int32_t i = 0; i < size; ++i) {
      items[2 * i] = Read(type.key_type(), *array.keys(), begin + i, arena);
      items[2 * i + 1] = Read(type.value_type(), *array.items(), begin + i, arena);
    }
    return Datum::Map(items);
  }

  static Datum ReadStruct(const DataType& type, const arrow::StructArray& array, int64_t row, Arena* arena) {
    const std::span<Datum> items = arena->NewDatums(type.fields().size());
    for (size_t i = 0; i < items.size(); ++i) {
      items[i] = Read(type.fields()[i].type, *array.field(static_cast<int>(i)), row, arena);
    }
    return Datum::Row(items);
  }
};

/// Whether an array of type `actual` can be read as `expected`: names, nullability and zones aside.
bool SameLayout(const arrow::DataType& expected, const arrow::DataType& actual) {
  if (expected.id() != actual.id() || expected.num_fields() != actual.num_fields()) return false;
  for (int i = 0; i < expected.num_fields(); ++i) {
    if (!SameLayout(*expected.field(i)->type(), *actual.field(i)->type())) return false;
  }
  switch (expected.id()) {
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::DECIMAL128:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return expected.Equals(actual);
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(expected).unit() ==
             static_cast<const arrow::TimestampType&>(actual).unit();
    default:
      return true;
  }
}

}  // namespace

struct ArrowRowBuilder::Impl {
  std::shared_ptr<arrow::Schema> schema;
  std::vector<DataType> types;
  /// One of them, Arrow's for a nested type.
  struct Column {
    std::optional<FlatColumn> flat;
    std::unique_ptr<arrow::ArrayBuilder> nested;
  };
  std::vector<Column> columns;
};

ArrowRowBuilder::ArrowRowBuilder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArrowRowBuilder::ArrowRowBuilder(ArrowRowBuilder&&) noexcept = default;
ArrowRowBuilder& ArrowRowBuilder::operator=(ArrowRowBuilder&&) noexcept = default;
ArrowRowBuilder::~ArrowRowBuilder() = default;

Result<ArrowRowBuilder> ArrowRowBuilder::Make(std::shared_ptr<arrow::Schema> arrow_schema,
                                              std::vector<DataType> types) {
  auto impl = std::make_unique<Impl>();
  impl->columns.resize(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    const auto& arrow_type = arrow_schema->field(static_cast<int>(i))->type();
    if (!types[i].is_nested()) {
      impl->columns[i].flat.emplace(types[i], arrow_type);
      continue;
    }
    WEIR_RETURN_NOT_OK(
        FromArrow(arrow::MakeBuilder(arrow::default_memory_pool(), arrow_type, &impl->columns[i].nested)));
  }
  impl->schema = std::move(arrow_schema);
  impl->types = std::move(types);
  return ArrowRowBuilder(std::move(impl));
}

Status ArrowRowBuilder::Append(RowView row) {
  if (row.size() != impl_->types.size()) {
    return Status::Invalid("Expected " + std::to_string(impl_->types.size()) + " values, got " +
                           std::to_string(row.size()));
  }
  for (size_t i = 0; i < row.size(); ++i) {
    Status status = CheckValue(impl_->types[i], row[i]);
    if (!status.ok()) return status.WithContext("Field '" + impl_->schema->field(static_cast<int>(i))->name() + "'");
  }
  int64_t added = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    Impl::Column& column = impl_->columns[i];
    WEIR_RETURN_NOT_OK(column.flat
                           ? column.flat->Append(row[i], &added)
                           : FromArrow(Appender::Append(impl_->types[i], row[i], column.nested.get(), &added)));
  }
  ++num_rows_;
  bytes_ += added;
  return Status::OK();
}

Result<std::shared_ptr<arrow::RecordBatch>> ArrowRowBuilder::Finish() {
  arrow::ArrayVector columns;
  columns.reserve(impl_->columns.size());
  for (Impl::Column& column : impl_->columns) {
    if (column.flat) {
      columns.push_back(column.flat->Finish());
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(columns.emplace_back(), FromArrow(column.nested->Finish()));
  }
  const int64_t rows = num_rows_;
  num_rows_ = 0;
  bytes_ = 0;
  return arrow::RecordBatch::Make(impl_->schema, rows, std::move(columns));
}

struct ArrowRowReader::Impl {
  std::shared_ptr<arrow::RecordBatch> batch;
  std::vector<DataType> types;
  std::vector<std::shared_ptr<arrow::Array>> columns;
};

ArrowRowReader::ArrowRowReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ArrowRowReader::ArrowRowReader(ArrowRowReader&&) noexcept = default;
ArrowRowReader& ArrowRowReader::operator=(ArrowRowReader&&) noexcept = default;
ArrowRowReader::~ArrowRowReader() = default;

Result<ArrowRowReader> ArrowRowReader::Make(std::shared_ptr<arrow::RecordBatch> batch, std::vector<DataType> types) {
  if (batch->num_columns() != static_cast<int>(types.size())) {
    return Status::Invalid("record batch has " + std::to_string(batch->num_columns()) + " columns, expected " +
                           std::to_string(types.size()));
  }
  for (int i = 0; i < batch->num_columns(); ++i) {
    const auto expected = ToArrowType(types[i], LtzZone::kNone);
    if (!SameLayout(*expected, *batch->column(i)->type())) {
      return Status::Invalid("column '" + batch->column_name(i) + "' has type " + batch->column(i)->type()->ToString() +
                             ", expected " + expected->ToString());
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->columns = batch->columns();
  impl->batch = std::move(batch);
  impl->types = std::move(types);
  return ArrowRowReader(std::move(impl));
}

int64_t ArrowRowReader::num_rows() const { return impl_->batch->num_rows(); }
int ArrowRowReader::num_columns() const { return static_cast<int>(impl_->types.size()); }

void ArrowRowReader::Read(int64_t row, Arena* arena, std::span<Datum> out) const {
  for (size_t i = 0; i < impl_->columns.size(); ++i) {
    out[i] = Reader::Read(impl_->types[i], *impl_->columns[i], row, arena);
  }
}

Datum ArrowRowReader::ReadCell(int64_t row, int column, Arena* arena) const {
  return Reader::Read(impl_->types[column], *impl_->columns[column], row, arena);
}

}  // namespace weir
