#pragma once

#include "postgres/oid.h"

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

}  // namespace weir::postgres
