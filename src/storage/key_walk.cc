#include "storage/key_walk.h"

#include <algorithm>
#include <array>

#include "format/big_endian.h"

namespace weir {
namespace {

constexpr int kStepsBeforeSeek = 8;  // that are cheaper than a seek
constexpr int kSeeksAtFirst = 16;
constexpr int kSeeksAtMost = 32;
constexpr uint64_t kMostDeletedToSkip = 1000;

rocksdb::ReadOptions WalkOptions(const rocksdb::Slice* upper) {
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = upper;
  options.total_order_seek = true;
  options.max_skippable_internal_keys = kMostDeletedToSkip;
  return options;
}

}  // namespace

std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

/// Most keys differ in their first bytes, which compare as a number.
void SortByKey(std::span<const std::string_view> keys, std::vector<uint32_t>* places) {
  struct Place {
    uint64_t first;
    uint32_t place;
  };
  std::vector<Place> sorted;
  sorted.reserve(places->size());
  for (const uint32_t place : *places) {
    std::array<char, sizeof(uint64_t)> first{};
    keys[place].copy(first.data(), first.size());
    sorted.push_back({LoadBigEndian<uint64_t>(first.data()), place});
  }
  const auto before = [&](const Place& a, const Place& b) {
    return a.first != b.first ? a.first < b.first : keys[a.place] < keys[b.place];
  };
  if (std::is_sorted(sorted.begin(), sorted.end(), before)) return;
  std::sort(sorted.begin(), sorted.end(), before);
  for (size_t i = 0; i < sorted.size(); ++i) (*places)[i] = sorted[i].place;
}

bool HasNoKeys(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family, const std::string& prefix) {
  const std::string upper = PrefixEnd(prefix);
  const rocksdb::Slice upper_slice(upper);
  const std::unique_ptr<rocksdb::Iterator> rows(database->NewIterator(WalkOptions(&upper_slice), family));
  rows->Seek(prefix);
  return !rows->Valid() && rows->status().ok();
}

KeyWalk::KeyWalk(rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family, const std::string& prefix,
                 std::string_view last)
    : prefix_size_(prefix.size()),
      full_key_(prefix),
      upper_(std::string(prefix).append(last).append(1, '\0')),
      upper_slice_(upper_),
      rows_(database->NewIterator(WalkOptions(&upper_slice_), family)) {}

size_t KeyWalk::Meet(std::span<const std::string_view> keys, std::span<const uint32_t> wanted, Arena* arena,
                     std::span<std::optional<std::string_view>> values) {
  int seeks_left = kSeeksAtFirst;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::string_view key = keys[wanted[i]];
    bool sought = false;
    const bool there = GoTo(key, &sought);
    if (!there && !rows_->status().ok()) {
      goes_on_ = false;
      if (!rows_->status().IsIncomplete()) status_ = rows_->status();
      return i;
    }
    std::optional<std::string_view>& value = values[wanted[i]];
    value.reset();
    if (there && CurrentKey() == key) value = arena->CopyBytes({rows_->value().data(), rows_->value().size()});
    seeks_left = sought ? seeks_left - 1 : std::min(seeks_left + 1, kSeeksAtMost);
    if (seeks_left == 0) return i + 1;
  }
  return wanted.size();
}

std::string_view KeyWalk::CurrentKey() const {
  const rocksdb::Slice key = rows_->key();
  return std::string_view(key.data(), key.size()).substr(prefix_size_);
}

/// To the first row whose key is not before `key`; false: there is none.
bool KeyWalk::GoTo(std::string_view key, bool* sought) {
  for (int step = 0; begun_; ++step) {
    if (!rows_->Valid()) return false;
    if (CurrentKey() >= key) return true;
    if (step == kStepsBeforeSeek) break;
    rows_->Next();
  }
  *sought = begun_ = true;
  full_key_.resize(prefix_size_);
  full_key_.append(key);
  rows_->Seek(full_key_);
  return rows_->Valid();
}

}  // namespace weir
