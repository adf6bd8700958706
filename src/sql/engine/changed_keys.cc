#include "sql/engine/changed_keys.h"

#include <algorithm>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "sql/catalog/foreign_key.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"

namespace weir::sql {
namespace {

constexpr duckdb::idx_t kLeaves = 2;  // the columns before the values

}  // namespace

std::shared_ptr<duckdb::ColumnDataCollection> MakeChangedRows(
    const duckdb::vector<duckdb::LogicalType>& types_of_values) {
  duckdb::vector<duckdb::LogicalType> types(kLeaves, duckdb::LogicalType::BIGINT);
  for (int side = 0; side < 2; ++side) types.insert(types.end(), types_of_values.begin(), types_of_values.end());
  return std::make_shared<duckdb::ColumnDataCollection>(duckdb::Allocator::DefaultAllocator(), std::move(types));
}

KeyCollector::KeyCollector(duckdb::ClientContext& context, const AttachedTable& table)
    : given_(SessionState::Of(context).changed_keys) {
  const RelationPtr& relation = table.relation();
  CatalogView& catalog = SessionState::ViewOf(context);
  if (relation->marks.triggers_off || !SessionState::Of(context).holds_foreign_keys) return;
  if (given_ == nullptr || !ValueOrThrow(HasReferences(catalog, relation))) return;
  const bool referenced = !ValueOrThrow(KeysReferringTo(catalog, relation)).empty();
  keys_.table = relation;
  keys_.columns = ReferenceColumns(*relation, referenced);
  const auto of_table = table.GetTypes();
  duckdb::vector<duckdb::LogicalType> types;
  for (const int column : keys_.columns) types.push_back(of_table[static_cast<size_t>(column)]);
  keys_.rows = MakeChangedRows(types);
}

void KeyCollector::Append(const Before* before, const After* after, duckdb::idx_t count) {
  if (count == 0) return;
  const auto& types = keys_.rows->Types();
  duckdb::DataChunk chunk;
  chunk.InitializeEmpty(types);
  chunk.data[0].Reference(duckdb::Value(types[0]));
  chunk.data[1].Reference(after != nullptr ? duckdb::Value::BIGINT(after->leaf) : duckdb::Value(types[1]));
  if (before != nullptr) chunk.data[0].Slice(before->rows.data[before->leaf], before->chosen, count);
  const duckdb::idx_t width = keys_.columns.size();
  for (duckdb::idx_t i = 0; i < width; ++i) {
    const auto column = static_cast<size_t>(keys_.columns[i]);
    duckdb::Vector& old_values = chunk.data[kLeaves + i];
    duckdb::Vector& new_values = chunk.data[kLeaves + width + i];
    old_values.Reference(duckdb::Value(types[kLeaves + i]));
    new_values.Reference(duckdb::Value(types[kLeaves + width + i]));
    if (before != nullptr) old_values.Slice(before->rows.data[before->places[column]], before->chosen, count);
    if (after != nullptr) new_values.Slice(after->rows.data[column], after->chosen, count);
  }
  chunk.SetCardinality(count);
  keys_.rows->Append(chunk);
}

void KeyCollector::AddInserted(const After& after, duckdb::idx_t count) {
  keys_.inserts = true;
  Append(nullptr, &after, count);
}

void KeyCollector::AddDeleted(const Before& before, duckdb::idx_t count) {
  keys_.deletes = true;
  Append(&before, nullptr, count);
}

/// Rows that keep their values are of no consequence.
void KeyCollector::AddUpdated(const Before& before, const After& after, duckdb::idx_t count) {
  duckdb::SelectionVector old_rows(count);
  duckdb::SelectionVector new_rows(count);
  duckdb::idx_t changed = 0;
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const duckdb::idx_t old_row = before.chosen.get_index(i);
    const duckdb::idx_t new_row = after.chosen.get_index(i);
    const bool same = std::ranges::all_of(keys_.columns, [&](int place) {
      const auto column = static_cast<size_t>(place);
      return duckdb::Value::NotDistinctFrom(before.rows.GetValue(before.places[column], old_row),
                                            after.rows.GetValue(column, new_row));
    });
    if (same) continue;
    old_rows.set_index(changed, old_row);
    new_rows.set_index(changed++, new_row);
  }
  if (changed == 0) return;
  keys_.updates = true;
  const Before old_values{before.rows, before.leaf, before.places, old_rows};
  const After new_values{after.rows, new_rows, after.leaf};
  Append(&old_values, &new_values, changed);
}

void KeyCollector::AddWritten(const Before& before, const After& after, duckdb::idx_t count) {
  duckdb::SelectionVector inserted(count);
  duckdb::SelectionVector old_rows(count);
  duckdb::SelectionVector new_rows(count);
  duckdb::idx_t inserts = 0;
  duckdb::idx_t updates = 0;
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const duckdb::idx_t old_row = before.chosen.get_index(i);
    const duckdb::idx_t new_row = after.chosen.get_index(i);
    if (before.rows.GetValue(before.leaf, old_row).IsNull()) {
      inserted.set_index(inserts++, new_row);
      continue;
    }
    old_rows.set_index(updates, old_row);
    new_rows.set_index(updates++, new_row);
  }
  if (inserts > 0) AddInserted({after.rows, inserted, after.leaf}, inserts);
  if (updates == 0) return;
  AddUpdated({before.rows, before.leaf, before.places, old_rows}, {after.rows, new_rows, after.leaf}, updates);
}

void KeyCollector::Give() const {
  if (keys_.rows && keys_.rows->Count() > 0) given_->push_back(keys_);
}

}  // namespace weir::sql
