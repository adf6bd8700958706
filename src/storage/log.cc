#include "storage/log.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <filesystem>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "storage/file.h"
#include "storage/handover_mutex.h"
#include "storage/lasting_directories.h"
#include "storage/log_compaction.h"
#include "storage/log_files.h"
#include "storage/log_recovery.h"
#include "storage/log_segment.h"
#include "storage/log_syncer.h"
#include "storage/size_ahead.h"
#include "storage/writer_state.h"
#include "types/mutex.h"
#include "weir/table.h"

namespace weir {
namespace {

constexpr int64_t kMaxSegmentBytes = 2LL << 30;
constexpr int64_t kMaxAppendBytes = std::numeric_limits<int32_t>::max();
constexpr size_t kWriterSnapshotsKept = 2;
constexpr size_t kMinWritersToSweep = 1024;
// Without syncs nothing else paces the index files.
constexpr int64_t kIndexFlushBytes = 4 << 20;

// Space is set aside in steps, half as large as the segment is by then. A process that is killed leaves no more than a
// step behind, which the next start gives back.
constexpr int64_t kMinReserve = 1 << 20;
constexpr int64_t kMaxReserve = 16 << 20;

using SegmentPtr = std::shared_ptr<LogSegment>;
using Segments = std::vector<SegmentPtr>;

struct ParsedBatch {
  LogBatchHeader header;
  int64_t position = 0;  // in the request
};

struct ParsedAppend {
  std::vector<ParsedBatch> batches;
  int64_t records = 0;  // offsets that the batches take
};

Result<ParsedAppend> ParseAppend(std::string_view bytes) {
  if (bytes.empty()) return Status(ErrorCode::kCorruptMessage, "an append must hold at least one log batch");
  if (static_cast<int64_t>(bytes.size()) > kMaxAppendBytes) {
    return Status(ErrorCode::kRecordTooLarge, "an append of " + std::to_string(bytes.size()) +
                                                  " bytes is over the limit of " + std::to_string(kMaxAppendBytes));
  }
  ParsedAppend append;
  for (size_t position = 0; position < bytes.size();) {
    const std::string_view rest = bytes.substr(position);
    WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, ParseLogBatchHeader(rest));
    WEIR_RETURN_NOT_OK(VerifyLogBatchCrc(header, rest.substr(0, static_cast<size_t>(header.total_size()))));
    if (header.record_count == 0 && header.last_offset_delta > 0) {
      return Status(ErrorCode::kCorruptMessage, "a batch without records takes " +
                                                    std::to_string(header.last_offset_delta + int64_t{1}) +
                                                    " offsets: only a repair makes gaps");
    }
    append.records += static_cast<int64_t>(header.last_offset_delta) + 1;
    append.batches.push_back({header, static_cast<int64_t>(position)});
    position += static_cast<size_t>(header.total_size());
  }
  if (append.records > std::numeric_limits<int32_t>::max()) {
    return Status(ErrorCode::kRecordTooLarge,
                  "an append of " + std::to_string(append.records) + " records is over the limit of 2^31 - 1");
  }
  return append;
}

// Promises and listener calls that wait for all locks to be let go.
struct Completions {
  std::vector<Promise<Unit>> durable;
  std::vector<Promise<Unit>> failed;
  Status failure;
  std::shared_ptr<const std::function<void()>> listener;

  void Run() const {
    if (listener != nullptr && *listener) (*listener)();
    for (const auto& promise : durable) promise.Complete(Unit{});
    for (const auto& promise : failed) promise.Complete(failure);
  }
};

// A segment with bytes that no sync has covered yet.
struct Unsynced {
  SegmentPtr segment;
  std::shared_ptr<File> file;  // null: opened when it is synced
  int64_t size = 0;            // of what the log's end counts
};

/// One that is missing is made by the first append.
Status CheckLogDirectory(const std::string& directory) {
  struct stat info {};
  if (::stat(directory.c_str(), &info) != 0) {
    return errno == ENOENT ? Status::OK() : ErrnoStatus("open log directory", directory, errno);
  }
  if (!S_ISDIR(info.st_mode)) return ErrnoStatus("open log directory", directory, ENOTDIR);
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
    return ErrnoStatus("write to log directory", directory, errno);
  }
  return Status::OK();
}

Status MakeDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return ErrnoStatus("create log directory", directory, error.value());
  }
  return CheckLogDirectory(directory);
}

// Makes a directory's entries and its own name lasting.
Status SyncDirectoryAndName(const std::string& directory, LastingDirectories* directories) {
  WEIR_RETURN_NOT_OK(SyncDirectory(directory));
  if (directories != nullptr) return directories->MakeLast(directory);
  const auto parent = std::filesystem::path(directory).parent_path();
  return SyncDirectory(parent.empty() ? "." : parent.string());
}

// Of a process that was killed.
Status GiveBackForgottenSpace(const LogSegment& segment) {
  struct stat info {};
  if (::stat(segment.path().c_str(), &info) != 0) return ErrnoStatus("stat", segment.path(), errno);
  constexpr int64_t kStatBlock = 512;
  // What a file system takes for itself is less.
  if (int64_t{info.st_blocks} * kStatBlock - segment.size() < kMinReserve) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto file, File::Open(segment.path(), File::Mode::kReadWrite));
  return file->Truncate(segment.size());
}

// Left behind when a segment's removal was interrupted.
Status RemoveOrphans(const std::string& directory, const LogFiles& files) {
  for (const int64_t base : files.orphans) {
    for (const auto suffix : {kIndexSuffix, kTimeIndexSuffix}) {
      WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory, base, suffix)).status());
    }
  }
  for (const int64_t base : files.unfinished) {
    WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory, base, kCompactedSuffix)).status());
  }
  return Status::OK();
}

class LogImpl : public Log, public LogSyncer::Task {
 public:
  LogImpl(std::string directory, LogOptions options, std::shared_ptr<LogSyncer> syncer)
      : directory_(std::move(directory)),
        options_(std::move(options)),
        syncer_(std::move(syncer)),
        files_(syncer_ != nullptr ? syncer_->files() : own_files_),
        mappings_(syncer_ != nullptr ? syncer_->mappings() : own_mappings_),
        segments_(std::make_shared<Segments>()) {}

  ~LogImpl() override {
    const Status closed = Close();
    if (!closed.ok()) spdlog::warn("log '{}' did not close cleanly: {}", directory_, closed.ToString());
  }

  Status Recover();

  Result<LogAppendResult> Append(const std::shared_ptr<arrow::Buffer>& batches) override;
  Result<std::unique_ptr<LogAppend>> Prepare(const std::shared_ptr<arrow::Buffer>& batches) override;
  Status Redo(int64_t base_offset, const std::shared_ptr<arrow::Buffer>& batches) override;
  Future<Unit> WhenDurable(int64_t end_offset) override;
  void StartSync() override;
  Status Sync() override;
  std::optional<End> UnsyncedEnd() const override {
    MutexLock lock(state_mutex_);
    return UnsyncedEndLocked();
  }
  void SyncedWithAll(const End& end) override;
  void Drop() override;
  void RunSync() override;

