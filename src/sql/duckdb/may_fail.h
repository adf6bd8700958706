#pragma once

#include "sql/analyze/tree.h"

namespace weir::sql::duck {

/// Whether values may make the expression an error. What PostgreSQL leaves out then (behind AND and OR that are
/// decided, in aggregates of rows that FILTER drops) has to be left out here too. Subqueries count as safe: they are
/// joins.
bool MayFail(const analyze::Expression& expression);

/// Whether it can stand twice for once: it has the same value both times, and is not so deep that copies of copies grow
/// without bounds.
bool IsRepeatable(const analyze::Expression& expression);
bool HoldsQuery(const analyze::Expression& expression);

}  // namespace weir::sql::duck
