// Adding rows, and looking up those that stand under their keys.
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>

#include "client/arrow_split.h"
#include "sql/error.h"
#include "sql/out_of_memory.h"
#include "sql/transaction/transaction_impl.h"
#include "types/arrow_rows.h"

namespace weir::sql {

bool Exists(const LeafState& state, int64_t key) {
  return state.keys.changed(key) ? state.keys.has_row(key) : state.keys.stored(key).exists;
}

Result<LookedUp> LookUp(Gateway& gateway, const Leaf& leaf, const KeyChanges& keys, LookupsByBucket* lookups) {
  LookupRequest request;
  request.table_id = leaf.table->info.table_id;
  for (const auto& [bucket, lookup] : *lookups) {
    LookupBucketRequest& wanted = request.buckets.emplace_back();
    wanted.bucket = leaf.bucket(bucket);
    wanted.keys.reserve(lookup.keys.size());
    for (const int64_t key : lookup.keys) wanted.keys.emplace_back(keys.key(key));
  }
  if (request.buckets.empty()) return LookedUp();
  LookedUp looked_up = gateway.Lookup(std::move(request));
  const auto& answers = looked_up.Wait();
  if (!answers.ok()) return answers.status();
  for (const LookedUpBucket& answer : *answers) {
    WEIR_RETURN_NOT_OK(answer.status.WithContext(answer.bucket.ToString()));
    (*lookups)[answer.bucket.bucket_id].values = &answer.values;
  }
  for (const auto& [bucket, lookup] : *lookups) {
    const size_t came = lookup.values == nullptr ? 0 : lookup.values->size();
    if (came == lookup.keys.size()) continue;
    return Error("XX000", fmt::format("{}: {} keys were looked up, {} answers came", leaf.bucket(bucket).ToString(),
                                      lookup.keys.size(), came));
  }
  return looked_up;
}

KeyChanges::Stored StoredOf(const std::optional<std::string>& value) {
  return value ? KeyChanges::Stored{true, HashOfStored(*value)} : KeyChanges::Stored{};
}

Status ConflictOver(Gateway& gateway, const LeafState& state, int64_t key) {
  LookupsByBucket now{{state.keys.bucket(key), {.keys = {key}}}};
  WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(gateway, *state.leaf, state.keys, &now));
  const bool gone = !now.at(state.keys.bucket(key)).values->front();
  return gone ? ConcurrentDelete(*state.leaf) : ConcurrentUpdate(*state.leaf);
}

Status TransactionImpl::Put(const RelationPtr& relation, const std::shared_ptr<arrow::RecordBatch>& rows,
                            KeyChanges::Op op) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (rows->num_rows() == 0) return Status::OK();
  WEIR_RETURN_NOT_OK(CheckBeforeWrite());
  WEIR_ASSIGN_OR_RETURN(const auto checked, CheckRows(*state->leaf, rows));
  NoteFirstChange();
  const size_t before = journal_.size();
  const Status put = PutRows(state, checked, op);
  if (!put.ok()) UndoTo(before);
  return put;
}

/// Rows in the leaf's schema, with their keys in its indexes.
Status TransactionImpl::PutRows(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op) {
  if (state->leaf->keyed()) {
    WEIR_RETURN_NOT_OK(PutKeys(state, rows, op));
    return AddEntries(*state, rows);
  }
  if (op == KeyChanges::Op::kUpsert) {
    return Error("42P10", fmt::format("\"{}\" has no primary key by which rows could be replaced",
                                      state->leaf->relation->path.table));
  }
  WEIR_RETURN_NOT_OK(AddEntries(*state, rows));
  WEIR_ASSIGN_OR_RETURN(const int64_t bytes, TakeMemory(BatchBytes(*rows)));
  spillable_ += bytes;
  state->log.Freeze(statement_);
  state->log.Add(rows);
  journal_.push_back({state, AddedBatch{}, bytes});
  return Status::OK();
}

Result<int64_t> TransactionImpl::TakeMemory(int64_t bytes) {
  if (rows_memory_.bytes() + bytes > target_->spill->most_in_memory()) WEIR_RETURN_NOT_OK(SpillRows());
  if (rows_memory_.Grow(bytes)) return bytes;
  WEIR_RETURN_NOT_OK(SpillRows());
  if (rows_memory_.Grow(bytes)) return bytes;
  return OutOfMemory("There is not enough for more rows of the transaction.");
}

/// Has the rows of log leaves lie in files, as far as there is room for them, and gives back the memory that they took.
Status TransactionImpl::SpillRows() {
  if (spillable_ < spill_from_) return Status::OK();
  std::map<LeafState*, int64_t> in_memory;
  for (const Undo& undo : journal_) {
    if (undo.bytes > 0 && !undo.state->leaf->keyed()) in_memory[undo.state] += undo.bytes;
  }
  std::erase_if(in_memory, [](const auto& entry) { return entry.second < kLeastToSpill; });
  for (auto entry = in_memory.begin(); entry != in_memory.end();) {
    WEIR_ASSIGN_OR_RETURN(const bool spilled, SpillRowsOf(entry->first));
    entry = spilled ? std::next(entry) : in_memory.erase(entry);
  }
  int64_t given_back = 0;
  for (Undo& undo : journal_) {
    if (in_memory.contains(undo.state)) given_back += std::exchange(undo.bytes, 0);
  }
  (void)rows_memory_.Grow(-given_back);
  spillable_ -= given_back;
  spill_from_ = spillable_ + std::max(target_->spill->most_in_memory() / kSpills, kLeastToSpill);
  return Status::OK();
}