  Result<LogReadResult> Read(int64_t offset, int64_t max_bytes, bool include_uncommitted) override;
  Result<std::shared_ptr<arrow::Buffer>> ReadLast(int64_t records) override;

  int64_t start_offset() const override {
    const auto segments = SegmentList();
    return segments->empty() ? 0 : segments->front()->base_offset();
  }
  int64_t end_offset() const override { return end_.load(std::memory_order_acquire); }
  int64_t high_watermark() const override { return high_watermark_.load(std::memory_order_acquire); }
  int64_t size_bytes() const override {
    int64_t total = 0;
    const auto segments = SegmentList();
    for (const auto& segment : *segments) total += segment->size();
    return total;
  }
  Result<int64_t> OffsetForTimestamp(int64_t timestamp) override;
  Result<std::optional<LogAppendResult>> CheckSequence(int64_t writer_id, int32_t sequence) override;
  void SetAppendListener(std::function<void()> listener) override {
    MutexLock lock(state_mutex_);
    listener_ = std::make_shared<const std::function<void()>>(std::move(listener));
  }
  Result<int64_t> BytesBefore(int64_t timestamp, int64_t from_offset) override;
  Status DropSegmentsBefore(int64_t timestamp, int64_t keep_from_offset) override;
  Status Verify() override;
  Status Compact(const JoinBatches& join, const std::function<bool()>& stop) override;
  void ReleaseIdle() override;
  Status Close() override;

 private:
  class PreparedAppend;

  std::shared_ptr<const Segments> SegmentList() const {
    MutexLock lock(state_mutex_);
    return segments_;
  }
  SegmentPtr Active() const {
    const auto segments = SegmentList();
    return segments->empty() ? nullptr : segments->back();
  }
  /// How many segments from the first on are not the active one, and older than `timestamp`.
  static Result<size_t> CountBefore(const Segments& segments, int64_t timestamp);
  // The segment that holds `offset`: the last whose base is not above it.
  static size_t FindSegment(const Segments& segments, int64_t offset) {
    const auto after = std::upper_bound(segments.begin(), segments.end(), offset,
                                        [](int64_t value, const SegmentPtr& s) { return value < s->base_offset(); });
    return static_cast<size_t>(after - segments.begin()) - 1;
  }

  // With append_mutex_ held.
  Status CheckWritable() const;
  /// Where an append goes: headers stamped with offset and time.
  struct Placed {
    LogAppendResult result;
    std::vector<LogBatchHeader> stamped;
  };
  Result<Placed> Place(const ParsedAppend& append, bool check_sequences) const;
  /// Bytes that lie after a segment's end.
  struct Written {
    SegmentPtr segment;
    std::shared_ptr<File> file;
  };
  Status AppendLocked(const ParsedAppend& append, std::string_view bytes, const Placed& placed,
                      Completions* completions);
  Result<Written> WriteLocked(const ParsedAppend& append, std::string_view bytes, const Placed& placed, bool sealed,
                              Completions* completions);
  void ReserveSpace(const LogSegment& segment, File* file, int64_t bytes);
  Status GiveBackSpace(const SegmentPtr& segment);
  Status CutOff(const LogSegment& segment, Completions* completions);
  enum class Durability { kLog, kJournal };  // what makes an append durable
  void TakeIn(Written written, const ParsedAppend& append, int64_t bytes, const Placed& placed, Durability durability,
              Completions* completions);
  Result<std::optional<LogAppendResult>> CheckSequences(const ParsedAppend& append, int64_t now) const;
  Result<SegmentPtr> SegmentFor(const ParsedAppend& append, int64_t bytes, Completions* completions);
  Status Roll(Completions* completions);
  Status WriteBatches(const LogSegment& segment, File* file, std::span<const LogBatchHeader> stamped,
                      const ParsedAppend& append, std::string_view bytes, bool sealed);
  void PublishAppend(Written written, int64_t size, int64_t end_offset, Durability durability,
                     Completions* completions);
  void WriteWriterSnapshot(bool synced);
  void SweepWriters();
  Status WriteStart(int64_t start);
  /// Most segments do not, and need not be mapped to be counted.
  bool MayHoldManyBatches(const LogSegment& segment) const {
    return segment.size() / kLogBatchV0HeaderSize >= options_.small_batches_to_join;
  }
  Status EndSegmentOfSmallBatches();
  Status Replace(const SegmentPtr& segment, const std::string& file, int64_t size);

  Status ListSegments(const LogFiles& files);
  Status RecoverEnd(const LogFiles& files, int64_t durable_end);
  Status RecoverWriters(const std::vector<int64_t>& snapshots, bool* clean);

  // Brings everything appended so far to disk and takes out the waiters that this serves.
  Status SyncAll(Completions* completions);
  void FinishSync(int64_t target, bool dropped, Completions* completions) WEIR_REQUIRES(sync_mutex_);
  std::optional<End> UnsyncedEndLocked() const WEIR_REQUIRES(state_mutex_);
  Status Fail(Status failure, Completions* completions);

  const std::string directory_;
  const LogOptions options_;
  const std::shared_ptr<LogSyncer> syncer_;
  OpenFiles own_files_{1};  // without a syncer
  OpenFiles& files_;
  KeptMappings own_mappings_{kMostMappings};  // without a syncer
  KeptMappings& mappings_;

  // Of Compact: how many small batches the segment that begins at `counted_` has before a position.
  int64_t counted_ = -1;
  int64_t counted_to_ = 0;
  int64_t small_batches_ = 0;

  // Locks are taken in this order.
  HandoverMutex append_mutex_;  // one appender at a time
  bool closed_ = true;       // until it is recovered
  int64_t last_timestamp_ = std::numeric_limits<int64_t>::min();
  int64_t reserved_end_ = 0;  // position in the active segment up to which space is set aside
  SizeAhead size_ahead_;      // of the active segment
  WriterStates writers_;
  size_t writers_to_sweep_ = kMinWritersToSweep;
  std::vector<int64_t> snapshots_;  // offsets of the writer snapshots, ascending
  bool clean_snapshot_ = false;     // the newest is at the end and says "synced"

  Mutex sync_mutex_;    // one fdatasync at a time: an error is reported to one caller only
  bool first_sync_ WEIR_GUARDED_BY(sync_mutex_) = false;  // of a new log

  mutable Mutex state_mutex_;  // short
  std::shared_ptr<const Segments> segments_ WEIR_GUARDED_BY(state_mutex_);
  std::vector<Unsynced> unsynced_ WEIR_GUARDED_BY(state_mutex_);
  bool directory_unsynced_ WEIR_GUARDED_BY(state_mutex_) = false;
  bool sync_queued_ WEIR_GUARDED_BY(state_mutex_) = false;
  bool dropped_ WEIR_GUARDED_BY(state_mutex_) = false;
  std::condition_variable sync_idle_;
  Status failure_ WEIR_GUARDED_BY(state_mutex_);  // set once: no more writes until the log is opened again
  std::vector<std::pair<int64_t, Promise<Unit>>> waiters_ WEIR_GUARDED_BY(state_mutex_);
  std::shared_ptr<const std::function<void()>> listener_ WEIR_GUARDED_BY(state_mutex_);

