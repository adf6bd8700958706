#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "format/log_batch.h"
#include "storage/file.h"
#include "types/mutex.h"
#include "weir/status.h"

namespace weir {

/// Where the batch that starts at `offset` lies in its segment.
struct IndexEntry {
  int64_t offset = 0;
  int64_t position = 0;
  bool operator==(const IndexEntry&) const = default;
};

/// The batch committed at `timestamp` that starts at `offset`.
struct TimeIndexEntry {
  int64_t timestamp = 0;
  int64_t offset = 0;
  bool operator==(const TimeIndexEntry&) const = default;
};

/// "<directory>/<offset as 20 digits><suffix>"
std::string SegmentFilePath(const std::string& directory, int64_t offset, std::string_view suffix);
/// The offset of a name made by SegmentFilePath; none for other names.
std::optional<int64_t> ParseSegmentFileName(std::string_view name, std::string_view suffix);

inline constexpr std::string_view kLogSuffix = ".log";
/// Bytes of an entry in ".index": offset and position within the segment, and the checksum of both.
inline constexpr size_t kIndexRecord = 4 + 4 + 4;
inline constexpr std::string_view kIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kWritersSuffix = ".writers";
inline constexpr std::string_view kCompactedSuffix = ".compacted";  // until it takes its segment's place
inline constexpr std::string_view kStartSuffix = ".start";  // empty: its name says from where on records were kept

/// One segment of a log: a file of batches and its two sparse indexes. One thread appends; any
/// number read what was published before. Damage found is code 3 and names file and position.
class LogSegment {
 public:
  /// `size`: bytes of whole batches in the file. `map_bytes`: how much of a file that still grows
  /// is mapped at once. `mappings`: keeps its mapping. `read_only`: its files stay as they are.
  LogSegment(std::string directory, int64_t base_offset, int64_t size, int64_t index_interval, int64_t map_bytes,
             KeptMappings* mappings, bool read_only = false);
  ~LogSegment();

  int64_t base_offset() const { return base_offset_; }
  const std::string& path() const { return path_; }
  bool read_only() const { return read_only_; }
  int64_t size() const { return size_.load(std::memory_order_acquire); }

  /// A mapping that covers the first `size` bytes; a copy of them where they are few and many other files are mapped.
  Result<std::shared_ptr<FileMapping>> Map(int64_t size);
  void Unmap();

  /// The header at `position` of a mapping; the batch must end at or before `end`.
  Result<LogBatchHeader> HeaderAt(const FileMapping& mapping, int64_t position, int64_t end) const;
  /// Position of the batch that contains `offset`.
  Result<int64_t> Find(const FileMapping& mapping, int64_t offset, int64_t end);
  /// End of the last batch that starts at or after `position`, ends at or before `limit_offset`
  /// and before `position + max_bytes`; at least the first batch is taken.
  Result<int64_t> FindEnd(const FileMapping& mapping, int64_t position, int64_t limit_offset, int64_t max_bytes,
                          int64_t end);
  /// First batch with a timestamp of at least `timestamp`; none when all are older.
  Result<std::optional<int64_t>> FindTimestamp(int64_t timestamp);
  Result<int64_t> FirstTimestamp();
  Result<int64_t> LastTimestamp();
  /// Calls `visit(header, position)` for each batch from `position` on.
  Status ForEachBatch(int64_t position, const std::function<Status(const LogBatchHeader&, int64_t)>& visit);
  /// The indexed batch starts, ascending.
  Result<std::vector<IndexEntry>> Index();
  /// Checks the CRC of the batches from `from` to `to`, but for those that this object has checked, or written, before.
  /// Gives the end of those that are sound: of at least one, or it is an error.
  Result<int64_t> CheckOnce(const FileMapping& mapping, int64_t from, int64_t to);
  void MarkChecked(int64_t from, int64_t to);
  /// Checks every batch, CRC included, and that the last ends at `next_offset`.
  Status Verify(int64_t next_offset);

  // The appender's side.

  /// Takes the batch at `position`, already written, into the indexes when it is due.
  void AddToIndex(const LogBatchHeader& batch, int64_t position);
  /// Lets readers see the first `size` bytes.
  void Publish(int64_t size) { size_.store(size, std::memory_order_release); }
  /// Writes index entries of batches that start below `synced_position` to the index files.
  Status FlushIndex(int64_t synced_position);

  /// Takes the entries of the index files that hold, drops the others, and gives the last one.
  Status RecoverIndex(const FileMapping* mapping, int64_t file_size, std::optional<IndexEntry>* last);

  /// Forgets entries of batches at or after `position`.
  Status TrimIndex(int64_t position);

  /// Removes the segment's files; mappings stay valid.
  Status Remove();

  /// For a segment that gets another file in its place: those who still read this one do not look at files any more.
  Status Retire();
  /// Whether it is known that nothing is gained by joining its batches; for one thread.
  bool is_compact() const { return compact_; }
  void SetCompact() { compact_ = true; }

 private:
  // Makes the indexes usable: from their files, else from the log.
  Status LoadIndex() WEIR_REQUIRES(mutex_);
  Status RebuildIndex() WEIR_REQUIRES(mutex_);
  bool ReadIndexFiles() WEIR_REQUIRES(mutex_);
  void AddToIndexLocked(const LogBatchHeader& batch, int64_t position) WEIR_REQUIRES(mutex_);
  Status FlushIndexLocked(int64_t synced_position) WEIR_REQUIRES(mutex_);
  Status RemoveIndexFiles();
  IndexEntry FloorByOffset(int64_t offset) const WEIR_REQUIRES(mutex_);
  Result<int64_t> Walk(const FileMapping& mapping, IndexEntry from, int64_t offset, int64_t end) const;

  const std::string directory_;
  const int64_t base_offset_;
  const int64_t index_interval_;
  const int64_t map_bytes_;
  KeptMappings* const mappings_;
  const bool read_only_;
  const std::string path_;
  std::atomic<int64_t> size_;
  bool compact_ = false;

  Mutex mutex_;
  std::weak_ptr<FileMapping> mapping_ WEIR_GUARDED_BY(mutex_);     // kept by `mappings_` and those who read
  std::shared_ptr<FileMapping> retired_ WEIR_GUARDED_BY(mutex_);  // of a file that is replaced: there is no other
  bool index_loaded_ WEIR_GUARDED_BY(mutex_) = false;
  std::vector<IndexEntry> index_ WEIR_GUARDED_BY(mutex_);
  std::vector<TimeIndexEntry> time_index_ WEIR_GUARDED_BY(mutex_);
  size_t flushed_entries_ WEIR_GUARDED_BY(mutex_) = 0;
  size_t flushed_time_entries_ WEIR_GUARDED_BY(mutex_) = 0;
  std::optional<int64_t> first_timestamp_ WEIR_GUARDED_BY(mutex_);
  std::map<int64_t, int64_t> checked_ WEIR_GUARDED_BY(mutex_);  // from → to, apart from each other
};

}  // namespace weir
