#include "gateway/embedded/kv_snapshots.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

#include "gateway/embedded/files.h"
#include "storage/kv_snapshot.h"

namespace weir {
namespace {

constexpr char kOwnRoot[] = "remote";    // below the database's directory
constexpr char kBucketsFolder[] = "kv";  // below a root
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

KvSnapshot Described(const KvSnapshotRecord& record) { return {record.id, record.log_offset}; }

/// A table's, a partition's or a bucket's, below a root.
std::filesystem::path SnapshotsFolder(const std::filesystem::path& below) {
  return std::filesystem::path(kBucketsFolder) / below;
}

std::string SnapshotName(int64_t snapshot_id) { return fmt::format("snap-{}", snapshot_id); }

bool Holds(const std::vector<KvLeaseRecord>& leases, const KvSnapshotId& id) {
  return std::any_of(leases.begin(), leases.end(), [&](const KvLeaseRecord& lease) {
    const auto held = lease.snapshots.find(id.bucket);
    return held != lease.snapshots.end() && held->second == id.snapshot_id;
  });
}

Status CheckLeaseId(const std::string& lease_id) {
  return lease_id.empty() ? Status::Invalid("a lease of snapshots needs an id") : Status::OK();
}

}  // namespace

Result<std::unique_ptr<KvSnapshots>> KvSnapshots::Open(Options options) {
  std::optional<DirectoryLock> lock;
  if (!options.remote.empty() && !options.read_only) {
    std::error_code error;
    std::filesystem::create_directories(options.remote, error);
    if (error) {
      return Status::Invalid(fmt::format("cannot make the directory of snapshots '{}': {}", options.remote.string(),
                                         error.message()));
    }
    Result<DirectoryLock> own = DirectoryLock::Acquire(options.remote);
    if (!own.ok()) return own.status().WithContext("directory of snapshots");
    lock = own.MoveValue();
  }
  return std::unique_ptr<KvSnapshots>(new KvSnapshots(std::move(options), std::move(lock)));
}

KvSnapshots::KvSnapshots(Options options, std::optional<DirectoryLock> lock)
    : options_(std::move(options)), lock_(std::move(lock)), catalog_(options_.kv) {}

KvSnapshots::~KvSnapshots() { Close(); }

void KvSnapshots::Close() {
  closing_ = true;
  thread_.Close();
}

// --- what readers ask for ---

Future<std::vector<std::optional<KvSnapshot>>> KvSnapshots::Latest(std::vector<TableBucket> buckets, int64_t now_ms) {
  using Found = std::vector<std::optional<KvSnapshot>>;
  Found found;
  for (const TableBucket& bucket : buckets) {
    Result<Standing> standing = Look(bucket);
    if (!standing.ok()) return Future<Found>::Ready(standing.status());
    if (!standing->whole && !standing->snapshot) break;
    found.push_back(standing->snapshot ? std::optional(Described(*standing->snapshot)) : std::nullopt);
  }
  if (found.size() == buckets.size()) return Future<Found>::Ready(std::move(found));
  Promise<Found> promise;
  thread_.Post([this, promise, now_ms, all = std::move(buckets), found = std::move(found)]() mutable {
    while (found.size() < all.size()) {
      Result<std::optional<KvSnapshot>> next = LookOrMake(all[found.size()], now_ms);
      if (!next.ok()) return promise.Complete(next.status());
      found.push_back(next.MoveValue());
    }
    promise.Complete(std::move(found));
  });
  return promise.future();
}

// A changelog is whole only as long as nothing of it can be cut before its reader comes: a segment that will is not the
// active one, or has yet to grow old.
Result<KvSnapshots::Standing> KvSnapshots::Look(const TableBucket& bucket) const {
  Standing standing;
  WEIR_ASSIGN_OR_RETURN(std::vector<KvSnapshotRecord> records, catalog_.ListOfBucket(bucket));
  if (!records.empty() && HasFiles(records.back())) {
    standing.snapshot = std::move(records.back());
    return standing;
  }
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, options_.registry->Acquire(bucket));
  WEIR_ASSIGN_OR_RETURN(const int64_t older_bytes, lease->log().BytesBefore(kNever, 0));
  standing.whole = lease->log().start_offset() == 0 && (older_bytes == 0 || options_.read_only);
  if (standing.whole || !options_.read_only) return standing;
  return Status(ErrorCode::kKvSnapshotNotExist,
                fmt::format("{} has no snapshot, its changelog begins at offset {}, and the database is open for "
                            "reading only: open it for writing to have one made",
                            bucket.ToString(), lease->log().start_offset()));
}

