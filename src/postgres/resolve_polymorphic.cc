#include <fmt/format.h>

#include <algorithm>

#include "postgres/error.h"
#include "postgres/resolve.h"

namespace weir::postgres {
namespace {

Status Mismatch(std::string message, int position, std::string detail = {}) {
  return Error(sqlstate::kDatatypeMismatch, std::move(message), {.detail = std::move(detail), .position = position});
}

}  // namespace

/// What the arguments tell of the two families: anyelement's, whose types must be the same, and anycompatible's, whose
/// types must have one in common. 0: nothing yet.
struct Resolver::Polymorphism {
  Oid element = 0;
  Oid array = 0;
  Oid range = 0;
  Oid multirange = 0;
  bool nonarray = false;
  bool is_enum = false;
  bool family = false;  // any of anyelement's is declared

  std::vector<Oid> compatible_types;
  Oid compatible = 0;
  Oid compatible_range = 0;
  Oid compatible_multirange = 0;
  bool compatible_nonarray = false;
  bool compatible_family = false;

  Oid misfit_declared = 0;  // what two arguments disagreed on
  Oid misfit_first = 0;
  Oid misfit_second = 0;

  bool Agree(Oid declared, Oid* slot, Oid actual) {
    if (*slot == 0 || *slot == actual) {
      *slot = actual;
      return true;
    }
    misfit_declared = declared;
    misfit_first = *slot;
    misfit_second = actual;
    return false;
  }
};

bool Resolver::CollectPolymorphism(std::span<const Oid> actual, std::span<const Oid> declared,
                                   Polymorphism* found) const {
  for (size_t i = 0; i < declared.size(); ++i) {
    const bool known = actual[i] != oid::kUnknown;
    const Oid base = known ? BaseType(actual[i]) : 0;
    switch (declared[i]) {
      case oid::kAnyelement:
      case oid::kAnynonarray:
      case oid::kAnyenum:
        found->family = true;
        found->nonarray |= declared[i] == oid::kAnynonarray;
        found->is_enum |= declared[i] == oid::kAnyenum;
        if (known && !found->Agree(oid::kAnyelement, &found->element, actual[i])) return false;
        break;
      case oid::kAnyarray:
        found->family = true;
        if (known && !found->Agree(oid::kAnyarray, &found->array, base)) return false;
        break;
      case oid::kAnyrange:
        found->family = true;
        if (known && !found->Agree(oid::kAnyrange, &found->range, base)) return false;
        break;
      case oid::kAnymultirange:
        found->family = true;
        if (known && !found->Agree(oid::kAnymultirange, &found->multirange, base)) return false;
        break;
      case oid::kAnycompatible:
      case oid::kAnycompatiblenonarray:
        found->compatible_family = true;
        found->compatible_nonarray |= declared[i] == oid::kAnycompatiblenonarray;
        if (known) found->compatible_types.push_back(actual[i]);
        break;
      case oid::kAnycompatiblearray:
        found->compatible_family = true;
        if (known) found->compatible_types.push_back(ElementOf(base));
        if (known && ElementOf(base) == 0) {
          found->misfit_declared = oid::kAnycompatiblearray;
          found->misfit_first = base;
          return false;
        }
        break;
      case oid::kAnycompatiblerange:
        found->compatible_family = true;
        if (!known) break;
        if (!found->Agree(oid::kAnycompatiblerange, &found->compatible_range, base)) return false;
        if (!IsKind(base, TypeKind::kRange)) {
          found->misfit_declared = oid::kAnycompatiblerange;
          found->misfit_first = base;
          return false;
        }
        found->compatible_types.push_back(Find(base)->range_element);
        break;
      case oid::kAnycompatiblemultirange:
        found->compatible_family = true;
        if (!known) break;
        if (!found->Agree(oid::kAnycompatiblemultirange, &found->compatible_multirange, base)) return false;
        if (!IsKind(base, TypeKind::kMultirange)) {
          found->misfit_declared = oid::kAnycompatiblemultirange;
          found->misfit_first = base;
          return false;
        }
        if (!found->Agree(oid::kAnycompatiblerange, &found->compatible_range, Find(base)->range)) return false;
        found->compatible_types.push_back(Find(Find(base)->range)->range_element);
        break;
      default:  // OIDs are open
        break;
    }
  }
  return true;
}

/// A multirange tells the range, a range and an array the element, where these are not told.
Status Resolver::CheckFamily(Polymorphism* family, int position) const {
  Polymorphism& found = *family;
  const auto agree = [&](Oid container, Oid inner, std::string_view name, Oid* of = nullptr) -> Status {
    Oid& told = of == nullptr ? found.element : *of;
    if (told == 0) told = inner;
    if (told == inner) return Status::OK();
    return Mismatch(fmt::format("argument declared {} is not consistent with argument declared {}", name,
                                of == nullptr ? "anyelement" : "anyrange"),
                    position, fmt::format("{} versus {}", NameOf(container), NameOf(told)));
  };
  if (found.array != 0) {
    const Oid inner = ElementOf(found.array);
    if (inner == 0) {
      return Mismatch(fmt::format("argument declared anyarray is not an array but type {}", NameOf(found.array)),
                      position);
    }
    WEIR_RETURN_NOT_OK(agree(found.array, inner, "anyarray"));
  }
  if (found.multirange != 0) {
    if (!IsKind(found.multirange, TypeKind::kMultirange)) {
      return Mismatch(fmt::format("argument declared anymultirange is not a multirange type but type {}",
                                  NameOf(found.multirange)),
                      position);
    }
    WEIR_RETURN_NOT_OK(agree(found.multirange, Find(found.multirange)->range, "anymultirange", &found.range));
  }
  if (found.range != 0) {
    if (!IsKind(found.range, TypeKind::kRange)) {
      return Mismatch(fmt::format("argument declared anyrange is not a range type but type {}", NameOf(found.range)),
                      position);
    }
    WEIR_RETURN_NOT_OK(agree(found.range, Find(found.range)->range_element, "anyrange"));
  }
  if (found.nonarray && ElementOf(found.element) != 0) {
    return Mismatch(fmt::format("type matched to anynonarray is an array type: {}", NameOf(found.element)), position);
  }
  if (found.is_enum && !IsKind(found.element, TypeKind::kEnum)) {
    return Mismatch(fmt::format("type matched to anyenum is not an enum type: {}", NameOf(found.element)), position);
  }
  return Status::OK();
}

Status Resolver::CheckCompatibleFamily(Polymorphism* found, int position) const {
  if (found->compatible_types.empty()) {
    found->compatible = oid::kText;  // literals only
    return Status::OK();
  }
  size_t misfit = 0;
  Oid so_far = 0;
  found->compatible = PickCommon(found->compatible_types, &misfit, &so_far);
  if (found->compatible == 0) {
    return Mismatch(fmt::format("argument types {} and {} cannot be matched", NameOf(so_far),
                                NameOf(found->compatible_types[misfit])),
                    position);
  }
  const auto fits = [&](Oid type) { return CanCoerce(type, found->compatible, CoercionContext::kImplicit); };
  if (!std::ranges::all_of(found->compatible_types, fits)) {
    return Mismatch("arguments of anycompatible family cannot be cast to a common type", position);
  }
  if (found->compatible_nonarray && ElementOf(found->compatible) != 0) {
    return Mismatch(
        fmt::format("type matched to anycompatiblenonarray is an array type: {}", NameOf(found->compatible)), position);
  }
  if (found->compatible_range != 0 && Find(found->compatible_range)->range_element != found->compatible) {
    return Mismatch(
        fmt::format("anycompatiblerange type {} does not match anycompatible type {}", NameOf(found->compatible_range),
                    NameOf(found->compatible)),
        position);
  }
  return Status::OK();
}

bool Resolver::AreConsistent(std::span<const Oid> actual, std::span<const Oid> declared) const {
  if (std::ranges::none_of(declared, IsPolymorphic)) return true;
  Polymorphism found;
  if (!CollectPolymorphism(actual, declared, &found)) return false;
  if (found.family && !CheckFamily(&found, 0).ok()) return false;
  return !found.compatible_family || CheckCompatibleFamily(&found, 0).ok();
}

Result<Oid> Resolver::RealType(Oid declared, Oid actual, const Polymorphism& found, int position) const {
  const auto array_of = [&](Oid element) -> Result<Oid> {
    const Oid array = ArrayOf(element);
    if (array != 0) return array;
    return Error(sqlstate::kUndefinedObject,
                 fmt::format("could not find array type for data type {}", NameOf(element)), {.position = position});
  };
  switch (declared) {
    case oid::kAny:
      return actual == oid::kUnknown ? oid::kText : actual;
    case oid::kAnyelement:
    case oid::kAnynonarray:
    case oid::kAnyenum:
      return found.element;
    case oid::kAnyarray:
      if (found.array != 0) return found.array;
      return array_of(found.element);
    case oid::kAnyrange:
      if (found.range != 0) return found.range;
      return Mismatch("could not determine polymorphic type anyrange because input has type unknown", position);
    case oid::kAnymultirange:
      if (found.multirange != 0) return found.multirange;
      if (found.range != 0) return Find(found.range)->multirange;
      return Mismatch("could not determine polymorphic type anymultirange because input has type unknown", position);
    case oid::kAnycompatible:
    case oid::kAnycompatiblenonarray:
      return found.compatible;
    case oid::kAnycompatiblearray:
      return array_of(found.compatible);
    case oid::kAnycompatiblerange:
      if (found.compatible_range != 0) return found.compatible_range;
      return Mismatch("could not determine polymorphic type anycompatiblerange because input has type unknown",
                      position);
    case oid::kAnycompatiblemultirange:
      if (found.compatible_multirange != 0) return found.compatible_multirange;
      if (found.compatible_range != 0) return Find(found.compatible_range)->multirange;
      return Mismatch("could not determine polymorphic type anycompatiblemultirange because input has type unknown",
                      position);
    default:  // OIDs are open
      return declared;
  }
}

Result<Oid> Resolver::ResolvePolymorphic(std::span<const Oid> actual, std::span<Oid> declared, Oid result,
                                         int position) const {
  Polymorphism found;
  if (!CollectPolymorphism(actual, declared, &found)) {
    const std::string name = NameOf(found.misfit_declared);
    if (found.misfit_second == 0) {
      const std::string_view what = found.misfit_declared == oid::kAnycompatiblearray        ? "an array"
                                    : found.misfit_declared == oid::kAnycompatiblemultirange ? "a multirange type"
                                                                                             : "a range type";
      return Mismatch(fmt::format("argument declared {} is not {} but type {}", name, what, NameOf(found.misfit_first)),
                      position);
    }
    return Mismatch(fmt::format("arguments declared \"{}\" are not all alike", name), position,
                    fmt::format("{} versus {}", NameOf(found.misfit_first), NameOf(found.misfit_second)));
  }
  if (found.family) {
    if (found.element == 0 && found.array == 0 && found.range == 0 && found.multirange == 0) {
      return Mismatch("could not determine polymorphic type because input has type unknown", position);
    }
    WEIR_RETURN_NOT_OK(CheckFamily(&found, position));
  }
  if (found.compatible_family) WEIR_RETURN_NOT_OK(CheckCompatibleFamily(&found, position));
  for (size_t i = 0; i < declared.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(declared[i], RealType(declared[i], actual[i], found, position));
  }
  return RealType(result, result, found, position);
}

/// 0 if there is none: `misfit` is then the type that does not go with `so_far`.
Oid Resolver::PickCommon(std::span<const Oid> types, size_t* misfit, Oid* so_far) const {
  if (types.empty()) return oid::kText;
  if (types[0] != oid::kUnknown && std::ranges::all_of(types, [&](Oid type) { return type == types[0]; })) {
    return types[0];
  }
  Oid common = BaseType(types[0]);
  for (size_t i = 1; i < types.size(); ++i) {
    const Oid next = BaseType(types[i]);
    if (next == oid::kUnknown || next == common) continue;
    if (common == oid::kUnknown) {
      common = next;
    } else if (CategoryOf(next) != CategoryOf(common)) {
      *misfit = i;
      *so_far = common;
      return 0;
    } else if (!IsPreferred(common) && CanCoerce(common, next, CoercionContext::kImplicit) &&
               !CanCoerce(next, common, CoercionContext::kImplicit)) {
      common = next;
    }
  }
  return common == oid::kUnknown ? oid::kText : common;
}

Result<Oid> Resolver::CommonType(std::span<const Oid> types, std::string_view context,
                                 std::span<const int> positions) const {
  const auto position_of = [&](size_t i) { return i < positions.size() ? positions[i] : 0; };
  size_t misfit = 0;
  Oid so_far = 0;
  const Oid common = PickCommon(types, &misfit, &so_far);
  if (common == 0) {
    return Mismatch(
        fmt::format("{} types {} and {} cannot be matched", context, NameOf(so_far), NameOf(BaseType(types[misfit]))),
        position_of(misfit));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (CanCoerce(types[i], common, CoercionContext::kImplicit)) continue;
    return Error(sqlstate::kCannotCoerce,
                 fmt::format("{} could not convert type {} to {}", context, NameOf(types[i]), NameOf(common)),
                 {.position = position_of(i)});
  }
  return common;
}

Oid Resolver::CommonTypeOrNone(std::span<const Oid> types) const {
  size_t misfit = 0;
  Oid so_far = 0;
  const Oid common = PickCommon(types, &misfit, &so_far);
  const auto fits = [&](Oid type) { return CanCoerce(type, common, CoercionContext::kImplicit); };
  return common != 0 && std::ranges::all_of(types, fits) ? common : 0;
}

}  // namespace weir::postgres
