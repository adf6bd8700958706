#include "sql/transaction/log_application.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <iterator>
#include <thread>

#include "format/kv_batch.h"
#include "format/log_batch.h"
#include "sql/error.h"

namespace weir::sql {
namespace {

using commitlog::LeafWrite;

constexpr std::chrono::seconds kApplyTimeout(30);
constexpr std::chrono::milliseconds kApplyPause(50);

Result<LeafWrite> RowsForLog(const BucketRecords& records) {
  LeafWrite write;
  write.bucket = records.bucket;
  std::string_view left(*records.records);
  while (!left.empty()) {
    WEIR_ASSIGN_OR_RETURN(const LogBatchHeader header, ParseLogBatchHeader(left));
    write.batches.emplace_back(left.substr(0, static_cast<size_t>(header.total_size())));
    left.remove_prefix(static_cast<size_t>(header.total_size()));
  }
  return write;
}

/// With what the keys held before, as far as the commit knows.
Result<LeafWrite> KeysForLog(const BucketRecords& records, const CommitWrites& writes) {
  LeafWrite write;
  write.kind = LeafWrite::Kind::kKeys;
  write.bucket = records.bucket;
  write.batches.emplace_back(std::string_view(*records.records));
  const auto change = writes.changes.find(records.bucket);
  if (change == writes.changes.end() || change->second.replaced == nullptr) return write;
  const ReplacedRows& replaced = *change->second.replaced;
  WEIR_ASSIGN_OR_RETURN(const KvBatchView batch, ParseKvBatch(write.batches.front()));
  for (const KvRecordView& record : batch.records) {
    const int64_t at = replaced.keys.Find(record.key);
    if (at < 0) return Error("XX000", "a key is written that was not looked up");
    write.replaced.push_back(replaced.values[static_cast<size_t>(at)]);
  }
  return write;
}

Result<std::shared_ptr<const ReplacedRows>> ReplacedBy(const LeafWrite& write) {
  auto replaced = std::make_shared<ReplacedRows>();
  for (const std::string& bytes : write.batches) {
    WEIR_ASSIGN_OR_RETURN(const KvBatchView batch, ParseKvBatch(bytes));
    for (const KvRecordView& record : batch.records) {
      const auto number = static_cast<size_t>(replaced->keys.size());
      if (number >= write.replaced.size() || !replaced->keys.Insert(record.key).second) {
        return Error("XX000", "a commit of the log does not say what it replaces");
      }
      replaced->values.push_back(write.replaced[number]);
    }
  }
  return std::shared_ptr<const ReplacedRows>(std::move(replaced));
}

/// The rows of `weir.deleted_rows` with a commit's deletions, as they are there now and with these.
Result<std::string> DeletionsBatch(DeletedRowsTable& deleted, const LeafWrite& write) {
  std::map<TableBucket, DeletedRowsTable::Change> changes;
  std::vector<TableBucket> buckets;
  for (const LeafWrite::Chunk& chunk : write.chunks) {
    if (changes.emplace(chunk.bucket, DeletedRowsTable::Change{}).second) buckets.push_back(chunk.bucket);
  }
  WEIR_ASSIGN_OR_RETURN(const std::vector<OffsetSet> there, deleted.Load(buckets));
  for (size_t i = 0; i < buckets.size(); ++i) changes[buckets[i]].all = there[i];
  for (const LeafWrite::Chunk& chunk : write.chunks) {
    OffsetSet added;
    WEIR_RETURN_NOT_OK(added.PutSerialized(chunk.number, chunk.offsets));
    changes[chunk.bucket].all.Add(added);
    changes[chunk.bucket].chunks.push_back(chunk.number);
  }
  WEIR_ASSIGN_OR_RETURN(const PutKvRequest request, deleted.Encode(changes));
  return std::string(std::string_view(*request.buckets.front().records));
}

bool SaysGone(ErrorCode code) {
  return code == ErrorCode::kTableNotExist || code == ErrorCode::kUnknownTableOrBucket ||
         code == ErrorCode::kPartitionNotExists || code == ErrorCode::kDatabaseNotExist;
}

/// Whether the metadata says so, too: a tablet server that has just started does not know its buckets yet.
bool IsGone(Gateway& gateway, const TableBucket& bucket) {
  const auto info = gateway.GetTableInfoById(bucket.table_id).Wait();
  if (!info.ok()) return SaysGone(info.status().code());
  if (!bucket.partition_id) return false;
  const auto partition = gateway.GetPartitionById(info->path, *bucket.partition_id).Wait();
  return !partition.ok() && SaysGone(partition.status().code());
}

/// One batch under way to its bucket.
struct SentBatch {
  Future<std::vector<ProducedBucket>> rows;
  Future<std::vector<PutBucket>> keys;

