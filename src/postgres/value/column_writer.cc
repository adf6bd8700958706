#include "postgres/value/column_writer.h"

#include <arrow/array.h>
#include <arrow/array/array_decimal.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "format/big_endian.h"
#include "postgres/catalog_name.h"
#include "postgres/error.h"
#include "postgres/made_type.h"
#include "postgres/type.h"
#include "postgres/value/binary_form.h"
#include "postgres/value/bytea.h"
#include "postgres/value/date_time.h"
#include "postgres/value/interval.h"
#include "postgres/value/nested.h"
#include "postgres/value/number.h"
#include "postgres/value/numeric.h"
#include "postgres/value/text.h"
#include "postgres/value.h"
#include "postgres/value/uuid.h"
#include "types/timestamp_units.h"

namespace weir::postgres {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using WriterPtr = std::unique_ptr<ColumnWriter>;

Status NoForm(const arrow::DataType& type, uint32_t oid, Format format) {
  return Error("0A000", fmt::format("a value of type {} has no {} form as the type with OID {}", type.ToString(),
                                    format == Format::kText ? "text" : "binary", oid));
}

Date DateOf(int64_t days) {
  constexpr int64_t kInfinite = kInfiniteDate;
  return {static_cast<int32_t>(std::clamp(days, -kInfinite, kInfinite))};
}

Interval IntervalOf(const arrow::MonthDayNanoIntervalType::MonthDayNanos& value) {
  return {.months = value.months, .days = value.days, .microseconds = value.nanoseconds / 1000};
}

/// A decimal whose scale may be negative.
Numeric NumericOf(Int128 value, int scale) {
  for (; scale < 0; ++scale) value *= 10;
  return {value, scale};
}

/// Writes the array's values with `append(value, out)`.
template <typename Array, typename Append>
class ValueWriter final : public ColumnWriter {
 public:
  ValueWriter(const ArrayPtr& array, Append append)
      : array_(std::static_pointer_cast<Array>(array)), append_(std::move(append)) {}
  bool IsNull(int64_t row) const override { return array_->IsNull(row); }
  void Write(int64_t row, std::string* out) const override { append_(array_->GetView(row), out); }

