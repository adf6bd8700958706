#include "sql/transaction/leaf_writes.h"

#include <arrow/array/data.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "client/arrow_split.h"
#include "client/scan_plan.h"
#include "format/kv_batch.h"
#include "postgres/shard.h"
#include "sql/catalog/hash_shards.h"
#include "sql/error.h"
#include "sql/transaction/key_forms.h"
#include "sql/transaction/value_text.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

constexpr int64_t kLogBatchBytes = 4 << 20;
constexpr int64_t kArenaRows = 1024;               // after which nested values are let go

Status TooMuch(const Leaf& leaf) {
  return Error("54000",
               fmt::format("the transaction writes more than {} bytes to one bucket of \"{}\": commit it in parts",
                           kLargestWrite, leaf.relation->path.table));
}

Result<std::vector<Datum>> ReadRow(const Leaf& leaf, const std::shared_ptr<arrow::RecordBatch>& rows, int64_t row,
                                   Arena* arena) {
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, leaf.table->types));
  std::vector<Datum> values(leaf.table->types.size());
  reader.Read(row, arena, values);
  return values;
}

bool IsNotNull(const Leaf& leaf, int place) {
  const int column = leaf.relation->ColumnIndex(leaf.table->info.schema().column(place).name);
  const bool declared = column >= 0 && leaf.relation->columns[static_cast<size_t>(column)].not_null;
  return declared || !leaf.table->types[place].nullable();
}

/// A row as messages show it: the relation's columns.
std::string FailingRow(const Leaf& leaf, const std::vector<Datum>& values) {
  std::vector<DataType> types;
  std::vector<Datum> shown;
  for (int column = 0; column < leaf.num_columns(); ++column) {
    types.push_back(leaf.table->types[leaf.PlaceOf(column)]);
    shown.push_back(values[leaf.PlaceOf(column)]);
  }
  return RowText(types, shown);
}

/// The first row with a NULL where none may be decides, as in PostgreSQL.
Status CheckNotNull(const Leaf& leaf, const std::shared_ptr<arrow::RecordBatch>& rows) {
  int64_t first_row = rows->num_rows();
  int first_column = -1;
  for (int column = 0; column < rows->num_columns(); ++column) {
    const auto& values = rows->column(column);
    if (!IsNotNull(leaf, column) || values->null_count() == 0) continue;
    for (int64_t row = 0; row < first_row; ++row) {
      if (!values->IsNull(row)) continue;
      first_row = row;
      first_column = column;
    }
  }
  if (first_column < 0) return Status::OK();
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const auto values, ReadRow(leaf, rows, first_row, &arena));
  const std::string& column = leaf.table->info.schema().column(first_column).name;
  const std::string& table = leaf.relation->path.table;
  return Error(
      "23502",
      fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint", column, table),
      {.detail = fmt::format("Failing row contains {}.", FailingRow(leaf, values)),
       .schema = leaf.relation->path.database,
       .table = table,
       .column = column});
}

PayloadCompression CompressionOf(Compression compression) {
  switch (compression) {
    case Compression::kNone: return PayloadCompression::kNone;
    case Compression::kLz4Frame: return PayloadCompression::kLz4Frame;
    case Compression::kZstd: break;
  }
  return PayloadCompression::kZstd;
}

/// The rows that were added and are still there, batch by batch.
Result<std::vector<std::shared_ptr<arrow::RecordBatch>>> LiveRows(const Leaf& leaf, const LogChanges& changes) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> live;
  for (const LogChanges::Rows& added : changes.added()) {
    const int64_t count = added.batch->num_rows();
    std::vector<int32_t> gone, kept;
    changes.deleted_added().AppendMembers(added.first, added.first + count, &gone);
    WEIR_ASSIGN_OR_RETURN(auto whole, WithAllColumns(leaf, added.batch));
    if (gone.empty()) {
      live.push_back(std::move(whole));
      continue;
    }
    auto next_gone = gone.begin();
    for (int32_t i = 0; i < count; ++i) {
      if (next_gone != gone.end() && *next_gone == i) {
        ++next_gone;
      } else {
        kept.push_back(i);
      }
    }
    if (kept.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(live.emplace_back(), TakeRows(whole, kept));
  }
  return live;
}