  Status Wait() const {
    if (rows.valid()) return rows.Wait().ok() ? rows.Wait()->front().status : rows.Wait().status();
    return keys.Wait().ok() ? keys.Wait()->front().status : keys.Wait().status();
  }
};

SentBatch StartSending(Gateway& gateway, bool rows, const TableBucket& bucket, const std::string& batch) {
  SentBatch sent;
  BucketRecords records{bucket, arrow::Buffer::FromString(batch)};
  if (rows) {
    ProduceLogRequest request;
    request.table_id = bucket.table_id;
    request.buckets.push_back(std::move(records));
    sent.rows = gateway.ProduceLog(std::move(request));
  } else {
    PutKvRequest request;
    request.table_id = bucket.table_id;
    request.buckets.push_back(std::move(records));
    sent.keys = gateway.PutKv(std::move(request));
  }
  return sent;
}

/// A bucket's batches, of which each follows the one before.
class BucketSender {
 public:
  BucketSender(Gateway& gateway, TableBucket bucket, bool rows, std::vector<std::string> batches)
      : gateway_(gateway), bucket_(std::move(bucket)), rows_(rows), batches_(std::move(batches)) {}

  void Start() {
    if (next_ < batches_.size()) sent_ = StartSending(gateway_, rows_, bucket_, batches_[next_]);
  }
  bool is_over() const { return next_ >= batches_.size(); }
  /// Waits until the batch that was sent is there, or the bucket is gone, and sends the next.
  Status Advance() {
    const auto deadline = std::chrono::steady_clock::now() + kApplyTimeout;
    while (true) {
      const Status status = sent_.Wait();
      const ErrorCode code = status.code();
      const bool says_gone = SaysGone(code);
      if (says_gone && IsGone(gateway_, bucket_)) {
        next_ = batches_.size();
        return Status::OK();
      }
      if (status.ok() || code == ErrorCode::kOutOfOrderSequence) {
        is_behind_ = !status.ok();
        ++next_;
        Start();
        return Status::OK();
      }
      if ((!IsRetriable(code) && !says_gone) || std::chrono::steady_clock::now() > deadline) {
        return status.WithContext(bucket_.ToString());
      }
      std::this_thread::sleep_for(kApplyPause);
      Start();
    }
  }
  bool is_behind() const { return is_behind_; }
  const TableBucket& bucket() const { return bucket_; }