  std::atomic<int64_t> end_{0};
  std::atomic<int64_t> high_watermark_{0};
};

// --- open ---

Status LogImpl::Recover() {
  WEIR_ASSIGN_OR_RETURN(LogFiles files, ListLogFiles(directory_));
  const bool old = NameOldStart(options_.durable_end, &files);
  if (old && !options_.read_only) WEIR_RETURN_NOT_OK(WriteStart(files.starts.back()));
  WEIR_ASSIGN_OR_RETURN(const DurableMark mark, ReadDurableMark(directory_, files, options_.durable_end));
  if (const auto missing = FindMissingSegments(directory_, files, mark)) return {ErrorCode::kCorruptMessage, *missing};
  if (!options_.read_only) WEIR_RETURN_NOT_OK(RemoveOrphans(directory_, files));
  {
    MutexLock lock(sync_mutex_);
    first_sync_ = files.segments.empty();
  }
  WEIR_RETURN_NOT_OK(ListSegments(files));
  if (!SegmentList()->empty()) WEIR_RETURN_NOT_OK(RecoverEnd(files, mark.end));
  high_watermark_ = end_.load();
  closed_ = false;
  return Status::OK();
}

Status LogImpl::ListSegments(const LogFiles& files) {
  auto segments = std::make_shared<Segments>();
  for (const int64_t base_offset : files.segments) {
    const bool last = base_offset == files.segments.back();
    const std::string path = SegmentFilePath(directory_, base_offset, kLogSuffix);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return ErrnoStatus("stat", path, errno);
    segments->push_back(std::make_shared<LogSegment>(directory_, base_offset, info.st_size,
                                                     options_.index_interval_bytes, last ? options_.segment_bytes : 0,
                                                     &mappings_, options_.read_only));
  }
  MutexLock lock(state_mutex_);
  segments_ = segments;
  return Status::OK();
}

Status LogImpl::RecoverEnd(const LogFiles& files, int64_t durable_end) {
  const auto segments = SegmentList();
  LogSegment& active = *segments->back();
  WEIR_ASSIGN_OR_RETURN(const RecoveredTail tail,
                        RecoverTail(&active, active.size(), durable_end, options_.journaled));
  if (tail.cut_bytes > 0) {
    spdlog::warn("log segment '{}': {} a torn tail of {} bytes at position {}", active.path(),
                 options_.read_only ? "passed over" : "cut off", tail.cut_bytes, tail.size);
  }
  active.Publish(tail.size);
  end_ = tail.end_offset;
  if (options_.read_only) return Status::OK();
  WEIR_RETURN_NOT_OK(GiveBackForgottenSpace(active));
  for (auto at = segments->rbegin(); at != segments->rend() && last_timestamp_ < 0; ++at) {
    WEIR_ASSIGN_OR_RETURN(last_timestamp_, (*at)->LastTimestamp());
  }
  bool clean = true;
  WEIR_RETURN_NOT_OK(RecoverWriters(files.snapshots, &clean));
  if (options_.sync && !clean) {
    // Bytes that a killed process left in the page cache count from here on.
    WEIR_ASSIGN_OR_RETURN(auto file, File::Open(active.path(), File::Mode::kReadWrite));
    WEIR_RETURN_NOT_OK(file->SyncData());
    WEIR_RETURN_NOT_OK(SyncDirectoryAndName(directory_, options_.directories.get()));
  }
  // Readers map again what they need: most logs of a directory are not read soon.
  for (const auto& segment : *segments) segment->Unmap();
  return Status::OK();
}

Status LogImpl::RecoverWriters(const std::vector<int64_t>& snapshots, bool* clean) {
  const int64_t end = end_offset();
  *clean = false;
  WriterSnapshot snapshot;
  const auto segments = SegmentList();
  snapshot.offset = segments->front()->base_offset();
  bool removed = false;
  for (auto offset = snapshots.rbegin(); offset != snapshots.rend(); ++offset) {
    const std::string path = SegmentFilePath(directory_, *offset, kWritersSuffix);
    WEIR_ASSIGN_OR_RETURN(auto bytes, ReadFileIfExists(path));
    auto decoded = bytes.has_value() ? WriterSnapshot::Decode(*bytes) : std::nullopt;
    if (decoded.has_value() && decoded->offset == *offset && *offset <= end) {
      if (snapshots_.empty() && *offset >= snapshot.offset) snapshot = std::move(*decoded);
      snapshots_.insert(snapshots_.begin(), *offset);
    } else {
      // Damaged, or of batches that are gone: it must not come back once others took their place.
      WEIR_RETURN_NOT_OK(RemoveFile(path).status());
      removed = true;
    }
  }
  if (removed && options_.sync) WEIR_RETURN_NOT_OK(SyncDirectory(directory_));
  *clean = snapshot.synced && snapshot.offset == end;
  clean_snapshot_ = *clean;
  writers_ = std::move(snapshot.states);
  if (snapshot.offset == end) return Status::OK();

  for (size_t i = FindSegment(*segments, snapshot.offset); i < segments->size(); ++i) {
    LogSegment& segment = *(*segments)[i];
    int64_t position = 0;
    if (snapshot.offset > segment.base_offset() && segment.size() > 0) {
      WEIR_ASSIGN_OR_RETURN(auto mapping, segment.Map(segment.size()));
      WEIR_ASSIGN_OR_RETURN(position, segment.Find(*mapping, snapshot.offset, segment.size()));
    }
    WEIR_RETURN_NOT_OK(segment.ForEachBatch(position, [&](const LogBatchHeader& header, int64_t) {
      writers_.Add(header);
      return Status::OK();
    }));
  }
  return Status::OK();
}

// --- append ---

Status LogImpl::CheckWritable() const {
  if (closed_) return {ErrorCode::kLogStorageException, "log '" + directory_ + "' is closed"};
  if (options_.read_only) return {ErrorCode::kLogStorageException, "log '" + directory_ + "' is open for reading only"};
  MutexLock lock(state_mutex_);
  return failure_;
}

Result<LogAppendResult> LogImpl::Append(const std::shared_ptr<arrow::Buffer>& batches) {
  const std::string_view bytes(*batches);
  WEIR_ASSIGN_OR_RETURN(const ParsedAppend append, ParseAppend(bytes));
  Completions completions;
  auto result = [&]() -> Result<LogAppendResult> {
    std::lock_guard lock(append_mutex_);
    WEIR_RETURN_NOT_OK(CheckWritable());
    WEIR_ASSIGN_OR_RETURN(const Placed placed, Place(append, /*check_sequences=*/true));
    if (!placed.result.duplicate) WEIR_RETURN_NOT_OK(AppendLocked(append, bytes, placed, &completions));
    return placed.result;
  }();
  completions.Run();
  return result;
}

Result<LogImpl::Placed> LogImpl::Place(const ParsedAppend& append, bool check_sequences) const {
  const int64_t now = std::max(last_timestamp_, options_.now_ms());
  if (check_sequences) {
    WEIR_ASSIGN_OR_RETURN(const auto duplicate, CheckSequences(append, now));
    if (duplicate.has_value()) return Placed{*duplicate, {}};
  }
  Placed placed;
  placed.stamped.reserve(append.batches.size());
  int64_t offset = end_offset();
  placed.result.base_offset = offset;
  for (const ParsedBatch& batch : append.batches) {
    LogBatchHeader& header = placed.stamped.emplace_back(batch.header);
    header.base_offset = offset;
    header.commit_timestamp = now;
    offset = header.next_offset();
  }
  placed.result.end_offset = offset;
  placed.result.commit_timestamp = now;
  return placed;
}

