#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::postgres {

/// The places of a table's rows in the order of one of their members, made when the program is compiled.
template <const auto& rows, auto member>
constexpr auto PlacesBy() {
  std::array<uint16_t, std::size(rows)> places{};
  for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<uint16_t>(i);
  std::sort(places.begin(), places.end(), [](uint16_t a, uint16_t b) { return rows[a].*member < rows[b].*member; });
  return places;
}

/// The row whose member has that value; null without one. `places` are PlacesBy's.
template <const auto& rows, auto member, typename Places, typename Value>
auto FindRow(const Places& places, const Value& value) -> decltype(&rows[0]) {
  const auto found = std::lower_bound(places.begin(), places.end(), value,
                                      [](uint16_t at, const Value& v) { return rows[at].*member < v; });
  return found != places.end() && rows[*found].*member == value ? &rows[*found] : nullptr;
}

}  // namespace weir::postgres