Result<std::optional<KvSnapshot>> KvSnapshots::LookOrMake(const TableBucket& bucket, int64_t now_ms) {
  MutexLock making(making_);
  WEIR_ASSIGN_OR_RETURN(const Standing standing, Look(bucket));
  if (standing.snapshot) return std::optional(Described(*standing.snapshot));
  if (standing.whole) return std::optional<KvSnapshot>();
  WEIR_ASSIGN_OR_RETURN(const std::vector<KvSnapshotRecord> earlier, catalog_.ListOfBucket(bucket));
  WEIR_ASSIGN_OR_RETURN(const KvSnapshotRecord made, Make(bucket, earlier, now_ms));
  return std::optional(Described(made));
}

Result<std::vector<KvSnapshot>> KvSnapshots::List(int64_t table_id, std::optional<int64_t> partition_id) const {
  WEIR_ASSIGN_OR_RETURN(const std::vector<KvSnapshotRecord> records, catalog_.ListOfPartition(table_id, partition_id));
  std::vector<KvSnapshot> snapshots;
  for (const KvSnapshotRecord& record : records) snapshots.push_back(Described(record));
  return snapshots;
}

Result<KvSnapshotFiles> KvSnapshots::Files(const KvSnapshotId& id) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<KvSnapshotRecord> record, catalog_.Find(id));
  if (!record) {
    return Status(ErrorCode::kKvSnapshotNotExist,
                  fmt::format("{} has no snapshot {}", id.bucket.ToString(), id.snapshot_id));
  }
  KvSnapshotFiles files;
  files.log_offset = record->log_offset;
  const std::filesystem::path directory = DirectoryOf(*record);
  for (const std::string& name : record->files) files.files.push_back({"file://" + (directory / name).string(), name});
  return files;
}

// --- leases ---

Result<std::vector<KvSnapshotId>> KvSnapshots::Acquire(const KvSnapshotLease& lease, int64_t now_ms) {
  WEIR_RETURN_NOT_OK(CheckLeaseId(lease.lease_id));
  if (lease.duration_ms <= 0) {
    return Status::Invalid(fmt::format("lease '{}' is to last {} ms, it must be at least one", lease.lease_id,
                                       lease.duration_ms));
  }
  MutexLock lock(records_);
  WEIR_ASSIGN_OR_RETURN(std::optional<KvLeaseRecord> record, catalog_.FindLease(lease.lease_id));
  if (!record || record->expires_ms <= now_ms) record = KvLeaseRecord{lease.lease_id, 0, {}};
  record->expires_ms = lease.duration_ms > kNever - now_ms ? kNever : now_ms + lease.duration_ms;
  std::vector<KvSnapshotId> missing;
  for (const KvSnapshotId& id : lease.snapshots) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<KvSnapshotRecord> found, catalog_.Find(id));
    if (found) record->snapshots[id.bucket] = id.snapshot_id;
    else missing.push_back(id);
  }
  if (!options_.read_only) WEIR_RETURN_NOT_OK(catalog_.PutLease(*record));
  return missing;
}

Result<std::vector<KvSnapshotId>> KvSnapshots::Leased(const std::string& lease_id) const {
  WEIR_ASSIGN_OR_RETURN(const std::optional<KvLeaseRecord> lease, catalog_.FindLease(lease_id));
  std::vector<KvSnapshotId> held;
  if (!lease) return held;
  for (const auto& [bucket, snapshot_id] : lease->snapshots) held.push_back({bucket, snapshot_id});
  return held;
}

