#pragma once

#include <cstdint>

namespace weir::sql {

class Catalog;

/// Catalog::Refresh where every change of SQL's definitions stands in a log that has been followed: what is known of
/// them stays until there is a change. `changes`: how many there were.
void RefreshTo(Catalog* catalog, int64_t changes);

}  // namespace weir::sql
