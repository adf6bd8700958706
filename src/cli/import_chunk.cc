#include "cli/import_chunk.h"

#include <arrow/api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "cli/text.h"
#include "client/arrow_split.h"
#include "client/table_impl.h"
#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "gateway/gateway.h"
#include "model/partition.h"
#include "types/arrow_rows.h"

namespace weir {
namespace {

constexpr int64_t kPieceBytes = 4 << 20;
constexpr int kFetchBytes = 64 << 20;
constexpr size_t kNamesShown = 10;

PayloadCompression CompressionOf(const TableOptions& options) {
  switch (options.compression) {
    case Compression::kNone: return PayloadCompression::kNone;
    case Compression::kLz4Frame: return PayloadCompression::kLz4Frame;
    case Compression::kZstd: break;
  }
  return PayloadCompression::kZstd;
}

Status MissingPartitions(const std::string& table, const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kNamesShown);
  const std::vector<std::string> first(names.begin(), names.begin() + static_cast<int64_t>(shown));
  return {ErrorCode::kPartitionNotExists,
          fmt::format("table '{}' has no {} '{}'{}; --create-partitions makes what the rows need", table,
                      names.size() == 1 ? "partition" : "partitions", fmt::join(first, "', '"),
                      names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "")};
}

template <typename Answers>
Result<Unit> FirstError(const Result<Answers>& answers) {
  if (!answers.ok()) return answers.status();
  for (const auto& answer : *answers) {
    if (!answer.status.ok()) return answer.status.WithContext(answer.bucket.ToString());
  }
  return Unit{};
}

}  // namespace

Result<ChunkEncoder> ChunkEncoder::Make(const Table& table, std::vector<int> targets, bool create_partitions) {
  if (!targets.empty()) WEIR_RETURN_NOT_OK(table.NewUpsertWriter(targets).status());  // its rules hold here, too
  ChunkEncoder encoder(table);
  encoder.targets_ = std::move(targets);
  encoder.create_partitions_ = create_partitions;
  if (table.info().descriptor.is_partitioned()) {
    Gateway& gateway = table.connection().gateway();
    WEIR_ASSIGN_OR_RETURN(const auto partitions, Await(gateway.ListPartitionInfos(table.info().path, {})));
    for (const PartitionInfo& info : partitions) encoder.partition_ids_[info.partition_name] = info.partition_id;
  }
  return encoder;
}

Status ChunkEncoder::FindPartitions(const std::vector<std::string>& names, std::vector<Split>* splits,
                                    const std::vector<size_t>& partition_of) {
  const TableInfo& info = table_.info();
  Gateway& gateway = table_.connection().gateway();
  std::vector<std::string> missing;
  for (const std::string& name : names) {
    if (!partition_ids_.contains(name)) missing.push_back(name);
  }
  if (!missing.empty() && !create_partitions_) return MissingPartitions(info.path.ToString(), missing);
  std::vector<PartitionSpec> specs;
  for (const std::string& name : missing) {
    WEIR_ASSIGN_OR_RETURN(PartitionSpec spec, PartitionSpecFromName(info.descriptor.partition_keys, name));
    specs.push_back(std::move(spec));
  }
  if (!specs.empty()) WEIR_RETURN_NOT_OK(AwaitDone(gateway.CreatePartitions(info.path, specs, true)));
  for (const std::string& name : missing) {
    WEIR_ASSIGN_OR_RETURN(const PartitionInfo partition, Await(gateway.GetPartition(info.path, name)));
    partition_ids_[name] = partition.partition_id;
    ++partitions_created_;
  }
  for (size_t i = 0; i < splits->size(); ++i) (*splits)[i].partition_id = partition_ids_.at(names[partition_of[i]]);
  return Status::OK();
}

