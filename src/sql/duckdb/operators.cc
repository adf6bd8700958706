#include "sql/duckdb/operators.h"

#include <array>
#include <unordered_map>

#include "postgres/catalog_name.h"
#include "postgres/made_type.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/physical.h"
#include "sql/engine/errors.h"

namespace weir::sql::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using postgres::Computation;
namespace oid = postgres::oid;

std::optional<ExpressionType> OfOperator(std::string_view op) {
  if (op == "=") return ExpressionType::COMPARE_EQUAL;
  if (op == "<>") return ExpressionType::COMPARE_NOTEQUAL;
  if (op == "<") return ExpressionType::COMPARE_LESSTHAN;
  if (op == "<=") return ExpressionType::COMPARE_LESSTHANOREQUALTO;
  if (op == ">") return ExpressionType::COMPARE_GREATERTHAN;
  if (op == ">=") return ExpressionType::COMPARE_GREATERTHANOREQUALTO;
  return std::nullopt;
}

std::optional<ExpressionType> OfSuffix(std::string_view suffix) {
  if (suffix == "eq") return ExpressionType::COMPARE_EQUAL;
  if (suffix == "ne") return ExpressionType::COMPARE_NOTEQUAL;
  if (suffix == "lt") return ExpressionType::COMPARE_LESSTHAN;
  if (suffix == "le") return ExpressionType::COMPARE_LESSTHANOREQUALTO;
  if (suffix == "gt") return ExpressionType::COMPARE_GREATERTHAN;
  if (suffix == "ge") return ExpressionType::COMPARE_GREATERTHANOREQUALTO;
  return std::nullopt;
}

/// Types whose form here, or whose key, DuckDB compares as PostgreSQL compares the values.
constexpr std::array<std::string_view, 11> kComparedByForm = {
    "numeric_", "bpchar", "timetz_", "bit", "varbit", "jsonb_", "macaddr_", "macaddr8_", "record_", "tid", "enum_"};

}  // namespace

std::optional<ExpressionType> ComparisonOf(const postgres::Function& function) {
  if (function.result != oid::kBool || function.arguments.size() != 2) return std::nullopt;
  if (function.computation == Computation::kOperator) return OfOperator(function.computed_by);
  for (std::string_view type : kComparedByForm) {
    if (function.name.starts_with(type) && function.name.size() == type.size() + 2)
      return OfSuffix(function.name.substr(type.size()));
  }
  return std::nullopt;
}

std::string OwnName(const postgres::Function& function) {
  std::string name = "pg." + std::string(function.name) + "(";
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    const postgres::Type* type = postgres::FindType(function.arguments[i]);
    if (i > 0) name += ',';
    name += type != nullptr ? type->name : "?";
  }
  return name + ")";
}

LogicalType UnifyBranches(EmittedList* values, const std::vector<bool>& is_null) {
  std::optional<LogicalType> form;
  for (size_t i = 0; i < values->size(); ++i) {
    const Emitted& value = (*values)[i];
    if (!is_null[i]) form = form ? CommonForm(value.oid, *form, value.type) : value.type;
  }
  if (!form) form = values->front().type;
  for (size_t i = 0; i < values->size(); ++i) {
    Emitted& value = (*values)[i];
    value = is_null[i] ? Emitted{NullOf(*form), *form, value.oid} : InForm(std::move(value), *form);
  }
  return *form;
}

EmittedList ElementsOf(const Emitted& array) {
  EmittedList elements;
  if (array.type.id() != LogicalTypeId::LIST || !array.is_constant()) return elements;
  const auto& value = array.expression->Cast<duckdb::ConstantExpression>().value;
  const LogicalType& child = duckdb::ListType::GetChildType(array.type);
  if (value.IsNull() || child.id() == LogicalTypeId::LIST) return elements;
  const postgres::Type* type = postgres::FindType(array.oid);
  for (const auto& element : duckdb::ListValue::GetChildren(value)) {
    elements.push_back({Literal(element), child, type != nullptr ? type->element : 0});
  }
  return elements;
}

bool AllOfForm(const Emitted& value, const EmittedList& others) {
  const auto alike = [&](const Emitted& other) {
    return other.type == value.type || (other.type.IsIntegral() && value.type.IsIntegral()) ||
           (other.type.id() == LogicalTypeId::DECIMAL && value.type.id() == LogicalTypeId::DECIMAL &&
            SumForm(value, other));
  };
  return std::all_of(others.begin(), others.end(), alike);
}

