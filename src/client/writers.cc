#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "client/arrow_split.h"
#include "client/connection_impl.h"
#include "client/table_impl.h"
#include "types/value_check.h"

namespace weir {
namespace {

std::vector<int> AllColumns(const Schema& schema) {
  std::vector<int> columns(schema.num_columns());
  for (int i = 0; i < schema.num_columns(); ++i) columns[i] = i;
  return columns;
}

Status CheckWidth(RowView row, const Table::Impl& table) {
  if (row.size() == table.types.size()) return Status::OK();
  return Status::Invalid(
      fmt::format("the row has {} values but table '{}' has {} columns", row.size(), table.name(), table.types.size()));
}

Future<Unit> FlushTable(const Table& table) {
  const auto& connection = table.connection().impl();
  if (Status open = connection->CheckOpen(); !open.ok()) return Future<Unit>::Ready(open);
  return connection->writes->Flush(table.info().table_id);
}

WriteHandle HandleOf(const WriteBatchPtr& batch) { return {batch->done.future(), batch}; }

/// Where the rows of a table without partitions go, looked up once; empty for a partitioned table.
struct Destination {
  Destination(const WriteTablePtr& table, WriteClient& client) {
    if (!table->partition_columns.empty()) return;
    route = client.Route(table, "");
    for (int32_t i = 0; i < table->info.num_buckets(); ++i) queues.push_back(client.Queue(*route, i));
  }

  std::shared_ptr<PartitionRoute> route;
  std::vector<std::shared_ptr<BucketQueue>> queues;
};

/// Rows of an Arrow batch by partition and bucket.
struct Split {
  std::shared_ptr<PartitionRoute> route;
  int32_t bucket = 0;
  std::vector<int32_t> rows;
};

}  // namespace

// --- log tables ---

struct AppendWriter::Impl {
  Table table;
  std::shared_ptr<const Table::Impl> t;
  std::shared_ptr<WriteClient> client;
  Destination whole_table;

