#include "sql/duckdb/form.h"

#include <fmt/format.h>

#include <algorithm>

#include "postgres/made_type.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::idx_t;
using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::Oid;

constexpr int kMaxWidth = 38;
/// A product may need more digits than DECIMAL has by its types alone. It gets them all the same where its values stay
/// below 10^26 then, with an error and never a wrong value beyond: money times rates, three factors in a row.
constexpr int kMaxProductWidth = 48;
constexpr int kMaxProductScale = 12;

bool IsDecimal(const LogicalType& type) { return type.id() == LogicalTypeId::DECIMAL; }

/// A constant numeric is rewritten here; no function is left to run.
std::optional<Emitted> ConstantInForm(const Emitted& value, const LogicalType& type) {
  if (!value.is_constant()) return std::nullopt;
  const auto& constant = value.expression->Cast<duckdb::ConstantExpression>().value;
  auto read = FromDuck(constant, {value.oid});
  return Emitted{Literal(ToDuck(read, {value.oid}, type)), type, value.oid};
}

Emitted NumericInForm(Emitted value, const LogicalType& type) {
  if (auto constant = ConstantInForm(value, type)) return std::move(*constant);
  if (type == BigNumericType()) return {Function("pg.to_numeric", std::move(value.expression)), type, value.oid};
  if (IsDecimal(value.type)) return {CastTo(type, std::move(value.expression)), type, value.oid};
  Throw(Error("XX000", "a numeric of any size does not become " + type.ToString() + " by its form alone"));
}

/// Arrays of numerics: each element.
Emitted ListInForm(Emitted value, const LogicalType& type) {
  const std::string name = "e";
  Emitted element{duckdb::make_uniq<duckdb::ColumnRefExpression>(name), duckdb::ListType::GetChildType(value.type),
                  ElementOf(value.oid)};
  if (element.type.id() == LogicalTypeId::LIST) element.oid = value.oid;
  Emitted changed = InForm(std::move(element), duckdb::ListType::GetChildType(type));
  return {WithLambda("list_transform", std::move(value.expression), name, std::move(changed.expression)), type,
          value.oid};
}

/// Rows: each field.
Emitted RowInForm(Emitted value, const LogicalType& type) {
  ParsedList fields;
  for (idx_t i = 0; i < duckdb::StructType::GetChildCount(type); ++i) {
    const std::string& from = duckdb::StructType::GetChildName(value.type, i);
    Emitted field{Function("struct_extract", value.expression->Copy(), Literal(duckdb::Value(from))),
                  duckdb::StructType::GetChildType(value.type, i), FieldType(from).oid};
    fields.push_back(std::move(InForm(std::move(field), duckdb::StructType::GetChildType(type, i)).expression));
    fields.back()->SetAlias(duckdb::StructType::GetChildName(type, i));
  }
  Parsed row = Function("struct_pack", std::move(fields));
  return {If(IsNull(std::move(value.expression)), NullOf(type), std::move(row)), type, value.oid};
}

/// Of rows with as many fields of the same types: the left one's names.
std::optional<LogicalType> CommonRow(const LogicalType& left, const LogicalType& right) {
  if (left.id() != LogicalTypeId::STRUCT || right.id() != LogicalTypeId::STRUCT) return std::nullopt;
  const auto& fields = duckdb::StructType::GetChildTypes(left);
  const auto& others = duckdb::StructType::GetChildTypes(right);
  if (fields.size() != others.size()) return std::nullopt;
  duckdb::child_list_t<LogicalType> common;
  for (size_t i = 0; i < fields.size(); ++i) {
    const postgres::TypeRef type = FieldType(fields[i].first);
    const postgres::TypeRef other = FieldType(others[i].first);
    if (type.oid != other.oid) return std::nullopt;
    const std::string name = type == other ? fields[i].first : FieldName(i, {type.oid});
    common.emplace_back(name, CommonForm(type.oid, fields[i].second, others[i].second));
  }
  return LogicalType::STRUCT(std::move(common));
}

}  // namespace

