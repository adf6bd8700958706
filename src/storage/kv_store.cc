#include "storage/kv_store.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <numeric>
#include <thread>

#include "storage/bucket_range.h"
#include "storage/catalog_log.h"
#include "storage/disk_space.h"
#include "storage/key_walk.h"
#include "storage/kv_layout.h"
#include "storage/row_buffer.h"
#include "storage/unwatched.h"
#include "types/mutex.h"

namespace weir {
namespace {

constexpr size_t kBytesOfWrite = 4 << 20;
constexpr int kCacheShardBits = 3;  // a shard must hold the filter of any file
constexpr int64_t kMinCatalogLog = 1 << 20;  // a log of the catalog's copy that outgrows this and its base ends

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Groups a memtable's keys by bucket: sorted inserts into one bucket go on from where the last one ended.
class BucketPrefixTransform : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "weir.BucketPrefix"; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override { return {key.data(), Size(key)}; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > 8 && key.size() >= Size(key); }

 private:
  static size_t Size(const rocksdb::Slice& key) {
    return key[8] == kInPartition ? kPartitionPrefixSize : kPlainPrefixSize;
  }
};

class FlushListener : public rocksdb::EventListener {
 public:
  explicit FlushListener(std::function<void()> before_flush) : before_flush_(std::move(before_flush)) {}
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo& info) override {
    if (active_ && before_flush_ && info.cf_name == kRowsFamily) before_flush_();
  }
  void Stop() { active_ = false; }

 private:
  std::function<void()> before_flush_;
  std::atomic<bool> active_ = true;
};

bool Supports(rocksdb::CompressionType type) {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), type) != supported.end();
}

rocksdb::DBOptions DatabaseOptions(KvStore::Opening opening) {
  rocksdb::DBOptions options;
  options.create_if_missing = opening == KvStore::Opening::kCreate;
  options.create_missing_column_families = options.create_if_missing;
  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  options.max_open_files = 512;
  options.max_file_opening_threads = 2;
  options.max_total_wal_size = 16 << 20;
  options.bytes_per_sync = 1 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 4 << 20;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::BlockBasedTableOptions TableFormat(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 8 << 10;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.optimize_filters_for_memory = true;
  return table;
}

rocksdb::ColumnFamilyOptions RowOptions(size_t memtable_bytes, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 3;
  options.memtable_prefix_bloom_size_ratio = 0.02;
  options.memtable_whole_key_filtering = true;
  options.memtable_insert_with_hint_prefix_extractor = std::make_shared<BucketPrefixTransform>();
  options.level_compaction_dynamic_level_bytes = true;
  options.target_file_size_base = 32 << 20;
  options.max_bytes_for_level_base = 256 << 20;
  options.compression = Supports(rocksdb::kLZ4Compression) ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (Supports(rocksdb::kZSTD)) options.bottommost_compression = rocksdb::kZSTD;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableFormat(cache)));
  return options;
}

rocksdb::ColumnFamilyOptions CatalogOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 4 << 20;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(TableFormat(cache)));
  return options;
}

/// The open RocksDB. Iterators share it, so that it outlives them.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* catalog = nullptr;
  rocksdb::ColumnFamilyHandle* rows = nullptr;

  ~Database() {
    if (db == nullptr) return;
    db->DestroyColumnFamilyHandle(rows).PermitUncheckedError();
    db->DestroyColumnFamilyHandle(catalog).PermitUncheckedError();
    db->Close().PermitUncheckedError();
  }

  rocksdb::Status Write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch) const {
    // Batches of several threads become one write, by whichever thread is first.
    const Unwatched unwatched;
    return db->Write(options, &batch);
  }
};

class KvIterator : public KvRows {
 public:
  KvIterator(std::shared_ptr<Database> database, const TableBucket& bucket, std::string_view prefix)
      : database_(std::move(database)), lower_(BucketPrefix(bucket, kRowKind)), bucket_prefix_size_(lower_.size()) {
    lower_.append(prefix);
    upper_ = PrefixEnd(lower_);
    upper_slice_ = upper_;
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_slice_;
    options.total_order_seek = true;
    iterator_.reset(database_->db->NewIterator(options, database_->rows));
    iterator_->Seek(lower_);
  }

