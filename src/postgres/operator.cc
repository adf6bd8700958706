#include "postgres/operator.h"

#include <algorithm>

#include "postgres/sorted_rows.h"

namespace weir::postgres {
namespace {

constexpr Operator kOperators[] = {
#include "postgres/facts/operators.inc"
};

constexpr OperatorClass kOperatorClasses[] = {
#include "postgres/facts/operator_classes.inc"
};

constexpr auto kOperatorsByOid = PlacesBy<kOperators, &Operator::oid>();

}  // namespace

std::span<const Operator> AllOperators() { return kOperators; }

std::span<const Operator> FindOperators(std::string_view name) {
  const auto* begin = std::ranges::lower_bound(kOperators, name, {}, &Operator::name);
  const auto* end = std::ranges::upper_bound(kOperators, name, {}, &Operator::name);
  return {begin, end};
}

const Operator* FindOperator(Oid oid) { return FindRow<kOperators, &Operator::oid>(kOperatorsByOid, oid); }

const Operator* FindOperator(std::string_view name, Oid left, Oid right) {
  for (const Operator& op : FindOperators(name)) {
    if (op.left == left && op.right == right) return &op;
  }
  return nullptr;
}

const OperatorClass* FindOperatorClass(Oid type) {
  const auto* found = std::ranges::lower_bound(kOperatorClasses, type, {}, &OperatorClass::type);
  return found != std::end(kOperatorClasses) && found->type == type ? found : nullptr;
}

}  // namespace weir::postgres
