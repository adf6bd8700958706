#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "sql/duckdb/array_limit.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Array;
using pg::Value;
using Arguments = TypedArguments;
using Dimension = Array::Dimension;

Status WrongSubscripts(const char* message, std::string detail = {}) {
  return Error("2202E", message, {.detail = std::move(detail)});
}
Status NullSubscriptOfShaped() { return Error("22004", "array subscript in assignment must not be null"); }

int64_t UpperOf(const Dimension& dimension) { return int64_t{dimension.lower_bound} + dimension.length - 1; }

/// NULL is an empty one.
Array ArrayAt(const Arguments& a, size_t i) {
  return a.is_null(i) ? Array{.element = ElementOf(a.type(i))} : a.get<Array>(i);
}

bool AreSame(pg::Oid type, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  return pg::CompareValues(type, a, b) == 0;
}

// --- one more, or several

Result<Value> WithEnd(Array array, Value element, bool front) {
  if (array.dimensions.size() > 1) return Error("22000", "argument must be empty or one-dimensional array");
  if (static_cast<int64_t>(array.elements.size()) >= kMostArrayElements) return TooManyArrayElements();
  if (array.dimensions.empty()) array.dimensions.push_back({});
  array.elements.insert(front ? array.elements.begin() : array.elements.end(), std::move(element));
  ++array.dimensions[0].length;
  return Value(std::move(array));
}

Result<Value> AppendedTo(const Arguments& a) { return WithEnd(ArrayAt(a, 0), a.value(1), false); }
Result<Value> PrependedTo(const Arguments& a) { return WithEnd(ArrayAt(a, 1), a.value(0), true); }

