#include "format/row_values.h"

namespace weir {
namespace {

constexpr size_t kSlotBytes = 8;

size_t HeaderBytes(size_t count) { return 4 + (count + 31) / 32 * 4; }

size_t ElementWidth(const DataType& type) {
  const size_t width = FixedWidth(type);
  return width > 0 ? width : kSlotBytes;
}

Status WriteElement(RowFormat format, const DataType& type, const Datum& value, size_t base, size_t slot,
                    ByteSink* sink) {
  if (!IsValueOf(type, value)) return BadValue(type, value);
  if (!type.is_nested()) {
    WriteSlot(type, value, base, slot, sink);
    return Status::OK();
  }
  const size_t start = sink->position();
  WEIR_RETURN_NOT_OK(WriteNested(format, type, value, sink));
  const size_t size = sink->position() - start;
  sink->AppendZeros(RoundUp8(size) - size);
  StoreAs<uint64_t>(sink->at(slot), static_cast<uint64_t>(start - base) << 32 | static_cast<uint32_t>(size));
  return Status::OK();
}

// `count` items, one every `stride`: a map's keys and its values have stride 2.
Status WriteArray(RowFormat format, const DataType& type, const Datum* items, size_t count, size_t stride,
                  ByteSink* sink) {
  const size_t base = sink->position();
  const size_t header = HeaderBytes(count);
  const size_t width = ElementWidth(type);
  sink->AppendZeros(RoundUp8(header + count * width));
  StoreAs(sink->at(base), static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    const Datum& item = items[i * stride];
    if (item.is_null()) {
      SetBit(sink->at(base + 4), i);
    } else if (Status status = WriteElement(format, type, item, base, base + header + i * width, sink); !status.ok()) {
      return status.WithContext("element " + std::to_string(i));
    }
  }
  return Status::OK();
}

Status WriteMap(RowFormat format, const DataType& type, std::span<const Datum> items, ByteSink* sink) {
  for (size_t i = 0; i < items.size(); i += 2) {
    if (items[i].is_null()) return Status::Invalid("a map has a NULL key, keys must not be NULL");
  }
  const size_t base = sink->position();
  sink->AppendZeros(4);
  WEIR_RETURN_NOT_OK(WriteArray(format, type.key_type(), items.data(), items.size() / 2, 2, sink));
  StoreAs(sink->at(base), static_cast<uint32_t>(sink->position() - base - 4));
  return WriteArray(format, type.value_type(), items.subspan(items.empty() ? 0 : 1).data(), items.size() / 2, 2, sink);
}

Status BadArray(std::string_view bytes, std::string_view why) {
  return CorruptRecord("an array of " + std::to_string(bytes.size()) + " bytes " + std::string(why));
}

// The element count of an array whose header and fixed part lie within `bytes`.
Result<size_t> ReadCount(const DataType& type, std::string_view bytes) {
  if (bytes.size() < 4 || bytes.size() % 8 != 0) return BadArray(bytes, "is cut off");
  const size_t count = LoadAs<uint32_t>(bytes.data());
  if (RoundUp8(HeaderBytes(count) + count * ElementWidth(type)) > bytes.size()) {
    return BadArray(bytes, "claims " + std::to_string(count) + " elements");
  }
  return count;
}

class ArrayReader {
 public:
  ArrayReader(RowFormat format, const DataType& type, std::string_view bytes, Arena* arena)
      : format_(format), type_(type), bytes_(bytes), arena_(arena), width_(ElementWidth(type)) {}

  Status Read(Datum* items, size_t count, size_t stride) {
    const size_t header = HeaderBytes(count);
    for (size_t i = 0; i < count; ++i) {
      if (TestBit(bytes_.data() + 4, i)) {
        items[i * stride] = Datum::Null();
      } else if (Status status = ReadElement(header + i * width_, &items[i * stride]); !status.ok()) {
        return status.WithContext("element " + std::to_string(i));
      }
    }
    return Status::OK();
  }

