#include "storage/kv_check.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "storage/catalog_log.h"
#include "storage/file.h"
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

void ReplaceAll(const std::string& what, const std::string& by, std::string* text) {
  for (size_t at = 0; (at = text->find(what, at)) != std::string::npos; at += by.size()) {
    text->replace(at, what.size(), by);
  }
}

/// What is wrong with CURRENT, which names the manifest; empty: nothing.
Result<std::string> CheckCurrent(const std::filesystem::path& directory) {
  WEIR_ASSIGN_OR_RETURN(const auto name, ReadFileIfExists((directory / "CURRENT").string()));
  if (!name) return std::string("it is missing");
  const bool named = name->starts_with("MANIFEST-") && name->ends_with('\n') &&
                     ::access((directory / name->substr(0, name->size() - 1)).c_str(), F_OK) == 0;
  return named ? std::string() : std::string("it names no manifest that is there");
}

/// The manifest with the highest number; empty: there is none.
std::string NewestManifest(const std::filesystem::path& directory) {
  std::string newest;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with("MANIFEST-")) newest = std::max(newest, name);
  }
  return newest;
}

/// A directory with links to the files of a RocksDB and a CURRENT of its own, removed with the object.
class RelinkedKv {
 public:
  static Result<std::unique_ptr<RelinkedKv>> Make(const std::filesystem::path& directory, const std::string& manifest) {
    std::string path = (std::filesystem::temp_directory_path() / "weir-check-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return ErrnoStatus("make a directory", path, errno);
    std::unique_ptr<RelinkedKv> made(new RelinkedKv(path));
    std::error_code error;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      const std::string name = it->path().filename().string();
      if (name == "CURRENT" || name == "LOCK") continue;
      std::filesystem::create_symlink(std::filesystem::absolute(it->path()), made->path_ / name, error);
    }
    if (error) return ErrnoStatus("link the files of", directory.string(), error.value());
    WEIR_RETURN_NOT_OK(ReplaceFile((made->path_ / "CURRENT").string(), manifest + "\n"));
    return made;
  }
  ~RelinkedKv() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  explicit RelinkedKv(std::filesystem::path path) : path_(std::move(path)) {}
  const std::filesystem::path path_;
};

/// Looks at the RocksDB itself; gives the number of its catalog's last change.
int64_t CheckKv(const std::string& directory, std::span<const TableBucket> buckets, KvReport* report) {
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
  WEIR_ASSIGN_OR_RETURN(const std::string current, CheckCurrent(directory));
  if (!current.empty()) report.damage.push_back({directory + "/CURRENT", -1, current});
  const std::string manifest = current.empty() ? "" : NewestManifest(directory);
  int64_t last = 0;
  if (current.empty()) {
    last = CheckKv(directory, buckets, &report);
  } else if (!manifest.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto relinked, RelinkedKv::Make(directory, manifest));
    const size_t before = report.damage.size();
    last = CheckKv(relinked->path(), buckets, &report);
    for (size_t i = before; i < report.damage.size(); ++i) {
      for (std::string* text : {&report.damage[i].path, &report.damage[i].what}) {
        ReplaceAll(relinked->path(), directory, text);
      }
    }
    if (report.whole) report.manifest = manifest;
  }
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
