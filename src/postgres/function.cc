#include "postgres/function.h"

#include <algorithm>

#include "postgres/sorted_rows.h"

namespace weir::postgres {
namespace {

constexpr Oid kArguments[] = {
#include "postgres/facts/arguments.inc"
};

constexpr Parameter kParameters[] = {
#include "postgres/facts/parameters.inc"
};

constexpr Function kFunctions[] = {
#include "postgres/facts/functions.inc"
};

constexpr Aggregate kAggregates[] = {
#include "postgres/facts/aggregates.inc"
};

constexpr auto kFunctionsByOid = PlacesBy<kFunctions, &Function::oid>();

}  // namespace

std::span<const Function> AllFunctions() { return kFunctions; }

std::span<const Function> FindFunctions(std::string_view name) {
  const auto* begin = std::ranges::lower_bound(kFunctions, name, {}, &Function::name);
  const auto* end = std::ranges::upper_bound(kFunctions, name, {}, &Function::name);
  return {begin, end};
}

const Function* FindFunction(Oid oid) { return FindRow<kFunctions, &Function::oid>(kFunctionsByOid, oid); }

const Function* FindFunction(std::string_view name, std::span<const Oid> arguments) {
  for (const Function& function : FindFunctions(name)) {
    if (std::ranges::equal(function.arguments, arguments)) return &function;
  }
  return nullptr;
}

std::span<const Aggregate> AllAggregates() { return kAggregates; }

const Aggregate* FindAggregate(Oid function) {
  const auto* found = std::ranges::lower_bound(kAggregates, function, {}, &Aggregate::function);
  return found != std::end(kAggregates) && found->function == function ? found : nullptr;
}

}  // namespace weir::postgres