Emitted InForm(Emitted value, const LogicalType& type) {
  if (value.type == type) return value;
  if (value.is_numeric()) return NumericInForm(std::move(value), type);
  if (ElementOf(value.oid) != 0 && IsShaped(value.oid, value.type) != IsShaped(value.oid, type)) {
    const Oid array = value.oid;
    Parsed of = Literal(duckdb::Value::BIGINT(array));
    if (IsShaped(array, value.type)) {
      return {Function("pg.loaded", std::move(value.expression), std::move(of)), type, array};
    }
    return {Function("pg.stored", std::move(value.expression), std::move(of), NullOf(type)), type, array};
  }
  if (value.type.id() == LogicalTypeId::LIST && type.id() == LogicalTypeId::LIST)
    return ListInForm(std::move(value), type);
  if (value.type.id() == LogicalTypeId::STRUCT && type.id() == LogicalTypeId::STRUCT)
    return RowInForm(std::move(value), type);
  if (value.type.id() == LogicalTypeId::STRUCT && type.id() == LogicalTypeId::VARCHAR) {  // one of rows that are unlike
    const Oid row = value.oid;
    return {TextOf(std::move(value), {row}), type, row};
  }
  return {CastTo(type, std::move(value.expression)), type, value.oid};
}

Emitted InOwnForm(Emitted value) {
  if (value.is_numeric()) return InForm(std::move(value), BigNumericType());
  if (value.type.id() == LogicalTypeId::LIST) {
    const Oid element = ElementOf(value.oid);
    const LogicalType form = element ? PhysicalType({element}) : value.type;
    const bool rows = element == postgres::oid::kRecord;  // which have forms of their own
    if (element && !rows && duckdb::ListType::GetChildType(value.type).id() != LogicalTypeId::LIST) {
      return InForm(std::move(value), LogicalType::LIST(form));
    }
  }
  return value;
}

