#include "sql/engine/heir_changes.h"

#include <arrow/api.h>

#include <algorithm>
#include <numeric>

#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/leaf_cursor.h"

namespace weir::sql {
namespace {

using duckdb::DataChunk;
using duckdb::idx_t;
using duckdb::SelectionVector;

constexpr int64_t kChunk = STANDARD_VECTOR_SIZE;

/// As the rows of a heir are written: by itself alone.
std::shared_ptr<AttachedTable> Attached(const AttachedTable& target, const RelationPtr& heir) {
  auto& table = const_cast<AttachedTable&>(target);
  return AttachedTable::Make(table.catalog, table.schema, heir, target.of_view(), target.checking(), false);
}

}  // namespace

HeirChanges::HeirChanges(duckdb::ClientContext& context, const AttachedTable& target, RelationPtr heir)
    : context_(context), heir_(std::move(heir)), table_(Attached(target, heir_)), own_(context, *table_, {}) {
  target_types_ = target.GetTypes();
  std::vector<int> columns(target_types_.size());
  std::iota(columns.begin(), columns.end(), 0);
  places_ = ColumnsInLeaf(*target.relation(), columns, *heir_);
  own_.router.ShowColumns(places_);
  reads_old_ = places_.size() < heir_->columns.size() || own_.keys.wanted();
}

DataChunk& HeirChanges::ChunkFor(int64_t number, const duckdb::vector<duckdb::LogicalType>& types, Chunks* chunks) {
  while (static_cast<int64_t>(chunks->size()) <= number / kChunk) {
    chunks->push_back(std::make_unique<DataChunk>());
    chunks->back()->Initialize(context_, types);
  }
  return *(*chunks)[static_cast<size_t>(number / kChunk)];
}

void HeirChanges::Add(std::optional<RowPosition> position, std::string_view key, const NewRow& new_row) {
  const bool goes = new_row.columns.empty();
  if (goes && !own_.keys.wanted()) return;
  const auto number = static_cast<int64_t>(goes_.size());
  if (position) {
    positions_.emplace(*position, number);
  } else {
    keys_.Insert(key);
  }
  goes_.push_back(goes);
  DataChunk& rows = ChunkFor(number, target_types_, &new_rows_);
  const auto at = static_cast<idx_t>(number % kChunk);
  for (size_t i = 0; i < target_types_.size(); ++i) {
    if (goes) {
      duckdb::FlatVector::SetNull(rows.data[i], at, true);
      continue;
    }
    duckdb::VectorOperations::Copy(new_row.chunk.data[new_row.columns[i]], rows.data[i], new_row.row + 1, new_row.row,
                                   at);
  }
  rows.SetCardinality(at + 1);
}

int64_t HeirChanges::NumberOf(const LeafBatch& batch, int64_t row) const {
  if (!batch.positions) return keys_.Find(batch.keys->GetView(row));
  const auto found = positions_.find(batch.positions->Value(row));
  return found == positions_.end() ? -1 : found->second;
}

/// Rows that were met one after the other are copied together.
void HeirChanges::TakeOld(const LeafBatch& batch, int64_t first, idx_t count) {
  struct Run {
    idx_t row = 0;
    idx_t count = 0;
    int64_t number = 0;
  };
  std::vector<Run> runs;
  for (idx_t row = 0; row < count; ++row) {
    const int64_t number = NumberOf(batch, first + static_cast<int64_t>(row));
    if (number < 0) continue;
    ++found_;
    const bool goes_on = !runs.empty() && runs.back().row + runs.back().count == row && number % kChunk != 0 &&
                         runs.back().number + static_cast<int64_t>(runs.back().count) == number;
    if (!goes_on) runs.push_back({row, 0, number});
    ++runs.back().count;
  }
  if (runs.empty()) return;
  const auto& types = table_->GetTypes();
  for (size_t i = 0; i < types.size(); ++i) {
    duckdb::Vector values(types[i], count);
    ToVector(heir_->columns[i].data_type, batch.rows->column(static_cast<int>(i)), first, count, values);
    for (const Run& run : runs) {
      DataChunk& rows = ChunkFor(run.number, types, &old_rows_);
      duckdb::VectorOperations::Copy(values, rows.data[i], run.row + run.count, run.row,
                                     static_cast<idx_t>(run.number % kChunk));
    }
  }
}

void HeirChanges::ReadOld() {
  LeafScanOptions options;
  options.row_ids = true;
  options.columns.resize(heir_->columns.size());
  std::iota(options.columns.begin(), options.columns.end(), 0);
  for (const auto& reader : ValueOrThrow(own_.transaction.Scan(heir_, options))) {
    while (const auto batch = ValueOrThrow(reader->Next())) {
      if (context_.interrupted) throw duckdb::InterruptException();
      for (int64_t first = 0; first < batch->rows->num_rows(); first += kChunk) {
        TakeOld(*batch, first, static_cast<idx_t>(std::min(kChunk, batch->rows->num_rows() - first)));
      }
    }
  }
  if (found_ == static_cast<int64_t>(goes_.size())) return;
  Throw(Error("40001", "could not serialize access due to concurrent update"));
}

void HeirChanges::Complete() {
  if (goes_.empty()) return;
  if (reads_old_) ReadOld();
  for (size_t i = 0; i < new_rows_.size(); ++i) Write(i);
}

void HeirChanges::Write(size_t chunk) {
  DataChunk given;
  given.InitializeEmpty(table_->GetTypes());
  if (reads_old_) given.Reference(*old_rows_[chunk]);
  given.SetCardinality(new_rows_[chunk]->size());
  for (size_t i = 0; i < places_.size(); ++i) {
    given.data[static_cast<size_t>(places_[i])].Reference(new_rows_[chunk]->data[i]);
  }
  SelectionVector updated(STANDARD_VECTOR_SIZE);
  SelectionVector deleted(STANDARD_VECTOR_SIZE);
  idx_t updates = 0;
  idx_t deletes = 0;
  for (idx_t row = 0; row < given.size(); ++row) {
    const bool goes = goes_[chunk * static_cast<size_t>(kChunk) + row];
    goes ? deleted.set_index(deletes++, row) : updated.set_index(updates++, row);
  }
  given.Slice(updated, updates);
  std::vector<RoutedRows> groups;
  DataChunk made;
  DataChunk& rows = updates > 0 ? own_.generated.Complete(given, &made) : given;
  if (updates > 0) groups = own_.router.Route(rows);
  for (const RoutedRows& group : groups) own_.pending.Add(group.leaf, rows, group.rows, group.count);
  if (!own_.keys.wanted()) return;
  old_rows_[chunk]->SetCardinality(new_rows_[chunk]->size());
  KeepKeys(*old_rows_[chunk], rows, groups, updated, deleted, deletes);
}

/// What the foreign keys from and to the heir are held to.
void HeirChanges::KeepKeys(DataChunk& old_rows, DataChunk& new_rows, const std::vector<RoutedRows>& groups,
                           const SelectionVector& updated, const SelectionVector& deleted, idx_t deletes) {
  auto types = table_->GetTypes();
  types.insert(types.begin(), duckdb::LogicalType::BIGINT);
  DataChunk before;
  before.InitializeEmpty(types);
  before.data[0].Reference(duckdb::Value::BIGINT(heir_->id));
  std::vector<idx_t> places;
  for (idx_t i = 0; i < old_rows.ColumnCount(); ++i) {
    before.data[i + 1].Reference(old_rows.data[i]);
    places.push_back(i + 1);
  }
  before.SetCardinality(old_rows.size());
  for (const RoutedRows& group : groups) {
    SelectionVector old_of_group(group.count);
    for (idx_t i = 0; i < group.count; ++i) old_of_group.set_index(i, updated.get_index(group.rows.get_index(i)));
    own_.keys.AddUpdated({before, 0, places, old_of_group}, {new_rows, group.rows, heir_->id}, group.count);
  }
  if (deletes > 0) own_.keys.AddDeleted({before, 0, places, deleted}, deletes);
}

void HeirChanges::Apply() {
  own_.pending.Apply(own_.transaction);
  own_.pending.Forget();
  own_.keys.Give();
  own_.router.Give();
}

}  // namespace weir::sql
