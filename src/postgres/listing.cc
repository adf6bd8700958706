#include "postgres/listing.h"

#include <algorithm>
#include <iterator>

#include "postgres/type.h"

namespace weir::postgres {
namespace {

constexpr FunctionListing kFunctionListings[] = {
#include "postgres/facts/function_listings.inc"
};

constexpr OperatorClassListing kOperatorClassListings[] = {
#include "postgres/facts/operator_class_listings.inc"
};

/// What takes the type's values where there is no class of its own.
Oid WiderType(Oid type) {
  if (type == oid::kVarchar) return oid::kText;
  const Type* known = FindType(type);
  if (known == nullptr) return type;
  if (known->is_array()) return oid::kAnyarray;
  if (known->kind == TypeKind::kMultirange) return oid::kAnymultirange;
  return known->kind == TypeKind::kRange ? oid::kAnyrange : type;
}

const OperatorClassListing* FindExactly(Oid type) {
  const auto* found = std::ranges::lower_bound(kOperatorClassListings, type, {}, &OperatorClassListing::type);
  return found != std::end(kOperatorClassListings) && found->type == type ? found : nullptr;
}

}  // namespace

const FunctionListing* FindFunctionListing(Oid function) {
  const auto* found = std::ranges::lower_bound(kFunctionListings, function, {}, &FunctionListing::function);
  return found != std::end(kFunctionListings) && found->function == function ? found : nullptr;
}

std::span<const OperatorClassListing> AllOperatorClassListings() { return kOperatorClassListings; }

const OperatorClassListing* FindOperatorClassListing(Oid type) {
  const OperatorClassListing* own = FindExactly(type);
  return own != nullptr ? own : FindExactly(WiderType(type));
}

}  // namespace weir::postgres
