#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/wire/fluss.pb.h"
#include "gateway/cluster/cluster_options.h"
#include "weir/table.h"

namespace weir {

/// Where the buckets of a table, or of one of its partitions, are.
struct BucketGroup {
  int64_t table_id = -1;
  std::optional<int64_t> partition_id;
  auto operator<=>(const BucketGroup&) const = default;
};
inline BucketGroup GroupOf(const TableBucket& bucket) { return {bucket.table_id, bucket.partition_id}; }

/// What a client knows of a cluster: its nodes, the tables it met, and who leads their buckets. Plain
/// data; what it does not know, or no longer, has to be asked for.
class ClusterMetadata {
 public:
  struct Table {
    TablePath path;
    std::vector<std::string> partition_keys;
  };
  struct Place {
    enum class Kind {
      kLeader,         // at `node`
      kUnknown,        // not known, or none elected
      kNoSuchBucket,   // the table has fewer
      kTableGone,
      kPartitionGone,
    };
    Kind kind = Kind::kUnknown;
    int32_t node = -1;
  };

  // --- nodes ---
  /// Takes over the nodes and the leaders that a server tells.
  void Apply(const wire::MetadataResponse& response);
  const std::optional<ServerNode>& coordinator() const { return coordinator_; }
  const std::map<int32_t, ServerNode>& tablets() const { return tablets_; }
  std::optional<Endpoint> AddressOf(int32_t tablet) const;

  // --- tables ---
  void AddTable(const TableInfo& info);
  /// Null when no table of that id was met.
  const Table* FindTable(int64_t table_id) const;
  /// The latest table met under that path.
  const Table* FindTable(const TablePath& path, int64_t* table_id) const;
  void TableGone(int64_t table_id);
  void PartitionGone(int64_t partition_id);
  /// After a DROP: the next table of that name is another one.
  void ForgetPath(const TablePath& path) { ids_.erase(path); }

  // --- buckets ---
  Place Find(const TableBucket& bucket) const;
  /// `node` turned out not to lead the bucket.
  void Forget(const TableBucket& bucket, int32_t node);

 private:
  struct Buckets {
    std::vector<int32_t> leaders;  // by bucket id; −1: unknown
    bool known = false;
    bool gone = false;
  };
  using Messages = google::protobuf::RepeatedPtrField<wire::BucketMetadata>;

  Buckets* FindBuckets(const TableBucket& bucket);
  static void TakeLeaders(const Messages& messages, Buckets* buckets);

  std::optional<ServerNode> coordinator_;
  std::map<int32_t, ServerNode> tablets_;
  std::unordered_map<int64_t, Table> tables_;
  std::map<TablePath, int64_t> ids_;
  std::unordered_map<int64_t, Buckets> of_tables_;
  std::unordered_map<int64_t, Buckets> of_partitions_;
};

}  // namespace weir