Result<std::vector<ChunkEncoder::Split>> ChunkEncoder::SplitRows(const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Table::Impl& t = *table_.impl();
  const int32_t buckets = t.info.num_buckets();
  const bool has_key = !t.layout.bucket_key.empty();
  const bool hashed = has_key && buckets > 1;
  std::vector<int> needed = t.partition_columns;
  if (hashed) needed.insert(needed.end(), t.layout.bucket_key.begin(), t.layout.bucket_key.end());

  std::vector<Split> splits;
  if (needed.empty()) {
    Split& all = splits.emplace_back();
    all.bucket = has_key || buckets == 1 ? 0 : -1;
    return splits;
  }
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, t.types));
  Arena arena;
  std::vector<Datum> row(t.types.size());
  std::vector<Datum> last(t.partition_columns.size());
  std::vector<std::string> names{};
  std::unordered_map<std::string, size_t> index_of;
  std::vector<std::vector<int64_t>> split_of;  // partition → bucket → split, or -1
  std::vector<size_t> partition_of;            // split → partition
  std::string key;
  size_t partition = 0;
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    for (const int column : needed) row[column] = reader.ReadCell(i, column, &arena);
    // Neighbours mostly share their partition.
    bool same = i > 0;
    for (size_t k = 0; same && k < last.size(); ++k) same = last[k] == row[t.partition_columns[k]];
    if (!same) {
      for (size_t k = 0; k < last.size(); ++k) last[k] = row[t.partition_columns[k]];
      WEIR_ASSIGN_OR_RETURN(const std::string name, t.PartitionOf(row));
      const auto [found, added] = index_of.try_emplace(name, names.size());
      partition = found->second;
      if (added) {
        names.push_back(name);
        split_of.emplace_back(hashed ? buckets : 1, -1);
      }
    }
    int32_t bucket = 0;
    if (hashed) {
      key.clear();
      WEIR_RETURN_NOT_OK(EncodeKey(t.layout.bucket_key_encoding, t.types, t.layout.bucket_key, row, &key));
      WEIR_ASSIGN_OR_RETURN(bucket, BucketOf(t.layout.bucket_hash, key, buckets));
    }
    int64_t& split = split_of[partition][bucket];
    if (split < 0) {
      split = static_cast<int64_t>(splits.size());
      splits.push_back({{}, has_key || buckets == 1 ? bucket : -1, {}});
      partition_of.push_back(partition);
    }
    splits[split].rows.push_back(static_cast<int32_t>(i));
  }
  if (!t.partition_columns.empty()) WEIR_RETURN_NOT_OK(FindPartitions(names, &splits, partition_of));
  return splits;
}

Result<std::shared_ptr<arrow::Buffer>> ChunkEncoder::EncodeLog(const arrow::RecordBatch& rows,
                                                               int64_t writer_id) const {
  const Table::Impl& t = *table_.impl();
  LogBatchOptions options;
  options.schema_id = static_cast<int16_t>(t.info.schema_id);
  options.writer_id = writer_id;
  options.sequence = 0;
  options.format = t.log_format();
  options.compression = CompressionOf(t.options);
  options.zstd_level = t.options.zstd_level;
  options.statistics_columns = t.statistics_columns;
  return EncodeLogBatch(rows, {}, t.info.schema(), options);
}

Result<std::shared_ptr<arrow::Buffer>> ChunkEncoder::EncodeKv(const std::shared_ptr<arrow::RecordBatch>& rows,
                                                              int64_t writer_id) const {
  const Table::Impl& t = *table_.impl();
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, t.types));
  KvBatchBuilder builder;
  std::vector<Datum> row(t.types.size());
  std::string key;
  std::string value;
  Arena arena;
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    reader.Read(i, &arena, row);
    key.clear();
    value.clear();
    WEIR_RETURN_NOT_OK(EncodeKey(t.layout.primary_key_encoding, t.types, t.layout.primary_key, row, &key));
    WEIR_RETURN_NOT_OK(EncodeRow(t.row_format(), t.types, row, &value));
    builder.Upsert(key, value);
    if (i % 1024 == 1023) arena.Clear();
  }
  return arrow::Buffer::FromString(builder.Finish(static_cast<int16_t>(t.info.schema_id), writer_id, 0));
}

