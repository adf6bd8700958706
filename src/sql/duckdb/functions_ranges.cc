#include "postgres/compute/ranges.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Oid;
using pg::Range;
using pg::Value;
using Arguments = TypedArguments;

Result<Value> Valued(Result<Range> range) {
  if (!range.ok()) return range.status();
  return Value(std::move(*range));
}

Result<Value> Make(const Arguments& a) {
  if (a.size() > 2 && a.is_null(2)) return Error("22000", "range constructor flags argument must not be null");
  return Valued(pg::MakeRange(pg::RangeElement(a.result()), a.value(0), a.value(1), a.size() > 2 ? a.text(2) : "[)"));
}

void AddBounds(FunctionList* list) {
  AddTypedFunction(list, "lower(anyrange)", [](const Arguments& a) -> Result<Value> {
    const auto range = a.get<Range>(0);
    return range.lower.empty() ? Value() : range.lower.front();
  });
  AddTypedFunction(list, "upper(anyrange)", [](const Arguments& a) -> Result<Value> {
    const auto range = a.get<Range>(0);
    return range.upper.empty() ? Value() : range.upper.front();
  });
  AddTypedFunction(list, "isempty(anyrange)",
                   [](const Arguments& a) -> Result<Value> { return Value(a.get<Range>(0).empty); });
  AddTypedFunction(list, "lower_inc(anyrange)",
                   [](const Arguments& a) -> Result<Value> { return Value(a.get<Range>(0).lower_inclusive); });
  AddTypedFunction(list, "upper_inc(anyrange)",
                   [](const Arguments& a) -> Result<Value> { return Value(a.get<Range>(0).upper_inclusive); });
  AddTypedFunction(list, "lower_inf(anyrange)", [](const Arguments& a) -> Result<Value> {
    const auto range = a.get<Range>(0);
    return Value(!range.empty && range.lower.empty());
  });
  AddTypedFunction(list, "upper_inf(anyrange)", [](const Arguments& a) -> Result<Value> {
    const auto range = a.get<Range>(0);
    return Value(!range.empty && range.upper.empty());
  });
}

template <bool (*kTest)(Oid, const Range&, const Range&)>
Result<Value> Test(const Arguments& a) {
  return Value(kTest(pg::RangeElement(a.type(0)), a.get<Range>(0), a.get<Range>(1)));
}
template <Result<Range> (*kCompute)(Oid, const Range&, const Range&)>
Result<Value> Compute(const Arguments& a) {
  return Valued(kCompute(pg::RangeElement(a.type(0)), a.get<Range>(0), a.get<Range>(1)));
}
bool IsAfter(Oid element, const Range& a, const Range& b) { return pg::IsBefore(element, b, a); }
bool IsContained(Oid element, const Range& a, const Range& b) { return pg::Contains(element, b, a); }
bool ContainsRange(Oid element, const Range& a, const Range& b) { return pg::Contains(element, a, b); }

void AddRangeOperators(FunctionList* list) {
  const auto add = [&](const char* name, TypedKernel kernel) {
    AddTypedFunction(list, std::string(name) + "(anyrange,anyrange)", kernel);
  };
  add("range_contains", Test<ContainsRange>);
  add("range_contained_by", Test<IsContained>);
  add("range_overlaps", Test<pg::Overlaps>);
  add("range_before", Test<pg::IsBefore>);
  add("range_after", Test<IsAfter>);
  add("range_overleft", Test<pg::EndsBefore>);
  add("range_overright", Test<pg::BeginsAfter>);
  add("range_adjacent", Test<pg::IsAdjacent>);
  add("range_union", Compute<pg::UnionOf>);
  add("range_minus", Compute<pg::DifferenceOf>);
  add("range_intersect", Compute<pg::IntersectionOf>);
  add("range_merge", Compute<pg::MergedRange>);
  AddTypedFunction(list, "range_contains_elem(anyrange,anyelement)", [](const Arguments& a) -> Result<Value> {
    return Value(pg::Contains(pg::RangeElement(a.type(0)), a.get<Range>(0), a.value(1)));
  });
  AddTypedFunction(list, "elem_contained_by_range(anyelement,anyrange)", [](const Arguments& a) -> Result<Value> {
    return Value(pg::Contains(pg::RangeElement(a.type(1)), a.get<Range>(1), a.value(0)));
  });
}

template <bool (*kHolds)(std::partial_ordering)>
Result<Value> RangesOrdered(const Arguments& a) {
  return Value(kHolds(pg::CompareValues(a.type(0), a.value(0), a.value(1))));
}

void AddComparisons(FunctionList* list) {
  for (const std::string kind : {"range", "multirange"}) {
    const auto add = [&](const std::string& name, TypedKernel kernel) {
      AddTypedFunction(list, kind + "_" + name + "(any" + kind + ",any" + kind + ")", kernel);
    };
    add("eq", RangesOrdered<std::is_eq>);
    add("ne", RangesOrdered<std::is_neq>);
    add("lt", RangesOrdered<std::is_lt>);
    add("le", RangesOrdered<std::is_lteq>);
    add("gt", RangesOrdered<std::is_gt>);
    add("ge", RangesOrdered<std::is_gteq>);
  }
}

/// range_intersect_agg: of all that are not NULL.
Result<Value> IntersectionOfAll(const Arguments& a) {
  const auto ranges = a.get<pg::Array>(0);
  const Oid element = pg::RangeElement(ranges.element);
  Value common;
  for (const Value& range : ranges.elements) {
    if (range.is_null()) continue;
    if (common.is_null()) {
      common = range;
    } else {
      WEIR_ASSIGN_OR_RETURN(auto both, pg::IntersectionOf(element, std::get<Range>(common), std::get<Range>(range)));
      common = std::move(both);
    }
  }
  return common;
}

}  // namespace

void AddRanges(FunctionList* list) {
  for (const std::string name :
       {"int4range(int4,int4", "int8range(int8,int8", "numrange(numeric,numeric", "daterange(date,date",
        "tsrange(timestamp,timestamp", "tstzrange(timestamptz,timestamptz"}) {
    AddTypedFunction(list, name + ")", Make);
    AddTypedFunction(list, name + ",text)", Make);
  }
  AddBounds(list);
  AddRangeOperators(list);
  AddComparisons(list);
  AddTypedHelper(list, "pg.range_intersection", IntersectionOfAll);
  AddTypedHelper(list, "pg.make_range", Make, false);
}

}  // namespace weir::sql::duck