Status LogImpl::AppendLocked(const ParsedAppend& append, std::string_view bytes, const Placed& placed,
                             Completions* completions) {
  WEIR_ASSIGN_OR_RETURN(Written written, WriteLocked(append, bytes, placed, /*sealed=*/true, completions));
  TakeIn(std::move(written), append, static_cast<int64_t>(bytes.size()), placed, Durability::kLog, completions);
  return Status::OK();
}

Result<LogImpl::Written> LogImpl::WriteLocked(const ParsedAppend& append, std::string_view bytes, const Placed& placed,
                                              bool sealed, Completions* completions) {
  WEIR_ASSIGN_OR_RETURN(SegmentPtr segment, SegmentFor(append, static_cast<int64_t>(bytes.size()), completions));
  WEIR_ASSIGN_OR_RETURN(auto file, files_.Get(this, segment->path()));
  ReserveSpace(*segment, file.get(), static_cast<int64_t>(bytes.size()));
  // What a journal holds is synced by and by.
  if (sealed && options_.sync && options_.reserve_space) {
    size_ahead_.Grow(file.get(), segment->size(), static_cast<int64_t>(bytes.size()), options_.segment_bytes);
  }
  const Status written = WriteBatches(*segment, file.get(), placed.stamped, append, bytes, sealed);
  if (written.ok()) return Written{std::move(segment), std::move(file)};
  WEIR_RETURN_NOT_OK(CutOff(*segment, completions));
  return written;
}

// The kernel is quicker at filling space that is there than at finding it block by block.
void LogImpl::ReserveSpace(const LogSegment& segment, File* file, int64_t bytes) {
  const int64_t end = segment.size() + bytes;
  if (!options_.reserve_space || end < kMinReserve || end <= reserved_end_) return;
  const int64_t wanted = end + std::clamp(end / 2, kMinReserve, kMaxReserve);
  reserved_end_ = std::max(end, std::min(wanted, options_.segment_bytes));
  // Space that cannot be had is no error before it is needed.
  (void)file->Reserve(segment.size(), reserved_end_ - segment.size());
}

/// What was set aside after a segment's end. The next sync makes its size last.
Status LogImpl::GiveBackSpace(const SegmentPtr& segment) {
  const bool longer = size_ahead_.Reaches(segment->size());
  if (!longer && reserved_end_ <= segment->size()) return Status::OK();
  reserved_end_ = 0;
  size_ahead_.Forget();
  WEIR_ASSIGN_OR_RETURN(const auto file, files_.Get(this, segment->path()));
  WEIR_RETURN_NOT_OK(file->Truncate(segment->size()));
  MutexLock lock(state_mutex_);
  const bool listed = !unsynced_.empty() && unsynced_.back().segment == segment;
  if (longer && !listed) unsynced_.push_back({segment, nullptr, segment->size()});
  return Status::OK();
}

// Takes away what was written after the segment's end.
Status LogImpl::CutOff(const LogSegment& segment, Completions* completions) {
  reserved_end_ = 0;
  size_ahead_.Forget();
  const auto file = files_.Get(this, segment.path());
  const Status cut = file.ok() ? (*file)->Truncate(segment.size()) : file.status();
  return cut.ok() ? cut : Fail(cut, completions);
}

void LogImpl::TakeIn(Written written, const ParsedAppend& append, int64_t bytes, const Placed& placed,
                     Durability durability, Completions* completions) {
  LogSegment& segment = *written.segment;
  const int64_t position = segment.size();
  last_timestamp_ = placed.result.commit_timestamp;
  for (const LogBatchHeader& header : placed.stamped) writers_.Add(header);
  SweepWriters();
  segment.MarkChecked(position, position + bytes);
  segment.Publish(position + bytes);
  for (size_t i = 0; i < placed.stamped.size(); ++i) {
    segment.AddToIndex(placed.stamped[i], position + append.batches[i].position);
  }
  PublishAppend(std::move(written), bytes, placed.result.end_offset, durability, completions);
}

// --- append in steps ---

class LogImpl::PreparedAppend final : public LogAppend {
 public:
  PreparedAppend(LogImpl* log, std::unique_lock<HandoverMutex> lock, std::shared_ptr<arrow::Buffer> batches,
                 ParsedAppend append, Placed placed)
      : log_(log), lock_(std::move(lock)), batches_(std::move(batches)), append_(std::move(append)),
        placed_(std::move(placed)) {}

  ~PreparedAppend() override {
    if (!lock_.owns_lock()) return;
    Completions completions;
    if (written_) (void)log_->CutOff(*written_->segment, &completions);
    End(completions);
  }

  const LogAppendResult& result() const override { return placed_.result; }
  const std::shared_ptr<arrow::Buffer>& batches() const override { return batches_; }

  Status Write() override {
    if (!lock_.owns_lock()) return Status::OK();
    Completions completions;
    Result<Written> written =
        log_->WriteLocked(append_, std::string_view(*batches_), placed_, /*sealed=*/false, &completions);
    if (written.ok()) written_ = Written{written->segment, nullptr};  // a commit's logs may be more than open files
    completions.Run();
    return written.status();
  }

  Status Seal() override {
    if (!lock_.owns_lock()) return Status::OK();
    const LogSegment& segment = *written_->segment;
    WEIR_ASSIGN_OR_RETURN(const auto file, log_->files_.Get(log_, segment.path()));
    for (const ParsedBatch& batch : append_.batches) {
      const char magic = static_cast<char>(batch.header.magic);
      const int64_t position = segment.size() + batch.position + kMagicPosition;
      WEIR_RETURN_NOT_OK(file->WriteAt(std::string_view(&magic, 1), position));
    }
    return Status::OK();
  }

  void Publish() override {
    if (!lock_.owns_lock()) return;
    Completions completions;
    log_->TakeIn(*std::move(written_), append_, batches_->size(), placed_, Durability::kJournal, &completions);
    End(completions);
  }

  void Abandon(const Status& failure) override {
    if (!lock_.owns_lock()) return;
    Completions completions;
    (void)log_->Fail(failure, &completions);
    completions.Run();
  }

 private:
  void End(const Completions& completions) {
    lock_.unlock();
    completions.Run();
  }

  LogImpl* const log_;
  std::unique_lock<HandoverMutex> lock_;
  const std::shared_ptr<arrow::Buffer> batches_;
  const ParsedAppend append_;
  const Placed placed_;
  std::optional<Written> written_;
};

