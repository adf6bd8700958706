#include "storage/log_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "storage/file.h"
#include "storage/log_segment.h"
#include "storage/writer_state.h"

namespace weir {

Result<LogFiles> ListLogFiles(const std::string& directory, bool with_sizes) {
  LogFiles files;
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (const auto segment = ParseSegmentFileName(name, kLogSuffix)) files.segments.push_back(*segment);
    if (const auto snapshot = ParseSegmentFileName(name, kWritersSuffix)) files.snapshots.push_back(*snapshot);
    if (const auto start = ParseSegmentFileName(name, kStartSuffix)) files.starts.push_back(*start);
    if (const auto base = ParseSegmentFileName(name, kCompactedSuffix)) files.unfinished.push_back(*base);
    for (const auto suffix : {kIndexSuffix, kTimeIndexSuffix}) {
      if (const auto base = ParseSegmentFileName(name, suffix)) files.orphans.push_back(*base);
    }
    if (!with_sizes) continue;
    std::error_code gone;
    const uintmax_t size = entries->file_size(gone);
    if (!gone) files.bytes += static_cast<int64_t>(size);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ErrnoStatus("list log directory", directory, error.value());
  }
  for (auto* offsets : {&files.segments, &files.snapshots, &files.starts, &files.orphans}) {
    std::sort(offsets->begin(), offsets->end());
  }
  files.orphans.erase(std::unique(files.orphans.begin(), files.orphans.end()), files.orphans.end());
  std::erase_if(files.orphans, [&](int64_t base) {
    return std::binary_search(files.segments.begin(), files.segments.end(), base);
  });
  return files;
}

Result<DurableMark> ReadDurableMark(const std::string& directory, const LogFiles& files, int64_t known_end) {
  DurableMark mark;
  for (auto offset = files.snapshots.rbegin(); offset != files.snapshots.rend(); ++offset) {
    const std::string path = SegmentFilePath(directory, *offset, kWritersSuffix);
    WEIR_ASSIGN_OR_RETURN(const auto bytes, ReadFileIfExists(path));
    const auto snapshot = bytes ? WriterSnapshot::Decode(*bytes) : std::nullopt;
    if (!snapshot || snapshot->offset != *offset || !snapshot->synced) continue;
    mark = {*offset, path};
    break;
  }
  if (known_end > mark.end) mark = {known_end, "the list of durable ends"};
  return mark;
}

bool NameOldStart(int64_t durable_end, LogFiles* files) {
  const bool old = durable_end == 0 && files->starts.empty() && !files->segments.empty() && files->segments.front() > 0;
  if (old) files->starts.push_back(files->segments.front());
  return old;
}

std::optional<std::string> FindMissingSegments(const std::string& directory, const LogFiles& files,
                                               const DurableMark& mark) {
  const int64_t start = files.start();
  if (files.segments.empty()) {
    if (mark.end == 0 && start == 0) return {};
    if (mark.end < start) {
      return fmt::format("damaged log '{}': it has no segment; there was one from offset {} on", directory, start);
    }
    return fmt::format("damaged log '{}': it has no segment; all up to offset {} was on disk, as '{}' says", directory,
                       mark.end, mark.source);
  }
  // Retention names the new start before it removes anything, so there may be more than it says.
  const int64_t first = files.segments.front();
  if (first <= start) return {};
  return fmt::format("damaged log '{}': its first segment starts at offset {}; those from offset {} on are missing",
                     directory, first, start);
}

}  // namespace weir
