#include "sql/duckdb/output.h"

#include "postgres/catalog_name.h"
#include "sql/duckdb/form.h"
#include "sql/duckdb/operators.h"
#include "sql/duckdb/physical.h"

namespace weir::sql::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
namespace oid = postgres::oid;

/// Whether Arrow has the form, and its values mean the same without their type.
bool HasArrowForm(postgres::Oid type, const LogicalType& form) {
  switch (form.id()) {
    case LogicalTypeId::BLOB: return type == oid::kBytea;
    case LogicalTypeId::TIME_TZ:
    case LogicalTypeId::ENUM:
    case LogicalTypeId::STRUCT: return false;
    case LogicalTypeId::VARCHAR: return type != oid::kChar && !IsShaped(type, form);
    case LogicalTypeId::BIGINT: return type != oid::kMoney && type != oid::kTid && !postgres::NamesCatalog(type);
    case LogicalTypeId::LIST: {
      const LogicalType& element = duckdb::ListType::GetChildType(form);
      const postgres::Type* known = postgres::FindType(type);
      if (known == nullptr || known->element == oid::kBpchar || known->element == oid::kInt2vector ||
          known->element == oid::kOidvector) {
        return false;
      }
      if (element.id() == LogicalTypeId::LIST) return HasArrowForm(type, element);
      if (type == oid::kInt2vector || type == oid::kOidvector) return false;  // they begin with 0
      return known->is_array() && HasArrowForm(known->element, element);
    }
    default: return true;
  }
}

}  // namespace

bool NeedsOutput(postgres::Oid type, const LogicalType& form) {
  return !HasArrowForm(type, form) || form.id() == LogicalTypeId::INTERVAL;
}

std::shared_ptr<const postgres::RowShape> ShapeOf(postgres::Oid type, const LogicalType& form) {
  if (form.id() == LogicalTypeId::LIST) {
    const LogicalType& child = duckdb::ListType::GetChildType(form);
    return ShapeOf(child.id() == LogicalTypeId::LIST ? type : ElementOf(type), child);
  }
  if (type != oid::kRecord || form.id() != LogicalTypeId::STRUCT) return nullptr;
  auto shape = std::make_shared<postgres::RowShape>();
  for (const auto& [name, field] : duckdb::StructType::GetChildTypes(form)) {
    const postgres::Oid of_field = FieldType(name).oid;
    shape->fields.push_back({of_field, ShapeOf(of_field, field)});
  }
  return shape;
}

Emitted OutputOf(Emitted value, postgres::TypeRef type) {
  if (value.type.id() == LogicalTypeId::INTERVAL) {
    value.expression = Function("pg.interval_in_nanoseconds", std::move(value.expression));
    return value;
  }
  const bool padded = type.oid == oid::kBpchar && type.modifier >= 0;
  if (!padded && !NeedsOutput(type.oid, value.type)) return value;
  const postgres::Oid shown = value.oid;
  if (Parsed stored = StoredNumeric(value)) {
    return {Function("pg.shown_numeric", std::move(stored)), LogicalType::VARCHAR, shown};
  }
  return {TextOf(std::move(value), type), LogicalType::VARCHAR, shown};
}

}  // namespace weir::sql::duck
