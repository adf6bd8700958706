#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>

#include "sql/catalog/relation.h"
#include "weir/status.h"

namespace weir::sql {

/// What an index holds of rows that is in none of their columns.
struct ComputedValues {
  arrow::ArrayVector expressions;             // along SqlIndex::expressions, in the forms of the index's own table
  std::shared_ptr<arrow::BooleanArray> holds = {};  // its condition, which may be NULL; null: it has none
};

/// Computes it. Who begins a transaction gives it one. Used by one thread at a time.
class IndexValues {
 public:
  virtual ~IndexValues() = default;
  /// `columns`: those that the index uses, at their positions in the leaf; null: others. Errors: those of the
  /// expressions, as PostgreSQL has them.
  virtual Result<ComputedValues> Of(const Relation& leaf, const Relation& index, const arrow::ArrayVector& columns,
                                    int64_t num_rows) = 0;
};

}  // namespace weir::sql
