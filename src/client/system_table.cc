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

namespace {

/// In one commit, for which clients' ways of making tables are no way to make these.
Status CommitMissing(Gateway& gateway, const std::vector<NewTable>& tables) {
  std::vector<NewTable> missing;
  for (const NewTable& table : tables) {
    const auto exists = gateway.TableExists(table.path).Wait();
    if (!exists.ok()) return exists.status();
    if (!*exists) missing.push_back(table);
  }
  if (missing.empty()) return Status::OK();
  const auto database = gateway.DatabaseExists(kSystemDatabase).Wait();
  if (!database.ok()) return database.status();
  const auto pending = gateway.CreatePendingTables(missing).Wait();
  if (!pending.ok()) return pending.status();
  CommitRequest request;
  if (!*database) request.metadata.create_databases.push_back(kSystemDatabase);
  for (const TableInfo& info : *pending) request.metadata.create_tables.push_back(info.table_id);
  const std::vector<int64_t> ids = request.metadata.create_tables;
  const auto made = gateway.Commit(std::move(request)).Wait();
  if (!made.ok()) (void)gateway.DropPendingTables(ids);
  return made.status();
}

}  // namespace

Status CreateSystemTables(Gateway& gateway, const std::vector<NewTable>& tables) {
  if (!gateway.commits_atomically()) {
    const auto database = gateway.CreateDatabase(kSystemDatabase, {}, true).Wait();
    return database.ok() ? gateway.CreateTables(tables, true).Wait().status() : database.status();
  }
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    const Status made = CommitMissing(gateway, tables);
    // Somebody else may have made them in between.
    const bool taken = made.code() == ErrorCode::kDatabaseAlreadyExist || made.code() == ErrorCode::kTableAlreadyExist;
    if (!taken || attempt == kAttempts) return made;
  }
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
  if (gateway.commits_atomically()) {
    CommitRequest commit;
    commit.kv.push_back(std::move(request));
    return gateway.Commit(std::move(commit)).Wait().status();
  }
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