 private:
  const std::shared_ptr<Array> array_;
  const Append append_;
};

template <typename Array, typename Append>
WriterPtr Values(const ArrayPtr& array, Append append) {
  return std::make_unique<ValueWriter<Array, Append>>(array, std::move(append));
}

class NullWriter final : public ColumnWriter {
 public:
  bool IsNull(int64_t) const override { return true; }
  void Write(int64_t, std::string*) const override {}
};

// --- the same values in several Arrow types ---

/// `append` takes an int64_t. Null where the array holds no integers that fit.
template <typename Append>
WriterPtr Integers(const ArrayPtr& array, Append append) {
  switch (array->type_id()) {
    case arrow::Type::INT8: return Values<arrow::Int8Array>(array, append);
    case arrow::Type::INT16: return Values<arrow::Int16Array>(array, append);
    case arrow::Type::INT32: return Values<arrow::Int32Array>(array, append);
    case arrow::Type::INT64: return Values<arrow::Int64Array>(array, append);
    case arrow::Type::UINT8: return Values<arrow::UInt8Array>(array, append);
    case arrow::Type::UINT16: return Values<arrow::UInt16Array>(array, append);
    case arrow::Type::UINT32: return Values<arrow::UInt32Array>(array, append);
    case arrow::Type::UINT64: return Values<arrow::UInt64Array>(array, append);
    default: return nullptr;
  }
}

template <typename Append>
WriterPtr Floats(const ArrayPtr& array, Append append) {
  switch (array->type_id()) {
    case arrow::Type::FLOAT: return Values<arrow::FloatArray>(array, append);
    case arrow::Type::DOUBLE: return Values<arrow::DoubleArray>(array, append);
    default: return nullptr;
  }
}

/// `append` takes a std::string_view.
template <typename Append>
WriterPtr ByteStrings(const ArrayPtr& array, Append append) {
  switch (array->type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return Values<arrow::BinaryArray>(array, append);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: return Values<arrow::LargeBinaryArray>(array, append);
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW: return Values<arrow::BinaryViewArray>(array, append);
    case arrow::Type::FIXED_SIZE_BINARY: return Values<arrow::FixedSizeBinaryArray>(array, append);
    default: return nullptr;
  }
}

/// `append` takes the unscaled value and its scale.
template <typename Append>
WriterPtr Decimals(const ArrayPtr& array, Append append) {
  const auto scaled = [&](auto load) {
    const int scale = static_cast<const arrow::DecimalType&>(*array->type()).scale();
    return [load, scale, append](std::string_view bytes, std::string* out) { append(load(bytes), scale, out); };
  };
  const auto load = [](std::string_view bytes) {
    Int128 value = static_cast<int8_t>(bytes.back()) < 0 ? -1 : 0;  // extends the sign
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  };
  switch (array->type_id()) {
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128: return Values<arrow::FixedSizeBinaryArray>(array, scaled(load));
    case arrow::Type::UINT64:
      return Values<arrow::UInt64Array>(array, [append](uint64_t v, std::string* out) { append(Int128{v}, 0, out); });
    default: return Integers(array, [append](int64_t v, std::string* out) { append(Int128{v}, 0, out); });
  }
}

int64_t Microseconds(int64_t value, arrow::TimeUnit::type unit) {
  constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
  if (value == kInfinity || value <= -kInfinity) return value < 0 ? -kInfinity : value;
  switch (unit) {
    case arrow::TimeUnit::SECOND: return MicrosOfUnits(value, 1'000'000);
    case arrow::TimeUnit::MILLI: return MicrosOfUnits(value, 1000);
    case arrow::TimeUnit::MICRO: return value;
    case arrow::TimeUnit::NANO: return value / 1000 - (value % 1000 < 0 ? 1 : 0);
  }
  return value;
}

/// `append` takes microseconds since 1970, or since midnight.
template <typename Array, typename Type, typename Append>
WriterPtr Times(const ArrayPtr& array, Append append) {
  const arrow::TimeUnit::type unit = static_cast<const Type&>(*array->type()).unit();
  return Values<Array>(array, [unit, append](int64_t v, std::string* out) { append(Microseconds(v, unit), out); });
}

/// `append` takes days since 1970.
template <typename Append>
WriterPtr Dates(const ArrayPtr& array, Append append) {
  if (array->type_id() == arrow::Type::DATE32) return Values<arrow::Date32Array>(array, append);
  if (array->type_id() != arrow::Type::DATE64) return nullptr;
  return Values<arrow::Date64Array>(array, [append](int64_t v, std::string* out) { append(v / 86'400'000, out); });
}

template <typename Append>
WriterPtr TimesOfDay(const ArrayPtr& array, Append append) {
  if (array->type_id() == arrow::Type::TIME32) return Times<arrow::Time32Array, arrow::Time32Type>(array, append);
  if (array->type_id() == arrow::Type::TIME64) return Times<arrow::Time64Array, arrow::Time64Type>(array, append);
  return nullptr;
}

/// The storage of extension types, e.g. of JSON.
ArrayPtr Storage(const ArrayPtr& array) {
  return array->type_id() == arrow::Type::EXTENSION ? static_cast<const arrow::ExtensionArray&>(*array).storage()
                                                    : array;
}

// --- nested values ---

class DictionaryWriter final : public ColumnWriter {
 public:
  DictionaryWriter(std::shared_ptr<arrow::DictionaryArray> array, WriterPtr values)
      : array_(std::move(array)), values_(std::move(values)) {}
  bool IsNull(int64_t row) const override {
    return array_->IsNull(row) || values_->IsNull(array_->GetValueIndex(row));
  }
  void Write(int64_t row, std::string* out) const override { values_->Write(array_->GetValueIndex(row), out); }

 private:
  const std::shared_ptr<arrow::DictionaryArray> array_;
  const WriterPtr values_;
};

/// The elements of the lists of any list type.
struct Lists {
  ArrayPtr array;
  ArrayPtr elements;
  std::vector<std::pair<int64_t, int64_t>> ranges;  // begin and end, one a row

