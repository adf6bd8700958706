#include "storage/log_salvage.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>

#include "format/log_batch.h"
#include "storage/file.h"
#include "storage/log_segment.h"

namespace weir {
namespace {

/// A part of a salvaged segment: sound bytes, or a gap.
struct SalvagedPart {
  int64_t from_offset = 0;
  int64_t to_offset = 0;
  const LogPiece* piece = nullptr;  // null: a gap
};

Status MoveAside(const std::string& path, const std::string& aside) {
  const std::string target = aside + "/" + std::filesystem::path(path).filename().string();
  if (std::rename(path.c_str(), target.c_str()) == 0 || errno == ENOENT) return Status::OK();
  return ErrnoStatus("move aside", path, errno);
}

/// What a segment will hold, by base offset. Those that are whole are not among them.
std::map<int64_t, std::vector<SalvagedPart>> PlanSegments(const std::string& directory, const LogReport& report) {
  std::map<int64_t, std::vector<SalvagedPart>> segments;
  for (const LogDamage& damage : report.damage) {
    const std::string name = std::filesystem::path(damage.path).filename().string();
    const bool missing = damage.path == directory;
    const int64_t base = missing ? damage.from_offset : ParseSegmentFileName(name, kLogSuffix).value_or(0);
    std::vector<SalvagedPart>& parts = segments[base];
    if (damage.to_offset > damage.from_offset) parts.push_back({damage.from_offset, damage.to_offset, nullptr});
  }
  for (const LogPiece& piece : report.pieces) {
    const auto damaged = segments.find(piece.segment);
    if (damaged != segments.end()) damaged->second.push_back({piece.from_offset, piece.to_offset, &piece});
  }
  for (auto& [base, parts] : segments) {
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.from_offset < b.from_offset; });
  }
  return segments;
}

Status CopyPiece(const File& from, const LogPiece& piece, File* to, int64_t position) {
  WEIR_ASSIGN_OR_RETURN(const auto mapping, FileMapping::Map(from, piece.position + piece.size));
  return to->WriteAt(mapping->View(piece.position, piece.size), position);
}

Status WriteSegment(const std::string& path, const std::string& original, const std::vector<SalvagedPart>& parts,
                    bool append_only) {
  const std::string temporary = path + ".tmp";
  WEIR_RETURN_NOT_OK(RemoveFile(temporary).status());
  WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(temporary, File::Mode::kCreate));
  int64_t position = 0;
  int64_t timestamp = 0;  // of the batch before: they never go down
  for (const SalvagedPart& part : parts) {
    if (part.piece == nullptr) {
      const int64_t offsets = part.to_offset - part.from_offset;
      if (offsets > std::numeric_limits<int32_t>::max()) {
        return {ErrorCode::kCorruptMessage, "'" + path + "' lacks more records than a segment may hold"};
      }
      const std::string gap = EncodeGap(part.from_offset, static_cast<int32_t>(offsets), timestamp, append_only);
      WEIR_RETURN_NOT_OK(file->WriteAt(gap, position));
      position += static_cast<int64_t>(gap.size());
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const auto from, File::Open(original, File::Mode::kRead));
    WEIR_RETURN_NOT_OK(CopyPiece(*from, *part.piece, file.get(), position));
    position += part.piece->size;
    timestamp = part.piece->last_timestamp;
  }
  WEIR_RETURN_NOT_OK(file->SyncData());
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return ErrnoStatus("replace", path, errno);
  return Status::OK();
}

}  // namespace

Status SalvageLog(const std::string& directory, const LogReport& report, bool append_only, const std::string& aside) {
  std::error_code error;
  std::filesystem::create_directories(aside, error);
  if (error) return ErrnoStatus("create", aside, error.value());
  std::filesystem::create_directories(directory, error);
  if (error) return ErrnoStatus("create", directory, error.value());
  for (const auto& [base, parts] : PlanSegments(directory, report)) {
    for (const auto suffix : {kIndexSuffix, kTimeIndexSuffix, kLogSuffix}) {
      WEIR_RETURN_NOT_OK(MoveAside(SegmentFilePath(directory, base, suffix), aside));
    }
    const std::string original = SegmentFilePath(aside, base, kLogSuffix);
    WEIR_RETURN_NOT_OK(WriteSegment(SegmentFilePath(directory, base, kLogSuffix), original, parts, append_only));
  }
  return SyncDirectory(directory);
}

}  // namespace weir