 private:
  Gateway& gateway_;
  const TableBucket bucket_;
  const bool rows_;
  const std::vector<std::string> batches_;
  size_t next_ = 0;
  SentBatch sent_;
  bool is_behind_ = false;  // the last batch that was answered was not in order
};

/// A write's batches with the writer and the sequences that the log gives them.
Result<std::vector<std::string>> NumberedBatchesOf(DeletedRowsTable& deleted, const LoggedCommit& commit,
                                                   const LeafWrite& write) {
  std::vector<std::string> batches = write.batches;
  if (write.kind == LeafWrite::Kind::kDeletions) {
    WEIR_ASSIGN_OR_RETURN(batches.emplace_back(), DeletionsBatch(deleted, write));
  }
  int32_t sequence = commit.sequences.at(write.bucket);
  for (std::string& batch : batches) {
    const bool rows = write.kind == LeafWrite::Kind::kRows;
    WEIR_RETURN_NOT_OK(rows ? SetLogBatchWriter(&batch, commit.writer_id, sequence)
                            : SetKvBatchWriter(&batch, commit.writer_id, sequence));
    ++sequence;
  }
  return batches;
}

}  // namespace

Result<std::vector<LeafWrite>> WritesForLog(const CommitWrites& writes,
                                            const std::map<TableBucket, OffsetSet>& deleted,
                                            const TableBucket& deletions) {
  std::vector<LeafWrite> all;
  for (const ProduceLogRequest& table : writes.request.log) {
    for (const BucketRecords& records : table.buckets) {
      WEIR_ASSIGN_OR_RETURN(all.emplace_back(), RowsForLog(records));
    }
  }
  for (const PutKvRequest& table : writes.request.kv) {
    for (const BucketRecords& records : table.buckets) {
      WEIR_ASSIGN_OR_RETURN(all.emplace_back(), KeysForLog(records, writes));
    }
  }
  if (deleted.empty()) return all;
  LeafWrite& rows = all.emplace_back();
  rows.kind = LeafWrite::Kind::kDeletions;
  rows.bucket = deletions;
  for (const auto& [bucket, offsets] : deleted) {
    for (const int64_t chunk : offsets.Chunks()) rows.chunks.push_back({bucket, chunk, offsets.Serialize(chunk)});
  }
  return all;
}

Result<std::map<TableBucket, BucketChange>> ChangesOf(const LoggedCommit& commit) {
  std::map<TableBucket, BucketChange> changes;
  std::map<TableBucket, OffsetSet> deleted;
  for (const LeafWrite& write : commit.writes) {
    BucketChange& change = changes[write.bucket];
    if (write.kind == LeafWrite::Kind::kRows) {
      change.batches = NumberedBatches{commit.writer_id, commit.sequences.at(write.bucket)};
    } else if (write.kind == LeafWrite::Kind::kKeys && !write.replaced.empty()) {
      WEIR_ASSIGN_OR_RETURN(change.replaced, ReplacedBy(write));
    }
    for (const LeafWrite::Chunk& chunk : write.chunks) {
      OffsetSet offsets;
      WEIR_RETURN_NOT_OK(offsets.PutSerialized(chunk.number, chunk.offsets));
      deleted[chunk.bucket].Add(offsets);
    }
  }
  for (auto& [bucket, offsets] : deleted) {
    changes[bucket].deleted_also = std::make_shared<const OffsetSet>(std::move(offsets));
  }
  return changes;
}

Result<std::map<TableBucket, commitlog::Position>> ApplyToLeaves(Gateway& gateway, DeletedRowsTable& deleted,
                                                                 std::span<const LoggedCommit* const> commits) {
  struct Batches {
    bool rows = false;
    std::vector<std::string> batches;
    commitlog::Position last;
  };
  std::map<TableBucket, Batches> all;
  for (const LoggedCommit* const commit : commits) {
    for (const LeafWrite& write : commit->writes) {
      WEIR_ASSIGN_OR_RETURN(auto batches, NumberedBatchesOf(deleted, *commit, write));
      Batches& own = all[write.bucket];
      own.rows = write.kind == LeafWrite::Kind::kRows;
      std::ranges::move(batches, std::back_inserter(own.batches));
      own.last = commit->at;
    }
  }
  std::deque<BucketSender> senders;
  for (auto& [bucket, own] : all) senders.emplace_back(gateway, bucket, own.rows, std::move(own.batches)).Start();
  for (bool over = false; !over;) {
    over = true;
    for (BucketSender& sender : senders) {
      if (!sender.is_over()) WEIR_RETURN_NOT_OK(sender.Advance());
      over = over && sender.is_over();
    }
  }
  std::map<TableBucket, commitlog::Position> behind;
  for (const BucketSender& sender : senders) {
    if (sender.is_behind()) behind[sender.bucket()] = all.at(sender.bucket()).last;
  }
  return behind;
}

}  // namespace weir::sql