  bool Valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return ToView(iterator_->key()).substr(bucket_prefix_size_); }
  std::string_view value() const override { return ToView(iterator_->value()); }
  void Next() override { iterator_->Next(); }
  Status status() const override {
    const rocksdb::Status s = iterator_->status();
    return s.ok() ? Status::OK() : Status(ErrorCode::kKvStorageException, "scanning rows: " + s.ToString());
  }

 private:
  std::shared_ptr<Database> database_;
  std::string lower_;
  size_t bucket_prefix_size_;
  std::string upper_;
  rocksdb::Slice upper_slice_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

class FailedIterator : public KvRows {
 public:
  explicit FailedIterator(Status status) : status_(std::move(status)) {}
  bool Valid() const override { return false; }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  void Next() override {}
  Status status() const override { return status_; }

 private:
  Status status_;
};

std::string EncodeOffset(int64_t offset) {
  std::string bytes;
  AppendBigEndian(offset, &bytes);
  return bytes;
}

/// A bucket's changed rows on their way to RocksDB. Its memtables take an insertion or a lookup an
/// order of magnitude longer than a hash table, and mind the order of the keys.
struct PendingRows {
  PendingRows(const TableBucket& bucket, bool has_stored_rows) : id(bucket), in_database(has_stored_rows) {}

  const TableBucket id;
  Mutex draining;      // one drain at a time; taken before `mutex`
  SharedMutex mutex;
  RowBuffer newest WEIR_GUARDED_BY(mutex);
  RowBuffer leaving WEIR_GUARDED_BY(mutex);           // older than `newest`; changed by drains only
  int64_t newest_offset WEIR_GUARDED_BY(mutex) = -1;  // of the changelog, that the rows stand at; -1: nothing is there
  int64_t leaving_offset WEIR_GUARDED_BY(mutex) = -1;
  bool in_database WEIR_GUARDED_BY(mutex);  // whether RocksDB may have rows of this bucket
  bool dropped WEIR_GUARDED_BY(mutex) = false;
};

class RocksKvStore : public KvStore {
 public:
  RocksKvStore(std::string directory, const Options& options, std::shared_ptr<FlushListener> listener,
               std::shared_ptr<Database> database)
      : directory_(std::move(directory)),
        options_(options),
        listener_(std::move(listener)),
        database_(std::move(database)),
        drainer_([this] { RunDrainer(); }) {}
  ~RocksKvStore() override { (void)Close(); }

  ColumnFiles* column_files() const override { return options_.column_files.get(); }

  Result<std::optional<std::string>> Get(const TableBucket& bucket, std::string_view key) override {
    Arena arena;
    std::optional<std::string_view> value;
    WEIR_RETURN_NOT_OK(GetRows(bucket, {&key, 1}, &arena, {&value, 1}));
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(const TableBucket& bucket,
                                                           const std::vector<std::string>& keys) override {
    const std::vector<std::string_view> views(keys.begin(), keys.end());
    Arena arena;
    std::vector<std::optional<std::string_view>> found(keys.size());
    WEIR_RETURN_NOT_OK(GetRows(bucket, views, &arena, found));
    return std::vector<std::optional<std::string>>(found.begin(), found.end());
  }

  Status GetRows(const TableBucket& bucket, std::span<const std::string_view> keys, Arena* arena,
                 std::span<std::optional<std::string_view>> values) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    std::vector<uint32_t> missing;
    if (const auto pending = FindPending(bucket)) {
      missing = GetPending(*pending, keys, arena, values);
    } else {
      missing.resize(keys.size());
      std::iota(missing.begin(), missing.end(), 0);
    }
    if (missing.empty()) return Status::OK();
    return GetStored(*database, bucket, keys, std::move(missing), arena, values);
  }

  Status Apply(const TableBucket& bucket, const std::vector<Change>& changes, int64_t applied_offset) override {
    std::vector<RowChange> rows(changes.size());
    for (size_t i = 0; i < changes.size(); ++i) {
      rows[i].key = changes[i].key;
      rows[i].erase = !changes[i].value.has_value();
      if (changes[i].value) rows[i].tail = *changes[i].value;
    }
    return ApplyRows(bucket, rows, applied_offset);
  }

