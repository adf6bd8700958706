#pragma once

#include "sql/analyze/coerce.h"

namespace weir::sql::analyze {

/// A value of what a domain is over as one of the domain: held to its constraints, and before to those of the domains
/// that it is over.
Result<ExpressionPtr> HoldToDomain(const Scope& scope, ExpressionPtr value, postgres::Oid domain, bool explicit_cast,
                                   int position);

}  // namespace weir::sql::analyze