  Result<int32_t> BucketFor(RowView row) const {
    thread_local std::string key;
    key.clear();
    WEIR_RETURN_NOT_OK(EncodeKey(t->layout.bucket_key_encoding, t->types, t->layout.bucket_key, row, &key));
    return BucketOf(t->layout.bucket_hash, key, t->info.num_buckets());
  }
  Result<WriteHandle> Append(RowView row) const;
  Result<std::vector<Split>> SplitRows(const std::shared_ptr<arrow::RecordBatch>& batch) const;
  Status AddPart(const std::shared_ptr<BucketQueue>& queue, const std::shared_ptr<arrow::RecordBatch>& rows,
                 std::vector<WriteBatchPtr>* batches) const;
  Result<WriteHandle> AppendBatch(const std::shared_ptr<arrow::RecordBatch>& batch) const;
};

Result<WriteHandle> AppendWriter::Impl::Append(RowView row) const {
  WEIR_RETURN_NOT_OK(CheckWidth(row, *t));
  std::shared_ptr<PartitionRoute> partition;
  if (whole_table.route == nullptr) {
    WEIR_ASSIGN_OR_RETURN(const std::string name, t->PartitionOf(row));
    partition = client->Route(t, name);
  }
  PartitionRoute& route = partition == nullptr ? *whole_table.route : *partition;
  const bool keyed = !t->layout.bucket_key.empty();
  int32_t bucket = 0;
  if (keyed) {
    WEIR_ASSIGN_OR_RETURN(bucket, BucketFor(row));
  } else {
    bucket = client->PickBucket(route, false);
  }
  WEIR_ASSIGN_OR_RETURN(
      const WriteBatchPtr batch,
      client->AddRow(partition == nullptr ? whole_table.queues[bucket] : client->Queue(route, bucket), t, row));
  if (!keyed && batch->bytes >= client->max_batch_bytes()) client->PickBucket(route, true);
  return HandleOf(batch);
}

Result<std::vector<Split>> AppendWriter::Impl::SplitRows(const std::shared_ptr<arrow::RecordBatch>& batch) const {
  const bool keyed = !t->layout.bucket_key.empty() && t->info.num_buckets() > 1;
  std::vector<Split> splits;
  std::vector<int> needed = t->partition_columns;
  if (keyed) needed.insert(needed.end(), t->layout.bucket_key.begin(), t->layout.bucket_key.end());
  if (needed.empty()) {
    Split& all = splits.emplace_back();
    all.route = client->Route(t, "");
    all.bucket = t->layout.bucket_key.empty() ? client->PickBucket(*all.route, true) : 0;
    return splits;
  }
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, t->types));
  Arena arena;
  std::vector<Datum> row(t->types.size());
  std::vector<Datum> last_key;
  std::unordered_map<std::string, size_t> partitions;  // name → index of its first bucket's split
  std::vector<std::vector<int64_t>> split_of;          // partition → bucket → split, or -1
  std::vector<std::shared_ptr<PartitionRoute>> routes;
  std::vector<int32_t> keyless_bucket;
  size_t partition = 0;
  for (int64_t i = 0; i < batch->num_rows(); ++i) {
    for (const int column : needed) row[column] = reader.ReadCell(i, column, &arena);
    // Neighbours mostly share their partition.
    bool same = i > 0;
    for (size_t k = 0; same && k < t->partition_columns.size(); ++k) same = last_key[k] == row[t->partition_columns[k]];
    if (!same) {
      last_key.clear();
      for (const int column : t->partition_columns) last_key.push_back(row[column]);
      WEIR_ASSIGN_OR_RETURN(const std::string name, t->PartitionOf(row));
      const auto [found, added] = partitions.try_emplace(name, routes.size());
      partition = found->second;
      if (added) {
        routes.push_back(client->Route(t, name));
        split_of.emplace_back(t->info.num_buckets(), -1);
        keyless_bucket.push_back(keyed || !t->layout.bucket_key.empty() ? 0
                                                                         : client->PickBucket(*routes.back(), true));
      }
    }
    int32_t bucket = keyless_bucket[partition];
    if (keyed) {
      WEIR_ASSIGN_OR_RETURN(bucket, BucketFor(row));
    }
    int64_t& split = split_of[partition][bucket];
    if (split < 0) {
      split = static_cast<int64_t>(splits.size());
      splits.push_back({routes[partition], bucket, {}});
    }
    splits[split].rows.push_back(static_cast<int32_t>(i));
  }
  return splits;
}

/// Cuts what is larger than a batch may be.
Status AppendWriter::Impl::AddPart(const std::shared_ptr<BucketQueue>& queue,
                                   const std::shared_ptr<arrow::RecordBatch>& rows,
                                   std::vector<WriteBatchPtr>* batches) const {
  const int64_t bytes = BatchBytes(*rows);
  const int64_t pieces = std::max<int64_t>((bytes + client->max_batch_bytes() - 1) / client->max_batch_bytes(), 1);
  const int64_t step = std::max<int64_t>((rows->num_rows() + pieces - 1) / pieces, 1);
  for (int64_t start = 0; start < rows->num_rows(); start += step) {
    const std::shared_ptr<arrow::RecordBatch> piece = pieces == 1 ? rows : rows->Slice(start, step);
    WEIR_ASSIGN_OR_RETURN(WriteBatchPtr batch,
                          client->AddChunk(queue, t, piece, bytes * piece->num_rows() / rows->num_rows()));
    batches->push_back(std::move(batch));
  }
  return Status::OK();
}