/// Joins small batches and cuts large ones, so that each comes to about kLogBatchBytes.
Result<arrow::RecordBatchVector> Resize(const arrow::RecordBatchVector& batches) {
  arrow::RecordBatchVector resized, open;
  int64_t open_bytes = 0;
  const auto close = [&]() -> Status {
    if (open.empty()) return Status::OK();
    if (open.size() == 1) {
      resized.push_back(open.front());
    } else {
      WEIR_ASSIGN_OR_RETURN(resized.emplace_back(), FromArrow(arrow::ConcatenateRecordBatches(open)));
    }
    open.clear();
    open_bytes = 0;
    return Status::OK();
  };
  for (const auto& batch : batches) {
    const int64_t bytes = BatchBytes(*batch);
    if (open_bytes + bytes > kLogBatchBytes) WEIR_RETURN_NOT_OK(close());
    const int64_t pieces = std::max<int64_t>((bytes + kLogBatchBytes - 1) / kLogBatchBytes, 1);
    const int64_t step = std::max<int64_t>((batch->num_rows() + pieces - 1) / pieces, 1);
    if (pieces == 1) {
      open.push_back(batch);
      open_bytes += bytes;
      continue;
    }
    for (int64_t at = 0; at < batch->num_rows(); at += step) resized.push_back(batch->Slice(at, step));
  }
  WEIR_RETURN_NOT_OK(close());
  return resized;
}

using RowsByBucket = std::map<int32_t, arrow::RecordBatchVector>;

/// By the bucket key; a row whose key is NULL, for which Fluss has no hash, goes to bucket 0.
Status SplitByKey(const Leaf& leaf, const std::shared_ptr<arrow::RecordBatch>& batch, RowsByBucket* out) {
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, leaf.table->types));
  KeyEncoder encoder(leaf);
  const std::vector<int> columns = encoder.Columns();
  std::vector<std::vector<int32_t>> rows(static_cast<size_t>(leaf.num_buckets()));
  Arena arena;
  for (int64_t i = 0; i < batch->num_rows(); ++i) {
    bool has_null = false;
    for (const int column : columns) {
      encoder.row()[column] = reader.ReadCell(i, column, &arena);
      has_null |= encoder.row()[column].is_null();
    }
    int32_t bucket = 0;
    if (!has_null) {
      WEIR_ASSIGN_OR_RETURN(bucket, encoder.Bucket());
    }
    rows[bucket].push_back(static_cast<int32_t>(i));
  }
  for (int32_t bucket = 0; bucket < leaf.num_buckets(); ++bucket) {
    if (rows[bucket].empty()) continue;
    WEIR_ASSIGN_OR_RETURN((*out)[bucket].emplace_back(), TakeRows(batch, rows[bucket]));
  }
  return Status::OK();
}

Result<RowsByBucket> SplitRows(const Leaf& leaf, const arrow::RecordBatchVector& batches, uint32_t* next_bucket) {
  RowsByBucket by_bucket;
  const auto num_buckets = static_cast<uint32_t>(leaf.num_buckets());
  if (num_buckets > 1 && !leaf.table->layout.bucket_key.empty()) {
    for (const auto& batch : batches) WEIR_RETURN_NOT_OK(SplitByKey(leaf, batch, &by_bucket));
    return by_bucket;
  }
  WEIR_ASSIGN_OR_RETURN(const arrow::RecordBatchVector resized, Resize(batches));
  for (const auto& batch : resized) by_bucket[static_cast<int32_t>((*next_bucket)++ % num_buckets)].push_back(batch);
  return by_bucket;
}

/// Queries that want few rows leave out batches by the least and greatest values of their columns.

