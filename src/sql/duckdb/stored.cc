#include "sql/duckdb/stored.h"

#include <fmt/format.h>

#include "postgres/value/number.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::TypeRef;

duckdb::Value StoredArray(const postgres::Array& array, const LogicalType& form) {
  if (array.dimensions.size() > 1) Throw(TooManyDimensions(array.dimensions.size()));
  for (const auto& dimension : array.dimensions) {
    if (dimension.lower_bound != 1) Throw(Error("0A000", "arrays that do not begin with 1 are not supported"));
  }
  const LogicalType& element_form = duckdb::ListType::GetChildType(form);
  duckdb::vector<duckdb::Value> elements;
  for (const postgres::Value& element : array.elements) {
    elements.push_back(ToStored(element, {array.element}, element_form).DefaultCastAs(element_form));
  }
  return duckdb::Value::LIST(element_form, std::move(elements));
}

}  // namespace

DecimalForm::DecimalForm(const LogicalType& type)
    : width(duckdb::DecimalType::GetWidth(type)), scale(duckdb::DecimalType::GetScale(type)) {
  for (int i = 0; i < width; ++i) limit *= 10;
}

Result<postgres::Int128> UnscaledOf(const postgres::Numeric& value, const DecimalForm& form) {
  if (!value.is_finite()) {
    std::string text;
    postgres::AppendNumeric(value, &text);
    return Error("0A000", fmt::format("numeric {} is not supported", text),
                 {.hint = "Use double precision for values that are no numbers."});
  }
  if (value.scale() > form.scale && postgres::MinScale(value).value_or(0) > form.scale) {
    return Error(
        "22003", "numeric field overflow",
        {.detail = fmt::format("numeric without precision holds {} digits after the decimal point.", form.scale),
         .hint = "Declare it as numeric(p,s), or round the value."});
  }
  const auto unscaled = postgres::DecimalOf(value, form.scale);
  if (unscaled && *unscaled < form.limit && -*unscaled < form.limit) return *unscaled;
  return Error(
      "22003", "numeric field overflow",
      {.detail = fmt::format("A field with precision {}, scale {} must round to an absolute value less than 10^{}.",
                             form.width, form.scale, form.width - form.scale)});
}

duckdb::Value ToStored(const postgres::Value& value, TypeRef type, const LogicalType& form) {
  const auto* array = std::get_if<postgres::Array>(&value);
  if (array != nullptr && form.id() == LogicalTypeId::LIST) return StoredArray(*array, form);
  const auto* number = std::get_if<postgres::Numeric>(&value);
  if (number != nullptr && form.id() == LogicalTypeId::DECIMAL) {
    ThrowNotOk(UnscaledOf(*number, DecimalForm(form)).status());
  }
  const bool as_text =
      form.id() == LogicalTypeId::VARCHAR && !value.is_null() && !std::holds_alternative<std::string>(value);
  if (!as_text) return ToDuck(value, type, form);
  std::string text;
  postgres::WriteText(type.oid, value, {}, &text);
  return duckdb::Value(text);
}

duckdb::Value FromStored(const duckdb::Value& stored, TypeRef type, const LogicalType& form) {
  if (stored.type().id() == LogicalTypeId::VARCHAR) {
    return ToDuck(ValueOrThrow(postgres::ReadText(type, duckdb::StringValue::Get(stored), {})), type, form);
  }
  const LogicalType& element_form = duckdb::ListType::GetChildType(form);
  duckdb::vector<duckdb::Value> elements;
  for (const duckdb::Value& element : duckdb::ListValue::GetChildren(stored)) {
    elements.push_back(element.IsNull() ? duckdb::Value(element_form)
                                        : FromStored(element, {ElementOf(type.oid)}, element_form));
  }
  return duckdb::Value::LIST(element_form, std::move(elements));
}

}  // namespace weir::sql::duck
