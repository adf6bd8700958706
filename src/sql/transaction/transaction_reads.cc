// Reading leaves: whole, or by keys.
#include <algorithm>
#include <numeric>
#include <set>

#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

std::vector<TableBucket> Buckets(const Leaf& leaf) {
  std::vector<TableBucket> buckets;
  for (const int32_t id : BucketIds(leaf)) buckets.push_back(leaf.bucket(id));
  return buckets;
}

/// Whether the answer is there and says so.
bool IsEmpty(const HighWatermarks& high_watermarks, int32_t bucket) {
  if (!high_watermarks.done() || !high_watermarks.Wait().ok()) return false;
  const auto found = high_watermarks.Wait()->find(bucket);
  return found != high_watermarks.Wait()->end() && found->second.ok() && *found->second == 0;
}

/// Of an empty leaf nobody asks what was deleted.
/// `ends`: where others commit as well.
Result<LeafSnapshot> ReadSnapshot(const TargetState& target, const Leaf& leaf, CommitHistory::Snapshot number,
                                  AskedEnds* ends) {
  LeafSnapshot snapshot;
  const std::vector<int32_t> ids = BucketIds(leaf);
  snapshot.high_watermarks = target.gateway->ListOffsets(leaf.table->info.table_id, leaf.relation->fluss_partition,
                                                         ids, OffsetSpec::Latest());
  if (ends != nullptr) snapshot.asked = ends->Add(snapshot.high_watermarks);
  const bool empty = std::ranges::all_of(ids, [&](int32_t id) { return IsEmpty(snapshot.high_watermarks, id); });
  if (!empty) {
    WEIR_ASSIGN_OR_RETURN(snapshot.deleted, target.history->Deleted(Buckets(leaf), number));
  }
  return snapshot;
}

/// Of what a snapshot sees of a leaf; `own`: its own changes there.
std::vector<std::unique_ptr<LeafReader>> LogReaders(const LeafScanPtr& scan, const LeafSnapshot& snapshot,
                                                    const std::shared_ptr<const LogChanges::View>& own) {
  const Leaf& leaf = *scan->leaf;
  std::vector<std::unique_ptr<LeafReader>> readers;
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) {
    if (IsEmpty(snapshot.high_watermarks, id)) continue;
    DeletedRows deleted = snapshot.deleted[id];
    if (own != nullptr && own->deleted.contains(id)) {
      auto both = std::make_shared<OffsetSet>(*deleted);
      both->Add(own->deleted.at(id));
      deleted = std::move(both);
    }
    readers.push_back(ReadLogBucket(scan, leaf.bucket(id), snapshot.high_watermarks, std::move(deleted)));
  }
  if (own != nullptr && !own->added.empty()) readers.push_back(ReadAddedRows(scan, own));
  return readers;
}

/// The columns of a scan's keys, as places in the leaf's table.
std::vector<int> KeyPlaces(const Leaf& leaf, const LeafScanOptions& options) {
  std::vector<int> places;
  for (const int column : options.key_columns) places.push_back(leaf.PlaceOf(column));
  return places;
}

/// Reads a scan's keys into an encoder's row.
class KeyRows {
 public:
  static Result<KeyRows> Make(const Leaf& leaf, const LeafScanOptions& options) {
    KeyRows rows;
    std::vector<DataType> types;
    rows.places_ = KeyPlaces(leaf, options);
    for (const int place : rows.places_) types.push_back(leaf.table->types[static_cast<size_t>(place)]);
    WEIR_ASSIGN_OR_RETURN(rows.reader_, ArrowRowReader::Make(options.keys, types));
    return rows;
  }

  /// What it reads stays valid as long as this does.
  void Read(int64_t row, KeyEncoder* encoder) {
    for (size_t i = 0; i < places_.size(); ++i) {
      encoder->row()[static_cast<size_t>(places_[i])] = reader_->ReadCell(row, static_cast<int>(i), arena_.get());
    }
  }