Result<WriteHandle> AppendWriter::Impl::AppendBatch(const std::shared_ptr<arrow::RecordBatch>& batch) const {
  const Schema& schema = t->info.schema();
  WEIR_RETURN_NOT_OK(CheckBatch(*batch, *t->arrow_schema, schema, AllColumns(schema)));
  if (batch->num_rows() == 0) return WriteHandle(Future<Unit>::Ready(Unit{}), {});
  // Batches of one queue are joined before they are encoded: they must agree in field names and zones.
  const auto typed = arrow::RecordBatch::Make(t->arrow_schema, batch->num_rows(), [&] {
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    for (int i = 0; i < batch->num_columns(); ++i) {
      auto data = batch->column_data(i)->Copy();
      data->type = t->arrow_schema->field(i)->type();
      columns.push_back(std::move(data));
    }
    return columns;
  }());
  WEIR_ASSIGN_OR_RETURN(const std::vector<Split> splits, SplitRows(typed));
  std::vector<WriteBatchPtr> batches;
  for (const Split& split : splits) {
    const std::shared_ptr<BucketQueue> queue = client->Queue(*split.route, split.bucket);
    std::shared_ptr<arrow::RecordBatch> rows = typed;
    if (splits.size() > 1) {
      WEIR_ASSIGN_OR_RETURN(rows, TakeRows(typed, split.rows));
    }
    WEIR_RETURN_NOT_OK(AddPart(queue, rows, &batches));
  }
  return client->Join(std::move(batches));
}

Result<AppendWriter> Table::NewAppendWriter() const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  if (impl_->info.descriptor.has_primary_key()) {
    return Status::Invalid(fmt::format(
        "Append is only supported for log tables (without primary key); table '{}' has one", impl_->name()));
  }
  const WriteTablePtr detached = DetachedTable(*impl_);
  const std::shared_ptr<WriteClient>& client = impl_->connection.impl()->writes;
  return AppendWriter(
      std::make_shared<AppendWriter::Impl>(AppendWriter::Impl{*this, detached, client, {detached, *client}}));
}

Result<WriteHandle> AppendWriter::Append(RowView row) { return impl_->Append(row); }
Result<WriteHandle> AppendWriter::AppendBatch(const std::shared_ptr<arrow::RecordBatch>& batch) {
  return impl_->AppendBatch(batch);
}
Future<Unit> AppendWriter::Flush() { return FlushTable(impl_->table); }
const Table& AppendWriter::table() const { return impl_->table; }

// --- PK tables ---

struct UpsertWriter::Impl {
  Table table;
  std::shared_ptr<const Table::Impl> t;
  std::shared_ptr<WriteClient> client;
  Destination whole_table;
  std::optional<std::vector<int>> targets;
  std::vector<int> target_list;  // empty: full rows
  std::vector<bool> written;     // by column

  /// A record on its way to its bucket; what it views is good until the thread's next.
  struct Record {
    int32_t bucket = 0;
    std::string_view key;
    std::optional<std::string_view> row;  // absent: a deletion
  };

  Status CheckRow(RowView row) const;
  Result<Record> Encode(RowView row, bool deletion) const;
  Result<WriteBatchPtr> Put(RowView row, bool deletion) const;
  Result<WriteBatchPtr> TryUpsert(RowView row) const;
  Result<WriteHandle> PutBatch(const std::shared_ptr<arrow::RecordBatch>& batch, const std::vector<int>& columns,
                               bool deletion) const;
};

Status UpsertWriter::Impl::CheckRow(RowView row) const {
  for (size_t i = 0; i < row.size(); ++i) {
    if (!written[i] || (row[i].is_null() && t->types[i].nullable())) continue;
    const std::string& column = t->info.schema().column(static_cast<int>(i)).name;
    if (row[i].is_null()) {
      return Status::Invalid(
          fmt::format("column '{}' of table '{}' is NOT NULL but its value is NULL", column, t->name()));
    }
    // The server writes it to the changelog, which is Arrow; what does not fit would fail the rows beside it, too.
    Status status = CheckValue(t->types[i], row[i]);
    if (!status.ok()) return status.WithContext(fmt::format("Field '{}'", column));
  }
  return Status::OK();
}

