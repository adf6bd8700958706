#include "sql/transaction/deleted_rows.h"

#include <array>

#include "client/system_table.h"
#include "format/kv_batch.h"
#include "sql/error.h"
#include "sql/transaction/leaf.h"

namespace weir::sql {
namespace {

enum Columns { kTable, kPartition, kBucket, kChunk, kOffsets, kNumColumns };
using MaskRow = std::array<Datum, kNumColumns>;

const TablePath kPath{kSystemDatabase, "deleted_rows"};

Result<TableDescriptor> Describe() {
  TableDescriptor descriptor;
  const std::vector<std::string> bucket_key{"table_id", "partition_id", "bucket"};
  std::vector<std::string> key = bucket_key;
  key.emplace_back("chunk");
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"table_id", DataType::BigInt()},
                                                         {"partition_id", DataType::BigInt()},
                                                         {"bucket", DataType::Int()},
                                                         {"chunk", DataType::BigInt()},
                                                         {"offsets", DataType::Bytes()}},
                                                        key));
  descriptor.bucket_keys = bucket_key;
  descriptor.bucket_count = 1;
  descriptor.comment = "rows of log tables that SQL has deleted: Roaring bitmaps of offsets, 65536 a row";
  return descriptor;
}

MaskRow KeyRow(const TableBucket& bucket, int64_t chunk) {
  MaskRow row;
  row[kTable] = Datum::Int(bucket.table_id);
  row[kPartition] = Datum::Int(bucket.partition_id.value_or(-1));
  row[kBucket] = Datum::Int(bucket.bucket_id);
  row[kChunk] = Datum::Int(chunk);
  return row;
}

Status AddRow(const Table::Impl& table, std::string_view value, OffsetSet* set) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const RowView row, DecodeValue(table, value, &arena));
  return set->PutSerialized(row[kChunk].as_int(), row[kOffsets].as_bytes());
}

}  // namespace

Result<DeletedRowsTable::TablePtr> DeletedRowsTable::Find() {
  MutexLock lock(mutex_);
  if (table_ != nullptr) return table_;
  const Result<TableInfo> info = connection_.gateway().GetTableInfo(kPath).Wait();
  const ErrorCode code = info.status().code();
  if (code == ErrorCode::kTableNotExist || code == ErrorCode::kDatabaseNotExist) return TablePtr();
  if (!info.ok()) return info.status();
  WEIR_ASSIGN_OR_RETURN(const Table table, MakeTable(connection_, *info));
  table_ = table.impl();
  return table_;
}

Result<DeletedRowsTable::TablePtr> DeletedRowsTable::FindOrCreate() {
  WEIR_ASSIGN_OR_RETURN(TablePtr table, Find());
  if (table != nullptr) return table;
  WEIR_ASSIGN_OR_RETURN(const TableDescriptor descriptor, Describe());
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection_.gateway(), {{kPath, descriptor}}));
  return Find();
}

Result<TableBucket> DeletedRowsTable::Bucket() {
  WEIR_ASSIGN_OR_RETURN(const TablePtr table, FindOrCreate());
  if (table == nullptr) return Error("XX000", "table '" + kPath.ToString() + "' was dropped while it was made");
  return TableBucket{table->info.table_id, {}, 0};
}

Result<int64_t> DeletedRowsTable::Version() {
  WEIR_ASSIGN_OR_RETURN(const TablePtr table, Find());
  if (table == nullptr) return -1;
  const auto offsets = connection_.gateway().ListOffsets(table->info.table_id, {}, {0}, OffsetSpec::Latest()).Wait();
  if (!offsets.ok()) return offsets.status();
  const auto found = offsets->find(0);
  return found == offsets->end() ? Result<int64_t>(-1) : found->second;
}

Result<std::vector<OffsetSet>> DeletedRowsTable::Load(const std::vector<TableBucket>& buckets) {
  std::vector<OffsetSet> sets(buckets.size());
  WEIR_ASSIGN_OR_RETURN(const TablePtr table, Find());
  if (table == nullptr || buckets.empty()) return sets;
  LookupBucketRequest prefixes;
  prefixes.bucket.table_id = table->info.table_id;
  for (const TableBucket& bucket : buckets) {
    WEIR_RETURN_NOT_OK(EncodeKey(table->layout.primary_key_encoding, table->types, table->layout.bucket_key,
                                 KeyRow(bucket, 0), &prefixes.keys.emplace_back()));
  }
  PrefixLookupRequest request;
  request.table_id = table->info.table_id;
  request.buckets.push_back(std::move(prefixes));
  const auto answers = connection_.gateway().PrefixLookup(std::move(request)).Wait();
  if (!answers.ok()) return answers.status();
  if (answers->size() != 1) return Error("XX000", kPath.ToString() + ": a lookup has no answer");
  const PrefixLookedUpBucket& answer = answers->front();
  WEIR_RETURN_NOT_OK(answer.status.WithContext(kPath.ToString()));
  for (size_t i = 0; i < sets.size() && i < answer.values.size(); ++i) {
    for (const std::string& value : answer.values[i]) {
      WEIR_RETURN_NOT_OK(AddRow(*table, value, &sets[i]).WithContext(kPath.ToString()));
    }
  }
  return sets;
}

Result<PutKvRequest> DeletedRowsTable::Encode(const std::map<TableBucket, Change>& changes) {
  WEIR_ASSIGN_OR_RETURN(const TablePtr table, FindOrCreate());
  if (table == nullptr) return Error("XX000", "table '" + kPath.ToString() + "' was dropped while it was made");
  KvBatchBuilder builder;
  std::string key, value;
  for (const auto& [bucket, change] : changes) {
    for (const int64_t chunk : change.chunks) {
      MaskRow row = KeyRow(bucket, chunk);
      const std::string offsets = change.all.Serialize(chunk);
      row[kOffsets] = Datum::Bytes(offsets);
      key.clear();
      value.clear();
      WEIR_RETURN_NOT_OK(
          EncodeKey(table->layout.primary_key_encoding, table->types, table->layout.primary_key, row, &key));
      WEIR_RETURN_NOT_OK(EncodeRow(table->row_format(), table->types, row, &value));
      builder.Upsert(key, value);
      if (builder.bytes() > kLargestWrite) {
        return Error("54000", "the transaction deletes too many rows at once: commit it in parts");
      }
    }
  }
  PutKvRequest request;
  request.table_id = table->info.table_id;
  request.buckets.push_back(
      {TableBucket{table->info.table_id, {}, 0},
       arrow::Buffer::FromString(builder.Finish(static_cast<int16_t>(table->info.schema_id), -1, -1))});
  return request;
}

}  // namespace weir::sql
