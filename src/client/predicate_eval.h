#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <vector>

#include "weir/datum.h"
#include "weir/predicate.h"
#include "weir/schema.h"

namespace weir {

/// A predicate bound to the columns of a schema, its literals turned into values of their types.
class BoundPredicate {
 public:
  /// Errors are code -2 and name the column.
  static Result<BoundPredicate> Bind(const Predicate& predicate, const Schema& schema);

  /// Positions of the columns it reads, ascending.
  const std::vector<int>& columns() const { return columns_; }
  /// Whether a row satisfies it. As in SQL, neither a comparison with NULL nor its negation is true.
  /// `row` has one datum a schema column, of which only columns() are read.
  bool Matches(RowView row) const;

  /// Whether a batch may hold a match, from the null counts, minima and maxima of its columns.
  struct Range {
    bool known = false;
    int64_t null_count = 0;
    Datum min;
    Datum max;
  };
  /// `ranges`: one a schema column.
  bool MayMatch(const std::vector<Range>& ranges, int64_t rows) const;

 private:
  struct Node;
  std::shared_ptr<const Node> root_;
  std::vector<int> columns_;
};

}  // namespace weir
