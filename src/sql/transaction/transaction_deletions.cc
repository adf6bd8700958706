// Locking rows, and deleting them.
#include <arrow/array/array_binary.h>
#include <fmt/format.h>

#include <algorithm>

#include "commitlog/item.h"
#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"

namespace weir::sql {
namespace {

/// Rows are locked by 64 bits of what names them: should two ever share these, one waits for the other's lock.
uint32_t LockSpaceOf(const Leaf& leaf) {
  const auto [table, partition] = leaf.id();
  const uint64_t id = static_cast<uint64_t>(table) << 32 ^ static_cast<uint64_t>(partition.value_or(-1));
  return static_cast<uint32_t>((id * 0x9E3779B97F4A7C15) >> 32);
}

LockTag LockTagOf(uint32_t space, RowPosition position) { return LockTag::Row(space, static_cast<uint64_t>(position)); }

/// `hash`: KeyIndex::Hash of the key.
LockTag LockTagOf(uint32_t space, int32_t bucket, uint64_t hash) {
  return LockTag::Row(space, hash + static_cast<uint64_t>(bucket));
}

/// All statements take several locks in one order, so that they wait for each other and not in a circle.
std::vector<LockTag> LockTagsOf(const LeafState& state, std::span<const int64_t> keys) {
  const uint32_t space = LockSpaceOf(*state.leaf);
  std::vector<LockTag> tags;
  tags.reserve(keys.size());
  for (const int64_t key : keys) tags.push_back(LockTagOf(space, state.keys.bucket(key), state.keys.hash(key)));
  std::ranges::sort(tags);
  return tags;
}

}  // namespace

/// The statement must have seen each key as it is, unless a mere insert asks. It holds none that is not while it waits
/// for others: they may want to insert it.
Status TransactionImpl::LockKeys(const LeafState& state, std::span<const int64_t> keys, KeyChanges::Op op,
                                 LockMode mode) {
  const std::vector<LockTag> tags = LockTagsOf(state, keys);
  std::span<const LockTag> left(tags);
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const LockGrant free, owner_->LockNext(&left, mode, LockPolicy::kNoWait));
    if (free == LockGrant::kAtOnce) return Status::OK();
    if (op != KeyChanges::Op::kInsert) WEIR_RETURN_NOT_OK(CheckNotReplaced(state, keys));
    WEIR_ASSIGN_OR_RETURN(const LockGrant grant, owner_->Lock(left.front(), mode));
    left = left.subspan(1);
    if (op != KeyChanges::Op::kInsert) WEIR_RETURN_NOT_OK(CheckSeesHolder(grant, *state.leaf));
  }
}

/// A statement that runs again finds no row by a key that is gone: it would keep others from inserting the key, as who
/// moves a row back to its partition does, and wait for them elsewhere.
Status TransactionImpl::ReleaseGone(const LeafState& state, std::span<const int64_t> keys, size_t mark) {
  LookupsByBucket lookups;
  for (const int64_t key : keys) lookups[state.keys.bucket(key)].keys.push_back(key);
  WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(*target_->gateway, *state.leaf, state.keys, &lookups));
  std::vector<int64_t> gone;
  for (const auto& [bucket, lookup] : lookups) {
    for (size_t i = 0; i < lookup.keys.size(); ++i) {
      if (!(*lookup.values)[i]) gone.push_back(lookup.keys[i]);
    }
  }
  owner_->ReleaseSince(mark, LockTagsOf(state, gone));
  return Status::OK();
}

/// Rows that the transaction itself has added need no lock.
Result<LockGrant> TransactionImpl::LockPositions(const LeafState& state, std::span<const RowPosition> positions,
                                                 LockMode mode) {
  const uint32_t space = LockSpaceOf(*state.leaf);
  std::vector<LockTag> tags;
  for (const RowPosition position : positions) {
    if (position >= 0) tags.push_back(LockTagOf(space, position));
  }
  std::ranges::sort(tags);
  return owner_->Lock(tags, mode);
}

