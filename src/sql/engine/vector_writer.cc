#include <arrow/array/array_nested.h>
#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/builder.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/engine/arrow_vectors.h"
#include "sql/engine/errors.h"
#include "sql/engine/types.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

using duckdb::idx_t;

/// The chosen rows of a vector.
struct Rows {
  Rows(duckdb::Vector& source, idx_t size, const duckdb::SelectionVector& chosen, idx_t number)
      : vector(source), selection(chosen), count(number) {
    source.ToUnifiedFormat(size, format);
  }
  idx_t At(idx_t i) const { return format.sel->get_index(selection.get_index(i)); }
  bool IsNull(idx_t at) const { return !format.validity.RowIsValid(at); }
  template <typename T>
  const T* Values() const {
    return duckdb::UnifiedVectorFormat::GetData<T>(format);
  }

  duckdb::Vector& vector;
  const duckdb::SelectionVector& selection;
  idx_t count;
  duckdb::UnifiedVectorFormat format;
};

void ThrowNotOkArrow(const arrow::Status& status) { ThrowNotOk(FromArrow(status)); }

std::shared_ptr<arrow::Array> Finish(arrow::ArrayBuilder& builder) {
  std::shared_ptr<arrow::Array> array;
  ThrowNotOkArrow(builder.Finish(&array));
  return array;
}

template <typename From, typename Builder, typename Convert>
std::shared_ptr<arrow::Array> Write(Builder& builder, const Rows& rows, Convert convert) {
  ThrowNotOkArrow(builder.Reserve(static_cast<int64_t>(rows.count)));
  const From* values = rows.Values<From>();
  for (idx_t i = 0; i < rows.count; ++i) {
    idx_t at = rows.At(i);
    if (rows.IsNull(at)) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(convert(values[at]));
    }
  }
  return Finish(builder);
}

/// Which rows are not NULL, as Arrow's bitmap; null: none is.
std::shared_ptr<arrow::Buffer> WriteValidity(const Rows& rows, int64_t* null_count) {
  *null_count = 0;
  if (rows.format.validity.AllValid()) return nullptr;
  for (idx_t i = 0; i < rows.count; ++i) *null_count += static_cast<int64_t>(rows.IsNull(rows.At(i)));
  if (*null_count == 0) return nullptr;
  std::shared_ptr<arrow::Buffer> bits = ValueOrThrow(FromArrow(arrow::AllocateEmptyBitmap(
      static_cast<int64_t>(rows.count))));
  for (idx_t i = 0; i < rows.count; ++i) {
    if (!rows.IsNull(rows.At(i))) arrow::bit_util::SetBit(bits->mutable_data(), static_cast<int64_t>(i));
  }
  return bits;
}

/// Bytes of an array to be: Arrow's pool takes longer for a few than it does to fill them.
class NewBytes {
 public:
  explicit NewBytes(int64_t size) {
    if (size <= kFewBytes) {
      few_.reserve(static_cast<size_t>(std::max<int64_t>(size, 1)));  // it points to something in any case
      few_.resize(static_cast<size_t>(size));
    } else {
      many_ = ValueOrThrow(FromArrow(arrow::AllocateBuffer(size)));
    }
  }

  template <typename T>
  T* As() {
    return reinterpret_cast<T*>(many_ == nullptr ? few_.data() : many_->mutable_data());
  }
  std::shared_ptr<arrow::Buffer> Finish() {
    return many_ == nullptr ? arrow::Buffer::FromVector(std::move(few_)) : std::move(many_);
  }

 private:
  static constexpr int64_t kFewBytes = 256;

  std::vector<uint8_t> few_;
  std::shared_ptr<arrow::Buffer> many_;
};

/// Numbers that Arrow has as DuckDB does.
template <typename Number>
std::shared_ptr<arrow::Array> WriteAsIs(const std::shared_ptr<arrow::DataType>& type, const Rows& rows) {
  const auto count = static_cast<int64_t>(rows.count);
  int64_t null_count = 0;
  auto validity = WriteValidity(rows, &null_count);
  NewBytes numbers(count * static_cast<int64_t>(sizeof(Number)));
  auto* const to = numbers.As<Number>();
  const auto* const from = rows.Values<Number>();
  for (idx_t i = 0; i < rows.count; ++i) {
    const idx_t at = rows.At(i);
    to[i] = null_count > 0 && rows.IsNull(at) ? Number{} : from[at];
  }
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, count, {std::move(validity), numbers.Finish()}, null_count));
}

std::shared_ptr<arrow::Array> WriteBooleans(const Rows& rows) {
  arrow::BooleanBuilder builder;
  return Write<bool>(builder, rows, [](bool value) { return value; });
}

