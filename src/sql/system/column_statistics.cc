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
  bool with_others = false;  // below it
};

Value Real(double number) { return Value::FLOAT(static_cast<float>(number)); }

Value Reals(const std::vector<double>& numbers) {
  if (numbers.empty()) return Value(duckdb::LogicalType::LIST(duckdb::LogicalType::FLOAT));
  duckdb::vector<Value> values;
  for (const double number : numbers) values.push_back(Real(number));
  return Value::LIST(duckdb::LogicalType::FLOAT, std::move(values));
}

Value TextsOrNone(const std::vector<std::string>& texts) {
  return texts.empty() ? Value(duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR)) : cells::Texts(texts);
}

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
      {"inherited", [](const Row& r) { return Bool(r.with_others); }},
      {"null_frac", [](const Row& r) { return Real(r.found.null_share); }},
      {"avg_width", [](const Row& r) { return Int(r.found.width); }},
      {"n_distinct", [](const Row& r) { return Real(r.found.distinct); }},
      {"most_common_vals", [](const Row& r) { return TextsOrNone(r.found.common); }},
      {"most_common_freqs", [](const Row& r) { return Reals(r.found.shares); }},
      {"histogram_bounds", [](const Row& r) { return TextsOrNone(r.found.bounds); }},
      {"correlation",
       [](const Row& r) {
         return r.found.correlation ? Real(*r.found.correlation) : Value(duckdb::LogicalType::FLOAT);
       }},
  };
  std::vector<Row> rows;
  for (const RelationPtr& table : AllRelations(sources)) {
    if (table->statistics.empty() && table->statistics_with_heirs.empty()) continue;
    if (!MayRead(sources, table->id)) continue;
    const auto add = [&](const std::vector<ColumnStatistics>& statistics, bool with_others) {
      for (const ColumnStatistics& found : statistics) {
        const int at = table->ColumnNumbered(found.number);
        if (at < 0) continue;
        rows.push_back({table, SchemaSeenFrom(sources.database, table->path.database),
                        table->columns[static_cast<size_t>(at)].name, found, with_others});
      }
    };
    add(table->statistics, table->is_partitioned());
    add(table->statistics_with_heirs, true);
  }
  return std::make_unique<GivenRows<Row>>(std::move(rows), columns, *getters);
}

}  // namespace weir::sql
