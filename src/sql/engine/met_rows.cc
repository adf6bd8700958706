#include "sql/engine/met_rows.h"

#include <algorithm>
#include <utility>

namespace weir::sql {

MetRows& MetRows::Of(duckdb::ClientContext& context) {
  return *context.registered_state->GetOrCreate<MetRows>("weir_met_rows");
}

MetRows::Statement::Statement(duckdb::ClientContext& context, bool several)
    : met_(Of(context)), around_(std::exchange(met_.statement_, this)), several_(several) {}

MetRows::Statement::~Statement() { met_.statement_ = around_; }

bool MetRows::Has(int64_t leaf, std::optional<RowPosition> position, std::string_view key) const {
  if (!wanted()) return false;
  return std::ranges::any_of(statement_->changes_, [&](const auto& leaves) {
    const auto found = leaves.find(leaf);
    return found != leaves.end() && found->second.Has(position, key);
  });
}

void MetRows::Add(std::map<int64_t, MetRowsOfLeaf> rows, MemoryReservation memory) {
  statement_->changes_.push_back(std::move(rows));
  statement_->memory_.push_back(std::move(memory));
}

}  // namespace weir::sql
