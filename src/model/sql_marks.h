#pragma once

#include <string>
#include <string_view>

#include "weir/table.h"

namespace weir {

/// The Fluss database that holds what Weir keeps of itself: clients read it and do not change it. What changes it are
/// commits, which no client has.
inline constexpr const char* kSystemDatabase = "weir";
/// How far `weir import` is with each file: the one table there that a client writes, as that is one.
inline constexpr const char* kImportsTable = "imports";
inline bool IsSystemTable(const TablePath& path) {
  return path.database == kSystemDatabase && path.table != kImportsTable;
}

/// Custom properties that begin so are SQL's own marks of its tables; clients set none.
inline constexpr std::string_view kSqlMarkPrefix = "weir.";

/// What SQL keeps its rows unique by, as the doors below it have to know: the tables of indexes are shown to nobody,
/// and a table that has indexes is written to by SQL only, which writes them along.
inline constexpr const char* kIndexedProperty = "weir.indexed";
inline constexpr const char* kIndexTablePrefix = "index_";

inline TablePath IndexTablePath(int64_t id) { return {kSystemDatabase, kIndexTablePrefix + std::to_string(id)}; }
inline bool IsIndexTable(const TablePath& path) {
  return IsSystemTable(path) && path.table.starts_with(kIndexTablePrefix);
}

}  // namespace weir
