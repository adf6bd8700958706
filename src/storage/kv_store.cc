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

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <shared_mutex>

namespace weir {
namespace {

// Row keys: table id (8, big endian), 0 or 1 and partition id (8), bucket id (4), kind (1), primary key.
// Ids are not negative, so that big endian sorts them by value.
constexpr char kNoPartition = 0;
constexpr char kInPartition = 1;
constexpr char kAppliedOffsetKind = 0;
constexpr char kRowKind = 1;
constexpr size_t kPlainPrefixSize = 8 + 1 + 4 + 1;
constexpr size_t kPartitionPrefixSize = kPlainPrefixSize + 8;
constexpr const char* kRowsFamily = "rows";

template <typename T>
void AppendBigEndian(T value, std::string* out) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
}

std::string TablePrefix(int64_t table_id) {
  std::string prefix;
  AppendBigEndian(table_id, &prefix);
  return prefix;
}

std::string PartitionPrefix(int64_t table_id, std::optional<int64_t> partition_id) {
  std::string prefix = TablePrefix(table_id);
  prefix.push_back(partition_id ? kInPartition : kNoPartition);
  if (partition_id) AppendBigEndian(*partition_id, &prefix);
  return prefix;
}

std::string BucketPrefix(const TableBucket& bucket, char kind) {
  std::string prefix = PartitionPrefix(bucket.table_id, bucket.partition_id);
  AppendBigEndian(bucket.bucket_id, &prefix);
  prefix.push_back(kind);
  return prefix;
}

/// The smallest key behind all keys with this prefix; empty: there is none.
std::string PrefixEnd(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

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

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
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
};

class KvIterator : public KvStore::Iterator {
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

class FailedIterator : public KvStore::Iterator {
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

class RocksKvStore : public KvStore {
 public:
  RocksKvStore(std::string directory, const Options& options, std::shared_ptr<FlushListener> listener,
               std::shared_ptr<Database> database)
      : directory_(std::move(directory)),
        options_(options),
        listener_(std::move(listener)),
        database_(std::move(database)) {}
  ~RocksKvStore() override { (void)Close(); }

  Result<std::optional<std::string>> Get(const TableBucket& bucket, std::string_view key) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    std::string full_key = BucketPrefix(bucket, kRowKind);
    full_key.append(key);
    return GetFrom(*database, database->rows, full_key, {});
  }

  Result<std::vector<std::optional<std::string>>> MultiGet(const TableBucket& bucket,
                                                           const std::vector<std::string>& keys) override {
    std::vector<size_t> order(keys.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
    std::vector<std::string_view> sorted(keys.size());
    for (size_t i = 0; i < order.size(); ++i) sorted[i] = keys[order[i]];
    Arena arena;
    std::vector<std::optional<std::string_view>> found(keys.size());
    WEIR_RETURN_NOT_OK(GetSorted(bucket, sorted, &arena, found));
    std::vector<std::optional<std::string>> values(keys.size());
    for (size_t i = 0; i < order.size(); ++i) {
      if (found[i]) values[order[i]].emplace(*found[i]);
    }
    return values;
  }

  Status GetSorted(const TableBucket& bucket, std::span<const std::string_view> keys, Arena* arena,
                   std::span<std::optional<std::string_view>> values) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    constexpr size_t kChunk = 32;  // what RocksDB looks up together
    const std::string prefix = BucketPrefix(bucket, kRowKind);
    std::array<std::string, kChunk> full_keys;
    std::array<rocksdb::Slice, kChunk> slices;
    std::array<rocksdb::PinnableSlice, kChunk> found;
    std::array<rocksdb::Status, kChunk> statuses;
    const rocksdb::ReadOptions options;
    for (size_t start = 0; start < keys.size(); start += kChunk) {
      const size_t count = std::min(kChunk, keys.size() - start);
      for (size_t i = 0; i < count; ++i) {
        full_keys[i].assign(prefix).append(keys[start + i]);
        slices[i] = full_keys[i];
        found[i].Reset();
      }
      database->db->MultiGet(options, database->rows, count, slices.data(), found.data(), statuses.data(), true);
      for (size_t i = 0; i < count; ++i) {
        values[start + i].reset();
        if (statuses[i].IsNotFound()) continue;
        if (!statuses[i].ok()) return Failed("reading rows", statuses[i]);
        values[start + i] = arena->CopyBytes(ToView(found[i]));
      }
    }
    return Status::OK();
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
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    const std::string prefix = BucketPrefix(bucket, kRowKind);
    size_t bytes = 128;
    for (const RowChange& c : changes) bytes += prefix.size() + c.key.size() + c.head.size() + c.tail.size() + 12;
    rocksdb::WriteBatch batch(bytes);
    std::array<rocksdb::Slice, 2> key{rocksdb::Slice(prefix), {}};
    for (const RowChange& change : changes) {
      key[1] = ToSlice(change.key);
      const rocksdb::SliceParts key_parts(key.data(), 2);
      if (change.erase) {
        batch.Delete(database->rows, key_parts).PermitUncheckedError();
        continue;
      }
      const std::array<rocksdb::Slice, 2> value{ToSlice(change.head), ToSlice(change.tail)};
      batch.Put(database->rows, key_parts, rocksdb::SliceParts(value.data(), 2)).PermitUncheckedError();
    }
    batch.Put(database->rows, BucketPrefix(bucket, kAppliedOffsetKind), EncodeOffset(applied_offset))
        .PermitUncheckedError();
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return Check("writing rows", database->db->Write(options, &batch));
  }

