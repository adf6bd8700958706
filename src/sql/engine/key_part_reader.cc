#include "sql/engine/key_part_reader.h"

#include "postgres/shard.h"

namespace weir::sql {

KeyPartReader::KeyPartReader(const HashShards& shards, duckdb::DataChunk& rows)
    : types_(shards.types), shards_(shards.buckets) {
  for (size_t i = 0; i < shards.columns.size(); ++i) {
    duckdb::Vector& values = rows.data[static_cast<size_t>(shards.columns[i])];
    columns_.emplace_back(types_[i], values, rows.size());
  }
}

KeyValue KeyPartReader::Read(duckdb::idx_t row) const {
  if (shards_ == 0) return columns_.front().Read(row);
  KeyTuple key;
  for (const KeyReader& column : columns_) key.push_back(column.Read(row));
  return int64_t{postgres::ShardOf(types_, key, shards_)};
}

}  // namespace weir::sql
