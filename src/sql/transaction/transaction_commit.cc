// What a commit writes, and what it is checked against.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "commitlog/item.h"
#include "format/kv_batch.h"
#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

/// A changed key does not hold what the transaction has found there.
Status KeyChanged(const LeafState& state, int64_t key, bool exists_now) {
  const KeyChanges& keys = state.keys;
  const int64_t row = keys.row(key);
  const bool duplicate = !keys.stored(key).exists && row >= 0 && keys.first_op(key) == KeyChanges::Op::kInsert;
  if (!duplicate) return exists_now ? ConcurrentUpdate(*state.leaf) : ConcurrentDelete(*state.leaf);
  const auto added = std::ranges::upper_bound(keys.added(), row, {}, &KeyChanges::Rows::first) - 1;
  return state.indexed ? DuplicateEntry(*state.indexed, *state.leaf, added->batch, row - added->first)
                       : DuplicateKey(*state.leaf, added->batch, row - added->first);
}

/// The keys that KV batches write; they are well formed, as this process has made them.
void AddWrittenKeys(const std::vector<PutKvRequest>& requests, std::vector<commitlog::Item>* items) {
  for (const PutKvRequest& request : requests) {
    for (const BucketRecords& part : request.buckets) {
      const auto batch = ParseKvBatch(std::string_view(*part.records));
      if (!batch.ok()) continue;
      for (const KvRecordView& record : batch->records) {
        items->push_back(commitlog::KeyItem(request.table_id, part.bucket.partition_id, record.key));
      }
    }
  }
}

/// What the changes of a leaf's rows read and write.
void AddChangedRows(const LeafState& state, const commitlog::Position& changed_at, ReadItems* reads,
                    std::vector<commitlog::Item>* writes) {
  const auto [table, partition] = state.leaf->id();
  for (int64_t key = 0; key < state.keys.num_keys(); ++key) {
    if (!state.keys.changed(key)) continue;
    const commitlog::Item row = commitlog::KeyItem(table, partition, state.keys.key(key));
    std::vector<commitlog::Item>& items = (*reads)[state.lookups.At(key)];
    if (state.indexed || !state.keys.stored(key).exists) {
      items.push_back(row);  // which nobody locks
    } else {
      NoteChange(row, !state.keys.has_row(key) || state.lookups.has_taken(key), &items, writes);
    }
  }
  for (const auto& [bucket, offsets] : state.log.deleted()) {
    for (const int64_t chunk : offsets.Chunks()) {
      const int64_t base = chunk << OffsetSet::kChunkBits;
      std::vector<int32_t> members;
      offsets.AppendMembers(base, base + (int64_t{1} << OffsetSet::kChunkBits), &members);
      for (const int32_t member : members) {
        const commitlog::Item row = commitlog::RowItem(state.leaf->bucket(bucket), base + member);
        NoteChange(row, true, &(*reads)[changed_at], writes);
        writes->push_back(row);
      }
    }
  }
}

}  // namespace

class TransactionImpl::Attempt final : public CommitAttempt {
 public:
  Attempt(TransactionImpl* transaction, CommitWrites writes, bool rows_only, std::vector<commitlog::Reads> read_leaves)
      : transaction_(*transaction), writes_(std::move(writes)), rows_only_(rows_only),
        read_leaves_(std::move(read_leaves)) {}

