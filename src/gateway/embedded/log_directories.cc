#include "gateway/embedded/log_directories.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "gateway/embedded/bucket_registry.h"
#include "storage/file.h"
#include "storage/log_check.h"

namespace weir {
namespace {

struct NumberedDirectory {
  int64_t number = 0;
  std::filesystem::path path;
};

/// Directories whose names are numbers, in their order; none when `parent` is missing.
Result<std::vector<NumberedDirectory>> NumberedDirectories(const std::filesystem::path& parent) {
  std::vector<NumberedDirectory> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(parent, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    int64_t number = 0;
    const auto [rest, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (bad != std::errc() || rest != name.data() + name.size()) continue;
    std::error_code ignored;
    if (it->is_directory(ignored)) found.push_back({number, it->path()});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return ErrnoStatus("list", parent.string(), error.value());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return found;
}

/// Whether there is a file in it; with a recursive iterator, at any depth.
template <typename Iterator>
bool HoldsFile(const std::filesystem::path& directory) {
  std::error_code error;
  for (Iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) return true;
  }
  return false;
}

/// A table's directory holds those of its buckets, or shards of partitions that hold them: a bucket's is the one that
/// holds files. Empty ones tell nothing.
Status AddTable(int64_t table_id, const std::filesystem::path& directory, std::vector<TableBucket>* found) {
  WEIR_ASSIGN_OR_RETURN(const auto outer, NumberedDirectories(directory));
  for (const NumberedDirectory& one : outer) {
    if (HoldsFile<std::filesystem::directory_iterator>(one.path)) {
      found->push_back({table_id, {}, static_cast<int32_t>(one.number)});
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(const auto partitions, NumberedDirectories(one.path));
    for (const NumberedDirectory& partition : partitions) {
      WEIR_ASSIGN_OR_RETURN(const auto buckets, NumberedDirectories(partition.path));
      for (const NumberedDirectory& bucket : buckets) {
        found->push_back({table_id, partition.number, static_cast<int32_t>(bucket.number)});
      }
    }
  }
  return Status::OK();
}

}  // namespace

Result<int64_t> NewestTableOfLogs(const std::filesystem::path& logs) {
  WEIR_ASSIGN_OR_RETURN(const auto shards, NumberedDirectories(logs));
  for (auto shard = shards.rbegin(); shard != shards.rend(); ++shard) {
    WEIR_ASSIGN_OR_RETURN(const auto tables, NumberedDirectories(shard->path));
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
      if (HoldsFile<std::filesystem::recursive_directory_iterator>(table->path)) return table->number;
    }
  }
  return int64_t{-1};
}

Result<std::vector<TableBucket>> ListBucketLogs(const std::filesystem::path& logs) {
  std::vector<TableBucket> found;
  WEIR_ASSIGN_OR_RETURN(const auto shards, NumberedDirectories(logs));
  for (const NumberedDirectory& shard : shards) {
    WEIR_ASSIGN_OR_RETURN(const auto tables, NumberedDirectories(shard.path));
    for (const NumberedDirectory& table : tables) WEIR_RETURN_NOT_OK(AddTable(table.number, table.path, &found));
  }
  return found;
}

Result<int64_t> FindLogEnd(const std::filesystem::path& logs, const TableBucket& bucket) {
  const std::filesystem::path log = logs / BucketRegistry::BucketDirectory(bucket);
  WEIR_ASSIGN_OR_RETURN(const LogReport report, InspectLog(log.string(), /*verify=*/false));
  return report.end_offset;
}

}  // namespace weir