  Status ApplyRows(const TableBucket& bucket, std::span<const RowChange> changes, int64_t applied_offset) override {
    if (options_.opening == Opening::kReadOnly) {
      return Status::Invalid(
          fmt::format("the rows of {} are not up to its changelog, because the database was not closed "
                      "in good order, and it is open for reading only: open it for writing once",
                      bucket.ToString()));
    }
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    WEIR_ASSIGN_OR_RETURN(const auto pending, MakePending(*database, bucket));
    std::vector<uint64_t> hashes(changes.size());
    for (size_t i = 0; i < changes.size(); ++i) hashes[i] = RowBuffer::Hash(changes[i].key);
    {
      WriterLock lock(pending->mutex);
      if (pending->dropped) return Status::OK();
      RowBuffer& rows = pending->newest;
      const size_t before = rows.bytes();
      for (size_t i = 0; i < changes.size(); ++i) {
        const RowChange& change = changes[i];
        if (change.erase) {
          rows.Erase(change.key, hashes[i]);
        } else {
          rows.Put(change.key, hashes[i], change.head, change.tail);
        }
      }
      pending->newest_offset = applied_offset;
      buffered_bytes_ += rows.bytes() - before;
    }
    if (buffered_bytes_ < options_.row_buffer_bytes) return Status::OK();
    drain_wanted_.notify_one();
    return buffered_bytes_ < 2 * options_.row_buffer_bytes ? Status::OK() : Drain(*database, *pending);
  }

  Result<int64_t> BytesInFiles(const TableBucket& bucket) override {
    WEIR_ASSIGN_OR_RETURN(const auto database, Use());
    const std::string begin = BucketPrefix(bucket, kRowKind);
    const std::string end = PrefixEnd(begin);
    const rocksdb::Range range(begin, end);
    rocksdb::SizeApproximationOptions options;
    options.include_files = true;
    uint64_t bytes = 0;
    const rocksdb::Status status = database->db->GetApproximateSizes(options, database->rows, &range, 1, &bytes);
    if (!status.ok()) return Failed("sizing", status);
    return static_cast<int64_t>(bytes);
  }
  Result<int64_t> AppliedOffset(const TableBucket& bucket) override {
    if (const auto pending = FindPending(bucket)) {
      ReaderLock lock(pending->mutex);
      if (pending->newest_offset >= 0) return pending->newest_offset;
      if (pending->leaving_offset >= 0) return pending->leaving_offset;
    }
    return ReadOffset(bucket, {});
  }

  Result<int64_t> FlushedOffset(const TableBucket& bucket) override {
    rocksdb::ReadOptions options;
    options.read_tier = rocksdb::kPersistedTier;
    return ReadOffset(bucket, options);
  }

  std::unique_ptr<KvRows> Scan(const TableBucket& bucket, std::string_view prefix) override {
    Result<std::shared_ptr<Database>> database = Use();
    if (!database.ok()) return std::make_unique<FailedIterator>(database.status());
    if (const auto pending = FindPending(bucket)) {
      const Status drained = Drain(**database, *pending);
      if (!drained.ok()) return std::make_unique<FailedIterator>(drained);
    }
    return std::make_unique<KvIterator>(database.MoveValue(), bucket, prefix);
  }

  Status DropTable(int64_t table_id) override {
    DropPending(table_id, {});
    return DropRange(TablePrefix(table_id));
  }
  Status DropPartition(int64_t table_id, int64_t partition_id) override {
    DropPending(table_id, partition_id);
    return DropRange(RowsPartitionPrefix(table_id, partition_id));
  }

