#pragma once

#include <arrow/buffer.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "format/log_batch.h"
#include "weir/future.h"

namespace weir {

/// Makes appended bytes durable: many waiters share one fdatasync a file. A pool of threads that
/// all logs of a data directory share.
class LogSyncer;
class LastingDirectories;

/// Small batches that follow one another as one (storage/log_compaction.h).
using JoinBatches =
    std::function<Result<std::shared_ptr<arrow::Buffer>>(std::span<const std::shared_ptr<arrow::Buffer>> batches)>;

struct LogOptions {
  int64_t segment_bytes = 256LL << 20;  // at most 2 GiB
  int64_t index_interval_bytes = 64 << 10;
  bool sync = true;  // false: appended counts as durable
  bool reserve_space = true;  // a segment that grows large takes disk space ahead of its end
  std::function<int64_t()> now_ms;  // commit timestamps; required
  /// Makes the log's directory last, with those it lies in; without it only its own name is synced.
  std::shared_ptr<LastingDirectories> directories;
  /// What a commit journal holds of this log's end, exclusive. Where the log is broken from `from` on,
  /// it is cut off, for the journal to restore (Log::Redo).
  struct Journaled {
    int64_t from = 0;
    int64_t end = 0;
  };
  std::optional<Journaled> journaled;
  /// Everything below this offset is known to have been on disk: a log that lacks some of it is damaged.
  int64_t durable_end = 0;
  /// Runs when everything below an offset has come to disk, one call at a time; with `sync` only.
  std::function<void(int64_t end)> on_durable;
  /// Nothing is written: a torn tail is passed over, and appends are code 10.
  bool read_only = false;
  /// So many small batches in the active segment end it, for Compact to join them; the same in a closed one are joined.
  int64_t small_batches_to_join = 16384;
};

struct LogAppendResult {
  int64_t base_offset = 0;
  int64_t end_offset = 0;        // exclusive
  int64_t commit_timestamp = 0;
  bool duplicate = false;  // an idempotent writer sent it before: nothing was written
};

/// An append in steps, so that several logs can take theirs together. From its making to its end it
/// holds up other appends to its log; unless it was published, it leaves nothing behind. The steps
/// may run on different threads. Must end before its log does.
class LogAppend {
 public:
  virtual ~LogAppend() = default;

  /// Where it will be. A duplicate holds up nothing, and its steps do nothing.
  virtual const LogAppendResult& result() const = 0;
  virtual const std::shared_ptr<arrow::Buffer>& batches() const = 0;

  /// Puts the bytes into the file, marked as what recovery cuts off. A full disk shows here.
  virtual Status Write() = 0;
  /// Takes the marks away: from here on recovery keeps the batches.
  virtual Status Seal() = 0;
  /// Makes the batches part of the log. They count as durable: a journal holds them.
  virtual void Publish() = 0;
  /// Gives up after a failure that leaves in doubt what the disk holds: the log takes no more writes
  /// until it is opened again.
  virtual void Abandon(const Status& failure) = 0;
};

struct LogReadResult {
  std::shared_ptr<arrow::Buffer> records;  // whole batches, a view of the mapped segment; may be empty
  int64_t high_watermark = 0;
  int64_t log_start_offset = 0;
};

/// The log of one bucket: segment files of Fluss log batches with sparse offset and time indexes
/// (docs/storage-format.md). Thread-safe; appends are serialised, reads never wait for them.
class Log {
 public:
  /// Opens the log in `directory`, which the first append makes. Reads the last segment from its last index entry,
  /// checks every batch there, and cuts off a torn tail; damage before the tail is code 3 and
  /// names file and position.
  static Result<std::unique_ptr<Log>> Open(const std::string& directory, const LogOptions& options,
                                           std::shared_ptr<LogSyncer> syncer);
  virtual ~Log() = default;