 private:
  std::vector<int> places_;
  std::optional<ArrowRowReader> reader_;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
};

/// The same for the first columns of keys: in the bucket that these say, or in any.
Result<std::optional<WantedKeys>> KeyPrefixes(const Leaf& leaf, const LeafScanOptions& options) {
  const std::vector<int> given = KeyPlaces(leaf, options);
  const std::vector<int>& key = leaf.table->layout.primary_key;
  const bool first = given.size() <= key.size() &&
                     std::is_permutation(given.begin(), given.end(), key.begin(), key.begin() + std::ssize(given));
  if (given.empty() || !first) return std::optional<WantedKeys>();
  const bool placed = std::ranges::all_of(
      leaf.table->layout.bucket_key, [&](int column) { return std::ranges::find(given, column) != given.end(); });
  KeyEncoder encoder(leaf);
  WEIR_ASSIGN_OR_RETURN(KeyRows rows, KeyRows::Make(leaf, options));
  std::map<int32_t, std::set<std::string>> prefixes;
  for (int64_t row = 0; row < options.keys->num_rows(); ++row) {
    rows.Read(row, &encoder);
    WEIR_ASSIGN_OR_RETURN(const std::string_view prefix, encoder.Prefix(given.size()));
    std::vector<int32_t> buckets = BucketIds(leaf);
    if (placed) {
      WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
      buckets = {bucket};
    }
    for (const int32_t bucket : buckets) prefixes[bucket].emplace(prefix);
  }
  WantedKeys wanted{.prefixes = true};
  for (const auto& [bucket, list] : prefixes) wanted.keys[bucket].assign(list.begin(), list.end());
  return std::optional(std::move(wanted));
}

std::vector<std::string> AllOf(const WantedKeys& wanted) {
  std::vector<std::string> all;
  for (const auto& [bucket, keys] : wanted.keys) all.insert(all.end(), keys.begin(), keys.end());
  return all;
}

}  // namespace

std::vector<int32_t> BucketIds(const Leaf& leaf) {
  std::vector<int32_t> ids(static_cast<size_t>(leaf.num_buckets()));
  for (int32_t id = 0; id < leaf.num_buckets(); ++id) ids[id] = id;
  return ids;
}

Result<std::map<int32_t, int64_t>> EndOffsets(Gateway& gateway, const Leaf& leaf, const std::vector<int32_t>& buckets,
                                              OffsetSpec spec) {
  const auto answer =
      gateway.ListOffsets(leaf.table->info.table_id, leaf.relation->fluss_partition, buckets, spec).Wait();
  if (!answer.ok()) return answer.status();
  std::map<int32_t, int64_t> offsets;
  for (const auto& [bucket, offset] : *answer) {
    if (!offset.ok()) return offset.status().WithContext(leaf.bucket(bucket).ToString());
    offsets[bucket] = *offset;
  }
  for (const int32_t bucket : buckets) {
    if (!offsets.contains(bucket)) return Error("XX000", leaf.bucket(bucket).ToString() + " has no offsets");
  }
  return offsets;
}

Result<std::optional<WantedKeys>> WholeKeys(const Leaf& leaf, const LeafScanOptions& options) {
  KeyEncoder encoder(leaf);
  const std::vector<int> given = KeyPlaces(leaf, options);
  const bool whole = std::ranges::all_of(
      encoder.Columns(), [&](int column) { return std::ranges::find(given, column) != given.end(); });
  if (!whole) return std::optional<WantedKeys>();
  WEIR_ASSIGN_OR_RETURN(KeyRows rows, KeyRows::Make(leaf, options));
  WantedKeys wanted;
  std::set<std::string> seen;
  for (int64_t row = 0; row < options.keys->num_rows(); ++row) {
    rows.Read(row, &encoder);
    WEIR_ASSIGN_OR_RETURN(const std::string_view key, encoder.Key());
    const auto [kept, is_new] = seen.emplace(key);
    WEIR_ASSIGN_OR_RETURN(const int32_t bucket, encoder.Bucket());
    if (is_new) wanted.keys[bucket].push_back(*kept);
  }
  return std::optional(std::move(wanted));
}