/// The dimensions of two arrays behind one another: both of as many, or one of them an element of the other.
Result<std::vector<Dimension>> JoinedDimensions(const Array& left, const Array& right) {
  constexpr const char* kIncompatible = "cannot concatenate incompatible arrays";
  const auto& a = left.dimensions;
  const auto& b = right.dimensions;
  if (a.size() > b.size() + 1 || b.size() > a.size() + 1) {
    return WrongSubscripts(kIncompatible, "Arrays of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                                              " dimensions are not compatible for concatenation.");
  }
  std::vector<Dimension> joined = a.size() >= b.size() ? a : b;
  const std::span<const Dimension> inner(a.size() >= b.size() ? b : a);
  const bool alike = a.size() == b.size();
  const std::span<const Dimension> below(joined.data() + 1, joined.size() - 1);
  if (!std::ranges::equal(below, alike ? inner.subspan(1) : inner)) {
    return WrongSubscripts(kIncompatible, fmt::format("Arrays with differing {}dimensions are not compatible for "
                                                      "concatenation.",
                                                      alike ? "element " : ""));
  }
  joined[0].length += alike ? inner[0].length : 1;
  return joined;
}

Result<Value> OneBehindOther(const Arguments& a) {
  if (a.is_null(0) && a.is_null(1)) return Value();
  Array left = ArrayAt(a, 0);
  Array right = ArrayAt(a, 1);
  if (left.dimensions.empty()) return Value(std::move(right));
  if (right.dimensions.empty()) return Value(std::move(left));
  if (static_cast<int64_t>(left.elements.size() + right.elements.size()) > kMostArrayElements) {
    return TooManyArrayElements();
  }
  WEIR_ASSIGN_OR_RETURN(left.dimensions, JoinedDimensions(left, right));
  std::ranges::move(right.elements, std::back_inserter(left.elements));
  return Value(std::move(left));
}

/// Arrays as the elements of one with a dimension more.
Result<Value> StackedRows(std::vector<Array> rows, pg::Oid element, const char* unlike) {
  Array all{.element = element};
  if (rows.empty()) return Value(std::move(all));
  const std::vector<Dimension> below = rows.front().dimensions;
  for (Array& row : rows) {
    if (row.dimensions != below) return WrongSubscripts(unlike);
    if (static_cast<int64_t>(all.elements.size() + row.elements.size()) > kMostArrayElements) {
      return TooManyArrayElements();
    }
    std::ranges::move(row.elements, std::back_inserter(all.elements));
  }
  if (below.empty()) return Value(std::move(all));
  if (below.size() >= 6) {
    return Error("54000", "number of array dimensions (7) exceeds the maximum allowed (6)");
  }
  all.dimensions.push_back({.length = static_cast<int32_t>(rows.size()), .lower_bound = 1});
  all.dimensions.insert(all.dimensions.end(), below.begin(), below.end());
  return Value(std::move(all));
}

/// ARRAY[a, b, …] of arrays: NULL is as good as an empty one.
Result<Value> RowsWritten(const Arguments& a) {
  std::vector<Array> rows;
  for (size_t i = 0; i < a.size(); ++i) rows.push_back(ArrayAt(a, i));
  return StackedRows(std::move(rows), ElementOf(a.result()),
                "multidimensional arrays must have array expressions with matching dimensions");
}

/// array_agg of arrays, from the list of their texts.
Result<Value> RowsGathered(const Arguments& a) {
  std::vector<Array> rows;
  for (const auto& text : a.texts(0)) {
    if (!text) return Error("22004", "cannot accumulate null arrays");
    WEIR_ASSIGN_OR_RETURN(Value value, pg::ReadText({a.result()}, *text, {}));
    rows.push_back(std::get<Array>(std::move(value)));
    if (rows.back().dimensions.empty()) return WrongSubscripts("cannot accumulate empty arrays");
  }
  return StackedRows(std::move(rows), ElementOf(a.result()), "cannot accumulate arrays of different dimensionality");
}

// --- elements that equal a value

Result<Value> WithoutValue(const Arguments& a) {
  if (a.is_null(0)) return Value();
  auto array = a.get<Array>(0);
  if (array.dimensions.size() > 1) {
    return Error("0A000", "removing elements from multidimensional arrays is not supported");
  }
  const Value value = a.value(1);
  std::erase_if(array.elements, [&](const Value& element) { return AreSame(array.element, element, value); });
  if (array.elements.empty()) array.dimensions.clear();
  else array.dimensions[0].length = static_cast<int32_t>(array.elements.size());
  return Value(std::move(array));
}

Result<Value> WithOther(const Arguments& a) {
  if (a.is_null(0)) return Value();
  auto array = a.get<Array>(0);
  const Value from = a.value(1);
  const Value to = a.value(2);
  for (Value& element : array.elements) {
    if (AreSame(array.element, element, from)) element = to;
  }
  return Value(std::move(array));
}

Status NoSearch() {
  return Error("0A000", "searching for elements in multidimensional arrays is not supported");
}

/// array_position(array, value [, from])
Result<Value> PlaceInShaped(const Arguments& a) {
  if (a.is_null(0)) return Value();
  const auto array = a.get<Array>(0);
  if (array.dimensions.size() > 1) return NoSearch();
  if (array.dimensions.empty()) return Value();
  if (a.size() > 2 && a.is_null(2)) return Error("22004", "initial position must not be null");
  const int64_t first = array.dimensions[0].lower_bound;
  const int64_t from = a.size() > 2 ? a.get<int32_t>(2) : first;
  const Value value = a.value(1);
  for (size_t i = 0; i < array.elements.size(); ++i) {
    const int64_t place = first + static_cast<int64_t>(i);
    if (place >= from && AreSame(array.element, array.elements[i], value)) return Value(static_cast<int32_t>(place));
  }
  return Value();
}

Result<Value> PlacesOf(const Arguments& a) {
  if (a.is_null(0)) return Value();
  const auto array = a.get<Array>(0);
  if (array.dimensions.size() > 1) return NoSearch();
  Array places{.element = pg::oid::kInt4};
  const Value value = a.value(1);
  for (size_t i = 0; i < array.elements.size(); ++i) {
    if (!AreSame(array.element, array.elements[i], value)) continue;
    places.elements.emplace_back(array.dimensions[0].lower_bound + static_cast<int32_t>(i));
  }
  if (!places.elements.empty()) places.dimensions.push_back({.length = static_cast<int32_t>(places.elements.size())});
  return Value(std::move(places));
}

// --- dimensions

const Dimension* DimensionAt(const Array& array, int32_t dimension) {
  if (dimension < 1 || dimension > static_cast<int32_t>(array.dimensions.size())) return nullptr;
  return &array.dimensions[static_cast<size_t>(dimension) - 1];
}

template <int64_t (*kOf)(const Dimension&)>
Result<Value> OfDimension(const Arguments& a) {
  const auto array = a.get<Array>(0);
  const Dimension* dimension = DimensionAt(array, a.get<int32_t>(1));
  return dimension == nullptr ? Value() : Value(static_cast<int32_t>(kOf(*dimension)));
}
int64_t LengthOfDimension(const Dimension& dimension) { return dimension.length; }
int64_t LowerOfDimension(const Dimension& dimension) { return dimension.lower_bound; }

Result<Value> CountOfDimensions(const Arguments& a) {
  const auto count = static_cast<int32_t>(a.get<Array>(0).dimensions.size());
  return count == 0 ? Value() : Value(count);
}

Result<Value> CountOfElements(const Arguments& a) {
  return Value(static_cast<int32_t>(a.get<Array>(0).elements.size()));
}

/// generate_subscripts(array, dimension)
Result<Value> SubscriptsOf(const Arguments& a) {
  const auto array = a.get<Array>(0);
  const Dimension* dimension = DimensionAt(array, a.get<int32_t>(1));
  Array places{.element = pg::oid::kInt4};
  if (dimension == nullptr || dimension->length == 0) return Value(std::move(places));
  places.dimensions.push_back({.length = dimension->length});
  for (int64_t i = dimension->lower_bound; i <= UpperOf(*dimension); ++i) {
    places.elements.emplace_back(static_cast<int32_t>(i));
  }
  return Value(std::move(places));
}

/// All elements, one behind the other, in one dimension.
Result<Value> ElementsInRow(const Arguments& a) {
  auto array = a.get<Array>(0);
  array.dimensions.clear();
  if (!array.elements.empty()) array.dimensions.push_back({.length = static_cast<int32_t>(array.elements.size())});
  return Value(std::move(array));
}

/// The elements of the second array in the dimensions of the first.
Result<Value> InDimensionsOf(const Arguments& a) {
  auto array = a.get<Array>(1);
  array.dimensions = a.get<Array>(0).dimensions;
  return Value(std::move(array));
}

// --- parts

/// Where an element stands among all; nothing for a place outside.
std::optional<size_t> PlaceAt(const std::vector<Dimension>& dimensions, std::span<const int32_t> subscripts) {
  size_t place = 0;
  for (size_t i = 0; i < dimensions.size(); ++i) {
    if (subscripts[i] < dimensions[i].lower_bound || subscripts[i] > UpperOf(dimensions[i])) return std::nullopt;
    const int64_t within = int64_t{subscripts[i]} - dimensions[i].lower_bound;
    place = place * static_cast<size_t>(dimensions[i].length) + static_cast<size_t>(within);
  }
  return place;
}

std::vector<int32_t> SubscriptsFrom(const Arguments& a, size_t first) {
  std::vector<int32_t> subscripts;
  for (size_t i = first; i < a.size(); ++i) subscripts.push_back(a.get<int32_t>(i));
  return subscripts;
}

/// (array, subscripts…)
Result<Value> ElementOfShaped(const Arguments& a) {
  const auto array = a.get<Array>(0);
  const std::vector<int32_t> subscripts = SubscriptsFrom(a, 1);
  if (subscripts.size() != array.dimensions.size() || array.elements.empty()) return Value();
  const auto place = PlaceAt(array.dimensions, subscripts);
  return place ? array.elements[*place] : Value();
}

/// From a place to another in each dimension.
struct Box {
  std::vector<Dimension> dimensions;

  bool IsEmpty() const {
    return std::ranges::any_of(dimensions, [](const Dimension& dimension) { return dimension.length <= 0; });
  }
  /// Calls body(subscripts) for each place, the last dimension first.
  template <typename Body>
  void ForEach(Body&& body) const {
    std::vector<int32_t> at;
    for (const Dimension& dimension : dimensions) at.push_back(dimension.lower_bound);
    while (true) {
      body(at);
      size_t i = dimensions.size();
      while (i > 0 && at[i - 1] == UpperOf(dimensions[i - 1])) {
        at[i - 1] = dimensions[i - 1].lower_bound;
        --i;
      }
      if (i == 0) return;
      ++at[i - 1];
    }
  }
};

Dimension FromTo(int64_t lower, int64_t upper) {
  return {.length = static_cast<int32_t>(std::clamp<int64_t>(upper - lower + 1, 0, INT32_MAX)),
          .lower_bound = static_cast<int32_t>(lower)};
}

/// array[lower:upper]…: (array, lower, upper, …). What is open goes as far as the array does.
Result<Value> PartOfShaped(const Arguments& a) {
  const auto array = a.get<Array>(0);
  const std::vector<int32_t> ends = SubscriptsFrom(a, 1);
  Array part{.element = array.element};
  if (array.dimensions.size() < ends.size() / 2 || array.elements.empty()) return Value(std::move(part));
  Box box{array.dimensions};
  for (size_t i = 0; i < ends.size() / 2; ++i) {
    const Dimension& whole = array.dimensions[i];
    box.dimensions[i] = FromTo(std::max(ends[2 * i], whole.lower_bound),
                               std::min<int64_t>(ends[2 * i + 1], UpperOf(whole)));
  }
  if (box.IsEmpty()) return Value(std::move(part));
  box.ForEach([&](const std::vector<int32_t>& at) {
    part.elements.push_back(array.elements[*PlaceAt(array.dimensions, at)]);
  });
  for (const Dimension& dimension : box.dimensions) part.dimensions.push_back({.length = dimension.length});
  return Value(std::move(part));
}

/// trim_array(array, count): of the first dimension.
Result<Value> WithoutLast(const Arguments& a) {
  auto array = a.get<Array>(0);
  const auto count = a.get<int32_t>(1);
  const int32_t length = array.dimensions.empty() ? 0 : array.dimensions[0].length;
  if (count < 0 || count > length) {
    return Error("2202E", "number of elements to trim must be between 0 and " + std::to_string(length));
  }
  if (array.dimensions.empty()) return Value(std::move(array));
  const size_t row = array.elements.size() / static_cast<size_t>(length);
  array.elements.resize(array.elements.size() - row * static_cast<size_t>(count));
  array.dimensions[0].length -= count;
  for (Dimension& dimension : array.dimensions) dimension.lower_bound = 1;
  if (array.elements.empty()) array.dimensions.clear();
  return Value(std::move(array));
}

// --- assignments

/// Makes room from `lower` to `upper` in an array of one dimension: what comes between is NULL.
Status MakeRoom(int64_t lower, int64_t upper, Array* array) {
  Dimension& dimension = array->dimensions[0];
  const int64_t first = std::min<int64_t>(lower, dimension.lower_bound);
  const int64_t last = std::max(upper, UpperOf(dimension));
  if (last - first + 1 > kMostArrayElements) return TooManyArrayElements();
  array->elements.insert(array->elements.begin(), static_cast<size_t>(dimension.lower_bound - first), Value());
  dimension = FromTo(first, last);
  array->elements.resize(static_cast<size_t>(dimension.length));
  return Status::OK();
}

/// SET array[subscripts] = value: (array, value, subscripts…)
Result<Value> WithElementSet(const Arguments& a) {
  for (size_t i = 2; i < a.size(); ++i) {
    if (a.is_null(i)) return NullSubscriptOfShaped();
  }
  const std::vector<int32_t> subscripts = SubscriptsFrom(a, 2);
  Array array = ArrayAt(a, 0);
  if (array.dimensions.empty()) {
    for (const int32_t subscript : subscripts) array.dimensions.push_back({.length = 1, .lower_bound = subscript});
    array.elements.push_back(a.value(1));
    return Value(std::move(array));
  }
  if (array.dimensions.size() != subscripts.size()) return WrongSubscripts("wrong number of array subscripts");
  if (subscripts.size() == 1) WEIR_RETURN_NOT_OK(MakeRoom(subscripts[0], subscripts[0], &array));
  const auto place = PlaceAt(array.dimensions, subscripts);
  if (!place) return WrongSubscripts("array subscript out of range");
  array.elements[*place] = a.value(1);
  return Value(std::move(array));
}

/// The places that an assignment to a slice names: `ends` two for each subscript, open where they are the least and the
/// greatest number.
Result<Box> BoxOf(const std::vector<int32_t>& ends, const std::vector<Dimension>& dimensions) {
  Box box{dimensions};
  box.dimensions.resize(std::max(dimensions.size(), ends.size() / 2));
  for (size_t i = 0; i < ends.size() / 2; ++i) {
    const bool lower_open = ends[2 * i] == INT32_MIN;
    const bool upper_open = ends[2 * i + 1] == INT32_MAX;
    if (dimensions.empty() && (lower_open || upper_open)) {
      return WrongSubscripts(
          "array slice subscript must provide both boundaries",
          "When assigning to a slice of an empty array value, slice boundaries must be fully specified.");
    }
    const int64_t lower = lower_open ? dimensions[i].lower_bound : ends[2 * i];
    const int64_t upper = upper_open ? UpperOf(dimensions[i]) : ends[2 * i + 1];
    if (lower > upper) return WrongSubscripts("upper bound cannot be less than lower bound");
    const bool outside = dimensions.size() > 1 && (lower < dimensions[i].lower_bound || upper > UpperOf(dimensions[i]));
    if (outside) return WrongSubscripts("array subscript out of range");
    if (upper - lower + 1 > kMostArrayElements) return TooManyArrayElements();
    box.dimensions[i] = FromTo(lower, upper);
  }
  return box;
}

/// SET array[lower:upper]… = values: (array, values, lower, upper, …). The first of the values are taken.
Result<Value> WithPartSet(const Arguments& a) {
  for (size_t i = 2; i < a.size(); ++i) {
    if (a.is_null(i)) return NullSubscriptOfShaped();
  }
  if (a.is_null(1)) return a.value(0);
  const std::vector<int32_t> ends = SubscriptsFrom(a, 2);
  Array array = ArrayAt(a, 0);
  auto values = a.get<Array>(1);
  if (!array.dimensions.empty() && array.dimensions.size() < ends.size() / 2) {
    return WrongSubscripts("wrong number of array subscripts");
  }
  WEIR_ASSIGN_OR_RETURN(const Box box, BoxOf(ends, array.dimensions));
  int64_t count = 1;
  for (const Dimension& dimension : box.dimensions) {
    count *= dimension.length;
    if (count > kMostArrayElements) return TooManyArrayElements();
  }
  if (count > static_cast<int64_t>(values.elements.size())) return WrongSubscripts("source array too small");
  if (array.dimensions.empty()) {
    values.elements.resize(static_cast<size_t>(count));
    return Value(Array{array.element, box.dimensions, std::move(values.elements)});
  }
  if (array.dimensions.size() == 1) {
    WEIR_RETURN_NOT_OK(MakeRoom(box.dimensions[0].lower_bound, UpperOf(box.dimensions[0]), &array));
  }
  size_t next = 0;
  box.ForEach([&](const std::vector<int32_t>& at) {
    array.elements[*PlaceAt(array.dimensions, at)] = std::move(values.elements[next++]);
  });
  return Value(std::move(array));
}

}  // namespace