std::shared_ptr<arrow::Array> WriteTexts(const std::shared_ptr<arrow::DataType>& type, const Rows& rows) {
  const auto count = static_cast<int64_t>(rows.count);
  int64_t null_count = 0;
  auto validity = WriteValidity(rows, &null_count);
  const auto* texts = rows.Values<duckdb::string_t>();
  const auto text_at = [&](idx_t i) {
    const idx_t at = rows.At(i);
    const bool is_null = null_count > 0 && rows.IsNull(at);
    return is_null ? std::string_view() : std::string_view(texts[at].GetData(), texts[at].GetSize());
  };
  int64_t bytes = 0;
  for (idx_t i = 0; i < rows.count; ++i) bytes += static_cast<int64_t>(text_at(i).size());
  if (bytes > std::numeric_limits<int32_t>::max()) {
    ThrowNotOkArrow(arrow::Status::CapacityError("an array holds 2 GiB of text at most, not ", bytes, " bytes"));
  }
  NewBytes ends((count + 1) * static_cast<int64_t>(sizeof(int32_t)));
  NewBytes content(bytes);
  auto* end = ends.As<int32_t>();
  *end = 0;
  for (idx_t i = 0; i < rows.count; ++i, ++end) {
    const std::string_view text = text_at(i);
    if (!text.empty()) std::memcpy(content.As<char>() + *end, text.data(), text.size());
    end[1] = *end + static_cast<int32_t>(text.size());
  }
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, count, {std::move(validity), ends.Finish(), content.Finish()}, null_count));
}

std::shared_ptr<arrow::Array> WriteFixedBytes(int length, const Rows& rows) {
  arrow::FixedSizeBinaryBuilder builder(arrow::fixed_size_binary(length));
  const auto* values = rows.Values<duckdb::string_t>();
  for (idx_t i = 0; i < rows.count; ++i) {
    idx_t at = rows.At(i);
    if (rows.IsNull(at)) {
      ThrowNotOkArrow(builder.AppendNull());
      continue;
    }
    if (values[at].GetSize() != static_cast<uint32_t>(length)) {
      Throw(Error("22001", "value of " + std::to_string(values[at].GetSize()) + " bytes does not fit type binary(" +
                               std::to_string(length) + ")"));
    }
    ThrowNotOkArrow(builder.Append(reinterpret_cast<const uint8_t*>(values[at].GetData())));
  }
  return Finish(builder);
}

int64_t FromMicros(arrow::TimeUnit::type unit, int64_t micros) {
  auto floor = [&](int64_t by) { return micros / by - (micros % by < 0 ? 1 : 0); };
  switch (unit) {
    case arrow::TimeUnit::SECOND: return floor(1'000'000);
    case arrow::TimeUnit::MILLI: return floor(1000);
    case arrow::TimeUnit::MICRO: return micros;
    case arrow::TimeUnit::NANO: {
      int64_t nanos = 0;
      if (__builtin_mul_overflow(micros, int64_t{1000}, &nanos)) Throw(Error("22008", "timestamp out of range"));
      return nanos;
    }
  }
  return micros;
}

std::shared_ptr<arrow::Array> WriteTimestamps(const std::shared_ptr<arrow::DataType>& type, const Rows& rows) {
  arrow::TimestampBuilder builder(type, arrow::default_memory_pool());
  if (rows.vector.GetType().id() == duckdb::LogicalTypeId::TIMESTAMP_NS) {
    return Write<int64_t>(builder, rows, [](int64_t value) { return value; });
  }
  auto unit = static_cast<const arrow::TimestampType&>(*type).unit();
  return Write<int64_t>(builder, rows, [&](int64_t value) { return FromMicros(unit, value); });
}

std::shared_ptr<arrow::Array> WriteTimes(const std::shared_ptr<arrow::DataType>& type, const Rows& rows) {
  if (type->id() == arrow::Type::TIME32) {
    auto unit = static_cast<const arrow::Time32Type&>(*type).unit();
    arrow::Time32Builder builder(type, arrow::default_memory_pool());
    return Write<int64_t>(builder, rows, [&](int64_t v) { return static_cast<int32_t>(FromMicros(unit, v)); });
  }
  auto unit = static_cast<const arrow::Time64Type&>(*type).unit();
  arrow::Time64Builder builder(type, arrow::default_memory_pool());
  return Write<int64_t>(builder, rows, [&](int64_t v) { return FromMicros(unit, v); });
}

std::shared_ptr<arrow::Array> WriteDecimals(const std::shared_ptr<arrow::DataType>& type, const Rows& rows) {
  arrow::Decimal128Builder builder(type);
  switch (rows.vector.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return Write<int16_t>(builder, rows, [](int16_t value) { return arrow::Decimal128(value); });
    case duckdb::PhysicalType::INT32:
      return Write<int32_t>(builder, rows, [](int32_t value) { return arrow::Decimal128(value); });
    case duckdb::PhysicalType::INT64:
      return Write<int64_t>(builder, rows, [](int64_t value) { return arrow::Decimal128(value); });
    default:
      return Write<duckdb::hugeint_t>(builder, rows,
                                      [](const auto& value) { return arrow::Decimal128(value.upper, value.lower); });
  }
}

/// The lists of a vector as offsets and the selection of their children.
struct Entries {
  std::shared_ptr<arrow::Buffer> offsets;
  std::shared_ptr<arrow::Buffer> validity;
  int64_t null_count = 0;
  duckdb::SelectionVector children;
  idx_t num_children = 0;
};

