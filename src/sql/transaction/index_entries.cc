#include "sql/transaction/index_entries.h"

#include <arrow/array/array_primitive.h>
#include <arrow/array/builder_base.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "client/arrow_split.h"
#include "sql/error.h"
#include "sql/transaction/key_forms.h"
#include "sql/transaction/value_text.h"
#include "types/arrow_rows.h"
#include "types/arrow_status.h"

namespace weir::sql {

std::vector<int> SourcesOf(const Relation& leaf, const SqlIndex& index) {
  std::vector<int> columns = KeyPositionsOf(index, leaf);
  if (!index.nulls_distinct) columns.push_back(-1);
  const std::vector<int> primary_key = leaf.PrimaryKey();
  columns.insert(columns.end(), primary_key.begin(), primary_key.end());
  return columns;
}

std::set<int> ColumnsOfEntries(const Relation& leaf, const SqlIndex& index) {
  const std::vector<int> sources = SourcesOf(leaf, index);
  std::set<int> columns(sources.begin(), sources.end());
  for (const int number : index.uses) columns.insert(leaf.ColumnNumbered(number));
  columns.erase(-1);
  if (columns.empty()) columns.insert(0);  // of constants alone: rows are counted by some column
  return columns;
}

namespace {

/// Puts an empty value in the place of every NULL.
Status FillNulls(std::shared_ptr<arrow::Array>* array) {
  if ((*array)->null_count() == 0) return Status::OK();
  std::unique_ptr<arrow::ArrayBuilder> builder;
  WEIR_RETURN_NOT_OK(FromArrow(arrow::MakeBuilder(arrow::default_memory_pool(), (*array)->type(), &builder)));
  for (int64_t row = 0; row < (*array)->length(); ++row) {
    WEIR_RETURN_NOT_OK(FromArrow((*array)->IsNull(row) ? builder->AppendEmptyValue()
                                                       : builder->AppendArraySlice(*(*array)->data(), row, 1)));
  }
  return FromArrow(builder->Finish(array));
}

/// Which values of the key are NULL, row by row, as SqlIndex says; these get an empty value instead.
Result<std::shared_ptr<arrow::Array>> TakeNulls(std::span<std::shared_ptr<arrow::Array>> key, int64_t num_rows) {
  arrow::Int64Builder builder;
  for (int64_t row = 0; row < num_rows; ++row) {
    int64_t nulls = 0;
    for (size_t i = 0; i < key.size(); ++i) nulls |= static_cast<int64_t>(key[i]->IsNull(row)) << i;
    WEIR_RETURN_NOT_OK(FromArrow(builder.Append(nulls)));
  }
  for (std::shared_ptr<arrow::Array>& column : key) WEIR_RETURN_NOT_OK(FillNulls(&column));
  return FromArrow(builder.Finish());
}

bool IsFalse(const arrow::BooleanArray& condition, int64_t row) {
  return condition.IsNull(row) || !condition.Value(row);
}

}  // namespace

Result<IndexEntries> EntriesOf(const Leaf& index, arrow::ArrayVector columns, const ComputedValues& computed,
                               int64_t num_rows) {
  const SqlIndex& definition = *index.relation->index;
  const size_t key_size = definition.columns.size();
  size_t next = 0;
  for (size_t i = 0; i < key_size; ++i) {
    if (definition.ExpressionAt(i) != nullptr) columns[i] = computed.expressions.at(next++);
    WEIR_ASSIGN_OR_RETURN(columns[i], InOneForm(std::move(columns[i]), index.relation->columns[i], definition.unique));
  }
  const std::span key(columns.begin(), key_size);
  if (!definition.nulls_distinct) {
    WEIR_ASSIGN_OR_RETURN(columns[key_size], TakeNulls(key, num_rows));
  }
  IndexEntries entries;
  for (int32_t row = 0; row < static_cast<int32_t>(num_rows); ++row) {
    const bool left_out = (computed.holds && IsFalse(*computed.holds, row)) ||
                          std::ranges::any_of(key, [&](const auto& column) { return column->IsNull(row); });
    if (!left_out) entries.rows.push_back(row);
  }
  entries.keys = arrow::RecordBatch::Make(index.table->arrow_schema, num_rows, std::move(columns));
  if (std::ssize(entries.rows) < num_rows) {
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
  const SqlIndex& definition = *index.relation->index;
  const int64_t nulls = definition.nulls_distinct ? 0 : values[definition.columns.size()].as_int();
  std::vector<std::string> texts;
  for (size_t i = 0; i < definition.columns.size(); ++i) {
    const bool is_null = (nulls >> i & 1) != 0;
    texts.push_back(ValueText(index.table->types[i], is_null ? Datum::Null() : values[i]));
  }
  const std::vector<std::string> names = KeyColumnsOf(definition, *leaf.relation);
  const std::string& name = index.relation->path.table;
  return Error("23505", fmt::format("duplicate key value violates unique constraint \"{}\"", name),
               {.detail = fmt::format("Key ({})=({}) already exists.", fmt::join(names, ", "), fmt::join(texts, ", ")),
                .schema = leaf.relation->path.database,
                .table = leaf.relation->path.table,
                .constraint = name,
                .row = row});
}

}  // namespace weir::sql
