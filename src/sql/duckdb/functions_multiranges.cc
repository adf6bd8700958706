#include "postgres/compute/multiranges.h"
#include "postgres/compute/ranges.h"
#include "postgres/value/nested.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Multirange;
using pg::Oid;
using pg::Range;
using pg::Value;
using Arguments = TypedArguments;

/// An argument as a multirange: a range is one of itself alone.
Multirange RangesOf(const Arguments& a, size_t i) {
  Value value = a.value(i);
  if (auto* ranges = std::get_if<Multirange>(&value)) return std::move(*ranges);
  return pg::CanonicalMultirange(pg::RangeElement(a.type(i)), {std::get<Range>(value)});
}
Range WholeOf(const Arguments& a, size_t i) { return pg::SpanOf(RangesOf(a, i)); }

// --- made of ranges, and what they tell ---

Result<Value> MakeMultirange(const Arguments& a) {
  const Oid element = pg::RangeElement(a.result());
  if (a.size() == 0) return Value(Multirange{});
  Value given = a.value(0);
  if (auto* range = std::get_if<Range>(&given)) return Value(pg::CanonicalMultirange(element, {std::move(*range)}));
  auto& array = std::get<pg::Array>(given);
  if (array.dimensions.size() > 1) {
    return Error("21000", "multiranges cannot be constructed from multidimensional arrays");
  }
  std::vector<Range> ranges;
  for (Value& range : array.elements) {
    if (range.is_null()) return Error("22004", "multirange values cannot contain null members");
    ranges.push_back(std::get<Range>(std::move(range)));
  }
  return Value(pg::CanonicalMultirange(element, std::move(ranges)));
}

Result<Value> ValueOfBound(const std::vector<Value>& bound) { return bound.empty() ? Value() : bound.front(); }

void AddMultirangeBounds(FunctionList* list) {
  AddTypedFunction(list, "lower(anymultirange)", [](const Arguments& a) { return ValueOfBound(WholeOf(a, 0).lower); });
  AddTypedFunction(list, "upper(anymultirange)", [](const Arguments& a) { return ValueOfBound(WholeOf(a, 0).upper); });
  AddTypedFunction(list, "isempty(anymultirange)",
                   [](const Arguments& a) -> Result<Value> { return Value(WholeOf(a, 0).empty); });
  AddTypedFunction(list, "lower_inc(anymultirange)",
                   [](const Arguments& a) -> Result<Value> { return Value(WholeOf(a, 0).lower_inclusive); });
  AddTypedFunction(list, "upper_inc(anymultirange)",
                   [](const Arguments& a) -> Result<Value> { return Value(WholeOf(a, 0).upper_inclusive); });
  AddTypedFunction(list, "lower_inf(anymultirange)", [](const Arguments& a) -> Result<Value> {
    const Range whole = WholeOf(a, 0);
    return Value(!whole.empty && whole.lower.empty());
  });
  AddTypedFunction(list, "upper_inf(anymultirange)", [](const Arguments& a) -> Result<Value> {
    const Range whole = WholeOf(a, 0);
    return Value(!whole.empty && whole.upper.empty());
  });
  AddTypedFunction(list, "range_merge(anymultirange)",
                   [](const Arguments& a) -> Result<Value> { return Value(WholeOf(a, 0)); });
}

// --- operators ---

/// What only their first and last bounds decide.
template <bool (*kTest)(Oid, const Range&, const Range&)>
Result<Value> TestWhole(const Arguments& a) {
  return Value(kTest(pg::RangeElement(a.type(0)), WholeOf(a, 0), WholeOf(a, 1)));
}
bool WholeIsAfter(Oid element, const Range& a, const Range& b) { return pg::IsBefore(element, b, a); }

template <bool (*kTest)(Oid, const Multirange&, const Multirange&)>
Result<Value> TestRanges(const Arguments& a) {
  return Value(kTest(pg::RangeElement(a.type(0)), RangesOf(a, 0), RangesOf(a, 1)));
}
bool HasRanges(Oid element, const Multirange& a, const Multirange& b) { return pg::Contains(element, a, b); }
bool RangesAreIn(Oid element, const Multirange& a, const Multirange& b) { return pg::Contains(element, b, a); }

/// Of two multiranges, of a multirange and a range, and the other way round.
void AddTest(FunctionList* list, const std::string& name, TypedKernel kernel) {
  AddTypedFunction(list, "multirange_" + name + "_multirange(anymultirange,anymultirange)", kernel);
  AddTypedFunction(list, "multirange_" + name + "_range(anymultirange,anyrange)", kernel);
  AddTypedFunction(list, "range_" + name + "_multirange(anyrange,anymultirange)", kernel);
}

