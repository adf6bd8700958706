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

std::unique_ptr<KeyRead> KeyRead::Of(duckdb::ClientContext& context, const AttachedTable& table,
                                     std::vector<int> columns) {
  const Relation& relation = *table.relation();
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  for (const int column : columns) {
    types.push_back(table.GetTypes()[static_cast<size_t>(column)]);
    names.push_back(relation.columns[static_cast<size_t>(column)].name);
  }
  auto properties = context.GetClientProperties();
  const auto shown = ArrowSchemaOf(types, names, properties);
  for (size_t i = 0; i < columns.size(); ++i) {
    const DataType& type = relation.columns[static_cast<size_t>(columns[i])].data_type;
    if (!shown->field(static_cast<int>(i))->type()->Equals(*ToArrowType(type, LtzZone::kUtc))) return nullptr;
  }
  return std::unique_ptr<KeyRead>(new KeyRead(context, table, std::move(columns)));
}

std::optional<std::shared_ptr<arrow::RecordBatch>> KeyRead::Run(const Condition& key) const {
  const Relation& relation = *table_.relation();
  const KeyLookup lookup = FindKeys(context_, key, relation);
  Transaction& transaction = *SessionState::Of(context_).transaction;
  std::vector<std::shared_ptr<arrow::RecordBatch>> found;
  LeafCursor cursor(context_, table_, key);
  while (const RelationPtr leaf = cursor.Next()) {
    if (leaf->is_foreign()) return std::nullopt;
    LeafScanOptions options;
    options.columns = ColumnsInLeaf(relation, columns_, *leaf);
    options.keys = lookup.keys;
    options.key_columns = ColumnsInLeaf(relation, lookup.columns, *leaf);
    for (const auto& reader : ValueOrThrow(transaction.Scan(leaf, options))) {
      while (auto batch = ValueOrThrow(reader->Next())) found.push_back(std::move(batch->rows));
    }
  }
  if (found.empty()) return nullptr;
  return found.size() == 1 ? found.front() : ValueOrThrow(FromArrow(arrow::ConcatenateRecordBatches(found)));
}

}  // namespace weir::sql
