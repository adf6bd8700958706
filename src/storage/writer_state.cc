#include "storage/writer_state.h"

#include <limits>

#include "format/crc32c.h"
#include "storage/file_bytes.h"

namespace weir {
namespace {

constexpr uint32_t kSnapshotMagic = 0x53525757;  // "WWRS"
constexpr size_t kSnapshotHeader = 4 + 4 + 8 + 4;
constexpr size_t kSnapshotBatch = 4 + 4 + 8 + 8;

Status OutOfOrder(int64_t writer_id, int32_t sequence, const std::string& expected) {
  return {ErrorCode::kOutOfOrderSequence, "batch sequence " + std::to_string(sequence) + " of writer " +
                                              std::to_string(writer_id) + " is out of order: " + expected};
}

}  // namespace

int32_t WriterStates::Next(int32_t sequence) {
  return sequence == std::numeric_limits<int32_t>::max() ? 0 : sequence + 1;
}

Result<std::optional<WriterBatch>> WriterStates::Check(int64_t writer_id, int32_t sequence, int64_t now_ms) const {
  const auto found = writers_.find(writer_id);
  if (found == writers_.end() || found->second.back().timestamp + kExpirationMs < now_ms) {
    if (sequence == 0) return std::optional<WriterBatch>();
    return OutOfOrder(writer_id, sequence, "the writer is not known here, 0 comes first");
  }
  for (const WriterBatch& batch : found->second) {
    if (batch.sequence == sequence) return std::optional<WriterBatch>(batch);
  }
  const int32_t expected = Next(found->second.back().sequence);
  if (sequence == expected) return std::optional<WriterBatch>();
  return OutOfOrder(writer_id, sequence, std::to_string(expected) + " comes next");
}

void WriterStates::Add(const LogBatchHeader& batch) {
  if (batch.writer_id < 0) return;
  auto& batches = writers_[batch.writer_id];
  batches.push_back({batch.sequence, batch.last_offset_delta, batch.base_offset + batch.last_offset_delta,
                     batch.commit_timestamp});
  if (batches.size() > kBatchesPerWriter) batches.pop_front();
}

void WriterStates::RemoveExpired(int64_t now_ms) {
  std::erase_if(writers_, [&](const auto& entry) { return entry.second.back().timestamp + kExpirationMs < now_ms; });
}

std::string WriterSnapshot::Encode() const {
  std::string bytes;
  bytes.reserve(kSnapshotHeader + states.writers_.size() * (12 + 2 * kSnapshotBatch) + 4);
  AppendLittleEndian(&bytes, kSnapshotMagic);
  AppendLittleEndian(&bytes, static_cast<uint32_t>(synced ? 1 : 0));
  AppendLittleEndian(&bytes, offset);
  AppendLittleEndian(&bytes, static_cast<uint32_t>(states.writers_.size()));
  for (const auto& [writer_id, batches] : states.writers_) {
    AppendLittleEndian(&bytes, writer_id);
    AppendLittleEndian(&bytes, static_cast<uint32_t>(batches.size()));
    for (const WriterBatch& batch : batches) {
      AppendLittleEndian(&bytes, batch.sequence);
      AppendLittleEndian(&bytes, batch.offset_delta);
      AppendLittleEndian(&bytes, batch.last_offset);
      AppendLittleEndian(&bytes, batch.timestamp);
    }
  }
  AppendLittleEndian(&bytes, Crc32c(bytes));
  return bytes;
}

std::optional<WriterSnapshot> WriterSnapshot::Decode(std::string_view bytes) {
  if (bytes.size() < kSnapshotHeader + 4) return std::nullopt;
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (LoadLittleEndian<uint32_t>(bytes.data() + body.size()) != Crc32c(body)) return std::nullopt;
  if (LoadLittleEndian<uint32_t>(body.data()) != kSnapshotMagic) return std::nullopt;

  WriterSnapshot snapshot;
  snapshot.synced = (LoadLittleEndian<uint32_t>(body.data() + 4) & 1) != 0;
  snapshot.offset = LoadLittleEndian<int64_t>(body.data() + 8);
  const uint32_t writers = LoadLittleEndian<uint32_t>(body.data() + 16);
  size_t at = kSnapshotHeader;
  for (uint32_t i = 0; i < writers; ++i) {
    if (body.size() - at < 12) return std::nullopt;
    const int64_t writer_id = LoadLittleEndian<int64_t>(body.data() + at);
    const uint32_t count = LoadLittleEndian<uint32_t>(body.data() + at + 8);
    at += 12;
    if (count == 0 || count > WriterStates::kBatchesPerWriter) return std::nullopt;
    if (body.size() - at < count * kSnapshotBatch) return std::nullopt;
    auto& batches = snapshot.states.writers_[writer_id];
    for (uint32_t j = 0; j < count; ++j, at += kSnapshotBatch) {
      const char* from = body.data() + at;
      batches.push_back({LoadLittleEndian<int32_t>(from), LoadLittleEndian<int32_t>(from + 4),
                         LoadLittleEndian<int64_t>(from + 8), LoadLittleEndian<int64_t>(from + 16)});
    }
  }
  if (at != body.size()) return std::nullopt;
  return snapshot;
}

}  // namespace weir
