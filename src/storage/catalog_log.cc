#include "storage/catalog_log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <span>

#include "format/crc32c.h"
#include "storage/file_bytes.h"
#include "storage/log_segment.h"

namespace weir {
namespace {

constexpr std::string_view kBaseSuffix = ".base";
constexpr size_t kRecordHead = 4 + 4 + 8;       // size of what follows the number, CRC of number and that, number
constexpr size_t kBaseRecordBytes = 1 << 20;
constexpr uint32_t kDeleted = 0xFFFFFFFF;  // in the place of a value's size

void AppendText(std::string* out, std::string_view text) {
  AppendLittleEndian(out, static_cast<uint32_t>(text.size()));
  out->append(text);
}

/// A record without changes ends a base.
std::string EncodeRecord(int64_t number, std::span<const CatalogLog::Change> changes) {
  std::string body;
  AppendLittleEndian(&body, number);
  for (const CatalogLog::Change& change : changes) {
    AppendText(&body, change.key);
    if (change.value) {
      AppendText(&body, *change.value);
    } else {
      AppendLittleEndian(&body, kDeleted);
    }
  }
  std::string record;
  AppendLittleEndian(&record, static_cast<uint32_t>(body.size() - 8));
  AppendLittleEndian(&record, Crc32c(body));
  return record + body;
}

bool TakeText(std::string_view* bytes, bool may_be_deleted, std::optional<std::string>* text) {
  if (bytes->size() < 4) return false;
  const auto size = LoadLittleEndian<uint32_t>(bytes->data());
  bytes->remove_prefix(4);
  text->reset();
  if (may_be_deleted && size == kDeleted) return true;
  if (size > bytes->size()) return false;
  *text = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return true;
}

struct CatalogRecord {
  int64_t number = 0;
  size_t size = 0;
  std::vector<CatalogLog::Change> changes;
};

/// The record at the start of `bytes`; nothing when there is no sound one.
std::optional<CatalogRecord> ParseRecord(std::string_view bytes) {
  if (bytes.size() < kRecordHead) return {};
  CatalogRecord record;
  record.size = kRecordHead + LoadLittleEndian<uint32_t>(bytes.data());
  if (record.size > bytes.size()) return {};
  if (LoadLittleEndian<uint32_t>(bytes.data() + 4) != Crc32c(bytes.substr(8, record.size - 8))) return {};
  record.number = LoadLittleEndian<int64_t>(bytes.data() + 8);
  for (std::string_view rest = bytes.substr(kRecordHead, record.size - kRecordHead); !rest.empty();) {
    std::optional<std::string> key, value;
    if (!TakeText(&rest, false, &key) || !TakeText(&rest, true, &value)) return {};
    record.changes.push_back({std::move(*key), std::move(value)});
  }
  return record;
}

struct CatalogFiles {
  std::vector<int64_t> bases;  // numbers, ascending
  std::vector<int64_t> logs;
};

Result<CatalogFiles> ListCatalogFiles(const std::string& directory) {
  CatalogFiles files;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (const auto base = ParseSegmentFileName(name, kBaseSuffix)) files.bases.push_back(*base);
    if (const auto log = ParseSegmentFileName(name, kLogSuffix)) files.logs.push_back(*log);
  }
  if (error && error != std::errc::no_such_file_or_directory) return ErrnoStatus("list", directory, error.value());
  std::sort(files.bases.begin(), files.bases.end());
  std::sort(files.logs.begin(), files.logs.end());
  return files;
}

Status ReadBase(const std::string& path, CatalogLog::State* state, const CatalogLog::Visit& visit) {
  WEIR_ASSIGN_OR_RETURN(const auto bytes, ReadFileIfExists(path));
  const std::string_view all = bytes ? std::string_view(*bytes) : std::string_view();
  bool ended = false;
  size_t at = 0;
  while (at < all.size() && !ended) {
    const std::optional<CatalogRecord> record = ParseRecord(all.substr(at));
    if (!record || record->number != state->base) break;
    if (record->changes.empty()) ended = true;
    if (!ended) visit(record->number, record->changes);
    at += record->size;
  }
  if (ended && at == all.size()) return Status::OK();
  state->damage.push_back({path, static_cast<int64_t>(at), "a record of the catalog's copy is broken"});
  return Status::OK();
}

Status ReadLog(const std::string& path, CatalogLog::State* state, const CatalogLog::Visit& visit) {
  WEIR_ASSIGN_OR_RETURN(const auto bytes, ReadFileIfExists(path));
  if (!bytes) {
    state->damage.push_back({path, 0, "the log of the catalog's copy is missing"});
    return Status::OK();
  }
  const std::string_view all(*bytes);
  size_t at = 0;
  while (at < all.size()) {
    const std::optional<CatalogRecord> record = ParseRecord(all.substr(at));
    if (!record || record->number != state->last + 1) break;
    visit(record->number, record->changes);
    state->last = record->number;
    at += record->size;
  }
  state->log_bytes = static_cast<int64_t>(at);
  if (at < all.size()) {
    const std::string_view rest = all.substr(at);
    // Of other bytes it is not known that they were a change.
    const bool was_next = rest.size() >= kRecordHead && LoadLittleEndian<int64_t>(rest.data() + 8) == state->last + 1;
    if (was_next) state->broken = state->last + 1;
    state->damage.push_back({path, static_cast<int64_t>(at),
                             fmt::format("the record of change {} of the catalog's copy is broken", state->last + 1)});
  }
  return Status::OK();
}

}  // namespace