  bool IsNull(int64_t row) const { return array->IsNull(row); }
};

template <typename Array>
Lists ListsOf(const ArrayPtr& array) {
  const auto& typed = static_cast<const Array&>(*array);
  Lists lists{.array = array, .elements = Storage(typed.values()), .ranges = {}};
  lists.ranges.reserve(static_cast<size_t>(array->length()));
  for (int64_t row = 0; row < array->length(); ++row) {
    const int64_t begin = typed.value_offset(row);
    lists.ranges.emplace_back(begin, begin + (typed.IsNull(row) ? 0 : typed.value_length(row)));
  }
  return lists;
}

std::optional<Lists> MakeLists(const ArrayPtr& array) {
  switch (array->type_id()) {
    case arrow::Type::LIST: return ListsOf<arrow::ListArray>(array);
    case arrow::Type::MAP: return ListsOf<arrow::MapArray>(array);
    case arrow::Type::LARGE_LIST: return ListsOf<arrow::LargeListArray>(array);
    case arrow::Type::FIXED_SIZE_LIST: return ListsOf<arrow::FixedSizeListArray>(array);
    case arrow::Type::LIST_VIEW: return ListsOf<arrow::ListViewArray>(array);
    case arrow::Type::LARGE_LIST_VIEW: return ListsOf<arrow::LargeListViewArray>(array);
    default: return std::nullopt;
  }
}

class ArrayTextWriter final : public ColumnWriter {
 public:
  ArrayTextWriter(Lists lists, WriterPtr elements)
      : lists_(std::move(lists)), nested_(MakeLists(lists_.elements).has_value()), elements_(std::move(elements)) {}
  bool IsNull(int64_t row) const override { return lists_.IsNull(row); }

  void Write(int64_t row, std::string* out) const override {
    const auto [begin, end] = lists_.ranges[static_cast<size_t>(row)];
    std::string element;
    out->push_back('{');
    for (int64_t i = begin; i < end; ++i) {
      if (i > begin) out->push_back(',');
      if (elements_->IsNull(i)) {
        *out += "NULL";
      } else if (nested_) {
        elements_->Write(i, out);
      } else {
        element.clear();
        elements_->Write(i, &element);
        AppendArrayElement(element, ',', out);
      }
    }
    out->push_back('}');
  }

 private:
  const Lists lists_;
  const bool nested_;
  const WriterPtr elements_;
};

/// An array's dimensions stand before its elements, so lists of lists must be rectangles.
class ArrayBinaryWriter final : public ColumnWriter {
 public:
  static Result<WriterPtr> Make(std::vector<Lists> levels, WriterPtr elements, uint32_t element_oid) {
    auto writer =
        std::unique_ptr<ArrayBinaryWriter>(new ArrayBinaryWriter(std::move(levels), std::move(elements), element_oid));
    for (int64_t row = 0; row < writer->levels_[0].array->length(); ++row) {
      if (!writer->IsNull(row) && !writer->IsRectangle(row)) {
        return Error("0A000", "lists of lists with different lengths have no binary form");
      }
    }
    return WriterPtr(std::move(writer));
  }

  bool IsNull(int64_t row) const override { return levels_[0].IsNull(row); }

  void Write(int64_t row, std::string* out) const override {
    std::vector<int64_t> dimensions = DimensionsOf(row);
    if (dimensions.back() == 0) dimensions.clear();
    AppendBigEndian(static_cast<int32_t>(dimensions.size()), out);
    const size_t flag_at = out->size();
    AppendBigEndian(int32_t{0}, out);
    AppendBigEndian(element_oid_, out);
    for (const int64_t length : dimensions) {
      AppendBigEndian(static_cast<int32_t>(length), out);
      AppendBigEndian(int32_t{1}, out);
    }
    bool has_null = false;
    if (!dimensions.empty()) WriteElements(0, row, &has_null, out);
    StoreBigEndian(int32_t{has_null}, out->data() + flag_at);
  }

 private:
  ArrayBinaryWriter(std::vector<Lists> levels, WriterPtr elements, uint32_t element_oid)
      : levels_(std::move(levels)), elements_(std::move(elements)), element_oid_(element_oid) {}

  /// Lengths along the first list of each level; up to a level that is empty.
  std::vector<int64_t> DimensionsOf(int64_t row) const {
    std::vector<int64_t> dimensions;
    for (const Lists& level : levels_) {
      const auto [begin, end] = level.ranges[static_cast<size_t>(row)];
      dimensions.push_back(end - begin);
      if (begin == end) break;
      row = begin;
    }
    return dimensions;
  }

