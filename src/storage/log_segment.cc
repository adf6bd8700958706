#include "storage/log_segment.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "format/crc32c.h"
#include "storage/file_bytes.h"

namespace weir {
namespace {

constexpr size_t kTimeIndexRecord = 8 + 4 + 4;
constexpr int kOffsetDigits = 20;
constexpr int64_t kLittleToRead = 64 << 10;

std::string At(const std::string& path, int64_t position) {
  return "'" + path + "' at position " + std::to_string(position);
}

Status Damaged(const std::string& path, int64_t position, const std::string& what) {
  return {ErrorCode::kCorruptMessage, "damaged log segment " + At(path, position) + ": " + what};
}

void AppendChecked(std::string* bytes, const std::string& record) {
  bytes->append(record);
  AppendLittleEndian(bytes, Crc32c(record));
}

bool Checked(std::string_view record) {
  const std::string_view body = record.substr(0, record.size() - 4);
  return LoadLittleEndian<uint32_t>(record.data() + body.size()) == Crc32c(body);
}

// Opens an index file for writing records at their places, creating it when it is missing.
Status WriteRecords(const std::string& path, const std::string& records, int64_t position) {
  if (records.empty()) return Status::OK();
  auto file = File::Open(path, File::Mode::kReadWrite);
  if (!file.ok()) file = File::Open(path, File::Mode::kCreate);
  WEIR_RETURN_NOT_OK(file.status());
  return (*file)->WriteAt(records, position);
}

}  // namespace

std::string SegmentFilePath(const std::string& directory, int64_t offset, std::string_view suffix) {
  std::string digits = std::to_string(offset);
  std::string path = directory + "/" + std::string(kOffsetDigits - digits.size(), '0') + digits;
  return path.append(suffix);
}

std::optional<int64_t> ParseSegmentFileName(std::string_view name, std::string_view suffix) {
  if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kOffsetDigits, offset);
  if (error != std::errc() || end != name.data() + kOffsetDigits || offset < 0) return std::nullopt;
  return offset;
}

LogSegment::LogSegment(std::string directory, int64_t base_offset, int64_t size, int64_t index_interval,
                       int64_t map_bytes, KeptMappings* mappings, bool read_only)
    : directory_(std::move(directory)),
      base_offset_(base_offset),
      index_interval_(index_interval),
      map_bytes_(map_bytes),
      mappings_(mappings),
      read_only_(read_only),
      path_(SegmentFilePath(directory_, base_offset, kLogSuffix)),
      size_(size) {}

LogSegment::~LogSegment() { mappings_->Release(this); }

Result<std::shared_ptr<FileMapping>> LogSegment::Map(int64_t size) {
  MutexLock lock(mutex_);
  if (retired_ != nullptr) return retired_;
  if (auto mapping = mapping_.lock(); mapping != nullptr && mapping->length() >= size) {
    (void)mappings_->Find(this);
    return mapping;
  }
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(path_, File::Mode::kRead));
  WEIR_ASSIGN_OR_RETURN(int64_t file_size, file->Size());
  if (file_size < size) {
    return Damaged(path_, file_size, "the file ends here, " + std::to_string(size) + " bytes were written");
  }
  std::shared_ptr<FileMapping> mapping;
  if (size <= kLittleToRead && FileMapping::num_mapped() >= mappings_->capacity()) {
    WEIR_ASSIGN_OR_RETURN(mapping, FileMapping::Read(*file, size));
  } else {
    WEIR_ASSIGN_OR_RETURN(mapping, FileMapping::Map(*file, std::max(size, map_bytes_)));
    mappings_->Put(this, mapping);
  }
  mapping_ = mapping;
  return mapping;
}

void LogSegment::Unmap() { mappings_->Release(this); }

Status LogSegment::Retire() {
  WEIR_ASSIGN_OR_RETURN(auto mapping, Map(size()));
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(LoadIndex());
  retired_ = std::move(mapping);
  mappings_->Release(this);
  return RemoveIndexFiles();
}

Result<LogBatchHeader> LogSegment::HeaderAt(const FileMapping& mapping, int64_t position, int64_t end) const {
  auto header = ParseLogBatchHeader(mapping.View(position, end - position));
  if (!header.ok()) return Damaged(path_, position, header.status().message());
  return header;
}

