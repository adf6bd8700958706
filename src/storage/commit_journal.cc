#include "storage/commit_journal.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/uio.h>

#include <algorithm>
#include <filesystem>

#include "format/crc32c.h"
#include "storage/file.h"
#include "storage/file_bytes.h"
#include "storage/log_segment.h"

namespace weir {
namespace {

constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kMagic = "WCMT";
constexpr size_t kFixedHeader = 4 + 4 + 4 + 4 + 8 + 8;
constexpr size_t kAppendEntry = 8 + 8 + 4 + 4 + 8 + 8 + 8;
constexpr size_t kCrcFrom = 8;  // of the header's CRC: everything after it

/// The table id of an entry that holds a change of metadata.
constexpr int64_t kMetadata = -1;

std::string_view ViewOf(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(buffer.size())};
}

std::string EncodeHeader(int64_t sequence, std::span<const JournaledAppend> appends) {
  const size_t size = kFixedHeader + appends.size() * kAppendEntry;
  uint64_t payload = 0;
  for (const JournaledAppend& append : appends) payload += static_cast<uint64_t>(append.batches->size());
  std::string body;
  body.reserve(size);
  AppendLittleEndian(&body, static_cast<uint32_t>(size));
  AppendLittleEndian(&body, static_cast<uint32_t>(appends.size()));
  AppendLittleEndian(&body, sequence);
  AppendLittleEndian(&body, payload);
  for (const JournaledAppend& append : appends) {
    AppendLittleEndian(&body, append.bucket.table_id);
    AppendLittleEndian(&body, append.bucket.partition_id.value_or(-1));
    AppendLittleEndian(&body, append.bucket.bucket_id);
    AppendLittleEndian(&body, Crc32c(ViewOf(*append.batches)));
    AppendLittleEndian(&body, append.base_offset);
    AppendLittleEndian(&body, append.end_offset);
    AppendLittleEndian(&body, static_cast<uint64_t>(append.batches->size()));
  }
  std::string header(kMagic);
  AppendLittleEndian(&header, Crc32c(body));
  return header + body;
}

struct RecordHeader {
  int64_t sequence = 0;
  uint64_t header_size = 0;
  uint64_t payload_size = 0;
  struct Entry {
    JournaledAppend append;  // without its batches
    uint32_t crc = 0;
    uint64_t size = 0;
  };
  std::vector<Entry> entries;
};

/// The header at the start of `bytes`; nothing when there is no sound one.
std::optional<RecordHeader> ParseHeader(std::string_view bytes) {
  if (bytes.size() < kFixedHeader || !bytes.starts_with(kMagic)) return {};
  const char* at = bytes.data();
  RecordHeader header;
  header.header_size = LoadLittleEndian<uint32_t>(at + 8);
  const uint64_t count = LoadLittleEndian<uint32_t>(at + 12);
  if (header.header_size != kFixedHeader + count * kAppendEntry || header.header_size > bytes.size()) return {};
  if (LoadLittleEndian<uint32_t>(at + 4) != Crc32c(bytes.substr(kCrcFrom, header.header_size - kCrcFrom))) return {};
  header.sequence = LoadLittleEndian<int64_t>(at + 16);
  header.payload_size = LoadLittleEndian<uint64_t>(at + 24);
  header.entries.reserve(count);
  for (at += kFixedHeader; header.entries.size() < count; at += kAppendEntry) {
    RecordHeader::Entry& entry = header.entries.emplace_back();
    entry.append.bucket.table_id = LoadLittleEndian<int64_t>(at);
    const int64_t partition_id = LoadLittleEndian<int64_t>(at + 8);
    if (partition_id >= 0) entry.append.bucket.partition_id = partition_id;
    entry.append.bucket.bucket_id = LoadLittleEndian<int32_t>(at + 16);
    entry.crc = LoadLittleEndian<uint32_t>(at + 20);
    entry.append.base_offset = LoadLittleEndian<int64_t>(at + 24);
    entry.append.end_offset = LoadLittleEndian<int64_t>(at + 32);
    entry.size = LoadLittleEndian<uint64_t>(at + 40);
  }
  return header;
}

/// Whether the batches that the header names follow it, whole.
bool PayloadIsSound(const RecordHeader& header, std::string_view record) {
  record.remove_prefix(header.header_size);
  for (const RecordHeader::Entry& entry : header.entries) {
    if (entry.size > record.size() || Crc32c(record.substr(0, entry.size)) != entry.crc) return false;
    record.remove_prefix(entry.size);
  }
  return true;
}

Status DamageAt(const std::string& path, int64_t position, const std::string& what) {
  return {ErrorCode::kCorruptMessage,
          fmt::format("damaged commit journal '{}' at position {}: {}", path, position, what)};
}

struct JournalFile {
  std::string path;
  int64_t first_sequence = 0;
  int64_t size = 0;
  std::shared_ptr<FileMapping> mapping;  // null when it is empty
  int64_t content = 0;  // where the zeros begin that it ends with, some of which may be its last record's

