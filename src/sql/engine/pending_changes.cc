#include <arrow/util/byte_size.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/modify.h"
#include "sql/out_of_memory.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;

constexpr idx_t kFewRows = 64;
constexpr idx_t kFewAtFirst = 4;  // there may be many leaves with a row each
constexpr int64_t kMemoryStep = 1 << 20;
constexpr int64_t kFreeBytes = 64 << 10;  // what is less is not worth counting
constexpr int64_t kRowsOfPiece = 1 << 16;
constexpr int64_t kBytesAhead = 16 << 20;
constexpr int64_t kBytesOfOldRow = 96;  // about what one that was met takes, its key's bytes aside

std::shared_ptr<arrow::RecordBatch> ToBatch(const Relation& table, const Relation& leaf, DataChunk& rows,
                                            const duckdb::SelectionVector& chosen, idx_t count) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t i = 0; i < leaf.columns.size(); ++i) {
    const SqlColumn& column = leaf.columns[i];
    bool same_place = i < table.columns.size() && table.columns[i].name == column.name;
    int source = same_place ? static_cast<int>(i) : PositionOf(table, column.name);
    arrays.push_back(ToArray(column.data_type, rows.data[source], rows.size(), chosen, count));
    fields.push_back(arrow::field(column.name, arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), static_cast<int64_t>(count), std::move(arrays));
}

/// An error about a row of a piece is one about that row of all.
Status AboutRowBehind(const Status& status, int64_t rows_before) {
  ErrorFields fields = FieldsOf(status);
  if (rows_before == 0 || fields.row < 0) return status;
  fields.row += rows_before;
  return Error(std::move(fields));
}

std::shared_ptr<arrow::RecordBatch> Joined(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  if (batches.size() == 1) return batches[0];
  return ValueOrThrow(FromArrow(arrow::ConcatenateRecordBatches(batches)));
}

/// Rows that nothing is in the way of, as they have no keys: those that come may be added before others are deleted,
/// and which of them fails is of no consequence.
bool MayGoAhead(const Relation& leaf) {
  return leaf.PrimaryKey().empty() && leaf.indexes.empty() && !leaf.is_foreign();
}

/// Gives a leaf its rows in pieces, so that they do not lie there twice. Those of a leaf with indexes go at once, as
/// all entries of old rows go before new ones come; and those of a file, which is written whole.
void GiveRows(const Relation& leaf, const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches,
              const std::function<Status(const std::shared_ptr<arrow::RecordBatch>&)>& take) {
  const bool at_once = !leaf.indexes.empty() || leaf.is_foreign();
  int64_t given = 0;
  std::vector<std::shared_ptr<arrow::RecordBatch>> piece;
  int64_t rows = 0;
  for (size_t i = 0; i < batches.size(); ++i) {
    piece.push_back(batches[i]);
    rows += batches[i]->num_rows();
    if (i + 1 < batches.size() && (rows < kRowsOfPiece || at_once)) continue;
    ThrowNotOk(AboutRowBehind(take(Joined(piece)), given));
    given += std::exchange(rows, 0);
    piece.clear();
  }
}

int64_t RemoveFrom(Transaction& transaction, const PendingChanges::Leaf& leaf, LockMode lock) {
  int64_t removed = 0;
  if (!leaf.met.positions.empty()) {
    removed += ValueOrThrow(transaction.Delete(leaf.relation, leaf.met.positions.Ascending(), lock));
  }
  if (!leaf.old.empty()) {
    arrow::BinaryBuilder builder;
    for (size_t i = 0; i < leaf.old.size(); ++i) {
      const auto number = static_cast<int64_t>(i);
      if (leaf.old[i] == PendingChanges::Old::kGoes) ThrowNotOk(FromArrow(builder.Append(leaf.met.keys.key(number))));
    }
    std::shared_ptr<arrow::BinaryArray> keys;
    ThrowNotOk(FromArrow(builder.Finish(&keys)));
    if (keys->length() > 0) removed += ValueOrThrow(transaction.Delete(leaf.relation, *keys, lock));
  }
  return removed;
}

}  // namespace

RelationPtr PendingChanges::RelationOf(int64_t leaf_id) { return LeafOf(leaf_id).relation; }

/// Rows come and go there.
PendingChanges::Leaf& PendingChanges::LeafOf(int64_t id) {
  Leaf& leaf = leaves_[id];
  if (!leaf.relation && id == table_.relation()->id) leaf.relation = table_.relation();
  if (!leaf.relation) leaf.relation = LockLeaf(context_, id, LockMode::kRowExclusive);
  return leaf;
}

void PendingChanges::Add(const RelationPtr& relation, DataChunk& rows, const duckdb::SelectionVector& chosen,
                         idx_t count, Write write) {
  Leaf& leaf = leaves_[relation->id];
  leaf.relation = relation;
  if (write == Write::kInsert && count < kFewRows) return Gather(leaf, rows, chosen, count);
  if (write == Write::kInsert) Flush(leaf);
  auto batch = ToBatch(*table_.relation(), *relation, rows, chosen, count);
  if (write == Write::kInsert) return KeepInserts(leaf, std::move(batch));
  leaf.upserts.push_back(Kept(std::move(batch)));
}

