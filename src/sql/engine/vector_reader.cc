#include <arrow/array/array_nested.h>

#include <cstring>

#include "sql/engine/arrow_vectors.h"
#include "sql/engine/types.h"
#include "types/timestamp_units.h"

namespace weir::sql {
namespace {

using duckdb::FlatVector;
using duckdb::idx_t;
using duckdb::Vector;

/// Lets a vector share an Arrow array's memory.
class ArrayOwner : public duckdb::VectorBuffer {
 public:
  explicit ArrayOwner(std::shared_ptr<arrow::Array> array)
      : VectorBuffer(duckdb::VectorBufferType::OPAQUE_BUFFER), array_(std::move(array)) {}

 private:
  std::shared_ptr<arrow::Array> array_;
};

void CopyValidity(const arrow::Array& array, int64_t offset, idx_t count, Vector& vector) {
  if (array.null_count() == 0) return;
  auto& validity = FlatVector::Validity(vector);
  for (idx_t i = 0; i < count; ++i) {
    if (array.IsNull(offset + static_cast<int64_t>(i))) validity.SetInvalid(i);
  }
}

template <typename T>
const T* Values(const arrow::Array& array, int64_t offset) {
  return array.data()->GetValues<T>(1) + offset;
}

void Share(const std::shared_ptr<arrow::Array>& array, int64_t offset, int width, Vector& vector) {
  const auto* bytes = array->data()->buffers[1] ? array->data()->buffers[1]->data() : nullptr;
  if (!bytes) return;  // no rows
  bytes += (array->offset() + offset) * width;
  FlatVector::SetData(vector, const_cast<duckdb::data_ptr_t>(bytes));
  vector.SetAuxiliary(duckdb::make_buffer<ArrayOwner>(array));
}

/// Which rows of a vector are filled.
struct Wanted {
  idx_t count = 0;
  const duckdb::SelectionVector* chosen = nullptr;  // null: the first `count`

  template <typename Body>
  void ForEach(const Body& body) const {
    if (chosen == nullptr) {
      for (idx_t i = 0; i < count; ++i) body(i);
    } else {
      for (idx_t i = 0; i < count; ++i) body(chosen->get_index_unsafe(i));
    }
  }
};

template <typename From, typename To, typename Convert>
void Map(const arrow::Array& array, int64_t offset, const Wanted& wanted, Vector& vector, Convert convert) {
  const From* from = Values<From>(array, offset);
  To* to = FlatVector::GetData<To>(vector);
  wanted.ForEach([&](idx_t i) { to[i] = convert(from[i]); });
}

void ReadBooleans(const arrow::Array& array, int64_t offset, idx_t count, Vector& vector) {
  const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
  bool* to = FlatVector::GetData<bool>(vector);
  for (idx_t i = 0; i < count; ++i) to[i] = booleans.Value(offset + static_cast<int64_t>(i));
}

/// A short text as a vector holds it in place: its size, its bytes, and zeros behind them. 16 bytes are read.
duckdb::string_t ShortText(const char* bytes, uint32_t size) {
  static_assert(sizeof(duckdb::string_t) == 16 && duckdb::string_t::INLINE_LENGTH == 12);
  unsigned __int128 word;
  std::memcpy(&word, bytes, sizeof word);
  word = (word & ((static_cast<unsigned __int128>(1) << (8 * size)) - 1)) << 32 | size;
  duckdb::string_t text;
  std::memcpy(static_cast<void*>(&text), &word, sizeof word);
  return text;
}

template <typename ArrayType>
void ReadTexts(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted, Vector& vector) {
  const auto& texts = static_cast<const ArrayType&>(*array);
  auto* to = FlatVector::GetData<duckdb::string_t>(vector);
  const auto& data = array->data()->buffers[2];
  const int64_t last = data == nullptr ? -1 : data->size() - static_cast<int64_t>(sizeof(duckdb::string_t));
  wanted.ForEach([&](idx_t i) {
    typename ArrayType::offset_type size = 0;
    const auto* bytes = reinterpret_cast<const char*>(texts.GetValue(offset + static_cast<int64_t>(i), &size));
    const bool is_short = size <= static_cast<int64_t>(duckdb::string_t::INLINE_LENGTH) &&
                          texts.value_offset(offset + static_cast<int64_t>(i)) <= last;
    to[i] = is_short ? ShortText(bytes, static_cast<uint32_t>(size))
                     : duckdb::string_t(bytes, static_cast<uint32_t>(size));
  });
  duckdb::StringVector::AddBuffer(vector, duckdb::make_buffer<ArrayOwner>(array));
}

void ReadFixedBytes(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted,
                    Vector& vector) {
  const auto& values = static_cast<const arrow::FixedSizeBinaryArray&>(*array);
  auto* to = FlatVector::GetData<duckdb::string_t>(vector);
  wanted.ForEach([&](idx_t i) {
    auto view = values.GetView(offset + static_cast<int64_t>(i));
    to[i] = duckdb::string_t(view.data(), static_cast<uint32_t>(view.size()));
  });
  duckdb::StringVector::AddBuffer(vector, duckdb::make_buffer<ArrayOwner>(array));
}

void ReadBytes(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted, Vector& vector) {
  switch (array->type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return ReadTexts<arrow::BinaryArray>(array, offset, wanted, vector);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: return ReadTexts<arrow::LargeBinaryArray>(array, offset, wanted, vector);
    case arrow::Type::FIXED_SIZE_BINARY: return ReadFixedBytes(array, offset, wanted, vector);
    default: throw duckdb::InternalException("no reading of Arrow's %s as bytes", array->type()->ToString());
  }
}

/// What turns a value of a unit into microseconds.
int64_t ToMicros(arrow::TimeUnit::type unit, int64_t value) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return MicrosOfUnits(value, 1'000'000);
    case arrow::TimeUnit::MILLI: return MicrosOfUnits(value, 1000);
    case arrow::TimeUnit::MICRO: return value;
    case arrow::TimeUnit::NANO: return value / 1000 - (value % 1000 < 0 ? 1 : 0);
  }
  return value;
}