Result<UpsertWriter::Impl::Record> UpsertWriter::Impl::Encode(RowView row, bool deletion) const {
  WEIR_RETURN_NOT_OK(CheckWidth(row, *t));
  if (!deletion) WEIR_RETURN_NOT_OK(CheckRow(row));
  thread_local std::string key, bucket_key, value;
  key.clear();
  WEIR_RETURN_NOT_OK(EncodeKey(t->layout.primary_key_encoding, t->types, t->layout.primary_key, row, &key));
  std::string_view hashed = key;
  if (!t->layout.bucket_key_is_primary_key) {
    bucket_key.clear();
    WEIR_RETURN_NOT_OK(EncodeKey(t->layout.bucket_key_encoding, t->types, t->layout.bucket_key, row, &bucket_key));
    hashed = bucket_key;
  }
  WEIR_ASSIGN_OR_RETURN(const int32_t bucket, BucketOf(t->layout.bucket_hash, hashed, t->info.num_buckets()));
  Record record{bucket, key, {}};
  if (!deletion) {
    value.clear();
    if (targets) {
      thread_local std::vector<Datum> kept;
      kept.assign(row.begin(), row.end());
      for (size_t i = 0; i < kept.size(); ++i) {
        if (!written[i]) kept[i] = Datum::Null();
      }
      WEIR_RETURN_NOT_OK(EncodeRow(t->row_format(), t->types, kept, &value));
    } else {
      WEIR_RETURN_NOT_OK(EncodeRow(t->row_format(), t->types, row, &value));
    }
    record.row = value;
  }
  return record;
}

Result<WriteBatchPtr> UpsertWriter::Impl::Put(RowView row, bool deletion) const {
  WEIR_ASSIGN_OR_RETURN(const Record record, Encode(row, deletion));
  if (whole_table.route != nullptr) {
    return client->AddKv(whole_table.queues[record.bucket], t, record.key, record.row, target_list);
  }
  WEIR_ASSIGN_OR_RETURN(const std::string partition, t->PartitionOf(row));
  const std::shared_ptr<PartitionRoute> route = client->Route(t, partition);
  return client->AddKv(client->Queue(*route, record.bucket), t, record.key, record.row, target_list);
}

Result<WriteBatchPtr> UpsertWriter::Impl::TryUpsert(RowView row) const {
  if (whole_table.route == nullptr) return WriteBatchPtr();  // the way to a partition has locks
  WEIR_ASSIGN_OR_RETURN(const Record record, Encode(row, false));
  return client->TryAddKv(*whole_table.queues[record.bucket], t, record.key, record.row, target_list);
}

Result<WriteHandle> UpsertWriter::Impl::PutBatch(const std::shared_ptr<arrow::RecordBatch>& batch,
                                                 const std::vector<int>& columns, bool deletion) const {
  WEIR_RETURN_NOT_OK(CheckBatch(*batch, *t->arrow_schema, t->info.schema(), columns));
  std::vector<DataType> types;
  for (const int column : columns) types.push_back(t->types[column]);
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(batch, types));
  std::vector<Datum> cells(columns.size());
  std::vector<Datum> row(t->types.size());
  std::vector<WriteBatchPtr> batches;
  Arena arena;
  for (int64_t i = 0; i < batch->num_rows(); ++i) {
    reader.Read(i, &arena, cells);
    for (size_t k = 0; k < columns.size(); ++k) row[columns[k]] = cells[k];
    WEIR_ASSIGN_OR_RETURN(WriteBatchPtr added, Put(row, deletion));
    if (batches.empty() || batches.back() != added) batches.push_back(std::move(added));
    if (i % 1024 == 1023) arena.Clear();
  }
  return client->Join(std::move(batches));
}