/// Arrays of a few values each cost more than their values: those rows wait for more of their leaf.
void PendingChanges::Gather(Leaf& leaf, DataChunk& rows, const duckdb::SelectionVector& chosen, idx_t count) {
  if (!leaf.few) {
    leaf.few = std::make_unique<DataChunk>();
    leaf.few->Initialize(duckdb::Allocator::DefaultAllocator(), table_.GetTypes(), kFewAtFirst);
  }
  duckdb::SelectionVector selection(chosen);
  leaf.few->Append(rows, true, &selection, count);
  if (leaf.few->size() >= STANDARD_VECTOR_SIZE) Flush(leaf);
}

void PendingChanges::Flush(Leaf& leaf) {
  if (!leaf.few) return;
  const duckdb::SelectionVector& all = *duckdb::FlatVector::IncrementalSelectionVector();
  auto batch = ToBatch(*table_.relation(), *leaf.relation, *leaf.few, all, leaf.few->size());
  leaf.few.reset();
  KeepInserts(leaf, std::move(batch));
}

/// The transaction gets many rows as they come, and spills them where it has to.
void PendingChanges::KeepInserts(Leaf& leaf, std::shared_ptr<arrow::RecordBatch> rows) {
  const int64_t bytes = arrow::util::TotalBufferSize(*rows);
  leaf.inserts.push_back(Kept(std::move(rows)));
  if (!MayGoAhead(*leaf.relation)) return;
  leaf.insert_bytes += bytes;
  ahead_bytes_ += bytes;
  if (ahead_bytes_ >= kBytesAhead) GiveAhead();
}

void PendingChanges::GiveAhead() {
  Transaction& transaction = *SessionState::Of(context_).transaction;
  for (auto& [id, leaf] : leaves_) {
    if (leaf.insert_bytes == 0) continue;
    const RelationPtr& relation = leaf.relation;
    GiveRows(*relation, leaf.inserts, [&](const auto& rows) { return transaction.Insert(relation, rows); });
    leaf.inserts.clear();
    bytes_ -= std::exchange(leaf.insert_bytes, 0);
  }
  ahead_bytes_ = 0;
}

void PendingChanges::TakeMemory(int64_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= std::max(memory_.bytes(), kFreeBytes) || memory_.Resize(bytes_ + kMemoryStep)) return;
  Throw(OutOfMemory("There is not enough for the rows that the statement changes."));
}

std::shared_ptr<arrow::RecordBatch> PendingChanges::Kept(std::shared_ptr<arrow::RecordBatch> rows) {
  TakeMemory(arrow::util::TotalBufferSize(*rows));
  return rows;
}

bool PendingChanges::Meet(int64_t leaf_id, std::optional<RowPosition> position, std::string_view key, Old old) {
  if (met_.Has(leaf_id, position, key)) return false;
  Leaf& leaf = LeafOf(leaf_id);
  PositionSet& positions = leaf.met.positions;
  const size_t groups = positions.groups();
  const bool fresh = position ? positions.Insert(*position) : leaf.met.keys.Insert(key).second;
  if (fresh && !position) leaf.old.push_back(old);
  if (fresh && (!position || positions.groups() > groups)) {
    const int64_t bytes = position ? PositionSet::kMostBytes : kBytesOfOldRow + static_cast<int64_t>(key.size());
    met_bytes_ += bytes;
    TakeMemory(bytes);
  }
  removals_ += fresh && old == Old::kGoes;
  return fresh;
}

void PendingChanges::Leaves(int64_t leaf_id, std::string_view key) {
  Leaf& leaf = LeafOf(leaf_id);
  const auto [number, fresh] = leaf.met.keys.Insert(key);
  if (fresh) leaf.old.push_back(Old::kGoes);
  leaf.old[static_cast<size_t>(number)] = Old::kGoes;
  ++removals_;
}

int64_t PendingChanges::Apply(Transaction& transaction, LockMode lock) {
  int64_t removed = 0;
  for (auto& [id, leaf] : leaves_) removed += RemoveFrom(transaction, leaf, lock);
  for (auto& [id, leaf] : leaves_) {
    const RelationPtr& relation = leaf.relation;
    GiveRows(*relation, leaf.upserts, [&](const auto& rows) { return transaction.Upsert(relation, rows); });
  }
  for (auto& [id, leaf] : leaves_) Flush(leaf);  // all, before any is given what it keeps: rows may go ahead here, too
  for (auto& [id, leaf] : leaves_) {
    const RelationPtr& relation = leaf.relation;
    GiveRows(*relation, leaf.inserts, [&](const auto& rows) {
      return relation->is_foreign() ? write_foreign_(relation, *rows) : transaction.Insert(relation, rows);
    });
  }
  return removed;
}

void PendingChanges::Forget() {
  if (met_.wanted()) {
    std::map<int64_t, MetRowsOfLeaf> rows;
    for (auto& [id, leaf] : leaves_) rows[id] = std::move(leaf.met);
    (void)memory_.Resize(met_bytes_);
    met_.Add(std::move(rows), std::exchange(memory_, MemoryReservation(budget_)));
  }
  leaves_.clear();
  bytes_ = 0;
  ahead_bytes_ = 0;
  (void)memory_.Resize(0);
}

}  // namespace weir::sql