namespace {

/// regclass and its like as DuckDB knows them: numbers whose casts from and to text look into the catalog
/// (system_functions.cc).
LogicalType CatalogNameType(postgres::Oid type) {
  LogicalType named(LogicalTypeId::BIGINT);
  named.SetAlias(std::string(postgres::FindType(type)->name));
  return named;
}

postgres::Oid TypeOfElements(const Emitted& array) {
  return duckdb::ListType::GetChildType(array.type).id() == LogicalTypeId::LIST ? array.oid : ElementOf(array.oid);
}

/// Whether there are such numbers within an array or a row.
bool HoldsNames(postgres::Oid type, const LogicalType& form) {
  if (form.id() == LogicalTypeId::LIST) {
    const LogicalType& child = duckdb::ListType::GetChildType(form);
    return HoldsNames(child.id() == LogicalTypeId::LIST ? type : ElementOf(type), child);
  }
  if (form.id() != LogicalTypeId::STRUCT) return postgres::NamesCatalog(type);
  return std::ranges::any_of(duckdb::StructType::GetChildTypes(form), [](const auto& field) {
    return HoldsNames(FieldType(field.first).oid, field.second);
  });
}

Emitted WithNames(Emitted value);

/// Arrays and rows, their elements and fields in other forms.
Emitted ListWithNames(Emitted list) {
  constexpr const char* kElement = "weir_element";
  const postgres::Oid element = TypeOfElements(list);
  Emitted named = WithNames({duckdb::make_uniq<duckdb::ColumnRefExpression>(kElement),
                             duckdb::ListType::GetChildType(list.type), element});
  const LogicalType form = LogicalType::LIST(named.type);
  const postgres::Oid type = postgres::NamesCatalog(ElementOf(list.oid)) ? oid::kTextArray : list.oid;
  return {WithLambda("list_transform", std::move(list.expression), kElement, std::move(named.expression)), form, type};
}

Emitted RowWithNames(Emitted row) {
  ParsedList fields;
  duckdb::child_list_t<LogicalType> types;
  for (const auto& [name, form] : duckdb::StructType::GetChildTypes(row.type)) {
    const postgres::TypeRef type = FieldType(name);
    Parsed field = Function("struct_extract", row.expression->Copy(), Literal(duckdb::Value(name)));
    Emitted named = WithNames({std::move(field), form, type.oid});
    const bool same = named.oid == type.oid;
    const std::string new_name = same ? name : FieldName(types.size(), {named.oid}, FieldLabel(name));
    fields.push_back(std::move(named.expression));
    fields.back()->SetAlias(new_name);
    types.emplace_back(new_name, named.type);
  }
  const LogicalType form = LogicalType::STRUCT(std::move(types));
  Parsed packed = Function("struct_pack", std::move(fields));
  return {If(IsNull(std::move(row.expression)), NullOf(form), std::move(packed)), form, row.oid};
}

/// Such numbers as their names, wherever they are in a value.
Emitted WithNames(Emitted value) {
  if (!HoldsNames(value.oid, value.type)) return value;
  if (value.type.id() == LogicalTypeId::LIST) return ListWithNames(std::move(value));
  if (value.type.id() == LogicalTypeId::STRUCT) return RowWithNames(std::move(value));
  const postgres::Oid type = value.oid;
  return {TextOf(std::move(value), {type}), LogicalType::VARCHAR, oid::kText};
}

}  // namespace

Parsed TextOf(Emitted value, postgres::TypeRef type) {
  if (postgres::NamesCatalog(type.oid)) {
    Parsed number = std::move(value.expression);
    // DuckDB takes casts of a parameter for the parameter's type, and the name of a number is one by a cast.
    if (number->GetExpressionClass() == duckdb::ExpressionClass::CAST)
      number = Function("pg.int8(oid)", std::move(number));
    return CastTo(LogicalType::VARCHAR, CastTo(CatalogNameType(type.oid), std::move(number)));
  }
  if (value.type.IsNested() && HoldsNames(type.oid, value.type)) {
    value = WithNames({std::move(value.expression), value.type, type.oid});
    type = {value.oid};
  }
  const bool padded = type.oid == oid::kBpchar && type.modifier >= 0;
  const bool shaped = IsShaped(type.oid, value.type);
  if (type.oid == oid::kChar) return Function("pg.char_text", std::move(value.expression));
  if (value.type.id() == LogicalTypeId::VARCHAR && !padded && !shaped) return std::move(value.expression);
  if (value.type.id() == LogicalTypeId::ENUM) return CastTo(LogicalType::VARCHAR, std::move(value.expression));
  if (value.type.IsIntegral() &&
      (type.oid == oid::kInt2 || type.oid == oid::kInt4 || type.oid == oid::kInt8 || type.oid == oid::kOid)) {
    return CastTo(LogicalType::VARCHAR, std::move(value.expression));
  }
  return Function("pg.text_of", ListOf(std::move(value.expression), Literal(duckdb::Value::BIGINT(type.oid)),
                                       Literal(duckdb::Value::INTEGER(type.modifier))));
}