Result<std::unique_ptr<LogAppend>> LogImpl::Prepare(const std::shared_ptr<arrow::Buffer>& batches) {
  WEIR_ASSIGN_OR_RETURN(ParsedAppend append, ParseAppend(std::string_view(*batches)));
  std::unique_lock lock(append_mutex_);
  WEIR_RETURN_NOT_OK(CheckWritable());
  WEIR_ASSIGN_OR_RETURN(Placed placed, Place(append, /*check_sequences=*/true));
  if (placed.result.duplicate) lock.unlock();
  return std::unique_ptr<LogAppend>(
      std::make_unique<PreparedAppend>(this, std::move(lock), batches, std::move(append), std::move(placed)));
}

Status LogImpl::Redo(int64_t base_offset, const std::shared_ptr<arrow::Buffer>& batches) {
  const std::string_view bytes(*batches);
  WEIR_ASSIGN_OR_RETURN(const ParsedAppend all, ParseAppend(bytes));
  Completions completions;
  const auto redo = [&]() -> Status {
    std::lock_guard lock(append_mutex_);
    WEIR_RETURN_NOT_OK(CheckWritable());
    const int64_t end = end_offset();
    int64_t offset = base_offset;
    size_t next = 0;
    for (; next < all.batches.size() && offset < end; ++next) {
      offset += int64_t{all.batches[next].header.last_offset_delta} + 1;
    }
    if (next == all.batches.size() && offset <= end) return Status::OK();
    if (offset != end) {
      return {ErrorCode::kCorruptMessage, "log '" + directory_ + "' ends at offset " + std::to_string(end) +
                                              "; a commit journal holds what goes on at " + std::to_string(offset)};
    }
    const std::string_view rest = bytes.substr(static_cast<size_t>(all.batches[next].position));
    WEIR_ASSIGN_OR_RETURN(const ParsedAppend missing, ParseAppend(rest));
    WEIR_ASSIGN_OR_RETURN(const Placed placed, Place(missing, /*check_sequences=*/false));
    return AppendLocked(missing, rest, placed, &completions);
  };
  const Status status = redo();
  completions.Run();
  return status;
}