namespace {

Status CheckTargets(const Table::Impl& table, const std::vector<int>& targets) {
  const Schema& schema = table.info.schema();
  std::vector<std::string> names;
  for (const int target : targets) {
    if (target < 0 || target >= schema.num_columns()) {
      return Status::Invalid(fmt::format("target column {} is out of range: table '{}' has {} columns, from 0", target,
                                         table.name(), schema.num_columns()));
    }
    names.push_back(schema.column(target).name);
  }
  const auto contains = [&](const std::string& name) { return std::count(names.begin(), names.end(), name) > 0; };
  if (!std::all_of(schema.primary_key().begin(), schema.primary_key().end(), contains)) {
    return Status::Invalid(fmt::format("The target write columns {} must contain the primary key columns {}.", names,
                                       schema.primary_key()));
  }
  if (schema.auto_increment_column() && contains(*schema.auto_increment_column())) {
    return Status::Invalid(fmt::format("The target write columns {} must not contain the auto-increment column '{}', "
                                       "whose values the engine assigns.",
                                       names, *schema.auto_increment_column()));
  }
  for (const Column& column : schema.columns()) {
    const bool assigned = schema.auto_increment_column() == column.name;
    if (assigned || contains(column.name) || column.type.nullable()) continue;
    return Status::Invalid(fmt::format(
        "Partial Update requires all columns except primary key to be nullable, but column {} is NOT NULL.",
        column.name));
  }
  return Status::OK();
}

}  // namespace

Result<UpsertWriter> Table::NewUpsertWriter(std::optional<std::vector<int>> target_columns) const {
  WEIR_RETURN_NOT_OK(impl_->connection.impl()->CheckOpen());
  const Schema& schema = impl_->info.schema();
  if (!schema.has_primary_key()) {
    return Status::Invalid(
        fmt::format("Upsert is only supported for primary key tables; table '{}' has no primary key", impl_->name()));
  }
  const WriteTablePtr detached = DetachedTable(*impl_);
  const std::shared_ptr<WriteClient>& client = impl_->connection.impl()->writes;
  auto impl = std::make_shared<UpsertWriter::Impl>(
      UpsertWriter::Impl{*this, detached, client, {detached, *client}, {}, {}, {}});
  impl->written.assign(schema.num_columns(), !target_columns);
  if (target_columns) {
    WEIR_RETURN_NOT_OK(CheckTargets(*impl_, *target_columns));
    for (const int target : *target_columns) impl->written[target] = true;
    impl->target_list = *target_columns;
  } else if (schema.auto_increment_column()) {
    return Status::Invalid(fmt::format("table '{}' has the auto-increment column '{}': write it with target columns "
                                       "that leave this one out",
                                       impl_->name(), *schema.auto_increment_column()));
  }
  impl->targets = std::move(target_columns);
  return UpsertWriter(std::move(impl));
}

Result<WriteHandle> UpsertWriter::Upsert(RowView row) {
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, impl_->Put(row, false));
  return HandleOf(batch);
}
Result<std::optional<WriteHandle>> UpsertWriter::TryUpsert(RowView row) {
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, impl_->TryUpsert(row));
  return batch == nullptr ? std::nullopt : std::optional<WriteHandle>(HandleOf(batch));
}
Result<WriteHandle> UpsertWriter::Delete(RowView row) {
  WEIR_ASSIGN_OR_RETURN(const WriteBatchPtr batch, impl_->Put(row, true));
  return HandleOf(batch);
}
Result<WriteHandle> UpsertWriter::UpsertBatch(const std::shared_ptr<arrow::RecordBatch>& batch) {
  return impl_->PutBatch(batch, AllColumns(impl_->t->info.schema()), false);
}
Result<WriteHandle> UpsertWriter::DeleteBatch(const std::shared_ptr<arrow::RecordBatch>& keys) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<int> columns,
                        impl_->t->info.schema().IndexesOf(impl_->t->info.schema().primary_key()));
  return impl_->PutBatch(keys, columns, true);
}
Future<Unit> UpsertWriter::Flush() { return FlushTable(impl_->table); }
const Table& UpsertWriter::table() const { return impl_->table; }
const std::optional<std::vector<int>>& UpsertWriter::target_columns() const { return impl_->targets; }

}  // namespace weir