  std::string_view From(int64_t position) const { return mapping->View(position, size - position); }
};

std::string FileName(int64_t first_sequence) { return fmt::format("{:020}{}", first_sequence, kSuffix); }

Result<std::vector<JournalFile>> ListFiles(const std::string& directory) {
  std::vector<JournalFile> files;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const auto first = ParseSegmentFileName(entries->path().filename().string(), kSuffix);
    if (first) files.push_back({entries->path().string(), *first, 0, nullptr});
  }
  if (error) return ErrnoStatus("list commit journal", directory, error.value());
  std::sort(files.begin(), files.end(),
            [](const JournalFile& a, const JournalFile& b) { return a.first_sequence < b.first_sequence; });
  for (JournalFile& journal : files) {
    WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(journal.path, File::Mode::kRead));
    WEIR_ASSIGN_OR_RETURN(journal.size, file->Size());
    if (journal.size == 0) continue;
    WEIR_ASSIGN_OR_RETURN(journal.mapping, FileMapping::Map(*file, journal.size));
    journal.content = static_cast<int64_t>(EndOfContent(journal.From(0)));
  }
  return files;
}

}  // namespace

Result<std::unique_ptr<CommitJournal>> CommitJournal::Open(const std::string& directory, const Options& options) {
  std::unique_ptr<CommitJournal> journal(new CommitJournal(directory, options));
  {
    MutexLock lock(journal->mutex_);
    WEIR_RETURN_NOT_OK(journal->Recover());
  }
  return journal;
}

// --- writing ---

JournaledAppend CommitJournal::MetadataRecord(std::string text) {
  JournaledAppend record;
  record.bucket.table_id = kMetadata;
  record.batches = arrow::Buffer::FromString(std::move(text));
  return record;
}

Status CommitJournal::OpenFile() {
  WEIR_ASSIGN_OR_RETURN(file_, File::Open(directory_ + "/" + FileName(sequence_), File::Mode::kCreate));
  size_ = 0;
  size_ahead_.Forget();
  return options_.sync ? SyncDirectory(directory_) : Status::OK();
}

Status CommitJournal::Write(std::span<const JournaledAppend> appends) {
  if (in_doubt()) {
    MutexLock lock(mutex_);
    return doubt_;
  }
  if (file_ == nullptr) WEIR_RETURN_NOT_OK(OpenFile());
  const std::string header = EncodeHeader(sequence_, appends);
  auto bytes = static_cast<int64_t>(2 * header.size());
  for (const JournaledAppend& append : appends) bytes += append.batches->size();
  if (options_.sync) size_ahead_.Grow(file_.get(), size_, bytes, options_.file_bytes);
  Status failure = WriteRecord(header, appends);
  Status doubt;
  if (!failure.ok()) {
    size_ahead_.Forget();
    doubt = file_->Truncate(size_);
  } else if (options_.sync) {
    failure = doubt = file_->SyncData();
  }
  if (!doubt.ok()) {
    MutexLock lock(mutex_);
    doubt_ = Status(doubt.code(), doubt.message() + "; no more commits until the database is opened again");
    return doubt_;
  }
  WEIR_RETURN_NOT_OK(failure);
  ++sequence_;
  size_ += bytes;
  return Status::OK();
}

Status CommitJournal::WriteRecord(std::string_view header, std::span<const JournaledAppend> appends) {
  std::vector<iovec> parts;
  parts.reserve(appends.size() + 2);
  const iovec header_part{const_cast<char*>(header.data()), header.size()};
  parts.push_back(header_part);
  for (const JournaledAppend& append : appends) {
    const std::string_view bytes = ViewOf(*append.batches);
    parts.push_back({const_cast<char*>(bytes.data()), bytes.size()});
  }
  // Once more at the end, so that a record that was whole tells of its buckets wherever it breaks later.
  parts.push_back(header_part);
  return file_->WriteAt(parts, size_);
}

bool CommitJournal::in_doubt() const {
  MutexLock lock(mutex_);
  return !doubt_.ok();
}

void CommitJournal::Bar(std::span<const JournaledAppend> appends, const Status& why) {
  MutexLock lock(mutex_);
  for (const JournaledAppend& append : appends) barred_.emplace(append.bucket, why);
}

std::optional<std::string> CommitJournal::Rotate() {
  if (file_ == nullptr || size_ < options_.file_bytes) return {};
  std::string full = file_->path();
  if (size_ahead_.Reaches(size_)) (void)file_->Truncate(size_);
  file_ = nullptr;
  return full;
}