  bool IsRectangle(int64_t row) const { return levels_.size() == 1 || Fits(0, row, DimensionsOf(row)); }

  bool Fits(size_t level, int64_t row, const std::vector<int64_t>& dimensions) const {
    if (levels_[level].IsNull(row) || level >= dimensions.size()) return false;
    const auto [begin, end] = levels_[level].ranges[static_cast<size_t>(row)];
    if (end - begin != dimensions[level]) return false;
    if (level + 1 == levels_.size()) return true;
    for (int64_t i = begin; i < end; ++i) {
      if (!Fits(level + 1, i, dimensions)) return false;
    }
    return true;
  }

  void WriteElements(size_t level, int64_t row, bool* has_null, std::string* out) const {
    const auto [begin, end] = levels_[level].ranges[static_cast<size_t>(row)];
    for (int64_t i = begin; i < end; ++i) {
      if (level + 1 < levels_.size()) WriteElements(level + 1, i, has_null, out);
      else WriteElement(i, has_null, out);
    }
  }

  void WriteElement(int64_t i, bool* has_null, std::string* out) const {
    const size_t length_at = out->size();
    AppendBigEndian(int32_t{-1}, out);
    if (elements_->IsNull(i)) {
      *has_null = true;
      return;
    }
    elements_->Write(i, out);
    StoreBigEndian(static_cast<int32_t>(out->size() - length_at - 4), out->data() + length_at);
  }

  const std::vector<Lists> levels_;  // from the outside in
  const WriterPtr elements_;
  const uint32_t element_oid_;
};

class RecordTextWriter final : public ColumnWriter {
 public:
  RecordTextWriter(ArrayPtr array, std::vector<WriterPtr> fields)
      : array_(std::move(array)), fields_(std::move(fields)) {}
  bool IsNull(int64_t row) const override { return array_->IsNull(row); }

  void Write(int64_t row, std::string* out) const override {
    std::string text;
    out->push_back('(');
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (i > 0) out->push_back(',');
      if (fields_[i]->IsNull(row)) continue;
      text.clear();
      fields_[i]->Write(row, &text);
      AppendRecordField(text, out);
    }
    out->push_back(')');
  }

 private:
  const ArrayPtr array_;
  const std::vector<WriterPtr> fields_;
};

// --- text ---

Result<WriterPtr> MakeText(const ArrayPtr& array, uint32_t oid, const Settings& settings);

Result<WriterPtr> MakeRecordText(const ArrayPtr& array, const Settings& settings) {
  const auto& record = static_cast<const arrow::StructArray&>(*array);
  std::vector<WriterPtr> fields;
  for (int i = 0; i < record.num_fields(); ++i) {
    WEIR_ASSIGN_OR_RETURN(WriterPtr field, MakeText(Storage(record.field(i)), 0, settings));
    fields.push_back(std::move(field));
  }
  return WriterPtr(std::make_unique<RecordTextWriter>(array, std::move(fields)));
}

WriterPtr MakeBytesText(const ArrayPtr& array, uint32_t oid, ByteaOutput output) {
  const arrow::Type::type id = array->type_id();
  const bool raw = id == arrow::Type::BINARY || id == arrow::Type::LARGE_BINARY || id == arrow::Type::BINARY_VIEW;
  const bool binary = oid == oid::kBytea || (SendsText(oid) && raw);
  if (oid == oid::kUuid && id == arrow::Type::FIXED_SIZE_BINARY) {
    return ByteStrings(array, [](std::string_view v, std::string* out) { AppendUuid(v, out); });
  }
  if (binary) {
    return ByteStrings(array, [output](std::string_view v, std::string* out) { AppendBytea(v, output, out); });
  }
  return ByteStrings(array, [](std::string_view v, std::string* out) { *out += v; });
}