IndexEntry LogSegment::FloorByOffset(int64_t offset) const {
  auto after = std::upper_bound(index_.begin(), index_.end(), offset,
                                [](int64_t value, const IndexEntry& entry) { return value < entry.offset; });
  return after == index_.begin() ? IndexEntry{base_offset_, 0} : *std::prev(after);
}

// Position of the batch that contains `offset`, looking from a batch at or before it.
Result<int64_t> LogSegment::Walk(const FileMapping& mapping, IndexEntry from, int64_t offset, int64_t end) const {
  int64_t position = from.position;
  int64_t expected = from.offset;
  while (position < end) {
    WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, HeaderAt(mapping, position, end));
    if (header.base_offset != expected) {
      return Damaged(path_, position,
                     "a batch starts at offset " + std::to_string(header.base_offset) + " where " +
                         std::to_string(expected) + " comes next");
    }
    if (offset < header.next_offset()) return position;
    position += header.total_size();
    expected = header.next_offset();
  }
  return Damaged(path_, position, "offset " + std::to_string(offset) + " is missing, the batches end at " +
                                      std::to_string(expected));
}

Result<int64_t> LogSegment::Find(const FileMapping& mapping, int64_t offset, int64_t end) {
  IndexEntry from;
  {
    MutexLock lock(mutex_);
    WEIR_RETURN_NOT_OK(LoadIndex());
    from = FloorByOffset(offset);
  }
  auto found = from.position < end ? Walk(mapping, from, offset, end)
                                   : Result<int64_t>(Damaged(path_, from.position, "no batch here"));
  if (found.ok() || from.position == 0) return found;
  // The index may be at fault: what the log itself says counts.
  found = Walk(mapping, {base_offset_, 0}, offset, end);
  if (!found.ok()) return found;
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(RebuildIndex());
  return found;
}

Result<int64_t> LogSegment::FindEnd(const FileMapping& mapping, int64_t position, int64_t limit_offset,
                                    int64_t max_bytes, int64_t end) {
  WEIR_ASSIGN_OR_RETURN(LogBatchHeader first, HeaderAt(mapping, position, end));
  const int64_t limit_position = max_bytes < end - position ? position + std::max<int64_t>(max_bytes, 0) : end;
  int64_t reached = position + first.total_size();
  int64_t expected = first.next_offset();
  {
    // Skips what the index knows to lie inside of both limits.
    MutexLock lock(mutex_);
    auto after = std::partition_point(index_.begin(), index_.end(), [&](const IndexEntry& entry) {
      return entry.position <= limit_position && entry.offset <= limit_offset;
    });
    if (after != index_.begin() && std::prev(after)->position > reached) {
      reached = std::prev(after)->position;
      expected = std::prev(after)->offset;
    }
  }
  while (reached < limit_position && expected < limit_offset) {
    const Result<LogBatchHeader> found = HeaderAt(mapping, reached, end);
    // What comes before damage is read; the next read begins there.
    if (!found.ok() || found->base_offset != expected) break;
    const LogBatchHeader& header = *found;
    if (header.next_offset() > limit_offset || reached + header.total_size() > limit_position) break;
    reached += header.total_size();
    expected = header.next_offset();
  }
  return reached;
}

Status LogSegment::ForEachBatch(int64_t position,
                                const std::function<Status(const LogBatchHeader&, int64_t)>& visit) {
  const int64_t end = size();
  if (position >= end) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(auto mapping, Map(end));
  while (position < end) {
    WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, HeaderAt(*mapping, position, end));
    WEIR_RETURN_NOT_OK(visit(header, position));
    position += header.total_size();
  }
  return Status::OK();
}