  CommitWrites& writes() override { return writes_; }
  bool is_alone() const override WEIR_REQUIRES(transaction_.mutex_) {
    return !rows_only_ || transaction_.level_ == IsolationLevel::kSerializable;
  }
  Status CheckReads() override WEIR_REQUIRES(transaction_.mutex_) {
    const bool checked = transaction_.level_ == IsolationLevel::kSerializable;
    return checked ? transaction_.CheckReads("commit attempt") : Status::OK();
  }
  void CloseSnapshot() override WEIR_REQUIRES(transaction_.mutex_) { transaction_.CloseSnapshot(); }
  std::map<TableBucket, OffsetSet> Deleted() const override WEIR_REQUIRES(transaction_.mutex_) {
    std::map<TableBucket, OffsetSet> deleted;
    for (const auto& [id, state] : transaction_.leaves_) {
      for (const auto& [bucket, offsets] : state.log.deleted()) deleted.emplace(state.leaf->bucket(bucket), offsets);
    }
    return deleted;
  }
  Status MergeDeleted() override WEIR_REQUIRES(transaction_.mutex_) { return transaction_.MergeDeleted(&writes_); }
  Status CheckKeys(bool keep_replaced) override WEIR_REQUIRES(transaction_.mutex_) {
    return transaction_.CheckKeys(keep_replaced, &writes_);
  }
  Footprint MakeFootprint() const override WEIR_REQUIRES(transaction_.mutex_) {
    Footprint footprint = transaction_.MakeFootprint(writes_.request);
    const std::optional<DefinitionsSeen> definitions = transaction_.definitions_;
    if (definitions) footprint.reads.push_back({definitions->at, transaction_.DefinitionsLookedAt(rows_only_)});
    if (rows_only_) return footprint;
    footprint.writes.push_back(commitlog::DefinitionsItem());
    const NotedDefinitions& noted = transaction_.noted_;
    for (const int64_t id : noted.changed) footprint.writes.push_back(commitlog::RelationItem(id));
    std::ranges::copy(noted.new_rules, std::back_inserter(footprint.writes));
    footprint.reads.insert(footprint.reads.end(), read_leaves_.begin(), read_leaves_.end());
    return footprint;
  }
  bool IsDefinition(commitlog::Item item) const override WEIR_REQUIRES(transaction_.mutex_) {
    return std::ranges::count(transaction_.DefinitionsLookedAt(rows_only_), item) > 0;
  }

 private:
  TransactionImpl& transaction_;
  CommitWrites writes_;
  const bool rows_only_;  // the transaction's own
  const std::vector<commitlog::Reads> read_leaves_;  // that definitions may have been changed by
};

/// Rows of what goes with the commit.
void TransactionImpl::LeaveOut(const MetadataChange& drops) {
  const std::set<int64_t> tables(drops.drop_tables.begin(), drops.drop_tables.end());
  const std::set<int64_t> partitions(drops.drop_partitions.begin(), drops.drop_partitions.end());
  std::erase_if(leaves_, [&](const auto& entry) {
    const auto& [table_id, partition_id] = entry.first;
    return tables.contains(table_id) || (partition_id && partitions.contains(*partition_id));
  });
}

/// The target knows ids, the user the leaf whose table another door has dropped.
Status TransactionImpl::NameMissing(const Status& failure) const {
  if (failure.code() != ErrorCode::kUnknownTableOrBucket) return failure;
  for (const auto& [id, state] : leaves_) {
    const std::string& name = state.leaf->relation->path.table;
    const auto info = target_->gateway->GetTableInfo(state.leaf->table->info.path).Wait();
    const bool there = info.ok() && info->table_id == id.first;
    if (!there) return Error("42P01", fmt::format("relation \"{}\" does not exist", name), {.table = name});
  }
  return failure;
}

/// What does not depend on others, so nobody has to wait for it.
Result<CommitWrites> TransactionImpl::EncodeWrites() {
  CommitWrites writes;
  for (const auto& [id, state] : leaves_) {
    if (!state.changed()) continue;
    std::vector<BucketRecords> buckets;
    if (state.leaf->keyed()) {
      WEIR_ASSIGN_OR_RETURN(buckets, EncodeChanged(*state.leaf, state.keys, state.looked_up_at));
    } else {
      uint32_t next_bucket = target_->next_bucket.fetch_add(1);
      // Statistics make batches that other targets may not know.
      WEIR_ASSIGN_OR_RETURN(
          buckets, EncodeAdded(*state.leaf, state.log, target_->gateway->is_embedded(), &next_bucket));
      for (const BucketRecords& bucket : buckets) WEIR_RETURN_NOT_OK(TakeMemory(bucket.records->size()).status());
    }
    for (const BucketRecords& bucket : buckets) writes.changes[bucket.bucket];
    if (state.leaf->keyed()) {
      AddBuckets(id.first, std::move(buckets), &writes.request.kv);
    } else {
      AddBuckets(id.first, std::move(buckets), &writes.request.log);
    }
  }
  return writes;
}

