#include "storage/log_check.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "format/crc32c.h"
#include "storage/file.h"
#include "storage/file_bytes.h"
#include "storage/log_recovery.h"
#include "storage/log_segment.h"
#include "storage/writer_state.h"

namespace weir {
namespace {

struct LogFiles {
  std::vector<int64_t> segments;   // base offsets, ascending
  std::vector<int64_t> snapshots;  // offsets of .writers files, ascending
  int64_t bytes = 0;
};

Result<LogFiles> FilesIn(const std::string& directory) {
  LogFiles files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const std::optional<int64_t> segment = ParseSegmentFileName(name, kLogSuffix);
    const std::optional<int64_t> snapshot = ParseSegmentFileName(name, kWritersSuffix);
    if (segment) files.segments.push_back(*segment);
    if (snapshot) files.snapshots.push_back(*snapshot);
    std::error_code gone;
    const uintmax_t size = it->file_size(gone);
    if (!gone) files.bytes += static_cast<int64_t>(size);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ErrnoStatus("list", directory, error.value());
  }
  std::sort(files.segments.begin(), files.segments.end());
  std::sort(files.snapshots.begin(), files.snapshots.end());
  return files;
}

/// Everything below this offset is known to have been on disk.
int64_t DurableEnd(const std::string& directory, const std::vector<int64_t>& snapshots) {
  for (auto offset = snapshots.rbegin(); offset != snapshots.rend(); ++offset) {
    const auto bytes = ReadFileIfExists(SegmentFilePath(directory, *offset, kWritersSuffix));
    if (!bytes.ok() || !bytes->has_value()) continue;
    const auto snapshot = WriterSnapshot::Decode(**bytes);
    if (snapshot && snapshot->offset == *offset && snapshot->synced) return *offset;
  }
  return 0;
}

/// The last entry of a segment's index when it leads to a batch, else the segment's start.
IndexEntry LastIndexed(const std::string& directory, int64_t base_offset, const FileMapping& mapping) {
  const IndexEntry start{base_offset, 0};
  const auto index = ReadFileIfExists(SegmentFilePath(directory, base_offset, kIndexSuffix));
  if (!index.ok() || !index->has_value()) return start;
  const std::string& bytes = **index;
  const size_t whole = bytes.size() / kIndexRecord * kIndexRecord;
  if (whole == 0) return start;
  const char* const record = bytes.data() + whole - kIndexRecord;
  if (LoadLittleEndian<uint32_t>(record + 8) != Crc32c(std::string_view(record, 8))) return start;
  const IndexEntry entry{base_offset + LoadLittleEndian<uint32_t>(record), LoadLittleEndian<uint32_t>(record + 4)};
  if (entry.position >= mapping.length()) return start;
  const auto header = ParseLogBatchHeader(mapping.View(entry.position, mapping.length() - entry.position));
  return header.ok() && header->base_offset == entry.offset ? entry : start;
}

/// One segment file, mapped; no mapping when it is empty.
struct SegmentFile {
  std::string path;
  int64_t base_offset = 0;
  int64_t size = 0;
  std::shared_ptr<FileMapping> mapping;

  std::string_view From(int64_t position) const { return mapping->View(position, size - position); }
};

Result<SegmentFile> OpenSegment(const std::string& directory, int64_t base_offset) {
  SegmentFile segment{SegmentFilePath(directory, base_offset, kLogSuffix), base_offset, 0, nullptr};
  WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(segment.path, File::Mode::kRead));
  WEIR_ASSIGN_OR_RETURN(segment.size, file->Size());
  if (segment.size == 0) return segment;
  WEIR_ASSIGN_OR_RETURN(segment.mapping, FileMapping::Map(*file, segment.size));
  return segment;
}

/// Walks batch headers to where they end.
IndexEntry WalkToEnd(const SegmentFile& segment, IndexEntry at) {
  while (at.position < segment.size) {
    const auto header = ParseLogBatchHeader(segment.From(at.position));
    if (!header.ok() || header->base_offset != at.offset) break;
    at = {header->next_offset(), at.position + header->total_size()};
  }
  return at;
}

