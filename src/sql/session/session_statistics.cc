// ANALYZE: what the columns of tables hold, by a sample of their rows.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <set>

#include "duckdb/common/types/column/column_data_collection.hpp"
#include "postgres/type.h"
#include "sql/catalog/bound_text.h"
#include "sql/catalog/heirs.h"
#include "sql/catalog/key_names.h"
#include "sql/catalog/sql_types.h"
#include "sql/engine/errors.h"
#include "sql/session/engine_session.h"

namespace weir::sql {
namespace {

constexpr int64_t kSampledRows = 30'000;  // as PostgreSQL for the usual statistics target
/// So many values for each row are taken to grow with the table.
constexpr double kGrowingShare = 0.1;

/// So many common values and bounds of the others are kept of a partition at most: there may be many.
constexpr size_t kMostOfPartition = 10;
constexpr size_t kWidest = 1024;  // in bytes: larger values are no common ones and no bounds

/// What a sample's values of one column are.
struct Sample {
  struct Value {
    std::string text;
    double count = 0;
  };
  double rows = 0;
  double nulls = 0;
  double once = 0;    // values that were met in one row
  double bytes = 0;   // of their texts
  std::vector<Value> values = {};  // in their order, if they have one

  double distinct() const { return static_cast<double>(values.size()); }
};

/// A column of some of a table's rows. `rows`: how many it has.
std::string SampledColumn(const std::string& table, const std::string& column, int64_t rows) {
  const std::string some =
      rows > kSampledRows ? fmt::format(" WHERE random() < {}", 1.0 * kSampledRows / static_cast<double>(rows)) : "";
  return fmt::format("(SELECT {} AS c FROM {}{}) s", QuoteIdentifier(column), table, some);
}

/// The values' texts and how many rows have each.
std::string ValuesQuery(const std::string& sampled, bool ordered) {
  if (!ordered) return "SELECT c::text, count(*)::double precision FROM " + sampled + " GROUP BY 1";
  return "SELECT v::text, n FROM (SELECT c AS v, count(*)::double precision AS n FROM " + sampled +
         " GROUP BY c) g ORDER BY g.v";
}

std::string CorrelationQuery(const std::string& sampled) {
  return "SELECT corr(p, r) FROM (SELECT p, row_number() OVER (ORDER BY c, p) AS r FROM (SELECT c, row_number() OVER "
         "() AS p FROM " + sampled + " WHERE c IS NOT NULL) a) b";
}

Sample ReadSample(duckdb::ColumnDataCollection& rows) {
  Sample sample;
  for (duckdb::DataChunk& chunk : rows.Chunks()) {
    for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
      const double count = chunk.GetValue(1, i).GetValue<double>();
      const duckdb::Value value = chunk.GetValue(0, i);
      sample.rows += count;
      if (value.IsNull()) {
        sample.nulls += count;
        continue;
      }
      sample.values.push_back({duckdb::StringValue::Get(value), count});
      sample.once += count == 1 ? 1 : 0;
      sample.bytes += count * static_cast<double>(sample.values.back().text.size());
    }
  }
  return sample;
}

/// Haas and Stokes's Duj1, as PostgreSQL estimates it: negative where the number grows with the table.
double DistinctOf(const Sample& sample, double rows) {
  const double values = sample.rows - sample.nulls;
  if (values <= 0) return 0;
  const double share = values / sample.rows;
  if (sample.once == values) return -share;
  const double all = std::max(values, rows * share);
  double distinct = sample.distinct();
  if (sample.once > 0) {
    distinct = values * sample.distinct() / (values - sample.once + sample.once * values / all);
    distinct = std::floor(std::clamp(distinct, sample.distinct(), all) + 0.5);
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

/// Of values that were met most often, the most frequent first, how many stand out of the others: PostgreSQL's rule for
/// a sample (analyze_mcv_list). `rows`: of the table.
size_t StandingOut(const std::vector<Sample::Value>& common, const Sample& sample, double distinct, double rows) {
  const double n = sample.rows;
  if (n >= rows || rows <= 1) return common.size();
  const double all_distinct = distinct < 0 ? -distinct * rows : distinct;
  double before = 0;  // rows of those before the last
  for (size_t i = 0; i + 1 < common.size(); ++i) before += common[i].count;
  for (size_t size = common.size(); size > 0; --size) {
    double share = std::clamp(1 - before / n - sample.nulls / n, 0.0, 1.0);
    const double others = all_distinct - static_cast<double>(size - 1);
    if (others > 1) share /= others;
    const double last = rows * common[size - 1].count / n;
    const double variance = n * last * (rows - last) * (rows - n) / (rows * rows * (rows - 1));
    if (common[size - 1].count > share * n + 2 * std::sqrt(variance) + 0.5) return size;
    if (size > 1) before -= common[size - 2].count;
  }
  return 0;
}

/// The most common values, and bounds between the others where they have an order. `most`: of each.
void KeepValues(Sample sample, bool ordered, double rows, size_t most, ColumnStatistics* found) {
  const size_t all = sample.values.size();
  std::erase_if(sample.values, [](const Sample::Value& value) { return value.text.size() > kWidest; });
  std::vector<Sample::Value> common;
  std::ranges::copy_if(sample.values, std::back_inserter(common), [](const auto& value) { return value.count > 1; });
  std::ranges::stable_sort(common, std::greater<>(), &Sample::Value::count);
  const bool whole = common.size() == all && found->distinct > 0 && common.size() <= most;
  if (common.size() > most) common.resize(most);
  if (!whole) common.resize(StandingOut(common, sample, found->distinct, rows));
  std::set<std::string> taken;
  for (const Sample::Value& value : common) {
    found->common.push_back(value.text);
    found->shares.push_back(value.count / sample.rows);
    taken.insert(value.text);
  }
  if (!ordered) return;
  std::erase_if(sample.values, [&](const Sample::Value& value) { return taken.contains(value.text); });
  const size_t size = std::min(sample.values.size(), most + 1);
  double left = -1;  // the last row's place
  for (const Sample::Value& value : sample.values) left += value.count;
  double passed = 0;
  size_t at = 0;
  for (size_t i = 0; size >= 2 && i < size; ++i) {
    const double place = std::floor(left * static_cast<double>(i) / static_cast<double>(size - 1));
    while (passed + sample.values[at].count <= place) passed += sample.values[at++].count;
    found->bounds.push_back(sample.values[at].text);
  }
}

/// Whether the type's values have an order.
bool IsOrdered(const SqlColumn& column) {
  const auto type = ResolveType(column.type);
  return type.ok() && CheckHasOperatorClass(*type, "btree", ClassUse::kIndex, 0).ok();
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

Result<std::vector<ColumnStatistics>> EngineSession::StatisticsOfRows(const Relation& table, const std::string& from,
                                                                      int64_t rows) {
  std::vector<ColumnStatistics> statistics;
  if (rows == 0) return statistics;
  const auto usual = static_cast<int>(std::stol(parameters_.Get("default_statistics_target").value_or("100")));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const SqlColumn& column = table.columns[i];
    const int target = column.statistics < 0 ? usual : column.statistics;
    if (target == 0) {  // what there is stays
      const auto before = std::ranges::find(table.statistics, table.NumberOf(i), &ColumnStatistics::number);
      if (before != table.statistics.end()) statistics.push_back(*before);
      continue;
    }
    const std::string sampled = SampledColumn(from, column.name, rows);
    const bool ordered = IsOrdered(column);
    WEIR_ASSIGN_OR_RETURN(const auto values, RunOwn(ValuesQuery(sampled, ordered), nullptr));
    Sample sample = ReadSample(*values);
    if (sample.rows == 0) continue;
    if (column.type == "boolean") {  // as it is shown, which is not as it is cast
      for (Sample::Value& value : sample.values) value.text.resize(1);
    }
    ColumnStatistics found{.number = table.NumberOf(i),
                           .null_share = sample.nulls / sample.rows,
                           .width = WidthOf(column, sample),
                           .distinct = DistinctOf(sample, static_cast<double>(rows))};
    const size_t most = table.parent ? std::min<size_t>(target, kMostOfPartition) : static_cast<size_t>(target);
    KeepValues(sample, ordered, static_cast<double>(rows), most, &found);
    if (ordered && sample.rows - sample.nulls > 1) {
      WEIR_ASSIGN_OR_RETURN(const duckdb::Value correlation, QueryValue(CorrelationQuery(sampled)));
      if (!correlation.IsNull()) found.correlation = correlation.GetValue<double>();
    }
    statistics.push_back(std::move(found));
  }
  return statistics;
}

/// Whether a tree's rows are looked at as a whole: not files, which ANALYZE leaves out, nor those of very many leaves,
/// which are `leaves` so far.
Result<bool> EngineSession::MaySample(const Relation& tree, size_t* leaves) {
  constexpr size_t kMostLeaves = 1000;
  WEIR_ASSIGN_OR_RETURN(const PartitionChildrenPtr children, catalog().Children(tree));
  for (const RelationPtr& child : children->relations) {
    if (child->is_foreign() || ++*leaves > kMostLeaves) return false;
    if (!child->is_partitioned()) continue;
    WEIR_ASSIGN_OR_RETURN(const bool may, MaySample(*child, leaves));
    if (!may) return false;
  }
  return true;
}

/// What the rows of a partitioned table's leaves are together: counts by those of its children, values by a sample of
/// the root's rows.
Result<std::vector<ColumnStatistics>> EngineSession::StatisticsOfTree(const Relation& table,
                                                                      const std::vector<RelationPtr>& children,
                                                                      int64_t rows) {
  std::vector<ColumnStatistics> statistics;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (const auto all = StatisticsTogether(table, i, children)) statistics.push_back(*all);
  }
  size_t leaves = 0;
  WEIR_ASSIGN_OR_RETURN(const bool may_sample, table.parent ? Result<bool>(false) : MaySample(table, &leaves));
  if (!may_sample) return statistics;
  WEIR_ASSIGN_OR_RETURN(const auto sampled, StatisticsOfRows(table, NameHere(table), rows));
  for (ColumnStatistics& one : statistics) {
    const auto values = std::ranges::find(sampled, one.number, &ColumnStatistics::number);
    if (values == sampled.end()) continue;
    one.common = values->common;
    one.shares = values->shares;
    one.bounds = values->bounds;
    one.correlation = values->correlation;
  }
  return statistics;
}

}  // namespace weir::sql