Status KvSnapshots::Release(const std::string& lease_id, const std::vector<TableBucket>& buckets) {
  MutexLock lock(records_);
  WEIR_ASSIGN_OR_RETURN(std::optional<KvLeaseRecord> lease, catalog_.FindLease(lease_id));
  if (!lease || options_.read_only) return Status::OK();
  for (const TableBucket& bucket : buckets) lease->snapshots.erase(bucket);
  return lease->snapshots.empty() ? catalog_.RemoveLeases({lease_id}) : catalog_.PutLease(*lease);
}

Status KvSnapshots::DropLease(const std::string& lease_id) {
  MutexLock lock(records_);
  return options_.read_only ? Status::OK() : catalog_.RemoveLeases({lease_id});
}

// --- making and removing ---

Status KvSnapshots::CutChangelog(const TableBucket& bucket, int64_t timestamp, int64_t now_ms) {
  MutexLock making(making_);
  WEIR_ASSIGN_OR_RETURN(std::vector<KvSnapshotRecord> records, catalog_.ListOfBucket(bucket));
  int64_t uncovered_bytes = 0;
  {
    const int64_t covered = records.empty() ? 0 : records.back().log_offset;
    WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, options_.registry->Acquire(bucket));
    WEIR_ASSIGN_OR_RETURN(uncovered_bytes, lease->log().BytesBefore(timestamp, covered));
  }
  const int64_t worth = records.empty() ? 0 : records.back().bytes / 2;
  if (uncovered_bytes > 0 && uncovered_bytes >= worth) {
    WEIR_ASSIGN_OR_RETURN(KvSnapshotRecord made, Make(bucket, records, now_ms));
    records.push_back(std::move(made));
  }
  if (records.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, options_.registry->Acquire(bucket));
  return lease->ApplyRetention(timestamp, records.front().log_offset);
}

Status KvSnapshots::Renew(const TableBucket& bucket, int64_t now_ms) {
  MutexLock making(making_);
  WEIR_ASSIGN_OR_RETURN(const std::vector<KvSnapshotRecord> earlier, catalog_.ListOfBucket(bucket));
  return Make(bucket, earlier, now_ms).status();
}

// What is on disk of a snapshot that has no record was left by a process that was killed.
Result<KvSnapshotRecord> KvSnapshots::Make(const TableBucket& bucket, const std::vector<KvSnapshotRecord>& earlier,
                                           int64_t now_ms) {
  KvSnapshotRecord record;
  record.id = {bucket, earlier.empty() ? 0 : earlier.back().id.snapshot_id + 1};
  record.time_ms = now_ms;
  record.root = options_.remote.string();
  const std::filesystem::path directory = DirectoryOf(record);
  const std::filesystem::path root = options_.remote.empty() ? options_.directory : options_.remote;
  WEIR_RETURN_NOT_OK(RemoveUnknown(directory.parent_path(), earlier));
  WEIR_RETURN_NOT_OK(MakeDirectories(root, directory.lexically_relative(root), options_.sync));
  const auto write = [&]() -> Status {
    WEIR_ASSIGN_OR_RETURN(const Bucket::Snapshot snapshot, OpenRows(bucket));
    record.log_offset = snapshot.log_offset;
    WEIR_ASSIGN_OR_RETURN(KvSnapshotContent content, WriteKvSnapshot(snapshot.rows.get(), directory.string(),
                                                                    [this] { return closing_.load(); }));
    record.files = std::move(content.files);
    record.bytes = content.bytes;
    MutexLock lock(records_);
    return catalog_.Add(record);
  };
  const Status written = write();
  if (written.ok()) return record;
  (void)RemoveTree(directory);
  return written;
}

// A snapshot must not know of records that its changelog could still lose.
Result<Bucket::Snapshot> KvSnapshots::OpenRows(const TableBucket& bucket) const {
  WEIR_ASSIGN_OR_RETURN(const BucketRegistry::Lease lease, options_.registry->Acquire(bucket));
  WEIR_ASSIGN_OR_RETURN(Bucket::Snapshot snapshot, lease->OpenSnapshot());
  WEIR_RETURN_NOT_OK(lease->log().Sync());
  return snapshot;
}

