#include "storage/kv_snapshot.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "storage/disk_space.h"
#include "storage/file.h"
#include "storage/kv_layout.h"

namespace weir {
namespace {

constexpr uint64_t kTableFileBytes = 64 << 20;
constexpr int64_t kRowsBetweenStops = 4096;
constexpr char kStagedSuffix[] = ".staged";

/// What RocksDB 6.20 can read, which the Java client 0.9.1 brings along: no XXH3 checksums.
rocksdb::Options SnapshotOptions() {
  rocksdb::BlockBasedTableOptions table;
  table.checksum = rocksdb::kCRC32c;
  table.format_version = 5;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.error_if_exists = true;
  options.disable_auto_compactions = true;
  options.max_background_jobs = 1;
  options.info_log = std::make_shared<SilentLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool lz4 = std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
  options.compression = lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

class SnapshotWriter {
 public:
  SnapshotWriter(std::string directory, const std::function<bool()>& stop)
      : directory_(std::move(directory)), stop_(stop), options_(SnapshotOptions()) {}

  Status Write(KvRows* rows) {
    // RocksDB may abort the process when the disk is full.
    WEIR_RETURN_NOT_OK(RequireSpace(directory_));
    while (rows->Valid()) WEIR_RETURN_NOT_OK(WriteTableFile(rows));
    WEIR_RETURN_NOT_OK(rows->status());
    return MakeDatabase();
  }

  /// Removes what a reader has no use for, and lists the rest.
  Result<KvSnapshotContent> Finish() {
    KvSnapshotContent content;
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory_, error), end; !error && it != end; it.increment(error)) {
      std::string name = it->path().filename().string();
      if (name == "CURRENT" || name.starts_with("MANIFEST-") || name.ends_with(".sst")) {
        std::error_code unknown;
        content.bytes += static_cast<int64_t>(it->file_size(unknown));
        content.files.push_back(std::move(name));
      } else {
        WEIR_RETURN_NOT_OK(RemoveFile(it->path().string()).status());
      }
    }
    if (error) return ErrnoStatus("list", directory_, error.value());
    std::sort(content.files.begin(), content.files.end());
    WEIR_RETURN_NOT_OK(SyncDirectory(directory_));
    return content;
  }

 private:
  Status Check(const rocksdb::Status& status) const {
    if (status.ok()) return Status::OK();
    return {ErrorCode::kKvStorageException,
            fmt::format("cannot write the snapshot '{}': {}", directory_, status.ToString())};
  }

  /// The rows up to a file's size, at least one.
  Status WriteTableFile(KvRows* rows) {
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options_);
    staged_.push_back(fmt::format("{}/{}{}", directory_, staged_.size(), kStagedSuffix));
    WEIR_RETURN_NOT_OK(Check(writer.Open(staged_.back())));
    for (int64_t count = 1; rows->Valid() && writer.FileSize() < kTableFileBytes; rows->Next(), ++count) {
      if (count % kRowsBetweenStops == 0 && stop_()) {
        return {ErrorCode::kKvStorageException, fmt::format("the snapshot '{}' was given up", directory_)};
      }
      const std::string_view key = rows->key();
      const std::string_view value = rows->value();
      WEIR_RETURN_NOT_OK(Check(writer.Put({key.data(), key.size()}, {value.data(), value.size()})));
    }
    return Check(writer.Finish());
  }

  Status MakeDatabase() {
    rocksdb::DB* opened = nullptr;
    WEIR_RETURN_NOT_OK(Check(rocksdb::DB::Open(options_, directory_, &opened)));
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    rocksdb::Status status = staged_.empty() ? rocksdb::Status::OK() : db->IngestExternalFile(staged_, ingest);
    const rocksdb::Status closed = db->Close();
    return Check(status.ok() ? closed : status);
  }

  const std::string directory_;
  const std::function<bool()>& stop_;
  const rocksdb::Options options_;
  std::vector<std::string> staged_;
};

}  // namespace

Result<KvSnapshotContent> WriteKvSnapshot(KvRows* rows, const std::string& directory,
                                          const std::function<bool()>& stop) {
  SnapshotWriter writer(directory, stop);
  WEIR_RETURN_NOT_OK(writer.Write(rows));
  return writer.Finish();
}

}  // namespace weir
