#include "postgres/resolve.h"

#include <algorithm>

namespace weir::postgres {

bool IsPolymorphic(Oid type) {
  switch (type) {
    case oid::kAnyelement:
    case oid::kAnyarray:
    case oid::kAnynonarray:
    case oid::kAnyenum:
    case oid::kAnyrange:
    case oid::kAnymultirange:
    case oid::kAnycompatible:
    case oid::kAnycompatiblearray:
    case oid::kAnycompatiblenonarray:
    case oid::kAnycompatiblerange:
    case oid::kAnycompatiblemultirange:
      return true;
    default:  // OIDs are open
      return false;
  }
}

std::string Resolver::NameOf(Oid oid) const {
  const Type* type = Find(oid);
  return type == nullptr ? FormatType(oid) : std::string(type->spelling);
}

Oid Resolver::BaseType(Oid oid) const {
  const Type* type = Find(oid);
  while (type != nullptr && type->kind == TypeKind::kDomain) {
    oid = type->base;
    type = Find(oid);
  }
  return oid;
}

Oid Resolver::ArrayOf(Oid element) const {
  const Type* type = Find(element);
  return type == nullptr ? 0 : type->array;
}

Oid Resolver::ElementOf(Oid array) const {
  if (array == oid::kRecordArray) return oid::kRecord;
  const Type* type = Find(BaseType(array));
  return type != nullptr && type->is_array() ? type->element : 0;
}

char Resolver::CategoryOf(Oid type) const {
  const Type* row = Find(type);
  return row == nullptr ? 'U' : row->category;
}

bool Resolver::IsPreferred(Oid type) const {
  const Type* row = Find(type);
  return row != nullptr && row->preferred;
}

bool Resolver::IsKind(Oid type, TypeKind kind) const {
  const Type* row = Find(type);
  return row != nullptr && row->kind == kind;
}

bool Resolver::IsRow(Oid type) const { return type == oid::kRecord || IsKind(type, TypeKind::kComposite); }

bool Resolver::IsRelabel(Oid source, Oid target) const {
  if (source == target) return true;
  if (target == oid::kAny || target == oid::kAnyelement || target == oid::kAnycompatible) return true;
  source = BaseType(source);
  if (source == target) return true;
  if (target == oid::kAnyarray || target == oid::kAnycompatiblearray) return ElementOf(source) != 0;
  if (target == oid::kAnyenum) return IsKind(source, TypeKind::kEnum);
  if (target == oid::kAnyrange || target == oid::kAnycompatiblerange) return IsKind(source, TypeKind::kRange);
  if (target == oid::kAnymultirange || target == oid::kAnycompatiblemultirange)
    return IsKind(source, TypeKind::kMultirange);
  if (target == oid::kRecord) return IsRow(source);
  if (target == oid::kRecordArray) return IsRow(ElementOf(source));
  const Cast* cast = FindCast(source, target);
  return cast != nullptr && cast->method == CastMethod::kRelabel && cast->context == CoercionContext::kImplicit;
}

namespace {

bool Allows(CoercionContext context, CoercionContext needed) {
  switch (needed) {
    case CoercionContext::kImplicit:
      return true;
    case CoercionContext::kAssignment:
      return context != CoercionContext::kImplicit;
    case CoercionContext::kExplicit:
      return context == CoercionContext::kExplicit;
  }
  return false;
}

Coercion CoercionOf(const Cast& cast) {
  switch (cast.method) {
    case CastMethod::kFunction:
      return {CoercionPath::kFunction, cast.function};
    case CastMethod::kRelabel:
      return {CoercionPath::kRelabel};
    case CastMethod::kIo:
      return {CoercionPath::kIo};
  }
  return {};
}

bool IsVector(Oid type) { return type == oid::kOidvector || type == oid::kInt2vector; }

}  // namespace

Coercion Resolver::FindPath(Oid source, Oid target, CoercionContext context) const {
  source = BaseType(source);
  target = BaseType(target);
  if (source == target) return {CoercionPath::kRelabel};
  if (const Cast* cast = FindCast(source, target)) {
    return Allows(context, cast->context) ? CoercionOf(*cast) : Coercion{};
  }
  const Type* from = Find(source);
  const Type* to = Find(target);
  if (from == nullptr || to == nullptr) return {};
  if (from->is_array() && to->is_array() && !IsVector(target)) {
    const Coercion element = FindPath(from->element, to->element, context);
    if (element.path != CoercionPath::kNone) return {CoercionPath::kArray, element.function, element.path};
  }
  // Anything has a text form, but only what asks for it goes by it.
  constexpr char kString = 'S';
  if (Allows(context, CoercionContext::kAssignment) && to->category == kString) return {CoercionPath::kIo};
  if (Allows(context, CoercionContext::kExplicit) && from->category == kString) return {CoercionPath::kIo};
  return {};
}

Coercion Resolver::FindCoercion(Oid source, Oid target, CoercionContext context) const {
  if (source == target || target == oid::kAny || IsPolymorphic(target)) return {CoercionPath::kRelabel};
  if (source == oid::kUnknown) return {CoercionPath::kIo};
  const Coercion path = FindPath(source, target, context);
  if (path.path != CoercionPath::kNone) return path;
  const Oid row = BaseType(target);
  if (IsRow(BaseType(source)) && row == oid::kRecord) return {CoercionPath::kRelabel};
  if (source == oid::kRecord && IsRow(row)) return {CoercionPath::kRow};
  if (IsRow(ElementOf(BaseType(source))) && target == oid::kRecordArray) return {CoercionPath::kRelabel};
  return {};
}

bool Resolver::CanCoerce(Oid source, Oid target, CoercionContext context) const {
  return FindCoercion(source, target, context).path != CoercionPath::kNone;
}

Oid Resolver::ModifierFunction(Oid type) const {
  const Oid element = ElementOf(type);
  const Cast* cast = FindCast(element != 0 ? element : type, element != 0 ? element : type);
  return cast == nullptr ? 0 : cast->function;
}

std::optional<OperatorClass> Resolver::OperatorClassOf(Oid type) const {
  type = BaseType(type);
  const Type* row = Find(type);
  if (row == nullptr) return std::nullopt;
  const auto found = [](const OperatorClass* operators) {
    return operators == nullptr ? std::nullopt : std::optional(*operators);
  };
  if (const OperatorClass* exact = FindOperatorClass(type)) return *exact;
  if (row->is_array() || type == oid::kRecordArray) {
    const auto element = OperatorClassOf(row->element);
    auto array = found(FindOperatorClass(oid::kAnyarray));
    if (!element || !array) return std::nullopt;
    if (element->less == 0) array->less = array->greater = 0;
    if (element->hash_equal == 0) array->hash_equal = 0;
    return array;
  }
  switch (row->kind) {
    case TypeKind::kEnum:
      return found(FindOperatorClass(oid::kAnyenum));
    case TypeKind::kRange:
      return found(FindOperatorClass(oid::kAnyrange));
    case TypeKind::kMultirange:
      return found(FindOperatorClass(oid::kAnymultirange));
    case TypeKind::kComposite:
      return found(FindOperatorClass(oid::kRecord));
    case TypeKind::kBase:
    case TypeKind::kDomain:
    case TypeKind::kPseudo:
      break;
  }
  const OperatorClass* best = nullptr;
  for (const Cast& cast : AllCasts()) {
    if (cast.source != type || !IsRelabel(type, cast.target)) continue;
    const OperatorClass* operators = FindOperatorClass(cast.target);
    if (operators != nullptr && (best == nullptr || IsPreferred(cast.target))) best = operators;
  }
  return found(best);
}

}  // namespace weir::postgres