Result<std::optional<WantedKeys>> KeysOfScan(const Leaf& leaf, const LeafScanOptions& options) {
  if (options.keys == nullptr) return std::optional<WantedKeys>();
  WEIR_ASSIGN_OR_RETURN(auto whole, WholeKeys(leaf, options));
  if (whole) return whole;
  return KeyPrefixes(leaf, options);
}

std::unique_ptr<LeafReader> ReadWanted(const LeafScanPtr& scan, const WantedKeys& wanted, int32_t bucket) {
  const TableBucket place = scan->leaf->bucket(bucket);
  const std::vector<std::string>& keys = wanted.keys.at(bucket);
  return wanted.prefixes ? ReadKeyPrefixes(scan, place, keys) : ReadKeys(scan, place, keys);
}

/// Whether neither the transaction's changes nor its commit have to do with a leaf that is read.
Result<bool> TransactionImpl::IsOnlyRead(const RelationPtr& relation) {
  WEIR_RETURN_NOT_OK(EnsureSnapshot());
  if (level_ == IsolationLevel::kSerializable || relation == nullptr || relation->table == nullptr) return false;
  return !leaves_.contains({relation->table->table_id, relation->fluss_partition});
}

/// The same for all scans of a statement.
Result<LeafSnapshot> TransactionImpl::SnapshotOf(const Leaf& leaf) {
  const auto known = leaf_snapshots_.find(leaf.id());
  if (known != leaf_snapshots_.end()) return known->second;
  WEIR_ASSIGN_OR_RETURN(LeafSnapshot snapshot, ReadSnapshot(*target_, leaf, *snapshot_, ends_.get()));
  return leaf_snapshots_.emplace(leaf.id(), std::move(snapshot)).first->second;
}

