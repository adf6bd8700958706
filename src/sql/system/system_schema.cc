#include "sql/system/system_schema.h"

#include <algorithm>
#include <cctype>

#include "duckdb/catalog/catalog_entry/view_catalog_entry.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "sql/engine/attached_table.h"
#include "sql/engine/errors.h"
#include "sql/engine/scan_identity.h"
#include "sql/system/kwdb_tables.h"
#include "sql/system/system_definitions.h"

namespace weir::sql {
namespace {

using duckdb::CatalogEntry;
using duckdb::idx_t;

constexpr const char* kPasswordTable = "pg_authid";  // superusers' alone
constexpr const char* kRelationName = "relname";

struct SystemScanData : public duckdb::TableFunctionData {
  std::string table;
  std::vector<SystemColumn> columns;
  int64_t oid = 0;
  duckdb::optional_ptr<duckdb::TableCatalogEntry> entry;
  SystemKeys keys;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    auto copy = duckdb::make_uniq<SystemScanData>();
    copy->table = table;
    copy->columns = columns;
    copy->oid = oid;
    copy->entry = entry;
    copy->keys = keys;
    return copy;
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& scan = other.Cast<SystemScanData>();
    return table == scan.table && keys == scan.keys;
  }
};

struct SystemScanState : public duckdb::GlobalTableFunctionState {
  std::unique_ptr<SystemRows> rows;
  duckdb::vector<duckdb::column_t> columns;
  int64_t oid = 0;
  size_t next = 0;
};

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartSystemScan(duckdb::ClientContext& context,
                                                               duckdb::TableFunctionInitInput& input) {
  const auto& data = input.bind_data->Cast<SystemScanData>();
  auto state = duckdb::make_uniq<SystemScanState>();
  state->rows = RowsOfSystemTable(SourcesOf(context), data.table, data.columns, data.keys);
  state->columns = input.column_ids;
  state->oid = data.oid;
  return state;
}

void ScanSystemTable(duckdb::ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  auto& state = input.global_state->Cast<SystemScanState>();
  const size_t rows = state.rows ? state.rows->size() : 0;
  const size_t count = std::min<size_t>(rows - state.next, STANDARD_VECTOR_SIZE);
  for (size_t i = 0; i < state.columns.size(); ++i) {
    if (state.columns[i] == kTableOidColumn) output.data[i].Reference(duckdb::Value::BIGINT(state.oid));
    if (duckdb::IsVirtualColumn(state.columns[i])) continue;  // else only counted
    for (size_t row = 0; row < count; ++row) {
      output.SetValue(i, row, state.rows->Get(state.next + row, state.columns[i]));
    }
  }
  state.next += count;
  output.SetCardinality(count);
}

/// The name of the table's column that an expression is; empty: it is something else.
std::string ColumnNamed(const duckdb::LogicalGet& get, const duckdb::Expression& expression,
                        const SystemScanData& data) {
  if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) return {};
  const auto& ids = get.GetColumnIds();
  const idx_t at = expression.Cast<duckdb::BoundColumnRefExpression>().binding.column_index;
  const idx_t column = at < ids.size() ? ids[at].GetPrimaryIndex() : data.columns.size();
  return column < data.columns.size() ? data.columns[column].name : std::string();
}

/// NULL for what is no constant.
duckdb::Value ConstantIn(const duckdb::Expression& expression) {
  const bool constant = expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT;
  return constant ? expression.Cast<duckdb::BoundConstantExpression>().value : duckdb::Value();
}

/// The only name that a pattern matches, as psql writes it: ^(name)$.
std::optional<std::string> NameOfPattern(const std::string& pattern) {
  if (pattern.size() < 5 || !pattern.starts_with("^(") || !pattern.ends_with(")$")) return std::nullopt;
  std::string name = pattern.substr(2, pattern.size() - 4);
  const bool plain = std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? std::optional(std::move(name)) : std::nullopt;
}

