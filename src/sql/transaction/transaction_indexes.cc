// Unique indexes: PK tables whose rows are the keys of a leaf's rows.
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "client/arrow_split.h"
#include "sql/error.h"
#include "sql/transaction/transaction_impl.h"
#include "types/arrow_status.h"

namespace weir::sql {
namespace {

/// The columns of an index's table, of rows in the leaf's schema.
arrow::ArrayVector EntryArrays(const Leaf& leaf, const std::vector<int>& columns, const arrow::RecordBatch& rows) {
  arrow::ArrayVector arrays;
  for (const int column : columns) arrays.push_back(column < 0 ? nullptr : rows.column(leaf.PlaceOf(column)));
  return arrays;
}

/// The columns that an index computes something of, at their positions in the leaf's relation.
arrow::ArrayVector UsedArrays(const Leaf& leaf, const SqlIndex& index, const arrow::RecordBatch& rows) {
  arrow::ArrayVector arrays(leaf.relation->columns.size());
  for (const int number : index.uses) {
    const int column = leaf.relation->ColumnNumbered(number);
    if (column >= 0) arrays[static_cast<size_t>(column)] = rows.column(leaf.PlaceOf(column));
  }
  return arrays;
}

/// An error about an entry is one about the row whose it is.
Status AboutRow(const Status& status, const std::vector<int32_t>& rows) {
  ErrorFields fields = FieldsOf(status);
  if (fields.row < 0 || static_cast<size_t>(fields.row) >= rows.size()) return status;
  fields.row = rows[static_cast<size_t>(fields.row)];
  return Error(std::move(fields));
}

/// The primary keys of the rows whose entries these are.
Result<std::optional<WantedKeys>> KeysOfEntries(const Leaf& leaf, const LeafScanPtr& scan, const WantedKeys& wanted) {
  WantedKeys keys;
  for (const auto& [bucket, entries] : wanted.keys) {
    const auto reader = ReadWanted(scan, wanted, bucket);
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto found, reader->Next());
      if (!found) break;
      LeafScanOptions rows;
      rows.keys = found->rows;
      rows.key_columns = leaf.relation->PrimaryKey();
      WEIR_ASSIGN_OR_RETURN(const auto primary, WholeKeys(leaf, rows));
      if (!primary) return std::optional<WantedKeys>();
      for (const auto& [place, list] : primary->keys) std::ranges::copy(list, std::back_inserter(keys.keys[place]));
    }
  }
  return std::optional(std::move(keys));
}

/// Which parts of an index's key a scan has values for, along its keys' columns; none: it is another index.
std::vector<int> PartsWanted(const std::vector<int>& sources, const Relation& index, const LeafScanOptions& options) {
  std::vector<int> parts;
  if (options.index != nullptr) {
    const int known = options.index->id == index.id ? options.keys->num_columns() : 0;
    for (int part = 0; part < known; ++part) parts.push_back(part);
    return parts;
  }
  const auto size = std::ssize(options.key_columns);
  const bool first = size <= std::ssize(index.index->columns) && index.index->is_plain() &&
                     std::is_permutation(options.key_columns.begin(), options.key_columns.end(), sources.begin(),
                                         sources.begin() + size);
  if (!first) return parts;
  for (const int column : options.key_columns) {
    parts.push_back(static_cast<int>(std::ranges::find(sources, column) - sources.begin()));
  }
  return parts;
}

/// The entries of an index that a scan wants by the first parts of its key; nothing: it is another index.
std::optional<LeafScanOptions> EntriesWanted(const Relation& leaf, const RelationPtr& index,
                                             const LeafScanOptions& options) {
  const std::vector<int> sources = SourcesOf(leaf, *index->index);
  LeafScanOptions entries;
  entries.key_columns = PartsWanted(sources, *index, options);
  if (entries.key_columns.empty() || !HoldsAllWith(*index->index, leaf, entries.key_columns.size()))
    return std::nullopt;
  entries.keys = options.keys;
  const auto first_of_primary = std::ssize(sources) - std::ssize(leaf.PrimaryKey());
  for (auto i = first_of_primary; i < std::ssize(sources); ++i) entries.columns.push_back(static_cast<int>(i));
  return entries;
}

/// Rows with these of the relation's columns as the leaf's table has them, NULL in all others.
Result<std::shared_ptr<arrow::RecordBatch>> InSchema(const Leaf& leaf, const std::vector<int>& read,
                                                     const std::shared_ptr<arrow::RecordBatch>& rows) {
  const std::shared_ptr<arrow::Schema>& schema = leaf.table->arrow_schema;
  arrow::ArrayVector columns(static_cast<size_t>(schema->num_fields()));
  for (size_t i = 0; i < read.size(); ++i) columns[leaf.PlaceOf(read[i])] = rows->column(static_cast<int>(i));
  for (size_t place = 0; place < columns.size(); ++place) {
    if (columns[place]) continue;
    const auto& type = schema->field(static_cast<int>(place))->type();
    WEIR_ASSIGN_OR_RETURN(columns[place], FromArrow(arrow::MakeArrayOfNull(type, rows->num_rows())));
  }
  return arrow::RecordBatch::Make(schema, rows->num_rows(), std::move(columns));
}

}  // namespace