/// Of a log leaf without own changes: what takes long is not done under the mutex, at which the threads of a scan of
/// many leaves would stand one behind the other.
Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenUntouched(const LeafPtr& leaf,
                                                                                const LeafScanOptions& options) {
  WEIR_ASSIGN_OR_RETURN(const auto scan, MakeLeafScan(leaf, options));
  scan->history = target_->history;
  scan->read_before = target_->read_before;
  std::optional<LeafSnapshot> snapshot;
  {
    MutexLock lock(mutex_);
    scan->snapshot = *snapshot_;
    scan->ends = ends_;
    const auto known = leaf_snapshots_.find(leaf->id());
    if (known != leaf_snapshots_.end()) snapshot = known->second;
  }
  if (!snapshot) {
    WEIR_ASSIGN_OR_RETURN(snapshot, ReadSnapshot(*target_, *leaf, scan->snapshot, scan->ends.get()));
    MutexLock lock(mutex_);
    // The first one's holds for all.
    snapshot = leaf_snapshots_.emplace(leaf->id(), *std::move(snapshot)).first->second;
  }
  scan->asked = snapshot->asked;
  return LogReaders(scan, *snapshot, nullptr);
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::Scan(const RelationPtr& relation,
                                                                       const LeafScanOptions& options) {
  LeafState untouched;
  {
    MutexLock lock(mutex_);
    WEIR_ASSIGN_OR_RETURN(const bool leaves_no_trace, IsOnlyRead(relation));
    if (!leaves_no_trace || MayKeepRead(relation, options)) return ScanNoted(relation, options, leaves_no_trace);
    WEIR_ASSIGN_OR_RETURN(untouched.leaf, target_->leaves->Get(relation));
    if (untouched.leaf->keyed()) return OpenReaders(&untouched, options);
  }
  return OpenUntouched(untouched.leaf, options);
}

/// Of a leaf of which the transaction remembers what it has to do with it; a statement may read very many others.
Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::ScanNoted(const RelationPtr& relation,
                                                                            const LeafScanOptions& options,
                                                                            bool leaves_no_trace) {
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  if (!leaves_no_trace) Read(state);
  if (level_ == IsolationLevel::kSerializable && changed() && ChangedByOthers(*state->leaf)) {
    return NotSerializable(*state->leaf, "conflict out checking");  // nor would the commit be taken
  }
  return OpenReaders(state, options);
}

/// A log leaf of which the statement sees what all see; null: it is another one.
LeafPtr TransactionImpl::FindUnchanged(const RelationPtr& relation) {
  if (!target_->gateway->is_embedded() || level_ == IsolationLevel::kSerializable) return nullptr;
  if (!relation->table || !EnsureSnapshot().ok()) return nullptr;
  const auto state = leaves_.find({relation->table->table_id, relation->fluss_partition});
  if (state != leaves_.end() && state->second.changed()) return nullptr;
  const auto leaf = target_->leaves->Get(relation);
  return leaf.ok() && !(*leaf)->keyed() ? *leaf : nullptr;
}

std::optional<LeafBounds> TransactionImpl::BoundsOf(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  const LeafPtr leaf = FindUnchanged(relation);
  if (leaf == nullptr) return std::nullopt;
  const auto snapshot = SnapshotOf(*leaf);
  const auto scan = OpenScan(leaf, {});
  if (!snapshot.ok() || !snapshot->high_watermarks.Wait().ok() || !scan.ok()) return std::nullopt;
  LeafBounds bounds;
  std::vector<ColumnBounds> columns(leaf->table->types.size());
  for (const auto& [bucket, end] : *snapshot->high_watermarks.Wait()) {
    if (!end.ok()) return std::nullopt;
    const auto known = target_->bounds->AddTo(*(*scan)->plan, leaf->bucket(bucket), *end, &columns);
    if (!known.ok() || !*known) return std::nullopt;
    bounds.rows += *end;
  }
  for (int i = 0; i < leaf->num_columns(); ++i) bounds.columns.push_back(columns[leaf->PlaceOf(i)]);
  return bounds;
}

std::optional<int64_t> TransactionImpl::CountRows(const RelationPtr& relation) {
  MutexLock lock(mutex_);
  const LeafPtr leaf = FindUnchanged(relation);
  if (leaf == nullptr) return std::nullopt;
  const auto snapshot = SnapshotOf(*leaf);
  const auto starts = EndOffsets(*target_->gateway, *leaf, BucketIds(*leaf), OffsetSpec::Earliest());
  if (!snapshot.ok() || !snapshot->high_watermarks.Wait().ok() || !starts.ok()) return std::nullopt;
  int64_t rows = 0;
  for (const auto& [id, high_watermark] : *snapshot->high_watermarks.Wait()) {
    if (!high_watermark.ok()) return std::nullopt;
    if (*high_watermark == 0) continue;
    const TableBucket bucket = leaf->bucket(id);
    const auto end = target_->history->EndOfLog(bucket, *snapshot_, *high_watermark);
    if (!end.ok() || end->offset != *high_watermark || !end->unseen.empty()) return std::nullopt;
    const int64_t start = starts->at(id);
    const auto records = target_->bounds->CountRecords(bucket, start, *high_watermark);
    const OffsetSet& deleted = *snapshot->deleted[static_cast<size_t>(id)];
    // Of the rows that were deleted, some may be gone with the log's first segments.
    if (!records || (start > 0 && !deleted.empty())) return std::nullopt;
    rows += *records - deleted.size();
  }
  return rows;
}

std::optional<int64_t> TransactionImpl::RowsAbout(const Relation& leaf) const {
  if (!target_->gateway->is_embedded()) return std::nullopt;
  std::vector<int32_t> buckets(static_cast<size_t>(leaf.table->num_buckets()));
  std::iota(buckets.begin(), buckets.end(), 0);
  const auto ends =
      target_->gateway->ListOffsets(leaf.table->table_id, leaf.fluss_partition, buckets, OffsetSpec::Latest());
  if (!ends.Wait().ok()) return std::nullopt;
  int64_t rows = 0;
  for (const auto& [bucket, end] : *ends.Wait()) rows += end.ok() ? *end : 0;
  return rows;
}

Result<std::shared_ptr<LeafScan>> TransactionImpl::OpenScan(const LeafPtr& leaf,
                                                            const LeafScanOptions& options) const {
  WEIR_ASSIGN_OR_RETURN(auto scan, MakeLeafScan(leaf, options));
  scan->history = target_->history;
  scan->read_before = target_->read_before;
  scan->snapshot = *snapshot_;
  return scan;
}

/// Whether the rows that a scan reads may be those that the statement is about to change by their keys.
bool TransactionImpl::MayKeepRead(const RelationPtr& relation, const LeafScanOptions& options) const {
  return options.row_ids && !is_on_log() && !relation->PrimaryKey().empty();
}

/// Has the scan note what it reads. Nobody else can change a row without its lock but a Fluss client, whom the end of
/// the changelog gives away at the commit: it is noted before the row is read.
Status TransactionImpl::KeepRead(LeafState* state, const WantedKeys& wanted, LeafScan* scan) {
  std::vector<int32_t> buckets;
  for (const auto& [bucket, keys] : wanted.keys) buckets.push_back(bucket);
  WEIR_RETURN_NOT_OK(NoteEnds(state, buckets));
  if (state->rows_read == nullptr || state->rows_read->statement() != statement_) {
    state->rows_read = std::make_shared<RowsRead>(statement_);
  }
  scan->rows_read = state->rows_read;
  return Status::OK();
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenKeyReaders(LeafState* state,
                                                                                 const LeafScanOptions& options) {
  const Leaf& leaf = *state->leaf;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  if (!state->keys.empty()) scan->own_keys = state->keys.ViewOf(statement_);
  WEIR_ASSIGN_OR_RETURN(auto wanted, KeysOfScan(leaf, options));
  std::optional<std::vector<std::string>> own_keys;  // an index's entries do not say which own rows are wanted
  const bool whole = wanted && !wanted->prefixes;
  if (whole && scan->own_keys != nullptr) own_keys = AllOf(*wanted);
  if (MayKeepRead(leaf.relation, options)) {
    const bool few = whole && wanted->are_few();
    WEIR_RETURN_NOT_OK(few ? KeepRead(state, *wanted, scan.get()) : NoteScan(state));
  }
  if (!wanted && options.keys != nullptr) {
    WEIR_ASSIGN_OR_RETURN(wanted, KeysByIndex(*state, options));
  }
  std::vector<std::unique_ptr<LeafReader>> readers;
  if (wanted) {
    for (const auto& [bucket, keys] : wanted->keys) readers.push_back(ReadWanted(scan, *wanted, bucket));
  } else {
    for (const TableBucket& bucket : Buckets(leaf)) readers.push_back(ReadKeyBucket(scan, bucket));
  }
  if (scan->own_keys == nullptr || !scan->own_keys->has_rows()) return readers;
  readers.push_back(ReadAddedKeys(scan, own_keys));
  return readers;
}

Result<std::vector<std::unique_ptr<LeafReader>>> TransactionImpl::OpenReaders(LeafState* state,
                                                                              const LeafScanOptions& options) {
  if (state->leaf->keyed()) return OpenKeyReaders(state, options);
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  WEIR_ASSIGN_OR_RETURN(const LeafSnapshot snapshot, SnapshotOf(*state->leaf));
  scan->ends = ends_;
  scan->asked = snapshot.asked;
  return LogReaders(scan, snapshot, state->log.empty() ? nullptr : state->log.ViewOf(statement_));
}

}  // namespace weir::sql
