#include "storage/log_check.h"

#include "format/crc32c.h"
#include "storage/file.h"
#include "storage/file_bytes.h"
#include "storage/log_files.h"
#include "storage/log_recovery.h"
#include "storage/log_segment.h"
#include "storage/size_ahead.h"

namespace weir {
namespace {

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

  /// `end_offset`: where the segment is known to have ended at least. `last`: of its log, where a broken end may be
  /// that of a write which never finished.
  void Run(int64_t end_offset, bool last) {
    IndexEntry at{segment_.base_offset, 0};
    Status broken;
    while (at.position < segment_.size) {
      const auto header = ParseLogBatchHeader(segment_.From(at.position));
      broken = header.ok() ? Check(*header, at) : header.status();
      if (broken.ok()) {
        Take(*header, at.position);
        at = {header->next_offset(), at.position + header->total_size()};
        continue;
      }
      // Nothing in a broken batch can be trusted, its length included.
      const int64_t later = FindLaterBatch(*segment_.mapping, at.position, at.offset, segment_.size);
      if (later < 0) break;
      const int64_t next = ParseLogBatchHeader(segment_.From(later))->base_offset;
      Damaged(at, broken.message(), next);
      at = {next, later};
    }
    const bool torn = at.position < segment_.size && !(last && IsFilledAhead(segment_.From(at.position)));
    if (at.offset < end_offset) {
      const std::string known = last ? "all up to offset " + std::to_string(end_offset) + " was on disk"
                                     : "the next segment starts at " + std::to_string(end_offset);
      Damaged(at, (torn ? broken.message() : "the batches end at offset " + std::to_string(at.offset)) + "; " + known,
              end_offset);
    } else if (torn && last) {
      report_->torn_bytes = segment_.size - at.position;
    } else if (torn) {
      Damaged(at, "bytes after the segment's last batch: " + broken.message(), at.offset);
    }
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

  void Take(const LogBatchHeader& header, int64_t position) {
    LogPiece* piece = report_->pieces.empty() ? nullptr : &report_->pieces.back();
    const bool goes_on = piece != nullptr && piece->segment == segment_.base_offset &&
                         piece->position + piece->size == position && piece->to_offset == header.base_offset;
    if (!goes_on) {
      piece = &report_->pieces.emplace_back(
          LogPiece{segment_.base_offset, position, 0, header.base_offset, header.base_offset, 0});
    }
    piece->size += header.total_size();
    piece->to_offset = header.next_offset();
    piece->last_timestamp = header.commit_timestamp;
  }

  void Damaged(IndexEntry at, const std::string& what, int64_t to_offset) {
    report_->damage.push_back({segment_.path, at.position, what, at.offset, to_offset});
  }

  const SegmentFile& segment_;
  LogReport* const report_;
};

Status Verify(const std::string& directory, const LogFiles& files, int64_t durable_end, LogReport* report) {
  report->torn_bytes = 0;
  WEIR_ASSIGN_OR_RETURN(const DurableMark mark, ReadDurableMark(directory, files, durable_end));
  if (const auto missing = FindMissingSegments(directory, files, mark)) {
    const int64_t to = files.segments.empty() ? mark.end : files.segments.front();
    report->damage.push_back({directory, 0, *missing, files.start(), to});
  }
  for (size_t i = 0; i < files.segments.size(); ++i) {
    const bool is_last = i + 1 == files.segments.size();
    WEIR_ASSIGN_OR_RETURN(const SegmentFile segment, OpenSegment(directory, files.segments[i]));
    SegmentCheck(segment, report).Run(is_last ? mark.end : files.segments[i + 1], is_last);
  }
  return Status::OK();
}

}  // namespace

Result<LogReport> InspectLog(const std::string& directory, bool verify, int64_t durable_end) {
  WEIR_ASSIGN_OR_RETURN(LogFiles files, ListLogFiles(directory, /*with_sizes=*/true));
  NameOldStart(durable_end, &files);
  LogReport report;
  report.bytes = files.bytes;
  report.first_kept = files.start();
  report.segments = static_cast<int64_t>(files.segments.size());
  if (!files.segments.empty()) {
    report.start_offset = files.segments.front();
    WEIR_ASSIGN_OR_RETURN(const SegmentFile last, OpenSegment(directory, files.segments.back()));
    report.end_offset = last.base_offset;
    if (last.mapping != nullptr) {
      const IndexEntry end = WalkToEnd(last, LastIndexed(directory, last.base_offset, *last.mapping));
      report.end_offset = end.offset;
      const bool filled = end.position < last.size && IsFilledAhead(last.From(end.position));
      report.torn_bytes = filled ? 0 : last.size - end.position;
    }
  }
  if (verify) WEIR_RETURN_NOT_OK(Verify(directory, files, durable_end, &report));
  return report;
}

}  // namespace weir