  /// Appends one or more batches: checks header and CRC (code 3), applies the writer's sequence
  /// rules (docs/fluss-formats.md, "Sequences"; code 31), stamps offset and commit timestamp and writes to the active
  /// segment. All or nothing. Durable when the offset is synced.
  virtual Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>& batches) = 0;
  /// The same in steps: checks as Append does.
  virtual Result<std::unique_ptr<LogAppend>> Prepare(const std::shared_ptr<arrow::Buffer>& batches) = 0;
  /// Appends what the log lacks of batches that were at `base_offset` once. Code 3 when the log ends
  /// before that, or within one of the batches.
  virtual Status Redo(int64_t base_offset, const std::shared_ptr<arrow::Buffer>& batches) = 0;
  /// Complete once everything below `end_offset` is on disk (at once when sync is off).
  virtual Future<Unit> WhenDurable(int64_t end_offset) = 0;
  /// Has it synced by the syncer, so that several logs are at once and a later Sync is short.
  virtual void StartSync() = 0;
  /// Blocks until all that is appended now is on disk.
  virtual Status Sync() = 0;
  /// Where the log ends, and begins its last segment.
  struct End {
    int64_t offset = 0;
    int64_t segment = 0;
    bool operator==(const End&) const = default;
  };
  /// Nothing where nothing is to be synced. Once the whole file system was synced after that, SyncedWithAll says so:
  /// a log that still ends there needs no sync of its own.
  virtual std::optional<End> UnsyncedEnd() const = 0;
  virtual void SyncedWithAll(const End& end) = 0;
  /// Its files go next: from now on nothing of it has to be on disk, and syncs leave them alone.
  virtual void Drop() = 0;

  /// Whole batches from the one that contains `offset` up to the high watermark, at least one and
  /// at most `max_bytes` (a larger first batch is returned all the same). Code 19 outside of
  /// [start, end]; `kEarliestOffset` is the start. `include_uncommitted` reads to the end.
  virtual Result<LogReadResult> Read(int64_t offset, int64_t max_bytes, bool include_uncommitted = false) = 0;
  /// The newest whole batches below the high watermark that hold at least `records` records.
  virtual Result<std::shared_ptr<arrow::Buffer>> ReadLast(int64_t records) = 0;

  virtual int64_t start_offset() const = 0;
  virtual int64_t end_offset() const = 0;
  virtual int64_t high_watermark() const = 0;
  virtual int64_t size_bytes() const = 0;
  /// First offset whose batch was committed at or after `timestamp`; the high watermark when all
  /// are older.
  virtual Result<int64_t> OffsetForTimestamp(int64_t timestamp) = 0;

  /// What the writer's last batches say of this one, without appending: duplicate (with the
  /// original's offsets), acceptable, or code 31.
  virtual Result<std::optional<LogAppendResult>> CheckSequence(int64_t writer_id, int32_t sequence) = 0;

  /// `listener` runs (on any thread, briefly) whenever the high watermark has grown.
  virtual void SetAppendListener(std::function<void()> listener) = 0;

  /// Whole segments at the log's start whose newest batch is older than `timestamp`, without the active one: their
  /// bytes, of those alone that hold offsets from `from_offset` on.
  virtual Result<int64_t> BytesBefore(int64_t timestamp, int64_t from_offset) = 0;
  /// Drops those of them that lie below `keep_from_offset`. Readers of dropped segments keep their view.
  virtual Status DropSegmentsBefore(int64_t timestamp, int64_t keep_from_offset) = 0;
  /// Checks every batch of every segment; the first damaged one is code 3 with file and position.
  virtual Status Verify() = 0;
  /// Writes segments of many small batches anew, with larger ones: records keep their offsets, and get the time of the
  /// last that they are joined with, at most a second later. Readers and writers go on meanwhile. One call at a time;
  /// `stop` ends it early.
  virtual Status Compact(const JoinBatches& join, const std::function<bool()>& stop) = 0;
  /// Gives up the mappings of segments and the open file of a log that rests; both come back on
  /// demand. (Open files are also limited by themselves: the syncer closes the longest unused.)
  virtual void ReleaseIdle() {}
  /// Syncs, and leaves behind what makes the next Open quick. Appends fail afterwards.
  virtual Status Close() = 0;
};

/// A quarter of what Linux allows a process by itself (vm.max_map_count).
inline constexpr size_t kMostMappings = 16384;

/// Of the segments of its logs, no more than `max_mappings` stay mapped; those that readers hold come on top of it, and
/// small ones are read where that many are mapped.
std::shared_ptr<LogSyncer> MakeLogSyncer(int threads, size_t max_mappings = kMostMappings);

}  // namespace weir