Result<std::optional<int64_t>> LogSegment::FindTimestamp(int64_t timestamp) {
  IndexEntry from;
  {
    MutexLock lock(mutex_);
    WEIR_RETURN_NOT_OK(LoadIndex());
    auto at_or_after = std::partition_point(time_index_.begin(), time_index_.end(), [&](const TimeIndexEntry& entry) {
      return entry.timestamp < timestamp;
    });
    from = FloorByOffset(at_or_after == time_index_.begin() ? base_offset_ : std::prev(at_or_after)->offset);
  }
  const int64_t end = size();
  if (from.position >= end) return std::optional<int64_t>();
  WEIR_ASSIGN_OR_RETURN(auto mapping, Map(end));
  for (int64_t position = from.position; position < end;) {
    WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, HeaderAt(*mapping, position, end));
    if (header.commit_timestamp >= timestamp) return std::optional<int64_t>(header.base_offset);
    position += header.total_size();
  }
  return std::optional<int64_t>();
}

Result<int64_t> LogSegment::FirstTimestamp() {
  {
    MutexLock lock(mutex_);
    if (first_timestamp_.has_value()) return *first_timestamp_;
  }
  const int64_t end = size();
  if (end == 0) return std::numeric_limits<int64_t>::max();
  WEIR_ASSIGN_OR_RETURN(auto mapping, Map(end));
  WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, HeaderAt(*mapping, 0, end));
  MutexLock lock(mutex_);
  first_timestamp_ = header.commit_timestamp;
  return header.commit_timestamp;
}

Result<int64_t> LogSegment::LastTimestamp() {
  int64_t position = 0;
  {
    MutexLock lock(mutex_);
    WEIR_RETURN_NOT_OK(LoadIndex());
    if (!index_.empty()) position = index_.back().position;
  }
  int64_t timestamp = std::numeric_limits<int64_t>::min();
  WEIR_RETURN_NOT_OK(ForEachBatch(position, [&](const LogBatchHeader& header, int64_t) {
    timestamp = header.commit_timestamp;
    return Status::OK();
  }));
  return timestamp;
}

Result<std::vector<IndexEntry>> LogSegment::Index() {
  MutexLock lock(mutex_);
  WEIR_RETURN_NOT_OK(LoadIndex());
  return index_;
}

Status LogSegment::Verify(int64_t next_offset) {
  const int64_t end = size();
  int64_t expected = base_offset_;
  if (end > 0) {
    WEIR_ASSIGN_OR_RETURN(auto mapping, Map(end));
    WEIR_RETURN_NOT_OK(ForEachBatch(0, [&](const LogBatchHeader& header, int64_t position) {
      if (position >= end || expected >= next_offset) return Status::OK();
      if (header.base_offset != expected) {
        return Damaged(path_, position, "a batch starts at offset " + std::to_string(header.base_offset) + " where " +
                                            std::to_string(expected) + " comes next");
      }
      const Status crc = VerifyLogBatchCrc(header, mapping->View(position, header.total_size()));
      if (!crc.ok()) return Damaged(path_, position, crc.message());
      expected = header.next_offset();
      return Status::OK();
    }));
  }
  if (expected == next_offset) return Status::OK();
  return Damaged(path_, end, "the batches end at offset " + std::to_string(expected) + ", the next segment starts at " +
                                 std::to_string(next_offset));
}

Result<int64_t> LogSegment::CheckOnce(const FileMapping& mapping, int64_t from, int64_t to) {
  int64_t position = from;
  {
    MutexLock lock(mutex_);
    const auto after = checked_.upper_bound(from);
    if (after != checked_.begin()) position = std::max(position, std::prev(after)->second);
  }
  if (position >= to) return to;
  while (position < to) {
    const Result<LogBatchHeader> header = HeaderAt(mapping, position, to);
    const Status sound = header.ok() ? VerifyLogBatchCrc(*header, mapping.View(position, header->total_size()))
                                     : header.status();
    if (!sound.ok() && position > from) break;
    if (!header.ok()) return sound;  // it names file and position
    if (!sound.ok()) return Damaged(path_, position, sound.message());
    position += header->total_size();
  }
  MarkChecked(from, position);
  return position;
}

void LogSegment::MarkChecked(int64_t from, int64_t to) {
  MutexLock lock(mutex_);
  auto next = checked_.upper_bound(from);
  // Appends go on where the last one ended: the range grows in its place.
  const bool goes_on = next != checked_.begin() && std::prev(next)->second >= from;
  int64_t& end = (goes_on ? std::prev(next) : checked_.emplace_hint(next, from, to))->second;
  end = std::max(end, to);
  while (next != checked_.end() && next->first <= end) {
    end = std::max(end, next->second);
    next = checked_.erase(next);
  }
}