Result<std::shared_ptr<arrow::Buffer>> EncodeBatches(const Leaf& leaf, const arrow::RecordBatchVector& batches,
                                                     const LogBatchOptions& options, bool with_statistics) {
  WEIR_ASSIGN_OR_RETURN(const arrow::RecordBatchVector resized, Resize(batches));
  LogBatchOptions of_large = options;
  if (with_statistics && options.statistics_columns.empty()) {
    of_large.statistics_columns.resize(leaf.table->types.size());
    std::iota(of_large.statistics_columns.begin(), of_large.statistics_columns.end(), 0);
  }
  arrow::BufferVector encoded;
  size_t bytes = 0;
  for (const auto& batch : resized) {
    const LogBatchOptions& chosen = batch->num_rows() >= kWorthStatistics ? of_large : options;
    WEIR_ASSIGN_OR_RETURN(encoded.emplace_back(), EncodeLogBatch(*batch, {}, leaf.table->info.schema(), chosen));
    bytes += static_cast<size_t>(encoded.back()->size());
    if (bytes > kLargestWrite) return TooMuch(leaf);
  }
  if (encoded.size() == 1) return encoded.front();
  return FromArrow(arrow::ConcatenateBuffers(encoded));
}

/// Time zones do not change what is stored.
bool SameButZones(const arrow::DataType& given, const arrow::DataType& wanted) {
  if (given.id() != wanted.id() || given.num_fields() != wanted.num_fields()) return false;
  if (given.id() == arrow::Type::TIMESTAMP) {
    return static_cast<const arrow::TimestampType&>(given).unit() ==
           static_cast<const arrow::TimestampType&>(wanted).unit();
  }
  for (int i = 0; i < given.num_fields(); ++i) {
    if (!SameButZones(*given.field(i)->type(), *wanted.field(i)->type())) return false;
  }
  return given.num_fields() > 0 || given.Equals(wanted);
}

std::shared_ptr<arrow::ArrayData> WithType(const std::shared_ptr<arrow::ArrayData>& data,
                                           const std::shared_ptr<arrow::DataType>& type) {
  if (data->type == type) return data;
  std::shared_ptr<arrow::ArrayData> typed = data->Copy();
  typed->type = type;
  for (size_t i = 0; i < typed->child_data.size(); ++i) {
    typed->child_data[i] = WithType(typed->child_data[i], type->field(static_cast<int>(i))->type());
  }
  return typed;
}

}  // namespace

Result<std::shared_ptr<arrow::RecordBatch>> CheckRows(const Leaf& leaf,
                                                      const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Schema& schema = leaf.table->info.schema();
  const std::string& table = leaf.relation->path.table;
  if (rows->num_columns() != leaf.num_columns()) {
    return Error("42804", fmt::format("relation \"{}\" has {} columns, the rows have {}", table, leaf.num_columns(),
                                      rows->num_columns()));
  }
  std::vector<std::shared_ptr<arrow::ArrayData>> columns(static_cast<size_t>(schema.num_columns()));
  for (int i = 0; i < rows->num_columns(); ++i) {
    const int place = leaf.PlaceOf(i);
    const auto& wanted = leaf.table->arrow_schema->field(place)->type();
    const auto& given = rows->column(i)->type();
    if (!SameButZones(*given, *wanted)) {
      return Error("42804", fmt::format("column \"{}\" of relation \"{}\" is of type {} but the rows have {}",
                                        schema.column(place).name, table, wanted->ToString(), given->ToString()),
                   {.table = table, .column = schema.column(place).name});
    }
    columns[place] = WithType(rows->column_data(i), wanted);
    if (std::ranges::find(leaf.table->layout.primary_key, place) == leaf.table->layout.primary_key.end()) continue;
    WEIR_ASSIGN_OR_RETURN(const auto one_form,
                          InOneForm(arrow::MakeArray(columns[place]), leaf.relation->columns[i], true));
    columns[place] = one_form->data();
  }
  for (int place = 0; place < schema.num_columns(); ++place) {
    if (columns[place] != nullptr) continue;
    const auto& type = leaf.table->arrow_schema->field(place)->type();
    WEIR_ASSIGN_OR_RETURN(const auto nulls, FromArrow(arrow::MakeArrayOfNull(type, rows->num_rows())));
    columns[place] = nulls->data();
  }
  auto typed = arrow::RecordBatch::Make(leaf.table->arrow_schema, rows->num_rows(), std::move(columns));
  WEIR_RETURN_NOT_OK(CheckNotNull(leaf, typed));
  return typed;
}

