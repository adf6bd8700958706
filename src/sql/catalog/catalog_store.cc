#include "sql/catalog/catalog_store.h"

#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>

#include "access/relation_id.h"
#include "format/log_batch.h"
#include "model/sql_tables.h"
#include "sql/error.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

/// The row of `relations` whose id is the next free one. No database has an empty name.
const TablePath kNextId{"", "next id"};
/// What is kept by name alone has a row of its own there, too.
TablePath NamedPath(std::string_view kind, const std::string& name) { return {"", std::string(kind) + name}; }
/// And types: "type 1073741824".
TablePath TypePath(uint32_t oid) { return NamedPath(kTypeRow, std::to_string(oid)); }
constexpr int64_t kIdsAtOnce = 1000;

/// Servers that share a cluster take ids in blocks: each is a row of a log table, whose offset nobody else is given.
constexpr const char* kIdBlocks = "id_blocks";
constexpr int64_t kIdsOfBlock = 64;
/// Behind those that a single server, which counts in `relations`, has taken.
constexpr int64_t kFirstSharedId = int64_t{1} << 24;

Result<TableDescriptor> DescribeIdBlocks() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"block", DataType::Bytes()}}, {}));
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";
  descriptor.comment = "blocks of ids that SQL servers have taken: a row each, of which the offset counts";
  return descriptor;
}

/// The number of the first of so many blocks.
Result<int64_t> TakeBlocks(const Connection& connection, int64_t count) {
  WEIR_ASSIGN_OR_RETURN(const TableDescriptor descriptor, DescribeIdBlocks());
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection.gateway(), {{{kSystemDatabase, kIdBlocks}, descriptor}}));
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, OpenSystemTable(connection, kIdBlocks));
  if (table == nullptr) return Error("XX000", "weir.id_blocks was dropped while it was made");
  WEIR_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> nulls,
                        FromArrow(arrow::MakeArrayOfNull(arrow::binary(), count)));
  LogBatchOptions options;
  options.schema_id = static_cast<int16_t>(table->info.schema_id);
  const auto rows = arrow::RecordBatch::Make(table->arrow_schema, count, {std::move(nulls)});
  WEIR_ASSIGN_OR_RETURN(auto batch, EncodeLogBatch(*rows, {}, table->info.schema(), options));
  ProduceLogRequest request;
  request.table_id = table->info.table_id;
  request.buckets.push_back({TableBucket{table->info.table_id, {}, 0}, std::move(batch)});
  const auto produced = connection.gateway().ProduceLog(std::move(request)).Wait();
  if (!produced.ok()) return produced.status();
  WEIR_RETURN_NOT_OK(produced->front().status.WithContext(table->name()));
  return produced->front().base_offset;
}

Result<TableDescriptor> DescribeRelations() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"database", DataType::String()},
                                                         {"name", DataType::String()},
                                                         {"id", DataType::BigInt()},
                                                         {"parent_database", DataType::String()},
                                                         {"parent_name", DataType::String()},
                                                         {"parent_id", DataType::BigInt()},
                                                         {"definition", DataType::String()}},
                                                        {"database", "name"}));
  descriptor.bucket_keys = {"database"};
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";  // small writes, which are waited for
  descriptor.comment = "the relations that SQL has made, by name";
  return descriptor;
}

Result<TableDescriptor> DescribePartitions() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"parent", DataType::BigInt()},
                                                         {"child", DataType::BigInt()},
                                                         {"child_database", DataType::String()},
                                                         {"child_name", DataType::String()},
                                                         {"definition", DataType::String()}},
                                                        {"parent", "child"}));
  descriptor.bucket_keys = {"parent"};
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";  // small writes, which are waited for
  descriptor.comment = "the partitions of SQL's partitioned tables, by parent";
  return descriptor;
}

using Row = std::vector<Datum>;

Row RelationKey(const TablePath& path) {
  Row row(relations::kCount);
  row[relations::kDatabase] = Datum::Bytes(path.database);
  row[relations::kName] = Datum::Bytes(path.table);
  return row;
}

Row RelationRow(const CatalogStore::StoredRelation& relation) {
  Row row = RelationKey(relation.path);
  row[relations::kId] = Datum::Int(relation.id);
  if (relation.parent_id >= 0) {
    row[relations::kParentDatabase] = Datum::Bytes(relation.parent.database);
    row[relations::kParentName] = Datum::Bytes(relation.parent.table);
    row[relations::kParentId] = Datum::Int(relation.parent_id);
  }
  if (!relation.definition.empty()) row[relations::kDefinition] = Datum::Bytes(relation.definition);
  return row;
}