Result<WriterPtr> MakeText(const ArrayPtr& array, uint32_t oid, const Settings& settings) {
  const int digits = settings.extra_float_digits;
  WriterPtr writer;
  switch (array->type_id()) {
    case arrow::Type::NA: return WriterPtr(std::make_unique<NullWriter>());
    case arrow::Type::BOOL:
      return Values<arrow::BooleanArray>(array, [](bool v, std::string* out) { out->push_back(v ? 't' : 'f'); });
    case arrow::Type::UINT64:
      return Values<arrow::UInt64Array>(array, [](uint64_t v, std::string* out) { AppendUnsigned(v, out); });
    case arrow::Type::FLOAT:
      return Floats(array, [digits](float v, std::string* out) { AppendFloat(v, digits, out); });
    case arrow::Type::DOUBLE:
      return Floats(array, [digits](double v, std::string* out) { AppendDouble(v, digits, out); });
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
    case arrow::Type::DECIMAL128:
      return Decimals(array, [](Int128 v, int scale, std::string* out) { AppendDecimal(v, scale, out); });
    case arrow::Type::TIMESTAMP:
      if (!static_cast<const arrow::TimestampType&>(*array->type()).timezone().empty() || oid == oid::kTimestamptz) {
        return Times<arrow::TimestampArray, arrow::TimestampType>(
            array, [settings](int64_t v, std::string* out) { AppendTimestampTz({v}, settings, out); });
      }
      return Times<arrow::TimestampArray, arrow::TimestampType>(
          array, [settings](int64_t v, std::string* out) { AppendTimestamp({v}, settings, out); });
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return Values<arrow::MonthDayNanoIntervalArray>(
          array, [style = settings.interval_style](const arrow::MonthDayNanoIntervalType::MonthDayNanos& v,
                                                   std::string* out) { AppendInterval(IntervalOf(v), style, out); });
    case arrow::Type::STRUCT: return MakeRecordText(array, settings);
    default: break;
  }
  writer = Integers(array, &AppendInteger);
  if (writer == nullptr) writer = MakeBytesText(array, oid, settings.bytea_output);
  if (writer == nullptr)
    writer = Dates(array, [settings](int64_t v, std::string* out) { AppendDate(DateOf(v), settings, out); });
  if (writer == nullptr) writer = TimesOfDay(array, [](int64_t v, std::string* out) { AppendTime({v}, out); });
  if (writer != nullptr) return writer;
  if (array->type_id() == arrow::Type::DICTIONARY) {
    auto encoded = std::static_pointer_cast<arrow::DictionaryArray>(array);
    WEIR_ASSIGN_OR_RETURN(WriterPtr values, MakeText(Storage(encoded->dictionary()), oid, settings));
    return WriterPtr(std::make_unique<DictionaryWriter>(std::move(encoded), std::move(values)));
  }
  if (std::optional<Lists> lists = MakeLists(array)) {
    // An array type has no dimensions in PostgreSQL: inner lists are of the same type.
    const bool nested = MakeLists(lists->elements).has_value();
    const uint32_t inner = nested ? oid : ArrayElement(oid);
    WEIR_ASSIGN_OR_RETURN(WriterPtr elements, MakeText(lists->elements, inner, settings));
    return WriterPtr(std::make_unique<ArrayTextWriter>(std::move(*lists), std::move(elements)));
  }
  return NoForm(*array->type(), oid, Format::kText);
}

// --- binary ---

template <typename T>
Result<WriterPtr> BinaryIntegers(const ArrayPtr& array) {
  return Integers(array, [](int64_t v, std::string* out) { AppendBigEndian(static_cast<T>(v), out); });
}

/// A UUID's 16 bytes, from text or as they are.
void AppendBinaryUuid(std::string_view value, std::string* out) {
  constexpr size_t kBytes = 16;
  if (value.size() == kBytes) {
    *out += value;
    return;
  }
  const Result<Uuid> uuid = ReadUuid(value);
  const Uuid bytes = uuid.ok() ? *uuid : Uuid();
  out->append(reinterpret_cast<const char*>(bytes.bytes.data()), kBytes);
}

Result<WriterPtr> MakeBinary(const ArrayPtr& array, uint32_t oid, const Settings& settings);

Result<WriterPtr> MakeBinaryArray(const ArrayPtr& array, uint32_t oid, const Settings& settings) {
  std::vector<Lists> levels;
  ArrayPtr inner = array;
  while (std::optional<Lists> lists = MakeLists(inner)) {
    inner = lists->elements;
    levels.push_back(std::move(*lists));
  }
  if (levels.empty()) return NoForm(*array->type(), oid, Format::kBinary);
  WEIR_ASSIGN_OR_RETURN(WriterPtr elements, MakeBinary(inner, ArrayElement(oid), settings));
  return ArrayBinaryWriter::Make(std::move(levels), std::move(elements), ArrayElement(oid));
}

