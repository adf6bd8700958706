#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/system_table.h"
#include "gateway/gateway.h"
#include "sql/catalog/fluss_tables.h"
#include "types/mutex.h"

namespace weir::sql {

/// The relations that SQL has made, in two PK tables of `weir` (docs/storage-format-sql.md): `relations` by name,
/// `partitions` by parent. They are made with the first relation. Thread-safe.
class CatalogStore {
 public:
  explicit CatalogStore(Connection connection) : connection_(std::move(connection)) {}

  struct StoredRelation {
    TablePath path;
    int64_t id = -1;
    TablePath parent;        // of a partition; empty: none
    int64_t parent_id = -1;
    std::string definition;  // empty: made as a partition, whose definition is with its parent
  };
  struct StoredPartition {
    int64_t parent = -1;
    int64_t child = -1;
    TablePath path;
    std::string definition;
  };

  Result<std::optional<StoredRelation>> FindRelation(const TablePath& path);
  Result<std::vector<StoredRelation>> ListRelations(const std::string& database);
  Result<std::optional<StoredPartition>> FindPartition(int64_t parent, int64_t child);
  Result<std::vector<StoredPartition>> ListPartitions(int64_t parent);

  /// The zones that are set, by the keys of their objects, as the catalog writes them.
  Result<std::vector<std::pair<std::string, std::string>>> ListZones() { return ListNamed(kZoneOf); }
  /// The foreign servers, by name.
  Result<std::vector<std::pair<std::string, std::string>>> ListServers() { return ListNamed(kServerOf); }
  /// What is said of things that have no definition of their own, by their keys (catalog.h).
  Result<std::vector<std::pair<std::string, std::string>>> ListComments() { return ListNamed(kCommentOn); }

  /// The types that were made, as postgres::WriteMadeType writes them.
  Result<std::vector<std::string>> ListTypes();

  /// Ids that no relation has had yet, from the one given on.
  Result<int64_t> TakeIds(int64_t count);

  struct Change {
    std::vector<StoredRelation> put_relations;
    std::vector<StoredPartition> put_partitions;
    std::vector<std::pair<int64_t, int64_t>> remove_partitions;  // parent, child
    std::vector<TablePath> remove_relations;
    std::vector<std::pair<std::string, std::string>> put_zones;  // key, definition
    std::vector<std::string> remove_zones;
    std::vector<std::pair<std::string, std::string>> put_servers;  // name, definition
    std::vector<std::string> remove_servers;
    std::vector<std::pair<std::string, std::string>> put_comments;  // key, text
    std::vector<std::string> remove_comments;
    std::vector<std::pair<uint32_t, std::string>> put_types;  // OID, definition
    std::vector<uint32_t> remove_types;
  };
  /// A change as part of an atomic commit.
  Result<std::vector<PutKvRequest>> Encode(const Change& change);

  /// Forgets that the tables are missing: another door may have made them.
  void Refresh();

 private:
  /// Zones, servers and comments are in rows of `relations` of their own, in no database: "zone of relation 16385".
  static constexpr std::string_view kZoneOf = "zone of ";
  static constexpr std::string_view kServerOf = "server ";
  static constexpr std::string_view kCommentOn = "comment on ";
  Result<std::vector<std::pair<std::string, std::string>>> ListNamed(std::string_view kind);

  struct Tables {
    SystemTablePtr relations;
    SystemTablePtr partitions;
  };
  /// Nulls as long as nothing was made.
  Result<Tables> Find();
  Result<Tables> FindOrCreate();

  const Connection connection_;
  Mutex mutex_;
  Tables tables_ WEIR_GUARDED_BY(mutex_);
  bool missing_ WEIR_GUARDED_BY(mutex_) = false;
  int64_t next_id_ WEIR_GUARDED_BY(mutex_) = 0;
  int64_t reserved_end_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace weir::sql