/// False where there is no room for them.
Result<bool> TransactionImpl::SpillRowsOf(LeafState* state) {
  const std::vector<LogChanges::Rows>& added = state->log.added();
  while (state->spilled < added.size()) {
    arrow::RecordBatchVector batches;  // with the same columns
    for (size_t i = state->spilled; i < added.size(); ++i) {
      if (!batches.empty() && added[i].batch->schema() != batches.front()->schema()) break;
      batches.push_back(added[i].batch);
    }
    WEIR_ASSIGN_OR_RETURN(auto file, target_->spill->Put(batches));
    if (file == nullptr) return false;
    for (const auto& batch : file->batches()) {
      state->log.Replace(state->spilled++, arrow::RecordBatch::Make(batches.front()->schema(), batch->num_rows(),
                                                                    batch->columns()));
    }
    spilled_.push_back(std::move(file));
  }
  return true;
}

Status TransactionImpl::TakeMemory(const KeyChanges& keys, int64_t before) {
  if (keys_memory_.Grow((keys.num_keys() - before) * kBytesOfKey)) return Status::OK();
  return OutOfMemory("There is not enough for more keys of the transaction.");
}

/// The numbers of rows' keys.
Result<std::vector<int64_t>> TransactionImpl::TouchKeys(LeafState* state,
                                                        const std::shared_ptr<arrow::RecordBatch>& rows) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(rows, leaf.table->types));
  KeyEncoder encoder(leaf);
  const std::vector<int> columns = encoder.Columns();
  std::vector<int64_t> keys;
  keys.reserve(static_cast<size_t>(rows->num_rows()));
  const int64_t before = state->keys.num_keys();
  Arena arena;
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    for (const int column : columns) encoder.row()[column] = reader.ReadCell(i, column, &arena);
    WEIR_ASSIGN_OR_RETURN(const std::string_view key, encoder.Key());
    WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
    keys.push_back(state->keys.Touch(key, bucket));
  }
  WEIR_RETURN_NOT_OK(TakeMemory(state->keys, before));
  return keys;
}

Status TransactionImpl::PutKeys(LeafState* state, const std::shared_ptr<arrow::RecordBatch>& rows, KeyChanges::Op op) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> keys, TouchKeys(state, rows));
  const LockMode lock = op == KeyChanges::Op::kInsert ? kForUpdate : kForNoKeyUpdate;
  WEIR_RETURN_NOT_OK(LookUpUnchanged(state, keys, op, lock));
  if (op == KeyChanges::Op::kUpsert && !leaf.relation->indexes.empty()) {
    WEIR_ASSIGN_OR_RETURN(const auto replaced, RowsOfKeys(state, keys));
    WEIR_RETURN_NOT_OK(RemoveEntries(*state, replaced));
  }
  // A commit encodes them beside.
  WEIR_ASSIGN_OR_RETURN(const int64_t bytes, TakeMemory(2 * BatchBytes(*rows)));
  const KeyChanges::Mark before = state->keys.mark();
  const int64_t first = state->keys.AddRows(rows);
  for (int64_t i = 0; i < rows->num_rows(); ++i) {
    const int64_t key = keys[i];
    if (Exists(*state, key) && op == KeyChanges::Op::kInsert) {
      state->keys.RollbackTo(before);
      (void)rows_memory_.Grow(-bytes);
      return state->indexed ? DuplicateEntry(*state->indexed, leaf, rows, i) : DuplicateKey(leaf, rows, i);
    }
    state->keys.Change(key, op, first + i, statement_);
  }
  journal_.push_back({state, before, bytes});
  return Status::OK();
}

/// Locks keys that the transaction has not changed and finds out what the target holds for them.
Status TransactionImpl::LookUpUnchanged(LeafState* state, std::span<const int64_t> keys, KeyChanges::Op op,
                                        LockMode lock) {
  std::vector<int64_t> unchanged;
  for (const int64_t key : keys) {
    if (!state->keys.changed(key)) unchanged.push_back(key);
  }
  NoteFirstChange();
  if (!std::ranges::is_sorted(unchanged)) std::ranges::sort(unchanged);  // new keys come in the order of their numbers
  unchanged.erase(std::unique(unchanged.begin(), unchanged.end()), unchanged.end());
  if (is_on_log() && op == KeyChanges::Op::kDelete && lock == kForUpdate) state->lookups.Take(keys);
  const size_t mark = owner_->mark();
  const Status found = LockAndLookUp(state, unchanged, op, lock);
  if (!found.ok() && must_run_again_) WEIR_RETURN_NOT_OK(ReleaseGone(*state, unchanged, mark));
  return found;
}

