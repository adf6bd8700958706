#include "sql/engine/scan_filters.h"

#include <algorithm>
#include <array>
#include <utility>

#include "duckdb/planner/filter/selectivity_optional_filter.hpp"
#include "duckdb/planner/table_filter_state.hpp"
#include "duckdb/storage/table/column_segment.hpp"

namespace weir::sql {
namespace {

using duckdb::idx_t;
using duckdb::TableFilter;
using duckdb::TableFilterType;

duckdb::unique_ptr<TableFilter> AsItIsNow(const TableFilter& filter);

/// Of parts of which each leaves out what it says: those that say something.
duckdb::unique_ptr<TableFilter> AllAsTheyAreNow(const duckdb::ConjunctionAndFilter& filter) {
  auto all = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
  for (const auto& part : filter.child_filters) {
    if (auto now = AsItIsNow(*part)) all->child_filters.push_back(std::move(now));
  }
  if (all->child_filters.empty()) return nullptr;
  return all;
}

duckdb::unique_ptr<TableFilter> AnyAsTheyAreNow(const duckdb::ConjunctionOrFilter& filter) {
  auto any = duckdb::make_uniq<duckdb::ConjunctionOrFilter>();
  for (const auto& part : filter.child_filters) {
    auto now = AsItIsNow(*part);
    if (!now) return nullptr;
    any->child_filters.push_back(std::move(now));
  }
  return any;
}

/// What a filter that changes says now; null: nothing yet.
duckdb::unique_ptr<TableFilter> AsItIsNow(const TableFilter& filter) {
  if (filter.filter_type == TableFilterType::DYNAMIC_FILTER) {
    const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
    if (!data) return nullptr;
    duckdb::lock_guard<duckdb::mutex> lock(data->lock);
    return data->initialized && data->filter ? data->filter->Copy() : nullptr;
  }
  if (filter.filter_type == TableFilterType::OPTIONAL_FILTER) {
    const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
    return child ? AsItIsNow(*child) : nullptr;
  }
  if (filter.filter_type == TableFilterType::CONJUNCTION_AND) {
    return AllAsTheyAreNow(filter.Cast<duckdb::ConjunctionAndFilter>());
  }
  if (filter.filter_type == TableFilterType::CONJUNCTION_OR) {
    return AnyAsTheyAreNow(filter.Cast<duckdb::ConjunctionOrFilter>());
  }
  return filter.Copy();
}

/// A chunk's column that filters look at.
struct FilteredColumn {
  FilteredColumn(duckdb::Vector& values, idx_t count) : vector(values), rows(count) {
    vector.ToUnifiedFormat(rows, format);
  }

  duckdb::Vector& vector;
  const idx_t rows;
  duckdb::UnifiedVectorFormat format;
};

idx_t Narrow(const TableFilter& filter, duckdb::TableFilterState& state, FilteredColumn& column,
             duckdb::SelectionVector* selection, idx_t kept) {
  duckdb::ColumnSegment::FilterSelection(*selection, column.vector, column.format, filter, state, column.rows, kept);
  return kept;
}

/// DuckDB's own way would hold every row that a part lets through against all others.
idx_t NarrowNow(duckdb::ClientContext& context, const TableFilter& filter, FilteredColumn& column,
                duckdb::SelectionVector* selection, idx_t kept) {
  if (filter.filter_type != TableFilterType::CONJUNCTION_OR) {
    const auto state = duckdb::TableFilterState::Initialize(context, filter);
    return Narrow(filter, *state, column, selection, kept);
  }
  std::array<bool, STANDARD_VECTOR_SIZE> passes{};
  for (const auto& part : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters) {
    duckdb::SelectionVector some(*selection);
    const idx_t number = NarrowNow(context, *part, column, &some, kept);
    for (idx_t i = 0; i < number; ++i) passes[some.get_index(i)] = true;
  }
  duckdb::SelectionVector passed(kept);
  idx_t number = 0;
  for (idx_t i = 0; i < kept; ++i) {
    const idx_t row = selection->get_index(i);
    if (passes[row]) passed.set_index(number++, row);
  }
  if (number < kept) selection->Initialize(passed);
  return number;
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
    const auto now = one.is_dynamic ? AsItIsNow(*one.filter) : nullptr;
    if (one.is_dynamic && !now) continue;
    FilteredColumn column(chunk.data[one.column], rows);
    kept = now ? NarrowNow(context_, *now, column, &selection, kept)
               : Narrow(*one.filter, *one.state, column, &selection, kept);
  }
  if (kept < rows) selected->Initialize(selection);
  return kept;
}

}  // namespace weir::sql