Result<std::optional<LogAppendResult>> LogImpl::CheckSequences(const ParsedAppend& append, int64_t now) const {
  std::vector<std::pair<int64_t, int32_t>> in_request;  // last sequence of each writer
  for (const ParsedBatch& batch : append.batches) {
    const auto& header = batch.header;
    if (header.writer_id < 0) continue;
    const auto earlier = std::find_if(in_request.begin(), in_request.end(),
                                      [&](const auto& entry) { return entry.first == header.writer_id; });
    if (earlier != in_request.end()) {
      const int32_t expected = WriterStates::Next(earlier->second);
      if (header.sequence != expected) {
        return Status(ErrorCode::kOutOfOrderSequence,
                      "batch sequence " + std::to_string(header.sequence) + " of writer " +
                          std::to_string(header.writer_id) + " is out of order: " + std::to_string(expected) +
                          " comes next in this append");
      }
      earlier->second = header.sequence;
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(auto original, writers_.Check(header.writer_id, header.sequence, now));
    if (original.has_value()) {
      return std::optional<LogAppendResult>({original->last_offset - original->offset_delta,
                                             original->last_offset + 1, original->timestamp, true});
    }
    in_request.emplace_back(header.writer_id, header.sequence);
  }
  return std::optional<LogAppendResult>();
}

Result<SegmentPtr> LogImpl::SegmentFor(const ParsedAppend& append, int64_t bytes, Completions* completions) {
  const SegmentPtr active = Active();
  if (active != nullptr) {
    const bool fits = active->size() + bytes <= options_.segment_bytes &&
                      end_offset() + append.records - active->base_offset() <= std::numeric_limits<int32_t>::max();
    if (fits || active->size() == 0) return active;
  }
  WEIR_RETURN_NOT_OK(Roll(completions));
  return Active();
}

Status LogImpl::Roll(Completions* completions) {
  const SegmentPtr full = Active();
  const int64_t base_offset = end_offset();
  if (full != nullptr) {
    // All segments but the last are whole on disk and end with their batches: recovery looks at the last one only.
    WEIR_RETURN_NOT_OK(GiveBackSpace(full));
    if (options_.sync) WEIR_RETURN_NOT_OK(SyncAll(completions));
    const Status indexed = full->FlushIndex(full->size());
    if (!indexed.ok()) spdlog::warn("{}; the index is built again when it is needed", indexed.message());
    WriteWriterSnapshot(options_.sync);
  } else {
    WEIR_RETURN_NOT_OK(MakeDirectory(directory_));
  }
  reserved_end_ = 0;
  auto segment = std::make_shared<LogSegment>(directory_, base_offset, 0, options_.index_interval_bytes,
                                              options_.segment_bytes, &mappings_);
  WEIR_ASSIGN_OR_RETURN(auto file, File::Open(segment->path(), File::Mode::kCreate));
  files_.Put(this, std::move(file));
  MutexLock lock(state_mutex_);
  auto segments = std::make_shared<Segments>(*segments_);
  segments->push_back(std::move(segment));
  segments_ = std::move(segments);
  directory_unsynced_ = true;
  return Status::OK();
}

// The headers go out stamped, everything after them straight from the caller's buffer.
Status LogImpl::WriteBatches(const LogSegment& segment, File* file, std::span<const LogBatchHeader> stamped,
                             const ParsedAppend& append, std::string_view bytes, bool sealed) {
  using Header = std::array<char, kLogBatchV0HeaderSize>;
  std::vector<Header> headers(stamped.size());
  std::vector<iovec> parts;
  parts.reserve(2 * stamped.size());
  for (size_t i = 0; i < stamped.size(); ++i) {
    const char* batch = bytes.data() + append.batches[i].position;
    std::copy_n(batch, headers[i].size(), headers[i].data());
    StampLogBatch(headers[i].data(), stamped[i].base_offset, stamped[i].commit_timestamp);
    if (!sealed) MarkUnsealed(headers[i].data());
    parts.push_back({headers[i].data(), headers[i].size()});
    const size_t rest = static_cast<size_t>(stamped[i].total_size()) - headers[i].size();
    if (rest > 0) parts.push_back({const_cast<char*>(batch) + headers[i].size(), rest});
  }
  return file->WriteAt(parts, segment.size());
}

void LogImpl::PublishAppend(Written written, int64_t size, int64_t end_offset, Durability durability,
                            Completions* completions) {
  clean_snapshot_ = false;
  bool flush = false;
  const SegmentPtr& segment = written.segment;
  {
    MutexLock lock(state_mutex_);
    // Everything before it is durable, too: else the sync that is under way has to come first.
    const bool durable = !options_.sync || (durability == Durability::kJournal && high_watermark_ == end_);
    end_.store(end_offset, std::memory_order_release);
    const bool listed = !unsynced_.empty() && unsynced_.back().segment == segment;
    if (!listed) unsynced_.push_back({segment, nullptr});
    // A dirty file stays open: a new descriptor might not be told of a failed write-back. With a journal behind them,
    // the many files of a commit need not.
    const bool keep_open = options_.sync && durability == Durability::kLog;
    if (keep_open && unsynced_.back().file == nullptr) unsynced_.back().file = std::move(written.file);
    unsynced_.back().size = segment->size();
    if (durable) {
      high_watermark_.store(end_offset, std::memory_order_release);
      completions->listener = listener_;
    } else if (!sync_queued_ && !SyncByAppender::Takes(this)) {
      syncer_->Enqueue(this);
      sync_queued_ = true;
    }
    if (!options_.sync) {
      const int64_t now = segment->size();
      flush = now / kIndexFlushBytes != (now - size) / kIndexFlushBytes;
    }
  }
  // A full disk shows at the log itself; index entries are kept until they can be written.
  if (flush) (void)segment->FlushIndex(segment->size());
}

void LogImpl::SweepWriters() {
  if (writers_.size() < writers_to_sweep_) return;
  writers_.RemoveExpired(last_timestamp_);
  writers_to_sweep_ = std::max(kMinWritersToSweep, 2 * writers_.size());
}

void LogImpl::WriteWriterSnapshot(bool synced) {
  const int64_t offset = end_offset();
  writers_.RemoveExpired(last_timestamp_);
  WriterSnapshot snapshot{offset, synced, std::move(writers_)};
  const Status written = ReplaceFile(SegmentFilePath(directory_, offset, kWritersSuffix), snapshot.Encode());
  writers_ = std::move(snapshot.states);
  if (!written.ok()) {
    spdlog::warn("{}; the next start reads more of the log instead", written.message());
    return;
  }
  clean_snapshot_ = synced;
  if (snapshots_.empty() || snapshots_.back() != offset) snapshots_.push_back(offset);
  while (snapshots_.size() > kWriterSnapshotsKept) {
    (void)RemoveFile(SegmentFilePath(directory_, snapshots_.front(), kWritersSuffix));
    snapshots_.erase(snapshots_.begin());
  }
}

Result<std::optional<LogAppendResult>> LogImpl::CheckSequence(int64_t writer_id, int32_t sequence) {
  if (writer_id < 0) return std::optional<LogAppendResult>();
  std::lock_guard lock(append_mutex_);
  WEIR_ASSIGN_OR_RETURN(auto original,
                        writers_.Check(writer_id, sequence, std::max(last_timestamp_, options_.now_ms())));
  if (!original.has_value()) return std::optional<LogAppendResult>();
  return std::optional<LogAppendResult>({original->last_offset - original->offset_delta, original->last_offset + 1,
                                         original->timestamp, true});
}

// --- durability ---

Future<Unit> LogImpl::WhenDurable(int64_t end_offset) {
  MutexLock lock(state_mutex_);
  if (end_offset <= high_watermark_.load(std::memory_order_relaxed)) return Future<Unit>::Ready(Unit{});
  if (!failure_.ok()) return Future<Unit>::Ready(failure_);
  const int64_t end = end_.load(std::memory_order_relaxed);
  if (end_offset > end) {
    return Future<Unit>::Ready(Status(ErrorCode::kLogOffsetOutOfRange,
                                      "offset " + std::to_string(end_offset) + " of log '" + directory_ +
                                          "' is not written yet: the log ends at " + std::to_string(end)));
  }
  waiters_.emplace_back(end_offset, Promise<Unit>());
  return waiters_.back().second.future();
}

Status LogImpl::Fail(Status failure, Completions* completions) {
  failure = Status(failure.code(), failure.message() + "; the log takes no more writes until it is opened again");
  MutexLock lock(state_mutex_);
  if (failure_.ok()) failure_ = failure;
  completions->failure = failure_;
  for (auto& [offset, promise] : waiters_) completions->failed.push_back(std::move(promise));
  waiters_.clear();
  return failure_;
}

Status LogImpl::SyncAll(Completions* completions) {
  MutexLock sync_lock(sync_mutex_);
  decltype(unsynced_) unsynced;
  int64_t target = 0;
  bool directory = false;
  bool dropped = false;
  {
    MutexLock lock(state_mutex_);
    if (!failure_.ok()) return failure_;
    dropped = dropped_;
    unsynced.swap(unsynced_);
    directory = std::exchange(directory_unsynced_, false);
    if (dropped) unsynced.clear();
    directory = directory && !dropped;
    target = end_.load(std::memory_order_relaxed);
  }
  for (auto& [segment, file, size] : unsynced) {
    if (file == nullptr) {
      auto opened = File::Open(segment->path(), File::Mode::kReadWrite);
      if (!opened.ok()) return Fail(opened.status(), completions);
      file = *opened;
    }
    const Status synced = file->SyncData();
    if (!synced.ok()) return Fail(synced, completions);
  }
  if (directory) {
    const Status synced = first_sync_ ? SyncDirectoryAndName(directory_, options_.directories.get())
                                      : SyncDirectory(directory_);
    if (!synced.ok()) return Fail(synced, completions);
    first_sync_ = false;
  }
  // Index entries come after the batches they point at: recovery may start at the last one.
  for (const auto& [segment, file, size] : unsynced) (void)segment->FlushIndex(size);
  FinishSync(target, dropped, completions);
  return Status::OK();
}

// Everything below `target` is on disk.
void LogImpl::FinishSync(int64_t target, bool dropped, Completions* completions) {
  if (options_.on_durable && options_.sync && !dropped) options_.on_durable(target);
  MutexLock lock(state_mutex_);
  if (high_watermark_.load(std::memory_order_relaxed) < target) {
    high_watermark_.store(target, std::memory_order_release);
    completions->listener = listener_;
  }
  auto served = std::stable_partition(waiters_.begin(), waiters_.end(),
                                      [&](const auto& waiter) { return waiter.first > target; });
  for (auto waiter = served; waiter != waiters_.end(); ++waiter) {
    completions->durable.push_back(std::move(waiter->second));
  }
  waiters_.erase(served, waiters_.end());
}

std::optional<Log::End> LogImpl::UnsyncedEndLocked() const {
  if (!options_.sync || unsynced_.empty() || dropped_ || !failure_.ok()) return std::nullopt;
  return End{end_.load(std::memory_order_relaxed), segments_->back()->base_offset()};
}

void LogImpl::SyncedWithAll(const End& end) {
  Completions completions;
  {
    MutexLock sync_lock(sync_mutex_);
    decltype(unsynced_) synced;
    {
      MutexLock lock(state_mutex_);
      if (UnsyncedEndLocked() != end) return;
      synced.swap(unsynced_);
      directory_unsynced_ = false;
    }
    first_sync_ = false;
    for (const auto& [segment, file, size] : synced) (void)segment->FlushIndex(size);
    FinishSync(end.offset, /*dropped=*/false, &completions);
  }
  completions.Run();
}

void LogImpl::RunSync() {
  Completions completions;
  const Status synced = SyncAll(&completions);
  completions.Run();
  // Last: once idle, the log may be gone at any moment.
  MutexLock lock(state_mutex_);
  if (synced.ok() && end_.load(std::memory_order_relaxed) > high_watermark_.load(std::memory_order_relaxed)) {
    syncer_->Enqueue(this);
    return;
  }
  sync_queued_ = false;
  sync_idle_.notify_all();
}

void LogImpl::StartSync() {
  MutexLock lock(state_mutex_);
  if (!options_.sync || unsynced_.empty() || sync_queued_ || !failure_.ok()) return;
  syncer_->Enqueue(this);
  sync_queued_ = true;
}

Status LogImpl::Sync() {
  Completions completions;
  const Status synced = SyncAll(&completions);
  completions.Run();
  return synced;
}

void LogImpl::Drop() {
  MutexLock lock(state_mutex_);
  dropped_ = true;
}

// --- read ---

Result<LogReadResult> LogImpl::Read(int64_t offset, int64_t max_bytes, bool include_uncommitted) {
  // Never destroyed: a thread may still read while the process ends.
  static const auto& kNothing = *new std::shared_ptr<arrow::Buffer>(std::make_shared<arrow::Buffer>(nullptr, 0));
  // The end first: the list read after it holds everything below.
  const int64_t high_watermark = this->high_watermark();
  const int64_t end = end_offset();
  const auto segments = SegmentList();
  const int64_t start = segments->empty() ? 0 : segments->front()->base_offset();
  if (offset == kEarliestOffset) offset = start;
  if (offset < start || offset > end) {
    return Status(ErrorCode::kLogOffsetOutOfRange, "offset " + std::to_string(offset) + " is out of range: log '" +
                                                       directory_ + "' holds " + std::to_string(start) + " to " +
                                                       std::to_string(end));
  }
  LogReadResult result{kNothing, high_watermark, start};
  const int64_t limit = include_uncommitted ? end : high_watermark;
  if (offset >= limit) return result;

  LogSegment& segment = *(*segments)[FindSegment(*segments, offset)];
  const int64_t size = segment.size();
  WEIR_ASSIGN_OR_RETURN(auto mapping, segment.Map(size));
  WEIR_ASSIGN_OR_RETURN(int64_t from, segment.Find(*mapping, offset, size));
  WEIR_ASSIGN_OR_RETURN(const int64_t end_of_read, segment.FindEnd(*mapping, from, limit, max_bytes, size));
  WEIR_ASSIGN_OR_RETURN(const int64_t to, segment.CheckOnce(*mapping, from, end_of_read));
  result.records = SliceMapping(std::move(mapping), from, to - from);
  return result;
}

Result<std::shared_ptr<arrow::Buffer>> LogImpl::ReadLast(int64_t records) {
  const int64_t limit = high_watermark();
  const auto segments = SegmentList();
  std::vector<std::shared_ptr<arrow::Buffer>> slices;  // newest first
  for (auto at = segments->rbegin(); at != segments->rend() && records > 0; ++at) {
    LogSegment& segment = **at;
    const int64_t size = segment.size();
    if (segment.base_offset() >= limit || size == 0) continue;
    WEIR_ASSIGN_OR_RETURN(auto mapping, segment.Map(size));
    WEIR_ASSIGN_OR_RETURN(auto index, segment.Index());
    index.insert(index.begin(), IndexEntry{segment.base_offset(), 0});
    std::erase_if(index, [&](const IndexEntry& entry) { return entry.offset >= limit || entry.position >= size; });
    // Block by block of the index, from the newest; within a block, batches from the newest.
    int64_t from = size;
    int64_t to = -1;
    int64_t block_end = size;
    for (auto block = index.rbegin(); block != index.rend() && records > 0; ++block) {
      std::vector<std::pair<int64_t, LogBatchHeader>> batches;
      for (int64_t position = block->position; position < block_end;) {
        WEIR_ASSIGN_OR_RETURN(LogBatchHeader header, segment.HeaderAt(*mapping, position, size));
        if (header.next_offset() > limit) break;
        batches.emplace_back(position, header);
        position += header.total_size();
      }
      for (auto batch = batches.rbegin(); batch != batches.rend() && records > 0; ++batch) {
        if (to < 0) to = batch->first + batch->second.total_size();
        from = batch->first;
        records -= batch->second.record_count;
      }
      block_end = block->position;
    }
    for (int64_t sound = from; sound < to;) {
      WEIR_ASSIGN_OR_RETURN(sound, segment.CheckOnce(*mapping, sound, to));
    }
    if (to > from) slices.push_back(SliceMapping(std::move(mapping), from, to - from));
  }
  if (slices.empty()) return std::make_shared<arrow::Buffer>(nullptr, 0);
  if (slices.size() == 1) return slices.front();
  std::reverse(slices.begin(), slices.end());
  auto joined = arrow::ConcatenateBuffers(slices);
  if (!joined.ok()) return Status(ErrorCode::kLogStorageException, joined.status().ToString());
  return std::move(joined).ValueUnsafe();
}

Result<int64_t> LogImpl::OffsetForTimestamp(int64_t timestamp) {
  const int64_t limit = high_watermark();
  const auto segments = SegmentList();
  // Timestamps never go down along the log: the last segment that starts before it, or the next.
  size_t low = 0;
  size_t high = segments->size();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    WEIR_ASSIGN_OR_RETURN(int64_t first, (*segments)[middle]->FirstTimestamp());
    if (first < timestamp) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return segments->empty() ? limit : std::min(limit, segments->front()->base_offset());
  WEIR_ASSIGN_OR_RETURN(auto found, (*segments)[low - 1]->FindTimestamp(timestamp));
  if (found.has_value()) return std::min(limit, *found);
  return low < segments->size() ? std::min(limit, (*segments)[low]->base_offset()) : limit;
}

// --- upkeep ---

Result<size_t> LogImpl::CountBefore(const Segments& segments, int64_t timestamp) {
  size_t count = 0;
  for (; count + 1 < segments.size(); ++count) {
    WEIR_ASSIGN_OR_RETURN(const int64_t newest, segments[count]->LastTimestamp());
    if (newest >= timestamp) break;
  }
  return count;
}

Result<int64_t> LogImpl::BytesBefore(int64_t timestamp, int64_t from_offset) {
  std::lock_guard lock(append_mutex_);  // no segment goes meanwhile
  const auto segments = SegmentList();
  WEIR_ASSIGN_OR_RETURN(const size_t count, CountBefore(*segments, timestamp));
  int64_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    if ((*segments)[i + 1]->base_offset() > from_offset) bytes += (*segments)[i]->size();
  }
  return bytes;
}