Result<std::shared_ptr<arrow::RecordBatch>> WithAllColumns(const Leaf& leaf,
                                                           const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Table::Impl& table = *leaf.table;
  if (rows->schema() == table.arrow_schema) return rows;
  arrow::ArrayVector columns = rows->columns();
  for (auto place = static_cast<int>(columns.size()); place < table.arrow_schema->num_fields(); ++place) {
    WEIR_ASSIGN_OR_RETURN(columns.emplace_back(), InitialValues(table, place, rows->num_rows()));
  }
  return arrow::RecordBatch::Make(table.arrow_schema, rows->num_rows(), std::move(columns));
}

namespace {

/// `values`: of all columns of the leaf's Fluss table.
int32_t ShardOfRow(const HashShards& shards, const Leaf& leaf, const std::vector<Datum>& values) {
  KeyTuple key;
  for (size_t i = 0; i < shards.columns.size(); ++i) {
    const std::string& name = leaf.relation->columns[static_cast<size_t>(shards.columns[i])].name;
    const int column = leaf.table->info.schema().IndexOf(name);
    key.push_back(column < 0 ? KeyValue() : ToKeyValue(shards.types[i], values[static_cast<size_t>(column)]));
  }
  return postgres::ShardOf(shards.types, key, shards.buckets);
}

}  // namespace

Status DuplicateKey(const Leaf& leaf, const std::shared_ptr<arrow::RecordBatch>& rows, int64_t row) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, rows));
  WEIR_ASSIGN_OR_RETURN(const auto values, ReadRow(leaf, whole, row, &arena));
  const Schema& schema = leaf.table->info.schema();
  const std::string& table = leaf.relation->path.table;
  std::string constraint = table + "_pkey";
  std::vector<std::string> columns = schema.primary_key();
  for (const SqlConstraint& known : leaf.relation->constraints) {
    if (known.kind != SqlConstraint::Kind::kPrimaryKey) continue;
    constraint = known.name;
    if (!known.columns.empty()) columns = known.columns;
  }
  std::vector<std::string> texts;
  for (const std::string& name : columns) {
    const int column = schema.IndexOf(name);
    texts.push_back(column < 0 ? "" : ValueText(leaf.table->types[column], values[column]));
  }
  std::string detail =
      fmt::format("Key ({})=({}) already exists.", fmt::join(columns, ", "), fmt::join(texts, ", "));
  std::string message = fmt::format("duplicate key value violates unique constraint \"{}\"", constraint);
  if (const auto shards = HashShardsOf(*leaf.relation)) {  // as KWDB says it
    message = fmt::format("duplicate key value ({},{})=({},{}) violates unique constraint \"primary\"", shards->column,
                          fmt::join(columns, ","), ShardOfRow(*shards, leaf, values), fmt::join(texts, ","));
  }
  return Error("23505", std::move(message),
               {.detail = std::move(detail),
                .schema = leaf.relation->path.database,
                .table = table,
                .constraint = constraint,
                .row = row});
}

Result<std::vector<BucketRecords>> EncodeAdded(const Leaf& leaf, const LogChanges& changes, bool with_statistics,
                                               uint32_t* next_bucket) {
  const Table::Impl& table = *leaf.table;
  LogBatchOptions options;
  options.schema_id = static_cast<int16_t>(table.info.schema_id);
  options.format = table.log_format();
  options.compression = CompressionOf(table.options.compression);
  options.zstd_level = table.options.zstd_level;
  if (with_statistics) options.statistics_columns = table.statistics_columns;
  std::vector<BucketRecords> records;
  WEIR_ASSIGN_OR_RETURN(const arrow::RecordBatchVector live, LiveRows(leaf, changes));
  WEIR_ASSIGN_OR_RETURN(const RowsByBucket by_bucket, SplitRows(leaf, live, next_bucket));
  for (const auto& [bucket, batches] : by_bucket) {
    WEIR_ASSIGN_OR_RETURN(auto encoded, EncodeBatches(leaf, batches, options, with_statistics));
    records.push_back({leaf.bucket(bucket), std::move(encoded)});
  }
  return records;
}