 private:
  Status ReadElement(size_t slot, Datum* item) {
    if (type_.is_nested()) return ReadNestedElement(slot, item);
    return ReadSlot(type_, bytes_, slot, item) ? Status::OK() : BadArray(bytes_, "has a slot that points outside");
  }

  Status ReadNestedElement(size_t slot, Datum* item) {
    const auto word = LoadAs<uint64_t>(bytes_.data() + slot);
    const uint64_t offset = word >> 32;
    const uint64_t size = static_cast<uint32_t>(word);
    // Elements that share bytes would let a small input ask for a huge amount of memory.
    nested_bytes_ += size;
    if (offset > bytes_.size() || size > bytes_.size() - offset || nested_bytes_ > bytes_.size()) {
      return BadArray(bytes_, "has a nested element that points outside");
    }
    return ReadNested(format_, type_, bytes_.substr(offset, size), arena_, item);
  }

  RowFormat format_;
  const DataType& type_;
  std::string_view bytes_;
  Arena* arena_;
  size_t width_;
  uint64_t nested_bytes_ = 0;
};

Status ReadArray(RowFormat format, const DataType& type, std::string_view bytes, Arena* arena, Datum* value) {
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(type, bytes));
  const std::span<Datum> items = arena->NewDatums(count);
  WEIR_RETURN_NOT_OK(ArrayReader(format, type, bytes, arena).Read(items.data(), count, 1));
  *value = Datum::List(items);
  return Status::OK();
}

Status ReadMap(RowFormat format, const DataType& type, std::string_view bytes, Arena* arena, Datum* value) {
  ByteSource source(bytes);
  uint32_t key_bytes;
  std::string_view keys;
  if (!source.ReadAs(&key_bytes) || !source.Read(key_bytes, &keys)) {
    return CorruptRecord("a map of " + std::to_string(bytes.size()) + " bytes ends within its keys");
  }
  const std::string_view values = bytes.substr(4 + keys.size());
  WEIR_ASSIGN_OR_RETURN(const size_t count, ReadCount(type.key_type(), keys));
  WEIR_ASSIGN_OR_RETURN(const size_t value_count, ReadCount(type.value_type(), values));
  if (count != value_count) {
    return CorruptRecord("a map has " + std::to_string(count) + " keys and " + std::to_string(value_count) + " values");
  }
  const std::span<Datum> items = arena->NewDatums(2 * count);
  WEIR_RETURN_NOT_OK(ArrayReader(format, type.key_type(), keys, arena).Read(items.data(), count, 2));
  for (size_t i = 0; i < count; ++i) {
    if (items[2 * i].is_null()) return CorruptRecord("key " + std::to_string(i) + " of a map is NULL");
  }
  WEIR_RETURN_NOT_OK(
      ArrayReader(format, type.value_type(), values, arena).Read(items.subspan(count > 0 ? 1 : 0).data(), count, 2));
  *value = Datum::Map(items);
  return Status::OK();
}

}  // namespace

Status WriteNested(RowFormat format, const DataType& type, const Datum& value, ByteSink* sink) {
  const std::span<const Datum> items = value.as_items();
  if (type.id() == TypeId::kArray) return WriteArray(format, type.element_type(), items.data(), items.size(), 1, sink);
  if (type.id() == TypeId::kMap) return WriteMap(format, type, items, sink);
  return WriteRow(format, type.fields(), items, sink);
}

Status ReadNested(RowFormat format, const DataType& type, std::string_view bytes, Arena* arena, Datum* value) {
  if (type.id() == TypeId::kArray) return ReadArray(format, type.element_type(), bytes, arena, value);
  if (type.id() == TypeId::kMap) return ReadMap(format, type, bytes, arena, value);
  const std::span<Datum> fields = arena->NewDatums(type.fields().size());
  WEIR_RETURN_NOT_OK(ReadRow(format, type.fields(), bytes, arena, fields));
  *value = Datum::Row(fields);
  return Status::OK();
}

}  // namespace weir
