#include "gateway/embedded/bucket_registry.h"

#include <arrow/buffer.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "storage/bucket_range.h"
#include "storage/log_segment.h"

namespace weir {
namespace {

constexpr int64_t kDirectoriesPerShard = 1000;

Status MoveAway(const std::filesystem::path& file, const std::filesystem::path& name, bool sync) {
  std::error_code error;
  std::filesystem::rename(file, name, error);
  if (error) return {ErrorCode::kUnknownServerError, "cannot rename '" + file.string() + "': " + error.message()};
  return sync ? SyncDirectory(file.parent_path().string()) : Status::OK();
}

/// Whether a log has the one segment alone.
bool HasOneSegment(const std::filesystem::path& directory) {
  std::error_code error;
  int segments = 0;
  for (std::filesystem::directory_iterator file(directory, error), end; !error && file != end; file.increment(error)) {
    if (file->path().extension() == kLogSuffix) ++segments;
  }
  return !error && segments == 1;
}

}  // namespace

BucketRegistry::BucketRegistry(Options options)
    : options_(std::move(options)), many_at_once_(options_.directory.parent_path().string()) {
  if (options_.quiet_file.empty()) return;
  const std::filesystem::path earlier = options_.quiet_file.parent_path() / kEarlierQuietFile;
  Result<std::shared_ptr<File>> left = File::Open(options_.quiet_file.string(), File::Mode::kRead);
  const bool is_earlier = !left.ok();
  if (is_earlier) left = File::Open(earlier.string(), File::Mode::kRead);
  if (!left.ok()) return;
  if (!is_earlier && !options_.log.read_only) {
    // Before anything is written that it does not know of.
    const Status moved = MoveAway(options_.quiet_file, earlier, options_.log.sync);
    if (!moved.ok()) {
      spdlog::warn("{}; small logs are opened one by one", moved.message());
      return;
    }
  }
  MutexLock lock(mutex_);
  left_quiet_ = *std::move(left);
  left_earlier_ = is_earlier;
}

std::filesystem::path BucketRegistry::TableDirectory(int64_t table_id, std::optional<int64_t> partition_id) {
  std::filesystem::path path = std::to_string(table_id / kDirectoriesPerShard);
  path /= std::to_string(table_id);
  if (partition_id) {
    path /= std::to_string(*partition_id / kDirectoriesPerShard);
    path /= std::to_string(*partition_id);
  }
  return path;
}

std::filesystem::path BucketRegistry::BucketDirectory(const TableBucket& bucket) {
  return TableDirectory(bucket.table_id, bucket.partition_id) / std::to_string(bucket.bucket_id);
}

Result<BucketRegistry::Lease> BucketRegistry::Acquire(const TableBucket& bucket) {
  return AcquireOne(bucket, /*make_room=*/true);
}

Result<std::vector<BucketRegistry::Lease>> BucketRegistry::AcquireAll(std::span<const TableBucket> buckets) {
  CloseLeastUsed();  // not later: those held by then are passed over
  std::vector<Lease> leases;
  leases.reserve(buckets.size());
  for (const TableBucket& bucket : buckets) {
    WEIR_ASSIGN_OR_RETURN(Lease lease, AcquireOne(bucket, /*make_room=*/false));
    leases.push_back(std::move(lease));
  }
  return leases;
}

Result<BucketRegistry::Lease> BucketRegistry::AcquireOne(const TableBucket& bucket, bool make_room) {
  while (true) {
    const std::shared_ptr<Entry> entry = FindOrAdd(bucket);
    {
      std::shared_lock in_use(entry->gate);
      if (entry->bucket != nullptr) return Lease(entry, std::move(in_use));
    }
    std::unique_lock opening(entry->gate);
    if (entry->gone || entry->bucket != nullptr) continue;
    if (Status opened = Open(*entry); !opened.ok()) {
      (void)CloseEntry(*entry);
      return opened;
    }
    opening.unlock();
    if (make_room) CloseLeastUsed();
  }
}

std::shared_ptr<BucketRegistry::Entry> BucketRegistry::FindOrAdd(const TableBucket& id) {
  MutexLock lock(mutex_);
  LoadQuiet();
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    recently_used_.splice(recently_used_.begin(), recently_used_, found->second->position);
    return found->second;
  }
  ++changes_;
  unwritten_.erase(id);
  if (const auto quiet = quiet_.find(id); quiet != quiet_.end()) ForgetQuiet(quiet);
  auto entry = std::make_shared<Entry>(id);
  recently_used_.push_front(id);
  entry->position = recently_used_.begin();
  entries_.emplace(id, entry);
  return entry;
}