/// Adds own deletions to those that are there now; a row that is among both is a conflict.
Status TransactionImpl::MergeDeleted(CommitWrites* writes) {
  std::map<TableBucket, DeletedRowsTable::Change> deleted;
  for (const auto& [id, state] : leaves_) {
    for (const auto& [bucket_id, own] : state.log.deleted()) {
      const TableBucket bucket = state.leaf->bucket(bucket_id);
      WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted({bucket}, CommitHistory::kLatest));
      if (latest.front()->Intersects(own)) return ConcurrentUpdate(*state.leaf);
      DeletedRowsTable::Change change{*latest.front(), own.Chunks()};
      change.all.Add(own);
      BucketChange& history = writes->changes[bucket];
      history.deleted_before = latest.front();
      history.deleted = std::make_shared<const OffsetSet>(change.all);
      deleted.emplace(bucket, std::move(change));
    }
  }
  if (deleted.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(PutKvRequest request, target_->deleted_rows->Encode(deleted));
  writes->request.kv.push_back(std::move(request));
  return Status::OK();
}

/// Whether nobody has written, up to `end` of a bucket's changelog, what the transaction changes as its scans have seen
/// it. Other transactions cannot, as its keys are locked and were not changed since its snapshot: Fluss clients may.
Status TransactionImpl::CheckSeen(const LeafState& state, int32_t bucket, int64_t end) const {
  const Leaf& leaf = *state.leaf;
  const int64_t begin = state.looked_up_at.at(bucket);
  WEIR_ASSIGN_OR_RETURN(const auto kept_from, EndOffsets(*target_->gateway, leaf, {bucket}, OffsetSpec::Earliest()));
  if (kept_from.at(bucket) > begin) return ConcurrentUpdate(leaf);
  KeyEncoder encoder(leaf);
  const std::vector<int> of_key = encoder.Columns();
  LeafScanOptions options;
  for (int column = 0; column < leaf.num_columns(); ++column) {
    if (std::ranges::count(of_key, leaf.PlaceOf(column)) > 0) options.columns.push_back(column);
  }
  WEIR_ASSIGN_OR_RETURN(const auto scan, MakeLeafScan(state.leaf, options));
  scan->history = target_->history;
  std::vector<DataType> types;
  for (const int place : scan->columns) types.push_back(leaf.table->types[static_cast<size_t>(place)]);
  const auto reader = ReadLogRange(scan, leaf.bucket(bucket), begin, end, std::make_shared<OffsetSet>());
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
    if (!batch) return Status::OK();
    WEIR_ASSIGN_OR_RETURN(const ArrowRowReader rows, ArrowRowReader::Make(batch->rows, types));
    Arena arena;
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      for (size_t i = 0; i < types.size(); ++i) {
        encoder.row()[scan->columns[i]] = rows.ReadCell(row, static_cast<int>(i), &arena);
      }
      WEIR_ASSIGN_OR_RETURN(const std::string_view name, encoder.Key());
      const int64_t key = state.keys.Find(name);
      const bool seen = key >= 0 && state.keys.changed(key) && state.keys.stored(key).seen;
      if (seen && state.keys.bucket(key) == bucket) return ConflictOver(*target_->gateway, state, key);
    }
  }
}

/// Whether each changed key still holds what the transaction has found there. `keep_replaced`: notes what
/// that is for the snapshots that do not see this commit.
Status TransactionImpl::CheckKeys(bool keep_replaced, CommitWrites* writes) {
  for (const auto& [id, state] : leaves_) {
    if (state.keys.empty()) continue;
    const KeyChanges& keys = state.keys;
    std::vector<int32_t> buckets;
    for (const auto& [bucket, end] : state.looked_up_at) buckets.push_back(bucket);
    WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*target_->gateway, *state.leaf, buckets, OffsetSpec::Latest()));
    LookupsByBucket lookups;
    std::set<int32_t> seen;  // where it has to be looked whether others have written
    std::map<int32_t, std::shared_ptr<ReplacedRows>> all_replaced;
    for (int64_t key = 0; key < keys.num_keys(); ++key) {
      if (!keys.changed(key)) continue;
      const int32_t bucket = keys.bucket(key);
      const bool same = ends.at(bucket) == state.looked_up_at.at(bucket);
      const KeyChanges::Stored stored = keys.stored(key);
      if (!same && stored.seen) seen.insert(bucket);
      if ((same || stored.seen) && !keep_replaced) continue;
      auto& replaced = all_replaced[bucket];
      if (replaced == nullptr) replaced = std::make_shared<ReplacedRows>();
      if (!same || stored.exists) {
        lookups[bucket].keys.push_back(key);
      } else {
        replaced->keys.Insert(keys.key(key));
        replaced->values.emplace_back();
      }
    }
    for (const int32_t bucket : seen) WEIR_RETURN_NOT_OK(CheckSeen(state, bucket, ends.at(bucket)));
    WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(*target_->gateway, *state.leaf, keys, &lookups));
    for (const auto& [bucket, lookup] : lookups) {
      ReplacedRows& replaced = *all_replaced.at(bucket);
      for (size_t i = 0; i < lookup.keys.size(); ++i) {
        const int64_t key = lookup.keys[i];
        const KeyChanges::Stored now = StoredOf((*lookup.values)[i]);
        const KeyChanges::Stored before = keys.stored(key);
        const bool changed = now.exists != before.exists || now.hash != before.hash;
        if (changed && !before.seen) return KeyChanged(state, key, now.exists);
        if (!keep_replaced) continue;
        replaced.keys.Insert(keys.key(key));
        replaced.values.push_back((*lookup.values)[i]);
      }
    }
    if (!keep_replaced) continue;
    for (auto& [bucket, replaced] : all_replaced) {
      writes->changes[state.leaf->bucket(bucket)].replaced = std::move(replaced);
    }
  }
  return Status::OK();
}

