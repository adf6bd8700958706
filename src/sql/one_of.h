#pragma once

#include <concepts>

namespace weir::sql {

/// A type of a list: `[](const OneOf<A, B> auto&) { … }` in Overloaded is for both, and unlike `[](const auto&)` leaves
/// the compiler to ask for kinds that are added later.
template <typename T, typename... Kinds>
concept OneOf = (std::same_as<T, Kinds> || ...);

}  // namespace weir::sql
