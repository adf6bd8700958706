#include "gateway/embedded/kv_snapshot_records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "gateway/embedded/bucket_numbers.h"
#include "gateway/embedded/catalog_keys.h"

namespace weir {
namespace {

using nlohmann::json;

constexpr char kSnapshotPrefix[] = "kv-snapshot/";
constexpr char kLeasePrefix[] = "kv-snapshot-lease/";
constexpr char kUnpartitioned[] = "-";

std::string SnapshotPrefix(int64_t table_id) { return kSnapshotPrefix + IdText(table_id) + "/"; }
std::string SnapshotPrefix(int64_t table_id, std::optional<int64_t> partition_id) {
  return SnapshotPrefix(table_id) + (partition_id ? IdText(*partition_id) : kUnpartitioned) + "/";
}
std::string SnapshotPrefix(const TableBucket& bucket) {
  return SnapshotPrefix(bucket.table_id, bucket.partition_id) + IdText(bucket.bucket_id) + "/";
}
std::string SnapshotKey(const KvSnapshotId& id) { return SnapshotPrefix(id.bucket) + IdText(id.snapshot_id); }

/// The text up to the next slash, which `text` begins behind then.
std::string_view TakeUntilSlash(std::string_view* text) {
  const size_t slash = text->find('/');
  const std::string_view part = text->substr(0, slash);
  text->remove_prefix(slash == std::string_view::npos ? text->size() : slash + 1);
  return part;
}

Result<KvSnapshotId> ParseSnapshotKey(std::string_view key) {
  std::string_view rest = key.substr(std::string_view(kSnapshotPrefix).size());
  KvSnapshotId id;
  WEIR_ASSIGN_OR_RETURN(id.bucket.table_id, ParseId(key, TakeUntilSlash(&rest)));
  if (const std::string_view partition = TakeUntilSlash(&rest); partition != kUnpartitioned) {
    WEIR_ASSIGN_OR_RETURN(id.bucket.partition_id, ParseId(key, partition));
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t bucket_id, ParseId(key, TakeUntilSlash(&rest)));
  id.bucket.bucket_id = static_cast<int32_t>(bucket_id);
  WEIR_ASSIGN_OR_RETURN(id.snapshot_id, ParseId(key, rest));
  return id;
}

std::string SnapshotValue(const KvSnapshotRecord& record) {
  return json{{"log_offset", record.log_offset},
              {"time", record.time_ms},
              {"bytes", record.bytes},
              {"root", record.root},
              {"files", record.files}}
      .dump();
}

Result<KvSnapshotRecord> ParseSnapshot(std::string_view key, std::string_view value) {
  KvSnapshotRecord record;
  WEIR_ASSIGN_OR_RETURN(record.id, ParseSnapshotKey(key));
  try {
    const json parsed = json::parse(value);
    parsed.at("log_offset").get_to(record.log_offset);
    parsed.at("time").get_to(record.time_ms);
    parsed.at("bytes").get_to(record.bytes);
    parsed.at("root").get_to(record.root);
    parsed.at("files").get_to(record.files);
  } catch (const json::exception& error) {
    return Damaged(key, error.what());
  }
  return record;
}

std::string LeaseValue(const KvLeaseRecord& lease) {
  return json{{"expires", lease.expires_ms}, {"snapshots", BucketNumbersToJson(lease.snapshots, "snapshot")}}.dump();
}

Result<KvLeaseRecord> ParseLease(std::string_view key, std::string_view value) {
  KvLeaseRecord lease;
  lease.lease_id = key.substr(std::string_view(kLeasePrefix).size());
  try {
    const json parsed = json::parse(value);
    parsed.at("expires").get_to(lease.expires_ms);
    lease.snapshots = BucketNumbersFromJson(parsed.at("snapshots"), "snapshot");
  } catch (const json::exception& error) {
    return Damaged(key, error.what());
  }
  return lease;
}

/// The records whose keys start with `prefix`, as `parse` reads them.
template <typename T>
Result<std::vector<T>> ParseAll(KvStore* store, const std::string& prefix,
                                Result<T> (*parse)(std::string_view key, std::string_view value)) {
  std::vector<T> records;
  Status status;
  WEIR_RETURN_NOT_OK(store->ScanCatalog(prefix, [&](std::string_view key, std::string_view value) {
    Result<T> record = parse(key, value);
    if (record.ok()) records.push_back(record.MoveValue());
    else status = record.status();
    return status.ok();
  }));
  WEIR_RETURN_NOT_OK(status);
  return records;
}

template <typename T>
Result<std::optional<T>> ParseOne(KvStore* store, const std::string& key,
                                  Result<T> (*parse)(std::string_view key, std::string_view value)) {
  WEIR_ASSIGN_OR_RETURN(const std::optional<std::string> value, store->GetCatalog(key));
  if (!value) return std::optional<T>();
  WEIR_ASSIGN_OR_RETURN(T record, parse(key, *value));
  return std::optional<T>(std::move(record));
}

}  // namespace

Result<std::vector<KvSnapshotRecord>> KvSnapshotRecords::List(const std::string& prefix) const {
  return ParseAll(store_, prefix, &ParseSnapshot);
}

Result<std::vector<KvSnapshotRecord>> KvSnapshotRecords::ListAll() const { return List(kSnapshotPrefix); }

Result<std::vector<KvSnapshotRecord>> KvSnapshotRecords::ListOfTable(int64_t table_id) const {
  return List(SnapshotPrefix(table_id));
}

Result<std::vector<KvSnapshotRecord>> KvSnapshotRecords::ListOfPartition(int64_t table_id,
                                                                         std::optional<int64_t> partition_id) const {
  return List(SnapshotPrefix(table_id, partition_id));
}

Result<std::vector<KvSnapshotRecord>> KvSnapshotRecords::ListOfBucket(const TableBucket& bucket) const {
  return List(SnapshotPrefix(bucket));
}

Result<std::optional<KvSnapshotRecord>> KvSnapshotRecords::Find(const KvSnapshotId& id) const {
  return ParseOne(store_, SnapshotKey(id), &ParseSnapshot);
}

Status KvSnapshotRecords::Add(const KvSnapshotRecord& record) {
  return store_->WriteCatalog({{SnapshotKey(record.id), SnapshotValue(record)}});
}

Status KvSnapshotRecords::Remove(const std::vector<KvSnapshotRecord>& records) {
  std::vector<KvStore::Change> changes;
  for (const KvSnapshotRecord& record : records) changes.push_back({SnapshotKey(record.id), std::nullopt});
  return changes.empty() ? Status::OK() : store_->WriteCatalog(changes);
}

Result<std::vector<KvLeaseRecord>> KvSnapshotRecords::ListLeases() const {
  return ParseAll(store_, kLeasePrefix, &ParseLease);
}

Result<std::optional<KvLeaseRecord>> KvSnapshotRecords::FindLease(const std::string& lease_id) const {
  return ParseOne(store_, kLeasePrefix + lease_id, &ParseLease);
}

Status KvSnapshotRecords::PutLease(const KvLeaseRecord& lease) {
  return store_->WriteCatalog({{kLeasePrefix + lease.lease_id, LeaseValue(lease)}});
}

Status KvSnapshotRecords::RemoveLeases(const std::vector<std::string>& lease_ids) {
  std::vector<KvStore::Change> changes;
  for (const std::string& id : lease_ids) changes.push_back({kLeasePrefix + id, std::nullopt});
  return changes.empty() ? Status::OK() : store_->WriteCatalog(changes);
}

}  // namespace weir
