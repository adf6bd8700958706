#include "sql/system/column_statistics.h"

#include "sql/access/targets.h"
#include "sql/catalog/catalog_ddl.h"
#include "sql/engine/errors.h"
#include "sql/system/catalog_names.h"
#include "sql/system/system_cells.h"

namespace weir::sql {
namespace {

using cells::Bool;
using cells::Getters;
using cells::GivenRows;
using cells::Int;
using cells::Text;
using duckdb::Value;

struct StatisticsRow {
  RelationPtr table;
  std::string schema;
  std::string column;
  ColumnStatistics found;
};

Value Real(double number) { return Value::FLOAT(static_cast<float>(number)); }

}  // namespace

bool MayRead(const SystemSources& sources, int64_t table) {
  if (!sources.access || access::IsAdmin(*sources.access, sources.role)) return true;
  const RelationPtr relation = ValueOrThrow(sources.catalog.FindById(table));
  if (!relation) return false;
  const access::Target target = ValueOrThrow(TargetOf(*sources.access, sources.catalog, *relation));
  return access::CheckPrivilege(*sources.access, sources.role, target, access::kSelect).ok();
}

std::unique_ptr<SystemRows> ColumnStatisticsRows(const SystemSources& sources,
                                                 const std::vector<SystemColumn>& columns) {
  using Row = StatisticsRow;
  static const auto* getters = new Getters<Row>{
      {"schemaname", [](const Row& r) { return Text(r.schema); }},
      {"tablename", [](const Row& r) { return Text(r.table->path.table); }},
      {"attname", [](const Row& r) { return Text(r.column); }},
      {"inherited", [](const Row& r) { return Bool(r.table->is_partitioned()); }},
      {"null_frac", [](const Row& r) { return Real(r.found.null_share); }},
      {"avg_width", [](const Row& r) { return Int(r.found.width); }},
      {"n_distinct", [](const Row& r) { return Real(r.found.distinct); }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& table : AllRelations(sources)) {
    if (table->statistics.empty() || !MayRead(sources, table->id)) continue;
    for (const ColumnStatistics& found : table->statistics) {
      const int at = table->ColumnNumbered(found.number);
      if (at < 0) continue;
      rows.push_back({table, SchemaSeenFrom(sources.database, table->path.database),
                      table->columns[static_cast<size_t>(at)].name, found});
    }
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace weir::sql