Status BucketRegistry::Open(Entry& entry) {
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<const TableContext> table, options_.find_table(entry.id));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, OpenLog(entry.id, options_.directory / BucketDirectory(entry.id)));
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Bucket> bucket, Bucket::Open(entry.id, table, std::move(log), options_.kv));
  bucket->log().SetAppendListener([on_append = options_.on_append, id = entry.id] { on_append(id); });
  MutexLock lock(mutex_);
  entry.has_changelog = table->descriptor.has_primary_key();
  entry.bucket = std::move(bucket);
  return Status::OK();
}

Result<std::unique_ptr<Log>> BucketRegistry::OpenLog(const TableBucket& id, const std::filesystem::path& directory) {
  LogOptions options = options_.log;
  if (options_.ends != nullptr) {
    options.durable_end = options_.ends->Find(id);
    options.on_durable = [ends = options_.ends, id](int64_t end) { ends->Set(id, end); };
  }
  if (options_.journal != nullptr) {
    WEIR_ASSIGN_OR_RETURN(options.journaled, options_.journal->Journaled(id));
  }
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, Log::Open(directory.string(), options, options_.syncer));
  // What was closed in good order is not synced again, and the list may have been lost.
  if (options.on_durable && options.sync) options.on_durable(log->high_watermark());
  if (options.journaled) WEIR_RETURN_NOT_OK(options_.journal->Redo(id, log.get()));
  return log;
}

Status BucketRegistry::CloseEntry(Entry& entry, bool keep_quiet) {
  // Synced while SyncChangelogs still sees it: rows must not reach the disk before their changelog.
  Status status = entry.bucket != nullptr && options_.log.sync ? entry.bucket->log().Sync() : Status::OK();
  std::shared_ptr<Bucket> bucket;
  {
    MutexLock lock(mutex_);
    bucket = std::move(entry.bucket);
    entry.bucket = nullptr;
  }
  std::shared_ptr<QuietLog> kept;
  if (bucket != nullptr) {
    if (keep_quiet && !entry.has_changelog && status.ok()) kept = CopyQuietLog(&bucket->log());
    Status closed = bucket->Close();
    if (status.ok()) status = closed;
    // A write that was prepared may have come to its end meanwhile.
    if (!status.ok() || (kept != nullptr && kept->end_offset != bucket->log().end_offset())) kept = nullptr;
  }
  if (kept != nullptr) {
    const auto segment = FileMark::Of(SegmentOf(entry.id, *kept));
    // One of several segments would not tell of the others.
    const bool alone = segment && segment->size == kept->records->size();
    if (alone) kept->segment = *segment;
    if (!alone) kept = nullptr;
  }
  MutexLock lock(mutex_);
  if (!entry.gone) {
    entry.gone = true;
    recently_used_.erase(entry.position);
    entries_.erase(entry.id);
    if (kept != nullptr) KeepQuiet(entry.id, std::move(kept));
  }
  return status;
}

std::shared_ptr<const QuietLog> BucketRegistry::FindQuiet(const TableBucket& bucket) {
  std::shared_ptr<const QuietLog> log;
  bool earlier = false;
  {
    MutexLock lock(mutex_);
    LoadQuiet();
    const auto found = quiet_.find(bucket);
    if (found == quiet_.end()) return nullptr;
    if (found->second.checked) return found->second.log;
    log = found->second.log;
    earlier = left_earlier_;
  }
  const bool as_left = IsAsLeft(bucket, *log, earlier);
  MutexLock lock(mutex_);
  const auto found = quiet_.find(bucket);
  if (found == quiet_.end() || found->second.log != log) return nullptr;
  found->second.checked = true;
  if (as_left) return log;
  ForgetQuiet(found);
  return nullptr;
}

void BucketRegistry::KeepQuiet(const TableBucket& id, std::shared_ptr<const QuietLog> log) {
  quiet_bytes_ += log->bytes_kept();
  const auto place = quiet_.insert_or_assign(id, Quiet{std::move(log)}).first;
  // Those before it go: a scan that comes round needs the others first.
  while (quiet_bytes_ > options_.max_quiet_bytes) {
    const bool first = place == quiet_.begin();
    if (first && quiet_.size() == 1) return ForgetQuiet(place);
    ForgetQuiet(std::prev(first ? quiet_.end() : place));
  }
}

void BucketRegistry::ForgetQuiet(QuietMap::iterator place) {
  quiet_bytes_ -= place->second.log->bytes_kept();
  quiet_.erase(place);
}

