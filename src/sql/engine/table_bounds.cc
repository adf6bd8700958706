#include "sql/engine/table_bounds.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sql/engine/arrow_vectors.h"
#include "sql/engine/attached_catalog.h"
#include "sql/engine/errors.h"
#include "sql/engine/row_estimate.h"
#include "sql/engine/types.h"
#include "types/arrow_mapping.h"
#include "types/arrow_rows.h"

namespace weir::sql {
namespace {

using duckdb::BaseStatistics;
using duckdb::NumericStats;
using duckdb::StringStats;

constexpr duckdb::idx_t kFewRowsToPlan = 8192;  // what takes less than planning better
constexpr size_t kMostLeavesToPlan = 512;

/// The values as the scan's vectors have them.
std::pair<duckdb::Value, duckdb::Value> ValuesOf(const DataType& type, const ColumnBounds& bounds) {
  const auto field = arrow::field("", ToArrowType(type, LtzZone::kUtc));
  ArrowRowBuilder builder = ValueOrThrow(ArrowRowBuilder::Make(arrow::schema({field}), {type}));
  ThrowNotOk(builder.Append({&bounds.least, 1}));
  ThrowNotOk(builder.Append({&bounds.greatest, 1}));
  const auto rows = ValueOrThrow(builder.Finish());
  duckdb::Vector values(ToDuckType(type));
  ToVector(type, rows->column(0), 0, 2, values);
  return {values.GetValue(0), values.GetValue(1)};
}

BaseStatistics NumbersOf(const DataType& type, const ColumnBounds& bounds) {
  BaseStatistics statistics = BaseStatistics::CreateUnknown(ToDuckType(type));
  const auto [least, greatest] = ValuesOf(type, bounds);
  NumericStats::SetMin(statistics, least);
  NumericStats::SetMax(statistics, greatest);
  return statistics;
}

duckdb::string_t AsText(const std::string& text) {
  return {text.data(), static_cast<uint32_t>(text.size())};
}

BaseStatistics TextsOf(const DataType& type, const ColumnBounds& bounds) {
  BaseStatistics statistics = StringStats::CreateEmpty(ToDuckType(type));
  StringStats::Update(statistics, AsText(bounds.least_text));
  StringStats::Update(statistics, AsText(bounds.greatest_text));
  StringStats::SetContainsUnicode(statistics);
  if (bounds.longest) {
    StringStats::SetMaxStringLength(statistics, static_cast<uint32_t>(*bounds.longest));
  } else {
    StringStats::ResetMaxStringLength(statistics);
  }
  return statistics;
}

}  // namespace

bool HasExactExtremes(const DataType& type) {
  switch (type.id()) {
    case TypeId::kTinyInt:
    case TypeId::kSmallInt:
    case TypeId::kInt:
    case TypeId::kBigInt:
    case TypeId::kDate:
    case TypeId::kDecimal: return true;
    case TypeId::kTimestamp:
    case TypeId::kTimestampLtz: return type.precision() > 3 && type.precision() <= 6;  // microseconds
    case TypeId::kBoolean:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kChar:
    case TypeId::kString:
    case TypeId::kBinary:
    case TypeId::kBytes:
    case TypeId::kTime:
    case TypeId::kArray:
    case TypeId::kMap:
    case TypeId::kRow: return false;
  }
  return false;
}

std::shared_ptr<const TableBounds> TableBounds::Find(duckdb::ClientContext& context, const AttachedTable& table,
                                                     const LeafCursor& cursor) {
  const SessionState& session = SessionState::Of(context);
  // A statement of DuckDB's dialect may keep its plan for later (PREPARE).
  if (session.transaction == nullptr || session.in_duckdb_dialect || table.with_heirs()) return nullptr;
  std::shared_ptr<TableBounds> bounds(new TableBounds(table));
  bounds->source_ = LeafBoundsSource::Of(session.transaction);
  bounds->moment_ = bounds->source_->moment();
  const RelationPtr& relation = table.relation();
  if (relation->is_partitioned() && !bounds->NoteChildren(context, relation)) return nullptr;
  const size_t number = cursor.first_level_size();
  if (number > kMostLeavesToPlan) return nullptr;
  const std::vector<RelationPtr> tables = cursor.first_level(number);
  if (EstimateRows(context, tables, number) < kFewRowsToPlan) return nullptr;
  return bounds->AddLeaves(context, tables) ? bounds : nullptr;
}

bool TableBounds::NoteChildren(duckdb::ClientContext& context, const RelationPtr& partitioned) {
  auto children = SessionState::ViewOf(context).Children(*partitioned);
  if (!children.ok()) return false;
  levels_.emplace_back(partitioned, *std::move(children));
  return true;
}

bool TableBounds::AddLeaves(duckdb::ClientContext& context, const std::vector<RelationPtr>& tables) {
  tables_ += tables.size();
  if (tables_ > kMostLeavesToPlan) return false;
  return std::ranges::all_of(tables, [&](const RelationPtr& table) {
    if (!table->is_partitioned()) return AddLeaf(table);
    return NoteChildren(context, table) && AddLeaves(context, levels_.back().second->relations);
  });
}

bool TableBounds::AddLeaf(const RelationPtr& leaf) {
  if (!leaf->has_storage() || leaf->is_foreign()) return false;
  const auto bounds = source_->BoundsOf(leaf);
  if (!bounds) return false;
  rows_ += bounds->rows;
  leaves_.push_back(leaf);
  std::vector<int> places(columns_.size());
  std::iota(places.begin(), places.end(), 0);
  places = ColumnsInLeaf(*table_.relation(), places, *leaf);
  for (size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<size_t>(places[i]);
    if (places[i] >= 0 && place < bounds->columns.size()) {
      columns_[i].Merge(bounds->columns[place]);
    } else {
      columns_[i].is_known = false;
    }
  }
  return true;
}

std::optional<int64_t> TableBounds::Count() const {
  int64_t rows = 0;
  for (const RelationPtr& leaf : leaves_) {
    const auto counted = source_->CountRows(leaf);
    if (!counted) return std::nullopt;
    rows += *counted;
  }
  return rows;
}

duckdb::unique_ptr<BaseStatistics> TableBounds::StatisticsOf(size_t column) const {
  if (column >= columns_.size() || !columns_[column].is_known) return nullptr;
  const ColumnBounds& bounds = columns_[column];
  const DataType& type = table_.relation()->columns[column].data_type;
  BaseStatistics statistics = BaseStatistics::CreateUnknown(ToDuckType(type));
  if (HasExactExtremes(type) && !bounds.least.is_null()) {
    statistics = NumbersOf(type, bounds);
  } else if (type.id() == TypeId::kString && bounds.has_texts) {
    statistics = TextsOf(type, bounds);
  }
  statistics.Set(bounds.has_nulls ? duckdb::StatsInfo::CAN_HAVE_NULL_AND_VALID_VALUES
                                  : duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
  if (!bounds.has_nulls) statistics.Set(duckdb::StatsInfo::CAN_HAVE_VALID_VALUES);
  return statistics.ToUnique();
}

void TableBounds::CheckStillHold(duckdb::ClientContext& context) const {
  const SessionState& session = SessionState::Of(context);
  const bool same_moment = LeafBoundsSource::Of(session.transaction) == source_ && source_->moment() == moment_;
  if (!same_moment) Throw(Error("XX000", "a plan is of another moment than its statement"));
  const bool same_leaves = std::ranges::all_of(levels_, [&](const auto& level) {
    const auto children = SessionState::ViewOf(context).Children(*level.first);
    return children.ok() && *children == level.second;
  });
  if (!same_leaves) Throw(Error("40001", "could not serialize access: a partition was attached meanwhile"));
}

}  // namespace weir::sql