void LogSegment::AddToIndex(const LogBatchHeader& batch, int64_t position) {
  MutexLock lock(mutex_);
  AddToIndexLocked(batch, position);
}

void LogSegment::AddToIndexLocked(const LogBatchHeader& batch, int64_t position) {
  if (position == 0) first_timestamp_ = batch.commit_timestamp;
  index_loaded_ = true;
  const int64_t last_position = index_.empty() ? 0 : index_.back().position;
  if (position - last_position < index_interval_) return;
  index_.push_back({batch.base_offset, position});
  if (time_index_.empty() || time_index_.back().timestamp < batch.commit_timestamp) {
    time_index_.push_back({batch.commit_timestamp, batch.base_offset});
  }
}

Status LogSegment::FlushIndex(int64_t synced_position) {
  MutexLock lock(mutex_);
  return FlushIndexLocked(synced_position);
}

Status LogSegment::FlushIndexLocked(int64_t synced_position) {
  if (read_only_ || retired_) return Status::OK();
  std::string records;
  size_t entries = flushed_entries_;
  for (; entries < index_.size() && index_[entries].position < synced_position; ++entries) {
    std::string record;
    AppendLittleEndian(&record, static_cast<uint32_t>(index_[entries].offset - base_offset_));
    AppendLittleEndian(&record, static_cast<uint32_t>(index_[entries].position));
    AppendChecked(&records, record);
  }
  if (entries == flushed_entries_) return Status::OK();
  const int64_t last_offset = index_[entries - 1].offset;
  std::string time_records;
  size_t time_entries = flushed_time_entries_;
  for (; time_entries < time_index_.size() && time_index_[time_entries].offset <= last_offset; ++time_entries) {
    std::string record;
    AppendLittleEndian(&record, time_index_[time_entries].timestamp);
    AppendLittleEndian(&record, static_cast<uint32_t>(time_index_[time_entries].offset - base_offset_));
    AppendChecked(&time_records, record);
  }
  WEIR_RETURN_NOT_OK(WriteRecords(SegmentFilePath(directory_, base_offset_, kTimeIndexSuffix), time_records,
                                  static_cast<int64_t>(flushed_time_entries_ * kTimeIndexRecord)));
  WEIR_RETURN_NOT_OK(WriteRecords(SegmentFilePath(directory_, base_offset_, kIndexSuffix), records,
                                  static_cast<int64_t>(flushed_entries_ * kIndexRecord)));
  flushed_entries_ = entries;
  flushed_time_entries_ = time_entries;
  return Status::OK();
}

// Reads both files up to the first record that cannot be right; false when there was one.
bool LogSegment::ReadIndexFiles() {
  index_.clear();
  time_index_.clear();
  const auto entries = ReadFileIfExists(SegmentFilePath(directory_, base_offset_, kIndexSuffix));
  const auto times = ReadFileIfExists(SegmentFilePath(directory_, base_offset_, kTimeIndexSuffix));
  const bool expected_any = size() > 2 * index_interval_;
  if (!entries.ok() || !times.ok() || !entries->has_value() || !times->has_value()) return !expected_any;

  const std::string_view records = **entries;
  bool clean = records.size() % kIndexRecord == 0;
  for (size_t at = 0; at + kIndexRecord <= records.size(); at += kIndexRecord) {
    const std::string_view record = records.substr(at, kIndexRecord);
    const IndexEntry entry{base_offset_ + LoadLittleEndian<uint32_t>(record.data()),
                           LoadLittleEndian<uint32_t>(record.data() + 4)};
    const IndexEntry previous = index_.empty() ? IndexEntry{base_offset_, 0} : index_.back();
    clean = Checked(record) && entry.offset > previous.offset && entry.position > previous.position && clean;
    if (!clean) break;
    index_.push_back(entry);
  }
  const std::string_view time_records = **times;
  bool times_clean = time_records.size() % kTimeIndexRecord == 0;
  size_t matching = 0;
  for (size_t at = 0; at + kTimeIndexRecord <= time_records.size(); at += kTimeIndexRecord) {
    const std::string_view record = time_records.substr(at, kTimeIndexRecord);
    const TimeIndexEntry entry{LoadLittleEndian<int64_t>(record.data()),
                               base_offset_ + LoadLittleEndian<uint32_t>(record.data() + 8)};
    while (matching < index_.size() && index_[matching].offset < entry.offset) ++matching;
    times_clean = Checked(record) && matching < index_.size() && index_[matching].offset == entry.offset &&
                  (time_index_.empty() || entry.timestamp > time_index_.back().timestamp) && times_clean;
    if (!times_clean) break;
    time_index_.push_back(entry);
  }
  return clean && times_clean && time_index_.empty() == index_.empty() && (!index_.empty() || !expected_any);
}