  Result<std::optional<std::string>> GetCatalog(std::string_view key) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    return GetFrom(*database, database->catalog, key, {});
  }

  Status WriteCatalog(const std::vector<Change>& changes) override {
    MutexLock lock(catalog_mutex_);
    WEIR_RETURN_NOT_OK(WriteCatalogChange(changes, catalog_change_ + 1));
    ++catalog_change_;
    if (catalog_copy_ == nullptr) return Status::OK();
    const Status copied = catalog_copy_->Append(catalog_change_, changes);
    if (copied.ok()) return Status::OK();
    spdlog::warn("{}; the catalog's copy is made anew when the database is opened again", copied.message());
    catalog_copy_ = nullptr;
    return Status::OK();
  }

  /// Compares the catalog with its copy, and takes from that what is lost.
  Status OpenCatalogCopy() {
    MutexLock lock(catalog_mutex_);
    WEIR_ASSIGN_OR_RETURN(catalog_change_, LastCatalogChange());
    WEIR_ASSIGN_OR_RETURN(const CatalogLog::State state,
                          CatalogLog::Read(options_.catalog_copy, /*read_base=*/false, [](auto&&...) {}));
    if (catalog_change_ < state.broken) {
      const FileDamage& damage = state.damage.front();
      return {
          ErrorCode::kCorruptMessage,
          fmt::format("key-value store {}: the catalog has lost the changes after {}, and its copy is damaged, too: "
                      "'{}' at position {}: {}",
                      directory_, catalog_change_, damage.path, damage.position, damage.what)};
    }
    if (state.last > catalog_change_) WEIR_RETURN_NOT_OK(RestoreCatalog(state.last));
    if (options_.opening == Opening::kReadOnly) return Status::OK();
    const bool goes_on = state.base > 0 && state.damage.empty() && state.last == catalog_change_ &&
                         state.log_bytes <= std::max(kMinCatalogLog, state.base_bytes);
    if (goes_on) {
      WEIR_ASSIGN_OR_RETURN(catalog_copy_, CatalogLog::Open(options_.catalog_copy, state));
      return Status::OK();
    }
    for (const FileDamage& damage : state.damage) {
      spdlog::warn("'{}' at position {}: {}; it is made anew", damage.path, damage.position, damage.what);
    }
    return MakeCatalogCopy();
  }

  Status ScanCatalog(std::string_view prefix,
                     const std::function<bool(std::string_view, std::string_view)>& visit) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    const std::string end = PrefixEnd(std::string(prefix));
    const rocksdb::Slice end_slice(end);
    rocksdb::ReadOptions options;
    // What was removed behind the prefix is not passed over one by one.
    if (!end.empty()) options.iterate_upper_bound = &end_slice;
    std::unique_ptr<rocksdb::Iterator> it(database->db->NewIterator(options, database->catalog));
    for (it->Seek(ToSlice(prefix)); it->Valid() && it->key().starts_with(ToSlice(prefix)); it->Next()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) return Status::OK();
    }
    return Check("scanning the catalog", it->status());
  }

  Status Flush() override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    WEIR_RETURN_NOT_OK(DrainAll(*database));
    return FlushDatabase(*database);
  }

  Status Close() override {
    std::shared_ptr<Database> database;
    {
      WriterLock lock(mutex_);
      database.swap(database_);
    }
    if (database == nullptr) return Status::OK();
    StopDrainer();
    if (options_.opening == Opening::kReadOnly) return Status::OK();
    Status status = DrainAll(*database);
    if (status.ok()) status = FlushDatabase(*database);
    listener_->Stop();
    return status;
  }

 private:
  // --- the catalog and its copy ---

  Status WriteCatalogChange(const std::vector<Change>& changes, int64_t number) const {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    rocksdb::WriteBatch batch;
    for (const Change& change : changes) {
      (change.value ? batch.Put(database->catalog, change.key, *change.value)
                    : batch.Delete(database->catalog, change.key))
          .PermitUncheckedError();
    }
    if (!options_.catalog_copy.empty()) {
      batch.Put(database->catalog, kCatalogChangeKey, EncodeOffset(number)).PermitUncheckedError();
    }
    rocksdb::WriteOptions options;
    options.sync = options_.sync_catalog;
    return Check("writing the catalog", database->Write(options, batch));
  }

  /// 0: none was numbered yet.
  Result<int64_t> LastCatalogChange() {
    WEIR_ASSIGN_OR_RETURN(const auto bytes, GetCatalog(kCatalogChangeKey));
    return NumberIn(bytes, "the number of the catalog's last change");
  }

  Status RestoreCatalog(int64_t last) WEIR_REQUIRES(catalog_mutex_) {
    WEIR_ASSIGN_OR_RETURN(const auto copy, ReadCatalogCopy(options_.catalog_copy));
    std::vector<Change> changes;
    WEIR_RETURN_NOT_OK(ScanCatalog("", [&](std::string_view name, std::string_view) {
      std::string key(name);
      if (key != kCatalogChangeKey && !copy.contains(key)) changes.push_back({std::move(key), std::nullopt});
      return true;
    }));
    for (const auto& [key, value] : copy) changes.push_back({key, value});
    spdlog::warn("key-value store {}: the catalog has lost its changes {} to {}; they are taken from its copy",
                 directory_, catalog_change_ + 1, last);
    if (options_.opening == Opening::kReadOnly) {
      return {ErrorCode::kCorruptMessage,
              fmt::format("key-value store {}: the catalog has lost its changes {} to {}; opening it for writing takes "
                          "them from its copy",
                          directory_, catalog_change_ + 1, last)};
    }
    WEIR_RETURN_NOT_OK(WriteCatalogChange(changes, last));
    catalog_change_ = last;
    return Status::OK();
  }

  Status MakeCatalogCopy() WEIR_REQUIRES(catalog_mutex_) {
    std::vector<Change> records;
    WEIR_RETURN_NOT_OK(ScanCatalog("", [&](std::string_view key, std::string_view value) {
      if (key != kCatalogChangeKey) records.push_back({std::string(key), std::string(value)});
      return true;
    }));
    // Numbers start at 1, so that an empty catalog has one, too.
    const int64_t number = std::max<int64_t>(catalog_change_, 1);
    if (number != catalog_change_) WEIR_RETURN_NOT_OK(WriteCatalogChange({}, number));
    catalog_change_ = number;
    WEIR_ASSIGN_OR_RETURN(catalog_copy_, CatalogLog::Make(options_.catalog_copy, number, records));
    return Status::OK();
  }

  Result<std::shared_ptr<Database>> Use() const {
    // RocksDB's per-thread counters are on by default and take several percent of a batch.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    ReaderLock lock(mutex_);
    if (database_ == nullptr) {
      return Status(ErrorCode::kKvStorageException, fmt::format("the key-value store {} is closed", directory_));
    }
    return database_;
  }

  Status Failed(std::string_view what, const rocksdb::Status& status) const {
    return {ErrorCode::kKvStorageException,
            fmt::format("key-value store {}: {}: {}", directory_, what, status.ToString())};
  }
  Status Check(std::string_view what, const rocksdb::Status& status) const {
    return status.ok() ? Status::OK() : Failed(what, status);
  }

  // --- rows on their way ---

  std::shared_ptr<PendingRows> FindPending(const TableBucket& bucket) const {
    ReaderLock lock(pending_mutex_);
    const auto found = pending_.find(bucket);
    return found == pending_.end() ? nullptr : found->second;
  }

  Result<std::shared_ptr<PendingRows>> MakePending(const Database& database, const TableBucket& bucket) {
    if (auto pending = FindPending(bucket)) return pending;
    const std::string offset_key = BucketPrefix(bucket, kAppliedOffsetKind);
    WEIR_ASSIGN_OR_RETURN(const auto offset, GetFrom(database, database.rows, offset_key, {}));
    WriterLock lock(pending_mutex_);
    std::shared_ptr<PendingRows>& pending = pending_[bucket];
    if (pending == nullptr) pending = std::make_shared<PendingRows>(bucket, offset.has_value());
    return pending;
  }

  /// Gives the positions of the keys that RocksDB has to be asked for.
  static std::vector<uint32_t> GetPending(PendingRows& pending, std::span<const std::string_view> keys, Arena* arena,
                                          std::span<std::optional<std::string_view>> values) {
    constexpr size_t kAhead = 16;  // lookups whose memory is fetched together
    std::array<uint64_t, kAhead> hashes;
    std::vector<uint32_t> missing;
    ReaderLock lock(pending.mutex);
    for (size_t start = 0; start < keys.size(); start += kAhead) {
      const size_t count = std::min(kAhead, keys.size() - start);
      for (size_t i = 0; i < count; ++i) {
        hashes[i] = RowBuffer::Hash(keys[start + i]);
        pending.newest.PrefetchSlot(hashes[i]);
      }
      for (size_t i = 0; i < count; ++i) pending.newest.PrefetchEntry(hashes[i]);
      for (size_t i = 0; i < count; ++i) {
        std::optional<RowBuffer::Row> row = pending.newest.Find(keys[start + i], hashes[i]);
        if (!row) row = pending.leaving.Find(keys[start + i], hashes[i]);
        values[start + i].reset();
        if (row && row->value) values[start + i] = arena->CopyBytes(*row->value);
        if (!row && pending.in_database) missing.push_back(static_cast<uint32_t>(start + i));
      }
    }
    return missing;
  }

  Status GetStored(const Database& database, const TableBucket& bucket, std::span<const std::string_view> keys,
                   std::vector<uint32_t> wanted, Arena* arena,
                   std::span<std::optional<std::string_view>> values) const {
    constexpr size_t kLookedUpBetween = 1024;  // keys, until the next ones may lie closer together
    const std::string prefix = BucketPrefix(bucket, kRowKind);
    if (wanted.size() >= kLeastKeysToWalk && HasNoKeys(database.db.get(), database.rows, prefix)) {
      for (const uint32_t i : wanted) values[i].reset();
      return Status::OK();
    }
    SortByKey(keys, &wanted);
    std::span<const uint32_t> left(wanted);
    std::optional<KeyWalk> walk;
    if (left.size() >= kLeastKeysToWalk) {
      walk.emplace(database.db.get(), database.rows, prefix, keys[wanted.back()]);
    }
    while (!left.empty()) {
      if (walk && walk->goes_on()) {
        const size_t met = walk->Meet(keys, left, arena, values);
        if (!walk->status().ok()) return Failed("walking along rows", walk->status());
        left = left.subspan(met);
      }
      const auto some = left.first(walk && walk->goes_on() ? std::min(left.size(), kLookedUpBetween) : left.size());
      WEIR_RETURN_NOT_OK(LookUpStored(database, prefix, keys, some, arena, values));
      left = left.subspan(some.size());
    }
    return Status::OK();
  }

  /// Each key by itself; `wanted` is in the keys' order.
  Status LookUpStored(const Database& database, const std::string& prefix, std::span<const std::string_view> keys,
                      std::span<const uint32_t> wanted, Arena* arena,
                      std::span<std::optional<std::string_view>> values) const {
    constexpr size_t kChunk = 32;  // what RocksDB looks up together
    std::array<std::string, kChunk> full_keys;
    std::array<rocksdb::Slice, kChunk> slices;
    std::array<rocksdb::PinnableSlice, kChunk> found;
    std::array<rocksdb::Status, kChunk> statuses;
    const rocksdb::ReadOptions options;
    for (size_t start = 0; start < wanted.size(); start += kChunk) {
      const size_t count = std::min(kChunk, wanted.size() - start);
      for (size_t i = 0; i < count; ++i) {
        full_keys[i].assign(prefix).append(keys[wanted[start + i]]);
        slices[i] = full_keys[i];
        found[i].Reset();
      }
      database.db->MultiGet(options, database.rows, count, slices.data(), found.data(), statuses.data(), true);
      for (size_t i = 0; i < count; ++i) {
        std::optional<std::string_view>& value = values[wanted[start + i]];
        value.reset();
        if (statuses[i].IsNotFound()) continue;
        if (!statuses[i].ok()) return Failed("reading rows", statuses[i]);
        value = arena->CopyBytes(ToView(found[i]));
      }
    }
    return Status::OK();
  }

  /// Brings the rows that the bucket has now to RocksDB.
  Status Drain(const Database& database, PendingRows& pending) {
    MutexLock draining(pending.draining);
    WEIR_RETURN_NOT_OK(WriteLeaving(database, pending));  // left by a drain that failed
    {
      WriterLock lock(pending.mutex);
      if (pending.newest_offset < 0) return Status::OK();
      std::swap(pending.newest, pending.leaving);
      pending.leaving_offset = std::exchange(pending.newest_offset, -1);
      pending.in_database = true;
    }
    return WriteLeaving(database, pending);
  }

  Status WriteLeaving(const Database& database, PendingRows& pending) WEIR_REQUIRES(pending.draining) {
    const RowBuffer* leaving = nullptr;  // of this drain: readers may look into it meanwhile
    int64_t offset = -1;
    {
      ReaderLock lock(pending.mutex);
      leaving = &pending.leaving;
      offset = pending.leaving_offset;
    }
    if (offset < 0) return Status::OK();
    // In key order: RocksDB goes on from where the last insertion was.
    WEIR_RETURN_NOT_OK(WriteRows(database, pending.id, leaving->SortedByKey(), offset));
    RowBuffer written;
    WriterLock lock(pending.mutex);
    std::swap(written, pending.leaving);
    pending.leaving_offset = -1;
    buffered_bytes_ -= written.bytes();
    return Status::OK();
  }

  /// A large commit's in several writes, so that no memtable and no file of it grows beyond the others, whose filters
  /// the cache could not hold. Until the last, which says where the rows stand then, they count as not there: who reads
  /// looks into the buffer first, and after a crash the changelog is applied from where they stood before.
  Status WriteRows(const Database& database, const TableBucket& bucket, const std::vector<RowBuffer::Row>& rows,
                   int64_t applied_offset) const {
    const std::string prefix = BucketPrefix(bucket, kRowKind);
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    rocksdb::WriteBatch batch;
    std::array<rocksdb::Slice, 2> key_parts{rocksdb::Slice(prefix), {}};
    for (const auto& [key, value] : rows) {
      if (batch.GetDataSize() >= kBytesOfWrite) {
        WEIR_RETURN_NOT_OK(Check("writing rows", database.Write(options, batch)));
        batch.Clear();
      }
      key_parts[1] = ToSlice(key);
      if (value) {
        const rocksdb::Slice whole = ToSlice(*value);
        batch.Put(database.rows, rocksdb::SliceParts(key_parts.data(), 2), rocksdb::SliceParts(&whole, 1))
            .PermitUncheckedError();
      } else {
        batch.Delete(database.rows, rocksdb::SliceParts(key_parts.data(), 2)).PermitUncheckedError();
      }
    }
    batch.Put(database.rows, BucketPrefix(bucket, kAppliedOffsetKind), EncodeOffset(applied_offset))
        .PermitUncheckedError();
    return Check("writing rows", database.Write(options, batch));
  }

  Status DrainAll(const Database& database) {
    std::vector<std::shared_ptr<PendingRows>> all;
    {
      ReaderLock lock(pending_mutex_);
      for (const auto& [bucket, pending] : pending_) all.push_back(pending);
    }
    Status status;
    for (const auto& pending : all) {
      const Status drained = Drain(database, *pending);
      if (status.ok()) status = drained;
    }
    return status;
  }

  void DropPending(int64_t table_id, std::optional<int64_t> partition_id) {
    std::vector<std::shared_ptr<PendingRows>> dropped;
    {
      WriterLock lock(pending_mutex_);
      const auto entries = BucketsOf(pending_, table_id, partition_id);
      for (const auto& [bucket, pending] : entries) dropped.push_back(pending);
      pending_.erase(entries.begin(), entries.end());
    }
    for (const auto& pending : dropped) {
      MutexLock draining(pending->draining);
      WriterLock lock(pending->mutex);
      buffered_bytes_ -= pending->newest.bytes() + pending->leaving.bytes();
      pending->newest = {};
      pending->leaving = {};
      pending->newest_offset = pending->leaving_offset = -1;
      pending->dropped = true;
    }
  }

  void RunDrainer() {
    MutexLock lock(drain_mutex_);
    while (true) {
      drain_wanted_.wait(lock.native(), [&]() WEIR_REQUIRES(drain_mutex_) {
        return stopping_ || buffered_bytes_ >= options_.row_buffer_bytes;
      });
      if (stopping_) return;
      lock.unlock();
      const auto database = Use();
      if (!database.ok()) return;
      const Status drained = DrainAll(**database);
      lock.lock();
      // Writers report what keeps failing; here it is tried again after a while.
      if (drained.ok()) continue;
      drain_wanted_.wait_for(lock.native(), std::chrono::seconds(1),
                             [&]() WEIR_REQUIRES(drain_mutex_) { return stopping_; });
    }
  }

  void StopDrainer() {
    {
      MutexLock lock(drain_mutex_);
      stopping_ = true;
    }
    drain_wanted_.notify_all();
    drainer_.join();
  }

  // --- RocksDB ---

  Result<std::optional<std::string>> GetFrom(const Database& database, rocksdb::ColumnFamilyHandle* family,
                                             std::string_view key, const rocksdb::ReadOptions& options) const {
    std::string value;
    const rocksdb::Status status = database.db->Get(options, family, ToSlice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return Failed("reading", status);
    return std::optional<std::string>(std::move(value));
  }

  Result<int64_t> ReadOffset(const TableBucket& bucket, const rocksdb::ReadOptions& options) const {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    WEIR_ASSIGN_OR_RETURN(auto bytes,
                          GetFrom(*database, database->rows, BucketPrefix(bucket, kAppliedOffsetKind), options));
    return NumberIn(bytes, "the applied offset of " + bucket.ToString());
  }

  /// What EncodeOffset has made; 0 where there is nothing.
  Result<int64_t> NumberIn(const std::optional<std::string>& bytes, std::string_view what) const {
    if (!bytes) return int64_t{0};
    if (bytes->size() == 8) return DecodeOffset(*bytes);
    return Status(ErrorCode::kKvStorageException, fmt::format("key-value store {}: {} has {} bytes, not 8", directory_,
                                                              what, bytes->size()));
  }

  // With the write-ahead log, unlike other row writes: nothing else remembers a drop after a crash.
  Status DropRange(const std::string& prefix) {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    const std::string end = PrefixEnd(prefix);
    const rocksdb::Slice end_slice(end);
    // Each range that a memtable remembers slows its reads, and most dropped tables have no rows here.
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &end_slice;
    options.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> rows(database->db->NewIterator(options, database->rows));
    rows->Seek(prefix);
    if (!rows->Valid()) return Check("dropping rows", rows->status());
    rocksdb::WriteBatch batch;
    batch.DeleteRange(database->rows, prefix, end).PermitUncheckedError();
    return Check("dropping rows", database->Write({}, batch));
  }

  Status FlushDatabase(const Database& database) const {
    // RocksDB may abort the process when the disk is full.
    WEIR_RETURN_NOT_OK(RequireSpace(directory_));
    const rocksdb::FlushOptions options;
    WEIR_RETURN_NOT_OK(Check("flushing rows", database.db->Flush(options, database.rows)));
    return Check("flushing the catalog", database.db->Flush(options, database.catalog));
  }

  const std::string directory_;
  const Options options_;
  const std::shared_ptr<FlushListener> listener_;
  Mutex catalog_mutex_;  // one change at a time
  int64_t catalog_change_ WEIR_GUARDED_BY(catalog_mutex_) = 0;
  std::unique_ptr<CatalogLog> catalog_copy_ WEIR_GUARDED_BY(catalog_mutex_);  // none, or none that can be written

  mutable SharedMutex mutex_;
  std::shared_ptr<Database> database_ WEIR_GUARDED_BY(mutex_);

  mutable SharedMutex pending_mutex_;
  std::map<TableBucket, std::shared_ptr<PendingRows>> pending_ WEIR_GUARDED_BY(pending_mutex_);
  std::atomic<size_t> buffered_bytes_ = 0;

  Mutex drain_mutex_;
  std::condition_variable drain_wanted_;
  bool stopping_ WEIR_GUARDED_BY(drain_mutex_) = false;
  std::thread drainer_;  // last: it uses all of the above
};

}  // namespace

