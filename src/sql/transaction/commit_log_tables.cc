#include "sql/transaction/commit_log_tables.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/builder_binary.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "sql/error.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

constexpr std::string_view kCommitsPrefix = "commits_";
constexpr std::chrono::seconds kAppendTimeout(30);
constexpr std::chrono::milliseconds kAppendPause(50);

TablePath PathOfEpoch(int64_t epoch) { return {kSystemDatabase, fmt::format("{}{}", kCommitsPrefix, epoch)}; }

Result<TableDescriptor> DescribeEpoch() {
  TableDescriptor descriptor;
  WEIR_ASSIGN_OR_RETURN(descriptor.schema, Schema::Make({{"entry", DataType::Bytes()}}, {}));
  descriptor.bucket_count = 1;
  descriptor.properties["table.log.arrow.compression.type"] = "NONE";  // small writes, which are waited for
  descriptor.properties["table.log.ttl"] = "36500 d";                  // it goes when its epoch is over
  descriptor.comment = "commits of SQL transactions, in the order that decides";
  return descriptor;
}

Result<std::shared_ptr<arrow::Buffer>> BatchOf(const Table::Impl& table, const std::vector<std::string>& entries,
                                               int64_t writer_id, int32_t sequence) {
  arrow::BinaryBuilder builder;
  for (const std::string& entry : entries) WEIR_RETURN_NOT_OK(FromArrow(builder.Append(entry)));
  std::shared_ptr<arrow::Array> column;
  WEIR_RETURN_NOT_OK(FromArrow(builder.Finish(&column)));
  const auto rows = arrow::RecordBatch::Make(table.arrow_schema, std::ssize(entries), {std::move(column)});
  LogBatchOptions options;
  options.schema_id = static_cast<int16_t>(table.info.schema_id);
  options.writer_id = writer_id;
  options.sequence = sequence;
  return EncodeLogBatch(*rows, {}, table.info.schema(), options);
}

}  // namespace

Result<std::optional<EpochTable>> EpochTable::Find(const Connection& connection, int64_t epoch) {
  WEIR_ASSIGN_OR_RETURN(const SystemTablePtr table, OpenSystemTable(connection, PathOfEpoch(epoch).table));
  if (table == nullptr) return std::optional<EpochTable>();
  EpochTable found(epoch, table);
  WEIR_ASSIGN_OR_RETURN(found.plan_, ScanPlan::Make(table, {}));
  return std::optional<EpochTable>(std::move(found));
}

Result<EpochTable> EpochTable::FindOrCreate(const Connection& connection, int64_t epoch) {
  WEIR_ASSIGN_OR_RETURN(auto found, Find(connection, epoch));
  if (found) return std::move(*found);
  WEIR_ASSIGN_OR_RETURN(const TableDescriptor descriptor, DescribeEpoch());
  WEIR_RETURN_NOT_OK(CreateSystemTables(connection.gateway(), {{PathOfEpoch(epoch), descriptor}}));
  WEIR_ASSIGN_OR_RETURN(found, Find(connection, epoch));
  if (!found) return Error("XX000", PathOfEpoch(epoch).ToString() + " was dropped while it was made");
  return std::move(*found);
}

Result<int64_t> EpochTable::Last(Gateway& gateway) {
  const auto exists = gateway.DatabaseExists(kSystemDatabase).Wait();
  if (!exists.ok()) return exists.status();
  if (!*exists) return int64_t{0};
  const auto names = gateway.ListTables(kSystemDatabase).Wait();
  if (!names.ok()) return names.status();
  int64_t last = 0;
  for (const std::string& name : *names) {
    if (!name.starts_with(kCommitsPrefix)) continue;
    int64_t epoch = 0;
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + kCommitsPrefix.size(), end, epoch);
    if (read.ec == std::errc() && read.ptr == end) last = std::max(last, epoch);
  }
  return last;
}