Status LogSegment::LoadIndex() {
  if (index_loaded_) return Status::OK();
  if (!ReadIndexFiles()) return RebuildIndex();
  flushed_entries_ = index_.size();
  flushed_time_entries_ = time_index_.size();
  index_loaded_ = true;
  return Status::OK();
}

Status LogSegment::RebuildIndex() {
  if (retired_ != nullptr) return Status::OK();
  index_.clear();
  time_index_.clear();
  flushed_entries_ = flushed_time_entries_ = 0;
  index_loaded_ = true;
  // A mapping of its own: mutex_ is held here.
  const int64_t end = size();
  WEIR_RETURN_NOT_OK(RemoveIndexFiles());
  if (end == 0) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(path_, File::Mode::kRead));
  WEIR_ASSIGN_OR_RETURN(int64_t file_size, file->Size());
  if (file_size < end) return Damaged(path_, file_size, "the file ends here, it had " + std::to_string(end) + " bytes");
  WEIR_ASSIGN_OR_RETURN(auto mapping, FileMapping::Map(*file, end));
  for (int64_t position = 0; position < end;) {
    WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, HeaderAt(*mapping, position, end));
    AddToIndexLocked(header, position);
    position += header.total_size();
  }
  // An index that cannot be written is built again next time.
  (void)FlushIndexLocked(end);
  return Status::OK();
}

Status LogSegment::RecoverIndex(const FileMapping* mapping, int64_t file_size, std::optional<IndexEntry>* last) {
  MutexLock lock(mutex_);
  bool clean = ReadIndexFiles();
  const auto holds = [&](const IndexEntry& entry) {
    if (entry.position >= file_size) return false;
    const auto header = HeaderAt(*mapping, entry.position, file_size);
    return header.ok() && header->base_offset == entry.offset;
  };
  // Entries are written in order after their batches, so a wrong one makes all after it suspect.
  const auto good = std::find_if_not(index_.begin(), index_.end(), holds);
  if (good != index_.end()) {
    clean = false;
    index_.erase(good, index_.end());
  }
  if (!clean) {
    // The two files must agree; telling which part of them still does is not worth the trouble.
    index_.clear();
    time_index_.clear();
    WEIR_RETURN_NOT_OK(RemoveIndexFiles());
  }
  flushed_entries_ = index_.size();
  flushed_time_entries_ = time_index_.size();
  index_loaded_ = true;
  if (!index_.empty()) *last = index_.back();
  return Status::OK();
}

Status LogSegment::TrimIndex(int64_t position) {
  MutexLock lock(mutex_);
  const size_t before = index_.size();
  std::erase_if(index_, [&](const IndexEntry& entry) { return entry.position >= position; });
  if (index_.size() == before) return Status::OK();
  const int64_t end_offset = index_.empty() ? base_offset_ : index_.back().offset;
  std::erase_if(time_index_, [&](const TimeIndexEntry& entry) { return entry.offset > end_offset; });
  flushed_entries_ = flushed_time_entries_ = 0;
  return RemoveIndexFiles();
}

Status LogSegment::RemoveIndexFiles() {
  if (read_only_) return Status::OK();
  WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory_, base_offset_, kIndexSuffix)).status());
  return RemoveFile(SegmentFilePath(directory_, base_offset_, kTimeIndexSuffix)).status();
}

Status LogSegment::Remove() {
  for (const auto suffix : {kIndexSuffix, kTimeIndexSuffix, kLogSuffix}) {
    WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory_, base_offset_, suffix)).status());
  }
  return Status::OK();
}

}  // namespace weir