Result<std::unique_ptr<KvStore>> KvStore::Open(const std::string& directory, const Options& options) {
  const bool read_only = options.opening == Opening::kReadOnly;
  // RocksDB may abort the process when the disk fills up while it opens.
  if (!read_only) WEIR_RETURN_NOT_OK(RequireSpace(directory));
  auto listener = std::make_shared<FlushListener>(options.before_flush);
  rocksdb::DBOptions db_options = DatabaseOptions(options.opening);
  db_options.listeners.push_back(listener);
  if (read_only) db_options.info_log = std::make_shared<SilentLog>();
  const auto cache = rocksdb::NewLRUCache(options.cache_bytes, kCacheShardBits);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, CatalogOptions(cache)},
      {kRowsFamily, RowOptions(options.memtable_bytes, cache)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      read_only ? rocksdb::DB::OpenForReadOnly(db_options, directory, families, &handles, &db)
                : rocksdb::DB::Open(db_options, directory, families, &handles, &db);
  if (!status.ok()) {
    const std::string current = directory + "/CURRENT";
    const bool lost = options.opening != Opening::kCreate && ::access(current.c_str(), F_OK) != 0;
    return Status(ErrorCode::kKvStorageException,
                  fmt::format("cannot open the key-value store '{}': {}", directory,
                              lost ? fmt::format("its file '{}' is missing", current) : status.ToString()));
  }
  auto database = std::make_shared<Database>();
  database->db.reset(db);
  database->catalog = handles[0];
  database->rows = handles[1];
  auto store = std::make_unique<RocksKvStore>(directory, options, std::move(listener), std::move(database));
  if (!options.catalog_copy.empty()) WEIR_RETURN_NOT_OK(store->OpenCatalogCopy());
  return std::unique_ptr<KvStore>(std::move(store));
}

}  // namespace weir
