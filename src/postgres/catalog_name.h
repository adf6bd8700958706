#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/oid.h"
#include "weir/status.h"

namespace weir::postgres {

/// regclass and its like: OIDs that are read and shown as the names of what the catalog lists.
constexpr bool NamesCatalog(Oid type) {
  switch (type) {
    case oid::kRegproc:
    case oid::kRegprocedure:
    case oid::kRegoper:
    case oid::kRegoperator:
    case oid::kRegclass:
    case oid::kRegtype:
    case oid::kRegrole:
    case oid::kRegnamespace:
    case oid::kRegcollation: return true;
    default: return false;  // OIDs are open
  }
}

/// The names of `a."B".c`, those without quotes in small letters, each cut to what a name may have. 42602 for what is
/// no name.
Result<std::vector<std::string>> SplitQualifiedName(std::string_view text);

/// What names of functions and operators are read in.
struct CatalogContext {
  std::string_view database;
  std::function<Result<bool>(std::string_view schema)> has_schema;
};

/// The function or operator that a name of `type` (regproc, regprocedure, regoper, regoperator) means.
/// Errors: PostgreSQL's; 42883 without one, 42725 for a name that more than one has, 3F000 for an unknown schema.
Result<Oid> FindRoutineName(Oid type, std::string_view text, const CatalogContext& context);
/// As such a type shows it: "lower(text)", "pg_catalog.lower" where the name alone means more than one; a number that
/// is no function's or operator's as it is.
std::string RoutineNameText(Oid type, Oid routine);

}  // namespace weir::postgres
