#pragma once

#include <optional>
#include <string_view>

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// Functions and operators of ranges (PostgreSQL's manual, section 9.20). `element`: the type that they are ranges of.

/// A null bound is infinite. `bounds`: "[]", "[)", "(]" or "()"; 42601 for another. 22000 as CanonicalRange.
Result<Range> MakeRange(Oid element, Value lower, Value upper, std::string_view bounds);

bool Contains(Oid element, const Range& range, const Value& value);
bool Contains(Oid element, const Range& whole, const Range& part);
bool Overlaps(Oid element, const Range& a, const Range& b);
/// a << b, a &< b, a &> b, a -|- b
bool IsBefore(Oid element, const Range& a, const Range& b);
bool EndsBefore(Oid element, const Range& a, const Range& b);
bool BeginsAfter(Oid element, const Range& a, const Range& b);
bool IsAdjacent(Oid element, const Range& a, const Range& b);

/// 22000 for two ranges with a gap between them.
Result<Range> UnionOf(Oid element, const Range& a, const Range& b);
/// 22000 where two parts are left.
Result<Range> DifferenceOf(Oid element, const Range& a, const Range& b);
Result<Range> IntersectionOf(Oid element, const Range& a, const Range& b);
/// The smallest range that has both.
Result<Range> MergedRange(Oid element, const Range& a, const Range& b);

}  // namespace weir::postgres