void EpochTable::Drop(Gateway& gateway, int64_t epoch) { (void)gateway.DropTable(PathOfEpoch(epoch), true); }

Result<int64_t> EpochTable::End() const {
  const auto offsets =
      table_->connection.gateway().ListOffsets(table_->info.table_id, {}, {0}, OffsetSpec::Latest()).Wait();
  if (!offsets.ok()) return offsets.status();
  const auto found = offsets->find(0);
  if (found == offsets->end()) return Error("XX000", table_->name() + " has no end");
  return found->second;
}

Status EpochTable::Read(int64_t offset, int64_t end, const Take& take) const {
  constexpr int32_t kBytes = 4 << 20;
  while (offset < end) {
    FetchLogRequest request;
    request.max_bytes = kBytes;
    request.buckets.push_back({bucket(), offset, kBytes});
    const auto answer = table_->connection.gateway().FetchLog(std::move(request)).Wait();
    if (!answer.ok()) return answer.status();
    if (answer->size() != 1) return Error("XX000", table_->name() + ": a fetch has no answer");
    const FetchedBucket& fetched = answer->front();
    WEIR_RETURN_NOT_OK(fetched.status.WithContext(table_->name()));
    if (fetched.log_start_offset > offset) {
      return Error("58030", fmt::format("the commit log begins at {}, what stood before is lost: {}",
                                        fetched.log_start_offset, table_->name()));
    }
    WEIR_ASSIGN_OR_RETURN(const auto batches, SplitBatches(fetched.records, fetched.projected));
    for (const StoredBatch& stored : batches) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, ReadStoredBatch(*plan_, bucket(), stored, {offset, end}));
      if (!batch) continue;
      const auto& entries = static_cast<const arrow::BinaryArray&>(*batch->rows->column(0));
      for (int64_t i = 0; i < entries.length(); ++i) {
        const std::string_view bytes = entries.IsNull(i) ? std::string_view() : entries.GetView(i);
        WEIR_RETURN_NOT_OK(take({batch->base_offset + i, batch->timestamp, bytes}));
      }
      offset = std::max(offset, std::min(end, stored.header.next_offset()));
    }
  }
  return Status::OK();
}

Result<int64_t> EpochTable::Append(std::span<const commitlog::Entry> entries) {
  Gateway& gateway = table_->connection.gateway();
  std::vector<std::string> bytes;
  for (const commitlog::Entry& entry : entries) bytes.push_back(commitlog::EncodeEntry(entry));
  const auto deadline = std::chrono::steady_clock::now() + kAppendTimeout;
  while (true) {
    if (writer_id_ < 0) {
      const auto writer = gateway.InitWriter({table_->info.path}).Wait();
      if (!writer.ok()) return writer.status();
      writer_id_ = *writer;
      next_sequence_ = 0;
    }
    ProduceLogRequest request;
    request.table_id = table_->info.table_id;
    WEIR_ASSIGN_OR_RETURN(auto batch, BatchOf(*table_, bytes, writer_id_, next_sequence_));
    request.buckets.push_back({bucket(), std::move(batch)});
    const auto produced = gateway.ProduceLog(std::move(request)).Wait();
    const Status status = produced.ok() ? produced->front().status : produced.status();
    if (status.ok()) {
      ++next_sequence_;
      return produced->front().base_offset;
    }
    // What the bucket does not know any more gets another writer; should the entry be there, it counts once.
    const bool forgotten = status.code() == ErrorCode::kOutOfOrderSequence;
    const bool again = forgotten || IsRetriable(status.code());
    const bool in_time = std::chrono::steady_clock::now() < deadline;
    // Nor must the next entry take a sequence that this one may have.
    if (forgotten || !again || !in_time) writer_id_ = -1;
    if (!again) return status;
    if (!in_time) return Status(ErrorCode::kUnknownServerError, status.message());
    std::this_thread::sleep_for(kAppendPause);
  }
}

}  // namespace weir::sql
