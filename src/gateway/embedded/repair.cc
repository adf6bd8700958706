#include "gateway/embedded/repair.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <system_error>

#include "gateway/embedded/bucket_registry.h"
#include "gateway/embedded/directory_check.h"
#include "gateway/embedded/directory_lock.h"
#include "gateway/embedded/engine.h"
#include "gateway/embedded/files.h"
#include "gateway/embedded/quiet_logs.h"
#include "storage/catalog_log.h"
#include "storage/file.h"
#include "storage/log_salvage.h"

namespace weir {
namespace {

constexpr char kFirstFormat[] = "1\n";
constexpr int64_t kForgottenIds = 100000;  // at most, that were given to what nothing tells of any more

/// Offsets that a log has lost, as text; empty: none.
std::string LostOffsets(const LogReport& log) {
  std::vector<std::string> lost;
  for (const LogDamage& damage : log.damage) {
    if (damage.to_offset > damage.from_offset) {
      lost.push_back(fmt::format("{} to {}", damage.from_offset, damage.to_offset - 1));
    }
  }
  return lost.empty() ? "" : fmt::format("the records at the offsets {}", fmt::join(lost, ", "));
}

class Repairer {
 public:
  /// `report` outlives it.
  Repairer(std::filesystem::path directory, const DirectoryReport& report, bool apply)
      : directory_(std::move(directory)),
        aside_(directory_ / "damaged" / std::to_string(NowMs())),
        report_(report),
        apply_(apply) {}

  /// All but what needs the database to be open.
  Status RepairFiles() {
    for (const char* const quiet : {kQuietFile, kEarlierQuietFile}) {
      if (apply_) WEIR_RETURN_NOT_OK(RemoveFile((directory_ / quiet).string()).status());
    }
    WEIR_RETURN_NOT_OK(RepairFormat());
    RepairEnds();
    WEIR_RETURN_NOT_OK(RepairJournal());
    WEIR_RETURN_NOT_OK(RepairLogs());
    WEIR_RETURN_NOT_OK(SetUnknownLogsAside());
    WEIR_RETURN_NOT_OK(RepairCatalogCopy());
    WEIR_RETURN_NOT_OK(RepairKv());
    return GoOnWhereChangelogsStart();
  }

  std::vector<RepairStep> TakeSteps() { return std::move(steps_); }

 private:
  void Add(std::string what, std::string lost = {}) { steps_.push_back({std::move(what), std::move(lost)}); }

  Status SetAside(const std::filesystem::path& path) {
    const std::filesystem::path target = aside_ / path.lexically_relative(directory_);
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    if (!error && std::filesystem::exists(path, error)) std::filesystem::rename(path, target, error);
    return error ? ErrnoStatus("set aside", path.string(), error.value()) : Status::OK();
  }

  Status RepairFormat() {
    if (report_.has_format) return Status::OK();
    Add("write the file FORMAT again");
    return apply_ ? ReplaceFile((directory_ / "FORMAT").string(), kFirstFormat) : Status::OK();
  }

  // Opening the database takes what is whole from either file.
  void RepairEnds() {
    if (!report_.ends_damaged) return;
    Add("make the file ENDS and its copy anew, of what is whole in them and of the logs",
        report_.ends_lost ? "where the logs of some buckets ended, should these be damaged" : "");
  }

  Status RepairJournal() {
    for (const FileDamage& damage : report_.journal.damage) {
      Add(fmt::format("leave the broken record at position {} out of the commit journal '{}'", damage.position,
                      damage.path),
          "one commit or more, as far as its rows are not in the logs of their tables");
    }
    if (report_.journal.damage.empty() || !apply_) return Status::OK();
    // Its records are mapped: they stay readable.
    WEIR_RETURN_NOT_OK(SetAside(directory_ / "commit"));
    WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "commit", /*sync=*/true));
    return CommitJournal::Restore((directory_ / "commit").string(), report_.journal.records);
  }