Result<TransactionImpl::Index> TransactionImpl::FindIndex(const LeafState& state, const RelationPtr& index) {
  WEIR_ASSIGN_OR_RETURN(LeafState* const found, Find(index));
  found->indexed = state.leaf;
  return Index{found, SourcesOf(*state.leaf->relation, *index->index)};
}

Result<std::vector<TransactionImpl::Index>> TransactionImpl::IndexesOf(const LeafState& state) {
  std::vector<Index> indexes;
  for (const RelationPtr& index : state.leaf->relation->indexes) {
    if (!index->has_storage()) continue;
    WEIR_ASSIGN_OR_RETURN(indexes.emplace_back(), FindIndex(state, index));
  }
  return indexes;
}

Result<IndexEntries> TransactionImpl::EntriesOfRows(const LeafState& state, const Index& index,
                                                    const arrow::RecordBatch& rows) {
  const Leaf& leaf = *state.leaf;
  const Relation& relation = *index.state->leaf->relation;
  ComputedValues computed;
  if (!relation.index->is_plain()) {
    if (index_values_ == nullptr) {
      return Error("XX000", fmt::format("nobody computes the keys of index \"{}\"", relation.path.table));
    }
    WEIR_ASSIGN_OR_RETURN(computed, index_values_->Of(*leaf.relation, relation,
                                                      UsedArrays(leaf, *relation.index, rows), rows.num_rows()));
  }
  return EntriesOf(*index.state->leaf, EntryArrays(leaf, index.columns, rows), computed, rows.num_rows());
}

/// The primary keys of the rows that a scan wants by the first columns of an index, as the statement sees it but for
/// own changes; nothing where there is no such index.
Result<std::optional<WantedKeys>> TransactionImpl::KeysByIndex(const LeafState& state, const LeafScanOptions& options) {
  // A cluster's clients write rows that have no entries.
  if (is_on_log()) return std::optional<WantedKeys>();
  for (const RelationPtr& relation : state.leaf->relation->indexes) {
    if (!relation->has_storage() || relation->table->schema().num_columns() == 0)
      continue;  // a server's Fluss door shows none
    const auto entries = EntriesWanted(*state.leaf->relation, relation, options);
    if (!entries) continue;
    WEIR_ASSIGN_OR_RETURN(const Index index, FindIndex(state, relation));
    WEIR_ASSIGN_OR_RETURN(const auto wanted, KeysOfScan(*index.state->leaf, *entries));
    if (!wanted) continue;
    WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(index.state->leaf, *entries));
    return KeysOfEntries(*state.leaf, scan, *wanted);
  }
  return std::optional<WantedKeys>();
}

Status TransactionImpl::AddEntries(const LeafState& state, const std::shared_ptr<arrow::RecordBatch>& rows) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  for (const Index& index : indexes) {
    WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(state, index, *rows));
    if (entries.rows.empty()) continue;
    const Status added = PutKeys(index.state, entries.keys, KeyChanges::Op::kInsert);
    if (!added.ok()) return AboutRow(added, entries.rows);
  }
  return Status::OK();
}

Status TransactionImpl::RemoveEntries(const LeafState& state, const arrow::RecordBatchVector& rows) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  for (const Index& index : indexes) {
    for (const auto& batch : rows) {
      WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(state, index, *batch));
      if (entries.rows.empty()) continue;
      WEIR_ASSIGN_OR_RETURN(const auto keys, TouchKeys(index.state, entries.keys));
      // Rows that are there have theirs, but for those that a cluster's clients write.
      if (!is_on_log()) index.state->seen_in = statement_;
      WEIR_RETURN_NOT_OK(DeleteNumbered(index.state, keys, kForUpdate).status());
    }
  }
  return Status::OK();
}

/// What RemoveEntries needs of a leaf's rows: the columns that the indexes' entries are made of, ascending. None where
/// no index has entries.
Result<LeafScanOptions> TransactionImpl::ReadOfEntries(const LeafState& state) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<Index> indexes, IndexesOf(state));
  std::set<int> columns;
  for (const Index& index : indexes) {
    columns.merge(ColumnsOfEntries(*state.leaf->relation, *index.state->leaf->relation->index));
  }
  LeafScanOptions options;
  options.row_ids = !state.leaf->keyed();
  options.columns.assign(columns.begin(), columns.end());
  return options;
}