void AddTests(FunctionList* list) {
  AddTest(list, "adjacent", TestWhole<pg::IsAdjacent>);
  AddTest(list, "after", TestWhole<WholeIsAfter>);
  AddTest(list, "before", TestWhole<pg::IsBefore>);
  AddTest(list, "overleft", TestWhole<pg::EndsBefore>);
  AddTest(list, "overright", TestWhole<pg::BeginsAfter>);
  AddTest(list, "overlaps", TestRanges<pg::Overlaps>);
  AddTest(list, "contains", TestRanges<HasRanges>);
  AddTest(list, "contained_by", TestRanges<RangesAreIn>);
  AddTypedFunction(list, "multirange_contains_elem(anymultirange,anyelement)", [](const Arguments& a) -> Result<Value> {
    return Value(pg::Contains(pg::RangeElement(a.type(0)), RangesOf(a, 0), a.value(1)));
  });
  AddTypedFunction(list, "elem_contained_by_multirange(anyelement,anymultirange)",
                   [](const Arguments& a) -> Result<Value> {
                     return Value(pg::Contains(pg::RangeElement(a.type(1)), RangesOf(a, 1), a.value(0)));
                   });
}

template <Result<Multirange> (*kCompute)(Oid, const Multirange&, const Multirange&)>
Result<Value> ComputeRanges(const Arguments& a) {
  WEIR_ASSIGN_OR_RETURN(Multirange ranges, kCompute(pg::RangeElement(a.type(0)), RangesOf(a, 0), RangesOf(a, 1)));
  return Value(std::move(ranges));
}
Result<Multirange> BothOf(Oid element, const Multirange& a, const Multirange& b) { return pg::UnionOf(element, a, b); }

void AddMultirangeOperators(FunctionList* list) {
  const auto add = [&](const std::string& name, TypedKernel kernel) {
    AddTypedFunction(list, "multirange_" + name + "(anymultirange,anymultirange)", kernel);
  };
  add("union", ComputeRanges<BothOf>);
  add("intersect", ComputeRanges<pg::IntersectionOf>);
  add("minus", ComputeRanges<pg::DifferenceOf>);
}

// --- aggregates, over the array of their values, and unnest ---

/// range_agg: of all ranges, or all multiranges, that are not NULL.
Result<Value> UnionOfAll(const Arguments& a) {
  std::vector<Range> ranges;
  bool found = false;
  for (Value& value : a.get<pg::Array>(0).elements) {
    if (value.is_null()) continue;
    found = true;
    if (auto* range = std::get_if<Range>(&value)) {
      ranges.push_back(std::move(*range));
    } else {
      auto& several = std::get<Multirange>(value).ranges;
      ranges.insert(ranges.end(), several.begin(), several.end());
    }
  }
  return found ? Value(pg::CanonicalMultirange(pg::RangeElement(a.result()), std::move(ranges))) : Value();
}

/// range_intersect_agg of multiranges.
Result<Value> MultirangeOfAll(const Arguments& a) {
  const Oid element = pg::RangeElement(a.result());
  Value common;
  for (Value& value : a.get<pg::Array>(0).elements) {
    if (value.is_null()) continue;
    if (common.is_null()) {
      common = std::move(value);
    } else {
      const auto& one = std::get<Multirange>(value);
      WEIR_ASSIGN_OR_RETURN(auto both, pg::IntersectionOf(element, std::get<Multirange>(common), one));
      common = std::move(both);
    }
  }
  return common;
}

Result<Value> RangesOfMultirange(const Arguments& a) {
  auto ranges = a.get<Multirange>(0).ranges;
  pg::Array array{.element = pg::FindType(a.type(0))->range};
  if (!ranges.empty()) array.dimensions.push_back({.length = static_cast<int32_t>(ranges.size())});
  for (Range& range : ranges) array.elements.emplace_back(std::move(range));
  return Value(std::move(array));
}

}  // namespace

void AddMultiranges(FunctionList* list) {
  for (const std::string name : {"int4", "int8", "num", "date", "ts", "tstz"}) {
    AddTypedFunction(list, name + "multirange()", MakeMultirange);
    AddTypedFunction(list, name + "multirange(" + name + "range)", MakeMultirange);
    AddTypedFunction(list, name + "multirange(_" + name + "range)", MakeMultirange);
  }
  AddTypedFunction(list, "multirange(anyrange)", MakeMultirange);
  AddMultirangeBounds(list);
  AddTests(list);
  AddMultirangeOperators(list);
  AddTypedHelper(list, "pg.make_multirange", MakeMultirange);
  AddTypedHelper(list, "pg.multirange_union", UnionOfAll);
  AddTypedHelper(list, "pg.multirange_intersection", MultirangeOfAll);
  AddTypedHelper(list, "pg.multirange_ranges", RangesOfMultirange);
}

}  // namespace weir::sql::duck