Parsed StoredNumeric(const Emitted& value) {
  if (!value.is_big() || value.expression->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return nullptr;
  const auto& call = value.expression->Cast<duckdb::FunctionExpression>();
  return call.function_name == "pg.loaded" ? call.children[0]->Copy() : nullptr;
}

LogicalType CommonForm(Oid oid, const LogicalType& left, const LogicalType& right) {
  if (left == right) return left;
  if (oid == postgres::oid::kNumeric) {
    const bool same_scale = IsDecimal(left) && IsDecimal(right) &&
                            duckdb::DecimalType::GetScale(left) == duckdb::DecimalType::GetScale(right);
    if (!same_scale) return BigNumericType();
    return duckdb::DecimalType::GetWidth(left) > duckdb::DecimalType::GetWidth(right) ? left : right;
  }
  if (ElementOf(oid) != 0 && DimensionsOf(left) != DimensionsOf(right)) return LogicalType::VARCHAR;  // shaped
  if (left.id() == LogicalTypeId::LIST && right.id() == LogicalTypeId::LIST) {
    const auto& inner_left = duckdb::ListType::GetChildType(left);
    const auto& inner_right = duckdb::ListType::GetChildType(right);
    const Oid element = inner_left.id() == LogicalTypeId::LIST ? oid : ElementOf(oid);
    return LogicalType::LIST(CommonForm(element, inner_left, inner_right));
  }
  if (auto row = CommonRow(left, right)) return *row;
  return PhysicalType({oid});
}

LogicalType Unify(EmittedList* values) {
  LogicalType form = values->front().type;
  for (const Emitted& value : *values) form = CommonForm(value.oid, form, value.type);
  for (Emitted& value : *values) value = InForm(std::move(value), form);
  return form;
}

namespace {

/// Types whose texts neither order nor equal each other as their values do.
bool IsComparedByOrderKey(Oid oid, const LogicalType& type) {
  if (type.id() != LogicalTypeId::VARCHAR) return false;  // a jsonb that is shown of a Fluss table's nested column
  if (oid == postgres::oid::kJsonb) return true;
  return postgres::RangeElement(oid) != 0 || IsShaped(oid, type);
}

bool IsRow(Oid oid, const LogicalType& type) {
  const bool row = oid == postgres::oid::kRecord || postgres::FindComposite(oid) != nullptr;
  return row && type.id() == LogicalTypeId::STRUCT;
}

/// Intervals of one length are alike to DuckDB alone, but not within others.
bool NeedsKeyWithin(Oid oid, const LogicalType& type) {
  return type.id() == LogicalTypeId::INTERVAL || NeedsKey(oid, type);
}

}  // namespace

Parsed KeyWithin(Emitted value) {
  if (value.type.id() == LogicalTypeId::INTERVAL) return Function("pg.interval_key", std::move(value.expression));
  return KeyOf(std::move(value));
}

namespace {

Parsed KeyOfRow(Emitted row) {
  ParsedList fields;
  for (const auto& [name, type] : duckdb::StructType::GetChildTypes(row.type)) {
    Parsed field = Function("struct_extract", row.expression->Copy(), Literal(duckdb::Value(name)));
    fields.push_back(KeyWithin({std::move(field), type, FieldType(name).oid}));
    fields.back()->SetAlias(name);
  }
  Parsed keys = Function("struct_pack", std::move(fields));
  return If(IsNull(std::move(row.expression)), Literal(duckdb::Value()), std::move(keys));
}

Parsed KeyOfArray(Emitted array) {
  const std::string name = "e";
  const auto& child = duckdb::ListType::GetChildType(array.type);
  Parsed key = KeyWithin({duckdb::make_uniq<duckdb::ColumnRefExpression>(name), child,
                          child.id() == LogicalTypeId::LIST ? array.oid : ElementOf(array.oid)});
  return WithLambda("list_transform", std::move(array.expression), name, std::move(key));
}

}  // namespace

bool NeedsKey(Oid oid, const LogicalType& type) {
  if (oid == postgres::oid::kNumeric) return type == BigNumericType();
  if (oid == postgres::oid::kTimetz || IsComparedByOrderKey(oid, type)) return true;
  if (IsRow(oid, type)) {
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    return std::any_of(fields.begin(), fields.end(),
                       [](const auto& field) { return NeedsKeyWithin(FieldType(field.first).oid, field.second); });
  }
  if (type.id() != LogicalTypeId::LIST) return false;
  const auto& child = duckdb::ListType::GetChildType(type);
  return NeedsKeyWithin(child.id() == LogicalTypeId::LIST ? oid : ElementOf(oid), child);
}

Parsed KeyOf(Emitted value) {
  if (!NeedsKey(value.oid, value.type)) return std::move(value.expression);
  if (value.is_numeric()) return Function("pg.numeric_key", std::move(value.expression));
  if (value.oid == postgres::oid::kTimetz) return Function("pg.timetz_key", std::move(value.expression));
  if (IsRow(value.oid, value.type)) return KeyOfRow(std::move(value));
  if (value.type.id() == LogicalTypeId::LIST) return KeyOfArray(std::move(value));
  return Function("pg.order_key", std::move(value.expression), Literal(duckdb::Value::BIGINT(value.oid)),
                  Literal(duckdb::Value::INTEGER(-1)));
}

namespace {

/// Literals that nothing has given a type are texts.
Oid TypeOfField(const std::string& name) {
  const Oid type = FieldType(name).oid;
  return type == postgres::oid::kUnknown ? Oid{postgres::oid::kText} : type;
}

/// So many first fields of two rows have the same types.
size_t CommonFields(const Emitted& left, const Emitted& right) {
  const auto& fields = duckdb::StructType::GetChildTypes(left.type);
  const auto& others = duckdb::StructType::GetChildTypes(right.type);
  size_t common = 0;
  while (common < std::min(fields.size(), others.size()) &&
         TypeOfField(fields[common].first) == TypeOfField(others[common].first)) {
    ++common;
  }
  return common;
}

Emitted FirstFields(const Emitted& row, size_t count) {
  ParsedList fields;
  duckdb::child_list_t<LogicalType> types;
  for (size_t i = 0; i < count; ++i) {
    const auto& [name, type] = duckdb::StructType::GetChildTypes(row.type)[i];
    fields.push_back(Function("struct_extract", row.expression->Copy(), Literal(duckdb::Value(name))));
    fields.back()->SetAlias(name);
    types.emplace_back(name, type);
  }
  return {Function("struct_pack", std::move(fields)), LogicalType::STRUCT(std::move(types)), row.oid};
}

std::string WhyNotComparable(const Emitted& left, const Emitted& right, size_t common) {
  const auto& fields = duckdb::StructType::GetChildTypes(left.type);
  const auto& others = duckdb::StructType::GetChildTypes(right.type);
  if (common == std::min(fields.size(), others.size())) {
    return "cannot compare record types with different numbers of columns";
  }
  return fmt::format("cannot compare dissimilar column types {} and {} at record column {}",
                     postgres::FormatType(TypeOfField(fields[common].first)),
                     postgres::FormatType(TypeOfField(others[common].first)), common + 1);
}

/// Rows of unlike types compare by the fields before the first that are unlike, and not at all where these are equal.
Parsed CompareUnlikeRows(ExpressionType op, const Emitted& left, const Emitted& right, size_t common) {
  Parsed compared = Function("pg.unlike_rows", IsNull(left.expression->Copy()),
                             Literal(duckdb::Value(WhyNotComparable(left, right, common))));
  if (common > 0) {
    Parsed equal = CompareValues(ExpressionType::COMPARE_EQUAL, FirstFields(left, common), FirstFields(right, common));
    Parsed first = CompareValues(op, FirstFields(left, common), FirstFields(right, common));
    compared = If(std::move(equal), std::move(compared), std::move(first));
  }
  Parsed missing = Conjunction(ExpressionType::CONJUNCTION_OR, IsNull(left.expression->Copy()),
                               IsNull(right.expression->Copy()));
  return If(std::move(missing), NullOf(LogicalType::BOOLEAN), std::move(compared));
}

/// DuckDB makes BETWEEN of a value's two bounds, and has none of arrays and rows: the value is not the same in both.
void HideGreater(ExpressionType op, Parsed* left, Parsed* right) {
  if (op == ExpressionType::COMPARE_GREATERTHAN || op == ExpressionType::COMPARE_GREATERTHANOREQUALTO) {
    *left = Function("pg.same", std::move(*left));
  } else if (op == ExpressionType::COMPARE_LESSTHAN || op == ExpressionType::COMPARE_LESSTHANOREQUALTO) {
    *right = Function("pg.same", std::move(*right));
  }
}

/// A constant in the form of the DECIMAL that it is compared with, where it has a place there.
void TakePlaceIn(const LogicalType& type, Emitted* constant) {
  if (!constant->is_constant() || !IsDecimal(constant->type) || !IsDecimal(type)) return;
  const auto scale = duckdb::DecimalType::GetScale;
  const auto whole = [&](const LogicalType& form) { return duckdb::DecimalType::GetWidth(form) - scale(form); };
  const bool fits = scale(constant->type) <= scale(type) && whole(constant->type) <= whole(type);
  if (fits) *constant = InForm(std::move(*constant), type);
}

}  // namespace

Parsed CompareValues(ExpressionType op, Emitted left, Emitted right) {
  const bool tells_nulls =
      op == ExpressionType::COMPARE_DISTINCT_FROM || op == ExpressionType::COMPARE_NOT_DISTINCT_FROM;
  if (!tells_nulls && IsRow(left.oid, left.type) && IsRow(right.oid, right.type)) {
    const size_t common = CommonFields(left, right);
    const size_t fields = duckdb::StructType::GetChildCount(left.type);
    if (common < fields || common < duckdb::StructType::GetChildCount(right.type)) {
      return CompareUnlikeRows(op, left, right, common);
    }
  }
  if (left.is_numeric() && right.is_numeric()) {
    TakePlaceIn(left.type, &right);
    TakePlaceIn(right.type, &left);
  }
  const bool held = left.type == right.type || SumForm(left, right);
  if (left.is_numeric() && right.is_numeric() && (left.is_big() || right.is_big() || !held)) {
    left = InForm(std::move(left), BigNumericType());
    right = InForm(std::move(right), BigNumericType());
  } else if (left.oid == right.oid && left.type != right.type &&
             (ElementOf(left.oid) != 0 || (left.type.IsNested() && right.type.IsNested()))) {
    const LogicalType form = CommonForm(left.oid, left.type, right.type);
    left = InForm(std::move(left), form);
    right = InForm(std::move(right), form);
  }
  const bool nested = left.type.IsNested();
  Parsed first = KeyOf(std::move(left));
  Parsed second = KeyOf(std::move(right));
  if (nested) HideGreater(op, &first, &second);
  return Compare(op, std::move(first), std::move(second));
}

std::optional<LogicalType> SumForm(const Emitted& left, const Emitted& right) {
  if (!IsDecimal(left.type) || !IsDecimal(right.type)) return std::nullopt;
  const int scale = std::max(duckdb::DecimalType::GetScale(left.type), duckdb::DecimalType::GetScale(right.type));
  const int whole = std::max(duckdb::DecimalType::GetWidth(left.type) - duckdb::DecimalType::GetScale(left.type),
                             duckdb::DecimalType::GetWidth(right.type) - duckdb::DecimalType::GetScale(right.type));
  if (whole + scale + 1 > kMaxWidth) return std::nullopt;
  return LogicalType::DECIMAL(static_cast<uint8_t>(whole + scale + 1), static_cast<uint8_t>(scale));
}

std::optional<LogicalType> ProductForm(const Emitted& left, const Emitted& right) {
  if (!IsDecimal(left.type) || !IsDecimal(right.type)) return std::nullopt;
  const int scale = duckdb::DecimalType::GetScale(left.type) + duckdb::DecimalType::GetScale(right.type);
  const int width = duckdb::DecimalType::GetWidth(left.type) + duckdb::DecimalType::GetWidth(right.type);
  const bool held = width <= kMaxWidth || (width <= kMaxProductWidth && scale <= kMaxProductScale);
  if (!held) return std::nullopt;
  return LogicalType::DECIMAL(static_cast<uint8_t>(std::min(width, kMaxWidth)), static_cast<uint8_t>(scale));
}

}  // namespace weir::sql::duck