WriterPtr MakeBinaryFloats(const ArrayPtr& array, uint32_t oid) {
  if (oid == oid::kFloat4) {
    return Floats(array, [](double v, std::string* out) {
      AppendBigEndian(std::bit_cast<int32_t>(static_cast<float>(v)), out);
    });
  }
  return Floats(array, [](double v, std::string* out) { AppendBigEndian(std::bit_cast<int64_t>(v), out); });
}

/// Types whose values come in one Arrow type. Null where it is another one.
WriterPtr MakeBinaryScalar(const ArrayPtr& array, uint32_t oid) {
  const arrow::Type::type id = array->type_id();
  switch (oid) {
    case oid::kBool:
      if (id != arrow::Type::BOOL) return nullptr;
      return Values<arrow::BooleanArray>(array, [](bool v, std::string* out) { out->push_back(v ? 1 : 0); });
    case oid::kFloat4:
    case oid::kFloat8: return MakeBinaryFloats(array, oid);
    case oid::kNumeric:
      return Decimals(array,
                      [](Int128 v, int scale, std::string* out) { AppendNumericBinary(NumericOf(v, scale), out); });
    case oid::kBytea: return ByteStrings(array, [](std::string_view v, std::string* out) { *out += v; });
    case oid::kUuid: return ByteStrings(array, &AppendBinaryUuid);
    case oid::kJsonb:
    case oid::kJsonpath:
      return ByteStrings(array, [](std::string_view v, std::string* out) {
        out->push_back(1);
        *out += v;
      });
    case oid::kDate: return Dates(array, [](int64_t v, std::string* out) { AppendDateBinary(DateOf(v), out); });
    case oid::kTime: return TimesOfDay(array, [](int64_t v, std::string* out) { AppendBigEndian(v, out); });
    case oid::kTimestamp:
    case oid::kTimestamptz:
      if (id != arrow::Type::TIMESTAMP) return nullptr;
      return Times<arrow::TimestampArray, arrow::TimestampType>(
          array, [](int64_t v, std::string* out) { AppendTimestampBinary({v}, out); });
    case oid::kInterval:
      if (id != arrow::Type::INTERVAL_MONTH_DAY_NANO) return nullptr;
      return Values<arrow::MonthDayNanoIntervalArray>(
          array, [](const arrow::MonthDayNanoIntervalType::MonthDayNanos& v, std::string* out) {
            AppendIntervalBinary(IntervalOf(v), out);
          });
    default: return nullptr;
  }
}

/// Whether Arrow has no type for the values, so that they come as their texts.
bool ComesAsText(uint32_t oid) {
  switch (oid) {
    case oid::kNumeric:
    case oid::kMoney:
    case oid::kTimetz:
    case oid::kInet:
    case oid::kCidr:
    case oid::kMacaddr:
    case oid::kMacaddr8:
    case oid::kBit:
    case oid::kVarbit:
    case oid::kTid: return true;
    default: break;  // OIDs are open
  }
  const Type* type = FindType(oid);
  return type != nullptr && (type->is_array() || RangeElement(oid) != 0);
}

bool IsText(const arrow::Array& array) {
  const arrow::Type::type id = array.type_id();
  return id == arrow::Type::STRING || id == arrow::Type::LARGE_STRING || id == arrow::Type::STRING_VIEW;
}

WriterPtr MakeBinaryOfText(const ArrayPtr& array, uint32_t oid, const Settings& settings) {
  if (!IsText(*array) || !ComesAsText(oid) || NamesCatalog(ArrayElement(oid))) return nullptr;
  return ByteStrings(array, [oid, settings](std::string_view v, std::string* out) {
    const auto value = ReadText({oid}, v, settings);  // the session has written it
    if (value.ok()) (void)WriteBinary(oid, *value, settings, out);
  });
}

/// Names that were read as the OIDs that they stand for.
class NameWriter final : public ColumnWriter {
 public:
  NameWriter(WriterPtr names, std::vector<uint32_t> oids) : names_(std::move(names)), oids_(std::move(oids)) {}
  bool IsNull(int64_t row) const override { return names_->IsNull(row); }
  void Write(int64_t row, std::string* out) const override { AppendBigEndian(oids_[static_cast<size_t>(row)], out); }

