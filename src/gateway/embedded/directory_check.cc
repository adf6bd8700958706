#include "gateway/embedded/directory_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "gateway/embedded/bucket_registry.h"
#include "gateway/embedded/catalog_keys.h"
#include "gateway/embedded/log_directories.h"
#include "model/table_json.h"
#include "storage/durable_ends.h"
#include "storage/file.h"

namespace weir {
namespace {

/// What the catalog's records tell of tables, without a catalog that is open.
struct CatalogNames {
  struct Table {
    TablePath path;
    bool has_primary_key = false;
    bool partitioned = false;
  };
  struct Partition {
    int64_t table_id = -1;
    std::string name;
  };
  std::map<int64_t, Table> tables;
  std::map<int64_t, Partition> partitions;
  std::set<int64_t> dropped_tables;  // metadata is gone, files may be there
  std::set<int64_t> dropped_partitions;

  /// Records that cannot be read are passed over.
  static CatalogNames Of(const std::map<std::string, std::string>& records);
  bool Knows(const TableBucket& bucket) const;
  bool IsDropped(const TableBucket& bucket) const;
};

std::optional<CatalogNames::Table> ReadTable(const std::string& text) {
  const nlohmann::json record = nlohmann::json::parse(text, nullptr, false);
  if (!record.is_object() || !record.contains("descriptor")) return {};
  const auto descriptor = TableDescriptorFromJson(record["descriptor"].dump());
  if (!descriptor.ok()) return {};
  const auto name = [&](const char* member) {
    const auto found = record.find(member);
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return CatalogNames::Table{
      {name("database"), name("table")}, descriptor->has_primary_key(), descriptor->is_partitioned()};
}

/// The id at the start of `text`, up to a slash.
std::optional<int64_t> LeadingId(std::string_view text) {
  const auto id = ParseId("", text.substr(0, text.find('/')));
  return id.ok() ? std::optional(*id) : std::nullopt;
}

std::string AfterSlash(std::string_view text) {
  const size_t slash = text.find('/');
  return slash == std::string_view::npos ? std::string() : std::string(text.substr(slash + 1));
}

CatalogNames CatalogNames::Of(const std::map<std::string, std::string>& records) {
  CatalogNames names;
  for (const auto& [key, value] : records) {
    const std::string_view text(key);
    if (text.starts_with(kTablePrefix)) {
      const auto id = LeadingId(text.substr(std::string_view(kTablePrefix).size()));
      const auto table = ReadTable(value);
      if (id && table) names.tables[*id] = *table;
    } else if (text.starts_with(kPartitionIdPrefix)) {
      const auto id = LeadingId(text.substr(std::string_view(kPartitionIdPrefix).size()));
      const auto table = LeadingId(value);
      if (id && table) names.partitions[*id] = {*table, AfterSlash(value)};
    } else if (text.starts_with(kDropPrefix)) {
      const std::string_view dropped = text.substr(std::string_view(kDropPrefix).size());
      const auto partition = LeadingId(AfterSlash(dropped));
      const auto table = LeadingId(dropped);
      if (partition) names.dropped_partitions.insert(*partition);
      else if (table) names.dropped_tables.insert(*table);
    }
  }
  return names;
}

bool CatalogNames::Knows(const TableBucket& bucket) const {
  const auto table = tables.find(bucket.table_id);
  if (table == tables.end() || table->second.partitioned != bucket.partition_id.has_value()) return false;
  if (!bucket.partition_id) return true;
  const auto partition = partitions.find(*bucket.partition_id);
  return partition != partitions.end() && partition->second.table_id == bucket.table_id;
}

bool CatalogNames::IsDropped(const TableBucket& bucket) const {
  return dropped_tables.contains(bucket.table_id) ||
         (bucket.partition_id && dropped_partitions.contains(*bucket.partition_id));
}

Status CheckFormatFile(const std::filesystem::path& directory, DirectoryReport* report) {
  const std::string path = (directory / "FORMAT").string();
  WEIR_ASSIGN_OR_RETURN(const auto text, ReadFileIfExists(path));
  int version = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), version);
  report->has_format = version >= 1;
  if (!text) report->files.push_back({path, -1, "it is missing"});
  else if (version < 1) report->files.push_back({path, 0, fmt::format("it holds no format version but '{}'", *text)});
  return Status::OK();
}

/// What is known of where each bucket's log ended at least.
using KnownEnds = std::map<TableBucket, int64_t>;

void Know(const TableBucket& bucket, int64_t end, KnownEnds* ends) { (*ends)[bucket] = std::max((*ends)[bucket], end); }

/// Names what one of the two files of ends has lost. The copy is missing where there has never been one.
void CheckEnds(const std::string& path, const DurableEnds::Content& content, const DurableEnds::Content& other,
               DirectoryReport* report) {
  if (content.damaged_records > 0) {
    report->files.push_back({path, -1, fmt::format("{} of its records are broken", content.damaged_records)});
  } else if (content.ends.empty() && !other.ends.empty()) {
    const bool is_copy = path.ends_with(kEndsCopy);
    if (content.missing && is_copy) return;
    report->files.push_back({path, -1, fmt::format("{}; {} tells of {} logs where they ended",
                                                   content.missing ? "it is missing" : "it is empty",
                                                   is_copy ? "the other" : "its copy", other.ends.size())});
  } else {
    return;
  }
  report->ends_damaged = true;
  report->ends_lost |= other.damaged_records > 0 || (other.ends.empty() && content.damaged_records > 0);
}

Result<KnownEnds> ReadEnds(const std::filesystem::path& directory, DirectoryReport* report) {
  const std::string path = (directory / kEndsFile).string();
  const std::string copy = (directory / kEndsCopy).string();
  WEIR_ASSIGN_OR_RETURN(const DurableEnds::Content first, DurableEnds::Read(path));
  WEIR_ASSIGN_OR_RETURN(const DurableEnds::Content second, DurableEnds::Read(copy));
  CheckEnds(path, first, second, report);
  CheckEnds(copy, second, first, report);
  KnownEnds ends(first.ends.begin(), first.ends.end());
  for (const auto& [bucket, end] : second.ends) Know(bucket, end, &ends);
  return ends;
}

/// Both lists of ends are gone where there are logs.
void CheckEndsAreKnown(const std::filesystem::path& directory, const KnownEnds& ends, DirectoryReport* report) {
  const auto has_records = [](const BucketCheck& bucket) { return bucket.known && bucket.log.end_offset > 0; };
  if (!ends.empty() || report->ends_damaged || std::ranges::none_of(report->buckets, has_records)) return;
  report->files.push_back({(directory / kEndsFile).string(), -1,
                           "neither it nor its copy tells of any log where it ended: one that is gone, or has lost its "
                           "end, is not noticed"});
  report->ends_damaged = report->ends_lost = true;
}

Status CheckJournal(const std::filesystem::path& directory, DirectoryReport* report) {
  CommitJournal::Options options;
  options.log_end = [&](const TableBucket& bucket) { return FindLogEnd(directory / "log", bucket); };
  WEIR_ASSIGN_OR_RETURN(report->journal, CommitJournal::Inspect((directory / "commit").string(), options));
  report->files.insert(report->files.end(), report->journal.damage.begin(), report->journal.damage.end());
  return Status::OK();
}

/// Where a record of the journal is lost, those after it go on where its batches would have ended.
Status KnowFromJournal(const std::filesystem::path& directory, const CommitJournal::Report& journal, KnownEnds* ends) {
  if (journal.damage.empty()) return Status::OK();
  std::map<TableBucket, int64_t> logs;
  for (const std::vector<JournaledAppend>& record : journal.records) {
    for (const JournaledAppend& append : record) {
      if (CommitJournal::IsMetadata(append)) continue;
      const auto [found, added] = logs.try_emplace(append.bucket);
      if (added) {
        WEIR_ASSIGN_OR_RETURN(found->second, FindLogEnd(directory / "log", append.bucket));
      }
      if (append.base_offset > found->second) Know(append.bucket, append.base_offset, ends);
      found->second = std::max(found->second, append.end_offset);
    }
  }
  return Status::OK();
}

BucketCheck CheckBucket(const TableBucket& bucket, const std::filesystem::path& logs, const CatalogNames& names,
                        int64_t durable_end) {
  BucketCheck check;
  check.bucket = bucket;
  check.directory = logs / BucketRegistry::BucketDirectory(bucket);
  check.known = names.Knows(bucket);
  if (const auto table = names.tables.find(bucket.table_id); table != names.tables.end()) {
    check.path = table->second.path;
    check.has_primary_key = table->second.has_primary_key;
  }
  if (bucket.partition_id) {
    const auto partition = names.partitions.find(*bucket.partition_id);
    if (partition != names.partitions.end()) check.partition = partition->second.name;
  }
  Result<LogReport> log = InspectLog(check.directory.string(), /*verify=*/true, durable_end);
  check.status = log.status();
  if (log.ok()) check.log = log.MoveValue();
  return check;
}

/// Every bucket that has a log, or is known to have had one.
Result<std::set<TableBucket>> ListBuckets(const std::filesystem::path& directory, const KnownEnds& ends) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<TableBucket> logs, ListBucketLogs(directory / "log"));
  std::set<TableBucket> buckets(logs.begin(), logs.end());
  for (const auto& [bucket, end] : ends) buckets.insert(bucket);
  return buckets;
}

}  // namespace