Row PartitionKey(int64_t parent, int64_t child) {
  Row row(partitions::kCount);
  row[partitions::kParent] = Datum::Int(parent);
  row[partitions::kChild] = Datum::Int(child);
  return row;
}

Row PartitionRow(const CatalogStore::StoredPartition& partition) {
  Row row = PartitionKey(partition.parent, partition.child);
  row[partitions::kChildDatabase] = Datum::Bytes(partition.path.database);
  row[partitions::kChildName] = Datum::Bytes(partition.path.table);
  row[partitions::kDefinition] = Datum::Bytes(partition.definition);
  return row;
}

std::string TextOf(const Datum& datum) { return datum.is_null() ? "" : std::string(datum.as_bytes()); }

CatalogStore::StoredRelation ReadRelation(RowView row) {
  CatalogStore::StoredRelation relation;
  relation.path = {TextOf(row[relations::kDatabase]), TextOf(row[relations::kName])};
  relation.id = row[relations::kId].as_int();
  relation.parent = {TextOf(row[relations::kParentDatabase]), TextOf(row[relations::kParentName])};
  relation.parent_id = row[relations::kParentId].is_null() ? -1 : row[relations::kParentId].as_int();
  relation.definition = TextOf(row[relations::kDefinition]);
  return relation;
}

CatalogStore::StoredPartition ReadPartition(RowView row) {
  return {row[partitions::kParent].as_int(), row[partitions::kChild].as_int(),
          {TextOf(row[partitions::kChildDatabase]), TextOf(row[partitions::kChildName])},
          TextOf(row[partitions::kDefinition])};
}

template <typename T>
std::optional<T> First(std::vector<T> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace

Result<CatalogStore::Tables> CatalogStore::Find() {
  MutexLock lock(mutex_);
  if (tables_.relations != nullptr || missing_) return tables_;
  Tables tables;
  WEIR_ASSIGN_OR_RETURN(tables.relations, OpenSystemTable(connection_, kRelationsTable));
  WEIR_ASSIGN_OR_RETURN(tables.partitions, OpenSystemTable(connection_, kPartitionsTable));
  missing_ = tables.relations == nullptr || tables.partitions == nullptr;
  if (!missing_) tables_ = tables;
  return tables_;
}

Result<CatalogStore::Tables> CatalogStore::FindOrCreate() {
  WEIR_ASSIGN_OR_RETURN(Tables tables, Find());
  if (tables.relations != nullptr) return tables;
  std::vector<NewTable> made(2);
  made[0].path = {kSystemDatabase, kRelationsTable};
  made[1].path = {kSystemDatabase, kPartitionsTable};
  WEIR_ASSIGN_OR_RETURN(made[0].descriptor, DescribeRelations());
  WEIR_ASSIGN_OR_RETURN(made[1].descriptor, DescribePartitions());
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection_.gateway(), made));
  Refresh();
  return Find();
}

void CatalogStore::Refresh() {
  MutexLock lock(mutex_);
  missing_ = false;
}

Result<std::optional<CatalogStore::StoredRelation>> CatalogStore::FindRelation(const TablePath& path) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, Find());
  if (tables.relations == nullptr) return std::optional<StoredRelation>();
  WEIR_ASSIGN_OR_RETURN(const auto values, LookUp(*tables.relations, RelationKey(path)));
  WEIR_ASSIGN_OR_RETURN(auto rows, DecodeRows(*tables.relations, values, ReadRelation));
  return First(std::move(rows));
}

Result<std::vector<CatalogStore::StoredRelation>> CatalogStore::ListRelations(const std::string& database) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, Find());
  if (tables.relations == nullptr) return std::vector<StoredRelation>();
  WEIR_ASSIGN_OR_RETURN(const auto values, LookUpPrefix(*tables.relations, RelationKey({database, ""})));
  return DecodeRows(*tables.relations, values, ReadRelation);
}

Result<std::optional<CatalogStore::StoredPartition>> CatalogStore::FindPartition(int64_t parent, int64_t child) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, Find());
  if (tables.partitions == nullptr) return std::optional<StoredPartition>();
  WEIR_ASSIGN_OR_RETURN(const auto values, LookUp(*tables.partitions, PartitionKey(parent, child)));
  WEIR_ASSIGN_OR_RETURN(auto rows, DecodeRows(*tables.partitions, values, ReadPartition));
  return First(std::move(rows));
}

Result<std::vector<CatalogStore::StoredPartition>> CatalogStore::ListPartitions(int64_t parent) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, Find());
  if (tables.partitions == nullptr) return std::vector<StoredPartition>();
  WEIR_ASSIGN_OR_RETURN(const auto values, LookUpPrefix(*tables.partitions, PartitionKey(parent, 0)));
  return DecodeRows(*tables.partitions, values, ReadPartition);
}