  Result<int64_t> AppliedOffset(const TableBucket& bucket) override { return ReadOffset(bucket, {}); }

  Result<int64_t> FlushedOffset(const TableBucket& bucket) override {
    rocksdb::ReadOptions options;
    options.read_tier = rocksdb::kPersistedTier;
    return ReadOffset(bucket, options);
  }

  std::unique_ptr<Iterator> Scan(const TableBucket& bucket, std::string_view prefix) override {
    Result<std::shared_ptr<Database>> database = Use();
    if (!database.ok()) return std::make_unique<FailedIterator>(database.status());
    return std::make_unique<KvIterator>(database.MoveValue(), bucket, prefix);
  }

  Status DropTable(int64_t table_id) override { return DropRange(TablePrefix(table_id)); }
  Status DropPartition(int64_t table_id, int64_t partition_id) override {
    return DropRange(PartitionPrefix(table_id, partition_id));
  }

  Result<std::optional<std::string>> GetCatalog(std::string_view key) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    return GetFrom(*database, database->catalog, key, {});
  }

  Status WriteCatalog(const std::vector<Change>& changes) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    rocksdb::WriteBatch batch;
    for (const Change& change : changes) {
      (change.value ? batch.Put(database->catalog, change.key, *change.value)
                    : batch.Delete(database->catalog, change.key))
          .PermitUncheckedError();
    }
    rocksdb::WriteOptions options;
    options.sync = options_.sync_catalog;
    return Check("writing the catalog", database->db->Write(options, &batch));
  }

  Status ScanCatalog(std::string_view prefix,
                     const std::function<bool(std::string_view, std::string_view)>& visit) override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    std::unique_ptr<rocksdb::Iterator> it(database->db->NewIterator({}, database->catalog));
    for (it->Seek(ToSlice(prefix)); it->Valid() && it->key().starts_with(ToSlice(prefix)); it->Next()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) return Status::OK();
    }
    return Check("scanning the catalog", it->status());
  }

  Status Flush() override {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    return FlushDatabase(*database);
  }

  Status Close() override {
    std::shared_ptr<Database> database;
    {
      std::unique_lock lock(mutex_);
      database.swap(database_);
    }
    if (database == nullptr) return Status::OK();
    Status status = FlushDatabase(*database);
    listener_->Stop();
    return status;
  }

 private:
  Result<std::shared_ptr<Database>> Use() const {
    // RocksDB's per-thread counters are on by default and take several percent of a batch.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    std::shared_lock lock(mutex_);
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
    if (!bytes) return int64_t{0};
    if (bytes->size() != 8) {
      return Status(ErrorCode::kKvStorageException,
                    fmt::format("key-value store {}: the applied offset of {} has {} bytes, not 8", directory_,
                                bucket.ToString(), bytes->size()));
    }
    uint64_t offset = 0;
    for (const char c : *bytes) offset = offset << 8 | static_cast<unsigned char>(c);
    return static_cast<int64_t>(offset);
  }

  // With the write-ahead log, unlike other row writes: nothing else remembers a drop after a crash.
  Status DropRange(const std::string& prefix) {
    WEIR_ASSIGN_OR_RETURN(auto database, Use());
    return Check("dropping rows", database->db->DeleteRange({}, database->rows, prefix, PrefixEnd(prefix)));
  }

  Status FlushDatabase(const Database& database) const {
    const rocksdb::FlushOptions options;
    WEIR_RETURN_NOT_OK(Check("flushing rows", database.db->Flush(options, database.rows)));
    return Check("flushing the catalog", database.db->Flush(options, database.catalog));
  }

  const std::string directory_;
  const Options options_;
  const std::shared_ptr<FlushListener> listener_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<Database> database_;
};

}  // namespace

Result<std::unique_ptr<KvStore>> KvStore::Open(const std::string& directory, const Options& options) {
  auto listener = std::make_shared<FlushListener>(options.before_flush);
  rocksdb::DBOptions db_options = DatabaseOptions();
  db_options.listeners.push_back(listener);
  const auto cache = rocksdb::NewLRUCache(64 << 20);
  const std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, CatalogOptions(cache)},
      {kRowsFamily, RowOptions(options.memtable_bytes, cache)}};
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(db_options, directory, families, &handles, &db);
  if (!status.ok()) {
    return Status(ErrorCode::kKvStorageException,
                  fmt::format("cannot open the key-value store {}: {}", directory, status.ToString()));
  }
  auto database = std::make_shared<Database>();
  database->db.reset(db);
  database->catalog = handles[0];
  database->rows = handles[1];
  return std::unique_ptr<KvStore>(
      std::make_unique<RocksKvStore>(directory, options, std::move(listener), std::move(database)));
}

}  // namespace weir
