#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weir/client.h"

namespace weir {

/// The most batches that one chunk makes of the rows of one bucket.
inline constexpr int kPiecesPerChunk = 8;

/// Rows of one bucket on their way into it.
struct ChunkPart {
  TableBucket bucket;
  int64_t writer_id = -1;
  int64_t rows = 0;
  std::shared_ptr<arrow::Buffer> records;  // a log batch, or a KV batch
};

/// Turns chunks of rows into batches for the buckets of one table. The same chunk under the same
/// number and writer ids always makes the same batches, each with a writer id of its own in its bucket
/// (sequence 0): a bucket's log tells which of them it has.
class ChunkEncoder {
 public:
  /// `targets`: columns that are written, of a PK table with an auto-increment column; empty: all.
  static Result<ChunkEncoder> Make(const Table& table, std::vector<int> targets, bool create_partitions);

  /// `rows`: in the table's Arrow schema. `writer_ids`: kPiecesPerChunk of them. Partitions that are
  /// missing are made, or code 36 names them.
  Result<std::vector<ChunkPart>> Encode(const std::shared_ptr<arrow::RecordBatch>& rows, int64_t chunk,
                                        const std::vector<int64_t>& writer_ids);
  int64_t partitions_created() const { return partitions_created_; }
  const std::vector<int>& targets() const { return targets_; }

 private:
  struct Split {
    std::optional<int64_t> partition_id;
    int32_t bucket = -1;  // -1: any
    std::vector<int32_t> rows;
  };
  explicit ChunkEncoder(Table table) : table_(std::move(table)) {}
  Result<std::vector<Split>> SplitRows(const std::shared_ptr<arrow::RecordBatch>& rows);
  Status FindPartitions(const std::vector<std::string>& names, std::vector<Split>* splits,
                        const std::vector<size_t>& partition_of);
  Result<std::shared_ptr<arrow::Buffer>> EncodeLog(const arrow::RecordBatch& rows, int64_t writer_id) const;
  Result<std::shared_ptr<arrow::Buffer>> EncodeKv(const std::shared_ptr<arrow::RecordBatch>& rows,
                                                  int64_t writer_id) const;

  Table table_;
  std::vector<int> targets_;
  bool create_partitions_ = false;
  std::map<std::string, int64_t> partition_ids_;
  int64_t partitions_created_ = 0;
};

/// Those of `writer_ids` that have a batch in the bucket's log.
Result<std::set<int64_t>> WritersInLog(Gateway& gateway, const TableBucket& bucket,
                                       const std::set<int64_t>& writer_ids);

/// Sends the parts; complete when all of them are on disk.
Future<Unit> SendParts(Gateway& gateway, const TableInfo& table, const std::vector<ChunkPart>& parts,
                       const std::vector<int>& targets);

}  // namespace weir
