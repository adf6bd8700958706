#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/memory_budget.h"
#include "sql/engine/duckdb_headers.h"
#include "sql/engine/position_set.h"
#include "sql/transaction/key_index.h"
#include "sql/transaction/transaction.h"

namespace weir::sql {

/// The old rows of a leaf that a change has met.
struct MetRowsOfLeaf {
  PositionSet positions;
  KeyIndex keys;

  bool Has(std::optional<RowPosition> position, std::string_view key) const {
    return position ? positions.Contains(*position) : keys.Find(key) >= 0;
  }
};

/// What the changes of one statement that have run have met: of several (queries of WITH, and the statement itself)
/// that would change a row only the first does.
class MetRows : public duckdb::ClientContextState {
 public:
  static MetRows& Of(duckdb::ClientContext& context);

  /// While it is there, the rows that changes of this statement meet are kept for its other ones.
  class Statement {
   public:
    /// `several`: the statement has more than one change.
    Statement(duckdb::ClientContext& context, bool several);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

   private:
    friend class MetRows;
    MetRows& met_;
    Statement* const around_;
    const bool several_;
    std::vector<std::map<int64_t, MetRowsOfLeaf>> changes_;  // by the leaf's id
    std::vector<MemoryReservation> memory_;
  };

  bool wanted() const { return statement_ != nullptr && statement_->several_; }
  bool Has(int64_t leaf, std::optional<RowPosition> position, std::string_view key) const;
  /// What one change has met; `memory` is what that takes.
  void Add(std::map<int64_t, MetRowsOfLeaf> rows, MemoryReservation memory);

 private:
  Statement* statement_ = nullptr;
};

}  // namespace weir::sql
