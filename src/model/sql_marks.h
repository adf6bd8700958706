#pragma once

#include <string>

#include "weir/table.h"

namespace weir {

/// What SQL keeps its rows unique by, as the doors below it have to know: the tables of indexes are shown to nobody,
/// and a table that has indexes is written to by SQL only, which writes them along.
inline constexpr const char* kIndexedProperty = "weir.indexed";
inline constexpr const char* kIndexTablePrefix = "index_";

/// Tables that Weir keeps for itself: no client reads them.
inline bool IsSystemTable(const TablePath& path) { return path.database == "weir"; }

inline TablePath IndexTablePath(int64_t id) { return {"weir", kIndexTablePrefix + std::to_string(id)}; }
inline bool IsIndexTable(const TablePath& path) {
  return IsSystemTable(path) && path.table.starts_with(kIndexTablePrefix);
}

}  // namespace weir
