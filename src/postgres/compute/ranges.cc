#include "postgres/compute/ranges.h"

#include "postgres/error.h"
#include "postgres/value/nested.h"

namespace weir::postgres {
namespace {

Result<Range> Between(Oid element, const RangeEnd& lower, const RangeEnd& upper) {
  return CanonicalRange(element, Range{.lower_inclusive = lower.inclusive,
                                       .upper_inclusive = upper.inclusive,
                                       .lower = *lower.value,
                                       .upper = *upper.value});
}

/// The other side of a bound: what ends right before a lower one, or begins right after an upper one.
RangeEnd Across(const RangeEnd& bound) { return {bound.value, !bound.inclusive, !bound.lower}; }

bool Touch(Oid element, const RangeEnd& upper, const RangeEnd& lower) {
  if (upper.value->empty() || lower.value->empty() || upper.inclusive == lower.inclusive) return false;
  return CompareValues(element, upper.value->front(), lower.value->front()) == 0;
}

}  // namespace

Result<Range> MakeRange(Oid element, Value lower, Value upper, std::string_view bounds) {
  if (bounds != "[]" && bounds != "[)" && bounds != "(]" && bounds != "()") {
    return Error("42601", "invalid range bound flags",
                 {.hint = "Valid values are \"[]\", \"[)\", \"(]\", and \"()\"."});
  }
  Range range{.lower_inclusive = bounds[0] == '[', .upper_inclusive = bounds[1] == ']'};
  if (!lower.is_null()) range.lower.push_back(std::move(lower));
  if (!upper.is_null()) range.upper.push_back(std::move(upper));
  return CanonicalRange(element, std::move(range));
}

bool Contains(Oid element, const Range& range, const Value& value) {
  const Range point{.lower_inclusive = true, .upper_inclusive = true, .lower = {value}, .upper = {value}};
  return Contains(element, range, point);
}

bool Contains(Oid element, const Range& whole, const Range& part) {
  if (part.empty || whole.empty) return part.empty;
  return CompareEnds(element, LowerOf(whole), LowerOf(part)) <= 0 &&
         CompareEnds(element, UpperOf(whole), UpperOf(part)) >= 0;
}

bool Overlaps(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return false;
  return CompareEnds(element, LowerOf(a), UpperOf(b)) <= 0 && CompareEnds(element, LowerOf(b), UpperOf(a)) <= 0;
}

bool IsBefore(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && CompareEnds(element, UpperOf(a), LowerOf(b)) < 0;
}
bool EndsBefore(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && CompareEnds(element, UpperOf(a), UpperOf(b)) <= 0;
}
bool BeginsAfter(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && CompareEnds(element, LowerOf(a), LowerOf(b)) >= 0;
}
bool IsAdjacent(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return false;
  return Touch(element, UpperOf(a), LowerOf(b)) || Touch(element, UpperOf(b), LowerOf(a));
}

Result<Range> UnionOf(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return a.empty ? b : a;
  if (!Overlaps(element, a, b) && !IsAdjacent(element, a, b)) {
    return Error("22000", "result of range union would not be contiguous");
  }
  return MergedRange(element, a, b);
}

Result<Range> MergedRange(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return a.empty ? b : a;
  const bool a_begins = CompareEnds(element, LowerOf(a), LowerOf(b)) <= 0;
  const bool a_ends = CompareEnds(element, UpperOf(a), UpperOf(b)) >= 0;
  return Between(element, LowerOf(a_begins ? a : b), UpperOf(a_ends ? a : b));
}

Result<Range> IntersectionOf(Oid element, const Range& a, const Range& b) {
  if (!Overlaps(element, a, b)) return Range{.empty = true};
  const bool a_begins = CompareEnds(element, LowerOf(a), LowerOf(b)) >= 0;
  const bool a_ends = CompareEnds(element, UpperOf(a), UpperOf(b)) <= 0;
  return Between(element, LowerOf(a_begins ? a : b), UpperOf(a_ends ? a : b));
}

Result<Range> DifferenceOf(Oid element, const Range& a, const Range& b) {
  if (!Overlaps(element, a, b)) return a;
  const bool before = CompareEnds(element, LowerOf(a), LowerOf(b)) < 0;
  const bool after = CompareEnds(element, UpperOf(a), UpperOf(b)) > 0;
  if (before && after) return Error("22000", "result of range difference would not be contiguous");
  if (before) return Between(element, LowerOf(a), Across(LowerOf(b)));
  if (after) return Between(element, Across(UpperOf(b)), UpperOf(a));
  return Range{.empty = true};
}

}  // namespace weir::postgres
