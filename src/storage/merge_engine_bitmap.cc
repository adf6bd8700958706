#include <fmt/format.h>
#include <roaring/roaring.hh>

#include <bit>
#include <cstring>
#include <map>

#include "storage/merge_engine_aggregate.h"

// Newer CRoaring releases have a namespace of their own, older ones none.
namespace roaring {}

namespace weir {
namespace {

using namespace ::roaring;

static_assert(std::endian::native == std::endian::little, "serialised roaring bitmaps are little endian");

Status NoBitmap(std::string_view bytes) {
  return {ErrorCode::kCorruptRecord, fmt::format("{} bytes are no serialised roaring bitmap", bytes.size())};
}

/// Reads a bitmap from the front of `bytes` and drops it there.
Result<Roaring> TakeBitmap(std::string_view* bytes) {
  const size_t size = roaring_bitmap_portable_deserialize_size(bytes->data(), bytes->size());
  if (size == 0) return NoBitmap(*bytes);
  roaring_bitmap_t* bitmap = roaring_bitmap_portable_deserialize_safe(bytes->data(), bytes->size());
  if (bitmap == nullptr) return NoBitmap(*bytes);
  bytes->remove_prefix(size);
  return Roaring(bitmap);
}

/// A 64-bit bitmap: a 32-bit one for each value of the upper 32 bits.
using Bitmap64 = std::map<uint32_t, Roaring>;

template <typename T>
bool Take(std::string_view* bytes, T* value) {
  if (bytes->size() < sizeof(T)) return false;
  std::memcpy(value, bytes->data(), sizeof(T));
  bytes->remove_prefix(sizeof(T));
  return true;
}

Status UnionInto(std::string_view bytes, Bitmap64* bitmap) {
  const std::string_view all = bytes;
  uint64_t count = 0;
  if (!Take(&bytes, &count)) return NoBitmap(all);
  for (uint64_t i = 0; i < count; ++i) {
    uint32_t high = 0;
    if (!Take(&bytes, &high)) return NoBitmap(all);
    WEIR_ASSIGN_OR_RETURN(auto low, TakeBitmap(&bytes));
    (*bitmap)[high] |= low;
  }
  return bytes.empty() ? Status::OK() : NoBitmap(all);
}

void AppendBitmap(const Roaring& bitmap, std::string* out) {
  const size_t start = out->size();
  out->resize(start + bitmap.getSizeInBytes());
  bitmap.write(out->data() + start);
}

template <typename T>
void AppendInteger(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

}  // namespace

Result<std::string> UnionRoaring32(std::string_view a, std::string_view b) {
  const auto [first, second] = std::pair(a, b);
  WEIR_ASSIGN_OR_RETURN(auto left, TakeBitmap(&a));
  WEIR_ASSIGN_OR_RETURN(const auto right, TakeBitmap(&b));
  if (!a.empty()) return NoBitmap(first);
  if (!b.empty()) return NoBitmap(second);
  left |= right;
  left.runOptimize();
  std::string bytes;
  AppendBitmap(left, &bytes);
  return bytes;
}

Result<std::string> UnionRoaring64(std::string_view a, std::string_view b) {
  Bitmap64 bitmap;
  WEIR_RETURN_NOT_OK(UnionInto(a, &bitmap));
  WEIR_RETURN_NOT_OK(UnionInto(b, &bitmap));
  std::string bytes;
  AppendInteger<uint64_t>(bitmap.size(), &bytes);
  for (auto& [high, low] : bitmap) {
    AppendInteger(high, &bytes);
    low.runOptimize();
    AppendBitmap(low, &bytes);
  }
  return bytes;
}

}  // namespace weir