/// Checks every batch of one segment.
class SegmentCheck {
 public:
  SegmentCheck(const SegmentFile& segment, LogReport* report) : segment_(segment), report_(report) {}

  /// `durable_end` is given for a log's last segment, where a broken end may be that of a write
  /// which never finished. Gives the offset after the last batch.
  int64_t Run(std::optional<int64_t> durable_end) {
    IndexEntry at{segment_.base_offset, 0};
    while (at.position < segment_.size) {
      const auto header = ParseLogBatchHeader(segment_.From(at.position));
      const Status broken = header.ok() ? Check(*header, at) : header.status();
      if (broken.ok()) {
        at = {header->next_offset(), at.position + header->total_size()};
        continue;
      }
      // Nothing in a broken batch can be trusted, its length included.
      const int64_t later = FindLaterBatch(*segment_.mapping, at.position, at.offset, segment_.size);
      if (later < 0) return End(at, broken.message(), durable_end);
      Damaged(at.position, broken.message());
      at = {ParseLogBatchHeader(segment_.From(later))->base_offset, later};
    }
    if (durable_end && at.offset < *durable_end) {
      Damaged(at.position, "the file ends at offset " + std::to_string(at.offset) + "; all up to offset " +
                               std::to_string(*durable_end) + " was on disk");
    }
    return at.offset;
  }

 private:
  Status Check(const LogBatchHeader& header, IndexEntry expected) {
    ++report_->checked_batches;
    const auto size = static_cast<size_t>(header.total_size());
    WEIR_RETURN_NOT_OK(VerifyLogBatchCrc(header, segment_.From(expected.position).substr(0, size)));
    if (header.base_offset == expected.offset) return Status::OK();
    return {ErrorCode::kCorruptMessage, "a batch starts at offset " + std::to_string(header.base_offset) + " where " +
                                            std::to_string(expected.offset) + " comes next"};
  }

  int64_t End(IndexEntry at, const std::string& what, std::optional<int64_t> durable_end) {
    if (!durable_end || at.offset < *durable_end) {
      Damaged(at.position, what);
    } else {
      report_->torn_bytes = segment_.size - at.position;
    }
    return at.offset;
  }

  void Damaged(int64_t position, const std::string& what) { report_->damage.push_back({segment_.path, position, what}); }

  const SegmentFile& segment_;
  LogReport* const report_;
};

}  // namespace

Result<LogReport> InspectLog(const std::string& directory, bool verify) {
  WEIR_ASSIGN_OR_RETURN(const LogFiles files, FilesIn(directory));
  LogReport report;
  report.bytes = files.bytes;
  report.segments = static_cast<int64_t>(files.segments.size());
  if (files.segments.empty()) return report;
  report.start_offset = files.segments.front();

  WEIR_ASSIGN_OR_RETURN(const SegmentFile last, OpenSegment(directory, files.segments.back()));
  if (last.mapping == nullptr) {
    report.end_offset = last.base_offset;
  } else {
    const IndexEntry end = WalkToEnd(last, LastIndexed(directory, last.base_offset, *last.mapping));
    report.end_offset = end.offset;
    report.torn_bytes = last.size - end.position;
  }
  if (!verify) return report;

  report.torn_bytes = 0;
  for (size_t i = 0; i < files.segments.size(); ++i) {
    const bool is_last = i + 1 == files.segments.size();
    WEIR_ASSIGN_OR_RETURN(const SegmentFile segment, OpenSegment(directory, files.segments[i]));
    const auto durable_end = is_last ? std::optional(DurableEnd(directory, files.snapshots)) : std::nullopt;
    const size_t damaged_before = report.damage.size();
    const int64_t end = SegmentCheck(segment, &report).Run(durable_end);
    if (is_last || end == files.segments[i + 1] || report.damage.size() > damaged_before) continue;
    report.damage.push_back({segment.path, segment.size,
                             "the batches end at offset " + std::to_string(end) + ", the next segment starts at " +
                                 std::to_string(files.segments[i + 1])});
  }
  return report;
}

}  // namespace weir