/// The rows that stand under these keys now, of which each is locked and as the statement has seen it, for
/// RemoveEntries.
Result<arrow::RecordBatchVector> TransactionImpl::RowsOfKeys(LeafState* state, std::span<const int64_t> keys) {
  const Leaf& leaf = *state->leaf;
  std::map<int32_t, std::vector<std::string>> stored;
  std::map<size_t, std::vector<int32_t>> own;  // by the batch that was added
  for (const int64_t key : std::set<int64_t>(keys.begin(), keys.end())) {
    if (!state->keys.changed(key)) {
      if (state->keys.stored(key).exists) stored[state->keys.bucket(key)].emplace_back(state->keys.key(key));
      continue;
    }
    const int64_t row = state->keys.row(key);
    if (row < 0) continue;
    const auto& added = state->keys.added();
    const auto batch = std::ranges::upper_bound(added, row, {}, &KeyChanges::Rows::first) - added.begin() - 1;
    own[static_cast<size_t>(batch)].push_back(static_cast<int32_t>(row - added[static_cast<size_t>(batch)].first));
  }
  arrow::RecordBatchVector rows;
  for (const auto& [batch, indices] : own) {
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, state->keys.added()[batch].batch));
    WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), TakeRows(whole, indices));
  }
  if (stored.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const LeafScanOptions options, ReadOfEntries(*state));
  if (options.columns.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  for (auto& [bucket, names] : stored) {
    const auto reader = ReadKeys(scan, leaf.bucket(bucket), std::move(names));
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), InSchema(leaf, options.columns, batch->rows));
    }
  }
  return rows;
}

/// The rows of a log leaf at these places, for RemoveEntries. A chunk of offsets is read from the first to the last
/// that is wanted of it.
Result<arrow::RecordBatchVector> TransactionImpl::RowsAt(LeafState* state, const LogChanges::Deletions& wanted) {
  const Leaf& leaf = *state->leaf;
  arrow::RecordBatchVector rows;
  for (const LogChanges::Rows& added : state->log.added()) {
    std::vector<int32_t> indices;
    wanted.added.AppendMembers(added.first, added.first + added.batch->num_rows(), &indices);
    if (indices.empty()) continue;
    WEIR_ASSIGN_OR_RETURN(const auto whole, WithAllColumns(leaf, added.batch));
    WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), TakeRows(whole, indices));
  }
  if (wanted.stored.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const LeafScanOptions options, ReadOfEntries(*state));
  if (options.columns.empty()) return rows;
  WEIR_ASSIGN_OR_RETURN(const auto scan, OpenScan(state->leaf, options));
  for (const auto& [bucket, offsets] : wanted.stored) {
    for (const int64_t chunk : offsets.Chunks()) {
      const int64_t base = chunk << OffsetSet::kChunkBits;
      std::vector<int32_t> members;
      offsets.AppendMembers(base, base + (int64_t{1} << OffsetSet::kChunkBits), &members);
      const auto reader = ReadLogRange(scan, leaf.bucket(bucket), base + members.front(), base + members.back() + 1,
                                       std::make_shared<OffsetSet>());
      while (true) {
        WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
        if (!batch) break;
        std::vector<int32_t> indices;
        for (int64_t i = 0; i < batch->rows->num_rows(); ++i) {
          if (offsets.Contains(OffsetOf(batch->positions->Value(i)))) indices.push_back(static_cast<int32_t>(i));
        }
        if (indices.empty()) continue;
        WEIR_ASSIGN_OR_RETURN(const auto taken, TakeRows(batch->rows, indices));
        WEIR_ASSIGN_OR_RETURN(rows.emplace_back(), InSchema(leaf, options.columns, taken));
      }
    }
  }
  return rows;
}

Status TransactionImpl::BuildIndex(const RelationPtr& relation, const RelationPtr& index) {
  MutexLock lock(mutex_);
  WEIR_ASSIGN_OR_RETURN(LeafState* const state, Find(relation));
  WEIR_ASSIGN_OR_RETURN(const Index built, FindIndex(*state, index));
  Read(state);
  LeafScanOptions options;
  const std::set<int> read = ColumnsOfEntries(*relation, *index->index);
  options.columns.assign(read.begin(), read.end());
  WEIR_ASSIGN_OR_RETURN(const auto readers, OpenReaders(state, options));
  for (const auto& reader : readers) {
    while (true) {
      WEIR_ASSIGN_OR_RETURN(const auto batch, reader->Next());
      if (!batch) break;
      WEIR_ASSIGN_OR_RETURN(const auto rows, InSchema(*state->leaf, options.columns, batch->rows));
      WEIR_ASSIGN_OR_RETURN(const IndexEntries entries, EntriesOfRows(*state, built, *rows));
      if (entries.rows.empty()) continue;
      WEIR_RETURN_NOT_OK(PutKeys(built.state, entries.keys, KeyChanges::Op::kInsert));
    }
  }
  return Status::OK();
}

}  // namespace weir::sql
