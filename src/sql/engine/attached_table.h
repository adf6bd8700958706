#pragma once

#include "sql/catalog/catalog.h"
#include "sql/engine/duckdb_headers.h"

namespace weir::sql {

/// Virtual columns: where a row stands (what UPDATE and DELETE need), and PostgreSQL's tableoid and ctid.
inline constexpr duckdb::column_t kLeafColumn = UINT64_C(9223372036854776008);
inline constexpr duckdb::column_t kPositionColumn = kLeafColumn + 1;
inline constexpr duckdb::column_t kKeyColumn = kLeafColumn + 2;
inline constexpr duckdb::column_t kTableOidColumn = kLeafColumn + 3;
inline constexpr duckdb::column_t kCtidColumn = kLeafColumn + 4;  // made of kPositionColumn

/// A relation as DuckDB sees it: immutable, kept by the statements that use it.
class AttachedTable : public duckdb::TableCatalogEntry {
 public:
  /// Throws when a default value cannot be read.
  static std::shared_ptr<AttachedTable> Make(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema,
                                             RelationPtr relation, bool of_view, RelationPtr checking,
                                             bool with_heirs);
  AttachedTable(duckdb::Catalog& catalog, duckdb::SchemaCatalogEntry& schema, duckdb::CreateTableInfo& info,
                RelationPtr relation, bool of_view, RelationPtr checking, bool with_heirs);

  const RelationPtr& relation() const { return relation_; }
  /// A view's query names it: what its owner may do is checked elsewhere (EngineSession::CheckViewUses).
  bool of_view() const { return of_view_; }
  /// The view that stands for the table and whose CHECK OPTION holds rows that come in; null: none.
  const RelationPtr& checking() const { return checking_; }
  /// Its rows are read with those of the tables that inherit from it: no key is unique among them.
  bool with_heirs() const { return with_heirs_; }

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext& context,
                                                           duckdb::column_t column) override;
  duckdb::TableFunction GetScanFunction(duckdb::ClientContext& context,
                                        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override;
  duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext& context) override;
  duckdb::virtual_column_map_t GetVirtualColumns() const override;
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override;

 private:
  RelationPtr relation_;
  bool of_view_ = false;
  RelationPtr checking_;
  bool with_heirs_ = false;
};

/// The type of a virtual column; INVALID for other numbers.
duckdb::LogicalType VirtualColumnType(duckdb::column_t column);

}  // namespace weir::sql
