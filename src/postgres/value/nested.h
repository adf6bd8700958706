#pragma once

#include <string>
#include <string_view>

#include "postgres/value.h"

namespace weir::postgres {

/// Texts and binary forms of values that hold others.

/// "{1,NULL,\"a b\"}", with "[2:4]=" in front where a lower bound is not 1. 22P02 with DETAIL, 2202E for bad bounds.
Result<Array> ReadArray(TypeRef element, char delimiter, std::string_view text, const Settings& settings);
void AppendArray(const Array& value, char delimiter, const Settings& settings, std::string* out);
/// `element`: the type that the elements must have.
Result<Array> ReadArrayBinary(TypeRef element, std::string_view bytes, const Settings& settings);
Status AppendArrayBinary(const Array& value, const Settings& settings, std::string* out);
/// int2vector and oidvector: numbers with blanks between, from 0.
Result<Array> ReadVector(Oid element, std::string_view text, const Settings& settings);
void AppendVector(const Array& value, const Settings& settings, std::string* out);

/// "(1,,\"a b\")"
void AppendRecord(const Record& value, const Settings& settings, std::string* out);
/// A row value of known types: 22P02 with DETAIL.
Result<Record> ReadRecord(std::span<const TypeRef> fields, std::string_view text, const Settings& settings);
Result<Record> ReadRecordBinary(std::string_view bytes, const Settings& settings);
Status AppendRecordBinary(const Record& value, const Settings& settings, std::string* out);

/// "[1,10)", "empty", "(,5]". 22P02 with DETAIL, 22000 for a lower bound above the upper.
Result<Range> ReadRange(Oid element, std::string_view text, const Settings& settings);
void AppendRange(Oid element, const Range& value, const Settings& settings, std::string* out);
Result<Range> ReadRangeBinary(Oid element, std::string_view bytes, const Settings& settings);
Status AppendRangeBinary(Oid element, const Range& value, const Settings& settings, std::string* out);
/// In the form that Range has: 22000 for a lower bound above the upper, 22003 and 22008 beyond the element's values.
Result<Range> CanonicalRange(Oid element, Range range);
/// One end of a range; `value` is empty where it is infinite.
struct RangeEnd {
  const std::vector<Value>* value;
  bool inclusive;
  bool lower;
};
inline RangeEnd LowerOf(const Range& range) { return {&range.lower, range.lower_inclusive, true}; }
inline RangeEnd UpperOf(const Range& range) { return {&range.upper, range.upper_inclusive, false}; }
std::strong_ordering CompareEnds(Oid element, const RangeEnd& a, const RangeEnd& b);
std::strong_ordering CompareRanges(Oid element, const Range& a, const Range& b);

/// "{[1,3),[5,7)}": ranges of `element` in any order, which may be empty, overlap and touch. 22P02 with DETAIL.
Result<Multirange> ReadMultirange(Oid element, std::string_view text, const Settings& settings);
void AppendMultirange(Oid element, const Multirange& value, const Settings& settings, std::string* out);
Result<Multirange> ReadMultirangeBinary(Oid element, std::string_view bytes, const Settings& settings);
Status AppendMultirangeBinary(Oid element, const Multirange& value, const Settings& settings, std::string* out);
/// In the form that Multirange has.
Multirange CanonicalMultirange(Oid element, std::vector<Range> ranges);
/// Range by range; what is shorter comes first.
std::strong_ordering CompareMultiranges(Oid element, const Multirange& a, const Multirange& b);

/// An array's element, and a row value's field, in quotes where it needs them.
void AppendArrayElement(std::string_view text, char delimiter, std::string* out);
void AppendRecordField(std::string_view text, std::string* out);

}  // namespace weir::postgres