Status CommitJournal::Remove(const std::string& file) { return RemoveFile(file).status(); }

Status CommitJournal::RemoveAll() {
  file_ = nullptr;
  WEIR_ASSIGN_OR_RETURN(const std::vector<JournalFile> files, ListFiles(directory_));
  for (const JournalFile& file : files) WEIR_RETURN_NOT_OK(RemoveFile(file.path).status());
  return Status::OK();
}

// --- recovery ---

struct CommitJournal::Scan {
  const JournalFile& file;
  const JournalFile* next;  // that holds something; null: this is the last one
  int64_t position = 0;
  int64_t sequence = 0;

  /// Whether the file ends here as it was written: with what was filled ahead of records that never came. A record that
  /// was lost would be one before those of the next file.
  bool at_end() const {
    return position >= file.content && (next == nullptr || position == file.size || next->first_sequence == sequence);
  }
};

namespace {

/// The first file after this one that holds something; null: there is none.
const JournalFile* NextOf(const std::vector<JournalFile>& files, const JournalFile& file) {
  const auto next = std::find_if(files.begin() + (&file - files.data()) + 1, files.end(),
                                 [](const JournalFile& later) { return later.content > 0; });
  return next == files.end() ? nullptr : &*next;
}

/// Takes the batches of a sound record apart; gives where the last of them ends.
int64_t ReadAppends(const JournalFile& file, int64_t position, const RecordHeader& header,
                    std::vector<JournaledAppend>* appends) {
  int64_t at = position + static_cast<int64_t>(header.header_size);
  for (const RecordHeader::Entry& entry : header.entries) {
    JournaledAppend& append = appends->emplace_back(entry.append);
    append.batches = SliceMapping(file.mapping, at, static_cast<int64_t>(entry.size));
    at += static_cast<int64_t>(entry.size);
  }
  return at;
}

/// Where the next sound record after `position` starts, of a sequence number above `sequence`; -1: nowhere.
int64_t FindLaterRecord(const JournalFile& file, int64_t position, int64_t sequence) {
  const std::string_view bytes = file.From(0);
  for (size_t at = bytes.find(kMagic, position + 1); at != std::string_view::npos; at = bytes.find(kMagic, at + 1)) {
    const std::optional<RecordHeader> header = ParseHeader(bytes.substr(at));
    if (!header || header->sequence <= sequence) continue;
    if (PayloadIsSound(*header, bytes.substr(at))) return static_cast<int64_t>(at);
  }
  return -1;
}

}  // namespace

bool CommitJournal::IsMetadata(const JournaledAppend& append) { return append.bucket.table_id == kMetadata; }

Result<CommitJournal::Report> CommitJournal::Inspect(const std::string& directory, const Options& options) {
  std::error_code error;
  Report report;
  if (!std::filesystem::is_directory(directory, error)) return report;
  WEIR_ASSIGN_OR_RETURN(const std::vector<JournalFile> files, ListFiles(directory));
  for (const JournalFile& file : files) {
    Scan scan{file, NextOf(files, file), 0, file.first_sequence};
    while (!scan.at_end()) {
      const std::string_view record = file.From(scan.position);
      const std::optional<RecordHeader> header = ParseHeader(record);
      if (header && header->sequence >= scan.sequence && PayloadIsSound(*header, record)) {
        const int64_t end = ReadAppends(file, scan.position, *header, &report.records.emplace_back());
        scan.position = std::min(end + static_cast<int64_t>(header->header_size), file.size);
        scan.sequence = header->sequence + 1;
        continue;
      }
      const Status tail = CheckTail(scan, options);
      if (!tail.ok()) report.damage.push_back({file.path, scan.position, tail.message()});
      const int64_t later = FindLaterRecord(file, scan.position, scan.sequence);
      if (later < 0) break;
      scan.position = later;
    }
  }
  return report;
}

Status CommitJournal::Restore(const std::string& directory, const std::vector<std::vector<JournaledAppend>>& records) {
  CommitJournal journal(directory, {});
  for (const std::vector<JournaledAppend>& record : records) WEIR_RETURN_NOT_OK(journal.Write(record));
  return Status::OK();
}

Status CommitJournal::Recover() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<JournalFile> files, ListFiles(directory_));
  for (auto file = files.begin(); file != files.end(); ++file) {
    Scan scan{*file, NextOf(files, *file), 0, file->first_sequence};
    TakeRecords(&scan);
    sequence_ = scan.sequence;
    if (!scan.at_end()) WEIR_RETURN_NOT_OK(CutTail(scan));
    if (scan.position == 0) {
      WEIR_RETURN_NOT_OK(RemoveFile(file->path).status());
    } else {
      recovered_.push_back(file->path);
    }
  }
  return Status::OK();
}

