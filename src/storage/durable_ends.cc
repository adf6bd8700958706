#include "storage/durable_ends.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>

#include "format/crc32c.h"
#include "storage/bucket_range.h"
#include "storage/file_bytes.h"

namespace weir {
namespace {

constexpr size_t kEndRecord = 8 + 8 + 4 + 8 + 4;
constexpr int64_t kPlainTable = -1;  // in the place of a partition id

std::string EncodeEnd(const TableBucket& bucket, int64_t end) {
  std::string record;
  AppendLittleEndian(&record, bucket.table_id);
  AppendLittleEndian(&record, bucket.partition_id.value_or(kPlainTable));
  AppendLittleEndian(&record, bucket.bucket_id);
  AppendLittleEndian(&record, end);
  AppendLittleEndian(&record, Crc32c(record));
  return record;
}

using VisitEnd = std::function<void(size_t slot, const TableBucket* bucket, int64_t end)>;

/// Calls `visit` for each slot, without a bucket for one that is free; gives the number of damaged ones.
int64_t ForEachEnd(std::string_view bytes, const VisitEnd& visit) {
  int64_t damaged = bytes.size() % kEndRecord == 0 ? 0 : 1;
  for (size_t slot = 0; (slot + 1) * kEndRecord <= bytes.size(); ++slot) {
    const std::string_view record = bytes.substr(slot * kEndRecord, kEndRecord);
    const bool is_free = record.find_first_not_of('\0') == std::string_view::npos;
    const std::string_view body = record.substr(0, kEndRecord - 4);
    const bool sound = LoadLittleEndian<uint32_t>(record.data() + body.size()) == Crc32c(body);
    if (is_free || !sound) {
      damaged += is_free ? 0 : 1;
      visit(slot, nullptr, 0);
      continue;
    }
    TableBucket bucket;
    bucket.table_id = LoadLittleEndian<int64_t>(record.data());
    const auto partition_id = LoadLittleEndian<int64_t>(record.data() + 8);
    if (partition_id != kPlainTable) bucket.partition_id = partition_id;
    bucket.bucket_id = LoadLittleEndian<int32_t>(record.data() + 16);
    visit(slot, &bucket, LoadLittleEndian<int64_t>(record.data() + 20));
  }
  return damaged;
}

}  // namespace

Result<DurableEnds::Content> DurableEnds::Read(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const auto bytes, ReadFileIfExists(path));
  Content content;
  content.missing = !bytes;
  if (!bytes) return content;
  content.damaged_records = ForEachEnd(*bytes, [&](size_t, const TableBucket* bucket, int64_t end) {
    if (bucket != nullptr) content.ends[*bucket] = std::max(content.ends[*bucket], end);
  });
  return content;
}

Result<std::unique_ptr<DurableEnds>> DurableEnds::Open(const std::string& path, const std::string& copy,
                                                       bool read_only) {
  WEIR_ASSIGN_OR_RETURN(const auto first, ReadFileIfExists(path));
  WEIR_ASSIGN_OR_RETURN(const auto second, ReadFileIfExists(copy));
  std::unique_ptr<DurableEnds> ends(new DurableEnds());
  MutexLock lock(ends->mutex_);
  bool as_written = first && first == second;
  as_written &= ends->Take(first.value_or(""), path);
  if (first != second) as_written &= ends->Take(second.value_or(""), copy);
  if (read_only) return ends;
  if (!as_written) ends->PlaceAnew();
  for (const std::string& name : {path, copy}) {
    if (!as_written) WEIR_RETURN_NOT_OK(ReplaceFile(name, ends->Image()));
    WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(name, File::Mode::kReadWrite));
    // One of the two is always there after a power cut.
    if (!as_written) WEIR_RETURN_NOT_OK(file->SyncData());
    ends->files_.push_back(file);
  }
  return ends;
}

/// Whether each record is sound, and the only one of its bucket.
bool DurableEnds::Take(std::string_view bytes, const std::string& path) {
  bool once = true;
  const auto take = [&](size_t slot, const TableBucket* bucket, int64_t end) WEIR_REQUIRES(mutex_) {
    slots_ = slot + 1;
    if (bucket == nullptr) return free_slots_.push_back(slot);
    const auto [found, added] = entries_.try_emplace(*bucket, Entry{end, slot});
    once &= added;
    found->second.end = std::max(found->second.end, end);
  };
  const int64_t damaged = ForEachEnd(bytes, take);
  if (damaged > 0) spdlog::warn("'{}': {} broken records are passed over", path, damaged);
  return once && damaged == 0;
}

void DurableEnds::PlaceAnew() {
  free_slots_.clear();
  slots_ = 0;
  for (auto& [bucket, entry] : entries_) entry.slot = slots_++;
}

/// What the files hold once entries are placed anew.
std::string DurableEnds::Image() const {
  std::string image;
  for (const auto& [bucket, entry] : entries_) image += EncodeEnd(bucket, entry.end);
  return image;
}

int64_t DurableEnds::Find(const TableBucket& bucket) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(bucket);
  return found == entries_.end() ? 0 : found->second.end;
}

void DurableEnds::Set(const TableBucket& bucket, int64_t end) {
  if (end <= 0) return;
  MutexLock lock(mutex_);
  const auto [found, added] = entries_.try_emplace(bucket);
  Entry& entry = found->second;
  if (added && !free_slots_.empty()) {
    entry.slot = free_slots_.back();
    free_slots_.pop_back();
  } else if (added) {
    entry.slot = slots_++;
  } else if (end <= entry.end) {
    return;
  }
  entry.end = end;
  WriteSlot(entry.slot, EncodeEnd(bucket, end));
}

void DurableEnds::Forget(int64_t table_id, std::optional<int64_t> partition_id) {
  MutexLock lock(mutex_);
  const auto dropped = BucketsOf(entries_, table_id, partition_id);
  for (const auto& [bucket, entry] : dropped) {
    WriteSlot(entry.slot, std::string(kEndRecord, '\0'));
    free_slots_.push_back(entry.slot);
  }
  entries_.erase(dropped.begin(), dropped.end());
}

void DurableEnds::WriteSlot(size_t slot, const std::string& record) {
  for (const auto& file : files_) (void)file->WriteAt(record, static_cast<int64_t>(slot * kEndRecord));
}

}  // namespace weir
