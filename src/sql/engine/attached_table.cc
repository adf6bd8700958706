#include "sql/engine/attached_table.h"

#include "sql/catalog/domain.h"
#include "sql/duckdb/column_names.h"
#include "sql/duckdb/definition.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/plan_access.h"
#include "sql/engine/scan.h"
#include "sql/engine/table_change.h"
#include "sql/engine/types.h"

namespace weir::sql {
namespace {

duckdb::unique_ptr<duckdb::ParsedExpression> DefaultOf(const std::string& text, const SqlColumn& column) {
  const postgres::Settings plain;  // its text means the same in every session
  return ValueOrThrow(duck::EmitColumnValue(text, analyze::DefinitionPart::kDefault, column, plain))
      .expression;
}

}  // namespace

std::shared_ptr<AttachedTable> AttachedTable::Make(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
                                                   RelationPtr relation, bool of_view, RelationPtr checking,
                                                   bool with_heirs) {
  duckdb::CreateTableInfo info;
  info.catalog = catalog.GetName();
  info.schema = schema.name;
  info.table = relation->path.table;
  for (size_t i = 0; i < relation->columns.size(); ++i) {
    const SqlColumn& column = relation->columns[i];
    duckdb::ColumnDefinition definition(duck::AttachedColumnName(relation->columns, i), ToDuckType(column.data_type));
    if (const auto text = DefaultTextOf(column)) definition.SetDefaultValue(DefaultOf(*text, column));
    info.columns.AddColumn(std::move(definition));
  }
  auto key = relation->PrimaryKey();
  if (!key.empty() && !with_heirs) {
    duckdb::vector<std::string> names;
    for (int column : key) names.push_back(duck::AttachedColumnName(relation->columns, static_cast<size_t>(column)));
    info.constraints.push_back(duckdb::make_uniq<duckdb::UniqueConstraint>(std::move(names), true));
  }
  return std::make_shared<AttachedTable>(catalog, schema, info, std::move(relation), of_view, std::move(checking),
                                         with_heirs);
}

AttachedTable::AttachedTable(duckdb::Catalog& duck_catalog, duckdb::SchemaCatalogEntry& duck_schema,
                             duckdb::CreateTableInfo& info, RelationPtr relation, bool of_view, RelationPtr checking,
                             bool with_heirs)
    : TableCatalogEntry(duck_catalog, duck_schema, info), relation_(std::move(relation)), of_view_(of_view),
      checking_(std::move(checking)), with_heirs_(with_heirs) {
  oid = static_cast<duckdb::idx_t>(relation_->id);
}

duckdb::unique_ptr<duckdb::BaseStatistics> AttachedTable::GetStatistics(duckdb::ClientContext&, duckdb::column_t) {
  return nullptr;
}

duckdb::TableFunction AttachedTable::GetScanFunction(duckdb::ClientContext& context,
                                                     duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
  return MakeScan(context, *this, bind_data);
}

duckdb::TableStorageInfo AttachedTable::GetStorageInfo(duckdb::ClientContext&) {
  duckdb::TableStorageInfo info;
  auto key = relation_->PrimaryKey();
  if (key.empty() || with_heirs_) return info;
  duckdb::IndexInfo index;
  index.is_unique = true;
  index.is_primary = true;
  index.is_foreign = false;
  for (int column : key) index.column_set.insert(static_cast<duckdb::column_t>(column));
  info.index_info.push_back(std::move(index));
  return info;
}

duckdb::virtual_column_map_t AttachedTable::GetVirtualColumns() const {
  duckdb::virtual_column_map_t hidden;
  const duckdb::vector<duckdb::column_t> places = GetRowIdColumns();
  for (size_t i = 0; i < places.size(); ++i) {
    hidden.emplace(places[i], duckdb::TableColumn(kPlaceColumns[i], VirtualColumnType(places[i])));
  }
  hidden.emplace(kTableOidColumn, duckdb::TableColumn("tableoid", VirtualColumnType(kTableOidColumn)));
  hidden.emplace(kCtidColumn, duckdb::TableColumn("ctid", VirtualColumnType(kCtidColumn)));
  hidden.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN));
  return hidden;
}

duckdb::vector<duckdb::column_t> AttachedTable::GetRowIdColumns() const {
  return {kLeafColumn, kPositionColumn, kKeyColumn};
}

duckdb::LogicalType VirtualColumnType(duckdb::column_t column) {
  if (column == kKeyColumn) return duckdb::LogicalType::BLOB;
  if (column >= kLeafColumn && column <= kCtidColumn) return duckdb::LogicalType::BIGINT;
  if (column == duckdb::COLUMN_IDENTIFIER_EMPTY) return duckdb::LogicalType::BOOLEAN;
  return duckdb::LogicalType::INVALID;
}

}  // namespace weir::sql