Result<std::vector<BucketRecords>> EncodeChanged(const Leaf& leaf, const KeyChanges& changes,
                                                 const std::map<int32_t, int64_t>& looked_up_at) {
  const Table::Impl& table = *leaf.table;
  std::map<int32_t, KvBatchBuilder> builders;
  std::vector<Datum> row(table.types.size());
  std::string value;
  Arena arena;
  for (const KeyChanges::Rows& added : changes.added()) {
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, added.batch));
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(whole, table.types));
    for (int64_t i = 0; i < added.batch->num_rows(); ++i) {
      const int64_t key = changes.key_of_row(added.first + i);
      if (key < 0 || !changes.changed(key) || changes.row(key) != added.first + i) continue;
      reader.Read(i, &arena, row);
      value.clear();
      WEIR_RETURN_NOT_OK(EncodeRow(table.row_format(), table.types, row, &value));
      KvBatchBuilder& builder = builders[changes.bucket(key)];
      builder.Upsert(changes.key(key), value);
      if (builder.bytes() > kLargestWrite) return TooMuch(leaf);
      if (i % kArenaRows == kArenaRows - 1) arena.Clear();
    }
  }
  std::map<int32_t, int64_t> all_new = looked_up_at;
  for (int64_t key = 0; key < changes.num_keys(); ++key) {
    if (!changes.changed(key) || !changes.stored(key).exists) continue;
    all_new.erase(changes.bucket(key));
    if (changes.row(key) < 0) builders[changes.bucket(key)].Delete(changes.key(key));
  }
  std::vector<BucketRecords> records;
  for (auto& [bucket, builder] : builders) {
    records.push_back({leaf.bucket(bucket), arrow::Buffer::FromString(builder.Finish(
                                                static_cast<int16_t>(table.info.schema_id), -1, -1))});
    if (const auto at = all_new.find(bucket); at != all_new.end()) records.back().new_at = at->second;
  }
  return records;
}

// --- one write of several

namespace {

constexpr int64_t kLargestJoined = 1 << 20;  // bytes of one bucket's

using Batches = std::vector<std::shared_ptr<arrow::Buffer>>;

/// Appends take several batches, one behind the other.
std::shared_ptr<arrow::Buffer> JoinBatches(const Batches& batches) {
  std::string joined;
  for (const auto& batch : batches) joined.append(std::string_view(*batch));
  return arrow::Buffer::FromString(std::move(joined));
}

/// Null where they cannot be one.
std::shared_ptr<arrow::Buffer> JoinKvBatches(const Batches& batches) {
  KvBatchBuilder builder;
  std::optional<int16_t> schema_id;
  for (const auto& bytes : batches) {
    const auto batch = ParseKvBatch(std::string_view(*bytes));
    if (!batch.ok() || batch->schema_id != schema_id.value_or(batch->schema_id)) return nullptr;
    schema_id = batch->schema_id;
    for (const KvRecordView& record : batch->records) {
      if (record.row) {
        builder.Upsert(record.key, *record.row);
      } else {
        builder.Delete(record.key);
      }
    }
  }
  return arrow::Buffer::FromString(builder.Finish(*schema_id, -1, -1));
}

template <typename Request, typename Join>
bool JoinRequests(const std::vector<const CommitRequest*>& writes, std::vector<Request> CommitRequest::*part,
                  const Join& join, CommitRequest* joined) {
  std::map<TableBucket, Batches> by_bucket;
  for (const CommitRequest* write : writes) {
    for (const Request& request : write->*part) {
      for (const BucketRecords& records : request.buckets) by_bucket[records.bucket].push_back(records.records);
    }
  }
  for (auto& [bucket, batches] : by_bucket) {
    int64_t bytes = 0;
    for (const auto& batch : batches) bytes += batch->size();
    if (batches.size() > 1 && bytes > kLargestJoined) return false;
    auto records = batches.size() == 1 ? batches.front() : join(batches);
    if (records == nullptr) return false;
    AddBuckets(bucket.table_id, {{bucket, std::move(records)}}, &(joined->*part));
  }
  return true;
}

}  // namespace

std::optional<CommitRequest> JoinWrites(const std::vector<const CommitRequest*>& writes) {
  CommitRequest joined;
  const bool all = JoinRequests(writes, &CommitRequest::log, JoinBatches, &joined) &&
                   JoinRequests(writes, &CommitRequest::kv, JoinKvBatches, &joined);
  return all ? std::optional(std::move(joined)) : std::nullopt;
}

}  // namespace weir::sql
