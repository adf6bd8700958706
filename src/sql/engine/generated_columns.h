#pragma once

#include <memory>
#include <vector>

#include "sql/engine/attached_table.h"

namespace weir::sql {

/// Computes the generated columns of rows that are inserted into a table. Made once a statement; throws.
class GeneratedColumns {
 public:
  GeneratedColumns(duckdb::ClientContext& context, const AttachedTable& table);

  /// `rows`, which has the table's columns, with what the generated ones hold: itself without any, else `made`.
  duckdb::DataChunk& Complete(duckdb::DataChunk& rows, duckdb::DataChunk* made);

 private:
  struct One {
    duckdb::idx_t column = 0;
    duckdb::unique_ptr<duckdb::Expression> expression;
    std::unique_ptr<duckdb::ExpressionExecutor> executor;
  };

  std::vector<One> columns_;
};

}  // namespace weir::sql
