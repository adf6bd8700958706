#include "sql/transaction/offset_set.h"

#include <fmt/format.h>
#include <roaring/roaring.hh>

#include <algorithm>

// Newer CRoaring releases have a namespace of their own, older ones none.
namespace roaring {}

namespace weir::sql {

using namespace ::roaring;

namespace {

constexpr int64_t kChunkSize = int64_t{1} << OffsetSet::kChunkBits;

uint32_t PlaceOf(int64_t offset) { return static_cast<uint32_t>(offset & (kChunkSize - 1)); }

}  // namespace

struct OffsetSet::Bitmap {
  Roaring members;
};

void OffsetSet::Put(int64_t chunk, Bitmap bitmap) {
  if (bitmap.members.isEmpty()) {
    chunks_.erase(chunk);
    return;
  }
  bitmap.members.runOptimize();
  chunks_[chunk] = std::make_shared<const Bitmap>(std::move(bitmap));
}

int64_t OffsetSet::size() const {
  int64_t size = 0;
  for (const auto& [chunk, bitmap] : chunks_) size += static_cast<int64_t>(bitmap->members.cardinality());
  return size;
}

bool OffsetSet::Contains(int64_t offset) const {
  const auto found = chunks_.find(ChunkOf(offset));
  return found != chunks_.end() && found->second->members.contains(PlaceOf(offset));
}

bool OffsetSet::Intersects(const OffsetSet& other) const {
  return std::ranges::any_of(other.chunks_, [&](const auto& entry) {
    const auto found = chunks_.find(entry.first);
    return found != chunks_.end() && found->second->members.intersect(entry.second->members);
  });
}

void OffsetSet::AppendMembers(int64_t begin, int64_t end, std::vector<int32_t>* out) const {
  for (auto entry = chunks_.lower_bound(ChunkOf(begin)); entry != chunks_.end(); ++entry) {
    const int64_t start = entry->first << kChunkBits;
    if (start >= end) return;
    auto member = entry->second->members.begin();
    if (begin > start) member.equalorlarger(PlaceOf(begin));
    for (const auto last = entry->second->members.end(); member != last && start + *member < end; ++member) {
      out->push_back(static_cast<int32_t>(start + *member - begin));
    }
  }
}

void OffsetSet::Add(std::span<const int64_t> offsets) {
  if (!std::ranges::is_sorted(offsets)) {
    std::vector<int64_t> sorted(offsets.begin(), offsets.end());
    std::ranges::sort(sorted);
    return Add(sorted);
  }
  std::vector<uint32_t> places;
  for (size_t i = 0; i < offsets.size();) {
    const int64_t chunk = ChunkOf(offsets[i]);
    places.clear();
    for (; i < offsets.size() && ChunkOf(offsets[i]) == chunk; ++i) places.push_back(PlaceOf(offsets[i]));
    const auto found = chunks_.find(chunk);
    Bitmap bitmap;
    if (found != chunks_.end()) bitmap = *found->second;
    bitmap.members.addMany(places.size(), places.data());
    Put(chunk, std::move(bitmap));
  }
}

void OffsetSet::AddRange(int64_t begin, int64_t end) {
  BitmapPtr full;
  for (int64_t chunk = ChunkOf(begin); begin < end; ++chunk) {
    const int64_t next = std::min(end, (chunk + 1) << kChunkBits);
    if (next - begin == kChunkSize) {
      if (full == nullptr) {
        Bitmap all;
        all.members.addRange(0, kChunkSize);
        all.members.runOptimize();
        full = std::make_shared<const Bitmap>(std::move(all));
      }
      chunks_[chunk] = full;
    } else {
      const auto found = chunks_.find(chunk);
      Bitmap bitmap;
      if (found != chunks_.end()) bitmap = *found->second;
      const uint64_t place = PlaceOf(begin);
      bitmap.members.addRange(place, place + static_cast<uint64_t>(next - begin));
      Put(chunk, std::move(bitmap));
    }
    begin = next;
  }
}

void OffsetSet::Add(const OffsetSet& other) {
  for (const auto& [chunk, bitmap] : other.chunks_) {
    const auto [entry, added] = chunks_.try_emplace(chunk, bitmap);
    if (added) continue;
    Bitmap both = *entry->second;
    both.members |= bitmap->members;
    Put(chunk, std::move(both));
  }
}

void OffsetSet::Remove(const OffsetSet& other) {
  for (const auto& [chunk, bitmap] : other.chunks_) {
    const auto entry = chunks_.find(chunk);
    if (entry == chunks_.end()) continue;
    Bitmap rest = *entry->second;
    rest.members -= bitmap->members;
    Put(chunk, std::move(rest));
  }
}

std::vector<int64_t> OffsetSet::Chunks() const {
  std::vector<int64_t> chunks;
  for (const auto& [chunk, bitmap] : chunks_) chunks.push_back(chunk);
  return chunks;
}

std::string OffsetSet::Serialize(int64_t chunk) const {
  const auto found = chunks_.find(chunk);
  const Roaring members = found == chunks_.end() ? Roaring() : found->second->members;
  std::string bytes(members.getSizeInBytes(), '\0');
  members.write(bytes.data());
  return bytes;
}

Status OffsetSet::PutSerialized(int64_t chunk, std::string_view bytes) {
  const size_t size = roaring_bitmap_portable_deserialize_size(bytes.data(), bytes.size());
  roaring_bitmap_t* const read =
      size == bytes.size() && size > 0 ? roaring_bitmap_portable_deserialize_safe(bytes.data(), bytes.size()) : nullptr;
  if (read == nullptr) {
    return {ErrorCode::kCorruptRecord,
            fmt::format("the {} bytes of chunk {} are no serialised roaring bitmap", bytes.size(), chunk)};
  }
  Bitmap bitmap{Roaring(read)};
  if (!bitmap.members.isEmpty() && bitmap.members.maximum() >= kChunkSize) {
    return {ErrorCode::kCorruptRecord, fmt::format("the bitmap of chunk {} has member {}, they must be below {}", chunk,
                                                   bitmap.members.maximum(), kChunkSize)};
  }
  Put(chunk, std::move(bitmap));
  return Status::OK();
}

}  // namespace weir::sql