Status LogImpl::DropSegmentsBefore(int64_t timestamp, int64_t keep_from_offset) {
  std::lock_guard lock(append_mutex_);
  if (closed_) return {ErrorCode::kLogStorageException, "log '" + directory_ + "' is closed"};
  const auto segments = SegmentList();
  WEIR_ASSIGN_OR_RETURN(size_t drop, CountBefore(*segments, timestamp));
  while (drop > 0 && (*segments)[drop]->base_offset() > keep_from_offset) --drop;
  if (drop == 0 || options_.read_only) return Status::OK();
  // No sync may be at work on a file that goes away.
  MutexLock sync_lock(sync_mutex_);
  const int64_t start = (*segments)[drop]->base_offset();
  WEIR_RETURN_NOT_OK(WriteStart(start));
  {
    MutexLock state_lock(state_mutex_);
    segments_ = std::make_shared<Segments>(segments->begin() + static_cast<ptrdiff_t>(drop), segments->end());
    std::erase_if(unsynced_, [&](const auto& entry) { return entry.segment->base_offset() < start; });
  }
  for (size_t i = 0; i < drop; ++i) WEIR_RETURN_NOT_OK((*segments)[i]->Remove());
  return options_.sync ? SyncDirectory(directory_) : Status::OK();
}

// Named before anything is removed: segments that are missing otherwise are damage.
Status LogImpl::WriteStart(int64_t start) {
  WEIR_RETURN_NOT_OK(ReplaceFile(SegmentFilePath(directory_, start, kStartSuffix), {}));
  if (options_.sync) WEIR_RETURN_NOT_OK(SyncDirectory(directory_));
  WEIR_ASSIGN_OR_RETURN(const LogFiles files, ListLogFiles(directory_));
  for (const int64_t earlier : files.starts) {
    if (earlier < start) WEIR_RETURN_NOT_OK(RemoveFile(SegmentFilePath(directory_, earlier, kStartSuffix)).status());
  }
  return Status::OK();
}