void ReadTimestamps(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted, Vector& vector) {
  auto unit = static_cast<const arrow::TimestampType&>(*array->type()).unit();
  bool nanos = vector.GetType().id() == duckdb::LogicalTypeId::TIMESTAMP_NS;
  if (unit == (nanos ? arrow::TimeUnit::NANO : arrow::TimeUnit::MICRO)) return Share(array, offset, 8, vector);
  if (nanos) {
    Map<int64_t, int64_t>(*array, offset, wanted, vector, [&](int64_t v) { return ToMicros(unit, v) * 1000; });
  } else {
    Map<int64_t, int64_t>(*array, offset, wanted, vector, [&](int64_t v) { return ToMicros(unit, v); });
  }
}

void ReadTimes(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted, Vector& vector) {
  if (array->type_id() == arrow::Type::TIME32) {
    auto unit = static_cast<const arrow::Time32Type&>(*array->type()).unit();
    Map<int32_t, int64_t>(*array, offset, wanted, vector, [&](int32_t v) { return ToMicros(unit, v); });
    return;
  }
  auto unit = static_cast<const arrow::Time64Type&>(*array->type()).unit();
  Map<int64_t, int64_t>(*array, offset, wanted, vector, [&](int64_t v) { return ToMicros(unit, v); });
}

void ReadDecimals(const std::shared_ptr<arrow::Array>& array, int64_t offset, const Wanted& wanted, Vector& vector) {
  struct Words {
    uint64_t low, high;
  };
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return Map<Words, int16_t>(*array, offset, wanted, vector, [](Words v) { return static_cast<int16_t>(v.low); });
    case duckdb::PhysicalType::INT32:
      return Map<Words, int32_t>(*array, offset, wanted, vector, [](Words v) { return static_cast<int32_t>(v.low); });
    case duckdb::PhysicalType::INT64:
      return Map<Words, int64_t>(*array, offset, wanted, vector, [](Words v) { return static_cast<int64_t>(v.low); });
    default: return Share(array, offset, 16, vector);
  }
}

