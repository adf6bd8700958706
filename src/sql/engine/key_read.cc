#include "sql/engine/key_read.h"

#include <arrow/api.h>

#include <utility>

#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/key_lookup.h"
#include "sql/engine/leaf_cursor.h"
#include "sql/engine/results.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace weir::sql {

bool KeyRead::IsShownAsItLies() const {
  const Relation& relation = *table_.relation();
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  for (const int column : columns_) {
    types.push_back(table_.GetTypes()[static_cast<size_t>(column)]);
    names.push_back(relation.columns[static_cast<size_t>(column)].name);
  }
  auto properties = context_.GetClientProperties();
  const auto shown = ArrowSchemaOf(types, names, properties);
  for (size_t i = 0; i < columns_.size(); ++i) {
    const DataType& type = relation.columns[static_cast<size_t>(columns_[i])].data_type;
    if (!shown->field(static_cast<int>(i))->type()->Equals(*ToArrowType(type, LtzZone::kUtc))) return false;
  }
  return true;
}

std::optional<std::vector<KeyRead::Found>> KeyRead::Find(const Condition& key) const {
  const Relation& relation = *table_.relation();
  const KeyLookup lookup = FindKeys(context_, key, relation);
  Transaction& transaction = *SessionState::Of(context_).transaction;
  std::vector<Found> found;
  LeafCursor cursor(context_, table_, key);
  while (const RelationPtr leaf = cursor.Next()) {
    if (leaf->is_foreign()) return std::nullopt;
    LeafScanOptions options;
    options.columns = ColumnsInLeaf(relation, columns_, *leaf);
    options.row_ids = row_ids_;
    options.keys = lookup.keys;
    options.key_columns = ColumnsInLeaf(relation, lookup.columns, *leaf);
    for (const auto& reader : ValueOrThrow(transaction.Scan(leaf, options))) {
      while (auto batch = ValueOrThrow(reader->Next())) found.push_back({leaf, *std::move(batch)});
    }
  }
  return found;
}

std::optional<std::shared_ptr<arrow::RecordBatch>> KeyRead::Rows(const Condition& key) const {
  const auto found = Find(key);
  if (!found) return std::nullopt;
  if (found->empty()) return nullptr;
  if (found->size() == 1) return found->front().batch.rows;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const Found& one : *found) batches.push_back(one.batch.rows);
  return ValueOrThrow(FromArrow(arrow::ConcatenateRecordBatches(batches)));
}

}  // namespace weir::sql