  Status RepairLogs() {
    for (const BucketCheck& bucket : report_.buckets) {
      if (!bucket.known || bucket.log.damage.empty()) continue;
      std::string lost = LostOffsets(bucket.log);
      if (!lost.empty()) lost += " of " + bucket.Name() + RowsAfterLoss(bucket);
      Add("keep what is whole of the log of " + bucket.Name() + ", at its offsets", std::move(lost));
      if (!apply_) continue;
      const auto aside = aside_ / bucket.directory.lexically_relative(directory_);
      WEIR_RETURN_NOT_OK(SalvageLog(bucket.directory.string(), bucket.log, !bucket.has_primary_key, aside.string()));
    }
    return Status::OK();
  }

  std::string RowsAfterLoss(const BucketCheck& bucket) const {
    if (!bucket.has_primary_key) return "";
    const auto applied = report_.kv.applied.find(bucket.bucket);
    const bool whole = !NeedsNewKv() && applied != report_.kv.applied.end() &&
                       applied->second >= bucket.log.damage.back().to_offset;
    return whole ? "; the rows themselves are whole" : "; rows that they changed are as they were before";
  }

  Status SetUnknownLogsAside() {
    for (const BucketCheck& bucket : report_.buckets) {
      if (bucket.known) continue;
      Add(fmt::format("set the log of {} aside, '{}': the catalog does not know it", bucket.Name(),
                      bucket.directory.string()),
          fmt::format("{} records, of columns that nothing tells of", bucket.log.end_offset - bucket.log.start_offset));
      if (!apply_) continue;
      WEIR_RETURN_NOT_OK(SetAside(bucket.directory));
      RemoveEmptyParents(bucket.directory);
    }
    return Status::OK();
  }

  void RemoveEmptyParents(const std::filesystem::path& directory) const {
    std::error_code error;
    std::filesystem::path parent = directory.parent_path();
    while (parent != directory_ / "log" && std::filesystem::remove(parent, error)) parent = parent.parent_path();
  }

  Status RepairCatalogCopy() {
    if (report_.kv.copy_lacks_changes) {
      Add("make the catalog's copy anew",
          "the newest changes of the catalog: tables may be missing, or be as they were");
      return apply_ ? SetAside(directory_ / "catalog") : Status::OK();
    }
    for (const FileDamage& damage : report_.kv.damage) {
      if (std::filesystem::path(damage.path).parent_path() != directory_ / "catalog") continue;
      Add("make the catalog's copy anew");
      return apply_ && report_.kv.whole ? SetAside(directory_ / "catalog") : Status::OK();
    }
    return Status::OK();
  }

  bool NeedsNewKv() const { return !report_.kv.whole; }

  Status RepairKv() {
    if (!report_.kv.manifest.empty()) {
      Add(fmt::format("have 'kv/CURRENT' name '{}' again", report_.kv.manifest));
      if (apply_) {
        WEIR_RETURN_NOT_OK(ReplaceFile((directory_ / "kv" / "CURRENT").string(), report_.kv.manifest + "\n"));
      }
    }
    if (!NeedsNewKv()) {
      for (const FileDamage& damage : report_.kv.damage) {
        if (damage.path != (directory_ / "kv").string()) continue;
        Add("take from the catalog's copy what RocksDB has lost");
        break;
      }
      return Status::OK();
    }
    Add("make the RocksDB in 'kv' anew: the catalog from its copy, rows from their changelogs");
    if (!apply_) return Status::OK();
    WEIR_RETURN_NOT_OK(MakeSureOfCatalogCopy());
    WEIR_RETURN_NOT_OK(SetAside(directory_ / "kv"));
    WEIR_ASSIGN_OR_RETURN(const auto kv, OpenKv());
    return kv->Close();
  }

