#include "postgres/compute/jsonb.h"
#include "sql/duckdb/array_limit.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Array;
using pg::Value;
using Arguments = TypedArguments;

Status NullSubscript() { return Error("22004", "array subscript in assignment must not be null"); }

/// Places before the first one would begin the array below 1.
Status BelowFirst() { return Error("0A000", "arrays that do not begin with 1 are not supported"); }

/// The array of the first argument, with room for so many elements; NULL is an empty one.
Result<Array> WithRoom(const Arguments& a, int64_t count) {
  if (count > kMostArrayElements) return TooManyArrayElements();
  Array array{.element = ElementOf(a.type(0))};
  if (!a.is_null(0)) array = a.get<Array>(0);
  if (array.dimensions.empty()) array.dimensions.push_back({});
  const auto size = std::max(array.elements.size(), static_cast<size_t>(count));
  array.elements.resize(size);
  array.dimensions[0].length = static_cast<int32_t>(size);
  return array;
}

bool IsEmpty(const Arguments& a) { return a.is_null(0) || a.get<Array>(0).elements.empty(); }

/// SET array[place] = value: (array, value, place, place)
Result<Value> WithElement(const Arguments& a) {
  if (a.is_null(2)) return NullSubscript();
  const auto place = a.get<int32_t>(2);
  if (place < 1 || (place > 1 && IsEmpty(a))) return BelowFirst();
  WEIR_ASSIGN_OR_RETURN(Array array, WithRoom(a, place));
  array.elements[static_cast<size_t>(place) - 1] = a.value(1);
  return Value(std::move(array));
}

/// SET array[lower:upper] = values: (array, values, lower, upper). The first of the values are taken.
Result<Value> WithSlice(const Arguments& a) {
  if (a.is_null(2) || a.is_null(3)) return NullSubscript();
  if (a.is_null(1)) return a.value(0);
  auto lower = a.get<int32_t>(2);
  auto upper = a.get<int32_t>(3);
  const bool open = lower == INT32_MIN || upper == INT32_MAX;
  if (open && IsEmpty(a)) {
    return Error(
        "2202E", "array slice subscript must provide both boundaries",
        {.detail = "When assigning to a slice of an empty array value, slice boundaries must be fully specified."});
  }
  if (lower == INT32_MIN) lower = 1;
  if (upper == INT32_MAX) upper = static_cast<int32_t>(a.get<Array>(0).elements.size());
  if (lower > upper) return Error("2202E", "upper bound cannot be less than lower bound");
  if (lower < 1 || (lower > 1 && IsEmpty(a))) return BelowFirst();
  const auto values = a.get<Array>(1);
  const auto count = static_cast<size_t>(upper) - static_cast<size_t>(lower) + 1;
  if (values.elements.size() < count) return Error("2202E", "source array too small");
  WEIR_ASSIGN_OR_RETURN(Array array, WithRoom(a, upper));
  std::copy_n(values.elements.begin(), count, array.elements.begin() + lower - 1);
  return Value(std::move(array));
}

/// SET json[step]… = value: (json, value, steps…). A step that is a number makes an array where nothing is.
Result<Value> JsonbWithElement(const Arguments& a) {
  std::vector<std::optional<std::string>> path;
  for (size_t i = 2; i < a.size(); ++i) {
    if (a.is_null(i)) return Error("22004", "jsonb subscript in assignment must not be null");
    path.emplace_back(a.type(i) == pg::oid::kInt4 ? std::to_string(a.get<int32_t>(i)) : std::string(a.text(i)));
  }
  const char* empty = a.type(2) == pg::oid::kInt4 ? "[]" : "{}";
  const std::string_view json = a.is_null(0) ? empty : a.text(0);
  const std::string_view value = a.is_null(1) ? "null" : a.text(1);
  WEIR_ASSIGN_OR_RETURN(std::string changed, pg::JsonbWithElement(json, path, value));
  return Value(std::move(changed));
}

}  // namespace

void AddArrayParts(FunctionList* list) {
  AddTypedHelper(list, "pg.array_with_element", WithElement, false);
  AddTypedHelper(list, "pg.array_with_slice", WithSlice, false);
  AddTypedHelper(list, "pg.jsonb_with_element", JsonbWithElement, false);
}

}  // namespace weir::sql::duck
