#include "sql/duckdb/shaped_calls.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "sql/duckdb/form.h"
#include "sql/duckdb/physical.h"
#include "sql/duckdb/typed_calls.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::TypeRef;

/// What computes a function of shaped arrays, and whether it gives one.
struct ShapedRule {
  const char* helper;
  bool gives_array = false;
};

bool IsOfAnyShape(const Emitted& value) {
  return IsShaped(value.oid, value.type) || (ElementOf(value.oid) != 0 && DimensionsOf(value.type) > 1);
}

/// Those that do not mind the dimensions: they take the elements as one row.
bool TakesElements(std::string_view name) {
  return name == "arraycontains" || name == "arraycontained" || name == "arrayoverlap" || name == "array_to_string";
}

}  // namespace

Emitted Shaped(Emitted array) { return InForm(std::move(array), LogicalType::VARCHAR); }

Emitted Flat(Emitted array) {
  if (IsShaped(array.oid, array.type)) {
    const TypeRef type{array.oid};
    EmittedList one;
    one.push_back(std::move(array));
    return TypedHelper("pg.shaped_elements", std::move(one), type);
  }
  const bool vectors = ElementOf(ElementOf(array.oid)) != 0;  // of int2vector, whose elements are lists themselves
  while (!vectors && DimensionsOf(array.type) > 1) {
    array.type = LogicalType(duckdb::ListType::GetChildType(array.type));
    array.expression = Function("flatten", std::move(array.expression));
  }
  return array;
}

std::optional<Emitted> ShapedCall(const postgres::Function& function, EmittedList* arguments, TypeRef result) {
  static const auto* rules = new std::unordered_map<std::string_view, ShapedRule>{
      {"array_append", {"pg.shaped_append", true}},
      {"array_prepend", {"pg.shaped_prepend", true}},
      {"array_cat", {"pg.shaped_cat", true}},
      {"array_remove", {"pg.shaped_remove", true}},
      {"array_replace", {"pg.shaped_replace", true}},
      {"trim_array", {"pg.shaped_trim", true}},
      {"array_position", {"pg.shaped_position"}},
      {"array_positions", {"pg.shaped_positions"}},
      {"array_length", {"pg.shaped_length"}},
      {"array_lower", {"pg.shaped_lower"}},
      {"array_upper", {"pg.shaped_upper"}},
      {"array_ndims", {"pg.shaped_ndims"}},
      {"cardinality", {"pg.shaped_cardinality"}},
  };
  if (std::ranges::none_of(*arguments, IsOfAnyShape)) return std::nullopt;
  if (TakesElements(function.name)) {
    for (Emitted& argument : *arguments) {
      if (IsOfAnyShape(argument)) argument = Flat(std::move(argument));
    }
    return std::nullopt;
  }
  const auto rule = rules->find(function.name);
  if (rule == rules->end()) return std::nullopt;
  if (rule->second.gives_array) return ShapedHelper(rule->second.helper, std::move(*arguments), result);
  return TypedHelper(rule->second.helper, std::move(*arguments), result);
}

}  // namespace weir::sql::duck
