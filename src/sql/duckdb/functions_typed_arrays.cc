#include "sql/duckdb/array_limit.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::Array;
using pg::Oid;
using pg::Value;
using Arguments = TypedArguments;

/// int2vector and oidvector count from 0.
int32_t FirstPlace(Oid type, const Array::Dimension& dimension) {
  return type == pg::oid::kInt2vector || type == pg::oid::kOidvector ? 0 : dimension.lower_bound;
}

Result<Value> Dimensions(const Arguments& a) {
  const auto array = a.get<Array>(0);
  if (array.dimensions.empty()) return Value();
  std::string text;
  for (const auto& dimension : array.dimensions) {
    const int32_t first = FirstPlace(a.type(0), dimension);
    text += "[" + std::to_string(first) + ":" + std::to_string(first + dimension.length - 1) + "]";
  }
  return Value(std::move(text));
}

Result<std::vector<int32_t>> IntegersOf(const Arguments& a, size_t i, const char* what) {
  const auto array = a.get<Array>(i);
  if (array.dimensions.size() > 1) {
    return Error("2202E", "wrong number of array subscripts", {.detail = "Dimension array must be one dimensional."});
  }
  std::vector<int32_t> numbers;
  for (const Value& element : array.elements) {
    if (element.is_null()) return Error("22004", what);
    numbers.push_back(std::get<int32_t>(element));
  }
  return numbers;
}

/// array_fill(value, lengths [, first places])
Result<Value> Filled(const Arguments& a) {
  if (a.is_null(1) || (a.size() > 2 && a.is_null(2))) {
    return Error("22004", "dimension array or low bound array cannot be null");
  }
  WEIR_ASSIGN_OR_RETURN(const auto lengths, IntegersOf(a, 1, "dimension values cannot be null"));
  std::vector<int32_t> firsts(lengths.size(), 1);
  if (a.size() > 2) {
    WEIR_ASSIGN_OR_RETURN(firsts, IntegersOf(a, 2, "dimension values cannot be null"));
    if (firsts.size() != lengths.size()) {
      return Error("2202E", "wrong number of array subscripts",
                   {.detail = "Low bound array has different size than dimensions array."});
    }
  }
  Array array{.element = a.type(0)};
  int64_t count = lengths.empty() ? 0 : 1;
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] < 0) return TooManyArrayElements();
    count *= lengths[i];
    if (count > kMostArrayElements) return TooManyArrayElements();
    array.dimensions.push_back({.length = lengths[i], .lower_bound = firsts[i]});
  }
  if (count == 0) array.dimensions.clear();
  array.elements.assign(static_cast<size_t>(count), a.value(0));
  return Value(std::move(array));
}

/// In which of the parts between ascending thresholds a value lies.
Result<Value> Bucket(const Arguments& a) {
  const auto thresholds = a.get<Array>(1);
  if (thresholds.dimensions.size() > 1) return Error("2202E", "thresholds must be one-dimensional array");
  const Value value = a.value(0);
  int32_t below = 0;
  for (const Value& threshold : thresholds.elements) {
    if (threshold.is_null()) return Error("22004", "thresholds array must not contain NULLs");
  }
  int32_t end = static_cast<int32_t>(thresholds.elements.size());
  while (below < end) {
    const int32_t middle = below + (end - below) / 2;
    if (pg::CompareValues(a.type(0), value, thresholds.elements[static_cast<size_t>(middle)]) < 0) end = middle;
    else below = middle + 1;
  }
  return Value(below);
}

Result<Value> Subscripts(const Arguments& a) {
  const auto array = a.get<Array>(0);
  const auto dimension = a.get<int32_t>(1);
  const bool reverse = duckdb::BooleanValue::Get(a.raw(2));
  Array places{.element = pg::oid::kInt4};
  if (dimension < 1 || dimension > static_cast<int32_t>(array.dimensions.size())) return Value(std::move(places));
  const Array::Dimension& of = array.dimensions[static_cast<size_t>(dimension) - 1];
  const int32_t first = FirstPlace(a.type(0), of);
  const int32_t length = of.length;
  places.dimensions.push_back({.length = length, .lower_bound = 1});
  for (int32_t i = 0; i < length; ++i) places.elements.emplace_back(first + (reverse ? length - 1 - i : i));
  return Value(std::move(places));
}

/// Vectors of OIDs: the shorter first.
std::strong_ordering CompareVectors(const Arguments& a) {
  const auto left = a.get<Array>(0);
  const auto right = a.get<Array>(1);
  if (left.elements.size() != right.elements.size()) return left.elements.size() <=> right.elements.size();
  return pg::CompareValues(a.type(0), left, right);
}
template <bool (*kHolds)(std::partial_ordering)>
Result<Value> ArraysOrdered(const Arguments& a) {
  return Value(kHolds(CompareVectors(a)));
}

Result<Value> TypesOf(const Arguments& a) {
  std::string text;
  const auto vector = a.get<Array>(0);
  for (const Value& type : vector.elements) {
    if (!text.empty()) text += ", ";
    text += pg::FormatType(std::get<uint32_t>(type));
  }
  return Value(std::move(text));
}

}  // namespace

void AddTypedArrays(FunctionList* list) {
  AddTypedFunction(list, "array_dims(anyarray)", Dimensions);
  AddTypedFunction(list, "array_fill(anyelement,_int4)", Filled);
  AddTypedFunction(list, "array_fill(anyelement,_int4,_int4)", Filled);
  AddTypedFunction(list, "width_bucket(anycompatible,anycompatiblearray)", Bucket);
  AddTypedFunction(list, "generate_subscripts(anyarray,int4,bool)", Subscripts);
  AddTypedFunction(list, "oidvectoreq(oidvector,oidvector)", ArraysOrdered<std::is_eq>);
  AddTypedFunction(list, "oidvectorne(oidvector,oidvector)", ArraysOrdered<std::is_neq>);
  AddTypedFunction(list, "oidvectorlt(oidvector,oidvector)", ArraysOrdered<std::is_lt>);
  AddTypedFunction(list, "oidvectorle(oidvector,oidvector)", ArraysOrdered<std::is_lteq>);
  AddTypedFunction(list, "oidvectorgt(oidvector,oidvector)", ArraysOrdered<std::is_gt>);
  AddTypedFunction(list, "oidvectorge(oidvector,oidvector)", ArraysOrdered<std::is_gteq>);
  AddTypedFunction(list, "oidvectortypes(oidvector)", TypesOf);
}

}  // namespace weir::sql::duck