/// Child rows of `count` lists from `offset`: fills the list entries and gives the children's range.
std::pair<int64_t, int64_t> ReadEntries(const int32_t* offsets, const arrow::Array& array, int64_t offset, idx_t count,
                                        Vector& vector) {
  auto* entries = FlatVector::GetData<duckdb::list_entry_t>(vector);
  int64_t first = offsets[offset];
  for (idx_t i = 0; i < count; ++i) {
    int64_t row = offset + static_cast<int64_t>(i);
    bool null = array.IsNull(row);
    entries[i].offset = static_cast<idx_t>(offsets[row] - first);
    entries[i].length = null ? 0 : static_cast<idx_t>(offsets[row + 1] - offsets[row]);
  }
  return {first, offsets[offset + static_cast<int64_t>(count)]};
}

void ReadLists(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
               Vector& vector) {
  const auto& lists = static_cast<const arrow::ListArray&>(*array);
  auto [first, last] = ReadEntries(lists.raw_value_offsets(), lists, offset, count, vector);
  auto children = static_cast<idx_t>(last - first);
  duckdb::ListVector::Reserve(vector, children);
  duckdb::ListVector::SetListSize(vector, children);
  ToVector(type.element_type(), lists.values(), first, children, duckdb::ListVector::GetEntry(vector));
}

void ReadMaps(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
              Vector& vector) {
  const auto& maps = static_cast<const arrow::MapArray&>(*array);
  auto [first, last] = ReadEntries(maps.raw_value_offsets(), maps, offset, count, vector);
  auto children = static_cast<idx_t>(last - first);
  duckdb::ListVector::Reserve(vector, children);
  duckdb::ListVector::SetListSize(vector, children);
  ToVector(type.key_type(), maps.keys(), first, children, duckdb::MapVector::GetKeys(vector));
  ToVector(type.value_type(), maps.items(), first, children, duckdb::MapVector::GetValues(vector));
}

void ReadRows(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
              Vector& vector) {
  const auto& rows = static_cast<const arrow::StructArray&>(*array);
  auto& children = duckdb::StructVector::GetEntries(vector);
  for (size_t i = 0; i < children.size(); ++i) {
    // field() applies the struct's own offset
    ToVector(type.fields()[i].type, rows.field(static_cast<int>(i)), offset, count, *children[i]);
  }
}

/// Only what takes work for each row is spared for those that are not wanted.
void Fill(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
          const Wanted& wanted, Vector& vector) {
  vector.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  CopyValidity(*array, offset, count, vector);
  switch (type.id()) {
    case TypeId::kBoolean: return ReadBooleans(*array, offset, count, vector);
    case TypeId::kTinyInt: return Share(array, offset, 1, vector);
    case TypeId::kSmallInt: return Share(array, offset, 2, vector);
    case TypeId::kInt:
    case TypeId::kFloat:
    case TypeId::kDate: return Share(array, offset, 4, vector);
    case TypeId::kBigInt:
    case TypeId::kDouble: return Share(array, offset, 8, vector);
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kBytes: return ReadBytes(array, offset, wanted, vector);
    case TypeId::kTime: return ReadTimes(array, offset, wanted, vector);
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return ReadTimestamps(array, offset, wanted, vector);
    case TypeId::kDecimal: return ReadDecimals(array, offset, wanted, vector);
    case TypeId::kArray: return ReadLists(type, array, offset, count, vector);
    case TypeId::kMap: return ReadMaps(type, array, offset, count, vector);
    case TypeId::kRow: return ReadRows(type, array, offset, count, vector);
  }
}

}  // namespace

void ToVector(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
              Vector& vector) {
  Fill(type, array, offset, count, {count}, vector);
}

void ToVector(const DataType& type, const std::shared_ptr<arrow::Array>& array, int64_t offset, idx_t count,
              const duckdb::SelectionVector& chosen, idx_t number, Vector& vector) {
  Fill(type, array, offset, count, {number, &chosen}, vector);
}

}  // namespace weir::sql