Status KvSnapshots::RemoveUnknown(const std::filesystem::path& directory,
                                  const std::vector<KvSnapshotRecord>& known) const {
  std::set<std::filesystem::path> names;
  for (const KvSnapshotRecord& record : known) names.insert(DirectoryOf(record));
  std::vector<std::filesystem::path> unknown;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (!names.contains(it->path())) unknown.push_back(it->path());
  }
  for (const std::filesystem::path& path : unknown) WEIR_RETURN_NOT_OK(RemoveTree(path));
  return Status::OK();
}

Status KvSnapshots::Sweep(int64_t now_ms) {
  std::vector<KvSnapshotRecord> unheld;
  {
    MutexLock lock(records_);
    WEIR_ASSIGN_OR_RETURN(const std::vector<KvLeaseRecord> leases, EndLeases(now_ms));
    WEIR_ASSIGN_OR_RETURN(const std::vector<KvSnapshotRecord> all, catalog_.ListAll());
    for (size_t i = 0; i + 1 < all.size(); ++i) {
      const bool is_latest = all[i + 1].id.bucket != all[i].id.bucket;
      if (is_latest || now_ms - all[i + 1].time_ms < kGraceMs || Holds(leases, all[i].id)) continue;
      unheld.push_back(all[i]);
    }
    WEIR_RETURN_NOT_OK(catalog_.Remove(unheld));
  }
  return RemoveFiles(unheld);
}

/// The leases that go on.
Result<std::vector<KvLeaseRecord>> KvSnapshots::EndLeases(int64_t now_ms) {
  WEIR_ASSIGN_OR_RETURN(std::vector<KvLeaseRecord> leases, catalog_.ListLeases());
  const auto expired = std::stable_partition(leases.begin(), leases.end(),
                                             [&](const KvLeaseRecord& lease) { return lease.expires_ms > now_ms; });
  std::vector<std::string> ended;
  for (auto lease = expired; lease != leases.end(); ++lease) ended.push_back(lease->lease_id);
  WEIR_RETURN_NOT_OK(catalog_.RemoveLeases(ended));
  leases.erase(expired, leases.end());
  return leases;
}

Status KvSnapshots::Forget(int64_t table_id, std::optional<int64_t> partition_id) {
  MutexLock making(making_);  // nobody makes another one
  MutexLock lock(records_);
  auto listed = partition_id ? catalog_.ListOfPartition(table_id, partition_id) : catalog_.ListOfTable(table_id);
  WEIR_ASSIGN_OR_RETURN(const std::vector<KvSnapshotRecord> gone, std::move(listed));
  std::set<std::string> roots{"", options_.remote.string()};
  for (const KvSnapshotRecord& record : gone) roots.insert(record.root);
  const std::filesystem::path folder = SnapshotsFolder(BucketRegistry::TableDirectory(table_id, partition_id));
  for (const std::string& root : roots) WEIR_RETURN_NOT_OK(RemoveTree(PathOfRoot(root) / folder));
  return catalog_.Remove(gone);
}

Status KvSnapshots::RemoveFiles(const std::vector<KvSnapshotRecord>& records) const {
  for (const KvSnapshotRecord& record : records) WEIR_RETURN_NOT_OK(RemoveTree(DirectoryOf(record)));
  return Status::OK();
}

// They may lie where others remove things.
bool KvSnapshots::HasFiles(const KvSnapshotRecord& record) const {
  const std::filesystem::path directory = DirectoryOf(record);
  return std::all_of(record.files.begin(), record.files.end(), [&](const std::string& name) {
    std::error_code error;
    return std::filesystem::exists(directory / name, error);
  });
}

std::filesystem::path KvSnapshots::PathOfRoot(const std::string& root) const {
  return root.empty() ? options_.directory / kOwnRoot : std::filesystem::path(root);
}

std::filesystem::path KvSnapshots::DirectoryOf(const KvSnapshotRecord& record) const {
  const std::filesystem::path folder = SnapshotsFolder(BucketRegistry::BucketDirectory(record.id.bucket));
  return PathOfRoot(record.root) / folder / SnapshotName(record.id.snapshot_id);
}

}  // namespace weir
