#include "sql/transaction/index_entries.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/arrow_split.h"
#include "sql/error.h"
#include "sql/transaction/key_forms.h"
#include "sql/transaction/value_text.h"
#include "types/arrow_rows.h"

namespace weir::sql {

std::vector<int> SourcesOf(const Relation& leaf, const SqlIndex& index) {
  std::vector<int> columns = KeyPositionsOf(index, leaf);
  const std::vector<int> primary_key = leaf.PrimaryKey();
  columns.insert(columns.end(), primary_key.begin(), primary_key.end());
  return columns;
}

Result<IndexEntries> EntriesOf(const Leaf& index, arrow::ArrayVector columns, int64_t num_rows) {
  const std::shared_ptr<arrow::Schema>& schema = index.table->arrow_schema;
  const size_t key_size = index.relation->index->columns.size();
  bool has_null = false;
  for (size_t i = 0; i < key_size; ++i) {
    WEIR_ASSIGN_OR_RETURN(columns[i], InOneForm(std::move(columns[i]), index.relation->columns[i]));
    has_null |= columns[i]->null_count() > 0;
  }
  IndexEntries entries;
  for (int32_t row = 0; row < static_cast<int32_t>(num_rows); ++row) {
    bool null = false;
    for (size_t i = 0; has_null && i < key_size; ++i) null |= columns[i]->IsNull(row);
    if (!null) entries.rows.push_back(row);
  }
  entries.keys = arrow::RecordBatch::Make(schema, num_rows, std::move(columns));
  if (has_null) {
    WEIR_ASSIGN_OR_RETURN(entries.keys, TakeRows(entries.keys, entries.rows));
  }
  return entries;
}

Status DuplicateEntry(const Leaf& leaf, const Leaf& index, const std::shared_ptr<arrow::RecordBatch>& keys,
                      int64_t row) {
  WEIR_ASSIGN_OR_RETURN(const ArrowRowReader reader, ArrowRowReader::Make(keys, index.table->types));
  std::vector<Datum> values(index.table->types.size());
  Arena arena;
  reader.Read(row, &arena, values);
  std::vector<std::string> texts;
  for (size_t i = 0; i < index.relation->index->columns.size(); ++i) {
    texts.push_back(ValueText(index.table->types[i], values[i]));
  }
  const std::vector<std::string> names = KeyColumnsOf(*index.relation->index, *leaf.relation);
  const std::string& name = index.relation->path.table;
  return Error("23505", fmt::format("duplicate key value violates unique constraint \"{}\"", name),
               {.detail = fmt::format("Key ({})=({}) already exists.", fmt::join(names, ", "), fmt::join(texts, ", ")),
                .table = leaf.relation->path.table,
                .constraint = name,
                .row = row});
}

}  // namespace weir::sql
