#pragma once

#include "postgres/value.h"
#include "weir/status.h"

namespace weir::postgres {

/// Functions and operators of multiranges (PostgreSQL's manual, section 9.20). `element`: the type that they are
/// ranges of. What compares a multirange with a range takes that as a multirange of one.

/// From the first lower bound to the last upper one; the empty range of an empty multirange.
Range SpanOf(const Multirange& ranges);

bool Contains(Oid element, const Multirange& ranges, const Value& value);
/// Every multirange contains the empty range.
bool Contains(Oid element, const Multirange& whole, const Range& part);
bool Contains(Oid element, const Multirange& whole, const Multirange& part);
bool Overlaps(Oid element, const Multirange& a, const Multirange& b);

Multirange UnionOf(Oid element, const Multirange& a, const Multirange& b);
Result<Multirange> IntersectionOf(Oid element, const Multirange& a, const Multirange& b);
Result<Multirange> DifferenceOf(Oid element, const Multirange& a, const Multirange& b);

}  // namespace weir::postgres
