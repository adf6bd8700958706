#pragma once

#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "weir/client.h"
#include "weir/lake_snapshot.h"

namespace weir {

/// Metadata of a connection's target: databases, tables, partitions, offsets, servers. A handle;
/// copies share the connection. Thread-safe. Names and specs of another shape than Fluss allows,
/// and calls on a closed connection, are code -2 unless a code is given here.
class Admin {
 public:
  explicit Admin(Connection connection) : connection_(std::move(connection)) {}

  /// Codes 6 (exists) and 16 (name).
  Future<Unit> CreateDatabase(const std::string& name, const DatabaseDescriptor& descriptor = {},
                              bool ignore_if_exists = false) const;
  /// Codes 4 (no such database) and 5 (not empty, without `cascade`).
  Future<Unit> DropDatabase(const std::string& name, bool ignore_if_not_exists = false, bool cascade = true) const;
  Future<std::vector<std::string>> ListDatabases() const;
  Future<bool> DatabaseExists(const std::string& name) const;
  /// Code 4.
  Future<DatabaseInfo> GetDatabaseInfo(const std::string& name) const;

  /// Codes 4 (no such database), 8 (exists), 15 (name or keys), 17 and 49 (options).
  Future<Unit> CreateTable(const TablePath& path, const TableDescriptor& descriptor,
                           bool ignore_if_exists = false) const;
  /// Codes 7, 39 and 56.
  Future<Unit> AlterTable(const TablePath& path, const TableChange& change, bool ignore_if_not_exists = false) const;
  /// Code 7.
  Future<Unit> DropTable(const TablePath& path, bool ignore_if_not_exists = false) const;
  /// Code 4.
  Future<std::vector<std::string>> ListTables(const std::string& database) const;
  Future<bool> TableExists(const TablePath& path) const;
  /// Code 7.
  Future<TableInfo> GetTableInfo(const TablePath& path) const;
  /// One of the table's schemas by its id; code 9 when it never had that one.
  Future<Schema> GetSchema(const TablePath& path, int32_t schema_id) const;

  /// `spec`: a value for every partition column. Codes 37 (not partitioned), 42 (exists), 43 (spec) and 45 (too many).
  Future<Unit> CreatePartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_exists = false) const;
  /// Many for the price of one: all or none of them on an embedded database.
  Future<Unit> CreatePartitions(const TablePath& path, const std::vector<PartitionSpec>& specs,
                                bool ignore_if_exists = false) const;
  /// Codes 36 (no such partition), 37 and 43.
  Future<Unit> DropPartition(const TablePath& path, const PartitionSpec& spec, bool ignore_if_not_exists = false) const;
  /// By name: all, or those that agree with a spec of some of the columns. Code 37.
  Future<std::vector<PartitionInfo>> ListPartitions(const TablePath& path, const PartitionSpec& partial = {}) const;

  /// Bucket id → offset. Code 38 for a time to come, -2 for unknown buckets.
  Future<std::map<int32_t, int64_t>> ListOffsets(const TablePath& path, const std::vector<int32_t>& bucket_ids,
                                                 OffsetSpec spec) const;
  /// `partition_name`: the values joined by '$' in the order of the partition columns. Code 36.
  Future<std::map<int32_t, int64_t>> ListPartitionOffsets(const TablePath& path, const std::string& partition_name,
                                                          const std::vector<int32_t>& bucket_ids,
                                                          OffsetSpec spec) const;
  Future<std::vector<ServerNode>> GetServerNodes() const;
  /// Codes 7 (no such table), 53 (it has none) and 40 (there is no lake, as behind an embedded database).
  Future<LakeSnapshot> GetLatestLakeSnapshot(const TablePath& path) const;

 private:
  template <typename Call>
  auto Ask(Call call) const -> std::invoke_result_t<Call, Gateway&>;

  Connection connection_;
};

}  // namespace weir