/// column = constant, in either order, or relname ~ '^(name)$'.
void ReadKey(const duckdb::LogicalGet& get, const duckdb::Expression& filter, SystemScanData* data) {
  if (filter.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION) {
    const auto& call = filter.Cast<duckdb::BoundFunctionExpression>();
    if (!call.function.name.starts_with("pg.nameregexeq") || call.children.size() != 2) return;
    const duckdb::Value pattern = ConstantIn(*call.children[1]);
    if (pattern.IsNull() || pattern.type().id() != duckdb::LogicalTypeId::VARCHAR) return;
    auto name = NameOfPattern(duckdb::StringValue::Get(pattern));
    if (name && ColumnNamed(get, *call.children[0], *data) == kRelationName) data->keys.relname = std::move(name);
    return;
  }
  if (filter.GetExpressionType() != duckdb::ExpressionType::COMPARE_EQUAL) return;
  const auto& comparison = filter.Cast<duckdb::BoundComparisonExpression>();
  const auto* const left = comparison.left.get();
  const auto* const right = comparison.right.get();
  for (const auto& [side, other] : {std::pair(left, right), std::pair(right, left)}) {
    const std::string column = ColumnNamed(get, *side, *data);
    const duckdb::Value value = ConstantIn(*other);
    if (column.empty() || value.IsNull()) continue;
    if (value.type().id() == duckdb::LogicalTypeId::BIGINT) data->keys.emplace(column, duckdb::BigIntValue::Get(value));
    const bool name = column == kRelationName && value.type().id() == duckdb::LogicalTypeId::VARCHAR;
    if (name) data->keys.relname = duckdb::StringValue::Get(value);
  }
}

void ReadKeys(duckdb::ClientContext&, duckdb::LogicalGet& get, duckdb::FunctionData* bind_data,
              duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  for (const auto& filter : filters) ReadKey(get, *filter, &bind_data->Cast<SystemScanData>());
}

duckdb::BindInfo SystemTableOf(const duckdb::optional_ptr<duckdb::FunctionData> bind) {
  duckdb::optional_ptr<duckdb::TableCatalogEntry> entry = bind->Cast<SystemScanData>().entry;
  return duckdb::BindInfo(*entry);
}

class SystemTable : public duckdb::TableCatalogEntry {
 public:
  SystemTable(duckdb::Catalog& owner, duckdb::SchemaCatalogEntry& in, duckdb::CreateTableInfo& info,
              std::vector<SystemColumn> definition, int64_t table_oid)
      : TableCatalogEntry(owner, in, info), definition_(std::move(definition)), table_oid_(table_oid) {}

  duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext&, duckdb::column_t) override {
    return nullptr;
  }
  void BindUpdateConstraints(duckdb::Binder&, duckdb::LogicalGet&, duckdb::LogicalProjection&, duckdb::LogicalUpdate&,
                             duckdb::ClientContext&) override {
    Throw(Error("42501", "permission denied: \"" + name + "\" is a system catalog"));
  }
  duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext&) override { return {}; }
  duckdb::TableFunction GetScanFunction(duckdb::ClientContext& context,
                                        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override {
    if (name == kPasswordTable) {
      const SystemSources sources = SourcesOf(context);
      const bool may = access::IsAdmin(*sources.access, sources.role);
      if (!may) Throw(Error("42501", std::string("permission denied for table ") + kPasswordTable));
    }
    if (schema.name == kKwdbSchemaName && IsForAdmins(name)) {
      const SystemSources sources = SourcesOf(context);
      // SHOW RANGES and its like read the table that KWDB's error is about, too.
      const std::string table = name.find("ranges") == std::string::npos ? name : "ranges_no_leases";
      if (!access::IsAdmin(*sources.access, sources.role)) {
        Throw(Error("42501", "only users with the admin role are allowed to read kwdb_internal." + table));
      }
    }
    auto data = duckdb::make_uniq<SystemScanData>();
    data->table = name;
    data->columns = definition_;
    data->oid = table_oid_;
    data->entry = this;
    bind_data = std::move(data);
    duckdb::TableFunction scan("weir_system", {}, ScanSystemTable, nullptr, StartSystemScan);
    scan.projection_pushdown = true;
    scan.pushdown_complex_filter = ReadKeys;
    scan.get_bind_info = SystemTableOf;
    TakeScansForDifferent(&scan);
    return scan;
  }
  duckdb::virtual_column_map_t GetVirtualColumns() const override {
    duckdb::virtual_column_map_t hidden;
    hidden.emplace(kTableOidColumn, duckdb::TableColumn("tableoid", VirtualColumnType(kTableOidColumn)));
    hidden.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN));
    return hidden;
  }
  duckdb::vector<duckdb::column_t> GetRowIdColumns() const override { return {}; }

 private:
  const std::vector<SystemColumn> definition_;
  const int64_t table_oid_;
};

