#include "storage/row_schemas.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/initial_default.h"

namespace weir {
namespace {

int PositionOfColumn(const Schema& schema, int column_id) {
  for (int i = 0; i < schema.num_columns(); ++i) {
    if (schema.column(i).id == column_id) return i;
  }
  return -1;
}

std::vector<int> SourceColumns(const Schema& latest, const Schema& schema) {
  std::vector<int> source;
  for (const Column& column : latest.columns()) source.push_back(PositionOfColumn(schema, column.id));
  bool same = latest.num_columns() == schema.num_columns();
  for (int i = 0; same && i < latest.num_columns(); ++i) same = source[i] == i;
  if (same) source.clear();
  return source;
}

}  // namespace

Result<std::unique_ptr<RowSchemas>> RowSchemas::Make(std::shared_ptr<const TableContext> table) {
  const RowFormat format =
      table->options.kv_format == KvFormat::kIndexed ? RowFormat::kIndexed : RowFormat::kCompacted;
  auto schemas = std::unique_ptr<RowSchemas>(new RowSchemas(table, format));
  auto latest = std::make_unique<RowSchema>(
      RowSchema{table->schema_id, table->descriptor.schema, table->descriptor.schema.types(), {}});
  schemas->latest_ = latest.get();
  WEIR_ASSIGN_OR_RETURN(schemas->initial_defaults_,
                        InitialDefaults(latest->schema, &schemas->initial_default_values_));
  schemas->schemas_.emplace(table->schema_id, std::move(latest));
  return schemas;
}

Result<const RowSchema*> RowSchemas::Get(int32_t id) {
  if (id == latest_->id) return latest_;
  if (const auto it = schemas_.find(id); it != schemas_.end()) return it->second.get();
  WEIR_RETURN_NOT_OK(CheckSchemaId(*table_, id));
  WEIR_ASSIGN_OR_RETURN(Schema schema, table_->schema_by_id(id));
  auto entry = std::make_unique<RowSchema>();
  entry->id = id;
  entry->types = schema.types();
  entry->source = SourceColumns(latest_->schema, schema);
  entry->schema = std::move(schema);
  return schemas_.emplace(id, std::move(entry)).first->second.get();
}

Status RowSchemas::Decode(int32_t id, std::string_view bytes, Arena* arena, std::span<Datum> row) {
  WEIR_ASSIGN_OR_RETURN(const RowSchema* schema, Get(id));
  if (schema->source.empty()) return DecodeRow(format_, schema->types, bytes, arena, row);
  scratch_.assign(schema->types.size(), Datum::Null());
  WEIR_RETURN_NOT_OK(DecodeRow(format_, schema->types, bytes, arena, scratch_));
  Upgrade(*schema, scratch_, row);
  return Status::OK();
}

void RowSchemas::Upgrade(const RowSchema& schema, RowView from, std::span<Datum> to) const {
  for (size_t i = 0; i < to.size(); ++i) {
    const int source = schema.source.empty() ? static_cast<int>(i) : schema.source[i];
    to[i] = source < 0 ? initial_defaults_[i] : from[source];
  }
}

}  // namespace weir
