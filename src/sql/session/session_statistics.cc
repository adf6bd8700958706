// ANALYZE: what the columns of tables hold, by a sample of their rows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "postgres/type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/heirs.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

constexpr int64_t kSampledRows = 30'000;  // as PostgreSQL for the usual statistics target
/// So many values for each row are taken to grow with the table.
constexpr double kGrowingShare = 0.1;

/// What a sample's values of one column are.
struct Sample {
  double rows = 0;
  double nulls = 0;
  double distinct = 0;
  double once = 0;   // values that were met in one row
  double bytes = 0;  // of their texts
};

/// Of a sample of a leaf's rows, by the texts of its values.
std::string SampleQuery(const std::string& table, const std::string& column, int64_t rows) {
  const std::string some =
      rows > kSampledRows ? fmt::format(" WHERE random() < {}", 1.0 * kSampledRows / static_cast<double>(rows)) : "";
  return fmt::format(
      "SELECT coalesce(sum(n), 0)::double precision, coalesce(sum(n) FILTER (WHERE v IS NULL), 0)::double precision, "
      "count(v)::double precision, (count(v) FILTER (WHERE n = 1))::double precision, "
      "coalesce(sum(octet_length(v) * n), 0)::double precision "
      "FROM (SELECT c::text AS v, count(*) AS n FROM (SELECT {} AS c FROM {}{}) s GROUP BY 1) g",
      QuoteIdentifier(column), table, some);
}

Sample ReadSample(duckdb::ColumnDataCollection& rows) {
  duckdb::DataChunk row;
  rows.InitializeScanChunk(row);
  duckdb::ColumnDataScanState state;
  rows.InitializeScan(state);
  rows.Scan(state, row);
  const auto at = [&](duckdb::idx_t column) { return row.GetValue(column, 0).GetValue<double>(); };
  return {.rows = at(0), .nulls = at(1), .distinct = at(2), .once = at(3), .bytes = at(4)};
}

/// Haas and Stokes's Duj1, as PostgreSQL estimates it: negative where the number grows with the table.
double DistinctOf(const Sample& sample, double rows) {
  const double values = sample.rows - sample.nulls;
  if (values <= 0) return 0;
  const double share = values / sample.rows;
  if (sample.once == values) return -share;
  const double all = std::max(values, rows * share);
  double distinct = sample.distinct;
  if (sample.once > 0) {
    distinct = values * sample.distinct / (values - sample.once + sample.once * values / all);
    distinct = std::floor(std::clamp(distinct, sample.distinct, all) + 0.5);
  }
  return distinct > kGrowingShare * rows ? -distinct / rows : distinct;
}

int WidthOf(const SqlColumn& column, const Sample& sample) {
  const auto type = postgres::ParseType(column.type);
  const postgres::Type* known = type.ok() ? postgres::FindType(type->oid) : nullptr;
  if (known != nullptr && known->length > 0) return known->length;
  const double values = sample.rows - sample.nulls;
  return values > 0 ? static_cast<int>(std::lround(sample.bytes / values)) + 1 : 0;
}

bool IsKeyColumn(const Relation& table, size_t column) {
  return std::ranges::any_of(table.partition_key->parts, [&](const SqlPartitionKeyPart& part) {
    return part.column == static_cast<int>(column);
  });
}

/// A partitioned table's column by those of its children: values of the key are in one of them each, others may be in
/// all.
std::optional<ColumnStatistics> StatisticsTogether(const Relation& table, size_t column,
                                         const std::vector<RelationPtr>& children) {
  ColumnStatistics all{.number = table.NumberOf(column)};
  double rows = 0;
  double width = 0;
  double distinct = 0;
  for (const RelationPtr& child : children) {
    const int at = child->ColumnIndex(table.columns[column].name);
    const auto own = std::ranges::find(child->statistics, at < 0 ? 0 : child->NumberOf(static_cast<size_t>(at)),
                                       &ColumnStatistics::number);
    const auto count = static_cast<double>(child->counted_rows.value_or(0));
    if (own == child->statistics.end() || count == 0) continue;
    rows += count;
    all.null_share += own->null_share * count;
    width += own->width * count;
    const double values = own->distinct < 0 ? -own->distinct * count : own->distinct;
    distinct = IsKeyColumn(table, column) || own->distinct < 0 ? distinct + values : std::max(distinct, values);
  }
  if (rows == 0) return std::nullopt;
  all.null_share /= rows;
  all.width = static_cast<int>(std::lround(width / rows));
  all.distinct = distinct > kGrowingShare * rows ? -distinct / rows : distinct;
  return all;
}

}  // namespace

Result<std::vector<ColumnStatistics>> EngineSession::StatisticsOfLeaf(const Relation& leaf, int64_t rows) {
  std::vector<ColumnStatistics> statistics;
  if (rows == 0) return statistics;
  const std::string name = OnlyOf(leaf) + NameHere(leaf);
  for (size_t i = 0; i < leaf.columns.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(const auto found, RunOwn(SampleQuery(name, leaf.columns[i].name, rows), nullptr));
    const Sample sample = ReadSample(*found);
    if (sample.rows == 0) continue;
    statistics.push_back({.number = leaf.NumberOf(i),
                          .null_share = sample.nulls / sample.rows,
                          .width = WidthOf(leaf.columns[i], sample),
                          .distinct = DistinctOf(sample, static_cast<double>(rows))});
  }
  return statistics;
}

std::vector<ColumnStatistics> EngineSession::StatisticsOfTree(const Relation& table,
                                                              const std::vector<RelationPtr>& children) {
  std::vector<ColumnStatistics> statistics;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (const auto all = StatisticsTogether(table, i, children)) statistics.push_back(*all);
  }
  return statistics;
}

}  // namespace weir::sql