  Result<std::unique_ptr<KvStore>> OpenKv() const {
    WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "catalog", /*sync=*/true));
    KvStore::Options options;
    options.catalog_copy = (directory_ / "catalog").string();
    return KvStore::Open((directory_ / "kv").string(), options);
  }

  // Rows that stand at an offset before their changelog, whose beginning retention has cut.
  Status GoOnWhereChangelogsStart() {
    std::vector<const BucketCheck*> behind;
    for (const BucketCheck& bucket : report_.buckets) {
      if (!bucket.known || !bucket.has_primary_key) continue;
      const auto found = report_.kv.applied.find(bucket.bucket);
      const int64_t applied = NeedsNewKv() || found == report_.kv.applied.end() ? 0 : found->second;
      if (applied < bucket.log.first_kept) behind.push_back(&bucket);
    }
    for (const BucketCheck* bucket : behind) {
      Add(fmt::format("make the rows of {} again from offset {} on, where its changelog begins", bucket->Name(),
                      bucket->log.first_kept),
          fmt::format("rows of {} that were not written since", bucket->Name()));
    }
    if (behind.empty() || !apply_) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const auto kv, OpenKv());
    for (const BucketCheck* bucket : behind) {
      WEIR_RETURN_NOT_OK(kv->Apply(bucket->bucket, {}, bucket->log.first_kept));
    }
    return kv->Close();
  }

  Status MakeSureOfCatalogCopy() const {
    const std::string copy = (directory_ / "catalog").string();
    if (ReadCatalogCopy(copy).ok()) return Status::OK();
    std::vector<KvChange> records;
    for (const auto& [key, value] : report_.kv.catalog) records.push_back({key, value});
    WEIR_RETURN_NOT_OK(MakeDirectories(directory_, "catalog", /*sync=*/true));
    return CatalogLog::Make(copy, 1, records).status();
  }

  const std::filesystem::path directory_;
  const std::filesystem::path aside_;
  const DirectoryReport& report_;
  const bool apply_;
  std::vector<RepairStep> steps_;
};

// Brings the commits and rows to where they belong, and sees to it that no id is used again.
Status OpenOnce(const std::filesystem::path& directory, const DirectoryReport& report) {
  EmbeddedOptions options;
  options.maintenance_interval_ms = -1;
  WEIR_ASSIGN_OR_RETURN(const auto engine, Engine::Open(directory, options, Engine::Storage::kDirectory));
  const int64_t forgotten = report.kv.copy_lacks_changes ? kForgottenIds : 0;
  WEIR_RETURN_NOT_OK(engine->SkipIds(report.newest_table, report.newest_partition, forgotten));
  for (const BucketCheck& bucket : report.buckets) {
    if (!bucket.known) continue;
    if (report.ends_damaged) WEIR_RETURN_NOT_OK(engine->OpenBucket(bucket.bucket));
    WEIR_ASSIGN_OR_RETURN(const BucketReport opened, engine->InspectBucket(bucket.bucket, {}));
    WEIR_RETURN_NOT_OK(opened.status);
    // Who reads a changelog with a gap from its beginning would miss rows that are there.
    const bool has_gap = bucket.has_primary_key && !bucket.log.damage.empty();
    if (has_gap) WEIR_RETURN_NOT_OK(engine->kv_snapshots().Renew(bucket.bucket, NowMs()));
  }
  return engine->Close();
}

}  // namespace

Result<std::vector<RepairStep>> RepairDirectory(const std::string& directory, bool apply) {
  const std::filesystem::path path = std::filesystem::absolute(directory).lexically_normal();
  std::vector<RepairStep> steps;
  DirectoryReport report;
  {
    WEIR_ASSIGN_OR_RETURN(const DirectoryLock lock,
                          apply ? DirectoryLock::Acquire(path) : DirectoryLock::AcquireShared(path));
    WEIR_ASSIGN_OR_RETURN(report, CheckDirectory(path));
    if (report.kv.catalog.empty()) {
      return Status(ErrorCode::kCorruptMessage,
                    fmt::format("neither '{}' nor '{}' tells any more what the tables of database '{}' are",
                                (path / "kv").string(), (path / "catalog").string(), directory));
    }
    Repairer repairer(path, report, apply);
    WEIR_RETURN_NOT_OK(repairer.RepairFiles());
    steps = repairer.TakeSteps();
  }
  if (apply && !steps.empty()) WEIR_RETURN_NOT_OK(OpenOnce(path, report));
  return steps;
}

}  // namespace weir
