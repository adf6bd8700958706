#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "format/log_batch.h"
#include "weir/status.h"

namespace weir {

/// One batch of an idempotent writer, as far as later batches need to know it.
struct WriterBatch {
  int32_t sequence = 0;
  int32_t offset_delta = 0;
  int64_t last_offset = 0;
  int64_t timestamp = 0;
};

/// The last batches of every idempotent writer of a bucket (docs/fluss-formats.md, "Sequences"). Not thread-safe.
class WriterStates {
 public:
  static constexpr size_t kBatchesPerWriter = 5;
  static constexpr int64_t kExpirationMs = 7LL * 24 * 60 * 60 * 1000;

  /// The earlier batch when this sequence is a duplicate, nothing when it is the next one, else
  /// code 31.
  Result<std::optional<WriterBatch>> Check(int64_t writer_id, int32_t sequence, int64_t now_ms) const;
  /// The sequence that follows `sequence`.
  static int32_t Next(int32_t sequence);

  /// Takes in a stamped batch that is in the log; batches without a writer are ignored.
  void Add(const LogBatchHeader& batch);
  void RemoveExpired(int64_t now_ms);
  size_t size() const { return writers_.size(); }

 private:
  friend struct WriterSnapshot;
  std::unordered_map<int64_t, std::deque<WriterBatch>> writers_;
};

/// What a `.writers` file holds: the states after all batches below `offset`.
struct WriterSnapshot {
  int64_t offset = 0;
  bool synced = false;  // everything below `offset` was on disk when this was written
  WriterStates states;

  std::string Encode() const;
  /// Nothing when the bytes are damaged.
  static std::optional<WriterSnapshot> Decode(std::string_view bytes);
};

}  // namespace weir
