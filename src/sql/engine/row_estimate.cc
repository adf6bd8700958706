#include "sql/engine/row_estimate.h"

#include <algorithm>

#include "sql/engine/attached_catalog.h"

namespace weir::sql {
namespace {

constexpr double kRowsPerLeafGuess = 100'000;
constexpr size_t kLookedAtBelow = 8;  // of each level below those that are asked for

double RowsBelow(duckdb::ClientContext& context, const RelationPtr& table);

/// Of all of them by some that lie evenly among them.
double RowsOfSome(duckdb::ClientContext& context, const std::vector<RelationPtr>& tables, size_t most) {
  if (tables.empty()) return 0;
  const size_t asked = std::min(most, tables.size());
  double rows = 0;
  for (size_t i = 0; i < asked; ++i) rows += RowsBelow(context, tables[i * tables.size() / asked]);
  return rows * static_cast<double>(tables.size()) / static_cast<double>(asked);
}

double RowsBelow(duckdb::ClientContext& context, const RelationPtr& table) {
  if (table->is_partitioned()) {
    const auto children = SessionState::ViewOf(context).Children(*table);
    return children.ok() ? RowsOfSome(context, (*children)->relations, kLookedAtBelow) : 0;
  }
  const sql::Transaction* transaction = SessionState::Of(context).transaction;
  if (transaction == nullptr || !table->has_storage() || !table->table) return kRowsPerLeafGuess;
  return static_cast<double>(transaction->RowsAbout(*table).value_or(static_cast<int64_t>(kRowsPerLeafGuess)));
}

}  // namespace

duckdb::idx_t EstimateRows(duckdb::ClientContext& context, const std::vector<RelationPtr>& some, size_t number) {
  const double rows = RowsOfSome(context, some, kTablesLookedAt);
  const double share = some.empty() ? 0 : static_cast<double>(number) / static_cast<double>(some.size());
  return static_cast<duckdb::idx_t>(std::max(1.0, rows * share));
}

}  // namespace weir::sql