SystemDefinition Definition(std::span<const SystemDefinition> definitions, std::string_view name) {
  for (const SystemDefinition& definition : definitions) {
    if (definition.name == name) return definition;
  }
  return {};
}

}  // namespace

std::span<const SystemDefinition> TablesOfSchema(std::string_view schema) {
  if (schema == kToolkitSchemaName) return ToolkitTables();
  if (schema == kKwdbSchemaName) return KwdbTables();
  if (schema == kInformationSchemaName) return InformationTables();
  return schema == kCatalogSchemaName ? CatalogTables() : std::span<const SystemDefinition>();
}

std::span<const SystemDefinition> ViewsOfSchema(std::string_view schema) {
  if (schema == kInformationSchemaName) return InformationViews();
  return schema == kCatalogSchemaName ? CatalogViews() : std::span<const SystemDefinition>();
}

std::unique_ptr<AttachedSchema> MakeSystemSchema(duckdb::Catalog& catalog, duckdb::CreateSchemaInfo& info) {
  return std::make_unique<SystemSchema>(catalog, info);
}

SystemSources SourcesOf(duckdb::ClientContext& context) {
  CatalogView& view = SessionState::ViewOf(context);
  const auto state = context.registered_state->Get<SessionState>(SessionState::kKey);
  return {view, state->database, state->temporary, *state->parameters, state->access, state->role,
          state->session_role, state->user, &state->sessions, state->locality};
}

SystemSchema::SystemSchema(duckdb::Catalog& duck_catalog, duckdb::CreateSchemaInfo& info)
    : AttachedSchema(duck_catalog, info) {}

void SystemSchema::Scan(duckdb::ClientContext&, duckdb::CatalogType, const std::function<void(CatalogEntry&)>&) {}

duckdb::optional_ptr<CatalogEntry> SystemSchema::LookupEntry(duckdb::CatalogTransaction,
                                                             const duckdb::EntryLookupInfo& lookup) {
  const auto kind = lookup.GetCatalogType();
  if (kind != duckdb::CatalogType::TABLE_ENTRY && kind != duckdb::CatalogType::VIEW_ENTRY) return nullptr;
  MutexLock lock(mutex_);
  auto& entry = entries_[lookup.GetEntryName()];
  if (!entry) entry = MakeEntry(lookup.GetEntryName());
  return entry.get();
}

duckdb::unique_ptr<CatalogEntry> SystemSchema::MakeEntry(const std::string& entry) {
  const SystemDefinition table = Definition(TablesOfSchema(name), entry);
  if (!table.text.empty()) {
    duckdb::CreateTableInfo info;
    info.catalog = catalog.GetName();
    info.schema = name;
    info.table = entry;
    std::vector<SystemColumn> definition = ReadColumns(table.text);
    for (const SystemColumn& column : definition) {
      info.columns.AddColumn(duckdb::ColumnDefinition(column.name, SystemType(column.type)));
    }
    return duckdb::make_uniq<SystemTable>(catalog, *this, info, std::move(definition), table.oid);
  }
  const std::string_view query = Definition(ViewsOfSchema(name), entry).text;
  if (query.empty()) return nullptr;
  duckdb::CreateViewInfo info(catalog.GetName(), name, entry);
  info.query = duckdb::CreateViewInfo::ParseSelect(std::string(query));
  return duckdb::make_uniq<duckdb::ViewCatalogEntry>(catalog, *this, info);
}

}  // namespace weir::sql
