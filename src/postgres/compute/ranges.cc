#include "postgres/compute/ranges.h"

#include "postgres/error.h"
#include "postgres/value/nested.h"

namespace weir::postgres {
namespace {

/// One end of a range.
struct Bound {
  const std::vector<Value>* value;  // none: infinite
  bool inclusive;
  bool lower;
};

Bound LowerOf(const Range& range) { return {&range.lower, range.lower_inclusive, true}; }
Bound UpperOf(const Range& range) { return {&range.upper, range.upper_inclusive, false}; }

std::strong_ordering Compare(Oid element, const Bound& a, const Bound& b) {
  const auto infinite = [](const Bound& bound) { return !bound.value->empty() ? 0 : bound.lower ? -1 : 1; };
  if (infinite(a) != 0 || infinite(b) != 0) return infinite(a) <=> infinite(b);
  if (const auto order = CompareValues(element, a.value->front(), b.value->front()); order != 0) return order;
  // A bound that does not belong to its range lies a little inside of it.
  const auto shift = [](const Bound& bound) { return bound.inclusive ? 0 : bound.lower ? 1 : -1; };
  return shift(a) <=> shift(b);
}

Result<Range> Between(Oid element, const Bound& lower, const Bound& upper) {
  return CanonicalRange(element, Range{.lower_inclusive = lower.inclusive,
                                       .upper_inclusive = upper.inclusive,
                                       .lower = *lower.value,
                                       .upper = *upper.value});
}

/// The other side of a bound: what ends right before a lower one, or begins right after an upper one.
Bound Across(const Bound& bound) { return {bound.value, !bound.inclusive, !bound.lower}; }

bool Touch(Oid element, const Bound& upper, const Bound& lower) {
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
  return Compare(element, LowerOf(whole), LowerOf(part)) <= 0 && Compare(element, UpperOf(whole), UpperOf(part)) >= 0;
}

bool Overlaps(Oid element, const Range& a, const Range& b) {
  if (a.empty || b.empty) return false;
  return Compare(element, LowerOf(a), UpperOf(b)) <= 0 && Compare(element, LowerOf(b), UpperOf(a)) <= 0;
}

bool IsBefore(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && Compare(element, UpperOf(a), LowerOf(b)) < 0;
}
bool EndsBefore(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && Compare(element, UpperOf(a), UpperOf(b)) <= 0;
}
bool BeginsAfter(Oid element, const Range& a, const Range& b) {
  return !a.empty && !b.empty && Compare(element, LowerOf(a), LowerOf(b)) >= 0;
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
  const bool a_begins = Compare(element, LowerOf(a), LowerOf(b)) <= 0;
  const bool a_ends = Compare(element, UpperOf(a), UpperOf(b)) >= 0;
  return Between(element, LowerOf(a_begins ? a : b), UpperOf(a_ends ? a : b));
}

Result<Range> IntersectionOf(Oid element, const Range& a, const Range& b) {
  if (!Overlaps(element, a, b)) return Range{.empty = true};
  const bool a_begins = Compare(element, LowerOf(a), LowerOf(b)) >= 0;
  const bool a_ends = Compare(element, UpperOf(a), UpperOf(b)) <= 0;
  return Between(element, LowerOf(a_begins ? a : b), UpperOf(a_ends ? a : b));
}

Result<Range> DifferenceOf(Oid element, const Range& a, const Range& b) {
  if (!Overlaps(element, a, b)) return a;
  const bool before = Compare(element, LowerOf(a), LowerOf(b)) < 0;
  const bool after = Compare(element, UpperOf(a), UpperOf(b)) > 0;
  if (before && after) return Error("22000", "result of range difference would not be contiguous");
  if (before) return Between(element, LowerOf(a), Across(LowerOf(b)));
  if (after) return Between(element, Across(UpperOf(b)), UpperOf(a));
  return Range{.empty = true};
}

}  // namespace weir::postgres