Result<LockGrant> TransactionImpl::LockRow(const RelationPtr& relation, RowPosition position, LockMode mode,
                                           LockPolicy policy) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (position < 0) return LockGrant::kAtOnce;
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant,
                        owner_->Lock(LockTagOf(LockSpaceOf(*state->leaf), position), mode, policy));
  if (grant == LockGrant::kNotAvailable) return grant;
  const TableBucket bucket = state->leaf->bucket(static_cast<int32_t>(position >> kOffsetBits));
  WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted({bucket}, CommitHistory::kLatest));
  if (latest.front()->Contains(OffsetOf(position))) return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  WEIR_RETURN_NOT_OK(CheckSeesHolder(grant, *state->leaf));
  if (is_on_log()) holds_.Hold(commitlog::RowItem(bucket, OffsetOf(position)), mode, snapshot_at_);
  return grant;
}

Result<LockGrant> TransactionImpl::LockRow(const RelationPtr& relation, std::string_view key, LockMode mode,
                                           LockPolicy policy) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const RowKey row, ParseRowKey(*state->leaf, key));
  const LockTag tag = LockTagOf(LockSpaceOf(*state->leaf), row.bucket, KeyIndex::Hash(row.key));
  const size_t mark = owner_->mark();
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant, owner_->Lock(tag, mode, policy));
  if (grant == LockGrant::kNotAvailable) return grant;
  WEIR_ASSIGN_OR_RETURN(const auto replaced,
                        target_->history->Replaced(state->leaf->bucket(row.bucket), *snapshot_));
  if (std::ranges::any_of(replaced, [&](const auto& commit) { return commit->keys.Find(row.key) >= 0; })) {
    const int64_t number = state->keys.Touch(row.key, row.bucket);
    if (!keeps_snapshot()) WEIR_RETURN_NOT_OK(ReleaseGone(*state, std::span(&number, 1), mark));
    return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  }
  WEIR_RETURN_NOT_OK(CheckSeesHolder(grant, *state->leaf));
  const auto [table, partition] = state->leaf->id();
  if (is_on_log()) holds_.Hold(commitlog::KeyItem(table, partition, row.key), mode, snapshot_at_);
  return grant;
}

Result<int64_t> TransactionImpl::Delete(const RelationPtr& relation, std::span<const RowPosition> positions,
                                        LockMode lock_mode) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (state->leaf->keyed()) {
    return Error("XX000",
                 fmt::format("rows of \"{}\" are known by their keys, not by positions", relation->path.table));
  }
  std::vector<int64_t> added;
  std::map<int32_t, std::vector<int64_t>> stored;
  for (const RowPosition position : positions) {
    if (position < 0) {
      added.push_back(position - kFirstAddedPosition);
      if (added.back() >= 0 && added.back() < state->log.num_added()) continue;
    } else {
      const int64_t bucket = position >> kOffsetBits;
      if (bucket < state->leaf->num_buckets()) {
        stored[static_cast<int32_t>(bucket)].push_back(OffsetOf(position));
        continue;
      }
    }
    return Error("XX000", fmt::format("{} is no position in \"{}\"", position, relation->path.table));
  }
  LogChanges::Deletions deletions;
  deletions.added.Add(added);
  for (const auto& [bucket, offsets] : stored) deletions.stored[bucket].Add(offsets);
  WEIR_ASSIGN_OR_RETURN(const LockGrant grant, LockPositions(*state, positions, lock_mode));
  WEIR_RETURN_NOT_OK(CheckSeesHolder(grant, *state->leaf));
  for (const auto& [bucket, offsets] : deletions.stored) {
    WEIR_ASSIGN_OR_RETURN(const auto latest,
                          target_->history->Deleted({state->leaf->bucket(bucket)}, CommitHistory::kLatest));
    if (latest.front()->Intersects(offsets)) return ChangedSinceSnapshot(ConcurrentUpdate(*state->leaf));
  }
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  WEIR_ASSIGN_OR_RETURN(const int64_t count, LeaveOutDeleted(*state, &deletions));
  if (count == 0) return count;
  if (!relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, RowsAt(state, deletions));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, rows));
  }
  DeleteStored(state, std::move(deletions));
  return count;
}