Result<std::vector<ChunkPart>> ChunkEncoder::Encode(const std::shared_ptr<arrow::RecordBatch>& rows, int64_t chunk,
                                                    const std::vector<int64_t>& writer_ids) {
  const TableInfo& info = table_.info();
  WEIR_ASSIGN_OR_RETURN(const std::vector<Split> splits, SplitRows(rows));
  std::vector<ChunkPart> parts;
  for (const Split& split : splits) {
    std::shared_ptr<arrow::RecordBatch> taken = rows;
    if (splits.size() > 1) {
      WEIR_ASSIGN_OR_RETURN(taken, TakeRows(rows, split.rows));
    }
    const int64_t pieces = std::clamp<int64_t>(BatchBytes(*taken) / kPieceBytes, 1, kPiecesPerChunk);
    const int64_t step = (taken->num_rows() + pieces - 1) / pieces;
    for (int piece = 0; piece * step < taken->num_rows(); ++piece) {
      const auto slice = taken->Slice(piece * step, step);
      ChunkPart& part = parts.emplace_back();
      // Rows for any bucket go round the buckets.
      const int64_t turn = chunk * kPiecesPerChunk + piece;
      const int32_t bucket = split.bucket >= 0 ? split.bucket : static_cast<int32_t>(turn % info.num_buckets());
      part.bucket = {info.table_id, split.partition_id, bucket};
      part.writer_id = writer_ids[piece];
      part.rows = slice->num_rows();
      if (info.descriptor.has_primary_key()) {
        WEIR_ASSIGN_OR_RETURN(part.records, EncodeKv(slice, part.writer_id));
      } else {
        WEIR_ASSIGN_OR_RETURN(part.records, EncodeLog(*slice, part.writer_id));
      }
    }
  }
  return parts;
}

Result<std::set<int64_t>> WritersInLog(Gateway& gateway, const TableBucket& bucket,
                                       const std::set<int64_t>& writer_ids) {
  std::set<int64_t> found;
  for (int64_t offset = kEarliestOffset;;) {
    FetchLogRequest request;
    request.max_bytes = kFetchBytes;
    request.max_wait_ms = 0;
    request.buckets.push_back({bucket, offset, kFetchBytes});
    WEIR_ASSIGN_OR_RETURN(const auto fetched, Await(gateway.FetchLog(std::move(request))));
    WEIR_RETURN_NOT_OK(fetched.front().status);
    const auto& records = fetched.front().records;
    if (records == nullptr || records->size() == 0) return found;
    const std::string_view bytes(*records);
    for (size_t position = 0; position < bytes.size();) {
      WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(bytes.substr(position)));
      if (writer_ids.contains(header.writer_id)) found.insert(header.writer_id);
      position += static_cast<size_t>(header.total_size());
      offset = header.next_offset();
    }
  }
}

Future<Unit> SendParts(Gateway& gateway, const TableInfo& table, const std::vector<ChunkPart>& parts,
                       const std::vector<int>& targets) {
  if (parts.empty()) return Future<Unit>::Ready(Unit{});
  const Promise<Unit> promise;
  std::vector<BucketRecords> records;
  for (const ChunkPart& part : parts) records.push_back({part.bucket, part.records});
  if (table.descriptor.has_primary_key()) {
    PutKvRequest request;
    request.table_id = table.table_id;
    request.target_columns = targets;
    request.buckets = std::move(records);
    gateway.PutKv(std::move(request)).Then([promise](const auto& answers) { promise.Complete(FirstError(answers)); });
  } else {
    ProduceLogRequest request;
    request.table_id = table.table_id;
    request.buckets = std::move(records);
    gateway.ProduceLog(std::move(request)).Then([promise](const auto& answers) {
      promise.Complete(FirstError(answers));
    });
  }
  return promise.future();
}

}  // namespace weir
