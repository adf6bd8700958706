#include "client/column_cache.h"

#include <arrow/array/array_binary.h>
#include <arrow/util/byte_size.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

constexpr int64_t kShare = 8;
constexpr int64_t kBytesBeside = 512;  // what an entry takes beside its values

std::optional<int32_t> LongestTextOf(const arrow::Array& values) {
  if (values.type_id() != arrow::Type::STRING) return std::nullopt;
  const auto& texts = static_cast<const arrow::StringArray&>(values);
  int32_t longest = 0;
  for (int64_t i = 0; i < texts.length(); ++i) longest = std::max(longest, texts.value_length(i));
  return longest;
}

}  // namespace

ColumnCache::ColumnCache(std::shared_ptr<MemoryBudget> budget)
    : most_(budget == nullptr ? 0 : budget->limits().memory / kShare), memory_(std::move(budget)) {}

size_t ColumnCache::HashOfKey::operator()(const Key& key) const noexcept {
  const uint64_t place = (static_cast<uint64_t>(key.base_offset) << 12) + static_cast<uint64_t>(key.column);
  return std::hash<TableBucket>()(key.bucket) ^ (place * 0x9E3779B97F4A7C15ull);
}

std::shared_ptr<arrow::Array> ColumnCache::Find(const TableBucket& bucket, const LogBatchHeader& batch, int column) {
  MutexLock lock(mutex_);
  const Column* const found = columns_.Find({bucket, batch.base_offset, column});
  return found == nullptr || found->crc != batch.crc ? nullptr : found->values;
}

void ColumnCache::Add(const TableBucket& bucket, const LogBatchHeader& batch, int column,
                      std::shared_ptr<arrow::Array> values) {
  const int64_t bytes = arrow::util::TotalBufferSize(*values) + kBytesBeside;
  const Key key{bucket, batch.base_offset, column};
  const std::optional<int32_t> longest_text = LongestTextOf(*values);
  MutexLock lock(mutex_);
  if (const Column* const before = columns_.Find(key)) {
    if (before->crc == batch.crc) return;
    LetGo(*before);
    columns_.Erase(key);
  }
  if (bytes > most_) return;
  while (memory_.bytes() + bytes > most_) DropLast();
  if (!memory_.Grow(bytes)) {  // others need it more
    for (size_t kept = columns_.size() / 2; columns_.size() > kept;) DropLast();
    return;
  }
  columns_.Add(key, {batch.crc, std::move(values), bytes, longest_text});
}

std::optional<int32_t> ColumnCache::LongestText(const TableBucket& bucket, int64_t base_offset, uint32_t crc,
                                                int column) {
  MutexLock lock(mutex_);
  const Column* const found = columns_.Find({bucket, base_offset, column});
  return found == nullptr || found->crc != crc ? std::nullopt : found->longest_text;
}

void ColumnCache::KeepOnly(const std::function<bool(const TableBucket&)>& bucket) {
  MutexLock lock(mutex_);
  int64_t gone = 0;
  columns_.EraseIf([&](const auto& entry) {
    if (bucket(entry.first.bucket)) return false;
    gone += entry.second.bytes;
    return true;
  });
  (void)memory_.Resize(memory_.bytes() - gone);
}

void ColumnCache::LetGo(const Column& column) { (void)memory_.Resize(memory_.bytes() - column.bytes); }

void ColumnCache::DropLast() {
  LetGo(columns_.last().second);
  columns_.DropLast();
}

}  // namespace weir
