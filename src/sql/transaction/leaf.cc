#include "sql/transaction/leaf.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "sql/error.h"

namespace weir::sql {

namespace {

Result<std::vector<int>> PlacesOf(const Relation& relation, const Schema& schema) {
  std::vector<int> places;
  if (schema.num_columns() == 0) return places;  // the table is gone, as who asks it for rows is told
  bool same = static_cast<int>(relation.columns.size()) == schema.num_columns();
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    const std::string& name = relation.columns[i].name;
    const bool here = static_cast<int>(i) < schema.num_columns() && schema.column(static_cast<int>(i)).name == name;
    places.push_back(here ? static_cast<int>(i) : schema.IndexOf(name));
    same = same && here;
    if (places.back() >= 0) continue;
    return Error("55000", fmt::format("the Fluss table of \"{}\" has no column \"{}\"", relation.path.table, name));
  }
  if (same) places.clear();
  return places;
}

}  // namespace

Result<LeafPtr> MakeLeaf(const Connection& connection, const RelationPtr& relation) {
  if (relation == nullptr || relation->is_partitioned() || relation->table == nullptr) {
    return Error("42809", fmt::format("\"{}\" holds no rows: rows are read from and written to its partitions",
                                      relation == nullptr ? "" : relation->path.table));
  }
  const TableInfo& info = *relation->table;
  if (info.descriptor.is_partitioned() != relation->fluss_partition.has_value()) {
    return Error("XX000", fmt::format("relation \"{}\" names {} partition, but table '{}' is {}partitioned",
                                      relation->path.table, relation->fluss_partition ? "a" : "no",
                                      info.path.ToString(), info.descriptor.is_partitioned() ? "" : "not "));
  }
  WEIR_ASSIGN_OR_RETURN(const Table table, MakeTable(connection, relation->table));
  WEIR_ASSIGN_OR_RETURN(std::vector<int> places, PlacesOf(*relation, info.schema()));
  return std::make_shared<const Leaf>(Leaf{relation, table.impl(), std::move(places)});
}

std::vector<int> KeyEncoder::Columns() const {
  std::vector<int> columns = table_.layout.primary_key;
  columns.insert(columns.end(), table_.layout.bucket_key.begin(), table_.layout.bucket_key.end());
  std::ranges::sort(columns);
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

Result<std::string_view> KeyEncoder::Key() {
  key_.clear();
  WEIR_RETURN_NOT_OK(
      EncodeKey(table_.layout.primary_key_encoding, table_.types, table_.layout.primary_key, row_, &key_));
  return std::string_view(key_);
}

Result<std::string_view> KeyEncoder::Prefix(size_t columns) {
  const std::vector<int>& key = table_.layout.primary_key;
  const std::vector<int> first(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(std::min(columns, key.size())));
  key_.clear();
  WEIR_RETURN_NOT_OK(EncodeKey(table_.layout.primary_key_encoding, table_.types, first, row_, &key_));
  return std::string_view(key_);
}

Result<int32_t> KeyEncoder::Bucket() {
  const KeyLayout& layout = table_.layout;
  if (table_.info.num_buckets() == 1) return 0;
  if (layout.bucket_key_is_primary_key) return BucketOf(layout.bucket_hash, key_, table_.info.num_buckets());
  bucket_key_.clear();
  WEIR_RETURN_NOT_OK(EncodeKey(layout.bucket_key_encoding, table_.types, layout.bucket_key, row_, &bucket_key_));
  return BucketOf(layout.bucket_hash, bucket_key_, table_.info.num_buckets());
}

void AppendRowKey(int32_t bucket, std::string_view key, std::string* out) {
  out->append(reinterpret_cast<const char*>(&bucket), sizeof bucket);
  out->append(key);
}

Result<RowKey> ParseRowKey(const Leaf& leaf, std::string_view bytes) {
  RowKey row;
  if (bytes.size() > sizeof row.bucket) {
    std::memcpy(&row.bucket, bytes.data(), sizeof row.bucket);
    row.key = bytes.substr(sizeof row.bucket);
    if (row.bucket >= 0 && row.bucket < leaf.num_buckets()) return row;
  }
  return Error("XX000", fmt::format("{} bytes are no row key of table '{}'", bytes.size(), leaf.table->name()));
}

}  // namespace weir::sql
