#include "postgres/cast.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir::postgres {
namespace {

constexpr Cast kCasts[] = {
#include "postgres/facts/casts.inc"
};

constexpr uint64_t KeyOf(Oid source, Oid target) { return uint64_t{source} << 32 | target; }

constexpr auto kKeys = [] {
  std::array<uint64_t, std::size(kCasts)> keys{};
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = KeyOf(kCasts[i].source, kCasts[i].target);
  return keys;
}();

}  // namespace

std::span<const Cast> AllCasts() { return kCasts; }

const Cast* FindCast(Oid source, Oid target) {
  const uint64_t key = KeyOf(source, target);
  const auto* found = std::ranges::lower_bound(kKeys, key);
  return found != kKeys.end() && *found == key ? &kCasts[found - kKeys.begin()] : nullptr;
}

}  // namespace weir::postgres