Result<CatalogLog::State> CatalogLog::Read(const std::string& directory, bool read_base, const Visit& visit) {
  WEIR_ASSIGN_OR_RETURN(const CatalogFiles files, ListCatalogFiles(directory));
  State state;
  if (files.bases.empty()) {
    if (!files.logs.empty()) {
      const std::string path = SegmentFilePath(directory, files.logs.back(), kBaseSuffix);
      state.damage.push_back({path, 0, "the base of the catalog's copy is missing"});
    }
    return state;
  }
  state.base = state.last = files.bases.back();
  const std::string base = SegmentFilePath(directory, state.base, kBaseSuffix);
  struct stat info {};
  if (::stat(base.c_str(), &info) != 0) return ErrnoStatus("stat", base, errno);
  state.base_bytes = info.st_size;
  if (read_base) WEIR_RETURN_NOT_OK(ReadBase(base, &state, visit));
  WEIR_RETURN_NOT_OK(ReadLog(SegmentFilePath(directory, state.base, kLogSuffix), &state, visit));
  return state;
}

Result<std::unique_ptr<CatalogLog>> CatalogLog::Open(const std::string& directory, const State& state) {
  const std::string log = SegmentFilePath(directory, state.base, kLogSuffix);
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(log, File::Mode::kReadWrite));
  WEIR_RETURN_NOT_OK(file->Truncate(state.log_bytes));
  return std::unique_ptr<CatalogLog>(new CatalogLog(std::move(file), state.log_bytes));
}

Result<std::unique_ptr<CatalogLog>> CatalogLog::Make(const std::string& directory, int64_t number,
                                                     const std::vector<Change>& records) {
  WEIR_ASSIGN_OR_RETURN(const CatalogFiles earlier, ListCatalogFiles(directory));
  std::string base;
  for (size_t first = 0; first < records.size();) {
    size_t bytes = 0;
    size_t end = first;
    for (; end < records.size() && bytes < kBaseRecordBytes; ++end) {
      bytes += records[end].key.size() + records[end].value.value_or("").size();
    }
    base += EncodeRecord(number, std::span(records).subspan(first, end - first));
    first = end;
  }
  base += EncodeRecord(number, {});
  // The log first: a base without its log is damage.
  const std::string log = SegmentFilePath(directory, number, kLogSuffix);
  WEIR_RETURN_NOT_OK(ReplaceFile(log, {}));
  const std::string base_path = SegmentFilePath(directory, number, kBaseSuffix);
  WEIR_RETURN_NOT_OK(ReplaceFile(base_path, base));
  WEIR_ASSIGN_OR_RETURN(const auto written, File::Open(base_path, File::Mode::kReadWrite));
  WEIR_RETURN_NOT_OK(written->SyncData());
  WEIR_RETURN_NOT_OK(SyncDirectory(directory));
  for (const int64_t old : earlier.bases) {
    if (old != number) WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory, old, kBaseSuffix)).status());
  }
  for (const int64_t old : earlier.logs) {
    if (old != number) WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory, old, kLogSuffix)).status());
  }
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(log, File::Mode::kReadWrite));
  return std::unique_ptr<CatalogLog>(new CatalogLog(std::move(file), 0));
}

Result<std::map<std::string, std::string>> ReadCatalogCopy(const std::string& directory) {
  std::map<std::string, std::string> records;
  const auto apply = [&](int64_t, const std::vector<KvChange>& changes) {
    for (const KvChange& change : changes) {
      if (change.value) {
        records[change.key] = *change.value;
      } else {
        records.erase(change.key);
      }
    }
  };
  WEIR_ASSIGN_OR_RETURN(const CatalogLog::State state, CatalogLog::Read(directory, /*read_base=*/true, apply));
  if (state.base == 0) {
    return Status(ErrorCode::kCorruptMessage, fmt::format("'{}' holds no copy of the catalog", directory));
  }
  if (state.damage.empty()) return records;
  const FileDamage& damage = state.damage.front();
  return Status(ErrorCode::kCorruptMessage,
                fmt::format("'{}' at position {}: {}", damage.path, damage.position, damage.what));
}

Status CatalogLog::Append(int64_t number, const std::vector<Change>& changes) {
  const std::string record = EncodeRecord(number, changes);
  WEIR_RETURN_NOT_OK(file_->WriteAt(record, size_));
  size_ += static_cast<int64_t>(record.size());
  return Status::OK();
}

}  // namespace weir