Result<std::vector<std::pair<std::string, std::string>>> CatalogStore::ListNamed(std::string_view kind) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<StoredRelation> rows, ListRelations(""));
  std::vector<std::pair<std::string, std::string>> named;
  for (const StoredRelation& row : rows) {
    if (!row.path.table.starts_with(kind)) continue;
    named.emplace_back(row.path.table.substr(kind.size()), row.definition);
  }
  return named;
}

Result<std::vector<std::string>> CatalogStore::ListTypes() {
  WEIR_ASSIGN_OR_RETURN(const std::vector<StoredRelation> rows, ListRelations(""));
  std::vector<std::string> types;
  for (const StoredRelation& row : rows) {
    if (row.path.table.starts_with(kTypeRow)) types.push_back(row.definition);
  }
  return types;
}

Result<int64_t> CatalogStore::TakeIds(int64_t count) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, FindOrCreate());
  MutexLock lock(mutex_);
  if (next_id_ + count > reserved_end_ && !connection_.gateway().is_embedded()) {
    const int64_t blocks = (std::max(count, kIdsAtOnce) + kIdsOfBlock - 1) / kIdsOfBlock;
    WEIR_ASSIGN_OR_RETURN(const int64_t first, TakeBlocks(connection_, blocks));
    next_id_ = kFirstSharedId + first * kIdsOfBlock;
    reserved_end_ = next_id_ + blocks * kIdsOfBlock;
    if (reserved_end_ > access::kFlussTableIds) return Error("53000", "there are no ids for relations left");
  } else if (next_id_ + count > reserved_end_) {
    WEIR_ASSIGN_OR_RETURN(const auto values, LookUp(*tables.relations, RelationKey(kNextId)));
    WEIR_ASSIGN_OR_RETURN(const auto rows, DecodeRows(*tables.relations, values, ReadRelation));
    const int64_t first = rows.empty() ? kFirstRelationId : rows.front().id;
    StoredRelation next;
    next.path = kNextId;
    next.id = first + std::max(count, kIdsAtOnce);
    SystemTableChanges changes(*tables.relations);
    WEIR_RETURN_NOT_OK(changes.Put(RelationRow(next)));
    WEIR_RETURN_NOT_OK(Put(connection_.gateway(), changes.Finish()));
    next_id_ = first;
    reserved_end_ = next.id;
  }
  return std::exchange(next_id_, next_id_ + count);
}

Result<std::vector<PutKvRequest>> CatalogStore::Encode(const Change& change) {
  WEIR_ASSIGN_OR_RETURN(const Tables tables, FindOrCreate());
  SystemTableChanges relations(*tables.relations);
  for (const StoredRelation& relation : change.put_relations) WEIR_RETURN_NOT_OK(relations.Put(RelationRow(relation)));
  for (const TablePath& path : change.remove_relations) WEIR_RETURN_NOT_OK(relations.Remove(RelationKey(path)));
  for (const auto& [kind, put, remove] : {std::tuple(kZoneOf, &change.put_zones, &change.remove_zones),
                                          std::tuple(kServerOf, &change.put_servers, &change.remove_servers),
                                          std::tuple(kCommentOn, &change.put_comments, &change.remove_comments)}) {
    for (const auto& [name, definition] : *put) {
      StoredRelation row;
      row.path = NamedPath(kind, name);
      row.definition = definition;
      WEIR_RETURN_NOT_OK(relations.Put(RelationRow(row)));
    }
    for (const std::string& name : *remove) WEIR_RETURN_NOT_OK(relations.Remove(RelationKey(NamedPath(kind, name))));
  }
  for (const auto& [oid, definition] : change.put_types) {
    StoredRelation row;
    row.path = TypePath(oid);
    row.definition = definition;
    WEIR_RETURN_NOT_OK(relations.Put(RelationRow(row)));
  }
  for (const uint32_t oid : change.remove_types) WEIR_RETURN_NOT_OK(relations.Remove(RelationKey(TypePath(oid))));
  SystemTableChanges partitions(*tables.partitions);
  for (const StoredPartition& partition : change.put_partitions) {
    WEIR_RETURN_NOT_OK(partitions.Put(PartitionRow(partition)));
  }
  for (const auto& [parent, child] : change.remove_partitions) {
    WEIR_RETURN_NOT_OK(partitions.Remove(PartitionKey(parent, child)));
  }
  std::vector<PutKvRequest> writes;
  if (!relations.empty()) writes.push_back(relations.Finish());
  if (!partitions.empty()) writes.push_back(partitions.Finish());
  return writes;
}

}  // namespace weir::sql
