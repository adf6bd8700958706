#pragma once

#include <set>
#include <string>

namespace weir::sql {

/// A session's temporary tables: they are in a database of their own, which goes with the session.
struct TemporaryTables {
  std::string database;         // as NewTemporaryDatabase gives one; empty: there are none yet
  std::set<std::string> names;  // that unqualified names mean before any other
};
/// What a session calls the database of its temporary tables.
inline constexpr const char* kTemporarySchema = "pg_temp";
/// A name that no other session has.
std::string NewTemporaryDatabase();
bool IsTemporary(const std::string& database);

}  // namespace weir::sql