 private:
  const WriterPtr names_;
  const std::vector<uint32_t> oids_;
};

Result<WriterPtr> MakeBinaryNames(const ArrayPtr& array, uint32_t oid, const NameReader& read_name) {
  WriterPtr names = ByteStrings(array, [](std::string_view v, std::string* out) { *out += v; });
  if (names == nullptr) return NoForm(*array->type(), oid, Format::kBinary);
  std::vector<uint32_t> oids(static_cast<size_t>(array->length()));
  std::unordered_map<std::string, uint32_t> known;
  for (int64_t row = 0; row < array->length(); ++row) {
    if (names->IsNull(row)) continue;
    std::string name;
    names->Write(row, &name);
    const auto [found, is_new] = known.try_emplace(std::move(name), 0);
    if (is_new) {
      WEIR_ASSIGN_OR_RETURN(found->second, read_name(oid, found->first));
    }
    oids[static_cast<size_t>(row)] = found->second;
  }
  return WriterPtr(std::make_unique<NameWriter>(std::move(names), std::move(oids)));
}

/// Whether values come as texts whose parts have binary forms of their own: rows, and arrays of rows or names.
bool HasParts(Oid type, const RowShape* row) {
  type = BaseTypeOf({type}).oid;
  if (row != nullptr || FindComposite(type) != nullptr) return true;
  const Oid element = ArrayElement(type);
  return element != 0 && (NamesCatalog(element) || HasParts(element, nullptr));
}

/// Appends the binary forms of such texts.
struct PartsForm {
  const Settings& settings;
  const NameReader& read_name;

  Status Append(Oid type, const RowShape* row, std::string_view text, std::string* out) const {
    type = BaseTypeOf({type}).oid;
    if (NamesCatalog(type) && read_name) {
      WEIR_ASSIGN_OR_RETURN(const uint32_t oid, read_name(type, std::string(text)));
      AppendBigEndian(oid, out);
      return Status::OK();
    }
    if (ArrayElement(type) != 0 && HasParts(type, row)) return AppendElements(type, row, text, out);
    if (row != nullptr) return AppendFields(row->fields, text, out);
    if (const MadeType* composite = FindComposite(type)) {
      std::vector<RowShape::Field> fields;
      for (const Attribute& attribute : composite->attributes) fields.push_back({attribute.type.oid, nullptr});
      return AppendFields(fields, text, out);
    }
    WEIR_ASSIGN_OR_RETURN(const Value value, ReadText({type}, text, settings));
    return WriteBinary(type, value, settings, out);
  }

 private:
  Status AppendFields(const std::vector<RowShape::Field>& fields, std::string_view text, std::string* out) const {
    const std::vector<TypeRef> texts(fields.size(), TypeRef{oid::kText});
    WEIR_ASSIGN_OR_RETURN(const Record record, ReadRecord(texts, text, settings));
    AppendBigEndian(static_cast<int32_t>(fields.size()), out);
    for (size_t i = 0; i < fields.size(); ++i) {
      AppendBigEndian(BaseTypeOf({fields[i].type}).oid, out);
      WEIR_RETURN_NOT_OK(AppendPart(fields[i].type, fields[i].row.get(), record.fields[i].second, out));
    }
    return Status::OK();
  }

  Status AppendElements(Oid type, const RowShape* row, std::string_view text, std::string* out) const {
    const Oid element = ArrayElement(type);
    const Type* known = FindType(element);
    const char delimiter = known == nullptr ? ',' : known->delimiter;
    WEIR_ASSIGN_OR_RETURN(const Array array, ReadArray({oid::kText}, delimiter, text, settings));
    const bool nulls = std::ranges::any_of(array.elements, [](const Value& value) { return value.is_null(); });
    AppendBigEndian(static_cast<int32_t>(array.dimensions.size()), out);
    AppendBigEndian(int32_t{nulls}, out);
    AppendBigEndian(element, out);
    for (const Array::Dimension& dimension : array.dimensions) {
      AppendBigEndian(dimension.length, out);
      AppendBigEndian(dimension.lower_bound, out);
    }
    for (const Value& value : array.elements) WEIR_RETURN_NOT_OK(AppendPart(element, row, value, out));
    return Status::OK();
  }

