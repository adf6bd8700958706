#include "storage/log_recovery.h"

#include <algorithm>
#include <limits>

#include "storage/file_bytes.h"
#include "storage/size_ahead.h"

namespace weir {
namespace {

// The header of a sound batch at `position`, or why there is none.
Result<LogBatchHeader> CheckBatch(const FileMapping& mapping, int64_t position, int64_t end) {
  const std::string_view rest = mapping.View(position, end - position);
  WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, ParseLogBatchHeader(rest));
  WEIR_RETURN_NOT_OK(VerifyLogBatchCrc(header, rest.substr(0, static_cast<size_t>(header.total_size()))));
  return header;
}

Status DamageAt(const LogSegment& segment, int64_t position, const std::string& what) {
  return {ErrorCode::kCorruptMessage,
          "damaged log segment '" + segment.path() + "' at position " + std::to_string(position) + ": " + what};
}

constexpr unsigned char kUnsealed = 0x80;

bool IsUnsealed(const FileMapping& mapping, int64_t position, int64_t offset, int64_t end) {
  if (end - position <= kMagicPosition) return false;
  const char* batch = mapping.data() + position;
  return LoadLittleEndian<int64_t>(batch) == offset &&
         (static_cast<unsigned char>(batch[kMagicPosition]) & kUnsealed) != 0;
}

Result<std::shared_ptr<File>> CutAt(const LogSegment& segment, int64_t position) {
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(segment.path(), File::Mode::kReadWrite));
  WEIR_RETURN_NOT_OK(file->Truncate(position));
  return file;
}

Status CutTail(LogSegment* segment, int64_t position) {
  WEIR_ASSIGN_OR_RETURN(const auto file, CutAt(*segment, position));
  WEIR_RETURN_NOT_OK(file->SyncData());
  return segment->TrimIndex(position);
}

}  // namespace

void MarkUnsealed(char* batch) {
  batch[kMagicPosition] = static_cast<char>(static_cast<unsigned char>(batch[kMagicPosition]) | kUnsealed);
}

int64_t FindLaterBatch(const FileMapping& mapping, int64_t position, int64_t offset, int64_t end) {
  for (int64_t at = position + 1; at + kLogBatchV0HeaderSize <= end; ++at) {
    const int64_t base = LoadLittleEndian<int64_t>(mapping.data() + at);
    if (base <= offset || base - offset > std::numeric_limits<int32_t>::max()) continue;
    if (CheckBatch(mapping, at, end).ok()) return at;
  }
  return -1;
}

Result<RecoveredTail> RecoverTail(LogSegment* segment, int64_t file_size, int64_t durable_end,
                                  const std::optional<LogOptions::Journaled>& journaled) {
  std::shared_ptr<FileMapping> mapping;
  if (file_size > 0) {
    WEIR_ASSIGN_OR_RETURN(mapping, segment->Map(file_size));
  }
  std::optional<IndexEntry> from;
  WEIR_RETURN_NOT_OK(segment->RecoverIndex(mapping.get(), file_size, &from));

  const int64_t start = from.has_value() ? from->position : 0;
  int64_t position = start;
  int64_t offset = from.has_value() ? from->offset : segment->base_offset();
  Status broken;
  while (position < file_size) {
    const auto header = CheckBatch(*mapping, position, file_size);
    if (!header.ok()) {
      broken = header.status();
      break;
    }
    if (header->base_offset != offset) {
      return DamageAt(*segment, position,
                      "a whole batch has offset " + std::to_string(header->base_offset) + " where " +
                          std::to_string(offset) + " comes next");
    }
    segment->AddToIndex(*header, position);
    position += header->total_size();
    offset = header->next_offset();
  }
  segment->MarkChecked(start, position);
  if (offset < durable_end) {
    return DamageAt(*segment, position,
                    (broken.ok() ? "the file ends at offset " + std::to_string(offset) : broken.message()) +
                        "; all up to offset " + std::to_string(durable_end) + " was on disk");
  }
  if (position == file_size) return RecoveredTail{file_size, offset, 0};
  if (IsFilledAhead(mapping->View(position, file_size - position))) {
    if (!segment->read_only()) WEIR_RETURN_NOT_OK(CutAt(*segment, position).status());
    return RecoveredTail{position, offset, 0};
  }

  // What the journal restores may be lost in any order, and what it does not comes after.
  const bool restorable = journaled && offset >= journaled->from;
  const int64_t lost_until = restorable ? std::max(offset, journaled->end - 1) : offset;
  const bool unsealed = IsUnsealed(*mapping, position, offset, file_size);
  const int64_t later = unsealed ? -1 : FindLaterBatch(*mapping, position, lost_until, file_size);
  if (later >= 0) {
    return DamageAt(*segment, position,
                    broken.message() + "; a sound batch follows at position " + std::to_string(later));
  }
  if (!segment->read_only()) WEIR_RETURN_NOT_OK(CutTail(segment, position));
  return RecoveredTail{position, offset, file_size - position};
}

}  // namespace weir