std::filesystem::path BucketRegistry::SegmentOf(const TableBucket& id, const QuietLog& log) const {
  return SegmentFilePath((options_.directory / BucketDirectory(id)).string(), log.start_offset, kLogSuffix);
}

bool BucketRegistry::IsAsLeft(const TableBucket& id, const QuietLog& log, bool earlier) const {
  if (options_.ends != nullptr && options_.ends->Find(id) > log.end_offset) return false;
  if (options_.journal != nullptr) {
    const auto journaled = options_.journal->Journaled(id);
    if (!journaled.ok() || *journaled) return false;
  }
  if (FileMark::Of(SegmentOf(id, log)) != log.segment) return false;
  return !earlier || HasOneSegment(options_.directory / BucketDirectory(id));
}

/// What the process before has left, as much as may be kept. Done before the first bucket is opened.
void BucketRegistry::LoadQuiet() {
  if (left_quiet_ == nullptr) return;
  const std::shared_ptr<File> file = std::exchange(left_quiet_, nullptr);
  const Result<int64_t> size = file->Size();
  if (!size.ok() || *size == 0) return;
  const Result<std::shared_ptr<FileMapping>> mapping = FileMapping::Map(*file, *size);
  if (!mapping.ok()) return;
  std::optional<QuietLogs> left = QuietLogs::Decode(SliceMapping(*mapping, 0, *size));
  if (!left) return spdlog::warn("'{}' is not whole; small logs are opened one by one", file->path());
  for (auto& [id, log] : left->logs) {
    if (quiet_bytes_ + log->bytes_kept() > options_.max_quiet_bytes) break;
    quiet_bytes_ += log->bytes_kept();
    quiet_.emplace_hint(quiet_.end(), id, Quiet{std::move(log), /*checked=*/false});
  }
  if (left_earlier_) return;  // what was unwritten then may be written now
  for (const TableBucket& id : left->unwritten) {
    const bool known_of = options_.ends != nullptr && options_.ends->Find(id) > 0;
    if (!known_of) unwritten_.insert(unwritten_.end(), id);
  }
}

/// What cannot be written is opened one by one later.
void BucketRegistry::SaveQuiet() {
  if (options_.quiet_file.empty() || options_.log.read_only) return;
  MutexLock lock(mutex_);
  LoadQuiet();
  QuietLogs all;
  for (const auto& [id, quiet] : quiet_) all.logs.emplace_hint(all.logs.end(), id, quiet.log);
  all.unwritten = unwritten_;
  if (all.logs.empty() && all.unwritten.empty()) return;
  const Status saved = ReplaceFile(options_.quiet_file.string(), all.Encode());
  if (!saved.ok()) spdlog::warn("{}; small logs are opened one by one at the next start", saved.message());
}

void BucketRegistry::CloseLeastUsed() {
  std::vector<std::shared_ptr<Entry>> candidates;
  {
    MutexLock lock(mutex_);
    if (entries_.size() <= options_.max_open) return;
    // A few more than needed: those in use right now are passed over.
    size_t wanted = entries_.size() - options_.max_open + 8;
    for (auto it = recently_used_.rbegin(); it != recently_used_.rend() && wanted > 0; ++it, --wanted) {
      candidates.push_back(entries_.at(*it));
    }
  }
  for (const std::shared_ptr<Entry>& entry : candidates) {
    std::unique_lock gate(entry->gate, std::try_to_lock);
    if (!gate.owns_lock() || entry->bucket == nullptr) continue;
    (void)CloseEntry(*entry, /*keep_quiet=*/true);  // a failed sync was reported to those who waited for it
    if (num_open() <= options_.max_open) return;
  }
}

std::vector<std::shared_ptr<BucketRegistry::Entry>> BucketRegistry::EntriesOf(
    int64_t table_id, std::optional<int64_t> partition_id) const {
  std::vector<std::shared_ptr<Entry>> entries;
  MutexLock lock(mutex_);
  for (const auto& [id, entry] : BucketsOf(entries_, table_id, partition_id)) entries.push_back(entry);
  return entries;
}

