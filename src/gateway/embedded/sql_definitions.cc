#include "gateway/embedded/sql_definitions.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/key_codec.h"
#include "model/sql_marks.h"
#include "model/sql_tables.h"
#include "storage/key_layout.h"
#include "storage/row_schemas.h"

namespace weir {
namespace {

std::string TextIn(const Datum& datum) { return datum.is_null() ? "" : std::string(datum.as_bytes()); }

Result<nlohmann::json> ReadDefinitionJson(const TablePath& path, std::string_view text) {
  nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
  if (parsed.is_object()) return parsed;
  return Status(ErrorCode::kCorruptMessage, fmt::format("SQL's definition of '{}' is damaged", path.ToString()));
}

}  // namespace

Result<SqlDefinitions::Rows> SqlDefinitions::LookUp(const std::string& table, const std::vector<Datum>& key,
                                                    Arena* arena) {
  WEIR_ASSIGN_OR_RETURN(const CatalogTablePtr found, catalog_->FindTable(TablePath{kSystemDatabase, table}));
  if (found == nullptr) return Rows();
  const TableDescriptor& descriptor = found->info.descriptor;
  WEIR_ASSIGN_OR_RETURN(const KeyLayout layout, MakeKeyLayout(descriptor, found->options()));
  WEIR_ASSIGN_OR_RETURN(const auto schemas, RowSchemas::Make(found->context));
  std::vector<Datum> row(schemas->latest().types.size());
  std::copy(key.begin(), key.end(), row.begin());
  const bool whole = key.size() == layout.primary_key.size();
  std::string encoded;
  WEIR_RETURN_NOT_OK(EncodeKey(layout.primary_key_encoding, schemas->latest().types,
                               whole ? layout.primary_key : layout.bucket_key, row, &encoded));
  WEIR_ASSIGN_OR_RETURN(const auto bucket, registry_->Acquire(TableBucket{found->info.table_id, {}, 0}));
  std::vector<std::string> values;
  if (whole) {
    WEIR_ASSIGN_OR_RETURN(auto value, bucket->Lookup({encoded}));
    if (value.front()) values.push_back(std::move(*value.front()));
  } else {
    WEIR_ASSIGN_OR_RETURN(values, bucket->PrefixLookup(encoded));
  }
  Rows rows;
  for (const std::string& value : values) {
    WEIR_ASSIGN_OR_RETURN(const StoredValue stored, ParseStoredValue(arena->CopyBytes(value)));
    WEIR_RETURN_NOT_OK(schemas->Decode(stored.schema_id, stored.row, arena, row));
    rows.push_back(row);
  }
  return rows;
}

bool SqlDefinitions::IsIn(const TablePath& path) {
  return path.database == kSystemDatabase && (path.table == kRelationsTable || path.table == kPartitionsTable);
}

Result<std::optional<SqlDefinition>> SqlDefinitions::Find(const TablePath& path) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const Rows relations, LookUp(kRelationsTable, {Datum::Bytes(path.database),
                                                                       Datum::Bytes(path.table)}, &arena));
  if (relations.empty()) return std::optional<SqlDefinition>();
  const std::vector<Datum>& row = relations.front();
  SqlDefinition definition;
  definition.id = row[relations::kId].as_int();
  definition.path = path;
  std::string text = TextIn(row[relations::kDefinition]);
  if (!row[relations::kParentId].is_null()) {
    WEIR_ASSIGN_OR_RETURN(const Rows links, LookUp(kPartitionsTable,
                                                   {row[relations::kParentId], row[relations::kId]}, &arena));
    if (!links.empty()) {
      definition.parent = TablePath{TextIn(row[relations::kParentDatabase]), TextIn(row[relations::kParentName])};
      definition.parent_id = row[relations::kParentId].as_int();
      text = TextIn(links.front()[partitions::kDefinition]);
    }
  }
  if (text.empty()) return std::optional<SqlDefinition>();  // its making or dropping was cut short
  WEIR_ASSIGN_OR_RETURN(definition.json, ReadDefinitionJson(path, text));
  return std::optional(std::move(definition));
}

Result<std::vector<SqlDefinition>> SqlDefinitions::Partitions(int64_t parent_id) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const Rows links, LookUp(kPartitionsTable, {Datum::Int(parent_id)}, &arena));
  std::vector<SqlDefinition> partitions;
  for (const std::vector<Datum>& row : links) {
    SqlDefinition& partition = partitions.emplace_back();
    partition.id = row[partitions::kChild].as_int();
    partition.path = {TextIn(row[partitions::kChildDatabase]), TextIn(row[partitions::kChildName])};
    partition.parent_id = parent_id;
    WEIR_ASSIGN_OR_RETURN(partition.json, ReadDefinitionJson(partition.path, TextIn(row[partitions::kDefinition])));
  }
  return partitions;
}

Result<bool> SqlDefinitions::HasRelations(const std::string& database) {
  Arena arena;
  WEIR_ASSIGN_OR_RETURN(const Rows relations, LookUp(kRelationsTable, {Datum::Bytes(database)}, &arena));
  return !relations.empty();
}

}  // namespace weir
