#include "postgres/compute/multiranges.h"

#include <algorithm>

#include "postgres/compute/ranges.h"
#include "postgres/value/nested.h"

namespace weir::postgres {
namespace {

/// Calls `visit` with every pair of ranges that overlap, in their order, until it is false or an error.
template <typename Visit>
Status ForEachOverlap(Oid element, const Multirange& a, const Multirange& b, Visit visit) {
  for (size_t i = 0, j = 0; i < a.ranges.size() && j < b.ranges.size();) {
    const Range& left = a.ranges[i];
    const Range& right = b.ranges[j];
    if (Overlaps(element, left, right)) {
      WEIR_ASSIGN_OR_RETURN(const bool more, visit(left, right));
      if (!more) return Status::OK();
    }
    CompareEnds(element, UpperOf(left), UpperOf(right)) < 0 ? ++i : ++j;
  }
  return Status::OK();
}

/// What `part` takes away at its begin, and what it leaves behind its end.
Result<Range> Before(Oid element, const Range& whole, const Range& part) {
  return CanonicalRange(element, Range{.lower_inclusive = whole.lower_inclusive,
                                       .upper_inclusive = !part.lower_inclusive,
                                       .lower = whole.lower,
                                       .upper = part.lower});
}
Result<Range> Behind(Oid element, const Range& whole, const Range& part) {
  return CanonicalRange(element, Range{.lower_inclusive = !part.upper_inclusive,
                                       .upper_inclusive = whole.upper_inclusive,
                                       .lower = part.upper,
                                       .upper = whole.upper});
}

}  // namespace

Range SpanOf(const Multirange& ranges) {
  if (ranges.ranges.empty()) return Range{.empty = true};
  const Range& first = ranges.ranges.front();
  const Range& last = ranges.ranges.back();
  return Range{.lower_inclusive = first.lower_inclusive,
               .upper_inclusive = last.upper_inclusive,
               .lower = first.lower,
               .upper = last.upper};
}

bool Contains(Oid element, const Multirange& ranges, const Value& value) {
  return std::ranges::any_of(ranges.ranges, [&](const Range& range) { return Contains(element, range, value); });
}

bool Contains(Oid element, const Multirange& whole, const Range& part) {
  const auto has_part = [&](const Range& range) { return Contains(element, range, part); };
  return part.empty || std::ranges::any_of(whole.ranges, has_part);
}

bool Contains(Oid element, const Multirange& whole, const Multirange& part) {
  return std::ranges::all_of(part.ranges, [&](const Range& range) { return Contains(element, whole, range); });
}

bool Overlaps(Oid element, const Multirange& a, const Multirange& b) {
  bool found = false;
  const Status status = ForEachOverlap(element, a, b, [&](const Range&, const Range&) -> Result<bool> {
    found = true;
    return false;
  });
  return status.ok() && found;
}

Multirange UnionOf(Oid element, const Multirange& a, const Multirange& b) {
  std::vector<Range> all = a.ranges;
  all.insert(all.end(), b.ranges.begin(), b.ranges.end());
  return CanonicalMultirange(element, std::move(all));
}

Result<Multirange> IntersectionOf(Oid element, const Multirange& a, const Multirange& b) {
  Multirange common;
  WEIR_RETURN_NOT_OK(ForEachOverlap(element, a, b, [&](const Range& left, const Range& right) -> Result<bool> {
    WEIR_ASSIGN_OR_RETURN(Range both, IntersectionOf(element, left, right));
    common.ranges.push_back(std::move(both));
    return true;
  }));
  return common;
}

Result<Multirange> DifferenceOf(Oid element, const Multirange& a, const Multirange& b) {
  Multirange left;
  size_t at = 0;  // of b, whose ranges before it end before all that is still to be looked at
  for (Range rest : a.ranges) {
    while (at < b.ranges.size() && IsBefore(element, b.ranges[at], rest)) ++at;
    for (size_t i = at; i < b.ranges.size() && !rest.empty && Overlaps(element, b.ranges[i], rest); ++i) {
      if (CompareEnds(element, LowerOf(rest), LowerOf(b.ranges[i])) < 0) {
        WEIR_ASSIGN_OR_RETURN(Range before, Before(element, rest, b.ranges[i]));
        left.ranges.push_back(std::move(before));
      }
      const bool more = CompareEnds(element, UpperOf(rest), UpperOf(b.ranges[i])) > 0;
      WEIR_ASSIGN_OR_RETURN(rest, more ? Behind(element, rest, b.ranges[i]) : Result<Range>(Range{.empty = true}));
    }
    if (!rest.empty) left.ranges.push_back(std::move(rest));
  }
  return left;
}

}  // namespace weir::postgres
