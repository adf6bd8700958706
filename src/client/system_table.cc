#include "client/system_table.h"

namespace weir {

Result<SystemTablePtr> OpenSystemTable(const Connection& connection, const std::string& name) {
  const Result<TableInfo> info = connection.gateway().GetTableInfo({kSystemDatabase, name}).Wait();
  const ErrorCode code = info.status().code();
  if (code == ErrorCode::kTableNotExist || code == ErrorCode::kDatabaseNotExist) return SystemTablePtr();
  if (!info.ok()) return info.status();
  WEIR_ASSIGN_OR_RETURN(const Table table, MakeTable(connection, *info));
  return table.impl();
}

Status SystemTableChanges::Put(const std::vector<Datum>& row) {
  WEIR_RETURN_NOT_OK(EncodePrimaryKey(row));
  value_.clear();
  WEIR_RETURN_NOT_OK(EncodeRow(table_.row_format(), table_.types, row, &value_));
  builder_.Upsert(key_, value_);
  return Status::OK();
}

Status SystemTableChanges::Remove(const std::vector<Datum>& key) {
  WEIR_RETURN_NOT_OK(EncodePrimaryKey(key));
  builder_.Delete(key_);
  return Status::OK();
}

Status SystemTableChanges::EncodePrimaryKey(const std::vector<Datum>& row) {
  key_.clear();
  return EncodeKey(table_.layout.primary_key_encoding, table_.types, table_.layout.primary_key, row, &key_);
}

PutKvRequest SystemTableChanges::Finish() {
  PutKvRequest request;
  request.table_id = table_.info.table_id;
  request.buckets.push_back(
      {TableBucket{table_.info.table_id, {}, 0},
       arrow::Buffer::FromString(builder_.Finish(static_cast<int16_t>(table_.info.schema_id), -1, -1))});
  return request;
}

Status Put(Gateway& gateway, PutKvRequest request) {
  const auto answer = gateway.PutKv(std::move(request)).Wait();
  if (!answer.ok()) return answer.status();
  for (const PutBucket& bucket : *answer) WEIR_RETURN_NOT_OK(bucket.status);
  return Status::OK();
}

Result<std::vector<std::string>> LookUp(const Table::Impl& table, const std::vector<Datum>& key) {
  LookupRequest request;
  request.table_id = table.info.table_id;
  LookupBucketRequest& bucket = request.buckets.emplace_back();
  bucket.bucket.table_id = table.info.table_id;
  WEIR_RETURN_NOT_OK(EncodeKey(table.layout.primary_key_encoding, table.types, table.layout.primary_key, key,
                               &bucket.keys.emplace_back()));
  const auto answer = table.connection.gateway().Lookup(std::move(request)).Wait();
  if (!answer.ok()) return answer.status();
  std::vector<std::string> found;
  for (const LookedUpBucket& looked_up : *answer) {
    WEIR_RETURN_NOT_OK(looked_up.status.WithContext(table.name()));
    for (const auto& value : looked_up.values) {
      if (value) found.push_back(*value);
    }
  }
  return found;
}

Result<std::vector<std::string>> LookUpPrefix(const Table::Impl& table, const std::vector<Datum>& key) {
  PrefixLookupRequest request;
  request.table_id = table.info.table_id;
  LookupBucketRequest& bucket = request.buckets.emplace_back();
  bucket.bucket.table_id = table.info.table_id;
  WEIR_RETURN_NOT_OK(EncodeKey(table.layout.primary_key_encoding, table.types, table.layout.bucket_key, key,
                               &bucket.keys.emplace_back()));
  auto answer = table.connection.gateway().PrefixLookup(std::move(request)).Wait();
  if (!answer.ok()) return answer.status();
  std::vector<std::string> found;
  for (PrefixLookedUpBucket& looked_up : *answer) {
    WEIR_RETURN_NOT_OK(looked_up.status.WithContext(table.name()));
    for (auto& values : looked_up.values) {
      for (std::string& value : values) found.push_back(std::move(value));
    }
  }
  return found;
}

}  // namespace weir