void AddShapedArrays(FunctionList* list) {
  AddTypedHelper(list, "pg.shaped_append", AppendedTo, false);
  AddTypedHelper(list, "pg.shaped_prepend", PrependedTo, false);
  AddTypedHelper(list, "pg.shaped_cat", OneBehindOther, false);
  AddTypedHelper(list, "pg.shaped_rows", RowsWritten, false);
  AddTypedHelper(list, "pg.shaped_gathered", RowsGathered);
  AddTypedHelper(list, "pg.shaped_remove", WithoutValue, false);
  AddTypedHelper(list, "pg.shaped_replace", WithOther, false);
  AddTypedHelper(list, "pg.shaped_position", PlaceInShaped, false);
  AddTypedHelper(list, "pg.shaped_positions", PlacesOf, false);
  AddTypedHelper(list, "pg.shaped_length", OfDimension<LengthOfDimension>);
  AddTypedHelper(list, "pg.shaped_lower", OfDimension<LowerOfDimension>);
  AddTypedHelper(list, "pg.shaped_upper", OfDimension<UpperOf>);
  AddTypedHelper(list, "pg.shaped_ndims", CountOfDimensions);
  AddTypedHelper(list, "pg.shaped_cardinality", CountOfElements);
  AddTypedHelper(list, "pg.shaped_subscripts", SubscriptsOf);
  AddTypedHelper(list, "pg.shaped_elements", ElementsInRow);
  AddTypedHelper(list, "pg.in_dimensions_of", InDimensionsOf);
  AddTypedHelper(list, "pg.shaped_element", ElementOfShaped);
  AddTypedHelper(list, "pg.shaped_part", PartOfShaped);
  AddTypedHelper(list, "pg.shaped_trim", WithoutLast);
  AddTypedHelper(list, "pg.shaped_with_element", WithElementSet, false);
  AddTypedHelper(list, "pg.shaped_with_part", WithPartSet, false);
}

}  // namespace weir::sql::duck
