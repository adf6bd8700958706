#include "weir/admin.h"

#include <fmt/format.h>

#include "client/chain.h"
#include "client/connection_impl.h"
#include "gateway/lake_snapshots.h"
#include "gateway/partition_errors.h"

namespace weir {
namespace {

using Offsets = std::map<int32_t, int64_t>;

Status CheckBuckets(const TableInfo& table, const std::vector<int32_t>& buckets) {
  if (buckets.empty()) return Status::Invalid("no buckets are given");
  for (const int32_t bucket : buckets) {
    if (bucket >= 0 && bucket < table.num_buckets()) continue;
    return Status::Invalid(fmt::format("table '{}' has no bucket {}, only 0 to {}", table.path.ToString(), bucket,
                                       table.num_buckets() - 1));
  }
  return Status::OK();
}

Future<Offsets> QueryOffsets(Gateway& gateway, int64_t table_id, std::optional<int64_t> partition_id,
                             const std::vector<int32_t>& buckets, OffsetSpec spec) {
  return Chain<Offsets>(gateway.ListOffsets(table_id, partition_id, buckets, spec),
                        [](const std::map<int32_t, Result<int64_t>>& results) {
                          Offsets offsets;
                          for (const auto& [bucket, offset] : results) {
                            if (!offset.ok()) return Future<Offsets>::Ready(offset.status());
                            offsets[bucket] = *offset;
                          }
                          return Future<Offsets>::Ready(std::move(offsets));
                        });
}

}  // namespace

// Every call: the connection is open, then the gateway's.
template <typename Call>
auto Admin::Ask(Call call) const -> std::invoke_result_t<Call, Gateway&> {
  if (Status open = connection_.impl()->CheckOpen(); !open.ok()) {
    return std::invoke_result_t<Call, Gateway&>::Ready(std::move(open));
  }
  return call(connection_.gateway());
}

Future<Unit> Admin::CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor,
                                   bool ignore_if_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.CreateDatabase(name, descriptor, ignore_if_exists); });
}
Future<Unit> Admin::DropDatabase(const std::string& name, bool ignore_if_not_exists, bool cascade) const {
  return Ask([&](Gateway& gateway) { return gateway.DropDatabase(name, ignore_if_not_exists, cascade); });
}
Future<std::vector<std::string>> Admin::ListDatabases() const {
  return Ask([](Gateway& gateway) { return gateway.ListDatabases(); });
}
Future<bool> Admin::DatabaseExists(const std::string& name) const {
  return Ask([&](Gateway& gateway) { return gateway.DatabaseExists(name); });
}
Future<DatabaseInfo> Admin::GetDatabaseInfo(const std::string& name) const {
  return Ask([&](Gateway& gateway) { return gateway.GetDatabaseInfo(name); });
}

Future<Unit> Admin::CreateTable(const TablePath& path, const TableDescriptor& descriptor, bool ignore_if_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.CreateTable(path, descriptor, ignore_if_exists); });
}
Future<Unit> Admin::AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.AlterTable(path, change, ignore_if_not_exists); });
}
Future<Unit> Admin::DropTable(const TablePath& path, bool ignore_if_not_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.DropTable(path, ignore_if_not_exists); });
}
Future<std::vector<std::string>> Admin::ListTables(const std::string& database) const {
  return Ask([&](Gateway& gateway) { return gateway.ListTables(database); });
}
Future<bool> Admin::TableExists(const TablePath& path) const {
  return Ask([&](Gateway& gateway) { return gateway.TableExists(path); });
}
Future<TableInfo> Admin::GetTableInfo(const TablePath& path) const {
  return Ask([&](Gateway& gateway) { return gateway.GetTableInfo(path); });
}
Future<Schema> Admin::GetSchema(const TablePath& path, int32_t schema_id) const {
  return Ask([&](Gateway& gateway) { return gateway.GetSchema(path, schema_id); });
}

Future<Unit> Admin::CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                     bool ignore_if_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.CreatePartitions(path, specs, ignore_if_exists); });
}

Future<Unit> Admin::CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.CreatePartition(path, spec, ignore_if_exists); });
}
Future<Unit> Admin::DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists) const {
  return Ask([&](Gateway& gateway) { return gateway.DropPartition(path, spec, ignore_if_not_exists); });
}
Future<std::vector<PartitionInfo>> Admin::ListPartitions(const TablePath& path, const PartitionSpec& partial) const {
  return Ask([&](Gateway& gateway) { return gateway.ListPartitionInfos(path, partial); });
}

Future<Offsets> Admin::ListOffsets(const TablePath& path, const std::vector<int32_t>& bucket_ids,
                                   OffsetSpec spec) const {
  return Ask([&](Gateway& gateway) {
    return Chain<Offsets>(gateway.GetTableInfo(path), [connection = connection_, bucket_ids,
                                                       spec](const TableInfo& table) {
      if (Status known = CheckBuckets(table, bucket_ids); !known.ok()) return Future<Offsets>::Ready(known);
      if (table.descriptor.is_partitioned()) {
        return Future<Offsets>::Ready(Status::Invalid(fmt::format(
            "table '{}' is partitioned: its offsets are those of its partitions", table.path.ToString())));
      }
      return QueryOffsets(connection.gateway(), table.table_id, std::nullopt, bucket_ids, spec);
    });
  });
}

Future<Offsets> Admin::ListPartitionOffsets(const TablePath& path, const std::string& partition_name,
                                            const std::vector<int32_t>& bucket_ids, OffsetSpec spec) const {
  return Ask([&](Gateway& gateway) {
    return Chain<Offsets>(
        gateway.GetTableInfo(path),
        [connection = connection_, partition_name, bucket_ids, spec](const TableInfo& table) {
          if (Status known = CheckBuckets(table, bucket_ids); !known.ok()) return Future<Offsets>::Ready(known);
          if (!table.descriptor.is_partitioned()) {
            return Future<Offsets>::Ready(NotPartitioned(table.path));
          }
          return Chain<Offsets>(connection.gateway().GetPartition(table.path, partition_name),
                                [connection, table_id = table.table_id, bucket_ids, spec](const PartitionInfo& found) {
                                  return QueryOffsets(connection.gateway(), table_id, found.partition_id, bucket_ids,
                                                      spec);
                                });
        });
  });
}

Future<std::vector<ServerNode>> Admin::GetServerNodes() const {
  return Ask([](Gateway& gateway) { return gateway.GetServerNodes(); });
}

Future<LakeSnapshot> Admin::GetLatestLakeSnapshot(const TablePath& path) const {
  return Ask([&](Gateway& gateway) {
    if (LakeSnapshots* const lake = LakeSnapshots::Of(&gateway)) return lake->GetLatestLakeSnapshot(path);
    return Chain<LakeSnapshot>(gateway.GetTableInfo(path), [target = gateway.target()](const TableInfo& table) {
      return Future<LakeSnapshot>::Ready(
          Status(ErrorCode::kLakeStorageNotConfigured,
                 fmt::format("{} has no lake storage, so {} has no lake snapshot", target, table.path.ToString())));
    });
  });
}

}  // namespace weir