/// How many are left of those that are to go once what is deleted already is left out.
Result<int64_t> TransactionImpl::LeaveOutDeleted(const LeafState& state, LogChanges::Deletions* deletions) {
  deletions->added.Remove(state.log.deleted_added());
  int64_t count = deletions->added.size();
  std::vector<TableBucket> buckets;
  for (const auto& [bucket, offsets] : deletions->stored) buckets.push_back(state.leaf->bucket(bucket));
  WEIR_ASSIGN_OR_RETURN(const auto latest, target_->history->Deleted(buckets, CommitHistory::kLatest));
  for (size_t i = 0; i < buckets.size(); ++i) {
    OffsetSet& offsets = deletions->stored[buckets[i].bucket_id];
    offsets.Remove(*latest[i]);
    const auto own = state.log.deleted().find(buckets[i].bucket_id);
    if (own != state.log.deleted().end()) offsets.Remove(own->second);
    count += offsets.size();
  }
  std::erase_if(deletions->stored, [](const auto& entry) { return entry.second.empty(); });
  return count;
}

void TransactionImpl::DeleteStored(LeafState* state, LogChanges::Deletions deletions) {
  NoteFirstChange();
  state->log.Freeze(statement_);
  state->log.Delete(deletions);
  Undo& undo = journal_.emplace_back();
  undo.state = state;
  undo.change = std::move(deletions);
}

Result<int64_t> TransactionImpl::Delete(const RelationPtr& relation, const arrow::BinaryArray& keys,
                                        LockMode lock_mode) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (!state->leaf->keyed()) {
    return Error("XX000",
                 fmt::format("rows of \"{}\" are known by positions: it has no primary key", relation->path.table));
  }
  return DeleteKeys(state, keys, lock_mode);
}

Result<int64_t> TransactionImpl::DeleteKeys(LeafState* state, const arrow::BinaryArray& keys, LockMode lock) {
  std::vector<int64_t> numbers;
  numbers.reserve(static_cast<size_t>(keys.length()));
  const int64_t before = state->keys.num_keys();
  for (int64_t i = 0; i < keys.length(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const RowKey row, ParseRowKey(*state->leaf, keys.GetView(i)));
    numbers.push_back(state->keys.Touch(row.key, row.bucket));
  }
  WEIR_RETURN_NOT_OK(TakeMemory(state->keys, before));
  return DeleteNumbered(state, numbers, lock);
}

Result<int64_t> TransactionImpl::DeleteNumbered(LeafState* state, std::span<const int64_t> keys, LockMode lock) {
  WEIR_RETURN_NOT_OK(LookUpUnchanged(state, keys, KeyChanges::Op::kDelete, lock));
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  if (!state->leaf->relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto rows, RowsOfKeys(state, keys));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, rows));
  }
  const KeyChanges::Mark before = state->keys.mark();
  int64_t count = 0;
  for (const int64_t key : keys) {
    if (!Exists(*state, key)) continue;
    state->keys.Change(key, KeyChanges::Op::kDelete, -1, statement_);
    ++count;
  }
  if (count > 0) journal_.push_back({state, before});
  return count;
}

Status TransactionImpl::DeleteAll(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(*state));
  for (const Index& index : indexes) WEIR_RETURN_NOT_OK(DeleteAllKeys(index.state));
  return state->leaf->keyed() ? DeleteAllKeys(state) : DeleteAllStored(state);
}

Status TransactionImpl::DeleteAllStored(LeafState* state) {
  const std::vector<int32_t> buckets = BucketIds(*state->leaf);
  Gateway& gateway = *target_->gateway;
  WEIR_ASSIGN_OR_RETURN(const auto starts, EndOffsets(gateway, *state->leaf, buckets, OffsetSpec::Earliest()));
  WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(gateway, *state->leaf, buckets, OffsetSpec::Latest()));
  LogChanges::Deletions all;
  all.added.AddRange(0, state->log.num_added());
  for (const auto& [bucket, end] : ends) {
    const auto start = starts.find(bucket);
    if (start != starts.end() && start->second < end) all.stored[bucket].AddRange(start->second, end);
  }
  WEIR_ASSIGN_OR_RETURN(const int64_t count, LeaveOutDeleted(*state, &all));
  if (count > 0) DeleteStored(state, std::move(all));
  return Status::OK();
}

Status TransactionImpl::DeleteAllKeys(LeafState* state) {
  LeafScanOptions options;
  options.row_ids = true;
  ++statement_;  // what this statement has changed goes, too
  WEIR_ASSIGN_OR_RETURN(const auto readers, OpenReaders(state, options));
  for (const auto& reader : readers) {
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_RETURN_NOT_OK(DeleteKeys(state, *batch->keys, kForUpdate).status());
    }
  }
  return Status::OK();
}

}  // namespace weir::sql