Status TransactionImpl::LockAndLookUp(LeafState* state, std::span<const int64_t> keys, KeyChanges::Op op,
                                      LockMode lock) {
  WEIR_RETURN_NOT_OK(LockKeys(*state, keys, op, lock));
  if (is_on_log()) state->lookups.Note(keys, snapshot_at_);
  LookupsByBucket lookups;
  for (const int64_t key : keys) lookups[state->keys.bucket(key)].keys.push_back(key);
  std::vector<int32_t> buckets;
  for (const auto& [bucket, lookup] : lookups) buckets.push_back(bucket);
  WEIR_RETURN_NOT_OK(NoteEnds(state, buckets));
  if (op != KeyChanges::Op::kInsert) {
    TakeRowsRead(state, &lookups);
    TakeRowsSeen(state, &lookups);
  }
  WEIR_ASSIGN_OR_RETURN(const LookedUp looked_up, LookUp(*target_->gateway, *state->leaf, state->keys, &lookups));
  for (const auto& [bucket, lookup] : lookups) {
    for (size_t i = 0; i < lookup.keys.size(); ++i) {
      state->keys.SetStored(lookup.keys[i], StoredOf((*lookup.values)[i]));
    }
  }
  if (op == KeyChanges::Op::kInsert) return Status::OK();
  return CheckNotReplaced(*state, keys);
}

/// Notes where the changelogs of buckets end whose rows are about to be looked up.
Status TransactionImpl::NoteEnds(LeafState* state, const std::vector<int32_t>& buckets) {
  std::vector<int32_t> wanted;
  for (const int32_t bucket : buckets) {
    if (!state->looked_up_at.contains(bucket)) wanted.push_back(bucket);
  }
  if (wanted.empty()) return Status::OK();
  WEIR_ASSIGN_OR_RETURN(const auto ends,
                        EndOffsets(*target_->gateway, *state->leaf, wanted, OffsetSpec::Latest()));
  state->looked_up_at.insert(ends.begin(), ends.end());
  return Status::OK();
}

/// As KeepRead, for a scan of many rows, of which nothing is noted one by one: what it gives is there, and is as it
/// gives it until the changelogs say something else (CheckSeen). Not where they have done so since another statement
/// has looked.
Status TransactionImpl::NoteScan(LeafState* state) {
  WEIR_ASSIGN_OR_RETURN(const auto ends, EndOffsets(*target_->gateway, *state->leaf, BucketIds(*state->leaf),
                                                    OffsetSpec::Latest()));
  state->seen_in = statement_;
  for (const auto& [bucket, end] : ends) {
    const int64_t noted = state->looked_up_at.emplace(bucket, end).first->second;
    if (noted != end) state->seen_in = -1;
  }
  return Status::OK();
}

/// What the statement has read a moment ago is not looked up again.
void TransactionImpl::TakeRowsRead(LeafState* state, LookupsByBucket* lookups) const {
  if (state->rows_read == nullptr || state->rows_read->statement() != statement_) return;
  for (auto& [bucket, lookup] : *lookups) {
    std::erase_if(lookup.keys, [&, bucket = bucket](int64_t key) {
      const auto hash = state->rows_read->Find(bucket, state->keys.key(key));
      if (hash) state->keys.SetStored(key, {true, *hash});
      return hash.has_value();
    });
  }
  std::erase_if(*lookups, [](const auto& lookup) { return lookup.second.keys.empty(); });
}

/// Nor is what it has scanned: each row that it changes is one of those.
void TransactionImpl::TakeRowsSeen(LeafState* state, LookupsByBucket* lookups) const {
  if (state->seen_in != statement_) return;
  for (const auto& [bucket, lookup] : *lookups) {
    for (const int64_t key : lookup.keys) state->keys.SetStored(key, {.exists = true, .seen = true});
  }
  lookups->clear();
}

/// Whether keys, which are locked, are as the statement has seen them.
Status TransactionImpl::CheckNotReplaced(const LeafState& state, std::span<const int64_t> keys) {
  std::map<int32_t, CommitHistory::AllReplaced> all;
  for (const int64_t key : keys) {
    const int32_t bucket = state.keys.bucket(key);
    auto replaced = all.find(bucket);
    if (replaced == all.end()) {
      WEIR_ASSIGN_OR_RETURN(auto found, target_->history->Replaced(state.leaf->bucket(bucket), *snapshot_));
      replaced = all.emplace(bucket, std::move(found)).first;
    }
    const std::string_view name = state.keys.key(key);
    const bool newer =
        std::ranges::any_of(replaced->second, [&](const auto& commit) { return commit->keys.Find(name) >= 0; });
    if (newer) return ChangedSinceSnapshot(ConflictOver(*target_->gateway, state, key));
  }
  return Status::OK();
}

}  // namespace weir::sql