Emitted ThroughText(Emitted value, postgres::TypeRef from, postgres::TypeRef to) {
  Parsed text = TextOf(std::move(value), from);
  const LogicalType form = to.oid == oid::kNumeric ? BigNumericType() : PhysicalType(to);
  const bool is_text = to.oid == oid::kText || to.oid == oid::kVarchar || to.oid == oid::kUnknown;
  if (is_text) return {std::move(text), LogicalType::VARCHAR, to.oid};
  if (postgres::NamesCatalog(to.oid)) {
    Parsed name = Function("pg.text(name)", std::move(text));  // a parameter's text stays one, as above
    return {CastTo(form, CastTo(CatalogNameType(to.oid), std::move(name))), form, to.oid};
  }
  // It names roles, which the catalog knows.
  if (to.oid == oid::kAclitem) return {Function("weir_aclitem", std::move(text)), form, to.oid};
  const bool array = ElementOf(to.oid) != 0 && to.oid != oid::kInt2vector && to.oid != oid::kOidvector;
  const bool shaped = array && ElementOf(to.oid) != oid::kBpchar && !postgres::NamesCatalog(ElementOf(to.oid));
  ParsedList arguments = ListOf(std::move(text), Literal(duckdb::Value::BIGINT(to.oid)),
                                Literal(duckdb::Value::INTEGER(to.modifier)));
  if (shaped) return {Function("pg.shaped_of", std::move(arguments)), LogicalType::VARCHAR, to.oid};
  return {Function("pg.value_of", std::move(arguments)), form, to.oid};
}

Emitted FromColumn(Emitted value) {
  value.oid = postgres::BaseTypeOf({value.oid}).oid;
  if (IsShaped(value.oid, value.type)) return value;
  const postgres::Oid element = value.type.id() == LogicalTypeId::LIST ? ElementOf(value.oid) : 0;
  const LogicalType given = element != 0 ? duckdb::ListType::GetChildType(value.type) : value.type;
  const LogicalType form = PhysicalType({element != 0 ? element : value.oid});
  const LogicalType whole = element != 0 ? LogicalType::LIST(form) : form;
  if (given.id() == LogicalTypeId::VARCHAR && form.id() != LogicalTypeId::VARCHAR) {
    return {Function("pg.loaded", std::move(value.expression), Literal(duckdb::Value::BIGINT(value.oid))), whole,
            value.oid};
  }
  const bool numeric = value.is_numeric() || element == oid::kNumeric;
  const bool alike = given.id() == form.id() || numeric || form.IsNested() || given.IsNested() ||
                     (given.IsIntegral() && form.IsIntegral());
  if (alike) return value;
  return {CastTo(whole, std::move(value.expression)), whole, value.oid};
}

namespace {

/// Whether a column of numeric might not hold all digits of a value.
bool LosesDigits(const Emitted& value, const LogicalType& form) {
  if (value.type.id() != LogicalTypeId::DECIMAL || form.id() != LogicalTypeId::DECIMAL) return false;
  const auto whole = [](const LogicalType& type) {
    return duckdb::DecimalType::GetWidth(type) - duckdb::DecimalType::GetScale(type);
  };
  return duckdb::DecimalType::GetScale(value.type) > duckdb::DecimalType::GetScale(form) ||
         whole(value.type) > whole(form);
}

}  // namespace

Parsed ToColumn(Emitted value, const LogicalType& form) {
  if (value.expression->GetExpressionClass() == duckdb::ExpressionClass::DEFAULT) return std::move(value.expression);
  if (LosesDigits(value, form)) value = InForm(std::move(value), BigNumericType());
  if (value.is_big() && form.id() == LogicalTypeId::DECIMAL) {
    return Function("pg.decimal_of", std::move(value.expression), NullOf(form));
  }
  const bool lists =
      value.type.id() == LogicalTypeId::LIST && form.id() == LogicalTypeId::LIST && ElementOf(value.oid) != 0;
  if (lists) CheckDimensions(value.type, form);
  const bool text = form.id() == LogicalTypeId::VARCHAR || IsShaped(value.oid, value.type);
  const bool casts = value.type.id() == LogicalTypeId::DECIMAL || value.type.id() == LogicalTypeId::ENUM;
  if (text && casts) return CastTo(form, std::move(value.expression));
  if (text && value.type == form) return std::move(value.expression);
  if (text || (lists && value.type != form)) {
    return Function("pg.stored", std::move(value.expression), Literal(duckdb::Value::BIGINT(value.oid)), NullOf(form));
  }
  return CastTo(form, std::move(InForm(std::move(value), form).expression));
}

}  // namespace weir::sql::duck