std::string BucketCheck::Name() const {
  std::string name = path.table.empty() ? fmt::format("table {}", bucket.table_id) : path.ToString();
  if (!partition.empty()) {
    name += " partition " + partition;
  } else if (bucket.partition_id) {
    name += fmt::format(" partition {}", *bucket.partition_id);
  }
  return name + fmt::format(" bucket {}", bucket.bucket_id);
}

bool DirectoryReport::clean() const {
  return files.empty() && std::all_of(buckets.begin(), buckets.end(), [](const BucketCheck& bucket) {
           return bucket.known && bucket.status.ok() && bucket.log.damage.empty();
         });
}

Result<DirectoryReport> CheckDirectory(const std::filesystem::path& directory) {
  DirectoryReport report;
  WEIR_RETURN_NOT_OK(CheckFormatFile(directory, &report));
  WEIR_ASSIGN_OR_RETURN(KnownEnds ends, ReadEnds(directory, &report));
  WEIR_ASSIGN_OR_RETURN(const std::set<TableBucket> all, ListBuckets(directory, ends));
  const std::vector<TableBucket> buckets(all.begin(), all.end());
  WEIR_ASSIGN_OR_RETURN(report.kv,
                        InspectKv((directory / "kv").string(), (directory / "catalog").string(), buckets));
  report.files.insert(report.files.end(), report.kv.damage.begin(), report.kv.damage.end());
  const KnownEnds listed = ends;
  WEIR_RETURN_NOT_OK(CheckJournal(directory, &report));
  WEIR_RETURN_NOT_OK(KnowFromJournal(directory, report.journal, &ends));
  for (const auto& [bucket, applied] : report.kv.applied) Know(bucket, applied, &ends);
  const CatalogNames names = CatalogNames::Of(report.kv.catalog);
  for (const TableBucket& bucket : buckets) {
    report.newest_table = std::max(report.newest_table, bucket.table_id);
    report.newest_partition = std::max(report.newest_partition, bucket.partition_id.value_or(-1));
    if (names.IsDropped(bucket)) continue;
    const auto end = ends.find(bucket);
    BucketCheck check = CheckBucket(bucket, directory / "log", names, end == ends.end() ? 0 : end->second);
    // Of a bucket that the catalog does not know, only files are left to tell of.
    if (check.known || check.log.bytes > 0 || check.log.segments > 0) report.buckets.push_back(std::move(check));
  }
  CheckEndsAreKnown(directory, listed, &report);
  return report;
}

}  // namespace weir