/// Whether what a SERIALIZABLE transaction has read is still so. All such transactions that write are then
/// as if they had run one after the other in the order of their commits, and one that only reads as if at
/// its snapshot. By whole leaves: a row that comes to a leaf is found whatever was looked for there.
Status TransactionImpl::CheckReads(std::string_view when) const {
  for (const auto& [id, state] : leaves_) {
    if (state.read && ChangedByOthers(*state.leaf)) return NotSerializable(*state.leaf, when);
  }
  return Status::OK();
}

/// What CheckReads refuses at commit need not come so far.
Status TransactionImpl::CheckBeforeWrite() {
  if (level_ != IsolationLevel::kSerializable || std::exchange(checked_in_, statement_) == statement_) {
    return Status::OK();
  }
  return CheckReads("write");
}

/// Rows are held to some relations only; what changes definitions is held to all, as names are.
std::vector<commitlog::Item> TransactionImpl::DefinitionsLookedAt(bool rows_only) const {
  if (!rows_only) return {commitlog::DefinitionsItem()};
  std::vector<commitlog::Item> items;
  for (const int64_t id : noted_.held_to) items.push_back(commitlog::RelationItem(id));
  return items;
}

Footprint TransactionImpl::MakeFootprint(const CommitRequest& request) const {
  Footprint footprint;
  AddWrittenKeys(request.kv, &footprint.writes);
  ReadItems reads = held_leaves_;
  holds_.AddTo(&reads, &footprint.writes);
  const commitlog::Position changed_at = changed_at_.value_or(snapshot_at_);
  for (const auto& [id, state] : leaves_) {
    const commitlog::Item leaf = commitlog::LeafItem(id.first, id.second);
    if (state.changed()) footprint.writes.push_back(leaf);
    if (state.read && level_ == IsolationLevel::kSerializable) reads[state.read_at].push_back(leaf);
    AddChangedRows(state, changed_at, &reads, &footprint.writes);
  }
  if (!noted_.rules.empty()) std::ranges::copy(noted_.rules, std::back_inserter(reads[changed_at]));
  for (auto& [at, items] : reads) footprint.reads.push_back({at, std::move(items)});
  return footprint;
}

Status TransactionImpl::Commit(CommitRequest also) {
  MutexLock lock(mutex_);
  if (over_) return Error("25P01", "the transaction is over");
  struct AtEnd {
    TransactionImpl* transaction;
    ~AtEnd() { transaction->End(); }
  } const at_end{this};
  const bool rows_only = also.log.empty() && also.kv.empty() && also.metadata.empty();
  std::vector<commitlog::Reads> read_leaves;  // before those that it drops are left out
  if (!rows_only && is_on_log()) {
    for (const auto& [id, state] : leaves_) {
      if (state.read) read_leaves.push_back({state.read_at, {commitlog::LeafItem(id.first, id.second)}});
    }
  }
  LeaveOut(also.metadata);
  if (!changed() && rows_only) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(CommitWrites writes, EncodeWrites());
  std::ranges::move(also.log, std::back_inserter(writes.request.log));
  std::ranges::move(also.kv, std::back_inserter(writes.request.kv));
  writes.request.metadata = std::move(also.metadata);
  Attempt attempt(this, std::move(writes), rows_only, std::move(read_leaves));
  return NameMissing(target_->decider->Commit(&attempt));
}

}  // namespace weir::sql
