#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// A set of offsets, kept as one Roaring bitmap for each 65,536 of them. A value: copies share the
/// bitmaps, which never change.
class OffsetSet {
 public:
  static constexpr int kChunkBits = 16;
  static int64_t ChunkOf(int64_t offset) { return offset >> kChunkBits; }

  bool empty() const { return chunks_.empty(); }
  int64_t size() const;
  bool Contains(int64_t offset) const;
  bool Intersects(const OffsetSet& other) const;
  /// The members from `begin` up to but not including `end`, each less `begin`, ascending. The range
  /// is shorter than 2^31.
  void AppendMembers(int64_t begin, int64_t end, std::vector<int32_t>* out) const;

  /// `offsets` need no order and may repeat.
  void Add(std::span<const int64_t> offsets);
  void AddRange(int64_t begin, int64_t end);
  void Add(const OffsetSet& other);
  void Remove(const OffsetSet& other);

  /// The chunks that have members, ascending.
  std::vector<int64_t> Chunks() const;
  /// One chunk's bitmap, of offsets less chunk << kChunkBits, in Roaring's portable format.
  std::string Serialize(int64_t chunk) const;
  /// Code 14 when the bytes are no such bitmap.
  Status PutSerialized(int64_t chunk, std::string_view bytes);

 private:
  struct Bitmap;
  using BitmapPtr = std::shared_ptr<const Bitmap>;
  void Put(int64_t chunk, Bitmap bitmap);

  std::map<int64_t, BitmapPtr> chunks_;  // none is empty
};

}  // namespace weir::sql