Status LogImpl::Verify() {
  const int64_t end = end_offset();
  const auto segments = SegmentList();
  for (size_t i = 0; i < segments->size(); ++i) {
    const int64_t next = i + 1 < segments->size() ? (*segments)[i + 1]->base_offset() : 0;
    const bool last = i + 1 == segments->size();
    // An append may have rolled since: then the last one listed is still checked up to `end`.
    WEIR_RETURN_NOT_OK((*segments)[i]->Verify(last ? std::max(end, (*segments)[i]->base_offset()) : next));
  }
  return Status::OK();
}

Status LogImpl::Compact(const JoinBatches& join, const std::function<bool()>& stop) {
  if (options_.read_only) return Status::OK();
  WEIR_RETURN_NOT_OK(EndSegmentOfSmallBatches());
  const JoinBatches join_or_stop = [&](const auto& batches) -> Result<std::shared_ptr<arrow::Buffer>> {
    if (stop()) return Status(ErrorCode::kLogStorageException, "log '" + directory_ + "' is about to be closed");
    return join(batches);
  };
  const auto segments = SegmentList();
  for (size_t i = 0; i + 1 < segments->size() && !stop(); ++i) {
    const SegmentPtr& segment = (*segments)[i];
    if (segment->is_compact()) continue;
    segment->SetCompact();  // also where it fails: it would again
    if (!MayHoldManyBatches(*segment)) continue;
    WEIR_ASSIGN_OR_RETURN(const int64_t small, CountSmallBatches(segment.get(), 0));
    if (small < options_.small_batches_to_join) continue;
    const std::string file = SegmentFilePath(directory_, segment->base_offset(), kCompactedSuffix);
    const Result<int64_t> size = WriteCompacted(segment.get(), file, join_or_stop, options_.sync);
    if (stop()) return RemoveFile(file).status();
    WEIR_RETURN_NOT_OK(size.status());
    WEIR_RETURN_NOT_OK(Replace(segment, file, *size));
  }
  return Status::OK();
}

Status LogImpl::EndSegmentOfSmallBatches() {
  const SegmentPtr active = Active();
  if (active == nullptr || !MayHoldManyBatches(*active)) return Status::OK();
  if (std::exchange(counted_, active->base_offset()) != active->base_offset()) counted_to_ = small_batches_ = 0;
  const int64_t size = active->size();
  WEIR_ASSIGN_OR_RETURN(const int64_t more, CountSmallBatches(active.get(), counted_to_));
  counted_to_ = size;
  small_batches_ += more;
  if (small_batches_ < options_.small_batches_to_join) return Status::OK();
  Completions completions;
  const Status rolled = [&]() -> Status {
    std::lock_guard lock(append_mutex_);
    WEIR_RETURN_NOT_OK(CheckWritable());
    return Active() == active ? Roll(&completions) : Status::OK();
  }();
  completions.Run();
  return rolled;
}

// Index files go before: they may not outlast the file that they are of.
Status LogImpl::Replace(const SegmentPtr& segment, const std::string& file, int64_t size) {
  std::lock_guard lock(append_mutex_);
  const auto segments = SegmentList();
  const auto place = std::find(segments->begin(), segments->end(), segment);
  if (closed_ || place == segments->end()) return RemoveFile(file).status();  // retention was first
  MutexLock sync_lock(sync_mutex_);
  WEIR_RETURN_NOT_OK(segment->Retire());
  if (options_.sync) WEIR_RETURN_NOT_OK(SyncDirectory(directory_));
  if (::rename(file.c_str(), segment->path().c_str()) != 0) return ErrnoStatus("replace", segment->path(), errno);
  if (options_.sync) WEIR_RETURN_NOT_OK(SyncDirectory(directory_));
  auto compacted =
      std::make_shared<LogSegment>(directory_, segment->base_offset(), size, options_.index_interval_bytes, 0,
                                   &mappings_);
  compacted->SetCompact();
  compacted->MarkChecked(0, size);
  auto replaced = std::make_shared<Segments>(*segments);
  (*replaced)[static_cast<size_t>(place - segments->begin())] = std::move(compacted);
  MutexLock lock_state(state_mutex_);
  segments_ = std::move(replaced);
  return Status::OK();
}

void LogImpl::ReleaseIdle() {
  const auto segments = SegmentList();
  for (const auto& segment : *segments) segment->Unmap();
  files_.Release(this);
}

Status LogImpl::Close() {
  {
    std::lock_guard lock(append_mutex_);
    if (closed_) return Status::OK();
    closed_ = true;
  }
  {
    MutexLock lock(state_mutex_);
    sync_idle_.wait(lock.native(), [&]() WEIR_REQUIRES(state_mutex_) { return !sync_queued_; });
  }
  if (options_.read_only) {
    ReleaseIdle();
    return Status::OK();
  }
  const Status synced = options_.sync ? Sync() : Status::OK();
  std::lock_guard lock(append_mutex_);
  const SegmentPtr active = Active();
  if (active != nullptr) (void)GiveBackSpace(active);
  if (synced.ok() && active != nullptr && !clean_snapshot_) {
    (void)active->FlushIndex(active->size());
    WriteWriterSnapshot(options_.sync);
  }
  ReleaseIdle();  // the commit journal may still keep the log
  return synced;
}

}  // namespace

Result<std::unique_ptr<Log>> Log::Open(const std::string& directory, const LogOptions& options,
                                       std::shared_ptr<LogSyncer> syncer) {
  if (options.segment_bytes < 1 || options.segment_bytes > kMaxSegmentBytes || options.index_interval_bytes < 1) {
    return Status(ErrorCode::kInvalidConfig, "segment size " + std::to_string(options.segment_bytes) +
                                                 " and index interval " +
                                                 std::to_string(options.index_interval_bytes) +
                                                 " must be at least 1, the segment size at most 2 GiB");
  }
  if (!options.now_ms) return Status(ErrorCode::kInvalidConfig, "a log needs a clock (LogOptions::now_ms)");
  if (options.sync && syncer == nullptr) {
    return Status(ErrorCode::kInvalidConfig, "a log that syncs needs a LogSyncer");
  }
  if (!options.read_only) WEIR_RETURN_NOT_OK(CheckLogDirectory(directory));
  auto log = std::make_unique<LogImpl>(directory, options, std::move(syncer));
  WEIR_RETURN_NOT_OK(log->Recover());
  return std::unique_ptr<Log>(std::move(log));
}

}  // namespace weir
