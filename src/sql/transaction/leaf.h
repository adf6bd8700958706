#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/table_impl.h"
#include "sql/catalog/relation.h"

namespace weir::sql {

/// In bytes, to one bucket in one commit.
inline constexpr size_t kLargestWrite = size_t{1} << 30;

/// The rows of one leaf: a Fluss table, or one partition of it.
using LeafId = std::pair<int64_t, std::optional<int64_t>>;

/// A leaf with what reading and writing its rows takes.
struct Leaf {
  RelationPtr relation;
  std::shared_ptr<const Table::Impl> table;
  /// Where the relation's columns are in the table, which keeps those that SQL has dropped. Empty: at the same places.
  std::vector<int> places;

  bool keyed() const { return table->info.descriptor.has_primary_key(); }
  int32_t num_buckets() const { return table->info.num_buckets(); }
  LeafId id() const { return {table->info.table_id, relation->fluss_partition}; }
  TableBucket bucket(int32_t id) const { return {table->info.table_id, relation->fluss_partition, id}; }
  int num_columns() const {
    return places.empty() ? table->info.schema().num_columns() : static_cast<int>(places.size());
  }
  int PlaceOf(int column) const { return places.empty() ? column : places[column]; }
};
using LeafPtr = std::shared_ptr<const Leaf>;

/// 42809 for a relation that holds no rows, 55000 for one whose table lacks a column.
Result<LeafPtr> MakeLeaf(const Connection& connection, const RelationPtr& relation);

/// A row's encoded primary key and the bucket that it belongs to.
class KeyEncoder {
 public:
  explicit KeyEncoder(const Leaf& leaf) : table_(*leaf.table), row_(leaf.table->types.size()) {}

  /// Positions in the table that keys and buckets are made of, ascending.
  std::vector<int> Columns() const;
  /// A row to set the values of these columns in, before Encode.
  std::vector<Datum>& row() { return row_; }
  /// Stays valid until the next call.
  Result<std::string_view> Key();
  /// What the keys begin with that have the row's values in their first columns.
  Result<std::string_view> Prefix(size_t columns);
  /// Of the key that Key() has given; of the bucket key for log tables.
  Result<int32_t> Bucket();

 private:
  const Table::Impl& table_;
  std::vector<Datum> row_;
  std::string key_;
  std::string bucket_key_;
};

/// How rows of log leaves are named outside: stored ones by bucket and offset, added ones by number.
inline constexpr int kOffsetBits = 40;
inline int64_t PositionOf(int32_t bucket, int64_t offset) {
  return static_cast<int64_t>(bucket) << kOffsetBits | offset;
}
inline int64_t OffsetOf(int64_t position) { return position & ((int64_t{1} << kOffsetBits) - 1); }
inline constexpr int64_t kFirstAddedPosition = -(int64_t{1} << 62);

/// How rows of PK leaves are named outside: the bucket and the encoded primary key.
void AppendRowKey(int32_t bucket, std::string_view key, std::string* out);
struct RowKey {
  int32_t bucket = 0;
  std::string_view key;
};
Result<RowKey> ParseRowKey(const Leaf& leaf, std::string_view bytes);

}  // namespace weir::sql