Result<bool> BucketRegistry::IsUnwritten(const TableBucket& bucket) {
  uint64_t before = 0;
  {
    MutexLock lock(mutex_);
    LoadQuiet();
    if (unwritten_.contains(bucket)) return true;
    if (entries_.contains(bucket)) return false;
    before = changes_;
  }
  WEIR_RETURN_NOT_OK(options_.find_table(bucket).status());
  // A log that is known of and missing is damage, which opening it says.
  if (options_.ends != nullptr && options_.ends->Find(bucket) > 0) return false;
  if (options_.journal != nullptr) {
    WEIR_ASSIGN_OR_RETURN(const auto journaled, options_.journal->Journaled(bucket));
    if (journaled) return false;
  }
  if (::access((options_.directory / BucketDirectory(bucket)).c_str(), F_OK) == 0 || errno != ENOENT) return false;
  MutexLock lock(mutex_);
  if (changes_ == before) unwritten_.insert(bucket);
  return true;
}

bool BucketRegistry::HasAny(int64_t table_id) const {
  MutexLock lock(mutex_);
  return !BucketsOf(entries_, table_id, {}).empty();
}

void BucketRegistry::SetTable(const std::shared_ptr<const TableContext>& table) {
  for (const std::shared_ptr<Entry>& entry : EntriesOf(table->table_id, {})) {
    std::shared_lock in_use(entry->gate);
    if (entry->bucket != nullptr) entry->bucket->SetTable(table);
  }
}

std::vector<TableBucket> BucketRegistry::Drop(int64_t table_id, std::optional<int64_t> partition_id) {
  {
    MutexLock lock(mutex_);
    LoadQuiet();
    ++changes_;
    const auto unwritten = BucketsOf(unwritten_, table_id, partition_id);
    unwritten_.erase(unwritten.begin(), unwritten.end());
    const auto quiet = BucketsOf(quiet_, table_id, partition_id);
    for (auto place = quiet.begin(); place != quiet.end();) ForgetQuiet(place++);
  }
  std::vector<TableBucket> dropped;
  for (const std::shared_ptr<Entry>& entry : EntriesOf(table_id, partition_id)) {
    std::unique_lock gate(entry->gate);
    // A commit to it may still be on its way, and the journal's upkeep comes back to it.
    if (entry->bucket != nullptr) entry->bucket->log().Drop();
    (void)CloseEntry(*entry);
    dropped.push_back(entry->id);
  }
  return dropped;
}

Status BucketRegistry::SyncChangelogs() {
  std::vector<std::shared_ptr<Bucket>> buckets;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      if (entry->bucket != nullptr && entry->has_changelog) buckets.push_back(entry->bucket);
    }
  }
  std::vector<Future<Unit>> pending;
  for (const std::shared_ptr<Bucket>& bucket : buckets) {
    pending.push_back(bucket->log().WhenDurable(bucket->log().end_offset()));
    // Who has appended may have taken the sync upon itself (SyncByAppender), and stand still until this flush is over.
    bucket->log().StartSync();
  }
  Status status;
  for (const Future<Unit>& future : pending) {
    if (const Result<Unit>& durable = future.Wait(); !durable.ok() && status.ok()) status = durable.status();
  }
  return status;
}

Status BucketRegistry::Compact(const std::function<bool()>& stop) {
  std::vector<std::shared_ptr<Entry>> entries;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      if (entry->bucket != nullptr && !entry->has_changelog) entries.push_back(entry);
    }
  }
  Status status;
  for (const std::shared_ptr<Entry>& entry : entries) {
    if (stop()) break;
    std::shared_lock in_use(entry->gate);
    if (entry->bucket == nullptr) continue;
    const Status compacted = entry->bucket->Compact(stop);
    if (!compacted.ok() && status.ok()) status = compacted.WithContext(entry->id.ToString());
  }
  return status;
}

size_t BucketRegistry::num_open() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

void BucketRegistry::StartSync(std::span<const std::shared_ptr<Bucket>> buckets) {
  std::vector<Log*> logs;
  logs.reserve(buckets.size());
  for (const std::shared_ptr<Bucket>& bucket : buckets) logs.push_back(&bucket->log());
  many_at_once_.Start(logs);
}

Status BucketRegistry::Close() {
  std::vector<std::shared_ptr<Entry>> entries;
  std::vector<std::shared_ptr<Bucket>> buckets;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_) {
      entries.push_back(entry);
      if (entry->bucket != nullptr) buckets.push_back(entry->bucket);
    }
  }
  StartSync(buckets);
  Status status;
  for (const std::shared_ptr<Entry>& entry : entries) {
    std::unique_lock gate(entry->gate);
    const bool keep = !options_.quiet_file.empty();
    if (Status closed = CloseEntry(*entry, keep); !closed.ok() && status.ok()) status = closed;
  }
  if (status.ok()) SaveQuiet();
  return status;
}

}  // namespace weir
