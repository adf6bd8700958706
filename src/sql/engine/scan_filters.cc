#include "sql/engine/scan_filters.h"

#include <algorithm>
#include <utility>

#include "duckdb/planner/filter/selectivity_optional_filter.hpp"
#include "duckdb/planner/table_filter_state.hpp"
#include "duckdb/storage/table/column_segment.hpp"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::TableFilter;
using duckdb::TableFilterType;

/// What a filter that changes says now; null: nothing yet.
duckdb::unique_ptr<TableFilter> AsItIsNow(const TableFilter& filter) {
  if (filter.filter_type == TableFilterType::DYNAMIC_FILTER) {
    const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
    if (!data) return nullptr;
    duckdb::lock_guard<duckdb::mutex> lock(data->lock);
    return data->initialized && data->filter ? data->filter->Copy() : nullptr;
  }
  if (filter.filter_type != TableFilterType::CONJUNCTION_OR) return filter.Copy();
  auto any = duckdb::make_uniq<duckdb::ConjunctionOrFilter>();
  for (const auto& part : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters) {
    auto now = AsItIsNow(*part);
    if (!now) return nullptr;
    any->child_filters.push_back(std::move(now));
  }
  return any;
}

idx_t Narrow(const TableFilter& filter, duckdb::TableFilterState& state, duckdb::Vector& column, idx_t rows,
             duckdb::SelectionVector* selection, idx_t kept) {
  duckdb::UnifiedVectorFormat format;
  column.ToUnifiedFormat(rows, format);
  duckdb::ColumnSegment::FilterSelection(*selection, column, format, filter, state, rows, kept);
  return kept;
}

}  // namespace

bool ChangesWhileRunning(const TableFilter& filter) {
  const auto any = [](const auto& parts) {
    return std::any_of(parts.begin(), parts.end(), [](const auto& part) { return ChangesWhileRunning(*part); });
  };
  if (filter.filter_type == TableFilterType::DYNAMIC_FILTER) return true;
  if (filter.filter_type == TableFilterType::CONJUNCTION_OR) {
    return any(filter.Cast<duckdb::ConjunctionOrFilter>().child_filters);
  }
  if (filter.filter_type == TableFilterType::CONJUNCTION_AND) {
    return any(filter.Cast<duckdb::ConjunctionAndFilter>().child_filters);
  }
  if (filter.filter_type != TableFilterType::OPTIONAL_FILTER) return false;
  const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
  return child && ChangesWhileRunning(*child);
}

ScanFilters::ScanFilters(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types,
                         duckdb::optional_ptr<duckdb::TableFilterSet> filters)
    : context_(context), types_(types) {
  if (!filters) return;
  for (const auto& [column, filter] : filters->filters) {
    Add(column, *filter);
    columns_.push_back(column);
  }
  if (!required_) return;
  executor_ = std::make_unique<duckdb::ExpressionExecutor>(context, *required_);
  met_.Initialize(STANDARD_VECTOR_SIZE);
}

void ScanFilters::Add(idx_t column, const TableFilter& filter) {
  if (filter.filter_type == TableFilterType::CONJUNCTION_AND) {
    for (const auto& part : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) Add(column, *part);
    return;
  }
  if (filter.filter_type == TableFilterType::OPTIONAL_FILTER) {
    const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
    if (!child) return;
    if (ChangesWhileRunning(*child)) {
      optional_.push_back({column, child.get(), true, nullptr});
    } else if (dynamic_cast<const duckdb::SelectivityOptionalFilter*>(&filter) != nullptr) {
      optional_.push_back({column, &filter, false, duckdb::TableFilterState::Initialize(context_, filter)});
    }
    return;
  }
  auto one = filter.ToExpression(duckdb::BoundReferenceExpression(types_[column], column));
  required_ = required_ ? duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
                              duckdb::ExpressionType::CONJUNCTION_AND, std::move(required_), std::move(one))
                        : std::move(one);
}

idx_t ScanFilters::Select(duckdb::DataChunk& chunk, duckdb::SelectionVector* selected) {
  const idx_t rows = chunk.size();
  idx_t kept = executor_ ? executor_->SelectExpression(chunk, met_) : rows;
  duckdb::SelectionVector selection;  // of all rows, as long as it is not set
  if (kept < rows) selection.Initialize(met_);
  for (Optional& one : optional_) {
    if (kept == 0) break;
    duckdb::Vector& column = chunk.data[one.column];
    if (!one.is_dynamic) {
      kept = Narrow(*one.filter, *one.state, column, rows, &selection, kept);
    } else if (const auto now = AsItIsNow(*one.filter)) {
      const auto state = duckdb::TableFilterState::Initialize(context_, *now);
      kept = Narrow(*now, *state, column, rows, &selection, kept);
    }
  }
  if (kept < rows) selected->Initialize(selection);
  return kept;
}

}  // namespace weir::sql
