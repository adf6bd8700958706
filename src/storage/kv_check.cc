#include "storage/kv_check.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <unistd.h>

#include <memory>

#include "storage/catalog_log.h"
#include "storage/kv_layout.h"

namespace weir {
namespace {

/// A RocksDB opened for reading only.
class ReadOnlyKv {
 public:
  static rocksdb::Status Open(const std::string& directory, rocksdb::WALRecoveryMode mode,
                              std::unique_ptr<ReadOnlyKv>* opened) {
    rocksdb::DBOptions options;
    options.info_log = std::make_shared<SilentLog>();
    options.wal_recovery_mode = mode;
    const std::vector<rocksdb::ColumnFamilyDescriptor> families{{rocksdb::kDefaultColumnFamilyName, {}},
                                                                {kRowsFamily, {}}};
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory, families, &handles, &db);
    if (status.ok()) opened->reset(new ReadOnlyKv(db, std::move(handles)));
    return status;
  }
  ~ReadOnlyKv() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    db_->Close().PermitUncheckedError();
  }

  /// Checks every block of every file.
  void CheckFiles(std::vector<FileDamage>* damage) const {
    std::vector<rocksdb::LiveFileMetaData> files;
    db_->GetLiveFilesMetaData(&files);
    for (const rocksdb::LiveFileMetaData& file : files) {
      const std::string path = file.db_path + file.name;
      rocksdb::SstFileReader reader{rocksdb::Options()};
      rocksdb::Status status = reader.Open(path);
      if (status.ok()) status = reader.VerifyChecksum();
      if (!status.ok()) damage->push_back({path, -1, status.ToString()});
    }
  }

  rocksdb::Status ReadApplied(const TableBucket& bucket, std::map<TableBucket, int64_t>* applied) const {
    std::string bytes;
    rocksdb::Status status = db_->Get({}, handles_[1], BucketPrefix(bucket, kAppliedOffsetKind), &bytes);
    if (status.ok() && bytes.size() == 8) (*applied)[bucket] = DecodeOffset(bytes);
    return status.IsNotFound() ? rocksdb::Status::OK() : status;
  }

  rocksdb::Status ReadCatalog(std::map<std::string, std::string>* records) const {
    const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, handles_[0]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) records->emplace(it->key().ToString(), it->value().ToString());
    return it->status();
  }

 private:
  ReadOnlyKv(rocksdb::DB* db, std::vector<rocksdb::ColumnFamilyHandle*> handles)
      : db_(db), handles_(std::move(handles)) {}

  const std::unique_ptr<rocksdb::DB> db_;
  const std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

/// Looks at the RocksDB itself; gives the number of its catalog's last change.
int64_t CheckKv(const std::string& directory, std::span<const TableBucket> buckets, KvReport* report) {
  const std::string current = directory + "/CURRENT";
  if (::access(current.c_str(), F_OK) != 0) {
    report->damage.push_back({current, -1, "it is missing"});
    return 0;
  }
  std::unique_ptr<ReadOnlyKv> kv;
  // As strict as may be without taking a write that was under way for damage; then as KvStore opens it.
  rocksdb::Status status = ReadOnlyKv::Open(directory, rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords, &kv);
  if (!status.ok()) {
    report->damage.push_back({directory, -1, status.ToString()});
    status = ReadOnlyKv::Open(directory, rocksdb::WALRecoveryMode::kPointInTimeRecovery, &kv);
  }
  if (!status.ok()) return 0;
  report->opens = true;
  const size_t before = report->damage.size();
  kv->CheckFiles(&report->damage);
  report->whole = report->damage.size() == before;
  for (const TableBucket& bucket : buckets) {
    status = kv->ReadApplied(bucket, &report->applied);
    // The damaged file is named already.
    if (!status.ok()) report->whole = false;
  }
  status = kv->ReadCatalog(&report->catalog);
  if (!status.ok()) {
    report->damage.push_back({directory, -1, "the catalog cannot be read: " + status.ToString()});
    return 0;
  }
  const auto number = report->catalog.find(kCatalogChangeKey);
  const int64_t last = number == report->catalog.end() || number->second.size() != 8 ? 0 : DecodeOffset(number->second);
  if (number != report->catalog.end()) report->catalog.erase(number);
  return last;
}

}  // namespace

Result<KvReport> InspectKv(const std::string& directory, const std::string& catalog_copy,
                           std::span<const TableBucket> buckets) {
  KvReport report;
  const int64_t last = CheckKv(directory, buckets, &report);
  WEIR_ASSIGN_OR_RETURN(const CatalogLog::State copy,
                        CatalogLog::Read(catalog_copy, /*read_base=*/true, [](auto&&...) {}));
  report.damage.insert(report.damage.end(), copy.damage.begin(), copy.damage.end());
  if (report.opens && last < copy.last) {
    report.damage.push_back({directory, -1,
                             fmt::format("the catalog has lost its changes {} to {}, which its copy in '{}' has",
                                         last + 1, copy.last, catalog_copy)});
  }
  if (report.opens && last < copy.broken) {
    report.damage.push_back({directory, -1, fmt::format("the catalog has lost its changes from {} on", last + 1)});
    report.copy_lacks_changes = true;
  }
  if (!report.opens || last < copy.last) {
    auto records = ReadCatalogCopy(catalog_copy);
    if (records.ok()) report.catalog = records.MoveValue();
  }
  return report;
}

}  // namespace weir
