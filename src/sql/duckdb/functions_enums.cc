#include <fmt/format.h>

#include <algorithm>

#include "postgres/made_type.h"
#include "sql/duckdb/typed_function.h"

namespace weir::sql::duck {
namespace {

using postgres::EnumLabel;
using postgres::Value;

/// All labels of the enum that the first argument, whose value does not matter, is of.
const std::vector<EnumLabel>& LabelsOf(const TypedArguments& arguments) {
  const postgres::MadeType* made = postgres::FindMadeType(arguments.type(0));
  if (made == nullptr) Throw(Error("XX000", "could not determine actual enum type"));
  if (!made->labels.empty()) return made->labels;
  Throw(Error("55000", fmt::format("enum {} contains no values", postgres::FormatType(made->oid))));
}

/// The place of an argument's label; `otherwise` for NULL.
size_t PlaceOf(const TypedArguments& arguments, size_t i, const std::vector<EnumLabel>& labels, size_t otherwise) {
  if (arguments.is_null(i)) return otherwise;
  const auto label = arguments.get<std::string>(i);
  return static_cast<size_t>(std::ranges::find(labels, label, &EnumLabel::name) - labels.begin());
}

/// The labels in [first, last].
Value Between(const TypedArguments& arguments, const std::vector<EnumLabel>& labels, size_t first, size_t last) {
  postgres::Array array{.element = arguments.type(0)};
  for (size_t i = first; i <= last && i < labels.size(); ++i) array.elements.emplace_back(labels[i].name);
  if (!array.elements.empty()) array.dimensions.push_back({static_cast<int32_t>(array.elements.size()), 1});
  return Value(std::move(array));
}

}  // namespace

void AddEnums(FunctionList* list) {
  AddTypedFunction(list, "enum_first(anyenum)",
                   [](const TypedArguments& a) -> Result<Value> { return Value(LabelsOf(a).front().name); });
  AddTypedFunction(list, "enum_last(anyenum)",
                   [](const TypedArguments& a) -> Result<Value> { return Value(LabelsOf(a).back().name); });
  AddTypedFunction(list, "enum_range(anyenum)", [](const TypedArguments& a) -> Result<Value> {
    const postgres::MadeType* made = postgres::FindMadeType(a.type(0));
    if (made == nullptr) return Error("XX000", "could not determine actual enum type");
    return Between(a, made->labels, 0, made->labels.size());
  });
  AddTypedFunction(list, "enum_range(anyenum,anyenum)", [](const TypedArguments& a) -> Result<Value> {
    const postgres::MadeType* made = postgres::FindMadeType(a.type(0));
    if (made == nullptr) return Error("XX000", "could not determine actual enum type");
    const std::vector<EnumLabel>& labels = made->labels;
    return Between(a, labels, PlaceOf(a, 0, labels, 0), PlaceOf(a, 1, labels, labels.size()));
  });
}

}  // namespace weir::sql::duck
