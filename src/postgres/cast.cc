#include "postgres/cast.h"

#include <algorithm>
#include <utility>

namespace weir::postgres {
namespace {

constexpr Cast kCasts[] = {
#include "postgres/facts/casts.inc"
};

constexpr std::pair<Oid, Oid> TypesOf(const Cast& cast) { return {cast.source, cast.target}; }

}  // namespace

std::span<const Cast> AllCasts() { return kCasts; }

const Cast* FindCast(Oid source, Oid target) {
  const auto* found = std::ranges::lower_bound(kCasts, std::pair(source, target), {}, TypesOf);
  return found != std::end(kCasts) && TypesOf(*found) == std::pair(source, target) ? found : nullptr;
}

}  // namespace weir::postgres