void CommitJournal::TakeRecords(Scan* scan) {
  const JournalFile& file = scan->file;
  while (scan->position < file.content) {
    const std::string_view record = file.From(scan->position);
    const std::optional<RecordHeader> header = ParseHeader(record);
    if (!header || header->sequence != scan->sequence || !PayloadIsSound(*header, record)) break;
    std::vector<JournaledAppend> appends;
    const int64_t end = ReadAppends(file, scan->position, *header, &appends);
    for (JournaledAppend& append : appends) {
      if (IsMetadata(append)) {
        metadata_.emplace_back(ViewOf(*append.batches));
      } else {
        pending_[append.bucket].push_back(std::move(append));
      }
    }
    scan->position = std::min(end + static_cast<int64_t>(header->header_size), file.size);
    ++scan->sequence;
  }
}

// A record is written and on disk before the next one begins and before any bucket shows it: what breaks these rules
// was whole once. The rest is of a commit that never was.
Status CommitJournal::CheckTail(const Scan& scan, const Options& options) {
  const JournalFile& file = scan.file;
  if (scan.next != nullptr) {
    return DamageAt(file.path, scan.position, "a record is broken, and records follow in a later file");
  }
  const std::string_view rest = file.From(scan.position);
  for (size_t at = rest.find(kMagic); at != std::string_view::npos; at = rest.find(kMagic, at + 1)) {
    const std::optional<RecordHeader> header = ParseHeader(rest.substr(at));
    if (!header) continue;
    if (header->sequence > scan.sequence) {
      return DamageAt(file.path, scan.position,
                      fmt::format("a record is broken, and a sound one follows at position {}",
                                  scan.position + static_cast<int64_t>(at)));
    }
    for (const RecordHeader::Entry& entry : header->entries) {
      if (IsMetadata(entry.append)) continue;
      WEIR_ASSIGN_OR_RETURN(const int64_t end, options.log_end(entry.append.bucket));
      if (end <= entry.append.base_offset) continue;
      return DamageAt(
          file.path, scan.position,
          fmt::format("a record is broken, and {} shows its commit already", entry.append.bucket.ToString()));
    }
  }
  return Status::OK();
}

Status CommitJournal::CutTail(const Scan& scan) {
  WEIR_RETURN_NOT_OK(CheckTail(scan, options_));
  const JournalFile& file = scan.file;
  spdlog::warn("commit journal '{}': cut off a torn record of {} bytes at position {}", file.path,
               file.size - scan.position, scan.position);
  WEIR_ASSIGN_OR_RETURN(const auto writable, File::Open(file.path, File::Mode::kReadWrite));
  WEIR_RETURN_NOT_OK(writable->Truncate(scan.position));
  return options_.sync ? writable->SyncData() : Status::OK();
}

std::vector<TableBucket> CommitJournal::Pending() const {
  MutexLock lock(mutex_);
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, appends] : pending_) buckets.push_back(bucket);
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

bool CommitJournal::IsPending(const TableBucket& bucket) const {
  MutexLock lock(mutex_);
  return pending_.contains(bucket);
}

Result<std::optional<LogOptions::Journaled>> CommitJournal::Journaled(const TableBucket& bucket) const {
  MutexLock lock(mutex_);
  if (const auto barred = barred_.find(bucket); barred != barred_.end()) return barred->second;
  const auto found = pending_.find(bucket);
  if (found == pending_.end()) return std::optional<LogOptions::Journaled>();
  return std::optional(LogOptions::Journaled{found->second.front().base_offset, found->second.back().end_offset});
}

Status CommitJournal::Redo(const TableBucket& bucket, Log* log) {
  std::vector<JournaledAppend> appends;
  {
    MutexLock lock(mutex_);
    const auto found = pending_.find(bucket);
    if (found == pending_.end()) return Status::OK();
    appends = found->second;
  }
  for (const JournaledAppend& append : appends) {
    WEIR_RETURN_NOT_OK(log->Redo(append.base_offset, append.batches).WithContext(bucket.ToString()));
  }
  if (options_.sync) WEIR_RETURN_NOT_OK(log->Sync());
  Forget(bucket);
  return Status::OK();
}

void CommitJournal::Forget(const TableBucket& bucket) {
  std::vector<std::string> done;
  {
    MutexLock lock(mutex_);
    pending_.erase(bucket);
    if (pending_.empty()) done.swap(recovered_);
  }
  for (const std::string& file : done) {
    if (Status removed = Remove(file); !removed.ok()) spdlog::warn("{}", removed.message());
  }
}

}  // namespace weir