Entries CollectEntries(const Rows& rows) {
  const auto* lists = rows.Values<duckdb::list_entry_t>();
  arrow::TypedBufferBuilder<int32_t> offsets;
  arrow::TypedBufferBuilder<bool> validity;
  Entries entries;
  ThrowNotOkArrow(offsets.Append(0));
  for (idx_t i = 0; i < rows.count; ++i) {
    idx_t at = rows.At(i);
    if (!rows.IsNull(at)) entries.num_children += lists[at].length;
    ThrowNotOkArrow(offsets.Append(static_cast<int32_t>(entries.num_children)));
    ThrowNotOkArrow(validity.Append(!rows.IsNull(at)));
  }
  entries.null_count = validity.false_count();
  entries.children.Initialize(entries.num_children);
  idx_t child = 0;
  for (idx_t i = 0; i < rows.count; ++i) {
    idx_t at = rows.At(i);
    if (rows.IsNull(at)) continue;
    for (idx_t j = 0; j < lists[at].length; ++j) entries.children.set_index(child++, lists[at].offset + j);
  }
  entries.offsets = ValueOrThrow(FromArrow(offsets.Finish()));
  entries.validity = ValueOrThrow(FromArrow(validity.Finish()));
  return entries;
}

std::shared_ptr<arrow::Array> WriteLists(const DataType& type, const Rows& rows) {
  Entries entries = CollectEntries(rows);
  auto values = ToArray(type.element_type(), duckdb::ListVector::GetEntry(rows.vector),
                        duckdb::ListVector::GetListSize(rows.vector), entries.children, entries.num_children);
  return std::make_shared<arrow::ListArray>(ToArrowType(type, LtzZone::kNone), static_cast<int64_t>(rows.count),
                                            entries.offsets, values, entries.validity, entries.null_count);
}

std::shared_ptr<arrow::Array> WriteMaps(const DataType& type, const Rows& rows) {
  Entries entries = CollectEntries(rows);
  idx_t size = duckdb::ListVector::GetListSize(rows.vector);
  auto keys = ToArray(type.key_type(), duckdb::MapVector::GetKeys(rows.vector), size, entries.children,
                      entries.num_children);
  auto values = ToArray(type.value_type(), duckdb::MapVector::GetValues(rows.vector), size, entries.children,
                        entries.num_children);
  return std::make_shared<arrow::MapArray>(ToArrowType(type, LtzZone::kNone), static_cast<int64_t>(rows.count),
                                           entries.offsets, keys, values, entries.validity, entries.null_count);
}

std::shared_ptr<arrow::Array> WriteRows(const DataType& type, const Rows& rows, idx_t vector_size) {
  arrow::ArrayVector fields;
  auto& children = duckdb::StructVector::GetEntries(rows.vector);
  for (size_t i = 0; i < children.size(); ++i) {
    fields.push_back(ToArray(type.fields()[i].type, *children[i], vector_size, rows.selection, rows.count));
  }
  arrow::TypedBufferBuilder<bool> validity;
  for (idx_t i = 0; i < rows.count; ++i) ThrowNotOkArrow(validity.Append(!rows.IsNull(rows.At(i))));
  int64_t null_count = validity.false_count();
  return std::make_shared<arrow::StructArray>(ToArrowType(type, LtzZone::kNone), static_cast<int64_t>(rows.count),
                                              fields, ValueOrThrow(FromArrow(validity.Finish())), null_count);
}

}  // namespace

std::shared_ptr<arrow::Array> ToArray(const DataType& type, duckdb::Vector& vector, idx_t vector_size,
                                      const duckdb::SelectionVector& selection, idx_t count) {
  if (type.is_nested()) vector.Flatten(vector_size);
  Rows rows(vector, vector_size, selection, count);
  auto arrow_type = ToArrowType(type, LtzZone::kNone);
  switch (type.id()) {
    case TypeId::kBoolean: return WriteBooleans(rows);
    case TypeId::kTinyInt: return WriteAsIs<int8_t>(arrow_type, rows);
    case TypeId::kSmallInt: return WriteAsIs<int16_t>(arrow_type, rows);
    case TypeId::kInt: return WriteAsIs<int32_t>(arrow_type, rows);
    case TypeId::kBigInt: return WriteAsIs<int64_t>(arrow_type, rows);
    case TypeId::kFloat: return WriteAsIs<float>(arrow_type, rows);
    case TypeId::kDouble: return WriteAsIs<double>(arrow_type, rows);
    case TypeId::kDate: return WriteAsIs<int32_t>(arrow_type, rows);
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBytes: return WriteTexts(arrow_type, rows);
    case TypeId::kBinary: return WriteFixedBytes(type.length(), rows);
    case TypeId::kTime: return WriteTimes(arrow_type, rows);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return WriteTimestamps(arrow_type, rows);
    case TypeId::kDecimal: return WriteDecimals(arrow_type, rows);
    case TypeId::kArray: return WriteLists(type, rows);
    case TypeId::kMap: return WriteMaps(type, rows);
    case TypeId::kRow: return WriteRows(type, rows, vector_size);
  }
  throw duckdb::InternalException("no Arrow form of type %s", type.ToString());
}

}  // namespace weir::sql