  /// With its length in front; `value` is a text or null.
  Status AppendPart(Oid type, const RowShape* row, const Value& value, std::string* out) const {
    const size_t length_at = out->size();
    AppendBigEndian(int32_t{-1}, out);
    if (value.is_null()) return Status::OK();
    WEIR_RETURN_NOT_OK(Append(type, row, std::get<std::string>(value), out));
    StoreBigEndian(static_cast<int32_t>(out->size() - length_at - sizeof(int32_t)), out->data() + length_at);
    return Status::OK();
  }
};

/// Binary forms that are made already.
class MadeWriter final : public ColumnWriter {
 public:
  MadeWriter(ArrayPtr array, std::vector<std::string> forms) : array_(std::move(array)), forms_(std::move(forms)) {}
  bool IsNull(int64_t row) const override { return array_->IsNull(row); }
  void Write(int64_t row, std::string* out) const override { *out += forms_[static_cast<size_t>(row)]; }

 private:
  const ArrayPtr array_;
  const std::vector<std::string> forms_;
};

Result<WriterPtr> MakeBinaryParts(const ArrayPtr& array, Oid type, const RowShape* row, const PartsForm& form) {
  const WriterPtr texts = ByteStrings(array, [](std::string_view v, std::string* out) { *out += v; });
  std::vector<std::string> forms(static_cast<size_t>(array->length()));
  std::string text;
  for (int64_t at = 0; at < array->length(); ++at) {
    if (array->IsNull(at)) continue;
    text.clear();
    texts->Write(at, &text);
    WEIR_RETURN_NOT_OK(form.Append(type, row, text, &forms[static_cast<size_t>(at)]));
  }
  return WriterPtr(std::make_unique<MadeWriter>(array, std::move(forms)));
}

Result<WriterPtr> MakeBinary(const ArrayPtr& array, uint32_t oid, const Settings& settings) {
  if (array->type_id() == arrow::Type::NA) return WriterPtr(std::make_unique<NullWriter>());
  const bool label = FindMadeType(oid) != nullptr && RangeElement(oid) == 0;  // a domain's values have its base type
  if (SendsText(oid) || label || oid == oid::kVoid) return MakeText(array, oid, settings);
  if (WriterPtr writer = MakeBinaryOfText(array, oid, settings)) return writer;
  if (array->type_id() == arrow::Type::DICTIONARY) {
    auto encoded = std::static_pointer_cast<arrow::DictionaryArray>(array);
    WEIR_ASSIGN_OR_RETURN(WriterPtr values, MakeBinary(Storage(encoded->dictionary()), oid, settings));
    return WriterPtr(std::make_unique<DictionaryWriter>(std::move(encoded), std::move(values)));
  }
  if (ArrayElement(oid) != 0) return MakeBinaryArray(array, oid, settings);
  WriterPtr writer;
  switch (IntegerWidth(oid)) {
    case 2:
      writer = Integers(array, [](int64_t v, std::string* out) { AppendBigEndian(static_cast<int16_t>(v), out); });
      break;
    case 4:
      writer = Integers(array, [](int64_t v, std::string* out) { AppendBigEndian(static_cast<int32_t>(v), out); });
      break;
    case 8: writer = Integers(array, [](int64_t v, std::string* out) { AppendBigEndian(v, out); }); break;
    default: writer = MakeBinaryScalar(array, oid);
  }
  if (writer == nullptr) return NoForm(*array->type(), oid, Format::kBinary);
  return writer;
}

}  // namespace

Result<std::unique_ptr<ColumnWriter>> MakeColumnWriter(const std::shared_ptr<arrow::Array>& array, uint32_t oid,
                                                       Format format, const Settings& settings,
                                                       const NameReader& read_name,
                                                       const std::shared_ptr<const RowShape>& row) {
  const ArrayPtr storage = Storage(array);
  const bool by_name = NamesCatalog(oid) && IsText(*storage);
  if (format == Format::kBinary && by_name && read_name) return MakeBinaryNames(storage, oid, read_name);
  if (format == Format::kBinary && IsText(*storage) && HasParts(oid, row.get())) {
    return MakeBinaryParts(storage, oid, row.get(), {settings, read_name});
  }
  return format == Format::kText ? MakeText(storage, oid, settings) : MakeBinary(storage, oid, settings);
}

}  // namespace weir::postgres
