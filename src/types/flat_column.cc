#include "types/flat_column.h"

#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/type.h>

#include <cstring>
#include <limits>
#include <utility>

#include "types/stored_times.h"

namespace weir {
namespace {

constexpr size_t kValuesAtFirst = 8;

bool IsText(TypeId id) { return id == TypeId::kString || id == TypeId::kChar || id == TypeId::kBytes; }

int WidthOf(const DataType& type) {
  if (IsText(type.id()) || type.id() == TypeId::kBoolean) return 0;
  return static_cast<int>(BytesInArrow(type));
}

}  // namespace

int64_t BytesInArrow(const DataType& type) {
  switch (type.id()) {
    case TypeId::kBoolean:
    case TypeId::kTinyInt: return 1;
    case TypeId::kSmallInt: return 2;
    case TypeId::kInt:
    case TypeId::kFloat:
    case TypeId::kDate: return 4;
    case TypeId::kTime: return type.precision() <= 3 ? 4 : 8;
    case TypeId::kDecimal: return 16;
    case TypeId::kBinary: return type.length();
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kBytes:
    case TypeId::kArray:
    case TypeId::kMap: return 4;  // the offset
    case TypeId::kRow: return 0;
    case TypeId::kBigInt:
    case TypeId::kDouble:
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: break;
  }
  return 8;
}

FlatColumn::FlatColumn(const DataType& type, std::shared_ptr<arrow::DataType> arrow_type)
    : id_(type.id()), width_(WidthOf(type)), arrow_type_(std::move(arrow_type)) {
  const bool is_time = id_ == TypeId::kTime || id_ == TypeId::kTimestamp || id_ == TypeId::kTimestampLtz;
  if (is_time) precision_ = type.precision();
}

Status FlatColumn::Append(const Datum& value, int64_t* bytes) {
  if (IsText(id_)) {
    if (ends_.empty()) {
      ends_.reserve(kValuesAtFirst);
      ends_.push_back(0);
    }
    const std::string_view text = value.is_null() ? std::string_view() : value.as_bytes();
    if (text.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max()) - values_.size()) {
      return Status::Invalid("an Arrow array holds 2 GiB of text at most");
    }
    values_.insert(values_.end(), text.begin(), text.end());
    ends_.push_back(static_cast<int32_t>(values_.size()));
    *bytes += static_cast<int64_t>(sizeof(int32_t) + text.size());
  } else {
    if (values_.empty()) values_.reserve(kValuesAtFirst * static_cast<size_t>(width_));
    *bytes += width_ == 0 ? 1 : width_;
    if (value.is_null()) {
      AppendNull();
    } else {
      AppendFixed(value);
    }
  }
  if (value.is_null() && nulls_++ == 0) {
    validity_.assign(static_cast<size_t>(count_ / 8), 0xFF);
    if (count_ % 8 != 0) validity_.push_back(static_cast<uint8_t>((1 << (count_ % 8)) - 1));
  }
  if (nulls_ > 0) AppendBit(!value.is_null(), &validity_);
  ++count_;
  return Status::OK();
}

void FlatColumn::AppendBit(bool set, std::vector<uint8_t>* bits) const {
  if (count_ % 8 == 0) bits->push_back(0);
  if (set) bits->back() = static_cast<uint8_t>(bits->back() | 1 << (count_ % 8));
}

void FlatColumn::AppendNull() {
  if (id_ == TypeId::kBoolean) return AppendBit(false, &values_);
  values_.resize(values_.size() + static_cast<size_t>(width_));
}

template <typename Number>
void FlatColumn::Write(Number number) {
  const size_t at = values_.size();
  values_.resize(at + sizeof number);
  std::memcpy(values_.data() + at, &number, sizeof number);
}

void FlatColumn::AppendFixed(const Datum& value) {
  switch (id_) {
    case TypeId::kBoolean: return AppendBit(value.as_bool(), &values_);
    case TypeId::kTinyInt: return Write(static_cast<int8_t>(value.as_int()));
    case TypeId::kSmallInt: return Write(static_cast<int16_t>(value.as_int()));
    case TypeId::kInt:
    case TypeId::kDate: return Write(static_cast<int32_t>(value.as_int()));
    case TypeId::kBigInt: return Write(value.as_int());
    case TypeId::kFloat: return Write(static_cast<float>(value.as_double()));
    case TypeId::kDouble: return Write(value.as_double());
    case TypeId::kTime: {
      const int64_t units = TimeToUnits(value.as_int(), precision_);
      return width_ == 4 ? Write(static_cast<int32_t>(units)) : Write(units);
    }
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: {
      int64_t units = 0;
      TimestampToUnits(value.time, precision_, &units);
      return Write(units);
    }
    case TypeId::kDecimal: return Write(value.as_decimal());
    case TypeId::kBinary: {
      const std::string_view content = value.as_bytes();
      values_.insert(values_.end(), content.begin(), content.end());
      return;
    }
    case TypeId::kString:
    case TypeId::kChar:
    case TypeId::kBytes:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return;  // not of one width
  }
}

std::shared_ptr<arrow::Array> FlatColumn::Finish() {
  std::vector<std::shared_ptr<arrow::Buffer>> buffers;
  buffers.reserve(3);
  buffers.push_back(nulls_ == 0 ? nullptr : arrow::Buffer::FromVector(std::exchange(validity_, {})));
  if (IsText(id_)) {
    if (ends_.empty()) ends_.push_back(0);
    buffers.push_back(arrow::Buffer::FromVector(std::exchange(ends_, {})));
  }
  if (values_.empty()) values_.reserve(1);  // a buffer points to something
  buffers.push_back(arrow::Buffer::FromVector(std::exchange(values_, {})));
  return arrow::MakeArray(arrow::ArrayData::Make(arrow_type_, std::exchange(count_, 0), std::move(buffers),
                                                 std::exchange(nulls_, 0)));
}

}  // namespace weir
